//! The cipher suites: aws-lc-rs's and those with libcrypto's ciphers, with records made and
//! judged by [`super::sealing`].

use std::sync::LazyLock;

use parking_lot::Mutex;
use rustls::crypto::cipher::{
    AeadKey, Iv, KeyBlockShape, RecordDecrypter, RecordEncrypter, Tls12AeadAlgorithm,
    Tls13AeadAlgorithm, UnsupportedOperationError,
};
use rustls::crypto::tls13::Hkdf;
use rustls::crypto::{CipherSuite, SignatureScheme};
use rustls::{CipherSuiteCommon, ConnectionTrafficSecrets, Tls12CipherSuite, Tls13CipherSuite};
use rustls_aws_lc_rs as aws;

use super::aead::{self, BySize};
use super::schedule::{Watched, WatchedPrf, take_base};
use super::sealing::{Decrypter, Encrypter, Generation, Tls12Decrypter};
use super::{post_auth, rewrite};
use crate::foreign::aead::{Algorithm, Cipher};
use crate::foreign::libctx::LibCtx;

/// The suites with the ciphers of a library context.
#[derive(Debug)]
struct Table {
    tls12: Vec<Tls12CipherSuite>,
    tls13: Vec<Tls13CipherSuite>,
}

impl Table {
    fn new(lib: &LibCtx) -> Self {
        let cipher = |algorithm: Algorithm| algorithm.fetch(lib).map(leak);
        let chacha = cipher(Algorithm::CHACHA20_POLY1305);
        let ccm = |list: &[(u16, Algorithm)]| -> Vec<(CipherSuite, &'static Cipher)> {
            let known = list.iter().filter_map(|&(code, algorithm)| {
                cipher(algorithm).map(|cipher| (CipherSuite(code), cipher))
            });
            known.collect()
        };
        Self {
            tls12: tls12_suites(chacha, &ccm(&CCM12)),
            tls13: tls13_suites(chacha, &ccm(&CCM13)),
        }
    }

    /// The one for `lib`. rustls wants suites that live for ever, so they do: as many tables as the
    /// program has library contexts and property queries.
    fn of(lib: &LibCtx) -> &'static Self {
        static DEFAULT: LazyLock<Table> = LazyLock::new(|| Table::new(&LibCtx::DEFAULT));
        static ELSEWHERE: Mutex<Vec<(LibCtx, &Table)>> = Mutex::new(Vec::new());
        if lib.is_default() {
            return &DEFAULT;
        }
        let mut elsewhere = ELSEWHERE.lock();
        if let Some((_, known)) = elsewhere.iter().find(|(other, _)| other == lib) {
            return known;
        }
        let new: &'static Self = leak(Self::new(lib));
        elsewhere.push((lib.clone(), new));
        new
    }
}

fn tls12_suites(
    chacha: Option<&'static Cipher>,
    ccm: &[(CipherSuite, &'static Cipher)],
) -> Vec<Tls12CipherSuite> {
    let with = |suite: &Tls12CipherSuite, code, aead_alg| Tls12CipherSuite {
        common: CipherSuiteCommon {
            // There are no next keys to go on to: at a limit rustls would end the connection, where
            // OpenSSL has none.
            confidentiality_limit: u64::MAX,
            ..common(&suite.common, code)
        },
        protocol_version: suite.protocol_version,
        prf_provider: leak(WatchedPrf(suite.prf_provider)),
        kx: suite.kx,
        sign: signed(suite.sign),
        aead_alg: leak(Tls12Shaped(aead_alg)),
    };
    let own = aws::ALL_TLS12_CIPHER_SUITES.iter().map(|suite| {
        let aead_alg = match (suite.common.suite, chacha) {
            (ECDHE_RSA_CHACHA | ECDHE_ECDSA_CHACHA, Some(cipher)) => {
                leak(BySize::new(suite.aead_alg, aead::Tls12::implicit(cipher)))
            }
            _ => suite.aead_alg,
        };
        with(suite, suite.common.suite, aead_alg)
    });
    let base = aws::cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    let ccm = ccm
        .iter()
        .map(|&(code, cipher)| with(base, code, leak(aead::Tls12::explicit(cipher))));
    own.chain(ccm).collect()
}

/// A suite's signature schemes with Ed448, which libcrypto signs and checks, beside Ed25519
/// (RFC 8422, section 2).
fn signed(schemes: &'static [SignatureScheme]) -> &'static [SignatureScheme] {
    static EDDSA: LazyLock<Vec<SignatureScheme>> = LazyLock::new(|| {
        let base = aws::cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
        [base.sign, &[SignatureScheme::ED448]].concat()
    });
    match schemes.contains(&SignatureScheme::ED25519) {
        true => &EDDSA,
        false => schemes,
    }
}

fn tls13_suites(
    chacha: Option<&'static Cipher>,
    ccm: &[(CipherSuite, &'static Cipher)],
) -> Vec<Tls13CipherSuite> {
    let with = |suite: &Tls13CipherSuite, code, aead_alg| Tls13CipherSuite {
        common: common(&suite.common, code),
        protocol_version: suite.protocol_version,
        hkdf_provider: leak(Watched {
            real: suite.hkdf_provider,
            hash_len: suite.common.hash_provider.output_len(),
        }),
        aead_alg: leak(Tls13Shaped {
            hkdf: suite.hkdf_provider,
            aead: aead_alg,
        }),
        quic: None,
    };
    let own = aws::ALL_TLS13_CIPHER_SUITES.iter().map(|suite| {
        let aead_alg = match (suite.common.suite, chacha) {
            (TLS13_CHACHA, Some(cipher)) => leak(BySize::new(suite.aead_alg, aead::Tls13(cipher))),
            _ => suite.aead_alg,
        };
        with(suite, suite.common.suite, aead_alg)
    });
    let base = aws::cipher_suite::TLS13_AES_128_GCM_SHA256;
    let ccm = ccm
        .iter()
        .map(|&(code, cipher)| with(base, code, leak(aead::Tls13(cipher))));
    own.chain(ccm).collect()
}

const TLS13_CHACHA: CipherSuite = CipherSuite::TLS13_CHACHA20_POLY1305_SHA256;
const ECDHE_RSA_CHACHA: CipherSuite = CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256;
const ECDHE_ECDSA_CHACHA: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;

/// TLS_ECDHE_ECDSA_WITH_AES_*_CCM* (RFC 7251), whose PRF is SHA-256's whatever the key.
const CCM12: [(u16, Algorithm); 4] = [
    (0xc0ac, Algorithm::aes_ccm(16, 16)),
    (0xc0ad, Algorithm::aes_ccm(32, 16)),
    (0xc0ae, Algorithm::aes_ccm(16, 8)),
    (0xc0af, Algorithm::aes_ccm(32, 8)),
];

/// TLS_AES_128_CCM_SHA256 and TLS_AES_128_CCM_8_SHA256 (RFC 8446, appendix B.4).
const CCM13: [(u16, Algorithm); 2] = [
    (0x1304, Algorithm::aes_ccm(16, 16)),
    (0x1305, Algorithm::aes_ccm(16, 8)),
];

/// The suites live as long as the process.
fn leak<T>(part: T) -> &'static T {
    Box::leak(Box::new(part))
}

fn common(suite: &CipherSuiteCommon, code: CipherSuite) -> CipherSuiteCommon {
    CipherSuiteCommon {
        suite: code,
        hash_provider: rewrite::hash(post_auth::hash(suite.hash_provider)),
        confidentiality_limit: suite.confidentiality_limit,
    }
}

/// The TLS 1.2 suite of this IANA code, with the ciphers of `lib`.
pub(super) fn tls12(code: u16, lib: &LibCtx) -> Option<&'static Tls12CipherSuite> {
    let mut suites = Table::of(lib).tls12.iter();
    suites.find(|s| s.common.suite == CipherSuite(code))
}

/// The TLS 1.3 suite of this IANA code, with the ciphers of `lib`.
pub(super) fn tls13(code: u16, lib: &LibCtx) -> Option<&'static Tls13CipherSuite> {
    let mut suites = Table::of(lib).tls13.iter();
    suites.find(|s| s.common.suite == CipherSuite(code))
}

/// An AEAD whose records OpenSSL could have made.
struct Tls12Shaped(&'static dyn Tls12AeadAlgorithm);

impl Tls12AeadAlgorithm for Tls12Shaped {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn RecordEncrypter> {
        Box::new(Encrypter::tls12(self.0.encrypter(key, iv, extra)))
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn RecordDecrypter> {
        Box::new(Tls12Decrypter(self.0.decrypter(key, iv)))
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        self.0.key_block_shape()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: &[u8],
        explicit: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.0.extract_keys(key, iv, explicit)
    }
}

/// As [`Tls12Shaped`]; the sender can go on to the next keys.
struct Tls13Shaped {
    hkdf: &'static dyn Hkdf,
    aead: &'static dyn Tls13AeadAlgorithm,
}

impl Tls13AeadAlgorithm for Tls13Shaped {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordEncrypter> {
        let first = take_base().map(|secret| Generation::first(self.hkdf, self.aead, secret));
        let sealing = Encrypter::tls13(self.aead.encrypter(key, iv), first);
        rewrite::encrypter(Box::new(sealing))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordDecrypter> {
        let opened = Box::new(Decrypter::new(self.aead.decrypter(key, iv)));
        post_auth::decrypter(rewrite::decrypter(opened))
    }

    fn key_len(&self) -> usize {
        self.aead.key_len()
    }

    fn iv_len(&self) -> usize {
        self.aead.iv_len()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.aead.extract_keys(key, iv)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_without_key_updates_have_no_limit() {
        let table = Table::of(&LibCtx::DEFAULT);
        let limits = table.tls12.iter().map(|s| s.common.confidentiality_limit);
        assert!(limits.clone().count() > 0 && limits.min() == Some(u64::MAX));
        let tls13 = table.tls13.iter().map(|s| s.common.confidentiality_limit);
        assert_eq!(tls13.min(), Some(1 << 24));
    }
}
