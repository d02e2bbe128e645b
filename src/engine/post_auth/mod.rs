//! Post-handshake authentication (RFC 8446, section 4.6.2), which rustls has not.
//!
//! The messages that ask for a client's certificate and bring it are taken out of their records
//! before rustls sees them: it gets data of no length instead. What they go on from is noted where
//! rustls hashes the handshake and goes through its key schedule: the transcript up to the
//! client's Finished, and the secret that the client's records are protected with.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use rustls::crypto::HashAlgorithm;
use rustls::crypto::cipher::{InboundOpaque, Record, RecordDecrypter};
use rustls::crypto::hash::{Context, Hash, Output};
use rustls::crypto::tls13::OkmBlock;
use rustls::enums::ContentType;
use rustls::error::{InvalidMessage, PeerMisbehaved};
use rustls::{Error, SupportedCipherSuite};

mod messages;

use super::schedule;
use crate::engine::handshake_type::{
    CERTIFICATE, CERTIFICATE_REQUEST, CERTIFICATE_VERIFY, FINISHED,
};
use crate::foreign::scope::{self, Scope};
pub use messages::{Certificate, CertificateRequest, CertificateVerify, Finished, Malformed};

/// The post_handshake_auth extension (RFC 8446, section 4.2.6).
pub const POST_HANDSHAKE_AUTH: u16 = 49;
/// A message's type and length.
const HEADER: usize = 4;

/// What is taken out of the peer's records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing.
    #[default]
    Nothing,
    /// A server's request.
    Request,
    /// A client's answer.
    Answer,
}

impl Takes {
    fn takes(self, kind: u8) -> bool {
        match self {
            Self::Nothing => false,
            Self::Request => kind == CERTIFICATE_REQUEST,
            Self::Answer => matches!(kind, CERTIFICATE | CERTIFICATE_VERIFY | FINISHED),
        }
    }
}

/// Of a connection whose client offered post-handshake authentication.
#[derive(Default)]
pub(super) struct Watch {
    /// Up to the client's Finished, once that is hashed.
    transcript: RefCell<Option<Box<dyn Context>>>,
    /// What the client's records are protected with.
    secret: RefCell<Option<OkmBlock>>,
    takes: Cell<Takes>,
    /// The longest message taken.
    limit: Cell<usize>,
    taken: RefCell<VecDeque<Vec<u8>>>,
    /// The chain that the client presented.
    peer: RefCell<Option<Vec<Vec<u8>>>>,
}

impl Watch {
    /// Takes messages of up to `limit` bytes from now on.
    pub(super) fn take(&self, takes: Takes, limit: usize) {
        self.takes.set(takes);
        self.limit.set(limit);
    }

    /// The next message taken.
    pub(super) fn next_message(&self) -> Option<Vec<u8>> {
        self.taken.borrow_mut().pop_front()
    }

    /// The transcript of an authentication, so far the handshake's.
    pub(super) fn exchange(&self) -> Option<Exchange> {
        Some(Exchange(self.transcript.borrow().as_ref()?.fork()))
    }

    /// What is in the client's Finished after `exchange`.
    pub(super) fn finished(
        &self,
        suite: SupportedCipherSuite,
        exchange: &Exchange,
    ) -> Option<Vec<u8>> {
        let SupportedCipherSuite::Tls13(suite) = suite else {
            return None;
        };
        let hkdf = suite.hkdf_provider;
        let secret = self.secret.borrow();
        let key = schedule::expand_block(hkdf, secret.as_ref()?, b"finished", &[]);
        Some(hkdf.hmac_sign(&key, &exchange.hash()).as_ref().to_vec())
    }

    pub(super) fn set_peer(&self, chain: Vec<Vec<u8>>) {
        self.peer.replace(Some(chain));
    }

    pub(super) fn peer(&self) -> Option<Vec<Vec<u8>>> {
        self.peer.borrow().clone()
    }
}

/// The handshake's messages and those of one authentication, hashed.
pub struct Exchange(Box<dyn Context>);

impl Exchange {
    /// One more message.
    pub fn add(&mut self, message: &[u8]) {
        self.0.update(message);
    }

    fn hash(&self) -> Vec<u8> {
        self.0.fork_finish().as_ref().to_vec()
    }

    /// What a CertificateVerify that comes next signs (RFC 8446, section 4.4.3).
    pub fn signed(&self) -> Vec<u8> {
        let mut content = vec![b' '; 64];
        content.extend_from_slice(b"TLS 1.3, client CertificateVerify\0");
        content.extend(self.hash());
        content
    }
}

thread_local! {
    static AT_WORK: Scope<Watch> = const { Scope::new() };
}

/// See [`crate::engine::apart`].
pub(super) fn set_aside() -> impl Drop {
    scope::leave(&AT_WORK)
}

/// Runs a call into rustls, watched if there is a `watch`.
pub(super) fn during<R>(watch: Option<&Watch>, call: impl FnOnce() -> R) -> R {
    match watch {
        Some(watch) => scope::enter(&AT_WORK, watch, call),
        None => call(),
    }
}

/// Whether a connection is watched on this thread.
pub(super) fn is_watched() -> bool {
    scope::current(&AT_WORK, |watch| watch.is_some())
}

/// The first secret of the client's data.
pub(super) fn begin_from(secret: &OkmBlock) {
    scope::current(&AT_WORK, |watch| {
        if let Some(watch) = watch {
            watch.secret.replace(Some(secret.clone()));
        }
    });
}

/// `next` follows on `secret`, whoever's that is.
pub(super) fn went_on(secret: &OkmBlock, next: &OkmBlock) {
    if is_followed(secret) {
        begin_from(next);
    }
}

/// Whether the client's data is protected with this secret.
pub(super) fn is_followed(secret: &OkmBlock) -> bool {
    scope::current(&AT_WORK, |watch| {
        let current = watch.map(|watch| watch.secret.borrow());
        let current = current.as_ref().and_then(|current| current.as_ref());
        current.is_some_and(|current| current.as_ref() == secret.as_ref())
    })
}

/// A hash whose state after the client's Finished is noted.
pub(super) fn hash(inner: &'static dyn Hash) -> &'static dyn Hash {
    Box::leak(Box::new(Noted(inner)))
}

struct Noted(&'static dyn Hash);

impl Hash for Noted {
    fn start(&self) -> Box<dyn Context> {
        match is_watched() {
            true => Box::new(Noting(self.0.start())),
            false => self.0.start(),
        }
    }

    fn hash(&self, data: &[u8]) -> Output {
        self.0.hash(data)
    }

    fn output_len(&self) -> usize {
        self.0.output_len()
    }

    fn algorithm(&self) -> HashAlgorithm {
        self.0.algorithm()
    }
}

/// rustls hashes whole messages; the client's Finished is the last.
struct Noting(Box<dyn Context>);

impl Context for Noting {
    fn fork_finish(&self) -> Output {
        self.0.fork_finish()
    }

    fn fork(&self) -> Box<dyn Context> {
        self.0.fork()
    }

    fn finish(self: Box<Self>) -> Output {
        self.0.finish()
    }

    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
        if holds_finished(data) {
            scope::current(&AT_WORK, |watch| {
                if let Some(watch) = watch {
                    watch.transcript.replace(Some(self.0.fork()));
                }
            });
        }
    }
}

fn holds_finished(mut messages: &[u8]) -> bool {
    while let [kind, a, b, c, rest @ ..] = messages {
        if *kind == FINISHED {
            return true;
        }
        let len = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        messages = rest.get(len..).unwrap_or_default();
    }
    false
}

/// `inner` without the messages that are taken.
pub(super) fn decrypter(inner: Box<dyn RecordDecrypter>) -> Box<dyn RecordDecrypter> {
    match is_watched() {
        true => Box::new(Taking {
            inner,
            place: Place::Between,
        }),
        false => inner,
    }
}

struct Taking {
    inner: Box<dyn RecordDecrypter>,
    place: Place,
}

impl RecordDecrypter for Taking {
    fn decrypt<'a>(
        &mut self,
        record: Record<InboundOpaque<'a>>,
        seq: u64,
    ) -> Result<Record<&'a [u8]>, Error> {
        let plain = self.inner.decrypt(record, seq)?;
        if plain.typ != ContentType::Handshake {
            return Ok(plain);
        }
        scope::current(&AT_WORK, |watch| match watch {
            Some(watch) if watch.takes.get() != Takes::Nothing => {
                let left = self.place.pass(watch, plain.payload)?;
                let typ = match left.is_empty() {
                    true => ContentType::ApplicationData,
                    false => ContentType::Handshake,
                };
                Ok(Record::new(typ, plain.version, left))
            }
            _ => Ok(plain),
        })
    }
}

/// Where the end of a record was in its messages.
enum Place {
    Between,
    /// In one that is taken: what there is of it.
    Taken(Vec<u8>),
    /// In one of rustls's: what there is of its header, and what is still to come of its body.
    Passed(Vec<u8>, usize),
}

/// How many of a message's bytes are still to come, as far as its beginning tells.
fn missing(begun: &[u8]) -> usize {
    match begun {
        [_, a, b, c, body @ ..] => {
            (u32::from_be_bytes([0, *a, *b, *c]) as usize).saturating_sub(body.len())
        }
        short => HEADER - short.len(),
    }
}

impl Place {
    /// Takes what is to be taken out of a record's messages; what is left stands in one piece.
    fn pass<'a>(&mut self, watch: &Watch, messages: &'a [u8]) -> Result<&'a [u8], Error> {
        let mut left: Option<std::ops::Range<usize>> = None;
        let mut at = 0;
        while let Some(&kind) = messages.get(at) {
            if let Self::Between = self {
                *self = match watch.takes.get().takes(kind) {
                    true => Self::Taken(Vec::new()),
                    false => Self::Passed(Vec::new(), 0),
                };
            }
            let rest = &messages[at..];
            let step = match self {
                Self::Taken(begun) => Self::take(watch, begun, rest)?,
                Self::Passed(header, body) => {
                    let step = Self::skip(header, body, rest);
                    let begin = match left.take() {
                        None => at,
                        Some(range) if range.end == at => range.start,
                        Some(_) => {
                            return Err(PeerMisbehaved::KeyEpochWithPendingFragment.into());
                        }
                    };
                    left = Some(begin..at + step);
                    step
                }
                Self::Between => 0,
            };
            at += step;
            let done = match self {
                Self::Taken(begun) => begun.len() >= HEADER && missing(begun) == 0,
                Self::Passed(header, body) => header.len() == HEADER && *body == 0,
                Self::Between => true,
            };
            if done && let Self::Taken(whole) = std::mem::replace(self, Self::Between) {
                watch.taken.borrow_mut().push_back(whole);
            }
        }
        Ok(&messages[left.unwrap_or(0..0)])
    }

    fn take(watch: &Watch, begun: &mut Vec<u8>, rest: &[u8]) -> Result<usize, Error> {
        let step = missing(begun).min(rest.len());
        begun.extend_from_slice(&rest[..step]);
        match begun.len() >= HEADER && missing(begun) > watch.limit.get() {
            true => Err(InvalidMessage::HandshakePayloadTooLarge.into()),
            false => Ok(step),
        }
    }

    fn skip(header: &mut Vec<u8>, body: &mut usize, rest: &[u8]) -> usize {
        if header.len() < HEADER {
            let step = missing(header).min(rest.len());
            header.extend_from_slice(&rest[..step]);
            if header.len() == HEADER {
                *body = missing(header);
            }
            return step;
        }
        let step = (*body).min(rest.len());
        *body -= step;
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(takes: Takes) -> Watch {
        let watch = Watch::default();
        watch.take(takes, 100);
        watch
    }

    #[test]
    fn what_is_taken_leaves_the_rest() {
        let watch = watch(Takes::Request);
        let mut place = Place::Between;
        let ticket = [4, 0, 0, 1, 9];
        let request = [13, 0, 0, 2, 7, 8];
        let both = [&ticket[..], &request].concat();
        assert_eq!(place.pass(&watch, &both).unwrap(), ticket);
        assert_eq!(watch.next_message().unwrap(), request);
        let both = [&request[..], &ticket].concat();
        assert_eq!(place.pass(&watch, &both).unwrap(), ticket);
        assert_eq!(place.pass(&watch, &request).unwrap(), []);
        assert_eq!(watch.next_message().unwrap(), request);
        assert_eq!(watch.next_message().unwrap(), request);
        assert_eq!(watch.next_message(), None);
        let torn = [&ticket[..], &request, &ticket].concat();
        assert!(place.pass(&watch, &torn).is_err());
    }

    #[test]
    fn messages_go_on_in_the_next_record() {
        let watch = watch(Takes::Answer);
        let messages = [11, 0, 0, 3, 1, 2, 3, 24, 0, 0, 1, 0, 20, 0, 0, 0];
        for cut in 1..messages.len() {
            let mut place = Place::Between;
            let mut left = Vec::new();
            for part in [&messages[..cut], &messages[cut..]] {
                left.extend_from_slice(place.pass(&watch, part).unwrap());
            }
            assert_eq!(left, [24, 0, 0, 1, 0], "{cut}");
            assert_eq!(watch.next_message().unwrap(), messages[..7], "{cut}");
            assert_eq!(watch.next_message().unwrap(), messages[12..], "{cut}");
        }
    }

    #[test]
    fn a_long_message_is_refused_when_its_length_is_known() {
        let watch = watch(Takes::Answer);
        let mut place = Place::Between;
        assert!(place.pass(&watch, &[11, 0, 0, 101]).is_err());
        let mut place = Place::Between;
        assert!(place.pass(&watch, &[11, 0, 0, 100]).is_ok());
    }

    #[test]
    fn the_clients_finished_is_seen_among_others() {
        assert!(holds_finished(&[20, 0, 0, 0]));
        assert!(holds_finished(&[11, 0, 0, 1, 20, 20, 0, 0, 0]));
        assert!(!holds_finished(&[11, 0, 0, 1, 20]));
        assert!(!holds_finished(&[1, 0, 9, 0, 20]));
    }
}
