//! Key exchange groups.

use std::ffi::{c_char, c_int};
use std::ptr;

use crate::capi::refuse;
use crate::capi::types::SSL;

/// SSL_group_to_name(3): the name of the group with this id.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_group_to_name(s: *mut SSL, id: c_int) -> *const c_char {
    refuse(ptr::null(), "SSL_group_to_name")
}
