//! BIO_ctrl(3) of SSL BIOs.

use std::ffi::{c_int, c_long, c_void};
use std::ptr;

use openssl_sys::{BIO, BIO_ctrl};

use super::method::{self, Call, State};
use crate::capi::bio::{SSL_get_rbio, SSL_get_wbio, SSL_set_bio};
use crate::capi::handshake::{SSL_do_handshake, SSL_set_accept_state, SSL_set_connect_state};
use crate::capi::read::SSL_pending;
use crate::capi::shutdown::SSL_shutdown;
use crate::capi::ssl::{SSL_clear, SSL_dup, SSL_free};
use crate::capi::types::SSL;
use crate::foreign::bio_method::{InfoCb, OwnBio};
use crate::model::ssl::Side;

/// BIO_CTRL_* and BIO_C_* of openssl/bio.h.
mod command {
    use std::ffi::c_int;
    pub const RESET: c_int = 1;
    pub const INFO: c_int = 3;
    pub const PUSH: c_int = 6;
    pub const POP: c_int = 7;
    pub const GET_CLOSE: c_int = 8;
    pub const SET_CLOSE: c_int = 9;
    pub const PENDING: c_int = 10;
    pub const FLUSH: c_int = 11;
    pub const DUP: c_int = 12;
    pub const WPENDING: c_int = 13;
    pub const SET_CALLBACK: c_int = 14;
    pub const DO_STATE_MACHINE: c_int = 101;
    pub const SET_SSL: c_int = 109;
    pub const GET_SSL: c_int = 110;
    pub const SSL_MODE: c_int = 119;
    pub const SET_RENEGOTIATE_BYTES: c_int = 125;
    pub const GET_NUM_RENEGOTIATES: c_int = 126;
    pub const SET_RENEGOTIATE_TIMEOUT: c_int = 127;
}

/// The least number of bytes BIO_set_ssl_renegotiate_bytes(3) accepts.
const LEAST_BYTES: usize = 512;
/// BIO_set_ssl_renegotiate_timeout(3) takes what is below the first number of seconds for the
/// second.
const SHORT_TIMEOUT: c_long = 60;
const LEAST_TIMEOUT: u64 = 5;

unsafe extern "C" {
    fn BIO_push(bio: *mut BIO, append: *mut BIO) -> *mut BIO;
    fn BIO_up_ref(bio: *mut BIO) -> c_int;
    fn BIO_callback_ctrl(bio: *mut BIO, cmd: c_int, callback: InfoCb) -> c_long;
}

/// The method's ctrl.
pub(super) unsafe extern "C" fn ctrl(
    bio: *mut BIO,
    cmd: c_int,
    num: c_long,
    ptr: *mut c_void,
) -> c_long {
    // SAFETY: libcrypto passes a BIO of this method.
    let Some(own) = (unsafe { OwnBio::<State>::new(bio) }) else {
        return 0;
    };
    let ssl = own.data().map_or(ptr::null_mut(), |state| state.ssl.get());
    // SAFETY: `ptr` is what the command is defined to take, and the BIO holds `ssl`.
    unsafe {
        match cmd {
            command::SET_SSL => set_ssl(&own, num as c_int, ptr.cast()),
            _ if ssl.is_null() => 0,
            command::INFO | command::SET_CALLBACK => 0,
            command::RESET => reset(&own, ssl, num, ptr),
            command::DO_STATE_MACHINE => handshake(&own, ssl),
            command::PUSH => pushed(&own, ssl),
            command::POP => popped(&own, ssl, ptr.cast()),
            command::FLUSH => flush(&own, ssl, num, ptr),
            command::DUP => dup(&own, ssl, ptr.cast()),
            command::PENDING => pending(ssl),
            command::WPENDING => BIO_ctrl(SSL_get_wbio(ssl), cmd, num, ptr),
            command::GET_SSL => get_ssl(ssl, ptr.cast()),
            command::GET_CLOSE => own.close_flag().into(),
            command::SET_CLOSE => {
                own.set_close_flag(num as c_int);
                1
            }
            command::SSL_MODE => {
                match num {
                    0 => SSL_set_accept_state(ssl),
                    _ => SSL_set_connect_state(ssl),
                }
                1
            }
            command::SET_RENEGOTIATE_BYTES
            | command::SET_RENEGOTIATE_TIMEOUT
            | command::GET_NUM_RENEGOTIATES => renegotiations(&own, cmd, num),
            _ => BIO_ctrl(SSL_get_rbio(ssl), cmd, num, ptr),
        }
    }
}

/// The method's callback_ctrl: the callback (BIO_set_info_callback(3)) is the transport's.
pub(super) unsafe extern "C" fn callback_ctrl(
    bio: *mut BIO,
    cmd: c_int,
    callback: InfoCb,
) -> c_long {
    // SAFETY: libcrypto passes a BIO of this method.
    let ssl = unsafe { OwnBio::<State>::new(bio) }
        .and_then(|own| own.data().map(|state| state.ssl.get()));
    match (cmd, ssl) {
        // SAFETY: the BIO holds the connection; the callback is handed through.
        (command::SET_CALLBACK, Some(ssl)) if !ssl.is_null() => unsafe {
            BIO_callback_ctrl(SSL_get_rbio(ssl), cmd, callback)
        },
        _ => 0,
    }
}

/// # Safety
/// `ssl` is a handle or NULL, given over if `close` says so.
unsafe fn set_ssl(own: &OwnBio<State>, close: c_int, ssl: *mut SSL) -> c_long {
    let next = own.next();
    // SAFETY: the old state is not used any more; the chain takes a reference to the BIO that
    // `ssl` reads from.
    unsafe {
        if own.data().is_some_and(|state| !state.ssl.get().is_null()) {
            method::destroy(own.as_ptr());
            method::create(own.as_ptr());
        }
        own.set_close_flag(close);
        if let Some(state) = own.data() {
            state.ssl.set(ssl);
        }
        let rbio = SSL_get_rbio(ssl);
        if !rbio.is_null() {
            if !next.is_null() {
                BIO_push(rbio, next);
            }
            own.set_next(rbio);
            BIO_up_ref(rbio);
        }
    }
    own.set_init(true);
    1
}

/// # Safety
/// `out` is writable or NULL.
unsafe fn get_ssl(ssl: *mut SSL, out: *mut *mut SSL) -> c_long {
    if out.is_null() {
        return 0;
    }
    // SAFETY: the caller's contract.
    unsafe { *out = ssl };
    1
}

/// # Safety
/// `own` holds `ssl`.
unsafe fn reset(own: &OwnBio<State>, ssl: *mut SSL, num: c_long, ptr: *mut c_void) -> c_long {
    // SAFETY: the caller's contract.
    unsafe {
        SSL_shutdown(ssl);
        match crate::capi::ssl(ssl).map(|this| this.side()) {
            Some(Side::Client) => SSL_set_connect_state(ssl),
            Some(Side::Server) => SSL_set_accept_state(ssl),
            Some(Side::Unset) | None => {}
        }
        if SSL_clear(ssl) == 0 {
            return 0;
        }
        let (next, rbio) = (own.next(), SSL_get_rbio(ssl));
        match (next.is_null(), rbio.is_null()) {
            (false, _) => BIO_ctrl(next, command::RESET, num, ptr),
            (true, false) => BIO_ctrl(rbio, command::RESET, num, ptr),
            (true, true) => 1,
        }
    }
}

/// # Safety
/// `own` holds `ssl`.
unsafe fn handshake(own: &OwnBio<State>, ssl: *mut SSL) -> c_long {
    own.clear_retry();
    // SAFETY: the caller's contract.
    unsafe {
        let ret = SSL_do_handshake(ssl);
        method::tell_retry(own, ssl, ret, Call::Other);
        ret.into()
    }
}

/// # Safety
/// `own` holds `ssl`.
unsafe fn pending(ssl: *mut SSL) -> c_long {
    // SAFETY: the caller's contract.
    unsafe {
        match SSL_pending(ssl) {
            0 => BIO_ctrl(SSL_get_rbio(ssl), command::PENDING, 0, ptr::null_mut()),
            n => n.into(),
        }
    }
}

/// # Safety
/// `own` holds `ssl`.
unsafe fn flush(own: &OwnBio<State>, ssl: *mut SSL, num: c_long, ptr: *mut c_void) -> c_long {
    own.clear_retry();
    // SAFETY: the caller's contract.
    let ret = unsafe { BIO_ctrl(SSL_get_wbio(ssl), command::FLUSH, num, ptr) };
    own.copy_next_retry();
    ret
}

/// A BIO was appended to the chain: the connection runs over the one next to it.
///
/// # Safety
/// `own` holds `ssl`.
unsafe fn pushed(own: &OwnBio<State>, ssl: *mut SSL) -> c_long {
    let next = own.next();
    // SAFETY: the caller's contract; the connection gets a reference of its own.
    unsafe {
        if !next.is_null() && next != SSL_get_rbio(ssl) {
            BIO_up_ref(next);
            SSL_set_bio(ssl, next, next);
        }
    }
    1
}

/// `which` is taken out of the chain: without what follows it the connection has no transport.
///
/// # Safety
/// `own` holds `ssl`.
unsafe fn popped(own: &OwnBio<State>, ssl: *mut SSL, which: *mut BIO) -> c_long {
    if which == own.as_ptr() {
        // SAFETY: the caller's contract.
        unsafe { SSL_set_bio(ssl, ptr::null_mut(), ptr::null_mut()) };
    }
    1
}

/// BIO_dup_chain(3): `copy` gets an SSL_dup(3) of the connection.
///
/// # Safety
/// `own` holds `ssl`; `copy` is a BIO of this method.
unsafe fn dup(own: &OwnBio<State>, ssl: *mut SSL, copy: *mut BIO) -> c_long {
    // SAFETY: the caller's contract.
    unsafe {
        let copy = OwnBio::<State>::new(copy);
        let (Some(from), Some(to)) = (own.data(), copy.as_ref().and_then(OwnBio::data)) else {
            return 0;
        };
        SSL_free(to.ssl.replace(ptr::null_mut()));
        let new = SSL_dup(ssl);
        to.ssl.set(new);
        to.renegotiations.copy_from(&from.renegotiations);
        c_long::from(!new.is_null())
    }
}

fn renegotiations(own: &OwnBio<State>, cmd: c_int, num: c_long) -> c_long {
    let Some(State { renegotiations, .. }) = own.data() else {
        return 0;
    };
    match cmd {
        command::SET_RENEGOTIATE_BYTES => {
            let old = renegotiations.bytes.get();
            if let Ok(bytes @ LEAST_BYTES..) = usize::try_from(num) {
                renegotiations.bytes.set(bytes);
            }
            old as c_long
        }
        command::SET_RENEGOTIATE_TIMEOUT => {
            let seconds = match num {
                SHORT_TIMEOUT.. => num as u64,
                _ => LEAST_TIMEOUT,
            };
            renegotiations.since.set(method::now());
            renegotiations.timeout.replace(seconds) as c_long
        }
        _ => renegotiations.due.get().into(),
    }
}
