//! The C ABI: one file per family of OpenSSL's manual.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::foreign::err::{Error, Reason, Result};

pub mod alert;
pub mod alpn;
pub mod async_;
pub mod bio;
pub mod bio_ssl;
pub mod certificate;
pub mod cipher;
pub mod cipher_list;
pub mod client_ca;
pub mod client_hello;
pub mod compression;
pub mod conf;
pub mod config;
pub mod cookie;
pub mod ct;
pub mod ctrl;
pub mod ctx;
pub mod custom_ext;
pub mod dane;
pub mod dh;
pub mod dtls;
pub mod early_data;
pub mod error;
pub mod error_strings;
pub mod ex_data;
pub mod groups;
pub mod handshake;
pub mod info_callback;
pub mod init;
pub mod key_update;
pub mod keying_material;
pub mod keylog;
pub mod method;
pub mod msg_callback;
pub mod options;
pub mod passwd_cb;
pub mod peer;
pub mod private_key;
pub mod psk;
pub mod read;
pub mod record;
pub mod security;
pub mod servername;
pub mod session;
pub mod session_asn1;
pub mod session_cache;
pub mod session_ticket;
pub mod shutdown;
pub mod sigalgs;
pub mod srp;
pub mod srtp;
pub mod ssl;
pub mod state;
pub use crate::foreign::types;
pub mod verify;
pub mod verify_locations;
pub mod verify_param;
pub mod version;
pub mod write;

/// Runs `f`; an error becomes an entry in the error queue and `fail` the value, a panic becomes
/// an internal error.
///
/// The one panic boundary. A function that neither fails nor panics does without.
#[track_caller]
pub(crate) fn call<T>(fail: T, f: impl FnOnce() -> Result<T>) -> T {
    let err = match catch_unwind(AssertUnwindSafe(f)) {
        Ok(Ok(value)) => return value,
        Ok(Err(err)) => err,
        Err(_) => Error::with_data(Reason::INTERNAL_ERROR, "panic in libssl"),
    };
    err.put();
    fail
}

/// Refuses a function by design: the entry OpenSSL makes when built without the feature, with
/// the function's name as data, and `fail` as the value.
#[track_caller]
pub(crate) fn refuse<T>(fail: T, function: &'static str) -> T {
    Error::with_data(Reason::UNSUPPORTED, function).put();
    fail
}
