//! Which cipher suites may be, and are, negotiated.

use std::ffi::{c_char, c_int, c_uchar};
use std::ptr;

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CIPHER, SSL_CTX, stack_st_SSL_CIPHER};

/// OSSL_default_cipher_list(3): the default cipher list for TLS 1.2 and below.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OSSL_default_cipher_list() -> *const c_char {
    refuse(ptr::null(), "OSSL_default_cipher_list")
}

/// OSSL_default_ciphersuites(3): the default list of TLS 1.3 suites.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OSSL_default_ciphersuites() -> *const c_char {
    refuse(ptr::null(), "OSSL_default_ciphersuites")
}

/// SSL_CTX_set_cipher_list(3): sets the TLS 1.2 suites from a cipher string; fails when none is
/// left.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_cipher_list(ctx: *mut SSL_CTX, str: *const c_char) -> c_int {
    refuse(0, "SSL_CTX_set_cipher_list")
}

/// SSL_CTX_set_ciphersuites(3): sets the TLS 1.3 suites from their colon-separated names.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_ciphersuites(ctx: *mut SSL_CTX, str: *const c_char) -> c_int {
    refuse(0, "SSL_CTX_set_ciphersuites")
}

/// SSL_set_cipher_list(3): sets the connection's TLS 1.2 suites from a cipher string; fails when
/// none is left.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_cipher_list(s: *mut SSL, str: *const c_char) -> c_int {
    refuse(0, "SSL_set_cipher_list")
}

/// SSL_set_ciphersuites(3): sets the connection's TLS 1.3 suites from their colon-separated
/// names.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_ciphersuites(s: *mut SSL, str: *const c_char) -> c_int {
    refuse(0, "SSL_set_ciphersuites")
}

/// SSL_CTX_get_ciphers(3): the context's suites in order of preference.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_ciphers(ctx: *const SSL_CTX) -> *mut stack_st_SSL_CIPHER {
    refuse(ptr::null_mut(), "SSL_CTX_get_ciphers")
}

/// SSL_get_ciphers(3): the connection's suites in order of preference.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_ciphers(s: *const SSL) -> *mut stack_st_SSL_CIPHER {
    refuse(ptr::null_mut(), "SSL_get_ciphers")
}

/// SSL_get1_supported_ciphers(3): the suites the connection would offer or accept as it is set up
/// now.
///
/// The caller frees the stack with sk_SSL_CIPHER_free, not its elements.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get1_supported_ciphers(s: *mut SSL) -> *mut stack_st_SSL_CIPHER {
    refuse(ptr::null_mut(), "SSL_get1_supported_ciphers")
}

/// SSL_get_client_ciphers(3): the suites the client offered, on a server.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_client_ciphers(s: *const SSL) -> *mut stack_st_SSL_CIPHER {
    refuse(ptr::null_mut(), "SSL_get_client_ciphers")
}

/// SSL_get_cipher_list(3): the name of the connection's `n`th suite, NULL past the end.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_cipher_list(s: *const SSL, n: c_int) -> *const c_char {
    refuse(ptr::null(), "SSL_get_cipher_list")
}

/// SSL_get_shared_ciphers(3): writes the names of the suites both sides have to `buf`, separated
/// by colons, on a server.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_shared_ciphers(
    s: *const SSL,
    buf: *mut c_char,
    size: c_int,
) -> *mut c_char {
    refuse(ptr::null_mut(), "SSL_get_shared_ciphers")
}

/// SSL_bytes_to_cipher_list(3): makes stacks of the suites, and the signalling values, in the
/// wire form at `bytes`.
///
/// The caller frees both stacks with sk_SSL_CIPHER_free, not their elements.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_bytes_to_cipher_list(
    s: *mut SSL,
    bytes: *const c_uchar,
    len: usize,
    isv2format: c_int,
    sk: *mut *mut stack_st_SSL_CIPHER,
    scsvs: *mut *mut stack_st_SSL_CIPHER,
) -> c_int {
    refuse(0, "SSL_bytes_to_cipher_list")
}

/// SSL_get_current_cipher(3): the negotiated suite, NULL before there is one.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_current_cipher(s: *const SSL) -> *const SSL_CIPHER {
    refuse(ptr::null(), "SSL_get_current_cipher")
}

/// SSL_get_pending_cipher(3): the suite that is being negotiated, NULL when there is none.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_pending_cipher(s: *const SSL) -> *const SSL_CIPHER {
    refuse(ptr::null(), "SSL_get_pending_cipher")
}
