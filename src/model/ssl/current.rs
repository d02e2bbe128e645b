//! The session a connection has at a time. That of a new handshake is there from the hello on
//! (SSL_get_session(3)): what the program hangs on it then is still there when the handshake ends.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::{Side, Ssl};
use crate::engine::connection::Connection;
use crate::foreign;
use crate::foreign::err::Result;
use crate::foreign::handle::HandleCell;
use crate::model::cipher::Cipher;
use crate::model::ctx::DEFAULT_TIMEOUT;
use crate::model::method::{TLS1_2, TLS1_3};
use crate::model::session::{FLAG_EXTMS, Peer, Session};

/// Whether the handshake has made a session of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Begun {
    /// No: what there is was set, resumed, or given out already.
    #[default]
    No,
    /// It is made when somebody looks at it.
    Due,
    /// It is the current one, and nobody was given it to resume.
    Made,
}

impl Ssl {
    /// The connection's session (SSL_get1_session(3)).
    pub fn session(&self) -> Option<Arc<Session>> {
        self.make_begun();
        self.held_session()
    }

    /// The session that is there, not the one to be made when somebody looks at it.
    pub(super) fn held_session(&self) -> Option<Arc<Session>> {
        self.session.borrow().as_ref().map(HandleCell::get)
    }

    /// Puts `session` in the place of the one there is. What the program hangs on that one may run
    /// callbacks when it goes, after this.
    fn put_session(&self, session: Option<Arc<Session>>) {
        let session = session.as_ref().map(HandleCell::new);
        let old = self.session.replace(session);
        drop(old);
    }

    /// The session's handle, without a reference of the caller's own.
    pub fn session_address(&self) -> *const Session {
        self.make_begun();
        self.session
            .borrow()
            .as_ref()
            .map_or(std::ptr::null(), HandleCell::address)
    }

    /// SSL_set_session(3): what the next handshake offers.
    pub fn set_session(&self, session: Option<Arc<Session>>) {
        self.drop_unfinished_session();
        if let Some(session) = &session {
            self.verify_result.set(session.verify_result());
        }
        self.begun.set(Begun::No);
        self.forget_peer();
        self.put_session(session);
    }

    /// The connection has no session any more.
    pub(super) fn forget_session(&self) {
        self.begun.set(Begun::No);
        self.put_session(None);
    }

    /// The connection's session from now on.
    pub(super) fn use_session(&self, session: Arc<Session>) {
        self.begun.set(Begun::No);
        self.put_session(Some(session));
    }

    /// A handshake that resumes nothing, as far as is known, gets a session of its own.
    pub(super) fn begin_session(&self) {
        self.put_session(None);
        self.begun.set(Begun::Due);
    }

    /// As [`Self::begin_session`], once: now it is known that nothing is resumed.
    pub(super) fn begin_session_once(&self) {
        if self.begun.get() == Begun::No {
            self.count_miss();
            self.begin_session();
        }
    }

    /// What a client offered was of no use.
    fn count_miss(&self) {
        let session = self.held_session();
        let offered = session.is_some_and(|session| session.id().1 > 0);
        if offered && self.side.get() == Side::Client {
            let stats = &self.session_ctx.cache.stats;
            stats.misses.fetch_add(1, Relaxed);
        }
    }

    /// Without a session where the program's callback for ex data fails.
    fn make_begun(&self) {
        if self.begun.get() != Begun::Due {
            return;
        }
        self.begun.set(Begun::Made);
        if let Ok(session) = Session::new() {
            session.set_version(self.version().into());
            session.set_timeout(self.new_timeout());
            session.set_verify_result(self.verify_result.get());
            let _ = session.set_id_context(self.with(|s| s.sid_context).as_slice());
            self.put_session(Some(session));
        }
    }

    /// The session to be given out next: the handshake's own, or a copy of the current one.
    pub(super) fn next_session(&self) -> Result<Arc<Session>> {
        // With TLS 1.3 a client's own is not the one of its first ticket.
        let keeps_own = self.side.get() != Side::Server && self.version() == TLS1_3;
        let session = match (self.begun.get(), self.session()) {
            (Begun::Due | Begun::Made, Some(own)) if !keeps_own => own,
            (_, Some(current)) => {
                let copy = current.dup()?;
                copy.set_time(foreign::now());
                copy.set_not_resumable(false);
                // The verification's result stays: that of an external key is of none.
                self.describe(&copy)?;
                copy.set_verify_result(current.verify_result());
                return Ok(copy);
            }
            (_, None) => self.new_session()?,
        };
        self.describe(&session)?;
        Ok(session)
    }

    /// The session whose ticket goes out. With TLS 1.2 that is before the handshake is done.
    pub(super) fn ticketed_session(&self) -> Result<Arc<Session>> {
        if self.settled.get() {
            return self.next_session();
        }
        let resumed = self.resuming.borrow().clone();
        if let Some(resumed) = resumed {
            self.complete_resumed(&resumed);
            return Ok(resumed);
        }
        let session = match self.session() {
            Some(own) => own,
            None => self.new_session()?,
        };
        self.describe(&session)?;
        Ok(session)
    }

    /// How long a session made now is good for, in seconds (SSL_CTX_set_timeout(3)).
    fn new_timeout(&self) -> i64 {
        match self.session_ctx.timeout.load(Relaxed) {
            0 => DEFAULT_TIMEOUT,
            timeout => timeout,
        }
    }

    fn new_session(&self) -> Result<Arc<Session>> {
        let session = Session::new()?;
        session.set_timeout(self.new_timeout());
        Ok(session)
    }

    /// A new session with what this connection knows.
    pub(super) fn described(&self) -> Result<Arc<Session>> {
        let session = self.new_session()?;
        self.describe(&session)?;
        Ok(session)
    }

    /// The handshake that began a session is done; with TLS 1.2 its id and secret are known.
    pub(super) fn settle_begun(&self, connection: &Connection) {
        self.begin_session_once();
        let Some(session) = self.session() else {
            return;
        };
        if self.describe(&session).is_ok() && self.version() == TLS1_2 {
            if let Some(id) = connection.server_session_id() {
                let _ = session.set_id(id);
            }
            if let Some(secret) = connection.master_secret() {
                let _ = session.set_master_key(secret.as_ref());
            }
        }
        session.set_not_resumable(self.unresumable.get());
    }

    /// Puts what this connection knows into `session`.
    fn describe(&self, session: &Session) -> Result<()> {
        session.set_verify_result(self.verify_result.get());
        session.set_id_context(self.with(|s| s.sid_context).as_slice())?;
        let name_used = match (self.side.get(), self.version()) {
            (Side::Server, _) => self.name_accepted.get(),
            (_, TLS1_2) => self.with_facts(|facts| facts.name_acknowledged),
            _ => true,
        };
        if name_used {
            session.set_hostname(self.host_name.borrow().as_deref());
        }
        let peer = self.peer_certificate().as_ref().map(Peer::of);
        let shown = self.peer_chain();
        let leaf = usize::from(self.side.get() != Side::Server);
        let rest = shown.as_ref().map(|chain| chain.iter().skip(leaf));
        let chain = rest.map(|rest| rest.map(|cert| cert.der().into_boxed_slice()).collect());
        session.set_peer(peer, chain);
        session.set_shown_chain(shown);
        self.with_alpn(|alpn| session.set_alpn(alpn));
        session.set_max_fragment_len_mode(self.fragment_mode.get());
        self.describe_parameters(session);
        let group = self.with_facts(|facts| facts.group);
        session.set_kx_group(u32::from(group.unwrap_or(0)));
        Ok(())
    }

    /// Puts version and suite into `session`.
    pub(super) fn describe_parameters(&self, session: &Session) {
        session.set_version(self.version().into());
        self.with_facts(|facts| {
            session.set_cipher(facts.suite.and_then(Cipher::from_iana));
            session.set_flags(if facts.extended_master_secret {
                FLAG_EXTMS
            } else {
                0
            });
        });
    }
}
