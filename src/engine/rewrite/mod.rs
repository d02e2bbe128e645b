//! What rustls has no place for in the handshake's messages: extensions of the program's,
//! signalling suites, lists it fills itself, and a client certificate that is chosen late.
//!
//! A handshake message is changed between rustls and the peer, and alike in all places where it
//! counts: on the wire ([`message`]; [`flight`] and [`records`] for what is encrypted) and in what
//! is hashed or signed of the handshake ([`transcript`]). So both sides agree on every byte, and
//! nothing of the handshake's authentication is lost: what the peer did not see as we hashed it
//! fails its Finished.
//!
//! Ours are added to or replaced; of the peer's is taken out what rustls would refuse as
//! unsolicited, since it did not send the question. A server that needs none of this has no
//! [`Rewriter`] and pays nothing; a client always may be asked for its certificate.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::crypto::hash::Context;

use crate::engine::handshake_type::{
    CERTIFICATE, CERTIFICATE_REQUEST, CERTIFICATE_VERIFY, CLIENT_HELLO, ENCRYPTED_EXTENSIONS,
    MESSAGE_HASH, NEW_SESSION_TICKET, SERVER_HELLO, SERVER_KEY_EXCHANGE,
};
use crate::engine::hello::codes;

mod changes;
mod exchange;
mod flight;
mod late;
mod message;
mod pss;
mod records;
mod transcript;

pub use changes::{Answer, Changes, Extension, ExtensionSource, Place};
use exchange::Exchange;
use flight::Flight;
use late::Presented;
pub(super) use late::{LateSigner, PLACEHOLDER};
pub(super) use message::{
    Hello, certificate, encoded, plain_hello, replace, taken_out, with_default_signatures,
    without_extension,
};
pub(super) use pss::rsae;
pub(super) use records::{decrypter, encrypter};
pub(super) use transcript::hash;

/// The signature_algorithms extension (RFC 8446, section 4.2.3).
pub(super) const SIGNATURE_ALGORITHMS: u16 = 13;
/// The signature_algorithms_cert extension.
const SIGNATURE_ALGORITHMS_CERT: u16 = 50;
/// The session_ticket extension (RFC 5077, section 3.2).
const SESSION_TICKET: u16 = 35;
/// The status_request extension (RFC 6066, section 8).
const STATUS_REQUEST: u16 = 5;

/// Who we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server { tls13: bool },
}

struct Plan {
    side: Side,
    changes: Changes,
    answers: Vec<Answer>,
    /// The session id taken out of our ClientHello, where one is to be.
    hidden_id: Vec<u8>,
    /// A server's messages: as rustls made them, and as they go out if that is not the same.
    /// What its source said of a message is asked once.
    own: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// Where the source ended the handshake.
    stopped: Option<Place>,
    /// The scheme a TLS 1.2 server signed with, if it is one of RSA-PSS keys.
    peer_pss: Option<u16>,
    /// What is read of its messages for that.
    exchange: Exchange,
    /// Messages of the peer: as rustls got them, and as they came.
    shortened: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether a server's own Certificate was hashed: the next one is the client's.
    certificate_hashed: bool,
    /// The signature schemes a TLS 1.3 server takes of a client.
    requested: Vec<u16>,
    /// Those of signatures in certificates.
    requested_cert: Option<Vec<u16>>,
    /// A client's certificate.
    presented: Presented,
    /// Encrypted messages of ours that are yet to be sealed.
    flight: Option<Flight>,
    /// The keys whose records may be held back, until rustls uses them.
    unused_keys: Option<flight::Unused>,
    /// How far the handshake is.
    progress: Progress,
}

/// What went by of a handshake.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// EncryptedExtensions: it is TLS 1.3.
    tls13: bool,
    /// The server's CertificateRequest.
    requested: bool,
    /// Our Finished under TLS 1.3's keys.
    finished: bool,
    /// The peer's.
    peer_finished: bool,
}

impl Plan {
    /// A client's message as its peer gets it.
    fn of_client(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        match *message.first()? {
            CLIENT_HELLO => self.changed_hello(message),
            CERTIFICATE | CERTIFICATE_VERIFY => self.presented.changed(message),
            _ => None,
        }
    }

    fn changed_hello(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        let changes = &self.changes;
        let mut new: Option<Vec<u8>> = None;
        if changes.without_session_id
            && let Some((bare, id)) = message::without_session_id(message)
        {
            self.hidden_id = id;
            new = Some(bare);
        }
        if let Some(kind) = changes.without {
            let current = new.as_deref().unwrap_or(message);
            new = without_extension(current, kind).or(new);
        }
        if let Some((kind, body)) = &changes.filled {
            let current = new.as_deref().unwrap_or(message);
            new = message::filled(current, *kind, body).or(new);
        }
        let bodies = [
            (STATUS_REQUEST, &changes.status_request),
            (SIGNATURE_ALGORITHMS, &changes.signature_algorithms),
        ];
        for (kind, body) in bodies {
            let current = new.as_deref().unwrap_or(message);
            let body = body.as_ref();
            new = body
                .and_then(|body| message::with_body(current, kind, body))
                .or(new);
        }
        if !changes.group_order.is_empty() {
            let current = new.as_deref().unwrap_or(message);
            new = message::with_groups_ordered(current, &changes.group_order).or(new);
        }
        let suites: Vec<u8> = changes
            .suites
            .iter()
            .flat_map(|s| s.to_be_bytes())
            .collect();
        let mut extensions = changes.encoded(Place::Hello);
        if changes.padded {
            let current = new.as_deref().unwrap_or(message);
            let growth = suites.len() + extensions.len();
            extensions.extend(message::padding(current, growth));
        }
        if suites.is_empty() && extensions.is_empty() {
            return new;
        }
        message::added_to(new.as_deref().unwrap_or(message), &suites, &extensions)
    }

    /// Looks for extensions in a CertificateRequest, once.
    fn see_request(&mut self, message: &[u8]) {
        if self.side == Side::Client && !std::mem::replace(&mut self.progress.requested, true) {
            let asked = message::looked_up(message, &self.changes.awaited);
            self.answered(message, asked);
            let found =
                message::looked_up(message, &[SIGNATURE_ALGORITHMS, SIGNATURE_ALGORITHMS_CERT]);
            for (_, kind, body) in &found {
                let codes = codes(body.get(2..).unwrap_or_default()).collect();
                match *kind {
                    SIGNATURE_ALGORITHMS => self.requested = codes,
                    _ => self.requested_cert = Some(codes),
                }
            }
        }
    }

    fn answered(&mut self, message: &[u8], taken: Vec<message::Taken>) {
        let Some(kind) = message.first() else {
            return;
        };
        let place = |index| match *kind {
            SERVER_HELLO => Some(Place::of_hello(message)),
            CERTIFICATE => Some(Place::Certificate(index)),
            kind => Place::of_kind(kind),
        };
        let answers = taken.into_iter().filter_map(|(index, kind, body)| {
            let place = place(index)?;
            Some(Answer { place, kind, body })
        });
        self.answers.extend(answers);
    }
}

/// The changes of one connection.
#[derive(Clone)]
pub(super) struct Rewriter(Arc<Mutex<Plan>>);

impl std::fmt::Debug for Rewriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rewriter").finish_non_exhaustive()
    }
}

impl Rewriter {
    /// A client's.
    pub(super) fn client(changes: Changes) -> Self {
        Self::of(Side::Client, changes, None)
    }

    /// A server's, once the version is known; `None` when there is nothing to do.
    ///
    /// `hello` is the ClientHello as rustls got it and as it came, if that is not the same.
    pub(super) fn server(
        changes: Changes,
        tls13: bool,
        hello: Option<(Vec<u8>, Vec<u8>)>,
    ) -> Option<Self> {
        let any = changes.any_of_server() || hello.is_some();
        any.then(|| Self::of(Side::Server { tls13 }, changes, hello))
    }

    fn of(side: Side, changes: Changes, hello: Option<(Vec<u8>, Vec<u8>)>) -> Self {
        Self(Arc::new(Mutex::new(Plan {
            side,
            hidden_id: Vec::new(),
            requested: Vec::new(),
            requested_cert: None,
            presented: Presented::default(),
            changes,
            answers: Vec::new(),
            own: Vec::new(),
            stopped: None,
            peer_pss: None,
            exchange: Exchange::default(),
            shortened: hello.into_iter().collect(),
            certificate_hashed: false,
            flight: None,
            unused_keys: None,
            progress: Progress::default(),
        })))
    }

    /// Starts the hash of a handshake.
    fn begin(&self, hash: &mut dyn Context) {
        let plan = self.0.lock();
        if !plan.changes.before.is_empty() {
            hash.update(&plan.changes.before);
        }
    }

    /// Takes note of whole messages, once each is hashed.
    fn note(&self, messages: &[u8]) {
        let mut plan = self.0.lock();
        let mut at = 0;
        while let Some(len) = message::length(&messages[at..]) {
            let message = &messages[at..(at + len).min(messages.len())];
            let kind = message[0];
            if kind == MESSAGE_HASH {
                // What follows a HelloRetryRequest repeats what went before.
                return;
            }
            plan.progress.tls13 |= kind == ENCRYPTED_EXTENSIONS;
            if kind == CERTIFICATE_REQUEST {
                plan.see_request(message);
            }
            at += message.len();
        }
    }

    /// What was sent and received so far counts no more.
    pub(super) fn start_again(&self) {
        let mut plan = self.0.lock();
        plan.progress = Progress::default();
        plan.certificate_hashed = false;
        plan.flight = None;
        plan.unused_keys = None;
    }

    /// A client's next hello has these extensions in place of those added to the last.
    pub(super) fn replace_additions(&self, extensions: Vec<(Place, Extension)>) {
        self.0.lock().changes.extensions = extensions;
    }

    /// Whether the peer may send something that is to be taken out.
    pub(super) fn awaits_answer(&self) -> bool {
        let plan = self.0.lock();
        !plan.changes.awaited.is_empty() || plan.changes.without_session_id
    }

    /// The signature schemes of a TLS 1.3 server's CertificateRequest; empty where none was seen.
    pub(super) fn requested(&self) -> Vec<u16> {
        self.0.lock().requested.clone()
    }

    /// The signature_algorithms_cert of a TLS 1.3 server's CertificateRequest.
    pub(super) fn requested_cert_schemes(&self) -> Option<Vec<u16>> {
        self.0.lock().requested_cert.clone()
    }

    /// Whether EncryptedExtensions was there: it is TLS 1.3.
    pub(super) fn is_tls13(&self) -> bool {
        self.0.lock().progress.tls13
    }

    /// A message of the peer as rustls may see it, if that is not as it came.
    pub(super) fn received(&self, came: &[u8]) -> Option<Vec<u8>> {
        let mut plan = self.0.lock();
        let restored = message::with_hidden_session_id(came, &plan.hidden_id);
        let seen = restored.as_deref().unwrap_or(came);
        let new = match taken_out(seen, &plan.changes.awaited) {
            Some(out) => {
                plan.answered(came, out.extensions);
                out.message
            }
            None => restored?,
        };
        plan.shortened.push((new.clone(), came.to_vec()));
        Some(new)
    }

    /// As [`Self::received`] for a message in the clear: a ServerHello alone has answers.
    pub(super) fn received_in_clear(&self, came: &[u8]) -> Option<Vec<u8>> {
        match *came.first()? {
            SERVER_HELLO => self.received(came),
            _ => None,
        }
    }

    /// A CertificateRequest, seen before it is hashed: what goes with it keeps its order.
    fn request_received(&self, message: &[u8]) {
        self.0.lock().see_request(message);
    }

    /// A ticket, which may have extensions too and is not hashed.
    fn ticket_received(&self, message: &[u8]) {
        let mut plan = self.0.lock();
        let found = message::looked_up(message, &plan.changes.awaited);
        plan.answered(message, found);
    }

    /// The handshake is over: what was kept of its messages is needed no more.
    pub(super) fn forget_messages(&self) {
        let mut plan = self.0.lock();
        plan.own = Vec::new();
        plan.shortened = Vec::new();
    }

    /// What was answered since the last call.
    pub(super) fn take_answers(&self) -> Vec<Answer> {
        std::mem::take(&mut self.0.lock().answers)
    }

    /// The lifetime of a TLS 1.2 server's ticket, in seconds.
    pub(super) fn ticket_lifetime(&self) -> Option<u32> {
        self.0.lock().exchange.ticket_lifetime()
    }

    /// A message of ours, or as much of it as `message` holds, as it goes to the peer.
    pub(super) fn sent(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut plan = self.0.lock();
        let Side::Server { tls13 } = plan.side else {
            return plan.of_client(message);
        };
        if !plan.changes.change_server() {
            return None;
        }
        if let Some((_, wire)) = plan.own.iter().find(|(made, _)| made == message) {
            return wire.clone();
        }
        drop(plan);
        let wire = match (tls13, *message.first()?) {
            (false, CERTIFICATE_REQUEST) => {
                let plan = self.0.lock();
                let (types, schemes) = plan.changes.request.as_ref()?;
                message::with_request(message, types, schemes)
            }
            (false, SERVER_KEY_EXCHANGE) => {
                let renamed = self.0.lock().changes.pss_key;
                renamed.then(|| pss::sent(message))?
            }
            (false, NEW_SESSION_TICKET) => {
                let dropped = self.0.lock().changes.without_ticket;
                return dropped.then(Vec::new);
            }
            (_, SERVER_HELLO) => self.changed_server_hello(message),
            (true, CERTIFICATE) => self.with_entries(message),
            (true, kind) => self.with_extensions(message, Place::of_kind(kind)?),
            _ => return None,
        };
        self.0.lock().own.push((message.to_vec(), wire.clone()));
        wire
    }

    /// A server's extensions for a place, as they go out. The source is asked with nothing locked.
    fn extensions(&self, place: Place, cert: Option<&[u8]>) -> Vec<u8> {
        let (mut bytes, source) = {
            let plan = self.0.lock();
            let source = plan.changes.source.filter(|_| plan.stopped.is_none());
            (plan.changes.encoded(place), source)
        };
        match source.map(|source| source.extensions(place, cert)) {
            Some(Some(more)) => bytes.extend(encoded(&more)),
            Some(None) => self.0.lock().stopped = Some(place),
            None => {}
        }
        bytes
    }

    fn changed_server_hello(&self, message: &[u8]) -> Option<Vec<u8>> {
        let (id, without_ticket) = {
            let changes = &self.0.lock().changes;
            (changes.session_id.clone(), changes.without_ticket)
        };
        let mut new = id.and_then(|id| message::with_other_session_id(message, &id));
        if without_ticket {
            let current = new.as_deref().unwrap_or(message);
            new = without_extension(current, SESSION_TICKET).or(new);
        }
        let current = new.as_deref().unwrap_or(message);
        self.with_extensions(current, Place::of_hello(message))
            .or(new)
    }

    fn with_extensions(&self, message: &[u8], place: Place) -> Option<Vec<u8>> {
        let extensions = self.extensions(place, None);
        (!extensions.is_empty()).then(|| message::added_to(message, &[], &extensions))?
    }

    fn with_entries(&self, message: &[u8]) -> Option<Vec<u8>> {
        let certs = message::certificates(message)?.into_iter().enumerate();
        let extensions: Vec<_> = certs
            .map(|(index, der)| self.extensions(Place::Certificate(index), Some(der)))
            .collect();
        let any = extensions.iter().any(|bytes| !bytes.is_empty());
        any.then(|| message::with_entries(message, &extensions))?
    }

    /// Whether the source of extensions ended the handshake.
    pub(super) fn is_stopped(&self) -> bool {
        self.0.lock().stopped.is_some()
    }

    /// Whether a ticket that rustls sends is dropped.
    pub(super) fn drops_ticket(&self) -> bool {
        self.0.lock().changes.without_ticket
    }

    /// Whether this is a server's, of TLS 1.3.
    pub(super) fn serves_tls13(&self) -> bool {
        self.0.lock().side == (Side::Server { tls13: true })
    }

    /// What is signed on a client: with TLS 1.2, all messages so far. With TLS 1.3 it begins with
    /// spaces and holds their hash.
    pub(super) fn signed<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        let client = self.0.lock().side == Side::Client;
        match client && message.first() == Some(&CLIENT_HELLO) {
            true => self.on_the_wire(message),
            false => Cow::Borrowed(message),
        }
    }

    /// What a client signed with TLS 1.2, on the server.
    pub(super) fn verified<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        let mine = self.0.lock().side == (Side::Server { tls13: false });
        match mine {
            true => self.on_the_wire(message),
            false => Cow::Borrowed(message),
        }
    }

    /// Whether a Certificate that is hashed next may be ours: a server's comes first.
    fn is_own_certificate(&self) -> bool {
        let mut plan = self.0.lock();
        match plan.side {
            Side::Client => true,
            Side::Server { .. } => !std::mem::replace(&mut plan.certificate_hashed, true),
        }
    }

    /// Whole messages as the peer has them; the last may be cut short.
    pub(super) fn on_the_wire<'a>(&self, messages: &'a [u8]) -> Cow<'a, [u8]> {
        let changed = message::changed(messages, |message| {
            let own = message[0] != CERTIFICATE || self.is_own_certificate();
            if let Some(new) = own.then(|| self.sent(message)).flatten() {
                return Some(new);
            }
            let plan = self.0.lock();
            let found = plan.shortened.iter().find(|(seen, _)| seen == message);
            found.map(|(_, came)| came.clone())
        });
        changed.map_or(Cow::Borrowed(messages), Cow::Owned)
    }
}

thread_local! {
    static ACTIVE: RefCell<Option<Rewriter>> = const { RefCell::new(None) };
}

/// Runs a step of the handshake with these changes in force.
pub(super) fn during<R>(rewriter: Option<&Rewriter>, step: impl FnOnce() -> R) -> R {
    struct Restore(Option<Rewriter>);
    impl Drop for Restore {
        fn drop(&mut self) {
            ACTIVE.set(self.0.take());
        }
    }
    let _restore = Restore(ACTIVE.replace(rewriter.cloned()));
    step()
}

/// The changes in force on this thread.
pub(super) fn active() -> Option<Rewriter> {
    ACTIVE.with_borrow(Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello() -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 2, 0x13, 1, 1, 0, 0, 4, 0, 23, 0, 0]);
        let mut message = vec![CLIENT_HELLO, 0, 0, body.len() as u8];
        message.extend(body);
        message
    }

    fn rewriter() -> Rewriter {
        let changes = Changes {
            extensions: vec![(Place::Hello, (1000, vec![1, 2]))],
            suites: vec![0x5600],
            awaited: vec![1000],
            ..Changes::default()
        };
        Rewriter::client(changes)
    }

    #[test]
    fn a_hello_grows_alike_whole_and_cut_short() {
        let rewriter = rewriter();
        let whole = rewriter.on_the_wire(&hello()).into_owned();
        assert_eq!(whole.len(), hello().len() + 8);
        assert_eq!(usize::from(whole[3]), whole.len() - 4);
        assert_eq!(whole[39..43], [0, 4, 0x13, 1]);
        assert_eq!(whole[43..45], [0x56, 0]);
        assert_eq!(whole[47..53], [0, 10, 3, 0xe8, 0, 2]);
        let cut = &hello()[..hello().len() - 3];
        assert_eq!(*rewriter.on_the_wire(cut), whole[..whole.len() - 3]);
    }

    #[test]
    fn a_hello_shrinks_alike_whole_and_cut_short() {
        let changes = Changes {
            without: Some(23),
            without_session_id: true,
            ..Changes::default()
        };
        let rewriter = Rewriter::client(changes);
        let mut long = hello();
        long.splice(39..39, [5, 6]);
        (long[3], long[38]) = (long[3] + 2, 2);
        let whole = rewriter.on_the_wire(&long).into_owned();
        assert_eq!(whole[38..], [0, 0, 2, 0x13, 1, 1, 0, 0, 0]);
        assert_eq!(usize::from(whole[3]), whole.len() - 4);
        // The end of a hello is cut off where another extension stands.
        let more = [&long[..], &[0, 41, 0, 1, 9]].concat();
        let mut more = more;
        (more[3], more[48]) = (more[3] + 5, 9);
        let whole = rewriter.on_the_wire(&more).into_owned();
        assert_eq!(whole[45..], [0, 5, 0, 41, 0, 1, 9]);
        let cut = rewriter.on_the_wire(&more[..more.len() - 1]).into_owned();
        assert_eq!(cut, whole[..whole.len() - 1]);
    }

    #[test]
    fn a_server_hellos_session_id_is_replaced() {
        let mut hello = vec![SERVER_HELLO, 0, 0, 42, 3, 3];
        hello.extend([7; 32]);
        hello.extend([2, 8, 8, 0xc0, 0x2f, 0]);
        hello.extend([0, 0]);
        hello[3] = (hello.len() - 4) as u8;
        let changes = Changes {
            session_id: Some(vec![5; 6]),
            ..Changes::default()
        };
        let rewriter = Rewriter::server(changes, false, None).unwrap();
        let sent = rewriter.on_the_wire(&hello).into_owned();
        assert_eq!(usize::from(sent[3]), sent.len() - 4);
        assert_eq!(sent[38..], [6, 5, 5, 5, 5, 5, 5, 0xc0, 0x2f, 0, 0, 0]);
        // Where there is none, none is wanted.
        hello.splice(38..41, [0]);
        hello[3] -= 2;
        assert_eq!(*rewriter.on_the_wire(&hello), hello);
    }

    #[test]
    fn other_messages_stay() {
        let rewriter = rewriter();
        let other = [2, 0, 0, 1, 9, 20, 0, 0, 0];
        assert!(matches!(rewriter.on_the_wire(&other), Cow::Borrowed(_)));
        let both = [&other[..], &hello()].concat();
        assert_eq!(rewriter.on_the_wire(&both).len(), both.len() + 8);
    }

    #[test]
    fn an_answer_is_taken_out_and_put_back_into_the_transcript() {
        let rewriter = rewriter();
        let came = [8, 0, 0, 12, 0, 10, 3, 0xe8, 0, 1, 5, 0, 23, 0, 1, 9];
        let seen = rewriter.received(&came).unwrap();
        assert_eq!(seen, [8, 0, 0, 7, 0, 5, 0, 23, 0, 1, 9]);
        assert_eq!(*rewriter.on_the_wire(&seen), came);
        let answers = rewriter.take_answers();
        assert_eq!((answers[0].kind, &answers[0].body[..]), (1000, &[5][..]));
        assert!(rewriter.received(&seen).is_none());
    }

    #[test]
    fn nonsense_is_left_to_rustls() {
        let rewriter = rewriter();
        for bad in [
            &[8u8, 0, 0, 2, 0, 9][..],
            &[8, 0, 0, 0],
            &[8],
            &[],
            &[2, 0, 0, 1, 0],
        ] {
            assert!(rewriter.received(bad).is_none());
            assert_eq!(*rewriter.on_the_wire(bad), *bad);
        }
    }

    #[test]
    fn a_ticket_tells_its_lifetime_alone() {
        let ticket = [4, 0, 0, 8, 0, 9, 0, 1, 0, 2, 7, 7];
        assert_eq!(message::ticket_lifetime(&ticket), Some(0x0009_0001));
        for end in 0..ticket.len() {
            assert_eq!(message::ticket_lifetime(&ticket[..end]), None);
        }
        // A protected Finished may begin with any byte.
        let sealed = [4, 0x5d, 0xe0, 0x90, 0x51, 3, 3, 9, 0, 0, 0, 0, 1, 2, 3, 4];
        assert_eq!(message::ticket_lifetime(&sealed), None);
    }
}
