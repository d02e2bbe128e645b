//! Extensions that go with a certificate, as a program gives them: SSL_CTX_use_serverinfo_ex(3).

use std::ffi::CStr;

use super::extension::{CustomExt, Handling, OLD_CONTEXT, Role};
use super::settings::Settings;
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::pem::{Block, blocks};

/// SSL_SERVERINFOV1: type, length, data.
const V1: u32 = 1;
/// SSL_SERVERINFOV2: context (SSL_EXT_*), type, length, data.
const V2: u32 = 2;

/// An extension that goes with a certificate.
#[derive(Debug, PartialEq, Eq)]
struct Entry<'a> {
    /// SSL_EXT_*.
    context: u32,
    /// Its type.
    kind: u16,
    /// What is sent.
    body: &'a [u8],
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

/// What stands in `info`, which is of the second format, for an extension.
pub fn body_of(info: &[u8], kind: u16) -> Option<Vec<u8>> {
    let mut known = entries(info)?.into_iter();
    let entry = known.find(|entry| entry.kind == kind)?;
    Some(entry.body.to_vec())
}

impl Settings {
    /// SSL_CTX_use_serverinfo_ex(3): what goes with the current certificate, instead of what did.
    /// It stays when it is refused because one of its extensions is handled already.
    pub fn use_serverinfo(&mut self, version: u32, info: &[u8]) -> Result<()> {
        if info.is_empty() {
            return Err(Error::reason(Reason::PASSED_NULL_PARAMETER));
        }
        let whole = match version {
            V1 => [&OLD_CONTEXT.to_be_bytes(), info].concat(),
            _ => info.to_vec(),
        };
        let invalid = || Error::reason(Reason::INVALID_SERVERINFO_DATA);
        let given: Vec<(u16, u32)> = entries(&whole)
            .filter(|_| matches!(version, V1 | V2))
            .ok_or_else(invalid)?
            .iter()
            .map(|entry| (entry.kind, entry.context))
            .collect();
        self.certs.set_serverinfo(whole);
        for (kind, context) in given {
            let added = self.add_custom_ext(kind.into(), |kind| CustomExt {
                kind,
                role: match context {
                    OLD_CONTEXT => Role::Server,
                    _ => Role::Both,
                },
                context,
                handler: Handling::ServerInfo,
            });
            if !added {
                return Err(invalid());
            }
        }
        Ok(())
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
    const OLD: [u8; 4] = OLD_CONTEXT.to_be_bytes();
    let name = block.name.as_slice();
    let (prefix, header) = match name {
        _ if name.len() < FIRST.len() => return Err(Error::reason(Reason::PEM_NAME_TOO_SHORT)),
        _ if name.starts_with(FIRST) => (&OLD[..], 4),
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
