//! SSL_METHOD: which versions, and which side.

use std::ffi::c_int;

use super::ssl::Side;

/// TLS 1.2's version code.
pub const TLS1_2: u16 = 0x0303;
/// TLS 1.3's version code.
pub const TLS1_3: u16 = 0x0304;

/// DTLS 1.2's version code.
const DTLS1_2: u16 = 0xfefd;

/// What SSL_CTX_new(3) is given.
#[derive(Debug, PartialEq, Eq)]
pub struct Method {
    /// The version's code, 0 for a version-flexible method (TLS_method(3)).
    pub version: u16,
    /// The side its connections take; [`Side::Unset`] for both.
    pub side: Side,
    /// Whether it speaks DTLS, whose handshakes fail.
    pub dtls: bool,
}

impl Method {
    /// The version as OpenSSL numbers it: TLS_ANY_VERSION or DTLS_ANY_VERSION where it is flexible.
    pub fn code(&self) -> c_int {
        match (self.version, self.dtls) {
            (0, false) => 0x10000,
            (0, true) => 0x1ffff,
            (version, _) => c_int::from(version),
        }
    }

    /// Whether it has more than one version.
    pub fn is_flexible(&self) -> bool {
        self.version == 0
    }

    /// The version, or the newest where it is flexible.
    pub fn newest(&self) -> u16 {
        match (self.version, self.dtls) {
            (0, false) => TLS1_3,
            (0, true) => DTLS1_2,
            (version, _) => version,
        }
    }
}

macro_rules! methods {
    ($($name:ident: $version:expr, $side:ident, $dtls:expr;)*) => {
        $(
            #[doc = concat!("The method of the same name: TLS_method(3).")]
            pub static $name: Method = Method { version: $version, side: Side::$side, dtls: $dtls };
        )*
    };
}

methods! {
    TLS: 0, Unset, false;
    TLS_CLIENT: 0, Client, false;
    TLS_SERVER: 0, Server, false;
    TLSV1: 0x0301, Unset, false;
    TLSV1_CLIENT: 0x0301, Client, false;
    TLSV1_SERVER: 0x0301, Server, false;
    TLSV1_1: 0x0302, Unset, false;
    TLSV1_1_CLIENT: 0x0302, Client, false;
    TLSV1_1_SERVER: 0x0302, Server, false;
    TLSV1_2: TLS1_2, Unset, false;
    TLSV1_2_CLIENT: TLS1_2, Client, false;
    TLSV1_2_SERVER: TLS1_2, Server, false;
    DTLS: 0, Unset, true;
    DTLS_CLIENT: 0, Client, true;
    DTLS_SERVER: 0, Server, true;
    DTLSV1: 0xfeff, Unset, true;
    DTLSV1_CLIENT: 0xfeff, Client, true;
    DTLSV1_SERVER: 0xfeff, Server, true;
    DTLSV1_2: DTLS1_2, Unset, true;
    DTLSV1_2_CLIENT: DTLS1_2, Client, true;
    DTLSV1_2_SERVER: DTLS1_2, Server, true;
}
