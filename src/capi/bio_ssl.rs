//! The SSL filter BIO.

use std::ffi::c_int;
use std::ptr;

use openssl_sys::{BIO, BIO_METHOD, BIO_ctrl, BIO_free_all, BIO_new};

use crate::capi::handshake::{SSL_set_accept_state, SSL_set_connect_state};
use crate::capi::session::SSL_copy_session_id;
use crate::capi::shutdown::SSL_shutdown;
use crate::capi::ssl::SSL_new;
use crate::capi::types::{SSL, SSL_CTX};

mod ctrl;
mod method;

/// BIO_TYPE_SSL of openssl/bio.h.
const TYPE_SSL: c_int = 7 | 0x0200;
const BIO_C_SET_SSL: c_int = 109;
const BIO_C_GET_SSL: c_int = 110;
const BIO_CLOSE: std::ffi::c_long = 1;

unsafe extern "C" {
    fn BIO_f_buffer() -> *const BIO_METHOD;
    fn BIO_s_connect() -> *const BIO_METHOD;
    fn BIO_push(bio: *mut BIO, append: *mut BIO) -> *mut BIO;
    fn BIO_next(bio: *mut BIO) -> *mut BIO;
    fn BIO_find_type(bio: *mut BIO, kind: c_int) -> *mut BIO;
    fn BIO_method_type(bio: *const BIO) -> c_int;
}

/// The connection of an SSL BIO; NULL when it has none.
///
/// # Safety
/// `bio` is a live BIO of BIO_f_ssl's method.
unsafe fn connection(bio: *mut BIO) -> *mut SSL {
    let mut ssl: *mut SSL = ptr::null_mut();
    // SAFETY: the caller's contract; the command writes a pointer.
    unsafe { BIO_ctrl(bio, BIO_C_GET_SSL, 0, (&raw mut ssl).cast()) };
    ssl
}

/// BIO_f_ssl(3): the method of BIOs that run TLS over the BIO below them.
///
/// The result is static: not to be freed.
///
/// Status: partial: BIO_set_ssl_renegotiate_bytes and BIO_set_ssl_renegotiate_timeout only count,
/// since there is no renegotiation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn BIO_f_ssl() -> *const BIO_METHOD {
    method::method()
}

/// BIO_new_ssl(3): a filter BIO holding a new connection of `ctx`, a client's when `client` is
/// not 0.
///
/// The caller owns the BIO, which owns the connection.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn BIO_new_ssl(ctx: *mut SSL_CTX, client: c_int) -> *mut BIO {
    // SAFETY: the program passes a handle it holds, or NULL; the BIO takes the connection over.
    unsafe {
        let bio = BIO_new(BIO_f_ssl());
        if bio.is_null() {
            return bio;
        }
        let ssl = SSL_new(ctx);
        if ssl.is_null() {
            BIO_free_all(bio);
            return ptr::null_mut();
        }
        match client {
            0 => SSL_set_accept_state(ssl),
            _ => SSL_set_connect_state(ssl),
        }
        BIO_ctrl(bio, BIO_C_SET_SSL, BIO_CLOSE, ssl.cast());
        bio
    }
}

/// BIO_new_ssl_connect(3): a chain of an SSL BIO for a client and a connect BIO.
///
/// The caller owns the chain.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn BIO_new_ssl_connect(ctx: *mut SSL_CTX) -> *mut BIO {
    // SAFETY: the program's handle is passed on; the chain takes both BIOs.
    unsafe {
        let ssl = BIO_new_ssl(ctx, 1);
        if ssl.is_null() {
            return ssl;
        }
        let connect = BIO_new(BIO_s_connect());
        if connect.is_null() {
            BIO_free_all(ssl);
            return connect;
        }
        BIO_push(ssl, connect)
    }
}

/// BIO_new_buffer_ssl_connect(3): a chain of a buffering BIO, an SSL BIO for a client and a
/// connect BIO.
///
/// The caller owns the chain.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn BIO_new_buffer_ssl_connect(ctx: *mut SSL_CTX) -> *mut BIO {
    // SAFETY: the program's handle is passed on; the chain takes both BIOs.
    unsafe {
        let ssl = BIO_new_ssl_connect(ctx);
        if ssl.is_null() {
            return ssl;
        }
        let buffer = BIO_new(BIO_f_buffer());
        if buffer.is_null() {
            BIO_free_all(ssl);
            return buffer;
        }
        BIO_push(buffer, ssl)
    }
}

/// BIO_ssl_copy_session_id(3): copies session and session id context between the connections of
/// two BIO chains. 0 when either has none.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn BIO_ssl_copy_session_id(to: *mut BIO, from: *mut BIO) -> c_int {
    // SAFETY: the program passes chains it holds, or NULL.
    unsafe {
        let (to, from) = (BIO_find_type(to, TYPE_SSL), BIO_find_type(from, TYPE_SSL));
        if to.is_null() || from.is_null() {
            return 0;
        }
        let (to, from) = (connection(to), connection(from));
        if to.is_null() || from.is_null() {
            return 0;
        }
        c_int::from(SSL_copy_session_id(to, from) != 0)
    }
}

/// BIO_ssl_shutdown(3): shuts down the connection of every SSL BIO in the chain.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn BIO_ssl_shutdown(ssl_bio: *mut BIO) {
    let mut bio = ssl_bio;
    while !bio.is_null() {
        // SAFETY: the program passes a chain it holds.
        unsafe {
            if BIO_method_type(bio) == TYPE_SSL {
                let ssl = connection(bio);
                if !ssl.is_null() {
                    SSL_shutdown(ssl);
                }
            }
            bio = BIO_next(bio);
        }
    }
}
