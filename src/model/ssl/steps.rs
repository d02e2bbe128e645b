//! The steps of a handshake: its state (SSL_get_state(3)), and the info callback's calls for them
//! (SSL_CTX_set_info_callback(3)): one before each message is read or written, and one at the end
//! of what is written.

use super::early::Status;
use std::ffi::c_int;

use super::handshake::info;
use super::{Side, Ssl, Stage, shutdown};
use crate::engine::handshake_type as kind;
use crate::foreign::callback::{Callback, types};
use crate::model::state::HandshakeState as State;

/// Where the handshake's steps stand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Steps {
    /// Whether somebody is told of them.
    listening: bool,
    /// Whether the end of what we sent is still to be told.
    wrote: bool,
    /// Whether the tickets at the end of the handshake are being sent.
    ending: bool,
    /// Whether the step of the first was told, which is still to be sent.
    told: bool,
    /// Whether the handshake pauses for early data.
    paused: bool,
    /// Whether a message after the handshake is being sent or received.
    posting: bool,
}

/// The state in which a server writes a message.
fn server_writes(kind: u8) -> Option<State> {
    Some(match kind {
        kind::SERVER_HELLO => State::SwSrvrHello,
        kind::NEW_SESSION_TICKET => State::SwSessionTicket,
        kind::ENCRYPTED_EXTENSIONS => State::SwEncryptedExtensions,
        kind::CERTIFICATE => State::SwCert,
        kind::SERVER_KEY_EXCHANGE => State::SwKeyExch,
        kind::CERTIFICATE_REQUEST => State::SwCertReq,
        kind::SERVER_HELLO_DONE => State::SwSrvrDone,
        kind::CERTIFICATE_VERIFY => State::SwCertVrfy,
        kind::FINISHED => State::SwFinished,
        kind::CERTIFICATE_STATUS => State::SwCertStatus,
        kind::KEY_UPDATE => State::SwKeyUpdate,
        _ => return None,
    })
}

/// The state in which a server reads a message.
fn server_reads(kind: u8) -> Option<State> {
    Some(match kind {
        kind::CLIENT_HELLO => State::SrClntHello,
        kind::CERTIFICATE => State::SrCert,
        kind::CERTIFICATE_VERIFY => State::SrCertVrfy,
        kind::CLIENT_KEY_EXCHANGE => State::SrKeyExch,
        kind::FINISHED => State::SrFinished,
        kind::END_OF_EARLY_DATA => State::SrEndOfEarlyData,
        kind::KEY_UPDATE => State::SrKeyUpdate,
        _ => return None,
    })
}

/// The state in which a client writes a message.
fn client_writes(kind: u8) -> Option<State> {
    Some(match kind {
        kind::CLIENT_HELLO => State::CwClntHello,
        kind::CERTIFICATE => State::CwCert,
        kind::CERTIFICATE_VERIFY => State::CwCertVrfy,
        kind::CLIENT_KEY_EXCHANGE => State::CwKeyExch,
        kind::FINISHED => State::CwFinished,
        kind::END_OF_EARLY_DATA => State::CwEndOfEarlyData,
        kind::KEY_UPDATE => State::CwKeyUpdate,
        _ => return None,
    })
}

/// The state in which a client reads a message.
fn client_reads(kind: u8) -> Option<State> {
    Some(match kind {
        kind::SERVER_HELLO => State::CrSrvrHello,
        kind::NEW_SESSION_TICKET => State::CrSessionTicket,
        kind::ENCRYPTED_EXTENSIONS => State::CrEncryptedExtensions,
        kind::CERTIFICATE => State::CrCert,
        kind::SERVER_KEY_EXCHANGE => State::CrKeyExch,
        kind::CERTIFICATE_REQUEST => State::CrCertReq,
        kind::SERVER_HELLO_DONE => State::CrSrvrDone,
        kind::CERTIFICATE_VERIFY => State::CrCertVrfy,
        kind::FINISHED => State::CrFinished,
        kind::CERTIFICATE_STATUS => State::CrCertStatus,
        kind::KEY_UPDATE => State::CrKeyUpdate,
        _ => return None,
    })
}

impl Ssl {
    /// The connection's own info callback (SSL_get_info_callback(3)).
    pub fn info_callback(&self) -> Option<Callback<types::Info>> {
        self.info_callback.get()
    }

    /// SSL_set_info_callback(3).
    pub fn set_info_callback(&self, callback: Option<Callback<types::Info>>) {
        self.info_callback.set(callback);
        self.watch_anew();
    }

    /// Whether the program has an info callback.
    pub(super) fn listens(&self) -> bool {
        self.info_callback.get().is_some() || self.ctx().with(|s| s.info_callback.is_some())
    }

    /// Tells the info callback: the connection's, or else the one its context has by now.
    pub(super) fn inform(&self, kind: c_int, value: c_int) {
        let own = self.info_callback.get();
        if let Some(callback) = own.or_else(|| self.ctx().with(|s| s.info_callback)) {
            callback.info(self.ptr(), kind, value);
        }
    }

    /// The handshake begins.
    pub(super) fn begin_steps(&self) {
        self.steps.set(Steps {
            listening: self.listens(),
            wrote: self.side.get() == Side::Server,
            ..Steps::default()
        });
    }

    fn edit_steps(&self, change: impl FnOnce(&mut Steps)) {
        let mut steps = self.steps.get();
        change(&mut steps);
        self.steps.set(steps);
    }

    fn tell_loop(&self) {
        if self.steps.get().listening {
            self.inform(self.inform_side() | info::LOOP, 1);
        }
    }

    /// Another callback may be there.
    pub(super) fn listen_anew(&self) {
        let listening = self.listens();
        self.edit_steps(|s| s.listening = listening);
    }

    /// The handshake goes on: told with the state before.
    pub(super) fn step(&self, state: State) {
        self.tell_loop();
        self.state.set(state);
    }

    /// A message is going to be written. What is left of a failed handshake is no step of it.
    pub(super) fn sends(&self, kind: u8) {
        if self.stage.get() == Stage::Failed {
            return;
        }
        let state = match self.side.get() {
            Side::Server => server_writes(kind),
            _ => client_writes(kind),
        };
        let Some(state) = state else {
            return;
        };
        if self.state.get() == State::CrFinished && self.early_status() != Status::NotSent {
            self.step(State::PendingEarlyDataEnd);
        }
        if self.stage.get() == Stage::Established {
            self.edit_steps(|s| s.posting = true);
        }
        if !self.steps.get().told {
            self.step(state);
        }
        self.edit_steps(|s| (s.wrote, s.told) = (true, false));
    }

    /// What goes out next is not of the handshake: messages sent before were one of their own.
    pub(super) fn sends_other(&self) {
        let posted = matches!(
            self.state.get(),
            State::SwKeyUpdate
                | State::CwKeyUpdate
                | State::SwSessionTicket
                | State::SwCertReq
                | State::CwFinished
        );
        let steps = self.steps.get();
        if posted && self.stage.get() == Stage::Established && !steps.ending && !steps.told {
            self.end_again();
        }
    }

    /// A ChangeCipherSpec is going to be written.
    pub(super) fn sends_change(&self) {
        if self.stage.get() == Stage::Failed {
            return;
        }
        self.step(match self.side.get() {
            Side::Server => State::SwChange,
            _ => State::CwChange,
        });
        self.edit_steps(|s| s.wrote = true);
    }

    /// A message is there to be read.
    pub(super) fn receives(&self, kind: u8) {
        let state = match self.side.get() {
            Side::Server => server_reads(kind),
            _ => client_reads(kind),
        };
        let Some(state) = state else {
            return;
        };
        if self.stage.get() == Stage::Established && self.state.get() == State::Ok {
            // After close_notify nothing is answered any more.
            let answered = self.shutdown.get() & shutdown::SENT == 0;
            self.edit_steps(|s| s.posting = answered);
            self.tell_loop();
        }
        if self.steps.get().paused {
            // The end of early data.
            self.resumes();
            self.awaits_peer();
        }
        self.step(state);
    }

    /// The handshake pauses for early data, as if it was done.
    pub(super) fn pauses(&self) {
        self.step(State::EarlyData);
        self.edit_steps(|s| s.paused = true);
        self.inform(info::HANDSHAKE_DONE, 1);
    }

    /// The handshake goes on if it paused, as if it began.
    pub(super) fn resumes(&self) {
        if self.steps.get().paused {
            self.edit_steps(|s| s.paused = false);
            self.inform(info::HANDSHAKE_START, 1);
        }
    }

    /// Whether it pauses.
    pub(super) fn is_paused(&self) -> bool {
        self.steps.get().paused
    }

    /// A message was read: after the handshake it is one of its own.
    pub(super) fn received(&self, kind: u8) {
        let established = self.stage.get() == Stage::Established;
        match kind {
            kind::NEW_SESSION_TICKET if established => {
                self.collect_session();
                self.end_again();
            }
            kind::KEY_UPDATE if established => self.end_again(),
            _ => {}
        }
    }

    /// A ChangeCipherSpec is there to be read.
    pub(super) fn receives_change(&self) {
        self.step(match self.side.get() {
            Side::Server => State::SrChange,
            _ => State::CrChange,
        });
    }

    /// Messages read after the handshake were one of their own.
    pub(super) fn end_again(&self) {
        self.step(State::Ok);
        self.edit_steps(|s| s.posting = false);
        self.inform(self.inform_side() | info::EXIT, 1);
    }

    /// The peer's turn: nothing is written until it has said something. A server of TLS 1.3 could
    /// get early data now.
    pub(super) fn awaits_peer(&self) {
        if !self.steps.get().wrote {
            return;
        }
        self.edit_steps(|s| s.wrote = false);
        if self.side.get() == Side::Server
            && self.offered_tls13.get()
            && !matches!(self.state.get(), State::Before | State::EarlyData)
        {
            self.step(State::EarlyData);
        }
        self.tell_loop();
    }

    /// The handshake is done; there may be tickets to be sent yet.
    pub(super) fn tell_done(&self, tickets: bool) {
        self.step(match tickets {
            true => State::SwSessionTicket,
            false => State::Ok,
        });
        self.edit_steps(|s| s.told = tickets);
        self.stage.set(Stage::Established);
        self.watch_anew();
        self.inform(info::HANDSHAKE_DONE, 1);
        self.edit_steps(|s| s.ending = tickets);
    }

    /// SSL_stateless is done, as if the handshake was.
    pub(super) fn tell_answered(&self) {
        self.step(State::EarlyData);
        self.inform(info::HANDSHAKE_DONE, 1);
    }

    /// Whether a message is being sent or received that is a handshake of its own.
    pub(super) fn is_posting(&self) -> bool {
        let steps = self.steps.get();
        steps.ending || steps.posting
    }

    /// Whether the tickets at the handshake's end are being sent.
    pub(super) fn is_ending(&self) -> bool {
        self.steps.get().ending
    }

    /// They are sent.
    pub(super) fn tell_end(&self) {
        self.step(State::Ok);
        self.edit_steps(|s| (s.ending, s.told, s.posting) = (false, false, false));
    }
}
