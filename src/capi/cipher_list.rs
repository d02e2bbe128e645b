//! Which cipher suites may be, and are, negotiated.

use crate::capi::cipher::as_ptr;
use crate::capi::{call, deref, status, string};
use crate::model::cipher::{self, Cipher, DEFAULT_CIPHER_LIST, DEFAULT_CIPHERSUITES};
use crate::model::security::Stage;
use crate::model::ssl::Side;
use std::ffi::CStr;
use std::ffi::{c_char, c_int, c_uchar};
use std::ptr;

use crate::capi::types::{SSL, SSL_CIPHER, SSL_CTX, stack_st_SSL_CIPHER};

/// OSSL_default_cipher_list(3): the default cipher list for TLS 1.2 and below.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OSSL_default_cipher_list() -> *const c_char {
    DEFAULT_CIPHER_LIST.as_ptr()
}

/// OSSL_default_ciphersuites(3): the default list of TLS 1.3 suites.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OSSL_default_ciphersuites() -> *const c_char {
    DEFAULT_CIPHERSUITES.as_ptr()
}

/// SSL_CTX_set_cipher_list(3): sets the TLS 1.2 suites from a cipher string; fails when none is
/// left.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_cipher_list(ctx: *mut SSL_CTX, str: *const c_char) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program passes a C string or NULL.
    let Some(list) = (unsafe { string(str) }) else {
        return 0;
    };
    status(|| ctx.edit(|s| s.set_cipher_list(list.to_bytes())))
}

/// SSL_CTX_set_ciphersuites(3): sets the TLS 1.3 suites from their colon-separated names.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_ciphersuites(ctx: *mut SSL_CTX, str: *const c_char) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program passes a C string or NULL.
    let Some(list) = (unsafe { string(str) }) else {
        return 0;
    };
    status(|| ctx.edit(|s| s.set_ciphersuites(list.to_bytes())))
}

/// SSL_set_cipher_list(3): sets the connection's TLS 1.2 suites from a cipher string; fails when
/// none is left.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_cipher_list(s: *mut SSL, str: *const c_char) -> c_int {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program passes a C string or NULL.
    let Some(list) = (unsafe { string(str) }) else {
        return 0;
    };
    ssl.follow_ctx();
    status(|| ssl.edit(|s| s.set_cipher_list(list.to_bytes())))
}

/// SSL_set_ciphersuites(3): sets the connection's TLS 1.3 suites from their colon-separated
/// names.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_ciphersuites(s: *mut SSL, str: *const c_char) -> c_int {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program passes a C string or NULL.
    let Some(list) = (unsafe { string(str) }) else {
        return 0;
    };
    ssl.follow_ctx();
    status(|| ssl.edit(|s| s.set_ciphersuites(list.to_bytes())))
}

/// SSL_CTX_get_ciphers(3): the context's suites in order of preference.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_ciphers(ctx: *const SSL_CTX) -> *mut stack_st_SSL_CIPHER {
    deref!(ctx ctx, ptr::null_mut()).with(|s| s.ciphers.stack().cast())
}

/// SSL_get_ciphers(3): the connection's suites in order of preference.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_ciphers(s: *const SSL) -> *mut stack_st_SSL_CIPHER {
    let ssl = deref!(ssl s, ptr::null_mut());
    ssl.follow_ctx();
    ssl.with(|s| s.ciphers.stack().cast())
}

/// SSL_get1_supported_ciphers(3): the suites the connection would offer or accept as it is set up
/// now.
///
/// The caller frees the stack with sk_SSL_CIPHER_free, not its elements.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get1_supported_ciphers(s: *mut SSL) -> *mut stack_st_SSL_CIPHER {
    let ssl = deref!(ssl s, ptr::null_mut());
    ssl.follow_ctx();
    call(ptr::null_mut(), || {
        let suites = ssl
            .settings()
            .usable_ciphers(&ssl.policy(), Stage::Supported)?;
        Ok(cipher::stack(&suites)?.into_ptr().cast())
    })
}

/// SSL_get_client_ciphers(3): the suites the client offered, on a server.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_client_ciphers(s: *const SSL) -> *mut stack_st_SSL_CIPHER {
    let ssl = deref!(ssl s, ptr::null_mut());
    if ssl.side() != Side::Server {
        return ptr::null_mut();
    }
    ssl.client_ciphers_stack().cast()
}

/// SSL_get_cipher_list(3): the name of the connection's `n`th suite, NULL past the end.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_cipher_list(s: *const SSL, n: c_int) -> *const c_char {
    let name = |suites: &[&'static Cipher]| {
        let index = usize::try_from(n).ok()?;
        suites.get(index).map(|suite| suite.name().as_ptr())
    };
    let ssl = deref!(ssl s, ptr::null());
    ssl.follow_ctx();
    ssl.with(|s| name(s.ciphers.list().suites()))
        .unwrap_or(ptr::null())
}

/// SSL_get_shared_ciphers(3): writes the names of the suites both sides have to `buf`, separated
/// by colons, on a server.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_shared_ciphers(
    s: *const SSL,
    buf: *mut c_char,
    size: c_int,
) -> *mut c_char {
    let ssl = deref!(ssl s, ptr::null_mut());
    if ssl.side() != Side::Server || size < 2 || buf.is_null() {
        return ptr::null_mut();
    }
    let shared = ssl.shared_ciphers();
    // SAFETY: the program's buffer is writable for `size` bytes.
    let room = unsafe { std::slice::from_raw_parts_mut(buf.cast::<u8>(), size as usize) };
    let mut used = 0;
    for suite in shared {
        let name: &CStr = suite.name();
        let len = name.to_bytes().len();
        // A name that does not fit whole ends the list.
        if used + len + 1 > room.len() {
            break;
        }
        room[used..used + len].copy_from_slice(name.to_bytes());
        used += len;
        room[used] = b':';
        used += 1;
    }
    match used.checked_sub(1) {
        Some(last) => room[last] = 0,
        None => return ptr::null_mut(),
    }
    buf
}

/// SSL_bytes_to_cipher_list(3): makes stacks of the suites, and the signalling values, in the
/// wire form at `bytes`.
///
/// The caller frees both stacks with sk_SSL_CIPHER_free, not their elements.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_bytes_to_cipher_list(
    s: *mut SSL,
    bytes: *const c_uchar,
    len: usize,
    isv2format: c_int,
    sk: *mut *mut stack_st_SSL_CIPHER,
    scsvs: *mut *mut stack_st_SSL_CIPHER,
) -> c_int {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program's buffer is readable for `len` bytes.
    let list = unsafe { crate::capi::bytes(bytes, len) };
    status(|| {
        let (suites, signalling) = ssl.read_cipher_bytes(list, isv2format != 0)?;
        // SAFETY: the program passes writable pointers or NULLs, and frees the stacks.
        unsafe {
            if !sk.is_null() {
                *sk = cipher::stack(&suites)?.into_ptr().cast();
            }
            if !scsvs.is_null() {
                *scsvs = cipher::stack(&signalling)?.into_ptr().cast();
            }
        }
        Ok(())
    })
}

/// SSL_get_current_cipher(3): the negotiated suite, NULL before there is one.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_current_cipher(s: *const SSL) -> *const SSL_CIPHER {
    as_ptr(deref!(ssl s, ptr::null()).current_cipher())
}

/// SSL_get_pending_cipher(3): the suite that is being negotiated, NULL when there is none.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_pending_cipher(s: *const SSL) -> *const SSL_CIPHER {
    as_ptr(deref!(ssl s, ptr::null()).current_cipher())
}
