//! Key exchange groups: aws-lc-rs's, and libcrypto's for those it lacks.

use std::fmt;

use parking_lot::Mutex;
use rustls::crypto::GetRandomFailed;
use rustls::crypto::kx::ffdhe::{self, FfdheGroup};
use rustls::crypto::kx::{
    ActiveKeyExchange, NamedGroup, SharedSecret, StartedKeyExchange, SupportedKxGroup,
};
use rustls::error::{Error, PeerMisbehaved};

use super::shares;
use crate::foreign::evp::PublicKey;
use crate::foreign::kx::{self, Algorithm, Exchange};
use crate::foreign::libctx::LibCtx;
use crate::foreign::provided;

/// A group whose exchanges libcrypto makes, in one library context.
struct LibcryptoGroup {
    code: u16,
    algorithm: Algorithm,
    lib: LibCtx,
}

macro_rules! groups {
    ($($code:literal $algorithm:ident $(($name:literal))?;)*) => {
        &[$(LibcryptoGroup {
            code: $code,
            algorithm: Algorithm::$algorithm $(($name))?,
            lib: LibCtx::DEFAULT,
        }),*]
    };
}

/// In libcrypto's default context.
static LIBCRYPTO: &[LibcryptoGroup] = groups! {
    0x0001 Ec(c"sect163k1");
    0x0002 Ec(c"sect163r1");
    0x0003 Ec(c"sect163r2");
    0x0004 Ec(c"sect193r1");
    0x0005 Ec(c"sect193r2");
    0x0006 Ec(c"sect233k1");
    0x0007 Ec(c"sect233r1");
    0x0008 Ec(c"sect239k1");
    0x0009 Ec(c"sect283k1");
    0x000a Ec(c"sect283r1");
    0x000b Ec(c"sect409k1");
    0x000c Ec(c"sect409r1");
    0x000d Ec(c"sect571k1");
    0x000e Ec(c"sect571r1");
    0x000f Ec(c"secp160k1");
    0x0010 Ec(c"secp160r1");
    0x0011 Ec(c"secp160r2");
    0x0012 Ec(c"secp192k1");
    0x0013 Ec(c"prime192v1");
    0x0014 Ec(c"secp224k1");
    0x0015 Ec(c"secp224r1");
    0x0016 Ec(c"secp256k1");
    0x0019 Ec(c"secp521r1");
    0x001a Ec(c"brainpoolP256r1");
    0x001b Ec(c"brainpoolP384r1");
    0x001c Ec(c"brainpoolP512r1");
    0x001e Okp(c"X448");
    0x0100 Dh(c"ffdhe2048");
    0x0101 Dh(c"ffdhe3072");
    0x0102 Dh(c"ffdhe4096");
    0x0103 Dh(c"ffdhe6144");
    0x0104 Dh(c"ffdhe8192");
};

/// In the other contexts programs have made. rustls wants groups that live for ever, so these
/// do: as many as the program has library contexts and property queries.
static ELSEWHERE: Mutex<Vec<&'static LibcryptoGroup>> = Mutex::new(Vec::new());

/// The group of a code point (RFC 8446, section 4.2.7), libcrypto's in `lib`.
pub fn find(code: u16, lib: &LibCtx) -> Option<&'static dyn SupportedKxGroup> {
    let name = NamedGroup(code);
    if let Some(group) = shares::aws_group(name) {
        return Some(group);
    }
    let Some(group) = LIBCRYPTO.iter().find(|g| g.code == code) else {
        return Some(provided::known_in(code, lib).filter(|group| group.in_tls13)?);
    };
    if lib.is_default() {
        return Some(group);
    }
    let mut elsewhere = ELSEWHERE.lock();
    if let Some(&known) = elsewhere.iter().find(|g| g.code == code && g.lib == *lib) {
        return Some(known);
    }
    let new: &'static LibcryptoGroup = Box::leak(Box::new(LibcryptoGroup {
        code,
        algorithm: group.algorithm,
        lib: lib.clone(),
    }));
    elsewhere.push(new);
    Some(new)
}

/// The key whose public value in TLS is `share`; `None` for groups that libcrypto has no keys of,
/// and for what is no value of the group.
pub fn public_key(code: u16, share: &[u8], lib: &LibCtx) -> Option<PublicKey> {
    let algorithm = match code {
        0x0017 => Algorithm::Ec(c"prime256v1"),
        0x0018 => Algorithm::Ec(c"secp384r1"),
        0x001d => Algorithm::Okp(c"X25519"),
        _ => match LIBCRYPTO.iter().find(|g| g.code == code) {
            Some(group) => group.algorithm,
            None => provided::known_in(code, lib)?.algorithm(),
        },
    };
    kx::public_key(algorithm, share, lib)
}

/// Whether TLS 1.3 has the group: the curves before P-256 and Brainpool's of RFC 7027 ended with
/// TLS 1.2 (RFC 8446, section 4.2.7).
pub fn in_tls13(code: u16) -> bool {
    !matches!(code, 0x0001..=0x0016 | 0x001a..=0x001c)
}

/// Whether TLS 1.2 has the group with the suites there are: none of them is for Diffie-Hellman.
pub fn in_tls12(code: u16) -> bool {
    code < 0x0100
}

impl fmt::Debug for LibcryptoGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.algorithm.fmt(f)
    }
}

impl LibcryptoGroup {
    fn ffdhe(&self) -> Option<FfdheGroup<'static>> {
        match self.code {
            0x0100 => Some(ffdhe::FFDHE2048),
            0x0101 => Some(ffdhe::FFDHE3072),
            0x0102 => Some(ffdhe::FFDHE4096),
            0x0103 => Some(ffdhe::FFDHE6144),
            0x0104 => Some(ffdhe::FFDHE8192),
            _ => None,
        }
    }
}

impl SupportedKxGroup for LibcryptoGroup {
    fn start(&self) -> Result<StartedKeyExchange, Error> {
        let exchange = Exchange::generate(self.algorithm, &self.lib).ok_or(GetRandomFailed)?;
        Ok(shares::started(Box::new(Active {
            code: self.code,
            ffdhe: self.ffdhe(),
            exchange,
        })))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        self.ffdhe()
    }

    fn name(&self) -> NamedGroup {
        NamedGroup(self.code)
    }
}

struct Active {
    code: u16,
    ffdhe: Option<FfdheGroup<'static>>,
    exchange: Exchange,
}

impl ActiveKeyExchange for Active {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        match self.exchange.derive(peer) {
            Some(secret) => Ok(SharedSecret::from(secret.as_ref())),
            None => Err(PeerMisbehaved::InvalidKeyShare.into()),
        }
    }

    fn pub_key(&self) -> &[u8] {
        self.exchange.public()
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        self.ffdhe
    }

    fn group(&self) -> NamedGroup {
        NamedGroup(self.code)
    }
}
