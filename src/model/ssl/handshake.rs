//! SSL_do_handshake(3): driving the engine from one decision to the next.

use std::ffi::c_int;
use std::sync::atomic::Ordering;

use super::{Halt, Moved, Side, Ssl, Stage, Stop, Want, at_work, shutdown};
use crate::engine::alert::{FATAL, HANDSHAKE_FAILURE, PROTOCOL_VERSION, WARNING};
use crate::engine::connection::{Connection, Waits};
use crate::engine::error::{self, PeersAlert};
use crate::engine::header::HANDSHAKE;
use crate::engine::server_hello::Renegotiation;
use crate::foreign::bio::{Bio, Io};
use crate::foreign::err::{self, Error, Reason, Result};
use crate::model::settings::op;

/// SSL_CB_* and SSL_ST_* of the info callback.
pub(super) mod info {
    use std::ffi::c_int;

    pub const LOOP: c_int = 0x01;
    pub const EXIT: c_int = 0x02;
    pub const READ: c_int = 0x04;
    pub const WRITE: c_int = 0x08;
    pub const HANDSHAKE_START: c_int = 0x10;
    pub const HANDSHAKE_DONE: c_int = 0x20;
    pub const CONNECT: c_int = 0x1000;
    pub const ACCEPT: c_int = 0x2000;
    pub const ALERT: c_int = 0x4000;
}

impl Ssl {
    /// Goes on with the handshake until it is done or has to stop.
    pub fn do_handshake(&self) -> Moved<()> {
        self.end_early();
        self.go_on();
        self.drive()
    }

    /// As [`Self::do_handshake`]; the program may write early data afterwards.
    pub(super) fn drive(&self) -> Moved<()> {
        self.drive_early(true);
        let result = self.drive_on();
        self.drive_early(false);
        result
    }

    fn drive_on(&self) -> Moved<()> {
        match self.stage.get() {
            Stage::Established => return self.finish_established(),
            Stage::Failed => return Err(Stop::Error(Error::Queued)),
            Stage::Before => {
                err::clear();
                self.open()?;
            }
            Stage::Handshaking => {
                err::clear();
                self.resumes();
            }
        }
        let (rbio, wbio) = (self.rbio(), self.wbio());
        self.want.set(Want::Nothing);
        let Some(mut connection) = self.connection.take() else {
            // The engine is at work further up the stack, or was lost in a panic.
            return Err(Error::reason(Reason::INTERNAL_ERROR).into());
        };
        let result = self
            .advance(&mut connection, rbio.as_deref(), wbio.as_deref())
            .map_err(unfinished);
        if let Err(Stop::Error(_) | Stop::Zero(_)) = &result {
            self.forget_heard();
            self.fail();
            self.flush_last(&mut connection, wbio.as_deref());
            if self.broken_record.take() {
                self.want.set(Want::Reading);
            }
        }
        self.tell_all_heard();
        connection.release_buffers();
        self.see_early_end(&connection);
        let done = connection.waits() == Waits::Nothing;
        self.connection.set(Some(connection));
        let result = match result {
            // With the connection in its place: a program may write in the callback that tells it.
            Ok(()) if done => self.established(),
            other => other,
        };
        self.inform_exit(result.is_ok());
        result
    }

    /// The handshake's first call: the peer's part is still to come.
    pub(super) fn open(&self) -> Result<()> {
        self.follow_ctx();
        self.check_side()?;
        self.inform(info::HANDSHAKE_START, 1);
        self.begin().inspect_err(|_| self.inform_exit(false))
    }

    pub(super) fn inform_exit(&self, ok: bool) {
        self.inform(self.inform_side() | info::EXIT, if ok { 1 } else { -1 });
    }

    pub(super) fn inform_side(&self) -> c_int {
        match self.side.get() {
            Side::Server => info::ACCEPT,
            _ => info::CONNECT,
        }
    }

    fn check_side(&self) -> Result<()> {
        let side = self.side.get();
        if side == Side::Unset {
            return Err(Error::reason(Reason::CONNECTION_TYPE_NOT_SET));
        }
        if self.with(|s| s.method.side != Side::Unset && s.method.side != side) {
            return Err(Error::reason(Reason::SHOULD_NOT_HAVE_BEEN_CALLED));
        }
        Ok(())
    }

    fn begin(&self) -> Result<()> {
        // The version of the first record, in OpenSSL's view, whatever is then negotiated.
        let first = self.with(|s| s.method.newest());
        if !self.policy().version(c_int::from(first)) {
            self.fail();
            return Err(Error::reason(Reason::INTERNAL_ERROR));
        }
        if let Err(err) = self.permitted_versions() {
            self.refuse_to_begin(PROTOCOL_VERSION);
            return Err(err);
        }
        self.forget_handshake();
        self.scts.take();
        self.ask_for_version();
        self.begin_steps();
        let connection = match self.side.get() {
            Side::Client => self.start_client()?,
            _ => self.start_server(),
        };
        self.stage.set(Stage::Handshaking);
        self.watch(&connection);
        self.connection.set(Some(Box::new(connection)));
        self.shutdown.set(0);
        self.ended_by_warning.set(false);
        let stats = &self.session_ctx.cache.stats;
        match self.side.get() {
            Side::Server => stats.accept.fetch_add(1, Ordering::Relaxed),
            _ => stats.connect.fetch_add(1, Ordering::Relaxed),
        };
        Ok(())
    }

    /// The handshake fails before a message is sent, and the peer is told. The info callback hears
    /// of the alert only if it went out: Net::SSLeay's tests probe over no descriptor which versions
    /// there are, and know one that is not by two calls, a start and an exit.
    pub(super) fn refuse_to_begin(&self, alert: u8) {
        let mut connection = Connection::server();
        connection.abort(alert);
        self.watch(&connection);
        self.fail();
        if self.flush_last(&mut connection, self.wbio().as_deref()) {
            self.inform(info::ALERT | info::WRITE, 2 << 8 | c_int::from(alert));
        }
    }

    fn advance(
        &self,
        connection: &mut Connection,
        rbio: Option<&Bio>,
        wbio: Option<&Bio>,
    ) -> Moved<()> {
        loop {
            if self.learn(connection) {
                self.ask_staple_again(connection)?;
            }
            if !connection.may_hold_output() {
                self.flush(connection, wbio)?;
            }
            if connection.waits() == Waits::Input {
                if self.stops_for_early_data(connection) {
                    self.pauses();
                    return Ok(());
                }
                if self.has_answered() {
                    self.tell_answered();
                    return Ok(());
                }
            }
            match connection.waits() {
                Waits::Nothing => return Ok(()),
                Waits::Config => {
                    self.choose_config(connection)?;
                    self.process_rest(connection)?;
                }
                Waits::Verdict => {
                    self.begin_session_once();
                    self.judge_peer(connection)?;
                    self.tell_all_heard();
                    self.process_rest(connection)?;
                }
                Waits::Input => {
                    let Some(rbio) = rbio else {
                        return Err(Error::reason(Reason::READ_BIO_NOT_SET).into());
                    };
                    self.refuse_early(connection)?;
                    let owes = self.owes_certificate(connection);
                    if !connection.feed() && (!owes || !connection.input.has_record()) {
                        self.awaits_peer();
                        self.read_record(connection, rbio)?;
                        self.pass_over_spec(connection)?;
                    }
                    if owes {
                        self.answer_request(connection)?;
                    }
                    if connection.is_asked_again() {
                        self.ask_program_again(connection)?;
                    }
                    self.process(connection)?;
                    self.read_answers(connection)?;
                    self.read_ticket_answer(connection)?;
                    self.refuse_early(connection)?;
                    self.check_early_alpn(connection)?;
                }
                Waits::Failed => return Err(Error::reason(Reason::INTERNAL_ERROR).into()),
            }
        }
    }

    /// After a decision: messages that came in one record with the one decided on.
    fn process_rest(&self, connection: &mut Connection) -> Moved<()> {
        let waits = connection.waits() == Waits::Input && connection.input.has_record();
        if !waits || self.owes_certificate(connection) {
            return Ok(());
        }
        self.process(connection)?;
        self.read_answers(connection)
    }

    /// Processes a handshake record; the engine's error becomes OpenSSL's.
    pub(super) fn process(&self, connection: &mut Connection) -> Result<()> {
        if connection.input.newest().first() == Some(&HANDSHAKE) {
            self.end_early_reading();
        }
        self.judge_choice(connection)?;
        let sealed = connection.input.sealed_len();
        let processed = at_work(self, || connection.process());
        self.note_facts(connection);
        self.hear_contents(connection, !connection.input.plaintext().is_empty());
        if processed.is_err() {
            self.tell_all_heard();
        }
        if let Some(alert) = self.stopped_by_extension() {
            let cause = Error::reason(Reason::CALLBACK_FAILED);
            return Err(self.refuse_protected(connection, alert, cause));
        }
        processed.map_err(|err| self.failure(&err, connection.alert_in_clear()))?;
        self.ticket_failure(connection)?;
        self.see_certificate_types(connection);
        self.check_renegotiation(connection)?;
        self.count_skipped(connection, sealed)
    }

    /// A server that does not bind renegotiations to the connection (RFC 5746) is gone on with only
    /// if the program wants it.
    fn check_renegotiation(&self, connection: &mut Connection) -> Result<()> {
        const ALLOWED: u64 = op::LEGACY_SERVER_CONNECT | op::ALLOW_UNSAFE_LEGACY_RENEGOTIATION;
        let legacy = self.side.get() == Side::Client
            && connection.renegotiation() == Some(Renegotiation::Legacy);
        if !legacy || self.with(|s| s.options) & ALLOWED != 0 {
            return Ok(());
        }
        connection.abort(HANDSHAKE_FAILURE);
        self.inform(
            info::ALERT | info::WRITE,
            2 << 8 | c_int::from(HANDSHAKE_FAILURE),
        );
        Err(Error::reason(Reason::UNSAFE_LEGACY_RENEGOTIATION_DISABLED))
    }

    /// The engine's error as OpenSSL reports it; alerts are told to the info callback.
    pub(super) fn engine_error(&self, err: &rustls::Error) -> Error {
        self.failure(err, None)
    }

    /// A fatal alert goes out with what is written last, and the program is told then; after a
    /// close_notify none does.
    pub(super) fn sends_alert(&self, alert: u8) {
        if self.shutdown.get() & shutdown::SENT == 0 {
            self.sent_alert.set(Some(alert));
        }
    }

    fn note_alert(&self, alert: PeersAlert) {
        self.add_shutdown(shutdown::RECEIVED);
        self.ended_by_warning.set(alert.level == WARNING);
        // Of others the program was told when they were heard.
        if alert.level == FATAL {
            let value = c_int::from(FATAL) << 8 | c_int::from(alert.code);
            self.inform(info::ALERT | info::READ, value);
        }
    }

    /// The peer's alert ends the handshake.
    pub(super) fn alerted(&self, alert: PeersAlert) -> Error {
        self.broken_record.set(true);
        self.note_alert(alert);
        let cause = self.refusal.take();
        cause.unwrap_or_else(|| error::alert_received(alert.code))
    }

    /// As [`Self::engine_error`]; `sent` is the alert if it is known.
    pub(super) fn failure(&self, err: &rustls::Error, sent: Option<u8>) -> Error {
        self.broken_record.set(error::is_of_record(err));
        if error::is_of_binder(err) {
            // It was foreseen; OpenSSL looks at the binder before it says so.
            self.hit.set(false);
        }
        let sent = sent.or_else(|| error::alert(err));
        if let Some(alert) = error::peers_alert(err) {
            self.note_alert(alert);
        } else if let Some(alert) = sent {
            self.sends_alert(alert);
        }
        let cause = self.refusal.take();
        cause.unwrap_or_else(|| error::ssl_error(err, self.side.get() == Side::Server))
    }

    /// Writes what waits and has the BIO pass it on (BIO_flush(3)), as after a flight.
    pub(super) fn flush(&self, connection: &mut Connection, wbio: Option<&Bio>) -> Moved<()> {
        if connection.pending_output().is_empty() && !self.unflushed.get() {
            return Ok(());
        }
        self.unflushed.set(true);
        self.send(connection, wbio)?;
        match wbio.map(Bio::flush) {
            Some(Io::Done(_)) => {
                self.unflushed.set(false);
                Ok(())
            }
            _ => self.blocked_writing(),
        }
    }

    /// Writes what waits: a BIO that collects may keep it.
    pub(super) fn send(&self, connection: &mut Connection, wbio: Option<&Bio>) -> Moved<()> {
        if connection.pending_output().is_empty() {
            return Ok(());
        }
        self.tell_sent(connection);
        match wbio.map(|wbio| connection.flush(wbio)) {
            Some(Io::Done(_)) => Ok(()),
            _ => self.blocked_writing(),
        }
    }

    fn blocked_writing(&self) -> Moved<()> {
        self.want.set(Want::Writing);
        Err(Stop::Halt(Halt::Blocked))
    }

    /// After a fatal error: the alert goes out if the BIO takes it; whether it did.
    pub(super) fn flush_last(&self, connection: &mut Connection, wbio: Option<&Bio>) -> bool {
        connection.drop_held_output();
        self.tell_sent(connection);
        if let Some(alert) = self.sent_alert.take() {
            self.inform(info::ALERT | info::WRITE, 2 << 8 | c_int::from(alert));
        }
        let Some(wbio) = wbio.filter(|_| !connection.pending_output().is_empty()) else {
            return false;
        };
        match connection.flush(wbio) {
            Io::Done(_) => {
                let _ = wbio.flush();
                true
            }
            _ => {
                // Behind a write to be repeated or a close_notify OpenSSL does not try.
                let tried = !self.has_pending_write() && self.shutdown.get() & shutdown::SENT == 0;
                if self.stage.get() == Stage::Failed && tried {
                    self.want.set(Want::Writing);
                }
                false
            }
        }
    }

    /// Takes over what the handshake settled on, once; the last flight is yet to be sent, so that a
    /// session is in the cache before the client can offer it.
    fn learn(&self, connection: &mut Connection) -> bool {
        if connection.waits() != Waits::Nothing || self.settled.replace(true) {
            return false;
        }
        self.learn_early_status(connection);
        self.log_last(connection);
        self.presented.take();
        let facts = connection.facts();
        if facts.resumed && !self.offers_psk() {
            self.adopt_resumed_peer(&connection.peer_identity());
        }
        match self.side.get() {
            Side::Server => {
                let asked = !facts.resumed && self.asks_certificate();
                self.asked_certificate.set(asked);
                if asked && self.with_peer(|peer| peer.leaf.is_none()) {
                    self.see_empty_chain();
                }
            }
            _ => connection.expect_request(self.with(|s| s.max_cert_list)),
        }
        self.adopt_facts(facts);
        self.agree_on_alpn(connection.alpn());
        self.settle_session(connection);
        true
    }

    /// The handshake is done; a TLS 1.3 server sends its tickets. To the program it is out of the
    /// handshake while it is told so, and in it until they are sent.
    fn established(&self) -> Moved<()> {
        let planned = self.hold_tickets();
        self.tell_done(planned > 0);
        if planned > 0 {
            self.release_tickets(planned);
            self.send_posts()?;
            self.tell_end();
        }
        Ok(())
    }

    /// Sends what is due on an established connection.
    fn finish_established(&self) -> Moved<()> {
        self.send_posts()?;
        if self.is_ending() {
            self.tell_end();
            self.inform_exit(true);
        }
        Ok(())
    }
}

/// A handshake that the peer ends is -1 for every call that drives it.
fn unfinished(stop: Stop) -> Stop {
    match stop {
        Stop::Zero(err) => Stop::Error(err),
        Stop::Halt(Halt::Closed) => Stop::Halt(Halt::Blocked),
        stop => stop,
    }
}
