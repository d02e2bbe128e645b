/* What the tests of security levels share: certificates strong and weak, and a callback that notes
 * what it is asked. */
#ifndef FERROSSL_SECURITY_H
#define FERROSSL_SECURITY_H

#include "certs.h"

static tls_id root, leaf, small_ca, small_leaf, below_small, sha1_leaf, p384_leaf;

static inline EVP_PKEY *rsa_1024(void)
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

static inline struct asked *find(int op)
{
    int i;

    for (i = 0; i < questions; i++)
        if (asked[i].op == op)
            return &asked[i];
    return NULL;
}

static inline struct asked *find_code(int op, int code)
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

static inline void watch(SSL_CTX *ctx, int op, int code)
{
    static char ex;

    questions = 0;
    deny_op = op;
    deny_code = code;
    expected_ex = &ex;
    SSL_CTX_set_security_callback(ctx, record);
    SSL_CTX_set0_security_ex_data(ctx, &ex);
}

static inline void make_ids(void)
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
}

static inline void free_ids(void)
{
    tls_id_free(&root);
    tls_id_free(&leaf);
    tls_id_free(&p384_leaf);
    tls_id_free(&small_leaf);
    tls_id_free(&small_ca);
    tls_id_free(&below_small);
    tls_id_free(&sha1_leaf);
}

#endif
