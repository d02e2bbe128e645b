//! Server name indication.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_char, c_int};
use std::ptr;

use crate::capi::refuse;
use crate::capi::types::SSL;

/// SSL_get_servername(3): the server name: asked for on a client, received on a server.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_servername(s: *const SSL, r#type: c_int) -> *const c_char {
    refuse(ptr::null(), "SSL_get_servername")
}

/// SSL_get_servername_type(3): TLSEXT_NAMETYPE_host_name when there is a server name, else -1.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_servername_type(s: *const SSL) -> c_int {
    refuse(-1, "SSL_get_servername_type")
}
