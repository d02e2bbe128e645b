//! The rustls config of a server's connection: its suites and certificates, and how sessions are
//! kept.

use std::sync::Arc;

use super::client::ShowChoice;
use super::keylog::LogSecrets;
use super::resumption::{Binding, SHA384};
use super::server::{SIGNATURE_ALGORITHMS, SUPPORTED_GROUPS};
use super::session::ServerStore;
use super::{Moved, Ssl, fragment, with_current};
use crate::engine::config::{self, ServerConnectionParams};
use crate::engine::connection::Connection;
use crate::engine::credentials::{Auth, Credentials};
use crate::engine::provider::is_chacha;
use crate::engine::session::{ConnectionTicketer, Sealer, ServerSessions, Stored};
use crate::foreign::x509::Cert;
use crate::model::certs::{Basis, DSA, RSA_PSS};
use crate::model::cipher::{Cipher, SuiteB};
use crate::model::groups::Group;
use crate::model::security::Stage;
use crate::model::settings::{Settings, mode, op};

/// The signature_algorithms_cert extension (RFC 8446, section 4.2.3).
const SIGNATURE_ALGORITHMS_CERT: u16 = 50;

/// The schemes a client takes of signatures in certificates, if it names them apart.
pub(super) fn cert_schemes(connection: &Connection) -> Option<Vec<u16>> {
    let hello = connection.client_hello()?;
    hello.extension(SIGNATURE_ALGORITHMS_CERT)?;
    Some(hello.codes(SIGNATURE_ALGORITHMS_CERT))
}

impl Ssl {
    /// The slot of the certificate the client will be served.
    pub(super) fn served_slot(&self, connection: &Connection) -> Option<usize> {
        let offered = connection.client_hello()?.codes(SIGNATURE_ALGORITHMS);
        self.server_credentials(connection).choice(&offered)
    }

    /// As [`Self::local_credentials`]; with TLS 1.2 the suite decides before the scheme does.
    pub(super) fn server_credentials(&self, connection: &Connection) -> Credentials {
        let tls12 = !self.offered_tls13.get();
        let mut local = self.local_credentials();
        // There are no DHE suites, and nothing else is signed with DSA.
        local.list.retain(|c| c.slot() != DSA);
        if let Some(codes) = cert_schemes(connection) {
            local.list.retain(|c| self.is_signed_by(c.slot(), &codes));
        }
        if tls12 {
            let groups = connection
                .client_hello()
                .map_or_else(Vec::new, |hello| hello.codes(SUPPORTED_GROUPS));
            local.list.retain(|c| self.suits_groups(c.slot(), &groups));
            if self.is_strict() {
                self.show_hello(connection, || {
                    local.list.retain(|c| self.passes_strictly(c.slot()));
                });
            }
        }
        let rsa = tls12 && self.with(|s| s.certs.has_key(RSA_PSS));
        Credentials {
            offered: rsa.then(|| Self::schemes_of_rsa(connection)).flatten(),
            first: tls12.then(|| self.first_auth(connection)).flatten(),
            any_curve: tls12 && self.with(|s| s.suite_b() == SuiteB::Off),
            sink: Some(Arc::new(ShowChoice)),
            ..local
        }
    }

    /// The schemes of a TLS 1.2 client that has an RSA suite.
    fn schemes_of_rsa(connection: &Connection) -> Option<Vec<u16>> {
        let hello = connection.client_hello()?;
        hello
            .suites()
            .any(|code| matches!(code, 0xc02f | 0xc030 | 0xcca8))
            .then(|| hello.codes(SIGNATURE_ALGORITHMS))
    }

    /// Whether a TLS 1.2 client with these groups knows the curve of the slot's key
    /// (RFC 8422, section 5.1); without the extension it is taken to know all.
    fn suits_groups(&self, slot: usize, groups: &[u16]) -> bool {
        let Some(nid) = self.with(|s| s.certs.curve(slot)) else {
            return true;
        };
        let group = Group::by_nid(nid);
        groups.is_empty() || group.is_some_and(|group| groups.contains(&group.code))
    }

    /// Whether ChaCha20-Poly1305 comes first in the server's order, since it does in the client's.
    fn prefers_chacha(&self, connection: &Connection) -> bool {
        const ASKED: u64 = op::PRIORITIZE_CHACHA | op::CIPHER_SERVER_PREFERENCE;
        let asked = self.with(|s| s.options & ASKED == ASKED && s.suite_b() == SuiteB::Off);
        asked
            && connection.client_hello().is_some_and(|hello| {
                let mut codes = hello.suites();
                let first = codes.find(|&code| Cipher::from_iana(code).is_some());
                first.is_some_and(is_chacha)
            })
    }

    /// What the first suite in common wants the server to sign with.
    fn first_auth(&self, connection: &Connection) -> Option<Auth> {
        let mut shared = self.shared_suites(connection).into_iter();
        shared.find_map(Auth::of_suite)
    }

    /// Whether this side has the suite of this IANA code.
    pub(super) fn has_suite(&self, code: u16) -> bool {
        let settings = self.settings();
        let usable = settings.usable_ciphers(&self.policy(), Stage::Shared);
        usable.is_ok_and(|usable| usable.iter().any(|suite| suite.iana() == code))
    }

    /// The suites both sides have, in the order in which they are chosen.
    pub(super) fn shared_suites(&self, connection: &Connection) -> Vec<u16> {
        let settings = self.settings();
        let Some(hello) = connection.client_hello() else {
            return Vec::new();
        };
        let theirs: Vec<u16> = hello.suites().collect();
        let Ok(usable) = settings.usable_ciphers(&self.policy(), Stage::Shared) else {
            return Vec::new();
        };
        let mut ours: Vec<u16> = usable.iter().map(|suite| suite.iana()).collect();
        if self.prefers_chacha(connection) {
            ours.sort_by_key(|&code| !is_chacha(code));
        }
        let (preferred, other) = match settings.options & op::CIPHER_SERVER_PREFERENCE != 0 {
            true => (ours, theirs),
            false => (theirs, ours),
        };
        let shared = preferred.into_iter().filter(|code| other.contains(code));
        let mut shared: Vec<u16> = shared.collect();
        if self.needs_psk() {
            shared.sort_by_key(|&code| code == SHA384);
        }
        shared
    }

    /// The certificates of this connection as rustls serves them.
    pub(super) fn local_credentials(&self) -> Credentials {
        let settings = self.settings();
        let policy = self.policy();
        let ctx = self.ctx();
        let auto_chain = settings.mode & mode::NO_AUTO_CHAIN == 0;
        let own = || settings.chain_store.clone();
        let store = auto_chain.then(|| own().unwrap_or_else(|| ctx.store()));
        let build = |leaf: &Cert| store.as_ref()?.complete_chain(leaf, &ctx.lib);
        let basis = Basis {
            lib: ctx.lib.clone(),
            chain_store: store.clone(),
            extra: ctx.with(|s| s.certs.extra_basis()),
        };
        Credentials {
            list: settings.certs.credentials(basis, build),
            sigalgs: Some(Settings::permitted_to_sign(
                &settings.own_sigalgs(),
                &policy,
            )),
            offered: None,
            resumed: None,
            own_order: settings.options & op::CIPHER_SERVER_PREFERENCE != 0,
            first: None,
            any_curve: false,
            sink: None,
            ocsp: self.staple(),
        }
    }

    /// The connection's config, and whether rustls's ticket is not to be sent.
    pub(super) fn connection_config(
        &self,
        connection: &mut Connection,
    ) -> Moved<(Arc<config::ServerConfig>, bool)> {
        let settings = self.settings_as_agreed(connection);
        let ctx = &self.session_ctx;
        let tls13 = self.offered_tls13.get();
        let base = settings.server_config(&ctx.lib, &self.policy(), tls13)?;
        let sealer = self.sealer();
        let mut offer = self.offer.take();
        if let (Some((_, value)), Some(session)) =
            (&mut offer.accepted, self.resuming.borrow().clone())
        {
            self.judge_early_data(&session, value);
        }
        let resuming = offer.accepted.is_some();
        let resumable = resuming || !self.unresumable.get();
        let value = offer.accepted.as_ref().filter(|_| self.hit.get());
        let retried = self.retried.borrow().as_ref().map(|retried| retried.suite);
        let settled_suite = retried.or_else(|| value.map(|(_, value)| Stored::read(value).suite));
        self.presented.replace(offer.accepted.clone());
        let num_tickets = match settings.num_tickets {
            _ if !offer.ticket_due || !resumable => 0,
            num_tickets if self.hit.get() => num_tickets.min(1),
            num_tickets => num_tickets,
        };
        match tls13 {
            true => self.plan_tickets(num_tickets),
            false => self.choose_id(connection, sealer.is_some(), &offer)?,
        }
        // rustls sends a ticket wherever it takes one.
        let without_ticket = !tls13 && resuming && offer.by_ticket && !offer.ticket_due;
        let ticketer = sealer
            .filter(|_| !tls13 && resumable && (offer.ticket_due || without_ticket))
            .map(|sealer| {
                Arc::new(ConnectionTicketer {
                    sealer,
                    binding: Arc::new(Binding),
                    silent: without_ticket,
                    accepted: offer.accepted,
                    ssl: || with_current(|ssl| ssl.map(Ssl::ptr)),
                }) as _
            });
        let sessions = ServerSessions {
            ticketer,
            storage: Arc::new(ServerStore),
        };
        let config = config::server_connection(
            &base,
            ServerConnectionParams {
                tls13,
                server_preference: settings.options & op::CIPHER_SERVER_PREFERENCE != 0,
                chacha_first: self.prefers_chacha(connection),
                settled_suite,
                credentials: match settled_suite.filter(|_| self.hit.get()) {
                    Some(suite) => Credentials {
                        resumed: Some(Auth::of_suite(suite)),
                        ..Credentials::default()
                    },
                    None => self.server_credentials(connection),
                },
                max_fragment: fragment::limit(self.fragment_mode.get()),
                alpn: self.chosen_alpn.borrow().clone(),
                sessions: Some(sessions),
                keylog: self
                    .ctx()
                    .with_hooks(|h| h.keylog)
                    .map(|_| Arc::new(LogSecrets) as _),
                early: self.reads_early_data(),
            },
        );
        Ok((config, without_ticket))
    }

    /// What seals this connection's tickets; `None`: sessions are kept here, if at all.
    pub(super) fn sealer(&self) -> Option<Sealer> {
        let permitted = self.offered_tls13.get() || self.policy().tickets();
        (permitted && !self.keeps_sessions())
            .then(|| self.session_ctx.sealer())
            .flatten()
    }

    /// Whether sessions are kept here rather than in tickets: if the program wants it, and for
    /// early data, which is taken once for each. TLS 1.2's tickets stay away once they were not
    /// wanted: OpenSSL looks for one before it asks about the server name.
    fn keeps_sessions(&self) -> bool {
        let (options, early) = self.with(|s| (s.options, s.max_early_data > 0));
        let once = early && options & op::NO_ANTI_REPLAY == 0;
        match self.offered_tls13.get() {
            true => options & op::NO_TICKET != 0 || once,
            false => options & op::NO_TICKET != 0 || self.tickets_off.get(),
        }
    }
}
