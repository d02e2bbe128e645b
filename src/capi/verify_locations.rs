//! Where trusted certificates come from.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]
#![expect(non_snake_case, reason = "parameters are named as in ssl.h")]

use std::ffi::{c_char, c_int};
use std::ptr;

use openssl_sys::X509_STORE;

use crate::capi::refuse;
use crate::capi::types::SSL_CTX;

/// SSL_CTX_load_verify_locations(3): adds a file and a hashed directory of trusted certificates;
/// either may be NULL, not both.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_load_verify_locations(
    ctx: *mut SSL_CTX,
    CAfile: *const c_char,
    CApath: *const c_char,
) -> c_int {
    refuse(0, "SSL_CTX_load_verify_locations")
}

/// SSL_CTX_load_verify_file(3): adds the trusted certificates of a file.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_load_verify_file(
    ctx: *mut SSL_CTX,
    CAfile: *const c_char,
) -> c_int {
    refuse(0, "SSL_CTX_load_verify_file")
}

/// SSL_CTX_load_verify_dir(3): adds a hashed directory of trusted certificates.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_load_verify_dir(
    ctx: *mut SSL_CTX,
    CApath: *const c_char,
) -> c_int {
    refuse(0, "SSL_CTX_load_verify_dir")
}

/// SSL_CTX_load_verify_store(3): adds the trusted certificates found at a URI.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_load_verify_store(
    ctx: *mut SSL_CTX,
    CAstore: *const c_char,
) -> c_int {
    refuse(0, "SSL_CTX_load_verify_store")
}

/// SSL_CTX_set_default_verify_paths(3): trusts OpenSSL's default file, directory and store.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_verify_paths(ctx: *mut SSL_CTX) -> c_int {
    refuse(0, "SSL_CTX_set_default_verify_paths")
}

/// SSL_CTX_set_default_verify_file(3): trusts OpenSSL's default file.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_verify_file(ctx: *mut SSL_CTX) -> c_int {
    refuse(0, "SSL_CTX_set_default_verify_file")
}

/// SSL_CTX_set_default_verify_dir(3): trusts OpenSSL's default directory.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_verify_dir(ctx: *mut SSL_CTX) -> c_int {
    refuse(0, "SSL_CTX_set_default_verify_dir")
}

/// SSL_CTX_set_default_verify_store(3): trusts OpenSSL's default store.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_verify_store(ctx: *mut SSL_CTX) -> c_int {
    refuse(0, "SSL_CTX_set_default_verify_store")
}

/// SSL_CTX_get_cert_store(3): the store of trusted certificates.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_cert_store(ctx: *const SSL_CTX) -> *mut X509_STORE {
    refuse(ptr::null_mut(), "SSL_CTX_get_cert_store")
}

/// SSL_CTX_set_cert_store(3): replaces the store of trusted certificates.
///
/// Takes over the reference to the store; the previous one is freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_cert_store(ctx: *mut SSL_CTX, store: *mut X509_STORE) {}

/// SSL_CTX_set1_cert_store(3): replaces the store of trusted certificates.
///
/// The context takes its own reference to the store; the previous one is freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set1_cert_store(ctx: *mut SSL_CTX, store: *mut X509_STORE) {}
