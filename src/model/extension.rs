//! TLS extensions OpenSSL handles itself.

use std::ffi::c_uint;
use std::sync::Arc;

use crate::foreign::custom_ext::Handler;

/// SSL_extension_supported(3): whether the library, and not the program, handles an extension.
pub fn is_builtin(kind: c_uint) -> bool {
    matches!(
        kind,
        0 | 1
            | 5
            | 10
            | 11
            | 12
            | 13
            | 14
            | 16
            | 18
            | 21
            | 22
            | 23
            | 35
            | 41
            | 42
            | 43
            | 44
            | 45
            | 47
            | 49
            | 51
            | 13172
            | 65281
    )
}

/// SSL_EXT_*: in which messages an extension stands, and under which conditions.
pub mod context {
    #![expect(missing_docs, reason = "SSL_CTX_add_custom_ext(3) describes each")]
    pub const DTLS_ONLY: u32 = 0x2;
    pub const TLS1_2_AND_BELOW_ONLY: u32 = 0x10;
    pub const TLS1_3_ONLY: u32 = 0x20;
    pub const IGNORE_ON_RESUMPTION: u32 = 0x40;
    pub const CLIENT_HELLO: u32 = 0x80;
    pub const TLS1_2_SERVER_HELLO: u32 = 0x100;
    pub const TLS1_3_SERVER_HELLO: u32 = 0x200;
    pub const TLS1_3_ENCRYPTED_EXTENSIONS: u32 = 0x400;
    pub const TLS1_3_HELLO_RETRY_REQUEST: u32 = 0x800;
    pub const TLS1_3_CERTIFICATE: u32 = 0x1000;
    pub const TLS1_3_NEW_SESSION_TICKET: u32 = 0x2000;
    pub const TLS1_3_CERTIFICATE_REQUEST: u32 = 0x4000;

    /// Whether an extension of this context stands in a message of the version.
    pub fn places(context: u32, message: u32, tls13: bool) -> bool {
        let excluded = match tls13 {
            true => TLS1_2_AND_BELOW_ONLY,
            false => TLS1_3_ONLY,
        };
        context & message != 0 && context & excluded == 0
    }
}

/// The context of what is handled by the functions that TLS 1.2 had: a ClientHello and its answer,
/// unless a session is resumed.
pub const OLD_CONTEXT: u32 = context::TLS1_2_AND_BELOW_ONLY
    | context::IGNORE_ON_RESUMPTION
    | context::CLIENT_HELLO
    | context::TLS1_2_SERVER_HELLO;

/// Whose handler it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A client's.
    Client,
    /// A server's.
    Server,
    /// Whichever the connection is.
    Both,
}

impl Role {
    fn meets(self, other: Self) -> bool {
        self == other || self == Self::Both || other == Self::Both
    }
}

/// An extension the program handles.
#[derive(Debug, Clone, Copy)]
pub struct CustomExt {
    /// Its type.
    pub kind: u16,
    /// On which side.
    pub role: Role,
    /// SSL_EXT_*.
    pub context: u32,
    /// What is sent, and who is shown the peer's.
    pub handler: Handling,
}

/// How an extension is handled.
#[derive(Debug, Clone, Copy)]
pub enum Handling {
    /// By functions of the program's.
    Program(Handler),
    /// By what goes with the certificate served (SSL_CTX_use_serverinfo_ex(3)); a client that asks
    /// sends it empty.
    ServerInfo,
}

impl Handling {
    /// Whether nothing asks the program what to send: a client sends an empty extension then.
    pub fn sends_by_itself(&self) -> bool {
        matches!(self, Self::Program(handler) if handler.sends_by_itself())
    }
}

impl CustomExt {
    /// Whether it is neither read nor answered in a resumption.
    pub fn is_ignored_on_resumption(&self) -> bool {
        self.context & context::IGNORE_ON_RESUMPTION != 0
    }

    /// Whether it has a place in a message of `message` on this side.
    pub fn belongs(&self, message: u32, role: Role, tls13: bool) -> bool {
        // A client does not know its version when it sends its hello.
        let open = message == context::CLIENT_HELLO && role == Role::Client && !tls13;
        let placed = match open {
            true => self.context & message != 0,
            false => context::places(self.context, message, tls13),
        };
        self.role.meets(role) && placed
    }
}

/// The extensions a context's program handles, in the order of registration.
#[derive(Debug, Clone, Default)]
pub struct CustomExts(Arc<Vec<CustomExt>>);

impl CustomExts {
    /// SSL_CTX_add_custom_ext(3): false for a type that is handled already, here or by libssl, and
    /// for an extension that may not be.
    pub fn register(
        &mut self,
        kind: c_uint,
        new: impl FnOnce(u16) -> CustomExt,
        may: impl FnOnce(&CustomExt) -> bool,
    ) -> bool {
        let Some(kind) = u16::try_from(kind).ok().filter(|kind| {
            !is_builtin(c_uint::from(*kind)) || *kind == SIGNED_CERTIFICATE_TIMESTAMP
        }) else {
            return false;
        };
        let new = new(kind);
        if self.has(c_uint::from(kind), new.role) || !may(&new) {
            return false;
        }
        Arc::make_mut(&mut self.0).push(new);
        true
    }

    /// Whether a handler of this extension meets this role.
    pub fn has(&self, kind: c_uint, role: Role) -> bool {
        self.0
            .iter()
            .any(|ext| c_uint::from(ext.kind) == kind && ext.role.meets(role))
    }

    /// Those with a place in a message.
    pub fn of(&self, message: u32, role: Role, tls13: bool) -> Vec<CustomExt> {
        let belonging = self
            .0
            .iter()
            .filter(|ext| ext.belongs(message, role, tls13));
        belonging.copied().collect()
    }

    /// The one that handles an extension on this side.
    pub fn handled(&self, kind: u16, role: Role) -> Option<CustomExt> {
        let mut fitting = self.0.iter();
        fitting
            .find(|ext| ext.kind == kind && ext.role.meets(role))
            .copied()
    }

    /// The types of those with a place in one of these messages.
    pub fn kinds(&self, messages: u32) -> impl Iterator<Item = u16> {
        let placed = self.0.iter().filter(move |ext| ext.context & messages != 0);
        placed.map(|ext| ext.kind)
    }

    /// Whether something goes with certificates.
    pub fn any_serverinfo(&self) -> bool {
        let mut all = self.0.iter();
        all.any(|ext| matches!(ext.handler, Handling::ServerInfo))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// signed_certificate_timestamp (RFC 6962, section 3.3.1).
pub const SIGNED_CERTIFICATE_TIMESTAMP: u16 = 18;
