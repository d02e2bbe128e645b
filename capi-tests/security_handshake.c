/* Security levels and the callback behind them: what is not negotiated, what a peer's chain and
 * one's own may be made of. SSL_CTX_set_security_level(3). */
#include "security.h"

#include <openssl/x509err.h>

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

/* Suites whose servers sign with what the schemes leave out are not offered. */
static void test_masked_suites(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    int asked_mask, ecdsa = 0, rsa = 0, i;
    STACK_OF(SSL_CIPHER) *suites;
    SSL *ssl;

    TLS_MUST(SSL_CTX_set1_sigalgs_list(ctx, "ECDSA+SHA256:RSA+SHA256"));
    ssl = SSL_new(ctx);
    watch(ctx, SSL_SECOP_SIGALG_MASK, 0x0401);
    SSL_set_security_callback(ssl, record);
    SSL_set0_security_ex_data(ssl, expected_ex);
    suites = SSL_get1_supported_ciphers(ssl);
    asked_mask = find_code(SSL_SECOP_SIGALG_MASK, 0x0403) != NULL;
    for (i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
        int auth = SSL_CIPHER_get_auth_nid(sk_SSL_CIPHER_value(suites, i));

        ecdsa += auth == NID_auth_ecdsa;
        rsa += auth == NID_auth_rsa;
    }
    ok(asked_mask, "asked about schemes for the suites' sake");
    ok(ecdsa > 0, "suites with ECDSA stay");
    is_int(rsa, 0, "those with RSA go");
    sk_SSL_CIPHER_free(suites);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
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

static int accept_any(int preverified, X509_STORE_CTX *store)
{
    (void)preverified, (void)store;
    return 1;
}

/* With TLS 1.2 a peer may know SHA-1 alone: whether one's own key signs with it is one's own level's
 * to say, also where no list of schemes was set. */
static void test_own_signature(void)
{
    int level;

    for (level = 0; level <= 2; level++) {
        SSL_CTX *sctx = tls_server_ctx(&leaf), *cctx = tls_client_ctx(&root);
        struct run r;

        fix_version(sctx, TLS1_2_VERSION);
        SSL_CTX_set_security_level(sctx, level);
        SSL_CTX_set_security_level(cctx, 0);
        TLS_MUST(SSL_CTX_set1_sigalgs_list(cctx, "ECDSA+SHA1:RSA+SHA1"));
        r = run(cctx, sctx);
        same("a server at level %d and a client of SHA-1 alone: connects %d, reasons %d %d", level,
             r.connected, r.out.client.reason, r.out.server.reason);
        drop(&r);
        SSL_CTX_free(sctx);
        SSL_CTX_free(cctx);

        sctx = tls_server_ctx(&leaf);
        cctx = tls_client_ctx(&root);
        fix_version(sctx, TLS1_2_VERSION);
        SSL_CTX_set_security_level(sctx, 0);
        SSL_CTX_set_security_level(cctx, level);
        TLS_MUST(SSL_CTX_use_certificate(cctx, leaf.cert) && SSL_CTX_use_PrivateKey(cctx, leaf.key));
        SSL_CTX_set_verify(sctx, SSL_VERIFY_PEER, accept_any);
        TLS_MUST(SSL_CTX_set1_client_sigalgs_list(sctx, "ECDSA+SHA1:RSA+SHA1"));
        r = run(cctx, sctx);
        same("a client at level %d and a server of SHA-1 alone: connects %d, certificate %d, reasons %d %d",
             level, r.connected, SSL_get0_peer_certificate(r.s) != NULL, r.out.client.reason,
             r.out.server.reason);
        drop(&r);
        SSL_CTX_free(sctx);
        SSL_CTX_free(cctx);
    }
}

int main(void)
{
    make_ids();
    test_own_signature();
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
    test_masked_suites();
    test_tickets();
    free_ids();
    return done();
}
