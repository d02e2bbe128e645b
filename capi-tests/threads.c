/* 64 threads with an SSL each over one pair of contexts, which other threads change meanwhile;
 * references to one SSL, SSL_CTX and SSL_SESSION counted up and down by all. ssl(7), SSL_up_ref(3),
 * SSL_CTX_up_ref(3). */
#include "pipe.h"

#include <pthread.h>

enum { THREADS = 64, ROUNDS = 4, REFERENCES = 20000 };

static world w;
static SSL *shared_ssl;
static SSL_SESSION *shared_session;
static int failures[THREADS];

static int echo_once(int turn)
{
    duo *d = duo_new(&w, turn & 1 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_SESSION *session;
    static const char text[] = "from one thread to itself";
    int good;

    if (turn & 2)
        SSL_set_session(d->c, shared_session);
    good = duo_handshake(d) && tls_echo(d->c, d->s)
           && tls_transfer(d->c, d->s, text, sizeof text);
    session = SSL_get1_session(d->c);
    good = good && session != NULL;
    SSL_SESSION_free(session);
    good = good && SSL_shutdown(d->c) == 0 && SSL_shutdown(d->s) == 0 && SSL_shutdown(d->c) == 1;
    duo_free(d);
    return good;
}

static void *connect_thread(void *arg)
{
    int rounds = under_valgrind() ? 1 : ROUNDS, self = (int)(long)arg;

    for (int i = 0; i < rounds; i++)
        failures[self] += !echo_once(self + i);
    ERR_clear_error();
    return NULL;
}

/* Settings of the contexts change while connections are made from them. */
static void *change_thread(void *arg)
{
    for (int i = 0; i < 200; i++) {
        SSL_CTX_set_timeout(w.sctx, 100 + i);
        SSL_CTX_sess_set_cache_size(w.sctx, 100 + i % 10);
        SSL_CTX_set_ex_data(w.cctx, 0, NULL);
        SSL_CTX_flush_sessions(w.sctx, 0);
        SSL_CTX_sess_number(w.sctx);
    }
    (void)arg;
    return NULL;
}

static void *count_thread(void *arg)
{
    int self = (int)(long)arg;

    for (int i = 0; i < (under_valgrind() ? 100 : REFERENCES); i++) {
        failures[self] += SSL_up_ref(shared_ssl) != 1 || SSL_CTX_up_ref(w.cctx) != 1
                          || SSL_SESSION_up_ref(shared_session) != 1;
        SSL_free(shared_ssl);
        SSL_CTX_free(w.cctx);
        SSL_SESSION_free(shared_session);
    }
    return NULL;
}

/* Runs `count` threads of `start`, with `other` beside them; how often they failed. */
static int run(int count, void *(*start)(void *), void *(*other)(void *))
{
    pthread_t threads[THREADS + 1];
    int total = 0;

    memset(failures, 0, sizeof failures);
    for (long i = 0; i < count; i++)
        TLS_MUST(pthread_create(&threads[i], NULL, start, (void *)i) == 0);
    if (other != NULL)
        TLS_MUST(pthread_create(&threads[count], NULL, other, NULL) == 0);
    for (int i = 0; i < count + (other != NULL); i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < count; i++)
        total += failures[i];
    return total;
}

/* A connection begun in one thread and driven on in others, one after the other. */
static void *step_thread(void *arg)
{
    duo *d = arg;

    tls_step(d->c, &d->out.client);
    tls_step(d->s, &d->out.server);
    return NULL;
}

static void test_moving(void)
{
    FOR_VERSIONS(version) {
        duo *d = duo_new(&w, version);

        for (int i = 0; i < 8; i++) {
            pthread_t thread;

            TLS_MUST(pthread_create(&thread, NULL, step_thread, d) == 0);
            pthread_join(thread, NULL);
        }
        ok(d->out.client.done == 1 && d->out.server.done == 1,
           "%s: each step of the handshake in a thread of its own (%s|%s)", version_name(version),
           d->out.client.errors, d->out.server.errors);
        ok(tls_echo(d->c, d->s), "data in the first thread");
        duo_free(d);
    }
}

static int freed_ssls;

static void on_freed(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    (void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
    if (ptr != NULL)
        freed_ssls++;
}

int main(void)
{
    int index = SSL_get_ex_new_index(0, NULL, NULL, NULL, on_freed);
    duo *d;

    w = world_make();
    d = duo_connected(&w, TLS1_2_VERSION);
    shared_session = SSL_get1_session(d->c);
    SSL_shutdown(d->c);
    duo_free(d);
    shared_ssl = SSL_new(w.cctx);
    SSL_set_ex_data(shared_ssl, index, &freed_ssls);

    is_int(run(THREADS, connect_thread, change_thread), 0, "64 threads connect");
    is_int(run(8, count_thread, NULL), 0, "8 threads count references");
    test_moving();
    is_int(freed_ssls, 0, "the SSL lives");
    SSL_free(shared_ssl);
    is_int(freed_ssls, 1, "until its last reference goes");
    is_int(SSL_SESSION_up_ref(shared_session), 1, "so does the session");
    SSL_SESSION_free(shared_session);
    SSL_SESSION_free(shared_session);
    world_free(&w);
    return done();
}
