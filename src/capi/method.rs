//! The connection methods: which protocol versions and which side a context is for.

use crate::capi::deref;
use crate::capi::types::{SSL, SSL_CTX, SSL_METHOD};
use crate::model::method as m;
use crate::model::method::Method;
use std::ffi::c_int;

fn handle(method: &'static Method) -> *const SSL_METHOD {
    std::ptr::from_ref(method).cast()
}

/// The method behind a handle; `None` for NULL.
///
/// # Safety
/// `method` is NULL or came from one of the functions of this file.
pub(crate) unsafe fn method(method: *const SSL_METHOD) -> Option<&'static Method> {
    // SAFETY: the caller's contract; methods are statics.
    unsafe { method.cast::<Method>().as_ref() }
}

/// TLS_method(3): the version-flexible TLS method for either side.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLS_method() -> *const SSL_METHOD {
    handle(&m::TLS)
}

/// TLS_client_method(3): the version-flexible TLS method for clients.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLS_client_method() -> *const SSL_METHOD {
    handle(&m::TLS_CLIENT)
}

/// TLS_server_method(3): the version-flexible TLS method for servers.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLS_server_method() -> *const SSL_METHOD {
    handle(&m::TLS_SERVER)
}

/// TLSv1_2_method(3): the method for TLS 1.2 alone, either side.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_2_method() -> *const SSL_METHOD {
    handle(&m::TLSV1_2)
}

/// TLSv1_2_client_method(3): the method for TLS 1.2 alone, for clients.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_2_client_method() -> *const SSL_METHOD {
    handle(&m::TLSV1_2_CLIENT)
}

/// TLSv1_2_server_method(3): the method for TLS 1.2 alone, for servers.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_2_server_method() -> *const SSL_METHOD {
    handle(&m::TLSV1_2_SERVER)
}

/// TLSv1_1_method(3): the method for TLS 1.1 alone, either side.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: TLS 1.1 is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_1_method() -> *const SSL_METHOD {
    handle(&m::TLSV1_1)
}

/// TLSv1_1_client_method(3): the method for TLS 1.1 alone, for clients.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: TLS 1.1 is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_1_client_method() -> *const SSL_METHOD {
    handle(&m::TLSV1_1_CLIENT)
}

/// TLSv1_1_server_method(3): the method for TLS 1.1 alone, for servers.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: TLS 1.1 is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_1_server_method() -> *const SSL_METHOD {
    handle(&m::TLSV1_1_SERVER)
}

/// TLSv1_method(3): the method for TLS 1.0 alone, either side.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: TLS 1.0 is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_method() -> *const SSL_METHOD {
    handle(&m::TLSV1)
}

/// TLSv1_client_method(3): the method for TLS 1.0 alone, for clients.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: TLS 1.0 is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_client_method() -> *const SSL_METHOD {
    handle(&m::TLSV1_CLIENT)
}

/// TLSv1_server_method(3): the method for TLS 1.0 alone, for servers.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: TLS 1.0 is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TLSv1_server_method() -> *const SSL_METHOD {
    handle(&m::TLSV1_SERVER)
}

/// DTLS_method(3): the version-flexible DTLS method for either side.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: DTLS is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLS_method() -> *const SSL_METHOD {
    handle(&m::DTLS)
}

/// DTLS_client_method(3): the version-flexible DTLS method for clients.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: DTLS is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLS_client_method() -> *const SSL_METHOD {
    handle(&m::DTLS_CLIENT)
}

/// DTLS_server_method(3): the version-flexible DTLS method for servers.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: DTLS is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLS_server_method() -> *const SSL_METHOD {
    handle(&m::DTLS_SERVER)
}

/// DTLSv1_2_method(3): the method for DTLS 1.2 alone, either side.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: DTLS is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLSv1_2_method() -> *const SSL_METHOD {
    handle(&m::DTLSV1_2)
}

/// DTLSv1_2_client_method(3): the method for DTLS 1.2 alone, for clients.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: DTLS is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLSv1_2_client_method() -> *const SSL_METHOD {
    handle(&m::DTLSV1_2_CLIENT)
}

/// DTLSv1_2_server_method(3): the method for DTLS 1.2 alone, for servers.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: DTLS is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLSv1_2_server_method() -> *const SSL_METHOD {
    handle(&m::DTLSV1_2_SERVER)
}

/// DTLSv1_method(3): the method for DTLS 1.0 alone, either side.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: DTLS is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLSv1_method() -> *const SSL_METHOD {
    handle(&m::DTLSV1)
}

/// DTLSv1_client_method(3): the method for DTLS 1.0 alone, for clients.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: DTLS is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLSv1_client_method() -> *const SSL_METHOD {
    handle(&m::DTLSV1_CLIENT)
}

/// DTLSv1_server_method(3): the method for DTLS 1.0 alone, for servers.
///
/// The result is static: not to be freed.
///
/// Status: partial: contexts can be made, handshakes fail: DTLS is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLSv1_server_method() -> *const SSL_METHOD {
    handle(&m::DTLSV1_SERVER)
}

/// SSL_CTX_get_ssl_method(3): the method the context was made with or given since.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_ssl_method(ctx: *const SSL_CTX) -> *const SSL_METHOD {
    handle(deref!(ctx ctx, std::ptr::null()).with(|s| s.method))
}

/// SSL_CTX_set_ssl_version(3): gives the context another method; later connections use it.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_ssl_version(
    ctx: *mut SSL_CTX,
    meth: *const SSL_METHOD,
) -> c_int {
    // SAFETY: the program passes a method of this library, or NULL.
    let Some(method) = (unsafe { method(meth) }) else {
        return 0;
    };
    deref!(ctx ctx, 0).edit(|s| s.method = method);
    1
}

/// SSL_get_ssl_method(3): the method of the connection.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_ssl_method(s: *const SSL) -> *const SSL_METHOD {
    handle(deref!(ssl s, std::ptr::null()).with(|s| s.method))
}

/// SSL_set_ssl_method(3): gives the connection another method and resets it.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_ssl_method(s: *mut SSL, method: *const SSL_METHOD) -> c_int {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program passes a method of this library, or NULL.
    let Some(method) = (unsafe { self::method(method) }) else {
        return 0;
    };
    ssl.set_method(method);
    1
}
