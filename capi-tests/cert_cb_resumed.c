/* A server that gets its certificates from its callback alone, which is not asked in a resumption:
 * sessions offered under other circumstances than they were made in, so that some are resumed and some
 * are not. Whichever it is, the handshake ends well, and the callback ran when there was a need. */
#include "certs.h"
#include "pipe.h"

static tls_id ca, leaf, rsa, client;
static int calls;
static SSL_SESSION *kept;

/* How one handshake is. */
struct way {
    const char *name;
    const char *ciphers, *suites, *groups, *host;
    unsigned long client_options, server_options;
    int auth;
};

static const struct way ways[] = {
    { "usual" },
    { "other suites", "ECDHE+CHACHA20:ECDHE+AES128", "TLS_CHACHA20_POLY1305_SHA256" },
    { "SHA-384", "ECDHE+AES256", "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256" },
    { "RSA", "aRSA+AESGCM+ECDHE" },
    { "another group", NULL, NULL, "P-384:P-256" },
    { "a group to be asked for", NULL, NULL, "X25519:P-256" },
    { "by name", .host = "one.example" },
    { "by another name", .host = "two.example" },
    { "an odd name", .host = "-bad name-" },
    { "server's order", .server_options = SSL_OP_CIPHER_SERVER_PREFERENCE },
    { "ChaCha first", .ciphers = "ECDHE+CHACHA20:ECDHE+AES128", .suites = "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",
      .server_options = SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA },
    { "authenticated", .auth = 1 },
    { "authenticated by name", .host = "one.example", .auth = 1 },
    { "no tickets", .client_options = SSL_OP_NO_TICKET },
};
enum { WAYS = sizeof ways / sizeof *ways };

static int on_cert(SSL *ssl, void *arg)
{
    calls++;
    return SSL_use_certificate(ssl, leaf.cert) && SSL_use_PrivateKey(ssl, leaf.key)
           && SSL_use_certificate(ssl, rsa.cert) && SSL_use_PrivateKey(ssl, rsa.key);
}

static int on_session(SSL *ssl, SSL_SESSION *session)
{
    SSL_SESSION_free(kept);
    kept = session;
    return 1;
}

/* One handshake; whether it resumed. */
static int shake(world *w, int v, const struct way *way, const char *what)
{
    duo *d = duo_new(w, v);
    int resumed;
    char byte;

    calls = 0;
    if (way->ciphers != NULL)
        SSL_set_cipher_list(d->c, way->ciphers);
    if (way->suites != NULL)
        SSL_set_ciphersuites(d->c, way->suites);
    SSL_set1_groups_list(d->c, way->groups ? way->groups : "P-256");
    if (way->host != NULL)
        SSL_set_tlsext_host_name(d->c, way->host);
    SSL_set_options(d->c, way->client_options);
    SSL_set_options(d->s, way->server_options);
    if (way->auth) {
        SSL_set_verify(d->s, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        SSL_use_certificate(d->c, client.cert);
        SSL_use_PrivateKey(d->c, client.key);
    }
    if (kept != NULL)
        SSL_set_session(d->c, kept);
    duo_handshake(d);
    /* The handshake ends when the session's suite is not offered any more, with TLS 1.2. */
    if (v == TLS1_2_VERSION && d->out.server.reason == SSL_R_REQUIRED_CIPHER_MISSING) {
        duo_free(d);
        return -1;
    }
    ok(d->out.client.done == 1 && d->out.server.done == 1, "%s: connects (%s|%s)", what, d->out.client.errors,
       d->out.server.errors);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    resumed = SSL_session_reused(d->s);
    ok(tls_echo(d->c, d->s), "%s: data passes", what);
    /* Ours asks when the client has to send another hello first. */
    ok(resumed ? calls <= (on_ferrossl() && v == TLS1_3_VERSION && way->groups && way->groups[0] == 'X') : calls >= 1, "%s: %sresumed, asked %d times", what, resumed ? "" : "not ", calls);
    if (way->auth && !resumed)
        ok(SSL_get0_peer_certificate(d->s) != NULL, "%s: knows the client", what);
    SSL_set_shutdown(d->c, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_set_shutdown(d->s, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    duo_free(d);
    return resumed;
}

static void run(int v, unsigned long options)
{
    int i, k, resumed = 0, plain = 0;

    for (i = 0; i < WAYS; i += under_valgrind() ? 5 : 1) {
        for (k = options ? i % 3 : 0; k < WAYS; k += options ? 3 : 1) {
            world w = { .cctx = tls_client_ctx(&ca), .sctx = tls_server_ctx(NULL) };
            char what[120];

            SSL_CTX_set_cert_cb(w.sctx, on_cert, NULL);
            X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), ca.cert);
            SSL_CTX_set1_groups_list(w.sctx, "P-256:P-384");
            SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"x", 1);
            SSL_CTX_set_options(w.sctx, options);
            SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_CLIENT);
            SSL_CTX_sess_set_new_cb(w.cctx, on_session);
            kept = NULL;
            snprintf(what, sizeof what, "%s %s then %s%s", version_name(v), ways[i].name, ways[k].name,
                     options ? " without tickets" : "");
            shake(&w, v, &ways[i], what);
            if (kept != NULL) {
                int how = shake(&w, v, &ways[k], what);

                resumed += how == 1;
                plain += how == 0;
            }
            SSL_SESSION_free(kept);
            SSL_CTX_free(w.cctx);
            SSL_CTX_free(w.sctx);
        }
    }
    ok(resumed > plain, "%s: %d resumed, %d not", version_name(v), resumed, plain);
}

int main(void)
{
    ca = tls_ca("P-256", "Test CA");
    leaf = tls_leaf(&ca, "P-256", "localhost", NULL);
    rsa = tls_leaf(&ca, "RSA", "localhost", NULL);
    client = tls_client_leaf(&ca, "P-256", "client");
    FOR_VERSIONS(v) {
        run(v, 0);
        run(v, SSL_OP_NO_TICKET);
    }
    tls_id_free(&ca);
    tls_id_free(&leaf);
    tls_id_free(&rsa);
    tls_id_free(&client);
    return done();
}
