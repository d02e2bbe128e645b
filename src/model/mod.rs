//! libssl's objects and rules as ordinary Rust.
#![forbid(unsafe_code)]

pub mod alert;
pub mod alpn;
pub mod ca_list;
pub mod certs;
pub mod cipher;
pub mod conf;
pub mod cookie;
pub mod ctx;
pub mod extension;
pub mod groups;
pub mod list;
mod memo;
pub mod method;
pub mod retired;
pub mod security;
mod serverinfo;
pub mod session;
pub mod session_cache;
pub mod settings;
pub mod sigalgs;
pub mod srtp;
pub mod ssl;
pub mod state;
pub mod trace;
