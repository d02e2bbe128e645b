//! The callback that sees protocol messages, and their rendering as text.

use crate::capi::deref;
use std::ffi::{c_int, c_void};

use crate::capi::types::{SSL, SSL_CTX, SSL_msg_cb_fn};

/// SSL_CTX_set_msg_callback(3): sets the callback that sees each protocol message.
///
/// Status: partial: messages that are encrypted, and those of TLS 1.3 after the ServerHello, are not shown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_msg_callback(ctx: *mut SSL_CTX, cb: SSL_msg_cb_fn) {
    deref!(ctx ctx, ()).edit(|s| s.msg_callback.function = cb);
}

/// SSL_set_msg_callback(3): sets the connection's callback that sees each protocol message.
///
/// Status: partial: messages that are encrypted, and those of TLS 1.3 after the ServerHello, are not shown.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_msg_callback(ssl: *mut SSL, cb: SSL_msg_cb_fn) {
    deref!(ssl ssl, ()).edit(|s| s.msg_callback.function = cb);
}

/// SSL_trace: a message callback that prints each message to the BIO given as `arg`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_trace(
    write_p: c_int,
    version: c_int,
    content_type: c_int,
    buf: *const c_void,
    len: usize,
    ssl: *mut SSL,
    arg: *mut c_void,
) {
}

/// SSL_set_debug: once set a debug flag; does nothing, as in OpenSSL.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_debug(s: *mut SSL, debug: c_int) {}
