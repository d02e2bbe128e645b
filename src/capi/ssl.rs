//! SSL: making, sharing, copying, resetting and freeing connections.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::c_int;
use std::ptr;

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX};

/// SSL_new(3): makes a connection that inherits the settings of `ctx`.
///
/// The caller owns the reference and ends it with SSL_free; the connection keeps a reference to
/// `ctx`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_new(ctx: *mut SSL_CTX) -> *mut SSL {
    refuse(ptr::null_mut(), "SSL_new")
}

/// SSL_dup(3): a new connection with a subset of the settings of `ssl`; past the initial state,
/// `ssl` itself with one more reference.
///
/// The caller owns the reference.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_dup(ssl: *mut SSL) -> *mut SSL {
    refuse(ptr::null_mut(), "SSL_dup")
}

/// SSL_up_ref(3): adds a reference to the connection.
///
/// The caller owns the new reference.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_up_ref(s: *mut SSL) -> c_int {
    refuse(0, "SSL_up_ref")
}

/// SSL_free(3): gives up one reference; the last one frees the connection with its BIOs. NULL is
/// ignored.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_free(ssl: *mut SSL) {}

/// SSL_clear(3): resets the connection, so that it can be used for another one with the same
/// settings.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_clear(s: *mut SSL) -> c_int {
    refuse(0, "SSL_clear")
}

/// SSL_get_SSL_CTX(3): the context the connection belongs to.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_SSL_CTX(ssl: *const SSL) -> *mut SSL_CTX {
    refuse(ptr::null_mut(), "SSL_get_SSL_CTX")
}

/// SSL_set_SSL_CTX: moves the connection to another context and its certificates; NULL means the
/// one it was made from.
///
/// The connection takes its own reference to `ctx`; the result is borrowed from it.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_SSL_CTX(ssl: *mut SSL, ctx: *mut SSL_CTX) -> *mut SSL_CTX {
    refuse(ptr::null_mut(), "SSL_set_SSL_CTX")
}

/// SSL_alloc_buffers(3): allocates the connection's read and write buffers ahead of use.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_alloc_buffers(ssl: *mut SSL) -> c_int {
    refuse(0, "SSL_alloc_buffers")
}

/// SSL_free_buffers(3): frees the connection's read and write buffers when they hold nothing.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_free_buffers(ssl: *mut SSL) -> c_int {
    refuse(0, "SSL_free_buffers")
}
