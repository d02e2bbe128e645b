//! TLS extensions OpenSSL handles itself.

use std::ffi::c_uint;

/// SSL_extension_supported(3): whether the library, and not the program, handles an extension.
pub fn is_builtin(kind: c_uint) -> bool {
    matches!(
        kind,
        0 | 5
            | 10
            | 11
            | 13
            | 14
            | 16
            | 18
            | 21
            | 22
            | 23
            | 35
            | 41
            | 42
            | 43
            | 44
            | 45
            | 47
            | 49
            | 50
            | 51
            | 13172
            | 65281
    )
}
