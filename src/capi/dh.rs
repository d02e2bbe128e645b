//! Diffie-Hellman parameters.

use crate::capi::{deref, status};
use crate::foreign::evp::PrivateKey;
use crate::model::security::Policy;
use crate::model::settings::KeptSlot;
use std::ffi::c_int;

use openssl_sys::EVP_PKEY;

use crate::capi::types::{SSL, SSL_CTX, SSL_tmp_dh_cb_fn};

/// Takes parameters that the policy permits; others stay the program's.
///
/// # Safety
/// `key` is NULL or a live EVP_PKEY of which the caller owns a reference.
unsafe fn take(policy: Policy, key: *mut EVP_PKEY) -> c_int {
    status(|| {
        // SAFETY: the caller's contract; a second reference is kept where the first is given up.
        let key = unsafe { PrivateKey::from_ptr_ref(key) };
        policy.dh(key.as_ref())?;
        if let Some(key) = key {
            // SAFETY: the caller's contract.
            drop(unsafe { PrivateKey::from_ptr(key.as_ptr()) });
        }
        Ok(())
    })
}

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
    let policy = deref!(ctx ctx, 0).policy();
    // SAFETY: the program gives up its reference.
    unsafe { take(policy, dhpkey) }
}

/// SSL_set0_tmp_dh_pkey(3): sets the connection's DH parameters.
///
/// Takes over `dhpkey` on success only.
///
/// Status: partial: taken and freed; no suite uses DH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set0_tmp_dh_pkey(s: *mut SSL, dhpkey: *mut EVP_PKEY) -> c_int {
    let policy = deref!(ssl s, 0).policy();
    // SAFETY: the program gives up its reference.
    unsafe { take(policy, dhpkey) }
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
