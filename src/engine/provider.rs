//! The CryptoProvider: which suites and groups, in which order.

use std::borrow::Cow;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::crypto::kx::{NamedGroup, SupportedKxGroup};
use rustls::server::{
    CipherSuiteSelector, KeyExchangeSelector, OfferedKxGroup, PreferClientOrder, PreferServerOrder,
};
use rustls_aws_lc_rs as aws;

use super::suites;

/// Group code points (RFC 8446, section 4.2.7) of the default list, in order of preference.
pub const DEFAULT_GROUPS: &[u16] = &[0x11ec, 0x001d, 0x0017, 0x0018];

/// Whether the provider has the group.
pub fn has_group(group: u16) -> bool {
    find_group(group).is_some()
}

fn find_group(group: u16) -> Option<&'static dyn SupportedKxGroup> {
    aws::ALL_KX_GROUPS
        .iter()
        .find(|g| g.name() == NamedGroup(group))
        .copied()
}

/// A provider with these suites (IANA codes) and groups, in these orders; what it lacks is
/// skipped.
pub fn provider(codes: &[u16], groups: &[u16]) -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        tls12_cipher_suites: Cow::Owned(
            codes
                .iter()
                .filter_map(|&code| suites::tls12(code))
                .collect(),
        ),
        tls13_cipher_suites: Cow::Owned(
            codes
                .iter()
                .filter_map(|&code| suites::tls13(code))
                .collect(),
        ),
        kx_groups: Cow::Owned(groups.iter().filter_map(|&g| find_group(g)).collect()),
        ..aws::DEFAULT_PROVIDER
    })
}

/// Who decides on the cipher suite (SSL_OP_CIPHER_SERVER_PREFERENCE).
pub fn suite_selector(server_preference: bool) -> &'static dyn CipherSuiteSelector {
    match server_preference {
        true => &PreferServerOrder,
        false => &PreferClientOrder,
    }
}

/// Prefers the post-quantum hybrid even at the price of a round trip, then what the client sent
/// a share for, in its order.
#[derive(Debug)]
pub struct PreferHybrid;

impl KeyExchangeSelector for PreferHybrid {
    fn select_key_exchange(
        &self,
        client: &mut dyn Iterator<Item = OfferedKxGroup>,
        _server: &[&'static dyn SupportedKxGroup],
    ) -> Option<&'static dyn SupportedKxGroup> {
        client
            .enumerate()
            .min_by_key(|(order, offer)| {
                let hybrid = offer.group.name() == NamedGroup::X25519MLKEM768;
                (!hybrid, !offer.has_key_share, *order)
            })
            .map(|(_, offer)| offer.group)
    }
}
