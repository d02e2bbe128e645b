/* Connections used while a thread ends, by the destructor of its data, and after main, when the
 * process ends: a pool's thread that says goodbye on the connections it held.
 * pthread_key_create(3), SSL_shutdown(3), OPENSSL_init_crypto(3). */
#include "pipe.h"

#include <pthread.h>
#include <sys/wait.h>

static world w;
static pthread_key_t key;
static int version;
static int good[3];
static char errors[600];

/* The thread's connection, and a new one. */
static void at_end(void *held)
{
    duo *d = held, *other;

    good[0] = tls_echo(d->c, d->s);
    good[1] = SSL_shutdown(d->c) == 0 && SSL_shutdown(d->s) == 0 && SSL_shutdown(d->c) == 1;
    duo_free(d);
    other = duo_new(&w, version);
    good[2] = duo_handshake(other) && tls_echo(other->c, other->s);
    snprintf(errors, sizeof errors, "%.250s|%.250s", other->out.client.errors,
             other->out.server.errors);
    duo_free(other);
}

static void *thread(void *arg)
{
    duo *d = duo_new(&w, version);

    pthread_setspecific(key, d);
    good[0] = duo_handshake(d);
    return arg;
}

/* What a child process still has when it ends, and what it does with it. */
static duo *last;
static SSL_CTX *last_ctx;
static int uses;

static void end_last(void)
{
    char byte;

    if (last == NULL)
        return;
    if (uses) {
        SSL_write(last->c, "x", 1);
        SSL_read(last->s, &byte, 1);
        SSL_shutdown(last->c);
    }
    SSL_free(last->c);
    SSL_free(last->s);
    SSL_CTX_free(last_ctx);
    _exit(7);
}

/* Ends a process that has a connection: with nothing else, or before libcrypto cleans up, which is
 * registered later and so runs earlier. What is registered first of all runs after that. */
static int end_in_child(int before)
{
    int status;
    pid_t child;

    fflush(stdout);
    child = fork();
    TLS_MUST(child >= 0);
    if (child == 0) {
        uses = before;
        if (before)
            TLS_MUST(atexit(end_last) == 0);
        last = duo_new(&w, version);
        if (!duo_handshake(last))
            _exit(1);
        last_ctx = SSL_get_SSL_CTX(last->s);
        SSL_CTX_up_ref(last_ctx);
        exit(0);
    }
    TLS_MUST(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(void)
{
    pthread_t t;

    TLS_MUST(atexit(end_last) == 0);
    TLS_MUST(pthread_key_create(&key, at_end) == 0);
    w = world_make();
    for (int i = 0; i < 2; i++) {
        version = both_versions[i];
        memset(good, 0, sizeof good);
        TLS_MUST(pthread_create(&t, NULL, thread, NULL) == 0);
        pthread_join(t, NULL);
        ok(good[0], "%s: a thread's connection works while it ends", version_name(version));
        ok(good[1], "and is shut down");
        ok(good[2], "another is made (%s)", errors);
        is_int(end_in_child(1), 7, "a process ends with its connections");
        is_int(end_in_child(0), 7, "or frees them after libcrypto has cleaned up");
    }
    world_free(&w);
    return done();
}
