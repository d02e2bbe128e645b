//! The connection at work on a thread, which callbacks from inside the engine ask for.

use super::Ssl;
use crate::engine;
use crate::foreign::scope::{self, Scope};

thread_local! {
    /// The connection whose records are being processed on this thread.
    static CURRENT: Scope<Ssl> = const { Scope::new() };
}

/// Reads the connection that is being processed on this thread.
pub(super) fn with_current<R>(f: impl FnOnce(Option<&Ssl>) -> R) -> R {
    scope::current(&CURRENT, f)
}

/// Runs the engine while callbacks from inside it find this connection.
pub(super) fn at_work<R>(ssl: &Ssl, f: impl FnOnce() -> R) -> R {
    scope::enter(&CURRENT, ssl, || ssl.padded(f))
}

/// Runs `f`, which works on a connection: maybe one that is used in a callback of another.
pub fn apart<R>(f: impl FnOnce() -> R) -> R {
    if !scope::is_entered(&CURRENT) {
        return f();
    }
    let _outer = scope::leave(&CURRENT);
    engine::apart(f)
}
