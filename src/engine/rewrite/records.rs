//! The peer's messages under TLS 1.3's keys: looked into, and changed, after they are decrypted.

use rustls::Error;
use rustls::crypto::cipher::{InboundOpaque, Record, RecordDecrypter, RecordEncrypter};
use rustls::enums::ContentType;

use super::flight::Holding;
use super::{Rewriter, active, message};
use crate::engine::handshake_type::{
    CERTIFICATE, CERTIFICATE_REQUEST, ENCRYPTED_EXTENSIONS, FINISHED, NEW_SESSION_TICKET,
};

/// `inner` with the changes in force.
pub(in crate::engine) fn encrypter(inner: Box<dyn RecordEncrypter>) -> Box<dyn RecordEncrypter> {
    match active() {
        Some(rewriter) if rewriter.may_hold() => Box::new(Holding::new(inner, rewriter)),
        _ => inner,
    }
}

/// `inner` with the changes in force.
pub(in crate::engine) fn decrypter(inner: Box<dyn RecordDecrypter>) -> Box<dyn RecordDecrypter> {
    match active() {
        Some(rewriter) => match rewriter.stage() {
            Stage::Nothing => inner,
            stage => Box::new(Taking {
                inner,
                stage,
                rewriter,
            }),
        },
        None => inner,
    }
}

/// Which records are looked into.
enum Stage {
    /// Those of the handshake; `left` is what is still to come of a message that began in the
    /// record before.
    Handshake { left: usize },
    /// Those with tickets.
    Tickets,
    /// No more.
    Nothing,
}

impl Rewriter {
    /// What is looked into with the next keys.
    fn stage(&self) -> Stage {
        let plan = self.0.lock();
        match () {
            () if plan.changes.awaited.is_empty() => Stage::Nothing,
            () if !plan.progress.peer_finished => Stage::Handshake { left: 0 },
            () if plan.changes.reads_tickets => Stage::Tickets,
            () => Stage::Nothing,
        }
    }
}

struct Taking {
    inner: Box<dyn RecordDecrypter>,
    stage: Stage,
    rewriter: Rewriter,
}

impl Taking {
    /// The messages of a record as rustls may see them, if that is not as they came. One that
    /// does not fit into a record stays as it is.
    fn shortened(&mut self, messages: &[u8]) -> Option<Vec<u8>> {
        let Stage::Handshake { left } = &mut self.stage else {
            return None;
        };
        let (skipped, rest) = messages.split_at((*left).min(messages.len()));
        *left -= skipped.len();
        let mut at = 0;
        while at < rest.len() {
            let Some(len) = message::length(&rest[at..]) else {
                // A header that goes on in the next record.
                self.stage = Stage::Nothing;
                break;
            };
            if rest[at] == FINISHED {
                self.rewriter.0.lock().progress.peer_finished = true;
            }
            at += len;
            *left = at.saturating_sub(rest.len());
        }
        let new = message::changed(rest, |message| match message[0] {
            ENCRYPTED_EXTENSIONS | CERTIFICATE => self.rewriter.received(message),
            CERTIFICATE_REQUEST if message::length(message) == Some(message.len()) => {
                self.rewriter.request_received(message);
                None
            }
            _ => None,
        })?;
        Some([skipped, &new].concat())
    }

    fn show_tickets(&self, mut messages: &[u8]) {
        while let Some((message, rest)) =
            message::length(messages).and_then(|len| messages.split_at_checked(len))
        {
            if message[0] == NEW_SESSION_TICKET {
                self.rewriter.ticket_received(message);
            }
            messages = rest;
        }
    }
}

impl RecordDecrypter for Taking {
    fn decrypt<'a>(
        &mut self,
        record: Record<InboundOpaque<'a>>,
        seq: u64,
    ) -> Result<Record<&'a [u8]>, Error> {
        match self.stage {
            Stage::Nothing => return self.inner.decrypt(record, seq),
            Stage::Tickets => {
                let plain = self.inner.decrypt(record, seq)?;
                if plain.typ == ContentType::Handshake {
                    self.show_tickets(plain.payload);
                }
                return Ok(plain);
            }
            Stage::Handshake { .. } => {}
        }
        let mut copy = record.payload.to_vec();
        let sealed = Record::new(record.typ, record.version, InboundOpaque(&mut copy));
        let plain = self.inner.decrypt(sealed, seq)?;
        let shortened = match plain.typ {
            ContentType::Handshake => self.shortened(plain.payload),
            _ => None,
        };
        let new = shortened.as_deref().unwrap_or(plain.payload);
        let InboundOpaque(place) = record.payload;
        let place = &mut place[..new.len()];
        place.copy_from_slice(new);
        Ok(Record::new(plain.typ, plain.version, &*place))
    }
}
