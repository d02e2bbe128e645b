//! TLS compression: as with a libcrypto that has no compression method, which Debian's is.

use std::ffi::{c_char, c_int};
use std::ptr;

use openssl_sys::COMP_METHOD;

use crate::capi::types::{SSL, SSL_COMP, stack_st_SSL_COMP};
use crate::foreign::compression;

/// SSL_COMP_add_compression_method(3): adds a compression method: 1, which is failure, without an
/// entry in the error queue, as for a method that libcrypto has not.
///
/// Status: refused: compression is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_COMP_add_compression_method(id: c_int, cm: *mut COMP_METHOD) -> c_int {
    1
}

/// SSL_COMP_get_compression_methods(3): the stack of compression methods, which is empty.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_COMP_get_compression_methods() -> *mut stack_st_SSL_COMP {
    compression::methods().cast()
}

/// SSL_COMP_set0_compression_methods: replaces the stack of compression methods, which is taken
/// over; the result is the old one, the program's to free. Nothing is negotiated from it.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_COMP_set0_compression_methods(
    meths: *mut stack_st_SSL_COMP,
) -> *mut stack_st_SSL_COMP {
    compression::replace(meths.cast()).cast()
}

/// SSL_COMP_get_name: the name of a compression method; NULL for NULL.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_COMP_get_name(comp: *const COMP_METHOD) -> *const c_char {
    match comp.is_null() {
        true => ptr::null(),
        // SAFETY: the program passes a method of libcrypto's.
        false => unsafe { compression::name(comp) },
    }
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
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_current_compression(s: *const SSL) -> *const COMP_METHOD {
    ptr::null()
}

/// SSL_get_current_expansion: the compression in use when receiving: NULL, there is never any.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_current_expansion(s: *const SSL) -> *const COMP_METHOD {
    ptr::null()
}
