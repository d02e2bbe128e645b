//! Where trusted certificates come from.

#![expect(non_snake_case, reason = "parameters are named as in ssl.h")]

use crate::capi::{deref, status, string};
use crate::foreign::store::Store;
use std::ffi::{c_char, c_int};

use openssl_sys::X509_STORE;

use crate::capi::types::SSL_CTX;

/// SSL_CTX_load_verify_locations(3): adds a file and a hashed directory of trusted certificates;
/// either may be NULL, not both.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_load_verify_locations(
    ctx: *mut SSL_CTX,
    CAfile: *const c_char,
    CApath: *const c_char,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program passes C strings or NULLs.
    let (file, path) = unsafe { (string(CAfile), string(CApath)) };
    if file.is_none() && path.is_none() {
        return 0;
    }
    status(|| {
        let store = ctx.store();
        file.map_or(Ok(()), |file| store.load_file(file, &ctx.lib))?;
        path.map_or(Ok(()), |path| store.load_path(path))
    })
}

/// SSL_CTX_load_verify_file(3): adds the trusted certificates of a file.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_load_verify_file(
    ctx: *mut SSL_CTX,
    CAfile: *const c_char,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program passes a C string or NULL.
    let Some(file) = (unsafe { string(CAfile) }) else {
        return 0;
    };
    status(|| ctx.store().load_file(file, &ctx.lib))
}

/// SSL_CTX_load_verify_dir(3): adds a hashed directory of trusted certificates.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_load_verify_dir(
    ctx: *mut SSL_CTX,
    CApath: *const c_char,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program passes a C string or NULL.
    let Some(path) = (unsafe { string(CApath) }) else {
        return 0;
    };
    status(|| ctx.store().load_path(path))
}

/// SSL_CTX_load_verify_store(3): adds the trusted certificates found at a URI.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_load_verify_store(
    ctx: *mut SSL_CTX,
    CAstore: *const c_char,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program passes a C string or NULL.
    let Some(uri) = (unsafe { string(CAstore) }) else {
        return 0;
    };
    status(|| ctx.store().load_store(uri, &ctx.lib))
}

/// SSL_CTX_set_default_verify_paths(3): trusts OpenSSL's default file, directory and store.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_verify_paths(ctx: *mut SSL_CTX) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| ctx.store().set_default_paths(&ctx.lib))
}

/// SSL_CTX_set_default_verify_file(3): trusts OpenSSL's default file.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_verify_file(ctx: *mut SSL_CTX) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| ctx.store().set_default_file(&ctx.lib))
}

/// SSL_CTX_set_default_verify_dir(3): trusts OpenSSL's default directory.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_verify_dir(ctx: *mut SSL_CTX) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| ctx.store().set_default_dir())
}

/// SSL_CTX_set_default_verify_store(3): trusts OpenSSL's default store.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_verify_store(ctx: *mut SSL_CTX) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| ctx.store().set_default_store(&ctx.lib))
}

/// SSL_CTX_get_cert_store(3): the store of trusted certificates.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_cert_store(ctx: *const SSL_CTX) -> *mut X509_STORE {
    deref!(ctx ctx, std::ptr::null_mut()).store().as_ptr()
}

/// SSL_CTX_set_cert_store(3): replaces the store of trusted certificates.
///
/// Takes over the reference to the store; the previous one is freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_cert_store(ctx: *mut SSL_CTX, store: *mut X509_STORE) {
    // SAFETY: the program gives up a reference; NULL leaves an empty store.
    if let Some(store) = unsafe { Store::from_ptr(store) }.or_else(|| Store::new().ok()) {
        deref!(ctx ctx, ()).set_store(store);
    }
}

/// SSL_CTX_set1_cert_store(3): replaces the store of trusted certificates.
///
/// The context takes its own reference to the store; the previous one is freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set1_cert_store(ctx: *mut SSL_CTX, store: *mut X509_STORE) {
    // SAFETY: the program keeps its reference; NULL leaves an empty store.
    if let Some(store) = unsafe { Store::from_ptr_ref(store) }.or_else(|| Store::new().ok()) {
        deref!(ctx ctx, ()).set_store(store);
    }
}
