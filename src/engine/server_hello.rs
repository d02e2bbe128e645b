//! The ServerHello and HelloRetryRequest (RFC 8446, section 4.1.3) as they stood on the wire: rustls
//! tells little of them, and late.

use super::handshake_type::SERVER_HELLO;
use super::hello::{RANDOM, first_message};

/// Extensions (RFC 8446, section 4.2).
const SERVER_NAME: u16 = 0;
pub(super) const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;
pub(crate) const RENEGOTIATION_INFO: u16 = 0xff01;

/// The random of a HelloRetryRequest (RFC 8446, section 4.1.3).
pub(super) const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// The ends of a random that is sent with a lower version than the server has (RFC 8446, section
/// 4.1.3): TLS 1.2, and older ones.
const DOWNGRADED: [[u8; 8]; 2] = [*b"DOWNGRD\x01", *b"DOWNGRD\x00"];

/// Whether a ServerHello message is a HelloRetryRequest.
pub(super) fn is_retry_message(message: &[u8]) -> bool {
    message.get(RANDOM) == Some(&RETRY_RANDOM)
}

/// Whether `records` begin with a HelloRetryRequest, after which a ServerHello is still to come.
pub(super) fn is_retry_request(records: &[u8]) -> bool {
    first_message(records)
        .is_some_and(|message| message[0] == SERVER_HELLO && is_retry_message(&message))
}

/// The fields of either message.
struct Fields<'a> {
    legacy_version: u16,
    random: &'a [u8; 32],
    session_id: &'a [u8],
    suite: u16,
    extensions: &'a [u8],
}

impl<'a> Fields<'a> {
    /// `None` for another message, and for one that is not well formed.
    fn read(message: &'a [u8]) -> Option<Self> {
        let (&[kind, _, _, _, major, minor], rest) = message.split_first_chunk()?;
        if kind != SERVER_HELLO {
            return None;
        }
        let (random, rest) = rest.split_first_chunk()?;
        let (&len, rest) = rest.split_first()?;
        let (session_id, rest) = rest.split_at_checked(usize::from(len))?;
        let &[a, b, _compression, ref block @ ..] = rest else {
            return None;
        };
        Some(Self {
            legacy_version: u16::from_be_bytes([major, minor]),
            random,
            session_id,
            suite: u16::from_be_bytes([a, b]),
            extensions: block.get(2..).unwrap_or_default(),
        })
    }

    /// The body of the extension of this type.
    fn extension(&self, kind: u16) -> Option<&'a [u8]> {
        let mut list = self.extensions;
        while let &[a, b, hi, lo, ref rest @ ..] = list {
            let (body, rest) = rest.split_at_checked(u16::from_be_bytes([hi, lo]).into())?;
            if u16::from_be_bytes([a, b]) == kind {
                return Some(body);
            }
            list = rest;
        }
        None
    }

    /// An extension that is a code of two bytes.
    fn code(&self, kind: u16) -> Option<u16> {
        let body = self.extension(kind)?;
        body.try_into().ok().map(u16::from_be_bytes)
    }

    fn version(&self) -> u16 {
        self.code(SUPPORTED_VERSIONS).unwrap_or(self.legacy_version)
    }
}

/// The version a whole ServerHello or HelloRetryRequest chose.
pub(crate) fn chosen_version(message: &[u8]) -> Option<u16> {
    Fields::read(message).map(|fields| fields.version())
}

/// Whether the ServerHello or HelloRetryRequest at the start of `records` is one of TLS 1.3.
pub(super) fn selects_tls13(records: &[u8]) -> bool {
    server_extension(records, SUPPORTED_VERSIONS).is_some()
}

/// The body of an extension in the ServerHello at the start of `records`.
pub(super) fn server_extension(records: &[u8], kind: u16) -> Option<Vec<u8>> {
    let message = first_message(records)?;
    Fields::read(&message)?.extension(kind).map(<[u8]>::to_vec)
}

/// What a server chose in its hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The version's code.
    pub version: u16,
    /// Whether the server says that it would have had a higher version.
    pub downgraded: bool,
    /// The suite's IANA code.
    pub suite: u16,
    /// The group a HelloRetryRequest asks for.
    pub retry_group: Option<u16>,
}

/// What the ServerHello or HelloRetryRequest at the start of `records` chooses.
pub(super) fn server_choice(records: &[u8]) -> Option<Choice> {
    let message = first_message(records)?;
    let fields = Fields::read(&message)?;
    Some(Choice {
        version: fields.version(),
        downgraded: DOWNGRADED.iter().any(|end| fields.random.ends_with(end)),
        suite: fields.suite,
        retry_group: fields
            .code(KEY_SHARE)
            .filter(|_| *fields.random == RETRY_RANDOM),
    })
}

/// What a ServerHello says of renegotiation (RFC 5746).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renegotiation {
    /// The server knows how to bind it to the connection.
    Secure,
    /// It does not.
    Legacy,
}

/// What a ServerHello says, sent or received.
#[derive(Debug)]
pub(super) struct ServerHello {
    /// random.
    pub random: [u8; 32],
    /// legacy_session_id_echo: TLS 1.2's session id.
    pub session_id: Vec<u8>,
    /// The version's code.
    pub version: u16,
    /// The suite's code.
    pub suite: u16,
    /// Whether the client's server name was of use (RFC 6066, section 3); not here in TLS 1.3.
    pub acknowledges_name: bool,
    /// Of renegotiation, which TLS 1.3 has not.
    pub renegotiation: Option<Renegotiation>,
}

impl ServerHello {
    /// Reads the one at the start of `records`; `None` while it is incomplete, when it is not well
    /// formed, and for a HelloRetryRequest.
    pub(super) fn from_records(records: &[u8]) -> Option<Self> {
        let message = first_message(records)?;
        let fields = Fields::read(&message).filter(|fields| *fields.random != RETRY_RANDOM)?;
        let renegotiation = match fields.extension(RENEGOTIATION_INFO) {
            Some(_) => Renegotiation::Secure,
            None => Renegotiation::Legacy,
        };
        let tls13 = fields.extension(SUPPORTED_VERSIONS).is_some();
        Some(Self {
            random: *fields.random,
            session_id: fields.session_id.to_vec(),
            version: fields.version(),
            suite: fields.suite,
            acknowledges_name: fields.extension(SERVER_NAME).is_some(),
            renegotiation: (!tls13).then_some(renegotiation),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(random: [u8; 32]) -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend(random);
        body.extend([2, 8, 9, 0x13, 1, 0]);
        body.extend([0, 12, 0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0, 23]);
        let message = [&[SERVER_HELLO, 0, 0, body.len() as u8], &body[..]].concat();
        [&[22, 3, 3, 0, message.len() as u8], &message[..]].concat()
    }

    #[test]
    fn a_hello_is_read_whole_or_not_at_all() {
        let whole = hello([7; 32]);
        let read = ServerHello::from_records(&whole).unwrap();
        assert_eq!((read.version, read.suite), (0x0304, 0x1301));
        assert_eq!(
            (&read.random, &read.session_id[..]),
            (&[7; 32], &[8, 9][..])
        );
        assert_eq!((read.renegotiation, read.acknowledges_name), (None, false));
        for len in 0..whole.len() {
            assert!(ServerHello::from_records(&whole[..len]).is_none(), "{len}");
        }
    }

    #[test]
    fn a_retry_request_is_no_hello_but_a_choice() {
        let retry = hello(RETRY_RANDOM);
        assert!(ServerHello::from_records(&retry).is_none());
        assert!(is_retry_request(&retry) && selects_tls13(&retry));
        let choice = server_choice(&retry).unwrap();
        assert_eq!((choice.suite, choice.retry_group), (0x1301, Some(23)));
        assert_eq!(server_choice(&hello([7; 32])).unwrap().retry_group, None);
    }
}
