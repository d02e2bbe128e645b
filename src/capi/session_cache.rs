//! The context's session cache and the callbacks to an external one.

use crate::capi::{bytes, call, deref, status};
use crate::foreign::callback::Callback;
use crate::foreign::handle;
use crate::foreign::{long, of_long};
use crate::model::session::Session;
use crate::model::settings::SidContext;
use std::ffi::{c_int, c_long, c_uchar, c_uint, c_void};
use std::ptr;
use std::sync::atomic::Ordering;

use crate::capi::refuse;
use crate::capi::types::{
    GEN_SESSION_CB, SSL, SSL_CTX, SSL_CTX_get_session_cb_fn, SSL_CTX_new_session_cb_fn,
    SSL_CTX_remove_session_cb_fn, SSL_SESSION, SSL_not_resumable_session_cb_fn,
    lhash_st_SSL_SESSION, tls_session_secret_cb_fn,
};

/// SSL_CTX_add_session(3): adds a session to the cache.
///
/// The cache takes its own reference.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_add_session(
    ctx: *mut SSL_CTX,
    session: *mut SSL_SESSION,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program passes a session it holds, or NULL.
    match unsafe { handle::to_arc(session.cast::<Session>()) } {
        Some(session) => c_int::from(ctx.add_session(&session)),
        None => 0,
    }
}

/// SSL_CTX_remove_session(3): removes a session from the cache and marks it not resumable.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_remove_session(
    ctx: *mut SSL_CTX,
    session: *mut SSL_SESSION,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program passes a session it holds, or NULL.
    match unsafe { handle::to_arc(session.cast::<Session>()) } {
        Some(session) if session.id_vec().is_empty() => 0,
        Some(session) => c_int::from(ctx.remove_session(&session)),
        None => 0,
    }
}

/// SSL_CTX_flush_sessions(3): removes the sessions that have expired at time `tm`, all of them
/// when it is 0.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_flush_sessions(ctx: *mut SSL_CTX, tm: c_long) {
    deref!(ctx ctx, ()).flush_sessions(of_long(tm));
}

/// SSL_CTX_sessions(3): the hash table of the cache.
///
/// What it hands out is borrowed: not to be freed. The program sees to it that no other thread
/// changes the cache while it looks through the table.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_sessions(ctx: *mut SSL_CTX) -> *mut lhash_st_SSL_SESSION {
    let ctx = deref!(ctx ctx, ptr::null_mut());
    call(ptr::null_mut(), || {
        ctx.cache.table().map(|table| table.cast())
    })
}

/// SSL_CTX_get_timeout(3): how long new sessions are good for, in seconds.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_timeout(ctx: *const SSL_CTX) -> c_long {
    long(deref!(ctx ctx, 0).timeout.load(Ordering::Relaxed))
}

/// SSL_CTX_set_timeout(3): sets how long new sessions are good for; the result is the previous
/// value.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_timeout(ctx: *mut SSL_CTX, t: c_long) -> c_long {
    let timeout = &deref!(ctx ctx, 0).timeout;
    long(timeout.swap(of_long(t), Ordering::Relaxed))
}

/// SSL_get_default_timeout(3): the default session lifetime of the connection's protocol, in
/// seconds.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_default_timeout(s: *const SSL) -> c_long {
    match s.is_null() {
        true => 0,
        false => long(crate::model::ctx::DEFAULT_TIMEOUT),
    }
}

/// SSL_CTX_sess_set_new_cb(3): sets the callback that is given each new session; it keeps the
/// reference when it returns 1.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_sess_set_new_cb(
    ctx: *mut SSL_CTX,
    new_session_cb: SSL_CTX_new_session_cb_fn,
) {
    deref!(ctx ctx, ())
        .edit_hooks(|h| h.new_session = Callback::new(new_session_cb, ptr::null_mut()));
}

/// SSL_CTX_sess_get_new_cb(3): the callback set by SSL_CTX_sess_set_new_cb.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_sess_get_new_cb(ctx: *mut SSL_CTX) -> SSL_CTX_new_session_cb_fn {
    deref!(ctx ctx, None).with_hooks(|h| h.new_session.map(|c| c.function()))
}

/// SSL_CTX_sess_set_remove_cb(3): sets the callback that learns of each session removed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_sess_set_remove_cb(
    ctx: *mut SSL_CTX,
    remove_session_cb: SSL_CTX_remove_session_cb_fn,
) {
    deref!(ctx ctx, ())
        .edit_hooks(|h| h.remove_session = Callback::new(remove_session_cb, ptr::null_mut()));
}

/// SSL_CTX_sess_get_remove_cb(3): the callback set by SSL_CTX_sess_set_remove_cb.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_sess_get_remove_cb(
    ctx: *mut SSL_CTX,
) -> SSL_CTX_remove_session_cb_fn {
    deref!(ctx ctx, None).with_hooks(|h| h.remove_session.map(|c| c.function()))
}

/// SSL_CTX_sess_set_get_cb(3): sets the callback that looks up a session the cache does not have.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_sess_set_get_cb(
    ctx: *mut SSL_CTX,
    get_session_cb: SSL_CTX_get_session_cb_fn,
) {
    deref!(ctx ctx, ())
        .edit_hooks(|h| h.get_session = Callback::new(get_session_cb, ptr::null_mut()));
}

/// SSL_CTX_sess_get_get_cb(3): the callback set by SSL_CTX_sess_set_get_cb.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_sess_get_get_cb(ctx: *mut SSL_CTX) -> SSL_CTX_get_session_cb_fn {
    deref!(ctx ctx, None).with_hooks(|h| h.get_session.map(|c| c.function()))
}

/// SSL_CTX_set_session_id_context(3): sets the context within which sessions can be resumed, 32
/// bytes at most.
///
/// The bytes are copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_session_id_context(
    ctx: *mut SSL_CTX,
    sid_ctx: *const c_uchar,
    sid_ctx_len: c_uint,
) -> c_int {
    let ctx = deref!(ctx ctx, 0);
    // SAFETY: the program's buffer is readable for its length.
    let context = unsafe { bytes(sid_ctx, sid_ctx_len) };
    status(|| {
        let context = SidContext::new(context)?;
        ctx.edit(|s| s.sid_context = context);
        Ok(())
    })
}

/// SSL_set_session_id_context(3): sets the context within which the connection's session can be
/// resumed, 32 bytes at most.
///
/// The bytes are copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_session_id_context(
    ssl: *mut SSL,
    sid_ctx: *const c_uchar,
    sid_ctx_len: c_uint,
) -> c_int {
    let ssl = deref!(ssl ssl, 0);
    // SAFETY: the program's buffer is readable for its length.
    let context = unsafe { bytes(sid_ctx, sid_ctx_len) };
    status(|| {
        let context = SidContext::new(context)?;
        ssl.edit(|s| s.sid_context = context);
        Ok(())
    })
}

/// SSL_CTX_set_generate_session_id(3): sets the callback that makes a server's session ids.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_generate_session_id(
    ctx: *mut SSL_CTX,
    cb: GEN_SESSION_CB,
) -> c_int {
    deref!(ctx ctx, 0).edit(|s| s.generate_session_id = cb);
    1
}

/// SSL_set_generate_session_id(3): sets the callback that makes this server's session id.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_generate_session_id(s: *mut SSL, cb: GEN_SESSION_CB) -> c_int {
    deref!(ssl s, 0).edit(|s| s.generate_session_id = cb);
    1
}

/// SSL_has_matching_session_id(3): 1 when the cache has a session with this id.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_has_matching_session_id(
    s: *const SSL,
    id: *const c_uchar,
    id_len: c_uint,
) -> c_int {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the program's buffer is readable for its length.
    let id = unsafe { bytes(id, id_len) };
    c_int::from(ssl.has_cached_session(id))
}

/// SSL_CTX_set_not_resumable_session_callback: sets the callback that decides whether a session
/// may be resumed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_not_resumable_session_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_not_resumable_session_cb_fn,
) {
    deref!(ctx ctx, ()).edit(|s| s.not_resumable = cb);
}

/// SSL_set_not_resumable_session_callback: sets the callback that decides whether this
/// connection's session may be resumed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_not_resumable_session_callback(
    ssl: *mut SSL,
    cb: SSL_not_resumable_session_cb_fn,
) {
    deref!(ssl ssl, ()).edit(|s| s.not_resumable = cb);
}

/// SSL_set_session_secret_cb: sets the callback that provides the master secret of a session
/// outside the protocol (EAP-FAST).
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: refused: rustls resumes with a secret, a suite and a session id known from the start;
/// EAP-FAST learns them with the ServerHello. NULL succeeds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_session_secret_cb(
    s: *mut SSL,
    session_secret_cb: tls_session_secret_cb_fn,
    arg: *mut c_void,
) -> c_int {
    if session_secret_cb.is_none() {
        // There is none to take away.
        return c_int::from(!s.is_null());
    }
    refuse(0, "SSL_set_session_secret_cb")
}
