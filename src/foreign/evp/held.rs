//! Who works with a key: libcrypto itself, or somebody a program brought along.

use std::ffi::{CStr, c_void};

use super::{PKey, ffi};

impl PKey {
    /// Whether libcrypto's own provider works with the key, or its own methods with a key made
    /// of an RSA or EC_KEY. Another provider, an ENGINE or a program's RSA_METHOD or EC_KEY_METHOD
    /// is to be asked for each signature, even where the private part is there to be had.
    pub(super) fn is_libcryptos(&self) -> bool {
        // SAFETY: the key lives; what is got of it is borrowed for this call.
        unsafe {
            if !EVP_PKEY_get0_engine(self.as_ptr()).is_null() {
                return false;
            }
            let provider = EVP_PKEY_get0_provider(self.as_ptr());
            if !provider.is_null() {
                return CStr::from_ptr(OSSL_PROVIDER_get0_name(provider)) == c"default";
            }
            match ffi::EVP_PKEY_id(self.as_ptr()) {
                ffi::EVP_PKEY_RSA | ffi::EVP_PKEY_RSA_PSS => {
                    RSA_get_method(EVP_PKEY_get0_RSA(self.as_ptr())) == RSA_PKCS1_OpenSSL()
                }
                ffi::EVP_PKEY_EC => {
                    EC_KEY_get_method(EVP_PKEY_get0_EC_KEY(self.as_ptr())) == EC_KEY_OpenSSL()
                }
                _ => true,
            }
        }
    }
}

unsafe extern "C" {
    fn EVP_PKEY_get0_engine(key: *const ffi::EVP_PKEY) -> *mut c_void;
    fn EVP_PKEY_get0_provider(key: *const ffi::EVP_PKEY) -> *const c_void;
    fn OSSL_PROVIDER_get0_name(provider: *const c_void) -> *const std::ffi::c_char;
    fn EVP_PKEY_get0_RSA(key: *const ffi::EVP_PKEY) -> *const c_void;
    fn RSA_get_method(rsa: *const c_void) -> *const c_void;
    fn RSA_PKCS1_OpenSSL() -> *const c_void;
    fn EVP_PKEY_get0_EC_KEY(key: *const ffi::EVP_PKEY) -> *const c_void;
    fn EC_KEY_get_method(key: *const c_void) -> *const c_void;
    fn EC_KEY_OpenSSL() -> *const c_void;
}
