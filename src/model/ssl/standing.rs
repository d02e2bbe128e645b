//! Which side a connection is, where it stands, and how the calls that move bytes end.

use crate::foreign::err::Error;

/// Which part a connection plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Not known yet: SSL_R_CONNECTION_TYPE_NOT_SET.
    Unset,
    /// Sends the ClientHello.
    Client,
    /// Receives it.
    Server,
}

/// Where the connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was sent or received.
    Before,
    /// The handshake has begun.
    Handshaking,
    /// Records flow.
    Established,
    /// A fatal error happened.
    Failed,
}

/// What the last call stopped for: SSL_want(3)'s values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Want {
    /// SSL_NOTHING.
    Nothing = 1,
    /// SSL_WRITING.
    Writing = 2,
    /// SSL_READING.
    Reading = 3,
    /// SSL_X509_LOOKUP.
    X509Lookup = 4,
    /// SSL_CLIENT_HELLO_CB.
    ClientHelloCb = 7,
    /// SSL_RETRY_VERIFY.
    RetryVerify = 8,
}

/// How a call that moves bytes ended without an error of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// The call stopped for what [`Ssl::want`] tells, or the BIO failed.
    Blocked,
    /// The peer sent close_notify, or the BIO ended and that is taken for one.
    Closed,
}

/// Why a call that moves bytes did not succeed.
#[derive(Debug)]
pub enum Stop {
    /// Nothing is put into the queue.
    Halt(Halt),
    /// A fatal error.
    Error(Error),
    /// A fatal error for which the call returns 0.
    Zero(Error),
}

impl From<Error> for Stop {
    fn from(err: Error) -> Self {
        Self::Error(err)
    }
}

/// What moves bytes returns this.
pub type Moved<T> = Result<T, Stop>;
