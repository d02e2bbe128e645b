/* Random sequences of reads, writes, key updates and shutdowns over a transport that lets through so
 * many bytes at a time: each call gives what it gives on OpenSSL, SSL_get_error and SSL_want too,
 * and the same bytes are on their way. SSL_read(3), SSL_write(3), SSL_pending(3), SSL_get_error(3),
 * SSL_want(3), SSL_key_update(3), SSL_shutdown(3). */
#include "pipe.h"
#include "random.h"

static world w;

/* One direction: what was written goes on to the reader when it is let through. */
typedef struct {
    wire sent, arrived;
} line;

/* One side of the connection. */
typedef struct {
    SSL *ssl;
    const char *name;
    line *out;
    /* The write to be repeated; 0 bytes for none. */
    int pending;
    size_t pending_at;
    /* How much was written. */
    size_t wrote;
    endpoint *end;
    /* After a fatal error what is held does not matter. */
    int failed;
} side;

enum { PATTERN = 1 << 17 };

static unsigned char pattern[PATTERN], buffer[PATTERN];

/* What a call came to, and what can be asked of the SSL then. */
static void tell(side *s, const char *what, int n, int r, const char *more)
{
    int error = SSL_get_error(s->ssl, r), reason = tls_ssl_reason();

    s->failed |= error == SSL_ERROR_SSL && reason != SSL_R_PROTOCOL_IS_SHUTDOWN
                 && reason != SSL_R_STILL_IN_INIT && reason != SSL_R_BAD_WRITE_RETRY && reason != SSL_R_SHUTDOWN_WHILE_IN_INIT;
    if (s->failed) {
        same("  %s %s(%d): %d, error %d, reason %d, shutdown %d", s->name, what, n, r, error, reason,
             SSL_get_shutdown(s->ssl));
        return;
    }
    same("  %s %s(%d): %d, error %d, reason %d, want %d, pending %d/%d, shutdown %d, sent %zu%s",
         s->name, what, n, r, error, reason, SSL_want(s->ssl), SSL_pending(s->ssl),
         SSL_has_pending(s->ssl), SSL_get_shutdown(s->ssl), s->out->sent.len, more);
}

static int size(void)
{
    static const int sizes[] = { 0, 1, 5, 100, 1000, 5000, 16383, 16384, 16385, 20000, 40000 };

    return sizes[random_below(sizeof sizes / sizeof sizes[0])];
}

static void do_write(side *s)
{
    int n = s->pending ? s->pending : size(), r;
    size_t at = s->pending ? s->pending_at : s->wrote % 1000;

    ERR_clear_error();
    r = SSL_write(s->ssl, pattern + at, n);
    if (r > 0)
        s->wrote += (size_t)r;
    s->pending = r < 0 && SSL_get_error(s->ssl, r) == SSL_ERROR_WANT_WRITE ? n : 0;
    s->pending_at = at;
    tell(s, "write", n, r, "");
}

static void do_read(side *s, int peek)
{
    int n = size(), r;
    char more[32] = "";

    memset(buffer, 0, sizeof buffer);
    ERR_clear_error();
    r = peek ? SSL_peek(s->ssl, buffer, n) : SSL_read(s->ssl, buffer, n);
    if (r > 0) {
        unsigned sum = 0;

        for (int i = 0; i < r; i++)
            sum = sum * 31 + buffer[i];
        snprintf(more, sizeof more, ", sum %x", sum);
    }
    tell(s, peek ? "peek" : "read", n, r, more);
}

/* With nothing on the way: OpenSSL answers each request, and when another message comes in between;
 * here requests may be answered together (RFC 8446, section 4.6.3). */
static int may_update(const side *s, const side *peer)
{
    return s->out->sent.len + s->out->arrived.len + peer->out->sent.len + peer->out->arrived.len == 0
           && SSL_get_key_update_type(s->ssl) == SSL_KEY_UPDATE_NONE
           && SSL_get_key_update_type(peer->ssl) == SSL_KEY_UPDATE_NONE;
}

static void do_update(side *s)
{
    int kind = (int)random_below(2), r;
    char more[32];

    ERR_clear_error();
    r = SSL_key_update(s->ssl, kind);
    snprintf(more, sizeof more, ", due %d", SSL_get_key_update_type(s->ssl));
    tell(s, "key_update", kind, r, more);
}

static void do_handshake(side *s)
{
    ERR_clear_error();
    tell(s, "handshake", 0, SSL_do_handshake(s->ssl), "");
}

/* An answer that is due goes out before: after it OpenSSL sends none, nor does it here. */
static void do_shutdown(side *s)
{
    if (SSL_get_key_update_type(s->ssl) != SSL_KEY_UPDATE_NONE)
        SSL_write(s->ssl, "", 0);
    ERR_clear_error();
    tell(s, "shutdown", 0, SSL_shutdown(s->ssl), "");
}

static void do_mode(side *s)
{
    static const long modes[] = { SSL_MODE_ENABLE_PARTIAL_WRITE, SSL_MODE_AUTO_RETRY,
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER };
    long mode = modes[random_below(3)];

    if (random_below(2))
        SSL_set_mode(s->ssl, mode);
    else
        SSL_clear_mode(s->ssl, mode);
    same("  %s's mode is %lx", s->name, SSL_get_mode(s->ssl));
}

/* Lets some bytes through. */
static void deliver(side *s)
{
    static const size_t sizes[] = { 1, 4, 5, 6, 30, 1000, 16000, 20000, 100000, 100000 };
    size_t n = sizes[random_below(sizeof sizes / sizeof sizes[0])];
    line *l = s->out;

    if (n > l->sent.len)
        n = l->sent.len;
    wire_put(&l->arrived, l->sent.data, n);
    wire_take(&l->sent, NULL, n);
    same("  %s's %zu bytes arrive", s->name, n);
}

static void act(side *s, side *peer, int tls13, int ending)
{
    switch (random_below(16)) {
    case 0:
    case 1:
    case 2:
        do_write(s);
        break;
    case 3:
    case 4:
    case 5:
        do_read(s, 0);
        break;
    case 6:
        do_read(s, 1);
        break;
    case 7:
        /* Not behind a close_notify: OpenSSL sends it there. */
        if (tls13 && !ending && may_update(s, peer))
            do_update(s);
        break;
    case 8:
        do_handshake(s);
        break;
    case 9:
        /* With a write to be repeated, how much of it is encrypted differs. */
        if (s->pending == 0)
            do_mode(s);
        break;
    case 10:
        s->end->room = random_below(3) ? 0 : 1 + random_below(30000);
        same("  %s has room for %zu", s->name, s->end->room);
        break;
    case 11:
        /* Not with a write to be repeated: OpenSSL keeps it and the alert from ever going out. */
        if (ending && s->pending == 0)
            do_shutdown(s);
        break;
    default:
        deliver(s);
    }
}

/* Before records flow all is let through. */
static void connect_both(duo *d)
{
    tls_outcome out;

    d->ce.in = &d->s2c;
    d->se.in = &d->c2s;
    TLS_MUST(tls_handshake(d->c, d->s, &out));
}

static void play(unsigned number, int version, int steps)
{
    duo *d;
    line c2s = { { 0 }, { 0 } }, s2c = { { 0 }, { 0 } };
    side c, s;

    seed = number * 7919 + (unsigned)version;
    d = duo_new(&w, version);
    SSL_set_num_tickets(d->s, 0);
    SSL_set_options(d->s, SSL_OP_NO_TICKET);
    if (random_below(4) == 0)
        SSL_set_max_send_fragment(d->c, 512 + random_below(10000));
    if (random_below(4) == 0)
        SSL_set_options(d->s, SSL_OP_IGNORE_UNEXPECTED_EOF);
    connect_both(d);
    c = (side){ .ssl = d->c, .name = "client", .out = &c2s, .end = &d->ce };
    s = (side){ .ssl = d->s, .name = "server", .out = &s2c, .end = &d->se };
    d->ce.out = &c2s.sent;
    d->se.in = &c2s.arrived;
    d->se.out = &s2c.sent;
    d->ce.in = &s2c.arrived;
    same("sequence %u, %s", number, version_name(version));
    for (int step = 0; step < steps; step++) {
        if (random_below(2))
            act(&c, &s, version == TLS1_3_VERSION, step > steps / 2);
        else
            act(&s, &c, version == TLS1_3_VERSION, step > steps / 2);
    }
    /* One side is gone. */
    wire_put(&s2c.arrived, s2c.sent.data, s2c.sent.len);
    s2c.sent.len = 0;
    s2c.arrived.closed = 1;
    for (int i = 0; i < 8; i++)
        do_read(&c, 0);
    if (c.pending == 0)
        do_shutdown(&c);
    if (!c.failed)
        do_write(&c);
    duo_free(d);
    wire_free(&c2s.sent);
    wire_free(&c2s.arrived);
    wire_free(&s2c.sent);
    wire_free(&s2c.arrived);
}

int main(void)
{
    unsigned count = under_valgrind() ? 5 : 200;

    w = world_make();
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (unsigned char)(i * 31 + (i >> 8));
    for (unsigned i = 0; i < count; i++) {
        play(i, TLS1_2_VERSION, 80);
        play(i, TLS1_3_VERSION, 80);
    }
    ok(1, "%u sequences", 2 * count);
    world_free(&w);
    return done();
}
