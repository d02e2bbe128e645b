//! Randoms and exported keying material.

use crate::capi::{bytes, bytes_mut, deref, status};
use std::ffi::{c_char, c_int, c_uchar};

use crate::capi::types::SSL;

/// Copies as much as fits; with no room, tells how much there is.
///
/// # Safety
/// `out` is NULL or writable for `room` bytes.
unsafe fn copy_out(from: &[u8], out: *mut c_uchar, room: usize) -> usize {
    if room == 0 {
        return from.len();
    }
    let n = from.len().min(room);
    // SAFETY: the caller's contract.
    unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), out, n) };
    n
}

/// SSL_export_keying_material(3): derives keying material from the connection's secrets (RFC
/// 5705). -1 before there is a session, 0 with an error queued before the handshake is done.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_export_keying_material(
    s: *mut SSL,
    out: *mut c_uchar,
    olen: usize,
    label: *const c_char,
    llen: usize,
    context: *const c_uchar,
    contextlen: usize,
    use_context: c_int,
) -> c_int {
    let ssl = deref!(ssl s, -1);
    // SAFETY: the program's buffers are valid for their lengths.
    let (label, context) = unsafe { (bytes(label.cast(), llen), bytes(context, contextlen)) };
    if out.is_null() {
        return -1;
    }
    // SAFETY: the program's buffer is writable for `olen` bytes.
    let out = unsafe { bytes_mut(out, olen) };
    match ssl.session_address().is_null() {
        true => -1,
        false => status(|| ssl.export(label, (use_context != 0).then_some(context), out)),
    }
}

/// SSL_export_keying_material_early(3): derives keying material from the early exporter secret of
/// TLS 1.3.
///
/// Fails before there is early data and without.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_export_keying_material_early(
    s: *mut SSL,
    out: *mut c_uchar,
    olen: usize,
    label: *const c_char,
    llen: usize,
    context: *const c_uchar,
    contextlen: usize,
) -> c_int {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program's buffers are readable for their lengths, `out` is writable.
    let (label, context, out) = unsafe {
        (
            bytes(label.cast(), llen),
            bytes(context, contextlen),
            bytes_mut(out, olen),
        )
    };
    status(|| ssl.export_early(label, context, out))
}

/// SSL_get_client_random(3): copies the client's random; with `outlen` 0 the result is its
/// length.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_client_random(
    ssl: *const SSL,
    out: *mut c_uchar,
    outlen: usize,
) -> usize {
    let ssl = deref!(ssl ssl, 0);
    // SAFETY: the program's buffer is writable for `outlen` bytes.
    unsafe { copy_out(&ssl.client_random(), out, outlen) }
}

/// SSL_get_server_random(3): copies the server's random; with `outlen` 0 the result is its
/// length.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_server_random(
    ssl: *const SSL,
    out: *mut c_uchar,
    outlen: usize,
) -> usize {
    let ssl = deref!(ssl ssl, 0);
    // SAFETY: the program's buffer is writable for `outlen` bytes.
    unsafe { copy_out(&ssl.server_random(), out, outlen) }
}
