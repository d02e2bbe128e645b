/* SSL_CTX_use_serverinfo_ex(3): what a client that sends the extension is answered, with the
 * certificate it is served. */
#include "certs.h"

#define KIND 1000

static tls_id ca, rsa, ec;
static unsigned char got[64];
static size_t got_len;
static int parsed;

static int on_parse(SSL *ssl, unsigned int type, unsigned int context, const unsigned char *in,
                    size_t len, X509 *x, size_t chainidx, int *al, void *arg)
{
    (void)ssl, (void)context, (void)x, (void)chainidx, (void)al, (void)arg;
    TLS_MUST(type == KIND && len <= sizeof got);
    memcpy(got, in, len);
    got_len = len;
    parsed++;
    return 1;
}

/* The second format: context, type, length, data. */
static size_t entry(unsigned char *out, unsigned int context, const char *text)
{
    size_t len = strlen(text);

    out[0] = (unsigned char)(context >> 24);
    out[1] = (unsigned char)(context >> 16);
    out[2] = (unsigned char)(context >> 8);
    out[3] = (unsigned char)context;
    out[4] = KIND >> 8;
    out[5] = KIND & 0xff;
    out[6] = 0;
    out[7] = (unsigned char)len;
    memcpy(out + 8, text, len);
    return 8 + len;
}

#define ANY (SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS)

struct run {
    const char *what;
    int version;
    unsigned int context;  /* of the server's */
    const char *sigalgs;   /* the client's: which certificate it is served */
    int asks;              /* whether the client sends the extension */
    const char *expected;  /* NULL: nothing */
};

static void test_run(const struct run *run)
{
    SSL_CTX *sctx = tls_server_ctx(&rsa), *cctx = tls_client_ctx(&ca);
    unsigned char info[64];
    size_t len = entry(info, run->context, "for RSA");
    SSL *c, *s;
    tls_outcome out;

    /* It goes with the certificate set last. */
    is_int(SSL_CTX_use_serverinfo_ex(sctx, SSL_SERVERINFOV2, info, len), 1, "%s: set", run->what);
    TLS_MUST(SSL_CTX_use_certificate(sctx, ec.cert) && SSL_CTX_use_PrivateKey(sctx, ec.key));
    fix_version(cctx, run->version);
    TLS_MUST(SSL_CTX_set1_sigalgs_list(cctx, run->sigalgs));
    SSL_CTX_set_verify(cctx, SSL_VERIFY_NONE, NULL);
    if (run->asks)
        TLS_MUST(SSL_CTX_add_custom_ext(cctx, KIND, ANY, NULL, NULL, NULL, on_parse, NULL));
    parsed = 0;
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    tls_join(c, s, TLS_PAIR);
    ok(tls_handshake(c, s, &out) && tls_echo(c, s), "%s: connects (%s|%s)", run->what,
       out.client.errors, out.server.errors);
    is_int(parsed, run->expected != NULL, "%s: answered", run->what);
    if (run->expected != NULL && parsed) {
        is_int(got_len, strlen(run->expected), "%s: length", run->what);
        is_mem(got, run->expected, got_len, "%s: bytes", run->what);
    }
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

int main(void)
{
    static const struct run runs[] = {
        { "TLS 1.2", TLS1_2_VERSION, ANY, "RSA-PSS+SHA256", 1, "for RSA" },
        { "TLS 1.3", TLS1_3_VERSION, ANY, "RSA-PSS+SHA256", 1, "for RSA" },
        { "TLS 1.2, the other certificate", TLS1_2_VERSION, ANY, "ECDSA+SHA256", 1, NULL },
        { "TLS 1.3, the other certificate", TLS1_3_VERSION, ANY, "ECDSA+SHA256", 1, NULL },
        { "TLS 1.2, not asked", TLS1_2_VERSION, ANY, "RSA-PSS+SHA256", 0, NULL },
        { "TLS 1.3, not asked", TLS1_3_VERSION, ANY, "RSA-PSS+SHA256", 0, NULL },
        { "TLS 1.3, of TLS 1.2 only", TLS1_3_VERSION, ANY | SSL_EXT_TLS1_2_AND_BELOW_ONLY,
          "RSA-PSS+SHA256", 1, NULL },
        { "TLS 1.2, of TLS 1.3 only", TLS1_2_VERSION, ANY | SSL_EXT_TLS1_3_ONLY,
          "RSA-PSS+SHA256", 1, NULL },
    };
    size_t i;

    ca = tls_ca("P-256", "serverinfo CA");
    rsa = tls_leaf(&ca, "RSA", "rsa", "DNS:localhost");
    ec = tls_leaf(&ca, "P-256", "ec", "DNS:localhost");
    for (i = 0; i < sizeof runs / sizeof *runs; i++)
        test_run(&runs[i]);
    tls_id_free(&rsa);
    tls_id_free(&ec);
    tls_id_free(&ca);
    return done();
}
