//! The ServerKeyExchange and the ticket a TLS 1.2 client receives, in whatever records they come.

use super::message::{MESSAGE_HEADER, ticket_lifetime};
use super::pss::rsae;
use crate::engine::handshake_type::{NEW_SESSION_TICKET, SERVER_KEY_EXCHANGE};
use crate::engine::header::HANDSHAKE;
use crate::engine::record::HEADER;

/// ECCurveType (RFC 8422, section 5.4).
const NAMED_CURVE: u8 = 3;

/// A ServerKeyExchange under another scheme: as it came, as it is seen, and the scheme it had.
pub(super) struct Renamed {
    pub(super) came: Vec<u8>,
    pub(super) seen: Vec<u8>,
    pub(super) scheme: u16,
}

/// Reads the server's messages in the clear, record by record.
#[derive(Default)]
pub(super) struct Exchange {
    header: Vec<u8>,
    /// What is still to come of the message's body.
    left: usize,
    /// The body of a ServerKeyExchange or a ticket so far, as it came.
    body: Vec<u8>,
    scheme: Option<u16>,
    lifetime: Option<u32>,
}

impl Exchange {
    /// What the server said of its ticket's lifetime, of which rustls tells a week at most.
    pub(super) fn ticket_lifetime(&self) -> Option<u32> {
        self.lifetime
    }

    /// Where the scheme of the signature stands in the body, once that is known.
    fn scheme_at(&self) -> Option<usize> {
        let named = self.body.first() == Some(&NAMED_CURVE);
        named.then(|| Some(4 + usize::from(*self.body.get(3)?)))?
    }

    /// Renames the scheme of an RSA-PSS key in `records`, which are whole: its last byte alone
    /// changes. What was renamed before is told when the message is complete.
    pub(super) fn rename(&mut self, records: &mut [u8]) -> Option<Renamed> {
        let (mut renamed, mut start) = (None, 0);
        while let Some(&[HANDSHAKE, _, _, hi, lo]) = records[start..].first_chunk::<HEADER>() {
            let end = start + HEADER + usize::from(u16::from_be_bytes([hi, lo]));
            let Some(body) = records.get_mut(start + HEADER..end) else {
                break;
            };
            renamed = self.rename_in(body).or(renamed);
            start = end;
        }
        renamed
    }

    fn rename_in(&mut self, mut bytes: &mut [u8]) -> Option<Renamed> {
        let mut renamed = None;
        while !bytes.is_empty() {
            if self.left == 0 {
                let (first, rest) = bytes.split_at_mut(1);
                self.header.push(first[0]);
                bytes = rest;
                if let [_, a, b, c] = self.header[..] {
                    self.left = u32::from_be_bytes([0, a, b, c]) as usize;
                    self.scheme = None;
                    self.body.clear();
                }
                if self.header.len() == MESSAGE_HEADER && self.left == 0 {
                    self.header.clear();
                }
                continue;
            }
            let (part, rest) = bytes.split_at_mut(self.left.min(bytes.len()));
            match self.header[0] {
                SERVER_KEY_EXCHANGE => self.read_exchange(part),
                NEW_SESSION_TICKET => self.body.extend_from_slice(part),
                _ => {}
            }
            self.left -= part.len();
            bytes = rest;
            if self.left == 0 {
                renamed = self.complete().or(renamed);
                self.header.clear();
            }
        }
        renamed
    }

    fn read_exchange(&mut self, part: &mut [u8]) {
        let before = self.body.len();
        self.body.extend_from_slice(part);
        let Some(at) = self.scheme_at() else {
            return;
        };
        let last = (before..self.body.len()).contains(&(at + 1));
        if let (true, Some(&[hi, lo])) = (last, self.body.get(at..at + 2)) {
            let scheme = u16::from_be_bytes([hi, lo]);
            if let Some(sibling) = rsae(scheme) {
                part[at + 1 - before] = sibling.to_be_bytes()[1];
                self.scheme = Some(scheme);
            }
        }
    }

    fn complete(&mut self) -> Option<Renamed> {
        if self.header[0] == NEW_SESSION_TICKET {
            let ticket = [&self.header[..], &self.body].concat();
            self.lifetime = ticket_lifetime(&ticket).or(self.lifetime);
        }
        let scheme = self.scheme.take()?;
        let came = [&self.header[..], &self.body].concat();
        let mut seen = came.clone();
        seen[MESSAGE_HEADER + self.scheme_at()? + 1] = rsae(scheme)?.to_be_bytes()[1];
        Some(Renamed { came, seen, scheme })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(messages: &[u8], size: usize) -> Vec<u8> {
        let record = |part: &[u8]| [&[22, 3, 3, 0, part.len() as u8], part].concat();
        messages.chunks(size).flat_map(record).collect()
    }

    #[test]
    fn a_scheme_is_renamed_however_it_is_cut() {
        let exchange = [12, 0, 0, 12, 3, 0, 23, 2, 7, 7, 8, 9, 0, 2, 5, 5];
        let messages = [&[11, 0, 0, 3, 8, 9, 8][..], &exchange, &[14, 0, 0, 0]].concat();
        let mut expected = messages.clone();
        expected[7 + 11] = 4;
        for size in 1..=messages.len() {
            let mut state = Exchange::default();
            let mut found = None;
            let mut came = records(&messages, size);
            for record in came.chunks_mut(HEADER + size) {
                found = state.rename(record).or(found);
            }
            assert_eq!(came, records(&expected, size), "{size}");
            let found = found.expect("the exchange");
            assert_eq!(found.came, exchange);
            assert_eq!(found.seen[..], expected[7..23]);
            assert_eq!(found.scheme, 0x0809);
        }
    }

    #[test]
    fn a_ticket_tells_its_lifetime_however_it_is_cut() {
        let ticket = [4, 0, 0, 8, 0, 9, 0, 1, 0, 2, 7, 7];
        for size in 1..=ticket.len() {
            let mut state = Exchange::default();
            for record in records(&ticket, size).chunks_mut(HEADER + size) {
                assert!(state.rename(record).is_none());
            }
            assert_eq!(state.ticket_lifetime(), Some(0x0009_0001), "{size}");
        }
    }

    #[test]
    fn others_stay() {
        let exchange = [12, 0, 0, 12, 3, 0, 23, 2, 7, 7, 8, 4, 0, 2, 5, 5];
        let mut records = records(&exchange, 5);
        let before = records.clone();
        assert!(Exchange::default().rename(&mut records).is_none());
        assert_eq!(records, before);
    }
}
