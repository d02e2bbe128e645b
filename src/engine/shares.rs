//! The public values of a handshake's key exchange: rustls keeps them to itself, but asks our
//! groups for them, on the thread that drives it.

use rustls::crypto::kx::ffdhe::FfdheGroup;
use rustls::crypto::kx::{
    ActiveKeyExchange, CompletedKeyExchange, HybridKeyExchange, NamedGroup, SharedSecret,
    StartedKeyExchange, SupportedKxGroup,
};
use rustls::enums::ProtocolVersion;
use rustls_aws_lc_rs as aws;

use crate::foreign::job;
use crate::foreign::scope::{self, Slot};

/// Code points from here on have ML-KEM in them.
const FIRST_POST_QUANTUM: u16 = 0x0200;

/// A public value of an ephemeral key exchange, as it stands on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyShare {
    /// The group's code point.
    pub group: u16,
    /// The public value.
    pub key: Vec<u8>,
}

/// What was seen so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    own: Vec<KeyShare>,
    peer: Option<KeyShare>,
}

impl Seen {
    const NOTHING: Self = Self {
        own: Vec::new(),
        peer: None,
    };

    /// Our value of the exchange in `group`.
    pub(super) fn own(&self, group: u16) -> Option<&KeyShare> {
        self.own.iter().rev().find(|share| share.group == group)
    }

    /// The group of our last value.
    pub(super) fn group(&self) -> Option<u16> {
        self.own.last().map(|share| share.group)
    }

    /// The group of the peer's value.
    pub(super) fn peer_group(&self) -> Option<u16> {
        self.peer.as_ref().map(|share| share.group)
    }

    /// The peer's value of the exchange in `group`.
    pub(super) fn peer(&self, group: u16) -> Option<&KeyShare> {
        self.peer.as_ref().filter(|share| share.group == group)
    }
}

/// Whether the group's public values are long ones: post-quantum.
pub fn is_long(group: u16) -> bool {
    group >= FIRST_POST_QUANTUM
}

thread_local! {
    static SEEN: Slot<Seen> = const { Slot::new(Seen::NOTHING) };
}

/// See [`super::apart`].
pub(super) fn set_aside() -> impl Drop {
    scope::set_aside(|seen| SEEN.with(|slot| slot.replace(seen)))
}

/// Runs a step of the handshake and keeps what it used in `seen`.
pub(super) fn watch<R>(seen: &mut Seen, step: impl FnOnce() -> R) -> R {
    SEEN.with(Slot::take);
    let result = step();
    let mut now = SEEN.with(Slot::take);
    seen.own.append(&mut now.own);
    seen.peer = now.peer.or(seen.peer.take());
    result
}

/// Longer ones are post-quantum, and libcrypto has no keys for those here. FFDHE's of 8192 bits has
/// this length.
const LONGEST: usize = 1024;

fn share(group: NamedGroup, key: &[u8]) -> Option<KeyShare> {
    (key.len() <= LONGEST).then(|| KeyShare {
        group: group.0,
        key: key.to_vec(),
    })
}

fn own(group: NamedGroup, key: &[u8]) {
    SEEN.with(|slot| slot.edit(|seen| seen.own.extend(share(group, key))));
}

pub(super) fn peer(group: NamedGroup, key: &[u8]) {
    SEEN.with(|slot| slot.edit(|seen| seen.peer = share(group, key)));
}

/// A group whose exchanges are watched.
#[derive(Debug)]
pub(super) struct Watched<T: ?Sized + 'static>(pub(super) &'static T);

/// aws-lc-rs's group of this name.
pub(super) fn aws_group(name: NamedGroup) -> Option<&'static dyn SupportedKxGroup> {
    static GROUPS: std::sync::LazyLock<Vec<Watched<dyn SupportedKxGroup>>> =
        std::sync::LazyLock::new(|| aws::ALL_KX_GROUPS.iter().map(|&g| Watched(g)).collect());
    let found = GROUPS.iter().find(|group| group.name() == name)?;
    Some(found)
}

/// An exchange of a group that watches itself.
pub(super) fn started(active: Box<dyn ActiveKeyExchange>) -> StartedKeyExchange {
    own(active.group(), active.pub_key());
    StartedKeyExchange::Single(Box::new(Active(active)))
}

impl SupportedKxGroup for Watched<dyn SupportedKxGroup> {
    fn start(&self) -> Result<StartedKeyExchange, rustls::Error> {
        Ok(match with_room(self.name(), || self.0.start())? {
            StartedKeyExchange::Single(active) => started(active),
            StartedKeyExchange::Hybrid(hybrid) => {
                let (group, key) = hybrid.component();
                own(group, key);
                StartedKeyExchange::Hybrid(Box::new(Hybrid(hybrid)))
            }
            other => other,
        })
    }

    fn start_and_complete(&self, key: &[u8]) -> Result<CompletedKeyExchange, rustls::Error> {
        let done = with_room(self.name(), || self.0.start_and_complete(key))?;
        own(done.group, &done.pub_key);
        peer(done.group, key);
        Ok(done)
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        self.0.ffdhe_group()
    }

    fn name(&self) -> NamedGroup {
        self.0.name()
    }
}

struct Active(Box<dyn ActiveKeyExchange>);

/// Runs a step of an exchange: those with ML-KEM need much of the stack.
fn with_room<R: Send>(group: NamedGroup, step: impl FnOnce() -> R + Send) -> R {
    match is_long(group.0) {
        true => job::with_room(step),
        false => step(),
    }
}

impl ActiveKeyExchange for Active {
    fn complete(self: Box<Self>, key: &[u8]) -> Result<SharedSecret, rustls::Error> {
        let group = self.0.group();
        peer(group, key);
        with_room(group, || self.0.complete(key))
    }

    fn complete_for_tls_version(
        self: Box<Self>,
        key: &[u8],
        version: ProtocolVersion,
    ) -> Result<SharedSecret, rustls::Error> {
        peer(self.0.group(), key);
        self.0.complete_for_tls_version(key, version)
    }

    fn pub_key(&self) -> &[u8] {
        self.0.pub_key()
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        self.0.ffdhe_group()
    }

    fn group(&self) -> NamedGroup {
        self.0.group()
    }
}

struct Hybrid(Box<dyn HybridKeyExchange>);

impl ActiveKeyExchange for Hybrid {
    fn complete(self: Box<Self>, key: &[u8]) -> Result<SharedSecret, rustls::Error> {
        self.into_key_exchange().complete(key)
    }

    fn pub_key(&self) -> &[u8] {
        self.0.pub_key()
    }

    fn group(&self) -> NamedGroup {
        self.0.group()
    }
}

impl HybridKeyExchange for Hybrid {
    fn component(&self) -> (NamedGroup, &[u8]) {
        self.0.component()
    }

    fn complete_component(self: Box<Self>, key: &[u8]) -> Result<SharedSecret, rustls::Error> {
        peer(self.0.component().0, key);
        self.0.complete_component(key)
    }

    fn as_key_exchange(&self) -> &(dyn ActiveKeyExchange + 'static) {
        self
    }

    fn into_key_exchange(self: Box<Self>) -> Box<dyn ActiveKeyExchange> {
        Box::new(Active(self.0.into_key_exchange()))
    }
}
