//! What a client offers to resume, looked up before the handshake goes on: callbacks of the
//! program decide, may end the connection, and say whether a new ticket is due.

use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::custom::EXTENDED_MASTER_SECRET;
use super::{Moved, Ssl, with_current};
use crate::engine::alert::{HANDSHAKE_FAILURE, ILLEGAL_PARAMETER, INTERNAL_ERROR};
use crate::engine::connection::Connection;
use crate::engine::hello::RawClientHello;
use crate::engine::session::{
    Renewal, Sealer, Stored, TicketBinding, is_dns_name, master_secret, refuse_early_data, renamed,
    set_suite, stored_extended,
};
use crate::foreign;
use crate::foreign::callback::{SessionPtr, TicketReturn, TicketStatus};
use crate::foreign::err::{Error, Reason, Result};
use crate::model::session::{MAX_ID, Peer, Session};
use crate::model::settings::{op, verify};

/// TLS_AES_256_GCM_SHA384, the one suite of TLS 1.3 whose hash is another.
pub(super) const SHA384: u16 = 0x1302;

/// Whether a suite is one of TLS 1.3 (RFC 8446, appendix B.4).
pub(super) fn is_tls13(suite: u16) -> bool {
    (0x1301..=0x1305).contains(&suite)
}

/// Whether two suites of TLS 1.3 have the same hash.
fn has_hash_of(suite: u16, other: u16) -> bool {
    (suite == SHA384) == (other == SHA384)
}

/// The server name a client sends, if it is one that sessions are kept by.
fn sent_name(hello: &RawClientHello) -> Option<&[u8]> {
    let name = hello.server_name()?;
    is_dns_name(name).then_some(name)
}

/// The session_ticket extension (RFC 5077, section 3.2).
pub(super) const SESSION_TICKET: u16 = 35;
/// SSL_TICKET_*'s key name: the first bytes of a ticket.
const KEY_NAME: usize = 16;

/// What came of the client's offer.
#[derive(Default)]
pub(super) struct Offer {
    /// The id or ticket that is accepted, with what rustls resumes from.
    pub(super) accepted: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether it is a ticket that is accepted.
    pub(super) by_ticket: bool,
    /// Whether the client is to get a ticket.
    pub(super) ticket_due: bool,
    /// Whether the engine will resume what is accepted.
    pub(super) foreseen: bool,
}

/// What is sealed with a ticket besides rustls's own.
struct Bound<'a> {
    /// When the session was made and how long it is good for, in seconds.
    time: i64,
    timeout: i64,
    verify_result: i64,
    max_early_data: u32,
    kx_group: u16,
    name_accepted: bool,
    id_context: &'a [u8],
    appdata: &'a [u8],
}

impl<'a> Bound<'a> {
    fn to_vec(&self) -> Vec<u8> {
        let mut bytes = self.time.to_be_bytes().to_vec();
        bytes.extend(self.timeout.to_be_bytes());
        bytes.extend(self.verify_result.to_be_bytes());
        bytes.extend(self.max_early_data.to_be_bytes());
        bytes.extend(self.kx_group.to_be_bytes());
        bytes.push(self.name_accepted.into());
        bytes.push(self.id_context.len() as u8);
        bytes.extend_from_slice(self.id_context);
        bytes.extend_from_slice(self.appdata);
        bytes
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (time, rest) = bytes.split_first_chunk::<8>()?;
        let (timeout, rest) = rest.split_first_chunk::<8>()?;
        let (result, rest) = rest.split_first_chunk::<8>()?;
        let (early, rest) = rest.split_first_chunk::<4>()?;
        let (group, rest) = rest.split_first_chunk::<2>()?;
        let (&accepted, rest) = rest.split_first()?;
        let (&len, rest) = rest.split_first()?;
        let (id_context, appdata) = rest.split_at_checked(usize::from(len))?;
        Some(Self {
            time: i64::from_be_bytes(*time),
            timeout: i64::from_be_bytes(*timeout),
            verify_result: i64::from_be_bytes(*result),
            max_early_data: u32::from_be_bytes(*early),
            kx_group: u16::from_be_bytes(*group),
            name_accepted: accepted != 0,
            id_context,
            appdata,
        })
    }
}

/// A ticket that opened, and whether its key is to be replaced.
struct Opened {
    session: Arc<Session>,
    value: Vec<u8>,
    renew: bool,
}

impl Ssl {
    /// Whether the client offers anything to resume.
    pub(super) fn offers_session(&self, connection: &Connection) -> bool {
        connection.client_hello().is_some_and(|hello| {
            let mut tickets = hello.psk_identities();
            match self.offered_tls13.get() {
                true => tickets.next().is_some(),
                false => {
                    let ticket = hello.extension(SESSION_TICKET);
                    !hello.session_id().is_empty() || ticket.is_some_and(|t| !t.is_empty())
                }
            }
        })
    }

    /// Looks up what the client offers, before its server name is.
    pub(super) fn judge_offer(
        &self,
        connection: &mut Connection,
        sealer: Option<&Sealer>,
    ) -> Moved<Offer> {
        self.resuming.take();
        match self.look_up(connection, sealer) {
            Ok(mut offer) => {
                self.forget_name(connection, &mut offer);
                let tls13 = self.offered_tls13.get();
                let fits = tls13 || self.fits_hello(connection, &offer)?;
                offer.foreseen = fits && self.fit_suite(connection, &mut offer);
                if !tls13 && offer.accepted.is_some() && !offer.foreseen {
                    // Of no use here: the client gets another.
                    self.resuming.take();
                    return Ok(Offer {
                        ticket_due: true,
                        ..Offer::default()
                    });
                }
                Ok(offer)
            }
            Err(Error::Queued) => {
                connection.abort(INTERNAL_ERROR);
                Err(Error::Queued.into())
            }
            Err(err) => Err(self.refuse_with(connection, INTERNAL_ERROR, err)),
        }
    }

    /// Whether a TLS 1.2 session that is good goes with the rest of the ClientHello. It is resumed
    /// with the suite it had, and an extended master secret may neither come nor go (RFC 7627,
    /// section 5.3).
    fn fits_hello(&self, connection: &mut Connection, offer: &Offer) -> Moved<bool> {
        let (Some((_, value)), Some(hello)) = (&offer.accepted, connection.client_hello()) else {
            return Ok(false);
        };
        let (suite, extended) = (Stored::read(value).suite, stored_extended(value));
        let offered = self.with(|s| s.options & op::NO_EXTENDED_MASTER_SECRET == 0)
            && hello.extension(EXTENDED_MASTER_SECRET).is_some();
        if extended && !offered {
            let reason = Reason::INCONSISTENT_EXTMS;
            return Err(self.refuse(connection, HANDSHAKE_FAILURE, reason));
        }
        let fits = extended == offered && self.has_suite(suite);
        if fits && !hello.suites().any(|code| code == suite) {
            let reason = Reason::REQUIRED_CIPHER_MISSING;
            return Err(self.refuse(connection, ILLEGAL_PARAMETER, reason));
        }
        Ok(fits)
    }

    /// Whether the engine will resume what was accepted. With TLS 1.3 that may be with another suite,
    /// which to rustls is the session's then; early data is the old one's (RFC 8446, section 4.2.10).
    fn fit_suite(&self, connection: &Connection, offer: &mut Offer) -> bool {
        let Some((_, value)) = &mut offer.accepted else {
            return false;
        };
        let suite = Stored::read(value).suite;
        let Some(chosen) = self.suite_of_resumption(connection, suite) else {
            return false;
        };
        if !self.foresees_resumption(connection, value) {
            return false;
        }
        if chosen != suite {
            set_suite(value, chosen);
            refuse_early_data(value);
        }
        true
    }

    /// As in OpenSSL a session is resumed whatever server the client names this time, but one with
    /// a client's certificate, which was judged as that server's.
    fn forget_name(&self, connection: &Connection, offer: &mut Offer) {
        let authenticated = self
            .resuming
            .borrow()
            .as_ref()
            .is_none_or(|session| session.peer().is_some());
        if let (Some((_, value)), false) = (&mut offer.accepted, authenticated) {
            let name = connection.client_hello().and_then(|h| h.server_name());
            if let Some(renamed) = renamed(value, name) {
                *value = renamed;
            }
        }
    }

    fn look_up(&self, connection: &Connection, sealer: Option<&Sealer>) -> Result<Offer> {
        let Some(hello) = connection.client_hello() else {
            return Ok(Offer::default());
        };
        let tls13 = self.offered_tls13.get();
        let ticket = match tls13 {
            true => None,
            false => hello.extension(SESSION_TICKET),
        };
        match sealer {
            Some(sealer) if tls13 => {
                let mut due = true;
                for ticket in hello.psk_identities() {
                    if let Some(offer) = self.accept_psk(connection, ticket)? {
                        return Ok(offer);
                    }
                    let (accepted, wanted) = self.judge_ticket(sealer, ticket)?;
                    due = wanted;
                    if accepted.is_some() {
                        return Ok(Offer {
                            accepted,
                            by_ticket: true,
                            ticket_due: due,
                            ..Offer::default()
                        });
                    }
                }
                Ok(Offer {
                    ticket_due: due,
                    ..Offer::default()
                })
            }
            Some(sealer) if ticket.is_some() => {
                let ticket = ticket.unwrap_or_default();
                let (mut accepted, ticket_due) = self.judge_ticket(sealer, ticket)?;
                if ticket.is_empty() && !hello.session_id().is_empty() {
                    accepted = self.accept_id(hello.session_id())?;
                } else if let Some(session) = self.resuming.borrow().as_ref() {
                    // The server answers with it.
                    session.set_id(hello.session_id())?;
                }
                Ok(Offer {
                    accepted,
                    by_ticket: !ticket.is_empty(),
                    ticket_due,
                    ..Offer::default()
                })
            }
            _ => {
                let mut accepted = None;
                if tls13 {
                    for id in hello.psk_identities() {
                        if let Some(offer) = self.accept_psk(connection, id)? {
                            return Ok(offer);
                        }
                        if id.len() != MAX_ID {
                            continue;
                        }
                        accepted = self.accept_id(id)?;
                        if accepted.is_some() {
                            break;
                        }
                    }
                } else if !hello.session_id().is_empty() {
                    accepted = self.accept_id(hello.session_id())?;
                }
                Ok(Offer {
                    accepted,
                    ticket_due: true,
                    ..Offer::default()
                })
            }
        }
    }

    /// What the program knows the name of a key of.
    fn accept_psk(&self, connection: &Connection, identity: &[u8]) -> Result<Option<Offer>> {
        let Some((value, key)) = self.find_psk(identity)? else {
            return Ok(None);
        };
        connection.use_external_psk(key);
        Ok(Some(Offer {
            accepted: Some((identity.to_vec(), value)),
            by_ticket: true,
            ticket_due: true,
            ..Offer::default()
        }))
    }

    fn accept_id(&self, id: &[u8]) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
        let value = self.load_session(id)?;
        Ok(value.map(|value| (id.to_vec(), value)))
    }

    /// Whether the engine will resume what was accepted of the offer with this suite: if that is not
    /// sure, the program is asked as for a full handshake.
    fn foresees_resumption(&self, connection: &Connection, value: &[u8]) -> bool {
        let Some(hello) = connection.client_hello() else {
            return false;
        };
        let same_secret = match self.offered_tls13.get() {
            true => hello.resumes_with_exchange(),
            false => stored_extended(value) == hello.extension(EXTENDED_MASTER_SECRET).is_some(),
        };
        same_secret && Stored::read(value).name == sent_name(hello)
    }

    /// The suite that a session made with `suite` is resumed with. With TLS 1.3 the one that comes
    /// first decides, whose hash has to be the session's.
    fn suite_of_resumption(&self, connection: &Connection, suite: u16) -> Option<u16> {
        let mut shared = self.shared_suites(connection).into_iter();
        if !self.offered_tls13.get() {
            return shared.find(|&code| code == suite);
        }
        let retried = self.retried.borrow().as_ref().map(|retried| retried.suite);
        let chosen = retried.or_else(|| shared.find(|&code| is_tls13(code)))?;
        has_hash_of(chosen, suite).then_some(chosen)
    }

    /// Whether sessions may be resumed at all, with no context to tell them apart.
    pub(super) fn check_id_context(&self) -> Result<()> {
        let open =
            self.with(|s| s.verify_mode & verify::PEER != 0 && s.sid_context.as_slice().is_empty());
        match open {
            true => Err(Error::reason(Reason::SESSION_ID_CONTEXT_UNINITIALIZED)),
            false => Ok(()),
        }
    }

    /// Opens a ticket and asks the program; what is accepted, and whether a new one is due.
    #[expect(clippy::type_complexity, reason = "the id and value of Offer")]
    fn judge_ticket(
        &self,
        sealer: &Sealer,
        ticket: &[u8],
    ) -> Result<(Option<(Vec<u8>, Vec<u8>)>, bool)> {
        let opened = match ticket.is_empty() {
            true => None,
            false => self
                .open_ticket(sealer, ticket)
                .map_err(|_| Error::reason(Reason::INTERNAL_ERROR))?,
        };
        let status = match &opened {
            _ if ticket.is_empty() => TicketStatus::Empty,
            None => TicketStatus::NoDecrypt,
            Some(opened) if opened.renew => TicketStatus::SuccessRenew,
            Some(_) => TicketStatus::Success,
        };
        let verdict = self.ask_about_ticket(ticket, opened.as_ref(), status)?;
        let due = !matches!(verdict, TicketReturn::Ignore | TicketReturn::Use);
        let (TicketReturn::Use | TicketReturn::UseRenew, Some(opened)) = (verdict, opened) else {
            return Ok((None, due));
        };
        if !self.may_resume(&opened.session)? {
            return Ok((None, true));
        }
        self.resuming.replace(Some(opened.session));
        Ok((Some((ticket.to_vec(), opened.value)), due))
    }

    /// The decrypt callback's verdict, or what happens without one.
    fn ask_about_ticket(
        &self,
        ticket: &[u8],
        opened: Option<&Opened>,
        status: TicketStatus,
    ) -> Result<TicketReturn> {
        let Some(callback) = self.session_ctx.with_hooks(|h| h.decrypt_ticket) else {
            return Ok(match status {
                TicketStatus::Success => TicketReturn::Use,
                TicketStatus::SuccessRenew => TicketReturn::UseRenew,
                TicketStatus::Empty | TicketStatus::NoDecrypt => TicketReturn::IgnoreRenew,
            });
        };
        let session = opened.map_or(std::ptr::null_mut(), |opened| opened.session.ptr());
        let name = &ticket[..ticket.len().min(KEY_NAME)];
        let verdict = callback.decrypt_ticket(self.ptr(), SessionPtr(session), name, status);
        match (verdict, opened) {
            (Some(TicketReturn::Use | TicketReturn::UseRenew), None) | (None, _) => {
                Err(Error::reason(Reason::INTERNAL_ERROR))
            }
            // What did not open is replaced by a new one unless it is to be ignored.
            (Some(verdict), _) => Ok(verdict),
        }
    }

    fn open_ticket(&self, sealer: &Sealer, ticket: &[u8]) -> Result<Option<Opened>> {
        let Some((whole, renewal)) = sealer.open(self.ptr(), ticket)? else {
            return Ok(None);
        };
        let parts = whole
            .split_first_chunk::<2>()
            .and_then(|(len, rest)| rest.split_at_checked(usize::from(u16::from_be_bytes(*len))));
        let Some((bound, value)) = parts.and_then(|(b, v)| Some((Bound::read(b)?, v))) else {
            return Ok(None);
        };
        Ok(Some(Opened {
            session: self.session_of_ticket(&bound, value)?,
            value: value.to_vec(),
            renew: match renewal {
                Renewal::AsUsual => self.offered_tls13.get(),
                Renewal::Wanted => true,
                Renewal::Unwanted => false,
            },
        }))
    }

    fn session_of_ticket(&self, bound: &Bound<'_>, value: &[u8]) -> Result<Arc<Session>> {
        let session = self.described()?;
        session.set_verify_result(bound.verify_result);
        session.set_id_context(bound.id_context)?;
        session.set_time(bound.time);
        session.set_timeout(bound.timeout);
        session.set_master_key(master_secret(value).as_ref())?;
        session.set_max_early_data(bound.max_early_data);
        session.set_kx_group(bound.kx_group.into());
        let stored = Stored::read(value);
        session.set_alpn(stored.alpn);
        let name = stored.name.filter(|_| bound.name_accepted);
        session.set_hostname(name.and_then(|name| CString::new(name).ok()).as_deref());
        let mut chain = stored.peer.into_iter();
        session.set_peer(
            chain.next().map(|leaf| Peer::from_der(&leaf)),
            Some(chain.map(Vec::into_boxed_slice).collect()),
        );
        session.set_ticket_appdata(bound.appdata);
        Ok(session)
    }

    /// Whether `session` was made for this connection's context and is still good.
    fn may_resume(&self, session: &Session) -> Result<bool> {
        if session.id_context_vec() != self.with(|s| s.sid_context).as_slice() {
            return Ok(false);
        }
        self.check_id_context()?;
        let expired = session.is_expired(foreign::now());
        if expired {
            let stats = &self.session_ctx.cache.stats;
            stats.timeouts.fetch_add(1, Relaxed);
        }
        Ok(!expired)
    }

    /// Lets the program put data into the session that goes out, which it finds by
    /// SSL_get_session(3).
    pub(super) fn generate_ticket(&self, session: &Arc<Session>) -> Result<()> {
        let Some(callback) = self.session_ctx.with_hooks(|h| h.generate_ticket) else {
            return Ok(());
        };
        if self.session_address() != Arc::as_ptr(session) {
            self.use_session(session.clone());
        }
        match callback.cert(self.ptr()) {
            0 => Err(Error::reason(Reason::INTERNAL_ERROR)),
            _ => Ok(()),
        }
    }

    /// What failed inside the engine, where nothing can fail.
    pub(super) fn ticket_failure(&self, connection: &mut Connection) -> Result<()> {
        let Some(err) = self.ticket_error.take() else {
            return Ok(());
        };
        connection.discard_output();
        connection.abort(INTERNAL_ERROR);
        Err(err)
    }
}

/// Binds tickets to the session-id context, and carries the verification's result and the
/// program's data.
#[derive(Debug)]
pub(super) struct Binding;

impl TicketBinding for Binding {
    fn seal(&self, value: &[u8]) -> Option<Vec<u8>> {
        with_current(|ssl| {
            let ssl = ssl?;
            let bound = ssl.bind_ticket(value);
            bound
                .map_err(|err| ssl.ticket_error.replace(Some(err)))
                .ok()
        })
    }

    fn lifetime(&self) -> u32 {
        with_current(|ssl| ssl.map_or(0, |ssl| ssl.ticket_lifetime.get()))
    }

    fn failed(&self, err: Error) {
        with_current(|ssl| {
            if let Some(ssl) = ssl {
                ssl.ticket_error.replace(Some(err));
            }
        });
    }
}

impl Ssl {
    /// The lifetime that a ticket of `session` tells; TLS 1.3 limits it to a week (RFC 8446,
    /// section 4.6.1).
    pub(super) fn lifetime_of(&self, session: &Session) -> u32 {
        const WEEK: i64 = 7 * 24 * 60 * 60;
        let timeout = session.timeout();
        // OpenSSL sends what fits into the field.
        match self.offered_tls13.get() {
            true => timeout.min(WEEK) as u32,
            false => timeout as u32,
        }
    }

    fn bind_ticket(&self, value: &[u8]) -> Result<Vec<u8>> {
        let session = self.ticketed_session()?;
        let tls13 = self.offered_tls13.get();
        if tls13 {
            session.set_id(&self.new_id()?)?;
        }
        self.generate_ticket(&session)?;
        let resumed12 = !tls13 && self.resuming.borrow().is_some();
        self.ticket_lifetime.set(match resumed12 {
            true => 0,
            false => self.lifetime_of(&session),
        });
        let bound = Bound {
            time: session.time(),
            timeout: session.timeout(),
            verify_result: session.verify_result(),
            max_early_data: self.with(|s| s.max_early_data),
            kx_group: session.kx_group().try_into().unwrap_or(0),
            name_accepted: self.name_accepted.get() && self.host_name.borrow().is_some(),
            id_context: self.with(|s| s.sid_context).as_slice(),
            appdata: &session.ticket_appdata_vec(),
        }
        .to_vec();
        self.note_ticket(value, tls13.then_some(session));
        Ok(bound)
    }
}
