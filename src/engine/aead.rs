//! Records protected by libcrypto's ciphers: ChaCha20-Poly1305, with which it is faster than
//! aws-lc, and AES-CCM, which aws-lc-rs does not offer (RFC 6655, RFC 7251, RFC 8446).

use rustls::crypto::cipher::{
    AeadKey, InboundOpaque, Iv, KeyBlockShape, Nonce, OutboundPlain, Record, RecordDecrypter,
    RecordEncrypter, Tls12AeadAlgorithm, Tls13AeadAlgorithm, UnsupportedOperationError,
    make_tls12_aad, make_tls13_aad,
};
use rustls::enums::ContentType;
use rustls::{ConnectionTrafficSecrets, Error};

use crate::foreign::aead::{Cipher, NONCE_LEN, OpeningKey, SealingKey};

const MAX_FRAGMENT: usize = 1 << 14;

/// A cipher of TLS 1.3.
pub(super) struct Tls13(pub(super) &'static Cipher);
/// A cipher of TLS 1.2.
pub(super) struct Tls12 {
    cipher: &'static Cipher,
    /// Bytes of the nonce that each record carries.
    explicit: usize,
}

impl Tls12 {
    /// With a nonce that is all implicit (RFC 7905).
    pub(super) fn implicit(cipher: &'static Cipher) -> Self {
        Self {
            cipher,
            explicit: 0,
        }
    }

    /// With a nonce of which 8 bytes go with each record (RFC 6655, section 3).
    pub(super) fn explicit(cipher: &'static Cipher) -> Self {
        Self {
            cipher,
            explicit: 8,
        }
    }

    fn version(&self) -> V12 {
        V12 {
            explicit: self.explicit,
            tag_len: self.cipher.tag_len(),
        }
    }
}

struct Sealer<V> {
    key: Option<SealingKey>,
    cipher: &'static Cipher,
    iv: Iv,
    version: V,
}

struct Opener<V> {
    key: Option<OpeningKey>,
    iv: Iv,
    version: V,
}

struct V13;
struct V12 {
    /// Bytes of the nonce in each record.
    explicit: usize,
    tag_len: usize,
}

impl<V> Sealer<V> {
    fn new(cipher: &'static Cipher, key: &AeadKey, iv: Iv, version: V) -> Box<Self> {
        Box::new(Self {
            key: cipher.sealing_key(key.as_ref()),
            cipher,
            iv,
            version,
        })
    }

    fn seal(
        &mut self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        plain: &OutboundPlain<'_>,
        last: &[u8],
        out: &mut [u8],
    ) -> Result<(), Error> {
        let key = self.key.as_mut().ok_or(Error::EncryptError)?;
        let sealed = match plain.single_chunk() {
            Some(plain) => key.seal(nonce, aad, plain, last, out),
            None => key.seal(nonce, aad, &plain.to_vec(), last, out),
        };
        sealed.then_some(()).ok_or(Error::EncryptError)
    }
}

impl<V> Opener<V> {
    fn new(cipher: &'static Cipher, key: &AeadKey, iv: Iv, version: V) -> Box<Self> {
        Box::new(Self {
            key: cipher.opening_key(key.as_ref()),
            iv,
            version,
        })
    }

    fn open(
        &mut self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        data: &mut [u8],
    ) -> Result<usize, Error> {
        let key = self.key.as_mut().ok_or(Error::DecryptError)?;
        key.open(nonce, aad, data).ok_or(Error::DecryptError)
    }
}

impl RecordEncrypter for Sealer<V13> {
    fn encrypt<'a>(
        &mut self,
        record: Record<OutboundPlain<'_>>,
        seq: u64,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        let len = self.encrypted_payload_len(record.payload.len());
        let out = out.get_mut(..len).ok_or(Error::EncryptError)?;
        let nonce = Nonce::new(&self.iv, seq).to_array()?;
        let aad = make_tls13_aad(ContentType::ApplicationData, record.version.encode(), len);
        self.seal(&nonce, &aad, &record.payload, &record.typ.to_array(), out)?;
        Ok(Record {
            typ: ContentType::ApplicationData,
            version: record.version,
            payload: out,
        })
    }

    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        payload_len + 1 + self.cipher.tag_len()
    }
}

impl RecordDecrypter for Opener<V13> {
    fn decrypt<'a>(
        &mut self,
        mut record: Record<InboundOpaque<'a>>,
        seq: u64,
    ) -> Result<Record<&'a [u8]>, Error> {
        let nonce = Nonce::new(&self.iv, seq).to_array()?;
        let len = record.payload.len();
        let aad = make_tls13_aad(record.typ, record.version.version(), len);
        let plain_len = self.open(&nonce, &aad, &mut record.payload)?;
        record.payload.truncate(plain_len);
        record.into_tls13_unpadded_record()
    }
}

impl RecordEncrypter for Sealer<V12> {
    fn encrypt<'a>(
        &mut self,
        record: Record<OutboundPlain<'_>>,
        seq: u64,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        let plain_len = record.payload.len();
        let out = out
            .get_mut(..self.encrypted_payload_len(plain_len))
            .ok_or(Error::EncryptError)?;
        let nonce: [u8; NONCE_LEN] = Nonce::new(&self.iv, seq).to_array()?;
        let aad = make_tls12_aad(seq, record.typ, record.version.encode(), plain_len);
        let (explicit, sealed) = out.split_at_mut(self.version.explicit);
        explicit.copy_from_slice(&nonce[NONCE_LEN - explicit.len()..]);
        self.seal(&nonce, &aad, &record.payload, &[], sealed)?;
        Ok(Record {
            typ: record.typ,
            version: record.version,
            payload: out,
        })
    }

    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        self.version.explicit + payload_len + self.cipher.tag_len()
    }
}

impl RecordDecrypter for Opener<V12> {
    fn decrypt<'a>(
        &mut self,
        mut record: Record<InboundOpaque<'a>>,
        seq: u64,
    ) -> Result<Record<&'a [u8]>, Error> {
        let explicit = self.version.explicit;
        let overhead = explicit + self.version.tag_len;
        let plain_len = record.payload.len().checked_sub(overhead);
        let plain_len = plain_len.ok_or(Error::DecryptError)?;
        let mut nonce: [u8; NONCE_LEN] = Nonce::new(&self.iv, seq).to_array()?;
        nonce[NONCE_LEN - explicit..].copy_from_slice(&record.payload[..explicit]);
        let aad = make_tls12_aad(seq, record.typ, record.version.version(), plain_len);
        self.open(&nonce, &aad, &mut record.payload[explicit..])?;
        if plain_len > MAX_FRAGMENT {
            return Err(Error::PeerSentOversizedRecord);
        }
        Ok(record.into_plain_record_range(explicit..explicit + plain_len))
    }
}

impl Tls13AeadAlgorithm for Tls13 {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordEncrypter> {
        Sealer::new(self.0, &key, iv, V13)
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordDecrypter> {
        Opener::new(self.0, &key, iv, V13)
    }

    fn key_len(&self) -> usize {
        self.0.key_len()
    }

    fn extract_keys(
        &self,
        _key: AeadKey,
        _iv: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

/// An IV of the parts, filled up with zeros.
fn iv(salt: &[u8], explicit: &[u8]) -> Iv {
    let mut iv = [0; NONCE_LEN];
    iv[..salt.len()].copy_from_slice(salt);
    iv[salt.len()..salt.len() + explicit.len()].copy_from_slice(explicit);
    Iv::from(iv)
}

impl Tls12AeadAlgorithm for Tls12 {
    fn encrypter(&self, key: AeadKey, salt: &[u8], explicit: &[u8]) -> Box<dyn RecordEncrypter> {
        Sealer::new(self.cipher, &key, iv(salt, explicit), self.version())
    }

    fn decrypter(&self, key: AeadKey, salt: &[u8]) -> Box<dyn RecordDecrypter> {
        Opener::new(self.cipher, &key, iv(salt, &[]), self.version())
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        KeyBlockShape {
            enc_key_len: self.cipher.key_len(),
            fixed_iv_len: NONCE_LEN - self.explicit,
            explicit_nonce_len: self.explicit,
        }
    }

    fn extract_keys(
        &self,
        _key: AeadKey,
        _salt: &[u8],
        _explicit: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

/// aws-lc's cipher for small records, where libcrypto's calls cost more than they save, and
/// libcrypto's for large ones. Both make the same bytes.
pub(super) struct BySize<A: ?Sized + 'static, L> {
    small: &'static A,
    large: L,
}

/// The ciphertext from which libcrypto's ChaCha20-Poly1305 is the faster one, in bytes.
const LARGE: usize = 4096;

impl<A: ?Sized, L> BySize<A, L> {
    pub(super) fn new(small: &'static A, large: L) -> Self {
        Self { small, large }
    }
}

/// Made when a large record comes; many connections see none.
enum Late<T: ?Sized> {
    Not(Option<Box<dyn FnOnce() -> Box<T> + Send + Sync>>),
    Made(Box<T>),
}

impl<T: ?Sized> Late<T> {
    fn new(make: impl FnOnce() -> Box<T> + Send + Sync + 'static) -> Self {
        Self::Not(Some(Box::new(make)))
    }

    fn get(&mut self) -> Option<&mut T> {
        if let Self::Not(make) = self {
            *self = Self::Made(make.take()?());
        }
        match self {
            Self::Made(made) => Some(made),
            Self::Not(_) => None,
        }
    }
}

struct TwoSizes<T: ?Sized> {
    small: Box<T>,
    large: Late<T>,
}

impl RecordEncrypter for TwoSizes<dyn RecordEncrypter> {
    fn encrypt<'a>(
        &mut self,
        record: Record<OutboundPlain<'_>>,
        seq: u64,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        match record.payload.len() {
            LARGE.. => self.large.get().ok_or(Error::EncryptError)?,
            _ => &mut *self.small,
        }
        .encrypt(record, seq, out)
    }

    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        self.small.encrypted_payload_len(payload_len)
    }
}

impl RecordDecrypter for TwoSizes<dyn RecordDecrypter> {
    fn decrypt<'a>(
        &mut self,
        record: Record<InboundOpaque<'a>>,
        seq: u64,
    ) -> Result<Record<&'a [u8]>, Error> {
        match record.payload.len() {
            LARGE.. => self.large.get().ok_or(Error::DecryptError)?,
            _ => &mut *self.small,
        }
        .decrypt(record, seq)
    }
}

/// A second copy of a 32-byte key; both are wiped when dropped.
fn copy(key: &AeadKey) -> AeadKey {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(key.as_ref());
    AeadKey::from(bytes)
}

impl Tls13AeadAlgorithm for BySize<dyn Tls13AeadAlgorithm, Tls13> {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordEncrypter> {
        let cipher = self.large.0;
        Box::new(TwoSizes {
            small: self.small.encrypter(copy(&key), iv.clone()),
            large: Late::new(move || Tls13(cipher).encrypter(key, iv)),
        })
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn RecordDecrypter> {
        let cipher = self.large.0;
        Box::new(TwoSizes {
            small: self.small.decrypter(copy(&key), iv.clone()),
            large: Late::new(move || Tls13(cipher).decrypter(key, iv)),
        })
    }

    fn key_len(&self) -> usize {
        self.small.key_len()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.small.extract_keys(key, iv)
    }
}

impl Tls12AeadAlgorithm for BySize<dyn Tls12AeadAlgorithm, Tls12> {
    fn encrypter(&self, key: AeadKey, salt: &[u8], explicit: &[u8]) -> Box<dyn RecordEncrypter> {
        let (cipher, version) = (self.large.cipher, self.large.version());
        let small = self.small.encrypter(copy(&key), salt, explicit);
        let iv = iv(salt, explicit);
        Box::new(TwoSizes {
            small,
            large: Late::new(move || Sealer::new(cipher, &key, iv, version) as _),
        })
    }

    fn decrypter(&self, key: AeadKey, salt: &[u8]) -> Box<dyn RecordDecrypter> {
        let (cipher, version) = (self.large.cipher, self.large.version());
        let small = self.small.decrypter(copy(&key), salt);
        let iv = iv(salt, &[]);
        Box::new(TwoSizes {
            small,
            large: Late::new(move || Opener::new(cipher, &key, iv, version) as _),
        })
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        self.small.key_block_shape()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        salt: &[u8],
        explicit: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.small.extract_keys(key, salt, explicit)
    }
}
