//! Tickets that a server sends after the handshake (RFC 8446, section 4.6.1).

use rustls::pki_types::DnsName;
use rustls::{Error, SupportedCipherSuite};

use super::Connection;
use crate::engine::post::{Post, Ticket};
use crate::engine::rewrite::Extension;
use crate::engine::session::ServerSession;
use crate::foreign::err;
use crate::foreign::libctx::LibCtx;
use crate::foreign::secret::SecretVec;

/// A session that is to be sent in a ticket.
pub struct NewSession {
    /// What rustls resumes it from.
    pub value: SecretVec,
    nonce: [u8; 8],
    age_add: u32,
}

impl Connection {
    /// A new session of an established connection, made at `now`, in seconds since the epoch;
    /// `None` if this is not a server of TLS 1.3. Fails when `lib` has no randomness.
    pub fn new_session(&self, lib: &LibCtx, now: u64) -> err::Result<Option<NewSession>> {
        let mut random = [0; 12];
        lib.random(&mut random)?;
        let [a, b, c, d, nonce @ ..] = random;
        let age_add = u32::from_be_bytes([a, b, c, d]);
        let suite = self.outputs().and_then(|o| o.negotiated_cipher_suite());
        let Some(SupportedCipherSuite::Tls13(suite)) = suite else {
            return Ok(None);
        };
        let Some(psk) = self.seen.secrets.psk(suite.hkdf_provider, &nonce) else {
            return Ok(None);
        };
        let name = self.hello.as_ref().and_then(|hello| hello.server_name());
        let session = ServerSession {
            time: now,
            name: name.filter(|name| DnsName::try_from(*name).is_ok()),
            suite: suite.common.suite.0,
            peer: self.peer_identity(),
            alpn: self.alpn(),
            psk: psk.as_ref(),
            age_add,
        };
        Ok(Some(NewSession {
            value: session.encode(),
            nonce,
            age_add,
        }))
    }

    /// Appends the NewSessionTicket with `session`, which `ticket` stands for, to the output:
    /// good for `lifetime` seconds and so many bytes of early data, with more extensions.
    pub fn send_ticket(
        &mut self,
        session: &NewSession,
        ticket: &[u8],
        lifetime: u32,
        max_early_data: u32,
        extensions: &[Extension],
    ) -> Result<(), Error> {
        let message = Ticket {
            lifetime,
            age_add: session.age_add,
            nonce: &session.nonce,
            ticket,
            max_early_data,
            extensions,
        };
        let message = message.message().ok_or(Error::EncryptError)?;
        self.post(Post::Message, &message)
    }
}
