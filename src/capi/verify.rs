//! Whether and how the peer's certificate is verified.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_int, c_long, c_void};

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX, SSL_CTX_cert_verify_cb_fn, SSL_verify_cb};

/// SSL_CTX_set_verify(3): sets the SSL_VERIFY_* flags and the callback seen at each step of
/// verification.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_verify(
    ctx: *mut SSL_CTX,
    mode: c_int,
    callback: SSL_verify_cb,
) {
}

/// SSL_CTX_set_verify_depth(3): limits the number of intermediate certificates in a chain.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_verify_depth(ctx: *mut SSL_CTX, depth: c_int) {}

/// SSL_CTX_get_verify_mode(3): the context's SSL_VERIFY_* flags.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_verify_mode(ctx: *const SSL_CTX) -> c_int {
    refuse(0, "SSL_CTX_get_verify_mode")
}

/// SSL_CTX_get_verify_depth(3): the context's chain limit, -1 when none is set.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_verify_depth(ctx: *const SSL_CTX) -> c_int {
    refuse(-1, "SSL_CTX_get_verify_depth")
}

/// SSL_CTX_get_verify_callback(3): the context's verify callback.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_verify_callback(ctx: *const SSL_CTX) -> SSL_verify_cb {
    refuse(None, "SSL_CTX_get_verify_callback")
}

/// SSL_set_verify(3): sets the connection's SSL_VERIFY_* flags and verify callback; a NULL
/// callback leaves the one present.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_verify(s: *mut SSL, mode: c_int, callback: SSL_verify_cb) {}

/// SSL_set_verify_depth(3): limits the number of intermediate certificates in a chain.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_verify_depth(s: *mut SSL, depth: c_int) {}

/// SSL_get_verify_mode(3): the connection's SSL_VERIFY_* flags.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_verify_mode(s: *const SSL) -> c_int {
    refuse(0, "SSL_get_verify_mode")
}

/// SSL_get_verify_depth(3): the connection's chain limit, -1 when none is set.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_verify_depth(s: *const SSL) -> c_int {
    refuse(-1, "SSL_get_verify_depth")
}

/// SSL_get_verify_callback(3): the connection's verify callback.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_verify_callback(s: *const SSL) -> SSL_verify_cb {
    refuse(None, "SSL_get_verify_callback")
}

/// SSL_CTX_set_cert_verify_callback(3): sets the callback that replaces X509_verify_cert
/// altogether.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_cert_verify_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_CTX_cert_verify_cb_fn,
    arg: *mut c_void,
) {
}

/// SSL_get_verify_result(3): the X509_V_* result of verifying the peer.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_verify_result(ssl: *const SSL) -> c_long {
    refuse(
        openssl_sys::X509_V_ERR_UNSPECIFIED.into(),
        "SSL_get_verify_result",
    )
}

/// SSL_set_verify_result(3): overrides the X509_V_* result of verifying the peer.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_verify_result(ssl: *mut SSL, v: c_long) {}

/// SSL_CTX_set_post_handshake_auth(3): lets a TLS 1.3 client offer post-handshake authentication.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_post_handshake_auth(ctx: *mut SSL_CTX, val: c_int) {}

/// SSL_set_post_handshake_auth(3): lets this TLS 1.3 client offer post-handshake authentication.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_post_handshake_auth(s: *mut SSL, val: c_int) {}

/// SSL_verify_client_post_handshake(3): asks a TLS 1.3 client for its certificate after the
/// handshake.
///
/// Status: refused: post-handshake client authentication is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_verify_client_post_handshake(s: *mut SSL) -> c_int {
    refuse(0, "SSL_verify_client_post_handshake")
}
