//! libcrypto's hash table over objects of ours, for programs that look through it.

use std::ffi::{c_int, c_ulong, c_void};
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;

use super::err::{Error, Result};

/// OPENSSL_LHASH.
#[repr(C)]
struct Lhash {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn OPENSSL_LH_new(
        hash: unsafe extern "C" fn(*const c_void) -> c_ulong,
        compare: unsafe extern "C" fn(*const c_void, *const c_void) -> c_int,
    ) -> *mut Lhash;
    fn OPENSSL_LH_free(table: *mut Lhash);
    fn OPENSSL_LH_insert(table: *mut Lhash, data: *mut c_void) -> *mut c_void;
    fn OPENSSL_LH_delete(table: *mut Lhash, data: *const c_void) -> *mut c_void;
    fn OPENSSL_LH_set_down_load(table: *mut Lhash, down_load: c_ulong);
}

/// What is told apart by an id.
pub trait Identified {
    /// Shows the id to `read`, which must not panic.
    fn with_id<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R;
    /// What tells objects with the same id apart.
    fn kind(&self) -> c_int;
}

/// A table of objects that others hold.
pub struct Table<T>(NonNull<Lhash>, PhantomData<T>);

// SAFETY: the table is changed under its owner's lock alone.
unsafe impl<T: Send + Sync> Send for Table<T> {}

unsafe extern "C" fn hash<T: Identified>(object: *const c_void) -> c_ulong {
    // SAFETY: the table holds objects of this type; a template of the program's is one too.
    let object = unsafe { &*object.cast::<T>() };
    object.with_id(|id| {
        let first = id.iter().take(4).enumerate();
        first.fold(0, |hash, (at, &byte)| {
            hash | c_ulong::from(byte) << (8 * at)
        })
    })
}

unsafe extern "C" fn compare<T: Identified>(a: *const c_void, b: *const c_void) -> c_int {
    if a == b {
        return 0;
    }
    // SAFETY: as for `hash`.
    let (a, b) = unsafe { (&*a.cast::<T>(), &*b.cast::<T>()) };
    let id = a.with_id(<[u8]>::to_vec);
    c_int::from(a.kind() != b.kind() || b.with_id(|other| id != other))
}

impl<T: Identified> Table<T> {
    /// An empty table.
    pub fn new() -> Result<Self> {
        // SAFETY: the functions take what is inserted here. Without contraction the program may
        // remove what it is shown while it looks through the table.
        let table = unsafe {
            let table = OPENSSL_LH_new(hash::<T>, compare::<T>);
            if !table.is_null() {
                OPENSSL_LH_set_down_load(table, 0);
            }
            table
        };
        NonNull::new(table)
            .map(|table| Self(table, PhantomData))
            .ok_or(Error::Queued)
    }

    /// Adds an object; whoever adds it holds it until [`Self::remove`].
    pub fn insert(&mut self, object: &Arc<T>) {
        // SAFETY: the object outlives its place in the table.
        unsafe { OPENSSL_LH_insert(self.0.as_ptr(), Arc::as_ptr(object).cast_mut().cast()) };
    }

    /// Takes an object out. One whose id was changed meanwhile is not found: then it stays, and
    /// lives on for that.
    pub fn remove(&mut self, object: &Arc<T>) {
        // SAFETY: the object lives.
        let removed = unsafe { OPENSSL_LH_delete(self.0.as_ptr(), Arc::as_ptr(object).cast()) };
        if removed.cast_const() != Arc::as_ptr(object).cast() {
            std::mem::forget(object.clone());
        }
    }

    /// The table as the program sees it.
    pub fn as_ptr(&self) -> *mut c_void {
        self.0.as_ptr().cast()
    }
}

impl<T> Drop for Table<T> {
    fn drop(&mut self) {
        // SAFETY: the table is ours; it does not free what it holds.
        unsafe { OPENSSL_LH_free(self.0.as_ptr()) }
    }
}
