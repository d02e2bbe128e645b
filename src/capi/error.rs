//! Why a call on a connection did not succeed.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::c_int;

use crate::capi::refuse;
use crate::capi::types::SSL;

/// SSL_get_error(3): the SSL_ERROR_* for the result of a call on this connection, from the queue
/// and the connection's state.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_error(s: *const SSL, ret_code: c_int) -> c_int {
    refuse(1, "SSL_get_error")
}

/// SSL_want(3): what the connection waits for: SSL_NOTHING, SSL_READING, SSL_WRITING and so on.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_want(s: *const SSL) -> c_int {
    refuse(1, "SSL_want")
}
