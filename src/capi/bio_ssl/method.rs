//! The callbacks of BIO_f_ssl's method that move bytes, and what an SSL BIO holds.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int};
use std::ptr;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use openssl_sys::{BIO, BIO_METHOD, BIO_write};

use super::{TYPE_SSL, ctrl};
use crate::capi::deref;
use crate::capi::error::SSL_get_error;
use crate::capi::moved::{self, Outcome};
use crate::capi::shutdown::SSL_shutdown;
use crate::capi::ssl::SSL_free;
use crate::capi::state::SSL_in_init;
use crate::capi::types::SSL;
use crate::foreign::bio_method::{Callbacks, Method, OwnBio, Retry};
use crate::model::ssl::{Moved, Pulled};

/// SSL_ERROR_* of openssl/ssl.h.
const WANT_READ: c_int = 2;
const WANT_WRITE: c_int = 3;
const WANT_X509_LOOKUP: c_int = 4;
const WANT_CONNECT: c_int = 7;
const WANT_ACCEPT: c_int = 8;

/// BIO_RR_* of openssl/bio.h.
const RR_SSL_X509_LOOKUP: c_int = 1;
const RR_CONNECT: c_int = 2;
const RR_ACCEPT: c_int = 3;

/// What an SSL BIO holds.
#[derive(Debug)]
pub(super) struct State {
    /// NULL until BIO_set_ssl(3); owned when the BIO's close flag says so.
    pub(super) ssl: Cell<*mut SSL>,
    pub(super) renegotiations: Renegotiations,
}

/// When to renegotiate (BIO_set_ssl_renegotiate_bytes(3)). There is no renegotiation: what is
/// due is counted, as OpenSSL counts it on TLS 1.3, where it cannot renegotiate either.
#[derive(Debug, Default)]
pub(super) struct Renegotiations {
    /// How often one was due.
    pub(super) due: Cell<c_int>,
    /// Due after so many bytes; 0 is never.
    pub(super) bytes: Cell<usize>,
    moved: Cell<usize>,
    /// Due after so many seconds; 0 is never.
    pub(super) timeout: Cell<u64>,
    /// When the timeout was set or had last passed.
    pub(super) since: Cell<u64>,
}

impl Renegotiations {
    pub(super) fn copy_from(&self, from: &Self) {
        self.due.set(from.due.get());
        self.bytes.set(from.bytes.get());
        self.moved.set(from.moved.get());
        self.timeout.set(from.timeout.get());
        self.since.set(from.since.get());
    }

    fn count(&self, moved: usize) {
        if self.bytes.get() > 0 {
            self.moved.set(self.moved.get().saturating_add(moved));
            if self.moved.get() > self.bytes.get() {
                self.moved.set(0);
                self.due.set(self.due.get().wrapping_add(1));
                return;
            }
        }
        if self.timeout.get() > 0 {
            let now = now();
            if now > self.since.get().saturating_add(self.timeout.get()) {
                self.since.set(now);
                self.due.set(self.due.get().wrapping_add(1));
            }
        }
    }
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// What was called: only reads are to be tried again for SSL_ERROR_WANT_ACCEPT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Read,
    Other,
}

/// The one method there is; NULL when it could not be allocated.
pub(super) fn method() -> *const BIO_METHOD {
    static METHOD: OnceLock<Option<Method>> = OnceLock::new();
    const CALLBACKS: Callbacks = Callbacks {
        read,
        write,
        puts,
        ctrl: ctrl::ctrl,
        callback_ctrl: ctrl::callback_ctrl,
        create,
        destroy,
    };
    METHOD
        .get_or_init(|| Method::new(TYPE_SSL, c"ssl", &CALLBACKS))
        .as_ref()
        .map_or(ptr::null(), Method::as_ptr)
}

/// Gives a new BIO its state.
pub(super) unsafe extern "C" fn create(bio: *mut BIO) -> c_int {
    // SAFETY: libcrypto passes a BIO of this method, with no data yet.
    let Some(bio) = (unsafe { OwnBio::new(bio) }) else {
        return 0;
    };
    bio.set_init(false);
    bio.set_data(Box::new(State {
        ssl: Cell::new(ptr::null_mut()),
        renegotiations: Renegotiations::default(),
    }));
    bio.clear_flags();
    1
}

/// Shuts down and frees the connection if the close flag says so, and drops the state.
pub(super) unsafe extern "C" fn destroy(bio: *mut BIO) -> c_int {
    // SAFETY: libcrypto passes a BIO of this method; nothing borrows its state.
    let (bio, state) = unsafe {
        let Some(bio) = OwnBio::<State>::new(bio) else {
            return 0;
        };
        let state = bio.take_data();
        (bio, state)
    };
    if bio.close_flag() != 0 {
        let ssl = state.map_or(ptr::null_mut(), |state| state.ssl.get());
        // SAFETY: the BIO owns a reference to the connection.
        unsafe {
            if !ssl.is_null() && SSL_in_init(ssl) == 0 {
                SSL_shutdown(ssl);
            }
            if bio.is_init() {
                SSL_free(ssl);
            }
        }
        bio.clear_flags();
        bio.set_init(false);
    }
    1
}

/// Sets the retry flags and reason for `ret`, which the last call on `ssl` returned.
///
/// # Safety
/// `ssl` is a handle held by the BIO.
pub(super) unsafe fn tell_retry(bio: &OwnBio<State>, ssl: *mut SSL, ret: c_int, call: Call) {
    // SAFETY: the caller's contract.
    let retry = match unsafe { SSL_get_error(ssl, ret) } {
        WANT_READ => Some(Retry::Read),
        WANT_WRITE => Some(Retry::Write),
        WANT_X509_LOOKUP => Some(Retry::Special(RR_SSL_X509_LOOKUP)),
        WANT_CONNECT => Some(Retry::Special(RR_CONNECT)),
        WANT_ACCEPT if call == Call::Read => Some(Retry::Special(RR_ACCEPT)),
        _ => None,
    };
    bio.set_retry(retry);
}

/// Runs `f` on the BIO's connection and tells its result as a method's callback does.
///
/// # Safety
/// `bio` is a BIO of this method, and `count` is writable.
unsafe fn transfer(
    bio: *mut BIO,
    count: *mut usize,
    call: Call,
    f: impl FnOnce(&crate::model::ssl::Ssl) -> Moved<usize>,
) -> c_int {
    // SAFETY: the caller's contract.
    let Some(bio) = (unsafe { OwnBio::<State>::new(bio) }) else {
        return 0;
    };
    let Some(state) = bio.data() else {
        return 0;
    };
    let handle = state.ssl.get();
    let ssl = deref!(ssl handle, 0);
    bio.clear_retry();
    let (ret, moved) = match moved::run(|| f(ssl)) {
        Outcome::Done(n) => (c_int::from(n > 0), n),
        Outcome::Zero => (0, 0),
        Outcome::Negative => (-1, 0),
    };
    if ret > 0 {
        // SAFETY: the caller's contract.
        unsafe { *count = moved };
        state.renegotiations.count(moved);
    }
    // SAFETY: the BIO holds the connection.
    unsafe { tell_retry(&bio, handle, ret, call) };
    ret
}

unsafe extern "C" fn read(
    bio: *mut BIO,
    buf: *mut c_char,
    size: usize,
    readbytes: *mut usize,
) -> c_int {
    if buf.is_null() {
        return 0;
    }
    // SAFETY: BIO_read(3)'s buffer is writable for `size` bytes; they are only written.
    let buf = unsafe { std::slice::from_raw_parts_mut(buf.cast::<u8>(), size) };
    // SAFETY: libcrypto passes a BIO of this method and a place for the count.
    unsafe {
        transfer(bio, readbytes, Call::Read, |ssl| {
            ssl.read(buf, Pulled::Taken)
        })
    }
}

unsafe extern "C" fn write(
    bio: *mut BIO,
    buf: *const c_char,
    size: usize,
    written: *mut usize,
) -> c_int {
    if buf.is_null() {
        return 0;
    }
    // SAFETY: BIO_write(3)'s buffer is readable for `size` bytes.
    let buf = unsafe { std::slice::from_raw_parts(buf.cast::<u8>(), size) };
    // SAFETY: libcrypto passes a BIO of this method and a place for the count.
    unsafe { transfer(bio, written, Call::Other, |ssl| ssl.write(buf)) }
}

unsafe extern "C" fn puts(bio: *mut BIO, text: *const c_char) -> c_int {
    // SAFETY: BIO_puts(3) gets a C string.
    let len = unsafe { CStr::from_ptr(text) }.count_bytes();
    // SAFETY: libcrypto passes a live BIO; the string is readable for its length.
    unsafe { BIO_write(bio, text.cast(), c_int::try_from(len).unwrap_or(c_int::MAX)) }
}
