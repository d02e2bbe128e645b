//! The peer's messages under TLS 1.3's keys: looked into, and changed, after they are decrypted.
//!
//! A message may be in many records, and what is taken out of it is known with the last. rustls gets
//! empty records until then, and what does not fit into that one in records of our own
//! ([`Rewriter::next_record`]).

use rustls::Error;
use rustls::crypto::cipher::{
    EncodableVersion, InboundOpaque, Record, RecordDecrypter, RecordEncrypter,
};
use rustls::enums::{ContentType, ProtocolVersion};

use super::flight::{Holding, put_record};
use super::{Rewriter, active, message};
use crate::engine::handshake_type::{
    CERTIFICATE, CERTIFICATE_REQUEST, ENCRYPTED_EXTENSIONS, FINISHED, NEW_SESSION_TICKET,
};
use crate::engine::header::MAX_PLAIN;

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
                fed: 0,
            }),
        },
        None => inner,
    }
}

/// Which records are looked into.
enum Stage {
    /// Those of the handshake.
    Handshake(Partial),
    /// Those with tickets; what there is of one that goes on in the next record.
    Tickets(Vec<u8>),
    /// No more.
    Nothing,
}

/// A message that goes on in the next record.
#[derive(Default)]
struct Partial {
    begun: Vec<u8>,
    /// How many records it is in.
    records: u8,
}

impl Partial {
    /// In how many records a message may be that is looked into. For each but the last rustls gets an
    /// empty one, and 33 of those in a row are too many for it.
    const MOST_RECORDS: u8 = 30;
    /// rustls refuses longer ones.
    const MOST_BYTES: usize = 0xffff;

    /// Whether the message is left to rustls as it is.
    fn is_too_much(&self) -> bool {
        self.records > Self::MOST_RECORDS
            || message::length(&self.begun).is_some_and(|len| len > Self::MOST_BYTES)
    }
}

impl Rewriter {
    /// What is looked into with the next keys.
    fn stage(&self) -> Stage {
        let plan = self.0.lock();
        match () {
            () if plan.changes.awaited.is_empty() => Stage::Nothing,
            () if !plan.progress.peer_finished => Stage::Handshake(Partial::default()),
            () if plan.changes.reads_tickets => Stage::Tickets(Vec::new()),
            () => Stage::Nothing,
        }
    }

    /// A record of our own with what is ready for rustls and did not fit into the peer's last. It is
    /// to be the next that is opened, and only then is there another.
    pub(in crate::engine) fn next_record(&self) -> Option<Vec<u8>> {
        let mut plan = self.0.lock();
        let len = plan.ready.len().min(MAX_PLAIN);
        if len == 0 || std::mem::replace(&mut plan.feeding, true) {
            return None;
        }
        let mut record = Vec::new();
        put_record(&mut record, &vec![0; len]);
        Some(record)
    }

    /// Whether that record is yet to be opened.
    pub(in crate::engine) fn is_feeding(&self) -> bool {
        self.0.lock().feeding
    }
}

struct Taking {
    inner: Box<dyn RecordDecrypter>,
    stage: Stage,
    rewriter: Rewriter,
    /// How many records were our own.
    fed: u64,
}

impl Taking {
    /// Makes ready for rustls what is complete of the messages in a record, as it may see them.
    fn gather(&mut self, content: &[u8]) {
        let Stage::Handshake(partial) = &mut self.stage else {
            self.rewriter.make_ready(content);
            return;
        };
        partial.begun.extend_from_slice(content);
        let messages = std::mem::take(&mut partial.begun);
        let mut rest = &messages[..];
        while let Some((message, after)) = message::split_first(rest) {
            if message[0] == FINISHED {
                // What follows would be rustls's to refuse.
                self.rewriter.0.lock().progress.peer_finished = true;
                self.rewriter.make_ready(rest);
                return;
            }
            partial.records = 0;
            self.rewriter.pass(message);
            rest = after;
        }
        partial.begun = rest.to_vec();
        partial.records += 1;
        if partial.is_too_much() {
            self.rewriter.make_ready(rest);
            self.stage = Stage::Nothing;
        }
    }

    /// Looks into the tickets that are complete with this record.
    fn show_tickets(&mut self, content: &[u8]) {
        let Stage::Tickets(begun) = &mut self.stage else {
            return;
        };
        begun.extend_from_slice(content);
        let mut rest = &begun[..];
        while let Some((message, after)) = message::split_first(rest) {
            if message[0] == NEW_SESSION_TICKET {
                self.rewriter.ticket_received(message);
            }
            rest = after;
        }
        begun.drain(..begun.len() - rest.len());
    }
}

impl Rewriter {
    fn make_ready(&self, content: &[u8]) {
        self.0.lock().ready.extend(content);
    }

    /// Makes a whole message ready.
    fn pass(&self, message: &[u8]) {
        let shortened = match message[0] {
            ENCRYPTED_EXTENSIONS | CERTIFICATE => self.received(message),
            CERTIFICATE_REQUEST => {
                self.request_received(message);
                None
            }
            _ => None,
        };
        self.make_ready(shortened.as_deref().unwrap_or(message));
    }

    /// Fills the body of a record with what is ready.
    fn fill<'a>(&self, body: &'a mut [u8]) -> &'a [u8] {
        let ready = &mut self.0.lock().ready;
        let len = ready.len().min(body.len()).min(MAX_PLAIN);
        for (place, byte) in body.iter_mut().zip(ready.drain(..len)) {
            *place = byte;
        }
        &body[..len]
    }
}

impl RecordDecrypter for Taking {
    fn decrypt<'a>(
        &mut self,
        record: Record<InboundOpaque<'a>>,
        seq: u64,
    ) -> Result<Record<&'a [u8]>, Error> {
        let version = EncodableVersion::Legacy(ProtocolVersion::TLSv1_2);
        if std::mem::take(&mut self.rewriter.0.lock().feeding) {
            self.fed += 1;
            let InboundOpaque(body) = record.payload;
            let content = self.rewriter.fill(body);
            return Ok(Record::new(ContentType::Handshake, version, content));
        }
        let seq = seq - self.fed;
        match self.stage {
            Stage::Nothing => return self.inner.decrypt(record, seq),
            Stage::Tickets(_) => {
                let plain = self.inner.decrypt(record, seq)?;
                if plain.typ == ContentType::Handshake {
                    self.show_tickets(plain.payload);
                }
                return Ok(plain);
            }
            Stage::Handshake(_) => {}
        }
        let mut copy = record.payload.to_vec();
        let sealed = Record::new(record.typ, record.version, InboundOpaque(&mut copy));
        let plain = self.inner.decrypt(sealed, seq)?;
        let InboundOpaque(body) = record.payload;
        if plain.typ == ContentType::Handshake {
            self.gather(plain.payload);
            let content = self.rewriter.fill(body);
            return Ok(Record::new(plain.typ, plain.version, content));
        }
        let place = &mut body[..plain.payload.len()];
        place.copy_from_slice(plain.payload);
        Ok(Record::new(plain.typ, plain.version, &*place))
    }
}
