//! The callback that is given the connection's secrets.

use crate::capi::deref;
use crate::capi::types::{SSL_CTX, SSL_CTX_keylog_cb_func};
use crate::foreign::callback::Callback;

/// SSL_CTX_set_keylog_callback(3): sets the callback that is given each line of the NSS key log.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_keylog_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_CTX_keylog_cb_func,
) {
    deref!(ctx ctx, ()).edit_hooks(|h| h.keylog = Callback::new(cb, std::ptr::null_mut()));
}

/// SSL_CTX_get_keylog_callback(3): the callback set by SSL_CTX_set_keylog_callback.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_keylog_callback(
    ctx: *const SSL_CTX,
) -> SSL_CTX_keylog_cb_func {
    deref!(ctx ctx, None).with_hooks(|h| h.keylog.map(|c| c.function()))
}
