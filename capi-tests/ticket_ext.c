/* The session_ticket extension as the program fills and reads it (EAP-FAST, RFC 4851). */
#include "tls.h"

#include <openssl/tls1.h>

typedef struct {
    int calls, len, answer;
    unsigned char data[64];
} heard;

static int hear(SSL *ssl, const unsigned char *data, int len, void *arg)
{
    heard *h = arg;

    h->calls++;
    h->len = len;
    if (len > 0 && len <= (int)sizeof h->data)
        memcpy(h->data, data, (size_t)len);
    return h->answer;
}

typedef struct {
    SSL_CTX *cctx, *sctx;
} world;

typedef struct {
    SSL *c, *s;
    heard ch, sh;
    tls_outcome out;
} duo;

static void prepare(duo *d, const world *w, int version)
{
    memset(d, 0, sizeof *d);
    d->c = SSL_new(w->cctx);
    d->s = SSL_new(w->sctx);
    SSL_set_max_proto_version(d->c, version);
    d->ch.answer = d->sh.answer = 1;
    is_int(SSL_set_session_ticket_ext_cb(d->c, hear, &d->ch), 1, "a client's callback");
    is_int(SSL_set_session_ticket_ext_cb(d->s, hear, &d->sh), 1, "a server's callback");
    tls_join(d->c, d->s, TLS_MEM);
}

static int shake(duo *d)
{
    int good = tls_handshake(d->c, d->s, &d->out) && tls_echo(d->c, d->s);

    ERR_clear_error();
    return good;
}

static void part(duo *d)
{
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    SSL_free(d->c);
    SSL_free(d->s);
    ERR_clear_error();
}

/* A client may send none, and neither side has to like what comes. */
static void check_silence(const world *w, int version)
{
    const char *name = version == TLS1_2_VERSION ? "1.2" : "1.3";
    duo d;

    prepare(&d, w, version);
    is_int(SSL_set_session_ticket_ext(d.c, NULL, 0), 1, "%s: nothing", name);
    ok(shake(&d), "%s: connects", name);
    same("%s, nothing: client %d, server %d, ticket %d", name, d.ch.calls, d.sh.calls,
         SSL_SESSION_has_ticket(SSL_get_session(d.c)));
    part(&d);
    prepare(&d, w, version);
    d.sh.answer = 0;
    same("%s, the server fails: %d", name, shake(&d));
    same("client: %s", d.out.client.errors);
    same("server: %s", d.out.server.errors);
    part(&d);
    prepare(&d, w, version);
    d.ch.answer = 0;
    same("%s, the client fails: %d", name, shake(&d));
    same("client: %s", d.out.client.errors);
    same("server: %s", d.out.server.errors);
    part(&d);
}

static void check(const world *w, int version)
{
    const char *name = version == TLS1_2_VERSION ? "1.2" : "1.3";
    static char big[1000];
    duo d;
    SSL_SESSION *session;

    diag("%s", name);
    /* As usual. */
    prepare(&d, w, version);
    ok(shake(&d), "%s: connects (%s|%s)", name, d.out.client.errors, d.out.server.errors);
    same("%s, usual: client %d of %d, server %d of %d", name, d.ch.calls, d.ch.len, d.sh.calls,
         d.sh.len);
    session = SSL_get1_session(d.c);
    part(&d);
    if (version == TLS1_3_VERSION) {
        /* OpenSSL fails where it has to fill the extension for TLS 1.3. */
        SSL_SESSION_free(session);
        check_silence(w, version);
        return;
    }

    /* With a ticket of the server's. */
    prepare(&d, w, version);
    SSL_set_session(d.c, session);
    is_int(SSL_set_session_ticket_ext(d.c, "opaque", 6), 1, "%s: bytes beside a ticket", name);
    ok(shake(&d), "%s: connects", name);
    is_int(SSL_session_reused(d.c), 1, "%s: the ticket counts", name);
    is_int(d.sh.calls, 1, "%s: the server sees it", name);
    ok(d.sh.len > 6, "%s: not the bytes", name);
    is_int(d.ch.calls, 0, "%s: no ticket is announced", name);
    part(&d);
    SSL_SESSION_free(session);

    /* The program's. */
    prepare(&d, w, version);
    is_int(SSL_set_session_ticket_ext(d.c, "opaque", 6), 1, "%s: bytes", name);
    ok(shake(&d), "%s: connects (%s|%s)", name, d.out.client.errors, d.out.server.errors);
    same("%s, bytes: client %d of %d, server %d of %d", name, d.ch.calls, d.ch.len, d.sh.calls,
         d.sh.len);
    if (d.sh.len == 6)
        is_mem(d.sh.data, "opaque", 6, "%s: the bytes arrive", name);
    is_int(SSL_session_reused(d.c), 0, "%s: a full handshake", name);
    session = SSL_get1_session(d.c);
    is_int(SSL_SESSION_has_ticket(session), 1, "%s: with a ticket", name);
    part(&d);
    prepare(&d, w, version);
    SSL_set_session(d.c, session);
    ok(shake(&d), "%s: connects", name);
    is_int(SSL_session_reused(d.s), 1, "%s: that resumes", name);
    part(&d);
    SSL_SESSION_free(session);

    prepare(&d, w, version);
    is_int(SSL_set_session_ticket_ext(d.c, big, sizeof big), 1, "%s: many bytes", name);
    is_int(SSL_set_session_ticket_ext(d.s, big, sizeof big), 1, "%s: a server's, unused", name);
    ok(shake(&d), "%s: connects (%s|%s)", name, d.out.client.errors, d.out.server.errors);
    same("%s, many: server %d of %d", name, d.sh.calls, d.sh.len);
    part(&d);

    check_silence(w, version);
    prepare(&d, w, version);
    is_int(SSL_set_session_ticket_ext(d.c, NULL, 0), 1, "%s: nothing", name);
    is_int(SSL_set_session_ticket_ext(d.c, "ab", 2), 1, "%s: but something", name);
    ok(shake(&d), "%s: connects", name);
    same("%s, something: client %d, server %d of %d", name, d.ch.calls, d.sh.calls, d.sh.len);
    part(&d);

    /* Nobody takes tickets. */
    prepare(&d, w, version);
    SSL_set_options(d.s, SSL_OP_NO_TICKET);
    SSL_set_session_ticket_ext(d.c, "opaque", 6);
    ok(shake(&d), "%s: connects", name);
    same("%s, no server's tickets: client %d, server %d of %d", name, d.ch.calls, d.sh.calls,
         d.sh.len);
    part(&d);
    prepare(&d, w, version);
    SSL_set_options(d.c, SSL_OP_NO_TICKET);
    SSL_set_session_ticket_ext(d.c, "opaque", 6);
    ok(shake(&d), "%s: connects", name);
    same("%s, no client's tickets: client %d, server %d", name, d.ch.calls, d.sh.calls);
    part(&d);
}

int main(void)
{
    tls_id ca = tls_ca("P-256", "Test CA");
    tls_id leaf = tls_leaf(&ca, "P-256", "localhost", "DNS:localhost");
    world w = { tls_client_ctx(&ca), tls_server_ctx(&leaf) };

    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"test", 4);
    check(&w, TLS1_2_VERSION);
    check(&w, TLS1_3_VERSION);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
    tls_id_free(&leaf);
    tls_id_free(&ca);
    return done();
}
