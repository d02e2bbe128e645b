//! What settings and security level leave to be negotiated, and the engine's config made of it.

use std::ffi::c_int;
use std::sync::{Arc, OnceLock};

use super::super::cipher::{Cipher, SuiteB};
use super::super::method::{TLS1_2, TLS1_3};
use super::super::security::{Policy, Stage};
use super::super::sigalgs::{Available, SigAlg, certificate_types};
use super::super::ssl::{JudgeSignature, fragment};
use super::{MAX_PLAIN, OCSP, Settings, mode, op, verify};
use crate::engine::config::{
    self, DEFAULT_SIGALGS, OLDER_SIGALGS, Params, ServerConfig, ServerParams,
};
use crate::engine::kx::in_tls13;
use crate::engine::provider::DEFAULT_GROUPS;
use crate::engine::shares::is_long;
use crate::foreign::callback::Asker;
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::evp::{KeyKind, Scheme};
use crate::foreign::libctx::LibCtx;

impl Settings {
    /// The lowest and highest version to negotiate; fails with SSL_R_NO_PROTOCOLS_AVAILABLE.
    pub fn versions(&self) -> Result<(u16, u16)> {
        self.versions_if(None)
    }

    /// As [`Self::versions`], of those that are permitted.
    pub fn permitted_versions(&self, policy: &Policy) -> Result<(u16, u16)> {
        // Every level has both.
        self.versions_if(policy.is_own().then_some(policy))
    }

    fn versions_if(&self, policy: Option<&Policy>) -> Result<(u16, u16)> {
        let none = || Error::reason(Reason::NO_PROTOCOLS_AVAILABLE);
        if self.method.dtls {
            return Err(none());
        }
        let allowed = |version: u16| {
            let v = c_int::from(version);
            let permitted = || policy.is_none_or(|policy| policy.version(v));
            let disabled = match version {
                TLS1_2 => op::NO_TLSV1_2,
                _ => op::NO_TLSV1_3,
            };
            (self.method.version == 0 || self.method.version == version)
                && (self.min_version == 0 || v >= self.min_version)
                && (self.max_version == 0 || v <= self.max_version)
                && self.options & disabled == 0
                && permitted()
        };
        match (allowed(TLS1_2), allowed(TLS1_3)) {
            (true, true) => Ok((TLS1_2, TLS1_3)),
            (true, false) => Ok((TLS1_2, TLS1_2)),
            (false, true) => Ok((TLS1_3, TLS1_3)),
            (false, false) => Err(none()),
        }
    }

    /// Whether TLS 1.3 is to look like TLS 1.2 to middleboxes (RFC 8446, appendix D.4).
    pub fn is_for_middleboxes(&self) -> bool {
        self.options & op::ENABLE_MIDDLEBOX_COMPAT != 0
    }

    /// Whether a ClientHello for versions up to `max` may have a length that is to be padded. With
    /// a post-quantum share it is longer than that.
    pub fn pads_hello(&self, max: u16) -> bool {
        let long = max == TLS1_3 && self.own_groups().first().is_some_and(|&g| is_long(g));
        self.options & op::TLSEXT_PADDING != 0 && !long
    }

    /// Leaves `version` alone, whatever was permitted.
    pub fn hold_to(&mut self, version: u16) {
        self.options &= !(op::NO_TLSV1_2 | op::NO_TLSV1_3);
        self.min_version = version.into();
        self.max_version = version.into();
    }

    /// Suite B's mode.
    pub fn suite_b(&self) -> SuiteB {
        SuiteB::from_cert_flags(self.cert_flags)
    }

    /// The groups that count.
    pub fn own_groups(&self) -> &[u16] {
        let set = self.groups.as_deref().unwrap_or(DEFAULT_GROUPS);
        self.suite_b().groups().unwrap_or(set)
    }

    /// The order of a ClientHello's groups for versions up to `max`, where the engine would put those
    /// of TLS 1.2 last; else nothing.
    pub fn hello_groups(&self, max: u16) -> Vec<u16> {
        let groups = self.own_groups();
        let old = |code: &u16| !in_tls13(*code);
        let ordered = groups.iter().skip_while(|code| !old(code)).all(old);
        match max < TLS1_3 || ordered {
            true => Vec::new(),
            false => groups.to_vec(),
        }
    }

    /// The signature schemes that count, the default list for `None`.
    pub fn own_sigalgs(&self) -> Option<Arc<[u16]>> {
        let mode = self.suite_b().sigalgs().map(Arc::from);
        mode.or_else(|| self.sigalgs.clone())
    }

    /// The signature schemes of client certificates' keys: those a server takes, and a client uses.
    pub fn sigalgs_of_clients(&self) -> Option<Arc<[u16]>> {
        let set = self.client_sigalgs.as_ref();
        let set = set.filter(|_| self.suite_b() == SuiteB::Off).cloned();
        set.or_else(|| self.own_sigalgs())
    }

    /// Whether a server asks for client certificates in its handshake.
    pub fn asks_for_certificate(&self, tls13: bool) -> bool {
        let later = tls13 && self.verify_mode & verify::POST_HANDSHAKE != 0;
        self.verify_mode & verify::PEER != 0 && !later
    }

    /// The DER names of the authorities that certificates are asked of.
    pub fn authorities(&self, server: bool) -> Vec<Vec<u8>> {
        let names = match server {
            true => self
                .client_ca_names
                .as_ref()
                .filter(|names| !names.is_empty())
                .or(self.ca_names.as_ref()),
            false => self.ca_names.as_ref(),
        };
        let names = names.filter(|_| self.options & op::DISABLE_TLSEXT_CA_NAMES == 0);
        names.map(|names| names.to_der()).unwrap_or_default()
    }

    /// The signature schemes a server takes of clients' keys.
    pub fn schemes_of_clients(&self, policy: &Policy) -> Vec<u16> {
        let set = self.sigalgs_of_clients();
        let schemes = Self::permitted_sigalgs(&set, policy, Stage::Supported);
        schemes.as_deref().unwrap_or(DEFAULT_SIGALGS).to_vec()
    }

    /// The types of certificates (ClientCertificateType) and signature schemes a server's TLS 1.2
    /// CertificateRequest names.
    pub fn request_lists(&self, policy: &Policy) -> (Vec<u8>, Vec<u16>) {
        let set = self.sigalgs_of_clients();
        let mut schemes = self.schemes_of_clients(policy);
        schemes.extend(self.older_sigalgs(policy));
        let types = match &self.client_cert_types {
            Some(types) => types.to_vec(),
            None => certificate_types(set.as_deref(), |code| policy.scheme_of_suites(code)),
        };
        (types, schemes)
    }

    /// The schemes that a server's TLS 1.2 CertificateRequest names after those of the default list.
    fn older_sigalgs(&self, policy: &Policy) -> Vec<u16> {
        let all = match self.sigalgs_of_clients() {
            None => OLDER_SIGALGS,
            Some(_) => &[],
        };
        let permitted = |code: &u16| policy.scheme(Stage::Supported, *code);
        all.iter().copied().filter(permitted).collect()
    }

    /// The signature schemes of a list, the default one for `None`, that are permitted.
    pub fn permitted_sigalgs(
        list: &Option<Arc<[u16]>>,
        policy: &Policy,
        stage: Stage,
    ) -> Option<Arc<[u16]>> {
        let all = list.as_deref().unwrap_or(DEFAULT_SIGALGS);
        let permitted: Vec<u16> = all
            .iter()
            .copied()
            .filter(|&code| policy.scheme(stage, code))
            .collect();
        match permitted.len() == all.len() {
            true => list.clone(),
            false => Some(permitted.into()),
        }
    }

    /// Those of a list that may be signed with; for `None` the older ones are among them.
    pub fn permitted_to_sign(list: &Option<Arc<[u16]>>, policy: &Policy) -> Arc<[u16]> {
        /// By security level: most connections have the same.
        static USUAL: [OnceLock<(Available, Arc<[u16]>)>; 6] = [const { OnceLock::new() }; 6];
        let permitted = |code: &u16| policy.scheme(Stage::Shared, *code);
        if let Some(list) = list {
            return list.iter().copied().filter(permitted).collect();
        }
        let all = DEFAULT_SIGALGS.iter().chain(OLDER_SIGALGS).copied();
        let level = usize::try_from(policy.level).unwrap_or_default();
        let usual = USUAL.get(level).filter(|_| !policy.is_own());
        let usual = usual.map(|usual| {
            usual.get_or_init(|| {
                let list = all.clone().filter(permitted).collect();
                (policy.available, list)
            })
        });
        match usual {
            Some((available, list)) if *available == policy.available => list.clone(),
            _ => all.filter(permitted).collect(),
        }
    }

    /// What answers the questions about security that `asker` asks.
    pub fn policy(&self, asker: Asker) -> Policy {
        Policy {
            level: self.security_level,
            callback: self.security_callback,
            asker,
            available: self.available,
        }
    }

    /// Whether a signature scheme of ours is bound to the curve with this NID.
    pub fn signs_with_curve(&self, nid: c_int) -> bool {
        const BOUND: [u16; 3] = [0x0403, 0x0503, 0x0603];
        let own = self.own_sigalgs();
        let own = own.as_deref().unwrap_or(DEFAULT_SIGALGS);
        let fits = |code: &&u16| Scheme(**code).fits(KeyKind::Ec(nid), true);
        let mut codes = BOUND.iter().filter(fits);
        codes.any(|code| own.contains(code) && self.available.has(*code))
    }

    /// Whether signatures of ECDSA and EdDSA, or of RSA, are accepted in any scheme.
    fn verifies(&self, ecdsa: bool, policy: &Policy) -> bool {
        let own = self.own_sigalgs();
        let mut schemes = own.as_deref().unwrap_or(DEFAULT_SIGALGS).iter();
        schemes.any(|&code| {
            SigAlg::by_code(code).is_some_and(|alg| alg.is_ecdsa() == ecdsa)
                && policy.scheme_of_suites(code)
        })
    }

    /// The suites of the list that can be negotiated with the versions allowed, and that are
    /// permitted.
    pub fn usable_ciphers(&self, policy: &Policy, stage: Stage) -> Result<Vec<&'static Cipher>> {
        let (min, max) = self.permitted_versions(policy)?;
        let mut suites = self.ciphers.list().negotiable();
        suites.retain(|suite| match suite.is_tls13() {
            true => max == TLS1_3,
            false => min == TLS1_2,
        });
        if stage == Stage::Supported {
            let (ecdsa, rsa) = (self.verifies(true, policy), self.verifies(false, policy));
            suites.retain(|suite| match suite.signs_with_ecdsa() {
                Some(true) => ecdsa,
                Some(false) => rsa,
                None => true,
            });
        }
        suites.retain(|suite| policy.suite(stage, suite));
        Ok(suites)
    }

    fn params(&self, lib: &LibCtx, server: bool, policy: &Policy) -> Result<Params> {
        let stage = match server {
            true => Stage::Shared,
            false => Stage::Supported,
        };
        let suites = self.usable_ciphers(policy, stage)?;
        let suites: Vec<u16> = suites.iter().map(|c| c.iana()).collect();
        if suites.is_empty() {
            return Err(Error::reason(match server {
                true => Reason::NO_SHARED_CIPHER,
                false => Reason::NO_CIPHERS_AVAILABLE,
            }));
        }
        let peer_sigalgs = match server {
            true => self.sigalgs_of_clients(),
            false => self.own_sigalgs(),
        };
        let mut groups = self.own_groups().to_vec();
        groups.retain(|&code| policy.group(stage, code));
        if groups.is_empty() && !server {
            return Err(Error::reason(Reason::NO_SUITABLE_GROUPS));
        }
        let peer_sigalgs = Self::permitted_sigalgs(&peer_sigalgs, policy, Stage::Supported);
        if !server && peer_sigalgs.as_ref().is_some_and(|list| list.is_empty()) {
            return Err(Error::reason(Reason::NO_SUITABLE_SIGNATURE_ALGORITHM));
        }
        Ok(Params {
            suites,
            groups,
            peer_sigalgs,
            lib: lib.clone(),
            judge: Arc::new(JudgeSignature),
            max_fragment: match server {
                true => Some(self.max_send_fragment),
                // Asked for, it is kept to, whether the server agrees or not.
                false => fragment::limit(self.max_fragment_mode)
                    .map(|limit| limit.min(self.max_send_fragment))
                    .or(Some(self.max_send_fragment)),
            }
            .filter(|&size| size != MAX_PLAIN),
            timed_random: self.mode
                & match server {
                    true => mode::SEND_SERVERHELLO_TIME,
                    false => mode::SEND_CLIENTHELLO_TIME,
                }
                != 0,
            ca_names: self.authorities(server),
        })
    }

    /// The part of a server's config that connections with these settings share, if their versions
    /// are alike.
    pub fn server_config(
        &self,
        lib: &LibCtx,
        policy: &Policy,
        tls13: bool,
    ) -> Result<Arc<ServerConfig>> {
        // What a callback answers holds for the connection alone.
        let shared = !policy.is_own();
        let asks = self.asks_for_certificate(tls13);
        let cached = &self.cache.server[usize::from(asks)];
        let lists = [&self.client_ca_names, &self.ca_names];
        let names = || lists.into_iter().flatten().filter(|_| asks);
        let names = || names().flat_map(|list| list.addresses());
        // Programs add to the lists they were given.
        let same = |known: &[usize]| names().eq(known.iter().copied());
        match cached.get().filter(|_| shared) {
            Some((known, config)) if same(known) => return Ok(config.clone()),
            _ => {}
        }
        let client_auth = asks.then_some(self.verify_mode & verify::FAIL_IF_NO_PEER_CERT != 0);
        let config = config::server(&ServerParams {
            common: self.params(lib, true, policy)?,
            older_sigalgs: self.older_sigalgs(policy),
            server_preference: self.options & op::CIPHER_SERVER_PREFERENCE != 0,
            client_auth,
            max_early_data: self.max_early_data,
        })
        .map_err(|_| Error::reason(Reason::NO_CIPHERS_AVAILABLE))?;
        let config = Arc::new(config);
        if shared {
            cached.get_or_init(|| (names().collect(), config.clone()));
        }
        Ok(config)
    }

    /// A client's config parameters.
    pub fn client_params(&self, lib: &LibCtx, policy: &Policy) -> Result<config::ClientParams> {
        Ok(config::ClientParams {
            common: self.params(lib, false, policy)?,
            request_ocsp: self.status_type == OCSP,
        })
    }
}
