//! Keys for SRTP from a DTLS handshake.

use std::ffi::{c_char, c_int};
use std::ptr;

use crate::capi::types::{SRTP_PROTECTION_PROFILE, SSL, SSL_CTX, stack_st_SRTP_PROTECTION_PROFILE};
use crate::capi::{call, deref, string};
use crate::model::srtp;

/// SSL_CTX_set_tlsext_use_srtp(3): sets the SRTP profiles to negotiate; 0 is success.
///
/// Status: partial: remembered; only DTLS negotiates one, which is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_tlsext_use_srtp(
    ctx: *mut SSL_CTX,
    profiles: *const c_char,
) -> c_int {
    let ctx = deref!(ctx ctx, 1);
    // SAFETY: the program passes a C string, or NULL.
    let Some(list) = (unsafe { string(profiles) }) else {
        return 1;
    };
    call(1, || {
        ctx.set_srtp(srtp::profiles(list.to_bytes())?);
        Ok(0)
    })
}

/// SSL_set_tlsext_use_srtp(3): sets the SRTP profiles this connection negotiates; 0 is success.
///
/// Status: partial: remembered; only DTLS negotiates one, which is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_tlsext_use_srtp(ssl: *mut SSL, profiles: *const c_char) -> c_int {
    let ssl = deref!(ssl ssl, 1);
    // SAFETY: the program passes a C string, or NULL.
    let Some(list) = (unsafe { string(profiles) }) else {
        return 1;
    };
    call(1, || {
        ssl.set_srtp(srtp::profiles(list.to_bytes())?);
        Ok(0)
    })
}

/// SSL_get_srtp_profiles(3): the SRTP profiles set for the connection, else for its context; NULL
/// for none.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_srtp_profiles(
    ssl: *mut SSL,
) -> *mut stack_st_SRTP_PROTECTION_PROFILE {
    deref!(ssl ssl, ptr::null_mut()).srtp().cast()
}

/// SSL_get_selected_srtp_profile(3): the SRTP profile negotiated: NULL, since only DTLS negotiates
/// one.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_selected_srtp_profile(
    s: *mut SSL,
) -> *mut SRTP_PROTECTION_PROFILE {
    ptr::null_mut()
}
