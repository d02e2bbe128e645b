//! What the commands that take a value do.

use std::ffi::{CStr, c_int};

use super::super::settings::{MAX_PLAIN, Settings};
use super::super::{groups as named_groups, sigalgs as schemes};
use super::flags::{OPTIONS, PROTOCOLS, VERIFY_MODES, apply_list};
use super::{Conf, Target, flag, leading_int};
use crate::foreign::ca_names;
use crate::foreign::dh;
use crate::foreign::err::{Error, Result};
use crate::foreign::libctx::LibCtx;
use crate::foreign::pem;
use crate::foreign::stack::NameStack;
use crate::foreign::store::Store;

pub(super) fn sigalgs(_: &Conf, target: Target<'_>, value: &CStr) -> Result<()> {
    let codes = schemes::parse_list(value.to_bytes())?;
    target.edit(|s| s.sigalgs = Some(codes.into()));
    Ok(())
}

pub(super) fn client_sigalgs(_: &Conf, target: Target<'_>, value: &CStr) -> Result<()> {
    let codes = schemes::parse_list(value.to_bytes())?;
    target.edit(|s| s.client_sigalgs = Some(codes.into()));
    Ok(())
}

pub(super) fn groups(_: &Conf, target: Target<'_>, value: &CStr) -> Result<()> {
    let codes = named_groups::parse_list(value.to_bytes(), &target.lib().unwrap_or_default())?;
    target.edit(|s| s.groups = Some(codes.into()));
    Ok(())
}

/// One group; the values that once chose one automatically change nothing.
pub(super) fn ecdh_parameters(conf: &Conf, target: Target<'_>, value: &CStr) -> Result<()> {
    let text = value.to_bytes();
    let automatic = |name: &[u8]| text.eq_ignore_ascii_case(name);
    if conf.has(flag::FILE) && (automatic(b"+automatic") || automatic(b"automatic"))
        || conf.has(flag::CMDLINE) && text == b"auto"
    {
        return Ok(());
    }
    match (text.contains(&b':'), target) {
        (true, _) => Err(Error::Queued),
        (false, Target::Nothing) => Ok(()),
        (false, _) => groups(conf, target, value),
    }
}

pub(super) fn cipher_string(_: &Conf, target: Target<'_>, value: &CStr) -> Result<()> {
    target
        .edit(|s| s.set_cipher_list(value.to_bytes()))
        .unwrap_or(Ok(()))
}

pub(super) fn ciphersuites(_: &Conf, target: Target<'_>, value: &CStr) -> Result<()> {
    target
        .edit(|s| s.set_ciphersuites(value.to_bytes()))
        .unwrap_or(Ok(()))
}

pub(super) fn protocol(conf: &Conf, target: Target<'_>, value: &CStr) -> Result<()> {
    apply_list(conf, target, &PROTOCOLS, value.to_bytes())
}

pub(super) fn options(conf: &Conf, target: Target<'_>, value: &CStr) -> Result<()> {
    apply_list(conf, target, &OPTIONS, value.to_bytes())
}

pub(super) fn verify_mode(conf: &Conf, target: Target<'_>, value: &CStr) -> Result<()> {
    apply_list(conf, target, &VERIFY_MODES, value.to_bytes())
}

pub(super) fn min_protocol(_: &Conf, target: Target<'_>, value: &CStr) -> Result<()> {
    set_bound(target, value, |s| &mut s.min_version)
}

pub(super) fn max_protocol(_: &Conf, target: Target<'_>, value: &CStr) -> Result<()> {
    set_bound(target, value, |s| &mut s.max_version)
}

/// Sets a bound. A method of one version ignores any, a method of the other protocol a version
/// that is not its own.
fn set_bound(
    target: Target<'_>,
    value: &CStr,
    bound: fn(&mut Settings) -> &mut c_int,
) -> Result<()> {
    let method = target.method().ok_or(Error::Queued)?;
    let (version, dtls) = match value.to_bytes() {
        b"None" => (0, method.dtls),
        b"SSLv3" => (0x0300, false),
        b"TLSv1" => (0x0301, false),
        b"TLSv1.1" => (0x0302, false),
        b"TLSv1.2" => (0x0303, false),
        b"TLSv1.3" => (0x0304, false),
        b"DTLSv1" => (0xfeff, true),
        b"DTLSv1.2" => (0xfefd, true),
        _ => return Err(Error::Queued),
    };
    if version == 0 || method.version == 0 && method.dtls == dtls {
        target.edit(|s| *bound(s) = version);
    }
    Ok(())
}

pub(super) fn certificate(conf: &Conf, target: Target<'_>, file: &CStr) -> Result<()> {
    let (Some(lib), Some(password)) = (target.lib(), target.with(|s| s.password)) else {
        return Ok(());
    };
    let (leaf, read) = pem::chain_file(file, &password, &lib)?;
    let Some(policy) = target.policy() else {
        return Ok(());
    };
    policy.leaf(&leaf)?;
    target.edit(|s| s.certs.set_cert(leaf)).unwrap_or(Ok(()))?;
    let (mut rest, read) = read.rest();
    let permitted = policy.keep_authorities(&mut rest);
    let slot = target.edit(|s| {
        s.certs.set_chain(rest)?;
        Ok(s.certs.current_slot())
    });
    permitted.and(read)?;
    if let (Some(slot), true) = (slot.transpose()?, conf.has(flag::REQUIRE_PRIVATE)) {
        conf.cert_files.borrow_mut()[slot] = Some(file.to_owned());
    }
    Ok(())
}

pub(super) fn private_key(_: &Conf, target: Target<'_>, file: &CStr) -> Result<()> {
    let (Some(lib), Some(password)) = (target.lib(), target.with(|s| s.password)) else {
        return Ok(());
    };
    let key = pem::key_file(file, pem::FILETYPE_PEM, &password, &lib)?;
    target.edit(|s| s.certs.set_key(key)).unwrap_or(Ok(()))
}

/// Without effect on a connection, as in OpenSSL.
pub(super) fn server_info_file(_: &Conf, target: Target<'_>, file: &CStr) -> Result<()> {
    match target {
        Target::Ctx(ctx) => ctx.edit(|s| s.use_serverinfo_file(file)),
        _ => Ok(()),
    }
}

/// Adds to a store of the object's own, made if need be.
fn add_to_store(
    target: Target<'_>,
    own: fn(&mut Settings) -> &mut Option<Store>,
    load: impl FnOnce(&Store, &LibCtx) -> Result<()>,
) -> Result<()> {
    let Some(lib) = target.lib() else {
        return Ok(());
    };
    let new = Store::new()?;
    match target.edit(|s| own(s).get_or_insert(new).clone()) {
        Some(store) => load(&store, &lib),
        None => Ok(()),
    }
}

fn chain_store(settings: &mut Settings) -> &mut Option<Store> {
    &mut settings.chain_store
}

fn verify_store(settings: &mut Settings) -> &mut Option<Store> {
    &mut settings.verify_store
}

pub(super) fn chain_ca_path(_: &Conf, target: Target<'_>, path: &CStr) -> Result<()> {
    add_to_store(target, chain_store, |store, _| store.load_path(path))
}

pub(super) fn chain_ca_file(_: &Conf, target: Target<'_>, file: &CStr) -> Result<()> {
    add_to_store(target, chain_store, |store, lib| store.load_file(file, lib))
}

pub(super) fn chain_ca_store(_: &Conf, target: Target<'_>, uri: &CStr) -> Result<()> {
    add_to_store(target, chain_store, |store, lib| store.load_store(uri, lib))
}

pub(super) fn verify_ca_path(_: &Conf, target: Target<'_>, path: &CStr) -> Result<()> {
    add_to_store(target, verify_store, |store, _| store.load_path(path))
}

pub(super) fn verify_ca_file(_: &Conf, target: Target<'_>, file: &CStr) -> Result<()> {
    add_to_store(target, verify_store, |store, lib| {
        store.load_file(file, lib)
    })
}

pub(super) fn verify_ca_store(_: &Conf, target: Target<'_>, uri: &CStr) -> Result<()> {
    add_to_store(target, verify_store, |store, lib| {
        store.load_store(uri, lib)
    })
}

/// Adds to the names that [`Conf::finish`] hands over.
fn add_names(conf: &Conf, add: impl FnOnce(&mut NameStack) -> Result<()>) -> Result<()> {
    let mut stack = match conf.ca_names.take() {
        Some(stack) => stack,
        None => NameStack::new()?,
    };
    let added = add(&mut stack);
    conf.ca_names.replace(Some(stack));
    added
}

pub(super) fn request_ca_file(conf: &Conf, _: Target<'_>, file: &CStr) -> Result<()> {
    add_names(conf, |stack| ca_names::add_file(stack, file))
}

pub(super) fn request_ca_path(conf: &Conf, _: Target<'_>, dir: &CStr) -> Result<()> {
    add_names(conf, |stack| ca_names::add_dir(stack, dir))
}

pub(super) fn request_ca_store(conf: &Conf, _: Target<'_>, uri: &CStr) -> Result<()> {
    add_names(conf, |stack| ca_names::add_store(stack, uri))
}

/// No suite uses DH parameters: they are only checked.
pub(super) fn dh_parameters(_: &Conf, target: Target<'_>, file: &CStr) -> Result<()> {
    let (Some(lib), Some(policy)) = (target.lib(), target.policy()) else {
        return Ok(());
    };
    policy.dh(Some(&dh::parameters_of_file(file, &lib)?))
}

/// A number of 0 or more, for an object that takes it.
fn set_number(
    target: Target<'_>,
    value: &CStr,
    set: impl FnOnce(&mut Settings, usize) -> bool,
) -> Result<()> {
    let number = usize::try_from(leading_int(value)).map_err(|_| Error::Queued)?;
    match target.edit(|s| set(s, number)) {
        Some(true) => Ok(()),
        _ => Err(Error::Queued),
    }
}

pub(super) fn record_padding(_: &Conf, target: Target<'_>, value: &CStr) -> Result<()> {
    set_number(target, value, |s, size| {
        let fits = size <= MAX_PLAIN;
        if fits {
            s.block_padding = if size == 1 { 0 } else { size };
        }
        fits
    })
}

pub(super) fn num_tickets(_: &Conf, target: Target<'_>, value: &CStr) -> Result<()> {
    set_number(target, value, |s, count| {
        s.num_tickets = count;
        true
    })
}
