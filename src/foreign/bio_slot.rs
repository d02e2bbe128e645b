//! Where a connection keeps a BIO.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::ops::Deref;

use super::bio::Bio;

/// A place for one BIO. While the BIO is held, which costs no reference of its own, the program
/// may put another in its place from the BIO's own callbacks: the first one lives on until it is
/// let go of.
#[derive(Debug, Default)]
pub struct BioSlot {
    bio: RefCell<Option<Bio>>,
    holders: Cell<u32>,
    replaced: RefCell<Vec<Bio>>,
}

impl BioSlot {
    /// The BIO, for as long as it is used.
    pub fn hold(&self) -> Option<Held<'_>> {
        let bio = self.address();
        // SAFETY: the slot's reference stays while there is a holder, and Held gives none back.
        let bio = unsafe { Bio::from_ptr(bio) }?;
        self.holders.set(self.holders.get() + 1);
        Some(Held {
            slot: self,
            bio: ManuallyDrop::new(bio),
        })
    }

    /// Looks at the BIO, in a way that calls nothing of the program's.
    pub fn peek<R>(&self, look: impl FnOnce(Option<&Bio>) -> R) -> R {
        look(self.bio.borrow().as_ref())
    }

    /// The BIO's address; NULL for none.
    pub fn address(&self) -> *mut super::BIO {
        self.peek(|bio| bio.map_or(std::ptr::null_mut(), Bio::as_ptr))
    }

    /// Puts `bio` here. The one that was here is freed when nobody holds it.
    pub fn set(&self, bio: Option<Bio>) {
        let old = self.bio.replace(bio);
        if self.holders.get() > 0 {
            self.replaced.borrow_mut().extend(old);
        }
    }
}

/// A BIO in use.
#[derive(Debug)]
pub struct Held<'a> {
    slot: &'a BioSlot,
    bio: ManuallyDrop<Bio>,
}

impl Deref for Held<'_> {
    type Target = Bio;

    fn deref(&self) -> &Bio {
        &self.bio
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let holders = self.slot.holders.get() - 1;
        self.slot.holders.set(holders);
        if holders == 0 && !self.slot.replaced.borrow().is_empty() {
            drop(self.slot.replaced.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bio_replaced_while_held_stays_usable() {
        let slot = BioSlot::default();
        assert!(slot.hold().is_none());
        slot.set(Some(Bio::new_mem().unwrap()));
        let held = slot.hold().unwrap();
        let again = slot.hold().unwrap();
        slot.set(Some(Bio::new_null().unwrap()));
        slot.set(None);
        drop(held);
        assert_eq!(again.write(b"x"), super::super::bio::Io::Done(1));
        assert_eq!(again.pending(), 1);
        drop(again);
        assert!(slot.replaced.take().is_empty());
        assert!(slot.hold().is_none());
    }
}
