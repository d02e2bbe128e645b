//! Signature algorithms (RFC 8446, section 4.2.3) under OpenSSL's names and NIDs.

use std::ffi::{CStr, c_int};

use super::list::elements;
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::libctx::LibCtx;

/// A scheme with the NIDs OpenSSL tells it by.
#[derive(Debug)]
pub struct SigAlg {
    /// The code point.
    pub code: u16,
    /// The name a list may use: OpenSSL has the RFC's for some.
    name: &'static str,
    /// NID of the digest; 0: the signature has its own.
    pub hash_nid: c_int,
    /// NID of the signature: EVP_PKEY_*.
    pub sig_nid: c_int,
}

/// EVP_PKEY_* of openssl/evp.h and NID_* of openssl/obj_mac.h.
const RSA: c_int = 6;
const RSA_PSS: c_int = 912;
const DSA: c_int = 116;
const EC: c_int = 408;
const ED25519: c_int = 1087;
const ED448: c_int = 1088;
const SHA1: c_int = 64;
const SHA224: c_int = 675;
const SHA256: c_int = 672;
const SHA384: c_int = 673;
const SHA512: c_int = 674;

const fn alg(code: u16, name: &'static str, hash_nid: c_int, sig_nid: c_int) -> SigAlg {
    SigAlg {
        code,
        name,
        hash_nid,
        sig_nid,
    }
}

static SIGALGS: &[SigAlg] = &[
    alg(0x0403, "ecdsa_secp256r1_sha256", SHA256, EC),
    alg(0x0503, "ecdsa_secp384r1_sha384", SHA384, EC),
    alg(0x0603, "ecdsa_secp521r1_sha512", SHA512, EC),
    alg(0x0807, "ed25519", 0, ED25519),
    alg(0x0808, "ed448", 0, ED448),
    alg(0x0303, "", SHA224, EC),
    alg(0x0203, "", SHA1, EC),
    alg(0x0804, "rsa_pss_rsae_sha256", SHA256, RSA_PSS),
    alg(0x0805, "rsa_pss_rsae_sha384", SHA384, RSA_PSS),
    alg(0x0806, "rsa_pss_rsae_sha512", SHA512, RSA_PSS),
    alg(0x0809, "rsa_pss_pss_sha256", SHA256, RSA_PSS),
    alg(0x080a, "rsa_pss_pss_sha384", SHA384, RSA_PSS),
    alg(0x080b, "rsa_pss_pss_sha512", SHA512, RSA_PSS),
    alg(0x0401, "rsa_pkcs1_sha256", SHA256, RSA),
    alg(0x0501, "rsa_pkcs1_sha384", SHA384, RSA),
    alg(0x0601, "rsa_pkcs1_sha512", SHA512, RSA),
    alg(0x0301, "rsa_pkcs1_sha224", SHA224, RSA),
    alg(0x0201, "rsa_pkcs1_sha1", SHA1, RSA),
    alg(0x0402, "", SHA256, DSA),
    alg(0x0502, "", SHA384, DSA),
    alg(0x0602, "", SHA512, DSA),
    alg(0x0302, "", SHA224, DSA),
    alg(0x0202, "", SHA1, DSA),
];

impl SigAlg {
    /// The algorithm of a code point.
    pub fn by_code(code: u16) -> Option<&'static Self> {
        SIGALGS.iter().find(|a| a.code == code)
    }
}

impl SigAlg {
    /// Whether it is one of ECDSA or EdDSA, and not of RSA.
    pub fn is_ecdsa(&self) -> bool {
        matches!(self.sig_nid, EC | ED25519 | ED448)
    }

    /// How strong it is, in bits: half the digest's, less for a broken one.
    pub fn security_bits(&self) -> c_int {
        match (self.hash_nid, self.sig_nid) {
            (SHA1, _) => 64,
            (SHA224, _) => 112,
            (SHA384, _) => 192,
            (SHA512, _) => 256,
            (_, ED448) => 224,
            _ => 128,
        }
    }
}

/// Which signature algorithms a library context has the parts of, by their place in [`SIGALGS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available(u32);

impl Available {
    /// All of them.
    pub const ALL: Self = Self(u32::MAX);

    /// Those of `lib`, as it is now.
    pub fn of(lib: &LibCtx) -> Self {
        const DIGESTS: [(c_int, &CStr); 5] = [
            (SHA1, c"SHA1"),
            (SHA224, c"SHA224"),
            (SHA256, c"SHA256"),
            (SHA384, c"SHA384"),
            (SHA512, c"SHA512"),
        ];
        const KEYS: [(c_int, &CStr); 6] = [
            (RSA, c"RSA"),
            (RSA_PSS, c"RSA-PSS"),
            (DSA, c"DSA"),
            (EC, c"EC"),
            (ED25519, c"ED25519"),
            (ED448, c"ED448"),
        ];
        let digests = DIGESTS.map(|(nid, name)| (nid, lib.has_digest(name)));
        let keys = KEYS.map(|(nid, name)| (nid, lib.has_key_type(name)));
        let has = |nid, list: &[(c_int, bool)]| list.contains(&(nid, true));
        let there = |alg: &SigAlg| {
            (alg.hash_nid == 0 || has(alg.hash_nid, &digests)) && has(alg.sig_nid, &keys)
        };
        let bits = SIGALGS.iter().rev().map(|alg| u32::from(there(alg)));
        Self(bits.fold(0, |bits, bit| bits << 1 | bit))
    }

    /// Whether the algorithm of a code point is there.
    pub fn has(self, code: u16) -> bool {
        let place = SIGALGS.iter().position(|alg| alg.code == code);
        place.is_some_and(|place| self.0 >> place & 1 == 1)
    }
}

/// The types of client certificates (RFC 5246, section 7.4.4) whose keys make signatures of these
/// schemes, as far as they are allowed; of OpenSSL's default list for `None`.
pub fn certificate_types(schemes: Option<&[u16]>, allowed: impl Fn(u16) -> bool) -> Vec<u8> {
    const RSA_SIGN: u8 = 1;
    const DSS_SIGN: u8 = 2;
    const ECDSA_SIGN: u8 = 64;
    // DSA is in OpenSSL's default list, and not in ours.
    let listed = |alg: &&SigAlg| schemes.is_none_or(|list| list.contains(&alg.code));
    let used: Vec<_> = SIGALGS
        .iter()
        .filter(|alg| listed(alg) && allowed(alg.code))
        .collect();
    let any = |fits: fn(&SigAlg) -> bool| used.iter().any(|alg| fits(alg));
    let kinds = [
        (RSA_SIGN, any(|alg| matches!(alg.sig_nid, RSA | RSA_PSS))),
        (DSS_SIGN, any(|alg| alg.sig_nid == DSA)),
        (ECDSA_SIGN, any(SigAlg::is_ecdsa)),
    ];
    let wanted = kinds.into_iter().filter(|(_, wanted)| *wanted);
    wanted.map(|(kind, _)| kind).collect()
}

fn by_nids(hash: c_int, sig: c_int) -> Option<u16> {
    SIGALGS
        .iter()
        .find(|a| a.sig_nid == sig && (a.hash_nid == hash || a.hash_nid == 0))
        .map(|a| a.code)
}

/// What a word of "RSA+SHA256" names.
enum Word {
    Signature(c_int),
    Hash(c_int),
}

fn word(text: &[u8]) -> Option<Word> {
    Some(match text {
        b"RSA" => Word::Signature(RSA),
        b"RSA-PSS" | b"PSS" => Word::Signature(RSA_PSS),
        b"DSA" => Word::Signature(DSA),
        b"ECDSA" => Word::Signature(EC),
        b"SHA1" | b"sha1" => Word::Hash(SHA1),
        b"SHA224" | b"sha224" => Word::Hash(SHA224),
        b"SHA256" | b"sha256" => Word::Hash(SHA256),
        b"SHA384" | b"sha384" => Word::Hash(SHA384),
        b"SHA512" | b"sha512" => Word::Hash(SHA512),
        _ => return None,
    })
}

fn by_text(text: &[u8]) -> Option<u16> {
    let Some(plus) = text.iter().position(|b| *b == b'+') else {
        let alg = SIGALGS.iter().find(|a| a.name.as_bytes() == text)?;
        return Some(alg.code);
    };
    match (word(&text[..plus])?, word(&text[plus + 1..])?) {
        (Word::Signature(sig), Word::Hash(hash)) | (Word::Hash(hash), Word::Signature(sig)) => {
            by_nids(hash, sig)
        }
        _ => None,
    }
}

fn unique(codes: impl Iterator<Item = Option<u16>>) -> Result<Vec<u16>> {
    let mut list = Vec::new();
    for code in codes {
        match code {
            Some(code) if !list.contains(&code) => list.push(code),
            _ => return Err(Error::Queued),
        }
    }
    if list.is_empty() {
        return Err(Error::Queued);
    }
    Ok(list)
}

/// SSL_CTX_set1_sigalgs_list(3): names separated by colons, each once and known.
pub fn parse_list(list: &[u8]) -> Result<Vec<u16>> {
    unique(elements(list, b':').map(|name| by_text(name.ok()?)))
}

/// SSL_CTX_set1_sigalgs(3): pairs of a digest's and a signature's NID.
pub fn from_nids(nids: &[c_int]) -> Result<Vec<u16>> {
    if !nids.len().is_multiple_of(2) {
        return Err(Error::Queued);
    }
    if nids.is_empty() {
        return Err(Error::reason(Reason::MALLOC_FAILURE));
    }
    let mut list = Vec::new();
    for pair in nids.chunks_exact(2) {
        let code = by_nids(pair[0], pair[1]).ok_or(Error::Queued)?;
        // OpenSSL takes one twice here.
        if !list.contains(&code) {
            list.push(code);
        }
    }
    Ok(list)
}
