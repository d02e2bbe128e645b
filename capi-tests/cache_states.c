/* SSL_CTX_add_session(3), SSL_CTX_remove_session(3), SSL_CTX_flush_sessions(3) and
 * SSL_CTX_sess_set_cache_size(3) in any order, with sessions that have the same id, that are in
 * another context, or that end while they are kept: what is kept then, and what the program is told.
 * No session is added to two contexts: OpenSSL does not survive that. */
#include "tls.h"

enum { CONTEXTS = 2, SESSIONS = 7, IDS = 4 };

static SSL_CTX *ctxs[CONTEXTS];
static SSL_SESSION *pool[SESSIONS];
static int number_index;
static unsigned rng;

static unsigned pick(unsigned n)
{
    rng = rng * 1103515245u + 12345u;
    return (rng >> 16) % n;
}

/* A session is known by a number that stays when it has left the pool. */
static int number(const SSL_SESSION *session)
{
    return session == NULL ? -1 : (int)(size_t)SSL_SESSION_get_ex_data(session, number_index);
}

static void on_remove(SSL_CTX *ctx, SSL_SESSION *session)
{
    same("  %c removes %d", ctx == ctxs[0] ? 'A' : 'B', number(session));
}

static void on_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    (void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
    same("  %d is freed", (int)(size_t)ptr);
}

static void renew(int i)
{
    static size_t made;
    unsigned char id[4] = { 'i', 'd', (unsigned char)pick(IDS), 0 };

    SSL_SESSION_free(pool[i]);
    pool[i] = SSL_SESSION_new();
    TLS_MUST(pool[i] != NULL && SSL_SESSION_set_ex_data(pool[i], number_index, (void *)++made));
    TLS_MUST(SSL_SESSION_set1_id(pool[i], id, sizeof id));
    SSL_SESSION_set_protocol_version(pool[i], pick(4) == 0 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_SESSION_set_time(pool[i], 1000);
    SSL_SESSION_set_timeout(pool[i], 10 + (long)pick(30000));
    same("  %d has id %d, version %x, ends at %ld", (int)made, id[2],
         SSL_SESSION_get_protocol_version(pool[i]),
         SSL_SESSION_get_time(pool[i]) + SSL_SESSION_get_timeout(pool[i]));
}

static void tell(void)
{
    for (int i = 0; i < CONTEXTS; i++) {
        SSL *ssl = SSL_new(ctxs[i]);
        char found[IDS + 1] = { 0 };

        for (int id = 0; id < IDS; id++) {
            unsigned char bytes[4] = { 'i', 'd', (unsigned char)id, 0 };

            found[id] = SSL_has_matching_session_id(ssl, bytes, sizeof bytes) ? 'y' : '-';
        }
        same("  %c: %ld of %ld, full %ld, timeouts %ld, found %s", 'A' + i,
             SSL_CTX_sess_number(ctxs[i]), SSL_CTX_sess_get_cache_size(ctxs[i]),
             SSL_CTX_sess_cache_full(ctxs[i]), SSL_CTX_sess_timeouts(ctxs[i]), found);
        SSL_free(ssl);
    }
    for (int i = 0; i < SESSIONS; i++)
        same("  %d: resumable %d", number(pool[i]), SSL_SESSION_is_resumable(pool[i]));
}

static void step(void)
{
    SSL_CTX *ctx = ctxs[pick(CONTEXTS)];
    int i = (int)pick(SESSIONS);
    char name = ctx == ctxs[0] ? 'A' : 'B';
    long n;

    ERR_clear_error();
    switch (pick(12)) {
    case 0: case 1: case 2: case 3: case 4:
        ctx = ctxs[i % CONTEXTS];
        name = (char)('A' + i % CONTEXTS);
        same("%c adds %d: %d", name, number(pool[i]), SSL_CTX_add_session(ctx, pool[i]));
        break;
    case 5: case 6:
        same("%c removes %d: %d", name, number(pool[i]), SSL_CTX_remove_session(ctx, pool[i]));
        break;
    case 7:
        n = pick(8) == 0 ? 0 : 1000 + (long)pick(20000);
        same("%c flushes %ld", name, n);
        SSL_CTX_flush_sessions(ctx, n);
        break;
    case 8:
        n = (long)pick(5);
        same("%c holds %ld: %ld", name, n, SSL_CTX_sess_set_cache_size(ctx, n));
        break;
    case 9: case 10:
        same("another for %d", number(pool[i]));
        renew(i);
        break;
    default:
        n = SSL_SESSION_get_timeout(pool[i]) + (long)pick(10000);
        same("%d ends later: %ld", number(pool[i]), SSL_SESSION_set_timeout(pool[i], n));
        same("  at %ld", SSL_SESSION_get_timeout(pool[i]));
    }
    same("  %s", tls_errors());
}

static void run(unsigned seed)
{
    same("-- %u", seed);
    rng = seed;
    for (int i = 0; i < CONTEXTS; i++) {
        ctxs[i] = SSL_CTX_new(TLS_server_method());
        SSL_CTX_set_max_proto_version(ctxs[i], TLS1_2_VERSION);
        SSL_CTX_sess_set_remove_cb(ctxs[i], on_remove);
    }
    for (int i = 0; i < SESSIONS; i++)
        renew(i);
    for (int i = 0; i < 40; i++) {
        step();
        tell();
    }
    for (int i = 0; i < CONTEXTS; i++) {
        same("%c ends", 'A' + i);
        SSL_CTX_free(ctxs[i]);
    }
    for (int i = 0; i < SESSIONS; i++) {
        same("%d: resumable %d", number(pool[i]), SSL_SESSION_is_resumable(pool[i]));
        SSL_SESSION_free(pool[i]);
        pool[i] = NULL;
    }
}

/* A session without an id is no session to the cache, and one that was there comes again. */
static void check_corners(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    SSL_SESSION *session = SSL_SESSION_new();
    unsigned char id[40] = { 1 };

    is_int(SSL_CTX_remove_session(ctx, NULL), 0, "no session is removed");
    is_int(SSL_CTX_remove_session(ctx, session), 0, "nor one without an id");
    is_int(SSL_SESSION_set1_id(session, id, 33), 0, "an id is not that long");
    is_int(SSL_SESSION_set1_id(session, id, 32), 1, "but 32 bytes");
    SSL_SESSION_set_time(session, 5);
    is_int(SSL_CTX_add_session(ctx, session), 1, "it is added");
    is_int(SSL_CTX_add_session(ctx, session), 0, "once");
    is_int(SSL_SESSION_get_time(session), 5, "its time is its own");
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_UPDATE_TIME);
    is_int(SSL_CTX_add_session(ctx, session), 0, "with another mode");
    ok(SSL_SESSION_get_time(session) > 5, "the time is that of its use");
    is_int(SSL_CTX_sess_number(ctx), 1, "one is there");
    is_int(SSL_CTX_remove_session(ctx, session), 1, "it is removed");
    is_int(SSL_CTX_remove_session(ctx, session), 0, "once");
    is_int(SSL_CTX_sess_number(ctx), 0, "none is left");
    SSL_SESSION_free(session);
    SSL_CTX_free(ctx);
}

int main(void)
{
    unsigned runs = under_valgrind() ? 2 : 20;

    number_index = SSL_SESSION_get_ex_new_index(0, NULL, NULL, NULL, on_free);
    for (unsigned seed = 1; seed <= runs; seed++)
        run(seed);
    check_corners();
    return done();
}
