//! The algorithms a suite is made of.
//!
//! Each is one bit, so that an alias of ciphers(1) can stand for several. Beside the bits stand
//! what SSL_CIPHER_description(3) calls the algorithm and its NID.

use std::ffi::c_int;

/// NID_undef of openssl/obj_mac.h.
pub const NID_UNDEF: c_int = 0;

/// An algorithm: its bits, its name in a description, its NID.
type Row = (u32, &'static str, c_int);

/// Key exchange.
pub mod kx {
    pub const ANY: u32 = 0;
    pub const RSA: u32 = 1;
    pub const DHE: u32 = 1 << 1;
    pub const ECDHE: u32 = 1 << 2;
    pub const PSK: u32 = 1 << 3;
    pub const GOST: u32 = 1 << 4;
    pub const SRP: u32 = 1 << 5;
    pub const RSAPSK: u32 = 1 << 6;
    pub const ECDHEPSK: u32 = 1 << 7;
    pub const DHEPSK: u32 = 1 << 8;
    pub const GOST18: u32 = 1 << 9;
    pub const ALL_PSK: u32 = PSK | RSAPSK | ECDHEPSK | DHEPSK;

    pub(super) const ROWS: &[super::Row] = &[
        (RSA, "RSA", 1037),
        (ECDHE, "ECDH", 1038),
        (DHE, "DH", 1039),
        (ECDHEPSK, "ECDHEPSK", 1040),
        (DHEPSK, "DHEPSK", 1041),
        (RSAPSK, "RSAPSK", 1042),
        (PSK, "PSK", 1043),
        (SRP, "SRP", 1044),
        (GOST, "GOST", 1045),
        (GOST18, "GOST18", 1218),
        (ANY, "any", 1063),
    ];
}

/// Authentication of the server.
pub mod auth {
    use super::NID_UNDEF;

    pub const ANY: u32 = 0;
    pub const RSA: u32 = 1;
    pub const DSS: u32 = 1 << 1;
    pub const NULL: u32 = 1 << 2;
    pub const ECDSA: u32 = 1 << 3;
    pub const PSK: u32 = 1 << 4;
    pub const GOST01: u32 = 1 << 5;
    pub const SRP: u32 = 1 << 6;
    pub const GOST12: u32 = 1 << 7;
    pub const GOST01_12: u32 = GOST01 | GOST12;

    // GOST12 alone has a NID but no name, both bits together the reverse: as in OpenSSL.
    pub(super) const ROWS: &[super::Row] = &[
        (RSA, "RSA", 1046),
        (ECDSA, "ECDSA", 1047),
        (PSK, "PSK", 1048),
        (DSS, "DSS", 1049),
        (GOST01, "GOST01", 1050),
        (GOST12, "unknown", 1051),
        (GOST01_12, "GOST12", NID_UNDEF),
        (SRP, "SRP", 1052),
        (NULL, "None", 1053),
        (ANY, "any", 1064),
    ];
}

/// Encryption of the records.
pub mod enc {
    use super::NID_UNDEF;

    pub const NONE: u32 = 0;
    pub const DES: u32 = 1;
    pub const TRIPLE_DES: u32 = 1 << 1;
    pub const RC4: u32 = 1 << 2;
    pub const RC2: u32 = 1 << 3;
    pub const IDEA: u32 = 1 << 4;
    pub const NULL: u32 = 1 << 5;
    pub const AES128: u32 = 1 << 6;
    pub const AES256: u32 = 1 << 7;
    pub const CAMELLIA128: u32 = 1 << 8;
    pub const CAMELLIA256: u32 = 1 << 9;
    pub const GOST89: u32 = 1 << 10;
    pub const SEED: u32 = 1 << 11;
    pub const AES128GCM: u32 = 1 << 12;
    pub const AES256GCM: u32 = 1 << 13;
    pub const AES128CCM: u32 = 1 << 14;
    pub const AES256CCM: u32 = 1 << 15;
    pub const AES128CCM8: u32 = 1 << 16;
    pub const AES256CCM8: u32 = 1 << 17;
    pub const GOST8912: u32 = 1 << 18;
    pub const CHACHA20: u32 = 1 << 19;
    pub const ARIA128GCM: u32 = 1 << 20;
    pub const ARIA256GCM: u32 = 1 << 21;
    pub const MAGMA: u32 = 1 << 22;
    pub const KUZNYECHIK: u32 = 1 << 23;

    pub const AESGCM: u32 = AES128GCM | AES256GCM;
    pub const AESCCM8: u32 = AES128CCM8 | AES256CCM8;
    pub const AESCCM: u32 = AES128CCM | AES256CCM | AESCCM8;
    pub const AES: u32 = AES128 | AES256 | AESGCM | AESCCM;
    pub const CAMELLIA: u32 = CAMELLIA128 | CAMELLIA256;
    pub const ARIA: u32 = ARIA128GCM | ARIA256GCM;
    pub const GOST: u32 = GOST89 | GOST8912 | MAGMA | KUZNYECHIK;
    pub const CBC: u32 = DES | TRIPLE_DES | RC2 | IDEA | AES128 | AES256 | CAMELLIA | SEED;

    pub(super) const ROWS: &[super::Row] = &[
        (IDEA, "IDEA(128)", 34),
        (NULL, "None", NID_UNDEF),
        (AES128, "AES(128)", 419),
        (AES256, "AES(256)", 427),
        (CAMELLIA128, "Camellia(128)", 751),
        (CAMELLIA256, "Camellia(256)", 753),
        (GOST89, "GOST89(256)", 814),
        (SEED, "SEED(128)", 777),
        (AES128GCM, "AESGCM(128)", 895),
        (AES256GCM, "AESGCM(256)", 901),
        (AES128CCM, "AESCCM(128)", 896),
        (AES256CCM, "AESCCM(256)", 902),
        (AES128CCM8, "AESCCM8(128)", 896),
        (AES256CCM8, "AESCCM8(256)", 902),
        (GOST8912, "GOST89(256)", 975),
        (CHACHA20, "CHACHA20/POLY1305(256)", 1018),
        (ARIA128GCM, "ARIAGCM(128)", 1123),
        (ARIA256GCM, "ARIAGCM(256)", 1125),
        (MAGMA, "MAGMA", 1174),
        (KUZNYECHIK, "KUZNYECHIK", 1177),
    ];
}

/// Authentication of the records.
pub mod mac {
    use super::NID_UNDEF;

    pub const NONE: u32 = 0;
    pub const MD5: u32 = 1;
    pub const SHA1: u32 = 1 << 1;
    pub const GOST94: u32 = 1 << 2;
    pub const GOST89MAC: u32 = 1 << 3;
    pub const SHA256: u32 = 1 << 4;
    pub const SHA384: u32 = 1 << 5;
    /// The encryption authenticates; there is no MAC of its own.
    pub const AEAD: u32 = 1 << 6;
    pub const GOST12_256: u32 = 1 << 7;
    pub const GOST89MAC12: u32 = 1 << 8;
    pub const MAGMAOMAC: u32 = 1 << 10;
    pub const KUZNYECHIKOMAC: u32 = 1 << 11;

    pub(super) const ROWS: &[super::Row] = &[
        // The signalling values have this NID with OpenSSL.
        (NONE, "unknown", 114),
        (MD5, "MD5", 4),
        (SHA1, "SHA1", 64),
        (GOST94, "GOST94", 809),
        (GOST89MAC, "GOST89", 815),
        (SHA256, "SHA256", 672),
        (SHA384, "SHA384", 673),
        (AEAD, "AEAD", NID_UNDEF),
        (GOST12_256, "GOST2012", 982),
        (GOST89MAC12, "GOST89", 976),
        (MAGMAOMAC, "unknown", 1192),
        (KUZNYECHIKOMAC, "unknown", 1017),
    ];
}

/// Digest of the handshake: the NID.
pub mod digest {
    use std::ffi::c_int;

    pub const MD5: c_int = 4;
    pub const MD5_SHA1: c_int = 114;
    pub const SHA256: c_int = 672;
    pub const SHA384: c_int = 673;
    pub const GOST94: c_int = 809;
    pub const GOST12_256: c_int = 982;
}

/// Classes of strength, and whether a suite is in DEFAULT.
pub mod strength {
    pub const UNSET: u32 = 0;
    pub const NONE: u32 = 1;
    pub const LOW: u32 = 1 << 1;
    pub const MEDIUM: u32 = 1 << 2;
    pub const HIGH: u32 = 1 << 3;
    pub const FIPS: u32 = 1 << 4;
    /// In ALL, not in DEFAULT.
    pub const NOT_DEFAULT: u32 = 1 << 5;

    pub const NONE_FIPS: u32 = NONE | FIPS;
    pub const HIGH_FIPS: u32 = HIGH | FIPS;
    pub const HIGH_FIPS_ND: u32 = HIGH_FIPS | NOT_DEFAULT;
    pub const HIGH_ND: u32 = HIGH | NOT_DEFAULT;
    pub const MEDIUM_ND: u32 = MEDIUM | NOT_DEFAULT;

    /// The bits that are classes.
    pub const CLASSES: u32 = NONE | LOW | MEDIUM | HIGH | FIPS;
}

/// What libcrypto's default provider lacks, and with it every suite that uses it.
pub mod missing {
    use super::{auth, enc, kx, mac};

    pub const KX: u32 = kx::GOST | kx::GOST18;
    pub const AUTH: u32 = auth::GOST01 | auth::GOST12;
    pub const ENC: u32 = enc::DES | enc::RC4 | enc::RC2 | enc::IDEA | enc::SEED | enc::GOST;
    pub const MAC: u32 = mac::GOST94
        | mac::GOST89MAC
        | mac::GOST12_256
        | mac::GOST89MAC12
        | mac::MAGMAOMAC
        | mac::KUZNYECHIKOMAC;
}

/// The versions a suite exists in, as they stand on the wire; 0 means none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    pub min_tls: c_int,
    pub max_tls: c_int,
    pub min_dtls: c_int,
    pub max_dtls: c_int,
}

/// The combinations of versions that occur.
pub mod version {
    use super::Versions;
    use std::ffi::c_int;

    const fn tls(min_tls: c_int, max_tls: c_int) -> Versions {
        Versions {
            min_tls,
            max_tls,
            min_dtls: 0,
            max_dtls: 0,
        }
    }

    const fn both(min_tls: c_int, max_tls: c_int, min_dtls: c_int, max_dtls: c_int) -> Versions {
        Versions {
            min_tls,
            max_tls,
            min_dtls,
            max_dtls,
        }
    }

    pub const NO_VERSION: Versions = tls(0, 0);
    pub const SSL3_TO_TLS1_1: Versions = both(0x300, 0x302, 0x100, 0xfeff);
    pub const SSL3: Versions = both(0x300, 0x303, 0x100, 0xfefd);
    pub const TLS1: Versions = both(0x301, 0x303, 0x100, 0xfefd);
    pub const TLS1_2: Versions = both(0x303, 0x303, 0xfefd, 0xfefd);
    /// A stream cipher, which DTLS cannot use.
    pub const TLS1_STREAM: Versions = tls(0x301, 0x303);
    /// As [`TLS1_STREAM`].
    pub const TLS1_2_STREAM: Versions = tls(0x303, 0x303);
    pub const TLS1_3: Versions = tls(0x304, 0x304);
}

fn find(rows: &'static [Row], bits: u32) -> Option<&'static Row> {
    rows.iter().find(|row| row.0 == bits)
}

fn text(rows: &'static [Row], bits: u32) -> &'static str {
    find(rows, bits).map_or("unknown", |row| row.1)
}

fn nid(rows: &'static [Row], bits: u32) -> c_int {
    find(rows, bits).map_or(NID_UNDEF, |row| row.2)
}

macro_rules! lookups {
    ($($module:ident $text:ident $nid:ident),*) => {$(
        #[doc = concat!("The name of these bits of `", stringify!($module), "` in a description.")]
        pub fn $text(bits: u32) -> &'static str {
            text($module::ROWS, bits)
        }

        #[doc = concat!("The NID of these bits of `", stringify!($module), "`.")]
        pub fn $nid(bits: u32) -> c_int {
            nid($module::ROWS, bits)
        }
    )*};
}

lookups!(kx kx_text kx_nid, auth auth_text auth_nid, enc enc_text enc_nid, mac mac_text mac_nid);
