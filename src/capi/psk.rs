//! External pre-shared keys.

use crate::model::settings::KeptSlot;
use std::ffi::{c_char, c_int};
use std::ptr;

use crate::capi::types::{
    SSL, SSL_CTX, SSL_psk_client_cb_func, SSL_psk_find_session_cb_func, SSL_psk_server_cb_func,
    SSL_psk_use_session_cb_func,
};
use crate::capi::{status, string};
use crate::foreign::err::{Error, Reason, Result};

/// SSL_CTX_set_psk_client_callback(3): sets the callback that provides a client's PSK, TLS 1.2.
///
/// Status: partial: remembered; external PSKs are not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_psk_client_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_psk_client_cb_func,
) {
    crate::capi::keep!(ctx ctx, (), KeptSlot::PskClient, cb);
}

/// SSL_set_psk_client_callback(3): sets the callback that provides this client's PSK, TLS 1.2.
///
/// Status: partial: remembered; external PSKs are not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_psk_client_callback(ssl: *mut SSL, cb: SSL_psk_client_cb_func) {
    crate::capi::keep!(ssl ssl, (), KeptSlot::PskClient, cb);
}

/// SSL_CTX_set_psk_server_callback(3): sets the callback that provides a server's PSK, TLS 1.2.
///
/// Status: partial: remembered; external PSKs are not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_psk_server_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_psk_server_cb_func,
) {
    crate::capi::keep!(ctx ctx, (), KeptSlot::PskServer, cb);
}

/// SSL_set_psk_server_callback(3): sets the callback that provides this server's PSK, TLS 1.2.
///
/// Status: partial: remembered; external PSKs are not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_psk_server_callback(ssl: *mut SSL, cb: SSL_psk_server_cb_func) {
    crate::capi::keep!(ssl ssl, (), KeptSlot::PskServer, cb);
}

/// SSL_CTX_set_psk_use_session_callback(3): sets the callback that provides a client's PSK, TLS
/// 1.3.
///
/// Status: partial: remembered; external PSKs are not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_psk_use_session_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_psk_use_session_cb_func,
) {
    crate::capi::keep!(ctx ctx, (), KeptSlot::PskUseSession, cb);
}

/// SSL_set_psk_use_session_callback(3): sets the callback that provides this client's PSK, TLS
/// 1.3.
///
/// Status: partial: remembered; external PSKs are not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_psk_use_session_callback(
    s: *mut SSL,
    cb: SSL_psk_use_session_cb_func,
) {
    crate::capi::keep!(ssl s, (), KeptSlot::PskUseSession, cb);
}

/// SSL_CTX_set_psk_find_session_callback(3): sets the callback that provides a server's PSK, TLS
/// 1.3.
///
/// Status: partial: remembered; external PSKs are not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_psk_find_session_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_psk_find_session_cb_func,
) {
    crate::capi::keep!(ctx ctx, (), KeptSlot::PskFindSession, cb);
}

/// SSL_set_psk_find_session_callback(3): sets the callback that provides this server's PSK, TLS
/// 1.3.
///
/// Status: partial: remembered; external PSKs are not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_psk_find_session_callback(
    s: *mut SSL,
    cb: SSL_psk_find_session_cb_func,
) {
    crate::capi::keep!(ssl s, (), KeptSlot::PskFindSession, cb);
}

/// Whether a hint is short enough; none is.
///
/// # Safety
/// `hint` is NULL or a C string.
unsafe fn hint(hint: *const c_char) -> Result<()> {
    /// PSK_MAX_IDENTITY_LEN.
    const LONGEST: usize = 128;
    // SAFETY: the caller's contract.
    match unsafe { string(hint) } {
        Some(hint) if hint.count_bytes() > LONGEST => {
            Err(Error::reason(Reason::DATA_LENGTH_TOO_LONG))
        }
        _ => Ok(()),
    }
}

/// SSL_CTX_use_psk_identity_hint(3): sets the identity hint a server sends.
///
/// Status: partial: the length is checked; external PSKs are not in rustls, by design.
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
/// Status: partial: the length is checked; external PSKs are not in rustls, by design.
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

/// SSL_get_psk_identity(3): the PSK identity in use: NULL, there is never one.
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
