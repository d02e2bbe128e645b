//! The process's stack of compression methods: empty, as where libcrypto has no zlib.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, Ordering};

use openssl_sys::COMP_METHOD;

use super::stack::PlainStack;

unsafe extern "C" {
    fn COMP_get_name(method: *const COMP_METHOD) -> *const c_char;
}

static METHODS: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

fn load() {
    static LOADED: Once = Once::new();
    LOADED.call_once(|| {
        let empty = PlainStack::new(std::iter::empty());
        let empty = empty.map_or(ptr::null_mut(), PlainStack::into_ptr);
        METHODS.store(empty, Ordering::Release);
    });
}

/// The stack; it stays the process's.
pub fn methods() -> *mut c_void {
    load();
    METHODS.load(Ordering::Acquire)
}

/// Replaces the stack; the old one is the caller's.
pub fn replace(methods: *mut c_void) -> *mut c_void {
    load();
    METHODS.swap(methods, Ordering::AcqRel)
}

/// A method's name.
///
/// # Safety
/// `method` is one of libcrypto's methods.
pub unsafe fn name(method: *const COMP_METHOD) -> *const c_char {
    // SAFETY: the caller's contract.
    unsafe { COMP_get_name(method) }
}
