//! Sessions as DER, PEM and text.

use std::ffi::{CStr, c_char, c_int, c_long, c_uchar, c_void};
use std::ptr;
use std::sync::Arc;

use libc::FILE;
use openssl_sys::{BIO, BIO_free_all, BIO_write, EVP_CIPHER, X509_verify_cert_error_string};
use openssl_sys::{OPENSSL_malloc, pem_password_cb};

use crate::capi::types::SSL_SESSION;
use crate::capi::{bytes, call, deref, session};
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::handle;
use crate::foreign::long;
use crate::model::session::Session;

/// PEM_STRING_SSL_SESSION.
const PEM_NAME: &CStr = c"SSL SESSION PARAMETERS";

type D2i = unsafe extern "C" fn(*mut *mut c_void, *mut *const c_uchar, c_long) -> *mut c_void;
type I2d = unsafe extern "C" fn(*const c_void, *mut *mut c_uchar) -> c_int;

unsafe extern "C" {
    fn BIO_new_fp(stream: *mut FILE, close_flag: c_int) -> *mut BIO;
    fn BIO_dump_indent(b: *mut BIO, bytes: *const c_void, len: c_int, indent: c_int) -> c_int;
    fn PEM_ASN1_read_bio(
        d2i: D2i,
        name: *const c_char,
        bp: *mut BIO,
        x: *mut *mut c_void,
        cb: pem_password_cb,
        u: *mut c_void,
    ) -> *mut c_void;
    fn PEM_ASN1_read(
        d2i: D2i,
        name: *const c_char,
        fp: *mut FILE,
        x: *mut *mut c_void,
        cb: pem_password_cb,
        u: *mut c_void,
    ) -> *mut c_void;
    fn PEM_ASN1_write_bio(
        i2d: I2d,
        name: *const c_char,
        bp: *mut BIO,
        x: *const c_void,
        enc: *const EVP_CIPHER,
        kstr: *const c_uchar,
        klen: c_int,
        cb: pem_password_cb,
        u: *mut c_void,
    ) -> c_int;
    fn PEM_ASN1_write(
        i2d: I2d,
        name: *const c_char,
        fp: *mut FILE,
        x: *const c_void,
        enc: *const EVP_CIPHER,
        kstr: *const c_uchar,
        klen: c_int,
        cb: pem_password_cb,
        u: *mut c_void,
    ) -> c_int;
}

unsafe extern "C" fn d2i_void(
    a: *mut *mut c_void,
    pp: *mut *const c_uchar,
    length: c_long,
) -> *mut c_void {
    // SAFETY: libcrypto passes on what PEM_read_SSL_SESSION was given.
    unsafe { d2i_SSL_SESSION(a.cast(), pp, length).cast() }
}

unsafe extern "C" fn i2d_void(x: *const c_void, pp: *mut *mut c_uchar) -> c_int {
    // SAFETY: libcrypto passes on what PEM_write_SSL_SESSION was given.
    unsafe { i2d_SSL_SESSION(x.cast(), pp) }
}

/// d2i_SSL_SESSION(3): decodes a session from DER and advances `*pp`.
///
/// The caller owns the session. When `a` is not NULL, `*a` is filled if it is a session (and
/// returned without a new reference) and set to the new one if it is NULL. A failure changes
/// neither `*a` nor `*pp`.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn d2i_SSL_SESSION(
    a: *mut *mut SSL_SESSION,
    pp: *mut *const c_uchar,
    length: c_long,
) -> *mut SSL_SESSION {
    call(ptr::null_mut(), || {
        if pp.is_null() {
            return Err(Error::reason(Reason::PASSED_NULL_PARAMETER));
        }
        // SAFETY: the program passes `length` readable bytes at `*pp`, and at `a` NULL or a place
        // that holds NULL or a session.
        unsafe {
            let der = bytes(*pp, length);
            let given = if a.is_null() { ptr::null_mut() } else { *a };
            let result = match session(given) {
                Some(session) => {
                    *pp = (*pp).add(session.read_der(der)?);
                    given
                }
                None => {
                    let session = new_from(der, pp)?;
                    handle::into_raw(session).cast()
                }
            };
            if !a.is_null() {
                *a = result;
            }
            Ok(result)
        }
    })
}

/// i2d_SSL_SESSION(3): encodes a session as DER; the result is the length.
///
/// `pp` NULL asks for the length only. With `*pp` NULL the bytes are allocated, for the caller to
/// free with OPENSSL_free; else they are written there and `*pp` is advanced past them.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn i2d_SSL_SESSION(r#in: *const SSL_SESSION, pp: *mut *mut c_uchar) -> c_int {
    let session = deref!(session r#in, 0);
    call(0, || {
        let Some(der) = session.to_der() else {
            return Ok(0);
        };
        let der = der.as_ref();
        let len = c_int::try_from(der.len()).map_err(|_| Error::reason(Reason::BAD_LENGTH))?;
        if !pp.is_null() {
            // SAFETY: the program passes at `*pp` NULL or room for what the length said.
            unsafe { put(der, pp)? };
        }
        Ok(len)
    })
}

/// PEM_read_SSL_SESSION(3): reads a session from a PEM file.
///
/// The caller owns the session.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PEM_read_SSL_SESSION(
    out: *mut FILE,
    x: *mut *mut SSL_SESSION,
    cb: pem_password_cb,
    u: *mut c_void,
) -> *mut SSL_SESSION {
    // SAFETY: the arguments are the program's, for libcrypto to use as its manual says.
    unsafe { PEM_ASN1_read(d2i_void, PEM_NAME.as_ptr(), out, x.cast(), cb, u).cast() }
}

/// PEM_read_bio_SSL_SESSION(3): reads a session in PEM from a BIO.
///
/// The caller owns the session.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PEM_read_bio_SSL_SESSION(
    out: *mut BIO,
    x: *mut *mut SSL_SESSION,
    cb: pem_password_cb,
    u: *mut c_void,
) -> *mut SSL_SESSION {
    // SAFETY: the arguments are the program's, for libcrypto to use as its manual says.
    unsafe { PEM_ASN1_read_bio(d2i_void, PEM_NAME.as_ptr(), out, x.cast(), cb, u).cast() }
}

/// PEM_write_SSL_SESSION(3): writes a session to a file as PEM.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PEM_write_SSL_SESSION(out: *mut FILE, x: *const SSL_SESSION) -> c_int {
    let none = ptr::null_mut();
    // SAFETY: the arguments are the program's, for libcrypto to use as its manual says; nothing
    // is encrypted.
    unsafe {
        PEM_ASN1_write(
            i2d_void,
            PEM_NAME.as_ptr(),
            out,
            x.cast(),
            ptr::null(),
            ptr::null(),
            0,
            None,
            none,
        )
    }
}

/// PEM_write_bio_SSL_SESSION(3): writes a session to a BIO as PEM.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PEM_write_bio_SSL_SESSION(out: *mut BIO, x: *const SSL_SESSION) -> c_int {
    let none = ptr::null_mut();
    // SAFETY: the arguments are the program's, for libcrypto to use as its manual says; nothing
    // is encrypted.
    unsafe {
        PEM_ASN1_write_bio(
            i2d_void,
            PEM_NAME.as_ptr(),
            out,
            x.cast(),
            ptr::null(),
            ptr::null(),
            0,
            None,
            none,
        )
    }
}

/// SSL_SESSION_print(3): prints a session to a BIO as text.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_print(fp: *mut BIO, ses: *const SSL_SESSION) -> c_int {
    let session = deref!(session ses, 0);
    call(0, || {
        // SAFETY: the program passes a BIO; the text is static.
        let done = unsafe {
            let code = long(session.verify_result());
            let text = session.print(CStr::from_ptr(X509_verify_cert_error_string(code)));
            puts(fp, text.head.as_ref())
                && text.ticket.is_none_or(|ticket| dump(fp, &ticket))
                && puts(fp, text.tail.as_bytes())
        };
        Ok(done.into())
    })
}

/// SSL_SESSION_print_fp(3): prints a session to a file as text.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_print_fp(fp: *mut FILE, ses: *const SSL_SESSION) -> c_int {
    // SAFETY: the program passes an open file and a session; the BIO is ours.
    unsafe {
        let bio = BIO_new_fp(fp, 0);
        if bio.is_null() {
            return call(0, || Err(Error::reason(Reason::BUF_LIB)));
        }
        let printed = SSL_SESSION_print(bio, ses);
        BIO_free_all(bio);
        printed
    }
}

/// SSL_SESSION_print_keylog(3): prints session id and master secret in the key log's RSA form.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_print_keylog(bp: *mut BIO, x: *const SSL_SESSION) -> c_int {
    let x = deref!(session x, 0);
    call(0, || {
        let line = x.keylog().ok_or(Error::Queued)?;
        // SAFETY: the program passes a BIO.
        Ok(unsafe { puts(bp, line.as_ref()) }.into())
    })
}

/// A session of the caller's from the bytes at `*pp`, which is advanced.
///
/// # Safety
/// `der` begins at `*pp`.
unsafe fn new_from(der: &[u8], pp: *mut *const c_uchar) -> Result<Arc<Session>> {
    let session = Session::new()?;
    let used = session.read_der(der)?;
    // SAFETY: the caller's contract; so many bytes are there.
    unsafe { *pp = (*pp).add(used) };
    Ok(session)
}

/// Puts `der` where i2d functions do.
///
/// # Safety
/// `pp` is readable and writable, `*pp` NULL or writable for `der`.
unsafe fn put(der: &[u8], pp: *mut *mut c_uchar) -> Result<()> {
    // SAFETY: the caller's contract; what is allocated has room for `der`.
    unsafe {
        let allocated = (*pp).is_null();
        let out = match allocated {
            true => OPENSSL_malloc(der.len()).cast(),
            false => *pp,
        };
        if out.is_null() {
            return Err(Error::reason(Reason::MALLOC_FAILURE));
        }
        ptr::copy_nonoverlapping(der.as_ptr(), out, der.len());
        *pp = if allocated { out } else { out.add(der.len()) };
    }
    Ok(())
}

/// Whether the BIO took all of `text`.
///
/// # Safety
/// `bio` is a live BIO.
unsafe fn puts(bio: *mut BIO, text: &[u8]) -> bool {
    let len = c_int::try_from(text.len()).unwrap_or(c_int::MAX);
    // SAFETY: the caller's contract; the text is readable.
    unsafe { BIO_write(bio, text.as_ptr().cast(), len) > 0 }
}

/// Writes the ticket as OpenSSL's hex dump.
///
/// # Safety
/// `bio` is a live BIO.
unsafe fn dump(bio: *mut BIO, ticket: &[u8]) -> bool {
    let len = c_int::try_from(ticket.len()).unwrap_or(c_int::MAX);
    // SAFETY: the caller's contract; the ticket is readable.
    unsafe { BIO_dump_indent(bio, ticket.as_ptr().cast(), len, 4) > 0 }
}
