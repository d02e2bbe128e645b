/* What a server answers to a ClientHello without signature algorithms, as clients of TLS 1.0 and 1.1
 * send, and to one with SHA-1 alone, and a client to such a CertificateRequest: the reason that is logged, the alert, and the version that it goes out with. */
#include "pipe.h"

static world w;
static int names_asked, hellos_asked;

static int on_name(SSL *ssl, int *alert, void *arg)
{
    (void)ssl;
    (void)alert;
    (void)arg;
    names_asked++;
    return SSL_TLSEXT_ERR_OK;
}

static int on_hello(SSL *ssl, int *alert, void *arg)
{
    (void)ssl;
    (void)alert;
    (void)arg;
    hellos_asked++;
    return SSL_CLIENT_HELLO_SUCCESS;
}

static void put16(unsigned char *at, size_t n)
{
    at[0] = (unsigned char)(n >> 8);
    at[1] = (unsigned char)n;
}

/* A hello of `version` with TLS_AES_128_GCM_SHA256 if `suite` is 1, and ECDHE-ECDSA-AES128-GCM-SHA256,
 * ECDHE-ECDSA-AES128-SHA and AES128-SHA. */
static void put_hello(wire *to, int version, unsigned char suite, const void *extensions, size_t len)
{
    unsigned char hello[300] = { 22, 3, 1, 0, 0, 1, 0 };
    size_t n = 9;

    put16(hello + n, (size_t)version);
    n += 2;
    memset(hello + n, 7, 32);
    n += 32;
    memcpy(hello + n, "\0\0\10\x13\0\xc0\x2b\xc0\x09\0\x2f\1\0", 13);
    hello[n + 4] = suite;
    n += 13;
    if (len != 0) {
        put16(hello + n, len);
        memcpy(hello + n + 2, extensions, len);
        n += 2 + len;
    }
    put16(hello + 3, n - 5);
    put16(hello + 7, n - 9);
    wire_put(to, hello, n);
}

static void answer(const char *what, const int *range, int version, unsigned char suite,
                   const void *extensions, size_t len)
{
    int min = range[0], max = range[1];
    duo *d = duo_new(&w, 0);
    char sent[60] = "";
    int r;
    size_t i;

    SSL_set_min_proto_version(d->s, min);
    SSL_set_max_proto_version(d->s, max);
    put_hello(&d->c2s, version, suite, extensions, len);
    names_asked = hellos_asked = 0;
    ERR_clear_error();
    r = SSL_do_handshake(d->s);
    for (i = 0; i < d->s2c.len && i < 20; i++)
        sprintf(sent + 2 * i, "%02x", d->s2c.data[i]);
    same("%s, %x to %x, %x: %d, error %d, reason %d, alert %x, version %s, asked %d %d", what, min, max,
         version, r, SSL_get_error(d->s, r), tls_ssl_reason(),
         trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0), SSL_get_version(d->s), names_asked, hellos_asked);
    same("%s", sent);
    duo_free(d);
}

/* The server takes SHA-1, the client does not sign with it. */
static void asked_for_sha1(void)
{
    tls_id own = tls_cert(&w.ca, "P-256", "client", NULL, "clientAuth", 0, -3600, 86400);
    duo *d = duo_new(&w, TLS1_2_VERSION);

    SSL_set_security_level(d->s, 0);
    TLS_MUST(SSL_set1_client_sigalgs_list(d->s, "ECDSA+SHA1"));
    SSL_set_verify(d->s, SSL_VERIFY_PEER, NULL);
    TLS_MUST(SSL_use_certificate(d->c, own.cert) && SSL_use_PrivateKey(d->c, own.key));
    same("asked for SHA-1: %d", duo_handshake(d));
    same("reasons %d %d, alert %x, peer %d", d->out.client.reason, d->out.server.reason,
         trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0), SSL_get0_peer_certificate(d->s) != NULL);
    duo_free(d);
    tls_id_free(&own);
}

int main(void)
{
    static const int versions[] = { 0x0300, 0x0301, 0x0302, 0x0303, 0x0304 };
    static const int ranges[][2] = { { 0, 0 }, { 0x0303, 0x0303 }, { 0x0304, 0x0304 } };
    static const char named[] = "\0\0\0\x0e\0\x0c\0\0\x09localhost"
                                "\0\x0a\0\4\0\2\0\x17\0\x0b\0\2\1\0";
    static const char newest[] = "\0\x2b\0\3\2\3\4\0\x0a\0\4\0\2\0\x17";
    static const char sha1[] = "\0\x0d\0\6\0\4\2\3\2\1\0\x0a\0\4\0\2\0\x17";
    size_t i, j;

    w = world_make();
    SSL_CTX_set_tlsext_servername_callback(w.sctx, on_name);
    SSL_CTX_set_client_hello_cb(w.sctx, on_hello, NULL);
    ok(w.sctx != NULL, "the answers are compared");
    for (i = 0; i < sizeof versions / sizeof *versions; i++)
        for (j = 0; j < sizeof ranges / sizeof *ranges; j++) {
            answer("newest, no suite", ranges[j], versions[i], 0xff, newest, sizeof newest - 1);
            answer("newest", ranges[j], versions[i], 1, newest, sizeof newest - 1);
            /* OpenSSL still has these, and then finds no suite at its security level. */
            if (j == 0 && (versions[i] == 0x0301 || versions[i] == 0x0302))
                continue;
            answer("bare", ranges[j], versions[i], 0xff, NULL, 0);
            answer("named", ranges[j], versions[i], 0xff, named, sizeof named - 1);
            answer("SHA-1", ranges[j], versions[i], 0xff, sha1, sizeof sha1 - 1);
        }
    asked_for_sha1();
    world_free(&w);
    return done();
}
