/* RSA-PSS keys (rsassaPss, RFC 8446, section 4.2.3) in both versions, on both sides. */
#include "pipe.h"

static tls_id ca, pss, rsa, own;

static void run(int v, const tls_id *server, const tls_id *client, const char *sigalgs, const char *what)
{
    world w = { .cctx = tls_client_ctx(&ca), .sctx = tls_server_ctx(server) };
    int type = 0, digest = 0;
    duo *d;

    if (client != NULL) {
        SSL_CTX_use_certificate(w.cctx, client->cert);
        SSL_CTX_use_PrivateKey(w.cctx, client->key);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), ca.cert);
        SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    if (sigalgs != NULL) {
        SSL_CTX_set1_sigalgs_list(w.cctx, sigalgs);
        SSL_CTX_set1_sigalgs_list(w.sctx, sigalgs);
    }
    d = duo_new(&w, v);
    ok(duo_handshake(d), "%s: %s: connects (%s|%s)", version_name(v), what, d->out.client.errors,
       d->out.server.errors);
    if (d->out.client.done == 1) {
        is_int(SSL_get_peer_signature_type_nid(d->c, &type), 1, "%s: %s: the server signed", version_name(v), what);
        is_int(SSL_get_peer_signature_nid(d->c, &digest), 1, "%s: %s: with a digest", version_name(v), what);
        same("%s: %s: type %d, digest %d", version_name(v), what, type, digest);
        if (client != NULL) {
            is_int(SSL_get_peer_signature_type_nid(d->s, &type), 1, "%s: %s: the client signed", version_name(v), what);
            same("%s: %s: type %d", version_name(v), what, type);
            ok(SSL_get0_peer_certificate(d->s) != NULL, "%s: %s: its certificate", version_name(v), what);
        }
        ok(tls_echo(d->c, d->s), "%s: %s: data passes", version_name(v), what);
    }
    duo_free(d);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
}

int main(void)
{
    ca = tls_ca("P-256", "Test CA");
    pss = tls_leaf(&ca, "RSA-PSS", "localhost", "DNS:localhost");
    rsa = tls_leaf(&ca, "RSA", "localhost", "DNS:localhost");
    own = tls_cert(&ca, "RSA-PSS", "client", NULL, "clientAuth", 0, -3600, 86400);
    FOR_VERSIONS(v) {
        run(v, &rsa, &own, NULL, "a client's");
        run(v, &rsa, &own, "rsa_pss_pss_sha384:rsa_pss_rsae_sha256:ECDSA+SHA256", "a client's, SHA-384");
        run(v, &pss, NULL, NULL, "a server's");
        run(v, &pss, NULL, "rsa_pss_pss_sha512:ECDSA+SHA256", "a server's, SHA-512");
        run(v, &pss, &own, NULL, "both");
    }
    tls_id_free(&own);
    tls_id_free(&rsa);
    tls_id_free(&pss);
    tls_id_free(&ca);
    return done();
}
