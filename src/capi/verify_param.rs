//! Verification parameters: host names, purpose, trust.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_char, c_int, c_uint};
use std::ptr;

use openssl_sys::X509_VERIFY_PARAM;

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX};

/// SSL_CTX_get0_param(3): the context's verification parameters, to be changed in place.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get0_param(ctx: *mut SSL_CTX) -> *mut X509_VERIFY_PARAM {
    refuse(ptr::null_mut(), "SSL_CTX_get0_param")
}

/// SSL_CTX_set1_param(3): copies what is set in `vpm` into the context's parameters.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set1_param(
    ctx: *mut SSL_CTX,
    vpm: *mut X509_VERIFY_PARAM,
) -> c_int {
    refuse(0, "SSL_CTX_set1_param")
}

/// SSL_CTX_set_purpose(3): sets the X509_PURPOSE_* certificates must serve.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_purpose(ctx: *mut SSL_CTX, purpose: c_int) -> c_int {
    refuse(0, "SSL_CTX_set_purpose")
}

/// SSL_CTX_set_trust(3): sets the X509_TRUST_* certificates must have.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_trust(ctx: *mut SSL_CTX, trust: c_int) -> c_int {
    refuse(0, "SSL_CTX_set_trust")
}

/// SSL_get0_param(3): the connection's verification parameters, to be changed in place.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_param(ssl: *mut SSL) -> *mut X509_VERIFY_PARAM {
    refuse(ptr::null_mut(), "SSL_get0_param")
}

/// SSL_set1_param(3): copies what is set in `vpm` into the connection's parameters.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set1_param(ssl: *mut SSL, vpm: *mut X509_VERIFY_PARAM) -> c_int {
    refuse(0, "SSL_set1_param")
}

/// SSL_set_purpose(3): sets the X509_PURPOSE_* certificates must serve.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_purpose(ssl: *mut SSL, purpose: c_int) -> c_int {
    refuse(0, "SSL_set_purpose")
}

/// SSL_set_trust(3): sets the X509_TRUST_* certificates must have.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_trust(ssl: *mut SSL, trust: c_int) -> c_int {
    refuse(0, "SSL_set_trust")
}

/// SSL_set1_host(3): sets the host name the peer's certificate must match, in place of all set
/// before.
///
/// The name is copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set1_host(s: *mut SSL, hostname: *const c_char) -> c_int {
    refuse(0, "SSL_set1_host")
}

/// SSL_add1_host(3): adds a host name the peer's certificate may match.
///
/// The name is copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add1_host(s: *mut SSL, hostname: *const c_char) -> c_int {
    refuse(0, "SSL_add1_host")
}

/// SSL_set_hostflags(3): sets the X509_CHECK_FLAG_* of host name matching.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_hostflags(s: *mut SSL, flags: c_uint) {}

/// SSL_get0_peername(3): the name in the peer's certificate that matched.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_peername(s: *mut SSL) -> *const c_char {
    refuse(ptr::null(), "SSL_get0_peername")
}
