//! Certificates and keys from files and buffers, as SSL_CTX_use_certificate(3) loads them.

use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::ptr;

use super::callback::PasswordSource;
use super::err::{self, Error, Reason, Result};
use super::evp::PrivateKey;
use super::libctx::LibCtx;
use super::sys as ffi;
use super::x509::Cert;

/// SSL_FILETYPE_PEM.
pub const FILETYPE_PEM: c_int = 1;
/// SSL_FILETYPE_ASN1.
pub const FILETYPE_ASN1: c_int = 2;

const ERR_LIB_PEM: u64 = 9;
const PEM_R_NO_START_LINE: u64 = 108;

/// A file BIO, open for reading.
pub(super) struct File(pub(super) *mut ffi::BIO);

impl File {
    /// Fails with what libcrypto queued: fopen's error, then ERR_R_SYS_LIB of the BIO library.
    /// BIO_new_file would name a missing file otherwise (BIO_R_NO_SUCH_FILE).
    pub(super) fn open(path: &CStr) -> Result<Self> {
        // SAFETY: makes a new BIO, which is ours; the name lives and is only read.
        unsafe {
            let bio = ffi::BIO_new(ffi::BIO_s_file());
            if bio.is_null() {
                return Err(Error::reason(Reason::BUF_LIB));
            }
            let file = Self(bio);
            let name = path.as_ptr().cast_mut().cast::<c_void>();
            match ffi::BIO_ctrl(bio, ffi::BIO_C_SET_FILENAME, ffi::BIO_FILE_READ, name) {
                1.. => Ok(file),
                _ => Err(Error::Queued),
            }
        }
    }

    /// As `open`, with ERR_R_SYS_LIB of our own on top, as ssl_rsa.c's functions leave it.
    fn open_for_use(path: &CStr) -> Result<Self> {
        Self::open(path).map_err(|error| match error {
            Error::Queued => Error::reason(Reason::SYS_LIB),
            other => other,
        })
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: the BIO is ours.
        unsafe { ffi::BIO_free_all(self.0) };
    }
}

/// Whether a file can be opened; fails with what libcrypto queued.
pub fn probe(path: &CStr) -> Result<()> {
    File::open(path).map(drop)
}

/// What a file of SSL_FILETYPE_* `kind` fails with when it holds nothing of use.
fn reason_of(kind: c_int) -> Result<Reason> {
    match kind {
        FILETYPE_PEM => Ok(Reason::PEM_LIB),
        FILETYPE_ASN1 => Ok(Reason::ASN1_LIB),
        _ => Err(Error::reason(Reason::BAD_SSL_FILETYPE)),
    }
}

unsafe fn read_x509(
    bio: *mut ffi::BIO,
    aux: bool,
    password: &PasswordSource,
    lib: &LibCtx,
) -> Option<Cert> {
    // SAFETY: the BIO and the context live; the callback is the program's.
    unsafe {
        let mut x = ffi::X509_new_ex(lib.as_ptr(), lib.propq());
        if x.is_null() {
            return None;
        }
        let got = match aux {
            true => ffi::PEM_read_bio_X509_AUX(bio, &mut x, password.function, password.argument),
            false => ffi::PEM_read_bio_X509(bio, &mut x, password.function, password.argument),
        };
        if got.is_null() {
            ffi::X509_free(x);
            return None;
        }
        Cert::from_ptr(got)
    }
}

/// SSL_CTX_use_certificate_file(3): one certificate, PEM or DER.
pub fn cert_file(
    path: &CStr,
    kind: c_int,
    password: &PasswordSource,
    lib: &LibCtx,
) -> Result<Cert> {
    let file = File::open_for_use(path)?;
    let lib_reason = reason_of(kind)?;
    // SAFETY: the BIO and the context live.
    let cert = unsafe {
        match kind {
            FILETYPE_PEM => read_x509(file.0, false, password, lib),
            _ => {
                let mut x = ffi::X509_new_ex(lib.as_ptr(), lib.propq());
                let got = ffi::d2i_X509_bio(file.0, &mut x);
                if got.is_null() {
                    ffi::X509_free(x);
                }
                Cert::from_ptr(got)
            }
        }
    };
    cert.ok_or_else(|| Error::reason(lib_reason))
}

/// A file with a chain, whose leaf was read.
pub struct ChainFile {
    file: File,
    password: PasswordSource,
    lib: LibCtx,
}

/// SSL_CTX_use_certificate_chain_file(3): the leaf, and what follows it.
pub fn chain_file(
    path: &CStr,
    password: &PasswordSource,
    lib: &LibCtx,
) -> Result<(Cert, ChainFile)> {
    err::clear();
    let file = File::open_for_use(path)?;
    // SAFETY: the BIO and the context live.
    let leaf = unsafe { read_x509(file.0, true, password, lib) };
    let rest = ChainFile {
        file,
        password: *password,
        lib: lib.clone(),
    };
    Ok((leaf.ok_or_else(|| Error::reason(Reason::PEM_LIB))?, rest))
}

impl ChainFile {
    /// The certificates after the leaf, and what is wrong with the one where reading ended before
    /// the end of the file.
    pub fn rest(self) -> (Vec<Cert>, Result<()>) {
        let mut rest = Vec::new();
        // SAFETY: the BIO and the context live.
        while let Some(cert) = unsafe { read_x509(self.file.0, false, &self.password, &self.lib) } {
            rest.push(cert);
        }
        // The end of the file is told as a missing start line, which is no error.
        let code = err::peek_last();
        let end = (code >> 23) & 0xff == ERR_LIB_PEM && code & 0x7f_ffff == PEM_R_NO_START_LINE;
        if !end {
            return (rest, Err(Error::Queued));
        }
        err::clear();
        (rest, Ok(()))
    }
}

/// SSL_CTX_use_PrivateKey_file(3): one key, PEM or DER.
pub fn key_file(
    path: &CStr,
    kind: c_int,
    password: &PasswordSource,
    lib: &LibCtx,
) -> Result<PrivateKey> {
    let file = File::open_for_use(path)?;
    let lib_reason = reason_of(kind)?;
    // SAFETY: the BIO and the context live; the callback is the program's.
    let key = unsafe {
        PrivateKey::from_ptr(match kind {
            FILETYPE_PEM => ffi::PEM_read_bio_PrivateKey_ex(
                file.0,
                ptr::null_mut(),
                password.function,
                password.argument,
                lib.as_ptr(),
                lib.propq(),
            ),
            _ => ffi::d2i_PrivateKey_ex_bio(file.0, ptr::null_mut(), lib.as_ptr(), lib.propq()),
        })
    };
    key.ok_or_else(|| Error::reason(lib_reason))
}

/// SSL_CTX_use_RSAPrivateKey_file(3): one RSA key, PEM or DER.
pub fn rsa_file(path: &CStr, kind: c_int, password: &PasswordSource) -> Result<PrivateKey> {
    let file = File::open_for_use(path)?;
    let lib_reason = reason_of(kind)?;
    // SAFETY: the BIO lives; the callback is the program's; the RSA read is ours.
    unsafe {
        own_rsa(match kind {
            FILETYPE_PEM => PEM_read_bio_RSAPrivateKey(
                file.0,
                ptr::null_mut(),
                password.function,
                password.argument,
            ),
            _ => d2i_RSAPrivateKey_bio(file.0, ptr::null_mut()),
        })
        .unwrap_or_else(|| Err(Error::reason(lib_reason)))
    }
}

/// SSL_CTX_use_RSAPrivateKey_ASN1(3).
pub fn rsa_der(der: &[u8]) -> Result<PrivateKey> {
    let mut at = der.as_ptr();
    // SAFETY: `at` is readable for the length; the RSA read is ours.
    unsafe {
        own_rsa(d2i_RSAPrivateKey(
            ptr::null_mut(),
            &mut at,
            der.len() as c_long,
        ))
    }
    .unwrap_or_else(|| Err(Error::reason(Reason::ASN1_LIB)))
}

/// The key of an RSA object that is NULL or ours.
///
/// # Safety
/// `rsa` is NULL or a live RSA, whose reference is given away.
unsafe fn own_rsa(rsa: *mut ffi::RSA) -> Option<Result<PrivateKey>> {
    if rsa.is_null() {
        return None;
    }
    // SAFETY: the caller's contract; the key has a reference of its own.
    unsafe {
        let key = key_of_rsa(rsa);
        ffi::RSA_free(rsa);
        Some(key)
    }
}

/// SSL_CTX_use_certificate_ASN1(3).
pub fn cert_der(der: &[u8], lib: &LibCtx) -> Result<Cert> {
    Cert::parse(der, lib).map(|(cert, _)| cert)
}

/// SSL_CTX_use_PrivateKey_ASN1(3): a key of the EVP_PKEY_* type `kind`.
pub fn key_der(kind: c_int, der: &[u8], lib: &LibCtx) -> Result<PrivateKey> {
    let mut at = der.as_ptr();
    let len = der.len() as c_long;
    // SAFETY: `at` is readable for `len` bytes.
    unsafe {
        PrivateKey::from_ptr(ffi::d2i_PrivateKey_ex(
            kind,
            ptr::null_mut(),
            &mut at,
            len,
            lib.as_ptr(),
            lib.propq(),
        ))
    }
    .ok_or_else(|| Error::reason(Reason::ASN1_LIB))
}

/// An RSA object's key, with a reference of its own.
///
/// # Safety
/// `rsa` is a live RSA.
pub unsafe fn key_of_rsa(rsa: *mut ffi::RSA) -> Result<PrivateKey> {
    // SAFETY: the caller's contract; the new key is ours.
    unsafe {
        let key = PrivateKey::from_ptr(ffi::EVP_PKEY_new())
            .ok_or_else(|| Error::reason(Reason::EVP_LIB))?;
        ffi::RSA_up_ref(rsa);
        if ffi::EVP_PKEY_assign(key.as_ptr(), ffi::EVP_PKEY_RSA, rsa.cast::<c_void>()) <= 0 {
            ffi::RSA_free(rsa);
            return Err(Error::Queued);
        }
        Ok(key)
    }
}

/// A PEM block of any kind.
pub struct Block {
    /// What stands after BEGIN.
    pub name: Vec<u8>,
    /// The bytes.
    pub data: Vec<u8>,
}

unsafe extern "C" {
    fn PEM_read_bio_RSAPrivateKey(
        bio: *mut ffi::BIO,
        out: *mut *mut ffi::RSA,
        callback: ffi::pem_password_cb,
        argument: *mut c_void,
    ) -> *mut ffi::RSA;
    fn d2i_RSAPrivateKey_bio(bio: *mut ffi::BIO, out: *mut *mut ffi::RSA) -> *mut ffi::RSA;
    fn d2i_RSAPrivateKey(out: *mut *mut ffi::RSA, at: *mut *const u8, len: c_long)
    -> *mut ffi::RSA;
    fn PEM_read_bio(
        bio: *mut ffi::BIO,
        name: *mut *mut c_char,
        header: *mut *mut c_char,
        data: *mut *mut u8,
        len: *mut c_long,
    ) -> c_int;
}

/// The PEM blocks of a file. Reading ends at the first that is none, and libcrypto queues why.
pub fn blocks(path: &CStr) -> Result<Vec<Block>> {
    let file = File::open_for_use(path)?;
    let mut blocks = Vec::new();
    loop {
        let (mut name, mut header, mut data, mut len) =
            (ptr::null_mut(), ptr::null_mut(), ptr::null_mut(), 0);
        // SAFETY: the BIO lives; what was read is copied, then freed.
        unsafe {
            if PEM_read_bio(file.0, &mut name, &mut header, &mut data, &mut len) == 0 {
                return Ok(blocks);
            }
            blocks.push(Block {
                name: CStr::from_ptr(name).to_bytes().to_vec(),
                data: std::slice::from_raw_parts(data, usize::try_from(len).unwrap_or(0)).to_vec(),
            });
            for part in [name.cast(), header.cast(), data.cast()] {
                ffi::CRYPTO_free(part, ptr::null(), 0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The queue's codes, oldest first, `error`'s own entry included.
    fn queue(error: Error) -> Vec<u64> {
        error.put();
        // SAFETY: reads this thread's queue.
        std::iter::from_fn(|| match unsafe { ffi::ERR_get_error() } {
            0 => None,
            code => Some(code),
        })
        .collect()
    }

    #[test]
    fn the_queue_tells_what_openssl_tells() {
        let (none, lib) = (PasswordSource::default(), LibCtx::default());
        let passwd = c"/etc/passwd";
        let missing = cert_file(c"/nonexistent", 7, &none, &lib).unwrap_err();
        assert_eq!(queue(missing), [0x8000_0002, 0x1008_0002, 0x0a08_0002]);
        let wrong_type = key_file(passwd, 7, &none, &lib).unwrap_err();
        assert_eq!(queue(wrong_type), [0x0a00_007c]);
        let no_key = key_file(passwd, FILETYPE_PEM, &none, &lib).unwrap_err();
        assert_eq!(queue(no_key), [0x1e08_010c, 0x0a08_0009]);
        let no_cert = chain_file(passwd, &none, &lib).err().unwrap();
        assert_eq!(queue(no_cert), [0x0480_006c, 0x0a08_0009]);
    }
}
