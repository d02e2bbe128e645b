//! The callbacks that make and check cookies.

use std::ptr;

use crate::capi::types::{
    SSL_CTX, SSL_CTX_cookie_generate_cb_fn, SSL_CTX_cookie_verify_cb_fn,
    SSL_CTX_stateless_cookie_generate_cb_fn, SSL_CTX_stateless_cookie_verify_cb_fn,
};
use crate::foreign::callback::Callback;
use crate::model::settings::KeptSlot;

/// SSL_CTX_set_cookie_generate_cb(3): sets the callback that makes DTLS cookies.
///
/// Status: partial: remembered; DTLS is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_cookie_generate_cb(
    ctx: *mut SSL_CTX,
    app_gen_cookie_cb: SSL_CTX_cookie_generate_cb_fn,
) {
    crate::capi::keep!(ctx ctx, (), KeptSlot::CookieGenerate, app_gen_cookie_cb);
}

/// SSL_CTX_set_cookie_verify_cb(3): sets the callback that checks DTLS cookies.
///
/// Status: partial: remembered; DTLS is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_cookie_verify_cb(
    ctx: *mut SSL_CTX,
    app_verify_cookie_cb: SSL_CTX_cookie_verify_cb_fn,
) {
    crate::capi::keep!(ctx ctx, (), KeptSlot::CookieVerify, app_verify_cookie_cb);
}

/// SSL_CTX_set_stateless_cookie_generate_cb(3): sets the callback that makes the cookies of
/// SSL_stateless.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_stateless_cookie_generate_cb(
    ctx: *mut SSL_CTX,
    gen_stateless_cookie_cb: SSL_CTX_stateless_cookie_generate_cb_fn,
) {
    let callback = Callback::new(gen_stateless_cookie_cb, ptr::null_mut());
    crate::capi::deref!(ctx ctx, ()).set_cookie_maker(callback);
}

/// SSL_CTX_set_stateless_cookie_verify_cb(3): sets the callback that checks the cookies of
/// SSL_stateless.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_stateless_cookie_verify_cb(
    ctx: *mut SSL_CTX,
    verify_stateless_cookie_cb: SSL_CTX_stateless_cookie_verify_cb_fn,
) {
    let callback = Callback::new(verify_stateless_cookie_cb, ptr::null_mut());
    crate::capi::deref!(ctx ctx, ()).edit_hooks(|h| h.check_cookie = callback);
}
