//! SSL_SESSION: what a connection can be resumed from.

use crate::capi::{bytes, call, cipher, deref, status, string};
use crate::foreign::handle;
use crate::foreign::{long, of_long};
use crate::model::session::{Peer, Session};
use std::ffi::{c_char, c_int, c_long, c_uchar, c_uint, c_ulong, c_void};
use std::ptr;

use openssl_sys::X509;

use crate::capi::types::{SSL, SSL_CIPHER, SSL_SESSION};

/// The session behind a handle; `None` for NULL.
///
/// # Safety
/// `session` is NULL or a session that the caller holds for all of `'a`.
pub(crate) unsafe fn session<'a>(session: *const SSL_SESSION) -> Option<&'a Session> {
    // SAFETY: the caller's contract; a handle is the object's address.
    unsafe { handle::borrow(session.cast::<Session>()) }
}

/// Writes `value` where C asks for it, unless that is NULL.
///
/// # Safety
/// `place` is NULL or writable.
unsafe fn give<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: the caller's contract.
        unsafe { *place = value };
    }
}

/// SSL_SESSION_new(3): makes an empty session.
///
/// The caller owns the reference and ends it with SSL_SESSION_free.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_new() -> *mut SSL_SESSION {
    call(ptr::null_mut(), || {
        crate::foreign::err::load_strings();
        Session::new().map(|session| handle::into_raw(session).cast())
    })
}

/// SSL_SESSION_dup(3): a copy of the session.
///
/// The caller owns the reference.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_dup(src: *const SSL_SESSION) -> *mut SSL_SESSION {
    let src = deref!(session src, ptr::null_mut());
    call(ptr::null_mut(), || {
        src.dup().map(|copy| handle::into_raw(copy).cast())
    })
}

/// SSL_SESSION_up_ref(3): adds a reference to the session.
///
/// The caller owns the new reference.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_up_ref(ses: *mut SSL_SESSION) -> c_int {
    if ses.is_null() {
        return 0;
    }
    // SAFETY: the program passes a handle it holds, or was lent.
    unsafe { handle::up_ref(ses.cast::<Session>()) };
    1
}

/// SSL_SESSION_free(3): gives up one reference; the last one frees the session. NULL is ignored.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_free(ses: *mut SSL_SESSION) {
    if !ses.is_null() {
        // SAFETY: the program gives up a reference it owns.
        unsafe { handle::free(ses.cast::<Session>()) };
    }
}

/// SSL_SESSION_get0_cipher(3): the suite of the session.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_cipher(s: *const SSL_SESSION) -> *const SSL_CIPHER {
    cipher::as_ptr(deref!(session s, ptr::null()).cipher())
}

/// SSL_SESSION_set_cipher(3): sets the suite of the session.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set_cipher(
    s: *mut SSL_SESSION,
    cipher: *const SSL_CIPHER,
) -> c_int {
    // SAFETY: the program passes a suite of this library, or NULL.
    deref!(session s, 0).set_cipher(unsafe { cipher::suite(cipher) });
    1
}

/// SSL_SESSION_get0_alpn_selected(3): the ALPN protocol of the session, NULL and 0 when there is
/// none.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_alpn_selected(
    s: *const SSL_SESSION,
    alpn: *mut *const c_uchar,
    len: *mut usize,
) {
    // SAFETY: the program passes a session it holds and places to write to, or NULLs.
    unsafe {
        let (bytes, count) = session(s).map_or((ptr::null(), 0), Session::alpn);
        give(alpn, bytes);
        give(len, count);
    }
}

/// SSL_SESSION_set1_alpn_selected(3): sets the ALPN protocol of the session.
///
/// The bytes are copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set1_alpn_selected(
    s: *mut SSL_SESSION,
    alpn: *const c_uchar,
    len: usize,
) -> c_int {
    // SAFETY: the program passes `len` readable bytes, or NULL.
    deref!(session s, 0).set_alpn(unsafe { bytes(alpn, len) });
    1
}

/// SSL_SESSION_get0_hostname(3): the server name of the session.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_hostname(s: *const SSL_SESSION) -> *const c_char {
    deref!(session s, ptr::null()).hostname()
}

/// SSL_SESSION_set1_hostname(3): sets the server name of the session.
///
/// The name is copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set1_hostname(
    s: *mut SSL_SESSION,
    hostname: *const c_char,
) -> c_int {
    // SAFETY: the program passes a C string or NULL.
    deref!(session s, 0).set_hostname(unsafe { string(hostname) });
    1
}

/// SSL_SESSION_get0_id_context(3): the session id context and its length.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_id_context(
    s: *const SSL_SESSION,
    len: *mut c_uint,
) -> *const c_uchar {
    // SAFETY: the program passes a session it holds and a place to write to, or NULLs.
    unsafe {
        let (bytes, count) = session(s).map_or((ptr::null(), 0), Session::id_context);
        give(len, count as c_uint);
        bytes
    }
}

/// SSL_SESSION_set1_id_context(3): sets the session id context, 32 bytes at most.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set1_id_context(
    s: *mut SSL_SESSION,
    sid_ctx: *const c_uchar,
    sid_ctx_len: c_uint,
) -> c_int {
    let s = deref!(session s, 0);
    // SAFETY: the program passes so many readable bytes, or NULL; they are copied first, for
    // they may be the session's own.
    let copy = unsafe { bytes(sid_ctx, sid_ctx_len) }.to_vec();
    status(|| s.set_id_context(&copy))
}

/// SSL_SESSION_get0_peer(3): the peer's certificate in the session.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_peer(s: *mut SSL_SESSION) -> *mut X509 {
    let peer = deref!(session s, ptr::null_mut()).peer();
    let cert = peer.as_deref().and_then(Peer::cert);
    cert.map_or(ptr::null_mut(), |cert| cert.as_ptr())
}

/// SSL_SESSION_get_compress_id(3): the compression method of the session; 0 means none.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_compress_id(s: *const SSL_SESSION) -> c_uint {
    deref!(session s, 0).compress_id().into()
}

/// SSL_SESSION_get_protocol_version(3): the protocol version of the session.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_protocol_version(s: *const SSL_SESSION) -> c_int {
    deref!(session s, 0).version()
}

/// SSL_SESSION_set_protocol_version(3): sets the protocol version of the session.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set_protocol_version(
    s: *mut SSL_SESSION,
    version: c_int,
) -> c_int {
    deref!(session s, 0).set_version(version);
    1
}

/// SSL_SESSION_get_time(3): when the session was made, in seconds since the epoch.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_time(s: *const SSL_SESSION) -> c_long {
    long(deref!(session s, 0).time())
}

/// SSL_SESSION_set_time(3): sets when the session was made.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set_time(s: *mut SSL_SESSION, t: c_long) -> c_long {
    deref!(session s, 0).set_time(of_long(t));
    t
}

/// SSL_SESSION_get_timeout(3): how long the session is good for, in seconds.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_timeout(s: *const SSL_SESSION) -> c_long {
    long(deref!(session s, 0).timeout())
}

/// SSL_SESSION_set_timeout(3): sets how long the session is good for.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set_timeout(s: *mut SSL_SESSION, t: c_long) -> c_long {
    let s = deref!(session s, 0);
    if t < 0 {
        return 0;
    }
    s.set_timeout(of_long(t));
    1
}

/// SSL_SESSION_has_ticket(3): 1 when the session came with a ticket.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_has_ticket(s: *const SSL_SESSION) -> c_int {
    deref!(session s, 0).has_ticket().into()
}

/// SSL_SESSION_get0_ticket(3): the ticket of the session, NULL and 0 when there is none.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_ticket(
    s: *const SSL_SESSION,
    tick: *mut *const c_uchar,
    len: *mut usize,
) {
    // SAFETY: the program passes a session it holds and places to write to, or NULLs.
    unsafe {
        let (bytes, count) = session(s).map_or((ptr::null(), 0), Session::ticket);
        give(tick, bytes);
        give(len, count);
    }
}

/// SSL_SESSION_get_ticket_lifetime_hint(3): the lifetime the server gave the ticket, in seconds.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_ticket_lifetime_hint(s: *const SSL_SESSION) -> c_ulong {
    deref!(session s, 0).lifetime_hint() as c_ulong
}

/// SSL_SESSION_is_resumable(3): 1 when a connection can be resumed from the session.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_is_resumable(s: *const SSL_SESSION) -> c_int {
    deref!(session s, 0).is_resumable().into()
}

/// SSL_SESSION_get_id(3): the session id and its length.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_id(
    s: *const SSL_SESSION,
    len: *mut c_uint,
) -> *const c_uchar {
    // SAFETY: the program passes a session it holds and a place to write to, or NULLs.
    unsafe {
        let (bytes, count) = session(s).map_or((ptr::null(), 0), Session::id);
        give(len, count as c_uint);
        bytes
    }
}

/// SSL_SESSION_set1_id(3): sets the session id, 32 bytes at most.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set1_id(
    s: *mut SSL_SESSION,
    sid: *const c_uchar,
    sid_len: c_uint,
) -> c_int {
    let s = deref!(session s, 0);
    // SAFETY: the program passes so many readable bytes, or NULL; they are copied first, for
    // they may be the session's own.
    let copy = unsafe { bytes(sid, sid_len) }.to_vec();
    status(|| s.set_id(&copy))
}

/// SSL_SESSION_get_master_key(3): copies the session's master secret; with `outlen` 0 the result
/// is its length.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_master_key(
    sess: *const SSL_SESSION,
    out: *mut c_uchar,
    outlen: usize,
) -> usize {
    deref!(session sess, 0).with_master_key(|key| {
        let count = outlen.min(key.len());
        match outlen {
            0 => return key.len(),
            // SAFETY: the program passes `outlen` writable bytes.
            _ => unsafe { ptr::copy_nonoverlapping(key.as_ptr(), out, count) },
        }
        count
    })
}

/// SSL_SESSION_set1_master_key(3): sets the session's master secret.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set1_master_key(
    sess: *mut SSL_SESSION,
    r#in: *const c_uchar,
    len: usize,
) -> c_int {
    let sess = deref!(session sess, 0);
    // SAFETY: the program passes `len` readable bytes.
    status(|| sess.set_master_key(unsafe { bytes(r#in, len) }))
}

/// SSL_SESSION_get_max_fragment_length(3): the maximum fragment length negotiated with the
/// session.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_max_fragment_length(sess: *const SSL_SESSION) -> u8 {
    deref!(session sess, 0).max_fragment_len_mode()
}

/// SSL_SESSION_get_max_early_data(3): how much early data may be sent with the session.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get_max_early_data(s: *const SSL_SESSION) -> u32 {
    deref!(session s, 0).max_early_data()
}

/// SSL_SESSION_set_max_early_data(3): sets how much early data may be sent with the session.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set_max_early_data(
    s: *mut SSL_SESSION,
    max_early_data: u32,
) -> c_int {
    deref!(session s, 0).set_max_early_data(max_early_data);
    1
}

/// SSL_SESSION_get0_ticket_appdata(3): the application data in the session's ticket.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_get0_ticket_appdata(
    ss: *mut SSL_SESSION,
    data: *mut *mut c_void,
    len: *mut usize,
) -> c_int {
    // SAFETY: the program passes a session it holds and places to write to, or NULLs.
    unsafe {
        let (bytes, count) = session(ss).map_or((ptr::null(), 0), Session::ticket_appdata);
        give(data, bytes.cast_mut().cast());
        give(len, count);
    }
    1
}

/// SSL_SESSION_set1_ticket_appdata(3): sets the application data to be put into the session's
/// ticket.
///
/// The bytes are copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_SESSION_set1_ticket_appdata(
    ss: *mut SSL_SESSION,
    data: *const c_void,
    len: usize,
) -> c_int {
    // SAFETY: the program passes `len` readable bytes, or NULL.
    deref!(session ss, 0).set_ticket_appdata(unsafe { bytes(data.cast(), len) });
    1
}

/// SSL_get_session(3): the session of the connection.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_session(ssl: *const SSL) -> *mut SSL_SESSION {
    deref!(ssl ssl, ptr::null_mut())
        .session_address()
        .cast_mut()
        .cast()
}

/// SSL_get1_session(3): the session of the connection.
///
/// The caller owns the reference.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get1_session(ssl: *mut SSL) -> *mut SSL_SESSION {
    match deref!(ssl ssl, ptr::null_mut()).session() {
        Some(session) => handle::into_raw(session).cast(),
        None => ptr::null_mut(),
    }
}

/// SSL_set_session(3): sets the session a client resumes.
///
/// The connection takes its own reference.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_session(to: *mut SSL, session: *mut SSL_SESSION) -> c_int {
    let ssl = deref!(ssl to, 0);
    // SAFETY: the program passes a session it holds, or NULL.
    ssl.set_session(unsafe { handle::to_arc(session.cast::<Session>()) });
    1
}

/// SSL_copy_session_id: copies session, method, certificates and session id context from one
/// connection to another.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_copy_session_id(to: *mut SSL, from: *const SSL) -> c_int {
    let (to, from) = (deref!(ssl to, 0), deref!(ssl from, 0));
    to.copy_session_id(from);
    1
}

/// SSL_session_reused(3): 1 when the connection was resumed from a session.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_session_reused(s: *const SSL) -> c_int {
    deref!(ssl s, 0).is_resumed().into()
}
