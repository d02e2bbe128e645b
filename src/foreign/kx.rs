//! Ephemeral key exchange by libcrypto, for the groups aws-lc-rs does not have.

use std::ffi::{CStr, c_char, c_int, c_uchar, c_void};
use std::ptr;

use super::evp::{PKey, SecretBytes, quietly};
use super::libctx::LibCtx;
use super::sys as ffi;

/// What libcrypto calls a group.
#[derive(Debug, Clone, Copy)]
pub enum Algorithm {
    /// ECDH on the named curve.
    Ec(&'static CStr),
    /// X25519 or X448 (RFC 7748).
    Okp(&'static CStr),
    /// Diffie-Hellman in the named group of RFC 7919.
    Dh(&'static CStr),
    /// A provider's: its name for the algorithm, and for the group.
    Provided(&'static CStr, &'static CStr),
}

impl Algorithm {
    /// The name of the group, if it takes one to make a key.
    fn group(self) -> Option<&'static CStr> {
        match self {
            Self::Ec(name) | Self::Dh(name) | Self::Provided(_, name) => Some(name),
            Self::Okp(_) => None,
        }
    }
}

unsafe extern "C" {
    fn EVP_PKEY_CTX_new_from_name(
        lib: *mut ffi::OSSL_LIB_CTX,
        name: *const c_char,
        propq: *const c_char,
    ) -> *mut ffi::EVP_PKEY_CTX;
    fn EVP_PKEY_CTX_new_from_pkey(
        lib: *mut ffi::OSSL_LIB_CTX,
        key: *mut ffi::EVP_PKEY,
        propq: *const c_char,
    ) -> *mut ffi::EVP_PKEY_CTX;
    fn EVP_PKEY_CTX_set_group_name(ctx: *mut ffi::EVP_PKEY_CTX, name: *const c_char) -> c_int;
    fn EVP_PKEY_CTX_set_dh_pad(ctx: *mut ffi::EVP_PKEY_CTX, pad: c_int) -> c_int;
    fn EVP_PKEY_get1_encoded_public_key(key: *mut ffi::EVP_PKEY, out: *mut *mut c_uchar) -> usize;
    fn EVP_PKEY_set1_encoded_public_key(
        key: *mut ffi::EVP_PKEY,
        public: *const c_uchar,
        len: usize,
    ) -> c_int;
    fn EVP_PKEY_paramgen_init(ctx: *mut ffi::EVP_PKEY_CTX) -> c_int;
    fn EVP_PKEY_paramgen(ctx: *mut ffi::EVP_PKEY_CTX, key: *mut *mut ffi::EVP_PKEY) -> c_int;
    fn EVP_PKEY_new_raw_public_key_ex(
        lib: *mut ffi::OSSL_LIB_CTX,
        name: *const c_char,
        propq: *const c_char,
        key: *const c_uchar,
        len: usize,
    ) -> *mut ffi::EVP_PKEY;
    fn EVP_PKEY_encapsulate_init(
        ctx: *mut ffi::EVP_PKEY_CTX,
        params: *const ffi::OSSL_PARAM,
    ) -> c_int;
    fn EVP_PKEY_encapsulate(
        ctx: *mut ffi::EVP_PKEY_CTX,
        out: *mut c_uchar,
        out_len: *mut usize,
        secret: *mut c_uchar,
        secret_len: *mut usize,
    ) -> c_int;
    fn EVP_PKEY_decapsulate_init(
        ctx: *mut ffi::EVP_PKEY_CTX,
        params: *const ffi::OSSL_PARAM,
    ) -> c_int;
    fn EVP_PKEY_decapsulate(
        ctx: *mut ffi::EVP_PKEY_CTX,
        secret: *mut c_uchar,
        secret_len: *mut usize,
        from: *const c_uchar,
        from_len: usize,
    ) -> c_int;
    fn EVP_PKEY_copy_parameters(to: *mut ffi::EVP_PKEY, from: *const ffi::EVP_PKEY) -> c_int;
}

struct KeyCtx(*mut ffi::EVP_PKEY_CTX);

impl KeyCtx {
    fn of_algorithm(algorithm: Algorithm, lib: &LibCtx) -> Option<Self> {
        let name = match algorithm {
            Algorithm::Ec(_) => c"EC",
            Algorithm::Okp(name) => name,
            Algorithm::Dh(_) => c"DH",
            Algorithm::Provided(name, _) => name,
        };
        // SAFETY: the context lives by LibCtx's contract; makes a new object.
        let ctx = unsafe { EVP_PKEY_CTX_new_from_name(lib.as_ptr(), name.as_ptr(), lib.propq()) };
        (!ctx.is_null()).then_some(Self(ctx))
    }

    fn of_key(key: &PKey, lib: &LibCtx) -> Option<Self> {
        // SAFETY: as above; the context takes its own reference to the key.
        let ctx = unsafe { EVP_PKEY_CTX_new_from_pkey(lib.as_ptr(), key.as_ptr(), lib.propq()) };
        (!ctx.is_null()).then_some(Self(ctx))
    }
}

impl Drop for KeyCtx {
    fn drop(&mut self) {
        // SAFETY: the context is ours.
        unsafe { ffi::EVP_PKEY_CTX_free(self.0) };
    }
}

/// The key whose public value in TLS is `share`; `None` for what is no value of the group. Queues
/// nothing.
pub fn public_key(algorithm: Algorithm, share: &[u8], lib: &LibCtx) -> Option<PKey> {
    quietly(|| {
        if let Algorithm::Okp(name) = algorithm {
            let (data, len) = (share.as_ptr(), share.len());
            // SAFETY: the names are C strings, `share` is readable for its length; makes a key.
            return unsafe {
                PKey::from_ptr(EVP_PKEY_new_raw_public_key_ex(
                    lib.as_ptr(),
                    name.as_ptr(),
                    lib.propq(),
                    data,
                    len,
                ))
            };
        }
        let key = parameters(algorithm, lib)?;
        // SAFETY: the key is nobody else's yet; `share` is readable for its length.
        let set =
            unsafe { EVP_PKEY_set1_encoded_public_key(key.as_ptr(), share.as_ptr(), share.len()) };
        (set > 0).then_some(key)
    })
}

/// A key with the group's parameters alone (EVP_PKEY_paramgen(3)).
fn parameters(algorithm: Algorithm, lib: &LibCtx) -> Option<PKey> {
    let name = algorithm.group()?;
    let ctx = KeyCtx::of_algorithm(algorithm, lib)?;
    let mut key = ptr::null_mut();
    // SAFETY: every pointer is live; `key` gets a new object.
    unsafe {
        if EVP_PKEY_paramgen_init(ctx.0) <= 0
            || EVP_PKEY_CTX_set_group_name(ctx.0, name.as_ptr()) <= 0
            || EVP_PKEY_paramgen(ctx.0, &mut key) <= 0
        {
            return None;
        }
        PKey::from_ptr(key)
    }
}

/// A fresh key of a group, good for one exchange.
#[derive(Debug)]
pub struct Exchange {
    key: PKey,
    public: Vec<u8>,
    is_dh: bool,
    lib: LibCtx,
}

impl Exchange {
    /// A new key pair (EVP_PKEY_keygen(3)); `None` where libcrypto has no such group or no
    /// randomness.
    pub fn generate(algorithm: Algorithm, lib: &LibCtx) -> Option<Self> {
        let ctx = KeyCtx::of_algorithm(algorithm, lib)?;
        let mut key = ptr::null_mut();
        // SAFETY: every pointer is live; `key` gets a new object.
        let key = unsafe {
            if ffi::EVP_PKEY_keygen_init(ctx.0) <= 0 {
                return None;
            }
            if let Some(name) = algorithm.group()
                && EVP_PKEY_CTX_set_group_name(ctx.0, name.as_ptr()) <= 0
            {
                return None;
            }
            if ffi::EVP_PKEY_keygen(ctx.0, &mut key) <= 0 {
                return None;
            }
            PKey::from_ptr(key)?
        };
        Some(Self {
            public: encoded_public(&key)?,
            key,
            is_dh: matches!(algorithm, Algorithm::Dh(_)),
            lib: lib.clone(),
        })
    }

    /// The public part as TLS sends it (RFC 8446, section 4.2.8).
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// The secret shared with the owner of `peer`, as TLS 1.3 wants it (a Diffie-Hellman one
    /// padded); `None` if that is no public key of the group.
    pub fn derive(&self, peer: &[u8]) -> Option<SecretBytes> {
        quietly(|| self.try_derive(peer))
    }

    /// The secret that the peer has encapsulated to this key; `None` if that is no encapsulation
    /// of the algorithm's (EVP_PKEY_decapsulate(3)).
    pub fn decapsulate(&self, encapsulated: &[u8]) -> Option<SecretBytes> {
        quietly(|| {
            let ctx = KeyCtx::of_key(&self.key, &self.lib)?;
            let (from, from_len) = (encapsulated.as_ptr(), encapsulated.len());
            let mut len = 0;
            // SAFETY: every pointer is live; without a buffer the length alone is told.
            let told = unsafe {
                EVP_PKEY_decapsulate_init(ctx.0, ptr::null()) > 0
                    && EVP_PKEY_decapsulate(ctx.0, ptr::null_mut(), &mut len, from, from_len) > 0
            };
            if !told {
                return None;
            }
            let mut secret = SecretBytes::zeroed(len);
            let to = secret.as_mut().as_mut_ptr();
            // SAFETY: the secret's buffer has the length asked for.
            if unsafe { EVP_PKEY_decapsulate(ctx.0, to, &mut len, from, from_len) } <= 0 {
                return None;
            }
            secret.truncate(len);
            Some(secret)
        })
    }

    fn try_derive(&self, peer: &[u8]) -> Option<SecretBytes> {
        // SAFETY: every pointer is live; the secret's buffer has the length asked for.
        unsafe {
            let other = PKey::from_ptr(ffi::EVP_PKEY_new())?;
            if EVP_PKEY_copy_parameters(other.as_ptr(), self.key.as_ptr()) <= 0
                || EVP_PKEY_set1_encoded_public_key(other.as_ptr(), peer.as_ptr(), peer.len()) <= 0
            {
                return None;
            }
            let ctx = KeyCtx::of_key(&self.key, &self.lib)?;
            if ffi::EVP_PKEY_derive_init(ctx.0) <= 0
                || (self.is_dh && EVP_PKEY_CTX_set_dh_pad(ctx.0, 1) <= 0)
                || ffi::EVP_PKEY_derive_set_peer(ctx.0, other.as_ptr()) <= 0
            {
                return None;
            }
            let mut len = 0;
            if ffi::EVP_PKEY_derive(ctx.0, ptr::null_mut(), &mut len) <= 0 {
                return None;
            }
            let mut secret = SecretBytes::zeroed(len);
            if ffi::EVP_PKEY_derive(ctx.0, secret.as_mut().as_mut_ptr(), &mut len) <= 0 {
                return None;
            }
            secret.truncate(len);
            Some(secret)
        }
    }
}

/// The secret that a KEM makes for the owner of the public value `peer`, and its encapsulation
/// (EVP_PKEY_encapsulate(3)); `None` if that is no public value of the algorithm's. Queues nothing.
pub fn encapsulate(
    algorithm: Algorithm,
    peer: &[u8],
    lib: &LibCtx,
) -> Option<(Vec<u8>, SecretBytes)> {
    let key = public_key(algorithm, peer, lib)?;
    quietly(|| {
        let ctx = KeyCtx::of_key(&key, lib)?;
        let (mut len, mut secret_len) = (0, 0);
        // SAFETY: every pointer is live; without buffers the lengths alone are told.
        let told = unsafe {
            EVP_PKEY_encapsulate_init(ctx.0, ptr::null()) > 0
                && EVP_PKEY_encapsulate(
                    ctx.0,
                    ptr::null_mut(),
                    &mut len,
                    ptr::null_mut(),
                    &mut secret_len,
                ) > 0
        };
        if !told || len == 0 || secret_len == 0 {
            return None;
        }
        let (mut out, mut secret) = (vec![0; len], SecretBytes::zeroed(secret_len));
        // SAFETY: both buffers have the length asked for.
        let done = unsafe {
            EVP_PKEY_encapsulate(
                ctx.0,
                out.as_mut_ptr(),
                &mut len,
                secret.as_mut().as_mut_ptr(),
                &mut secret_len,
            )
        };
        if done <= 0 {
            return None;
        }
        out.truncate(len);
        secret.truncate(secret_len);
        Some((out, secret))
    })
}

fn encoded_public(key: &PKey) -> Option<Vec<u8>> {
    let mut out = ptr::null_mut();
    // SAFETY: `out` gets memory of libcrypto's of the length returned, which is freed here.
    unsafe {
        let len = EVP_PKEY_get1_encoded_public_key(key.as_ptr(), &mut out);
        if len == 0 {
            return None;
        }
        let public = std::slice::from_raw_parts(out, len).to_vec();
        super::free_crypto(out.cast::<c_void>());
        Some(public)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(algorithm: Algorithm) -> (Exchange, Exchange) {
        let new = || Exchange::generate(algorithm, &LibCtx::default()).unwrap();
        (new(), new())
    }

    #[test]
    fn both_sides_derive_the_same() {
        for algorithm in [
            Algorithm::Ec(c"P-521"),
            Algorithm::Ec(c"brainpoolP256r1"),
            Algorithm::Okp(c"X448"),
            Algorithm::Dh(c"ffdhe2048"),
        ] {
            let (a, b) = pair(algorithm);
            let secret = a.derive(b.public()).unwrap();
            assert_eq!(secret.as_ref(), b.derive(a.public()).unwrap().as_ref());
            assert!(!secret.as_ref().is_empty());
        }
    }

    #[test]
    fn a_dh_share_and_secret_have_the_length_of_the_prime() {
        let (a, b) = pair(Algorithm::Dh(c"ffdhe3072"));
        assert_eq!(a.public().len(), 384);
        assert_eq!(a.derive(b.public()).unwrap().as_ref().len(), 384);
    }

    #[test]
    fn no_public_key_no_secret() {
        for algorithm in [
            Algorithm::Ec(c"P-521"),
            Algorithm::Okp(c"X448"),
            Algorithm::Dh(c"ffdhe2048"),
        ] {
            let (a, b) = pair(algorithm);
            assert!(a.derive(&[]).is_none(), "{algorithm:?}: empty");
            assert!(
                a.derive(&vec![0; b.public().len()]).is_none(),
                "{algorithm:?}: zero"
            );
            // To libcrypto a shorter Diffie-Hellman share is a number as good as another.
            if !a.is_dh {
                assert!(a.derive(&b.public()[1..]).is_none(), "{algorithm:?}: short");
            }
        }
        assert_eq!(super::super::err::peek(), 0);
    }
}
