/* The alert and the reason for every X509_V_ERR_* a verification can end with, on both sides, and
 * what is known of the peer then. */
#include "pipe.h"

static int code;

static int on_verify(X509_STORE_CTX *x, void *arg)
{
    X509_STORE_CTX_set_error(x, code);
    return 0;
}

static const char *seen(SSL *ssl)
{
    static char text[100];

    snprintf(text, sizeof text, "peer %d, chain %d, verified %d, result %ld",
             SSL_get0_peer_certificate(ssl) != NULL, sk_X509_num(SSL_get_peer_cert_chain(ssl)),
             sk_X509_num(SSL_get0_verified_chain(ssl)), SSL_get_verify_result(ssl));
    return text;
}

int main(void)
{
    world w = world_make();
    tls_id own = tls_cert(&w.ca, "P-256", "client", NULL, "clientAuth", 0, -3600, 86400);
    duo *d;

    SSL_CTX_use_certificate(w.cctx, own.cert);
    SSL_CTX_use_PrivateKey(w.cctx, own.key);
    ok(own.cert != NULL, "the results are compared");
    FOR_VERSIONS(v) {
        SSL_CTX_set_cert_verify_callback(w.cctx, on_verify, NULL);
        SSL_CTX_set_cert_verify_callback(w.sctx, NULL, NULL);
        SSL_CTX_set_verify(w.sctx, SSL_VERIFY_NONE, NULL);
        for (code = 0; code < 100; code++) {
            d = duo_new(&w, v);
            duo_handshake(d);
            same("%s client, %d: %d, alert %d, reason %d, %s", version_name(v), code, d->out.client.done,
                 trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0), d->out.client.reason, seen(d->c));
            same("%s its server: %d", version_name(v), d->out.server.reason);
            duo_free(d);
        }
        SSL_CTX_set_cert_verify_callback(w.cctx, NULL, NULL);
        SSL_CTX_set_cert_verify_callback(w.sctx, on_verify, NULL);
        SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
        for (code = 0; code < 100; code++) {
            d = duo_new(&w, v);
            duo_handshake(d);
            same("%s server, %d: %d, alert %d, reason %d, %s", version_name(v), code, d->out.server.done,
                 trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0), d->out.server.reason, seen(d->s));
            duo_free(d);
        }
    }
    tls_id_free(&own);
    world_free(&w);
    return done();
}
