//! The callback that follows the connection's state.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX, SSL_info_cb_fn};

/// SSL_CTX_set_info_callback(3): sets the callback that is told of state changes, alerts and
/// errors.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_info_callback(ctx: *mut SSL_CTX, cb: SSL_info_cb_fn) {}

/// SSL_CTX_get_info_callback(3): the context's info callback.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_info_callback(ctx: *mut SSL_CTX) -> SSL_info_cb_fn {
    refuse(None, "SSL_CTX_get_info_callback")
}

/// SSL_set_info_callback(3): sets the connection's callback that is told of state changes, alerts
/// and errors.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_info_callback(ssl: *mut SSL, cb: SSL_info_cb_fn) {}

/// SSL_get_info_callback(3): the connection's info callback.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_info_callback(ssl: *const SSL) -> SSL_info_cb_fn {
    refuse(None, "SSL_get_info_callback")
}
