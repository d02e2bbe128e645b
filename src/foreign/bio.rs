//! BIOs: where the bytes of a connection come from and go to.

use std::ffi::{c_int, c_long};
use std::ptr;

use super::err::{Error, Result};
use super::owned::owned;
use super::sys as ffi;

/// What a read from or write to a BIO came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Io {
    /// So many bytes were moved; at least one.
    Done(usize),
    /// Nothing now, try again later (BIO_should_retry(3)); the BIO says what it waits for.
    Retry,
    /// There will be no more bytes (BIO_eof(3)). Only reads end so.
    Eof,
    /// Failed for good. errno and the error queue are as the BIO left them.
    Failed,
}

owned! {
    /// One reference to a BIO, or to the head of a chain of them.
    ///
    /// Dropping the last reference frees the whole chain, as SSL_free(3) does (BIO_free_all).
    /// Two values are equal when they are the same BIO. Like an SSL, a BIO belongs to one thread
    /// at a time.
    Bio, ffi::BIO, up_ref = ffi::BIO_up_ref, free = ffi::BIO_free_all
}

// SAFETY: the reference count is atomic, and nothing in a BIO is bound to a thread.
unsafe impl Send for Bio {}

impl PartialEq for Bio {
    fn eq(&self, other: &Self) -> bool {
        self.as_ptr() == other.as_ptr()
    }
}

impl Eq for Bio {}

impl Bio {
    /// A socket BIO over `fd`; `close` is BIO_NOCLOSE (0) or BIO_CLOSE (1).
    pub fn new_socket(fd: c_int, close: c_int) -> Result<Self> {
        // SAFETY: makes a new object; the descriptor is only stored.
        unsafe { Self::made(ffi::BIO_new_socket(fd, close)) }
    }

    /// A memory BIO, empty and growing.
    pub fn new_mem() -> Result<Self> {
        // SAFETY: makes a new object of a static method.
        unsafe { Self::made(ffi::BIO_new(ffi::BIO_s_mem())) }
    }

    /// A BIO that swallows what is written and has nothing to read.
    pub fn new_null() -> Result<Self> {
        // SAFETY: makes a new object of a static method.
        unsafe { Self::made(ffi::BIO_new(ffi::BIO_s_null())) }
    }

    /// Takes a new BIO; NULL means that libcrypto queued why there is none.
    unsafe fn made(ptr: *mut ffi::BIO) -> Result<Self> {
        // SAFETY: the caller passes a BIO it just made.
        unsafe { Self::from_ptr(ptr) }.ok_or(Error::Queued)
    }

    /// Reads at most `buf.len()` bytes (BIO_read(3)). errno is 0 before, so that after a failure
    /// it tells of this read.
    pub fn read(&self, buf: &mut [u8]) -> Io {
        clear_errno();
        let len = clamp(buf.len());
        // SAFETY: `buf` is writable for `len` bytes.
        let n = unsafe { ffi::BIO_read(self.as_ptr(), buf.as_mut_ptr().cast(), len) };
        self.outcome(n, true)
    }

    /// Writes at most `buf.len()` bytes (BIO_write(3)). errno is 0 before, as for `read`.
    pub fn write(&self, buf: &[u8]) -> Io {
        clear_errno();
        let len = clamp(buf.len());
        // SAFETY: `buf` is readable for `len` bytes.
        let n = unsafe { ffi::BIO_write(self.as_ptr(), buf.as_ptr().cast(), len) };
        self.outcome(n, false)
    }

    fn outcome(&self, n: c_int, reading: bool) -> Io {
        match n {
            1.. => Io::Done(n as usize),
            _ if self.should_retry() => Io::Retry,
            _ if reading && self.eof() => Io::Eof,
            _ => Io::Failed,
        }
    }

    /// Says that a read is to be repeated, though the BIO was not the one to stop
    /// (BIO_set_retry_read(3)).
    pub fn set_retry_read(&self) {
        let flags = ffi::BIO_FLAGS_READ | ffi::BIO_FLAGS_SHOULD_RETRY;
        // SAFETY: the BIO lives.
        unsafe {
            ffi::BIO_clear_flags(
                self.as_ptr(),
                ffi::BIO_FLAGS_RWS | ffi::BIO_FLAGS_SHOULD_RETRY,
            );
            ffi::BIO_set_flags(self.as_ptr(), flags);
        }
    }

    /// Passes on what a buffering BIO holds (BIO_flush(3)); `Done` carries no count.
    pub fn flush(&self) -> Io {
        let n = self.ctrl(ffi::BIO_CTRL_FLUSH, 0);
        self.outcome(n.clamp(-1, 1) as c_int, false)
    }

    /// BIO_eof(3).
    pub fn eof(&self) -> bool {
        self.ctrl(ffi::BIO_CTRL_EOF, 0) != 0
    }

    /// The bytes waiting to be read (BIO_ctrl_pending(3)).
    pub fn pending(&self) -> usize {
        // SAFETY: the BIO lives.
        unsafe { ffi::BIO_ctrl_pending(self.as_ptr()) }
    }

    /// The descriptor of the first descriptor BIO in the chain (BIO_get_fd(3)), if there is one.
    pub fn get_fd(&self) -> Option<c_int> {
        // BIO_TYPE_DESCRIPTOR: a program's own BIO may answer BIO_C_GET_FD with anything.
        const DESCRIPTOR: c_int = 0x0100;
        // SAFETY: the BIO lives; the chain is searched, no reference is given out.
        let fd = unsafe {
            let bio = BIO_find_type(self.as_ptr(), DESCRIPTOR);
            if bio.is_null() {
                return None;
            }
            ffi::BIO_ctrl(bio, ffi::BIO_C_GET_FD, 0, ptr::null_mut())
        };
        (fd >= 0).then_some(fd as c_int)
    }

    /// What an empty memory BIO returns to a read: 0 is end of file, -1 retry
    /// (BIO_set_mem_eof_return(3)).
    pub fn set_mem_eof_return(&self, value: c_int) {
        self.ctrl(ffi::BIO_C_SET_BUF_MEM_EOF_RETURN, value.into());
    }

    fn ctrl(&self, cmd: c_int, arg: c_long) -> c_long {
        // SAFETY: the commands used here take no pointer.
        unsafe { ffi::BIO_ctrl(self.as_ptr(), cmd, arg, ptr::null_mut()) }
    }

    fn flags(&self, flags: c_int) -> bool {
        // SAFETY: the BIO lives.
        unsafe { ffi::BIO_test_flags(self.as_ptr(), flags) != 0 }
    }

    /// BIO_should_retry(3).
    pub fn should_retry(&self) -> bool {
        self.flags(ffi::BIO_FLAGS_SHOULD_RETRY)
    }

    /// BIO_should_read(3).
    pub fn should_read(&self) -> bool {
        self.flags(ffi::BIO_FLAGS_READ)
    }

    /// BIO_should_write(3).
    pub fn should_write(&self) -> bool {
        self.flags(ffi::BIO_FLAGS_WRITE)
    }

    /// BIO_should_io_special(3).
    pub fn should_io_special(&self) -> bool {
        self.flags(ffi::BIO_FLAGS_IO_SPECIAL)
    }

    /// BIO_get_retry_reason(3): BIO_RR_CONNECT and its like.
    pub fn retry_reason(&self) -> c_int {
        // SAFETY: the BIO lives.
        unsafe { ffi::BIO_get_retry_reason(self.as_ptr()) }
    }

    /// BIO_clear_retry_flags.
    pub fn clear_retry_flags(&self) {
        const RETRY: c_int = ffi::BIO_FLAGS_READ
            | ffi::BIO_FLAGS_WRITE
            | ffi::BIO_FLAGS_IO_SPECIAL
            | ffi::BIO_FLAGS_SHOULD_RETRY;
        // SAFETY: the BIO lives.
        unsafe { ffi::BIO_clear_flags(self.as_ptr(), RETRY) }
    }

    /// Appends `tail` to this BIO's chain, which takes its reference (BIO_push(3)).
    pub fn push(&self, tail: Self) {
        // SAFETY: both live; the chain owns the reference from now on.
        unsafe { ffi::BIO_push(self.as_ptr(), tail.into_ptr()) };
    }

    /// Takes this BIO out of its chain and returns what followed it (BIO_pop(3)).
    pub fn pop(&self) -> Option<Self> {
        // SAFETY: the chain's reference to the next BIO becomes ours.
        unsafe { Self::from_ptr(ffi::BIO_pop(self.as_ptr())) }
    }

    /// The next BIO of the chain (BIO_next(3)).
    pub fn next(&self) -> Option<Self> {
        // SAFETY: the next BIO lives as long as the chain does.
        unsafe { Self::from_ptr_ref(ffi::BIO_next(self.as_ptr())) }
    }
}

unsafe extern "C" {
    fn BIO_find_type(b: *mut ffi::BIO, kind: c_int) -> *mut ffi::BIO;
}

fn clamp(len: usize) -> c_int {
    c_int::try_from(len).unwrap_or(c_int::MAX)
}

/// Whether errno, as the read or write that just failed left it, is that of a connection the peer
/// has closed.
pub fn errno_says_closed() -> bool {
    // SAFETY: errno is this thread's own.
    let errno = unsafe { *libc::__errno_location() };
    errno == libc::EPIPE || errno == libc::ECONNRESET
}

fn clear_errno() {
    // SAFETY: errno is this thread's own.
    unsafe { *libc::__errno_location() = 0 };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_bio_retries_until_told_otherwise() {
        let bio = Bio::new_mem().unwrap();
        let mut buf = [0; 8];
        assert_eq!(bio.read(&mut buf), Io::Retry);
        assert!(bio.should_read() && !bio.should_write());
        assert_eq!(bio.write(b"abc"), Io::Done(3));
        assert_eq!(bio.pending(), 3);
        assert_eq!(bio.read(&mut buf), Io::Done(3));
        bio.set_mem_eof_return(0);
        assert_eq!(bio.read(&mut buf), Io::Eof);
        assert!(!bio.should_retry());
    }

    #[test]
    fn chain_is_freed_with_its_head() {
        let head = Bio::new_null().unwrap();
        let tail = Bio::new_mem().unwrap();
        head.push(tail.clone());
        assert_eq!(head.next().as_ref(), Some(&tail));
        drop(head);
        assert_eq!(tail.write(b"x"), Io::Done(1));
    }

    #[test]
    fn closed_socket_is_end_of_file() {
        use std::os::fd::AsRawFd;
        let (a, b) = std::os::unix::net::UnixStream::pair().unwrap();
        a.set_nonblocking(true).unwrap();
        let bio = Bio::new_socket(a.as_raw_fd(), 0).unwrap();
        let mut buf = [0; 8];
        assert_eq!(bio.read(&mut buf), Io::Retry);
        drop(b);
        assert_eq!(bio.read(&mut buf), Io::Eof);
        assert_eq!(bio.write(b"x"), Io::Failed);
        assert_eq!(bio.get_fd(), Some(a.as_raw_fd()));
        assert_eq!(Bio::new_mem().unwrap().get_fd(), None);
    }
}
