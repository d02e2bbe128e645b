//! The server's decisions between the ClientHello and the ServerHello, in OpenSSL's order.

use std::ffi::{CString, c_int};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustls::error::PeerIncompatible;

use super::client::LogSecrets;
use super::session::{Binding, ServerStore};
use super::{Halt, Moved, Ssl, Stop, Want, at_work};
use crate::engine::config::{self, ServerConnectionParams};
use crate::engine::connection::Connection;
use crate::engine::credentials::Credentials;
use crate::engine::session::{BoundTicketer, ServerSessions};
use crate::foreign::err::{Error, Reason};
use crate::model::settings::{mode, op};

/// What was decided already: a suspended handshake asks no question twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The client hello callback is next.
    ClientHello,
    /// Server name.
    ServerName,
    /// Protocol, with TLS 1.3.
    EarlyAlpn,
    /// Certificate.
    Certificate,
    /// OCSP response.
    Status,
    /// Protocol, with TLS 1.2: the program's certificate callback comes first.
    LateAlpn,
    /// Nothing is left to decide.
    Decided,
}

const TLSEXT_ERR_OK: c_int = 0;
const TLSEXT_ERR_ALERT_WARNING: c_int = 1;
const TLSEXT_ERR_ALERT_FATAL: c_int = 2;
const TLSEXT_ERR_NOACK: c_int = 3;

const INTERNAL_ERROR: u8 = 80;
const UNRECOGNIZED_NAME: c_int = 112;
const NO_APPLICATION_PROTOCOL: u8 = 120;

impl Ssl {
    /// Runs the program's callbacks and gives the engine the config they led to.
    pub(super) fn choose_config(&self, connection: &mut Connection) -> Moved<()> {
        let tls13 = self.offers_tls13(connection);
        self.offered_tls13.set(tls13);
        loop {
            let next = match self.server_step.get() {
                Step::ClientHello => {
                    self.ask_client_hello(connection)?;
                    Step::ServerName
                }
                Step::ServerName => {
                    self.ask_server_name(connection)?;
                    Step::EarlyAlpn
                }
                Step::EarlyAlpn => {
                    if tls13 {
                        self.ask_alpn(connection)?;
                    }
                    Step::Certificate
                }
                Step::Certificate => {
                    self.ask_certificate(connection)?;
                    Step::Status
                }
                Step::Status => {
                    self.ask_status(connection)?;
                    Step::LateAlpn
                }
                Step::LateAlpn => {
                    if !tls13 {
                        self.ask_alpn(connection)?;
                    }
                    Step::Decided
                }
                Step::Decided => break,
            };
            self.server_step.set(next);
        }
        let config = self.connection_config()?;
        at_work(self, || connection.choose_config(config)).map_err(|err| {
            let reported = self.engine_error(&err);
            // TLS 1.2 has one reason for all that two sides can lack in common.
            let lacking = matches!(
                err,
                rustls::Error::PeerIncompatible(
                    PeerIncompatible::NoKxGroupsInCommon
                        | PeerIncompatible::NoSignatureSchemesInCommon
                )
            );
            match lacking && !tls13 {
                true => Stop::Error(Error::with_data(Reason::NO_SHARED_CIPHER, err.to_string())),
                false => reported.into(),
            }
        })
    }

    fn refuse(&self, connection: &mut Connection, alert: u8, reason: Reason) -> Stop {
        self.inform(
            super::handshake::info::ALERT | super::handshake::info::WRITE,
            2 << 8 | c_int::from(alert),
        );
        connection.abort(alert);
        Stop::Error(Error::reason(reason))
    }

    fn suspend(&self, want: Want) -> Stop {
        self.want.set(want);
        Stop::Halt(Halt::Blocked)
    }

    /// Lets the program's callback use the ClientHello while it runs.
    fn show_hello<R>(&self, connection: &Connection, f: impl FnOnce() -> R) -> R {
        self.hello
            .replace(connection.client_hello().cloned().map(Box::new));
        let answer = f();
        self.hello.replace(None);
        answer
    }

    fn ask_client_hello(&self, connection: &mut Connection) -> Moved<()> {
        let Some(callback) = self.session_ctx.with_hooks(|h| h.client_hello) else {
            return Ok(());
        };
        let alert = c_int::from(INTERNAL_ERROR);
        let (ret, alert) = self.show_hello(connection, || callback.alerting(self.ptr(), alert));
        match ret {
            1 => Ok(()),
            ..=-1 => Err(self.suspend(Want::ClientHelloCb)),
            _ => Err(self.refuse(connection, alert as u8, Reason::CALLBACK_FAILED)),
        }
    }

    fn ask_server_name(&self, connection: &mut Connection) -> Moved<()> {
        let sent = connection
            .client_hello()
            .and_then(|hello| hello.server_name())
            .and_then(|name| CString::new(name).ok());
        let named = sent.is_some();
        self.host_name.replace(sent);
        let callback = self
            .ctx()
            .with_hooks(|h| h.servername.get())
            .or_else(|| self.session_ctx.with_hooks(|h| h.servername.get()));
        let Some(callback) = callback else {
            return Ok(());
        };
        let (ret, alert) = callback.alerting(self.ptr(), UNRECOGNIZED_NAME);
        match ret {
            TLSEXT_ERR_ALERT_FATAL => {
                Err(self.refuse(connection, alert as u8, Reason::CALLBACK_FAILED))
            }
            TLSEXT_ERR_ALERT_WARNING => {
                let tls13 = connection
                    .client_hello()
                    .is_some_and(|hello| hello.extension(43).is_some());
                if !tls13 {
                    connection.plain_alert(1, alert as u8);
                }
                Ok(())
            }
            TLSEXT_ERR_OK | TLSEXT_ERR_NOACK => Ok(()),
            _ => {
                debug_assert!(named || ret >= 0);
                Ok(())
            }
        }
    }

    fn ask_certificate(&self, connection: &mut Connection) -> Moved<()> {
        let Some(callback) = self.with(|s| s.cert_cb) else {
            return Ok(());
        };
        match self.show_hello(connection, || callback.cert(self.ptr())) {
            0 => Err(self.refuse(connection, INTERNAL_ERROR, Reason::CERT_CB_ERROR)),
            ..=-1 => Err(self.suspend(Want::X509Lookup)),
            _ => Ok(()),
        }
    }

    fn ask_status(&self, connection: &mut Connection) -> Moved<()> {
        let wanted = connection
            .client_hello()
            .is_some_and(|hello| hello.wants_ocsp());
        let callback = self.ctx().with_hooks(|h| h.status.get());
        let (true, Some(callback)) = (wanted, callback) else {
            self.staple.replace(None);
            return Ok(());
        };
        match callback.cert(self.ptr()) {
            TLSEXT_ERR_OK => Ok(()),
            TLSEXT_ERR_NOACK => {
                self.staple.replace(None);
                Ok(())
            }
            _ => Err(self.refuse(connection, INTERNAL_ERROR, Reason::CLIENTHELLO_TLSEXT)),
        }
    }

    fn ask_alpn(&self, connection: &mut Connection) -> Moved<()> {
        let callback = self.ctx().with_hooks(|h| h.alpn_select);
        let offered = connection
            .client_hello()
            .and_then(|hello| hello.alpn())
            .map(<[u8]>::to_vec);
        let (Some(callback), Some(offered)) = (callback, offered) else {
            return Ok(());
        };
        match callback.alpn_select(self.ptr(), &offered) {
            (TLSEXT_ERR_OK, chosen) => {
                self.chosen_alpn.replace(Some(chosen));
                Ok(())
            }
            (TLSEXT_ERR_NOACK, _) => Ok(()),
            _ => Err(self.refuse(
                connection,
                NO_APPLICATION_PROTOCOL,
                Reason::NO_APPLICATION_PROTOCOL,
            )),
        }
    }

    /// The certificates of this connection as rustls serves them.
    pub(super) fn local_credentials(&self) -> Credentials {
        let settings = self.settings();
        let ctx = self.ctx();
        let auto_chain = settings.mode & mode::NO_AUTO_CHAIN == 0;
        let list = settings.credentials(|| {
            settings.certs.credentials(&ctx.lib, |leaf| {
                let store = settings.chain_store.clone().unwrap_or_else(|| ctx.store());
                auto_chain
                    .then(|| store.complete_chain(leaf, &ctx.lib))
                    .flatten()
            })
        });
        Credentials {
            list,
            sigalgs: settings.sigalgs.clone(),
            ocsp: self.staple.borrow().clone(),
        }
    }

    fn connection_config(&self) -> Moved<Arc<config::ServerConfig>> {
        let settings = self.settings();
        let ctx = &self.session_ctx;
        let base = settings.server_config(&ctx.lib)?;
        let lifetime = Duration::from_secs(ctx.timeout.load(Ordering::Relaxed).max(0) as u64);
        let ticketer = (settings.options & op::NO_TICKET == 0)
            .then(|| ctx.ticketer())
            .flatten()
            .map(|inner| {
                Arc::new(BoundTicketer {
                    inner,
                    binding: Arc::new(Binding),
                    lifetime,
                }) as _
            });
        let sessions = ServerSessions {
            ticketer,
            storage: Arc::new(ServerStore),
        };
        Ok(config::server_connection(
            base,
            ServerConnectionParams {
                credentials: self.local_credentials(),
                alpn: self.chosen_alpn.borrow().clone(),
                sessions: Some(sessions),
                keylog: self
                    .ctx()
                    .with_hooks(|h| h.keylog)
                    .map(|_| Arc::new(LogSecrets) as _),
            },
        ))
    }
}
