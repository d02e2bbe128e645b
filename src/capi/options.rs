//! The SSL_OP_* options.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX};

/// SSL_CTX_set_options(3): adds options; the result is all that are set.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_options(ctx: *mut SSL_CTX, op: u64) -> u64 {
    refuse(0, "SSL_CTX_set_options")
}

/// SSL_CTX_clear_options(3): removes options; the result is what remains.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_clear_options(ctx: *mut SSL_CTX, op: u64) -> u64 {
    refuse(0, "SSL_CTX_clear_options")
}

/// SSL_CTX_get_options(3): the context's options.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_options(ctx: *const SSL_CTX) -> u64 {
    refuse(0, "SSL_CTX_get_options")
}

/// SSL_set_options(3): adds options; the result is all that are set.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_options(s: *mut SSL, op: u64) -> u64 {
    refuse(0, "SSL_set_options")
}

/// SSL_clear_options(3): removes options; the result is what remains.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_clear_options(s: *mut SSL, op: u64) -> u64 {
    refuse(0, "SSL_clear_options")
}

/// SSL_get_options(3): the connection's options.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_options(s: *const SSL) -> u64 {
    refuse(0, "SSL_get_options")
}
