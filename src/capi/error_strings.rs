//! The texts of libssl's reason codes.

use std::ffi::c_int;

use crate::capi::refuse;

/// ERR_load_SSL_strings: registers the texts of libssl's reason codes with libcrypto.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ERR_load_SSL_strings() -> c_int {
    refuse(0, "ERR_load_SSL_strings")
}
