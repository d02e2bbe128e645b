//! Extensions the application defines.

use std::ffi::{c_char, c_int, c_uchar, c_uint, c_void};

use crate::capi::types::{
    SSL_CTX, SSL_custom_ext_add_cb_ex, SSL_custom_ext_free_cb_ex, SSL_custom_ext_parse_cb_ex,
    custom_ext_add_cb, custom_ext_free_cb, custom_ext_parse_cb,
};
use crate::capi::{bytes, ctx as ctx_of, deref, file_name, status};
use crate::foreign::callback::Opaque;
use crate::foreign::custom_ext::Handler;
use crate::foreign::err::{Error, Reason};
use crate::model::extension::{CustomExt, Handling, OLD_CONTEXT, Role};

/// SSL_CTX_add_client_custom_ext(3): adds a client's handler of an extension, TLS 1.2 and below.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_add_client_custom_ext(
    ctx: *mut SSL_CTX,
    ext_type: c_uint,
    add_cb: custom_ext_add_cb,
    free_cb: custom_ext_free_cb,
    add_arg: *mut c_void,
    parse_cb: custom_ext_parse_cb,
    parse_arg: *mut c_void,
) -> c_int {
    deref!(ctx ctx, 0).edit(|s| {
        c_int::from(s.add_custom_ext(ext_type, |kind| CustomExt {
            kind,
            role: Role::Client,
            context: OLD_CONTEXT,
            handler: Handling::Program(Handler::Old {
                add: add_cb,
                free: free_cb,
                add_arg: Opaque(add_arg),
                parse: parse_cb,
                parse_arg: Opaque(parse_arg),
            }),
        }))
    })
}

/// SSL_CTX_add_server_custom_ext(3): adds a server's handler of an extension, TLS 1.2 and below.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_add_server_custom_ext(
    ctx: *mut SSL_CTX,
    ext_type: c_uint,
    add_cb: custom_ext_add_cb,
    free_cb: custom_ext_free_cb,
    add_arg: *mut c_void,
    parse_cb: custom_ext_parse_cb,
    parse_arg: *mut c_void,
) -> c_int {
    deref!(ctx ctx, 0).edit(|s| {
        c_int::from(s.add_custom_ext(ext_type, |kind| CustomExt {
            kind,
            role: Role::Server,
            context: OLD_CONTEXT,
            handler: Handling::Program(Handler::Old {
                add: add_cb,
                free: free_cb,
                add_arg: Opaque(add_arg),
                parse: parse_cb,
                parse_arg: Opaque(parse_arg),
            }),
        }))
    })
}

/// SSL_CTX_add_custom_ext(3): adds a handler of an extension for the messages that `context`
/// names.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: partial: in a Certificate message of more than 30 records such extensions are not read,
/// and refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_add_custom_ext(
    ctx: *mut SSL_CTX,
    ext_type: c_uint,
    context: c_uint,
    add_cb: SSL_custom_ext_add_cb_ex,
    free_cb: SSL_custom_ext_free_cb_ex,
    add_arg: *mut c_void,
    parse_cb: SSL_custom_ext_parse_cb_ex,
    parse_arg: *mut c_void,
) -> c_int {
    if add_cb.is_none() && free_cb.is_some() {
        return 0;
    }
    deref!(ctx ctx, 0).edit(|s| {
        c_int::from(s.add_custom_ext(ext_type, |kind| CustomExt {
            kind,
            role: Role::Both,
            context,
            handler: Handling::Program(Handler::New {
                add: add_cb,
                free: free_cb,
                add_arg: Opaque(add_arg),
                parse: parse_cb,
                parse_arg: Opaque(parse_arg),
            }),
        }))
    })
}

/// SSL_CTX_has_client_custom_ext(3): 1 when a client's handler of this extension was added.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_has_client_custom_ext(
    ctx: *const SSL_CTX,
    ext_type: c_uint,
) -> c_int {
    deref!(ctx ctx, 0).with(|s| c_int::from(s.custom_exts.has(ext_type, Role::Client)))
}

/// SSL_extension_supported(3): 1 when libssl handles this extension itself.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_extension_supported(ext_type: c_uint) -> c_int {
    c_int::from(crate::model::extension::is_builtin(ext_type))
}

/// SSL_CTX_use_serverinfo(3): adds extensions to be sent with the current certificate, in the
/// first format.
///
/// The bytes are copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_serverinfo(
    ctx: *mut SSL_CTX,
    serverinfo: *const c_uchar,
    serverinfo_length: usize,
) -> c_int {
    const SSL_SERVERINFOV1: c_uint = 1;
    // SAFETY: the arguments are the caller's.
    unsafe { SSL_CTX_use_serverinfo_ex(ctx, SSL_SERVERINFOV1, serverinfo, serverinfo_length) }
}

/// SSL_CTX_use_serverinfo_ex(3): adds extensions to be sent with the current certificate, in
/// format `version`.
///
/// The bytes are copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_serverinfo_ex(
    ctx: *mut SSL_CTX,
    version: c_uint,
    serverinfo: *const c_uchar,
    serverinfo_length: usize,
) -> c_int {
    status(|| {
        // SAFETY: the program passes a handle it holds, or NULL, and a readable buffer or NULL.
        let (ctx, info) = unsafe { (ctx_of(ctx), bytes(serverinfo, serverinfo_length)) };
        let ctx = ctx.ok_or_else(|| Error::reason(Reason::PASSED_NULL_PARAMETER))?;
        ctx.edit(|s| s.use_serverinfo(version, info))
    })
}

/// SSL_CTX_use_serverinfo_file(3): adds extensions to be sent with the current certificate, from
/// a PEM file.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_serverinfo_file(
    ctx: *mut SSL_CTX,
    file: *const c_char,
) -> c_int {
    status(|| {
        // SAFETY: the program passes a handle it holds and a C string, or NULL.
        let (ctx, file) = unsafe { (ctx_of(ctx), file_name(file)) };
        let ctx = ctx.ok_or_else(|| Error::reason(Reason::PASSED_NULL_PARAMETER))?;
        let file = file?;
        ctx.edit(|s| s.use_serverinfo_file(file))
    })
}
