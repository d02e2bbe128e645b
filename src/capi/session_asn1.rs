//! Sessions as DER, PEM and text.

use std::ffi::{c_int, c_long, c_uchar, c_void};
use std::ptr;

use libc::FILE;
use openssl_sys::{BIO, pem_password_cb};

use crate::capi::refuse;
use crate::capi::types::SSL_SESSION;

/// d2i_SSL_SESSION(3): decodes a session from DER and advances `*pp`.
///
/// The caller owns the session; when `a` and `*a` are not NULL, `*a` is replaced by it.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn d2i_SSL_SESSION(
    a: *mut *mut SSL_SESSION,
    pp: *mut *const c_uchar,
    length: c_long,
) -> *mut SSL_SESSION {
    refuse(ptr::null_mut(), "d2i_SSL_SESSION")
}

/// i2d_SSL_SESSION(3): encodes a session as DER; the result is the length.
///
/// When `*pp` is NULL OpenSSL's rules for i2d functions apply: `pp` NULL asks for the length
/// only.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn i2d_SSL_SESSION(r#in: *const SSL_SESSION, pp: *mut *mut c_uchar) -> c_int {
    refuse(0, "i2d_SSL_SESSION")
}

/// PEM_read_SSL_SESSION(3): reads a session from a PEM file.
///
/// The caller owns the session.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PEM_read_SSL_SESSION(
    out: *mut FILE,
    x: *mut *mut SSL_SESSION,
    cb: pem_password_cb,
    u: *mut c_void,
) -> *mut SSL_SESSION {
    refuse(ptr::null_mut(), "PEM_read_SSL_SESSION")
}

/// PEM_read_bio_SSL_SESSION(3): reads a session in PEM from a BIO.
///
/// The caller owns the session.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PEM_read_bio_SSL_SESSION(
    out: *mut BIO,
    x: *mut *mut SSL_SESSION,
    cb: pem_password_cb,
    u: *mut c_void,
) -> *mut SSL_SESSION {
    refuse(ptr::null_mut(), "PEM_read_bio_SSL_SESSION")
}

/// PEM_write_SSL_SESSION(3): writes a session to a file as PEM.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PEM_write_SSL_SESSION(out: *mut FILE, x: *const SSL_SESSION) -> c_int {
    refuse(0, "PEM_write_SSL_SESSION")
}

/// PEM_write_bio_SSL_SESSION(3): writes a session to a BIO as PEM.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PEM_write_bio_SSL_SESSION(out: *mut BIO, x: *const SSL_SESSION) -> c_int {
    refuse(0, "PEM_write_bio_SSL_SESSION")
}

/// SSL_SESSION_print(3): prints a session to a BIO as text.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_print(fp: *mut BIO, ses: *const SSL_SESSION) -> c_int {
    refuse(0, "SSL_SESSION_print")
}

/// SSL_SESSION_print_fp(3): prints a session to a file as text.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_print_fp(fp: *mut FILE, ses: *const SSL_SESSION) -> c_int {
    refuse(0, "SSL_SESSION_print_fp")
}

/// SSL_SESSION_print_keylog(3): prints session id and master secret in the key log's RSA form.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_print_keylog(bp: *mut BIO, x: *const SSL_SESSION) -> c_int {
    refuse(0, "SSL_SESSION_print_keylog")
}
