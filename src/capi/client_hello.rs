//! The ClientHello, before anything is chosen from it.

use crate::capi::deref;
use crate::foreign::callback::Callback;
use std::ffi::{c_int, c_uchar, c_uint, c_void};

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX, SSL_client_hello_cb_fn};

/// SSL_CTX_set_client_hello_cb(3): sets the callback a server runs first on each ClientHello.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_client_hello_cb(
    c: *mut SSL_CTX,
    cb: SSL_client_hello_cb_fn,
    arg: *mut c_void,
) {
    deref!(ctx c, ()).edit_hooks(|h| h.client_hello = Callback::new(cb, arg));
}

/// SSL_client_hello_isv2(3): 1 when the ClientHello came in SSLv2's form.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_isv2(s: *mut SSL) -> c_int {
    refuse(0, "SSL_client_hello_isv2")
}

/// SSL_client_hello_get0_legacy_version(3): the legacy_version of the ClientHello.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get0_legacy_version(s: *mut SSL) -> c_uint {
    refuse(0, "SSL_client_hello_get0_legacy_version")
}

/// SSL_client_hello_get0_random(3): the random of the ClientHello.
///
/// Borrowed from the ClientHello: valid inside the client_hello callback only.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get0_random(
    s: *mut SSL,
    out: *mut *const c_uchar,
) -> usize {
    refuse(0, "SSL_client_hello_get0_random")
}

/// SSL_client_hello_get0_session_id(3): the session id of the ClientHello.
///
/// Borrowed from the ClientHello: valid inside the client_hello callback only.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get0_session_id(
    s: *mut SSL,
    out: *mut *const c_uchar,
) -> usize {
    refuse(0, "SSL_client_hello_get0_session_id")
}

/// SSL_client_hello_get0_ciphers(3): the cipher suites of the ClientHello in wire form.
///
/// Borrowed from the ClientHello: valid inside the client_hello callback only.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get0_ciphers(
    s: *mut SSL,
    out: *mut *const c_uchar,
) -> usize {
    refuse(0, "SSL_client_hello_get0_ciphers")
}

/// SSL_client_hello_get0_compression_methods(3): the compression methods of the ClientHello.
///
/// Borrowed from the ClientHello: valid inside the client_hello callback only.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get0_compression_methods(
    s: *mut SSL,
    out: *mut *const c_uchar,
) -> usize {
    refuse(0, "SSL_client_hello_get0_compression_methods")
}

/// SSL_client_hello_get0_ext(3): the body of the extension `type` of the ClientHello.
///
/// Borrowed from the ClientHello: valid inside the client_hello callback only.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get0_ext(
    s: *mut SSL,
    r#type: c_uint,
    out: *mut *const c_uchar,
    outlen: *mut usize,
) -> c_int {
    refuse(0, "SSL_client_hello_get0_ext")
}

/// SSL_client_hello_get1_extensions_present(3): the types of the extensions of the ClientHello,
/// in order.
///
/// The caller frees the array with OPENSSL_free.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get1_extensions_present(
    s: *mut SSL,
    out: *mut *mut c_int,
    outlen: *mut usize,
) -> c_int {
    refuse(0, "SSL_client_hello_get1_extensions_present")
}
