//! What our protected records look like: filled and padded as OpenSSL's, alerts with its codes;
//! and what rustls would let pass in the peer's.
//!
//! rustls counts what encryption adds against the largest fragment: 16384 bytes of plaintext
//! would go out as two records, of 16367 and 17 bytes with TLS 1.3. OpenSSL's limit is on the
//! plaintext (SSL_CTX_set_max_send_fragment(3); RFC 8446, section 5.1), and a peer's SSL_read
//! returns what one record holds.
//!
//! rustls also chooses the alert of a failure and has encrypted it before it tells of it. So a
//! fatal alert is not sealed where rustls asks for it: room is left in the output, and
//! [`settle_alert`] fills it when it is known which alert OpenSSL sends.

use std::cell::Cell;

use rustls::Error;
use rustls::crypto::cipher::{
    EncodableVersion, InboundOpaque, OutboundPlain, Record, RecordDecrypter, RecordEncrypter,
    Tls13AeadAlgorithm,
};
use rustls::crypto::tls13::{Hkdf, OkmBlock};
use rustls::enums::{ContentType, ProtocolVersion};
use rustls::error::{InvalidMessage, PeerMisbehaved};

use super::interlude;
use super::plaintext;
use super::post::{self, Post};
use super::record::HEADER;
use super::{schedule, warnings};
use crate::foreign::callback::{Callback, SslPtr, types};
use crate::foreign::scope::{self, Scope, Slot};

/// How TLS 1.3 records are padded (SSL_CTX_set_record_padding_callback(3)).
pub struct Padding {
    /// Asked for the zeros of each record; before `block`.
    pub callback: Option<Callback<types::Padding>>,
    /// The connection, for the callback.
    pub ssl: SslPtr,
    /// What the length is made a multiple of; 0 for none.
    pub block: usize,
    /// The most that content, type and zeros may come to.
    pub limit: usize,
}

impl Padding {
    /// The zeros behind a record's content and type, `len` bytes.
    fn zeros(&self, kind: ContentType, len: usize) -> usize {
        let room = self.limit.saturating_sub(len);
        let wanted = match &self.callback {
            _ if room == 0 => 0,
            Some(callback) => callback.padding(self.ssl, kind.0.into(), len),
            None => len.next_multiple_of(self.block.max(1)) - len,
        };
        wanted.min(room)
    }

    /// The most that [`Self::zeros`] can say.
    fn most(&self, len: usize) -> usize {
        match self.callback {
            Some(_) => self.limit.saturating_sub(len),
            None => self.zeros(ContentType::ApplicationData, len),
        }
    }
}

thread_local! {
    static PADDING: Scope<Padding> = const { Scope::new() };
    static ALERT: Slot<Option<Box<PutOff>>> = const { Slot::new(None) };
    /// What rustls takes for data.
    static STRANGE: Cell<Option<u8>> = const { Cell::new(None) };
}

/// See [`super::apart`].
pub(super) fn set_aside() -> impl Sized {
    (
        scope::leave(&PADDING),
        scope::set_aside(|alert| ALERT.with(|slot| slot.replace(alert))),
        scope::set_aside(|kind| STRANGE.replace(kind)),
    )
}

/// Runs `f`, whose records are padded as `padding` says.
pub fn padded<R>(padding: Option<Padding>, f: impl FnOnce() -> R) -> R {
    match padding {
        Some(padding) => scope::enter(&PADDING, &padding, f),
        None => f(),
    }
}

/// A fatal alert that is yet to be sealed: rustls sends nothing after it with these keys.
struct PutOff {
    keys: Box<dyn RecordEncrypter>,
    version: EncodableVersion,
    seq: u64,
    zeros: usize,
    /// The record's length without its header.
    len: usize,
}

/// Seals the alert put off, which is the last record of `out`, with the code `alert`; `None`
/// takes it away. Does nothing when there is none. To be called after everything that can fail.
pub(super) fn settle_alert(out: &mut Vec<u8>, alert: Option<u8>) {
    let Some(mut put_off) = ALERT.with(Slot::take) else {
        return;
    };
    // It is not there if close_notify was sent before.
    let length = u16::try_from(put_off.len).unwrap_or(0).to_be_bytes();
    let Some(begin) = out.len().checked_sub(HEADER + put_off.len) else {
        return;
    };
    if out[begin + 3..begin + HEADER] != length {
        return;
    }
    let sealed = alert.is_some_and(|alert| {
        let content = [2, alert];
        let payload = OutboundPlain::Single(&content);
        plaintext::sealing(ContentType::Alert, &payload, put_off.len);
        let plain = Record::new(ContentType::Alert, put_off.version, payload);
        let (keys, body) = (&mut *put_off.keys, &mut out[begin + HEADER..]);
        seal(keys, plain, put_off.zeros, put_off.seq, body).is_ok()
    });
    if !sealed {
        out.truncate(begin);
    }
}

/// Encrypts a record with so many zeros behind its type: to what lies below, content, type and
/// all zeros but one are the content, and the last zero its type.
fn seal<'a>(
    keys: &mut dyn RecordEncrypter,
    record: Record<OutboundPlain<'_>>,
    zeros: usize,
    seq: u64,
    out: &'a mut [u8],
) -> Result<Record<&'a [u8]>, Error> {
    if zeros == 0 {
        return keys.encrypt(record, seq, out);
    }
    let mut content = record.payload.to_vec();
    content.push(record.typ.0);
    content.resize(content.len() + zeros - 1, 0);
    let plain = OutboundPlain::Single(&content);
    keys.encrypt(Record::new(ContentType(0), record.version, plain), seq, out)
}

/// TLS 1.3's keys of one direction, and what the next are made of (RFC 8446, section 7.2).
///
/// rustls counts the records of the first, made in a KeyUpdate; it does not know of the others.
pub(super) struct Generation {
    hkdf: &'static dyn Hkdf,
    aead: &'static dyn Tls13AeadAlgorithm,
    secret: OkmBlock,
    /// The number rustls gives to the first record of these keys.
    begin: u64,
}

impl Generation {
    /// The keys that rustls made of `secret`.
    pub(super) fn first(
        hkdf: &'static dyn Hkdf,
        aead: &'static dyn Tls13AeadAlgorithm,
        secret: OkmBlock,
    ) -> Self {
        Self {
            hkdf,
            aead,
            secret,
            begin: 0,
        }
    }

    /// Goes on to the next keys with the record rustls numbers `begin`.
    fn advance(&mut self, begin: u64) -> Result<Box<dyn RecordEncrypter>, Error> {
        let (secret, keys) = schedule::next_keys(self.hkdf, self.aead, &self.secret)?;
        self.secret = secret;
        self.begin = begin;
        Ok(keys)
    }

    /// rustls goes on, too: from these keys rather than from its own.
    fn hand_over(&self) {
        schedule::go_on_from(&self.secret);
    }
}

/// An encrypter of records.
pub(super) struct Encrypter {
    /// Gone with the fatal alert.
    keys: Option<Box<dyn RecordEncrypter>>,
    tls13: bool,
    /// After the first KeyUpdate.
    generation: Option<Generation>,
}

impl Encrypter {
    pub(super) fn tls12(keys: Box<dyn RecordEncrypter>) -> Self {
        Self {
            keys: Some(keys),
            tls13: false,
            generation: None,
        }
    }

    pub(super) fn tls13(keys: Box<dyn RecordEncrypter>, generation: Option<Generation>) -> Self {
        Self {
            keys: Some(keys),
            tls13: true,
            generation,
        }
    }

    /// A message of the handshake with the record `seq` is sealed.
    fn sealed_message(&mut self, post: Option<Post>, seq: u64) -> Result<(), Error> {
        match (post, &mut self.generation) {
            (Some(Post::KeyUpdate), generation) => {
                let generation = generation.as_mut().ok_or(Error::EncryptError)?;
                self.keys = Some(generation.advance(seq + 1)?);
            }
            // After the handshake rustls sends no message but KeyUpdate.
            (None, Some(generation)) => generation.hand_over(),
            _ => {}
        }
        Ok(())
    }

    fn zeros(&self, how: impl FnOnce(&Padding) -> usize) -> usize {
        match self.tls13 {
            true => scope::current(&PADDING, |padding| padding.map_or(0, how)),
            false => 0,
        }
    }

    fn put_off<'a>(
        &mut self,
        version: EncodableVersion,
        seq: u64,
        zeros: usize,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        const CONTENT: usize = 2;
        let keys = self.keys.take().ok_or(Error::EncryptError)?;
        let len = keys.encrypted_payload_len(CONTENT + zeros);
        let put_off = Box::new(PutOff {
            keys,
            version,
            seq,
            zeros,
            len,
        });
        ALERT.with(|slot| slot.replace(Some(put_off)));
        let typ = match self.tls13 {
            true => ContentType::ApplicationData,
            false => ContentType::Alert,
        };
        let version = EncodableVersion::Legacy(ProtocolVersion::TLSv1_2);
        Ok(Record::new(typ, version, &out[..len]))
    }
}

impl RecordEncrypter for Encrypter {
    fn encrypt<'a>(
        &mut self,
        record: Record<OutboundPlain<'_>>,
        seq: u64,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        let post = post::current(record.typ);
        let corrected;
        let record = match post {
            Some(Post::FirstKeyUpdate { requested }) => {
                corrected = post::key_update(requested);
                let payload = OutboundPlain::Single(&corrected);
                Record::new(ContentType::Handshake, record.version, payload)
            }
            Some(_) => Record::new(ContentType::Handshake, record.version, record.payload),
            None => record,
        };
        let (message, count) = (record.typ == ContentType::Handshake, seq);
        let seq = seq - self.generation.as_ref().map_or(0, |g| g.begin);
        let len = record.payload.len() + 1;
        let zeros = self.zeros(|padding| padding.zeros(record.typ, len));
        if record.typ == ContentType::Alert && record.payload.to_vec().starts_with(&[2]) {
            return self.put_off(record.version, seq, zeros, out);
        }
        let keys = self.keys.as_deref_mut().ok_or(Error::EncryptError)?;
        if record.typ != ContentType::ApplicationData {
            let sealed = keys.encrypted_payload_len(record.payload.len() + zeros);
            plaintext::sealing(record.typ, &record.payload, sealed);
        }
        let sealed = seal(keys, record, zeros, seq, out)?;
        if message {
            self.sealed_message(post, count)?;
        }
        Ok(sealed)
    }

    /// For 0, which rustls asks for alone to size fragments, what a fragment has to leave room
    /// for: nothing. It sends no empty records.
    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        match (&self.keys, payload_len) {
            (_, 0) | (None, _) => 0,
            (Some(keys), len) => {
                keys.encrypted_payload_len(len + self.zeros(|padding| padding.most(len + 1)))
            }
        }
    }
}

/// While this lives, the next record of TLS 1.2 that is opened is of the type given.
pub(super) struct Disguised;

/// See [`Disguised`].
pub(super) fn disguised(kind: Option<u8>) -> Option<Disguised> {
    kind.map(|kind| {
        STRANGE.set(Some(kind));
        Disguised
    })
}

impl Drop for Disguised {
    fn drop(&mut self) {
        STRANGE.set(None);
    }
}

/// A decrypter of TLS 1.2's records.
pub(super) struct Tls12Decrypter(pub(super) Box<dyn RecordDecrypter>);

impl RecordDecrypter for Tls12Decrypter {
    fn decrypt<'a>(
        &mut self,
        mut record: Record<InboundOpaque<'a>>,
        seq: u64,
    ) -> Result<Record<&'a [u8]>, Error> {
        if let Some(kind) = STRANGE.take() {
            record.typ = ContentType(kind);
        }
        let plain = self.0.decrypt(record, seq)?;
        match plain.typ {
            ContentType::ApplicationData => Ok(plain),
            ContentType::Handshake => {
                plaintext::opened(plain.typ, plain.payload);
                Ok(plain)
            }
            ContentType::Alert => {
                plaintext::opened(plain.typ, plain.payload);
                warnings::heard(plain)
            }
            ContentType::ChangeCipherSpec => Err(InvalidMessage::InvalidCcs.into()),
            _ => Err(InvalidMessage::InvalidContentType.into()),
        }
    }
}

/// A decrypter of TLS 1.3's records that refuses what OpenSSL refuses: types that are never
/// protected or unknown, and messages of no length (RFC 8446, section 5.1).
pub(super) struct Decrypter {
    keys: Box<dyn RecordDecrypter>,
    /// How many of the records rustls has counted were not the peer's.
    interludes: u64,
}

impl Decrypter {
    pub(super) fn new(keys: Box<dyn RecordDecrypter>) -> Self {
        Self {
            keys,
            interludes: 0,
        }
    }
}

impl RecordDecrypter for Decrypter {
    fn decrypt<'a>(
        &mut self,
        record: Record<InboundOpaque<'a>>,
        seq: u64,
    ) -> Result<Record<&'a [u8]>, Error> {
        if interlude::is_body(&record.payload) {
            self.interludes += 1;
            let InboundOpaque(body) = record.payload;
            return Ok(Record::new(
                ContentType::ApplicationData,
                record.version,
                &*body,
            ));
        }
        let seq = seq - self.interludes;
        let plain = self.keys.decrypt(record, seq).map_err(|err| match err {
            Error::PeerMisbehaved(PeerMisbehaved::IllegalMiddleboxChangeCipherSpec) => {
                PeerMisbehaved::IllegalTls13ContentType.into()
            }
            other => other,
        })?;
        match plain.typ {
            ContentType::ApplicationData => Ok(plain),
            ContentType::Handshake | ContentType::Alert if plain.payload.is_empty() => {
                Err(PeerMisbehaved::EmptyFragment.into())
            }
            ContentType::Handshake => {
                plaintext::opened(plain.typ, plain.payload);
                Ok(plain)
            }
            ContentType::Alert => {
                plaintext::opened(plain.typ, plain.payload);
                warnings::heard(plain)
            }
            _ => Err(PeerMisbehaved::IllegalTls13ContentType.into()),
        }
    }
}
