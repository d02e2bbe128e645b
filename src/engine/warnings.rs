//! The peer's alerts as OpenSSL takes them: of warnings, four in a row mean nothing.
//!
//! rustls allows four in all. So on an established connection our decrypters hear the alerts, and
//! make data that is thrown away of a warning.

use std::cell::{Cell, RefCell};

use rustls::Error;
use rustls::crypto::cipher::Record;
use rustls::enums::ContentType;
use rustls::error::{AlertDescription, PeerMisbehaved};

use super::error::PeersAlert;
use crate::engine::alert::{CLOSE_NOTIFY, FATAL, NO_RENEGOTIATION, USER_CANCELED, WARNING};
use crate::foreign::scope::{self, Scope};

/// MAX_WARN_ALERT_COUNT.
const TOO_MANY: u8 = 5;

/// What an alert comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// A warning that means nothing.
    Nothing,
    /// The peer sends no more.
    Closed,
    /// The end of the connection.
    Fatal(PeersAlert),
    /// The peer will not renegotiate: an end, too.
    NoRenegotiation,
    /// One warning too many.
    TooMany,
    /// Not an alert.
    Malformed,
    /// Of no known level.
    Unknown,
}

/// How many warnings came in a row.
#[derive(Debug, Default)]
pub(super) struct Warnings(u8);

impl Warnings {
    /// Something else came.
    pub(super) fn end(&mut self) {
        self.0 = 0;
    }

    /// Judges the content of an alert record.
    pub(super) fn hear(&mut self, alert: &[u8], tls13: bool) -> Heard {
        let &[level, code] = alert else {
            return Heard::Malformed;
        };
        let canceled = tls13 && code == USER_CANCELED;
        if level == WARNING || canceled {
            self.0 += 1;
            if self.0 == TOO_MANY {
                return Heard::TooMany;
            }
        }
        match (level, code) {
            _ if canceled => Heard::Nothing,
            (WARNING, CLOSE_NOTIFY) => Heard::Closed,
            (_, CLOSE_NOTIFY) if tls13 => Heard::Closed,
            (FATAL, _) => Heard::Fatal(PeersAlert { level, code }),
            _ if tls13 => Heard::Fatal(PeersAlert { level, code }),
            (_, NO_RENEGOTIATION) => Heard::NoRenegotiation,
            (WARNING, _) => Heard::Nothing,
            _ => Heard::Unknown,
        }
    }
}

/// How an established connection hears alerts.
#[derive(Debug, Default)]
pub(super) struct Listener {
    tls13: bool,
    warnings: RefCell<Warnings>,
    /// Whether what rustls takes for data was a warning.
    passed_over: Cell<bool>,
}

thread_local! {
    static LISTENER: Scope<Listener> = const { Scope::new() };
}

/// See [`super::apart`].
pub(super) fn set_aside() -> impl Drop {
    scope::leave(&LISTENER)
}

impl Listener {
    pub(super) fn new(tls13: bool) -> Self {
        Self {
            tls13,
            ..Self::default()
        }
    }

    /// Runs `read`, in which records are opened.
    pub(super) fn during<R>(&self, read: impl FnOnce() -> R) -> R {
        scope::enter(&LISTENER, self, read)
    }

    /// Whether the data that was read was none; if it was, it ends a row of warnings.
    pub(super) fn passed_over(&self, empty: bool) -> bool {
        let passed_over = self.passed_over.take();
        if !passed_over && !empty {
            self.end();
        }
        passed_over
    }

    /// Something else than a warning came.
    pub(super) fn end(&self) {
        self.warnings.borrow_mut().end();
    }
}

/// What rustls gets of an alert that was opened: in a handshake that alert.
pub(super) fn heard(mut alert: Record<&[u8]>) -> Result<Record<&[u8]>, Error> {
    scope::current(&LISTENER, |listener| {
        let Some(listener) = listener else {
            return Ok(alert);
        };
        let mut warnings = listener.warnings.borrow_mut();
        match warnings.hear(alert.payload, listener.tls13) {
            Heard::Nothing => {
                listener.passed_over.set(true);
                alert.typ = ContentType::ApplicationData;
                Ok(alert)
            }
            Heard::Fatal(alert) => Err(match (alert.level, AlertDescription(alert.code)) {
                (WARNING, code) => PeerMisbehaved::IllegalWarningAlert(code).into(),
                (_, code) => Error::AlertReceived(code),
            }),
            Heard::NoRenegotiation => Err(PeerMisbehaved::TooManyRenegotiationRequests.into()),
            Heard::TooMany => Err(PeerMisbehaved::TooManyWarningAlertsReceived.into()),
            Heard::Closed | Heard::Malformed | Heard::Unknown => Ok(alert),
        }
    })
}
