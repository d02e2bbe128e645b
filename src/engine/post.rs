//! Handshake messages of ours after the handshake: KeyUpdate (RFC 8446, section 4.6.3) and
//! NewSessionTicket (section 4.6.1).
//!
//! rustls sends tickets in its handshake alone, and no KeyUpdate without a request or while an
//! answer is awaited. So we make these messages, give them to rustls as data to send, and the
//! records are sealed as what they are ([`super::sealing`]). The first KeyUpdate is rustls's, for
//! the secret it goes on to ([`super::schedule`]), with what it asks for corrected.

use std::cell::Cell;

use crate::foreign::scope;

use rustls::enums::ContentType;

use super::handshake_type::{KEY_UPDATE, NEW_SESSION_TICKET};
use super::rewrite::{self, Extension};

/// ExtensionType early_data.
const EARLY_DATA: u16 = 42;

/// What is being sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Post {
    /// rustls's own KeyUpdate: whether it is to ask the peer for one.
    FirstKeyUpdate {
        /// Asks for one.
        requested: bool,
    },
    /// The keys change after it.
    KeyUpdate,
    /// Another message: they stay.
    Message,
}

thread_local! {
    static POST: Cell<Option<Post>> = const { Cell::new(None) };
}

/// See [`super::apart`].
pub(super) fn set_aside() -> impl Drop {
    scope::set_aside(|post| POST.replace(post))
}

/// Runs `send`, whose data is a message of this kind.
pub(super) fn sending<R>(post: Post, send: impl FnOnce() -> R) -> R {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            POST.set(None);
        }
    }
    POST.set(Some(post));
    let _leave = Leave;
    send()
}

/// What is being sealed under the name of `kind`; `None` if that is what it is.
pub(super) fn current(kind: ContentType) -> Option<Post> {
    POST.get().filter(|post| {
        let own = matches!(post, Post::KeyUpdate | Post::Message);
        kind == (if own {
            ContentType::ApplicationData
        } else {
            ContentType::Handshake
        })
    })
}

/// A KeyUpdate that asks the peer to update its keys, or does not.
pub(super) fn key_update(requested: bool) -> [u8; 5] {
    [KEY_UPDATE, 0, 0, 1, requested.into()]
}

/// The contents of a NewSessionTicket.
pub struct Ticket<'a> {
    /// How long the client may keep it, in seconds.
    pub lifetime: u32,
    /// Hides the ticket's age.
    pub age_add: u32,
    /// What its PSK was derived with.
    pub nonce: &'a [u8],
    /// The ticket.
    pub ticket: &'a [u8],
    /// How much early data may come with it; 0 for none.
    pub max_early_data: u32,
    /// More extensions.
    pub extensions: &'a [Extension],
}

impl Ticket<'_> {
    /// The message; `None` if the ticket does not fit.
    pub(super) fn message(&self) -> Option<Vec<u8>> {
        let len = u16::try_from(self.ticket.len()).ok()?;
        let mut body = Vec::with_capacity(32 + self.nonce.len() + self.ticket.len());
        body.extend(self.lifetime.to_be_bytes());
        body.extend(self.age_add.to_be_bytes());
        body.push(u8::try_from(self.nonce.len()).ok()?);
        body.extend_from_slice(self.nonce);
        body.extend(len.to_be_bytes());
        body.extend_from_slice(self.ticket);
        let mut extensions = Vec::new();
        if self.max_early_data > 0 {
            extensions.extend(EARLY_DATA.to_be_bytes());
            extensions.extend([0, 4]);
            extensions.extend(self.max_early_data.to_be_bytes());
        }
        extensions.extend(rewrite::encoded(self.extensions));
        body.extend(u16::try_from(extensions.len()).ok()?.to_be_bytes());
        body.append(&mut extensions);
        let mut message = (body.len() as u32).to_be_bytes().to_vec();
        message[0] = NEW_SESSION_TICKET;
        message.append(&mut body);
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::Ticket;

    #[test]
    fn a_ticket_is_laid_out_as_the_protocol_has_it() {
        let mut ticket = Ticket {
            lifetime: 7200,
            age_add: 0x0102_0304,
            nonce: &[9, 8],
            ticket: &[5; 3],
            max_early_data: 0,
            extensions: &[],
        };
        let plain = [
            4, 0, 0, 18, 0, 0, 0x1c, 0x20, 1, 2, 3, 4, 2, 9, 8, 0, 3, 5, 5, 5, 0, 0,
        ];
        assert_eq!(ticket.message().unwrap(), plain);
        ticket.max_early_data = 0x0a0b;
        let message = ticket.message().unwrap();
        assert_eq!(message[..4], [4, 0, 0, 26]);
        assert_eq!(message[20..], [0, 8, 0, 42, 0, 4, 0, 0, 10, 11]);
        let extra = [(1000, vec![7])];
        ticket.extensions = &extra;
        let message = ticket.message().unwrap();
        assert_eq!(message[20..22], [0, 13]);
        assert_eq!(message[30..], [3, 0xe8, 0, 1, 7]);
        let long = vec![0; 1 << 16];
        ticket.ticket = &long;
        assert!(ticket.message().is_none());
    }
}
