//! Security levels.

use crate::capi::deref;
use std::ffi::{c_int, c_void};

use crate::capi::types::{SSL, SSL_CTX, SSL_security_cb_fn};
use crate::model::cipher::Cipher;
use crate::model::security::{self, op};

/// The callback of contexts that set none: whether `bits` of security are enough for the connection's level, or else the context's.
///
/// # Safety
/// `ssl` and `ctx` are NULL or handles that the caller holds.
unsafe extern "C" fn by_level(
    ssl: *const SSL,
    ctx: *const SSL_CTX,
    op: c_int,
    bits: c_int,
    nid: c_int,
    other: *mut c_void,
    _ex: *mut c_void,
) -> c_int {
    // SAFETY: the caller's contract.
    let level = unsafe {
        match ssl.is_null() {
            true => SSL_CTX_get_security_level(ctx),
            false => SSL_get_security_level(ssl),
        }
    };
    let suite = match op {
        op::CIPHER_SUPPORTED | op::CIPHER_SHARED | op::CIPHER_CHECK => {
            // SAFETY: questions about suites come with an SSL_CIPHER of the table.
            unsafe { other.cast::<Cipher>().as_ref() }
        }
        _ => None,
    };
    c_int::from(security::by_level(level, op, bits, nid, suite))
}

/// SSL_CTX_set_security_level(3): sets the security level, 0 to 5.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_security_level(ctx: *mut SSL_CTX, level: c_int) {
    deref!(ctx ctx, ()).edit(|s| s.security_level = level);
}

/// SSL_CTX_get_security_level(3): the security level.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_security_level(ctx: *const SSL_CTX) -> c_int {
    deref!(ctx ctx, 0).with(|s| s.security_level)
}

/// SSL_CTX_set_security_callback(3): sets the callback that decides what the security level
/// permits.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_security_callback(ctx: *mut SSL_CTX, cb: SSL_security_cb_fn) {
    deref!(ctx ctx, ()).edit(|s| s.security_callback.function = cb);
}

/// SSL_CTX_get_security_callback(3): the callback that decides what the security level permits.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_security_callback(ctx: *const SSL_CTX) -> SSL_security_cb_fn {
    deref!(ctx ctx, None).with(|s| s.security_callback.function.or(Some(by_level)))
}

/// SSL_CTX_set0_security_ex_data(3): sets the argument given to the security callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set0_security_ex_data(ctx: *mut SSL_CTX, ex: *mut c_void) {
    deref!(ctx ctx, ()).edit(|s| s.security_callback.argument = ex);
}

/// SSL_CTX_get0_security_ex_data(3): the argument given to the security callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get0_security_ex_data(ctx: *const SSL_CTX) -> *mut c_void {
    deref!(ctx ctx, std::ptr::null_mut()).with(|s| s.security_callback.argument)
}

/// SSL_set_security_level(3): sets the connection's security level, 0 to 5.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_security_level(s: *mut SSL, level: c_int) {
    deref!(ssl s, ()).edit(|s| s.security_level = level);
}

/// SSL_get_security_level(3): the connection's security level.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_security_level(s: *const SSL) -> c_int {
    deref!(ssl s, 0).with(|s| s.security_level)
}

/// SSL_set_security_callback(3): sets the callback that decides what the connection's security
/// level permits.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_security_callback(s: *mut SSL, cb: SSL_security_cb_fn) {
    deref!(ssl s, ()).edit(|s| s.security_callback.function = cb);
}

/// SSL_get_security_callback(3): the callback that decides what the connection's security level
/// permits.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_security_callback(s: *const SSL) -> SSL_security_cb_fn {
    deref!(ssl s, None).with(|s| s.security_callback.function.or(Some(by_level)))
}

/// SSL_set0_security_ex_data(3): sets the argument given to the connection's security callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set0_security_ex_data(s: *mut SSL, ex: *mut c_void) {
    deref!(ssl s, ()).edit(|s| s.security_callback.argument = ex);
}

/// SSL_get0_security_ex_data(3): the argument given to the connection's security callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_security_ex_data(s: *const SSL) -> *mut c_void {
    deref!(ssl s, std::ptr::null_mut()).with(|s| s.security_callback.argument)
}
