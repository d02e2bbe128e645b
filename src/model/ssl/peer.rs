//! What a connection knows of its peer.

use std::ffi::c_int;
use std::sync::Arc;

use super::server::Step;
use super::{Facts, Peer, Ssl};
use crate::engine::hello::RawClientHello;
use crate::foreign::given::Given;
use crate::foreign::stack::{CertStack, NameStack};
use crate::foreign::x509::Cert;
use crate::model::settings;

impl Ssl {
    /// The verification's result, an X509_V_* code.
    pub fn verify_result(&self) -> i64 {
        self.verify_result.get()
    }

    /// SSL_set_verify_result(3).
    pub fn set_verify_result(&self, result: i64) {
        self.verify_result.set(result);
    }

    /// SSL_set_retry_verify(3).
    pub fn set_retry_verify(&self) {
        self.retry_verify.set(true);
    }

    /// What is known of the peer.
    pub fn with_peer<R>(&self, read: impl FnOnce(&Peer) -> R) -> R {
        read(&self.peer.borrow())
    }

    /// What SSL_get0_peer_certificate(3) gives: that of the connection's session where the
    /// handshake has shown none, and it lives as long as a session with it.
    pub fn peer_certificate(&self) -> Option<Cert> {
        let peer = self.peer.borrow();
        if peer.leaf.is_some() || peer.chain.is_some() {
            return peer.leaf.clone();
        }
        self.held_session()?.peer()?.cert().cloned()
    }

    /// As [`Self::peer_certificate`], of SSL_get_peer_cert_chain(3).
    pub fn peer_chain(&self) -> Option<Arc<CertStack>> {
        if let Some(chain) = &self.peer.borrow().chain {
            return Some(chain.clone());
        }
        self.held_session()?.shown_chain()
    }

    /// Puts what the peer shows in the place of what is known of it, but for the chain that was
    /// verified last.
    pub(super) fn set_peer(
        &self,
        leaf: Option<Cert>,
        chain: Option<Arc<CertStack>>,
        ocsp: Vec<u8>,
    ) {
        let mut peer = self.peer.borrow_mut();
        let verified = peer.verified.take();
        let new = Peer {
            leaf,
            chain,
            verified,
            ocsp,
        };
        let old = std::mem::replace(&mut *peer, new);
        drop(peer);
        // Freeing an X509 runs the program's callbacks: not while it is borrowed.
        drop(old);
    }

    /// The client answers that it has no certificate.
    pub(super) fn see_empty_chain(&self) {
        self.set_peer(None, CertStack::new().ok().map(Arc::new), Vec::new());
    }

    /// The peer is the one of the connection's session from now on, if that has one. What was
    /// verified and stapled stays to be looked at until another handshake replaces it.
    pub(super) fn forget_peer(&self) {
        let mut peer = self.peer.borrow_mut();
        let old = (peer.leaf.take(), peer.chain.take());
        drop(peer);
        drop(old);
    }

    /// The ClientHello while those callbacks of the server run that come before its certificate's.
    pub fn with_hello<R>(&self, read: impl FnOnce(Option<&RawClientHello>) -> R) -> R {
        let shown = self.shows_hello.get() && self.server_step.get() < Step::Certificate;
        let hello = self.hello.borrow().clone();
        read(hello.filter(|_| shown).as_deref())
    }

    /// The authorities the peer named.
    pub fn with_peer_ca_names<R>(&self, read: impl FnOnce(Option<&NameStack>) -> R) -> R {
        read(self.peer_ca_names.borrow().as_ref())
    }

    /// SSL_session_reused(3): on a server it is known from the ClientHello on.
    pub fn is_resumed(&self) -> bool {
        self.facts.get().resumed || !self.settled.get() && self.hit.get()
    }

    /// What the handshake settled on.
    pub fn with_facts<R>(&self, read: impl FnOnce(&Facts) -> R) -> R {
        read(&self.facts.get())
    }

    /// The protocol ALPN agreed on; on a server also before the handshake ends.
    pub fn with_alpn<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        match (&*self.agreed_alpn.borrow(), &*self.chosen_alpn.borrow()) {
            (Some(alpn), _) | (None, Some(alpn)) => read(alpn),
            (None, None) => read(&[]),
        }
    }

    /// The handshake ends with `alpn`. What the program was given the address of stays there.
    pub(super) fn agree_on_alpn(&self, alpn: Option<Vec<u8>>) {
        let known = self.with_alpn(|now| alpn.as_deref().unwrap_or_default() == now);
        if !known {
            self.agreed_alpn.replace(alpn);
        }
    }

    /// SSL_set_tlsext_status_ocsp_resp(3): what a server staples.
    pub fn set_staple(&self, response: Option<Given>) {
        self.stapled.set(response.is_some());
        self.staple.replace(response);
    }

    /// SSL_get_tlsext_status_type(3): what is asked for, by us or by the client.
    pub fn status_type(&self) -> c_int {
        match self.status_asked.get() {
            true => settings::OCSP,
            false => self.with(|s| s.status_type),
        }
    }

    /// SSL_get_tlsext_status_ocsp_resp(3): the peer's response, else the one set, which the program
    /// may still write to.
    pub fn ocsp_response(&self) -> (*const u8, usize) {
        let theirs = &self.peer.borrow().ocsp;
        match &*self.staple.borrow() {
            Some(own) if theirs.is_empty() => own.parts(),
            _ if theirs.is_empty() => (std::ptr::null(), 0),
            _ => (theirs.as_ptr(), theirs.len()),
        }
    }

    /// What a server staples, as it is now.
    pub fn staple(&self) -> Option<Arc<[u8]>> {
        let staple = self.staple.borrow();
        let bytes = staple.as_ref().filter(|_| self.stapled.get())?.to_bytes();
        (!bytes.is_empty()).then(|| bytes.into())
    }
}
