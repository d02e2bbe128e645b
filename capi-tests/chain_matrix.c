/* Chains good and bad in one way each, judged by a client that verifies its server and by a
 * server that verifies its client, with TLS 1.2 and 1.3: the verify result, the entry of the
 * error queue, the alert the peer gets. One table; what a row's chain is like its build function
 * says. */
#include "chain_rows.h"

static void trust(SSL_CTX *ctx, const struct chain *c)
{
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
    size_t i;

    for (i = 0; i < 3; i++) {
        if (c->trusted[i] != NULL)
            X509_STORE_add_cert(store, c->trusted[i]);
        if (c->crls[i] != NULL)
            X509_STORE_add_crl(store, c->crls[i]);
    }
    X509_VERIFY_PARAM_set_flags(param, c->flags);
    if (c->depth >= 0)
        SSL_CTX_set_verify_depth(ctx, c->depth);
    SSL_CTX_set_security_level(ctx, c->level >= 0 ? c->level : 1);
    if (c->at != 0)
        X509_VERIFY_PARAM_set_time(param, c->at);
    if (c->host != NULL)
        X509_VERIFY_PARAM_set1_host(param, c->host, 0);
    if (c->ip != NULL)
        X509_VERIFY_PARAM_set1_ip_asc(param, c->ip);
    if (c->purpose != 0)
        SSL_CTX_set_purpose(ctx, c->purpose);
    if (c->policy != NULL)
        X509_VERIFY_PARAM_add0_policy(param, OBJ_txt2obj(c->policy, 1));
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
}

static void send_chain(SSL_CTX *ctx, const struct chain *c)
{
    int i;

    SSL_CTX_set_security_level(ctx, 0);
    SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
    TLS_MUST(SSL_CTX_use_certificate(ctx, c->certs[0].cert) == 1);
    TLS_MUST(SSL_CTX_use_PrivateKey(ctx, c->certs[0].key) == 1);
    for (i = 1; i < c->sent; i++)
        TLS_MUST(SSL_CTX_add1_chain_cert(ctx, c->certs[i].cert) == 1);
}

static void run_row(const struct row *row, int version, int server_judges)
{
    SSL_CTX *cctx = SSL_CTX_new(TLS_client_method()), *sctx = SSL_CTX_new(TLS_server_method());
    SSL_CTX *judge = server_judges ? sctx : cctx, *judged = server_judges ? cctx : sctx;
    struct chain c = { .trusted = { root.cert }, .depth = -1, .level = -1 };
    char what[160];
    SSL *client, *server, *js, *ps;
    tls_outcome out;
    tls_side *js_side;
    int connected, alert, i;
    long result = row->result;

    snprintf(what, sizeof what, "%s, %s, %s judges", row->what,
             version == TLS1_2_VERSION ? "TLS 1.2" : "TLS 1.3",
             server_judges ? "server" : "client");
    row->build(&c);
    fix_version(sctx, version);
    if (server_judges) {
        SSL_CTX_use_certificate(sctx, server_id.cert);
        SSL_CTX_use_PrivateKey(sctx, server_id.key);
    }
    send_chain(judged, &c);
    trust(judge, &c);
    client = SSL_new(cctx);
    server = SSL_new(sctx);
    js = server_judges ? server : client;
    ps = server_judges ? client : server;
    js_side = server_judges ? &out.server : &out.client;
    tls_join(client, server, TLS_PAIR);
    connected = tls_handshake(client, server, &out);
    alert = server_judges ? out.client.reason : out.server.reason;
    if (!connected && (server_judges ? out.client.done : out.server.done) == 1)
        read_alert(ps, &alert);
    is_int(SSL_get_verify_result(js), result, "%s: the verify result", what);
    if (result == X509_V_OK) {
        ok(connected, "%s: connects (%s | %s)", what, out.client.errors, out.server.errors);
    } else {
        ok(!connected && js_side->error == SSL_ERROR_SSL, "%s: refused", what);
        ok(strstr(js_side->errors, "SSL routines:certificate verify failed") != NULL,
           "%s: the reason (%s)", what, js_side->errors);
        is_int(alert - SSL_AD_REASON_OFFSET, row->alert, "%s: the peer's alert", what);
    }
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
    for (i = 0; i < 6; i++)
        tls_id_free(&c.certs[i]);
    for (i = 0; i < 3; i++)
        X509_CRL_free(c.crls[i]);
    ERR_clear_error();
}

int main(void)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    size_t i, v;

    root = tls_ca("P-256", "root");
    other_root = tls_ca("P-256", "another root");
    rsa_root = tls_ca("RSA", "RSA root");
    server_id = tls_leaf(&root, "P-256", "server", NULL);
    small_key = EVP_RSA_gen(1024);
    for (i = 0; i < sizeof rows / sizeof *rows; i++)
        for (v = 0; v < 2; v++) {
            run_row(&rows[i], versions[v], 0);
            run_row(&rows[i], versions[v], 1);
        }
    EVP_PKEY_free(small_key);
    tls_id_free(&server_id);
    tls_id_free(&root);
    tls_id_free(&other_root);
    tls_id_free(&rsa_root);
    return done();
}
