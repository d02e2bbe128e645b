//! Our messages under TLS 1.3's keys.
//!
//! rustls cuts a flight into records before it has them encrypted, so that a message which grows
//! then may not fit. Records of a flight that is changed are not encrypted where rustls asks for
//! it: blank ones go into the output, and [`Rewriter::seal_flight`] puts in their place those of
//! the flight as it goes out. These are the last that rustls sends with their keys, so that they may
//! be more or fewer than it made.

use std::ops::Range;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::Error;
use rustls::crypto::cipher::{EncodableVersion, OutboundPlain, Record, RecordEncrypter};
use rustls::enums::{ContentType, ProtocolVersion};

use super::{Place, Rewriter, Side, message};
use crate::engine::handshake_type::{CERTIFICATE, ENCRYPTED_EXTENSIONS, FINISHED};
use crate::engine::header::APPLICATION_DATA;
use crate::engine::record::HEADER;
use crate::engine::sealing::settle_alert;

type Keys = Arc<Mutex<Box<dyn RecordEncrypter>>>;

/// Keys with which rustls has sealed nothing.
pub(super) struct Unused {
    keys: Keys,
    /// The number of the next record.
    seq: u64,
}

/// Messages that are yet to be sealed.
pub(super) struct Flight {
    keys: Keys,
    version: EncodableVersion,
    /// The sequence number of the first record.
    seq: u64,
    messages: Vec<u8>,
}

impl Flight {
    /// The records of the flight.
    fn sealed(&mut self, messages: &[u8], fragment: usize) -> Result<Vec<u8>, Error> {
        let mut keys = self.keys.lock();
        let mut out = Vec::new();
        for part in messages.chunks(fragment) {
            let mut body = vec![0; keys.encrypted_payload_len(part.len())];
            let plain = OutboundPlain::Single(part);
            let plain = Record::new(ContentType::Handshake, self.version, plain);
            let sealed = keys.encrypt(plain, self.seq, &mut body)?.payload;
            put_record(&mut out, sealed);
            self.seq += 1;
        }
        Ok(out)
    }

    /// Where its blank records are in the output from `begin` on.
    fn place(out: &[u8], begin: usize) -> Result<Range<usize>, Error> {
        let blank = |&(start, end): &(usize, usize)| {
            out[start] == APPLICATION_DATA && out[start + HEADER..end].iter().all(|&b| b == 0)
        };
        let mut blanks = records(out, begin).filter(blank);
        let first = blanks.next().ok_or(Error::EncryptError)?;
        let last = blanks.last().unwrap_or(first);
        Ok(first.0..last.1)
    }

    /// The messages before the first of this type.
    fn before(&self, kind: u8) -> &[u8] {
        let mut at = 0;
        while let Some(len) = message::length(&self.messages[at..])
            && self.messages[at] != kind
        {
            at = (at + len).min(self.messages.len());
        }
        &self.messages[..at]
    }
}

pub(super) fn put_record(out: &mut Vec<u8>, sealed: &[u8]) {
    out.extend_from_slice(&[APPLICATION_DATA, 3, 3]);
    out.extend_from_slice(&(sealed.len() as u16).to_be_bytes());
    out.extend_from_slice(sealed);
}

/// The records in `out` from `begin` on: where each begins and ends.
fn records(out: &[u8], begin: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut at = begin;
    std::iter::from_fn(move || {
        let header = out.get(at..)?.first_chunk::<HEADER>()?;
        let start = at;
        at += HEADER + usize::from(u16::from_be_bytes([header[3], header[4]]));
        Some((start, at))
    })
}

impl Rewriter {
    /// Whether something was held back.
    pub(in crate::engine) fn has_flight(&self) -> bool {
        self.0.lock().flight.is_some()
    }

    /// Seals what was held back in a step whose output begins at `begin`, in records of so much
    /// plaintext. To be called after each step that did.
    pub(in crate::engine) fn seal_flight(
        &self,
        out: &mut Vec<u8>,
        begin: usize,
        fragment: usize,
    ) -> Result<(), Error> {
        let flight = self.0.lock().flight.take();
        let Some(mut flight) = flight else {
            return Ok(());
        };
        let place = Flight::place(out, begin)?;
        let changed = message::changed(&flight.messages, |message| self.sent(message));
        let messages = changed.unwrap_or_else(|| std::mem::take(&mut flight.messages));
        let sealed = flight.sealed(&messages, fragment);
        out.splice(place, sealed.iter().flatten().copied());
        sealed.map(drop)
    }

    /// Leaves of the output from `begin` on what goes before the message in which the source of
    /// extensions ended the handshake. Where that message is protected the alert can be sealed.
    pub(in crate::engine) fn stop(
        &self,
        out: &mut Vec<u8>,
        begin: usize,
        fragment: usize,
    ) -> Result<(), Error> {
        let (flight, kind) = {
            let mut plan = self.0.lock();
            plan.unused_keys = None;
            let kind = plan.stopped.and_then(Place::protected_kind);
            (plan.flight.take(), kind)
        };
        let (Some(mut flight), Some(kind)) = (flight, kind) else {
            out.truncate(begin);
            return Ok(());
        };
        out.truncate(Flight::place(out, begin)?.start);
        let kept = flight.before(kind);
        let kept = message::changed(kept, |message| self.sent(message)).unwrap_or(kept.to_vec());
        out.extend(flight.sealed(&kept, fragment)?);
        self.0.lock().unused_keys = Some(Unused {
            keys: flight.keys,
            seq: flight.seq,
        });
        Ok(())
    }

    /// Appends a fatal alert under the keys whose records may be held back; false if there are
    /// none, or they are in use and rustls knows the next sequence number.
    pub(in crate::engine) fn seal_alert(&self, out: &mut Vec<u8>, alert: u8) -> bool {
        let Some(Unused { keys, seq }) = self.0.lock().unused_keys.take() else {
            return false;
        };
        let mut keys = keys.lock();
        let content = OutboundPlain::Single(&[2, alert]);
        let version = EncodableVersion::Legacy(ProtocolVersion::TLSv1_2);
        let mut body = vec![0; keys.encrypted_payload_len(content.len())];
        let plain = Record::new(ContentType::Alert, version, content);
        let Ok(sealed) = keys.encrypt(plain, seq, &mut body) else {
            return false;
        };
        put_record(out, sealed.payload);
        settle_alert(out, Some(alert));
        true
    }

    /// Whether records that begin with this type of message are held back; the rest of a flight
    /// that is, too.
    fn holds(&self, first: u8) -> bool {
        let plan = self.0.lock();
        plan.flight.is_some()
            || match plan.side {
                Side::Client => first == CERTIFICATE,
                Side::Server { .. } => first == ENCRYPTED_EXTENSIONS && plan.changes.touch_flight(),
            }
    }

    /// Whether something may be held back of what is encrypted with the next keys.
    pub(super) fn may_hold(&self) -> bool {
        let plan = self.0.lock();
        let passed = plan.flight.is_some() || plan.progress.finished;
        match plan.side {
            Side::Client => !passed,
            Side::Server { .. } => plan.changes.touch_flight() && !passed,
        }
    }
}

/// An encrypter that holds back flights which are changed.
pub(super) struct Holding {
    keys: Keys,
    rewriter: Rewriter,
}

impl Holding {
    pub(super) fn new(keys: Box<dyn RecordEncrypter>, rewriter: Rewriter) -> Self {
        let keys = Arc::new(Mutex::new(keys));
        rewriter.0.lock().unused_keys = Some(Unused {
            keys: keys.clone(),
            seq: 0,
        });
        Self { keys, rewriter }
    }
}

impl RecordEncrypter for Holding {
    fn encrypt<'a>(
        &mut self,
        record: Record<OutboundPlain<'_>>,
        seq: u64,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        let payload = match record.typ {
            ContentType::Handshake => record.payload.to_vec(),
            _ => Vec::new(),
        };
        self.rewriter.0.lock().unused_keys = None;
        let held = payload
            .first()
            .is_some_and(|&kind| self.rewriter.holds(kind));
        if !held {
            let finished = payload.first() == Some(&FINISHED);
            if finished {
                self.rewriter.0.lock().progress.finished = true;
            }
            return self.keys.lock().encrypt(record, seq, out);
        }
        let mut plan = self.rewriter.0.lock();
        let flight = plan.flight.get_or_insert_with(|| Flight {
            keys: self.keys.clone(),
            version: record.version,
            seq,
            messages: Vec::new(),
        });
        flight.messages.extend_from_slice(&payload);
        let blank = &mut out[..self.keys.lock().encrypted_payload_len(payload.len())];
        blank.fill(0);
        let version = EncodableVersion::Legacy(ProtocolVersion::TLSv1_2);
        Ok(Record::new(ContentType::ApplicationData, version, blank))
    }

    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        self.keys.lock().encrypted_payload_len(payload_len)
    }
}
