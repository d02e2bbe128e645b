//! What is changed in the messages of a connection, and what the peer answered.

use super::message::{encoded, looked_up};
use crate::engine::handshake_type::{
    CERTIFICATE, CERTIFICATE_REQUEST, ENCRYPTED_EXTENSIONS, NEW_SESSION_TICKET,
};
use crate::engine::server_hello::is_retry_message;
use crate::foreign::secret::SecretVec;

/// An extension: type and body.
pub type Extension = (u16, Vec<u8>);

/// Where an extension stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the ClientHello or TLS 1.2's ServerHello, whichever is ours or the peer's.
    Hello,
    /// In TLS 1.3's ServerHello.
    Tls13ServerHello,
    /// In the HelloRetryRequest.
    RetryRequest,
    /// In EncryptedExtensions.
    EncryptedExtensions,
    /// In TLS 1.3's CertificateRequest.
    CertificateRequest,
    /// In TLS 1.3's Certificate, with the certificate of this index.
    Certificate(usize),
    /// In TLS 1.3's NewSessionTicket.
    NewSessionTicket,
}

impl Place {
    /// That of a ServerHello's extensions.
    pub(super) fn of_hello(message: &[u8]) -> Self {
        match () {
            () if is_retry_message(message) => Self::RetryRequest,
            () if !looked_up(message, &[SUPPORTED_VERSIONS]).is_empty() => Self::Tls13ServerHello,
            () => Self::Hello,
        }
    }

    /// The type of the protected message it is in.
    pub(super) fn protected_kind(self) -> Option<u8> {
        Some(match self {
            Self::EncryptedExtensions => ENCRYPTED_EXTENSIONS,
            Self::CertificateRequest => CERTIFICATE_REQUEST,
            Self::Certificate(_) => CERTIFICATE,
            Self::NewSessionTicket => NEW_SESSION_TICKET,
            Self::Hello | Self::Tls13ServerHello | Self::RetryRequest => return None,
        })
    }

    /// That of the extensions of a message of this type, if it has one place for them.
    pub(super) fn of_kind(kind: u8) -> Option<Self> {
        Some(match kind {
            ENCRYPTED_EXTENSIONS => Self::EncryptedExtensions,
            CERTIFICATE_REQUEST => Self::CertificateRequest,
            NEW_SESSION_TICKET => Self::NewSessionTicket,
            _ => return None,
        })
    }
}

/// An extension the peer sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Where it stood.
    pub place: Place,
    /// The certificate it goes with, in DER.
    pub cert: Option<Vec<u8>>,
    /// Its type.
    pub kind: u16,
    /// Its body.
    pub body: Vec<u8>,
}

/// The supported_versions extension (RFC 8446, section 4.2.1).
const SUPPORTED_VERSIONS: u16 = 43;

/// Who is asked for the extensions of a server's messages, when each is made.
pub trait ExtensionSource: std::fmt::Debug + Send + Sync {
    /// Those of a place; `cert` is in DER the certificate they go with. `None` ends the handshake.
    fn extensions(&self, place: Place, cert: Option<&[u8]>) -> Option<Vec<Extension>>;
}

/// What is changed in our messages, and looked for in the peer's.
#[derive(Debug, Default)]
pub struct Changes {
    /// Extensions of ours; before those of `source`.
    pub extensions: Vec<(Place, Extension)>,
    /// Asked for a server's extensions.
    pub source: Option<&'static dyn ExtensionSource>,
    /// A client's pre-shared key, used instead of that of the session it offers.
    pub external_psk: Option<SecretVec>,
    /// Suites at the end of a ClientHello's list.
    pub suites: Vec<u16>,
    /// The session id of a ServerHello, in place of the one there is.
    pub session_id: Option<Vec<u8>>,
    /// The body of a ClientHello's status_request, instead of rustls's.
    pub status_request: Option<Vec<u8>>,
    /// The body of a ClientHello's signature_algorithms, instead of rustls's.
    pub signature_algorithms: Option<Vec<u8>>,
    /// The order of the groups of a ClientHello, where it is not rustls's.
    pub group_order: Vec<u16>,
    /// Whether a TLS 1.2 server signs with an RSA-PSS key.
    pub pss_key: bool,
    /// The certificate types and signature schemes of a TLS 1.2 CertificateRequest, instead of
    /// rustls's.
    pub request: Option<(Vec<u8>, Vec<u16>)>,
    /// The types of extensions that the peer may send and rustls does not know of.
    pub awaited: Vec<u16>,
    /// Whether such are looked for in tickets as well.
    pub reads_tickets: bool,
    /// Messages the transcript begins with, which rustls has not seen.
    pub before: Vec<u8>,
    /// Whether a ClientHello goes without the session id that TLS 1.3 has for middleboxes (RFC
    /// 8446, appendix D.4).
    pub without_session_id: bool,
    /// Whether a ClientHello of 256 to 511 bytes is padded to 512 (RFC 7685).
    pub padded: bool,
    /// The type of an extension that a ClientHello goes without.
    pub without: Option<u16>,
    /// The body of a ClientHello's extension that is there and empty.
    pub filled: Option<Extension>,
    /// Whether a TLS 1.2 server that rustls has send a ticket sends none.
    pub without_ticket: bool,
}

impl Changes {
    /// Whether a server has anything to do.
    pub(super) fn any_of_server(&self) -> bool {
        self.change_server() || !self.awaited.is_empty() || !self.before.is_empty()
    }

    /// Whether a server's messages change.
    pub(super) fn change_server(&self) -> bool {
        !self.extensions.is_empty()
            || self.source.is_some()
            || self.request.is_some()
            || self.session_id.is_some()
            || self.pss_key
            || self.without_ticket
    }

    /// Whether an extension of ours stands there.
    pub(in crate::engine) fn sends(&self, place: Place, kind: u16) -> bool {
        let wanted = |(at, (own, _)): &(Place, Extension)| *at == place && *own == kind;
        self.extensions.iter().any(wanted)
    }

    /// The extensions of a place as they go out.
    pub(super) fn encoded(&self, place: Place) -> Vec<u8> {
        let here = self.extensions.iter().filter(|(at, _)| *at == place);
        encoded(here.map(|(_, extension)| extension))
    }

    /// Whether a server's protected flight is changed.
    pub(super) fn touch_flight(&self) -> bool {
        let encrypted = |(place, _): &(Place, Extension)| *place == Place::EncryptedExtensions;
        self.source.is_some() || self.extensions.iter().any(encrypted)
    }
}
