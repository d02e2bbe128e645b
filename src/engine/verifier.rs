//! Handshake signatures are checked here, by libcrypto; chains are verified outside rustls, at
//! its `VerifyPeerIdentity` hand-out.

use std::hash::Hasher;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerIdentity, ServerVerifier};
use rustls::crypto::{SignatureScheme, VerifiedIdentity};
use rustls::error::{CertificateError, PeerMisbehaved};
use rustls::server::danger::{ClientIdentity, ClientVerifier, SignatureVerificationInput};
use rustls::{DistinguishedName, Error, SignerPublicKey};

use super::{rewrite, signatures};
use crate::foreign::evp::{PublicKey, Scheme};
use crate::foreign::libctx::LibCtx;
use crate::foreign::x509::Cert;

/// Signature schemes accepted by default, in OpenSSL's order, without those only TLS 1.0 has.
pub const DEFAULT_SIGALGS: &[u16] = &[
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806, 0x0401,
    0x0501, 0x0601,
];

/// Those besides that a TLS 1.2 server accepts of clients by default.
pub const OLDER_SIGALGS: &[u16] = &[
    0x0303, 0x0203, 0x0301, 0x0201, 0x0302, 0x0202, 0x0402, 0x0502, 0x0602,
];

/// Who judges a peer's signature besides libcrypto.
pub trait SignatureJudge: std::fmt::Debug + Send + Sync {
    /// Whether the peer may sign with the scheme and its key; with `group` it signed the key
    /// exchange of TLS 1.2.
    fn judge(
        &self,
        scheme: u16,
        key: &PublicKey,
        tls13: bool,
        group: Option<u16>,
    ) -> Result<(), Error>;
}

/// Checks signatures made with the peer's certificate.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) lib: LibCtx,
    pub(super) judge: Arc<dyn SignatureJudge>,
    pub(super) sigalgs: Option<Arc<[u16]>>,
    /// Accepted with TLS 1.2, too.
    pub(super) older_sigalgs: Vec<u16>,
    pub(super) request_ocsp: bool,
    pub(super) ca_names: Arc<[DistinguishedName]>,
    pub(super) client_auth: Option<bool>,
}

impl Verifier {
    fn check(
        &self,
        input: &SignatureVerificationInput<'_>,
        tls13: bool,
    ) -> Result<HandshakeSignatureValid, Error> {
        let renamed = rewrite::active()
            .filter(|_| !tls13 && self.client_auth.is_none())
            .and_then(|rewriter| rewriter.peer_pss());
        let scheme = renamed.unwrap_or(input.signature.scheme.0);
        let older = !tls13 && self.older_sigalgs.contains(&scheme);
        if !older && !self.schemes().contains(&scheme) {
            return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
        }
        let SignerPublicKey::X509(der) = input.signer else {
            return Err(CertificateError::BadEncoding.into());
        };
        let key = Cert::from_der(der.as_ref(), &self.lib)
            .and_then(|cert| cert.public_key())
            .map_err(|_| Error::from(CertificateError::BadEncoding))?;
        let group = match tls13 || self.client_auth.is_some() {
            true => None,
            false => exchange_group(input.message),
        };
        self.judge.judge(scheme, &key, tls13, group)?;
        let signature = input.signature.signature();
        let changes = rewrite::active().filter(|_| !tls13 && self.client_auth.is_some());
        let message = match &changes {
            Some(rewriter) => rewriter.verified(input.message),
            None => input.message.into(),
        };
        match key.verify(&self.lib, Scheme(scheme), tls13, &message, signature) {
            true => {
                signatures::peer_used(scheme);
                Ok(HandshakeSignatureValid::assertion())
            }
            false => Err(CertificateError::BadSignature.into()),
        }
    }

    fn schemes(&self) -> &[u16] {
        self.sigalgs.as_deref().unwrap_or(DEFAULT_SIGALGS)
    }

    fn supported(&self) -> Vec<SignatureScheme> {
        self.schemes().iter().map(|&s| SignatureScheme(s)).collect()
    }
}

/// The group of the key exchange that a TLS 1.2 server signed, after the two randoms (RFC 8422,
/// section 5.4).
fn exchange_group(signed: &[u8]) -> Option<u16> {
    const NAMED_CURVE: u8 = 3;
    match signed.get(64..)? {
        [NAMED_CURVE, hi, lo, ..] => Some(u16::from_be_bytes([*hi, *lo])),
        _ => None,
    }
}

impl ServerVerifier for Verifier {
    fn verify_identity<'a>(
        &self,
        _identity: &ServerIdentity<'a, '_>,
    ) -> Result<VerifiedIdentity<'a>, Error> {
        Err(Error::Unreachable("verified at the hand-out"))
    }

    fn verify_tls12_signature(
        &self,
        input: &SignatureVerificationInput<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check(input, false)
    }

    fn verify_tls13_signature(
        &self,
        input: &SignatureVerificationInput<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check(input, true)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.supported()
    }

    fn request_ocsp_response(&self) -> bool {
        self.request_ocsp
    }

    fn root_hint_subjects(&self) -> Option<Arc<[DistinguishedName]>> {
        (!self.ca_names.is_empty()).then(|| self.ca_names.clone())
    }

    fn hash_config(&self, _h: &mut dyn Hasher) {}
}

impl ClientVerifier for Verifier {
    fn verify_identity<'a>(
        &self,
        _identity: &ClientIdentity<'a, '_>,
    ) -> Result<VerifiedIdentity<'a>, Error> {
        Err(Error::Unreachable("verified at the hand-out"))
    }

    fn verify_tls12_signature(
        &self,
        input: &SignatureVerificationInput<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check(input, false)
    }

    fn verify_tls13_signature(
        &self,
        input: &SignatureVerificationInput<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check(input, true)
    }

    fn root_hint_subjects(&self) -> Arc<[DistinguishedName]> {
        self.ca_names.clone()
    }

    fn offer_client_auth(&self) -> bool {
        self.client_auth.is_some()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.client_auth == Some(true)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.supported()
    }
}
