//! Ending a connection.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::c_int;

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX};

/// SSL_shutdown(3): sends a close_notify, then waits for the peer's: 0 after the first, 1 after
/// both.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_shutdown(s: *mut SSL) -> c_int {
    refuse(-1, "SSL_shutdown")
}

/// SSL_get_shutdown(3): the SSL_SENT_SHUTDOWN and SSL_RECEIVED_SHUTDOWN flags.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_shutdown(ssl: *const SSL) -> c_int {
    refuse(0, "SSL_get_shutdown")
}

/// SSL_set_shutdown(3): sets the shutdown flags without sending anything.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_shutdown(ssl: *mut SSL, mode: c_int) {}

/// SSL_CTX_set_quiet_shutdown(3): with 1, SSL_shutdown only sets the flags and sends nothing.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_quiet_shutdown(ctx: *mut SSL_CTX, mode: c_int) {}

/// SSL_CTX_get_quiet_shutdown(3): whether SSL_shutdown only sets the flags.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_quiet_shutdown(ctx: *const SSL_CTX) -> c_int {
    refuse(0, "SSL_CTX_get_quiet_shutdown")
}

/// SSL_set_quiet_shutdown(3): with 1, SSL_shutdown on this connection only sets the flags and
/// sends nothing.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_quiet_shutdown(ssl: *mut SSL, mode: c_int) {}

/// SSL_get_quiet_shutdown(3): whether SSL_shutdown on this connection only sets the flags.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_quiet_shutdown(ssl: *const SSL) -> c_int {
    refuse(0, "SSL_get_quiet_shutdown")
}
