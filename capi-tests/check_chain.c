/* SSL_check_chain(3): every CERT_PKEY_* flag, before the handshake and in the certificate
 * callbacks of both sides, with and without SSL_CERT_FLAG_TLS_STRICT and Suite B; and what strict
 * mode (SSL_set_cert_flags) makes of certificates that do not suit. */
#include "pipe.h"

enum { KEYS = 8 };
static const char *const types[KEYS] = { "RSA", "RSA-PSS", "P-256", "P-384", "P-521", "ED25519", "P-256", "P-256" };
static const char *const names[KEYS] = { "RSA", "RSA-PSS", "P-256", "P-384", "P-521", "ED25519", "by RSA", "by P-384" };
static tls_id ca[3]; /* of P-256, RSA, P-384 */
static tls_id leaf[KEYS], own;
static STACK_OF(X509) *chain[3];

static const tls_id *issuer(int i)
{
    return &ca[i == 6 ? 1 : i == 7 ? 2 : 0];
}

static STACK_OF(X509) *chain_of(int i)
{
    return chain[i == 6 ? 1 : i == 7 ? 2 : 0];
}

static void check_all(SSL *ssl, const char *where)
{
    int i;

    for (i = 0; i < KEYS; i++)
        same("%s, %s: %x, with its chain %x, with another %x", where, names[i],
             SSL_check_chain(ssl, leaf[i].cert, leaf[i].key, NULL),
             SSL_check_chain(ssl, leaf[i].cert, leaf[i].key, chain_of(i)),
             SSL_check_chain(ssl, leaf[i].cert, leaf[i].key, chain[1]));
    same("%s: nothing %x %x %x", where, SSL_check_chain(ssl, NULL, NULL, NULL),
         SSL_check_chain(ssl, leaf[0].cert, NULL, NULL), SSL_check_chain(ssl, NULL, leaf[0].key, NULL));
}

static char where[160];
static int calls;

static int on_cert(SSL *ssl, void *arg)
{
    char text[200];

    calls++;
    snprintf(text, sizeof text, "%s, %s", where, SSL_is_server(ssl) ? "server" : "client");
    check_all(ssl, text);
    if (!SSL_is_server(ssl)) {
        SSL_use_certificate(ssl, own.cert);
        SSL_use_PrivateKey(ssl, own.key);
    }
    return 1;
}

static SSL_CTX *server_ctx(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    int i;

    for (i = 0; i < 3; i++)
        X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca[i].cert);
    return ctx;
}

static void run(int v, unsigned flags, const char *sigalgs, const char *cert_types, const char *groups, int ca_name)
{
    world w = { .cctx = server_ctx(), .sctx = server_ctx() };
    duo *d;
    int i;

    snprintf(where, sizeof where, "%s, flags %x, sigalgs %s, types %s, groups %s, ca %d", version_name(v), flags,
             sigalgs ? sigalgs : "-", cert_types ? "some" : "-", groups ? groups : "-", ca_name);
    for (i = 2; i >= 0; i -= 2) {
        SSL_CTX_use_certificate(w.sctx, leaf[i].cert);
        SSL_CTX_use_PrivateKey(w.sctx, leaf[i].key);
    }
    SSL_CTX_set_cert_cb(w.cctx, on_cert, NULL);
    SSL_CTX_set_cert_cb(w.sctx, on_cert, NULL);
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    if (ca_name)
        SSL_CTX_add_client_CA(w.sctx, ca[ca_name - 1].cert);
    if (sigalgs != NULL) {
        SSL_CTX_set1_sigalgs_list(w.cctx, sigalgs);
        SSL_CTX_set1_client_sigalgs_list(w.sctx, sigalgs);
    }
    if (cert_types != NULL)
        SSL_CTX_set1_client_certificate_types(w.sctx, (const unsigned char *)cert_types, strlen(cert_types));
    if (groups != NULL)
        SSL_CTX_set1_groups_list(w.cctx, groups);
    SSL_CTX_set_cert_flags(w.sctx, flags);
    SSL_CTX_set_cert_flags(w.cctx, flags);
    d = duo_new(&w, v);
    calls = 0;
    duo_handshake(d);
    same("%s: %d %d, calls %d, client %d, server's certificate %d, client's %d", where, d->out.client.done,
         d->out.server.done, calls, d->out.client.reason,
         SSL_get0_peer_certificate(d->c) && !X509_cmp(SSL_get0_peer_certificate(d->c), leaf[2].cert),
         SSL_get0_peer_certificate(d->s) != NULL);
    duo_free(d);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
}

static void test_before(void)
{
    static const unsigned flags[] = { 0, SSL_CERT_FLAG_TLS_STRICT, SSL_CERT_FLAG_SUITEB_128_LOS,
                                      SSL_CERT_FLAG_SUITEB_192_LOS };
    size_t i;
    int side;

    for (i = 0; i < sizeof flags / sizeof *flags; i++)
        for (side = 0; side < 2; side++) {
            SSL_CTX *ctx = SSL_CTX_new(TLS_method());
            SSL *ssl;
            char text[80];

            is_int(SSL_CTX_set_cert_flags(ctx, flags[i]), flags[i], "SSL_CTX_set_cert_flags");
            ssl = SSL_new(ctx);
            is_int(SSL_set_cert_flags(ssl, 0), flags[i], "inherited");
            if (side)
                SSL_set_accept_state(ssl);
            else
                SSL_set_connect_state(ssl);
            snprintf(text, sizeof text, "fresh %s, flags %x", side ? "server" : "client", flags[i]);
            check_all(ssl, text);
            is_int(SSL_clear_cert_flags(ssl, flags[i]), 0, "SSL_clear_cert_flags");
            SSL_free(ssl);
            SSL_CTX_free(ctx);
        }
}

int main(void)
{
    int i;

    ca[0] = tls_ca("P-256", "ca of P-256");
    ca[1] = tls_ca("RSA", "ca of RSA");
    ca[2] = tls_ca("P-384", "ca of P-384");
    for (i = 0; i < KEYS; i++)
        leaf[i] = tls_leaf(issuer(i), types[i], "localhost", "DNS:localhost");
    own = tls_cert(&ca[0], "P-256", "client", NULL, "clientAuth", 0, -3600, 86400);
    for (i = 0; i < 3; i++) {
        chain[i] = sk_X509_new_null();
        sk_X509_push(chain[i], ca[i].cert);
    }
    test_before();
    FOR_VERSIONS(v) {
        run(v, 0, NULL, NULL, NULL, 0);
        run(v, SSL_CERT_FLAG_TLS_STRICT, NULL, NULL, NULL, 0);
        run(v, SSL_CERT_FLAG_TLS_STRICT, "ECDSA+SHA256", NULL, NULL, 0);
        run(v, SSL_CERT_FLAG_TLS_STRICT, "ECDSA+SHA384:RSA-PSS+SHA256:RSA+SHA256", NULL, NULL, 0);
        run(v, 0, "ECDSA+SHA384:RSA-PSS+SHA256:RSA+SHA256", NULL, NULL, 0);
        run(v, SSL_CERT_FLAG_TLS_STRICT, NULL, "\1", NULL, 1);
        run(v, SSL_CERT_FLAG_TLS_STRICT, NULL, "\100", NULL, 2);
        run(v, 0, NULL, "\1", NULL, 2);
        run(v, SSL_CERT_FLAG_TLS_STRICT, NULL, NULL, "P-384:P-256", 0);
        run(v, SSL_CERT_FLAG_TLS_STRICT, NULL, NULL, "X25519:P-384", 0);
    }
    for (i = 0; i < 3; i++) {
        sk_X509_free(chain[i]);
        tls_id_free(&ca[i]);
    }
    for (i = 0; i < KEYS; i++)
        tls_id_free(&leaf[i]);
    tls_id_free(&own);
    return done();
}
