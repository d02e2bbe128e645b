//! Files of trusted certificates, parsed once while they do not change.
//!
//! A program that makes a context for each connection loads the same hundred and fifty roots each
//! time, which is nearly all such a context costs. What a file held is remembered by its identity
//! and times; certificates are shared between the stores that trust them.

use std::collections::VecDeque;
use std::ffi::{CStr, OsStr, c_int, c_void};
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

use super::err::{Error, Result};
use super::libctx::LibCtx;
use super::store::Store;
use super::sys as ffi;
use super::x509::{Cert, try_briefly};

/// So many files are remembered at most,
const MAX_FILES: usize = 8;
/// none longer than this, in bytes.
const MAX_LEN: u64 = 2 << 20;
/// A file that changed so recently might change again without its times telling.
const SETTLED: Duration = Duration::from_secs(2);

unsafe extern "C" {
    fn X509_STORE_lock(store: *mut ffi::X509_STORE) -> c_int;
    fn X509_STORE_unlock(store: *mut ffi::X509_STORE) -> c_int;
    fn X509_STORE_add_crl(store: *mut ffi::X509_STORE, crl: *mut c_void) -> c_int;
    fn X509_OBJECT_new() -> *mut ffi::X509_OBJECT;
    fn X509_OBJECT_set1_X509(object: *mut ffi::X509_OBJECT, cert: *mut ffi::X509) -> c_int;
    fn X509_OBJECT_get0_X509_CRL(object: *mut ffi::X509_OBJECT) -> *mut c_void;
}

/// Which file it is, and when it last changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    len: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Identity {
    /// `None` for what is not to be remembered.
    fn of(file: &CStr) -> Option<Self> {
        let meta = fs::metadata(OsStr::from_bytes(file.to_bytes())).ok()?;
        let usable = meta.is_file() && meta.len() <= MAX_LEN && is_settled(&meta);
        usable.then(|| Self {
            device: meta.dev(),
            inode: meta.ino(),
            len: meta.len(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        })
    }
}

fn is_settled(meta: &Metadata) -> bool {
    let changed = u64::try_from(meta.ctime().max(meta.mtime())).unwrap_or(0);
    SystemTime::now()
        .duration_since(UNIX_EPOCH + Duration::from_secs(changed))
        .is_ok_and(|age| age > SETTLED)
}

/// The certificates of a file, each as it was when it was parsed.
type Bundle = Arc<[(Cert, u64)]>;

/// Files by identity, the one used last at the end.
static FILES: Mutex<VecDeque<(Identity, Bundle)>> = Mutex::new(VecDeque::new());

fn recall(file: &Identity) -> Option<Bundle> {
    let bundle = {
        let mut files = try_briefly(&FILES)?;
        let at = files.iter().position(|(known, _)| known == file)?;
        let entry = files.remove(at)?;
        let bundle = entry.1.clone();
        files.push_back(entry);
        bundle
    };
    let untouched = bundle
        .iter()
        .all(|(cert, portrait)| cert.portrait() == *portrait);
    untouched.then_some(bundle)
}

fn remember(file: Identity, bundle: Bundle) {
    let Some(mut files) = try_briefly(&FILES) else {
        return;
    };
    let mut forgotten = Vec::new();
    // One file has one state: a former one is of no use.
    while let Some(at) = files
        .iter()
        .position(|(known, _)| (known.device, known.inode) == (file.device, file.inode))
    {
        forgotten.extend(files.remove(at));
    }
    if files.len() >= MAX_FILES {
        forgotten.extend(files.pop_front());
    }
    files.push_back((file, bundle));
    // Freeing an X509 runs the program's ex_data callbacks, which may load a file.
    drop(files);
    drop(forgotten);
}

/// Adds to `store` what `file` holds (X509_STORE_load_file(3)).
pub fn load(store: &Store, file: &CStr, lib: &LibCtx) -> Result<()> {
    let before = lib.is_default().then(|| Identity::of(file)).flatten();
    let Some(before) = before else {
        return store.read_file(file, lib);
    };
    // As OpenSSL's store does, it gets a lookup.
    store.add_file_lookup()?;
    if let Some(bundle) = recall(&before) {
        return store.add_all(bundle.iter().map(|(cert, _)| cert));
    }
    let fresh = Store::new()?;
    fresh.read_file(file, lib)?;
    let (certs, crls) = fresh.contents();
    store.add_all(certs.iter())?;
    for crl in &crls {
        // SAFETY: `fresh` lives, and with it its lists; the store adds a reference.
        if unsafe { X509_STORE_add_crl(store.as_ptr(), *crl) } != 1 {
            return Err(Error::Queued);
        }
    }
    let plain = crls.is_empty() && certs.iter().all(Cert::is_plain);
    if plain && Identity::of(file).as_ref() == Some(&before) {
        let portrayed = certs.into_iter().map(|cert| {
            let portrait = cert.portrait();
            (cert, portrait)
        });
        remember(before, portrayed.collect());
    }
    Ok(())
}

impl Store {
    /// The certificates and revocation lists; the latter live as long as the store.
    fn contents(&self) -> (Vec<Cert>, Vec<*mut c_void>) {
        let (mut certs, mut crls) = (Vec::new(), Vec::new());
        // SAFETY: nobody else knows this store; each object is a certificate or a list.
        unsafe {
            let objects: *mut ffi::OPENSSL_STACK =
                ffi::X509_STORE_get0_objects(self.as_ptr()).cast();
            for i in 0..ffi::OPENSSL_sk_num(objects) {
                let object = ffi::OPENSSL_sk_value(objects, i).cast();
                match Cert::from_ptr_ref(ffi::X509_OBJECT_get0_X509(object)) {
                    Some(cert) => certs.push(cert),
                    None => crls.push(X509_OBJECT_get0_X509_CRL(object)),
                }
            }
        }
        (certs, crls)
    }

    /// Trusts `certs`, which are all different. X509_STORE_add_cert(3) sorts the store for each
    /// to see whether it is there; an empty store needs no such search.
    fn add_all<'a>(&self, certs: impl Iterator<Item = &'a Cert> + Clone) -> Result<()> {
        // SAFETY: the store lives and is locked while its objects are looked at and changed; an
        // object that cannot be put in is freed.
        unsafe {
            if X509_STORE_lock(self.as_ptr()) != 1 {
                return Err(Error::Queued);
            }
            let objects: *mut ffi::OPENSSL_STACK =
                ffi::X509_STORE_get0_objects(self.as_ptr()).cast();
            let empty = ffi::OPENSSL_sk_num(objects) == 0;
            let mut added = true;
            if empty {
                for cert in certs.clone() {
                    let object = X509_OBJECT_new();
                    added = !object.is_null()
                        && X509_OBJECT_set1_X509(object, cert.as_ptr()) == 1
                        && ffi::OPENSSL_sk_push(objects, object.cast()) > 0;
                    if !added {
                        ffi::X509_OBJECT_free(object);
                        break;
                    }
                }
            }
            X509_STORE_unlock(self.as_ptr());
            match (empty, added) {
                (true, true) => Ok(()),
                (true, false) => Err(Error::Queued),
                (false, _) => certs.clone().try_for_each(|cert| self.add_cert(cert)),
            }
        }
    }
}

unsafe extern "C" {
    fn X509_get_default_cert_file() -> *const std::ffi::c_char;
    fn X509_get_default_cert_file_env() -> *const std::ffi::c_char;
    fn secure_getenv(name: *const std::ffi::c_char) -> *const std::ffi::c_char;
}

/// Adds to `store` what libcrypto's default file holds; one that is not there is no error.
pub fn load_default(store: &Store, lib: &LibCtx) {
    // SAFETY: the names are libcrypto's constants; the environment's value is copied at once.
    let file = unsafe {
        let named = secure_getenv(X509_get_default_cert_file_env());
        let file = match named.is_null() {
            true => X509_get_default_cert_file(),
            false => named,
        };
        CStr::from_ptr(file).to_owned()
    };
    let _ = load(store, &file, lib);
    super::err::clear();
}
