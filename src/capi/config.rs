//! Configuration from sections of openssl.cnf.

use std::ffi::{c_char, c_int};

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX};

/// SSL_CTX_config(3): applies the named section of the configuration file to the context.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_config(ctx: *mut SSL_CTX, name: *const c_char) -> c_int {
    refuse(0, "SSL_CTX_config")
}

/// SSL_config(3): applies the named section of the configuration file to the connection.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_config(s: *mut SSL, name: *const c_char) -> c_int {
    refuse(0, "SSL_config")
}

/// SSL_add_ssl_module: registers libssl's module with libcrypto's configuration; kept for old
/// programs, does nothing.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add_ssl_module() {}
