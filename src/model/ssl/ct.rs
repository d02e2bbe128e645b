//! Certificate transparency: the verdict on the timestamps for a server's certificate.

use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Moved, Ssl};
use crate::engine::connection::Connection;
use crate::foreign::callback::{Callback, types};
use crate::foreign::ct::{Judged, Scts};
use crate::foreign::dane::Dane;
use crate::foreign::err::Result;
use crate::foreign::types::stack_st_SCT;
use crate::model::alert::Alert;
use crate::model::settings::{Settings, verify};

/// X509_V_ERR_NO_VALID_SCTS.
const NO_VALID_SCTS: i64 = 71;

impl Ssl {
    /// SSL_set_ct_validation_callback(3): with a callback, an OCSP response is asked for too.
    pub fn set_ct(&self, callback: Option<Callback<types::Ct>>) -> Result<()> {
        self.edit(|s| {
            s.set_ct(callback)?;
            if callback.is_some() {
                Settings::accept_stapled_timestamps(s);
            }
            Ok(())
        })
    }

    /// SSL_get0_peer_scts(3): NULL before the peer's certificate is known.
    pub fn peer_scts(&self) -> Result<*const stack_st_SCT> {
        if let Some(scts) = &*self.scts.borrow() {
            return Ok(scts.as_ptr());
        }
        let timestamps = self.extensions.borrow().timestamps.clone();
        let collected = self.with_peer(|peer| {
            let leaf = peer.leaf.as_ref()?;
            Some(Scts::collect(leaf, &timestamps, &peer.ocsp))
        });
        let Some(collected) = collected else {
            return Ok(std::ptr::null());
        };
        let scts = Rc::new(collected?);
        Ok(self.scts.borrow_mut().insert(scts).as_ptr())
    }

    /// Judges the timestamps if somebody wants to know. Chains that did not verify, and such as
    /// end with the leaf or at a TLSA record (RFC 7671, section 4.2), are outside the public key
    /// infrastructure that has any.
    pub(super) fn judge_timestamps(&self, connection: &mut Connection) -> Moved<()> {
        let Some(callback) = self.with(|s| s.ct) else {
            return Ok(());
        };
        if self.verify_result.get() != 0 || self.records().is_some_and(Dane::replaces_pki) {
            return Ok(());
        }
        let parties = self.with_peer(|peer| {
            let issuer = peer.verified.as_ref()?.get(1)?;
            Some((peer.leaf.clone()?, issuer))
        });
        let Some((cert, issuer)) = parties else {
            return Ok(());
        };
        self.peer_scts()?;
        let Some(scts) = self.scts.borrow().clone() else {
            return Ok(());
        };
        let ctx = self.ctx();
        let logs = ctx.logs();
        let judged = Judged {
            cert: &cert,
            issuer: &issuer,
            logs: logs.as_deref(),
            milliseconds: now(),
            lib: &ctx.lib,
        };
        let Err(err) = scts.validate(&judged, callback) else {
            return Ok(());
        };
        self.verify_result.set(NO_VALID_SCTS);
        match self.with(|s| s.verify_mode) & verify::PEER {
            0 => Ok(()),
            _ => Err(self.reject(connection, Alert::HANDSHAKE_FAILURE.0, err)),
        }
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}
