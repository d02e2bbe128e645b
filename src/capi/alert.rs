//! Alerts as text.

use std::ffi::{c_char, c_int};

use crate::model::alert::{Alert, AlertLevel};

/// The level of the value an info callback is given for an alert.
fn level(value: c_int) -> AlertLevel {
    AlertLevel(value >> 8)
}

/// The description of that value.
fn description(value: c_int) -> Alert {
    Alert(value as u8)
}

/// SSL_alert_type_string(3): the alert's level in one letter.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_alert_type_string(value: c_int) -> *const c_char {
    level(value).short().as_ptr()
}

/// SSL_alert_type_string_long(3): the alert's level in words.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_alert_type_string_long(value: c_int) -> *const c_char {
    level(value).long().as_ptr()
}

/// SSL_alert_desc_string(3): the alert's description in two letters.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_alert_desc_string(value: c_int) -> *const c_char {
    description(value).short().as_ptr()
}

/// SSL_alert_desc_string_long(3): the alert's description in words.
///
/// The result is static: not to be freed.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_alert_desc_string_long(value: c_int) -> *const c_char {
    description(value).long().as_ptr()
}
