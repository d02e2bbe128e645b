//! Where the handshake stands, as number and as text.

use crate::capi::deref;
use crate::model::ssl::Stage;
use std::ffi::{c_char, c_int};

use crate::capi::types::{OSSL_HANDSHAKE_STATE, SSL};

const TLS_ST_BEFORE: OSSL_HANDSHAKE_STATE = 0;
const TLS_ST_OK: OSSL_HANDSHAKE_STATE = 1;
const TLS_ST_SR_CLNT_HELLO: OSSL_HANDSHAKE_STATE = 20;

/// SSL_get_state(3): the handshake state, TLS_ST_*.
///
/// Status: partial: tells before, under way and done apart, not the messages between.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_state(ssl: *const SSL) -> OSSL_HANDSHAKE_STATE {
    match deref!(ssl ssl, 0).stage() {
        Stage::Before => TLS_ST_BEFORE,
        Stage::Established => TLS_ST_OK,
        Stage::Handshaking | Stage::Failed => TLS_ST_SR_CLNT_HELLO,
    }
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
    c_int::from(deref!(ssl s, 0).stage() != Stage::Established)
}

/// SSL_is_init_finished(3): 1 when the handshake is complete.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_is_init_finished(s: *const SSL) -> c_int {
    c_int::from(deref!(ssl s, 0).stage() == Stage::Established)
}

/// SSL_state_string(3): the handshake state in six letters.
///
/// The result is static: not to be freed.
///
/// Status: partial: tells before, under way and done apart, not the messages between.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_state_string(s: *const SSL) -> *const c_char {
    match deref!(ssl s, c"UNKWN".as_ptr()).stage() {
        Stage::Before => c"PINIT",
        Stage::Established => c"SSLOK",
        Stage::Failed => c"SSLERR",
        Stage::Handshaking => c"TRCH",
    }
    .as_ptr()
}

/// SSL_state_string_long(3): the handshake state in words.
///
/// The result is static: not to be freed.
///
/// Status: partial: tells before, under way and done apart, not the messages between.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_state_string_long(s: *const SSL) -> *const c_char {
    match deref!(ssl s, c"unknown state".as_ptr()).stage() {
        Stage::Before => c"before SSL initialization",
        Stage::Established => c"SSL negotiation finished successfully",
        Stage::Failed => c"error",
        Stage::Handshaking => c"SSLv3/TLS read client hello",
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
    c"RH".as_ptr()
}

/// SSL_rstate_string_long(3): the state of record reading in words.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_rstate_string_long(s: *const SSL) -> *const c_char {
    c"read header".as_ptr()
}
