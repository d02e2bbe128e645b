//! A connection's SSL_SESSION: offered, received, stored and resumed.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use rustls::server::{ServerSessionKey, StoresServerSessions};

use super::{Side, Ssl, Stage, shutdown, with_current};
use crate::engine::connection::Connection;
use crate::engine::session::{ClientSessions, Fields, master_secret};
use crate::foreign;
use crate::foreign::callback::SessionPtr;
use crate::foreign::err::Result;
use crate::foreign::handle;
use crate::model::cipher::Cipher;
use crate::model::ctx::{
    CACHE_CLIENT, CACHE_NO_AUTO_CLEAR, CACHE_NO_INTERNAL_LOOKUP, CACHE_NO_INTERNAL_STORE,
    CACHE_SERVER, CACHE_UPDATE_TIME, Ctx,
};
use crate::model::method::{TLS1_2, TLS1_3};
use crate::model::session::{FLAG_EXTMS, Peer, SecretVec, Session};
use crate::model::settings::{op, verify};

impl Ssl {
    /// SSL_has_matching_session_id(3).
    pub fn has_cached_session(&self, id: &[u8]) -> bool {
        self.session_ctx
            .cache
            .get(self.version().into(), id)
            .is_some()
    }

    /// SSL_copy_session_id(3): session, certificates and session-id context of `from`.
    pub fn copy_session_id(&self, from: &Self) {
        self.set_session(from.session());
        let theirs = from.settings();
        self.edit(|s| {
            s.method = theirs.method;
            s.replace_certs(&theirs);
            s.sid_context = theirs.sid_context;
        });
    }

    /// The store of a client's connection: it offers the session set, if it is still good.
    pub(super) fn client_sessions(&self) -> Arc<ClientSessions> {
        let resumable = self
            .held_session()
            .filter(|session| session.is_resumable() && self.permits_version(session.version()));
        if resumable.is_none() {
            self.begin_session();
        }
        let offer = resumable.filter(|session| !ticket_is_stale(session, foreign::now()));
        let offer = match offer.as_deref().map(fields) {
            Some(offer) => {
                self.forget_psk();
                Some(offer)
            }
            None => self.psk_fields(),
        };
        let sessions = Arc::new(ClientSessions::new(offer.as_ref(), &self.ctx().lib));
        self.received.replace(Some(sessions.clone()));
        sessions
    }

    /// Takes over the sessions that came in since; the program is told of each.
    pub(super) fn collect_sessions(&self) {
        let Some(store) = self.received.borrow().clone() else {
            return;
        };
        for received in store.take_received() {
            self.take_over(received.fields());
        }
    }

    /// As [`Self::collect_sessions`], of the first alone.
    pub(super) fn collect_session(&self) {
        let received = self
            .received
            .borrow()
            .as_ref()
            .and_then(|s| s.next_received());
        if let Some(received) = received {
            self.take_over(received.fields());
        }
    }

    /// As [`Self::collect_sessions`], at the end of the handshake.
    fn collect_first(&self, connection: &Connection) {
        let received = self.received.borrow().clone();
        for received in received.map_or_else(Vec::new, |store| store.take_received()) {
            let mut fields = received.fields();
            if let Some(lifetime) = connection.ticket_lifetime() {
                fields.lifetime = lifetime.into();
            }
            self.take_over(fields);
        }
    }

    fn take_over(&self, fields: Fields) {
        let resumed12 = self.version() == TLS1_2 && self.with_facts(|f| f.resumed);
        if resumed12 && let Some(session) = self.session() {
            self.renew(&session, &fields);
        } else if let Ok(session) = self.session_received(&fields) {
            self.use_session(session.clone());
            self.keep(&session);
        }
    }

    /// Puts a client's session into the cache, and tells the program of it.
    fn keep(&self, session: &Arc<Session>) {
        let mode = self.session_ctx.cache_mode.load(Relaxed);
        if mode & CACHE_CLIENT == 0 || session.id().1 == 0 {
            return;
        }
        if mode & CACHE_NO_INTERNAL_STORE == 0 {
            self.session_ctx.add_session(session);
        }
        self.announce(session);
    }

    /// A resumed session of TLS 1.2 stays the one it was, unless a fresher ticket came: that is
    /// another session.
    fn renew(&self, session: &Arc<Session>, fields: &Fields) {
        if fields.ticket.is_empty() || session.ticket_is(&fields.ticket) {
            return;
        }
        let renewed = session.dup().and_then(|renewed| {
            renewed.set_time(foreign::now());
            self.take_ticket(&renewed, fields)?;
            Ok(renewed)
        });
        if let Ok(renewed) = renewed {
            if self.session_ctx.cache_mode.load(Relaxed) & CACHE_CLIENT != 0 {
                self.session_ctx.remove_session(session);
            }
            renewed.set_not_resumable(false);
            self.use_session(renewed);
        }
    }

    /// The new-session callback gets a reference, and keeps it if it says so.
    fn announce(&self, session: &Arc<Session>) {
        let Some(callback) = self.session_ctx.with_hooks(|h| h.new_session) else {
            return;
        };
        handle::offer(session.clone(), |ptr| {
            callback.new_session(self.ptr(), SessionPtr(ptr)) != 0
        });
    }

    /// Completes the session a server resumed: with the peer the engine restored, and if it came
    /// in a ticket with the suite.
    pub(super) fn complete_resumed(&self, found: &Session) {
        if found.peer().is_none()
            && let Some(peer) = self.with_peer(|peer| peer.leaf.as_ref().map(Peer::of))
        {
            found.set_peer(Some(peer), found.peer_chain());
        }
        if found.cipher().is_none() {
            found.set_max_fragment_len_mode(self.fragment_mode.get());
            self.describe_parameters(found);
        }
    }

    fn session_received(&self, fields: &Fields) -> Result<Arc<Session>> {
        let session = self.next_session()?;
        session.set_version(i32::from(if fields.tls13 { TLS1_3 } else { TLS1_2 }));
        session.set_cipher(Cipher::from_iana(fields.suite));
        session.set_id(&fields.id)?;
        session.set_master_key(fields.master_key.as_ref())?;
        session.set_age_add(fields.age_add);
        session.set_max_early_data(fields.max_early_data);
        if fields.extended_master_secret {
            session.set_flags(session.flags() | FLAG_EXTMS);
        }
        self.take_ticket(&session, fields)?;
        Ok(session)
    }

    /// The ticket that came; as with OpenSSL its digest is the session's id from then on.
    fn take_ticket(&self, session: &Session, fields: &Fields) -> Result<()> {
        session.set_ticket(&fields.ticket);
        session.set_lifetime_hint(fields.lifetime);
        if !fields.ticket.is_empty() {
            session.set_id(&self.session_ctx.lib.sha256(&fields.ticket)?)?;
        }
        Ok(())
    }

    /// The handshake is done: which session the connection has now.
    pub(super) fn settle_session(&self, connection: &Connection) {
        let resumed = self.with_facts(|facts| facts.resumed);
        let stats = &self.session_ctx.cache.stats;
        let before = match self.side.get() {
            Side::Server => stats.accept_good.fetch_add(1, Relaxed),
            _ => stats.connect_good.fetch_add(1, Relaxed),
        };
        if resumed {
            stats.hits.fetch_add(1, Relaxed);
            match self.resuming.take() {
                Some(session) => {
                    self.verify_result.set(session.verify_result());
                    self.complete_resumed(&session);
                    self.use_session(session);
                }
                None if self.side.get() == Side::Client => {
                    if let Some(session) = self.take_psk_session() {
                        self.use_session(session);
                    } else if let Some(session) = self.session() {
                        self.verify_result.set(session.verify_result());
                        self.use_up(&session);
                    }
                    self.vary_session();
                }
                None => {
                    if let Ok(session) = self.described() {
                        self.use_session(session);
                    }
                }
            }
        } else {
            self.resuming.take();
            self.settle_begun(connection);
        }
        let _ = self.store_sessions();
        if self.side.get() == Side::Client {
            self.collect_first(connection);
        }
        self.clear_cache_at_times(before);
    }

    /// A TLS 1.3 server may choose another suite of the same hash than the session that a client
    /// resumes has, which is the session's from then on. With another group the connection has a
    /// copy of it, without the ticket.
    fn vary_session(&self) {
        let Some(session) = self.session().filter(|_| self.version() == TLS1_3) else {
            return;
        };
        let group = u32::from(self.with_facts(|facts| facts.group).unwrap_or(0));
        let suite = self.current_cipher();
        if group == session.kx_group() {
            session.set_cipher(suite);
        } else if let Ok(copy) = session.dup() {
            copy.set_ticket(&[]);
            copy.set_lifetime_hint(0);
            copy.set_kx_group(group);
            copy.set_cipher(suite);
            self.use_session(copy);
        }
    }

    /// The cache loses what is too old with each 256th connection
    /// (SSL_CTX_set_session_cache_mode(3)); `before`: how many there were.
    fn clear_cache_at_times(&self, before: i64) {
        let mode = self.session_ctx.cache_mode.load(Relaxed);
        let own = match self.side.get() {
            Side::Server => CACHE_SERVER,
            _ => CACHE_CLIENT,
        };
        if before & 0xff == 0xff && mode & own != 0 && mode & CACHE_NO_AUTO_CLEAR == 0 {
            self.session_ctx.flush_sessions(foreign::now());
        }
    }

    /// As OpenSSL, a client that keeps a cache uses a ticket of TLS 1.3 once (RFC 8446, appendix
    /// C.4).
    fn use_up(&self, session: &Arc<Session>) {
        let caching = self.session_ctx.cache_mode.load(Relaxed) & CACHE_CLIENT != 0;
        if caching && self.version() == TLS1_3 {
            self.session_ctx.remove_session(session);
        }
    }

    /// The session of a connection left without close_notify is not to be resumed; whether this is
    /// one.
    pub(super) fn drop_unfinished_session(&self) -> bool {
        let unfinished =
            self.stage.get() == Stage::Established && self.shutdown.get() & shutdown::SENT == 0;
        if unfinished {
            self.spoil_session();
        }
        unfinished
    }

    /// After a fatal error or an end without close_notify the session is not to be resumed.
    pub(super) fn spoil_session(&self) {
        let session = match self.stage.get() {
            Stage::Established => self.session(),
            Stage::Handshaking => self.offered_session(),
            _ => None,
        };
        if let Some(session) = session {
            self.session_ctx.remove_session(&session);
        }
    }

    /// What a client in its handshake offered, until the server goes on without it.
    fn offered_session(&self) -> Option<Arc<Session>> {
        let open = self.with_facts(|facts| facts.version.is_none() || facts.resumed);
        let offers = self.side.get() == Side::Client && open;
        offers.then(|| self.held_session()).flatten()
    }
}

/// Whether a ticket of TLS 1.3 is older than the server lets it be (RFC 8446, section 4.6.1), or
/// not made yet. Of other sessions the server alone decides.
fn ticket_is_stale(session: &Session, now: i64) -> bool {
    // As OpenSSL counts: the server's clock may be a second behind.
    let age = (now.wrapping_sub(session.time()) as u32).saturating_sub(1);
    session.version() == i32::from(TLS1_3) && u64::from(age) > session.lifetime_hint()
}

/// What the engine resumes a client's `session` from.
fn fields(session: &Session) -> Fields {
    Fields {
        tls13: session.version() == i32::from(TLS1_3),
        suite: session.cipher().map_or(0, Cipher::iana),
        id: session.id_vec(),
        master_key: session.with_master_key(|key| key.to_vec().into()),
        extended_master_secret: session.flags() & FLAG_EXTMS != 0,
        ticket: session.ticket_vec(),
        time: session.time().try_into().unwrap_or(0),
        // Whether it is too old was judged already.
        lifetime: 0,
        age_add: session.age_add(),
        max_early_data: session.max_early_data(),
        peer: session.peer_der(),
    }
}

impl Ctx {
    /// SSL_CTX_add_session(3): false if it was there.
    pub fn add_session(&self, session: &Arc<Session>) -> bool {
        if self.cache_mode.load(Relaxed) & CACHE_UPDATE_TIME != 0 {
            session.set_time(foreign::now());
        }
        let limit = self.cache_size.load(Relaxed).max(0) as usize;
        let (gone, known) = self.cache.insert(session.clone(), limit);
        if !gone.is_empty() {
            self.cache
                .stats
                .cache_full
                .fetch_add(gone.len() as i64, Relaxed);
        }
        for session in gone {
            self.removed(&[session]);
        }
        !known
    }

    /// SSL_CTX_remove_session(3): the session is not resumable any more, and none with its id is
    /// kept; false if there was none. The callback is told of sessions of an external cache too.
    pub fn remove_session(&self, session: &Arc<Session>) -> bool {
        if session.id().1 == 0 {
            return false;
        }
        let cached = self.cache.remove(session);
        self.removed(std::slice::from_ref(session));
        cached.is_some()
    }

    /// SSL_CTX_flush_sessions(3).
    pub fn flush_sessions(&self, now: i64) {
        let gone = self.cache.flush(now);
        self.removed(&gone);
    }

    fn removed(&self, sessions: &[Arc<Session>]) {
        for session in sessions {
            session.set_not_resumable(true);
            if let Some(callback) = self.with_hooks(|h| h.remove_session) {
                callback.remove_session(self.ptr(), SessionPtr(session.ptr()));
            }
        }
    }
}

/// A session that the handshake put into the cache, or sent out as a ticket.
pub(super) struct Issued {
    /// Empty for a ticket of TLS 1.2: nobody is told of that session.
    id: Vec<u8>,
    /// What rustls resumes from; `None`: the ticket holds it.
    value: Option<Vec<u8>>,
    /// The secret of TLS 1.2, or nothing.
    master_secret: SecretVec,
    /// The one the program was told of when its ticket was made.
    session: Option<Arc<Session>>,
}

/// The session cache of the connection at work, and the program's own behind it.
#[derive(Debug)]
pub(super) struct ServerStore;

impl Ssl {
    /// Makes the sessions the handshake gave out, now that all is known of it.
    pub(super) fn store_sessions(&self) -> Result<()> {
        let ctx = &self.session_ctx;
        let tls13 = self.offered_tls13.get();
        let mode = match self.can_be_told_apart() {
            true => ctx.cache_mode.load(Relaxed),
            false => 0,
        };
        let store = mode & CACHE_SERVER != 0 && mode & CACHE_NO_INTERNAL_STORE == 0;
        // A session in a ticket is kept where the program is told of its end.
        let watched = tls13 && ctx.with_hooks(|h| h.remove_session.is_some());
        let renewed12 = self.version() == TLS1_2 && self.with_facts(|f| f.resumed);
        let mut all = self.issued.take();
        // rustls may store what it sends as a ticket too; OpenSSL does not.
        if all.iter().any(|issued| issued.id.is_empty()) {
            all.retain(|issued| issued.id.is_empty());
        }
        for issued in all {
            let Issued {
                id,
                value,
                master_secret,
                session,
            } = issued;
            let session = match session {
                Some(session) => session,
                None => self.next_session()?,
            };
            session.set_id(&id)?;
            session.set_master_key(master_secret.as_ref())?;
            if !renewed12 {
                self.use_session(session.clone());
            }
            if tls13 {
                session.set_max_early_data(self.with(|s| s.max_early_data));
            }
            let kept = value.is_some();
            session.set_engine_bytes(value.map(|value| Arc::new(SecretVec::from(value))));
            if kept && tls13 {
                self.generate_ticket(&session)?;
            }
            if store && (kept || watched) {
                ctx.add_session(&session);
            }
            if mode & CACHE_SERVER != 0 && !id.is_empty() {
                self.announce(&session);
            }
        }
        Ok(())
    }

    /// Whether a session of this server can be resumed without mistaking its context: else it is
    /// not kept.
    fn can_be_told_apart(&self) -> bool {
        self.with(|s| s.verify_mode & verify::PEER == 0 || !s.sid_context.as_slice().is_empty())
    }

    fn find_session(&self, key: &[u8]) -> Option<Arc<Session>> {
        let ctx = &self.session_ctx;
        let mode = ctx.cache_mode.load(Relaxed);
        let stats = &ctx.cache.stats;
        let internal = (mode & CACHE_NO_INTERNAL_LOOKUP == 0)
            .then(|| ctx.cache.get(self.version().into(), key))
            .flatten();
        if internal.is_none() && mode & CACHE_NO_INTERNAL_LOOKUP == 0 {
            stats.misses.fetch_add(1, Relaxed);
        }
        let session = internal.or_else(|| {
            let callback = ctx.with_hooks(|h| h.get_session)?;
            let session = callback.get_session::<Session>(self.ptr(), key)?;
            stats.cb_hits.fetch_add(1, Relaxed);
            if mode & CACHE_NO_INTERNAL_STORE == 0 {
                ctx.add_session(&session);
            }
            Some(session)
        })?;
        if session.id_context_vec() != self.with(|s| s.sid_context).as_slice() {
            return None;
        }
        if session.is_expired(foreign::now()) {
            stats.timeouts.fetch_add(1, Relaxed);
            ctx.remove_session(&session);
            return None;
        }
        Some(session)
    }

    /// What rustls resumes from, of the session under `key`. Fails with
    /// SSL_R_SESSION_ID_CONTEXT_UNINITIALIZED.
    pub(super) fn load_session(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        match self.find_session(key) {
            Some(session) => {
                self.check_id_context()?;
                Ok(self.take_session(session))
            }
            None => Ok(None),
        }
    }

    fn take_session(&self, session: Arc<Session>) -> Option<Vec<u8>> {
        // Early data is taken once for each session (RFC 8446, section 8.1).
        let once = self.offered_tls13.get()
            && self.with(|s| s.max_early_data > 0 && s.options & op::NO_ANTI_REPLAY == 0);
        if once && !self.session_ctx.remove_session(&session) {
            return None;
        }
        let value = session.engine_bytes()?.as_ref().as_ref().to_vec();
        self.resuming.replace(Some(session));
        Some(value)
    }
}

impl Ssl {
    /// What was found under `key` before the engine began.
    fn presented_value(&self, key: &[u8]) -> Option<Vec<u8>> {
        let presented = self.presented.borrow();
        let (id, value) = presented.as_ref()?;
        (id == key).then(|| value.clone())
    }

    /// Remembers a session that goes out under `id`.
    pub(super) fn issue(&self, id: &[u8], value: Vec<u8>) {
        self.issued.borrow_mut().push(Issued {
            id: id.to_vec(),
            master_secret: master_secret(&value),
            value: Some(value),
            session: None,
        });
    }

    /// Remembers a ticket that goes out. OpenSSL tells of a session of TLS 1.3 then too, which has
    /// an id of its own.
    pub(super) fn note_ticket(&self, value: &[u8], session: Option<Arc<Session>>) {
        let id = session.as_ref().map(|session| session.id_vec());
        self.issued.borrow_mut().push(Issued {
            id: id.unwrap_or_default(),
            value: None,
            master_secret: master_secret(value),
            session,
        });
    }
}

impl StoresServerSessions for ServerStore {
    fn put(&self, key: ServerSessionKey<'_>, value: Vec<u8>) -> bool {
        with_current(|ssl| {
            let Some(ssl) = ssl else {
                return false;
            };
            let enabled = ssl.session_ctx.cache_mode.load(Relaxed) & CACHE_SERVER != 0
                && !ssl.unresumable.get();
            if enabled {
                let own = ssl.own_id.take();
                ssl.issue(own.as_deref().unwrap_or(key.as_ref()), value);
            }
            enabled
        })
    }

    fn get(&self, key: ServerSessionKey<'_>) -> Option<Vec<u8>> {
        with_current(|ssl| ssl?.presented_value(key.as_ref()))
    }

    fn take(&self, key: ServerSessionKey<'_>) -> Option<Vec<u8>> {
        with_current(|ssl| ssl?.presented_value(key.as_ref()))
    }

    fn can_cache(&self) -> bool {
        with_current(|ssl| {
            ssl.is_some_and(|ssl| {
                let kept = ssl.session_ctx.cache_mode.load(Relaxed) & CACHE_SERVER != 0;
                // A session that cannot be resumed is given no id to be resumed by.
                kept && !ssl.unresumable.get()
            })
        })
    }
}
