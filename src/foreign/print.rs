//! libcrypto's objects as text.

use std::ffi::{c_int, c_long, c_ulong, c_void};
use std::ptr;

use super::bio::Bio;
use super::sys as ffi;
use super::x509::Cert;

/// XN_FLAG_ONELINE of x509.h.
const XN_FLAG_ONELINE: c_ulong = 0x0082_031f;

unsafe extern "C" {
    fn X509_print_ex(
        bio: *mut ffi::BIO,
        cert: *mut ffi::X509,
        name: c_ulong,
        omitted: c_ulong,
    ) -> c_int;
    fn X509_NAME_print_ex(
        bio: *mut ffi::BIO,
        name: *const ffi::X509_NAME,
        indent: c_int,
        flags: c_ulong,
    ) -> c_int;
    fn BIO_dump_indent(bio: *mut ffi::BIO, data: *const c_void, len: c_int, indent: c_int)
    -> c_int;
}

/// What `write` prints.
fn printed(write: impl FnOnce(*mut ffi::BIO)) -> Vec<u8> {
    let Ok(bio) = Bio::new_mem() else {
        return Vec::new();
    };
    write(bio.as_ptr());
    let mut out = Vec::new();
    let mut part = [0; 1024];
    while let super::bio::Io::Done(n) = bio.read(&mut part) {
        out.extend_from_slice(&part[..n]);
    }
    out
}

/// Bytes in hexadecimal and as characters, in lines (BIO_dump_indent(3)).
pub fn dump(bytes: &[u8], indent: usize) -> Vec<u8> {
    let Ok(len) = c_int::try_from(bytes.len()) else {
        return Vec::new();
    };
    printed(|bio| {
        // SAFETY: the BIO lives, and `bytes` is readable for `len`.
        unsafe { BIO_dump_indent(bio, bytes.as_ptr().cast(), len, indent as c_int) };
    })
}

/// The certificate at the start of `der` in words and in PEM (X509_print_ex(3)), and how many bytes
/// it takes; `None` if there is none.
pub fn certificate(der: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut end = der.as_ptr();
    // SAFETY: `der` is readable for its length, and the reference made is taken.
    let cert = unsafe {
        let made = ffi::d2i_X509(ptr::null_mut(), &mut end, c_long::try_from(der.len()).ok()?);
        Cert::from_ptr(made)?
    };
    let used = end as usize - der.as_ptr() as usize;
    let text = printed(|bio| {
        // SAFETY: both live.
        unsafe {
            X509_print_ex(bio, cert.as_ptr(), XN_FLAG_ONELINE, 0);
            ffi::PEM_write_bio_X509(bio, cert.as_ptr());
        }
    });
    Some((text, used))
}

/// The distinguished name at the start of `der` in one line (X509_NAME_print_ex(3)).
pub fn name(der: &[u8]) -> Option<Vec<u8>> {
    let mut end = der.as_ptr();
    let len = c_long::try_from(der.len()).ok()?;
    // SAFETY: `der` is readable for its length.
    let name = unsafe { ffi::d2i_X509_NAME(ptr::null_mut(), &mut end, len) };
    if name.is_null() {
        return None;
    }
    let text = printed(|bio| {
        // SAFETY: both live.
        unsafe { X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE) };
    });
    // SAFETY: it was made above and nobody else has it.
    unsafe { ffi::X509_NAME_free(name) };
    Some(text)
}
