//! The cipher suites: aws-lc-rs's and those with libcrypto's ciphers, with records made and
//! judged by [`super::sealing`].

use std::sync::LazyLock;

use rustls::crypto::CipherSuite;
use rustls::crypto::cipher::{
    AeadKey, Iv, KeyBlockShape, RecordDecrypter, RecordEncrypter, Tls12AeadAlgorithm,
    Tls13AeadAlgorithm, UnsupportedOperationError,
};
use rustls::crypto::hmac;
use rustls::crypto::kx::ActiveKeyExchange;
use rustls::crypto::tls13::{Hkdf, HkdfExpander, OkmBlock};
use rustls::{
    CipherSuiteCommon, ConnectionTrafficSecrets, Error, Tls12CipherSuite, Tls13CipherSuite,
};
use rustls_aws_lc_rs as aws;

use super::aead::{
    self, AES_128_CCM, AES_128_CCM_8, AES_256_CCM, AES_256_CCM_8, BySize, CHACHA20_POLY1305,
};
use super::sealing::{Decrypter, Encrypter, Tls12Decrypter};
use super::{revival, rewrite};
use crate::foreign::aead::Algorithm;

static TLS12: LazyLock<Vec<Tls12CipherSuite>> = LazyLock::new(|| {
    let with = |suite: &Tls12CipherSuite, code, aead_alg| Tls12CipherSuite {
        common: common(&suite.common, code),
        protocol_version: suite.protocol_version,
        prf_provider: suite.prf_provider,
        kx: suite.kx,
        sign: suite.sign,
        aead_alg: shaped12(aead_alg),
    };
    let own = aws::ALL_TLS12_CIPHER_SUITES.iter().map(|suite| {
        let aead_alg = match suite.common.suite {
            ECDHE_RSA_CHACHA | ECDHE_ECDSA_CHACHA if CHACHA20_POLY1305.is_available() => leak(
                BySize::new(suite.aead_alg, aead::Tls12::implicit(&CHACHA20_POLY1305)),
            ),
            _ => suite.aead_alg,
        };
        with(suite, suite.common.suite, aead_alg)
    });
    let base = aws::cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    let ccm = CCM12.into_iter().filter(|(_, a)| a.is_available());
    own.chain(ccm.map(|(code, a)| with(base, CipherSuite(code), leak(aead::Tls12::explicit(a)))))
        .collect()
});

static TLS13: LazyLock<Vec<Tls13CipherSuite>> = LazyLock::new(|| {
    let with = |suite: &Tls13CipherSuite, code, aead_alg| Tls13CipherSuite {
        common: common(&suite.common, code),
        protocol_version: suite.protocol_version,
        hkdf_provider: leak(Yielding {
            real: suite.hkdf_provider,
            hash_len: suite.common.hash_provider.output_len(),
        }),
        aead_alg: shaped13(aead_alg),
        quic: None,
    };
    let own = aws::ALL_TLS13_CIPHER_SUITES.iter().map(|suite| {
        let aead_alg = match suite.common.suite {
            TLS13_CHACHA if CHACHA20_POLY1305.is_available() => {
                leak(BySize::new(suite.aead_alg, aead::Tls13(&CHACHA20_POLY1305)))
            }
            _ => suite.aead_alg,
        };
        with(suite, suite.common.suite, aead_alg)
    });
    let base = aws::cipher_suite::TLS13_AES_128_GCM_SHA256;
    let ccm = CCM13.into_iter().filter(|(_, a)| a.is_available());
    own.chain(ccm.map(|(code, a)| with(base, CipherSuite(code), leak(aead::Tls13(a)))))
        .collect()
});

const TLS13_CHACHA: CipherSuite = CipherSuite::TLS13_CHACHA20_POLY1305_SHA256;
const ECDHE_RSA_CHACHA: CipherSuite = CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256;
const ECDHE_ECDSA_CHACHA: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;

/// TLS_ECDHE_ECDSA_WITH_AES_*_CCM* (RFC 7251), whose PRF is SHA-256's whatever the key.
const CCM12: [(u16, &Algorithm); 4] = [
    (0xc0ac, &AES_128_CCM),
    (0xc0ad, &AES_256_CCM),
    (0xc0ae, &AES_128_CCM_8),
    (0xc0af, &AES_256_CCM_8),
];

/// TLS_AES_128_CCM_SHA256 and TLS_AES_128_CCM_8_SHA256 (RFC 8446, appendix B.4).
const CCM13: [(u16, &Algorithm); 2] = [(0x1304, &AES_128_CCM), (0x1305, &AES_128_CCM_8)];

/// The suites live as long as the process.
fn leak<T>(part: T) -> &'static T {
    Box::leak(Box::new(part))
}

fn shaped12(aead: &'static dyn Tls12AeadAlgorithm) -> &'static dyn Tls12AeadAlgorithm {
    leak(Shaped(aead))
}

fn shaped13(aead: &'static dyn Tls13AeadAlgorithm) -> &'static dyn Tls13AeadAlgorithm {
    leak(Shaped(aead))
}

fn common(suite: &CipherSuiteCommon, code: CipherSuite) -> CipherSuiteCommon {
    CipherSuiteCommon {
        suite: code,
        hash_provider: rewrite::hash(suite.hash_provider),
        confidentiality_limit: suite.confidentiality_limit,
    }
}

/// The TLS 1.2 suite of this IANA code.
pub(super) fn tls12(code: u16) -> Option<&'static Tls12CipherSuite> {
    TLS12.iter().find(|s| s.common.suite == CipherSuite(code))
}

/// The TLS 1.3 suite of this IANA code.
pub(super) fn tls13(code: u16) -> Option<&'static Tls13CipherSuite> {
    TLS13.iter().find(|s| s.common.suite == CipherSuite(code))
}

/// An AEAD whose records OpenSSL could have made.
struct Shaped<T: ?Sized + 'static>(&'static T);

impl Tls12AeadAlgorithm for Shaped<dyn Tls12AeadAlgorithm> {
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

impl Tls13AeadAlgorithm for Shaped<dyn Tls13AeadAlgorithm> {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordEncrypter> {
        rewrite::encrypter(Box::new(Encrypter::tls13(self.0.encrypter(key, iv))))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordDecrypter> {
        rewrite::decrypter(Box::new(Decrypter(self.0.decrypter(key, iv))))
    }

    fn key_len(&self) -> usize {
        self.0.key_len()
    }

    fn iv_len(&self) -> usize {
        self.0.iv_len()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.0.extract_keys(key, iv)
    }
}

/// A key schedule that stands still where [`revival`] is at work.
struct Yielding {
    real: &'static dyn Hkdf,
    hash_len: usize,
}

impl Yielding {
    fn expander(&self, real: impl FnOnce() -> Box<dyn HkdfExpander>) -> Box<dyn HkdfExpander> {
        revival::expander(self.hash_len).unwrap_or_else(real)
    }
}

impl Hkdf for Yielding {
    fn extract_from_zero_ikm(&self, salt: Option<&[u8]>) -> Box<dyn HkdfExpander> {
        self.expander(|| self.real.extract_from_zero_ikm(salt))
    }

    fn extract_from_secret(&self, salt: Option<&[u8]>, secret: &[u8]) -> Box<dyn HkdfExpander> {
        self.expander(|| self.real.extract_from_secret(salt, secret))
    }

    fn extract_from_kx_shared_secret(
        &self,
        salt: Option<&[u8]>,
        kx: Box<dyn ActiveKeyExchange>,
        peer_pub_key: &[u8],
    ) -> Result<Box<dyn HkdfExpander>, Error> {
        self.real
            .extract_from_kx_shared_secret(salt, kx, peer_pub_key)
    }

    fn expander_for_okm(&self, okm: &OkmBlock) -> Box<dyn HkdfExpander> {
        self.expander(|| self.real.expander_for_okm(okm))
    }

    fn hmac_sign(&self, key: &OkmBlock, message: &[u8]) -> hmac::Tag {
        self.real.hmac_sign(key, message)
    }
}
