//! Application-layer protocol negotiation, and its predecessor NPN.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_int, c_uchar, c_uint, c_void};
use std::ptr;

use crate::capi::refuse;
use crate::capi::types::{
    SSL, SSL_CTX, SSL_CTX_alpn_select_cb_func, SSL_CTX_npn_advertised_cb_func,
    SSL_CTX_npn_select_cb_func,
};

/// SSL_CTX_set_alpn_protos(3): sets the protocols a client offers, in wire form; 0 is success.
///
/// The bytes are copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_alpn_protos(
    ctx: *mut SSL_CTX,
    protos: *const c_uchar,
    protos_len: c_uint,
) -> c_int {
    refuse(1, "SSL_CTX_set_alpn_protos")
}

/// SSL_set_alpn_protos(3): sets the protocols this client offers, in wire form; 0 is success.
///
/// The bytes are copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_alpn_protos(
    ssl: *mut SSL,
    protos: *const c_uchar,
    protos_len: c_uint,
) -> c_int {
    refuse(1, "SSL_set_alpn_protos")
}

/// SSL_CTX_set_alpn_select_cb(3): sets the callback by which a server selects a protocol.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_alpn_select_cb(
    ctx: *mut SSL_CTX,
    cb: SSL_CTX_alpn_select_cb_func,
    arg: *mut c_void,
) {
}

/// SSL_get0_alpn_selected(3): the selected protocol, NULL and 0 when there is none.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_alpn_selected(
    ssl: *const SSL,
    data: *mut *const c_uchar,
    len: *mut c_uint,
) {
    if !data.is_null() {
        // SAFETY: the caller passes NULL or a place to write to.
        unsafe { *data = ptr::null() };
    }
    if !len.is_null() {
        // SAFETY: the caller passes NULL or a place to write to.
        unsafe { *len = 0 };
    }
}

/// SSL_select_next_proto(3): picks the first protocol of the server's list that the client's has;
/// OPENSSL_NPN_NO_OVERLAP when there is none.
///
/// `*out` points into one of the two lists.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_select_next_proto(
    out: *mut *mut c_uchar,
    outlen: *mut c_uchar,
    r#in: *const c_uchar,
    inlen: c_uint,
    client: *const c_uchar,
    client_len: c_uint,
) -> c_int {
    if !out.is_null() {
        // SAFETY: the caller passes NULL or a place to write to.
        unsafe { *out = ptr::null_mut() };
    }
    if !outlen.is_null() {
        // SAFETY: the caller passes NULL or a place to write to.
        unsafe { *outlen = 0 };
    }
    refuse(2, "SSL_select_next_proto")
}

/// SSL_CTX_set_next_protos_advertised_cb(3): sets the callback that provides the protocols an NPN
/// server advertises.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_next_protos_advertised_cb(
    s: *mut SSL_CTX,
    cb: SSL_CTX_npn_advertised_cb_func,
    arg: *mut c_void,
) {
}

/// SSL_CTX_set_next_proto_select_cb(3): sets the callback by which an NPN client selects a
/// protocol.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_next_proto_select_cb(
    s: *mut SSL_CTX,
    cb: SSL_CTX_npn_select_cb_func,
    arg: *mut c_void,
) {
}

/// SSL_get0_next_proto_negotiated(3): the protocol selected by NPN: NULL and 0, there is never
/// one.
///
/// Status: refused: NPN is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_next_proto_negotiated(
    s: *const SSL,
    data: *mut *const c_uchar,
    len: *mut c_uint,
) {
    if !data.is_null() {
        // SAFETY: the caller passes NULL or a place to write to.
        unsafe { *data = ptr::null() };
    }
    if !len.is_null() {
        // SAFETY: the caller passes NULL or a place to write to.
        unsafe { *len = 0 };
    }
}
