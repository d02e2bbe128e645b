//! The library context in which certificates, keys and stores are made.

use std::ffi::{CStr, c_char};
use std::ptr;
use std::sync::Arc;

use super::sys as ffi;

/// An OSSL_LIB_CTX with a property query: SSL_CTX_new_ex(3).
///
/// The library context belongs to the program, which keeps it until everything made in it is
/// gone. The default value is libcrypto's default context without a query.
#[derive(Debug, Clone)]
pub struct LibCtx {
    ctx: *mut ffi::OSSL_LIB_CTX,
    propq: Option<Arc<CStr>>,
}

// SAFETY: an OSSL_LIB_CTX synchronises itself; the query is never changed.
unsafe impl Send for LibCtx {}
// SAFETY: as for Send.
unsafe impl Sync for LibCtx {}

impl Default for LibCtx {
    fn default() -> Self {
        Self {
            ctx: ptr::null_mut(),
            propq: None,
        }
    }
}

impl LibCtx {
    /// The pair given to SSL_CTX_new_ex(3); the query is copied.
    ///
    /// # Safety
    /// `ctx` is NULL or lives longer than every use of the value and its clones; `propq` is NULL
    /// or a C string.
    pub unsafe fn from_raw(ctx: *mut ffi::OSSL_LIB_CTX, propq: *const c_char) -> Self {
        let propq = (!propq.is_null()).then(|| {
            // SAFETY: the caller's contract.
            Arc::from(unsafe { CStr::from_ptr(propq) })
        });
        Self { ctx, propq }
    }

    /// The OSSL_LIB_CTX; NULL is the default one.
    pub fn as_ptr(&self) -> *mut ffi::OSSL_LIB_CTX {
        self.ctx
    }

    /// The property query; NULL is none.
    pub fn propq(&self) -> *const c_char {
        self.propq.as_ref().map_or(ptr::null(), |q| q.as_ptr())
    }

    /// Whether objects made here are the same as those made with no context named: this is
    /// libcrypto's global default context, the thread has set no other default, and there is no
    /// property query.
    pub fn is_default(&self) -> bool {
        // SAFETY: both only read; setting NULL as the default answers without a change.
        let (global, thread) = unsafe {
            (
                ffi::OSSL_LIB_CTX_get0_global_default(),
                ffi::OSSL_LIB_CTX_set0_default(ptr::null_mut()),
            )
        };
        self.propq.is_none() && (self.ctx == global || (self.ctx.is_null() && thread == global))
    }

    /// Runs `f` with this context as the thread's default (OSSL_LIB_CTX_set0_default(3)).
    pub fn as_thread_default<T>(&self, f: impl FnOnce() -> T) -> T {
        struct Restore(*mut ffi::OSSL_LIB_CTX);
        impl Drop for Restore {
            fn drop(&mut self) {
                // SAFETY: the context was this thread's default before.
                unsafe { ffi::OSSL_LIB_CTX_set0_default(self.0) };
            }
        }
        // SAFETY: the context lives, by the contract of from_raw.
        let _restore = Restore(unsafe { ffi::OSSL_LIB_CTX_set0_default(self.ctx) });
        f()
    }
}
