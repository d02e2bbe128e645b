//! A byte of data that no peer sent, between the peer's messages after the handshake.
//!
//! rustls counts the tickets and KeyUpdates that come without data between them, and gives up at
//! the 33rd; OpenSSL does not count. So a connection that gets many is given a record of its own to
//! read in between, which our decrypter opens by itself.

use std::cell::Cell;

use crate::foreign::scope;

use super::record::HEADER;

/// After how many reads without data there is one: a record may hold several messages.
pub(super) const AFTER: u8 = 16;

/// Its record: shorter than any that is sealed.
pub(super) const RECORD: [u8; HEADER + 1] = [23, 3, 3, 0, 1, 0];

thread_local! {
    static PLAYING: Cell<bool> = const { Cell::new(false) };
}

/// See [`super::apart`].
pub(super) fn set_aside() -> impl Drop {
    scope::set_aside(|playing| PLAYING.replace(playing))
}

/// Runs `read`, whose next record is [`RECORD`].
pub(super) fn play<R>(read: impl FnOnce() -> R) -> R {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            PLAYING.set(false);
        }
    }
    PLAYING.set(true);
    let _leave = Leave;
    read()
}

/// Whether the body that is being opened is [`RECORD`]'s and not the peer's.
pub(super) fn is_body(body: &[u8]) -> bool {
    body.len() == RECORD.len() - HEADER && PLAYING.get()
}
