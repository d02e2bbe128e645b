//! TLS 1.3 early data (0-RTT).

use std::ffi::{c_int, c_void};

use crate::capi::moved::{self, Outcome};
use crate::capi::types::{SSL, SSL_CTX, SSL_allow_early_data_cb_fn};
use crate::capi::{bytes, bytes_mut, deref};
use crate::foreign::callback::Callback;
use crate::model::ssl::Early;

/// SSL_CTX_set_max_early_data(3): sets how much early data a server accepts.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_max_early_data(
    ctx: *mut SSL_CTX,
    max_early_data: u32,
) -> c_int {
    deref!(ctx ctx, 0).edit(|s| s.max_early_data = max_early_data);
    1
}

/// SSL_CTX_get_max_early_data(3): how much early data a server accepts.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_max_early_data(ctx: *const SSL_CTX) -> u32 {
    deref!(ctx ctx, 0).with(|s| s.max_early_data)
}

/// SSL_set_max_early_data(3): sets how much early data this server accepts.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_max_early_data(s: *mut SSL, max_early_data: u32) -> c_int {
    deref!(ssl s, 0).edit(|s| s.max_early_data = max_early_data);
    1
}

/// SSL_get_max_early_data(3): how much early data this server accepts.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_max_early_data(s: *const SSL) -> u32 {
    deref!(ssl s, 0).with(|s| s.max_early_data)
}

/// SSL_CTX_set_recv_max_early_data(3): sets how much early data a server reads before it gives
/// up.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_recv_max_early_data(
    ctx: *mut SSL_CTX,
    recv_max_early_data: u32,
) -> c_int {
    deref!(ctx ctx, 0).edit(|s| s.recv_max_early_data = recv_max_early_data);
    1
}

/// SSL_CTX_get_recv_max_early_data(3): how much early data a server reads before it gives up.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_recv_max_early_data(ctx: *const SSL_CTX) -> u32 {
    deref!(ctx ctx, 0).with(|s| s.recv_max_early_data)
}

/// SSL_set_recv_max_early_data(3): sets how much early data this server reads before it gives up.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_recv_max_early_data(
    s: *mut SSL,
    recv_max_early_data: u32,
) -> c_int {
    deref!(ssl s, 0).edit(|s| s.recv_max_early_data = recv_max_early_data);
    1
}

/// SSL_get_recv_max_early_data(3): how much early data this server reads before it gives up.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_recv_max_early_data(s: *const SSL) -> u32 {
    deref!(ssl s, 0).with(|s| s.recv_max_early_data)
}

/// SSL_CTX_set_allow_early_data_cb(3): sets the callback that decides whether a server accepts
/// early data.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_allow_early_data_cb(
    ctx: *mut SSL_CTX,
    cb: SSL_allow_early_data_cb_fn,
    arg: *mut c_void,
) {
    deref!(ctx ctx, ()).edit(|s| s.allow_early_data = Callback::new(cb, arg));
}

/// SSL_set_allow_early_data_cb(3): sets the callback that decides whether this server accepts
/// early data.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_allow_early_data_cb(
    s: *mut SSL,
    cb: SSL_allow_early_data_cb_fn,
    arg: *mut c_void,
) {
    deref!(ssl s, ()).edit(|s| s.allow_early_data = Callback::new(cb, arg));
}

/// SSL_write_early_data(3): sends early data on a client, or a server's answer before the client
/// has finished the handshake.
///
/// Fails with ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED out of order, SSL_R_TOO_MUCH_EARLY_DATA beyond
/// what the session allows, SSL_R_INCONSISTENT_EARLY_DATA_SNI or _ALPN.
///
/// Status: partial: once SSL_read has ended a client's handshake, data is sent as any other; a
/// server that asks for client certificates can answer early only if it accepted early data.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_write_early_data(
    s: *mut SSL,
    buf: *const c_void,
    num: usize,
    written: *mut usize,
) -> c_int {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program's buffer is readable for `num` bytes.
    let data = unsafe { bytes(buf.cast(), num) };
    match moved::run(|| ssl.write_early(data)) {
        Outcome::Done(n) => {
            // SAFETY: the program passes a writable size.
            unsafe { *written = n };
            1
        }
        _ => 0,
    }
}

/// SSL_read_early_data(3): reads early data, on a server: SSL_READ_EARLY_DATA_ERROR, _SUCCESS or
/// _FINISH.
///
/// Fails with ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED out of order, SSL_R_TOO_MUCH_EARLY_DATA.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_read_early_data(
    s: *mut SSL,
    buf: *mut c_void,
    num: usize,
    readbytes: *mut usize,
) -> c_int {
    const ERROR: c_int = 0;
    const SUCCESS: c_int = 1;
    const FINISH: c_int = 2;
    let ssl = deref!(ssl s, ERROR);
    // SAFETY: the program's buffer is writable for `num` bytes.
    let buf = unsafe { bytes_mut(buf.cast(), num) };
    let (result, read) = match moved::run(|| ssl.read_early(buf)) {
        Outcome::Done(Early::Data(n)) => (SUCCESS, n),
        Outcome::Done(Early::Finished) => (FINISH, 0),
        _ => return ERROR,
    };
    // SAFETY: the program passes a writable size.
    unsafe { *readbytes = read };
    result
}

/// SSL_get_early_data_status(3): whether early data was not sent, rejected or accepted.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_early_data_status(s: *const SSL) -> c_int {
    deref!(ssl s, 0).early_status().into()
}
