//! After a HelloRetryRequest (RFC 8446, section 4.1.4): the second ClientHello is made and judged as the
//! first was.
//!
//! A server's rustls goes on with the config it was given for the first. So another handshake takes its place,
//! to which the second is the first; the transcript begins with what went before.

use rustls::ServerConfig;

use super::{Connection, State};
use crate::engine::header::APPLICATION_DATA;
use crate::engine::hello::first_message;
use crate::engine::retry::transcript;
use crate::engine::rewrite::{Extension, Place};
use crate::engine::server_hello::{is_retry_message, is_retry_request, server_choice};

/// What a HelloRetryRequest has settled.
#[derive(Debug)]
pub struct Retried {
    /// The suite's IANA code.
    pub suite: u16,
    /// The group that a share was asked of.
    pub group: u16,
    /// What the transcript begins with.
    pub before: Vec<u8>,
}

impl Connection {
    /// Whether a client is about to process a HelloRetryRequest.
    pub fn is_asked_again(&self) -> bool {
        matches!(self.state, State::Client(_))
            && self.server_hello.is_none()
            && is_retry_request(&self.first)
    }

    /// Whether the record of `len` bytes that was read last is early data, to which a server has
    /// answered by a HelloRetryRequest.
    pub fn skips(&self, len: usize) -> bool {
        let records = self.input.records();
        self.retried
            && matches!(self.state, State::Server(_))
            && self.hello.is_none()
            && records[records.len() - len] == APPLICATION_DATA
    }

    /// Drops that record.
    pub fn skip(&mut self, len: usize) {
        self.input.drop_record(len);
    }

    /// Looks for the answers in the server's hello that is about to be processed.
    pub fn see_answers(&mut self) {
        self.rewrite_input();
    }

    /// A client's next ClientHello has these extensions in place of those added to the last.
    pub fn replace_additions(&self, extensions: Vec<(Place, Extension)>) {
        if let Some(rewriter) = &self.rewriter {
            rewriter.replace_additions(extensions);
        }
    }

    /// A server's, after [`Self::choose_config`] with `config`: begins again if its answer, not yet
    /// sent, is a HelloRetryRequest.
    pub fn begin_again(&mut self, config: &ServerConfig) -> Option<Retried> {
        let answer = self.pending_output();
        let request = first_message(answer).filter(|message| is_retry_message(message))?;
        let choice = server_choice(answer)?;
        let suites = &config.provider().tls13_cipher_suites;
        let suite = suites.iter().find(|s| s.common.suite.0 == choice.suite)?;
        let hash = suite
            .common
            .hash_provider
            .hash(self.hello.as_ref()?.message());
        let retried = Retried {
            suite: choice.suite,
            group: choice.retry_group?,
            before: transcript(hash.as_ref(), &request),
        };
        let kept = self.kept();
        *self = Self {
            input: std::mem::take(&mut self.input),
            out: std::mem::take(&mut self.out),
            written: self.written,
            shown: self.shown.clone(),
            hidden: self.hidden,
            clear: std::mem::take(&mut self.clear),
            retried: true,
            ..Self::server()
        };
        self.keep(kept);
        Some(retried)
    }
}
