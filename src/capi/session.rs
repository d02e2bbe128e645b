//! SSL_SESSION: what a connection can be resumed from.

use crate::capi::deref;
use std::ffi::{c_char, c_int, c_long, c_uchar, c_uint, c_ulong, c_void};
use std::ptr;

use openssl_sys::X509;

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CIPHER, SSL_SESSION};

/// SSL_SESSION_new(3): makes an empty session.
///
/// The caller owns the reference and ends it with SSL_SESSION_free.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_new() -> *mut SSL_SESSION {
    refuse(ptr::null_mut(), "SSL_SESSION_new")
}

/// SSL_SESSION_dup(3): a copy of the session.
///
/// The caller owns the reference.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_dup(src: *const SSL_SESSION) -> *mut SSL_SESSION {
    refuse(ptr::null_mut(), "SSL_SESSION_dup")
}

/// SSL_SESSION_up_ref(3): adds a reference to the session.
///
/// The caller owns the new reference.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_up_ref(ses: *mut SSL_SESSION) -> c_int {
    refuse(0, "SSL_SESSION_up_ref")
}

/// SSL_SESSION_free(3): gives up one reference; the last one frees the session. NULL is ignored.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_free(ses: *mut SSL_SESSION) {}

/// SSL_SESSION_get0_cipher(3): the suite of the session.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_cipher(s: *const SSL_SESSION) -> *const SSL_CIPHER {
    refuse(ptr::null(), "SSL_SESSION_get0_cipher")
}

/// SSL_SESSION_set_cipher(3): sets the suite of the session.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set_cipher(
    s: *mut SSL_SESSION,
    cipher: *const SSL_CIPHER,
) -> c_int {
    refuse(0, "SSL_SESSION_set_cipher")
}

/// SSL_SESSION_get0_alpn_selected(3): the ALPN protocol of the session, NULL and 0 when there is
/// none.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_alpn_selected(
    s: *const SSL_SESSION,
    alpn: *mut *const c_uchar,
    len: *mut usize,
) {
    if !alpn.is_null() {
        // SAFETY: the caller passes NULL or a place to write to.
        unsafe { *alpn = ptr::null() };
    }
    if !len.is_null() {
        // SAFETY: the caller passes NULL or a place to write to.
        unsafe { *len = 0 };
    }
}

/// SSL_SESSION_set1_alpn_selected(3): sets the ALPN protocol of the session.
///
/// The bytes are copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set1_alpn_selected(
    s: *mut SSL_SESSION,
    alpn: *const c_uchar,
    len: usize,
) -> c_int {
    refuse(0, "SSL_SESSION_set1_alpn_selected")
}

/// SSL_SESSION_get0_hostname(3): the server name of the session.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_hostname(s: *const SSL_SESSION) -> *const c_char {
    refuse(ptr::null(), "SSL_SESSION_get0_hostname")
}

/// SSL_SESSION_set1_hostname(3): sets the server name of the session.
///
/// The name is copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set1_hostname(
    s: *mut SSL_SESSION,
    hostname: *const c_char,
) -> c_int {
    refuse(0, "SSL_SESSION_set1_hostname")
}

/// SSL_SESSION_get0_id_context(3): the session id context and its length.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_id_context(
    s: *const SSL_SESSION,
    len: *mut c_uint,
) -> *const c_uchar {
    if !len.is_null() {
        // SAFETY: the caller passes NULL or a place to write to.
        unsafe { *len = 0 };
    }
    refuse(ptr::null(), "SSL_SESSION_get0_id_context")
}

/// SSL_SESSION_set1_id_context(3): sets the session id context, 32 bytes at most.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set1_id_context(
    s: *mut SSL_SESSION,
    sid_ctx: *const c_uchar,
    sid_ctx_len: c_uint,
) -> c_int {
    refuse(0, "SSL_SESSION_set1_id_context")
}

/// SSL_SESSION_get0_peer(3): the peer's certificate in the session.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_peer(s: *mut SSL_SESSION) -> *mut X509 {
    refuse(ptr::null_mut(), "SSL_SESSION_get0_peer")
}

/// SSL_SESSION_get_compress_id(3): the compression method of the session; 0 means none.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_compress_id(s: *const SSL_SESSION) -> c_uint {
    refuse(0, "SSL_SESSION_get_compress_id")
}

/// SSL_SESSION_get_protocol_version(3): the protocol version of the session.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_protocol_version(s: *const SSL_SESSION) -> c_int {
    refuse(0, "SSL_SESSION_get_protocol_version")
}

/// SSL_SESSION_set_protocol_version(3): sets the protocol version of the session.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set_protocol_version(
    s: *mut SSL_SESSION,
    version: c_int,
) -> c_int {
    refuse(0, "SSL_SESSION_set_protocol_version")
}

/// SSL_SESSION_get_time(3): when the session was made, in seconds since the epoch.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_time(s: *const SSL_SESSION) -> c_long {
    refuse(0, "SSL_SESSION_get_time")
}

/// SSL_SESSION_set_time(3): sets when the session was made.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set_time(s: *mut SSL_SESSION, t: c_long) -> c_long {
    refuse(0, "SSL_SESSION_set_time")
}

/// SSL_SESSION_get_timeout(3): how long the session is good for, in seconds.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_timeout(s: *const SSL_SESSION) -> c_long {
    refuse(0, "SSL_SESSION_get_timeout")
}

/// SSL_SESSION_set_timeout(3): sets how long the session is good for.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set_timeout(s: *mut SSL_SESSION, t: c_long) -> c_long {
    refuse(0, "SSL_SESSION_set_timeout")
}

/// SSL_SESSION_has_ticket(3): 1 when the session came with a ticket.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_has_ticket(s: *const SSL_SESSION) -> c_int {
    refuse(0, "SSL_SESSION_has_ticket")
}

/// SSL_SESSION_get0_ticket(3): the ticket of the session, NULL and 0 when there is none.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_ticket(
    s: *const SSL_SESSION,
    tick: *mut *const c_uchar,
    len: *mut usize,
) {
    if !tick.is_null() {
        // SAFETY: the caller passes NULL or a place to write to.
        unsafe { *tick = ptr::null() };
    }
    if !len.is_null() {
        // SAFETY: the caller passes NULL or a place to write to.
        unsafe { *len = 0 };
    }
}

/// SSL_SESSION_get_ticket_lifetime_hint(3): the lifetime the server gave the ticket, in seconds.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_ticket_lifetime_hint(s: *const SSL_SESSION) -> c_ulong {
    refuse(0, "SSL_SESSION_get_ticket_lifetime_hint")
}

/// SSL_SESSION_is_resumable(3): 1 when a connection can be resumed from the session.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_is_resumable(s: *const SSL_SESSION) -> c_int {
    refuse(0, "SSL_SESSION_is_resumable")
}

/// SSL_SESSION_get_id(3): the session id and its length.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_id(
    s: *const SSL_SESSION,
    len: *mut c_uint,
) -> *const c_uchar {
    if !len.is_null() {
        // SAFETY: the caller passes NULL or a place to write to.
        unsafe { *len = 0 };
    }
    refuse(ptr::null(), "SSL_SESSION_get_id")
}

/// SSL_SESSION_set1_id(3): sets the session id, 32 bytes at most.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set1_id(
    s: *mut SSL_SESSION,
    sid: *const c_uchar,
    sid_len: c_uint,
) -> c_int {
    refuse(0, "SSL_SESSION_set1_id")
}

/// SSL_SESSION_get_master_key(3): copies the session's master secret; with `outlen` 0 the result
/// is its length.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_master_key(
    sess: *const SSL_SESSION,
    out: *mut c_uchar,
    outlen: usize,
) -> usize {
    refuse(0, "SSL_SESSION_get_master_key")
}

/// SSL_SESSION_set1_master_key(3): sets the session's master secret.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set1_master_key(
    sess: *mut SSL_SESSION,
    r#in: *const c_uchar,
    len: usize,
) -> c_int {
    refuse(0, "SSL_SESSION_set1_master_key")
}

/// SSL_SESSION_get_max_fragment_length(3): the maximum fragment length negotiated with the
/// session.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_max_fragment_length(sess: *const SSL_SESSION) -> u8 {
    refuse(0, "SSL_SESSION_get_max_fragment_length")
}

/// SSL_SESSION_get_max_early_data(3): how much early data may be sent with the session.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_max_early_data(s: *const SSL_SESSION) -> u32 {
    refuse(0, "SSL_SESSION_get_max_early_data")
}

/// SSL_SESSION_set_max_early_data(3): sets how much early data may be sent with the session.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set_max_early_data(
    s: *mut SSL_SESSION,
    max_early_data: u32,
) -> c_int {
    refuse(0, "SSL_SESSION_set_max_early_data")
}

/// SSL_SESSION_get0_ticket_appdata(3): the application data in the session's ticket.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_ticket_appdata(
    ss: *mut SSL_SESSION,
    data: *mut *mut c_void,
    len: *mut usize,
) -> c_int {
    refuse(0, "SSL_SESSION_get0_ticket_appdata")
}

/// SSL_SESSION_set1_ticket_appdata(3): sets the application data to be put into the session's
/// ticket.
///
/// The bytes are copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set1_ticket_appdata(
    ss: *mut SSL_SESSION,
    data: *const c_void,
    len: usize,
) -> c_int {
    refuse(0, "SSL_SESSION_set1_ticket_appdata")
}

/// SSL_get_session(3): the session of the connection.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_session(ssl: *const SSL) -> *mut SSL_SESSION {
    refuse(ptr::null_mut(), "SSL_get_session")
}

/// SSL_get1_session(3): the session of the connection.
///
/// The caller owns the reference.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get1_session(ssl: *mut SSL) -> *mut SSL_SESSION {
    refuse(ptr::null_mut(), "SSL_get1_session")
}

/// SSL_set_session(3): sets the session a client resumes.
///
/// The connection takes its own reference.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_session(to: *mut SSL, session: *mut SSL_SESSION) -> c_int {
    refuse(0, "SSL_set_session")
}

/// SSL_copy_session_id: copies session, method, certificates and session id context from one
/// connection to another.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_copy_session_id(to: *mut SSL, from: *const SSL) -> c_int {
    refuse(0, "SSL_copy_session_id")
}

/// SSL_session_reused(3): 1 when the connection was resumed from a session.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_session_reused(s: *const SSL) -> c_int {
    deref!(ssl s, 0).with_facts(|facts| c_int::from(facts.resumed))
}
