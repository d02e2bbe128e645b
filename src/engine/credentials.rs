//! Certificates and keys as rustls uses them.

use std::fmt;
use std::hash::Hasher;
use std::sync::Arc;

use rustls::client::{ClientCredentialResolver, CredentialRequest};
use rustls::crypto::{
    CertificateIdentity, Identity, SelectedCredential, SignatureScheme, Signer, SigningKey,
};
use rustls::enums::CertificateType;
use rustls::error::PeerIncompatible;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ServerCredentialResolver};

use super::error::CANNOT_SIGN;
use super::rewrite::{self, LateSigner, Rewriter};
use super::signatures;
use super::verifier::DEFAULT_SIGALGS;
use crate::foreign::evp::{PrivateKey, Scheme};
use crate::foreign::job;
use crate::foreign::libctx::LibCtx;
use crate::foreign::x509::Cert;

/// What is sent in a Certificate message.
#[derive(Debug)]
pub struct Chain {
    /// The certificates, leaf first.
    pub certs: Vec<Cert>,
    /// Whether it is as the program gave it, or was built up to a root.
    pub complete: bool,
}

/// A chain and the key of its leaf.
#[derive(Debug, Clone)]
pub struct Credential {
    slot: usize,
    complete: bool,
    identity: Arc<Identity<'static>>,
    certs: Arc<[Cert]>,
    key: Arc<Key>,
}

/// A private key: aws-lc's copy where it can have one, and the EVP_PKEY for the rest.
struct Key {
    native: Option<Box<dyn SigningKey>>,
    foreign: PrivateKey,
    lib: LibCtx,
    /// The schemes that suit the key's type, and that its parameters or length forbid.
    forbidden: Vec<u16>,
}

/// The schemes that not every RSA key allows.
const PSS: [u16; 6] = [0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b];

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

impl Credential {
    /// A chain with its leaf's key; `slot` is what the model knows it by.
    pub fn new(slot: usize, chain: Chain, key: &PrivateKey, lib: &LibCtx) -> Option<Self> {
        let identity = identity(&chain.certs)?;
        let native = key.pkcs8_der().and_then(|der| {
            let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der.as_ref().to_vec()));
            rustls_aws_lc_rs::DEFAULT_KEY_PROVIDER
                .load_private_key(der)
                .ok()
        });
        let kind = key.kind();
        let forbidden = PSS.into_iter().filter(|&code| {
            let scheme = Scheme(code);
            scheme.fits(kind, true) && !key.allows(lib, scheme)
        });
        Some(Self {
            slot,
            complete: chain.complete,
            identity,
            certs: chain.certs.into(),
            key: Arc::new(Key {
                native,
                forbidden: forbidden.collect(),
                foreign: key.clone(),
                lib: lib.clone(),
            }),
        })
    }

    /// What the model knows it by.
    pub fn slot(&self) -> usize {
        self.slot
    }

    /// Presents another chain to the same leaf from now on.
    pub fn set_chain(&mut self, chain: Chain) {
        let same = |(old, new): (&Cert, &Cert)| old.as_ptr() == new.as_ptr();
        if self.certs.len() == chain.certs.len() && self.certs.iter().zip(&chain.certs).all(same) {
            return;
        }
        if let Some(identity) = identity(&chain.certs) {
            self.identity = identity;
            self.certs = chain.certs.into();
            self.complete = chain.complete;
        }
    }

    /// Whether the chain can grow no more.
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

fn identity(chain: &[Cert]) -> Option<Arc<Identity<'static>>> {
    let mut ders = chain.iter().map(|cert| CertificateDer::from(cert.der()));
    let leaf = ders.next()?;
    let chain = CertificateIdentity::new(leaf, ders.collect());
    Some(Arc::new(Identity::X509(chain)))
}

impl Key {
    fn signer(
        key: &Arc<Self>,
        scheme: SignatureScheme,
        any_curve: bool,
    ) -> Option<Box<dyn Signer>> {
        if key.forbidden.contains(&scheme.0) {
            return None;
        }
        // In a job there is room on the stack for libcrypto, not for aws-lc.
        if let Some(native) = &key.native
            && !job::is_running()
            && let Some(signer) = native.choose_scheme(&[scheme])
        {
            return Some(signer);
        }
        let bound = Auth::of(scheme) == Auth::Ecdsa && !any_curve;
        key.foreign.fits(Scheme(scheme.0), bound).then(|| {
            Box::new(ForeignSigner {
                key: key.clone(),
                scheme,
            }) as Box<dyn Signer>
        })
    }
}

/// Signs through libcrypto: keys of an ENGINE or provider, and types aws-lc has not.
#[derive(Debug)]
struct ForeignSigner {
    key: Arc<Key>,
    scheme: SignatureScheme,
}

impl Signer for ForeignSigner {
    fn sign(self: Box<Self>, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        self.key
            .foreign
            .sign(&self.key.lib, Scheme(self.scheme.0), message)
            .map_err(|_| rustls::Error::General(CANNOT_SIGN.into()))
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}

/// What a TLS 1.2 cipher suite wants the server to sign with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// ECDSA or EdDSA (RFC 8422, section 2).
    Ecdsa,
    /// RSA.
    Rsa,
}

impl Auth {
    /// What a suite of this IANA code wants; TLS 1.3's want nothing.
    pub fn of_suite(code: u16) -> Option<Self> {
        match code {
            0xc02b | 0xc02c | 0xcca9 | 0xc0ac..=0xc0af => Some(Self::Ecdsa),
            0xc02f | 0xc030 | 0xcca8 => Some(Self::Rsa),
            _ => None,
        }
    }

    fn of(scheme: SignatureScheme) -> Self {
        match scheme.0 {
            0x0203 | 0x0303 | 0x0403 | 0x0503 | 0x0603 | 0x0807 | 0x0808 => Self::Ecdsa,
            _ => Self::Rsa,
        }
    }
}

/// The credentials of a connection: one per key type. The first signature scheme that one of them
/// can use decides which.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// In order of preference, where a scheme suits several.
    pub list: Vec<Credential>,
    /// The signature schemes the program allows; `None`: all.
    pub sigalgs: Option<Arc<[u16]>>,
    /// Whether the order of our schemes counts instead of the peer's
    /// (SSL_OP_CIPHER_SERVER_PREFERENCE).
    pub own_order: bool,
    /// What TLS 1.2's first suite in common wants: its schemes come before the others.
    pub first: Option<Auth>,
    /// Whether an ECDSA scheme suits keys of every curve: it is known to be TLS 1.2.
    pub any_curve: bool,
    /// The schemes a TLS 1.2 client offers and has a suite for, where there is an RSA-PSS key:
    /// rustls leaves those of such keys out.
    pub offered: Option<Vec<u16>>,
    /// A session is resumed, and nothing signed; with TLS 1.2 its suite wants this.
    pub resumed: Option<Option<Auth>>,
    /// Is told in the middle of a server's handshake.
    pub sink: Option<Arc<dyn ChoiceSink>>,
    /// A stapled OCSP response.
    pub ocsp: Option<Arc<[u8]>>,
}

impl Credentials {
    /// The slot of the credential that a peer which offers these schemes is served.
    pub fn choice(&self, offered: &[u16]) -> Option<usize> {
        let offered: Vec<_> = offered.iter().copied().map(SignatureScheme).collect();
        Some(self.choose(&offered)?.0.slot)
    }

    /// Whether there would be a credential for a peer which offers these schemes, were it not for
    /// the parameters or length of its key.
    pub fn forbid(&self, offered: &[u16]) -> bool {
        let offered: Vec<_> = offered.iter().copied().map(SignatureScheme).collect();
        let mut keys = self.list.iter().map(|c| &c.key.forbidden);
        let shared = self.shared(&offered);
        keys.any(|forbidden| shared.iter().any(|scheme| forbidden.contains(&scheme.0)))
    }

    fn choose(&self, offered: &[SignatureScheme]) -> Option<(&Credential, Box<dyn Signer>)> {
        self.shared(offered).into_iter().find_map(|scheme| {
            let mut fitting = self.list.iter();
            fitting.find_map(|c| Some((c, Key::signer(&c.key, scheme, self.any_curve)?)))
        })
    }

    /// The schemes both sides can use, in the order in which they are tried.
    fn shared(&self, offered: &[SignatureScheme]) -> Vec<SignatureScheme> {
        let own = self.sigalgs.as_deref();
        let mut shared = offered.to_vec();
        shared.retain(|scheme| own.is_none_or(|list| list.contains(&scheme.0)));
        if self.own_order {
            let own = own.unwrap_or(DEFAULT_SIGALGS);
            shared.sort_by_key(|s| own.iter().position(|o| *o == s.0).unwrap_or(own.len()));
        }
        if let Some(first) = self.first {
            shared.sort_by_key(|&scheme| Auth::of(scheme) != first);
        }
        shared
    }

    fn select(&self, offered: &[SignatureScheme]) -> Option<(&Credential, SelectedCredential)> {
        let (credential, mut signer) = self.choose(offered)?;
        let scheme = signer.scheme().0;
        if let Some(sibling) = rewrite::rsae(scheme).filter(|_| self.offered.is_some()) {
            signer = Box::new(Renamed(signer, SignatureScheme(sibling)));
        }
        let mut selected = rustls::crypto::Credentials::new_unchecked(
            credential.identity.clone(),
            Box::new(Chosen::new(signer)),
        );
        selected.ocsp = self.ocsp.clone();
        let selected = selected.signer(offered)?;
        signatures::own_chosen(scheme);
        Some((credential, selected))
    }
}

/// A credential that suits the peer.
pub struct Picked {
    /// What the model knows it by.
    pub slot: usize,
    /// The chain it presents, leaf first.
    pub chain: Arc<[Cert]>,
    /// Signs with its key.
    pub signer: Box<dyn Signer>,
}

impl Credentials {
    /// The credential that a peer which offers these schemes is served.
    pub fn pick(&self, offered: &[u16]) -> Option<Picked> {
        let offered: Vec<_> = offered.iter().copied().map(SignatureScheme).collect();
        let (credential, signer) = self.choose(&offered)?;
        Some(Picked {
            slot: credential.slot,
            chain: credential.certs.clone(),
            signer,
        })
    }
}

/// Who is told which credential was chosen.
pub trait ChoiceSink: fmt::Debug + Send + Sync {
    /// The one of `slot`, with the chain it presents; `false` when that must not be sent.
    fn chosen(&self, slot: usize, chain: &[Cert]) -> bool;
}

impl ServerCredentialResolver for Credentials {
    fn resolve(&self, hello: &ClientHello<'_>) -> Result<SelectedCredential, rustls::Error> {
        let given = hello.signature_schemes();
        if let Some(auth) = self.resumed {
            let mut usable = given.iter().copied();
            let scheme = usable.find(|&scheme| auth.is_none_or(|auth| Auth::of(scheme) == auth));
            return unsigned(scheme).ok_or(PeerIncompatible::NoSignatureSchemesInCommon.into());
        }
        let merged = self.offered.as_ref().map(|all| {
            let kept = |scheme: &u16| {
                given.contains(&SignatureScheme(*scheme)) || rewrite::rsae(*scheme).is_some()
            };
            let kept = all.iter().copied().filter(kept);
            kept.map(SignatureScheme).collect::<Vec<_>>()
        });
        let Some((chosen, selected)) = self.select(merged.as_deref().unwrap_or(given)) else {
            return Err(match hello.signature_schemes() {
                // For TLS 1.2 rustls leaves those schemes that a common suite can use.
                [] => PeerIncompatible::NoCipherSuitesInCommon.into(),
                _ if self.list.is_empty() => rustls::Error::NoSuitableCertificate,
                _ => PeerIncompatible::NoSignatureSchemesInCommon.into(),
            });
        };
        if let Some(sink) = &self.sink
            && !sink.chosen(chosen.slot, &chosen.certs)
        {
            return Err(rustls::Error::NoSuitableCertificate);
        }
        Ok(selected)
    }
}

/// What stands for a certificate where none is sent: a session is resumed.
fn unsigned(scheme: Option<SignatureScheme>) -> Option<SelectedCredential> {
    stand_in(Box::new(Chosen::new(Box::new(SignsNothing(scheme?)))))
}

/// The signer of [`unsigned`].
#[derive(Debug)]
struct SignsNothing(SignatureScheme);

impl Signer for SignsNothing {
    fn sign(self: Box<Self>, _message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        Err(rustls::Error::Unreachable("the session was to be resumed"))
    }

    fn scheme(&self) -> SignatureScheme {
        self.0
    }
}

/// A signer under another scheme's name.
#[derive(Debug)]
struct Renamed(Box<dyn Signer>, SignatureScheme);

impl Signer for Renamed {
    fn sign(self: Box<Self>, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        self.0.sign(message)
    }

    fn scheme(&self) -> SignatureScheme {
        self.1
    }
}

/// A signer already chosen, in the shape that SelectedCredential can be made from.
struct Chosen(std::sync::Mutex<Option<Box<dyn Signer>>>);

impl Chosen {
    fn new(signer: Box<dyn Signer>) -> Self {
        Self(std::sync::Mutex::new(Some(signer)))
    }
}

impl fmt::Debug for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chosen").finish_non_exhaustive()
    }
}

impl SigningKey for Chosen {
    fn choose_scheme(&self, _offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let signer = self.0.lock().ok()?.take()?;
        Some(match rewrite::active() {
            Some(rewriter) => Box::new(Changed { signer, rewriter }),
            _ => signer,
        })
    }

    fn public_key(&self) -> Option<rustls::pki_types::SubjectPublicKeyInfoDer<'_>> {
        None
    }
}

/// Signs the handshake as the peer has it.
#[derive(Debug)]
struct Changed {
    signer: Box<dyn Signer>,
    rewriter: Rewriter,
}

impl Signer for Changed {
    fn sign(self: Box<Self>, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        self.signer.sign(&self.rewriter.signed(message))
    }

    fn scheme(&self) -> SignatureScheme {
        self.signer.scheme()
    }
}

/// Who is told of a CertificateRequest, and makes the choice later
/// ([`Connection::present`](super::connection::Connection::present)).
pub trait RequestSink: fmt::Debug + Send + Sync {
    /// `ca_names` are the DER names of the authorities the server accepts, if it says so.
    fn requested(&self, ca_names: Option<&[&[u8]]>, schemes: &[u16]);
}

/// What stands for a certificate that is chosen later.
fn placeholder(late: Rewriter) -> Option<SelectedCredential> {
    stand_in(Box::new(Placeholder(LateSigner(late))))
}

/// A certificate that is none, with a key.
fn stand_in(key: Box<dyn SigningKey>) -> Option<SelectedCredential> {
    let leaf = CertificateDer::from(rewrite::PLACEHOLDER);
    let identity = Identity::X509(CertificateIdentity::new(leaf, Vec::new()));
    rustls::crypto::Credentials::new_unchecked(Arc::new(identity), key).signer(&[])
}

/// The key of [`placeholder`].
#[derive(Debug)]
struct Placeholder(LateSigner);

impl SigningKey for Placeholder {
    fn choose_scheme(&self, _offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        Some(Box::new(self.0.clone()))
    }

    fn public_key(&self) -> Option<rustls::pki_types::SubjectPublicKeyInfoDer<'_>> {
        None
    }
}

/// Gives rustls what stands for the certificate.
#[derive(Debug)]
pub(super) struct ClientResolver(pub(super) Arc<dyn RequestSink>);

impl ClientCredentialResolver for ClientResolver {
    fn resolve(&self, request: &CredentialRequest<'_>) -> Option<SelectedCredential> {
        let names: Vec<&[u8]> = request
            .root_hint_subjects()
            .iter()
            .map(|name| name.as_ref())
            .collect();
        let schemes: Vec<u16> = request.signature_schemes().iter().map(|s| s.0).collect();
        let late = rewrite::active()?;
        late.asked();
        // TLS 1.2 always has a list (RFC 5246, section 7.4.4).
        let names = (!names.is_empty() || !late.is_tls13()).then_some(&names[..]);
        self.0.requested(names, &schemes);
        placeholder(late)
    }

    fn supported_certificate_types(&self) -> &'static [CertificateType] {
        &[CertificateType::X509]
    }

    fn hash_config(&self, _h: &mut dyn Hasher) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const ECDSA: SignatureScheme = SignatureScheme(0x0403);
    const ED25519: SignatureScheme = SignatureScheme(0x0807);
    const RSA_PSS: SignatureScheme = SignatureScheme(0x0804);
    const RSA: SignatureScheme = SignatureScheme(0x0401);

    #[test]
    fn peers_order_counts_unless_ours_or_the_suite_does() {
        let offered = [RSA_PSS, ED25519, RSA, ECDSA];
        let mut credentials = Credentials::default();
        assert_eq!(credentials.shared(&offered), offered);
        credentials.sigalgs = Some(Arc::new([ECDSA.0, RSA_PSS.0, ED25519.0]));
        assert_eq!(credentials.shared(&offered), [RSA_PSS, ED25519, ECDSA]);
        credentials.first = Some(Auth::Ecdsa);
        assert_eq!(credentials.shared(&offered), [ED25519, ECDSA, RSA_PSS]);
        credentials.own_order = true;
        assert_eq!(credentials.shared(&offered), [ECDSA, ED25519, RSA_PSS]);
        credentials.first = None;
        assert_eq!(credentials.shared(&offered), [ECDSA, RSA_PSS, ED25519]);
    }

    #[test]
    fn nothing_to_choose_from_is_no_choice() {
        assert_eq!(Credentials::default().choice(&[ECDSA.0]), None);
    }
}
