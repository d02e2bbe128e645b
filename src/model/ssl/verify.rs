//! The verdict on the peer's chain: libcrypto's, with the program's store and callbacks.

use std::ffi::c_ulong;
use std::sync::Arc;

use rustls::error::{PeerIncompatible, PeerMisbehaved};

use super::{Halt, Moved, Side, Ssl, Stop, Want, at_work, with_current};
use crate::engine::alert::{DECODE_ERROR, DECRYPT_ERROR, HANDSHAKE_FAILURE, ILLEGAL_PARAMETER};
use crate::engine::config::SignatureJudge;
use crate::engine::connection::Connection;
use crate::foreign::err::{self, Error, Reason, Result};
use crate::foreign::evp::{KeyKind, PublicKey, Scheme};
use crate::foreign::stack::CertStack;
use crate::foreign::verify::{Verdict, Verification};
use crate::foreign::verify_param::VerifyParam;
use crate::foreign::x509::Cert;
use crate::model::alert::Alert;
use crate::model::groups::Group;
use crate::model::method::TLS1_3;
use crate::model::security::Stage as SecurityStage;
use crate::model::settings::OCSP;

/// Judges the peer's signature for the connection at work, as tls12_check_peer_sigalg does.
#[derive(Debug)]
pub struct JudgeSignature;

impl SignatureJudge for JudgeSignature {
    fn judge(
        &self,
        scheme: u16,
        key: &PublicKey,
        tls13: bool,
        group: Option<u16>,
    ) -> std::result::Result<(), rustls::Error> {
        with_current(|ssl| {
            ssl.map_or(Ok(()), |ssl| {
                ssl.judge_group(group)?;
                ssl.judge_signature(scheme, key, tls13)
            })
        })
    }
}

impl Ssl {
    /// Verifies the chain the engine hands out, and tells it the verdict. A client's certificate is
    /// chosen in between where the engine sends it next: with TLS 1.2.
    pub(super) fn judge_peer(&self, connection: &mut Connection) -> Moved<()> {
        if !self.server_verified() {
            self.judge_chain(connection)?;
        }
        if self.is_client() {
            self.set_server_verified();
            if !connection.is_tls13() {
                // What came with the request was read before it is answered.
                self.tell_all_heard();
                self.answer_request(connection)?;
            }
        }
        at_work(self, || connection.verified(Ok(()))).map_err(|err| self.engine_error(&err).into())
    }

    fn judge_chain(&self, connection: &mut Connection) -> Moved<()> {
        let server = self.side.get() == Side::Server;
        let chain = match self.retrying.take().then(|| self.given_chain()).flatten() {
            Some(chain) => chain,
            None => self.take_chain(connection)?,
        };
        let Some(leaf) = chain.get(0) else {
            return Err(Error::reason(Reason::INTERNAL_ERROR).into());
        };
        self.retry_verify.set(false);
        let verdict = self.verify_chain(&leaf, &chain)?;
        if self.retry_verify.take() && !server && verdict.ret > 0 {
            self.retrying.set(true);
            self.want.set(Want::RetryVerify);
            return Err(Stop::Halt(Halt::Blocked));
        }
        if let Err((alert, err)) = self.take_verdict(verdict, leaf, &chain) {
            return Err(self.reject(connection, alert, err));
        }
        if !server {
            self.ask_staple(connection)?;
            self.judge_timestamps(connection)?;
        }
        Ok(())
    }

    /// The peer is the one of this chain, or the alert and the error that end the connection.
    fn take_verdict(
        &self,
        verdict: Verdict,
        leaf: Cert,
        chain: &CertStack,
    ) -> std::result::Result<(), (u8, Error)> {
        self.verify_result.set(verdict.error);
        let before = std::mem::replace(&mut self.peer.borrow_mut().verified, verdict.chain);
        drop(before);
        let matters = self.side.get() == Side::Server || self.with(|s| s.verify_mode) != 0;
        if matters && verdict.ret <= 0 {
            let alert = Alert::from_verify_error(verdict.error);
            return Err((alert.0, Error::reason(Reason::CERTIFICATE_VERIFY_FAILED)));
        }
        err::clear();
        self.accept_peer(leaf, chain);
        Ok(())
    }

    /// Judges the chain that a client presents after the handshake; the error that ends the
    /// connection goes with an alert. The client's key.
    pub(super) fn judge_late_chain(
        &self,
        ders: &[Vec<u8>],
    ) -> std::result::Result<PublicKey, (u8, Error)> {
        let chain = self
            .parse_chain(ders, |_| None)
            .map_err(|err| (DECODE_ERROR, err))?;
        let unknown = || {
            (
                Alert::INTERNAL_ERROR.0,
                Error::reason(Reason::INTERNAL_ERROR),
            )
        };
        let leaf = chain.get(0).ok_or_else(unknown)?;
        let verdict = self
            .verify_chain(&leaf, &chain)
            .map_err(|err| (Alert::INTERNAL_ERROR.0, err))?;
        let key = leaf.public_key();
        self.take_verdict(verdict, leaf, &chain)?;
        let no_key = Error::reason(Reason::UNKNOWN_CERTIFICATE_TYPE);
        key.map_err(|_| (HANDSHAKE_FAILURE, no_key))
    }

    /// Checks a client's signature over `signed` after the handshake, as
    /// [`Self::judge_late_chain`].
    pub(super) fn check_late_signature(
        &self,
        key: &PublicKey,
        scheme: u16,
        signed: &[u8],
        signature: &[u8],
    ) -> std::result::Result<(), (u8, Error)> {
        let asked = self.settings().schemes_of_clients(&self.policy());
        if !asked.contains(&scheme) || self.judge_signature(scheme, key, true).is_err() {
            self.refusal.take();
            let err = Error::reason(Reason::WRONG_SIGNATURE_TYPE);
            return Err((ILLEGAL_PARAMETER, err));
        }
        let lib = &self.session_ctx.lib;
        match key.verify(lib, Scheme(scheme), true, signed, signature) {
            true => Ok(()),
            false => Err((DECRYPT_ERROR, Error::reason(Reason::BAD_SIGNATURE))),
        }
    }

    /// The chain the engine hands out; a client's program is shown it from now on.
    fn take_chain(&self, connection: &mut Connection) -> Moved<CertStack> {
        let Some((ders, ocsp)) = connection.peer_chain() else {
            return Err(Error::reason(Reason::INTERNAL_ERROR).into());
        };
        let chain = match self.parse_chain(&ders, |_| None) {
            Ok(chain) => chain,
            Err(err) => return Err(self.reject(connection, DECODE_ERROR, err)),
        };
        let shown = self.side.get() != Side::Server;
        let shown = shown
            .then(|| self.shown_chain(&chain))
            .flatten()
            .map(Arc::new);
        self.set_peer(None, shown, ocsp);
        Ok(chain)
    }

    /// As in OpenSSL the program has the peer's certificate when it is accepted, and a server's
    /// the chain.
    fn accept_peer(&self, leaf: Cert, chain: &CertStack) {
        let mut peer = self.peer.borrow_mut();
        peer.leaf = Some(leaf);
        if self.side.get() == Side::Server {
            peer.chain = self.shown_chain(chain).map(Arc::new);
        }
    }

    /// The chain as the program was shown it: it may have added to it since, for the
    /// verification that is tried again (SSL_set_retry_verify(3)).
    fn given_chain(&self) -> Option<CertStack> {
        self.peer.borrow().chain.as_ref()?.dup().ok()
    }

    pub(super) fn reject(&self, connection: &mut Connection, alert: u8, err: Error) -> Stop {
        let sent = at_work(self, || connection.verified(Err(alert)));
        if let Err(engine) = sent {
            // For the info callback; the error reported is `err`.
            let _ = self.failure(&engine, Some(alert));
        }
        Stop::Error(err)
    }

    /// The chain as SSL_get_peer_cert_chain(3) has it: on a server the leaf is left out.
    fn shown_chain(&self, chain: &CertStack) -> Option<CertStack> {
        let skip = usize::from(self.side.get() == Side::Server);
        let mut shown = CertStack::new().ok()?;
        for cert in chain.iter().skip(skip) {
            shown.push(cert).ok()?;
        }
        Some(shown)
    }

    /// `known` finds those that need not be parsed.
    fn parse_chain(
        &self,
        ders: &[Vec<u8>],
        known: impl Fn(&[u8]) -> Option<Cert>,
    ) -> Result<CertStack> {
        let lib = &self.session_ctx.lib;
        let mut chain = CertStack::new()?;
        for der in ders {
            chain.push(match known(der) {
                Some(cert) => cert,
                None => Cert::from_der(der, lib)?,
            })?;
        }
        Ok(chain)
    }

    fn verify_chain(&self, leaf: &Cert, chain: &CertStack) -> Result<Verdict> {
        let ctx = self.ctx();
        let settings = self.settings();
        let store = settings.verify_store.clone().unwrap_or_else(|| ctx.store());
        // The name that matched is stored in the parameters: they are not shared.
        drop(settings);
        // So are they the ones the callbacks find by SSL_get0_param.
        let own = self.edit(|s| {
            s.expose_param()?;
            s.param.clone().ok_or(Error::Queued)
        })?;
        let settings = self.settings();
        let param: &VerifyParam = own.get();
        Verification {
            leaf,
            untrusted: chain,
            store: &store,
            param,
            peer_is_server: self.side.get() != Side::Server,
            ssl: self.ptr(),
            callback: settings.verify_callback,
            replacement: ctx.with_hooks(|h| h.cert_verify),
            level: settings.security_level,
            dane: self
                .records()
                .map(|dane| (dane, ctx.dane_types(), settings.dane_flags)),
            suite_b: c_ulong::from(settings.suite_b().cert_flags()),
            lib: &ctx.lib,
        }
        .run()
    }

    /// The group of a TLS 1.2 server's key exchange.
    fn judge_group(&self, group: Option<u16>) -> std::result::Result<(), rustls::Error> {
        let policy = self.policy();
        let fine = group.is_none_or(|code| policy.group(SecurityStage::Check, code));
        match fine {
            true => Ok(()),
            false => Err(self.wrong_curve()),
        }
    }

    /// What ends the handshake for a curve, with its alert, illegal_parameter.
    fn wrong_curve(&self) -> rustls::Error {
        self.refusal.set(Some(Error::reason(Reason::WRONG_CURVE)));
        PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into()
    }

    fn judge_signature(
        &self,
        scheme: u16,
        key: &PublicKey,
        tls13: bool,
    ) -> std::result::Result<(), rustls::Error> {
        let settings = self.settings();
        let policy = self.policy();
        if let (false, KeyKind::Ec(nid)) = (tls13, key.kind()) {
            let own = settings.own_groups();
            let known = Group::by_nid(nid).is_some_and(|group| {
                own.contains(&group.code) && policy.group(SecurityStage::Check, group.code)
            });
            if !known {
                return Err(self.wrong_curve());
            }
        }
        if !policy.scheme(SecurityStage::Check, scheme) {
            let refusal = Error::reason(Reason::WRONG_SIGNATURE_TYPE);
            self.refusal.set(Some(refusal));
            return Err(PeerIncompatible::NoSignatureSchemesInCommon.into());
        }
        Ok(())
    }

    /// The client's status callback judges the stapled response.
    fn ask_staple(&self, connection: &mut Connection) -> Moved<()> {
        self.judge_staple()
            .map_err(|(alert, err)| self.reject(connection, alert, err))
    }

    /// A client that resumes a session of TLS 1.3 asks, too, though nothing is stapled then.
    pub(super) fn ask_staple_again(&self, connection: &mut Connection) -> Moved<()> {
        let resumed = self.is_client() && self.is_resumed() && self.version() == TLS1_3;
        if !resumed {
            return Ok(());
        }
        self.judge_staple().map_err(|(alert, err)| {
            self.sends_alert(alert);
            connection.abort_encrypted(alert);
            err.into()
        })
    }

    /// What is wrong with the stapled response, with its alert.
    fn judge_staple(&self) -> std::result::Result<(), (u8, Error)> {
        const BAD_CERTIFICATE_STATUS_RESPONSE: u8 = 113;
        if self.with(|s| s.status_type) != OCSP {
            return Ok(());
        }
        let Some(callback) = self.ctx().with_hooks(|h| h.status.get()) else {
            return Ok(());
        };
        let (alert, reason) = match callback.cert(self.ptr()) {
            1.. => return Ok(()),
            0 => (
                BAD_CERTIFICATE_STATUS_RESPONSE,
                Reason::INVALID_STATUS_RESPONSE,
            ),
            _ => (Alert::INTERNAL_ERROR.0, Reason::OCSP_CALLBACK_FAILURE),
        };
        Err((alert, Error::reason(reason)))
    }

    /// After a resumption the peer is the one of the first handshake, as the session has it.
    pub(super) fn adopt_resumed_peer(&self, chain: &[Vec<u8>]) {
        let resuming = self.resuming.borrow().clone();
        let session = resuming.or_else(|| self.session());
        let kept = session.as_ref().is_some_and(|s| {
            s.peer_chain().is_some() && (self.is_client() || s.engine_bytes().is_some())
        });
        let shown = session.as_ref().and_then(|session| session.shown_chain());
        let peer = session.and_then(|session| session.peer());
        let known = |der: &[u8]| peer.as_ref().filter(|p| p.der() == der)?.cert().cloned();
        let Ok(chain) = self.parse_chain(chain, known) else {
            return;
        };
        let leaf = chain.get(0);
        // A ticket of OpenSSL's holds the leaf alone, and so does what i2d_SSL_SESSION writes.
        let shows = leaf.is_some() && kept;
        let shown = shown.or_else(|| self.shown_chain(&chain).map(Arc::new));
        self.set_peer(leaf, shown.filter(|_| shows), Vec::new());
    }
}
