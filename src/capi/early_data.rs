//! TLS 1.3 early data (0-RTT).

use crate::capi::deref;
use crate::model::settings::KeptSlot;
use std::ffi::{c_int, c_void};

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX, SSL_allow_early_data_cb_fn};

/// SSL_CTX_set_max_early_data(3): sets how much early data a server accepts.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_max_early_data(
    ctx: *mut SSL_CTX,
    max_early_data: u32,
) -> c_int {
    deref!(ctx ctx, 0).edit(|s| s.max_early_data = max_early_data);
    1
}

/// SSL_CTX_get_max_early_data(3): how much early data a server accepts.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_max_early_data(ctx: *const SSL_CTX) -> u32 {
    deref!(ctx ctx, 0).with(|s| s.max_early_data)
}

/// SSL_set_max_early_data(3): sets how much early data this server accepts.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_max_early_data(s: *mut SSL, max_early_data: u32) -> c_int {
    deref!(ssl s, 0).edit(|s| s.max_early_data = max_early_data);
    1
}

/// SSL_get_max_early_data(3): how much early data this server accepts.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_max_early_data(s: *const SSL) -> u32 {
    deref!(ssl s, 0).with(|s| s.max_early_data)
}

/// SSL_CTX_set_recv_max_early_data(3): sets how much early data a server reads before it gives
/// up.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_recv_max_early_data(
    ctx: *mut SSL_CTX,
    recv_max_early_data: u32,
) -> c_int {
    deref!(ctx ctx, 0).edit(|s| s.recv_max_early_data = recv_max_early_data);
    1
}

/// SSL_CTX_get_recv_max_early_data(3): how much early data a server reads before it gives up.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_recv_max_early_data(ctx: *const SSL_CTX) -> u32 {
    deref!(ctx ctx, 0).with(|s| s.recv_max_early_data)
}

/// SSL_set_recv_max_early_data(3): sets how much early data this server reads before it gives up.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_recv_max_early_data(
    s: *mut SSL,
    recv_max_early_data: u32,
) -> c_int {
    deref!(ssl s, 0).edit(|s| s.recv_max_early_data = recv_max_early_data);
    1
}

/// SSL_get_recv_max_early_data(3): how much early data this server reads before it gives up.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_recv_max_early_data(s: *const SSL) -> u32 {
    deref!(ssl s, 0).with(|s| s.recv_max_early_data)
}

/// SSL_CTX_set_allow_early_data_cb(3): sets the callback that decides whether a server accepts
/// early data.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: partial: remembered; early data is not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_allow_early_data_cb(
    ctx: *mut SSL_CTX,
    cb: SSL_allow_early_data_cb_fn,
    arg: *mut c_void,
) {
    crate::capi::keep!(ctx ctx, (), KeptSlot::AllowEarlyData, cb, arg);
}

/// SSL_set_allow_early_data_cb(3): sets the callback that decides whether this server accepts
/// early data.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: partial: remembered; early data is not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_allow_early_data_cb(
    s: *mut SSL,
    cb: SSL_allow_early_data_cb_fn,
    arg: *mut c_void,
) {
    crate::capi::keep!(ssl s, (), KeptSlot::AllowEarlyData, cb, arg);
}

/// SSL_write_early_data(3): sends early data, on a client.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_write_early_data(
    s: *mut SSL,
    buf: *const c_void,
    num: usize,
    written: *mut usize,
) -> c_int {
    refuse(0, "SSL_write_early_data")
}

/// SSL_read_early_data(3): reads early data, on a server: SSL_READ_EARLY_DATA_ERROR, _SUCCESS or
/// _FINISH.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_read_early_data(
    s: *mut SSL,
    buf: *mut c_void,
    num: usize,
    readbytes: *mut usize,
) -> c_int {
    refuse(0, "SSL_read_early_data")
}

/// SSL_get_early_data_status(3): whether early data was not sent, rejected or accepted.
///
/// Status: partial: early data is not there yet: always SSL_EARLY_DATA_NOT_SENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_early_data_status(s: *const SSL) -> c_int {
    0
}
