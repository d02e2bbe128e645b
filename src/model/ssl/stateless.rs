//! SSL_stateless(3): a server that answers a ClientHello by a cookie and forgets it, until the
//! client brings the cookie back.

use super::handshake::info::HANDSHAKE_START;
use super::{Halt, Moved, Side, Ssl, Stop};
use crate::engine::alert::{DECODE_ERROR, HANDSHAKE_FAILURE, ILLEGAL_PARAMETER, INTERNAL_ERROR};
use crate::engine::config::ServerConfig;
use crate::engine::connection::Connection;
use crate::engine::hello::{self, RawClientHello};
use crate::engine::retry::{self, Choice, Lacking};
use crate::foreign;
use crate::foreign::err::{Error, Reason};
use crate::model::cookie;
use crate::model::settings::Settings;
use crate::model::state::HandshakeState as State;

/// The cookie extension (RFC 8446, section 4.2.2).
const COOKIE: u16 = 44;

/// Where a connection stands with SSL_stateless.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is not, or no longer, in use.
    #[default]
    Unused,
    /// A ClientHello is awaited.
    Listening,
    /// There was none with a cookie: one was asked for.
    Asked,
    /// The cookie was right, and the server's flight went out.
    Accepted,
}

/// What SSL_stateless(3) came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listened {
    /// The client was asked to come again.
    Asked,
    /// The handshake may go on.
    Accepted,
}

/// What becomes of a ClientHello by its cookie.
pub(super) enum Cookie {
    /// Cookies are not in use, or not with the version.
    Unused,
    /// It is right; the transcript begins with these messages.
    Accepted(Vec<u8>),
    /// The client was asked to come again.
    Asked,
}

impl Ssl {
    /// SSL_stateless(3): what is neither asked nor accepted is an error or has to be tried again.
    pub fn stateless(&self) -> Moved<Listened> {
        self.clear()?;
        if self.side.get() == Side::Unset {
            self.set_side(Side::Server);
        }
        self.stateless.set(Phase::Listening);
        let driven = self.drive();
        match (driven, self.stateless.get()) {
            (Ok(()), Phase::Accepted) => {
                self.state.set(State::EarlyData);
                Ok(Listened::Accepted)
            }
            (Ok(()), Phase::Asked) => {
                self.state.set(State::EarlyData);
                Ok(Listened::Asked)
            }
            (driven, _) => {
                self.stateless.set(Phase::Unused);
                driven.and(Err(Stop::Halt(Halt::Blocked)))
            }
        }
    }

    /// Whether SSL_stateless has answered a ClientHello and the handshake did not go on.
    pub(super) fn has_answered(&self) -> bool {
        matches!(self.stateless.get(), Phase::Asked | Phase::Accepted)
    }

    /// The program goes on with the handshake.
    pub(super) fn go_on(&self) {
        if self.has_answered() {
            self.stateless.set(Phase::Unused);
            self.inform(HANDSHAKE_START, 1);
        }
    }

    /// A client sends a ChangeCipherSpec before its second ClientHello: nobody knows any more that
    /// there was a first. The call that reads it is over.
    pub(super) fn pass_over_spec(&self, connection: &mut Connection) -> Moved<()> {
        let listening = self.stateless.get() == Phase::Listening && connection.is_fresh();
        match connection.input.records() {
            [20, 3, _, 0, 1, 1] if listening => {
                connection.input.clear();
                Err(Stop::Halt(Halt::Blocked))
            }
            _ => Ok(()),
        }
    }

    /// Looks at the cookie of a ClientHello, and asks for one if there is none.
    pub(super) fn judge_cookie(
        &self,
        connection: &mut Connection,
        config: &ServerConfig,
    ) -> Moved<Cookie> {
        if self.stateless.get() != Phase::Listening || !self.offered_tls13.get() {
            return Ok(Cookie::Unused);
        }
        let Some(hello) = connection.client_hello().cloned() else {
            return Ok(Cookie::Unused);
        };
        let refuse = |connection: &mut Connection, (alert, err)| {
            Err(self.refuse_with(connection, alert, err))
        };
        let choice = match Choice::foresee(config, &hello) {
            Ok(choice) => choice,
            Err(lacking) => {
                let reason = match lacking {
                    Lacking::Suite => Reason::NO_SHARED_CIPHER,
                    Lacking::Group => Reason::NO_SUITABLE_KEY_SHARE,
                };
                return refuse(connection, (HANDSHAKE_FAILURE, Error::reason(reason)));
            }
        };
        match self.check_cookie(&hello, &choice) {
            Ok(Some(before)) => {
                self.stateless.set(Phase::Accepted);
                return Ok(Cookie::Accepted(before));
            }
            Ok(None) => {}
            Err(refusal) => return refuse(connection, refusal),
        }
        match self.make_request(&hello, &choice) {
            Ok(request) => {
                connection.ask_again(&request, self.with(Settings::is_for_middleboxes));
                self.watch(connection);
                self.server_step.set(super::server::Step::ClientHello);
                self.stateless.set(Phase::Asked);
                Ok(Cookie::Asked)
            }
            Err(refusal) => refuse(connection, refusal),
        }
    }

    /// What the transcript begins with, by the ClientHello's cookie; `None` if it has none, or one
    /// that does not count.
    fn check_cookie(
        &self,
        hello: &RawClientHello,
        choice: &Choice,
    ) -> Result<Option<Vec<u8>>, cookie::Refusal> {
        let refusal = |alert, reason| (alert, Error::reason(reason));
        let callback = self.ctx().with_hooks(|h| h.check_cookie);
        let (Some(callback), Some(body)) = (callback, hello.extension(COOKIE)) else {
            return Ok(None);
        };
        let ctx = &self.session_ctx;
        let key = ctx.cookie_key().map_err(|err| (INTERNAL_ERROR, err))?;
        let bytes = match body.split_first_chunk::<2>() {
            Some((len, bytes)) if usize::from(u16::from_be_bytes(*len)) == bytes.len() => bytes,
            _ => return Err(refusal(DECODE_ERROR, Reason::LENGTH_MISMATCH)),
        };
        let Some(cookie) = cookie::Cookie::open(bytes, key, &ctx.lib)? else {
            return Ok(None);
        };
        let same = cookie.suite == choice.suite() && cookie.group == choice.group;
        if !same || !choice.has_share || !choice.fits(cookie.hello) {
            return Err(refusal(ILLEGAL_PARAMETER, Reason::BAD_CIPHER));
        }
        if cookie.is_stale(foreign::now()) {
            return Ok(None);
        }
        if !callback.check_cookie(self.ptr(), cookie.program) {
            return Err(refusal(ILLEGAL_PARAMETER, Reason::COOKIE_MISMATCH));
        }
        if hello.extension(hello::EARLY_DATA).is_some() {
            return Err(refusal(ILLEGAL_PARAMETER, Reason::BAD_EXTENSION));
        }
        let request = choice.request(hello.session_id(), cookie.asked, bytes);
        Ok(Some(retry::transcript(cookie.hello, &request)))
    }

    /// A HelloRetryRequest with a new cookie.
    fn make_request(
        &self,
        hello: &RawClientHello,
        choice: &Choice,
    ) -> Result<Vec<u8>, cookie::Refusal> {
        let internal = |err| (INTERNAL_ERROR, err);
        let Some(callback) = self.ctx().with_hooks(|h| h.make_cookie) else {
            return Err(internal(Error::reason(Reason::NO_COOKIE_CALLBACK_SET)));
        };
        let program = callback
            .make_cookie(self.ptr())
            .ok_or_else(|| internal(Error::reason(Reason::COOKIE_GEN_CALLBACK_FAILURE)))?;
        let ctx = &self.session_ctx;
        let cookie = cookie::Cookie {
            group: choice.group,
            suite: choice.suite(),
            asked: !choice.has_share,
            time: u64::try_from(foreign::now()).unwrap_or_default(),
            hello: &choice.hash(hello.message()),
            program: &program,
        };
        let sealed = ctx.cookie_key().and_then(|key| cookie.seal(key, &ctx.lib));
        let sealed = sealed.map_err(internal)?;
        Ok(choice.request(hello.session_id(), !choice.has_share, &sealed))
    }
}
