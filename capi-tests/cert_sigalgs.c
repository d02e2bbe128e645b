/* signature_algorithms_cert in a ClientHello (RFC 8446, section 4.2.3): what a server's certificate
 * may be signed with, apart from what its key signs. No client of either library sends it, so that
 * one's hello is given it on the way; how far the server comes is what counts. */
#include "certs.h"
#include "pipe.h"

static tls_id ec_ca, rsa_ca, ec_by_ec, ec_by_rsa, rsa_by_ec, rsa_by_rsa;

static void put16(unsigned char *at, size_t value)
{
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
}

static size_t get16(const unsigned char *at)
{
    return (size_t)at[0] << 8 | at[1];
}

/* Puts the extension in front of the others of the hello in the one record on the wire. */
static void add_extension(wire *w, const unsigned *codes, size_t n)
{
    unsigned char ext[64];
    size_t at = 5 + 4 + 2 + 32, len = 6 + 2 * n, i, rest;

    at += 1 + w->data[at];
    at += 2 + get16(w->data + at);
    at += 1 + w->data[at];
    put16(ext, 50);
    put16(ext + 2, 2 + 2 * n);
    put16(ext + 4, 2 * n);
    for (i = 0; i < n; i++)
        put16(ext + 6 + 2 * i, codes[i]);
    rest = w->len - at - 2;
    wire_put(w, ext, len);
    memmove(w->data + at + 2 + len, w->data + at + 2, rest);
    memcpy(w->data + at + 2, ext, len);
    put16(w->data + at, get16(w->data + at) + len);
    put16(w->data + 7, get16(w->data + 7) + len);
    put16(w->data + 3, get16(w->data + 3) + len);
}

static const unsigned only_ecdsa[] = { 0x0403 }, only_pkcs1[] = { 0x0401, 0x0501 };

static const char *name(X509 *cert)
{
    return cert == NULL ? "none" : cert == ec_by_ec.cert ? "EC by EC" : cert == ec_by_rsa.cert ? "EC by RSA"
        : cert == rsa_by_ec.cert ? "RSA by EC" : cert == rsa_by_rsa.cert ? "RSA by RSA" : "?";
}

static void run(int v, const tls_id *ec, const tls_id *rsa, const unsigned *codes, size_t n, const char *what)
{
    world w = { .cctx = tls_client_ctx(NULL), .sctx = tls_server_ctx(ec) };
    duo *d;

    /* Suites that both libraries have, whichever is the client. */
    SSL_CTX_set_cipher_list(w.cctx, "ECDHE+AESGCM");
    if (rsa != NULL) {
        SSL_CTX_use_certificate(w.sctx, rsa->cert);
        SSL_CTX_use_PrivateKey(w.sctx, rsa->key);
    }
    d = duo_new(&w, v);
    tls_step(d->c, &d->out.client);
    if (n > 0)
        add_extension(&d->c2s, codes, n);
    tls_step(d->s, &d->out.server);
    if (v == TLS1_2_VERSION && rsa != NULL && (codes == only_ecdsa || codes == only_pkcs1)
        && (codes == only_ecdsa) == (ec == &ec_by_rsa)) {
        /* OpenSSL has settled on a suite for the first certificate before it looks at the signature. */
        if (differs("second-certificate", "a suite for the other certificate is taken"))
            is_ptr(SSL_get_certificate(d->s), rsa->cert, "%s: serves the other", what);
        else
            is_int(d->out.server.reason, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, "%s: fails", what);
    } else {
        same("%s, %s%s%s: %d (%s), serves %s", version_name(v), name(ec->cert), rsa ? " and another" : "", what,
             d->out.server.done, d->out.server.errors,
             d->out.server.done == 0 ? name(SSL_get_certificate(d->s)) : "nothing");
    }
    is_int(d->s2c.len > 0, 1, "%s: answers", what);
    duo_free(d);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
}

int main(void)
{
    static const unsigned pss[] = { 0x0804 }, unknown[] = { 0xfafa }, both[] = { 0xfafa, 0x0401, 0x0403 };

    ec_ca = tls_ca("P-256", "EC CA");
    rsa_ca = tls_ca("RSA", "RSA CA");
    ec_by_ec = tls_leaf(&ec_ca, "P-256", "localhost", NULL);
    ec_by_rsa = tls_leaf(&rsa_ca, "P-256", "localhost", NULL);
    rsa_by_ec = tls_leaf(&ec_ca, "RSA", "localhost", NULL);
    rsa_by_rsa = tls_leaf(&rsa_ca, "RSA", "localhost", NULL);
    FOR_VERSIONS(v) {
        const tls_id *const pairs[][2] = {
            { &ec_by_ec, NULL }, { &ec_by_rsa, NULL }, { &rsa_by_ec, NULL }, { &rsa_by_rsa, NULL },
            { &ec_by_ec, &rsa_by_rsa }, { &ec_by_rsa, &rsa_by_ec },
        };
        size_t i;

        for (i = 0; i < sizeof pairs / sizeof *pairs; i++) {
            run(v, pairs[i][0], pairs[i][1], NULL, 0, " without");
            run(v, pairs[i][0], pairs[i][1], only_ecdsa, 1, " by ECDSA");
            run(v, pairs[i][0], pairs[i][1], only_pkcs1, 2, " by PKCS#1");
            run(v, pairs[i][0], pairs[i][1], pss, 1, " by PSS");
            run(v, pairs[i][0], pairs[i][1], unknown, 1, " by something unknown");
            run(v, pairs[i][0], pairs[i][1], both, 3, " by both");
        }
    }
    tls_id_free(&ec_by_ec);
    tls_id_free(&ec_by_rsa);
    tls_id_free(&rsa_by_ec);
    tls_id_free(&rsa_by_rsa);
    tls_id_free(&ec_ca);
    tls_id_free(&rsa_ca);
    return done();
}
