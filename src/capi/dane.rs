//! DANE: certificates vouched for by TLSA records.

use crate::capi::deref;
use std::ffi::{c_char, c_int, c_uchar, c_ulong};
use std::ptr;

use openssl_sys::{EVP_MD, EVP_PKEY, X509};

use crate::capi::types::{SSL, SSL_CTX, SSL_DANE};
use crate::capi::{bytes, call, status, string};
use crate::foreign::dane::{MatchingTypes, Tlsa, Unusable};
use crate::model::ssl::dane::NotEnabled;

/// SSL_CTX_dane_enable(3): allows DANE on the context's connections.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_dane_enable(ctx: *mut SSL_CTX) -> c_int {
    deref!(ctx ctx, 0).edit_dane_types(MatchingTypes::enable);
    1
}

/// SSL_CTX_dane_mtype_set(3): sets the digest of a matching type and its rank; NULL disables the
/// type.
///
/// The context keeps the pointer: `md` has to live as long as it.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_dane_mtype_set(
    ctx: *mut SSL_CTX,
    md: *const EVP_MD,
    mtype: u8,
    ord: u8,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    status(|| ctx.edit_dane_types(|types| types.set(md, mtype, ord)))
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
/// The name is copied. The result is 0 where DANE is not to be had, -1 for a bad name.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_dane_enable(s: *mut SSL, basedomain: *const c_char) -> c_int {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program passes a C string or NULL.
    let domain = unsafe { string(basedomain) };
    match ssl.enable_dane(domain.map(Into::into)) {
        Ok(()) => 1,
        Err(NotEnabled::Refused(err)) => call(0, || Err(err)),
        Err(NotEnabled::Failed(err)) => call(-1, || Err(err)),
    }
}

/// SSL_dane_tlsa_add(3): adds a TLSA record: 0 when it is unusable, negative on error.
///
/// The bytes are copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_dane_tlsa_add(
    s: *mut SSL,
    usage: u8,
    selector: u8,
    mtype: u8,
    data: *const c_uchar,
    dlen: usize,
) -> c_int {
    let ssl = deref!(ssl s, -1);
    let usable = !data.is_null() && c_int::try_from(dlen).is_ok();
    let tlsa = Tlsa {
        usage,
        selector,
        mtype,
        // SAFETY: the program's buffer is readable for `dlen` bytes.
        data: usable.then(|| unsafe { bytes(data, dlen) }),
        len: dlen,
    };
    match ssl.add_tlsa(tlsa) {
        Ok(()) => 1,
        Err(Unusable::Record(err)) => call(0, || Err(err)),
        Err(Unusable::Call(err)) => call(-1, || Err(err)),
    }
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
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_dane(ssl: *mut SSL) -> *mut SSL_DANE {
    deref!(ssl ssl, ptr::null_mut()).dane_ptr()
}

/// Stores `value` where the program wants it.
///
/// # Safety
/// `to` is NULL or writable.
unsafe fn put<T>(to: *mut T, value: T) {
    if !to.is_null() {
        // SAFETY: the caller's contract.
        unsafe { to.write(value) }
    }
}

/// SSL_get0_dane_authority(3): the depth at which a TLSA record matched, with the certificate or
/// key it matched; -1 where no record vouched for the peer.
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
    let Some(found) = deref!(ssl s, -1).dane_match() else {
        return -1;
    };
    if found.record.is_some() {
        // SAFETY: the program passes places for the results or NULLs.
        unsafe {
            put(mcert, found.cert);
            put(mspki, found.key);
        }
    }
    found.depth
}

/// SSL_get0_dane_tlsa(3): the depth at which a TLSA record matched, with the fields of the
/// record; -1 where no record vouched for the peer.
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
    let Some(found) = deref!(ssl s, -1).dane_match() else {
        return -1;
    };
    if let Some(record) = found.record {
        // SAFETY: the program passes places for the results or NULLs.
        unsafe {
            put(usage, record.0);
            put(selector, record.1);
            put(mtype, record.2);
            put(data, record.3);
            put(dlen, record.4);
        }
    }
    found.depth
}
