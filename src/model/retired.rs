//! What a change of settings replaced: freeing it may run callbacks of the program that use the
//! very context or connection, and so is put off until that is neither locked nor borrowed.

use std::any::Any;
use std::fmt;

/// The objects replaced since they were last taken. Clones have none.
#[derive(Default)]
pub struct Retired(Vec<Box<dyn Any + Send + Sync>>);

impl Retired {
    /// To be freed later.
    pub fn add(&mut self, object: impl Any + Send + Sync) {
        self.0.push(Box::new(object));
    }
}

impl Clone for Retired {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Retired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Retired").field(&self.0.len()).finish()
    }
}
