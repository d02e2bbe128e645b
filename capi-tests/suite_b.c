/* Suite B (RFC 6460): the modes of a cipher list decide on groups, signature schemes and the
 * certificates of a chain. SSL_CTX_set_cipher_list(3), X509_VERIFY_PARAM_set_flags(3). */
#include "certs.h"

#include <openssl/x509err.h>

static tls_id root, p256, root384, p384, rsa;

/* A certificate of a P-384 chain, whose signatures are to be made with SHA-384. */
static void sign384(tls_id *id)
{
    TLS_MUST(X509_sign(id->cert, root384.key, EVP_sha384()));
}

struct run {
    SSL_CTX *sctx, *cctx;
    SSL *c, *s;
    tls_outcome out;
    int connected;
};

static struct run run(const tls_id *id, const tls_id *ca, const char *server, const char *client,
                      const char *sigalgs)
{
    struct run r = { .sctx = tls_server_ctx(id), .cctx = tls_client_ctx(ca) };

    fix_version(r.sctx, TLS1_2_VERSION);
    TLS_MUST(SSL_CTX_set_cipher_list(r.sctx, server) && SSL_CTX_set_cipher_list(r.cctx, client));
    if (sigalgs != NULL)
        TLS_MUST(SSL_CTX_set1_sigalgs_list(r.cctx, sigalgs));
    r.c = SSL_new(r.cctx);
    r.s = SSL_new(r.sctx);
    tls_join(r.c, r.s, TLS_PAIR);
    r.connected = tls_handshake(r.c, r.s, &r.out);
    return r;
}

static void drop(struct run *r)
{
    SSL_free(r->c);
    SSL_free(r->s);
    SSL_CTX_free(r->sctx);
    SSL_CTX_free(r->cctx);
    ERR_clear_error();
}

static int hash_of(struct run *r)
{
    int nid = -1;

    SSL_get_peer_signature_nid(r->c, &nid);
    return nid;
}

static void test_server(void)
{
    struct run r = run(&p256, &root, "SUITEB128", "DEFAULT", "ECDSA+SHA384:ECDSA+SHA256");

    ok(r.connected, "SUITEB128 and a P-256 leaf (%s)", r.out.server.errors);
    is_int(hash_of(&r), NID_sha256, "signed with SHA-256, the curve's digest");
    drop(&r);
    r = run(&p384, &root384, "SUITEB128", "DEFAULT", "ECDSA+SHA256:ECDSA+SHA384");
    ok(r.connected, "SUITEB128 and a P-384 leaf (%s)", r.out.server.errors);
    is_int(hash_of(&r), NID_sha384, "signed with SHA-384");
    drop(&r);
    r = run(&p256, &root, "SUITEB192", "DEFAULT", NULL);
    ok(!r.connected, "SUITEB192 and a P-256 leaf");
    drop(&r);
    r = run(&rsa, &root, "SUITEB128", "DEFAULT", NULL);
    ok(!r.connected, "SUITEB128 and an RSA leaf");
    is_int(r.out.server.reason, SSL_R_NO_SHARED_CIPHER, "the server's reason");
    drop(&r);
}

static void test_client(void)
{
    struct run r = run(&p256, &root, "DEFAULT", "SUITEB128", NULL);

    ok(r.connected, "a client of SUITEB128 (%s)", r.out.client.errors);
    is_int(hash_of(&r), NID_sha256, "and SHA-256");
    is_int(SSL_get_negotiated_group(r.c), NID_X9_62_prime256v1, "P-256");
    drop(&r);
    r = run(&p384, &root384, "DEFAULT", "SUITEB192", NULL);
    ok(r.connected, "a client of SUITEB192 (%s)", r.out.client.errors);
    drop(&r);
    r = run(&p256, &root, "DEFAULT", "SUITEB192", NULL);
    ok(!r.connected, "a client of SUITEB192 and a P-256 leaf");
    drop(&r);
    /* A chain that Suite B does not know: P-384 below P-256. */
    {
        EVP_PKEY *key = tls_key("P-384");
        tls_id odd = cert_make(.cn = "localhost", .issuer = &root, .key = key);

        r = run(&odd, &root, "DEFAULT", "SUITEB128", NULL);
        ok(!r.connected, "P-384 signed with P-256");
        is_int(SSL_get_verify_result(r.c), X509_V_ERR_SUITE_B_CANNOT_SIGN_P_384_WITH_P_256,
               "the result");
        drop(&r);
        tls_id_free(&odd);
        EVP_PKEY_free(key);
    }
}

int main(void)
{
    EVP_PKEY *key = tls_key("P-384");

    root = tls_ca("P-256", "Root");
    p256 = tls_leaf(&root, "P-256", "localhost", "DNS:localhost");
    rsa = tls_leaf(&root, "RSA", "localhost", "DNS:localhost");
    root384 = tls_ca("P-384", "Root 384");
    sign384(&root384);
    p384 = cert_make(.cn = "localhost", .issuer = &root384, .key = key);
    sign384(&p384);
    EVP_PKEY_free(key);
    test_server();
    test_client();
    tls_id_free(&root);
    tls_id_free(&p256);
    tls_id_free(&rsa);
    tls_id_free(&root384);
    tls_id_free(&p384);
    return done();
}
