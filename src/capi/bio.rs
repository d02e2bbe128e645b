//! The BIOs and file descriptors below a connection.

use crate::capi::types::SSL;
use crate::capi::{call, deref};
use crate::foreign::bio::Bio;
use crate::foreign::err::{Error, Reason};
use openssl_sys::BIO;
use std::ffi::c_int;
use std::ptr;

/// Takes the program's reference.
///
/// # Safety
/// `bio` is NULL or a BIO of which the caller gives up one reference.
unsafe fn take(bio: *mut BIO) -> Option<Bio> {
    // SAFETY: the caller's contract.
    unsafe { Bio::from_ptr(bio) }
}

/// A socket BIO for `fd`, which stays the program's to close.
fn socket(fd: c_int) -> crate::foreign::err::Result<Bio> {
    Bio::new_socket(fd, 0).map_err(|_| Error::reason(Reason::BUF_LIB))
}

/// The socket of a BIO chain, if there is one.
fn socket_of(bio: Option<&Bio>) -> Option<c_int> {
    bio.and_then(|bio| bio.get_fd())
}

/// SSL_set_bio(3): connects the connection to `rbio` for reading and `wbio` for writing.
///
/// Takes over one reference to each BIO that was not set there before, and one less when both are
/// the same; SSL_set_bio(3) has the full rules.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_bio(s: *mut SSL, rbio: *mut BIO, wbio: *mut BIO) {
    let ssl = deref!(ssl s, ());
    let (old_r, old_w) = (ssl.rbio(), ssl.wbio());
    let old_r = old_r.as_ref().map_or(ptr::null_mut(), Bio::as_ptr);
    let old_w = old_w.as_ref().map_or(ptr::null_mut(), Bio::as_ptr);
    // The ownership rules are those of SSL_set_bio(3): nothing changes, one is replaced, or both.
    if rbio == old_r && wbio == old_w {
        return;
    }
    let (keeps_r, keeps_w) = (rbio == old_r, wbio == old_w && old_r != old_w);
    // SAFETY: the program gives up one reference for each BIO that is new here; for two that are
    // the same it gives up one less, and one is made up for.
    unsafe {
        if rbio == wbio {
            std::mem::forget(Bio::from_ptr_ref(rbio));
        }
        if keeps_r {
            ssl.set_wbio(take(wbio));
        } else if keeps_w {
            ssl.set_rbio(take(rbio));
        } else {
            ssl.set_rbio(take(rbio));
            ssl.set_wbio(take(wbio));
        }
    }
}

/// SSL_set0_rbio(3): connects the read side to `rbio`.
///
/// Takes over the reference; the BIO set before is freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set0_rbio(s: *mut SSL, rbio: *mut BIO) {
    // SAFETY: the program gives up a reference.
    deref!(ssl s, ()).set_rbio(unsafe { take(rbio) });
}

/// SSL_set0_wbio(3): connects the write side to `wbio`.
///
/// Takes over the reference; the BIO set before is freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set0_wbio(s: *mut SSL, wbio: *mut BIO) {
    // SAFETY: the program gives up a reference.
    deref!(ssl s, ()).set_wbio(unsafe { take(wbio) });
}

/// SSL_get_rbio(3): the BIO the connection reads from.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_rbio(s: *const SSL) -> *mut BIO {
    deref!(ssl s, ptr::null_mut()).rbio_address()
}

/// SSL_get_wbio(3): the BIO the connection writes to.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_wbio(s: *const SSL) -> *mut BIO {
    deref!(ssl s, ptr::null_mut()).wbio_address()
}

/// SSL_set_fd(3): connects both sides to the socket `fd`.
///
/// The descriptor stays the caller's to close.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_fd(s: *mut SSL, fd: c_int) -> c_int {
    let ssl = deref!(ssl s, 0);
    call(0, || {
        let bio = socket(fd)?;
        ssl.set_rbio(Some(bio.clone()));
        ssl.set_wbio(Some(bio));
        Ok(1)
    })
}

/// SSL_set_rfd(3): connects the read side to the socket `fd`.
///
/// The descriptor stays the caller's to close.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_rfd(s: *mut SSL, fd: c_int) -> c_int {
    let ssl = deref!(ssl s, 0);
    call(0, || {
        let other = ssl.wbio().filter(|bio| socket_of(Some(bio)) == Some(fd));
        ssl.set_rbio(Some(match other {
            Some(bio) => bio,
            None => socket(fd)?,
        }));
        Ok(1)
    })
}

/// SSL_set_wfd(3): connects the write side to the socket `fd`.
///
/// The descriptor stays the caller's to close.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_wfd(s: *mut SSL, fd: c_int) -> c_int {
    let ssl = deref!(ssl s, 0);
    call(0, || {
        let other = ssl.rbio().filter(|bio| socket_of(Some(bio)) == Some(fd));
        ssl.set_wbio(Some(match other {
            Some(bio) => bio,
            None => socket(fd)?,
        }));
        Ok(1)
    })
}

/// SSL_get_fd(3): the descriptor below the read side, -1 when there is none.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_fd(s: *const SSL) -> c_int {
    // SAFETY: the program's handle is passed on.
    unsafe { SSL_get_rfd(s) }
}

/// SSL_get_rfd(3): the descriptor below the read side, -1 when there is none.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_rfd(s: *const SSL) -> c_int {
    socket_of(deref!(ssl s, -1).rbio().as_ref()).unwrap_or(-1)
}

/// SSL_get_wfd(3): the descriptor below the write side, -1 when there is none.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_wfd(s: *const SSL) -> c_int {
    socket_of(deref!(ssl s, -1).wbio().as_ref()).unwrap_or(-1)
}
