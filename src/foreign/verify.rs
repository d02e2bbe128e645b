//! X509_verify_cert(3) on a peer's chain.

use std::ffi::{CStr, c_int, c_long, c_void};

use super::callback::{Callback, SslPtr, types};
use super::err::{Error, Reason, Result};
use super::ex_data;
use super::libctx::LibCtx;
use super::stack::CertStack;
use super::store::Store;
use super::sys as ffi;
use super::verify_param::VerifyParam;
use super::x509::Cert;

/// What a verification is made with.
pub struct Verification<'a> {
    /// The peer's leaf.
    pub leaf: &'a Cert,
    /// The chain as sent, leaf included.
    pub untrusted: &'a CertStack,
    /// What is trusted.
    pub store: &'a Store,
    /// The connection's parameters; the name that matched is moved here.
    pub param: &'a VerifyParam,
    /// Whether the peer is a server.
    pub peer_is_server: bool,
    /// The connection, for the callbacks.
    pub ssl: SslPtr,
    /// SSL_set_verify's callback.
    pub callback: Option<types::Verify>,
    /// Does it all instead of libcrypto.
    pub replacement: Option<Callback<types::CertVerify>>,
    /// The security level.
    pub level: c_int,
    /// Where algorithms are fetched.
    pub lib: &'a LibCtx,
}

/// How a verification ended.
pub struct Verdict {
    /// What X509_verify_cert or its replacement returned: positive is good, negative with no
    /// verdict yet.
    pub ret: c_int,
    /// X509_V_OK or why not.
    pub error: c_long,
    /// The chain built, if one was.
    pub chain: Option<CertStack>,
}

unsafe extern "C" {
    fn X509_STORE_CTX_get0_chain(ctx: *const ffi::X509_STORE_CTX) -> *mut ffi::stack_st_X509;
    fn X509_STORE_CTX_get_error(ctx: *const ffi::X509_STORE_CTX) -> c_int;
    fn X509_VERIFY_PARAM_set_auth_level(param: *mut ffi::X509_VERIFY_PARAM, level: c_int);
}

struct StoreCtx(*mut ffi::X509_STORE_CTX);

impl Drop for StoreCtx {
    fn drop(&mut self) {
        // SAFETY: the context is ours.
        unsafe { ffi::X509_STORE_CTX_free(self.0) }
    }
}

impl Verification<'_> {
    /// Judges the chain. The program's callbacks run in here.
    pub fn run(&self) -> Result<Verdict> {
        // SAFETY: makes a new object; every pointer below lives until it is freed at the end.
        unsafe {
            let ctx = StoreCtx(ffi::X509_STORE_CTX_new_ex(
                self.lib.as_ptr(),
                self.lib.propq(),
            ));
            if ctx.0.is_null() {
                return Err(Error::reason(Reason::MALLOC_FAILURE));
            }
            let ctx_ptr = ctx.0;
            let untrusted = self.untrusted.as_ptr();
            if ffi::X509_STORE_CTX_init(
                ctx_ptr,
                self.store.as_ptr(),
                self.leaf.as_ptr(),
                untrusted.cast(),
            ) != 1
            {
                return Err(Error::reason(Reason::X509_LIB));
            }
            let param = ffi::X509_STORE_CTX_get0_param(ctx_ptr);
            X509_VERIFY_PARAM_set_auth_level(param, self.level);
            let index = ex_data::store_ctx_index();
            if ffi::X509_STORE_CTX_set_ex_data(ctx_ptr, index, self.ssl.0.cast::<c_void>()) != 1 {
                return Err(Error::Queued);
            }
            let purpose: &CStr = match self.peer_is_server {
                true => c"ssl_server",
                false => c"ssl_client",
            };
            ffi::X509_STORE_CTX_set_default(ctx_ptr, purpose.as_ptr());
            ffi::X509_VERIFY_PARAM_set1(param, self.param.as_ptr());
            if self.callback.is_some() {
                ffi::X509_STORE_CTX_set_verify_cb(ctx_ptr, self.callback);
            }
            let ret = match self.replacement {
                Some(callback) => (callback.function())(ctx_ptr, callback.argument()),
                None => ffi::X509_verify_cert(ctx_ptr).max(0),
            };
            let chain = match X509_STORE_CTX_get0_chain(ctx_ptr).is_null() {
                true => None,
                false => CertStack::from_ptr(ffi::X509_STORE_CTX_get1_chain(ctx_ptr).cast()),
            };
            ffi::X509_VERIFY_PARAM_move_peername(self.param.as_ptr(), param);
            Ok(Verdict {
                ret,
                error: c_long::from(X509_STORE_CTX_get_error(ctx_ptr)),
                chain,
            })
        }
    }
}
