//! What a connection inherits from its context.

use std::ffi::{c_int, c_uint, c_ulong};
use std::sync::{Arc, LazyLock, OnceLock};

use super::certs::Certs;
use super::cipher::{Cipher, CipherConfig, CipherList, Configured, ciphersuites};
use super::extension::{CustomExt, CustomExts, Role, SIGNED_CERTIFICATE_TIMESTAMP, context};
use super::method::Method;
use super::retired::Retired;
use super::sigalgs::Available;
use crate::engine::config::ServerConfig;
use crate::engine::sealing::Padding;
use crate::foreign::callback::{
    Callback, CallbackSlot, Kept, Opaque, PasswordSource, SslPtr, types,
};
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::psk;
use crate::foreign::stack::NameStack;
use crate::foreign::status_request::StatusStack;
use crate::foreign::store::Store;
use crate::foreign::verify_param::VerifyParam;

mod negotiation;

/// SSL_OP_*: those this library acts on.
pub mod op {
    #![expect(missing_docs, reason = "SSL_CTX_set_options(3) describes each")]
    pub const NO_EXTENDED_MASTER_SECRET: u64 = 1 << 0;
    pub const CLEANSE_PLAINTEXT: u64 = 1 << 1;
    pub const LEGACY_SERVER_CONNECT: u64 = 1 << 2;
    pub const ALLOW_UNSAFE_LEGACY_RENEGOTIATION: u64 = 1 << 18;
    pub const TLSEXT_PADDING: u64 = 1 << 4;
    pub const IGNORE_UNEXPECTED_EOF: u64 = 1 << 7;
    pub const DISABLE_TLSEXT_CA_NAMES: u64 = 1 << 9;
    pub const PRIORITIZE_CHACHA: u64 = 1 << 21;
    pub const NO_TICKET: u64 = 1 << 14;
    pub const CIPHER_SERVER_PREFERENCE: u64 = 1 << 22;
    pub const NO_TLSV1_2: u64 = 1 << 27;
    pub const NO_TLSV1_3: u64 = 1 << 29;
    pub const ENABLE_MIDDLEBOX_COMPAT: u64 = 1 << 20;
    pub const NO_ANTI_REPLAY: u64 = 1 << 24;
    pub const NO_COMPRESSION: u64 = 1 << 17;
}

/// SSL_MODE_*.
pub mod mode {
    #![expect(missing_docs, reason = "SSL_CTX_set_mode(3) describes each")]
    pub const ENABLE_PARTIAL_WRITE: u32 = 1;
    pub const ACCEPT_MOVING_WRITE_BUFFER: u32 = 2;
    pub const AUTO_RETRY: u32 = 4;
    pub const NO_AUTO_CHAIN: u32 = 8;
    pub const SEND_CLIENTHELLO_TIME: u32 = 0x20;
    pub const SEND_SERVERHELLO_TIME: u32 = 0x40;
    pub const SEND_FALLBACK_SCSV: u32 = 0x80;
    pub const ASYNC: u32 = 0x100;
}

/// SSL_VERIFY_*.
pub mod verify {
    #![expect(missing_docs, reason = "SSL_CTX_set_verify(3) describes each")]
    use std::ffi::c_int;
    pub const PEER: c_int = 1;
    pub const FAIL_IF_NO_PEER_CERT: c_int = 2;
    pub const CLIENT_ONCE: c_int = 4;
    pub const POST_HANDSHAKE: c_int = 8;
}

/// A session-id context: at most 32 bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SidContext {
    bytes: [u8; 32],
    len: u8,
}

impl SidContext {
    /// Fails with SSL_R_SSL_SESSION_ID_CONTEXT_TOO_LONG beyond 32 bytes.
    pub fn new(context: &[u8]) -> Result<Self> {
        let mut this = Self::default();
        let Some(room) = this.bytes.get_mut(..context.len()) else {
            return Err(Error::reason(Reason::SSL_SESSION_ID_CONTEXT_TOO_LONG));
        };
        room.copy_from_slice(context);
        this.len = context.len() as u8;
        Ok(this)
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// An X509_VERIFY_PARAM that is copied when its holder is, since the program may hold on to the
/// pointer SSL_CTX_get0_param(3) gave it.
#[derive(Debug)]
pub struct OwnParam {
    param: VerifyParam,
}

impl OwnParam {
    /// The parameters.
    pub fn get(&self) -> &VerifyParam {
        &self.param
    }
}

/// Everything SSL_new(3) inherits. What is set on a context or on a connection is set here, and
/// nowhere else.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is the SSL_set_NAME of OpenSSL's manual")]
pub struct Settings {
    pub method: &'static Method,
    pub options: u64,
    pub mode: u32,
    pub min_version: c_int,
    pub max_version: c_int,
    pub verify_mode: c_int,
    pub verify_callback: Option<types::Verify>,
    pub param: Option<Arc<OwnParam>>,
    pub param_exposed: bool,
    pub certs: Certs,
    /// The signature algorithms of the context's OSSL_LIB_CTX.
    pub available: Available,
    pub ciphers: Arc<Configured>,
    pub dane_flags: c_ulong,
    pub ciphersuites: Arc<[&'static Cipher]>,
    pub groups: Option<Arc<[u16]>>,
    pub sigalgs: Option<Arc<[u16]>>,
    pub client_sigalgs: Option<Arc<[u16]>>,
    pub client_cert_types: Option<Arc<[u8]>>,
    pub alpn: Arc<[u8]>,
    pub sid_context: SidContext,
    /// A context's: a connection that has none of its own calls the one that is there by then.
    pub info_callback: Option<Callback<types::Info>>,
    pub msg_callback: CallbackSlot<types::Msg>,
    pub password: PasswordSource,
    pub cert_cb: Option<Callback<types::Cert>>,
    pub ct: Option<Callback<types::Ct>>,
    pub read_ahead: bool,
    pub read_buffer_len: usize,
    pub max_send_fragment: usize,
    pub split_send_fragment: usize,
    pub max_pipelines: usize,
    pub quiet_shutdown: c_int,
    pub max_cert_list: usize,
    pub num_tickets: usize,
    pub max_early_data: u32,
    pub recv_max_early_data: u32,
    pub allow_early_data: Option<Callback<types::Cert>>,
    pub post_handshake_auth: c_int,
    pub status_type: c_int,
    pub status_exts: Option<Arc<StatusStack>>,
    pub status_ids: Option<Arc<StatusStack>>,
    pub ext_debug: CallbackSlot<types::TlsextDebug>,
    pub security_level: c_int,
    pub security_callback: CallbackSlot<types::Security>,
    pub ca_names: Option<Arc<NameStack>>,
    pub client_ca_names: Option<Arc<NameStack>>,
    pub padding_callback: CallbackSlot<types::Padding>,
    pub block_padding: usize,
    pub generate_session_id: Option<types::GenerateSessionId>,
    pub not_resumable: Option<types::NotResumable>,
    pub psk: psk::Callbacks,
    pub hostflags: u32,
    pub dh_auto: c_int,
    pub cert_flags: u32,
    pub verify_store: Option<Store>,
    pub chain_store: Option<Store>,
    pub async_argument: Opaque,
    pub max_fragment_mode: u8,
    pub custom_exts: CustomExts,
    kept: Vec<(KeptSlot, Kept)>,
    cache: Cache,
}

/// Callbacks of features that are not here, by design or yet: their registration is inherited and
/// nothing calls them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each is the SSL_set_NAME_callback of OpenSSL's manual"
)]
pub enum KeptSlot {
    Async,
    CookieGenerate,
    CookieVerify,
    DtlsTimer,
    NpnAdvertised,
    NpnSelect,
    TmpDh,
}

/// What was built from the settings; any change empties it.
#[derive(Debug, Default)]
struct Cache {
    /// That which does not ask for a client's certificate, and that which does, with where the
    /// names of authorities were.
    server: [OnceLock<(Vec<usize>, Arc<ServerConfig>)>; 2],
}

impl Clone for Cache {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Changes settings that may be shared: copies them first, and forgets what was built from them.
/// What was replaced is to be dropped when their holder may be used.
pub fn edit<R>(
    shared: &mut Arc<Settings>,
    change: impl FnOnce(&mut Settings) -> R,
) -> (R, Retired) {
    let own = Arc::make_mut(shared);
    own.cache = Cache::default();
    let result = change(own);
    (result, std::mem::take(own.certs.retired()))
}

/// A copy of the list of a connection; that of its context is both's.
fn duplicate_names(names: &mut Option<Arc<NameStack>>, of: &Option<Arc<NameStack>>) -> Result<()> {
    if names.as_ref().map(Arc::as_ptr) != of.as_ref().map(Arc::as_ptr) {
        *names = of.as_ref().map(|of| of.dup()).transpose()?.map(Arc::new);
    }
    Ok(())
}

/// OpenSSL's defaults (SSL_CTX_new(3)).
const DEFAULT_SECURITY_LEVEL: c_int = 2;
const DEFAULT_MAX_CERT_LIST: usize = 100 * 1024;
/// TLSEXT_STATUSTYPE_ocsp.
pub const OCSP: c_int = 1;
/// SSL3_RT_MAX_PLAIN_LENGTH.
pub const MAX_PLAIN: usize = 1 << 14;

fn default_ciphers() -> Arc<Configured> {
    static DEFAULT: LazyLock<Arc<Configured>> =
        LazyLock::new(|| Arc::new(CipherList::openssl_default().clone().into()));
    DEFAULT.clone()
}

impl Settings {
    /// The settings of a new context.
    pub fn new(method: &'static Method) -> Self {
        Self {
            method,
            options: op::NO_COMPRESSION | op::ENABLE_MIDDLEBOX_COMPAT,
            mode: mode::AUTO_RETRY,
            min_version: 0,
            max_version: 0,
            verify_mode: 0,
            verify_callback: None,
            param: None,
            param_exposed: false,
            certs: Certs::default(),
            available: Available::ALL,
            ciphers: default_ciphers(),
            dane_flags: 0,
            ciphersuites: CipherList::openssl_default()
                .suites()
                .iter()
                .copied()
                .filter(|suite| suite.is_tls13())
                .collect(),
            groups: None,
            sigalgs: None,
            client_sigalgs: None,
            client_cert_types: None,
            alpn: Arc::new([]),
            sid_context: SidContext::default(),
            info_callback: None,
            msg_callback: CallbackSlot::default(),
            password: PasswordSource::default(),
            cert_cb: None,
            ct: None,
            read_ahead: false,
            read_buffer_len: 0,
            max_send_fragment: MAX_PLAIN,
            split_send_fragment: MAX_PLAIN,
            max_pipelines: 0,
            quiet_shutdown: 0,
            max_cert_list: DEFAULT_MAX_CERT_LIST,
            num_tickets: 2,
            max_early_data: 0,
            recv_max_early_data: 16384,
            allow_early_data: None,
            post_handshake_auth: 0,
            status_type: -1,
            status_exts: None,
            status_ids: None,
            ext_debug: CallbackSlot::default(),
            security_level: DEFAULT_SECURITY_LEVEL,
            security_callback: CallbackSlot::default(),
            ca_names: None,
            client_ca_names: None,
            padding_callback: CallbackSlot::default(),
            block_padding: 0,
            generate_session_id: None,
            not_resumable: None,
            psk: psk::Callbacks::default(),
            hostflags: 0,
            dh_auto: 0,
            cert_flags: 0,
            verify_store: None,
            chain_store: None,
            async_argument: Opaque::default(),
            max_fragment_mode: 0,
            custom_exts: CustomExts::default(),
            kept: Vec::new(),
            cache: Cache::default(),
        }
    }

    /// Remembers a callback, or forgets it.
    pub fn keep(&mut self, slot: KeptSlot, callback: Option<Kept>) {
        self.kept.retain(|(s, _)| *s != slot);
        self.kept.extend(callback.map(|c| (slot, c)));
    }

    /// Takes over what SSL_dup(3) copies of a connection's settings; the rest stays the context's.
    pub fn duplicate(&mut self, of: &Self) -> Result<()> {
        self.method = of.method;
        self.options = of.options;
        self.mode = of.mode;
        self.min_version = of.min_version;
        self.max_version = of.max_version;
        self.verify_mode = of.verify_mode;
        self.verify_callback = of.verify_callback;
        self.sid_context = of.sid_context;
        self.max_cert_list = of.max_cert_list;
        self.read_ahead = of.read_ahead;
        self.msg_callback = of.msg_callback;
        self.generate_session_id = of.generate_session_id;
        self.password = of.password;
        self.ciphers = of.ciphers.clone();
        duplicate_names(&mut self.ca_names, &of.ca_names)?;
        duplicate_names(&mut self.client_ca_names, &of.client_ca_names)?;
        self.dane_flags = of.dane_flags;
        self.duplicate_certs(of);
        if let Some(param) = &of.param {
            self.own_param()?.inherit(param.get())?;
        }
        if of.verify_depth() != self.verify_depth() {
            self.own_param()?.set_depth(of.verify_depth());
        }
        Ok(())
    }

    /// Takes over the certificates of another holder.
    pub fn replace_certs(&mut self, of: &Self) {
        let old = std::mem::replace(&mut self.certs, of.certs.for_another());
        self.certs.retired().add(old);
    }

    /// SSL_CTX_set0_verify_cert_store(3).
    pub fn set_verify_store(&mut self, store: Option<Store>) {
        let old = std::mem::replace(&mut self.verify_store, store);
        self.certs.retired().add(old);
    }

    /// SSL_CTX_set0_chain_cert_store(3).
    pub fn set_chain_store(&mut self, store: Option<Store>) {
        let old = std::mem::replace(&mut self.chain_store, store);
        self.certs.retired().add(old);
        self.certs.forget_built();
    }

    /// Takes over what OpenSSL keeps with the certificates.
    pub fn duplicate_certs(&mut self, of: &Self) {
        self.replace_certs(of);
        self.cert_cb = of.cert_cb;
        self.cert_flags = of.cert_flags;
        self.set_verify_store(of.verify_store.clone());
        self.set_chain_store(of.chain_store.clone());
        self.sigalgs = of.sigalgs.clone();
        self.client_sigalgs = of.client_sigalgs.clone();
        self.client_cert_types = of.client_cert_types.clone();
        self.custom_exts = of.custom_exts.clone();
        self.security_level = of.security_level;
        self.security_callback = of.security_callback;
        self.dh_auto = of.dh_auto;
        let tmp_dh = of.kept.iter().find(|(slot, _)| *slot == KeptSlot::TmpDh);
        self.keep(KeptSlot::TmpDh, tmp_dh.map(|(_, kept)| *kept));
    }

    /// The verification parameters, made and made this holder's own first where necessary.
    pub fn own_param(&mut self) -> Result<&VerifyParam> {
        let own = match self.param.take() {
            None => VerifyParam::new()?,
            // Whoever shares them is an older state of this holder's settings, still in use.
            Some(exposed) if self.param_exposed => {
                return Ok(&self.param.insert(exposed).param);
            }
            Some(shared) => match Arc::try_unwrap(shared) {
                Ok(own) => own.param,
                Err(shared) => shared.param.try_clone()?,
            },
        };
        Ok(&self.param.insert(Arc::new(OwnParam { param: own })).param)
    }

    /// The parameters for the program to change through the pointer, now or later: copies of
    /// these settings get parameters of their own.
    pub fn expose_param(&mut self) -> Result<&VerifyParam> {
        self.own_param()?;
        self.param_exposed = true;
        self.own_param()
    }

    /// The name that matched is not known any more.
    pub fn forget_peername(&self) {
        if let Some(own) = self.param.as_ref().filter(|_| self.param_exposed) {
            own.param.forget_peername();
        }
    }

    /// The verification depth, -1 when none is set.
    pub fn verify_depth(&self) -> c_int {
        self.param.as_ref().map_or(-1, |p| p.get().depth())
    }

    /// SSL_CTX_set_ct_validation_callback(3): not where the program handles the extension itself.
    pub fn set_ct(&mut self, callback: Option<Callback<types::Ct>>) -> Result<()> {
        let kind = c_uint::from(SIGNED_CERTIFICATE_TIMESTAMP);
        if callback.is_some() && self.custom_exts.has(kind, Role::Client) {
            return Err(Error::reason(Reason::CUSTOM_EXT_HANDLER_ALREADY_INSTALLED));
        }
        self.ct = callback;
        Ok(())
    }

    /// SSL_CTX_add_custom_ext(3): false for a type that is handled already.
    pub fn add_custom_ext(&mut self, kind: c_uint, new: impl FnOnce(u16) -> CustomExt) -> bool {
        let ct = self.ct.is_some();
        self.custom_exts.register(kind, new, |new| {
            let asks = new.context & context::CLIENT_HELLO != 0;
            !(ct && asks && new.kind == SIGNED_CERTIFICATE_TIMESTAMP)
        })
    }

    /// Timestamps may come with an OCSP response: who judges them asks for one.
    pub fn accept_stapled_timestamps(&mut self) {
        self.status_type = OCSP;
    }

    /// Whether the program sees messages, or what is in them.
    pub fn shows_messages(&self) -> bool {
        self.msg_callback.function.is_some() || self.ext_debug.function.is_some()
    }

    /// Whether records are padded.
    pub fn pads(&self) -> bool {
        self.block_padding != 0 || self.padding_callback.function.is_some()
    }

    /// How the records of the connection `ssl` are padded.
    pub fn padding(&self, ssl: SslPtr) -> Padding {
        let slot = &self.padding_callback;
        Padding {
            callback: Callback::new(slot.function, slot.argument),
            ssl,
            block: self.block_padding,
            limit: self.max_send_fragment,
        }
    }

    /// SSL_CTX_set_cipher_list(3).
    pub fn set_cipher_list(&mut self, list: &[u8]) -> Result<()> {
        let parsed = CipherList::parse(
            list,
            &CipherConfig {
                tls13: &self.ciphersuites,
                suite_b: self.suite_b(),
                dtls: self.method.dtls,
                before_tls12: matches!(self.method.version, 0x0301 | 0x0302 | 0xfeff),
            },
        );
        self.cert_flags |= parsed.suite_b.cert_flags();
        if let Some(level) = parsed.security_level {
            self.security_level = c_int::from(level);
        }
        if let Some(list) = parsed.list {
            self.ciphers = Arc::new(list.into());
        }
        parsed.outcome
    }

    /// SSL_CTX_set_ciphersuites(3).
    pub fn set_ciphersuites(&mut self, list: &[u8]) -> Result<()> {
        self.ciphersuites = ciphersuites(list)?.into();
        self.ciphers = Arc::new(
            self.ciphers
                .list()
                .with_ciphersuites(&self.ciphersuites)
                .into(),
        );
        Ok(())
    }
}
