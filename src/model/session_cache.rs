//! A context's sessions by id: SSL_CTX_add_session(3) and its relatives.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{c_int, c_void};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use parking_lot::Mutex;

use super::session::Session;
use crate::foreign::err::Result;
use crate::foreign::lhash::{Identified, Table};

/// The cache itself: the sessions that end first go first when it is full.
#[derive(Default)]
pub struct SessionCache {
    inner: Mutex<Inner>,
    /// The counters of SSL_CTX_sess_number(3).
    pub stats: Stats,
}

/// What a session is found by: its version and its id, as one with another version is another one.
type Key = Vec<u8>;

fn key(version: c_int, id: &[u8]) -> Key {
    let mut key = Vec::with_capacity(id.len() + size_of_val(&version));
    key.extend_from_slice(id);
    key.extend_from_slice(&version.to_be_bytes());
    key
}

fn key_of(session: &Session) -> Key {
    session.with_id(|id| key(session.version(), id))
}

/// Where a session stands among the others: when it ends, and the turn in which it came.
type Rank = (i64, u64);

#[derive(Default)]
struct Inner {
    sessions: HashMap<Key, (Rank, Arc<Session>)>,
    order: BTreeMap<Rank, Key>,
    turn: u64,
    /// The same sessions, once the program has asked for them (SSL_CTX_sessions(3)).
    table: Option<Table<Session>>,
}

/// What SSL_CTX_sess_number(3) counts.
#[derive(Default)]
#[expect(missing_docs, reason = "each is SSL_CTX_sess_NAME")]
pub struct Stats {
    pub connect: AtomicI64,
    pub connect_good: AtomicI64,
    pub accept: AtomicI64,
    pub accept_good: AtomicI64,
    pub hits: AtomicI64,
    pub cb_hits: AtomicI64,
    pub misses: AtomicI64,
    pub timeouts: AtomicI64,
    pub cache_full: AtomicI64,
}

impl Inner {
    fn remove(&mut self, key: &[u8]) -> Option<Arc<Session>> {
        let (rank, session) = self.sessions.remove(key)?;
        self.order.remove(&rank);
        if let Some(table) = &mut self.table {
            table.remove(&session);
        }
        Some(session)
    }

    fn add(&mut self, key: Key, session: Arc<Session>) {
        let rank = self.next_rank(&session);
        self.order.insert(rank, key.clone());
        if let Some(table) = &mut self.table {
            table.insert(&session);
        }
        self.sessions.insert(key, (rank, session));
    }

    fn next_rank(&mut self, session: &Session) -> Rank {
        self.turn += 1;
        (session.end(), self.turn)
    }

    /// The session under `key` gets the place that it would have if it came now.
    fn rank_anew(&mut self, key: &[u8]) {
        let Some((old, session)) = self.sessions.get(key).cloned() else {
            return;
        };
        let rank = self.next_rank(&session);
        self.order.remove(&old);
        self.order.insert(rank, key.to_vec());
        self.sessions.insert(key.to_vec(), (rank, session));
    }

    fn remove_first(&mut self) -> Option<Arc<Session>> {
        loop {
            let (&(end, _), first) = self.order.first_key_value()?;
            let first = first.clone();
            match self.sessions.get(&first) {
                // It ends later by now.
                Some((_, session)) if session.end() > end => self.rank_anew(&first),
                _ => return self.remove(&first),
            }
        }
    }
}

impl SessionCache {
    /// Adds `session`, in place of another with its id; returns those that had to go for it, and
    /// whether it was there before. `limit` 0 is none; of other limits OpenSSL leaves one place
    /// empty, unless it is the only one, and so does this.
    pub fn insert(&self, session: Arc<Session>, limit: usize) -> (Vec<Arc<Session>>, bool) {
        let key = key_of(&session);
        let mut inner = self.inner.lock();
        let known = inner
            .sessions
            .get(&key)
            .is_some_and(|(_, old)| Arc::ptr_eq(old, &session));
        if known {
            inner.rank_anew(&key);
            return (Vec::new(), true);
        }
        let replaced = inner.remove(&key);
        let mut gone = Vec::new();
        while limit != 0 && inner.sessions.len() + 1 >= limit {
            let Some(first) = inner.remove_first() else {
                break;
            };
            gone.push(first);
        }
        inner.add(key, session);
        drop(inner);
        // Freeing a session runs the program's callbacks: not under the lock.
        drop(replaced);
        (gone, false)
    }

    /// The session of `version` under `id`.
    pub fn get(&self, version: c_int, id: &[u8]) -> Option<Arc<Session>> {
        let inner = self.inner.lock();
        inner
            .sessions
            .get(&key(version, id))
            .map(|(_, s)| s.clone())
    }

    /// Takes away the session with the version and id of `session`.
    pub fn remove(&self, session: &Session) -> Option<Arc<Session>> {
        self.inner.lock().remove(&key_of(session))
    }

    /// Takes away all sessions whose time was over at `now`, those that ended first first; 0 is the
    /// end of all times (SSL_CTX_flush_sessions(3)).
    pub fn flush(&self, now: i64) -> Vec<Arc<Session>> {
        let mut inner = self.inner.lock();
        let mut expired: Vec<(Rank, Key)> = inner
            .sessions
            .iter()
            .filter(|(_, (_, session))| now == 0 || session.is_expired(now))
            .map(|(key, (rank, session))| ((session.end(), rank.1), key.clone()))
            .collect();
        expired.sort_unstable();
        let gone = expired.iter().filter_map(|(_, key)| inner.remove(key));
        gone.collect()
    }

    /// The sessions as libcrypto's hash table (SSL_CTX_sessions(3)): it lives as long as the cache
    /// and is kept in step with it from now on.
    pub fn table(&self) -> Result<*mut c_void> {
        let mut inner = self.inner.lock();
        if let Some(table) = &inner.table {
            return Ok(table.as_ptr());
        }
        let mut table = Table::new()?;
        for (_, session) in inner.sessions.values() {
            table.insert(session);
        }
        Ok(inner.table.insert(table).as_ptr())
    }

    /// How many sessions are held.
    pub fn len(&self) -> usize {
        self.inner.lock().sessions.len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
