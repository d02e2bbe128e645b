//! A reference that is found again further down the stack, where rustls calls back.

use std::cell::Cell;
use std::thread::LocalKey;

/// Holds a reference for as long as a call lasts. To be made a `thread_local!`.
pub struct Scope<T> {
    value: Cell<*const T>,
}

impl<T> Scope<T> {
    /// An empty scope.
    pub const fn new() -> Self {
        Self {
            value: Cell::new(std::ptr::null()),
        }
    }
}

impl<T> Default for Scope<T> {
    fn default() -> Self {
        Self::new()
    }
}

struct Leave<T: 'static> {
    key: &'static LocalKey<Scope<T>>,
    outer: *const T,
}

impl<T> Drop for Leave<T> {
    fn drop(&mut self) {
        self.key.with(|scope| scope.value.set(self.outer));
    }
}

/// Runs `f` while [`current`] finds `value` on this thread.
pub fn enter<T, R>(key: &'static LocalKey<Scope<T>>, value: &T, f: impl FnOnce() -> R) -> R {
    let outer = key.with(|scope| scope.value.replace(value));
    let _leave = Leave { key, outer };
    f()
}

/// Hands `f` the value of the innermost [`enter`] still running on this thread.
pub fn current<T, R>(key: &'static LocalKey<Scope<T>>, f: impl FnOnce(Option<&T>) -> R) -> R {
    let value = key.with(|scope| scope.value.get());
    // SAFETY: `enter` holds a reference to the value until it restores the outer one, and this
    // runs below it on the same stack.
    f(unsafe { value.as_ref() })
}
