//! Whether a server accepts early data, and what it knows from then on.

use super::{Phase, Status};
use crate::engine::connection::Connection;
use crate::engine::hello::EARLY_DATA;
use crate::engine::session::{is_age_right, refuse_early_data};
use crate::foreign;
use crate::model::session::Session;
use crate::model::ssl::Ssl;

impl Ssl {
    /// Whether the server takes the way on which early data can be read and answered. It knows no
    /// client certificates: if they are asked for, it is for resumed sessions with early data.
    pub(in crate::model::ssl) fn reads_early_data(&self) -> bool {
        self.accepts_early_data() && (self.early.get().allowed || !self.asks_certificate())
    }

    fn accepts_early_data(&self) -> bool {
        self.early.get().phase == Phase::Accepting && self.offered_tls13.get()
    }

    /// Whether the session to be resumed may have early data.
    pub(in crate::model::ssl) fn early_is_allowed(&self) -> bool {
        self.early.get().allowed
    }

    /// Whether a server asks for the client's certificate in this handshake.
    pub(in crate::model::ssl) fn asks_certificate(&self) -> bool {
        self.with(|s| s.asks_for_certificate(self.offered_tls13.get()))
    }

    /// Notes what the ClientHello says of early data.
    pub(in crate::model::ssl) fn see_early_offer(&self, connection: &Connection) {
        let hello = connection.client_hello();
        let offered = hello.is_some_and(|hello| hello.extension(EARLY_DATA).is_some());
        self.edit_early(|early| {
            early.allowed = false;
            early.ticket_age = hello.and_then(|hello| hello.early_ticket_age());
            if offered {
                early.status = Status::Rejected;
            }
        });
    }

    /// Judges, for the session about to be resumed from `value`, whether its early data may be
    /// accepted; if not, rustls will not either.
    pub(in crate::model::ssl) fn judge_early_data(&self, session: &Session, value: &mut [u8]) {
        let Some(age) = self.early.get().ticket_age else {
            return;
        };
        let allowed = self.allows_early_data(session, value, age);
        self.edit_early(|early| early.allowed = allowed);
        if !allowed {
            refuse_early_data(value);
        }
    }

    fn allows_early_data(&self, session: &Session, value: &[u8], age: u32) -> bool {
        let possible = self.accepts_early_data()
            && self.with(|s| s.max_early_data > 0)
            && is_age_right(value, age, foreign::now())
            && self.with_alpn(|alpn| session.alpn_vec() == alpn);
        possible
            && self
                .with(|s| s.allow_early_data)
                .is_none_or(|callback| callback.cert(self.ptr()) != 0)
    }

    /// The engine has decided: takes over what is known if early data comes.
    pub(in crate::model::ssl) fn begin_early_data(&self, connection: &mut Connection) {
        if !connection.early_accepted() {
            return;
        }
        let allowed = self.with(|s| s.recv_max_early_data);
        let session = self.resuming.borrow().clone();
        let limit = session
            .as_ref()
            .map_or(0, |s| s.max_early_data())
            .min(allowed);
        self.edit_early(|early| {
            early.status = Status::Accepted;
            early.limit = u64::from(limit);
        });
        self.adopt_facts(connection.facts());
        self.agree_on_alpn(connection.alpn());
        if let Some(session) = session {
            self.adopt_resumed_peer(&session.peer_der());
            self.use_session(session);
        }
    }
}
