//! Reading and peeking application data.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_int, c_void};

use crate::capi::refuse;
use crate::capi::types::SSL;

/// SSL_read(3): reads up to `num` bytes, after the handshake if there was none yet.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_read(ssl: *mut SSL, buf: *mut c_void, num: c_int) -> c_int {
    refuse(-1, "SSL_read")
}

/// SSL_read_ex(3): reads up to `num` bytes and stores how many there were.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_read_ex(
    ssl: *mut SSL,
    buf: *mut c_void,
    num: usize,
    readbytes: *mut usize,
) -> c_int {
    refuse(0, "SSL_read_ex")
}

/// SSL_peek(3): as SSL_read, leaving the bytes to be read again.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_peek(ssl: *mut SSL, buf: *mut c_void, num: c_int) -> c_int {
    refuse(-1, "SSL_peek")
}

/// SSL_peek_ex(3): as SSL_read_ex, leaving the bytes to be read again.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_peek_ex(
    ssl: *mut SSL,
    buf: *mut c_void,
    num: usize,
    readbytes: *mut usize,
) -> c_int {
    refuse(0, "SSL_peek_ex")
}

/// SSL_pending(3): how many bytes can be read from the record already decrypted.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_pending(s: *const SSL) -> c_int {
    refuse(0, "SSL_pending")
}

/// SSL_has_pending(3): 1 when anything is buffered, decrypted or not.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_has_pending(s: *const SSL) -> c_int {
    refuse(0, "SSL_has_pending")
}
