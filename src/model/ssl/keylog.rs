//! SSL_CTX_set_keylog_callback(3): lines in OpenSSL's order, which those are used in, where rustls
//! tells of secrets when they are derived; and a line for each KeyUpdate.

use std::ffi::{CStr, CString};

use super::early::Status;
use super::{Side, Ssl, with_current};
use crate::engine::connection::Connection;
use crate::engine::keylog::{self, KeyLogSink};

const CLIENT_EARLY: &CStr = c"CLIENT_EARLY_TRAFFIC_SECRET";
const EARLY_EXPORTER: &CStr = c"EARLY_EXPORTER_SECRET";
const CLIENT_HANDSHAKE: &CStr = c"CLIENT_HANDSHAKE_TRAFFIC_SECRET";
const SERVER_HANDSHAKE: &CStr = c"SERVER_HANDSHAKE_TRAFFIC_SECRET";
const CLIENT_TRAFFIC: &CStr = c"CLIENT_TRAFFIC_SECRET_0";
const SERVER_TRAFFIC: &CStr = c"SERVER_TRAFFIC_SECRET_0";
const EXPORTER: &CStr = c"EXPORTER_SECRET";

/// Logs the secrets of the connection at work.
pub(super) struct LogSecrets;

impl KeyLogSink for LogSecrets {
    fn line(&self, line: &str) {
        with_current(|ssl| {
            if let Some(ssl) = ssl
                && let Ok(line) = CString::new(line)
            {
                ssl.log_in_order(line);
            }
        });
    }
}

fn is_labelled(line: &CStr, label: &CStr) -> bool {
    let rest = line.to_bytes().strip_prefix(label.to_bytes());
    rest.is_some_and(|rest| rest.starts_with(b" "))
}

impl Ssl {
    fn log(&self, line: &CStr) {
        if let Some(callback) = self.ctx().with_hooks(|h| h.keylog) {
            callback.keylog(self.ptr(), line);
        }
    }

    /// Logs the line, and before and after it those held that are due then; or holds it. That of
    /// early data comes with each resumption, and is due only if there is some.
    fn log_in_order(&self, line: CString) {
        const HELD: [&CStr; 4] = [
            CLIENT_EARLY,
            CLIENT_HANDSHAKE,
            CLIENT_TRAFFIC,
            SERVER_TRAFFIC,
        ];
        if HELD.iter().any(|label| is_labelled(&line, label)) {
            self.held_secrets.borrow_mut().push(line);
            return;
        }
        self.log(&line);
        if is_labelled(&line, EARLY_EXPORTER) {
            self.log_held(CLIENT_EARLY);
        } else if is_labelled(&line, SERVER_HANDSHAKE) {
            // A server reads early data first, and a client sends after it has read.
            if self.side.get() == Side::Server && !self.takes_early_data() {
                self.log_held(CLIENT_HANDSHAKE);
            }
        } else if is_labelled(&line, EXPORTER) {
            self.log_held(SERVER_TRAFFIC);
            if self.side.get() == Side::Client {
                self.log_rest();
            }
        }
    }

    /// The client's secrets are used last.
    fn log_rest(&self) {
        self.log_held(CLIENT_HANDSHAKE);
        self.log_held(CLIENT_TRAFFIC);
        self.held_secrets.take();
    }

    /// The handshake is done.
    pub(super) fn log_last(&self, connection: &mut Connection) {
        if self.ctx().with_hooks(|h| h.keylog).is_some() {
            self.log_rest();
            connection.note_updates();
        }
    }

    fn log_held(&self, label: &CStr) {
        let held = {
            let mut held = self.held_secrets.borrow_mut();
            let at = held.iter().position(|line| is_labelled(line, label));
            at.map(|at| held.remove(at))
        };
        if let Some(line) = held {
            self.log(&line);
        }
    }

    /// Logs the secrets of the KeyUpdates since the last call: `own` of those sent, else received.
    pub(super) fn log_updates(&self, connection: &Connection, own: bool) {
        let label = match own == (self.side.get() == Side::Server) {
            true => "SERVER_TRAFFIC_SECRET_N",
            false => "CLIENT_TRAFFIC_SECRET_N",
        };
        for secret in connection.take_updates(own) {
            let random = connection.client_hello().map(|hello| hello.random());
            let line = keylog::line(label, random.unwrap_or_default(), secret.as_ref());
            if let Ok(line) = CString::new(line) {
                self.log(&line);
            }
        }
    }

    fn takes_early_data(&self) -> bool {
        self.early_status() != Status::NotSent && self.early_is_allowed()
    }
}
