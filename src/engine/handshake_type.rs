//! HandshakeType (RFC 8446, section 4; RFC 5246, section 7.4; RFC 5077, section 3.3; RFC 6066,
//! section 8).
#![expect(missing_docs, reason = "the names are the RFCs'")]

pub const HELLO_REQUEST: u8 = 0;
pub const CLIENT_HELLO: u8 = 1;
pub const SERVER_HELLO: u8 = 2;
pub const NEW_SESSION_TICKET: u8 = 4;
pub const END_OF_EARLY_DATA: u8 = 5;
pub const ENCRYPTED_EXTENSIONS: u8 = 8;
pub const CERTIFICATE: u8 = 11;
pub const SERVER_KEY_EXCHANGE: u8 = 12;
pub const CERTIFICATE_REQUEST: u8 = 13;
pub const SERVER_HELLO_DONE: u8 = 14;
pub const CERTIFICATE_VERIFY: u8 = 15;
pub const CLIENT_KEY_EXCHANGE: u8 = 16;
pub const FINISHED: u8 = 20;
pub const CERTIFICATE_STATUS: u8 = 22;
pub const KEY_UPDATE: u8 = 24;
pub const MESSAGE_HASH: u8 = 254;
