//! SSL_CTX: making, sharing and freeing contexts.

use crate::capi::call;
use crate::capi::method::method;
use crate::foreign::err::Error;
use crate::foreign::handle;
use crate::foreign::libctx::LibCtx;
use crate::foreign::{INIT_LOAD_SSL_STRINGS, init};
use crate::model::conf::{self, Target};
use crate::model::ctx::Ctx;
use std::ffi::{c_char, c_int};
use std::ptr;

use openssl_sys::OSSL_LIB_CTX;

use crate::capi::types::{SSL_CTX, SSL_METHOD};

/// SSL_CTX_new(3): makes a context for `meth` in the default library context, and applies the
/// section `system_default` of openssl.cnf to it.
///
/// The caller owns the reference and ends it with SSL_CTX_free.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_new(meth: *const SSL_METHOD) -> *mut SSL_CTX {
    // SAFETY: no library context and no query are passed on.
    unsafe { SSL_CTX_new_ex(ptr::null_mut(), ptr::null(), meth) }
}

/// SSL_CTX_new_ex(3): makes a context for `meth`; algorithms are fetched from `libctx` with the
/// property query `propq`.
///
/// The caller owns the reference. `libctx` is borrowed and must outlive the context; `propq` is
/// copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_new_ex(
    libctx: *mut OSSL_LIB_CTX,
    propq: *const c_char,
    meth: *const SSL_METHOD,
) -> *mut SSL_CTX {
    call(ptr::null_mut(), || {
        // SAFETY: no settings are passed. What fails leaves libcrypto without its configuration.
        if unsafe { init(INIT_LOAD_SSL_STRINGS, ptr::null()) } != 1 {
            return Err(Error::Queued);
        }
        // SAFETY: the program passes a method of this library, a context that outlives the
        // SSL_CTX, and a C string, or NULLs.
        let (method, lib) = unsafe { (method(meth), LibCtx::from_raw(libctx, propq)) };
        let ctx = Ctx::new(method, lib)?;
        for error in conf::apply_system_default(Target::Ctx(&ctx)) {
            error.put();
        }
        Ok(handle::into_raw(ctx).cast())
    })
}

/// SSL_CTX_up_ref(3): adds a reference to the context.
///
/// The caller owns the new reference.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_up_ref(ctx: *mut SSL_CTX) -> c_int {
    if ctx.is_null() {
        return 0;
    }
    // SAFETY: the program passes a handle it holds, or was lent.
    unsafe { handle::up_ref(ctx.cast::<Ctx>()) };
    1
}

/// SSL_CTX_free(3): gives up one reference; the last one frees the context. NULL is ignored.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_free(ctx: *mut SSL_CTX) {
    if !ctx.is_null() {
        // SAFETY: the program gives up a reference it owns.
        unsafe { handle::free(ctx.cast::<Ctx>()) };
    }
}
