//! Where the handshake stands, as number and as text.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_char, c_int};

use crate::capi::refuse;
use crate::capi::types::{OSSL_HANDSHAKE_STATE, SSL};

/// SSL_get_state(3): the handshake state, TLS_ST_*.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_state(ssl: *const SSL) -> OSSL_HANDSHAKE_STATE {
    refuse(0, "SSL_get_state")
}

/// SSL_in_before(3): 1 when the handshake has not begun.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_in_before(s: *const SSL) -> c_int {
    refuse(1, "SSL_in_before")
}

/// SSL_in_init(3): 1 while the handshake is not complete.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_in_init(s: *const SSL) -> c_int {
    refuse(1, "SSL_in_init")
}

/// SSL_is_init_finished(3): 1 when the handshake is complete.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_is_init_finished(s: *const SSL) -> c_int {
    refuse(0, "SSL_is_init_finished")
}

/// SSL_state_string(3): the handshake state in six letters.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_state_string(s: *const SSL) -> *const c_char {
    refuse(c"UNKWN ".as_ptr(), "SSL_state_string")
}

/// SSL_state_string_long(3): the handshake state in words.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_state_string_long(s: *const SSL) -> *const c_char {
    refuse(c"unknown state".as_ptr(), "SSL_state_string_long")
}

/// SSL_rstate_string(3): the state of record reading in two letters.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_rstate_string(s: *const SSL) -> *const c_char {
    refuse(c"unknown".as_ptr(), "SSL_rstate_string")
}

/// SSL_rstate_string_long(3): the state of record reading in words.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_rstate_string_long(s: *const SSL) -> *const c_char {
    refuse(c"unknown".as_ptr(), "SSL_rstate_string_long")
}
