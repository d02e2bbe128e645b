//! SSL_set_tlsext_debug_callback(3): the extensions received, message by message.

use std::ffi::{c_int, c_uint};

use super::{Side, Ssl};
use crate::engine::handshake_type::{
    CERTIFICATE, CERTIFICATE_REQUEST, CLIENT_HELLO, ENCRYPTED_EXTENSIONS, NEW_SESSION_TICKET,
    SERVER_HELLO,
};
use crate::model::extension::{Role, is_builtin};
use crate::model::method::TLS1_3;

/// Built in without being listed by SSL_extension_supported(3): signature_algorithms_cert, and
/// what CryptoPro's servers once sent.
const UNLISTED: [u16; 2] = [50, 0xfde8];

/// What is left to be read of a message.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn skip(&mut self, len: usize) -> Option<()> {
        self.0 = self.0.get(len..)?;
        Some(())
    }

    /// A vector whose length is told in `width` bytes.
    fn vector(&mut self, width: usize) -> Option<&'a [u8]> {
        let (len, rest) = self.0.split_at_checked(width)?;
        let len = len.iter().fold(0, |len, &b| len << 8 | usize::from(b));
        let (body, rest) = rest.split_at_checked(len)?;
        self.0 = rest;
        Some(body)
    }
}

/// The extensions of a whole message, in blocks: a Certificate has one for each certificate.
fn blocks(message: &[u8], tls13: bool) -> Option<Vec<&[u8]>> {
    let (kind, mut rest) = (*message.first()?, Reader(message.get(4..)?));
    match kind {
        CLIENT_HELLO => {
            rest.skip(2 + 32)?;
            rest.vector(1)?;
            rest.vector(2)?;
            rest.vector(1)?;
        }
        SERVER_HELLO => {
            rest.skip(2 + 32)?;
            rest.vector(1)?;
            rest.skip(2 + 1)?;
        }
        ENCRYPTED_EXTENSIONS => {}
        NEW_SESSION_TICKET if tls13 => {
            rest.skip(4 + 4)?;
            rest.vector(1)?;
            rest.vector(2)?;
        }
        CERTIFICATE_REQUEST if tls13 => {
            rest.vector(1)?;
        }
        CERTIFICATE if tls13 => {
            rest.vector(1)?;
            let mut list = Reader(rest.vector(3)?);
            let mut blocks = Vec::new();
            while list.vector(3).is_some() {
                blocks.push(list.vector(2)?);
            }
            return Some(blocks);
        }
        _ => return None,
    }
    Some(vec![rest.vector(2)?])
}

impl Ssl {
    /// Shows the extensions of a message received that somebody handles.
    pub(super) fn show_extensions(&self, message: &[u8]) {
        let Some(callback) = self.with(|s| s.ext_debug.get()) else {
            return;
        };
        let server = self.side.get() == Side::Server;
        let role = match server {
            true => Role::Server,
            false => Role::Client,
        };
        let handled = |kind: u16| {
            is_builtin(c_uint::from(kind))
                || UNLISTED.contains(&kind)
                || self.with(|s| s.custom_exts.has(c_uint::from(kind), role))
        };
        let tls13 = self.traced_version() == Some(TLS1_3);
        for block in blocks(message, tls13).unwrap_or_default() {
            let mut rest = Reader(block);
            while let Some(&[a, b]) = rest.0.first_chunk() {
                let kind = u16::from_be_bytes([a, b]);
                let Some(body) = rest.skip(2).and_then(|()| rest.vector(2)) else {
                    return;
                };
                if handled(kind) {
                    callback.extension(self.ptr(), c_int::from(!server), c_int::from(kind), body);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn certificates_have_their_own() {
        let message = [
            11, 0, 0, 20, 0, 0, 0, 16, 0, 0, 1, 9, 0, 0, 0, 0, 2, 8, 8, 0, 3, 1, 2, 3,
        ];
        assert_eq!(blocks(&message, true).unwrap(), [&[][..], &[1, 2, 3]]);
        assert!(blocks(&message, false).is_none());
    }

    #[test]
    fn what_is_cut_short_has_none() {
        let message = [8, 0, 0, 4, 0, 2, 0, 9];
        assert_eq!(blocks(&message, true).unwrap(), [[0, 9]]);
        for len in 0..message.len() {
            assert!(blocks(&message[..len], true).is_none(), "{len}");
        }
    }
}
