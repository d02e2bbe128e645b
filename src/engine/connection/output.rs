//! What waits to be written.

use super::{CHANGE_CIPHER_SPEC, Connection, State, Waits};
use crate::foreign::bio::{Bio, Io};

/// How large an output buffer is kept between the parts of one write.
const MAX_KEPT_OUTPUT: usize = 1 << 17;

impl Connection {
    /// Bytes waiting to be written.
    pub fn pending_output(&self) -> &[u8] {
        &self.out[self.written..]
    }

    /// Takes what `peer`, in the same memory, has to send.
    pub(in crate::engine) fn hand_over(&mut self, peer: &mut Self) {
        self.input.replace(&peer.out);
        peer.out.clear();
    }

    /// Whether all that is waiting to be written is a change_cipher_spec that only middleboxes
    /// look at (RFC 8446, appendix D.4): a client keeps it for the record that follows. Alone in
    /// a segment it would make the kernel hold back an alert written next, and lose it at close.
    pub fn may_hold_output(&self) -> bool {
        matches!(self.state, State::Client(_) | State::VerifyServer(_))
            && self.pending_output() == CHANGE_CIPHER_SPEC
    }

    /// The handshake failed: a client drops the change_cipher_spec it kept for a record that does
    /// not follow.
    pub fn drop_held_output(&mut self) {
        if self.pending_output() == CHANGE_CIPHER_SPEC {
            self.out.truncate(self.written);
        }
    }

    /// Writes what is waiting. `Done` when nothing is left; the rest stays for the next call.
    pub fn flush(&mut self, bio: &Bio) -> Io {
        while self.written < self.out.len() {
            match bio.write(&self.out[self.written..]) {
                Io::Done(n) => self.written += n,
                other => return other,
            }
        }
        self.drop_output();
        Io::Done(0)
    }

    /// Nothing waits any more: it is written, or cannot be.
    pub fn drop_output(&mut self) {
        self.written = 0;
        self.shown.set(0);
        match self.out.capacity() > MAX_KEPT_OUTPUT || self.waits() != Waits::Nothing {
            true => self.out = Vec::new(),
            false => self.out.clear(),
        }
    }

    /// Gives back the output buffer; to be called when the program's write is done.
    pub fn release_output(&mut self) {
        if self.out.is_empty() {
            self.out = Vec::new();
        }
    }
}
