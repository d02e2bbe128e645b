//! Session tickets in OpenSSL's format: key name, IV, ciphertext and MAC (RFC 5077, section 4).

use std::ffi::{c_char, c_int, c_uchar, c_void};
use std::fmt;
use std::ptr::{self, NonNull};

use super::callback::SslPtr;
use super::err::{self, Error, Reason, Result};
use super::libctx::LibCtx;
use super::secret;
use super::sys as ffi;
use super::types::SSL;

/// TLSEXT_KEYNAME_LENGTH.
const NAME: usize = 16;
/// EVP_MAX_IV_LENGTH and EVP_MAX_BLOCK_LENGTH.
const MAX_IV: usize = 16;
const MAX_BLOCK: usize = 32;
/// EVP_MAX_MD_SIZE.
const MAX_MAC: usize = 64;
const HMAC_KEY: usize = 32;
/// The longest session that OpenSSL puts into a ticket.
const MAX_PLAIN: usize = 0xff00;

/// What SSL_CTX_set_tlsext_ticket_keys(3) takes: a name, a key for HMAC-SHA256 and one for
/// AES-256-CBC.
pub const KEYS_LEN: usize = NAME + HMAC_KEY + 32;

/// The function of SSL_CTX_set_tlsext_ticket_key_evp_cb(3).
pub type EvpFunction = unsafe extern "C" fn(
    *mut SSL,
    *mut c_uchar,
    *mut c_uchar,
    *mut ffi::EVP_CIPHER_CTX,
    *mut ffi::EVP_MAC_CTX,
    c_int,
) -> c_int;

/// The function of SSL_CTX_set_tlsext_ticket_key_cb(3).
pub type HmacFunction = unsafe extern "C" fn(
    *mut SSL,
    *mut c_uchar,
    *mut c_uchar,
    *mut ffi::EVP_CIPHER_CTX,
    *mut ffi::HMAC_CTX,
    c_int,
) -> c_int;

unsafe extern "C" {
    fn HMAC_size(ctx: *const ffi::HMAC_CTX) -> usize;
    fn OSSL_PARAM_construct_utf8_string(
        key: *const c_char,
        buf: *mut c_char,
        size: usize,
    ) -> ffi::OSSL_PARAM;
}

/// The keys of a context's tickets; wiped when dropped.
#[derive(Clone)]
pub struct TicketKeys([u8; KEYS_LEN]);

impl TicketKeys {
    /// Keys nobody else has.
    pub fn random(lib: &LibCtx) -> Result<Self> {
        let mut keys = Self([0; KEYS_LEN]);
        lib.random(&mut keys.0)?;
        Ok(keys)
    }

    /// The program's keys; fails with SSL_R_INVALID_TICKET_KEYS_LENGTH.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let keys = bytes.try_into().map(Self);
        keys.map_err(|_| Error::reason(Reason::INVALID_TICKET_KEYS_LENGTH))
    }

    /// The keys as the program sets and reads them.
    pub fn as_bytes(&self) -> &[u8; KEYS_LEN] {
        &self.0
    }

    fn name(&self) -> &[u8] {
        &self.0[..NAME]
    }

    fn mac(&self) -> &[u8] {
        &self.0[NAME..NAME + HMAC_KEY]
    }

    fn cipher(&self) -> &[u8] {
        &self.0[NAME + HMAC_KEY..]
    }
}

impl Drop for TicketKeys {
    fn drop(&mut self) {
        // SAFETY: the bytes are writable.
        unsafe { ffi::OPENSSL_cleanse(self.0.as_mut_ptr().cast::<c_void>(), self.0.len()) };
    }
}

impl fmt::Debug for TicketKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketKeys")
    }
}

/// What a key of tickets says of their renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// As the protocol's version has it.
    AsUsual,
    /// A ticket with another key is to be sent.
    Wanted,
    /// None is.
    Unwanted,
}

/// Where a ticket's keys come from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// The context's keys.
    Keys(TicketKeys),
    /// SSL_CTX_set_tlsext_ticket_key_evp_cb(3).
    Evp(EvpFunction),
    /// SSL_CTX_set_tlsext_ticket_key_cb(3).
    Hmac(HmacFunction),
}

struct Cipher(NonNull<ffi::EVP_CIPHER_CTX>);

impl Cipher {
    fn new() -> Result<Self> {
        // SAFETY: makes a new object.
        let ctx = NonNull::new(unsafe { ffi::EVP_CIPHER_CTX_new() });
        ctx.map(Self).ok_or(Error::Queued)
    }

    fn iv_len(&self) -> Result<usize> {
        // SAFETY: the context lives; without a cipher the answer is an error.
        let len = unsafe { ffi::EVP_CIPHER_CTX_get_iv_length(self.0.as_ptr()) };
        match usize::try_from(len) {
            Ok(len) if len <= MAX_IV => Ok(len),
            _ => Err(Error::reason(Reason::INTERNAL_ERROR)),
        }
    }

    fn init(&self, lib: &LibCtx, key: &[u8], iv: &[u8; MAX_IV], encrypt: c_int) -> Result<()> {
        // SAFETY: AES-256-CBC reads 32 bytes of key and 16 of IV; the context counts a reference
        // to the cipher.
        unsafe {
            let aes = ffi::EVP_CIPHER_fetch(lib.as_ptr(), c"AES-256-CBC".as_ptr(), lib.propq());
            let ok = !aes.is_null()
                && ffi::EVP_CipherInit_ex(
                    self.0.as_ptr(),
                    aes,
                    ptr::null_mut(),
                    key.as_ptr(),
                    iv.as_ptr(),
                    encrypt,
                ) == 1;
            ffi::EVP_CIPHER_free(aes);
            if ok { Ok(()) } else { Err(Error::Queued) }
        }
    }

    /// Encrypts or decrypts all of `input`, as the context was set up.
    fn run(&self, input: &[u8]) -> Result<Vec<u8>> {
        let len = c_int::try_from(input.len()).map_err(|_| Error::Queued)?;
        let mut out = vec![0; input.len() + MAX_BLOCK];
        let (mut body, mut tail) = (0, 0);
        // SAFETY: the output is at most a block longer than the input.
        let ok = unsafe {
            ffi::EVP_CipherUpdate(
                self.0.as_ptr(),
                out.as_mut_ptr(),
                &mut body,
                input.as_ptr(),
                len,
            ) == 1
                && ffi::EVP_CipherFinal(
                    self.0.as_ptr(),
                    out.as_mut_ptr().add(body as usize),
                    &mut tail,
                ) == 1
        };
        if !ok {
            return Err(Error::Queued);
        }
        out.truncate((body + tail) as usize);
        Ok(out)
    }
}

impl Drop for Cipher {
    fn drop(&mut self) {
        // SAFETY: the context is ours.
        unsafe { ffi::EVP_CIPHER_CTX_free(self.0.as_ptr()) }
    }
}

enum Mac {
    Evp(NonNull<ffi::EVP_MAC_CTX>),
    Hmac(NonNull<ffi::HMAC_CTX>),
}

impl Mac {
    fn evp(lib: &LibCtx) -> Result<Self> {
        // SAFETY: the context counts a reference to the algorithm.
        let ctx = unsafe {
            let mac = ffi::EVP_MAC_fetch(lib.as_ptr(), c"HMAC".as_ptr(), lib.propq());
            if mac.is_null() {
                return Err(Error::Queued);
            }
            let ctx = ffi::EVP_MAC_CTX_new(mac);
            ffi::EVP_MAC_free(mac);
            ctx
        };
        NonNull::new(ctx).map(Self::Evp).ok_or(Error::Queued)
    }

    fn keyed(lib: &LibCtx, key: &[u8]) -> Result<Self> {
        let mac = Self::evp(lib)?;
        if let Self::Evp(ctx) = &mac {
            let mut digest = *b"SHA256\0";
            // SAFETY: the key is readable for its length and the parameters live until they are
            // copied.
            let ok = unsafe {
                let params = [
                    OSSL_PARAM_construct_utf8_string(
                        c"digest".as_ptr(),
                        digest.as_mut_ptr().cast(),
                        0,
                    ),
                    ffi::OSSL_PARAM_construct_end(),
                ];
                ffi::EVP_MAC_init(ctx.as_ptr(), key.as_ptr(), key.len(), params.as_ptr())
            };
            if ok != 1 {
                return Err(Error::Queued);
            }
        }
        Ok(mac)
    }

    fn hmac() -> Result<Self> {
        // SAFETY: makes a new object.
        let ctx = NonNull::new(unsafe { ffi::HMAC_CTX_new() });
        ctx.map(Self::Hmac).ok_or(Error::Queued)
    }

    /// The length of the MAC, 0 when the callback has not set one up.
    fn size(&self) -> usize {
        // SAFETY: the contexts live.
        unsafe {
            match self {
                Self::Evp(ctx) => ffi::EVP_MAC_CTX_get_mac_size(ctx.as_ptr()),
                Self::Hmac(ctx) => HMAC_size(ctx.as_ptr()),
            }
        }
    }

    /// The MAC of `data`.
    fn finish(&self, data: &[u8]) -> Result<Vec<u8>> {
        let size = self.size();
        if size == 0 || size > MAX_MAC {
            return Err(Error::reason(Reason::INTERNAL_ERROR));
        }
        let mut out = vec![0; MAX_MAC];
        // SAFETY: `out` has room for any MAC.
        let (ok, len) = unsafe {
            match self {
                Self::Evp(ctx) => {
                    let mut len = 0;
                    let ok = ffi::EVP_MAC_update(ctx.as_ptr(), data.as_ptr(), data.len()) == 1
                        && ffi::EVP_MAC_final(ctx.as_ptr(), out.as_mut_ptr(), &mut len, out.len())
                            == 1;
                    (ok, len)
                }
                Self::Hmac(ctx) => {
                    let mut len = 0;
                    let ok = ffi::HMAC_Update(ctx.as_ptr(), data.as_ptr(), data.len()) == 1
                        && ffi::HMAC_Final(ctx.as_ptr(), out.as_mut_ptr(), &mut len) == 1;
                    (ok, len as usize)
                }
            }
        };
        if !ok {
            return Err(Error::Queued);
        }
        out.truncate(len);
        Ok(out)
    }
}

impl Drop for Mac {
    fn drop(&mut self) {
        // SAFETY: the context is ours.
        unsafe {
            match self {
                Self::Evp(ctx) => ffi::EVP_MAC_CTX_free(ctx.as_ptr()),
                Self::Hmac(ctx) => ffi::HMAC_CTX_free(ctx.as_ptr()),
            }
        }
    }
}

/// What the callback's answer says; `None` for no key. Fails with SSL_R_CALLBACK_FAILED.
fn answer(code: c_int) -> Result<Option<Renewal>> {
    match code {
        ..0 => Err(Error::reason(Reason::CALLBACK_FAILED)),
        0 => Ok(None),
        2 => Ok(Some(Renewal::Wanted)),
        _ => Ok(Some(Renewal::Unwanted)),
    }
}

impl KeySource {
    /// A cipher and a MAC ready for use; `None` when there is no key for this ticket.
    ///
    /// To encrypt, `name` and `iv` are filled in. The program's callback may run.
    fn prepare(
        &self,
        ssl: SslPtr,
        lib: &LibCtx,
        name: &mut [u8; NAME],
        iv: &mut [u8; MAX_IV],
        encrypt: bool,
    ) -> Result<Option<(Cipher, Mac, Renewal)>> {
        let cipher = Cipher::new()?;
        let direction = c_int::from(encrypt);
        let (name_ptr, iv_ptr) = (name.as_mut_ptr(), iv.as_mut_ptr());
        let (renewal, mac) = match self {
            Self::Keys(keys) => {
                if encrypt {
                    name.copy_from_slice(keys.name());
                    lib.random(iv)?;
                } else if name != keys.name() {
                    return Ok(None);
                }
                cipher.init(lib, keys.cipher(), iv, direction)?;
                (Some(Renewal::AsUsual), Mac::keyed(lib, keys.mac())?)
            }
            Self::Evp(function) => {
                let mac = Mac::evp(lib)?;
                let Mac::Evp(ctx) = &mac else {
                    return Err(Error::Queued);
                };
                // SAFETY: the program registered this function for these arguments.
                let code = unsafe {
                    function(
                        ssl.0,
                        name_ptr,
                        iv_ptr,
                        cipher.0.as_ptr(),
                        ctx.as_ptr(),
                        direction,
                    )
                };
                (answer(code)?, mac)
            }
            Self::Hmac(function) => {
                let mac = Mac::hmac()?;
                let Mac::Hmac(ctx) = &mac else {
                    return Err(Error::Queued);
                };
                // SAFETY: the program registered this function for these arguments.
                let code = unsafe {
                    function(
                        ssl.0,
                        name_ptr,
                        iv_ptr,
                        cipher.0.as_ptr(),
                        ctx.as_ptr(),
                        direction,
                    )
                };
                (answer(code)?, mac)
            }
        };
        Ok(renewal.map(|renewal| (cipher, mac, renewal)))
    }

    /// Seals `plain` for the connection `ssl`; `None` when there is to be no ticket.
    pub fn seal(&self, ssl: SslPtr, lib: &LibCtx, plain: &[u8]) -> Result<Option<Vec<u8>>> {
        if plain.len() > MAX_PLAIN {
            return Err(Error::reason(Reason::INTERNAL_ERROR));
        }
        let (mut name, mut iv) = ([0; NAME], [0; MAX_IV]);
        let Some((cipher, mac, _)) = self.prepare(ssl, lib, &mut name, &mut iv, true)? else {
            return Ok(None);
        };
        let mut ticket = name.to_vec();
        ticket.extend_from_slice(&iv[..cipher.iv_len()?]);
        ticket.extend_from_slice(&cipher.run(plain)?);
        let tag = mac.finish(&ticket)?;
        ticket.extend_from_slice(&tag);
        Ok(Some(ticket))
    }

    /// Opens a ticket of whatever origin; `None` when it is not ours or was changed.
    pub fn open(
        &self,
        ssl: SslPtr,
        lib: &LibCtx,
        ticket: &[u8],
    ) -> Result<Option<(Vec<u8>, Renewal)>> {
        let (Some(mut name), Some(mut iv)) = (
            ticket.first_chunk::<NAME>().copied(),
            ticket
                .get(NAME..)
                .and_then(|t| t.first_chunk::<MAX_IV>())
                .copied(),
        ) else {
            return Ok(None);
        };
        let Some((cipher, mac, renewal)) = self.prepare(ssl, lib, &mut name, &mut iv, false)?
        else {
            return Ok(None);
        };
        let head = NAME + cipher.iv_len()?;
        let tag_len = mac.size();
        if ticket.len() <= head + tag_len {
            return Ok(None);
        }
        let (body, tag) = ticket.split_at(ticket.len() - tag_len);
        let expected = mac.finish(body)?;
        if !secret::same(&expected, tag) {
            return Ok(None);
        }
        // What does not decrypt under the right MAC was not sealed by us.
        let plain = cipher.run(&body[head..]).inspect_err(|_| err::clear());
        Ok(plain.ok().map(|plain| (plain, renewal)))
    }
}
