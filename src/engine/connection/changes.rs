//! What is changed of a connection's messages, and seen in them ([`rewrite`]).

use rustls::Error;
use rustls::crypto::Signer;

use super::{Connection, HANDSHAKE, MAX_FRAGMENT, State};
use crate::engine::hello::RawClientHello;
use crate::engine::rewrite::{self, Answer, Changes, Extension, Rewriter};
use crate::foreign::secret::SecretVec;

/// The supported_versions extension (RFC 8446, section 4.2.1).
const SUPPORTED_VERSIONS: u16 = 43;

impl Connection {
    /// A server's: an extension of this type in the ClientHello is as if it were not there.
    pub fn ignore(&mut self, kind: u16) {
        self.hidden = Some(kind);
    }

    /// A server's: resumes from an external pre-shared key instead of the session's.
    pub fn use_external_psk(&self, key: SecretVec) {
        self.seen.secrets.use_external(Some(key));
    }

    /// A server's: changes the messages that follow from [`Self::choose_config`].
    pub fn answer(&mut self, changes: Changes, tls13: bool) {
        if tls13 {
            self.see_post_auth_offer();
        }
        let hello = self.shown_hello.take();
        self.rewriter = Rewriter::server(changes, tls13, hello);
    }

    /// What the peer sent of the extensions awaited, since the last call.
    pub fn take_answers(&self) -> Vec<Answer> {
        self.rewriter
            .as_ref()
            .map(Rewriter::take_answers)
            .unwrap_or_default()
    }

    /// Changes the messages in the clear that stand in the output from `begin` on.
    pub(super) fn rewrite_output(&mut self, begin: usize) {
        if let Some(rewriter) = &self.rewriter
            && let Some(records) =
                rewrite::replace(&self.out[begin..], self.fragment, |m| rewriter.sent(m))
        {
            self.out.truncate(begin);
            self.out.extend_from_slice(&records);
        }
    }

    /// What came of a step whose output begins at `begin`, with the protected messages changed.
    pub(super) fn with_flight<T>(
        &mut self,
        begin: usize,
        result: Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(rewriter) = &self.rewriter else {
            return result;
        };
        let (out, fragment) = (&mut self.out, self.fragment);
        if rewriter.is_stopped() {
            self.seen.during(|| rewriter.stop(out, begin, fragment))?;
            return Err(Error::General("an extension ends the handshake".into()));
        }
        if !rewriter.has_flight() {
            return result;
        }
        let sealed = self
            .seen
            .during(|| rewriter.seal_flight(out, begin, fragment));
        result.and_then(|value| sealed.map(|()| value))
    }

    /// The certificate types and signature schemes of the CertificateRequest a client was sent,
    /// of which rustls leaves out some. With TLS 1.3 there are no types.
    pub fn requested(&self) -> Option<(&[u8], Vec<u16>)> {
        let older = self.request.as_ref().and_then(|request| request.lists());
        older.or_else(|| {
            let schemes = self.rewriter.as_ref()?.requested();
            (!schemes.is_empty()).then_some((&[][..], schemes))
        })
    }

    /// The schemes of signatures in certificates, if a TLS 1.3 CertificateRequest names them apart.
    pub fn requested_cert_schemes(&self) -> Option<Vec<u16>> {
        self.rewriter.as_ref()?.requested_cert_schemes()
    }

    /// The lifetime of the ticket a TLS 1.2 client was sent, in seconds.
    pub fn ticket_lifetime(&self) -> Option<u32> {
        self.rewriter.as_ref()?.ticket_lifetime()
    }

    /// Whether a client's handshake is known to be TLS 1.3.
    pub fn is_tls13(&self) -> bool {
        self.rewriter.as_ref().is_some_and(Rewriter::is_tls13)
    }

    /// A client's choice: its chain, each certificate with the extensions it goes out with,
    /// and the signer; without a signer it has none. To be made before rustls answers: in TLS 1.2
    /// before the verdict on the server is given, in TLS 1.3 before the record after it is
    /// processed.
    pub fn present<'a>(
        &self,
        chain: impl IntoIterator<Item = (&'a [u8], Vec<Extension>)>,
        signer: Option<Box<dyn Signer>>,
    ) {
        if let Some(rewriter) = &self.rewriter {
            rewriter.present(chain, signer);
        }
    }

    /// A client's hello goes in one record: rustls keeps it, too, to the largest fragment, which the
    /// server has yet to agree to (RFC 6066, section 4).
    pub(super) fn join_hello(&mut self, begin: usize) {
        if self.fragment < MAX_FRAGMENT
            && let Some(joined) =
                rewrite::replace(&self.out[begin..], MAX_FRAGMENT, |m| Some(m.to_vec()))
        {
            self.out.truncate(begin);
            self.out.extend_from_slice(&joined);
        }
    }

    /// Takes out of the peer's hello what rustls may not see; false while it is incomplete.
    pub(super) fn rewrite_input(&mut self) -> bool {
        let answer = self.rewriter.as_ref().filter(|r| r.awaits_answer());
        let (answer, hidden) = match &self.state {
            State::Client(_) if self.server_hello.is_none() => (answer, None),
            State::Server(_) if self.hello.is_none() => (None, self.hidden),
            _ => (None, None),
        };
        if answer.is_none() && hidden.is_none() {
            return true;
        }
        if let rewrite::Hello::Incomplete = rewrite::plain_hello(&self.first) {
            return false;
        }
        let records = self.input.records();
        let new = rewrite::replace(records, MAX_FRAGMENT, |came| {
            if let Some(rewriter) = answer {
                return rewriter.received_in_clear(came);
            }
            let shown = rewrite::without_extension(came, hidden?)?;
            self.shown_hello = Some((shown.clone(), came.to_vec()));
            Some(shown)
        });
        if let Some(new) = new {
            self.input.replace_records(&new);
        }
        true
    }

    /// A client of TLS 1.2 or before need not name signature algorithms, which rustls wants before
    /// the hello is judged: without, no program would learn what the client asked for.
    pub(super) fn supply_signature_algorithms(&mut self) {
        let silent = |hello: &RawClientHello| {
            let has = |kind| hello.extension(kind).is_some();
            !has(rewrite::SIGNATURE_ALGORITHMS) && !has(SUPPORTED_VERSIONS)
        };
        if !self.hello.as_deref().is_some_and(silent) {
            return;
        }
        let shown_hello = &mut self.shown_hello;
        let new = rewrite::replace(self.input.records(), MAX_FRAGMENT, |seen| {
            let shown = rewrite::with_default_signatures(seen)?;
            let came = match shown_hello.take() {
                Some((_, came)) => came,
                None => seen.to_vec(),
            };
            *shown_hello = Some((shown.clone(), came));
            Some(shown)
        });
        if let Some(new) = new {
            self.input.replace_records(&new);
        }
    }

    /// A client of a TLS 1.2 server: its ServerKeyExchange as rustls may see it.
    pub(super) fn rewrite_exchange(&mut self) {
        let records = self.input.records_mut();
        let seen = records
            .len()
            .saturating_sub(std::mem::take(&mut self.unread));
        if let (State::Client(_), Some(rewriter)) = (&self.state, &self.rewriter) {
            rewriter.exchange_received(&mut records[seen..]);
        }
    }

    /// A client looks for a CertificateRequest of TLS 1.2.
    pub(super) fn read_request(&mut self) {
        let records = self.input.records();
        if matches!(self.state, State::Client(_)) && records.first() == Some(&HANDSHAKE) {
            self.request.get_or_insert_default().read(records);
        }
    }
}
