//! Extensions.

use super::names::{
    EXTENSIONS, FRAGMENT_LENGTHS, GROUPS, POINT_FORMATS, PSK_MODES, SCHEMES, VERSIONS,
};
use super::text::{Bytes, Text, name};

/// ExtensionType (RFC 8446, section 4.2, and the IANA's registry).
mod kind {
    pub(super) const MAX_FRAGMENT_LENGTH: u16 = 1;
    pub(super) const SUPPORTED_GROUPS: u16 = 10;
    pub(super) const EC_POINT_FORMATS: u16 = 11;
    pub(super) const SIGNATURE_ALGORITHMS: u16 = 13;
    pub(super) const ALPN: u16 = 16;
    pub(super) const SESSION_TICKET: u16 = 35;
    pub(super) const EARLY_DATA: u16 = 42;
    pub(super) const SUPPORTED_VERSIONS: u16 = 43;
    pub(super) const PSK_KEX_MODES: u16 = 45;
    pub(super) const KEY_SHARE: u16 = 51;
    pub(super) const RENEGOTIATE: u16 = 0xff01;
}

/// In which message extensions stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Whether it is a server's.
    pub(super) from_server: bool,
    /// Whether it is a NewSessionTicket.
    pub(super) ticket: bool,
}

/// The whole of a vector with a length of `width` bytes, and nothing behind it.
fn whole(mut body: Bytes<'_>, width: usize) -> Option<Bytes<'_>> {
    let list = body.vector(width)?;
    body.is_empty().then_some(list)
}

/// Signature schemes, each in a line.
pub(super) fn schemes(text: &mut Text, indent: usize, mut list: Bytes<'_>) -> Option<()> {
    if !list.0.len().is_multiple_of(2) {
        return None;
    }
    while let Some(code) = list.code() {
        let known = name(SCHEMES, code);
        text.line(indent, format_args!("{known} (0x{code:04x})"));
    }
    Some(())
}

impl Place {
    /// A message's extensions with their length; takes them off `rest`.
    pub(super) fn extensions(
        self,
        text: &mut Text,
        indent: usize,
        rest: &mut Bytes<'_>,
    ) -> Option<()> {
        text.indent(indent);
        if rest.is_empty() {
            text.put(format_args!("No extensions\n"));
            return Some(());
        }
        let mut list = rest.vector(2)?;
        if list.is_empty() {
            text.put(format_args!("No extensions\n"));
            return Some(());
        }
        let len = list.0.len();
        text.put(format_args!("extensions, length = {len}\n"));
        while !list.is_empty() {
            let all = list;
            let (kind, len) = (list.code()?, list.number(2)?);
            let Some(body) = list.take(len) else {
                text.put(format_args!(
                    "extensions, extype = {kind}, extlen = {len}\n"
                ));
                text.dump(indent + 2, all.0);
                return None;
            };
            self.extension(text, indent + 2, kind, Bytes(body))?;
        }
        Some(())
    }

    fn extension(
        self,
        text: &mut Text,
        indent: usize,
        kind: u16,
        mut body: Bytes<'_>,
    ) -> Option<()> {
        let (known, len) = (name(EXTENSIONS, kind), body.0.len());
        text.line(
            indent,
            format_args!("extension_type={known}({kind}), length={len}"),
        );
        let (list, deep) = (indent + 2, indent + 4);
        match kind {
            kind::MAX_FRAGMENT_LENGTH if body.is_empty() => None,
            kind::MAX_FRAGMENT_LENGTH => body.list(text, list, 1, FRAGMENT_LENGTHS),
            kind::EC_POINT_FORMATS => whole(body, 1)?.list(text, list, 1, POINT_FORMATS),
            kind::SUPPORTED_GROUPS => whole(body, 2)?.list(text, list, 2, GROUPS),
            kind::ALPN => protocols(text, list, whole(body, 2)?),
            kind::SIGNATURE_ALGORITHMS => schemes(text, list, whole(body, 2)?),
            kind::RENEGOTIATE => self.renegotiation(text, deep, whole(body, 1)?),
            kind::SESSION_TICKET => {
                if !body.is_empty() {
                    text.hex(deep, "ticket", body.0);
                }
                Some(())
            }
            kind::KEY_SHARE if self.from_server && len == 2 => group(text, deep, body.code()?),
            kind::KEY_SHARE if self.from_server && len > 2 => shares(text, deep, body),
            kind::KEY_SHARE => shares(text, deep, whole(body, 2)?),
            kind::SUPPORTED_VERSIONS if self.from_server => {
                let version = body.code().filter(|_| len == 2)?;
                let known = name(VERSIONS, version);
                text.line(deep, format_args!("{known} ({version})"));
                Some(())
            }
            kind::SUPPORTED_VERSIONS => whole(body, 1)?.list(text, list, 2, VERSIONS),
            kind::PSK_KEX_MODES => whole(body, 1)?.list(text, list, 1, PSK_MODES),
            kind::EARLY_DATA if self.ticket => {
                let max = body.long().filter(|_| len == 4)?;
                text.line(list, format_args!("max_early_data={max}"));
                Some(())
            }
            kind::EARLY_DATA => Some(()),
            _ => {
                text.dump(list, body.0);
                Some(())
            }
        }
    }

    /// RFC 5746, section 3.2: nothing in a first handshake.
    fn renegotiation(self, text: &mut Text, indent: usize, data: Bytes<'_>) -> Option<()> {
        if data.is_empty() {
            text.line(indent, format_args!("<EMPTY>"));
            return Some(());
        }
        if !self.from_server {
            text.hex(indent, "client_verify_data", data.0);
            return Some(());
        }
        if !data.0.len().is_multiple_of(2) {
            return None;
        }
        let (client, server) = data.0.split_at(data.0.len() / 2);
        text.hex(indent, "client_verify_data", client);
        text.hex(indent, "server_verify_data", server);
        Some(())
    }
}

fn protocols(text: &mut Text, indent: usize, mut list: Bytes<'_>) -> Option<()> {
    while !list.is_empty() {
        let protocol = list.vector(1)?;
        text.indent(indent);
        text.raw(protocol.0);
        text.put(format_args!("\n"));
    }
    Some(())
}

fn group(text: &mut Text, indent: usize, code: u16) -> Option<()> {
    let known = name(GROUPS, code);
    text.line(indent, format_args!("NamedGroup: {known} ({code})"));
    Some(())
}

fn shares(text: &mut Text, indent: usize, mut list: Bytes<'_>) -> Option<()> {
    while !list.is_empty() {
        let code = list.code()?;
        let share = list.vector(2)?;
        group(text, indent, code)?;
        text.hex(indent, "key_exchange: ", share.0);
    }
    Some(())
}
