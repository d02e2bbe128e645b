//! What the engine keeps on a thread while it is in the middle of something, and the way around it.

use super::{
    interlude, plaintext, post, post_auth, revival, rewrite, schedule, sealing, shares, signatures,
    warnings,
};

/// Runs `f`, the work on a connection, out of sight of all that is at work on this thread: of
/// another connection, one of whose callbacks this is.
pub fn apart<R>(f: impl FnOnce() -> R) -> R {
    let _aside = (
        interlude::set_aside(),
        plaintext::set_aside(),
        post::set_aside(),
        post_auth::set_aside(),
        revival::set_aside(),
        rewrite::set_aside(),
        schedule::set_aside(),
        sealing::set_aside(),
        shares::set_aside(),
        signatures::set_aside(),
        warnings::set_aside(),
    );
    f()
}
