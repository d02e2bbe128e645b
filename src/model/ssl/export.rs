//! SSL_export_keying_material(3).

use super::{Ssl, Stage};
use crate::foreign::err::{Error, Reason, Result};
use crate::model::method::TLS1_3;

/// What TLS 1.2 makes its own secrets with (RFC 5246; RFC 7627).
const RESERVED: [&[u8]; 5] = [
    b"client finished",
    b"server finished",
    b"master secret",
    b"extended master secret",
    b"key expansion",
];
/// The longest label that fits an HkdfLabel (RFC 8446, section 7.1).
const LONGEST_LABEL: usize = 249;

impl Ssl {
    /// Fills `out` with keying material for the label and context (RFC 5705; RFC 8446, section 7.5).
    pub fn export(&self, label: &[u8], context: Option<&[u8]>, out: &mut [u8]) -> Result<()> {
        let internal = || Error::reason(Reason::INTERNAL_ERROR);
        if self.stage() != Stage::Established {
            return Err(internal());
        }
        let tls13 = self.version() == TLS1_3;
        if !is_free(label, tls13) {
            return Err(Error::reason(Reason::TLS_ILLEGAL_EXPORTER_LABEL));
        }
        if out.is_empty() {
            return if tls13 { Ok(()) } else { Err(internal()) };
        }
        self.with_connection(|c| c.export(label, context, out))
            .unwrap_or(Err(rustls::Error::HandshakeNotComplete))
            .map_err(|_| internal())
    }
}

/// Whether a program may export with the label: one that begins as TLS 1.2's own could yield the
/// connection's keys.
pub(super) fn is_free(label: &[u8], tls13: bool) -> bool {
    match tls13 {
        true => label.len() <= LONGEST_LABEL,
        false => !RESERVED.iter().any(|own| label.starts_with(own)),
    }
}
