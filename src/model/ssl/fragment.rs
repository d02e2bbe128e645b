//! The maximum fragment length a client asks for (RFC 6066, section 4;
//! SSL_CTX_set_tlsext_max_fragment_length(3)).

use super::{Moved, Ssl};
use crate::engine::alert::{DECODE_ERROR, ILLEGAL_PARAMETER};
use crate::engine::connection::Connection;
use crate::foreign::err::Reason;

/// The extension's type.
pub(super) const MAX_FRAGMENT_LENGTH: u16 = 1;

/// The bytes that TLSEXT_max_fragment_length_* stands for; `None` for no limit.
pub fn limit(mode: u8) -> Option<usize> {
    (1..=4).contains(&mode).then(|| 256 << mode)
}

/// The code in an extension's body, or the alert for one that is no such code.
fn code(body: &[u8]) -> Result<u8, (u8, Reason)> {
    match body {
        [mode] if limit(*mode).is_some() => Ok(*mode),
        [_] => Err((
            ILLEGAL_PARAMETER,
            Reason::SSL3_EXT_INVALID_MAX_FRAGMENT_LENGTH,
        )),
        _ => Err((DECODE_ERROR, Reason::BAD_EXTENSION)),
    }
}

impl Ssl {
    /// What a client puts into its hello.
    pub(super) fn fragment_request(&self) -> Option<(u16, Vec<u8>)> {
        let mode = self.with(|s| s.max_fragment_mode);
        limit(mode).map(|_| (MAX_FRAGMENT_LENGTH, vec![mode]))
    }

    /// A server has to answer with what it was asked for.
    pub(super) fn read_fragment_answer(
        &self,
        connection: &mut Connection,
        body: &[u8],
    ) -> Moved<()> {
        let asked = self.with(|s| s.max_fragment_mode);
        let answer = code(body).and_then(|mode| match mode == asked {
            true => Ok(mode),
            false => Err((
                ILLEGAL_PARAMETER,
                Reason::SSL3_EXT_INVALID_MAX_FRAGMENT_LENGTH,
            )),
        });
        let mode = answer.map_err(|(alert, reason)| self.refuse(connection, alert, reason))?;
        self.fragment_mode.set(mode);
        Ok(())
    }

    /// A server's answer to what the client asks for, which holds from now on.
    pub(super) fn answer_fragment(
        &self,
        connection: &mut Connection,
    ) -> Moved<Option<(u16, Vec<u8>)>> {
        let hello = connection.client_hello();
        let asked = hello.and_then(|hello| hello.extension(MAX_FRAGMENT_LENGTH));
        let Some(asked) = asked.map(code) else {
            return Ok(None);
        };
        let mode = asked.map_err(|(alert, reason)| self.refuse(connection, alert, reason))?;
        self.fragment_mode.set(mode);
        Ok(Some((MAX_FRAGMENT_LENGTH, vec![mode])))
    }
}
