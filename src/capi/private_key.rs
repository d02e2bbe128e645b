//! The private keys that belong to the certificates.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_char, c_int, c_long, c_uchar};
use std::ptr;

use openssl_sys::{EVP_PKEY, RSA};

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX};

/// SSL_CTX_use_PrivateKey(3): adds or replaces the private key of the type of `pkey`; a
/// certificate present must match.
///
/// The context takes its own reference to `pkey`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_PrivateKey(ctx: *mut SSL_CTX, pkey: *mut EVP_PKEY) -> c_int {
    refuse(0, "SSL_CTX_use_PrivateKey")
}

/// SSL_CTX_use_PrivateKey_ASN1(3): as SSL_CTX_use_PrivateKey, from `len` bytes of DER of key type
/// `pk`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_PrivateKey_ASN1(
    pk: c_int,
    ctx: *mut SSL_CTX,
    d: *const c_uchar,
    len: c_long,
) -> c_int {
    refuse(0, "SSL_CTX_use_PrivateKey_ASN1")
}

/// SSL_CTX_use_PrivateKey_file(3): as SSL_CTX_use_PrivateKey, from a PEM or DER file.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_PrivateKey_file(
    ctx: *mut SSL_CTX,
    file: *const c_char,
    r#type: c_int,
) -> c_int {
    refuse(0, "SSL_CTX_use_PrivateKey_file")
}

/// SSL_CTX_use_RSAPrivateKey(3): as SSL_CTX_use_PrivateKey, for an RSA object.
///
/// The context takes its own reference to `rsa`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_RSAPrivateKey(ctx: *mut SSL_CTX, rsa: *mut RSA) -> c_int {
    refuse(0, "SSL_CTX_use_RSAPrivateKey")
}

/// SSL_CTX_use_RSAPrivateKey_ASN1(3): as SSL_CTX_use_RSAPrivateKey, from `len` bytes of DER.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_RSAPrivateKey_ASN1(
    ctx: *mut SSL_CTX,
    d: *const c_uchar,
    len: c_long,
) -> c_int {
    refuse(0, "SSL_CTX_use_RSAPrivateKey_ASN1")
}

/// SSL_CTX_use_RSAPrivateKey_file(3): as SSL_CTX_use_RSAPrivateKey, from a PEM or DER file.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_RSAPrivateKey_file(
    ctx: *mut SSL_CTX,
    file: *const c_char,
    r#type: c_int,
) -> c_int {
    refuse(0, "SSL_CTX_use_RSAPrivateKey_file")
}

/// SSL_use_PrivateKey(3): adds or replaces the connection's private key of the type of `pkey`; a
/// certificate present must match.
///
/// The connection takes its own reference to `pkey`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_PrivateKey(ssl: *mut SSL, pkey: *mut EVP_PKEY) -> c_int {
    refuse(0, "SSL_use_PrivateKey")
}

/// SSL_use_PrivateKey_ASN1(3): as SSL_use_PrivateKey, from `len` bytes of DER of key type `pk`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_PrivateKey_ASN1(
    pk: c_int,
    ssl: *mut SSL,
    d: *const c_uchar,
    len: c_long,
) -> c_int {
    refuse(0, "SSL_use_PrivateKey_ASN1")
}

/// SSL_use_PrivateKey_file(3): as SSL_use_PrivateKey, from a PEM or DER file.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_PrivateKey_file(
    ssl: *mut SSL,
    file: *const c_char,
    r#type: c_int,
) -> c_int {
    refuse(0, "SSL_use_PrivateKey_file")
}

/// SSL_use_RSAPrivateKey(3): as SSL_use_PrivateKey, for an RSA object.
///
/// The connection takes its own reference to `rsa`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_RSAPrivateKey(ssl: *mut SSL, rsa: *mut RSA) -> c_int {
    refuse(0, "SSL_use_RSAPrivateKey")
}

/// SSL_use_RSAPrivateKey_ASN1(3): as SSL_use_RSAPrivateKey, from `len` bytes of DER.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_RSAPrivateKey_ASN1(
    ssl: *mut SSL,
    d: *const c_uchar,
    len: c_long,
) -> c_int {
    refuse(0, "SSL_use_RSAPrivateKey_ASN1")
}

/// SSL_use_RSAPrivateKey_file(3): as SSL_use_RSAPrivateKey, from a PEM or DER file.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_RSAPrivateKey_file(
    ssl: *mut SSL,
    file: *const c_char,
    r#type: c_int,
) -> c_int {
    refuse(0, "SSL_use_RSAPrivateKey_file")
}

/// SSL_CTX_check_private_key(3): whether the context's current key and certificate belong
/// together.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_check_private_key(ctx: *const SSL_CTX) -> c_int {
    refuse(0, "SSL_CTX_check_private_key")
}

/// SSL_check_private_key(3): whether the connection's current key and certificate belong
/// together.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_check_private_key(ctx: *const SSL) -> c_int {
    refuse(0, "SSL_check_private_key")
}

/// SSL_CTX_get0_privatekey: the private key of the context's current certificate.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get0_privatekey(ctx: *const SSL_CTX) -> *mut EVP_PKEY {
    refuse(ptr::null_mut(), "SSL_CTX_get0_privatekey")
}

/// SSL_get_privatekey(3): the private key of the certificate the connection presents, or would.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_privatekey(ssl: *const SSL) -> *mut EVP_PKEY {
    refuse(ptr::null_mut(), "SSL_get_privatekey")
}
