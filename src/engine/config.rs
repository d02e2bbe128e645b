//! rustls's configs, built from what the model asks for.

use std::sync::Arc;

use rustls::DistinguishedName;
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::enums::ApplicationProtocol;
use rustls::server::{InvalidSniPolicy, Tls13Tickets};
pub use rustls::{ClientConfig, ServerConfig};

use super::credentials::{ClientResolver, Credentials, RequestSink};
use super::keylog::{KeyLogSink, Lines};
use super::provider;
use super::session::{ClientSessions, ServerSessions};
use super::verifier::Verifier;
pub use super::verifier::{DEFAULT_SIGALGS, OLDER_SIGALGS, SignatureJudge};
use crate::foreign::libctx::LibCtx;

/// What both sides ask for.
pub struct Params {
    /// Suites by IANA code in order of preference, those of excluded versions left out.
    pub suites: Vec<u16>,
    /// Groups by code point in order of preference.
    pub groups: Vec<u16>,
    /// Signature schemes accepted from the peer; `None`: the default list.
    pub peer_sigalgs: Option<Arc<[u16]>>,
    /// Where certificates are parsed.
    pub lib: LibCtx,
    /// Judges the peer's signatures.
    pub judge: Arc<dyn SignatureJudge>,
    /// The largest plaintext of a record (SSL_CTX_set_max_send_fragment(3)); `None`: 2^14.
    pub max_fragment: Option<usize>,
    /// Whether the hello's random begins with the time.
    pub timed_random: bool,
    /// DER names of authorities: a server's for its CertificateRequest, a client's for its
    /// ClientHello.
    pub ca_names: Vec<Vec<u8>>,
}

/// The part of a server's config that connections share.
pub struct ServerParams {
    /// What both sides ask for.
    pub common: Params,
    /// Signature schemes accepted of clients with TLS 1.2 besides.
    pub older_sigalgs: Vec<u16>,
    /// Whether the server's order of suites counts.
    pub server_preference: bool,
    /// `None`: no client certificate is asked for; `Some(true)`: one is required.
    pub client_auth: Option<bool>,
    /// Early data accepted, in bytes; 0: none.
    pub max_early_data: u32,
}

/// The part of a server's config that each connection has to itself.
pub struct ServerConnectionParams {
    /// Whether it will be TLS 1.3.
    pub tls13: bool,
    /// Whether the server's order of groups counts.
    pub server_preference: bool,
    /// Whether ChaCha20-Poly1305 comes before the rest of the server's order of suites.
    pub chacha_first: bool,
    /// The suite that a resumption or a HelloRetryRequest has settled.
    pub settled_suite: Option<u16>,
    /// Certificates to choose from.
    pub credentials: Credentials,
    /// The largest plaintext of a record that the client agreed to; `None`: as the others.
    pub max_fragment: Option<usize>,
    /// The protocol chosen by ALPN.
    pub alpn: Option<Vec<u8>>,
    /// Tickets and session cache.
    pub sessions: Option<ServerSessions>,
    /// Where secrets are logged.
    pub keylog: Option<Arc<dyn KeyLogSink>>,
    /// Whether data is sent before the client has answered.
    pub early: bool,
}

fn names(list: &[Vec<u8>]) -> Arc<[DistinguishedName]> {
    list.iter().cloned().map(DistinguishedName::from).collect()
}

fn provider(common: &Params, groups: &[u16]) -> Arc<CryptoProvider> {
    let random = provider::random(common.timed_random);
    provider::provider(&common.suites, groups, &common.lib, random)
}

/// A config to be specialised by [`server_connection`].
pub fn server(params: &ServerParams) -> Result<ServerConfig, rustls::Error> {
    let common = &params.common;
    let verifier = Arc::new(Verifier {
        lib: common.lib.clone(),
        judge: common.judge.clone(),
        sigalgs: common.peer_sigalgs.clone(),
        older_sigalgs: params.older_sigalgs.clone(),
        request_ocsp: false,
        ca_names: names(&common.ca_names),
        client_auth: params.client_auth,
    });
    let provider = provider(common, &common.groups);
    let mut config = ServerConfig::builder(provider)
        .with_client_cert_verifier(verifier)
        .with_server_credential_resolver(Arc::new(Credentials::default()))?;
    config.cipher_suite_selector = provider::suite_selector(params.server_preference);
    config.max_fragment_size = common.max_fragment.map(|size| size + super::record::HEADER);
    config.max_early_data_size = params.max_early_data;
    config.invalid_sni_policy = InvalidSniPolicy::IgnoreAll;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    Ok(config)
}

/// `base` for one connection.
pub fn server_connection(base: &ServerConfig, own: ServerConnectionParams) -> Arc<ServerConfig> {
    let mut config = base.clone();
    config.kx_selector = provider::group_selector(own.server_preference, own.tls13);
    if own.chacha_first {
        config.cipher_suite_selector = &provider::ChaChaFirst;
    }
    if let Some(only) = own.settled_suite.and_then(provider::only_suite) {
        config.cipher_suite_selector = only;
    }
    if let Some(agreed) = own.max_fragment.map(|size| size + super::record::HEADER) {
        let usual = config.max_fragment_size;
        config.max_fragment_size = Some(usual.map_or(agreed, |usual| usual.min(agreed)));
    }
    config.cert_resolver = Arc::new(own.credentials);
    config.send_half_rtt_data = own.early;
    config.alpn_protocols = own
        .alpn
        .into_iter()
        .map(ApplicationProtocol::from)
        .collect();
    if let Some(sessions) = own.sessions {
        config.ticketer = sessions.ticketer;
        config.session_storage = sessions.storage;
    }
    // We send them: Connection::send_ticket.
    config.send_tls13_tickets = Tls13Tickets { default: 0, max: 0 };
    if let Some(sink) = own.keylog {
        config.key_log = Arc::new(Lines(sink));
    }
    Arc::new(config)
}

/// A client's config.
pub struct ClientParams {
    /// What both sides ask for.
    pub common: Params,
    /// Whether a stapled OCSP response is asked for.
    pub request_ocsp: bool,
}

/// What a client's connection has to itself.
pub struct ClientConnectionParams {
    /// Is told of a CertificateRequest.
    pub requests: Arc<dyn RequestSink>,
    /// The session to offer and those received.
    pub sessions: Arc<ClientSessions>,
    /// Whether the server name is sent.
    pub send_sni: bool,
    /// Whether session tickets may be used with TLS 1.2 (SSL_OP_NO_TICKET).
    pub tickets: bool,
    /// Where secrets are logged.
    pub keylog: Option<Arc<dyn KeyLogSink>>,
    /// Whether early data may be sent.
    pub early_data: bool,
}

/// The config of a client's connection.
pub fn client(
    params: &ClientParams,
    own: ClientConnectionParams,
) -> Result<Arc<ClientConfig>, rustls::Error> {
    let common = &params.common;
    let groups = provider::client_groups(&common.suites, &common.groups, &common.lib);
    let provider = provider(common, &groups);
    let verifier = Arc::new(Verifier {
        lib: common.lib.clone(),
        judge: common.judge.clone(),
        sigalgs: common.peer_sigalgs.clone(),
        older_sigalgs: Vec::new(),
        request_ocsp: params.request_ocsp,
        ca_names: match provider.tls13_cipher_suites.is_empty() {
            true => Arc::default(),
            false => names(&common.ca_names),
        },
        client_auth: None,
    });
    let mut config = ClientConfig::builder(provider)
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_credential_resolver(Arc::new(ClientResolver(own.requests)))?;
    config.max_fragment_size = common.max_fragment.map(|size| size + super::record::HEADER);
    config.check_selected_alpn = false;
    config.enable_sni = own.send_sni;
    config.enable_early_data = own.early_data;
    config.resumption = Resumption::store(own.sessions).tls12_resumption(match own.tickets {
        true => rustls::client::Tls12Resumption::SessionIdOrTickets,
        false => rustls::client::Tls12Resumption::SessionIdOnly,
    });
    if let Some(sink) = own.keylog {
        config.key_log = Arc::new(Lines(sink));
    }
    Ok(Arc::new(config))
}
