//! Security levels: what is asked before something weak is used, and by whom it is answered
//! (SSL_CTX_set_security_level(3)).

use std::ffi::c_int;

use super::cipher::Cipher;
use super::groups::Group;
use super::sigalgs::{Available, SigAlg};
use crate::foreign::callback::{Asker, CallbackSlot, Subject, types};
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::evp::PKey;
use crate::foreign::stack::CertStack;
use crate::foreign::x509::Cert;

/// Bits of security that levels 0 to 5 ask for.
const BITS: [c_int; 6] = [0, 80, 112, 128, 192, 256];

/// SSL_SECOP_*.
pub mod op {
    #![expect(
        missing_docs,
        reason = "SSL_CTX_set_security_callback(3) describes each"
    )]
    use std::ffi::c_int;
    pub const CIPHER_SUPPORTED: c_int = 1 << 16 | 1;
    pub const CIPHER_SHARED: c_int = 1 << 16 | 2;
    pub const CIPHER_CHECK: c_int = 1 << 16 | 3;
    pub const CURVE_SUPPORTED: c_int = 2 << 16 | 4;
    pub const CURVE_SHARED: c_int = 2 << 16 | 5;
    pub const CURVE_CHECK: c_int = 2 << 16 | 6;
    pub const TMP_DH: c_int = 4 << 16 | 7;
    pub const VERSION: c_int = 9;
    pub const TICKET: c_int = 10;
    pub const SIGALG_SUPPORTED: c_int = 5 << 16 | 11;
    pub const SIGALG_SHARED: c_int = 5 << 16 | 12;
    pub const SIGALG_CHECK: c_int = 5 << 16 | 13;
    pub const SIGALG_MASK: c_int = 5 << 16 | 14;
    pub const COMPRESSION: c_int = 15;
    pub const EE_KEY: c_int = 6 << 16 | 16;
    pub const CA_KEY: c_int = 6 << 16 | 17;
    pub const CA_MD: c_int = 6 << 16 | 18;
}

/// Whether something is strong enough for `level`: the answer where no callback is set. `suite`
/// is the one asked about in the questions about suites.
pub fn by_level(
    level: c_int,
    question: c_int,
    bits: c_int,
    nid: c_int,
    suite: Option<&Cipher>,
) -> bool {
    let level = level.clamp(0, 5);
    let least = BITS[level as usize];
    if level == 0 {
        // Even then, DH parameters below 80 bits are refused.
        return question != op::TMP_DH || bits >= BITS[1];
    }
    match question {
        op::CIPHER_SUPPORTED | op::CIPHER_SHARED | op::CIPHER_CHECK => {
            bits >= least && suite.is_none_or(|suite| suite.suits_level(level, least))
        }
        // SSL 3.0 ends with level 1, TLS 1.0 with 2, TLS 1.1 with 3.
        op::VERSION => nid > 0x300 + (level - 2).clamp(-1, 2),
        op::COMPRESSION => level < 2,
        op::TICKET => level < 3,
        _ => bits >= least,
    }
}

/// When a suite, group or signature scheme is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before it is offered: SSL_SECOP_*_SUPPORTED.
    Supported,
    /// When both sides have it: SSL_SECOP_*_SHARED.
    Shared,
    /// When the peer chose it: SSL_SECOP_*_CHECK.
    Check,
}

/// The level and callback of a context or connection, and how it is named to the callback.
///
/// Asking may run the program's callback: no lock and no borrow is held meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// SSL_CTX_set_security_level(3).
    pub level: c_int,
    /// SSL_CTX_set_security_callback(3).
    pub callback: CallbackSlot<types::Security>,
    /// Who asks.
    pub asker: Asker,
    /// The signature algorithms there are.
    pub available: Available,
}

impl Policy {
    /// Whether the program's callback answers: the answers may differ from one time to the next.
    pub fn is_own(&self) -> bool {
        self.callback.function.is_some()
    }

    fn permits(&self, question: c_int, bits: c_int, nid: c_int, subject: &Subject<'_>) -> bool {
        match self.callback.get() {
            Some(callback) => callback.permits(self.asker, question, bits, nid, subject),
            None => by_level(self.level, question, bits, nid, None),
        }
    }

    /// A version as on the wire.
    pub fn version(&self, version: c_int) -> bool {
        self.permits(op::VERSION, 0, version, &Subject::Nothing)
    }

    /// A suite.
    pub fn suite(&self, stage: Stage, suite: &'static Cipher) -> bool {
        let question = match stage {
            Stage::Supported => op::CIPHER_SUPPORTED,
            Stage::Shared => op::CIPHER_SHARED,
            Stage::Check => op::CIPHER_CHECK,
        };
        match self.is_own() {
            true => {
                let subject = Subject::Suite(std::ptr::from_ref(suite).cast());
                self.permits(question, suite.bits(), 0, &subject)
            }
            false => by_level(self.level, question, suite.bits(), 0, Some(suite)),
        }
    }

    /// A group by its code point; an unknown one is refused.
    pub fn group(&self, stage: Stage, code: u16) -> bool {
        let question = match stage {
            Stage::Supported => op::CURVE_SUPPORTED,
            Stage::Shared => op::CURVE_SHARED,
            Stage::Check => op::CURVE_CHECK,
        };
        Group::by_code(code).is_some_and(|group| {
            self.permits(
                question,
                group.security_bits,
                group.nid,
                &Subject::Code(code),
            )
        })
    }

    /// A signature scheme by its code point; one that is unknown or not there is refused.
    pub fn scheme(&self, stage: Stage, code: u16) -> bool {
        let question = match stage {
            Stage::Supported => op::SIGALG_SUPPORTED,
            Stage::Shared => op::SIGALG_SHARED,
            Stage::Check => op::SIGALG_CHECK,
        };
        self.ask_scheme(question, code)
    }

    /// A scheme by its code point, as one for whose sake suites are offered.
    pub fn scheme_of_suites(&self, code: u16) -> bool {
        self.ask_scheme(op::SIGALG_MASK, code)
    }

    fn ask_scheme(&self, question: c_int, code: u16) -> bool {
        let there = SigAlg::by_code(code).filter(|_| self.available.has(code));
        there.is_some_and(|alg| {
            self.permits(
                question,
                alg.security_bits(),
                alg.hash_nid,
                &Subject::Code(code),
            )
        })
    }

    /// Session tickets of TLS 1.2.
    pub fn tickets(&self) -> bool {
        self.permits(op::TICKET, 0, 0, &Subject::Nothing)
    }

    /// DH parameters. Fails with SSL_R_DH_KEY_TOO_SMALL.
    pub fn dh(&self, key: Option<&PKey>) -> Result<()> {
        let bits = key.map_or(0, PKey::security_bits);
        let subject = key.map_or(Subject::Nothing, Subject::Key);
        match self.permits(op::TMP_DH, bits, 0, &subject) {
            true => Ok(()),
            false => Err(Error::reason(Reason::DH_KEY_TOO_SMALL)),
        }
    }

    /// An own leaf. Fails with SSL_R_EE_KEY_TOO_SMALL or SSL_R_CA_MD_TOO_WEAK.
    pub fn leaf(&self, cert: &Cert) -> Result<()> {
        self.cert(cert, op::EE_KEY, Reason::EE_KEY_TOO_SMALL)
    }

    /// An authority in an own chain. Fails with SSL_R_CA_KEY_TOO_SMALL or SSL_R_CA_MD_TOO_WEAK.
    pub fn authority(&self, cert: &Cert) -> Result<()> {
        self.cert(cert, op::CA_KEY, Reason::CA_KEY_TOO_SMALL)
    }

    /// An own leaf with its authorities; fails as [`Self::leaf`] and [`Self::authority`].
    pub fn own_chain(&self, leaf: &Cert, rest: &[Cert]) -> Result<()> {
        self.leaf(leaf)?;
        rest.iter().try_for_each(|cert| self.authority(cert))
    }

    /// The authorities of an own chain; fails as [`Self::authority`].
    pub fn authorities(&self, chain: Option<&CertStack>) -> Result<()> {
        let mut certs = chain.into_iter().flat_map(CertStack::iter);
        certs.try_for_each(|cert| self.authority(&cert))
    }

    /// Leaves of the authorities of an own chain those before the first that is too weak; fails with
    /// that one's error.
    pub fn keep_authorities(&self, certs: &mut Vec<Cert>) -> Result<()> {
        let weak = |(at, cert): (usize, &Cert)| Some((at, self.authority(cert).err()?));
        match certs.iter().enumerate().find_map(weak) {
            Some((at, error)) => {
                certs.truncate(at);
                Err(error)
            }
            None => Ok(()),
        }
    }

    fn cert(&self, cert: &Cert, key: c_int, too_small: Reason) -> Result<()> {
        if !self.permits(key, cert.key_security_bits(), 0, &Subject::Cert(cert)) {
            return Err(Error::reason(too_small));
        }
        let strong = cert
            .signature_strength()
            .is_none_or(|(bits, nid)| self.permits(op::CA_MD, bits, nid, &Subject::Cert(cert)));
        match strong {
            true => Ok(()),
            false => Err(Error::reason(Reason::CA_MD_TOO_WEAK)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_end_as_levels_rise() {
        let lowest = |level| (0x300..=0x304).find(|&v| by_level(level, op::VERSION, 0, v, None));
        let expected = [0x300, 0x300, 0x301, 0x302, 0x303, 0x303];
        for (level, version) in (0..).zip(expected) {
            assert_eq!(lowest(level), Some(version), "{level}");
        }
    }

    #[test]
    fn anonymous_and_static_suites_have_their_levels() {
        let suits = |level, code| {
            let suite = Cipher::from_iana(code).unwrap();
            by_level(level, op::CIPHER_SHARED, suite.bits(), 0, Some(suite))
        };
        assert!(suits(0, 0x0034) && !suits(1, 0x0034));
        assert!(suits(2, 0x003c) && !suits(3, 0x003c));
        assert!(suits(3, 0xc02f) && !suits(4, 0xc02f));
        assert!(suits(3, 0x1301) && suits(5, 0x1302));
    }
}
