//! TLS's signature schemes as libcrypto runs them.

use std::ffi::{CStr, c_char, c_int};
use std::ptr;

use super::KeyKind;

/// A SignatureScheme code point (RFC 8446, section 4.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scheme(pub u16);

const P256: c_int = openssl_sys::NID_X9_62_prime256v1;
const P384: c_int = openssl_sys::NID_secp384r1;
const P521: c_int = openssl_sys::NID_secp521r1;

impl Scheme {
    /// The digest's name for EVP_DigestSignInit_ex; NULL where the scheme has its own.
    pub(super) fn digest(self) -> *const c_char {
        let name: Option<&'static CStr> = match self.0 {
            0x0201..=0x0203 => Some(c"SHA1"),
            0x0301..=0x0303 => Some(c"SHA224"),
            0x0401..=0x0403 | 0x0804 | 0x0809 | 0x081a => Some(c"SHA256"),
            0x0501..=0x0503 | 0x0805 | 0x080a | 0x081b => Some(c"SHA384"),
            0x0601..=0x0603 | 0x0806 | 0x080b | 0x081c => Some(c"SHA512"),
            _ => None,
        };
        name.map_or(ptr::null(), CStr::as_ptr)
    }

    /// Whether this is one of the rsa_pss schemes.
    pub fn is_pss(self) -> bool {
        matches!(self.0, 0x0804..=0x0806 | 0x0809..=0x080b)
    }

    /// How many bytes an RSA key has at least that makes such a PSS signature, with a salt as long
    /// as the digest.
    pub(super) fn least_pss_size(self) -> c_int {
        let digest = match self.0 {
            0x0804 | 0x0809 => 32,
            0x0805 | 0x080a => 48,
            _ => 64,
        };
        2 * digest + 2
    }

    /// Whether TLS 1.3 signs with it: neither PKCS#1, nor SHA-1 and SHA-224.
    pub fn is_of_tls13(self) -> bool {
        let [hash, signature] = self.0.to_be_bytes();
        hash > 3 && !(hash <= 6 && matches!(signature, 1 | 2))
    }

    /// Whether a key of `kind` can use the scheme. TLS 1.3 knows no PKCS#1, DSA, SHA-1 and SHA-224,
    /// and binds each ECDSA scheme to one curve.
    // In a loop the compiler would compare the curve before it knows that there is one: harmless, but
    // valgrind complains of it to whoever runs a program under it.
    #[inline(never)]
    pub fn fits(self, kind: KeyKind, tls13: bool) -> bool {
        let code = self.0;
        match kind {
            KeyKind::Rsa => match code {
                0x0201 | 0x0301 | 0x0401 | 0x0501 | 0x0601 => !tls13,
                _ => matches!(code, 0x0804..=0x0806),
            },
            KeyKind::RsaPss => matches!(code, 0x0809..=0x080b),
            KeyKind::Dsa => !tls13 && matches!(code, 0x0202 | 0x0302 | 0x0402 | 0x0502 | 0x0602),
            KeyKind::Ec(nid) => match code {
                0x0203 | 0x0303 => !tls13,
                0x0403 => !tls13 || nid == P256,
                0x0503 => !tls13 || nid == P384,
                0x0603 => !tls13 || nid == P521,
                0x081a => nid == openssl_sys::NID_brainpoolP256r1,
                0x081b => nid == openssl_sys::NID_brainpoolP384r1,
                0x081c => nid == openssl_sys::NID_brainpoolP512r1,
                _ => false,
            },
            KeyKind::Ed25519 => code == 0x0807,
            KeyKind::Ed448 => code == 0x0808,
            KeyKind::Gost(_) | KeyKind::Other => false,
        }
    }
}
