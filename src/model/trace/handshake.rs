//! Handshake messages.

use super::certificate;
use super::extension::Place;
use super::names::{COMPRESSIONS, GROUPS, HANDSHAKE_TYPES, KEY_UPDATES, SCHEMES, VERSIONS};
use super::suites::SUITES;
use super::text::{Bytes, Text, name};
use crate::engine::handshake_type as kind;

/// ECCurveType (RFC 8422, section 5.4).
mod curve_type {
    pub(super) const EXPLICIT_PRIME: u8 = 1;
    pub(super) const EXPLICIT_CHAR2: u8 = 2;
    pub(super) const NAMED: u8 = 3;
}

/// Whose message it is and of which version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Connection {
    pub(super) from_server: bool,
    pub(super) tls13: bool,
}

impl Connection {
    /// A whole message; `None` when it is not well formed: what was printed before stays.
    pub(super) fn message(self, text: &mut Text, message: &[u8]) -> Option<()> {
        let mut rest = Bytes(message);
        let (&[kind, ..], len) = (rest.0, Bytes(message.get(1..4)?).number(3)?) else {
            return None;
        };
        rest.take(4)?;
        let known = name(HANDSHAKE_TYPES, kind.into());
        text.line(4, format_args!("{known}, Length={len}"));
        if rest.0.len() < len {
            return None;
        }
        self.content(text, 6, kind, rest)
    }

    fn place(self) -> Place {
        Place {
            from_server: self.from_server,
            ticket: false,
        }
    }

    fn content(self, text: &mut Text, indent: usize, kind: u8, mut rest: Bytes<'_>) -> Option<()> {
        // What stands in a message of one side alone is that side's, whoever it came from.
        let server = Place {
            from_server: true,
            ticket: false,
        };
        match kind {
            kind::CLIENT_HELLO => client_hello(text, indent, rest),
            kind::SERVER_HELLO => server_hello(text, indent, server, rest),
            kind::SERVER_KEY_EXCHANGE => server_key_exchange(text, indent, rest),
            kind::CLIENT_KEY_EXCHANGE => {
                text.line(indent, format_args!("KeyExchangeAlgorithm=ECDHE"));
                rest.hex_vector(text, indent + 2, "ecdh_Yc", 1)?;
                rest.is_empty().then_some(())
            }
            kind::CERTIFICATE => {
                certificate::certificates(text, indent, self.place(), self.tls13, rest)
            }
            kind::CERTIFICATE_VERIFY => signature(text, indent, &mut rest),
            kind::CERTIFICATE_REQUEST => {
                certificate::request(text, indent, server, self.tls13, rest)
            }
            kind::FINISHED => {
                text.hex(indent, "verify_data", rest.0);
                Some(())
            }
            kind::SERVER_HELLO_DONE => {
                if !rest.is_empty() {
                    text.hex(indent, "unexpected value", rest.0);
                }
                Some(())
            }
            kind::NEW_SESSION_TICKET => self.ticket(text, indent + 2, rest),
            kind::ENCRYPTED_EXTENSIONS => server.extensions(text, indent, &mut rest),
            kind::KEY_UPDATE if rest.0.len() != 1 => {
                text.hex(indent, "unexpected value", rest.0);
                None
            }
            kind::KEY_UPDATE => rest.list(text, indent, 1, KEY_UPDATES),
            _ => {
                text.line(indent, format_args!("Unsupported, hex dump follows:"));
                text.dump(indent + 2, rest.0);
                Some(())
            }
        }
    }

    fn ticket(self, text: &mut Text, indent: usize, mut rest: Bytes<'_>) -> Option<()> {
        if rest.is_empty() {
            text.line(indent, format_args!("No Ticket"));
            return Some(());
        }
        let lifetime = rest.long()?;
        text.line(indent, format_args!("ticket_lifetime_hint={lifetime}"));
        if self.tls13 {
            let age_add = rest.long()?;
            text.line(indent, format_args!("ticket_age_add={age_add}"));
            rest.hex_vector(text, indent, "ticket_nonce", 1)?;
        }
        rest.hex_vector(text, indent, "ticket", 2)?;
        if self.tls13 {
            let place = Place {
                from_server: false,
                ticket: true,
            };
            place.extensions(text, indent, &mut rest)?;
        }
        rest.is_empty().then_some(())
    }
}

fn version(text: &mut Text, indent: usize, what: &str, rest: &mut Bytes<'_>) -> Option<()> {
    let version = rest.code()?;
    let known = name(VERSIONS, version);
    text.line(indent, format_args!("{what}=0x{version:x} ({known})"));
    Some(())
}

fn random(text: &mut Text, indent: usize, rest: &mut Bytes<'_>) -> Option<()> {
    let mut random = Bytes(rest.take(32)?);
    let time = random.long()?;
    text.line(indent, format_args!("Random:"));
    text.line(indent + 2, format_args!("gmt_unix_time=0x{time:08X}"));
    text.hex(indent + 2, "random_bytes", random.0);
    Some(())
}

/// A suite, as its bytes and by its name.
fn suite(text: &mut Text, indent: usize, what: &str, code: u16) {
    let ([hi, lo], known) = (code.to_be_bytes(), name(SUITES, code));
    text.line(
        indent,
        format_args!("{what}{{0x{hi:02X}, 0x{lo:02X}}} {known}"),
    );
}

fn client_hello(text: &mut Text, indent: usize, mut rest: Bytes<'_>) -> Option<()> {
    version(text, indent, "client_version", &mut rest)?;
    random(text, indent, &mut rest)?;
    rest.hex_vector(text, indent, "session_id", 1)?;
    let len = rest.number(2)?;
    text.line(indent, format_args!("cipher_suites (len={len})"));
    let mut codes = Bytes(rest.take(len).filter(|_| len.is_multiple_of(2))?);
    while let Some(code) = codes.code() {
        suite(text, indent + 2, "", code);
    }
    let methods = rest.vector(1)?;
    let len = methods.0.len();
    text.line(indent, format_args!("compression_methods (len={len})"));
    for &method in methods.0 {
        let known = name(COMPRESSIONS, method.into());
        text.line(indent + 2, format_args!("{known} (0x{method:02X})"));
    }
    let place = Place {
        from_server: false,
        ticket: false,
    };
    place.extensions(text, indent, &mut rest)
}

fn server_hello(text: &mut Text, indent: usize, place: Place, mut rest: Bytes<'_>) -> Option<()> {
    version(text, indent, "server_version", &mut rest)?;
    random(text, indent, &mut rest)?;
    rest.hex_vector(text, indent, "session_id", 1)?;
    suite(text, indent, "cipher_suite ", rest.code()?);
    let method = *rest.take(1)?.first()?;
    let known = name(COMPRESSIONS, method.into());
    text.line(
        indent,
        format_args!("compression_method: {known} (0x{method:02X})"),
    );
    place.extensions(text, indent, &mut rest)
}

fn server_key_exchange(text: &mut Text, indent: usize, mut rest: Bytes<'_>) -> Option<()> {
    text.line(indent, format_args!("KeyExchangeAlgorithm=ECDHE"));
    let kind = *rest.0.first()?;
    text.indent(indent + 2);
    match kind {
        curve_type::EXPLICIT_PRIME => text.put(format_args!("explicit_prime\n")),
        curve_type::EXPLICIT_CHAR2 => text.put(format_args!("explicit_char2\n")),
        curve_type::NAMED => {
            let curve = Bytes(rest.take(3)?.get(1..)?).code()?;
            let known = name(GROUPS, curve);
            text.put(format_args!("named_curve: {known} ({curve})\n"));
            rest.hex_vector(text, indent + 2, "point", 1)?;
        }
        _ => {
            text.put(format_args!("UNKNOWN CURVE PARAMETER TYPE {kind}\n"));
            return None;
        }
    }
    signature(text, indent, &mut rest);
    rest.is_empty().then_some(())
}

fn signature(text: &mut Text, indent: usize, rest: &mut Bytes<'_>) -> Option<()> {
    let scheme = rest.code()?;
    let known = name(SCHEMES, scheme);
    text.line(
        indent,
        format_args!("Signature Algorithm: {known} (0x{scheme:04x})"),
    );
    rest.hex_vector(text, indent, "Signature", 2)
}
