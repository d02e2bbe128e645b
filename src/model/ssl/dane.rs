//! DANE: TLSA records that vouch for the server (SSL_CTX_dane_enable(3)).

use std::ffi::CString;

use super::Ssl;
use crate::foreign::dane::{Dane, Match, Tlsa, Unusable};
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::types::SSL_DANE;

/// X509_V_OK.
const VERIFIED: i64 = 0;

/// Why SSL_dane_enable(3) failed.
pub enum NotEnabled {
    /// DANE is off for the context or on already: 0.
    Refused(Error),
    /// The domain is not a name, or memory is short: -1.
    Failed(Error),
}

impl Ssl {
    fn dane(&self) -> &Dane {
        self.dane.get_or_init(Dane::default)
    }

    /// SSL_dane_enable(3): the server is `domain`, vouched for by records to be added.
    pub fn enable_dane(&self, domain: Option<CString>) -> std::result::Result<(), NotEnabled> {
        let refused = |reason| NotEnabled::Refused(Error::reason(reason));
        let not_set = |_| NotEnabled::Failed(Error::reason(Reason::ERROR_SETTING_TLSA_BASE_DOMAIN));
        if !self.ctx().dane_types().is_enabled() {
            return Err(refused(Reason::CONTEXT_NOT_DANE_ENABLED));
        }
        let dane = self.dane();
        if dane.is_enabled() {
            return Err(refused(Reason::DANE_ALREADY_ENABLED));
        }
        if self.host_name().is_null()
            && let Err(err) = self.set_host_name(domain.clone())
        {
            err.put();
            return Err(not_set(Error::Queued));
        }
        self.edit(|s| s.own_param()?.set1_host(domain.as_deref()))
            .map_err(not_set)?;
        dane.enable().map_err(NotEnabled::Failed)
    }

    /// SSL_dane_tlsa_add(3).
    pub fn add_tlsa(&self, tlsa: Tlsa<'_>) -> std::result::Result<(), Unusable> {
        self.dane().add(tlsa, &self.ctx().dane_types())
    }

    /// SSL_get0_dane: the C object, for X509_STORE_CTX_set0_dane.
    pub fn dane_ptr(&self) -> *mut SSL_DANE {
        let flags = self.with(|s| s.dane_flags);
        self.dane().as_ptr(&self.ctx().dane_types(), flags)
    }

    /// What vouched for the peer: `None` without records or without success.
    pub fn dane_match(&self) -> Option<Match> {
        let dane = self.records()?;
        (self.verify_result() == VERIFIED).then(|| dane.matched())
    }

    /// The records, if there are any.
    pub(super) fn records(&self) -> Option<&Dane> {
        self.dane.get().filter(|dane| dane.has_records())
    }

    pub(super) fn reset_dane(&self) {
        if let Some(dane) = self.dane.get() {
            dane.reset();
        }
    }

    pub(super) fn copy_dane(&self, copy: &Self) -> Result<()> {
        match self.records() {
            Some(dane) => dane.copy_to(copy.dane(), &self.ctx().dane_types()),
            None => Ok(()),
        }
    }
}
