//! What goes by on a connection, in order: records, the messages in them, alerts. The program is
//! shown it (SSL_set_msg_callback(3)), and the handshake's state follows it.
//!
//! What comes from the peer is told when rustls has opened the record it is in, and before what is
//! sent after it. What follows a certificate waits for the verdict, as OpenSSL has not read it then.

use std::collections::VecDeque;
use std::ffi::c_int;

use super::handshake::info;
use super::{Side, Ssl, Stage};
use crate::engine::alert::{CLOSE_NOTIFY, FATAL, WARNING};
use crate::engine::connection::Connection;
use crate::engine::connection::observed::WireRecord;
use crate::engine::handshake_type::{CERTIFICATE, SERVER_HELLO};
use crate::engine::header::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE};
use crate::engine::plaintext::{Kept, Way};
use crate::engine::record::HEADER;
use crate::engine::server_hello::chosen_version;
use crate::model::method::{TLS1_2, TLS1_3};
use crate::model::trace::Viewpoint;

/// SSL3_RT_HEADER: a record's header.
const RT_HEADER: c_int = 256;
/// SSL3_RT_INNER_CONTENT_TYPE: what a record of TLS 1.3 turned out to hold.
const RT_INNER_CONTENT_TYPE: c_int = 257;
/// A message's type and length.
const MESSAGE_HEADER: usize = 4;

/// What was received and is still to be told.
#[derive(Debug)]
enum Heard {
    Header([u8; HEADER]),
    InnerType(u8),
    Message(Vec<u8>),
    /// A message's type, where nobody is shown messages.
    Step(u8),
    ChangeCipherSpec,
    Alert(Vec<u8>),
}

/// Where a connection's messages stand.
#[derive(Debug, Default)]
pub(super) struct Traced {
    /// The version once there is a ServerHello.
    negotiated: Option<u16>,
    /// Whether the records of each direction are protected by now, with TLS 1.2: those after a
    /// ChangeCipherSpec are.
    changed: [bool; 2],
    /// The beginning of a message of each direction that goes on in the next record.
    begun: [Vec<u8>; 2],
    heard: VecDeque<Heard>,
    /// Whether a certificate was told of that is still to be judged.
    held: bool,
    /// Whether a protected record was received of which it is not known what is in it.
    sealed: bool,
}

/// Splits the first message off `bytes`, if all of it is there.
fn split_message(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let &[_, a, b, c] = bytes.first_chunk::<MESSAGE_HEADER>()?;
    bytes.split_at_checked(MESSAGE_HEADER + u32::from_be_bytes([0, a, b, c]) as usize)
}

/// What was begun before, if anything, with what follows.
fn joined<'a>(begun: &'a mut Vec<u8>, bytes: &'a [u8]) -> &'a [u8] {
    if begun.is_empty() {
        return bytes;
    }
    begun.extend_from_slice(bytes);
    begun
}

impl Traced {
    fn is_protected(&self, way: Way, record: &WireRecord<'_>) -> bool {
        record.header[0] == APPLICATION_DATA || self.changed[way as usize]
    }

    /// The messages that `bytes` complete are heard.
    fn hear_messages(&mut self, bytes: &[u8], kept: Kept) {
        let mut all = std::mem::take(&mut self.begun[Way::Received as usize]);
        let mut rest = joined(&mut all, bytes);
        while let Some((message, more)) = split_message(rest) {
            let heard = match kept {
                Kept::Everything => Heard::Message(message.to_vec()),
                _ => {
                    self.negotiate(message);
                    Heard::Step(message[0])
                }
            };
            self.heard.push_back(heard);
            rest = more;
        }
        self.begun[Way::Received as usize] = rest.to_vec();
    }

    fn negotiate(&mut self, message: &[u8]) {
        if message[0] == SERVER_HELLO
            && let Some(version) = chosen_version(message)
        {
            self.negotiated = Some(version);
        }
    }
}

impl Ssl {
    /// How much is to be kept of what goes by: in a handshake its steps.
    fn kept(&self) -> Kept {
        let shown = self.with(|s| s.shows_messages());
        match self.stage.get() {
            _ if shown => Kept::Everything,
            Stage::Established if !self.listens() => Kept::Nothing,
            _ => Kept::Types,
        }
    }

    /// Another callback is to see what goes by, or the connection enters another stage.
    pub fn watch_anew(&self) {
        self.listen_anew();
        self.with_connection(|connection| self.watch(connection));
    }

    pub(super) fn watch(&self, connection: &Connection) {
        connection.keep(self.kept());
    }

    fn shown_version(&self) -> c_int {
        c_int::from(self.version())
    }

    /// The version once there is a ServerHello.
    pub(super) fn traced_version(&self) -> Option<u16> {
        let negotiated = self.traced.borrow().negotiated;
        negotiated.or_else(|| self.with_facts(|facts| facts.version))
    }

    /// What SSL_trace(3) has to know of the connection.
    pub fn viewpoint(&self) -> Viewpoint {
        Viewpoint {
            server: self.side.get() == Side::Server,
            tls13: self.traced_version() == Some(TLS1_3),
        }
    }

    fn show(&self, way: Way, version: c_int, kind: c_int, bytes: &[u8]) {
        if let Some(callback) = self.with(|s| s.msg_callback.get()) {
            callback.msg(self.ptr(), way as c_int, version, kind, bytes);
        }
    }

    /// Tells of the records made since the last call.
    pub(super) fn tell_sent(&self, connection: &Connection) {
        if connection.kept() == Kept::Nothing {
            self.log_updates(connection, true);
            return;
        }
        while let Some(record) = connection.next_sent() {
            self.tell_all_heard();
            let protected = self.traced.borrow().is_protected(Way::Sent, &record);
            match protected {
                false => self.tell_record(&record, record.header[0], record.body),
                true => match connection.sent_content(record.body.len()) {
                    Some(content) => self.tell_record(&record, content.kind, &content.bytes),
                    None => self.tell_record(&record, APPLICATION_DATA, &[]),
                },
            }
        }
        self.log_updates(connection, true);
        self.sends_other();
    }

    fn tell_record(&self, record: &WireRecord<'_>, kind: u8, bytes: &[u8]) {
        if kind != HANDSHAKE {
            self.sends_other();
        }
        let mut begun = std::mem::take(&mut self.traced.borrow_mut().begun[Way::Sent as usize]);
        match (kind, bytes.first()) {
            (HANDSHAKE, Some(&first)) if begun.is_empty() => self.sends(first),
            (CHANGE_CIPHER_SPEC, _) => self.sends_change(),
            _ => {}
        }
        let version = c_int::from(record.version());
        self.show(Way::Sent, version, RT_HEADER, record.header);
        if record.header[0] == APPLICATION_DATA && self.shown_version() == c_int::from(TLS1_3) {
            self.show(Way::Sent, version, RT_INNER_CONTENT_TYPE, &[kind]);
        }
        match kind {
            HANDSHAKE => self.tell_messages(joined(&mut begun, bytes)),
            CHANGE_CIPHER_SPEC | ALERT => {
                self.show(Way::Sent, self.shown_version(), kind.into(), bytes);
            }
            _ => {}
        }
        if kind == CHANGE_CIPHER_SPEC {
            self.change(Way::Sent);
        }
    }

    /// Tells of whole messages sent; of the first its step was told already.
    fn tell_messages(&self, messages: &[u8]) {
        let mut rest = messages;
        let mut stepped = true;
        loop {
            if let (false, Some(&kind)) = (stepped, rest.first()) {
                self.sends(kind);
            }
            let Some((message, more)) = split_message(rest) else {
                break;
            };
            self.traced.borrow_mut().negotiate(message);
            self.show(Way::Sent, self.shown_version(), HANDSHAKE.into(), message);
            (rest, stepped) = (more, false);
        }
        let rest = rest.to_vec();
        self.traced.borrow_mut().begun[Way::Sent as usize] = rest;
    }

    fn change(&self, way: Way) {
        let mut traced = self.traced.borrow_mut();
        traced.changed[way as usize] = traced.negotiated == Some(TLS1_2);
    }

    /// Tells of a record's header, whatever comes of the record.
    pub(super) fn tell_header(&self, connection: &Connection, header: &[u8; HEADER]) {
        if connection.kept() != Kept::Nothing {
            self.traced
                .borrow_mut()
                .heard
                .push_back(Heard::Header(*header));
            self.tell_heard();
        }
    }

    /// Tells of the record of `len` bytes that was read, and of what is in it in the clear.
    pub(super) fn hear_record(&self, connection: &Connection, len: usize) {
        if connection.kept() == Kept::Nothing {
            return;
        }
        let Some(record) = connection.last_read(len) else {
            return;
        };
        let changes = {
            let mut traced = self.traced.borrow_mut();
            traced.heard.push_back(Heard::Header(*record.header));
            let protected = traced.is_protected(Way::Received, &record);
            traced.sealed = record.header[0] == APPLICATION_DATA;
            match record.header[0] {
                _ if protected => {}
                HANDSHAKE => traced.hear_messages(record.body, connection.kept()),
                ALERT => traced.heard.push_back(Heard::Alert(record.body.to_vec())),
                // With TLS 1.3 it means nothing.
                CHANGE_CIPHER_SPEC if traced.negotiated != Some(TLS1_3) => {
                    traced.heard.push_back(Heard::ChangeCipherSpec);
                }
                _ => {}
            }
            !protected && record.header[0] == CHANGE_CIPHER_SPEC
        };
        if changes {
            self.change(Way::Received);
        }
        self.tell_heard();
    }

    /// Tells of what was in the records processed; `data` if there may be data in them.
    pub(super) fn hear_contents(&self, connection: &Connection, data: bool) {
        if connection.kept() == Kept::Nothing {
            return;
        }
        let tls13 = self.shown_version() == c_int::from(TLS1_3);
        {
            let mut traced = self.traced.borrow_mut();
            while let Some(content) = connection.received_content() {
                if tls13 {
                    traced.heard.push_back(Heard::InnerType(content.kind));
                }
                traced.sealed = false;
                match content.kind {
                    HANDSHAKE => traced.hear_messages(&content.bytes, connection.kept()),
                    ALERT => traced.heard.push_back(Heard::Alert(content.bytes)),
                    _ => {}
                }
            }
            if std::mem::take(&mut traced.sealed) && data && tls13 {
                traced.heard.push_back(Heard::InnerType(APPLICATION_DATA));
            }
        }
        self.tell_heard();
    }

    /// Tells of what was heard, up to a certificate that is still to be judged.
    fn tell_heard(&self) {
        loop {
            let next = {
                let mut traced = self.traced.borrow_mut();
                match traced.held {
                    true => return,
                    false => traced.heard.pop_front(),
                }
            };
            match next {
                Some(heard) => self.tell_one(heard),
                None => return,
            }
        }
    }

    fn tell_one(&self, heard: Heard) {
        let version = self.shown_version();
        match heard {
            Heard::Header(header) => {
                let version = c_int::from(u16::from_be_bytes([header[1], header[2]]));
                self.show(Way::Received, version, RT_HEADER, &header);
            }
            Heard::InnerType(kind) => {
                self.show(Way::Received, version, RT_INNER_CONTENT_TYPE, &[kind]);
            }
            Heard::ChangeCipherSpec => self.receives_change(),
            Heard::Alert(alert) => {
                self.show(Way::Received, version, ALERT.into(), &alert);
                match *alert {
                    [FATAL, _] | [WARNING, CLOSE_NOTIFY] => {}
                    [level, code] => {
                        let value = c_int::from(level) << 8 | c_int::from(code);
                        self.inform(info::ALERT | info::READ, value);
                    }
                    _ => {}
                }
            }
            Heard::Message(message) => {
                self.receives(message[0]);
                self.show(Way::Received, version, HANDSHAKE.into(), &message);
                self.traced.borrow_mut().negotiate(&message);
                self.show_extensions(&message);
                self.received_whole(message[0]);
            }
            Heard::Step(kind) => {
                self.receives(kind);
                self.received_whole(kind);
            }
        }
    }

    fn received_whole(&self, kind: u8) {
        self.received(kind);
        let judged = kind == CERTIFICATE && self.stage.get() == Stage::Handshaking;
        self.traced.borrow_mut().held = judged;
    }

    /// The certificate is judged, or nobody waits for that.
    pub(super) fn tell_all_heard(&self) {
        loop {
            self.traced.borrow_mut().held = false;
            self.tell_heard();
            if !self.traced.borrow().held {
                return;
            }
        }
    }

    /// What was heard and not told is not to be told any more: OpenSSL has not read it.
    pub(super) fn forget_heard(&self) {
        self.traced.borrow_mut().heard.clear();
    }
}
