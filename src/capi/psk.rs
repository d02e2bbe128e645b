//! External pre-shared keys.

use std::ffi::{c_char, c_int};
use std::ptr;

use crate::capi::types::{
    SSL, SSL_CTX, SSL_psk_client_cb_func, SSL_psk_find_session_cb_func, SSL_psk_server_cb_func,
    SSL_psk_use_session_cb_func,
};
use crate::capi::{deref, status, string};
use crate::foreign::callback::Callback;
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::psk::MAX_IDENTITY;

/// SSL_CTX_set_psk_client_callback(3): sets the callback that provides a client's PSK and its name.
///
/// Status: partial: called for TLS 1.3 alone; rustls has no PSK suites of TLS 1.2, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_psk_client_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_psk_client_cb_func,
) {
    deref!(ctx ctx, ()).edit(|s| s.psk.client = Callback::new(cb, ptr::null_mut()));
}

/// SSL_set_psk_client_callback(3): sets the callback that provides this client's PSK and its name.
///
/// Status: partial: called for TLS 1.3 alone; rustls has no PSK suites of TLS 1.2, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_psk_client_callback(ssl: *mut SSL, cb: SSL_psk_client_cb_func) {
    deref!(ssl ssl, ()).edit(|s| s.psk.client = Callback::new(cb, ptr::null_mut()));
}

/// SSL_CTX_set_psk_server_callback(3): sets the callback that provides a server's PSK.
///
/// Status: partial: called for TLS 1.3 alone; rustls has no PSK suites of TLS 1.2, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_psk_server_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_psk_server_cb_func,
) {
    deref!(ctx ctx, ()).edit(|s| s.psk.server = Callback::new(cb, ptr::null_mut()));
}

/// SSL_set_psk_server_callback(3): sets the callback that provides this server's PSK.
///
/// Status: partial: called for TLS 1.3 alone; rustls has no PSK suites of TLS 1.2, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_psk_server_callback(ssl: *mut SSL, cb: SSL_psk_server_cb_func) {
    deref!(ssl ssl, ()).edit(|s| s.psk.server = Callback::new(cb, ptr::null_mut()));
}

/// SSL_CTX_set_psk_use_session_callback(3): sets the callback that provides a client's PSK, TLS
/// 1.3.
///
/// It is asked once for a connection, also where a HelloRetryRequest makes it say hello again.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_psk_use_session_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_psk_use_session_cb_func,
) {
    deref!(ctx ctx, ()).edit(|s| s.psk.use_session = Callback::new(cb, ptr::null_mut()));
}

/// SSL_set_psk_use_session_callback(3): sets the callback that provides this client's PSK, TLS
/// 1.3.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_psk_use_session_callback(
    s: *mut SSL,
    cb: SSL_psk_use_session_cb_func,
) {
    deref!(ssl s, ()).edit(|s| s.psk.use_session = Callback::new(cb, ptr::null_mut()));
}

/// SSL_CTX_set_psk_find_session_callback(3): sets the callback that provides a server's PSK, TLS
/// 1.3.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_psk_find_session_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_psk_find_session_cb_func,
) {
    deref!(ctx ctx, ()).edit(|s| s.psk.find_session = Callback::new(cb, ptr::null_mut()));
}

/// SSL_set_psk_find_session_callback(3): sets the callback that provides this server's PSK, TLS
/// 1.3.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_psk_find_session_callback(
    s: *mut SSL,
    cb: SSL_psk_find_session_cb_func,
) {
    deref!(ssl s, ()).edit(|s| s.psk.find_session = Callback::new(cb, ptr::null_mut()));
}

/// Whether a hint is short enough; none is.
///
/// # Safety
/// `hint` is NULL or a C string.
unsafe fn hint(hint: *const c_char) -> Result<()> {
    // SAFETY: the caller's contract.
    match unsafe { string(hint) } {
        Some(hint) if hint.count_bytes() > MAX_IDENTITY => {
            Err(Error::reason(Reason::DATA_LENGTH_TOO_LONG))
        }
        _ => Ok(()),
    }
}

/// SSL_CTX_use_psk_identity_hint(3): sets the identity hint a server sends.
///
/// Status: partial: the length is checked; it is for PSK suites of TLS 1.2, which rustls has not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_psk_identity_hint(
    ctx: *mut SSL_CTX,
    identity_hint: *const c_char,
) -> c_int {
    // SAFETY: the program passes a C string, or NULL.
    status(|| unsafe { hint(identity_hint) })
}

/// SSL_use_psk_identity_hint(3): sets the identity hint this server sends.
///
/// Status: partial: the length is checked; it is for PSK suites of TLS 1.2, which rustls has not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_psk_identity_hint(
    s: *mut SSL,
    identity_hint: *const c_char,
) -> c_int {
    if s.is_null() {
        return 0;
    }
    // SAFETY: the program passes a C string, or NULL.
    status(|| unsafe { hint(identity_hint) })
}

/// SSL_get_psk_identity(3): the PSK identity in use with TLS 1.2: NULL, there is never one.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_psk_identity(s: *const SSL) -> *const c_char {
    ptr::null()
}

/// SSL_get_psk_identity_hint(3): the PSK identity hint received: NULL, there is never one.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_psk_identity_hint(s: *const SSL) -> *const c_char {
    ptr::null()
}
