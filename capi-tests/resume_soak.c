/* A server whose cache is full, resumed from over and over: counters right, memory bounded.
 *
 *   resume_soak [RESUMPTIONS ENTRIES]   for each version; `make soak` runs 100000 with 1000 */
#include "certs.h"
#include "pipe.h"

#include <malloc.h>

static int resumptions = 1000, entries = 100;

/* Bytes allocated, by the library under test too; valgrind shows 0. */
static size_t allocated(void)
{
    return mallinfo2().uordblks;
}

/* One connection; returns its session, NULL when it did not go as it should. */
static SSL_SESSION *connect_once(const world *w, SSL_SESSION *session)
{
    duo *d = duo_new(w, 0);
    SSL_SESSION *next = NULL;
    char byte;

    if (session != NULL)
        SSL_set_session(d->c, session);
    if (duo_handshake(d) && SSL_session_reused(d->c) == (session != NULL)
        && SSL_session_reused(d->s) == (session != NULL)) {
        SSL_read(d->c, &byte, 1);
        next = SSL_get1_session(d->c);
    } else {
        diag("%s | %s", d->out.client.errors, d->out.server.errors);
    }
    ERR_clear_error();
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    duo_free(d);
    return next;
}

/* Resumes `count` times, each time from the session of the time before. */
static int chain(const world *w, SSL_SESSION **session, int count)
{
    for (int i = 0; i < count; i++) {
        SSL_SESSION *next = connect_once(w, *session);

        SSL_SESSION_free(*session);
        *session = next;
        if (next == NULL)
            return i;
    }
    return count;
}

static void check_soak(int version)
{
    const char *name = version_name(version);
    world w = world_make();
    /* Each connection of TLS 1.3 leaves a session in the cache, and a full one two. */
    int stored, full = entries + 10, kept = entries - 1;
    size_t before, after;
    SSL_SESSION *session;

    fix_version(w.cctx, version);
    SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"soak", 4);
    /* One place stays empty. */
    SSL_CTX_sess_set_cache_size(w.sctx, entries);
    for (int i = 1; i < full; i++)
        SSL_SESSION_free(connect_once(&w, NULL));
    session = connect_once(&w, NULL);
    stored = version == TLS1_3_VERSION ? 2 * full : full;
    is_int(SSL_CTX_sess_number(w.sctx), kept, "%s: the cache is full", name);
    is_int(SSL_CTX_sess_cache_full(w.sctx), stored - kept, "%s: and dropped the rest", name);
    is_int(chain(&w, &session, resumptions / 2), resumptions / 2, "%s: half resume", name);
    before = allocated();
    is_int(chain(&w, &session, resumptions / 2), resumptions / 2, "%s: all resume", name);
    after = allocated();
    stored += version == TLS1_3_VERSION ? resumptions : 0;
    ok(after < before + (1 << 16), "%s: memory does not grow (%zu, then %zu)", name, before, after);
    is_int(SSL_CTX_sess_number(w.sctx), kept, "%s: the cache stays as it is", name);
    is_int(SSL_CTX_sess_hits(w.sctx), resumptions, "%s: hits", name);
    is_int(SSL_CTX_sess_misses(w.sctx), 0, "%s: misses", name);
    is_int(SSL_CTX_sess_timeouts(w.sctx), 0, "%s: timeouts", name);
    is_int(SSL_CTX_sess_cb_hits(w.sctx), 0, "%s: callback's hits", name);
    is_int(SSL_CTX_sess_accept_good(w.sctx), full + resumptions, "%s: accepted", name);
    is_int(SSL_CTX_sess_connect_good(w.cctx), full + resumptions, "%s: connected", name);
    is_int(SSL_CTX_sess_hits(w.cctx), resumptions, "%s: the client's hits", name);
    is_int(SSL_CTX_sess_number(w.cctx), 0, "%s: the client caches nothing", name);
    is_int(SSL_CTX_sess_cache_full(w.sctx), stored - kept, "%s: dropped at last", name);
    SSL_SESSION_free(session);
    world_free(&w);
}

int main(int argc, char **argv)
{
    if (argc == 3) {
        resumptions = atoi(argv[1]);
        entries = atoi(argv[2]);
    }
    for (int i = 0; i < 2; i++)
        check_soak(both_versions[i]);
    return done();
}
