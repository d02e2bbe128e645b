/* fork() at every stage: after the library is loaded, after SSL_CTX_new, in the middle of a
 * handshake, of a connection. Child and parent go on, and their randomness differs: in the hellos
 * of connections, in the keys of tickets, in what libcrypto gives. RAND(7). */
#include "pipe.h"

#include <openssl/rand.h>
#include <sys/wait.h>

static world w;

enum { RANDOM = 32 };

/* Runs `child` in a forked process with the write end of a pipe; reads what it wrote. -1 when it
 * did not end well. */
static int in_child(int (*child)(int fd), void *got, int n)
{
    int fds[2], status, have = 0, r;
    pid_t pid;

    TLS_MUST(pipe(fds) == 0);
    pid = fork();
    TLS_MUST(pid >= 0);
    if (pid == 0) {
        close(fds[0]);
        _exit(child(fds[1]) ? 0 : 1);
    }
    close(fds[1]);
    while ((r = (int)read(fds[0], (char *)got + have, (size_t)(n - have))) > 0)
        have += r;
    close(fds[0]);
    TLS_MUST(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? have : -1;
}

static int say(int fd, const void *data, size_t n)
{
    return write(fd, data, n) == (ssize_t)n;
}

/* What a handshake of new connections of this process makes up: the client's random, the
 * server's, a key share, bytes of RAND_bytes. */
struct made_up {
    unsigned char client[RANDOM], server[RANDOM], share[RANDOM], rand[RANDOM];
};

static int make_up(struct made_up *m)
{
    duo *d = duo_new(&w, TLS1_3_VERSION);
    unsigned char *share;
    int good;

    memset(m, 0, sizeof *m);
    SSL_do_handshake(d->c);
    /* The key share: group X25519, 32 bytes. */
    share = memmem(d->c2s.data, d->c2s.len - RANDOM, "\0\x1d\0\x20", 4);
    if (share != NULL)
        memcpy(m->share, share + 4, RANDOM);
    good = share != NULL && duo_handshake(d) && tls_echo(d->c, d->s)
           && SSL_get_client_random(d->c, m->client, RANDOM) == RANDOM
           && SSL_get_server_random(d->c, m->server, RANDOM) == RANDOM
           && RAND_bytes(m->rand, RANDOM) == 1;
    duo_free(d);
    return good;
}

static int child_makes_up(int fd)
{
    struct made_up m;

    return make_up(&m) && say(fd, &m, sizeof m);
}

static void all_differ(const struct made_up *a, const struct made_up *b, const char *what)
{
    ok(memcmp(a->client, b->client, RANDOM) != 0, "%s: client randoms differ", what);
    ok(memcmp(a->server, b->server, RANDOM) != 0, "%s: server randoms differ", what);
    ok(memcmp(a->share, b->share, RANDOM) != 0, "%s: key shares differ", what);
    ok(memcmp(a->rand, b->rand, RANDOM) != 0, "%s: RAND_bytes differ", what);
}

static void test_randomness(const char *when)
{
    struct made_up one, two, parent;

    is_int(in_child(child_makes_up, &one, sizeof one), sizeof one, "%s: a child connects", when);
    is_int(in_child(child_makes_up, &two, sizeof two), sizeof two, "%s: a second one", when);
    ok(make_up(&parent), "%s: the parent goes on", when);
    all_differ(&one, &two, "two children");
    all_differ(&one, &parent, "child and parent");
    all_differ(&two, &parent, "second child and parent");
}

/* The connection that is under way when a child is forked. */
static duo *under_way;
static const int *version_of_it;

static int child_goes_on(int fd)
{
    return duo_handshake(under_way) && tls_echo(under_way->c, under_way->s) && say(fd, "done", 4);
}

static void test_in_handshake(void)
{
    FOR_VERSIONS(version) {
        /* Each side has been called so often when the fork happens. */
        for (int calls = 1; calls <= 4; calls++) {
            char got[4];
            tls_outcome out = { 0 };

            under_way = duo_new(&w, version);
            for (int i = 0; i < calls; i++)
                if (i % 2 == 0)
                    tls_step(under_way->c, &out.client);
                else
                    tls_step(under_way->s, &out.server);
            is_int(in_child(child_goes_on, got, 4), 4, "%s: forked after %d calls: the child",
                   version_name(version), calls);
            ok(duo_handshake(under_way) && tls_echo(under_way->c, under_way->s),
               "%s: and the parent", version_name(version));
            duo_free(under_way);
        }
    }
}

/* A server that forks for each connection: the child serves it, the parent frees it. */
static int child_serves(int fd)
{
    char buf[16];

    return SSL_write(under_way->s, "from the child", 14) == 14
           && SSL_read(under_way->c, buf, sizeof buf) == 14 && SSL_shutdown(under_way->s) == 0
           && say(fd, buf, 14);
}

static void test_connected(void)
{
    FOR_VERSIONS(version) {
        char got[14];

        under_way = duo_connected(&w, version);
        is_int(in_child(child_serves, got, 14), 14, "%s: a child serves the connection",
               version_name(version));
        is_mem(got, "from the child", 14, "its data");
        ok(tls_echo(under_way->c, under_way->s), "%s: the parent's copy is as it was",
           version_name(version));
        SSL_set_quiet_shutdown(under_way->s, 1);
        is_int(SSL_shutdown(under_way->s), 1, "and goes quietly");
        duo_free(under_way);
    }
}

/* A ticket of the parent's is good in the child: the keys are the context's. */
static SSL_SESSION *session;

static int child_resumes(int fd)
{
    duo *d = duo_new(&w, *version_of_it);
    int good;

    SSL_set_session(d->c, session);
    good = duo_handshake(d) && SSL_session_reused(d->c) && say(fd, "reused", 6);
    duo_free(d);
    return good;
}

static void test_resumption(void)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(&w, version);
        char got[6];

        version_of_it = &version;
        session = duo_part(d);
        is_int(in_child(child_resumes, got, 6), 6, "%s: a child resumes the parent's session",
               version_name(version));
        SSL_SESSION_free(session);
    }
}

int main(void)
{
    w.ca = tls_ca("P-256", "Test CA");
    w.leaf = tls_leaf(&w.ca, "P-256", "localhost", "DNS:localhost");
    w.cctx = tls_client_ctx(&w.ca);
    w.sctx = tls_server_ctx(&w.leaf);
    TLS_MUST(SSL_CTX_set1_groups_list(w.cctx, "X25519:P-256") == 1);
    test_randomness("before any connection");
    test_randomness("after connections");
    test_in_handshake();
    test_connected();
    test_resumption();
    world_free(&w);
    return done();
}
