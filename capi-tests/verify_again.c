/* Verifications that are suspended and tried again, and parameters set on one connection.
 * SSL_set_retry_verify(3), SSL_set1_param(3), SSL_add1_host(3), SSL_set_purpose(3). */
#include "certs.h"

#include <openssl/x509err.h>

static tls_id root, inter, leaf, deep, client_leaf;

struct run {
    SSL_CTX *sctx;
    SSL *c, *s;
    tls_outcome out;
};

static struct run start(SSL_CTX *cctx, const tls_id *id, int version)
{
    struct run r = { .sctx = tls_server_ctx(id), .c = SSL_new(cctx) };

    fix_version(r.sctx, version);
    r.s = SSL_new(r.sctx);
    tls_join(r.c, r.s, TLS_PAIR);
    return r;
}

/* Goes on with the handshakes until both ended, or the client wants to verify again. */
static int finish(struct run *r)
{
    int round;

    for (round = 0; round < 50 && (r->out.client.done == 0 || r->out.server.done == 0); round++) {
        tls_step(r->c, &r->out.client);
        if (r->out.client.error == SSL_ERROR_WANT_RETRY_VERIFY)
            break;
        tls_step(r->s, &r->out.server);
    }
    return r->out.client.done == 1 && r->out.server.done == 1;
}

static void drop(struct run *r)
{
    SSL_free(r->c);
    SSL_free(r->s);
    SSL_CTX_free(r->sctx);
    ERR_clear_error();
}

static int calls, retries, answer;

static int retry(X509_STORE_CTX *ctx, void *arg)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
    int r = X509_verify_cert(ctx);

    (void)arg;
    calls++;
    if (retries > 0 && retries-- > 0) {
        SSL_set_retry_verify(ssl);
        return answer;
    }
    return r;
}

static SSL_CTX *retrying_ctx(int times, int with)
{
    SSL_CTX *cctx = tls_client_ctx(&root);

    SSL_CTX_set_cert_verify_callback(cctx, retry, NULL);
    calls = 0;
    retries = times;
    answer = with;
    return cctx;
}

static void test_retry(int version)
{
    SSL_CTX *cctx = retrying_ctx(3, 1);
    struct run r = start(cctx, &leaf, version);
    int i;

    for (i = 1; i <= 3; i++) {
        ok(!finish(&r), "suspended %d times", i);
        is_int(r.out.client.error, SSL_ERROR_WANT_RETRY_VERIFY, "SSL_get_error tells");
        is_int(SSL_want(r.c), SSL_RETRY_VERIFY, "SSL_want too");
        ok(SSL_want_retry_verify(r.c), "and SSL_want_retry_verify");
    }
    ok(finish(&r), "then it connects (%s)", r.out.client.errors);
    is_int(calls, 4, "asked each time");
    ok(!SSL_want_retry_verify(r.c), "nothing is wanted any more");
    is_int(SSL_get_verify_result(r.c), X509_V_OK, "verified");
    ok(tls_echo(r.c, r.s), "data passes");
    drop(&r);
    SSL_CTX_free(cctx);
}

/* What the program adds to the peer's chain meanwhile counts. */
static void test_completed(int version)
{
    SSL_CTX *cctx = retrying_ctx(1, 1);
    struct run r = start(cctx, &deep, version);
    STACK_OF(X509) *chain;

    ok(!finish(&r), "suspended without the intermediate");
    is_int(r.out.client.error, SSL_ERROR_WANT_RETRY_VERIFY, "SSL_get_error tells");
    chain = SSL_get_peer_cert_chain(r.c);
    is_int(sk_X509_num(chain), 1, "the chain is the leaf");
    X509_up_ref(inter.cert);
    sk_X509_push(chain, inter.cert);
    ok(finish(&r), "the completed chain connects (%s)", r.out.client.errors);
    is_int(SSL_get_verify_result(r.c), X509_V_OK, "verified");
    is_int(sk_X509_num(SSL_get0_verified_chain(r.c)), 3, "up to the root");
    is_int(sk_X509_num(SSL_get_peer_cert_chain(r.c)), 2, "the chain stays completed");
    drop(&r);
    SSL_CTX_free(cctx);
}

/* Refused all the same: the retry counts with a positive answer alone. */
static void test_refused(int version)
{
    SSL_CTX *cctx = retrying_ctx(1, 0);
    struct run r = start(cctx, &leaf, version);

    ok(!finish(&r), "a retry with the answer 0");
    is_int(r.out.client.error, SSL_ERROR_SSL, "is an error");
    ok(strstr(r.out.client.errors, "certificate verify failed") != NULL, "of verification");
    drop(&r);
    SSL_CTX_free(cctx);

    cctx = retrying_ctx(1, 1);
    r = start(cctx, &deep, version);
    ok(!finish(&r), "suspended without the intermediate");
    ok(!finish(&r), "and nothing changed");
    is_int(r.out.client.error, SSL_ERROR_SSL, "is an error");
    is_int(SSL_get_verify_result(r.c), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "the result");
    drop(&r);
    SSL_CTX_free(cctx);
}

/* On a server it has no effect. */
static void test_server(int version)
{
    SSL_CTX *cctx = tls_client_ctx(&root);
    struct run r;

    TLS_MUST(SSL_CTX_use_cert_and_key(cctx, client_leaf.cert, client_leaf.key, NULL, 1) == 1);
    r = start(cctx, &leaf, version);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(r.sctx), root.cert);
    SSL_set_verify(r.s, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(r.sctx, retry, NULL);
    calls = 0;
    retries = 1;
    answer = 1;
    ok(finish(&r), "a server goes on (%s)", r.out.server.errors);
    is_int(calls, 1, "asked once");
    drop(&r);
    SSL_CTX_free(cctx);
}

static void test_params(int version)
{
    SSL_CTX *cctx = tls_client_ctx(&root);
    X509_VERIFY_PARAM *vpm = X509_VERIFY_PARAM_new();
    struct run r;

    /* SSL_set1_param copies what is set, and the connection alone has it. */
    X509_VERIFY_PARAM_set1_host(vpm, "elsewhere.example", 0);
    X509_VERIFY_PARAM_set_flags(vpm, X509_V_FLAG_PARTIAL_CHAIN);
    r = start(cctx, &leaf, version);
    is_int(SSL_set1_param(r.c, vpm), 1, "SSL_set1_param");
    is_str(X509_VERIFY_PARAM_get0_host(SSL_get0_param(r.c), 0), "elsewhere.example", "is seen");
    is_str(X509_VERIFY_PARAM_get0_host(SSL_CTX_get0_param(cctx), 0), NULL, "not on the context");
    ok(!finish(&r), "another name: refused");
    is_int(SSL_get_verify_result(r.c), X509_V_ERR_HOSTNAME_MISMATCH, "its result");
    drop(&r);

    /* On the context: for connections made later. */
    r = start(cctx, &leaf, version);
    is_int(SSL_CTX_set1_param(cctx, vpm), 1, "SSL_CTX_set1_param");
    ok(finish(&r), "a connection made before has its own (%s)", r.out.client.errors);
    drop(&r);
    r = start(cctx, &leaf, version);
    ok(!finish(&r), "one made after does not connect");
    drop(&r);
    r = start(cctx, &leaf, version);
    is_int(SSL_add1_host(r.c, "localhost"), 1, "SSL_add1_host");
    ok(finish(&r), "with one name more it does (%s)", r.out.client.errors);
    is_str(SSL_get0_peername(r.c), "localhost", "the name that matched");
    drop(&r);
    r = start(cctx, &leaf, version);
    is_int(SSL_set1_host(r.c, "localhost"), 1, "SSL_set1_host");
    ok(finish(&r), "instead of the other name (%s)", r.out.client.errors);
    drop(&r);
    X509_VERIFY_PARAM_free(vpm);
    SSL_CTX_free(cctx);

    cctx = tls_client_ctx(&root);
    r = start(cctx, &leaf, version);
    SSL_set1_host(r.c, "one.wild.example");
    ok(finish(&r), "a wildcard (%s)", r.out.client.errors);
    is_str(SSL_get0_peername(r.c), "*.wild.example", "is told");
    drop(&r);
    r = start(cctx, &leaf, version);
    SSL_set1_host(r.c, "one.wild.example");
    SSL_set_hostflags(r.c, X509_CHECK_FLAG_NO_WILDCARDS);
    ok(!finish(&r), "no wildcards: refused");
    is_str(SSL_get0_peername(r.c), NULL, "no name is told");
    drop(&r);

    /* The parameters of a connection, through the pointer, after its connection is made. */
    r = start(cctx, &leaf, version);
    X509_VERIFY_PARAM_set_time(SSL_get0_param(r.c), 1000000000);
    ok(!finish(&r), "another time: refused");
    is_int(SSL_get_verify_result(r.c), X509_V_ERR_CERT_NOT_YET_VALID, "its result");
    drop(&r);
    r = start(cctx, &leaf, version);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(r.c), "192.0.2.1");
    ok(!finish(&r), "another address: refused");
    is_int(SSL_get_verify_result(r.c), X509_V_ERR_IP_ADDRESS_MISMATCH, "its result");
    drop(&r);
    SSL_CTX_free(cctx);
}

static void test_purpose(int version)
{
    SSL_CTX *cctx = tls_client_ctx(&root);
    struct run r;

    r = start(cctx, &client_leaf, version);
    ok(!finish(&r), "a client's certificate on a server: refused");
    is_int(SSL_get_verify_result(r.c), X509_V_ERR_INVALID_PURPOSE, "its result");
    drop(&r);
    r = start(cctx, &client_leaf, version);
    is_int(SSL_set_purpose(r.c, X509_PURPOSE_SSL_CLIENT), 1, "SSL_set_purpose");
    ok(finish(&r), "the purpose it serves (%s)", r.out.client.errors);
    drop(&r);
    r = start(cctx, &leaf, version);
    is_int(SSL_set_purpose(r.c, 99), 0, "an unknown purpose");
    is_int(SSL_set_trust(r.c, 99), 0, "an unknown trust");
    is_int(SSL_set_trust(r.c, X509_TRUST_SSL_SERVER), 1, "SSL_set_trust");
    ok(finish(&r), "connects (%s)", r.out.client.errors);
    drop(&r);
    is_int(SSL_CTX_set_purpose(cctx, X509_PURPOSE_SSL_CLIENT), 1, "SSL_CTX_set_purpose");
    r = start(cctx, &leaf, version);
    ok(!finish(&r), "a server's certificate does not serve it");
    is_int(SSL_get_verify_result(r.c), X509_V_ERR_INVALID_PURPOSE, "its result");
    drop(&r);
    SSL_CTX_free(cctx);
}

/* A root that is trusted for some things only. */
static void test_trust(int version)
{
    SSL_CTX *cctx = tls_client_ctx(NULL);
    X509 *trusted = X509_dup(root.cert);
    struct run r;

    SSL_CTX_set_verify(cctx, SSL_VERIFY_PEER, NULL);
    X509_add1_trust_object(trusted, OBJ_nid2obj(NID_email_protect));
    X509_STORE_add_cert(SSL_CTX_get_cert_store(cctx), trusted);
    r = start(cctx, &leaf, version);
    ok(!finish(&r), "a root trusted for mail alone: refused");
    is_int(SSL_get_verify_result(r.c), X509_V_ERR_CERT_REJECTED, "its result");
    drop(&r);
    r = start(cctx, &leaf, version);
    SSL_set_trust(r.c, X509_TRUST_EMAIL);
    ok(finish(&r), "asked for mail: connects (%s)", r.out.client.errors);
    drop(&r);
    is_int(SSL_CTX_set_trust(cctx, X509_TRUST_EMAIL), 1, "SSL_CTX_set_trust");
    r = start(cctx, &leaf, version);
    ok(finish(&r), "on the context too (%s)", r.out.client.errors);
    drop(&r);
    X509_free(trusted);
    SSL_CTX_free(cctx);
}

int main(void)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    size_t i;

    root = tls_ca("P-256", "Root");
    inter = tls_intermediate(&root, "P-256", "Intermediate");
    leaf = tls_leaf(&root, "P-256", "localhost", "DNS:localhost,DNS:*.wild.example");
    deep = tls_leaf(&inter, "P-256", "localhost", "DNS:localhost");
    client_leaf = tls_client_leaf(&root, "P-256", "client");
    for (i = 0; i < 2; i++) {
        test_retry(versions[i]);
        test_completed(versions[i]);
        test_refused(versions[i]);
        test_server(versions[i]);
        test_params(versions[i]);
        test_purpose(versions[i]);
        test_trust(versions[i]);
    }
    tls_id_free(&root);
    tls_id_free(&inter);
    tls_id_free(&leaf);
    tls_id_free(&deep);
    tls_id_free(&client_leaf);
    return done();
}
