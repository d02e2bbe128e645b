//! A HelloRetryRequest of our own making (RFC 8446, section 4.1.4): one with a cookie, after which
//! nothing is remembered.
//!
//! rustls makes none with a cookie. It is never told that there was one: the ClientHello that
//! brings the cookie back is the first it sees, and only the transcript begins with what went
//! before.

use rustls::server::OfferedKxGroup;
use rustls::{ServerConfig, Tls13CipherSuite};

use super::connection::CHANGE_CIPHER_SPEC;
use super::handshake_type::{MESSAGE_HASH, SERVER_HELLO};
use super::hello::RawClientHello;
use super::server_hello::{RETRY_RANDOM, SUPPORTED_VERSIONS};

/// Extensions (RFC 8446, section 4.2).
const SUPPORTED_GROUPS: u16 = 10;
const COOKIE: u16 = 44;
const KEY_SHARE: u16 = 51;
const TLS1_2: u16 = 0x0303;
const TLS1_3: u16 = 0x0304;

/// What rustls will choose for a ClientHello of TLS 1.3.
pub struct Choice {
    suite: &'static Tls13CipherSuite,
    /// The group's code point.
    pub group: u16,
    /// Whether the client sent a share for it.
    pub has_share: bool,
}

/// What the two sides do not have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    /// A suite.
    Suite,
    /// A group.
    Group,
}

impl Choice {
    /// By the selectors that rustls will ask.
    pub fn foresee(config: &ServerConfig, hello: &RawClientHello) -> Result<Self, Lacking> {
        let provider = config.provider();
        let own = &provider.tls13_cipher_suites;
        let mut suites = hello.suites().filter_map(|code| {
            let mut own = own.iter().copied();
            own.find(|suite| suite.common.suite.0 == code)
        });
        let suite = config
            .cipher_suite_selector
            .select_tls13_cipher_suite(&mut suites, own)
            .ok_or(Lacking::Suite)?;
        let shares = hello.share_groups();
        let offered = hello.codes(SUPPORTED_GROUPS);
        let mut offered = offered.iter().filter_map(|code| {
            let mut own = provider.kx_groups.iter().copied();
            let group = own.find(|group| group.name().0 == *code)?;
            Some(OfferedKxGroup::new(group, shares.contains(code)))
        });
        let group = config
            .kx_selector
            .select_key_exchange(&mut offered, &provider.kx_groups)
            .ok_or(Lacking::Group)?;
        let group = group.name().0;
        Ok(Self {
            suite,
            group,
            has_share: shares.contains(&group),
        })
    }

    /// The suite's IANA code.
    pub fn suite(&self) -> u16 {
        self.suite.common.suite.0
    }

    /// The hash of `message` that the handshake will use.
    pub fn hash(&self, message: &[u8]) -> Vec<u8> {
        let hash = self.suite.common.hash_provider.hash(message);
        hash.as_ref().to_vec()
    }

    /// Whether `hash` is as long as [`Self::hash`]'s results.
    pub fn fits(&self, hash: &[u8]) -> bool {
        self.suite.common.hash_provider.output_len() == hash.len()
    }

    /// The request, with a share of the group asked for if `ask`.
    pub fn request(&self, session_id: &[u8], ask: bool, cookie: &[u8]) -> Vec<u8> {
        let mut extensions = Vec::new();
        extend(&mut extensions, SUPPORTED_VERSIONS, &TLS1_3.to_be_bytes());
        if ask {
            extend(&mut extensions, KEY_SHARE, &self.group.to_be_bytes());
        }
        let body = [&(cookie.len() as u16).to_be_bytes(), cookie].concat();
        extend(&mut extensions, COOKIE, &body);
        let mut body = TLS1_2.to_be_bytes().to_vec();
        body.extend_from_slice(&RETRY_RANDOM);
        body.push(session_id.len() as u8);
        body.extend_from_slice(session_id);
        body.extend_from_slice(&self.suite().to_be_bytes());
        body.push(0);
        body.extend_from_slice(&(extensions.len() as u16).to_be_bytes());
        body.extend_from_slice(&extensions);
        message(SERVER_HELLO, &body)
    }
}

fn extend(extensions: &mut Vec<u8>, kind: u16, body: &[u8]) {
    extensions.extend_from_slice(&kind.to_be_bytes());
    extensions.extend_from_slice(&(body.len() as u16).to_be_bytes());
    extensions.extend_from_slice(body);
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let [_, len @ ..] = (body.len() as u32).to_be_bytes();
    [&[kind], &len[..], body].concat()
}

/// What the transcript begins with in place of the first ClientHello, whose hash is given, and the
/// request (RFC 8446, section 4.4.1).
pub fn transcript(first_hello: &[u8], request: &[u8]) -> Vec<u8> {
    [&message(MESSAGE_HASH, first_hello), request].concat()
}

/// The records of a request; with `compatible` a ChangeCipherSpec for middleboxes follows (RFC
/// 8446, appendix D.4).
pub(super) fn records(request: &[u8], compatible: bool) -> Vec<u8> {
    let [hi, lo] = (request.len() as u16).to_be_bytes();
    let spec = match compatible {
        true => &CHANGE_CIPHER_SPEC[..],
        false => &[],
    };
    [&[22, 3, 3, hi, lo], request, spec].concat()
}
