//! An established connection: data, KeyUpdates, close_notify and what is derived from its secrets.

use rustls::Error;
use rustls::crypto::tls13::OkmBlock;

use super::{Connection, Received, State};
use crate::engine::post::Post;
use crate::engine::sealing::{self, settle_alert};
use crate::engine::{error, schedule};
use crate::foreign::secret::SecretVec;

impl Connection {
    /// The secrets of KeyUpdates are told from now on.
    pub fn note_updates(&mut self) {
        self.seen.updates = schedule::Updates::after(&self.seen.secrets).map(Box::new);
    }

    /// The secrets gone on to since the last call, which we send with if `own`.
    pub fn take_updates(&self, own: bool) -> Vec<OkmBlock> {
        let updates = self.seen.updates.as_deref();
        updates.map_or_else(Vec::new, |updates| updates.take(own))
    }

    /// Whether the connection is established and its peer has not closed it.
    pub fn can_receive(&self) -> bool {
        match &self.state {
            State::ClientTraffic(traffic) => traffic.can_receive(),
            State::ServerTraffic(traffic) => traffic.can_receive(),
            _ => false,
        }
    }

    /// Processes received records of an established connection.
    pub fn receive(&mut self) -> Result<Received, Error> {
        let result = self.receive_unsettled();
        if let Err(err) = &result {
            self.seen.after(|| {
                settle_alert(&mut self.out, error::alert(err));
            });
            self.input.clear();
        }
        result
    }

    pub(super) fn receive_unsettled(&mut self) -> Result<Received, Error> {
        let (input, out) = (&mut self.input, &mut self.out);
        let _strange = sealing::disguised(self.strange.take());
        self.seen.after(|| match &mut self.state {
            State::ClientTraffic(traffic) => traffic.receive(input, out),
            State::ServerTraffic(traffic) => traffic.receive(input, out),
            _ => Err(Error::HandshakeNotComplete),
        })
    }

    /// Encrypts `data` into the output.
    pub fn send(&mut self, data: &[u8]) -> Result<(), Error> {
        let out = &mut self.out;
        self.seen.after(|| match &mut self.state {
            State::ClientTraffic(traffic) => traffic.send(data, out),
            State::ServerTraffic(traffic) => traffic.send(data, out),
            _ => Err(Error::HandshakeNotComplete),
        })
    }

    /// Appends a close_notify to the output, once.
    pub fn close(&mut self) -> Result<(), Error> {
        let out = &mut self.out;
        self.seen.after(|| match &mut self.state {
            State::ClientTraffic(traffic) => traffic.close(out),
            State::ServerTraffic(traffic) => traffic.close(out),
            _ => Ok(()),
        })
    }

    /// Appends a KeyUpdate to the output (RFC 8446, section 4.6.3), which asks the peer for one of
    /// its own if `requested`.
    pub fn key_update(&mut self, requested: bool) -> Result<(), Error> {
        let out = &mut self.out;
        self.seen.after(|| match &mut self.state {
            State::ClientTraffic(traffic) => traffic.key_update(requested, out),
            State::ServerTraffic(traffic) => traffic.key_update(requested, out),
            _ => Err(Error::HandshakeNotComplete),
        })
    }

    pub(super) fn post(&mut self, kind: Post, message: &[u8]) -> Result<(), Error> {
        let out = &mut self.out;
        self.seen.after(|| match &mut self.state {
            State::ClientTraffic(traffic) => traffic.post(kind, message, out),
            State::ServerTraffic(traffic) => traffic.post(kind, message, out),
            _ => Err(Error::HandshakeNotComplete),
        })
    }

    /// Whether a KeyUpdate that the peer asked for goes out with what is sent next.
    pub fn answer_due(&self) -> bool {
        match &self.state {
            State::ClientTraffic(traffic) => traffic.answer_due(),
            State::ServerTraffic(traffic) => traffic.answer_due(),
            _ => false,
        }
    }

    /// The master secret that a full handshake of TLS 1.2 made.
    pub fn master_secret(&self) -> Option<SecretVec> {
        self.seen.secrets.master_secret()
    }

    /// Derives keying material (RFC 5705; RFC 8446, section 7.5).
    pub fn export(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Result<(), Error> {
        match &self.state {
            State::ClientTraffic(traffic) => traffic.export(label, context, out),
            State::ServerTraffic(traffic) => traffic.export(label, context, out),
            _ => Err(Error::HandshakeNotComplete),
        }
    }
}
