//! The types that stand in the functions' signatures, under their C names.
//!
//! Callbacks that ssl.h spells out in a prototype have a name of our own here.

use std::ffi::{c_char, c_int, c_uchar, c_uint, c_void};

use openssl_sys::{DH, EVP_CIPHER_CTX, EVP_MAC_CTX, EVP_MD, EVP_PKEY, X509, X509_STORE_CTX};

/// A socket address, of libcrypto.
pub enum BIO_ADDR {}

/// The known certificate transparency logs, of libcrypto.
pub enum CTLOG_STORE {}

/// What a certificate transparency policy is judged on, of libcrypto.
pub enum CT_POLICY_EVAL_CTX {}

/// An SRTP profile; there is never one.
pub enum SRTP_PROTECTION_PROFILE {}

/// One connection.
pub enum SSL {}

/// A cipher suite.
pub enum SSL_CIPHER {}

/// A compression method; there is never one.
pub enum SSL_COMP {}

/// A configuration context of SSL_CONF_cmd.
pub enum SSL_CONF_CTX {}

/// What connections are made from.
pub enum SSL_CTX {}

/// A connection's DANE state.
pub enum SSL_DANE {}

/// A connection method: versions and side.
pub enum SSL_METHOD {}

/// What a connection can be resumed from.
pub enum SSL_SESSION {}

/// LHASH_OF(SSL_SESSION): the sessions of a cache.
pub enum lhash_st_SSL_SESSION {}

/// The table of internals for OpenSSL's unit tests.
pub enum openssl_ssl_test_functions {}

/// STACK_OF(SCT), of libcrypto.
pub enum stack_st_SCT {}

/// STACK_OF(SRTP_PROTECTION_PROFILE).
pub enum stack_st_SRTP_PROTECTION_PROFILE {}

/// STACK_OF(SSL_CIPHER).
pub enum stack_st_SSL_CIPHER {}

/// STACK_OF(SSL_COMP).
pub enum stack_st_SSL_COMP {}

/// A TLS_ST_* value: where the handshake stands.
pub type OSSL_HANDSHAKE_STATE = c_uint;

/// An SSL_TICKET_RETURN_* value: what to do with a ticket received.
pub type SSL_TICKET_RETURN = c_int;

/// An SSL_TICKET_* value: what became of a ticket received.
pub type SSL_TICKET_STATUS = c_int;

/// A callback of ssl.h; SSL_set_session_ticket_ext_cb takes or returns it.
pub type tls_session_ticket_ext_cb_fn = Option<
    unsafe extern "C" fn(s: *mut SSL, data: *const c_uchar, len: c_int, arg: *mut c_void) -> c_int,
>;

/// A callback of ssl.h; SSL_set_session_secret_cb takes or returns it.
pub type tls_session_secret_cb_fn = Option<
    unsafe extern "C" fn(
        s: *mut SSL,
        secret: *mut c_void,
        secret_len: *mut c_int,
        peer_ciphers: *mut stack_st_SSL_CIPHER,
        cipher: *mut *const SSL_CIPHER,
        arg: *mut c_void,
    ) -> c_int,
>;

/// A callback of ssl.h; SSL_CTX_add_client_custom_ext(3) takes or returns it.
pub type custom_ext_add_cb = Option<
    unsafe extern "C" fn(
        s: *mut SSL,
        ext_type: c_uint,
        out: *mut *const c_uchar,
        outlen: *mut usize,
        al: *mut c_int,
        add_arg: *mut c_void,
    ) -> c_int,
>;

/// A callback of ssl.h; SSL_CTX_add_client_custom_ext(3) takes or returns it.
pub type custom_ext_free_cb = Option<
    unsafe extern "C" fn(s: *mut SSL, ext_type: c_uint, out: *const c_uchar, add_arg: *mut c_void),
>;

/// A callback of ssl.h; SSL_CTX_add_client_custom_ext(3) takes or returns it.
pub type custom_ext_parse_cb = Option<
    unsafe extern "C" fn(
        s: *mut SSL,
        ext_type: c_uint,
        r#in: *const c_uchar,
        inlen: usize,
        al: *mut c_int,
        parse_arg: *mut c_void,
    ) -> c_int,
>;

/// A callback of ssl.h; SSL_CTX_add_custom_ext(3) takes or returns it.
pub type SSL_custom_ext_add_cb_ex = Option<
    unsafe extern "C" fn(
        s: *mut SSL,
        ext_type: c_uint,
        context: c_uint,
        out: *mut *const c_uchar,
        outlen: *mut usize,
        x: *mut X509,
        chainidx: usize,
        al: *mut c_int,
        add_arg: *mut c_void,
    ) -> c_int,
>;

/// A callback of ssl.h; SSL_CTX_add_custom_ext(3) takes or returns it.
pub type SSL_custom_ext_free_cb_ex = Option<
    unsafe extern "C" fn(
        s: *mut SSL,
        ext_type: c_uint,
        context: c_uint,
        out: *const c_uchar,
        add_arg: *mut c_void,
    ),
>;

/// A callback of ssl.h; SSL_CTX_add_custom_ext(3) takes or returns it.
pub type SSL_custom_ext_parse_cb_ex = Option<
    unsafe extern "C" fn(
        s: *mut SSL,
        ext_type: c_uint,
        context: c_uint,
        r#in: *const c_uchar,
        inlen: usize,
        x: *mut X509,
        chainidx: usize,
        al: *mut c_int,
        parse_arg: *mut c_void,
    ) -> c_int,
>;

/// A callback of ssl.h; SSL_CTX_get_verify_callback(3) takes or returns it.
pub type SSL_verify_cb =
    Option<unsafe extern "C" fn(preverify_ok: c_int, x509_ctx: *mut X509_STORE_CTX) -> c_int>;

/// A callback of ssl.h; SSL_CTX_set_async_callback(3) takes or returns it.
pub type SSL_async_callback_fn =
    Option<unsafe extern "C" fn(s: *mut SSL, arg: *mut c_void) -> c_int>;

/// A callback of ssl.h; SSL_CTX_set_generate_session_id(3) takes or returns it.
pub type GEN_SESSION_CB =
    Option<unsafe extern "C" fn(ssl: *mut SSL, id: *mut c_uchar, id_len: *mut c_uint) -> c_int>;

/// A callback of ssl.h; SSL_CTX_set_next_protos_advertised_cb(3) takes or returns it.
pub type SSL_CTX_npn_advertised_cb_func = Option<
    unsafe extern "C" fn(
        ssl: *mut SSL,
        out: *mut *const c_uchar,
        outlen: *mut c_uint,
        arg: *mut c_void,
    ) -> c_int,
>;

/// A callback of ssl.h; SSL_CTX_set_next_proto_select_cb(3) takes or returns it.
pub type SSL_CTX_npn_select_cb_func = Option<
    unsafe extern "C" fn(
        s: *mut SSL,
        out: *mut *mut c_uchar,
        outlen: *mut c_uchar,
        r#in: *const c_uchar,
        inlen: c_uint,
        arg: *mut c_void,
    ) -> c_int,
>;

/// A callback of ssl.h; SSL_CTX_set_alpn_select_cb(3) takes or returns it.
pub type SSL_CTX_alpn_select_cb_func = Option<
    unsafe extern "C" fn(
        ssl: *mut SSL,
        out: *mut *const c_uchar,
        outlen: *mut c_uchar,
        r#in: *const c_uchar,
        inlen: c_uint,
        arg: *mut c_void,
    ) -> c_int,
>;

/// A callback of ssl.h; SSL_CTX_set_psk_client_callback(3) takes or returns it.
pub type SSL_psk_client_cb_func = Option<
    unsafe extern "C" fn(
        ssl: *mut SSL,
        hint: *const c_char,
        identity: *mut c_char,
        max_identity_len: c_uint,
        psk: *mut c_uchar,
        max_psk_len: c_uint,
    ) -> c_uint,
>;

/// A callback of ssl.h; SSL_CTX_set_psk_server_callback(3) takes or returns it.
pub type SSL_psk_server_cb_func = Option<
    unsafe extern "C" fn(
        ssl: *mut SSL,
        identity: *const c_char,
        psk: *mut c_uchar,
        max_psk_len: c_uint,
    ) -> c_uint,
>;

/// A callback of ssl.h; SSL_CTX_set_psk_find_session_callback(3) takes or returns it.
pub type SSL_psk_find_session_cb_func = Option<
    unsafe extern "C" fn(
        ssl: *mut SSL,
        identity: *const c_uchar,
        identity_len: usize,
        sess: *mut *mut SSL_SESSION,
    ) -> c_int,
>;

/// A callback of ssl.h; SSL_CTX_set_psk_use_session_callback(3) takes or returns it.
pub type SSL_psk_use_session_cb_func = Option<
    unsafe extern "C" fn(
        ssl: *mut SSL,
        md: *const EVP_MD,
        id: *mut *const c_uchar,
        idlen: *mut usize,
        sess: *mut *mut SSL_SESSION,
    ) -> c_int,
>;

/// A callback of ssl.h; SSL_CTX_get_keylog_callback(3) takes or returns it.
pub type SSL_CTX_keylog_cb_func =
    Option<unsafe extern "C" fn(ssl: *const SSL, line: *const c_char)>;

/// A callback of ssl.h; SSL_CTX_set_client_hello_cb(3) takes or returns it.
pub type SSL_client_hello_cb_fn =
    Option<unsafe extern "C" fn(s: *mut SSL, al: *mut c_int, arg: *mut c_void) -> c_int>;

/// A callback of ssl.h; SSL_CTX_set_ct_validation_callback(3) takes or returns it.
pub type ssl_ct_validation_cb = Option<
    unsafe extern "C" fn(
        ctx: *const CT_POLICY_EVAL_CTX,
        scts: *const stack_st_SCT,
        arg: *mut c_void,
    ) -> c_int,
>;

/// A callback of ssl.h; SSL_CTX_set_session_ticket_cb(3) takes or returns it.
pub type SSL_CTX_generate_session_ticket_fn =
    Option<unsafe extern "C" fn(s: *mut SSL, arg: *mut c_void) -> c_int>;

/// A callback of ssl.h; SSL_CTX_set_session_ticket_cb(3) takes or returns it.
pub type SSL_CTX_decrypt_session_ticket_fn = Option<
    unsafe extern "C" fn(
        s: *mut SSL,
        ss: *mut SSL_SESSION,
        keyname: *const c_uchar,
        keyname_length: usize,
        status: SSL_TICKET_STATUS,
        arg: *mut c_void,
    ) -> SSL_TICKET_RETURN,
>;

/// A callback of ssl.h; DTLS_set_timer_cb(3) takes or returns it.
pub type DTLS_timer_cb = Option<unsafe extern "C" fn(s: *mut SSL, timer_us: c_uint) -> c_uint>;

/// A callback of ssl.h; SSL_CTX_set_allow_early_data_cb(3) takes or returns it.
pub type SSL_allow_early_data_cb_fn =
    Option<unsafe extern "C" fn(s: *mut SSL, arg: *mut c_void) -> c_int>;

/// The callback of SSL_CTX_set_info_callback(3).
pub type SSL_info_cb_fn = Option<unsafe extern "C" fn(ssl: *const SSL, r#type: c_int, val: c_int)>;

/// The callback of SSL_CTX_set_msg_callback(3).
pub type SSL_msg_cb_fn = Option<
    unsafe extern "C" fn(
        write_p: c_int,
        version: c_int,
        content_type: c_int,
        buf: *const c_void,
        len: usize,
        ssl: *mut SSL,
        arg: *mut c_void,
    ),
>;

/// The callback of SSL_CTX_sess_set_new_cb(3).
pub type SSL_CTX_new_session_cb_fn =
    Option<unsafe extern "C" fn(ssl: *mut SSL, sess: *mut SSL_SESSION) -> c_int>;

/// The callback of SSL_CTX_sess_set_remove_cb(3).
pub type SSL_CTX_remove_session_cb_fn =
    Option<unsafe extern "C" fn(ctx: *mut SSL_CTX, sess: *mut SSL_SESSION)>;

/// The callback of SSL_CTX_sess_set_get_cb(3).
pub type SSL_CTX_get_session_cb_fn = Option<
    unsafe extern "C" fn(
        ssl: *mut SSL,
        data: *const c_uchar,
        len: c_int,
        copy: *mut c_int,
    ) -> *mut SSL_SESSION,
>;

/// The callback of SSL_CTX_set_cert_cb(3).
pub type SSL_cert_cb_fn = Option<unsafe extern "C" fn(ssl: *mut SSL, arg: *mut c_void) -> c_int>;

/// The callback of SSL_CTX_set_cert_verify_callback(3).
pub type SSL_CTX_cert_verify_cb_fn =
    Option<unsafe extern "C" fn(_: *mut X509_STORE_CTX, _: *mut c_void) -> c_int>;

/// The callback of SSL_CTX_set_client_cert_cb(3).
pub type SSL_client_cert_cb_fn = Option<
    unsafe extern "C" fn(ssl: *mut SSL, x509: *mut *mut X509, pkey: *mut *mut EVP_PKEY) -> c_int,
>;

/// The callback of SSL_CTX_set_security_callback(3).
pub type SSL_security_cb_fn = Option<
    unsafe extern "C" fn(
        s: *const SSL,
        ctx: *const SSL_CTX,
        op: c_int,
        bits: c_int,
        nid: c_int,
        other: *mut c_void,
        ex: *mut c_void,
    ) -> c_int,
>;

/// The callback of SSL_CTX_set_record_padding_callback(3).
pub type SSL_record_padding_cb_fn = Option<
    unsafe extern "C" fn(ssl: *mut SSL, r#type: c_int, len: usize, arg: *mut c_void) -> usize,
>;

/// The callback of SSL_CTX_set_tmp_dh_callback(3).
pub type SSL_tmp_dh_cb_fn =
    Option<unsafe extern "C" fn(ssl: *mut SSL, is_export: c_int, keylength: c_int) -> *mut DH>;

/// The callback of SSL_CTX_set_not_resumable_session_callback.
pub type SSL_not_resumable_session_cb_fn =
    Option<unsafe extern "C" fn(ssl: *mut SSL, is_forward_secure: c_int) -> c_int>;

/// The callback of SSL_CTX_set_tlsext_ticket_key_evp_cb(3).
pub type SSL_CTX_tlsext_ticket_key_evp_cb_fn = Option<
    unsafe extern "C" fn(
        _: *mut SSL,
        _: *mut c_uchar,
        _: *mut c_uchar,
        _: *mut EVP_CIPHER_CTX,
        _: *mut EVP_MAC_CTX,
        _: c_int,
    ) -> c_int,
>;

/// The callback of SSL_CTX_set_cookie_generate_cb(3).
pub type SSL_CTX_cookie_generate_cb_fn = Option<
    unsafe extern "C" fn(ssl: *mut SSL, cookie: *mut c_uchar, cookie_len: *mut c_uint) -> c_int,
>;

/// The callback of SSL_CTX_set_cookie_verify_cb(3).
pub type SSL_CTX_cookie_verify_cb_fn = Option<
    unsafe extern "C" fn(ssl: *mut SSL, cookie: *const c_uchar, cookie_len: c_uint) -> c_int,
>;

/// The callback of SSL_CTX_set_stateless_cookie_generate_cb(3).
pub type SSL_CTX_stateless_cookie_generate_cb_fn = Option<
    unsafe extern "C" fn(ssl: *mut SSL, cookie: *mut c_uchar, cookie_len: *mut usize) -> c_int,
>;

/// The callback of SSL_CTX_set_stateless_cookie_verify_cb(3).
pub type SSL_CTX_stateless_cookie_verify_cb_fn =
    Option<unsafe extern "C" fn(ssl: *mut SSL, cookie: *const c_uchar, cookie_len: usize) -> c_int>;

/// The callback of SSL_CTX_set_srp_client_pwd_callback(3).
pub type SSL_srp_client_pwd_cb_fn =
    Option<unsafe extern "C" fn(_: *mut SSL, _: *mut c_void) -> *mut c_char>;

/// The callback of SSL_CTX_set_srp_username_callback(3).
pub type SSL_srp_username_cb_fn =
    Option<unsafe extern "C" fn(_: *mut SSL, _: *mut c_int, _: *mut c_void) -> c_int>;

/// The callback of SSL_CTX_set_srp_verify_param_callback(3).
pub type SSL_srp_verify_param_cb_fn =
    Option<unsafe extern "C" fn(_: *mut SSL, _: *mut c_void) -> c_int>;

/// The callback of SSL_callback_ctrl(3).
pub type SSL_ctrl_cb_fn = Option<unsafe extern "C" fn()>;
