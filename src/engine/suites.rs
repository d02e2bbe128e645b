//! The cipher suites, with records filled as OpenSSL fills them.
//!
//! rustls counts what encryption adds against the largest fragment: 16384 bytes of plaintext
//! would go out as two records, of 16367 and 17 bytes with TLS 1.3. OpenSSL's limit is on the
//! plaintext (SSL_CTX_set_max_send_fragment(3); RFC 8446, section 5.1), and a peer's SSL_read
//! returns what one record holds.

use std::sync::LazyLock;

use rustls::crypto::CipherSuite;
use rustls::crypto::cipher::{
    AeadKey, Iv, KeyBlockShape, OutboundPlain, Record, RecordDecrypter, RecordEncrypter,
    Tls12AeadAlgorithm, Tls13AeadAlgorithm, UnsupportedOperationError,
};
use rustls::{
    CipherSuiteCommon, ConnectionTrafficSecrets, Error, Tls12CipherSuite, Tls13CipherSuite,
};
use rustls_aws_lc_rs as aws;

use super::rewrite;

static TLS12: LazyLock<Vec<Tls12CipherSuite>> = LazyLock::new(|| {
    aws::ALL_TLS12_CIPHER_SUITES
        .iter()
        .map(|suite| Tls12CipherSuite {
            common: common(&suite.common),
            protocol_version: suite.protocol_version,
            prf_provider: suite.prf_provider,
            kx: suite.kx,
            sign: suite.sign,
            aead_alg: Box::leak(Box::new(Filling(suite.aead_alg))),
        })
        .collect()
});

static TLS13: LazyLock<Vec<Tls13CipherSuite>> = LazyLock::new(|| {
    aws::ALL_TLS13_CIPHER_SUITES
        .iter()
        .map(|suite| Tls13CipherSuite {
            common: common(&suite.common),
            protocol_version: suite.protocol_version,
            hkdf_provider: suite.hkdf_provider,
            aead_alg: Box::leak(Box::new(Filling(suite.aead_alg))),
            quic: None,
        })
        .collect()
});

fn common(suite: &CipherSuiteCommon) -> CipherSuiteCommon {
    CipherSuiteCommon {
        suite: suite.suite,
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

/// An AEAD whose records are filled.
struct Filling<T: ?Sized + 'static>(&'static T);

impl Tls12AeadAlgorithm for Filling<dyn Tls12AeadAlgorithm> {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn RecordEncrypter> {
        Box::new(FillingEncrypter(self.0.encrypter(key, iv, extra)))
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn RecordDecrypter> {
        self.0.decrypter(key, iv)
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

impl Tls13AeadAlgorithm for Filling<dyn Tls13AeadAlgorithm> {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordEncrypter> {
        rewrite::encrypter(Box::new(FillingEncrypter(self.0.encrypter(key, iv))))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordDecrypter> {
        rewrite::decrypter(self.0.decrypter(key, iv))
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

struct FillingEncrypter(Box<dyn RecordEncrypter>);

impl RecordEncrypter for FillingEncrypter {
    fn encrypt<'a>(
        &mut self,
        record: Record<OutboundPlain<'_>>,
        seq: u64,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        self.0.encrypt(record, seq, out)
    }

    /// For 0, which rustls asks for alone to size fragments, what a fragment has to leave room
    /// for: nothing. It sends no empty records.
    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        match payload_len {
            0 => 0,
            _ => self.0.encrypted_payload_len(payload_len),
        }
    }
}
