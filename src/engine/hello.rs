//! The ClientHello as it stood on the wire: what SSL_client_hello_get0_ext(3),
//! SSL_get_client_random(3) and the like read.

use std::ops::Range;

use super::handshake_type::CLIENT_HELLO;
use super::header::HANDSHAKE;
use super::record::HEADER;

/// Extensions (RFC 8446, section 4.2).
pub(crate) const PRE_SHARED_KEY: u16 = 41;
pub(crate) const EARLY_DATA: u16 = 42;
const KEY_SHARE: u16 = 51;

/// The first handshake message in a run of plaintext records, its 4-byte header included;
/// `None` while it is incomplete or something else comes first.
pub(super) fn first_message(mut records: &[u8]) -> Option<Vec<u8>> {
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

/// Where both hellos have their random, behind the message's header and legacy_version.
pub(super) const RANDOM: Range<usize> = 6..38;

/// The codes in a list of two bytes each: suites, groups, signature schemes, versions.
pub fn codes(list: &[u8]) -> impl Iterator<Item = u16> {
    list.chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
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

    /// The cipher suites' IANA codes.
    pub fn suites(&self) -> impl Iterator<Item = u16> {
        codes(self.cipher_suites())
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
        let body = self.extension(kind).and_then(|body| body.get(2..));
        codes(body.unwrap_or_default()).collect()
    }

    /// Whether a session may be resumed with a key exchange (RFC 8446, section 4.2.9).
    pub fn resumes_with_exchange(&self) -> bool {
        const PSK_KEY_EXCHANGE_MODES: u16 = 45;
        const PSK_DHE_KE: u8 = 1;
        let modes = self.extension(PSK_KEY_EXCHANGE_MODES);
        modes.is_some_and(|body| body.get(1..).unwrap_or_default().contains(&PSK_DHE_KE))
    }

    /// The whole message, its 4-byte header included.
    pub fn message(&self) -> &[u8] {
        &self.message
    }
}
