//! Key exchange groups.

use crate::foreign::libctx::LibCtx;
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
    // SAFETY: the program passes a handle it holds, or NULL.
    let lib = unsafe { crate::capi::ssl(s) }.map_or(LibCtx::DEFAULT, |ssl| ssl.ctx().lib.clone());
    // A NID, or TLSEXT_nid_unknown with a code point.
    Group::by_id(id, &lib).map_or(std::ptr::null(), |group| group.name.as_ptr())
}
