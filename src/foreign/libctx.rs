//! The library context in which certificates, keys and stores are made.

use std::ffi::{CStr, c_char, c_int, c_uchar, c_uint, c_void};
use std::ptr;
use std::sync::Arc;

use super::err::{Error, Reason, Result};
use super::evp::quietly;
use super::sys as ffi;

unsafe extern "C" {
    fn EVP_MD_fetch(
        lib: *mut ffi::OSSL_LIB_CTX,
        name: *const c_char,
        propq: *const c_char,
    ) -> *mut ffi::EVP_MD;
    fn EVP_MD_free(digest: *mut ffi::EVP_MD);
    fn EVP_PKEY_CTX_new_from_name(
        lib: *mut ffi::OSSL_LIB_CTX,
        name: *const c_char,
        propq: *const c_char,
    ) -> *mut ffi::EVP_PKEY_CTX;
    fn RAND_bytes_ex(
        lib: *mut ffi::OSSL_LIB_CTX,
        buf: *mut c_uchar,
        num: usize,
        strength: c_uint,
    ) -> c_int;
    fn EVP_Q_mac(
        lib: *mut ffi::OSSL_LIB_CTX,
        name: *const c_char,
        propq: *const c_char,
        digest: *const c_char,
        params: *const ffi::OSSL_PARAM,
        key: *const c_void,
        key_len: usize,
        data: *const c_uchar,
        len: usize,
        out: *mut c_uchar,
        out_size: usize,
        out_len: *mut usize,
    ) -> *mut c_uchar;
    fn EVP_Q_digest(
        lib: *mut ffi::OSSL_LIB_CTX,
        name: *const c_char,
        propq: *const c_char,
        data: *const c_void,
        len: usize,
        md: *mut c_uchar,
        md_len: *mut usize,
    ) -> c_int;
}

/// An OSSL_LIB_CTX with a property query: SSL_CTX_new_ex(3).
///
/// The library context belongs to the program, which keeps it until everything made in it is
/// gone. The default value is libcrypto's default context without a query.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        Self::DEFAULT
    }
}

impl LibCtx {
    /// The default value.
    pub const DEFAULT: Self = Self {
        ctx: ptr::null_mut(),
        propq: None,
    };

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

    /// Whether there is a digest of this name.
    pub fn has_digest(&self, name: &CStr) -> bool {
        // SAFETY: the names are C strings or NULL; what is fetched is freed.
        quietly(|| unsafe {
            let digest = EVP_MD_fetch(self.ctx, name.as_ptr(), self.propq());
            EVP_MD_free(digest);
            !digest.is_null()
        })
    }

    /// Whether there are keys of this type.
    pub fn has_key_type(&self, name: &CStr) -> bool {
        // SAFETY: the names are C strings or NULL; what is made is freed.
        quietly(|| unsafe {
            let keys = EVP_PKEY_CTX_new_from_name(self.ctx, name.as_ptr(), self.propq());
            ffi::EVP_PKEY_CTX_free(keys);
            !keys.is_null()
        })
    }

    /// Fills `to` from this context's generator (RAND_bytes_ex(3)).
    pub fn random(&self, to: &mut [u8]) -> Result<()> {
        // SAFETY: `to` is writable for its length.
        match unsafe { RAND_bytes_ex(self.ctx, to.as_mut_ptr(), to.len(), 0) } {
            1 => Ok(()),
            _ => Err(Error::Queued),
        }
    }

    /// The SHA-256 digest of `data`, by an implementation of this context.
    pub fn sha256(&self, data: &[u8]) -> Result<[u8; 32]> {
        let mut digest = [0; 32];
        // SAFETY: `data` is readable for its length, the digest has room for its 32 bytes.
        let ok = unsafe {
            EVP_Q_digest(
                self.ctx,
                c"SHA256".as_ptr(),
                self.propq(),
                data.as_ptr().cast(),
                data.len(),
                digest.as_mut_ptr(),
                ptr::null_mut(),
            )
        };
        match ok {
            1 => Ok(digest),
            _ => Err(Error::reason(Reason::EVP_LIB)),
        }
    }

    /// HMAC-SHA256 of `data`, by an implementation of this context.
    pub fn hmac_sha256(&self, key: &[u8], data: &[u8]) -> Result<[u8; 32]> {
        let mut mac = [0; 32];
        // SAFETY: key and data are readable for their lengths, the output writable for its own.
        let made = unsafe {
            EVP_Q_mac(
                self.ctx,
                c"HMAC".as_ptr(),
                self.propq(),
                c"SHA256".as_ptr(),
                ptr::null(),
                key.as_ptr().cast(),
                key.len(),
                data.as_ptr(),
                data.len(),
                mac.as_mut_ptr(),
                mac.len(),
                ptr::null_mut(),
            )
        };
        match made.is_null() {
            true => Err(Error::reason(Reason::INTERNAL_ERROR)),
            false => Ok(mac),
        }
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
