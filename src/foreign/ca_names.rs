//! The subjects of certificates in files, directories and stores: SSL_load_client_CA_file(3).

use std::collections::HashMap;
use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_ulong, c_void};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::ptr;

use super::err::{self, Error, Reason, Result};
use super::libctx::LibCtx;
use super::pem::File;
use super::stack::{NameStack, Stack};
use super::sys as ffi;
use super::x509::{Cert, Name};

/// The longest path of a file in a directory, its NUL included.
const MAX_PATH: usize = 1024;
/// How deep the names in a store are followed.
const STORE_DEPTH: u32 = 1;

/// A stack under construction, without duplicates. Unlike OpenSSL's functions these leave the
/// names in the order they came in.
struct Collector<'a> {
    stack: &'a mut NameStack,
    /// The names by their hash, so that a bundle of many takes linear time.
    seen: HashMap<c_ulong, Vec<Name>>,
}

impl<'a> Collector<'a> {
    fn new(stack: &'a mut NameStack) -> Self {
        let mut seen: HashMap<c_ulong, Vec<Name>> = HashMap::new();
        for name in stack.iter() {
            seen.entry(hash(&name)).or_default().push(name);
        }
        Self { stack, seen }
    }

    fn add(&mut self, name: Name) -> Result<()> {
        let same_hash = self.seen.entry(hash(&name)).or_default();
        if !same_hash.contains(&name) {
            same_hash.push(name.clone());
            self.stack.push(name)?;
        }
        Ok(())
    }

    /// Adds the subjects of a PEM file. What ends the file, garbage included, is no error.
    fn add_file(&mut self, file: &CStr, lib: &LibCtx) -> Result<()> {
        let bio = File::open(file)?;
        lib.as_thread_default(|| {
            while let Some(cert) = next_cert(&bio, lib)? {
                self.add(cert.subject_name()?)?;
            }
            Ok(())
        })
    }

    fn add_store(&mut self, uri: &CStr, depth: u32) -> Result<()> {
        let store = StoreReader::open(uri)?;
        let mut result = Ok(());
        while let Some(entry) = store.next() {
            match entry {
                Entry::Uri(inner) if depth > 0 => result = self.add_store(&inner, depth - 1),
                Entry::Cert(cert) => self.add(cert.subject_name()?)?,
                Entry::Uri(_) | Entry::Other => {}
            }
        }
        err::clear();
        result
    }
}

/// X509_NAME_hash_ex(3): equal names have one hash, but one hash is not one name.
fn hash(name: &Name) -> c_ulong {
    // SAFETY: the name lives; NULL asks for the defaults.
    unsafe { X509_NAME_hash_ex(name.as_ptr(), ptr::null_mut(), ptr::null(), ptr::null_mut()) }
}

fn next_cert(bio: &File, lib: &LibCtx) -> Result<Option<Cert>> {
    let mut x = Cert::blank(lib)?.into_ptr();
    // SAFETY: the BIO and the certificate live; on failure `x` is NULL or still ours.
    unsafe {
        let got = ffi::PEM_read_bio_X509(bio.0, &mut x, None, ptr::null_mut());
        let cert = Cert::from_ptr(x);
        Ok(if got.is_null() { None } else { cert })
    }
}

/// SSL_load_client_CA_file_ex(3): the subjects in a PEM file, each once. Fails when there is
/// none.
pub fn load_file(file: &CStr, lib: &LibCtx) -> Result<NameStack> {
    let mut stack = Stack::new()?;
    Collector::new(&mut stack).add_file(file, lib)?;
    if stack.is_empty() {
        return Err(Error::Queued);
    }
    err::clear();
    Ok(stack)
}

/// SSL_add_file_cert_subjects_to_stack(3).
pub fn add_file(stack: &mut NameStack, file: &CStr) -> Result<()> {
    Collector::new(stack).add_file(file, &LibCtx::default())?;
    err::clear();
    Ok(())
}

/// SSL_add_dir_cert_subjects_to_stack(3): the files of `dir`, not its directories.
pub fn add_dir(stack: &mut NameStack, dir: &CStr) -> Result<()> {
    let path = OsStr::from_bytes(dir.to_bytes());
    let mut names = Collector::new(stack);
    for entry in fs::read_dir(path).map_err(|e| read_dir_error(dir, &e))? {
        let file = entry.map_err(|e| read_dir_error(dir, &e))?.file_name();
        let full = [dir.to_bytes(), b"/", file.as_bytes()].concat();
        if full.len() + 1 > MAX_PATH {
            return Err(Error::reason(Reason::PATH_TOO_LONG));
        }
        if fs::metadata(OsStr::from_bytes(&full)).is_ok_and(|m| m.is_dir()) {
            continue;
        }
        let full = CString::new(full).map_err(|_| Error::Queued)?;
        names.add_file(&full, &LibCtx::default())?;
        err::clear();
    }
    Ok(())
}

/// The system's error, then the entry that ssl_cert.c puts on top.
#[track_caller]
fn read_dir_error(dir: &CStr, cause: &std::io::Error) -> Error {
    const ERR_LIB_SYS: c_int = 2;
    let code = cause.raw_os_error().unwrap_or_default();
    // SAFETY: libcrypto copies the text; the format takes the one argument given.
    unsafe {
        ffi::ERR_new();
        ffi::ERR_set_debug(c"".as_ptr(), 0, c"".as_ptr());
        let format = c"calling OPENSSL_dir_read(%s)".as_ptr();
        ffi::ERR_set_error(ERR_LIB_SYS, code, format, dir.as_ptr());
    }
    Error::reason(Reason::SYS_LIB)
}

/// SSL_add_store_cert_subjects_to_stack(3): the certificates behind an OSSL_STORE URI.
pub fn add_store(stack: &mut NameStack, uri: &CStr) -> Result<()> {
    Collector::new(stack).add_store(uri, STORE_DEPTH)
}

enum Entry {
    Uri(CString),
    Cert(Cert),
    Other,
}

/// An open OSSL_STORE.
struct StoreReader(*mut c_void);

impl StoreReader {
    fn open(uri: &CStr) -> Result<Self> {
        let null = ptr::null_mut();
        // SAFETY: the URI lives; no callbacks are given.
        let ctx = unsafe { OSSL_STORE_open(uri.as_ptr(), null, null, null, null) };
        match ctx.is_null() {
            true => Err(Error::Queued),
            false => Ok(Self(ctx)),
        }
    }

    fn next(&self) -> Option<Entry> {
        // SAFETY: the store lives; what is taken from an entry is copied before it is freed.
        unsafe {
            while OSSL_STORE_eof(self.0) == 0 && OSSL_STORE_error(self.0) == 0 {
                let info = OSSL_STORE_load(self.0);
                if info.is_null() {
                    continue;
                }
                let entry = Self::entry(info);
                OSSL_STORE_INFO_free(info);
                return Some(entry);
            }
        }
        None
    }

    /// # Safety
    /// `info` is a live OSSL_STORE_INFO.
    unsafe fn entry(info: *mut c_void) -> Entry {
        const NAME: c_int = 1;
        const CERT: c_int = 5;
        // SAFETY: the caller's contract; each getter is called on an entry of its type.
        unsafe {
            match OSSL_STORE_INFO_get_type(info) {
                NAME => Entry::Uri(CStr::from_ptr(OSSL_STORE_INFO_get0_NAME(info)).to_owned()),
                CERT => Cert::from_ptr_ref(OSSL_STORE_INFO_get0_CERT(info))
                    .map_or(Entry::Other, Entry::Cert),
                _ => Entry::Other,
            }
        }
    }
}

impl Drop for StoreReader {
    fn drop(&mut self) {
        // SAFETY: the store is ours.
        unsafe { OSSL_STORE_close(self.0) };
    }
}

unsafe extern "C" {
    fn X509_NAME_hash_ex(
        name: *const ffi::X509_NAME,
        libctx: *mut ffi::OSSL_LIB_CTX,
        propq: *const c_char,
        ok: *mut c_int,
    ) -> c_ulong;
    fn OSSL_STORE_open(
        uri: *const c_char,
        ui_method: *mut c_void,
        ui_data: *mut c_void,
        post_process: *mut c_void,
        post_process_data: *mut c_void,
    ) -> *mut c_void;
    fn OSSL_STORE_load(ctx: *mut c_void) -> *mut c_void;
    fn OSSL_STORE_eof(ctx: *mut c_void) -> c_int;
    fn OSSL_STORE_error(ctx: *mut c_void) -> c_int;
    fn OSSL_STORE_close(ctx: *mut c_void) -> c_int;
    fn OSSL_STORE_INFO_get_type(info: *const c_void) -> c_int;
    fn OSSL_STORE_INFO_get0_NAME(info: *const c_void) -> *const c_char;
    fn OSSL_STORE_INFO_get0_CERT(info: *const c_void) -> *mut ffi::X509;
    fn OSSL_STORE_INFO_free(info: *mut c_void);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foreign::x509::tests::self_signed;
    use std::path::{Path, PathBuf};

    unsafe extern "C" {
        fn BIO_new_file(name: *const c_char, mode: *const c_char) -> *mut ffi::BIO;
    }

    fn scratch(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("ferrossl-{}-{name}", std::process::id()));
        fs::create_dir_all(dir.join("sub")).unwrap();
        dir
    }

    fn c(path: &Path) -> CString {
        CString::new(path.as_os_str().as_bytes()).unwrap()
    }

    fn write_pem(path: &Path, certs: &[&Cert]) {
        // SAFETY: a BIO of our own is made, written and freed.
        unsafe {
            let bio = BIO_new_file(c(path).as_ptr(), c"w".as_ptr());
            for cert in certs {
                assert_eq!(ffi::PEM_write_bio_X509(bio, cert.as_ptr()), 1);
            }
            ffi::BIO_free_all(bio);
        }
    }

    #[test]
    fn each_subject_once() {
        let dir = scratch("ca-names");
        let [(one, _), (two, _)] = [self_signed(c"one"), self_signed(c"two")];
        write_pem(&dir.join("a.pem"), &[&one, &two, &one]);
        write_pem(&dir.join("b.pem"), &[&two]);
        let lib = LibCtx::default();
        let mut names = load_file(&c(&dir.join("a.pem")), &lib).unwrap();
        assert_eq!(names.len(), 2);
        assert_eq!(names.get(0), one.subject_name().ok());
        add_dir(&mut names, &c(&dir)).unwrap();
        add_store(&mut names, &c(&dir)).unwrap();
        assert_eq!(names.len(), 2);
        let mut from_store = NameStack::new().unwrap();
        add_store(&mut from_store, &c(&dir.join("a.pem"))).unwrap();
        assert_eq!(from_store.len(), 2);
        assert_eq!(err::peek(), 0);

        assert_eq!(load_file(c"/nonexistent", &lib).unwrap_err(), Error::Queued);
        assert_ne!(err::peek(), 0);
        err::clear();
        let missing = add_dir(&mut names, c"/nonexistent").unwrap_err();
        assert!(matches!(missing, Error::Ssl { reason, .. } if reason == Reason::SYS_LIB));
        err::clear();
        fs::remove_dir_all(dir).unwrap();
    }
}
