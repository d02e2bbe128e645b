//! Certificate transparency by libcrypto's CT_* functions (RFC 6962; ct(7)).

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{self, NonNull};

use super::callback::{Callback, types};
use super::err::{Error, Reason, Result};
use super::libctx::LibCtx;
use super::sys as ffi;
use super::types::{CT_POLICY_EVAL_CTX, CTLOG_STORE, stack_st_SCT};
use super::x509::Cert;

enum OcspResponse {}
enum OcspBasic {}
enum OcspSingle {}
enum Sct {}

unsafe extern "C" {
    fn CTLOG_STORE_new_ex(lib: *mut ffi::OSSL_LIB_CTX, propq: *const c_char) -> *mut CTLOG_STORE;
    fn CTLOG_STORE_free(store: *mut CTLOG_STORE);
    fn CTLOG_STORE_load_file(store: *mut CTLOG_STORE, file: *const c_char) -> c_int;
    fn CTLOG_STORE_load_default_file(store: *mut CTLOG_STORE) -> c_int;
    fn CT_POLICY_EVAL_CTX_new_ex(
        lib: *mut ffi::OSSL_LIB_CTX,
        propq: *const c_char,
    ) -> *mut CT_POLICY_EVAL_CTX;
    fn CT_POLICY_EVAL_CTX_free(ctx: *mut CT_POLICY_EVAL_CTX);
    fn CT_POLICY_EVAL_CTX_set1_cert(ctx: *mut CT_POLICY_EVAL_CTX, cert: *mut ffi::X509) -> c_int;
    fn CT_POLICY_EVAL_CTX_set1_issuer(ctx: *mut CT_POLICY_EVAL_CTX, cert: *mut ffi::X509) -> c_int;
    fn CT_POLICY_EVAL_CTX_set_shared_CTLOG_STORE(
        ctx: *mut CT_POLICY_EVAL_CTX,
        store: *mut CTLOG_STORE,
    );
    fn CT_POLICY_EVAL_CTX_set_time(ctx: *mut CT_POLICY_EVAL_CTX, milliseconds: u64);
    fn SCT_LIST_validate(scts: *const stack_st_SCT, ctx: *mut CT_POLICY_EVAL_CTX) -> c_int;
    fn o2i_SCT_LIST(
        to: *mut *mut stack_st_SCT,
        at: *mut *const u8,
        len: usize,
    ) -> *mut stack_st_SCT;
    fn SCT_LIST_free(scts: *mut stack_st_SCT);
    fn SCT_free(sct: *mut Sct);
    fn SCT_set_source(sct: *mut Sct, source: c_int) -> c_int;
    fn SCT_get_validation_status(sct: *const Sct) -> c_int;
    fn X509_get_ext_d2i(
        cert: *const ffi::X509,
        nid: c_int,
        critical: *mut c_int,
        index: *mut c_int,
    ) -> *mut c_void;
    fn d2i_OCSP_RESPONSE(
        to: *mut *mut OcspResponse,
        at: *mut *const u8,
        len: std::ffi::c_long,
    ) -> *mut OcspResponse;
    fn OCSP_RESPONSE_free(response: *mut OcspResponse);
    fn OCSP_response_get1_basic(response: *mut OcspResponse) -> *mut OcspBasic;
    fn OCSP_BASICRESP_free(basic: *mut OcspBasic);
    fn OCSP_resp_count(basic: *mut OcspBasic) -> c_int;
    fn OCSP_resp_get0(basic: *mut OcspBasic, index: c_int) -> *mut OcspSingle;
    fn OCSP_SINGLERESP_get1_ext_d2i(
        single: *mut OcspSingle,
        nid: c_int,
        critical: *mut c_int,
        index: *mut c_int,
    ) -> *mut c_void;
}

/// NID_ct_precert_scts and NID_ct_cert_scts.
const CERTIFICATE_SCTS: c_int = 951;
const RESPONSE_SCTS: c_int = 954;
/// SCT_SOURCE_TLS_EXTENSION, SCT_SOURCE_X509V3_EXTENSION and SCT_SOURCE_OCSP_STAPLED_RESPONSE.
const FROM_TLS_EXTENSION: c_int = 1;
const FROM_CERTIFICATE: c_int = 2;
const FROM_RESPONSE: c_int = 3;
/// SCT_VALIDATION_STATUS_VALID.
const VALID: c_int = 2;

/// The logs a context knows (CTLOG_STORE_new(3)).
#[derive(Debug)]
pub struct LogStore(NonNull<CTLOG_STORE>);

// SAFETY: a store is changed only by loading files, which the context's lock guards.
unsafe impl Send for LogStore {}
// SAFETY: looking a log up changes nothing.
unsafe impl Sync for LogStore {}

impl LogStore {
    /// A store of no logs.
    pub fn new(lib: &LibCtx) -> Result<Self> {
        // SAFETY: the context lives; makes a new object.
        NonNull::new(unsafe { CTLOG_STORE_new_ex(lib.as_ptr(), lib.propq()) })
            .map(Self)
            .ok_or_else(|| Error::reason(Reason::MALLOC_FAILURE))
    }

    /// Takes the program's store; `None` for NULL.
    ///
    /// # Safety
    /// `store` is NULL or a live store that the caller gives up.
    pub unsafe fn from_ptr(store: *mut CTLOG_STORE) -> Option<Self> {
        NonNull::new(store).map(Self)
    }

    /// The store; it stays ours.
    pub fn as_ptr(&self) -> *mut CTLOG_STORE {
        self.0.as_ptr()
    }

    /// Adds the logs of `file`; of OpenSSL's default file for `None` (CTLOG_STORE_load_file(3)).
    pub fn load(&self, file: Option<&CStr>) -> Result<()> {
        // SAFETY: the store and the name live.
        let loaded = unsafe {
            match file {
                Some(file) => CTLOG_STORE_load_file(self.as_ptr(), file.as_ptr()),
                None => CTLOG_STORE_load_default_file(self.as_ptr()),
            }
        };
        match loaded {
            1 => Ok(()),
            _ => Err(Error::Queued),
        }
    }
}

impl Drop for LogStore {
    fn drop(&mut self) {
        // SAFETY: the store is ours.
        unsafe { CTLOG_STORE_free(self.as_ptr()) }
    }
}

/// Signed certificate timestamps: STACK_OF(SCT).
#[derive(Debug)]
pub struct Scts(NonNull<stack_st_SCT>);

impl Scts {
    /// The timestamps of the TLS extension `list`, then those in the OCSP response `ocsp` (none
    /// where these are empty), then those in `cert`. What
    /// cannot be parsed counts as not there, and leaves libcrypto's entries in the queue.
    pub fn collect(cert: &Cert, list: &[u8], ocsp: &[u8]) -> Result<Self> {
        // SAFETY: makes a new object.
        let raw = unsafe { ffi::OPENSSL_sk_new_null() };
        let scts = NonNull::new(raw.cast())
            .map(Self)
            .ok_or_else(|| Error::reason(Reason::MALLOC_FAILURE))?;
        if !list.is_empty() {
            let mut at = list.as_ptr();
            // SAFETY: `at` is readable for the length given; the list made is handed over.
            unsafe {
                let found = o2i_SCT_LIST(ptr::null_mut(), &mut at, list.len());
                scts.take(found, FROM_TLS_EXTENSION)?;
            }
        }
        if !ocsp.is_empty() {
            scts.take_from_response(ocsp)?;
        }
        // SAFETY: the certificate lives; the list made is handed over.
        unsafe {
            let found = X509_get_ext_d2i(
                cert.as_ptr(),
                CERTIFICATE_SCTS,
                ptr::null_mut(),
                ptr::null_mut(),
            );
            scts.take(found.cast(), FROM_CERTIFICATE)?;
        }
        Ok(scts)
    }

    fn take_from_response(&self, ocsp: &[u8]) -> Result<()> {
        let mut at = ocsp.as_ptr();
        let len = ocsp.len().try_into().unwrap_or(std::ffi::c_long::MAX);
        let mut result = Ok(());
        // SAFETY: `at` is readable for `len` bytes; what is made here is freed here, and a NULL
        // response has no basic part.
        unsafe {
            let response = d2i_OCSP_RESPONSE(ptr::null_mut(), &mut at, len);
            let basic = match response.is_null() {
                true => ptr::null_mut(),
                false => OCSP_response_get1_basic(response),
            };
            let count = match basic.is_null() {
                true => 0,
                false => OCSP_resp_count(basic),
            };
            for i in 0..count {
                let single = OCSP_resp_get0(basic, i);
                let found = OCSP_SINGLERESP_get1_ext_d2i(
                    single,
                    RESPONSE_SCTS,
                    ptr::null_mut(),
                    ptr::null_mut(),
                );
                result = result.and(self.take(found.cast(), FROM_RESPONSE));
            }
            OCSP_BASICRESP_free(basic);
            OCSP_RESPONSE_free(response);
        }
        result
    }

    /// Moves the timestamps of `from` here, last first, and frees it.
    ///
    /// # Safety
    /// `from` is NULL or a live list that the caller gives up.
    unsafe fn take(&self, from: *mut stack_st_SCT, source: c_int) -> Result<()> {
        let mut result = Ok(());
        // SAFETY: the caller's contract; each timestamp belongs to one list at a time.
        unsafe {
            loop {
                let sct: *mut Sct = ffi::OPENSSL_sk_pop(from.cast()).cast();
                if sct.is_null() {
                    break;
                }
                if SCT_set_source(sct, source) != 1
                    || ffi::OPENSSL_sk_push(self.as_ptr().cast(), sct.cast()) <= 0
                {
                    SCT_free(sct);
                    result = Err(Error::Queued);
                    break;
                }
            }
            SCT_LIST_free(from);
        }
        result
    }

    /// The list; it stays ours.
    pub fn as_ptr(&self) -> *mut stack_st_SCT {
        self.0.as_ptr()
    }

    /// Judges each timestamp and asks `policy`, which runs in here, whether that will do. Fails
    /// with OpenSSL's reason: SSL_R_CALLBACK_FAILED when it will not.
    pub fn validate(&self, judged: &Judged<'_>, policy: Callback<types::Ct>) -> Result<()> {
        // SAFETY: the context is made and freed here and takes references of its own, except to
        // the logs, which outlive it; the program registered the function for these arguments.
        let accepted = unsafe {
            let ctx = CT_POLICY_EVAL_CTX_new_ex(judged.lib.as_ptr(), judged.lib.propq());
            if ctx.is_null() {
                return Err(Error::reason(Reason::MALLOC_FAILURE));
            }
            CT_POLICY_EVAL_CTX_set1_cert(ctx, judged.cert.as_ptr());
            CT_POLICY_EVAL_CTX_set1_issuer(ctx, judged.issuer.as_ptr());
            let logs = judged.logs.map_or(ptr::null_mut(), LogStore::as_ptr);
            CT_POLICY_EVAL_CTX_set_shared_CTLOG_STORE(ctx, logs);
            CT_POLICY_EVAL_CTX_set_time(ctx, judged.milliseconds);
            let accepted = match SCT_LIST_validate(self.as_ptr(), ctx) {
                ..=-1 => Err(Error::reason(Reason::SCT_VERIFICATION_FAILED)),
                _ => Ok((policy.function())(ctx, self.as_ptr(), policy.argument())),
            };
            CT_POLICY_EVAL_CTX_free(ctx);
            accepted
        };
        match accepted? {
            1.. => Ok(()),
            _ => Err(Error::reason(Reason::CALLBACK_FAILED)),
        }
    }
}

impl Drop for Scts {
    fn drop(&mut self) {
        // SAFETY: the list and its elements are ours.
        unsafe { SCT_LIST_free(self.as_ptr()) }
    }
}

/// What timestamps are judged by.
pub struct Judged<'a> {
    /// The certificate they are for.
    pub cert: &'a Cert,
    /// Its issuer.
    pub issuer: &'a Cert,
    /// The logs known.
    pub logs: Option<&'a LogStore>,
    /// Now, in milliseconds since the epoch: a later timestamp is not valid.
    pub milliseconds: u64,
    /// Where algorithms are fetched.
    pub lib: &'a LibCtx,
}

/// What SSL_CTX_enable_ct(3) can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Timestamps are judged, and every verdict will do.
    Permissive,
    /// One valid timestamp at least.
    Strict,
}

impl Mode {
    /// The mode of an SSL_CT_VALIDATION_* value. Fails with
    /// SSL_R_INVALID_CT_VALIDATION_TYPE.
    pub fn from_code(code: c_int) -> Result<Self> {
        match code {
            0 => Ok(Self::Permissive),
            1 => Ok(Self::Strict),
            _ => Err(Error::reason(Reason::INVALID_CT_VALIDATION_TYPE)),
        }
    }

    /// The callback that stands for the mode.
    pub fn callback(self) -> Option<Callback<types::Ct>> {
        let function: types::Ct = match self {
            Self::Permissive => permissive,
            Self::Strict => strict,
        };
        Callback::new(Some(function), ptr::null_mut())
    }
}

unsafe extern "C" fn permissive(
    _: *const CT_POLICY_EVAL_CTX,
    _: *const stack_st_SCT,
    _: *mut c_void,
) -> c_int {
    1
}

unsafe extern "C" fn strict(
    _: *const CT_POLICY_EVAL_CTX,
    scts: *const stack_st_SCT,
    _: *mut c_void,
) -> c_int {
    // SAFETY: `validate` passes a live list; the index is within it.
    let valid = unsafe {
        (0..ffi::OPENSSL_sk_num(scts.cast())).any(|i| {
            SCT_get_validation_status(ffi::OPENSSL_sk_value(scts.cast(), i).cast()) == VALID
        })
    };
    if !valid {
        Error::reason(Reason::NO_VALID_SCTS).put();
    }
    c_int::from(valid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foreign::err;
    use crate::foreign::x509::tests::self_signed;

    #[test]
    fn strict_wants_a_timestamp_and_permissive_does_not() {
        let (cert, _) = self_signed(c"no timestamps");
        let lib = LibCtx::default();
        let logs = LogStore::new(&lib).unwrap();
        let judged = Judged {
            cert: &cert,
            issuer: &cert,
            logs: Some(&logs),
            milliseconds: 0,
            lib: &lib,
        };
        let scts = Scts::collect(&cert, b"", b"no response").unwrap();
        err::clear();
        let ask = |mode: Mode| scts.validate(&judged, mode.callback().unwrap());
        assert!(ask(Mode::Permissive).is_ok());
        assert!(ask(Mode::Strict).is_err());
        err::clear();
        assert!(Mode::from_code(2).is_err());
    }
}
