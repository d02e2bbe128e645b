//! Taking records from a BIO: exactly one at a time, or what fits with read-ahead on.

use std::ops::Range;

use rustls::TlsInputBuffer;

use super::pool;
use crate::foreign::bio::{Bio, Io};
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::secret::wipe;

/// The size of a record's header (RFC 8446, section 5.1).
pub const HEADER: usize = 5;
/// The largest body of a protected record: 2^14 and the expansion TLS 1.2 allows.
const MAX_BODY: usize = (1 << 14) + 2048;

/// Records received and not yet consumed, and the plaintext decrypted in place within them.
#[derive(Default)]
pub struct RecordBuffer {
    /// Readable up to its length; meaningful up to `filled`. Empty while nothing is held.
    data: Vec<u8>,
    /// Where rustls's view begins.
    start: usize,
    /// Where received bytes end.
    filled: usize,
    /// Where the last complete record ends.
    complete: usize,
    /// Where the records end that hold the beginning of a message and nothing else.
    parts: usize,
    /// Where the record read last begins: rustls leaves skipped ones before it where they are for a
    /// while.
    newest: usize,
    /// Plaintext not yet handed to the program.
    plain: Range<usize>,
}

impl RecordBuffer {
    /// Takes bytes from `bio` once: `None` when more are needed for a complete record, `Done` when
    /// one more is held.
    ///
    /// With `read_ahead` off, never a byte beyond that record is taken: programs poll the socket
    /// after a read, and speak plain text on it after a close_notify.
    pub fn read_step(&mut self, bio: &Bio, read_ahead: Option<usize>) -> Result<Option<Io>> {
        if self.data.is_empty() && read_ahead.is_none() {
            return Ok(self.begin_record(bio));
        }
        let have = self.filled - self.complete;
        let want = match self.header() {
            None => HEADER - have,
            Some(header) => {
                let body = usize::from(u16::from_be_bytes([header[3], header[4]]));
                if body > MAX_BODY {
                    return Err(Error::reason(Reason::PACKET_LENGTH_TOO_LONG));
                }
                match (HEADER + body).checked_sub(have) {
                    None | Some(0) => {
                        self.newest = self.complete;
                        self.complete += HEADER + body;
                        return Ok(Some(Io::Done(HEADER + body)));
                    }
                    Some(missing) => missing,
                }
            }
        };
        let room = self.reserve(want.max(read_ahead.unwrap_or(0)));
        let limit = if read_ahead.is_some() {
            room.len()
        } else {
            want
        };
        match bio.read(&mut room[..limit]) {
            Io::Done(n) => {
                self.filled += n;
                Ok(None)
            }
            other => {
                self.release_if_empty();
                Ok(Some(other))
            }
        }
    }

    /// Takes a header while no buffer is held: mostly there is nothing to read yet.
    fn begin_record(&mut self, bio: &Bio) -> Option<Io> {
        let mut header = [0; HEADER];
        match bio.read(&mut header) {
            Io::Done(n) => {
                self.reserve(HEADER)[..n].copy_from_slice(&header[..n]);
                self.filled += n;
                None
            }
            other => Some(other),
        }
    }

    /// The header of the record being received, once it is whole.
    pub fn header(&self) -> Option<[u8; HEADER]> {
        self.data
            .get(self.complete..self.filled)?
            .first_chunk()
            .copied()
    }

    /// What was received and not yet consumed, whole records only.
    pub fn records(&self) -> &[u8] {
        &self.data[self.start..self.complete]
    }

    /// As [`Self::records`], to be changed.
    pub(super) fn records_mut(&mut self) -> &mut [u8] {
        &mut self.data[self.start..self.complete]
    }

    /// The length of the record read last, if it is a protected one: its body's.
    pub fn sealed_len(&self) -> Option<usize> {
        match self.newest() {
            [23, _, _, hi, lo, ..] => Some(usize::from(u16::from_be_bytes([*hi, *lo]))),
            _ => None,
        }
    }

    /// The record read last, if it was not processed.
    pub fn newest(&self) -> &[u8] {
        let begin = self.newest.clamp(self.start, self.complete);
        &self.data[begin..self.complete]
    }

    /// The alert in the record read last, if that is a fatal one in the clear.
    pub fn fatal_alert(&self) -> Option<u8> {
        match self.newest() {
            [21, _, _, 0, 2, 2, alert, ..] => Some(*alert),
            _ => None,
        }
    }

    /// Whether bytes are held that OpenSSL would have in its buffer: not so a header that nothing
    /// follows yet, nor the beginning of a message.
    pub fn has_unprocessed(&self) -> bool {
        !matches!(self.filled - self.complete, 0 | HEADER)
    }

    /// Whether the buffer holds what is yet to be read or processed.
    pub fn is_in_use(&self) -> bool {
        !self.plain.is_empty() || self.start.max(self.parts) < self.filled
    }

    /// Whether the beginning of a message is kept.
    pub fn keeps_part(&self) -> bool {
        self.start < self.parts
    }

    /// What is held of whole records was processed, and is kept for the rest of a message.
    pub(super) fn keep_parts(&mut self) {
        self.parts = self.complete;
    }

    /// Whether a whole record is held that was not yet processed.
    pub fn has_record(&self) -> bool {
        self.start.max(self.parts) < self.complete
    }

    /// Plaintext decrypted and not yet taken.
    pub fn plaintext(&self) -> &[u8] {
        &self.data[self.plain.clone()]
    }

    /// Takes `n` bytes of the plaintext away.
    pub fn consume_plaintext(&mut self, n: usize) {
        self.plain.start += n;
        if self.plain.is_empty() {
            self.plain = 0..0;
            self.release_if_empty();
        }
    }

    /// As [`Self::consume_plaintext`], and overwrites what is taken.
    pub fn cleanse_plaintext(&mut self, n: usize) {
        wipe(&mut self.data[self.plain.start..self.plain.start + n]);
        self.consume_plaintext(n);
    }

    /// Records where rustls decrypted: `slice` lies in this buffer. Given as addresses, since the
    /// slice borrows the buffer.
    pub(super) fn set_plaintext(&mut self, address: usize, len: usize) {
        let begin = address - self.data.as_ptr() as usize;
        self.plain = begin..begin + len;
    }

    /// Replaces the whole records received and not yet consumed.
    pub(super) fn replace_records(&mut self, records: &[u8]) {
        self.before_rest(|buffer| buffer.replace(records));
    }

    /// Replaces what was received by one record.
    pub fn replace(&mut self, record: &[u8]) {
        self.clear();
        self.reserve(record.len())[..record.len()].copy_from_slice(record);
        self.newest = self.filled;
        self.filled += record.len();
        self.complete = self.filled;
    }

    /// Takes away the last of the whole records received, `len` bytes long.
    pub(super) fn drop_record(&mut self, len: usize) {
        self.data
            .copy_within(self.complete..self.filled, self.complete - len);
        self.complete -= len;
        self.filled -= len;
        self.release_if_empty();
    }

    /// Makes application_data of the last of the whole records received; its type.
    pub(super) fn disguise(&mut self, len: usize) -> u8 {
        std::mem::replace(&mut self.data[self.complete - len], 23)
    }

    /// Puts a record behind the whole ones received.
    pub(super) fn insert(&mut self, record: &[u8]) {
        self.before_rest(|buffer| buffer.append(record));
    }

    /// Puts whole records before what came of another.
    fn before_rest(&mut self, put: impl FnOnce(&mut Self)) {
        let rest = self.data[self.complete..self.filled].to_vec();
        put(self);
        self.reserve(rest.len())[..rest.len()].copy_from_slice(&rest);
        self.filled += rest.len();
    }

    /// Appends a record to the whole ones received; what came of another is dropped.
    pub(super) fn append(&mut self, record: &[u8]) {
        self.filled = self.complete;
        self.reserve(record.len())[..record.len()].copy_from_slice(record);
        self.newest = self.filled;
        self.filled += record.len();
        self.complete = self.filled;
    }

    /// Everything received, processed or not, is dropped.
    pub fn clear(&mut self) {
        self.plain = 0..0;
        self.start = self.filled;
        self.parts = 0;
        self.release_if_empty();
    }

    fn reserve(&mut self, want: usize) -> &mut [u8] {
        if self.data.is_empty() {
            self.data = pool::take();
            self.begin_at(pool::aligned(&self.data, HEADER));
        }
        if self.data.len() - self.filled < want && self.start > 0 && self.plain.is_empty() {
            self.data.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.complete -= self.start;
            self.parts = self.parts.saturating_sub(self.start);
            self.newest = self.newest.saturating_sub(self.start);
            self.start = 0;
        }
        if self.data.len() - self.filled < want {
            self.data.resize(self.filled + want, 0);
        }
        &mut self.data[self.filled..]
    }

    /// Gives the buffer back if nothing is in it.
    pub fn release_if_empty(&mut self) {
        if self.start == self.filled && self.plain.is_empty() && !self.data.is_empty() {
            pool::give(std::mem::take(&mut self.data));
            self.begin_at(0);
        }
    }

    /// Nothing is held, and what comes is put at `at`.
    fn begin_at(&mut self, at: usize) {
        (self.start, self.filled, self.complete, self.parts) = (at, at, at, 0);
        self.newest = at;
    }
}

impl TlsInputBuffer for RecordBuffer {
    fn slice_mut(&mut self) -> &mut [u8] {
        &mut self.data[self.start..self.complete]
    }

    fn discard(&mut self, num_bytes: usize) {
        self.start += num_bytes;
    }

    fn received_close_notify(&mut self) {}

    fn has_seen_eof(&self) -> bool {
        false
    }
}
