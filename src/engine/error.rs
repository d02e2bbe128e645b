//! rustls's errors as OpenSSL reports the same events.

use rustls::Error as Tls;
use rustls::error::{CertificateError, InvalidMessage, PeerIncompatible, PeerMisbehaved};

use super::record::HEADER;
use crate::foreign::err::{Error, Reason};

/// OpenSSL's reason for an alert received: SSL_AD_REASON_OFFSET + its code.
const ALERT_OFFSET: i32 = 1000;

/// What ends up in the error queue for `err`.
pub fn ssl_error(err: &Tls, server: bool) -> Error {
    if let Tls::AlertReceived(alert) = err {
        let reason = Reason(ALERT_OFFSET + i32::from(alert.0));
        return Error::with_data(reason, format!("SSL alert number {}", alert.0));
    }
    Error::with_data(reason(err, server), err.to_string())
}

fn reason(err: &Tls, server: bool) -> Reason {
    match err {
        Tls::InappropriateMessage { .. } | Tls::InappropriateHandshakeMessage { .. } => {
            Reason::UNEXPECTED_MESSAGE
        }
        Tls::InvalidMessage(invalid) => invalid_message(*invalid),
        Tls::PeerIncompatible(why) => incompatible(why, server),
        Tls::PeerMisbehaved(why) => misbehaved(why),
        Tls::DecryptError => Reason::DECRYPTION_FAILED_OR_BAD_RECORD_MAC,
        Tls::PeerSentOversizedRecord => Reason::DATA_LENGTH_TOO_LONG,
        Tls::NoApplicationProtocol => Reason::NO_APPLICATION_PROTOCOL,
        Tls::NoSuitableCertificate => Reason::NO_SHARED_CIPHER,
        Tls::InvalidCertificate(CertificateError::BadSignature) => Reason::BAD_SIGNATURE,
        Tls::InvalidCertificate(CertificateError::BadEncoding) => Reason::ASN1_LIB,
        Tls::InvalidCertificate(_) => Reason::CERTIFICATE_VERIFY_FAILED,
        Tls::HandshakeNotComplete => Reason::UNINITIALIZED,
        Tls::BadMaxFragmentSize => Reason::SSL3_EXT_INVALID_MAX_FRAGMENT_LENGTH,
        _ => Reason::INTERNAL_ERROR,
    }
}

fn invalid_message(invalid: InvalidMessage) -> Reason {
    match invalid {
        InvalidMessage::InvalidContentType => Reason::UNEXPECTED_MESSAGE,
        InvalidMessage::UnknownProtocolVersion => Reason::WRONG_VERSION_NUMBER,
        InvalidMessage::HandshakePayloadTooLarge => Reason::EXCESSIVE_MESSAGE_SIZE,
        InvalidMessage::MessageTooLarge => Reason::PACKET_LENGTH_TOO_LONG,
        InvalidMessage::InvalidCcs => Reason::BAD_CHANGE_CIPHER_SPEC,
        _ => Reason::LENGTH_MISMATCH,
    }
}

fn incompatible(why: &PeerIncompatible, server: bool) -> Reason {
    match why {
        PeerIncompatible::NoCipherSuitesInCommon => Reason::NO_SHARED_CIPHER,
        PeerIncompatible::NoKxGroupsInCommon if server => Reason::NO_SHARED_GROUPS,
        PeerIncompatible::NoKxGroupsInCommon => Reason::WRONG_CURVE,
        PeerIncompatible::NoSignatureSchemesInCommon if server => {
            Reason::NO_SUITABLE_SIGNATURE_ALGORITHM
        }
        PeerIncompatible::NoSignatureSchemesInCommon => Reason::WRONG_SIGNATURE_TYPE,
        PeerIncompatible::NullCompressionRequired => Reason::NO_COMPRESSION_SPECIFIED,
        PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        | PeerIncompatible::SupportedVersionsExtensionRequired
        | PeerIncompatible::Tls13RequiredForQuic => Reason::UNSUPPORTED_PROTOCOL,
        _ => Reason::BAD_EXTENSION,
    }
}

fn misbehaved(why: &PeerMisbehaved) -> Reason {
    match why {
        PeerMisbehaved::NoCertificatesPresented => Reason::PEER_DID_NOT_RETURN_A_CERTIFICATE,
        PeerMisbehaved::TooManyEmptyFragments => Reason::RECORD_TOO_SMALL,
        PeerMisbehaved::EmptyFragment => Reason::BAD_LENGTH,
        PeerMisbehaved::TooManyWarningAlertsReceived => Reason::TOO_MANY_WARN_ALERTS,
        PeerMisbehaved::IncorrectFinished => Reason::DIGEST_CHECK_FAILED,
        PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme
        | PeerMisbehaved::SignedKxWithWrongAlgorithm => Reason::WRONG_SIGNATURE_TYPE,
        PeerMisbehaved::SelectedUnofferedCipherSuite
        | PeerMisbehaved::SelectedUnofferedKxGroup
        | PeerMisbehaved::SelectedDifferentCipherSuiteAfterRetry => Reason::WRONG_CIPHER_RETURNED,
        PeerMisbehaved::MessageInterleavedWithHandshakeMessage => Reason::UNEXPECTED_RECORD,
        _ => Reason::BAD_EXTENSION,
    }
}

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

/// Looks at the first record's header before anything is parsed, as OpenSSL does: plain HTTP is
/// recognised, and what is not TLS at all is a wrong version number.
pub fn check_first_header(header: &[u8; HEADER], server: bool) -> Result<(), Error> {
    let sslv2 = server && header[0] & 0x80 != 0 && header[2] == 1;
    if header[1] == 3 && matches!(header[0], ALERT | HANDSHAKE | 20 | 23) {
        return Ok(());
    }
    Err(Error::reason(match (server, &header[..]) {
        (true, b"GET /" | b"POST " | b"HEAD " | b"PUT /" | b"PUT h") => Reason::HTTP_REQUEST,
        (true, [b'G', b'E', b'T', b' ', _] | [b'P', b'U', b'T', b' ', _]) => Reason::HTTP_REQUEST,
        (true, b"CONNE") => Reason::HTTPS_PROXY_REQUEST,
        _ if sslv2 => Reason::UNSUPPORTED_PROTOCOL,
        _ => Reason::WRONG_VERSION_NUMBER,
    }))
}
