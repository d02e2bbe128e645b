//! rustls's errors as OpenSSL reports the same events.
//!
//! What OpenSSL 3.0 answers was found by feeding its libssl the same bytes; where rustls's error
//! does not say enough to tell two of OpenSSL's reasons apart, the one of TLS 1.3 is given.

use rustls::Error as Tls;
use rustls::enums::ContentType;
use rustls::error::{
    AlertDescription, ApiMisuse, CertificateError, InvalidMessage, PeerIncompatible, PeerMisbehaved,
};

use crate::engine::alert::{
    DECODE_ERROR, HANDSHAKE_FAILURE, ILLEGAL_PARAMETER, INTERNAL_ERROR, PROTOCOL_VERSION,
    UNEXPECTED_MESSAGE,
};
use crate::foreign::err::{Error, Reason};

/// OpenSSL's reason for an alert received: SSL_AD_REASON_OFFSET + its code.
const ALERT_OFFSET: i32 = 1000;

/// The alert with which the peer ended the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeersAlert {
    /// Its AlertLevel: OpenSSL takes a warning in TLS 1.3 for a fatal alert.
    pub level: u8,
    /// Its AlertDescription.
    pub code: u8,
}

/// The alert that `err` is about.
pub fn peers_alert(err: &Tls) -> Option<PeersAlert> {
    let (level, alert) = match err {
        Tls::AlertReceived(alert) => (2, alert),
        Tls::PeerMisbehaved(PeerMisbehaved::IllegalWarningAlert(alert)) => (1, alert),
        _ => return None,
    };
    Some(PeersAlert {
        level,
        code: alert.0,
    })
}

/// Whether `err` is about a record, and not about what messages say.
pub fn is_of_record(err: &Tls) -> bool {
    matches!(
        err,
        Tls::DecryptError
            | Tls::AlertReceived(_)
            | Tls::InappropriateMessage { .. }
            | Tls::PeerSentOversizedRecord
    ) || matches!(err, Tls::PeerMisbehaved(why) if record_layer(why).is_some())
}

/// Whether the client showed another key than that of the session it offers.
pub fn is_of_binder(err: &Tls) -> bool {
    matches!(err, Tls::PeerMisbehaved(PeerMisbehaved::IncorrectBinder))
}

/// What ends up in the error queue for `err`. The data names rustls's cause; for an alert it is
/// OpenSSL's text.
#[track_caller]
pub fn ssl_error(err: &Tls, server: bool) -> Error {
    match peers_alert(err) {
        Some(alert) => alert_received(alert.code),
        None => Error::with_data(reason(err, server), err.to_string()),
    }
}

/// What ends up in the error queue for the peer's fatal alert.
#[track_caller]
pub fn alert_received(alert: u8) -> Error {
    Error::with_data(
        Reason(ALERT_OFFSET + i32::from(alert)),
        format!("SSL alert number {alert}"),
    )
}

fn reason(err: &Tls, server: bool) -> Reason {
    match err {
        Tls::InappropriateMessage {
            expect_types,
            got_type,
        } => inappropriate(expect_types, *got_type),
        Tls::InappropriateHandshakeMessage { .. } => Reason::UNEXPECTED_MESSAGE,
        Tls::InvalidMessage(invalid) => invalid_message(*invalid, server),
        Tls::PeerIncompatible(why) => incompatible(why, server),
        Tls::PeerMisbehaved(why) => misbehaved(why, server),
        Tls::InvalidCertificate(why) => certificate(why),
        Tls::DecryptError => Reason::DECRYPTION_FAILED_OR_BAD_RECORD_MAC,
        Tls::PeerSentOversizedRecord => Reason::DATA_LENGTH_TOO_LONG,
        Tls::NoApplicationProtocol => Reason::NO_APPLICATION_PROTOCOL,
        Tls::NoSuitableCertificate => Reason::NO_SHARED_CIPHER,
        Tls::HandshakeNotComplete => Reason::UNINITIALIZED,
        Tls::BadMaxFragmentSize => Reason::SSL3_EXT_INVALID_MAX_FRAGMENT_LENGTH,
        Tls::ApiMisuse(why) => misuse(why),
        Tls::General(why) if why == CANNOT_SIGN => Reason::EVP_LIB,
        // Out of random bytes or time, a signer or a provider that fails, ECH (never
        // configured), a bug: nothing the peer did.
        _ => Reason::INTERNAL_ERROR,
    }
}

/// What a signer of libcrypto's says that failed; the queue tells why.
pub(super) const CANNOT_SIGN: &str = "libcrypto could not sign";

/// The alert OpenSSL sends for `err`; `None` where it sends none.
pub fn alert(err: &Tls) -> Option<u8> {
    use InvalidMessage as I;
    use PeerMisbehaved as P;
    match err {
        Tls::AlertReceived(_) | Tls::PeerMisbehaved(P::IllegalWarningAlert(_)) => None,
        Tls::PeerMisbehaved(
            P::EmptyFragment
            | P::TooManyEmptyFragments
            | P::TooManyWarningAlertsReceived
            | P::IllegalTlsInnerPlaintext
            | P::IllegalTls13ContentType
            | P::MessageInterleavedWithHandshakeMessage,
        )
        | Tls::InvalidMessage(
            I::InvalidContentType
            | I::InvalidCcs
            | I::InvalidEmptyPayload
            | I::MissingData("AlertLevel" | "AlertDescription")
            | I::TrailingData("AlertMessagePayload"),
        ) => Some(UNEXPECTED_MESSAGE),
        // The peer's refusal: see [`super::warnings`].
        Tls::PeerMisbehaved(P::TooManyRenegotiationRequests) => Some(HANDSHAKE_FAILURE),
        Tls::InvalidMessage(
            I::InvalidKeyUpdate | I::HandshakePayloadTooLarge | I::IllegalEmptyList("CipherSuites"),
        )
        | Tls::PeerMisbehaved(P::IncorrectBinder) => Some(ILLEGAL_PARAMETER),
        Tls::PeerIncompatible(PeerIncompatible::NullCompressionRequired) => Some(DECODE_ERROR),
        Tls::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => {
            Some(PROTOCOL_VERSION)
        }
        // rustls sends general_error, which is newer.
        Tls::General(_) => Some(INTERNAL_ERROR),
        _ => Some(AlertDescription::try_from(err).ok()?.0),
    }
}

/// A record of a type that has no place here; the first record's type is seen to by
/// [`super::header`].
fn inappropriate(expected: &[ContentType], got: ContentType) -> Reason {
    match got {
        // rustls takes one in the clear on an established connection for what it says; OpenSSL
        // fails to decrypt it.
        ContentType::ChangeCipherSpec if expected.contains(&ContentType::ApplicationData) => {
            Reason::DECRYPTION_FAILED_OR_BAD_RECORD_MAC
        }
        ContentType::ChangeCipherSpec | ContentType::Handshake => Reason::UNEXPECTED_MESSAGE,
        _ if expected == [ContentType::ChangeCipherSpec] => Reason::UNEXPECTED_MESSAGE,
        _ => Reason::UNEXPECTED_RECORD,
    }
}

fn invalid_message(invalid: InvalidMessage, server: bool) -> Reason {
    use InvalidMessage as E;
    match invalid {
        E::InvalidContentType => Reason::UNEXPECTED_RECORD,
        E::UnknownProtocolVersion => Reason::WRONG_VERSION_NUMBER,
        E::HandshakePayloadTooLarge | E::CertificatePayloadTooLarge => {
            Reason::EXCESSIVE_MESSAGE_SIZE
        }
        E::MessageTooLarge => Reason::PACKET_LENGTH_TOO_LONG,
        E::InvalidEmptyPayload => Reason::BAD_LENGTH,
        // A protected one: of those in the clear [`super::clear`] judges.
        E::InvalidCcs => Reason::CCS_RECEIVED_EARLY,
        E::UnexpectedMessage(_) => Reason::UNEXPECTED_MESSAGE,
        E::MissingData("AlertLevel" | "AlertDescription")
        | E::TrailingData("AlertMessagePayload") => Reason::INVALID_ALERT,
        E::MissingData("ProtocolVersion" | "Random") | E::MessageTooShort if server => {
            Reason::LENGTH_TOO_SHORT
        }
        E::IllegalEmptyList("CipherSuites") => Reason::NO_CIPHERS_SPECIFIED,
        E::IllegalEmptyList("Compressions") => Reason::NO_COMPRESSION_SPECIFIED,
        E::IllegalEmptyList(_)
        | E::IllegalEmptyCertificateAuthoritiesExtension
        | E::NoSignatureSchemes
        | E::DuplicateExtension(_)
        | E::MisplacedExtension(_)
        | E::PreSharedKeyIsNotFinalExtension
        | E::InvalidServerName => Reason::BAD_EXTENSION,
        E::UnknownHelloRetryRequestExtension | E::UnknownCertificateExtension => {
            Reason::UNSOLICITED_EXTENSION
        }
        E::InvalidCertificateStatusType => Reason::UNSUPPORTED_STATUS_TYPE,
        E::InvalidCertRequest => Reason::INVALID_CONTEXT,
        E::InvalidDhParams => Reason::BAD_DH_VALUE,
        E::InvalidKeyUpdate | E::MissingData("KeyUpdateRequest") => Reason::BAD_KEY_UPDATE,
        E::UnsupportedCompression => Reason::UNSUPPORTED_COMPRESSION_ALGORITHM,
        E::UnsupportedCurveType => Reason::WRONG_CURVE,
        E::MissingKeyExchange | E::UnsupportedKeyExchangeAlgorithm(_) => {
            Reason::UNKNOWN_KEY_EXCHANGE_TYPE
        }
        _ => Reason::LENGTH_MISMATCH,
    }
}

fn incompatible(why: &PeerIncompatible, server: bool) -> Reason {
    use PeerIncompatible as E;
    match why {
        E::NoCipherSuitesInCommon if server => Reason::NO_SHARED_CIPHER,
        E::NoCipherSuitesInCommon => Reason::WRONG_CIPHER_RETURNED,
        E::NoKxGroupsInCommon if server => Reason::NO_SUITABLE_KEY_SHARE,
        E::NoKxGroupsInCommon => Reason::WRONG_CURVE,
        E::KeyShareExtensionRequired => Reason::NO_SUITABLE_KEY_SHARE,
        E::NamedGroupsExtensionRequired => Reason::MISSING_SUPPORTED_GROUPS_EXTENSION,
        E::NoSignatureSchemesInCommon if server => Reason::NO_SUITABLE_SIGNATURE_ALGORITHM,
        E::NoSignatureSchemesInCommon => Reason::WRONG_SIGNATURE_TYPE,
        E::NoCertificateRequestSignatureSchemesInCommon => Reason::NO_SUITABLE_SIGNATURE_ALGORITHM,
        E::SignatureAlgorithmsExtensionRequired => Reason::MISSING_SIGALGS_EXTENSION,
        E::ExtendedMainSecretExtensionRequired => Reason::INCONSISTENT_EXTMS,
        E::EcPointsExtensionRequired
        | E::NoEcPointFormatsInCommon
        | E::UncompressedEcPointsRequired => Reason::TLS_INVALID_ECPOINTFORMAT_LIST,
        E::NullCompressionRequired => Reason::NO_COMPRESSION_SPECIFIED,
        E::Tls12NotOffered
        | E::Tls12NotOfferedOrEnabled
        | E::ServerDoesNotSupportTls12Or13
        | E::ServerTlsVersionIsDisabledByOurConfig
        | E::SupportedVersionsExtensionRequired
        | E::Tls13RequiredForQuic => Reason::UNSUPPORTED_PROTOCOL,
        E::ServerSentHelloRetryRequestWithUnknownExtension
        | E::UnsolicitedCertificateTypeExtension => Reason::UNSOLICITED_EXTENSION,
        E::UnknownCertificateType(_) => Reason::UNKNOWN_CERTIFICATE_TYPE,
        E::MultipleRawKeys => Reason::WRONG_CERTIFICATE_TYPE,
        _ => Reason::BAD_EXTENSION,
    }
}

fn misbehaved(why: &PeerMisbehaved, server: bool) -> Reason {
    record_layer(why)
        .or_else(|| hello(why))
        .or_else(|| resumption(why))
        .unwrap_or_else(|| authentication(why, server))
}

/// Misbehaviour below the handshake messages.
fn record_layer(why: &PeerMisbehaved) -> Option<Reason> {
    use PeerMisbehaved as E;
    Some(match why {
        E::EmptyFragment => Reason::BAD_LENGTH,
        E::TooManyEmptyFragments => Reason::RECORD_TOO_SMALL,
        E::IllegalAlertLevel(..) => Reason::UNKNOWN_ALERT_TYPE,
        E::TooManyWarningAlertsReceived => Reason::TOO_MANY_WARN_ALERTS,
        E::IllegalMiddleboxChangeCipherSpec => Reason::INVALID_CCS_MESSAGE,
        E::IllegalTlsInnerPlaintext | E::IllegalTls13ContentType => Reason::BAD_RECORD_TYPE,
        E::MessageInterleavedWithHandshakeMessage
        | E::RejectedEarlyDataInterleavedWithHandshakeMessage => {
            Reason::MIXED_HANDSHAKE_AND_NON_HANDSHAKE_DATA
        }
        E::KeyEpochWithPendingFragment => Reason::NOT_ON_RECORD_BOUNDARY,
        E::KeyUpdateReceivedInQuicConnection => Reason::UNEXPECTED_MESSAGE,
        E::TooManyConsecutiveHandshakeMessagesAfterHandshake => Reason::TOO_MANY_KEY_UPDATES,
        E::TooManyRenegotiationRequests => Reason::NO_RENEGOTIATION,
        E::TooMuchEarlyDataReceived => Reason::TOO_MUCH_EARLY_DATA,
        _ => return None,
    })
}

/// Misbehaviour in ClientHello, HelloRetryRequest and ServerHello.
fn hello(why: &PeerMisbehaved) -> Option<Reason> {
    use PeerMisbehaved as E;
    Some(match why {
        E::AttemptedDowngradeToTls12WhenTls13IsSupported => Reason::INAPPROPRIATE_FALLBACK,
        E::SelectedDifferentProtocolVersionAfterRetry
        | E::OfferedEarlyDataWithOldProtocolVersion => Reason::WRONG_SSL_VERSION,
        E::SelectedTls12UsingTls13VersionExtension
        | E::IllegalHelloRetryRequestWithUnsupportedVersion => Reason::BAD_PROTOCOL_VERSION_NUMBER,
        E::CipherSuiteDifferedOnRetry | E::HandshakeHashVariedAfterRetry => Reason::BAD_CIPHER,
        E::SelectedUnofferedCipherSuite
        | E::SelectedDifferentCipherSuiteAfterRetry
        | E::IllegalHelloRetryRequestWithUnofferedCipherSuite => Reason::WRONG_CIPHER_RETURNED,
        E::SelectedUnofferedCompression => Reason::UNSUPPORTED_COMPRESSION_ALGORITHM,
        E::OfferedIncorrectCompressions => Reason::INVALID_COMPRESSION_ALGORITHM,
        E::SelectedUnofferedKxGroup => Reason::WRONG_CURVE,
        E::ServerHelloMustOfferUncompressedEcPoints => Reason::TLS_INVALID_ECPOINTFORMAT_LIST,
        E::IllegalHelloRetryRequestWithNoChanges => Reason::NO_CHANGE_FOLLOWING_HRR,
        E::IllegalHelloRetryRequestWithEmptyCookie => Reason::LENGTH_MISMATCH,
        E::IllegalHelloRetryRequestWithWrongSessionId
        | E::UnmatchedSessionId
        | E::ServerEchoedCompatibilitySessionId => Reason::INVALID_SESSION_ID,
        E::IllegalHelloRetryRequestWithOfferedGroup
        | E::IllegalHelloRetryRequestWithUnofferedNamedGroup
        | E::OfferedDuplicateKeyShares
        | E::RefusedToFollowHelloRetryRequest
        | E::WrongGroupForKeyShare => Reason::BAD_KEY_SHARE,
        E::MissingKeyShare => Reason::NO_SUITABLE_KEY_SHARE,
        E::InvalidKeyShare => Reason::BAD_ECPOINT,
        E::NonEmptyRenegotiationInfo => Reason::RENEGOTIATION_MISMATCH,
        E::UnsolicitedCertExtension
        | E::UnsolicitedEchExtension
        | E::UnsolicitedEncryptedExtension
        | E::UnsolicitedSctList
        | E::UnsolicitedServerHelloExtension => Reason::UNSOLICITED_EXTENSION,
        _ => return None,
    })
}

/// Misbehaviour with tickets, pre-shared keys and early data.
fn resumption(why: &PeerMisbehaved) -> Option<Reason> {
    use PeerMisbehaved as E;
    Some(match why {
        E::IncorrectBinder => Reason::BINDER_DOES_NOT_VERIFY,
        E::MissingPskModesExtension => Reason::MISSING_PSK_KEX_MODES_EXTENSION,
        E::SelectedInvalidPsk | E::SelectedUnofferedPsk => Reason::BAD_PSK_IDENTITY,
        E::ResumptionAttemptedWithVariedEms | E::ResumptionOfferedWithVariedEms => {
            Reason::INCONSISTENT_EXTMS
        }
        E::ResumptionOfferedWithVariedCipherSuite => Reason::OLD_SESSION_CIPHER_NOT_RETURNED,
        E::ResumptionOfferedWithIncompatibleCipherSuite => Reason::CIPHERSUITE_DIGEST_HAS_CHANGED,
        E::EarlyDataOfferedWithVariedCipherSuite => Reason::BAD_EARLY_DATA,
        E::InvalidMaxEarlyDataSize => Reason::INVALID_MAX_EARLY_DATA,
        _ => return None,
    })
}

/// Misbehaviour in the messages that authenticate; what is left is an extension's.
fn authentication(why: &PeerMisbehaved, server: bool) -> Reason {
    use PeerMisbehaved as E;
    match why {
        E::NoCertificatesPresented if server => Reason::PEER_DID_NOT_RETURN_A_CERTIFICATE,
        E::NoCertificatesPresented => Reason::LENGTH_MISMATCH,
        E::SignedHandshakeWithUnadvertisedSigScheme | E::SignedKxWithWrongAlgorithm => {
            Reason::WRONG_SIGNATURE_TYPE
        }
        E::IncorrectFinished => Reason::DIGEST_CHECK_FAILED,
        E::InvalidCertCompression => Reason::BAD_DECOMPRESSION,
        _ => Reason::BAD_EXTENSION,
    }
}

/// The chain is libcrypto's to judge: what comes here is a signature in the handshake, or our
/// own verdict on its way through rustls.
fn certificate(why: &CertificateError) -> Reason {
    match why {
        CertificateError::BadSignature => Reason::BAD_SIGNATURE,
        CertificateError::BadEncoding => Reason::ASN1_LIB,
        CertificateError::UnsupportedSignatureAlgorithm { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKey { .. } => {
            Reason::WRONG_SIGNATURE_TYPE
        }
        CertificateError::InvalidOcspResponse => Reason::INVALID_STATUS_RESPONSE,
        _ => Reason::CERTIFICATE_VERIFY_FAILED,
    }
}

fn misuse(why: &ApiMisuse) -> Reason {
    match why {
        ApiMisuse::WriteAfterSendPathClosed => Reason::PROTOCOL_IS_SHUTDOWN,
        ApiMisuse::NoCipherSuitesConfigured => Reason::NO_CIPHERS_AVAILABLE,
        ApiMisuse::NoKeyExchangeGroupsConfigured => Reason::NO_SUITABLE_GROUPS,
        _ => Reason::INTERNAL_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use rustls::error::AlertDescription;

    use super::*;

    fn entry(err: Tls, server: bool) -> (Reason, String) {
        match ssl_error(&err, server) {
            Error::Ssl { reason, data, .. } => (reason, data.unwrap_or_default().into_owned()),
            Error::Queued => panic!("{err} is queued"),
        }
    }

    #[test]
    fn alerts_are_1000_and_their_code() {
        let (reason, data) = entry(
            Tls::AlertReceived(AlertDescription::HandshakeFailure),
            false,
        );
        assert_eq!(reason, Reason::SSLV3_ALERT_HANDSHAKE_FAILURE);
        assert_eq!(data, "SSL alert number 40");
        let warning = PeerMisbehaved::IllegalWarningAlert(AlertDescription::UnrecognizedName);
        assert_eq!(
            entry(warning.into(), false).0,
            Reason::TLSV1_UNRECOGNIZED_NAME
        );
    }

    #[test]
    fn other_errors_name_rustlss_cause() {
        let (reason, data) = entry(PeerIncompatible::NoCipherSuitesInCommon.into(), true);
        assert_eq!(reason, Reason::NO_SHARED_CIPHER);
        assert_eq!(data, "peer is incompatible: NoCipherSuitesInCommon");
    }

    #[test]
    fn every_family_of_misbehaviour_is_found() {
        for (why, reason) in [
            (
                PeerMisbehaved::IllegalTlsInnerPlaintext,
                Reason::BAD_RECORD_TYPE,
            ),
            (
                PeerMisbehaved::SelectedUnofferedCipherSuite,
                Reason::WRONG_CIPHER_RETURNED,
            ),
            (
                PeerMisbehaved::IncorrectBinder,
                Reason::BINDER_DOES_NOT_VERIFY,
            ),
            (
                PeerMisbehaved::IncorrectFinished,
                Reason::DIGEST_CHECK_FAILED,
            ),
            (
                PeerMisbehaved::NoCertificatesPresented,
                Reason::PEER_DID_NOT_RETURN_A_CERTIFICATE,
            ),
        ] {
            assert_eq!(entry(why.into(), true).0, reason);
        }
    }
}
