//! Keys, and the signatures of TLS made and checked with them by libcrypto.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::fmt;
use std::ptr;

use super::err::{Error, Reason, Result};
use super::libctx::LibCtx;
use super::owned::owned;
use super::sys as ffi;
use super::x509::{Cert, encode};

mod held;
mod scheme;
pub use scheme::Scheme;

/// The type of a key, as far as TLS tells types apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// rsaEncryption.
    Rsa,
    /// RSASSA-PSS.
    RsaPss,
    /// id-ecPublicKey over the curve of this NID; NID_undef (0) for an unnamed curve.
    Ec(c_int),
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// DSA.
    Dsa,
    /// GOST R 34.10-2001, and those of 2012 with 256 and 512 bits, counted from 0.
    Gost(usize),
    /// Any other type: DH, X25519, SM2, ...
    Other,
}

/// libcrypto's digest of this NID, which lives for ever; NULL if there is none.
pub fn digest_by_nid(nid: c_int) -> *const ffi::EVP_MD {
    // SAFETY: the name is a static string of libcrypto's or NULL, which is no digest's.
    unsafe { ffi::EVP_get_digestbyname(ffi::OBJ_nid2sn(nid)) }
}

owned! {
    /// One reference to an EVP_PKEY, with or without the private part.
    PKey, ffi::EVP_PKEY, up_ref = ffi::EVP_PKEY_up_ref, free = ffi::EVP_PKEY_free
}

/// An EVP_PKEY used for its public part.
pub type PublicKey = PKey;
/// An EVP_PKEY with the private part, or a way to use it (ENGINE, provider).
pub type PrivateKey = PKey;

// SAFETY: the reference count is atomic, and libcrypto locks a key's caches.
unsafe impl Send for PKey {}
// SAFETY: as for Send; copy_parameters is the only change, and says so.
unsafe impl Sync for PKey {}

/// Bytes that are wiped when dropped.
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// `len` zero bytes, to be filled.
    pub(super) fn zeroed(len: usize) -> Self {
        Self(vec![0; len])
    }

    /// The bytes, to be filled.
    pub(super) fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// Keeps the first `len` bytes.
    pub(super) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }
}

impl AsRef<[u8]> for SecretBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        // SAFETY: the vector's memory is writable, used or not.
        unsafe { ffi::OPENSSL_cleanse(self.0.as_mut_ptr().cast::<c_void>(), self.0.capacity()) };
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes")
    }
}

/// Runs `f` and takes what it queued out of the error queue again.
pub(super) fn quietly<T>(f: impl FnOnce() -> T) -> T {
    struct Pop;
    impl Drop for Pop {
        fn drop(&mut self) {
            // SAFETY: works on this thread's queue.
            unsafe { ffi::ERR_pop_to_mark() };
        }
    }
    // An empty queue cannot be marked.
    if super::err::peek() == 0 {
        let value = f();
        super::err::clear();
        return value;
    }
    // SAFETY: works on this thread's queue.
    unsafe { ffi::ERR_set_mark() };
    let _pop = Pop;
    f()
}

impl PKey {
    fn is_a(&self, name: &CStr) -> bool {
        // SAFETY: the key lives.
        unsafe { ffi::EVP_PKEY_is_a(self.as_ptr(), name.as_ptr()) == 1 }
    }

    /// The key's type (EVP_PKEY_is_a(3)).
    pub fn kind(&self) -> KeyKind {
        match () {
            () if self.is_a(c"RSA") => KeyKind::Rsa,
            () if self.is_a(c"EC") => KeyKind::Ec(self.curve()),
            () if self.is_a(c"ED25519") => KeyKind::Ed25519,
            () if self.is_a(c"RSA-PSS") => KeyKind::RsaPss,
            () if self.is_a(c"ED448") => KeyKind::Ed448,
            () if self.is_a(c"DSA") => KeyKind::Dsa,
            () => {
                let gost = [c"gost2001", c"gost2012_256", c"gost2012_512"];
                let found = gost.iter().position(|name| self.is_a(name));
                found.map_or(KeyKind::Other, KeyKind::Gost)
            }
        }
    }

    fn curve(&self) -> c_int {
        let mut name: [c_char; 50] = [0; 50];
        let mut len = 0;
        // SAFETY: the buffer's size is given; on success it holds a C string.
        quietly(|| unsafe {
            match ffi::EVP_PKEY_get_group_name(
                self.as_ptr(),
                name.as_mut_ptr(),
                name.len(),
                &mut len,
            ) {
                1 => ffi::OBJ_txt2nid(name.as_ptr()),
                _ => ffi::NID_undef,
            }
        })
    }

    /// Whether an EC key's point is compressed.
    pub fn is_compressed(&self) -> bool {
        const COMPRESSED: c_int = 2;
        // SAFETY: the key lives.
        quietly(|| unsafe { EVP_PKEY_get_ec_point_conv_form(self.as_ptr()) == COMPRESSED })
    }

    /// EVP_PKEY_get_bits(3).
    pub fn bits(&self) -> c_int {
        // SAFETY: the key lives.
        unsafe { ffi::EVP_PKEY_get_bits(self.as_ptr()) }
    }

    /// EVP_PKEY_get_security_bits(3).
    pub fn security_bits(&self) -> c_int {
        // SAFETY: the key lives.
        unsafe { ffi::EVP_PKEY_get_security_bits(self.as_ptr()) }
    }

    /// EVP_PKEY_can_sign(3).
    pub fn can_sign(&self) -> bool {
        // SAFETY: the key lives.
        unsafe { ffi::EVP_PKEY_can_sign(self.as_ptr()) == 1 }
    }

    /// The key as PKCS#8 PrivateKeyInfo; `None` when it cannot be exported, or is not to be used
    /// but by its holder, which queues no error.
    pub fn pkcs8_der(&self) -> Option<SecretBytes> {
        // SAFETY: the structure is made, encoded and freed here.
        let der = quietly(|| unsafe {
            // An RSA key held by an ENGINE encodes without complaint, its numbers left out.
            if !self.has_private_part() || !self.is_libcryptos() {
                return None;
            }
            let info = ffi::EVP_PKEY2PKCS8(self.as_ptr());
            if info.is_null() {
                return None;
            }
            let der = SecretBytes(encode(|out| i2d_PKCS8_PRIV_KEY_INFO(info, out)));
            ffi::PKCS8_PRIV_KEY_INFO_free(info);
            Some(der)
        })?;
        (!der.0.is_empty()).then_some(der)
    }

    /// Whether the private part is here in numbers, not merely usable.
    fn has_private_part(&self) -> bool {
        let name = match self.kind() {
            KeyKind::Rsa | KeyKind::RsaPss => c"d",
            KeyKind::Ec(_) | KeyKind::Dsa => c"priv",
            KeyKind::Ed25519 | KeyKind::Ed448 => {
                let mut len = 0;
                // SAFETY: with no buffer the call only tells the length.
                let ok = unsafe {
                    ffi::EVP_PKEY_get_raw_private_key(self.as_ptr(), ptr::null_mut(), &mut len)
                };
                return ok == 1 && len > 0;
            }
            KeyKind::Gost(_) | KeyKind::Other => return true,
        };
        let mut number = ptr::null_mut();
        // SAFETY: the number is made for us, wiped and freed here.
        unsafe {
            let ok = ffi::EVP_PKEY_get_bn_param(self.as_ptr(), name.as_ptr(), &mut number);
            let found = ok == 1 && !number.is_null() && ffi::BN_num_bits(number) > 0;
            ffi::BN_clear_free(number);
            found
        }
    }

    /// Whether the key belongs to `cert`'s; if not, libcrypto queued why
    /// (X509_check_private_key(3)).
    pub fn matches_cert(&self, cert: &Cert) -> Result<()> {
        // SAFETY: both live.
        match unsafe { ffi::X509_check_private_key(cert.as_ptr(), self.as_ptr()) } {
            1 => Ok(()),
            _ => Err(Error::Queued),
        }
    }

    /// Copies the parameters this key lacks from `from` (EVP_PKEY_copy_parameters(3)). Queues
    /// nothing and cannot fail: most types have none. To be done before the key is shared.
    pub fn copy_missing_parameters(&self, from: &Self) {
        // SAFETY: both live.
        quietly(|| unsafe {
            if ffi::EVP_PKEY_missing_parameters(self.as_ptr()) != 0 {
                ffi::EVP_PKEY_copy_parameters(self.as_ptr(), from.as_ptr());
            }
        });
    }

    /// Whether the key can make or check signatures of `scheme` (RFC 8446, section 4.2.3).
    /// TLS 1.2 does not bind ECDSA schemes to a curve.
    pub fn fits(&self, scheme: Scheme, tls13: bool) -> bool {
        scheme.fits(self.kind(), tls13)
    }

    /// Whether the parameters of an RSA-PSS key (RFC 4055, section 3.1) and the length of any RSA
    /// key allow signatures of `scheme`, which fits the key.
    pub fn allows(&self, lib: &LibCtx, scheme: Scheme) -> bool {
        // SAFETY: the key lives, and the names are C strings or NULL.
        !scheme.is_pss()
            || quietly(|| unsafe {
                ffi::EVP_PKEY_get_size(self.as_ptr()) >= scheme.least_pss_size()
                    && EVP_PKEY_digestsign_supports_digest(
                        self.as_ptr(),
                        lib.as_ptr(),
                        scheme.digest(),
                        lib.propq(),
                    ) > 0
            })
    }

    /// The signature of `message` by the private part. Fails with ERR_R_EVP_LIB on top of what
    /// libcrypto queued.
    pub fn sign(&self, lib: &LibCtx, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>> {
        self.try_sign(lib, scheme, message)
            .ok_or_else(|| Error::reason(Reason::EVP_LIB))
    }

    fn try_sign(&self, lib: &LibCtx, scheme: Scheme, message: &[u8]) -> Option<Vec<u8>> {
        let ctx = DigestCtx::new()?;
        let mut pctx = ptr::null_mut();
        // SAFETY: every pointer is live or NULL; the signature's buffer has the length asked for.
        unsafe {
            let ok = ffi::EVP_DigestSignInit_ex(
                ctx.0,
                &mut pctx,
                scheme.digest(),
                lib.as_ptr(),
                lib.propq(),
                self.as_ptr(),
                ptr::null(),
            );
            if ok <= 0 || !set_padding(pctx, scheme) {
                return None;
            }
            let mut len = 0;
            let (m, n) = (message.as_ptr(), message.len());
            if ffi::EVP_DigestSign(ctx.0, ptr::null_mut(), &mut len, m, n) <= 0 {
                return None;
            }
            let mut signature = vec![0; len];
            if ffi::EVP_DigestSign(ctx.0, signature.as_mut_ptr(), &mut len, m, n) <= 0 {
                return None;
            }
            signature.truncate(len);
            Some(signature)
        }
    }

    /// Whether `signature` is this key's over `message`. A key that does not fit the scheme
    /// checks nothing; libcrypto's complaints stay out of the queue.
    pub fn verify(
        &self,
        lib: &LibCtx,
        scheme: Scheme,
        tls13: bool,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        self.fits(scheme, tls13) && quietly(|| self.try_verify(lib, scheme, message, signature))
    }

    fn try_verify(&self, lib: &LibCtx, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
        let Some(ctx) = DigestCtx::new() else {
            return false;
        };
        let mut pctx = ptr::null_mut();
        // SAFETY: every pointer is live or NULL; the slices are readable.
        unsafe {
            let ok = ffi::EVP_DigestVerifyInit_ex(
                ctx.0,
                &mut pctx,
                scheme.digest(),
                lib.as_ptr(),
                lib.propq(),
                self.as_ptr(),
                ptr::null(),
            );
            ok > 0
                && set_padding(pctx, scheme)
                && ffi::EVP_DigestVerify(
                    ctx.0,
                    signature.as_ptr(),
                    signature.len(),
                    message.as_ptr(),
                    message.len(),
                ) == 1
        }
    }
}

/// RSA_PKCS1_PSS_PADDING with a salt as long as the digest, for the schemes that want it.
///
/// # Safety
/// `pctx` is the context of an initialised signature operation.
unsafe fn set_padding(pctx: *mut ffi::EVP_PKEY_CTX, scheme: Scheme) -> bool {
    const PSS_PADDING: c_int = 6;
    const SALT_AS_DIGEST: c_int = -1;
    // SAFETY: the caller's contract.
    !scheme.is_pss()
        || unsafe {
            ffi::EVP_PKEY_CTX_set_rsa_padding(pctx, PSS_PADDING) > 0
                && ffi::EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, SALT_AS_DIGEST) > 0
        }
}

/// An EVP_MD_CTX.
struct DigestCtx(*mut ffi::EVP_MD_CTX);

impl DigestCtx {
    fn new() -> Option<Self> {
        // SAFETY: makes a new object.
        let ctx = unsafe { ffi::EVP_MD_CTX_new() };
        (!ctx.is_null()).then_some(Self(ctx))
    }
}

impl Drop for DigestCtx {
    fn drop(&mut self) {
        // SAFETY: frees the context this value owns.
        unsafe { ffi::EVP_MD_CTX_free(self.0) };
    }
}

unsafe extern "C" {
    fn EVP_PKEY_digestsign_supports_digest(
        key: *mut ffi::EVP_PKEY,
        lib: *mut ffi::OSSL_LIB_CTX,
        digest: *const c_char,
        propq: *const c_char,
    ) -> c_int;
    fn EVP_PKEY_get_ec_point_conv_form(key: *const ffi::EVP_PKEY) -> c_int;
    fn i2d_PKCS8_PRIV_KEY_INFO(info: *const ffi::PKCS8_PRIV_KEY_INFO, out: *mut *mut u8) -> c_int;
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A new key of libcrypto's type `name`, over the group given.
    pub fn generate(name: &CStr, group: Option<&CStr>) -> PrivateKey {
        // SAFETY: EVP_PKEY_Q_keygen takes a size_t for RSA, a C string for EC, nothing else.
        unsafe {
            let none = ptr::null_mut();
            let name_ptr = name.as_ptr();
            let key = match group {
                Some(g) => ffi::EVP_PKEY_Q_keygen(none, ptr::null(), name_ptr, g.as_ptr()),
                None if name == c"RSA" => {
                    ffi::EVP_PKEY_Q_keygen(none, ptr::null(), name_ptr, 2048usize)
                }
                None => ffi::EVP_PKEY_Q_keygen(none, ptr::null(), name_ptr),
            };
            PKey::from_ptr(key).unwrap()
        }
    }

    #[test]
    fn signatures_round_trip() {
        let lib = LibCtx::default();
        let cases = [
            (
                generate(c"RSA", None),
                &[0x0401u16, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806][..],
            ),
            (generate(c"EC", Some(c"P-256")), &[0x0403, 0x0503]),
            (generate(c"ED25519", None), &[0x0807]),
            (generate(c"ED448", None), &[0x0808]),
        ];
        for (key, codes) in cases {
            for &code in codes {
                let scheme = Scheme(code);
                let sig = key.sign(&lib, scheme, b"message").unwrap();
                assert!(
                    key.verify(&lib, scheme, false, b"message", &sig),
                    "{code:#x}"
                );
                assert!(
                    !key.verify(&lib, scheme, false, b"massage", &sig),
                    "{code:#x}"
                );
            }
        }
        assert_eq!(super::super::err::peek(), 0);
    }

    #[test]
    fn kinds_and_curves() {
        let p256 = generate(c"EC", Some(c"P-256"));
        assert_eq!(p256.kind(), KeyKind::Ec(ffi::NID_X9_62_prime256v1));
        assert!(p256.fits(Scheme(0x0503), false));
        assert!(!p256.fits(Scheme(0x0503), true));
        assert!(!p256.fits(Scheme(0x0804), true));
        let rsa = generate(c"RSA", None);
        assert_eq!(rsa.kind(), KeyKind::Rsa);
        assert!(!rsa.fits(Scheme(0x0809), true));
        assert!(!rsa.fits(Scheme(0x0401), true));
        assert_eq!(rsa.bits(), 2048);
        assert_eq!(generate(c"X25519", None).kind(), KeyKind::Other);
        assert!(!generate(c"X25519", None).can_sign());
    }

    #[test]
    fn export_and_mismatch() {
        use crate::foreign::x509::tests::self_signed;
        let (cert, key) = self_signed(c"export");
        assert!(key.pkcs8_der().is_some());
        key.matches_cert(&cert).unwrap();
        let public = Cert::from_der(&cert.der(), &LibCtx::default()).unwrap();
        assert!(public.public_key().unwrap().pkcs8_der().is_none());
        assert_eq!(crate::foreign::err::peek(), 0);
        assert!(generate(c"ED25519", None).matches_cert(&cert).is_err());
        assert_ne!(crate::foreign::err::peek(), 0);
        crate::foreign::err::clear();
    }
}
