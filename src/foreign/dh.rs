//! Files of Diffie-Hellman parameters.

use std::ffi::{CStr, c_char, c_int};
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
    fn ERR_clear_last_mark() -> c_int;
    fn EVP_PKEY_get_security_bits(key: *const ffi::EVP_PKEY) -> c_int;
}

/// The security bits (EVP_PKEY_get_security_bits(3)) of the DH parameters in a PEM file, which
/// may hold other things before them. Fails with what libcrypto queued.
pub fn security_bits_of_file(path: &CStr, lib: &LibCtx) -> Result<c_int> {
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
                Ok(EVP_PKEY_get_security_bits(key.as_ptr()))
            }
            None => {
                ERR_clear_last_mark();
                Err(Error::Queued)
            }
        }
    }
}
