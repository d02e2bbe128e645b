//! The certificates a context or connection presents.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_char, c_int, c_uchar, c_void};
use std::ptr;

use openssl_sys::{ENGINE, EVP_PKEY, X509, stack_st_X509};

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX, SSL_client_cert_cb_fn, SSL_srp_verify_param_cb_fn};

/// SSL_CTX_use_certificate(3): adds or replaces the certificate of the type of `x`.
///
/// The context takes its own reference to `x`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_certificate(ctx: *mut SSL_CTX, x: *mut X509) -> c_int {
    refuse(0, "SSL_CTX_use_certificate")
}

/// SSL_CTX_use_certificate_ASN1(3): as SSL_CTX_use_certificate, from `len` bytes of DER.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_certificate_ASN1(
    ctx: *mut SSL_CTX,
    len: c_int,
    d: *const c_uchar,
) -> c_int {
    refuse(0, "SSL_CTX_use_certificate_ASN1")
}

/// SSL_CTX_use_certificate_file(3): as SSL_CTX_use_certificate, from the first certificate of a
/// PEM or DER file.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_certificate_file(
    ctx: *mut SSL_CTX,
    file: *const c_char,
    r#type: c_int,
) -> c_int {
    refuse(0, "SSL_CTX_use_certificate_file")
}

/// SSL_CTX_use_certificate_chain_file(3): reads a PEM file holding the leaf certificate and its
/// chain.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_certificate_chain_file(
    ctx: *mut SSL_CTX,
    file: *const c_char,
) -> c_int {
    refuse(0, "SSL_CTX_use_certificate_chain_file")
}

/// SSL_CTX_use_cert_and_key(3): sets certificate, private key and chain together; `override` 0
/// refuses to replace those present.
///
/// The context takes its own references.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_use_cert_and_key(
    ctx: *mut SSL_CTX,
    x509: *mut X509,
    privatekey: *mut EVP_PKEY,
    chain: *mut stack_st_X509,
    r#override: c_int,
) -> c_int {
    refuse(0, "SSL_CTX_use_cert_and_key")
}

/// SSL_use_certificate(3): adds or replaces the connection's certificate of the type of `x`.
///
/// The connection takes its own reference to `x`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_certificate(ssl: *mut SSL, x: *mut X509) -> c_int {
    refuse(0, "SSL_use_certificate")
}

/// SSL_use_certificate_ASN1(3): as SSL_use_certificate, from `len` bytes of DER.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_certificate_ASN1(
    ssl: *mut SSL,
    d: *const c_uchar,
    len: c_int,
) -> c_int {
    refuse(0, "SSL_use_certificate_ASN1")
}

/// SSL_use_certificate_file(3): as SSL_use_certificate, from the first certificate of a PEM or
/// DER file.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_certificate_file(
    ssl: *mut SSL,
    file: *const c_char,
    r#type: c_int,
) -> c_int {
    refuse(0, "SSL_use_certificate_file")
}

/// SSL_use_certificate_chain_file(3): reads a PEM file holding the connection's leaf certificate
/// and its chain.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_certificate_chain_file(
    ssl: *mut SSL,
    file: *const c_char,
) -> c_int {
    refuse(0, "SSL_use_certificate_chain_file")
}

/// SSL_use_cert_and_key(3): sets the connection's certificate, private key and chain together;
/// `override` 0 refuses to replace those present.
///
/// The connection takes its own references.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_use_cert_and_key(
    ssl: *mut SSL,
    x509: *mut X509,
    privatekey: *mut EVP_PKEY,
    chain: *mut stack_st_X509,
    r#override: c_int,
) -> c_int {
    refuse(0, "SSL_use_cert_and_key")
}

/// SSL_CTX_get0_certificate: the context's current certificate.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get0_certificate(ctx: *const SSL_CTX) -> *mut X509 {
    refuse(ptr::null_mut(), "SSL_CTX_get0_certificate")
}

/// SSL_get_certificate(3): the certificate the connection presents, or would.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_certificate(ssl: *const SSL) -> *mut X509 {
    refuse(ptr::null_mut(), "SSL_get_certificate")
}

/// SSL_certs_clear: removes all certificates, keys and chains from the connection.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_certs_clear(s: *mut SSL) {}

/// SSL_check_chain(3): the CERT_PKEY_* flags telling how far certificate, key and chain suit this
/// connection; 0 when unusable.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_check_chain(
    s: *mut SSL,
    x: *mut X509,
    pk: *mut EVP_PKEY,
    chain: *mut stack_st_X509,
) -> c_int {
    refuse(0, "SSL_check_chain")
}

/// SSL_CTX_set_cert_cb(3): sets the callback that may set certificates once the peer's wishes are
/// known.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_cert_cb(
    c: *mut SSL_CTX,
    cb: SSL_srp_verify_param_cb_fn,
    arg: *mut c_void,
) {
}

/// SSL_set_cert_cb(3): sets the connection's callback that may set certificates once the peer's
/// wishes are known.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_cert_cb(
    s: *mut SSL,
    cb: SSL_srp_verify_param_cb_fn,
    arg: *mut c_void,
) {
}

/// SSL_CTX_set_client_cert_cb(3): sets the callback that provides a client's certificate and key
/// when a server asks.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_client_cert_cb(
    ctx: *mut SSL_CTX,
    client_cert_cb: SSL_client_cert_cb_fn,
) {
}

/// SSL_CTX_get_client_cert_cb(3): the callback set by SSL_CTX_set_client_cert_cb.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_client_cert_cb(ctx: *mut SSL_CTX) -> SSL_client_cert_cb_fn {
    refuse(None, "SSL_CTX_get_client_cert_cb")
}

/// SSL_CTX_set_client_cert_engine: lets an ENGINE provide the client's certificate.
///
/// The context takes its own functional reference to `e`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_client_cert_engine(
    ctx: *mut SSL_CTX,
    e: *mut ENGINE,
) -> c_int {
    refuse(0, "SSL_CTX_set_client_cert_engine")
}
