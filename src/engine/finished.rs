//! The Finished messages of a handshake (SSL_get_finished(3)), out of the protected records.

use super::handshake_type::FINISHED;

/// A handshake message's type and length.
const HEADER: usize = 4;
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

    /// What is too long for a Finished is left out: rustls refuses such a message.
    fn extend(&mut self, part: &[u8]) {
        let len = part.len().min(LONGEST - self.len);
        self.bytes[self.len..self.len + len].copy_from_slice(&part[..len]);
        self.len += len;
    }
}

/// The protected handshake messages of one direction, which records may split or join.
#[derive(Default)]
pub(super) struct Messages {
    header: [u8; HEADER],
    /// How much of the header is there.
    have: usize,
    /// What is still to come of the message's body.
    left: usize,
    finished: VerifyData,
}

impl Messages {
    /// The last Finished there was.
    pub(super) fn finished(&self) -> VerifyData {
        self.finished
    }

    /// Goes through what a record holds; `begins` is told the type of each message that begins.
    pub(super) fn take(&mut self, mut part: &[u8], mut begins: impl FnMut(u8)) {
        while !part.is_empty() {
            part = match self.left {
                0 => self.take_header(part, &mut begins),
                _ => self.take_body(part),
            };
        }
    }

    fn take_header<'a>(&mut self, part: &'a [u8], begins: &mut impl FnMut(u8)) -> &'a [u8] {
        let (now, rest) = part.split_at(part.len().min(HEADER - self.have));
        self.header[self.have..self.have + now.len()].copy_from_slice(now);
        self.have += now.len();
        if self.have == HEADER {
            let [kind, a, b, c] = self.header;
            self.left = u32::from_be_bytes([0, a, b, c]) as usize;
            self.have = 0;
            begins(kind);
        }
        rest
    }

    fn take_body<'a>(&mut self, part: &'a [u8]) -> &'a [u8] {
        let (now, rest) = part.split_at(part.len().min(self.left));
        self.left -= now.len();
        if self.header[0] == FINISHED {
            self.finished.extend(now);
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::Messages;

    fn finished(parts: &[&[u8]]) -> Vec<u8> {
        let mut messages = Messages::default();
        for part in parts {
            messages.take(part, |_| {});
        }
        messages.finished().as_slice().to_vec()
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
