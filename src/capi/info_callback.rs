//! The callback that follows the connection's state.

use crate::capi::deref;
use crate::capi::types::{SSL, SSL_CTX, SSL_info_cb_fn};
use crate::foreign::callback::Callback;

/// SSL_CTX_set_info_callback(3): sets the callback that is told of state changes, alerts and
/// errors.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_info_callback(ctx: *mut SSL_CTX, cb: SSL_info_cb_fn) {
    deref!(ctx ctx, ()).edit(|s| s.info_callback = Callback::new(cb, std::ptr::null_mut()));
}

/// SSL_CTX_get_info_callback(3): the context's info callback.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_info_callback(ctx: *mut SSL_CTX) -> SSL_info_cb_fn {
    deref!(ctx ctx, None).with(|s| s.info_callback.map(|c| c.function()))
}

/// SSL_set_info_callback(3): sets the connection's callback that is told of state changes, alerts
/// and errors.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_info_callback(ssl: *mut SSL, cb: SSL_info_cb_fn) {
    let this = deref!(ssl ssl, ());
    this.set_info_callback(Callback::new(cb, std::ptr::null_mut()));
    this.watch_anew();
}

/// SSL_get_info_callback(3): the connection's info callback.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_info_callback(ssl: *const SSL) -> SSL_info_cb_fn {
    deref!(ssl ssl, None).info_callback().map(|c| c.function())
}
