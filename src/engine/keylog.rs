//! Secrets in the NSS key log format, for SSL_CTX_set_keylog_callback(3).

use std::fmt;
use std::fmt::Write;

use rustls::KeyLog;

use super::schedule;

/// Where lines of the key log go.
pub trait KeyLogSink: Send + Sync {
    /// One line without its end.
    fn line(&self, line: &str);
}

/// Formats what rustls reports and hands it to a sink.
pub(super) struct Lines<S>(pub(super) S);

impl<S> fmt::Debug for Lines<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").finish_non_exhaustive()
    }
}

impl KeyLog for Lines<std::sync::Arc<dyn KeyLogSink>> {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        schedule::note_traffic(label, secret);
        self.0.line(&line(label, client_random, secret));
    }
}

/// A line of the key log, without its end.
pub fn line(label: &str, client_random: &[u8], secret: &[u8]) -> String {
    let mut line = String::with_capacity(label.len() + 2 + 2 * (32 + secret.len()));
    line.push_str(label);
    for bytes in [client_random, secret] {
        line.push(' ');
        for byte in bytes {
            let _ = write!(line, "{byte:02x}");
        }
    }
    line
}
