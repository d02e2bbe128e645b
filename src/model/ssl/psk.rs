//! External pre-shared keys (RFC 8446, section 2.2), with TLS 1.3: what the program's callbacks
//! give becomes a session, which is offered or resumed as if it had come in a ticket.
//!
//! rustls knows none. It resumes from a key that stands for the program's, which takes its place
//! in the key schedule (`engine/schedule.rs`).

use std::ffi::c_int;
use std::sync::Arc;

use super::{Moved, Ssl};
use crate::engine::alert::{HANDSHAKE_FAILURE, INTERNAL_ERROR};
use crate::engine::connection::Connection;
use crate::engine::session::{Fields, psk_value};
use crate::foreign;
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::psk::{Failed, MAX_IDENTITY};
use crate::foreign::secret::SecretVec;
use crate::model::cipher::Cipher;
use crate::model::method::TLS1_3;
use crate::model::session::Session;

/// TLS_AES_128_GCM_SHA256, whose hash goes with a key that names none (RFC 8446, section 4.2.11).
const DEFAULT_SUITE: u16 = 0x1301;

/// A client's key that is offered.
pub(super) struct Offered {
    session: Arc<Session>,
    identity: Vec<u8>,
}

impl Offered {
    /// The NID of the hash that the key goes with.
    fn digest(&self) -> Option<c_int> {
        self.session.cipher().map(Cipher::handshake_digest_nid)
    }
}

/// The session of a key that comes without one.
fn plain_session(key: &SecretVec) -> Result<Arc<Session>> {
    let session = Session::new()?;
    session.set_master_key(key.as_ref())?;
    session.set_cipher(Cipher::from_iana(DEFAULT_SUITE));
    session.set_version(i32::from(TLS1_3));
    Ok(session)
}

fn key_of(session: &Session) -> SecretVec {
    session.with_master_key(|key| key.to_vec().into())
}

impl Ssl {
    /// A client asks its program for a key to offer; an error has ended the handshake.
    pub(super) fn ask_for_psk(&self, max: u16) -> Result<()> {
        self.psk.take();
        if max < TLS1_3 {
            return Ok(());
        }
        let refused = |(alert, err)| {
            self.refuse_to_begin(alert);
            err
        };
        let Some(offered) = self.program_psk(None).map_err(refused)? else {
            return Ok(());
        };
        if !self.offers_early_session() {
            self.check_early_psk(&offered.session)
                .inspect_err(|_| self.refuse_to_begin(INTERNAL_ERROR))?;
        }
        self.psk.replace(Some(Box::new(offered)));
        Ok(())
    }

    /// A client's program is asked again where a HelloRetryRequest has settled the suite. What was
    /// offered stays so, whatever it answers, if it is a key that goes with the suite.
    pub(super) fn ask_for_psk_again(&self, connection: &mut Connection) -> Moved<()> {
        let callbacks = self.with(|s| s.psk);
        if callbacks.use_session.is_none() && callbacks.client.is_none() {
            return Ok(());
        }
        let chosen = connection.server_choice();
        let suite = chosen.and_then(|choice| Cipher::from_iana(choice.suite));
        let Some(digest) = suite.map(Cipher::handshake_digest_nid) else {
            return Ok(());
        };
        let (alert, err) = match self.program_psk(Some(digest)) {
            Ok(Some(offered)) if offered.digest() != Some(digest) => {
                (INTERNAL_ERROR, Error::reason(Reason::BAD_PSK))
            }
            Ok(_) => return Ok(()),
            Err(refused) => refused,
        };
        Err(self.refuse_with(connection, alert, err))
    }

    /// The key that a client's program gives, for the hash of this NID; else the alert.
    fn program_psk(
        &self,
        digest: Option<c_int>,
    ) -> std::result::Result<Option<Offered>, (u8, Error)> {
        let callbacks = self.with(|s| s.psk);
        if let Some(callback) = callbacks.use_session {
            let given = callback.use_session::<Session>(self.ptr(), digest);
            match given {
                Ok(Some((session, identity))) if session.version() == i32::from(TLS1_3) => {
                    return Ok(Some(Offered { session, identity }));
                }
                Ok(None) => {}
                _ => return Err((INTERNAL_ERROR, Error::reason(Reason::BAD_PSK))),
            }
        }
        let Some(callback) = callbacks.client else {
            return Ok(None);
        };
        let failed = |err| (HANDSHAKE_FAILURE, err);
        match callback.client(self.ptr()) {
            Ok(Some((identity, key))) => {
                let session = plain_session(&key).map_err(failed)?;
                Ok(Some(Offered { session, identity }))
            }
            Ok(None) => Ok(None),
            Err(Failed) => Err(failed(Error::reason(Reason::INTERNAL_ERROR))),
        }
    }

    /// Whether the session set is what early data would come with.
    fn offers_early_session(&self) -> bool {
        let session = self.session();
        session.is_some_and(|session| session.max_early_data() > 0)
    }

    /// What the engine offers for the key: a session whose own key is nobody's.
    pub(super) fn psk_fields(&self) -> Option<Fields> {
        let offered = self.psk.borrow();
        let offered = offered.as_ref()?;
        Some(Fields {
            tls13: true,
            suite: offered.session.cipher().map_or(0, Cipher::iana),
            id: Vec::new(),
            master_key: SecretVec::from(vec![0; 32]),
            extended_master_secret: false,
            ticket: offered.identity.clone(),
            time: foreign::now().try_into().unwrap_or(0),
            lifetime: 0,
            age_add: 0,
            max_early_data: offered.session.max_early_data(),
            peer: Vec::new(),
        })
    }

    /// The key that is offered, if it is: else a ticket is.
    pub(super) fn offered_psk(&self) -> Option<SecretVec> {
        let offered = self.psk.borrow();
        offered.as_ref().map(|offered| key_of(&offered.session))
    }

    /// The session of the program's key, if it is offered.
    pub(super) fn offered_psk_session(&self) -> Option<Arc<Session>> {
        let offered = self.psk.borrow();
        offered.as_ref().map(|offered| offered.session.clone())
    }

    /// Whether a client's offer is the program's key.
    pub(super) fn offers_psk(&self) -> bool {
        self.psk.borrow().is_some()
    }

    /// A ticket is offered rather than the program's key.
    pub(super) fn forget_psk(&self) {
        self.psk.take();
    }

    /// The server took the key: the program's session is the connection's.
    pub(super) fn take_psk_session(&self) -> Option<Arc<Session>> {
        self.psk.take().map(|offered| offered.session)
    }

    /// A server asks its program for the key of a name that a client offers; what rustls resumes
    /// from, and the key.
    pub(super) fn find_psk(&self, identity: &[u8]) -> Result<Option<(Vec<u8>, SecretVec)>> {
        let callbacks = self.with(|s| s.psk);
        let mut found = None;
        if let Some(callback) = callbacks.find_session {
            found = callback
                .find_session::<Session>(self.ptr(), identity)
                .map_err(|Failed| Error::reason(Reason::BAD_EXTENSION))?;
        }
        if let (None, Some(callback)) = (&found, callbacks.server)
            && identity.len() <= MAX_IDENTITY
        {
            let key = callback
                .server(self.ptr(), identity)
                .map_err(|Failed| Error::reason(Reason::INTERNAL_ERROR))?;
            found = key.map(|key| plain_session(&key)).transpose()?;
        }
        let Some(found) = found else {
            return Ok(None);
        };
        let session = found.dup()?;
        session.set_id_context(self.with(|s| s.sid_context).as_slice())?;
        let Some(suite) = session.cipher() else {
            return Ok(None);
        };
        let now = foreign::now().try_into().unwrap_or(0);
        let value = psk_value(now, suite.iana(), &session.alpn_vec());
        let key = key_of(&session);
        self.resuming.replace(Some(session));
        Ok(Some((value, key)))
    }

    /// Whether a server has nothing but keys whose hash is SHA-256 by default, which come first then.
    pub(super) fn needs_psk(&self) -> bool {
        self.with(|s| s.psk.server.is_some() && s.certs.is_empty())
    }

    /// Whether a server may find a key, so that it needs no certificate.
    pub(super) fn may_find_psk(&self) -> bool {
        self.with(|s| s.psk.find_session.is_some() || s.psk.server.is_some())
    }
}
