//! ferrossl: OpenSSL's `libssl.so.3`, rebuilt in Rust with rustls inside.
//!
//! Four layers, each using only those below it:
//!
//! | layer | holds |
//! |---|---|
//! | [`capi`] | the `extern "C"` functions, one file per family of OpenSSL's manual |
//! | [`model`] | libssl's objects and rules as ordinary Rust: no `unsafe` |
//! | [`engine`] | rustls: configs, handshake, records: no `unsafe` |
//! | [`foreign`] | Rust types over libcrypto's objects, and the program's callbacks |
#![allow(non_camel_case_types)]

pub mod capi;
pub mod engine;
pub mod foreign;
pub mod model;
