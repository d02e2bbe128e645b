//! DTLS.

use crate::model::settings::KeptSlot;
use std::ffi::c_int;

use crate::capi::refuse;
use crate::capi::types::{BIO_ADDR, DTLS_timer_cb, SSL};

/// DTLSv1_listen(3): answers ClientHellos with a cookie until one brings it back.
///
/// Status: refused: DTLS is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLSv1_listen(s: *mut SSL, client: *mut BIO_ADDR) -> c_int {
    refuse(-1, "DTLSv1_listen")
}

/// DTLS_get_data_mtu(3): the room for application data in one datagram: 0, as before a suite is
/// negotiated.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLS_get_data_mtu(s: *const SSL) -> usize {
    0
}

/// DTLS_set_timer_cb(3): sets the callback that sets the retransmission timer.
///
/// Status: partial: remembered; DTLS is not in rustls, by design.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DTLS_set_timer_cb(s: *mut SSL, cb: DTLS_timer_cb) {
    crate::capi::keep!(ssl s, (), KeptSlot::DtlsTimer, cb);
}
