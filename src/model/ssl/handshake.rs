//! SSL_do_handshake(3): driving the engine from one decision to the next.

use std::ffi::c_int;

use super::{Halt, Moved, Side, Ssl, Stage, Stop, Want, at_work, shutdown};
use crate::engine::connection::{Connection, Waits};
use crate::engine::error;
use crate::engine::header::{self, Rejected};
use crate::engine::record::HEADER;
use crate::foreign::bio::{Bio, Io};
use crate::foreign::err::{Error, Reason, Result};
use crate::model::method;
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
        match self.stage.get() {
            Stage::Established => return Ok(()),
            Stage::Failed => return Err(Stop::Error(Error::Queued)),
            Stage::Before => self.begin()?,
            Stage::Handshaking => {}
        }
        let (rbio, wbio) = self.bios()?;
        self.want.set(Want::Nothing);
        let Some(mut connection) = self.connection.take() else {
            // The engine is at work further up the stack, or was lost in a panic.
            return Err(Error::reason(Reason::INTERNAL_ERROR).into());
        };
        let result = self.advance(&mut connection, &rbio, &wbio);
        if let Err(Stop::Error(_) | Stop::Eof(_)) = &result {
            self.fail();
            self.flush_last(&mut connection, &wbio);
        }
        self.connection.set(Some(connection));
        let exit = match self.side.get() {
            Side::Server => info::ACCEPT,
            _ => info::CONNECT,
        };
        self.inform(exit | info::EXIT, if result.is_ok() { 1 } else { -1 });
        result
    }

    /// The BIOs, or why there is nothing to read and write.
    fn bios(&self) -> Result<(Bio, Bio)> {
        match (self.rbio(), self.wbio()) {
            (Some(r), Some(w)) => Ok((r, w)),
            _ => Err(Error::reason(Reason::BIO_NOT_SET)),
        }
    }

    fn begin(&self) -> Result<()> {
        if self.side.get() == Side::Unset {
            return Err(Error::reason(Reason::CONNECTION_TYPE_NOT_SET));
        }
        self.bios()?;
        self.with(|s| s.versions().map(drop))?;
        let connection = match self.side.get() {
            Side::Client => self.start_client()?,
            _ => Connection::server(),
        };
        self.connection.set(Some(Box::new(connection)));
        self.shutdown.set(0);
        self.stage.set(Stage::Handshaking);
        self.inform(info::HANDSHAKE_START, 1);
        Ok(())
    }

    fn advance(&self, connection: &mut Connection, rbio: &Bio, wbio: &Bio) -> Moved<()> {
        loop {
            self.flush(connection, wbio)?;
            match connection.waits() {
                Waits::Nothing => {
                    self.established(connection);
                    return Ok(());
                }
                Waits::Config => {
                    self.choose_config(connection)?;
                    self.process_rest(connection)?;
                }
                Waits::Verdict => {
                    self.judge_peer(connection)?;
                    self.process_rest(connection)?;
                }
                Waits::Input => {
                    self.read_record(connection, rbio)?;
                    self.process(connection)?;
                }
                Waits::Failed => return Err(Error::reason(Reason::INTERNAL_ERROR).into()),
            }
        }
    }

    /// After a decision: messages that came in one record with the one decided on.
    fn process_rest(&self, connection: &mut Connection) -> Result<()> {
        match connection.waits() == Waits::Input && connection.input.has_record() {
            true => self.process(connection),
            false => Ok(()),
        }
    }

    /// Processes a handshake record; the engine's error becomes OpenSSL's.
    fn process(&self, connection: &mut Connection) -> Result<()> {
        at_work(self, || connection.process()).map_err(|err| self.engine_error(&err))
    }

    /// The engine's error as OpenSSL reports it; alerts are told to the info callback.
    pub(super) fn engine_error(&self, err: &rustls::Error) -> Error {
        if let rustls::Error::AlertReceived(alert) = err {
            self.inform(info::ALERT | info::READ, 2 << 8 | c_int::from(alert.0));
        } else if let Ok(alert) = rustls::error::AlertDescription::try_from(err) {
            self.inform(info::ALERT | info::WRITE, 2 << 8 | c_int::from(alert.0));
        }
        error::ssl_error(err, self.side.get() == Side::Server)
    }

    /// Takes one more record from the BIO.
    pub(super) fn read_record(&self, connection: &mut Connection, rbio: &Bio) -> Moved<()> {
        let read_ahead = self.with(|s| s.read_ahead.then_some(s.read_buffer_len.max(READ_AHEAD)));
        loop {
            if let Some(header) = connection.input.header()
                && let Err(rejected) = self.check_header(connection, &header)
            {
                connection.input.clear();
                if let Some(alert) = rejected.alert
                    && self.stage.get() == Stage::Handshaking
                {
                    connection.abort(alert);
                }
                return Err(rejected.error.into());
            }
            let step = connection.input.read_step(rbio, read_ahead);
            match step {
                Ok(Some(Io::Done(_))) => return Ok(()),
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

    fn check_header(
        &self,
        connection: &Connection,
        header: &[u8; HEADER],
    ) -> std::result::Result<(), Rejected> {
        match self.stage.get() {
            Stage::Established => {
                header::check_established(header, self.version() == method::TLS1_3)
            }
            _ if connection.is_fresh() => {
                header::check_first(header, self.side.get() == Side::Server)
            }
            _ => Ok(()),
        }
    }

    fn unexpected_eof(&self, connection: &mut Connection) -> Stop {
        self.want.set(Want::Reading);
        if self.with(|s| s.options) & op::IGNORE_UNEXPECTED_EOF != 0 {
            self.set_shutdown_state(shutdown::RECEIVED);
            self.close_received.set(true);
            return Stop::Halt(Halt::Closed);
        }
        if connection.waits() != Waits::Nothing {
            connection.abort(DECODE_ERROR);
        }
        Stop::Eof(Error::reason(Reason::UNEXPECTED_EOF_WHILE_READING))
    }

    /// Writes what is waiting.
    pub(super) fn flush(&self, connection: &mut Connection, wbio: &Bio) -> Moved<()> {
        if connection.pending_output().is_empty() {
            return Ok(());
        }
        match connection.flush(wbio) {
            Io::Done(_) => match wbio.flush() {
                Io::Retry => self.blocked_writing(),
                _ => Ok(()),
            },
            _ => self.blocked_writing(),
        }
    }

    fn blocked_writing(&self) -> Moved<()> {
        self.want.set(Want::Writing);
        Err(Stop::Halt(Halt::Blocked))
    }

    /// After a fatal error: the alert goes out if the BIO takes it; whether it does changes
    /// nothing.
    pub(super) fn flush_last(&self, connection: &mut Connection, wbio: &Bio) {
        if !connection.pending_output().is_empty()
            && let Io::Done(_) = connection.flush(wbio)
        {
            let _ = wbio.flush();
        }
    }

    fn established(&self, connection: &mut Connection) {
        let facts = connection.facts();
        if facts.resumed {
            self.adopt_resumed_peer(connection);
        }
        self.facts.replace(facts);
        self.stage.set(Stage::Established);
        self.inform(info::HANDSHAKE_DONE, 1);
    }
}

/// Bytes asked for at once with read-ahead on.
const READ_AHEAD: usize = 1 << 14;
const DECODE_ERROR: u8 = 50;
