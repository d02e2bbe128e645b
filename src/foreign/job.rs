//! Asynchronous jobs of libcrypto (ASYNC_start_job(3)): what runs in one has 32 KiB of stack.

use std::ffi::c_void;

unsafe extern "C" {
    fn ASYNC_get_current_job() -> *mut c_void;
}

/// Whether this runs in a job.
pub fn is_running() -> bool {
    // SAFETY: tells of this thread alone.
    !unsafe { ASYNC_get_current_job() }.is_null()
}

/// Runs `work`, which needs more stack than a job has. In a job it gets a thread of its own.
pub fn with_room<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    if !is_running() {
        return work();
    }
    std::thread::scope(|scope| match scope.spawn(work).join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}
