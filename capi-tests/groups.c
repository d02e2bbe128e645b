/* SSL_CTX_set1_groups_list(3): a handshake on each group libcrypto has, on the versions that have
 * it, and what is negotiated where the two sides' lists differ. */
#include "certs.h"

#define TLS12 1
#define TLS13 2

static const struct {
    const char *name;
    int nid;
    int versions;
} groups[] = {
    { "sect163k1", NID_sect163k1, TLS12 },
    { "sect163r1", NID_sect163r1, TLS12 },
    { "sect163r2", NID_sect163r2, TLS12 },
    { "sect193r1", NID_sect193r1, TLS12 },
    { "sect193r2", NID_sect193r2, TLS12 },
    { "sect233k1", NID_sect233k1, TLS12 },
    { "sect233r1", NID_sect233r1, TLS12 },
    { "sect239k1", NID_sect239k1, TLS12 },
    { "sect283k1", NID_sect283k1, TLS12 },
    { "sect283r1", NID_sect283r1, TLS12 },
    { "sect409k1", NID_sect409k1, TLS12 },
    { "sect409r1", NID_sect409r1, TLS12 },
    { "sect571k1", NID_sect571k1, TLS12 },
    { "sect571r1", NID_sect571r1, TLS12 },
    { "secp160k1", NID_secp160k1, TLS12 },
    { "secp160r1", NID_secp160r1, TLS12 },
    { "secp160r2", NID_secp160r2, TLS12 },
    { "secp192k1", NID_secp192k1, TLS12 },
    { "prime192v1", NID_X9_62_prime192v1, TLS12 },
    { "secp224k1", NID_secp224k1, TLS12 },
    { "secp224r1", NID_secp224r1, TLS12 },
    { "secp256k1", NID_secp256k1, TLS12 },
    { "P-256", NID_X9_62_prime256v1, TLS12 | TLS13 },
    { "P-384", NID_secp384r1, TLS12 | TLS13 },
    { "P-521", NID_secp521r1, TLS12 | TLS13 },
    { "brainpoolP256r1", NID_brainpoolP256r1, TLS12 },
    { "brainpoolP384r1", NID_brainpoolP384r1, TLS12 },
    { "brainpoolP512r1", NID_brainpoolP512r1, TLS12 },
    { "X25519", NID_X25519, TLS12 | TLS13 },
    { "X448", NID_X448, TLS12 | TLS13 },
    { "ffdhe2048", NID_ffdhe2048, TLS13 },
    { "ffdhe3072", NID_ffdhe3072, TLS13 },
    { "ffdhe4096", NID_ffdhe4096, TLS13 },
    { "ffdhe6144", NID_ffdhe6144, TLS13 },
    { "ffdhe8192", NID_ffdhe8192, TLS13 },
};

static tls_id ca, leaf;

static SSL_CTX *server_ctx(const char *list)
{
    SSL_CTX *ctx = tls_server_ctx(&leaf);

    SSL_CTX_set_security_level(ctx, 0);
    TLS_MUST(list == NULL || SSL_CTX_set1_groups_list(ctx, list));
    return ctx;
}

/* What each side has for SSL_get_tmp_key and SSL_get_peer_tmp_key: the one's own is the other's
 * peer's, of the group's type and size. */
static void check_keys(SSL *client, SSL *server, int group)
{
    EVP_PKEY *own[2] = { NULL, NULL }, *peer[2] = { NULL, NULL };
    int i, tls13 = SSL_version(client) == TLS1_3_VERSION;

    is_int((int)SSL_get_peer_tmp_key(client, &peer[0]), 1, "the client's peer's key");
    if (!tls13) {
        is_int((int)SSL_get_tmp_key(client, &own[0]), 0, "none of TLS 1.2's own");
        is_int((int)SSL_get_tmp_key(server, &own[1]), 0, "on either side");
        is_int((int)SSL_get_peer_tmp_key(server, &peer[1]), 0, "nor the client's");
        EVP_PKEY_free(peer[0]);
        return;
    }
    is_int((int)SSL_get_tmp_key(client, &own[0]), 1, "the client's own key");
    is_int((int)SSL_get_tmp_key(server, &own[1]), 1, "the server's own key");
    is_int((int)SSL_get_peer_tmp_key(server, &peer[1]), 1, "the server's peer's key");
    for (i = 0; i < 2; i++) {
        is_int(EVP_PKEY_eq(own[i], peer[1 - i]), 1, "what one has the other sees");
        if (group == NID_X25519 || group == NID_X448) {
            is_int(EVP_PKEY_id(own[i]), group, "its type");
        } else {
            char name[80] = "";

            TLS_MUST(EVP_PKEY_get_group_name(own[i], name, sizeof name, NULL) == 1);
            is_int(OBJ_sn2nid(name), group, "its group");
        }
    }
    for (i = 0; i < 2; i++) {
        EVP_PKEY_free(own[i]);
        EVP_PKEY_free(peer[i]);
    }
}

/* The client's group after a handshake; -1 when it failed, with `reason` of the client. */
static int negotiate(const char *client_list, SSL_CTX *sctx, int min, int max, int *reason)
{
    SSL_CTX *cctx = tls_client_ctx(&ca);
    SSL *client, *server;
    tls_outcome out;
    int group = -1;

    SSL_CTX_set_security_level(cctx, 0);
    TLS_MUST(SSL_CTX_set_cipher_list(cctx, "ECDHE"));
    TLS_MUST(client_list == NULL || SSL_CTX_set1_groups_list(cctx, client_list));
    TLS_MUST(SSL_CTX_set_min_proto_version(cctx, min));
    TLS_MUST(SSL_CTX_set_max_proto_version(cctx, max));
    client = SSL_new(cctx);
    server = SSL_new(sctx);
    tls_join(client, server, TLS_PAIR);
    if (tls_handshake(client, server, &out) && tls_echo(client, server)) {
        group = (int)SSL_get_negotiated_group(client);
        is_int((int)SSL_get_negotiated_group(server), group, "both sides name the same group");
        if (OBJ_nid2sn(group) != NULL)
            check_keys(client, server, group);
    }
    *reason = out.client.reason;
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(cctx);
    return group;
}

static void test_each(void)
{
    size_t i;

    for (i = 0; i < sizeof groups / sizeof *groups; i++) {
        SSL_CTX *sctx = server_ctx(groups[i].name);
        int reason;

        if (groups[i].versions & TLS12)
            is_int(negotiate(groups[i].name, sctx, TLS1_2_VERSION, TLS1_2_VERSION, &reason),
                   groups[i].nid, "%s in TLS 1.2", groups[i].name);
        if (groups[i].versions & TLS13) {
            is_int(negotiate(groups[i].name, sctx, TLS1_3_VERSION, TLS1_3_VERSION, &reason),
                   groups[i].nid, "%s in TLS 1.3", groups[i].name);
        } else {
            is_int(negotiate(groups[i].name, sctx, TLS1_3_VERSION, TLS1_3_VERSION, &reason), -1,
                   "%s is not of TLS 1.3", groups[i].name);
            is_int(reason, SSL_R_NO_SUITABLE_GROUPS, "%s: the client says so", groups[i].name);
        }
        SSL_CTX_free(sctx);
    }
}

/* A list with groups of both versions: each version takes the ones it has. */
static void test_mixed(void)
{
    static const struct {
        const char *client, *server;
        int min, max, nid;
    } cases[] = {
        { "sect233k1:P-384", "sect233k1:P-384", TLS1_3_VERSION, TLS1_3_VERSION, NID_secp384r1 },
        { "sect233k1:P-384", "sect233k1:P-384", TLS1_2_VERSION, TLS1_2_VERSION, NID_sect233k1 },
        { "brainpoolP256r1:P-256", "brainpoolP256r1:P-256", TLS1_2_VERSION, TLS1_3_VERSION,
          NID_X9_62_prime256v1 },
        { "ffdhe2048:P-256", "ffdhe2048:P-256", TLS1_2_VERSION, TLS1_2_VERSION,
          NID_X9_62_prime256v1 },
        /* A share for the first, then a HelloRetryRequest for the server's only one. */
        { "P-256:P-521", "P-521", TLS1_3_VERSION, TLS1_3_VERSION, NID_secp521r1 },
        { "X25519:ffdhe2048", "ffdhe2048", TLS1_3_VERSION, TLS1_3_VERSION, NID_ffdhe2048 },
        { "X448:X25519", "X25519:X448", TLS1_3_VERSION, TLS1_3_VERSION, NID_X448 },
        /* The default list ends with groups a server may have alone. */
        { NULL, "P-521", TLS1_2_VERSION, TLS1_3_VERSION, NID_secp521r1 },
        { NULL, "X448", TLS1_2_VERSION, TLS1_3_VERSION, NID_X448 },
        { NULL, "X448", TLS1_2_VERSION, TLS1_2_VERSION, NID_X448 },
        { "P-521", NULL, TLS1_2_VERSION, TLS1_3_VERSION, NID_secp521r1 },
        { "X448", NULL, TLS1_2_VERSION, TLS1_2_VERSION, NID_X448 },
        { "P-256", "P-384", TLS1_3_VERSION, TLS1_3_VERSION, -1 },
        { "P-256", "P-384", TLS1_2_VERSION, TLS1_2_VERSION, -1 },
        { "sect233k1:P-256", "sect233k1:P-384", TLS1_3_VERSION, TLS1_3_VERSION, -1 },
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        SSL_CTX *sctx = server_ctx(cases[i].server);
        int reason;

        is_int(negotiate(cases[i].client, sctx, cases[i].min, cases[i].max, &reason),
               cases[i].nid, "client %s, server %s, TLS %s to %s",
               cases[i].client ? cases[i].client : "default",
               cases[i].server ? cases[i].server : "default",
               cases[i].min == TLS1_2_VERSION ? "1.2" : "1.3",
               cases[i].max == TLS1_2_VERSION ? "1.2" : "1.3");
        SSL_CTX_free(sctx);
    }
}

int main(void)
{
    ca = tls_ca("P-256", "groups CA");
    leaf = tls_leaf(&ca, "RSA", "server", "DNS:localhost");
    test_each();
    test_mixed();
    tls_id_free(&leaf);
    tls_id_free(&ca);
    return done();
}
