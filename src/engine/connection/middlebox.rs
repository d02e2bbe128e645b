//! What is in a handshake of TLS 1.3 for middleboxes alone (RFC 8446, appendix D.4): a
//! ChangeCipherSpec, which rustls always sends.

use super::{CHANGE_CIPHER_SPEC, Connection, State};
use crate::engine::record::HEADER;
use crate::engine::retry;
use crate::engine::server_hello::selects_tls13;

/// Which ChangeCipherSpecs are taken out of the output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Spared {
    /// None.
    #[default]
    Never,
    /// All, once the server has chosen TLS 1.3.
    InTls13,
    /// All.
    Always,
}

impl Connection {
    /// A server's: answers the ClientHello with `request`, for middleboxes too if `compatible`, and
    /// is as new.
    pub fn ask_again(&mut self, request: &[u8], compatible: bool) {
        self.out.extend(retry::records(request, compatible));
        self.input.clear();
        let kept = self.kept();
        *self = Self {
            out: std::mem::take(&mut self.out),
            shown: self.shown.clone(),
            ..Self::server()
        };
        self.keep(kept);
    }

    /// No ChangeCipherSpec is sent: for a client that has sent nothing yet, and a server that has
    /// chosen TLS 1.3.
    pub fn spare_middleboxes(&mut self) {
        self.spared = Spared::Always;
        if matches!(self.state, State::Client(_)) {
            // One comes before early data.
            self.drop_change_cipher_spec(0);
            self.spared = Spared::InTls13;
        }
    }

    /// The server's hello is there: a client learns whether it is TLS 1.3's.
    pub(super) fn see_version(&mut self) {
        if self.spared == Spared::InTls13 && selects_tls13(&self.first) {
            self.spared = Spared::Always;
        }
    }

    /// Takes the ChangeCipherSpecs that are not to be sent out of the output from `begin` on.
    pub(super) fn drop_change_cipher_spec(&mut self, begin: usize) {
        let mut at = match self.spared {
            Spared::Always => begin,
            Spared::Never | Spared::InTls13 => return,
        };
        while let Some(&[kind, _, _, hi, lo]) = self.out.get(at..).and_then(|r| r.first_chunk()) {
            let end = at + HEADER + usize::from(u16::from_be_bytes([hi, lo]));
            match kind == CHANGE_CIPHER_SPEC[0] {
                true => drop(self.out.drain(at..end)),
                false => at = end,
            }
        }
    }
}
