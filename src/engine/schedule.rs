//! What our suites see and change of TLS 1.3's key schedule (RFC 8446, section 7.1), and TLS 1.2's
//! master secret (RFC 5246, section 8.1).
//!
//! rustls expands a secret into a key and an IV right before it asks the suite for their cipher.
//! So when rustls sends the first KeyUpdate, watched ([`reveal`]), the cipher learns its secret
//! ([`take_base`]), and can go on to the next one by itself ([`next_keys`]). rustls knows nothing
//! of that: where it goes on, too, it is told where from ([`go_on_from`]).

use std::cell::{Cell, RefCell};

use rustls::Error;
use rustls::crypto::cipher::{AeadKey, Iv, RecordEncrypter, Tls13AeadAlgorithm};
use rustls::crypto::hmac;
use rustls::crypto::kx::ActiveKeyExchange;
use rustls::crypto::tls12::{Prf, PrfSecret};
use rustls::crypto::tls13::{Hkdf, HkdfExpander, OkmBlock, OutputLengthError};

use super::{post_auth, revival};
use crate::foreign::scope::{self, Scope, Slot};
use crate::foreign::secret::SecretVec;

thread_local! {
    /// Whether the next cipher made learns its secret.
    static REVEALING: Cell<bool> = const { Cell::new(false) };
    /// The secret whose key and IV were expanded last, until their cipher is made.
    static BASE: Slot<Option<OkmBlock>> = const { Slot::new(None) };
    /// What rustls's next traffic secret is derived from, if not from its own.
    static AHEAD: Slot<Option<OkmBlock>> = const { Slot::new(None) };
    static KEPT: Scope<Kept> = const { Scope::new() };
    static UPDATES: Scope<Updates> = const { Scope::new() };
}

/// See [`super::apart`].
pub(super) fn set_aside() -> impl Sized {
    (
        scope::set_aside(|revealing| REVEALING.replace(revealing)),
        scope::set_aside(|base| BASE.with(|slot| slot.replace(base))),
        scope::set_aside(|ahead| AHEAD.with(|slot| slot.replace(ahead))),
        scope::leave(&KEPT),
        scope::leave(&UPDATES),
    )
}

/// The secrets that an established connection has gone on to, for the key log.
pub(super) struct Updates {
    /// The peer's last secret.
    peer: RefCell<SecretVec>,
    own_new: RefCell<Vec<OkmBlock>>,
    peers_new: RefCell<Vec<OkmBlock>>,
}

impl Updates {
    /// Those after a handshake whose secrets were logged.
    pub(super) fn after(kept: &Kept) -> Option<Self> {
        Some(Self {
            peer: RefCell::new(kept.peer.take()?),
            own_new: RefCell::default(),
            peers_new: RefCell::default(),
        })
    }

    /// Those since the last call, that we send with if `own`.
    pub(super) fn take(&self, own: bool) -> Vec<OkmBlock> {
        match own {
            true => self.own_new.take(),
            false => self.peers_new.take(),
        }
    }

    /// `next` follows on `base`. rustls goes on to an answer's keys when it reads the question.
    fn add(&self, base: &OkmBlock, next: &OkmBlock) {
        let is_peers = (*self.peer.borrow()).as_ref() == base.as_ref();
        if is_peers {
            self.peer.replace(next.as_ref().to_vec().into());
        }
        let new = match is_peers {
            true => &self.peers_new,
            false => &self.own_new,
        };
        new.borrow_mut().push(next.clone());
    }
}

/// Runs a step of an established connection, whose new secrets are noted where that is wanted.
pub(super) fn note<R>(updates: Option<&Updates>, step: impl FnOnce() -> R) -> R {
    match updates {
        Some(updates) => scope::enter(&UPDATES, updates, step),
        None => step(),
    }
}

fn is_noted() -> bool {
    scope::current(&UPDATES, |updates| updates.is_some())
}

/// Tells those who follow `base` that `next` takes its place.
fn went_on(base: &OkmBlock, next: &OkmBlock) {
    scope::current(&UPDATES, |updates| {
        if let Some(updates) = updates {
            updates.add(base, next);
        }
    });
    post_auth::went_on(base, next);
}

/// The secret of a handshake that outlives it: TLS 1.2's master secret, or TLS 1.3's resumption
/// master secret, which a server needs.
#[derive(Default)]
pub(super) struct Kept {
    server: bool,
    /// The peer's first traffic secret, where secrets are logged.
    peer: RefCell<Option<SecretVec>>,
    secret: RefCell<Option<OkmBlock>>,
    /// An external pre-shared key that is used instead of rustls's.
    external: RefCell<Option<SecretVec>>,
}

impl Kept {
    pub(super) fn server() -> Self {
        Self {
            server: true,
            ..Self::default()
        }
    }

    /// Uses an external pre-shared key instead of the one rustls has.
    pub(super) fn use_external(&self, key: Option<SecretVec>) {
        self.external.replace(key);
    }

    /// The PSK of the ticket with this nonce (RFC 8446, section 4.6.1), with TLS 1.3.
    pub(super) fn psk(&self, hkdf: &dyn Hkdf, nonce: &[u8]) -> Option<OkmBlock> {
        let secret = self.secret.borrow();
        Some(expand_block(hkdf, secret.as_ref()?, b"resumption", nonce))
    }

    /// The master secret of a full handshake, with TLS 1.2.
    pub(super) fn master_secret(&self) -> Option<SecretVec> {
        let secret = self.secret.borrow();
        Some(secret.as_ref()?.as_ref().to_vec().into())
    }
}

fn keep(secret: OkmBlock) {
    scope::current(&KEPT, |kept| {
        if let Some(kept) = kept {
            kept.secret.replace(Some(secret));
        }
    });
}

/// Takes note of a secret that is logged, if it is the peer's first traffic secret.
pub(super) fn note_traffic(label: &str, secret: &[u8]) {
    scope::current(&KEPT, |kept| {
        if let Some(kept) = kept
            && label
                == (match kept.server {
                    true => "CLIENT_TRAFFIC_SECRET_0",
                    false => "SERVER_TRAFFIC_SECRET_0",
                })
        {
            kept.peer.replace(Some(secret.to_vec().into()));
        }
    });
}

/// Runs a step of the handshake whose secret is kept.
pub(super) fn watch<R>(kept: &Kept, step: impl FnOnce() -> R) -> R {
    scope::enter(&KEPT, kept, step)
}

/// TLS 1.2's PRF, which tells the master secret.
pub(super) struct WatchedPrf(pub(super) &'static dyn Prf);

impl Prf for WatchedPrf {
    fn for_key_exchange(
        &self,
        output: &mut [u8; 48],
        kx: Box<dyn ActiveKeyExchange>,
        peer_pub_key: &[u8],
        label: &[u8],
        seed: &[u8],
    ) -> Result<(), Error> {
        self.0
            .for_key_exchange(output, kx, peer_pub_key, label, seed)?;
        keep(OkmBlock::new(output));
        Ok(())
    }

    fn new_secret(&self, master_secret: &[u8; 48]) -> Box<dyn PrfSecret> {
        self.0.new_secret(master_secret)
    }
}

/// Runs `update`, in which rustls goes on to its next keys: their cipher learns its secret.
pub(super) fn reveal<R>(update: impl FnOnce() -> R) -> R {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            REVEALING.set(false);
        }
    }
    REVEALING.set(true);
    let _leave = Leave;
    update()
}

/// The secret of the cipher that is being made, if it is to learn it.
pub(super) fn take_base() -> Option<OkmBlock> {
    match REVEALING.replace(false) {
        true => BASE.with(Slot::take),
        false => None,
    }
}

/// The next keys that rustls goes on to on this thread, which it does at once, follow on this
/// secret; their cipher learns its own.
pub(super) fn go_on_from(secret: &OkmBlock) {
    REVEALING.set(true);
    AHEAD.with(|slot| slot.replace(Some(secret.clone())));
}

/// The secret after `secret`, and the cipher with its keys (RFC 8446, section 7.2).
pub(super) fn next_keys(
    hkdf: &dyn Hkdf,
    aead: &dyn Tls13AeadAlgorithm,
    secret: &OkmBlock,
) -> Result<(OkmBlock, Box<dyn RecordEncrypter>), Error> {
    let next = expand_block(hkdf, secret, UPDATE, &[]);
    went_on(secret, &next);
    let expander = hkdf.expander_for_okm(&next);
    let expand = |label: &[u8], out: &mut [u8]| {
        let info = Info::new(out.len(), label, &[]);
        let expanded = expander.expand_slice(&info.parts(), out);
        expanded.map_err(|OutputLengthError| Error::EncryptError)
    };
    let mut iv = vec![0; aead.iv_len()];
    expand(b"iv", &mut iv)?;
    let key = match aead.key_len() {
        16 => {
            let mut key = [0; 16];
            expand(b"key", &mut key)?;
            AeadKey::from(key)
        }
        _ => {
            let mut key = [0; 32];
            expand(b"key", &mut key)?;
            AeadKey::from(key)
        }
    };
    let iv = Iv::new(&iv).map_err(|_| Error::EncryptError)?;
    Ok((next, aead.encrypter(key, iv)))
}

/// HKDF-Expand-Label to the length of the hash (RFC 8446, section 7.1).
pub(super) fn expand_block(
    hkdf: &dyn Hkdf,
    secret: &OkmBlock,
    label: &[u8],
    context: &[u8],
) -> OkmBlock {
    let expander = hkdf.expander_for_okm(secret);
    let info = Info::new(expander.hash_len(), label, context);
    expander.expand_block(&info.parts())
}

/// An HkdfLabel (RFC 8446, section 7.1) in rustls's parts.
struct Info<'a> {
    output_len: [u8; 2],
    label_len: [u8; 1],
    label: &'a [u8],
    context_len: [u8; 1],
    context: &'a [u8],
}

/// Which of the parts is the label.
const LABEL: usize = 3;
const PREFIX: &[u8] = b"tls13 ";
/// That of the secret after a KeyUpdate.
const UPDATE: &[u8] = b"traffic upd";

impl<'a> Info<'a> {
    fn new(output_len: usize, label: &'a [u8], context: &'a [u8]) -> Self {
        Self {
            output_len: (output_len as u16).to_be_bytes(),
            label_len: [(PREFIX.len() + label.len()) as u8],
            label,
            context_len: [context.len() as u8],
            context,
        }
    }

    fn parts(&self) -> [&[u8]; 6] {
        [
            &self.output_len,
            &self.label_len,
            PREFIX,
            self.label,
            &self.context_len,
            self.context,
        ]
    }
}

/// A suite's key schedule: watched, and standing still where [`revival`] is at work.
pub(super) struct Watched {
    pub(super) real: &'static dyn Hkdf,
    pub(super) hash_len: usize,
}

impl Watched {
    fn expander(&self, real: impl FnOnce() -> Box<dyn HkdfExpander>) -> Box<dyn HkdfExpander> {
        revival::expander(self.hash_len).unwrap_or_else(real)
    }

    fn followed(&self, okm: &OkmBlock) -> Box<dyn HkdfExpander> {
        let real = self.real.expander_for_okm(okm);
        match is_noted() || post_auth::is_followed(okm) {
            true => Box::new(Followed {
                real,
                base: okm.clone(),
            }),
            false => real,
        }
    }
}

impl Hkdf for Watched {
    fn extract_from_zero_ikm(&self, salt: Option<&[u8]>) -> Box<dyn HkdfExpander> {
        self.expander(|| {
            let real = self.real.extract_from_zero_ikm(salt);
            let keeps = scope::current(&KEPT, |kept| kept.is_some_and(|kept| kept.server));
            match salt.is_some() && (keeps || post_auth::is_watched()) {
                true => Box::new(Master(real)),
                false => real,
            }
        })
    }

    fn extract_from_secret(&self, salt: Option<&[u8]>, secret: &[u8]) -> Box<dyn HkdfExpander> {
        self.expander(|| {
            // The early secret alone is made without a salt, of a PSK.
            let early = scope::current(&KEPT, |kept| {
                let external = kept.filter(|_| salt.is_none())?.external.borrow();
                let real = self
                    .real
                    .extract_from_secret(None, external.as_ref()?.as_ref());
                Some(Box::new(External(real)) as _)
            });
            early.unwrap_or_else(|| self.real.extract_from_secret(salt, secret))
        })
    }

    fn extract_from_kx_shared_secret(
        &self,
        salt: Option<&[u8]>,
        kx: Box<dyn ActiveKeyExchange>,
        peer_pub_key: &[u8],
    ) -> Result<Box<dyn HkdfExpander>, Error> {
        self.real
            .extract_from_kx_shared_secret(salt, kx, peer_pub_key)
    }

    fn expander_for_okm(&self, okm: &OkmBlock) -> Box<dyn HkdfExpander> {
        if REVEALING.get() {
            return match AHEAD.with(Slot::take) {
                Some(ahead) => self.followed(&ahead),
                None => Box::new(Based {
                    real: self.followed(okm),
                    base: okm.clone(),
                }),
            };
        }
        self.expander(|| self.followed(okm))
    }

    fn hmac_sign(&self, key: &OkmBlock, message: &[u8]) -> hmac::Tag {
        self.real.hmac_sign(key, message)
    }
}

/// Tells the secret that an IV is expanded from: rustls makes the cipher next.
struct Based {
    real: Box<dyn HkdfExpander>,
    base: OkmBlock,
}

impl HkdfExpander for Based {
    fn expand_slice(&self, info: &[&[u8]], output: &mut [u8]) -> Result<(), OutputLengthError> {
        if info.get(LABEL) == Some(&&b"iv"[..]) {
            BASE.with(|slot| slot.replace(Some(self.base.clone())));
        }
        self.real.expand_slice(info, output)
    }

    fn expand_block(&self, info: &[&[u8]]) -> OkmBlock {
        self.real.expand_block(info)
    }

    fn hash_len(&self) -> usize {
        self.real.hash_len()
    }
}

/// An early secret of an external pre-shared key, whose binder has a label of its own.
struct External(Box<dyn HkdfExpander>);

impl HkdfExpander for External {
    fn expand_slice(&self, info: &[&[u8]], output: &mut [u8]) -> Result<(), OutputLengthError> {
        self.0.expand_slice(info, output)
    }

    fn expand_block(&self, info: &[&[u8]]) -> OkmBlock {
        match info.get(LABEL) {
            Some(&b"res binder") => {
                let mut info = info.to_vec();
                info[LABEL] = b"ext binder";
                self.0.expand_block(&info)
            }
            _ => self.0.expand_block(info),
        }
    }

    fn hash_len(&self) -> usize {
        self.0.hash_len()
    }
}

/// Tells the next traffic secret when rustls derives it.
struct Followed {
    real: Box<dyn HkdfExpander>,
    base: OkmBlock,
}

impl HkdfExpander for Followed {
    fn expand_slice(&self, info: &[&[u8]], output: &mut [u8]) -> Result<(), OutputLengthError> {
        self.real.expand_slice(info, output)
    }

    fn expand_block(&self, info: &[&[u8]]) -> OkmBlock {
        let secret = self.real.expand_block(info);
        if info.get(LABEL) == Some(&UPDATE) {
            went_on(&self.base, &secret);
        }
        secret
    }

    fn hash_len(&self) -> usize {
        self.real.hash_len()
    }
}

/// Tells the resumption master secret and the client's secret when rustls derives them from the
/// master secret.
struct Master(Box<dyn HkdfExpander>);

impl HkdfExpander for Master {
    fn expand_slice(&self, info: &[&[u8]], output: &mut [u8]) -> Result<(), OutputLengthError> {
        self.0.expand_slice(info, output)
    }

    fn expand_block(&self, info: &[&[u8]]) -> OkmBlock {
        let secret = self.0.expand_block(info);
        match info.get(LABEL) {
            Some(&b"res master") => keep(secret.clone()),
            Some(&b"c ap traffic") => post_auth::begin_from(&secret),
            _ => {}
        }
        secret
    }

    fn hash_len(&self) -> usize {
        self.0.hash_len()
    }
}
