//! The client's side of a handshake.

use std::sync::Arc;

use rustls::pki_types::ServerName;

use super::early::Phase;
use super::keylog::LogSecrets;
use super::{Ssl, at_work, with_current};
use crate::engine::alert::{ILLEGAL_PARAMETER, INTERNAL_ERROR};
use crate::engine::config::{self, ClientConnectionParams};
use crate::engine::connection::{Choice, Connection};
use crate::engine::credentials::{ChoiceSink, RequestSink};
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::x509::Cert;
use crate::model::alpn;
use crate::model::cipher::Cipher;
use crate::model::method::TLS1_3;
use crate::model::security::Stage;
use crate::model::settings::mode;

/// Notes a CertificateRequest for the connection at work.
#[derive(Debug)]
struct NoteRequest;

impl RequestSink for NoteRequest {
    fn requested(&self, ca_names: Option<&[&[u8]]>, schemes: &[u16]) {
        with_current(|ssl| {
            if let Some(ssl) = ssl {
                ssl.see_authorities(ca_names);
                ssl.put_off_choice(schemes);
            }
        });
    }
}

/// Shows the connection at work which of its certificates was chosen.
#[derive(Debug)]
pub(super) struct ShowChoice;

impl ChoiceSink for ShowChoice {
    fn chosen(&self, slot: usize, chain: &[Cert]) -> bool {
        with_current(|ssl| ssl.is_none_or(|ssl| ssl.may_present(slot, chain)))
    }
}

/// The server_name extension.
pub(super) const SERVER_NAME: u16 = 0;

impl Ssl {
    pub(super) fn start_client(&self) -> Result<Connection> {
        let settings = self.settings();
        let ctx = self.ctx();
        let params = settings
            .client_params(&ctx.lib, &self.policy())
            .map_err(|err| self.refuse_hello(err))?;
        let name = self.dns_name();
        self.ask_for_psk(settings.versions()?.1)?;
        let own = ClientConnectionParams {
            requests: Arc::new(NoteRequest),
            sessions: self.client_sessions(),
            send_sni: name.is_some(),
            tickets: self.asks_for_tickets(),
            keylog: ctx
                .with_hooks(|h| h.keylog)
                .map(|_| Arc::new(LogSecrets) as _),
            early_data: self.early.get().phase == Phase::Connecting,
        };
        let mut changes = self.hello_changes()?;
        changes.external_psk = self.offered_psk();
        let config = config::client(&params, own)
            .map_err(|err| self.refuse_hello(self.engine_error(&err)))?;
        // Without a name nothing is sent of this one.
        let name = name.unwrap_or_else(|| ServerName::from(std::net::Ipv4Addr::UNSPECIFIED));
        let mut connection = at_work(self, || {
            Connection::client(
                &config,
                name,
                alpn::names(&settings.alpn).map(<[u8]>::to_vec).collect(),
                changes,
            )
        })
        .map_err(|err| self.refuse_hello(self.engine_error(&err)))?;
        if !settings.is_for_middleboxes() {
            connection.spare_middleboxes();
        }
        Ok(connection)
    }

    /// There is nothing to offer, and the peer is told that.
    fn refuse_hello(&self, err: Error) -> Error {
        self.sent_alert.take();
        self.refuse_to_begin(INTERNAL_ERROR);
        err
    }

    /// The server's name if rustls sends it, and sends it as it is: not that of an address, nor one
    /// that ends in a dot. What it does not send is among the additions to the hello.
    fn dns_name(&self) -> Option<ServerName<'static>> {
        let name = self.host_name.borrow();
        let name = name.as_ref()?.to_str().ok()?;
        match ServerName::try_from(name.to_owned()) {
            Ok(name @ ServerName::DnsName(_)) => Some(name),
            _ => None,
        }
        .filter(|_| !name.ends_with('.'))
    }

    /// The server_name extension (RFC 6066, section 3) for a name that rustls does not send.
    pub(super) fn odd_name(&self) -> Option<(u16, Vec<u8>)> {
        let name = self.host_name.borrow();
        let name = name.as_ref()?.to_bytes();
        if self.dns_name().is_some() {
            return None;
        }
        // A list of one host_name; set_host_name takes no more than 255 bytes.
        let len = name.len() as u16;
        let mut body = (len + 3).to_be_bytes().to_vec();
        body.push(0);
        body.extend(len.to_be_bytes());
        body.extend(name);
        Some((SERVER_NAME, body))
    }

    /// Looks at what the server chose before it is gone along with.
    pub(super) fn judge_choice(&self, connection: &mut Connection) -> Result<()> {
        let Some(choice) = connection.server_choice() else {
            return Ok(());
        };
        let refused = match choice.downgraded && self.would_have_more(choice.version) {
            true => Some(Reason::INAPPROPRIATE_FALLBACK),
            false => self.insecure(&choice),
        };
        let Some(reason) = refused else {
            return Ok(());
        };
        self.sends_alert(ILLEGAL_PARAMETER);
        connection.abort(ILLEGAL_PARAMETER);
        Err(Error::reason(reason))
    }

    /// Whether a version above this one is to be had: one that was offered, or that is left out
    /// because an earlier connection failed with it (SSL_MODE_SEND_FALLBACK_SCSV).
    fn would_have_more(&self, version: u16) -> bool {
        let fell_back = self.with(|s| s.mode & mode::SEND_FALLBACK_SCSV != 0);
        let highest = match self.with(|s| s.method.is_flexible()) {
            false => return false,
            true if fell_back => TLS1_3,
            true => self.permitted_versions().map_or(0, |(_, max)| max),
        };
        version < highest
    }

    /// A program's security callback is asked about what the server chose, though it was about
    /// the same when it was offered.
    fn insecure(&self, choice: &Choice) -> Option<Reason> {
        let policy = self.policy();
        if !policy.is_own() {
            return None;
        }
        let suite = Cipher::from_iana(choice.suite);
        match choice.retry_group {
            _ if suite.is_some_and(|suite| !policy.suite(Stage::Check, suite)) => {
                Some(Reason::WRONG_CIPHER_RETURNED)
            }
            Some(group) if !policy.group(Stage::Supported, group) => Some(Reason::BAD_KEY_SHARE),
            _ => None,
        }
    }

    /// SSL_get_certificate(3) shows the certificate chosen from now on.
    pub(super) fn make_current(&self, slot: usize) {
        if self.with(|s| s.certs.current_slot()) != slot {
            self.edit(|s| s.certs.set_current_slot(slot));
        }
    }

    /// Whether the chain of a slot, which is current from now on, is strong enough to be sent;
    /// else why not is kept for the error.
    pub(super) fn may_present(&self, slot: usize, chain: &[Cert]) -> bool {
        self.make_current(slot);
        let Some((leaf, rest)) = chain.split_first() else {
            return true;
        };
        let judged = self.policy().own_chain(leaf, rest);
        let fine = judged.is_ok();
        self.refusal.set(judged.err());
        fine
    }
}
