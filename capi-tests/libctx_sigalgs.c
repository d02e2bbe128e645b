/* Signature algorithms of a context are those that its OSSL_LIB_CTX has the parts of: a digest or a
 * type of key that is missing there is neither offered nor accepted. The library contexts get a
 * provider that hands out the default one's algorithms but for some. */
#include "pipe.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/provider.h>

static OSSL_PROVIDER *whole;
/* What is handed out of an operation, by the first of its names; NULL for all. */
static const char *const *digests, *const *keys, *const *signatures;
static OSSL_ALGORITHM kept[3][64];

static int listed(const char *const *names, const char *algorithm)
{
    for (; *names != NULL; names++) {
        size_t n = strlen(*names);

        if (strncmp(algorithm, *names, n) == 0 && (algorithm[n] == ':' || algorithm[n] == 0))
            return 1;
    }
    return 0;
}

static const OSSL_ALGORITHM *query(void *provctx, int operation, int *no_cache)
{
    const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(whole, operation, no_cache);
    const char *const *names = operation == OSSL_OP_DIGEST ? digests
        : operation == OSSL_OP_KEYMGMT                     ? keys
        : operation == OSSL_OP_SIGNATURE                   ? signatures
                                                           : NULL;
    OSSL_ALGORITHM *to = kept[operation == OSSL_OP_DIGEST ? 0 : operation == OSSL_OP_KEYMGMT ? 1 : 2];
    size_t n = 0;

    *no_cache = 0;
    if (names == NULL || all == NULL)
        return all;
    for (; all->algorithm_names != NULL && n < 63; all++)
        if (listed(names, all->algorithm_names))
            to[n++] = *all;
    memset(&to[n], 0, sizeof *to);
    return to;
}

static int capabilities(void *provctx, const char *name, OSSL_CALLBACK *callback, void *arg)
{
    return OSSL_PROVIDER_get_capabilities(whole, name, callback, arg);
}

static const OSSL_DISPATCH functions[] = {
    { OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))capabilities },
    { OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query },
    { 0, NULL },
};

static int provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out,
                         void **provctx)
{
    *out = functions;
    *provctx = OSSL_PROVIDER_get0_provider_ctx(whole);
    return 1;
}

static int signature(SSL *ssl, const char *what)
{
    int digest = 0, type = 0;

    if (SSL_get_peer_signature_nid(ssl, &digest) != 1 || SSL_get_peer_signature_type_nid(ssl, &type) != 1)
        return 0;
    same("%s: signed with %s %s", what, digest ? OBJ_nid2sn(digest) : "-", OBJ_nid2sn(type));
    return 1;
}

static void offered(SSL *server, const char *what)
{
    int i, n = SSL_get_sigalgs(server, 0, NULL, NULL, NULL, NULL, NULL);

    for (i = 0; i < n; i++) {
        int digest = 0, type = 0;

        SSL_get_sigalgs(server, i, &type, &digest, NULL, NULL, NULL);
        /* The default lists differ in SHA-1, SHA-224 and DSA. */
        if (digest != NID_sha1 && digest != NID_sha224 && type != EVP_PKEY_DSA)
            same("%s: offers %s %s", what, digest ? OBJ_nid2sn(digest) : "-", OBJ_nid2sn(type));
    }
}

static void run(OSSL_LIB_CTX *client, OSSL_LIB_CTX *server, const tls_id *ids, int n, const char *sigalgs, int v,
                const char *name)
{
    world w = { .cctx = SSL_CTX_new_ex(client, NULL, TLS_client_method()),
                .sctx = SSL_CTX_new_ex(server, NULL, TLS_server_method()) };
    char what[100];
    duo *d;
    int i;

    snprintf(what, sizeof what, "%s %s", name, version_name(v));
    if (!ok(w.cctx && w.sctx, "%s: contexts (%s)", what, tls_errors()))
        return;
    /* OpenSSL offers suites whose own digest is missing, too. */
    SSL_CTX_set_cipher_list(w.cctx, "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256");
    for (i = 0; i < n; i++) {
        is_int(SSL_CTX_use_certificate(w.sctx, ids[i].cert), 1, "%s: certificate", what);
        is_int(SSL_CTX_use_PrivateKey(w.sctx, ids[i].key), 1, "%s: key", what);
    }
    if (sigalgs != NULL) {
        is_int(SSL_CTX_set1_sigalgs_list(w.cctx, sigalgs), 1, "%s: the client's list", what);
        is_int(SSL_CTX_set1_sigalgs_list(w.sctx, sigalgs), 1, "%s: the server's list", what);
    }
    d = duo_new(&w, v);
    duo_handshake(d);
    same("%s: %d %d (%s|%s)", what, d->out.client.done, d->out.server.done, d->out.client.errors,
         d->out.server.errors);
    offered(d->s, what);
    if (sigalgs != NULL)
        same("%s: shared %d", what, SSL_get_shared_sigalgs(d->s, 0, NULL, NULL, NULL, NULL, NULL));
    if (d->out.client.done == 1 && d->out.server.done == 1) {
        ok(signature(d->c, what), "%s: the signature", what);
        ok(tls_echo(d->c, d->s), "%s: data passes", what);
    }
    duo_free(d);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
}

int main(void)
{
    static const char *const sha256[] = { "SHA2-256", "SHA1", NULL };
    static const char *const ec[] = { "EC", "X25519", "X448", NULL };
    static const char *const ecdsa[] = { "ECDSA", NULL };
    OSSL_LIB_CTX *source = OSSL_LIB_CTX_new(), *few = OSSL_LIB_CTX_new(), *curves = OSSL_LIB_CTX_new();
    tls_id ca = tls_ca("P-256", "Test CA"), ids[2];

    ids[0] = tls_leaf(&ca, "RSA", "localhost", NULL);
    ids[1] = tls_leaf(&ca, "P-256", "localhost", NULL);
    whole = OSSL_PROVIDER_load(source, "default");
    TLS_MUST(whole && OSSL_PROVIDER_add_builtin(few, "filter", provider_init)
             && OSSL_PROVIDER_add_builtin(curves, "filter", provider_init));
    TLS_MUST(OSSL_PROVIDER_load(few, "filter") && OSSL_PROVIDER_load(curves, "filter"));
    FOR_VERSIONS(v) {
        run(NULL, NULL, ids, 1, "rsa_pss_rsae_sha384:rsa_pss_rsae_sha256", v, "all");
        digests = sha256;
        run(few, NULL, ids, 1, "rsa_pss_rsae_sha384:rsa_pss_rsae_sha256", v, "client with SHA-256");
        run(NULL, few, ids, 1, "rsa_pss_rsae_sha384:rsa_pss_rsae_sha256", v, "server with SHA-256");
        run(few, NULL, ids, 2, NULL, v, "client with SHA-256 by default");
        digests = NULL;
        run(NULL, NULL, ids, 2, "rsa_pss_rsae_sha256:ECDSA+SHA256", v, "all");
        keys = ec;
        signatures = ecdsa;
        run(curves, NULL, ids, 2, "rsa_pss_rsae_sha256:ECDSA+SHA256", v, "client with ECDSA");
        run(NULL, curves, ids + 1, 1, "rsa_pss_rsae_sha256:ECDSA+SHA256", v, "server with ECDSA");
        run(curves, NULL, ids, 1, "rsa_pss_rsae_sha256:ECDSA+SHA256", v, "client with ECDSA, server with RSA");
        keys = signatures = NULL;
    }
    tls_id_free(&ids[0]);
    tls_id_free(&ids[1]);
    tls_id_free(&ca);
    OSSL_LIB_CTX_free(few);
    OSSL_LIB_CTX_free(curves);
    OSSL_PROVIDER_unload(whole);
    OSSL_LIB_CTX_free(source);
    return done();
}
