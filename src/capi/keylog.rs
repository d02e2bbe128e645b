//! The callback that is given the connection's secrets.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use crate::capi::refuse;
use crate::capi::types::{SSL_CTX, SSL_CTX_keylog_cb_func};

/// SSL_CTX_set_keylog_callback(3): sets the callback that is given each line of the NSS key log.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_keylog_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_CTX_keylog_cb_func,
) {
}

/// SSL_CTX_get_keylog_callback(3): the callback set by SSL_CTX_set_keylog_callback.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_keylog_callback(
    ctx: *const SSL_CTX,
) -> SSL_CTX_keylog_cb_func {
    refuse(None, "SSL_CTX_get_keylog_callback")
}
