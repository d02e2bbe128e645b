/* What a connection tells while its handshake is under way: to the program between two calls, and to
 * its callbacks; and that there is no second one. The session exists from the hello on, and what a callback hangs on it stays there.
 * SSL_get_session(3), SSL_get_version(3), SSL_get_current_cipher(3), SSL_SESSION_set_ex_data(3). */
#include "pipe.h"

static int mark_index;
static char mark[] = "mark";

static void tell(const char *place, const SSL *ssl)
{
    SSL_SESSION *session = SSL_get_session(ssl);
    const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);

    same("%s: %s %s session %s version %x timeout %ld reused %d", place,
         SSL_get_version(ssl), cipher != NULL ? SSL_CIPHER_get_name(cipher) : "-",
         session != NULL ? "yes" : "no",
         session != NULL ? SSL_SESSION_get_protocol_version(session) : 0,
         session != NULL ? SSL_SESSION_get_timeout(session) : 0,
         SSL_session_reused(ssl));
}

static void tell_peer(const char *place, const SSL *ssl)
{
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);

    same("%s: certificate %d chain %d", place, SSL_get0_peer_certificate(ssl) != NULL,
         chain != NULL ? sk_X509_num(chain) : -1);
}

static void tell_export(const char *place, SSL *ssl)
{
    unsigned char out[16];
    int ret;

    ERR_clear_error();
    ret = SSL_export_keying_material(ssl, out, sizeof out, "EXPORTER-x", 10, NULL, 0, 0);
    same("%s exports %d, reason %d", place, ret, tls_ssl_reason());
    ERR_clear_error();
}

static void mark_session(const SSL *ssl)
{
    SSL_SESSION *session = SSL_get_session(ssl);

    if (session != NULL)
        SSL_SESSION_set_ex_data(session, mark_index, mark);
}

static int verify(int preverified, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

    if (X509_STORE_CTX_get_error_depth(store) == 0) {
        tell(SSL_is_server(ssl) ? "server verifies" : "client verifies", ssl);
        tell_peer(SSL_is_server(ssl) ? "server's client" : "client's server", ssl);
        mark_session(ssl);
    }
    return preverified;
}

static int client_hello(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    tell("client hello callback", ssl);
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int servername(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    tell("server name callback", ssl);
    return SSL_TLSEXT_ERR_OK;
}

static int cert_cb(SSL *ssl, void *arg)
{
    (void)arg;
    tell("certificate callback", ssl);
    mark_session(ssl);
    return 1;
}

static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                       const unsigned char *in, unsigned inlen, void *arg)
{
    (void)inlen, (void)arg;
    tell("ALPN callback", ssl);
    *out = in + 1;
    *outlen = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static int new_session(SSL *ssl, SSL_SESSION *session)
{
    const char *side = SSL_is_server(ssl) ? "server" : "client";

    same("new session of the %s: marked %d current %d", side,
         SSL_SESSION_get_ex_data(session, mark_index) == mark, SSL_get_session(ssl) == session);
    return 0;
}

static void watch(world *w)
{
    static const unsigned char sid[] = "midway";
    tls_id user = tls_client_leaf(&w->ca, "P-256", "user");

    TLS_MUST(SSL_CTX_use_certificate(w->cctx, user.cert) == 1
             && SSL_CTX_use_PrivateKey(w->cctx, user.key) == 1);
    tls_id_free(&user);
    SSL_CTX_set_verify(w->cctx, SSL_VERIFY_PEER, verify);
    SSL_CTX_set_verify(w->sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, verify);
    TLS_MUST(X509_STORE_add_cert(SSL_CTX_get_cert_store(w->sctx), w->ca.cert));
    SSL_CTX_set_session_id_context(w->sctx, sid, sizeof sid);
    SSL_CTX_set_client_hello_cb(w->sctx, client_hello, NULL);
    SSL_CTX_set_tlsext_servername_callback(w->sctx, servername);
    SSL_CTX_set_cert_cb(w->sctx, cert_cb, NULL);
    SSL_CTX_set_alpn_select_cb(w->sctx, select_alpn, NULL);
    SSL_CTX_set_session_cache_mode(w->cctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_session_cache_mode(w->sctx, SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_new_cb(w->cctx, new_session);
    SSL_CTX_sess_set_new_cb(w->sctx, new_session);
    SSL_CTX_set_timeout(w->cctx, 4321);
}

static void one_version(int version, long options)
{
    world w = world_make();
    SSL_SESSION *early, *later;
    char byte;
    duo *d;

    watch(&w);
    SSL_CTX_set_options(w.sctx, options);
    d = duo_new(&w, version);
    SSL_set_tlsext_host_name(d->c, "localhost");
    SSL_set_alpn_protos(d->c, (const unsigned char *)"\2h2", 3);
    same("-- %s, options %lx", version_name(version), options);
    tell("client before", d->c);
    tell("server before", d->s);
    tell_export("client before", d->c);
    tell_export("server before", d->s);
    SSL_do_handshake(d->c);
    tell("client after its hello", d->c);
    tell_export("client after its hello", d->c);
    early = SSL_get1_session(d->c);
    SSL_do_handshake(d->s);
    tell("server after its hello", d->s);
    ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
    tell_export("client connected", d->c);
    tell_export("server connected", d->s);
    tell("client connected", d->c);
    tell("server connected", d->s);
    tell_peer("client connected", d->c);
    tell_peer("server connected", d->s);
    later = SSL_get_session(d->c);
    same("same session %d", early == later);
    SSL_read(d->c, &byte, 1);
    tell("client with tickets", d->c);
    later = SSL_get_session(d->c);
    same("same session %d, marked %d", early == later,
         SSL_SESSION_get_ex_data(later, mark_index) == mark);
    same("server's marked %d",
         SSL_SESSION_get_ex_data(SSL_get_session(d->s), mark_index) == mark);
    SSL_SESSION_free(early);
    duo_free(d);
    world_free(&w);
}

static int refuse(int preverified, X509_STORE_CTX *store)
{
    (void)preverified, (void)store;
    return 0;
}

/* What is left of a peer whose certificate was refused, by either side. */
static void refused(int version, int server)
{
    world w = world_make();
    duo *d;

    watch(&w);
    SSL_CTX_set_verify(server ? w.sctx : w.cctx, SSL_VERIFY_PEER, refuse);
    d = duo_new(&w, version);
    duo_handshake(d);
    same("-- %s, the %s refuses: %ld", version_name(version), server ? "server" : "client",
         SSL_get_verify_result(server ? d->s : d->c));
    tell_peer("client", d->c);
    tell_peer("server", d->s);
    SSL_clear(d->c);
    SSL_clear(d->s);
    same("cleared: %ld %ld", SSL_get_verify_result(d->c), SSL_get_verify_result(d->s));
    duo_free(d);
    world_free(&w);
}

/* A session that is still to be offered tells its suite. */
static void offered(int version)
{
    world w = world_make();
    duo *d = duo_connected(&w, version);
    SSL *ssl = SSL_new(w.cctx);

    SSL_set_session(ssl, SSL_get_session(d->c));
    tell("with a session to offer", ssl);
    SSL_shutdown(d->c);
    SSL_clear(d->c);
    tell("cleared", d->c);
    SSL_free(ssl);
    duo_free(d);
    world_free(&w);
}

/* Before a version is agreed on. */
static void version_before(int max, const SSL_METHOD *method, const char *name)
{
    world w = world_make();
    SSL_CTX *ctx = SSL_CTX_new(method);
    SSL *ssl = SSL_new(ctx);
    endpoint e = { 0 };
    wire in = { 0 }, out = { 0 };
    BIO *b;

    e.in = &in;
    e.out = &out;
    b = pipe_bio(&e);
    SSL_set_bio(ssl, b, b);
    SSL_set_max_proto_version(ssl, max);
    same("%s at most %x: made %s", name, max, SSL_get_version(ssl));
    SSL_set_connect_state(ssl);
    same("connecting %s", SSL_get_version(ssl));
    SSL_do_handshake(ssl);
    same("said hello %s", SSL_get_version(ssl));
    SSL_clear(ssl);
    same("cleared %s, session %d", SSL_get_version(ssl), SSL_get_session(ssl) != NULL);
    SSL_set_accept_state(ssl);
    SSL_do_handshake(ssl);
    same("accepting %s", SSL_get_version(ssl));
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    wire_free(&in);
    wire_free(&out);
    world_free(&w);
}

/* Two sides without a version in common, or without a suite. */
static void after_failure(void)
{
    world w = world_make();
    duo *d = duo_new(&w, 0);

    SSL_set_max_proto_version(d->c, TLS1_2_VERSION);
    SSL_set_min_proto_version(d->s, TLS1_3_VERSION);
    ok(!duo_handshake(d), "no version in common");
    tell("client refused", d->c);
    tell("server refused", d->s);
    duo_free(d);

    d = duo_new(&w, TLS1_2_VERSION);
    SSL_set_cipher_list(d->c, "ECDHE-ECDSA-AES256-GCM-SHA384");
    SSL_set_cipher_list(d->s, "ECDHE-ECDSA-AES128-GCM-SHA256");
    ok(!duo_handshake(d), "no suite in common");
    tell("client refused", d->c);
    tell("server refused", d->s);
    duo_free(d);

    FOR_VERSIONS(v) {
        d = duo_new(&w, v);
        SSL_set1_sigalgs_list(d->c, "RSA+SHA256");
        ok(!duo_handshake(d), "%s: no signature algorithm in common", version_name(v));
        same("%s: without a signature algorithm: %s", version_name(v), d->out.server.errors);
        is_int(trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0), ALERT_FATAL(SSL_AD_HANDSHAKE_FAILURE),
               "handshake_failure");
        duo_free(d);
    }

    d = duo_new(&w, TLS1_3_VERSION);
    SSL_set1_groups_list(d->c, "P-256");
    SSL_set1_groups_list(d->s, "P-384");
    ok(!duo_handshake(d), "no group in common");
    tell("client refused", d->c);
    tell("server refused", d->s);
    duo_free(d);
    world_free(&w);
}

/* A second handshake is refused as where the program forbids it. SSL_renegotiate(3). */
static void no_renegotiation(int version)
{
    world w = world_make();
    duo *d;

    SSL_CTX_set_options(w.cctx, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_options(w.sctx, SSL_OP_NO_RENEGOTIATION);
    d = duo_new(&w, version);
    is_int(SSL_renegotiate(d->c), 0, "%s: no second handshake before the first",
           version_name(version));
    is_int(tls_ssl_reason(), SSL_R_NO_RENEGOTIATION, "forbidden");
    ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
    is_int(SSL_renegotiate(d->c), 0, "%s: no second handshake", version_name(version));
    is_int(tls_ssl_reason(),
           version == TLS1_3_VERSION ? SSL_R_WRONG_SSL_VERSION : SSL_R_NO_RENEGOTIATION, "why");
    is_int(SSL_renegotiate_abbreviated(d->s), 0, "nor of the server");
    is_int(tls_ssl_reason(),
           version == TLS1_3_VERSION ? SSL_R_WRONG_SSL_VERSION : SSL_R_NO_RENEGOTIATION, "why");
    is_int(SSL_renegotiate_pending(d->c), 0, "none is due");
    ok(tls_echo(d->c, d->s), "the connection goes on");
    duo_free(d);
    world_free(&w);
}

int main(void)
{
    mark_index = SSL_SESSION_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    one_version(TLS1_2_VERSION, 0);
    one_version(TLS1_2_VERSION, SSL_OP_NO_TICKET);
    one_version(TLS1_3_VERSION, 0);
    one_version(TLS1_3_VERSION, SSL_OP_NO_TICKET);
    one_version(0, 0);
    FOR_VERSIONS(v)
        offered(v);
    FOR_VERSIONS(v) {
        refused(v, 0);
        refused(v, 1);
    }
    version_before(0, TLS_method(), "any");
    version_before(TLS1_2_VERSION, TLS_method(), "any");
    version_before(TLS1_2_VERSION, TLSv1_2_method(), "1.2");
    after_failure();
    FOR_VERSIONS(v)
        no_renegotiation(v);
    return done();
}
