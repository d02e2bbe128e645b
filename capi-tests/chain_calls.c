/* SSL_CTX_add1_chain_cert(3), SSL_CTX_build_cert_chain, SSL_CTX_set1_verify_cert_store(3),
 * SSL_CTX_add_extra_chain_cert(3) and their like, for a context and for a connection: what each
 * returns and leaves, ownership, every flag. */
#include "certs.h"

static tls_id root, inter, second, leaf, other, lone, rsa;
static SSL_CTX *ctx;
static SSL *ssl;
static int of_ssl;

#define BOTH(name, ...) (of_ssl ? SSL_##name(ssl, ##__VA_ARGS__) : SSL_CTX_##name(ctx, ##__VA_ARGS__))

static void fresh(int with)
{
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    ctx = SSL_CTX_new(TLS_method());
    ssl = SSL_new(ctx);
    TLS_MUST(ctx && ssl);
    if (with) {
        BOTH(use_certificate, leaf.cert);
        BOTH(use_PrivateKey, leaf.key);
    }
    ERR_clear_error();
}

static const char *chain_of(STACK_OF(X509) *chain)
{
    static char text[200];
    int i;

    if (chain == NULL)
        return "NULL";
    text[0] = 0;
    for (i = 0; i < sk_X509_num(chain); i++) {
        char cn[40] = "";

        X509_NAME_get_text_by_NID(X509_get_subject_name(sk_X509_value(chain, i)), NID_commonName, cn, sizeof cn);
        snprintf(text + strlen(text), sizeof text - strlen(text), "[%s]", cn);
    }
    return text[0] ? text : "empty";
}

static void told(const char *what, long ret)
{
    STACK_OF(X509) *chain = NULL, *extra = NULL;
    const char *errors = tls_errors();

    BOTH(get0_chain_certs, &chain);
    same("%s: %s: %ld (%s), chain %s", of_ssl ? "SSL" : "SSL_CTX", what, ret, errors, chain_of(chain));
    SSL_CTX_get_extra_chain_certs(ctx, &extra);
    same("extra %s", chain_of(extra));
    SSL_CTX_get_extra_chain_certs_only(ctx, &extra);
    same("only %s", chain_of(extra));
    ERR_clear_error();
}

static STACK_OF(X509) *stack(X509 *a, X509 *b)
{
    STACK_OF(X509) *chain = sk_X509_new_null();

    if (a != NULL && X509_up_ref(a))
        sk_X509_push(chain, a);
    if (b != NULL && X509_up_ref(b))
        sk_X509_push(chain, b);
    return chain;
}

static void test_chains(void)
{
    STACK_OF(X509) *chain = stack(inter.cert, root.cert), *none = stack(NULL, NULL);

    for (of_ssl = 0; of_ssl < 2; of_ssl++) {
        fresh(0);
        told("nothing", 1);
        told("added without a certificate", BOTH(add1_chain_cert, inter.cert));
        told("set without a certificate", BOTH(set1_chain, chain));
        fresh(1);
        told("add1", BOTH(add1_chain_cert, inter.cert));
        told("add1 twice", BOTH(add1_chain_cert, inter.cert));
        X509_up_ref(root.cert);
        told("add0", BOTH(add0_chain_cert, root.cert));
        told("set1", BOTH(set1_chain, chain));
        told("set0", BOTH(set0_chain, stack(second.cert, NULL)));
        told("set1 of none", BOTH(set1_chain, none));
        told("set0 of none", BOTH(set0_chain, stack(NULL, NULL)));
        told("set1 NULL", BOTH(set1_chain, NULL));
        told("set0 NULL", BOTH(set0_chain, NULL));
        told("add1", BOTH(add1_chain_cert, inter.cert));
        told("clear", BOTH(clear_chain_certs));
        told("clear again", BOTH(clear_chain_certs));
        told("add1 after", BOTH(add1_chain_cert, inter.cert));
        told("another certificate of the type", BOTH(use_certificate, other.cert));
        told("its key", BOTH(use_PrivateKey, other.key));
        told("one of another type", BOTH(use_certificate, rsa.cert));
        told("its key", BOTH(use_PrivateKey, rsa.key));
        told("add1 for that", BOTH(add1_chain_cert, second.cert));
        told("select the first", BOTH(select_current_cert, other.cert));
        told("select none", BOTH(select_current_cert, NULL));
        told("select an unknown one", BOTH(select_current_cert, leaf.cert));
        told("first", BOTH(set_current_cert, SSL_CERT_SET_FIRST));
        told("next", BOTH(set_current_cert, SSL_CERT_SET_NEXT));
        told("next", BOTH(set_current_cert, SSL_CERT_SET_NEXT));
        told("the server's", BOTH(set_current_cert, SSL_CERT_SET_SERVER));
        told("nonsense", BOTH(set_current_cert, 0));
        /* Extra certificates are the context's. */
        fresh(1);
        X509_up_ref(inter.cert);
        told("extra", SSL_CTX_add_extra_chain_cert(ctx, inter.cert));
        told("add1 besides", BOTH(add1_chain_cert, second.cert));
        told("extra cleared", SSL_CTX_clear_extra_chain_certs(ctx));
        told("again", SSL_CTX_clear_extra_chain_certs(ctx));
    }
    sk_X509_pop_free(chain, X509_free);
    sk_X509_pop_free(none, X509_free);
}

static X509_STORE *store_with(X509 *a, X509 *b)
{
    X509_STORE *store = X509_STORE_new();

    TLS_MUST(store && (a == NULL || X509_STORE_add_cert(store, a)) && (b == NULL || X509_STORE_add_cert(store, b)));
    return store;
}

static void test_build(void)
{
    char what[100];
    int flags, given, stored;

    for (of_ssl = 0; of_ssl < 2; of_ssl++) {
        fresh(0);
        told("build without a certificate", BOTH(build_cert_chain, 0));
        /* Every set of flags, with what is given and what the store knows. */
        for (flags = 0; flags < 32; flags++) {
            for (given = 0; given < 3; given++) {
                for (stored = 0; stored < 3; stored++) {
                    X509_STORE *store;

                    fresh(1);
                    store = SSL_CTX_get_cert_store(ctx);
                    if (given > 0)
                        BOTH(add1_chain_cert, inter.cert);
                    if (given > 1)
                        BOTH(add1_chain_cert, root.cert);
                    if (stored > 0)
                        X509_STORE_add_cert(store, root.cert);
                    if (stored > 1)
                        X509_STORE_add_cert(store, inter.cert);
                    snprintf(what, sizeof what, "build %d, %d given, %d in the store", flags, given, stored);
                    told(what, BOTH(build_cert_chain, flags));
                }
            }
        }
        fresh(0);
        BOTH(use_certificate, lone.cert);
        told("of a certificate that signed itself", BOTH(build_cert_chain, 0));
        told("checked", BOTH(build_cert_chain, SSL_BUILD_CHAIN_FLAG_CHECK));
        told("without root", BOTH(build_cert_chain, SSL_BUILD_CHAIN_FLAG_CHECK | SSL_BUILD_CHAIN_FLAG_NO_ROOT));
        /* A store of chains comes before the context's. */
        fresh(1);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), root.cert);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), inter.cert);
        told("an empty store", BOTH(set0_chain_cert_store, store_with(NULL, NULL)));
        told("build", BOTH(build_cert_chain, 0));
        told("a full store", BOTH(set0_chain_cert_store, store_with(root.cert, inter.cert)));
        told("build", BOTH(build_cert_chain, 0));
        told("no store", BOTH(set0_chain_cert_store, NULL));
        told("build", BOTH(build_cert_chain, 0));
    }
}

static void test_stores(void)
{
    X509_STORE *a = store_with(root.cert, NULL), *b = store_with(NULL, NULL), *got;

    for (of_ssl = 0; of_ssl < 2; of_ssl++) {
        SSL *later;

        fresh(0);
        is_int(BOTH(get0_verify_cert_store, &got), 1, "get");
        is_ptr(got, NULL, "no store of its own");
        is_int(BOTH(get0_chain_cert_store, &got), 1, "get");
        is_ptr(got, NULL, "no store for chains");
        is_int(BOTH(set1_verify_cert_store, a), 1, "set1");
        is_int(BOTH(set1_chain_cert_store, b), 1, "set1");
        BOTH(get0_verify_cert_store, &got);
        is_ptr(got, a, "the store for verification");
        BOTH(get0_chain_cert_store, &got);
        is_ptr(got, b, "the store for chains");
        later = SSL_new(ctx);
        SSL_get0_verify_cert_store(later, &got);
        is_ptr(got, of_ssl ? NULL : a, "what a later connection has");
        SSL_get0_chain_cert_store(later, &got);
        is_ptr(got, of_ssl ? NULL : b, "what a later connection has for chains");
        SSL_free(later);
        X509_STORE_up_ref(b);
        is_int(BOTH(set0_verify_cert_store, b), 1, "set0");
        BOTH(get0_verify_cert_store, &got);
        is_ptr(got, b, "another");
        is_int(BOTH(set1_verify_cert_store, NULL), 1, "none");
        is_int(BOTH(set0_chain_cert_store, NULL), 1, "none");
        BOTH(get0_verify_cert_store, &got);
        is_ptr(got, NULL, "is none");
        BOTH(get0_chain_cert_store, &got);
        is_ptr(got, NULL, "for chains too");
        ok(SSL_CTX_get_cert_store(ctx) != NULL, "the context's store is another");
    }
    fresh(0);
    SSL_CTX_set1_cert_store(ctx, a);
    is_ptr(SSL_CTX_get_cert_store(ctx), a, "SSL_CTX_set1_cert_store");
    SSL_CTX_set1_cert_store(ctx, NULL);
    if (differs("no-store", "a context always has a store, here an empty one"))
        ok(SSL_CTX_get_cert_store(ctx) != a, "of NULL");
    else
        is_ptr(SSL_CTX_get_cert_store(ctx), NULL, "of NULL");
    X509_STORE_up_ref(b);
    SSL_CTX_set_cert_store(ctx, b);
    is_ptr(SSL_CTX_get_cert_store(ctx), b, "SSL_CTX_set_cert_store");
    X509_STORE_free(a);
    X509_STORE_free(b);
}

int main(void)
{
    root = tls_ca("P-256", "root");
    inter = tls_intermediate(&root, "P-256", "inter");
    second = tls_intermediate(&root, "P-256", "second");
    leaf = tls_leaf(&inter, "P-256", "leaf", NULL);
    other = tls_leaf(&inter, "P-256", "other", NULL);
    rsa = tls_leaf(&second, "RSA", "rsa", NULL);
    lone = tls_cert(NULL, "P-256", "lone", NULL, NULL, 0, -3600, 3600);
    test_chains();
    test_build();
    test_stores();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    tls_id_free(&root);
    tls_id_free(&inter);
    tls_id_free(&second);
    tls_id_free(&leaf);
    tls_id_free(&other);
    tls_id_free(&rsa);
    tls_id_free(&lone);
    return done();
}
