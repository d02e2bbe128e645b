//! The program's callbacks for external pre-shared keys (SSL_CTX_set_psk_use_session_callback(3),
//! SSL_CTX_set_psk_client_callback(3) and those of servers).

use std::ffi::{CStr, CString, c_char, c_int, c_uchar, c_uint};
use std::ptr;
use std::sync::Arc;

use super::callback::{Callback, SslPtr};
use super::evp::digest_by_nid;
use super::handle::{self, Counted};
use super::secret::SecretVec;
use super::types::{SSL, SSL_SESSION};

/// SSL_CTX_set_psk_use_session_callback(3).
pub type UseSession = unsafe extern "C" fn(
    *mut SSL,
    *const openssl_sys::EVP_MD,
    *mut *const c_uchar,
    *mut usize,
    *mut *mut SSL_SESSION,
) -> c_int;
/// SSL_CTX_set_psk_find_session_callback(3).
pub type FindSession =
    unsafe extern "C" fn(*mut SSL, *const c_uchar, usize, *mut *mut SSL_SESSION) -> c_int;
/// SSL_CTX_set_psk_client_callback(3).
pub type Client = unsafe extern "C" fn(
    *mut SSL,
    *const c_char,
    *mut c_char,
    c_uint,
    *mut c_uchar,
    c_uint,
) -> c_uint;
/// SSL_CTX_set_psk_server_callback(3).
pub type Server = unsafe extern "C" fn(*mut SSL, *const c_char, *mut c_uchar, c_uint) -> c_uint;

/// PSK_MAX_IDENTITY_LEN.
pub const MAX_IDENTITY: usize = 256;
/// PSK_MAX_PSK_LEN.
const MAX_PSK: usize = 512;

/// The callbacks of a context or connection.
#[derive(Debug, Clone, Copy, Default)]
pub struct Callbacks {
    /// A client's session and its name.
    pub use_session: Option<Callback<UseSession>>,
    /// A server's session of a name.
    pub find_session: Option<Callback<FindSession>>,
    /// A client's name and key.
    pub client: Option<Callback<Client>>,
    /// A server's key of a name.
    pub server: Option<Callback<Server>>,
}

/// A session of a type `T`, and its name.
pub type Named<T> = (Arc<T>, Vec<u8>);

/// A callback failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed;

/// The reference that a callback gave.
///
/// # Safety
/// `session` is NULL or a session of this library, whose handles are of type `T`, with a reference
/// for us.
unsafe fn given<T: Counted>(session: *mut SSL_SESSION) -> Option<Arc<T>> {
    // SAFETY: the caller's contract.
    (!session.is_null()).then(|| unsafe { handle::take(session.cast::<T>()) })
}

impl Callback<UseSession> {
    /// The session a client offers and the name the server knows it by; `digest` is the NID of the
    /// hash it has to go with, if that is settled.
    pub fn use_session<T: Counted>(
        &self,
        ssl: SslPtr,
        digest: Option<c_int>,
    ) -> Result<Option<Named<T>>, Failed> {
        let digest = digest.map_or(ptr::null(), digest_by_nid);
        let (mut id, mut len, mut session) = (ptr::null(), 0, ptr::null_mut());
        // SAFETY: the program registered this function for these arguments; it gives a reference
        // to a session of this library, and a name that is there until its next call.
        unsafe {
            let ok = (self.function())(ssl.0, digest, &mut id, &mut len, &mut session);
            let session = given(session);
            if ok == 0 {
                return Err(Failed);
            }
            let id = match id.is_null() {
                true => Vec::new(),
                false => std::slice::from_raw_parts(id, len).to_vec(),
            };
            Ok(session.map(|session| (session, id)))
        }
    }
}

impl Callback<FindSession> {
    /// The session of a client's name.
    pub fn find_session<T: Counted>(
        &self,
        ssl: SslPtr,
        id: &[u8],
    ) -> Result<Option<Arc<T>>, Failed> {
        let mut session = ptr::null_mut();
        // SAFETY: the program registered this function for these arguments; it gives a reference
        // to a session of this library.
        unsafe {
            let ok = (self.function())(ssl.0, id.as_ptr(), id.len(), &mut session);
            let session = given(session);
            (ok != 0).then_some(session).ok_or(Failed)
        }
    }
}

impl Callback<Client> {
    /// A client's name and key; none is `None`.
    pub fn client(&self, ssl: SslPtr) -> Result<Option<(Vec<u8>, SecretVec)>, Failed> {
        let mut identity = [0 as c_char; MAX_IDENTITY + 1];
        let mut psk = SecretVec::from(vec![0; MAX_PSK]);
        // SAFETY: the program registered this function for these arguments, and writes no more
        // than the lengths say; the last byte of the name stays zero.
        let len = unsafe {
            (self.function())(
                ssl.0,
                ptr::null(),
                identity.as_mut_ptr(),
                MAX_IDENTITY as c_uint,
                psk.as_mut().as_mut_ptr(),
                MAX_PSK as c_uint,
            )
        };
        identity[MAX_IDENTITY] = 0;
        // SAFETY: the array ends with a zero.
        let identity = unsafe { CStr::from_ptr(identity.as_ptr()) };
        let key = shortened(psk, len)?;
        Ok(key.map(|key| (identity.to_bytes().to_vec(), key)))
    }
}

impl Callback<Server> {
    /// The key of a client's name; none is `None`.
    pub fn server(&self, ssl: SslPtr, identity: &[u8]) -> Result<Option<SecretVec>, Failed> {
        // A name of the program's own ends at a zero.
        let end = identity.iter().position(|&byte| byte == 0);
        let identity = &identity[..end.unwrap_or(identity.len())];
        let identity = CString::new(identity).map_err(|_| Failed)?;
        let mut psk = SecretVec::from(vec![0; MAX_PSK]);
        // SAFETY: the program registered this function for these arguments, and writes no more
        // than the length says.
        let len = unsafe {
            (self.function())(
                ssl.0,
                identity.as_ptr(),
                psk.as_mut().as_mut_ptr(),
                MAX_PSK as c_uint,
            )
        };
        shortened(psk, len)
    }
}

/// What a callback wrote, by its length.
fn shortened(psk: SecretVec, len: c_uint) -> Result<Option<SecretVec>, Failed> {
    match len as usize {
        0 => Ok(None),
        len => {
            let key = psk.as_ref().get(..len).ok_or(Failed)?;
            Ok(Some(SecretVec::from(key.to_vec())))
        }
    }
}
