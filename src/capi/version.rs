//! The negotiated protocol version.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_char, c_int};

use crate::capi::refuse;
use crate::capi::types::SSL;

/// SSL_get_version(3): the protocol version as text.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_version(s: *const SSL) -> *const c_char {
    refuse(c"unknown".as_ptr(), "SSL_get_version")
}

/// SSL_version(3): the protocol version as a number.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_version(ssl: *const SSL) -> c_int {
    refuse(0, "SSL_version")
}

/// SSL_client_version(3): the version the client asked for in its ClientHello.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_version(s: *const SSL) -> c_int {
    refuse(0, "SSL_client_version")
}

/// SSL_is_dtls(3): 1 when the connection is DTLS.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_is_dtls(s: *const SSL) -> c_int {
    refuse(0, "SSL_is_dtls")
}

/// ferrossl_version: "ferrossl 0.1.0 (rustls 0.24.0-dev.2)". Its presence tells a program that
/// it runs on ferrossl; the string is static.
///
/// Status: full.
#[unsafe(no_mangle)]
pub extern "C" fn ferrossl_version() -> *const c_char {
    c"ferrossl 0.1.0 (rustls 0.24.0-dev.2)".as_ptr()
}
