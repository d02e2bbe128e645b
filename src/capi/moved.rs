//! How calls that move bytes end for C.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::foreign::err::{Error, Reason};
use crate::model::ssl::{Halt, Moved, Stop, apart};

/// What the C function returns.
pub(crate) enum Outcome<T> {
    /// A positive value, or what `T` says.
    Done(T),
    /// 0.
    Zero,
    /// -1.
    Negative,
}

/// Runs `f`; its errors go into the queue. A panic is an internal error, and the engine's
/// connection is lost with it, so that the handle is dead afterwards.
#[track_caller]
pub(crate) fn run<T>(f: impl FnOnce() -> Moved<T>) -> Outcome<T> {
    match catch_unwind(AssertUnwindSafe(|| apart(f))) {
        Ok(Ok(value)) => Outcome::Done(value),
        Ok(Err(Stop::Halt(Halt::Blocked))) => Outcome::Negative,
        Ok(Err(Stop::Halt(Halt::Closed))) => Outcome::Zero,
        Ok(Err(Stop::Error(err))) => {
            err.put();
            Outcome::Negative
        }
        Ok(Err(Stop::Zero(err))) => {
            err.put();
            Outcome::Zero
        }
        Err(_) => {
            Error::with_data(Reason::INTERNAL_ERROR, "panic in libssl").put();
            Outcome::Negative
        }
    }
}
