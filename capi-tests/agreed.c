/* What two sides agree on with many lists, and all that a program can ask about it afterwards. */
#include "pipe.h"

static const struct {
    const char *what;
    int version;
    const char *client_list, *server_list, *client_suites, *server_suites;
    const char *client_groups, *server_groups, *client_sigalgs, *server_sigalgs;
    unsigned long server_options;
    const char *key;
} rows[] = {
    { "plain 1.2", TLS1_2_VERSION, "ECDHE+AESGCM:ECDHE+CHACHA20", "ECDHE+AESGCM:ECDHE+CHACHA20", NULL, NULL, "P-256:X25519", "X25519:P-256", NULL, NULL, 0, "P-256" },
    { "the server's order, 1.2", TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256",
      NULL, NULL, "P-256:X25519", "X25519:P-256", NULL, NULL, SSL_OP_CIPHER_SERVER_PREFERENCE, "P-256" },
    { "one suite in common, 1.2", TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384",
      NULL, NULL, "P-384", "P-384:P-256", NULL, NULL, 0, "P-256" },
    { "ChaCha first, 1.2", TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305",
      NULL, NULL, "P-256", "P-256", NULL, NULL, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA, "P-256" },
    { "plain 1.3", TLS1_3_VERSION, NULL, NULL, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256", "P-256:X25519", "X25519:P-256", NULL, NULL, 0, "P-256" },
    { "the server's order, 1.3", TLS1_3_VERSION, NULL, NULL, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256", "P-256:X25519",
      "X25519:P-256", NULL, NULL, SSL_OP_CIPHER_SERVER_PREFERENCE, "P-256" },
    { "retried", TLS1_3_VERSION, NULL, NULL, "TLS_CHACHA20_POLY1305_SHA256", NULL, "P-256:X448:P-521", "P-521:X448", NULL, NULL, 0, "P-256" },
    { "CCM", TLS1_3_VERSION, NULL, NULL, "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256", "TLS_AES_128_CCM_SHA256", "X25519", "X25519", NULL, NULL, 0, "P-256" },
    { "FFDHE", TLS1_3_VERSION, NULL, NULL, NULL, NULL, "ffdhe2048:ffdhe3072", "ffdhe3072", NULL, NULL, 0, "P-256" },
    { "algorithms 1.3", TLS1_3_VERSION, NULL, NULL, NULL, NULL, "P-256", "P-256", "rsa_pss_rsae_sha256:ECDSA+SHA256:ed25519", "ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256", 0, "P-256" },
    { "algorithms 1.2", TLS1_2_VERSION, "ECDHE+AESGCM", "ECDHE+AESGCM", NULL, NULL, "P-256", "P-256", "ECDSA+SHA384:ECDSA+SHA256:RSA+SHA256", "ECDSA+SHA256:ECDSA+SHA384", 0, "P-256" },
    { "RSA 1.2", TLS1_2_VERSION, "ECDHE+AESGCM", "ECDHE+AESGCM", NULL, NULL, "P-256", "P-256", "RSA+SHA512:RSA-PSS+SHA256", "RSA-PSS+SHA256:RSA+SHA512", SSL_OP_CIPHER_SERVER_PREFERENCE, "RSA" },
    { "RSA 1.3", TLS1_3_VERSION, NULL, NULL, NULL, NULL, "P-256", "P-256", "RSA+SHA512:RSA-PSS+SHA384:RSA-PSS+SHA256", "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA512", 0, "RSA" },
    { "Ed25519", TLS1_3_VERSION, NULL, NULL, NULL, NULL, "P-256", "P-256", "ed25519:ECDSA+SHA256", "ECDSA+SHA256:ed25519", 0, "ED25519" },
    { "P-384's key", TLS1_3_VERSION, NULL, NULL, NULL, NULL, "P-256:P-384", "P-256", "ECDSA+SHA256:ECDSA+SHA384", NULL, 0, "P-384" },
    { "no suite in common", TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", NULL, NULL, "P-256", "P-256", NULL, NULL, 0, "P-256" },
    { "no suite in common, 1.3", TLS1_3_VERSION, NULL, NULL, "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "P-256", "P-256", NULL, NULL, 0, "P-256" },
    { "no group in common", TLS1_2_VERSION, "ECDHE+AESGCM", "ECDHE+AESGCM", NULL, NULL, "P-256", "P-384", NULL, NULL, 0, "P-256" },
    { "no group in common, 1.3", TLS1_3_VERSION, NULL, NULL, NULL, NULL, "P-256", "P-384", NULL, NULL, 0, "P-256" },
    { "no algorithm in common", TLS1_2_VERSION, "ECDHE+AESGCM", "ECDHE+AESGCM", NULL, NULL, "P-256", "P-256", "ECDSA+SHA384", "ECDSA+SHA256", 0, "P-256" },
    { "no algorithm in common, 1.3", TLS1_3_VERSION, NULL, NULL, NULL, NULL, "P-256", "P-256", "ECDSA+SHA384", "ECDSA+SHA256", 0, "P-256" },
};

static void suites(const char *who, const STACK_OF(SSL_CIPHER) *list)
{
    char text[1024] = "";

    for (int i = 0; i < sk_SSL_CIPHER_num(list); i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), " %s", SSL_CIPHER_get_name(sk_SSL_CIPHER_value(list, i)));
    same("... %s:%s", who, list ? text : " none");
}

static void algorithms(const char *who, SSL *ssl, int shared)
{
    int n = shared ? SSL_get_shared_sigalgs(ssl, 0, NULL, NULL, NULL, NULL, NULL) : SSL_get_sigalgs(ssl, -1, NULL, NULL, NULL, NULL, NULL);
    char text[1024] = "";

    for (int i = 0; i < n && i < 12; i++) {
        int sign = -1, hash = -1, both = -1;
        unsigned char sig = 0, md = 0;

        if (shared)
            SSL_get_shared_sigalgs(ssl, i, &sign, &hash, &both, &sig, &md);
        else
            SSL_get_sigalgs(ssl, i, &sign, &hash, &both, &sig, &md);
        snprintf(text + strlen(text), sizeof text - strlen(text), " %d/%d/%d/%02x%02x", sign, hash, both, md, sig);
    }
    same("... %s: %d%s", who, n, text);
    same("... beyond: %d %d %d", SSL_get_shared_sigalgs(ssl, -1, NULL, NULL, NULL, NULL, NULL), SSL_get_shared_sigalgs(ssl, n, NULL, NULL, NULL, NULL, NULL),
         SSL_get_sigalgs(ssl, 1000, NULL, NULL, NULL, NULL, NULL));
}

static void tell(SSL *ssl, const char *who)
{
    char buf[512];
    static const int sizes[] = { 0, 1, 2, 30, 31, 60, 512 };
    STACK_OF(SSL_CIPHER) *supported = SSL_get1_supported_ciphers(ssl);
    EVP_PKEY *key = NULL;
    int nid = -1, bits = -1;

    same("%s: %s, %s, %s, bits %d of %d", who, SSL_get_version(ssl), SSL_get_cipher_name(ssl), SSL_get_cipher_version(ssl), SSL_get_cipher_bits(ssl, &bits), bits);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *shared = SSL_get_shared_ciphers(ssl, buf, sizes[i]);

        same("... shared in %d: %s", sizes[i], shared ? shared : "NULL");
    }
    suites("client's suites", SSL_get_client_ciphers(ssl));
    suites("supported", supported);
    sk_SSL_CIPHER_free(supported);
    algorithms("algorithms", ssl, 0);
    algorithms("shared algorithms", ssl, 1);
    same("... group %ld, shared %ld: %ld %ld", (long)SSL_get_negotiated_group(ssl), (long)SSL_get_shared_group(ssl, -1),
         (long)SSL_get_shared_group(ssl, 0), (long)SSL_get_shared_group(ssl, 1));
    same("... offered groups %ld", (long)SSL_get1_groups(ssl, NULL));
    if (SSL_get_peer_signature_nid(ssl, &nid))
        same("... peer's digest %d", nid);
    if (SSL_get_peer_signature_type_nid(ssl, &nid))
        same("... peer's signature %d", nid);
    if (SSL_get_signature_nid(ssl, &nid))
        same("... digest %d", nid);
    if (SSL_get_signature_type_nid(ssl, &nid))
        same("... signature %d", nid);
    if (SSL_get_peer_tmp_key(ssl, &key) == 1)
        same("... peer's key %s, %d bits", EVP_PKEY_get0_type_name(key), EVP_PKEY_get_bits(key));
    EVP_PKEY_free(key);
    key = NULL;
    if (SSL_get_tmp_key(ssl, &key) == 1)
        same("... own key %s, %d bits", EVP_PKEY_get0_type_name(key), EVP_PKEY_get_bits(key));
    EVP_PKEY_free(key);
    same("... pending %s, extended master secret %ld, renegotiation %d, compression %d, reused %d, certificate's type %d",
         SSL_get_pending_cipher(ssl) ? SSL_CIPHER_get_name(SSL_get_pending_cipher(ssl)) : "none", (long)SSL_get_extms_support(ssl),
         SSL_get_secure_renegotiation_support(ssl) != 0 || SSL_version(ssl) == TLS1_3_VERSION, SSL_get_current_compression(ssl) != NULL,
         SSL_session_reused(ssl), SSL_get0_certificate_types(ssl, NULL) > 0);
    ERR_clear_error();
}

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tls_id ca = tls_ca("P-256", "Test CA"), leaf = tls_leaf(&ca, rows[i].key, "localhost", "DNS:localhost");
        SSL_CTX *cctx = tls_client_ctx(&ca), *sctx = tls_server_ctx(&leaf);
        duo *d;

        for (int side = 0; side < 2; side++) {
            SSL_CTX *ctx = side ? sctx : cctx;
            const char *const list = side ? rows[i].server_list : rows[i].client_list, *const names = side ? rows[i].server_suites : rows[i].client_suites;
            const char *const groups = side ? rows[i].server_groups : rows[i].client_groups, *const algs = side ? rows[i].server_sigalgs : rows[i].client_sigalgs;

            SSL_CTX_set_min_proto_version(ctx, rows[i].version);
            SSL_CTX_set_max_proto_version(ctx, rows[i].version);
            /* By default the lists differ by design. */
            TLS_MUST(SSL_CTX_set_cipher_list(ctx, list ? list : "ECDHE+AESGCM"));
            TLS_MUST(names == NULL || SSL_CTX_set_ciphersuites(ctx, names));
            TLS_MUST(SSL_CTX_set1_groups_list(ctx, groups));
            TLS_MUST(SSL_CTX_set1_sigalgs_list(ctx, algs ? algs : "ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA+SHA256:ed25519"));
        }
        SSL_CTX_set_options(sctx, rows[i].server_options);
        d = duo_of(SSL_new(cctx), SSL_new(sctx));
        duo_handshake(d);
        same("%s: %d %d, reasons %d %d, alerts %x %x", rows[i].what, d->out.client.done, d->out.server.done, d->out.client.reason, d->out.server.reason,
             trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0), trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0));
        if (d->out.client.done == 1 && d->out.server.done == 1) {
            tell(d->c, "client");
            tell(d->s, "server");
        }
        duo_free(d);
        SSL_CTX_free(cctx);
        SSL_CTX_free(sctx);
        tls_id_free(&leaf);
        tls_id_free(&ca);
    }
    ok(1, "all told");
    return done();
}
