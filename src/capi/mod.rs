//! The C ABI: one file per family of OpenSSL's manual.
#![allow(
    clippy::unused_unit,
    reason = "what deref! returns for NULL where there is no value"
)]
#![allow(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use std::ffi::{CStr, c_char, c_int, c_uchar};

use crate::capi::types::{SSL, SSL_CTX};
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::handle;
use crate::model::ctx::Ctx;
use crate::model::ssl::Ssl;

pub mod alert;
pub mod alpn;
pub mod async_;
pub mod bio;
pub mod bio_ssl;
pub mod certificate;
pub mod cipher;
pub mod cipher_list;
pub mod client_ca;
pub mod client_hello;
pub mod compression;
pub mod conf;
pub mod config;
pub mod cookie;
pub mod ct;
pub mod ctrl;
pub mod ctx;
pub mod custom_ext;
pub mod dane;
pub mod dh;
pub mod dtls;
pub mod early_data;
pub mod error;
pub mod error_strings;
pub mod ex_data;
pub mod groups;
pub mod handshake;
pub mod info_callback;
pub mod init;
pub mod key_update;
pub mod keying_material;
pub mod keylog;
pub mod method;
pub(crate) mod moved;
pub mod msg_callback;
pub mod options;
pub mod passwd_cb;
pub mod peer;
pub mod private_key;
pub mod psk;
pub mod read;
pub mod record;
pub mod security;
pub mod servername;
pub mod session;
pub(crate) use session::session;
pub mod session_asn1;
pub mod session_cache;
pub mod session_ticket;
pub mod shutdown;
pub mod sigalgs;
pub mod srp;
pub mod srtp;
pub mod ssl;
pub mod state;
pub use crate::foreign::types;
pub mod verify;
pub mod verify_locations;
pub mod verify_param;
pub mod version;
pub mod write;

/// The context behind a handle; `None` for NULL.
///
/// # Safety
/// `ctx` is NULL or a context that the caller holds for all of `'a`.
pub(crate) unsafe fn ctx<'a>(ctx: *const SSL_CTX) -> Option<&'a Ctx> {
    // SAFETY: the caller's contract; a handle is the object's address.
    unsafe { handle::borrow(ctx.cast::<Ctx>()) }
}

/// The connection behind a handle; `None` for NULL.
///
/// # Safety
/// `ssl` is NULL or a connection that the caller holds for all of `'a` and uses on this thread
/// alone.
pub(crate) unsafe fn ssl<'a>(ssl: *const SSL) -> Option<&'a Ssl> {
    // SAFETY: the caller's contract; a handle is the object's address.
    unsafe { handle::borrow(ssl.cast::<Ssl>()) }
}

/// A string argument; `None` for NULL.
///
/// # Safety
/// `s` is NULL or a C string that lives for all of `'a`.
pub(crate) unsafe fn string<'a>(s: *const c_char) -> Option<&'a CStr> {
    // SAFETY: the caller's contract.
    (!s.is_null()).then(|| unsafe { CStr::from_ptr(s) })
}

/// A file's name; NULL is refused with ERR_R_PASSED_NULL_PARAMETER.
///
/// # Safety
/// As [`string`].
pub(crate) unsafe fn file_name<'a>(file: *const c_char) -> Result<&'a CStr> {
    // SAFETY: the caller's contract.
    unsafe { string(file) }.ok_or_else(|| Error::reason(Reason::PASSED_NULL_PARAMETER))
}

/// A buffer argument; empty for NULL or a length below 1.
///
/// # Safety
/// `data` is NULL or readable for `len` bytes during all of `'a`.
pub(crate) unsafe fn bytes<'a>(data: *const c_uchar, len: impl TryInto<usize>) -> &'a [u8] {
    match len.try_into() {
        // SAFETY: the caller's contract.
        Ok(len) if !data.is_null() && len > 0 => unsafe { std::slice::from_raw_parts(data, len) },
        _ => &[],
    }
}

/// A buffer to be filled; empty for NULL.
///
/// # Safety
/// `data` is NULL or writable for `len` bytes during all of `'a`. That they may be uninitialised
/// is C's way: they are only written.
pub(crate) unsafe fn bytes_mut<'a>(data: *mut c_uchar, len: usize) -> &'a mut [u8] {
    match data.is_null() || len == 0 {
        true => &mut [],
        // SAFETY: the caller's contract.
        false => unsafe { std::slice::from_raw_parts_mut(data, len) },
    }
}

/// The objects behind handles, or the value to return for NULL.
macro_rules! deref {
    ($kind:ident $handle:expr, $null:expr) => {
        // SAFETY: the program passes handles it holds, or NULL.
        match unsafe { crate::capi::$kind($handle) } {
            Some(object) => object,
            None => return $null,
        }
    };
}
pub(crate) use deref;

/// Remembers a callback of a feature that is not here.
macro_rules! keep {
    ($kind:ident $handle:expr, $null:expr, $slot:expr, $callback:expr) => {
        crate::capi::keep!($kind $handle, $null, $slot, $callback, std::ptr::null_mut())
    };
    ($kind:ident $handle:expr, $null:expr, $slot:expr, $callback:expr, $argument:expr) => {{
        let function = $callback.map(|f| {
            // SAFETY: it is never called under this type.
            unsafe { std::mem::transmute::<_, crate::foreign::callback::types::Kept>(f) }
        });
        let kept = crate::foreign::callback::Callback::new(function, $argument);
        crate::capi::deref!($kind $handle, $null).edit(|s| s.keep($slot, kept))
    }};
}
pub(crate) use keep;

/// 1 for success, 0 with the error queued for failure.
#[track_caller]
pub(crate) fn status(f: impl FnOnce() -> Result<()>) -> c_int {
    call(0, || f().map(|()| 1))
}

/// Runs `f`; an error becomes an entry in the error queue and `fail` the value, a panic becomes
/// an internal error.
///
/// The one panic boundary. A function that neither fails nor panics does without.
#[track_caller]
pub(crate) fn call<T>(fail: T, f: impl FnOnce() -> Result<T>) -> T {
    let err = match catch_unwind(AssertUnwindSafe(f)) {
        Ok(Ok(value)) => return value,
        Ok(Err(err)) => err,
        Err(_) => Error::with_data(Reason::INTERNAL_ERROR, "panic in libssl"),
    };
    err.put();
    fail
}

/// Refuses a function by design: the entry OpenSSL makes when built without the feature, with
/// the function's name as data, and `fail` as the value.
#[track_caller]
pub(crate) fn refuse<T>(fail: T, function: &'static str) -> T {
    Error::with_data(Reason::UNSUPPORTED, function).put();
    fail
}
