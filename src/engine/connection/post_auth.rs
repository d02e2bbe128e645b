//! Post-handshake authentication on a connection ([`post_auth`]).

use rustls::Error;

use super::Connection;
use crate::engine::post::Post;
use crate::engine::post_auth::{Exchange, POST_HANDSHAKE_AUTH, Takes, Watch};

impl Connection {
    /// A server's: takes note of whether the client offers post-handshake authentication.
    pub(super) fn see_post_auth_offer(&mut self) {
        let hello = self.hello.as_ref();
        if hello.is_some_and(|hello| hello.extension(POST_HANDSHAKE_AUTH).is_some()) {
            self.seen.post_auth = Some(Box::default());
        }
    }

    fn post_auth(&self) -> Option<&Watch> {
        self.seen.post_auth.as_deref()
    }

    /// Whether the client of this established connection offered post-handshake authentication.
    pub fn has_post_auth(&self) -> bool {
        self.post_auth().is_some()
    }

    /// A client's: requests of up to `limit` bytes are taken from now on.
    pub fn expect_request(&self, limit: usize) {
        if let Some(watch) = self.post_auth() {
            watch.take(Takes::Request, limit);
        }
    }

    /// A server's: the client's answer is taken from now on, messages of up to `limit` bytes; with
    /// `None` it is unexpected.
    pub fn expect_answer(&self, limit: Option<usize>) {
        if let Some(watch) = self.post_auth() {
            match limit {
                Some(limit) => watch.take(Takes::Answer, limit),
                None => watch.take(Takes::Nothing, 0),
            }
        }
    }

    /// The next whole message that was taken, with its header.
    pub fn next_auth_message(&self) -> Option<Vec<u8>> {
        self.post_auth()?.next_message()
    }

    /// The transcript of an authentication that begins.
    pub fn begin_exchange(&self) -> Option<Exchange> {
        self.post_auth()?.exchange()
    }

    /// The verify_data of the client's Finished that ends `exchange`.
    pub fn finished_of(&self, exchange: &Exchange) -> Option<Vec<u8>> {
        let suite = self.outputs()?.negotiated_cipher_suite()?;
        self.post_auth()?.finished(suite, exchange)
    }

    /// Appends a message of the handshake to the output.
    pub fn send_message(&mut self, message: &[u8]) -> Result<(), Error> {
        self.post(Post::Message, message)
    }

    /// The peer of the sessions to come: a chain in DER, leaf first.
    pub fn set_peer(&self, chain: Vec<Vec<u8>>) {
        if let Some(watch) = self.post_auth() {
            watch.set_peer(chain);
        }
    }
}
