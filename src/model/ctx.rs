//! SSL_CTX: what connections are made from, and what they share.

use std::ffi::{CStr, c_void};
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicUsize};
use std::sync::{Arc, OnceLock};

use parking_lot::RwLock;

use super::cookie::CookieKey;
use super::method::Method;
use super::security::Policy;
use super::session_cache::SessionCache;
use super::settings::{self, Settings, op};
use super::sigalgs::Available;
use super::ssl::Side;
use crate::engine::session::Sealer;
use crate::foreign::callback::{Asker, Callback, CallbackSlot, CtxPtr, types};
use crate::foreign::ct::LogStore;
use crate::foreign::dane::MatchingTypes;
use crate::foreign::engine::Engine;
use crate::foreign::err::{self, Error, Reason, Result};
use crate::foreign::ex_data::{Class, ExData};
use crate::foreign::handle::{self, Counted, References};
use crate::foreign::libctx::LibCtx;
use crate::foreign::stack::{NameStack, PlainStack};
use crate::foreign::store::Store;
use crate::foreign::ticket::{EvpFunction, HmacFunction, KeySource, TicketKeys};

/// SSL_SESS_CACHE_CLIENT.
pub const CACHE_CLIENT: u32 = 1;
/// SSL_SESS_CACHE_SERVER.
pub const CACHE_SERVER: u32 = 2;
/// SSL_SESS_CACHE_NO_INTERNAL_LOOKUP.
pub const CACHE_NO_INTERNAL_LOOKUP: u32 = 0x100;
/// SSL_SESS_CACHE_NO_AUTO_CLEAR.
pub const CACHE_NO_AUTO_CLEAR: u32 = 0x80;
/// SSL_SESS_CACHE_NO_INTERNAL_STORE.
pub const CACHE_NO_INTERNAL_STORE: u32 = 0x200;
/// SSL_SESS_CACHE_UPDATE_TIME.
pub const CACHE_UPDATE_TIME: u32 = 0x400;
/// Two hours, in seconds: what tls1_default_timeout gives.
pub const DEFAULT_TIMEOUT: i64 = 60 * 60 * 2;
/// SSL_SESSION_CACHE_MAX_SIZE_DEFAULT.
const DEFAULT_CACHE_SIZE: i64 = 1024 * 20;

/// What belongs to the context alone and is asked when it is needed.
#[derive(Debug, Clone, Default)]
#[expect(
    missing_docs,
    reason = "each is the SSL_CTX_set_NAME of OpenSSL's manual"
)]
pub struct Hooks {
    pub servername: CallbackSlot<types::Alerting>,
    pub client_hello: Option<Callback<types::Alerting>>,
    pub alpn_select: Option<Callback<types::AlpnSelect>>,
    pub cert_verify: Option<Callback<types::CertVerify>>,
    pub client_cert: Option<Callback<types::ClientCert>>,
    pub client_cert_engine: Option<Engine>,
    pub status: CallbackSlot<types::Cert>,
    pub keylog: Option<Callback<types::KeyLog>>,
    pub new_session: Option<Callback<types::NewSession>>,
    pub remove_session: Option<Callback<types::RemoveSession>>,
    pub get_session: Option<Callback<types::GetSession>>,
    pub generate_ticket: Option<Callback<types::Cert>>,
    pub make_cookie: Option<Callback<types::MakeCookie>>,
    pub check_cookie: Option<Callback<types::CheckCookie>>,
    pub decrypt_ticket: Option<Callback<types::DecryptTicket>>,
    pub ticket_key_evp: Option<EvpFunction>,
    pub ticket_key_hmac: Option<HmacFunction>,
}

/// One SSL_CTX.
pub struct Ctx {
    references: References,
    settings: RwLock<Arc<Settings>>,
    hooks: RwLock<Hooks>,
    store: RwLock<Store>,
    /// The logs whose timestamps are accepted.
    logs: RwLock<Option<Arc<LogStore>>>,
    /// Where certificates, keys and stores are made.
    pub lib: LibCtx,
    /// SSL_CTX_set_timeout(3), in seconds.
    pub timeout: AtomicI64,
    /// SSL_CTX_set_session_cache_mode(3).
    pub cache_mode: AtomicU32,
    /// SSL_CTX_sess_set_cache_size(3).
    pub cache_size: AtomicI64,
    /// Its sessions by id.
    pub cache: SessionCache,
    dane_types: RwLock<Arc<MatchingTypes>>,
    /// Made with the context if it can serve, so that processes forked later open each other's
    /// tickets.
    ticket_keys: RwLock<Option<TicketKeys>>,
    srtp: RwLock<Option<PlainStack>>,
    /// Made when the program shows that it makes cookies, so that processes forked later take
    /// each other's.
    cookie_key: OnceLock<CookieKey>,
    /// The program's data.
    pub ex_data: ExData,
}

impl Ctx {
    /// SSL_CTX_new_ex(3). The program's new callbacks for ex data run.
    pub fn new(method: Option<&'static Method>, lib: LibCtx) -> Result<Arc<Self>> {
        let Some(method) = method else {
            return Err(Error::reason(Reason::NULL_SSL_METHOD_PASSED));
        };
        let mut settings = Settings::new(method);
        settings.available = Available::of(&lib);
        // Programs add to the lists they get.
        settings.ca_names = Some(Arc::new(NameStack::new()?));
        settings.client_ca_names = Some(Arc::new(NameStack::new()?));
        let serves = method.side != Side::Client;
        let ticket_keys = serves
            .then(|| TicketKeys::random(&lib).inspect_err(|_| err::clear()).ok())
            .flatten();
        if serves && ticket_keys.is_none() {
            settings.options |= op::NO_TICKET;
        }
        let ctx = Arc::new(Self {
            references: References::default(),
            settings: RwLock::new(Arc::new(settings)),
            hooks: RwLock::default(),
            store: RwLock::new(Store::new()?),
            logs: RwLock::new(Some(Arc::new(LogStore::new(&lib)?))),
            lib,
            timeout: AtomicI64::new(DEFAULT_TIMEOUT),
            cache_mode: AtomicU32::new(CACHE_SERVER),
            cache_size: AtomicI64::new(DEFAULT_CACHE_SIZE),
            cache: SessionCache::default(),
            dane_types: RwLock::default(),
            ticket_keys: RwLock::new(ticket_keys),
            srtp: RwLock::default(),
            cookie_key: OnceLock::new(),
            ex_data: ExData::new(Class::Ctx),
        });
        ctx.ex_data.created(ctx.ptr().0)?;
        Ok(ctx)
    }

    /// The handle the program knows this context by.
    pub fn ptr(&self) -> CtxPtr {
        CtxPtr(handle::address(self))
    }

    /// The settings as they are now; a connection keeps what it gets here.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.read().clone()
    }

    /// Reads the settings.
    pub fn with<R>(&self, read: impl FnOnce(&Settings) -> R) -> R {
        read(&self.settings.read())
    }

    /// Changes the settings; connections made before keep theirs.
    pub fn edit<R>(&self, change: impl FnOnce(&mut Settings) -> R) -> R {
        let (result, retired) = settings::edit(&mut self.settings.write(), change);
        drop(retired);
        result
    }

    /// What decides whether something is secure enough for the context.
    pub fn policy(&self) -> Policy {
        self.with(|s| s.policy(Asker::Ctx(self.ptr())))
    }

    /// The callbacks as they are now.
    pub fn hooks(&self) -> Hooks {
        self.hooks.read().clone()
    }

    /// Reads the callbacks.
    pub fn with_hooks<R>(&self, read: impl FnOnce(&Hooks) -> R) -> R {
        read(&self.hooks.read())
    }

    /// Changes the callbacks.
    pub fn edit_hooks<R>(&self, change: impl FnOnce(&mut Hooks) -> R) -> R {
        change(&mut self.hooks.write())
    }

    /// What the context trusts, with a reference of the caller's own.
    pub fn store(&self) -> Store {
        self.store.read().clone()
    }

    /// Replaces what the context trusts.
    pub fn set_store(&self, store: Store) {
        let old = std::mem::replace(&mut *self.store.write(), store);
        self.edit(|s| s.certs.forget_built());
        drop(old);
    }

    /// The matching types of DANE as they are now.
    pub fn dane_types(&self) -> Arc<MatchingTypes> {
        self.dane_types.read().clone()
    }

    /// Changes the matching types of DANE, for connections made before too.
    pub fn edit_dane_types<R>(&self, change: impl FnOnce(&mut MatchingTypes) -> R) -> R {
        change(Arc::make_mut(&mut self.dane_types.write()))
    }

    /// The logs whose timestamps are accepted.
    pub fn logs(&self) -> Option<Arc<LogStore>> {
        self.logs.read().clone()
    }

    /// SSL_CTX_set0_ctlog_store(3).
    pub fn set_logs(&self, logs: Option<LogStore>) {
        let old = std::mem::replace(&mut *self.logs.write(), logs.map(Arc::new));
        drop(old);
    }

    /// SSL_CTX_set_ctlog_list_file(3); `None` is the default file.
    pub fn load_logs(&self, file: Option<&CStr>) -> Result<()> {
        match &*self.logs.write() {
            Some(logs) => logs.load(file),
            None => Err(Error::reason(Reason::PASSED_NULL_PARAMETER)),
        }
    }

    /// SSL_CTX_get_tlsext_ticket_keys(3): the keys of the tickets from now on, so that another
    /// context may be given them.
    pub fn ticket_keys(&self) -> Result<TicketKeys> {
        if let Some(keys) = &*self.ticket_keys.read() {
            return Ok(keys.clone());
        }
        let mut keys = self.ticket_keys.write();
        if let Some(keys) = &*keys {
            return Ok(keys.clone());
        }
        Ok(keys.insert(TicketKeys::random(&self.lib)?).clone())
    }

    /// SSL_CTX_set_tlsext_ticket_keys(3).
    pub fn set_ticket_keys(&self, keys: TicketKeys) {
        *self.ticket_keys.write() = Some(keys);
    }

    /// SSL_CTX_set_tlsext_use_srtp(3).
    pub fn set_srtp(&self, profiles: PlainStack) {
        *self.srtp.write() = Some(profiles);
    }

    /// The stack of SRTP profiles, which stays the context's; NULL for none.
    pub fn srtp(&self) -> *mut c_void {
        let profiles = self.srtp.read();
        let profiles = profiles.as_ref().map(PlainStack::as_ptr);
        profiles.unwrap_or(std::ptr::null_mut())
    }

    /// SSL_CTX_set_stateless_cookie_generate_cb(3).
    pub fn set_cookie_maker(&self, callback: Option<Callback<types::MakeCookie>>) {
        self.edit_hooks(|h| h.make_cookie = callback);
        if self.cookie_key().is_err() {
            err::clear();
        }
    }

    /// What authenticates the cookies of SSL_stateless(3).
    pub fn cookie_key(&self) -> Result<&CookieKey> {
        if let Some(key) = self.cookie_key.get() {
            return Ok(key);
        }
        let new = CookieKey::random(&self.lib)?;
        Ok(self.cookie_key.get_or_init(|| new))
    }

    /// Seals tickets: the program's callbacks come before keys.
    pub fn sealer(&self) -> Option<Sealer> {
        let callback = self.with_hooks(|h| {
            let hmac = h.ticket_key_hmac.map(KeySource::Hmac);
            h.ticket_key_evp.map(KeySource::Evp).or(hmac)
        });
        let source = callback.or_else(|| self.ticket_keys.read().clone().map(KeySource::Keys))?;
        Some(Sealer {
            source,
            lib: self.lib.clone(),
        })
    }
}

impl Counted for Ctx {
    fn references(&self) -> &AtomicUsize {
        self.references.count()
    }
}

impl Drop for Ctx {
    fn drop(&mut self) {
        let ptr = self.ptr().0;
        // The remove callback is told of every session, the context still whole.
        self.flush_sessions(0);
        self.ex_data.freed(ptr);
    }
}
