//! The callback that asks for the password of an encrypted PEM file.

use crate::capi::deref;
use std::ffi::c_void;

use openssl_sys::pem_password_cb;

use crate::capi::types::{SSL, SSL_CTX};

/// SSL_CTX_set_default_passwd_cb(3): sets the callback that gives the password of encrypted PEM
/// files.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_passwd_cb(ctx: *mut SSL_CTX, cb: pem_password_cb) {
    deref!(ctx ctx, ()).edit(|s| s.password.function = cb);
}

/// SSL_CTX_set_default_passwd_cb_userdata(3): sets the argument given to the context's password
/// callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_passwd_cb_userdata(ctx: *mut SSL_CTX, u: *mut c_void) {
    deref!(ctx ctx, ()).edit(|s| s.password.argument = u);
}

/// SSL_CTX_get_default_passwd_cb(3): the context's password callback.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_default_passwd_cb(ctx: *mut SSL_CTX) -> pem_password_cb {
    deref!(ctx ctx, None).with(|s| s.password.function)
}

/// SSL_CTX_get_default_passwd_cb_userdata(3): the argument given to the context's password
/// callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_default_passwd_cb_userdata(ctx: *mut SSL_CTX) -> *mut c_void {
    deref!(ctx ctx, std::ptr::null_mut()).with(|s| s.password.argument)
}

/// SSL_set_default_passwd_cb(3): sets the connection's password callback.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_default_passwd_cb(s: *mut SSL, cb: pem_password_cb) {
    deref!(ssl s, ()).edit(|s| s.password.function = cb);
}

/// SSL_set_default_passwd_cb_userdata(3): sets the argument given to the connection's password
/// callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_default_passwd_cb_userdata(s: *mut SSL, u: *mut c_void) {
    deref!(ssl s, ()).edit(|s| s.password.argument = u);
}

/// SSL_get_default_passwd_cb(3): the connection's password callback.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_default_passwd_cb(s: *mut SSL) -> pem_password_cb {
    deref!(ssl s, None).with(|s| s.password.function)
}

/// SSL_get_default_passwd_cb_userdata(3): the argument given to the connection's password
/// callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_default_passwd_cb_userdata(s: *mut SSL) -> *mut c_void {
    deref!(ssl s, std::ptr::null_mut()).with(|s| s.password.argument)
}
