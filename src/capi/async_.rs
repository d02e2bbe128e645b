//! Asynchronous jobs of libcrypto.

use crate::capi::deref;
use crate::model::settings::KeptSlot;
use std::ffi::{c_int, c_void};

use crate::capi::types::{SSL, SSL_CTX, SSL_async_callback_fn};

/// SSL_CTX_set_async_callback(3): sets the callback an engine runs when an asynchronous job can
/// go on.
///
/// Status: partial: remembered; no operation here is asynchronous.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_async_callback(
    ctx: *mut SSL_CTX,
    callback: SSL_async_callback_fn,
) -> c_int {
    crate::capi::keep!(ctx ctx, 0, KeptSlot::Async, callback);
    1
}

/// SSL_CTX_set_async_callback_arg(3): sets the argument given to the asynchronous callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: partial: remembered; no operation here is asynchronous.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_CTX_set_async_callback_arg(
    ctx: *mut SSL_CTX,
    arg: *mut c_void,
) -> c_int {
    deref!(ctx ctx, 0).edit(|s| s.async_argument = crate::foreign::callback::Opaque(arg));
    1
}

/// SSL_set_async_callback(3): sets the connection's callback an engine runs when an asynchronous
/// job can go on.
///
/// Status: partial: remembered; no operation here is asynchronous.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_async_callback(
    s: *mut SSL,
    callback: SSL_async_callback_fn,
) -> c_int {
    crate::capi::keep!(ssl s, 0, KeptSlot::Async, callback);
    1
}

/// SSL_set_async_callback_arg(3): sets the argument given to the connection's asynchronous
/// callback.
///
/// Pointers of the application are kept as given and never freed.
///
/// Status: partial: remembered; no operation here is asynchronous.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_set_async_callback_arg(s: *mut SSL, arg: *mut c_void) -> c_int {
    deref!(ssl s, 0).edit(|s| s.async_argument = crate::foreign::callback::Opaque(arg));
    1
}

/// 1 and a count of 0 where there could have been jobs; else 0.
///
/// # Safety
/// The counts are NULL or writable.
unsafe fn no_descriptors(s: *mut SSL, counts: &[*mut usize]) -> c_int {
    if !deref!(ssl s, 0).knows_of_jobs() {
        return 0;
    }
    for count in counts.iter().filter(|count| !count.is_null()) {
        // SAFETY: the caller's contract.
        unsafe { count.write(0) };
    }
    1
}

/// SSL_get_async_status(3): the status of the current asynchronous job.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_async_status(s: *mut SSL, status: *mut c_int) -> c_int {
    const ASYNC_STATUS_UNSUPPORTED: c_int = 0;
    let known = deref!(ssl s, 0).knows_of_jobs();
    if known && !status.is_null() {
        // SAFETY: the program's place for the status.
        unsafe { status.write(ASYNC_STATUS_UNSUPPORTED) };
    }
    c_int::from(known)
}

/// SSL_waiting_for_async(3): 1 when the connection waits for an asynchronous job.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_waiting_for_async(s: *mut SSL) -> c_int {
    0
}

/// SSL_get_all_async_fds(3): the descriptors of the asynchronous jobs the connection waits for.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_all_async_fds(
    s: *mut SSL,
    fds: *mut c_int,
    numfds: *mut usize,
) -> c_int {
    // SAFETY: the program's place for the count.
    unsafe { no_descriptors(s, &[numfds]) }
}

/// SSL_get_changed_async_fds(3): the descriptors added and removed since the connection last
/// waited.
///
/// Status: full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SSL_get_changed_async_fds(
    s: *mut SSL,
    addfd: *mut c_int,
    numaddfds: *mut usize,
    delfd: *mut c_int,
    numdelfds: *mut usize,
) -> c_int {
    // SAFETY: the program's places for the counts.
    unsafe { no_descriptors(s, &[numaddfds, numdelfds]) }
}
