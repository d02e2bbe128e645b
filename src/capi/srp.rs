//! Secure remote passwords.

#![expect(non_snake_case, reason = "parameters are named as in ssl.h")]

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

use openssl_sys::BIGNUM;

use crate::capi::refuse;
use crate::capi::types::{
    SSL, SSL_CTX, SSL_srp_client_pwd_cb_fn, SSL_srp_username_cb_fn, SSL_srp_verify_param_cb_fn,
};

/// SRP_Calc_A_param: computes a client's SRP value A.
///
/// Status: refused: SRP is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SRP_Calc_A_param(s: *mut SSL) -> c_int {
    refuse(0, "SRP_Calc_A_param")
}

/// SSL_CTX_SRP_CTX_init: resets the context's SRP settings: there are none.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_SRP_CTX_init(ctx: *mut SSL_CTX) -> c_int {
    c_int::from(!ctx.is_null())
}

/// SSL_CTX_SRP_CTX_free: frees the context's SRP settings: there are none.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_SRP_CTX_free(ctx: *mut SSL_CTX) -> c_int {
    c_int::from(!ctx.is_null())
}

/// SSL_SRP_CTX_init: copies the context's SRP settings to the connection: there are none.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SRP_CTX_init(s: *mut SSL) -> c_int {
    c_int::from(!s.is_null())
}

/// SSL_SRP_CTX_free: frees the connection's SRP settings: there are none.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SRP_CTX_free(ctx: *mut SSL) -> c_int {
    c_int::from(!ctx.is_null())
}

/// SSL_CTX_set_srp_username(3): sets a client's SRP user name.
///
/// Status: refused: SRP is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_srp_username(ctx: *mut SSL_CTX, name: *mut c_char) -> c_int {
    refuse(0, "SSL_CTX_set_srp_username")
}

/// SSL_CTX_set_srp_password(3): sets a client's SRP password.
///
/// Status: refused: SRP is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_srp_password(
    ctx: *mut SSL_CTX,
    password: *mut c_char,
) -> c_int {
    refuse(0, "SSL_CTX_set_srp_password")
}

/// SSL_CTX_set_srp_strength(3): sets the smallest SRP group a client accepts, in bits.
///
/// Status: refused: SRP is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_srp_strength(ctx: *mut SSL_CTX, strength: c_int) -> c_int {
    refuse(0, "SSL_CTX_set_srp_strength")
}

/// SSL_CTX_set_srp_cb_arg(3): sets the argument given to the SRP callbacks.
///
/// Status: refused: SRP is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_srp_cb_arg(ctx: *mut SSL_CTX, arg: *mut c_void) -> c_int {
    refuse(0, "SSL_CTX_set_srp_cb_arg")
}

/// SSL_CTX_set_srp_client_pwd_callback(3): sets the callback that provides a client's SRP
/// password.
///
/// Status: refused: SRP is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_srp_client_pwd_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_srp_client_pwd_cb_fn,
) -> c_int {
    refuse(0, "SSL_CTX_set_srp_client_pwd_callback")
}

/// SSL_CTX_set_srp_username_callback(3): sets the callback by which a server looks up a user.
///
/// Status: refused: SRP is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_srp_username_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_srp_username_cb_fn,
) -> c_int {
    refuse(0, "SSL_CTX_set_srp_username_callback")
}

/// SSL_CTX_set_srp_verify_param_callback(3): sets the callback by which a client checks the
/// group.
///
/// Status: refused: SRP is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_srp_verify_param_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_srp_verify_param_cb_fn,
) -> c_int {
    refuse(0, "SSL_CTX_set_srp_verify_param_callback")
}

/// SSL_set_srp_server_param(3): sets a server's SRP parameters and verifier.
///
/// Status: refused: SRP is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_srp_server_param(
    s: *mut SSL,
    N: *const BIGNUM,
    g: *const BIGNUM,
    sa: *mut BIGNUM,
    v: *mut BIGNUM,
    info: *mut c_char,
) -> c_int {
    refuse(-1, "SSL_set_srp_server_param")
}

/// SSL_set_srp_server_param_pw(3): sets a server's SRP parameters from user name and password.
///
/// Status: refused: SRP is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_srp_server_param_pw(
    s: *mut SSL,
    user: *const c_char,
    pass: *const c_char,
    grp: *const c_char,
) -> c_int {
    refuse(-1, "SSL_set_srp_server_param_pw")
}

/// SSL_srp_server_param_with_username: runs the user name callback and prepares the server's SRP
/// values; SSL3_AL_FATAL on failure.
///
/// Status: refused: SRP is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_srp_server_param_with_username(s: *mut SSL, ad: *mut c_int) -> c_int {
    const ALERT_FATAL: c_int = 2;
    const INTERNAL_ERROR: c_int = 80;
    if !ad.is_null() {
        // SAFETY: the program's place for an alert.
        unsafe { ad.write(INTERNAL_ERROR) };
    }
    refuse(ALERT_FATAL, "SSL_srp_server_param_with_username")
}

/// SSL_get_srp_N(3): the SRP group's modulus: NULL, there is never one.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_srp_N(s: *mut SSL) -> *mut BIGNUM {
    ptr::null_mut()
}

/// SSL_get_srp_g(3): the SRP group's generator: NULL, there is never one.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_srp_g(s: *mut SSL) -> *mut BIGNUM {
    ptr::null_mut()
}

/// SSL_get_srp_username(3): the SRP user name: NULL, there is never one.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_srp_username(s: *mut SSL) -> *mut c_char {
    ptr::null_mut()
}

/// SSL_get_srp_userinfo(3): the SRP user's description: NULL, there is never one.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_srp_userinfo(s: *mut SSL) -> *mut c_char {
    ptr::null_mut()
}
