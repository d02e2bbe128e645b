//! rustls: building configs, driving handshake and records.
//!
//! Knows nothing of SSL_CTX and SSL: the model fills [`config::ServerParams`] and
//! [`config::ClientParams`], and drives a [`connection::Connection`] over its BIOs.
#![forbid(unsafe_code)]

mod aead;
pub mod alert;
mod apart;
pub mod clear;
pub mod config;
pub mod connection;
pub mod credentials;
mod early;
pub mod error;
pub mod finished;
pub mod handshake_type;
pub mod header;
pub mod hello;
mod interlude;
pub mod keylog;
pub mod kx;
mod messages;
pub mod plaintext;
mod pool;
pub mod post;
pub mod post_auth;
mod provided;
pub mod provider;
pub mod record;
mod request;
pub mod retry;
mod revival;
pub mod rewrite;
mod schedule;
pub mod sealing;
pub mod server_hello;
pub mod session;
pub mod shares;
mod signatures;
mod suites;
mod traffic;
mod verifier;
mod warnings;

pub use apart::apart;
