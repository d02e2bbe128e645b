/* A HelloRetryRequest: which of the program's callbacks see both ClientHellos, in which order, and
 * what comes of it when the second call decides otherwise than the first. */
#include "pipe.h"

static char stories[2][4096];
/* From which call on a callback of the server answers otherwise; 0 for never. */
static int refuse_hello, refuse_name, refuse_alpn, refuse_cert, refuse_extension, other_alpn, other_ctx, suspend;
static int hellos, names, alpns, certs, parsed;
static SSL_CTX *second;

__attribute__((format(printf, 2, 3))) static void tell(const SSL *ssl, const char *format, ...)
{
    char *story = stories[SSL_is_server((SSL *)ssl)];
    size_t used = strlen(story);
    va_list args;

    va_start(args, format);
    vsnprintf(story + used, sizeof stories[0] - used, format, args);
    va_end(args);
}

static int is_due(int from, int calls)
{
    return from != 0 && calls >= from;
}

static int on_hello(SSL *ssl, int *alert, void *arg)
{
    const unsigned char *random, *shares;
    size_t n = 0;

    hellos++;
    SSL_client_hello_get0_random(ssl, &random);
    SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_key_share, &shares, &n);
    tell(ssl, " hello(share %zu, group %x, cookie %d)", n, n > 4 ? (unsigned)(shares[2] << 8 | shares[3]) : 0,
         SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_cookie, &shares, &n));
    if (is_due(suspend, hellos)) {
        suspend = 0;
        return SSL_CLIENT_HELLO_RETRY;
    }
    if (is_due(refuse_hello, hellos)) {
        *alert = SSL_AD_ACCESS_DENIED;
        return SSL_CLIENT_HELLO_ERROR;
    }
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int on_name(SSL *ssl, int *alert, void *arg)
{
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

    names++;
    tell(ssl, " name(%s)", name ? name : "none");
    if (is_due(other_ctx, names))
        SSL_set_SSL_CTX(ssl, second);
    return is_due(refuse_name, names) ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_OK;
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *len, const unsigned char *in, unsigned in_len, void *arg)
{
    alpns++;
    tell(ssl, " alpn(%u)", in_len);
    if (is_due(refuse_alpn, alpns))
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = in + 1;
    *len = in[0];
    if (is_due(other_alpn, alpns)) {
        *out = in + 1 + in[0] + 1;
        *len = in[1 + in[0]];
    }
    return SSL_TLSEXT_ERR_OK;
}

static int on_cert(SSL *ssl, void *arg)
{
    certs++;
    tell(ssl, " cert(%d)", SSL_session_reused(ssl));
    return !is_due(refuse_cert, certs);
}

static int on_status(SSL *ssl, void *arg)
{
    tell(ssl, " status");
    return SSL_is_server(ssl) ? SSL_TLSEXT_ERR_NOACK : 1;
}

static int on_add(SSL *ssl, unsigned type, unsigned context, const unsigned char **out, size_t *len, X509 *x, size_t index, int *al,
                  void *arg)
{
    tell(ssl, " add(%x)", context);
    *out = (const unsigned char *)"q";
    *len = 1;
    return 1;
}

static int on_parse(SSL *ssl, unsigned type, unsigned context, const unsigned char *in, size_t len, X509 *x, size_t index, int *al,
                    void *arg)
{
    tell(ssl, " parse(%x)", context);
    parsed++;
    if (SSL_is_server(ssl) && is_due(refuse_extension, parsed)) {
        *al = SSL_AD_ACCESS_DENIED;
        return 0;
    }
    return 1;
}

static void on_extension(SSL *ssl, int client, int type, const unsigned char *data, int len, void *arg)
{
    if (type == TLSEXT_TYPE_key_share || type == TLSEXT_TYPE_cookie)
        tell(ssl, " ext(%d,%d)", client, type);
}

static SSL_TICKET_RETURN on_ticket(SSL *ssl, SSL_SESSION *session, const unsigned char *name, size_t len, SSL_TICKET_STATUS status,
                                   void *arg)
{
    tell(ssl, " ticket(%d)", status);
    return SSL_TICKET_RETURN_USE;
}

static int on_verify(int good, X509_STORE_CTX *ctx)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());

    tell(ssl, " verify(%d)", X509_STORE_CTX_get_error_depth(ctx));
    return good;
}

static void watch(SSL_CTX *ctx, unsigned contexts)
{
    SSL_CTX_set_tlsext_servername_callback(ctx, on_name);
    SSL_CTX_set_alpn_select_cb(ctx, on_alpn, NULL);
    SSL_CTX_set_cert_cb(ctx, on_cert, NULL);
    SSL_CTX_set_tlsext_status_cb(ctx, on_status);
    SSL_CTX_add_custom_ext(ctx, 1000, contexts, on_add, NULL, NULL, on_parse, NULL);
    SSL_CTX_set_session_ticket_cb(ctx, NULL, on_ticket, NULL);
}

/* Takes a step out wherever it is; how often it was there. */
static int cut(char *story, const char *step)
{
    int count = 0;
    char *at;

    while ((at = strstr(story, step)) != NULL) {
        memmove(at, at + strlen(step), strlen(at + strlen(step)) + 1);
        count++;
    }
    return count;
}

static SSL_SESSION *run(const char *what, SSL_CTX *cctx, SSL_CTX *sctx, SSL_SESSION *offered)
{
    duo *d = duo_of(SSL_new(cctx), SSL_new(sctx));
    SSL_SESSION *session = NULL;
    const unsigned char *alpn;
    unsigned len;
    char byte;

    memset(stories, 0, sizeof stories);
    hellos = names = alpns = certs = parsed = 0;
    SSL_set_tlsext_host_name(d->c, "localhost");
    SSL_set_tlsext_debug_callback(d->c, on_extension);
    SSL_set_tlsext_debug_callback(d->s, on_extension);
    if (offered != NULL)
        SSL_set_session(d->c, offered);
    duo_handshake(d);
    same("%s: %d %d, reasons %d %d, alerts %x %x", what, d->out.client.done, d->out.server.done, d->out.client.reason,
         d->out.server.reason, trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0), trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0));
    /* It is looked at before the extensions are shown, or after. */
    same("... tickets looked at: %d", cut(stories[1], " ticket(6)"));
    same("... client:%s", stories[0]);
    same("... server:%s", stories[1]);
    if (d->out.client.done == 1) {
        SSL_get0_alpn_selected(d->c, &alpn, &len);
        same("... reused %d, group %d, alpn %.*s, name %s, certificate %ld", SSL_session_reused(d->c), (int)SSL_get_negotiated_group(d->c),
             (int)len, alpn, SSL_get_servername(d->s, TLSEXT_NAMETYPE_host_name),
             ASN1_INTEGER_get(X509_get0_serialNumber(SSL_get0_peer_certificate(d->c))));
        ok(tls_echo(d->c, d->s), "%s: data passes", what);
        SSL_read(d->c, &byte, 1);
        session = SSL_get1_session(d->c);
        SSL_shutdown(d->c);
        SSL_shutdown(d->s);
    }
    ERR_clear_error();
    SSL_SESSION_free(offered);
    duo_free(d);
    return session;
}

/* A server that has asked for another ClientHello gets that of a client which it did not ask. */
static void other_hello(const char *what, SSL_CTX *cctx, SSL_CTX *sctx, const char *groups, const char *suites)
{
    duo *d = duo_of(SSL_new(cctx), SSL_new(sctx)), *other = duo_of(SSL_new(cctx), SSL_new(sctx));
    tls_outcome out = { { 0 }, { 0 } };

    memset(stories, 0, sizeof stories);
    hellos = names = alpns = certs = parsed = 0;
    SSL_set_tlsext_host_name(d->c, "localhost");
    tls_step(d->c, &out.client);
    tls_step(d->s, &out.server);
    SSL_set_tlsext_host_name(other->c, "localhost");
    SSL_set1_groups_list(other->c, groups);
    SSL_set_ciphersuites(other->c, suites);
    tls_step(other->c, &out.client);
    d->c2s.len = 0;
    wire_put(&d->c2s, other->c2s.data, other->c2s.len);
    tls_step(d->s, &out.server);
    same("%s: %d, reason %d, alert %x", what, out.server.done, out.server.reason, trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0));
    same("... hellos %d", hellos);
    duo_free(d);
    duo_free(other);
}

int main(void)
{
    static const unsigned char protocols[] = "\002h2\010http/1.1";
    unsigned contexts = SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS | SSL_EXT_TLS1_3_HELLO_RETRY_REQUEST
                        | SSL_EXT_TLS1_3_SERVER_HELLO;
    world w = world_make();
    tls_id other = tls_leaf(&w.ca, "P-256", "localhost", "DNS:localhost");
    SSL_SESSION *session;

    for (int v = 0; v < 2; v++) {
        SSL_CTX *ctx = v ? w.sctx : w.cctx;

        SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    }
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"x", 1);
    SSL_CTX_set1_groups_list(w.cctx, "P-256:P-384");
    SSL_CTX_set1_groups_list(w.sctx, "P-384");
    SSL_CTX_set_alpn_protos(w.cctx, protocols, sizeof protocols - 1);
    SSL_CTX_set_verify(w.cctx, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_tlsext_status_type(w.cctx, TLSEXT_STATUSTYPE_ocsp);
    SSL_CTX_add_custom_ext(w.cctx, 1000, contexts, on_add, NULL, NULL, on_parse, NULL);
    watch(w.sctx, contexts);
    SSL_CTX_set_client_hello_cb(w.sctx, on_hello, NULL);
    second = tls_server_ctx(&other);
    SSL_CTX_set1_groups_list(second, "P-384");
    watch(second, contexts);

    session = run("full", w.cctx, w.sctx, NULL);
    session = run("resumed", w.cctx, w.sctx, session);
    SSL_SESSION_free(session);
#define WITH(what, variable, from)                        \
    variable = from;                                      \
    SSL_SESSION_free(run(what, w.cctx, w.sctx, NULL));    \
    variable = 0;
    WITH("the hello is refused", refuse_hello, 1);
    WITH("the second hello is refused", refuse_hello, 2);
    WITH("the name is refused", refuse_name, 1);
    WITH("the name is refused then", refuse_name, 2);
    WITH("the protocols are refused", refuse_alpn, 1);
    WITH("the protocols are refused then", refuse_alpn, 2);
    WITH("another protocol then", other_alpn, 2);
    WITH("the certificate is refused", refuse_cert, 1);
    WITH("the extension is refused", refuse_extension, 1);
    WITH("the extension is refused then", refuse_extension, 2);
    WITH("another context", other_ctx, 1);
    WITH("another context then", other_ctx, 2);
    WITH("suspended", suspend, 1);
    WITH("suspended then", suspend, 2);
    other_hello("the first hello again", w.cctx, w.sctx, "P-256:P-384", "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256");
    other_hello("another suite", w.cctx, w.sctx, "P-384", "TLS_CHACHA20_POLY1305_SHA256");
    other_hello("no group in common", w.cctx, w.sctx, "P-256", "TLS_AES_256_GCM_SHA384");
    other_hello("another client's", w.cctx, w.sctx, "P-384", "TLS_AES_256_GCM_SHA384");
    SSL_CTX_free(second);
    tls_id_free(&other);
    world_free(&w);
    return done();
}
