//! The control functions behind most of ssl.h's macros.

mod command;
mod common;

use crate::capi::types::{SSL, SSL_CTX, SSL_ctrl_cb_fn};
use crate::capi::{deref, status};
use crate::engine::hello::RawClientHello;
use crate::engine::server_hello::{RENEGOTIATION_INFO, Renegotiation};
use crate::foreign::err::{Error, Reason};
use crate::foreign::evp::PublicKey;
use crate::foreign::given::Given;
use crate::foreign::stack::CertStack;
use crate::foreign::status_request::{StatusList, StatusStack};
use crate::foreign::ticket::{KEYS_LEN, TicketKeys};
use crate::foreign::x509::Cert;
use crate::foreign::{long, of_long};
use crate::model::certs::Holder;
use crate::model::ctx::Ctx;
use crate::model::groups::Group;
use crate::model::sigalgs::SigAlg;
use crate::model::ssl::{Side, Ssl, Stage};
use command as cmd;
use std::ffi::{CStr, c_char};
use std::ffi::{c_int, c_long, c_void};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const TLSEXT_NAMETYPE_HOST_NAME: c_long = 0;

/// A name that may be given as a pointer to nothing.
///
/// # Safety
/// `out` is NULL or writable for a pointer.
unsafe fn store<T>(out: *mut c_void, value: *mut T) -> c_long {
    if out.is_null() {
        return 0;
    }
    // SAFETY: the caller's contract.
    unsafe { out.cast::<*mut T>().write(value) };
    1
}

/// Hands out a key with its reference; 0 for none.
///
/// # Safety
/// As [`store`].
unsafe fn store_key(out: *mut c_void, key: Option<PublicKey>) -> c_long {
    match key {
        // SAFETY: the caller's contract.
        Some(key) if !out.is_null() => unsafe { store(out, key.into_ptr()) },
        _ => 0,
    }
}

/// What SSL_CTX_ctrl alone knows.
///
/// # Safety
/// `parg` is what ssl.h's macro for the command passes.
unsafe fn ctx_command(ctx: &Ctx, command: c_int, larg: c_long, parg: *mut c_void) -> c_long {
    let stats = &ctx.cache.stats;
    let count = |counter: &AtomicI64| long(counter.load(Ordering::Relaxed));
    // SAFETY: the caller's contract, in each arm that uses `parg`.
    unsafe {
        match command {
            cmd::SET_SESS_CACHE_SIZE => {
                if larg < 0 {
                    return 0;
                }
                long(ctx.cache_size.swap(of_long(larg), Ordering::Relaxed))
            }
            cmd::GET_SESS_CACHE_SIZE => count(&ctx.cache_size),
            cmd::SET_SESS_CACHE_MODE => {
                long(ctx.cache_mode.swap(larg as u32, Ordering::Relaxed).into())
            }
            cmd::GET_SESS_CACHE_MODE => long(ctx.cache_mode.load(Ordering::Relaxed).into()),
            cmd::SESS_NUMBER => ctx.cache.len() as c_long,
            cmd::SESS_CONNECT => count(&stats.connect),
            cmd::SESS_CONNECT_GOOD => count(&stats.connect_good),
            cmd::SESS_ACCEPT => count(&stats.accept),
            cmd::SESS_ACCEPT_GOOD => count(&stats.accept_good),
            cmd::SESS_CONNECT_RENEGOTIATE | cmd::SESS_ACCEPT_RENEGOTIATE => 0,
            cmd::SESS_HIT => count(&stats.hits),
            cmd::SESS_CB_HIT => count(&stats.cb_hits),
            cmd::SESS_MISSES => count(&stats.misses),
            cmd::SESS_TIMEOUTS => count(&stats.timeouts),
            cmd::SESS_CACHE_FULL => count(&stats.cache_full),
            cmd::EXTRA_CHAIN_CERT => match Cert::from_ptr(parg.cast()) {
                Some(cert) => c_long::from(status(|| {
                    ctx.edit(|s| CertStack::add(s.certs.extra_mut(), cert))
                })),
                None => 0,
            },
            cmd::GET_EXTRA_CHAIN_CERTS => ctx.with(|s| {
                let extra = s.certs.extra();
                let chain = match (extra, larg) {
                    (None, 0) => s.certs.current().chain.as_ref(),
                    _ => extra,
                };
                store(parg, chain.map_or(ptr::null_mut(), |c| c.as_ptr()))
            }),
            cmd::CLEAR_EXTRA_CHAIN_CERTS => {
                ctx.edit(|s| s.certs.clear_extra());
                1
            }
            cmd::BUILD_CERT_CHAIN => {
                let set = |chain| ctx.edit(|s| s.certs.replace_chain(Holder::Ctx, Some(chain)));
                common::build_chain(&ctx.settings(), ctx, larg, &ctx.policy(), set)
            }
            cmd::SET_TLSEXT_SERVERNAME_ARG => {
                ctx.edit_hooks(|h| h.servername.argument = parg);
                1
            }
            cmd::GET_TLSEXT_TICKET_KEYS | cmd::SET_TLSEXT_TICKET_KEYS => {
                ticket_keys(ctx, command, larg, parg)
            }
            cmd::SET_TLSEXT_STATUS_REQ_CB_ARG => {
                ctx.edit_hooks(|h| h.status.argument = parg);
                1
            }
            cmd::GET_TLSEXT_STATUS_REQ_CB_ARG => ctx.with_hooks(|h| store(parg, h.status.argument)),
            cmd::GET_TLSEXT_STATUS_REQ_CB => ctx.with_hooks(|h| {
                let function = h
                    .status
                    .function
                    .map_or(ptr::null_mut(), |f| f as *mut c_void);
                store(parg, function)
            }),
            cmd::SET_TLSEXT_STATUS_REQ_TYPE => {
                ctx.edit(|s| s.status_type = larg as c_int);
                1
            }
            cmd::GET_TLSEXT_STATUS_REQ_TYPE => ctx.with(|s| c_long::from(s.status_type)),
            cmd::SET_GROUPS_LIST => {
                let groups = common::groups_list(parg, &ctx.lib);
                common::done(groups.map(|groups| ctx.edit(|s| s.groups = Some(groups))))
            }
            _ if !common::permitted(|| ctx.policy(), command, parg) => 0,
            _ => ctx
                .edit(|s| common::run(s, Holder::Ctx, command, larg, parg))
                .unwrap_or(0),
        }
    }
}

/// What SSL_ctrl alone knows.
///
/// # Safety
/// `parg` is what ssl.h's macro for the command passes.
unsafe fn ssl_command(ssl: &Ssl, command: c_int, larg: c_long, parg: *mut c_void) -> c_long {
    // SAFETY: the caller's contract, in each arm that uses `parg`.
    unsafe {
        match command {
            cmd::SET_TLSEXT_HOSTNAME => set_host_name(ssl, larg, parg),
            cmd::SET_TLSEXT_STATUS_REQ_TYPE => {
                ssl.edit(|s| s.status_type = larg as c_int);
                1
            }
            cmd::GET_TLSEXT_STATUS_REQ_TYPE => c_long::from(ssl.status_type()),
            cmd::SET_TLSEXT_STATUS_REQ_OCSP_RESP => set_staple(ssl, larg, parg),
            cmd::GET_TLSEXT_STATUS_REQ_OCSP_RESP => {
                let (at, len) = ssl.ocsp_response();
                store(parg, at.cast_mut());
                match len {
                    0 => -1,
                    len => len as c_long,
                }
            }
            cmd::GET_NUM_RENEGOTIATIONS
            | cmd::CLEAR_NUM_RENEGOTIATIONS
            | cmd::GET_TOTAL_RENEGOTIATIONS => 0,
            cmd::BUILD_CERT_CHAIN => {
                let set = |chain| ssl.edit(|s| s.certs.replace_chain(Holder::Ssl, Some(chain)));
                common::build_chain(&ssl.settings(), &ssl.ctx(), larg, &ssl.policy(), set)
            }
            cmd::GET_PEER_TMP_KEY => store_key(parg, ssl.peer_tmp_key()),
            cmd::GET_TMP_KEY => store_key(parg, ssl.own_tmp_key()),
            cmd::GET_PEER_SIGNATURE_NID | cmd::GET_SIGNATURE_NID => {
                let scheme = ssl.with_facts(|facts| match command {
                    cmd::GET_SIGNATURE_NID => facts.own_scheme,
                    _ => facts.peer_scheme,
                });
                match scheme.and_then(SigAlg::by_code) {
                    Some(alg) => {
                        parg.cast::<c_int>().write(alg.hash_nid);
                        1
                    }
                    None => 0,
                }
            }
            cmd::SET_TLSEXT_DEBUG_ARG => {
                ssl.edit(|s| s.ext_debug.argument = parg);
                1
            }
            cmd::GET_TLSEXT_STATUS_REQ_EXTS => ssl.with(|s| status_list(&s.status_exts, parg)),
            cmd::GET_TLSEXT_STATUS_REQ_IDS => ssl.with(|s| status_list(&s.status_ids, parg)),
            cmd::SET_TLSEXT_STATUS_REQ_EXTS => {
                let list = StatusStack::new(StatusList::Extensions, parg);
                ssl.edit(|s| set_status_list(&mut s.status_exts, list))
            }
            cmd::SET_TLSEXT_STATUS_REQ_IDS => {
                let list = StatusStack::new(StatusList::ResponderIds, parg);
                ssl.edit(|s| set_status_list(&mut s.status_ids, list))
            }
            cmd::GET_RAW_CIPHERLIST => raw_ciphers(ssl, parg),
            cmd::GET_EXTMS_SUPPORT => extended_master_secret(ssl),
            cmd::GET_CLIENT_CERT_TYPES => {
                let (types, len) = ssl.certificate_types();
                if !types.is_null() && !parg.is_null() {
                    parg.cast::<*const u8>().write_unaligned(types);
                }
                len as c_long
            }
            cmd::SET_CLIENT_CERT_TYPES if !ssl.is_server() => 0,
            cmd::SET_MTU | cmd::SET_LINK_MTU | cmd::GET_LINK_MIN_MTU => {
                match ssl.with(|s| s.method.dtls) {
                    true => mtu(command, larg),
                    false => 0,
                }
            }
            cmd::GET_RI_SUPPORT => c_long::from(secure_renegotiation(ssl)),
            cmd::GET_NEGOTIATED_GROUP => {
                let group = ssl.negotiated_group().and_then(Group::by_code);
                group.map_or(0, |g| c_long::from(g.public_nid()))
            }
            cmd::GET_GROUPS => groups(&ssl.peer_groups(), parg),
            cmd::GET_SHARED_GROUP => shared_group(&ssl.shared_groups(), larg),
            cmd::SET_RETRY_VERIFY => {
                ssl.set_retry_verify();
                1
            }
            cmd::GET_CLIENT_CERT_REQUEST => 0,
            cmd::SET_GROUPS_LIST => {
                let groups = common::groups_list(parg, &ssl.ctx().lib);
                common::done(groups.map(|groups| ssl.edit(|s| s.groups = Some(groups))))
            }
            _ if !common::permitted(|| ssl.policy(), command, parg) => 0,
            _ => ssl
                .edit(|s| common::run(s, Holder::Ssl, command, larg, parg))
                .unwrap_or(0),
        }
    }
}

/// SSL_CTX_set_tlsext_ticket_keys(3) and SSL_CTX_get_tlsext_ticket_keys: the length of the keys
/// for NULL.
///
/// # Safety
/// `keys` is NULL or as long as `len` says, and writable to read them.
unsafe fn ticket_keys(ctx: &Ctx, command: c_int, len: c_long, keys: *mut c_void) -> c_long {
    if keys.is_null() {
        return KEYS_LEN as c_long;
    }
    // SAFETY: the caller's contract.
    c_long::from(status(|| unsafe {
        if command == cmd::SET_TLSEXT_TICKET_KEYS {
            let given = crate::capi::bytes(keys.cast(), len);
            ctx.set_ticket_keys(TicketKeys::from_bytes(given)?);
        } else {
            if len != KEYS_LEN as c_long {
                return Err(Error::reason(Reason::INVALID_TICKET_KEYS_LENGTH));
            }
            keys.cast::<[u8; KEYS_LEN]>()
                .write_unaligned(*ctx.ticket_keys()?.as_bytes());
        }
        Ok(())
    }))
}

/// SSL_get_tlsext_status_exts and SSL_get_tlsext_status_ids: the program's list, NULL for none.
///
/// # Safety
/// `out` is NULL or writable for a pointer.
unsafe fn status_list(list: &Option<Arc<StatusStack>>, out: *mut c_void) -> c_long {
    // SAFETY: the caller's contract.
    unsafe { store(out, list.as_ref().map_or(ptr::null_mut(), |l| l.as_ptr())) }
}

fn set_status_list(list: &mut Option<Arc<StatusStack>>, new: StatusStack) -> c_long {
    if let Some(old) = list.replace(Arc::new(new)) {
        old.abandon();
    }
    1
}

/// SSL_get0_raw_cipherlist(3): the suites of the ClientHello a server received, or for NULL the
/// length of one.
///
/// # Safety
/// `out` is NULL or writable for a pointer.
unsafe fn raw_ciphers(ssl: &Ssl, out: *mut c_void) -> c_long {
    const CIPHER_LEN: c_long = 2;
    if out.is_null() {
        return CIPHER_LEN;
    }
    if ssl.side() != Side::Server {
        return 0;
    }
    // The list stays where it is until the next handshake.
    let list = |hello: &RawClientHello| {
        let suites = hello.cipher_suites();
        (suites.as_ptr().cast_mut(), suites.len() as c_long)
    };
    match ssl.with_noted_hello(|hello| hello.map(list)) {
        // SAFETY: the caller's contract.
        Some((at, len)) => unsafe {
            store(out, at);
            len
        },
        None => 0,
    }
}

/// SSL_get_extms_support(3): -1 during a handshake.
fn extended_master_secret(ssl: &Ssl) -> c_long {
    match ssl.stage() {
        Stage::Established => ssl.with_facts(|f| c_long::from(f.extended_master_secret)),
        _ => -1,
    }
}

/// SSL_get_secure_renegotiation_support(3): whether the peer has shown RFC 5746's extension or
/// signalling suite. TLS 1.3 servers do not.
fn secure_renegotiation(ssl: &Ssl) -> bool {
    const SCSV: u16 = 0x00ff;
    match ssl.side() {
        Side::Server => ssl.with_client_hello(|hello| {
            hello.is_some_and(|h| {
                h.extension(RENEGOTIATION_INFO).is_some() || h.suites().any(|suite| suite == SCSV)
            })
        }),
        Side::Client => {
            let shown = ssl.with_connection(|c| c.renegotiation());
            shown.flatten() == Some(Renegotiation::Secure)
        }
        Side::Unset => false,
    }
}

/// SSL_set_mtu(3), DTLS_set_link_mtu(3), DTLS_get_link_min_mtu(3): no datagram is ever sent.
fn mtu(command: c_int, size: c_long) -> c_long {
    /// The least that IP carries whole, and what is left without the headers of IP and UDP.
    const LINK_MIN: c_long = 256;
    const MIN: c_long = LINK_MIN - 28;
    match command {
        cmd::SET_MTU if size >= MIN => size,
        cmd::SET_LINK_MTU => c_long::from(size >= LINK_MIN),
        cmd::GET_LINK_MIN_MTU => LINK_MIN,
        _ => 0,
    }
}

/// SSL_get1_groups(3): how many groups the client offered, and their NIDs.
///
/// # Safety
/// `out` is NULL or writable for as many ints as were counted with NULL.
unsafe fn groups(codes: &[u16], out: *mut c_void) -> c_long {
    if !out.is_null() {
        for (i, &code) in codes.iter().enumerate() {
            let known = Group::by_code(code);
            let nid = known.map_or(Group::unknown_nid(code), |g| g.public_nid());
            // SAFETY: the caller's contract.
            unsafe { out.cast::<c_int>().add(i).write(nid) };
        }
    }
    codes.len() as c_long
}

/// SSL_get_shared_group(3): the group at an index, or for -1 how many there are.
fn shared_group(shared: &[u16], index: c_long) -> c_long {
    match usize::try_from(index) {
        Ok(index) => {
            let group = shared.get(index).and_then(|&code| Group::by_code(code));
            group.map_or(0, |g| c_long::from(g.public_nid()))
        }
        Err(_) if index == -1 => shared.len() as c_long,
        Err(_) => 0,
    }
}

/// SSL_set_tlsext_host_name(3).
///
/// # Safety
/// `name` is NULL or a C string.
unsafe fn set_host_name(ssl: &Ssl, kind: c_long, name: *mut c_void) -> c_long {
    if kind != TLSEXT_NAMETYPE_HOST_NAME {
        Error::reason(Reason::SSL3_EXT_INVALID_SERVERNAME_TYPE).put();
        return 0;
    }
    // SAFETY: the caller's contract.
    let name =
        (!name.is_null()).then(|| unsafe { CStr::from_ptr(name.cast::<c_char>()) }.to_owned());
    c_long::from(status(|| ssl.set_host_name(name)))
}

/// SSL_set_tlsext_status_ocsp_resp(3): the response was made with OPENSSL_malloc and is ours now.
///
/// # Safety
/// `response` is NULL or readable for `len` bytes, and the program gives it up.
unsafe fn set_staple(ssl: &Ssl, len: c_long, response: *mut c_void) -> c_long {
    let len = usize::try_from(len).unwrap_or(0);
    // SAFETY: the caller's contract.
    ssl.set_staple(unsafe { Given::from_raw(response.cast(), len) });
    1
}

/// A callback as ssl.h's macros pass it, under its own type.
///
/// # Safety
/// `cb` is NULL or a function of type `F`, a function pointer.
unsafe fn function<F>(cb: SSL_ctrl_cb_fn) -> Option<F> {
    // SAFETY: function pointers have one size, and the program passes what the command wants.
    cb.map(|f| unsafe { std::mem::transmute_copy::<unsafe extern "C" fn(), F>(&f) })
}

/// SSL_ctrl(3): runs command `cmd` on the connection; 0 for an unknown one.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_ctrl(
    ssl: *mut SSL,
    cmd: c_int,
    larg: c_long,
    parg: *mut c_void,
) -> c_long {
    let this = deref!(ssl ssl, 0);
    // SAFETY: the program passes what ssl.h's macro for the command does.
    unsafe { ssl_command(this, cmd, larg, parg) }
}

/// SSL_CTX_ctrl(3): runs command `cmd` on the context; 0 for an unknown one.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_ctrl(
    ctx: *mut SSL_CTX,
    cmd: c_int,
    larg: c_long,
    parg: *mut c_void,
) -> c_long {
    if ctx.is_null() {
        // SAFETY: the program passes what ssl.h's macro for the command does.
        return unsafe { common::check_list(cmd, parg) };
    }
    let this = deref!(ctx ctx, 0);
    // SAFETY: as above.
    unsafe { ctx_command(this, cmd, larg, parg) }
}

/// SSL_callback_ctrl(3): sets the callback that command `cmd` names on the connection.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_callback_ctrl(
    ssl: *mut SSL,
    cmd: c_int,
    cb: SSL_ctrl_cb_fn,
) -> c_long {
    let this = deref!(ssl ssl, 0);
    // SAFETY: the program passes a callback of the command's type.
    unsafe {
        match cmd {
            cmd::SET_MSG_CALLBACK => {
                this.edit(|s| s.msg_callback.function = function(cb));
                this.watch_anew();
            }
            cmd::SET_TLSEXT_DEBUG_CB => {
                this.edit(|s| s.ext_debug.function = function(cb));
                this.watch_anew();
            }
            cmd::SET_TMP_DH_CB | cmd::SET_NOT_RESUMABLE_SESS_CB => {}
            _ => return 0,
        }
    }
    1
}

/// SSL_CTX_callback_ctrl(3): sets the callback that command `cmd` names on the context.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_callback_ctrl(
    ctx: *mut SSL_CTX,
    cmd: c_int,
    cb: SSL_ctrl_cb_fn,
) -> c_long {
    let this = deref!(ctx ctx, 0);
    // SAFETY: the program passes a callback of the command's type.
    unsafe {
        match cmd {
            cmd::SET_MSG_CALLBACK => this.edit(|s| s.msg_callback.function = function(cb)),
            cmd::SET_TLSEXT_SERVERNAME_CB => {
                this.edit_hooks(|h| h.servername.function = function(cb));
            }
            cmd::SET_TLSEXT_STATUS_REQ_CB => {
                this.edit_hooks(|h| h.status.function = function(cb));
            }
            cmd::SET_TLSEXT_TICKET_KEY_CB => {
                this.edit_hooks(|h| h.ticket_key_hmac = function(cb));
            }
            cmd::SET_TMP_DH_CB | cmd::SET_NOT_RESUMABLE_SESS_CB => {}
            _ => return 0,
        }
    }
    1
}
