//! rustls: building configs, driving handshake and records.
#![forbid(unsafe_code)]
