//! DANE: certificates vouched for by TLSA records.

use crate::capi::deref;
use std::ffi::{c_char, c_int, c_uchar, c_ulong};
use std::ptr;

use openssl_sys::{EVP_MD, EVP_PKEY, X509};

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX, SSL_DANE};

/// SSL_CTX_dane_enable(3): allows DANE on the context's connections.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_dane_enable(ctx: *mut SSL_CTX) -> c_int {
    refuse(0, "SSL_CTX_dane_enable")
}

/// SSL_CTX_dane_mtype_set(3): sets the digest of a matching type and its rank; NULL disables the
/// type.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_dane_mtype_set(
    ctx: *mut SSL_CTX,
    md: *const EVP_MD,
    mtype: u8,
    ord: u8,
) -> c_int {
    refuse(0, "SSL_CTX_dane_mtype_set")
}

/// SSL_CTX_dane_set_flags(3): adds DANE_FLAG_* flags; the result is what was set before.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_dane_set_flags(ctx: *mut SSL_CTX, flags: c_ulong) -> c_ulong {
    deref!(ctx ctx, 0).edit(|s| {
        let old = s.dane_flags;
        s.dane_flags |= flags;
        old
    })
}

/// SSL_CTX_dane_clear_flags(3): removes DANE_FLAG_* flags; the result is what was set before.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_dane_clear_flags(ctx: *mut SSL_CTX, flags: c_ulong) -> c_ulong {
    deref!(ctx ctx, 0).edit(|s| {
        let old = s.dane_flags;
        s.dane_flags &= !flags;
        old
    })
}

/// SSL_dane_enable(3): turns DANE on for a client's connection to `basedomain`.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_dane_enable(s: *mut SSL, basedomain: *const c_char) -> c_int {
    refuse(0, "SSL_dane_enable")
}

/// SSL_dane_tlsa_add(3): adds a TLSA record: 0 when it is unusable, negative on error.
///
/// The bytes are copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_dane_tlsa_add(
    s: *mut SSL,
    usage: u8,
    selector: u8,
    mtype: u8,
    data: *const c_uchar,
    dlen: usize,
) -> c_int {
    refuse(-1, "SSL_dane_tlsa_add")
}

/// SSL_dane_set_flags(3): adds DANE_FLAG_* flags; the result is what was set before.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_dane_set_flags(ssl: *mut SSL, flags: c_ulong) -> c_ulong {
    deref!(ssl ssl, 0).edit(|s| {
        let old = s.dane_flags;
        s.dane_flags |= flags;
        old
    })
}

/// SSL_dane_clear_flags(3): removes DANE_FLAG_* flags; the result is what was set before.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_dane_clear_flags(ssl: *mut SSL, flags: c_ulong) -> c_ulong {
    deref!(ssl ssl, 0).edit(|s| {
        let old = s.dane_flags;
        s.dane_flags &= !flags;
        old
    })
}

/// SSL_get0_dane: the connection's DANE state.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_dane(ssl: *mut SSL) -> *mut SSL_DANE {
    refuse(ptr::null_mut(), "SSL_get0_dane")
}

/// SSL_get0_dane_authority(3): the depth at which a TLSA record matched, with the certificate or
/// key it matched; -1 where DANE is not on, which is always.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_dane_authority(
    s: *mut SSL,
    mcert: *mut *mut X509,
    mspki: *mut *mut EVP_PKEY,
) -> c_int {
    -1
}

/// SSL_get0_dane_tlsa(3): the depth at which a TLSA record matched, with the fields of the
/// record; -1 where DANE is not on, which is always.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_dane_tlsa(
    s: *mut SSL,
    usage: *mut u8,
    selector: *mut u8,
    mtype: *mut u8,
    data: *mut *const c_uchar,
    dlen: *mut usize,
) -> c_int {
    -1
}
