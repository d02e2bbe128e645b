//! Certificate transparency.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

use crate::capi::refuse;
use crate::capi::types::{CTLOG_STORE, SSL, SSL_CTX, ssl_ct_validation_cb, stack_st_SCT};

/// SSL_CTX_set_ct_validation_callback(3): sets the callback that judges the signed certificate
/// timestamps.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_ct_validation_callback(
    ctx: *mut SSL_CTX,
    callback: ssl_ct_validation_cb,
    arg: *mut c_void,
) -> c_int {
    refuse(0, "SSL_CTX_set_ct_validation_callback")
}

/// SSL_set_ct_validation_callback(3): sets the connection's callback that judges the signed
/// certificate timestamps.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_ct_validation_callback(
    s: *mut SSL,
    callback: ssl_ct_validation_cb,
    arg: *mut c_void,
) -> c_int {
    refuse(0, "SSL_set_ct_validation_callback")
}

/// SSL_CTX_enable_ct(3): turns on validation of timestamps, permissive or strict.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_enable_ct(ctx: *mut SSL_CTX, validation_mode: c_int) -> c_int {
    refuse(0, "SSL_CTX_enable_ct")
}

/// SSL_enable_ct(3): turns on the connection's validation of timestamps, permissive or strict.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_enable_ct(s: *mut SSL, validation_mode: c_int) -> c_int {
    refuse(0, "SSL_enable_ct")
}

/// SSL_CTX_ct_is_enabled(3): 1 when timestamps are validated: it cannot be turned on.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_ct_is_enabled(ctx: *const SSL_CTX) -> c_int {
    0
}

/// SSL_ct_is_enabled(3): 1 when the connection validates timestamps: it cannot be turned on.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_ct_is_enabled(s: *const SSL) -> c_int {
    0
}

/// SSL_CTX_set_ctlog_list_file(3): loads the list of known logs from a file.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_ctlog_list_file(
    ctx: *mut SSL_CTX,
    path: *const c_char,
) -> c_int {
    refuse(0, "SSL_CTX_set_ctlog_list_file")
}

/// SSL_CTX_set_default_ctlog_list_file(3): loads the list of known logs from OpenSSL's default
/// file.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_ctlog_list_file(ctx: *mut SSL_CTX) -> c_int {
    refuse(0, "SSL_CTX_set_default_ctlog_list_file")
}

/// SSL_CTX_set0_ctlog_store: sets the store of known logs.
///
/// Takes over `logs`; the previous store is freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set0_ctlog_store(ctx: *mut SSL_CTX, logs: *mut CTLOG_STORE) {}

/// SSL_CTX_get0_ctlog_store: the store of known logs.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get0_ctlog_store(ctx: *const SSL_CTX) -> *const CTLOG_STORE {
    refuse(ptr::null(), "SSL_CTX_get0_ctlog_store")
}

/// SSL_get0_peer_scts(3): the timestamps received from the peer.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: partial: none are extracted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_peer_scts(s: *mut SSL) -> *const stack_st_SCT {
    ptr::null()
}
