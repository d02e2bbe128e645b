//! Extensions that go with a certificate, as a program gives them: SSL_CTX_use_serverinfo_ex(3).

use std::ffi::CStr;
use std::sync::Arc;

use super::certs::Certs;
use super::extension::is_builtin;
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::pem::{Block, blocks};

/// SSL_SERVERINFOV1: type, length, data.
const V1: u32 = 1;
/// SSL_SERVERINFOV2: context (SSL_EXT_*), type, length, data.
const V2: u32 = 2;
/// The context OpenSSL gives to what is of the first format: a ServerHello of TLS 1.2, unless a
/// session is resumed.
const V1_CONTEXT: [u8; 4] = [0, 0, 1, 0xd0];
/// signed_certificate_timestamp: OpenSSL handles it and lets programs all the same.
const TIMESTAMPS: u16 = 18;

/// An extension that goes with a certificate.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// SSL_EXT_*.
    pub context: u32,
    /// Its type.
    pub kind: u16,
    /// What is sent.
    pub body: &'a [u8],
}

/// The extensions in `info`, which is of the second format; `None` for bytes that are not.
fn entries(info: &[u8]) -> Option<Vec<Entry<'_>>> {
    let mut found = Vec::new();
    let mut rest = info;
    while !rest.is_empty() {
        let (context, more) = rest.split_first_chunk()?;
        let (kind, more) = more.split_first_chunk()?;
        let (len, more) = more.split_first_chunk()?;
        let (body, more) = more.split_at_checked(u16::from_be_bytes(*len).into())?;
        found.push(Entry {
            context: u32::from_be_bytes(*context),
            kind: u16::from_be_bytes(*kind),
            body,
        });
        rest = more;
    }
    Some(found)
}

impl Certs {
    /// SSL_CTX_use_serverinfo_ex(3): what goes with the current certificate, instead of what did.
    /// Each extension may be given once to a context.
    pub fn use_serverinfo(&mut self, version: u32, info: &[u8]) -> Result<()> {
        if info.is_empty() {
            return Err(Error::reason(Reason::PASSED_NULL_PARAMETER));
        }
        let whole = match version {
            V1 => [&V1_CONTEXT, info].concat(),
            _ => info.to_vec(),
        };
        let invalid = || Error::reason(Reason::INVALID_SERVERINFO_DATA);
        let types: Vec<u16> = entries(&whole)
            .filter(|_| matches!(version, V1 | V2))
            .ok_or_else(invalid)?
            .iter()
            .map(|entry| entry.kind)
            .collect();
        self.current_mut().serverinfo = Some(Arc::from(whole));
        for kind in types {
            let builtin = is_builtin(kind.into()) && kind != TIMESTAMPS;
            if builtin || self.serverinfo_types.contains(&kind) {
                return Err(invalid());
            }
            self.serverinfo_types.push(kind);
        }
        Ok(())
    }

    /// Shows what goes with the certificate of a slot.
    pub fn each_serverinfo(&self, slot: usize, show: impl FnMut(Entry<'_>)) {
        let info = self.serverinfo(slot);
        let known = info.and_then(entries);
        known.into_iter().flatten().for_each(show);
    }

    /// Whether something goes with a certificate.
    pub fn has_serverinfo(&self) -> bool {
        !self.serverinfo_types.is_empty()
    }

    /// SSL_CTX_use_serverinfo_file(3): each PEM block is one extension.
    pub fn use_serverinfo_file(&mut self, file: &CStr) -> Result<()> {
        let blocks = blocks(file)?;
        if blocks.is_empty() {
            return Err(Error::reason(Reason::NO_PEM_EXTENSIONS));
        }
        let mut info = Vec::new();
        for block in &blocks {
            info.extend(extension(block)?);
        }
        self.use_serverinfo(V2, &info)
    }
}

/// What a block of a file holds, in the second format.
fn extension(block: &Block) -> Result<Vec<u8>> {
    const FIRST: &[u8] = b"SERVERINFO FOR ";
    const SECOND: &[u8] = b"SERVERINFOV2 FOR ";
    let name = block.name.as_slice();
    let (prefix, header) = match name {
        _ if name.len() < FIRST.len() => return Err(Error::reason(Reason::PEM_NAME_TOO_SHORT)),
        _ if name.starts_with(FIRST) => (&V1_CONTEXT[..], 4),
        _ if name.len() < SECOND.len() => return Err(Error::reason(Reason::PEM_NAME_TOO_SHORT)),
        _ if name.starts_with(SECOND) => (&[][..], 8),
        _ => return Err(Error::reason(Reason::PEM_NAME_BAD_PREFIX)),
    };
    let len = block.data.get(header - 2..header);
    let whole = len.is_some_and(|len| {
        usize::from(u16::from_be_bytes([len[0], len[1]])) == block.data.len() - header
    });
    match whole {
        true => Ok([prefix, &block.data].concat()),
        false => Err(Error::reason(Reason::BAD_DATA)),
    }
}
