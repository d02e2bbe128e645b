//! Security levels.

use crate::capi::deref;
use std::ffi::{c_int, c_void};

use crate::capi::types::{SSL, SSL_CTX, SSL_security_cb_fn};

/// Bits of security that levels 0 to 5 ask for.
const BITS: [c_int; 6] = [0, 80, 112, 128, 192, 256];
/// SSL_SECOP_TMP_DH, SSL_SECOP_VERSION, SSL_SECOP_TICKET and SSL_SECOP_COMPRESSION.
const TMP_DH: c_int = 4 << 16 | 7;
const VERSION: c_int = 9;
const TICKET: c_int = 10;
const COMPRESSION: c_int = 15;

/// The callback of contexts that set none: whether `bits` of security are enough for the connection's level, or else the context's.
///
/// # Safety
/// `ssl` and `ctx` are NULL or handles that the caller holds.
unsafe extern "C" fn by_level(
    ssl: *const SSL,
    ctx: *const SSL_CTX,
    op: c_int,
    bits: c_int,
    _nid: c_int,
    _other: *mut c_void,
    _ex: *mut c_void,
) -> c_int {
    // SAFETY: the caller's contract.
    let level = unsafe {
        match ssl.is_null() {
            true => SSL_CTX_get_security_level(ctx),
            false => SSL_get_security_level(ssl),
        }
    };
    if level <= 0 {
        // Even then, DH parameters below 80 bits are refused.
        return c_int::from(op != TMP_DH || bits >= BITS[1]);
    }
    let level = level.min(5) as usize;
    c_int::from(match op {
        VERSION => true,
        COMPRESSION => level < 2,
        TICKET => level < 3,
        _ => bits >= BITS[level],
    })
}

/// SSL_CTX_set_security_level(3): sets the security level, 0 to 5.
///
/// Status: partial: judges chains; suites, groups and keys of our own are above every level but 5.
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
/// Status: partial: remembered; nothing asks it yet.
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
/// Status: partial: judges chains; suites, groups and keys of our own are above every level but 5.
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
/// Status: partial: remembered; nothing asks it yet.
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
