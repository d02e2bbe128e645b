//! The peer's certificate in a session.

use std::sync::{Arc, OnceLock};

use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::libctx::LibCtx;
use crate::foreign::x509::Cert;

/// A certificate as bytes; the X509 is made when it is asked for.
pub struct Peer {
    der: Box<[u8]>,
    cert: OnceLock<Option<Cert>>,
}

impl Peer {
    /// The certificate of a peer: the session gives out this very X509.
    pub fn of(cert: &Cert) -> Arc<Self> {
        Arc::new(Self {
            der: cert.der().into(),
            cert: OnceLock::from(Some(cert.clone())),
        })
    }

    /// The certificate a peer sent.
    pub fn from_der(der: &[u8]) -> Arc<Self> {
        Arc::new(Self {
            der: der.into(),
            cert: OnceLock::new(),
        })
    }

    /// The certificate in `der`, known to be one. Fails with ERR_R_ASN1_LIB.
    pub fn parse(der: &[u8], lib: &LibCtx) -> Result<Arc<Self>> {
        let cert = Cert::from_der(der, lib).map_err(|_| Error::reason(Reason::ASN1_LIB))?;
        Ok(Arc::new(Self {
            der: der.into(),
            cert: OnceLock::from(Some(cert)),
        }))
    }

    /// The bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The X509, which lives as long as this; `None` when the bytes are none.
    pub fn cert(&self) -> Option<&Cert> {
        self.cert
            .get_or_init(|| Cert::from_der(&self.der, &LibCtx::default()).ok())
            .as_ref()
    }
}
