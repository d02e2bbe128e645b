//! Alerts (RFC 8446, section 6) and their texts.

use std::ffi::{CStr, c_int};

/// An alert's description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert(pub u8);

/// An alert's level: how the two bytes an info callback is given begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertLevel(pub c_int);

impl AlertLevel {
    /// SSL3_AL_WARNING.
    pub const WARNING: Self = Self(1);
    /// SSL3_AL_FATAL.
    pub const FATAL: Self = Self(2);

    /// The level in one letter: SSL_alert_type_string(3).
    pub fn short(self) -> &'static CStr {
        match self {
            Self::WARNING => c"W",
            Self::FATAL => c"F",
            _ => c"U",
        }
    }

    /// The level in words: SSL_alert_type_string_long(3).
    pub fn long(self) -> &'static CStr {
        match self {
            Self::WARNING => c"warning",
            Self::FATAL => c"fatal",
            _ => c"unknown",
        }
    }
}

macro_rules! alerts {
    ($($name:ident $code:literal $short:literal $long:literal)*) => {
        #[expect(missing_docs, reason = "the names are OpenSSL's: SSL_AD_NAME")]
        impl Alert {
            $(pub const $name: Self = Self($code);)*

            /// The description in two letters: SSL_alert_desc_string(3).
            pub fn short(self) -> &'static CStr {
                match self.0 {
                    $($code => $short,)*
                    _ => c"UK",
                }
            }

            /// The description in words: SSL_alert_desc_string_long(3).
            pub fn long(self) -> &'static CStr {
                match self.0 {
                    $($code => $long,)*
                    _ => c"unknown",
                }
            }
        }
    };
}

// Alerts that OpenSSL 3.0 has no text for are "unknown" here too.
alerts! {
    CLOSE_NOTIFY 0 c"CN" c"close notify"
    UNEXPECTED_MESSAGE 10 c"UM" c"unexpected_message"
    BAD_RECORD_MAC 20 c"BM" c"bad record mac"
    DECRYPTION_FAILED 21 c"DC" c"decryption failed"
    RECORD_OVERFLOW 22 c"RO" c"record overflow"
    DECOMPRESSION_FAILURE 30 c"DF" c"decompression failure"
    HANDSHAKE_FAILURE 40 c"HF" c"handshake failure"
    NO_CERTIFICATE 41 c"NC" c"no certificate"
    BAD_CERTIFICATE 42 c"BC" c"bad certificate"
    UNSUPPORTED_CERTIFICATE 43 c"UC" c"unsupported certificate"
    CERTIFICATE_REVOKED 44 c"CR" c"certificate revoked"
    CERTIFICATE_EXPIRED 45 c"CE" c"certificate expired"
    CERTIFICATE_UNKNOWN 46 c"CU" c"certificate unknown"
    ILLEGAL_PARAMETER 47 c"IP" c"illegal parameter"
    UNKNOWN_CA 48 c"CA" c"unknown CA"
    ACCESS_DENIED 49 c"AD" c"access denied"
    DECODE_ERROR 50 c"DE" c"decode error"
    DECRYPT_ERROR 51 c"CY" c"decrypt error"
    EXPORT_RESTRICTION 60 c"ER" c"export restriction"
    PROTOCOL_VERSION 70 c"PV" c"protocol version"
    INSUFFICIENT_SECURITY 71 c"IS" c"insufficient security"
    INTERNAL_ERROR 80 c"IE" c"internal error"
    INAPPROPRIATE_FALLBACK 86 c"UK" c"unknown"
    USER_CANCELLED 90 c"US" c"user canceled"
    NO_RENEGOTIATION 100 c"NR" c"no renegotiation"
    MISSING_EXTENSION 109 c"UK" c"unknown"
    UNSUPPORTED_EXTENSION 110 c"UE" c"unsupported extension"
    CERTIFICATE_UNOBTAINABLE 111 c"CO" c"certificate unobtainable"
    UNRECOGNIZED_NAME 112 c"UN" c"unrecognized name"
    BAD_CERTIFICATE_STATUS_RESPONSE 113 c"BR" c"bad certificate status response"
    BAD_CERTIFICATE_HASH_VALUE 114 c"BH" c"bad certificate hash value"
    UNKNOWN_PSK_IDENTITY 115 c"UP" c"unknown PSK identity"
    CERTIFICATE_REQUIRED 116 c"UK" c"unknown"
    NO_APPLICATION_PROTOCOL 120 c"UK" c"no application protocol"
}

impl Alert {
    /// The alert OpenSSL sends for an X509_V_ERR_* code.
    pub fn from_verify_error(error: i64) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// OpenSSL 3.0's table, pairs of X509_V_ERR_* and SSL_AD_*; every other error is
    /// certificate_unknown.
    const VERIFY_ERRORS: [(i64, u8); 40] = [
        (50, 40),
        (67, 42),
        (94, 42),
        (68, 42),
        (22, 48),
        (10, 45),
        (9, 42),
        (28, 42),
        (23, 44),
        (7, 51),
        (27, 42),
        (12, 45),
        (11, 42),
        (8, 51),
        (65, 42),
        (18, 48),
        (66, 42),
        (63, 42),
        (14, 42),
        (13, 42),
        (15, 42),
        (16, 42),
        (62, 42),
        (79, 48),
        (69, 80),
        (26, 43),
        (64, 42),
        (17, 80),
        (25, 48),
        (19, 48),
        (70, 80),
        (6, 42),
        (4, 42),
        (5, 42),
        (3, 48),
        (33, 48),
        (2, 48),
        (20, 48),
        (21, 48),
        (1, 80),
    ];

    #[test]
    fn verify_errors_map_as_in_openssl() {
        for error in 0..200 {
            let expected = VERIFY_ERRORS
                .iter()
                .find(|pair| pair.0 == error)
                .map_or(Alert::CERTIFICATE_UNKNOWN, |pair| Alert(pair.1));
            assert_eq!(Alert::from_verify_error(error), expected, "{error}");
        }
    }
}
