//! SSL_shutdown(3).

use std::ffi::c_int;

use super::{Halt, Moved, Side, Ssl, Stage, Stop, Want, at_work};
use crate::engine::connection::Connection;
use crate::foreign::err::{Error, Reason};

/// SSL_SENT_SHUTDOWN.
pub const SENT: c_int = 1;
/// SSL_RECEIVED_SHUTDOWN.
pub const RECEIVED: c_int = 2;

impl Ssl {
    /// Sends a close_notify, or waits for the peer's: true when both are done.
    pub fn shut_down(&self) -> Moved<bool> {
        if self.side.get() == Side::Unset {
            return Err(Error::reason(Reason::UNINITIALIZED).into());
        }
        match self.stage.get() {
            Stage::Before | Stage::Handshaking | Stage::Failed => {
                return Err(Error::reason(Reason::SHUTDOWN_WHILE_IN_INIT).into());
            }
            Stage::Established if self.posts_due() => {
                return Err(Error::reason(Reason::SHUTDOWN_WHILE_IN_INIT).into());
            }
            Stage::Established if self.with(|s| s.quiet_shutdown) != 0 => {
                self.add_shutdown(SENT | RECEIVED);
                return Ok(true);
            }
            Stage::Established => {}
        }
        self.want.set(Want::Nothing);
        let Some(mut connection) = self.connection.take() else {
            return Err(Error::reason(Reason::INTERNAL_ERROR).into());
        };
        let result = self.shut_down_on(&mut connection);
        self.settle(&mut connection, &result);
        self.connection.set(Some(connection));
        result
    }

    fn shut_down_on(&self, connection: &mut Connection) -> Moved<bool> {
        let Some(wbio) = self.wbio() else {
            return Err(Error::reason(Reason::BIO_NOT_SET).into());
        };
        let before = self.shutdown.get();
        if before & SENT == 0 {
            self.add_shutdown(SENT);
            at_work(self, || connection.close()).map_err(|err| self.engine_error(&err))?;
            self.tell_sent(connection);
            self.inform(0x4008, 0x100);
            self.flush(connection, Some(&wbio))?;
        } else if !connection.pending_output().is_empty() {
            self.flush(connection, Some(&wbio))?;
        } else if before & RECEIVED == 0 {
            self.await_close(connection)?;
        }
        Ok(self.is_shut_down())
    }

    /// Whether both sides are done: by close_notify, or by the peer's fatal alert.
    pub fn is_shut_down(&self) -> bool {
        self.shutdown.get() & (SENT | RECEIVED) == SENT | RECEIVED
    }

    fn await_close(&self, connection: &mut Connection) -> Moved<()> {
        let Some(rbio) = self.rbio() else {
            return Err(Error::reason(Reason::BIO_NOT_SET).into());
        };
        let received = match connection.input.plaintext() {
            [] => self.receive(connection, &rbio),
            _ => Ok(()),
        };
        match received {
            Ok(()) => {
                connection.input.clear();
                self.pending_plain.set(0);
                Err(Error::reason(Reason::APPLICATION_DATA_AFTER_CLOSE_NOTIFY).into())
            }
            Err(Stop::Halt(Halt::Closed)) => Ok(()),
            Err(other) => Err(other),
        }
    }
}
