//! SSL_CONF: configuration by command names and values.

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_uint};
use std::ptr;

use crate::capi::types::{SSL, SSL_CONF_CTX, SSL_CTX};
use crate::capi::{call, ctx, ssl, status, string};
use crate::foreign::err::{Error, Reason};
use crate::model::conf::{Conf, Refusal, Target, ValueType, flag};

/// What an SSL_CONF_CTX pointer points to.
#[derive(Default)]
struct Handle {
    conf: Conf,
    object: Cell<Object>,
}

/// The program's object, without a reference of our own: SSL_CONF_CTX_set_ssl(3).
#[derive(Clone, Copy, Default)]
enum Object {
    #[default]
    Nothing,
    Ctx(*const SSL_CTX),
    Ssl(*const SSL),
}

impl Handle {
    /// The object the commands are for.
    ///
    /// # Safety
    /// The program still holds it.
    unsafe fn target(&self) -> Target<'_> {
        // SAFETY: the caller's contract.
        let target = unsafe {
            match self.object.get() {
                Object::Nothing => None,
                Object::Ctx(handle) => ctx(handle).map(Target::Ctx),
                Object::Ssl(handle) => ssl(handle).map(Target::Ssl),
            }
        };
        target.unwrap_or(Target::Nothing)
    }
}

/// The configuration context behind a handle; `None` for NULL.
///
/// # Safety
/// `cctx` is NULL or from SSL_CONF_CTX_new, and not freed during `'a`.
unsafe fn handle<'a>(cctx: *const SSL_CONF_CTX) -> Option<&'a Handle> {
    // SAFETY: the caller's contract.
    unsafe { cctx.cast::<Handle>().as_ref() }
}

/// SSL_CONF_CTX_new(3): makes a configuration context.
///
/// The caller frees it with SSL_CONF_CTX_free.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_new() -> *mut SSL_CONF_CTX {
    call(ptr::null_mut(), || {
        Ok(Box::into_raw(Box::<Handle>::default()).cast())
    })
}

/// SSL_CONF_CTX_free(3): frees a configuration context. NULL is ignored.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_free(cctx: *mut SSL_CONF_CTX) {
    if !cctx.is_null() {
        // SAFETY: the program gives up what SSL_CONF_CTX_new made.
        drop(unsafe { Box::from_raw(cctx.cast::<Handle>()) });
    }
}

/// SSL_CONF_CTX_finish(3): ends the configuration; what depends on several commands takes effect.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_finish(cctx: *mut SSL_CONF_CTX) -> c_int {
    // SAFETY: the program passes a context of its own, whose object it holds.
    let Some((this, target)) = (unsafe { handle(cctx).map(|h| (h, h.target())) }) else {
        return 0;
    };
    status(|| this.conf.finish(target))
}

/// SSL_CONF_CTX_set_flags(3): adds SSL_CONF_FLAG_* flags; the result is all that are set.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_set_flags(cctx: *mut SSL_CONF_CTX, flags: c_uint) -> c_uint {
    // SAFETY: the program passes a context of its own.
    unsafe { handle(cctx) }.map_or(0, |h| h.conf.set_flags(flags))
}

/// SSL_CONF_CTX_clear_flags(3): removes SSL_CONF_FLAG_* flags; the result is what remains.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_clear_flags(
    cctx: *mut SSL_CONF_CTX,
    flags: c_uint,
) -> c_uint {
    // SAFETY: the program passes a context of its own.
    unsafe { handle(cctx) }.map_or(0, |h| h.conf.clear_flags(flags))
}

/// SSL_CONF_CTX_set1_prefix(3): sets the prefix that commands must begin with.
///
/// The text is copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_set1_prefix(
    cctx: *mut SSL_CONF_CTX,
    pre: *const c_char,
) -> c_int {
    // SAFETY: the program passes a context of its own, and a C string or NULL.
    let (this, prefix) = unsafe { (handle(cctx), string(pre)) };
    let Some(this) = this else { return 0 };
    this.conf.set_prefix(prefix.map(ToOwned::to_owned));
    1
}

/// SSL_CONF_CTX_set_ssl(3): directs the commands to a connection; NULL only checks syntax.
///
/// `ssl` is borrowed until the next such call.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_set_ssl(cctx: *mut SSL_CONF_CTX, ssl: *mut SSL) {
    // SAFETY: the program passes a context of its own.
    if let Some(this) = unsafe { handle(cctx) } {
        this.object.set(Object::Ssl(ssl));
    }
}

/// SSL_CONF_CTX_set_ssl_ctx(3): directs the commands to a context; NULL only checks syntax.
///
/// `ctx` is borrowed until the next such call.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_CTX_set_ssl_ctx(cctx: *mut SSL_CONF_CTX, ctx: *mut SSL_CTX) {
    // SAFETY: the program passes a context of its own.
    if let Some(this) = unsafe { handle(cctx) } {
        this.object.set(Object::Ctx(ctx));
    }
}

/// SSL_CONF_cmd(3): runs one command: 2 or 1 when done, 0 for a bad value, -2 for an unknown
/// command, -3 for a missing value.
///
/// Status: partial: DHParameters are checked and then forgotten, since no suite uses DH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_cmd(
    cctx: *mut SSL_CONF_CTX,
    cmd: *const c_char,
    value: *const c_char,
) -> c_int {
    // SAFETY: the program passes a context of its own, whose object it holds, and C strings or
    // NULLs.
    let (this, name, value) = unsafe { (handle(cctx), string(cmd), string(value)) };
    let Some(this) = this else { return 0 };
    call(0, || {
        let name = name.ok_or_else(|| Error::reason(Reason::INVALID_NULL_CMD_NAME))?;
        // SAFETY: as above.
        let target = unsafe { this.target() };
        Ok(match this.conf.command(target, name, value) {
            Ok(used) => used as c_int,
            Err(failure) => {
                failure.errors.iter().for_each(Error::put);
                failure.refusal as c_int
            }
        })
    })
}

/// SSL_CONF_cmd_argv(3): runs the command at the start of an argument list and advances past it.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_cmd_argv(
    cctx: *mut SSL_CONF_CTX,
    pargc: *mut c_int,
    pargv: *mut *mut *mut c_char,
) -> c_int {
    // SAFETY: the program passes a context of its own and an argument list: `pargc` strings, or
    // with NULL for it strings up to a NULL.
    unsafe {
        let count = pargc.as_ref().copied();
        let Some(this) = handle(cctx) else { return 0 };
        if count.is_some_and(|n| n <= 0) || (**pargv).is_null() {
            return 0;
        }
        let value = match count {
            Some(1) => ptr::null(),
            _ => (*pargv).add(1).read().cast_const(),
        };
        this.conf.clear_flags(flag::FILE);
        this.conf.set_flags(flag::CMDLINE);
        let used = SSL_CONF_cmd(cctx, **pargv, value);
        if used > 0 {
            *pargv = (*pargv).add(used as usize);
            if let Some(count) = pargc.as_mut() {
                *count -= used;
            }
        }
        match used {
            _ if used == Refusal::Unknown as c_int => 0,
            _ if used == Refusal::BadValue as c_int => -1,
            used => used,
        }
    }
}

/// SSL_CONF_cmd_value_type(3): the SSL_CONF_TYPE_* of the value a command takes.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CONF_cmd_value_type(
    cctx: *mut SSL_CONF_CTX,
    cmd: *const c_char,
) -> c_int {
    // SAFETY: the program passes a context of its own, and a C string or NULL.
    match unsafe { (handle(cctx), string(cmd)) } {
        (Some(this), Some(name)) => this.conf.value_type(name) as c_int,
        _ => ValueType::Unknown as c_int,
    }
}
