//! What a connection knows of its peer.

use std::ffi::{c_int, c_long};
use std::sync::Arc;

use super::server::Step;
use super::{Facts, Peer, Ssl};
use crate::engine::hello::RawClientHello;
use crate::foreign::stack::NameStack;
use crate::model::settings;

impl Ssl {
    /// The verification's result, an X509_V_* code.
    pub fn verify_result(&self) -> c_long {
        self.verify_result.get()
    }

    /// SSL_set_verify_result(3).
    pub fn set_verify_result(&self, result: c_long) {
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

    /// The ClientHello while those callbacks of the server run that come before its certificate's.
    pub fn with_hello<R>(&self, read: impl FnOnce(Option<&RawClientHello>) -> R) -> R {
        let hello = self.hello.borrow();
        read(
            hello
                .as_deref()
                .filter(|_| self.server_step.get() < Step::Certificate),
        )
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

    /// SSL_set_tlsext_status_ocsp_resp(3): what a server staples.
    pub fn set_staple(&self, response: Option<Arc<[u8]>>) {
        self.staple.replace(response);
    }

    /// SSL_get_tlsext_status_type(3): what is asked for, by us or by the client.
    pub fn status_type(&self) -> c_int {
        match self.status_asked.get() {
            true => settings::OCSP,
            false => self.with(|s| s.status_type),
        }
    }

    /// SSL_get_tlsext_status_ocsp_resp(3): the peer's response, else the one set.
    pub fn with_ocsp_response<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        match (&self.peer.borrow().ocsp, &*self.staple.borrow()) {
            (theirs, Some(own)) if theirs.is_empty() => read(own),
            (theirs, _) => read(theirs),
        }
    }

    /// What a server staples.
    pub fn staple(&self) -> Option<Arc<[u8]>> {
        self.staple.borrow().clone()
    }
}
