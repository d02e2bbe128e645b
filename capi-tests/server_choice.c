/* Which of its certificates a server presents, and with which signature and suite: sets of
 * certificates against clients' signature algorithms, suites and groups, either side's order, both
 * versions. */
#include "certs.h"
#include "pipe.h"

enum { ID_RSA, ID_P256, ID_P384, ID_ED, ID_PSS, KINDS };

static tls_id ca, ids[KINDS];
static const char *const names[] = { "RSA", "P-256", "P-384", "ED25519", "RSA-PSS" };
static int runs;

static const char *served(X509 *cert)
{
    int i;

    for (i = 0; i < KINDS; i++)
        if (cert != NULL && X509_cmp(cert, ids[i].cert) == 0)
            return names[i];
    return cert == NULL ? "none" : "another";
}

static void run(int v, unsigned set, const char *sigalgs, const char *ciphers, const char *groups, unsigned long options)
{
    world w = { .cctx = tls_client_ctx(NULL), .sctx = tls_server_ctx(NULL) };
    char what[300];
    int i, digest = 0, type = 0;
    duo *d;

    snprintf(what, sizeof what, "%s%s", version_name(v), options ? " own order" : "");
    for (i = 0; i < KINDS; i++) {
        if (set >> i & 1) {
            SSL_CTX_use_certificate(w.sctx, ids[i].cert);
            SSL_CTX_use_PrivateKey(w.sctx, ids[i].key);
            snprintf(what + strlen(what), sizeof what - strlen(what), " %s", names[i]);
        }
    }
    SSL_CTX_set_options(w.sctx, options);
    SSL_CTX_set_cipher_list(w.sctx, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384:"
                                    "ECDHE-RSA-AES128-GCM-SHA256");
    if (sigalgs != NULL)
        SSL_CTX_set1_sigalgs_list(w.cctx, sigalgs);
    SSL_CTX_set_cipher_list(w.cctx, ciphers);
    SSL_CTX_set1_groups_list(w.cctx, groups);
    d = duo_new(&w, v);
    duo_handshake(d);
    SSL_get_peer_signature_nid(d->c, &digest);
    SSL_get_peer_signature_type_nid(d->c, &type);
    same("%s to %s, %s, %s: %d %d (%s|%s)", what, sigalgs ? sigalgs : "all", ciphers, groups, d->out.client.done,
         d->out.server.done, d->out.client.errors, d->out.server.errors);
    if (d->out.client.done == 1)
        same("= %s, %s, digest %d, type %d; the server's %s", served(SSL_get0_peer_certificate(d->c)),
             SSL_get_cipher_name(d->c), digest, type, served(SSL_get_certificate(d->s)));
    runs++;
    duo_free(d);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
}

int main(void)
{
    static const unsigned sets[] = { 1, 2, 4, 8, 16, 1 | 2, 1 | 8, 2 | 8, 1 | 2 | 8, 1 | 2 | 8 | 16 };
    static const char *const sigalgs[] = {
        NULL, "RSA-PSS+SHA256:ECDSA+SHA256:ed25519", "ECDSA+SHA384:RSA+SHA256:ed25519", "ed25519:RSA+SHA384",
        "ECDSA+SHA256", "RSA+SHA256", "rsa_pss_pss_sha256:RSA-PSS+SHA512", "ed25519",
    };
    static const char *const ciphers[] = {
        "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256",
    };
    size_t i, j, k, n = under_valgrind() ? 2 : sizeof sets / sizeof *sets;

    ca = tls_ca("P-256", "Test CA");
    for (i = 0; i < KINDS; i++)
        ids[i] = tls_leaf(&ca, names[i], names[i], NULL);
    for (i = 0; i < n; i++) {
        for (j = 0; j < sizeof sigalgs / sizeof *sigalgs; j++) {
            for (k = 0; k < 4; k++) {
                run(TLS1_2_VERSION, sets[i], sigalgs[j], ciphers[k], "P-256:P-384", 0);
                run(TLS1_2_VERSION, sets[i], sigalgs[j], ciphers[k], "P-256:P-384", SSL_OP_CIPHER_SERVER_PREFERENCE);
            }
            run(TLS1_2_VERSION, sets[i], sigalgs[j], ciphers[0], "P-256", 0);
            run(TLS1_2_VERSION, sets[i], sigalgs[j], ciphers[0], "P-384:X25519", 0);
            run(TLS1_3_VERSION, sets[i], sigalgs[j], ciphers[0], "P-256:P-384", 0);
            run(TLS1_3_VERSION, sets[i], sigalgs[j], ciphers[0], "P-256", SSL_OP_CIPHER_SERVER_PREFERENCE);
            run(0, sets[i], sigalgs[j], ciphers[0], "P-256:P-384", 0);
        }
    }
    is_int(runs, n * 8 * 13, "so many");
    for (i = 0; i < KINDS; i++)
        tls_id_free(&ids[i]);
    tls_id_free(&ca);
    return done();
}
