//! Commands that SSL_CTX_ctrl and SSL_ctrl share: those that change the settings.

use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::sync::Arc;

use openssl_sys::{X509, stack_st_X509};

use super::command as cmd;
use crate::capi::call;
use crate::foreign::dh;
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::libctx::LibCtx;
use crate::foreign::long;
use crate::foreign::stack::CertStack;
use crate::foreign::store::Store;
use crate::foreign::x509::Cert;
use crate::model::certs::{self, Holder};
use crate::model::ctx::Ctx;
use crate::model::security::Policy;
use crate::model::settings::{MAX_PLAIN, Settings};
use crate::model::{groups, sigalgs};

/// SSL3_RT_MIN_PLAIN_LENGTH: the smallest max_send_fragment.
const MIN_FRAGMENT: c_long = 512;
/// SSL_MAX_PIPELINES.
const MAX_PIPELINES: c_long = 32;
/// SSL_CERT_SET_FIRST and SSL_CERT_SET_NEXT.
const CERT_SET_FIRST: c_long = 1;
const CERT_SET_NEXT: c_long = 2;

pub(super) fn done(result: Result<()>) -> c_long {
    call(0, || result.map(|()| 1))
}

/// A colon-separated list argument.
///
/// # Safety
/// `list` is NULL or a C string.
unsafe fn text<'a>(list: *mut c_void) -> Result<&'a [u8]> {
    if list.is_null() {
        return Err(Error::Queued);
    }
    // SAFETY: the caller's contract.
    let text = unsafe { CStr::from_ptr(list.cast::<c_char>()) };
    Ok(text.to_bytes())
}

/// An array argument.
///
/// # Safety
/// `at` is NULL or readable for `len` ints.
unsafe fn ints<'a>(at: *mut c_void, len: c_long) -> &'a [c_int] {
    match usize::try_from(len) {
        // SAFETY: the caller's contract.
        Ok(len) if !at.is_null() => unsafe { std::slice::from_raw_parts(at.cast::<c_int>(), len) },
        _ => &[],
    }
}

/// SSL_CTX_set1_groups_list(3): the code points. To be asked for before the settings are changed,
/// since libcrypto's providers may be asked.
///
/// # Safety
/// `list` is NULL or a C string.
pub(super) unsafe fn groups_list(list: *mut c_void, lib: &LibCtx) -> Result<Arc<[u16]>> {
    // SAFETY: the caller's contract.
    let list = unsafe { text(list) }?;
    groups::parse_list(list, lib).map(Arc::from)
}

/// What SSL_CTX_ctrl(3) without a context does: 1 for a list whose syntax is right.
///
/// # Safety
/// `list` is NULL or a C string when `command` takes a list.
pub(super) unsafe fn check_list(command: c_int, list: *mut c_void) -> c_long {
    // SAFETY: the caller's contract.
    let parsed = unsafe {
        match command {
            cmd::SET_GROUPS_LIST => groups_list(list, &LibCtx::DEFAULT).map(|_| Vec::new()),
            cmd::SET_SIGALGS_LIST | cmd::SET_CLIENT_SIGALGS_LIST => {
                text(list).and_then(sigalgs::parse_list)
            }
            _ => return 0,
        }
    };
    done(parsed.map(drop))
}

fn set_codes(list: &mut Option<Arc<[u16]>>, codes: Result<Vec<u16>>) -> c_long {
    done(codes.map(|codes| *list = Some(codes.into())))
}

/// Carries out a command that both sides know; `None` for others.
///
/// # Safety
/// `parg` is what ssl.h's macro for the command passes.
pub(super) unsafe fn run(
    s: &mut Settings,
    of: Holder,
    command: c_int,
    larg: c_long,
    parg: *mut c_void,
) -> Option<c_long> {
    // SAFETY: the caller's contract, in each arm that uses `parg`.
    unsafe {
        Some(match command {
            cmd::MODE => {
                s.mode |= larg as u32;
                long(s.mode.into())
            }
            cmd::CLEAR_MODE => {
                s.mode &= !(larg as u32);
                long(s.mode.into())
            }
            cmd::GET_READ_AHEAD => c_long::from(s.read_ahead),
            cmd::SET_READ_AHEAD => c_long::from(std::mem::replace(&mut s.read_ahead, larg != 0)),
            cmd::GET_MAX_CERT_LIST => s.max_cert_list as c_long,
            cmd::SET_MAX_CERT_LIST => match usize::try_from(larg) {
                Ok(size) => std::mem::replace(&mut s.max_cert_list, size) as c_long,
                Err(_) => 0,
            },
            cmd::SET_MAX_SEND_FRAGMENT => set_max_fragment(s, larg),
            cmd::SET_SPLIT_SEND_FRAGMENT => match usize::try_from(larg) {
                Ok(size) if size > 0 && size <= s.max_send_fragment => {
                    s.split_send_fragment = size;
                    1
                }
                _ => 0,
            },
            cmd::SET_MAX_PIPELINES => match (1..=MAX_PIPELINES).contains(&larg) {
                true => {
                    s.max_pipelines = larg as usize;
                    if larg > 1 {
                        s.read_ahead = true;
                    }
                    1
                }
                false => 0,
            },
            cmd::SET_MIN_PROTO_VERSION => set_version(s, larg, true),
            cmd::SET_MAX_PROTO_VERSION => set_version(s, larg, false),
            cmd::GET_MIN_PROTO_VERSION => c_long::from(s.min_version),
            cmd::GET_MAX_PROTO_VERSION => c_long::from(s.max_version),
            cmd::SET_GROUPS => set_codes(&mut s.groups, groups::from_nids(ints(parg, larg))),
            cmd::SET_SIGALGS => set_codes(&mut s.sigalgs, sigalgs::from_nids(ints(parg, larg))),
            cmd::SET_SIGALGS_LIST => {
                set_codes(&mut s.sigalgs, text(parg).and_then(sigalgs::parse_list))
            }
            cmd::SET_CLIENT_SIGALGS => {
                set_codes(&mut s.client_sigalgs, sigalgs::from_nids(ints(parg, larg)))
            }
            cmd::SET_CLIENT_SIGALGS_LIST => set_codes(
                &mut s.client_sigalgs,
                text(parg).and_then(sigalgs::parse_list),
            ),
            // No suite uses DH parameters; a program's are taken and freed as it expects.
            cmd::SET_TMP_DH => match parg.is_null() {
                true => done(Err(Error::reason(Reason::PASSED_NULL_PARAMETER))),
                false => 1,
            },
            cmd::SET_TMP_ECDH => set_ecdh(s, parg),
            cmd::SET_DH_AUTO => {
                s.dh_auto = larg as c_int;
                1
            }
            cmd::CERT_FLAGS => {
                s.cert_flags |= larg as u32;
                long(s.cert_flags.into())
            }
            cmd::CLEAR_CERT_FLAGS => {
                s.cert_flags &= !(larg as u32);
                long(s.cert_flags.into())
            }
            cmd::CHAIN | cmd::CHAIN_CERT | cmd::GET_CHAIN_CERTS => {
                return Some(chain(s, of, command, larg, parg));
            }
            cmd::SET_VERIFY_CERT_STORE => {
                s.set_verify_store(store(larg, parg));
                1
            }
            cmd::SET_CHAIN_CERT_STORE => {
                s.set_chain_store(store(larg, parg));
                1
            }
            cmd::GET_VERIFY_CERT_STORE => put_store(parg, s.verify_store.as_ref()),
            cmd::GET_CHAIN_CERT_STORE => put_store(parg, s.chain_store.as_ref()),
            cmd::SELECT_CURRENT_CERT => match Cert::from_ptr_ref(parg.cast::<X509>()) {
                Some(cert) => c_long::from(s.certs.select(&cert)),
                None => 0,
            },
            cmd::SET_CURRENT_CERT => match larg {
                CERT_SET_FIRST | CERT_SET_NEXT => {
                    c_long::from(s.certs.set_current(larg == CERT_SET_NEXT))
                }
                _ => 0,
            },
            cmd::SET_TMP_DH_CB => done(Err(Error::reason(Reason::SHOULD_NOT_HAVE_BEEN_CALLED))),
            cmd::SET_CLIENT_CERT_TYPES => {
                s.client_cert_types = None;
                let given = !parg.is_null() && larg != 0;
                if given && (1..=0xff).contains(&larg) {
                    s.client_cert_types = Some(crate::capi::bytes(parg.cast(), larg).into());
                }
                c_long::from(!given || s.client_cert_types.is_some())
            }
            cmd::SET_MSG_CALLBACK_ARG => {
                s.msg_callback.argument = parg;
                1
            }
            _ => return None,
        })
    }
}

/// A store argument: with `own` 0 the program gives up its reference.
///
/// # Safety
/// `store` is NULL or a live X509_STORE.
unsafe fn store(own: c_long, store: *mut c_void) -> Option<Store> {
    // SAFETY: the caller's contract.
    unsafe {
        match own {
            0 => Store::from_ptr(store.cast()),
            _ => Store::from_ptr_ref(store.cast()),
        }
    }
}

/// Hands out a store that stays ours.
///
/// # Safety
/// `out` is writable for a pointer.
unsafe fn put_store(out: *mut c_void, store: Option<&Store>) -> c_long {
    let store = store.map_or(std::ptr::null_mut(), Store::as_ptr);
    // SAFETY: the caller's contract.
    unsafe { out.cast::<*mut openssl_sys::X509_STORE>().write(store) };
    1
}

/// SSL_CTX_build_cert_chain(3): 1, 2 when an error was ignored, 0 on failure.
pub(super) fn build_chain(
    s: &Settings,
    ctx: &Ctx,
    flags: c_long,
    policy: &Policy,
    set: impl FnOnce(Arc<CertStack>),
) -> c_long {
    call(0, || {
        let (outcome, chain) = certs::build_chain(s, &ctx.store(), &ctx.lib, flags as u32)?;
        policy.authorities(Some(&chain))?;
        set(Arc::new(chain));
        Ok(c_long::from(outcome))
    })
}

fn set_max_fragment(s: &mut Settings, larg: c_long) -> c_long {
    if !(MIN_FRAGMENT..=MAX_PLAIN as c_long).contains(&larg) {
        return 0;
    }
    s.max_send_fragment = larg as usize;
    s.split_send_fragment = s.split_send_fragment.min(s.max_send_fragment);
    1
}

/// SSL_CTX_set_min_proto_version(3): versions that are never negotiated are remembered too.
fn set_version(s: &mut Settings, larg: c_long, min: bool) -> c_long {
    let tls = matches!(larg, 0 | 0x0300..=0x0304);
    let dtls = matches!(larg, 0 | 0x0100 | 0xfefd..=0xff00);
    let ours = if s.method.dtls { dtls } else { tls };
    let other_bound = if min { s.max_version } else { s.min_version };
    if larg != 0 && other_bound != 0 && !ours {
        return 0;
    }
    // A method of one version ignores the setting, and each kind of method the other's versions.
    if ours && s.method.version == 0 {
        match min {
            true => s.min_version = larg as c_int,
            false => s.max_version = larg as c_int,
        }
    }
    c_long::from(tls || dtls)
}

/// SSL_CTX_set_tmp_ecdh: the key's curve becomes the only group.
///
/// # Safety
/// `key` is NULL or a live EC_KEY.
unsafe fn set_ecdh(s: &mut Settings, key: *mut c_void) -> c_long {
    if key.is_null() {
        return done(Err(Error::reason(Reason::PASSED_NULL_PARAMETER)));
    }
    // SAFETY: the caller's contract.
    let nid = unsafe {
        let group = openssl_sys::EC_KEY_get0_group(key.cast());
        match group.is_null() {
            true => 0,
            false => openssl_sys::EC_GROUP_get_curve_name(group),
        }
    };
    set_codes(&mut s.groups, groups::from_nids(&[nid]))
}

/// Whether what a command sets is secure enough; asked before the settings are changed, since
/// the program's callback may answer.
///
/// # Safety
/// `parg` is what ssl.h's macro for the command passes.
pub(super) unsafe fn permitted(
    policy: impl FnOnce() -> Policy,
    command: c_int,
    parg: *mut c_void,
) -> bool {
    // SAFETY: the caller's contract, in each arm.
    let result = call(None, || unsafe {
        match command {
            cmd::CHAIN => {
                policy().authorities(CertStack::from_ptr_ref(parg.cast::<stack_st_X509>()).as_ref())
            }
            cmd::CHAIN_CERT => match Cert::from_ptr_ref(parg.cast::<X509>()) {
                Some(cert) => policy().authority(&cert),
                None => Ok(()),
            },
            cmd::SET_TMP_DH if !parg.is_null() => policy().dh(dh::to_pkey(parg).as_ref()),
            _ => Ok(()),
        }
        .map(Some)
    });
    result.is_some()
}

/// The commands of SSL_CTX_add1_chain_cert(3).
///
/// # Safety
/// `parg` is what ssl.h's macro for the command passes.
unsafe fn chain(
    s: &mut Settings,
    of: Holder,
    command: c_int,
    larg: c_long,
    parg: *mut c_void,
) -> c_long {
    // SAFETY: the caller's contract, in each arm.
    unsafe {
        match command {
            cmd::GET_CHAIN_CERTS => {
                let Ok(chain) = s.certs.current_mut().lend_chain(of) else {
                    return 0;
                };
                let chain = chain.as_ref();
                let chain = chain.map_or(std::ptr::null_mut(), |c| c.as_ptr());
                parg.cast::<*mut stack_st_X509>().write(chain);
                1
            }
            cmd::CHAIN => {
                let chain = parg.cast::<stack_st_X509>();
                // The chain that is there: OpenSSL frees it, and uses it then.
                let own = s.certs.current().chain.as_ref();
                if larg == 0 && own.is_some_and(|own| own.as_ptr() == chain) {
                    return 1;
                }
                let new = match larg {
                    0 => CertStack::from_ptr(chain),
                    _ => CertStack::from_ptr_ref(chain),
                };
                s.certs.replace_chain(of, new.map(Arc::new));
                1
            }
            _ => {
                let cert = parg.cast::<X509>();
                let cert = match larg {
                    0 => Cert::from_ptr(cert),
                    _ => Cert::from_ptr_ref(cert),
                };
                done(
                    cert.ok_or(Error::Queued).and_then(|cert| {
                        CertStack::add(s.certs.current_mut().lend_chain(of)?, cert)
                    }),
                )
            }
        }
    }
}
