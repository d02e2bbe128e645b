/* Handles that a call or a callback lends, of which the program takes a reference: the object then
 * lives by it, when whoever lent it is gone. SSL_get_SSL_CTX(3), SSL_get_session(3),
 * SSL_CTX_sessions(3), SSL_CTX_sess_set_new_cb(3), SSL_SESSION_free(3), BIO_get_ssl(3). */
#include "pipe.h"

static int ctx_freed, ssl_freed, session_freed;

static void on_ctx_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    (void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
    ctx_freed += ptr != NULL;
}

static void on_ssl_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    (void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
    ssl_freed += ptr != NULL;
}

static void on_session_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl,
                            void *argp)
{
    (void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
    session_freed += ptr != NULL;
}

static int ctx_index, ssl_index, session_index;

/* Three references more, then two less: `up` and `down` are to add up whoever else has some. */
#define THREE_AND_TWO_LESS(up, down, object, name)                                                 \
    do {                                                                                           \
        is_int(up(object), 1, "%s: a reference", name);                                            \
        is_int(up(object), 1, "%s: another", name);                                                \
        down(object);                                                                              \
        is_int(up(object), 1, "%s: and another", name);                                            \
        down(object);                                                                              \
    } while (0)

static void test_ctx(void)
{
    for (int taken_first = 0; taken_first < 2; taken_first++) {
        SSL_CTX *ctx = SSL_CTX_new(TLS_method()), *lent;
        SSL *ssl = SSL_new(ctx), *other;

        ctx_freed = 0;
        TLS_MUST(ssl && SSL_CTX_set_ex_data(ctx, ctx_index, &ctx_freed) == 1);
        if (!taken_first)
            SSL_CTX_free(ctx);
        lent = SSL_get_SSL_CTX(ssl);
        ok(lent == ctx, "the connection lends its context");
        THREE_AND_TWO_LESS(SSL_CTX_up_ref, SSL_CTX_free, lent, "context");
        if (taken_first)
            SSL_CTX_free(ctx);
        SSL_free(ssl);
        is_int(ctx_freed, 0, "the context lives without the connection");
        other = SSL_new(lent);
        ok(other != NULL, "and makes another");
        SSL_CTX_free(lent);
        is_int(ctx_freed, 0, "which now has it alone");
        is_int(SSL_CTX_up_ref(SSL_get_SSL_CTX(other)), 1, "until it is taken once more");
        SSL_CTX_free(lent);
        is_int(ctx_freed, 0, "and given back");
        SSL_free(other);
        is_int(ctx_freed, 1, "and it goes with the last");
    }
}

/* The context that SSL_set_SSL_CTX puts a connection out of, and into. */
static void test_ctx_left(void)
{
    SSL_CTX *first = SSL_CTX_new(TLS_method()), *second = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(first);

    TLS_MUST(ssl && second && SSL_CTX_set_ex_data(second, ctx_index, &ctx_freed) == 1);
    ctx_freed = 0;
    ok(SSL_set_SSL_CTX(ssl, second) == second, "the connection moves");
    SSL_CTX_free(second);
    is_int(SSL_CTX_up_ref(SSL_get_SSL_CTX(ssl)), 1, "a reference to where it is");
    ok(SSL_set_SSL_CTX(ssl, first) == first, "it moves back");
    is_int(ctx_freed, 0, "the context left lives by the reference");
    SSL_CTX_free(second);
    is_int(ctx_freed, 1, "alone");
    SSL_free(ssl);
    SSL_CTX_free(first);
}

/* The session of a connection, of either side, that nobody else holds. */
static void test_session(world *w)
{
    FOR_VERSIONS(version) {
        for (int server = 0; server < 2; server++) {
            duo *d;
            SSL *ssl;
            SSL_SESSION *lent;

            SSL_CTX_set_session_cache_mode(w->sctx, SSL_SESS_CACHE_OFF);
            d = duo_connected(w, version);
            ssl = server ? d->s : d->c;
            lent = SSL_get_session(ssl);
            session_freed = 0;
            TLS_MUST(lent && SSL_SESSION_set_ex_data(lent, session_index, &session_freed) == 1);
            THREE_AND_TWO_LESS(SSL_SESSION_up_ref, SSL_SESSION_free, lent, "session");
            SSL_SESSION_free(lent);
            is_int(session_freed, 0, "the connection has its session still");
            ok(SSL_get_session(ssl) == lent, "and lends it");
            is_int(SSL_SESSION_up_ref(SSL_get_session(ssl)), 1, "once more");
            duo_free(d);
            is_int(session_freed, 0, "%s, %s: it lives without the connection",
                   version_name(version), server ? "server" : "client");
            is_int(SSL_SESSION_get_protocol_version(lent), version, "and is what it was");
            SSL_SESSION_free(lent);
            is_int(session_freed, 1, "and goes with the reference");
        }
    }
}

/* A session set, which the program then has no other reference to. */
static void test_session_set(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    SSL_SESSION *session = SSL_SESSION_new();

    session_freed = 0;
    TLS_MUST(ssl && SSL_SESSION_set_ex_data(session, session_index, &session_freed) == 1);
    is_int(SSL_SESSION_set_protocol_version(session, TLS1_2_VERSION), 1, "a session of TLS 1.2");
    is_int(SSL_set_session(ssl, session), 1, "is set");
    SSL_SESSION_free(session);
    is_int(session_freed, 0, "and lives by the connection");
    is_int(SSL_SESSION_up_ref(SSL_get_session(ssl)), 1, "it is taken");
    is_int(SSL_set_session(ssl, NULL), 1, "from the connection");
    is_int(session_freed, 0, "and lives by the reference");
    SSL_SESSION_free(session);
    is_int(session_freed, 1, "alone");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static SSL_SESSION *taken;

static void take_each(SSL_SESSION *session)
{
    taken = session;
    TLS_MUST(SSL_SESSION_up_ref(session) == 1);
    TLS_MUST(SSL_SESSION_set_ex_data(session, session_index, &session_freed) == 1);
}

static void take_listed(void *session)
{
    take_each(session);
}

static void take_removed(SSL_CTX *ctx, SSL_SESSION *session)
{
    (void)ctx;
    take_each(session);
}

/* A session that the cache has alone: lent by the cache's table, and by the callback that tells
 * of its end. */
static void test_cached(world *w, int by_callback)
{
    duo *d;

    SSL_CTX_set_session_cache_mode(w->sctx, SSL_SESS_CACHE_SERVER);
    SSL_CTX_set_options(w->sctx, SSL_OP_NO_TICKET);
    SSL_CTX_sess_set_remove_cb(w->sctx, by_callback ? take_removed : NULL);
    d = duo_connected(w, TLS1_2_VERSION);
    SSL_shutdown(d->s);
    SSL_shutdown(d->c);
    duo_free(d);
    is_int(SSL_CTX_sess_number(w->sctx), 1, "one session is in the cache");
    session_freed = 0;
    taken = NULL;
    if (!by_callback)
        OPENSSL_LH_doall((OPENSSL_LHASH *)SSL_CTX_sessions(w->sctx), take_listed);
    SSL_CTX_flush_sessions(w->sctx, 0);
    is_int(SSL_CTX_sess_number(w->sctx), 0, "and is taken out");
    ok(taken != NULL, "it was lent");
    is_int(session_freed, 0, "%s: it lives by the reference", by_callback ? "removed" : "listed");
    is_int(SSL_SESSION_get_protocol_version(taken), TLS1_2_VERSION, "and is what it was");
    SSL_SESSION_free(taken);
    is_int(session_freed, 1, "alone");
    SSL_CTX_sess_set_remove_cb(w->sctx, NULL);
    SSL_CTX_clear_options(w->sctx, SSL_OP_NO_TICKET);
}

static int keeps;

static int take_new(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    if (taken != NULL)
        return 0;
    take_each(session);
    return keeps;
}

/* Of a session that comes the callback keeps what it is given, or takes a reference and gives that
 * back. */
static void test_new(world *w)
{
    FOR_VERSIONS(version) {
        for (keeps = 0; keeps < 2; keeps++) {
            duo *d;

            taken = NULL;
            session_freed = 0;
            SSL_CTX_set_session_cache_mode(w->cctx, SSL_SESS_CACHE_CLIENT
                                                        | SSL_SESS_CACHE_NO_INTERNAL);
            SSL_CTX_sess_set_new_cb(w->cctx, take_new);
            SSL_CTX_set_num_tickets(w->sctx, 1); /* another's session has a copy of the ex data */
            d = duo_connected(w, version);
            ok(taken != NULL, "%s: a session comes", version_name(version));
            duo_free(d);
            is_int(session_freed, 0, "it lives without its connection");
            if (keeps)
                SSL_SESSION_free(taken);
            is_int(session_freed, 0, "by the last reference");
            SSL_SESSION_free(taken);
            is_int(session_freed, 1, "and goes with it");
            SSL_CTX_sess_set_new_cb(w->cctx, NULL);
        }
    }
}

/* The connection of a BIO, which alone holds it. */
static void test_bio(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    BIO *bio = BIO_new_ssl(ctx, 1);
    SSL *lent = NULL;

    ssl_freed = 0;
    BIO_get_ssl(bio, &lent);
    TLS_MUST(lent && SSL_set_ex_data(lent, ssl_index, &ssl_freed) == 1);
    THREE_AND_TWO_LESS(SSL_up_ref, SSL_free, lent, "connection");
    BIO_free(bio);
    is_int(ssl_freed, 0, "it lives without the BIO");
    ok(SSL_get_SSL_CTX(lent) == ctx, "and is what it was");
    SSL_free(lent);
    is_int(ssl_freed, 1, "and goes with the reference");
    SSL_CTX_free(ctx);
}

/* In a callback, of the connection at work and its context. */
static int take_both(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    TLS_MUST(SSL_up_ref(ssl) == 1 && SSL_CTX_up_ref(SSL_get_SSL_CTX(ssl)) == 1);
    return SSL_CLIENT_HELLO_SUCCESS;
}

static void test_callback(world *w)
{
    duo *d;
    SSL *ssl;
    SSL_CTX *ctx;

    SSL_CTX_set_client_hello_cb(w->sctx, take_both, NULL);
    ssl_freed = 0;
    d = duo_connected(w, TLS1_3_VERSION);
    SSL_CTX_set_client_hello_cb(w->sctx, NULL, NULL);
    ssl = d->s;
    ctx = SSL_get_SSL_CTX(ssl);
    TLS_MUST(SSL_set_ex_data(ssl, ssl_index, &ssl_freed) == 1);
    duo_free(d);
    is_int(ssl_freed, 0, "what the callback took is there");
    SSL_free(ssl);
    is_int(ssl_freed, 1, "until it is freed");
    SSL_CTX_free(ctx);
}

int main(void)
{
    world w = world_make();

    ctx_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, on_ctx_free);
    ssl_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, on_ssl_free);
    session_index = SSL_SESSION_get_ex_new_index(0, NULL, NULL, NULL, on_session_free);
    test_ctx();
    test_ctx_left();
    test_session(&w);
    test_session_set();
    test_cached(&w, 0);
    test_cached(&w, 1);
    test_new(&w);
    test_bio();
    test_callback(&w);
    world_free(&w);
    return done();
}
