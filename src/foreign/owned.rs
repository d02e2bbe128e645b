//! The common part of the types that own one reference to a libcrypto object.

/// Defines a type that owns one reference to a C object: `from_ptr`, `from_ptr_ref`, `as_ptr`,
/// `into_ptr`, `Clone` (adds a reference) and `Drop` (gives it back).
macro_rules! owned {
    ($(#[$doc:meta])* $name:ident, $c:ty, up_ref = $up_ref:path, free = $free:path) => {
        $(#[$doc])*
        pub struct $name(std::ptr::NonNull<$c>);

        impl $name {
            /// Takes the caller's reference; `None` for NULL.
            ///
            /// # Safety
            /// `ptr` is NULL or a live object of which the caller owns a reference.
            pub unsafe fn from_ptr(ptr: *mut $c) -> Option<Self> {
                std::ptr::NonNull::new(ptr).map(Self)
            }

            /// Adds a reference; `None` for NULL.
            ///
            /// # Safety
            /// `ptr` is NULL or a live object.
            pub unsafe fn from_ptr_ref(ptr: *mut $c) -> Option<Self> {
                let ptr = std::ptr::NonNull::new(ptr)?;
                // SAFETY: the caller's contract.
                unsafe { $up_ref(ptr.as_ptr()) };
                Some(Self(ptr))
            }

            /// The C object; the reference stays ours.
            pub fn as_ptr(&self) -> *mut $c {
                self.0.as_ptr()
            }

            /// The C object together with our reference.
            pub fn into_ptr(self) -> *mut $c {
                std::mem::ManuallyDrop::new(self).0.as_ptr()
            }
        }

        impl Clone for $name {
            fn clone(&self) -> Self {
                // SAFETY: the object lives as long as our reference.
                unsafe { $up_ref(self.0.as_ptr()) };
                Self(self.0)
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: gives back the reference this value owns.
                unsafe { $free(self.0.as_ptr()) };
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }
    };
}
pub(crate) use owned;
