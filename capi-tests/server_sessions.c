/* A server's cache as the program sees it, and the sessions it refuses to resume. */
#include "pipe.h"

#include <openssl/lhash.h>
#include <time.h>

enum kind { BY_ID, BY_TICKET, STATELESS13, STATEFUL13, N_KINDS };

static const struct {
    const char *name;
    int version;
    unsigned long options;
} kinds[N_KINDS] = {
    { "1.2 by id", TLS1_2_VERSION, SSL_OP_NO_TICKET },
    { "1.2 by ticket", TLS1_2_VERSION, 0 },
    { "1.3 by ticket", TLS1_3_VERSION, 0 },
    { "1.3 stateful", TLS1_3_VERSION, SSL_OP_NO_TICKET },
};

static world kind_world(int kind)
{
    world w = world_make();

    SSL_CTX_set_min_proto_version(w.sctx, kinds[kind].version);
    SSL_CTX_set_max_proto_version(w.sctx, kinds[kind].version);
    SSL_CTX_set_options(w.sctx, kinds[kind].options);
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"test", 4);
    return w;
}

static duo *dial(const world *w, SSL_SESSION *session)
{
    duo *d = duo_new(w, 0);
    char byte;

    if (session != NULL)
        SSL_set_session(d->c, session);
    duo_handshake(d);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    return d;
}

static SSL_SESSION *learn(const world *w)
{
    duo *d = dial(w, NULL);
    SSL_SESSION *session = SSL_get1_session(d->c);

    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    ERR_clear_error();
    duo_free(d);
    return session;
}

static struct {
    int visited, with_id;
    SSL_CTX *emptied;
} walk;

static void visit(SSL_SESSION *session)
{
    unsigned len = 0;

    walk.visited++;
    SSL_SESSION_get_id(session, &len);
    walk.with_id += len == 32;
    if (walk.emptied != NULL)
        SSL_CTX_remove_session(walk.emptied, session);
}

static void visit_void(void *session)
{
    visit(session);
}

static int walked(SSL_CTX *ctx, int emptying)
{
    memset(&walk, 0, sizeof walk);
    walk.emptied = emptying ? ctx : NULL;
    OPENSSL_LH_doall((OPENSSL_LHASH *)SSL_CTX_sessions(ctx), visit_void);
    return walk.visited;
}

static int items(SSL_CTX *ctx)
{
    return (int)OPENSSL_LH_num_items((OPENSSL_LHASH *)SSL_CTX_sessions(ctx));
}

static void test_table(void)
{
    world w = kind_world(BY_ID);
    SSL_SESSION *first, *template;
    void *table = SSL_CTX_sessions(w.sctx);
    const unsigned char *id;
    unsigned len;
    int held;

    ok(table != NULL, "there is a table");
    is_int(items(w.sctx), 0, "empty at first");
    first = learn(&w);
    is_int(items(w.sctx), 1, "a session comes in");
    for (int i = 0; i < 20; i++)
        SSL_SESSION_free(learn(&w));
    is_ptr(SSL_CTX_sessions(w.sctx), table, "it stays the same table");
    is_int(items(w.sctx), 21, "all are there");
    is_int(walked(w.sctx, 0), 21, "each is visited");
    is_int(walk.with_id, 21, "each has its id");
    template = SSL_SESSION_new();
    id = SSL_SESSION_get_id(first, &len);
    SSL_SESSION_set1_id(template, id, len);
    SSL_SESSION_set_protocol_version(template, TLS1_2_VERSION);
    ok(OPENSSL_LH_retrieve((OPENSSL_LHASH *)table, template) != NULL, "one is found by its id");
    SSL_CTX_sess_set_cache_size(w.sctx, 5);
    SSL_SESSION_free(learn(&w));
    /* OpenSSL counts the one that comes in twice. */
    held = items(w.sctx);
    ok(held == 4 || held == 5, "a smaller limit holds there too (%d)", held);
    is_ptr(OPENSSL_LH_retrieve((OPENSSL_LHASH *)table, template), NULL, "the oldest is gone");
    is_int((int)SSL_CTX_sess_number(w.sctx), held, "as in the cache");
    is_int(walked(w.sctx, 1), held, "sessions are removed on the way");
    is_int(items(w.sctx), 0, "none is left");
    is_int((int)SSL_CTX_sess_number(w.sctx), 0, "in the cache neither");
    SSL_SESSION_free(learn(&w));
    SSL_CTX_flush_sessions(w.sctx, 0);
    is_int(items(w.sctx), 0, "flushed");
    SSL_SESSION_free(learn(&w));
    SSL_SESSION_free(template);
    SSL_SESSION_free(first);
    world_free(&w);
}

/* Who verifies clients has to tell its sessions from those of others. */
static void test_no_context(void)
{
    for (int k = 0; k < N_KINDS; k++) {
        world w = kind_world(k);
        SSL_SESSION *session;
        duo *d;

        SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"", 0);
        session = learn(&w);
        d = duo_new(&w, 0);
        SSL_set_session(d->c, session);
        SSL_set_verify(d->s, SSL_VERIFY_PEER, NULL);
        is_int(duo_handshake(d), 0, "%s: no context, no resumption", kinds[k].name);
        ok(strstr(d->out.server.errors, "session id context uninitialized") != NULL,
           "%s: says the queue (%s)", kinds[k].name, d->out.server.errors);
        ok(strstr(d->out.client.errors, "alert internal error") != NULL, "%s: the client is told (%s)",
           kinds[k].name, d->out.client.errors);
        duo_free(d);
        SSL_SESSION_free(session);
        world_free(&w);
    }
}

static int forbids, forward_secret, asked;

static int not_resumable(SSL *ssl, int is_forward_secret)
{
    (void)ssl;
    asked++;
    forward_secret = is_forward_secret;
    return forbids;
}

static void test_not_resumable(void)
{
    for (int k = 0; k < 2; k++) for (forbids = 0; forbids < 2; forbids++) {
        world w = kind_world(k);
        SSL_SESSION *session;
        duo *d;

        asked = 0;
        SSL_CTX_set_not_resumable_session_callback(w.sctx, not_resumable);
        session = learn(&w);
        is_int(asked, 1, "%s, %d: asked", kinds[k].name, forbids);
        is_int(forward_secret, 1, "%s, %d: of a forward secret suite", kinds[k].name, forbids);
        d = dial(&w, session);
        is_int(SSL_session_reused(d->s), !forbids, "%s, %d: resumes", kinds[k].name, forbids);
        is_int(asked, 1 + forbids, "%s, %d: asked for new sessions alone", kinds[k].name, forbids);
        ok(tls_echo(d->c, d->s), "%s, %d: data passes", kinds[k].name, forbids);
        duo_free(d);
        SSL_SESSION_free(session);
        world_free(&w);
    }
}

/* Tickets are sealed with keys that another server may be given; the time within counts. */
static void test_expired(void)
{
    for (int k = 0; k < N_KINDS; k++) {
        world w = kind_world(k);
        SSL_SESSION *session;
        time_t begin;
        duo *d;

        SSL_CTX_set_timeout(w.sctx, 1);
        session = learn(&w);
        /* The client lets a ticket be whose lifetime is over; the server has the last word. */
        SSL_SESSION_set_timeout(session, 1000);
        for (begin = time(NULL); time(NULL) < begin + 3;)
            usleep(50000);
        d = dial(&w, session);
        is_int(SSL_session_reused(d->s), 0, "%s: an old session is not resumed", kinds[k].name);
        ok(tls_echo(d->c, d->s), "%s: a new one is made", kinds[k].name);
        duo_free(d);
        SSL_SESSION_free(session);
        world_free(&w);
    }
}

int main(void)
{
    test_table();
    test_no_context();
    test_not_resumable();
    test_expired();
    return done();
}
