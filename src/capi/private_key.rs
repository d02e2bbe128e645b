//! The private keys that belong to the certificates.

use crate::capi::types::{SSL, SSL_CTX};
use crate::capi::{bytes, deref, file_name, status};
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::evp::PrivateKey;
use crate::foreign::pem;
use openssl_sys::{EVP_PKEY, RSA};
use std::ffi::{c_char, c_int, c_long, c_uchar};

/// The program's key with a reference of our own.
///
/// # Safety
/// `pkey` is NULL or a live EVP_PKEY.
unsafe fn key(pkey: *mut EVP_PKEY) -> Result<PrivateKey> {
    // SAFETY: the caller's contract.
    unsafe { PrivateKey::from_ptr_ref(pkey) }
        .ok_or_else(|| Error::reason(Reason::PASSED_NULL_PARAMETER))
}

/// The key of the program's RSA object.
///
/// # Safety
/// `rsa` is NULL or a live RSA.
unsafe fn rsa_key(rsa: *mut RSA) -> Result<PrivateKey> {
    if rsa.is_null() {
        return Err(Error::reason(Reason::PASSED_NULL_PARAMETER));
    }
    // SAFETY: the caller's contract.
    unsafe { pem::key_of_rsa(rsa) }
}

/// SSL_CTX_use_PrivateKey(3): adds or replaces the private key of the type of `pkey`; a
/// certificate present must match.
///
/// The context takes its own reference to `pkey`.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_PrivateKey(ctx: *mut SSL_CTX, pkey: *mut EVP_PKEY) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program passes a live EVP_PKEY or NULL.
    status(|| ctx.edit(|s| s.certs.set_key(unsafe { key(pkey) }?)))
}

/// SSL_CTX_use_PrivateKey_ASN1(3): as SSL_CTX_use_PrivateKey, from `len` bytes of DER of key type
/// `pk`.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_PrivateKey_ASN1(
    pk: c_int,
    ctx: *mut SSL_CTX,
    d: *const c_uchar,
    len: c_long,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program's buffer is readable for `len` bytes.
    let der = unsafe { bytes(d, len) };
    status(|| {
        let key = pem::key_der(pk, der, &ctx.lib)?;
        ctx.edit(|s| s.certs.set_key(key))
    })
}

/// SSL_CTX_use_PrivateKey_file(3): as SSL_CTX_use_PrivateKey, from a PEM or DER file.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_PrivateKey_file(
    ctx: *mut SSL_CTX,
    file: *const c_char,
    r#type: c_int,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| {
        let password = ctx.with(|s| s.password);
        // SAFETY: the program passes a C string or NULL.
        let key = pem::key_file(unsafe { file_name(file) }?, r#type, &password, &ctx.lib)?;
        ctx.edit(|s| s.certs.set_key(key))
    })
}

/// SSL_CTX_use_RSAPrivateKey(3): as SSL_CTX_use_PrivateKey, for an RSA object.
///
/// The context takes its own reference to `rsa`.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_RSAPrivateKey(ctx: *mut SSL_CTX, rsa: *mut RSA) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program passes a live RSA or NULL.
    status(|| ctx.edit(|s| s.certs.set_key(unsafe { rsa_key(rsa) }?)))
}

/// SSL_CTX_use_RSAPrivateKey_ASN1(3): as SSL_CTX_use_RSAPrivateKey, from `len` bytes of DER.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_RSAPrivateKey_ASN1(
    ctx: *mut SSL_CTX,
    d: *const c_uchar,
    len: c_long,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program's buffer is readable for `len` bytes.
    let der = unsafe { bytes(d, len) };
    status(|| ctx.edit(|s| s.certs.set_key(pem::rsa_der(der)?)))
}

/// SSL_CTX_use_RSAPrivateKey_file(3): as SSL_CTX_use_RSAPrivateKey, from a PEM or DER file.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_RSAPrivateKey_file(
    ctx: *mut SSL_CTX,
    file: *const c_char,
    r#type: c_int,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| {
        let password = ctx.with(|s| s.password);
        // SAFETY: the program passes a C string or NULL.
        let key = pem::rsa_file(unsafe { file_name(file) }?, r#type, &password)?;
        ctx.edit(|s| s.certs.set_key(key))
    })
}

/// SSL_use_PrivateKey(3): adds or replaces the connection's private key of the type of `pkey`; a
/// certificate present must match.
///
/// The connection takes its own reference to `pkey`.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_PrivateKey(ssl: *mut SSL, pkey: *mut EVP_PKEY) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    // SAFETY: the program passes a live EVP_PKEY or NULL.
    status(|| ssl.edit(|s| s.certs.set_key(unsafe { key(pkey) }?)))
}

/// SSL_use_PrivateKey_ASN1(3): as SSL_use_PrivateKey, from `len` bytes of DER of key type `pk`.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_PrivateKey_ASN1(
    pk: c_int,
    ssl: *mut SSL,
    d: *const c_uchar,
    len: c_long,
) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    // SAFETY: the program's buffer is readable for `len` bytes.
    let der = unsafe { bytes(d, len) };
    status(|| {
        let key = pem::key_der(pk, der, &ssl.ctx().lib)?;
        ssl.edit(|s| s.certs.set_key(key))
    })
}

/// SSL_use_PrivateKey_file(3): as SSL_use_PrivateKey, from a PEM or DER file.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_PrivateKey_file(
    ssl: *mut SSL,
    file: *const c_char,
    r#type: c_int,
) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    status(|| {
        let password = ssl.with(|s| s.password);
        // SAFETY: the program passes a C string or NULL.
        let key = pem::key_file(
            unsafe { file_name(file) }?,
            r#type,
            &password,
            &ssl.ctx().lib,
        )?;
        ssl.edit(|s| s.certs.set_key(key))
    })
}

/// SSL_use_RSAPrivateKey(3): as SSL_use_PrivateKey, for an RSA object.
///
/// The connection takes its own reference to `rsa`.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_RSAPrivateKey(ssl: *mut SSL, rsa: *mut RSA) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    // SAFETY: the program passes a live RSA or NULL.
    status(|| ssl.edit(|s| s.certs.set_key(unsafe { rsa_key(rsa) }?)))
}

/// SSL_use_RSAPrivateKey_ASN1(3): as SSL_use_RSAPrivateKey, from `len` bytes of DER.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_RSAPrivateKey_ASN1(
    ssl: *mut SSL,
    d: *const c_uchar,
    len: c_long,
) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    // SAFETY: the program's buffer is readable for `len` bytes.
    let der = unsafe { bytes(d, len) };
    status(|| ssl.edit(|s| s.certs.set_key(pem::rsa_der(der)?)))
}

/// SSL_use_RSAPrivateKey_file(3): as SSL_use_RSAPrivateKey, from a PEM or DER file.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_RSAPrivateKey_file(
    ssl: *mut SSL,
    file: *const c_char,
    r#type: c_int,
) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    status(|| {
        let password = ssl.with(|s| s.password);
        // SAFETY: the program passes a C string or NULL.
        let key = pem::rsa_file(unsafe { file_name(file) }?, r#type, &password)?;
        ssl.edit(|s| s.certs.set_key(key))
    })
}

/// SSL_CTX_check_private_key(3): whether the context's current key and certificate belong
/// together.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_check_private_key(ctx: *const SSL_CTX) -> c_int {
    let none = || status(|| Err(Error::reason(Reason::NO_CERTIFICATE_ASSIGNED)));
    let ctx = deref!(ctx ctx, none());
    status(|| ctx.with(|s| s.certs.check_key()))
}

/// SSL_check_private_key(3): whether the connection's current key and certificate belong
/// together.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_check_private_key(ctx: *const SSL) -> c_int {
    let null = || status(|| Err(Error::reason(Reason::PASSED_NULL_PARAMETER)));
    let ssl = deref!(ssl ctx, null());
    status(|| ssl.with(|s| s.certs.check_key()))
}

/// SSL_CTX_get0_privatekey: the private key of the context's current certificate.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get0_privatekey(ctx: *const SSL_CTX) -> *mut EVP_PKEY {
    deref!(ctx ctx, std::ptr::null_mut()).with(|s| s.certs.current().key_ptr())
}

/// SSL_get_privatekey(3): the private key of the certificate the connection presents, or would.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_privatekey(ssl: *const SSL) -> *mut EVP_PKEY {
    deref!(ssl ssl, std::ptr::null_mut()).with(|s| s.certs.current().key_ptr())
}
