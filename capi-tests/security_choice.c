/* What a client's security callback is asked about the server's choice
 * (SSL_CTX_set_security_callback(3)): its suite, the group of its HelloRetryRequest, the group of
 * its TLS 1.2 key exchange; and how the handshake ends when it is refused. */
#include "security.h"

#include "pipe.h"

static int count(int op)
{
    int i, n = 0;

    for (i = 0; i < questions; i++)
        n += asked[i].op == op;
    return n;
}

static duo *run(int v, int retry, int op)
{
    world w = { .cctx = tls_client_ctx(&root), .sctx = tls_server_ctx(&leaf) };
    duo *d;

    SSL_CTX_set1_groups_list(w.cctx, "P-256:P-384");
    SSL_CTX_set1_groups_list(w.sctx, retry ? "P-384" : "P-256");
    watch(w.cctx, op, 0);
    d = duo_new(&w, v);
    duo_handshake(d);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
    return d;
}

static void refused(int v, int retry, int op, int reason, const char *what)
{
    duo *d = run(v, retry, op);

    is_int(d->out.client.done, -1, "%s: %s: refused", version_name(v), what);
    is_int(d->out.client.reason, reason, "%s: %s: the reason (%s)", version_name(v), what, d->out.client.errors);
    is_int(trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0), ALERT_FATAL(47), "%s: %s: the alert", version_name(v), what);
    is_int(d->out.server.reason, SSL_R_SSLV3_ALERT_ILLEGAL_PARAMETER, "%s: %s: as its peer reads it (%s)",
           version_name(v), what, d->out.server.errors);
    duo_free(d);
}

int main(void)
{
    int retry;
    duo *d;

    make_ids();
    FOR_VERSIONS(v) {
        for (retry = 0; retry < 2; retry++) {
            int suite = v == TLS1_3_VERSION ? 0x1302 : 0xc02c;
            int again = v == TLS1_3_VERSION && retry;
            struct asked *q;

            d = run(v, retry, 0);
            is_int(d->out.client.done, 1, "%s: connects (%s)", version_name(v), d->out.client.errors);
            is_int(count(SSL_SECOP_CIPHER_CHECK), 1 + again, "%s: asked about the suite", version_name(v));
            q = find_code(SSL_SECOP_CIPHER_CHECK, suite);
            ok(q != NULL && q->bits == 256 && q->nid == 0, "%s: the one chosen", version_name(v));
            if (v == TLS1_2_VERSION) {
                q = find_code(SSL_SECOP_CURVE_CHECK, retry ? 0x18 : 0x17);
                ok(q != NULL && q->bits == (retry ? 192 : 128), "%s: the group of the key exchange", version_name(v));
            }
            same("%s, retry %d: groups checked %d, suites %d", version_name(v), retry, count(SSL_SECOP_CURVE_CHECK),
                 count(SSL_SECOP_CIPHER_CHECK));
            duo_free(d);
        }
        refused(v, 0, SSL_SECOP_CIPHER_CHECK, SSL_R_WRONG_CIPHER_RETURNED, "suite");
        if (v == TLS1_2_VERSION)
            refused(v, 0, SSL_SECOP_CURVE_CHECK, SSL_R_WRONG_CURVE, "group");
        else
            refused(v, 1, SSL_SECOP_CIPHER_CHECK, SSL_R_WRONG_CIPHER_RETURNED, "suite of a HelloRetryRequest");
    }
    free_ids();
    return done();
}
