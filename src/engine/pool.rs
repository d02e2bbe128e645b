//! One spare I/O buffer per thread, so that a connection that holds none gets one without a
//! trip to the allocator.

use std::cell::Cell;

/// A cache line. Vector instructions take a body that begins with one faster.
const LINE: usize = 64;
/// Room for one record of the largest size, header and expansion included, wherever in a line the
/// buffer begins.
pub(super) const RECORD_ROOM: usize = 5 + (1 << 14) + 2048 + LINE;

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

/// Where in `buffer` a record of this `header` length is put for its body to begin with a line.
pub(super) fn aligned(buffer: &[u8], header: usize) -> usize {
    (buffer.as_ptr().addr() + header).wrapping_neg() % LINE
}

/// Gives a buffer back. Grown ones are dropped, so that a thread keeps no more than one record's
/// room.
pub(super) fn give(buffer: Vec<u8>) {
    if buffer.len() == RECORD_ROOM {
        let _ = SPARE.try_with(|spare| spare.set(Some(buffer)));
    }
}
