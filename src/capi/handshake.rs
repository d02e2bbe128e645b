//! Running the handshake.

use std::ffi::{c_int, c_void};

use crate::capi::deref;
use crate::capi::moved::{self, Outcome};
use crate::capi::types::SSL;
use crate::engine::finished::Whose;
use crate::model::ssl::{Listened, Side, Ssl};

/// SSL_connect(3): runs the handshake as a client.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_connect(ssl: *mut SSL) -> c_int {
    let this = deref!(ssl ssl, -1);
    if this.side() == Side::Unset {
        this.set_side(Side::Client);
    }
    // SAFETY: the program's handle is passed on.
    unsafe { SSL_do_handshake(ssl) }
}

/// SSL_accept(3): runs the handshake as a server.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_accept(ssl: *mut SSL) -> c_int {
    let this = deref!(ssl ssl, -1);
    if this.side() == Side::Unset {
        this.set_side(Side::Server);
    }
    // SAFETY: the program's handle is passed on.
    unsafe { SSL_do_handshake(ssl) }
}

/// SSL_do_handshake(3): runs the handshake on the side set before.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_do_handshake(s: *mut SSL) -> c_int {
    let ssl = deref!(ssl s, -1);
    match moved::run(|| ssl.do_handshake()) {
        Outcome::Done(()) => 1,
        Outcome::Zero => 0,
        Outcome::Negative => -1,
    }
}

/// SSL_set_connect_state(3): makes the connection a client's.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_connect_state(s: *mut SSL) {
    deref!(ssl s, ()).set_side(Side::Client);
}

/// SSL_set_accept_state(3): makes the connection a server's.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_accept_state(s: *mut SSL) {
    deref!(ssl s, ()).set_side(Side::Server);
}

/// SSL_is_server(3): 1 when the connection is a server's.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_is_server(s: *const SSL) -> c_int {
    c_int::from(deref!(ssl s, 0).is_server())
}

/// Copies as much of a Finished message as `count` allows; the result is its whole length.
///
/// # Safety
/// `buf` is writable for `count` bytes, or `count` is 0.
unsafe fn copy_finished(ssl: &Ssl, whose: Whose, buf: *mut c_void, count: usize) -> usize {
    let data = ssl.finished(whose);
    let bytes = data.as_slice();
    let copied = bytes.len().min(count);
    if copied > 0 {
        // SAFETY: the caller vouches for the buffer, which is not ours.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), buf.cast(), copied) };
    }
    bytes.len()
}

/// SSL_get_finished: copies the Finished message sent; the result is its whole length.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_finished(s: *const SSL, buf: *mut c_void, count: usize) -> usize {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program's buffer is writable for `count` bytes.
    unsafe { copy_finished(ssl, Whose::Own, buf, count) }
}

/// SSL_get_peer_finished: copies the Finished message received; the result is its whole length.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_peer_finished(
    s: *const SSL,
    buf: *mut c_void,
    count: usize,
) -> usize {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program's buffer is writable for `count` bytes.
    unsafe { copy_finished(ssl, Whose::Peers, buf, count) }
}

/// SSL_stateless(3): answers a ClientHello without keeping state, by a TLS 1.3 cookie.
///
/// 1 when the cookie has come back and the handshake may go on, 0 when it was asked for, -1 else.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_stateless(s: *mut SSL) -> c_int {
    let ssl = deref!(ssl s, -1);
    match moved::run(|| ssl.stateless()) {
        Outcome::Done(Listened::Accepted) => 1,
        Outcome::Done(Listened::Asked) => 0,
        Outcome::Zero | Outcome::Negative => -1,
    }
}
