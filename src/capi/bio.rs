//! The BIOs and file descriptors below a connection.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::c_int;
use std::ptr;

use openssl_sys::BIO;

use crate::capi::refuse;
use crate::capi::types::SSL;

/// SSL_set_bio(3): connects the connection to `rbio` for reading and `wbio` for writing.
///
/// Takes over one reference to each BIO, or one in all when both are the same and neither was set
/// before; SSL_set_bio(3) has the full rules.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_bio(s: *mut SSL, rbio: *mut BIO, wbio: *mut BIO) {}

/// SSL_set0_rbio(3): connects the read side to `rbio`.
///
/// Takes over the reference; the BIO set before is freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set0_rbio(s: *mut SSL, rbio: *mut BIO) {}

/// SSL_set0_wbio(3): connects the write side to `wbio`.
///
/// Takes over the reference; the BIO set before is freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set0_wbio(s: *mut SSL, wbio: *mut BIO) {}

/// SSL_get_rbio(3): the BIO the connection reads from.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_rbio(s: *const SSL) -> *mut BIO {
    refuse(ptr::null_mut(), "SSL_get_rbio")
}

/// SSL_get_wbio(3): the BIO the connection writes to.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_wbio(s: *const SSL) -> *mut BIO {
    refuse(ptr::null_mut(), "SSL_get_wbio")
}

/// SSL_set_fd(3): connects both sides to the socket `fd`.
///
/// The descriptor stays the caller's to close.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_fd(s: *mut SSL, fd: c_int) -> c_int {
    refuse(0, "SSL_set_fd")
}

/// SSL_set_rfd(3): connects the read side to the socket `fd`.
///
/// The descriptor stays the caller's to close.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_rfd(s: *mut SSL, fd: c_int) -> c_int {
    refuse(0, "SSL_set_rfd")
}

/// SSL_set_wfd(3): connects the write side to the socket `fd`.
///
/// The descriptor stays the caller's to close.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_wfd(s: *mut SSL, fd: c_int) -> c_int {
    refuse(0, "SSL_set_wfd")
}

/// SSL_get_fd(3): the descriptor below the read side, -1 when there is none.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_fd(s: *const SSL) -> c_int {
    refuse(-1, "SSL_get_fd")
}

/// SSL_get_rfd(3): the descriptor below the read side, -1 when there is none.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_rfd(s: *const SSL) -> c_int {
    refuse(-1, "SSL_get_rfd")
}

/// SSL_get_wfd(3): the descriptor below the write side, -1 when there is none.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_wfd(s: *const SSL) -> c_int {
    refuse(-1, "SSL_get_wfd")
}
