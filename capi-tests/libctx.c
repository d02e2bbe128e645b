/* SSL_CTX_new_ex(3): a context whose algorithms all come from its own library context, in a
 * process whose default one offers none, as the fallback for a FIPS-only program is set up. */
#include "certs.h"

#include <openssl/provider.h>

static OSSL_LIB_CTX *lib;
static char *server_pem, *client_pem, *ca_pem;

/* Certificates made with the library's context as the thread's default, and kept as PEM: an
 * X509 that was made without a context of its own would verify with the empty one. */
static void make_files(void)
{
    OSSL_LIB_CTX *before = OSSL_LIB_CTX_set0_default(lib);
    tls_id ca = tls_ca("P-256", "libctx CA");
    tls_id server = tls_leaf(&ca, "RSA", "server", "DNS:localhost");
    tls_id client = tls_client_leaf(&ca, "P-256", "client");

    server_pem = tls_pem_file(server.cert, server.key);
    client_pem = tls_pem_file(client.cert, client.key);
    ca_pem = tls_pem_file(ca.cert, NULL);
    tls_id_free(&ca);
    tls_id_free(&server);
    tls_id_free(&client);
    OSSL_LIB_CTX_set0_default(before);
}

static SSL_CTX *ctx_of(const char *pem)
{
    SSL_CTX *ctx = SSL_CTX_new_ex(lib, NULL, TLS_method());

    TLS_MUST(ctx != NULL);
    TLS_MUST(SSL_CTX_use_certificate_chain_file(ctx, pem) == 1);
    TLS_MUST(SSL_CTX_use_PrivateKey_file(ctx, pem, SSL_FILETYPE_PEM) == 1);
    TLS_MUST(SSL_CTX_load_verify_file(ctx, ca_pem) == 1);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    TLS_MUST(SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"libctx", 6));
    return ctx;
}

/* The session of one connection; NULL when it failed. */
static SSL_SESSION *connect_once(SSL_CTX *cctx, SSL_CTX *sctx, SSL_SESSION *offered,
                                 const char *name, int *reused)
{
    SSL *client = SSL_new(cctx), *server = SSL_new(sctx);
    SSL_SESSION *session = NULL;
    tls_outcome out;

    tls_join(client, server, TLS_PAIR);
    if (offered != NULL)
        TLS_MUST(SSL_set_session(client, offered));
    ok(tls_handshake(client, server, &out), "%s: handshake (%s%s)", name, out.client.errors,
       out.server.errors);
    ok(tls_echo(client, server), "%s: data", name);
    ok(ERR_peek_error() == 0, "%s: no error is left (%s)", name, tls_errors());
    *reused = SSL_session_reused(client);
    session = SSL_get1_session(client);
    SSL_shutdown(client);
    SSL_shutdown(server);
    SSL_free(client);
    SSL_free(server);
    return session;
}

static void test_version(int version, long options, const char *name)
{
    SSL_CTX *cctx = ctx_of(client_pem), *sctx = ctx_of(server_pem);
    SSL_SESSION *first, *second;
    unsigned int len;
    int reused;

    fix_version(cctx, version);
    SSL_CTX_set_options(sctx, (uint64_t)options);
    first = connect_once(cctx, sctx, NULL, name, &reused);
    is_int(reused, 0, "%s: a full handshake first", name);
    ok(SSL_SESSION_is_resumable(first), "%s: its session can be resumed", name);
    SSL_SESSION_get_id(first, &len);
    is_int(len, 32, "%s: the session has an id", name);
    second = connect_once(cctx, sctx, first, name, &reused);
    is_int(reused, 1, "%s: the session is resumed", name);
    SSL_SESSION_free(first);
    SSL_SESSION_free(second);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

/* Suites whose ciphers are libcrypto's, with records long enough for them; resumed, too. */
static void test_suite(const char *name)
{
    SSL_CTX *cctx = ctx_of(client_pem), *sctx = ctx_of(server_pem);
    SSL_SESSION *first, *second;
    int reused;
    static unsigned char data[40000];
    SSL *c, *s;
    tls_outcome out;

    SSL_CTX_set_security_level(cctx, 0);
    SSL_CTX_set_security_level(sctx, 0);
    TLS_MUST(SSL_CTX_set_ciphersuites(cctx, name) && SSL_CTX_set_ciphersuites(sctx, name));
    fix_version(cctx, TLS1_3_VERSION);
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    tls_join(c, s, TLS_PAIR);
    ok(tls_handshake(c, s, &out), "%s: connects (%s%s)", name, out.client.errors,
       out.server.errors);
    is_str(SSL_get_cipher(c), name, "%s: is the suite", name);
    ok(tls_transfer(c, s, data, sizeof data) && tls_transfer(s, c, data, sizeof data), "%s: data",
       name);
    SSL_free(c);
    SSL_free(s);
    first = connect_once(cctx, sctx, NULL, name, &reused);
    second = connect_once(cctx, sctx, first, name, &reused);
    is_int(reused, 1, "%s: resumed", name);
    SSL_SESSION_free(first);
    SSL_SESSION_free(second);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

int main(void)
{
    OSSL_PROVIDER *null = OSSL_PROVIDER_load(NULL, "null"), *provider;

    lib = OSSL_LIB_CTX_new();
    provider = OSSL_PROVIDER_load(lib, "default");
    TLS_MUST(null != NULL && lib != NULL && provider != NULL);
    ok(EVP_MD_fetch(NULL, "SHA256", NULL) == NULL, "the default context has no digest");
    ERR_clear_error();
    make_files();
    test_version(TLS1_2_VERSION, 0, "TLS 1.2, tickets");
    test_version(TLS1_2_VERSION, SSL_OP_NO_TICKET, "TLS 1.2, ids");
    test_version(TLS1_3_VERSION, 0, "TLS 1.3, stateless");
    test_version(TLS1_3_VERSION, SSL_OP_NO_TICKET, "TLS 1.3, stateful");
    test_suite("TLS_AES_128_CCM_SHA256");
    test_suite("TLS_AES_128_CCM_8_SHA256");
    test_suite("TLS_CHACHA20_POLY1305_SHA256");
    unlink(server_pem);
    unlink(client_pem);
    unlink(ca_pem);
    free(server_pem);
    free(client_pem);
    free(ca_pem);
    OSSL_PROVIDER_unload(provider);
    OSSL_PROVIDER_unload(null);
    OSSL_LIB_CTX_free(lib);
    return done();
}
