//! SSL_trace(3): what goes by on a connection as text, byte for byte as OpenSSL prints it.

mod certificate;
mod extension;
mod handshake;
mod names;
mod suites;
mod text;

use crate::model::alert::{Alert, AlertLevel};
use handshake::Connection;
use names::{CONTENT_TYPES, VERSIONS};
use text::{Text, name};

/// Which way what is shown goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the peer.
    Sent,
    /// From the peer.
    Received,
}

/// On which connection.
#[derive(Debug, Clone, Copy)]
pub struct Viewpoint {
    /// Whether it is a server's.
    pub server: bool,
    /// Whether its version is TLS 1.3.
    pub tls13: bool,
}

/// SSL3_RT_*: what a message callback is shown.
mod content {
    pub(super) const CHANGE_CIPHER_SPEC: i32 = 20;
    pub(super) const ALERT: i32 = 21;
    pub(super) const HANDSHAKE: i32 = 22;
    pub(super) const HEADER: i32 = 256;
    pub(super) const INNER_CONTENT_TYPE: i32 = 257;
}

/// What SSL_trace(3) prints for these arguments of a message callback.
pub fn print(direction: Direction, kind: i32, bytes: &[u8], viewpoint: Viewpoint) -> Vec<u8> {
    let mut text = Text::default();
    match kind {
        content::HEADER => header(&mut text, direction, bytes),
        content::INNER_CONTENT_TYPE => inner_type(&mut text, bytes),
        content::HANDSHAKE => {
            let sent = direction == Direction::Sent;
            let connection = Connection {
                from_server: viewpoint.server == sent,
                tls13: viewpoint.tls13,
            };
            if connection.message(&mut text, bytes).is_none() {
                text.put(format_args!("Message length parse error!\n"));
            }
        }
        content::CHANGE_CIPHER_SPEC => match bytes {
            [1] => text.put(format_args!("    change_cipher_spec (1)\n")),
            _ => text.hex(4, "unknown value", bytes),
        },
        content::ALERT => alert(&mut text, bytes),
        _ => {}
    }
    text.put(format_args!("\n"));
    text.into_bytes()
}

fn header(text: &mut Text, direction: Direction, bytes: &[u8]) {
    let direction = match direction {
        Direction::Sent => "Sent",
        Direction::Received => "Received",
    };
    let &[kind, major, minor, .., hi, lo] = bytes else {
        text.put(format_args!("{direction}"));
        text.hex(0, " too short message", bytes);
        return;
    };
    let version = u16::from_be_bytes([major, minor]);
    let (known, of_kind) = (name(VERSIONS, version), name(CONTENT_TYPES, kind.into()));
    let len = u16::from_be_bytes([hi, lo]);
    text.put(format_args!(
        "{direction} Record\nHeader:\n  Version = {known} (0x{version:x})\n  \
         Content Type = {of_kind} ({kind})\n  Length = {len}"
    ));
}

fn inner_type(text: &mut Text, bytes: &[u8]) {
    if let Some(&kind) = bytes.first() {
        let known = name(CONTENT_TYPES, kind.into());
        text.put(format_args!("  Inner Content Type = {known} ({kind})"));
    }
}

fn alert(text: &mut Text, bytes: &[u8]) {
    let &[level, code] = bytes else {
        text.put(format_args!("    Illegal Alert Length\n"));
        return;
    };
    let of_level = AlertLevel(level.into()).long().to_string_lossy();
    let of_code = Alert(code).long().to_string_lossy();
    text.put(format_args!(
        "    Level={of_level}({level}), description={of_code}({code})\n"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(kind: i32, bytes: &[u8]) -> String {
        let viewpoint = Viewpoint {
            server: false,
            tls13: true,
        };
        String::from_utf8(print(Direction::Received, kind, bytes, viewpoint)).unwrap()
    }

    #[test]
    fn records_and_alerts() {
        assert_eq!(
            printed(256, &[22, 3, 3, 1, 0]),
            "Received Record\nHeader:\n  Version = TLS 1.2 (0x303)\n  \
             Content Type = Handshake (22)\n  Length = 256\n"
        );
        assert_eq!(printed(257, &[99]), "  Inner Content Type = UNKNOWN (99)\n");
        assert_eq!(
            printed(21, &[2, 40]),
            "    Level=fatal(2), description=handshake failure(40)\n\n"
        );
        assert_eq!(printed(20, &[2]), "    unknown value (len=1): 02\n\n");
    }

    #[test]
    fn what_is_cut_short_is_said_to_be() {
        let ticket = [
            4, 0, 0, 19, 0, 0, 28, 32, 1, 2, 3, 4, 1, 9, 0, 2, 7, 7, 0, 3, 0, 42, 0,
        ];
        for len in 0..ticket.len() {
            assert!(printed(22, &ticket[..len]).ends_with("Message length parse error!\n\n"));
        }
    }
}
