/* Which of its certificates a client presents: with TLS 1.2 the one last set, if the server takes a
 * signature of its key; with TLS 1.3 the first of the server's signature algorithms that one can make. */
#include "certs.h"
#include "pipe.h"

enum { ID_RSA, ID_EC, ID_ED, KINDS };

static tls_id ca, server, ids[KINDS];
static const char *const names[] = { "RSA", "P-256", "ED25519" };
static const char *const lists[] = {
    NULL, "RSA+SHA256:ECDSA+SHA256:ed25519:RSA-PSS+SHA256", "ECDSA+SHA256:RSA-PSS+SHA256:ed25519", "ed25519:ECDSA+SHA256",
    "RSA-PSS+SHA256:ECDSA+SHA384", "ECDSA+SHA384:ed25519", "ECDSA+SHA256", "RSA+SHA512:RSA-PSS+SHA512",
};

static const char *sent(X509 *cert)
{
    int i;

    for (i = 0; i < KINDS; i++)
        if (cert != NULL && X509_cmp(cert, ids[i].cert) == 0)
            return names[i];
    return cert == NULL ? "none" : "another";
}

static void run(int v, const int *order, int current, const char *list, unsigned long options)
{
    world w = { .cctx = tls_client_ctx(NULL), .sctx = tls_server_ctx(&server) };
    char what[200];
    int i, digest = 0;
    duo *d;

    X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), ca.cert);
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_options(w.cctx, options);
    if (list != NULL)
        SSL_CTX_set1_client_sigalgs_list(w.sctx, list);
    snprintf(what, sizeof what, "%s%s", version_name(v), options ? " own order" : "");
    for (i = 0; i < KINDS && order[i] >= 0; i++) {
        SSL_CTX_use_certificate(w.cctx, ids[order[i]].cert);
        SSL_CTX_use_PrivateKey(w.cctx, ids[order[i]].key);
        snprintf(what + strlen(what), sizeof what - strlen(what), " %s", names[order[i]]);
    }
    if (current >= 0) {
        SSL_CTX_select_current_cert(w.cctx, ids[current].cert);
        snprintf(what + strlen(what), sizeof what - strlen(what), " with %s", names[current]);
    }
    d = duo_new(&w, v);
    duo_handshake(d);
    if (SSL_get_peer_signature_nid(d->s, &digest) != 1)
        digest = -1;
    same("%s to %s: %d %d (%s|%s), sent %s, digest %d, current %s", what, list ? list : "all", d->out.client.done,
         d->out.server.done, d->out.client.errors, d->out.server.errors, sent(SSL_get0_peer_certificate(d->s)),
         SSL_get0_peer_certificate(d->s) ? digest : 0, sent(SSL_get_certificate(d->c)));
    duo_free(d);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
}

int main(void)
{
    static const int orders[][KINDS] = {
        { ID_RSA, ID_EC, ID_ED }, { ID_ED, ID_EC, ID_RSA }, { ID_EC, ID_RSA, -1 }, { ID_RSA, ID_EC, -1 }, { ID_ED, ID_RSA, ID_EC },
    };
    size_t i, k;
    int current;

    ca = tls_ca("P-256", "Test CA");
    server = tls_leaf(&ca, "P-256", "localhost", NULL);
    for (i = 0; i < KINDS; i++)
        ids[i] = tls_client_leaf(&ca, names[i], names[i]);
    FOR_VERSIONS(v) {
        for (i = 0; i < sizeof orders / sizeof *orders; i++)
            for (k = 0; k < sizeof lists / sizeof *lists; k++)
                for (current = under_valgrind() && (i + k) % 4 ? KINDS : -1; current < (i < 2 ? KINDS : 0); current++) {
                    run(v, orders[i], current, lists[k], 0);
                    run(v, orders[i], current, lists[k], SSL_OP_CIPHER_SERVER_PREFERENCE);
                }
    }
    ok(1, "compared");
    for (i = 0; i < KINDS; i++)
        tls_id_free(&ids[i]);
    tls_id_free(&server);
    tls_id_free(&ca);
    return done();
}
