//! What rustls puts into no hello: extensions of the program's, and signalling suites.
//!
//! A handshake message is changed between rustls and the peer, and alike in all places where it
//! counts: on the wire ([`message`]; [`records`] for what is encrypted) and in what is hashed or
//! signed of the handshake ([`transcript`]). So both sides agree on every byte, and nothing of the
//! handshake's authentication is lost: what the peer did not see as we hashed it fails its Finished.
//!
//! Ours are changed by adding; of the peer's answer is taken out what rustls would refuse as
//! unsolicited, since it did not send the question. A connection that needs none of this has no
//! [`Rewriter`] and pays nothing.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::crypto::hash::Context;

mod message;
mod records;
mod transcript;

pub(super) use message::{
    Hello, answers, plain_hello, replace_first, taken_out, without_extension,
};
pub(super) use records::{decrypter, encrypter};
pub(super) use transcript::hash;

/// HandshakeType (RFC 8446, section 4).
pub(super) const CLIENT_HELLO: u8 = 1;
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const ENCRYPTED_EXTENSIONS: u8 = 8;
pub(super) const MESSAGE_HASH: u8 = 254;

/// What goes into a message of ours.
#[derive(Debug, Default)]
pub struct Added {
    /// Extensions: type and body.
    pub extensions: Vec<(u16, Vec<u8>)>,
    /// Suites at the end of a ClientHello's list.
    pub suites: Vec<u16>,
    /// Messages the transcript begins with, which rustls has not seen.
    pub before: Vec<u8>,
    /// Whether a ClientHello goes without the session id that TLS 1.3 has for middleboxes (RFC
    /// 8446, appendix D.4).
    pub without_session_id: bool,
    /// Whether a ClientHello of 256 to 511 bytes is padded to 512 (RFC 7685).
    pub padded: bool,
    /// The type of an extension that a ClientHello goes without.
    pub without: Option<u16>,
    /// The body of an extension that is there and empty.
    pub filled: Option<(u16, Vec<u8>)>,
    /// The session id of a ServerHello, in place of the one there is.
    pub session_id: Option<Vec<u8>>,
}

impl Added {
    /// Whether there is nothing to add.
    pub fn is_empty(&self) -> bool {
        !self.changes_message() && self.before.is_empty()
    }

    fn changes_message(&self) -> bool {
        !self.extensions.is_empty()
            || !self.suites.is_empty()
            || self.session_id.is_some()
            || self.filled.is_some()
            || self.without_session_id
            || self.padded
            || self.without.is_some()
    }

    /// The extensions as they go out.
    fn encoded(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (kind, body) in &self.extensions {
            out.extend_from_slice(&kind.to_be_bytes());
            out.extend_from_slice(&(body.len() as u16).to_be_bytes());
            out.extend_from_slice(body);
        }
        out
    }
}

/// An extension the peer answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it stood in EncryptedExtensions; else in the ServerHello.
    pub encrypted: bool,
    /// Its type.
    pub kind: u16,
    /// Its body.
    pub body: Vec<u8>,
}

#[derive(Debug, Default)]
struct Plan {
    /// The type of our message that is added to.
    target: u8,
    suites: Vec<u8>,
    extensions: Vec<u8>,
    filled: Option<(u16, Vec<u8>)>,
    session_id: Option<Vec<u8>>,
    /// The types that may be answered to what we added.
    awaited: Vec<u16>,
    answers: Vec<Answer>,
    /// What the transcript begins with.
    before: Vec<u8>,
    /// Whether a hello is padded.
    padded: bool,
    /// The type of an extension taken out of our ClientHello.
    without: Option<u16>,
    /// The session id taken out of our ClientHello, where one is to be.
    hidden_id: Option<Vec<u8>>,
    /// Whether EncryptedExtensions went by: the first message that is encrypted.
    encrypted_seen: bool,
    /// Messages of the peer: as rustls got them, and as they came.
    shortened: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Plan {
    fn taken(&mut self, encrypted: bool, out: message::TakenOut, came: &[u8]) -> Vec<u8> {
        self.answers
            .extend(out.extensions.into_iter().map(|(kind, body)| Answer {
                encrypted,
                kind,
                body,
            }));
        self.shortened.push((out.message.clone(), came.to_vec()));
        out.message
    }
}

/// The changes of one connection.
#[derive(Debug, Clone)]
pub(super) struct Rewriter(Arc<Mutex<Plan>>);

impl Rewriter {
    /// A client's, for its ClientHello.
    pub(super) fn client(added: &Added) -> Option<Self> {
        Self::new(CLIENT_HELLO, added, None)
    }

    /// A server's, for its TLS 1.2 ServerHello or its EncryptedExtensions.
    ///
    /// `hello` is the ClientHello as rustls got it and as it came, if that is not the same.
    pub(super) fn server(
        added: &Added,
        encrypted: bool,
        hello: Option<(Vec<u8>, Vec<u8>)>,
    ) -> Option<Self> {
        let target = match encrypted {
            true => ENCRYPTED_EXTENSIONS,
            false => SERVER_HELLO,
        };
        Self::new(target, added, hello)
    }

    /// `None` when there is nothing to do.
    fn new(target: u8, added: &Added, hello: Option<(Vec<u8>, Vec<u8>)>) -> Option<Self> {
        (!added.is_empty() || hello.is_some()).then(|| {
            Self(Arc::new(Mutex::new(Plan {
                target: if added.changes_message() { target } else { 0 },
                before: added.before.clone(),
                shortened: hello.into_iter().collect(),
                padded: added.padded,
                without: added.without,
                hidden_id: added.without_session_id.then(Vec::new),
                suites: added.suites.iter().flat_map(|s| s.to_be_bytes()).collect(),
                extensions: added.encoded(),
                filled: added.filled.clone(),
                session_id: added.session_id.clone(),
                awaited: match target {
                    CLIENT_HELLO => added.extensions.iter().map(|(kind, _)| *kind).collect(),
                    _ => Vec::new(),
                },
                ..Plan::default()
            })))
        })
    }

    /// Starts the hash of a handshake.
    fn begin(&self, hash: &mut dyn Context) {
        let plan = self.0.lock();
        if !plan.before.is_empty() {
            hash.update(&plan.before);
        }
    }

    /// The type of our message that is added to.
    pub(super) fn target(&self) -> u8 {
        self.0.lock().target
    }

    /// Whether EncryptedExtensions is still to come.
    fn awaits_encrypted(&self) -> bool {
        !self.0.lock().encrypted_seen
    }

    /// The first encrypted message goes by.
    fn encrypted_message(&self) {
        self.0.lock().encrypted_seen = true;
    }

    /// What was sent and received so far counts no more.
    pub(super) fn start_again(&self) {
        self.0.lock().encrypted_seen = false;
    }

    /// How many bytes are added to it.
    fn growth(&self) -> usize {
        let plan = self.0.lock();
        plan.extensions.len() + plan.suites.len()
    }

    /// Whether the peer may answer something that is to be taken out.
    pub(super) fn awaits_answer(&self) -> bool {
        let plan = self.0.lock();
        !plan.awaited.is_empty() || plan.hidden_id.is_some()
    }

    /// A message of the peer as rustls may see it, if that is not as it came.
    pub(super) fn received(&self, came: &[u8]) -> Option<Vec<u8>> {
        let mut plan = self.0.lock();
        let hidden = plan.hidden_id.as_deref().unwrap_or_default();
        let restored = message::with_hidden_session_id(came, hidden);
        let seen = restored.as_deref().unwrap_or(came);
        if let Some(out) = taken_out(seen, &plan.awaited) {
            return Some(plan.taken(came[0] == ENCRYPTED_EXTENSIONS, out, came));
        }
        let restored = restored?;
        plan.shortened.push((restored.clone(), came.to_vec()));
        Some(restored)
    }

    /// What was answered since the last call.
    pub(super) fn take_answers(&self) -> Vec<Answer> {
        std::mem::take(&mut self.0.lock().answers)
    }

    /// A message of ours, or as much of it as `message` holds, as it goes to the peer.
    pub(super) fn sent(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut plan = self.0.lock();
        if message.first() != Some(&plan.target) {
            return None;
        }
        let mut message = Cow::Borrowed(message);
        if let Some(hidden) = plan.hidden_id.as_mut()
            && let Some((bare, id)) = message::without_session_id(&message)
        {
            *hidden = id;
            message = Cow::Owned(bare);
        }
        if let Some(id) = &plan.session_id
            && let Some(renamed) = message::with_other_session_id(&message, id)
        {
            message = Cow::Owned(renamed);
        }
        if let Some(kind) = plan.without
            && let Some(less) = without_extension(&message, kind)
        {
            message = Cow::Owned(less);
        }
        if let Some((kind, body)) = &plan.filled
            && let Some(filled) = message::filled(&message, *kind, body)
        {
            message = Cow::Owned(filled);
        }
        let padding = match plan.padded {
            true => message::padding(&message, plan.suites.len() + plan.extensions.len()),
            false => Vec::new(),
        };
        message::added_to(
            &message,
            &plan.suites,
            &[&plan.extensions[..], &padding].concat(),
        )
    }

    /// What is signed on a client: with TLS 1.2, all messages so far. With TLS 1.3 it begins with
    /// spaces and holds their hash.
    pub(super) fn signed<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        match self.target() == CLIENT_HELLO && message.first() == Some(&CLIENT_HELLO) {
            true => self.on_the_wire(message),
            false => Cow::Borrowed(message),
        }
    }

    /// What a client signed with TLS 1.2, on the server.
    pub(super) fn verified<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        match message.first() == Some(&CLIENT_HELLO) {
            true => self.on_the_wire(message),
            false => Cow::Borrowed(message),
        }
    }

    /// Whole messages as the peer has them; the last may be cut short.
    pub(super) fn on_the_wire<'a>(&self, messages: &'a [u8]) -> Cow<'a, [u8]> {
        let mut out: Option<Vec<u8>> = None;
        let mut at = 0;
        while let Some(&[_, a, b, c]) = messages[at..].first_chunk::<4>() {
            let end = at + 4 + u32::from_be_bytes([0, a, b, c]) as usize;
            let message = &messages[at..end.min(messages.len())];
            let other = self.sent(message).or_else(|| {
                let plan = self.0.lock();
                let found = plan.shortened.iter().find(|(seen, _)| seen == message);
                found.map(|(_, came)| came.clone())
            });
            match (&mut out, other) {
                (Some(out), other) => out.extend_from_slice(other.as_deref().unwrap_or(message)),
                (None, Some(other)) => out = Some([&messages[..at], &other].concat()),
                (None, None) => {}
            }
            at = end.min(messages.len());
        }
        match out {
            Some(mut out) => {
                out.extend_from_slice(&messages[at..]);
                Cow::Owned(out)
            }
            None => Cow::Borrowed(messages),
        }
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

    fn added() -> Added {
        Added {
            extensions: vec![(1000, vec![1, 2])],
            suites: vec![0x5600],
            ..Added::default()
        }
    }

    #[test]
    fn a_hello_grows_alike_whole_and_cut_short() {
        let rewriter = Rewriter::client(&added()).unwrap();
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
        let added = Added {
            without: Some(23),
            without_session_id: true,
            ..Added::default()
        };
        let rewriter = Rewriter::client(&added).unwrap();
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
        let added = Added {
            session_id: Some(vec![5; 6]),
            ..Added::default()
        };
        let rewriter = Rewriter::server(&added, false, None).unwrap();
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
        let rewriter = Rewriter::client(&added()).unwrap();
        let other = [2, 0, 0, 1, 9, 20, 0, 0, 0];
        assert!(matches!(rewriter.on_the_wire(&other), Cow::Borrowed(_)));
        let both = [&other[..], &hello()].concat();
        assert_eq!(rewriter.on_the_wire(&both).len(), both.len() + 8);
    }

    #[test]
    fn an_answer_is_taken_out_and_put_back_into_the_transcript() {
        let rewriter = Rewriter::client(&added()).unwrap();
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
        let rewriter = Rewriter::client(&added()).unwrap();
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
}
