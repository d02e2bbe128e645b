//! The certificates and keys of a context or connection: one slot per key type.

use std::sync::Arc;

use super::memo::Memo;
use super::retired::Retired;
use super::settings::Settings;
use crate::engine::credentials::{Chain, Credential};
use crate::foreign::err::{self, Error, Reason, Result};
use crate::foreign::evp::{KeyKind, PrivateKey};
use crate::foreign::libctx::LibCtx;
use crate::foreign::stack::CertStack;
use crate::foreign::store::Store;
use crate::foreign::x509::Cert;
use crate::foreign::{EVP_PKEY, X509};

/// How many key types there are, in OpenSSL's order: RSA, RSA-PSS, DSA, EC, three of GOST, Ed25519,
/// Ed448.
pub const SLOTS: usize = 9;

const RSA: usize = 0;
/// The slot of RSA-PSS keys.
pub const RSA_PSS: usize = 1;
/// The slot of DSA keys.
pub const DSA: usize = 2;
const EC: usize = 3;
const GOST: usize = 4;
const ED25519: usize = 7;
const ED448: usize = 8;
/// Keys that TLS 1.3 can sign with, in the order of OpenSSL's signature algorithms.
const MODERN: [usize; 5] = [EC, ED25519, ED448, RSA_PSS, RSA];

/// A certificate, its key and its chain, each of which may be missing.
#[derive(Debug, Clone, Default)]
pub struct Slot {
    /// The certificate.
    pub cert: Option<Cert>,
    /// Its key.
    pub key: Option<PrivateKey>,
    /// What is sent after the certificate, instead of the context's extra certificates.
    pub chain: Option<Arc<CertStack>>,
    /// Whether the chain is a connection's own, and not the one it has from its context: a context
    /// lends its own, and adds to it where it is.
    chain_is_own: bool,
    /// Extensions to be sent with the certificate, in the second format of
    /// SSL_CTX_use_serverinfo_ex(3).
    pub serverinfo: Option<Arc<[u8]>>,
}

impl Slot {
    /// The certificate, without a reference of the caller's own; NULL when there is none.
    pub fn cert_ptr(&self) -> *mut X509 {
        self.cert
            .as_ref()
            .map_or(std::ptr::null_mut(), Cert::as_ptr)
    }

    /// The key, without a reference of the caller's own; NULL when there is none.
    pub fn key_ptr(&self) -> *mut EVP_PKEY {
        self.key
            .as_ref()
            .map_or(std::ptr::null_mut(), PrivateKey::as_ptr)
    }
}

/// Who has certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A context, whose connections share them.
    Ctx,
    /// A connection.
    Ssl,
}

impl Slot {
    /// The chain where the holder's program may know it to be, and change it.
    pub fn lend_chain(&mut self, to: Holder) -> Result<&mut Option<Arc<CertStack>>> {
        if to == Holder::Ssl && !self.chain_is_own {
            let shared = self.chain.as_ref();
            self.chain = shared.map(|chain| chain.dup()).transpose()?.map(Arc::new);
            self.chain_is_own = true;
        }
        Ok(&mut self.chain)
    }
}

/// All slots, and which is current: the one last set.
///
/// Clones share the credentials built of them, until one is changed.
#[derive(Debug, Clone, Default)]
pub struct Certs {
    slots: [Slot; SLOTS],
    current: usize,
    extra: Option<Arc<CertStack>>,
    built: Memo<(Basis, Addresses), Vec<Credential>>,
    retired: Retired,
}

/// What credentials are built of besides the certificates.
#[derive(PartialEq)]
pub struct Basis {
    /// Where ciphers and signatures come from.
    pub lib: LibCtx,
    /// What completes a chain; `None` with SSL_MODE_NO_AUTO_CHAIN.
    pub chain_store: Option<Store>,
    /// What the context has for certificates without a chain of their own.
    pub extra: Option<Extra>,
}

/// The certificates of SSL_CTX_add_extra_chain_cert(3). Equal is what is the same list.
#[derive(Debug, Clone)]
pub struct Extra(Arc<CertStack>);

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Where the certificates of lists are that the program may have added to.
type Addresses = Vec<usize>;

fn slot_of(key: &PrivateKey) -> Result<usize> {
    Ok(match key.kind() {
        KeyKind::Rsa => RSA,
        KeyKind::RsaPss => RSA_PSS,
        KeyKind::Dsa => DSA,
        KeyKind::Ec(_) => EC,
        KeyKind::Gost(which) => GOST + which,
        KeyKind::Ed25519 => ED25519,
        KeyKind::Ed448 => ED448,
        KeyKind::Other => return Err(Error::reason(Reason::UNKNOWN_CERTIFICATE_TYPE)),
    })
}

impl Certs {
    /// As they are, for another connection: chains that one of them lends are not the other's.
    pub fn for_another(&self) -> Self {
        let mut copy = self.clone();
        for slot in &mut copy.slots {
            slot.chain_is_own = false;
        }
        copy
    }

    /// Sets what goes with the current certificate.
    pub fn set_serverinfo(&mut self, info: Vec<u8>) {
        self.current_mut().serverinfo = Some(Arc::from(info));
    }

    /// What goes with the certificate of a slot (SSL_CTX_use_serverinfo_ex(3)).
    pub fn serverinfo(&self, slot: usize) -> Option<&[u8]> {
        self.slots.get(slot)?.serverinfo.as_deref()
    }

    /// Whether no slot has both a certificate and its key.
    pub fn is_empty(&self) -> bool {
        !self
            .slots
            .iter()
            .any(|s| s.cert.is_some() && s.key.is_some())
    }

    /// The slot last set.
    pub fn current(&self) -> &Slot {
        &self.slots[self.current]
    }

    /// As [`Self::current`], to change its chain.
    pub fn current_mut(&mut self) -> &mut Slot {
        self.slot_mut(self.current)
    }

    fn slot_mut(&mut self, index: usize) -> &mut Slot {
        self.forget_built();
        let slot = &mut self.slots[index];
        self.retired.add((slot.cert.clone(), slot.key.clone()));
        slot
    }

    /// The store that chains are completed from is another.
    pub fn forget_built(&mut self) {
        self.retired.add(std::mem::take(&mut self.built));
    }

    /// What was replaced, and goes when the holder may be used.
    pub fn retired(&mut self) -> &mut Retired {
        &mut self.retired
    }

    /// What is sent after certificates that have no chain of their own
    /// (SSL_CTX_add_extra_chain_cert(3)). Those of a connection's context count, not what the
    /// connection inherited.
    pub fn extra(&self) -> Option<&Arc<CertStack>> {
        self.extra.as_ref()
    }

    /// As [`Self::extra`], as part of a [`Basis`].
    pub fn extra_basis(&self) -> Option<Extra> {
        self.extra.clone().map(Extra)
    }

    /// As [`Self::extra`], to change it.
    pub fn extra_mut(&mut self) -> &mut Option<Arc<CertStack>> {
        self.forget_built();
        &mut self.extra
    }

    /// SSL_CTX_clear_extra_chain_certs(3).
    pub fn clear_extra(&mut self) {
        let old = self.extra_mut().take();
        self.retired.add(old);
    }

    /// Sets the chain of the current certificate, which `of`'s program may know.
    pub fn replace_chain(&mut self, of: Holder, chain: Option<Arc<CertStack>>) {
        let slot = self.current_mut();
        let old = std::mem::replace(&mut slot.chain, chain);
        slot.chain_is_own = of == Holder::Ssl;
        self.retired.add(old);
    }

    /// Which slot is current.
    pub fn current_slot(&self) -> usize {
        self.current
    }

    /// Makes a slot current: the one that was chosen in a handshake.
    pub fn set_current_slot(&mut self, slot: usize) {
        self.current = slot.min(SLOTS - 1);
    }

    /// The named curve of the slot's key, if that is an EC key.
    pub fn curve(&self, slot: usize) -> Option<std::ffi::c_int> {
        match self.slots.get(slot)?.key.as_ref()?.kind() {
            KeyKind::Ec(nid) => Some(nid),
            _ => None,
        }
    }

    /// Whether a server with these can do TLS 1.3, which binds ECDSA keys to the curves of
    /// signature schemes: `signs` tells of the curve with a NID.
    pub fn suit_tls13(&self, signs: impl Fn(std::ffi::c_int) -> bool) -> bool {
        let complete = |&slot: &usize| {
            let slot = &self.slots[slot];
            slot.cert.is_some() && slot.key.is_some()
        };
        let mut there = MODERN.into_iter().filter(complete);
        there.any(|slot| self.curve(slot).is_none_or(&signs))
    }

    /// The certificate, key and chain of a slot.
    pub fn parts(&self, slot: usize) -> (Option<Cert>, Option<PrivateKey>, Option<Arc<CertStack>>) {
        let slot = self.slots.get(slot).cloned().unwrap_or_default();
        (slot.cert, slot.key, slot.chain)
    }

    /// Whether the slot has a key.
    pub fn has_key(&self, slot: usize) -> bool {
        self.slots.get(slot).is_some_and(|s| s.key.is_some())
    }

    /// Sets the chain of the current certificate (SSL_CTX_use_certificate_chain_file(3)).
    pub fn set_chain(&mut self, rest: Vec<Cert>) -> Result<()> {
        let mut chain = CertStack::new()?;
        for cert in rest {
            chain.push(cert)?;
        }
        let chain = (!chain.is_empty()).then(|| chain.into());
        let own = self.current().chain_is_own;
        self.replace_chain(if own { Holder::Ssl } else { Holder::Ctx }, chain);
        Ok(())
    }

    /// Sets a certificate; a key that does not belong to it is dropped without complaint, since
    /// programs replace the two one after the other.
    pub fn set_cert(&mut self, cert: Cert) -> Result<()> {
        let public = cert
            .public_key()
            .map_err(|_| Error::reason(Reason::X509_LIB))?;
        let index = slot_of(&public)?;
        let slot = self.slot_mut(index);
        if let Some(key) = &slot.key {
            public.copy_missing_parameters(key);
            if key.matches_cert(&cert).is_err() {
                slot.key = None;
                err::clear();
            }
        }
        slot.cert = Some(cert);
        self.current = index;
        Ok(())
    }

    /// Sets a key; fails when it does not belong to the certificate already there.
    pub fn set_key(&mut self, key: PrivateKey) -> Result<()> {
        let index = slot_of(&key)?;
        let slot = self.slot_mut(index);
        if let Some(cert) = &slot.cert {
            key.matches_cert(cert)?;
        }
        slot.key = Some(key);
        self.current = index;
        Ok(())
    }

    /// SSL_CTX_use_cert_and_key(3).
    pub fn set_both(
        &mut self,
        cert: Cert,
        key: Option<PrivateKey>,
        chain: Option<Arc<CertStack>>,
        replace: bool,
    ) -> Result<()> {
        let public = cert
            .public_key()
            .map_err(|_| Error::reason(Reason::X509_LIB))?;
        let index = slot_of(&public)?;
        let key = match key {
            None => public,
            Some(key) => {
                let quiet = err::peek() == 0;
                if key.matches_cert(&cert).is_err() {
                    // libcrypto's reason is not OpenSSL's here.
                    if quiet {
                        err::clear();
                    }
                    return Err(Error::reason(Reason::PRIVATE_KEY_MISMATCH));
                }
                key
            }
        };
        let slot = self.slot_mut(index);
        if !replace && (slot.cert.is_some() || slot.key.is_some() || slot.chain.is_some()) {
            return Err(Error::reason(Reason::NOT_REPLACING_CERTIFICATE));
        }
        let new = Slot {
            cert: Some(cert),
            key: Some(key),
            chain,
            chain_is_own: false,
            serverinfo: slot.serverinfo.take(),
        };
        let old = std::mem::replace(slot, new);
        self.retired.add(old);
        self.current = index;
        Ok(())
    }

    /// SSL_CTX_check_private_key(3).
    pub fn check_key(&self) -> Result<()> {
        let slot = self.current();
        let Some(cert) = &slot.cert else {
            return Err(Error::reason(Reason::NO_CERTIFICATE_ASSIGNED));
        };
        let Some(key) = &slot.key else {
            return Err(Error::reason(Reason::NO_PRIVATE_KEY_ASSIGNED));
        };
        key.matches_cert(cert)
    }

    /// Makes the slot that holds `cert` current, with a key if there is one
    /// (SSL_CTX_select_current_cert(3)).
    pub fn select(&mut self, cert: &Cert) -> bool {
        let by = |same: &dyn Fn(&Cert) -> bool| {
            self.slots
                .iter()
                .position(|s| s.key.is_some() && s.cert.as_ref().is_some_and(same))
        };
        match by(&|c| c.as_ptr() == cert.as_ptr()).or_else(|| by(&|c| c == cert)) {
            Some(index) => {
                self.current = index;
                true
            }
            None => false,
        }
    }

    /// Makes the first slot with a certificate and key current, or the next after the current.
    pub fn set_current(&mut self, next: bool) -> bool {
        let from = if next { self.current + 1 } else { 0 };
        let found = (from..SLOTS).find(|&i| {
            let slot = &self.slots[i];
            slot.cert.is_some() && slot.key.is_some()
        });
        if let Some(index) = found {
            self.current = index;
        }
        found.is_some()
    }

    /// Forgets all certificates, keys and chains (SSL_certs_clear(3)).
    pub fn clear(&mut self) {
        let old = std::mem::take(&mut self.slots);
        self.retired.add(old);
        self.current = 0;
        self.forget_built();
    }

    /// What can sign: slots with certificate and key, ECDSA and EdDSA before RSA, as
    /// OpenSSL's order of signature algorithms has it, DSA last. `build` completes a chain for a leaf
    /// that has none.
    pub fn credentials(
        &self,
        basis: Basis,
        build: impl Fn(&Cert) -> Option<CertStack>,
    ) -> Vec<Credential> {
        let extra = basis.extra.clone();
        let extra = extra.as_ref().map(|extra| extra.0.as_ref());
        let chains = self.slots.iter().filter_map(|slot| slot.chain.as_deref());
        let lists = chains.chain(extra).flat_map(CertStack::addresses);
        let basis = (basis, lists.collect());
        let made = |(basis, _): &(Basis, Addresses)| {
            let usable = MODERN.into_iter().chain([DSA]).filter_map(|i| {
                let key = self.slots[i].key.as_ref()?;
                Credential::new(i, self.chain(i, extra, &build)?, key, &basis.lib)
            });
            usable.collect()
        };
        let mut credentials = self.built.get(basis, made);
        // Chains that could not be built up to a root are tried anew: the store may have grown.
        for credential in credentials.iter_mut().filter(|c| !c.is_complete()) {
            if let Some(chain) = self.chain(credential.slot(), extra, &build) {
                credential.set_chain(chain);
            }
        }
        credentials
    }

    /// What is sent for a slot's certificate.
    fn chain(
        &self,
        slot: usize,
        extra: Option<&CertStack>,
        build: impl Fn(&Cert) -> Option<CertStack>,
    ) -> Option<Chain> {
        let slot = &self.slots[slot];
        let leaf = slot.cert.as_ref()?;
        let given = slot.chain.as_deref().or(extra);
        let built = given.is_none().then(|| build(leaf)).flatten();
        let mut certs = vec![leaf.clone()];
        certs.extend(given.into_iter().flat_map(CertStack::iter));
        certs.extend(built.iter().flat_map(CertStack::iter).skip(1));
        let complete = built.is_none_or(|chain| {
            let last = chain.len().checked_sub(1).and_then(|last| chain.get(last));
            last.is_some_and(|cert| cert.is_self_issued())
        });
        Some(Chain { certs, complete })
    }
}

/// SSL_BUILD_CHAIN_FLAG_*.
mod flag {
    pub const UNTRUSTED: u32 = 1;
    pub const NO_ROOT: u32 = 2;
    pub const CHECK: u32 = 4;
    pub const IGNORE_ERROR: u32 = 8;
    pub const CLEAR_ERROR: u32 = 0x10;
}

/// SSL_CTX_build_cert_chain(3) for the current certificate: 1, or 2 when the leaf could not be
/// verified, that is ignored and nothing else is in the chain; and the chain without its leaf.
pub fn build_chain(
    settings: &Settings,
    trusted: &Store,
    lib: &LibCtx,
    flags: u32,
) -> Result<(u8, CertStack)> {
    let slot = settings.certs.current();
    let Some(leaf) = slot.cert.clone() else {
        return Err(Error::reason(Reason::NO_CERTIFICATE_SET));
    };
    let own = slot.chain.clone();
    let store = match flags & flag::CHECK != 0 {
        true => {
            let store = Store::new()?;
            for cert in own.iter().flat_map(|chain| chain.iter()) {
                store.add_cert(&cert)?;
            }
            store.add_cert(&leaf)?;
            store
        }
        false => match &settings.chain_store {
            Some(store) => store.clone(),
            None => trusted.clone(),
        },
    };
    // A copy: the other holders of the chain may add to it.
    let untrusted = own.filter(|_| flags & flag::UNTRUSTED != 0);
    let untrusted = untrusted.map(|chain| chain.dup()).transpose()?;
    let (verified, chain) = store.build_chain(&leaf, untrusted.as_ref(), lib)?;
    let mut outcome = 1;
    if let Err(text) = verified {
        if flags & flag::IGNORE_ERROR == 0 {
            return Err(Error::with_data(
                Reason::CERTIFICATE_VERIFY_FAILED,
                format!("Verify error:{text}"),
            ));
        }
        if flags & flag::CLEAR_ERROR != 0 {
            err::clear();
        }
        outcome = 2;
    }
    let mut rest: Vec<Cert> = chain.iter().skip(1).collect();
    if flags & flag::NO_ROOT != 0 && rest.last().is_some_and(Cert::is_self_issued) {
        rest.pop();
    }
    if !rest.is_empty() {
        // Judging them, OpenSSL forgets the error it ignored.
        outcome = 1;
    }
    let mut stack = CertStack::new()?;
    for cert in rest {
        stack.push(cert)?;
    }
    Ok((outcome, stack))
}
