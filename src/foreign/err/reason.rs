//! OpenSSL's reason codes (openssl/sslerr.h).

use std::ffi::c_int;

/// A reason code of ERR_LIB_SSL, or one of the codes all libraries share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reason(pub c_int);

#[expect(missing_docs, reason = "the names are OpenSSL's: SSL_R_NAME, ERR_R_NAME")]
impl Reason {
    // Codes of openssl/err.h that every library uses.
    pub const X509_LIB: Self = Self(11 | Self::COMMON);
    pub const PEM_LIB: Self = Self(9 | Self::COMMON);
    pub const ASN1_LIB: Self = Self(13 | Self::COMMON);
    pub const EVP_LIB: Self = Self(6 | Self::COMMON);
    pub const BUF_LIB: Self = Self(7 | Self::COMMON);
    pub const BIO_LIB: Self = Self(32 | Self::COMMON);
    pub const SYS_LIB: Self = Self(2 | Self::COMMON);
    pub const RSA_LIB: Self = Self(4 | Self::COMMON);
    pub const DH_LIB: Self = Self(5 | Self::COMMON);
    pub const EC_LIB: Self = Self(16 | Self::COMMON);
    pub const SSL_LIB: Self = Self(20 | Self::COMMON);
    pub const MALLOC_FAILURE: Self = Self(256 | Self::FATAL);
    pub const SHOULD_NOT_HAVE_BEEN_CALLED: Self = Self(257 | Self::FATAL);
    pub const PASSED_NULL_PARAMETER: Self = Self(258 | Self::FATAL);
    pub const INTERNAL_ERROR: Self = Self(259 | Self::FATAL);
    pub const DISABLED: Self = Self(260 | Self::FATAL);
    pub const INIT_FAIL: Self = Self(261 | Self::FATAL);
    pub const PASSED_INVALID_ARGUMENT: Self = Self(262 | Self::COMMON);
    pub const UNSUPPORTED: Self = Self(268 | Self::COMMON);

    const COMMON: c_int = 0x2 << 18;
    const FATAL: c_int = (0x1 << 18) | Self::COMMON;

    // Codes of openssl/sslerr.h.
}
