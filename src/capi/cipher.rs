//! SSL_CIPHER: what a cipher suite is made of.

use std::ffi::{CStr, c_char, c_int, c_uchar};
use std::ptr;

use openssl_sys as ffi;

use crate::capi::call;
use crate::capi::types::{SSL, SSL_CIPHER};
use crate::foreign::err::{Error, Reason};
use crate::foreign::evp::digest_by_nid;
use crate::model::cipher::Cipher;

/// The bytes SSL_CIPHER_description(3) asks for, and allocates.
const DESCRIPTION_LEN: usize = 128;

/// What OpenSSL's getters answer about no cipher.
const NO_CIPHER: &CStr = c"(NONE)";

/// The suite behind the pointer.
///
/// # Safety
/// `cipher` is NULL or came from this library, whose suites are never freed.
pub(crate) unsafe fn suite(cipher: *const SSL_CIPHER) -> Option<&'static Cipher> {
    // SAFETY: the caller's contract; the table is static and immutable.
    unsafe { cipher.cast::<Cipher>().as_ref() }
}

/// The pointer C gets.
pub(crate) fn as_ptr(suite: Option<&'static Cipher>) -> *const SSL_CIPHER {
    suite.map_or(ptr::null(), |suite| ptr::from_ref(suite).cast())
}

/// SSL_CIPHER_get_name(3): OpenSSL's name of the suite, `(NONE)` for NULL.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_name(c: *const SSL_CIPHER) -> *const c_char {
    // SAFETY: a suite of ours or NULL.
    let suite = unsafe { suite(c) };
    suite.map_or(NO_CIPHER, Cipher::name).as_ptr()
}

/// SSL_CIPHER_standard_name(3): the RFC's name of the suite, NULL if it has none, `(NONE)` for
/// NULL.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_standard_name(c: *const SSL_CIPHER) -> *const c_char {
    // SAFETY: a suite of ours or NULL.
    match unsafe { suite(c) } {
        Some(suite) => suite.std_name().map_or(ptr::null(), CStr::as_ptr),
        None => NO_CIPHER.as_ptr(),
    }
}

/// OPENSSL_cipher_name(3): OpenSSL's name of the suite with this RFC name, `(NONE)` if there is
/// none.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OPENSSL_cipher_name(rfc_name: *const c_char) -> *const c_char {
    if rfc_name.is_null() {
        return NO_CIPHER.as_ptr();
    }
    // SAFETY: a NUL-terminated string of the program's.
    let name = unsafe { CStr::from_ptr(rfc_name) };
    Cipher::from_std_name(name.to_bytes())
        .map_or(NO_CIPHER, Cipher::name)
        .as_ptr()
}

/// SSL_CIPHER_get_bits(3): the bits of the key that count; all of them go to `alg_bits` unless
/// that is NULL. 0 for NULL, with `alg_bits` untouched.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_bits(c: *const SSL_CIPHER, alg_bits: *mut c_int) -> c_int {
    // SAFETY: a suite of ours or NULL.
    let Some(suite) = (unsafe { suite(c) }) else {
        return 0;
    };
    if !alg_bits.is_null() {
        // SAFETY: not NULL, so the program's variable.
        unsafe { alg_bits.write(suite.bits()) };
    }
    suite.bits()
}

/// SSL_CIPHER_get_version(3): the first protocol version with the suite, `(NONE)` for NULL.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_version(c: *const SSL_CIPHER) -> *const c_char {
    // SAFETY: a suite of ours or NULL.
    let suite = unsafe { suite(c) };
    suite.map_or(NO_CIPHER, Cipher::version).as_ptr()
}

/// SSL_CIPHER_description(3): a line about the suite in `buf` of `len` bytes, or in memory the
/// caller frees with OPENSSL_free() if `buf` is NULL. NULL if `len` is below 128.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_description(
    c: *const SSL_CIPHER,
    buf: *mut c_char,
    len: c_int,
) -> *mut c_char {
    call(ptr::null_mut(), || {
        // SAFETY: a suite of ours or NULL.
        let Some(suite) = (unsafe { suite(c) }) else {
            return Err(Error::reason(Reason::PASSED_NULL_PARAMETER));
        };
        if !buf.is_null() && usize::try_from(len).unwrap_or(0) < DESCRIPTION_LEN {
            return Err(Error::Queued);
        }
        let mut out = buf;
        if out.is_null() {
            // SAFETY: plain allocation; a failure is NULL.
            out = unsafe { ffi::OPENSSL_malloc(DESCRIPTION_LEN) }.cast();
        }
        if out.is_null() {
            return Err(Error::reason(Reason::MALLOC_FAILURE));
        }
        let line = suite.description();
        let copied = line.len().min(DESCRIPTION_LEN - 1);
        // SAFETY: `out` has at least DESCRIPTION_LEN bytes, and `line` is no part of them.
        unsafe {
            ptr::copy_nonoverlapping(line.as_ptr(), out.cast(), copied);
            out.add(copied).write(0);
        }
        Ok(out)
    })
}

/// SSL_CIPHER_get_cipher_nid(3): the NID of the encryption, NID_undef for NULL and eNULL.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_cipher_nid(c: *const SSL_CIPHER) -> c_int {
    // SAFETY: a suite of ours or NULL.
    unsafe { suite(c) }.map_or(0, Cipher::cipher_nid)
}

/// SSL_CIPHER_get_digest_nid(3): the NID of the MAC, NID_undef with an AEAD. OpenSSL crashes on
/// NULL; this returns NID_undef.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_digest_nid(c: *const SSL_CIPHER) -> c_int {
    // SAFETY: a suite of ours or NULL.
    unsafe { suite(c) }.map_or(0, Cipher::digest_nid)
}

/// SSL_CIPHER_get_kx_nid(3): the NID of the key exchange, NID_kx_any in TLS 1.3. OpenSSL crashes
/// on NULL; this returns NID_undef.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_kx_nid(c: *const SSL_CIPHER) -> c_int {
    // SAFETY: a suite of ours or NULL.
    unsafe { suite(c) }.map_or(0, Cipher::kx_nid)
}

/// SSL_CIPHER_get_auth_nid(3): the NID of the authentication, NID_auth_any in TLS 1.3. OpenSSL
/// crashes on NULL; this returns NID_undef.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_auth_nid(c: *const SSL_CIPHER) -> c_int {
    // SAFETY: a suite of ours or NULL.
    unsafe { suite(c) }.map_or(0, Cipher::auth_nid)
}

/// SSL_CIPHER_get_handshake_digest(3): the digest over the handshake, which the caller must not
/// free; NULL if libcrypto lacks it. OpenSSL crashes on NULL; this returns NULL.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_handshake_digest(
    c: *const SSL_CIPHER,
) -> *const ffi::EVP_MD {
    // SAFETY: a suite of ours or NULL.
    let suite = unsafe { suite(c) };
    suite.map_or(ptr::null(), |suite| {
        digest_by_nid(suite.handshake_digest_nid())
    })
}

/// SSL_CIPHER_is_aead(3): 1 if the encryption authenticates too. OpenSSL crashes on NULL; this
/// returns 0.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_is_aead(c: *const SSL_CIPHER) -> c_int {
    // SAFETY: a suite of ours or NULL.
    unsafe { suite(c) }.is_some_and(Cipher::is_aead).into()
}

/// SSL_CIPHER_find(3): the suite whose number on the wire is in the two bytes at `ptr`, NULL if
/// there is none. `ssl` is not looked at: the numbers mean the same in all versions.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_find(_ssl: *mut SSL, ptr: *const c_uchar) -> *const SSL_CIPHER {
    if ptr.is_null() {
        return ptr::null();
    }
    // SAFETY: two bytes of the program's.
    let number = unsafe { ptr.cast::<[u8; 2]>().read() };
    as_ptr(Cipher::from_iana(u16::from_be_bytes(number)))
}

/// SSL_CIPHER_get_id(3): OpenSSL's number of the suite, 0x03000000 with the IANA number. OpenSSL
/// crashes on NULL; this returns 0.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_id(c: *const SSL_CIPHER) -> u32 {
    // SAFETY: a suite of ours or NULL.
    unsafe { suite(c) }.map_or(0, Cipher::id)
}

/// SSL_CIPHER_get_protocol_id(3): the suite's number on the wire. OpenSSL crashes on NULL; this
/// returns 0.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_protocol_id(c: *const SSL_CIPHER) -> u16 {
    // SAFETY: a suite of ours or NULL.
    unsafe { suite(c) }.map_or(0, Cipher::iana)
}
