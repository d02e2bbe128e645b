//! SSL_CONF: configuration by command names and values.

use std::ffi::{c_char, c_int, c_uint};
use std::ptr;

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CONF_CTX, SSL_CTX};

/// SSL_CONF_CTX_new(3): makes a configuration context.
///
/// The caller frees it with SSL_CONF_CTX_free.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_new() -> *mut SSL_CONF_CTX {
    refuse(ptr::null_mut(), "SSL_CONF_CTX_new")
}

/// SSL_CONF_CTX_free(3): frees a configuration context. NULL is ignored.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_free(cctx: *mut SSL_CONF_CTX) {}

/// SSL_CONF_CTX_finish(3): ends the configuration; what depends on several commands takes effect.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_finish(cctx: *mut SSL_CONF_CTX) -> c_int {
    refuse(0, "SSL_CONF_CTX_finish")
}

/// SSL_CONF_CTX_set_flags(3): adds SSL_CONF_FLAG_* flags; the result is all that are set.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_set_flags(cctx: *mut SSL_CONF_CTX, flags: c_uint) -> c_uint {
    refuse(0, "SSL_CONF_CTX_set_flags")
}

/// SSL_CONF_CTX_clear_flags(3): removes SSL_CONF_FLAG_* flags; the result is what remains.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_clear_flags(
    cctx: *mut SSL_CONF_CTX,
    flags: c_uint,
) -> c_uint {
    refuse(0, "SSL_CONF_CTX_clear_flags")
}

/// SSL_CONF_CTX_set1_prefix(3): sets the prefix that commands must begin with.
///
/// The text is copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_set1_prefix(
    cctx: *mut SSL_CONF_CTX,
    pre: *const c_char,
) -> c_int {
    refuse(0, "SSL_CONF_CTX_set1_prefix")
}

/// SSL_CONF_CTX_set_ssl(3): directs the commands to a connection; NULL only checks syntax.
///
/// `ssl` is borrowed until the next such call.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_set_ssl(cctx: *mut SSL_CONF_CTX, ssl: *mut SSL) {}

/// SSL_CONF_CTX_set_ssl_ctx(3): directs the commands to a context; NULL only checks syntax.
///
/// `ctx` is borrowed until the next such call.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_set_ssl_ctx(cctx: *mut SSL_CONF_CTX, ctx: *mut SSL_CTX) {}

/// SSL_CONF_cmd(3): runs one command: 2 or 1 when done, 0 for a bad value, -2 for an unknown
/// command, -3 for a missing value.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_cmd(
    cctx: *mut SSL_CONF_CTX,
    cmd: *const c_char,
    value: *const c_char,
) -> c_int {
    refuse(0, "SSL_CONF_cmd")
}

/// SSL_CONF_cmd_argv(3): runs the command at the start of an argument list and advances past it.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_cmd_argv(
    cctx: *mut SSL_CONF_CTX,
    pargc: *mut c_int,
    pargv: *mut *mut *mut c_char,
) -> c_int {
    refuse(-1, "SSL_CONF_cmd_argv")
}

/// SSL_CONF_cmd_value_type(3): the SSL_CONF_TYPE_* of the value a command takes.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_cmd_value_type(
    cctx: *mut SSL_CONF_CTX,
    cmd: *const c_char,
) -> c_int {
    refuse(0, "SSL_CONF_cmd_value_type")
}
