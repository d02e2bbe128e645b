/* Who owns an object when a call took it, refused it, or replaced it: it goes when its last owner
 * gives it up, and not later. SSL_CTX_use_certificate(3), SSL_CTX_set_cert_store(3),
 * SSL_CTX_set1_verify_cert_store(3), SSL_CTX_set0_chain(3), SSL_CTX_add_extra_chain_cert(3),
 * SSL_CTX_set_client_cert_cb(3), SSL_CTX_set_cert_cb(3), SSL_CONF_CTX_set_ssl_ctx(3). */
#include "pipe.h"

static int gone; /* counted objects that were freed */
static int cert_index, key_index, store_index, ctx_index, ssl_index;

static void on_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    (void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
    gone += ptr != NULL;
}

/* Copies and keys of their own, whose end is counted. */
static X509 *counted_cert(const tls_id *id)
{
    X509 *cert = X509_dup(id->cert);

    TLS_MUST(cert && X509_set_ex_data(cert, cert_index, &gone) == 1);
    return cert;
}

static EVP_PKEY *counted_key(const tls_id *id)
{
    EVP_PKEY *key = EVP_PKEY_dup(id->key);

    TLS_MUST(key && EVP_PKEY_set_ex_data(key, key_index, &gone) == 1);
    return key;
}

static X509_STORE *counted_store(void)
{
    X509_STORE *store = X509_STORE_new();

    TLS_MUST(store && X509_STORE_set_ex_data(store, store_index, &gone) == 1);
    return store;
}

static int refuse(const SSL *s, const SSL_CTX *ctx, int op, int bits, int nid, void *other, void *ex)
{
    (void)s, (void)ctx, (void)bits, (void)nid, (void)other, (void)ex;
    return (op & SSL_SECOP_OTHER_TYPE) != SSL_SECOP_OTHER_CERT;
}

/* A handshake, that what is remembered of one is there. */
static void use(const world *w, SSL_CTX *server, int version)
{
    world with = *w;
    duo *d;

    with.sctx = server;
    d = duo_connected(&with, version);
    duo_free(d);
}

static void test_replaced(const world *w, int version)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    X509 *cert = counted_cert(&w->leaf), *again = counted_cert(&w->leaf);
    EVP_PKEY *key = counted_key(&w->leaf), *other = counted_key(&w->leaf);
    SSL *ssl;

    gone = 0;
    TLS_MUST(SSL_CTX_use_certificate(ctx, cert) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1);
    X509_free(cert);
    EVP_PKEY_free(key);
    is_int(gone, 0, "%s: the context has certificate and key", version_name(version));
    use(w, ctx, version);
    is_int(SSL_CTX_use_certificate(ctx, again), 1, "another certificate");
    is_int(gone, 1, "and the first is gone");
    is_int(SSL_CTX_use_PrivateKey(ctx, other), 1, "another key");
    is_int(gone, 2, "and its first");
    use(w, ctx, version);
    ssl = SSL_new(ctx);
    is_int(SSL_use_certificate(ssl, again), 1, "a connection has the same");
    X509_free(again);
    EVP_PKEY_free(other);
    SSL_CTX_free(ctx);
    is_int(gone, 2, "they live by the connection");
    SSL_certs_clear(ssl);
    is_int(gone, 2, "and its context");
    SSL_free(ssl);
    is_int(gone, 4, "and go with them");
}

static void test_chain(const world *w, int version)
{
    SSL_CTX *ctx = tls_server_ctx(&w->leaf);
    STACK_OF(X509) *chain = sk_X509_new_null();
    X509 *cert = counted_cert(&w->ca), *extra = counted_cert(&w->ca);

    gone = 0;
    TLS_MUST(sk_X509_push(chain, cert) > 0);
    SSL_CTX_set_security_callback(ctx, refuse);
    is_int(SSL_CTX_set0_chain(ctx, chain), 0, "%s: a chain is refused", version_name(version));
    is_int(SSL_CTX_set1_chain(ctx, chain), 0, "either way");
    is_int(SSL_CTX_add0_chain_cert(ctx, cert), 0, "or a certificate");
    is_int(SSL_CTX_add1_chain_cert(ctx, cert), 0, "likewise");
    is_int(gone, 0, "and is the program's still");
    SSL_CTX_set_security_callback(ctx, NULL);
    ERR_clear_error();
    SSL_CTX_free(ctx);
    is_int(gone, 0, "whatever becomes of the context");
    ctx = tls_server_ctx(&w->leaf);
    is_int(SSL_CTX_set0_chain(ctx, chain), 1, "a chain is given up");
    is_int(SSL_CTX_add_extra_chain_cert(ctx, extra), 1, "and a certificate");
    use(w, ctx, version);
    is_int(SSL_CTX_set0_chain(ctx, NULL), 1, "no chain");
    is_int(gone, 1, "and it is gone");
    is_int(SSL_CTX_clear_extra_chain_certs(ctx), 1, "no extra certificates");
    is_int(gone, 2, "and they are");
    SSL_CTX_free(ctx);
}

static int verify_all(X509_STORE_CTX *store, void *arg)
{
    (void)store, (void)arg;
    return 1;
}

static void test_stores(const world *plain, int version)
{
    world w = *plain;
    X509_STORE *store = counted_store(), *own;
    SSL *ssl;

    w.cctx = tls_client_ctx(&w.ca);
    gone = 0;
    SSL_CTX_set_cert_verify_callback(w.cctx, verify_all, NULL);
    SSL_CTX_set_cert_store(w.cctx, store);
    use(&w, w.sctx, version);
    ok(SSL_CTX_get_cert_store(w.cctx) == store, "%s: a store is given up", version_name(version));
    SSL_CTX_set1_cert_store(w.cctx, store);
    TLS_MUST(X509_STORE_up_ref(store) == 1);
    SSL_CTX_set_cert_store(w.cctx, store);
    is_int(gone, 0, "and set again in both ways");
    SSL_CTX_set_cert_store(w.cctx, counted_store());
    is_int(gone, 1, "it is gone when another is set");
    ssl = SSL_new(w.cctx);
    is_int(SSL_set0_verify_cert_store(ssl, counted_store()), 1, "a connection's store");
    is_int(SSL_get0_verify_cert_store(ssl, &own), 1, "is got");
    is_int(SSL_set1_chain_cert_store(ssl, own), 1, "and set for another purpose");
    is_int(SSL_set1_verify_cert_store(ssl, own), 1, "and again");
    is_int(gone, 1, "and stays");
    is_int(SSL_set0_verify_cert_store(ssl, NULL), 1, "until it is set");
    is_int(gone, 1, "to none");
    is_int(SSL_set0_chain_cert_store(ssl, NULL), 1, "for each");
    is_int(gone, 2, "of them");
    SSL_free(ssl);
    SSL_CTX_free(w.cctx);
    is_int(gone, 3, "the context's goes with it");
    w.sctx = tls_server_ctx(&w.leaf);
    is_int(SSL_CTX_set0_chain_cert_store(w.sctx, counted_store()), 1, "a store for chains");
    w.cctx = plain->cctx;
    use(&w, w.sctx, version);
    is_int(SSL_CTX_set0_chain_cert_store(w.sctx, NULL), 1, "is not needed any more");
    is_int(gone, 4, "and gone");
    SSL_CTX_set_cert_store(w.sctx, counted_store());
    use(&w, w.sctx, version);
    SSL_CTX_set_cert_store(w.sctx, X509_STORE_new());
    is_int(gone, 5, "as is the one of the context");
    SSL_CTX_free(w.sctx);
}

static X509 *handed_cert;
static EVP_PKEY *handed_key;

static int hand_over(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
    (void)ssl;
    *cert = handed_cert;
    *key = handed_key;
    return 1;
}

/* A callback sets the connection's certificate, and takes others away. */
static int set_there(SSL *ssl, void *arg)
{
    const world *w = arg;
    X509 *cert = counted_cert(&w->leaf);
    EVP_PKEY *key = counted_key(&w->leaf);

    SSL_certs_clear(ssl);
    TLS_MUST(SSL_use_cert_and_key(ssl, cert, key, NULL, 1) == 1);
    X509_free(cert);
    EVP_PKEY_free(key);
    return 1;
}

static void test_handed(const world *plain, int version)
{
    world w = *plain;
    duo *d;

    w.cctx = tls_client_ctx(&w.ca);
    w.sctx = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_client_cert_cb(w.cctx, hand_over);
    SSL_CTX_set_cert_cb(w.sctx, set_there, &w);
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(w.sctx, verify_all, NULL);
    handed_cert = counted_cert(&w.leaf);
    handed_key = counted_key(&w.leaf);
    gone = 0;
    d = duo_connected(&w, version);
    is_int(gone, 0, "what a callback hands over is in use");
    SSL_free(d->c);
    is_int(gone, 2, "while the connection is");
    d->c = NULL;
    duo_free(d);
    is_int(gone, 4, "as is what it sets");
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
    is_int(gone, 4, "nothing more");
}

/* A configuration does not hold what it is applied to, which may go before. */
static void test_conf(void)
{
    SSL_CONF_CTX *conf = SSL_CONF_CTX_new();
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);

    gone = 0;
    TLS_MUST(SSL_CTX_set_ex_data(ctx, ctx_index, &gone) && SSL_set_ex_data(ssl, ssl_index, &gone));
    SSL_CONF_CTX_set_flags(conf, SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_SERVER);
    SSL_CONF_CTX_set_ssl_ctx(conf, ctx);
    is_int(SSL_CONF_cmd(conf, "Options", "Bugs"), 2, "a context is configured");
    SSL_CONF_CTX_set_ssl(conf, ssl);
    is_int(SSL_CONF_cmd(conf, "Options", "Bugs"), 2, "and a connection");
    SSL_free(ssl);
    is_int(gone, 1, "which goes before the configuration");
    SSL_CTX_free(ctx);
    is_int(gone, 2, "as the context does");
    SSL_CONF_CTX_free(conf);
}

int main(void)
{
    world w = world_make();

    cert_index = X509_get_ex_new_index(0, NULL, NULL, NULL, on_free);
    key_index = EVP_PKEY_get_ex_new_index(0, NULL, NULL, NULL, on_free);
    store_index = X509_STORE_get_ex_new_index(0, NULL, NULL, NULL, on_free);
    ctx_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, on_free);
    ssl_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, on_free);
    FOR_VERSIONS(version) {
        test_replaced(&w, version);
        test_chain(&w, version);
        test_stores(&w, version);
        test_handed(&w, version);
    }
    test_conf();
    world_free(&w);
    return done();
}
