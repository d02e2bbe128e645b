//! An ENGINE that provides a client's certificate (SSL_CTX_set_client_cert_engine).

use std::ffi::{c_int, c_void};
use std::ptr;

use super::callback::SslPtr;
use super::err::{Error, Reason, Result};
use super::evp::PKey;
use super::owned::owned;
use super::stack::NameStack;
use super::sys as ffi;
use super::x509::Cert;

unsafe extern "C" {
    fn ENGINE_init(engine: *mut ffi::ENGINE) -> c_int;
    fn ENGINE_finish(engine: *mut ffi::ENGINE) -> c_int;
    fn ENGINE_get_ssl_client_cert_function(engine: *const ffi::ENGINE) -> *const c_void;
    fn ENGINE_load_ssl_client_cert(
        engine: *mut ffi::ENGINE,
        ssl: *mut c_void,
        ca_names: *mut ffi::stack_st_X509_NAME,
        cert: *mut *mut ffi::X509,
        key: *mut *mut ffi::EVP_PKEY,
        others: *mut *mut ffi::stack_st_X509,
        ui_method: *mut c_void,
        ui_data: *mut c_void,
    ) -> c_int;
}

owned! {
    /// A functional reference to an ENGINE.
    Engine, ffi::ENGINE, up_ref = ENGINE_init, free = ENGINE_finish
}

// SAFETY: libcrypto counts functional references under a lock.
unsafe impl Send for Engine {}
// SAFETY: what an ENGINE's functions do at the same time is their own affair, as in OpenSSL.
unsafe impl Sync for Engine {}

impl Engine {
    /// A functional reference of our own to an ENGINE that has client certificates; fails with
    /// ERR_R_ENGINE_LIB or SSL_R_NO_CLIENT_CERT_METHOD.
    ///
    /// # Safety
    /// `engine` is NULL or live.
    pub unsafe fn with_client_certs(engine: *mut ffi::ENGINE) -> Result<Self> {
        // SAFETY: the caller's contract; the reference made is taken over.
        unsafe {
            if ENGINE_init(engine) != 1 {
                return Err(Error::reason(Reason::ENGINE_LIB));
            }
            let engine = Self::from_ptr(engine).ok_or(Error::Queued)?;
            match ENGINE_get_ssl_client_cert_function(engine.as_ptr()).is_null() {
                true => Err(Error::reason(Reason::NO_CLIENT_CERT_METHOD)),
                false => Ok(engine),
            }
        }
    }

    /// What the ENGINE answers for a connection whose server named these authorities, as a client
    /// certificate callback does; the certificate and key are given to us.
    pub fn client_cert(
        &self,
        ssl: SslPtr,
        ca_names: Option<&NameStack>,
    ) -> (c_int, Option<Cert>, Option<PKey>) {
        let (mut cert, mut key) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the reference is a functional one; what the ENGINE stores is ours.
        unsafe {
            let ret = ENGINE_load_ssl_client_cert(
                self.as_ptr(),
                ssl.0.cast(),
                ca_names.map_or(ptr::null_mut(), NameStack::as_ptr),
                &mut cert,
                &mut key,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
            );
            (ret, Cert::from_ptr(cert), PKey::from_ptr(key))
        }
    }
}
