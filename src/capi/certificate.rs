//! The certificates a context or connection presents.

use crate::capi::types::{SSL, SSL_CTX, SSL_client_cert_cb_fn, SSL_srp_verify_param_cb_fn};
use crate::capi::{bytes, deref, file_name, status};
use crate::foreign::callback::Callback;
use crate::foreign::engine::Engine;
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::evp::PrivateKey;
use crate::foreign::pem;
use crate::foreign::stack::CertStack;
use crate::foreign::x509::Cert;
use openssl_sys::{ENGINE, EVP_PKEY, X509, stack_st_X509};
use std::ffi::{c_char, c_int, c_uchar, c_void};

/// The program's certificate with a reference of our own.
///
/// # Safety
/// `x` is NULL or a live X509.
unsafe fn cert(x: *mut X509) -> Result<Cert> {
    // SAFETY: the caller's contract.
    unsafe { Cert::from_ptr_ref(x) }.ok_or_else(|| Error::reason(Reason::PASSED_NULL_PARAMETER))
}

/// SSL_CTX_use_cert_and_key's arguments.
///
/// # Safety
/// Each pointer is NULL or a live object.
unsafe fn cert_and_key(
    x509: *mut X509,
    key: *mut EVP_PKEY,
    chain: *mut stack_st_X509,
) -> Result<(Cert, Option<PrivateKey>, Option<std::sync::Arc<CertStack>>)> {
    // SAFETY: the caller's contract; everything gets a reference of our own.
    unsafe {
        let chain = CertStack::from_ptr_ref(chain).map(std::sync::Arc::new);
        // OpenSSL judges the key's strength before it sees that there is none.
        let cert = Cert::from_ptr_ref(x509).ok_or(Error::reason(Reason::EE_KEY_TOO_SMALL))?;
        Ok((cert, PrivateKey::from_ptr_ref(key), chain))
    }
}

/// SSL_CTX_use_certificate(3): adds or replaces the certificate of the type of `x`.
///
/// The context takes its own reference to `x`.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_certificate(ctx: *mut SSL_CTX, x: *mut X509) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| {
        // SAFETY: the program passes a live X509 or NULL.
        let cert = unsafe { cert(x) }?;
        ctx.policy().leaf(&cert)?;
        ctx.edit(|s| s.certs.set_cert(cert))
    })
}

/// SSL_CTX_use_certificate_ASN1(3): as SSL_CTX_use_certificate, from `len` bytes of DER.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_certificate_ASN1(
    ctx: *mut SSL_CTX,
    len: c_int,
    d: *const c_uchar,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program's buffer is readable for `len` bytes.
    let der = unsafe { bytes(d, len) };
    status(|| {
        let cert = pem::cert_der(der, &ctx.lib)?;
        ctx.policy().leaf(&cert)?;
        ctx.edit(|s| s.certs.set_cert(cert))
    })
}

/// SSL_CTX_use_certificate_file(3): as SSL_CTX_use_certificate, from the first certificate of a
/// PEM or DER file.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_certificate_file(
    ctx: *mut SSL_CTX,
    file: *const c_char,
    r#type: c_int,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| {
        let password = ctx.with(|s| s.password);
        // SAFETY: the program passes a C string or NULL.
        let cert = pem::cert_file(unsafe { file_name(file) }?, r#type, &password, &ctx.lib)?;
        ctx.policy().leaf(&cert)?;
        ctx.edit(|s| s.certs.set_cert(cert))
    })
}

/// SSL_CTX_use_certificate_chain_file(3): reads a PEM file holding the leaf certificate and its
/// chain.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_certificate_chain_file(
    ctx: *mut SSL_CTX,
    file: *const c_char,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| {
        let password = ctx.with(|s| s.password);
        // SAFETY: the program passes a C string or NULL.
        let (leaf, file) = pem::chain_file(unsafe { file_name(file) }?, &password, &ctx.lib)?;
        ctx.policy().leaf(&leaf)?;
        ctx.edit(|s| s.certs.set_cert(leaf))?;
        let (mut rest, read) = file.rest();
        let permitted = ctx.policy().keep_authorities(&mut rest);
        ctx.edit(|s| s.certs.set_chain(rest))?;
        permitted.and(read)
    })
}

/// SSL_CTX_use_cert_and_key(3): sets certificate, private key and chain together; `override` 0
/// refuses to replace those present.
///
/// The context takes its own references.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_cert_and_key(
    ctx: *mut SSL_CTX,
    x509: *mut X509,
    privatekey: *mut EVP_PKEY,
    chain: *mut stack_st_X509,
    r#override: c_int,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| {
        // SAFETY: the program passes live objects or NULLs.
        let (cert, key, chain) = unsafe { cert_and_key(x509, privatekey, chain) }?;
        let policy = ctx.policy();
        policy.leaf(&cert)?;
        policy.authorities(chain.as_deref())?;
        ctx.edit(|s| s.certs.set_both(cert, key, chain, r#override != 0))
    })
}

/// SSL_use_certificate(3): adds or replaces the connection's certificate of the type of `x`.
///
/// The connection takes its own reference to `x`.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_certificate(ssl: *mut SSL, x: *mut X509) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    status(|| {
        // SAFETY: the program passes a live X509 or NULL.
        let cert = unsafe { cert(x) }?;
        ssl.policy().leaf(&cert)?;
        ssl.edit(|s| s.certs.set_cert(cert))
    })
}

/// SSL_use_certificate_ASN1(3): as SSL_use_certificate, from `len` bytes of DER.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_certificate_ASN1(
    ssl: *mut SSL,
    d: *const c_uchar,
    len: c_int,
) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    // SAFETY: the program's buffer is readable for `len` bytes.
    let der = unsafe { bytes(d, len) };
    status(|| {
        let cert = pem::cert_der(der, &ssl.ctx().lib)?;
        ssl.policy().leaf(&cert)?;
        ssl.edit(|s| s.certs.set_cert(cert))
    })
}

/// SSL_use_certificate_file(3): as SSL_use_certificate, from the first certificate of a PEM or
/// DER file.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_certificate_file(
    ssl: *mut SSL,
    file: *const c_char,
    r#type: c_int,
) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    status(|| {
        let password = ssl.with(|s| s.password);
        // SAFETY: the program passes a C string or NULL.
        let cert = pem::cert_file(
            unsafe { file_name(file) }?,
            r#type,
            &password,
            &ssl.ctx().lib,
        )?;
        ssl.policy().leaf(&cert)?;
        ssl.edit(|s| s.certs.set_cert(cert))
    })
}

/// SSL_use_certificate_chain_file(3): reads a PEM file holding the connection's leaf certificate
/// and its chain.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_certificate_chain_file(
    ssl: *mut SSL,
    file: *const c_char,
) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    status(|| {
        let password = ssl.with(|s| s.password);
        // SAFETY: the program passes a C string or NULL.
        let (leaf, file) = pem::chain_file(unsafe { file_name(file) }?, &password, &ssl.ctx().lib)?;
        ssl.policy().leaf(&leaf)?;
        ssl.edit(|s| s.certs.set_cert(leaf))?;
        let (mut rest, read) = file.rest();
        let permitted = ssl.policy().keep_authorities(&mut rest);
        ssl.edit(|s| s.certs.set_chain(rest))?;
        permitted.and(read)
    })
}

/// SSL_use_cert_and_key(3): sets the connection's certificate, private key and chain together;
/// `override` 0 refuses to replace those present.
///
/// The connection takes its own references.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_cert_and_key(
    ssl: *mut SSL,
    x509: *mut X509,
    privatekey: *mut EVP_PKEY,
    chain: *mut stack_st_X509,
    r#override: c_int,
) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    status(|| {
        // SAFETY: the program passes live objects or NULLs.
        let (cert, key, chain) = unsafe { cert_and_key(x509, privatekey, chain) }?;
        let policy = ssl.policy();
        policy.leaf(&cert)?;
        policy.authorities(chain.as_deref())?;
        ssl.edit(|s| s.certs.set_both(cert, key, chain, r#override != 0))
    })
}

/// SSL_CTX_get0_certificate: the context's current certificate.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get0_certificate(ctx: *const SSL_CTX) -> *mut X509 {
    deref!(ctx ctx, std::ptr::null_mut()).with(|s| s.certs.current().cert_ptr())
}

/// SSL_get_certificate(3): the certificate the connection presents, or would.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_certificate(ssl: *const SSL) -> *mut X509 {
    deref!(ssl ssl, std::ptr::null_mut()).with(|s| s.certs.current().cert_ptr())
}

/// SSL_certs_clear: removes all certificates, keys and chains from the connection.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_certs_clear(s: *mut SSL) {
    deref!(ssl s, ()).edit(|s| s.certs.clear());
}

/// SSL_check_chain(3): the CERT_PKEY_* flags telling how far certificate, key and chain suit this
/// connection; 0 when unusable.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_check_chain(
    s: *mut SSL,
    x: *mut X509,
    pk: *mut EVP_PKEY,
    chain: *mut stack_st_X509,
) -> c_int {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program passes objects it holds, or NULL.
    let given = unsafe {
        let chain = CertStack::from_ptr_ref(chain);
        (Cert::from_ptr_ref(x), PrivateKey::from_ptr_ref(pk), chain)
    };
    match given {
        (Some(cert), Some(key), chain) => ssl.check_chain(&cert, &key, chain.as_ref()),
        _ => 0,
    }
}

/// SSL_CTX_set_cert_cb(3): sets the callback that may set certificates once the peer's wishes are
/// known.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_cert_cb(
    c: *mut SSL_CTX,
    cb: SSL_srp_verify_param_cb_fn,
    arg: *mut c_void,
) {
    deref!(ctx c, ()).edit(|s| s.cert_cb = Callback::new(cb, arg));
}

/// SSL_set_cert_cb(3): sets the connection's callback that may set certificates once the peer's
/// wishes are known.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_cert_cb(
    s: *mut SSL,
    cb: SSL_srp_verify_param_cb_fn,
    arg: *mut c_void,
) {
    deref!(ssl s, ()).edit(|s| s.cert_cb = Callback::new(cb, arg));
}

/// SSL_CTX_set_client_cert_cb(3): sets the callback that provides a client's certificate and key
/// when a server asks.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_client_cert_cb(
    ctx: *mut SSL_CTX,
    client_cert_cb: SSL_client_cert_cb_fn,
) {
    deref!(ctx ctx, ())
        .edit_hooks(|h| h.client_cert = Callback::new(client_cert_cb, std::ptr::null_mut()));
}

/// SSL_CTX_get_client_cert_cb(3): the callback set by SSL_CTX_set_client_cert_cb.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_client_cert_cb(ctx: *mut SSL_CTX) -> SSL_client_cert_cb_fn {
    deref!(ctx ctx, None).with_hooks(|h| h.client_cert.map(|c| c.function()))
}

/// SSL_CTX_set_client_cert_engine: lets an ENGINE provide the client's certificate.
///
/// The context takes its own functional reference to `e`.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_client_cert_engine(
    ctx: *mut SSL_CTX,
    e: *mut ENGINE,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| {
        // SAFETY: the program passes an ENGINE it holds, or NULL.
        let engine = unsafe { Engine::with_client_certs(e) }?;
        let old = ctx.edit_hooks(|h| h.client_cert_engine.replace(engine));
        drop(old);
        Ok(())
    })
}
