//! SSL_CTX: what connections are made from, and what they share.

use std::ffi::c_long;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32};

use parking_lot::RwLock;

use super::method::Method;
use super::session_cache::SessionCache;
use super::settings::{self, Settings, op};
use crate::engine::session::Sealer;
use crate::foreign::callback::{Callback, CallbackSlot, CtxPtr, types};
use crate::foreign::err::{self, Error, Reason, Result};
use crate::foreign::ex_data::{Class, ExData};
use crate::foreign::handle;
use crate::foreign::libctx::LibCtx;
use crate::foreign::store::Store;
use crate::foreign::ticket::{EvpFunction, HmacFunction, KeySource, TicketKeys};

/// SSL_SESS_CACHE_CLIENT.
pub const CACHE_CLIENT: u32 = 1;
/// SSL_SESS_CACHE_SERVER.
pub const CACHE_SERVER: u32 = 2;
/// SSL_SESS_CACHE_NO_INTERNAL_LOOKUP.
pub const CACHE_NO_INTERNAL_LOOKUP: u32 = 0x100;
/// SSL_SESS_CACHE_NO_INTERNAL_STORE.
pub const CACHE_NO_INTERNAL_STORE: u32 = 0x200;
/// Two hours, in seconds: what tls1_default_timeout gives.
pub const DEFAULT_TIMEOUT: i64 = 60 * 60 * 2;
/// SSL_SESSION_CACHE_MAX_SIZE_DEFAULT.
const DEFAULT_CACHE_SIZE: c_long = 1024 * 20;

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
    pub status: CallbackSlot<types::Cert>,
    pub keylog: Option<Callback<types::KeyLog>>,
    pub new_session: Option<Callback<types::NewSession>>,
    pub remove_session: Option<Callback<types::RemoveSession>>,
    pub get_session: Option<Callback<types::GetSession>>,
    pub generate_ticket: Option<Callback<types::Cert>>,
    pub decrypt_ticket: Option<Callback<types::DecryptTicket>>,
    pub ticket_key_evp: Option<EvpFunction>,
    pub ticket_key_hmac: Option<HmacFunction>,
}

/// One SSL_CTX.
pub struct Ctx {
    settings: RwLock<Arc<Settings>>,
    hooks: RwLock<Hooks>,
    store: RwLock<Store>,
    /// Where certificates, keys and stores are made.
    pub lib: LibCtx,
    /// SSL_CTX_set_timeout(3), in seconds.
    pub timeout: AtomicI64,
    /// SSL_CTX_set_session_cache_mode(3).
    pub cache_mode: AtomicU32,
    /// SSL_CTX_sess_set_cache_size(3).
    pub cache_size: AtomicI64,
    /// The sessions of its servers.
    pub cache: SessionCache,
    /// Made with the context, so that processes forked later open each other's tickets. `None`
    /// where there was no randomness.
    ticket_keys: RwLock<Option<TicketKeys>>,
    /// The program's data.
    pub ex_data: ExData,
}

impl Ctx {
    /// SSL_CTX_new_ex(3). The program's new callbacks for ex data run.
    pub fn new(method: Option<&'static Method>, lib: LibCtx) -> Result<Arc<Self>> {
        let Some(method) = method else {
            return Err(Error::reason(Reason::NULL_SSL_METHOD_PASSED));
        };
        let ticket_keys = TicketKeys::random(&lib).inspect_err(|_| err::clear()).ok();
        let mut settings = Settings::new(method);
        if ticket_keys.is_none() {
            settings.options |= op::NO_TICKET;
        }
        let ctx = Arc::new(Self {
            settings: RwLock::new(Arc::new(settings)),
            hooks: RwLock::default(),
            store: RwLock::new(Store::new()?),
            lib,
            timeout: AtomicI64::new(DEFAULT_TIMEOUT),
            cache_mode: AtomicU32::new(CACHE_SERVER),
            cache_size: AtomicI64::new(DEFAULT_CACHE_SIZE),
            cache: SessionCache::default(),
            ticket_keys: RwLock::new(ticket_keys),
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
        settings::edit(&mut self.settings.write(), change)
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
        drop(old);
    }

    /// SSL_CTX_get_tlsext_ticket_keys(3): the keys of the tickets, so that another context may be
    /// given them. Fails where the context was made without any.
    pub fn ticket_keys(&self) -> Result<TicketKeys> {
        let keys = self.ticket_keys.read().clone();
        keys.ok_or_else(|| Error::reason(Reason::INTERNAL_ERROR))
    }

    /// SSL_CTX_set_tlsext_ticket_keys(3).
    pub fn set_ticket_keys(&self, keys: TicketKeys) {
        *self.ticket_keys.write() = Some(keys);
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

impl Drop for Ctx {
    fn drop(&mut self) {
        let ptr = self.ptr().0;
        // The remove callback is told of every session, the context still whole.
        self.flush_sessions(0);
        self.ex_data.freed(ptr);
    }
}
