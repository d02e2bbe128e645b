//! The fatal alerts that end a connection.

use rustls::Error;
use rustls::error::AlertDescription;

use super::{Connection, State, step};
use crate::engine::error;
use crate::engine::record::HEADER;
use crate::engine::sealing::settle_alert;

/// A record that does not decrypt.
const BROKEN: [u8; HEADER + 32] = {
    let mut record = [0; HEADER + 32];
    [record[0], record[1], record[2], record[4]] = [23, 3, 3, 32];
    record
};
/// The header of a record that is too long. One that does not decrypt may pass for early data.
const TOO_LONG: [u8; HEADER] = [23, 3, 3, 0xff, 0xff];
const CERTIFICATE_REQUIRED: u8 = AlertDescription::CertificateRequired.0;

impl Connection {
    /// Ends a handshake that has no keys yet with a fatal alert.
    pub fn abort(&mut self, alert: u8) {
        self.state = State::Failed;
        self.plain_alert(2, alert);
    }

    /// Ends a handshake with a fatal alert under the keys it has: rustls sends one for a chain that
    /// is refused or a record that does not decrypt, and it becomes this one.
    pub fn abort_protected(&mut self, alert: u8) {
        match self.state {
            State::VerifyServer(_) | State::VerifyClient(_) => {
                let _ = self.verified(Err(alert));
                return;
            }
            State::ClientTraffic(_) | State::ServerTraffic(_) => {
                return self.abort_encrypted(alert);
            }
            _ => {}
        }
        // There may be messages of the peer's in rustls that it would answer first.
        let rewriter = self.rewriter.as_ref();
        let sealed = self
            .seen
            .after(|| rewriter.is_some_and(|rewriter| rewriter.seal_alert(&mut self.out, alert)));
        if sealed {
            self.state = State::Failed;
            self.input.clear();
            return;
        }
        match self.state {
            // What was read of early data counts no more.
            State::EarlyServer(_) => self.input.replace(&BROKEN),
            _ if self.offers_early_data() && !self.early.accepted => self.input.append(&TOO_LONG),
            _ => self.input.append(&BROKEN),
        }
        let (input, out) = (&mut self.input, &mut self.out);
        let state = std::mem::replace(&mut self.state, State::Failed);
        let failed = step(&mut self.seen, self.rewriter.as_ref(), || match state {
            State::Client(next) => next.process(input, out).map(drop),
            State::Server(next) => next.process(input, out).map(drop),
            State::EarlyServer(next) => next.process(input, out).map(drop),
            _ => Ok(()),
        });
        match failed {
            Ok(()) => self.plain_alert(2, alert),
            Err(_) => self.correct_alert(Some(alert)),
        }
        self.input.clear();
    }

    /// Ends a handshake without an alert: the output that waits is dropped.
    pub fn discard_output(&mut self) {
        self.state = State::Failed;
        self.out.truncate(self.written);
        self.shown.set(self.shown.get().min(self.out.len()));
    }

    /// Ends an established connection with a fatal alert: rustls sends one for a record that does
    /// not decrypt, and it becomes this one.
    pub fn abort_encrypted(&mut self, alert: u8) {
        self.input.replace(&BROKEN);
        let _ = self.receive_unsettled();
        self.seen.after(|| {
            settle_alert(&mut self.out, Some(alert));
        });
        self.input.clear();
    }

    /// Appends an alert record in the clear: `level` 1 is a warning, 2 fatal.
    pub fn plain_alert(&mut self, level: u8, alert: u8) {
        self.out.extend_from_slice(&[21, 3, 3, 0, 2, level, alert]);
    }

    /// What came of a step of the handshake; a failure's alert becomes the one OpenSSL sends.
    pub(super) fn settled<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        result.inspect_err(|err| self.correct_alert(error::alert(err)))
    }

    /// The fatal alert that is the last of the output, if there is one, becomes `alert`.
    pub(super) fn correct_alert(&mut self, alert: Option<u8>) {
        self.seen.after(|| settle_alert(&mut self.out, alert));
        if self.alert_in_clear().is_some() {
            let code = self.out.len() - 1;
            match alert {
                // TLS 1.2 has no certificate_required, which rustls sends there all the same.
                Some(CERTIFICATE_REQUIRED) => self.out[code] = AlertDescription::HandshakeFailure.0,
                Some(alert) => self.out[code] = alert,
                None => self.out.truncate(code - HEADER - 1),
            }
        }
    }

    /// The fatal alert in the clear that is the last of the output.
    pub fn alert_in_clear(&self) -> Option<u8> {
        match self.pending_output() {
            [.., 21, 3, 3, 0, 2, 2, alert] => Some(*alert),
            _ => None,
        }
    }
}
