//! What the peer has shown: its certificate and chain.

use crate::capi::deref;
use crate::foreign::x509::Cert;
use std::ptr;

use openssl_sys::{X509, stack_st_X509};

use crate::capi::types::SSL;

/// SSL_get0_peer_certificate(3): the peer's certificate, NULL when it sent none.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_peer_certificate(s: *const SSL) -> *mut X509 {
    let cert = deref!(ssl s, ptr::null_mut()).peer_certificate();
    cert.map_or(ptr::null_mut(), |cert| cert.as_ptr())
}

/// SSL_get1_peer_certificate(3): the peer's certificate, NULL when it sent none.
///
/// The caller owns the reference and frees it with X509_free.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get1_peer_certificate(s: *const SSL) -> *mut X509 {
    let cert = deref!(ssl s, ptr::null_mut()).peer_certificate();
    cert.map_or(ptr::null_mut(), Cert::into_ptr)
}

/// SSL_get_peer_cert_chain(3): the chain as the peer sent it; on a server without the peer's own
/// certificate.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_peer_cert_chain(s: *const SSL) -> *mut stack_st_X509 {
    let chain = deref!(ssl s, ptr::null_mut()).peer_chain();
    chain.map_or(ptr::null_mut(), |chain| chain.as_ptr())
}

/// SSL_get0_verified_chain(3): the chain that verification built, up to the trust anchor.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_verified_chain(s: *const SSL) -> *mut stack_st_X509 {
    deref!(ssl s, ptr::null_mut())
        .with_peer(|p| p.verified.as_ref().map_or(ptr::null_mut(), |c| c.as_ptr()))
}
