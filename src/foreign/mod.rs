//! Rust types over libcrypto's objects and over the program's callbacks.
//!
//! The only layer besides the C ABI that holds `unsafe`: each type upholds the ownership rules
//! of the libcrypto object it wraps, and offers a safe interface to the layers above.

pub mod bio;
pub mod ca_names;
pub mod callback;
pub mod err;
pub mod evp;
pub mod ex_data;
pub mod handle;
pub mod libctx;
mod owned;
pub mod pem;
pub mod scope;
pub mod stack;
pub mod store;
mod sys;
pub mod types;
pub mod verify;
pub mod verify_param;
pub mod x509;
