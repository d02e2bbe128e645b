//! What is changed of a connection's messages, and seen in them ([`rewrite`]).

use rustls::Error;
use rustls::crypto::Signer;

use super::{Connection, HANDSHAKE, MAX_FRAGMENT, State};
use crate::engine::record::HEADER;
use crate::engine::rewrite::{self, Answer, Changes, Extension, Rewriter};
use crate::foreign::secret::SecretVec;

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

    /// Changes and parts the messages in the clear that stand in the output from `begin` on.
    pub(super) fn rewrite_output(&mut self, begin: usize) {
        let change = |message: &[u8]| self.rewriter.as_ref()?.sent(message);
        if let Some(records) = rewrite::replace(&self.out[begin..], self.fragment, change) {
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

    /// Changes in the peer's hello what rustls may not see; false while it is incomplete. A
    /// client's of several records, which rustls may have the first of, goes without schemes if it
    /// came so.
    pub(super) fn rewrite_input(&mut self) -> bool {
        let records = self.input.records();
        let answer = self.rewriter.as_ref().filter(|r| r.awaits_answer());
        let (answer, hidden, lacking) = match &self.state {
            State::Client(_) if self.server_hello.is_none() => (answer, None, false),
            State::Server(_) if self.hello.is_none() => {
                (None, self.hidden, lacks_schemes(&self.first))
            }
            _ => (None, None, false),
        };
        if answer.is_none() && hidden.is_none() && !lacking {
            return true;
        }
        if let rewrite::Hello::Incomplete = rewrite::plain_hello(&self.first) {
            return false;
        }
        let new = rewrite::replace(records, MAX_FRAGMENT, |came| {
            if let Some(rewriter) = answer {
                return rewriter.received_in_clear(came);
            }
            let shown = hidden.and_then(|kind| rewrite::without_extension(came, kind));
            let shown = match lacking {
                true => {
                    rewrite::with_default_schemes(shown.as_deref().unwrap_or(came)).or(shown)?
                }
                false => shown?,
            };
            self.shown_hello = Some((shown.clone(), came.to_vec()));
            Some(shown)
        });
        if let Some(new) = new {
            self.input.replace_records(&new);
        }
        true
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

/// Whether there is one record and no more, with a ClientHello that names no signature schemes.
fn lacks_schemes(records: &[u8]) -> bool {
    let Some((&[HANDSHAKE, _, _, hi, lo], message)) = records.split_first_chunk::<HEADER>() else {
        return false;
    };
    let len = usize::from(u16::from_be_bytes([hi, lo]));
    message.len() == len && rewrite::names_no_schemes(message)
}
