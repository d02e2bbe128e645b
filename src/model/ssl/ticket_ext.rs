//! The session_ticket extension (RFC 5077, section 3.2) as the program fills and reads it, which
//! EAP-FAST does (RFC 4851, section 3.2.2).

use super::resumption::SESSION_TICKET;
use super::{Moved, Ssl};
use crate::engine::alert::{HANDSHAKE_FAILURE, INTERNAL_ERROR};
use crate::engine::connection::Connection;
use crate::foreign::callback::{Callback, types};
use crate::foreign::err::{Error, Reason, Result};
use crate::model::method::TLS1_2;
use crate::model::settings::op;

/// What a client sends where it has no ticket.
#[derive(Debug, Default)]
enum Sent {
    /// An empty extension.
    #[default]
    Empty,
    /// None.
    Nothing,
    /// The program's bytes.
    Bytes(Vec<u8>),
}

/// What the program has to do with the extension of a connection.
#[derive(Default)]
pub(super) struct TicketExt {
    sent: Sent,
    read: Option<Callback<types::TicketExt>>,
}

impl Ssl {
    fn edit_ticket_ext(&self, change: impl FnOnce(&mut TicketExt)) {
        change(self.ticket_ext.borrow_mut().get_or_insert_default());
    }

    /// SSL_set_session_ticket_ext: what a client sends where it has no ticket; `None`: nothing.
    pub fn set_ticket_ext(&self, bytes: Option<&[u8]>) {
        self.edit_ticket_ext(|ext| {
            ext.sent = bytes.map_or(Sent::Nothing, |bytes| Sent::Bytes(bytes.to_vec()));
        });
    }

    /// SSL_set_session_ticket_ext_cb: is given what the peer sent.
    pub fn set_ticket_ext_callback(&self, callback: Option<Callback<types::TicketExt>>) {
        self.edit_ticket_ext(|ext| ext.read = callback);
    }

    /// Whether a client asks for tickets of TLS 1.2.
    pub(super) fn asks_for_tickets(&self) -> bool {
        let offers = self
            .session()
            .is_some_and(|session| session.version() == i32::from(TLS1_2) && session.has_ticket());
        let silent = match &*self.ticket_ext.borrow() {
            Some(ext) => matches!(ext.sent, Sent::Nothing) && !offers,
            None => false,
        };
        !silent && self.with(|s| s.options & op::NO_TICKET == 0) && self.policy().tickets()
    }

    /// The extension in place of an empty one. Fails where it does not fit.
    pub(super) fn filled_ticket_ext(&self) -> Result<Option<(u16, Vec<u8>)>> {
        const MOST: usize = 0xf000;
        match self.ticket_ext.borrow().as_deref() {
            Some(TicketExt {
                sent: Sent::Bytes(bytes),
                ..
            }) => match bytes.len() {
                ..=MOST => Ok(Some((SESSION_TICKET, bytes.clone()))),
                _ => Err(Error::reason(Reason::INTERNAL_ERROR)),
            },
            _ => Ok(None),
        }
    }

    fn ticket_ext_reader(&self) -> Option<Callback<types::TicketExt>> {
        self.ticket_ext.borrow().as_ref()?.read
    }

    /// Shows a server's program what the client sent, before TLS 1.3.
    pub(super) fn read_ticket_ext(&self, connection: &mut Connection) -> Moved<()> {
        let reader = self
            .ticket_ext_reader()
            .filter(|_| !self.offered_tls13.get());
        let hello = connection.client_hello();
        let body = hello.and_then(|hello| hello.extension(SESSION_TICKET));
        if let (Some(reader), Some(body)) = (reader, body)
            && !reader.ticket_ext(self.ptr(), body)
        {
            return Err(self.refuse(connection, INTERNAL_ERROR, Reason::INTERNAL_ERROR));
        }
        Ok(())
    }

    /// Shows a client's program what the server answered, before TLS 1.3.
    pub(super) fn read_ticket_answer(&self, connection: &mut Connection) -> Moved<()> {
        let Some(reader) = self.ticket_ext_reader() else {
            return Ok(());
        };
        match connection.server_extension(SESSION_TICKET) {
            Some(body) if !reader.ticket_ext(self.ptr(), &body) => {
                Err(self.refuse(connection, HANDSHAKE_FAILURE, Reason::BAD_EXTENSION))
            }
            _ => Ok(()),
        }
    }
}
