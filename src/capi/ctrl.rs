//! The control functions behind most of ssl.h's macros.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_int, c_long, c_void};

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX, SSL_ctrl_cb_fn};

/// SSL_ctrl(3): runs command `cmd` on the connection; 0 for an unknown one.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_ctrl(
    ssl: *mut SSL,
    cmd: c_int,
    larg: c_long,
    parg: *mut c_void,
) -> c_long {
    refuse(0, "SSL_ctrl")
}

/// SSL_CTX_ctrl(3): runs command `cmd` on the context; 0 for an unknown one.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_ctrl(
    ctx: *mut SSL_CTX,
    cmd: c_int,
    larg: c_long,
    parg: *mut c_void,
) -> c_long {
    refuse(0, "SSL_CTX_ctrl")
}

/// SSL_callback_ctrl(3): sets the callback that command `cmd` names on the connection.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_callback_ctrl(
    ssl: *mut SSL,
    cmd: c_int,
    cb: SSL_ctrl_cb_fn,
) -> c_long {
    refuse(0, "SSL_callback_ctrl")
}

/// SSL_CTX_callback_ctrl(3): sets the callback that command `cmd` names on the context.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_callback_ctrl(
    ctx: *mut SSL_CTX,
    cmd: c_int,
    cb: SSL_ctrl_cb_fn,
) -> c_long {
    refuse(0, "SSL_CTX_callback_ctrl")
}
