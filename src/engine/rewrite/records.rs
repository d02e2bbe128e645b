//! EncryptedExtensions, the first message under TLS 1.3's handshake keys: changed before it is
//! encrypted, or after it is decrypted.

use rustls::Error;
use rustls::crypto::cipher::{
    InboundOpaque, OutboundPlain, Record, RecordDecrypter, RecordEncrypter,
};
use rustls::enums::ContentType;

use super::{ENCRYPTED_EXTENSIONS, Rewriter, active};

/// `inner` with the changes in force.
pub(in crate::engine) fn encrypter(inner: Box<dyn RecordEncrypter>) -> Box<dyn RecordEncrypter> {
    match active() {
        Some(rewriter)
            if rewriter.target() == ENCRYPTED_EXTENSIONS && rewriter.awaits_encrypted() =>
        {
            Box::new(Adding {
                inner,
                growth: rewriter.growth(),
                rewriter,
            })
        }
        _ => inner,
    }
}

/// `inner` with the changes in force.
pub(in crate::engine) fn decrypter(inner: Box<dyn RecordDecrypter>) -> Box<dyn RecordDecrypter> {
    match active() {
        Some(rewriter) if rewriter.awaits_answer() && rewriter.awaits_encrypted() => {
            Box::new(Taking {
                inner,
                rewriter: Some(rewriter),
            })
        }
        _ => inner,
    }
}

/// The first message in a payload, if it is a whole EncryptedExtensions, and what follows it.
fn split(payload: &[u8]) -> Option<(&[u8], &[u8])> {
    let &[kind, a, b, c] = payload.first_chunk::<4>()?;
    let end = 4 + u32::from_be_bytes([0, a, b, c]) as usize;
    match kind {
        ENCRYPTED_EXTENSIONS => payload.split_at_checked(end),
        _ => None,
    }
}

struct Adding {
    inner: Box<dyn RecordEncrypter>,
    rewriter: Rewriter,
    /// How much the next record grows; 0 once the message is sent.
    growth: usize,
}

/// No record with a message in it is as short as an alert's.
const ALERT: usize = 2;

impl RecordEncrypter for Adding {
    fn encrypt<'a>(
        &mut self,
        record: Record<OutboundPlain<'_>>,
        seq: u64,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        if self.growth == 0 || record.typ != ContentType::Handshake {
            return self.inner.encrypt(record, seq, out);
        }
        self.growth = 0;
        self.rewriter.encrypted_message();
        let payload = record.payload.to_vec();
        let grown = split(&payload).and_then(|(message, rest)| {
            let mut grown = self.rewriter.sent(message)?;
            grown.extend_from_slice(rest);
            Some(grown)
        });
        // Hashed grown already, so that it cannot go out as it is.
        let grown = grown.ok_or(Error::EncryptError)?;
        let record = Record::new(record.typ, record.version, OutboundPlain::from(&grown));
        self.inner.encrypt(record, seq, out)
    }

    /// For 0, what a fragment has to leave room for.
    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        match payload_len {
            0 => self.inner.encrypted_payload_len(0) + self.growth,
            1..=ALERT => self.inner.encrypted_payload_len(payload_len),
            _ => self.inner.encrypted_payload_len(payload_len + self.growth),
        }
    }
}

struct Taking {
    inner: Box<dyn RecordDecrypter>,
    /// Until the first record is decrypted.
    rewriter: Option<Rewriter>,
}

impl RecordDecrypter for Taking {
    fn decrypt<'a>(
        &mut self,
        record: Record<InboundOpaque<'a>>,
        seq: u64,
    ) -> Result<Record<&'a [u8]>, Error> {
        let Some(rewriter) = self.rewriter.take() else {
            return self.inner.decrypt(record, seq);
        };
        rewriter.encrypted_message();
        let mut copy = record.payload.to_vec();
        let sealed = Record::new(record.typ, record.version, InboundOpaque(&mut copy));
        let plain = self.inner.decrypt(sealed, seq)?;
        let shortened = match plain.typ {
            ContentType::Handshake => split(plain.payload).and_then(|(message, rest)| {
                let mut seen = rewriter.received(message)?;
                seen.extend_from_slice(rest);
                Some(seen)
            }),
            _ => None,
        };
        let new = shortened.as_deref().unwrap_or(plain.payload);
        let InboundOpaque(place) = record.payload;
        let place = &mut place[..new.len()];
        place.copy_from_slice(new);
        Ok(Record::new(plain.typ, plain.version, &*place))
    }
}
