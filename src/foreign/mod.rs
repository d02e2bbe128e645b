//! Rust types over libcrypto's objects and over the program's callbacks.
//!
//! The only layer besides the C ABI that holds `unsafe`: each type upholds the ownership rules
//! of the libcrypto object it wraps, and offers a safe interface to the layers above.

pub mod err;
pub mod handle;
