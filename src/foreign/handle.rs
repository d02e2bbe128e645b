//! Reference-counted objects as C sees them: an `Arc<T>` behind a raw pointer.
//!
//! The reference count is the `Arc`'s: SSL_up_ref(3) adds one, SSL_free(3) takes one.

use std::cell::Cell;
use std::sync::Arc;

/// Gives the caller's reference to C. The program owns it until it calls the type's free
/// function.
pub fn into_raw<T>(object: Arc<T>) -> *mut T {
    Arc::into_raw(object).cast_mut()
}

/// Adds a reference to `ptr`, for the program to free.
///
/// # Safety
/// `ptr` came from [`into_raw`] and holds at least one reference.
pub unsafe fn up_ref<T>(ptr: *const T) {
    // SAFETY: the caller's contract.
    unsafe { Arc::increment_strong_count(ptr) }
}

/// Takes the program's reference back; the last one drops the object.
///
/// # Safety
/// `ptr` came from [`into_raw`] and the caller owns one of its references.
pub unsafe fn free<T>(ptr: *const T) {
    // SAFETY: the caller's contract.
    unsafe { Arc::decrement_strong_count(ptr) }
}

/// Borrows the object for this call; `None` for NULL.
///
/// # Safety
/// `ptr` is NULL or came from [`into_raw`], and a reference to it is held for all of `'a`.
pub unsafe fn borrow<'a, T>(ptr: *const T) -> Option<&'a T> {
    // SAFETY: the caller's contract; the objects are only ever borrowed shared.
    unsafe { ptr.as_ref() }
}

/// Another reference to the object, owned by Rust; `None` for NULL.
///
/// # Safety
/// As [`borrow`].
pub unsafe fn to_arc<T>(ptr: *const T) -> Option<Arc<T>> {
    if ptr.is_null() {
        return None;
    }
    // SAFETY: the caller's contract; the count is raised before the Arc takes it.
    unsafe {
        Arc::increment_strong_count(ptr);
        Some(Arc::from_raw(ptr))
    }
}

/// The handle of an object that came from an Arc, for callbacks. It is the address that
/// [`into_raw`] gives, under the C type's name.
pub fn address<T, C>(object: &T) -> *mut C {
    std::ptr::from_ref(object).cast_mut().cast()
}

/// Gives the program a reference, which it keeps if `give` says so.
pub fn offer<T, C>(object: Arc<T>, give: impl FnOnce(*mut C) -> bool) {
    let raw = Arc::into_raw(object);
    if !give(raw.cast_mut().cast()) {
        // SAFETY: the reference was not taken, so it is still ours.
        unsafe { free(raw) };
    }
}

/// A place for a reference that can be replaced, where the object's handle is one load away.
pub struct HandleCell<T>(Cell<*const T>);

impl<T> HandleCell<T> {
    /// With the reference `object`.
    pub fn new(object: Arc<T>) -> Self {
        Self(Cell::new(Arc::into_raw(object)))
    }

    /// The object's address, without a reference of the caller's own.
    pub fn address(&self) -> *const T {
        self.0.get()
    }

    /// Another reference to the object.
    pub fn get(&self) -> Arc<T> {
        let raw = self.address();
        // SAFETY: the cell's reference is held while the count is raised.
        unsafe {
            up_ref(raw);
            Arc::from_raw(raw)
        }
    }

    /// Puts `object` here and returns what was here.
    pub fn replace(&self, object: Arc<T>) -> Arc<T> {
        let old = self.0.replace(Arc::into_raw(object));
        // SAFETY: the reference was the cell's, which holds another now.
        unsafe { Arc::from_raw(old) }
    }
}

impl<T> Drop for HandleCell<T> {
    fn drop(&mut self) {
        // SAFETY: the reference is the cell's.
        unsafe { free(self.address()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_one_reference() {
        let (one, two) = (Arc::new(1), Arc::new(2));
        let cell = HandleCell::new(one.clone());
        assert_eq!(cell.address(), Arc::as_ptr(&one));
        assert_eq!(*cell.get(), 1);
        assert_eq!(Arc::strong_count(&one), 2);
        drop(cell.replace(two.clone()));
        assert_eq!((Arc::strong_count(&one), Arc::strong_count(&two)), (1, 2));
        drop(cell);
        assert_eq!(Arc::strong_count(&two), 1);
    }
}
