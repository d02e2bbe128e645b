//! Diffie-Hellman parameters.

use std::ffi::c_int;

use openssl_sys::EVP_PKEY;

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX, SSL_tmp_dh_cb_fn};

/// SSL_CTX_set0_tmp_dh_pkey(3): sets the DH parameters.
///
/// Takes over `dhpkey` on success only.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set0_tmp_dh_pkey(
    ctx: *mut SSL_CTX,
    dhpkey: *mut EVP_PKEY,
) -> c_int {
    refuse(0, "SSL_CTX_set0_tmp_dh_pkey")
}

/// SSL_set0_tmp_dh_pkey(3): sets the connection's DH parameters.
///
/// Takes over `dhpkey` on success only.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set0_tmp_dh_pkey(s: *mut SSL, dhpkey: *mut EVP_PKEY) -> c_int {
    refuse(0, "SSL_set0_tmp_dh_pkey")
}

/// SSL_CTX_set_tmp_dh_callback(3): sets the callback that provides DH parameters.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_tmp_dh_callback(ctx: *mut SSL_CTX, dh: SSL_tmp_dh_cb_fn) {}

/// SSL_set_tmp_dh_callback(3): sets the connection's callback that provides DH parameters.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_tmp_dh_callback(ssl: *mut SSL, dh: SSL_tmp_dh_cb_fn) {}
