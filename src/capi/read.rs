//! Reading and peeking application data.

use crate::capi::moved::{self, Outcome};
use crate::capi::types::SSL;
use crate::capi::{bytes_mut, deref};
use crate::foreign::err::{Error, Reason};
use crate::model::ssl::Pulled;
use std::ffi::{c_int, c_void};

/// Reads into the program's buffer.
///
/// # Safety
/// `buf` is writable for `num` bytes, and `ssl` is a handle of the program's or NULL.
unsafe fn pull(ssl: *mut SSL, buf: *mut c_void, num: usize, how: Pulled) -> Outcome<usize> {
    let ssl = deref!(ssl ssl, Outcome::Negative);
    // SAFETY: the caller's contract.
    let buf = unsafe { bytes_mut(buf.cast(), num) };
    moved::run(|| ssl.read(buf, how))
}

/// The int-returning form.
///
/// # Safety
/// As [`pull`].
unsafe fn pull_int(ssl: *mut SSL, buf: *mut c_void, num: c_int, how: Pulled) -> c_int {
    let Ok(num) = usize::try_from(num) else {
        Error::reason(Reason::BAD_LENGTH).put();
        return -1;
    };
    // SAFETY: the caller's contract.
    match unsafe { pull(ssl, buf, num, how) } {
        Outcome::Done(n) => n as c_int,
        Outcome::Zero => 0,
        Outcome::Negative => -1,
    }
}

/// The `_ex` form.
///
/// # Safety
/// As [`pull`]; `out` is writable.
unsafe fn pull_ex(
    ssl: *mut SSL,
    buf: *mut c_void,
    num: usize,
    out: *mut usize,
    how: Pulled,
) -> c_int {
    // SAFETY: the caller's contract.
    match unsafe { pull(ssl, buf, num, how) } {
        Outcome::Done(n) => {
            // SAFETY: the caller's contract.
            unsafe { *out = n };
            c_int::from(n > 0 || num == 0)
        }
        _ => 0,
    }
}

/// SSL_read(3): reads up to `num` bytes, after the handshake if there was none yet.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_read(ssl: *mut SSL, buf: *mut c_void, num: c_int) -> c_int {
    // SAFETY: the program's buffer is writable for `num` bytes.
    unsafe { pull_int(ssl, buf, num, Pulled::Taken) }
}

/// SSL_read_ex(3): reads up to `num` bytes and stores how many there were.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_read_ex(
    ssl: *mut SSL,
    buf: *mut c_void,
    num: usize,
    readbytes: *mut usize,
) -> c_int {
    // SAFETY: the program's buffer is writable for `num` bytes.
    unsafe { pull_ex(ssl, buf, num, readbytes, Pulled::Taken) }
}

/// SSL_peek(3): as SSL_read, leaving the bytes to be read again.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_peek(ssl: *mut SSL, buf: *mut c_void, num: c_int) -> c_int {
    // SAFETY: the program's buffer is writable for `num` bytes.
    unsafe { pull_int(ssl, buf, num, Pulled::Peeked) }
}

/// SSL_peek_ex(3): as SSL_read_ex, leaving the bytes to be read again.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_peek_ex(
    ssl: *mut SSL,
    buf: *mut c_void,
    num: usize,
    readbytes: *mut usize,
) -> c_int {
    // SAFETY: the program's buffer is writable for `num` bytes.
    unsafe { pull_ex(ssl, buf, num, readbytes, Pulled::Peeked) }
}

/// SSL_pending(3): how many bytes can be read from the record already decrypted.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_pending(s: *const SSL) -> c_int {
    c_int::try_from(deref!(ssl s, 0).pending()).unwrap_or(c_int::MAX)
}

/// SSL_has_pending(3): 1 when anything is buffered, decrypted or not.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_has_pending(s: *const SSL) -> c_int {
    c_int::from(deref!(ssl s, 0).has_pending())
}
