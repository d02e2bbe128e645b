//! Verification parameters: host names, purpose, trust.

use crate::capi::{deref, status, string};
use std::ffi::{c_char, c_int, c_uint};
use std::ptr;

use openssl_sys::X509_VERIFY_PARAM;

use crate::capi::types::{SSL, SSL_CTX};

/// SSL_CTX_get0_param(3): the context's verification parameters, to be changed in place.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get0_param(ctx: *mut SSL_CTX) -> *mut X509_VERIFY_PARAM {
    let ctx = deref!(ctx ctx, ptr::null_mut());
    ctx.edit(|s| s.expose_param().map_or(ptr::null_mut(), |p| p.as_ptr()))
}

/// SSL_CTX_set1_param(3): copies what is set in `vpm` into the context's parameters.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set1_param(
    ctx: *mut SSL_CTX,
    vpm: *mut X509_VERIFY_PARAM,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program passes a live X509_VERIFY_PARAM.
    status(|| ctx.edit(|s| unsafe { s.own_param()?.set1(vpm) }))
}

/// SSL_CTX_set_purpose(3): sets the X509_PURPOSE_* certificates must serve.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_purpose(ctx: *mut SSL_CTX, purpose: c_int) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| ctx.edit(|s| s.own_param()?.set_purpose(purpose)))
}

/// SSL_CTX_set_trust(3): sets the X509_TRUST_* certificates must have.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_trust(ctx: *mut SSL_CTX, trust: c_int) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| ctx.edit(|s| s.own_param()?.set_trust(trust)))
}

/// SSL_get0_param(3): the connection's verification parameters, to be changed in place.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_param(ssl: *mut SSL) -> *mut X509_VERIFY_PARAM {
    let ssl = deref!(ssl ssl, ptr::null_mut());
    ssl.edit(|s| s.expose_param().map_or(ptr::null_mut(), |p| p.as_ptr()))
}

/// SSL_set1_param(3): copies what is set in `vpm` into the connection's parameters.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set1_param(ssl: *mut SSL, vpm: *mut X509_VERIFY_PARAM) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    // SAFETY: the program passes a live X509_VERIFY_PARAM.
    status(|| ssl.edit(|s| unsafe { s.own_param()?.set1(vpm) }))
}

/// SSL_set_purpose(3): sets the X509_PURPOSE_* certificates must serve.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_purpose(ssl: *mut SSL, purpose: c_int) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    status(|| ssl.edit(|s| s.own_param()?.set_purpose(purpose)))
}

/// SSL_set_trust(3): sets the X509_TRUST_* certificates must have.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_trust(ssl: *mut SSL, trust: c_int) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    status(|| ssl.edit(|s| s.own_param()?.set_trust(trust)))
}

/// SSL_set1_host(3): sets the host name or IP address the peer's certificate must match, in place
/// of the names or the address set before.
///
/// The name is copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set1_host(s: *mut SSL, hostname: *const c_char) -> c_int {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program passes a C string or NULL.
    let host = unsafe { string(hostname) };
    status(|| ssl.edit(|s| s.own_param()?.set1_host(host)))
}

/// SSL_add1_host(3): adds a host name the peer's certificate may match, or an IP address if there
/// is none.
///
/// The name is copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add1_host(s: *mut SSL, hostname: *const c_char) -> c_int {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program passes a C string or NULL.
    let host = unsafe { string(hostname) };
    status(|| ssl.edit(|s| s.own_param()?.add1_host(host)))
}

/// SSL_set_hostflags(3): sets the X509_CHECK_FLAG_* of host name matching.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_hostflags(s: *mut SSL, flags: c_uint) {
    deref!(ssl s, ()).edit(|s| {
        if let Ok(param) = s.own_param() {
            param.set_hostflags(flags);
        }
    });
}

/// SSL_get0_peername(3): the name in the peer's certificate that matched.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_peername(s: *mut SSL) -> *const c_char {
    deref!(ssl s, ptr::null())
        .with(|s| s.param.as_ref().map_or(ptr::null(), |p| p.get().peername()))
}
