//! One type of handshake message, picked out of records that may split and join messages.

/// A handshake message's type and length.
const HEADER: usize = 4;

/// The handshake messages of one direction, of which those of type `KIND` are wanted.
#[derive(Default)]
pub(super) struct Messages<const KIND: u8> {
    header: [u8; HEADER],
    /// How much of the header is there.
    have: usize,
    /// What is still to come of the message's body.
    left: usize,
    /// The bodies of the messages wanted.
    pub(super) found: Vec<u8>,
}

impl<const KIND: u8> Messages<KIND> {
    /// The content of one more record.
    pub(super) fn take(&mut self, mut part: &[u8]) {
        while !part.is_empty() {
            part = match self.left {
                0 => self.take_header(part),
                _ => self.take_body(part),
            };
        }
    }

    fn take_header<'a>(&mut self, part: &'a [u8]) -> &'a [u8] {
        let (now, rest) = part.split_at(part.len().min(HEADER - self.have));
        self.header[self.have..self.have + now.len()].copy_from_slice(now);
        self.have += now.len();
        if self.have == HEADER {
            let [_, a, b, c] = self.header;
            self.left = u32::from_be_bytes([0, a, b, c]) as usize;
            self.have = 0;
        }
        rest
    }

    fn take_body<'a>(&mut self, part: &'a [u8]) -> &'a [u8] {
        let (now, rest) = part.split_at(part.len().min(self.left));
        self.left -= now.len();
        if self.header[0] == KIND {
            self.found.extend_from_slice(now);
        }
        rest
    }
}
