//! Alerts as they stand in records (RFC 8446, section 6; RFC 5246, section 7.2).
#![expect(missing_docs, reason = "the names are the RFCs'")]

// AlertLevel.
pub const WARNING: u8 = 1;
pub const FATAL: u8 = 2;

// AlertDescription.
pub const CLOSE_NOTIFY: u8 = 0;
pub const UNEXPECTED_MESSAGE: u8 = 10;
pub const BAD_RECORD_MAC: u8 = 20;
pub const RECORD_OVERFLOW: u8 = 22;
pub const HANDSHAKE_FAILURE: u8 = 40;
pub const ILLEGAL_PARAMETER: u8 = 47;
pub const DECODE_ERROR: u8 = 50;
pub const DECRYPT_ERROR: u8 = 51;
pub const PROTOCOL_VERSION: u8 = 70;
pub const INTERNAL_ERROR: u8 = 80;
pub const INAPPROPRIATE_FALLBACK: u8 = 86;
pub const USER_CANCELED: u8 = 90;
pub const NO_RENEGOTIATION: u8 = 100;
pub const MISSING_EXTENSION: u8 = 109;
pub const UNSUPPORTED_EXTENSION: u8 = 110;
pub const CERTIFICATE_REQUIRED: u8 = 116;
pub const NO_APPLICATION_PROTOCOL: u8 = 120;
