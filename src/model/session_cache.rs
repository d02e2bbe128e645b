//! A context's sessions by id: SSL_CTX_add_session(3) and its relatives.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use parking_lot::Mutex;

use super::session::Session;

/// The cache itself: the sessions longest unused go first when it is full.
#[derive(Default)]
pub struct SessionCache {
    inner: Mutex<Inner>,
    /// The counters of SSL_CTX_sess_number(3).
    pub stats: Stats,
}

#[derive(Default)]
struct Inner {
    sessions: HashMap<Vec<u8>, (u64, Arc<Session>)>,
    /// Ids by the turn in which they came.
    order: BTreeMap<u64, Vec<u8>>,
    turn: u64,
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
    fn remove(&mut self, id: &[u8]) -> Option<Arc<Session>> {
        let (turn, session) = self.sessions.remove(id)?;
        self.order.remove(&turn);
        Some(session)
    }
}

impl SessionCache {
    /// Adds `session` under `id`; returns those that had to go for it, and whether it was there
    /// before. `limit` 0 is none; of other limits OpenSSL leaves one place empty, unless it is the
    /// only one, and so does this.
    pub fn insert(
        &self,
        id: &[u8],
        session: Arc<Session>,
        limit: usize,
    ) -> (Vec<Arc<Session>>, bool) {
        let mut inner = self.inner.lock();
        let known = inner
            .sessions
            .get(id)
            .is_some_and(|(_, old)| Arc::ptr_eq(old, &session));
        if known {
            return (Vec::new(), true);
        }
        let mut gone: Vec<_> = inner.remove(id).into_iter().collect();
        while limit != 0 && inner.sessions.len() + 1 >= limit {
            let Some((_, oldest)) = inner.order.pop_first() else {
                break;
            };
            gone.extend(inner.sessions.remove(&oldest).map(|(_, s)| s));
        }
        inner.turn += 1;
        let turn = inner.turn;
        inner.order.insert(turn, id.to_vec());
        inner.sessions.insert(id.to_vec(), (turn, session));
        (gone, false)
    }

    /// The session under `id`.
    pub fn get(&self, id: &[u8]) -> Option<Arc<Session>> {
        self.inner.lock().sessions.get(id).map(|(_, s)| s.clone())
    }

    /// Takes the session under `id` away.
    pub fn remove(&self, id: &[u8]) -> Option<Arc<Session>> {
        self.inner.lock().remove(id)
    }

    /// Takes away all sessions whose time was over at `now`; 0 is the end of all times
    /// (SSL_CTX_flush_sessions(3)).
    pub fn flush(&self, now: i64) -> Vec<Arc<Session>> {
        let mut inner = self.inner.lock();
        let expired: Vec<Vec<u8>> = inner
            .sessions
            .iter()
            .filter(|(_, (_, session))| now == 0 || session.is_expired(now))
            .map(|(id, _)| id.clone())
            .collect();
        expired.iter().filter_map(|id| inner.remove(id)).collect()
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
