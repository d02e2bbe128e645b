//! Certificate transparency.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

use crate::capi::types::{CTLOG_STORE, SSL, SSL_CTX, ssl_ct_validation_cb, stack_st_SCT};
use crate::capi::{call, deref, status, string};
use crate::foreign::callback::Callback;
use crate::foreign::ct::{LogStore, Mode};
use crate::foreign::err::{Error, Reason};

/// SSL_CTX_set_ct_validation_callback(3): sets the callback that judges the signed certificate
/// timestamps.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_ct_validation_callback(
    ctx: *mut SSL_CTX,
    callback: ssl_ct_validation_cb,
    arg: *mut c_void,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| ctx.edit(|s| s.set_ct(Callback::new(callback, arg))))
}

/// SSL_set_ct_validation_callback(3): sets the connection's callback that judges the signed
/// certificate timestamps, and asks for an OCSP response, which may hold some.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_ct_validation_callback(
    s: *mut SSL,
    callback: ssl_ct_validation_cb,
    arg: *mut c_void,
) -> c_int {
    let ssl = deref!(ssl s, 0);
    status(|| ssl.set_ct(Callback::new(callback, arg)))
}

/// SSL_CTX_enable_ct(3): turns on validation of timestamps, permissive or strict.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_enable_ct(ctx: *mut SSL_CTX, validation_mode: c_int) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| {
        let mode = Mode::from_code(validation_mode)?;
        ctx.edit(|s| s.set_ct(mode.callback()))
    })
}

/// SSL_enable_ct(3): turns on the connection's validation of timestamps, permissive or strict.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_enable_ct(s: *mut SSL, validation_mode: c_int) -> c_int {
    let ssl = deref!(ssl s, 0);
    status(|| ssl.set_ct(Mode::from_code(validation_mode)?.callback()))
}

/// SSL_CTX_ct_is_enabled(3): 1 when timestamps are validated.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_ct_is_enabled(ctx: *const SSL_CTX) -> c_int {
    deref!(ctx ctx, 0).with(|s| c_int::from(s.ct.is_some()))
}

/// SSL_ct_is_enabled(3): 1 when the connection validates timestamps.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_ct_is_enabled(s: *const SSL) -> c_int {
    deref!(ssl s, 0).with(|s| c_int::from(s.ct.is_some()))
}

/// SSL_CTX_set_ctlog_list_file(3): loads the list of known logs from a file.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_ctlog_list_file(
    ctx: *mut SSL_CTX,
    path: *const c_char,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| {
        // SAFETY: the program passes a C string or NULL.
        let path = unsafe { string(path) };
        let path = path.ok_or_else(|| Error::reason(Reason::PASSED_NULL_PARAMETER))?;
        ctx.load_logs(Some(path))
    })
}

/// SSL_CTX_set_default_ctlog_list_file(3): loads the list of known logs from OpenSSL's default
/// file.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_ctlog_list_file(ctx: *mut SSL_CTX) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| ctx.load_logs(None))
}

/// SSL_CTX_set0_ctlog_store: sets the store of known logs.
///
/// Takes over `logs`; the previous store is freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set0_ctlog_store(ctx: *mut SSL_CTX, logs: *mut CTLOG_STORE) {
    // SAFETY: the program gives its store up.
    deref!(ctx ctx, ()).set_logs(unsafe { LogStore::from_ptr(logs) });
}

/// SSL_CTX_get0_ctlog_store: the store of known logs.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get0_ctlog_store(ctx: *const SSL_CTX) -> *const CTLOG_STORE {
    let logs = deref!(ctx ctx, ptr::null()).logs();
    logs.map_or(ptr::null(), |logs| logs.as_ptr())
}

/// SSL_get0_peer_scts(3): the timestamps in the peer's OCSP response and in its certificate.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_peer_scts(s: *mut SSL) -> *const stack_st_SCT {
    let ssl = deref!(ssl s, ptr::null());
    call(ptr::null(), || ssl.peer_scts())
}
