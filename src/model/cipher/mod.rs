//! `SSL_CIPHER`: the suites, what is known of each, and the language that selects and orders
//! them (ciphers(1)).

mod alg;
mod alias;
mod configured;
mod list;
mod order;
mod suite;
mod table;

pub use configured::{Configured, stack};
pub use list::{
    CipherConfig, CipherList, DEFAULT_CIPHER_LIST, DEFAULT_CIPHERSUITES, ParsedList, SuiteB,
    ciphersuites,
};
pub use suite::Cipher;
