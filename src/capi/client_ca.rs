//! The CA names sent to the peer when asking for its certificate.

#![expect(non_snake_case, reason = "parameters are named as in ssl.h")]

use crate::capi::types::{SSL, SSL_CTX};
use crate::capi::{call, deref, status, string};
use crate::foreign::ca_names;
use crate::foreign::err::Result;
use crate::foreign::libctx::LibCtx;
use crate::foreign::stack::NameStack;
use crate::foreign::x509::Cert;
use crate::model::ca_list::CaList;
use crate::model::settings::Settings;
use openssl_sys::{OSSL_LIB_CTX, X509, stack_st_X509_NAME};
use std::ffi::{c_char, c_int};
use std::ptr;

/// Takes the program's list.
///
/// # Safety
/// `list` is NULL or a stack that the caller gives up.
unsafe fn take(list: *mut stack_st_X509_NAME) -> Option<NameStack> {
    // SAFETY: the caller's contract.
    unsafe { NameStack::from_ptr(list) }
}

fn borrowed(which: CaList, settings: &Settings) -> *mut stack_st_X509_NAME {
    let names = which.of(settings).as_ref();
    names.map_or(ptr::null_mut(), |names| names.as_ptr())
}

/// Adds a certificate's subject by `add`; 0 without a certificate.
///
/// # Safety
/// `x` is NULL or a live X509.
unsafe fn add(x: *const X509, add: impl FnOnce(&Cert) -> Result<()>) -> c_int {
    // SAFETY: the caller's contract.
    match unsafe { Cert::from_ptr_ref(x.cast_mut()) } {
        Some(cert) => status(|| add(&cert)),
        None => 0,
    }
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
    deref!(ctx ctx, ()).set_ca_list(CaList::Sent, list);
}

/// SSL_CTX_get0_CA_list(3): the CA names set by SSL_CTX_set0_CA_list.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get0_CA_list(ctx: *const SSL_CTX) -> *const stack_st_X509_NAME {
    deref!(ctx ctx, ptr::null()).with(|s| borrowed(CaList::Sent, s).cast_const())
}

/// SSL_CTX_add1_to_CA_list(3): adds the subject of `x` to the CA names.
///
/// The name is copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_add1_to_CA_list(ctx: *mut SSL_CTX, x: *const X509) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program passes a live X509 or NULL.
    unsafe { add(x, |cert| ctx.add_to_ca_list(CaList::Sent, cert)) }
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
    deref!(ctx ctx, ()).set_ca_list(CaList::OfClients, list);
}

/// SSL_CTX_get_client_CA_list(3): the CA names a server sends.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_client_CA_list(s: *const SSL_CTX) -> *mut stack_st_X509_NAME {
    deref!(ctx s, ptr::null_mut()).with(|s| borrowed(CaList::OfClients, s))
}

/// SSL_CTX_add_client_CA(3): adds the subject of `x` to the CA names a server sends.
///
/// The name is copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_add_client_CA(ctx: *mut SSL_CTX, x: *mut X509) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program passes a live X509 or NULL.
    unsafe { add(x, |cert| ctx.add_to_ca_list(CaList::OfClients, cert)) }
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
    deref!(ssl s, ()).set_ca_list(CaList::Sent, list);
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
    ssl.with(|s| borrowed(CaList::Sent, s).cast_const())
}

/// SSL_add1_to_CA_list(3): adds the subject of `x` to the connection's CA names.
///
/// The name is copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add1_to_CA_list(ssl: *mut SSL, x: *const X509) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    // SAFETY: the program passes a live X509 or NULL.
    unsafe { add(x, |cert| ssl.add_to_ca_list(CaList::Sent, cert)) }
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
    deref!(ssl s, ()).set_ca_list(CaList::OfClients, list);
}

/// SSL_get_client_CA_list(3): on a server the CA names it sends, on a client those it received.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_client_CA_list(s: *const SSL) -> *mut stack_st_X509_NAME {
    let ssl = deref!(ssl s, ptr::null_mut());
    if !ssl.is_server() {
        return ssl.with_peer_ca_names(|names| names.map_or(ptr::null_mut(), |n| n.as_ptr()));
    }
    ssl.follow_ctx();
    ssl.with(|s| borrowed(CaList::OfClients, s))
}

/// SSL_add_client_CA(3): adds the subject of `x` to the CA names this server sends.
///
/// The name is copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add_client_CA(ssl: *mut SSL, x: *mut X509) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    // SAFETY: the program passes a live X509 or NULL.
    unsafe { add(x, |cert| ssl.add_to_ca_list(CaList::OfClients, cert)) }
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
