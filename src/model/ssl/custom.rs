//! What the program adds to the hellos and reads in them (SSL_CTX_add_custom_ext(3)), and the
//! signal of a client that fell back to a lower version (RFC 7507).

use super::fragment::MAX_FRAGMENT_LENGTH;
use super::{Moved, Ssl, Stop};
use crate::engine::connection::Connection;
use crate::engine::rewrite::Added;
use crate::foreign::custom_ext::ToSend;
use crate::foreign::err::{Error, Reason, Result};
use crate::model::extension::{CustomExt, Role, context};
use crate::model::method::{TLS1_2, TLS1_3};
use crate::model::settings::{mode, op};

/// TLS_FALLBACK_SCSV.
const FALLBACK_SCSV: u16 = 0x5600;
const INAPPROPRIATE_FALLBACK: u8 = 86;
/// The extended_master_secret extension (RFC 7627).
pub(super) const EXTENDED_MASTER_SECRET: u16 = 23;

impl Ssl {
    /// What a client adds to its hello.
    pub(super) fn hello_additions(&self) -> Result<Added> {
        let settings = self.settings();
        let (_, max) = settings.versions()?;
        // A session of TLS 1.2 is offered by its id.
        let by_id = self
            .session()
            .is_some_and(|session| session.version() == i32::from(TLS1_2));
        let mut added = Added {
            without_session_id: max == TLS1_3 && !settings.is_for_middleboxes() && !by_id,
            padded: settings.pads_hello(max),
            without: (settings.options & op::NO_EXTENDED_MASTER_SECRET != 0)
                .then_some(EXTENDED_MASTER_SECRET),
            ..Added::default()
        };
        if settings.mode & mode::SEND_FALLBACK_SCSV != 0 {
            added.suites.push(FALLBACK_SCSV);
        }
        added.extensions.extend(self.odd_name());
        added.extensions.extend(self.fragment_request());
        added.filled = self.filled_ticket_ext()?;
        for ext in settings
            .custom_exts
            .of(context::CLIENT_HELLO, Role::Client, false)
        {
            if ext.context & context::TLS1_3_ONLY != 0 && max < TLS1_3 {
                continue;
            }
            match ext.handler.add(self.ptr(), ext.kind, context::CLIENT_HELLO) {
                ToSend::Body(body) => added.extensions.push((ext.kind, body)),
                ToSend::Nothing => {}
                ToSend::Fail(alert) => {
                    self.refuse_to_begin(alert as u8);
                    return Err(Error::reason(Reason::CALLBACK_FAILED));
                }
            }
        }
        Ok(added)
    }

    /// Shows a client's program what the server answered.
    pub(super) fn read_answers(&self, connection: &mut Connection) -> Moved<()> {
        for answer in connection.take_answers() {
            if answer.kind == MAX_FRAGMENT_LENGTH {
                self.read_fragment_answer(connection, &answer.body)?;
                continue;
            }
            let message = match answer.encrypted {
                true => context::TLS1_3_ENCRYPTED_EXTENSIONS,
                false => context::TLS1_2_SERVER_HELLO,
            };
            let exts = self.settings().custom_exts.clone();
            let known = exts.of(message, Role::Client, answer.encrypted);
            for ext in known.iter().filter(|ext| ext.kind == answer.kind) {
                self.show_extension(connection, ext, message, &answer.body)?;
            }
        }
        Ok(())
    }

    /// Shows a server's program what the client sent.
    pub(super) fn read_custom_extensions(&self, connection: &mut Connection) -> Moved<()> {
        let exts = self.settings().custom_exts.clone();
        if exts.is_empty() {
            return Ok(());
        }
        let tls13 = self.offered_tls13.get();
        for ext in exts.of(context::CLIENT_HELLO, Role::Server, tls13) {
            let hello = connection.client_hello();
            let Some(body) = hello.and_then(|hello| hello.extension(ext.kind)) else {
                continue;
            };
            let body = body.to_vec();
            self.show_extension(connection, &ext, context::CLIENT_HELLO, &body)?;
        }
        Ok(())
    }

    fn show_extension(
        &self,
        connection: &mut Connection,
        ext: &CustomExt,
        message: u32,
        body: &[u8],
    ) -> Moved<()> {
        ext.handler
            .parse(self.ptr(), ext.kind, message, body)
            .map_err(|alert| self.refuse(connection, alert as u8, Reason::BAD_EXTENSION))
    }

    /// What a server adds to its hello: answers to what the client sent. The transcript begins
    /// with `before`.
    pub(super) fn answer_extensions(
        &self,
        connection: &mut Connection,
        fragment: Option<(u16, Vec<u8>)>,
        before: Vec<u8>,
    ) -> Moved<()> {
        let exts = self.settings().custom_exts.clone();
        let tls13 = self.offered_tls13.get();
        let message = match tls13 {
            true => context::TLS1_3_ENCRYPTED_EXTENSIONS,
            false => context::TLS1_2_SERVER_HELLO,
        };
        let mut added = Added {
            before,
            ..Added::default()
        };
        added.extensions.extend(fragment);
        added.session_id.clone_from(&self.own_id.borrow());
        let resumed = self.presented.borrow().is_some();
        let ignored = |ext: u32| resumed && ext & context::IGNORE_ON_RESUMPTION != 0;
        for ext in exts.of(message, Role::Server, tls13) {
            let hello = connection.client_hello();
            let received = hello.is_some_and(|hello| hello.extension(ext.kind).is_some());
            if !received
                || ignored(ext.context)
                || ext.context & context::CLIENT_HELLO == 0
                || ext.handler.sends_by_itself()
            {
                continue;
            }
            match ext.handler.add(self.ptr(), ext.kind, message) {
                ToSend::Body(body) => added.extensions.push((ext.kind, body)),
                ToSend::Nothing => {}
                ToSend::Fail(alert) => {
                    return Err(self.refuse(connection, alert as u8, Reason::CALLBACK_FAILED));
                }
            }
        }
        let slot = match self.with(|s| s.certs.has_serverinfo()) {
            true => self.served_slot(connection),
            false => None,
        };
        if let (Some(slot), Some(hello)) = (slot, connection.client_hello()) {
            self.settings().certs.each_serverinfo(slot, |entry| {
                let wanted = entry.context & context::CLIENT_HELLO != 0
                    && context::places(entry.context, message, tls13)
                    && !ignored(entry.context)
                    && hello.extension(entry.kind).is_some();
                if wanted {
                    added.extensions.push((entry.kind, entry.body.to_vec()));
                }
            });
        }
        connection.answer(&added, tls13);
        Ok(())
    }

    /// A client that fell back for no reason is told so.
    pub(super) fn check_fallback(&self, connection: &mut Connection) -> Moved<()> {
        let signalled = connection.client_hello().is_some_and(|hello| {
            hello
                .cipher_suites()
                .chunks_exact(2)
                .any(|code| code == FALLBACK_SCSV.to_be_bytes())
        });
        let lower = signalled
            && !self.offered_tls13.get()
            && self.with(|s| s.versions().is_ok_and(|(_, max)| max == TLS1_3));
        match lower {
            true => Err::<(), Stop>(self.refuse(
                connection,
                INAPPROPRIATE_FALLBACK,
                Reason::INAPPROPRIATE_FALLBACK,
            )),
            false => Ok(()),
        }
    }
}
