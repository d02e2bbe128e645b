//! X509_VERIFY_PARAM: how a chain is judged (X509_VERIFY_PARAM_set_flags(3)).

use std::ffi::{CStr, c_char, c_int};
use std::ptr::NonNull;

use super::err::{Error, Result};
use super::evp::quietly;
use super::sys as ffi;

unsafe extern "C" {
    fn X509_VERIFY_PARAM_set_auth_level(param: *mut ffi::X509_VERIFY_PARAM, level: c_int);
    fn X509_VERIFY_PARAM_set1_ip_asc(
        param: *mut ffi::X509_VERIFY_PARAM,
        text: *const c_char,
    ) -> c_int;
    fn X509_VERIFY_PARAM_get1_ip_asc(param: *mut ffi::X509_VERIFY_PARAM) -> *mut c_char;
    fn a2i_IPADDRESS(text: *const c_char) -> *mut ffi::ASN1_OCTET_STRING;
}

fn is_address(text: &CStr) -> bool {
    // SAFETY: `text` is a C string; the object is ours to free.
    quietly(|| unsafe {
        let address = a2i_IPADDRESS(text.as_ptr());
        ffi::ASN1_OCTET_STRING_free(address);
        !address.is_null()
    })
}

/// An X509_VERIFY_PARAM of our own.
#[derive(Debug)]
pub struct VerifyParam(NonNull<ffi::X509_VERIFY_PARAM>);

// SAFETY: changed through C pointers by the thread that uses its object alone, as OpenSSL's rule
// is; reading changes nothing.
unsafe impl Send for VerifyParam {}
// SAFETY: as for Send.
unsafe impl Sync for VerifyParam {}

impl VerifyParam {
    /// An empty one.
    pub fn new() -> Result<Self> {
        // SAFETY: makes a new object.
        NonNull::new(unsafe { ffi::X509_VERIFY_PARAM_new() })
            .map(Self)
            .ok_or(Error::Queued)
    }

    /// The object; it stays ours.
    pub fn as_ptr(&self) -> *mut ffi::X509_VERIFY_PARAM {
        self.0.as_ptr()
    }

    /// A copy that later changes do not cross to.
    pub fn try_clone(&self) -> Result<Self> {
        let copy = Self::new()?;
        copy.inherit(self)?;
        Ok(copy)
    }

    /// Takes over what is set in `from` and not here (X509_VERIFY_PARAM_inherit(3)).
    pub fn inherit(&self, from: &Self) -> Result<()> {
        // SAFETY: both live.
        match unsafe { ffi::X509_VERIFY_PARAM_inherit(self.as_ptr(), from.as_ptr()) } {
            1 => Ok(()),
            _ => Err(Error::Queued),
        }
    }

    /// Takes over all that is set in `from` (X509_VERIFY_PARAM_set1(3)).
    ///
    /// # Safety
    /// `from` is a live X509_VERIFY_PARAM.
    pub unsafe fn set1(&self, from: *const ffi::X509_VERIFY_PARAM) -> Result<()> {
        // SAFETY: the caller's contract.
        match unsafe { ffi::X509_VERIFY_PARAM_set1(self.as_ptr(), from) } {
            1 => Ok(()),
            _ => Err(Error::Queued),
        }
    }

    /// The depth, -1 when not set.
    pub fn depth(&self) -> c_int {
        // SAFETY: the object lives.
        unsafe { ffi::X509_VERIFY_PARAM_get_depth(self.as_ptr()) }
    }

    /// Sets the depth.
    pub fn set_depth(&self, depth: c_int) {
        // SAFETY: the object lives.
        unsafe { ffi::X509_VERIFY_PARAM_set_depth(self.as_ptr(), depth) }
    }

    /// Sets the purpose; fails for an unknown one.
    pub fn set_purpose(&self, purpose: c_int) -> Result<()> {
        // SAFETY: the object lives.
        match unsafe { ffi::X509_VERIFY_PARAM_set_purpose(self.as_ptr(), purpose) } {
            1 => Ok(()),
            _ => Err(Error::Queued),
        }
    }

    /// Sets the trust setting; fails for an unknown one.
    pub fn set_trust(&self, trust: c_int) -> Result<()> {
        // SAFETY: the object lives.
        match unsafe { ffi::X509_VERIFY_PARAM_set_trust(self.as_ptr(), trust) } {
            1 => Ok(()),
            _ => Err(Error::Queued),
        }
    }

    /// Sets the security level of the chain's algorithms.
    pub fn set_auth_level(&self, level: c_int) {
        // SAFETY: the object lives.
        unsafe { X509_VERIFY_PARAM_set_auth_level(self.as_ptr(), level) }
    }

    /// Sets the address if `host` is one, else replaces the host names by it; `None` removes them.
    pub fn set1_host(&self, host: Option<&CStr>) -> Result<()> {
        if host.is_some_and(|host| self.set1_address(host)) {
            return Ok(());
        }
        let name = host.map_or(std::ptr::null(), CStr::as_ptr);
        // SAFETY: the object lives; a zero length means a C string.
        match unsafe { ffi::X509_VERIFY_PARAM_set1_host(self.as_ptr(), name, 0) } {
            1 => Ok(()),
            _ => Err(Error::Queued),
        }
    }

    /// Sets the address if `text` is one.
    fn set1_address(&self, text: &CStr) -> bool {
        // SAFETY: the object lives; `text` is a C string.
        quietly(|| unsafe { X509_VERIFY_PARAM_set1_ip_asc(self.as_ptr(), text.as_ptr()) } == 1)
    }

    /// Adds a host name, or sets the address if `host` is one and there is none: there can be one.
    pub fn add1_host(&self, host: Option<&CStr>) -> Result<()> {
        if let Some(host) = host.filter(|host| is_address(host)) {
            let unset = !self.has_address() && self.set1_address(host);
            return unset.then_some(()).ok_or(Error::Queued);
        }
        let name = host.map_or(std::ptr::null(), CStr::as_ptr);
        // SAFETY: as for set1_host.
        match unsafe { ffi::X509_VERIFY_PARAM_add1_host(self.as_ptr(), name, 0) } {
            1 => Ok(()),
            _ => Err(Error::Queued),
        }
    }

    fn has_address(&self) -> bool {
        // SAFETY: the object lives; the text is ours to free.
        unsafe {
            let text = X509_VERIFY_PARAM_get1_ip_asc(self.as_ptr());
            super::free_crypto(text.cast());
            !text.is_null()
        }
    }

    /// Sets X509_CHECK_FLAG_*.
    pub fn set_hostflags(&self, flags: std::ffi::c_uint) {
        // SAFETY: the object lives.
        unsafe { ffi::X509_VERIFY_PARAM_set_hostflags(self.as_ptr(), flags) }
    }

    /// Forgets the name that matched.
    pub fn forget_peername(&self) {
        // SAFETY: the object lives; from nothing nothing is moved.
        unsafe { ffi::X509_VERIFY_PARAM_move_peername(self.as_ptr(), std::ptr::null_mut()) }
    }

    /// The name that matched in the last verification; lives as long as this object is not
    /// changed. NULL when none did.
    pub fn peername(&self) -> *const c_char {
        // SAFETY: the object lives.
        unsafe { ffi::X509_VERIFY_PARAM_get0_peername(self.as_ptr()) }
    }
}

impl Drop for VerifyParam {
    fn drop(&mut self) {
        // SAFETY: the object is ours.
        unsafe { ffi::X509_VERIFY_PARAM_free(self.as_ptr()) }
    }
}
