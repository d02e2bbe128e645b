//! Server name indication.

use crate::capi::deref;
use std::ffi::{c_char, c_int};
use std::ptr;

use crate::capi::types::SSL;

const TLSEXT_NAMETYPE_HOST_NAME: c_int = 0;

/// SSL_get_servername(3): the server name: asked for on a client, received on a server.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_servername(s: *const SSL, r#type: c_int) -> *const c_char {
    match r#type {
        TLSEXT_NAMETYPE_HOST_NAME => deref!(ssl s, ptr::null()).host_name(),
        _ => ptr::null(),
    }
}

/// SSL_get_servername_type(3): TLSEXT_NAMETYPE_host_name when there is a server name, else -1.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_servername_type(s: *const SSL) -> c_int {
    match deref!(ssl s, -1).host_name().is_null() {
        true => -1,
        false => TLSEXT_NAMETYPE_HOST_NAME,
    }
}
