//! One spare I/O buffer per thread, so that a connection that holds none gets one without a
//! trip to the allocator.

use std::cell::Cell;

/// Room for one record of the largest size, header and expansion included.
pub(super) const RECORD_ROOM: usize = 5 + (1 << 14) + 2048;

thread_local! {
    static SPARE: Cell<Option<Vec<u8>>> = const { Cell::new(None) };
}

/// A buffer of at least [`RECORD_ROOM`] readable and writable bytes; their content is arbitrary.
pub(super) fn take() -> Vec<u8> {
    SPARE
        .try_with(Cell::take)
        .ok()
        .flatten()
        .unwrap_or_else(|| vec![0; RECORD_ROOM])
}

/// Gives a buffer back. Grown ones are dropped, so that a thread keeps no more than one record's
/// room.
pub(super) fn give(buffer: Vec<u8>) {
    if buffer.len() == RECORD_ROOM {
        let _ = SPARE.try_with(|spare| spare.set(Some(buffer)));
    }
}
