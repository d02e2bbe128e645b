/* Security levels and the callback behind them: what the default callback says, and what is
 * refused when it is set. SSL_CTX_set_security_level(3). */
#include "security.h"

#include <openssl/dh.h>

static void test_levels(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl;

    is_int(SSL_CTX_get_security_level(ctx), 2, "the default level is 2");
    SSL_CTX_set_security_level(ctx, 3);
    ssl = SSL_new(ctx);
    is_int(SSL_get_security_level(ssl), 3, "inherited");
    SSL_set_security_level(ssl, 1);
    is_int(SSL_CTX_get_security_level(ctx), 3, "a connection's is its own");
    is_int(SSL_set_cipher_list(ssl, "DEFAULT:@SECLEVEL=4"), 1, "a list with a level");
    is_int(SSL_get_security_level(ssl), 4, "sets it");
    is_int(SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0"), 1, "on a context too");
    is_int(SSL_CTX_get_security_level(ctx), 0, "sets it");
    is_int(SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=6"), 0, "there is no level 6");
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* Level by level, what the default callback says. */
static void test_default_callback(void)
{
    static const struct {
        int op, bits, nid, level;
        const char *what;
    } rows[] = { { SSL_SECOP_EE_KEY, 79, 0, 0, "79 bits" },
                 { SSL_SECOP_EE_KEY, 80, 0, 1, "80 bits" },
                 { SSL_SECOP_CA_MD, 112, NID_sha224, 2, "112 bits" },
                 { SSL_SECOP_CURVE_SHARED, 128, NID_X9_62_prime256v1, 3, "128 bits" },
                 { SSL_SECOP_SIGALG_CHECK, 192, NID_sha384, 4, "192 bits" },
                 { SSL_SECOP_CA_KEY, 256, 0, 5, "256 bits" },
                 { SSL_SECOP_TMP_DH, 80, 0, 1, "DH of 80 bits" },
                 { SSL_SECOP_TMP_DH, 79, 0, -1, "DH of 79 bits" },
                 { SSL_SECOP_TICKET, 0, 0, 2, "tickets" },
                 { SSL_SECOP_COMPRESSION, 0, 0, 1, "compression" } };
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    int (*cb)(const SSL *, const SSL_CTX *, int, int, int, void *, void *) =
        SSL_CTX_get_security_callback(ctx);
    size_t i;
    int level;

    ok(cb != NULL, "there is a default callback");
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (level = 0; level <= 5; level++) {
            SSL_CTX_set_security_level(ctx, level);
            is_int(cb(NULL, ctx, rows[i].op, rows[i].bits, rows[i].nid, NULL, NULL),
                   level <= rows[i].level, "%s at level %d", rows[i].what, level);
        }
    SSL_CTX_free(ctx);
}

/* Versions and suites are asked about with a connection. */
static void test_default_on_ssl(void)
{
    static const struct {
        int version, level;
    } versions[] = { { SSL3_VERSION, 1 }, { TLS1_VERSION, 2 }, { TLS1_1_VERSION, 3 },
                     { TLS1_2_VERSION, 5 }, { TLS1_3_VERSION, 5 } };
    static const struct {
        const char *name;
        int level;
    } suites[] = { { "ECDHE-RSA-AES128-GCM-SHA256", 3 }, { "AES256-GCM-SHA384", 2 },
                   { "ECDHE-RSA-AES256-SHA", 3 }, { "TLS_AES_256_GCM_SHA384", 5 },
                   { "TLS_AES_128_GCM_SHA256", 3 }, { "ADH-AES256-SHA256", 0 } };
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    STACK_OF(SSL_CIPHER) *all;
    SSL *ssl;
    size_t i;
    int level, j;

    TLS_MUST(SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0"));
    all = SSL_CTX_get_ciphers(ctx);
    ssl = SSL_new(ctx);
    for (level = 0; level <= 5; level++) {
        SSL_set_security_level(ssl, level);
        for (i = 0; i < sizeof versions / sizeof versions[0]; i++)
            is_int(SSL_get_security_callback(ssl)(ssl, NULL, SSL_SECOP_VERSION, 0,
                                                  versions[i].version, NULL, NULL),
                   level <= versions[i].level, "version %x at level %d", versions[i].version,
                   level);
        for (i = 0; i < sizeof suites / sizeof suites[0]; i++)
            for (j = 0; j < sk_SSL_CIPHER_num(all); j++) {
                const SSL_CIPHER *c = sk_SSL_CIPHER_value(all, j);

                if (strcmp(SSL_CIPHER_get_name(c), suites[i].name) == 0)
                    is_int(SSL_get_security_callback(ssl)(ssl, NULL, SSL_SECOP_CIPHER_SHARED,
                                                          SSL_CIPHER_get_bits(c, NULL), 0,
                                                          (void *)c, NULL),
                           level <= suites[i].level, "%s at level %d", suites[i].name, level);
            }
    }
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void refuses(int result, int reason, const char *what)
{
    is_int(result, 0, "%s: refused", what);
    is_int(last_reason(), reason, "%s: the reason", what);
}

static void test_loading(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    char *file = tls_pem_file(small_leaf.cert, NULL), *chain = tls_pem_file(below_small.cert, NULL);
    unsigned char *der = NULL;
    int len = i2d_X509(small_leaf.cert, &der);
    STACK_OF(X509) *stack = sk_X509_new_null();
    FILE *f = fopen(chain, "a");

    PEM_write_X509(f, small_ca.cert);
    fclose(f);
    sk_X509_push(stack, small_ca.cert);
    refuses(SSL_CTX_use_certificate(ctx, small_leaf.cert), SSL_R_EE_KEY_TOO_SMALL, "RSA 1024");
    refuses(SSL_use_certificate(ssl, small_leaf.cert), SSL_R_EE_KEY_TOO_SMALL, "on an SSL");
    refuses(SSL_CTX_use_certificate_file(ctx, file, SSL_FILETYPE_PEM), SSL_R_EE_KEY_TOO_SMALL,
            "a file");
    refuses(SSL_use_certificate_file(ssl, file, SSL_FILETYPE_PEM), SSL_R_EE_KEY_TOO_SMALL,
            "a file on an SSL");
    refuses(SSL_CTX_use_certificate_ASN1(ctx, len, der), SSL_R_EE_KEY_TOO_SMALL, "DER");
    refuses(SSL_CTX_use_certificate_chain_file(ctx, file), SSL_R_EE_KEY_TOO_SMALL, "a chain file");
    refuses(SSL_CTX_use_certificate(ctx, sha1_leaf.cert), SSL_R_CA_MD_TOO_WEAK, "SHA-1");
    refuses(SSL_use_certificate(ssl, sha1_leaf.cert), SSL_R_CA_MD_TOO_WEAK, "SHA-1 on an SSL");
    refuses(SSL_CTX_use_cert_and_key(ctx, small_leaf.cert, small_leaf.key, NULL, 1),
            SSL_R_EE_KEY_TOO_SMALL, "with its key");
    refuses(SSL_use_cert_and_key(ssl, leaf.cert, leaf.key, stack, 1), SSL_R_CA_KEY_TOO_SMALL,
            "a good one with a weak authority");
    refuses(SSL_CTX_use_certificate_chain_file(ctx, chain), SSL_R_CA_KEY_TOO_SMALL,
            "a chain file with a weak authority");
    is_int(SSL_CTX_use_certificate(ctx, leaf.cert), 1, "P-256 with SHA-256 is taken");
    refuses((int)SSL_CTX_add1_chain_cert(ctx, small_ca.cert), SSL_R_CA_KEY_TOO_SMALL,
            "an authority");
    refuses((int)SSL_CTX_set1_chain(ctx, stack), SSL_R_CA_KEY_TOO_SMALL, "a chain");
    refuses((int)SSL_set1_chain(ssl, stack), SSL_R_CA_KEY_TOO_SMALL, "a chain on an SSL");
    refuses((int)SSL_add1_chain_cert(ssl, sha1_leaf.cert), SSL_R_CA_MD_TOO_WEAK,
            "a weak signature in it");
    X509_up_ref(small_ca.cert);
    is_int(SSL_CTX_add_extra_chain_cert(ctx, small_ca.cert), 1, "an extra one is not judged");
    SSL_set_security_level(ssl, 1);
    is_int(SSL_use_certificate(ssl, small_leaf.cert), 1, "RSA 1024 at level 1");
    refuses(SSL_use_certificate(ssl, sha1_leaf.cert), SSL_R_CA_MD_TOO_WEAK, "SHA-1 at level 1");
    SSL_set_security_level(ssl, 0);
    is_int(SSL_use_certificate(ssl, sha1_leaf.cert), 1, "SHA-1 at level 0");
    SSL_CTX_set_security_level(ctx, 4);
    refuses(SSL_CTX_use_certificate(ctx, leaf.cert), SSL_R_EE_KEY_TOO_SMALL, "P-256 at level 4");
    unlink(file);
    unlink(chain);
    free(file);
    free(chain);
    OPENSSL_free(der);
    sk_X509_free(stack);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void test_build_chain(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());

    X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), small_ca.cert);
    TLS_MUST(SSL_CTX_use_certificate(ctx, below_small.cert) == 1);
    refuses((int)SSL_CTX_build_cert_chain(ctx, 0), SSL_R_CA_KEY_TOO_SMALL, "a chain that is built");
    SSL_CTX_set_security_level(ctx, 1);
    is_int(SSL_CTX_build_cert_chain(ctx, 0), 1, "the same at level 1");
    SSL_CTX_free(ctx);
}

static EVP_PKEY *dh_group(const char *name)
{
    EVP_PKEY_CTX *gen = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    EVP_PKEY *key = NULL;
    OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string("group", (char *)name, 0),
                            OSSL_PARAM_construct_end() };

    TLS_MUST(EVP_PKEY_keygen_init(gen) > 0 && EVP_PKEY_CTX_set_params(gen, params) > 0
             && EVP_PKEY_generate(gen, &key) > 0);
    EVP_PKEY_CTX_free(gen);
    return key;
}

static void test_dh(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    EVP_PKEY *small = dh_group("modp_1536"), *good = dh_group("ffdhe2048");
    struct asked *q;

    refuses(SSL_CTX_set0_tmp_dh_pkey(ctx, small), SSL_R_DH_KEY_TOO_SMALL, "DH of 1536 bits");
    refuses(SSL_set0_tmp_dh_pkey(ssl, small), SSL_R_DH_KEY_TOO_SMALL, "on an SSL");
    EVP_PKEY_up_ref(good);
    is_int(SSL_CTX_set0_tmp_dh_pkey(ctx, good), 1, "DH of 2048 bits is taken");
    SSL_CTX_set_security_level(ctx, 1);
    EVP_PKEY_up_ref(small);
    is_int(SSL_CTX_set0_tmp_dh_pkey(ctx, small), 1, "the small one at level 1");
    watch(ctx, SSL_SECOP_TMP_DH, 0);
    refuses(SSL_CTX_set0_tmp_dh_pkey(ctx, good), SSL_R_DH_KEY_TOO_SMALL, "the callback refuses");
    q = find(SSL_SECOP_TMP_DH);
    ok(q != NULL && q->on_ctx && q->bits == 112 && q->nid == 0 && q->other == good,
       "its arguments");
    EVP_PKEY_free(small);
    EVP_PKEY_free(good);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void test_loading_callback(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    struct asked *q;

    watch(ctx, 0, 0);
    wrong_ex = 0;
    is_int(SSL_CTX_use_certificate(ctx, leaf.cert), 1, "a certificate it permits");
    is_int(questions, 2, "two questions");
    q = find(SSL_SECOP_EE_KEY);
    ok(q != NULL && q->on_ctx && q->bits == 128 && q->nid == 0 && q->other == leaf.cert,
       "its key");
    q = find(SSL_SECOP_CA_MD);
    ok(q != NULL && q->on_ctx && q->bits == 128 && q->nid == NID_sha256 && q->other == leaf.cert,
       "its digest");
    watch(ctx, 0, 0);
    is_int(SSL_CTX_use_certificate(ctx, small_leaf.cert), 1, "a weak one it permits");
    watch(ctx, 0, 0);
    is_int(SSL_CTX_add1_chain_cert(ctx, root.cert), 1, "a self-signed authority");
    is_int(questions, 1, "has no signature to judge");
    q = find(SSL_SECOP_CA_KEY);
    ok(q != NULL && q->bits == 128 && q->other == root.cert, "its key");
    watch(ctx, SSL_SECOP_CA_MD, 0);
    refuses(SSL_CTX_use_certificate(ctx, leaf.cert), SSL_R_CA_MD_TOO_WEAK, "it refuses");
    is_int(wrong_ex, 0, "its other arguments were right");
    SSL_CTX_free(ctx);
}

int main(void)
{
    make_ids();
    test_levels();
    test_default_callback();
    test_default_on_ssl();
    test_loading();
    test_build_chain();
    test_dh();
    test_loading_callback();
    free_ids();
    return done();
}
