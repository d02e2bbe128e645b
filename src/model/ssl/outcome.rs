//! SSL_get_error(3): what the result of the last call means.

use std::ffi::c_int;

use super::{Ssl, Want};
use crate::foreign::bio::{self, Bio};
use crate::foreign::err;

/// SSL_ERROR_* of openssl/ssl.h.
mod code {
    use std::ffi::c_int;
    pub const NONE: c_int = 0;
    pub const SSL: c_int = 1;
    pub const WANT_READ: c_int = 2;
    pub const WANT_WRITE: c_int = 3;
    pub const WANT_X509_LOOKUP: c_int = 4;
    pub const SYSCALL: c_int = 5;
    pub const ZERO_RETURN: c_int = 6;
    pub const WANT_CONNECT: c_int = 7;
    pub const WANT_ACCEPT: c_int = 8;
    pub const WANT_CLIENT_HELLO_CB: c_int = 11;
    pub const WANT_RETRY_VERIFY: c_int = 12;
}

const ERR_LIB_SYS: u64 = 2;
const ERR_SYSTEM_FLAG: u64 = 1 << 31;
/// BIO_RR_CONNECT and BIO_RR_ACCEPT.
const RR_CONNECT: c_int = 2;
const RR_ACCEPT: c_int = 3;

impl Ssl {
    /// The SSL_ERROR_* code for `ret`, the value the last call returned.
    pub fn error_code(&self, ret: c_int) -> c_int {
        if ret > 0 {
            return code::NONE;
        }
        let queued = err::peek();
        if queued != 0 {
            let system = queued & ERR_SYSTEM_FLAG != 0 || queued >> 23 & 0xff == ERR_LIB_SYS;
            return if system { code::SYSCALL } else { code::SSL };
        }
        let blocked = match self.want.get() {
            Want::Reading => self.rbio.peek(|bio| wants(bio, true)),
            Want::Writing => self.wbio.peek(|bio| wants(bio, false)),
            Want::X509Lookup => Some(code::WANT_X509_LOOKUP),
            Want::ClientHelloCb => Some(code::WANT_CLIENT_HELLO_CB),
            Want::RetryVerify => Some(code::WANT_RETRY_VERIFY),
            Want::Nothing => None,
        };
        match blocked {
            Some(code) => code,
            None if self.is_closed() => code::ZERO_RETURN,
            None => code::SYSCALL,
        }
    }

    /// Whether the write that just failed did so because the peer has closed the connection.
    pub(super) fn found_closed(&self) -> bool {
        // errno first: the BIO's answers may change it.
        bio::errno_says_closed() && self.error_code(0) == code::SYSCALL
    }
}

fn wants(bio: Option<&Bio>, reading: bool) -> Option<c_int> {
    let bio = bio?;
    let (read, write) = (bio.should_read(), bio.should_write());
    match (reading, read, write) {
        (true, true, _) | (false, true, false) => Some(code::WANT_READ),
        (false, _, true) | (true, false, true) => Some(code::WANT_WRITE),
        _ if bio.should_io_special() => Some(match bio.retry_reason() {
            RR_CONNECT => code::WANT_CONNECT,
            RR_ACCEPT => code::WANT_ACCEPT,
            _ => code::SYSCALL,
        }),
        _ => None,
    }
}
