//! Records: read-ahead, buffer sizes, fragments, padding.

use crate::capi::deref;
use crate::foreign::err::{Error, Reason};
use std::ffi::{c_int, c_void};

use crate::capi::types::{SSL, SSL_CTX, SSL_record_padding_cb_fn};

/// SSL_set_read_ahead(3): lets the connection read more from the BIO than the current record.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_read_ahead(s: *mut SSL, yes: c_int) {
    deref!(ssl s, ()).edit(|s| s.read_ahead = yes != 0);
}

/// SSL_get_read_ahead(3): whether the connection reads more from the BIO than the current record.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_read_ahead(s: *const SSL) -> c_int {
    deref!(ssl s, 0).with(|s| c_int::from(s.read_ahead))
}

/// SSL_CTX_set_default_read_buffer_len(3): sets the size of the read buffer of connections with
/// read-ahead.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_read_buffer_len(ctx: *mut SSL_CTX, len: usize) {
    deref!(ctx ctx, ()).edit(|s| s.read_buffer_len = len);
}

/// SSL_set_default_read_buffer_len(3): sets the size of the connection's read buffer with
/// read-ahead.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_default_read_buffer_len(s: *mut SSL, len: usize) {
    deref!(ssl s, ()).edit(|s| s.read_buffer_len = len);
}

/// SSL_CTX_set_tlsext_max_fragment_length(3): sets the maximum fragment length a client asks for.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_tlsext_max_fragment_length(
    ctx: *mut SSL_CTX,
    mode: u8,
) -> c_int {
    if mode > 4 {
        Error::reason(Reason::SSL3_EXT_INVALID_MAX_FRAGMENT_LENGTH).put();
        return 0;
    }
    deref!(ctx ctx, 0).edit(|s| s.max_fragment_mode = mode);
    1
}

/// SSL_set_tlsext_max_fragment_length(3): sets the maximum fragment length this client asks for.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_tlsext_max_fragment_length(ssl: *mut SSL, mode: u8) -> c_int {
    if mode > 4 {
        Error::reason(Reason::SSL3_EXT_INVALID_MAX_FRAGMENT_LENGTH).put();
        return 0;
    }
    deref!(ssl ssl, 0).edit(|s| s.max_fragment_mode = mode);
    1
}

/// SSL_CTX_set_block_padding(3): pads TLS 1.3 records to a multiple of `block_size`.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_block_padding(ctx: *mut SSL_CTX, block_size: usize) -> c_int {
    if block_size > crate::model::settings::MAX_PLAIN {
        return 0;
    }
    deref!(ctx ctx, 0).edit(|s| s.block_padding = block_size);
    1
}

/// SSL_set_block_padding(3): pads the connection's TLS 1.3 records to a multiple of `block_size`.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_block_padding(ssl: *mut SSL, block_size: usize) -> c_int {
    if block_size > crate::model::settings::MAX_PLAIN {
        return 0;
    }
    deref!(ssl ssl, 0).edit(|s| s.block_padding = block_size);
    1
}

/// SSL_CTX_set_record_padding_callback(3): sets the callback that decides on the padding of each
/// TLS 1.3 record.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_record_padding_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_record_padding_cb_fn,
) {
    deref!(ctx ctx, ()).edit(|s| s.padding_callback.function = cb);
}

/// SSL_CTX_set_record_padding_callback_arg(3): sets the argument given to the padding callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_record_padding_callback_arg(
    ctx: *mut SSL_CTX,
    arg: *mut c_void,
) {
    deref!(ctx ctx, ()).edit(|s| s.padding_callback.argument = arg);
}

/// SSL_CTX_get_record_padding_callback_arg(3): the argument given to the padding callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_record_padding_callback_arg(
    ctx: *const SSL_CTX,
) -> *mut c_void {
    deref!(ctx ctx, std::ptr::null_mut()).with(|s| s.padding_callback.argument)
}

/// SSL_set_record_padding_callback(3): sets the connection's callback that decides on the padding
/// of each TLS 1.3 record.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_record_padding_callback(
    ssl: *mut SSL,
    cb: SSL_record_padding_cb_fn,
) -> c_int {
    deref!(ssl ssl, 0).edit(|s| s.padding_callback.function = cb);
    1
}

/// SSL_set_record_padding_callback_arg(3): sets the argument given to the connection's padding
/// callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_record_padding_callback_arg(ssl: *mut SSL, arg: *mut c_void) {
    deref!(ssl ssl, ()).edit(|s| s.padding_callback.argument = arg);
}

/// SSL_get_record_padding_callback_arg(3): the argument given to the connection's padding
/// callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_record_padding_callback_arg(ssl: *const SSL) -> *mut c_void {
    deref!(ssl ssl, std::ptr::null_mut()).with(|s| s.padding_callback.argument)
}
