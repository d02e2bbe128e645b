//! The SSL filter BIO.

use std::ffi::c_int;
use std::ptr;

use openssl_sys::{BIO, BIO_METHOD};

use crate::capi::refuse;
use crate::capi::types::SSL_CTX;

/// BIO_f_ssl(3): the method of BIOs that run TLS over the BIO below them.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn BIO_f_ssl() -> *const BIO_METHOD {
    refuse(ptr::null(), "BIO_f_ssl")
}

/// BIO_new_ssl(3): a filter BIO holding a new connection of `ctx`, a client's when `client` is
/// not 0.
///
/// The caller owns the BIO, which owns the connection.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn BIO_new_ssl(ctx: *mut SSL_CTX, client: c_int) -> *mut BIO {
    refuse(ptr::null_mut(), "BIO_new_ssl")
}

/// BIO_new_ssl_connect(3): a chain of an SSL BIO for a client and a connect BIO.
///
/// The caller owns the chain.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn BIO_new_ssl_connect(ctx: *mut SSL_CTX) -> *mut BIO {
    refuse(ptr::null_mut(), "BIO_new_ssl_connect")
}

/// BIO_new_buffer_ssl_connect(3): a chain of a buffering BIO, an SSL BIO for a client and a
/// connect BIO.
///
/// The caller owns the chain.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn BIO_new_buffer_ssl_connect(ctx: *mut SSL_CTX) -> *mut BIO {
    refuse(ptr::null_mut(), "BIO_new_buffer_ssl_connect")
}

/// BIO_ssl_copy_session_id(3): copies session and session id context between the connections of
/// two BIO chains.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn BIO_ssl_copy_session_id(to: *mut BIO, from: *mut BIO) -> c_int {
    refuse(0, "BIO_ssl_copy_session_id")
}

/// BIO_ssl_shutdown(3): shuts down the connection of the SSL BIO found in the chain.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn BIO_ssl_shutdown(ssl_bio: *mut BIO) {}
