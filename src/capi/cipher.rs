//! SSL_CIPHER: what a cipher suite is made of.

use std::ffi::{c_char, c_int, c_uchar};
use std::ptr;

use openssl_sys::EVP_MD;

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CIPHER};

/// OPENSSL_cipher_name(3): OpenSSL's name of the suite with the RFC name `rfc_name`, `(NONE)` for
/// an unknown one.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OPENSSL_cipher_name(rfc_name: *const c_char) -> *const c_char {
    refuse(c"(NONE)".as_ptr(), "OPENSSL_cipher_name")
}

/// SSL_CIPHER_description(3): writes a one-line description of the suite to `buf`.
///
/// With `buf` NULL the text is allocated, and freed by the caller with OPENSSL_free.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_description(
    cipher: *const SSL_CIPHER,
    buf: *mut c_char,
    size: c_int,
) -> *mut c_char {
    refuse(ptr::null_mut(), "SSL_CIPHER_description")
}

/// SSL_CIPHER_find(3): the suite whose two-byte protocol id is at `ptr`.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_find(ssl: *mut SSL, ptr: *const c_uchar) -> *const SSL_CIPHER {
    refuse(ptr::null(), "SSL_CIPHER_find")
}

/// SSL_CIPHER_get_auth_nid(3): the NID of the suite's authentication.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_auth_nid(c: *const SSL_CIPHER) -> c_int {
    refuse(0, "SSL_CIPHER_get_auth_nid")
}

/// SSL_CIPHER_get_bits(3): the suite's secret bits; `alg_bits`, unless NULL, receives the bits
/// the algorithm processes.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_bits(c: *const SSL_CIPHER, alg_bits: *mut c_int) -> c_int {
    refuse(0, "SSL_CIPHER_get_bits")
}

/// SSL_CIPHER_get_cipher_nid(3): the NID of the suite's bulk cipher.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_cipher_nid(c: *const SSL_CIPHER) -> c_int {
    refuse(0, "SSL_CIPHER_get_cipher_nid")
}

/// SSL_CIPHER_get_digest_nid(3): the NID of the suite's MAC digest, NID_undef for AEAD suites.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_digest_nid(c: *const SSL_CIPHER) -> c_int {
    refuse(0, "SSL_CIPHER_get_digest_nid")
}

/// SSL_CIPHER_get_handshake_digest(3): the digest of the suite's handshake hash.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_handshake_digest(c: *const SSL_CIPHER) -> *const EVP_MD {
    refuse(ptr::null(), "SSL_CIPHER_get_handshake_digest")
}

/// SSL_CIPHER_get_id(3): OpenSSL's id of the suite: 0x03000000 and the protocol id.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_id(c: *const SSL_CIPHER) -> u32 {
    refuse(0, "SSL_CIPHER_get_id")
}

/// SSL_CIPHER_get_kx_nid(3): the NID of the suite's key exchange.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_kx_nid(c: *const SSL_CIPHER) -> c_int {
    refuse(0, "SSL_CIPHER_get_kx_nid")
}

/// SSL_CIPHER_get_name(3): OpenSSL's name of the suite, `(NONE)` for NULL.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_name(c: *const SSL_CIPHER) -> *const c_char {
    refuse(c"(NONE)".as_ptr(), "SSL_CIPHER_get_name")
}

/// SSL_CIPHER_get_protocol_id(3): the two-byte id of the suite in the protocol.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_protocol_id(c: *const SSL_CIPHER) -> u16 {
    refuse(0, "SSL_CIPHER_get_protocol_id")
}

/// SSL_CIPHER_get_version(3): the lowest protocol version that defines the suite, as text.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_get_version(c: *const SSL_CIPHER) -> *const c_char {
    refuse(c"(NONE)".as_ptr(), "SSL_CIPHER_get_version")
}

/// SSL_CIPHER_is_aead(3): 1 when the suite's cipher authenticates the records itself.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_is_aead(c: *const SSL_CIPHER) -> c_int {
    refuse(0, "SSL_CIPHER_is_aead")
}

/// SSL_CIPHER_standard_name(3): the suite's name in the RFCs.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CIPHER_standard_name(c: *const SSL_CIPHER) -> *const c_char {
    refuse(c"(NONE)".as_ptr(), "SSL_CIPHER_standard_name")
}
