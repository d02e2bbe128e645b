//! Session tickets: how many, with which keys and which contents.

use crate::capi::deref;
use std::ffi::{c_int, c_void};

use crate::capi::bytes;
use crate::capi::types::{
    SSL, SSL_CTX, SSL_CTX_decrypt_session_ticket_fn, SSL_CTX_generate_session_ticket_fn,
    SSL_CTX_tlsext_ticket_key_evp_cb_fn, tls_session_ticket_ext_cb_fn,
};
use crate::foreign::callback::Callback;

/// SSL_CTX_set_num_tickets(3): sets how many TLS 1.3 tickets a server sends after a full
/// handshake.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_num_tickets(ctx: *mut SSL_CTX, num_tickets: usize) -> c_int {
    deref!(ctx ctx, 0).edit(|s| s.num_tickets = num_tickets);
    1
}

/// SSL_CTX_get_num_tickets(3): how many TLS 1.3 tickets a server sends after a full handshake.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_num_tickets(ctx: *const SSL_CTX) -> usize {
    deref!(ctx ctx, 0).with(|s| s.num_tickets)
}

/// SSL_set_num_tickets(3): sets how many TLS 1.3 tickets this server sends after a full
/// handshake.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_num_tickets(s: *mut SSL, num_tickets: usize) -> c_int {
    deref!(ssl s, 0).edit(|s| s.num_tickets = num_tickets);
    1
}

/// SSL_get_num_tickets(3): how many TLS 1.3 tickets this server sends after a full handshake.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_num_tickets(s: *const SSL) -> usize {
    deref!(ssl s, 0).with(|s| s.num_tickets)
}

/// SSL_new_session_ticket(3): sends another TLS 1.3 ticket with the next write.
///
/// 0 for a client, with TLS 1.2 and before the handshake is done.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_new_session_ticket(s: *mut SSL) -> c_int {
    c_int::from(deref!(ssl s, 0).request_ticket())
}

/// SSL_CTX_set_session_ticket_cb(3): sets the callbacks that add application data to tickets and
/// judge the tickets received.
///
/// Pointers of the application are kept as given and never freed.
///
/// The first fails the connection with 0. The second ends it with SSL_TICKET_RETURN_ABORT.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_session_ticket_cb(
    ctx: *mut SSL_CTX,
    gen_cb: SSL_CTX_generate_session_ticket_fn,
    dec_cb: SSL_CTX_decrypt_session_ticket_fn,
    arg: *mut c_void,
) -> c_int {
    deref!(ctx ctx, 0).edit_hooks(|h| {
        h.generate_ticket = Callback::new(gen_cb, arg);
        h.decrypt_ticket = Callback::new(dec_cb, arg);
    });
    1
}

/// SSL_CTX_set_tlsext_ticket_key_evp_cb(3): sets the callback that provides the keys of tickets.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_tlsext_ticket_key_evp_cb(
    ctx: *mut SSL_CTX,
    fp: SSL_CTX_tlsext_ticket_key_evp_cb_fn,
) -> c_int {
    deref!(ctx ctx, 0).edit_hooks(|h| h.ticket_key_evp = fp);
    1
}

/// SSL_set_session_ticket_ext: sets the bytes of the session ticket extension (EAP-FAST), which a
/// client sends where it has no ticket of TLS 1.2; NULL: it sends none.
///
/// The bytes are copied.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_session_ticket_ext(
    s: *mut SSL,
    ext_data: *mut c_void,
    ext_len: c_int,
) -> c_int {
    let ssl = deref!(ssl s, 0);
    // SAFETY: the caller vouches for `ext_len` bytes.
    let body = unsafe { bytes(ext_data.cast(), ext_len) };
    ssl.set_ticket_ext((!ext_data.is_null()).then_some(body));
    1
}

/// SSL_set_session_ticket_ext_cb: sets the callback that is given the peer's session ticket
/// extension (EAP-FAST): a server the one in the ClientHello, a client the one in the ServerHello,
/// if it is TLS 1.2's. 0 ends the handshake.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_session_ticket_ext_cb(
    s: *mut SSL,
    cb: tls_session_ticket_ext_cb_fn,
    arg: *mut c_void,
) -> c_int {
    deref!(ssl s, 0).set_ticket_ext_callback(Callback::new(cb, arg));
    1
}
