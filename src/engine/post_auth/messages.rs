//! The messages of a post-handshake authentication (RFC 8446, sections 4.3.2 and 4.4).

use super::HEADER;
use crate::engine::handshake_type::{CERTIFICATE_REQUEST, CERTIFICATE_VERIFY, FINISHED};
use crate::engine::hello::codes;
use crate::engine::rewrite::{self, Extension};

/// A message with this body.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = (body.len() as u32).to_be_bytes().to_vec();
    message[0] = kind;
    message.extend_from_slice(body);
    message
}

/// Splits a vector with a length of `width` bytes off the front.
fn split_vector<'a>(bytes: &mut &'a [u8], width: usize) -> Option<&'a [u8]> {
    let (len, rest) = bytes.split_at_checked(width)?;
    let len = len
        .iter()
        .fold(0, |len, &byte| len << 8 | usize::from(byte));
    let (vector, rest) = rest.split_at_checked(len)?;
    *bytes = rest;
    Some(vector)
}

/// The body of a message.
fn body(message: &[u8]) -> &[u8] {
    message.get(HEADER..).unwrap_or_default()
}

/// The extensions in their list, if it is well formed.
fn extensions(mut list: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut found = Vec::new();
    while let Some((&[hi, lo], mut rest)) = list.split_first_chunk() {
        found.push((u16::from_be_bytes([hi, lo]), split_vector(&mut rest, 2)?));
        list = rest;
    }
    list.is_empty().then_some(found)
}

/// Which part of a message is not as long as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// The context or the list of certificates.
    Length,
    /// The extensions.
    Extensions,
    /// A certificate.
    Certificate,
}

/// A CertificateRequest.
pub struct CertificateRequest<'a> {
    /// What the answer is to begin with.
    pub context: &'a [u8],
    extensions: Vec<(u16, &'a [u8])>,
}

/// ExtensionType (RFC 8446, section 4.2).
const SIGNATURE_ALGORITHMS: u16 = 13;
const CERTIFICATE_AUTHORITIES: u16 = 47;

impl<'a> CertificateRequest<'a> {
    /// Reads the message.
    pub fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut rest = body(message);
        let context = split_vector(&mut rest, 1).ok_or(Malformed::Length)?;
        let list = split_vector(&mut rest, 2).ok_or(Malformed::Extensions)?;
        if !rest.is_empty() {
            return Err(Malformed::Length);
        }
        let extensions = extensions(list).ok_or(Malformed::Extensions)?;
        Ok(Self {
            context,
            extensions,
        })
    }

    fn extension(&self, kind: u16) -> Option<&'a [u8]> {
        let mut all = self.extensions.iter();
        Some(all.find(|(own, _)| *own == kind)?.1)
    }

    /// The signature schemes named; `None` without the extension or if it is malformed.
    pub fn schemes(&self) -> Option<Vec<u16>> {
        let mut rest = self.extension(SIGNATURE_ALGORITHMS)?;
        let list = split_vector(&mut rest, 2)?;
        let fine = rest.is_empty() && !list.is_empty() && list.len().is_multiple_of(2);
        fine.then(|| codes(list).collect())
    }

    /// The DER names of the authorities named; `None` if the extension is malformed.
    pub fn authorities(&self) -> Option<Vec<&'a [u8]>> {
        let Some(mut rest) = self.extension(CERTIFICATE_AUTHORITIES) else {
            return Some(Vec::new());
        };
        let mut list = split_vector(&mut rest, 2)?;
        let mut names = Vec::new();
        while !list.is_empty() {
            names.push(split_vector(&mut list, 2)?);
        }
        rest.is_empty().then_some(names)
    }

    /// The message with these schemes, authorities and more extensions.
    pub fn encode(
        context: &[u8],
        schemes: &[u16],
        authorities: &[Vec<u8>],
        more: &[Extension],
    ) -> Vec<u8> {
        let vector = |bytes: &[u8]| [&(bytes.len() as u16).to_be_bytes(), bytes].concat();
        let schemes: Vec<u8> = schemes.iter().flat_map(|code| code.to_be_bytes()).collect();
        let mut list = vec![(SIGNATURE_ALGORITHMS, vector(&schemes))];
        if !authorities.is_empty() {
            let names: Vec<u8> = authorities.iter().flat_map(|name| vector(name)).collect();
            list.push((CERTIFICATE_AUTHORITIES, vector(&names)));
        }
        let mut body = vec![context.len() as u8];
        body.extend_from_slice(context);
        let extensions = [rewrite::encoded(&list), rewrite::encoded(more)].concat();
        body.extend(vector(&extensions));
        message(CERTIFICATE_REQUEST, &body)
    }
}

/// A client's Certificate.
pub struct Certificate<'a> {
    /// That of the request.
    pub context: &'a [u8],
    /// The certificates in DER, leaf first.
    pub chain: Vec<&'a [u8]>,
}

impl<'a> Certificate<'a> {
    /// Reads the message. rustls reads no extensions here either.
    pub fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut rest = body(message);
        let context = split_vector(&mut rest, 1).ok_or(Malformed::Length)?;
        let mut list = split_vector(&mut rest, 3).ok_or(Malformed::Length)?;
        if !rest.is_empty() {
            return Err(Malformed::Length);
        }
        let mut chain = Vec::new();
        while !list.is_empty() {
            chain.push(split_vector(&mut list, 3).ok_or(Malformed::Certificate)?);
            let own = split_vector(&mut list, 2).ok_or(Malformed::Extensions)?;
            extensions(own).ok_or(Malformed::Extensions)?;
        }
        Ok(Self { context, chain })
    }

    /// The message of a chain whose certificates go with extensions.
    pub fn encode<'b>(
        context: &[u8],
        chain: impl IntoIterator<Item = (&'b [u8], Vec<Extension>)>,
    ) -> Vec<u8> {
        let entries = chain.into_iter();
        let entries = entries.map(|(der, extensions)| (der, rewrite::encoded(&extensions)));
        rewrite::certificate(Some(context), entries)
    }
}

/// A CertificateVerify.
pub struct CertificateVerify<'a> {
    /// The SignatureScheme.
    pub scheme: u16,
    /// The signature.
    pub signature: &'a [u8],
}

impl<'a> CertificateVerify<'a> {
    /// Reads the message; `None` if it is malformed.
    pub fn read(message: &'a [u8]) -> Option<Self> {
        let (&scheme, mut rest) = body(message).split_first_chunk()?;
        let signature = split_vector(&mut rest, 2)?;
        rest.is_empty().then_some(Self {
            scheme: u16::from_be_bytes(scheme),
            signature,
        })
    }

    /// The message.
    pub fn encode(&self) -> Vec<u8> {
        let mut body = self.scheme.to_be_bytes().to_vec();
        body.extend((self.signature.len() as u16).to_be_bytes());
        body.extend_from_slice(self.signature);
        message(CERTIFICATE_VERIFY, &body)
    }
}

/// A Finished.
pub struct Finished;

impl Finished {
    /// Its verify_data.
    pub fn read(message: &[u8]) -> &[u8] {
        body(message)
    }

    /// The message.
    pub fn encode(verify_data: &[u8]) -> Vec<u8> {
        message(FINISHED, verify_data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_as_it_was_made() {
        let names = [vec![0x30, 0], vec![0x30, 1, 5]];
        let made = CertificateRequest::encode(&[7; 3], &[0x0403, 0x0804], &names, &[(99, vec![1])]);
        let read = CertificateRequest::read(&made).unwrap();
        assert_eq!(read.context, [7; 3]);
        assert_eq!(read.schemes().unwrap(), [0x0403, 0x0804]);
        assert_eq!(read.authorities().unwrap(), names);
        assert_eq!(read.extension(99).unwrap(), [1]);
        for len in HEADER..made.len() {
            assert!(CertificateRequest::read(&made[..len]).is_err(), "{len}");
        }
        let long = [&made[..], &[0]].concat();
        assert_eq!(
            CertificateRequest::read(&long).err(),
            Some(Malformed::Length)
        );
        let none = CertificateRequest::encode(&[], &[0x0403], &[], &[]);
        let none = CertificateRequest::read(&none).unwrap();
        assert!(none.authorities().unwrap().is_empty());
    }

    #[test]
    fn a_certificate_is_read_as_it_was_made() {
        let chain = [(&[1, 2][..], vec![(5, vec![9])]), (&[3], Vec::new())];
        let made = Certificate::encode(&[7], chain);
        let read = Certificate::read(&made).unwrap();
        assert_eq!(read.context, [7]);
        assert_eq!(read.chain, [&[1, 2][..], &[3]]);
        for len in HEADER..made.len() {
            assert!(Certificate::read(&made[..len]).is_err(), "{len}");
        }
        let none = Certificate::encode(&[], []);
        assert!(Certificate::read(&none).unwrap().chain.is_empty());
    }

    #[test]
    fn a_signature_is_read_as_it_was_made() {
        let made = CertificateVerify {
            scheme: 0x0804,
            signature: &[1, 2, 3],
        };
        let made = made.encode();
        let read = CertificateVerify::read(&made).unwrap();
        assert_eq!((read.scheme, read.signature), (0x0804, &[1, 2, 3][..]));
        assert!(CertificateVerify::read(&made[..made.len() - 1]).is_none());
        assert!(CertificateVerify::read(&[&made[..], &[0]].concat()).is_none());
        assert_eq!(Finished::read(&Finished::encode(&[4])), [4]);
    }
}
