//! Application data on SSL, SSL_CTX and SSL_SESSION.

use crate::capi::{deref, status};
use std::ffi::{c_int, c_void};
use std::ptr;

use crate::capi::types::{SSL, SSL_CTX, SSL_SESSION};

/// SSL_CTX_get_ex_data(3): the application's pointer at index `idx` of the context.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_ex_data(ssl: *const SSL_CTX, idx: c_int) -> *mut c_void {
    deref!(ctx ssl, ptr::null_mut()).ex_data.get(idx)
}

/// SSL_CTX_set_ex_data(3): stores the application's pointer at index `idx` of the context.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_ex_data(
    ssl: *mut SSL_CTX,
    idx: c_int,
    data: *mut c_void,
) -> c_int {
    let ctx = deref!(ctx ssl, 0);
    status(|| ctx.ex_data.set(idx, data))
}

/// SSL_SESSION_get_ex_data(3): the application's pointer at index `idx` of the session.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_ex_data(
    ss: *const SSL_SESSION,
    idx: c_int,
) -> *mut c_void {
    deref!(session ss, ptr::null_mut()).ex_data.get(idx)
}

/// SSL_SESSION_set_ex_data(3): stores the application's pointer at index `idx` of the session.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set_ex_data(
    ss: *mut SSL_SESSION,
    idx: c_int,
    data: *mut c_void,
) -> c_int {
    let ss = deref!(session ss, 0);
    status(|| ss.ex_data.set(idx, data))
}

/// SSL_get_ex_data(3): the application's pointer at index `idx` of the connection.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_ex_data(ssl: *const SSL, idx: c_int) -> *mut c_void {
    deref!(ssl ssl, ptr::null_mut()).ex_data.get(idx)
}

/// SSL_set_ex_data(3): stores the application's pointer at index `idx` of the connection.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_ex_data(ssl: *mut SSL, idx: c_int, data: *mut c_void) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    status(|| ssl.ex_data.set(idx, data))
}

/// SSL_get_ex_data_X509_STORE_CTX_idx(3): the index at which a X509_STORE_CTX holds the
/// connection being verified.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_ex_data_X509_STORE_CTX_idx() -> c_int {
    crate::foreign::ex_data::store_ctx_index()
}
