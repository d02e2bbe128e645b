//! Whether and how the peer's certificate is verified.

use crate::capi::deref;
use crate::capi::status;
use crate::foreign::callback::Callback;
use crate::foreign::{long, of_long};
use std::ffi::{c_int, c_long, c_void};

use crate::capi::types::{SSL, SSL_CTX, SSL_CTX_cert_verify_cb_fn, SSL_verify_cb};

/// SSL_CTX_set_verify(3): sets the SSL_VERIFY_* flags and the callback seen at each step of
/// verification.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_verify(
    ctx: *mut SSL_CTX,
    mode: c_int,
    callback: SSL_verify_cb,
) {
    deref!(ctx ctx, ()).edit(|s| {
        s.verify_mode = mode;
        s.verify_callback = callback;
    });
}

/// SSL_CTX_set_verify_depth(3): limits the number of intermediate certificates in a chain.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_verify_depth(ctx: *mut SSL_CTX, depth: c_int) {
    deref!(ctx ctx, ()).edit(|s| {
        if let Ok(param) = s.own_param() {
            param.set_depth(depth);
        }
    });
}

/// SSL_CTX_get_verify_mode(3): the context's SSL_VERIFY_* flags.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_verify_mode(ctx: *const SSL_CTX) -> c_int {
    deref!(ctx ctx, 0).with(|s| s.verify_mode)
}

/// SSL_CTX_get_verify_depth(3): the context's chain limit, -1 when none is set.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_verify_depth(ctx: *const SSL_CTX) -> c_int {
    deref!(ctx ctx, -1).with(|s| s.verify_depth())
}

/// SSL_CTX_get_verify_callback(3): the context's verify callback.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_verify_callback(ctx: *const SSL_CTX) -> SSL_verify_cb {
    deref!(ctx ctx, None).with(|s| s.verify_callback)
}

/// SSL_set_verify(3): sets the connection's SSL_VERIFY_* flags and verify callback; a NULL
/// callback leaves the one present.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_verify(s: *mut SSL, mode: c_int, callback: SSL_verify_cb) {
    deref!(ssl s, ()).edit(|s| {
        s.verify_mode = mode;
        if callback.is_some() {
            s.verify_callback = callback;
        }
    });
}

/// SSL_set_verify_depth(3): limits the number of intermediate certificates in a chain.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_verify_depth(s: *mut SSL, depth: c_int) {
    deref!(ssl s, ()).edit(|s| {
        if let Ok(param) = s.own_param() {
            param.set_depth(depth);
        }
    });
}

/// SSL_get_verify_mode(3): the connection's SSL_VERIFY_* flags.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_verify_mode(s: *const SSL) -> c_int {
    deref!(ssl s, 0).with(|s| s.verify_mode)
}

/// SSL_get_verify_depth(3): the connection's chain limit, -1 when none is set.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_verify_depth(s: *const SSL) -> c_int {
    deref!(ssl s, -1).with(|s| s.verify_depth())
}

/// SSL_get_verify_callback(3): the connection's verify callback.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_verify_callback(s: *const SSL) -> SSL_verify_cb {
    deref!(ssl s, None).with(|s| s.verify_callback)
}

/// SSL_CTX_set_cert_verify_callback(3): sets the callback that replaces X509_verify_cert
/// altogether.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_cert_verify_callback(
    ctx: *mut SSL_CTX,
    cb: SSL_CTX_cert_verify_cb_fn,
    arg: *mut c_void,
) {
    deref!(ctx ctx, ()).edit_hooks(|h| h.cert_verify = Callback::new(cb, arg));
}

/// SSL_get_verify_result(3): the X509_V_* result of verifying the peer.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_verify_result(ssl: *const SSL) -> c_long {
    long(deref!(ssl ssl, 0).verify_result())
}

/// SSL_set_verify_result(3): overrides the X509_V_* result of verifying the peer.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_verify_result(ssl: *mut SSL, v: c_long) {
    deref!(ssl ssl, ()).set_verify_result(of_long(v));
}

/// SSL_CTX_set_post_handshake_auth(3): lets a TLS 1.3 client offer post-handshake authentication.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_post_handshake_auth(ctx: *mut SSL_CTX, val: c_int) {
    deref!(ctx ctx, ()).edit(|s| s.post_handshake_auth = val);
}

/// SSL_set_post_handshake_auth(3): lets this TLS 1.3 client offer post-handshake authentication.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_post_handshake_auth(s: *mut SSL, val: c_int) {
    deref!(ssl s, ()).edit(|s| s.post_handshake_auth = val);
}

/// SSL_verify_client_post_handshake(3): asks a TLS 1.3 client that offered it for its certificate
/// after the handshake (RFC 8446, section 4.6.2). The request goes out with the next call that
/// shakes hands, reads or writes; the answer is taken by calls that read. 0 with an entry in the
/// error queue if it cannot be asked.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_verify_client_post_handshake(s: *mut SSL) -> c_int {
    let ssl = deref!(ssl s, 0);
    status(|| ssl.ask_post_handshake())
}
