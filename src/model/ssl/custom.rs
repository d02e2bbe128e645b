//! What the program adds to the handshake's messages and reads in them
//! (SSL_CTX_add_custom_ext(3)), and the signal of a client that fell back to a lower version
//! (RFC 7507).

use super::client::SERVER_NAME;
use super::fragment::MAX_FRAGMENT_LENGTH;
use super::{Moved, Ssl, Stop, with_current};
use crate::engine::alert::{
    DECODE_ERROR, ILLEGAL_PARAMETER, INAPPROPRIATE_FALLBACK, UNSUPPORTED_EXTENSION,
};
use crate::engine::config::DEFAULT_SIGALGS;
use crate::engine::connection::Connection;
use crate::engine::post_auth::POST_HANDSHAKE_AUTH;
use crate::engine::rewrite::{Answer, Changes, Extension, ExtensionSource, Place};
use crate::foreign::custom_ext::{ToSend, With};
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::status_request;
use crate::foreign::x509::Cert;
use crate::model::certs::RSA_PSS;
use crate::model::extension::{CustomExt, Handling, Role, SIGNED_CERTIFICATE_TIMESTAMP, context};
use crate::model::method::{TLS1_2, TLS1_3};
use crate::model::security::Stage;
use crate::model::serverinfo::body_of;
use crate::model::settings::{Settings, mode, op};

/// TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746, section 3.3).
const EMPTY_RENEGOTIATION_INFO_SCSV: u16 = 0x00ff;
/// TLS_FALLBACK_SCSV.
const FALLBACK_SCSV: u16 = 0x5600;

/// Messages that hold answers to what the peer sent first.
const ANSWERS: u32 = context::TLS1_2_SERVER_HELLO
    | context::TLS1_3_SERVER_HELLO
    | context::TLS1_3_ENCRYPTED_EXTENSIONS
    | context::TLS1_3_CERTIFICATE
    | context::TLS1_3_HELLO_RETRY_REQUEST;
/// Messages that may hold what a client has to answer or did not ask for.
const UNASKED: u32 = context::TLS1_3_CERTIFICATE
    | context::TLS1_3_HELLO_RETRY_REQUEST
    | context::TLS1_3_CERTIFICATE_REQUEST
    | context::TLS1_3_NEW_SESSION_TICKET;
/// Messages in which OpenSSL wants no extension that its hello did not have.
const ASKED: u32 = context::TLS1_2_SERVER_HELLO
    | context::TLS1_3_SERVER_HELLO
    | context::TLS1_3_ENCRYPTED_EXTENSIONS;

/// What was seen of extensions in the handshake.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The types of the program's that a client sent.
    sent: Vec<u16>,
    /// The types of the program's that the peer sent first.
    received: Vec<u16>,
    /// The slot of the certificate that a server's extensions go with.
    slot: Option<usize>,
    /// The timestamps the server sent in the extension for them.
    pub(super) timestamps: Vec<u8>,
    /// The alert with which a function of the program's ended the handshake.
    stopped: Option<u8>,
}

/// SSL_EXT_* of the message, and whether it is known to be one of TLS 1.3.
fn message_of(place: Place) -> (u32, bool) {
    match place {
        Place::Hello => (context::TLS1_2_SERVER_HELLO, false),
        Place::Tls13ServerHello => (context::TLS1_3_SERVER_HELLO, true),
        Place::RetryRequest => (context::TLS1_3_HELLO_RETRY_REQUEST, true),
        Place::EncryptedExtensions => (context::TLS1_3_ENCRYPTED_EXTENSIONS, true),
        Place::CertificateRequest => (context::TLS1_3_CERTIFICATE_REQUEST, true),
        Place::Certificate(_) => (context::TLS1_3_CERTIFICATE, true),
        Place::NewSessionTicket => (context::TLS1_3_NEW_SESSION_TICKET, true),
    }
}

/// Asks the program of the connection at work.
#[derive(Debug)]
struct AskExtensions;

impl ExtensionSource for AskExtensions {
    fn extensions(&self, place: Place, cert: Option<&[u8]>) -> Option<Vec<Extension>> {
        with_current(|ssl| {
            let Some(ssl) = ssl else {
                return Some(Vec::new());
            };
            let asked = ssl.ask_extensions(place, cert);
            asked.map_err(|alert| ssl.stop_with(alert)).ok()
        })
    }
}
/// The extended_master_secret extension (RFC 7627).
pub(super) const EXTENDED_MASTER_SECRET: u16 = 23;

impl Ssl {
    /// What a client adds to its hello, and looks for in the server's messages.
    pub(super) fn hello_changes(&self) -> Result<Changes> {
        let settings = self.settings();
        let (min, max) = settings.versions()?;
        let exts = &settings.custom_exts;
        // A session of TLS 1.2 is offered by its id.
        let by_id = self
            .session()
            .is_some_and(|session| session.version() == i32::from(TLS1_2));
        let mut changes = Changes {
            awaited: exts.kinds(UNASKED).collect(),
            reads_tickets: exts
                .kinds(context::TLS1_3_NEW_SESSION_TICKET)
                .next()
                .is_some(),
            status_request: status_request::body(
                settings.status_ids.as_deref(),
                settings.status_exts.as_deref(),
            ),
            without_session_id: max == TLS1_3 && !settings.is_for_middleboxes() && !by_id,
            padded: settings.pads_hello(max),
            without: (settings.options & op::NO_EXTENDED_MASTER_SECRET != 0)
                .then_some(EXTENDED_MASTER_SECRET),
            filled: self.filled_ticket_ext()?,
            group_order: settings.hello_groups(max),
            ..Changes::default()
        };
        if max < TLS1_3 {
            // rustls leaves out the schemes that it does not have in TLS 1.2.
            let list = Settings::permitted_sigalgs(
                &settings.own_sigalgs(),
                &self.policy(),
                Stage::Supported,
            );
            let list = list.as_deref().unwrap_or(DEFAULT_SIGALGS);
            let mut body = ((2 * list.len()) as u16).to_be_bytes().to_vec();
            body.extend(list.iter().flat_map(|scheme| scheme.to_be_bytes()));
            changes.signature_algorithms = Some(body);
        }
        if min == TLS1_3 {
            // rustls sends it with TLS 1.2; OpenSSL whatever is offered.
            changes.suites.push(EMPTY_RENEGOTIATION_INFO_SCSV);
        }
        if settings.mode & mode::SEND_FALLBACK_SCSV != 0 {
            changes.suites.push(FALLBACK_SCSV);
        }
        // Some may be sent in a second ClientHello alone.
        changes.awaited.extend(exts.kinds(context::CLIENT_HELLO));
        let added = self.added_to_hello().map_err(|alert| {
            self.refuse_to_begin(alert);
            Error::reason(Reason::CALLBACK_FAILED)
        })?;
        changes
            .awaited
            .extend_from_slice(&self.extensions.borrow().sent);
        changes.extensions = added;
        Ok(changes)
    }

    /// What a client adds to a ClientHello; the alert if the program ends the handshake.
    pub(super) fn added_to_hello(&self) -> std::result::Result<Vec<(Place, Extension)>, u8> {
        let settings = self.settings();
        let tls13 = settings.versions().is_ok_and(|(_, max)| max == TLS1_3);
        let mut added: Vec<Extension> = self.odd_name().into_iter().collect();
        added.extend(self.fragment_request());
        if settings.ct.is_some() {
            added.push((SIGNED_CERTIFICATE_TIMESTAMP, Vec::new()));
        }
        let exts = &settings.custom_exts;
        for ext in exts.of(context::CLIENT_HELLO, Role::Client, false) {
            if ext.context & context::TLS1_3_ONLY != 0 && !tls13 {
                continue;
            }
            let none = With::default();
            match self.to_send(&ext, context::CLIENT_HELLO, &none) {
                ToSend::Body(body) => added.push((ext.kind, body)),
                ToSend::Nothing => {}
                ToSend::Fail(alert) => return Err(alert as u8),
            }
        }
        self.extensions.borrow_mut().sent = added.iter().map(|(kind, _)| *kind).collect();
        if settings.post_handshake_auth != 0 && tls13 {
            // Not among those that have an answer.
            added.push((POST_HANDSHAKE_AUTH, Vec::new()));
        }
        Ok(added.into_iter().map(|ext| (Place::Hello, ext)).collect())
    }

    /// Asks the program what it sends in a message; the alert if that ends the handshake.
    pub(super) fn ask_extensions(
        &self,
        place: Place,
        cert: Option<&[u8]>,
    ) -> std::result::Result<Vec<Extension>, u8> {
        let (message, tls13) = message_of(place);
        let role = match self.is_client() {
            true => Role::Client,
            false => Role::Server,
        };
        let resumed = self.presented.borrow().is_some();
        let ignored = |ext: u32| resumed && ext & context::IGNORE_ON_RESUMPTION != 0;
        let received = self.extensions.borrow().received.clone();
        let wanted = |kind: u16| message & ANSWERS == 0 || received.contains(&kind);
        let with = self.with_certificate(place, cert);
        let exts = self.settings().custom_exts.clone();
        let mut found = Vec::new();
        for ext in exts.of(message, role, tls13) {
            if !wanted(ext.kind) || ignored(ext.context) || ext.handler.sends_by_itself() {
                continue;
            }
            match self.to_send(&ext, message, &with) {
                ToSend::Body(body) => found.push((ext.kind, body)),
                ToSend::Nothing => {}
                ToSend::Fail(alert) => return Err(alert as u8),
            }
        }
        Ok(found)
    }

    fn to_send(&self, ext: &CustomExt, message: u32, with: &With) -> ToSend {
        match ext.handler {
            Handling::Program(handler) => handler.add(self.ptr(), ext.kind, message, with),
            Handling::ServerInfo if with.index() > 0 => ToSend::Nothing,
            Handling::ServerInfo => {
                let settings = self.settings();
                let slot = self.extensions.borrow().slot;
                let info = slot.and_then(|slot| settings.certs.serverinfo(slot));
                let body = info.and_then(|info| body_of(info, ext.kind));
                body.map_or(ToSend::Nothing, ToSend::Body)
            }
        }
    }

    /// Shows the peer's; an alert's code if it is not liked.
    fn shown(
        &self,
        ext: &CustomExt,
        message: u32,
        body: &[u8],
        with: &With,
    ) -> std::result::Result<(), u8> {
        match ext.handler {
            Handling::Program(handler) => handler
                .parse(self.ptr(), ext.kind, message, body, with)
                .map_err(|alert| alert as u8),
            Handling::ServerInfo if !body.is_empty() => Err(DECODE_ERROR),
            Handling::ServerInfo => Ok(()),
        }
    }

    fn with_certificate(&self, place: Place, cert: Option<&[u8]>) -> With {
        let lib = &self.session_ctx.lib;
        match (place, cert.map(|der| Cert::from_der(der, lib))) {
            (Place::Certificate(index), Some(Ok(cert))) => With(Some((cert, index))),
            _ => With(None),
        }
    }

    /// A function for an extension ends the handshake.
    pub(super) fn stop_with(&self, alert: u8) {
        self.extensions.borrow_mut().stopped = Some(alert);
    }

    /// The alert with which a function for an extension ended the handshake.
    pub(super) fn stopped_by_extension(&self) -> Option<u8> {
        self.extensions.borrow_mut().stopped.take()
    }

    /// Shows the program what the peer sent.
    pub(super) fn read_answers(&self, connection: &mut Connection) -> Moved<()> {
        for answer in connection.take_answers() {
            match answer.kind {
                MAX_FRAGMENT_LENGTH => self.read_fragment_answer(connection, &answer.body)?,
                SIGNED_CERTIFICATE_TIMESTAMP if self.with(|s| s.ct.is_some()) => {
                    self.read_timestamps(answer);
                }
                // Here when rustls did not send the name; the answer is empty.
                SERVER_NAME
                    if matches!(answer.place, Place::Hello | Place::EncryptedExtensions) => {}
                _ => self.read_answer(connection, &answer)?,
            }
        }
        Ok(())
    }

    fn read_timestamps(&self, answer: Answer) {
        if let Place::Hello | Place::Certificate(0) = answer.place {
            self.extensions.borrow_mut().timestamps = answer.body;
        }
    }

    fn read_answer(&self, connection: &mut Connection, answer: &Answer) -> Moved<()> {
        let (message, tls13) = message_of(answer.place);
        let role = match self.is_client() {
            true => Role::Client,
            false => Role::Server,
        };
        let exts = self.settings().custom_exts.clone();
        let refuse = |alert, connection: &mut Connection| {
            let cause = Error::reason(Reason::BAD_EXTENSION);
            Err(self.refuse_protected(connection, alert, cause).into())
        };
        let Some(ext) = exts.handled(answer.kind, role) else {
            return refuse(UNSUPPORTED_EXTENSION, connection);
        };
        if ext.context & message == 0 {
            return refuse(ILLEGAL_PARAMETER, connection);
        }
        if !ext.belongs(message, role, tls13) {
            return Ok(());
        }
        if message & ASKED != 0 && !self.extensions.borrow().sent.contains(&answer.kind) {
            return refuse(UNSUPPORTED_EXTENSION, connection);
        }
        if answer.place == Place::CertificateRequest {
            self.extensions.borrow_mut().received.push(answer.kind);
        }
        let with = self.with_certificate(answer.place, answer.cert.as_deref());
        self.shown(&ext, message, &answer.body, &with)
            .or_else(|alert| refuse(alert, connection))
    }

    /// Shows a server's program what the client sent; what is not for resumptions waits while this
    /// may become one.
    pub(super) fn read_custom_extensions(&self, connection: &mut Connection) -> Moved<()> {
        let waiting = self.offers_session(connection);
        self.show_custom_extensions(connection, |ext| {
            !waiting || !ext.is_ignored_on_resumption()
        })
    }

    /// Shows what waited, when the session offered is not resumed.
    pub(super) fn read_waiting_extensions(&self, connection: &mut Connection) -> Moved<()> {
        if !self.offers_session(connection) || self.presented.borrow().is_some() {
            return Ok(());
        }
        self.show_custom_extensions(connection, CustomExt::is_ignored_on_resumption)
    }

    fn show_custom_extensions(
        &self,
        connection: &mut Connection,
        wanted: impl Fn(&CustomExt) -> bool,
    ) -> Moved<()> {
        let exts = self.settings().custom_exts.clone();
        if exts.is_empty() {
            return Ok(());
        }
        let tls13 = self.offered_tls13.get();
        for ext in exts.of(context::CLIENT_HELLO, Role::Server, tls13) {
            let hello = connection.client_hello().filter(|_| wanted(&ext));
            let Some(body) = hello.and_then(|hello| hello.extension(ext.kind)) else {
                continue;
            };
            let body = body.to_vec();
            self.show_extension(connection, &ext, &body)?;
        }
        Ok(())
    }

    fn show_extension(
        &self,
        connection: &mut Connection,
        ext: &CustomExt,
        body: &[u8],
    ) -> Moved<()> {
        let (message, none) = (context::CLIENT_HELLO, With::default());
        self.shown(ext, message, body, &none)
            .map_err(|alert| self.refuse(connection, alert, Reason::BAD_EXTENSION))
    }

    /// What a server changes in its messages: answers to what the client sent, and what its
    /// program adds. The transcript begins with `before`.
    pub(super) fn answer_extensions(
        &self,
        connection: &mut Connection,
        fragment: Option<Extension>,
        changes: Changes,
    ) {
        let settings = self.settings();
        let tls13 = self.offered_tls13.get();
        let place = match tls13 {
            true => Place::EncryptedExtensions,
            false => Place::Hello,
        };
        let exts = &settings.custom_exts;
        let has_info = exts.any_serverinfo();
        let asks = !exts.is_empty();
        let has_pss = !tls13 && settings.certs.has_key(RSA_PSS);
        // No certificate is served in a resumption.
        let slot = ((has_info || has_pss) && !self.hit.get())
            .then(|| self.served_slot(connection))
            .flatten();
        if asks {
            let hello = connection.client_hello();
            let received = |kind: &u16| hello.is_some_and(|hello| hello.extension(*kind).is_some());
            let mut kinds: Vec<u16> = exts.kinds(context::CLIENT_HELLO).collect();
            kinds.retain(received);
            let mut seen = self.extensions.borrow_mut();
            (seen.received, seen.slot) = (kinds, slot.filter(|_| has_info));
        }
        let changes = Changes {
            extensions: fragment.into_iter().map(|ext| (place, ext)).collect(),
            source: asks.then_some(&AskExtensions),
            pss_key: has_pss && slot == Some(RSA_PSS),
            session_id: self.own_id.borrow().clone(),
            request: (!tls13 && settings.asks_for_certificate(tls13))
                .then(|| settings.request_lists(&self.policy())),
            awaited: match tls13 && settings.asks_for_certificate(tls13) {
                true => exts.kinds(context::TLS1_3_CERTIFICATE).collect(),
                false => Vec::new(),
            },
            ..changes
        };
        drop(settings);
        connection.answer(changes, tls13);
    }

    /// A client that fell back for no reason is told so.
    pub(super) fn check_fallback(&self, connection: &mut Connection) -> Moved<()> {
        let hello = connection.client_hello();
        let signalled = hello.is_some_and(|hello| hello.suites().any(|s| s == FALLBACK_SCSV));
        let lower = signalled
            && !self.offered_tls13.get()
            && self.with(|s| s.versions().is_ok_and(|(_, max)| max == TLS1_3));
        match lower {
            true => Err::<(), Stop>(self.refuse(
                connection,
                INAPPROPRIATE_FALLBACK,
                Reason::INAPPROPRIATE_FALLBACK,
            )),
            false => Ok(()),
        }
    }
}
