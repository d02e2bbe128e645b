//! What the commands configure.

use super::super::ctx::Ctx;
use super::super::method::Method;
use super::super::security::Policy;
use super::super::settings::Settings;
use super::super::ssl::Ssl;
use crate::foreign::libctx::LibCtx;

/// The object that commands act on.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// No object: values are checked as far as that is possible without one.
    Nothing,
    /// A context.
    Ctx(&'a Ctx),
    /// A connection.
    Ssl(&'a Ssl),
}

impl Target<'_> {
    /// Changes the object's settings; `None` when there is no object.
    pub(super) fn edit<R>(self, change: impl FnOnce(&mut Settings) -> R) -> Option<R> {
        match self {
            Self::Nothing => None,
            Self::Ctx(ctx) => Some(ctx.edit(change)),
            Self::Ssl(ssl) => Some(ssl.edit(change)),
        }
    }

    /// Reads the object's settings; `None` when there is no object.
    pub(super) fn with<R>(self, read: impl FnOnce(&Settings) -> R) -> Option<R> {
        match self {
            Self::Nothing => None,
            Self::Ctx(ctx) => Some(ctx.with(read)),
            Self::Ssl(ssl) => Some(ssl.with(read)),
        }
    }

    /// What decides whether something is secure enough; `None` when there is no object.
    pub(super) fn policy(self) -> Option<Policy> {
        match self {
            Self::Nothing => None,
            Self::Ctx(ctx) => Some(ctx.policy()),
            Self::Ssl(ssl) => Some(ssl.policy()),
        }
    }

    /// The method; a connection's is its context's, as OpenSSL has it.
    pub(super) fn method(self) -> Option<&'static Method> {
        match self {
            Self::Nothing => None,
            Self::Ctx(ctx) => Some(ctx.with(|s| s.method)),
            Self::Ssl(ssl) => Some(ssl.ctx().with(|s| s.method)),
        }
    }

    /// Where keys and certificates are made.
    pub(super) fn lib(self) -> Option<LibCtx> {
        match self {
            Self::Nothing => None,
            Self::Ctx(ctx) => Some(ctx.lib.clone()),
            Self::Ssl(ssl) => Some(ssl.ctx().lib.clone()),
        }
    }
}
