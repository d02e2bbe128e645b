//! A session in OpenSSL's ASN.1, version 1: what i2d_SSL_SESSION(3) writes and d2i_SSL_SESSION(3)
//! reads.
//!
//! The engine's own bytes travel in `key_arg [0]`, a field of SSL 2.0 that OpenSSL's template
//! still accepts, its reader ignores and its writer never fills.

use super::der::{Malformed, OCTET_STRING, Reader, SEQUENCE, Writer};
use crate::foreign::err::{Error, Reason, Result};

const FORMAT_VERSION: u32 = 1;
/// What our bytes in `key_arg` begin with; anything else there is not ours.
const ENGINE_MARK: &[u8] = b"ferrossl\x01";
/// SSL3_MAX_SSL_SESSION_ID_LENGTH.
pub const MAX_ID: usize = 32;
/// SSL_MAX_SID_CTX_LENGTH.
pub const MAX_ID_CONTEXT: usize = 32;
/// TLS13_MAX_RESUMPTION_PSK_LENGTH: what the field of SSL_SESSION holds.
pub const MAX_MASTER_KEY: usize = 512;

/// The fields as they are encoded, borrowed from a session or from the bytes read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Encoded<'a> {
    /// TLS1_2_VERSION and its like.
    pub version: i32,
    /// The suite's number in IANA's registry.
    pub cipher: u16,
    /// The session id.
    pub id: &'a [u8],
    /// The master secret; the resumption secret in TLS 1.3.
    pub master_key: &'a [u8],
    /// The engine's encoding of its own session.
    pub engine: Option<&'a [u8]>,
    /// Seconds since the epoch; 0 is left out.
    pub time: i64,
    /// Seconds; 0 is left out.
    pub timeout: i64,
    /// The peer's certificate.
    pub peer: Option<&'a [u8]>,
    /// The session id context.
    pub id_context: &'a [u8],
    /// X509_V_OK or why not.
    pub verify_result: i32,
    /// The server name.
    pub hostname: Option<&'a [u8]>,
    /// The PSK identity hint.
    pub psk_hint: Option<&'a [u8]>,
    /// The PSK identity.
    pub psk_identity: Option<&'a [u8]>,
    /// The ticket's lifetime in seconds.
    pub lifetime_hint: u64,
    /// The ticket.
    pub ticket: Option<&'a [u8]>,
    /// The compression method; 0 is none and left out.
    pub compress_id: u8,
    /// The SRP user.
    pub srp_username: Option<&'a [u8]>,
    /// SSL_SESS_FLAG_EXTMS.
    pub flags: u64,
    /// ticket_age_add of TLS 1.3.
    pub age_add: u32,
    /// How much early data the ticket allows.
    pub max_early_data: u32,
    /// The ALPN protocol.
    pub alpn: Option<&'a [u8]>,
    /// TLSEXT_max_fragment_length_*.
    pub max_fragment_len_mode: u32,
    /// The application's data in the ticket.
    pub ticket_appdata: Option<&'a [u8]>,
    /// The group of the key exchange.
    pub kx_group: u32,
}

impl<'a> Encoded<'a> {
    /// The DER of the session. It holds the master secret: the caller wipes it.
    pub fn to_der(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(self.capacity());
        w.integer(FORMAT_VERSION.into());
        w.integer(self.version.into());
        w.octets(&self.cipher.to_be_bytes());
        w.octets(self.id);
        w.octets(self.master_key);
        if let Some(bytes) = self.engine {
            w.implicit(0, &[ENGINE_MARK, bytes]);
        }
        put_nonzero(&mut w, 1, self.time);
        put_nonzero(&mut w, 2, self.timeout);
        if let Some(der) = self.peer {
            w.explicit(3, |w| w.raw(der));
        }
        put_octets(&mut w, 4, Some(self.id_context));
        put_nonzero(&mut w, 5, self.verify_result);
        put_octets(&mut w, 6, self.hostname);
        put_octets(&mut w, 7, self.psk_hint);
        put_octets(&mut w, 8, self.psk_identity);
        put_nonzero(&mut w, 9, self.lifetime_hint);
        put_octets(&mut w, 10, self.ticket);
        if self.compress_id != 0 {
            put_octets(&mut w, 11, Some(&[self.compress_id]));
        }
        put_octets(&mut w, 12, self.srp_username);
        put_nonzero(&mut w, 13, self.flags);
        put_nonzero(&mut w, 14, self.age_add);
        put_nonzero(&mut w, 15, self.max_early_data);
        put_octets(&mut w, 16, self.alpn);
        put_nonzero(&mut w, 17, self.max_fragment_len_mode);
        put_octets(&mut w, 18, self.ticket_appdata);
        w.explicit(19, |w| w.integer(self.kx_group.into()));
        w.into_sequence()
    }

    /// More than the DER takes.
    fn capacity(&self) -> usize {
        // Tags, lengths and numbers of all fields together.
        const FRAME: usize = 512;
        let optional = [
            self.engine,
            self.peer,
            self.hostname,
            self.psk_hint,
            self.psk_identity,
            self.ticket,
            self.srp_username,
            self.alpn,
            self.ticket_appdata,
        ];
        let bytes: usize = optional.iter().flatten().map(|b| b.len()).sum();
        FRAME + self.id.len() + self.master_key.len() + self.id_context.len() + bytes
    }

    /// The session at the start of `der`, and the bytes it takes.
    ///
    /// Fails with ERR_R_ASN1_LIB for what is no such sequence, and for values OpenSSL refuses as
    /// it does: with a reason of its own, or with none.
    pub fn parse(der: &'a [u8]) -> Result<(Self, usize)> {
        let mut outer = Reader::new(der);
        let raw = outer.value(SEQUENCE).and_then(Raw::parse);
        let raw = raw.map_err(|_| Error::reason(Reason::ASN1_LIB))?;
        Ok((raw.checked()?, outer.used()))
    }
}

/// A session whose values are still to be judged.
struct Raw<'a> {
    format: u32,
    cipher: &'a [u8],
    compress_id: Option<&'a [u8]>,
    fields: Encoded<'a>,
}

impl<'a> Raw<'a> {
    /// Struct expressions evaluate in the order written: that of the SEQUENCE.
    fn parse(body: &'a [u8]) -> std::result::Result<Self, Malformed> {
        let r = &mut Reader::new(body);
        let format = narrow(r.integer()?)?;
        let version = narrow(r.integer()?)?;
        let cipher = r.value(OCTET_STRING)?;
        let compress_id;
        let fields = Encoded {
            version,
            cipher: 0,
            id: r.value(OCTET_STRING)?,
            master_key: r.value(OCTET_STRING)?,
            engine: r.implicit(0)?.and_then(|v| v.strip_prefix(ENGINE_MARK)),
            time: integer(r, 1)?,
            timeout: integer(r, 2)?,
            peer: r.explicit(3)?,
            id_context: octets(r, 4)?.unwrap_or_default(),
            verify_result: integer(r, 5)?,
            hostname: octets(r, 6)?,
            psk_hint: octets(r, 7)?,
            psk_identity: octets(r, 8)?,
            lifetime_hint: integer(r, 9)?,
            ticket: octets(r, 10)?,
            compress_id: {
                compress_id = octets(r, 11)?;
                0
            },
            srp_username: octets(r, 12)?,
            flags: integer(r, 13)?,
            age_add: integer(r, 14)?,
            max_early_data: integer(r, 15)?,
            alpn: octets(r, 16)?,
            max_fragment_len_mode: integer(r, 17)?,
            ticket_appdata: octets(r, 18)?,
            kx_group: integer(r, 19)?,
        };
        r.end()?;
        Ok(Self {
            format,
            cipher,
            compress_id,
            fields,
        })
    }

    /// The lengths and numbers that the ASN.1 does not bound, in OpenSSL's order.
    fn checked(self) -> Result<Encoded<'a>> {
        const TLS_MAJOR: i32 = 0x03;
        const DTLS_MAJOR: i32 = 0xfe;
        const DTLS1_BAD_VER: i32 = 0x0100;

        let mut fields = self.fields;
        if self.format != FORMAT_VERSION {
            return Err(Error::reason(Reason::UNKNOWN_SSL_VERSION));
        }
        let major = fields.version >> 8;
        if major != TLS_MAJOR && major != DTLS_MAJOR && fields.version != DTLS1_BAD_VER {
            return Err(Error::reason(Reason::UNSUPPORTED_SSL_VERSION));
        }
        let Ok(cipher) = self.cipher.try_into() else {
            return Err(Error::reason(Reason::CIPHER_CODE_WRONG_LENGTH));
        };
        fields.cipher = u16::from_be_bytes(cipher);
        if fields.id.len() > MAX_ID
            || fields.master_key.len() > MAX_MASTER_KEY
            || fields.id_context.len() > MAX_ID_CONTEXT
        {
            return Err(Error::Queued);
        }
        fields.compress_id = match self.compress_id {
            None => 0,
            Some(&[method]) => method,
            Some(_) => return Err(Error::reason(Reason::BAD_LENGTH)),
        };
        Ok(fields)
    }
}

fn narrow<T: TryFrom<i128>>(n: i128) -> std::result::Result<T, Malformed> {
    n.try_into().map_err(|_| Malformed)
}

/// `[n] EXPLICIT INTEGER OPTIONAL`, 0 when it is absent.
fn integer<T: TryFrom<i128>>(r: &mut Reader<'_>, n: u8) -> std::result::Result<T, Malformed> {
    let Some(content) = r.explicit(n)? else {
        return narrow(0);
    };
    let mut inner = Reader::new(content);
    let value = inner.integer()?;
    inner.end()?;
    narrow(value)
}

/// `[n] EXPLICIT OCTET STRING OPTIONAL`.
fn octets<'a>(r: &mut Reader<'a>, n: u8) -> std::result::Result<Option<&'a [u8]>, Malformed> {
    let Some(content) = r.explicit(n)? else {
        return Ok(None);
    };
    let mut inner = Reader::new(content);
    let value = inner.value(OCTET_STRING)?;
    inner.end()?;
    Ok(Some(value))
}

fn put_nonzero(w: &mut Writer, n: u8, value: impl Into<i128>) {
    let value = value.into();
    if value != 0 {
        w.explicit(n, |w| w.integer(value));
    }
}

fn put_octets(w: &mut Writer, n: u8, value: Option<&[u8]>) {
    if let Some(bytes) = value {
        w.explicit(n, |w| w.octets(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Encoded<'static> {
        Encoded {
            version: 0x0303,
            cipher: 0xc02f,
            id: &[1; 32],
            master_key: &[2; 48],
            engine: Some(b"engine"),
            time: 1_700_000_000,
            timeout: 300,
            peer: Some(b"certificate"),
            id_context: b"context",
            verify_result: -1,
            hostname: Some(b"localhost"),
            psk_hint: Some(b""),
            psk_identity: Some(b"identity"),
            lifetime_hint: u64::MAX,
            ticket: Some(&[3; 200]),
            compress_id: 1,
            srp_username: Some(b"user"),
            flags: 1,
            age_add: u32::MAX,
            max_early_data: 16384,
            alpn: Some(b"h2"),
            max_fragment_len_mode: 4,
            ticket_appdata: Some(b"appdata"),
            kx_group: 29,
        }
    }

    #[test]
    fn every_field_survives() {
        for session in [
            sample(),
            Encoded {
                version: 0x0304,
                ..Encoded::default()
            },
        ] {
            let der = session.to_der();
            assert_eq!(Encoded::parse(&der).unwrap(), (session, der.len()));
        }
    }

    #[test]
    fn no_bytes_are_read_beyond_the_input() {
        let der = sample().to_der();
        for len in 0..der.len() {
            assert!(Encoded::parse(&der[..len]).is_err());
        }
        for at in 0..der.len() {
            for flip in [1, 0x80, 0xff] {
                let mut bad = der.clone();
                bad[at] ^= flip;
                let _ = Encoded::parse(&bad);
            }
        }
    }
}
