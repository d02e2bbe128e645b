//! Certificates, and requests for them.

use super::extension::{Place, schemes};
use super::names::CERTIFICATE_TYPES;
use super::text::{Bytes, Text};
use crate::foreign::print;

/// The Certificate message's content.
pub(super) fn certificates(
    text: &mut Text,
    indent: usize,
    place: Place,
    tls13: bool,
    mut rest: Bytes<'_>,
) -> Option<()> {
    if tls13 {
        rest.hex_vector(text, indent, "context", 1)?;
    }
    let mut list = rest.vector(3).filter(|_| rest.is_empty())?;
    let len = list.0.len();
    text.line(indent, format_args!("certificate_list, length={len}"));
    while !list.is_empty() {
        certificate(text, indent + 2, &mut list)?;
        if tls13 {
            place.extensions(text, indent + 2, &mut list)?;
        }
    }
    Some(())
}

fn certificate(text: &mut Text, indent: usize, list: &mut Bytes<'_>) -> Option<()> {
    let der = list.vector(3)?.0;
    text.indent(indent);
    text.put(format_args!("ASN.1Cert, length={}", der.len()));
    let printed = print::certificate(der);
    let used = match &printed {
        Some((details, used)) => {
            text.put(format_args!("\n------details-----\n"));
            text.raw(details);
            text.put(format_args!("------------------\n"));
            *used
        }
        None => {
            text.put(format_args!("<UNPARSABLE CERTIFICATE>\n"));
            0
        }
    };
    if used != der.len() {
        text.put(format_args!("<TRAILING GARBAGE AFTER CERTIFICATE>\n"));
    }
    Some(())
}

/// The CertificateRequest message's content.
pub(super) fn request(
    text: &mut Text,
    indent: usize,
    place: Place,
    tls13: bool,
    mut rest: Bytes<'_>,
) -> Option<()> {
    if tls13 {
        rest.hex_vector(text, indent, "request_context", 1)?;
        return place.extensions(text, indent, &mut rest);
    }
    let types = rest.vector(1)?;
    let len = types.0.len();
    text.line(indent, format_args!("certificate_types (len={len})"));
    types.list(text, indent + 2, 1, CERTIFICATE_TYPES)?;
    let algorithms = rest
        .vector(2)
        .filter(|list| list.0.len().is_multiple_of(2))?;
    let len = algorithms.0.len();
    text.line(indent, format_args!("signature_algorithms (len={len})"));
    schemes(text, indent + 2, algorithms)?;
    if rest.0.len() < 2 {
        return None;
    }
    text.indent(indent);
    let mut names = rest.vector(2)?;
    let len = names.0.len();
    text.put(format_args!("certificate_authorities (len={len})\n"));
    while !names.is_empty() {
        let der = names.vector(2)?.0;
        text.indent(indent + 2);
        text.put(format_args!("DistinguishedName (len={}): ", der.len()));
        match print::name(der) {
            Some(name) => text.raw(&name),
            None => text.put(format_args!("<UNPARSABLE DN>")),
        }
        text.put(format_args!("\n"));
    }
    rest.is_empty().then_some(())
}
