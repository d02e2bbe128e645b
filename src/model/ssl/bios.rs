//! The BIOs of a connection.

use super::Ssl;
use crate::foreign::bio::Bio;
use crate::foreign::bio_slot::Held;

impl Ssl {
    /// The BIO that is read.
    pub fn rbio(&self) -> Option<Held<'_>> {
        self.rbio.hold()
    }

    /// The BIO that is written.
    pub fn wbio(&self) -> Option<Held<'_>> {
        self.wbio.hold()
    }

    /// The BIO that is read, without a reference of the caller's own; NULL when there is none.
    pub fn rbio_address(&self) -> *mut crate::foreign::BIO {
        self.rbio.address()
    }

    /// As [`Self::rbio_address`], for the BIO that is written.
    pub fn wbio_address(&self) -> *mut crate::foreign::BIO {
        self.wbio.address()
    }

    /// Reads through `bio` from now on; the old one is freed.
    pub fn set_rbio(&self, bio: Option<Bio>) {
        self.rbio.set(bio);
    }

    /// Writes through `bio` from now on; the old one is freed.
    pub fn set_wbio(&self, bio: Option<Bio>) {
        self.wbio.set(bio);
    }
}
