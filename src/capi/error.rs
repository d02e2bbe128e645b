//! Why a call on a connection did not succeed.

use crate::capi::deref;
use std::ffi::c_int;

use crate::capi::types::SSL;

/// SSL_get_error(3): the SSL_ERROR_* for the result of a call on this connection, from the queue
/// and the connection's state.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_error(s: *const SSL, ret_code: c_int) -> c_int {
    deref!(ssl s, 1).error_code(ret_code)
}

/// SSL_want(3): what the connection waits for: SSL_NOTHING, SSL_READING, SSL_WRITING and so on.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_want(s: *const SSL) -> c_int {
    deref!(ssl s, 1).want() as c_int
}
