//! The program's callbacks, and the only place they are called from.
//!
//! A callback is a function pointer with its argument. Whoever calls one holds no lock and no
//! `RefCell` borrow: the program may call back into the library with the same objects.

use std::ffi::{CStr, c_char, c_int, c_uchar, c_uint, c_void};
use std::fmt;

use super::handle::{self, Counted};
use super::types::{CT_POLICY_EVAL_CTX, SSL, SSL_CTX, SSL_SESSION, stack_st_SCT};

/// A function of the program and the argument registered with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Callback<F> {
    function: F,
    argument: *mut c_void,
}

// SAFETY: a program that shares an SSL_CTX between threads promises that its callbacks may run
// on each of them (ssl(7)).
unsafe impl<F: Send> Send for Callback<F> {}
// SAFETY: as for Send.
unsafe impl<F: Sync> Sync for Callback<F> {}

impl<F> fmt::Debug for Callback<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").finish_non_exhaustive()
    }
}

impl<F: Copy> Callback<F> {
    /// The callback, unless the program passed NULL.
    pub fn new(function: Option<F>, argument: *mut c_void) -> Option<Self> {
        function.map(|function| Self { function, argument })
    }

    /// The function, for the getters that hand it back.
    pub fn function(&self) -> F {
        self.function
    }

    /// The argument.
    pub fn argument(&self) -> *mut c_void {
        self.argument
    }
}

/// An SSL as callbacks are given it: a handle, nothing to look into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SslPtr(pub *mut SSL);
// SAFETY: the pointer is only handed through to the program.
unsafe impl Send for SslPtr {}
// SAFETY: as for Send.
unsafe impl Sync for SslPtr {}

/// An SSL_CTX as callbacks are given it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CtxPtr(pub *mut SSL_CTX);
// SAFETY: as for SslPtr.
unsafe impl Send for CtxPtr {}
// SAFETY: as for SslPtr.
unsafe impl Sync for CtxPtr {}

/// An SSL_SESSION as callbacks are given it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPtr(pub *mut SSL_SESSION);

/// The functions' types; those of ssl.h without their `Option`.
pub mod types {
    use super::*;
    use openssl_sys::{EVP_PKEY, X509, X509_STORE_CTX};

    /// SSL_CTX_set_info_callback(3).
    pub type Info = unsafe extern "C" fn(*const SSL, c_int, c_int);
    /// SSL_CTX_set_msg_callback(3).
    pub type Msg =
        unsafe extern "C" fn(c_int, c_int, c_int, *const c_void, usize, *mut SSL, *mut c_void);
    /// SSL_set_tlsext_debug_callback(3).
    pub type TlsextDebug =
        unsafe extern "C" fn(*mut SSL, c_int, c_int, *const c_uchar, c_int, *mut c_void);
    /// SSL_CTX_set_verify(3).
    pub type Verify = unsafe extern "C" fn(c_int, *mut X509_STORE_CTX) -> c_int;
    /// SSL_CTX_set_cert_verify_callback(3).
    pub type CertVerify = unsafe extern "C" fn(*mut X509_STORE_CTX, *mut c_void) -> c_int;
    /// SSL_CTX_set_cert_cb(3) and SSL_CTX_set_client_hello_cb's relatives with one argument.
    pub type Cert = unsafe extern "C" fn(*mut SSL, *mut c_void) -> c_int;
    /// SSL_CTX_set_ct_validation_callback(3).
    pub type Ct =
        unsafe extern "C" fn(*const CT_POLICY_EVAL_CTX, *const stack_st_SCT, *mut c_void) -> c_int;
    /// SSL_CTX_set_client_cert_cb(3).
    pub type ClientCert =
        unsafe extern "C" fn(*mut SSL, *mut *mut X509, *mut *mut EVP_PKEY) -> c_int;
    /// SSL_CTX_set_client_hello_cb(3), SSL_CTX_set_tlsext_servername_callback(3).
    pub type Alerting = unsafe extern "C" fn(*mut SSL, *mut c_int, *mut c_void) -> c_int;
    /// SSL_CTX_set_alpn_select_cb(3).
    pub type AlpnSelect = unsafe extern "C" fn(
        *mut SSL,
        *mut *const c_uchar,
        *mut c_uchar,
        *const c_uchar,
        c_uint,
        *mut c_void,
    ) -> c_int;
    /// SSL_CTX_sess_set_new_cb(3).
    pub type NewSession = unsafe extern "C" fn(*mut SSL, *mut SSL_SESSION) -> c_int;
    /// SSL_CTX_sess_set_remove_cb(3).
    pub type RemoveSession = unsafe extern "C" fn(*mut SSL_CTX, *mut SSL_SESSION);
    /// SSL_CTX_sess_set_get_cb(3).
    pub type GetSession =
        unsafe extern "C" fn(*mut SSL, *const c_uchar, c_int, *mut c_int) -> *mut SSL_SESSION;
    /// SSL_CTX_set_keylog_callback(3).
    pub type KeyLog = unsafe extern "C" fn(*const SSL, *const c_char);
    /// SSL_CTX_set_default_passwd_cb(3).
    pub type Password = unsafe extern "C" fn(*mut c_char, c_int, c_int, *mut c_void) -> c_int;
    /// A callback whose registration is kept for a getter alone.
    pub type Kept = unsafe extern "C" fn();
    /// SSL_CTX_set_security_callback(3).
    pub type Security = unsafe extern "C" fn(
        *const SSL,
        *const SSL_CTX,
        c_int,
        c_int,
        c_int,
        *mut c_void,
        *mut c_void,
    ) -> c_int;
    /// SSL_CTX_set_record_padding_callback(3).
    pub type Padding = unsafe extern "C" fn(*mut SSL, c_int, usize, *mut c_void) -> usize;
    /// SSL_CTX_set_generate_session_id(3).
    pub type GenerateSessionId = unsafe extern "C" fn(*mut SSL, *mut c_uchar, *mut c_uint) -> c_int;
    /// SSL_CTX_set_session_ticket_cb(3).
    pub type DecryptTicket = unsafe extern "C" fn(
        *mut SSL,
        *mut SSL_SESSION,
        *const c_uchar,
        usize,
        c_int,
        *mut c_void,
    ) -> c_int;
    /// SSL_CTX_set_stateless_cookie_generate_cb(3).
    pub type MakeCookie = unsafe extern "C" fn(*mut SSL, *mut c_uchar, *mut usize) -> c_int;
    /// SSL_CTX_set_stateless_cookie_verify_cb(3).
    pub type CheckCookie = unsafe extern "C" fn(*mut SSL, *const c_uchar, usize) -> c_int;
    /// SSL_set_session_ticket_ext_cb.
    pub type TicketExt =
        unsafe extern "C" fn(*mut SSL, *const c_uchar, c_int, *mut c_void) -> c_int;
    /// SSL_CTX_set_not_resumable_session_callback(3).
    pub type NotResumable = unsafe extern "C" fn(*mut SSL, c_int) -> c_int;
}

impl Callback<types::Info> {
    /// Tells of an event of the connection: `kind` is made of SSL_CB_* and SSL_ST_*.
    pub fn info(&self, ssl: SslPtr, kind: c_int, value: c_int) {
        // SAFETY: the program registered this function for these arguments.
        unsafe { (self.function)(ssl.0, kind, value) }
    }
}

impl Callback<types::Msg> {
    /// Shows a protocol message: `write` 1 for one sent.
    pub fn msg(&self, ssl: SslPtr, write: c_int, version: c_int, kind: c_int, bytes: &[u8]) {
        let (buf, len) = (bytes.as_ptr().cast::<c_void>(), bytes.len());
        // SAFETY: the program registered this function for these arguments.
        unsafe { (self.function)(write, version, kind, buf, len, ssl.0, self.argument) }
    }
}

impl Callback<types::TlsextDebug> {
    /// Shows an extension received: `from_server` 1 for a server's.
    pub fn extension(&self, ssl: SslPtr, from_server: c_int, kind: c_int, body: &[u8]) {
        // An extension's length has 16 bits.
        let (data, len) = (body.as_ptr(), body.len() as c_int);
        // SAFETY: the program registered this function for these arguments.
        unsafe { (self.function)(ssl.0, from_server, kind, data, len, self.argument) }
    }
}

impl Callback<types::Padding> {
    /// The zeros with which a record of content type `kind` and `len` bytes is to be padded.
    pub fn padding(&self, ssl: SslPtr, kind: c_int, len: usize) -> usize {
        // SAFETY: the program registered this function for these arguments.
        unsafe { (self.function)(ssl.0, kind, len, self.argument) }
    }
}

impl Callback<types::Cert> {
    /// 1: go on; 0: fail; negative: suspend the handshake.
    pub fn cert(&self, ssl: SslPtr) -> c_int {
        // SAFETY: the program registered this function for these arguments.
        unsafe { (self.function)(ssl.0, self.argument) }
    }
}

impl Callback<types::ClientCert> {
    /// The certificate and key to use for a client: with 1, the program gave them to us.
    pub fn client_cert(
        &self,
        ssl: SslPtr,
    ) -> (c_int, Option<super::x509::Cert>, Option<super::evp::PKey>) {
        let mut cert = std::ptr::null_mut();
        let mut key = std::ptr::null_mut();
        // SAFETY: the program registered this function for these arguments, and owns nothing of
        // what it stored there.
        unsafe {
            let ret = (self.function)(ssl.0, &mut cert, &mut key);
            let cert = super::x509::Cert::from_ptr(cert);
            let key = super::evp::PKey::from_ptr(key);
            (ret, cert, key)
        }
    }
}

impl Callback<types::Alerting> {
    /// The callback's answer and the alert it asks for, `alert` unless it chose one.
    pub fn alerting(&self, ssl: SslPtr, alert: c_int) -> (c_int, c_int) {
        let mut al = alert;
        // SAFETY: the program registered this function for these arguments.
        let ret = unsafe { (self.function)(ssl.0, &mut al, self.argument) };
        (ret, al)
    }
}

/// Whose security is in question, as the callback is told.
#[derive(Debug, Clone, Copy)]
pub enum Asker {
    /// A connection.
    Ssl(SslPtr),
    /// A context.
    Ctx(CtxPtr),
}

/// What the security callback is asked about.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// What the other arguments tell.
    Nothing,
    /// An SSL_CIPHER.
    Suite(*const c_void),
    /// A code point, shown in network order.
    Code(u16),
    /// A certificate.
    Cert(&'a super::x509::Cert),
    /// A key.
    Key(&'a super::evp::PKey),
}

impl Callback<types::Security> {
    /// Whether the program permits what `op`, an SSL_SECOP_*, asks about.
    pub fn permits(
        &self,
        asker: Asker,
        op: c_int,
        bits: c_int,
        nid: c_int,
        subject: &Subject<'_>,
    ) -> bool {
        let (ssl, ctx) = match asker {
            Asker::Ssl(ssl) => (ssl.0.cast_const(), std::ptr::null()),
            Asker::Ctx(ctx) => (std::ptr::null(), ctx.0.cast_const()),
        };
        let mut code = match *subject {
            Subject::Code(point) => point.to_be_bytes(),
            _ => [0; 2],
        };
        let other = match *subject {
            Subject::Nothing => std::ptr::null_mut(),
            Subject::Suite(suite) => suite.cast_mut(),
            Subject::Code(_) => code.as_mut_ptr().cast(),
            Subject::Cert(cert) => cert.as_ptr().cast(),
            Subject::Key(key) => key.as_ptr().cast(),
        };
        // SAFETY: the program registered this function for these arguments, which live until it
        // returns.
        unsafe { (self.function)(ssl, ctx, op, bits, nid, other, self.argument) != 0 }
    }
}

impl Callback<types::AlpnSelect> {
    /// The callback's answer and the protocol it chose out of `offered`.
    pub fn alpn_select(&self, ssl: SslPtr, offered: &[u8]) -> (c_int, Vec<u8>) {
        let mut out = std::ptr::null();
        let mut len = 0;
        // SAFETY: the program registered this function for these arguments; what it chose lies
        // in `offered` or in memory of its own that lives until it returns to the program.
        unsafe {
            let ret = (self.function)(
                ssl.0,
                &mut out,
                &mut len,
                offered.as_ptr(),
                offered.len() as c_uint,
                self.argument,
            );
            let chosen = match out.is_null() {
                true => Vec::new(),
                false => std::slice::from_raw_parts(out, usize::from(len)).to_vec(),
            };
            (ret, chosen)
        }
    }
}

impl Callback<types::NewSession> {
    /// 1: the program keeps the reference it was given.
    pub fn new_session(&self, ssl: SslPtr, session: SessionPtr) -> c_int {
        // SAFETY: the program registered this function for these arguments.
        unsafe { (self.function)(ssl.0, session.0) }
    }
}

impl Callback<types::GetSession> {
    /// The session the program has for an id. Unless the program asked for a copy, the reference
    /// it gives is ours.
    pub fn get_session<T: Counted>(&self, ssl: SslPtr, id: &[u8]) -> Option<std::sync::Arc<T>> {
        let mut copy = 1;
        // SAFETY: the program registered this function for these arguments; it returns a session
        // of this library, whose handles are of type T.
        unsafe {
            let session =
                (self.function)(ssl.0, id.as_ptr(), id.len() as c_int, &mut copy).cast::<T>();
            if session.is_null() {
                return None;
            }
            match copy {
                0 => Some(handle::take(session)),
                _ => handle::to_arc(session),
            }
        }
    }
}

impl Callback<types::TicketExt> {
    /// Shows the peer's session_ticket extension; whether the program is content with it.
    pub fn ticket_ext(&self, ssl: SslPtr, body: &[u8]) -> bool {
        // SAFETY: the program registered this function for these arguments; an extension is at
        // most 65535 bytes long.
        let ok =
            unsafe { (self.function)(ssl.0, body.as_ptr(), body.len() as c_int, self.argument) };
        ok != 0
    }
}

impl Callback<types::NotResumable> {
    /// Whether the program forbids to resume the session.
    pub fn not_resumable(&self, ssl: SslPtr, forward_secret: bool) -> bool {
        // SAFETY: the program registered this function for these arguments.
        unsafe { (self.function)(ssl.0, c_int::from(forward_secret)) != 0 }
    }
}

impl Callback<types::MakeCookie> {
    /// The program's cookie; `None` when it makes none.
    pub fn make_cookie(&self, ssl: SslPtr) -> Option<Vec<u8>> {
        // SSL_COOKIE_LENGTH.
        const ROOM: usize = 4096;
        let mut cookie = vec![0; ROOM];
        let mut len = 0;
        // SAFETY: the program registered this function for these arguments.
        let ret = unsafe { (self.function)(ssl.0, cookie.as_mut_ptr(), &mut len) };
        cookie.truncate(len);
        (ret != 0).then_some(cookie)
    }
}

impl Callback<types::CheckCookie> {
    /// Whether the program knows the cookie.
    pub fn check_cookie(&self, ssl: SslPtr, cookie: &[u8]) -> bool {
        // SAFETY: the program registered this function for these arguments.
        unsafe { (self.function)(ssl.0, cookie.as_ptr(), cookie.len()) != 0 }
    }
}

impl Callback<types::GenerateSessionId> {
    /// Lets the program fill `id`; the length it says, which may be any, or `None` if it failed.
    pub fn session_id(&self, ssl: SslPtr, id: &mut [u8; 32]) -> Option<usize> {
        let mut len = id.len() as c_uint;
        // SAFETY: the program registered this function for these arguments; `id` holds `len` bytes.
        let ok = unsafe { (self.function)(ssl.0, id.as_mut_ptr(), &mut len) };
        (ok != 0).then_some(len as usize)
    }
}

impl Callback<types::RemoveSession> {
    /// Tells that a session left the cache.
    pub fn remove_session(&self, ctx: CtxPtr, session: SessionPtr) {
        // SAFETY: the program registered this function for these arguments.
        unsafe { (self.function)(ctx.0, session.0) }
    }
}

/// SSL_TICKET_STATUS: how a ticket fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum TicketStatus {
    /// The client has none, and takes one.
    Empty = 3,
    /// It is not ours.
    NoDecrypt = 4,
    /// It opened.
    Success = 5,
    /// It opened, and is to be replaced.
    SuccessRenew = 6,
}

/// SSL_TICKET_RETURN: what is done with it. SSL_TICKET_RETURN_ABORT is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketReturn {
    /// No resumption, no new ticket.
    Ignore,
    /// No resumption, a new ticket.
    IgnoreRenew,
    /// Resumption, no new ticket.
    Use,
    /// Resumption and a new ticket.
    UseRenew,
}

impl Callback<types::DecryptTicket> {
    /// The program's verdict on a ticket that begins with `name`; `None` to end the connection.
    pub fn decrypt_ticket(
        &self,
        ssl: SslPtr,
        session: SessionPtr,
        name: &[u8],
        status: TicketStatus,
    ) -> Option<TicketReturn> {
        // SAFETY: the program registered this function for these arguments.
        let verdict = unsafe {
            (self.function)(
                ssl.0,
                session.0,
                name.as_ptr(),
                name.len(),
                status as c_int,
                self.argument,
            )
        };
        match verdict {
            1 => Some(TicketReturn::Ignore),
            2 => Some(TicketReturn::IgnoreRenew),
            3 => Some(TicketReturn::Use),
            4 => Some(TicketReturn::UseRenew),
            _ => None,
        }
    }
}

impl Callback<types::KeyLog> {
    /// One line of the key log.
    pub fn keylog(&self, ssl: SslPtr, line: &CStr) {
        // SAFETY: the program registered this function for these arguments.
        unsafe { (self.function)(ssl.0, line.as_ptr()) }
    }
}

/// A callback whose function and argument are set by different calls, in either order.
#[derive(Clone, Copy)]
pub struct CallbackSlot<F> {
    /// The function, once set.
    pub function: Option<F>,
    /// The argument, NULL until set.
    pub argument: *mut c_void,
}

// SAFETY: as for Callback.
unsafe impl<F: Send> Send for CallbackSlot<F> {}
// SAFETY: as for Callback.
unsafe impl<F: Sync> Sync for CallbackSlot<F> {}

impl<F> Default for CallbackSlot<F> {
    fn default() -> Self {
        Self {
            function: None,
            argument: std::ptr::null_mut(),
        }
    }
}

impl<F> fmt::Debug for CallbackSlot<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackSlot").finish_non_exhaustive()
    }
}

impl<F: Copy> CallbackSlot<F> {
    /// The callback, once its function is set.
    pub fn get(&self) -> Option<Callback<F>> {
        Callback::new(self.function, self.argument)
    }
}

/// The callback for encrypted PEM: SSL_CTX_set_default_passwd_cb(3).
pub type PasswordSource = CallbackSlot<types::Password>;

/// A callback whose registration is kept, and which nothing calls.
pub type Kept = Callback<types::Kept>;

/// An argument of the program's, handed back to it and never looked into.
#[derive(Debug, Clone, Copy)]
pub struct Opaque(pub *mut c_void);

// SAFETY: as for Callback.
unsafe impl Send for Opaque {}
// SAFETY: as for Callback.
unsafe impl Sync for Opaque {}

impl Default for Opaque {
    fn default() -> Self {
        Self(std::ptr::null_mut())
    }
}
