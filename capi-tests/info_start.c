/* SSL_CTX_set_info_callback(3) at the very start of a handshake: what a program that probes which
 * versions may be used sees, and whose callback it is. */
#include "tls.h"

static int seen[16], rets[16], n_seen;

static void on_info(const SSL *ssl, int where, int ret)
{
    (void)ssl;
    if (n_seen < 16) {
        seen[n_seen] = where;
        rets[n_seen++] = ret;
    }
}

static int other_calls;

static void on_other(const SSL *ssl, int where, int ret)
{
    (void)ssl;
    (void)where;
    (void)ret;
    other_calls++;
}

/* A client of one version over a descriptor that cannot be written. */
static SSL *probe(SSL_CTX **ctx, int version)
{
    SSL *ssl;

    *ctx = SSL_CTX_new(TLS_method());
    TLS_MUST(SSL_CTX_set_min_proto_version(*ctx, version)
             && SSL_CTX_set_max_proto_version(*ctx, version));
    ssl = SSL_new(*ctx);
    TLS_MUST(ssl != NULL && SSL_set_fd(ssl, -1) == 1);
    n_seen = 0;
    return ssl;
}

static void test_usable(int version, const char *name)
{
    SSL_CTX *ctx;
    SSL *ssl = probe(&ctx, version);

    /* The SSL was made before: it has no callback of its own, and the context's counts. */
    SSL_CTX_set_info_callback(ctx, on_info);
    is_int(SSL_connect(ssl), -1, "%s: nothing can be written", name);
    is_int(n_seen, 3, "%s: three calls", name);
    is_int(seen[0], SSL_CB_HANDSHAKE_START, "%s: the start", name);
    is_int(rets[0], 1, "%s: with 1", name);
    is_int(seen[1], SSL_CB_CONNECT_LOOP, "%s: a step", name);
    is_int(seen[2], SSL_CB_CONNECT_EXIT, "%s: the exit", name);
    is_int(rets[2], -1, "%s: with -1", name);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void test_unusable(void)
{
    SSL_CTX *ctx;
    SSL *ssl = probe(&ctx, TLS1_1_VERSION);

    SSL_set_security_level(ssl, 4);
    SSL_CTX_set_info_callback(ctx, on_info);
    ERR_clear_error();
    is_int(SSL_connect(ssl), -1, "TLS 1.1 is not to be had");
    is_int(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_PROTOCOLS_AVAILABLE, "as the queue says");
    is_int(seen[0], SSL_CB_HANDSHAKE_START, "the start");
    if (differs("unsent-alert", "Net::SSLeay's tests take only a start and an exit for a version that"
                " is not there, and OpenSSL has TLS 1.0 and 1.1: an alert that cannot be written"
                " is not told")) {
        is_int(n_seen, 2, "two calls");
    } else {
        is_int(n_seen, 3, "three calls");
        is_int(seen[1], SSL_CB_WRITE_ALERT, "an alert");
        is_int(rets[1], SSL3_AL_FATAL << 8 | SSL_AD_PROTOCOL_VERSION, "which");
    }
    is_int(seen[n_seen - 1], SSL_CB_CONNECT_EXIT, "the exit");
    is_int(rets[n_seen - 1], -1, "with -1");
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* An alert that went out is told. */
static void test_unusable_told(void)
{
    SSL_CTX *ctx;
    SSL *ssl = probe(&ctx, TLS1_1_VERSION);

    SSL_set_security_level(ssl, 4);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_CTX_set_info_callback(ctx, on_info);
    is_int(SSL_connect(ssl), -1, "TLS 1.1 is not to be had in memory either");
    is_int(n_seen, 3, "three calls");
    is_int(seen[1], SSL_CB_WRITE_ALERT, "an alert");
    is_int(rets[1], SSL3_AL_FATAL << 8 | SSL_AD_PROTOCOL_VERSION, "which");
    is_int(BIO_pending(SSL_get_wbio(ssl)), 7, "it was written");
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* Without a side nothing starts. */
static void test_no_side(void)
{
    SSL_CTX *ctx;
    SSL *ssl = probe(&ctx, TLS1_3_VERSION);

    SSL_CTX_set_info_callback(ctx, on_info);
    is_int(SSL_do_handshake(ssl), -1, "neither client nor server");
    is_int(n_seen, 0, "no call");
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void test_whose(void)
{
    SSL_CTX *ctx;
    SSL *ssl = probe(&ctx, TLS1_3_VERSION);

    SSL_set_info_callback(ssl, on_info);
    SSL_CTX_set_info_callback(ctx, on_other);
    SSL_connect(ssl);
    is_int(n_seen, 3, "the connection's callback is called");
    is_int(other_calls, 0, "and the context's is not");
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

int main(void)
{
    test_usable(TLS1_2_VERSION, "TLS 1.2");
    test_usable(TLS1_3_VERSION, "TLS 1.3");
    test_unusable();
    test_unusable_told();
    test_no_side();
    test_whose();
    return done();
}
