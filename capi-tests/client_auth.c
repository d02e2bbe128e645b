/* A server that asks its clients for certificates: SSL_VERIFY_PEER with and without
 * FAIL_IF_NO_PEER_CERT, CA names, chains on both sides. TLS 1.2 and 1.3. */
#include "certs.h"

static tls_id root, other_root, inter, server_id, client_id, deep_id, foreign_id;

struct run {
    SSL_CTX *cctx, *sctx;
    SSL *c, *s;
    tls_outcome out;
    int connected;
    int client_reason; /* of its handshake, or of the alert read after it */
};

/* Contexts with the server's side configured; the client trusts it. */
static struct run prepare(int version, int mode, const tls_id *trusted)
{
    struct run r = { .cctx = tls_client_ctx(&root), .sctx = tls_server_ctx(&server_id) };

    fix_version(r.sctx, version);
    if (trusted != NULL)
        X509_STORE_add_cert(SSL_CTX_get_cert_store(r.sctx), trusted->cert);
    SSL_CTX_set_verify(r.sctx, mode, NULL);
    return r;
}

static void use(struct run *r, const tls_id *id)
{
    SSL_CTX_use_certificate(r->cctx, id->cert);
    SSL_CTX_use_PrivateKey(r->cctx, id->key);
}

static void run(struct run *r)
{
    r->c = SSL_new(r->cctx);
    r->s = SSL_new(r->sctx);
    tls_join(r->c, r->s, TLS_PAIR);
    r->connected = tls_handshake(r->c, r->s, &r->out);
    r->client_reason = r->out.client.reason;
    if (r->out.client.done == 1 && r->out.server.done == -1)
        read_alert(r->c, &r->client_reason);
}

static void drop(struct run *r)
{
    SSL_free(r->c);
    SSL_free(r->s);
    SSL_CTX_free(r->cctx);
    SSL_CTX_free(r->sctx);
    ERR_clear_error();
}

static void is_refused(struct run *r, int reason, long result, int alert, const char *what)
{
    ok(!r->connected, "%s: refused", what);
    is_int(r->out.server.reason, reason, "%s: the server's reason (%s)", what,
           r->out.server.errors);
    is_int(r->out.server.error, SSL_ERROR_SSL, "%s: SSL_ERROR_SSL", what);
    is_int(SSL_get_verify_result(r->s), result, "%s: the verify result", what);
    is_int(r->client_reason, alert, "%s: the client's alert", what);
}

static void is_accepted(struct run *r, const tls_id *id, const char *what)
{
    X509 *cert = SSL_get0_peer_certificate(r->s);

    ok(r->connected, "%s: connects (%s | %s)", what, r->out.client.errors, r->out.server.errors);
    is_int(SSL_get_verify_result(r->s), X509_V_OK, "%s: the verify result", what);
    if (id == NULL)
        ok(cert == NULL, "%s: no certificate", what);
    else
        ok(cert != NULL && X509_cmp(cert, id->cert) == 0, "%s: the certificate", what);
    ok(r->connected && tls_echo(r->c, r->s), "%s: data passes", what);
}

static void test_modes(int version)
{
    const int must = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    int required = version == TLS1_3_VERSION ? SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED
                                             : SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE;
    struct run r = prepare(version, SSL_VERIFY_NONE, &root);

    use(&r, &client_id);
    run(&r);
    is_accepted(&r, NULL, "SSL_VERIFY_NONE asks for none");
    drop(&r);

    r = prepare(version, SSL_VERIFY_PEER, &root);
    run(&r);
    is_accepted(&r, NULL, "SSL_VERIFY_PEER, a client without");
    drop(&r);

    r = prepare(version, SSL_VERIFY_PEER, &root);
    use(&r, &client_id);
    run(&r);
    is_accepted(&r, &client_id, "SSL_VERIFY_PEER, a good one");
    ok(SSL_get_certificate(r.c) == client_id.cert, "the client's SSL_get_certificate");
    drop(&r);

    r = prepare(version, must | SSL_VERIFY_CLIENT_ONCE, &root);
    use(&r, &client_id);
    run(&r);
    is_accepted(&r, &client_id, "with SSL_VERIFY_CLIENT_ONCE");
    drop(&r);

    r = prepare(version, must, &root);
    run(&r);
    is_refused(&r, SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, X509_V_OK, required,
               "SSL_VERIFY_FAIL_IF_NO_PEER_CERT, a client without");
    drop(&r);

    /* TLS 1.3 would ask after the handshake; TLS 1.2 cannot wait. */
    r = prepare(version, must | SSL_VERIFY_POST_HANDSHAKE, &root);
    use(&r, &client_id);
    run(&r);
    is_accepted(&r, version == TLS1_3_VERSION ? NULL : &client_id, "SSL_VERIFY_POST_HANDSHAKE");
    drop(&r);

    r = prepare(version, must | SSL_VERIFY_POST_HANDSHAKE, &root);
    run(&r);
    if (version == TLS1_3_VERSION)
        is_accepted(&r, NULL, "SSL_VERIFY_POST_HANDSHAKE, a client without");
    else
        is_refused(&r, SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, X509_V_OK, required,
                   "SSL_VERIFY_POST_HANDSHAKE, a client without");
    drop(&r);

    r = prepare(version, must, &root);
    use(&r, &foreign_id);
    run(&r);
    is_refused(&r, SSL_R_CERTIFICATE_VERIFY_FAILED,
               X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, SSL_R_TLSV1_ALERT_UNKNOWN_CA,
               "an unknown CA");
    drop(&r);

    r = prepare(version, SSL_VERIFY_PEER, &root);
    use(&r, &foreign_id);
    run(&r);
    is_refused(&r, SSL_R_CERTIFICATE_VERIFY_FAILED,
               X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, SSL_R_TLSV1_ALERT_UNKNOWN_CA,
               "an unknown CA with SSL_VERIFY_PEER alone");
    drop(&r);

    /* A server's certificate is none for a client. */
    r = prepare(version, must, &root);
    use(&r, &server_id);
    run(&r);
    is_refused(&r, SSL_R_CERTIFICATE_VERIFY_FAILED, X509_V_ERR_INVALID_PURPOSE,
               SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, "a server's certificate");
    drop(&r);
}

/* Contexts are shared by connections of both versions. */
static void test_versions_of_one_context(void)
{
    struct run r = prepare(0, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT | SSL_VERIFY_POST_HANDSHAKE, &root);
    int i;

    use(&r, &client_id);
    for (i = 0; i < 4; i++) {
        SSL_CTX_set_max_proto_version(r.cctx, i % 2 ? TLS1_3_VERSION : TLS1_2_VERSION);
        run(&r);
        is_accepted(&r, i % 2 ? NULL : &client_id, i % 2 ? "TLS 1.3 does not ask" : "TLS 1.2 asks");
        SSL_free(r.c);
        SSL_free(r.s);
    }
    r.c = r.s = NULL;
    drop(&r);
}

/* The chains as each side has them: the client's of its server begins with the leaf, the
 * server's of its client leaves it out. */
static void test_chains(int version)
{
    struct run r = prepare(version, SSL_VERIFY_PEER, &root);
    STACK_OF(X509) *chain;
    X509 *cert;

    use(&r, &deep_id);
    SSL_CTX_add1_chain_cert(r.cctx, inter.cert);
    run(&r);
    is_accepted(&r, &deep_id, "a chain from the client");
    chain = SSL_get_peer_cert_chain(r.s);
    is_int(sk_X509_num(chain), 1, "the server's SSL_get_peer_cert_chain");
    ok(chain && !X509_cmp(sk_X509_value(chain, 0), inter.cert), "has no leaf");
    chain = SSL_get0_verified_chain(r.s);
    is_int(sk_X509_num(chain), 3, "SSL_get0_verified_chain has all");
    cert = SSL_get1_peer_certificate(r.s);
    chain = SSL_get_peer_cert_chain(r.c);
    ok(chain && !X509_cmp(sk_X509_value(chain, 0), server_id.cert), "the client's has the leaf");
    drop(&r);
    ok(cert && !X509_cmp(cert, deep_id.cert), "a get1 certificate outlives the connection");
    X509_free(cert);

    r = prepare(version, SSL_VERIFY_PEER, &root);
    use(&r, &deep_id);
    SSL_CTX_set_mode(r.cctx, SSL_MODE_NO_AUTO_CHAIN);
    run(&r);
    is_refused(&r, SSL_R_CERTIFICATE_VERIFY_FAILED,
               X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, SSL_R_TLSV1_ALERT_UNKNOWN_CA,
               "a missing intermediate");
    drop(&r);

    /* Without a chain of its own a side builds one from its store. */
    r = prepare(version, SSL_VERIFY_PEER, &root);
    use(&r, &deep_id);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(r.cctx), inter.cert);
    run(&r);
    is_accepted(&r, &deep_id, "a chain built from the client's store");
    drop(&r);
}

/* The client certificate callback. */
static struct {
    int calls, names, answer;
    char first[64];
    SSL *ssl;
} asked;

static int on_asked(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
    STACK_OF(X509_NAME) *names = SSL_get_client_CA_list(ssl);

    asked.calls++;
    asked.ssl = ssl;
    asked.names = sk_X509_NAME_num(names);
    if (asked.names > 0)
        X509_NAME_get_text_by_NID(sk_X509_NAME_value(names, 0), NID_commonName, asked.first,
                                  sizeof asked.first);
    if (asked.answer == 1) {
        X509_up_ref(client_id.cert);
        EVP_PKEY_up_ref(client_id.key);
        *cert = client_id.cert;
        *key = client_id.key;
    }
    return asked.answer;
}

static void test_names(int version)
{
    struct run r = prepare(version, SSL_VERIFY_PEER, &root);
    const STACK_OF(X509_NAME) *names;

    is_int(SSL_CTX_add_client_CA(r.sctx, root.cert), 1, "SSL_CTX_add_client_CA");
    is_int(SSL_CTX_add_client_CA(r.sctx, other_root.cert), 1, "and another");
    is_int(sk_X509_NAME_num(SSL_CTX_get_client_CA_list(r.sctx)), 2, "SSL_CTX_get_client_CA_list");
    SSL_CTX_set_client_cert_cb(r.cctx, on_asked);
    memset(&asked, 0, sizeof asked);
    asked.answer = 1;
    run(&r);
    is_accepted(&r, &client_id, "the callback's certificate");
    is_int(asked.calls, 1, "the callback ran once");
    is_ptr(asked.ssl, r.c, "with the SSL");
    is_int(asked.names, 2, "it sees the names");
    is_str(asked.first, "root", "in their order");
    names = SSL_get0_peer_CA_list(r.c);
    is_int(sk_X509_NAME_num(names), 2, "SSL_get0_peer_CA_list after the handshake");
    drop(&r);

    r = prepare(version, SSL_VERIFY_PEER, &root);
    SSL_CTX_set_client_cert_cb(r.cctx, on_asked);
    memset(&asked, 0, sizeof asked);
    run(&r);
    is_accepted(&r, NULL, "a callback that has none");
    is_int(asked.calls, 1, "ran once");
    is_int(asked.names > 0, 0, "no names were sent");
    drop(&r);

    /* With a certificate already there the callback is not asked. */
    r = prepare(version, SSL_VERIFY_PEER, &root);
    SSL_CTX_set_client_cert_cb(r.cctx, on_asked);
    use(&r, &client_id);
    memset(&asked, 0, sizeof asked);
    run(&r);
    is_accepted(&r, &client_id, "a certificate is there");
    is_int(asked.calls, 0, "the callback is not asked");
    drop(&r);

    /* -1 suspends the client; client_suspend.c has more. */
    r = prepare(version, SSL_VERIFY_PEER, &root);
    SSL_CTX_set_client_cert_cb(r.cctx, on_asked);
    memset(&asked, 0, sizeof asked);
    asked.answer = -1;
    run(&r);
    ok(!r.connected, "-1 suspends");
    is_int(r.out.client.error, SSL_ERROR_WANT_X509_LOOKUP, "SSL_ERROR_WANT_X509_LOOKUP");
    is_int(SSL_want(r.c), SSL_X509_LOOKUP, "SSL_want");
    asked.answer = 1;
    r.connected = tls_handshake(r.c, r.s, &r.out);
    is_accepted(&r, &client_id, "and goes on later");
    drop(&r);
}

/* What the server's verify callback is given. */
static SSL *seen_ssl;
static int seen_depths, overridden;

static int on_verify(int preverify, X509_STORE_CTX *x)
{
    seen_ssl = X509_STORE_CTX_get_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx());
    seen_depths |= 1 << X509_STORE_CTX_get_error_depth(x);
    if (!preverify)
        overridden++;
    return 1;
}

static void test_callback(int version)
{
    struct run r = prepare(version, SSL_VERIFY_PEER, &root);

    SSL_CTX_set_verify(r.sctx, SSL_VERIFY_PEER, on_verify);
    seen_depths = overridden = 0;
    use(&r, &deep_id);
    SSL_CTX_add1_chain_cert(r.cctx, inter.cert);
    run(&r);
    is_accepted(&r, &deep_id, "a verify callback");
    is_ptr(seen_ssl, r.s, "is given the server's SSL");
    is_int(seen_depths, 7, "at each depth");
    drop(&r);
    r = prepare(version, SSL_VERIFY_PEER, &root);
    SSL_CTX_set_verify(r.sctx, SSL_VERIFY_PEER, on_verify);
    use(&r, &foreign_id);
    run(&r);
    ok(r.connected, "a verify callback overrides (%s)", r.out.server.errors);
    is_int(overridden, 2, "two errors");
    is_int(SSL_get_verify_result(r.s), X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
           "and the result tells");
    drop(&r);
}

/* The lists of names, without a connection. */
static void test_lists(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    SSL *ssl = SSL_new(ctx);
    char *file = tls_pem_file(root.cert, NULL);
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(file), *copy;

    is_int(sk_X509_NAME_num(names), 1, "SSL_load_client_CA_file");
    is_int(SSL_add_file_cert_subjects_to_stack(names, file), 1, "the same file again");
    is_int(sk_X509_NAME_num(names), 1, "adds no name twice");
    copy = SSL_dup_CA_list(names);
    is_int(sk_X509_NAME_num(copy), 1, "SSL_dup_CA_list");
    is_int(sk_X509_NAME_num(SSL_CTX_get_client_CA_list(ctx)), 0, "a context has none at first");
    SSL_CTX_set_client_CA_list(ctx, names);
    ok(SSL_CTX_get_client_CA_list(ctx) == names, "SSL_CTX_set_client_CA_list takes the stack");
    ok(SSL_get_client_CA_list(ssl) == names, "an SSL shows its context's");
    SSL_set_client_CA_list(ssl, copy);
    ok(SSL_get_client_CA_list(ssl) == copy, "until it has its own");
    is_int(SSL_add_client_CA(ssl, other_root.cert), 1, "SSL_add_client_CA");
    is_int(sk_X509_NAME_num(SSL_get_client_CA_list(ssl)), 2, "adds to it");
    is_int(sk_X509_NAME_num(SSL_CTX_get_client_CA_list(ctx)), 1, "alone");
    ERR_clear_error();
    ok(SSL_load_client_CA_file("/nonexistent/file") == NULL, "no such file");
    is_int(ERR_GET_LIB(ERR_peek_error()), ERR_LIB_SYS, "a system error first");
    ERR_clear_error();
    names = sk_X509_NAME_new_null();
    SSL_CTX_set0_CA_list(ctx, names);
    ok(SSL_CTX_get0_CA_list(ctx) == names, "SSL_CTX_set0_CA_list");
    ok(SSL_get0_CA_list(ssl) == names, "an SSL shows it");
    is_int(SSL_add1_to_CA_list(ssl, root.cert), 1, "SSL_add1_to_CA_list");
    is_int(sk_X509_NAME_num(SSL_get0_CA_list(ssl)), 1, "adds to the SSL's own");
    is_int(sk_X509_NAME_num(SSL_CTX_get0_CA_list(ctx)), 0, "alone");
    is_int(SSL_CTX_add1_to_CA_list(ctx, root.cert), 1, "SSL_CTX_add1_to_CA_list");
    unlink(file);
    free(file);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* Names a client sends (SSL_CTX_set0_CA_list(3)) reach the server in TLS 1.3, which has an
 * extension for them; the server's client CA list goes before its CA list. */
static STACK_OF(X509_NAME) *names_of(const tls_id *id)
{
    STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();

    TLS_MUST(sk_X509_NAME_push(names, X509_NAME_dup(X509_get_subject_name(id->cert))));
    return names;
}

static void test_client_names(int version)
{
    struct run r = prepare(version, SSL_VERIFY_PEER, &root);
    const STACK_OF(X509_NAME) *seen;

    fix_version(r.cctx, version);
    SSL_CTX_set0_CA_list(r.cctx, names_of(&other_root));
    SSL_CTX_set0_CA_list(r.sctx, names_of(&other_root));
    SSL_CTX_set_client_CA_list(r.sctx, names_of(&root));
    run(&r);
    ok(r.connected, "a client with a CA list (%s)", r.out.server.errors);
    seen = SSL_get0_peer_CA_list(r.s);
    if (version == TLS1_3_VERSION) {
        is_int(sk_X509_NAME_num(seen), 1, "the server sees the client's list");
        is_int(X509_NAME_cmp(sk_X509_NAME_value(seen, 0), X509_get_subject_name(other_root.cert)),
               0, "with the name in it");
    } else {
        ok(seen == NULL, "TLS 1.2 has no place for a client's list");
    }
    seen = SSL_get0_peer_CA_list(r.c);
    is_int(sk_X509_NAME_num(seen), 1, "the client sees one of the server's two");
    is_int(X509_NAME_cmp(sk_X509_NAME_value(seen, 0), X509_get_subject_name(root.cert)), 0,
           "the client CA list");
    drop(&r);
}

int main(void)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    size_t i;

    root = cert_make(.cn = "root", .ca = 1);
    other_root = cert_make(.cn = "another root", .ca = 1);
    inter = tls_intermediate(&root, "P-256", "intermediate");
    server_id = tls_leaf(&root, "P-256", "localhost", "DNS:localhost");
    client_id = tls_client_leaf(&root, "P-256", "client");
    deep_id = tls_client_leaf(&inter, "P-256", "deep client");
    foreign_id = tls_client_leaf(&other_root, "P-256", "foreign client");
    for (i = 0; i < 2; i++) {
        diag("%s", versions[i] == TLS1_2_VERSION ? "TLS 1.2" : "TLS 1.3");
        test_modes(versions[i]);
        test_chains(versions[i]);
        test_names(versions[i]);
        test_callback(versions[i]);
        test_client_names(versions[i]);
    }
    test_versions_of_one_context();
    test_lists();
    tls_id_free(&root);
    tls_id_free(&other_root);
    tls_id_free(&inter);
    tls_id_free(&server_id);
    tls_id_free(&client_id);
    tls_id_free(&deep_id);
    tls_id_free(&foreign_id);
    return done();
}
