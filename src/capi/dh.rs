//! Diffie-Hellman parameters.

use crate::foreign::evp::PrivateKey;
use crate::model::settings::KeptSlot;
use std::ffi::c_int;

use openssl_sys::EVP_PKEY;

use crate::capi::types::{SSL, SSL_CTX, SSL_tmp_dh_cb_fn};

/// SSL_CTX_set0_tmp_dh_pkey(3): sets the DH parameters.
///
/// Takes over `dhpkey` on success only.
///
/// Status: partial: taken and freed; no suite uses DH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set0_tmp_dh_pkey(
    ctx: *mut SSL_CTX,
    dhpkey: *mut EVP_PKEY,
) -> c_int {
    // SAFETY: the program gives up its reference.
    drop(unsafe { PrivateKey::from_ptr(dhpkey) });
    c_int::from(!ctx.is_null())
}

/// SSL_set0_tmp_dh_pkey(3): sets the connection's DH parameters.
///
/// Takes over `dhpkey` on success only.
///
/// Status: partial: taken and freed; no suite uses DH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set0_tmp_dh_pkey(s: *mut SSL, dhpkey: *mut EVP_PKEY) -> c_int {
    // SAFETY: the program gives up its reference.
    drop(unsafe { PrivateKey::from_ptr(dhpkey) });
    c_int::from(!s.is_null())
}

/// SSL_CTX_set_tmp_dh_callback(3): sets the callback that provides DH parameters.
///
/// Status: partial: remembered; no suite uses DH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_tmp_dh_callback(ctx: *mut SSL_CTX, dh: SSL_tmp_dh_cb_fn) {
    crate::capi::keep!(ctx ctx, (), KeptSlot::TmpDh, dh);
}

/// SSL_set_tmp_dh_callback(3): sets the connection's callback that provides DH parameters.
///
/// Status: partial: remembered; no suite uses DH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_tmp_dh_callback(ssl: *mut SSL, dh: SSL_tmp_dh_cb_fn) {
    crate::capi::keep!(ssl ssl, (), KeptSlot::TmpDh, dh);
}
