//! SSL_set_msg_callback(3): protocol messages as they go by, as far as they are in the clear.

use std::ffi::c_int;

use super::Ssl;
use crate::engine::record::HEADER;

/// SSL3_RT_HEADER: a record's header.
const RT_HEADER: c_int = 256;
const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// Which way a record goes: the callback's `write_p`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Read = 0,
    Written = 1,
}

/// Whether the records of each direction are protected by now, with TLS 1.2: those after a
/// ChangeCipherSpec are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Protected([bool; 2]);

impl Ssl {
    /// Whether anybody wants to see messages.
    pub(super) fn shows_messages(&self) -> bool {
        self.with(|s| s.msg_callback.function.is_some())
    }

    /// Shows whole records, one after the other.
    pub(super) fn show_records(&self, way: Way, mut records: &[u8]) {
        while let Some((header, rest)) = records.split_first_chunk::<HEADER>() {
            let len = usize::from(u16::from_be_bytes([header[3], header[4]]));
            let Some((body, tail)) = rest.split_at_checked(len) else {
                return;
            };
            records = tail;
            self.show(way, 0, RT_HEADER, header);
            let mut protected = self.protected.get();
            if header[0] == APPLICATION_DATA || protected.0[way as usize] {
                continue;
            }
            let version = c_int::from(self.version());
            match header[0] {
                HANDSHAKE => self.show_messages(way, version, body),
                kind => self.show(way, version, kind.into(), body),
            }
            if header[0] == CHANGE_CIPHER_SPEC {
                protected.0[way as usize] = true;
                self.protected.set(protected);
            }
        }
    }

    /// Shows the handshake messages in a record; one that goes on in the next is shown in parts.
    fn show_messages(&self, way: Way, version: c_int, mut body: &[u8]) {
        while let Some(&[_, a, b, c]) = body.first_chunk::<4>() {
            let len = 4 + u32::from_be_bytes([0, a, b, c]) as usize;
            let (message, rest) = body.split_at(len.min(body.len()));
            self.show(way, version, HANDSHAKE.into(), message);
            body = rest;
        }
    }

    fn show(&self, way: Way, version: c_int, kind: c_int, bytes: &[u8]) {
        if let Some(callback) = self.with(|s| s.msg_callback.get()) {
            callback.msg(self.ptr(), way as c_int, version, kind, bytes);
        }
    }
}
