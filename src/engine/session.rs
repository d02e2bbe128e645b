//! Resumption: what a client keeps, and how a server's tickets are sealed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::client::{ClientSessionKey, ClientSessionStore, Tls12Session, Tls13Session};
use rustls::crypto::TicketProducer;
use rustls::crypto::kx::NamedGroup;
use rustls::server::StoresServerSessions;

use crate::foreign::callback::SslPtr;
use crate::foreign::err;
use crate::foreign::libctx::LibCtx;
use crate::foreign::ticket::KeySource;
pub use crate::foreign::ticket::Renewal;

/// A client's session as rustls holds it.
enum Held {
    /// Resumable any number of times.
    Tls12(Tls12Session),
    /// Used once: rustls hands its secret over to the connection that offers it.
    Tls13(Option<Tls13Session>),
}

/// What an SSL_SESSION of a client keeps of the engine.
pub struct Resumable(Mutex<Held>);

impl fmt::Debug for Resumable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resumable").finish_non_exhaustive()
    }
}

/// The fields of a session that SSL_SESSION tells.
#[derive(Debug, Default)]
#[expect(
    missing_docs,
    reason = "each is the SSL_SESSION_get_NAME of OpenSSL's manual"
)]
pub struct Fields {
    pub tls13: bool,
    pub suite: u16,
    pub id: Vec<u8>,
    pub master_key: Vec<u8>,
    pub extended_master_secret: bool,
    pub ticket: Vec<u8>,
    pub lifetime: u64,
    pub age_add: u32,
    pub max_early_data: u32,
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> &'a [u8] {
        let (head, tail) = self.0.split_at(n.min(self.0.len()));
        self.0 = tail;
        head
    }

    fn number(&mut self, width: usize) -> u64 {
        self.take(width)
            .iter()
            .fold(0, |n, &byte| n << 8 | u64::from(byte))
    }

    fn vector(&mut self, width: usize) -> Vec<u8> {
        let len = self.number(width) as usize;
        self.take(len).to_vec()
    }
}

impl Resumable {
    /// A TLS 1.2 session from [`Self::to_bytes`]; `None` for what is none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let session = Tls12Session::from_slice(bytes, &rustls_aws_lc_rs::DEFAULT_PROVIDER).ok()?;
        Some(Self(Mutex::new(Held::Tls12(session))))
    }

    /// rustls's encoding of a TLS 1.2 session. One of TLS 1.3 has none that could be read again.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        match &*self.0.lock() {
            Held::Tls12(session) => {
                let mut bytes = Vec::new();
                session.encode(&mut bytes);
                Some(bytes)
            }
            Held::Tls13(_) => None,
        }
    }

    /// What SSL_SESSION tells, read off rustls's encoding.
    pub fn fields(&self) -> Fields {
        let mut bytes = Vec::new();
        let mut fields = Fields::default();
        match &*self.0.lock() {
            Held::Tls12(session) => session.encode(&mut bytes),
            Held::Tls13(Some(session)) => {
                fields.tls13 = true;
                session.encode(&mut bytes);
            }
            Held::Tls13(None) => return fields,
        }
        let mut r = Reader(&bytes);
        fields.suite = r.number(2) as u16;
        if fields.tls13 {
            fields.master_key = r.vector(1);
            fields.age_add = r.number(4) as u32;
            fields.max_early_data = r.number(4) as u32;
        } else {
            fields.id = r.vector(1);
            fields.master_key = r.take(48).to_vec();
            fields.extended_master_secret = r.number(1) == 1;
        }
        fields.ticket = r.vector(2);
        let _made = r.number(8);
        fields.lifetime = r.number(8);
        fields
    }
}

/// One client connection's store: the session it offers and those it received.
#[derive(Debug, Default)]
pub struct ClientSessions {
    offer: Option<Arc<Resumable>>,
    received: Mutex<Vec<Resumable>>,
}

impl ClientSessions {
    /// A store that offers `session`.
    pub fn new(offer: Option<Arc<Resumable>>) -> Self {
        Self {
            offer,
            received: Mutex::default(),
        }
    }

    /// The sessions received since the last call, oldest first.
    pub fn take_received(&self) -> Vec<Resumable> {
        std::mem::take(&mut *self.received.lock())
    }

    fn receive(&self, held: Held) {
        self.received.lock().push(Resumable(Mutex::new(held)));
    }
}

impl ClientSessionStore for ClientSessions {
    fn set_kx_hint(&self, _key: ClientSessionKey<'static>, _group: NamedGroup) {}

    fn kx_hint(&self, _key: &ClientSessionKey<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _key: ClientSessionKey<'static>, value: Tls12Session) {
        self.receive(Held::Tls12(value));
    }

    fn tls12_session(&self, _key: &ClientSessionKey<'_>) -> Option<Tls12Session> {
        match &*self.offer.as_ref()?.0.lock() {
            Held::Tls12(session) => Some(session.clone()),
            Held::Tls13(_) => None,
        }
    }

    fn remove_tls12_session(&self, _key: &ClientSessionKey<'static>) {}

    fn insert_tls13_ticket(&self, _key: ClientSessionKey<'static>, value: Tls13Session) {
        self.receive(Held::Tls13(Some(value)));
    }

    fn take_tls13_ticket(&self, _key: &ClientSessionKey<'static>) -> Option<Tls13Session> {
        match &mut *self.offer.as_ref()?.0.lock() {
            Held::Tls13(session) => session.take(),
            Held::Tls12(_) => None,
        }
    }
}

const TLS1_2: [u8; 2] = [3, 3];
const MASTER_SECRET_LEN: usize = 48;

/// The master secret in what a server's rustls stores of a session; empty with TLS 1.3. It is
/// the last field but one, a byte for the extended master secret being the last.
pub fn master_secret(value: &[u8]) -> Vec<u8> {
    let end = value.len().saturating_sub(1);
    let secret = end
        .checked_sub(MASTER_SECRET_LEN)
        .and_then(|begin| value.get(begin..end))
        .filter(|_| value.starts_with(&TLS1_2));
    secret.unwrap_or_default().to_vec()
}

/// When the session in what a server's rustls stores was made, in seconds since the epoch: the
/// first field after the version.
pub fn created(value: &[u8]) -> Option<i64> {
    let bytes = value.get(2..10)?.try_into().ok()?;
    Some(i64::from_be_bytes(bytes))
}

/// Whether the client's view of the ticket's age (RFC 8446, section 4.2.11) agrees with ours at
/// `now`, in seconds since the epoch, as far as OpenSSL wants it to.
pub fn is_age_right(value: &[u8], obfuscated: u32, now: i64) -> bool {
    const ALLOWANCE_MS: i64 = 10_000;
    let Some((made, age_add)) = created(value).zip(value.last_chunk()) else {
        return false;
    };
    let theirs = i64::from(obfuscated.wrapping_sub(u32::from_be_bytes(*age_add)));
    let ours = now.saturating_sub(made).saturating_mul(1000);
    // Our clock counts whole seconds.
    theirs <= ours.saturating_add(1000) && theirs + ALLOWANCE_MS >= ours.saturating_sub(1000)
}

/// Makes the session in `value` one with which rustls takes no early data: by its time it does
/// not fit the age the client tells.
pub fn refuse_early_data(value: &mut [u8]) {
    const LONG: i64 = 24 * 60 * 60;
    if let Some(made) = created(value) {
        value[2..10].copy_from_slice(&made.saturating_sub(LONG).to_be_bytes());
    }
}

/// A server connection's tickets and session cache.
pub struct ServerSessions {
    /// Seals TLS 1.2 and 1.3 tickets; `None`: sessions are kept in the storage.
    pub ticketer: Option<Arc<dyn TicketProducer>>,
    /// Keeps sessions by id.
    pub storage: Arc<dyn StoresServerSessions>,
}

/// Seals and opens tickets in OpenSSL's format.
#[derive(Debug, Clone)]
pub struct Sealer {
    /// Gives the keys.
    pub source: KeySource,
    /// Where ciphers come from.
    pub lib: LibCtx,
}

impl Sealer {
    /// Seals `plain` for the connection `ssl`; `None` when there is to be no ticket. Fails where
    /// a callback of the program does.
    fn seal(&self, ssl: SslPtr, plain: &[u8]) -> err::Result<Option<Vec<u8>>> {
        self.source.seal(ssl, &self.lib, plain)
    }

    /// What is in a ticket; `None` for one that is not ours. Fails where a callback of the program
    /// does.
    pub fn open(&self, ssl: SslPtr, ticket: &[u8]) -> err::Result<Option<(Vec<u8>, Renewal)>> {
        self.source.open(ssl, &self.lib, ticket)
    }
}

/// What goes into a ticket besides rustls's own.
pub trait TicketBinding: fmt::Debug + Send + Sync {
    /// What the ticket of rustls's `value` is bound to; `None` when there is to be no ticket.
    fn seal(&self, value: &[u8]) -> Option<Vec<u8>>;
    /// Sealing failed: rustls knows no such thing.
    fn failed(&self, err: err::Error);
}

/// One connection's tickets: the one accepted was opened before, those sent begin, under the
/// seal, with what they are bound to.
#[derive(Debug)]
pub struct ConnectionTicketer {
    /// Seals.
    pub sealer: Sealer,
    /// What is sealed with the rest, 65535 bytes at most.
    pub binding: Arc<dyn TicketBinding>,
    /// How long tickets are good for.
    pub lifetime: Duration,
    /// The client's ticket and what is in it.
    pub accepted: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether the client keeps the ticket it has. rustls sends one with TLS 1.2 in any case, then
    /// the same again.
    pub keep: bool,
    /// Tells the connection at work.
    pub ssl: fn() -> Option<SslPtr>,
}

impl TicketProducer for ConnectionTicketer {
    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        if self.keep {
            return self.accepted.as_ref().map(|(ticket, _)| ticket.clone());
        }
        let bound = self.binding.seal(plain)?;
        let mut whole = Vec::with_capacity(2 + bound.len() + plain.len());
        whole.extend_from_slice(&u16::try_from(bound.len()).ok()?.to_be_bytes());
        whole.extend_from_slice(&bound);
        whole.extend_from_slice(plain);
        self.sealer
            .seal((self.ssl)()?, &whole)
            .unwrap_or_else(|err| {
                self.binding.failed(err);
                None
            })
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        let (ticket, value) = self.accepted.as_ref()?;
        (ticket == cipher).then(|| value.clone())
    }

    fn lifetime(&self) -> Duration {
        self.lifetime
    }
}
