//! Handshake messages with more or fewer extensions, and the records that carry them in the clear.

use std::ops::Range;

use super::{CLIENT_HELLO, ENCRYPTED_EXTENSIONS, SERVER_HELLO};
use crate::engine::record::HEADER;

const HANDSHAKE: u8 = 22;
/// A message's header: type and length.
const MESSAGE_HEADER: usize = 4;

/// The range of a vector with a length of `width` bytes at `at`.
fn vector(message: &[u8], at: usize, width: usize) -> Option<Range<usize>> {
    let len = message.get(at..at + width)?.iter();
    let len = len.fold(0usize, |len, &byte| len << 8 | usize::from(byte));
    Some(at + width..at + width + len)
}

/// Where the length of a hello's suites stands, if it has a list, and that of its extensions.
fn lengths(message: &[u8]) -> Option<(Option<usize>, usize)> {
    let kind = *message.first()?;
    if kind == ENCRYPTED_EXTENSIONS {
        return Some((None, MESSAGE_HEADER));
    }
    let session_id = vector(message, MESSAGE_HEADER + 2 + 32, 1)?.end;
    match kind {
        CLIENT_HELLO => {
            let suites = vector(message, session_id, 2)?.end;
            Some((Some(session_id), vector(message, suites, 1)?.end))
        }
        // A suite and a compression method.
        SERVER_HELLO => Some((None, session_id + 3)),
        _ => None,
    }
}

/// Changes a length of `width` bytes.
fn relength(
    message: &mut [u8],
    at: usize,
    width: usize,
    change: impl FnOnce(u64) -> Option<u64>,
) -> Option<()> {
    let field = message.get_mut(at..at + width)?;
    let mut bytes = [0; 8];
    bytes[8 - width..].copy_from_slice(field);
    let len = change(u64::from_be_bytes(bytes)).filter(|len| len >> (8 * width) == 0)?;
    field.copy_from_slice(&len.to_be_bytes()[8 - width..]);
    Some(())
}

fn grow(message: &mut [u8], at: usize, width: usize, by: usize) -> Option<()> {
    relength(message, at, width, |len| len.checked_add(by as u64))
}

fn shrink(message: &mut [u8], at: usize, width: usize, by: usize) -> Option<()> {
    relength(message, at, width, |len| len.checked_sub(by as u64))
}

/// The message with suites at the end of its list and extensions before its own; `None` when it
/// has no room. The end of the message, where pre_shared_key has its place, may be missing.
pub(super) fn added_to(message: &[u8], suites: &[u8], extensions: &[u8]) -> Option<Vec<u8>> {
    let (suites_at, extensions_at) = lengths(message)?;
    let mut new = message.to_vec();
    let mut by = extensions.len();
    if new.len() == extensions_at && !extensions.is_empty() {
        new.extend([0, 0]);
        by += 2;
    }
    if !extensions.is_empty() {
        grow(&mut new, extensions_at, 2, extensions.len())?;
        let front = extensions_at + 2;
        new.splice(front..front, extensions.iter().copied());
    }
    if let Some(at) = suites_at.filter(|_| !suites.is_empty()) {
        let end = vector(message, at, 2)?.end;
        grow(&mut new, at, 2, suites.len())?;
        new.splice(end..end, suites.iter().copied());
        by += suites.len();
    }
    grow(&mut new, 1, 3, by)?;
    Some(new)
}

/// A ClientHello without its extension of this type; `None` if it has none. The end of the message
/// may be missing.
pub(in crate::engine) fn without_extension(hello: &[u8], kind: u16) -> Option<Vec<u8>> {
    let (_, block) = lengths(hello)?;
    let mut at = block + 2;
    let taken = loop {
        let &[a, b, ..] = hello.get(at..)?.first_chunk::<4>()?;
        let end = vector(hello, at + 2, 2)?.end;
        if u16::from_be_bytes([a, b]) == kind {
            break at..end;
        }
        at = end;
    };
    let mut new = hello.to_vec();
    shrink(&mut new, 1, 3, taken.len())?;
    shrink(&mut new, block, 2, taken.len())?;
    new.get(taken.clone())?;
    new.drain(taken);
    Some(new)
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
    shrink(&mut new, 1, 3, id.len())?;
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
    shrink(&mut new, 1, 3, old.len())?;
    grow(&mut new, 1, 3, id.len())?;
    new.splice(old, id.iter().copied());
    Some(new)
}

/// Whether a message is a ServerHello or HelloRetryRequest with an extension of this type.
pub(in crate::engine) fn answers(message: &[u8], kind: u16) -> bool {
    message.first() == Some(&SERVER_HELLO) && taken_out(message, &[kind]).is_some()
}

/// Whether a message is a ServerHello or HelloRetryRequest of TLS 1.3.
fn is_tls13_answer(message: &[u8]) -> bool {
    const SUPPORTED_VERSIONS: u16 = 43;
    answers(message, SUPPORTED_VERSIONS)
}

/// The message with `body` in its first extension of type `kind`, if that is empty. The end of the
/// message may be missing.
pub(super) fn filled(message: &[u8], kind: u16, body: &[u8]) -> Option<Vec<u8>> {
    let (_, extensions_at) = lengths(message)?;
    let mut at = extensions_at + 2;
    loop {
        let found = vector(message, at + 2, 2)?;
        if message.get(at..at + 2)? != kind.to_be_bytes() {
            at = found.end;
            continue;
        }
        if !found.is_empty() {
            return None;
        }
        let mut new = message.to_vec();
        grow(&mut new, at + 2, 2, body.len())?;
        new.splice(found, body.iter().copied());
        grow(&mut new, extensions_at, 2, body.len())?;
        grow(&mut new, 1, 3, body.len())?;
        return Some(new);
    }
}

/// A message without some of its extensions.
pub(in crate::engine) struct TakenOut {
    pub(super) message: Vec<u8>,
    pub(in crate::engine) extensions: Vec<(u16, Vec<u8>)>,
}

/// Takes the extensions of these types out of a whole ServerHello or EncryptedExtensions, the
/// first of each type; `None` if there are none or it is not well formed.
pub(in crate::engine) fn taken_out(message: &[u8], kinds: &[u16]) -> Option<TakenOut> {
    if !matches!(
        message.first(),
        Some(&(SERVER_HELLO | ENCRYPTED_EXTENSIONS))
    ) {
        return None;
    }
    if vector(message, 1, 3)?.end != message.len() {
        return None;
    }
    let (_, at) = lengths(message)?;
    let block = vector(message, at, 2).filter(|block| block.end == message.len())?;
    let (mut kept, mut taken) = (Vec::new(), Vec::<(u16, Vec<u8>)>::new());
    let mut next = block.start;
    while next < block.end {
        let &[a, b, ..] = message.get(next..)?.first_chunk::<4>()?;
        let kind = u16::from_be_bytes([a, b]);
        let body = vector(message, next + 2, 2).filter(|body| body.end <= block.end)?;
        let again = taken.iter().any(|(other, _)| *other == kind);
        match kinds.contains(&kind) && !again {
            true => taken.push((kind, message[body.clone()].to_vec())),
            false => kept.extend_from_slice(&message[next..body.end]),
        }
        next = body.end;
    }
    if taken.is_empty() {
        return None;
    }
    let mut new = message[..at].to_vec();
    new.extend_from_slice(&(kept.len() as u16).to_be_bytes());
    new.extend_from_slice(&kept);
    let len = (new.len() - MESSAGE_HEADER) as u32;
    new[1..MESSAGE_HEADER].copy_from_slice(&len.to_be_bytes()[1..]);
    Some(TakenOut {
        message: new,
        extensions: taken,
    })
}

/// Replaces the first handshake message in records in the clear; `None` when `change` leaves it.
/// What goes before and after the run of handshake records stays, and the run's records stay as
/// large as they were or as `fragment` allows.
pub(in crate::engine) fn replace_first(
    records: &[u8],
    fragment: usize,
    change: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
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
    let first = vector(&messages, 1, 3)?.end;
    let mut new = change(messages.get(..first)?)?;
    new.extend_from_slice(&messages[first..]);
    let mut out = records[..start].to_vec();
    for part in new.chunks(fragment) {
        out.extend_from_slice(&records[start..start + 3]);
        out.extend_from_slice(&(part.len() as u16).to_be_bytes());
        out.extend_from_slice(part);
    }
    out.extend_from_slice(&records[end..]);
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
