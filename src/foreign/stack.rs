//! STACK_OF(X509) and STACK_OF(X509_NAME).

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::Arc;

use parking_lot::RwLock;

use super::err::{Error, Result};
use super::sys as ffi;
use super::x509::{Cert, Name};

/// A type whose objects stand in a STACK_OF.
pub trait Element: Clone {
    /// The C type of STACK_OF(this).
    type CStack;
    /// The C type of the objects.
    type C;

    /// Takes the caller's object.
    ///
    /// # Safety
    /// `ptr` is a live object that the caller owns.
    unsafe fn from_owned(ptr: NonNull<Self::C>) -> Self;

    /// Gives the object up.
    fn into_owned(self) -> *mut Self::C;

    /// The function that frees one object, with the signature OPENSSL_sk_pop_free wants.
    unsafe extern "C" fn free(ptr: *mut std::ffi::c_void);
}

/// A STACK_OF(T) together with its elements: dropping it is sk_T_pop_free.
///
/// The lock is for [`Self::push_in_place`], and no application code runs under it.
pub struct Stack<T: Element> {
    raw: RwLock<NonNull<ffi::OPENSSL_STACK>>,
    elements: PhantomData<T>,
}

/// STACK_OF(X509).
pub type CertStack = Stack<Cert>;
/// STACK_OF(X509_NAME).
pub type NameStack = Stack<Name>;

// SAFETY: a stack owns its elements and is changed through `&mut` alone, or under its lock.
unsafe impl<T: Element + Send> Send for Stack<T> {}
// SAFETY: reading a stack changes nothing in it.
unsafe impl<T: Element + Sync> Sync for Stack<T> {}

/// Element `index` of a live stack; `None` when there is none.
fn value(raw: NonNull<ffi::OPENSSL_STACK>, index: usize) -> Option<*mut std::ffi::c_void> {
    // SAFETY: the callers' stack lives; libcrypto answers NULL beyond its end.
    let ptr = unsafe { ffi::OPENSSL_sk_value(raw.as_ptr(), i32::try_from(index).ok()?) };
    (!ptr.is_null()).then_some(ptr.cast())
}

impl<T: Element> Stack<T> {
    /// An empty stack.
    pub fn new() -> Result<Self> {
        // SAFETY: makes a new object.
        let raw = NonNull::new(unsafe { ffi::OPENSSL_sk_new_null() }).ok_or(Error::Queued)?;
        Ok(Self::of(raw))
    }

    fn of(raw: NonNull<ffi::OPENSSL_STACK>) -> Self {
        Self {
            raw: RwLock::new(raw),
            elements: PhantomData,
        }
    }

    /// Takes the stack and its elements; `None` for NULL.
    ///
    /// # Safety
    /// `ptr` is NULL or a live stack that the caller owns together with its elements.
    pub unsafe fn from_ptr(ptr: *mut T::CStack) -> Option<Self> {
        NonNull::new(ptr.cast()).map(Self::of)
    }

    /// A copy of the program's stack: a new one with a reference to (or copy of) each element.
    /// `None` for NULL or when memory is short.
    ///
    /// # Safety
    /// `ptr` is NULL or a live stack, and nobody changes it meanwhile.
    pub unsafe fn from_ptr_ref(ptr: *const T::CStack) -> Option<Self> {
        // SAFETY: the caller's contract; the copy is made from a value that is never dropped.
        let theirs = ManuallyDrop::new(unsafe { Self::from_ptr(ptr.cast_mut()) }?);
        theirs.dup().ok()
    }

    /// The C stack; it stays ours.
    pub fn as_ptr(&self) -> *mut T::CStack {
        self.raw.read().as_ptr().cast()
    }

    /// The C stack with its elements, for the caller to free.
    pub fn into_ptr(self) -> *mut T::CStack {
        ManuallyDrop::new(self).as_ptr()
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        let raw = self.raw.read();
        // SAFETY: the stack lives, and stays ours while it is locked.
        unsafe { ffi::OPENSSL_sk_num(raw.as_ptr()) }.max(0) as usize
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts `element` at the end.
    pub fn push(&mut self, element: T) -> Result<()> {
        let ptr = element.into_owned();
        // SAFETY: the stack takes the element over; when it cannot, we own it still.
        unsafe {
            if ffi::OPENSSL_sk_push(self.raw.get_mut().as_ptr(), ptr.cast()) > 0 {
                return Ok(());
            }
            T::free(ptr.cast());
        }
        Err(Error::Queued)
    }

    /// Adds to a holder's stack, which is made if need be, and else stays where it is.
    pub fn add(list: &mut Option<Arc<Self>>, element: T) -> Result<()> {
        let stack = match list {
            Some(stack) => stack,
            None => list.insert(Arc::new(Self::new()?)),
        };
        Self::push_in_place(stack, element)
    }

    /// As [`Self::push`], of a stack whose address the program knows from the holder of `shared`:
    /// there it stays, and who else shares it keeps what it was at another.
    fn push_in_place(shared: &mut Arc<Self>, element: T) -> Result<()> {
        if Arc::get_mut(shared).is_none() {
            let copy = ManuallyDrop::new(shared.dup()?);
            let copy = *copy.raw.read();
            let known = std::mem::replace(&mut *shared.raw.write(), copy);
            *shared = Arc::new(Self::of(known));
        }
        match Arc::get_mut(shared) {
            Some(own) => own.push(element),
            None => Err(Error::Queued),
        }
    }

    /// Another reference to (or a copy of) element `index`.
    pub fn get(&self, index: usize) -> Option<T> {
        let raw = self.raw.read();
        let ptr = NonNull::new(value(*raw, index)?.cast())?;
        // SAFETY: the element lives while the stack is locked; the value is not dropped.
        let element = ManuallyDrop::new(unsafe { T::from_owned(ptr) });
        Some(T::clone(&element))
    }

    /// The C object of element `index`; it stays the stack's.
    pub fn get_ptr(&self, index: usize) -> Option<*mut T::C> {
        value(*self.raw.read(), index).map(<*mut _>::cast)
    }

    /// Where the elements are: a program may have added to the stack itself since.
    pub fn addresses(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).filter_map(|i| self.get_ptr(i).map(<*mut _>::addr))
    }

    /// References to (or copies of) the elements in their order.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        (0..self.len()).filter_map(|i| self.get(i))
    }

    /// A new stack with a reference to (or copy of) each element (X509_chain_up_ref,
    /// SSL_dup_CA_list(3)).
    pub fn dup(&self) -> Result<Self> {
        let mut copy = Self::new()?;
        for element in self.iter() {
            copy.push(element)?;
        }
        Ok(copy)
    }
}

impl<T: Element> Drop for Stack<T> {
    fn drop(&mut self) {
        // SAFETY: frees the stack and the elements this value owns.
        unsafe { ffi::OPENSSL_sk_pop_free(self.raw.get_mut().as_ptr(), Some(T::free)) };
    }
}

impl<T: Element> fmt::Debug for Stack<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack").field("len", &self.len()).finish()
    }
}

impl NameStack {
    /// The names in DER, as CertificateRequest and certificate_authorities carry them.
    pub fn to_der(&self) -> Vec<Vec<u8>> {
        self.iter().map(|name| name.der()).collect()
    }

    /// The stack of names that the peer sent in DER.
    pub fn from_der<'a>(names: impl IntoIterator<Item = &'a [u8]>) -> Result<Self> {
        let mut stack = Self::new()?;
        for der in names {
            stack.push(Name::from_der(der)?)?;
        }
        Ok(stack)
    }

    /// Whether an equal name (X509_NAME_cmp(3)) is in the stack.
    pub fn contains(&self, name: &Name) -> bool {
        self.iter().any(|n| n == *name)
    }
}

/// A stack of objects that are never freed: STACK_OF(SSL_CIPHER).
#[derive(Debug)]
pub struct PlainStack(NonNull<ffi::OPENSSL_STACK>);

// SAFETY: the elements are static and the stack is not changed after it is made.
unsafe impl Send for PlainStack {}
// SAFETY: as for Send.
unsafe impl Sync for PlainStack {}

impl PlainStack {
    /// A stack of these objects, which live as long as the program.
    pub fn new(objects: impl Iterator<Item = *const std::ffi::c_void>) -> Result<Self> {
        // SAFETY: makes a new object.
        let stack = Self(NonNull::new(unsafe { ffi::OPENSSL_sk_new_null() }).ok_or(Error::Queued)?);
        for object in objects {
            // SAFETY: the stack is ours.
            if unsafe { ffi::OPENSSL_sk_push(stack.0.as_ptr(), object) } == 0 {
                return Err(Error::Queued);
            }
        }
        Ok(stack)
    }

    /// The stack, which stays ours.
    pub fn as_ptr(&self) -> *mut std::ffi::c_void {
        self.0.as_ptr().cast()
    }

    /// The stack, for the program to free without its elements.
    pub fn into_ptr(self) -> *mut std::ffi::c_void {
        ManuallyDrop::new(self).as_ptr()
    }
}

impl Drop for PlainStack {
    fn drop(&mut self) {
        // SAFETY: the stack is ours; its elements are not.
        unsafe { ffi::OPENSSL_sk_free(self.0.as_ptr()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foreign::x509::tests::self_signed;

    #[test]
    fn elements_outlive_their_stack() {
        let (cert, _) = self_signed(c"one");
        let mut stack = CertStack::new().unwrap();
        stack.push(cert.clone()).unwrap();
        let copy = stack.dup().unwrap();
        drop(stack);
        assert_eq!(copy.len(), 1);
        assert_eq!(copy.get(0), Some(cert));
        assert_eq!(copy.get(1), None);
    }

    #[test]
    fn a_shared_stack_grows_where_it_is() {
        let (cert, _) = self_signed(c"one");
        let mut stack = Arc::new(CertStack::new().unwrap());
        let at = stack.as_ptr();
        CertStack::push_in_place(&mut stack, cert.clone()).unwrap();
        let other = stack.clone();
        CertStack::push_in_place(&mut stack, cert).unwrap();
        assert_eq!((stack.as_ptr(), stack.len()), (at, 2));
        assert_ne!(other.as_ptr(), at);
        assert_eq!(other.len(), 1);
        drop(other);
        assert_eq!(stack.addresses().count(), 2);
    }

    #[test]
    fn names_survive_the_wire() {
        let (cert, _) = self_signed(c"wire");
        let mut names = NameStack::new().unwrap();
        names.push(cert.subject_name().unwrap()).unwrap();
        let der = names.to_der();
        let back = NameStack::from_der(der.iter().map(Vec::as_slice)).unwrap();
        assert!(back.contains(&cert.subject_name().unwrap()));
    }
}
