//! One connection: rustls's handshake as a machine that stops where the model has to decide, then
//! its records.

mod alert;
mod changes;
mod early;
mod established;
mod facts;
mod incoming;
mod middlebox;
pub mod observed;
mod output;
mod post_auth;
mod retry;
mod ticket;

use std::cell::Cell;
use std::sync::Arc;

use rustls::client::ClientHandshake;
use rustls::crypto::{Identity, VerifiedIdentity};
use rustls::enums::ApplicationProtocol;
use rustls::error::CertificateError;
use rustls::pki_types::ServerName;
use rustls::server::{Accepted, ServerHandshake};
use rustls::{
    ClientConfig, ClientSide, Error, KeyingMaterialExporter, NeedsInput, ServerConfig, ServerSide,
    Tcp, VerifyPeerIdentity,
};

use super::clear::Clear;
use super::early::{EarlyServer, Next};
use super::error;
use super::header::HANDSHAKE;
use super::hello::RawClientHello;
use super::plaintext::{self, watch_on};
pub use super::post_auth::Exchange;
use super::post_auth::{POST_HANDSHAKE_AUTH, Watch};
use super::record::{HEADER, RecordBuffer};
use super::request::Request;
use super::rewrite::{self, Changes, Place, Rewriter};
pub use super::server_hello::Choice;
use super::server_hello::{ServerHello, is_retry_request, server_choice};
use super::shares;
pub use super::traffic::Received;
use super::traffic::Traffic;
use super::{schedule, sealing, signatures};
pub use facts::Facts;
use middlebox::Spared;
pub use retry::Retried;

/// What the handshake waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// More records from the peer.
    Input,
    /// A config, chosen after the ClientHello: [`Connection::choose_config`].
    Config,
    /// The verdict on the peer's chain: [`Connection::verified`].
    Verdict,
    /// Nothing: records flow.
    Nothing,
    /// Nothing can come any more.
    Failed,
}

enum State {
    Client(NeedsInput<ClientSide>),
    Server(NeedsInput<ServerSide>),
    Hello(Accepted<Tcp>),
    VerifyServer(VerifyPeerIdentity<ClientSide, Tcp>),
    VerifyClient(VerifyPeerIdentity<ServerSide, Tcp>),
    EarlyServer(EarlyServer),
    ClientTraffic(Traffic<ClientSide>),
    ServerTraffic(Traffic<ServerSide>),
    Failed,
}

/// A connection without its BIOs.
pub struct Connection {
    state: State,
    /// What was received.
    pub input: RecordBuffer,
    out: Vec<u8>,
    written: usize,
    /// How much of `out` [`Self::next_sent`] has handed out.
    shown: Cell<usize>,
    /// The peer's first records as they came: rustls joins fragments in the buffer itself.
    first: Vec<u8>,
    hello: Option<Arc<RawClientHello>>,
    /// The CertificateRequest a TLS 1.2 client was sent.
    request: Option<Box<Request>>,
    server_hello: Option<ServerHello>,
    seen: Seen,
    early: EarlyData,
    /// What is added to our messages, and taken out of the peer's answer.
    rewriter: Option<Rewriter>,
    /// The type of an extension that a server's rustls is not shown.
    hidden: Option<u16>,
    /// The ClientHello as rustls got it and as it came, if that is not the same.
    shown_hello: Option<(Vec<u8>, Vec<u8>)>,
    /// Which ChangeCipherSpecs are not sent.
    spared: Spared,
    /// The largest fragment of those messages.
    fragment: usize,
    /// How many bytes of a client's input [`Self::rewrite_exchange`] has not seen.
    unread: usize,
    /// Where the peer's records in the clear stand.
    clear: Clear,
    /// Whether a client was sent a HelloRetryRequest.
    retried: bool,
    /// The type of the record received that rustls takes for data.
    strange: Option<u8>,
}

/// What rustls does not tell and its handshake shows in passing.
#[derive(Default)]
struct Seen {
    schemes: signatures::Seen,
    shares: shares::Seen,
    plaintext: plaintext::Seen,
    secrets: schedule::Kept,
    /// Where the client offered post-handshake authentication.
    post_auth: Option<Box<Watch>>,
    /// The secrets of KeyUpdates, where they are logged.
    updates: Option<Box<schedule::Updates>>,
}

impl Seen {
    fn server() -> Self {
        Self {
            secrets: schedule::Kept::server(),
            ..Self::default()
        }
    }

    /// Runs a step of the handshake.
    fn during<R>(&mut self, step: impl FnOnce() -> R) -> R {
        super::post_auth::during(self.post_auth.as_deref(), || {
            plaintext::watch(&self.plaintext, || {
                schedule::watch(&self.secrets, || {
                    signatures::watch(&mut self.schemes, || shares::watch(&mut self.shares, step))
                })
            })
        })
    }

    /// Runs a call on an established connection.
    fn after<R>(&self, call: impl FnOnce() -> R) -> R {
        super::post_auth::during(self.post_auth.as_deref(), || {
            schedule::note(self.updates.as_deref(), || watch_on(&self.plaintext, call))
        })
    }
}

/// What is known of early data (RFC 8446, section 2.3).
#[derive(Default)]
struct EarlyData {
    exporter: Option<KeyingMaterialExporter>,
    accepted: bool,
}

impl Connection {
    /// A client that has its ClientHello ready to send.
    ///
    /// `name` is sent if the config says so; a name that cannot stand in the extension is not.
    pub fn client(
        config: &Arc<ClientConfig>,
        name: ServerName<'static>,
        alpn: Vec<Vec<u8>>,
        mut changes: Changes,
    ) -> Result<Self, Error> {
        let external = changes.external_psk.take();
        let offers_post_auth = changes.sends(Place::Hello, POST_HANDSHAKE_AUTH);
        let rewriter = Some(Rewriter::client(changes));
        let mut out = Vec::new();
        let alpn = alpn.into_iter().map(ApplicationProtocol::from).collect();
        let mut seen = Seen {
            post_auth: offers_post_auth.then(Box::default),
            ..Seen::default()
        };
        seen.secrets.use_external(external);
        let state = step(&mut seen, rewriter.as_ref(), || {
            config
                .connect(name)
                .with_alpn(alpn)
                .start_handshake(&mut out)
        })?;
        let mut this = Self {
            out,
            seen,
            rewriter,
            fragment: fragment(config.max_fragment_size),
            ..Self::new(State::Client(state))
        };
        this.rewrite_output(0);
        this.join_hello(0);
        this.hello = RawClientHello::from_records(&this.out).map(Arc::new);
        Ok(this)
    }

    /// A server that waits for a ClientHello.
    pub fn server() -> Self {
        let mut this = Self::new(State::Server(ServerHandshake::start()));
        this.seen = Seen::server();
        this
    }

    fn new(state: State) -> Self {
        Self {
            state,
            input: RecordBuffer::default(),
            out: Vec::new(),
            written: 0,
            shown: Cell::new(0),
            first: Vec::new(),
            hello: None,
            request: None,
            server_hello: None,
            seen: Seen::default(),
            early: EarlyData::default(),
            rewriter: None,
            hidden: None,
            shown_hello: None,
            spared: Spared::Never,
            fragment: MAX_FRAGMENT,
            unread: 0,
            clear: Clear::default(),
            retried: false,
            strange: None,
        }
    }

    /// A record of `len` bytes was read. To be told before it is processed.
    pub fn record_read(&mut self, len: usize) {
        const ENOUGH: usize = 1 << 17;
        let wanted = match &self.state {
            State::Server(_) => self.hello.is_none(),
            State::Client(_) => self.server_hello.is_none(),
            _ => false,
        };
        if let State::Client(_) = self.state {
            self.unread += len;
        }
        if wanted && self.first.len() < ENOUGH {
            let records = self.input.records();
            let record = &records[records.len() - len..];
            // TLS 1.3's ChangeCipherSpec may stand anywhere and means nothing.
            if record[0] != CHANGE_CIPHER_SPEC[0] {
                self.first.extend_from_slice(record);
            }
        } else {
            self.first = Vec::new();
        }
    }

    /// The peer's first records, until its hello is read.
    pub fn first_records(&self) -> &[u8] {
        &self.first
    }

    /// What a server chose in the hello that a client is about to process.
    pub fn server_choice(&self) -> Option<Choice> {
        let due = matches!(self.state, State::Client(_)) && self.server_hello.is_none();
        due.then(|| server_choice(&self.first)).flatten()
    }

    /// Whether nothing of the peer was processed yet.
    pub fn is_fresh(&self) -> bool {
        match &self.state {
            State::Server(_) => self.hello.is_none(),
            State::Client(_) => self.server_hello.is_none(),
            _ => false,
        }
    }

    /// What the handshake waits for.
    pub fn waits(&self) -> Waits {
        match &self.state {
            State::Client(_) | State::Server(_) | State::EarlyServer(_) => Waits::Input,
            State::Hello(_) => Waits::Config,
            State::VerifyServer(_) | State::VerifyClient(_) => Waits::Verdict,
            State::ClientTraffic(_) | State::ServerTraffic(_) => Waits::Nothing,
            State::Failed => Waits::Failed,
        }
    }

    /// Gives the records received to the handshake.
    ///
    /// On failure the connection is over and the alert, if one is due, ready to be sent.
    pub fn process(&mut self) -> Result<(), Error> {
        let server = matches!(self.state, State::Server(_));
        if !self.rewrite_input() {
            self.input.keep_parts();
            return Ok(());
        }
        self.see_version();
        let retried = !server && is_retry_request(&self.first);
        match server {
            true if self.hello.is_none() => {
                self.hello = RawClientHello::from_records(&self.first).map(Arc::new);
            }
            false if retried => {
                self.first.clear();
                self.retried = true;
            }
            false if self.server_hello.is_none() => {
                self.server_hello = ServerHello::from_records(&self.first);
            }
            _ => {}
        }
        self.rewrite_exchange();
        self.read_request();
        let begin = self.out.len();
        let (input, out) = (&mut self.input, &mut self.out);
        let state = std::mem::replace(&mut self.state, State::Failed);
        let _strange = sealing::disguised(self.strange.take());
        let next = step(&mut self.seen, self.rewriter.as_ref(), || {
            Ok::<_, Error>(match state {
                State::Client(next) => client_state(next.process(input, out)?),
                State::Server(next) => server_state(next.process(input, out)?),
                State::EarlyServer(_) if let Some(alert) = input.fatal_alert() => {
                    return Err(Error::AlertReceived(alert.into()));
                }
                State::EarlyServer(next) => match next.process(input, out)? {
                    Next::Input(next) => State::EarlyServer(next),
                    Next::Complete(split) => State::ServerTraffic(Traffic::new(*split)),
                },
                other => other,
            })
        });
        // A server's hello after a HelloRetryRequest, or its ticket; TLS 1.2 puts protected messages
        // behind that.
        let first = self.out.get(begin);
        let hello = self
            .rewriter
            .as_ref()
            .is_some_and(|r| r.serves_tls13() || r.drops_ticket() && first == Some(&HANDSHAKE));
        if retried || server && hello {
            self.rewrite_output(begin);
            self.join_hello(begin);
        }
        let next = self.with_flight(begin, next);
        self.drop_change_cipher_spec(begin);
        if let Ok(State::ClientTraffic(traffic)) = &next {
            self.early.accepted = traffic.early_accepted;
        }
        self.state = self.settled(next)?;
        if server {
            // After a HelloRetryRequest.
            self.note_server_hello(begin);
        }
        if self.waits() == Waits::Input {
            self.input.keep_parts();
        }
        Ok(())
    }

    /// Goes on with `config` after the ClientHello.
    pub fn choose_config(&mut self, config: Arc<ServerConfig>) -> Result<(), Error> {
        let begin = self.out.len();
        if let State::Hello(accepted) = std::mem::replace(&mut self.state, State::Failed) {
            let out = &mut self.out;
            self.fragment = fragment(config.max_fragment_size);
            let next = step(&mut self.seen, self.rewriter.as_ref(), || {
                accepted.choose_config(config, out)
            });
            self.rewrite_output(begin);
            let next = self.with_flight(begin, next);
            self.drop_change_cipher_spec(begin);
            self.state = server_state(self.settled(next)?);
        }
        self.note_server_hello(begin);
        Ok(())
    }

    /// A server's: reads the ServerHello, if it is what stands in the output from `begin` on.
    fn note_server_hello(&mut self, begin: usize) {
        if self.server_hello.is_none() {
            self.server_hello = ServerHello::from_records(&self.out[begin..]);
        }
    }

    /// The chain to be judged, leaf first, and the OCSP response stapled to it.
    pub fn peer_chain(&self) -> Option<(Vec<Vec<u8>>, Vec<u8>)> {
        match &self.state {
            State::VerifyServer(verify) => {
                let presented = verify.presented_identity().ok()?;
                Some((chain(presented.identity), presented.ocsp_response.to_vec()))
            }
            State::VerifyClient(verify) => {
                let presented = verify.presented_identity().ok()?;
                Some((chain(presented.identity), Vec::new()))
            }
            _ => None,
        }
    }

    /// Goes on with the verdict on the peer's chain: an alert's code ends the handshake with it.
    pub fn verified(&mut self, verdict: Result<(), u8>) -> Result<(), Error> {
        let begin = self.out.len();
        let out = &mut self.out;
        let identity = |identity: &Identity<'_>| match verdict {
            Ok(()) => Ok(VerifiedIdentity::assertion(identity.clone().into_owned())),
            Err(_) => Err(CertificateError::ApplicationVerificationFailure.into()),
        };
        let state = std::mem::replace(&mut self.state, State::Failed);
        let next = step(&mut self.seen, self.rewriter.as_ref(), || {
            Ok::<_, Error>(match state {
                State::VerifyServer(verify) => {
                    let result = identity(verify.presented_identity()?.identity);
                    client_state(verify.continue_with(result, out)?)
                }
                State::VerifyClient(verify) => {
                    let result = identity(verify.presented_identity()?.identity);
                    server_state(verify.continue_with(result, out)?)
                }
                other => other,
            })
        });
        self.rewrite_output(begin);
        match next {
            Ok(next) => self.state = next,
            Err(err) => {
                self.correct_alert(verdict.err().or_else(|| error::alert(&err)));
                return Err(err);
            }
        }
        Ok(())
    }

    /// Gives back all buffers that hold nothing; to be called when the handshake stops.
    pub fn release_buffers(&mut self) {
        self.input.release_if_empty();
        self.release_output();
        if matches!(self.waits(), Waits::Nothing) {
            self.first = Vec::new();
            self.request = None;
            if let Some(rewriter) = &self.rewriter {
                rewriter.forget_messages();
            }
        }
    }
}

/// A step of the handshake inside rustls.
fn step<R>(seen: &mut Seen, rewriter: Option<&Rewriter>, run: impl FnOnce() -> R) -> R {
    rewrite::during(rewriter, || seen.during(run))
}

/// The plaintext of a record, from rustls's setting that counts its header.
fn fragment(setting: Option<usize>) -> usize {
    setting.map_or(MAX_FRAGMENT, |size| size - HEADER)
}

/// The largest plaintext of a record (RFC 8446, section 5.1).
const MAX_FRAGMENT: usize = 1 << 14;
pub(super) const CHANGE_CIPHER_SPEC: [u8; 6] = [20, 3, 3, 0, 1, 1];

fn client_state(next: ClientHandshake) -> State {
    match next {
        ClientHandshake::NeedsInput(next) => State::Client(next),
        ClientHandshake::VerifyServerIdentity(verify) => State::VerifyServer(verify),
        ClientHandshake::Complete(split) => {
            let early_accepted = split.side_outputs.is_early_data_accepted();
            let mut traffic = Traffic::new(split);
            traffic.early_accepted = early_accepted;
            State::ClientTraffic(traffic)
        }
        _ => State::Failed,
    }
}

fn server_state(next: ServerHandshake) -> State {
    match next {
        ServerHandshake::NeedsInput(next) => State::Server(next),
        ServerHandshake::Accepted(accepted) => State::Hello(accepted),
        ServerHandshake::VerifyClientIdentity(verify) => State::VerifyClient(verify),
        ServerHandshake::Complete(split) => State::ServerTraffic(Traffic::new(split)),
        _ => State::Failed,
    }
}

fn chain(identity: &Identity<'_>) -> Vec<Vec<u8>> {
    match identity {
        Identity::X509(certs) => std::iter::once(&certs.end_entity)
            .chain(&certs.intermediates)
            .map(|der| der.as_ref().to_vec())
            .collect(),
        _ => Vec::new(),
    }
}
