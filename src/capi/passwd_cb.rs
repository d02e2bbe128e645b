//! The callback that asks for the password of an encrypted PEM file.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::c_void;
use std::ptr;

use openssl_sys::pem_password_cb;

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX};

/// SSL_CTX_set_default_passwd_cb(3): sets the callback that gives the password of encrypted PEM
/// files.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_passwd_cb(ctx: *mut SSL_CTX, cb: pem_password_cb) {}

/// SSL_CTX_set_default_passwd_cb_userdata(3): sets the argument given to the context's password
/// callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_default_passwd_cb_userdata(ctx: *mut SSL_CTX, u: *mut c_void) {
}

/// SSL_CTX_get_default_passwd_cb(3): the context's password callback.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_default_passwd_cb(ctx: *mut SSL_CTX) -> pem_password_cb {
    refuse(None, "SSL_CTX_get_default_passwd_cb")
}

/// SSL_CTX_get_default_passwd_cb_userdata(3): the argument given to the context's password
/// callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_default_passwd_cb_userdata(ctx: *mut SSL_CTX) -> *mut c_void {
    refuse(ptr::null_mut(), "SSL_CTX_get_default_passwd_cb_userdata")
}

/// SSL_set_default_passwd_cb(3): sets the connection's password callback.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_default_passwd_cb(s: *mut SSL, cb: pem_password_cb) {}

/// SSL_set_default_passwd_cb_userdata(3): sets the argument given to the connection's password
/// callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_default_passwd_cb_userdata(s: *mut SSL, u: *mut c_void) {}

/// SSL_get_default_passwd_cb(3): the connection's password callback.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_default_passwd_cb(s: *mut SSL) -> pem_password_cb {
    refuse(None, "SSL_get_default_passwd_cb")
}

/// SSL_get_default_passwd_cb_userdata(3): the argument given to the connection's password
/// callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_default_passwd_cb_userdata(s: *mut SSL) -> *mut c_void {
    refuse(ptr::null_mut(), "SSL_get_default_passwd_cb_userdata")
}
