//! Handshake messages with more or fewer extensions, and the records that carry them in the clear.

use std::ops::Range;

use super::Extension;
use crate::engine::handshake_type::{
    CERTIFICATE, CERTIFICATE_REQUEST, CLIENT_HELLO, ENCRYPTED_EXTENSIONS, NEW_SESSION_TICKET,
    SERVER_HELLO,
};
use crate::engine::header::HANDSHAKE;
use crate::engine::record::HEADER;
use crate::engine::server_hello::chosen_version;

const TLS1_3: u16 = 0x0304;
/// A message's header: type and length.
pub(super) const MESSAGE_HEADER: usize = 4;

/// The range of a vector with a length of `width` bytes at `at`.
fn vector(message: &[u8], at: usize, width: usize) -> Option<Range<usize>> {
    let len = message.get(at..at + width)?.iter();
    let len = len.fold(0usize, |len, &byte| len << 8 | usize::from(byte));
    Some(at + width..at + width + len)
}

/// The length of the message at the start of `messages`, header included.
pub(super) fn length(messages: &[u8]) -> Option<usize> {
    Some(vector(messages, 1, 3)?.end)
}

/// The message at the start of `messages`, if it is whole, and what follows.
pub(super) fn split_first(messages: &[u8]) -> Option<(&[u8], &[u8])> {
    messages.split_at_checked(length(messages)?)
}

/// Where the length of a ClientHello's suites stands.
fn suites_at(hello: &[u8]) -> Option<usize> {
    Some(vector(hello, MESSAGE_HEADER + 2 + 32, 1)?.end)
}

/// Where the length of a message's extensions stands. Certificate has one for each certificate.
fn extensions_at(message: &[u8]) -> Option<usize> {
    Some(match *message.first()? {
        CLIENT_HELLO => {
            let suites = vector(message, suites_at(message)?, 2)?.end;
            vector(message, suites, 1)?.end
        }
        // A suite and a compression method follow the session id.
        SERVER_HELLO => vector(message, MESSAGE_HEADER + 2 + 32, 1)?.end + 3,
        ENCRYPTED_EXTENSIONS => MESSAGE_HEADER,
        CERTIFICATE_REQUEST => vector(message, MESSAGE_HEADER, 1)?.end,
        NEW_SESSION_TICKET => {
            let nonce = vector(message, MESSAGE_HEADER + 8, 1)?.end;
            vector(message, nonce, 2)?.end
        }
        _ => return None,
    })
}

/// Makes the length of `width` bytes at `at` larger.
fn grow(message: &mut [u8], at: usize, width: usize, by: isize) -> Option<()> {
    let field = message.get_mut(at..at + width)?;
    let mut bytes = [0; 8];
    bytes[8 - width..].copy_from_slice(field);
    let len = u64::from_be_bytes(bytes).checked_add_signed(by as i64)?;
    if len >> (8 * width) != 0 {
        return None;
    }
    field.copy_from_slice(&len.to_be_bytes()[8 - width..]);
    Some(())
}

/// Extensions as they stand in a message.
pub(in crate::engine) fn encoded<'a>(
    extensions: impl IntoIterator<Item = &'a Extension>,
) -> Vec<u8> {
    let mut out = Vec::new();
    for (kind, body) in extensions {
        out.extend_from_slice(&kind.to_be_bytes());
        out.extend_from_slice(&(body.len() as u16).to_be_bytes());
        out.extend_from_slice(body);
    }
    out
}

/// The message with suites at the end of its list and extensions before its own; `None` when it
/// has no room. The end of the message, where pre_shared_key has its place, may be missing.
pub(super) fn added_to(message: &[u8], suites: &[u8], extensions: &[u8]) -> Option<Vec<u8>> {
    let extensions_at = extensions_at(message)?;
    let mut new = message.to_vec();
    let mut by = extensions.len();
    if new.len() == extensions_at && !extensions.is_empty() {
        new.extend([0, 0]);
        by += 2;
    }
    if !extensions.is_empty() {
        grow(&mut new, extensions_at, 2, extensions.len() as isize)?;
        let front = extensions_at + 2;
        new.splice(front..front, extensions.iter().copied());
    }
    if !suites.is_empty() {
        let at = suites_at(message)?;
        let end = vector(message, at, 2)?.end;
        grow(&mut new, at, 2, suites.len() as isize)?;
        new.splice(end..end, suites.iter().copied());
        by += suites.len();
    }
    grow(&mut new, 1, 3, by as isize)?;
    Some(new)
}

/// An extension in a message.
struct Found {
    kind: u16,
    /// Type and length included.
    whole: Range<usize>,
    body: Range<usize>,
}

/// The extensions whose length stands at `at`, as far as `message` goes.
fn found(message: &[u8], at: usize) -> Option<Vec<Found>> {
    let block = vector(message, at, 2)?;
    let (mut list, mut next) = (Vec::new(), block.start);
    while next < block.end.min(message.len()) {
        let &[a, b, ..] = message.get(next..)?.first_chunk::<4>()?;
        let body = vector(message, next + 2, 2).filter(|body| body.end <= block.end)?;
        let whole = next..body.end;
        next = body.end;
        list.push(Found {
            kind: u16::from_be_bytes([a, b]),
            whole,
            body,
        });
    }
    Some(list)
}

/// The message with another body in the extension `kind`; `None` if it has none.
pub(super) fn with_body(message: &[u8], kind: u16, body: &[u8]) -> Option<Vec<u8>> {
    let at = extensions_at(message)?;
    let list = found(message, at)?;
    let old = &list.iter().find(|ext| ext.kind == kind)?.body;
    let mut new = message.to_vec();
    let by = body.len() as isize - old.len() as isize;
    grow(&mut new, old.start - 2, 2, by)?;
    grow(&mut new, at, 2, by)?;
    grow(&mut new, 1, 3, by)?;
    new.get(old.clone())?;
    new.splice(old.clone(), body.iter().copied());
    Some(new)
}

/// A ClientHello whose supported_groups (RFC 8446, section 4.2.7) come in this order; `None` if it
/// has none. The end of the message may be missing.
pub(super) fn with_groups_ordered(hello: &[u8], order: &[u16]) -> Option<Vec<u8>> {
    const SUPPORTED_GROUPS: u16 = 10;
    let at = extensions_at(hello)?;
    let list = found(hello, at)?;
    let old = list.into_iter().find(|ext| ext.kind == SUPPORTED_GROUPS)?;
    let body = hello.get(old.body)?;
    let (len, groups) = body.split_at_checked(2)?;
    let mut groups: Vec<&[u8]> = groups.chunks_exact(2).collect();
    groups.sort_by_key(|group| order.iter().position(|code| code.to_be_bytes() == **group));
    with_body(hello, SUPPORTED_GROUPS, &[len, &groups.concat()].concat())
}

/// A hello without its extension of this type; `None` if it has none. The end of the message
/// may be missing.
pub(in crate::engine) fn without_extension(hello: &[u8], kind: u16) -> Option<Vec<u8>> {
    let at = extensions_at(hello)?;
    let found = found(hello, at)?.into_iter().find(|ext| ext.kind == kind)?;
    let by = -(found.whole.len() as isize);
    let mut new = hello.to_vec();
    grow(&mut new, 1, 3, by)?;
    grow(&mut new, at, 2, by)?;
    new.get(found.whole.clone())?;
    new.drain(found.whole);
    Some(new)
}

/// Whether this is a whole ClientHello that names no signature_algorithms.
pub(in crate::engine) fn names_no_schemes(hello: &[u8]) -> bool {
    let named = || {
        let at = extensions_at(hello).filter(|_| hello[0] == CLIENT_HELLO)?;
        if hello.len() == at {
            return Some(false);
        }
        let block = vector(hello, at, 2).filter(|block| block.end == hello.len())?;
        let mut next = block.start;
        while next < block.end {
            if hello
                .get(next..)?
                .starts_with(&super::SIGNATURE_ALGORITHMS.to_be_bytes())
            {
                return Some(true);
            }
            next = vector(hello, next + 2, 2)?.end;
        }
        Some(false)
    };
    named() == Some(false)
}

/// A ClientHello with the schemes that are taken for granted where it names none (RFC 5246, section
/// 7.4.1.4.1): without any rustls refuses it before it looks at anything else.
pub(in crate::engine) fn with_default_schemes(hello: &[u8]) -> Option<Vec<u8>> {
    /// rsa_pkcs1_sha1 and ecdsa_sha1, as the extension stands in a hello.
    const DEFAULT: [u8; 10] = [0, 13, 0, 6, 0, 4, 2, 1, 2, 3];
    added_to(hello, &[], &DEFAULT)
}

/// The message with `body` in its first extension of type `kind`, if that is empty. The end of the
/// message may be missing.
pub(super) fn filled(message: &[u8], kind: u16, body: &[u8]) -> Option<Vec<u8>> {
    let list = found(message, extensions_at(message)?)?;
    let first = list.iter().find(|ext| ext.kind == kind)?;
    first
        .body
        .is_empty()
        .then(|| with_body(message, kind, body))?
}

/// The padding extension for a ClientHello that grows by `growth` bytes, if its length is one that
/// some servers do not take (RFC 7685). The end of the message may be missing.
pub(super) fn padding(hello: &[u8], growth: usize) -> Vec<u8> {
    const PADDING: u16 = 21;
    const TAKEN: usize = 512;
    const HEADER: usize = 4;
    let Some(&[_, a, b, c]) = hello.first_chunk::<MESSAGE_HEADER>() else {
        return Vec::new();
    };
    let len = MESSAGE_HEADER + u32::from_be_bytes([0, a, b, c]) as usize + growth;
    if !(256..TAKEN).contains(&len) {
        return Vec::new();
    }
    // Never empty: some servers do not take that either.
    let zeros = (TAKEN - len).saturating_sub(HEADER).max(1);
    let [kind, len] = [PADDING, zeros as u16].map(u16::to_be_bytes);
    [&kind[..], &len, &vec![0; zeros]].concat()
}

/// Where a hello's session id stands.
fn session_id(hello: &[u8]) -> Option<Range<usize>> {
    vector(hello, MESSAGE_HEADER + 2 + 32, 1).filter(|id| id.end <= hello.len())
}

/// A ClientHello without its session id, and that id. The end of the message may be missing.
pub(super) fn without_session_id(hello: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let id = session_id(hello).filter(|_| hello[0] == CLIENT_HELLO)?;
    let mut new = hello.to_vec();
    let taken = new.drain(id.clone()).collect();
    new[id.start - 1] = 0;
    grow(&mut new, 1, 3, -(id.len() as isize))?;
    Some((new, taken))
}

/// A ServerHello with another session id in place of the one it has; `None` if it has none.
pub(super) fn with_other_session_id(hello: &[u8], id: &[u8]) -> Option<Vec<u8>> {
    let old = session_id(hello).filter(|old| !old.is_empty())?;
    with_session_id(hello, old, id)
}

/// A TLS 1.3 ServerHello that has no session id with `id`; `None` for other messages.
pub(super) fn with_hidden_session_id(hello: &[u8], id: &[u8]) -> Option<Vec<u8>> {
    if id.is_empty() || !is_tls13_answer(hello) {
        return None;
    }
    let none = session_id(hello).filter(Range::is_empty)?;
    with_session_id(hello, none, id)
}

fn with_session_id(hello: &[u8], old: Range<usize>, id: &[u8]) -> Option<Vec<u8>> {
    let mut new = hello.to_vec();
    new[old.start - 1] = u8::try_from(id.len()).ok()?;
    grow(&mut new, 1, 3, id.len() as isize - old.len() as isize)?;
    new.splice(old, id.iter().copied());
    Some(new)
}

/// Whether a message is a ServerHello or HelloRetryRequest of TLS 1.3.
fn is_tls13_answer(message: &[u8]) -> bool {
    chosen_version(message) == Some(TLS1_3)
}

/// A ServerKeyExchange with another scheme of its signature, and the scheme it had (RFC 8422,
/// section 5.4); `None` where `change` has none for it.
pub(super) fn with_scheme(
    message: &[u8],
    change: impl Fn(u16) -> Option<u16>,
) -> Option<(Vec<u8>, u16)> {
    const NAMED_CURVE: u8 = 3;
    if message.get(MESSAGE_HEADER) != Some(&NAMED_CURVE) {
        return None;
    }
    let at = vector(message, MESSAGE_HEADER + 3, 1)?.end;
    let &[hi, lo] = message.get(at..)?.first_chunk()?;
    let old = u16::from_be_bytes([hi, lo]);
    let mut new = message.to_vec();
    new[at..at + 2].copy_from_slice(&change(old)?.to_be_bytes());
    Some((new, old))
}

/// What stands in a CertificateRequest of TLS 1.2 before the names of authorities: the types of
/// certificates and the signature schemes (RFC 5246, section 7.4.4).
pub(super) fn with_request(message: &[u8], types: &[u8], schemes: &[u16]) -> Option<Vec<u8>> {
    let old = vector(message, MESSAGE_HEADER, 1)?.end;
    let old = vector(message, old, 2)?.end;
    let mut new = message[..MESSAGE_HEADER].to_vec();
    new.push(u8::try_from(types.len()).ok()?);
    new.extend_from_slice(types);
    new.extend_from_slice(&u16::try_from(2 * schemes.len()).ok()?.to_be_bytes());
    new.extend(schemes.iter().flat_map(|scheme| scheme.to_be_bytes()));
    let by = new.len() as isize - old as isize;
    new.extend_from_slice(message.get(old..)?);
    grow(&mut new, 1, 3, by)?;
    Some(new)
}

/// How long a ticket is good for, in seconds (RFC 5077, section 3.3); `None` if the message is not
/// well formed, as a protected one that looks like a ticket.
pub(super) fn ticket_lifetime(message: &[u8]) -> Option<u32> {
    let field = message.get(MESSAGE_HEADER..)?.first_chunk()?;
    let ticket = vector(message, MESSAGE_HEADER + 4, 2)?;
    let whole = length(message)? == message.len() && ticket.end == message.len();
    whole.then(|| u32::from_be_bytes(*field))
}

/// The extensions of each certificate of a Certificate message of TLS 1.3: where their length
/// stands. `None` if it is not well formed.
fn entries(message: &[u8]) -> Option<Vec<usize>> {
    let list_at = vector(message, MESSAGE_HEADER, 1)?.end;
    let list = vector(message, list_at, 3).filter(|list| list.end == message.len())?;
    let (mut entries, mut next) = (Vec::new(), list.start);
    while next < list.end {
        let at = vector(message, next, 3)?.end;
        next = vector(message, at, 2)?.end;
        entries.push(at);
    }
    (next == list.end).then_some(entries)
}

/// The certificates of a Certificate message of TLS 1.3.
pub(super) fn certificates(message: &[u8]) -> Option<Vec<&[u8]>> {
    let mut next = vector(message, MESSAGE_HEADER, 1)?.end + 3;
    let mut list = Vec::new();
    for at in entries(message)? {
        list.push(message.get(next + 3..at)?);
        next = vector(message, at, 2)?.end;
    }
    Some(list)
}

/// A Certificate message of TLS 1.3 with more extensions: those of its first certificate first.
pub(super) fn with_entries(message: &[u8], extensions: &[Vec<u8>]) -> Option<Vec<u8>> {
    let list_at = vector(message, MESSAGE_HEADER, 1)?.end;
    let mut new = message.to_vec();
    let places: Vec<_> = entries(message)?.into_iter().zip(extensions).collect();
    for (at, bytes) in places.into_iter().rev() {
        let by = bytes.len() as isize;
        grow(&mut new, at, 2, by)?;
        let front = at + 2;
        new.splice(front..front, bytes.iter().copied());
        grow(&mut new, list_at, 3, by)?;
        grow(&mut new, 1, 3, by)?;
    }
    Some(new)
}

/// A Certificate message: with TLS 1.3 it begins with a context.
pub(in crate::engine) fn certificate<'a>(
    context: Option<&[u8]>,
    chain: impl IntoIterator<Item = (&'a [u8], Vec<u8>)>,
) -> Vec<u8> {
    fn put(out: &mut Vec<u8>, width: usize, body: &[u8]) {
        out.extend_from_slice(&body.len().to_be_bytes()[size_of::<usize>() - width..]);
        out.extend_from_slice(body);
    }
    let mut list = Vec::new();
    for (der, extensions) in chain {
        put(&mut list, 3, der);
        if context.is_some() {
            put(&mut list, 2, &extensions);
        }
    }
    let mut body = Vec::new();
    if let Some(context) = context {
        put(&mut body, 1, context);
    }
    put(&mut body, 3, &list);
    let mut message = vec![CERTIFICATE];
    put(&mut message, 3, &body);
    message
}

/// An extension of the peer's: the index of the certificate it belongs to, type and body.
pub(in crate::engine) type Taken = (usize, u16, Vec<u8>);

/// A message without some of its extensions.
pub(in crate::engine) struct TakenOut {
    pub(super) message: Vec<u8>,
    pub(in crate::engine) extensions: Vec<Taken>,
}

/// The extensions of these types in a whole message, the first of each type.
pub(super) fn looked_up(message: &[u8], kinds: &[u16]) -> Vec<Taken> {
    taken_out(message, kinds).map_or_else(Vec::new, |out| out.extensions)
}

/// Takes the extensions of these types out of a whole message, the first of each type; `None` if
/// there are none or it is not well formed.
pub(in crate::engine) fn taken_out(message: &[u8], kinds: &[u16]) -> Option<TakenOut> {
    length(message).filter(|len| *len == message.len())?;
    let places = match message.first() {
        Some(&CERTIFICATE) => entries(message)?,
        _ => vec![extensions_at(message)?],
    };
    let mut taken = Vec::<Taken>::new();
    let mut new = message.to_vec();
    for (index, &at) in places.iter().enumerate().rev() {
        let mut first = Vec::new();
        for ext in found(message, at)? {
            let again = first.iter().any(|other: &Found| other.kind == ext.kind);
            if kinds.contains(&ext.kind) && !again {
                first.push(ext);
            }
        }
        for ext in first.into_iter().rev() {
            let by = -(ext.whole.len() as isize);
            taken.push((index, ext.kind, message.get(ext.body)?.to_vec()));
            new.drain(ext.whole);
            grow(&mut new, at, 2, by)?;
            grow(&mut new, 1, 3, by)?;
            if message[0] == CERTIFICATE {
                grow(&mut new, vector(message, MESSAGE_HEADER, 1)?.end, 3, by)?;
            }
        }
    }
    taken.reverse();
    (!taken.is_empty()).then_some(TakenOut {
        message: new,
        extensions: taken,
    })
}

/// Replaces handshake messages in records in the clear, and puts each in records of its own, as
/// OpenSSL sends them: there are peers that take a record for a message. `None` when all is so
/// already. What goes before and after the run of handshake records stays; each record holds as
/// much as `fragment` allows.
pub(in crate::engine) fn replace(
    records: &[u8],
    fragment: usize,
    mut change: impl FnMut(&[u8]) -> Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    let mut start = 0;
    while *records.get(start)? != HANDSHAKE {
        start = vector(records, start + 3, 2)?.end;
    }
    let (mut end, mut messages) = (start, Vec::new());
    while records.get(end) == Some(&HANDSHAKE) {
        let body = vector(records, end + 3, 2)?;
        messages.extend_from_slice(records.get(body.clone())?);
        end = body.end;
    }
    let mut out = records[..start].to_vec();
    let mut put = |message: &[u8]| {
        for part in message.chunks(fragment) {
            out.extend_from_slice(&records[start..start + 3]);
            out.extend_from_slice(&(part.len() as u16).to_be_bytes());
            out.extend_from_slice(part);
        }
    };
    let mut at = 0;
    while let Some(len) = length(&messages[at..]) {
        let next = (at + len).min(messages.len());
        let message = &messages[at..next];
        put(change(message).as_deref().unwrap_or(message));
        at = next;
    }
    put(&messages[at..]);
    out.extend_from_slice(&records[end..]);
    (out != records).then_some(out)
}

/// A run of messages with those replaced that `change` replaces; the last may be cut short.
/// `None` when all of them stay.
pub(super) fn changed(
    messages: &[u8],
    mut change: impl FnMut(&[u8]) -> Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    let mut out: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(len) = length(&messages[at..]) {
        let end = (at + len).min(messages.len());
        let message = &messages[at..end];
        match (&mut out, change(message)) {
            (Some(out), other) => out.extend_from_slice(other.as_deref().unwrap_or(message)),
            (None, Some(other)) => out = Some([&messages[..at], &other].concat()),
            (None, None) => {}
        }
        at = end;
    }
    let mut out = out?;
    out.extend_from_slice(&messages[at..]);
    Some(out)
}

/// The state of the peer's hello in records in the clear.
pub(in crate::engine) enum Hello {
    /// More records are needed.
    Incomplete,
    /// It is all there, or something else is.
    Complete,
}

/// Whether the message at the start of `records` is all there. One that is too long to be a hello
/// counts as something else.
pub(in crate::engine) fn plain_hello(records: &[u8]) -> Hello {
    const LONGEST: usize = 1 << 16;
    let (mut at, mut have) = (0, Vec::new());
    while records.get(at) == Some(&HANDSHAKE) {
        let Some(body) = vector(records, at + 3, 2).filter(|body| body.end <= records.len()) else {
            break;
        };
        have.extend_from_slice(&records[body.clone()]);
        at = body.end;
    }
    match vector(&have, 1, 3) {
        Some(message) if message.end <= have.len() || message.end > LONGEST => Hello::Complete,
        None | Some(_) if at == records.len() && at >= HEADER => Hello::Incomplete,
        _ => Hello::Complete,
    }
}
