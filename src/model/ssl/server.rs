//! The server's decisions between the ClientHello and the ServerHello, in OpenSSL's order.

use std::ffi::{CString, c_int};
use std::sync::Arc;

use rustls::error::PeerIncompatible;

use super::custom::EXTENDED_MASTER_SECRET;
use super::resumption::is_tls13;
use super::server_config::cert_schemes;
use super::stateless::Cookie;
use super::{Halt, Moved, Ssl, Stop, Want, at_work};
use crate::engine::alert::{
    DECODE_ERROR, HANDSHAKE_FAILURE, INTERNAL_ERROR, MISSING_EXTENSION, NO_APPLICATION_PROTOCOL,
};
use crate::engine::config::{DEFAULT_SIGALGS, OLDER_SIGALGS};
use crate::engine::connection::Connection;
use crate::engine::rewrite::Changes;
use crate::foreign::callback::Callback;
use crate::foreign::err::{Error, Reason};
use crate::foreign::evp::Scheme;
use crate::foreign::stack::NameStack;
use crate::foreign::status_request;
use crate::model::ctx::Ctx;
use crate::model::method::TLS1_3;
use crate::model::security::Stage;
use crate::model::settings::{Settings, op};

/// What was decided already: a suspended handshake asks no question twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The client hello callback is next.
    ClientHello,
    /// The session offered.
    Session,
    /// Server name.
    ServerName,
    /// Protocol, with TLS 1.3.
    EarlyAlpn,
    /// Certificate.
    Certificate,
    /// OCSP response.
    Status,
    /// Protocol, with TLS 1.2: the program's certificate callback comes first.
    LateAlpn,
    /// Nothing is left to decide.
    Decided,
}

const TLSEXT_ERR_OK: c_int = 0;
const TLSEXT_ERR_ALERT_WARNING: c_int = 1;
const TLSEXT_ERR_ALERT_FATAL: c_int = 2;
const TLSEXT_ERR_NOACK: c_int = 3;

/// The signature_algorithms extension (RFC 8446, section 4.2.3).
pub(super) const SIGNATURE_ALGORITHMS: u16 = 13;
/// The supported_groups extension (RFC 8446, section 4.2.7).
pub(super) const SUPPORTED_GROUPS: u16 = 10;
const UNRECOGNIZED_NAME: c_int = 112;

impl Ssl {
    /// A server that waits for its client.
    pub(super) fn start_server(&self) -> Connection {
        let mut connection = Connection::server();
        if self.with(|s| s.options) & op::NO_EXTENDED_MASTER_SECRET != 0 {
            connection.ignore(EXTENDED_MASTER_SECRET);
        }
        connection
    }

    /// Runs the program's callbacks and gives the engine the config they led to.
    pub(super) fn choose_config(&self, connection: &mut Connection) -> Moved<()> {
        loop {
            let next = match self.server_step.get() {
                Step::ClientHello => {
                    self.ask_client_hello(connection)?;
                    self.agree_on_version(connection)?;
                    self.begin_session();
                    self.see_offers(connection);
                    self.check_fallback(connection)?;
                    self.check_suites(connection)?;
                    self.read_custom_extensions(connection)?;
                    self.read_ticket_ext(connection)?;
                    self.see_status_request(connection)?;
                    Step::Session
                }
                Step::Session => {
                    let sealer = self.sealer();
                    let offer = self.judge_offer(connection, sealer.as_ref())?;
                    self.hit.set(offer.foreseen);
                    self.offer.replace(offer);
                    Step::ServerName
                }
                Step::ServerName => {
                    self.ask_server_name(connection)?;
                    Step::EarlyAlpn
                }
                Step::EarlyAlpn => {
                    if self.offered_tls13.get() {
                        self.ask_alpn(connection)?;
                        self.check_schemes(connection)?;
                    }
                    Step::Certificate
                }
                Step::Certificate => {
                    if !self.hit.get() {
                        self.ask_certificate(connection)?;
                        self.ask_resumable(connection);
                    }
                    Step::Status
                }
                Step::Status => {
                    self.ask_status(connection)?;
                    Step::LateAlpn
                }
                Step::LateAlpn => {
                    if !self.offered_tls13.get() {
                        self.ask_alpn(connection)?;
                    }
                    Step::Decided
                }
                Step::Decided => break,
            };
            self.server_step.set(next);
        }
        let tls13 = self.offered_tls13.get();
        self.check_request_schemes(connection)?;
        let fragment = self.answer_fragment(connection)?;
        let (config, without_ticket) = match self.connection_config(connection) {
            Ok(made) => made,
            Err(stop) => {
                self.tell_alert(connection, HANDSHAKE_FAILURE);
                return Err(stop);
            }
        };
        self.read_waiting_extensions(connection)?;
        let before = match self.judge_cookie(connection, &config)? {
            Cookie::Unused => match self.retried.take() {
                Some(retried) => self.check_second_hello(connection, &config, retried)?,
                None => Vec::new(),
            },
            Cookie::Accepted(before) => before,
            Cookie::Asked => return Ok(()),
        };
        if tls13 && !self.with(Settings::is_for_middleboxes) || !before.is_empty() {
            connection.spare_middleboxes();
        }
        let changes = Changes {
            before,
            without_ticket,
            ..Changes::default()
        };
        self.answer_extensions(connection, fragment, changes);
        let early = self.reads_early_data();
        let chosen = at_work(self, || match early {
            true => connection.choose_early_config(config.clone(), !self.asks_certificate()),
            false => connection.choose_config(config.clone()),
        });
        self.note_facts(connection);
        self.ticket_failure(connection)?;
        self.begin_early_data(connection);
        chosen.map_err(|err| {
            if let Some(alert) = self.stopped_by_extension() {
                let cause = Error::reason(Reason::CALLBACK_FAILED);
                return self.refuse_protected(connection, alert, cause).into();
            }
            if let Some(refusal) = self.refusal.take() {
                // rustls asks for the certificate before it looks for a suite.
                if !self.shares_suite(connection, tls13) {
                    return self.refuse(connection, HANDSHAKE_FAILURE, Reason::NO_SHARED_CIPHER);
                }
                self.tell_alert(connection, INTERNAL_ERROR);
                return refusal.into();
            }
            if err == rustls::Error::NoSuitableCertificate {
                return self.refuse_without_certificate(connection);
            }
            let reported = self.engine_error(&err);
            match self.lacking(connection, tls13, &err) {
                Some(reason) => Stop::Error(Error::with_data(reason, err.to_string())),
                None => reported.into(),
            }
        })?;
        self.decide_again(connection, &config);
        Ok(())
    }

    /// TLS 1.3 chooses the suite before the program's callbacks may change anything.
    fn check_suites(&self, connection: &mut Connection) -> Moved<()> {
        let tls13 = self.offered_tls13.get();
        match tls13 && !self.shares_suite(connection, tls13) {
            true => Err(self.refuse(connection, HANDSHAKE_FAILURE, Reason::NO_SHARED_CIPHER)),
            false => Ok(()),
        }
    }

    /// A client of TLS 1.3 names its signature schemes if anything is to be signed for it.
    fn check_schemes(&self, connection: &mut Connection) -> Moved<()> {
        let hello = connection.client_hello();
        let named = hello.is_some_and(|hello| hello.extension(SIGNATURE_ALGORITHMS).is_some());
        match named || self.hit.get() {
            true => Ok(()),
            false => Err(self.refuse(
                connection,
                MISSING_EXTENSION,
                Reason::MISSING_SIGALGS_EXTENSION,
            )),
        }
    }

    /// A server of TLS 1.3 that asks for a certificate has to take a signature TLS 1.3 has.
    fn check_request_schemes(&self, connection: &mut Connection) -> Moved<()> {
        let settings = self.settings();
        let tls13 = self.offered_tls13.get();
        if !tls13 || self.hit.get() || !settings.asks_for_certificate(tls13) {
            return Ok(());
        }
        let schemes = settings.schemes_of_clients(&self.policy());
        match schemes.iter().any(|&code| Scheme(code).is_of_tls13()) {
            true => Ok(()),
            false => Err(self.refuse(
                connection,
                INTERNAL_ERROR,
                Reason::NO_SUITABLE_SIGNATURE_ALGORITHM,
            )),
        }
    }

    /// What two sides lack in common, where rustls sees it otherwise.
    fn lacking(&self, connection: &Connection, tls13: bool, err: &rustls::Error) -> Option<Reason> {
        use PeerIncompatible::*;
        match err {
            rustls::Error::PeerIncompatible(
                NoSignatureSchemesInCommon | NoCipherSuitesInCommon | NoKxGroupsInCommon,
            ) if !self.shares_scheme(connection) => Some(Reason::NO_SHARED_SIGNATURE_ALGORITHMS),
            // TLS 1.2 has one reason for all.
            rustls::Error::PeerIncompatible(NoSignatureSchemesInCommon)
                if !tls13 && self.has_forbidding_key(connection) =>
            {
                Some(Reason::NO_SUITABLE_SIGNATURE_ALGORITHM)
            }
            rustls::Error::PeerIncompatible(NoKxGroupsInCommon | NoSignatureSchemesInCommon)
                if !tls13 =>
            {
                Some(Reason::NO_SHARED_CIPHER)
            }
            // Of schemes that TLS 1.3 does not have rustls leaves none, as for a suite.
            rustls::Error::PeerIncompatible(NoCipherSuitesInCommon)
                if tls13 && self.shares_suite(connection, tls13) =>
            {
                Some(Reason::NO_SUITABLE_SIGNATURE_ALGORITHM)
            }
            _ => None,
        }
    }

    /// Whether all that is in the way of a signature is a key's own parameters.
    fn has_forbidding_key(&self, connection: &Connection) -> bool {
        let offered = connection.client_hello();
        let offered = offered.map(|hello| hello.codes(SIGNATURE_ALGORITHMS));
        offered.is_some_and(|offered| self.server_credentials(connection).forbid(&offered))
    }

    /// What the client's hello of the version agreed on tells besides.
    fn see_offers(&self, connection: &Connection) {
        let tls13 = self.version() == TLS1_3;
        self.offered_tls13.set(tls13);
        self.see_early_offer(connection);
        if tls13 && let Some(names) = connection.client_hello().and_then(|h| h.ca_names()) {
            self.peer_ca_names.replace(NameStack::from_der(names).ok());
        }
    }

    /// rustls sends no alert when no certificate is of use.
    fn refuse_without_certificate(&self, connection: &mut Connection) -> Stop {
        let unlisted = cert_schemes(connection).is_some() && self.with(|s| !s.certs.is_empty());
        let reason = match self.offered_tls13.get() || unlisted {
            _ if !self.shares_scheme(connection) => Reason::NO_SHARED_SIGNATURE_ALGORITHMS,
            true => Reason::NO_SUITABLE_SIGNATURE_ALGORITHM,
            false => Reason::NO_SHARED_CIPHER,
        };
        self.refuse(connection, HANDSHAKE_FAILURE, reason)
    }

    /// Whether a server may have a certificate that suits TLS 1.3, as far as is known before its
    /// callbacks are asked; without one OpenSSL has no TLS 1.3.
    pub(super) fn suits_tls13(&self) -> bool {
        let named = |ctx: &Ctx| ctx.with_hooks(|h| h.servername.get()).is_some();
        let settings = self.settings();
        self.may_find_psk()
            || settings.cert_cb.is_some()
            || settings
                .certs
                .suit_tls13(|nid| settings.signs_with_curve(nid))
            || named(&self.ctx())
            || named(&self.session_ctx)
    }

    /// Whether the client takes signatures that are made here, as far as it says which.
    fn shares_scheme(&self, connection: &Connection) -> bool {
        let hello = connection.client_hello();
        let offered = hello.map_or_else(Vec::new, |h| h.codes(SIGNATURE_ALGORITHMS));
        let own = match self.settings().own_sigalgs() {
            Some(list) => list.to_vec(),
            None => [DEFAULT_SIGALGS, OLDER_SIGALGS].concat(),
        };
        let policy = self.policy();
        let shared = |code: &u16| own.contains(code) && policy.scheme(Stage::Shared, *code);
        offered.is_empty() || offered.iter().any(shared)
    }

    fn shares_suite(&self, connection: &Connection, tls13: bool) -> bool {
        let shared = self.shared_suites(connection);
        shared.into_iter().any(|code| is_tls13(code) == tls13)
    }

    pub(super) fn refuse(&self, connection: &mut Connection, alert: u8, reason: Reason) -> Stop {
        self.refuse_with(connection, alert, Error::reason(reason))
    }

    pub(super) fn refuse_with(&self, connection: &mut Connection, alert: u8, err: Error) -> Stop {
        self.tell_alert(connection, alert);
        Stop::Error(err)
    }

    fn tell_alert(&self, connection: &mut Connection, alert: u8) {
        self.sends_alert(alert);
        connection.abort(alert);
    }

    fn suspend(&self, want: Want) -> Stop {
        self.want.set(want);
        Stop::Halt(Halt::Blocked)
    }

    /// Lets the program's callback use the ClientHello while it runs.
    pub(super) fn show_hello<R>(&self, connection: &Connection, f: impl FnOnce() -> R) -> R {
        self.hello.replace(connection.shared_client_hello());
        self.shows_hello.set(true);
        let answer = f();
        self.shows_hello.set(false);
        answer
    }

    fn ask_client_hello(&self, connection: &mut Connection) -> Moved<()> {
        self.hello.replace(connection.shared_client_hello());
        self.host_name.replace(None);
        let Some(callback) = self.ctx().with_hooks(|h| h.client_hello) else {
            return Ok(());
        };
        let alert = c_int::from(INTERNAL_ERROR);
        let (ret, alert) = self.show_hello(connection, || callback.alerting(self.ptr(), alert));
        match ret {
            1 => Ok(()),
            ..=-1 => Err(self.suspend(Want::ClientHelloCb)),
            _ => Err(self.refuse(connection, alert as u8, Reason::CALLBACK_FAILED)),
        }
    }

    fn ask_server_name(&self, connection: &mut Connection) -> Moved<()> {
        let sent = connection
            .client_hello()
            .and_then(|hello| hello.server_name())
            .and_then(|name| CString::new(name).ok());
        self.host_name.replace(sent);
        self.tickets_off
            .set(self.with(|s| s.options & op::NO_TICKET != 0));
        let callback = self
            .ctx()
            .with_hooks(|h| h.servername.get())
            .or_else(|| self.session_ctx.with_hooks(|h| h.servername.get()));
        let Some(callback) = callback else {
            return Ok(());
        };
        let ask = || callback.alerting(self.ptr(), UNRECOGNIZED_NAME);
        let (ret, alert) = self.show_hello(connection, ask);
        self.name_accepted.set(ret == TLSEXT_ERR_OK);
        match ret {
            TLSEXT_ERR_ALERT_FATAL => {
                Err(self.refuse(connection, alert as u8, Reason::CALLBACK_FAILED))
            }
            TLSEXT_ERR_ALERT_WARNING => {
                let tls13 = connection
                    .client_hello()
                    .is_some_and(|hello| hello.extension(43).is_some());
                if !tls13 {
                    connection.plain_alert(1, alert as u8);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn ask_certificate(&self, connection: &mut Connection) -> Moved<()> {
        let Some(callback) = self.with(|s| s.cert_cb) else {
            return Ok(());
        };
        match self.show_hello(connection, || callback.cert(self.ptr())) {
            0 => Err(self.refuse(connection, INTERNAL_ERROR, Reason::CERT_CB_ERROR)),
            ..=-1 => Err(self.suspend(Want::X509Lookup)),
            _ => Ok(()),
        }
    }

    /// Whether a response is asked for: a program may fetch one in an earlier callback.
    fn see_status_request(&self, connection: &mut Connection) -> Moved<()> {
        let hello = connection.client_hello();
        let wanted = hello.is_some_and(|hello| hello.wants_ocsp());
        self.status_asked.set(wanted);
        self.read_status_request(connection)
    }

    fn ask_status(&self, connection: &mut Connection) -> Moved<()> {
        let callback = self.ctx().with_hooks(|h| h.status.get());
        let asked = self.status_asked.get() && !self.hit.get();
        let (true, Some(callback)) = (asked, callback) else {
            self.stapled.set(false);
            return Ok(());
        };
        let ask = || self.show_hello(connection, || callback.cert(self.ptr()));
        match self.foresee_certificate(connection, ask) {
            ret @ (TLSEXT_ERR_OK | TLSEXT_ERR_NOACK) => {
                self.stapled.set(ret == TLSEXT_ERR_OK);
                Ok(())
            }
            _ => Err(self.refuse(connection, INTERNAL_ERROR, Reason::CLIENTHELLO_TLSEXT)),
        }
    }

    /// SSL_get_tlsext_status_ids(3) and its like show what the client asked for.
    fn read_status_request(&self, connection: &mut Connection) -> Moved<()> {
        let hello = connection.client_hello();
        let Some(body) = hello.and_then(|hello| hello.extension(status_request::STATUS_REQUEST))
        else {
            return Ok(());
        };
        match status_request::read(body) {
            Ok((None, None)) => {}
            Ok((ids, exts)) => self.edit(|s| {
                s.status_ids = ids.map(Arc::new);
                s.status_exts = exts.map(Arc::new);
            }),
            Err(_) => return Err(self.refuse(connection, DECODE_ERROR, Reason::BAD_EXTENSION)),
        }
        Ok(())
    }

    /// Shows the status callback the certificate it has to staple a response to, before rustls
    /// makes the choice.
    fn foresee_certificate<R>(&self, connection: &Connection, ask: impl FnOnce() -> R) -> R {
        let Some(slot) = self.served_slot(connection) else {
            return ask();
        };
        let before = self.settings();
        self.make_current(slot);
        let shown = self.settings();
        let answer = ask();
        // With the old settings comes what was built from them.
        if Arc::ptr_eq(&shown, &self.settings()) {
            self.settings.replace(before);
        }
        answer
    }

    fn ask_alpn(&self, connection: &mut Connection) -> Moved<()> {
        let callback = self.ctx().with_hooks(|h| h.alpn_select);
        let offered = connection
            .client_hello()
            .and_then(|hello| hello.alpn())
            .map(<[u8]>::to_vec);
        let (Some(callback), Some(offered)) = (callback, offered) else {
            return Ok(());
        };
        match self.show_hello(connection, || callback.alpn_select(self.ptr(), &offered)) {
            (TLSEXT_ERR_OK, chosen) => {
                self.chosen_alpn.replace(Some(chosen));
                Ok(())
            }
            (TLSEXT_ERR_NOACK, _) => Ok(()),
            _ => Err(self.refuse(
                connection,
                NO_APPLICATION_PROTOCOL,
                Reason::NO_APPLICATION_PROTOCOL,
            )),
        }
    }

    /// Whether the new session may be resumed, by SSL_CTX_set_not_resumable_session_callback(3).
    fn ask_resumable(&self, connection: &Connection) {
        let forward_secret = !self.offered_tls13.get();
        let callback = self.with(|s| s.not_resumable);
        let refused = callback.is_some_and(|callback| {
            Callback::new(Some(callback), std::ptr::null_mut()).is_some_and(|callback| {
                let ask = || callback.not_resumable(self.ptr(), forward_secret);
                self.show_hello(connection, ask)
            })
        });
        self.unresumable.set(refused);
    }
}
