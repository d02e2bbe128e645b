//! SSL: making, sharing, copying, resetting and freeing connections.

use crate::capi::{call, deref, status};
use crate::foreign::err::{Error, Reason};
use crate::foreign::handle;
use crate::model::ctx::Ctx;
use crate::model::ssl::{Ssl, Stage};
use std::ffi::c_int;
use std::ptr;

use crate::capi::types::{SSL, SSL_CTX};

/// SSL_new(3): makes a connection that inherits the settings of `ctx`.
///
/// The caller owns the reference and ends it with SSL_free; the connection keeps a reference to
/// `ctx`.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_new(ctx: *mut SSL_CTX) -> *mut SSL {
    call(ptr::null_mut(), || {
        // SAFETY: the program passes a handle it holds, or NULL.
        let ctx = unsafe { handle::borrow_arc(ctx.cast::<Ctx>()) }
            .ok_or_else(|| Error::reason(Reason::NULL_SSL_CTX))?;
        Ssl::new(&ctx).map(|ssl| handle::into_raw(ssl).cast())
    })
}

/// SSL_dup(3): a new connection with a subset of the settings of `ssl`; past the initial state,
/// `ssl` itself with one more reference.
///
/// The caller owns the reference.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_dup(ssl: *mut SSL) -> *mut SSL {
    let this = deref!(ssl ssl, ptr::null_mut());
    if this.stage() != Stage::Before {
        // SAFETY: the program holds the handle.
        unsafe { SSL_up_ref(ssl) };
        return ssl;
    }
    call(ptr::null_mut(), || {
        this.dup().map(|copy| handle::into_raw(copy).cast())
    })
}

/// SSL_up_ref(3): adds a reference to the connection.
///
/// The caller owns the new reference.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_up_ref(s: *mut SSL) -> c_int {
    if s.is_null() {
        return 0;
    }
    // SAFETY: the program passes a handle it holds, or was lent.
    unsafe { handle::up_ref(s.cast::<Ssl>()) };
    1
}

/// SSL_free(3): gives up one reference; the last one frees the connection with its BIOs. NULL is
/// ignored.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_free(ssl: *mut SSL) {
    if !ssl.is_null() {
        // SAFETY: the program gives up a reference it owns.
        unsafe { handle::free(ssl.cast::<Ssl>()) };
    }
}

/// SSL_clear(3): resets the connection, so that it can be used for another one with the same
/// settings.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_clear(s: *mut SSL) -> c_int {
    let ssl = deref!(ssl s, 0);
    status(|| ssl.clear())
}

/// SSL_get_SSL_CTX(3): the context the connection belongs to.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_SSL_CTX(ssl: *const SSL) -> *mut SSL_CTX {
    deref!(ssl ssl, ptr::null_mut())
        .ctx_address()
        .cast_mut()
        .cast()
}

/// SSL_set_SSL_CTX: moves the connection to another context and its certificates; NULL means the
/// one it was made from.
///
/// The connection takes its own reference to `ctx`; the result is borrowed from it.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_SSL_CTX(ssl: *mut SSL, ctx: *mut SSL_CTX) -> *mut SSL_CTX {
    let this = deref!(ssl ssl, ptr::null_mut());
    // SAFETY: the program passes a handle it holds, or NULL.
    let new = unsafe { handle::to_arc(ctx.cast::<Ctx>()) };
    this.set_ctx(new.as_ref());
    this.ctx_address().cast_mut().cast()
}

/// SSL_alloc_buffers(3): allocates the connection's read and write buffers ahead of use.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_alloc_buffers(ssl: *mut SSL) -> c_int {
    c_int::from(!ssl.is_null())
}

/// SSL_free_buffers(3): frees the connection's read and write buffers when they hold nothing.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_free_buffers(ssl: *mut SSL) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    c_int::from(!ssl.uses_buffers())
}
