//! Key exchange in the groups of libcrypto's providers, which TLS 1.3 alone has.

use rustls::crypto::GetRandomFailed;
use rustls::crypto::kx::{
    ActiveKeyExchange, CompletedKeyExchange, NamedGroup, SharedSecret, StartedKeyExchange,
    SupportedKxGroup,
};
use rustls::enums::ProtocolVersion;
use rustls::error::{Error, PeerMisbehaved};

use super::shares;
use crate::foreign::kx::{self, Exchange};
use crate::foreign::provided::Provided;

impl SupportedKxGroup for Provided {
    fn start(&self) -> Result<StartedKeyExchange, Error> {
        let exchange = Exchange::generate(self.algorithm(), &self.lib).ok_or(GetRandomFailed)?;
        Ok(shares::started(Box::new(Active {
            group: self.name(),
            is_kem: self.is_kem,
            exchange,
        })))
    }

    fn start_and_complete(&self, peer: &[u8]) -> Result<CompletedKeyExchange, Error> {
        let group = self.name();
        if !self.is_kem {
            let exchange = self.start()?.into_single();
            return Ok(CompletedKeyExchange {
                group,
                pub_key: exchange.pub_key().to_vec(),
                secret: exchange.complete(peer)?,
            });
        }
        let encapsulated = kx::encapsulate(self.algorithm(), peer, &self.lib);
        let (pub_key, secret) = encapsulated.ok_or(PeerMisbehaved::InvalidKeyShare)?;
        shares::peer(group, peer);
        Ok(CompletedKeyExchange {
            group,
            pub_key,
            secret: SharedSecret::from(secret.as_ref()),
        })
    }

    fn name(&self) -> NamedGroup {
        NamedGroup(self.code)
    }
}

struct Active {
    group: NamedGroup,
    is_kem: bool,
    exchange: Exchange,
}

impl ActiveKeyExchange for Active {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let secret = match self.is_kem {
            true => self.exchange.decapsulate(peer).ok_or_else(|| {
                // OpenSSL takes it for a failure of its own.
                Error::General("decapsulation failed".to_owned())
            }),
            false => {
                let secret = self.exchange.derive(peer);
                secret.ok_or_else(|| PeerMisbehaved::InvalidKeyShare.into())
            }
        };
        secret.map(|secret| SharedSecret::from(secret.as_ref()))
    }

    fn complete_for_tls_version(
        self: Box<Self>,
        peer: &[u8],
        version: ProtocolVersion,
    ) -> Result<SharedSecret, Error> {
        match version {
            ProtocolVersion::TLSv1_3 => self.complete(peer),
            _ => Err(PeerMisbehaved::SelectedUnofferedKxGroup.into()),
        }
    }

    fn pub_key(&self) -> &[u8] {
        self.exchange.public()
    }

    fn group(&self) -> NamedGroup {
        self.group
    }
}
