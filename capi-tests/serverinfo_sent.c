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

/* What a client that adds `asked` to its hello and takes answers in `places` gets, of a server whose
 * information is given by `format`: as one line. */
static int on_add(SSL *ssl, unsigned int type, unsigned int context, const unsigned char **out,
                  size_t *len, X509 *x, size_t chainidx, int *al, void *arg)
{
    (void)ssl, (void)type, (void)x, (void)chainidx, (void)al;
    *out = arg;
    *len = strlen(arg);
    return context == SSL_EXT_CLIENT_HELLO;
}

static int on_place(SSL *ssl, unsigned int type, unsigned int context, const unsigned char *in,
                    size_t len, X509 *x, size_t chainidx, int *al, void *arg)
{
    (void)ssl, (void)type, (void)al, (void)arg;
    same("answered in %x, %zu, %s: %.*s", context, chainidx,
         x == NULL ? "no certificate" : X509_cmp(x, rsa.cert) == 0 ? "RSA" : "another", (int)len,
         (const char *)in);
    return 1;
}

static void test_places(int version, int format, unsigned int context, const char *asked)
{
    SSL_CTX *sctx = tls_server_ctx(&ec), *cctx = tls_client_ctx(&ca);
    unsigned char info[64];
    SSL_SESSION *session = NULL;
    size_t len = entry(info, context, "for EC"), skipped = format == SSL_SERVERINFOV1 ? 4 : 0;
    const char *const sigalgs[] = { "ECDSA+SHA256", "RSA-PSS+SHA256" };

    same("-- version %x, format %d, context %x, asked \"%s\"", version, format, context, asked);
    SSL_CTX_set_session_id_context(sctx, (const unsigned char *)"info", 4);
    same("set %d", SSL_CTX_use_serverinfo_ex(sctx, format, info + skipped, len - skipped));
    /* Each certificate has its own, though the second of the same type is said to fail. */
    TLS_MUST(SSL_CTX_use_certificate(sctx, rsa.cert) && SSL_CTX_use_PrivateKey(sctx, rsa.key)
             && SSL_CTX_add1_chain_cert(sctx, ca.cert));
    len = entry(info, context, "for RSA");
    same("set %d", SSL_CTX_use_serverinfo_ex(sctx, format, info + skipped, len - skipped));
    TLS_MUST(SSL_CTX_add_custom_ext(cctx, KIND, ANY | SSL_EXT_TLS1_3_CERTIFICATE, on_add, NULL,
                                    (void *)asked, on_place, NULL));
    ERR_clear_error();
    fix_version(cctx, version);
    for (int i = 0; i < 3; i++) {
        SSL *c = SSL_new(cctx), *s = SSL_new(sctx);
        tls_outcome out;

        /* The third resumes the second. */
        TLS_MUST(SSL_set1_sigalgs_list(c, sigalgs[i > 0]));
        if (i == 2 && session != NULL)
            SSL_set_session(c, session);
        tls_join(c, s, TLS_PAIR);
        tls_handshake(c, s, &out);
        same("connects %d %d, resumed %d", out.client.done, out.server.done, SSL_session_reused(c));
        same("client %s, server %s", out.client.errors, out.server.errors);
        ok(i == 2 || !SSL_session_reused(c), "the third alone resumes");
        if (out.client.done == 1)
            same("data %d", tls_echo(c, s));
        SSL_SESSION_free(session);
        session = SSL_get1_session(c);
        SSL_shutdown(c);
        SSL_shutdown(s);
        SSL_free(c);
        SSL_free(s);
        ERR_clear_error();
    }
    SSL_SESSION_free(session);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

int main(void)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    static const unsigned int contexts[] = {
        SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_3_CERTIFICATE, ANY,
        ANY | SSL_EXT_IGNORE_ON_RESUMPTION,
    };
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
    for (i = 0; i < 2; i++) {
        test_places(versions[i], SSL_SERVERINFOV1, 0, "");
        test_places(versions[i], SSL_SERVERINFOV1, 0, "more");
        for (size_t j = 0; j < sizeof contexts / sizeof *contexts; j++)
            test_places(versions[i], SSL_SERVERINFOV2, contexts[j], "");
        test_places(versions[i], SSL_SERVERINFOV2, ANY, "more");
    }
    tls_id_free(&rsa);
    tls_id_free(&ec);
    tls_id_free(&ca);
    return done();
}
