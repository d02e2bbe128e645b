//! The program's data on our objects (CRYPTO_get_ex_new_index(3)).

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_long, c_void};
use std::sync::OnceLock;

use super::err::{Error, Result};

/// Class of the object, CRYPTO_EX_INDEX_* of openssl/crypto.h.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Class {
    /// SSL.
    Ssl = 0,
    /// SSL_CTX.
    Ctx = 1,
    /// SSL_SESSION.
    Session = 2,
    /// X509_STORE_CTX.
    StoreCtx = 5,
}

#[repr(C)]
struct CryptoExData {
    ctx: *mut c_void,
    sk: *mut c_void,
}

/// CRYPTO_EX_new, _dup and _free.
pub type NewFn =
    unsafe extern "C" fn(*mut c_void, *mut c_void, *mut c_void, c_int, c_long, *mut c_void);
/// CRYPTO_EX_dup.
pub type DupFn = unsafe extern "C" fn(
    *mut c_void,
    *const c_void,
    *mut *mut c_void,
    c_int,
    c_long,
    *mut c_void,
) -> c_int;

unsafe extern "C" {
    fn CRYPTO_get_ex_new_index(
        class: c_int,
        argl: c_long,
        argp: *mut c_void,
        new: Option<NewFn>,
        dup: Option<DupFn>,
        free: Option<NewFn>,
    ) -> c_int;
    fn CRYPTO_new_ex_data(class: c_int, obj: *mut c_void, ad: *mut CryptoExData) -> c_int;
    fn CRYPTO_dup_ex_data(class: c_int, to: *mut CryptoExData, from: *const CryptoExData) -> c_int;
    fn CRYPTO_free_ex_data(class: c_int, obj: *mut c_void, ad: *mut CryptoExData);
    fn CRYPTO_set_ex_data(ad: *mut CryptoExData, idx: c_int, val: *mut c_void) -> c_int;
    fn CRYPTO_get_ex_data(ad: *const CryptoExData, idx: c_int) -> *mut c_void;
}

/// Registers an index (SSL_get_ex_new_index(3)); -1 on failure, with the cause queued.
///
/// # Safety
/// The functions are the program's for this class, or `None`.
pub unsafe fn new_index(
    class: Class,
    argl: c_long,
    argp: *mut c_void,
    new: Option<NewFn>,
    dup: Option<DupFn>,
    free: Option<NewFn>,
) -> c_int {
    // SAFETY: the caller's contract.
    unsafe { CRYPTO_get_ex_new_index(class as c_int, argl, argp, new, dup, free) }
}

/// SSL_get_ex_data_X509_STORE_CTX_idx(3): where an X509_STORE_CTX holds its SSL; -1 on failure.
pub fn store_ctx_index() -> c_int {
    static INDEX: OnceLock<c_int> = OnceLock::new();
    *INDEX.get_or_init(|| {
        // SAFETY: no functions; the argument is a literal for those who debug.
        unsafe {
            new_index(
                Class::StoreCtx,
                0,
                c"SSL for verify callback".as_ptr().cast_mut().cast(),
                None,
                None,
                None,
            )
        }
    })
}

/// One object's data.
pub struct ExData {
    data: UnsafeCell<CryptoExData>,
    class: Class,
}

// SAFETY: OpenSSL's rule is the program's: it serialises the use of one object's data.
unsafe impl Send for ExData {}
// SAFETY: as for Send.
unsafe impl Sync for ExData {}

impl ExData {
    /// Data of an object yet to be announced with [`Self::created`].
    pub const fn new(class: Class) -> Self {
        Self {
            data: UnsafeCell::new(CryptoExData {
                ctx: std::ptr::null_mut(),
                sk: std::ptr::null_mut(),
            }),
            class,
        }
    }

    /// Runs the new callbacks for the object at `object`.
    pub fn created<T>(&self, object: *mut T) -> Result<()> {
        // SAFETY: the data is ours and empty; the callbacks are the program's.
        match unsafe { CRYPTO_new_ex_data(self.class as c_int, object.cast(), self.data.get()) } {
            1 => Ok(()),
            _ => Err(Error::Queued),
        }
    }

    /// Runs the dup callbacks from `from` to here.
    pub fn copy_from(&self, from: &Self) -> Result<()> {
        // SAFETY: both are live; the callbacks are the program's.
        match unsafe { CRYPTO_dup_ex_data(self.class as c_int, self.data.get(), from.data.get()) } {
            1 => Ok(()),
            _ => Err(Error::Queued),
        }
    }

    /// Runs the free callbacks for the object at `object`, and forgets the data.
    pub fn freed<T>(&self, object: *mut T) {
        // SAFETY: the data is ours; libcrypto leaves it empty.
        unsafe { CRYPTO_free_ex_data(self.class as c_int, object.cast(), self.data.get()) }
    }

    /// Stores `value`, which stays the program's.
    pub fn set(&self, index: c_int, value: *mut c_void) -> Result<()> {
        // SAFETY: the data is live; libcrypto checks the index.
        match unsafe { CRYPTO_set_ex_data(self.data.get(), index, value) } {
            1 => Ok(()),
            _ => Err(Error::Queued),
        }
    }

    /// The value stored, NULL when there is none.
    pub fn get(&self, index: c_int) -> *mut c_void {
        // SAFETY: the data is live; libcrypto checks the index.
        unsafe { CRYPTO_get_ex_data(self.data.get(), index) }
    }
}
