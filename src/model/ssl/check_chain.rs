//! How far a certificate, its key and its chain suit the peer (SSL_check_chain(3)).

use std::ffi::c_int;

use super::{Side, Ssl, Stage};
use crate::engine::config::DEFAULT_SIGALGS;
use crate::foreign::evp::{KeyKind, PrivateKey, Scheme};
use crate::foreign::stack::CertStack;
use crate::foreign::x509::Cert;
use crate::foreign::{self};
use crate::model::cipher::SuiteB;
use crate::model::groups::Group;
use crate::model::method::TLS1_3;
use crate::model::security::Stage as SecurityStage;
use crate::model::sigalgs::SigAlg;

/// CERT_PKEY_*.
mod flag {
    use std::ffi::c_int;
    pub const VALID: c_int = 0x1;
    pub const SIGN: c_int = 0x2;
    pub const EE_SIGNATURE: c_int = 0x10;
    pub const CA_SIGNATURE: c_int = 0x20;
    pub const EE_PARAM: c_int = 0x40;
    pub const CA_PARAM: c_int = 0x80;
    pub const EXPLICIT_SIGN: c_int = 0x100;
    pub const ISSUER_NAME: c_int = 0x200;
    pub const CERT_TYPE: c_int = 0x400;
    pub const SUITEB: c_int = 0x800;
    /// What has to be there.
    pub const NEEDED: c_int = EE_SIGNATURE | EE_PARAM;
    /// In strict mode.
    pub const STRICT: c_int = NEEDED | CA_SIGNATURE | CA_PARAM | ISSUER_NAME | CERT_TYPE;
}

/// SSL_CERT_FLAG_TLS_STRICT, and the Suite B modes that imply it.
const CHECK_TLS_STRICT: u32 = 0x30001;
/// The signature_algorithms_cert and ec_point_formats extensions.
const SIGNATURE_ALGORITHMS: u16 = 13;
const SIGNATURE_ALGORITHMS_CERT: u16 = 50;
const EC_POINT_FORMATS: u16 = 11;
const SHA1: c_int = 64;
const SHA224: c_int = 675;

/// What the peer and this side are able to do, as far as it matters to certificates.
struct Peer {
    server: bool,
    tls13: bool,
    /// Schemes both sides have.
    shared: Vec<u16>,
    /// Whether the peer named any.
    named: bool,
    /// Those for signatures in certificates, with TLS 1.3.
    in_certs: Option<Vec<u16>>,
    /// Groups, and point formats of a client.
    groups: Vec<u16>,
    formats: Option<Vec<u8>>,
}

/// The algorithm of a certificate's signature that is fine: by default without a list, any.
#[derive(Clone, Copy)]
enum Expected {
    Any,
    Nid(c_int),
    Listed,
}

fn signs_alike(code: u16, nid: c_int) -> bool {
    SigAlg::by_code(code)
        .is_some_and(|alg| foreign::sig_and_hash_nid(alg.hash_nid, alg.sig_nid) == nid)
}

/// Whether a certificate's own signature is of one of these schemes, whatever the type of RSA key.
fn is_signed_by(cert: &Cert, codes: &[u16]) -> bool {
    let made = cert.signature_algorithms();
    let mut known = codes.iter().filter_map(|&code| SigAlg::by_code(code));
    known.any(|alg| (alg.hash_nid, alg.sig_nid) == made)
}

impl Peer {
    fn signature_suits(&self, cert: &Cert, expected: Expected) -> bool {
        let nid = cert.signature_nid();
        match expected {
            Expected::Any => true,
            Expected::Nid(wanted) => nid == wanted,
            Expected::Listed => {
                let list = self.in_certs.as_ref().filter(|_| self.tls13);
                let mut codes = list.unwrap_or(&self.shared).iter();
                codes.any(|&code| signs_alike(code, nid))
            }
        }
    }

    /// Whether the key can sign a TLS 1.3 handshake.
    fn can_sign(&self, cert: &Cert, kind: KeyKind) -> bool {
        let codes = self.in_certs.as_ref();
        let listed = |cert: &Cert| codes.is_none_or(|codes| is_signed_by(cert, codes));
        self.shared.iter().any(|&code| {
            let old =
                SigAlg::by_code(code).is_none_or(|alg| [SHA1, SHA224].contains(&alg.hash_nid));
            !old && Scheme(code).fits(kind, true) && listed(cert)
        })
    }
}

impl Ssl {
    fn peer_for_certificates(&self) -> Peer {
        let server = self.side() != Side::Client;
        let extension = |kind| {
            self.with_client_hello(|hello| Some(hello?.extension(kind)?.to_vec()))
                .filter(|_| server)
        };
        let negotiating = self.stage() == Stage::Handshaking;
        let codes = |kind| self.with_client_hello(|hello| hello.map(|hello| hello.codes(kind)));
        Peer {
            server,
            tls13: match negotiating {
                true if server => self.offered_tls13.get(),
                true => self.authenticates_in_tls13(),
                // A fresh connection may still become one of any version.
                false => self.stage() == Stage::Established && self.version() == TLS1_3,
            },
            shared: self.shared_sigalgs(),
            named: match server {
                true => extension(SIGNATURE_ALGORITHMS).is_some(),
                false => !self.peer_sigalgs().is_empty(),
            },
            in_certs: extension(SIGNATURE_ALGORITHMS_CERT)
                .and_then(|_| codes(SIGNATURE_ALGORITHMS_CERT)),
            groups: self.peer_groups(),
            formats: extension(EC_POINT_FORMATS).map(|body| body.get(1..).unwrap_or(&[]).to_vec()),
        }
    }

    /// SSL_check_chain(3): CERT_PKEY_* of what is given.
    pub fn check_chain(&self, cert: &Cert, key: &PrivateKey, chain: Option<&CertStack>) -> c_int {
        let kind = key.kind();
        if kind == KeyKind::Other {
            return 0;
        }
        let peer = self.peer_for_certificates();
        let settings = self.settings();
        let mut needed = match self.is_strict() {
            true => flag::STRICT,
            false => flag::NEEDED,
        };
        let mut found = 0;
        if settings.suite_b() != SuiteB::Off {
            needed |= flag::SUITEB;
            if cert.suits_suite_b(chain, settings.suite_b().cert_flags()) {
                found |= flag::SUITEB;
            }
        }
        drop(settings);
        found |= self.check_signatures(&peer, cert, kind, chain);
        found |= self.check_parameters(&peer, cert, chain);
        found |= self.check_request(&peer, cert, kind, chain);
        if found & needed == needed {
            found |= flag::VALID;
        }
        found | self.signs(&peer, kind)
    }

    /// Whether only certificates are used that pass in all respects.
    pub(super) fn is_strict(&self) -> bool {
        self.with(|s| s.cert_flags) & CHECK_TLS_STRICT != 0
    }

    /// Whether the certificate of a slot was signed with one of these schemes
    /// (signature_algorithms_cert; RFC 8446, section 4.2.3).
    pub(super) fn is_signed_by(&self, slot: usize, codes: &[u16]) -> bool {
        let (cert, ..) = self.with(|s| s.certs.parts(slot));
        cert.is_some_and(|cert| is_signed_by(&cert, codes))
    }

    /// Whether the certificate of a slot does.
    pub(super) fn passes_strictly(&self, slot: usize) -> bool {
        let (cert, key, chain) = self.with(|s| s.certs.parts(slot));
        let (Some(cert), Some(key)) = (cert, key) else {
            return false;
        };
        self.check_chain(&cert, &key, chain.as_deref()) & flag::VALID != 0
    }

    fn check_signatures(
        &self,
        peer: &Peer,
        cert: &Cert,
        kind: KeyKind,
        chain: Option<&CertStack>,
    ) -> c_int {
        const SHA1_WITH_RSA: c_int = 65;
        const ECDSA_WITH_SHA1: c_int = 416;
        const DSA_WITH_SHA1: c_int = 113;
        let (expected, sha1) = match kind {
            _ if peer.named => (Expected::Listed, None),
            KeyKind::Rsa => (Expected::Nid(SHA1_WITH_RSA), Some(0x0201)),
            KeyKind::Ec(_) => (Expected::Nid(ECDSA_WITH_SHA1), Some(0x0203)),
            KeyKind::Dsa => (Expected::Nid(DSA_WITH_SHA1), Some(0x0202)),
            _ => (Expected::Any, None),
        };
        let own = self.with(|s| s.sigalgs.clone());
        // A peer that names none is taken to have SHA-1.
        if let (Some(code), Some(own)) = (sha1, own)
            && !own.contains(&code)
        {
            return 0;
        }
        let mut found = 0;
        let signs = match peer.tls13 {
            true => peer.can_sign(cert, kind),
            false => peer.signature_suits(cert, expected),
        };
        if signs {
            found |= flag::EE_SIGNATURE;
        }
        let mut rest = chain.into_iter().flat_map(CertStack::iter);
        if rest.all(|cert| peer.signature_suits(&cert, expected)) {
            found |= flag::CA_SIGNATURE;
        }
        found
    }

    fn check_parameters(&self, peer: &Peer, cert: &Cert, chain: Option<&CertStack>) -> c_int {
        let mut found = 0;
        if self.parameters_suit(peer, cert, true) {
            found |= flag::EE_PARAM;
        }
        let mut rest = chain.into_iter().flat_map(CertStack::iter);
        if !peer.server || rest.all(|cert| self.parameters_suit(peer, &cert, false)) {
            found |= flag::CA_PARAM;
        }
        found
    }

    /// Whether an EC key's curve and point format suit.
    fn parameters_suit(&self, peer: &Peer, cert: &Cert, leaf: bool) -> bool {
        let Ok(key) = cert.public_key() else {
            return false;
        };
        let KeyKind::Ec(nid) = key.kind() else {
            return true;
        };
        const COMPRESSED_PRIME: u8 = 1;
        let formats = peer.formats.as_ref().filter(|_| !peer.tls13);
        if key.is_compressed() && formats.is_some_and(|list| !list.contains(&COMPRESSED_PRIME)) {
            return false;
        }
        let Some(group) = Group::by_nid(nid) else {
            return false;
        };
        let settings = self.settings();
        if !peer.server && !settings.own_groups().contains(&group.code)
            || !self.policy().group(SecurityStage::Check, group.code)
            || peer.server && !peer.groups.is_empty() && !peer.groups.contains(&group.code)
        {
            return false;
        }
        const P256: u16 = 23;
        const P384: u16 = 24;
        let scheme = match group.code {
            _ if !leaf || settings.suite_b() == SuiteB::Off => return true,
            P256 => 0x0403,
            P384 => 0x0503,
            _ => return false,
        };
        peer.shared.contains(&scheme)
    }

    /// What a client is asked for: the type of its certificate, and who issued it.
    fn check_request(
        &self,
        peer: &Peer,
        cert: &Cert,
        kind: KeyKind,
        chain: Option<&CertStack>,
    ) -> c_int {
        if peer.server {
            return flag::ISSUER_NAME | flag::CERT_TYPE;
        }
        let mut found = 0;
        let wanted = match kind {
            KeyKind::Rsa => Some(1),
            KeyKind::Dsa => Some(2),
            KeyKind::Ec(_) => Some(64),
            _ => None,
        };
        if wanted.is_none_or(|kind| self.has_certificate_type(kind)) {
            found |= flag::CERT_TYPE;
        }
        let named = self.with_peer_ca_names(|names| {
            let Some(names) = names.filter(|names| !names.is_empty()) else {
                return true;
            };
            let rest = chain.into_iter().flat_map(CertStack::iter);
            std::iter::once(cert.clone())
                .chain(rest)
                .any(|cert| cert.issuer_name().is_ok_and(|name| names.contains(&name)))
        });
        if named {
            found |= flag::ISSUER_NAME;
        }
        found
    }

    /// Whether the kind of key can sign in this handshake.
    fn signs(&self, peer: &Peer, kind: KeyKind) -> c_int {
        let sha1 = match kind {
            KeyKind::Rsa => 0x0201,
            KeyKind::Dsa => 0x0202,
            KeyKind::Ec(_) => 0x0203,
            _ => 0,
        };
        let met = self.side() == Side::Server && self.with_client_hello(|hello| hello.is_some());
        if met && !peer.named {
            let list = self.with(|s| s.own_sigalgs());
            let has = list.as_deref().unwrap_or(DEFAULT_SIGALGS).contains(&sha1);
            return if has { flag::SIGN } else { 0 };
        }
        const PKCS1: u16 = 1;
        let fits = |&code: &u16| {
            let refused = peer.tls13 && code < 0x0700 && code & 0xff == PKCS1;
            !refused && Scheme(code).fits(kind, false)
        };
        match peer.shared.iter().any(fits) {
            true => flag::SIGN | flag::EXPLICIT_SIGN,
            false => 0,
        }
    }
}
