//! Post-handshake authentication (RFC 8446, section 4.6.2): SSL_verify_client_post_handshake(3)
//! on a server, SSL_set_post_handshake_auth(3) on a client.
//!
//! rustls has none of it: the engine takes the messages out of the records, and they are
//! answered here, as OpenSSL's state machine does.

use super::client_auth::Presented;
use super::{Moved, Side, Ssl, Stage, shutdown};
use crate::engine::alert::{
    CERTIFICATE_REQUIRED, DECODE_ERROR, DECRYPT_ERROR, INTERNAL_ERROR, MISSING_EXTENSION,
    UNEXPECTED_MESSAGE,
};
use crate::engine::connection::{Connection, Exchange};
use crate::engine::handshake_type as kind;
use crate::engine::post_auth::{
    Certificate, CertificateRequest, CertificateVerify, Finished, Malformed,
};
use crate::engine::rewrite::Place;
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::evp::PublicKey;
use crate::foreign::secret;
use crate::model::method::TLS1_3;
use crate::model::settings::verify;

/// A request's context.
const CONTEXT: usize = 32;

/// Where an authentication stands.
#[derive(Default)]
pub(super) enum PostAuth {
    /// None is under way.
    #[default]
    Idle,
    /// A server's request is to be sent next.
    Pending,
    /// A server waits for the client's messages.
    Requested(Box<Requested>),
    /// A client is to answer.
    Asked(Box<Asked>),
}

/// What a server waits for.
enum Awaited {
    Certificate,
    CertificateVerify(PublicKey),
    Finished,
}

/// An authentication on the server.
pub(super) struct Requested {
    context: [u8; CONTEXT],
    exchange: Exchange,
    awaited: Awaited,
}

/// An authentication on the client.
pub(super) struct Asked {
    context: Vec<u8>,
    exchange: Exchange,
}

/// The alert and the error that end the connection.
type Refused = (u8, Error);

fn refused(alert: u8, reason: Reason) -> Refused {
    (alert, Error::reason(reason))
}

fn malformed(what: Malformed) -> Refused {
    let reason = match what {
        Malformed::Length => Reason::LENGTH_MISMATCH,
        Malformed::Extensions => Reason::BAD_EXTENSION,
        Malformed::Certificate => Reason::CERT_LENGTH_MISMATCH,
    };
    refused(DECODE_ERROR, reason)
}

impl Ssl {
    /// SSL_verify_client_post_handshake(3): the request goes out with the next call that reads,
    /// writes or shakes hands.
    pub fn ask_post_handshake(&self) -> Result<()> {
        self.check_post_handshake()
            .map_err(Error::reason)
            .inspect(|()| {
                self.post_auth.replace(PostAuth::Pending);
            })
    }

    fn check_post_handshake(&self) -> std::result::Result<(), Reason> {
        if self.stage() == Stage::Before || self.version() != TLS1_3 {
            return Err(Reason::WRONG_SSL_VERSION);
        }
        if self.side() != Side::Server {
            return Err(Reason::NOT_SERVER);
        }
        match &*self.post_auth.borrow() {
            PostAuth::Pending => return Err(Reason::STILL_IN_INIT),
            _ if self.stage() != Stage::Established || self.in_init() => {
                return Err(Reason::STILL_IN_INIT);
            }
            PostAuth::Requested(_) => return Err(Reason::REQUEST_SENT),
            PostAuth::Idle | PostAuth::Asked(_) => {}
        }
        if self.with_connection(|connection| connection.has_post_auth()) != Some(true) {
            return Err(Reason::EXTENSION_NOT_RECEIVED);
        }
        let mode = self.with(|s| s.verify_mode);
        let again = mode & verify::CLIENT_ONCE != 0 && self.asked_certificate.get();
        match mode & verify::PEER != 0 && !again {
            true => Ok(()),
            false => Err(Reason::INVALID_CONFIG),
        }
    }

    /// Whether a request or an answer goes out next.
    pub(super) fn post_auth_due(&self) -> bool {
        matches!(
            &*self.post_auth.borrow(),
            PostAuth::Pending | PostAuth::Asked(_)
        )
    }

    /// Nothing is sent any more.
    pub(super) fn drop_post_auth(&self) {
        if self.post_auth_due() {
            self.post_auth.take();
        }
    }

    /// Encrypts what is due.
    pub(super) fn send_post_auth(&self, connection: &mut Connection) -> Moved<()> {
        let state = self.post_auth.take();
        match state {
            PostAuth::Pending => self.request_certificate(connection),
            PostAuth::Asked(asked) => self.answer_late(connection, asked),
            other => {
                self.post_auth.replace(other);
                Ok(())
            }
        }
    }

    /// Handles the messages that came in; what answers them is encrypted.
    pub(super) fn authenticate(&self, connection: &mut Connection) -> Moved<()> {
        while let Some(message) = connection.next_auth_message() {
            match message[0] {
                kind::CERTIFICATE_REQUEST => self.take_request(connection, &message)?,
                _ => self.take_answer(connection, &message)?,
            }
        }
        Ok(())
    }

    fn give_up(&self, connection: &mut Connection, (alert, cause): Refused) -> Error {
        self.refuse_protected(connection, alert, cause)
    }

    fn internal(&self, connection: &mut Connection) -> Error {
        self.give_up(connection, refused(INTERNAL_ERROR, Reason::INTERNAL_ERROR))
    }
}

/// The client.
impl Ssl {
    fn take_request(&self, connection: &mut Connection, message: &[u8]) -> Moved<()> {
        if self.shutdown.get() & shutdown::SENT != 0 {
            // It cannot be answered any more.
            self.end_again();
            return Ok(());
        }
        let request = CertificateRequest::read(message).map_err(malformed);
        let read = request.and_then(|request| {
            let missing = refused(MISSING_EXTENSION, Reason::MISSING_SIGALGS_EXTENSION);
            let schemes = request.schemes().ok_or(missing)?;
            let bad = refused(DECODE_ERROR, Reason::LENGTH_MISMATCH);
            let names = request.authorities().ok_or(bad)?;
            self.see_late_request(&names, &schemes);
            Ok(request.context.to_vec())
        });
        let context = read.map_err(|cause| self.give_up(connection, cause))?;
        let Some(mut exchange) = connection.begin_exchange() else {
            return Err(self.internal(connection).into());
        };
        exchange.add(message);
        self.answer_late(connection, Box::new(Asked { context, exchange }))
    }

    /// Encrypts a client's answer, or keeps the question until the program has a certificate.
    fn answer_late(&self, connection: &mut Connection, mut asked: Box<Asked>) -> Moved<()> {
        let presented = match self.answer_late_request(connection) {
            Ok(presented) => presented,
            Err(stop) => {
                self.post_auth.replace(PostAuth::Asked(asked));
                return Err(stop);
            }
        };
        let messages = answer(connection, &mut asked, presented);
        let Some((messages, scheme)) = messages else {
            return Err(self.internal(connection).into());
        };
        if let Some(scheme) = scheme {
            let mut facts = self.facts.get();
            facts.own_scheme = Some(scheme);
            self.facts.set(facts);
        }
        for message in messages {
            connection
                .send_message(&message)
                .map_err(|err| self.engine_error(&err))?;
        }
        self.flush_posts(connection)
    }
}

/// Certificate, CertificateVerify and Finished, and the scheme of the signature. Without a
/// certificate there is none.
fn answer(
    connection: &Connection,
    asked: &mut Asked,
    presented: Option<Presented>,
) -> Option<(Vec<Vec<u8>>, Option<u16>)> {
    let mut messages = Vec::new();
    let mut add = |exchange: &mut Exchange, message: Vec<u8>| {
        exchange.add(&message);
        messages.push(message);
    };
    let mut used = None;
    match presented {
        None => add(&mut asked.exchange, Certificate::encode(&asked.context, [])),
        Some((chain, signer)) => {
            let entries = chain.iter().map(|(der, exts)| (&der[..], exts.clone()));
            let certificate = Certificate::encode(&asked.context, entries);
            add(&mut asked.exchange, certificate);
            let scheme = signer.scheme().0;
            let signature = signer.sign(&asked.exchange.signed()).ok()?;
            let verify = CertificateVerify {
                scheme,
                signature: &signature,
            };
            add(&mut asked.exchange, verify.encode());
            used = Some(scheme);
        }
    }
    let verify_data = connection.finished_of(&asked.exchange)?;
    add(&mut asked.exchange, Finished::encode(&verify_data));
    Some((messages, used))
}

/// The server.
impl Ssl {
    fn request_certificate(&self, connection: &mut Connection) -> Moved<()> {
        let mut context = [0; CONTEXT];
        self.session_ctx.lib.random(&mut context)?;
        let Some(mut exchange) = connection.begin_exchange() else {
            return Err(self.internal(connection).into());
        };
        let more = self.ask_extensions(Place::CertificateRequest, None);
        let more = more.map_err(|alert| {
            let cause = Error::reason(Reason::CALLBACK_FAILED);
            self.give_up(connection, (alert, cause))
        })?;
        let settings = self.settings();
        let message = CertificateRequest::encode(
            &context,
            &settings.schemes_of_clients(&self.policy()),
            &settings.authorities(true),
            &more,
        );
        connection
            .send_message(&message)
            .map_err(|err| self.engine_error(&err))?;
        exchange.add(&message);
        connection.expect_answer(Some(settings.max_cert_list));
        self.asked_certificate.set(true);
        self.post_auth
            .replace(PostAuth::Requested(Box::new(Requested {
                context,
                exchange,
                awaited: Awaited::Certificate,
            })));
        Ok(())
    }

    fn take_answer(&self, connection: &mut Connection, message: &[u8]) -> Moved<()> {
        let unexpected = refused(UNEXPECTED_MESSAGE, Reason::UNEXPECTED_MESSAGE);
        let PostAuth::Requested(mut requested) = self.post_auth.take() else {
            return Err(self.give_up(connection, unexpected).into());
        };
        let next = match (requested.awaited, message[0]) {
            (Awaited::Certificate, kind::CERTIFICATE) => {
                self.take_certificate(connection, &requested.context, message)
            }
            (Awaited::CertificateVerify(key), kind::CERTIFICATE_VERIFY) => self
                .take_signature(&requested.exchange, &key, message)
                .map(|()| Awaited::Finished),
            (Awaited::Finished, kind::FINISHED) => {
                let finished = check_finished(connection, &requested.exchange, message);
                finished.map_err(|cause| self.give_up(connection, cause))?;
                return self.end_authentication(connection);
            }
            _ => Err(unexpected),
        };
        requested.awaited = next.map_err(|cause| self.give_up(connection, cause))?;
        requested.exchange.add(message);
        self.post_auth.replace(PostAuth::Requested(requested));
        Ok(())
    }

    fn take_certificate(
        &self,
        connection: &Connection,
        context: &[u8],
        message: &[u8],
    ) -> std::result::Result<Awaited, Refused> {
        let certificate = Certificate::read(message).map_err(malformed)?;
        if certificate.context != context {
            return Err(refused(DECODE_ERROR, Reason::INVALID_CONTEXT));
        }
        let ders: Vec<Vec<u8>> = certificate.chain.iter().map(|der| der.to_vec()).collect();
        if ders.is_empty() {
            const REQUIRED: std::ffi::c_int = verify::PEER | verify::FAIL_IF_NO_PEER_CERT;
            if self.with(|s| s.verify_mode) & REQUIRED == REQUIRED {
                let reason = Reason::PEER_DID_NOT_RETURN_A_CERTIFICATE;
                return Err(refused(CERTIFICATE_REQUIRED, reason));
            }
            self.see_empty_chain();
        }
        let key = (!ders.is_empty())
            .then(|| self.judge_late_chain(&ders))
            .transpose()?;
        // Sessions that were given out stay as they are.
        connection.set_peer(ders);
        let session = self.next_session().map_err(|err| (INTERNAL_ERROR, err))?;
        self.use_session(session);
        Ok(key.map_or(Awaited::Finished, Awaited::CertificateVerify))
    }

    fn take_signature(
        &self,
        exchange: &Exchange,
        key: &PublicKey,
        message: &[u8],
    ) -> std::result::Result<(), Refused> {
        let verify = CertificateVerify::read(message)
            .ok_or_else(|| refused(DECODE_ERROR, Reason::LENGTH_MISMATCH))?;
        self.check_late_signature(key, verify.scheme, &exchange.signed(), verify.signature)?;
        let mut facts = self.facts.get();
        facts.peer_scheme = Some(verify.scheme);
        self.facts.set(facts);
        Ok(())
    }

    /// The client is who it says; it gets fresh tickets: one where it resumed with one.
    fn end_authentication(&self, connection: &mut Connection) -> Moved<()> {
        connection.expect_answer(None);
        let resumed = self.with_facts(|facts| facts.resumed);
        let tickets = match self.with(|s| s.num_tickets) {
            tickets if resumed => tickets.min(1),
            tickets => tickets,
        };
        match tickets {
            0 => self.end_again(),
            _ => self.plan_tickets(tickets),
        }
        self.send_due(connection)
    }
}

fn check_finished(
    connection: &Connection,
    exchange: &Exchange,
    message: &[u8],
) -> std::result::Result<(), Refused> {
    let internal = || refused(INTERNAL_ERROR, Reason::INTERNAL_ERROR);
    let wanted = connection.finished_of(exchange).ok_or_else(internal)?;
    let verify_data = Finished::read(message);
    if verify_data.len() != wanted.len() {
        return Err(refused(DECODE_ERROR, Reason::BAD_DIGEST_LENGTH));
    }
    match secret::same(verify_data, &wanted) {
        true => Ok(()),
        false => Err(refused(DECRYPT_ERROR, Reason::DIGEST_CHECK_FAILED)),
    }
}
