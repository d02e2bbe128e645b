//! libcrypto's error queue and the errors that end up there.

use std::borrow::Cow;
use std::ffi::{CString, c_char, c_int, c_ulong};
use std::panic::Location;

use openssl_sys as ffi;

mod reason;
pub use reason::Reason;
mod strings;
pub use strings::{init_strings, load_strings};

/// ERR_LIB_SSL of openssl/err.h.
pub const ERR_LIB_SSL: c_int = 20;

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// An entry still to be put into the queue, with ERR_LIB_SSL as its library.
    Ssl {
        /// OpenSSL's reason code.
        reason: Reason,
        /// What ERR_get_error_all hands out as data; names the cause.
        data: Option<Cow<'static, str>>,
        /// Where it was found.
        at: &'static Location<'static>,
    },
    /// The queue already holds the cause (libcrypto or the program put it there), or the call
    /// fails without one, as OpenSSL's does.
    Queued,
}

/// What fallible methods below the C ABI return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An entry with `reason` and no data.
    #[track_caller]
    pub fn reason(reason: Reason) -> Self {
        Self::Ssl {
            reason,
            data: None,
            at: Location::caller(),
        }
    }

    /// An entry with `reason` and a text that names the cause.
    #[track_caller]
    pub fn with_data(reason: Reason, data: impl Into<Cow<'static, str>>) -> Self {
        Self::Ssl {
            reason,
            data: Some(data.into()),
            at: Location::caller(),
        }
    }

    /// Puts the entry, if one is due, at the end of this thread's error queue.
    pub fn put(&self) {
        if let Self::Ssl { reason, data, at } = self {
            put(*reason, data.as_deref(), at);
        }
    }
}

unsafe extern "C" {
    fn ERR_peek_error() -> c_ulong;
    fn ERR_new();
    fn ERR_set_debug(file: *const c_char, line: c_int, func: *const c_char);
    fn ERR_set_error(lib: c_int, reason: c_int, fmt: *const c_char, ...);
}

fn put(reason: Reason, data: Option<&str>, at: &Location<'_>) {
    let file = CString::new(at.file()).unwrap_or_default();
    // SAFETY: libcrypto copies the strings; the format is a literal with one argument.
    unsafe {
        ERR_new();
        ERR_set_debug(file.as_ptr(), at.line() as c_int, c"".as_ptr());
        match data.and_then(|d| CString::new(d).ok()) {
            Some(d) => ERR_set_error(ERR_LIB_SSL, reason.0, c"%s".as_ptr(), d.as_ptr()),
            None => ERR_set_error(ERR_LIB_SSL, reason.0, std::ptr::null()),
        }
    }
}

/// The oldest-but-unread entry's packed code (ERR_peek_error), 0 when the queue is empty.
pub fn peek() -> u64 {
    // SAFETY: no arguments; reads this thread's queue.
    unsafe { ERR_peek_error() as u64 }
}

/// The newest entry's packed code (ERR_peek_last_error), 0 when the queue is empty.
pub fn peek_last() -> u64 {
    // SAFETY: no arguments; reads this thread's queue.
    unsafe { ffi::ERR_peek_last_error() as u64 }
}

/// Empties this thread's queue (ERR_clear_error).
pub fn clear() {
    // SAFETY: no arguments; empties this thread's queue.
    unsafe { ffi::ERR_clear_error() }
}
