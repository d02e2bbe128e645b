//! libcrypto's functions that openssl-sys does not bind, and constants of its headers.
//!
//! Everything of openssl-sys is visible through this module too; a declaration here replaces
//! one of the same name there.

use std::ffi::{c_char, c_int, c_long, c_void};

pub use openssl_sys::*;

/// X509_STORE_CTX_verify_cb: SSL_CTX_set_verify(3).
pub type VerifyCb = Option<unsafe extern "C" fn(c_int, *mut X509_STORE_CTX) -> c_int>;

/// BIO_FLAGS_READ.
pub const BIO_FLAGS_READ: c_int = 0x01;
/// BIO_FLAGS_WRITE.
pub const BIO_FLAGS_WRITE: c_int = 0x02;
/// BIO_FLAGS_IO_SPECIAL.
pub const BIO_FLAGS_IO_SPECIAL: c_int = 0x04;
/// BIO_FLAGS_SHOULD_RETRY.
pub const BIO_FLAGS_SHOULD_RETRY: c_int = 0x08;
/// BIO_CTRL_EOF.
pub const BIO_CTRL_EOF: c_int = 2;
/// BIO_CTRL_FLUSH.
pub const BIO_CTRL_FLUSH: c_int = 11;
/// BIO_C_GET_FD.
pub const BIO_C_GET_FD: c_int = 105;
/// BIO_C_SET_FILENAME.
pub const BIO_C_SET_FILENAME: c_int = 108;
/// BIO_C_SET_BUF_MEM_EOF_RETURN.
pub const BIO_C_SET_BUF_MEM_EOF_RETURN: c_int = 130;
/// BIO_CLOSE | BIO_FP_READ, what BIO_read_filename passes.
pub const BIO_FILE_READ: c_long = 0x01 | 0x02;

/// X509_L_FILE_LOAD.
/// X509_L_ADD_DIR.
pub const X509_L_ADD_DIR: c_int = 2;
/// X509_L_ADD_STORE.
pub const X509_L_ADD_STORE: c_int = 3;
/// X509_FILETYPE_DEFAULT.
pub const X509_FILETYPE_DEFAULT: c_long = 3;

/// An EVP_KEYMGMT.
pub enum EVP_KEYMGMT {}

unsafe extern "C" {
    pub fn EVP_KEYMGMT_fetch(
        lib: *mut OSSL_LIB_CTX,
        algorithm: *const c_char,
        propq: *const c_char,
    ) -> *mut EVP_KEYMGMT;
    pub fn EVP_KEYMGMT_free(keymgmt: *mut EVP_KEYMGMT);
    pub fn BIO_s_null() -> *const BIO_METHOD;
    pub fn BIO_up_ref(b: *mut BIO) -> c_int;
    pub fn BIO_test_flags(b: *const BIO, flags: c_int) -> c_int;
    pub fn BIO_get_retry_reason(b: *mut BIO) -> c_int;
    pub fn BIO_push(b: *mut BIO, append: *mut BIO) -> *mut BIO;
    pub fn BIO_pop(b: *mut BIO) -> *mut BIO;
    pub fn BIO_next(b: *mut BIO) -> *mut BIO;
    pub fn BIO_ctrl_pending(b: *mut BIO) -> usize;

    pub fn ERR_set_mark() -> c_int;
    pub fn ERR_pop_to_mark() -> c_int;

    pub fn OSSL_LIB_CTX_set0_default(libctx: *mut OSSL_LIB_CTX) -> *mut OSSL_LIB_CTX;
    pub fn OSSL_LIB_CTX_get0_global_default() -> *mut OSSL_LIB_CTX;

    pub fn X509_new_ex(libctx: *mut OSSL_LIB_CTX, propq: *const c_char) -> *mut X509;
    pub fn X509_get_signature_info(
        x: *mut X509,
        mdnid: *mut c_int,
        pknid: *mut c_int,
        secbits: *mut c_int,
        flags: *mut u32,
    ) -> c_int;
    pub fn X509_get0_pubkey(x: *const X509) -> *mut EVP_PKEY;
    pub fn X509_cmp(a: *const X509, b: *const X509) -> c_int;
    pub fn X509_check_private_key(x: *const X509, key: *const EVP_PKEY) -> c_int;
    pub fn X509_NAME_cmp(a: *const X509_NAME, b: *const X509_NAME) -> c_int;
    pub fn X509_NAME_dup(name: *const X509_NAME) -> *mut X509_NAME;
    pub fn X509_NAME_oneline(name: *const X509_NAME, buf: *mut c_char, size: c_int) -> *mut c_char;
    pub fn PEM_read_bio_X509_AUX(
        bio: *mut BIO,
        out: *mut *mut X509,
        cb: pem_password_cb,
        user_data: *mut c_void,
    ) -> *mut X509;
    pub fn PEM_read_bio_PrivateKey_ex(
        bio: *mut BIO,
        out: *mut *mut EVP_PKEY,
        cb: pem_password_cb,
        user_data: *mut c_void,
        libctx: *mut OSSL_LIB_CTX,
        propq: *const c_char,
    ) -> *mut EVP_PKEY;
    pub fn d2i_PrivateKey_ex_bio(
        bio: *mut BIO,
        out: *mut *mut EVP_PKEY,
        libctx: *mut OSSL_LIB_CTX,
        propq: *const c_char,
    ) -> *mut EVP_PKEY;
    pub fn d2i_PrivateKey_ex(
        kind: c_int,
        out: *mut *mut EVP_PKEY,
        der: *mut *const u8,
        len: c_long,
        libctx: *mut OSSL_LIB_CTX,
        propq: *const c_char,
    ) -> *mut EVP_PKEY;
    pub fn d2i_X509_bio(bio: *mut BIO, out: *mut *mut X509) -> *mut X509;

    pub fn OBJ_txt2nid(text: *const c_char) -> c_int;
    pub fn OPENSSL_cleanse(ptr: *mut c_void, len: usize);
    pub fn EVP_PKEY_can_sign(key: *const EVP_PKEY) -> c_int;
    pub fn EVP_PKEY_missing_parameters(key: *const EVP_PKEY) -> c_int;
    pub fn EVP_PKEY_get_group_name(
        key: *const EVP_PKEY,
        name: *mut c_char,
        size: usize,
        len: *mut usize,
    ) -> c_int;
    pub fn EVP_DigestSignInit_ex(
        ctx: *mut EVP_MD_CTX,
        pctx: *mut *mut EVP_PKEY_CTX,
        md: *const c_char,
        libctx: *mut OSSL_LIB_CTX,
        propq: *const c_char,
        key: *mut EVP_PKEY,
        params: *const OSSL_PARAM,
    ) -> c_int;
    pub fn EVP_DigestVerifyInit_ex(
        ctx: *mut EVP_MD_CTX,
        pctx: *mut *mut EVP_PKEY_CTX,
        md: *const c_char,
        libctx: *mut OSSL_LIB_CTX,
        propq: *const c_char,
        key: *mut EVP_PKEY,
        params: *const OSSL_PARAM,
    ) -> c_int;
    pub fn EVP_PKEY_CTX_set_rsa_padding(ctx: *mut EVP_PKEY_CTX, padding: c_int) -> c_int;
    pub fn EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx: *mut EVP_PKEY_CTX, len: c_int) -> c_int;

    pub fn X509_STORE_up_ref(store: *mut X509_STORE) -> c_int;
    pub fn X509_STORE_load_file_ex(
        store: *mut X509_STORE,
        file: *const c_char,
        libctx: *mut OSSL_LIB_CTX,
        propq: *const c_char,
    ) -> c_int;
    pub fn X509_STORE_load_path(store: *mut X509_STORE, path: *const c_char) -> c_int;
    pub fn X509_STORE_load_store_ex(
        store: *mut X509_STORE,
        uri: *const c_char,
        libctx: *mut OSSL_LIB_CTX,
        propq: *const c_char,
    ) -> c_int;
    pub fn X509_LOOKUP_store() -> *mut X509_LOOKUP_METHOD;
    pub fn X509_LOOKUP_ctrl_ex(
        ctx: *mut X509_LOOKUP,
        cmd: c_int,
        argc: *const c_char,
        argl: c_long,
        ret: *mut *mut c_char,
        libctx: *mut OSSL_LIB_CTX,
        propq: *const c_char,
    ) -> c_int;

    pub fn X509_STORE_CTX_new_ex(
        libctx: *mut OSSL_LIB_CTX,
        propq: *const c_char,
    ) -> *mut X509_STORE_CTX;
    pub fn X509_STORE_CTX_get0_param(ctx: *const X509_STORE_CTX) -> *mut X509_VERIFY_PARAM;
    pub fn X509_STORE_CTX_set_ex_data(
        ctx: *mut X509_STORE_CTX,
        idx: c_int,
        data: *mut c_void,
    ) -> c_int;
    pub fn X509_STORE_CTX_set_default(ctx: *mut X509_STORE_CTX, name: *const c_char) -> c_int;
    pub fn X509_STORE_CTX_set_verify_cb(ctx: *mut X509_STORE_CTX, cb: VerifyCb);
    pub fn X509_STORE_CTX_get1_chain(ctx: *const X509_STORE_CTX) -> *mut stack_st_X509;
    pub fn X509_verify_cert(ctx: *mut X509_STORE_CTX) -> c_int;

    pub fn X509_VERIFY_PARAM_inherit(
        to: *mut X509_VERIFY_PARAM,
        from: *const X509_VERIFY_PARAM,
    ) -> c_int;
    pub fn X509_VERIFY_PARAM_set1(
        to: *mut X509_VERIFY_PARAM,
        from: *const X509_VERIFY_PARAM,
    ) -> c_int;
    pub fn X509_VERIFY_PARAM_move_peername(
        to: *mut X509_VERIFY_PARAM,
        from: *mut X509_VERIFY_PARAM,
    );
    pub fn X509_VERIFY_PARAM_get0_peername(param: *const X509_VERIFY_PARAM) -> *const c_char;
    pub fn X509_VERIFY_PARAM_get_depth(param: *const X509_VERIFY_PARAM) -> c_int;
    pub fn X509_VERIFY_PARAM_set_trust(param: *mut X509_VERIFY_PARAM, trust: c_int) -> c_int;
    pub fn X509_VERIFY_PARAM_add1_host(
        param: *mut X509_VERIFY_PARAM,
        name: *const c_char,
        len: usize,
    ) -> c_int;
}
