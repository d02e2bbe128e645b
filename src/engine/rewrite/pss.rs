//! RSA-PSS keys in TLS 1.2 (RFC 8446, section 4.2.3): rustls has the schemes of such keys,
//! rsa_pss_pss_*, in TLS 1.3 alone, and those of ordinary keys in both.
//!
//! The signatures are made alike, so that each scheme goes under its sibling's name in rustls: in
//! our ServerKeyExchange it is renamed on the way out, in the server's on the way in.

use super::{Rewriter, message};

/// How far rsa_pss_pss_* stand from rsa_pss_rsae_*.
const DISTANCE: u16 = 5;

/// The scheme of an ordinary key for that of an RSA-PSS key; `None` for any other.
pub(in crate::engine) fn rsae(scheme: u16) -> Option<u16> {
    (0x0809..=0x080b)
        .contains(&scheme)
        .then(|| scheme - DISTANCE)
}

/// The other way.
fn pss(scheme: u16) -> Option<u16> {
    (0x0804..=0x0806)
        .contains(&scheme)
        .then(|| scheme + DISTANCE)
}

/// A ServerKeyExchange of ours with the scheme of the key that signed it.
pub(super) fn sent(message: &[u8]) -> Option<Vec<u8>> {
    Some(message::with_scheme(message, pss)?.0)
}

impl Rewriter {
    /// A client's records in the clear as rustls may see them.
    pub(in crate::engine) fn exchange_received(&self, records: &mut [u8]) {
        let mut plan = self.0.lock();
        if let Some(renamed) = plan.exchange.rename(records) {
            plan.peer_pss = Some(renamed.scheme);
            plan.shortened.push((renamed.seen, renamed.came));
        }
    }

    /// The scheme of a TLS 1.2 server's RSA-PSS key, if it signed with one.
    pub(in crate::engine) fn peer_pss(&self) -> Option<u16> {
        self.0.lock().peer_pss
    }
}
