//! A reference that is found again further down the stack, where rustls calls back; and how it,
//! and what else a thread keeps for a call, is out of sight for another in the middle of that.

use std::cell::Cell;
use std::mem::ManuallyDrop;
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

/// A thread's value that is there for the length of a call, and so needs no destructor: a thread
/// that ends runs the program's, which may use connections, after it has run ours.
pub struct Slot<T>(Cell<ManuallyDrop<T>>);

impl<T> Slot<T> {
    /// With `value` in it.
    pub const fn new(value: T) -> Self {
        Self(Cell::new(ManuallyDrop::new(value)))
    }

    /// Puts `value` here and returns what was here.
    pub fn replace(&self, value: T) -> T {
        ManuallyDrop::into_inner(self.0.replace(ManuallyDrop::new(value)))
    }
}

impl<T: Default> Slot<T> {
    /// Takes what is here.
    pub fn take(&self) -> T {
        self.replace(T::default())
    }

    /// A copy of what is here.
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        let value = self.take();
        self.replace(value.clone());
        value
    }

    /// Changes what is here, which `change` does not find here meanwhile.
    pub fn edit(&self, change: impl FnOnce(&mut T)) {
        let mut value = self.take();
        change(&mut value);
        self.replace(value);
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

/// As if no [`enter`] was running on this thread, until what is returned is dropped.
pub fn leave<T>(key: &'static LocalKey<Scope<T>>) -> impl Drop {
    let outer = key.with(|scope| scope.value.replace(std::ptr::null()));
    Leave { key, outer }
}

struct Aside<T: 'static> {
    replace: fn(T) -> T,
    value: Option<T>,
}

impl<T> Drop for Aside<T> {
    fn drop(&mut self) {
        if let Some(value) = self.value.take() {
            (self.replace)(value);
        }
    }
}

/// Takes a thread's value away, which `replace` exchanges, until what is returned is dropped.
pub fn set_aside<T: Default + 'static>(replace: fn(T) -> T) -> impl Drop {
    Aside {
        replace,
        value: Some(replace(T::default())),
    }
}

/// Whether an [`enter`] is running on this thread.
pub fn is_entered<T>(key: &'static LocalKey<Scope<T>>) -> bool {
    key.with(|scope| !scope.value.get().is_null())
}

/// Hands `f` the value of the innermost [`enter`] still running on this thread.
pub fn current<T, R>(key: &'static LocalKey<Scope<T>>, f: impl FnOnce(Option<&T>) -> R) -> R {
    let value = key.with(|scope| scope.value.get());
    // SAFETY: `enter` holds a reference to the value until it restores the outer one, and this
    // runs below it on the same stack.
    f(unsafe { value.as_ref() })
}
