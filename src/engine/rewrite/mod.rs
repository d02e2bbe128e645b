//! What rustls has no place for in the handshake's messages: extensions of the program's,
//! signalling suites, lists it fills itself, and a client certificate that is chosen late.
//!
//! A handshake message is changed between rustls and the peer, and alike in all places where it
//! counts: on the wire ([`message`]; [`flight`] and [`records`] for what is encrypted) and in what
//! is hashed or signed of the handshake ([`transcript`]). So both sides agree on every byte, and
//! nothing of the handshake's authentication is lost: what the peer did not see as we hashed it
//! fails its Finished.
//!
//! Ours are added to or replaced; of the peer's is taken out what rustls would refuse as
//! unsolicited, since it did not send the question. A server that needs none of this has no
//! [`Rewriter`] and pays nothing; a client always may be asked for its certificate.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::crypto::hash::Context;

use crate::engine::handshake_type::{
    CERTIFICATE, CERTIFICATE_REQUEST, CERTIFICATE_VERIFY, CLIENT_HELLO, ENCRYPTED_EXTENSIONS,
    MESSAGE_HASH, NEW_SESSION_TICKET, SERVER_HELLO, SERVER_KEY_EXCHANGE,
};
use crate::engine::hello::codes;
use crate::foreign::scope::{self, Slot};

mod changes;
mod exchange;
mod flight;
mod late;
mod message;
mod pss;
mod records;
mod transcript;

pub use changes::{Answer, Changes, Extension, ExtensionSource, Place};
use exchange::Exchange;
use flight::Flight;
use late::Presented;
pub(super) use late::{LateSigner, PLACEHOLDER};
pub(super) use message::{
    Hello, certificate, encoded, names_no_schemes, plain_hello, replace, taken_out,
    with_default_schemes, without_extension,
};
pub(super) use pss::rsae;
pub(super) use records::{decrypter, encrypter};
pub(super) use transcript::hash;

/// The signature_algorithms extension (RFC 8446, section 4.2.3).
const SIGNATURE_ALGORITHMS: u16 = 13;
/// The signature_algorithms_cert extension.
const SIGNATURE_ALGORITHMS_CERT: u16 = 50;
/// The session_ticket extension (RFC 5077, section 3.2).
const SESSION_TICKET: u16 = 35;
/// The status_request extension (RFC 6066, section 8).
const STATUS_REQUEST: u16 = 5;

/// Who we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server { tls13: bool },
}

struct Plan {
    side: Side,
    changes: Changes,
    answers: Vec<Answer>,
    /// The session id taken out of our ClientHello, where one is to be.
    hidden_id: Vec<u8>,
    /// A server's messages: as rustls made them, and as they go out if that is not the same.
    /// What its source said of a message is asked once.
    own: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// Where the source ended the handshake.
    stopped: Option<Place>,
    /// The scheme a TLS 1.2 server signed with, if it is one of RSA-PSS keys.
    peer_pss: Option<u16>,
    /// What is read of its messages for that.
    exchange: Exchange,
    /// What rustls gets next of the peer's messages.
    ready: VecDeque<u8>,
    /// Whether the next record that is opened is one of our own with it.
    feeding: bool,
    /// Messages of the peer: as rustls got them, and as they came.
    shortened: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether a server's own Certificate was hashed: the next one is the client's.
    certificate_hashed: bool,
    /// The signature schemes a TLS 1.3 server takes of a client.
    requested: Vec<u16>,
    /// Those of signatures in certificates.
    requested_cert: Option<Vec<u16>>,
    /// A client's certificate.
    presented: Presented,
    /// Encrypted messages of ours that are yet to be sealed.
    flight: Option<Flight>,
    /// The keys whose records may be held back, until rustls uses them.
    unused_keys: Option<flight::Unused>,
    /// How far the handshake is.
    progress: Progress,
}

/// What went by of a handshake.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// EncryptedExtensions: it is TLS 1.3.
    tls13: bool,
    /// The server's CertificateRequest.
    requested: bool,
    /// Our Finished under TLS 1.3's keys.
    finished: bool,
    /// The peer's.
    peer_finished: bool,
}

impl Plan {
    /// A client's message as its peer gets it.
    fn of_client(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        match *message.first()? {
            CLIENT_HELLO => self.changed_hello(message),
            CERTIFICATE | CERTIFICATE_VERIFY => self.presented.changed(message),
            _ => None,
        }
    }

    fn changed_hello(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        let changes = &self.changes;
        let mut new: Option<Vec<u8>> = None;
        if changes.without_session_id
            && let Some((bare, id)) = message::without_session_id(message)
        {
            self.hidden_id = id;
            new = Some(bare);
        }
        if let Some(kind) = changes.without {
            let current = new.as_deref().unwrap_or(message);
            new = without_extension(current, kind).or(new);
        }
        if let Some((kind, body)) = &changes.filled {
            let current = new.as_deref().unwrap_or(message);
            new = message::filled(current, *kind, body).or(new);
        }
        let bodies = [
            (STATUS_REQUEST, &changes.status_request),
            (SIGNATURE_ALGORITHMS, &changes.signature_algorithms),
        ];
        for (kind, body) in bodies {
            let current = new.as_deref().unwrap_or(message);
            let body = body.as_ref();
            new = body
                .and_then(|body| message::with_body(current, kind, body))
                .or(new);
        }
        if !changes.group_order.is_empty() {
            let current = new.as_deref().unwrap_or(message);
            new = message::with_groups_ordered(current, &changes.group_order).or(new);
        }
        let suites: Vec<u8> = changes
            .suites
            .iter()
            .flat_map(|s| s.to_be_bytes())
            .collect();
        let mut extensions = changes.encoded(Place::Hello);
        if changes.padded {
            let current = new.as_deref().unwrap_or(message);
            let growth = suites.len() + extensions.len();
            extensions.extend(message::padding(current, growth));
        }
        if suites.is_empty() && extensions.is_empty() {
            return new;
        }
        message::added_to(new.as_deref().unwrap_or(message), &suites, &extensions)
    }

    /// Looks for extensions in a CertificateRequest, once.
    fn see_request(&mut self, message: &[u8]) {
        if self.side == Side::Client && !std::mem::replace(&mut self.progress.requested, true) {
            let asked = message::looked_up(message, &self.changes.awaited);
            self.answered(message, asked);
            let found =
                message::looked_up(message, &[SIGNATURE_ALGORITHMS, SIGNATURE_ALGORITHMS_CERT]);
            for (_, kind, body) in &found {
                let codes = codes(body.get(2..).unwrap_or_default()).collect();
                match *kind {
                    SIGNATURE_ALGORITHMS => self.requested = codes,
                    _ => self.requested_cert = Some(codes),
                }
            }
        }
    }

    fn answered(&mut self, message: &[u8], taken: Vec<message::Taken>) {
        let Some(kind) = message.first() else {
            return;
        };
        let place = |index| match *kind {
            SERVER_HELLO => Some(Place::of_hello(message)),
            CERTIFICATE => Some(Place::Certificate(index)),
            kind => Place::of_kind(kind),
        };
        let certs = match *kind {
            CERTIFICATE if !taken.is_empty() => message::certificates(message),
            _ => None,
        };
        let certs = certs.unwrap_or_default();
        let answers = taken.into_iter().filter_map(|(index, kind, body)| {
            Some(Answer {
                place: place(index)?,
                cert: certs.get(index).map(|cert| cert.to_vec()),
                kind,
                body,
            })
        });
        self.answers.extend(answers);
    }
}

/// The changes of one connection.
#[derive(Clone)]
pub(super) struct Rewriter(Arc<Mutex<Plan>>);

impl std::fmt::Debug for Rewriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rewriter").finish_non_exhaustive()
    }
}

impl Rewriter {
    /// A client's.
    pub(super) fn client(changes: Changes) -> Self {
        Self::of(Side::Client, changes, None)
    }

    /// A server's, once the version is known; `None` when there is nothing to do.
    ///
    /// `hello` is the ClientHello as rustls got it and as it came, if that is not the same.
    pub(super) fn server(
        changes: Changes,
        tls13: bool,
        hello: Option<(Vec<u8>, Vec<u8>)>,
    ) -> Option<Self> {
        let any = changes.any_of_server() || hello.is_some();
        any.then(|| Self::of(Side::Server { tls13 }, changes, hello))
    }

    fn of(side: Side, changes: Changes, hello: Option<(Vec<u8>, Vec<u8>)>) -> Self {
        Self(Arc::new(Mutex::new(Plan {
            side,
            hidden_id: Vec::new(),
            requested: Vec::new(),
            requested_cert: None,
            presented: Presented::default(),
            changes,
            answers: Vec::new(),
            own: Vec::new(),
            stopped: None,
            peer_pss: None,
            exchange: Exchange::default(),
            ready: VecDeque::new(),
            feeding: false,
            shortened: hello.into_iter().collect(),
            certificate_hashed: false,
            flight: None,
            unused_keys: None,
            progress: Progress::default(),
        })))
    }

    /// Starts the hash of a handshake.
    fn begin(&self, hash: &mut dyn Context) {
        let plan = self.0.lock();
        if !plan.changes.before.is_empty() {
            hash.update(&plan.changes.before);
        }
    }

    /// Takes note of whole messages, once each is hashed.
    fn note(&self, messages: &[u8]) {
        let mut plan = self.0.lock();
        let mut at = 0;
        while let Some(len) = message::length(&messages[at..]) {
            let message = &messages[at..(at + len).min(messages.len())];
            let kind = message[0];
            if kind == MESSAGE_HASH {
                // What follows a HelloRetryRequest repeats what went before.
                return;
            }
            plan.progress.tls13 |= kind == ENCRYPTED_EXTENSIONS;
            if kind == CERTIFICATE_REQUEST {
                plan.see_request(message);
            }
            at += message.len();
        }
    }

    /// What was sent and received so far counts no more.
    pub(super) fn start_again(&self) {
        let mut plan = self.0.lock();
        plan.progress = Progress::default();
        plan.certificate_hashed = false;
        plan.flight = None;
        plan.unused_keys = None;
    }

    /// A client's next hello has these extensions in place of those added to the last.
    pub(super) fn replace_additions(&self, extensions: Vec<(Place, Extension)>) {
        self.0.lock().changes.extensions = extensions;
    }

    /// Whether the peer may send something that is to be taken out.
    pub(super) fn awaits_answer(&self) -> bool {
        let plan = self.0.lock();
        !plan.changes.awaited.is_empty() || plan.changes.without_session_id
    }

    /// The signature schemes of a TLS 1.3 server's CertificateRequest; empty where none was seen.
    pub(super) fn requested(&self) -> Vec<u16> {
        self.0.lock().requested.clone()
    }

    /// The signature_algorithms_cert of a TLS 1.3 server's CertificateRequest.
    pub(super) fn requested_cert_schemes(&self) -> Option<Vec<u16>> {
        self.0.lock().requested_cert.clone()
    }

    /// Whether EncryptedExtensions was there: it is TLS 1.3.
    pub(super) fn is_tls13(&self) -> bool {
        self.0.lock().progress.tls13
    }

    /// A message of the peer as rustls may see it, if that is not as it came.
    pub(super) fn received(&self, came: &[u8]) -> Option<Vec<u8>> {
        let mut plan = self.0.lock();
        let restored = message::with_hidden_session_id(came, &plan.hidden_id);
        let seen = restored.as_deref().unwrap_or(came);
        let new = match taken_out(seen, &plan.changes.awaited) {
            Some(out) => {
                plan.answered(came, out.extensions);
                out.message
            }
            None => restored?,
        };
        plan.shortened.push((new.clone(), came.to_vec()));
        Some(new)
    }

    /// As [`Self::received`] for a message in the clear: a ServerHello alone has answers.
    pub(super) fn received_in_clear(&self, came: &[u8]) -> Option<Vec<u8>> {
        match *came.first()? {
            SERVER_HELLO => self.received(came),
            _ => None,
        }
    }

    /// A CertificateRequest, seen before it is hashed: what goes with it keeps its order.
    fn request_received(&self, message: &[u8]) {
        self.0.lock().see_request(message);
    }

    /// A ticket, which may have extensions too and is not hashed.
    fn ticket_received(&self, message: &[u8]) {
        let mut plan = self.0.lock();
        let found = message::looked_up(message, &plan.changes.awaited);
        plan.answered(message, found);
    }

    /// The handshake is over: what was kept of its messages is needed no more.
    pub(super) fn forget_messages(&self) {
        let mut plan = self.0.lock();
        plan.own = Vec::new();
        plan.shortened = Vec::new();
    }

    /// What was answered since the last call.
    pub(super) fn take_answers(&self) -> Vec<Answer> {
        std::mem::take(&mut self.0.lock().answers)
    }

    /// The lifetime of a TLS 1.2 server's ticket, in seconds.
    pub(super) fn ticket_lifetime(&self) -> Option<u32> {
        self.0.lock().exchange.ticket_lifetime()
    }

    /// A message of ours, or as much of it as `message` holds, as it goes to the peer.
    pub(super) fn sent(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut plan = self.0.lock();
        let Side::Server { tls13 } = plan.side else {
            return plan.of_client(message);
        };
        if !plan.changes.change_server() {
            return None;
        }
        if let Some((_, wire)) = plan.own.iter().find(|(made, _)| made == message) {
            return wire.clone();
        }
        drop(plan);
        let wire = match (tls13, *message.first()?) {
            (false, CERTIFICATE_REQUEST) => {
                let plan = self.0.lock();
                let (types, schemes) = plan.changes.request.as_ref()?;
                message::with_request(message, types, schemes)
            }
            (false, SERVER_KEY_EXCHANGE) => {
                let renamed = self.0.lock().changes.pss_key;
                renamed.then(|| pss::sent(message))?
            }
            (false, NEW_SESSION_TICKET) => {
                let dropped = self.0.lock().changes.without_ticket;
                return dropped.then(Vec::new);
            }
            (_, SERVER_HELLO) => self.changed_server_hello(message),
            (true, CERTIFICATE) => self.with_entries(message),
            (true, kind) => self.with_extensions(message, Place::of_kind(kind)?),
            _ => return None,
        };
        self.0.lock().own.push((message.to_vec(), wire.clone()));
        wire
    }

    /// A server's extensions for a place, as they go out. The source is asked with nothing locked.
    fn extensions(&self, place: Place, cert: Option<&[u8]>) -> Vec<u8> {
        let (mut bytes, source) = {
            let plan = self.0.lock();
            let source = plan.changes.source.filter(|_| plan.stopped.is_none());
            (plan.changes.encoded(place), source)
        };
        match source.map(|source| source.extensions(place, cert)) {
            Some(Some(more)) => bytes.extend(encoded(&more)),
            Some(None) => self.0.lock().stopped = Some(place),
            None => {}
        }
        bytes
    }

    fn changed_server_hello(&self, message: &[u8]) -> Option<Vec<u8>> {
        let (id, without_ticket) = {
            let changes = &self.0.lock().changes;
            (changes.session_id.clone(), changes.without_ticket)
        };
        let mut new = id.and_then(|id| message::with_other_session_id(message, &id));
        if without_ticket {
            let current = new.as_deref().unwrap_or(message);
            new = without_extension(current, SESSION_TICKET).or(new);
        }
        let current = new.as_deref().unwrap_or(message);
        self.with_extensions(current, Place::of_hello(message))
            .or(new)
    }

    fn with_extensions(&self, message: &[u8], place: Place) -> Option<Vec<u8>> {
        let extensions = self.extensions(place, None);
        (!extensions.is_empty()).then(|| message::added_to(message, &[], &extensions))?
    }

    fn with_entries(&self, message: &[u8]) -> Option<Vec<u8>> {
        let certs = message::certificates(message)?.into_iter().enumerate();
        let extensions: Vec<_> = certs
            .map(|(index, der)| self.extensions(Place::Certificate(index), Some(der)))
            .collect();
        let any = extensions.iter().any(|bytes| !bytes.is_empty());
        any.then(|| message::with_entries(message, &extensions))?
    }

    /// Whether the source of extensions ended the handshake.
    pub(super) fn is_stopped(&self) -> bool {
        self.0.lock().stopped.is_some()
    }

    /// Whether a ticket that rustls sends is dropped.
    pub(super) fn drops_ticket(&self) -> bool {
        self.0.lock().changes.without_ticket
    }

    /// Whether this is a server's, of TLS 1.3.
    pub(super) fn serves_tls13(&self) -> bool {
        self.0.lock().side == (Side::Server { tls13: true })
    }

    /// What is signed on a client: with TLS 1.2, all messages so far. With TLS 1.3 it begins with
    /// spaces and holds their hash.
    pub(super) fn signed<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        let client = self.0.lock().side == Side::Client;
        match client && message.first() == Some(&CLIENT_HELLO) {
            true => self.on_the_wire(message),
            false => Cow::Borrowed(message),
        }
    }

    /// What a client signed with TLS 1.2, on the server.
    pub(super) fn verified<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        let mine = self.0.lock().side == (Side::Server { tls13: false });
        match mine {
            true => self.on_the_wire(message),
            false => Cow::Borrowed(message),
        }
    }

    /// Whether a Certificate that is hashed next may be ours: a server's comes first.
    fn is_own_certificate(&self) -> bool {
        let mut plan = self.0.lock();
        match plan.side {
            Side::Client => true,
            Side::Server { .. } => !std::mem::replace(&mut plan.certificate_hashed, true),
        }
    }

    /// Whole messages as the peer has them; the last may be cut short.
    pub(super) fn on_the_wire<'a>(&self, messages: &'a [u8]) -> Cow<'a, [u8]> {
        let changed = message::changed(messages, |message| {
            let own = message[0] != CERTIFICATE || self.is_own_certificate();
            if let Some(new) = own.then(|| self.sent(message)).flatten() {
                return Some(new);
            }
            let plan = self.0.lock();
            let found = plan.shortened.iter().find(|(seen, _)| seen == message);
            found.map(|(_, came)| came.clone())
        });
        changed.map_or(Cow::Borrowed(messages), Cow::Owned)
    }
}

thread_local! {
    static ACTIVE: Slot<Option<Rewriter>> = const { Slot::new(None) };
}

/// Runs a step of the handshake with these changes in force.
pub(super) fn during<R>(rewriter: Option<&Rewriter>, step: impl FnOnce() -> R) -> R {
    struct Restore(Option<Rewriter>);
    impl Drop for Restore {
        fn drop(&mut self) {
            ACTIVE.with(|slot| slot.replace(self.0.take()));
        }
    }
    let _restore = Restore(ACTIVE.with(|slot| slot.replace(rewriter.cloned())));
    step()
}

/// See [`super::apart`].
pub(super) fn set_aside() -> impl Drop {
    scope::set_aside(|active| ACTIVE.with(|slot| slot.replace(active)))
}

/// The changes in force on this thread.
pub(super) fn active() -> Option<Rewriter> {
    ACTIVE.with(Slot::get)
}

#[cfg(test)]
mod tests;
