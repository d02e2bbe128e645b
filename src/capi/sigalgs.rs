//! Signature algorithms.

use crate::capi::deref;
use crate::capi::types::SSL;
use crate::model::sigalgs::{Available, SigAlg};
use std::ffi::{c_int, c_uchar};

/// Fills the out parameters for the algorithm at `idx` of `codes`, of which some are `known`; returns how many
/// there are.
///
/// # Safety
/// Each pointer is NULL or writable.
#[expect(clippy::too_many_arguments)]
unsafe fn describe(
    codes: &[u16],
    known: Available,
    idx: c_int,
    psign: *mut c_int,
    phash: *mut c_int,
    psignandhash: *mut c_int,
    rsig: *mut c_uchar,
    rhash: *mut c_uchar,
) -> c_int {
    let Ok(index) = usize::try_from(idx) else {
        return codes.len() as c_int;
    };
    let Some(&code) = codes.get(index) else {
        return 0;
    };
    let alg = SigAlg::by_code(code).filter(|_| known.has(code));
    // SAFETY: the caller's contract.
    unsafe {
        if !rhash.is_null() {
            *rhash = (code >> 8) as u8;
        }
        if !rsig.is_null() {
            *rsig = code as u8;
        }
        if !psign.is_null() {
            *psign = alg.map_or(0, |a| a.sig_nid);
        }
        if !phash.is_null() {
            *phash = alg.map_or(0, |a| a.hash_nid);
        }
        if !psignandhash.is_null() {
            *psignandhash = alg.map_or(0, |a| {
                crate::foreign::sig_and_hash_nid(a.hash_nid, a.sig_nid)
            });
        }
    }
    codes.len() as c_int
}

/// SSL_get_sigalgs(3): the peer's signature algorithm at `idx`; the result is their number.
///
/// Status: full.
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
    let ssl = deref!(ssl s, 0);
    let (codes, known) = (ssl.peer_sigalgs(), ssl.with(|s| s.available));
    // SAFETY: the program passes writable pointers or NULLs.
    unsafe { describe(&codes, known, idx, psign, phash, psignandhash, rsig, rhash) }
}

/// SSL_get_shared_sigalgs(3): the signature algorithm at `idx` of those both sides have; the
/// result is their number.
///
/// Status: full.
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
    let ssl = deref!(ssl s, 0);
    let (codes, known) = (ssl.shared_sigalgs(), ssl.with(|s| s.available));
    // Another index than one of theirs is answered by 0, unlike by SSL_get_sigalgs.
    if !usize::try_from(idx).is_ok_and(|idx| idx < codes.len()) {
        return 0;
    }
    // SAFETY: the program passes writable pointers or NULLs.
    unsafe { describe(&codes, known, idx, psign, phash, psignandhash, rsig, rhash) }
}

/// SSL_get_peer_signature_type_nid(3): the NID of the type of signature the peer used.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_peer_signature_type_nid(s: *const SSL, pnid: *mut c_int) -> c_int {
    match deref!(ssl s, 0)
        .with_facts(|f| f.peer_scheme)
        .and_then(SigAlg::by_code)
    {
        Some(alg) => {
            // SAFETY: the program passes a writable int.
            unsafe { *pnid = alg.sig_nid };
            1
        }
        None => 0,
    }
}

/// SSL_get_signature_type_nid(3): the NID of the type of signature this side used.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_signature_type_nid(s: *const SSL, pnid: *mut c_int) -> c_int {
    match deref!(ssl s, 0)
        .with_facts(|f| f.own_scheme)
        .and_then(SigAlg::by_code)
    {
        Some(alg) => {
            // SAFETY: the program passes a writable int.
            unsafe { *pnid = alg.sig_nid };
            1
        }
        None => 0,
    }
}
