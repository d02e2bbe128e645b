/* DANE: TLSA records of all usages, selectors and matching types, what SSL_dane_tlsa_add refuses,
 * and what is told of the match. SSL_CTX_dane_enable(3). */
#include "certs.h"

#include <openssl/x509err.h>

enum { PKIX_TA, PKIX_EE, DANE_TA, DANE_EE };
enum { CERT, SPKI };
enum { FULL, SHA2_256, SHA2_512 };

static tls_id root, other, leaf, stray;

/* The association data of `cert`; `*len` gets its length. Free it with OPENSSL_free. */
static unsigned char *association(X509 *cert, int selector, int mtype, size_t *len)
{
    unsigned char *der = NULL, *digest;
    int n = selector == CERT ? i2d_X509(cert, &der) : i2d_PUBKEY(X509_get0_pubkey(cert), &der);
    unsigned int size;

    TLS_MUST(n > 0);
    *len = (size_t)n;
    if (mtype == FULL)
        return der;
    digest = OPENSSL_malloc(EVP_MAX_MD_SIZE);
    TLS_MUST(EVP_Digest(der, *len, digest, &size, mtype == SHA2_256 ? EVP_sha256() : EVP_sha512(),
                        NULL));
    OPENSSL_free(der);
    *len = size;
    return digest;
}

static int add(SSL *ssl, int usage, int selector, int mtype, X509 *cert)
{
    size_t len;
    unsigned char *data = association(cert, selector, mtype, &len);
    int r = SSL_dane_tlsa_add(ssl, (uint8_t)usage, (uint8_t)selector, (uint8_t)mtype, data, len);

    OPENSSL_free(data);
    return r;
}

static SSL_CTX *dane_ctx(const tls_id *trusted, int version)
{
    SSL_CTX *ctx = tls_client_ctx(trusted);

    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    fix_version(ctx, version);
    TLS_MUST(SSL_CTX_dane_enable(ctx) == 1);
    return ctx;
}

static void test_enable(void)
{
    SSL_CTX *plain = tls_client_ctx(NULL), *ctx = dane_ctx(NULL, TLS1_3_VERSION);
    SSL *c = SSL_new(plain);
    char long_name[300];
    X509 *cert = (X509 *)1;
    EVP_PKEY *key = (EVP_PKEY *)1;
    uint8_t usage = 99;

    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = 0;
    is_int(SSL_dane_enable(c, "example.com"), 0, "without SSL_CTX_dane_enable: 0");
    is_int(last_reason(), SSL_R_CONTEXT_NOT_DANE_ENABLED, "its reason");
    is_int(add(c, DANE_EE, SPKI, SHA2_256, leaf.cert), -1, "a record before SSL_dane_enable: -1");
    is_int(last_reason(), SSL_R_DANE_NOT_ENABLED, "its reason");
    is_int(SSL_get0_dane_authority(c, &cert, &key), -1, "no authority");
    is_ptr(cert, (void *)1, "the certificate is not stored");
    is_int(SSL_get0_dane_tlsa(c, &usage, NULL, NULL, NULL, NULL), -1, "no record matched");
    is_int(usage, 99, "the usage is not stored");
    ok(SSL_get0_dane(c) != NULL, "there is a state all the same");
    SSL_free(c);

    is_int(SSL_CTX_dane_enable(ctx), 1, "SSL_CTX_dane_enable again");
    c = SSL_new(ctx);
    is_int(SSL_dane_enable(c, long_name), -1, "a name too long: -1");
    is_int(last_reason(), SSL_R_ERROR_SETTING_TLSA_BASE_DOMAIN, "its reason");
    is_int(SSL_dane_enable(c, ""), -1, "an empty name: -1");
    is_int(last_reason(), SSL_R_ERROR_SETTING_TLSA_BASE_DOMAIN, "its reason");
    is_int(SSL_dane_enable(c, "localhost"), 1, "SSL_dane_enable");
    is_str(SSL_get_servername(c, TLSEXT_NAMETYPE_host_name), "localhost", "sets the server name");
    is_str(X509_VERIFY_PARAM_get0_host(SSL_get0_param(c), 0), "localhost", "and the name checked");
    is_int(SSL_dane_enable(c, "localhost"), 0, "once only");
    is_int(last_reason(), SSL_R_DANE_ALREADY_ENABLED, "its reason");
    SSL_free(c);

    c = SSL_new(ctx);
    SSL_set_tlsext_host_name(c, "sni.example");
    is_int(SSL_dane_enable(c, "localhost"), 1, "with a server name set");
    is_str(SSL_get_servername(c, TLSEXT_NAMETYPE_host_name), "sni.example", "it stays");
    SSL_free(c);
    SSL_CTX_free(plain);
    SSL_CTX_free(ctx);
}

static void refused(SSL *c, uint8_t usage, uint8_t selector, uint8_t mtype,
                    const unsigned char *data, size_t len, int reason, const char *what)
{
    ERR_clear_error();
    is_int(SSL_dane_tlsa_add(c, usage, selector, mtype, data, len), 0, "%s: 0", what);
    is_int(last_reason(), reason, "%s: the reason", what);
}

static void test_bad_records(void)
{
    SSL_CTX *ctx = dane_ctx(NULL, TLS1_3_VERSION);
    SSL *c = SSL_new(ctx);
    unsigned char digest[64] = { 1 };
    size_t len;
    unsigned char *der = association(leaf.cert, CERT, FULL, &len), *longer;

    TLS_MUST(SSL_dane_enable(c, "localhost") == 1);
    refused(c, 4, 0, 1, digest, 32, SSL_R_DANE_TLSA_BAD_CERTIFICATE_USAGE, "usage 4");
    refused(c, 3, 2, 1, digest, 32, SSL_R_DANE_TLSA_BAD_SELECTOR, "selector 2");
    refused(c, 3, 1, 3, digest, 32, SSL_R_DANE_TLSA_BAD_MATCHING_TYPE, "matching type 3");
    refused(c, 3, 1, 255, digest, 32, SSL_R_DANE_TLSA_BAD_MATCHING_TYPE, "matching type 255");
    refused(c, 3, 1, 1, digest, 31, SSL_R_DANE_TLSA_BAD_DIGEST_LENGTH, "a short digest");
    refused(c, 3, 1, 2, digest, 32, SSL_R_DANE_TLSA_BAD_DIGEST_LENGTH, "SHA-512 of 32 bytes");
    refused(c, 3, 1, 1, NULL, 32, SSL_R_DANE_TLSA_NULL_DATA, "no data");
    refused(c, 3, 1, 1, digest, (size_t)-1, SSL_R_DANE_TLSA_BAD_DATA_LENGTH, "a huge length");
    refused(c, 3, 0, 0, digest, 20, SSL_R_DANE_TLSA_BAD_CERTIFICATE, "no certificate");
    refused(c, 2, 0, 0, digest, 20, SSL_R_DANE_TLSA_BAD_CERTIFICATE, "no authority");
    refused(c, 2, 1, 0, digest, 20, SSL_R_DANE_TLSA_BAD_PUBLIC_KEY, "no key");
    refused(c, 3, 0, 0, der, len - 1, SSL_R_DANE_TLSA_BAD_CERTIFICATE, "a cut certificate");
    longer = OPENSSL_zalloc(len + 1);
    memcpy(longer, der, len);
    refused(c, 0, 0, 0, longer, len + 1, SSL_R_DANE_TLSA_BAD_CERTIFICATE, "a byte too many");
    OPENSSL_free(longer);
    OPENSSL_free(der);
    is_int(add(c, DANE_TA, CERT, FULL, root.cert), 1, "a good one after all these");
    is_int(add(c, DANE_TA, CERT, FULL, root.cert), 1, "the same again");
    SSL_free(c);
    SSL_CTX_free(ctx);
}

static void test_matching_types(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    unsigned char digest[64] = { 1 };
    SSL *c;

    is_int(SSL_CTX_dane_mtype_set(ctx, EVP_sha256(), 0, 1), 0, "type 0 takes no digest");
    is_int(last_reason(), SSL_R_DANE_CANNOT_OVERRIDE_MTYPE_FULL, "its reason");
    is_int(SSL_CTX_dane_enable(ctx), 1, "enabled");
    is_int(SSL_CTX_dane_mtype_set(ctx, EVP_sha384(), 200, 9), 1, "a type of our own");
    is_int(SSL_CTX_dane_mtype_set(ctx, NULL, 1, 7), 1, "a type switched off");
    is_int(SSL_CTX_dane_mtype_set(ctx, NULL, 0, 7), 1, "type 0 set to none");
    c = SSL_new(ctx);
    TLS_MUST(SSL_dane_enable(c, "localhost") == 1);
    is_int(SSL_dane_tlsa_add(c, 3, 1, 200, digest, 48), 1, "a record of it");
    refused(c, 3, 1, 1, digest, 32, SSL_R_DANE_TLSA_BAD_MATCHING_TYPE, "the one switched off");
    refused(c, 3, 1, 100, digest, 32, SSL_R_DANE_TLSA_BAD_MATCHING_TYPE, "one between");
    is_int(SSL_CTX_dane_mtype_set(ctx, EVP_sha256(), 1, 1), 1, "switched on while in use");
    is_int(SSL_dane_tlsa_add(c, 3, 1, 1, digest, 32), 1, "and it counts");
    SSL_free(c);
    SSL_CTX_free(ctx);
}

static void test_flags(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *c;

    is_int(SSL_CTX_dane_set_flags(ctx, DANE_FLAG_NO_DANE_EE_NAMECHECKS), 0, "no flags before");
    c = SSL_new(ctx);
    is_int(SSL_CTX_dane_clear_flags(ctx, ~0UL), DANE_FLAG_NO_DANE_EE_NAMECHECKS, "one after");
    is_int(SSL_dane_set_flags(c, 0), DANE_FLAG_NO_DANE_EE_NAMECHECKS, "inherited");
    is_int(SSL_dane_clear_flags(c, DANE_FLAG_NO_DANE_EE_NAMECHECKS),
           DANE_FLAG_NO_DANE_EE_NAMECHECKS, "cleared");
    is_int(SSL_dane_set_flags(c, 0), 0, "gone");
    SSL_free(c);
    SSL_CTX_free(ctx);
}

struct run {
    SSL_CTX *sctx;
    SSL *c, *s;
    tls_outcome out;
    int connected;
};

/* The server presents `id`, and the root too if `with_root`. */
static struct run start(SSL_CTX *cctx, const tls_id *id, int with_root, const char *domain)
{
    struct run r = { .sctx = tls_server_ctx(id), .c = SSL_new(cctx) };

    if (with_root)
        SSL_CTX_add1_chain_cert(r.sctx, root.cert);
    r.s = SSL_new(r.sctx);
    TLS_MUST(SSL_dane_enable(r.c, domain) == 1);
    tls_join(r.c, r.s, TLS_PAIR);
    return r;
}

static void finish(struct run *r)
{
    r->connected = tls_handshake(r->c, r->s, &r->out);
}

static void drop(struct run *r)
{
    SSL_free(r->c);
    SSL_free(r->s);
    SSL_CTX_free(r->sctx);
    ERR_clear_error();
}

/* Every kind of record for the leaf or its root, where only the usages 0 and 1 ask the store. */
static void test_usages(int version)
{
    SSL_CTX *trusting = dane_ctx(&root, version), *stranger = dane_ctx(&other, version);
    int usage, selector, mtype, trusts;

    for (trusts = 0; trusts < 2; trusts++)
        for (usage = PKIX_TA; usage <= DANE_EE; usage++)
            for (selector = CERT; selector <= SPKI; selector++)
                for (mtype = FULL; mtype <= SHA2_512; mtype++) {
                    int authority = usage == PKIX_TA || usage == DANE_TA, expected;
                    X509 *of = authority ? root.cert : leaf.cert, *cert = NULL;
                    struct run r = start(trusts ? trusting : stranger, &leaf, 1, "localhost");
                    EVP_PKEY *key = NULL;
                    uint8_t u = 9, s = 9, m = 9;
                    const unsigned char *data = NULL;
                    unsigned char *own;
                    size_t len = 0, own_len;
                    char what[64];

                    snprintf(what, sizeof what, "%d %d %d %s", usage, selector, mtype,
                             trusts ? "trusted" : "not trusted");
                    is_int(add(r.c, usage, selector, mtype, of), 1, "%s: added", what);
                    finish(&r);
                    expected = trusts || usage >= DANE_TA;
                    is_int(r.connected, expected, "%s: connects or not (%s)", what,
                           r.out.client.errors);
                    if (!expected) {
                        is_int(SSL_get_verify_result(r.c), X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
                               "%s: not trusted", what);
                        is_int(SSL_get0_dane_authority(r.c, &cert, &key), -1, "%s: none", what);
                        drop(&r);
                        continue;
                    }
                    is_int(SSL_get_verify_result(r.c), X509_V_OK, "%s: verified", what);
                    is_int(SSL_get0_dane_authority(r.c, &cert, &key), authority ? 1 : 0,
                           "%s: depth", what);
                    ok(cert != NULL ? X509_cmp(cert, of) == 0
                                    : key != NULL && EVP_PKEY_eq(key, X509_get0_pubkey(of)),
                       "%s: the authority", what);
                    is_int(SSL_get0_dane_tlsa(r.c, &u, &s, &m, &data, &len), authority ? 1 : 0,
                           "%s: depth of the record", what);
                    ok(u == usage && s == selector && m == mtype, "%s: the record", what);
                    own = association(of, selector, mtype, &own_len);
                    ok(len == own_len && memcmp(own, data, len) == 0, "%s: its data", what);
                    OPENSSL_free(own);
                    drop(&r);
                }
    SSL_CTX_free(trusting);
    SSL_CTX_free(stranger);
}

static void test_mismatch(int version)
{
    SSL_CTX *trusting = dane_ctx(&root, version), *nothing = dane_ctx(NULL, version);
    struct run r = start(trusting, &leaf, 0, "localhost");
    int reason;

    add(r.c, DANE_EE, SPKI, SHA2_256, stray.cert);
    finish(&r);
    ok(!r.connected, "another key: refused");
    is_int(r.out.client.reason, SSL_R_CERTIFICATE_VERIFY_FAILED, "its reason");
    is_int(SSL_get_verify_result(r.c), X509_V_ERR_DANE_NO_MATCH, "its result");
    reason = r.out.server.reason;
    if (r.out.server.done == 1)
        read_alert(r.s, &reason);
    is_int(reason, SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "the server's alert");
    is_int(SSL_get0_dane_authority(r.c, NULL, NULL), -1, "no authority");
    drop(&r);

    r = start(trusting, &leaf, 0, "localhost");
    add(r.c, DANE_EE, SPKI, SHA2_256, stray.cert);
    add(r.c, PKIX_EE, CERT, SHA2_512, leaf.cert);
    finish(&r);
    ok(r.connected, "one of two records matches");
    drop(&r);

    r = start(trusting, &leaf, 0, "localhost");
    finish(&r);
    ok(r.connected, "without records the store decides");
    is_int(SSL_get0_dane_authority(r.c, NULL, NULL), -1, "and no record matched");
    drop(&r);

    r = start(nothing, &leaf, 0, "elsewhere.example");
    add(r.c, DANE_EE, SPKI, SHA2_256, leaf.cert);
    finish(&r);
    ok(!r.connected, "DANE-EE and another name: refused");
    is_int(SSL_get_verify_result(r.c), X509_V_ERR_HOSTNAME_MISMATCH, "its result");
    drop(&r);

    r = start(nothing, &leaf, 0, "elsewhere.example");
    SSL_dane_set_flags(r.c, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
    add(r.c, DANE_EE, SPKI, SHA2_256, leaf.cert);
    finish(&r);
    ok(r.connected, "with the flag the name does not count");
    drop(&r);

    /* "2 1 0": a bare key of an authority that is not sent. */
    r = start(nothing, &leaf, 0, "localhost");
    add(r.c, DANE_TA, SPKI, FULL, root.cert);
    finish(&r);
    ok(r.connected, "a bare key signs the leaf (%s)", r.out.client.errors);
    {
        X509 *cert = (X509 *)1;
        EVP_PKEY *key = NULL;

        ok(SSL_get0_dane_authority(r.c, &cert, &key) >= 0, "has an authority");
        ok(cert == NULL && key != NULL && EVP_PKEY_eq(key, root.key), "which is the key");
    }
    is_str(SSL_get0_peername(r.c), "localhost", "and the name matched");
    drop(&r);
    SSL_CTX_free(trusting);
    SSL_CTX_free(nothing);
}

static void test_dup_and_clear(void)
{
    SSL_CTX *cctx = dane_ctx(NULL, TLS1_3_VERSION);
    struct run r = start(cctx, &leaf, 0, "localhost");
    SSL *copy;

    add(r.c, DANE_EE, SPKI, SHA2_256, leaf.cert);
    add(r.c, DANE_TA, CERT, FULL, root.cert);
    copy = SSL_dup(r.c);
    ok(copy != NULL && copy != r.c, "SSL_dup");
    finish(&r);
    ok(r.connected, "the original connects");
    is_int(SSL_get0_dane_authority(r.c, NULL, NULL), 0, "by its record");
    SSL_shutdown(r.c);
    is_int(SSL_clear(r.c), 1, "SSL_clear");
    is_int(SSL_get0_dane_authority(r.c, NULL, NULL), -1, "what matched is forgotten");
    SSL_free(r.c);
    SSL_free(r.s);
    r.c = copy;
    r.s = SSL_new(r.sctx);
    tls_join(r.c, r.s, TLS_PAIR);
    finish(&r);
    ok(r.connected, "the copy connects (%s)", r.out.client.errors);
    is_int(SSL_get0_dane_authority(r.c, NULL, NULL), 0, "by its copy of the record");
    drop(&r);
    SSL_CTX_free(cctx);
}

static SSL *verified_ssl;

/* A program's own verification may hand the state to libcrypto itself. */
static int verify_again(X509_STORE_CTX *ctx, void *arg)
{
    X509_STORE_CTX_set0_dane(ctx, SSL_get0_dane(verified_ssl));
    *(int *)arg += 1;
    return X509_verify_cert(ctx);
}

static void test_own_verification(void)
{
    SSL_CTX *cctx = dane_ctx(NULL, TLS1_2_VERSION);
    int calls = 0;
    struct run r;

    SSL_CTX_set_cert_verify_callback(cctx, verify_again, &calls);
    r = start(cctx, &leaf, 0, "localhost");
    verified_ssl = r.c;
    add(r.c, DANE_EE, CERT, SHA2_256, leaf.cert);
    finish(&r);
    ok(r.connected, "a replaced verification sees the records");
    is_int(calls, 1, "it was called");
    is_int(SSL_get0_dane_authority(r.c, NULL, NULL), 0, "and the match is told");
    drop(&r);
    SSL_CTX_free(cctx);
}

int main(void)
{
    root = tls_ca("P-256", "Root");
    other = tls_ca("P-256", "Other root");
    leaf = tls_leaf(&root, "P-256", "localhost", "DNS:localhost");
    stray = tls_leaf(&root, "P-256", "localhost", "DNS:localhost");
    test_enable();
    test_bad_records();
    test_matching_types();
    test_flags();
    test_usages(TLS1_2_VERSION);
    test_usages(TLS1_3_VERSION);
    test_mismatch(TLS1_2_VERSION);
    test_mismatch(TLS1_3_VERSION);
    test_dup_and_clear();
    test_own_verification();
    tls_id_free(&root);
    tls_id_free(&other);
    tls_id_free(&leaf);
    tls_id_free(&stray);
    return done();
}
