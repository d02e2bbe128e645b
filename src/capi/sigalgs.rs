//! Signature algorithms.

use std::ffi::{c_int, c_uchar};

use crate::capi::refuse;
use crate::capi::types::SSL;

/// SSL_get_sigalgs(3): the peer's signature algorithm at `idx`; the result is their number.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_sigalgs(
    s: *mut SSL,
    idx: c_int,
    psign: *mut c_int,
    phash: *mut c_int,
    psignandhash: *mut c_int,
    rsig: *mut c_uchar,
    rhash: *mut c_uchar,
) -> c_int {
    refuse(0, "SSL_get_sigalgs")
}

/// SSL_get_shared_sigalgs(3): the signature algorithm at `idx` of those both sides have; the
/// result is their number.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_shared_sigalgs(
    s: *mut SSL,
    idx: c_int,
    psign: *mut c_int,
    phash: *mut c_int,
    psignandhash: *mut c_int,
    rsig: *mut c_uchar,
    rhash: *mut c_uchar,
) -> c_int {
    refuse(0, "SSL_get_shared_sigalgs")
}

/// SSL_get_peer_signature_type_nid(3): the NID of the type of signature the peer used.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_peer_signature_type_nid(s: *const SSL, pnid: *mut c_int) -> c_int {
    refuse(0, "SSL_get_peer_signature_type_nid")
}

/// SSL_get_signature_type_nid(3): the NID of the type of signature this side used.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_signature_type_nid(s: *const SSL, pnid: *mut c_int) -> c_int {
    refuse(0, "SSL_get_signature_type_nid")
}
