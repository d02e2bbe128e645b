//! TLS 1.3 key updates, and renegotiation.

use crate::capi::deref;
use crate::capi::status;
use std::ffi::c_int;

use crate::capi::types::SSL;

/// SSL_key_update(3): updates the sending keys with the next write, and asks the peer to when
/// told so.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_key_update(s: *mut SSL, updatetype: c_int) -> c_int {
    let ssl = deref!(ssl s, 0);
    status(|| ssl.request_key_update(updatetype))
}

/// SSL_get_key_update_type(3): the key update that is due, SSL_KEY_UPDATE_NONE when none is.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_key_update_type(s: *const SSL) -> c_int {
    deref!(ssl s, -1).key_update_type()
}

/// SSL_renegotiate(3): asks for a new handshake with the next write. Fails as in OpenSSL with
/// SSL_OP_NO_RENEGOTIATION: SSL_R_NO_RENEGOTIATION, with TLS 1.3 SSL_R_WRONG_SSL_VERSION.
///
/// Status: refused: renegotiation is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_renegotiate(s: *mut SSL) -> c_int {
    let ssl = deref!(ssl s, 0);
    status(|| ssl.renegotiate())
}

/// SSL_renegotiate_abbreviated(3): asks for a new, resumed handshake with the next write. Fails as
/// [`SSL_renegotiate`].
///
/// Status: refused: renegotiation is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_renegotiate_abbreviated(s: *mut SSL) -> c_int {
    let ssl = deref!(ssl s, 0);
    status(|| ssl.renegotiate())
}

/// SSL_renegotiate_pending(3): 1 when a renegotiation was asked for and is not done: 0, it never
/// is.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_renegotiate_pending(s: *const SSL) -> c_int {
    0
}
