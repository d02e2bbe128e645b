//! TLS compression.

use std::ffi::{c_char, c_int};
use std::ptr;

use openssl_sys::COMP_METHOD;

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_COMP, stack_st_SSL_COMP};

/// SSL_COMP_add_compression_method(3): adds a compression method; 0 is success.
///
/// Status: refused: compression is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_COMP_add_compression_method(id: c_int, cm: *mut COMP_METHOD) -> c_int {
    refuse(1, "SSL_COMP_add_compression_method")
}

/// SSL_COMP_get_compression_methods(3): the compression methods: NULL, there are never any.
///
/// Status: refused: compression is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_COMP_get_compression_methods() -> *mut stack_st_SSL_COMP {
    ptr::null_mut()
}

/// SSL_COMP_set0_compression_methods: replaces the compression methods; `meths` is handed back
/// unused.
///
/// Status: refused: compression is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_COMP_set0_compression_methods(
    meths: *mut stack_st_SSL_COMP,
) -> *mut stack_st_SSL_COMP {
    meths
}

/// SSL_COMP_get_name: the name of a compression method: NULL.
///
/// Status: refused: compression is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_COMP_get_name(comp: *const COMP_METHOD) -> *const c_char {
    ptr::null()
}

/// SSL_COMP_get0_name(3): the name of a compression method: NULL.
///
/// Status: refused: compression is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_COMP_get0_name(comp: *const SSL_COMP) -> *const c_char {
    ptr::null()
}

/// SSL_COMP_get_id(3): the id of a compression method: -1.
///
/// Status: refused: compression is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_COMP_get_id(comp: *const SSL_COMP) -> c_int {
    -1
}

/// SSL_get_current_compression: the compression in use when sending: NULL, there is never any.
///
/// Status: refused: compression is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_current_compression(s: *const SSL) -> *const COMP_METHOD {
    ptr::null()
}

/// SSL_get_current_expansion: the compression in use when receiving: NULL, there is never any.
///
/// Status: refused: compression is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_current_expansion(s: *const SSL) -> *const COMP_METHOD {
    ptr::null()
}
