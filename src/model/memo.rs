//! Things that are costly to build, remembered with what they were built from.

use std::fmt;
use std::sync::Arc;

use parking_lot::RwLock;

/// At most so many are remembered; the oldest goes first.
const ENTRIES: usize = 4;

/// Clones share what is remembered.
///
/// The lock is tried and not waited for: what it guards can be built again, and a forked child
/// may find it locked for ever.
pub(super) struct Memo<K, V>(Arc<RwLock<Vec<(K, V)>>>);

impl<K: PartialEq, V: Clone> Memo<K, V> {
    /// What was made of `basis`, or is now.
    pub(super) fn get(&self, basis: K, make: impl FnOnce(&K) -> V) -> V {
        if let Some(known) = self.0.try_read()
            && let Some((_, value)) = known.iter().find(|(from, _)| *from == basis)
        {
            return value.clone();
        }
        let value = make(&basis);
        // Dropped after the lock is: it may free what runs callbacks of the program.
        let _evicted = self.0.try_write().map(|mut known| {
            let evicted = (known.len() == ENTRIES).then(|| known.remove(0));
            known.push((basis, value.clone()));
            evicted
        });
        value
    }
}

impl<K, V> Clone for Memo<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> fmt::Debug for Memo<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memo").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_made_once_while_it_is_remembered() {
        let memo = Memo::default();
        let mut made = Vec::new();
        for basis in [1, 2, 1, 3, 4, 5, 2, 1] {
            let value = memo.clone().get(basis, |&basis| {
                made.push(basis);
                basis * 10
            });
            assert_eq!(value, basis * 10);
        }
        assert_eq!(made, [1, 2, 3, 4, 5, 1]);
        assert_eq!(memo.0.read().len(), ENTRIES);
    }
}
