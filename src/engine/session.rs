//! Resumption: what a client keeps, and how a server's tickets are sealed.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::client::{ClientSessionKey, ClientSessionStore, Tls12Session, Tls13Session};
use rustls::crypto::kx::NamedGroup;
use rustls::crypto::{CryptoProvider, TicketProducer};
use rustls::pki_types::DnsName;
use rustls::server::StoresServerSessions;

use super::{revival, suites};
use crate::foreign::callback::SslPtr;
use crate::foreign::err;
use crate::foreign::libctx::LibCtx;
use crate::foreign::secret::SecretVec;
use crate::foreign::ticket::KeySource;
pub use crate::foreign::ticket::Renewal;

/// A client's session as rustls holds it.
enum Held {
    Tls12(Tls12Session),
    Tls13(Tls13Session),
}

/// A client's session that came in.
pub struct Received(Held);

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").finish_non_exhaustive()
    }
}

/// A client's session as SSL_SESSION tells it: all there is to it.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, PartialEq))]
#[expect(
    missing_docs,
    reason = "each is the SSL_SESSION_get_NAME of OpenSSL's manual"
)]
pub struct Fields {
    pub tls13: bool,
    pub suite: u16,
    pub id: Vec<u8>,
    pub master_key: SecretVec,
    pub extended_master_secret: bool,
    pub ticket: Vec<u8>,
    pub time: u64,
    pub lifetime: u64,
    pub age_add: u32,
    pub max_early_data: u32,
    /// The peer's chain in DER, leaf first.
    pub peer: Vec<Vec<u8>>,
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> &'a [u8] {
        let (head, tail) = self.0.split_at(n.min(self.0.len()));
        self.0 = tail;
        head
    }

    fn number(&mut self, width: usize) -> u64 {
        self.take(width)
            .iter()
            .fold(0, |n, &byte| n << 8 | u64::from(byte))
    }

    fn vector(&mut self, width: usize) -> &'a [u8] {
        let len = self.number(width) as usize;
        self.take(len)
    }

    /// The chain of an identity, leaf first; empty for a raw public key.
    fn identity(&mut self) -> Vec<Vec<u8>> {
        let x509 = self.number(1) == X509_IDENTITY;
        let first = self.vector(3);
        if !x509 {
            return Vec::new();
        }
        let (mut chain, mut rest) = (vec![first.to_vec()], Reader(self.vector(3)));
        while !rest.0.is_empty() {
            chain.push(rest.vector(3).to_vec());
        }
        chain
    }
}

/// Appends `bytes` with their length before them, in `width` bytes.
fn put_vector(out: &mut Vec<u8>, width: usize, bytes: &[u8]) {
    out.extend_from_slice(&bytes.len().to_be_bytes()[size_of::<usize>() - width..]);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
impl From<Tls13Session> for Received {
    fn from(session: Tls13Session) -> Self {
        Self(Held::Tls13(session))
    }
}

impl Received {
    pub(super) fn into_tls13(self) -> Option<Tls13Session> {
        match self.0 {
            Held::Tls13(session) => Some(session),
            Held::Tls12(_) => None,
        }
    }

    /// What SSL_SESSION tells, read off rustls's encoding.
    pub fn fields(&self) -> Fields {
        let mut bytes = SecretVec(Vec::with_capacity(USUAL_ENCODING));
        let mut fields = Fields::default();
        match &self.0 {
            Held::Tls12(session) => session.encode(&mut bytes.0),
            Held::Tls13(session) => {
                fields.tls13 = true;
                session.encode(&mut bytes.0);
            }
        }
        let mut r = Reader(bytes.as_ref());
        fields.suite = r.number(2) as u16;
        if fields.tls13 {
            fields.master_key = r.vector(1).to_vec().into();
            fields.age_add = r.number(4) as u32;
            fields.max_early_data = r.number(4) as u32;
        } else {
            fields.id = r.vector(1).to_vec();
            fields.master_key = r.take(MASTER_SECRET_LEN).to_vec().into();
            fields.extended_master_secret = r.number(1) == 1;
        }
        fields.ticket = r.vector(2).to_vec();
        fields.time = r.number(8);
        fields.lifetime = r.number(8);
        fields.peer = r.identity();
        fields
    }
}

impl Fields {
    /// What rustls resumes from, with the ciphers of `lib`; `None` for what it cannot.
    fn held(&self, lib: &LibCtx) -> Option<Held> {
        match self.tls13 {
            true => revival::tls13(self, lib).map(Held::Tls13),
            false => self.tls12(lib).map(Held::Tls12),
        }
    }

    fn tls12(&self, lib: &LibCtx) -> Option<Tls12Session> {
        let provider = CryptoProvider {
            tls12_cipher_suites: Cow::Owned(vec![suites::tls12(self.suite, lib)?]),
            ..rustls_aws_lc_rs::DEFAULT_PROVIDER
        };
        let secret = self.master_key.as_ref();
        if secret.len() != MASTER_SECRET_LEN {
            return None;
        }
        let mut bytes = SecretVec(Vec::with_capacity(256 + self.ticket.len()));
        let out = &mut bytes.0;
        out.extend_from_slice(&self.suite.to_be_bytes());
        put_vector(out, 1, &self.id);
        out.extend_from_slice(secret);
        out.push(self.extended_master_secret.into());
        put_vector(out, 2, &self.ticket);
        out.extend_from_slice(&self.time.to_be_bytes());
        out.extend_from_slice(&self.lifetime.to_be_bytes());
        self.put_peer(out);
        Tls12Session::from_slice(bytes.as_ref(), &provider).ok()
    }

    fn put_peer(&self, out: &mut Vec<u8>) {
        match self.peer.split_first() {
            Some((leaf, rest)) => put_chain(out, leaf, rest),
            // A raw public key: an identity without certificates.
            None => out.extend_from_slice(&[1, 0, 0, 0]),
        }
    }
}

fn put_chain(out: &mut Vec<u8>, leaf: &[u8], rest: &[Vec<u8>]) {
    out.push(X509_IDENTITY as u8);
    put_vector(out, 3, leaf);
    let mut chain = Vec::new();
    for der in rest {
        put_vector(&mut chain, 3, der);
    }
    put_vector(out, 3, &chain);
}

/// What a server's rustls resumes a session of TLS 1.3 from.
pub(super) struct ServerSession<'a> {
    /// When it was made, in seconds since the epoch.
    pub(super) time: u64,
    /// The server name the client asked for.
    pub(super) name: Option<&'a [u8]>,
    pub(super) suite: u16,
    /// The client's chain in DER, leaf first.
    pub(super) peer: Vec<Vec<u8>>,
    pub(super) alpn: Option<Vec<u8>>,
    pub(super) psk: &'a [u8],
    pub(super) age_add: u32,
}

impl ServerSession<'_> {
    /// In rustls's encoding.
    pub(super) fn encode(&self) -> SecretVec {
        let variable = self.peer.iter().map(|der| der.len() + 8).sum::<usize>()
            + self.name.map_or(0, <[u8]>::len)
            + self.alpn.as_ref().map_or(0, Vec::len)
            + self.psk.len();
        let mut bytes = SecretVec(Vec::with_capacity(64 + variable));
        let out = &mut bytes.0;
        out.extend(TLS1_3);
        out.extend(self.time.to_be_bytes());
        put_option(out, self.name, |out, name| put_vector(out, 1, name));
        out.extend(self.suite.to_be_bytes());
        put_option(out, self.peer.split_first(), |out, (leaf, rest)| {
            put_chain(out, leaf, rest);
        });
        put_option(out, self.alpn.as_deref(), |out, alpn| {
            put_vector(out, 1, alpn)
        });
        // The program's data, which rustls would keep.
        put_vector(out, 2, &[]);
        put_vector(out, 1, self.psk);
        out.extend(self.age_add.to_be_bytes());
        bytes
    }
}

/// What rustls resumes from for an external pre-shared key of a suite's, which it does not learn
/// itself.
pub fn psk_value(now: u64, suite: u16, alpn: &[u8]) -> Vec<u8> {
    let session = ServerSession {
        time: now,
        name: None,
        suite,
        peer: Vec::new(),
        alpn: (!alpn.is_empty()).then(|| alpn.to_vec()),
        psk: &[0; 32],
        age_add: 0,
    };
    session.encode().as_ref().to_vec()
}

/// Where in rustls's encoding of a session the server name stands, before which there are its
/// version and time; the suite comes next.
fn name_of(value: &[u8]) -> Option<Range<usize>> {
    const BEFORE: usize = 2 + 8;
    let end = match value.get(BEFORE..)? {
        [0, ..] => BEFORE + 1,
        [1, len, ..] => BEFORE + 2 + usize::from(*len),
        _ => return None,
    };
    (end <= value.len()).then_some(BEFORE..end)
}

/// What rustls resumes a session from, which it does for clients that ask for its server name alone,
/// as if it had been made for one that asked for `name`. `None` if it is no session.
pub fn renamed(value: &[u8], name: Option<&[u8]>) -> Option<Vec<u8>> {
    let place = name_of(value)?;
    let name = name.filter(|name| is_dns_name(name));
    let mut out = value[..place.start].to_vec();
    put_option(&mut out, name, |out, name| put_vector(out, 1, name));
    out.extend_from_slice(&value[place.end..]);
    Some(out)
}

/// Makes the session in `value` one of this suite, which rustls resumes with no other.
pub fn set_suite(value: &mut [u8], suite: u16) {
    let place = name_of(value).and_then(|name| value.get_mut(name.end..name.end + 2));
    if let Some(place) = place {
        place.copy_from_slice(&suite.to_be_bytes());
    }
}

/// Whether sessions are kept by this name.
pub fn is_dns_name(name: &[u8]) -> bool {
    DnsName::try_from(name).is_ok()
}

/// Whether a session of TLS 1.2 has an extended master secret (RFC 7627): its last field.
pub fn stored_extended(value: &[u8]) -> bool {
    value.last() == Some(&1)
}

fn put_option<T>(out: &mut Vec<u8>, value: Option<T>, put: impl FnOnce(&mut Vec<u8>, T)) {
    out.push(value.is_some().into());
    if let Some(value) = value {
        put(out, value);
    }
}

/// One client connection's store: the session it offers and those it received.
#[derive(Default)]
pub struct ClientSessions {
    offer: Mutex<Option<Held>>,
    received: Mutex<Vec<Received>>,
}

impl fmt::Debug for ClientSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSessions").finish_non_exhaustive()
    }
}

impl ClientSessions {
    /// A store that offers the session of these fields, if rustls can resume from it, with the
    /// ciphers of `lib`.
    pub fn new(offer: Option<&Fields>, lib: &LibCtx) -> Self {
        Self {
            offer: Mutex::new(offer.and_then(|fields| fields.held(lib))),
            received: Mutex::default(),
        }
    }

    /// The sessions received since the last call, oldest first.
    pub fn take_received(&self) -> Vec<Received> {
        std::mem::take(&mut *self.received.lock())
    }

    /// The first of them alone.
    pub fn next_received(&self) -> Option<Received> {
        let mut received = self.received.lock();
        (!received.is_empty()).then(|| received.remove(0))
    }

    fn receive(&self, held: Held) {
        self.received.lock().push(Received(held));
    }
}

impl ClientSessionStore for ClientSessions {
    fn set_kx_hint(&self, _key: ClientSessionKey<'static>, _group: NamedGroup) {}

    fn kx_hint(&self, _key: &ClientSessionKey<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _key: ClientSessionKey<'static>, value: Tls12Session) {
        self.receive(Held::Tls12(value));
    }

    fn tls12_session(&self, _key: &ClientSessionKey<'_>) -> Option<Tls12Session> {
        match &*self.offer.lock() {
            Some(Held::Tls12(session)) => Some(session.clone()),
            _ => None,
        }
    }

    fn remove_tls12_session(&self, _key: &ClientSessionKey<'static>) {}

    fn insert_tls13_ticket(&self, _key: ClientSessionKey<'static>, value: Tls13Session) {
        self.receive(Held::Tls13(value));
    }

    fn take_tls13_ticket(&self, _key: &ClientSessionKey<'static>) -> Option<Tls13Session> {
        let mut offer = self.offer.lock();
        match offer.take() {
            Some(Held::Tls13(session)) => Some(session),
            other => {
                *offer = other;
                None
            }
        }
    }
}

/// More than rustls's encoding of a session usually takes.
const USUAL_ENCODING: usize = 1 << 14;
/// How rustls marks a chain among the identities of a session's peer.
const X509_IDENTITY: u64 = 0;
const TLS1_3: [u8; 2] = [3, 4];
const MASTER_SECRET_LEN: usize = 48;

/// What there is to know of a session in what a server's rustls stores of it.
pub struct Stored<'a> {
    /// The suite's IANA code.
    pub suite: u16,
    /// The server name the client asked for.
    pub name: Option<&'a [u8]>,
    /// The client's chain in DER, leaf first.
    pub peer: Vec<Vec<u8>>,
    /// The protocol of ALPN; empty without.
    pub alpn: &'a [u8],
    /// The program's data, and the version's own fields.
    rest: Reader<'a>,
}

impl<'a> Stored<'a> {
    /// Reads rustls's encoding.
    pub fn read(value: &'a [u8]) -> Self {
        let mut r = Reader(value);
        r.take(2 + 8);
        let name = (r.number(1) == 1).then(|| r.vector(1));
        let suite = r.number(2) as u16;
        let peer = match r.number(1) {
            1 => r.identity(),
            _ => Vec::new(),
        };
        let alpn = match r.number(1) {
            1 => r.vector(1),
            _ => &[],
        };
        Self {
            suite,
            name,
            peer,
            alpn,
            rest: r,
        }
    }

    /// The PSK of TLS 1.3.
    fn psk(mut self) -> &'a [u8] {
        self.rest.vector(2);
        self.rest.vector(1)
    }
}

/// The master secret in what a server's rustls stores of a session; with TLS 1.3 the PSK. It is
/// the last field but one: behind it stands a byte for the extended master secret, or age_add.
pub fn master_secret(value: &[u8]) -> SecretVec {
    let secret = match value.starts_with(&TLS1_3) {
        true => Stored::read(value).psk(),
        false => {
            let end = value.len().saturating_sub(1);
            let begin = end.saturating_sub(MASTER_SECRET_LEN);
            value.get(begin..end).unwrap_or_default()
        }
    };
    secret.to_vec().into()
}

/// When the session in what a server's rustls stores was made, in seconds since the epoch: the
/// first field after the version.
pub fn created(value: &[u8]) -> Option<i64> {
    let bytes = value.get(2..10)?.try_into().ok()?;
    Some(i64::from_be_bytes(bytes))
}

/// Whether the client's view of the ticket's age (RFC 8446, section 4.2.11) agrees with ours at
/// `now`, in seconds since the epoch, as far as OpenSSL wants it to.
pub fn is_age_right(value: &[u8], obfuscated: u32, now: i64) -> bool {
    const ALLOWANCE_MS: i64 = 10_000;
    let Some((made, age_add)) = created(value).zip(value.last_chunk()) else {
        return false;
    };
    let theirs = i64::from(obfuscated.wrapping_sub(u32::from_be_bytes(*age_add)));
    let ours = now.saturating_sub(made).saturating_mul(1000);
    // Our clock counts whole seconds.
    theirs <= ours.saturating_add(1000) && theirs + ALLOWANCE_MS >= ours.saturating_sub(1000)
}

/// Makes the session in `value` one with which rustls takes no early data: by its time it does
/// not fit the age the client tells.
pub fn refuse_early_data(value: &mut [u8]) {
    const LONG: i64 = 24 * 60 * 60;
    if let Some(made) = created(value) {
        value[2..10].copy_from_slice(&made.saturating_sub(LONG).to_be_bytes());
    }
}

/// A server connection's tickets and session cache.
pub struct ServerSessions {
    /// Seals tickets of TLS 1.2; `None`: sessions are kept in the storage. What a client of TLS 1.3
    /// resumes is looked up there, too, whether it is an id or a ticket.
    pub ticketer: Option<Arc<dyn TicketProducer>>,
    /// Keeps sessions by id.
    pub storage: Arc<dyn StoresServerSessions>,
}

/// Seals and opens tickets in OpenSSL's format.
#[derive(Debug, Clone)]
pub struct Sealer {
    /// Gives the keys.
    pub source: KeySource,
    /// Where ciphers come from.
    pub lib: LibCtx,
}

impl Sealer {
    /// Seals `plain` for the connection `ssl`; `None` when there is to be no ticket. Fails where
    /// a callback of the program does.
    fn seal(&self, ssl: SslPtr, plain: &[u8]) -> err::Result<Option<Vec<u8>>> {
        self.source.seal(ssl, &self.lib, plain)
    }

    /// What is in a ticket; `None` for one that is not ours. Fails where a callback of the program
    /// does.
    pub fn open(&self, ssl: SslPtr, ticket: &[u8]) -> err::Result<Option<(Vec<u8>, Renewal)>> {
        self.source.open(ssl, &self.lib, ticket)
    }
}

/// What goes into a ticket besides rustls's own.
pub trait TicketBinding: fmt::Debug + Send + Sync {
    /// What the ticket of rustls's `value` is bound to; `None` when there is to be no ticket.
    fn seal(&self, value: &[u8]) -> Option<Vec<u8>>;
    /// How long the client may keep the ticket sealed last, in seconds; 0: it is not told.
    fn lifetime(&self) -> u32;
    /// Sealing failed: rustls knows no such thing.
    fn failed(&self, err: err::Error);
}

/// One connection's tickets: the one accepted was opened before, those sent begin, under the
/// seal, with what they are bound to.
#[derive(Debug)]
pub struct ConnectionTicketer {
    /// Seals.
    pub sealer: Sealer,
    /// What is sealed with the rest, 65535 bytes at most.
    pub binding: Arc<dyn TicketBinding>,
    /// The client's ticket and what is in it.
    pub accepted: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether what is sealed is not sent: the client keeps the ticket it has.
    pub silent: bool,
    /// Tells the connection at work.
    pub ssl: fn() -> Option<SslPtr>,
}

impl TicketProducer for ConnectionTicketer {
    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        if self.silent {
            return None;
        }
        let bound = self.binding.seal(plain)?;
        let mut whole = SecretVec(Vec::with_capacity(2 + bound.len() + plain.len()));
        let len = u16::try_from(bound.len()).ok()?;
        whole.0.extend_from_slice(&len.to_be_bytes());
        whole.0.extend_from_slice(&bound);
        whole.0.extend_from_slice(plain);
        self.sealer
            .seal((self.ssl)()?, whole.as_ref())
            .unwrap_or_else(|err| {
                self.binding.failed(err);
                None
            })
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        let (ticket, value) = self.accepted.as_ref()?;
        (ticket == cipher).then(|| value.clone())
    }

    fn lifetime(&self) -> Duration {
        Duration::from_secs(self.binding.lifetime().into())
    }
}

#[cfg(test)]
mod tests;
