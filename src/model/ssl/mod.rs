//! SSL: one connection.
//!
//! There is never a `&mut Ssl`: the program's callbacks are called with the handle and use it.
//! What the engine works on is moved out of its `Cell` for as long as it does.

use std::cell::{Cell, OnceCell, RefCell};
use std::ffi::{CString, c_int};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::cipher::{Cipher, Configured};
use super::ctx::Ctx;
use super::method::Method;
use super::security::Policy;
use super::session::Session;
use super::settings::{self, Settings};
use super::state::HandshakeState;
use crate::engine::connection::{Connection, Facts, Retried};
use crate::engine::hello::RawClientHello;
use crate::engine::session::ClientSessions;
use crate::foreign::bio_slot::BioSlot;
use crate::foreign::callback::{Asker, Callback, SslPtr, types};
use crate::foreign::ct::Scts;
use crate::foreign::dane::Dane;
use crate::foreign::err::{Error, Result};
use crate::foreign::ex_data::{Class, ExData};
use crate::foreign::given::Given;
use crate::foreign::handle::{self, Counted, HandleCell, References};
use crate::foreign::stack::{CertStack, NameStack, PlainStack};
use crate::foreign::x509::Cert;

mod bios;
mod check_chain;
mod client;
mod client_auth;
mod ct;
mod current;
mod custom;
pub mod dane;
mod early;
mod export;
mod extensions;
pub mod fragment;
mod handshake;
mod incoming;
mod io;
mod keylog;
mod messages;
mod outcome;
mod peer;
mod post;
mod post_auth;
mod psk;
mod resumption;
mod retry;
mod server;
mod server_config;
mod session;
mod session_id;
mod shutdown;
mod standing;
mod stateless;
mod steps;
mod ticket_ext;
mod verify;
mod version;
mod view;
mod work;

use resumption::Offer;

pub use early::{Early, Status as EarlyStatus};
pub use io::Pulled;
pub use standing::{Halt, Moved, Side, Stage, Stop, Want};
pub use stateless::Listened;
pub use verify::JudgeSignature;
pub use work::apart;
use work::{at_work, with_current};

/// What is known of the peer.
#[derive(Debug, Default)]
pub struct Peer {
    /// The peer's certificate.
    pub leaf: Option<Cert>,
    /// What the peer sent: on a server without the leaf (SSL_get_peer_cert_chain(3)).
    pub chain: Option<Arc<CertStack>>,
    /// What verification built.
    pub verified: Option<CertStack>,
    /// The OCSP response stapled to the certificate.
    pub ocsp: Vec<u8>,
}

/// An `Arc` that equals its clones alone.
#[derive(Debug)]
struct Same<T>(Arc<T>);

impl<T> Clone for Same<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The settings that OpenSSL reads from the context as it is now, until the connection has its
/// own.
#[derive(Debug, Clone, PartialEq)]
struct Followed {
    ciphers: Same<Configured>,
    ca_names: Option<Same<NameStack>>,
    client_ca_names: Option<Same<NameStack>>,
}

impl Followed {
    fn of(settings: &Settings) -> Self {
        Self {
            ciphers: Same(settings.ciphers.clone()),
            ca_names: settings.ca_names.clone().map(Same),
            client_ca_names: settings.client_ca_names.clone().map(Same),
        }
    }
}

/// A write that could not be finished, to be repeated by the program.
#[derive(Debug, Clone, Copy)]
struct PendingWrite {
    address: usize,
    taken: usize,
}

/// One SSL.
pub struct Ssl {
    references: References,
    ctx: HandleCell<Ctx>,
    version: Cell<u16>,
    /// The context it was made from: the one whose session cache and tickets it uses.
    session_ctx: Arc<Ctx>,
    settings: RefCell<Arc<Settings>>,
    /// What the context had: still in use until the connection gets its own.
    followed: RefCell<Option<Followed>>,
    side: Cell<Side>,
    stage: Cell<Stage>,
    state: Cell<HandshakeState>,
    connection: Cell<Option<Box<Connection>>>,
    rbio: BioSlot,
    wbio: BioSlot,
    want: Cell<Want>,
    info_callback: Cell<Option<Callback<types::Info>>>,
    shutdown: Cell<c_int>,
    /// Whether a handshake fails because of a record rather than of what is in it.
    broken_record: Cell<bool>,
    /// Whether the peer ended the connection with a warning that TLS 1.3 has not.
    ended_by_warning: Cell<bool>,
    host_name: RefCell<Option<CString>>,
    server_step: Cell<server::Step>,
    /// What came of the session a server's client offers, until the engine is told.
    offer: RefCell<Offer>,
    /// Whether it is going to be resumed.
    hit: Cell<bool>,
    chosen_alpn: RefCell<Option<Vec<u8>>>,
    /// What the program has a server staple.
    staple: RefCell<Option<Given>>,
    /// Whether this handshake does.
    stapled: Cell<bool>,
    /// Whether the client of a server asked for a response.
    status_asked: Cell<bool>,
    verify_result: Cell<i64>,
    retry_verify: Cell<bool>,
    /// Whether the verification was suspended by that.
    retrying: Cell<bool>,
    /// Why the engine was told to refuse something.
    refusal: Cell<Option<Error>>,
    /// What a server received: the program is given pointers into it.
    hello: RefCell<Option<Rc<RawClientHello>>>,
    /// Whether the program may read it: in callbacks that have to do with it.
    shows_hello: Cell<bool>,
    /// As the program was given them, and what the list was made of.
    client_ciphers: RefCell<Option<(Vec<&'static Cipher>, PlainStack)>>,
    peer_ca_names: RefCell<Option<NameStack>>,
    peer: RefCell<Peer>,
    /// The timestamps for the peer's certificate, once asked for.
    scts: RefCell<Option<Rc<Scts>>>,
    facts: Cell<Facts>,
    agreed_alpn: RefCell<Option<Vec<u8>>>,
    pending_write: Cell<Option<PendingWrite>>,
    pending_plain: Cell<usize>,
    traced: RefCell<messages::Traced>,
    due: Cell<post::Due>,
    post_auth: RefCell<post_auth::PostAuth>,
    /// The external key that a client offers.
    psk: RefCell<Option<Box<psk::Offered>>>,
    /// Whether a server has asked for the client's certificate.
    asked_certificate: Cell<bool>,
    /// [`current::Begun::Due`]: the current one is yet to be made.
    session: RefCell<Option<HandleCell<Session>>>,
    begun: Cell<current::Begun>,
    /// What a client's connection offers, and where it finds what it receives.
    received: RefCell<Option<Arc<ClientSessions>>>,
    /// The session a server found for the client's offer.
    resuming: RefCell<Option<Arc<Session>>>,
    /// The sessions a server issued in this handshake.
    issued: RefCell<Vec<session::Issued>>,
    /// Whether the handshake is one of TLS 1.3, as soon as a server knows.
    offered_tls13: Cell<bool>,
    /// What failed while the engine was at work that knows no such failure.
    ticket_error: Cell<Option<Error>>,
    /// The lifetime of the ticket made last.
    ticket_lifetime: Cell<u32>,
    /// Once the program has to do with it.
    ticket_ext: RefCell<Option<Box<ticket_ext::TicketExt>>>,
    /// The id the program made for the session of a TLS 1.2 server.
    own_id: RefCell<Option<Vec<u8>>>,
    /// Whether the options forbade tickets before the server name was asked about.
    tickets_off: Cell<bool>,
    /// Whether the program forbade to resume the session (a server's).
    unresumable: Cell<bool>,
    /// The id that is resumed, and what the engine does it from.
    presented: RefCell<Option<(Vec<u8>, Vec<u8>)>>,
    steps: Cell<steps::Steps>,
    /// The fatal alert that goes out and was not told of.
    sent_alert: Cell<Option<u8>>,
    /// Lines of the key log that wait for their turn.
    held_secrets: RefCell<Vec<CString>>,
    /// Whether a server's program took the name asked for.
    name_accepted: Cell<bool>,
    /// TLSEXT_max_fragment_length_* as agreed; 0 without.
    fragment_mode: Cell<u8>,
    /// Whether the BIO was given a flight and has not passed it on.
    unflushed: Cell<bool>,
    srtp: RefCell<Option<PlainStack>>,
    /// Made when first asked for.
    dane: OnceCell<Dane>,
    early: Cell<early::EarlyData>,
    client_auth: RefCell<client_auth::ClientAuth>,
    extensions: RefCell<custom::Seen>,
    /// What SSL_stateless made of a ClientHello.
    stateless: Cell<stateless::Phase>,
    /// What a HelloRetryRequest has settled, until the second ClientHello is judged.
    retried: RefCell<Option<Retried>>,
    /// Whether what the handshake settled on was taken over.
    settled: Cell<bool>,
    /// The program's data.
    pub ex_data: ExData,
}

impl Ssl {
    /// SSL_new(3). The program's new callbacks for ex data run.
    pub fn new(ctx: &Arc<Ctx>) -> Result<Arc<Self>> {
        let mut settings = ctx.settings();
        if settings.param_exposed {
            settings::edit(&mut settings, |s| {
                s.param_exposed = false;
                s.own_param().map(drop)
            })
            .0?;
        }
        if settings.ct.is_some() {
            settings::edit(&mut settings, Settings::accept_stapled_timestamps);
        }
        #[expect(
            clippy::arc_with_non_send_sync,
            reason = "the count may be touched from any thread, the rest from one at a time"
        )]
        let ssl = Arc::new(Self {
            ctx: HandleCell::new(ctx),
            version: Cell::new(settings.method.newest()),
            references: References::default(),
            session_ctx: ctx.clone(),
            followed: RefCell::new(None),
            settings: RefCell::new(settings),
            side: Cell::new(Side::Unset),
            stage: Cell::new(Stage::Before),
            state: Cell::new(HandshakeState::Before),
            connection: Cell::new(None),
            rbio: BioSlot::default(),
            wbio: BioSlot::default(),
            want: Cell::new(Want::Nothing),
            info_callback: Cell::new(None),
            shutdown: Cell::new(0),
            broken_record: Cell::new(false),
            ended_by_warning: Cell::new(false),
            host_name: RefCell::new(None),
            server_step: Cell::new(server::Step::ClientHello),
            offer: RefCell::default(),
            hit: Cell::new(false),
            chosen_alpn: RefCell::new(None),
            staple: RefCell::new(None),
            stapled: Cell::new(false),
            status_asked: Cell::new(false),
            verify_result: Cell::new(0),
            retry_verify: Cell::new(false),
            retrying: Cell::new(false),
            refusal: Cell::new(None),
            hello: RefCell::new(None),
            shows_hello: Cell::new(false),
            client_ciphers: RefCell::default(),
            peer_ca_names: RefCell::new(None),
            peer: RefCell::default(),
            scts: RefCell::default(),
            facts: Cell::default(),
            agreed_alpn: RefCell::new(None),
            pending_write: Cell::new(None),
            pending_plain: Cell::new(0),
            traced: RefCell::default(),
            due: Cell::default(),
            post_auth: RefCell::default(),
            psk: RefCell::default(),
            asked_certificate: Cell::new(false),
            session: RefCell::new(None),
            begun: Cell::default(),
            received: RefCell::new(None),
            resuming: RefCell::new(None),
            issued: RefCell::default(),
            offered_tls13: Cell::new(false),
            ticket_error: Cell::new(None),
            ticket_lifetime: Cell::new(0),
            ticket_ext: RefCell::default(),
            own_id: RefCell::default(),
            tickets_off: Cell::new(false),
            unresumable: Cell::new(false),
            presented: RefCell::default(),
            steps: Cell::default(),
            sent_alert: Cell::new(None),
            held_secrets: RefCell::default(),
            name_accepted: Cell::new(false),
            fragment_mode: Cell::new(0),
            unflushed: Cell::new(false),
            srtp: RefCell::default(),
            dane: OnceCell::new(),
            early: Cell::default(),
            client_auth: RefCell::default(),
            extensions: RefCell::default(),
            stateless: Cell::default(),
            retried: RefCell::default(),
            settled: Cell::new(false),
            ex_data: ExData::new(Class::Ssl),
        });
        ssl.ex_data.created(ssl.ptr().0)?;
        Ok(ssl)
    }

    /// SSL_dup(3) of a connection in its initial state.
    pub fn dup(&self) -> Result<Arc<Self>> {
        let copy = Self::new(&self.ctx())?;
        if !Arc::ptr_eq(&self.settings(), &copy.settings()) {
            self.follow_ctx();
            copy.edit(|s| s.duplicate(&self.settings()))?;
            copy.reset_version();
        }
        self.copy_dane(&copy)?;
        copy.side.set(self.side.get());
        copy.set_session(self.session());
        copy.ex_data.copy_from(&self.ex_data)?;
        copy.shutdown.set(self.shutdown.get());
        copy.info_callback.set(self.info_callback.get());
        Ok(copy)
    }

    /// SSL_clear(3): back to the initial state, settings and BIOs kept.
    pub fn clear(&self) -> Result<()> {
        if self.drop_unfinished_session() {
            self.forget_session();
        }
        self.connection.set(None);
        self.stage.set(Stage::Before);
        self.state.set(HandshakeState::Before);
        self.want.set(Want::Nothing);
        self.shutdown.set(0);
        self.ended_by_warning.set(false);
        self.early.take();
        self.stateless.take();
        self.reset_dane();
        self.with(Settings::forget_peername);
        self.forget_handshake();
        Ok(())
    }

    /// Nothing is left of the last handshake: SSL_set_connect_state(3) and its like let one begin
    /// without SSL_clear.
    fn forget_handshake(&self) {
        self.unflushed.set(false);
        self.fragment_mode.set(0);
        self.server_step.set(server::Step::ClientHello);
        self.hello.take();
        self.offer.take();
        self.hit.set(false);
        self.chosen_alpn.take();
        self.pending_write.set(None);
        self.due.take();
        self.post_auth.take();
        self.psk.take();
        self.asked_certificate.set(false);
        self.traced.take();
        self.sent_alert.set(None);
        self.held_secrets.take();
        self.retried.take();
        self.pending_plain.set(0);
        self.refusal.set(None);
        self.retrying.set(false);
        self.client_auth.take();
        self.extensions.take();
        self.facts.take();
        self.reset_version();
        self.settled.set(false);
        self.agreed_alpn.take();
        self.forget_peer();
        self.peer_ca_names.take();
        self.status_asked.set(false);
        self.resuming.take();
        self.issued.take();
    }

    /// The handle the program knows this connection by.
    pub fn ptr(&self) -> SslPtr {
        SslPtr(handle::address(self))
    }

    /// The context (SSL_get_SSL_CTX(3)).
    pub fn ctx(&self) -> Arc<Ctx> {
        self.ctx.get()
    }

    /// The context's handle, without a reference of its own.
    pub fn ctx_address(&self) -> *const Ctx {
        self.ctx.address()
    }

    /// SSL_set_ssl_method(3).
    pub fn set_method(&self, method: &'static Method) {
        self.edit(|s| s.method = method);
        self.reset_version();
        if method.side != Side::Unset && self.side.get() != Side::Unset {
            self.side.set(method.side);
        }
    }

    /// SSL_set_SSL_CTX(3): certificates and what belongs to them come from `ctx` from now on;
    /// `None` is the context the connection was made from.
    pub fn set_ctx(&self, ctx: Option<&Arc<Ctx>>) {
        let ctx = ctx.unwrap_or(&self.session_ctx);
        let before = self.ctx();
        if Arc::ptr_eq(ctx, &before) {
            return;
        }
        let theirs = ctx.settings();
        let old_context = before.with(|s| s.sid_context);
        self.edit(|s| {
            s.duplicate_certs(&theirs);
            if s.sid_context == old_context {
                s.sid_context = theirs.sid_context;
            }
        });
        let old = self.ctx.replace(ctx);
        drop(old);
    }

    /// The settings as they are now.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.borrow().clone()
    }

    /// Reads the settings.
    pub fn with<R>(&self, read: impl FnOnce(&Settings) -> R) -> R {
        read(&self.settings.borrow())
    }

    /// Changes this connection's settings alone.
    pub fn edit<R>(&self, change: impl FnOnce(&mut Settings) -> R) -> R {
        let mut settings = self.settings.borrow_mut();
        let mut followed = self.followed.borrow_mut();
        followed.get_or_insert_with(|| Followed::of(&settings));
        drop(followed);
        let (result, retired) = settings::edit(&mut settings, change);
        drop(settings);
        drop(retired);
        result
    }

    /// What decides whether something is secure enough for the connection.
    pub fn policy(&self) -> Policy {
        self.with(|s| s.policy(Asker::Ssl(self.ptr())))
    }

    /// Until it has a list of its own, the connection uses its context's as it is now.
    pub fn follow_ctx(&self) {
        let theirs = self.ctx().with(Followed::of);
        let own = self.with(Followed::of);
        let before = self.followed.take().unwrap_or_else(|| own.clone());
        self.followed.replace(Some(theirs.clone()));
        if before == theirs {
            return;
        }
        self.edit(|s| {
            if own.ciphers == before.ciphers {
                s.ciphers = theirs.ciphers.0;
            }
            if own.ca_names == before.ca_names {
                s.ca_names = theirs.ca_names.map(|names| names.0);
            }
            if own.client_ca_names == before.client_ca_names {
                s.client_ca_names = theirs.client_ca_names.map(|names| names.0);
            }
        });
    }

    /// Which side it is.
    pub fn side(&self) -> Side {
        self.side.get()
    }

    /// SSL_set_connect_state(3) and SSL_set_accept_state(3).
    pub fn set_side(&self, side: Side) {
        self.side.set(side);
        self.shutdown.set(0);
        self.ended_by_warning.set(false);
        self.connection.set(None);
        self.stage.set(Stage::Before);
        self.state.set(HandshakeState::Before);
    }

    /// SSL_is_server(3): one that has no side yet counts as a server if its method can be one.
    pub fn is_server(&self) -> bool {
        match self.side.get() {
            Side::Unset => self.with(|s| s.method.side != Side::Client),
            side => side == Side::Server,
        }
    }

    /// The handshake's last message (SSL_get_state(3)).
    pub fn state(&self) -> HandshakeState {
        self.state.get()
    }

    /// Where it stands.
    pub fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// What the last call stopped for.
    pub fn want(&self) -> Want {
        self.want.get()
    }

    /// The SSL_SENT_SHUTDOWN and SSL_RECEIVED_SHUTDOWN bits.
    pub fn shutdown_state(&self) -> c_int {
        self.shutdown.get()
    }

    /// SSL_set_shutdown(3).
    pub fn set_shutdown_state(&self, bits: c_int) {
        self.shutdown.set(bits);
    }

    fn add_shutdown(&self, bits: c_int) {
        self.shutdown.set(self.shutdown.get() | bits);
    }

    /// Whether the read side ended as a close_notify ends it (SSL_ERROR_ZERO_RETURN).
    pub fn is_closed(&self) -> bool {
        self.shutdown.get() & shutdown::RECEIVED != 0 && !self.ended_by_warning.get()
    }

    /// Runs `f` on the engine's connection, if there is one and it is not at work.
    pub fn with_connection<R>(&self, f: impl FnOnce(&mut Connection) -> R) -> Option<R> {
        let mut connection = self.connection.take()?;
        let result = f(&mut connection);
        self.connection.set(Some(connection));
        Some(result)
    }

    /// A fatal error: nothing works any more until SSL_clear.
    fn fail(&self) {
        self.spoil_session();
        self.stage.set(Stage::Failed);
        self.want.set(Want::Nothing);
    }
}

impl Counted for Ssl {
    fn references(&self) -> &AtomicUsize {
        self.references.count()
    }
}

impl Drop for Ssl {
    fn drop(&mut self) {
        let ptr = self.ptr().0;
        self.ex_data.freed(ptr);
        // What the program's callbacks hear the end of goes in OpenSSL's order, the context last.
        self.wbio.set(None);
        self.rbio.set(None);
        self.drop_unfinished_session();
        self.forget_session();
    }
}
