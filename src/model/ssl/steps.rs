//! The steps of a handshake as the info callback sees them (SSL_CTX_set_info_callback(3)): one
//! before each message is read or written, and one at the end of what is written.
//!
//! Which messages there were is noted where rustls hashes them, and only for a connection whose
//! program listens when the handshake begins.

use super::handshake::info;
use super::{Side, Ssl, Stage};
use crate::engine::connection::Connection;
use crate::model::state::HandshakeState as State;

/// Where the handshake's messages stand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Steps {
    /// Whether the messages are noted.
    listening: bool,
    /// Whether it is on us to send.
    own_turn: bool,
    /// Whether the end of what we sent is still to be told.
    wrote: bool,
    /// Whether the first ClientHello was told.
    hello: bool,
    /// Whether EncryptedExtensions was there: TLS 1.3.
    tls13: bool,
    /// Whether our ChangeCipherSpec was told.
    changed: bool,
    /// Tickets that go out once the handshake is done: TLS 1.3.
    tickets: u8,
}

impl Ssl {
    /// The handshake begins. Whether its messages are to be noted.
    pub(super) fn begin_steps(&self) -> bool {
        let listening = self.listens();
        self.steps.set(Steps {
            listening,
            wrote: self.side.get() == Side::Server,
            ..Steps::default()
        });
        listening
    }

    /// Whether the messages are noted.
    pub(super) fn notes_steps(&self) -> bool {
        self.steps.get().listening
    }

    /// A step between others, where the messages are not noted one by one.
    pub(super) fn reached(&self, state: State) {
        if !self.notes_steps() {
            self.state.set(state);
            self.inform(self.inform_side() | info::LOOP, 1);
        }
    }

    /// A message is read or written: told with the state before it.
    fn step(&self, state: State) {
        self.inform(self.inform_side() | info::LOOP, 1);
        self.state.set(state);
    }

    /// The client sends its hello.
    pub(super) fn sends_hello(&self) {
        match self.notes_steps() {
            true => {
                self.step(State::CwClntHello);
                self.update(|s| s.wrote = true);
            }
            false => self.reached(State::CwClntHello),
        }
    }

    /// The server has read the hello.
    pub(super) fn read_hello(&self) {
        match self.notes_steps() {
            true => {
                self.step(State::SrClntHello);
                self.update(|s| (s.hello, s.own_turn) = (true, true));
            }
            false => self.reached(State::SrClntHello),
        }
    }

    /// The peer's turn: nothing is written until it has said something.
    pub(super) fn awaits_peer(&self) {
        if self.notes_steps() && self.steps.get().wrote {
            self.update(|s| s.wrote = false);
            self.inform(self.inform_side() | info::LOOP, 1);
        }
    }

    /// The handshake's messages are through.
    pub(super) fn tell_end(&self) {
        let server = self.side.get() == Side::Server;
        if !self.notes_steps() {
            self.reached(match server {
                true => State::SrFinished,
                false => State::CrFinished,
            });
            self.reached(match server {
                true => State::SwFinished,
                false => State::CwFinished,
            });
            self.state.set(State::Ok);
            return;
        }
        self.inform(self.inform_side() | info::LOOP, 1);
        if self.steps.get().tickets > 0 {
            self.state.set(State::SwSessionTicket);
        } else {
            self.state.set(State::Ok);
        }
    }

    fn update(&self, change: impl FnOnce(&mut Steps)) {
        let mut steps = self.steps.get();
        change(&mut steps);
        self.steps.set(steps);
    }

    /// Tells of the messages there were since the last call.
    pub(super) fn tell_steps(&self, connection: &Connection) {
        if self.notes_steps() {
            for kind in connection.take_messages() {
                match self.side.get() {
                    Side::Server => self.server_message(kind),
                    _ => self.client_message(kind),
                }
            }
        }
    }

    fn client_message(&self, kind: u8) {
        let steps = self.steps.get();
        let own = steps.own_turn;
        let state = match (kind, own) {
            (SERVER_HELLO, _) => State::CrSrvrHello,
            (NEW_SESSION_TICKET, _) => State::CrSessionTicket,
            (ENCRYPTED_EXTENSIONS, _) => State::CrEncryptedExtensions,
            (CERTIFICATE, false) => State::CrCert,
            (CERTIFICATE, true) => State::CwCert,
            (SERVER_KEY_EXCHANGE, _) => State::CrKeyExch,
            (CERTIFICATE_REQUEST, _) => State::CrCertReq,
            (SERVER_HELLO_DONE, _) => State::CrSrvrDone,
            (CERTIFICATE_VERIFY, false) => State::CrCertVrfy,
            (CERTIFICATE_VERIFY, true) => State::CwCertVrfy,
            (CLIENT_KEY_EXCHANGE, _) => State::CwKeyExch,
            (FINISHED, false) => State::CrFinished,
            (FINISHED, true) => State::CwFinished,
            (CERTIFICATE_STATUS, _) => State::CrCertStatus,
            (END_OF_EARLY_DATA, _) => State::CwEndOfEarlyData,
            _ => return,
        };
        match (steps.tls13, kind, own) {
            (false, FINISHED, false) => self.step(State::CrChange),
            (false, FINISHED, true) => self.step(State::CwChange),
            (true, _, true) if !steps.changed => {
                self.step(State::CwChange);
                self.update(|s| s.changed = true);
            }
            _ => {}
        }
        self.step(state);
        self.update(|s| {
            s.tls13 |= kind == ENCRYPTED_EXTENSIONS;
            s.wrote = own;
            s.own_turn = match kind {
                FINISHED => !own,
                SERVER_HELLO_DONE => true,
                _ => own,
            };
        });
    }

    fn server_message(&self, kind: u8) {
        let steps = self.steps.get();
        let (own, tls13) = (steps.own_turn, self.offered_tls13.get());
        let state = match (kind, own) {
            (CLIENT_HELLO, _) if steps.hello => {
                self.update(|s| s.hello = false);
                return;
            }
            (CLIENT_HELLO, _) => {
                self.awaits_peer();
                State::SrClntHello
            }
            (SERVER_HELLO, _) => State::SwSrvrHello,
            (NEW_SESSION_TICKET, _) => State::SwSessionTicket,
            (ENCRYPTED_EXTENSIONS, _) => State::SwEncryptedExtensions,
            (CERTIFICATE, false) => State::SrCert,
            (CERTIFICATE, true) => State::SwCert,
            (SERVER_KEY_EXCHANGE, _) => State::SwKeyExch,
            (CERTIFICATE_REQUEST, _) => State::SwCertReq,
            (SERVER_HELLO_DONE, _) => State::SwSrvrDone,
            (CERTIFICATE_VERIFY, false) => State::SrCertVrfy,
            (CERTIFICATE_VERIFY, true) => State::SwCertVrfy,
            (CLIENT_KEY_EXCHANGE, _) => State::SrKeyExch,
            (FINISHED, false) => State::SrFinished,
            (FINISHED, true) => State::SwFinished,
            (CERTIFICATE_STATUS, _) => State::SwCertStatus,
            (END_OF_EARLY_DATA, _) => State::SrEndOfEarlyData,
            _ => return,
        };
        match (tls13, kind, own) {
            (false, FINISHED, false) => self.step(State::SrChange),
            (false, FINISHED, true) => self.step(State::SwChange),
            _ => {}
        }
        self.step(state);
        if tls13 && kind == SERVER_HELLO && !steps.changed {
            self.step(State::SwChange);
        }
        if tls13 && kind == FINISHED && own {
            self.step(State::EarlyData);
        }
        self.update(|s| {
            s.changed |= kind == SERVER_HELLO;
            s.wrote = own;
            s.own_turn = match kind {
                FINISHED => !own,
                SERVER_HELLO_DONE => false,
                CLIENT_HELLO => true,
                _ => own,
            };
        });
    }

    /// A client has read a ticket after the handshake.
    pub(super) fn read_ticket(&self) {
        if self.stage.get() != Stage::Established || !self.listens() {
            return;
        }
        let side = self.inform_side();
        self.inform(side | info::LOOP, 1);
        self.inform(side | info::LOOP, 1);
        self.state.set(State::CrSessionTicket);
        self.inform(side | info::LOOP, 1);
        self.state.set(State::Ok);
        self.inform(side | info::EXIT, 1);
    }

    /// A message is written after the handshake.
    pub(super) fn tell_post(&self, state: State) {
        self.step(state);
    }

    /// As [`Self::tell_post`], of a KeyUpdate.
    pub(super) fn tell_key_update(&self) {
        self.step(match self.side.get() {
            Side::Server => State::SwKeyUpdate,
            _ => State::CwKeyUpdate,
        });
    }

    /// Those messages are out, or stopped.
    pub(super) fn tell_posts_end(&self, ok: bool) {
        if ok {
            self.step(State::Ok);
        }
        self.inform_exit(ok);
    }

    /// A TLS 1.3 server sends a ticket at the end of its handshake.
    pub(super) fn ticket_sent(&self) {
        if self.notes_steps() {
            self.update(|s| s.tickets = s.tickets.saturating_add(1));
        }
    }

    /// The handshake is done; a TLS 1.3 server sends its tickets.
    pub(super) fn tell_done(&self) {
        self.inform(info::HANDSHAKE_DONE, 1);
        for _ in 0..self.steps.get().tickets {
            self.inform(self.inform_side() | info::LOOP, 1);
        }
        self.state.set(State::Ok);
    }
}

/// HandshakeType (RFC 8446, section 4; RFC 5246, section 7.4; RFC 6066, section 8).
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const NEW_SESSION_TICKET: u8 = 4;
const END_OF_EARLY_DATA: u8 = 5;
const ENCRYPTED_EXTENSIONS: u8 = 8;
const CERTIFICATE: u8 = 11;
const SERVER_KEY_EXCHANGE: u8 = 12;
const CERTIFICATE_REQUEST: u8 = 13;
const SERVER_HELLO_DONE: u8 = 14;
const CERTIFICATE_VERIFY: u8 = 15;
const CLIENT_KEY_EXCHANGE: u8 = 16;
const FINISHED: u8 = 20;
const CERTIFICATE_STATUS: u8 = 22;
