//! Record headers judged before rustls sees them, in the order OpenSSL's record layer checks.

use super::record::HEADER;
use crate::engine::alert::{
    BAD_RECORD_MAC, DECODE_ERROR, HANDSHAKE_FAILURE, PROTOCOL_VERSION, RECORD_OVERFLOW,
    UNEXPECTED_MESSAGE,
};
use crate::foreign::err::{Error, Reason};

/// ContentType change_cipher_spec (RFC 8446, section 5.1).
pub const CHANGE_CIPHER_SPEC: u8 = 20;
/// ContentType alert.
pub const ALERT: u8 = 21;
/// ContentType handshake.
pub const HANDSHAKE: u8 = 22;
/// ContentType application_data.
pub const APPLICATION_DATA: u8 = 23;
/// SSL2_MT_CLIENT_HELLO.
const SSL2_CLIENT_HELLO: u8 = 1;

/// TLS1_2_VERSION, what every record but the first says.
pub(super) const TLS1_2: u16 = 0x0303;

/// The most a record holds (RFC 8446, section 5.1).
pub(super) const MAX_PLAIN: usize = 1 << 14;
/// SSL3_RT_MAX_ENCRYPTED_LENGTH without compression: what OpenSSL allows a TLS 1.2 record.
const MAX_TLS12: usize = MAX_PLAIN + 256 + 64;
/// SSL3_RT_MAX_TLS13_ENCRYPTED_LENGTH.
const MAX_TLS13: usize = MAX_PLAIN + 256;
/// What fits into OpenSSL's default read buffer behind a header.
const MAX_BUFFERED: usize = 16707;
/// The same behind the two-byte header of SSLv2.
const MAX_SSL2_BUFFERED: usize = 16710;
/// MIN_SSL2_RECORD_LEN.
const MIN_SSL2: usize = 9;

/// Why a record is not read, and what the peer is told.
#[derive(Debug, PartialEq, Eq)]
pub struct Rejected {
    /// For the error queue.
    pub error: Error,
    /// The fatal alert OpenSSL sends; `None` where it sends none: what does not look like TLS is
    /// not answered in TLS.
    pub alert: Option<u8>,
    /// The version of its record: OpenSSL answers a wrong one with the same.
    pub version: u16,
}

impl Rejected {
    /// Told so with `alert`.
    #[track_caller]
    pub fn new(reason: Reason, alert: impl Into<Option<u8>>) -> Self {
        Self {
            error: Error::reason(reason),
            alert: alert.into(),
            version: TLS1_2,
        }
    }
}

#[track_caller]
fn reject(reason: Reason, alert: impl Into<Option<u8>>) -> Result<(), Rejected> {
    Err(Rejected::new(reason, alert))
}

/// The version a handshake has settled on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreed {
    /// None: there was no hello of the server's.
    Nothing,
    /// None but for a HelloRetryRequest, after which it can only be TLS 1.3.
    Retry,
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// What a handshake's next record is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Whether it comes to a server.
    pub server: bool,
    /// Whether it is the first of all.
    pub first: bool,
    /// The version.
    pub agreed: Agreed,
    /// Whether TLS 1.2's records are protected from here on.
    pub protected: bool,
    /// Whether ours are, with TLS 1.2.
    pub own_protected: bool,
    /// Whether an alert may still come in the clear, with TLS 1.3.
    pub plain_alerts: bool,
}

impl Standing {
    /// Whether OpenSSL is at TLS 1.3: its client is not before the ServerHello.
    pub(super) fn is_tls13(&self) -> bool {
        self.agreed == Agreed::Tls13 || self.server && self.agreed == Agreed::Retry
    }
}

/// Looks at the first record's header, which may be anything: plain HTTP is recognised, and what
/// is not TLS at all is a wrong version number.
///
/// OpenSSL waits for the body before it rejects a type or a plaintext that is too long, and it
/// answers an SSLv2 ClientHello that names a TLS version, which rustls cannot.
fn check_first(header: &[u8; HEADER], server: bool) -> Result<(), Rejected> {
    let kind = header[0];
    if server && kind & 0x80 != 0 && header[2] == SSL2_CLIENT_HELLO {
        return reject_ssl2(header);
    }
    if header[1] != 3 {
        return reject(not_tls(header), None);
    }
    check_length(header, MAX_TLS12)?;
    if body(header) > MAX_PLAIN {
        return reject(Reason::DATA_LENGTH_TOO_LONG, RECORD_OVERFLOW);
    }
    match kind {
        HANDSHAKE | CHANGE_CIPHER_SPEC => Ok(()),
        ALERT if !server => Ok(()),
        _ => reject(Reason::UNEXPECTED_MESSAGE, UNEXPECTED_MESSAGE),
    }
}

/// Looks at the header of a record in a handshake.
pub fn check_handshake(header: &[u8; HEADER], standing: Standing) -> Result<(), Rejected> {
    if standing.first {
        return check_first(header, standing.server);
    }
    if standing.agreed == Agreed::Tls12 && version(header) != TLS1_2 {
        return reject_version(header, standing.own_protected);
    }
    if header[1] != 3 {
        return reject(Reason::WRONG_VERSION_NUMBER, PROTOCOL_VERSION);
    }
    if standing.agreed == Agreed::Tls13 {
        match header[0] {
            APPLICATION_DATA | CHANGE_CIPHER_SPEC => {}
            ALERT if standing.plain_alerts => {}
            _ => return reject(Reason::BAD_RECORD_TYPE, UNEXPECTED_MESSAGE),
        }
        if version(header) != TLS1_2 {
            return reject(Reason::WRONG_VERSION_NUMBER, DECODE_ERROR);
        }
    }
    check_length(
        header,
        match standing.is_tls13() {
            true => MAX_TLS13,
            false => MAX_TLS12,
        },
    )?;
    check_sealed(header, standing.protected)
}

/// Another version than TLS 1.2's, once that was agreed on: a peer that says an older one is
/// answered with it.
fn reject_version(header: &[u8; HEADER], own_protected: bool) -> Result<(), Rejected> {
    const SSL3: u16 = 0x0300;
    let mut rejected = Rejected::new(Reason::WRONG_VERSION_NUMBER, PROTOCOL_VERSION);
    if header[1] == 3 && !own_protected {
        rejected.version = version(header).min(TLS1_2);
        rejected.alert = match (header[0], version(header)) {
            (ALERT, _) => None,
            // SSL 3.0 has no protocol_version.
            (_, SSL3) => Some(HANDSHAKE_FAILURE),
            _ => rejected.alert,
        };
    }
    Err(rejected)
}

/// TLS 1.2's protected records are never empty, whatever their type.
fn check_sealed(header: &[u8; HEADER], protected: bool) -> Result<(), Rejected> {
    match protected && body(header) == 0 {
        true => reject(Reason::DECRYPTION_FAILED_OR_BAD_RECORD_MAC, BAD_RECORD_MAC),
        false => Ok(()),
    }
}

/// Looks at the header of a record on an established connection.
///
/// What it lets through may still fail to decrypt.
pub fn check_established(header: &[u8; HEADER], tls13: bool) -> Result<(), Rejected> {
    let expected = if tls13 {
        header[1] == 3
    } else {
        version(header) == TLS1_2
    };
    if !expected {
        return reject(Reason::WRONG_VERSION_NUMBER, PROTOCOL_VERSION);
    }
    if tls13 && header[0] != APPLICATION_DATA {
        return reject(Reason::BAD_RECORD_TYPE, UNEXPECTED_MESSAGE);
    }
    if version(header) != TLS1_2 {
        return reject(Reason::WRONG_VERSION_NUMBER, DECODE_ERROR);
    }
    check_length(header, if tls13 { MAX_TLS13 } else { MAX_TLS12 })?;
    check_sealed(header, !tls13)
}

fn version(header: &[u8; HEADER]) -> u16 {
    u16::from_be_bytes([header[1], header[2]])
}

fn body(header: &[u8; HEADER]) -> usize {
    usize::from(u16::from_be_bytes([header[3], header[4]]))
}

fn check_length(header: &[u8; HEADER], max: usize) -> Result<(), Rejected> {
    match body(header) {
        length if length > MAX_BUFFERED => reject(Reason::PACKET_LENGTH_TOO_LONG, RECORD_OVERFLOW),
        length if length > max => reject(Reason::ENCRYPTED_LENGTH_TOO_LONG, RECORD_OVERFLOW),
        _ => Ok(()),
    }
}

fn not_tls(header: &[u8; HEADER]) -> Reason {
    match header {
        [b'G', b'E', b'T', b' ', _] | [b'P', b'U', b'T', b' ', _] | b"POST " | b"HEAD " => {
            Reason::HTTP_REQUEST
        }
        b"CONNE" => Reason::HTTPS_PROXY_REQUEST,
        _ => Reason::WRONG_VERSION_NUMBER,
    }
}

fn reject_ssl2(header: &[u8; HEADER]) -> Result<(), Rejected> {
    let length = usize::from(u16::from_be_bytes([header[0] & 0x7f, header[1]]));
    if length > MAX_SSL2_BUFFERED {
        reject(Reason::PACKET_LENGTH_TOO_LONG, RECORD_OVERFLOW)
    } else if length < MIN_SSL2 {
        reject(Reason::LENGTH_TOO_SHORT, DECODE_ERROR)
    } else if header[3] == 3 {
        reject(Reason::UNSUPPORTED_PROTOCOL, PROTOCOL_VERSION)
    } else {
        reject(Reason::UNKNOWN_PROTOCOL, PROTOCOL_VERSION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(result: Result<(), Rejected>) -> Option<(Reason, Option<u8>)> {
        match result.err()? {
            Rejected {
                error: Error::Ssl { reason, .. },
                alert,
                ..
            } => Some((reason, alert)),
            rejected => panic!("{rejected:?}"),
        }
    }

    fn first(header: &[u8; HEADER], server: bool) -> Option<(Reason, Option<u8>)> {
        outcome(check_first(header, server))
    }

    fn established(header: [u8; HEADER], tls13: bool) -> Option<(Reason, Option<u8>)> {
        outcome(check_established(&header, tls13))
    }

    #[test]
    fn what_is_not_tls_gets_no_alert() {
        for server in [false, true] {
            for (header, reason) in [
                (b"GET /", Reason::HTTP_REQUEST),
                (b"GET h", Reason::HTTP_REQUEST),
                (b"PUT /", Reason::HTTP_REQUEST),
                (b"POST ", Reason::HTTP_REQUEST),
                (b"HEAD ", Reason::HTTP_REQUEST),
                (b"CONNE", Reason::HTTPS_PROXY_REQUEST),
                (b"POST/", Reason::WRONG_VERSION_NUMBER),
                (b"DELET", Reason::WRONG_VERSION_NUMBER),
                (b"HTTP/", Reason::WRONG_VERSION_NUMBER),
                (b"SSH-2", Reason::WRONG_VERSION_NUMBER),
                (&[22, 4, 0, 0, 5], Reason::WRONG_VERSION_NUMBER),
            ] {
                assert_eq!(first(header, server), Some((reason, None)), "{header:?}");
            }
        }
    }

    #[test]
    fn any_minor_version_opens_a_connection() {
        for minor in [0, 1, 3, 4, 255] {
            assert_eq!(first(&[22, 3, minor, 0, 5], true), None);
            assert_eq!(first(&[22, 3, minor, 0, 5], false), None);
        }
    }

    #[test]
    fn first_records_of_other_types() {
        let unexpected = Some((Reason::UNEXPECTED_MESSAGE, Some(10)));
        for kind in [0, 21, 23, 24, 99] {
            assert_eq!(first(&[kind, 3, 1, 0, 2], true), unexpected, "{kind}");
        }
        assert_eq!(first(&[21, 3, 1, 0, 2], false), None);
        assert_eq!(first(&[23, 3, 1, 0, 2], false), unexpected);
        assert_eq!(first(&[128, 3, 1, 0, 2], false), unexpected);
    }

    #[test]
    fn first_records_too_long() {
        for (length, reason) in [
            (16384_u16, None),
            (16385, Some(Reason::DATA_LENGTH_TOO_LONG)),
            (16704, Some(Reason::DATA_LENGTH_TOO_LONG)),
            (16705, Some(Reason::ENCRYPTED_LENGTH_TOO_LONG)),
            (16707, Some(Reason::ENCRYPTED_LENGTH_TOO_LONG)),
            (16708, Some(Reason::PACKET_LENGTH_TOO_LONG)),
            (65535, Some(Reason::PACKET_LENGTH_TOO_LONG)),
        ] {
            let [high, low] = length.to_be_bytes();
            let expected = reason.map(|reason| (reason, Some(22)));
            assert_eq!(first(&[22, 3, 1, high, low], true), expected, "{length}");
        }
    }

    #[test]
    fn ssl2_client_hellos() {
        assert_eq!(
            first(&[0x80, 8, 1, 3, 1], true),
            Some((Reason::LENGTH_TOO_SHORT, Some(50)))
        );
        assert_eq!(
            first(&[0x80, 46, 1, 0, 2], true),
            Some((Reason::UNKNOWN_PROTOCOL, Some(70)))
        );
        assert_eq!(
            first(&[0x80, 46, 1, 3, 3], true),
            Some((Reason::UNSUPPORTED_PROTOCOL, Some(70)))
        );
        assert_eq!(
            first(&[0xff, 0xff, 1, 3, 1], true),
            Some((Reason::PACKET_LENGTH_TOO_LONG, Some(22)))
        );
        assert_eq!(
            first(&[0x80, 46, 1, 3, 3], false),
            Some((Reason::WRONG_VERSION_NUMBER, None))
        );
    }

    #[test]
    fn established_connections() {
        let version = Some((Reason::WRONG_VERSION_NUMBER, Some(70)));
        let kind = Some((Reason::BAD_RECORD_TYPE, Some(10)));
        let long = Some((Reason::ENCRYPTED_LENGTH_TOO_LONG, Some(22)));
        for tls13 in [false, true] {
            assert_eq!(established([23, 3, 3, 0, 30], tls13), None);
            assert_eq!(established(*b"HTTP/", tls13), version);
            assert_eq!(established(*b"GET /", tls13), version);
        }
        assert_eq!(established([23, 3, 1, 0, 30], false), version);
        assert_eq!(
            established([23, 3, 1, 0, 30], true),
            Some((Reason::WRONG_VERSION_NUMBER, Some(50)))
        );
        assert_eq!(established([21, 3, 1, 0, 2], false), version);
        assert_eq!(established([21, 3, 1, 0, 2], true), kind);
        assert_eq!(established([99, 3, 3, 0, 30], false), None);
        assert_eq!(established([99, 3, 3, 0, 30], true), kind);
        assert_eq!(established([23, 3, 3, 0x41, 1], false), None);
        assert_eq!(established([23, 3, 3, 0x41, 1], true), long);
        assert_eq!(established([23, 3, 3, 0x41, 0x41], false), long);
    }
}
