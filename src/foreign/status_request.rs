//! The lists a client's status request carries (RFC 6066, section 8).

use std::ffi::{c_int, c_long, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::sys as ffi;
use super::x509::encode;

/// The extension's type.
pub const STATUS_REQUEST: u16 = 5;
/// CertificateStatusType ocsp.
const OCSP: u8 = 1;

unsafe extern "C" {
    fn X509_EXTENSION_free(extension: *mut c_void);
    fn OCSP_RESPID_free(id: *mut c_void);
    fn d2i_OCSP_RESPID(to: *mut *mut c_void, at: *mut *const u8, len: c_long) -> *mut c_void;
    fn i2d_OCSP_RESPID(id: *const c_void, out: *mut *mut u8) -> c_int;
    fn d2i_X509_EXTENSIONS(to: *mut *mut c_void, at: *mut *const u8, len: c_long) -> *mut c_void;
    fn i2d_X509_EXTENSIONS(list: *const c_void, out: *mut *mut u8) -> c_int;
}

/// What a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusList {
    /// STACK_OF(X509_EXTENSION).
    Extensions,
    /// STACK_OF(OCSP_RESPID).
    ResponderIds,
}

/// One such list, the program's until it is set and freed with its elements at the end.
#[derive(Debug)]
pub struct StatusStack {
    raw: AtomicPtr<c_void>,
    kind: StatusList,
}

impl StatusStack {
    /// Takes the program's stack.
    ///
    /// # Safety
    /// `stack` is NULL or a stack of what `kind` says, which the caller gives up.
    pub unsafe fn new(kind: StatusList, stack: *mut c_void) -> Self {
        Self {
            raw: AtomicPtr::new(stack),
            kind,
        }
    }

    /// The stack; it stays ours.
    pub fn as_ptr(&self) -> *mut c_void {
        self.raw.load(Ordering::Relaxed)
    }

    /// Gives the stack up without freeing it: a program that sets another has freed the one
    /// before, or set the same again.
    pub fn abandon(&self) {
        self.raw.store(ptr::null_mut(), Ordering::Relaxed);
    }
}

/// Bytes behind a length of two.
fn put(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    out.extend_from_slice(&u16::try_from(bytes.len()).ok()?.to_be_bytes());
    out.extend_from_slice(bytes);
    Some(())
}

/// The extension's body, with these lists; `None` when there are none, or they are too long.
pub fn body(ids: Option<&StatusStack>, extensions: Option<&StatusStack>) -> Option<Vec<u8>> {
    let list = |list: Option<&StatusStack>| list.map(StatusStack::as_ptr).filter(|l| !l.is_null());
    let (ids, extensions) = (list(ids), list(extensions));
    ids.or(extensions)?;
    let (mut id_bytes, mut extension_bytes) = (Vec::new(), Vec::new());
    // SAFETY: the lists live and hold what they say.
    unsafe {
        if let Some(ids) = ids {
            for i in 0..ffi::OPENSSL_sk_num(ids.cast()) {
                let id = ffi::OPENSSL_sk_value(ids.cast(), i);
                put(&mut id_bytes, &encode(|out| i2d_OCSP_RESPID(id, out)))?;
            }
        }
        if let Some(extensions) = extensions {
            extension_bytes = encode(|out| i2d_X509_EXTENSIONS(extensions, out));
        }
    }
    let mut body = vec![OCSP];
    put(&mut body, &id_bytes)?;
    put(&mut body, &extension_bytes)?;
    Some(body)
}

/// The lists in an extension's body, each `None` where it is empty; an error for what libcrypto
/// cannot read.
pub fn read(body: &[u8]) -> Result<(Option<StatusStack>, Option<StatusStack>), Malformed> {
    let Some((&OCSP, body)) = body.split_first() else {
        return Ok((None, None));
    };
    let (mut id_bytes, rest) = taken(body)?;
    let (extension_bytes, rest) = taken(rest)?;
    if !rest.is_empty() {
        return Err(Malformed);
    }
    let mut ids = None;
    while !id_bytes.is_empty() {
        let (id, rest) = taken(id_bytes)?;
        id_bytes = rest;
        // SAFETY: makes a new list where there is none; the element made is given to it.
        unsafe {
            let list = ids.get_or_insert_with(|| {
                StatusStack::new(StatusList::ResponderIds, ffi::OPENSSL_sk_new_null().cast())
            });
            let (object, whole) = decoded(id, d2i_OCSP_RESPID);
            if object.is_null() || ffi::OPENSSL_sk_push(list.as_ptr().cast(), object) <= 0 {
                OCSP_RESPID_free(object);
                return Err(Malformed);
            }
            if !whole {
                return Err(Malformed);
            }
        }
    }
    let extensions = match extension_bytes.is_empty() {
        true => None,
        // SAFETY: the list made is ours.
        false => Some(unsafe {
            let (list, whole) = decoded(extension_bytes, d2i_X509_EXTENSIONS);
            let list = StatusStack::new(StatusList::Extensions, list);
            if list.as_ptr().is_null() || !whole {
                return Err(Malformed);
            }
            list
        }),
    };
    Ok((ids, extensions))
}

/// A status request that cannot be read.
#[derive(Debug)]
pub struct Malformed;

/// What stands behind a length of two, and what follows it.
fn taken(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let (len, rest) = bytes.split_first_chunk().ok_or(Malformed)?;
    rest.split_at_checked(u16::from_be_bytes(*len).into())
        .ok_or(Malformed)
}

type Decode = unsafe extern "C" fn(*mut *mut c_void, *mut *const u8, c_long) -> *mut c_void;

/// What `bytes` begin with in DER, NULL for nothing, and whether that is all. The caller owns it.
///
/// # Safety
/// `decode` is a d2i function.
unsafe fn decoded(bytes: &[u8], decode: Decode) -> (*mut c_void, bool) {
    let mut at = bytes.as_ptr();
    // SAFETY: `at` is readable for the length given.
    let object = unsafe { decode(ptr::null_mut(), &mut at, bytes.len() as c_long) };
    (object, at == bytes.as_ptr_range().end)
}

impl Drop for StatusStack {
    fn drop(&mut self) {
        let free: unsafe extern "C" fn(*mut c_void) = match self.kind {
            StatusList::Extensions => X509_EXTENSION_free,
            StatusList::ResponderIds => OCSP_RESPID_free,
        };
        // SAFETY: the stack and its elements are ours; NULL is nothing.
        unsafe { ffi::OPENSSL_sk_pop_free(self.as_ptr().cast(), Some(free)) }
    }
}
