//! A client's TLS 1.3 session made from what SSL_SESSION tells of it.
//!
//! rustls decodes no such session. It receives one, in a handshake in memory between a client and
//! a server that have no secrets: out of the key schedule come zeros, and under the label
//! "resumption" (RFC 8446, section 4.6.1) the wanted key ([`expander`]). Ticket, age_add and time
//! are the server's and the clock's to say. Nothing of that handshake is used but the session, and
//! nothing of the program's runs in it.

use std::borrow::Cow;
use std::hash::Hasher;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{
    HandshakeSignatureValid, ServerIdentity, ServerVerifier, SignatureVerificationInput,
};
use rustls::client::{ClientConfig, Resumption, Tls13Session};
use rustls::crypto::kx::{
    ActiveKeyExchange, NamedGroup, SharedSecret, StartedKeyExchange, SupportedKxGroup,
};
use rustls::crypto::tls13::{HkdfExpander, OkmBlock, OutputLengthError};
use rustls::crypto::{
    Credentials, CryptoProvider, GetRandomFailed, Identity, SecureRandom, SelectedCredential,
    SignatureScheme, Signer, SigningKey, TicketProducer, VerifiedIdentity,
};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::{ClientHello, ServerCredentialResolver, Tls13Tickets};
use rustls::time_provider::TimeProvider;
use rustls::{Error, ServerConfig};

use super::connection::{Connection, Waits};
use super::rewrite::Changes;
use super::session::{ClientSessions, Fields};
use super::suites;
use crate::foreign::libctx::LibCtx;
use crate::foreign::scope::{self, Scope};

/// What the label "resumption" begins with in HkdfLabel (RFC 8446, section 7.1), after a length
/// of two bytes and before the nonce.
const LABEL: &[u8] = b"\x10tls13 resumption";
/// Steps of either side in the longest handshake there can be: a bound, not a count.
const STEPS: usize = 16;
const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;
/// Stands for the certificate of a peer that has none.
pub(super) const NO_CERTIFICATE: &[u8] = &[0x30, 0];

thread_local! {
    static WANTED: Scope<Fields> = const { Scope::new() };
}

/// See [`super::apart`].
pub(super) fn set_aside() -> impl Drop {
    scope::leave(&WANTED)
}

/// The session of `fields`; `None` when they name no suite there is, or no ticket.
pub(super) fn tls13(fields: &Fields, lib: &LibCtx) -> Option<Tls13Session> {
    let suite = suites::tls13(fields.suite, lib)?;
    let secret = fields.master_key.as_ref();
    if fields.ticket.is_empty() || !(1..=OkmBlock::MAX_LEN).contains(&secret.len()) {
        return None;
    }
    let provider = Arc::new(CryptoProvider {
        tls12_cipher_suites: Cow::Borrowed(&[]),
        tls13_cipher_suites: Cow::Owned(vec![suite]),
        kx_groups: Cow::Borrowed(&[&NoExchange]),
        secure_random: &Chosen,
        ..rustls_aws_lc_rs::DEFAULT_PROVIDER
    });
    let received = Arc::new(ClientSessions::default());
    let client = client(provider.clone(), fields, received.clone()).ok()?;
    let server = server(provider, fields).ok()?;
    scope::enter(&WANTED, fields, || shake_hands(&client, &server)).ok()?;
    let mut session = received.take_received().pop()?.into_tls13()?;
    // A stateless ticket of rustls's server allows no early data, and there is no other setter.
    session._reset_max_early_data_size(0, fields.max_early_data);
    Some(session)
}

fn client(
    provider: Arc<CryptoProvider>,
    fields: &Fields,
    store: Arc<ClientSessions>,
) -> Result<Arc<ClientConfig>, Error> {
    let clock = Arc::new(Clock(fields.time));
    let mut config = ClientConfig::builder_with_details(provider, clock)
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trusting))
        .with_no_client_auth()?;
    config.enable_sni = false;
    config.resumption = Resumption::store(store);
    Ok(Arc::new(config))
}

fn server(provider: Arc<CryptoProvider>, fields: &Fields) -> Result<Arc<ServerConfig>, Error> {
    let chain = match fields.peer.as_slice() {
        [] => vec![CertificateDer::from(NO_CERTIFICATE)],
        chain => chain.iter().cloned().map(CertificateDer::from).collect(),
    };
    let identity = Arc::new(Identity::from_cert_chain(chain)?);
    let mut config = ServerConfig::builder(provider)
        .with_no_client_auth()
        .with_server_credential_resolver(Arc::new(Peer(identity)))?;
    config.ticketer = Some(Arc::new(Ticket {
        ticket: fields.ticket.clone(),
        lifetime: Duration::from_secs(fields.lifetime),
    }));
    config.send_tls13_tickets = Tls13Tickets { default: 1, max: 1 };
    Ok(Arc::new(config))
}

fn shake_hands(config: &Arc<ClientConfig>, answer: &Arc<ServerConfig>) -> Result<(), Error> {
    let name = ServerName::from(std::net::Ipv4Addr::UNSPECIFIED);
    let mut client = Connection::client(config, name, Vec::new(), Changes::default())?;
    let mut server = Connection::server();
    for _ in 0..STEPS {
        server.hand_over(&mut client);
        step(&mut server, answer)?;
        if server.waits() == Waits::Nothing && client.waits() == Waits::Nothing {
            client.hand_over(&mut server);
            client.receive()?;
            break;
        }
        client.hand_over(&mut server);
        step(&mut client, answer)?;
    }
    Ok(())
}

fn step(side: &mut Connection, answer: &Arc<ServerConfig>) -> Result<(), Error> {
    loop {
        match side.waits() {
            Waits::Input if side.input.has_record() => side.process()?,
            Waits::Config => side.choose_config(answer.clone())?,
            Waits::Verdict => side.verified(Ok(()))?,
            _ => return Ok(()),
        }
    }
}

/// Within [`tls13`], and nowhere else, the key schedule of a suite whose hash is `hash_len` bytes
/// long. All its secrets are zeros but the one wanted: nothing depends on them.
pub(super) fn expander(hash_len: usize) -> Option<Box<dyn HkdfExpander>> {
    scope::current(&WANTED, |wanted| {
        let secret = OkmBlock::new(wanted?.master_key.as_ref());
        Some(Box::new(Yielding { secret, hash_len }) as _)
    })
}

struct Yielding {
    secret: OkmBlock,
    hash_len: usize,
}

impl HkdfExpander for Yielding {
    fn expand_slice(&self, _info: &[&[u8]], output: &mut [u8]) -> Result<(), OutputLengthError> {
        output.fill(0);
        Ok(())
    }

    fn expand_block(&self, info: &[&[u8]]) -> OkmBlock {
        match info.concat().get(2..).is_some_and(|i| i.starts_with(LABEL)) {
            true => self.secret.clone(),
            false => OkmBlock::new(&[0; OkmBlock::MAX_LEN][..self.hash_len]),
        }
    }

    fn hash_len(&self) -> usize {
        self.hash_len
    }
}

/// "Random" bytes: age_add is the only number of four bytes, and the rest does not matter.
#[derive(Debug)]
struct Chosen;

impl SecureRandom for Chosen {
    fn fill(&self, buf: &mut [u8]) -> Result<(), GetRandomFailed> {
        match <&mut [u8; 4]>::try_from(&mut *buf) {
            Ok(age_add) => scope::current(&WANTED, |wanted| {
                *age_add = wanted.ok_or(GetRandomFailed)?.age_add.to_be_bytes();
                Ok(())
            }),
            Err(_) => {
                buf.fill(0);
                Ok(())
            }
        }
    }
}

/// A key exchange without keys.
#[derive(Debug)]
struct NoExchange;

impl SupportedKxGroup for NoExchange {
    fn start(&self) -> Result<StartedKeyExchange, Error> {
        Ok(StartedKeyExchange::Single(Box::new(Self)))
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

impl ActiveKeyExchange for NoExchange {
    fn complete(self: Box<Self>, _peer: &[u8]) -> Result<SharedSecret, Error> {
        Ok(SharedSecret::from(&[0][..]))
    }

    fn pub_key(&self) -> &[u8] {
        &[0]
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

/// When the session was made.
#[derive(Debug)]
struct Clock(u64);

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0)))
    }
}

/// The session's ticket, whatever is to be put into it.
#[derive(Debug)]
struct Ticket {
    ticket: Vec<u8>,
    lifetime: Duration,
}

impl TicketProducer for Ticket {
    fn encrypt(&self, _plain: &[u8]) -> Option<Vec<u8>> {
        Some(self.ticket.clone())
    }

    fn decrypt(&self, _cipher: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn lifetime(&self) -> Duration {
        self.lifetime
    }
}

/// The session's peer, whose key is not here.
#[derive(Debug)]
struct Peer(Arc<Identity<'static>>);

impl ServerCredentialResolver for Peer {
    fn resolve(&self, _hello: &ClientHello<'_>) -> Result<SelectedCredential, Error> {
        Credentials::new_unchecked(self.0.clone(), Box::new(NoKey))
            .signer(&[SCHEME])
            .ok_or(Error::NoSuitableCertificate)
    }
}

#[derive(Debug)]
struct NoKey;

impl SigningKey for NoKey {
    fn choose_scheme(&self, _offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        Some(Box::new(Self))
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        None
    }
}

impl Signer for NoKey {
    fn sign(self: Box<Self>, _message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(Vec::new())
    }

    fn scheme(&self) -> SignatureScheme {
        SCHEME
    }
}

/// Trusts [`Peer`]: the session says that it was verified, or not.
#[derive(Debug)]
struct Trusting;

impl ServerVerifier for Trusting {
    fn verify_identity<'a>(
        &self,
        _identity: &ServerIdentity<'a, '_>,
    ) -> Result<VerifiedIdentity<'a>, Error> {
        Err(Error::Unreachable("verified at the hand-out"))
    }

    fn verify_tls12_signature(
        &self,
        _input: &SignatureVerificationInput<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::Unreachable("only TLS 1.3 is offered"))
    }

    fn verify_tls13_signature(
        &self,
        _input: &SignatureVerificationInput<'_>,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SCHEME]
    }

    fn request_ocsp_response(&self) -> bool {
        false
    }

    fn hash_config(&self, _h: &mut dyn Hasher) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::session::Received;

    fn fields(suite: u16, secret: usize) -> Fields {
        Fields {
            tls13: true,
            suite,
            master_key: (0..secret as u8).collect::<Vec<_>>().into(),
            ticket: vec![7; 300],
            time: 1_700_000_000,
            lifetime: 7200,
            age_add: 0xfedc_ba98,
            max_early_data: 16384,
            peer: vec![vec![1; 700], vec![2; 5], vec![3; 20_000]],
            ..Fields::default()
        }
    }

    /// What rustls is made to hold is what is read off it: a change of its encoding shows here.
    #[test]
    fn revived_sessions_are_what_was_asked_for() {
        for (suite, secret) in [(0x1301, 32), (0x1302, 48), (0x1303, 32)] {
            let mut wanted = fields(suite, secret);
            let session = tls13(&wanted, &LibCtx::DEFAULT).expect("a session");
            assert_eq!(Received::from(session).fields(), wanted);
            wanted.peer.clear();
            wanted.ticket = vec![9; 65_000];
            let session = tls13(&wanted, &LibCtx::DEFAULT).expect("a session without a peer");
            let mut found = Received::from(session).fields();
            assert_eq!(found.peer, [NO_CERTIFICATE]);
            found.peer.clear();
            assert_eq!(found, wanted);
        }
    }

    #[test]
    fn nothing_comes_of_what_is_no_session() {
        assert!(tls13(&Fields::default(), &LibCtx::DEFAULT).is_none());
        assert!(tls13(&fields(0xc02f, 48), &LibCtx::DEFAULT).is_none());
        let without = |change: fn(&mut Fields)| {
            let mut wanted = fields(0x1301, 32);
            change(&mut wanted);
            tls13(&wanted, &LibCtx::DEFAULT).is_none()
        };
        assert!(without(|f| f.ticket.clear()));
        assert!(without(|f| f.master_key.0.clear()));
        assert!(without(|f| f.master_key.0 = vec![1; 65]));
    }

    /// Outside of a revival the key schedule is the suite's.
    #[test]
    fn other_handshakes_are_left_alone() {
        let suite = suites::tls13(0x1301, &LibCtx::DEFAULT).expect("a suite");
        let okm = OkmBlock::new(&[5; 32]);
        let info = [&[0, 32][..], LABEL, &[1, 0]];
        let real = |key: &OkmBlock| {
            suite
                .hkdf_provider
                .expander_for_okm(key)
                .expand_block(&info)
        };
        let before = real(&okm);
        let wanted = fields(0x1301, 32);
        let yielded = scope::enter(&WANTED, &wanted, || real(&okm));
        assert_eq!(yielded.as_ref(), wanted.master_key.as_ref());
        assert_eq!(real(&okm).as_ref(), before.as_ref());
        assert_ne!(before.as_ref(), yielded.as_ref());
    }
}
