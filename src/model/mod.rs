//! libssl's objects and rules as ordinary Rust.
#![forbid(unsafe_code)]

pub mod alert;
pub mod certs;
pub mod ctx;
pub mod method;
pub mod settings;
pub mod ssl;
pub mod state;
pub mod suite;
