/* OCSP responses stapled by a server, judged by its client's callback: what reaches it, the
 * answers of both callbacks. SSL_CTX_set_tlsext_status_cb(3). TLS 1.2 and 1.3. */
#include "certs.h"

static tls_id root, leaf;
/* Not a response: neither side looks into it. */
static const unsigned char response[] = "a response that is carried as it is";

static struct {
    int server_calls, client_calls, server_answer, client_answer, give, length;
    int seen_length;
    unsigned char seen[64];
} hooks;

static int on_server(SSL *ssl, void *arg)
{
    hooks.server_calls++;
    ok(arg == &hooks, "the server's callback gets its argument");
    is_int(SSL_get_tlsext_status_type(ssl), TLSEXT_STATUSTYPE_ocsp, "the server sees the request");
    if (hooks.give) {
        unsigned char *copy = OPENSSL_memdup(response, (size_t)hooks.length);

        is_int(SSL_set_tlsext_status_ocsp_resp(ssl, copy, hooks.length), 1, "a response is set");
    }
    return hooks.server_answer;
}

static int on_client(SSL *ssl, void *arg)
{
    const unsigned char *got = NULL;

    hooks.client_calls++;
    ok(arg == &hooks, "the client's callback gets its argument");
    hooks.seen_length = (int)SSL_get_tlsext_status_ocsp_resp(ssl, &got);
    if (hooks.seen_length > 0 && hooks.seen_length < (int)sizeof hooks.seen)
        memcpy(hooks.seen, got, (size_t)hooks.seen_length);
    else
        ok(got == NULL, "no response, no pointer");
    return hooks.client_answer;
}

static const struct {
    int ask, give, server_answer, client_answer, client_callback;
    int arrives, connects;
    int reason, alert; /* of whom refuses, and what the other is told */
    const char *what;
} cases[] = {
    { 1, 1, SSL_TLSEXT_ERR_OK, 1, 1, 1, 1, 0, 0, "a response" },
    { 1, 1, SSL_TLSEXT_ERR_OK, 1, 0, 1, 1, 0, 0, "a response and no callback" },
    { 1, 0, SSL_TLSEXT_ERR_OK, 1, 1, 0, 1, 0, 0, "the server has none" },
    { 1, 0, SSL_TLSEXT_ERR_NOACK, 1, 1, 0, 1, 0, 0, "the server does not want to" },
    { 1, 1, SSL_TLSEXT_ERR_NOACK, 1, 1, 0, 1, 0, 0, "set, but the server does not want to" },
    { 0, 1, SSL_TLSEXT_ERR_OK, 1, 1, 0, 1, 0, 0, "nobody asks" },
    { 1, 1, SSL_TLSEXT_ERR_OK, 0, 1, 1, 0, SSL_R_INVALID_STATUS_RESPONSE,
      SSL_AD_BAD_CERTIFICATE_STATUS_RESPONSE, "the client refuses it" },
    { 1, 0, SSL_TLSEXT_ERR_NOACK, 0, 1, 0, 0, SSL_R_INVALID_STATUS_RESPONSE,
      SSL_AD_BAD_CERTIFICATE_STATUS_RESPONSE, "the client wants one" },
    { 1, 1, SSL_TLSEXT_ERR_OK, -1, 1, 1, 0, SSL_R_OCSP_CALLBACK_FAILURE, SSL_AD_INTERNAL_ERROR,
      "the client's callback fails" },
};

static void run_case(size_t i, int version)
{
    SSL_CTX *cctx = tls_client_ctx(&root), *sctx = tls_server_ctx(&leaf);
    const char *what = cases[i].what;
    const unsigned char *got = NULL;
    SSL *c, *s;
    tls_outcome out;
    int connected, alert;

    memset(&hooks, 0, sizeof hooks);
    hooks.give = cases[i].give;
    hooks.length = sizeof response;
    hooks.server_answer = cases[i].server_answer;
    hooks.client_answer = cases[i].client_answer;
    fix_version(sctx, version);
    SSL_CTX_set_tlsext_status_cb(sctx, on_server);
    SSL_CTX_set_tlsext_status_arg(sctx, &hooks);
    if (cases[i].client_callback) {
        SSL_CTX_set_tlsext_status_cb(cctx, on_client);
        SSL_CTX_set_tlsext_status_arg(cctx, &hooks);
    }
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    if (cases[i].ask)
        is_int(SSL_set_tlsext_status_type(c, TLSEXT_STATUSTYPE_ocsp), 1, "%s: asked for", what);
    tls_join(c, s, TLS_PAIR);
    connected = tls_handshake(c, s, &out);
    alert = out.server.reason;
    if (!connected && out.server.done == 1)
        read_alert(s, &alert);
    is_int(connected, cases[i].connects, "%s: connects (%s | %s)", what, out.client.errors,
           out.server.errors);
    is_int(hooks.server_calls, cases[i].ask, "%s: the server's callback", what);
    is_int(hooks.client_calls, cases[i].ask && cases[i].client_callback,
           "%s: the client's callback", what);
    if (hooks.client_calls > 0) {
        is_int(hooks.seen_length, cases[i].arrives ? (int)sizeof response : -1, "%s: its length",
               what);
        ok(!cases[i].arrives || memcmp(hooks.seen, response, sizeof response) == 0,
           "%s: it arrives as it was", what);
    }
    if (connected) {
        is_int(SSL_get_tlsext_status_ocsp_resp(c, &got),
               cases[i].arrives ? (int)sizeof response : -1, "%s: the client can ask later", what);
        ok(tls_echo(c, s), "%s: data passes", what);
    } else {
        is_int(out.client.reason, cases[i].reason, "%s: the reason (%s)", what,
               out.client.errors);
        is_int(alert, SSL_AD_REASON_OFFSET + cases[i].alert, "%s: the alert", what);
    }
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
    ERR_clear_error();
}

/* The server's callback fails: its client is told. */
static void test_server_fails(int version)
{
    SSL_CTX *cctx = tls_client_ctx(&root), *sctx = tls_server_ctx(&leaf);
    SSL *c, *s;
    tls_outcome out;

    memset(&hooks, 0, sizeof hooks);
    hooks.server_answer = SSL_TLSEXT_ERR_ALERT_FATAL;
    fix_version(sctx, version);
    SSL_CTX_set_tlsext_status_cb(sctx, on_server);
    SSL_CTX_set_tlsext_status_arg(sctx, &hooks);
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    SSL_set_tlsext_status_type(c, TLSEXT_STATUSTYPE_ocsp);
    tls_join(c, s, TLS_PAIR);
    ok(!tls_handshake(c, s, &out), "the server's callback fails");
    is_int(hooks.server_calls, 1, "it was called");
    is_int(out.server.reason, SSL_R_CLIENTHELLO_TLSEXT, "the server's reason (%s)",
           out.server.errors);
    is_int(out.client.reason, SSL_R_TLSV1_ALERT_INTERNAL_ERROR, "the client's alert (%s)",
           out.client.errors);
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
    ERR_clear_error();
}

static struct {
    long at_hello, at_name, at_cert;
} types;

static int on_hello(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    types.at_hello = SSL_get_tlsext_status_type(ssl);
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int on_name(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    types.at_name = SSL_get_tlsext_status_type(ssl);
    return SSL_TLSEXT_ERR_OK;
}

static int on_cert(SSL *ssl, void *arg)
{
    (void)arg;
    types.at_cert = SSL_get_tlsext_status_type(ssl);
    return 1;
}

/* Which callbacks of a server see that a response is asked for: Node.js fetches one in the
 * certificate's. */
static void test_when_seen(int version, int asked)
{
    SSL_CTX *cctx = tls_client_ctx(&root), *sctx = tls_server_ctx(&leaf);
    long known = asked ? TLSEXT_STATUSTYPE_ocsp : -1;
    const char *what = asked ? "asked" : "not asked";
    SSL *c, *s;

    memset(&types, 0, sizeof types);
    fix_version(cctx, version);
    SSL_CTX_set_client_hello_cb(sctx, on_hello, NULL);
    SSL_CTX_set_tlsext_servername_callback(sctx, on_name);
    SSL_CTX_set_cert_cb(sctx, on_cert, NULL);
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    tls_join(c, s, TLS_PAIR);
    if (asked)
        SSL_set_tlsext_status_type(c, TLSEXT_STATUSTYPE_ocsp);
    ok(tls_handshake(c, s, NULL), "%s: connects", what);
    is_int(types.at_hello, -1, "%s: nothing is read at the hello", what);
    is_int(types.at_name, known, "%s: at the server name", what);
    is_int(types.at_cert, known, "%s: at the certificate", what);
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

int main(void)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    size_t i, v;

    root = tls_ca("P-256", "root");
    leaf = tls_leaf(&root, "P-256", "localhost", "DNS:localhost");
    for (v = 0; v < 2; v++) {
        diag("%s", versions[v] == TLS1_2_VERSION ? "TLS 1.2" : "TLS 1.3");
        for (i = 0; i < sizeof cases / sizeof *cases; i++)
            run_case(i, versions[v]);
        test_server_fails(versions[v]);
        test_when_seen(versions[v], 1);
        test_when_seen(versions[v], 0);
    }
    tls_id_free(&root);
    tls_id_free(&leaf);
    return done();
}
