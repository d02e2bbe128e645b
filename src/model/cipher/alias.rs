//! The names of ciphers(1) that stand for groups of suites.

use super::alg::{auth, enc, kx, mac, missing, strength};
use super::order::Selector;

/// A name and what it selects.
pub struct Alias {
    /// As in a cipher string.
    pub name: &'static str,
    /// The suites it stands for.
    pub selector: Selector,
}

const ANY: Selector = Selector::ANY;

/// As with OpenSSL, a name all of whose algorithms are missing is unknown.
pub fn find(name: &[u8]) -> Option<&'static Selector> {
    let alias = ALIASES.iter().find(|a| a.name.as_bytes() == name)?;
    let s = &alias.selector;
    let usable = |bits: u32, missing: u32| bits == 0 || bits & !missing != 0;
    let known = usable(s.kx, missing::KX)
        && usable(s.auth, missing::AUTH)
        && usable(s.enc, missing::ENC)
        && usable(s.mac, missing::MAC);
    known.then_some(s)
}

macro_rules! aliases {
    ($($name:literal { $($field:ident: $value:expr),* })*) => {
        &[$(Alias { name: $name, selector: Selector { $($field: $value,)* ..ANY } }),*]
    };
}

static ALIASES: &[Alias] = aliases! {
    "ALL" { enc: !enc::NULL }
    "COMPLEMENTOFALL" { enc: enc::NULL }
    "COMPLEMENTOFDEFAULT" { strength: strength::NOT_DEFAULT }

    "kRSA" { kx: kx::RSA }
    "kEDH" { kx: kx::DHE }
    "kDHE" { kx: kx::DHE }
    "DH" { kx: kx::DHE }
    "kEECDH" { kx: kx::ECDHE }
    "kECDHE" { kx: kx::ECDHE }
    "ECDH" { kx: kx::ECDHE }
    "kPSK" { kx: kx::PSK }
    "kRSAPSK" { kx: kx::RSAPSK }
    "kECDHEPSK" { kx: kx::ECDHEPSK }
    "kDHEPSK" { kx: kx::DHEPSK }
    "kSRP" { kx: kx::SRP }
    "kGOST" { kx: kx::GOST }
    "kGOST18" { kx: kx::GOST18 }

    "aRSA" { auth: auth::RSA }
    "aDSS" { auth: auth::DSS }
    "DSS" { auth: auth::DSS }
    "aNULL" { auth: auth::NULL }
    "aECDSA" { auth: auth::ECDSA }
    "ECDSA" { auth: auth::ECDSA }
    "aPSK" { auth: auth::PSK }
    "aGOST01" { auth: auth::GOST01 }
    "aGOST12" { auth: auth::GOST12 }
    "aGOST" { auth: auth::GOST01_12 }
    "aSRP" { auth: auth::SRP }

    "EDH" { kx: kx::DHE, auth: !auth::NULL }
    "DHE" { kx: kx::DHE, auth: !auth::NULL }
    "EECDH" { kx: kx::ECDHE, auth: !auth::NULL }
    "ECDHE" { kx: kx::ECDHE, auth: !auth::NULL }
    "NULL" { enc: enc::NULL }
    "RSA" { kx: kx::RSA, auth: auth::RSA }
    "ADH" { kx: kx::DHE, auth: auth::NULL }
    "AECDH" { kx: kx::ECDHE, auth: auth::NULL }
    "PSK" { kx: kx::ALL_PSK }
    "SRP" { kx: kx::SRP }

    "3DES" { enc: enc::TRIPLE_DES }
    "RC4" { enc: enc::RC4 }
    "RC2" { enc: enc::RC2 }
    "IDEA" { enc: enc::IDEA }
    "SEED" { enc: enc::SEED }
    "eNULL" { enc: enc::NULL }
    "GOST89" { enc: enc::GOST }
    "AES128" { enc: enc::AES128 | enc::AES128GCM | enc::AES128CCM | enc::AES128CCM8 }
    "AES256" { enc: enc::AES256 | enc::AES256GCM | enc::AES256CCM | enc::AES256CCM8 }
    "AES" { enc: enc::AES }
    "AESGCM" { enc: enc::AESGCM }
    "AESCCM" { enc: enc::AESCCM }
    "AESCCM8" { enc: enc::AESCCM8 }
    "CAMELLIA128" { enc: enc::CAMELLIA128 }
    "CAMELLIA256" { enc: enc::CAMELLIA256 }
    "CAMELLIA" { enc: enc::CAMELLIA }
    "CHACHA20" { enc: enc::CHACHA20 }
    "GOST2012-GOST8912-GOST8912" { enc: enc::GOST8912 }
    "ARIA" { enc: enc::ARIA }
    "ARIAGCM" { enc: enc::ARIA }
    "ARIA128" { enc: enc::ARIA128GCM }
    "ARIA256" { enc: enc::ARIA256GCM }
    "CBC" { enc: enc::CBC }

    "MD5" { mac: mac::MD5 }
    "SHA1" { mac: mac::SHA1 }
    "SHA" { mac: mac::SHA1 }
    "GOST94" { mac: mac::GOST94 }
    "GOST89MAC" { mac: mac::GOST89MAC | mac::GOST89MAC12 }
    "SHA256" { mac: mac::SHA256 }
    "SHA384" { mac: mac::SHA384 }
    "GOST12" { mac: mac::GOST12_256 }

    "SSLv3" { min_tls: 0x300 }
    "TLSv1" { min_tls: 0x301 }
    "TLSv1.0" { min_tls: 0x301 }
    "TLSv1.2" { min_tls: 0x303 }

    "LOW" { strength: strength::LOW }
    "MEDIUM" { strength: strength::MEDIUM }
    "HIGH" { strength: strength::HIGH }
    "FIPS" { enc: !enc::NULL, strength: strength::FIPS }

    "EDH-DSS-DES-CBC3-SHA" {
        kx: kx::DHE, auth: auth::DSS, enc: enc::TRIPLE_DES, mac: mac::SHA1, strength: strength::HIGH_FIPS
    }
    "EDH-RSA-DES-CBC3-SHA" {
        kx: kx::DHE, auth: auth::RSA, enc: enc::TRIPLE_DES, mac: mac::SHA1, strength: strength::HIGH_FIPS
    }
};
