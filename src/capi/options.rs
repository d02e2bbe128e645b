//! The SSL_OP_* options.

use crate::capi::deref;
use crate::capi::types::{SSL, SSL_CTX};

/// SSL_CTX_set_options(3): adds options; the result is all that are set.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_options(ctx: *mut SSL_CTX, op: u64) -> u64 {
    deref!(ctx ctx, 0).edit(|s| {
        s.options |= op;
        s.options
    })
}

/// SSL_CTX_clear_options(3): removes options; the result is what remains.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_clear_options(ctx: *mut SSL_CTX, op: u64) -> u64 {
    deref!(ctx ctx, 0).edit(|s| {
        s.options &= !op;
        s.options
    })
}

/// SSL_CTX_get_options(3): the context's options.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_options(ctx: *const SSL_CTX) -> u64 {
    deref!(ctx ctx, 0).with(|s| s.options)
}

/// SSL_set_options(3): adds options; the result is all that are set.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_options(s: *mut SSL, op: u64) -> u64 {
    deref!(ssl s, 0).edit(|s| {
        s.options |= op;
        s.options
    })
}

/// SSL_clear_options(3): removes options; the result is what remains.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_clear_options(s: *mut SSL, op: u64) -> u64 {
    deref!(ssl s, 0).edit(|s| {
        s.options &= !op;
        s.options
    })
}

/// SSL_get_options(3): the connection's options.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_options(s: *const SSL) -> u64 {
    deref!(ssl s, 0).with(|s| s.options)
}
