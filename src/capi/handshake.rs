//! Running the handshake.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_int, c_void};

use crate::capi::refuse;
use crate::capi::types::SSL;

/// SSL_connect(3): runs the handshake as a client.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_connect(ssl: *mut SSL) -> c_int {
    refuse(-1, "SSL_connect")
}

/// SSL_accept(3): runs the handshake as a server.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_accept(ssl: *mut SSL) -> c_int {
    refuse(-1, "SSL_accept")
}

/// SSL_do_handshake(3): runs the handshake on the side set before.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_do_handshake(s: *mut SSL) -> c_int {
    refuse(-1, "SSL_do_handshake")
}

/// SSL_set_connect_state(3): makes the connection a client's.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_connect_state(s: *mut SSL) {}

/// SSL_set_accept_state(3): makes the connection a server's.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_accept_state(s: *mut SSL) {}

/// SSL_is_server(3): 1 when the connection is a server's.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_is_server(s: *const SSL) -> c_int {
    refuse(0, "SSL_is_server")
}

/// SSL_get_finished: copies the Finished message sent; the result is its whole length.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_finished(s: *const SSL, buf: *mut c_void, count: usize) -> usize {
    refuse(0, "SSL_get_finished")
}

/// SSL_get_peer_finished: copies the Finished message received; the result is its whole length.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_peer_finished(
    s: *const SSL,
    buf: *mut c_void,
    count: usize,
) -> usize {
    refuse(0, "SSL_get_peer_finished")
}

/// SSL_stateless(3): answers a ClientHello without keeping state, by a TLS 1.3 cookie.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_stateless(s: *mut SSL) -> c_int {
    refuse(-1, "SSL_stateless")
}
