/* What SSL_CTX and SSL can be told and asked: options, mode, versions, sizes, lists, with their
 * defaults, bounds and failures. SSL_CTX_set_options(3), SSL_CTX_set_mode(3) and so on. */
#include "certs.h"

static void test_options(SSL_CTX *ctx, SSL *ssl)
{
    uint64_t base = SSL_OP_NO_COMPRESSION | SSL_OP_ENABLE_MIDDLEBOX_COMPAT;
    SSL *later;

    is_int(SSL_CTX_get_options(ctx), base, "a context's default options");
    is_int(SSL_get_options(ssl), base, "an SSL's");
    is_int(SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET), base | SSL_OP_NO_TICKET,
           "SSL_CTX_set_options adds and returns all");
    is_int(SSL_CTX_set_options(ctx, 0), base | SSL_OP_NO_TICKET, "0 adds none");
    is_int(SSL_get_options(ssl), base, "an existing SSL keeps its own");
    is_int(SSL_CTX_clear_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION),
           SSL_OP_ENABLE_MIDDLEBOX_COMPAT, "SSL_CTX_clear_options removes and returns the rest");
    later = SSL_new(ctx);
    is_int(SSL_get_options(later), SSL_OP_ENABLE_MIDDLEBOX_COMPAT, "SSL_new inherits");
    SSL_free(later);
    is_int(SSL_set_options(ssl, SSL_OP_CIPHER_SERVER_PREFERENCE),
           base | SSL_OP_CIPHER_SERVER_PREFERENCE, "SSL_set_options");
    is_int(SSL_clear_options(ssl, base), SSL_OP_CIPHER_SERVER_PREFERENCE, "SSL_clear_options");
    is_int(SSL_CTX_get_options(ctx), SSL_OP_ENABLE_MIDDLEBOX_COMPAT, "the context keeps its own");
    is_int(SSL_CTX_set_options(ctx, SSL_OP_ALL | (uint64_t)1 << 62),
           SSL_OP_ALL | SSL_OP_ENABLE_MIDDLEBOX_COMPAT | (uint64_t)1 << 62,
           "all 64 bits are remembered, known or not");
}

static void test_mode(SSL_CTX *ctx, SSL *ssl)
{
    is_int(SSL_CTX_get_mode(ctx), SSL_MODE_AUTO_RETRY, "a context's default mode");
    is_int(SSL_get_mode(ssl), SSL_MODE_AUTO_RETRY, "an SSL's");
    is_int(SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE),
           SSL_MODE_AUTO_RETRY | SSL_MODE_ENABLE_PARTIAL_WRITE, "SSL_CTX_set_mode");
    is_int(SSL_get_mode(ssl), SSL_MODE_AUTO_RETRY, "an existing SSL keeps its own");
    is_int(SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY), SSL_MODE_ENABLE_PARTIAL_WRITE,
           "SSL_CTX_clear_mode");
    is_int(SSL_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS),
           SSL_MODE_AUTO_RETRY | SSL_MODE_RELEASE_BUFFERS, "SSL_set_mode");
    is_int(SSL_clear_mode(ssl, SSL_MODE_AUTO_RETRY), SSL_MODE_RELEASE_BUFFERS,
           "SSL_clear_mode");
}

/* SSL_CTX_set_min_proto_version(3): the same rules for a context and an SSL. */
static void test_versions(SSL_CTX *ctx, SSL *ssl)
{
    static const struct {
        int version, taken;
    } values[] = {
        { TLS1_2_VERSION, 1 }, { TLS1_3_VERSION, 1 }, { TLS1_VERSION, 1 },
        { TLS1_1_VERSION, 1 }, { 0, 1 },
        { 0x0305, 0 }, { 1, 0 }, { -1, 0 }, { 0x0200, 0 }, { 0x10000, 0 },
    };
    size_t i;

    is_int(SSL_CTX_get_min_proto_version(ctx), 0, "no minimum by default");
    is_int(SSL_CTX_get_max_proto_version(ctx), 0, "no maximum by default");
    for (i = 0; i < sizeof values / sizeof *values; i++) {
        int v = values[i].version, taken = values[i].taken;
        int before = SSL_CTX_get_min_proto_version(ctx);

        is_int(SSL_CTX_set_min_proto_version(ctx, v), taken, "SSL_CTX min %#x", v);
        is_int(SSL_CTX_get_min_proto_version(ctx), taken ? v : before, "min is then right");
        is_int(SSL_set_min_proto_version(ssl, v), taken, "SSL min %#x", v);
        is_int(SSL_get_min_proto_version(ssl), taken ? v : before, "min is then right");
    }
    for (i = 0; i < sizeof values / sizeof *values; i++) {
        int v = values[i].version, taken = values[i].taken;
        int before = SSL_CTX_get_max_proto_version(ctx);

        is_int(SSL_CTX_set_max_proto_version(ctx, v), taken, "SSL_CTX max %#x", v);
        is_int(SSL_CTX_get_max_proto_version(ctx), taken ? v : before, "max is then right");
        is_int(SSL_set_max_proto_version(ssl, v), taken, "SSL max %#x", v);
        is_int(SSL_get_max_proto_version(ssl), taken ? v : before, "max is then right");
    }
    is_int(SSL_CTX_set_max_proto_version(ctx, SSL3_VERSION), 1,
           "SSL 3.0, which is not compiled in, is accepted");
    is_int(SSL_CTX_set_min_proto_version(ctx, SSL3_VERSION), 1, "as a minimum too");
    is_int(SSL_CTX_get_min_proto_version(ctx), SSL3_VERSION, "and is remembered");
    is_int(SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION), 1, "minimum 1.3");
    is_int(SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION), 1,
           "a maximum below it is accepted (the handshake fails)");
    is_int(SSL_CTX_set_min_proto_version(ctx, 0), 1, "0 takes the minimum away");
    is_int(SSL_CTX_set_max_proto_version(ctx, 0), 1, "and the maximum");
    is_int(SSL_CTX_set_min_proto_version(ctx, DTLS1_VERSION), 1,
           "a DTLS version is accepted by a TLS context");
    is_int(SSL_CTX_get_min_proto_version(ctx), 0, "and ignored");
    is_int(SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION), 1, "maximum 1.3");
    is_int(SSL_CTX_set_min_proto_version(ctx, DTLS1_VERSION), 0,
           "a DTLS version beside a TLS one is refused");
    is_int(ERR_peek_error(), 0, "no bound leaves an error");
}

static void test_sizes(SSL_CTX *ctx, SSL *ssl)
{
    is_int(SSL_CTX_get_quiet_shutdown(ctx), 0, "quiet_shutdown by default");
    SSL_CTX_set_quiet_shutdown(ctx, 1);
    is_int(SSL_CTX_get_quiet_shutdown(ctx), 1, "quiet_shutdown set");
    is_int(SSL_get_quiet_shutdown(ssl), 0, "an SSL's");
    SSL_set_quiet_shutdown(ssl, 7);
    is_int(SSL_get_quiet_shutdown(ssl), 7, "the very number is kept");

    is_int(SSL_CTX_get_read_ahead(ctx), 0, "read_ahead by default");
    is_int(SSL_CTX_set_read_ahead(ctx, 1), 0, "SSL_CTX_set_read_ahead returns the old value");
    is_int(SSL_CTX_get_read_ahead(ctx), 1, "read_ahead set");
    is_int(SSL_get_read_ahead(ssl), 0, "an SSL's");
    SSL_set_read_ahead(ssl, 1);
    is_int(SSL_get_read_ahead(ssl), 1, "SSL_set_read_ahead");

    is_int(SSL_CTX_get_max_cert_list(ctx), 100 * 1024, "max_cert_list by default");
    is_int(SSL_CTX_set_max_cert_list(ctx, 5000), 100 * 1024, "returns the old value");
    is_int(SSL_CTX_get_max_cert_list(ctx), 5000, "max_cert_list set");
    is_int(SSL_CTX_set_max_cert_list(ctx, -1), 0, "a negative one is refused");
    is_int(SSL_CTX_get_max_cert_list(ctx), 5000, "and changes nothing");
    is_int(SSL_get_max_cert_list(ssl), 100 * 1024, "an SSL's");
    is_int(SSL_set_max_cert_list(ssl, 0), 100 * 1024, "0 is a value");
    is_int(SSL_get_max_cert_list(ssl), 0, "and kept");

    is_int(SSL_CTX_set_max_send_fragment(ctx, 511), 0, "max_send_fragment 511");
    is_int(SSL_CTX_set_max_send_fragment(ctx, 512), 1, "max_send_fragment 512");
    is_int(SSL_CTX_set_split_send_fragment(ctx, 513), 0, "split above max");
    is_int(SSL_CTX_set_split_send_fragment(ctx, 512), 1, "split equal to max");
    is_int(SSL_CTX_set_split_send_fragment(ctx, 0), 0, "split 0");
    is_int(SSL_CTX_set_split_send_fragment(ctx, -1), 0, "split -1");
    is_int(SSL_CTX_set_split_send_fragment(ctx, 1), 1, "split 1");
    is_int(SSL_CTX_set_max_send_fragment(ctx, 16384), 1, "max_send_fragment 16384");
    is_int(SSL_CTX_set_max_send_fragment(ctx, 16385), 0, "max_send_fragment 16385");
    is_int(SSL_set_max_send_fragment(ssl, 511), 0, "an SSL's max_send_fragment 511");
    is_int(SSL_set_max_send_fragment(ssl, 4096), 1, "an SSL's max_send_fragment 4096");
    is_int(SSL_set_split_send_fragment(ssl, 4097), 0, "an SSL's split above max");
    is_int(SSL_set_split_send_fragment(ssl, 4096), 1, "an SSL's split equal to max");
    is_int(SSL_set_max_send_fragment(ssl, 16385), 0, "an SSL's max_send_fragment 16385");

    is_int(SSL_CTX_set_max_pipelines(ctx, 0), 0, "max_pipelines 0");
    is_int(SSL_CTX_set_max_pipelines(ctx, 33), 0, "max_pipelines 33");
    is_int(SSL_CTX_set_max_pipelines(ctx, 32), 1, "max_pipelines 32");
    SSL_set_read_ahead(ssl, 0);
    is_int(SSL_set_max_pipelines(ssl, 1), 1, "an SSL's max_pipelines 1");
    is_int(SSL_get_read_ahead(ssl), 0, "leaves read_ahead alone");
    is_int(SSL_set_max_pipelines(ssl, 2), 1, "an SSL's max_pipelines 2");
    is_int(SSL_get_read_ahead(ssl), 1, "turns read_ahead on");

    is_int(SSL_CTX_get_num_tickets(ctx), 2, "num_tickets by default");
    is_int(SSL_CTX_set_num_tickets(ctx, 0), 1, "SSL_CTX_set_num_tickets");
    is_int(SSL_CTX_get_num_tickets(ctx), 0, "num_tickets set");
    is_int(SSL_get_num_tickets(ssl), 2, "an SSL's");
    is_int(SSL_set_num_tickets(ssl, 9), 1, "SSL_set_num_tickets");
    is_int(SSL_get_num_tickets(ssl), 9, "an SSL's, set");

    SSL_CTX_set_default_read_buffer_len(ctx, 20000);
    SSL_set_default_read_buffer_len(ssl, 20000);
    is_int(SSL_CTX_set_tlsext_max_fragment_length(ctx, TLSEXT_max_fragment_length_1024), 1,
           "max_fragment_length 1024");
    is_int(SSL_CTX_set_tlsext_max_fragment_length(ctx, 5), 0, "max_fragment_length 5");
    is_int(first_reason(), SSL_R_SSL3_EXT_INVALID_MAX_FRAGMENT_LENGTH, "its reason");
    is_int(SSL_CTX_set_block_padding(ctx, 16384), 1, "block_padding 16384");
    is_int(SSL_CTX_set_block_padding(ctx, 16385), 0, "block_padding 16385");
    is_int(SSL_set_block_padding(ssl, 1), 1, "an SSL's block_padding 1");
    is_int(SSL_set_block_padding(ssl, 16385), 0, "an SSL's block_padding 16385");

    is_int(SSL_CTX_get_max_early_data(ctx), 0, "max_early_data by default");
    is_int(SSL_CTX_get_recv_max_early_data(ctx), 16384, "recv_max_early_data by default");
    is_int(SSL_CTX_set_max_early_data(ctx, 100), 1, "SSL_CTX_set_max_early_data");
    is_int(SSL_CTX_get_max_early_data(ctx), 100, "max_early_data set");
    is_int(SSL_CTX_set_recv_max_early_data(ctx, 200), 1, "SSL_CTX_set_recv_max_early_data");
    is_int(SSL_CTX_get_recv_max_early_data(ctx), 200, "recv_max_early_data set");
    is_int(SSL_get_max_early_data(ssl), 0, "an SSL's");
    is_int(SSL_set_max_early_data(ssl, 0xffffffff), 1, "SSL_set_max_early_data");
    is_int(SSL_get_max_early_data(ssl), 0xffffffff, "an SSL's, set");
}

static void test_sessions(SSL_CTX *ctx, SSL *ssl)
{
    unsigned char id[40] = { 1, 2, 3 };

    is_int(SSL_CTX_get_session_cache_mode(ctx), SSL_SESS_CACHE_SERVER, "cache mode by default");
    is_int(SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_BOTH), SSL_SESS_CACHE_SERVER,
           "SSL_CTX_set_session_cache_mode returns the old value");
    is_int(SSL_CTX_get_session_cache_mode(ctx), SSL_SESS_CACHE_BOTH, "cache mode set");
    is_int(SSL_CTX_sess_get_cache_size(ctx), 20480, "cache size by default");
    is_int(SSL_CTX_sess_set_cache_size(ctx, 10), 20480, "returns the old value");
    is_int(SSL_CTX_sess_get_cache_size(ctx), 10, "cache size set");
    is_int(SSL_CTX_sess_set_cache_size(ctx, -1), 0, "a negative size is refused");
    is_int(SSL_CTX_sess_get_cache_size(ctx), 10, "and changes nothing");
    is_int(SSL_CTX_get_timeout(ctx), 7200, "timeout by default");
    is_int(SSL_CTX_set_timeout(ctx, 11), 7200, "returns the old value");
    is_int(SSL_CTX_get_timeout(ctx), 11, "timeout set");
    is_int(SSL_CTX_set_timeout(NULL, 11), 0, "SSL_CTX_set_timeout(NULL)");
    is_int(SSL_CTX_get_timeout(NULL), 0, "SSL_CTX_get_timeout(NULL)");
    is_int(SSL_get_default_timeout(ssl), 7200, "SSL_get_default_timeout");
    is_int(SSL_CTX_sess_number(ctx), 0, "no sessions");
    is_int(SSL_CTX_sess_accept(ctx), 0, "no accepts");

    is_int(SSL_CTX_set_session_id_context(ctx, id, 32), 1, "a session id context of 32 bytes");
    is_int(SSL_CTX_set_session_id_context(ctx, id, 33), 0, "33 are refused");
    is_int(first_reason(), SSL_R_SSL_SESSION_ID_CONTEXT_TOO_LONG, "its reason");
    is_int(SSL_set_session_id_context(ssl, id, 32), 1, "32 bytes on an SSL");
    is_int(SSL_set_session_id_context(ssl, id, 33), 0, "33 are refused");
    is_int(first_reason(), SSL_R_SSL_SESSION_ID_CONTEXT_TOO_LONG, "its reason");
    is_int(SSL_set_session_id_context(ssl, NULL, 0), 1, "none is accepted");
    is_int(SSL_has_matching_session_id(ssl, id, 3), 0, "no session of that id");
    ok(SSL_get_session(ssl) == NULL, "a new SSL has no session");
    is_int(SSL_session_reused(ssl), 0, "nothing reused");
}

static int verify_one(int ok_, X509_STORE_CTX *x)
{
    (void)x;
    return ok_;
}

static void test_verify(SSL_CTX *ctx, SSL *ssl)
{
    is_int(SSL_CTX_get_verify_mode(ctx), SSL_VERIFY_NONE, "verify mode by default");
    is_int(SSL_CTX_get_verify_depth(ctx), -1, "verify depth by default");
    ok(SSL_CTX_get_verify_callback(ctx) == NULL, "verify callback by default");
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, verify_one);
    is_int(SSL_CTX_get_verify_mode(ctx), SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, "mode set");
    ok(SSL_CTX_get_verify_callback(ctx) == verify_one, "callback set");
    SSL_CTX_set_verify_depth(ctx, 5);
    is_int(SSL_CTX_get_verify_depth(ctx), 5, "depth set");
    is_int(SSL_get_verify_mode(ssl), SSL_VERIFY_NONE, "an SSL's mode");
    is_int(SSL_get_verify_depth(ssl), -1, "an SSL's depth");
    ok(SSL_get_verify_callback(ssl) == NULL, "an SSL's callback");
    SSL_set_verify(ssl, SSL_VERIFY_PEER, verify_one);
    is_int(SSL_get_verify_mode(ssl), SSL_VERIFY_PEER, "an SSL's mode set");
    ok(SSL_get_verify_callback(ssl) == verify_one, "an SSL's callback set");
    SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
    ok(SSL_get_verify_callback(ssl) == verify_one, "NULL leaves an SSL's callback");
    SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    ok(SSL_CTX_get_verify_callback(ctx) == NULL, "but removes a context's");
    SSL_set_verify_depth(ssl, 0);
    is_int(SSL_get_verify_depth(ssl), 0, "an SSL's depth set");
    is_int(SSL_get_verify_result(ssl), X509_V_OK, "verify result of no handshake");
    SSL_set_verify_result(ssl, X509_V_ERR_CERT_HAS_EXPIRED);
    is_int(SSL_get_verify_result(ssl), X509_V_ERR_CERT_HAS_EXPIRED, "verify result set");

    is_int(SSL_CTX_get_security_level(ctx), 2, "security level of Debian");
    SSL_CTX_set_security_level(ctx, 1);
    is_int(SSL_CTX_get_security_level(ctx), 1, "security level set");
    is_int(SSL_get_security_level(ssl), 2, "an SSL's");
    SSL_set_security_level(ssl, 0);
    is_int(SSL_get_security_level(ssl), 0, "an SSL's set");
    ok(SSL_CTX_get_security_callback(ctx) != NULL, "a context has a security callback");
    SSL_CTX_set0_security_ex_data(ctx, ctx);
    is_ptr(SSL_CTX_get0_security_ex_data(ctx), ctx, "security ex data set");
    is_ptr(SSL_get0_security_ex_data(ssl), NULL, "an SSL's");
}

/* The nine suites that both libraries have; OpenSSL has others beside them. */
static void test_ciphers(SSL_CTX *ctx, SSL *ssl)
{
    STACK_OF(SSL_CIPHER) *sk;
    SSL *fresh;

    is_int(SSL_CTX_set_cipher_list(ctx, "ECDHE-RSA-AES128-GCM-SHA256"), 1, "one suite");
    fresh = SSL_new(ctx);
    is_str(SSL_get_cipher_list(fresh, 0), "TLS_AES_256_GCM_SHA384", "TLS 1.3's come first");
    is_str(SSL_get_cipher_list(fresh, 1), "TLS_CHACHA20_POLY1305_SHA256", "in their order");
    is_str(SSL_get_cipher_list(fresh, 2), "TLS_AES_128_GCM_SHA256", "three of them");
    is_str(SSL_get_cipher_list(fresh, 3), "ECDHE-RSA-AES128-GCM-SHA256", "then the one named");
    is_str(SSL_get_cipher_list(fresh, 4), NULL, "and no more");
    is_str(SSL_get_cipher_list(NULL, 0), NULL, "SSL_get_cipher_list(NULL)");
    sk = SSL_get_ciphers(fresh);
    is_int(sk_SSL_CIPHER_num(sk), 4, "SSL_get_ciphers");
    is_ptr(sk, SSL_CTX_get_ciphers(ctx), "is the context's stack as long as it has none");
    is_ptr(SSL_get_ciphers(NULL), NULL, "SSL_get_ciphers(NULL)");
    is_ptr(SSL_CTX_get_ciphers(NULL), NULL, "SSL_CTX_get_ciphers(NULL)");
    is_ptr(SSL_get_client_ciphers(fresh), NULL, "SSL_get_client_ciphers of a client");

    is_int(SSL_set_cipher_list(fresh, "ECDHE-ECDSA-CHACHA20-POLY1305:"
                                      "ECDHE-ECDSA-AES256-GCM-SHA384"), 1, "an SSL's own list");
    is_str(SSL_get_cipher_list(fresh, 3), "ECDHE-ECDSA-CHACHA20-POLY1305", "in the order given");
    is_str(SSL_get_cipher_list(fresh, 4), "ECDHE-ECDSA-AES256-GCM-SHA384", "to its end");
    is_int(sk_SSL_CIPHER_num(SSL_CTX_get_ciphers(ctx)), 4, "the context's is not changed");

    ERR_clear_error();
    is_int(SSL_CTX_set_cipher_list(ctx, "NONSENSE"), 0, "no known suite");
    is_int(first_reason(), SSL_R_NO_CIPHER_MATCH, "its reason");
    is_int(SSL_set_cipher_list(fresh, "NONSENSE"), 0, "no known suite on an SSL");
    is_int(first_reason(), SSL_R_NO_CIPHER_MATCH, "its reason");
    is_int(SSL_CTX_set_cipher_list(ctx, "NONSENSE:ECDHE-RSA-AES256-GCM-SHA384"), 1,
           "an unknown one beside a known one");
    is_int(SSL_CTX_set_cipher_list(ctx, "TLS_AES_128_GCM_SHA256"), 0,
           "a TLS 1.3 suite is none for the list");
    is_int(first_reason(), SSL_R_NO_CIPHER_MATCH, "its reason");
    is_int(SSL_CTX_set_cipher_list(ctx, ""), 0, "the empty list");
    is_int(first_reason(), SSL_R_NO_CIPHER_MATCH, "its reason");
    is_int(SSL_CTX_set_cipher_list(ctx, "@NONSENSE"), 0, "an unknown command");
    is_int(first_reason(), SSL_R_INVALID_COMMAND, "its reason");

    is_int(SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256"), 1, "one TLS 1.3 suite");
    SSL_free(fresh);
    is_int(SSL_CTX_set_cipher_list(ctx, "ECDHE-RSA-AES128-GCM-SHA256"), 1, "one of TLS 1.2");
    fresh = SSL_new(ctx);
    is_str(SSL_get_cipher_list(fresh, 0), "TLS_AES_128_GCM_SHA256", "are these");
    is_str(SSL_get_cipher_list(fresh, 1), "ECDHE-RSA-AES128-GCM-SHA256", "two");
    is_str(SSL_get_cipher_list(fresh, 2), NULL, "only");
    is_int(SSL_set_ciphersuites(fresh, ""), 1, "no TLS 1.3 suite");
    is_str(SSL_get_cipher_list(fresh, 0), "ECDHE-RSA-AES128-GCM-SHA256", "leaves TLS 1.2's");
    is_int(SSL_CTX_set_ciphersuites(ctx, "NONSENSE"), 0, "unknown TLS 1.3 suites");
    is_int(first_reason(), SSL_R_NO_CIPHER_MATCH, "its reason");
    SSL_free(fresh);
    (void)ssl;
}

static void test_alpn(SSL_CTX *ctx, SSL *ssl)
{
    const unsigned char *name = (const unsigned char *)"?";
    unsigned int len = 1;
    static const struct {
        const char *text, *bytes;
        unsigned int len;
        int result;
    } lists[] = {
        { "two protocols", "\2h2\10http/1.1", 12, 0 },
        { "the last one cut short", "\2h2\10http/1.", 11, 1 },
        { "an empty name", "\0\2h2", 4, 1 },
        { "no length", "h2", 2, 1 },
        { "a name too short for its length", "\1", 1, 1 },
        { "one letter", "\1x", 2, 0 },
        { "nothing at all", "", 0, 0 },
    };
    size_t i;

    ERR_clear_error();
    for (i = 0; i < sizeof lists / sizeof *lists; i++) {
        const unsigned char *bytes = (const unsigned char *)lists[i].bytes;

        is_int(SSL_CTX_set_alpn_protos(ctx, bytes, lists[i].len), lists[i].result,
               "SSL_CTX_set_alpn_protos: %s", lists[i].text);
        is_int(SSL_set_alpn_protos(ssl, bytes, lists[i].len), lists[i].result,
               "SSL_set_alpn_protos: %s", lists[i].text);
    }
    is_int(SSL_CTX_set_alpn_protos(ctx, NULL, 5), 0, "NULL removes the list");
    is_int(ERR_peek_error(), 0, "none leaves an error");
    SSL_get0_alpn_selected(ssl, &name, &len);
    ok(name == NULL, "nothing selected");
    is_int(len, 0, "of length 0");
}

static void test_groups(SSL_CTX *ctx, SSL *ssl)
{
    static const struct {
        const char *list;
        int result;
    } lists[] = {
        { "X25519:P-256", 1 }, { "P-256:P-384", 1 }, { "prime256v1", 1 }, { "P-521", 1 },
        { "NONSENSE", 0 }, { "P-256:NONSENSE", 0 }, { "P-256:P-256", 0 }, { "", 0 },
        { "P-256::P-384", 0 },
    };
    int nids[] = { NID_X9_62_prime256v1, NID_X25519 };
    int bad[] = { NID_sha256 };
    size_t i;

    for (i = 0; i < sizeof lists / sizeof *lists; i++) {
        is_int(SSL_CTX_set1_groups_list(ctx, lists[i].list), lists[i].result,
               "SSL_CTX_set1_groups_list \"%s\"", lists[i].list);
        is_int(SSL_set1_groups_list(ssl, lists[i].list), lists[i].result,
               "SSL_set1_groups_list \"%s\"", lists[i].list);
    }
    is_int(SSL_CTX_set1_groups(ctx, nids, 2), 1, "SSL_CTX_set1_groups");
    is_int(SSL_CTX_set1_groups(ctx, bad, 1), 0, "a nid that is no group");
    ERR_clear_error();
    is_int(SSL_CTX_set1_groups(ctx, nids, 0), 0, "no groups");
    is_int(first_reason(), SSL_R_BAD_LENGTH, "its reason");
    is_int(SSL_set1_groups(ssl, nids, 2), 1, "SSL_set1_groups");
    is_int(SSL_get1_groups(ssl, NULL), 0, "no session, no peer's groups");
    ERR_clear_error();
}

static void test_sigalgs(SSL_CTX *ctx, SSL *ssl)
{
    static const struct {
        const char *list;
        int result;
    } lists[] = {
        { "ECDSA+SHA256:RSA-PSS+SHA256", 1 }, { "ecdsa_secp256r1_sha256", 1 },
        { "rsa_pss_rsae_sha256:ed25519", 1 }, { "RSA+SHA512", 1 }, { "NONSENSE", 0 },
        { "RSA+NONSENSE", 0 }, { "NONSENSE+SHA256", 0 }, { "", 0 },
        { "ECDSA+SHA256:NONSENSE", 0 }, { "ECDSA+SHA256:ECDSA+SHA256", 0 },
    };
    int pairs[] = { NID_sha256, EVP_PKEY_EC, NID_sha384, EVP_PKEY_RSA };
    int bad[] = { NID_sha256, NID_commonName };
    size_t i;

    for (i = 0; i < sizeof lists / sizeof *lists; i++) {
        is_int(SSL_CTX_set1_sigalgs_list(ctx, lists[i].list), lists[i].result,
               "SSL_CTX_set1_sigalgs_list \"%s\"", lists[i].list);
        is_int(SSL_set1_sigalgs_list(ssl, lists[i].list), lists[i].result,
               "SSL_set1_sigalgs_list \"%s\"", lists[i].list);
        is_int(SSL_CTX_set1_client_sigalgs_list(ctx, lists[i].list), lists[i].result,
               "SSL_CTX_set1_client_sigalgs_list \"%s\"", lists[i].list);
        is_int(SSL_set1_client_sigalgs_list(ssl, lists[i].list), lists[i].result,
               "SSL_set1_client_sigalgs_list \"%s\"", lists[i].list);
    }
    is_int(SSL_CTX_set1_sigalgs(ctx, pairs, 4), 1, "SSL_CTX_set1_sigalgs");
    is_int(SSL_CTX_set1_sigalgs(ctx, pairs, 3), 0, "an odd number");
    is_int(SSL_CTX_set1_sigalgs(ctx, bad, 2), 0, "no such algorithm");
    is_int(SSL_set1_client_sigalgs(ssl, pairs, 4), 1, "SSL_set1_client_sigalgs");
    ERR_clear_error();
}

static int password(char *buf, int size, int rw, void *data)
{
    (void)buf, (void)size, (void)rw, (void)data;
    return 0;
}

static void info(const SSL *ssl, int where, int ret)
{
    (void)ssl, (void)where, (void)ret;
}

static void test_callbacks(SSL_CTX *ctx, SSL *ssl)
{
    ok(SSL_CTX_get_default_passwd_cb(ctx) == NULL, "no password callback");
    SSL_CTX_set_default_passwd_cb(ctx, password);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, ctx);
    ok(SSL_CTX_get_default_passwd_cb(ctx) == password, "password callback set");
    is_ptr(SSL_CTX_get_default_passwd_cb_userdata(ctx), ctx, "its argument");
    ok(SSL_get_default_passwd_cb(ssl) == NULL, "an SSL's");
    SSL_set_default_passwd_cb(ssl, password);
    SSL_set_default_passwd_cb_userdata(ssl, ssl);
    ok(SSL_get_default_passwd_cb(ssl) == password, "an SSL's set");
    is_ptr(SSL_get_default_passwd_cb_userdata(ssl), ssl, "its argument");
    ok(SSL_CTX_get_info_callback(ctx) == NULL, "no info callback");
    SSL_CTX_set_info_callback(ctx, info);
    ok(SSL_CTX_get_info_callback(ctx) == info, "info callback set");
    ok(SSL_get_info_callback(ssl) == NULL, "an SSL's");
    SSL_set_info_callback(ssl, info);
    ok(SSL_get_info_callback(ssl) == info, "an SSL's set");
    ok(SSL_CTX_sess_get_new_cb(ctx) == NULL, "no new-session callback");
    ok(SSL_CTX_sess_get_remove_cb(ctx) == NULL, "no remove callback");
    ok(SSL_CTX_sess_get_get_cb(ctx) == NULL, "no get callback");
    ok(SSL_CTX_get_client_cert_cb(ctx) == NULL, "no client certificate callback");
    ok(SSL_CTX_get_keylog_callback(ctx) == NULL, "no key log callback");
}

/* What an SSL that has done nothing says about its connection. */
static void test_unconnected(SSL *ssl)
{
    is_str(SSL_get_cipher(ssl), "(NONE)", "SSL_get_cipher");
    ok(SSL_get_current_cipher(ssl) == NULL, "SSL_get_current_cipher");
    ok(SSL_get_pending_cipher(ssl) == NULL, "SSL_get_pending_cipher");
    ok(SSL_get_peer_cert_chain(ssl) == NULL, "SSL_get_peer_cert_chain");
    ok(SSL_get0_peer_certificate(ssl) == NULL, "SSL_get0_peer_certificate");
    ok(SSL_get1_peer_certificate(ssl) == NULL, "SSL_get1_peer_certificate");
    ok(SSL_get0_verified_chain(ssl) == NULL, "SSL_get0_verified_chain");
    ok(SSL_get_certificate(ssl) == NULL, "SSL_get_certificate");
    ok(SSL_get_privatekey(ssl) == NULL, "SSL_get_privatekey");
    ok(SSL_get_rbio(ssl) == NULL, "SSL_get_rbio");
    ok(SSL_get_wbio(ssl) == NULL, "SSL_get_wbio");
    is_int(SSL_get_fd(ssl), -1, "SSL_get_fd");
    is_int(SSL_pending(ssl), 0, "SSL_pending");
    is_int(SSL_has_pending(ssl), 0, "SSL_has_pending");
    is_int(SSL_want(ssl), SSL_NOTHING, "SSL_want");
    is_int(SSL_get_shutdown(ssl), 0, "SSL_get_shutdown");
    is_int(SSL_in_init(ssl), 1, "SSL_in_init");
    is_int(SSL_in_before(ssl), 1, "SSL_in_before");
    is_int(SSL_is_init_finished(ssl), 0, "SSL_is_init_finished");
    is_int(SSL_get_state(ssl), TLS_ST_BEFORE, "SSL_get_state");
    is_str(SSL_state_string_long(ssl), "before SSL initialization", "SSL_state_string_long");
    is_str(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name), NULL, "SSL_get_servername");
    is_str(SSL_get_version(ssl), "TLSv1.3", "SSL_get_version");
}

int main(void)
{
    static void (*const tests[])(SSL_CTX *, SSL *) = {
        test_options, test_mode, test_versions, test_sizes, test_sessions, test_verify,
        test_ciphers, test_alpn, test_groups, test_sigalgs, test_callbacks,
    };
    SSL_CTX *ctx;
    SSL *ssl;
    size_t i;

    for (i = 0; i < sizeof tests / sizeof *tests; i++) {
        ctx = SSL_CTX_new(TLS_method());
        ssl = SSL_new(ctx);
        ERR_clear_error();
        tests[i](ctx, ssl);
        ERR_clear_error();
        SSL_free(ssl);
        SSL_CTX_free(ctx);
    }
    ctx = SSL_CTX_new(TLS_method());
    ssl = SSL_new(ctx);
    test_unconnected(ssl);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    return done();
}
