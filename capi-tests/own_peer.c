/* How long what a connection lends of its peer is there, and where it comes from: certificate and
 * chain are the session's, the verified chain the connection's. SSL_get_peer_certificate(3),
 * SSL_get_peer_cert_chain(3), SSL_get0_verified_chain(3), SSL_SESSION_get0_peer(3), SSL_clear(3),
 * SSL_set_session(3), X509_VERIFY_PARAM_get0_peername(3). */
#include "pipe.h"

static int accept_all(int ok, X509_STORE_CTX *store)
{
    (void)ok, (void)store;
    return 1;
}

/* What one connection shows. */
typedef struct {
    X509 *leaf;
    STACK_OF(X509) *chain, *verified;
    int n;
} shown;

static shown look(const SSL *ssl)
{
    shown s = { SSL_get0_peer_certificate(ssl), SSL_get_peer_cert_chain(ssl),
                SSL_get0_verified_chain(ssl), 0 };

    s.n = sk_X509_num(s.chain);
    return s;
}

/* `ssl` still shows what it did, at the same places. */
static void is_shown(const SSL *ssl, shown before, const char *when)
{
    shown now = look(ssl);

    ok(now.leaf == before.leaf, "%s: the certificate", when);
    ok(now.chain == before.chain, "%s: the chain", when);
    is_int(sk_X509_num(now.chain), before.n, "%s: as long as it was", when);
}

/* Both sides have certificates and send their authority, too. */
static void prepare(world *w)
{
    SSL_CTX_set_verify(w->sctx, SSL_VERIFY_PEER, accept_all);
    TLS_MUST(SSL_CTX_use_certificate(w->cctx, w->leaf.cert) == 1);
    TLS_MUST(SSL_CTX_use_PrivateKey(w->cctx, w->leaf.key) == 1);
    TLS_MUST(SSL_CTX_set_session_id_context(w->sctx, (const unsigned char *)"own", 3) == 1);
    TLS_MUST(X509_STORE_add_cert(SSL_CTX_get_cert_store(w->sctx), w->ca.cert) == 1);
    TLS_MUST(SSL_CTX_add0_chain_cert(w->sctx, X509_dup(w->ca.cert)) == 1);
    TLS_MUST(SSL_CTX_add0_chain_cert(w->cctx, X509_dup(w->ca.cert)) == 1);
}

static void part(duo *d)
{
    for (int i = 0; i < 2; i++) {
        SSL_shutdown(d->c);
        SSL_shutdown(d->s);
    }
}

static void test_cleared(const world *w, int version, int orderly)
{
    duo *d = duo_new(w, version);
    shown c, s;
    char byte;

    TLS_MUST(SSL_set1_host(d->c, "localhost") == 1);
    ok(duo_handshake(d), "%s: connects", version_name(version));
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    c = look(d->c);
    s = look(d->s);
    is_int(c.n, 2, "a server's chain has its certificate");
    is_int(s.n, 1, "a client's has not");
    ok(c.leaf == SSL_SESSION_get0_peer(SSL_get_session(d->c)), "the session has the server's");
    ok(s.leaf == SSL_SESSION_get0_peer(SSL_get_session(d->s)), "and the client's");
    is_str(SSL_get0_peername(d->c), "localhost", "the name that matched");
    if (orderly)
        part(d);
    is_int(SSL_clear(d->c), 1, "SSL_clear");
    is_int(SSL_clear(d->s), 1, "of both");
    is_str(SSL_get0_peername(d->c), NULL, "the name is forgotten");
    ok(look(d->c).verified == c.verified, "the chain that was verified is kept");
    is_int(sk_X509_num(c.verified), 2, "as it was");
    ok(look(d->s).verified == s.verified, "the client's, too");
    if (!orderly) {
        ok(SSL_get_session(d->c) == NULL, "what was cut off cannot be resumed");
        ok(look(d->c).leaf == NULL && look(d->c).chain == NULL, "and nothing is known of the peer");
        ok(look(d->s).leaf == NULL && look(d->s).chain == NULL, "on either side");
    } else {
        is_shown(d->c, c, "client cleared");
        is_shown(d->s, s, "server cleared");
        SSL_set_connect_state(d->c);
        SSL_set_accept_state(d->s);
        is_shown(d->c, c, "client about to begin");
        is_shown(d->s, s, "server about to begin");
        ok(duo_handshake(d), "they connect again");
        ok(SSL_session_reused(d->c), "with the session");
        is_shown(d->c, c, "client resumed");
        ok(look(d->c).verified == c.verified, "what was verified is what once was");
    }
    duo_free(d);
}

/* The session keeps what the connection had lent, and shows it on another. */
static void test_set(const world *w, int version)
{
    duo *d = duo_connected(w, version);
    SSL_SESSION *session = SSL_get1_session(d->c), *copy;
    shown c = look(d->c);
    SSL *other = SSL_new(w->cctx);

    duo_free(d);
    is_int(sk_X509_num(c.chain), 2, "the session keeps the chain");
    ok(sk_X509_value(c.chain, 0) == c.leaf, "and the certificate");
    ok(look(other).leaf == NULL, "another connection knows nothing");
    is_int(SSL_set_session(other, session), 1, "it is given the session");
    is_shown(other, c, "before a handshake");
    ok(look(other).verified == NULL, "but nothing was verified there");
    copy = SSL_SESSION_dup(session);
    is_int(SSL_set_session(other, copy), 1, "and a copy of it");
    SSL_SESSION_free(copy);
    ok(look(other).leaf == c.leaf, "which has the same certificate");
    is_int(sk_X509_num(look(other).chain), 2, "and chain");
    is_int(SSL_set_session(other, NULL), 1, "and none");
    ok(look(other).leaf == NULL && look(other).chain == NULL, "and knows nothing");
    SSL_free(other);
    SSL_SESSION_free(session);
}

/* A session of bytes has the certificate without the chain. */
static void test_read(const world *w, int version)
{
    duo *d = duo_connected(w, version);
    SSL_SESSION *session = duo_part(d), *read;
    unsigned char *der = NULL;
    int len = i2d_SSL_SESSION(session, &der);
    const unsigned char *at = der;
    SSL *ssl = SSL_new(w->cctx);

    read = d2i_SSL_SESSION(NULL, &at, len);
    TLS_MUST(read != NULL);
    is_int(SSL_set_session(ssl, read), 1, "%s: a session read is set", version_name(version));
    ok(look(ssl).leaf == SSL_SESSION_get0_peer(read) && look(ssl).leaf != NULL, "it has the peer");
    ok(look(ssl).chain == NULL, "but no chain");
    SSL_SESSION_free(read);
    ok(X509_cmp(look(ssl).leaf, w->leaf.cert) == 0, "which lives by the connection");
    SSL_free(ssl);
    SSL_SESSION_free(session);
    OPENSSL_free(der);
}

int main(void)
{
    world w = world_make();

    prepare(&w);
    FOR_VERSIONS(version) {
        test_cleared(&w, version, 1);
        test_cleared(&w, version, 0);
        test_set(&w, version);
        test_read(&w, version);
    }
    world_free(&w);
    return done();
}
