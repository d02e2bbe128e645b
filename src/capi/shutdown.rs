//! Ending a connection.

use crate::capi::deref;
use crate::capi::moved::{self, Outcome};
use std::ffi::c_int;

use crate::capi::types::{SSL, SSL_CTX};

/// SSL_shutdown(3): sends a close_notify, then waits for the peer's: 0 after the first, 1 after
/// both.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_shutdown(s: *mut SSL) -> c_int {
    let ssl = deref!(ssl s, -1);
    match moved::run(|| ssl.shut_down()) {
        Outcome::Done(both) => c_int::from(both),
        // As in OpenSSL, an alert received is as good as a close_notify: its error is queued.
        Outcome::Zero if ssl.is_shut_down() => 1,
        Outcome::Zero | Outcome::Negative => -1,
    }
}

/// SSL_get_shutdown(3): the SSL_SENT_SHUTDOWN and SSL_RECEIVED_SHUTDOWN flags.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_shutdown(ssl: *const SSL) -> c_int {
    deref!(ssl ssl, 0).shutdown_state()
}

/// SSL_set_shutdown(3): sets the shutdown flags without sending anything.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_shutdown(ssl: *mut SSL, mode: c_int) {
    deref!(ssl ssl, ()).set_shutdown_state(mode);
}

/// SSL_CTX_set_quiet_shutdown(3): with 1, SSL_shutdown only sets the flags and sends nothing.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_quiet_shutdown(ctx: *mut SSL_CTX, mode: c_int) {
    deref!(ctx ctx, ()).edit(|s| s.quiet_shutdown = mode);
}

/// SSL_CTX_get_quiet_shutdown(3): whether SSL_shutdown only sets the flags.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_quiet_shutdown(ctx: *const SSL_CTX) -> c_int {
    deref!(ctx ctx, 0).with(|s| s.quiet_shutdown)
}

/// SSL_set_quiet_shutdown(3): with 1, SSL_shutdown on this connection only sets the flags and
/// sends nothing.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_quiet_shutdown(ssl: *mut SSL, mode: c_int) {
    deref!(ssl ssl, ()).edit(|s| s.quiet_shutdown = mode);
}

/// SSL_get_quiet_shutdown(3): whether SSL_shutdown on this connection only sets the flags.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_quiet_shutdown(ssl: *const SSL) -> c_int {
    deref!(ssl ssl, 0).with(|s| s.quiet_shutdown)
}
