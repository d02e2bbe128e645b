//! A handshake's records in the clear, judged before rustls sees them: OpenSSL passes over empty
//! ones, warnings and what is for middleboxes alone, and has names of its own for what is out of
//! place.

use super::error::PeersAlert;
use super::handshake_type::{
    CERTIFICATE, CERTIFICATE_REQUEST, CERTIFICATE_STATUS, CERTIFICATE_VERIFY, CLIENT_HELLO,
    CLIENT_KEY_EXCHANGE, HELLO_REQUEST, NEW_SESSION_TICKET, SERVER_HELLO, SERVER_HELLO_DONE,
    SERVER_KEY_EXCHANGE,
};
use super::header::{
    ALERT, APPLICATION_DATA, Agreed, CHANGE_CIPHER_SPEC, HANDSHAKE, MAX_PLAIN, Rejected, Standing,
    TLS1_2,
};
use super::warnings::{Heard, Warnings};
use crate::engine::alert::{
    HANDSHAKE_FAILURE, ILLEGAL_PARAMETER, RECORD_OVERFLOW, UNEXPECTED_MESSAGE,
};
use crate::foreign::err::Reason;

/// A message's type and length.
const MESSAGE_HEADER: usize = 4;
/// MAX_EMPTY_RECORDS.
const MAX_EMPTY: u8 = 32;

/// What is done with a record.
#[derive(Debug, PartialEq, Eq)]
pub enum Judged {
    /// It is rustls's to read.
    Passed,
    /// It is protected and of a type that rustls would not try to open.
    Strange(u8),
    /// It means nothing.
    Ignored,
    /// The peer closes the connection.
    Closed,
    /// The peer's fatal alert.
    Alert(PeersAlert),
}

/// Where the peer's messages in the clear stand.
#[derive(Debug, Default)]
pub(super) struct Clear {
    /// Whether a record was read.
    begun: bool,
    header: [u8; MESSAGE_HEADER],
    /// How much of the header is there.
    have: usize,
    /// What is still to come of the message's body.
    left: usize,
    /// The type of the last message.
    last: Option<u8>,
    /// Whether TLS 1.2's ChangeCipherSpec has come.
    changed: bool,
    /// Whether a protected record of TLS 1.3 has come.
    sealed: bool,
    /// Records without anything in them, in a row.
    empty: u8,
    warnings: Warnings,
}

impl Clear {
    pub(super) fn begun(&self) -> bool {
        self.begun
    }

    pub(super) fn changed(&self) -> bool {
        self.changed
    }

    pub(super) fn sealed(&self) -> bool {
        self.sealed
    }

    /// Judges a record whose header passed.
    pub(super) fn judge(
        &mut self,
        kind: u8,
        version: u16,
        body: &[u8],
        standing: Standing,
    ) -> Result<Judged, Rejected> {
        self.begun = true;
        if standing.protected {
            return Ok(match kind {
                ALERT | HANDSHAKE | APPLICATION_DATA => Judged::Passed,
                other => Judged::Strange(other),
            });
        }
        if kind == CHANGE_CIPHER_SPEC && standing.agreed == Agreed::Tls13 {
            return self.judge_middlebox(body);
        }
        if standing.agreed == Agreed::Tls13 && kind == APPLICATION_DATA {
            self.sealed = true;
            return Ok(Judged::Passed);
        }
        if kind == CHANGE_CIPHER_SPEC && standing.agreed == Agreed::Retry {
            return self.judge_middlebox(body);
        }
        self.judge_clear(kind, body, standing)
            .map_err(|rejected| match standing.agreed {
                // OpenSSL answers in the version it was spoken to.
                Agreed::Retry if kind != ALERT && kind != HANDSHAKE => Rejected {
                    version: version.min(TLS1_2),
                    ..rejected
                },
                _ => rejected,
            })
    }

    /// A ChangeCipherSpec of TLS 1.3, which means nothing (RFC 8446, section 5).
    fn judge_middlebox(&mut self, body: &[u8]) -> Result<Judged, Rejected> {
        if body != [1] {
            let reason = Reason::INVALID_CCS_MESSAGE;
            return Err(Rejected::new(reason, ILLEGAL_PARAMETER));
        }
        self.pass_over(Reason::UNEXPECTED_CCS_MESSAGE)
    }

    fn pass_over(&mut self, too_many: Reason) -> Result<Judged, Rejected> {
        self.empty += 1;
        match self.empty > MAX_EMPTY {
            true => Err(Rejected::new(too_many, UNEXPECTED_MESSAGE)),
            false => Ok(Judged::Ignored),
        }
    }

    fn judge_clear(
        &mut self,
        kind: u8,
        body: &[u8],
        standing: Standing,
    ) -> Result<Judged, Rejected> {
        let unexpected = |reason| Err(Rejected::new(reason, UNEXPECTED_MESSAGE));
        if body.is_empty() && standing.is_tls13() && matches!(kind, ALERT | HANDSHAKE) {
            return unexpected(Reason::BAD_LENGTH);
        }
        if body.len() > MAX_PLAIN {
            let reason = Reason::DATA_LENGTH_TOO_LONG;
            return Err(Rejected::new(reason, RECORD_OVERFLOW));
        }
        if !body.is_empty() {
            self.empty = 0;
            if kind != ALERT {
                self.warnings.end();
            }
        }
        match kind {
            ALERT => self.judge_alert(body, standing.is_tls13()),
            CHANGE_CIPHER_SPEC if self.left > 0 => unexpected(Reason::CCS_RECEIVED_EARLY),
            CHANGE_CIPHER_SPEC | HANDSHAKE if body.is_empty() => {
                self.pass_over(Reason::RECORD_TOO_SMALL)
            }
            CHANGE_CIPHER_SPEC if self.have > 0 || body != [1] => {
                unexpected(Reason::BAD_CHANGE_CIPHER_SPEC)
            }
            CHANGE_CIPHER_SPEC => {
                self.changed = standing.agreed == Agreed::Tls12;
                Ok(Judged::Passed)
            }
            HANDSHAKE => self.judge_messages(body, standing),
            // Early data after a HelloRetryRequest, which rustls counts.
            APPLICATION_DATA if standing.server && standing.agreed == Agreed::Retry => {
                Ok(Judged::Passed)
            }
            _ => unexpected(match standing.agreed {
                Agreed::Tls12 => Reason::UNEXPECTED_RECORD,
                Agreed::Retry if standing.server => Reason::UNEXPECTED_RECORD,
                _ => Reason::UNEXPECTED_MESSAGE,
            }),
        }
    }

    fn judge_alert(&mut self, body: &[u8], tls13: bool) -> Result<Judged, Rejected> {
        match self.warnings.hear(body, tls13) {
            Heard::Nothing => Ok(Judged::Ignored),
            Heard::Closed => Ok(Judged::Closed),
            Heard::Fatal(alert) => Ok(Judged::Alert(alert)),
            Heard::NoRenegotiation => {
                Err(Rejected::new(Reason::NO_RENEGOTIATION, HANDSHAKE_FAILURE))
            }
            Heard::TooMany => Err(Rejected::new(
                Reason::TOO_MANY_WARN_ALERTS,
                UNEXPECTED_MESSAGE,
            )),
            Heard::Malformed => Err(Rejected::new(Reason::INVALID_ALERT, UNEXPECTED_MESSAGE)),
            Heard::Unknown => Err(Rejected::new(Reason::UNKNOWN_ALERT_TYPE, ILLEGAL_PARAMETER)),
        }
    }

    fn judge_messages(&mut self, mut part: &[u8], standing: Standing) -> Result<Judged, Rejected> {
        let mut requests_alone = self.have == 0 && self.left == 0;
        while !part.is_empty() {
            if self.left > 0 {
                let (now, rest) = part.split_at(part.len().min(self.left));
                self.left -= now.len();
                part = rest;
                continue;
            }
            let (now, rest) = part.split_at(part.len().min(MESSAGE_HEADER - self.have));
            self.header[self.have..self.have + now.len()].copy_from_slice(now);
            self.have += now.len();
            part = rest;
            if self.have < MESSAGE_HEADER {
                break;
            }
            self.have = 0;
            let [kind, a, b, c] = self.header;
            self.left = u32::from_be_bytes([0, a, b, c]) as usize;
            // A client in a handshake passes over requests for one.
            if !standing.server && self.header == [HELLO_REQUEST, 0, 0, 0] {
                continue;
            }
            requests_alone = false;
            if !self.may_come(kind, standing) {
                return Err(Rejected::new(
                    Reason::UNEXPECTED_MESSAGE,
                    UNEXPECTED_MESSAGE,
                ));
            }
            self.last = Some(kind);
        }
        Ok(match requests_alone && self.have == 0 {
            true => Judged::Ignored,
            false => Judged::Passed,
        })
    }

    /// Whether a message may follow the last one; that it may does not say that it is due.
    fn may_come(&self, kind: u8, standing: Standing) -> bool {
        let retry = standing.agreed == Agreed::Retry;
        let next: &[u8] = match (standing.server, self.last) {
            (true, None) => &[CLIENT_HELLO],
            (true, Some(CLIENT_HELLO)) if retry => &[CLIENT_HELLO],
            (true, Some(CLIENT_HELLO)) => &[CERTIFICATE, CLIENT_KEY_EXCHANGE],
            (true, Some(CERTIFICATE)) => &[CLIENT_KEY_EXCHANGE],
            (true, Some(CLIENT_KEY_EXCHANGE)) => &[CERTIFICATE_VERIFY],
            (false, None) => &[SERVER_HELLO],
            (false, Some(SERVER_HELLO)) if retry => &[SERVER_HELLO],
            (false, Some(SERVER_HELLO)) => &[CERTIFICATE, NEW_SESSION_TICKET],
            (false, Some(CERTIFICATE)) => &[CERTIFICATE_STATUS, SERVER_KEY_EXCHANGE],
            (false, Some(CERTIFICATE_STATUS)) => &[SERVER_KEY_EXCHANGE],
            (false, Some(SERVER_KEY_EXCHANGE)) => &[CERTIFICATE_REQUEST, SERVER_HELLO_DONE],
            (false, Some(CERTIFICATE_REQUEST)) => &[SERVER_HELLO_DONE],
            (false, Some(SERVER_HELLO_DONE)) => &[NEW_SESSION_TICKET],
            _ => &[],
        };
        next.contains(&kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: Standing = Standing {
        server: false,
        first: false,
        agreed: Agreed::Tls12,
        protected: false,
        own_protected: false,
        plain_alerts: false,
    };

    #[test]
    fn messages_are_followed_over_records() {
        let flight = [2, 0, 0, 1, 9, 11, 0, 0, 2, 9, 9, 12, 0, 0, 0, 14, 0, 0, 0];
        for size in 1..flight.len() {
            let mut clear = Clear::default();
            for part in flight.chunks(size) {
                assert_eq!(
                    clear.judge(HANDSHAKE, 0x0303, part, CLIENT),
                    Ok(Judged::Passed)
                );
            }
            let finished = clear.judge(HANDSHAKE, 0x0303, &[20, 0, 0, 12], CLIENT);
            assert_eq!(
                finished.unwrap_err().alert,
                Some(UNEXPECTED_MESSAGE),
                "{size}"
            );
        }
    }

    #[test]
    fn requests_for_a_handshake_mean_nothing_to_a_client() {
        let mut clear = Clear::default();
        let request = [0, 0, 0, 0];
        assert_eq!(
            clear.judge(HANDSHAKE, 0x0303, &request, CLIENT),
            Ok(Judged::Ignored)
        );
        assert_eq!(
            clear.judge(HANDSHAKE, 0x0303, &[0, 0], CLIENT),
            Ok(Judged::Passed)
        );
        let server = Standing {
            server: true,
            ..CLIENT
        };
        let mut clear = Clear::default();
        assert!(clear.judge(HANDSHAKE, 0x0303, &request, server).is_err());
    }

    #[test]
    fn a_change_of_keys_ends_the_clear() {
        let mut clear = Clear::default();
        assert_eq!(
            clear.judge(CHANGE_CIPHER_SPEC, 0x0303, &[1], CLIENT),
            Ok(Judged::Passed)
        );
        assert!(clear.changed());
        assert!(
            clear
                .judge(CHANGE_CIPHER_SPEC, 0x0303, &[2], CLIENT)
                .is_err()
        );
    }
}
