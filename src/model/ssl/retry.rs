//! The second ClientHello, after a HelloRetryRequest: the program's callbacks have to do with it, too,
//! and may decide otherwise.

use super::{Moved, Ssl};
use crate::engine::alert::{HANDSHAKE_FAILURE, ILLEGAL_PARAMETER};
use crate::engine::config::ServerConfig;
use crate::engine::connection::{Connection, Retried};
use crate::engine::hello::{EARLY_DATA, PRE_SHARED_KEY, RawClientHello};
use crate::engine::retry::{Choice, Lacking};
use crate::foreign::err::Reason;
use crate::model::extension::context;
use crate::model::settings::Settings;

impl Ssl {
    /// Begins again after a HelloRetryRequest, if the program decides on anything. Also where the
    /// client offers a session or key: it may leave that out then, which rustls would not have.
    pub(super) fn decide_again(&self, connection: &mut Connection, config: &ServerConfig) {
        let offers = |hello: &RawClientHello| hello.extension(PRE_SHARED_KEY).is_some();
        if (self.asks_program() || connection.client_hello().is_some_and(offers))
            && let Some(retried) = connection.begin_again(config)
        {
            self.watch(connection);
            self.hit.set(false);
            self.server_step.set(super::server::Step::ClientHello);
            self.retried.replace(Some(retried));
        }
    }

    /// A client that is asked for a second ClientHello asks its program again for what is in it.
    pub(super) fn ask_program_again(&self, connection: &mut Connection) -> Moved<()> {
        let extends = |s: &Settings| s.custom_exts.kinds(context::CLIENT_HELLO).next().is_some();
        if self.with(extends) {
            self.ask_extensions_again(connection)?;
        }
        self.ask_for_psk_again(connection)
    }

    /// The program is shown the extensions of the request, and then asked again for those of the
    /// hello.
    fn ask_extensions_again(&self, connection: &mut Connection) -> Moved<()> {
        connection.see_answers();
        self.read_answers(connection)?;
        match self.added_to_hello() {
            Ok(added) => {
                connection.replace_additions(added);
                Ok(())
            }
            Err(alert) => Err(self.refuse(connection, alert, Reason::CALLBACK_FAILED)),
        }
    }

    /// Whether there is a callback that decides by the ClientHello.
    fn asks_program(&self) -> bool {
        let of_ctx = |ctx: &crate::model::ctx::Ctx| {
            ctx.with_hooks(|h| {
                h.client_hello.is_some()
                    || h.servername.get().is_some()
                    || h.alpn_select.is_some()
                    || h.status.get().is_some()
                    || h.decrypt_ticket.is_some()
                    || h.ticket_key_evp.is_some()
                    || h.ticket_key_hmac.is_some()
                    || h.get_session.is_some()
            })
        };
        of_ctx(&self.session_ctx)
            || of_ctx(&self.ctx())
            || self.with(|s| {
                s.cert_cb.is_some() || s.custom_exts.kinds(context::CLIENT_HELLO).next().is_some()
            })
    }

    /// The second ClientHello has to lead to what was asked for; what the transcript begins with.
    pub(super) fn check_second_hello(
        &self,
        connection: &mut Connection,
        config: &ServerConfig,
        retried: Retried,
    ) -> Moved<Vec<u8>> {
        let Some(hello) = connection.client_hello() else {
            return Ok(retried.before);
        };
        let early = hello.extension(EARLY_DATA).is_some();
        let suited = hello.suites().any(|code| code == retried.suite);
        let asked = hello.share_groups() == [retried.group];
        let (alert, reason) = match Choice::foresee(config, hello) {
            Err(Lacking::Suite) => (ILLEGAL_PARAMETER, Reason::BAD_CIPHER),
            _ if !suited => (ILLEGAL_PARAMETER, Reason::BAD_CIPHER),
            Ok(choice) if choice.suite() != retried.suite => {
                (ILLEGAL_PARAMETER, Reason::BAD_CIPHER)
            }
            _ if !asked => (ILLEGAL_PARAMETER, Reason::BAD_KEY_SHARE),
            Ok(_) if early => (ILLEGAL_PARAMETER, Reason::BAD_EXTENSION),
            Ok(choice) if choice.group == retried.group => return Ok(retried.before),
            _ => (HANDSHAKE_FAILURE, Reason::NO_SUITABLE_KEY_SHARE),
        };
        Err(self.refuse(connection, alert, reason))
    }
}
