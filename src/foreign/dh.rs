//! Files of Diffie-Hellman parameters.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use super::err::{Error, Result};
use super::evp::PKey;
use super::libctx::LibCtx;
use super::pem::File;
use super::sys as ffi;

enum OsslDecoderCtx {}

/// OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS.
const SELECT_DOMAIN_PARAMETERS: c_int = 0x04;

unsafe extern "C" {
    fn OSSL_DECODER_CTX_new_for_pkey(
        key: *mut *mut ffi::EVP_PKEY,
        input_type: *const c_char,
        input_structure: *const c_char,
        key_type: *const c_char,
        selection: c_int,
        libctx: *mut ffi::OSSL_LIB_CTX,
        propq: *const c_char,
    ) -> *mut OsslDecoderCtx;
    fn OSSL_DECODER_from_bio(ctx: *mut OsslDecoderCtx, bio: *mut ffi::BIO) -> c_int;
    fn OSSL_DECODER_CTX_free(ctx: *mut OsslDecoderCtx);
    fn EVP_PKEY_set1_DH(key: *mut ffi::EVP_PKEY, dh: *mut c_void) -> c_int;
    fn ERR_clear_last_mark() -> c_int;
}

/// The DH parameters in a PEM file, which may hold other things before them. Fails with what libcrypto queued.
pub fn parameters_of_file(path: &CStr, lib: &LibCtx) -> Result<PKey> {
    let file = File::open(path)?;
    let mut key = ptr::null_mut();
    // SAFETY: `key` outlives the decoder, which is made and freed here; file and context live.
    unsafe {
        let decoder = OSSL_DECODER_CTX_new_for_pkey(
            &mut key,
            c"PEM".as_ptr(),
            ptr::null(),
            c"DH".as_ptr(),
            SELECT_DOMAIN_PARAMETERS,
            lib.as_ptr(),
            lib.propq(),
        );
        if decoder.is_null() {
            return Err(Error::Queued);
        }
        ffi::ERR_set_mark();
        while OSSL_DECODER_from_bio(decoder, file.0) == 0
            && key.is_null()
            && ffi::BIO_ctrl(file.0, ffi::BIO_CTRL_EOF, 0, ptr::null_mut()) == 0
        {}
        OSSL_DECODER_CTX_free(decoder);
        match PKey::from_ptr(key) {
            Some(key) => {
                ffi::ERR_pop_to_mark();
                Ok(key)
            }
            None => {
                ERR_clear_last_mark();
                Err(Error::Queued)
            }
        }
    }
}

/// A DH as an EVP_PKEY, with a reference of its own.
///
/// # Safety
/// `dh` is a live DH.
pub unsafe fn to_pkey(dh: *mut c_void) -> Option<PKey> {
    // SAFETY: the caller's contract; makes a new object.
    unsafe {
        let key = PKey::from_ptr(ffi::EVP_PKEY_new())?;
        (EVP_PKEY_set1_DH(key.as_ptr(), dh) == 1).then_some(key)
    }
}
