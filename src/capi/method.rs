//! The connection methods: which protocol versions and which side a context is for.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::c_int;
use std::ptr;

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX, SSL_METHOD};

/// TLS_method(3): the version-flexible TLS method for either side.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLS_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "TLS_method")
}

/// TLS_client_method(3): the version-flexible TLS method for clients.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLS_client_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "TLS_client_method")
}

/// TLS_server_method(3): the version-flexible TLS method for servers.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLS_server_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "TLS_server_method")
}

/// TLSv1_2_method(3): the method for TLS 1.2 alone, either side.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_2_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "TLSv1_2_method")
}

/// TLSv1_2_client_method(3): the method for TLS 1.2 alone, for clients.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_2_client_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "TLSv1_2_client_method")
}

/// TLSv1_2_server_method(3): the method for TLS 1.2 alone, for servers.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_2_server_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "TLSv1_2_server_method")
}

/// TLSv1_1_method(3): the method for TLS 1.1 alone, either side.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_1_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "TLSv1_1_method")
}

/// TLSv1_1_client_method(3): the method for TLS 1.1 alone, for clients.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_1_client_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "TLSv1_1_client_method")
}

/// TLSv1_1_server_method(3): the method for TLS 1.1 alone, for servers.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_1_server_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "TLSv1_1_server_method")
}

/// TLSv1_method(3): the method for TLS 1.0 alone, either side.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "TLSv1_method")
}

/// TLSv1_client_method(3): the method for TLS 1.0 alone, for clients.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_client_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "TLSv1_client_method")
}

/// TLSv1_server_method(3): the method for TLS 1.0 alone, for servers.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_server_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "TLSv1_server_method")
}

/// DTLS_method(3): the version-flexible DTLS method for either side.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLS_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "DTLS_method")
}

/// DTLS_client_method(3): the version-flexible DTLS method for clients.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLS_client_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "DTLS_client_method")
}

/// DTLS_server_method(3): the version-flexible DTLS method for servers.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLS_server_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "DTLS_server_method")
}

/// DTLSv1_2_method(3): the method for DTLS 1.2 alone, either side.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLSv1_2_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "DTLSv1_2_method")
}

/// DTLSv1_2_client_method(3): the method for DTLS 1.2 alone, for clients.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLSv1_2_client_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "DTLSv1_2_client_method")
}

/// DTLSv1_2_server_method(3): the method for DTLS 1.2 alone, for servers.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLSv1_2_server_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "DTLSv1_2_server_method")
}

/// DTLSv1_method(3): the method for DTLS 1.0 alone, either side.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLSv1_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "DTLSv1_method")
}

/// DTLSv1_client_method(3): the method for DTLS 1.0 alone, for clients.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLSv1_client_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "DTLSv1_client_method")
}

/// DTLSv1_server_method(3): the method for DTLS 1.0 alone, for servers.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLSv1_server_method() -> *const SSL_METHOD {
    refuse(ptr::null(), "DTLSv1_server_method")
}

/// SSL_CTX_get_ssl_method(3): the method the context was made with or given since.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_ssl_method(ctx: *const SSL_CTX) -> *const SSL_METHOD {
    refuse(ptr::null(), "SSL_CTX_get_ssl_method")
}

/// SSL_CTX_set_ssl_version(3): gives the context another method; later connections use it.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_ssl_version(
    ctx: *mut SSL_CTX,
    meth: *const SSL_METHOD,
) -> c_int {
    refuse(0, "SSL_CTX_set_ssl_version")
}

/// SSL_get_ssl_method(3): the method of the connection.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_ssl_method(s: *const SSL) -> *const SSL_METHOD {
    refuse(ptr::null(), "SSL_get_ssl_method")
}

/// SSL_set_ssl_method(3): gives the connection another method and resets it.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_ssl_method(s: *mut SSL, method: *const SSL_METHOD) -> c_int {
    refuse(0, "SSL_set_ssl_method")
}
