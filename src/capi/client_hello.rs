//! The ClientHello, before anything is chosen from it.

use crate::capi::deref;
use crate::capi::types::{SSL, SSL_CTX, SSL_client_hello_cb_fn};
use crate::engine::hello::RawClientHello;
use crate::foreign::callback::Callback;
use crate::foreign::ints;
use std::ffi::{c_int, c_uchar, c_uint, c_void};
use std::ptr;

/// A field of the ClientHello while the callback runs: its length, and where it is.
///
/// # Safety
/// `out` is NULL or writable.
unsafe fn field(
    s: *mut SSL,
    out: *mut *const c_uchar,
    read: impl Fn(&RawClientHello) -> &[u8],
) -> usize {
    deref!(ssl s, 0).with_hello(|hello| {
        let Some(bytes) = hello.map(read) else {
            return 0;
        };
        if !out.is_null() {
            // SAFETY: the caller's contract; the bytes live while the callback runs.
            unsafe { *out = bytes.as_ptr() };
        }
        bytes.len()
    })
}

/// SSL_CTX_set_client_hello_cb(3): sets the callback a server runs first on each ClientHello.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_client_hello_cb(
    c: *mut SSL_CTX,
    cb: SSL_client_hello_cb_fn,
    arg: *mut c_void,
) {
    deref!(ctx c, ()).edit_hooks(|h| h.client_hello = Callback::new(cb, arg));
}

/// SSL_client_hello_isv2(3): 1 when the ClientHello came in SSLv2's form.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_isv2(s: *mut SSL) -> c_int {
    0
}

/// SSL_client_hello_get0_legacy_version(3): the legacy_version of the ClientHello.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get0_legacy_version(s: *mut SSL) -> c_uint {
    deref!(ssl s, 0).with_hello(|hello| hello.map_or(0, |h| c_uint::from(h.legacy_version())))
}

/// SSL_client_hello_get0_random(3): the random of the ClientHello.
///
/// Borrowed from the ClientHello: valid inside the client_hello callback only.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get0_random(
    s: *mut SSL,
    out: *mut *const c_uchar,
) -> usize {
    // SAFETY: the program passes a writable pointer or NULL.
    unsafe { field(s, out, RawClientHello::random) }
}

/// SSL_client_hello_get0_session_id(3): the session id of the ClientHello.
///
/// Borrowed from the ClientHello: valid inside the client_hello callback only.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get0_session_id(
    s: *mut SSL,
    out: *mut *const c_uchar,
) -> usize {
    // SAFETY: the program passes a writable pointer or NULL.
    unsafe { field(s, out, RawClientHello::session_id) }
}

/// SSL_client_hello_get0_ciphers(3): the cipher suites of the ClientHello in wire form.
///
/// Borrowed from the ClientHello: valid inside the client_hello callback only.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get0_ciphers(
    s: *mut SSL,
    out: *mut *const c_uchar,
) -> usize {
    // SAFETY: the program passes a writable pointer or NULL.
    unsafe { field(s, out, RawClientHello::cipher_suites) }
}

/// SSL_client_hello_get0_compression_methods(3): the compression methods of the ClientHello.
///
/// Borrowed from the ClientHello: valid inside the client_hello callback only.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get0_compression_methods(
    s: *mut SSL,
    out: *mut *const c_uchar,
) -> usize {
    // SAFETY: the program passes a writable pointer or NULL.
    unsafe { field(s, out, RawClientHello::compression) }
}

/// SSL_client_hello_get0_ext(3): the body of the extension `type` of the ClientHello.
///
/// Borrowed from the ClientHello: valid inside the client_hello callback only.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get0_ext(
    s: *mut SSL,
    r#type: c_uint,
    out: *mut *const c_uchar,
    outlen: *mut usize,
) -> c_int {
    deref!(ssl s, 0).with_hello(|hello| {
        let Some(body) = u16::try_from(r#type)
            .ok()
            .and_then(|kind| hello?.extension(kind))
        else {
            return 0;
        };
        // SAFETY: the program passes writable pointers or NULLs; the bytes live while the
        // callback runs.
        unsafe {
            if !out.is_null() {
                *out = body.as_ptr();
            }
            if !outlen.is_null() {
                *outlen = body.len();
            }
        }
        1
    })
}

/// SSL_client_hello_get1_extensions_present(3): the types of the extensions of the ClientHello,
/// in order.
///
/// The caller frees the array with OPENSSL_free.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_client_hello_get1_extensions_present(
    s: *mut SSL,
    out: *mut *mut c_int,
    outlen: *mut usize,
) -> c_int {
    if out.is_null() || outlen.is_null() {
        return 0;
    }
    deref!(ssl s, 0).with_hello(|hello| {
        let Some(hello) = hello else {
            return 0;
        };
        let kinds: Vec<c_int> = hello.extension_types().map(c_int::from).collect();
        // SAFETY: the program passes writable pointers and frees the array.
        unsafe {
            *outlen = kinds.len();
            *out = match kinds.is_empty() {
                true => ptr::null_mut(),
                false => ints(&kinds),
            };
        }
        1
    })
}
