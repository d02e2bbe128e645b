//! Keys for SRTP from a DTLS handshake.

use std::ffi::{c_char, c_int};
use std::ptr;

use crate::capi::refuse;
use crate::capi::types::{SRTP_PROTECTION_PROFILE, SSL, SSL_CTX, stack_st_SRTP_PROTECTION_PROFILE};

/// SSL_CTX_set_tlsext_use_srtp(3): sets the SRTP profiles to negotiate; 0 is success.
///
/// Status: refused: SRTP needs DTLS, which is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_tlsext_use_srtp(
    ctx: *mut SSL_CTX,
    profiles: *const c_char,
) -> c_int {
    refuse(1, "SSL_CTX_set_tlsext_use_srtp")
}

/// SSL_set_tlsext_use_srtp(3): sets the SRTP profiles this connection negotiates; 0 is success.
///
/// Status: refused: SRTP needs DTLS, which is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_tlsext_use_srtp(ssl: *mut SSL, profiles: *const c_char) -> c_int {
    refuse(1, "SSL_set_tlsext_use_srtp")
}

/// SSL_get_srtp_profiles(3): the SRTP profiles set: NULL, there are never any.
///
/// Status: refused: SRTP needs DTLS, which is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_srtp_profiles(
    ssl: *mut SSL,
) -> *mut stack_st_SRTP_PROTECTION_PROFILE {
    ptr::null_mut()
}

/// SSL_get_selected_srtp_profile(3): the SRTP profile negotiated: NULL, there is never one.
///
/// Status: refused: SRTP needs DTLS, which is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_selected_srtp_profile(
    s: *mut SSL,
) -> *mut SRTP_PROTECTION_PROFILE {
    ptr::null_mut()
}
