//! BIOs whose method is implemented here (BIO_meth_new(3)).

use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::sys as ffi;

/// BIO_info_cb of openssl/bio.h, or NULL.
pub type InfoCb = Option<unsafe extern "C" fn(*mut ffi::BIO, c_int, c_int) -> c_int>;

/// What a method consists of; gets is unsupported.
pub struct Callbacks {
    /// BIO_meth_set_read_ex(3).
    pub read: unsafe extern "C" fn(*mut ffi::BIO, *mut c_char, usize, *mut usize) -> c_int,
    /// BIO_meth_set_write_ex(3).
    pub write: unsafe extern "C" fn(*mut ffi::BIO, *const c_char, usize, *mut usize) -> c_int,
    /// BIO_meth_set_puts(3).
    pub puts: unsafe extern "C" fn(*mut ffi::BIO, *const c_char) -> c_int,
    /// BIO_meth_set_ctrl(3).
    pub ctrl: unsafe extern "C" fn(*mut ffi::BIO, c_int, c_long, *mut c_void) -> c_long,
    /// BIO_meth_set_callback_ctrl(3).
    pub callback_ctrl: unsafe extern "C" fn(*mut ffi::BIO, c_int, InfoCb) -> c_long,
    /// BIO_meth_set_create(3).
    pub create: unsafe extern "C" fn(*mut ffi::BIO) -> c_int,
    /// BIO_meth_set_destroy(3).
    pub destroy: unsafe extern "C" fn(*mut ffi::BIO) -> c_int,
}

/// A BIO_METHOD; never freed, since BIOs made of it may outlive everything.
pub struct Method(NonNull<ffi::BIO_METHOD>);

// SAFETY: once made, a method is only read.
unsafe impl Send for Method {}
// SAFETY: as for Send.
unsafe impl Sync for Method {}

impl Method {
    /// A method of the given BIO_TYPE_* and name; `None` when libcrypto has queued why not.
    pub fn new(kind: c_int, name: &CStr, callbacks: &Callbacks) -> Option<Self> {
        // SAFETY: the name is copied, and the callbacks are functions of the right types.
        unsafe {
            let method = NonNull::new(ffi::BIO_meth_new(kind, name.as_ptr()))?;
            let ptr = method.as_ptr();
            BIO_meth_set_read_ex(ptr, callbacks.read);
            BIO_meth_set_write_ex(ptr, callbacks.write);
            ffi::BIO_meth_set_puts__fixed_rust(ptr, Some(callbacks.puts));
            ffi::BIO_meth_set_ctrl__fixed_rust(ptr, Some(callbacks.ctrl));
            BIO_meth_set_callback_ctrl(ptr, callbacks.callback_ctrl);
            ffi::BIO_meth_set_create__fixed_rust(ptr, Some(callbacks.create));
            ffi::BIO_meth_set_destroy__fixed_rust(ptr, Some(callbacks.destroy));
            Some(Self(method))
        }
    }

    /// The method for BIO_new(3).
    pub fn as_ptr(&self) -> *const ffi::BIO_METHOD {
        self.0.as_ptr()
    }
}

/// Why a BIO's operation is to be tried again (BIO_should_retry(3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// BIO_should_read.
    Read,
    /// BIO_should_write.
    Write,
    /// BIO_should_io_special, with the BIO_RR_* reason.
    Special(c_int),
}

/// A BIO of a method of ours as the method's callbacks get it, with data of type `T` of its own.
#[derive(Debug)]
pub struct OwnBio<T>(NonNull<ffi::BIO>, PhantomData<T>);

impl<T> OwnBio<T> {
    /// The BIO a callback was given; `None` for NULL.
    ///
    /// # Safety
    /// `bio` is NULL or of a method whose data is set with [`Self::set_data`] alone, with this
    /// `T`, and lives as long as the result.
    pub unsafe fn new(bio: *mut ffi::BIO) -> Option<Self> {
        NonNull::new(bio).map(|bio| Self(bio, PhantomData))
    }

    /// The BIO.
    pub fn as_ptr(&self) -> *mut ffi::BIO {
        self.0.as_ptr()
    }

    /// Gives the BIO its data; what was there before must have been taken.
    pub fn set_data(&self, data: Box<T>) {
        // SAFETY: the BIO lives; the box is taken back by `take_data`.
        unsafe { ffi::BIO_set_data(self.as_ptr(), Box::into_raw(data).cast()) }
    }

    /// Takes the data away.
    ///
    /// # Safety
    /// No reference that [`Self::data`] gave out is used from now on.
    pub unsafe fn take_data(&self) -> Option<Box<T>> {
        // SAFETY: the data is NULL or a box of `set_data`, and is forgotten here.
        unsafe {
            let data = ffi::BIO_get_data(self.as_ptr()).cast::<T>();
            ffi::BIO_set_data(self.as_ptr(), std::ptr::null_mut());
            (!data.is_null()).then(|| Box::from_raw(data))
        }
    }

    /// The data, until it is taken.
    pub fn data(&self) -> Option<&T> {
        // SAFETY: the data is NULL or a box of `set_data`; `take_data`'s caller sees to its end.
        unsafe { ffi::BIO_get_data(self.as_ptr()).cast::<T>().as_ref() }
    }

    /// The next BIO of the chain, borrowed; NULL at its end.
    pub fn next(&self) -> *mut ffi::BIO {
        // SAFETY: the BIO lives.
        unsafe { ffi::BIO_next(self.as_ptr()) }
    }

    /// Puts `next` behind this BIO (BIO_set_next(3)).
    ///
    /// # Safety
    /// `next` is a live BIO, and the chain gets a reference to it.
    pub unsafe fn set_next(&self, next: *mut ffi::BIO) {
        // SAFETY: the caller's contract.
        unsafe { BIO_set_next(self.as_ptr(), next) }
    }

    /// BIO_CLOSE or BIO_NOCLOSE (BIO_get_shutdown(3)).
    pub fn close_flag(&self) -> c_int {
        // SAFETY: the BIO lives.
        unsafe { BIO_get_shutdown(self.as_ptr()) }
    }

    /// BIO_set_shutdown(3).
    pub fn set_close_flag(&self, flag: c_int) {
        // SAFETY: the BIO lives.
        unsafe { BIO_set_shutdown(self.as_ptr(), flag) }
    }

    /// Whether the BIO is ready for use (BIO_get_init(3)).
    pub fn is_init(&self) -> bool {
        // SAFETY: the BIO lives.
        unsafe { BIO_get_init(self.as_ptr()) != 0 }
    }

    /// BIO_set_init(3).
    pub fn set_init(&self, init: bool) {
        // SAFETY: the BIO lives.
        unsafe { ffi::BIO_set_init(self.as_ptr(), init.into()) }
    }

    /// Clears every flag (BIO_clear_flags).
    pub fn clear_flags(&self) {
        // SAFETY: the BIO lives.
        unsafe { ffi::BIO_clear_flags(self.as_ptr(), !0) }
    }

    /// Forgets why an earlier operation was to be tried again.
    pub fn clear_retry(&self) {
        const RETRY: c_int = ffi::BIO_FLAGS_READ
            | ffi::BIO_FLAGS_WRITE
            | ffi::BIO_FLAGS_IO_SPECIAL
            | ffi::BIO_FLAGS_SHOULD_RETRY;
        // SAFETY: the BIO lives.
        unsafe { ffi::BIO_clear_flags(self.as_ptr(), RETRY) }
    }

    /// Says whether and why the operation is to be tried again.
    pub fn set_retry(&self, retry: Option<Retry>) {
        let (flags, reason) = match retry {
            None => (0, 0),
            Some(Retry::Read) => (ffi::BIO_FLAGS_READ | ffi::BIO_FLAGS_SHOULD_RETRY, 0),
            Some(Retry::Write) => (ffi::BIO_FLAGS_WRITE | ffi::BIO_FLAGS_SHOULD_RETRY, 0),
            Some(Retry::Special(reason)) => (
                ffi::BIO_FLAGS_IO_SPECIAL | ffi::BIO_FLAGS_SHOULD_RETRY,
                reason,
            ),
        };
        // SAFETY: the BIO lives.
        unsafe {
            ffi::BIO_set_flags(self.as_ptr(), flags);
            BIO_set_retry_reason(self.as_ptr(), reason);
        }
    }

    /// Takes over why the next BIO wants to be tried again (BIO_copy_next_retry(3)).
    pub fn copy_next_retry(&self) {
        if !self.next().is_null() {
            // SAFETY: the BIO lives and there is a next one.
            unsafe { BIO_copy_next_retry(self.as_ptr()) }
        }
    }
}

unsafe extern "C" {
    fn BIO_meth_set_read_ex(
        method: *mut ffi::BIO_METHOD,
        read: unsafe extern "C" fn(*mut ffi::BIO, *mut c_char, usize, *mut usize) -> c_int,
    ) -> c_int;
    fn BIO_meth_set_write_ex(
        method: *mut ffi::BIO_METHOD,
        write: unsafe extern "C" fn(*mut ffi::BIO, *const c_char, usize, *mut usize) -> c_int,
    ) -> c_int;
    fn BIO_meth_set_callback_ctrl(
        method: *mut ffi::BIO_METHOD,
        ctrl: unsafe extern "C" fn(*mut ffi::BIO, c_int, InfoCb) -> c_long,
    ) -> c_int;
    fn BIO_get_shutdown(bio: *mut ffi::BIO) -> c_int;
    fn BIO_set_shutdown(bio: *mut ffi::BIO, shut: c_int);
    fn BIO_get_init(bio: *mut ffi::BIO) -> c_int;
    fn BIO_set_next(bio: *mut ffi::BIO, next: *mut ffi::BIO);
    fn BIO_set_retry_reason(bio: *mut ffi::BIO, reason: c_int);
    fn BIO_copy_next_retry(bio: *mut ffi::BIO);
}
