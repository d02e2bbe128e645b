//! The Finished messages of a handshake (SSL_get_finished(3)): rustls does not tell them, but the
//! records they are in are sealed and opened by our suites, on the thread that drives it.

use std::cell::RefCell;

use rustls::crypto::cipher::OutboundPlain;

use super::messages::{Body, Messages};
use crate::foreign::scope::{self, Scope};

/// HandshakeType finished.
const FINISHED: u8 = 20;
/// The longest verify_data: SHA-384's output with TLS 1.3.
const LONGEST: usize = 48;

/// Whose Finished it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The one sent.
    Own,
    /// The one received.
    Peers,
}

/// The content of a Finished message; empty before there is one.
#[derive(Debug, Clone, Copy)]
pub struct VerifyData {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Default for VerifyData {
    fn default() -> Self {
        Self {
            bytes: [0; LONGEST],
            len: 0,
        }
    }
}

impl VerifyData {
    /// The bytes as they stood in the message.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Body for VerifyData {
    /// What is too long for a Finished is left out: rustls refuses such a message.
    fn take(&mut self, part: &[u8]) {
        let len = part.len().min(LONGEST - self.len);
        self.bytes[self.len..self.len + len].copy_from_slice(&part[..len]);
        self.len += len;
    }
}

/// What was seen of a connection's handshake.
#[derive(Default)]
pub(super) struct Seen {
    own: RefCell<Messages<FINISHED, VerifyData>>,
    peers: RefCell<Messages<FINISHED, VerifyData>>,
}

impl Seen {
    /// The Finished message seen last.
    pub(super) fn finished(&self, whose: Whose) -> VerifyData {
        match whose {
            Whose::Own => self.own.borrow().found,
            Whose::Peers => self.peers.borrow().found,
        }
    }
}

thread_local! {
    static SEEN: Scope<Seen> = const { Scope::new() };
}

/// Runs a step of the handshake whose messages go to `seen`.
pub(super) fn watch<R>(seen: &Seen, step: impl FnOnce() -> R) -> R {
    scope::enter(&SEEN, seen, step)
}

/// A record of handshake messages is being sealed.
pub(super) fn sealing(payload: &OutboundPlain<'_>) {
    scope::current(&SEEN, |seen| {
        if let Some(seen) = seen {
            seen.own.borrow_mut().take(&payload.to_vec());
        }
    });
}

/// A record of handshake messages was opened.
pub(super) fn opened(payload: &[u8]) {
    scope::current(&SEEN, |seen| {
        if let Some(seen) = seen {
            seen.peers.borrow_mut().take(payload);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{FINISHED, Messages, VerifyData};

    fn finished(parts: &[&[u8]]) -> Vec<u8> {
        let mut messages = Messages::<FINISHED, VerifyData>::default();
        for part in parts {
            messages.take(part);
        }
        messages.found.as_slice().to_vec()
    }

    #[test]
    fn messages_may_be_joined_and_split() {
        let flight = [
            8, 0, 0, 2, 20, 20, 5, 0, 0, 0, 20, 0, 0, 3, 1, 2, 3, 4, 0, 0, 1, 9,
        ];
        assert_eq!(finished(&[&flight]), [1, 2, 3]);
        for at in 0..flight.len() {
            assert_eq!(finished(&[&flight[..at], &flight[at..]]), [1, 2, 3], "{at}");
        }
        let bytes: Vec<&[u8]> = flight.chunks(1).collect();
        assert_eq!(finished(&bytes), [1, 2, 3]);
    }

    #[test]
    fn what_is_too_long_is_left_out() {
        let mut message = vec![20, 0, 1, 0];
        message.resize(4 + 256, 7);
        assert_eq!(finished(&[&message]), [7; 48]);
    }
}
