//! The program's handlers of extensions (SSL_CTX_add_custom_ext(3)), and the calls of them.

use std::ffi::{c_int, c_uchar, c_uint};
use std::ptr;

use super::callback::{Opaque, SslPtr};
use super::types::{
    SSL_custom_ext_add_cb_ex, SSL_custom_ext_free_cb_ex, SSL_custom_ext_parse_cb_ex,
    custom_ext_add_cb, custom_ext_free_cb, custom_ext_parse_cb,
};
use super::x509::Cert;

/// The functions and arguments of one handler.
#[derive(Clone, Copy)]
pub enum Handler {
    /// Of SSL_CTX_add_client_custom_ext and SSL_CTX_add_server_custom_ext.
    Old {
        /// Gives the body to send.
        add: custom_ext_add_cb,
        /// Takes it back.
        free: custom_ext_free_cb,
        /// Both functions' argument.
        add_arg: Opaque,
        /// Is shown the peer's.
        parse: custom_ext_parse_cb,
        /// Its argument.
        parse_arg: Opaque,
    },
    /// Of SSL_CTX_add_custom_ext.
    New {
        /// Gives the body to send.
        add: SSL_custom_ext_add_cb_ex,
        /// Takes it back.
        free: SSL_custom_ext_free_cb_ex,
        /// Both functions' argument.
        add_arg: Opaque,
        /// Is shown the peer's.
        parse: SSL_custom_ext_parse_cb_ex,
        /// Its argument.
        parse_arg: Opaque,
    },
}

impl std::fmt::Debug for Handler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handler").finish_non_exhaustive()
    }
}

/// The certificate an extension goes with, and its index in the chain; outside of Certificate
/// messages there is none.
#[derive(Debug, Default)]
pub struct With(pub Option<(Cert, usize)>);

impl With {
    /// The index in the chain.
    pub fn index(&self) -> usize {
        self.0.as_ref().map_or(0, |(_, index)| *index)
    }

    fn arguments(&self) -> (*mut super::X509, usize) {
        let known = self.0.as_ref();
        known.map_or((ptr::null_mut(), 0), |(cert, index)| {
            (cert.as_ptr(), *index)
        })
    }
}

/// What a handler wants to send.
#[derive(Debug, PartialEq, Eq)]
pub enum ToSend {
    /// The extension with this body.
    Body(Vec<u8>),
    /// Nothing.
    Nothing,
    /// The handshake ends with this alert.
    Fail(c_int),
}

/// What an add function gave, as `free` is to be told of it.
///
/// # Safety
/// With `ret` 1, `out` is readable for `len` bytes.
unsafe fn given(ret: c_int, out: *const c_uchar, len: usize, alert: c_int) -> ToSend {
    match ret {
        ..0 => ToSend::Fail(alert),
        0 => ToSend::Nothing,
        _ if out.is_null() || len == 0 => ToSend::Body(Vec::new()),
        // SAFETY: the caller's contract.
        _ => ToSend::Body(unsafe { std::slice::from_raw_parts(out, len) }.to_vec()),
    }
}

/// The alerts of functions that fail without naming one: OpenSSL's is whatever was on its stack.
const INTERNAL_ERROR: c_int = 80;
const DECODE_ERROR: c_int = 50;

impl Handler {
    /// Whether nothing asks the program what to send: a client sends an empty extension then.
    pub fn sends_by_itself(&self) -> bool {
        matches!(self, Self::New { add: None, .. })
    }

    /// Asks what to send of the extension `kind` in the message of `context`, with the
    /// certificate `with`.
    pub fn add(&self, ssl: SslPtr, kind: u16, context: c_uint, with: &With) -> ToSend {
        let (mut out, mut len, mut alert) = (ptr::null(), 0, INTERNAL_ERROR);
        let kind = c_uint::from(kind);
        // SAFETY: the program registered these functions for these arguments; what `add` gives
        // is readable until `free` is called.
        unsafe {
            match *self {
                Self::Old {
                    add, free, add_arg, ..
                } => {
                    let Some(add) = add else {
                        return ToSend::Body(Vec::new());
                    };
                    let ret = add(ssl.0, kind, &mut out, &mut len, &mut alert, add_arg.0);
                    let result = given(ret, out, len, alert);
                    if let (ToSend::Body(_), Some(free)) = (&result, free) {
                        free(ssl.0, kind, out, add_arg.0);
                    }
                    result
                }
                Self::New {
                    add, free, add_arg, ..
                } => {
                    let Some(add) = add else {
                        return ToSend::Body(Vec::new());
                    };
                    let (cert, index) = with.arguments();
                    let ret = add(
                        ssl.0, kind, context, &mut out, &mut len, cert, index, &mut alert,
                        add_arg.0,
                    );
                    let result = given(ret, out, len, alert);
                    if let (ToSend::Body(_), Some(free)) = (&result, free) {
                        free(ssl.0, kind, context, out, add_arg.0);
                    }
                    result
                }
            }
        }
    }

    /// Shows the peer's extension; an alert's code if the program does not like it.
    pub fn parse(
        &self,
        ssl: SslPtr,
        kind: u16,
        context: c_uint,
        body: &[u8],
        with: &With,
    ) -> Result<(), c_int> {
        let mut alert = DECODE_ERROR;
        let kind = c_uint::from(kind);
        let (data, len) = (body.as_ptr(), body.len());
        // SAFETY: the program registered these functions for these arguments.
        let ret = unsafe {
            match *self {
                Self::Old {
                    parse: Some(parse),
                    parse_arg,
                    ..
                } => parse(ssl.0, kind, data, len, &mut alert, parse_arg.0),
                Self::New {
                    parse: Some(parse),
                    parse_arg,
                    ..
                } => {
                    let (cert, index) = with.arguments();
                    parse(
                        ssl.0,
                        kind,
                        context,
                        data,
                        len,
                        cert,
                        index,
                        &mut alert,
                        parse_arg.0,
                    )
                }
                _ => 1,
            }
        };
        match ret {
            ..=0 => Err(alert),
            _ => Ok(()),
        }
    }
}
