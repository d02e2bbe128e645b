//! Rust types over libcrypto's objects and over the program's callbacks.
//!
//! The only layer besides the C ABI that holds `unsafe`: each type upholds the ownership rules
//! of the libcrypto object it wraps, and offers a safe interface to the layers above.

pub use openssl_sys::{BIO, EVP_PKEY, X509};

pub mod aead;
pub mod bio;
pub mod bio_method;
pub mod bio_slot;
mod bundle;
pub mod ca_names;
pub mod callback;
pub mod compression;
pub mod conf;
pub mod ct;
pub mod custom_ext;
pub mod dane;
pub mod dh;
pub mod engine;
pub mod err;
pub mod evp;
pub mod ex_data;
pub mod given;
pub mod handle;
pub mod job;
pub mod kx;
pub mod lhash;
pub mod libctx;
mod owned;
pub mod pem;
pub mod print;
pub mod provided;
pub mod psk;
pub mod scope;
pub mod secret;
pub mod srtp;
pub mod stack;
pub mod status_request;
pub mod store;
mod sys;
pub mod ticket;
pub mod types;
pub mod verify;
pub mod verify_param;
pub mod x509;

use std::ffi::{c_int, c_long, c_void};

use openssl_sys::OPENSSL_INIT_SETTINGS;

/// OPENSSL_INIT_LOAD_CONFIG and its like are libcrypto's; it does the same unless told not to.
const INIT_NO_LOAD_CONFIG: u64 = 0x80;
const INIT_LOAD_CONFIG: u64 = 0x40;
const INIT_NO_LOAD_SSL_STRINGS: u64 = 0x0010_0000;
/// OPENSSL_INIT_LOAD_SSL_STRINGS: what SSL_CTX_new(3) asks for.
pub const INIT_LOAD_SSL_STRINGS: u64 = 0x0020_0000;
const INIT_ADD_ALL_CIPHERS: u64 = 0x04;
const INIT_ADD_ALL_DIGESTS: u64 = 0x08;

unsafe extern "C" {
    fn CRYPTO_malloc(size: usize, file: *const std::ffi::c_char, line: c_int) -> *mut c_void;
    fn OBJ_find_sigid_by_algs(out: *mut c_int, hash: c_int, sig: c_int) -> c_int;
    fn CRYPTO_free(memory: *mut c_void, file: *const std::ffi::c_char, line: c_int);
    fn OPENSSL_init_crypto(options: u64, settings: *const OPENSSL_INIT_SETTINGS) -> c_int;
}

/// Frees memory of OPENSSL_malloc.
///
/// # Safety
/// `memory` is NULL or from OPENSSL_malloc, and the caller owns it.
pub unsafe fn free_crypto(memory: *mut c_void) {
    // SAFETY: the caller's contract.
    unsafe { CRYPTO_free(memory, c"".as_ptr(), 0) }
}

/// C's long, which is shorter on some machines: what does not fit is cut off, as C would.
pub const fn long(value: i64) -> c_long {
    value as c_long
}

/// What a C program passes as a long.
#[allow(clippy::unnecessary_cast, reason = "it is one where long is shorter")]
pub const fn of_long(value: c_long) -> i64 {
    value as i64
}

/// Now, in seconds since the epoch: time(2)'s answer, which a program compares with. The clock
/// Rust reads is ahead of it by up to a tick.
pub fn now() -> i64 {
    // SAFETY: nothing is stored.
    of_long(unsafe { libc::time(std::ptr::null_mut()) })
}

/// A copy of `values` in memory of OPENSSL_malloc, for the program to free; NULL if there is none.
pub fn ints(values: &[c_int]) -> *mut c_int {
    let bytes = size_of_val(values);
    // SAFETY: the copy has room for all of `values`.
    unsafe {
        let copy = CRYPTO_malloc(bytes, c"".as_ptr(), 0).cast::<c_int>();
        if !copy.is_null() {
            copy.copy_from_nonoverlapping(values.as_ptr(), values.len());
        }
        copy
    }
}

/// The NID of a signature with a digest (OBJ_find_sigid_by_algs(3)); 0 when there is none.
pub fn sig_and_hash_nid(hash: c_int, sig: c_int) -> c_int {
    let mut nid = 0;
    // SAFETY: the out parameter is writable.
    unsafe { OBJ_find_sigid_by_algs(&mut nid, hash, sig) };
    nid
}

/// OPENSSL_init_ssl(3): 1, or 0 when libcrypto cannot be initialised.
///
/// # Safety
/// `settings` is NULL or live.
pub unsafe fn init(options: u64, settings: *const OPENSSL_INIT_SETTINGS) -> c_int {
    let mut options = options | INIT_ADD_ALL_CIPHERS | INIT_ADD_ALL_DIGESTS;
    if options & INIT_NO_LOAD_CONFIG == 0 {
        options |= INIT_LOAD_CONFIG;
    }
    // SAFETY: the caller's contract.
    let done = unsafe { OPENSSL_init_crypto(options, settings) };
    if done == 1 {
        if options & INIT_NO_LOAD_SSL_STRINGS != 0 {
            err::init_strings(false);
        } else if options & INIT_LOAD_SSL_STRINGS != 0 {
            err::init_strings(true);
        }
    }
    done
}
