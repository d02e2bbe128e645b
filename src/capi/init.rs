//! Initialising the library.

use std::ffi::c_int;
use std::ptr;

use openssl_sys::OPENSSL_INIT_SETTINGS;

use crate::capi::refuse;
use crate::capi::types::openssl_ssl_test_functions;

/// OPENSSL_init_ssl(3): initialises libssl and libcrypto; needed only for options other than the
/// default.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OPENSSL_init_ssl(
    opts: u64,
    settings: *const OPENSSL_INIT_SETTINGS,
) -> c_int {
    // SAFETY: libcrypto reads the program's settings.
    unsafe { crate::foreign::init(opts, settings) }
}

/// SSL_test_functions: the table of internals used by OpenSSL's own unit tests.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_test_functions() -> *const openssl_ssl_test_functions {
    refuse(ptr::null(), "SSL_test_functions")
}
