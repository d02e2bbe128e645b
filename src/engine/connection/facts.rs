//! What is known of a connection.

use std::rc::Rc;

use rustls::enums::ProtocolVersion;
use rustls::{ConnectionOutputs, HandshakeKind};

use super::{Connection, State, chain};
use crate::engine::finished::{VerifyData, Whose};
use crate::engine::hello::RawClientHello;
use crate::engine::revival::NO_CERTIFICATE;
use crate::engine::server_hello::{Renegotiation, server_extension};
use crate::engine::shares::KeyShare;

/// What the handshake settled on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts {
    /// The version's code: 0x0303 or 0x0304.
    pub version: Option<u16>,
    /// The suite's IANA code.
    pub suite: Option<u16>,
    /// The group's code point.
    pub group: Option<u16>,
    /// Whether a session was resumed.
    pub resumed: bool,
    /// The scheme of the peer's signature.
    pub peer_scheme: Option<u16>,
    /// The scheme of our signature.
    pub own_scheme: Option<u16>,
    /// Whether the extended master secret is in use (RFC 7627); TLS 1.2 only.
    pub extended_master_secret: bool,
    /// Whether the server said that it used the client's name; TLS 1.2 only.
    pub name_acknowledged: bool,
}

impl Connection {
    /// The ClientHello, sent or received.
    pub fn client_hello(&self) -> Option<&RawClientHello> {
        self.hello.as_deref()
    }

    /// As [`Self::client_hello`], to be kept.
    pub fn shared_client_hello(&self) -> Option<Rc<RawClientHello>> {
        self.hello.clone()
    }

    /// The ServerHello's random, sent or received.
    pub fn server_random(&self) -> Option<&[u8; 32]> {
        self.server_hello.as_ref().map(|hello| &hello.random)
    }

    /// What a client's server has said of renegotiation.
    pub fn renegotiation(&self) -> Option<Renegotiation> {
        self.server_hello.as_ref()?.renegotiation
    }

    /// The peer's public value of the key exchange in `group`; none of a post-quantum one.
    pub fn peer_share(&self, group: u16) -> Option<&KeyShare> {
        self.seen.shares.peer(group)
    }

    /// Our public value of the key exchange in `group`, as [`Self::peer_share`].
    pub fn own_share(&self, group: u16) -> Option<&KeyShare> {
        self.seen.shares.own(group)
    }

    /// The last Finished message of the handshake.
    pub fn finished(&self, whose: Whose) -> VerifyData {
        self.seen.plaintext.finished(whose)
    }

    /// The session id in the ServerHello: with TLS 1.2, the session's.
    pub fn server_session_id(&self) -> Option<&[u8]> {
        Some(&self.server_hello.as_ref()?.session_id)
    }

    /// An extension of TLS 1.2's ServerHello, right after it was processed.
    pub fn server_extension(&self, kind: u16) -> Option<Vec<u8>> {
        server_extension(&self.first, kind).filter(|_| !matches!(self.state, State::Server(_)))
    }

    pub(super) fn outputs(&self) -> Option<&ConnectionOutputs> {
        match &self.state {
            State::ClientTraffic(traffic) => Some(&traffic.outputs),
            State::ServerTraffic(traffic) => Some(&traffic.outputs),
            State::EarlyServer(early) => Some(early.outputs()),
            _ => None,
        }
    }

    /// The protocol agreed on by ALPN.
    pub fn alpn(&self) -> Option<Vec<u8>> {
        Some(self.outputs()?.alpn_protocol()?.as_ref().to_vec())
    }

    /// What the handshake settled on so far.
    pub fn facts(&self) -> Facts {
        let Some(outputs) = self.outputs() else {
            return Facts {
                version: self.server_hello.as_ref().map(|hello| hello.version),
                suite: self.suite_in_use(),
                group: self.seen.shares.peer_group().or_else(|| {
                    // A server has a value of the group chosen alone.
                    self.seen.shares.group().filter(|_| !self.is_client())
                }),
                ..Facts::default()
            };
        };
        Facts {
            version: outputs.protocol_version().map(|v| v.0),
            suite: outputs.negotiated_cipher_suite().map(|s| s.suite().0),
            group: outputs.negotiated_key_exchange_group().map(|g| g.name().0),
            resumed: matches!(
                outputs.handshake_kind(),
                Some(HandshakeKind::Resumed | HandshakeKind::ResumedWithHelloRetryRequest)
            ),
            peer_scheme: self.seen.schemes.peer,
            own_scheme: self.seen.schemes.own,
            extended_master_secret: outputs.extended_main_secret() == Some(true),
            name_acknowledged: self
                .server_hello
                .as_ref()
                .is_some_and(|h| h.acknowledges_name),
        }
    }

    fn is_client(&self) -> bool {
        matches!(self.state, State::Client(_) | State::VerifyServer(_))
    }

    /// The suite of records by now: TLS 1.2 begins to protect them at its end.
    pub fn suite_in_use(&self) -> Option<u16> {
        let hello = self.server_hello.as_ref()?;
        (hello.version == u16::from(ProtocolVersion::TLSv1_3)).then_some(hello.suite)
    }

    /// The peer's chain as verified in this handshake or in the one resumed, or after either, leaf
    /// first; empty when there was none (see [`NO_CERTIFICATE`]).
    pub fn peer_identity(&self) -> Vec<Vec<u8>> {
        if let Some(peer) = self.seen.post_auth.as_ref().and_then(|watch| watch.peer()) {
            return peer;
        }
        self.outputs()
            .and_then(|outputs| outputs.peer_identity())
            .map(|verified| chain(verified.identity()))
            .filter(|chain| *chain != [NO_CERTIFICATE])
            .unwrap_or_default()
    }
}
