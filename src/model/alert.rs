//! Alerts (RFC 8446, section 6).

use std::ffi::c_long;

/// An alert's description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert(pub u8);

#[expect(missing_docs, reason = "the names are the RFC's")]
impl Alert {
    pub const HANDSHAKE_FAILURE: Self = Self(40);
    pub const BAD_CERTIFICATE: Self = Self(42);
    pub const UNSUPPORTED_CERTIFICATE: Self = Self(43);
    pub const CERTIFICATE_REVOKED: Self = Self(44);
    pub const CERTIFICATE_EXPIRED: Self = Self(45);
    pub const CERTIFICATE_UNKNOWN: Self = Self(46);
    pub const UNKNOWN_CA: Self = Self(48);
    pub const DECRYPT_ERROR: Self = Self(51);
    pub const INTERNAL_ERROR: Self = Self(80);

    /// The alert OpenSSL sends for an X509_V_ERR_* code.
    pub fn from_verify_error(error: c_long) -> Self {
        match error {
            // No issuer, no CRL, not a CA, a chain too long or self-signed.
            2 | 3 | 18..=22 | 25 | 33 | 79 => Self::UNKNOWN_CA,
            7 | 8 => Self::DECRYPT_ERROR,
            10 | 12 => Self::CERTIFICATE_EXPIRED,
            23 => Self::CERTIFICATE_REVOKED,
            26 => Self::UNSUPPORTED_CERTIFICATE,
            50 => Self::HANDSHAKE_FAILURE,
            1 | 17 | 69 | 70 => Self::INTERNAL_ERROR,
            // Undecodable keys, dates and signatures; not trusted, rejected, too weak; a name
            // that does not match; DANE.
            4..=6 | 9 | 11 | 13..=16 | 27 | 28 | 62..=68 | 94 => Self::BAD_CERTIFICATE,
            _ => Self::CERTIFICATE_UNKNOWN,
        }
    }
}
