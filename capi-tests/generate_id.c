/* SSL_CTX_set_generate_session_id(3): when the program is asked for ids, and what comes of them. */
#include "tls.h"

enum way { FULL, SHORT, EMPTY, LONG, FAIL, AGAIN };

static struct {
    int calls, own_calls;
    unsigned asked; /* the length it was asked for */
    enum way way;
    int is_server, in_session;
} made;

static int make_id(SSL *ssl, unsigned char *id, unsigned *len)
{
    made.calls++;
    made.asked = *len;
    made.is_server = SSL_is_server(ssl);
    switch (made.way) {
    case FULL:
    case LONG:
        memset(id, 0x40 + made.calls, *len);
        *len += made.way == LONG;
        return 1;
    case SHORT:
        *len = 5;
        memset(id, 0x60 + made.calls, *len);
        return 1;
    case EMPTY:
        *len = 0;
        return 1;
    case AGAIN:
        memset(id, 0x40, *len);
        return 1;
    default:
        return 0;
    }
}

static int make_own(SSL *ssl, unsigned char *id, unsigned *len)
{
    made.own_calls++;
    memset(id, 0x7a, *len);
    return 1;
}

typedef struct {
    const char *name;
    int version;
    long options;
} kind;

static const kind kinds[] = {
    { "1.2 by id", TLS1_2_VERSION, SSL_OP_NO_TICKET },
    { "1.2 by ticket", TLS1_2_VERSION, 0 },
    { "1.3 stateful", TLS1_3_VERSION, SSL_OP_NO_TICKET },
    { "1.3 stateless", TLS1_3_VERSION, 0 },
};

typedef struct {
    SSL_CTX *cctx, *sctx;
} world;

typedef struct {
    SSL *c, *s;
    tls_outcome out;
    int connected;
} duo;

static duo dial(const world *w, const kind *k, SSL_SESSION *session)
{
    duo d = { SSL_new(w->cctx), SSL_new(w->sctx), { { 0 } }, 0 };
    char byte;

    SSL_set_options(d.s, (unsigned long)k->options);
    SSL_set_max_proto_version(d.c, k->version);
    if (session != NULL)
        TLS_MUST(SSL_set_session(d.c, session) == 1);
    tls_join(d.c, d.s, TLS_MEM);
    d.connected = tls_handshake(d.c, d.s, &d.out);
    if (d.connected)
        SSL_read(d.c, &byte, 1);
    ERR_clear_error();
    return d;
}

static void hang_up(duo *d)
{
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    SSL_free(d->c);
    SSL_free(d->s);
    ERR_clear_error();
}

static void reset(enum way way)
{
    memset(&made, 0, sizeof made);
    made.way = way;
}

static void show_id(const char *what, const SSL *ssl)
{
    unsigned len = 0;
    const unsigned char *id = NULL;

    if (SSL_get_session(ssl) != NULL)
        id = SSL_SESSION_get_id(SSL_get_session(ssl), &len);
    /* Of those the program did not make the first byte may be anything. */
    same("%s: id of %u bytes, %02x", what, len, len && made.is_server ? id[0] : 0);
}

static void check_made(const world *w, const kind *k)
{
    int way;

    for (way = FULL; way <= SHORT; way++) {
        SSL_SESSION *session;
        unsigned len, clen;
        duo d;

        reset(way);
        d = dial(w, k, NULL);
        ok(d.connected, "%s, %d: connects (%s|%s)", k->name, way, d.out.client.errors,
           d.out.server.errors);
        same("%s, %d: %d calls, %u bytes, server %d", k->name, way, made.calls, made.asked,
             made.is_server);
        show_id(k->name, d.s);
        if (k->version == TLS1_2_VERSION && k->options) {
            const unsigned char *id = SSL_SESSION_get_id(SSL_get_session(d.s), &len);
            const unsigned char *cid = SSL_SESSION_get_id(SSL_get_session(d.c), &clen);

            is_int(clen, len, "%s: one length", k->name);
            is_mem(cid, id, len, "%s: one id", k->name);
            is_int(SSL_has_matching_session_id(d.s, id, len), 1, "%s: it is kept", k->name);
        }
        ok(tls_echo(d.c, d.s), "%s: data passes", k->name);
        session = SSL_get1_session(d.c);
        hang_up(&d);
        reset(way);
        made.calls = 30;
        d = dial(w, k, session);
        ok(d.connected, "%s, %d: connects again (%s|%s)", k->name, way, d.out.client.errors,
           d.out.server.errors);
        /* With TLS 1.3 a kept session is one of 32 bytes. */
        is_int(SSL_session_reused(d.s), strcmp(k->name, "1.3 stateful") != 0 || way == FULL,
               "%s: resumed", k->name);
        same("%s, %d: %d calls when it is resumed", k->name, way, made.calls - 30);
        show_id(k->name, d.s);
        ok(tls_echo(d.c, d.s), "%s: data passes", k->name);
        hang_up(&d);
        SSL_SESSION_free(session);
        SSL_CTX_flush_sessions(w->sctx, 0x7fffffff);
    }
}

static void check_failures(const world *w, const kind *k)
{
    static const int reasons[] = { 0, 0, SSL_R_SSL_SESSION_ID_HAS_BAD_LENGTH,
                                   SSL_R_SSL_SESSION_ID_HAS_BAD_LENGTH,
                                   SSL_R_SSL_SESSION_ID_CALLBACK_FAILED,
                                   SSL_R_SSL_SESSION_ID_CONFLICT };
    int way;

    for (way = EMPTY; way <= AGAIN; way++) {
        duo first, d;

        SSL_CTX_flush_sessions(w->sctx, 0x7fffffff);
        reset(way);
        if (way == AGAIN && k->version == TLS1_2_VERSION)
            first = dial(w, k, NULL);
        d = dial(w, k, NULL);
        same("%s, %d: connected %d, %d calls", k->name, way, d.out.server.done, made.calls);
        if (made.calls > 0 && d.out.server.done != 1)
            is_int(d.out.server.reason, reasons[way], "%s, %d: its reason", k->name, way);
        same("%s, %d: the client: %s", k->name, way, d.out.client.errors);
        hang_up(&d);
        if (way == AGAIN && k->version == TLS1_2_VERSION)
            hang_up(&first);
    }
    SSL_CTX_flush_sessions(w->sctx, 0x7fffffff);
}

/* The connection's own callback comes before the context's. */
static void check_own(const world *w)
{
    duo d = { SSL_new(w->cctx), SSL_new(w->sctx), { { 0 } }, 0 };

    reset(FULL);
    SSL_set_options(d.s, SSL_OP_NO_TICKET);
    SSL_set_max_proto_version(d.c, TLS1_2_VERSION);
    is_int(SSL_set_generate_session_id(d.s, make_own), 1, "a callback of its own");
    tls_join(d.c, d.s, TLS_MEM);
    ok(tls_handshake(d.c, d.s, NULL), "connects");
    is_int(made.own_calls, 1, "is asked");
    is_int(made.calls, 0, "the context's is not");
    hang_up(&d);
}

/* Without a cache there is no id, asked for or not. */
static void check_no_cache(const world *w)
{
    duo d;
    unsigned len;

    reset(FULL);
    SSL_CTX_set_session_cache_mode(w->sctx, SSL_SESS_CACHE_OFF);
    d = dial(w, &kinds[0], NULL);
    ok(d.connected, "no cache: connects");
    same("no cache: %d calls", made.calls);
    SSL_SESSION_get_id(SSL_get_session(d.c), &len);
    is_int(len, 0, "no cache: no id");
    hang_up(&d);
    SSL_CTX_set_session_cache_mode(w->sctx, SSL_SESS_CACHE_SERVER);
}

/* A session that is not known any more. */
static void check_stale(const world *w, const kind *k)
{
    duo d;
    SSL_SESSION *session;

    reset(FULL);
    d = dial(w, k, NULL);
    session = SSL_get1_session(d.c);
    hang_up(&d);
    SSL_CTX_flush_sessions(w->sctx, 0x7fffffff);
    reset(FULL);
    made.calls = 20;
    d = dial(w, k, session);
    ok(d.connected, "stale: connects");
    is_int(SSL_session_reused(d.s), k->options == 0, "stale: resumed from a ticket alone");
    same("%s: stale: %d calls", k->name, made.calls - 20);
    show_id("stale", d.s);
    ok(tls_echo(d.c, d.s), "stale: data passes");
    hang_up(&d);
    SSL_SESSION_free(session);
    SSL_CTX_flush_sessions(w->sctx, 0x7fffffff);
}

int main(void)
{
    tls_id ca = tls_ca("P-256", "Test CA");
    tls_id leaf = tls_leaf(&ca, "P-256", "localhost", "DNS:localhost");
    world w = { tls_client_ctx(&ca), tls_server_ctx(&leaf) };
    size_t i;

    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"test", 4);
    is_int(SSL_CTX_set_generate_session_id(w.sctx, make_id), 1, "a callback");
    is_int(SSL_CTX_set_generate_session_id(w.cctx, make_id), 1, "a client's");
    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        check_made(&w, &kinds[i]);
        check_failures(&w, &kinds[i]);
        check_stale(&w, &kinds[i]);
    }
    check_own(&w);
    check_no_cache(&w);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
    tls_id_free(&leaf);
    tls_id_free(&ca);
    return done();
}
