//! Early data: SSL_write_early_data(3) and SSL_read_early_data(3).

use std::ffi::c_int;

use super::{Halt, Moved, Pulled, Side, Ssl, Stage, Stop, at_work};
use crate::engine::alert::{ILLEGAL_PARAMETER, INTERNAL_ERROR, UNEXPECTED_MESSAGE};
use crate::engine::connection::{Connection, Waits};
use crate::foreign::err::{self, Error, Reason, Result};
use crate::model::alpn;
use crate::model::session::Session;
use crate::model::state::HandshakeState as State;

mod accept;

/// Where a connection stands with early data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The program has not asked for any.
    Unused,
    /// SSL_write_early_data could not begin the handshake yet.
    Connecting,
    /// A client may write early data.
    Writing,
    /// This much was encrypted and waits for the BIO.
    Flushing(usize),
    /// A client's handshake went on.
    Written,
    /// SSL_read_early_data runs the handshake.
    Accepting,
    /// It could not go on and is to be called again.
    AcceptRetry,
    /// A server may read early data.
    Reading,
    /// There is no more.
    Read,
}

/// SSL_EARLY_DATA_*: what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// SSL_EARLY_DATA_NOT_SENT.
    NotSent = 0,
    /// SSL_EARLY_DATA_REJECTED, or not answered yet.
    Rejected = 1,
    /// SSL_EARLY_DATA_ACCEPTED.
    Accepted = 2,
}

/// What SSL_read_early_data(3) got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Early {
    /// SSL_READ_EARLY_DATA_SUCCESS: so many bytes.
    Data(usize),
    /// SSL_READ_EARLY_DATA_FINISH: there is no more.
    Finished,
}

/// The early data of one connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct EarlyData {
    pub(super) phase: Phase,
    pub(super) status: Status,
    /// Bytes written or read.
    count: u64,
    /// How many are too many.
    limit: u64,
    /// The ticket's age as the client tells it, if it offers early data.
    ticket_age: Option<u32>,
    /// Whether the session to be resumed may have some.
    allowed: bool,
    /// Whether a server's program went on with the handshake.
    going_on: bool,
    /// Whether the handshake is being driven.
    driven: bool,
    /// What of a server's went out before SSL_read_early_data came to it.
    passed: Sent,
}

/// How far a server's handshake is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sent {
    Nothing,
    RetryRequest,
    Flight,
}

impl Default for EarlyData {
    fn default() -> Self {
        Self {
            phase: Phase::Unused,
            status: Status::NotSent,
            count: 0,
            limit: 0,
            ticket_age: None,
            allowed: false,
            going_on: false,
            driven: false,
            passed: Sent::Nothing,
        }
    }
}

/// TLS_AES_128_CCM_8_SHA256, whose tags are half as long as others.
const AES_128_CCM_8: u16 = 0x1305;
/// What encryption adds to the early data that is skipped, as OpenSSL reckons it.
const SKIP_OVERHEAD: u64 = 104;

fn misplaced() -> Stop {
    Stop::Zero(Error::reason(Reason::SHOULD_NOT_HAVE_BEEN_CALLED))
}

impl Ssl {
    /// SSL_get_early_data_status(3).
    pub fn early_status(&self) -> Status {
        self.early.get().status
    }

    /// SSL_in_init(3): reading and writing early data is not part of the handshake.
    pub fn in_init(&self) -> bool {
        let standing = self.early.get();
        let early = match standing.phase {
            Phase::Writing | Phase::Flushing(_) => true,
            // In a callback the handshake is going on.
            Phase::Reading | Phase::Read => {
                let working = standing.driven || self.with_connection(|_| ()).is_none();
                let ended = self.state.get() == State::SrEndOfEarlyData;
                !standing.going_on && (self.is_paused() || !working && !ended)
            }
            _ => self.is_paused(),
        };
        match self.stage.get() {
            Stage::Established => self.posts_due() || self.is_posting(),
            Stage::Failed => true,
            _ => !early && !self.has_answered(),
        }
    }

    fn edit_early(&self, change: impl FnOnce(&mut EarlyData)) {
        let mut early = self.early.get();
        change(&mut early);
        self.early.set(early);
    }

    /// Notes whether the handshake is being driven.
    pub(super) fn drive_early(&self, driven: bool) {
        if self.early.get().phase != Phase::Unused {
            self.edit_early(|early| early.driven = driven);
        }
    }

    pub(super) fn set_early_phase(&self, phase: Phase) {
        self.edit_early(|early| early.phase = phase);
    }

    /// SSL_read and SSL_write while SSL_read_early_data and SSL_write_early_data are to be
    /// repeated; not SSL_peek.
    pub(super) fn check_early_order(&self, writing: bool) -> Moved<()> {
        match self.early.get().phase {
            Phase::Connecting | Phase::AcceptRetry => Err(misplaced()),
            Phase::Reading if writing => Err(misplaced()),
            _ => Ok(()),
        }
    }

    /// The program reads or writes after SSL_read_early_data: the handshake goes on.
    pub(super) fn end_early_reading(&self) {
        if self.early.get().phase == Phase::Read {
            self.edit_early(|early| early.going_on = true);
        }
    }

    /// The program goes on with the handshake: no early data is written any more.
    pub(super) fn end_early(&self) {
        self.end_early_writing();
        if matches!(self.early.get().phase, Phase::Reading | Phase::Read) {
            self.edit_early(|early| early.going_on = true);
        }
    }

    /// As [`Self::end_early`], of a client.
    pub(super) fn end_early_writing(&self) {
        if matches!(
            self.early.get().phase,
            Phase::Writing | Phase::Flushing(_) | Phase::Connecting
        ) {
            self.set_early_phase(Phase::Written);
        }
    }

    /// The end of the early data may have come while the handshake went on.
    pub(super) fn see_early_end(&self, connection: &Connection) {
        if self.early.get().phase == Phase::Reading
            && !connection.early_is_open()
            && connection.input.plaintext().is_empty()
        {
            self.set_early_phase(Phase::Read);
        }
    }

    /// SSL_write_early_data(3): a client's early data, or a server's answer to it.
    pub fn write_early(&self, buf: &[u8]) -> Moved<usize> {
        match self.early.get().phase {
            Phase::Reading | Phase::Read => return self.answer_early(buf),
            Phase::Unused if self.may_write_early() => {
                if self.side.get() == Side::Unset {
                    self.set_side(Side::Client);
                }
                self.set_early_phase(Phase::Connecting);
            }
            Phase::Connecting | Phase::Writing | Phase::Flushing(_) => {}
            _ => return Err(misplaced()),
        }
        err::clear();
        if self.stage.get() == Stage::Before {
            self.check_early_session()?;
            self.open()?;
            self.edit_early(|early| early.status = Status::Rejected);
            self.with_connection(|connection| self.tell_sent(connection));
            self.pauses();
            self.inform_exit(true);
        }
        if self.stage.get() == Stage::Established {
            // A read has ended the handshake meanwhile: what comes now is no longer early.
            return self.write_any(buf);
        }
        self.with_taken(|connection| {
            let len = match self.early.get().phase {
                Phase::Flushing(len) => len,
                _ => self.encrypt_early(connection, buf)?,
            };
            self.set_early_phase(Phase::Flushing(len));
            self.flush(connection, self.wbio().as_deref())?;
            self.set_early_phase(Phase::Writing);
            Ok(len)
        })
    }

    fn may_write_early(&self) -> bool {
        let allowed = self
            .session()
            .is_some_and(|session| session.max_early_data() > 0)
            || self.with(|s| s.psk.use_session.is_some());
        self.side.get() != Side::Server && self.stage.get() == Stage::Before && allowed
    }

    /// Early data is for the server name and a protocol of the session it comes with.
    fn check_early_session(&self) -> Result<()> {
        match self.session() {
            Some(session) => self.check_early_data_of(&session),
            None => Ok(()),
        }
    }

    /// As [`Self::check_early_session`], of the session of an external key, when it is known.
    pub(super) fn check_early_psk(&self, session: &Session) -> Result<()> {
        match self.early.get().phase {
            Phase::Connecting => self.check_early_data_of(session),
            _ => Ok(()),
        }
    }

    fn check_early_data_of(&self, session: &Session) -> Result<()> {
        let name = self.host_name.borrow().clone();
        if name.is_some_and(|name| session.contradicts_hostname(&name)) {
            return Err(Error::reason(Reason::INCONSISTENT_EARLY_DATA_SNI));
        }
        let agreed = session.alpn_vec();
        let offered = self.with(|s| alpn::names(&s.alpn).any(|name| name == agreed.as_slice()));
        if !agreed.is_empty() && !offered {
            return Err(Error::reason(Reason::INCONSISTENT_EARLY_DATA_ALPN));
        }
        self.edit_early(|early| early.limit = u64::from(session.max_early_data()));
        Ok(())
    }

    /// Takes all of `buf`: where the session turned out to be of no use, it counts as rejected.
    fn encrypt_early(&self, connection: &mut Connection, buf: &[u8]) -> Result<usize> {
        self.count_early(buf.len())
            .inspect_err(|_| connection.abort(INTERNAL_ERROR))?;
        if connection.can_send_early() && !buf.is_empty() {
            let taken = at_work(self, || connection.send_early(buf))
                .map_err(|err| self.engine_error(&err))?;
            if taken < buf.len() {
                return Err(Error::reason(Reason::TOO_MUCH_EARLY_DATA));
            }
        }
        Ok(buf.len())
    }

    fn count_early(&self, len: usize) -> Result<()> {
        let early = self.early.get();
        let count = early.count.saturating_add(len as u64);
        if count > early.limit {
            return Err(Error::reason(Reason::TOO_MUCH_EARLY_DATA));
        }
        self.edit_early(|early| early.count = count);
        Ok(())
    }

    /// Counts a protected record of `sealed` bytes that did not end the client's flight while
    /// its early data is skipped (SSL_set_recv_max_early_data(3)).
    pub(super) fn count_skipped(
        &self,
        connection: &mut Connection,
        sealed: Option<usize>,
    ) -> Result<()> {
        let skipping = self.side.get() == Side::Server
            && self.early.get().status == Status::Rejected
            && connection.waits() == Waits::Input;
        let (true, Some(len)) = (skipping, sealed) else {
            return Ok(());
        };
        let limit = match self.with(|s| u64::from(s.recv_max_early_data)) {
            0 => 0,
            limit => limit + SKIP_OVERHEAD,
        };
        self.edit_early(|early| early.limit = limit);
        // OpenSSL counts without what the suite adds, once it has one.
        let added = match connection.suite_in_use() {
            None => 0,
            Some(AES_128_CCM_8) => 8,
            Some(_) => 16,
        };
        self.count_received(connection, len.saturating_sub(added))
    }

    /// As [`Self::count_early`]; a client that sends too much is told so.
    fn count_received(&self, connection: &mut Connection, len: usize) -> Result<()> {
        self.count_early(len)
            .map_err(|err| self.refuse_protected(connection, UNEXPECTED_MESSAGE, err))
    }

    /// A server's data for a client that has not finished the handshake.
    fn answer_early(&self, buf: &[u8]) -> Moved<usize> {
        if self.stage.get() == Stage::Established {
            return self.write_any(buf);
        }
        self.with_taken(|connection| {
            if !connection.can_send_early() {
                return Err(misplaced());
            }
            // What a write before could not get rid of comes first.
            self.flush(connection, self.wbio().as_deref())?;
            if !buf.is_empty() {
                at_work(self, || connection.send_early(buf))
                    .map_err(|err| self.engine_error(&err))?;
            }
            match self.flush(connection, self.wbio().as_deref()) {
                // It is encrypted: the next call that writes sends the rest.
                Ok(()) | Err(Stop::Halt(Halt::Blocked)) => Ok(buf.len()),
                Err(stop) => Err(stop),
            }
        })
    }

    pub(super) fn with_taken<T>(&self, work: impl FnOnce(&mut Connection) -> Moved<T>) -> Moved<T> {
        let Some(mut connection) = self.connection.take() else {
            return Err(Error::reason(Reason::INTERNAL_ERROR).into());
        };
        let result = work(&mut connection);
        let order = matches!(&result, Err(Stop::Zero(_))) && self.stage.get() != Stage::Failed;
        if !order {
            self.settle(&mut connection, &result);
        }
        self.connection.set(Some(connection));
        result
    }

    /// SSL_read_early_data(3).
    pub fn read_early(&self, buf: &mut [u8]) -> Moved<Early> {
        match self.early.get().phase {
            _ if self.side.get() == Side::Client || !self.is_server() => return Err(misplaced()),
            Phase::Unused if self.stage.get() == Stage::Before => {
                if self.side.get() == Side::Unset {
                    self.set_side(Side::Server);
                }
                self.set_early_phase(Phase::Accepting);
            }
            Phase::AcceptRetry => self.set_early_phase(Phase::Accepting),
            Phase::Reading => {}
            _ => return Err(misplaced()),
        }
        if self.early.get().phase == Phase::Accepting {
            self.drive()
                .inspect_err(|_| self.set_early_phase(Phase::AcceptRetry))?;
            self.set_early_phase(match self.early_status() {
                Status::Accepted => Phase::Reading,
                _ => Phase::Read,
            });
        }
        if self.early.get().phase == Phase::Read {
            return Ok(Early::Finished);
        }
        if self.early.get().going_on {
            self.drive()?;
        }
        self.read_early_data(buf, Pulled::Taken, true)
    }

    fn read_early_data(&self, buf: &mut [u8], pulled: Pulled, counted: bool) -> Moved<Early> {
        let early =
            self.with_taken(|connection| self.read_early_on(connection, buf, pulled, counted))?;
        if early == Early::Finished {
            self.finish_early()?;
        }
        Ok(early)
    }

    /// Whether a read takes early data: SSL_read_early_data has left some.
    pub(super) fn reads_early(&self) -> bool {
        let early = self.early.get();
        early.phase == Phase::Reading && !early.going_on
    }

    /// A client ends the connection with a server that takes its early data though it chose another
    /// protocol than the session has (RFC 8446, section 4.2.10).
    pub(super) fn check_early_alpn(&self, connection: &mut Connection) -> Result<()> {
        if !self.is_client() || !connection.early_accepted() {
            return Ok(());
        }
        let offered = self.offered_psk_session().or_else(|| self.session());
        if offered
            .is_some_and(|session| session.alpn_vec() == connection.alpn().unwrap_or_default())
        {
            return Ok(());
        }
        let cause = Error::reason(Reason::BAD_EXTENSION);
        Err(self.refuse_protected(connection, ILLEGAL_PARAMETER, cause))
    }

    /// Early data that comes while the program goes on with the handshake ends it.
    pub(super) fn refuse_early(&self, connection: &mut Connection) -> Result<()> {
        if connection.input.plaintext().is_empty() {
            return Ok(());
        }
        connection.abort_protected(UNEXPECTED_MESSAGE);
        Err(Error::reason(Reason::UNEXPECTED_RECORD))
    }

    /// SSL_read and SSL_peek where SSL_read_early_data has not come to the end: what is left is
    /// read as if it were not early, and not counted; `None` at its end.
    pub(super) fn read_early_first(&self, buf: &mut [u8], pulled: Pulled) -> Moved<Option<usize>> {
        match self.read_early_data(buf, pulled, false)? {
            Early::Data(n) => Ok(Some(n)),
            Early::Finished => Ok(None),
        }
    }

    /// The handshake goes on as far as it can, as where the end of early data is met in a read.
    fn finish_early(&self) -> Moved<()> {
        match self.drive() {
            Err(Stop::Halt(_)) => Ok(()),
            done => done,
        }
    }

    fn read_early_on(
        &self,
        connection: &mut Connection,
        buf: &mut [u8],
        pulled: Pulled,
        counted: bool,
    ) -> Moved<Early> {
        let rbio = self
            .rbio()
            .ok_or_else(|| Error::reason(Reason::READ_BIO_NOT_SET))?;
        while connection.input.plaintext().is_empty() {
            if !connection.early_is_open() {
                self.set_early_phase(Phase::Read);
                return Ok(Early::Finished);
            }
            self.read_record(connection, &rbio)?;
            self.process(connection)?;
            let len = connection.input.plaintext().len();
            self.count_received(connection, if counted { len } else { 0 })?;
        }
        let plain = connection.input.plaintext();
        let n = plain.len().min(buf.len());
        buf[..n].copy_from_slice(&plain[..n]);
        if pulled == Pulled::Taken {
            connection.input.consume_plaintext(n);
        }
        Ok(Early::Data(n))
    }

    /// Whether the server's handshake is to stop for early data: its HelloRetryRequest or its own
    /// flight is out, and no other call has sent it.
    pub(super) fn stops_for_early_data(&self, connection: &Connection) -> bool {
        let phase = self.early.get().phase;
        if !matches!(phase, Phase::Accepting | Phase::AcceptRetry) {
            return false;
        }
        let answered = self.offered_tls13.get()
            && (self.server_step.get() == super::server::Step::Decided
                || self.retried.borrow().is_some());
        let sent = match answered {
            true if connection.server_random().is_some() => Sent::Flight,
            true => Sent::RetryRequest,
            false => Sent::Nothing,
        };
        if phase == Phase::AcceptRetry {
            self.edit_early(|early| early.passed = sent);
        }
        sent > self.early.get().passed
    }

    /// The client learns with the server's flight whether its early data was accepted.
    pub(super) fn learn_early_status(&self, connection: &Connection) {
        if self.side.get() == Side::Client && connection.early_accepted() {
            self.edit_early(|early| early.status = Status::Accepted);
        }
    }

    /// SSL_export_keying_material_early(3): only with TLS 1.3 and early data.
    pub fn export_early(&self, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<()> {
        if self.early_status() == Status::NotSent || !super::export::is_free(label, true) {
            return Err(Error::Queued);
        }
        self.with_connection(|c| c.export_early(label, context, out))
            .unwrap_or(Err(rustls::Error::HandshakeNotComplete))
            .map_err(|_| Error::Queued)
    }
}

impl From<Status> for c_int {
    fn from(status: Status) -> Self {
        status as Self
    }
}
