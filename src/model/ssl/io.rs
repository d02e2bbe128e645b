//! SSL_read(3), SSL_write(3) and their relatives.

use super::{Halt, Moved, PendingWrite, Side, Ssl, Stage, Stop, Want, at_work, shutdown};
use crate::engine::connection::{Connection, Received};
use crate::engine::error;
use crate::engine::sealing;
use crate::foreign::bio::Bio;
use crate::foreign::err::{Error, Reason};
use crate::model::settings::{mode, op};

/// How much is encrypted before it is written: several records go in one write.
const BATCH: usize = 4;

/// Whether received plaintext is taken or only looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulled {
    /// SSL_read.
    Taken,
    /// SSL_peek.
    Peeked,
}

impl Ssl {
    /// Runs the handshake first where a read or write comes before it.
    fn ready(&self) -> Moved<()> {
        match self.stage.get() {
            Stage::Established if !self.is_ending() => Ok(()),
            _ if self.side.get() == Side::Unset => Err(Error::reason(Reason::UNINITIALIZED).into()),
            _ => {
                self.go_on();
                self.drive()
            }
        }
    }

    fn take_connection(&self) -> Moved<Box<Connection>> {
        self.connection
            .take()
            .ok_or_else(|| Error::reason(Reason::INTERNAL_ERROR).into())
    }

    /// Moves received plaintext to `buf`: at most one record's.
    pub fn read(&self, buf: &mut [u8], pulled: Pulled) -> Moved<usize> {
        if self.side.get() == Side::Unset {
            return Err(Error::reason(Reason::UNINITIALIZED).into());
        }
        if self.shutdown.get() & shutdown::RECEIVED != 0 {
            // A peek leaves what the last call stopped for.
            if pulled == Pulled::Taken {
                self.want.set(Want::Nothing);
            }
            return Err(Stop::Halt(Halt::Closed));
        }
        if pulled == Pulled::Taken {
            self.check_early_order(false)?;
        }
        if self.reads_early()
            && let Some(n) = self.read_early_first(buf, pulled)?
        {
            return Ok(n);
        }
        if pulled == Pulled::Taken {
            self.end_early_reading();
        }
        self.ready()?;
        self.send_posts()?;
        self.want.set(Want::Nothing);
        let mut connection = self.take_connection()?;
        let result = self.read_on(&mut connection, buf, pulled);
        self.settle(&mut connection, &result);
        self.pending_plain.set(connection.input.plaintext().len());
        self.connection.set(Some(connection));
        result
    }

    fn read_on(&self, connection: &mut Connection, buf: &mut [u8], pulled: Pulled) -> Moved<usize> {
        if connection.input.plaintext().is_empty() {
            let Some(rbio) = self.rbio() else {
                return Err(Error::reason(Reason::READ_BIO_NOT_SET).into());
            };
            self.receive(connection, &rbio)?;
        }
        let plain = connection.input.plaintext();
        let n = plain.len().min(buf.len());
        buf[..n].copy_from_slice(&plain[..n]);
        match pulled {
            Pulled::Taken if self.with(|s| s.options) & op::CLEANSE_PLAINTEXT != 0 => {
                connection.input.cleanse_plaintext(n);
            }
            Pulled::Taken => connection.input.consume_plaintext(n),
            Pulled::Peeked => {}
        }
        Ok(n)
    }

    /// Processes records until there is plaintext.
    pub(super) fn receive(&self, connection: &mut Connection, rbio: &Bio) -> Moved<()> {
        let auto_retry = self.with(|s| s.mode) & mode::AUTO_RETRY != 0;
        loop {
            let processing = connection.input.has_record();
            if !processing && connection.can_receive() {
                // Most reads of a polling program end here: nothing of the engine is touched.
                self.flush_answers(connection);
                self.read_record(connection, rbio)?;
                continue;
            }
            let received = at_work(self, || connection.receive());
            self.hear_contents(connection, received.is_ok());
            self.log_updates(connection, false);
            if self.side.get() == Side::Client {
                self.read_answers(connection)?;
                self.collect_sessions();
            }
            self.flush_answers(connection);
            if received.is_ok() {
                self.authenticate(connection)?;
            }
            match received.map_err(|err| self.receive_error(&err))? {
                Received::Data => return Ok(()),
                Received::CloseNotify => {
                    self.add_shutdown(shutdown::RECEIVED);
                    self.inform(0x4004, 0x100);
                    return Err(Stop::Halt(Halt::Closed));
                }
                Received::NeedInput
                    if processing && !auto_retry && !connection.input.keeps_part() =>
                {
                    rbio.set_retry_read();
                    self.want.set(Want::Reading);
                    return Err(Stop::Halt(Halt::Blocked));
                }
                Received::NeedInput => self.read_record(connection, rbio)?,
            }
        }
    }

    /// The peer's fatal alert is an end: 0 to SSL_read(3), as a close_notify.
    fn receive_error(&self, err: &rustls::Error) -> Stop {
        let reported = self.engine_error(err);
        match error::peers_alert(err) {
            Some(_) => Stop::Zero(reported),
            None => Stop::Error(reported),
        }
    }

    /// Alerts in answer; behind what a call of the program's is to finish they wait for it.
    fn flush_answers(&self, connection: &mut Connection) {
        let waits = self.has_pending_write() || self.unflushed.get();
        if !waits && !connection.pending_output().is_empty() {
            self.flush_last(connection, self.wbio().as_deref());
        }
    }

    /// After an error the alert goes out and nothing works any more.
    pub(super) fn settle<T>(&self, connection: &mut Connection, result: &Moved<T>) {
        if let Err(Stop::Error(_) | Stop::Zero(_)) = result {
            let stopped = self.want.get();
            self.fail();
            if self.shutdown.get() & shutdown::SENT != 0 {
                // There is no alert to be sent: it still wants to read where the BIO ended.
                self.want.set(stopped);
            }
            self.flush_last(connection, self.wbio().as_deref());
        }
    }

    /// Encrypts and writes `buf`; returns how much of it was taken. Early data is over then.
    pub fn write(&self, buf: &[u8]) -> Moved<usize> {
        self.check_early_order(true)?;
        self.end_early_writing();
        self.end_early_reading();
        self.write_any(buf)
    }

    pub(super) fn write_any(&self, buf: &[u8]) -> Moved<usize> {
        if self.side.get() == Side::Unset {
            return Err(Error::reason(Reason::UNINITIALIZED).into());
        }
        if self.shutdown.get() & shutdown::SENT != 0 {
            self.want.set(Want::Nothing);
            return Err(Error::reason(Reason::PROTOCOL_IS_SHUTDOWN).into());
        }
        self.want.set(Want::Nothing);
        self.ready()?;
        self.want.set(Want::Nothing);
        let Some(wbio) = self.wbio() else {
            return Err(Error::reason(Reason::BIO_NOT_SET).into());
        };
        self.begin_posts();
        let taken = self.resume_write(buf).inspect_err(|_| self.fail())?;
        if !self.has_pending_write() {
            self.send_posts()?;
            self.send_answer()?;
        }
        let mut connection = self.take_connection()?;
        let result = self.write_on(&mut connection, &wbio, buf, taken);
        connection.release_output();
        self.connection.set(Some(connection));
        result
    }

    /// Runs the engine, whose records are padded if the program wants them to be.
    pub(super) fn padded<R>(&self, f: impl FnOnce() -> R) -> R {
        let padding = self.with(|s| s.pads().then(|| s.padding(self.ptr())));
        sealing::padded(padding, f)
    }

    /// How much of a write repeated after SSL_ERROR_WANT_WRITE was taken before.
    fn resume_write(&self, buf: &[u8]) -> Moved<usize> {
        let Some(pending) = self.pending_write.get() else {
            return Ok(0);
        };
        let moving = self.with(|s| s.mode) & mode::ACCEPT_MOVING_WRITE_BUFFER != 0;
        let moved = pending.address != buf.as_ptr() as usize && !moving;
        if buf.len() < pending.taken {
            return Err(Error::reason(Reason::BAD_LENGTH).into());
        }
        if moved {
            return Err(Error::reason(Reason::BAD_WRITE_RETRY).into());
        }
        Ok(pending.taken)
    }

    /// Whether a write stopped at SSL_ERROR_WANT_WRITE and is to be repeated.
    pub(super) fn has_pending_write(&self) -> bool {
        self.pending_write.get().is_some()
    }

    fn write_on(
        &self,
        connection: &mut Connection,
        wbio: &Bio,
        buf: &[u8],
        mut taken: usize,
    ) -> Moved<usize> {
        let (partial, fragment) = self.with(|s| {
            (
                s.mode & mode::ENABLE_PARTIAL_WRITE != 0,
                s.max_send_fragment.min(s.split_send_fragment),
            )
        });
        // With partial writes a call ends with the first record of its own that is written.
        let mut begun = false;
        loop {
            if let Err(stop) = self.send(connection, Some(wbio)) {
                self.pending_write.set(Some(PendingWrite {
                    address: buf.as_ptr() as usize,
                    taken,
                }));
                return Err(stop);
            }
            if taken == buf.len() || (partial && begun) {
                self.pending_write.set(None);
                return Ok(taken);
            }
            let batch = if partial { fragment } else { fragment * BATCH };
            let part = &buf[taken..buf.len().min(taken + batch)];
            // Record by record: the limits may have changed since the handshake.
            at_work(self, || {
                part.chunks(fragment)
                    .try_for_each(|one| connection.send(one))
            })
            .map_err(|err| self.engine_error(&err))?;
            taken += part.len();
            begun = true;
        }
    }

    /// Plaintext ready to be read (SSL_pending(3)).
    pub fn pending(&self) -> usize {
        self.pending_plain.get()
    }

    /// Whether bytes are held that were not read, processed or not (SSL_has_pending(3)).
    pub fn has_pending(&self) -> bool {
        self.with_connection(|c| !c.input.plaintext().is_empty() || c.input.has_unprocessed())
            .unwrap_or(false)
    }

    /// Whether the buffers hold what was not read, processed or written (SSL_free_buffers(3)).
    pub fn uses_buffers(&self) -> bool {
        self.with_connection(|c| c.input.is_in_use() || !c.pending_output().is_empty())
            .unwrap_or(false)
    }
}
