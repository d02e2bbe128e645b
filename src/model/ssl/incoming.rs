//! Records on their way in: taken from the BIO, and judged before the engine gets them.

use super::handshake::info;
use super::{Halt, Moved, Ssl, Stage, Stop, Want, shutdown};
use crate::engine::alert::DECODE_ERROR;
use crate::engine::clear::Judged;
use crate::engine::connection::{Connection, Waits};
use crate::engine::header::{self, Agreed, Rejected};
use crate::engine::record::HEADER;
use crate::foreign::bio::{Bio, Io};
use crate::foreign::err::{Error, Reason};
use crate::model::method;
use crate::model::settings::op;

/// Bytes asked for at once with read-ahead on.
const READ_AHEAD: usize = 1 << 14;

impl Ssl {
    /// Takes one more record from the BIO that is the engine's to read.
    pub(super) fn read_record(&self, connection: &mut Connection, rbio: &Bio) -> Moved<()> {
        let read_ahead = self.with(|s| s.read_ahead.then_some(s.read_buffer_len.max(READ_AHEAD)));
        loop {
            if let Some(header) = connection.input.header()
                && let Err(rejected) = self.check_header(connection, &header)
            {
                self.tell_header(connection, &header);
                return Err(self.turn_away(connection, rejected));
            }
            let step = connection.input.read_step(rbio, read_ahead);
            match step {
                Ok(Some(Io::Done(len))) => {
                    self.hear_record(connection, len);
                    if self.take_record(connection, len)? {
                        return Ok(());
                    }
                }
                Ok(None) => {}
                Ok(Some(Io::Eof)) => return Err(self.unexpected_eof(connection)),
                Ok(Some(_)) => {
                    self.want.set(Want::Reading);
                    return Err(Stop::Halt(Halt::Blocked));
                }
                Err(err) => return Err(err.into()),
            }
        }
    }

    fn check_header(&self, connection: &Connection, header: &[u8; HEADER]) -> Result<(), Rejected> {
        match self.stage.get() {
            Stage::Established => header::check_established(header, self.is_tls13()),
            _ if self.is_closed() => Ok(()),
            _ => header::check_handshake(header, connection.standing()),
        }
    }

    fn is_tls13(&self) -> bool {
        self.version() == method::TLS1_3
    }

    /// A record of `len` bytes was read: whether it is the engine's.
    fn take_record(&self, connection: &mut Connection, len: usize) -> Moved<bool> {
        if self.stage.get() == Stage::Established {
            if !self.is_tls13() && connection.is_strange(len) {
                connection.disguise(len);
            }
            return Ok(true);
        }
        if self.shutdown.get() & shutdown::RECEIVED != 0 {
            connection.input.clear();
            return Err(self.closed());
        }
        if connection.skips(len) {
            let sealed = connection.input.sealed_len();
            self.count_skipped(connection, sealed)?;
            connection.skip(len);
            return Ok(false);
        }
        match connection.judge(len) {
            Ok(Judged::Passed | Judged::Strange(_)) => {
                connection.record_read(len);
                Ok(true)
            }
            Ok(Judged::Ignored) => Ok(false),
            Ok(Judged::Closed) => {
                self.add_shutdown(shutdown::RECEIVED);
                self.inform(info::ALERT | info::READ, 0x100);
                Err(self.closed())
            }
            Ok(Judged::Alert(code)) => {
                connection.end();
                Err(self.alerted(code).into())
            }
            Err(rejected) => Err(self.turn_away(connection, rejected)),
        }
    }

    /// In a handshake the peer has said close_notify.
    fn closed(&self) -> Stop {
        self.want.set(Want::Reading);
        Stop::Halt(Halt::Closed)
    }

    fn turn_away(&self, connection: &mut Connection, rejected: Rejected) -> Stop {
        connection.input.clear();
        self.broken_record.set(true);
        if let Some(alert) = rejected.alert {
            self.sends_alert(alert);
            match self.stage.get() {
                Stage::Established => connection.abort_encrypted(alert),
                _ if connection.standing().agreed == Agreed::Nothing => connection.abort(alert),
                _ => connection.abort_as(alert, rejected.version),
            }
        }
        rejected.error.into()
    }

    fn unexpected_eof(&self, connection: &mut Connection) -> Stop {
        self.want.set(Want::Reading);
        if self.with(|s| s.options) & op::IGNORE_UNEXPECTED_EOF != 0 {
            // OpenSSL forgets what it has sent.
            self.shutdown.set(shutdown::RECEIVED);
            return Stop::Halt(Halt::Closed);
        }
        self.broken_record.set(true);
        self.sends_alert(DECODE_ERROR);
        match connection.waits() {
            Waits::Nothing => connection.abort_encrypted(DECODE_ERROR),
            _ if connection.standing().agreed == Agreed::Nothing => {
                connection.abort(DECODE_ERROR);
            }
            _ => connection.abort_protected(DECODE_ERROR),
        }
        Stop::Zero(Error::reason(Reason::UNEXPECTED_EOF_WHILE_READING))
    }
}
