//! Application-layer protocol negotiation, and its predecessor NPN.

use crate::capi::{bytes, deref};
use crate::foreign::callback::Callback;
use crate::model::alpn::{is_list, select};
use crate::model::settings::KeptSlot;
use std::ffi::{c_int, c_uchar, c_uint, c_void};
use std::ptr;

use crate::capi::types::{
    SSL, SSL_CTX, SSL_CTX_alpn_select_cb_func, SSL_CTX_npn_advertised_cb_func,
    SSL_CTX_npn_select_cb_func,
};

const OPENSSL_NPN_NEGOTIATED: c_int = 1;
const OPENSSL_NPN_NO_OVERLAP: c_int = 2;

/// SSL_CTX_set_alpn_protos(3): sets the protocols a client offers, in wire form; 0 is success.
///
/// The bytes are copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_alpn_protos(
    ctx: *mut SSL_CTX,
    protos: *const c_uchar,
    protos_len: c_uint,
) -> c_int {
    let ctx = deref!(ctx ctx, 1);
    // SAFETY: the program's buffer is readable for `protos_len` bytes.
    let list = unsafe { bytes(protos, protos_len) };
    if !is_list(list) {
        return 1;
    }
    ctx.edit(|s| s.alpn = list.into());
    0
}

/// SSL_set_alpn_protos(3): sets the protocols this client offers, in wire form; 0 is success.
///
/// The bytes are copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_alpn_protos(
    ssl: *mut SSL,
    protos: *const c_uchar,
    protos_len: c_uint,
) -> c_int {
    let ssl = deref!(ssl ssl, 1);
    // SAFETY: the program's buffer is readable for `protos_len` bytes.
    let list = unsafe { bytes(protos, protos_len) };
    if !is_list(list) {
        return 1;
    }
    ssl.edit(|s| s.alpn = list.into());
    0
}

/// SSL_CTX_set_alpn_select_cb(3): sets the callback by which a server selects a protocol.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_alpn_select_cb(
    ctx: *mut SSL_CTX,
    cb: SSL_CTX_alpn_select_cb_func,
    arg: *mut c_void,
) {
    deref!(ctx ctx, ()).edit_hooks(|h| h.alpn_select = Callback::new(cb, arg));
}

/// SSL_get0_alpn_selected(3): the selected protocol, NULL and 0 when there is none.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_alpn_selected(
    ssl: *const SSL,
    data: *mut *const c_uchar,
    len: *mut c_uint,
) {
    let ssl = deref!(ssl ssl, ());
    let (at, n) = ssl.with_alpn(|alpn| match alpn.is_empty() {
        true => (ptr::null(), 0),
        false => (alpn.as_ptr(), alpn.len()),
    });
    // SAFETY: the program passes writable out parameters; the name lives in the connection.
    unsafe {
        *data = at;
        *len = n as c_uint;
    }
}

/// SSL_select_next_proto(3): picks the first protocol of the server's list that the client's has;
/// OPENSSL_NPN_NO_OVERLAP when there is none.
///
/// `*out` points into one of the two lists.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_select_next_proto(
    out: *mut *mut c_uchar,
    outlen: *mut c_uchar,
    r#in: *const c_uchar,
    inlen: c_uint,
    client: *const c_uchar,
    client_len: c_uint,
) -> c_int {
    // SAFETY: the program's buffers are readable for their lengths.
    let (server, ours) = unsafe { (bytes(r#in, inlen), bytes(client, client_len)) };
    let (choice, overlap) = select(server, ours);
    // SAFETY: the program passes writable out parameters; the choice lies in its buffers.
    unsafe {
        *out = choice.map_or(ptr::null_mut(), |c| c.as_ptr().cast_mut());
        *outlen = choice.map_or(0, |c| c.len() as c_uchar);
    }
    match overlap {
        true => OPENSSL_NPN_NEGOTIATED,
        false => OPENSSL_NPN_NO_OVERLAP,
    }
}

/// SSL_CTX_set_next_protos_advertised_cb(3): sets the callback that provides the protocols an NPN
/// server advertises.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: partial: remembered; NPN is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_next_protos_advertised_cb(
    s: *mut SSL_CTX,
    cb: SSL_CTX_npn_advertised_cb_func,
    arg: *mut c_void,
) {
    crate::capi::keep!(ctx s, (), KeptSlot::NpnAdvertised, cb, arg);
}

/// SSL_CTX_set_next_proto_select_cb(3): sets the callback by which an NPN client selects a
/// protocol.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: partial: remembered; NPN is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_next_proto_select_cb(
    s: *mut SSL_CTX,
    cb: SSL_CTX_npn_select_cb_func,
    arg: *mut c_void,
) {
    crate::capi::keep!(ctx s, (), KeptSlot::NpnSelect, cb, arg);
}

/// SSL_get0_next_proto_negotiated(3): the protocol selected by NPN: NULL and 0, there is never
/// one.
///
/// Status: full.
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
