//! libssl's objects and rules as ordinary Rust.
#![forbid(unsafe_code)]
