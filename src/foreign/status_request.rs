//! The lists a client's status request carries, kept for the program (RFC 6066, section 8).

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::sys as ffi;

unsafe extern "C" {
    fn X509_EXTENSION_free(extension: *mut c_void);
    fn OCSP_RESPID_free(id: *mut c_void);
}

/// What a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusList {
    /// STACK_OF(X509_EXTENSION).
    Extensions,
    /// STACK_OF(OCSP_RESPID).
    ResponderIds,
}

/// One such list, the program's until it is set and freed with its elements at the end.
#[derive(Debug)]
pub struct StatusStack {
    raw: AtomicPtr<c_void>,
    kind: StatusList,
}

impl StatusStack {
    /// Takes the program's stack.
    ///
    /// # Safety
    /// `stack` is NULL or a stack of what `kind` says, which the caller gives up.
    pub unsafe fn new(kind: StatusList, stack: *mut c_void) -> Self {
        Self {
            raw: AtomicPtr::new(stack),
            kind,
        }
    }

    /// The stack; it stays ours.
    pub fn as_ptr(&self) -> *mut c_void {
        self.raw.load(Ordering::Relaxed)
    }

    /// Gives the stack up without freeing it: a program that sets another has freed the one
    /// before, or set the same again.
    pub fn abandon(&self) {
        self.raw.store(ptr::null_mut(), Ordering::Relaxed);
    }
}

impl Drop for StatusStack {
    fn drop(&mut self) {
        let free: unsafe extern "C" fn(*mut c_void) = match self.kind {
            StatusList::Extensions => X509_EXTENSION_free,
            StatusList::ResponderIds => OCSP_RESPID_free,
        };
        // SAFETY: the stack and its elements are ours; NULL is nothing.
        unsafe { ffi::OPENSSL_sk_pop_free(self.as_ptr().cast(), Some(free)) }
    }
}
