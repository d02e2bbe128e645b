//! What goes out between two pieces of data: SSL_key_update(3), SSL_new_session_ticket(3), and the
//! messages of [`super::post_auth`].

use std::ffi::c_int;
use std::sync::Arc;

use rustls::crypto::TicketProducer;

use super::resumption::Binding;
use super::{Moved, Side, Ssl, Stage, Want, at_work, shutdown, with_current};
use crate::engine::alert::INTERNAL_ERROR;
use crate::engine::connection::Connection;
use crate::engine::rewrite::Place;
use crate::engine::session::{ConnectionTicketer, Sealer};
use crate::foreign;
use crate::foreign::err::{Error, Reason, Result};
use crate::model::method::TLS1_3;

/// SSL_KEY_UPDATE_NONE.
const NO_KEY_UPDATE: c_int = -1;
/// SSL_KEY_UPDATE_NOT_REQUESTED and SSL_KEY_UPDATE_REQUESTED.
const NOT_REQUESTED: c_int = 0;
const REQUESTED: c_int = 1;

/// What the next call that reads, writes or shakes hands sends first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    /// SSL_KEY_UPDATE_*.
    key_update: c_int,
    /// How many tickets.
    tickets: u32,
    /// Whether there is what was made of them and did not go out.
    unsent: bool,
    /// Whether that is tickets.
    unsent_tickets: bool,
    /// Whether they wait for a write: they were asked for while one was not finished.
    deferred: bool,
}

impl Default for Due {
    fn default() -> Self {
        Self {
            key_update: NO_KEY_UPDATE,
            tickets: 0,
            unsent: false,
            unsent_tickets: false,
            deferred: false,
        }
    }
}

impl Due {
    fn is_nothing(self) -> bool {
        self.key_update == NO_KEY_UPDATE && self.tickets == 0 && !self.unsent
    }
}

impl Ssl {
    /// SSL_key_update(3): the KeyUpdate goes out with the next call that reads, writes or shakes
    /// hands.
    pub fn request_key_update(&self, kind: c_int) -> Result<()> {
        if self.with_facts(|facts| facts.version) != Some(TLS1_3) {
            return Err(Error::reason(Reason::WRONG_SSL_VERSION));
        }
        if self.stage() != Stage::Established {
            return Err(Error::reason(Reason::STILL_IN_INIT));
        }
        if !(NOT_REQUESTED..=REQUESTED).contains(&kind) {
            return Err(Error::reason(Reason::INVALID_KEY_UPDATE_TYPE));
        }
        if self.posts_due() {
            return Err(Error::reason(Reason::STILL_IN_INIT));
        }
        if self.has_pending_write() {
            return Err(Error::reason(Reason::BAD_WRITE_RETRY));
        }
        self.edit_due(|due| due.key_update = kind);
        Ok(())
    }

    /// SSL_get_key_update_type(3): the KeyUpdate asked for and not yet sent, SSL_KEY_UPDATE_NONE
    /// for none. One that the peer asked for goes out with the next write.
    pub fn key_update_type(&self) -> c_int {
        let answers = || self.with_connection(|c| c.answer_due()) == Some(true);
        match self.due.get().key_update {
            NO_KEY_UPDATE if answers() => NOT_REQUESTED,
            kind => kind,
        }
    }

    /// SSL_new_session_ticket(3): false where no ticket can be sent.
    pub fn request_ticket(&self) -> bool {
        let possible = self.side() == Side::Server
            && self.stage() == Stage::Established
            && self.version() == TLS1_3
            && (self.due.get().tickets > 0 || !self.posts_due());
        if possible {
            let deferred = self.has_pending_write();
            self.edit_due(|due| {
                due.tickets += 1;
                due.deferred = deferred;
            });
        }
        possible
    }

    fn edit_due(&self, change: impl FnOnce(&mut Due)) {
        let mut due = self.due.get();
        change(&mut due);
        self.due.set(due);
    }

    /// Whether something goes out first. A write that waits is finished before.
    pub(super) fn posts_due(&self) -> bool {
        let due = self.due.get();
        let any = !due.is_nothing() && !due.deferred || self.post_auth_due();
        any && !self.has_pending_write()
    }

    /// A write begins: what waits for one is due, unless it goes on with another.
    pub(super) fn begin_posts(&self) {
        if self.due.get().deferred && !self.has_pending_write() {
            self.edit_due(|due| due.deferred = false);
        }
    }

    /// Sends what is due.
    pub(super) fn send_posts(&self) -> Moved<()> {
        match self.posts_due() {
            true => self.with_taken(|connection| self.send_due(connection)),
            false => Ok(()),
        }
    }

    /// Answers the peer's KeyUpdate, as is due with a write.
    pub(super) fn send_answer(&self) -> Moved<()> {
        if self.with_connection(|connection| connection.answer_due()) != Some(true) {
            return Ok(());
        }
        self.with_taken(|connection| {
            at_work(self, || connection.send(&[])).map_err(|err| self.engine_error(&err))?;
            self.flush_posts(connection)
        })
    }

    /// Writes what was made of it. Tickets that find the connection closed are dropped, as in
    /// OpenSSL: what a client sent before it closed can still be read.
    pub(super) fn flush_posts(&self, connection: &mut Connection) -> Moved<()> {
        self.edit_due(|due| due.unsent = true);
        let flushed = self.flush(connection, self.wbio().as_deref());
        if flushed.is_err() && self.due.get().unsent_tickets && self.found_closed() {
            connection.drop_output();
            self.unflushed.set(false);
            self.want.set(Want::Nothing);
        } else {
            flushed?;
        }
        self.edit_due(|due| (due.unsent, due.unsent_tickets) = (false, false));
        Ok(())
    }

    pub(super) fn send_due(&self, connection: &mut Connection) -> Moved<()> {
        self.want.set(Want::Nothing);
        if self.shutdown.get() & shutdown::SENT != 0 {
            // Nothing can be sent any more, and no peer reads it; what is received still counts.
            self.due.set(Due::default());
            self.drop_post_auth();
        }
        let kind = self.due.get().key_update;
        if kind != NO_KEY_UPDATE {
            self.edit_due(|due| due.key_update = NO_KEY_UPDATE);
            // One that the peer asked for will do.
            let answers = kind == NOT_REQUESTED && connection.answer_due();
            at_work(self, || match answers {
                true => connection.send(&[]),
                false => connection.key_update(kind == REQUESTED),
            })
            .map_err(|err| self.engine_error(&err))?;
        }
        self.send_post_auth(connection)?;
        while self.due.get().tickets > 0 {
            self.edit_due(|due| {
                due.tickets -= 1;
                due.unsent_tickets = true;
            });
            self.send_ticket(connection)?;
        }
        self.flush_posts(connection)
    }

    /// As many tickets are to be sent when the handshake is done.
    pub(super) fn plan_tickets(&self, count: usize) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.edit_due(|due| due.tickets = count);
    }

    /// Nothing is due for now: how many tickets are to be given to [`Self::release_tickets`].
    pub(super) fn hold_tickets(&self) -> u32 {
        let mut due = self.due.get();
        let tickets = std::mem::take(&mut due.tickets);
        self.due.set(due);
        tickets
    }

    /// Those tickets are due.
    pub(super) fn release_tickets(&self, tickets: u32) {
        self.edit_due(|due| due.tickets += tickets);
    }

    /// Encrypts a NewSessionTicket. The program's callbacks run, and learn of its session.
    fn send_ticket(&self, connection: &mut Connection) -> Result<()> {
        let result = at_work(self, || self.encrypt_ticket(connection))
            .and_then(|()| self.ticket_error.take().map_or(Ok(()), Err))
            .and_then(|()| self.store_sessions());
        result.inspect_err(|_| {
            let alert = self.stopped_by_extension().unwrap_or(INTERNAL_ERROR);
            connection.abort_encrypted(alert);
        })
    }

    fn encrypt_ticket(&self, connection: &mut Connection) -> Result<()> {
        let ctx = &self.session_ctx;
        let now = foreign::now().try_into().unwrap_or(0);
        let Some(session) = connection.new_session(&ctx.lib, now)? else {
            return Err(Error::reason(Reason::INTERNAL_ERROR));
        };
        let ticket = match self.sealer() {
            Some(sealer) => self.seal_ticket(sealer, session.value.as_ref()),
            None => Some(self.keep_ticket(session.value.as_ref())?),
        };
        let Some(ticket) = ticket else {
            return Ok(());
        };
        let extensions = self
            .ask_extensions(Place::NewSessionTicket, None)
            .map_err(|alert| {
                self.stop_with(alert);
                Error::reason(Reason::CALLBACK_FAILED)
            })?;
        let lifetime = self.ticket_lifetime.get();
        let early = self.with(|s| s.max_early_data);
        connection
            .send_ticket(&session, &ticket, lifetime, early, &extensions)
            .map_err(|err| self.engine_error(&err))
    }

    fn seal_ticket(&self, sealer: Sealer, value: &[u8]) -> Option<Vec<u8>> {
        let ticketer = ConnectionTicketer {
            sealer,
            binding: Arc::new(Binding),
            accepted: None,
            silent: false,
            ssl: || with_current(|ssl| ssl.map(Ssl::ptr)),
        };
        ticketer.encrypt(value)
    }

    /// The ticket is the id of a session in the cache, if there is one.
    fn keep_ticket(&self, value: &[u8]) -> Result<Vec<u8>> {
        let id = self.new_id()?;
        let lifetime = self.session().map(|session| self.lifetime_of(&session));
        self.ticket_lifetime.set(lifetime.unwrap_or(0));
        self.issue(&id, value.to_vec());
        Ok(id)
    }
}
