/* Lists that contexts and connections lend, and take over: they stay where they are while they are
 * added to, by calls or by the program itself, whoever shares their contents, and each holder has
 * its own. SSL_CTX_set0_chain(3), SSL_CTX_get0_chain_certs(3), SSL_CTX_get_extra_chain_certs(3),
 * SSL_CTX_set0_CA_list(3), SSL_CTX_get_client_CA_list(3), SSL_get_ciphers(3), SSL_dup(3). */
#include "pipe.h"

static tls_id other;

static STACK_OF(X509) *ctx_chain(SSL_CTX *ctx)
{
    STACK_OF(X509) *chain = NULL;

    is_int(SSL_CTX_get0_chain_certs(ctx, &chain), 1, "the context's chain");
    return chain;
}

static STACK_OF(X509) *ssl_chain(SSL *ssl)
{
    STACK_OF(X509) *chain = NULL;

    is_int(SSL_get0_chain_certs(ssl, &chain), 1, "the connection's chain");
    return chain;
}

static STACK_OF(X509) *extra_chain(SSL_CTX *ctx)
{
    STACK_OF(X509) *chain = NULL;

    is_int(SSL_CTX_get_extra_chain_certs_only(ctx, &chain), 1, "the extra chain");
    return chain;
}

/* `lent`: the connection's chain is looked at before the context's is added to. */
static void test_chains(const world *w, int lent)
{
    SSL_CTX *ctx = tls_server_ctx(&w->leaf);
    STACK_OF(X509) *chain, *extra, *own = NULL, *copy;
    SSL *ssl, *dup;

    is_int(SSL_CTX_add1_chain_cert(ctx, w->ca.cert), 1, "a chain of one");
    is_int(SSL_CTX_add_extra_chain_cert(ctx, X509_dup(w->ca.cert)), 1, "an extra one");
    chain = ctx_chain(ctx);
    extra = extra_chain(ctx);
    ssl = SSL_new(ctx);
    if (lent) {
        own = ssl_chain(ssl);
        ok(own != chain, "the connection has its own");
    }
    is_int(SSL_CTX_add1_chain_cert(ctx, other.cert), 1, "another is added");
    is_int(SSL_CTX_add_extra_chain_cert(ctx, X509_dup(other.cert)), 1, "to both");
    ok(ctx_chain(ctx) == chain, "the chain is where it was");
    ok(extra_chain(ctx) == extra, "and the extra one");
    is_int(sk_X509_num(ssl_chain(ssl)), 1, "the connection's is as it was");
    ok(own == NULL || ssl_chain(ssl) == own, "and where");
    own = ssl_chain(ssl);
    is_int(SSL_add1_chain_cert(ssl, other.cert), 1, "it is added to");
    ok(ssl_chain(ssl) == own, "in its place");
    is_int(sk_X509_num(own), 2, "by one");
    dup = SSL_dup(ssl);
    ok(ssl_chain(dup) != own, "a copy of the connection has its own, too");
    is_int(SSL_add1_chain_cert(dup, other.cert), 1, "which is added to");
    is_int(sk_X509_num(ssl_chain(dup)), 3, "alone");
    is_int(sk_X509_num(own), 2, "and not the original");
    SSL_free(dup);
    is_int(SSL_set1_chain(ssl, own), 1, "a chain is replaced by itself");
    is_int(sk_X509_num(ssl_chain(ssl)), 2, "as a copy");
    SSL_free(ssl);
    is_int(sk_X509_num(chain), 2, "the context's outlives the connection");
    is_int(sk_X509_num(extra), 2, "both do");
    copy = X509_chain_up_ref(chain);
    is_int(SSL_CTX_set0_chain(ctx, copy), 1, "a chain is given up");
    ok(ctx_chain(ctx) == copy, "and is the context's");
    ssl = SSL_new(ctx);
    is_int(SSL_CTX_add0_chain_cert(ctx, X509_dup(w->ca.cert)), 1, "and added to");
    SSL_free(ssl);
    is_int(sk_X509_num(copy), 3, "where the program knows it to be");
    is_int(SSL_CTX_clear_extra_chain_certs(ctx), 1, "no extra certificates");
    ok(extra_chain(ctx) == NULL, "are left");
    SSL_CTX_free(ctx);
}

/* The two lists of authorities. */
typedef struct {
    STACK_OF(X509_NAME) *(*of_ctx)(const SSL_CTX *), *(*of_ssl)(const SSL *);
    int (*add_ctx)(SSL_CTX *, X509 *), (*add_ssl)(SSL *, X509 *);
    void (*set_ctx)(SSL_CTX *, STACK_OF(X509_NAME) *), (*set_ssl)(SSL *, STACK_OF(X509_NAME) *);
} list;

static STACK_OF(X509_NAME) *sent_of_ctx(const SSL_CTX *ctx)
{
    return (STACK_OF(X509_NAME) *)SSL_CTX_get0_CA_list(ctx);
}

static STACK_OF(X509_NAME) *sent_of_ssl(const SSL *ssl)
{
    return (STACK_OF(X509_NAME) *)SSL_get0_CA_list(ssl);
}

static int add_sent_ctx(SSL_CTX *ctx, X509 *cert)
{
    return SSL_CTX_add1_to_CA_list(ctx, cert);
}

static int add_sent_ssl(SSL *ssl, X509 *cert)
{
    return SSL_add1_to_CA_list(ssl, cert);
}

static const list lists[] = {
    { SSL_CTX_get_client_CA_list, SSL_get_client_CA_list, SSL_CTX_add_client_CA, SSL_add_client_CA,
      SSL_CTX_set_client_CA_list, SSL_set_client_CA_list },
    { sent_of_ctx, sent_of_ssl, add_sent_ctx, add_sent_ssl, SSL_CTX_set0_CA_list,
      SSL_set0_CA_list },
};

static void push(STACK_OF(X509_NAME) *names)
{
    ok(sk_X509_NAME_push(names, X509_NAME_dup(X509_get_subject_name(other.cert))) > 0,
       "the program adds a name itself");
}

static void test_names(const list *l)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    STACK_OF(X509_NAME) *names = l->of_ctx(ctx), *own;
    SSL *ssl = SSL_new(ctx), *dup;

    is_int(sk_X509_NAME_num(names), 0, "a context has an empty list");
    ok(l->of_ssl(ssl) == names, "which is its connection's");
    is_int(l->add_ctx(ctx, other.cert), 1, "the context's is added to");
    ok(l->of_ctx(ctx) == names, "where it is");
    ok(l->of_ssl(ssl) == names, "and the connection still has it");
    push(names);
    is_int(sk_X509_NAME_num(l->of_ssl(ssl)), 2, "for both");
    is_int(l->add_ssl(ssl, other.cert), 1, "the connection gets its own");
    own = l->of_ssl(ssl);
    ok(own != names, "which is another");
    is_int(sk_X509_NAME_num(own), 1, "of one");
    is_int(l->add_ssl(ssl, other.cert), 1, "or more");
    push(own);
    ok(l->of_ssl(ssl) == own, "in the same place");
    is_int(sk_X509_NAME_num(own), 3, "as it grows");
    dup = SSL_dup(ssl);
    ok(l->of_ssl(dup) != own, "a copy has its own");
    push(own);
    is_int(l->add_ssl(ssl, other.cert), 1, "when the original's is added to");
    is_int(sk_X509_NAME_num(l->of_ssl(dup)), 3, "the copy's stays");
    SSL_free(dup);
    ok(l->of_ssl(ssl) == own, "and so does the original's place");
    is_int(sk_X509_NAME_num(own), 5, "with all that is in it");
    l->set_ssl(ssl, NULL);
    ok(l->of_ssl(ssl) == names, "without its own it has the context's");
    SSL_free(ssl);
    own = sk_X509_NAME_new_null();
    l->set_ctx(ctx, own);
    ok(l->of_ctx(ctx) == own, "a list is given up");
    ssl = SSL_new(ctx);
    is_int(l->add_ctx(ctx, other.cert), 1, "and added to");
    push(own);
    ok(l->of_ssl(ssl) == own, "and is the connection's");
    SSL_free(ssl);
    is_int(sk_X509_NAME_num(own), 2, "which it outlives");
    SSL_CTX_free(ctx);
}

static int names_seen, chain_seen;

static int on_client_cert(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
    (void)cert, (void)key;
    names_seen = sk_X509_NAME_num(SSL_get_client_CA_list(ssl));
    return 0;
}

static void connect_with(const world *w, int version, int names, int certs)
{
    duo *d;

    names_seen = -1;
    d = duo_connected(w, version);
    chain_seen = sk_X509_num(SSL_get_peer_cert_chain(d->c));
    is_int(names_seen, names, "so many authorities come over");
    is_int(chain_seen, certs, "so many certificates");
    duo_free(d);
}

/* What the program adds to them counts in the next handshake. */
static void test_sent(const world *plain, int version, int extra)
{
    world w = *plain;
    STACK_OF(X509_NAME) *names;
    STACK_OF(X509) *chain;

    w.sctx = tls_server_ctx(&w.leaf);
    w.cctx = tls_client_ctx(&w.ca);
    SSL_CTX_set_client_cert_cb(w.cctx, on_client_cert);
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    names = SSL_CTX_get_client_CA_list(w.sctx);
    if (extra) {
        TLS_MUST(SSL_CTX_add_extra_chain_cert(w.sctx, X509_dup(w.ca.cert)) == 1);
        chain = extra_chain(w.sctx);
    } else {
        chain = sk_X509_new_null();
        TLS_MUST(sk_X509_push(chain, X509_dup(w.ca.cert)) > 0);
        is_int(SSL_CTX_set0_chain(w.sctx, chain), 1, "a chain");
    }
    push(names);
    connect_with(&w, version, 1, 2);
    TLS_MUST(sk_X509_push(chain, X509_dup(other.cert)) > 0);
    push(names);
    connect_with(&w, version, 2, 3);
    TLS_MUST(SSL_CTX_add_client_CA(w.sctx, w.ca.cert) == 1);
    connect_with(&w, version, 3, 3);
    SSL_CTX_free(w.sctx);
    SSL_CTX_free(w.cctx);
}

/* A chain that is built is built of the store there is. */
static void test_built(const world *plain, int version)
{
    world w = *plain;
    X509_STORE *store = X509_STORE_new();

    w.sctx = tls_server_ctx(&w.leaf);
    w.cctx = tls_client_ctx(&w.ca);
    SSL_CTX_set_client_cert_cb(w.cctx, on_client_cert);
    TLS_MUST(X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), w.ca.cert) == 1);
    connect_with(&w, version, -1, 2);
    SSL_CTX_set_cert_store(w.sctx, X509_STORE_new());
    connect_with(&w, version, -1, 1);
    TLS_MUST(X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), w.ca.cert) == 1);
    connect_with(&w, version, -1, 2);
    is_int(SSL_CTX_set1_chain_cert_store(w.sctx, store), 1, "a store for chains");
    connect_with(&w, version, -1, 1);
    TLS_MUST(X509_STORE_add_cert(store, w.ca.cert) == 1);
    connect_with(&w, version, -1, 2);
    is_int(SSL_CTX_set0_chain_cert_store(w.sctx, NULL), 1, "none");
    SSL_CTX_set_cert_store(w.sctx, X509_STORE_new());
    connect_with(&w, version, -1, 1);
    X509_STORE_free(store);
    SSL_CTX_free(w.sctx);
    SSL_CTX_free(w.cctx);
}

static void test_ciphers(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    STACK_OF(SSL_CIPHER) *theirs = SSL_CTX_get_ciphers(ctx), *own;
    SSL *ssl = SSL_new(ctx), *dup;
    int n;

    ok(SSL_get_ciphers(ssl) == theirs, "a connection has its context's suites");
    is_int(SSL_set_cipher_list(ssl, "ECDHE-RSA-AES128-GCM-SHA256"), 1, "or its own");
    own = SSL_get_ciphers(ssl);
    ok(own != theirs && SSL_CTX_get_ciphers(ctx) == theirs, "which leaves the context's");
    n = sk_SSL_CIPHER_num(own);
    dup = SSL_dup(ssl);
    SSL_free(ssl);
    is_int(sk_SSL_CIPHER_num(SSL_get_ciphers(dup)), n, "a copy has them alone");
    SSL_free(dup);
    ok(SSL_CTX_get_ciphers(ctx) == theirs && sk_SSL_CIPHER_num(theirs) > n, "all else stays");
    SSL_CTX_free(ctx);
}

int main(void)
{
    world w = world_make();

    other = tls_ca("P-256", "Other CA");
    test_chains(&w, 0);
    test_chains(&w, 1);
    test_names(&lists[0]);
    test_names(&lists[1]);
    FOR_VERSIONS(version) {
        test_sent(&w, version, 0);
        test_sent(&w, version, 1);
        test_built(&w, version);
    }
    test_ciphers();
    tls_id_free(&other);
    world_free(&w);
    return done();
}
