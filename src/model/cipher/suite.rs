//! One suite.

use std::ffi::{CStr, c_int};

use super::alg::{self, Versions, mac, missing, version};
use super::table::SUITES;

/// What C holds as `const SSL_CIPHER *`: always an element of a static table, so the pointer
/// stays valid, belongs to nobody and compares equal for the same suite.
#[derive(Debug, PartialEq, Eq)]
pub struct Cipher {
    pub(super) id: u32,
    pub(super) name: &'static CStr,
    pub(super) std_name: Option<&'static CStr>,
    pub(super) kx: u32,
    pub(super) auth: u32,
    pub(super) enc: u32,
    pub(super) mac: u32,
    pub(super) versions: Versions,
    pub(super) strength: u32,
    pub(super) bits: u16,
    pub(super) digest: c_int,
}

/// The suites that can be negotiated: rustls knows no other key exchange, and the engine has no
/// other ciphers.
const NEGOTIABLE: [u16; 15] = [
    0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0xC02B, 0xC02C, 0xC02F, 0xC030, 0xC0AC, 0xC0AD, 0xC0AE,
    0xC0AF, 0xCCA8, 0xCCA9,
];

impl Cipher {
    /// The suite with this number in IANA's registry, which may be one of the two signalling
    /// values.
    pub fn from_iana(number: u16) -> Option<&'static Self> {
        let id = 0x0300_0000 | u32::from(number);
        let at = SUITES.binary_search_by_key(&id, |suite| suite.id).ok()?;
        Some(&SUITES[at])
    }

    /// The suite with this name in IANA's registry.
    pub fn from_std_name(name: &[u8]) -> Option<&'static Self> {
        SUITES
            .iter()
            .find(|suite| suite.std_name.is_some_and(|std| std.to_bytes() == name))
    }

    /// SSL_CIPHER_get_id(3): the registry's number, marked as TLS's in the upper half.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The number in IANA's registry, which is the number on the wire.
    pub fn iana(&self) -> u16 {
        self.id as u16
    }

    /// OpenSSL's name.
    pub fn name(&self) -> &'static CStr {
        self.name
    }

    /// The RFC's name; OpenSSL has none for some GOST suites.
    pub fn std_name(&self) -> Option<&'static CStr> {
        self.std_name
    }

    /// The first TLS version with this suite, as on the wire.
    pub fn min_tls(&self) -> c_int {
        self.versions.min_tls
    }

    /// The last TLS version with this suite, as on the wire.
    pub fn max_tls(&self) -> c_int {
        self.versions.max_tls
    }

    /// Whether TLS 1.3 uses this suite, and so SSL_CTX_set_ciphersuites(3) selects it.
    pub fn is_tls13(&self) -> bool {
        self.versions == version::TLS1_3
    }

    /// Bits of the key; in OpenSSL 3.0's default build all of them count.
    pub fn bits(&self) -> c_int {
        c_int::from(self.bits)
    }

    /// SSL_CIPHER_get_version(3).
    pub fn version(&self) -> &'static CStr {
        match self.min_tls() {
            0x300 => c"SSLv3",
            0x301 => c"TLSv1.0",
            0x303 => c"TLSv1.2",
            0x304 => c"TLSv1.3",
            _ => c"unknown",
        }
    }

    /// SSL_CIPHER_get_cipher_nid(3).
    pub fn cipher_nid(&self) -> c_int {
        alg::enc_nid(self.enc)
    }

    /// SSL_CIPHER_get_digest_nid(3): of the MAC, NID_undef when an AEAD needs none.
    pub fn digest_nid(&self) -> c_int {
        alg::mac_nid(self.mac)
    }

    /// SSL_CIPHER_get_kx_nid(3).
    pub fn kx_nid(&self) -> c_int {
        alg::kx_nid(self.kx)
    }

    /// SSL_CIPHER_get_auth_nid(3).
    pub fn auth_nid(&self) -> c_int {
        alg::auth_nid(self.auth)
    }

    /// The NID of the digest over the handshake.
    pub fn handshake_digest_nid(&self) -> c_int {
        self.digest
    }

    /// Whether its algorithms suit a security level above 0, its strength aside, where `least`
    /// bits are asked for.
    pub fn suits_level(&self, level: c_int, least: c_int) -> bool {
        let forward_secret = alg::kx::DHE | alg::kx::ECDHE | alg::kx::DHEPSK | alg::kx::ECDHEPSK;
        self.auth & alg::auth::NULL == 0
            && self.mac & mac::MD5 == 0
            // HMAC of SHA-1 has 160 bits.
            && (least <= 160 || self.mac & mac::SHA1 == 0)
            && (level < 2 || self.enc != alg::enc::RC4)
            && (level < 3 || self.is_tls13() || self.kx & forward_secret != 0)
    }

    /// SSL_CIPHER_is_aead(3).
    pub fn is_aead(&self) -> bool {
        self.mac == mac::AEAD
    }

    /// The line of SSL_CIPHER_description(3), which ends with a newline.
    pub fn description(&self) -> String {
        // A description says TLSv1 where SSL_CIPHER_get_version says TLSv1.0.
        let version = match self.min_tls() {
            0x301 => "TLSv1",
            _ => self.version().to_str().unwrap_or_default(),
        };
        format!(
            "{:<30} {version:<7} Kx={:<8} Au={:<5} Enc={:<22} Mac={:<4}\n",
            self.name.to_str().unwrap_or_default(),
            alg::kx_text(self.kx),
            alg::auth_text(self.auth),
            alg::enc_text(self.enc),
            alg::mac_text(self.mac),
        )
    }

    /// Whether this suite can be negotiated.
    pub fn is_negotiable(&self) -> bool {
        NEGOTIABLE.contains(&self.iana())
    }

    /// Whether OpenSSL with its default provider alone has this suite's algorithms, so that a
    /// list may name it.
    pub(super) fn is_available(&self) -> bool {
        self.kx & missing::KX == 0
            && self.auth & missing::AUTH == 0
            && self.enc & missing::ENC == 0
            && self.mac & missing::MAC == 0
    }

    /// Whether it is one of the two signalling values and no suite.
    pub(super) fn is_signal(&self) -> bool {
        self.versions == version::NO_VERSION
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line per suite as the system's library tells it: number, cipher, digest, kx, auth
    /// NIDs, AEAD, bits, version, standard name, description.
    const SYSTEM: &str = include_str!("testdata/suites.txt");

    fn line(suite: &Cipher) -> String {
        format!(
            "{:04X}|{}|{}|{}|{}|{}|{}|{}|{}|{}",
            suite.iana(),
            suite.cipher_nid(),
            suite.digest_nid(),
            suite.kx_nid(),
            suite.auth_nid(),
            u8::from(suite.is_aead()),
            suite.bits(),
            suite.version().to_str().unwrap(),
            suite.std_name().map_or("-", |s| s.to_str().unwrap()),
            suite.description().trim_end_matches('\n'),
        )
    }

    #[test]
    fn every_suite_reads_as_the_systems() {
        for (suite, system) in SUITES.iter().zip(SYSTEM.lines()) {
            assert_eq!(line(suite), system);
        }
        assert_eq!(SUITES.len(), SYSTEM.lines().count());
    }

    #[test]
    fn suites_are_found_by_number_and_name() {
        for suite in SUITES {
            assert!(std::ptr::eq(
                Cipher::from_iana(suite.iana()).unwrap(),
                suite
            ));
            if let Some(name) = suite.std_name() {
                let found = Cipher::from_std_name(name.to_bytes()).unwrap();
                assert!(std::ptr::eq(found, suite));
            }
        }
        assert_eq!(Cipher::from_iana(0x0A0A), None);
        assert_eq!(Cipher::from_std_name(b"ECDHE-RSA-AES128-GCM-SHA256"), None);
    }

    #[test]
    fn each_negotiable_suite_is_known() {
        let names: Vec<_> = SUITES.iter().filter(|s| s.is_negotiable()).collect();
        assert_eq!(names.len(), NEGOTIABLE.len());
    }
}
