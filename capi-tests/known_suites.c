/* What a server knows of the client's suites, and when: in each of its callbacks and afterwards, in a
 * full handshake, a retried one and a resumed one. SSL_get_client_ciphers(3),
 * SSL_get_shared_ciphers(3), SSL_get_sigalgs(3), SSL_get_shared_sigalgs(3). */
#include "pipe.h"

static void tell(const char *when, SSL *ssl)
{
    char shared[256], *got = SSL_get_shared_ciphers(ssl, shared, sizeof shared);
    STACK_OF(SSL_CIPHER) *list = SSL_get_client_ciphers(ssl);
    unsigned char random[SSL3_RANDOM_SIZE] = { 0 }, none[SSL3_RANDOM_SIZE] = { 0 };
    const unsigned char *raw;

    SSL_get_client_random(ssl, random, sizeof random);
    same("%s: random %d, the hello's %zu", when, memcmp(random, none, sizeof none) != 0,
         SSL_client_hello_get0_random(ssl, &raw));
    same("%s: raw %ld", when, SSL_get0_raw_cipherlist(ssl, &raw));
    same("%s: client's %d, shared %s", when, list ? sk_SSL_CIPHER_num(list) : -1, got ? got : "NULL");
    same("%s: algorithms %d, shared %d", when, SSL_get_sigalgs(ssl, -1, NULL, NULL, NULL, NULL, NULL),
         SSL_get_shared_sigalgs(ssl, 0, NULL, NULL, NULL, NULL, NULL));
}

static int hellos;

static int on_hello(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    if (hellos++ == 0)
        tell("client_hello", ssl);
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int on_name(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    tell("name", ssl);
    return SSL_TLSEXT_ERR_OK;
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                   const unsigned char *in, unsigned int inlen, void *arg)
{
    (void)out, (void)outlen, (void)in, (void)inlen, (void)arg;
    tell("ALPN", ssl);
    return SSL_TLSEXT_ERR_NOACK;
}

static int on_cert(SSL *ssl, void *arg)
{
    (void)arg;
    tell("certificate", ssl);
    return 1;
}

static int on_resumable(SSL *ssl, int forward_secure)
{
    (void)forward_secure;
    tell("resumable", ssl);
    return 0;
}

static int on_status(SSL *ssl, void *arg)
{
    (void)arg;
    tell("status", ssl);
    return SSL_TLSEXT_ERR_NOACK;
}

static duo *dial(const world *w, int version, SSL_SESSION *session, const char *groups)
{
    duo *d = duo_new(w, version);
    char byte;

    hellos = 0;
    tell("before", d->s);
    SSL_set1_groups_list(d->c, groups);
    SSL_set_tlsext_status_type(d->c, TLSEXT_STATUSTYPE_ocsp);
    SSL_set_tlsext_host_name(d->c, "localhost");
    SSL_set_alpn_protos(d->c, (const unsigned char *)"\1x", 2);
    if (session != NULL)
        TLS_MUST(SSL_set_session(d->c, session) == 1);
    duo_handshake(d);
    ok(d->out.client.done == 1 && d->out.server.done == 1, "%s: connects", version_name(version));
    same("reused %d", SSL_session_reused(d->s));
    tell("after", d->s);
    tell("client", d->c);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    return d;
}

static void check(int version, long options, const char *groups)
{
    world w = world_make();
    SSL_SESSION *session;
    duo *d;

    same("-- %s, options %lx, groups %s", version_name(version), options, groups);
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"suite", 5);
    SSL_CTX_set_options(w.sctx, options);
    SSL_CTX_set1_groups_list(w.sctx, "P-256");
    SSL_CTX_set1_sigalgs_list(w.cctx, "ECDSA+SHA256:ECDSA+SHA384");
    SSL_CTX_set_cipher_list(w.cctx, "ECDHE+AESGCM");
    SSL_CTX_set_cipher_list(w.sctx, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256");
    SSL_CTX_set_client_hello_cb(w.sctx, on_hello, NULL);
    SSL_CTX_set_tlsext_servername_callback(w.sctx, on_name);
    SSL_CTX_set_alpn_select_cb(w.sctx, on_alpn, NULL);
    SSL_CTX_set_cert_cb(w.sctx, on_cert, NULL);
    SSL_CTX_set_not_resumable_session_callback(w.sctx, on_resumable);
    SSL_CTX_set_tlsext_status_cb(w.sctx, on_status);
    d = dial(&w, version, NULL, groups);
    session = duo_part(d);
    d = dial(&w, version, session, groups);
    SSL_SESSION_free(session);
    duo_free(d);
    world_free(&w);
}

int main(void)
{
    FOR_VERSIONS(version) {
        check(version, 0, "P-256");
        check(version, SSL_OP_NO_TICKET, "P-256");
        check(version, 0, "P-384:P-256");
    }
    return done();
}
