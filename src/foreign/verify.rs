//! X509_verify_cert(3) on a peer's chain.

use std::ffi::{CStr, c_int, c_ulong, c_void};
use std::sync::Arc;

use super::callback::{Callback, SslPtr, types};
use super::dane::{Dane, MatchingTypes};
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
    /// TLSA records that vouch for the peer, with the matching types and DANE_FLAG_* they are
    /// judged by.
    pub dane: Option<(&'a Dane, Arc<MatchingTypes>, c_ulong)>,
    /// X509_V_FLAG_SUITEB_*.
    pub suite_b: c_ulong,
    /// Where algorithms are fetched.
    pub lib: &'a LibCtx,
}

/// How a verification ended.
pub struct Verdict {
    /// What X509_verify_cert or its replacement returned: positive is good, negative with no
    /// verdict yet.
    pub ret: c_int,
    /// X509_V_OK or why not.
    pub error: i64,
    /// The chain built, if one was.
    pub chain: Option<CertStack>,
}

unsafe extern "C" {
    fn X509_STORE_CTX_get0_chain(ctx: *const ffi::X509_STORE_CTX) -> *mut ffi::stack_st_X509;
    fn X509_STORE_CTX_set_flags(ctx: *mut ffi::X509_STORE_CTX, flags: c_ulong);
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
            X509_STORE_CTX_set_flags(ctx_ptr, self.suite_b);
            let index = ex_data::store_ctx_index();
            if ffi::X509_STORE_CTX_set_ex_data(ctx_ptr, index, self.ssl.0.cast::<c_void>()) != 1 {
                return Err(Error::Queued);
            }
            if let Some((dane, types, flags)) = &self.dane {
                dane.install(ctx_ptr, types, *flags);
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
                error: X509_STORE_CTX_get_error(ctx_ptr).into(),
                chain,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foreign::evp::tests::generate;
    use crate::foreign::x509::tests::{issue, self_signed};

    const OK: i64 = 0;
    const UNABLE_TO_GET_ISSUER_CERT_LOCALLY: i64 = 20;
    const HOSTNAME_MISMATCH: i64 = 62;

    struct Peer {
        chain: CertStack,
        leaf: Cert,
        ca: Cert,
    }

    fn peer() -> Peer {
        let (ca, ca_key) = self_signed(c"ca");
        let leaf = issue(
            c"leaf.test",
            &generate(c"EC", Some(c"P-256")),
            Some((&ca, &ca_key)),
        );
        let mut chain = CertStack::new().unwrap();
        chain.push(leaf.clone()).unwrap();
        Peer { chain, leaf, ca }
    }

    fn judge(
        peer: &Peer,
        store: &Store,
        param: &VerifyParam,
        callback: Option<types::Verify>,
        replacement: Option<Callback<types::CertVerify>>,
    ) -> Verdict {
        let verdict = Verification {
            leaf: &peer.leaf,
            untrusted: &peer.chain,
            store,
            param,
            peer_is_server: true,
            ssl: SslPtr(0x1000 as *mut _),
            callback,
            replacement,
            level: 1,
            dane: None,
            suite_b: 0,
            lib: &LibCtx::default(),
        }
        .run()
        .unwrap();
        crate::foreign::err::clear();
        verdict
    }

    fn trusting(peer: &Peer) -> Store {
        let store = Store::new().unwrap();
        store.add_cert(&peer.ca).unwrap();
        store
    }

    #[test]
    fn trusted_chain_and_its_name() {
        let peer = peer();
        let param = VerifyParam::new().unwrap();
        set_host(&param, c"leaf.test");
        let verdict = judge(&peer, &trusting(&peer), &param, None, None);
        assert_eq!((verdict.ret, verdict.error), (1, OK));
        let chain = verdict.chain.unwrap();
        assert_eq!(chain.len(), 2);
        assert_eq!(chain.get(1), Some(peer.ca.clone()));
        assert_eq!(peername(&param).as_deref(), Some(c"leaf.test"));

        let other = VerifyParam::new().unwrap();
        set_host(&other, c"other.test");
        let verdict = judge(&peer, &trusting(&peer), &other, None, None);
        assert_eq!((verdict.ret, verdict.error), (0, HOSTNAME_MISMATCH));
        assert_eq!(peername(&other), None);
    }

    #[test]
    fn verify_callback_finds_its_ssl_and_may_overrule() {
        unsafe extern "C" fn accept(_: c_int, ctx: *mut ffi::X509_STORE_CTX) -> c_int {
            // SAFETY: libcrypto passes a live context.
            let ssl = unsafe { ffi::X509_STORE_CTX_get_ex_data(ctx, ex_data::store_ctx_index()) };
            assert_eq!(ssl as usize, 0x1000);
            1
        }
        let (peer, store) = (peer(), Store::new().unwrap());
        let param = VerifyParam::new().unwrap();
        let refused = judge(&peer, &store, &param, None, None);
        assert_eq!(
            (refused.ret, refused.error),
            (0, UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
        );
        assert_eq!(judge(&peer, &store, &param, Some(accept), None).ret, 1);
    }

    #[test]
    fn replacement_decides_alone() {
        unsafe extern "C" fn refuse(ctx: *mut ffi::X509_STORE_CTX, arg: *mut c_void) -> c_int {
            // SAFETY: we pass a live context.
            unsafe { ffi::X509_STORE_CTX_set_error(ctx, 50) };
            arg as c_int
        }
        let peer = peer();
        let store = trusting(&peer);
        let param = VerifyParam::new().unwrap();
        let callback = Callback::new(Some(refuse as types::CertVerify), (-1isize) as *mut c_void);
        let verdict = judge(&peer, &store, &param, None, callback);
        assert_eq!((verdict.ret, verdict.error), (-1, 50));
        assert!(verdict.chain.is_none());
    }

    fn set_host(param: &VerifyParam, host: &CStr) {
        // SAFETY: both live; the name's length is given as 0, "up to its NUL".
        let ok = unsafe { ffi::X509_VERIFY_PARAM_set1_host(param.as_ptr(), host.as_ptr(), 0) };
        assert_eq!(ok, 1);
    }

    fn peername(param: &VerifyParam) -> Option<std::ffi::CString> {
        // SAFETY: the name lives as long as the parameters and is copied.
        unsafe {
            let name = ffi::X509_VERIFY_PARAM_get0_peername(param.as_ptr());
            (!name.is_null()).then(|| CStr::from_ptr(name).to_owned())
        }
    }
}
