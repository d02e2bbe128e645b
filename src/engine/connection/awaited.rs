//! What the peer's next record can be.

use super::{Connection, State};
use crate::engine::header::Awaited;

/// TLS1_3_VERSION.
const TLS1_3: u16 = 0x0304;

impl Connection {
    /// Whether nothing of the peer was processed yet.
    pub fn is_fresh(&self) -> bool {
        match &self.state {
            State::Server(_) => self.hello.is_none(),
            State::Client(_) => self.server_hello.is_none(),
            _ => false,
        }
    }

    /// Which records are still to come in the handshake.
    pub fn awaited(&self) -> Awaited {
        if self.is_fresh() {
            return match self.first.is_empty() {
                true => Awaited::First,
                false => Awaited::Hello,
            };
        }
        match self.server_hello.as_ref().map(|hello| hello.version) {
            None => Awaited::Hello,
            Some(TLS1_3) => Awaited::Tls13,
            Some(_) => Awaited::Tls12,
        }
    }
}
