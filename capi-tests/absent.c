/* Functions of what rustls has not: on a connection that does not use the feature they answer as
 * OpenSSL's do, and leave the error queue alone. */
#include "pipe.h"

#include <openssl/comp.h>
#include <openssl/srp.h>
#include <openssl/srtp.h>

/* What the queue holds, library and reason of the oldest entry. */
static const char *queued(void)
{
    static char text[64];
    unsigned long e = ERR_peek_error();

    snprintf(text, sizeof text, "%d/%d", ERR_GET_LIB(e), ERR_GET_REASON(e));
    ERR_clear_error();
    return text;
}

#define INT(call)                                                                    \
    do {                                                                             \
        long result_ = (long)(call);                                                 \
        same("%s: %s = %ld, queue %s", where, #call, result_, queued());             \
    } while (0)
#define PTR(call)                                                                    \
    do {                                                                             \
        const void *result_ = (call);                                                \
        same("%s: %s is %s, queue %s", where, #call, result_ == NULL ? "NULL" : "something", queued()); \
    } while (0)

static void getters(const char *where, SSL *s)
{
    const unsigned char *proto = (const unsigned char *)"x";
    unsigned proto_len = 9;
    size_t n = 9, n2 = 9;
    int status = 9;

    ERR_clear_error();
    PTR(SSL_get_psk_identity(s));
    PTR(SSL_get_psk_identity_hint(s));
    PTR(SSL_get_srp_N(s));
    PTR(SSL_get_srp_g(s));
    PTR(SSL_get_srp_username(s));
    PTR(SSL_get_srp_userinfo(s));
    SSL_get0_next_proto_negotiated(s, &proto, &proto_len);
    same("%s: protocol %s, %u", where, proto == NULL ? "NULL" : "something", proto_len);
    PTR(SSL_get_current_compression(s));
    PTR(SSL_get_current_expansion(s));
    INT(SSL_renegotiate_pending(s));
    INT(SSL_total_renegotiations(s));
    INT(SSL_num_renegotiations(s));
    INT(SSL_clear_num_renegotiations(s));
    PTR(SSL_get_srtp_profiles(s));
    PTR(SSL_get_selected_srtp_profile(s));
    INT(SSL_waiting_for_async(s));
    INT(SSL_get_all_async_fds(s, NULL, &n));
    INT(n);
    n = 9;
    INT(SSL_get_changed_async_fds(s, NULL, &n, NULL, &n2));
    INT(n);
    INT(n2);
    INT(SSL_get_async_status(s, &status));
    INT(status);
    INT(SSL_is_dtls(s));
    INT(SSL_version(s));
    INT(SSL_client_version(s) < 0x10000 ? 0 : SSL_client_version(s));
    SSL_set_debug(s, 1);
    INT(SSL_set_session_secret_cb(s, NULL, NULL));
    INT(SSL_set_session_secret_cb(NULL, NULL, NULL));
    if (SSL_in_before(s)) {
        INT(SSL_key_update(s, SSL_KEY_UPDATE_REQUESTED));
        INT(SSL_verify_client_post_handshake(s));
    }
}

static int on_password(SSL *s, int *al, void *arg)
{
    return SSL_ERROR_NONE;
}

static char *password(SSL *s, void *arg)
{
    return NULL;
}

static int parameters(SSL *s, void *arg)
{
    return 1;
}

/* A setter that would promise a password's protection fails; what has nothing to set up does not. */
#define REFUSED(call, otherwise)                                                     \
    do {                                                                             \
        if (on_ferrossl()) {                                                         \
            int result_ = (call);                                                    \
            ok(result_ <= 0 && ERR_peek_error() != 0, "%s is refused: %d", #call, result_); \
        } else {                                                                     \
            is_int((call), otherwise, "%s", #call);                                  \
        }                                                                            \
        ERR_clear_error();                                                           \
    } while (0)

static void srp(const char *where, SSL_CTX *ctx, SSL *s)
{
    char name[300];
    int alert = 0;
    BIGNUM *n = BN_new();

    differs("srp", "SRP is not in rustls");
    ERR_clear_error();
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = 0;
    INT(SSL_CTX_SRP_CTX_init(ctx));
    INT(SSL_CTX_SRP_CTX_init(NULL));
    REFUSED(SSL_CTX_set_srp_username(ctx, "user"), 1);
    REFUSED(SSL_CTX_set_srp_username(ctx, name), 0);
    REFUSED(SSL_CTX_set_srp_password(ctx, "password"), 1);
    REFUSED(SSL_CTX_set_srp_strength(ctx, 1024), 1);
    REFUSED(SSL_CTX_set_srp_cb_arg(ctx, name), 1);
    REFUSED(SSL_CTX_set_srp_client_pwd_callback(ctx, password), 1);
    REFUSED(SSL_CTX_set_srp_username_callback(ctx, on_password), 1);
    REFUSED(SSL_CTX_set_srp_verify_param_callback(ctx, parameters), 1);
    INT(SSL_SRP_CTX_init(s));
    INT(SSL_SRP_CTX_init(NULL));
    is_int(SSL_srp_server_param_with_username(s, &alert), 2, "no parameters: a fatal alert");
    is_int(alert, SSL_AD_INTERNAL_ERROR, "this one");
    ERR_clear_error();
    REFUSED(SSL_set_srp_server_param(s, n, n, n, n, NULL), 1);
    REFUSED(SSL_set_srp_server_param_pw(s, "user", "pass", "1024"), 1);
    REFUSED(SRP_Calc_A_param(s), 1);
    INT(SSL_SRP_CTX_free(s));
    INT(SSL_SRP_CTX_free(NULL));
    INT(SSL_CTX_SRP_CTX_free(ctx));
    INT(SSL_CTX_SRP_CTX_free(NULL));
    PTR(SSL_get_srp_username(s));
    BN_free(n);
}

static void settings(const char *where, SSL_CTX *ctx, SSL *s)
{
    char long_hint[PSK_MAX_IDENTITY_LEN + 2];
    STACK_OF(SRTP_PROTECTION_PROFILE) *list;
    SSL *later;
    int i;

    ERR_clear_error();
    memset(long_hint, 'h', sizeof long_hint);
    long_hint[sizeof long_hint - 1] = 0;
    INT(SSL_CTX_use_psk_identity_hint(ctx, "hint"));
    INT(SSL_CTX_use_psk_identity_hint(ctx, long_hint));
    INT(SSL_CTX_use_psk_identity_hint(ctx, NULL));
    INT(SSL_use_psk_identity_hint(s, "hint"));
    INT(SSL_use_psk_identity_hint(s, long_hint));
    INT(SSL_use_psk_identity_hint(s, NULL));
    PTR(SSL_get_psk_identity_hint(s));

    INT(SSL_CTX_set_tlsext_use_srtp(ctx, "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM"));
    later = SSL_new(ctx);
    list = SSL_get_srtp_profiles(later);
    for (i = 0; i < sk_SRTP_PROTECTION_PROFILE_num(list); i++)
        same("%s: profile %s %lx", where, sk_SRTP_PROTECTION_PROFILE_value(list, i)->name,
             sk_SRTP_PROTECTION_PROFILE_value(list, i)->id);
    INT(SSL_set_tlsext_use_srtp(later, "SRTP_AES128_CM_SHA1_32"));
    list = SSL_get_srtp_profiles(later);
    for (i = 0; i < sk_SRTP_PROTECTION_PROFILE_num(list); i++)
        same("%s: profile %s %lx", where, sk_SRTP_PROTECTION_PROFILE_value(list, i)->name,
             sk_SRTP_PROTECTION_PROFILE_value(list, i)->id);
    INT(SSL_set_tlsext_use_srtp(later, "SRTP_AEAD_AES_256_GCM:nonsense"));
    INT(sk_SRTP_PROTECTION_PROFILE_num(SSL_get_srtp_profiles(later)));
    INT(SSL_set_tlsext_use_srtp(later, "SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_80"));
    INT(SSL_set_tlsext_use_srtp(later, ""));
    INT(SSL_set_tlsext_use_srtp(later, ":"));
    INT(SSL_set_tlsext_use_srtp(later, "SRTP_AES128_CM_SHA1_80:"));
    INT(SSL_set_tlsext_use_srtp(later, "SRTP_AES128_CM_SHA1_8"));
    INT(SSL_set_tlsext_use_srtp(later, "SRTP_AES128_CM_SHA1_800"));
    PTR(SSL_get_selected_srtp_profile(later));
    SSL_free(later);
    PTR(SSL_get_srtp_profiles(s));
    later = SSL_new(ctx);
    INT(sk_SRTP_PROTECTION_PROFILE_num(SSL_get_srtp_profiles(later)));
    SSL_free(later);
}

static void compression(void)
{
    const char *where = "compression";
    STACK_OF(SSL_COMP) *list = SSL_COMP_get_compression_methods(), *other = sk_SSL_COMP_new_null();

    same("%s: the list is %s, of %d, the same %d", where, list ? "there" : "NULL", sk_SSL_COMP_num(list),
         list == SSL_COMP_get_compression_methods());
    same("queue %s", queued());
    INT(SSL_COMP_add_compression_method(193, NULL));
    INT(SSL_COMP_add_compression_method(1, NULL));
    INT(SSL_COMP_add_compression_method(193, COMP_zlib()));
    same("%s: of %d", where, sk_SSL_COMP_num(SSL_COMP_get_compression_methods()));
    PTR(SSL_COMP_get_name(NULL));
    PTR(COMP_zlib());
    if (COMP_zlib() != NULL)
        same("name %s", SSL_COMP_get_name(COMP_zlib()));
    same("set0 hands back the %s", SSL_COMP_set0_compression_methods(other) == list ? "list" : "argument");
    same("then it is the %s", SSL_COMP_get_compression_methods() == other ? "new one" : "old one");
    same("set0 hands back the %s", SSL_COMP_set0_compression_methods(list) == other ? "other" : "argument");
    sk_SSL_COMP_free(other);
}

static void renegotiation(const char *where, SSL *s)
{
    ERR_clear_error();
    INT(SSL_renegotiate(s));
    INT(SSL_renegotiate_pending(s));
    INT(SSL_renegotiate_abbreviated(s));
    INT(SSL_renegotiate_pending(s));
}

/* With SSL_MODE_ASYNC the handshake may run as a job, which nothing here makes wait. */
static void test_async(const world *w)
{
    FOR_VERSIONS(v) {
        duo *d = duo_new(w, v);

        SSL_set_mode(d->c, SSL_MODE_ASYNC);
        SSL_set_mode(d->s, SSL_MODE_ASYNC);
        ok(duo_handshake(d), "an asynchronous connection (%s|%s)", d->out.client.errors, d->out.server.errors);
        ok(tls_echo(d->c, d->s), "data passes both ways");
        getters("asynchronous", d->c);
        getters("asynchronous", d->s);
        duo_free(d);
    }
}

static void test_dtls(void)
{
    SSL_CTX *ctx = SSL_CTX_new(DTLS_method());
    SSL *s = SSL_new(ctx);
    const char *where = "DTLS";

    ok(s != NULL, "a DTLS connection");
    settings(where, ctx, s);
    getters(where, s);
    INT(DTLS_get_data_mtu(s));
    INT(SSL_CTX_set_cipher_list(ctx, "DEFAULT"));
    INT(SSL_CTX_set_min_proto_version(ctx, DTLS1_VERSION));
    INT(SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION));
    INT(SSL_CTX_get_min_proto_version(ctx));
    INT(SSL_CTX_get_max_proto_version(ctx));
    INT(SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION));
    INT(SSL_CTX_set_read_ahead(ctx, 1));
    INT(SSL_CTX_get_read_ahead(ctx));
    INT(SSL_CTX_set_options(ctx, SSL_OP_COOKIE_EXCHANGE | SSL_OP_NO_QUERY_MTU) & SSL_OP_COOKIE_EXCHANGE);
    INT(SSL_set_mtu(s, 1200));
    INT(SSL_set_mtu(s, 10));
    INT(DTLS_set_link_mtu(s, 1400));
    INT(DTLS_set_link_mtu(s, 10));
    INT(DTLS_get_link_min_mtu(s));
    INT(SSL_set_tlsext_host_name(s, "localhost"));
    INT(SSL_CTX_set1_groups_list(ctx, "P-256:X25519"));
    INT(SSL_CTX_set1_sigalgs_list(ctx, "ECDSA+SHA256"));
    INT(SSL_CTX_set_max_send_fragment(ctx, 1000));
    INT(SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_BOTH));
    INT(SSL_CTX_set_tlsext_max_fragment_length(ctx, 1));
    INT(SSL_get_state(s));
    INT(SSL_in_before(s));
    INT(SSL_version(s));
    same("%s: %s", where, SSL_get_version(s));
    INT(SSL_pending(s));
    INT(SSL_get_quiet_shutdown(s));
    SSL_free(s);
    SSL_CTX_free(ctx);
}

int main(void)
{
    world w = world_make();
    duo *d = duo_new(&w, 0);

    getters("new", d->c);
    settings("new", w.sctx, d->s);
    srp("new", w.sctx, d->s);
    duo_free(d);
    compression();
    FOR_VERSIONS(v) {
        d = duo_connected(&w, v);
        getters(version_name(v), d->c);
        getters(version_name(v), d->s);
        if (v == TLS1_3_VERSION)
            renegotiation(version_name(v), d->c);
        SSL_set_options(d->c, SSL_OP_NO_RENEGOTIATION);
        renegotiation("forbidden", d->c);
        duo_free(d);
    }
    test_async(&w);
    test_dtls();
    world_free(&w);
    return done();
}
