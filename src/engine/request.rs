//! TLS 1.2's CertificateRequest as it came (RFC 5246, section 7.4.4): rustls does not tell the
//! types of certificates, and leaves signature schemes out.

use super::handshake_type::CERTIFICATE_REQUEST;
use super::header::HANDSHAKE;
use super::hello::codes;
use super::messages::Messages;
use super::record::HEADER;

/// A peer's list is not kept beyond rustls's own limit on a message's length.
const LONGEST: usize = 0xffff;

/// What a client was asked.
#[derive(Default)]
pub(super) struct Request(Messages<CERTIFICATE_REQUEST>);

impl Request {
    /// Looks at records in the clear.
    pub(super) fn read(&mut self, mut records: &[u8]) {
        while let Some(&[HANDSHAKE, _, _, hi, lo]) = records.first_chunk::<HEADER>() {
            let end = HEADER + usize::from(u16::from_be_bytes([hi, lo]));
            let Some(body) = records
                .get(HEADER..end)
                .filter(|_| self.0.found.len() < LONGEST)
            else {
                return;
            };
            self.0.take(body);
            records = &records[end..];
        }
    }

    /// The types of certificates (ClientCertificateType) and the signature schemes.
    pub(super) fn lists(&self) -> Option<(&[u8], Vec<u16>)> {
        let (&count, rest) = self.0.found.split_first()?;
        let (types, rest) = rest.split_at_checked(usize::from(count))?;
        let (len, rest) = rest.split_first_chunk()?;
        let schemes = rest.get(..usize::from(u16::from_be_bytes(*len)))?;
        Some((types, codes(schemes).collect()))
    }
}
