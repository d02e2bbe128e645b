//! Resumption: what a client keeps, and how a server's sessions are sealed or stored.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::client::{ClientSessionKey, ClientSessionStore, Tls12Session, Tls13Session};
use rustls::crypto::TicketProducer;
use rustls::crypto::kx::NamedGroup;
use rustls::server::{ServerSessionKey, StoresServerSessions};

/// A client's session as rustls holds it.
pub enum ClientSession {
    /// Resumable any number of times.
    Tls12(Tls12Session),
    /// Used once: rustls hands its secret over to the connection that offers it.
    Tls13(Tls13Session),
}

impl fmt::Debug for ClientSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls12(_) => "Tls12",
            Self::Tls13(_) => "Tls13",
        })
    }
}

/// One client connection's store: the session it offers and those it received.
#[derive(Debug, Default)]
pub struct ClientSessions {
    offer: Mutex<Option<ClientSession>>,
    received: Mutex<Vec<ClientSession>>,
}

impl ClientSessions {
    /// A store that offers `session`.
    pub fn new(session: Option<ClientSession>) -> Self {
        Self {
            offer: Mutex::new(session),
            received: Mutex::default(),
        }
    }

    /// The sessions received since the last call, oldest first.
    pub fn take_received(&self) -> Vec<ClientSession> {
        std::mem::take(&mut *self.received.lock())
    }
}

impl ClientSessionStore for ClientSessions {
    fn set_kx_hint(&self, _key: ClientSessionKey<'static>, _group: NamedGroup) {}

    fn kx_hint(&self, _key: &ClientSessionKey<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _key: ClientSessionKey<'static>, value: Tls12Session) {
        self.received.lock().push(ClientSession::Tls12(value));
    }

    fn tls12_session(&self, _key: &ClientSessionKey<'_>) -> Option<Tls12Session> {
        match &*self.offer.lock() {
            Some(ClientSession::Tls12(session)) => Some(session.clone()),
            _ => None,
        }
    }

    fn remove_tls12_session(&self, _key: &ClientSessionKey<'static>) {
        let mut offer = self.offer.lock();
        if matches!(*offer, Some(ClientSession::Tls12(_))) {
            *offer = None;
        }
    }

    fn insert_tls13_ticket(&self, _key: ClientSessionKey<'static>, value: Tls13Session) {
        self.received.lock().push(ClientSession::Tls13(value));
    }

    fn take_tls13_ticket(&self, _key: &ClientSessionKey<'static>) -> Option<Tls13Session> {
        let mut offer = self.offer.lock();
        match offer.take() {
            Some(ClientSession::Tls13(session)) => Some(session),
            other => {
                *offer = other;
                None
            }
        }
    }
}

/// A server connection's tickets and session cache.
pub struct ServerSessions {
    /// Seals TLS 1.2 and 1.3 tickets; `None`: sessions are kept in the storage.
    pub ticketer: Option<Arc<dyn TicketProducer>>,
    /// Keeps sessions by id.
    pub storage: Arc<dyn StoresServerSessions>,
}

/// Tickets are sealed with keys made here and rotated by rustls.
pub fn automatic_ticketer() -> Option<Arc<dyn TicketProducer>> {
    rustls_aws_lc_rs::DEFAULT_PROVIDER
        .ticketer_factory
        .ticketer()
        .ok()
}

/// Binds tickets to a session-id context (SSL_CTX_set_session_id_context(3)): what is sealed
/// begins with it.
#[derive(Debug)]
pub struct BoundTicketer {
    /// Seals.
    pub inner: Arc<dyn TicketProducer>,
    /// The context, 32 bytes at most.
    pub context: Vec<u8>,
    /// How long tickets are good for.
    pub lifetime: Duration,
}

impl TicketProducer for BoundTicketer {
    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.inner.encrypt(&bind(&self.context, plain))
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        unbind(&self.context, self.inner.decrypt(cipher)?)
    }

    fn lifetime(&self) -> Duration {
        self.lifetime
    }
}

fn bind(context: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut bound = Vec::with_capacity(1 + context.len() + plain.len());
    bound.push(context.len() as u8);
    bound.extend_from_slice(context);
    bound.extend_from_slice(plain);
    bound
}

fn unbind(context: &[u8], mut bound: Vec<u8>) -> Option<Vec<u8>> {
    let head = 1 + usize::from(*bound.first()?);
    if bound.get(1..head)? != context {
        return None;
    }
    bound.drain(..head);
    Some(bound)
}

/// A server's session cache: the least recently stored go first.
#[derive(Debug)]
pub struct ServerCache {
    inner: Mutex<CacheInner>,
}

#[derive(Debug)]
struct CacheInner {
    entries: HashMap<Vec<u8>, Vec<u8>>,
    order: VecDeque<Vec<u8>>,
    limit: usize,
}

impl ServerCache {
    /// An empty cache of at most `limit` sessions; 0: no limit.
    pub fn new(limit: usize) -> Self {
        Self {
            inner: Mutex::new(CacheInner {
                entries: HashMap::new(),
                order: VecDeque::new(),
                limit,
            }),
        }
    }

    /// Changes the limit; what is over it goes with the next session stored.
    pub fn set_limit(&self, limit: usize) {
        self.inner.lock().limit = limit;
    }

    /// How many sessions are held.
    pub fn len(&self) -> usize {
        self.inner.lock().entries.len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn put(&self, key: &[u8], value: Vec<u8>) {
        let mut inner = self.inner.lock();
        if inner.entries.insert(key.to_vec(), value).is_none() {
            inner.order.push_back(key.to_vec());
        }
        while inner.limit != 0 && inner.entries.len() > inner.limit {
            match inner.order.pop_front() {
                Some(oldest) => inner.entries.remove(&oldest),
                None => break,
            };
        }
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.inner.lock().entries.get(key).cloned()
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        let mut inner = self.inner.lock();
        let value = inner.entries.remove(key)?;
        inner.order.retain(|k| k != key);
        Some(value)
    }
}

/// A view of the cache for connections of one session-id context.
#[derive(Debug)]
pub struct BoundCache {
    /// The cache of the SSL_CTX.
    pub cache: Arc<ServerCache>,
    /// The context.
    pub context: Vec<u8>,
    /// Whether sessions may be stored and found (SSL_SESS_CACHE_SERVER).
    pub enabled: bool,
}

impl StoresServerSessions for BoundCache {
    fn put(&self, key: ServerSessionKey<'_>, value: Vec<u8>) -> bool {
        if self.enabled {
            self.cache.put(key.as_ref(), bind(&self.context, &value));
        }
        self.enabled
    }

    fn get(&self, key: ServerSessionKey<'_>) -> Option<Vec<u8>> {
        unbind(&self.context, self.cache.get(key.as_ref())?)
    }

    fn take(&self, key: ServerSessionKey<'_>) -> Option<Vec<u8>> {
        unbind(&self.context, self.cache.take(key.as_ref())?)
    }

    fn can_cache(&self) -> bool {
        self.enabled
    }
}
