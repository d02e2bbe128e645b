//! Where the handshake stands, as number and as text.

use crate::capi::deref;
use crate::model::ssl::Stage;
use crate::model::state::{HandshakeState, RecordState};
use std::ffi::{c_char, c_int};
use std::ptr;

use crate::capi::types::{OSSL_HANDSHAKE_STATE, SSL};

/// SSL_get_state(3): the handshake state, TLS_ST_*.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_state(ssl: *const SSL) -> OSSL_HANDSHAKE_STATE {
    deref!(ssl ssl, 0).state() as OSSL_HANDSHAKE_STATE
}

/// SSL_in_before(3): 1 when the handshake has not begun.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_in_before(s: *const SSL) -> c_int {
    c_int::from(deref!(ssl s, 0).stage() == Stage::Before)
}

/// SSL_in_init(3): 1 while the handshake is not complete.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_in_init(s: *const SSL) -> c_int {
    c_int::from(deref!(ssl s, 0).in_init())
}

/// SSL_is_init_finished(3): 1 when the handshake is complete.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_is_init_finished(s: *const SSL) -> c_int {
    let ssl = deref!(ssl s, 0);
    c_int::from(ssl.stage() == Stage::Established && !ssl.in_init())
}

/// SSL_state_string(3): the handshake state in six letters.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_state_string(s: *const SSL) -> *const c_char {
    let ssl = deref!(ssl s, ptr::null());
    match ssl.stage() {
        Stage::Failed => HandshakeState::ERROR_SHORT,
        _ => ssl.state().short(),
    }
    .as_ptr()
}

/// SSL_state_string_long(3): the handshake state in words.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_state_string_long(s: *const SSL) -> *const c_char {
    let ssl = deref!(ssl s, ptr::null());
    match ssl.stage() {
        Stage::Failed => HandshakeState::ERROR_LONG,
        _ => ssl.state().long(),
    }
    .as_ptr()
}

/// SSL_rstate_string(3): the state of record reading in two letters.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_rstate_string(s: *const SSL) -> *const c_char {
    // A record is taken whole, so between calls a header is awaited.
    RecordState::ReadHeader.short().as_ptr()
}

/// SSL_rstate_string_long(3): the state of record reading in words.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_rstate_string_long(s: *const SSL) -> *const c_char {
    RecordState::ReadHeader.long().as_ptr()
}
