//! The names of authorities sent to the peer (SSL_CTX_set0_CA_list(3)): two lists that a context has,
//! and of which a connection has its own or follows its context's.

use std::sync::Arc;

use super::ctx::Ctx;
use super::settings::Settings;
use super::ssl::Ssl;
use crate::foreign::err::Result;
use crate::foreign::stack::NameStack;
use crate::foreign::x509::Cert;

/// Which of the two.
#[derive(Debug, Clone, Copy)]
pub enum CaList {
    /// What either side sends.
    Sent,
    /// What a server sends instead.
    OfClients,
}

type Names = Option<Arc<NameStack>>;

impl CaList {
    /// The list in `settings`.
    pub fn of(self, settings: &Settings) -> &Names {
        match self {
            Self::Sent => &settings.ca_names,
            Self::OfClients => &settings.client_ca_names,
        }
    }

    fn of_mut(self, settings: &mut Settings) -> &mut Names {
        match self {
            Self::Sent => &mut settings.ca_names,
            Self::OfClients => &mut settings.client_ca_names,
        }
    }
}

/// Adds the subject of `cert` to a holder's own list, which is made if need be. Programs know its
/// address, and add to it themselves.
fn add_subject(list: &mut Names, cert: &Cert) -> Result<()> {
    NameStack::add(list, cert.subject_name()?)
}

/// What the program gives up, but for the very list it was lent: OpenSSL frees that, and uses it
/// then.
fn given(own: &Names, names: Option<NameStack>) -> Option<Option<NameStack>> {
    match (own, names) {
        (Some(own), Some(names)) if own.as_ptr() == names.as_ptr() => {
            std::mem::forget(names);
            None
        }
        (_, names) => Some(names),
    }
}

impl Ctx {
    /// SSL_CTX_set0_CA_list(3), SSL_CTX_set_client_CA_list(3).
    pub fn set_ca_list(&self, which: CaList, names: Option<NameStack>) {
        let Some(names) = self.with(|s| given(which.of(s), names)) else {
            return;
        };
        self.edit(|s| *which.of_mut(s) = names.map(Arc::new));
    }

    /// SSL_CTX_add1_to_CA_list(3), SSL_CTX_add_client_CA(3).
    pub fn add_to_ca_list(&self, which: CaList, cert: &Cert) -> Result<()> {
        self.edit(|s| add_subject(which.of_mut(s), cert))
    }
}

impl Ssl {
    /// SSL_set0_CA_list(3), SSL_set_client_CA_list(3); without names it follows its context again.
    pub fn set_ca_list(&self, which: CaList, names: Option<NameStack>) {
        self.follow_ctx();
        let Some(names) = self.with(|s| given(which.of(s), names)) else {
            return;
        };
        let names = match names {
            Some(names) => Some(Arc::new(names)),
            None => self.ctx().with(|s| which.of(s).clone()),
        };
        self.edit(|s| *which.of_mut(s) = names);
    }

    /// SSL_add1_to_CA_list(3), SSL_add_client_CA(3): what its context has does not count then.
    pub fn add_to_ca_list(&self, which: CaList, cert: &Cert) -> Result<()> {
        self.follow_ctx();
        let theirs = self.ctx().with(|s| which.of(s).as_ref().map(Arc::as_ptr));
        self.edit(|s| {
            let list = which.of_mut(s);
            if list.as_ref().map(Arc::as_ptr) == theirs {
                *list = None;
            }
            add_subject(list, cert)
        })
    }
}
