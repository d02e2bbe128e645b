//! The callback that sees protocol messages, and their rendering as text.

use crate::capi::deref;
use std::ffi::{c_int, c_void};

use crate::capi::types::{SSL, SSL_CTX, SSL_msg_cb_fn};
use crate::foreign::bio::Bio;
use crate::model::trace::{self, Direction};

/// SSL_CTX_set_msg_callback(3): sets the callback that sees each protocol message.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_msg_callback(ctx: *mut SSL_CTX, cb: SSL_msg_cb_fn) {
    deref!(ctx ctx, ()).edit(|s| s.msg_callback.function = cb);
}

/// SSL_set_msg_callback(3): sets the connection's callback that sees each protocol message.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_msg_callback(ssl: *mut SSL, cb: SSL_msg_cb_fn) {
    let this = deref!(ssl ssl, ());
    this.edit(|s| s.msg_callback.function = cb);
    this.watch_anew();
}

/// SSL_trace: a message callback that prints each message to the BIO given as `arg`.
///
/// Status: full.
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
    let this = deref!(ssl ssl, ());
    // SAFETY: the program passes a BIO, whose owner it is.
    let Some(bio) = (unsafe { Bio::from_ptr_ref(arg.cast()) }) else {
        return;
    };
    let bytes = match buf.is_null() {
        true => &[],
        // SAFETY: the program passes a message of `len` bytes.
        false => unsafe { std::slice::from_raw_parts(buf.cast::<u8>(), len) },
    };
    let direction = match write_p {
        0 => Direction::Received,
        _ => Direction::Sent,
    };
    // As OpenSSL's, it cannot tell of a failure.
    let _ = bio.write(&trace::print(
        direction,
        content_type,
        bytes,
        this.viewpoint(),
    ));
}

/// SSL_set_debug: once set a debug flag; does nothing, as in OpenSSL.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_debug(s: *mut SSL, debug: c_int) {}
