//! The texts of libssl's reason codes.

use std::ffi::c_int;

use crate::foreign::err;

/// ERR_load_SSL_strings: registers the texts of libssl's reason codes with libcrypto. Deprecated:
/// SSL_CTX_new and OPENSSL_init_ssl see to it.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ERR_load_SSL_strings() -> c_int {
    err::load_strings();
    1
}
