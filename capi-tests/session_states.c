/* What SSL_SESSION and the cache tell at each point of a connection's life, in every mode: both
 * libraries print the same. */
#include "tls.h"

static struct {
    int made_c, made_s, gone_c, gone_s, got;
} calls;

static int made_c(SSL *ssl, SSL_SESSION *session)
{
    calls.made_c++;
    return 0;
}

static int made_s(SSL *ssl, SSL_SESSION *session)
{
    calls.made_s++;
    return 0;
}

static void gone_c(SSL_CTX *ctx, SSL_SESSION *session)
{
    calls.gone_c++;
}

static void gone_s(SSL_CTX *ctx, SSL_SESSION *session)
{
    calls.gone_s++;
}

static SSL_SESSION *get(SSL *ssl, const unsigned char *id, int len, int *copy)
{
    calls.got++;
    return NULL;
}

static int name(SSL *ssl, int *alert, void *arg)
{
    return SSL_TLSEXT_ERR_OK;
}

static int alpn(SSL *ssl, const unsigned char **out, unsigned char *len,
                const unsigned char *in, unsigned n, void *arg)
{
    *out = in + 1;
    *len = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static void show(const char *where, const char *who, const SSL *ssl)
{
    SSL_SESSION *session = SSL_get_session(ssl);
    unsigned id = 0, context = 0;
    const unsigned char *proto = NULL;
    const char *name;
    size_t protolen = 0;
    unsigned char key[64];
    X509 *peer;

    if (session == NULL) {
        same("%s: %s: no session, reused %d", where, who, SSL_session_reused(ssl));
        return;
    }
    SSL_SESSION_get_id(session, &id);
    SSL_SESSION_get0_id_context(session, &context);
    SSL_SESSION_get0_alpn_selected(session, &proto, &protolen);
    name = SSL_SESSION_get0_hostname(session);
    peer = SSL_SESSION_get0_peer(session);
    same("%s: %s: reused %d, version %x, %s, id %u, context %u, key %zu", where, who,
         SSL_session_reused(ssl), SSL_SESSION_get_protocol_version(session),
         SSL_SESSION_get0_cipher(session) ? SSL_CIPHER_get_name(SSL_SESSION_get0_cipher(session))
                                          : "no cipher",
         id, context, SSL_SESSION_get_master_key(session, key, sizeof key));
    same("%s: %s: ticket %d, hint %lu, resumable %d, timeout %ld, early %u, fragment %d", where, who,
         SSL_SESSION_has_ticket(session), SSL_SESSION_get_ticket_lifetime_hint(session),
         SSL_SESSION_is_resumable(session), SSL_SESSION_get_timeout(session),
         SSL_SESSION_get_max_early_data(session), SSL_SESSION_get_max_fragment_length(session));
    same("%s: %s: name %s, protocol %zu, peer %d, encoded %d", where, who, name ? name : "none",
         protolen, peer != NULL, i2d_SSL_SESSION(session, NULL) > 0);
}

static void show_ctx(const char *where, const char *who, SSL_CTX *ctx)
{
    same("%s: %s: number %ld, connect %ld/%ld, accept %ld/%ld, hits %ld, cb %ld, misses %ld, "
         "timeouts %ld, full %ld",
         where, who, SSL_CTX_sess_number(ctx), SSL_CTX_sess_connect(ctx),
         SSL_CTX_sess_connect_good(ctx), SSL_CTX_sess_accept(ctx), SSL_CTX_sess_accept_good(ctx),
         SSL_CTX_sess_hits(ctx), SSL_CTX_sess_cb_hits(ctx), SSL_CTX_sess_misses(ctx),
         SSL_CTX_sess_timeouts(ctx), SSL_CTX_sess_cache_full(ctx));
}

typedef struct {
    SSL_CTX *cctx, *sctx;
    const char *name;
} world;

static void show_all(const world *w, const char *point, SSL *c, SSL *s)
{
    char where[128];

    snprintf(where, sizeof where, "%s, %s", w->name, point);
    show(where, "client", c);
    show(where, "server", s);
    show_ctx(where, "client", w->cctx);
    show_ctx(where, "server", w->sctx);
    same("%s: made %d %d, gone %d %d, got %d", where, calls.made_c, calls.made_s, calls.gone_c,
         calls.gone_s, calls.got);
    memset(&calls, 0, sizeof calls);
}

static SSL_SESSION *connection(const world *w, const char *point, int version, SSL_SESSION *offer,
                               int how)
{
    SSL *c = SSL_new(w->cctx), *s = SSL_new(w->sctx);
    SSL_SESSION *session;
    char at[96];

    SSL_set_max_proto_version(c, version);
    SSL_set_tlsext_host_name(c, "localhost");
    SSL_set_alpn_protos(c, (const unsigned char *)"\2h2", 3);
    if (offer != NULL)
        SSL_set_session(c, offer);
    tls_join(c, s, TLS_MEM);
    snprintf(at, sizeof at, "%s begun", point);
    SSL_do_handshake(c);
    show_all(w, at, c, s);
    ok(tls_handshake(c, s, NULL), "%s: %s connects", w->name, point);
    snprintf(at, sizeof at, "%s connected", point);
    show_all(w, at, c, s);
    ok(tls_echo(c, s), "%s: %s talks", w->name, point);
    snprintf(at, sizeof at, "%s talked", point);
    show_all(w, at, c, s);
    session = SSL_get1_session(c);
    if (how == 0) {
        SSL_shutdown(c);
        SSL_shutdown(s);
        SSL_shutdown(c);
    }
    snprintf(at, sizeof at, "%s over", point);
    show_all(w, at, c, s);
    SSL_clear(c);
    SSL_clear(s);
    snprintf(at, sizeof at, "%s cleared", point);
    show_all(w, at, c, s);
    SSL_free(c);
    SSL_free(s);
    ERR_clear_error();
    return session;
}

static void life(const world *w, int version)
{
    SSL_SESSION *first = connection(w, "first", version, NULL, 0), *second, *third, *copy;
    unsigned char *der = NULL;
    const unsigned char *p;
    int n;

    second = connection(w, "second", version, first, 0);
    third = connection(w, "unfinished", version, second, 1);
    SSL_SESSION_free(connection(w, "after that", version, third, 0));
    /* Through its encoding, as between processes. */
    n = i2d_SSL_SESSION(second, &der);
    p = der;
    copy = d2i_SSL_SESSION(NULL, &p, n);
    ok(copy != NULL, "%s: decoded", w->name);
    SSL_SESSION_free(connection(w, "decoded", version, copy, 0));
    OPENSSL_free(der);
    SSL_SESSION_free(copy);
    /* Too old. */
    SSL_SESSION_set_time(second, SSL_SESSION_get_time(second) - 100000);
    SSL_SESSION_free(connection(w, "too old", version, second, 0));
    SSL_SESSION_free(first);
    SSL_SESSION_free(second);
    SSL_SESSION_free(third);
    SSL_CTX_flush_sessions(w->sctx, 0);
    SSL_CTX_flush_sessions(w->cctx, 0);
}

int main(void)
{
    static const struct {
        const char *name;
        long modes;
    } modes[] = {
        { "off", SSL_SESS_CACHE_OFF },
        { "client", SSL_SESS_CACHE_CLIENT },
        { "server", SSL_SESS_CACHE_SERVER },
        { "both", SSL_SESS_CACHE_BOTH },
        { "no lookup", SSL_SESS_CACHE_BOTH | SSL_SESS_CACHE_NO_INTERNAL_LOOKUP },
        { "no store", SSL_SESS_CACHE_BOTH | SSL_SESS_CACHE_NO_INTERNAL_STORE },
        { "external", SSL_SESS_CACHE_BOTH | SSL_SESS_CACHE_NO_INTERNAL },
    };
    tls_id ca = tls_ca("P-256", "Test CA");
    tls_id leaf = tls_leaf(&ca, "P-256", "localhost", "DNS:localhost");
    tls_id own = tls_client_leaf(&ca, "P-256", "client");
    size_t m;
    int version, ticket, certificate, early;

    for (m = 0; m < sizeof modes / sizeof modes[0]; m++)
    for (version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++)
    for (ticket = 0; ticket < 2; ticket++)
    for (certificate = 0; certificate < 2; certificate++)
    for (early = 0; early < 2; early++) {
        char title[96];
        world w = { tls_client_ctx(&ca), tls_server_ctx(&leaf), title };

        if (early && (version == TLS1_2_VERSION || certificate))
            goto next;
        snprintf(title, sizeof title, "%s, %x, %s%s%s", modes[m].name, version,
                 ticket ? "ticket" : "id", certificate ? ", certificate" : "",
                 early ? ", early" : "");
        SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"states", 6);
        SSL_CTX_set_session_cache_mode(w.cctx, modes[m].modes);
        SSL_CTX_set_session_cache_mode(w.sctx, modes[m].modes);
        SSL_CTX_sess_set_new_cb(w.cctx, made_c);
        SSL_CTX_sess_set_new_cb(w.sctx, made_s);
        SSL_CTX_sess_set_remove_cb(w.cctx, gone_c);
        SSL_CTX_sess_set_remove_cb(w.sctx, gone_s);
        SSL_CTX_sess_set_get_cb(w.sctx, get);
        SSL_CTX_set_alpn_select_cb(w.sctx, alpn, NULL);
        SSL_CTX_set_tlsext_servername_callback(w.sctx, name);
        SSL_CTX_set_timeout(w.sctx, 5000);
        SSL_CTX_set_timeout(w.cctx, 6000);
        if (!ticket)
            SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
        if (early)
            SSL_CTX_set_max_early_data(w.sctx, 999);
        if (certificate) {
            SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
            X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), ca.cert);
            SSL_CTX_use_certificate(w.cctx, own.cert);
            SSL_CTX_use_PrivateKey(w.cctx, own.key);
        }
        life(&w, version);
    next:
        SSL_CTX_free(w.cctx);
        SSL_CTX_free(w.sctx);
        memset(&calls, 0, sizeof calls);
    }
    tls_id_free(&own);
    tls_id_free(&leaf);
    tls_id_free(&ca);
    return done();
}
