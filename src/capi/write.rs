//! Writing application data.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_int, c_void};

use libc::off_t;

use crate::capi::refuse;
use crate::capi::types::SSL;

/// SSL_write(3): writes `num` bytes, after the handshake if there was none yet.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_write(ssl: *mut SSL, buf: *const c_void, num: c_int) -> c_int {
    refuse(-1, "SSL_write")
}

/// SSL_write_ex(3): writes `num` bytes and stores how many went out.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_write_ex(
    s: *mut SSL,
    buf: *const c_void,
    num: usize,
    written: *mut usize,
) -> c_int {
    refuse(0, "SSL_write_ex")
}

/// SSL_sendfile(3): sends part of a file through kernel TLS.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_sendfile(
    s: *mut SSL,
    fd: c_int,
    offset: off_t,
    size: usize,
    flags: c_int,
) -> isize {
    refuse(-1, "SSL_sendfile")
}
