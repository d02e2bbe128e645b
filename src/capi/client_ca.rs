//! The CA names sent to the peer when asking for its certificate.

#![expect(
    unused_variables,
    reason = "refused functions have their parameters for the ABI alone"
)]
#![expect(non_snake_case, reason = "parameters are named as in ssl.h")]

use std::ffi::{c_char, c_int};
use std::ptr;

use openssl_sys::{OSSL_LIB_CTX, X509, stack_st_X509_NAME};

use crate::capi::refuse;
use crate::capi::types::{SSL, SSL_CTX};

/// SSL_CTX_set0_CA_list(3): sets the CA names sent to the peer, by either side.
///
/// Takes over `name_list` with its names; the previous list is freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set0_CA_list(
    ctx: *mut SSL_CTX,
    name_list: *mut stack_st_X509_NAME,
) {
}

/// SSL_CTX_get0_CA_list(3): the CA names set by SSL_CTX_set0_CA_list.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get0_CA_list(ctx: *const SSL_CTX) -> *const stack_st_X509_NAME {
    refuse(ptr::null(), "SSL_CTX_get0_CA_list")
}

/// SSL_CTX_add1_to_CA_list(3): adds the subject of `x` to the CA names.
///
/// The name is copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_add1_to_CA_list(ctx: *mut SSL_CTX, x: *const X509) -> c_int {
    refuse(0, "SSL_CTX_add1_to_CA_list")
}

/// SSL_CTX_set_client_CA_list(3): sets the CA names a server sends.
///
/// Takes over `name_list` with its names; the previous list is freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_client_CA_list(
    ctx: *mut SSL_CTX,
    name_list: *mut stack_st_X509_NAME,
) {
}

/// SSL_CTX_get_client_CA_list(3): the CA names a server sends.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_get_client_CA_list(s: *const SSL_CTX) -> *mut stack_st_X509_NAME {
    refuse(ptr::null_mut(), "SSL_CTX_get_client_CA_list")
}

/// SSL_CTX_add_client_CA(3): adds the subject of `x` to the CA names a server sends.
///
/// The name is copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_add_client_CA(ctx: *mut SSL_CTX, x: *mut X509) -> c_int {
    refuse(0, "SSL_CTX_add_client_CA")
}

/// SSL_set0_CA_list(3): sets the CA names this connection sends, by either side.
///
/// Takes over `name_list` with its names; the previous list is freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set0_CA_list(s: *mut SSL, name_list: *mut stack_st_X509_NAME) {}

/// SSL_get0_CA_list(3): the CA names set on the connection, else on its context.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_CA_list(s: *const SSL) -> *const stack_st_X509_NAME {
    refuse(ptr::null(), "SSL_get0_CA_list")
}

/// SSL_add1_to_CA_list(3): adds the subject of `x` to the connection's CA names.
///
/// The name is copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add1_to_CA_list(ssl: *mut SSL, x: *const X509) -> c_int {
    refuse(0, "SSL_add1_to_CA_list")
}

/// SSL_set_client_CA_list(3): sets the CA names this server sends.
///
/// Takes over `name_list` with its names; the previous list is freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_client_CA_list(s: *mut SSL, name_list: *mut stack_st_X509_NAME) {}

/// SSL_get_client_CA_list(3): on a server the CA names it sends, on a client those it received.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_client_CA_list(s: *const SSL) -> *mut stack_st_X509_NAME {
    refuse(ptr::null_mut(), "SSL_get_client_CA_list")
}

/// SSL_add_client_CA(3): adds the subject of `x` to the CA names this server sends.
///
/// The name is copied.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add_client_CA(ssl: *mut SSL, x: *mut X509) -> c_int {
    refuse(0, "SSL_add_client_CA")
}

/// SSL_get0_peer_CA_list(3): the CA names the peer sent.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get0_peer_CA_list(s: *const SSL) -> *const stack_st_X509_NAME {
    refuse(ptr::null(), "SSL_get0_peer_CA_list")
}

/// SSL_load_client_CA_file(3): the subjects of the certificates in a PEM file, each once.
///
/// The caller owns the stack and its names.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_load_client_CA_file(file: *const c_char) -> *mut stack_st_X509_NAME {
    refuse(ptr::null_mut(), "SSL_load_client_CA_file")
}

/// SSL_load_client_CA_file_ex(3): as SSL_load_client_CA_file, with a library context and property
/// query.
///
/// The caller owns the stack and its names.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_load_client_CA_file_ex(
    file: *const c_char,
    libctx: *mut OSSL_LIB_CTX,
    propq: *const c_char,
) -> *mut stack_st_X509_NAME {
    refuse(ptr::null_mut(), "SSL_load_client_CA_file_ex")
}

/// SSL_add_file_cert_subjects_to_stack(3): adds the subjects of the certificates in a PEM file
/// that `stackCAs` does not have yet.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add_file_cert_subjects_to_stack(
    stackCAs: *mut stack_st_X509_NAME,
    file: *const c_char,
) -> c_int {
    refuse(0, "SSL_add_file_cert_subjects_to_stack")
}

/// SSL_add_dir_cert_subjects_to_stack(3): adds the subjects of the certificates in all files of a
/// directory.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add_dir_cert_subjects_to_stack(
    stackCAs: *mut stack_st_X509_NAME,
    dir: *const c_char,
) -> c_int {
    refuse(0, "SSL_add_dir_cert_subjects_to_stack")
}

/// SSL_add_store_cert_subjects_to_stack(3): adds the subjects of the certificates found at a URI.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_add_store_cert_subjects_to_stack(
    stackCAs: *mut stack_st_X509_NAME,
    uri: *const c_char,
) -> c_int {
    refuse(0, "SSL_add_store_cert_subjects_to_stack")
}

/// SSL_dup_CA_list: a deep copy of a list of names.
///
/// The caller owns the stack and its names.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_dup_CA_list(sk: *const stack_st_X509_NAME) -> *mut stack_st_X509_NAME {
    refuse(ptr::null_mut(), "SSL_dup_CA_list")
}
