/* RSA and EC keys of a program's own methods, as an ENGINE for a smart card makes them: the private
 * part is not there, or there as well. Servers and clients sign with them, through the method,
 * with TLS 1.2 and 1.3. */
#include "certs.h"
#include "pipe.h"

static tls_id root, plain;
static RSA *hidden_rsa;
static EC_KEY *hidden_ec;
static int rsa_calls, ec_calls;

static int sign_rsa(int len, const unsigned char *from, unsigned char *to, RSA *key, int padding)
{
    rsa_calls++;
    return RSA_private_encrypt(len, from, to, hidden_rsa, padding);
}

static ECDSA_SIG *sign_ec(const unsigned char *digest, int len, const BIGNUM *kinv,
                          const BIGNUM *r, EC_KEY *key)
{
    ec_calls++;
    return ECDSA_do_sign(digest, len, hidden_ec);
}

/* A certificate of `key`, whose public part the certificate gets; `key` becomes the identity's. */
static tls_id certified(EVP_PKEY *with_private, EVP_PKEY *key)
{
    tls_id id = cert_make(.cn = "localhost", .issuer = &root, .key = with_private,
                          .san = "DNS:localhost");

    EVP_PKEY_free(id.key);
    id.key = key;
    return id;
}

static tls_id make_rsa(RSA_METHOD *method, int whole_key)
{
    EVP_PKEY *whole = EVP_RSA_gen(2048), *key = EVP_PKEY_new();
    RSA *bare = RSA_new();
    const BIGNUM *n, *e, *d;
    tls_id id;

    hidden_rsa = EVP_PKEY_get1_RSA(whole);
    RSA_get0_key(hidden_rsa, &n, &e, &d);
    TLS_MUST(RSA_set_method(bare, method)
             && RSA_set0_key(bare, BN_dup(n), BN_dup(e), whole_key ? BN_dup(d) : NULL));
    if (whole_key) {
        const BIGNUM *p, *q, *dp, *dq, *qinv;

        RSA_get0_factors(hidden_rsa, &p, &q);
        RSA_get0_crt_params(hidden_rsa, &dp, &dq, &qinv);
        TLS_MUST(RSA_set0_factors(bare, BN_dup(p), BN_dup(q))
                 && RSA_set0_crt_params(bare, BN_dup(dp), BN_dup(dq), BN_dup(qinv)));
    }
    TLS_MUST(EVP_PKEY_assign_RSA(key, bare) == 1);
    id = certified(whole, key);
    EVP_PKEY_free(whole);
    return id;
}

static tls_id make_ec(EC_KEY_METHOD *method, int whole_key)
{
    EVP_PKEY *whole = EVP_EC_gen("P-256"), *key = EVP_PKEY_new();
    EC_KEY *bare = EC_KEY_new();
    tls_id id;

    hidden_ec = EVP_PKEY_get1_EC_KEY(whole);
    TLS_MUST(EC_KEY_set_method(bare, method));
    TLS_MUST(EC_KEY_set_group(bare, EC_KEY_get0_group(hidden_ec)));
    TLS_MUST(EC_KEY_set_public_key(bare, EC_KEY_get0_public_key(hidden_ec)));
    if (whole_key)
        TLS_MUST(EC_KEY_set_private_key(bare, EC_KEY_get0_private_key(hidden_ec)));
    TLS_MUST(EVP_PKEY_assign_EC_KEY(key, bare) == 1);
    id = certified(whole, key);
    EVP_PKEY_free(whole);
    return id;
}

static void use(const tls_id *id, int *calls, int version, int client, const char *what)
{
    SSL_CTX *sctx = tls_server_ctx(client ? &plain : id), *cctx = tls_client_ctx(&root);
    SSL *c, *s;
    tls_outcome out;

    fix_version(sctx, version);
    if (client) {
        SSL_CTX_set_verify(sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(sctx), root.cert);
        is_int(SSL_CTX_use_certificate(cctx, id->cert), 1, "%s: the certificate", what);
        is_int(SSL_CTX_use_PrivateKey(cctx, id->key), 1, "%s: the key", what);
        is_int(SSL_CTX_check_private_key(cctx), 1, "%s: they belong together", what);
    }
    *calls = 0;
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    tls_join(c, s, TLS_PAIR);
    ok(tls_handshake(c, s, &out), "%s: connects (%s | %s)", what, out.client.errors,
       out.server.errors);
    is_int(*calls, 1, "%s: signed once, by the program's method", what);
    ok(out.client.done == 1 && out.server.done == 1 && tls_echo(c, s), "%s: data passes", what);
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
    ERR_clear_error();
}

int main(void)
{
    RSA_METHOD *rsa_method = RSA_meth_dup(RSA_PKCS1_OpenSSL());
    EC_KEY_METHOD *ec_method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    int (*sign)(int, const unsigned char *, int, unsigned char *, unsigned int *, const BIGNUM *,
                const BIGNUM *, EC_KEY *);
    int (*setup)(EC_KEY *, BN_CTX *, BIGNUM **, BIGNUM **);

    RSA_meth_set_priv_enc(rsa_method, sign_rsa);
    EC_KEY_METHOD_get_sign(ec_method, &sign, &setup, NULL);
    EC_KEY_METHOD_set_sign(ec_method, sign, setup, sign_ec);
    root = tls_ca("P-256", "root");
    plain = tls_leaf(&root, "P-256", "localhost", "DNS:localhost");
    for (int whole = 0; whole < 2; whole++) {
        tls_id rsa = make_rsa(rsa_method, whole), ec = make_ec(ec_method, whole);

        FOR_VERSIONS(version) {
            diag("TLS %s, private part %s", version_name(version), whole ? "there" : "hidden");
            use(&rsa, &rsa_calls, version, 0, "RSA server");
            use(&rsa, &rsa_calls, version, 1, "RSA client");
            use(&ec, &ec_calls, version, 0, "EC server");
            use(&ec, &ec_calls, version, 1, "EC client");
        }
        tls_id_free(&rsa);
        tls_id_free(&ec);
        RSA_free(hidden_rsa);
        EC_KEY_free(hidden_ec);
    }
    tls_id_free(&plain);
    tls_id_free(&root);
    RSA_meth_free(rsa_method);
    EC_KEY_METHOD_free(ec_method);
    return done();
}
