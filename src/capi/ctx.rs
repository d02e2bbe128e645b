//! SSL_CTX: making, sharing and freeing contexts.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_char, c_int};
use std::ptr;

use openssl_sys::OSSL_LIB_CTX;

use crate::capi::refuse;
use crate::capi::types::{SSL_CTX, SSL_METHOD};

/// SSL_CTX_new(3): makes a context for `meth` in the default library context.
///
/// The caller owns the reference and ends it with SSL_CTX_free.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_new(meth: *const SSL_METHOD) -> *mut SSL_CTX {
    refuse(ptr::null_mut(), "SSL_CTX_new")
}

/// SSL_CTX_new_ex(3): makes a context for `meth`; algorithms are fetched from `libctx` with the
/// property query `propq`.
///
/// The caller owns the reference. `libctx` is borrowed and must outlive the context; `propq` is
/// copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_new_ex(
    libctx: *mut OSSL_LIB_CTX,
    propq: *const c_char,
    meth: *const SSL_METHOD,
) -> *mut SSL_CTX {
    refuse(ptr::null_mut(), "SSL_CTX_new_ex")
}

/// SSL_CTX_up_ref(3): adds a reference to the context.
///
/// The caller owns the new reference.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_up_ref(ctx: *mut SSL_CTX) -> c_int {
    refuse(0, "SSL_CTX_up_ref")
}

/// SSL_CTX_free(3): gives up one reference; the last one frees the context. NULL is ignored.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_free(ctx: *mut SSL_CTX) {}
