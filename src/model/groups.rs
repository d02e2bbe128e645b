//! Named groups (RFC 8446, section 4.2.7) under OpenSSL's names and NIDs.

use std::ffi::{CStr, c_int};

use super::list::elements;
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::libctx::LibCtx;
use crate::foreign::provided::{self, Provided};

/// A group OpenSSL, this library or one of libcrypto's providers knows.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The code point.
    pub code: u16,
    /// The NID; 0 where libcrypto has none.
    pub nid: c_int,
    /// The name SSL_group_to_name(3) gives.
    pub name: &'static CStr,
    /// Names a list may use besides.
    aliases: &'static [&'static str],
    /// How strong it is, in bits.
    pub security_bits: c_int,
}

/// TLSEXT_nid_unknown: a group without NID is told as this with its code point.
const NID_UNKNOWN: c_int = 0x0100_0000;

macro_rules! groups {
    ($($code:literal $nid:literal $name:literal $bits:literal [$($alias:literal)*];)*) => {
        &[$(Group {
            code: $code,
            nid: $nid,
            name: $name,
            aliases: &[$($alias),*],
            security_bits: $bits,
        }),*]
    };
}

static GROUPS: &[Group] = groups! {
    0x0001 721 c"sect163k1" 80 ["K-163"];
    0x0002 722 c"sect163r1" 80 [];
    0x0003 723 c"sect163r2" 80 ["B-163"];
    0x0004 724 c"sect193r1" 80 [];
    0x0005 725 c"sect193r2" 80 [];
    0x0006 726 c"sect233k1" 112 ["K-233"];
    0x0007 727 c"sect233r1" 112 ["B-233"];
    0x0008 728 c"sect239k1" 112 [];
    0x0009 729 c"sect283k1" 128 ["K-283"];
    0x000a 730 c"sect283r1" 128 ["B-283"];
    0x000b 731 c"sect409k1" 192 ["K-409"];
    0x000c 732 c"sect409r1" 192 ["B-409"];
    0x000d 733 c"sect571k1" 256 ["K-571"];
    0x000e 734 c"sect571r1" 256 ["B-571"];
    0x000f 708 c"secp160k1" 80 [];
    0x0010 709 c"secp160r1" 80 [];
    0x0011 710 c"secp160r2" 80 [];
    0x0012 711 c"secp192k1" 80 [];
    0x0013 409 c"secp192r1" 80 ["P-192" "prime192v1"];
    0x0014 712 c"secp224k1" 112 [];
    0x0015 713 c"secp224r1" 112 ["P-224"];
    0x0016 714 c"secp256k1" 128 [];
    0x0017 415 c"secp256r1" 128 ["P-256" "prime256v1"];
    0x0018 715 c"secp384r1" 192 ["P-384"];
    0x0019 716 c"secp521r1" 256 ["P-521"];
    0x001a 927 c"brainpoolP256r1" 128 [];
    0x001b 931 c"brainpoolP384r1" 192 [];
    0x001c 933 c"brainpoolP512r1" 256 [];
    0x001d 1034 c"x25519" 128 ["X25519"];
    0x001e 1035 c"x448" 224 ["X448"];
    0x0100 1126 c"ffdhe2048" 112 [];
    0x0101 1127 c"ffdhe3072" 128 [];
    0x0102 1128 c"ffdhe4096" 128 [];
    0x0103 1129 c"ffdhe6144" 128 [];
    0x0104 1130 c"ffdhe8192" 192 [];
    0x11eb 0 c"SecP256r1MLKEM768" 192 [];
    0x11ec 0 c"X25519MLKEM768" 192 [];
    0x0201 0 c"MLKEM768" 192 [];
    0x0202 0 c"MLKEM1024" 256 [];
};

impl Group {
    /// The group of a code point: of a provider's, one that was named before.
    pub fn by_code(code: u16) -> Option<Self> {
        Self::own(code).or_else(|| provided::known(code).map(Self::from))
    }

    fn own(code: u16) -> Option<Self> {
        GROUPS.iter().find(|g| g.code == code).copied()
    }

    /// The group of a NID, or of what [`Self::public_nid`] gives, but no provider's: those are set
    /// by name alone.
    pub fn by_nid(nid: c_int) -> Option<Self> {
        GROUPS.iter().find(|g| g.public_nid() == nid).copied()
    }

    /// As [`Self::by_nid`], and a provider's of this library context.
    pub fn by_id(id: c_int, lib: &LibCtx) -> Option<Self> {
        Self::by_nid(id).or_else(|| {
            let code = u16::try_from(id ^ NID_UNKNOWN).ok()?;
            provided::by_code(code, lib).map(Self::from)
        })
    }

    /// OpenSSL 3.0 takes case for significant; of the groups it lacks, later ones do not.
    fn by_name(name: &[u8], lib: &LibCtx) -> Option<Self> {
        let own = GROUPS.iter().find(|g| match g.nid {
            0 => g.name.to_bytes().eq_ignore_ascii_case(name),
            _ => g.name.to_bytes() == name || g.aliases.iter().any(|a| a.as_bytes() == name),
        });
        let provided = || provided::by_name(name, lib).map(Self::from);
        own.copied().or_else(provided)
    }

    /// The NID, or TLSEXT_nid_unknown with the code point.
    pub fn public_nid(&self) -> c_int {
        match self.nid {
            0 => Self::unknown_nid(self.code),
            nid => nid,
        }
    }

    /// What a code point without a NID is told as.
    pub fn unknown_nid(code: u16) -> c_int {
        NID_UNKNOWN | c_int::from(code)
    }
}

impl From<&'static Provided> for Group {
    /// A code point that is ours, too, is ours.
    fn from(group: &'static Provided) -> Self {
        Self::own(group.code).unwrap_or(Self {
            code: group.code,
            nid: 0,
            name: group.name,
            aliases: &[],
            security_bits: group.security_bits,
        })
    }
}

/// The longest name looked up.
const MAX_NAME: usize = 63;

/// SSL_CTX_set1_groups_list(3): names separated by colons, each once and known, which those of
/// `lib`'s providers are.
pub fn parse_list(list: &[u8], lib: &LibCtx) -> Result<Vec<u16>> {
    let mut codes = Vec::new();
    for name in elements(list, b':') {
        let name = name?;
        if name.len() > MAX_NAME {
            return Err(Error::Queued);
        }
        let Some(group) = Group::by_name(name, lib) else {
            return Err(Error::with_data(
                Reason::PASSED_INVALID_ARGUMENT,
                format!("group '{}' cannot be set", String::from_utf8_lossy(name)),
            ));
        };
        if codes.contains(&group.code) {
            return Err(Error::Queued);
        }
        codes.push(group.code);
    }
    Ok(codes)
}

/// SSL_CTX_set1_groups(3): NIDs, each once and known.
pub fn from_nids(nids: &[c_int]) -> Result<Vec<u16>> {
    if nids.is_empty() {
        return Err(Error::reason(Reason::BAD_LENGTH));
    }
    let mut codes = Vec::new();
    for &nid in nids {
        match Group::by_nid(nid) {
            Some(group) if !codes.contains(&group.code) => codes.push(group.code),
            _ => return Err(Error::Queued),
        }
    }
    Ok(codes)
}
