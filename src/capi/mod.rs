//! The C ABI: one file per family of OpenSSL's manual.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::foreign::err::{Error, Reason, Result};

/// Runs `f`; an error becomes an entry in the error queue and `fail` the value, a panic becomes
/// an internal error.
///
/// The one panic boundary. A function that neither fails nor panics does without.
#[track_caller]
pub(crate) fn call<T>(fail: T, f: impl FnOnce() -> Result<T>) -> T {
    let err = match catch_unwind(AssertUnwindSafe(f)) {
        Ok(Ok(value)) => return value,
        Ok(Err(err)) => err,
        Err(_) => Error::with_data(Reason::INTERNAL_ERROR, "panic in libssl"),
    };
    err.put();
    fail
}

/// Refuses a function by design: the entry OpenSSL makes when built without the feature, with
/// the function's name as data, and `fail` as the value.
#[track_caller]
pub(crate) fn refuse<T>(fail: T, function: &'static str) -> T {
    Error::with_data(Reason::UNSUPPORTED, function).put();
    fail
}
