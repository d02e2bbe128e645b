//! X509_STORE: what a program trusts (SSL_CTX_load_verify_locations(3)).

use std::ffi::{CStr, c_char, c_int};

use super::bundle;
use super::err::{Error, Result};
use super::libctx::LibCtx;
use super::owned::owned;
use super::stack::CertStack;
use super::sys as ffi;
use super::verify_param::VerifyParam;
use super::x509::Cert;

owned! {
    /// One reference to an X509_STORE.
    Store, ffi::X509_STORE, up_ref = ffi::X509_STORE_up_ref, free = ffi::X509_STORE_free
}

impl PartialEq for Store {
    /// Whether it is the same one.
    fn eq(&self, other: &Self) -> bool {
        self.as_ptr() == other.as_ptr()
    }
}

// SAFETY: an X509_STORE counts references atomically and locks itself.
unsafe impl Send for Store {}
// SAFETY: as for Send.
unsafe impl Sync for Store {}

unsafe extern "C" {
    fn X509_LOOKUP_hash_dir() -> *mut ffi::X509_LOOKUP_METHOD;
    fn X509_LOOKUP_file() -> *mut ffi::X509_LOOKUP_METHOD;
    fn X509_LOOKUP_ctrl(
        ctx: *mut ffi::X509_LOOKUP,
        cmd: c_int,
        argc: *const c_char,
        argl: std::ffi::c_long,
        ret: *mut *mut c_char,
    ) -> c_int;
}

fn done(ret: c_int) -> Result<()> {
    match ret {
        1 => Ok(()),
        _ => Err(Error::Queued),
    }
}

impl Store {
    /// An empty store.
    pub fn new() -> Result<Self> {
        // SAFETY: makes a new object.
        unsafe { Self::from_ptr(ffi::X509_STORE_new()) }.ok_or(Error::Queued)
    }

    /// Trusts the system's certificates: file, directory and store.
    pub fn set_default_paths(&self, lib: &LibCtx) -> Result<()> {
        self.set_default_file(lib)?;
        self.set_default_dir()?;
        self.set_default_store(lib)
    }

    /// The lookup libcrypto has in a store into which a file was loaded.
    pub(super) fn add_file_lookup(&self) -> Result<()> {
        // SAFETY: the method is libcrypto's.
        self.lookup(unsafe { X509_LOOKUP_file() }).map(drop)
    }

    fn lookup(&self, method: *mut ffi::X509_LOOKUP_METHOD) -> Result<*mut ffi::X509_LOOKUP> {
        // SAFETY: the store lives and owns the lookup.
        let lookup = unsafe { ffi::X509_STORE_add_lookup(self.as_ptr(), method) };
        match lookup.is_null() {
            true => Err(Error::Queued),
            false => Ok(lookup),
        }
    }

    /// Trusts the system's certificate directory.
    pub fn set_default_dir(&self) -> Result<()> {
        // SAFETY: the method is libcrypto's; a default type needs no name.
        unsafe {
            let lookup = self.lookup(X509_LOOKUP_hash_dir())?;
            X509_LOOKUP_ctrl(
                lookup,
                ffi::X509_L_ADD_DIR,
                std::ptr::null(),
                ffi::X509_FILETYPE_DEFAULT,
                std::ptr::null_mut(),
            );
        }
        super::err::clear();
        Ok(())
    }

    /// Trusts the system's certificate file.
    pub fn set_default_file(&self, lib: &LibCtx) -> Result<()> {
        self.add_file_lookup()?;
        bundle::load_default(self, lib);
        Ok(())
    }

    /// Trusts the system's certificate store.
    pub fn set_default_store(&self, lib: &LibCtx) -> Result<()> {
        // SAFETY: the method is libcrypto's.
        self.default_by(
            unsafe { ffi::X509_LOOKUP_store() },
            ffi::X509_L_ADD_STORE,
            0,
            lib,
        )
    }

    fn default_by(
        &self,
        method: *mut ffi::X509_LOOKUP_METHOD,
        cmd: c_int,
        kind: std::ffi::c_long,
        lib: &LibCtx,
    ) -> Result<()> {
        let lookup = self.lookup(method)?;
        // SAFETY: the lookup is the store's; a default type needs no name. A default that is not
        // there is no error (SSL_CTX_set_default_verify_paths(3)).
        unsafe {
            ffi::X509_LOOKUP_ctrl_ex(
                lookup,
                cmd,
                std::ptr::null(),
                kind,
                std::ptr::null_mut(),
                lib.as_ptr(),
                lib.propq(),
            );
        }
        super::err::clear();
        Ok(())
    }

    /// Trusts `cert`; the store adds a reference (X509_STORE_add_cert(3)).
    pub fn add_cert(&self, cert: &Cert) -> Result<()> {
        // SAFETY: both live; the store locks itself.
        done(unsafe { ffi::X509_STORE_add_cert(self.as_ptr(), cert.as_ptr()) })
    }

    /// Copies `param` to the store's own parameters (X509_STORE_set1_param(3)).
    pub fn set1_param(&self, param: &VerifyParam) -> Result<()> {
        // SAFETY: both live.
        done(unsafe { ffi::X509_STORE_set1_param(self.as_ptr(), param.as_ptr()) })
    }

    /// Trusts the certificates of a PEM file.
    pub fn load_file(&self, file: &CStr, lib: &LibCtx) -> Result<()> {
        bundle::load(self, file, lib)
    }

    /// As [`Self::load_file`], by libcrypto.
    pub(super) fn read_file(&self, file: &CStr, lib: &LibCtx) -> Result<()> {
        // SAFETY: the store, the name and the context live.
        done(unsafe {
            ffi::X509_STORE_load_file_ex(self.as_ptr(), file.as_ptr(), lib.as_ptr(), lib.propq())
        })
    }

    /// Trusts the certificates of a hashed directory, read when needed.
    pub fn load_path(&self, path: &CStr) -> Result<()> {
        // SAFETY: the store and the name live.
        done(unsafe { ffi::X509_STORE_load_path(self.as_ptr(), path.as_ptr()) })
    }

    /// Trusts the certificates behind an OSSL_STORE URI.
    pub fn load_store(&self, uri: &CStr, lib: &LibCtx) -> Result<()> {
        // SAFETY: the store, the URI and the context live.
        done(unsafe {
            ffi::X509_STORE_load_store_ex(self.as_ptr(), uri.as_ptr(), lib.as_ptr(), lib.propq())
        })
    }
}
/// Whether a chain could be verified, or the text of the reason why not.
type Verified = std::result::Result<(), String>;

impl Store {
    /// The chain from `leaf` up that this store can build, leaf first; what it cannot complete it
    /// leaves out, and queues nothing.
    pub fn complete_chain(&self, leaf: &Cert, lib: &LibCtx) -> Option<CertStack> {
        let built = self.build_chain(leaf, None, lib).ok();
        super::err::clear();
        built.map(|(_, chain)| chain)
    }

    /// As [`Self::complete_chain`], with further certificates to build from, and whether what was
    /// built is a good chain. libcrypto may queue why it is not.
    pub fn build_chain(
        &self,
        leaf: &Cert,
        untrusted: Option<&CertStack>,
        lib: &LibCtx,
    ) -> Result<(Verified, CertStack)> {
        let untrusted = untrusted.map_or(std::ptr::null_mut(), CertStack::as_ptr);
        // SAFETY: the context is made and freed here, and takes references of its own.
        unsafe {
            let ctx = ffi::X509_STORE_CTX_new_ex(lib.as_ptr(), lib.propq());
            if ctx.is_null() {
                return Err(Error::Queued);
            }
            let init =
                ffi::X509_STORE_CTX_init(ctx, self.as_ptr(), leaf.as_ptr(), untrusted.cast());
            let mut verified = Ok(());
            let mut chain = None;
            if init == 1 {
                if ffi::X509_verify_cert(ctx) <= 0 {
                    let code = X509_STORE_CTX_get_error(ctx);
                    let text = CStr::from_ptr(X509_verify_cert_error_string(code.into()));
                    verified = Err(text.to_string_lossy().into_owned());
                }
                chain = CertStack::from_ptr(ffi::X509_STORE_CTX_get1_chain(ctx).cast());
            }
            ffi::X509_STORE_CTX_free(ctx);
            chain.map(|chain| (verified, chain)).ok_or(Error::Queued)
        }
    }
}

unsafe extern "C" {
    fn X509_STORE_CTX_get_error(ctx: *const ffi::X509_STORE_CTX) -> c_int;
    fn X509_verify_cert_error_string(code: std::ffi::c_long) -> *const c_char;
}
