//! The CryptoProvider: which suites and groups, in which order.

use std::borrow::Cow;
use std::sync::Arc;

use rustls::crypto::kx::{NamedGroup, SupportedKxGroup};
use rustls::crypto::{CryptoProvider, GetRandomFailed, SecureRandom};
use rustls::server::{
    CipherSuiteSelector, KeyExchangeSelector, OfferedKxGroup, PreferClientOrder, PreferServerOrder,
};
use rustls::{Tls12CipherSuite, Tls13CipherSuite};
use rustls_aws_lc_rs as aws;

use super::{kx, suites};
use crate::foreign::{self, libctx::LibCtx};

/// Group code points (RFC 8446, section 4.2.7) of the default list, in order of preference.
pub const DEFAULT_GROUPS: &[u16] = &[0x11ec, 0x001d, 0x0017, 0x0018, 0x0019, 0x001e];

/// The groups of a client that `codes` lets negotiate: a share is sent for the first, which has to
/// be one of TLS 1.3 if that is offered. Empty where the newest version offered has none.
pub fn client_groups(suites: &[u16], groups: &[u16], lib: &LibCtx) -> Vec<u16> {
    if suites
        .iter()
        .all(|&code| suites::tls13(code, lib).is_none())
    {
        return groups.to_vec();
    }
    let (mut list, old): (Vec<u16>, Vec<u16>) = groups.iter().partition(|&&g| kx::in_tls13(g));
    if !list.is_empty() {
        list.extend(old);
    }
    list
}

/// A provider with these suites (IANA codes) and groups, in these orders; what it lacks is
/// skipped, as are a version's suites without a group and a group without suites.
pub fn provider(
    codes: &[u16],
    groups: &[u16],
    lib: &LibCtx,
    secure_random: &'static dyn SecureRandom,
) -> Arc<CryptoProvider> {
    let mut tls12: Vec<_> = codes
        .iter()
        .filter_map(|&c| suites::tls12(c, lib))
        .collect();
    let tls13: Vec<_> = codes
        .iter()
        .filter_map(|&c| suites::tls13(c, lib))
        .collect();
    if !groups.iter().any(|&group| kx::in_tls12(group)) {
        tls12.clear();
    }
    let usable = |group: u16| match tls13.is_empty() {
        true => kx::in_tls12(group),
        false => kx::in_tls13(group) || !tls12.is_empty(),
    };
    let groups = groups.iter().filter(|&&group| usable(group));
    Arc::new(CryptoProvider {
        kx_groups: Cow::Owned(groups.filter_map(|&g| kx::find(g, lib)).collect()),
        tls12_cipher_suites: Cow::Owned(tls12),
        tls13_cipher_suites: Cow::Owned(tls13),
        secure_random,
        ..aws::DEFAULT_PROVIDER
    })
}

/// Where randoms come from: with `timed`, a hello's begins with the time in seconds
/// (SSL_MODE_SEND_CLIENTHELLO_TIME).
pub fn random(timed: bool) -> &'static dyn SecureRandom {
    match timed {
        true => &Timed,
        false => aws::DEFAULT_PROVIDER.secure_random,
    }
}

/// Stamps all that is as long as a hello's random.
#[derive(Debug)]
struct Timed;

impl SecureRandom for Timed {
    fn fill(&self, buf: &mut [u8]) -> Result<(), GetRandomFailed> {
        const HELLO_RANDOM: usize = 32;
        aws::DEFAULT_PROVIDER.secure_random.fill(buf)?;
        if buf.len() == HELLO_RANDOM {
            buf[..4].copy_from_slice(&(foreign::now() as u32).to_be_bytes());
        }
        Ok(())
    }
}

/// Who decides on the cipher suite (SSL_OP_CIPHER_SERVER_PREFERENCE).
pub fn suite_selector(server_preference: bool) -> &'static dyn CipherSuiteSelector {
    match server_preference {
        true => &PreferServerOrder,
        false => &PreferClientOrder,
    }
}

/// ChaCha20-Poly1305 before the other suites in the server's order (SSL_OP_PRIORITIZE_CHACHA).
#[derive(Debug)]
pub struct ChaChaFirst;

impl ChaChaFirst {
    fn select<T>(
        client: &mut dyn Iterator<Item = &'static T>,
        server: &[&'static T],
        code: impl Fn(&T) -> u16,
    ) -> Option<&'static T> {
        let offered: Vec<u16> = client.map(&code).collect();
        let shared = server.iter().filter(|s| offered.contains(&code(s)));
        shared.copied().min_by_key(|s| !is_chacha(code(s)))
    }
}

impl CipherSuiteSelector for ChaChaFirst {
    fn select_tls12_cipher_suite(
        &self,
        client: &mut dyn Iterator<Item = &'static Tls12CipherSuite>,
        server: &[&'static Tls12CipherSuite],
    ) -> Option<&'static Tls12CipherSuite> {
        Self::select(client, server, |suite| suite.common.suite.0)
    }

    fn select_tls13_cipher_suite(
        &self,
        client: &mut dyn Iterator<Item = &'static Tls13CipherSuite>,
        server: &[&'static Tls13CipherSuite],
    ) -> Option<&'static Tls13CipherSuite> {
        Self::select(client, server, |suite| suite.common.suite.0)
    }
}

/// The suite of a session that is resumed, and no other.
#[derive(Debug)]
struct Only(u16);

impl Only {
    fn select<T>(
        &self,
        mut client: &mut dyn Iterator<Item = &'static T>,
        code: impl Fn(&T) -> u16,
    ) -> Option<&'static T> {
        Iterator::find(&mut client, |suite| code(suite) == self.0)
    }
}

impl CipherSuiteSelector for Only {
    fn select_tls12_cipher_suite(
        &self,
        client: &mut dyn Iterator<Item = &'static Tls12CipherSuite>,
        _server: &[&'static Tls12CipherSuite],
    ) -> Option<&'static Tls12CipherSuite> {
        self.select(client, |suite| suite.common.suite.0)
    }

    fn select_tls13_cipher_suite(
        &self,
        client: &mut dyn Iterator<Item = &'static Tls13CipherSuite>,
        _server: &[&'static Tls13CipherSuite],
    ) -> Option<&'static Tls13CipherSuite> {
        self.select(client, |suite| suite.common.suite.0)
    }
}

/// Leaves no choice but the suite of this IANA code, which the client offers.
pub fn only_suite(code: u16) -> Option<&'static dyn CipherSuiteSelector> {
    static ALL: [Only; 15] = [
        Only(0x1301),
        Only(0x1302),
        Only(0x1303),
        Only(0x1304),
        Only(0x1305),
        Only(0xc02b),
        Only(0xc02c),
        Only(0xc02f),
        Only(0xc030),
        Only(0xcca8),
        Only(0xcca9),
        Only(0xc0ac),
        Only(0xc0ad),
        Only(0xc0ae),
        Only(0xc0af),
    ];
    let only = ALL.iter().find(|only| only.0 == code)?;
    Some(only)
}

/// Whether the suite of this IANA code is one of ChaCha20-Poly1305's (RFC 7905; RFC 8446, appendix
/// B.4).
pub fn is_chacha(code: u16) -> bool {
    matches!(code, 0x1303 | 0xcca8..=0xccae)
}

/// Who decides on the group, in a handshake of the version.
pub fn group_selector(server_preference: bool, tls13: bool) -> &'static dyn KeyExchangeSelector {
    match (server_preference, tls13) {
        (true, true) => &Having(kx::in_tls13, PreferShares { own_order: true }),
        (true, false) => &Having(kx::in_tls12, PreferServerOrder),
        (false, true) => &Having(kx::in_tls13, PreferShares { own_order: false }),
        (false, false) => &Having(kx::in_tls12, PreferClientOrder),
    }
}

/// Prefers what the client sent a share for, in its order, as OpenSSL does whatever the server's
/// order is; a share is asked for in the server's order. But the post-quantum hybrid comes first even
/// at the price of a round trip, unless the server's order counts and does not begin with it.
///
/// `offers` are the groups that both have, and whether there is a share.
fn preferred(
    server_preference: bool,
    own: &[u16],
    offers: impl Iterator<Item = (u16, bool)>,
) -> Option<u16> {
    const HYBRID: u16 = NamedGroup::X25519MLKEM768.0;
    let hybrid_first = !server_preference || own.first() == Some(&HYBRID);
    let cost = |&(order, (group, has_share)): &(usize, (u16, bool))| {
        let order = match has_share {
            true => Some(order),
            false => own.iter().position(|&code| code == group),
        };
        (!(hybrid_first && group == HYBRID), !has_share, order)
    };
    let (_, (group, _)) = offers.enumerate().min_by_key(cost)?;
    Some(group)
}

/// Leaves out the groups that the version does not have, which rustls does not know.
#[derive(Debug)]
struct Having<T>(fn(u16) -> bool, T);

impl<T: KeyExchangeSelector> KeyExchangeSelector for Having<T> {
    fn select_key_exchange(
        &self,
        client: &mut dyn Iterator<Item = OfferedKxGroup>,
        server: &[&'static dyn SupportedKxGroup],
    ) -> Option<&'static dyn SupportedKxGroup> {
        let mut client = client.filter(|offer| self.0(offer.group.name().0));
        self.1.select_key_exchange(&mut client, server)
    }
}

/// Chooses by [`preferred`].
#[derive(Debug)]
struct PreferShares {
    own_order: bool,
}

impl KeyExchangeSelector for PreferShares {
    fn select_key_exchange(
        &self,
        client: &mut dyn Iterator<Item = OfferedKxGroup>,
        server: &[&'static dyn SupportedKxGroup],
    ) -> Option<&'static dyn SupportedKxGroup> {
        let own: Vec<u16> = server.iter().map(|group| group.name().0).collect();
        let offers = client.map(|offer| (offer.group.name().0, offer.has_key_share));
        let chosen = preferred(self.own_order, &own, offers)?;
        server
            .iter()
            .copied()
            .find(|group| group.name().0 == chosen)
    }
}
