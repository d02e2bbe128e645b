/* What the manual pages on negotiation and configuration say of odd arguments and of calls at odd times,
 * as far as the library survives them: what is returned, the error, and what it changed. */
#include "pipe.h"

#include <openssl/conf.h>
#include <openssl/dh.h>
#include <openssl/srtp.h>
#include <openssl/comp.h>

static const char *text(const char *s)
{
    return s ? s : "NULL";
}

/* The newest entry; an empty queue. */
static const char *queued(void)
{
    static char out[64];
    unsigned long e = ERR_peek_last_error();

    snprintf(out, sizeof out, "%d:%d", ERR_GET_LIB(e), ERR_GET_REASON(e));
    ERR_clear_error();
    return e == 0 ? "nothing" : out;
}

#define SAME_INT(call)                                     \
    do {                                                   \
        long long same_value_ = (long long)(call);         \
        const char *same_error_ = queued();                \
        same("%s: %lld, %s", #call, same_value_, same_error_); \
    } while (0)
#define SAME_TEXT(call)                                    \
    do {                                                   \
        const char *same_value_ = text(call);              \
        same("%s: %s, %s", #call, same_value_, queued());  \
    } while (0)

/* --- SSL_CIPHER_get_name(3) and SSL_get_ciphers(3) --- */

static void test_cipher_objects(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    unsigned sum = 0, known = 0;
    char small[8] = "", whole[128], *got;
    int bits = 77;

    SAME_TEXT(SSL_CIPHER_get_name(NULL));
    SAME_TEXT(SSL_CIPHER_standard_name(NULL));
    SAME_TEXT(SSL_CIPHER_get_version(NULL));
    SAME_INT(SSL_CIPHER_get_bits(NULL, &bits));
    same("bits then: %d", bits);
    SAME_INT(SSL_CIPHER_get_bits(NULL, NULL));
    SAME_INT(SSL_CIPHER_get_cipher_nid(NULL));
    SAME_TEXT(OPENSSL_cipher_name("nonsense"));
    SAME_TEXT(OPENSSL_cipher_name(NULL));
    SAME_TEXT(OPENSSL_cipher_name("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
    SAME_TEXT(OPENSSL_cipher_name("ECDHE-RSA-AES128-GCM-SHA256"));
    for (unsigned code = 0; code < 0x10000; code++) {
        unsigned char bytes[3] = { (unsigned char)(code >> 8), (unsigned char)code, 0 };
        const SSL_CIPHER *c = SSL_CIPHER_find(ssl, bytes);
        char description[256];

        if (c == NULL)
            continue;
        known++;
        for (const char *at = SSL_CIPHER_description(c, description, sizeof description); at && *at; at++)
            sum = (sum ^ (unsigned)*at) * 16777619u;
        for (const char *at = text(SSL_CIPHER_standard_name(c)); *at; at++)
            sum = (sum ^ (unsigned)*at) * 16777619u;
        bits = 0;
        sum = (sum ^ (unsigned)SSL_CIPHER_get_bits(c, &bits)) * 16777619u + (unsigned)bits;
        sum = (sum ^ (unsigned)SSL_CIPHER_get_cipher_nid(c)) * 16777619u + (unsigned)SSL_CIPHER_get_digest_nid(c);
        sum = (sum ^ (unsigned)SSL_CIPHER_get_kx_nid(c)) * 16777619u + (unsigned)SSL_CIPHER_get_auth_nid(c);
        sum = (sum ^ (unsigned)SSL_CIPHER_is_aead(c)) * 16777619u + SSL_CIPHER_get_id(c) + SSL_CIPHER_get_protocol_id(c);
        if (SSL_CIPHER_get_handshake_digest(c) != NULL)
            sum += (unsigned)EVP_MD_get_type(SSL_CIPHER_get_handshake_digest(c));
        ok(strcmp(OPENSSL_cipher_name(SSL_CIPHER_standard_name(c)), SSL_CIPHER_get_name(c)) == 0 || strstr(SSL_CIPHER_get_name(c), "GOST"), "%s by its standard name",
           SSL_CIPHER_get_name(c));
    }
    same("suites %u, sum %08x", known, sum);
    got = SSL_CIPHER_description(sk_SSL_CIPHER_value(SSL_get_ciphers(ssl), 0), small, sizeof small);
    same("a small buffer: %s", text(got));
    got = SSL_CIPHER_description(sk_SSL_CIPHER_value(SSL_get_ciphers(ssl), 0), whole, 127);
    same("127 bytes: %s", text(got));
    got = SSL_CIPHER_description(sk_SSL_CIPHER_value(SSL_get_ciphers(ssl), 0), whole, 128);
    same("128 bytes: %s", text(got));
    got = SSL_CIPHER_description(sk_SSL_CIPHER_value(SSL_get_ciphers(ssl), 0), NULL, 0);
    same("memory: %s", text(got));
    OPENSSL_free(got);

    SAME_INT(SSL_get_ciphers(NULL) != NULL);
    SAME_INT(SSL_CTX_get_ciphers(NULL) != NULL);
    SAME_INT(SSL_get_client_ciphers(NULL) != NULL);
    SAME_INT(SSL_get_client_ciphers(ssl) != NULL);
    SAME_TEXT(SSL_get_cipher_list(NULL, 0));
    SAME_TEXT(SSL_get_cipher_list(ssl, -1));
    SAME_TEXT(SSL_get_cipher_list(ssl, 0));
    SAME_TEXT(SSL_get_cipher_list(ssl, 1000));
    SAME_TEXT(SSL_get_shared_ciphers(ssl, whole, sizeof whole));
    SAME_INT(SSL_get_current_cipher(ssl) != NULL);
    SAME_INT(SSL_get_pending_cipher(ssl) != NULL);
    SAME_TEXT(SSL_get_cipher(ssl));
    SAME_TEXT(SSL_get_cipher_version(ssl));
    SAME_INT(SSL_get_cipher_bits(ssl, NULL));
    SAME_INT(SSL_CTX_set_cipher_list(ctx, "nonsense"));
    SAME_INT(SSL_set_ciphersuites(ssl, ""));
    SAME_INT(SSL_CTX_set_ciphersuites(ctx, "nonsense"));
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* SSL_bytes_to_cipher_list(3): bytes of either format, whole and not. */
static void test_cipher_bytes(void)
{
    static const struct {
        const char *what;
        unsigned char bytes[12];
        size_t len;
        int v2;
    } rows[] = {
        { "nothing", { 0 }, 0, 0 },
        { "a half", { 0x13 }, 1, 0 },
        { "one", { 0x13, 0x01 }, 2, 0 },
        { "one and a half", { 0x13, 0x01, 0x13 }, 3, 0 },
        { "known, unknown, known", { 0x13, 0x01, 0xfa, 0xfa, 0xc0, 0x2f }, 6, 0 },
        { "signalling values", { 0x00, 0xff, 0x56, 0x00, 0xc0, 0x2b }, 6, 0 },
        { "signalling values alone", { 0x00, 0xff }, 2, 0 },
        { "unknown alone", { 0xfa, 0xfa }, 2, 0 },
        { "twice", { 0xc0, 0x2f, 0xc0, 0x2f }, 4, 0 },
        { "SSLv2's", { 0x00, 0xc0, 0x2f, 0x00, 0x00, 0xff }, 6, 1 },
        { "SSLv2's own", { 0x01, 0x00, 0x80, 0x00, 0xc0, 0x30 }, 6, 1 },
        { "SSLv2's, a half", { 0x00, 0xc0 }, 2, 1 },
    };
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        STACK_OF(SSL_CIPHER) *sk = NULL, *scsvs = NULL;
        int r = SSL_bytes_to_cipher_list(ssl, rows[i].bytes, rows[i].len, rows[i].v2, &sk, &scsvs);

        same("%s: %d, %d suites, %d signals, %s", rows[i].what, r, sk ? sk_SSL_CIPHER_num(sk) : -2,
             scsvs ? sk_SSL_CIPHER_num(scsvs) : -2, queued());
        sk_SSL_CIPHER_free(sk);
        sk_SSL_CIPHER_free(scsvs);
        r = SSL_bytes_to_cipher_list(ssl, rows[i].bytes, rows[i].len, rows[i].v2, &sk, NULL);
        same("... without signals: %d, %s", r, queued());
        if (r)
            sk_SSL_CIPHER_free(sk);
    }
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* --- SSL_CTX_set1_curves(3) --- */

static void test_groups(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    int some[] = { NID_X9_62_prime256v1, NID_X25519 }, twice[] = { NID_X25519, NID_X25519 }, bad[] = { NID_X25519, NID_sha256 }, none[] = { 0 };

    SAME_INT(SSL_CTX_set1_groups(ctx, some, 2));
    SAME_INT(SSL_CTX_set1_groups(ctx, some, 0));
    SAME_INT(SSL_CTX_set1_groups(ctx, twice, 2));
    SAME_INT(SSL_CTX_set1_groups(ctx, bad, 2));
    SAME_INT(SSL_CTX_set1_groups(ctx, none, 1));
    SAME_INT(SSL_set1_groups(ssl, some, 2));
    SAME_INT(SSL_set1_groups(ssl, bad, 2));
    SAME_INT(SSL_get1_groups(ssl, NULL));
    SAME_INT(SSL_get_shared_group(ssl, 0));
    SAME_INT(SSL_get_shared_group(ssl, -1));
    SAME_INT(SSL_get_shared_group(ssl, -2));
    same("no list: %d", (int)SSL_CTX_set1_groups_list(ctx, NULL));
    queued();
    SAME_TEXT(SSL_group_to_name(ssl, 0));
    SAME_TEXT(SSL_group_to_name(ssl, NID_X25519));
    SAME_TEXT(SSL_group_to_name(ssl, TLSEXT_nid_unknown | 29));
    SAME_TEXT(SSL_group_to_name(ssl, TLSEXT_nid_unknown | 0x7777));
    SAME_TEXT(SSL_group_to_name(ssl, -1));
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* --- SSL_CTX_set_min_proto_version(3) and SSL_get_version(3) --- */

static void test_versions(void)
{
    const SSL_METHOD *const methods[] = { TLS_method(), TLS_client_method(), TLSv1_2_method(), DTLS_method(), TLSv1_method() };
    static const int versions[] = { -1, 0, 1, 2, 0x0200, 0x02ff, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304, 0x0305, 0x7f1c, 0xfeff, 0xfefd, 0xfefe, 0x0100, 0x10000 };

    for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
        for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
            SSL_CTX *ctx = SSL_CTX_new(methods[m]);
            SSL *ssl;
            int min, max;

            if (ctx == NULL)
                continue;
            min = SSL_CTX_set_min_proto_version(ctx, versions[i]);
            max = SSL_CTX_set_max_proto_version(ctx, versions[i]);
            same("method %zu, version %x: %d %d, %s, then %lx-%lx", m, (unsigned)versions[i], min, max, queued(),
                 SSL_CTX_get_min_proto_version(ctx), SSL_CTX_get_max_proto_version(ctx));
            ssl = SSL_new(ctx);
            if (ssl != NULL) {
                min = SSL_set_min_proto_version(ssl, 0);
                max = SSL_set_max_proto_version(ssl, 0);
                same("... of a connection: %d %d, then %ld-%ld, %s, %x, %x, dtls %d", min, max, SSL_get_min_proto_version(ssl),
                     SSL_get_max_proto_version(ssl), SSL_get_version(ssl), (unsigned)SSL_version(ssl), (unsigned)SSL_client_version(ssl),
                     SSL_is_dtls(ssl));
            }
            queued();
            SSL_free(ssl);
            SSL_CTX_free(ctx);
        }
    }
}

/* --- SSL_CTX_set_options(3), SSL_CTX_set_mode(3), SSL_CTX_set_split_send_fragment(3) --- */

static void test_numbers(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);

    SAME_INT(SSL_CTX_get_options(ctx));
    SAME_INT(SSL_CTX_set_options(ctx, 0));
    SAME_INT(SSL_CTX_set_options(ctx, ~0ull));
    SAME_INT(SSL_CTX_clear_options(ctx, SSL_OP_ALL));
    SAME_INT(SSL_CTX_clear_options(ctx, ~0ull));
    SAME_INT(SSL_get_options(ssl));
    SAME_INT(SSL_set_options(ssl, SSL_OP_NO_TICKET));
    SAME_INT(SSL_clear_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_TLSv1_3));
    SAME_INT(SSL_CTX_get_mode(ctx));
    SAME_INT(SSL_CTX_set_mode(ctx, 0x7fffffff));
    SAME_INT(SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY));
    SAME_INT(SSL_get_mode(ssl));
    SAME_INT(SSL_set_mode(ssl, SSL_MODE_ASYNC));
    SAME_INT(SSL_clear_mode(ssl, 0x7fffffff));
    for (int i = 0; i < 2; i++) {
        static const long sizes[] = { -1, 0, 1, 511, 512, 513, 4096, 16384, 16385, 1000000 };

        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            long size = sizes[j];
            long a = i ? SSL_set_max_send_fragment(ssl, size) : SSL_CTX_set_max_send_fragment(ctx, size);
            long b = i ? SSL_set_split_send_fragment(ssl, size) : SSL_CTX_set_split_send_fragment(ctx, size);
            long c = i ? SSL_set_max_pipelines(ssl, size) : SSL_CTX_set_max_pipelines(ctx, size);

            same("%s, %ld: fragment %ld, split %ld, pipelines %ld, %s", i ? "connection" : "context", size, a, b, c, queued());
        }
    }
    SAME_INT(SSL_CTX_get_read_ahead(ctx));
    SAME_INT(SSL_get_read_ahead(ssl));
    for (int i = -1; i < 7; i++) {
        SSL_CTX_set_security_level(ctx, i);
        SSL_set_security_level(ssl, i);
        same("level %d: %d %d", i, SSL_CTX_get_security_level(ctx), SSL_get_security_level(ssl));
    }
    for (int i = 0; i < 8; i++) {
        int a = SSL_CTX_set_tlsext_max_fragment_length(ctx, (unsigned char)i), b = SSL_set_tlsext_max_fragment_length(ssl, (unsigned char)i);

        same("max_fragment_length %d: %d %d, %s", i, a, b, queued());
    }
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* --- SSL_CTX_set_alpn_select_cb(3) --- */

static void test_alpn(void)
{
    static const struct {
        const char *what;
        unsigned char bytes[12];
        unsigned len;
    } rows[] = {
        { "one", "\002h2", 3 }, { "two", "\002h2\001x", 5 }, { "nothing", "", 0 }, { "an empty name", "\000", 1 }, { "empty then one", "\000\001x", 3 },
        { "cut short", "\003h2", 3 }, { "one too many", "\001h2", 3 }, { "a length alone", "\002h2\005", 4 },
    };
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    const unsigned char *selected = (const unsigned char *)"unchanged";
    unsigned len = 9;
    unsigned char *out, out_len;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int a = SSL_CTX_set_alpn_protos(ctx, rows[i].bytes, rows[i].len), b = SSL_set_alpn_protos(ssl, rows[i].bytes, rows[i].len);

        same("%s: %d %d, %s", rows[i].what, a, b, queued());
        for (size_t j = 0; j < sizeof rows / sizeof *rows; j++) {
            out = NULL;
            out_len = 99;
            a = SSL_select_next_proto(&out, &out_len, rows[i].bytes, rows[i].len, rows[j].bytes, rows[j].len);
            same("select %s of %s: %d, %d %.*s", rows[j].what, rows[i].what, a, out_len, out ? out_len : 0, out ? (char *)out : "");
        }
    }
    SAME_INT(SSL_CTX_set_alpn_protos(ctx, NULL, 0));
    SAME_INT(SSL_set_alpn_protos(ssl, NULL, 5));
    SSL_get0_alpn_selected(ssl, &selected, &len);
    same("selected before: %s %u", selected ? "something" : "NULL", len);
    SSL_get0_next_proto_negotiated(ssl, &selected, &len);
    same("NPN: %s %u", selected ? "something" : "NULL", len);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* --- SSL_extension_supported(3), SSL_CTX_add_custom_ext(3) --- */

static int on_add(SSL *s, unsigned type, const unsigned char **out, size_t *len, int *al, void *arg)
{
    return 0;
}

static void on_free(SSL *s, unsigned type, const unsigned char *out, void *arg)
{
}

static void test_extensions(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    unsigned sum = 0, count = 0;

    for (unsigned type = 0; type <= 0x10001; type++)
        if (SSL_extension_supported(type)) {
            sum = (sum ^ type) * 16777619u;
            count++;
        }
    same("supported: %u, %08x", count, sum);
    SAME_INT(SSL_extension_supported(0xffffffff));
    SAME_INT(SSL_CTX_add_client_custom_ext(ctx, 1000, NULL, NULL, NULL, NULL, NULL));
    SAME_INT(SSL_CTX_add_client_custom_ext(ctx, 1000, on_add, on_free, NULL, NULL, NULL));
    SAME_INT(SSL_CTX_add_server_custom_ext(ctx, 1000, on_add, on_free, NULL, NULL, NULL));
    SAME_INT(SSL_CTX_add_client_custom_ext(ctx, 1001, NULL, on_free, NULL, NULL, NULL));
    SAME_INT(SSL_CTX_add_client_custom_ext(ctx, 0, on_add, on_free, NULL, NULL, NULL));
    SAME_INT(SSL_CTX_add_client_custom_ext(ctx, 18, on_add, on_free, NULL, NULL, NULL));
    SAME_INT(SSL_CTX_add_client_custom_ext(ctx, 0x10000, on_add, on_free, NULL, NULL, NULL));
    SAME_INT(SSL_CTX_add_client_custom_ext(ctx, 0xffff, on_add, on_free, NULL, NULL, NULL));
    SAME_INT(SSL_CTX_add_custom_ext(ctx, 1002, 0, NULL, NULL, NULL, NULL, NULL));
    SAME_INT(SSL_CTX_add_custom_ext(ctx, 1000, SSL_EXT_CLIENT_HELLO, NULL, NULL, NULL, NULL, NULL));
    SAME_INT(SSL_CTX_has_client_custom_ext(ctx, 1000));
    SAME_INT(SSL_CTX_has_client_custom_ext(ctx, 1002));
    SAME_INT(SSL_CTX_has_client_custom_ext(ctx, 18));
    SSL_CTX_free(ctx);
}

/* --- SSL_alert_type_string(3) --- */

static void test_alerts(void)
{
    unsigned sum = 0;

    for (int value = -2; value < 0x400; value++) {
        const char *const texts[] = { SSL_alert_type_string(value), SSL_alert_type_string_long(value), SSL_alert_desc_string(value),
                                      SSL_alert_desc_string_long(value) };

        for (int i = 0; i < 4; i++)
            for (const char *at = texts[i]; *at; at++)
                sum = (sum ^ (unsigned)*at) * 16777619u;
    }
    same("alerts: %08x", sum);
}

/* --- SSL_set1_host(3), SSL_set_tlsext_host_name(3) --- */

static void test_names(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    char longest[256] = "", longer[300] = "";

    memset(longest, 'a', 255);
    memset(longer, 'a', 256);
    SAME_INT(SSL_set1_host(ssl, "one.test"));
    SAME_INT(SSL_add1_host(ssl, "two.test"));
    SAME_INT(SSL_set1_host(ssl, ""));
    SAME_INT(SSL_set1_host(ssl, NULL));
    SAME_INT(SSL_add1_host(ssl, NULL));
    SAME_INT(SSL_add1_host(ssl, ""));
    SAME_INT(SSL_set1_host(ssl, "127.0.0.1"));
    SAME_INT(SSL_add1_host(ssl, "127.0.0.2"));
    SAME_INT(SSL_add1_host(ssl, "::1"));
    SAME_INT(SSL_add1_host(ssl, "three.test"));
    SAME_TEXT(SSL_get0_peername(ssl));
    SAME_INT(SSL_set_tlsext_host_name(ssl, "name.test"));
    SAME_TEXT(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    SAME_INT(SSL_get_servername_type(ssl));
    SAME_TEXT(SSL_get_servername(ssl, 1));
    SAME_TEXT(SSL_get_servername(ssl, -1));
    SAME_INT(SSL_set_tlsext_host_name(ssl, longest));
    SAME_INT(SSL_set_tlsext_host_name(ssl, longer));
    SAME_TEXT(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    SAME_INT(SSL_set_tlsext_host_name(ssl, ""));
    SAME_TEXT(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    SAME_INT(SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, 1, (void *)"name.test"));
    SAME_INT(SSL_set_tlsext_host_name(ssl, NULL));
    SAME_TEXT(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    SAME_INT(SSL_get_servername_type(ssl));
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* A certificate is held against addresses, too. */
static void test_addresses(const world *w)
{
    static const char *const names[][2] = {
        { "127.0.0.1", NULL }, { "127.0.0.2", NULL }, { "localhost", NULL }, { "other.test", "localhost" }, { "localhost", "127.0.0.1" },
        { "localhost", "127.0.0.2" }, { "127.0.0.1", "other.test" }, { "127.0.0.1", "127.0.0.2" }, { "::1", NULL }, { "127.0.0.1x", NULL },
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        duo *d = duo_new(w, TLS1_3_VERSION);
        int a = SSL_set1_host(d->c, names[i][0]), b = names[i][1] ? SSL_add1_host(d->c, names[i][1]) : -1;
        const char *error = queued();

        duo_handshake(d);
        same("%s and %s: %d %d, %s, then %d, %ld, peer %s", names[i][0], text(names[i][1]), a, b, error, d->out.client.done,
             SSL_get_verify_result(d->c), text(SSL_get0_peername(d->c)));
        duo_free(d);
    }
}

/* --- what is not there: SSL_COMP_add_compression_method(3), SSL_CTX_set_srp_username(3) and others --- */

static DH *on_dh(SSL *ssl, int is_export, int bits)
{
    return NULL;
}

static void test_features(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    EVP_PKEY *key = tls_key("P-256");
    STACK_OF(SSL_COMP) *methods = SSL_COMP_get_compression_methods();

    same("compression methods: %d", methods ? sk_SSL_COMP_num(methods) : -2);
    SAME_INT(SSL_COMP_add_compression_method(1, NULL));
    SAME_INT(SSL_COMP_add_compression_method(193, NULL));
    SAME_INT(SSL_COMP_add_compression_method(256, NULL));
    SAME_TEXT(SSL_COMP_get_name(NULL));
    SAME_INT(SSL_get_current_compression(ssl) != NULL);
    SAME_INT(SSL_get_current_expansion(ssl) != NULL);
    SAME_INT(SSL_CTX_set_dh_auto(ctx, 1));
    SAME_INT(SSL_set_dh_auto(ssl, 2));
    SSL_CTX_set_tmp_dh_callback(ctx, on_dh);
    SSL_set_tmp_dh_callback(ssl, NULL);
    SAME_INT(SSL_CTX_set0_tmp_dh_pkey(ctx, NULL));
    SAME_INT(SSL_set0_tmp_dh_pkey(ssl, NULL));
    SAME_INT(SSL_CTX_set_tmp_dh(ctx, NULL));
    SAME_INT(SSL_set_tmp_dh(ssl, NULL));
    SAME_INT(SSL_CTX_set_ecdh_auto(ctx, 1));
    SAME_INT(OPENSSL_init_ssl(0, NULL));
    SAME_INT(OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_SSL_STRINGS, NULL));
    SAME_INT(OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL));
    SAME_INT(SSL_library_init());
    SSL_load_error_strings();
    SAME_INT(SSL_CTX_config(ctx, "nonsense"));
    SAME_INT(SSL_config(ssl, "nonsense"));
    SAME_INT(SSL_CTX_config(ctx, NULL));
    SAME_INT(SSL_CTX_set_tlsext_use_srtp(ctx, "nonsense"));
    SAME_INT(SSL_CTX_set_tlsext_use_srtp(ctx, "SRTP_AES128_CM_SHA1_80"));
    SAME_INT(SSL_get_selected_srtp_profile(ssl) != NULL);
    EVP_PKEY_free(key);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* --- SSL_get_client_random(3), SSL_export_keying_material(3), before and after a handshake --- */

static void test_secrets(const world *w, int version)
{
    static const size_t sizes[] = { 0, 1, 31, 32, 33, 100 };
    duo *d = duo_new(w, version);
    unsigned char out[256], other[256];
    char label[300] = "";

    for (int after = 0; after < 2; after++) {
        SSL *const both[] = { d->c, d->s };

        if (after)
            ok(duo_handshake(d), "connects");
        for (int side = 0; side < 2; side++) {
            SSL *ssl = both[side];
            const char *when = after ? "after" : "before";

            for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
                size_t n = sizes[i], a = SSL_get_client_random(ssl, out, n), b = SSL_get_server_random(ssl, out, n);
                SSL_SESSION *session = SSL_get_session(ssl);
                size_t c = session ? SSL_SESSION_get_master_key(session, out, n) : 999;
                int e = SSL_export_keying_material(ssl, out, n, "EXPERIMENTAL x", 14, NULL, 0, 0);

                same("%s, %d, %zu bytes: %zu %zu %zu, export %d, %s", when, side, n, a, b, c, e, queued());
            }
            memset(label, 'l', sizeof label);
            for (size_t n = 0; n < 300; n += 83) {
                int a = SSL_export_keying_material(ssl, out, 20, label, n, NULL, 0, 0);
                int b = SSL_export_keying_material(ssl, other, 20, label, n, (const unsigned char *)"", 0, 1);
                const char *error = queued();

                same("%s, %d, a label of %zu: %d %d, %s, alike %d", when, side, n, a, b, error, a == 1 && b == 1 && memcmp(out, other, 20) == 0);
            }
            SAME_INT(SSL_export_keying_material(ssl, out, 20, "client finished", 15, NULL, 0, 0));
            SAME_INT(SSL_export_keying_material(ssl, out, 20, "master secret", 13, NULL, 0, 0));
            SAME_INT(SSL_export_keying_material(ssl, out, 20, "key expansion", 13, NULL, 0, 0));
            SAME_INT(SSL_export_keying_material(ssl, out, 20, "extended master secret", 22, NULL, 0, 0));
            SAME_INT(SSL_export_keying_material_early(ssl, out, 20, "label", 5, NULL, 0));
            SAME_INT(SSL_get_finished(ssl, out, sizeof out));
            SAME_INT(SSL_get_peer_finished(ssl, out, 5));
            SAME_INT(SSL_get_finished(ssl, out, 0));
            SAME_INT(SSL_get_extms_support(ssl));
            if (side == 0 || version == TLS1_2_VERSION)
                SAME_INT(SSL_get_secure_renegotiation_support(ssl));
            else if (!differs("renegotiation", "rustls sends no signalling suite when it offers TLS 1.3 alone"))
                is_int(SSL_get_secure_renegotiation_support(ssl), after, "asked for all the same");
        }
    }
    for (int ret = -2; ret < 3; ret++) {
        same("%s: SSL_get_error of %d: %d", version_name(version), ret, SSL_get_error(d->c, ret));
    }
    ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR);
    for (int ret = -2; ret < 3; ret++)
        same("... with an error queued: %d", SSL_get_error(d->c, ret));
    ERR_clear_error();
    ERR_raise(ERR_LIB_SYS, 5);
    for (int ret = -2; ret < 3; ret++)
        same("... with a system's: %d", SSL_get_error(d->c, ret));
    ERR_clear_error();
    duo_free(d);
}

int main(void)
{
    world w = world_make();

    test_cipher_objects();
    test_cipher_bytes();
    test_groups();
    test_versions();
    test_numbers();
    test_alpn();
    test_extensions();
    test_alerts();
    test_names();
    test_addresses(&w);
    test_features();
    FOR_VERSIONS(v) test_secrets(&w, v);
    world_free(&w);
    return done();
}
