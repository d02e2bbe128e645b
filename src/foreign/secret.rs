//! Bytes that are wiped when they are no longer needed.

use std::fmt;
use std::hint::black_box;

use super::sys::CRYPTO_memcmp;

/// Overwrites bytes.
pub fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    // Without a reader the compiler may drop the stores.
    black_box(bytes);
}

/// Whether two byte strings are equal, in time that does not tell where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    // SAFETY: both are readable for the length they have in common.
    a.len() == b.len()
        && unsafe { CRYPTO_memcmp(a.as_ptr().cast(), b.as_ptr().cast(), a.len()) } == 0
}

/// At most `N` bytes at a fixed address.
#[derive(Clone)]
pub struct Fixed<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Default for Fixed<N> {
    fn default() -> Self {
        Self {
            bytes: [0; N],
            len: 0,
        }
    }
}

impl<const N: usize> Fixed<N> {
    /// The bytes.
    pub fn get(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Replaces the bytes; `false` and no change when they are too many.
    pub fn set(&mut self, bytes: &[u8]) -> bool {
        if bytes.len() > N {
            return false;
        }
        wipe(&mut self.bytes);
        self.bytes[..bytes.len()].copy_from_slice(bytes);
        self.len = bytes.len();
        true
    }
}

impl<const N: usize> Drop for Fixed<N> {
    fn drop(&mut self) {
        wipe(&mut self.bytes);
    }
}

/// Bytes among which are secrets. What grows leaves copies behind: reserve first.
#[derive(Default)]
#[cfg_attr(test, derive(Clone, PartialEq))]
pub struct SecretVec(pub Vec<u8>);

impl fmt::Debug for SecretVec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secret bytes", self.0.len())
    }
}

impl AsRef<[u8]> for SecretVec {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl AsMut<[u8]> for SecretVec {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl From<Vec<u8>> for SecretVec {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Drop for SecretVec {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}
