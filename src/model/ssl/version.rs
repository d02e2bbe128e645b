//! Which version of TLS a connection has.

use std::ffi::c_int;
use std::sync::Arc;

use super::{Moved, Side, Ssl, Stage};
use crate::engine::alert::{HANDSHAKE_FAILURE, PROTOCOL_VERSION};
use crate::engine::connection::{Connection, Facts};
use crate::engine::hello::{RawClientHello, codes};
use crate::foreign::err::{Error, Reason, Result};
use crate::model::method::{TLS1_2, TLS1_3};
use crate::model::settings::{self, Settings};

/// The supported_versions extension (RFC 8446, section 4.2.1).
const SUPPORTED_VERSIONS: u16 = 43;
/// SSL3_VERSION.
const SSL3: u16 = 0x0300;

/// Whether the client can do `version`.
fn offers(hello: &RawClientHello, version: u16) -> bool {
    match hello.extension(SUPPORTED_VERSIONS) {
        Some(body) => codes(body.get(1..).unwrap_or_default()).any(|code| code == version),
        None => version == TLS1_2 && hello.legacy_version() >= TLS1_2,
    }
}

impl Ssl {
    /// The version agreed on (SSL_version(3)); before that the highest a client asked for, and
    /// until it did the highest of the method.
    pub fn version(&self) -> u16 {
        self.version.get()
    }

    /// Back to the method's.
    pub(super) fn reset_version(&self) {
        self.version.set(self.with(|s| s.method.newest()));
    }

    /// The versions it may negotiate, from lowest to highest.
    pub(super) fn permitted_versions(&self) -> Result<(u16, u16)> {
        self.settings().permitted_versions(&self.policy())
    }

    /// Whether `version` may be negotiated.
    pub(super) fn permits_version(&self, version: c_int) -> bool {
        let permitted = self.permitted_versions();
        permitted.is_ok_and(|(oldest, newest)| {
            (c_int::from(oldest)..=c_int::from(newest)).contains(&version)
        })
    }

    /// Notes the version before, or as soon as, both sides know it.
    pub(super) fn note_version(&self, version: u16) {
        self.version.set(version);
    }

    /// What the handshake settled on holds from now on.
    pub(super) fn adopt_facts(&self, facts: Facts) {
        self.facts.set(facts);
        if let Some(version) = facts.version {
            self.note_version(version);
        }
    }

    /// Takes over what is known of the handshake, for callbacks that run in it.
    pub(super) fn note_facts(&self, connection: &Connection) {
        let facts = connection.facts();
        if !self.settled.get() && facts.version.is_some() {
            self.adopt_facts(facts);
        }
    }

    fn both_have(&self, connection: &Connection, version: u16) -> bool {
        let offered = connection
            .client_hello()
            .is_some_and(|hello| offers(hello, version));
        offered
            && self
                .permitted_versions()
                .is_ok_and(|(min, max)| (min..=max).contains(&version))
    }

    /// The highest version both sides have.
    fn common_version(&self, connection: &Connection) -> Option<u16> {
        let mut versions = [TLS1_3, TLS1_2].into_iter();
        versions.find(|&version| self.both_have(connection, version))
    }

    /// As [`Self::common_version`], and that the server has a certificate for.
    fn useful_version(&self, connection: &Connection) -> Option<u16> {
        let common = self.common_version(connection)?;
        match common == TLS1_3 && !self.suits_tls13() {
            true => Some(TLS1_2).filter(|&version| self.both_have(connection, version)),
            false => Some(common),
        }
    }

    /// A server's settings as they are now, and the version agreed on before callbacks changed them.
    pub(super) fn settings_as_agreed(&self, connection: &Connection) -> Arc<Settings> {
        let mut settings = self.settings();
        if self.common_version(connection) != Some(self.version()) {
            settings::edit(&mut settings, |s| s.hold_to(self.version()));
        }
        settings
    }

    /// A server's: notes the highest version that both sides can use. Fails with SSL_R_UNSUPPORTED_PROTOCOL.
    pub(super) fn agree_on_version(&self, connection: &mut Connection) -> Moved<()> {
        let Some(hello) = connection.client_hello() else {
            return Err(Error::reason(Reason::INTERNAL_ERROR).into());
        };
        let listed = hello.extension(SUPPORTED_VERSIONS).is_some();
        let legacy = hello.legacy_version();
        // The list alone counts, but what is older than TLS 1.0 does not send one.
        let ancient = legacy <= SSL3 && self.with(|s| s.method.is_flexible());
        match self.useful_version(connection) {
            Some(version) if !(ancient && listed) => {
                self.note_version(version);
                Ok(())
            }
            _ => {
                // The alert goes out with the client's version; SSL 3.0 has none for versions.
                self.note_version(legacy);
                let alert = match legacy {
                    SSL3 => HANDSHAKE_FAILURE,
                    _ => PROTOCOL_VERSION,
                };
                let reason = match (ancient, listed) {
                    (false, _) => Reason::UNSUPPORTED_PROTOCOL,
                    (true, true) => Reason::BAD_LEGACY_VERSION,
                    (true, false) => Reason::VERSION_TOO_LOW,
                };
                self.sends_alert(alert);
                connection.abort_as(alert, legacy.min(TLS1_2));
                Err(Error::reason(reason).into())
            }
        }
    }

    /// A client's: it asks for the highest it may have.
    pub(super) fn ask_for_version(&self) {
        if self.side.get() == Side::Client
            && let Ok((_, max)) = self.permitted_versions()
        {
            self.note_version(max);
        }
    }

    /// SSL_renegotiate(3): there is no second handshake, as where a program forbade it.
    pub fn renegotiate(&self) -> Result<()> {
        let tls13 = self.stage() == Stage::Established && self.version() == TLS1_3;
        Err(Error::reason(match tls13 {
            true => Reason::WRONG_SSL_VERSION,
            false => Reason::NO_RENEGOTIATION,
        }))
    }
}
