/* SSL_OP_ENABLE_MIDDLEBOX_COMPAT: with it TLS 1.3 looks like TLS 1.2 to middleboxes, by a session
 * id and ChangeCipherSpecs; without it there is neither. */
#include "pipe.h"

static void compat(SSL *s, int on)
{
    if (on)
        SSL_set_options(s, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
    else
        SSL_clear_options(s, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
}

/* Records of type ChangeCipherSpec. */
static int specs(const wire *w)
{
    size_t at, n;
    int count = 0;

    for (at = 0; (n = wire_record(w, at)) != 0; at += n)
        count += w->data[at] == 20;
    return count;
}

/* The length of the session id of the hello at the start. */
static int id_len(const wire *w)
{
    TLS_MUST(w->len > 44 && w->data[0] == 22);
    return w->data[43];
}

typedef struct {
    int client, server; /* ChangeCipherSpecs sent */
    int id, echoed;     /* the hellos' session ids */
} seen;

/* A handshake in which each side speaks in turn. */
static seen handshake(duo *d)
{
    seen was = { 0, 0, -1, -1 };

    for (int round = 0; round < 4; round++) {
        SSL_do_handshake(d->c);
        if (was.id < 0)
            was.id = id_len(&d->c2s);
        was.client += specs(&d->c2s);
        SSL_do_handshake(d->s);
        if (was.echoed < 0)
            was.echoed = id_len(&d->s2c);
        was.server += specs(&d->s2c);
    }
    ERR_clear_error();
    ok(SSL_is_init_finished(d->c) && SSL_is_init_finished(d->s), "connected");
    return was;
}

static void test_full(const char *what, int version, const char *server_groups)
{
    for (int on = 0; on < 4; on++) {
        world w = world_make();
        duo *d;
        seen was;
        int c = on & 1, s = on >> 1;

        TLS_MUST(SSL_CTX_set1_groups_list(w.cctx, "X25519:P-256")
                 && SSL_CTX_set1_groups_list(w.sctx, server_groups));
        d = duo_new(&w, version);
        compat(d->c, c);
        compat(d->s, s);
        was = handshake(d);
        same("%s, client %d, server %d: client sends %d, id %d; server sends %d, id %d", what, c, s, was.client,
             was.id, was.server, version == TLS1_2_VERSION ? 0 : was.echoed);

        same("steps: client %d, server %d", trace_count(&d->ct, SSL_CB_CONNECT_LOOP),
             trace_count(&d->st, SSL_CB_ACCEPT_LOOP));
        ok(tls_echo(d->c, d->s), "data passes both ways");
        duo_free(d);
        world_free(&w);
    }
}

/* A client of both versions with a server of TLS 1.2: its ChangeCipherSpec is needed. */
static void test_older_server(void)
{
    world w = world_make();
    duo *d = duo_new(&w, 0);
    seen was;

    ssl_only_version(d->s, TLS1_2_VERSION);
    compat(d->c, 0);
    was = handshake(d);
    same("older server: client sends %d, id %d; server sends %d", was.client, was.id, was.server);
    ok(tls_echo(d->c, d->s), "data passes both ways");
    duo_free(d);
    world_free(&w);
}

static SSL_SESSION *session_of(world *w, int version)
{
    duo *d = duo_new(w, version);
    char byte;

    compat(d->c, 0);
    handshake(d);
    SSL_read(d->c, &byte, 1);
    return duo_part(d);
}

static void test_resumed(const char *what, int version, int tickets)
{
    world w = world_make();
    SSL_SESSION *session;
    duo *d;
    seen was;

    if (!tickets)
        SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
    session = session_of(&w, version);
    d = duo_new(&w, 0);
    compat(d->c, 0);
    compat(d->s, 0);
    SSL_set_session(d->c, session);
    was = handshake(d);
    same("%s: reused %d, client sends %d, id %d; server sends %d, id %d", what, SSL_session_reused(d->c),
         was.client, was.id, was.server, was.echoed);
    ok(tls_echo(d->c, d->s), "data passes both ways");
    SSL_SESSION_free(session);
    duo_free(d);
    world_free(&w);
}

static int add(SSL *s, unsigned type, unsigned context, const unsigned char **out, size_t *len, X509 *x,
               size_t index, int *al, void *arg)
{
    *out = (const unsigned char *)"hello";
    *len = 5;
    return 1;
}

static int parse(SSL *s, unsigned type, unsigned context, const unsigned char *in, size_t len, X509 *x,
                 size_t index, int *al, void *arg)
{
    ++*(int *)arg;
    return 1;
}

/* With extensions of the program's, which take the same way. */
static void test_with_extensions(void)
{
    enum { PLACES = SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS };
    world w = world_make();
    int client_saw = 0, server_saw = 0;
    duo *d;
    seen was;

    TLS_MUST(SSL_CTX_add_custom_ext(w.cctx, 1000, PLACES, add, NULL, NULL, parse, &client_saw)
             && SSL_CTX_add_custom_ext(w.sctx, 1000, PLACES, add, NULL, NULL, parse, &server_saw));
    d = duo_new(&w, TLS1_3_VERSION);
    compat(d->c, 0);
    was = handshake(d);
    is_int(was.id, 0, "no session id");
    ok(client_saw == 1 && server_saw == 1, "the extensions arrive");
    ok(tls_echo(d->c, d->s), "data passes both ways");
    duo_free(d);
    world_free(&w);
}

static void test_early_data(void)
{
    world w = world_make();
    SSL_SESSION *session;
    duo *d;
    size_t n;
    char buf[20];

    SSL_CTX_set_max_early_data(w.sctx, 1000);
    session = session_of(&w, TLS1_3_VERSION);
    for (int on = 0; on < 2; on++) {
        d = duo_new(&w, 0);
        compat(d->c, on);
        compat(d->s, on);
        SSL_set_session(d->c, session);
        is_int(SSL_write_early_data(d->c, "early", 5, &n), 1, "early data is sent");
        is_int(specs(&d->c2s), on, "ChangeCipherSpecs before it");
        is_int(id_len(&d->c2s), on ? 32 : 0, "the session id");
        if (on == 0) {
            is_int(SSL_read_early_data(d->s, buf, sizeof buf, &n), SSL_READ_EARLY_DATA_SUCCESS, "it is read");
            is_int(specs(&d->s2c), 0, "none is answered");
            ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
            is_int(SSL_get_early_data_status(d->c), SSL_EARLY_DATA_ACCEPTED, "accepted");
        }
        SSL_shutdown(d->c);
        duo_free(d);
    }
    SSL_SESSION_free(session);
    world_free(&w);
}

int main(void)
{
    test_full("1.3", TLS1_3_VERSION, "X25519");
    test_full("1.3 with a retry", TLS1_3_VERSION, "P-256");
    test_full("1.2", TLS1_2_VERSION, "P-256");
    test_older_server();
    test_resumed("resumed 1.3", TLS1_3_VERSION, 1);
    test_resumed("resumed 1.2 by ticket", TLS1_2_VERSION, 1);
    test_resumed("resumed 1.2 by id", TLS1_2_VERSION, 0);
    test_with_extensions();
    test_early_data();
    return done();
}
