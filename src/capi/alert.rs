//! Alerts as text.

use std::ffi::{c_char, c_int};

use crate::capi::refuse;

/// SSL_alert_type_string(3): the alert's level in one letter.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_alert_type_string(value: c_int) -> *const c_char {
    refuse(c"U".as_ptr(), "SSL_alert_type_string")
}

/// SSL_alert_type_string_long(3): the alert's level in words.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_alert_type_string_long(value: c_int) -> *const c_char {
    refuse(c"unknown".as_ptr(), "SSL_alert_type_string_long")
}

/// SSL_alert_desc_string(3): the alert's description in two letters.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_alert_desc_string(value: c_int) -> *const c_char {
    refuse(c"UK".as_ptr(), "SSL_alert_desc_string")
}

/// SSL_alert_desc_string_long(3): the alert's description in words.
///
/// The result is static: not to be freed.
///
/// Status: refused: not there yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_alert_desc_string_long(value: c_int) -> *const c_char {
    refuse(c"unknown".as_ptr(), "SSL_alert_desc_string_long")
}
