//! The CA names sent to the peer when asking for its certificate.

#![expect(non_snake_case, reason = "parameters are named as in ssl.h")]

use crate::capi::types::{SSL, SSL_CTX};
use crate::capi::{call, deref, status, string};
use crate::foreign::ca_names;
use crate::foreign::err::Result;
use crate::foreign::libctx::LibCtx;
use crate::foreign::stack::NameStack;
use crate::foreign::x509::Cert;
use openssl_sys::{OSSL_LIB_CTX, X509, stack_st_X509_NAME};
use std::ffi::{c_char, c_int};
use std::ptr;
use std::sync::Arc;

/// Takes the program's list.
///
/// # Safety
/// `list` is NULL or a stack that the caller gives up.
unsafe fn take(list: *mut stack_st_X509_NAME) -> Option<Arc<NameStack>> {
    // SAFETY: the caller's contract.
    unsafe { NameStack::from_ptr(list) }.map(Arc::new)
}

fn borrowed(list: Option<&Arc<NameStack>>) -> *mut stack_st_X509_NAME {
    list.map_or(ptr::null_mut(), |names| names.as_ptr())
}

/// Adds the subject of `x` to a list, which is made if need be.
///
/// # Safety
/// `x` is NULL or a live X509.
unsafe fn add_subject(list: &mut Option<Arc<NameStack>>, x: *const X509) -> Result<bool> {
    // SAFETY: the caller's contract.
    let Some(cert) = (unsafe { Cert::from_ptr_ref(x.cast_mut()) }) else {
        return Ok(false);
    };
    let mut names = match list.take().map(Arc::try_unwrap) {
        None => NameStack::new()?,
        Some(Ok(own)) => own,
        Some(Err(shared)) => shared.dup()?,
    };
    let added = names.push(cert.subject_name()?);
    *list = Some(Arc::new(names));
    added.map(|()| true)
}

/// SSL_CTX_set0_CA_list(3): sets the CA names sent to the peer, by either side.
///
/// Takes over `name_list` with its names; the previous list is freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set0_CA_list(
    ctx: *mut SSL_CTX,
    name_list: *mut stack_st_X509_NAME,
) {
    // SAFETY: the program gives up its list.
    let list = unsafe { take(name_list) };
    deref!(ctx ctx, ()).edit(|s| s.ca_names = list);
}

/// SSL_CTX_get0_CA_list(3): the CA names set by SSL_CTX_set0_CA_list.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get0_CA_list(ctx: *const SSL_CTX) -> *const stack_st_X509_NAME {
    deref!(ctx ctx, ptr::null()).with(|s| borrowed(s.ca_names.as_ref()).cast_const())
}

/// SSL_CTX_add1_to_CA_list(3): adds the subject of `x` to the CA names.
///
/// The name is copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_add1_to_CA_list(ctx: *mut SSL_CTX, x: *const X509) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    call(0, || {
        ctx.edit(|s| {
            // SAFETY: the program passes a live X509 or NULL.
            unsafe { add_subject(&mut s.ca_names, x) }
        })
        .map(c_int::from)
    })
}

/// SSL_CTX_set_client_CA_list(3): sets the CA names a server sends.
///
/// Takes over `name_list` with its names; the previous list is freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_client_CA_list(
    ctx: *mut SSL_CTX,
    name_list: *mut stack_st_X509_NAME,
) {
    // SAFETY: the program gives up its list.
    let list = unsafe { take(name_list) };
    deref!(ctx ctx, ()).edit(|s| s.client_ca_names = list);
}

/// SSL_CTX_get_client_CA_list(3): the CA names a server sends.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_client_CA_list(s: *const SSL_CTX) -> *mut stack_st_X509_NAME {
    let ctx = deref!(ctx s, ptr::null_mut());
    if ctx.with(|s| s.client_ca_names.is_some()) {
        return ctx.with(|s| borrowed(s.client_ca_names.as_ref()));
    }
    // A context has a list from the start: programs add to what they get here.
    call(ptr::null_mut(), || {
        let empty = Arc::new(NameStack::new()?);
        Ok(ctx.edit(|s| borrowed(Some(s.client_ca_names.get_or_insert(empty)))))
    })
}

/// SSL_CTX_add_client_CA(3): adds the subject of `x` to the CA names a server sends.
///
/// The name is copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_add_client_CA(ctx: *mut SSL_CTX, x: *mut X509) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    call(0, || {
        ctx.edit(|s| {
            // SAFETY: the program passes a live X509 or NULL.
            unsafe { add_subject(&mut s.client_ca_names, x) }
        })
        .map(c_int::from)
    })
}

/// SSL_set0_CA_list(3): sets the CA names this connection sends, by either side.
///
/// Takes over `name_list` with its names; the previous list is freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set0_CA_list(s: *mut SSL, name_list: *mut stack_st_X509_NAME) {
    // SAFETY: the program gives up its list.
    let list = unsafe { take(name_list) };
    deref!(ssl s, ()).edit(|s| s.ca_names = list);
}

/// SSL_get0_CA_list(3): the CA names set on the connection, else on its context.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_CA_list(s: *const SSL) -> *const stack_st_X509_NAME {
    let ssl = deref!(ssl s, ptr::null());
    ssl.follow_ctx();
    ssl.with(|s| borrowed(s.ca_names.as_ref()).cast_const())
}

/// SSL_add1_to_CA_list(3): adds the subject of `x` to the connection's CA names.
///
/// The name is copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add1_to_CA_list(ssl: *mut SSL, x: *const X509) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    call(0, || {
        ssl.edit(|s| {
            // SAFETY: the program passes a live X509 or NULL.
            unsafe { add_subject(&mut s.ca_names, x) }
        })
        .map(c_int::from)
    })
}

/// SSL_set_client_CA_list(3): sets the CA names this server sends.
///
/// Takes over `name_list` with its names; the previous list is freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_client_CA_list(s: *mut SSL, name_list: *mut stack_st_X509_NAME) {
    // SAFETY: the program gives up its list.
    let list = unsafe { take(name_list) };
    deref!(ssl s, ()).edit(|s| s.client_ca_names = list);
}

/// SSL_get_client_CA_list(3): on a server the CA names it sends, on a client those it received.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_client_CA_list(s: *const SSL) -> *mut stack_st_X509_NAME {
    let ssl = deref!(ssl s, ptr::null_mut());
    match ssl.side() {
        crate::model::ssl::Side::Client => {
            ssl.with_peer_ca_names(|names| names.map_or(ptr::null_mut(), |n| n.as_ptr()))
        }
        _ => {
            // A context without a list is given an empty one to show.
            let ctx = ssl.ctx();
            // SAFETY: the context lives as long as `ctx`.
            unsafe { SSL_CTX_get_client_CA_list(Arc::as_ptr(&ctx).cast()) };
            ssl.follow_ctx();
            ssl.with(|s| borrowed(s.client_ca_names.as_ref()))
        }
    }
}

/// SSL_add_client_CA(3): adds the subject of `x` to the CA names this server sends.
///
/// The name is copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add_client_CA(ssl: *mut SSL, x: *mut X509) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    call(0, || {
        ssl.edit(|s| {
            // SAFETY: the program passes a live X509 or NULL.
            unsafe { add_subject(&mut s.client_ca_names, x) }
        })
        .map(c_int::from)
    })
}

/// SSL_get0_peer_CA_list(3): the CA names the peer sent.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_peer_CA_list(s: *const SSL) -> *const stack_st_X509_NAME {
    deref!(ssl s, ptr::null())
        .with_peer_ca_names(|names| names.map_or(ptr::null(), |n| n.as_ptr().cast_const()))
}

/// SSL_load_client_CA_file(3): the subjects of the certificates in a PEM file, each once.
///
/// The caller owns the stack and its names.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_load_client_CA_file(file: *const c_char) -> *mut stack_st_X509_NAME {
    // SAFETY: the program's arguments are passed on.
    unsafe { SSL_load_client_CA_file_ex(file, ptr::null_mut(), ptr::null()) }
}

/// SSL_load_client_CA_file_ex(3): as SSL_load_client_CA_file, with a library context and property
/// query.
///
/// The caller owns the stack and its names.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_load_client_CA_file_ex(
    file: *const c_char,
    libctx: *mut OSSL_LIB_CTX,
    propq: *const c_char,
) -> *mut stack_st_X509_NAME {
    // SAFETY: the program passes a C string or NULL, and a library context that lives.
    let (file, lib) = unsafe { (string(file), LibCtx::from_raw(libctx, propq)) };
    let Some(file) = file else {
        return ptr::null_mut();
    };
    call(ptr::null_mut(), || {
        ca_names::load_file(file, &lib).map(NameStack::into_ptr)
    })
}

/// SSL_add_file_cert_subjects_to_stack(3): adds the subjects of the certificates in a PEM file
/// that `stackCAs` does not have yet.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add_file_cert_subjects_to_stack(
    stackCAs: *mut stack_st_X509_NAME,
    file: *const c_char,
) -> c_int {
    // SAFETY: the program passes a C string or NULL, and a stack it keeps.
    let (file, list) = unsafe { (string(file), NameStack::from_ptr(stackCAs)) };
    let (Some(file), Some(list)) = (file, list) else {
        return 0;
    };
    let mut list = std::mem::ManuallyDrop::new(list);
    status(|| ca_names::add_file(&mut list, file))
}

/// SSL_add_dir_cert_subjects_to_stack(3): adds the subjects of the certificates in all files of a
/// directory.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add_dir_cert_subjects_to_stack(
    stackCAs: *mut stack_st_X509_NAME,
    dir: *const c_char,
) -> c_int {
    // SAFETY: the program passes a C string or NULL, and a stack it keeps.
    let (dir, list) = unsafe { (string(dir), NameStack::from_ptr(stackCAs)) };
    let (Some(dir), Some(list)) = (dir, list) else {
        return 0;
    };
    let mut list = std::mem::ManuallyDrop::new(list);
    status(|| ca_names::add_dir(&mut list, dir))
}

/// SSL_add_store_cert_subjects_to_stack(3): adds the subjects of the certificates found at a URI.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add_store_cert_subjects_to_stack(
    stackCAs: *mut stack_st_X509_NAME,
    uri: *const c_char,
) -> c_int {
    // SAFETY: the program passes a C string or NULL, and a stack it keeps.
    let (uri, list) = unsafe { (string(uri), NameStack::from_ptr(stackCAs)) };
    let (Some(uri), Some(list)) = (uri, list) else {
        return 0;
    };
    let mut list = std::mem::ManuallyDrop::new(list);
    status(|| ca_names::add_store(&mut list, uri))
}

/// SSL_dup_CA_list: a deep copy of a list of names.
///
/// The caller owns the stack and its names.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_dup_CA_list(sk: *const stack_st_X509_NAME) -> *mut stack_st_X509_NAME {
    // SAFETY: the program passes a stack it keeps, or NULL.
    match unsafe { NameStack::from_ptr_ref(sk) } {
        Some(copy) => copy.into_ptr(),
        None => ptr::null_mut(),
    }
}
