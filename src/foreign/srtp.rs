//! SRTP_PROTECTION_PROFILE: srtp.h declares it whole, so its layout is OpenSSL's.

use std::ffi::{CStr, c_char, c_ulong};

/// A protection profile.
#[derive(Debug)]
#[repr(C)]
pub struct Profile {
    name: *const c_char,
    id: c_ulong,
}

// SAFETY: the names are static.
unsafe impl Sync for Profile {}

const NAMES: [&CStr; 4] = [
    c"SRTP_AES128_CM_SHA1_80",
    c"SRTP_AES128_CM_SHA1_32",
    c"SRTP_AEAD_AES_128_GCM",
    c"SRTP_AEAD_AES_256_GCM",
];

const fn profile(index: usize, id: c_ulong) -> Profile {
    Profile {
        name: NAMES[index].as_ptr(),
        id,
    }
}

/// By the registry's numbers (RFC 5764, section 4.1.2; RFC 7714, section 14.2).
static PROFILES: [Profile; 4] = [profile(0, 1), profile(1, 2), profile(2, 7), profile(3, 8)];

impl Profile {
    /// The profile of that name.
    pub fn named(name: &[u8]) -> Option<&'static Self> {
        let mut known = NAMES.iter().zip(&PROFILES);
        known
            .find(|(known, _)| known.to_bytes() == name)
            .map(|(_, profile)| profile)
    }
}
