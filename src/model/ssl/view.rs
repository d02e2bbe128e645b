//! What can be read off a connection.

use std::ffi::{CString, c_char, c_int, c_void};

use super::server::Step;
use super::{Side, Ssl, Stage};
use crate::engine::config::{DEFAULT_SIGALGS, OLDER_SIGALGS};
use crate::engine::connection::Connection;
use crate::engine::finished::{VerifyData, Whose};
use crate::engine::hello::RawClientHello;
use crate::engine::kx;
use crate::engine::shares::KeyShare;
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::evp::PublicKey;
use crate::foreign::stack::PlainStack;
use crate::model::cipher::{self, Cipher};
use crate::model::method::{TLS1_2, TLS1_3};
use crate::model::security::Stage as SecurityStage;
use crate::model::settings::{mode, op};

/// TLS_EMPTY_RENEGOTIATION_INFO_SCSV and TLS_FALLBACK_SCSV.
fn is_signalling(suite: &Cipher) -> bool {
    matches!(suite.iana(), 0x00ff | 0x5600)
}

impl Ssl {
    /// Whether OpenSSL would have run a part of it as an asynchronous job, and so have something
    /// to tell of jobs: that none waits.
    pub fn knows_of_jobs(&self) -> bool {
        self.stage.get() != Stage::Before && self.with(|s| s.mode & mode::ASYNC != 0)
    }

    /// SSL_client_version(3).
    pub fn client_version(&self) -> c_int {
        let asked = self.with_client_hello(|hello| hello.map(|h| c_int::from(h.legacy_version())));
        asked.unwrap_or_else(|| self.with(|s| s.method.code()))
    }

    /// SSL_set_tlsext_host_name(3). Fails with SSL_R_SSL3_EXT_INVALID_SERVERNAME.
    pub fn set_host_name(&self, name: Option<CString>) -> Result<()> {
        let invalid = |n: &CString| n.as_bytes().is_empty() || n.as_bytes().len() > 255;
        if name.as_ref().is_some_and(invalid) {
            self.host_name.replace(None);
            return Err(Error::reason(Reason::SSL3_EXT_INVALID_SERVERNAME));
        }
        self.host_name.replace(name);
        Ok(())
    }

    /// The server name: a client's own, or what the client sent (SSL_get_servername(3)). A session
    /// of TLS 1.2 has its name, which a server then knows alone, and a client offers. The pointer
    /// lives until the name changes.
    pub fn host_name(&self) -> *const c_char {
        let own = self.host_name.borrow();
        let own = own.as_ref().map_or(std::ptr::null(), |name| name.as_ptr());
        let resumed12 = self.version() == TLS1_2 && self.with_facts(|f| f.resumed);
        let session = self.held_session();
        match (session, self.side.get()) {
            (Some(session), Side::Server) if resumed12 => session.hostname(),
            (Some(session), Side::Client) if resumed12 && !session.hostname().is_null() => {
                session.hostname()
            }
            (Some(session), Side::Client | Side::Unset)
                if own.is_null()
                    && self.stage.get() == Stage::Before
                    && session.version() != c_int::from(TLS1_3) =>
            {
                session.hostname()
            }
            _ => own,
        }
    }

    /// SSL_set_tlsext_use_srtp(3).
    pub fn set_srtp(&self, profiles: PlainStack) {
        self.srtp.replace(Some(profiles));
    }

    /// The stack of SRTP profiles of the connection, else of its context, whose it stays; NULL for
    /// none.
    pub fn srtp(&self) -> *mut c_void {
        let own = self.srtp.borrow().as_ref().map(PlainStack::as_ptr);
        own.unwrap_or_else(|| self.ctx().srtp())
    }

    /// SSL_get_negotiated_group(3): the group's code point; that of the session where no keys were
    /// exchanged.
    pub fn negotiated_group(&self) -> Option<u16> {
        self.with_facts(|facts| facts.group).or_else(|| {
            let group = u16::try_from(self.session()?.kx_group()).ok()?;
            (group != 0).then_some(group)
        })
    }

    /// The client's random, empty before there is one.
    pub fn client_random(&self) -> Vec<u8> {
        self.with_noted_hello(|hello| hello.map_or_else(|| vec![0; 32], |h| h.random().to_vec()))
    }

    /// The server's random, zeroes before there is one.
    pub fn server_random(&self) -> Vec<u8> {
        self.with_connection(|c| c.server_random().map(|random| random.to_vec()))
            .flatten()
            .unwrap_or_else(|| vec![0; 32])
    }

    /// The last Finished message of the handshake, empty before there is one.
    pub fn finished(&self, whose: Whose) -> VerifyData {
        self.with_connection(|c| c.finished(whose))
            .unwrap_or_default()
    }

    /// Reads the ClientHello sent or received.
    pub fn with_client_hello<R>(&self, read: impl FnOnce(Option<&RawClientHello>) -> R) -> R {
        let received = self.hello.borrow().clone();
        let hello =
            received.or_else(|| self.with_connection(|c| c.shared_client_hello()).flatten());
        read(hello.as_deref())
    }

    /// The same for what OpenSSL notes of it once the first callback has let it pass.
    pub fn with_noted_hello<R>(&self, read: impl FnOnce(Option<&RawClientHello>) -> R) -> R {
        match self.is_asked_before(Step::Session) {
            true => read(None),
            false => self.with_client_hello(read),
        }
    }

    /// The peer's ephemeral public key (SSL_get_peer_tmp_key(3)); none for a group libcrypto does
    /// not know.
    pub fn peer_tmp_key(&self) -> Option<PublicKey> {
        let kept = self.side.get() != Side::Server || self.keeps_tmp_keys();
        kept.then(|| self.tmp_key(Connection::peer_share)).flatten()
    }

    /// The own ephemeral key, without its private part (SSL_get_tmp_key(3)).
    pub fn own_tmp_key(&self) -> Option<PublicKey> {
        let kept = self.keeps_tmp_keys();
        kept.then(|| self.tmp_key(Connection::own_share)).flatten()
    }

    /// Of TLS 1.2's keys OpenSSL keeps a client's peer's alone.
    fn keeps_tmp_keys(&self) -> bool {
        self.version() == TLS1_3
    }

    fn tmp_key(&self, share: impl Fn(&Connection, u16) -> Option<&KeyShare>) -> Option<PublicKey> {
        let group = self.with_facts(|facts| facts.group)?;
        let lib = &self.session_ctx.lib;
        self.with_connection(|c| kx::public_key(group, &share(c, group)?.key, lib))
            .flatten()
    }

    /// The suite agreed on; before that the one of the session set.
    pub fn current_cipher(&self) -> Option<&'static Cipher> {
        match self.facts.get().suite {
            Some(suite) => Cipher::from_iana(suite),
            None => self.held_session()?.cipher(),
        }
    }

    /// Whether the callback that is shown the ClientHello first runs.
    fn reads_hello(&self) -> bool {
        self.shows_hello.get() && self.server_step.get() == Step::ClientHello
    }

    /// Whether a server's callback asks before `step` what OpenSSL notes there; of a first
    /// ClientHello that led to a HelloRetryRequest it has it.
    fn is_asked_before(&self, step: Step) -> bool {
        self.shows_hello.get() && self.server_step.get() < step && !self.retried.borrow().is_some()
    }

    /// The suites the client offered, as a server saw them; where TLS 1.2 resumes a session OpenSSL
    /// does not keep them.
    fn client_ciphers(&self) -> Vec<&'static Cipher> {
        let unread = self.is_asked_before(Step::Certificate);
        if unread || self.is_resumed() && !self.offered_tls13.get() {
            return Vec::new();
        }
        self.with_client_hello(|hello| {
            let codes = hello.into_iter().flat_map(RawClientHello::suites);
            let offered = codes.filter_map(Cipher::from_iana);
            offered.filter(|suite| !is_signalling(suite)).collect()
        })
    }

    /// The suites the client offered as a STACK_OF(SSL_CIPHER) that lives until another
    /// ClientHello offers others; NULL before there is one.
    pub fn client_ciphers_stack(&self) -> *mut c_void {
        let suites = self.client_ciphers();
        let mut given = self.client_ciphers.borrow_mut();
        let known = given.as_ref().is_some_and(|(of, _)| *of == suites);
        if !known && !suites.is_empty() {
            *given = cipher::stack(&suites).ok().map(|stack| (suites, stack));
        }
        let stack = given.as_ref().map(|(_, stack)| stack.as_ptr());
        stack.unwrap_or(std::ptr::null_mut())
    }

    /// The suites the client offered that are in the list too.
    pub fn shared_ciphers(&self) -> Vec<&'static Cipher> {
        let settings = self.settings();
        let mut shared = self.client_ciphers();
        shared.retain(|suite| settings.ciphers.list().suites().contains(suite));
        shared
    }

    /// SSL_bytes_to_cipher_list(3): the suites, and the signalling values among them.
    pub fn read_cipher_bytes(
        &self,
        list: &[u8],
        sslv2: bool,
    ) -> Result<(Vec<&'static Cipher>, Vec<&'static Cipher>)> {
        let width = if sslv2 { 3 } else { 2 };
        if list.is_empty() {
            return Err(Error::reason(Reason::NO_CIPHERS_SPECIFIED));
        }
        if !list.len().is_multiple_of(width) {
            return Err(Error::reason(Reason::ERROR_IN_RECEIVED_CIPHER_LIST));
        }
        let codes = list
            .chunks_exact(width)
            .filter(|code| !sslv2 || code[0] == 0)
            .map(|code| u16::from_be_bytes([code[width - 2], code[width - 1]]));
        let known = codes.filter_map(Cipher::from_iana);
        Ok(known.partition(|suite| !is_signalling(suite)))
    }

    /// The groups the client offered, as a server saw them.
    pub fn peer_groups(&self) -> Vec<u16> {
        if self.side() != Side::Server {
            return Vec::new();
        }
        self.with_client_hello(|hello| hello.map_or_else(Vec::new, |h| h.codes(10)))
    }

    /// Those of [`Self::peer_groups`] that are ours too.
    pub fn shared_groups(&self) -> Vec<u16> {
        let settings = self.settings();
        self.shared(settings.own_groups(), &self.peer_groups())
    }

    /// What both lists have, in the client's order or, with SSL_OP_CIPHER_SERVER_PREFERENCE, ours.
    fn shared(&self, own: &[u16], peers: &[u16]) -> Vec<u16> {
        let (first, other) = match self.with(|s| s.options) & op::CIPHER_SERVER_PREFERENCE {
            0 => (peers, own),
            _ => (own, peers),
        };
        let shared = first.iter().filter(|code| other.contains(code));
        shared.copied().collect()
    }

    /// The signature algorithms the peer takes: a client offered them, a server that asks for a
    /// certificate named them.
    pub fn peer_sigalgs(&self) -> Vec<u16> {
        if self.side() == Side::Client {
            return self.requested_schemes();
        }
        // Where a session is resumed nothing is signed, and OpenSSL does not keep them.
        if self.is_resumed() || self.reads_hello() {
            return Vec::new();
        }
        self.with_client_hello(|hello| hello.map_or_else(Vec::new, |h| h.codes(13)))
    }

    /// Those of [`Self::peer_sigalgs`] that are ours too.
    pub fn shared_sigalgs(&self) -> Vec<u16> {
        let settings = self.settings();
        let set = match self.side() {
            Side::Client => settings.sigalgs_of_clients(),
            _ => settings.own_sigalgs(),
        };
        let own = match &set {
            Some(list) => list.to_vec(),
            None => [DEFAULT_SIGALGS, OLDER_SIGALGS].concat(),
        };
        if self.is_asked_before(Step::Certificate) {
            return Vec::new();
        }
        let policy = self.policy();
        let mut shared = self.shared(&own, &self.peer_sigalgs());
        // The program's callback was asked in the handshake.
        shared.retain(|&code| match policy.is_own() {
            true => policy.available.has(code),
            false => policy.scheme(SecurityStage::Shared, code),
        });
        shared
    }
}
