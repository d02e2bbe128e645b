//! Certificates and names, and the process-wide cache of parsed certificates.

use std::ffi::{c_int, c_long, c_ulong, c_void};
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::ptr::{self, NonNull};
use std::sync::LazyLock;

use super::err::{Error, Reason, Result};
use super::evp::PublicKey;
use super::libctx::LibCtx;
use super::owned::owned;
use super::stack::{CertStack, Element};
use super::sys as ffi;

mod cache;
pub(super) use cache::try_briefly;

/// EXFLAG_SS of x509v3.h: the certificate is self-signed.
const EXFLAG_SS: u32 = 0x2000;

owned! {
    /// One reference to an X509.
    Cert, ffi::X509, up_ref = ffi::X509_up_ref, free = ffi::X509_free
}

// SAFETY: the reference count is atomic, and libcrypto locks what it computes late.
unsafe impl Send for Cert {}
// SAFETY: as for Send; nothing here changes the certificate.
unsafe impl Sync for Cert {}

unsafe extern "C" {
    fn X509_chain_check_suiteb(
        error_depth: *mut c_int,
        cert: *mut ffi::X509,
        chain: *mut ffi::stack_st_X509,
        flags: c_ulong,
    ) -> c_int;
    fn X509_get0_trust_objects(cert: *mut ffi::X509) -> *mut c_void;
    fn X509_get0_reject_objects(cert: *mut ffi::X509) -> *mut c_void;
    fn X509_keyid_get0(cert: *mut ffi::X509, len: *mut c_int) -> *mut u8;
    fn X509_get_ex_data(cert: *const ffi::X509, index: c_int) -> *mut c_void;
    fn X509_get0_serialNumber(cert: *const ffi::X509) -> *const ffi::ASN1_STRING;
    fn X509_get0_pubkey_bitstr(cert: *const ffi::X509) -> *const ffi::ASN1_STRING;
    fn X509_NAME_get0_der(name: *mut ffi::X509_NAME, der: *mut *const u8, len: *mut usize)
    -> c_int;
}

/// Keyed at random per process: a peer cannot make two certificates of one portrait.
static PORTRAIT: LazyLock<RandomState> = LazyLock::new(RandomState::new);

impl PartialEq for Cert {
    /// X509_cmp(3).
    fn eq(&self, other: &Self) -> bool {
        // SAFETY: both live.
        self.as_ptr() == other.as_ptr()
            || unsafe { ffi::X509_cmp(self.as_ptr(), other.as_ptr()) == 0 }
    }
}

impl Eq for Cert {}

impl Cert {
    /// The certificate in `der`, which holds nothing else. Fails with ERR_R_ASN1_LIB, or
    /// SSL_R_CERT_LENGTH_MISMATCH when bytes are left over.
    ///
    /// In the default library context equal bytes give the same X509 while it is remembered:
    /// parsing costs more than verifying a signature.
    pub fn from_der(der: &[u8], lib: &LibCtx) -> Result<Self> {
        let shared = lib.is_default();
        if let Some(cert) = shared.then(|| cache::GLOBAL.get(der)).flatten() {
            return Ok(cert);
        }
        let (cert, used) = Self::parse(der, lib)?;
        if used != der.len() {
            return Err(Error::reason(Reason::CERT_LENGTH_MISMATCH));
        }
        if shared {
            cache::GLOBAL.put(der, &cert);
        }
        Ok(cert)
    }

    /// The certificate at the start of `der`, never shared, and the bytes it takes
    /// (d2i_X509(3)). Fails with ERR_R_ASN1_LIB.
    pub fn parse(der: &[u8], lib: &LibCtx) -> Result<(Self, usize)> {
        let cert = Self::blank(lib)?;
        let mut x = cert.into_ptr();
        let mut at = der.as_ptr();
        let len = c_long::try_from(der.len()).unwrap_or(c_long::MAX);
        // SAFETY: `at` is readable for `len` bytes; on failure d2i frees `x` and sets it NULL, or
        // leaves it to us.
        unsafe {
            if ffi::d2i_X509(&mut x, &mut at, len).is_null() {
                drop(Self::from_ptr(x));
                return Err(Error::reason(Reason::ASN1_LIB));
            }
            let used = at.offset_from(der.as_ptr()) as usize;
            Ok((Self::from_ptr(x).ok_or(Error::Queued)?, used))
        }
    }

    /// An empty certificate of `lib`, for d2i and PEM functions to fill (X509_new_ex(3)).
    pub(super) fn blank(lib: &LibCtx) -> Result<Self> {
        // SAFETY: the context lives by LibCtx's contract; makes a new object.
        unsafe { Self::from_ptr(ffi::X509_new_ex(lib.as_ptr(), lib.propq())) }
            .ok_or_else(|| Error::reason(Reason::MALLOC_FAILURE))
    }

    /// What the certificate says and what a program attached to it, in short. Two looks at one
    /// object that differ show that somebody changed it.
    ///
    /// i2d_X509(3) would not: libcrypto keeps the bytes that were parsed. And to encode the parts
    /// would take as long as a signature.
    pub(super) fn portrait(&self) -> u64 {
        const SLOTS: c_int = 16;
        let mut hasher = PORTRAIT.build_hasher();
        let x = self.as_ptr();
        // SAFETY: the certificate and its parts live; these read them.
        unsafe {
            let (mut signature, mut algorithm) = (ptr::null(), ptr::null());
            ffi::X509_get0_signature(&mut signature, &mut algorithm, x);
            let strings = [
                X509_get0_serialNumber(x),
                ffi::X509_getm_notBefore(x).cast(),
                ffi::X509_getm_notAfter(x).cast(),
                X509_get0_pubkey_bitstr(x),
                signature.cast(),
            ];
            for string in strings {
                content(string).hash(&mut hasher);
            }
            for name in [ffi::X509_get_subject_name(x), ffi::X509_get_issuer_name(x)] {
                let (mut der, mut len) = (ptr::null(), 0);
                X509_NAME_get0_der(name, &mut der, &mut len);
                bytes(der, len).hash(&mut hasher);
            }
            ffi::X509_get_version(x).hash(&mut hasher);
            for index in 0..ffi::X509_get_ext_count(x) {
                let extension = ffi::X509_get_ext(x, index);
                ffi::X509_EXTENSION_get_object(extension).hash(&mut hasher);
                ffi::X509_EXTENSION_get_critical(extension).hash(&mut hasher);
                content(ffi::X509_EXTENSION_get_data(extension).cast()).hash(&mut hasher);
            }
            let mut len = 0;
            let attached = [
                X509_get0_trust_objects(x),
                X509_get0_reject_objects(x),
                ffi::X509_alias_get0(x, &mut len).cast(),
                X509_keyid_get0(x, &mut len).cast(),
            ];
            attached.hash(&mut hasher);
            for slot in 0..SLOTS {
                X509_get_ex_data(x, slot).hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// Whether nothing is attached to the certificate that its bytes do not say: trust settings
    /// and names of OpenSSL's TRUSTED CERTIFICATE.
    pub(super) fn is_plain(&self) -> bool {
        let mut len = 0;
        // SAFETY: the certificate lives; these read it alone.
        unsafe {
            let x = self.as_ptr();
            X509_get0_trust_objects(x).is_null()
                && X509_get0_reject_objects(x).is_null()
                && ffi::X509_alias_get0(x, &mut len).is_null()
        }
    }

    /// The certificate in DER (i2d_X509(3)); empty when it cannot be encoded.
    pub fn der(&self) -> Vec<u8> {
        // SAFETY: i2d_X509 writes what it announced.
        unsafe { encode(|out| ffi::i2d_X509(self.as_ptr(), out)) }
    }

    /// The certificate's key (X509_get_pubkey(3)). Fails with SSL_R_X509_LIB on top of what
    /// libcrypto queued, as SSL_CTX_use_certificate(3) does.
    pub fn public_key(&self) -> Result<PublicKey> {
        // SAFETY: the key lives as long as the certificate; a reference is added.
        unsafe { PublicKey::from_ptr_ref(ffi::X509_get0_pubkey(self.as_ptr())) }
            .ok_or_else(|| Error::reason(Reason::SSL_R_X509_LIB))
    }

    /// How strong its key is, in bits; -1 where there is none.
    pub fn key_security_bits(&self) -> c_int {
        // SAFETY: the key lives as long as the certificate.
        unsafe {
            match ffi::X509_get0_pubkey(self.as_ptr()) {
                key if key.is_null() => -1,
                key => ffi::EVP_PKEY_get_security_bits(key),
            }
        }
    }

    /// How strong its signature is, in bits (-1: not known), and the NID of the digest, or of
    /// the algorithm where that has its own. `None` for a self-signed certificate, whose
    /// signature proves nothing.
    pub fn signature_strength(&self) -> Option<(c_int, c_int)> {
        let (mut digest, mut algorithm, mut bits) = (0, 0, -1);
        // SAFETY: the certificate lives; all places are writable or NULL.
        unsafe {
            if ffi::X509_get_extension_flags(self.as_ptr()) & EXFLAG_SS != 0 {
                return None;
            }
            let known = ffi::X509_get_signature_info(
                self.as_ptr(),
                &mut digest,
                &mut algorithm,
                &mut bits,
                ptr::null_mut(),
            );
            if known == 0 {
                bits = -1;
            }
        }
        Some((bits, if digest == 0 { algorithm } else { digest }))
    }

    /// The NID of its signature's algorithm (X509_get_signature_nid(3)).
    pub fn signature_nid(&self) -> c_int {
        // SAFETY: the certificate lives.
        unsafe { ffi::X509_get_signature_nid(self.as_ptr()) }
    }

    /// The NIDs of the digest and key type of its signature; zeros where they are not known.
    pub fn signature_algorithms(&self) -> (c_int, c_int) {
        let (mut digest, mut key) = (0, 0);
        // SAFETY: the certificate lives; all places are writable or NULL.
        let known = unsafe {
            ffi::X509_get_signature_info(
                self.as_ptr(),
                &mut digest,
                &mut key,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        match known {
            1 => (digest, key),
            _ => (0, 0),
        }
    }

    /// Whether it and its chain are as Suite B wants them (X509_chain_check_suiteb(3)).
    pub fn suits_suite_b(&self, chain: Option<&CertStack>, flags: u32) -> bool {
        let chain = chain.map_or(ptr::null_mut(), CertStack::as_ptr);
        // SAFETY: both live.
        unsafe { X509_chain_check_suiteb(ptr::null_mut(), self.as_ptr(), chain, flags.into()) == 0 }
    }

    /// Whether subject and issuer have one name.
    pub fn is_self_issued(&self) -> bool {
        let x = self.as_ptr();
        // SAFETY: the names live as long as the certificate.
        unsafe {
            ffi::X509_NAME_cmp(ffi::X509_get_subject_name(x), ffi::X509_get_issuer_name(x)) == 0
        }
    }

    /// A copy of the subject's name.
    pub fn subject_name(&self) -> Result<Name> {
        // SAFETY: the name lives as long as the certificate; it is copied.
        unsafe { Name::copy_of(ffi::X509_get_subject_name(self.as_ptr())) }
    }

    /// A copy of the issuer's name.
    pub fn issuer_name(&self) -> Result<Name> {
        // SAFETY: the name lives as long as the certificate; it is copied.
        unsafe { Name::copy_of(ffi::X509_get_issuer_name(self.as_ptr())) }
    }
}

/// The bytes at `data`; none for NULL.
///
/// # Safety
/// `data` is NULL or readable for `len` bytes during all of `'a`.
unsafe fn bytes<'a>(data: *const u8, len: usize) -> &'a [u8] {
    match data.is_null() {
        true => &[],
        // SAFETY: the caller's contract.
        false => unsafe { std::slice::from_raw_parts(data, len) },
    }
}

/// The content of an ASN1_STRING or a type that is one; none for NULL.
///
/// # Safety
/// `string` is NULL or lives, unchanged, during all of `'a`.
unsafe fn content<'a>(string: *const ffi::ASN1_STRING) -> &'a [u8] {
    if string.is_null() {
        return &[];
    }
    // SAFETY: the caller's contract.
    unsafe {
        let len = usize::try_from(ffi::ASN1_STRING_length(string)).unwrap_or(0);
        bytes(ffi::ASN1_STRING_get0_data(string), len)
    }
}

/// Runs an i2d function twice: for the length, then into a vector of that length.
///
/// # Safety
/// `i2d` is an i2d function over a live object: it answers the length, and writes so many bytes
/// at `*out` when `out` is not NULL.
pub(super) unsafe fn encode(i2d: impl Fn(*mut *mut u8) -> i32) -> Vec<u8> {
    let Ok(len) = usize::try_from(i2d(ptr::null_mut())) else {
        return Vec::new();
    };
    let mut der = vec![0; len];
    let mut at = der.as_mut_ptr();
    if i2d(&mut at) != len as i32 {
        der.clear();
    }
    der
}

/// An X509_NAME, owned; `Clone` is X509_NAME_dup(3).
pub struct Name(NonNull<ffi::X509_NAME>);

// SAFETY: an X509_NAME is bound to no thread.
unsafe impl Send for Name {}
// SAFETY: a name made by d2i or dup has its encoding ready: reading changes nothing.
unsafe impl Sync for Name {}

impl Name {
    /// Takes the caller's name; `None` for NULL.
    ///
    /// # Safety
    /// `ptr` is NULL or a live name that the caller owns.
    pub unsafe fn from_ptr(ptr: *mut ffi::X509_NAME) -> Option<Self> {
        NonNull::new(ptr).map(Self)
    }

    /// A copy of `ptr`; fails for NULL and when memory is short.
    ///
    /// # Safety
    /// `ptr` is NULL or a live name.
    pub unsafe fn copy_of(ptr: *const ffi::X509_NAME) -> Result<Self> {
        if ptr.is_null() {
            return Err(Error::Queued);
        }
        // SAFETY: the caller's contract.
        unsafe { Self::from_ptr(ffi::X509_NAME_dup(ptr)) }.ok_or(Error::Queued)
    }

    /// The name in `der`. Fails with ERR_R_ASN1_LIB.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let mut at = der.as_ptr();
        let len = c_long::try_from(der.len()).unwrap_or(c_long::MAX);
        // SAFETY: `at` is readable for `len` bytes; makes a new object.
        let name = unsafe { Self::from_ptr(ffi::d2i_X509_NAME(ptr::null_mut(), &mut at, len)) };
        match name {
            Some(name) if at as usize == der.as_ptr() as usize + der.len() => Ok(name),
            _ => Err(Error::reason(Reason::ASN1_LIB)),
        }
    }

    /// The name in DER (i2d_X509_NAME).
    pub fn der(&self) -> Vec<u8> {
        // SAFETY: i2d_X509_NAME writes what it announced.
        unsafe { encode(|out| ffi::i2d_X509_NAME(self.as_ptr(), out)) }
    }

    /// The C object; it stays ours.
    pub fn as_ptr(&self) -> *mut ffi::X509_NAME {
        self.0.as_ptr()
    }

    /// The C object, for the caller to free.
    pub fn into_ptr(self) -> *mut ffi::X509_NAME {
        std::mem::ManuallyDrop::new(self).0.as_ptr()
    }
}

impl Clone for Name {
    fn clone(&self) -> Self {
        // SAFETY: the name lives; makes a new object.
        unsafe { Self::from_ptr(ffi::X509_NAME_dup(self.as_ptr())) }
            .expect("libcrypto is out of memory")
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        // SAFETY: frees the name this value owns.
        unsafe { ffi::X509_NAME_free(self.as_ptr()) };
    }
}

impl PartialEq for Name {
    /// X509_NAME_cmp(3).
    fn eq(&self, other: &Self) -> bool {
        // SAFETY: both live.
        unsafe { ffi::X509_NAME_cmp(self.as_ptr(), other.as_ptr()) == 0 }
    }
}

impl Eq for Name {}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buf = [0; 256];
        // SAFETY: the text is cut to the buffer and ends with NUL.
        let text = unsafe {
            ffi::X509_NAME_oneline(self.as_ptr(), buf.as_mut_ptr(), buf.len() as i32);
            std::ffi::CStr::from_ptr(buf.as_ptr())
        };
        f.debug_tuple("Name").field(&text).finish()
    }
}

impl Element for Cert {
    type CStack = ffi::stack_st_X509;
    type C = ffi::X509;

    unsafe fn from_owned(ptr: NonNull<ffi::X509>) -> Self {
        Self(ptr)
    }

    fn into_owned(self) -> *mut ffi::X509 {
        self.into_ptr()
    }

    unsafe extern "C" fn free(ptr: *mut c_void) {
        // SAFETY: the stack passes an element it owns.
        unsafe { ffi::X509_free(ptr.cast()) }
    }
}

impl Element for Name {
    type CStack = ffi::stack_st_X509_NAME;
    type C = ffi::X509_NAME;

    unsafe fn from_owned(ptr: NonNull<ffi::X509_NAME>) -> Self {
        Self(ptr)
    }

    fn into_owned(self) -> *mut ffi::X509_NAME {
        self.into_ptr()
    }

    unsafe extern "C" fn free(ptr: *mut c_void) {
        // SAFETY: the stack passes an element it owns.
        unsafe { ffi::X509_NAME_free(ptr.cast()) }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::ffi::CStr;

    use super::*;
    use crate::foreign::evp::{PrivateKey, tests::generate};

    /// A self-signed P-256 certificate of a CA named `cn`, and its key.
    pub fn self_signed(cn: &CStr) -> (Cert, PrivateKey) {
        let key = generate(c"EC", Some(c"P-256"));
        let cert = issue(cn, &key, None);
        (cert, key)
    }

    /// A certificate named `cn` for `key`, signed by `issuer` or by itself.
    pub fn issue(cn: &CStr, key: &PrivateKey, issuer: Option<(&Cert, &PrivateKey)>) -> Cert {
        // SAFETY: plain construction of a certificate; every argument is live.
        unsafe {
            let cert = Cert::from_ptr(ffi::X509_new()).unwrap();
            let x = cert.as_ptr();
            ffi::X509_set_version(x, 2);
            ffi::ASN1_INTEGER_set(ffi::X509_get_serialNumber(x), 1);
            ffi::X509_gmtime_adj(ffi::X509_getm_notBefore(x), -3600);
            ffi::X509_gmtime_adj(ffi::X509_getm_notAfter(x), 3600);
            let name = ffi::X509_get_subject_name(x);
            ffi::X509_NAME_add_entry_by_txt(
                name,
                c"CN".as_ptr(),
                0x1001,
                cn.as_ptr().cast(),
                -1,
                -1,
                0,
            );
            let (signer, issuer_name) = match issuer {
                Some((c, k)) => (k, ffi::X509_get_subject_name(c.as_ptr())),
                None => (key, name),
            };
            ffi::X509_set_issuer_name(x, issuer_name);
            ffi::X509_set_pubkey(x, key.as_ptr());
            if issuer.is_none() {
                let ext = ffi::X509V3_EXT_nconf_nid(
                    ptr::null_mut(),
                    ptr::null_mut(),
                    ffi::NID_basic_constraints,
                    c"critical,CA:TRUE".as_ptr(),
                );
                assert_eq!(ffi::X509_add_ext(x, ext, -1), 1);
                ffi::X509_EXTENSION_free(ext);
            }
            assert!(ffi::X509_sign(x, signer.as_ptr(), ffi::EVP_sha256()) > 0);
            cert
        }
    }

    #[test]
    fn der_round_trip_shares_in_the_default_context() {
        let (cert, _) = self_signed(c"shared");
        let der = cert.der();
        let one = Cert::from_der(&der, &LibCtx::default()).unwrap();
        let two = Cert::from_der(&der, &LibCtx::default()).unwrap();
        assert_eq!(one, cert);
        assert_eq!(one.as_ptr(), two.as_ptr());
        // SAFETY: no context, a literal query.
        let other = unsafe { LibCtx::from_raw(ptr::null_mut(), c"?fips=no".as_ptr()) };
        let three = Cert::from_der(&der, &other).unwrap();
        assert_ne!(one.as_ptr(), three.as_ptr());
    }

    #[test]
    fn a_portrait_shows_every_change() {
        type Change<'a> = &'a dyn Fn(*mut ffi::X509);
        let (other, key) = self_signed(c"other");
        let done = |_: c_int| ();
        // SAFETY: the certificate lives, and its name with it.
        let name = unsafe { ffi::X509_get_subject_name(other.as_ptr()) };
        // SAFETY: each is called with a live certificate, and the others live as well.
        let changes: [(&str, Change<'_>); 9] = unsafe {
            [
                ("version", &|x| done(ffi::X509_set_version(x, 1))),
                ("serial", &|x| {
                    done(ffi::ASN1_INTEGER_set(ffi::X509_get_serialNumber(x), 2))
                }),
                ("begin", &|x| {
                    ffi::X509_gmtime_adj(ffi::X509_getm_notBefore(x), -7200);
                }),
                ("end", &|x| {
                    ffi::X509_gmtime_adj(ffi::X509_getm_notAfter(x), 7200);
                }),
                ("subject", &|x| done(ffi::X509_set_subject_name(x, name))),
                ("issuer", &|x| done(ffi::X509_set_issuer_name(x, name))),
                ("key", &|x| done(ffi::X509_set_pubkey(x, key.as_ptr()))),
                ("extensions", &|x| {
                    done(ffi::X509_add_ext(x, ffi::X509_get_ext(x, 0), -1))
                }),
                ("signature", &|x| {
                    done(ffi::X509_sign(x, key.as_ptr(), ffi::EVP_sha256()))
                }),
            ]
        };
        for (what, change) in changes {
            let (cert, _) = self_signed(c"changed");
            let before = cert.portrait();
            assert_eq!(before, cert.portrait(), "{what}");
            change(cert.as_ptr());
            assert_ne!(before, cert.portrait(), "{what}");
        }
    }

    #[test]
    fn trailing_bytes_and_garbage_are_refused() {
        let (cert, _) = self_signed(c"trailing");
        let mut der = cert.der();
        der.push(0);
        let lib = LibCtx::default();
        let reason = |e| match e {
            Error::Ssl { reason, .. } => reason,
            Error::Queued => panic!("an entry was due"),
        };
        assert_eq!(
            reason(Cert::from_der(&der, &lib).unwrap_err()),
            Reason::CERT_LENGTH_MISMATCH
        );
        assert_eq!(
            reason(Cert::from_der(b"0", &lib).unwrap_err()),
            Reason::ASN1_LIB
        );
        crate::foreign::err::clear();
    }
}
