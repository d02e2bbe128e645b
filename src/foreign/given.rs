//! Memory that the program made with OPENSSL_malloc(3) and gave up.

use std::ptr::NonNull;

/// Bytes whose address the program still knows: it may read them, and write to them, until they are
/// freed with this.
#[derive(Debug)]
pub struct Given {
    at: NonNull<u8>,
    len: usize,
}

impl Given {
    /// Takes `at` over; `None` for NULL.
    ///
    /// # Safety
    /// `at` is NULL, or from OPENSSL_malloc and `len` bytes long, and the caller gives it up.
    pub unsafe fn from_raw(at: *mut u8, len: usize) -> Option<Self> {
        NonNull::new(at).map(|at| Self { at, len })
    }

    /// Where the bytes are, and how many.
    pub fn parts(&self) -> (*const u8, usize) {
        (self.at.as_ptr(), self.len)
    }

    /// A copy of the bytes as they are now.
    pub fn to_bytes(&self) -> Vec<u8> {
        // SAFETY: the memory is ours and that long; nobody writes to it during a call.
        unsafe { std::slice::from_raw_parts(self.at.as_ptr(), self.len) }.to_vec()
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        // SAFETY: the memory is ours, from OPENSSL_malloc.
        unsafe { super::free_crypto(self.at.as_ptr().cast()) }
    }
}
