//! Records: read-ahead, buffer sizes, fragments, padding.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_int, c_void};
use std::ptr;

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX, SSL_record_padding_cb_fn};

/// SSL_set_read_ahead(3): lets the connection read more from the BIO than the current record.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_read_ahead(s: *mut SSL, yes: c_int) {}

/// SSL_get_read_ahead(3): whether the connection reads more from the BIO than the current record.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_read_ahead(s: *const SSL) -> c_int {
    refuse(0, "SSL_get_read_ahead")
}

/// SSL_CTX_set_default_read_buffer_len(3): sets the size of the read buffer of connections with
/// read-ahead.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_read_buffer_len(ctx: *mut SSL_CTX, len: usize) {}

/// SSL_set_default_read_buffer_len(3): sets the size of the connection's read buffer with
/// read-ahead.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_default_read_buffer_len(s: *mut SSL, len: usize) {}

/// SSL_CTX_set_tlsext_max_fragment_length(3): sets the maximum fragment length a client asks for.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_tlsext_max_fragment_length(
    ctx: *mut SSL_CTX,
    mode: u8,
) -> c_int {
    refuse(0, "SSL_CTX_set_tlsext_max_fragment_length")
}

/// SSL_set_tlsext_max_fragment_length(3): sets the maximum fragment length this client asks for.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_tlsext_max_fragment_length(ssl: *mut SSL, mode: u8) -> c_int {
    refuse(0, "SSL_set_tlsext_max_fragment_length")
}

/// SSL_CTX_set_block_padding(3): pads TLS 1.3 records to a multiple of `block_size`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_block_padding(ctx: *mut SSL_CTX, block_size: usize) -> c_int {
    refuse(0, "SSL_CTX_set_block_padding")
}

/// SSL_set_block_padding(3): pads the connection's TLS 1.3 records to a multiple of `block_size`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_block_padding(ssl: *mut SSL, block_size: usize) -> c_int {
    refuse(0, "SSL_set_block_padding")
}

/// SSL_CTX_set_record_padding_callback(3): sets the callback that decides on the padding of each
/// TLS 1.3 record.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_record_padding_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_record_padding_cb_fn,
) {
}

/// SSL_CTX_set_record_padding_callback_arg(3): sets the argument given to the padding callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_record_padding_callback_arg(
    ctx: *mut SSL_CTX,
    arg: *mut c_void,
) {
}

/// SSL_CTX_get_record_padding_callback_arg(3): the argument given to the padding callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_record_padding_callback_arg(
    ctx: *const SSL_CTX,
) -> *mut c_void {
    refuse(ptr::null_mut(), "SSL_CTX_get_record_padding_callback_arg")
}

/// SSL_set_record_padding_callback(3): sets the connection's callback that decides on the padding
/// of each TLS 1.3 record.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_record_padding_callback(
    ssl: *mut SSL,
    cb: SSL_record_padding_cb_fn,
) -> c_int {
    refuse(0, "SSL_set_record_padding_callback")
}

/// SSL_set_record_padding_callback_arg(3): sets the argument given to the connection's padding
/// callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_record_padding_callback_arg(ssl: *mut SSL, arg: *mut c_void) {}

/// SSL_get_record_padding_callback_arg(3): the argument given to the connection's padding
/// callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_record_padding_callback_arg(ssl: *const SSL) -> *mut c_void {
    refuse(ptr::null_mut(), "SSL_get_record_padding_callback_arg")
}
