//! Configuration from sections of openssl.cnf.

use std::ffi::{c_char, c_int};

use crate::capi::types::{SSL, SSL_CTX};
use crate::capi::{call, ctx, ssl, string};
use crate::foreign::err::{Error, Reason};
use crate::model::conf::{self, Target};

/// Applies a section; each command that failed leaves its error.
///
/// # Safety
/// `name` is NULL or a C string.
unsafe fn apply(target: Option<Target<'_>>, name: *const c_char) -> c_int {
    // SAFETY: the caller's contract.
    let name = unsafe { string(name) };
    call(0, || {
        let Some(target) = target else {
            return Err(Error::reason(Reason::PASSED_NULL_PARAMETER));
        };
        conf::apply_section(target, name).map_err(|errors| {
            errors.iter().for_each(Error::put);
            Error::Queued
        })?;
        Ok(1)
    })
}

/// SSL_CTX_config(3): applies the named section of the configuration file to the context.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_config(ctx: *mut SSL_CTX, name: *const c_char) -> c_int {
    // SAFETY: the program passes a handle it holds and a C string, or NULLs.
    unsafe { apply(self::ctx(ctx).map(Target::Ctx), name) }
}

/// SSL_config(3): applies the named section of the configuration file to the connection.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_config(s: *mut SSL, name: *const c_char) -> c_int {
    // SAFETY: the program passes a handle it holds and a C string, or NULLs.
    unsafe { apply(ssl(s).map(Target::Ssl), name) }
}

/// SSL_add_ssl_module: registers libssl's module with libcrypto's configuration; kept for old
/// programs, does nothing, since libcrypto has the module itself.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add_ssl_module() {}
