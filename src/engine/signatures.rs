//! Which signature schemes a handshake used: rustls does not tell, but asks us to sign and to
//! check, on the thread that drives it.

use std::cell::Cell;

use crate::foreign::scope;

/// What was seen so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) peer: Option<u16>,
    pub(super) own: Option<u16>,
}

thread_local! {
    static SEEN: Cell<Seen> = const { Cell::new(Seen { peer: None, own: None }) };
}

/// See [`super::apart`].
pub(super) fn set_aside() -> impl Drop {
    scope::set_aside(|seen| SEEN.replace(seen))
}

/// Runs a step of the handshake and keeps what it used in `seen`.
pub(super) fn watch<R>(seen: &mut Seen, step: impl FnOnce() -> R) -> R {
    SEEN.set(Seen::default());
    let result = step();
    let now = SEEN.take();
    seen.peer = now.peer.or(seen.peer);
    seen.own = now.own.or(seen.own);
    result
}

/// A signature of the peer was good.
pub(super) fn peer_used(scheme: u16) {
    SEEN.set(Seen {
        peer: Some(scheme),
        ..SEEN.get()
    });
}

/// A credential was chosen with this scheme.
pub(super) fn own_chosen(scheme: u16) {
    SEEN.set(Seen {
        own: Some(scheme),
        ..SEEN.get()
    });
}
