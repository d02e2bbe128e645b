/* SSL_CTX_set1_sigalgs_list(3): which scheme a server signs with, for each type of key and each
 * scheme alone that a client offers. */
#include "certs.h"

static const char *const keys[] = { "RSA", "P-256", "P-384", "P-521", "brainpoolP256r1",
                                    "ED25519", "ED448" };

static const struct {
    const char *name;
    int type; /* what SSL_get_peer_signature_type_nid says */
    int hash;
    /* Which of `keys` can use it, in TLS 1.2 and 1.3: a bit each. */
    unsigned int tls12, tls13;
} schemes[] = {
    { "RSA+SHA1", EVP_PKEY_RSA, NID_sha1, 0x01, 0 },
    { "RSA+SHA224", EVP_PKEY_RSA, NID_sha224, 0x01, 0 },
    { "RSA+SHA256", EVP_PKEY_RSA, NID_sha256, 0x01, 0 },
    { "RSA+SHA384", EVP_PKEY_RSA, NID_sha384, 0x01, 0 },
    { "RSA+SHA512", EVP_PKEY_RSA, NID_sha512, 0x01, 0 },
    { "RSA-PSS+SHA256", EVP_PKEY_RSA_PSS, NID_sha256, 0x01, 0x01 },
    { "RSA-PSS+SHA384", EVP_PKEY_RSA_PSS, NID_sha384, 0x01, 0x01 },
    { "RSA-PSS+SHA512", EVP_PKEY_RSA_PSS, NID_sha512, 0x01, 0x01 },
    { "ECDSA+SHA1", EVP_PKEY_EC, NID_sha1, 0x1e, 0 },
    { "ECDSA+SHA224", EVP_PKEY_EC, NID_sha224, 0x1e, 0 },
    { "ECDSA+SHA256", EVP_PKEY_EC, NID_sha256, 0x1e, 0x02 },
    { "ECDSA+SHA384", EVP_PKEY_EC, NID_sha384, 0x1e, 0x04 },
    { "ECDSA+SHA512", EVP_PKEY_EC, NID_sha512, 0x1e, 0x08 },
    { "ed25519", EVP_PKEY_ED25519, NID_undef, 0x20, 0x20 },
    { "ed448", EVP_PKEY_ED448, NID_undef, 0x40, 0x40 },
};
#define N_KEYS (sizeof keys / sizeof *keys)
#define N_SCHEMES (sizeof schemes / sizeof *schemes)

static tls_id ca, ids[N_KEYS];

static SSL_CTX *client_of(const char *sigalgs, int version)
{
    SSL_CTX *ctx = tls_client_ctx(&ca);

    SSL_CTX_set_security_level(ctx, 0);
    fix_version(ctx, version);
    TLS_MUST(SSL_CTX_set_cipher_list(ctx, "ECDHE"));
    TLS_MUST(SSL_CTX_set1_groups_list(ctx, "P-256:P-384:P-521:brainpoolP256r1"));
    TLS_MUST(SSL_CTX_set1_sigalgs_list(ctx, sigalgs));
    return ctx;
}

static void test_one(size_t key, size_t scheme, int version)
{
    SSL_CTX *sctx = tls_server_ctx(&ids[key]), *cctx = client_of(schemes[scheme].name, version);
    SSL *client, *server;
    unsigned int able = version == TLS1_3_VERSION ? schemes[scheme].tls13 : schemes[scheme].tls12;
    int nid = -1, connected, expected = able >> key & 1;
    const char *what = version == TLS1_3_VERSION ? "TLS 1.3" : "TLS 1.2";
    tls_outcome out;

    SSL_CTX_set_security_level(sctx, 0);
    SSL_CTX_set_verify(cctx, SSL_VERIFY_NONE, NULL);
    client = SSL_new(cctx);
    server = SSL_new(sctx);
    tls_join(client, server, TLS_PAIR);
    connected = tls_handshake(client, server, &out);
    is_int(connected, expected, "%s: a %s key, %s (%s)", what, keys[key], schemes[scheme].name,
           out.server.errors);
    if (connected) {
        is_int(SSL_get_peer_signature_nid(client, &nid), 1, "%s %s: a digest", keys[key],
               schemes[scheme].name);
        is_int(nid, schemes[scheme].hash, "%s %s: which", keys[key], schemes[scheme].name);
        is_int(SSL_get_peer_signature_type_nid(client, &nid), 1, "%s %s: a type", keys[key],
               schemes[scheme].name);
        is_int(nid, schemes[scheme].type, "%s %s: which", keys[key], schemes[scheme].name);
    }
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

int main(void)
{
    size_t i, j;

    ca = tls_ca("P-256", "signatures CA");
    for (i = 0; i < N_KEYS; i++)
        ids[i] = tls_leaf(&ca, keys[i], "server", "DNS:localhost");
    for (i = 0; i < N_KEYS; i++) {
        for (j = 0; j < N_SCHEMES; j++) {
            if (schemes[j].hash == NID_sha224
                && differs("sha224-signatures", "rustls knows no scheme with SHA-224"))
                continue;
            test_one(i, j, TLS1_2_VERSION);
            test_one(i, j, TLS1_3_VERSION);
        }
    }
    for (i = 0; i < N_KEYS; i++)
        tls_id_free(&ids[i]);
    tls_id_free(&ca);
    return done();
}
