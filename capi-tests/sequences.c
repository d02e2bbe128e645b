/* Calls in random order, the same ones on both libraries: what each returns, what SSL_get_error
 * says of it and where the connection then stands is compared, step by step.
 *
 *   sequences [FIRST [COUNT]]   which sequences; with one alone each step has a line of its own */
#include "pipe.h"

#define STEPS 40
#define SEQUENCES 300

static unsigned long long state;

/* xorshift64*: the same numbers everywhere. */
static unsigned below(unsigned n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (unsigned)(state * 2685821657736338717ull >> 33) % n;
}

static char story[8192];
static size_t told;
static int loud;

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(story + told, sizeof story - told, format, args);
    va_end(args);
    told += n < 0 ? 0 : (size_t)n;
    if (told >= sizeof story)
        told = sizeof story - 1;
}

/* A step's outcome: the value, SSL_get_error, the queue's first reason, and the SSL's state. */
static void outcome(SSL *ssl, int ret)
{
    int err = SSL_get_error(ssl, ret), reason = tls_ssl_reason();

    tell("=%d/%d", ret, err);
    if (reason != 0)
        tell("(%d)", reason);
    tell(" %d%d%d", SSL_get_shutdown(ssl), SSL_is_init_finished(ssl), SSL_pending(ssl) > 0);
    if (err != SSL_ERROR_SSL)
        tell("%d", SSL_want(ssl));
}

static unsigned char sent[40000], got[40000];

/* A write that stopped has to be repeated with the same arguments. */
typedef struct {
    SSL *ssl;
    endpoint *end;
    wire *out;
    int stopped;
} actor;

static int length(void)
{
    static const int usual[] = { 0, 1, 5, 100, 1000, 16383, 16384, 16385, 33000 };

    return usual[below(sizeof usual / sizeof usual[0])];
}

static void write_some(actor *a)
{
    int n = a->stopped > 0 ? a->stopped : length(), ret;

    ret = SSL_write(a->ssl, sent, n);
    tell("w%d", n);
    outcome(a->ssl, ret);
    a->stopped = ret <= 0 && SSL_want(a->ssl) == SSL_WRITING ? n : 0;
}

static void read_some(actor *a, int peek)
{
    int n = length(), ret;

    ret = peek ? SSL_peek(a->ssl, got, n) : SSL_read(a->ssl, got, n);
    tell("%c%d", peek ? 'p' : 'r', n);
    outcome(a->ssl, ret);
    if (ret > 0 && memcmp(got, sent, (size_t)ret) != 0)
        tell("?");
}

/* Bytes come as they please. How many writes of the BIO a write takes is each library's affair, so
 * that none is made to fail here. */
static void change_transport(actor *a)
{
    a->end->max_read = below(3) == 0 ? 1 + below(3000) : 0;
    tell("t");
}

static void set_something(actor *a)
{
    switch (below(5)) {
    case 0:
        SSL_set_quiet_shutdown(a->ssl, (int)below(2));
        tell("q");
        break;
    case 1:
        SSL_set_mode(a->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE);
        tell("m");
        break;
    case 2:
        SSL_set_max_send_fragment(a->ssl, 512 + below(16000));
        tell("f");
        break;
    case 3:
        SSL_clear_mode(a->ssl, SSL_MODE_AUTO_RETRY);
        tell("a");
        break;
    default:
        SSL_set_mode(a->ssl, SSL_MODE_AUTO_RETRY);
        tell("A");
    }
}

static void step(actor *a, int rare)
{
    unsigned choice = below(100);

    if (choice < 30) {
        write_some(a);
    } else if (choice < 65) {
        read_some(a, 0);
    } else if (choice < 72) {
        read_some(a, 1);
    } else if (choice < 80) {
        int ret = SSL_do_handshake(a->ssl);

        tell("h");
        outcome(a->ssl, ret);
    } else if (choice < 86) {
        change_transport(a);
    } else if (choice < 91) {
        set_something(a);
    } else if (choice < 94 && a->stopped == 0) {
        int ret = SSL_key_update(a->ssl, (int)below(2));

        tell("k=%d(%d)", ret, tls_ssl_reason());
    } else if (choice < 97 && rare) {
        int ret = SSL_shutdown(a->ssl);

        tell("s");
        outcome(a->ssl, ret);
    } else if (choice < 98 && rare && a->out->len > 0) {
        a->out->closed = 1;
        tell("c");
    } else if (choice < 99 && rare && a->out->len > 0) {
        a->out->data[below((unsigned)a->out->len)] ^= 1;
        tell("x");
    }
}

static void sequence(const world *w, unsigned seed)
{
    int version = seed % 2 ? TLS1_3_VERSION : TLS1_2_VERSION, i;
    duo *d = duo_new(w, version);
    actor actors[2] = { { d->c, &d->ce, &d->c2s, 0 }, { d->s, &d->se, &d->s2c, 0 } };

    state = 88172645463325252ull + seed * 1000003ull;
    told = 0;
    story[0] = 0;
    if (seed % 4 < 3)
        ok(duo_handshake(d), "%u: connects", seed);
    for (i = 0; i < STEPS; i++) {
        size_t before = told;
        int who = (int)below(2);

        tell(" %c:", "cs"[who]);
        step(&actors[who], i > STEPS / 2);
        ERR_clear_error();
        if (loud)
            same("%d %s", i, story + before);
    }
    same("%u %s:%s", seed, version_name(version), story);
    duo_free(d);
}

int main(int argc, char **argv)
{
    unsigned first = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    unsigned count = argc > 2 ? (unsigned)atoi(argv[2]) : argc > 1 ? 1 : SEQUENCES;
    world w = world_make();
    unsigned i;

    if (under_valgrind() && argc == 1)
        count = 20;
    loud = count == 1;
    for (i = 0; i < sizeof sent; i++)
        sent[i] = 7; /* wherever it is cut, what comes is what was sent */
    for (i = first; i < first + count; i++)
        sequence(&w, i);
    world_free(&w);
    return done();
}
