/* SSL_new(3): callbacks and settings without a getter that an SSL has from its context, seen by
 * what they do; that the SSL's own are its own; and SSL_alloc_buffers(3). */
#include "certs.h"

static tls_id ca, leaf;
static int by_ctx, by_ssl;

static int ctx_not_resumable(SSL *ssl, int forward_secret)
{
    (void)ssl, (void)forward_secret;
    by_ctx++;
    return 1;
}

static int ssl_not_resumable(SSL *ssl, int forward_secret)
{
    (void)ssl, (void)forward_secret;
    by_ssl++;
    return 0;
}

/* A TLS 1.2 connection of `server`, which it frees: whether its session can be resumed. */
static int connect_with(SSL *server)
{
    SSL_CTX *cctx = tls_client_ctx(&ca);
    SSL *client = SSL_new(cctx);
    int resumable;

    fix_version(cctx, TLS1_2_VERSION);
    SSL_free(client);
    client = SSL_new(cctx);
    by_ctx = by_ssl = 0;
    tls_join(client, server, TLS_PAIR);
    TLS_MUST(tls_handshake(client, server, NULL));
    resumable = SSL_SESSION_is_resumable(SSL_get_session(client));
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(cctx);
    return resumable;
}

static void test_not_resumable(void)
{
    SSL_CTX *ctx = tls_server_ctx(&leaf);
    SSL *ssl, *old = SSL_new(ctx);

    SSL_CTX_set_not_resumable_session_callback(ctx, ctx_not_resumable);
    is_int(connect_with(SSL_new(ctx)), 0, "the context's callback forbids");
    ok(by_ctx > 0, "it was called");
    ssl = SSL_new(ctx);
    SSL_set_not_resumable_session_callback(ssl, ssl_not_resumable);
    is_int(connect_with(ssl), 1, "the SSL's own allows");
    ok(by_ssl > 0 && by_ctx == 0, "it was called instead");
    is_int(connect_with(SSL_new(ctx)), 0, "another SSL has the context's");
    is_int(connect_with(old), 1, "one made before has none");
    is_int(by_ctx, 0, "which is not called");
    SSL_CTX_free(ctx);
}

static void test_certificate_types(void)
{
    static const unsigned char types[] = { 64, 1 };
    SSL_CTX *ctx = tls_server_ctx(&leaf);

    is_int((long)SSL_CTX_set1_client_certificate_types(ctx, types, sizeof types), 1,
           "SSL_CTX_set1_client_certificate_types");
    SSL_CTX_free(ctx);
}

static void test_buffers(void)
{
    SSL_CTX *sctx = tls_server_ctx(&leaf), *cctx = tls_client_ctx(&ca);
    SSL *c = SSL_new(cctx), *s = SSL_new(sctx);

    is_int(SSL_alloc_buffers(c), 1, "SSL_alloc_buffers before a handshake");
    is_int(SSL_free_buffers(c), 1, "SSL_free_buffers");
    is_int(SSL_free_buffers(c), 1, "again");
    is_int(SSL_alloc_buffers(c), 1, "and allocated again");
    tls_join(c, s, TLS_PAIR);
    TLS_MUST(tls_handshake(c, s, NULL) && tls_echo(c, s));
    is_int(SSL_free_buffers(c), 1, "nothing is in them when all was read");
    is_int(SSL_alloc_buffers(c), 1, "and they come back");
    ok(tls_echo(c, s), "data passes");
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

int main(void)
{
    ca = tls_ca("P-256", "calls CA");
    leaf = tls_leaf(&ca, "P-256", "server", "DNS:localhost");
    test_not_resumable();
    test_certificate_types();
    test_buffers();
    tls_id_free(&leaf);
    tls_id_free(&ca);
    return done();
}
