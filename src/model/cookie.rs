//! The cookie of SSL_stateless(3): all that is to be known of the first ClientHello when the
//! second comes, authenticated by a key of the context. OpenSSL's layout.

use crate::engine::alert::{DECODE_ERROR, ILLEGAL_PARAMETER, INTERNAL_ERROR};
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::libctx::LibCtx;
use crate::foreign::secret::{self, Fixed};

/// COOKIE_STATE_FORMAT_VERSION.
const FORMAT: u16 = 1;
const TLS1_3: u16 = 0x0304;
const MAC: usize = 32;
/// How old a cookie may be, in seconds.
const LIFETIME: u64 = 600;

/// A reason to end the handshake, and its alert.
pub type Refusal = (u8, Error);

fn refusal(alert: u8, reason: Reason) -> Refusal {
    (alert, Error::reason(reason))
}

/// The key of a context's cookies.
pub struct CookieKey(Fixed<32>);

impl CookieKey {
    /// A key nobody else has.
    pub fn random(lib: &LibCtx) -> Result<Self> {
        let (mut key, mut bytes) = (Fixed::default(), [0; 32]);
        lib.random(&mut bytes)?;
        key.set(&bytes);
        Ok(Self(key))
    }
}

/// What a cookie tells.
pub struct Cookie<'a> {
    /// The group's code point.
    pub group: u16,
    /// The suite's IANA code.
    pub suite: u16,
    /// Whether a share of the group was asked for.
    pub asked: bool,
    /// When it was made, in seconds since 1970.
    pub time: u64,
    /// The hash of the first ClientHello.
    pub hello: &'a [u8],
    /// What the program made.
    pub program: &'a [u8],
}

impl<'a> Cookie<'a> {
    /// The cookie as the client gets it. Fails with ERR_R_INTERNAL_ERROR when the program's is
    /// empty or longer than 255 bytes.
    pub fn seal(&self, key: &CookieKey, lib: &LibCtx) -> Result<Vec<u8>> {
        let program_len = match u8::try_from(self.program.len()) {
            Ok(len @ 1..) => len,
            _ => return Err(Error::reason(Reason::INTERNAL_ERROR)),
        };
        let mut bytes = Vec::new();
        for field in [FORMAT, TLS1_3, self.group, self.suite] {
            bytes.extend_from_slice(&field.to_be_bytes());
        }
        bytes.push(u8::from(self.asked));
        bytes.extend_from_slice(&self.time.to_be_bytes());
        bytes.extend_from_slice(&(self.hello.len() as u16).to_be_bytes());
        bytes.extend_from_slice(self.hello);
        bytes.push(program_len);
        bytes.extend_from_slice(self.program);
        let mac = lib.hmac_sha256(key.0.get(), &bytes)?;
        bytes.extend_from_slice(&mac);
        Ok(bytes)
    }

    /// Reads a cookie sealed with `key`; `None` for one of another format.
    pub fn open(
        bytes: &'a [u8],
        key: &CookieKey,
        lib: &LibCtx,
    ) -> std::result::Result<Option<Self>, Refusal> {
        let short = || refusal(DECODE_ERROR, Reason::LENGTH_MISMATCH);
        let (sealed, mac) = bytes.split_last_chunk::<MAC>().ok_or_else(short)?;
        let right = lib
            .hmac_sha256(key.0.get(), sealed)
            .map_err(|err| (INTERNAL_ERROR, err))?;
        if !secret::same(&right, mac) {
            return Err(refusal(ILLEGAL_PARAMETER, Reason::COOKIE_MISMATCH));
        }
        let mut rest = sealed;
        if take::<2>(&mut rest).ok_or_else(short)? != FORMAT.to_be_bytes() {
            return Ok(None);
        }
        if take::<2>(&mut rest).ok_or_else(short)? != TLS1_3.to_be_bytes() {
            return Err(refusal(
                ILLEGAL_PARAMETER,
                Reason::BAD_PROTOCOL_VERSION_NUMBER,
            ));
        }
        Self::fields(rest).map(Some).ok_or_else(short)
    }

    fn fields(mut rest: &'a [u8]) -> Option<Self> {
        let rest = &mut rest;
        let group = u16::from_be_bytes(take(rest)?);
        let suite = u16::from_be_bytes(take(rest)?);
        let [asked] = take(rest)?;
        let time = u64::from_be_bytes(take(rest)?);
        let len = u16::from_be_bytes(take(rest)?);
        let hello = rest.split_off(..usize::from(len))?;
        let [len] = take(rest)?;
        let program = rest.split_off(..usize::from(len))?;
        rest.is_empty().then_some(Self {
            group,
            suite,
            asked: asked != 0,
            time,
            hello,
            program,
        })
    }

    /// Whether it is too old at `now`, or from the future.
    pub fn is_stale(&self, now: i64) -> bool {
        let age = u64::try_from(now)
            .ok()
            .and_then(|now| now.checked_sub(self.time));
        age.is_none_or(|age| age > LIFETIME)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, more) = rest.split_first_chunk::<N>()?;
    *rest = more;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(program: &[u8]) -> Cookie<'_> {
        Cookie {
            group: 29,
            suite: 0x1301,
            asked: true,
            time: 1000,
            hello: &[7; 32],
            program,
        }
    }

    #[test]
    fn a_cookie_comes_back_as_it_was() {
        let lib = LibCtx::DEFAULT;
        let key = CookieKey::random(&lib).unwrap();
        let sealed = cookie(b"abc").seal(&key, &lib).unwrap();
        let opened = Cookie::open(&sealed, &key, &lib).unwrap().unwrap();
        assert_eq!(
            (opened.group, opened.suite, opened.asked),
            (29, 0x1301, true)
        );
        assert_eq!((opened.hello, opened.program), (&[7; 32][..], &b"abc"[..]));
        for len in 0..sealed.len() {
            assert!(Cookie::open(&sealed[..len], &key, &lib).is_err());
        }
        assert!(cookie(&[0; 256]).seal(&key, &lib).is_err());
        assert!(cookie(&[]).seal(&key, &lib).is_err());
    }

    #[test]
    fn a_cookie_lasts_ten_minutes() {
        let stale = [999, 1000, 1600, 1601].map(|now| cookie(b"x").is_stale(now));
        assert_eq!(stale, [true, false, false, true]);
    }
}
