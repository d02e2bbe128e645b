//! Reference-counted objects as C sees them: an `Arc<T>` behind a raw pointer.
//!
//! SSL_up_ref(3) and SSL_free(3) count in the object itself: all references of the program's hold
//! one of the `Arc`'s together. An `Arc` would be dropped through a place in memory that most calls
//! have no use for. The program may be lent an object that it has no reference to: the first it
//! takes makes them hold one of the `Arc`'s.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many references to an object the program has, and [`HandleCell`]s.
#[derive(Debug, Default)]
pub struct References(AtomicUsize);

/// An object whose handles the program counts.
pub trait Counted {
    /// The count, which any thread may change.
    fn references(&self) -> &AtomicUsize;
}

impl References {
    /// For [`Counted::references`].
    pub fn count(&self) -> &AtomicUsize {
        &self.0
    }
}

/// Gives the caller's reference to C. The program owns it until it calls the type's free
/// function.
pub fn into_raw<T: Counted>(object: Arc<T>) -> *mut T {
    let first = object.references().fetch_add(1, Ordering::Relaxed) == 0;
    match first {
        true => Arc::into_raw(object).cast_mut(),
        false => Arc::as_ptr(&object).cast_mut(),
    }
}

/// Adds a reference to `ptr`, for the program to free.
///
/// # Safety
/// `ptr` came from [`into_raw`], [`address`] or a [`HandleCell`], and the object lives as long as
/// this call, by a reference of the program's or of the one who lent the handle.
pub unsafe fn up_ref<T: Counted>(ptr: *const T) {
    // SAFETY: the caller's contract.
    let count = unsafe { &*ptr }.references();
    // Here and in `free`, an addition whose value is used is faster than the increment and the
    // decrement that compilers choose otherwise.
    let before = count.fetch_add(1, Ordering::Relaxed);
    if before.cast_signed() <= 0 {
        // SAFETY: the caller's contract.
        unsafe { adopt(ptr, before) };
    }
}

/// Takes one of the program's references back; the last one drops the object, unless there are
/// `Arc`s of it.
///
/// # Safety
/// `ptr` came from [`into_raw`] and the caller owns one of its references.
pub unsafe fn free<T: Counted>(ptr: *const T) {
    // SAFETY: the caller's contract.
    let count = unsafe { &*ptr }.references();
    let before = count.fetch_sub(1, Ordering::Release);
    if before.cast_signed() <= 1 {
        // SAFETY: the caller's contract.
        unsafe { release(ptr, before) };
    }
}

/// After the first reference, of `before` and one, to an object that the program had only been
/// lent. Out of the way, and with C's convention, so that [`up_ref`] needs no stack for it.
#[cold]
#[inline(never)]
unsafe extern "C" fn adopt<T: Counted>(ptr: *const T, before: usize) {
    if before == 0 {
        // SAFETY: the lender's Arc is held for this call.
        unsafe { Arc::increment_strong_count(ptr) };
    }
}

/// After the last of `before` references was freed; one too many harms nobody who holds an `Arc`.
/// Kept apart as [`adopt`] is.
#[cold]
#[inline(never)]
unsafe extern "C" fn release<T: Counted>(ptr: *const T, before: usize) {
    if before != 1 {
        return;
    }
    // SAFETY: the references' own of the Arc is given up with the last of them.
    let object = unsafe { Arc::from_raw(ptr) };
    // What the other threads did before they freed theirs is done.
    object.references().load(Ordering::Acquire);
}

/// A reference of the program's becomes Rust's.
///
/// # Safety
/// As [`free`].
pub unsafe fn take<T: Counted>(ptr: *const T) -> Arc<T> {
    // SAFETY: the caller's contract; the Arc is held before the reference is given up.
    unsafe {
        Arc::increment_strong_count(ptr);
        free(ptr);
        Arc::from_raw(ptr)
    }
}

/// Borrows the object for this call; `None` for NULL.
///
/// # Safety
/// `ptr` is NULL or came from [`into_raw`], and a reference to it is held for all of `'a`.
pub unsafe fn borrow<'a, T>(ptr: *const T) -> Option<&'a T> {
    // SAFETY: the caller's contract; the objects are only ever borrowed shared.
    unsafe { ptr.as_ref() }
}

/// The object's `Arc` for this call, without another reference; `None` for NULL.
///
/// # Safety
/// As [`borrow`].
pub unsafe fn borrow_arc<T>(ptr: *const T) -> Option<ManuallyDrop<Arc<T>>> {
    // SAFETY: the reference held is not given up, since the Arc is not dropped.
    (!ptr.is_null()).then(|| ManuallyDrop::new(unsafe { Arc::from_raw(ptr) }))
}

/// Another reference to the object, owned by Rust; `None` for NULL.
///
/// # Safety
/// As [`borrow`].
pub unsafe fn to_arc<T>(ptr: *const T) -> Option<Arc<T>> {
    // SAFETY: the caller's contract.
    unsafe { borrow_arc(ptr) }.map(|object| Arc::clone(&object))
}

/// The handle of an object that came from an Arc, for callbacks. It is the address that
/// [`into_raw`] gives, under the C type's name.
pub fn address<T, C>(object: &T) -> *mut C {
    std::ptr::from_ref(object).cast_mut().cast()
}

/// Gives the program a reference, which it keeps if `give` says so.
pub fn offer<T: Counted, C>(object: Arc<T>, give: impl FnOnce(*mut C) -> bool) {
    let raw = into_raw(object);
    if !give(raw.cast()) {
        // SAFETY: the reference was not taken, so it is still ours.
        unsafe { free(raw) };
    }
}

/// A place for a reference that can be replaced, where the object's handle is one load away.
///
/// It counts as one of the program's: to such an object, lent to the program by way of this place,
/// any thread may take a reference while another empties the place.
pub struct HandleCell<T: Counted>(Cell<*const T>);

impl<T: Counted> HandleCell<T> {
    /// With a reference to `object`.
    pub fn new(object: &Arc<T>) -> Self {
        let raw = Arc::as_ptr(object);
        // SAFETY: the caller's Arc is held for this call.
        unsafe { up_ref(raw) };
        Self(Cell::new(raw))
    }

    /// The object's address, without a reference of the caller's own.
    pub fn address(&self) -> *const T {
        self.0.get()
    }

    /// Another reference to the object.
    pub fn get(&self) -> Arc<T> {
        // SAFETY: the cell's reference is held while another is taken.
        let object = ManuallyDrop::new(unsafe { Arc::from_raw(self.address()) });
        Arc::clone(&object)
    }

    /// Puts a reference to `object` here and returns what was here.
    pub fn replace(&self, object: &Arc<T>) -> Self {
        Self(Cell::new(self.0.replace(Self::new(object).into_address())))
    }

    /// The address, with the cell's reference.
    fn into_address(self) -> *const T {
        ManuallyDrop::new(self).address()
    }
}

impl<T: Counted> Drop for HandleCell<T> {
    fn drop(&mut self) {
        // SAFETY: the reference is the cell's.
        unsafe { free(self.address()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Object(References);

    impl Counted for Object {
        fn references(&self) -> &AtomicUsize {
            self.0.count()
        }
    }

    #[test]
    fn the_programs_references_hold_one_together() {
        let object = Arc::new(Object::default());
        let raw = into_raw(object.clone());
        assert_eq!(into_raw(object.clone()), raw);
        assert_eq!(Arc::strong_count(&object), 2);
        // SAFETY: each reference given is freed once.
        unsafe {
            up_ref(raw);
            free(raw);
            free(raw);
            assert_eq!(Arc::strong_count(&object), 2);
            let taken = take(raw);
            assert_eq!(Arc::strong_count(&object), 2);
            drop(taken);
        }
        assert_eq!(Arc::strong_count(&object), 1);
        let again = into_raw(object.clone());
        offer(object.clone(), |_: *mut Object| false);
        // SAFETY: as above.
        unsafe { free(again) };
        assert_eq!(Arc::strong_count(&object), 1);
    }

    #[test]
    fn what_is_lent_can_be_kept() {
        let object = Arc::new(Object::default());
        let lent: *mut Object = address(&*object);
        // SAFETY: `object` is the lender; each reference is freed once.
        unsafe {
            up_ref(lent);
            up_ref(lent);
            assert_eq!(Arc::strong_count(&object), 2);
            free(lent);
            assert_eq!(Arc::strong_count(&object), 2);
            free(lent);
            assert_eq!(Arc::strong_count(&object), 1);
            up_ref(lent);
            drop(object);
            let taken = take(lent);
            assert_eq!(Arc::strong_count(&taken), 1);
        }
    }

    #[test]
    fn a_cell_holds_one_reference() {
        let (one, two) = (Arc::new(Object::default()), Arc::new(Object::default()));
        let cell = HandleCell::new(&one);
        assert_eq!(cell.address(), Arc::as_ptr(&one));
        assert!(Arc::ptr_eq(&cell.get(), &one));
        assert_eq!(Arc::strong_count(&one), 2);
        drop(cell.replace(&two));
        assert_eq!((Arc::strong_count(&one), Arc::strong_count(&two)), (1, 2));
        drop(cell);
        assert_eq!(Arc::strong_count(&two), 1);
    }
}
