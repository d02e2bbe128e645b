//! What is in protected records besides data: rustls does not show it, but our suites seal and open
//! them, on the thread that drives the connection.
//!
//! Of every handshake the Finished messages are kept, and the types of the messages. The messages
//! themselves and alerts are kept for a connection whose program watches them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use rustls::crypto::cipher::OutboundPlain;
use rustls::enums::ContentType;

use super::finished::{Messages, VerifyData, Whose};
use crate::foreign::scope::{self, Scope};

/// Which way a record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the peer.
    Received = 0,
    /// To the peer.
    Sent = 1,
}

/// How much is kept of what goes by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kept {
    /// The Finished messages alone.
    #[default]
    Nothing,
    /// The messages' types and the alerts, too.
    Types,
    /// All there is but data.
    Everything,
}

/// What was in a protected record.
#[derive(Debug)]
pub struct Content {
    /// Its ContentType.
    pub kind: u8,
    /// The length of the protected record's body; 0 of one received.
    sealed: usize,
    /// What it held. Of messages whose types alone are kept: headers that tell of no body.
    pub bytes: Vec<u8>,
}

#[derive(Default)]
struct Direction {
    messages: Messages,
    contents: VecDeque<Content>,
}

impl Direction {
    fn note(&mut self, kept: Kept, kind: ContentType, sealed: usize, payload: &[u8]) {
        let mut headers = Vec::new();
        if kind == ContentType::Handshake {
            self.messages.take(payload, |kind| {
                if kept == Kept::Types {
                    headers.extend_from_slice(&[kind, 0, 0, 0]);
                }
            });
        }
        let bytes = match kept {
            Kept::Nothing => return,
            Kept::Types if kind != ContentType::Alert => headers,
            Kept::Types | Kept::Everything => payload.to_vec(),
        };
        let kind = kind.0;
        self.contents.push_back(Content {
            kind,
            sealed,
            bytes,
        });
    }
}

/// What was seen of a connection.
#[derive(Default)]
pub(super) struct Seen {
    kept: Cell<Kept>,
    own: RefCell<Direction>,
    peers: RefCell<Direction>,
}

impl Seen {
    /// The Finished message seen last.
    pub(super) fn finished(&self, whose: Whose) -> VerifyData {
        match whose {
            Whose::Own => self.own.borrow().messages.finished(),
            Whose::Peers => self.peers.borrow().messages.finished(),
        }
    }

    /// How much is kept.
    pub(super) fn kept(&self) -> Kept {
        self.kept.get()
    }

    /// Keeps so much from now on.
    pub(super) fn keep(&self, kept: Kept) {
        self.kept.set(kept);
        if kept == Kept::Nothing {
            self.own.borrow_mut().contents = VecDeque::new();
            self.peers.borrow_mut().contents = VecDeque::new();
        }
    }

    /// What was in the record sent, whose body is `sealed` bytes, that was not asked for yet;
    /// `None` if it was data.
    pub(super) fn next_sent(&self, sealed: usize) -> Option<Content> {
        let mut own = self.own.borrow_mut();
        own.contents.pop_front_if(|next| next.sealed == sealed)
    }

    /// What was in the next record received, as [`Self::next_sent`].
    pub(super) fn next_received(&self) -> Option<Content> {
        self.peers.borrow_mut().contents.pop_front()
    }
}

thread_local! {
    static SEEN: Scope<Seen> = const { Scope::new() };
}

/// See [`super::apart`].
pub(super) fn set_aside() -> impl Drop {
    scope::leave(&SEEN)
}

/// Runs a step of the handshake, whose records are seen by `seen`.
pub(super) fn watch<R>(seen: &Seen, step: impl FnOnce() -> R) -> R {
    scope::enter(&SEEN, seen, step)
}

/// As [`watch`], for what goes by after the handshake, of which no Finished is to be kept.
pub(super) fn watch_on<R>(seen: &Seen, step: impl FnOnce() -> R) -> R {
    match seen.kept() {
        Kept::Nothing => step(),
        _ => watch(seen, step),
    }
}

/// A record that holds no data is being sealed; its body comes to `sealed` bytes.
pub(super) fn sealing(kind: ContentType, payload: &OutboundPlain<'_>, sealed: usize) {
    scope::current(&SEEN, |seen| {
        if let Some(seen) = seen {
            let mut own = seen.own.borrow_mut();
            own.note(seen.kept(), kind, sealed, &payload.to_vec());
        }
    });
}

/// A record that holds no data was opened.
pub(super) fn opened(kind: ContentType, payload: &[u8]) {
    scope::current(&SEEN, |seen| {
        if let Some(seen) = seen {
            let mut peers = seen.peers.borrow_mut();
            peers.note(seen.kept(), kind, 0, payload);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(kept: Kept, records: &[(u8, &[u8])]) -> Vec<(u8, Vec<u8>)> {
        let seen = Seen::default();
        seen.keep(kept);
        watch(&seen, || {
            for (kind, payload) in records {
                let payload = OutboundPlain::Single(payload);
                sealing(ContentType(*kind), &payload, payload.len() + 17);
            }
        });
        let of = |(_, payload): &(u8, &[u8])| seen.next_sent(payload.len() + 17);
        let contents = records.iter().filter_map(of);
        contents.map(|c| (c.kind, c.bytes)).collect()
    }

    #[test]
    fn of_types_alone_headers_without_a_body_are_kept() {
        let (first, second): (&[u8], &[u8]) = (&[8, 0, 0, 1, 7, 11, 0, 0, 2, 1], &[2]);
        let kept = sent(Kept::Types, &[(22, first), (22, second)]);
        assert_eq!(kept[0].1, [8, 0, 0, 0, 11, 0, 0, 0]);
        assert_eq!(kept[1].1, []);
        let kept = sent(
            Kept::Everything,
            &[(22, first), (22, second), (21, &[1, 0])],
        );
        assert_eq!((&kept[0].1[..], &kept[1].1[..]), (first, second));
        assert_eq!(kept[2], (21, vec![1, 0]));
        assert_eq!(sent(Kept::Nothing, &[(22, first)]), []);
    }

    #[test]
    fn a_record_of_another_length_was_data() {
        let seen = Seen::default();
        seen.keep(Kept::Everything);
        watch(&seen, || {
            sealing(ContentType::Alert, &OutboundPlain::Single(&[1, 0]), 19);
        });
        assert!(seen.next_sent(40).is_none());
        assert!(seen.next_sent(19).is_some());
    }
}
