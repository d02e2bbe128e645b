//! Lists of SRTP profiles (SSL_CTX_set_tlsext_use_srtp(3)). Only DTLS negotiates one.

use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::srtp::Profile;
use crate::foreign::stack::PlainStack;

/// Reads names with colons between them. Fails with SSL_R_SRTP_UNKNOWN_PROTECTION_PROFILE, and
/// with SSL_R_BAD_SRTP_PROTECTION_PROFILE_LIST when one stands there twice.
pub fn profiles(list: &[u8]) -> Result<PlainStack> {
    let mut found: Vec<&'static Profile> = Vec::new();
    for name in list.split(|&byte| byte == b':') {
        let profile = Profile::named(name)
            .ok_or_else(|| Error::reason(Reason::SRTP_UNKNOWN_PROTECTION_PROFILE))?;
        if found.iter().any(|other| std::ptr::eq(*other, profile)) {
            return Err(Error::reason(Reason::BAD_SRTP_PROTECTION_PROFILE_LIST));
        }
        found.push(profile);
    }
    PlainStack::new(
        found
            .iter()
            .map(|profile| std::ptr::from_ref(*profile).cast()),
    )
}
