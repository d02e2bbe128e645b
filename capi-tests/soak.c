/* Many connections at once through one epoll loop over TCP: each connects, exchanges messages that
 * are compared, shuts down and begins anew, some of them with a resumed session. No error, no
 * descriptor and no memory is to be left over.
 *
 * Short here; `make soak` sets SOAK_CONNECTIONS and SOAK_SECONDS. */
#include "pipe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

enum { LARGEST = 40000, EXCHANGES = 5 };

typedef struct peer {
    SSL *ssl;
    int fd, server;
    enum { SHAKING, SENDING, RECEIVING, CLOSING, GONE } state;
    int exchange;   /* of the client: how many are done */
    int size, done; /* of the message under way */
    unsigned seed;
    unsigned char *message, *got;
    unsigned wanted; /* what epoll was told */
} peer;

static world w;
static int loop, listener, port;
static peer *peers;
static int connections;
static long handshakes, resumed, exchanged, errors;
static char first_error[300];
static SSL_SESSION *kept[2];

static void blame(peer *p, const char *what, int err)
{
    if (errors++ == 0)
        snprintf(first_error, sizeof first_error, "%s in state %d: %s, error %d, %s, errno %d",
                 p->server ? "server" : "client", p->state, what, err, tls_errors(), errno);
}

static void watch(peer *p, unsigned events, int op)
{
    struct epoll_event event = { events, { .ptr = p } };

    if (op == EPOLL_CTL_MOD && p->wanted == events)
        return;
    p->wanted = events;
    TLS_MUST(epoll_ctl(loop, op, p->fd, &event) == 0);
}

static void drop(peer *p)
{
    SSL_free(p->ssl);
    close(p->fd);
    free(p->message);
    free(p->got);
    p->ssl = NULL;
    p->message = p->got = NULL;
    p->state = GONE;
}

static unsigned next(peer *p)
{
    return p->seed = p->seed * 1103515245 + 12345;
}

/* The message of a client's exchange, of any size and different each time. */
static void make_message(peer *p)
{
    p->size = 1 + (int)(next(p) >> 8) % LARGEST;
    if (next(p) & 1 << 16)
        p->size = p->size % 500 + 1;
    p->done = 0;
    free(p->message);
    free(p->got);
    p->message = malloc((size_t)p->size);
    p->got = malloc((size_t)p->size);
    TLS_MUST(p->message && p->got);
    for (int i = 0; i < p->size; i++)
        p->message[i] = (unsigned char)(p->seed + (unsigned)i * 7);
}

static void set_up(peer *p, int server, int fd)
{
    int version = next(p) & 1 << 16 ? TLS1_3_VERSION : TLS1_2_VERSION;

    p->server = server;
    p->fd = fd;
    p->state = SHAKING;
    p->exchange = p->size = p->done = 0;
    p->ssl = SSL_new(server ? w.sctx : w.cctx);
    TLS_MUST(p->ssl && SSL_set_fd(p->ssl, fd) == 1);
    SSL_set_mode(p->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE);
    if (server) {
        SSL_set_accept_state(p->ssl);
        p->message = malloc(LARGEST);
        TLS_MUST(p->message != NULL);
    } else {
        SSL_set_connect_state(p->ssl);
        ssl_only_version(p->ssl, version);
        if (next(p) & 1 << 17)
            SSL_set_session(p->ssl, kept[version == TLS1_3_VERSION]);
    }
    watch(p, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
}

static void begin_client(peer *p)
{
    struct sockaddr_in to = { AF_INET, htons((unsigned short)port), { htonl(INADDR_LOOPBACK) }, { 0 } };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    TLS_MUST(fd >= 0);
    TLS_MUST(connect(fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS);
    set_up(p, 0, fd);
}

/* The client's half of peers[] is followed by the servers'. */
static void begin_server(void)
{
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        peer *p = peers + connections;

        while (p->state != GONE)
            p++;
        TLS_MUST(p < peers + 3 * connections);
        set_up(p, 1, fd);
    }
}

/* What is to be done when a call came to `r`: 1 to go on, 0 to wait. */
static int judge(peer *p, int r, const char *what)
{
    int err = r > 0 ? SSL_ERROR_NONE : SSL_get_error(p->ssl, r);

    switch (err) {
    case SSL_ERROR_NONE:
        return 1;
    case SSL_ERROR_WANT_READ:
        watch(p, EPOLLIN, EPOLL_CTL_MOD);
        return 0;
    case SSL_ERROR_WANT_WRITE:
        watch(p, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
        return 0;
    case SSL_ERROR_ZERO_RETURN:
        if (p->server && p->state == RECEIVING) {
            p->state = CLOSING;
            return 1;
        }
        /* fall through */
    default:
        blame(p, what, err);
        drop(p);
        return 0;
    }
}

static void keep_session(SSL *ssl)
{
    SSL_SESSION **slot = &kept[SSL_version(ssl) == TLS1_3_VERSION];

    SSL_SESSION_free(*slot);
    *slot = SSL_get1_session(ssl);
}

static int shaken(peer *p)
{
    int r = SSL_do_handshake(p->ssl);

    if (!judge(p, r, "handshake"))
        return 0;
    if (p->server) {
        p->state = RECEIVING;
    } else {
        handshakes++;
        resumed += SSL_session_reused(p->ssl);
        make_message(p);
        p->state = SENDING;
    }
    return 1;
}

static int sent(peer *p)
{
    int r = SSL_write(p->ssl, p->message + p->done, p->size - p->done);

    if (!judge(p, r, "write"))
        return 0;
    p->done += r;
    if (p->done == p->size) {
        p->done = 0;
        p->state = RECEIVING;
    }
    return 1;
}

static int received(peer *p)
{
    int r = p->server ? SSL_read(p->ssl, p->message, LARGEST)
                      : SSL_read(p->ssl, p->got + p->done, p->size - p->done);

    if (!judge(p, r, "read"))
        return 0;
    if (r <= 0)
        return 1;
    if (p->server) {
        p->size = r;
        p->done = 0;
        p->state = SENDING;
        return 1;
    }
    p->done += r;
    if (p->done < p->size)
        return 1;
    if (memcmp(p->got, p->message, (size_t)p->size) != 0)
        blame(p, "another message", 0);
    exchanged++;
    make_message(p);
    p->state = ++p->exchange < EXCHANGES ? SENDING : CLOSING;
    return 1;
}

/* The client waits for the server's close_notify, so that no data is under way. */
static int closed(peer *p)
{
    int r = SSL_shutdown(p->ssl);

    if (r == 0 && !p->server)
        r = SSL_shutdown(p->ssl);
    if (r == 0 || !judge(p, r, "shutdown"))
        return r == 0 && p->server ? (drop(p), 0) : 0;
    if (!p->server)
        keep_session(p->ssl);
    drop(p);
    return 0;
}

static void work(peer *p)
{
    int on = 1;

    while (on && p->state != GONE)
        switch (p->state) {
        case SHAKING:
            on = shaken(p);
            break;
        case SENDING:
            on = sent(p);
            break;
        case RECEIVING:
            on = received(p);
            break;
        default:
            ERR_clear_error();
            on = closed(p);
        }
}

static int under_way(void)
{
    int n = 0;

    for (int i = 0; i < 3 * connections; i++)
        n += peers[i].state != GONE;
    return n;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Connections until `rounds` have been begun by each client or, with `seconds`, until then. */
static void run(int rounds, double seconds)
{
    struct epoll_event events[256];
    double end = now() + seconds;
    long left = (long)rounds * connections;

    do {
        for (int i = 0; i < connections; i++)
            if (peers[i].state == GONE && (seconds > 0 ? now() < end : left > 0)) {
                left--;
                begin_client(&peers[i]);
            }
        int n = epoll_wait(loop, events, 256, 1000);
        for (int i = 0; i < n; i++)
            if (events[i].data.ptr == NULL)
                begin_server();
            else if (((peer *)events[i].data.ptr)->state != GONE)
                work(events[i].data.ptr);
        /* All may be gone at once while some are still to begin. */
    } while ((under_way() > 0 || (seconds == 0 && left > 0)) && errors == 0);
}

static void listen_here(void)
{
    struct sockaddr_in at = { AF_INET, 0, { htonl(INADDR_LOOPBACK) }, { 0 } };
    struct epoll_event event = { EPOLLIN, { .ptr = NULL } };
    socklen_t len = sizeof at;

    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    TLS_MUST(listener >= 0 && bind(listener, (struct sockaddr *)&at, sizeof at) == 0
             && listen(listener, 4096) == 0
             && getsockname(listener, (struct sockaddr *)&at, &len) == 0);
    port = ntohs(at.sin_port);
    loop = epoll_create1(0);
    TLS_MUST(loop >= 0 && epoll_ctl(loop, EPOLL_CTL_ADD, listener, &event) == 0);
}

static int setting(const char *name, int otherwise)
{
    const char *value = getenv(name);

    return value != NULL ? atoi(value) : otherwise;
}

static int descriptors(void)
{
    int n = 0;

    for (int fd = 0; fd < 8192; fd++)
        n += fcntl(fd, F_GETFD) != -1;
    return n;
}

int main(void)
{
    struct rlimit files = { 8192, 8192 };
    int seconds = setting("SOAK_SECONDS", 0), before, grown;
    size_t heap;

    connections = setting("SOAK_CONNECTIONS", under_valgrind() ? 5 : 50);
    setrlimit(RLIMIT_NOFILE, &files);
    w = world_make();
    SSL_CTX_sess_set_cache_size(w.sctx, 100);
    peers = calloc((size_t)connections * 3, sizeof *peers);
    TLS_MUST(peers != NULL);
    for (int i = 0; i < 3 * connections; i++) {
        peers[i].state = GONE;
        peers[i].seed = (unsigned)i + 1;
    }
    listen_here();
    run(2, 0);
    before = descriptors();
    heap = mallinfo2().uordblks;
    run(2, 0);
    if (seconds > 0)
        run(0, seconds);
    grown = (int)((long)mallinfo2().uordblks - (long)heap);
    diag("%d connections at once: %ld handshakes, %ld resumed, %ld messages, heap grew by %d",
         connections, handshakes, resumed, exchanged, grown);
    is_int(errors, 0, "no error (%s)", first_error);
    ok(handshakes >= 4L * connections, "all connected");
    ok(resumed > 0 && resumed < handshakes, "some with a session, some without");
    is_int(exchanged, handshakes * EXCHANGES, "all messages came back");
    is_int(descriptors(), before, "no descriptor is left");
    ok(grown < 1 << 20, "nor memory (%d)", grown);
    SSL_SESSION_free(kept[0]);
    SSL_SESSION_free(kept[1]);
    free(peers);
    close(listener);
    close(loop);
    world_free(&w);
    return done();
}
