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

use super::signatures;
use crate::foreign::evp::{PrivateKey, Scheme};
use crate::foreign::libctx::LibCtx;

/// A chain and the key of its leaf.
#[derive(Debug, Clone)]
pub struct Credential {
    identity: Arc<Identity<'static>>,
    key: Arc<Key>,
}

/// A private key: aws-lc's copy where it can have one, and the EVP_PKEY for the rest.
struct Key {
    native: Option<Box<dyn SigningKey>>,
    foreign: PrivateKey,
    lib: LibCtx,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

impl Credential {
    /// The chain's DER, leaf first, with the leaf's key.
    pub fn new(mut chain: Vec<Vec<u8>>, key: &PrivateKey, lib: &LibCtx) -> Option<Self> {
        if chain.is_empty() {
            return None;
        }
        let leaf = chain.remove(0);
        let intermediates = chain.into_iter().map(CertificateDer::from).collect();
        let native = key.pkcs8_der().and_then(|der| {
            let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der.as_ref().to_vec()));
            rustls_aws_lc_rs::DEFAULT_KEY_PROVIDER
                .load_private_key(der)
                .ok()
        });
        Some(Self {
            identity: Arc::new(Identity::X509(CertificateIdentity::new(
                CertificateDer::from(leaf),
                intermediates,
            ))),
            key: Arc::new(Key {
                native,
                foreign: key.clone(),
                lib: lib.clone(),
            }),
        })
    }

    /// A signer for the first scheme of `offered` that is also in `allowed`.
    fn signer(
        &self,
        offered: &[SignatureScheme],
        allowed: Option<&[u16]>,
    ) -> Option<Box<dyn Signer>> {
        offered
            .iter()
            .filter(|scheme| allowed.is_none_or(|list| list.contains(&scheme.0)))
            .find_map(|&scheme| Key::signer(&self.key, scheme))
    }
}

impl Key {
    fn signer(key: &Arc<Self>, scheme: SignatureScheme) -> Option<Box<dyn Signer>> {
        if let Some(native) = &key.native
            && let Some(signer) = native.choose_scheme(&[scheme])
        {
            return Some(signer);
        }
        // TLS 1.3 binds ECDSA schemes to curves, and which version it will be is not known here.
        let ecdsa = matches!(scheme.0, 0x0203 | 0x0303 | 0x0403 | 0x0503 | 0x0603);
        key.foreign.fits(Scheme(scheme.0), ecdsa).then(|| {
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
            .map_err(|_| rustls::Error::General("libcrypto could not sign".into()))
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}

/// The credentials of a connection: one per key type, the first that fits is used.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// In order of preference.
    pub list: Vec<Credential>,
    /// The signature schemes the program allows; `None`: all.
    pub sigalgs: Option<Arc<[u16]>>,
    /// A stapled OCSP response.
    pub ocsp: Option<Arc<[u8]>>,
}

impl Credentials {
    fn select(&self, offered: &[SignatureScheme]) -> Option<SelectedCredential> {
        self.list.iter().find_map(|credential| {
            let signer = credential.signer(offered, self.sigalgs.as_deref())?;
            let mut selected = rustls::crypto::Credentials::new_unchecked(
                credential.identity.clone(),
                Box::new(Chosen::new(signer)),
            );
            selected.ocsp = self.ocsp.clone();
            let selected = selected.signer(offered)?;
            signatures::own_chosen(selected.signer.scheme().0);
            Some(selected)
        })
    }
}

impl ServerCredentialResolver for Credentials {
    fn resolve(&self, hello: &ClientHello<'_>) -> Result<SelectedCredential, rustls::Error> {
        self.select(hello.signature_schemes())
            .ok_or_else(|| match hello.signature_schemes() {
                // For TLS 1.2 rustls leaves those schemes that a common suite can use.
                [] => PeerIncompatible::NoCipherSuitesInCommon.into(),
                _ if self.list.is_empty() => rustls::Error::NoSuitableCertificate,
                _ => PeerIncompatible::NoSignatureSchemesInCommon.into(),
            })
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
        self.0.lock().ok()?.take()
    }

    fn public_key(&self) -> Option<rustls::pki_types::SubjectPublicKeyInfoDer<'_>> {
        None
    }
}

/// What a client answers a CertificateRequest with: asked when the request is there, so that
/// the program's callbacks may still decide.
pub trait ClientCredentialSource: fmt::Debug + Send + Sync {
    /// The credentials to choose from. `ca_names` are the DER names of the authorities the
    /// server accepts.
    fn credentials(&self, ca_names: &[&[u8]], schemes: &[u16]) -> Credentials;
}

/// Gives rustls the source's answer.
#[derive(Debug)]
pub(super) struct ClientResolver(pub(super) Arc<dyn ClientCredentialSource>);

impl ClientCredentialResolver for ClientResolver {
    fn resolve(&self, request: &CredentialRequest<'_>) -> Option<SelectedCredential> {
        let names: Vec<&[u8]> = request
            .root_hint_subjects()
            .iter()
            .map(|name| name.as_ref())
            .collect();
        let schemes: Vec<u16> = request.signature_schemes().iter().map(|s| s.0).collect();
        self.0
            .credentials(&names, &schemes)
            .select(request.signature_schemes())
    }

    fn supported_certificate_types(&self) -> &'static [CertificateType] {
        &[CertificateType::X509]
    }

    fn hash_config(&self, _h: &mut dyn Hasher) {}
}
