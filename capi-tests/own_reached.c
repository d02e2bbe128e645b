/* Callbacks that hear of the end of an object which a call replaces, and use whom it belonged to:
 * certificates, keys and stores of contexts and connections. CRYPTO_get_ex_new_index(3),
 * SSL_CTX_use_certificate(3), SSL_CTX_set1_verify_cert_store(3), SSL_CTX_set0_chain(3). */
#include "pipe.h"

static int cert_index, key_index, store_index, gone;
static SSL_CTX *ctx;
static SSL *ssl;

/* Reads and changes settings of both, but for what is being replaced. */
static void on_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    (void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
    if (ptr == NULL)
        return;
    gone++;
    if (ctx != NULL) {
        SSL_CTX_get_verify_mode(ctx);
        SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
        SSL_CTX_set_verify_depth(ctx, gone);
    }
    if (ssl != NULL) {
        SSL_get_verify_mode(ssl);
        SSL_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
        SSL_set_verify_depth(ssl, gone);
        SSL_get_client_CA_list(ssl);
    }
}

static X509 *cert_of(const tls_id *id)
{
    X509 *cert = X509_dup(id->cert);

    TLS_MUST(cert && X509_set_ex_data(cert, cert_index, &gone) == 1);
    return cert;
}

static EVP_PKEY *key_of(const tls_id *id)
{
    EVP_PKEY *key = EVP_PKEY_dup(id->key);

    TLS_MUST(key && EVP_PKEY_set_ex_data(key, key_index, &gone) == 1);
    return key;
}

static X509_STORE *store_of(void)
{
    X509_STORE *store = X509_STORE_new();

    TLS_MUST(store && X509_STORE_set_ex_data(store, store_index, &gone) == 1);
    return store;
}

static STACK_OF(X509) *chain_of(const tls_id *id)
{
    STACK_OF(X509) *chain = sk_X509_new_null();

    TLS_MUST(chain && sk_X509_push(chain, cert_of(id)) > 0);
    return chain;
}

#define GONE(n, call, text)                                                                        \
    do {                                                                                           \
        gone = 0;                                                                                  \
        is_int(call, 1, "%s", text);                                                               \
        is_int(gone, n, "%s: so many are gone", text);                                             \
    } while (0)

static int use(int of_ctx, const tls_id *id)
{
    X509 *cert = cert_of(id);
    EVP_PKEY *key = key_of(id);
    int ret = of_ctx ? SSL_CTX_use_cert_and_key(ctx, cert, key, NULL, 1)
                     : SSL_use_cert_and_key(ssl, cert, key, NULL, 1);

    X509_free(cert);
    EVP_PKEY_free(key);
    return ret;
}

static int use_cert(int of_ctx, const tls_id *id)
{
    X509 *cert = cert_of(id);
    int ret = of_ctx ? SSL_CTX_use_certificate(ctx, cert) : SSL_use_certificate(ssl, cert);

    X509_free(cert);
    return ret;
}

static int use_key(int of_ctx, const tls_id *id)
{
    EVP_PKEY *key = key_of(id);
    int ret = of_ctx ? SSL_CTX_use_PrivateKey(ctx, key) : SSL_use_PrivateKey(ssl, key);

    EVP_PKEY_free(key);
    return ret;
}

static void test_ctx(const world *w)
{
    SSL_CTX *last;

    ctx = SSL_CTX_new(TLS_method());
    GONE(0, use(1, &w->leaf), "certificate and key");
    GONE(2, use(1, &w->leaf), "replaced together");
    GONE(1, use_cert(1, &w->leaf), "a certificate");
    GONE(1, use_key(1, &w->leaf), "a key");
    GONE(0, SSL_CTX_set0_chain(ctx, chain_of(&w->ca)), "a chain");
    GONE(1, SSL_CTX_set0_chain(ctx, chain_of(&w->ca)), "another chain");
    GONE(1, SSL_CTX_clear_chain_certs(ctx), "no chain");
    GONE(0, SSL_CTX_add_extra_chain_cert(ctx, cert_of(&w->ca)), "an extra certificate");
    GONE(1, SSL_CTX_clear_extra_chain_certs(ctx), "none");
    GONE(0, SSL_CTX_set0_verify_cert_store(ctx, store_of()), "a store");
    GONE(1, SSL_CTX_set0_verify_cert_store(ctx, store_of()), "another store");
    GONE(1, SSL_CTX_set0_verify_cert_store(ctx, NULL), "no store");
    GONE(0, SSL_CTX_set0_chain_cert_store(ctx, store_of()), "a chain's store");
    GONE(1, SSL_CTX_set0_chain_cert_store(ctx, NULL), "none of it");
    gone = 0;
    SSL_CTX_set_cert_store(ctx, store_of());
    SSL_CTX_set_cert_store(ctx, X509_STORE_new());
    is_int(gone, 1, "the context's own store");
    last = ctx;
    ctx = NULL;
    SSL_CTX_free(last);
}

static void test_ssl(const world *w)
{
    SSL_CTX *of = SSL_CTX_new(TLS_method()), *to = SSL_CTX_new(TLS_method());
    SSL *last;

    ssl = SSL_new(of);
    GONE(0, use(0, &w->leaf), "a connection's certificate and key");
    GONE(2, use(0, &w->leaf), "replaced together");
    GONE(1, use_cert(0, &w->leaf), "its certificate");
    GONE(1, use_key(0, &w->leaf), "its key");
    GONE(0, SSL_set0_chain(ssl, chain_of(&w->ca)), "its chain");
    GONE(1, SSL_set0_chain(ssl, chain_of(&w->ca)), "another chain of it");
    GONE(1, SSL_clear_chain_certs(ssl), "no chain of it");
    GONE(0, SSL_set0_verify_cert_store(ssl, store_of()), "its store");
    GONE(1, SSL_set0_verify_cert_store(ssl, store_of()), "another store of it");
    GONE(1, SSL_set0_verify_cert_store(ssl, NULL), "no store of it");
    GONE(0, SSL_set0_chain(ssl, chain_of(&w->ca)), "a chain again");
    gone = 0;
    SSL_certs_clear(ssl);
    is_int(gone, 3, "all that is cleared is gone");
    GONE(0, use(0, &w->leaf), "certificate and key again");
    gone = 0;
    ok(SSL_set_SSL_CTX(ssl, to) == to, "another context");
    is_int(gone, 2, "has others");
    last = ssl;
    ssl = NULL;
    SSL_free(last);
    SSL_CTX_free(of);
    SSL_CTX_free(to);
}

int main(void)
{
    world w = world_make();

    cert_index = X509_get_ex_new_index(0, NULL, NULL, NULL, on_free);
    key_index = EVP_PKEY_get_ex_new_index(0, NULL, NULL, NULL, on_free);
    store_index = X509_STORE_get_ex_new_index(0, NULL, NULL, NULL, on_free);
    test_ctx(&w);
    test_ssl(&w);
    world_free(&w);
    return done();
}
