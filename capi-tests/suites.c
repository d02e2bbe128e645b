/* SSL_CTX_set_cipher_list(3), SSL_CTX_set_ciphersuites(3): a connection on each suite there is,
 * with data of many sizes in both directions. */
#include "certs.h"

static const struct {
    const char *name;
    int version;
    const char *key; /* the server's */
} suites[] = {
    { "TLS_AES_128_GCM_SHA256", TLS1_3_VERSION, "P-256" },
    { "TLS_AES_256_GCM_SHA384", TLS1_3_VERSION, "P-256" },
    { "TLS_CHACHA20_POLY1305_SHA256", TLS1_3_VERSION, "P-256" },
    { "TLS_AES_128_CCM_SHA256", TLS1_3_VERSION, "P-256" },
    { "TLS_AES_128_CCM_8_SHA256", TLS1_3_VERSION, "P-256" },
    { "ECDHE-ECDSA-AES128-GCM-SHA256", TLS1_2_VERSION, "P-256" },
    { "ECDHE-ECDSA-AES256-GCM-SHA384", TLS1_2_VERSION, "P-256" },
    { "ECDHE-ECDSA-CHACHA20-POLY1305", TLS1_2_VERSION, "P-256" },
    { "ECDHE-ECDSA-AES128-CCM", TLS1_2_VERSION, "P-256" },
    { "ECDHE-ECDSA-AES256-CCM", TLS1_2_VERSION, "P-256" },
    { "ECDHE-ECDSA-AES128-CCM8", TLS1_2_VERSION, "P-256" },
    { "ECDHE-ECDSA-AES256-CCM8", TLS1_2_VERSION, "P-256" },
    { "ECDHE-RSA-AES128-GCM-SHA256", TLS1_2_VERSION, "RSA" },
    { "ECDHE-RSA-AES256-GCM-SHA384", TLS1_2_VERSION, "RSA" },
    { "ECDHE-RSA-CHACHA20-POLY1305", TLS1_2_VERSION, "RSA" },
};

static tls_id ca, ids[2];
static unsigned char data[70000];

static void set_suite(SSL_CTX *ctx, const char *name, int version)
{
    SSL_CTX_set_security_level(ctx, 0);
    fix_version(ctx, version);
    if (version == TLS1_3_VERSION)
        is_int(SSL_CTX_set_ciphersuites(ctx, name), 1, "%s: SSL_CTX_set_ciphersuites", name);
    else
        is_int(SSL_CTX_set_cipher_list(ctx, name), 1, "%s: SSL_CTX_set_cipher_list", name);
}

static void test_suite(const char *name, int version, const tls_id *id)
{
    static const int sizes[] = { 1, 15, 16, 17, 100, 16383, 16384, 16385, 70000 };
    SSL_CTX *sctx = tls_server_ctx(id), *cctx = tls_client_ctx(&ca);
    SSL *c, *s;
    tls_outcome out;
    size_t i;

    set_suite(sctx, name, version);
    set_suite(cctx, name, version);
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    tls_join(c, s, TLS_MEM);
    ok(tls_handshake(c, s, &out), "%s: connects (%s|%s)", name, out.client.errors,
       out.server.errors);
    is_str(SSL_get_cipher(c), name, "%s: the client's suite", name);
    is_str(SSL_get_cipher(s), name, "%s: the server's", name);
    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ok(tls_transfer(c, s, data, sizes[i]), "%s: %d bytes to the server", name, sizes[i]);
        ok(tls_transfer(s, c, data, sizes[i]), "%s: %d bytes to the client", name, sizes[i]);
    }
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

/* One bit changed on the way is an alert. */
static void test_corrupt(const char *name, int version, const tls_id *id)
{
    SSL_CTX *sctx = tls_server_ctx(id), *cctx = tls_client_ctx(&ca);
    SSL *c, *s;
    BIO *wire = BIO_new(BIO_s_mem());
    char *bytes, byte;
    long n;
    int reason;

    set_suite(cctx, name, version);
    SSL_CTX_set_security_level(sctx, 0);
    set_suite(sctx, name, version);
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    tls_join(c, s, TLS_MEM);
    TLS_MUST(tls_handshake(c, s, NULL) && tls_echo(c, s));
    SSL_set0_wbio(c, wire);
    TLS_MUST(SSL_write(c, data, 100) == 100);
    n = BIO_get_mem_data(wire, &bytes);
    bytes[n - 1] ^= 1;
    TLS_MUST(BIO_write(SSL_get_rbio(s), bytes, (int)n) == n);
    is_int(SSL_read(s, &byte, 1), -1, "%s: a changed tag", name);
    reason = last_reason();
    is_int(reason, SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "%s: the reason", name);
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

int main(void)
{
    size_t i;

    for (i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 7 + i / 251);
    ca = tls_ca("P-256", "suites CA");
    ids[0] = tls_leaf(&ca, "P-256", "server", "DNS:localhost");
    ids[1] = tls_leaf(&ca, "RSA", "server", "DNS:localhost");
    for (i = 0; i < sizeof suites / sizeof *suites; i++) {
        const tls_id *id = &ids[strcmp(suites[i].key, "RSA") == 0];

        test_suite(suites[i].name, suites[i].version, id);
        test_corrupt(suites[i].name, suites[i].version, id);
    }
    tls_id_free(&ids[0]);
    tls_id_free(&ids[1]);
    tls_id_free(&ca);
    return done();
}
