//! The negotiated protocol version.

use crate::capi::deref;
use std::ffi::{c_char, c_int};

use crate::capi::types::SSL;

/// SSL_get_version(3): the protocol version as text.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_version(s: *const SSL) -> *const c_char {
    let ssl = deref!(ssl s, c"unknown".as_ptr());
    match ssl.version() {
        0x0304 => c"TLSv1.3",
        0x0303 => c"TLSv1.2",
        0x0302 => c"TLSv1.1",
        0x0301 => c"TLSv1",
        0x0300 => c"SSLv3",
        0xfeff => c"DTLSv1",
        0xfefd => c"DTLSv1.2",
        _ => c"unknown",
    }
    .as_ptr()
}

/// SSL_version(3): the protocol version as a number.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_version(ssl: *const SSL) -> c_int {
    c_int::from(deref!(ssl ssl, 0).version())
}

/// SSL_client_version(3): the version the client asked for in its ClientHello; before there is
/// one, that of the method.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_version(s: *const SSL) -> c_int {
    deref!(ssl s, 0).client_version()
}

/// SSL_is_dtls(3): 1 when the connection is DTLS.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_is_dtls(s: *const SSL) -> c_int {
    deref!(ssl s, 0).with(|s| c_int::from(s.method.dtls))
}

/// ferrossl_version: "ferrossl 0.1.0 (rustls 0.24.0-dev.2)". Its presence tells a program that
/// it runs on ferrossl; the string is static.
///
/// Status: full.
#[unsafe(no_mangle)]
pub extern "C" fn ferrossl_version() -> *const c_char {
    c"ferrossl 0.1.0 (rustls 0.24.0-dev.2)".as_ptr()
}
