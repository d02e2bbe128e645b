//! Randoms and exported keying material.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]

use std::ffi::{c_char, c_int, c_uchar};

use crate::capi::refuse;
use crate::capi::types::SSL;

/// SSL_export_keying_material(3): derives keying material from the connection's secrets (RFC
/// 5705).
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_export_keying_material(
    s: *mut SSL,
    out: *mut c_uchar,
    olen: usize,
    label: *const c_char,
    llen: usize,
    context: *const c_uchar,
    contextlen: usize,
    use_context: c_int,
) -> c_int {
    refuse(-1, "SSL_export_keying_material")
}

/// SSL_export_keying_material_early(3): derives keying material from the early exporter secret of
/// TLS 1.3.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_export_keying_material_early(
    s: *mut SSL,
    out: *mut c_uchar,
    olen: usize,
    label: *const c_char,
    llen: usize,
    context: *const c_uchar,
    contextlen: usize,
) -> c_int {
    refuse(0, "SSL_export_keying_material_early")
}

/// SSL_get_client_random(3): copies the client's random; with `outlen` 0 the result is its
/// length.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_client_random(
    ssl: *const SSL,
    out: *mut c_uchar,
    outlen: usize,
) -> usize {
    refuse(0, "SSL_get_client_random")
}

/// SSL_get_server_random(3): copies the server's random; with `outlen` 0 the result is its
/// length.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_server_random(
    ssl: *const SSL,
    out: *mut c_uchar,
    outlen: usize,
) -> usize {
    refuse(0, "SSL_get_server_random")
}
