//! The ClientHello and ServerHello as they stood on the wire: what SSL_client_hello_get0_ext(3),
//! SSL_get_client_random(3) and the like read.

use std::ops::Range;

use super::record::HEADER;
use super::rewrite::{answers, taken_out};

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
/// Extensions (RFC 8446, section 4.2).
const PRE_SHARED_KEY: u16 = 41;
pub(crate) const EARLY_DATA: u16 = 42;
const SERVER_NAME: u16 = 0;
pub(super) const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;
pub(crate) const RENEGOTIATION_INFO: u16 = 0xff01;
const SERVER_HELLO: u8 = 2;

/// The first handshake message in a run of plaintext records, its 4-byte header included;
/// `None` while it is incomplete or something else comes first.
fn first_message(mut records: &[u8]) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    while let Some(&[kind, _, _, hi, lo]) = records.first_chunk::<HEADER>() {
        if kind != HANDSHAKE {
            return None;
        }
        let end = HEADER + usize::from(u16::from_be_bytes([hi, lo]));
        message.extend_from_slice(records.get(HEADER..end)?);
        records = &records[end..];
        if let Some(&[_, a, b, c]) = message.first_chunk::<4>() {
            let len = 4 + u32::from_be_bytes([0, a, b, c]) as usize;
            if message.len() >= len {
                message.truncate(len);
                return Some(message);
            }
        }
    }
    None
}

/// The random of a HelloRetryRequest (RFC 8446, section 4.1.3).
pub(super) const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Whether `records` begin with a HelloRetryRequest, after which a ServerHello is still to come.
pub(super) fn is_retry_request(records: &[u8]) -> bool {
    first_message(records)
        .is_some_and(|message| message[0] == SERVER_HELLO && is_retry_message(&message))
}

/// What a ServerHello says of renegotiation (RFC 5746).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renegotiation {
    /// The server knows how to bind it to the connection.
    Secure,
    /// It does not.
    Legacy,
}

/// Whether the ServerHello or HelloRetryRequest at the start of `records` has an extension of this
/// type.
pub(super) fn server_answers(records: &[u8], kind: u16) -> bool {
    first_message(records).is_some_and(|message| answers(&message, kind))
}

/// Where both hellos have their random, behind the message's header and legacy_version.
const RANDOM: Range<usize> = 6..38;

/// What a ServerHello says (RFC 8446, section 4.1.3), sent or received.
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
        let random: [u8; 32] = message.get(RANDOM)?.try_into().ok()?;
        if message[0] != SERVER_HELLO || random == RETRY_RANDOM {
            return None;
        }
        let legacy_version = u16::from_be_bytes([message[4], message[5]]);
        let (&len, rest) = message[RANDOM.end..].split_first()?;
        let (session_id, rest) = rest.split_at_checked(usize::from(len))?;
        let &[a, b, _compression, ref block @ ..] = rest else {
            return None;
        };
        let extensions = block.get(2..).unwrap_or_default();
        let version = extension(extensions, SUPPORTED_VERSIONS)
            .and_then(|body| body.try_into().ok().map(u16::from_be_bytes));
        let renegotiation = match extension(extensions, RENEGOTIATION_INFO) {
            Some(_) => Renegotiation::Secure,
            None => Renegotiation::Legacy,
        };
        Some(Self {
            random,
            session_id: session_id.to_vec(),
            renegotiation: version.is_none().then_some(renegotiation),
            version: version.unwrap_or(legacy_version),
            suite: u16::from_be_bytes([a, b]),
            acknowledges_name: extension(extensions, SERVER_NAME).is_some(),
        })
    }
}

/// The version a whole ServerHello or HelloRetryRequest chose.
pub(crate) fn chosen_version(message: &[u8]) -> Option<u16> {
    let legacy = message.get(4..)?.first_chunk()?;
    let session_id = usize::from(*message.get(RANDOM.end)?);
    // Behind it a suite, a compression method and the length of the extensions.
    let extensions = message.get(RANDOM.end + 1 + session_id + 5..);
    let chosen = extension(extensions.unwrap_or_default(), SUPPORTED_VERSIONS);
    let version = chosen.and_then(<[u8]>::first_chunk).unwrap_or(legacy);
    Some(u16::from_be_bytes(*version))
}

/// The body of the extension of this type, in a list of extensions.
fn extension(mut list: &[u8], kind: u16) -> Option<&[u8]> {
    while let &[a, b, hi, lo, ref rest @ ..] = list {
        let (body, rest) = rest.split_at_checked(u16::from_be_bytes([hi, lo]).into())?;
        if u16::from_be_bytes([a, b]) == kind {
            return Some(body);
        }
        list = rest;
    }
    None
}

/// Whether a ServerHello message is a HelloRetryRequest.
pub(super) fn is_retry_message(message: &[u8]) -> bool {
    message.get(RANDOM) == Some(&RETRY_RANDOM)
}

/// What a server chose in its hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The suite's IANA code.
    pub suite: u16,
    /// The group a HelloRetryRequest asks for.
    pub retry_group: Option<u16>,
}

/// What the ServerHello or HelloRetryRequest at the start of `records` chooses.
pub(super) fn server_choice(records: &[u8]) -> Option<Choice> {
    let message = first_message(records)?;
    let (&len, rest) = message.get(RANDOM.end..)?.split_first()?;
    let &[a, b, _compression, ref block @ ..] = rest.get(usize::from(len)..)? else {
        return None;
    };
    let share = extension(block.get(2..).unwrap_or_default(), KEY_SHARE);
    let group = share.and_then(|body| body.try_into().ok().map(u16::from_be_bytes));
    Some(Choice {
        suite: u16::from_be_bytes([a, b]),
        retry_group: group.filter(|_| is_retry_message(&message)),
    })
}

/// The body of an extension in the ServerHello at the start of `records`.
pub(super) fn server_extension(records: &[u8], kind: u16) -> Option<Vec<u8>> {
    let message = first_message(records)?;
    if message[0] != SERVER_HELLO {
        return None;
    }
    taken_out(&message, &[kind])?
        .extensions
        .pop()
        .map(|(_, _, body)| body)
}

/// A ClientHello's fields (RFC 8446, section 4.1.2).
#[derive(Debug, Clone)]
pub struct RawClientHello {
    message: Vec<u8>,
    session_id: Range<usize>,
    cipher_suites: Range<usize>,
    compression: Range<usize>,
    extensions: Vec<(u16, Range<usize>)>,
}

impl RawClientHello {
    /// Reads the ClientHello at the start of `records`; `None` while it is incomplete, or when it
    /// is not well formed.
    pub fn from_records(records: &[u8]) -> Option<Self> {
        let message = first_message(records)?;
        if message[0] != CLIENT_HELLO {
            return None;
        }
        let mut at = 4 + 2 + 32;
        let mut vector = |width: usize| {
            let len = message
                .get(at..at + width)?
                .iter()
                .fold(0usize, |len, &byte| len << 8 | usize::from(byte));
            let range = at + width..at + width + len;
            message.get(range.clone())?;
            at = range.end;
            Some(range)
        };
        let session_id = vector(1)?;
        let cipher_suites = vector(2)?;
        let compression = vector(1)?;
        let block = vector(2).unwrap_or(0..0);
        let mut extensions = Vec::new();
        let mut rest = block;
        while let Some(&[a, b, hi, lo]) = message[rest.clone()].first_chunk::<4>() {
            let body = rest.start + 4..rest.start + 4 + usize::from(u16::from_be_bytes([hi, lo]));
            if body.end > rest.end {
                return None;
            }
            extensions.push((u16::from_be_bytes([a, b]), body.clone()));
            rest.start = body.end;
        }
        Some(Self {
            session_id,
            cipher_suites,
            compression,
            extensions,
            message,
        })
    }

    /// legacy_version.
    pub fn legacy_version(&self) -> u16 {
        u16::from_be_bytes([self.message[4], self.message[5]])
    }

    /// The client's random.
    pub fn random(&self) -> &[u8] {
        &self.message[RANDOM]
    }

    /// legacy_session_id.
    pub fn session_id(&self) -> &[u8] {
        &self.message[self.session_id.clone()]
    }

    /// The cipher suites, two bytes each.
    pub fn cipher_suites(&self) -> &[u8] {
        &self.message[self.cipher_suites.clone()]
    }

    /// The compression methods.
    pub fn compression(&self) -> &[u8] {
        &self.message[self.compression.clone()]
    }

    /// The extensions' types, in the order sent.
    pub fn extension_types(&self) -> impl ExactSizeIterator<Item = u16> + '_ {
        self.extensions.iter().map(|(kind, _)| *kind)
    }

    /// The body of an extension.
    pub fn extension(&self, kind: u16) -> Option<&[u8]> {
        self.extensions
            .iter()
            .find(|(k, _)| *k == kind)
            .map(|(_, body)| &self.message[body.clone()])
    }

    /// The host name of the server_name extension (RFC 6066, section 3).
    pub fn server_name(&self) -> Option<&[u8]> {
        let [_, _, 0, hi, lo, name @ ..] = self.extension(0)? else {
            return None;
        };
        name.get(..usize::from(u16::from_be_bytes([*hi, *lo])))
    }

    /// The protocol list of the ALPN extension as it goes to the select callback: length-prefixed
    /// names (RFC 7301, section 3.1).
    pub fn alpn(&self) -> Option<&[u8]> {
        let [hi, lo, list @ ..] = self.extension(16)? else {
            return None;
        };
        list.get(..usize::from(u16::from_be_bytes([*hi, *lo])))
            .filter(|list| !list.is_empty())
    }

    /// Whether a stapled OCSP response is asked for (RFC 6066, section 8).
    pub fn wants_ocsp(&self) -> bool {
        self.extension(5)
            .is_some_and(|body| body.first() == Some(&1))
    }

    /// The obfuscated age of the first ticket offered, if early data comes with it (RFC 8446,
    /// sections 4.2.10 and 4.2.11).
    pub fn early_ticket_age(&self) -> Option<u32> {
        self.extension(EARLY_DATA)?;
        let [_, _, hi, lo, rest @ ..] = self.extension(PRE_SHARED_KEY)? else {
            return None;
        };
        let age = rest.get(usize::from(u16::from_be_bytes([*hi, *lo]))..)?;
        age.first_chunk().map(|age| u32::from_be_bytes(*age))
    }

    /// The names of the certificate_authorities extension, in DER (RFC 8446, section 4.2.4).
    pub fn ca_names(&self) -> Option<Vec<&[u8]>> {
        let mut rest = self.extension(47)?.get(2..)?;
        let mut names = Vec::new();
        while let [hi, lo, more @ ..] = rest {
            let (name, after) = more.split_at_checked(u16::from_be_bytes([*hi, *lo]).into())?;
            names.push(name);
            rest = after;
        }
        rest.is_empty().then_some(names)
    }

    /// The tickets offered with TLS 1.3 (RFC 8446, section 4.2.11).
    pub fn psk_identities(&self) -> impl Iterator<Item = &[u8]> {
        let list = self.extension(PRE_SHARED_KEY).and_then(|body| {
            let (len, rest) = body.split_first_chunk::<2>()?;
            rest.get(..usize::from(u16::from_be_bytes(*len)))
        });
        let mut rest = list.unwrap_or_default();
        std::iter::from_fn(move || {
            let (len, more) = rest.split_first_chunk::<2>()?;
            let (identity, more) = more.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
            rest = more.get(4..)?;
            Some(identity)
        })
    }

    /// The groups that a share came for (RFC 8446, section 4.2.8).
    pub fn share_groups(&self) -> Vec<u16> {
        let mut rest = self
            .extension(KEY_SHARE)
            .and_then(|body| body.get(2..))
            .unwrap_or_default();
        let mut groups = Vec::new();
        while let [a, b, hi, lo, more @ ..] = rest {
            groups.push(u16::from_be_bytes([*a, *b]));
            rest = more
                .get(usize::from(u16::from_be_bytes([*hi, *lo]))..)
                .unwrap_or_default();
        }
        groups
    }

    /// A list of two-byte codes in an extension: groups (10), signature algorithms (13).
    pub fn codes(&self, kind: u16) -> Vec<u16> {
        self.extension(kind)
            .and_then(|body| body.get(2..))
            .unwrap_or_default()
            .chunks_exact(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect()
    }

    /// The whole message, its 4-byte header included.
    pub fn message(&self) -> &[u8] {
        &self.message
    }
}
