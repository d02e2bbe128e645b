/* Security levels and the callback behind them: what is refused when it is set, what is not
 * negotiated, what a peer's chain may be made of. SSL_CTX_set_security_level(3). */
#include "certs.h"

#include <openssl/dh.h>
#include <openssl/x509err.h>

static tls_id root, leaf, small_ca, small_leaf, below_small, sha1_leaf, p384_leaf;

static EVP_PKEY *rsa_1024(void)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);

    TLS_MUST(key != NULL);
    return key;
}

/* What the callback was asked: each question once. */
static struct asked {
    int op, bits, nid, code, on_ctx;
    void *other;
} asked[400];
static int questions;

static struct asked *find(int op)
{
    int i;

    for (i = 0; i < questions; i++)
        if (asked[i].op == op)
            return &asked[i];
    return NULL;
}

static struct asked *find_code(int op, int code)
{
    int i;

    for (i = 0; i < questions; i++)
        if (asked[i].op == op && asked[i].code == code)
            return &asked[i];
    return NULL;
}

static int deny_op, deny_code;
static void *expected_ex;
static int wrong_ex;

static int record(const SSL *s, const SSL_CTX *ctx, int op, int bits, int nid, void *other,
                  void *ex)
{
    struct asked *q = &asked[questions < 399 ? questions++ : 399];
    const unsigned char *code = other;

    *q = (struct asked){ op, bits, nid, 0, ctx != NULL && s == NULL, other };
    if (ex != expected_ex || (s != NULL) == (ctx != NULL))
        wrong_ex = 1;
    if ((op & SSL_SECOP_OTHER_TYPE) == SSL_SECOP_OTHER_CIPHER)
        q->code = SSL_CIPHER_get_protocol_id(other);
    if ((op & SSL_SECOP_OTHER_TYPE) == SSL_SECOP_OTHER_CURVE
        || (op & SSL_SECOP_OTHER_TYPE) == SSL_SECOP_OTHER_SIGALG)
        q->code = code[0] << 8 | code[1];
    return !(op == deny_op && (deny_code == 0 || deny_code == q->code
                               || (op == SSL_SECOP_VERSION && deny_code == nid)));
}

static void watch(SSL_CTX *ctx, int op, int code)
{
    static char ex;

    questions = 0;
    deny_op = op;
    deny_code = code;
    expected_ex = &ex;
    SSL_CTX_set_security_callback(ctx, record);
    SSL_CTX_set0_security_ex_data(ctx, &ex);
}

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

struct run {
    SSL *c, *s;
    tls_outcome out;
    int connected;
};

static struct run run(SSL_CTX *cctx, SSL_CTX *sctx)
{
    struct run r = { .c = SSL_new(cctx), .s = SSL_new(sctx) };

    tls_join(r.c, r.s, TLS_PAIR);
    r.connected = tls_handshake(r.c, r.s, &r.out);
    return r;
}

static void drop(struct run *r)
{
    SSL_free(r->c);
    SSL_free(r->s);
    ERR_clear_error();
}

/* The peer's chain is judged by libcrypto, at the level of the one who verifies. */
static void test_peer_chain(int version)
{
    static const struct {
        tls_id *id, *ca;
        int level;
        long result;
        const char *what;
    } rows[] = {
        { &small_leaf, &root, 1, X509_V_OK, "RSA 1024 at level 1" },
        { &small_leaf, &root, 2, X509_V_ERR_EE_KEY_TOO_SMALL, "RSA 1024 at level 2" },
        { &below_small, &small_ca, 1, X509_V_OK, "an RSA 1024 authority at level 1" },
        { &below_small, &small_ca, 2, X509_V_ERR_CA_KEY_TOO_SMALL, "and at level 2" },
        { &sha1_leaf, &root, 0, X509_V_OK, "SHA-1 at level 0" },
        { &sha1_leaf, &root, 1, X509_V_ERR_CA_MD_TOO_WEAK, "SHA-1 at level 1" },
    };
    size_t i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        SSL_CTX *sctx = SSL_CTX_new(TLS_server_method()), *cctx = tls_client_ctx(rows[i].ca);
        struct run r;

        SSL_CTX_set_security_level(sctx, 0);
        TLS_MUST(SSL_CTX_use_cert_and_key(sctx, rows[i].id->cert, rows[i].id->key, NULL, 1) == 1);
        SSL_CTX_set_security_level(cctx, rows[i].level);
        fix_version(sctx, version);
        r = run(cctx, sctx);
        is_int(SSL_get_verify_result(r.c), rows[i].result, "%s: the result", rows[i].what);
        is_int(r.connected, rows[i].result == X509_V_OK, "%s: connects or not (%s | %s)",
               rows[i].what, r.out.client.errors, r.out.server.errors);
        drop(&r);
        SSL_CTX_free(sctx);
        SSL_CTX_free(cctx);
    }
}

/* A chain that is too weak by the time it is sent. */
static void test_own_chain(int version)
{
    SSL_CTX *sctx = tls_server_ctx(NULL), *cctx = tls_client_ctx(NULL);
    struct run r;

    fix_version(sctx, version);
    SSL_CTX_set_security_level(sctx, 1);
    TLS_MUST(SSL_CTX_use_certificate(sctx, small_leaf.cert) == 1
             && SSL_CTX_use_PrivateKey(sctx, small_leaf.key) == 1);
    SSL_CTX_set_security_level(sctx, 2);
    r = run(cctx, sctx);
    ok(!r.connected, "a leaf too weak for the level set later");
    is_int(r.out.server.reason, SSL_R_EE_KEY_TOO_SMALL, "the server's reason");
    is_int(r.out.client.reason, SSL_R_TLSV1_ALERT_INTERNAL_ERROR, "the alert");
    drop(&r);
    SSL_CTX_free(sctx);

    sctx = tls_server_ctx(&leaf);
    fix_version(sctx, version);
    X509_up_ref(small_ca.cert);
    SSL_CTX_add_extra_chain_cert(sctx, small_ca.cert);
    r = run(cctx, sctx);
    ok(!r.connected, "an extra certificate too weak");
    is_int(r.out.server.reason, SSL_R_CA_KEY_TOO_SMALL, "the server's reason");
    drop(&r);
    SSL_CTX_free(sctx);
    SSL_CTX_free(cctx);
}

static void test_own_client_chain(int version)
{
    SSL_CTX *sctx = tls_server_ctx(&leaf), *cctx = tls_client_ctx(NULL);
    struct run r;

    SSL_CTX_set_verify(sctx, SSL_VERIFY_PEER, NULL);
    fix_version(sctx, version);
    TLS_MUST(SSL_CTX_use_certificate(cctx, leaf.cert) && SSL_CTX_use_PrivateKey(cctx, leaf.key));
    X509_up_ref(small_ca.cert);
    SSL_CTX_add_extra_chain_cert(cctx, small_ca.cert);
    r = run(cctx, sctx);
    ok(!r.connected, "a client's chain too weak");
    is_int(r.out.client.reason, SSL_R_CA_KEY_TOO_SMALL, "the client's reason");
    drop(&r);
    SSL_CTX_free(sctx);
    SSL_CTX_free(cctx);
}

/* Levels leave out suites, groups and schemes. */
static void test_negotiation(void)
{
    SSL_CTX *sctx = tls_server_ctx(&p384_leaf), *cctx = tls_client_ctx(NULL);
    struct run r;

    SSL_CTX_set_security_level(cctx, 4);
    TLS_MUST(SSL_CTX_set1_groups_list(cctx, "P-256:P-384"));
    fix_version(sctx, TLS1_3_VERSION);
    r = run(cctx, sctx);
    ok(r.connected, "level 4 connects (%s)", r.out.client.errors);
    ok(r.connected && SSL_CIPHER_get_bits(SSL_get_current_cipher(r.c), NULL) == 256, "256 bits");
    is_int(SSL_get_negotiated_group(r.c), NID_secp384r1, "P-384");
    drop(&r);
    TLS_MUST(SSL_CTX_set1_groups_list(cctx, "P-256"));
    r = run(cctx, sctx);
    ok(!r.connected, "P-256 alone at level 4");
    is_int(r.out.client.reason, SSL_R_NO_SUITABLE_GROUPS, "the client's reason");
    drop(&r);
    TLS_MUST(SSL_CTX_set1_groups_list(cctx, "P-384"));
    TLS_MUST(SSL_CTX_set_ciphersuites(cctx, "TLS_AES_128_GCM_SHA256"));
    fix_version(cctx, TLS1_3_VERSION);
    r = run(cctx, sctx);
    ok(!r.connected, "128 bits alone at level 4");
    is_int(r.out.client.reason, SSL_R_NO_CIPHERS_AVAILABLE, "the client's reason");
    drop(&r);
    SSL_CTX_free(cctx);

    /* The server decides by its own level. */
    cctx = tls_client_ctx(NULL);
    TLS_MUST(SSL_CTX_set_ciphersuites(cctx, "TLS_AES_128_GCM_SHA256"));
    SSL_CTX_set_security_level(sctx, 4);
    r = run(cctx, sctx);
    ok(!r.connected, "a server at level 4 and 128 bits");
    is_int(r.out.server.reason, SSL_R_NO_SHARED_CIPHER, "the server's reason");
    drop(&r);
    SSL_CTX_free(sctx);
    SSL_CTX_free(cctx);
}

static void test_handshake_callback(int version)
{
    SSL_CTX *sctx = tls_server_ctx(&leaf), *cctx = tls_client_ctx(NULL);
    int suite = version == TLS1_3_VERSION ? 0x1302 : 0xc02c;
    struct asked *q;
    struct run r;

    fix_version(cctx, version);
    TLS_MUST(SSL_CTX_set1_groups_list(cctx, "P-256:P-384"));
    watch(cctx, 0, 0);
    wrong_ex = 0;
    r = run(cctx, sctx);
    ok(r.connected, "a client's callback that permits all");
    q = find(SSL_SECOP_VERSION);
    ok(q != NULL && q->bits == 0 && q->other == NULL && !q->on_ctx, "asked about versions");
    q = find_code(SSL_SECOP_CIPHER_SUPPORTED, suite);
    ok(q != NULL && q->bits == 256 && q->nid == 0, "about suites");
    q = find_code(SSL_SECOP_CURVE_SUPPORTED, 0x18);
    ok(q != NULL && q->bits == 192 && q->nid == NID_secp384r1, "about groups");
    q = find_code(SSL_SECOP_SIGALG_SUPPORTED, 0x0503);
    ok(q != NULL && q->bits == 192 && q->nid == NID_sha384, "about schemes");
    q = find_code(SSL_SECOP_SIGALG_SUPPORTED, 0x0807);
    ok(q != NULL && q->bits == 128 && q->nid == NID_undef, "about Ed25519");
    q = find(SSL_SECOP_TICKET);
    ok(q != NULL && q->bits == 0 && q->other == NULL, "about tickets");
    q = find_code(SSL_SECOP_SIGALG_CHECK, 0x0403);
    ok(q != NULL && q->bits == 128 && q->nid == NID_sha256, "about the server's signature");
    is_int(wrong_ex, 0, "with its argument and the connection");
    drop(&r);

    watch(cctx, SSL_SECOP_CURVE_SUPPORTED, 0x17);
    r = run(cctx, sctx);
    /* With TLS 1.2 the leaf's curve is left out too. */
    is_int(r.connected, version == TLS1_3_VERSION, "a group is left out");
    if (r.connected)
        is_int(SSL_get_negotiated_group(r.s), NID_secp384r1, "for another");
    drop(&r);
    watch(cctx, SSL_SECOP_CIPHER_SUPPORTED, suite);
    r = run(cctx, sctx);
    ok(r.connected && SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(r.c)) != suite,
       "a suite is left out");
    drop(&r);
    watch(cctx, SSL_SECOP_SIGALG_SUPPORTED, 0x0403);
    r = run(cctx, sctx);
    is_int(r.connected, version == TLS1_2_VERSION, "without the server's scheme");
    drop(&r);
    watch(cctx, SSL_SECOP_SIGALG_CHECK, 0x0403);
    r = run(cctx, sctx);
    ok(!r.connected, "a server's signature it refuses");
    is_int(r.out.client.reason, SSL_R_WRONG_SIGNATURE_TYPE, "the reason");
    drop(&r);
    watch(cctx, SSL_SECOP_VERSION, version);
    r = run(cctx, sctx);
    ok(!r.connected, "its only version is refused");
    is_int(r.out.client.reason, version == TLS1_3_VERSION ? ERR_R_INTERNAL_ERROR
                                                         : SSL_R_NO_PROTOCOLS_AVAILABLE,
           "the reason");
    drop(&r);
    SSL_CTX_free(cctx);

    cctx = tls_client_ctx(NULL);
    fix_version(sctx, version);
    watch(sctx, 0, 0);
    r = run(cctx, sctx);
    ok(r.connected, "a server's callback that permits all");
    q = find_code(SSL_SECOP_CIPHER_SHARED, suite);
    ok(q != NULL && q->bits == 256, "asked about a suite in common");
    q = find_code(SSL_SECOP_SIGALG_SHARED, 0x0403);
    ok(q != NULL && q->bits == 128 && q->nid == NID_sha256, "about a scheme in common");
    drop(&r);
    watch(sctx, SSL_SECOP_CIPHER_SHARED, 0);
    r = run(cctx, sctx);
    ok(!r.connected, "no suite is permitted");
    is_int(r.out.server.reason, SSL_R_NO_SHARED_CIPHER, "the reason");
    drop(&r);
    watch(sctx, SSL_SECOP_EE_KEY, 0);
    r = run(cctx, sctx);
    ok(!r.connected, "its own leaf is refused");
    is_int(r.out.server.reason, SSL_R_EE_KEY_TOO_SMALL, "the reason");
    drop(&r);
    SSL_CTX_free(sctx);
    SSL_CTX_free(cctx);
}

/* TLS 1.2: the leaf's curve is one of the groups. */
static void test_curve_of_leaf(void)
{
    SSL_CTX *sctx = tls_server_ctx(&p384_leaf), *cctx = tls_client_ctx(NULL);
    struct run r;

    fix_version(cctx, TLS1_2_VERSION);
    TLS_MUST(SSL_CTX_set1_groups_list(cctx, "P-256"));
    r = run(cctx, sctx);
    ok(!r.connected, "the client does not know the leaf's curve");
    is_int(r.out.server.reason, SSL_R_NO_SHARED_CIPHER, "the server's reason");
    drop(&r);
    TLS_MUST(SSL_CTX_set1_groups_list(cctx, "P-256:P-384"));
    r = run(cctx, sctx);
    ok(r.connected, "it does (%s)", r.out.client.errors);
    drop(&r);
    TLS_MUST(SSL_CTX_set1_groups_list(sctx, "P-256"));
    r = run(cctx, sctx);
    ok(r.connected, "the server's groups do not matter (%s)", r.out.server.errors);
    drop(&r);
    /* A client's certificate: both sides' lists count. */
    SSL_CTX_set_verify(sctx, SSL_VERIFY_PEER, NULL);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(sctx), root.cert);
    TLS_MUST(SSL_CTX_use_cert_and_key(cctx, p384_leaf.cert, p384_leaf.key, NULL, 1) == 1);
    r = run(cctx, sctx);
    ok(!r.connected, "a client's key on a curve that the server does not list");
    is_int(r.out.server.reason, SSL_R_WRONG_CURVE, "the server's reason");
    is_int(r.out.client.reason, SSL_R_SSLV3_ALERT_ILLEGAL_PARAMETER, "the alert");
    drop(&r);
    SSL_CTX_free(sctx);
    SSL_CTX_free(cctx);
}

static void test_tickets(void)
{
    int level;

    for (level = 2; level <= 3; level++) {
        SSL_CTX *sctx = tls_server_ctx(&leaf), *cctx = tls_client_ctx(NULL);
        struct run r;

        SSL_CTX_set_security_level(sctx, level);
        fix_version(cctx, TLS1_2_VERSION);
        r = run(cctx, sctx);
        is_int(SSL_SESSION_has_ticket(SSL_get0_session(r.c)), level == 2,
               "a TLS 1.2 ticket at level %d", level);
        drop(&r);
        SSL_CTX_free(sctx);
        SSL_CTX_free(cctx);
    }
}

int main(void)
{
    EVP_PKEY *weak = rsa_1024(), *weak_ca = rsa_1024(), *p384 = tls_key("P-384");

    root = tls_ca("P-256", "Root");
    leaf = tls_leaf(&root, "P-256", "localhost", "DNS:localhost");
    p384_leaf = cert_make(.cn = "localhost", .issuer = &root, .key = p384);
    small_leaf = cert_make(.cn = "localhost", .issuer = &root, .key = weak);
    small_ca = cert_make(.cn = "Small", .key = weak_ca, .ca = 1);
    below_small = cert_make(.cn = "localhost", .issuer = &small_ca);
    sha1_leaf = cert_make(.cn = "localhost", .issuer = &root);
    TLS_MUST(X509_sign(sha1_leaf.cert, root.key, EVP_sha1()));
    EVP_PKEY_free(weak);
    EVP_PKEY_free(weak_ca);
    EVP_PKEY_free(p384);
    test_levels();
    test_default_callback();
    test_default_on_ssl();
    test_loading();
    test_build_chain();
    test_dh();
    test_loading_callback();
    test_peer_chain(TLS1_2_VERSION);
    test_peer_chain(TLS1_3_VERSION);
    test_own_chain(TLS1_2_VERSION);
    test_own_chain(TLS1_3_VERSION);
    test_own_client_chain(TLS1_2_VERSION);
    test_own_client_chain(TLS1_3_VERSION);
    test_negotiation();
    test_handshake_callback(TLS1_2_VERSION);
    test_handshake_callback(TLS1_3_VERSION);
    test_curve_of_leaf();
    test_tickets();
    tls_id_free(&root);
    tls_id_free(&leaf);
    tls_id_free(&p384_leaf);
    tls_id_free(&small_leaf);
    tls_id_free(&small_ca);
    tls_id_free(&below_small);
    tls_id_free(&sha1_leaf);
    return done();
}
