//! The peer's records before rustls gets them.

use super::{Connection, State};
use crate::engine::clear::Judged;
use crate::engine::finished::Whose;
use crate::engine::header::{ALERT, APPLICATION_DATA, Agreed, HANDSHAKE, Rejected, Standing};
use crate::engine::record::HEADER;

/// TLS 1.3's code.
const TLS1_3: u16 = 0x0304;
/// ExtensionType early_data.
const EARLY_DATA: u16 = 42;

impl Connection {
    /// What the handshake's next record is judged by.
    pub fn standing(&self) -> Standing {
        let server = matches!(
            self.state,
            State::Server(_) | State::Hello(_) | State::VerifyClient(_) | State::EarlyServer(_)
        );
        let agreed = match &self.server_hello {
            Some(hello) if hello.version == TLS1_3 => Agreed::Tls13,
            Some(_) => Agreed::Tls12,
            None if self.retried || server && self.hello.is_some() => Agreed::Retry,
            None => Agreed::Nothing,
        };
        Standing {
            server,
            first: !self.clear.begun(),
            agreed,
            protected: self.clear.changed(),
            own_protected: !self.finished(Whose::Own).as_slice().is_empty(),
            plain_alerts: server && (!self.clear.sealed() || self.offers_early_data()),
        }
    }

    pub(super) fn offers_early_data(&self) -> bool {
        let hello = self.hello.as_deref();
        hello.is_some_and(|hello| hello.extension(EARLY_DATA).is_some())
    }

    /// Judges the record of `len` bytes that was read last, in a handshake. What is not passed on
    /// to rustls is gone.
    pub fn judge(&mut self, len: usize) -> Result<Judged, Rejected> {
        let standing = self.standing();
        let records = self.input.records();
        let record = &records[records.len() - len..];
        let version = u16::from_be_bytes([record[1], record[2]]);
        let judged = self
            .clear
            .judge(record[0], version, &record[HEADER..], standing)?;
        match judged {
            Judged::Passed => {}
            Judged::Strange(_) => self.disguise(len),
            _ => self.input.drop_record(len),
        }
        Ok(judged)
    }

    /// Whether what is to be processed next is here already: what of the peer's messages did not fit
    /// into its records when they were changed.
    pub fn feed(&mut self) -> bool {
        let Some(rewriter) = &self.rewriter else {
            return false;
        };
        if let Some(record) = rewriter.next_record() {
            self.input.insert(&record);
        }
        rewriter.is_feeding()
    }

    /// Whether the record of `len` bytes that was read last is of a type that rustls would not open.
    pub fn is_strange(&self, len: usize) -> bool {
        let records = self.input.records();
        !matches!(
            records[records.len() - len],
            ALERT | HANDSHAKE | APPLICATION_DATA
        )
    }

    /// Has rustls open the record of `len` bytes that was read last as if it were data, with TLS
    /// 1.2: what it is matters if it opens.
    pub fn disguise(&mut self, len: usize) {
        self.strange = Some(self.input.disguise(len));
    }

    /// The peer has ended the handshake: nothing is said any more.
    pub fn end(&mut self) {
        self.state = State::Failed;
    }

    /// As [`Self::abort_protected`]; an alert in the clear says `version`.
    pub fn abort_as(&mut self, alert: u8, version: u16) {
        self.abort_protected(alert);
        if self.alert_in_clear().is_some() {
            let at = self.out.len() - HEADER - 1;
            self.out[at..at + 2].copy_from_slice(&version.to_be_bytes());
        }
    }
}
