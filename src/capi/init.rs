//! Initialising the library.

use std::ffi::c_int;
use std::ptr;

use openssl_sys::OPENSSL_INIT_SETTINGS;

use crate::capi::types::{SSL, openssl_ssl_test_functions};

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

/// What OpenSSL's own unit tests call.
#[repr(C)]
struct TestFunctions {
    init_wbio_buffer: unsafe extern "C" fn(*mut SSL) -> c_int,
    setup_buffers: unsafe extern "C" fn(*mut SSL) -> c_int,
}

/// A connection's buffers are made when something is to be held: 1, as when they are there.
unsafe extern "C" fn has_buffers(ssl: *mut SSL) -> c_int {
    c_int::from(!ssl.is_null())
}

/// SSL_test_functions: the table of internals used by OpenSSL's own unit tests.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_test_functions() -> *const openssl_ssl_test_functions {
    static FUNCTIONS: TestFunctions = TestFunctions {
        init_wbio_buffer: has_buffers,
        setup_buffers: has_buffers,
    };
    ptr::from_ref(&FUNCTIONS).cast()
}
