//! The nine suites rustls has, in OpenSSL's order of preference.

/// TLS 1.3 suites of the default list.
pub const DEFAULT_TLS13: [u16; 3] = [0x1302, 0x1303, 0x1301];

/// TLS 1.2 suites of the default list that rustls has.
pub const DEFAULT_TLS12: [u16; 6] = [0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc02b, 0xc02f];
