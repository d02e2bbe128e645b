//! The certificate a client presents: chosen when the server asks for one, by the program's
//! callbacks first (SSL_CTX_set_cert_cb(3), SSL_CTX_set_client_cert_cb(3)).
//!
//! rustls asks in the middle of the server's messages. The choice is put off until the server's
//! certificate is verified, as in OpenSSL, so that a callback may suspend the handshake and knows
//! whom it deals with, and that what the program sets until then counts.

use std::ffi::c_int;

use rustls::crypto::Signer;

use super::{Halt, Moved, Side, Ssl, Stop, Want};
use crate::engine::alert::INTERNAL_ERROR;
use crate::engine::connection::{Connection, Waits};
use crate::engine::credentials::Picked;
use crate::engine::rewrite::{Extension, Place};
use crate::foreign::err::{Error, Reason};
use crate::foreign::evp::{PrivateKey, Scheme};
use crate::foreign::stack::NameStack;
use crate::foreign::x509::Cert;
use crate::model::cipher::SuiteB;
use crate::model::settings::Settings;

/// A request that is still to be answered.
#[derive(Debug)]
struct Request {
    /// Whether the certificate callback was through with it.
    certificates_set: bool,
}

/// A chain in DER, each certificate with its extensions, and what signs with its key.
pub(super) type Presented = (Vec<(Vec<u8>, Vec<Extension>)>, Box<dyn Signer>);

/// Where a client's authentication stands.
#[derive(Debug, Default)]
pub(super) struct ClientAuth {
    request: Option<Request>,
    /// Whether the server's chain passed.
    server_verified: bool,
    /// Whether what it named was taken note of.
    seen: bool,
    /// The types of certificates it named, with TLS 1.2.
    types: Vec<u8>,
    /// The signature schemes it named.
    schemes: Vec<u16>,
    /// Those of signatures in certificates, if it named them apart (RFC 8446, section 4.2.3).
    cert_schemes: Option<Vec<u16>>,
    /// Whether the handshake is one of TLS 1.3, as far as is known.
    tls13: bool,
}

impl Ssl {
    /// The server asks for a certificate of these authorities.
    pub(super) fn see_authorities(&self, ca_names: Option<&[&[u8]]>) {
        let names = ca_names.and_then(|names| NameStack::from_der(names.iter().copied()).ok());
        self.peer_ca_names.replace(names);
    }

    /// The choice of a certificate that suits these schemes is put off.
    pub(super) fn put_off_choice(&self, schemes: &[u16]) {
        let mut auth = self.client_auth.borrow_mut();
        auth.schemes = schemes.to_vec();
        auth.request = Some(Request {
            certificates_set: false,
        });
    }

    /// Takes note of the certificate types and signature schemes a server names, once.
    pub(super) fn see_certificate_types(&self, connection: &Connection) {
        let mut auth = self.client_auth.borrow_mut();
        if let Some((types, schemes)) = connection.requested()
            && !auth.seen
        {
            auth.seen = true;
            auth.types = types.to_vec();
            auth.schemes = schemes;
            auth.cert_schemes = connection.requested_cert_schemes();
        }
        auth.tls13 = connection.is_tls13();
    }

    /// Whether a client's handshake is one of TLS 1.3.
    pub(super) fn authenticates_in_tls13(&self) -> bool {
        self.client_auth.borrow().tls13
    }

    /// Whether the server named this type of certificate.
    pub(super) fn has_certificate_type(&self, kind: u8) -> bool {
        self.client_auth.borrow().types.contains(&kind)
    }

    /// The signature schemes the server named for the client's certificate.
    pub(super) fn requested_schemes(&self) -> Vec<u16> {
        self.client_auth.borrow().schemes.clone()
    }

    /// SSL_get0_certificate_types(3): what the server named, until the next handshake.
    pub fn certificate_types(&self) -> (*const u8, usize) {
        let types = &self.client_auth.borrow().types;
        match types.len() {
            0 => (std::ptr::null(), 0),
            len => (types.as_ptr(), len),
        }
    }

    /// Whether the server's chain passed already: it is not verified again when the handshake is
    /// taken up.
    pub(super) fn server_verified(&self) -> bool {
        self.client_auth.borrow().server_verified
    }

    /// The server's chain passed.
    pub(super) fn set_server_verified(&self) {
        self.client_auth.borrow_mut().server_verified = true;
    }

    /// Whether a request has to be answered before the next record is processed.
    pub(super) fn owes_certificate(&self, connection: &Connection) -> bool {
        let auth = self.client_auth.borrow();
        connection.waits() == Waits::Input && auth.server_verified && auth.request.is_some()
    }

    /// Asks the program's callbacks and makes the choice.
    pub(super) fn answer_request(&self, connection: &mut Connection) -> Moved<()> {
        let Some(request) = self.client_auth.borrow_mut().request.take() else {
            return Ok(());
        };
        match self.present(connection, request)? {
            Some((chain, signer)) => {
                let chain = chain.iter().map(|(der, exts)| (&der[..], exts.clone()));
                connection.present(chain, Some(signer));
            }
            None => connection.present([], None),
        }
        Ok(())
    }

    /// A server asks after the handshake, of these authorities and for a certificate that suits
    /// these schemes.
    pub(super) fn see_late_request(&self, ca_names: &[&[u8]], schemes: &[u16]) {
        self.see_authorities((!ca_names.is_empty()).then_some(ca_names));
        self.client_auth.replace(ClientAuth {
            tls13: true,
            ..ClientAuth::default()
        });
        self.put_off_choice(schemes);
    }

    /// The choice for a request after the handshake; `None`: there is no certificate.
    pub(super) fn answer_late_request(
        &self,
        connection: &mut Connection,
    ) -> Moved<Option<Presented>> {
        let request = self.client_auth.borrow_mut().request.take();
        request.map_or(Ok(None), |request| self.present(connection, request))
    }

    /// What answers a request, which is kept if the program is not done with it.
    fn present(
        &self,
        connection: &mut Connection,
        mut request: Request,
    ) -> Moved<Option<Presented>> {
        let picked = match self.choose_certificate(connection, &mut request) {
            Err(stop @ Stop::Halt(_)) => {
                self.client_auth.borrow_mut().request = Some(request);
                return Err(stop);
            }
            other => other?,
        };
        let Some(picked) = picked else {
            return Ok(None);
        };
        if !self.may_present(picked.slot, &picked.chain) {
            let cause = self.refusal.take();
            let cause = cause.unwrap_or_else(|| Error::reason(Reason::INTERNAL_ERROR));
            return Err(self
                .refuse_protected(connection, INTERNAL_ERROR, cause)
                .into());
        }
        let mut chain = Vec::new();
        for (index, cert) in picked.chain.iter().enumerate() {
            let der = cert.der();
            let extensions = match connection.is_tls13() {
                true => self.ask_extensions(Place::Certificate(index), Some(&der)),
                false => Ok(Vec::new()),
            };
            let extensions = extensions.map_err(|alert| {
                let cause = Error::reason(Reason::CALLBACK_FAILED);
                self.refuse_protected(connection, alert, cause)
            })?;
            chain.push((der, extensions));
        }
        Ok(Some((chain, picked.signer)))
    }

    /// The certificate that suits the server, if there is one.
    fn choose_certificate(
        &self,
        connection: &mut Connection,
        request: &mut Request,
    ) -> Moved<Option<Picked>> {
        let tls13 = connection.is_tls13();
        if !request.certificates_set {
            self.ask_for_certificates(connection)?;
            request.certificates_set = true;
        }
        let schemes = self.requested_schemes();
        let picked = self.pick(&schemes, tls13);
        if picked.is_some() {
            return Ok(picked);
        }
        let (cert, key) = match self.ask_for_client_certificate() {
            (..=-1, ..) => return Err(self.suspended()),
            (0, ..) => return Ok(None),
            (1, Some(cert), Some(key)) => (cert, key),
            (1, ..) => {
                Error::reason(Reason::BAD_DATA_RETURNED_BY_CALLBACK).put();
                return Ok(None);
            }
            _ => return Ok(self.pick(&schemes, tls13)),
        };
        let used = self.policy().leaf(&cert).and_then(|()| {
            self.edit(|s| s.certs.set_cert(cert).and_then(|()| s.certs.set_key(key)))
        });
        Ok(used.ok().and_then(|()| self.pick(&schemes, tls13)))
    }

    /// Asks the ENGINE, and the program's callback if that has none.
    fn ask_for_client_certificate(&self) -> (c_int, Option<Cert>, Option<PrivateKey>) {
        let (engine, callback) = self
            .ctx()
            .with_hooks(|h| (h.client_cert_engine.clone(), h.client_cert));
        if let Some(engine) = engine {
            let names = self.with_peer_ca_names(|names| names.and_then(|names| names.dup().ok()));
            let answer = engine.client_cert(self.ptr(), names.as_ref());
            if answer.0 != 0 {
                return answer;
            }
        }
        callback.map_or((0, None, None), |callback| callback.client_cert(self.ptr()))
    }

    fn ask_for_certificates(&self, connection: &mut Connection) -> Moved<()> {
        let Some(callback) = self.with(|s| s.cert_cb) else {
            return Ok(());
        };
        match callback.cert(self.ptr()) {
            ..=-1 => Err(self.suspended()),
            0 => {
                let cause = Error::reason(Reason::CALLBACK_FAILED);
                Err(self
                    .refuse_protected(connection, INTERNAL_ERROR, cause)
                    .into())
            }
            _ => Ok(()),
        }
    }

    fn suspended(&self) -> Stop {
        self.want.set(Want::X509Lookup);
        Stop::Halt(Halt::Blocked)
    }

    fn pick(&self, schemes: &[u16], tls13: bool) -> Option<Picked> {
        let mut local = self.local_credentials();
        let settings = self.settings();
        let list = settings.sigalgs_of_clients();
        local.sigalgs = Some(Settings::permitted_to_sign(&list, &self.policy()));
        local.any_curve = !tls13 && settings.suite_b() == SuiteB::Off;
        if !tls13 {
            // The one last set, as in OpenSSL.
            let current = settings.certs.current_slot();
            local.list.retain(|c| c.slot() == current);
        }
        if let Some(listed) = &self.client_auth.borrow().cert_schemes {
            local.list.retain(|c| self.is_signed_by(c.slot(), listed));
        }
        if self.is_strict() {
            local.list.retain(|c| self.passes_strictly(c.slot()));
        }
        let usable = |code: &&u16| !tls13 || Scheme(**code).is_of_tls13();
        let usable: Vec<u16> = schemes.iter().filter(usable).copied().collect();
        local.pick(&usable)
    }

    /// Ends a handshake with an alert under the keys it has; the error is `cause`.
    pub(super) fn refuse_protected(
        &self,
        connection: &mut Connection,
        alert: u8,
        cause: Error,
    ) -> Error {
        self.sends_alert(alert);
        connection.abort_protected(alert);
        cause
    }

    /// Whether this side is the client.
    pub(super) fn is_client(&self) -> bool {
        self.side.get() != Side::Server
    }
}
