//! A client's certificate, which is chosen when the server's is verified.
//!
//! rustls wants to know it when it reads the CertificateRequest: before the server is known, and in
//! the middle of a call that cannot be left and taken up again. It gets a placeholder. The
//! messages made of that, Certificate and CertificateVerify, are replaced before they are hashed
//! and sent, or the latter left out when there is no certificate after all.

use rustls::crypto::{SignatureScheme, Signer};

use super::{Extension, Rewriter, message};
use crate::engine::handshake_type::{CERTIFICATE, CERTIFICATE_VERIFY};
use crate::engine::signatures;

/// What stands for the certificate: no certificate in DER begins so.
pub(in crate::engine) const PLACEHOLDER: &[u8] = b"to be chosen";

/// What is presented to the server.
#[derive(Default)]
pub(in crate::engine) enum Presented {
    /// Nobody has asked.
    #[default]
    Unasked,
    /// A choice that is still to be made.
    Undecided,
    /// No certificate: this empty message.
    Nothing(Vec<u8>),
    /// A certificate.
    Chosen {
        /// The Certificate message.
        message: Vec<u8>,
        /// The scheme of the signature.
        scheme: SignatureScheme,
        /// Makes it; gone once it has.
        signer: Option<Box<dyn Signer>>,
    },
}

/// What a Certificate of the handshake begins with.
fn context(tls13: bool) -> Option<&'static [u8]> {
    tls13.then_some(&[])
}

impl Presented {
    /// The Certificate or CertificateVerify as it goes out, if it is ours and changes.
    pub(super) fn changed(&self, message: &[u8]) -> Option<Vec<u8>> {
        let placeholder = |tls13| {
            let nothing = (PLACEHOLDER, Vec::new());
            message == message::certificate(context(tls13), [nothing])
        };
        let placed = || message[0] == CERTIFICATE && (placeholder(true) || placeholder(false));
        match self {
            Self::Nothing(message) | Self::Chosen { message, .. } if placed() => {
                Some(message.clone())
            }
            // The server's was there before there was a choice.
            Self::Nothing(_) if message[0] == CERTIFICATE_VERIFY => Some(Vec::new()),
            _ => None,
        }
    }
}

impl Rewriter {
    /// The server asks for a certificate, and rustls gets [`PLACEHOLDER`].
    pub(in crate::engine) fn asked(&self) {
        self.0.lock().presented = Presented::Undecided;
    }

    /// The choice: a chain in DER, each certificate with its extensions, and its key's signer.
    pub(in crate::engine) fn present<'a>(
        &self,
        chain: impl IntoIterator<Item = (&'a [u8], Vec<Extension>)>,
        signer: Option<Box<dyn Signer>>,
    ) {
        let chain = chain
            .into_iter()
            .map(|(der, extensions)| (der, message::encoded(&extensions)));
        let mut plan = self.0.lock();
        let tls13 = plan.progress.tls13;
        plan.presented = match signer {
            Some(signer) => Presented::Chosen {
                message: message::certificate(context(tls13), chain),
                scheme: signer.scheme(),
                signer: Some(signer),
            },
            None => Presented::Nothing(message::certificate(context(tls13), [])),
        };
    }
}

/// Signs with what was chosen meanwhile.
#[derive(Debug, Clone)]
pub(in crate::engine) struct LateSigner(pub(in crate::engine) Rewriter);

impl Signer for LateSigner {
    fn sign(self: Box<Self>, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let signer = match &mut self.0.0.lock().presented {
            Presented::Chosen { signer, .. } => signer.take(),
            // The message is left out.
            Presented::Nothing(_) => return Ok(Vec::new()),
            _ => None,
        };
        let Some(signer) = signer else {
            return Err(rustls::Error::Unreachable("signed once, after the choice"));
        };
        signatures::own_chosen(signer.scheme().0);
        signer.sign(&self.0.signed(message))
    }

    fn scheme(&self) -> SignatureScheme {
        match self.0.0.lock().presented {
            Presented::Chosen { scheme, .. } => scheme,
            _ => SignatureScheme::RSA_PSS_SHA256,
        }
    }
}
