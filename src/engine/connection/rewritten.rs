//! Hellos that rustls and the peer do not see alike ([`rewrite`]).

use super::{Connection, MAX_FRAGMENT, State};
use crate::engine::rewrite::{self, Added, Answer, Rewriter};

impl Connection {
    /// A server's: an extension of this type in the ClientHello is as if it were not there.
    pub fn ignore(&mut self, kind: u16) {
        self.hidden = Some(kind);
    }

    /// A server's: adds to the TLS 1.2 ServerHello or the EncryptedExtensions that
    /// [`Self::choose_config`] will make.
    pub fn answer(&mut self, added: &Added, encrypted: bool) {
        let hello = self.shown_hello.take();
        self.rewriter = Rewriter::server(added, encrypted, hello);
    }

    /// What the server answered to the extensions added, since the last call.
    pub fn take_answers(&self) -> Vec<Answer> {
        self.rewriter
            .as_ref()
            .map(Rewriter::take_answers)
            .unwrap_or_default()
    }

    /// Adds to the hello in the clear that stands in the output from `begin` on.
    pub(super) fn rewrite_output(&mut self, begin: usize) {
        if let Some(rewriter) = &self.rewriter
            && let Some(records) =
                rewrite::replace_first(&self.out[begin..], self.fragment, |m| rewriter.sent(m))
        {
            self.out.truncate(begin);
            self.out.extend_from_slice(&records);
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
        let new = rewrite::replace_first(records, MAX_FRAGMENT, |came| {
            if let Some(rewriter) = answer {
                return rewriter.received(came);
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

    /// A client's hello goes in one record: rustls keeps it, too, to the largest fragment, which the
    /// server has yet to agree to (RFC 6066, section 4).
    pub(super) fn join_hello(&mut self, begin: usize) {
        if self.fragment < MAX_FRAGMENT
            && let Some(joined) =
                rewrite::replace_first(&self.out[begin..], MAX_FRAGMENT, |m| Some(m.to_vec()))
        {
            self.out.truncate(begin);
            self.out.extend_from_slice(&joined);
        }
    }
}
