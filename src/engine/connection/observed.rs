//! What a program can watch of the records: all that is not data, in plain form.

use super::Connection;
use crate::engine::plaintext::{Content, Kept};
use crate::engine::record::HEADER;

/// A whole record as it is on the wire.
#[derive(Debug, Clone, Copy)]
pub struct WireRecord<'a> {
    /// Type, version and length.
    pub header: &'a [u8; HEADER],
    /// What follows it.
    pub body: &'a [u8],
}

impl<'a> WireRecord<'a> {
    /// The record at the start of `bytes` and how long it is.
    fn first(bytes: &'a [u8]) -> Option<Self> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        let len = usize::from(u16::from_be_bytes([header[3], header[4]]));
        let body = rest.get(..len)?;
        Some(Self { header, body })
    }

    /// legacy_record_version.
    pub fn version(&self) -> u16 {
        u16::from_be_bytes([self.header[1], self.header[2]])
    }
}

impl Connection {
    /// Keeps so much of what goes by, from now on.
    pub fn keep(&self, kept: Kept) {
        self.seen.plaintext.keep(kept);
    }

    /// How much is kept of what goes by.
    pub fn kept(&self) -> Kept {
        self.seen.plaintext.kept()
    }

    /// The next record in the output that this has not handed out.
    pub fn next_sent(&self) -> Option<WireRecord<'_>> {
        let from = self.shown.get().min(self.out.len());
        let record = WireRecord::first(&self.out[from..])?;
        self.shown.set(from + HEADER + record.body.len());
        Some(record)
    }

    /// The record read last, `len` bytes long, before it is processed.
    pub fn last_read(&self, len: usize) -> Option<WireRecord<'_>> {
        let records = self.input.records();
        WireRecord::first(&records[records.len().checked_sub(len)?..])
    }

    /// What is in a protected record of the output, in the order they were made; `None` for data.
    pub fn sent_content(&self, sealed: usize) -> Option<Content> {
        self.seen.plaintext.next_sent(sealed)
    }

    /// What was in the next protected record processed, except for data.
    pub fn received_content(&self) -> Option<Content> {
        self.seen.plaintext.next_received()
    }
}
