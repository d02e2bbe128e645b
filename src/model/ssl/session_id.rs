//! The ids of a server's new sessions: random, or the program's
//! (SSL_CTX_set_generate_session_id(3)).

use super::resumption::{Offer, SESSION_TICKET};
use super::{Moved, Ssl};
use crate::engine::alert::INTERNAL_ERROR;
use crate::engine::connection::Connection;
use crate::foreign::callback::{Callback, types};
use crate::foreign::err::{Error, Reason, Result};
use crate::model::session::MAX_ID;

impl Ssl {
    /// The connection's callback, or else the one its context has by now.
    fn id_callback(&self) -> Option<Callback<types::GenerateSessionId>> {
        let own = self.with(|s| s.generate_session_id);
        let callback = own.or_else(|| self.session_ctx.with(|s| s.generate_session_id));
        Callback::new(callback, std::ptr::null_mut())
    }

    /// The id the program makes; `None` if it leaves that to us. Fails with what OpenSSL has for a
    /// callback that fails, for an id of a bad length and for one that is in the cache.
    pub(super) fn program_id(&self) -> Result<Option<Vec<u8>>> {
        let Some(callback) = self.id_callback() else {
            return Ok(None);
        };
        let mut id = [0; MAX_ID];
        let len = callback.session_id(self.ptr(), &mut id);
        let len = len.ok_or_else(|| Error::reason(Reason::SSL_SESSION_ID_CALLBACK_FAILED))?;
        let id = match len {
            1..=MAX_ID => &id[..len],
            _ => return Err(Error::reason(Reason::SSL_SESSION_ID_HAS_BAD_LENGTH)),
        };
        match self.has_cached_session(id) {
            true => Err(Error::reason(Reason::SSL_SESSION_ID_CONFLICT)),
            false => Ok(Some(id.to_vec())),
        }
    }

    /// Lets the program make the id of a TLS 1.2 session, if it is a new one and the client takes
    /// no ticket instead.
    pub(super) fn choose_id(
        &self,
        connection: &mut Connection,
        tickets: bool,
        offer: &Offer,
    ) -> Moved<()> {
        self.own_id.take();
        let hello = connection.client_hello();
        let takes_ticket = hello.is_some_and(|hello| hello.extension(SESSION_TICKET).is_some());
        if offer.accepted.is_some() || tickets && takes_ticket && offer.ticket_due {
            return Ok(());
        }
        match self.program_id() {
            Ok(id) => {
                self.own_id.replace(id);
                Ok(())
            }
            Err(err) => Err(self.refuse_with(connection, INTERNAL_ERROR, err)),
        }
    }

    /// An id for a session of TLS 1.3. Fails as [`Self::program_id`], and without randomness.
    pub(super) fn new_id(&self) -> Result<Vec<u8>> {
        if let Some(id) = self.program_id()? {
            return Ok(id);
        }
        let mut id = vec![0; MAX_ID];
        self.session_ctx.lib.random(&mut id)?;
        Ok(id)
    }
}
