//! Key exchange groups.

use crate::model::groups::Group;
use std::ffi::{c_char, c_int};

use crate::capi::types::SSL;

/// SSL_group_to_name(3): the name of the group with this id.
///
/// What it hands out is borrowed: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_group_to_name(s: *mut SSL, id: c_int) -> *const c_char {
    // A NID, or TLSEXT_nid_unknown with a code point.
    Group::by_nid(id).map_or(std::ptr::null(), |group| group.name.as_ptr())
}
