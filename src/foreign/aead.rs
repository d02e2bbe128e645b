//! AEAD ciphers of libcrypto (EVP_EncryptInit(3), "AEAD INTERFACE"): those aws-lc-rs does not
//! have, and the one libcrypto is faster with.

use std::ffi::{CStr, c_char, c_int, c_uchar, c_void};
use std::ptr::{self, NonNull};

use super::evp::quietly;
use super::libctx::LibCtx;
use super::sys as ffi;

/// An AEAD's nonce in TLS: 12 bytes.
pub const NONCE_LEN: usize = 12;

const SET_IVLEN: c_int = 0x9;
const GET_TAG: c_int = 0x10;
const SET_TAG: c_int = 0x11;

unsafe extern "C" {
    fn EVP_CIPHER_fetch(
        lib: *mut ffi::OSSL_LIB_CTX,
        name: *const c_char,
        propq: *const c_char,
    ) -> *mut ffi::EVP_CIPHER;
    fn EVP_CIPHER_free(cipher: *mut ffi::EVP_CIPHER);
    fn EVP_CipherInit_ex2(
        ctx: *mut ffi::EVP_CIPHER_CTX,
        cipher: *const ffi::EVP_CIPHER,
        key: *const c_uchar,
        iv: *const c_uchar,
        enc: c_int,
        params: *const c_void,
    ) -> c_int;
    fn EVP_CipherUpdate(
        ctx: *mut ffi::EVP_CIPHER_CTX,
        out: *mut c_uchar,
        outl: *mut c_int,
        input: *const c_uchar,
        inl: c_int,
    ) -> c_int;
    fn EVP_CipherFinal_ex(
        ctx: *mut ffi::EVP_CIPHER_CTX,
        out: *mut c_uchar,
        outl: *mut c_int,
    ) -> c_int;
}

/// An algorithm, as TLS uses it.
#[derive(Debug, Clone, Copy)]
pub struct Algorithm {
    name: &'static CStr,
    key_len: usize,
    tag_len: usize,
    /// Lengths have to be known before the data, which has to come in one piece.
    is_ccm: bool,
}

impl Algorithm {
    /// ChaCha20-Poly1305 (RFC 8439).
    pub const CHACHA20_POLY1305: Self = Self {
        name: c"ChaCha20-Poly1305",
        key_len: 32,
        tag_len: 16,
        is_ccm: false,
    };

    /// AES-CCM (RFC 3610) with a key and a tag of so many bytes.
    pub const fn aes_ccm(key_len: usize, tag_len: usize) -> Self {
        Self {
            name: match key_len {
                16 => c"AES-128-CCM",
                _ => c"AES-256-CCM",
            },
            key_len,
            tag_len,
            is_ccm: true,
        }
    }

    /// An implementation in `lib` (EVP_CIPHER_fetch(3)), if it has one.
    pub fn fetch(self, lib: &LibCtx) -> Option<Cipher> {
        // SAFETY: the context lives by LibCtx's contract; makes a reference, which Cipher gives
        // back.
        let cipher =
            quietly(|| unsafe { EVP_CIPHER_fetch(lib.as_ptr(), self.name.as_ptr(), lib.propq()) });
        Some(Cipher {
            fetched: NonNull::new(cipher)?,
            algorithm: self,
        })
    }
}

/// An implementation of an algorithm.
#[derive(Debug)]
pub struct Cipher {
    fetched: NonNull<ffi::EVP_CIPHER>,
    algorithm: Algorithm,
}

// SAFETY: an EVP_CIPHER is not changed once it is fetched.
unsafe impl Send for Cipher {}
// SAFETY: as for Send.
unsafe impl Sync for Cipher {}

impl Drop for Cipher {
    fn drop(&mut self) {
        // SAFETY: the reference is ours.
        unsafe { EVP_CIPHER_free(self.fetched.as_ptr()) };
    }
}

impl Cipher {
    /// The key's bytes.
    pub fn key_len(&self) -> usize {
        self.algorithm.key_len
    }

    /// The tag's bytes.
    pub fn tag_len(&self) -> usize {
        self.algorithm.tag_len
    }

    /// A key to seal with; `None` if the key has another length.
    pub fn sealing_key(&'static self, key: &[u8]) -> Option<SealingKey> {
        Some(SealingKey(Keyed::new(self, key, true)?))
    }

    /// A key to open with, as [`Self::sealing_key`].
    pub fn opening_key(&'static self, key: &[u8]) -> Option<OpeningKey> {
        Some(OpeningKey(Keyed::new(self, key, false)?))
    }
}

/// A cipher context with its key; freeing it wipes the key.
struct Keyed {
    ctx: NonNull<ffi::EVP_CIPHER_CTX>,
    algorithm: Algorithm,
    enc: c_int,
}

// SAFETY: the context is used through `&mut` alone, and is not bound to a thread.
unsafe impl Send for Keyed {}
// SAFETY: nothing is done through a shared reference.
unsafe impl Sync for Keyed {}

impl Drop for Keyed {
    fn drop(&mut self) {
        // SAFETY: the context is ours.
        unsafe { ffi::EVP_CIPHER_CTX_free(self.ctx.as_ptr()) };
    }
}

impl Keyed {
    fn new(cipher: &Cipher, key: &[u8], enc: bool) -> Option<Self> {
        let algorithm = cipher.algorithm;
        if key.len() != algorithm.key_len {
            return None;
        }
        let cipher = cipher.fetched.as_ptr();
        // SAFETY: every pointer is live; the key has the cipher's length.
        unsafe {
            let this = Self {
                ctx: NonNull::new(ffi::EVP_CIPHER_CTX_new())?,
                algorithm,
                enc: c_int::from(enc),
            };
            let ctx = this.ctx.as_ptr();
            let none = ptr::null();
            let tag_len = algorithm.tag_len as c_int;
            let ok = EVP_CipherInit_ex2(ctx, cipher, none, none, this.enc, ptr::null()) == 1
                && this.ctrl(SET_IVLEN, NONCE_LEN as c_int, ptr::null_mut())
                && (!algorithm.is_ccm || this.ctrl(SET_TAG, tag_len, ptr::null_mut()))
                && EVP_CipherInit_ex2(ctx, ptr::null(), key.as_ptr(), none, this.enc, ptr::null())
                    == 1;
            ok.then_some(this)
        }
    }

    /// # Safety
    /// `arg` is what `command` wants of `value` bytes.
    unsafe fn ctrl(&self, command: c_int, value: c_int, arg: *mut u8) -> bool {
        // SAFETY: the caller's contract.
        unsafe { ffi::EVP_CIPHER_CTX_ctrl(self.ctx.as_ptr(), command, value, arg.cast()) == 1 }
    }

    /// # Safety
    /// `out` is NULL or writable for as many bytes as `input` has, which may be the same ones.
    unsafe fn update(&mut self, out: *mut u8, input: *const u8, len: usize) -> bool {
        let (mut written, len) = (0, len as c_int);
        // SAFETY: the caller's contract.
        unsafe { EVP_CipherUpdate(self.ctx.as_ptr(), out, &mut written, input, len) == 1 }
    }

    /// Sets the nonce and feeds the associated data of a message of `len` bytes.
    fn begin(&mut self, nonce: &[u8; NONCE_LEN], aad: &[u8], len: usize) -> bool {
        let (ctx, enc) = (self.ctx.as_ptr(), self.enc);
        let none = ptr::null();
        // SAFETY: the nonce has the length set; a NULL output means associated data, and for CCM,
        // with a NULL input too, the message's length.
        unsafe {
            EVP_CipherInit_ex2(ctx, ptr::null(), none, nonce.as_ptr(), enc, ptr::null()) == 1
                && (!self.algorithm.is_ccm || self.update(ptr::null_mut(), ptr::null(), len))
                && self.update(ptr::null_mut(), aad.as_ptr(), aad.len())
        }
    }

    fn finish(&mut self) -> bool {
        let (mut none, mut written) = ([0; 16], 0);
        // CCM has done it with the data.
        // SAFETY: an AEAD has nothing left to write.
        self.algorithm.is_ccm
            || unsafe {
                EVP_CipherFinal_ex(self.ctx.as_ptr(), none.as_mut_ptr(), &mut written) == 1
            }
    }
}

/// Seals messages.
pub struct SealingKey(Keyed);

impl SealingKey {
    /// Encrypts `plain` and then `last` to `out`, and appends the tag: `out` has exactly the
    /// length of the three. False when libcrypto could not.
    pub fn seal(
        &mut self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        plain: &[u8],
        last: &[u8],
        out: &mut [u8],
    ) -> bool {
        let len = plain.len() + last.len();
        assert_eq!(out.len(), len + self.0.algorithm.tag_len);
        let (sealed, tag) = out.split_at_mut(len);
        if !self.0.begin(nonce, aad, len) {
            return false;
        }
        let key = &mut self.0;
        let (first, second) = sealed.split_at_mut(plain.len());
        // SAFETY: the outputs are as long as their inputs, and the tag as long as it is.
        unsafe {
            let ok = match key.algorithm.is_ccm {
                true => {
                    first.copy_from_slice(plain);
                    second.copy_from_slice(last);
                    key.update(first.as_mut_ptr(), first.as_ptr(), len)
                }
                false => {
                    key.update(first.as_mut_ptr(), plain.as_ptr(), plain.len())
                        && (last.is_empty()
                            || key.update(second.as_mut_ptr(), last.as_ptr(), last.len()))
                }
            };
            ok && key.finish() && key.ctrl(GET_TAG, tag.len() as c_int, tag.as_mut_ptr())
        }
    }
}

/// Opens messages.
pub struct OpeningKey(Keyed);

impl OpeningKey {
    /// Decrypts `sealed` in place and gives the length of the plaintext before the tag; `None`
    /// when the tag is wrong, and what is then in `sealed` is not to be used.
    pub fn open(
        &mut self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        sealed: &mut [u8],
    ) -> Option<usize> {
        let len = sealed.len().checked_sub(self.0.algorithm.tag_len)?;
        let (data, tag) = sealed.split_at_mut(len);
        let key = &mut self.0;
        // CCM wants the tag before it gets the nonce.
        // SAFETY: the data is decrypted onto itself; the tag is as long as it is.
        let ok = quietly(|| unsafe {
            let (tag_len, tag) = (tag.len() as c_int, tag.as_mut_ptr());
            key.ctrl(SET_TAG, tag_len, tag)
                && key.begin(nonce, aad, len)
                && key.update(data.as_mut_ptr(), data.as_ptr(), len)
                && key.finish()
        });
        ok.then_some(len)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static CHACHA: LazyLock<Cipher> = LazyLock::new(|| fetched(Algorithm::CHACHA20_POLY1305));
    static CCM: LazyLock<Cipher> = LazyLock::new(|| fetched(Algorithm::aes_ccm(16, 16)));
    static CCM8: LazyLock<Cipher> = LazyLock::new(|| fetched(Algorithm::aes_ccm(32, 8)));

    fn fetched(algorithm: Algorithm) -> Cipher {
        algorithm.fetch(&LibCtx::DEFAULT).expect("a cipher")
    }

    fn sealed(cipher: &'static Cipher, plain: &[u8], last: &[u8]) -> Vec<u8> {
        let mut key = cipher.sealing_key(&vec![7; cipher.key_len()]).unwrap();
        let mut out = vec![0; plain.len() + last.len() + cipher.tag_len()];
        // Used twice: a context serves many messages.
        assert!(key.seal(&[1; 12], b"other", plain, last, &mut out));
        assert!(key.seal(&[3; 12], b"aad", plain, last, &mut out));
        out
    }

    fn opened(cipher: &'static Cipher, data: &mut [u8]) -> Option<usize> {
        let mut key = cipher.opening_key(&vec![7; cipher.key_len()]).unwrap();
        let mut bad = data.to_vec();
        bad[0] ^= 1;
        assert_eq!(key.open(&[3; 12], b"aad", &mut bad), None);
        key.open(&[3; 12], b"aad", data)
    }

    #[test]
    fn what_is_sealed_opens() {
        for cipher in [&*CHACHA, &*CCM, &*CCM8] {
            for len in [0, 1, 16, 17, 16384] {
                let plain: Vec<u8> = (0..len).map(|i| i as u8).collect();
                let mut data = sealed(cipher, &plain, &[23]);
                assert_eq!(opened(cipher, &mut data), Some(len + 1), "{cipher:?}");
                assert_eq!(data[..len], plain);
                assert_eq!(data[len], 23);
            }
        }
    }

    #[test]
    fn chacha_is_rfc_8439s() {
        const PLAIN: &[u8] = b"Ladies and Gentlemen of the class of '99: If I could offer you \
            only one tip for the future, sunscreen would be it.";
        const NONCE: [u8; 12] = *b"\x07\0\0\0@ABCDEFG";
        const AAD: &[u8] = b"PQRS\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7";
        let key: Vec<u8> = (0x80..0xa0).collect();
        let mut out = vec![0; PLAIN.len() + 16];
        let mut key = CHACHA.sealing_key(&key).unwrap();
        let (plain, last) = PLAIN.split_at(PLAIN.len() - 1);
        assert!(key.seal(&NONCE, AAD, plain, last, &mut out));
        let (data, tag) = out.split_at(PLAIN.len());
        assert_eq!(data[..4], [0xd3, 0x1a, 0x8d, 0x34]);
        assert_eq!(
            u128::from_be_bytes(tag.try_into().unwrap()),
            0x1ae10b594f09e26a7e902ecbd0600691
        );
    }

    #[test]
    fn another_aad_nonce_or_a_short_message_does_not_open() {
        let data = sealed(&CHACHA, b"hello", &[]);
        let mut key = CHACHA.opening_key(&[7; 32]).unwrap();
        assert_eq!(key.open(&[3; 12], b"bad", &mut data.clone()), None);
        assert_eq!(key.open(&[4; 12], b"aad", &mut data.clone()), None);
        assert_eq!(key.open(&[3; 12], b"aad", &mut [0; 15]), None);
        assert_eq!(super::super::err::peek(), 0);
    }

    #[test]
    fn a_key_of_another_length_is_none() {
        assert!(CCM.sealing_key(&[0; 32]).is_none());
    }
}
