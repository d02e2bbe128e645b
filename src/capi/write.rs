//! Writing application data.

use crate::capi::moved::{self, Outcome};
use crate::capi::{bytes, deref};
use crate::foreign::err::{Error, Reason};
use crate::model::ssl::Side;
use std::ffi::{c_int, c_void};

use libc::off_t;

use crate::capi::types::SSL;

/// SSL_write(3): writes `num` bytes, after the handshake if there was none yet.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_write(ssl: *mut SSL, buf: *const c_void, num: c_int) -> c_int {
    let this = deref!(ssl ssl, -1);
    if num < 0 {
        Error::reason(Reason::BAD_LENGTH).put();
        return -1;
    }
    // SAFETY: the program's buffer is readable for `num` bytes.
    let data = unsafe { bytes(buf.cast(), num) };
    match moved::run(|| this.write(data)) {
        Outcome::Done(n) => n as c_int,
        Outcome::Zero => 0,
        Outcome::Negative => -1,
    }
}

/// SSL_write_ex(3): writes `num` bytes and stores how many went out.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_write_ex(
    s: *mut SSL,
    buf: *const c_void,
    num: usize,
    written: *mut usize,
) -> c_int {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program's buffer is readable for `num` bytes.
    let data = unsafe { bytes(buf.cast(), num) };
    match moved::run(|| ssl.write(data)) {
        Outcome::Done(n) => {
            // SAFETY: the program passes a writable size.
            unsafe { *written = n };
            1
        }
        _ => 0,
    }
}

/// SSL_sendfile(3): sends part of a file through kernel TLS.
///
/// Fails with -1 and SSL_R_UNINITIALIZED, or SSL_R_PROTOCOL_IS_SHUTDOWN after a close_notify was
/// sent.
///
/// Status: refused: kernel TLS is never in use, as in an OpenSSL built without it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_sendfile(
    s: *mut SSL,
    fd: c_int,
    offset: off_t,
    size: usize,
    flags: c_int,
) -> isize {
    const SENT_SHUTDOWN: c_int = 1;
    let ssl = deref!(ssl s, -1);
    let shut = ssl.side() != Side::Unset && ssl.shutdown_state() & SENT_SHUTDOWN != 0;
    let reason = match shut {
        true => Reason::PROTOCOL_IS_SHUTDOWN,
        false => Reason::UNINITIALIZED,
    };
    Error::reason(reason).put();
    -1
}
