//! SSL_SESSION: what a connection can be resumed from.

use std::ffi::{CStr, CString, c_int};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{
    AtomicBool, AtomicI32, AtomicI64, AtomicU8, AtomicU32, AtomicU64, AtomicUsize,
};

use parking_lot::RwLock;

pub(super) use self::asn1::MAX_ID;
use self::asn1::{Encoded, MAX_ID_CONTEXT, MAX_MASTER_KEY};
use super::cipher::Cipher;
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::ex_data::{Class, ExData};
use crate::foreign::handle::{self, Counted, References};
use crate::foreign::lhash::Identified;
use crate::foreign::libctx::LibCtx;
use crate::foreign::secret::Fixed;
use crate::foreign::stack::CertStack;
use crate::foreign::types::SSL_SESSION;

pub mod asn1;
mod der;
mod peer;
pub mod text;

pub use crate::foreign::secret::SecretVec;
pub use peer::Peer;

/// SSL_SESS_FLAG_EXTMS: the master secret is an extended one (RFC 7627).
pub const FLAG_EXTMS: u32 = 0x1;
/// TLSEXT_max_fragment_length_DISABLED.
const MAX_FRAGMENT_DISABLED: u8 = 0;
/// TLSEXT_max_fragment_length_UNSPECIFIED.
const MAX_FRAGMENT_UNSPECIFIED: u8 = 255;
/// Seconds, of a session made by SSL_SESSION_new(3).
const DEFAULT_TIMEOUT: i64 = 60 * 5 + 4;
/// Seconds, of a session read that names none.
const READ_TIMEOUT: i64 = 3;
/// What a new session says until a peer has been verified: not X509_V_OK.
const UNVERIFIED: i64 = 1;

/// One session. It is shared between threads, and between connections.
///
/// Bytes that a getter hands to C stay where they are until other ones are set or the session is
/// freed: at least as long as with OpenSSL.
pub struct Session {
    references: References,
    version: AtomicI32,
    cipher: AtomicU32,
    time: AtomicI64,
    timeout: AtomicI64,
    verify_result: AtomicI64,
    lifetime_hint: AtomicU64,
    age_add: AtomicU32,
    max_early_data: AtomicU32,
    max_fragment_len_mode: AtomicU8,
    compress_id: AtomicU8,
    flags: AtomicU32,
    kx_group: AtomicU32,
    not_resumable: AtomicBool,
    blobs: RwLock<Blobs>,
    /// The program's data.
    pub ex_data: ExData,
}

/// What has no fixed size, or does not fit an atomic.
#[derive(Clone)]
struct Blobs {
    id: Fixed<MAX_ID>,
    id_context: Fixed<MAX_ID_CONTEXT>,
    master_key: Fixed<MAX_MASTER_KEY>,
    ticket: Option<Box<[u8]>>,
    ticket_appdata: Option<Box<[u8]>>,
    alpn: Option<Box<[u8]>>,
    hostname: Option<CString>,
    psk_hint: Option<CString>,
    psk_identity: Option<CString>,
    srp_username: Option<CString>,
    peer: Option<Arc<Peer>>,
    /// None where it is not known: i2d_SSL_SESSION leaves it out.
    peer_chain: Option<Arc<[Box<[u8]>]>>,
    /// What the peer sent as the connection's program was shown it.
    shown_chain: Option<Arc<CertStack>>,
    engine_bytes: Option<Arc<SecretVec>>,
}

/// Getter and setter of fields that are one number.
macro_rules! numbers {
    ($($(#[$doc:meta])* $field:ident, $set:ident: $type:ty;)*) => {
        $(
            $(#[$doc])*
            pub fn $field(&self) -> $type {
                self.$field.load(Relaxed)
            }

            #[doc = concat!("Sets [`Self::", stringify!($field), "`].")]
            pub fn $set(&self, value: $type) {
                self.$field.store(value, Relaxed);
            }
        )*
    };
}

/// Setter of bytes that may be absent, and a pointer to them with their length.
macro_rules! bytes {
    ($($(#[$doc:meta])* $field:ident, $set:ident;)*) => {
        $(
            $(#[$doc])*
            pub fn $field(&self) -> (*const u8, usize) {
                parts(self.blobs.read().$field.as_deref())
            }

            #[doc = concat!("Sets [`Self::", stringify!($field), "`] to a copy; empty is none.")]
            pub fn $set(&self, bytes: &[u8]) {
                let field = &mut self.blobs.write().$field;
                if field.as_deref().unwrap_or_default() != bytes {
                    *field = (!bytes.is_empty()).then(|| bytes.into());
                }
            }
        )*
    };
}

fn parts(bytes: Option<&[u8]>) -> (*const u8, usize) {
    bytes.map_or((std::ptr::null(), 0), |b| (b.as_ptr(), b.len()))
}

impl Identified for Session {
    fn with_id<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        read(self.blobs.read().id.get())
    }

    fn kind(&self) -> c_int {
        self.version()
    }
}

impl Session {
    /// SSL_SESSION_new(3): an empty session, made now. The program's new callbacks for ex data
    /// run.
    pub fn new() -> Result<Arc<Self>> {
        let session = Self::unannounced();
        session.ex_data.created(session.ptr())?;
        Ok(session)
    }

    fn unannounced() -> Arc<Self> {
        Arc::new(Self {
            references: References::default(),
            version: AtomicI32::new(0),
            cipher: AtomicU32::new(0),
            time: AtomicI64::new(crate::foreign::now()),
            timeout: AtomicI64::new(DEFAULT_TIMEOUT),
            verify_result: AtomicI64::new(UNVERIFIED),
            lifetime_hint: AtomicU64::new(0),
            age_add: AtomicU32::new(0),
            max_early_data: AtomicU32::new(0),
            max_fragment_len_mode: AtomicU8::new(MAX_FRAGMENT_UNSPECIFIED),
            compress_id: AtomicU8::new(0),
            flags: AtomicU32::new(0),
            kx_group: AtomicU32::new(0),
            not_resumable: AtomicBool::new(false),
            blobs: RwLock::new(Blobs::new()),
            ex_data: ExData::new(Class::Session),
        })
    }

    /// SSL_SESSION_dup(3): a session of its own with the same contents. The program's new and dup callbacks for ex data run.
    pub fn dup(&self) -> Result<Arc<Self>> {
        let copy = Self::unannounced();
        copy.ex_data.created(copy.ptr())?;
        copy.version.store(self.version(), Relaxed);
        copy.cipher.store(self.cipher.load(Relaxed), Relaxed);
        copy.time.store(self.time(), Relaxed);
        copy.timeout.store(self.timeout(), Relaxed);
        copy.verify_result.store(self.verify_result(), Relaxed);
        copy.lifetime_hint.store(self.lifetime_hint(), Relaxed);
        copy.age_add.store(self.age_add(), Relaxed);
        copy.max_early_data.store(self.max_early_data(), Relaxed);
        let mode = self.max_fragment_len_mode.load(Relaxed);
        copy.max_fragment_len_mode.store(mode, Relaxed);
        copy.compress_id.store(self.compress_id(), Relaxed);
        copy.flags.store(self.flags(), Relaxed);
        copy.kx_group.store(self.kx_group(), Relaxed);
        copy.not_resumable.store(self.not_resumable(), Relaxed);
        let blobs = self.blobs.read().clone();
        if blobs.ticket.is_none() {
            copy.lifetime_hint.store(0, Relaxed);
        }
        *copy.blobs.write() = blobs;
        copy.ex_data.copy_from(&self.ex_data)?;
        Ok(copy)
    }

    /// The handle the program knows this session by.
    pub fn ptr(&self) -> *mut SSL_SESSION {
        handle::address(self)
    }

    numbers! {
        /// TLS1_2_VERSION and its like; 0 until it is known.
        version, set_version: c_int;
        /// When the session was made, in seconds since the epoch.
        time, set_time: i64;
        /// How long it is good for, in seconds.
        timeout, set_timeout: i64;
        /// X509_V_OK, or why the peer's certificate was not accepted.
        verify_result, set_verify_result: i64;
        /// The lifetime the server gave the ticket, in seconds.
        lifetime_hint, set_lifetime_hint: u64;
        /// ticket_age_add (RFC 8446 section 4.6.1).
        age_add, set_age_add: u32;
        /// How much early data the ticket allows.
        max_early_data, set_max_early_data: u32;
        /// The compression method, 0 for none.
        compress_id, set_compress_id: u8;
        /// SSL_SESS_FLAG_*.
        flags, set_flags: u32;
        /// The group of the key exchange, by IANA's number.
        kx_group, set_kx_group: u32;
        /// Whether the session was withdrawn.
        not_resumable, set_not_resumable: bool;
    }

    bytes! {
        /// The ALPN protocol, without a length before it.
        alpn, set_alpn;
        /// The ticket as the server sent it.
        ticket, set_ticket;
        /// SSL_SESSION_set1_ticket_appdata(3).
        ticket_appdata, set_ticket_appdata;
    }

    /// The suite.
    pub fn cipher(&self) -> Option<&'static Cipher> {
        Cipher::from_iana(self.cipher.load(Relaxed) as u16)
            .filter(|cipher| cipher.id() == self.cipher.load(Relaxed))
    }

    /// Sets the suite.
    pub fn set_cipher(&self, cipher: Option<&'static Cipher>) {
        self.cipher.store(cipher.map_or(0, Cipher::id), Relaxed);
    }

    /// SSL_SESSION_get_max_fragment_length(3).
    pub fn max_fragment_len_mode(&self) -> u8 {
        match self.max_fragment_len_mode.load(Relaxed) {
            MAX_FRAGMENT_UNSPECIFIED => MAX_FRAGMENT_DISABLED,
            mode => mode,
        }
    }

    /// Sets what was agreed, TLSEXT_max_fragment_length_*.
    pub fn set_max_fragment_len_mode(&self, mode: u8) {
        self.max_fragment_len_mode.store(mode, Relaxed);
    }

    /// The session id; the address is the same for the session's whole life.
    pub fn id(&self) -> (*const u8, usize) {
        parts(Some(self.blobs.read().id.get()))
    }

    /// Sets the session id. Fails with SSL_R_SSL_SESSION_ID_TOO_LONG.
    pub fn set_id(&self, id: &[u8]) -> Result<()> {
        match self.blobs.write().id.set(id) {
            true => Ok(()),
            false => Err(Error::reason(Reason::SSL_SESSION_ID_TOO_LONG)),
        }
    }

    /// The session id context; the address is the same for the session's whole life.
    pub fn id_context(&self) -> (*const u8, usize) {
        parts(Some(self.blobs.read().id_context.get()))
    }

    /// Sets the session id context. Fails with SSL_R_SSL_SESSION_ID_CONTEXT_TOO_LONG.
    pub fn set_id_context(&self, context: &[u8]) -> Result<()> {
        match self.blobs.write().id_context.set(context) {
            true => Ok(()),
            false => Err(Error::reason(Reason::SSL_SESSION_ID_CONTEXT_TOO_LONG)),
        }
    }

    /// Shows the master secret (the resumption secret in TLS 1.3) to `read`, which calls nothing
    /// of this session.
    pub fn with_master_key<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        read(self.blobs.read().master_key.get())
    }

    /// Sets the master secret. Fails without a reason beyond 512 bytes.
    pub fn set_master_key(&self, key: &[u8]) -> Result<()> {
        match self.blobs.write().master_key.set(key) {
            true => Ok(()),
            false => Err(Error::Queued),
        }
    }

    /// The server name, NULL when there is none.
    pub fn hostname(&self) -> *const std::ffi::c_char {
        let blobs = self.blobs.read();
        blobs
            .hostname
            .as_deref()
            .map_or(std::ptr::null(), CStr::as_ptr)
    }

    /// Sets the server name.
    pub fn set_hostname(&self, name: Option<&CStr>) {
        let hostname = &mut self.blobs.write().hostname;
        if hostname.as_deref() != name {
            *hostname = name.map(CStr::to_owned);
        }
    }

    /// The session id, copied.
    pub fn id_vec(&self) -> Vec<u8> {
        self.blobs.read().id.get().to_vec()
    }

    /// The session-id context, copied.
    pub fn id_context_vec(&self) -> Vec<u8> {
        self.blobs.read().id_context.get().to_vec()
    }

    /// The ticket, copied.
    pub fn ticket_vec(&self) -> Vec<u8> {
        let blobs = self.blobs.read();
        blobs
            .ticket
            .as_deref()
            .map(<[u8]>::to_vec)
            .unwrap_or_default()
    }

    /// Whether `ticket` is the session's.
    pub fn ticket_is(&self, ticket: &[u8]) -> bool {
        self.blobs.read().ticket.as_deref() == Some(ticket)
    }

    /// The protocol agreed on by ALPN, copied; empty for none.
    pub fn alpn_vec(&self) -> Vec<u8> {
        self.blobs
            .read()
            .alpn
            .as_deref()
            .unwrap_or_default()
            .to_vec()
    }

    /// The program's data, copied; empty for none.
    pub fn ticket_appdata_vec(&self) -> Vec<u8> {
        let blobs = self.blobs.read();
        blobs.ticket_appdata.as_deref().unwrap_or_default().to_vec()
    }

    /// Whether it was made with another server name than `name`.
    pub fn contradicts_hostname(&self, name: &CStr) -> bool {
        let blobs = self.blobs.read();
        blobs.hostname.as_deref().is_some_and(|own| own != name)
    }

    /// Whether it came with a ticket.
    pub fn has_ticket(&self) -> bool {
        self.ticket().1 > 0
    }

    /// SSL_SESSION_is_resumable(3).
    pub fn is_resumable(&self) -> bool {
        !self.not_resumable() && (self.id().1 > 0 || self.has_ticket())
    }

    /// When the session's time is over; a timeout too large to add never ends.
    pub fn end(&self) -> i64 {
        self.time().saturating_add(self.timeout())
    }

    /// Whether the session's time is over at `now`.
    pub fn is_expired(&self, now: i64) -> bool {
        now > self.end()
    }

    /// The peer's certificate.
    pub fn peer(&self) -> Option<Arc<Peer>> {
        self.blobs.read().peer.clone()
    }

    /// What the peer sent beyond its certificate, in DER, unless the session was itself read from
    /// DER.
    pub fn peer_chain(&self) -> Option<Arc<[Box<[u8]>]>> {
        self.blobs.read().peer_chain.clone()
    }

    /// What SSL_get_peer_cert_chain(3) gives of the session: the pointer is good as long as it.
    pub fn shown_chain(&self) -> Option<Arc<CertStack>> {
        self.blobs.read().shown_chain.clone()
    }

    /// Sets [`Self::shown_chain`].
    pub fn set_shown_chain(&self, chain: Option<Arc<CertStack>>) {
        let old = std::mem::replace(&mut self.blobs.write().shown_chain, chain);
        // Freeing an X509 runs the program's callbacks: not under the lock.
        drop(old);
    }

    /// The peer's chain as far as it is known, leaf first, in DER.
    pub fn peer_der(&self) -> Vec<Vec<u8>> {
        let blobs = self.blobs.read();
        let Some(leaf) = &blobs.peer else {
            return Vec::new();
        };
        let rest = blobs.peer_chain.iter().flat_map(|rest| rest.iter());
        let mut chain = vec![leaf.der().to_vec()];
        chain.extend(rest.map(|der| der.to_vec()));
        chain
    }

    /// Sets the peer's certificate and chain.
    pub fn set_peer(&self, peer: Option<Arc<Peer>>, chain: Option<Arc<[Box<[u8]>]>>) {
        let mut blobs = self.blobs.write();
        let old = std::mem::replace(&mut blobs.peer, peer);
        blobs.peer_chain = chain;
        drop(blobs);
        // Freeing an X509 runs the program's callbacks: not under the lock.
        drop(old);
    }

    /// What a server's engine resumes from: it travels with the encoded session.
    pub fn engine_bytes(&self) -> Option<Arc<SecretVec>> {
        self.blobs.read().engine_bytes.clone()
    }

    /// Sets the engine's bytes.
    pub fn set_engine_bytes(&self, bytes: Option<Arc<SecretVec>>) {
        self.blobs.write().engine_bytes = bytes;
    }

    /// The session in DER; `None` without a suite (i2d_SSL_SESSION(3)).
    pub fn to_der(&self) -> Option<SecretVec> {
        let cipher = self.cipher.load(Relaxed);
        if cipher == 0 {
            return None;
        }
        let blobs = self.blobs.read();
        let encoded = Encoded {
            version: self.version(),
            cipher: cipher as u16,
            id: blobs.id.get(),
            master_key: blobs.master_key.get(),
            engine: blobs.engine_bytes.as_ref().map(|b| b.as_ref().as_ref()),
            time: self.time(),
            timeout: self.timeout(),
            peer: blobs.peer.as_deref().map(Peer::der),
            id_context: blobs.id_context.get(),
            verify_result: self.verify_result() as i32,
            hostname: blobs.hostname.as_deref().map(CStr::to_bytes),
            psk_hint: blobs.psk_hint.as_deref().map(CStr::to_bytes),
            psk_identity: blobs.psk_identity.as_deref().map(CStr::to_bytes),
            lifetime_hint: self.lifetime_hint(),
            ticket: blobs.ticket.as_deref(),
            compress_id: self.compress_id(),
            srp_username: blobs.srp_username.as_deref().map(CStr::to_bytes),
            flags: self.flags().into(),
            age_add: self.age_add(),
            max_early_data: self.max_early_data(),
            alpn: blobs.alpn.as_deref(),
            max_fragment_len_mode: self.max_fragment_len_mode.load(Relaxed).into(),
            ticket_appdata: blobs.ticket_appdata.as_deref(),
            kx_group: self.kx_group(),
        };
        Some(SecretVec(encoded.to_der()))
    }

    /// Takes over the session at the start of `der` and returns how many bytes it took
    /// (d2i_SSL_SESSION(3)). A failure changes nothing; the reasons are those of
    /// [`Encoded::parse`].
    pub fn read_der(&self, der: &[u8]) -> Result<usize> {
        let (read, used) = Encoded::parse(der)?;
        let cipher = Cipher::from_iana(read.cipher).ok_or(Error::Queued)?;
        let peer = read.peer.map(|der| Peer::parse(der, &LibCtx::default()));
        let peer = peer.transpose()?;
        self.version.store(read.version, Relaxed);
        self.set_cipher(Some(cipher));
        self.time
            .store(or(read.time, crate::foreign::now()), Relaxed);
        self.timeout.store(or(read.timeout, READ_TIMEOUT), Relaxed);
        self.verify_result.store(read.verify_result.into(), Relaxed);
        self.lifetime_hint.store(read.lifetime_hint, Relaxed);
        self.age_add.store(read.age_add, Relaxed);
        self.max_early_data.store(read.max_early_data, Relaxed);
        let mode = read.max_fragment_len_mode as u8;
        self.max_fragment_len_mode.store(mode, Relaxed);
        self.compress_id.store(read.compress_id, Relaxed);
        self.flags.store(read.flags as u32, Relaxed);
        self.kx_group.store(read.kx_group, Relaxed);
        let new = Blobs::read(&read, peer);
        let old = {
            let mut blobs = self.blobs.write();
            // Pointers to id and context stay good, so both are changed in place.
            blobs.id.set(read.id);
            blobs.id_context.set(read.id_context);
            blobs.master_key.set(read.master_key);
            blobs.exchange(new)
        };
        // Freeing an X509 runs the program's callbacks: not under the lock.
        drop(old);
        Ok(used)
    }
}

impl Counted for Session {
    fn references(&self) -> &AtomicUsize {
        self.references.count()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let ptr = self.ptr();
        self.ex_data.freed(ptr);
    }
}

impl Blobs {
    fn new() -> Self {
        Self {
            id: Fixed::default(),
            id_context: Fixed::default(),
            master_key: Fixed::default(),
            ticket: None,
            ticket_appdata: None,
            alpn: None,
            hostname: None,
            psk_hint: None,
            psk_identity: None,
            srp_username: None,
            peer: None,
            peer_chain: None,
            shown_chain: None,
            engine_bytes: None,
        }
    }

    /// All but what has a fixed place.
    fn read(from: &Encoded<'_>, peer: Option<Arc<Peer>>) -> Self {
        Self {
            ticket: from.ticket.map(Box::from),
            ticket_appdata: from.ticket_appdata.map(Box::from),
            alpn: from.alpn.map(Box::from),
            hostname: from.hostname.map(until_nul),
            psk_hint: from.psk_hint.map(until_nul),
            psk_identity: from.psk_identity.map(until_nul),
            srp_username: from.srp_username.map(until_nul),
            peer,
            engine_bytes: from.engine.map(|bytes| Arc::new(bytes.to_vec().into())),
            ..Self::new()
        }
    }

    /// Takes over all but what has a fixed place, and returns what was there. The chain is no
    /// part of the encoding and stays.
    fn exchange(&mut self, mut new: Self) -> Self {
        use std::mem::swap;
        swap(&mut self.ticket, &mut new.ticket);
        swap(&mut self.ticket_appdata, &mut new.ticket_appdata);
        swap(&mut self.alpn, &mut new.alpn);
        swap(&mut self.hostname, &mut new.hostname);
        swap(&mut self.psk_hint, &mut new.psk_hint);
        swap(&mut self.psk_identity, &mut new.psk_identity);
        swap(&mut self.srp_username, &mut new.srp_username);
        swap(&mut self.peer, &mut new.peer);
        swap(&mut self.engine_bytes, &mut new.engine_bytes);
        new
    }
}

fn or(value: i64, default: i64) -> i64 {
    if value == 0 { default } else { value }
}

/// A C string of the bytes before the first NUL, as OPENSSL_strndup makes it.
fn until_nul(bytes: &[u8]) -> CString {
    let text = bytes.split(|&b| b == 0).next().unwrap_or_default();
    CString::new(text).unwrap_or_default()
}
