//! A configured list together with the stack that C is shown.

use std::ffi::c_void;
use std::sync::OnceLock;

use super::{Cipher, CipherList};
use crate::foreign::err::Result;
use crate::foreign::stack::PlainStack;

/// The list of a context or connection (SSL_get_ciphers(3)).
#[derive(Debug, Default)]
pub struct Configured {
    list: CipherList,
    stack: OnceLock<Option<PlainStack>>,
}

impl From<CipherList> for Configured {
    fn from(list: CipherList) -> Self {
        Self {
            list,
            stack: OnceLock::new(),
        }
    }
}

impl Configured {
    /// The list.
    pub fn list(&self) -> &CipherList {
        &self.list
    }

    /// The list as a STACK_OF(SSL_CIPHER) that lives as long as it; NULL without memory.
    pub fn stack(&self) -> *mut c_void {
        self.stack
            .get_or_init(|| stack(self.list.suites()).ok())
            .as_ref()
            .map_or(std::ptr::null_mut(), PlainStack::as_ptr)
    }
}

/// A stack of suites of the table.
pub fn stack(suites: &[&'static Cipher]) -> Result<PlainStack> {
    PlainStack::new(suites.iter().map(|s| std::ptr::from_ref(*s).cast()))
}
