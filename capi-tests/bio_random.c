/* Random sequences of calls on chains with BIO_f_ssl, over a transport that lets through so many
 * bytes at a time, with a buffering BIO before it or not: each gives what it gives on OpenSSL, and
 * so do the retry flags and what can be asked of the BIO. BIO_f_ssl(3), BIO_should_retry(3). */
#include "pipe.h"
#include "random.h"

static world w;

typedef struct {
    wire sent, arrived;
} line;

typedef struct {
    const char *name;
    BIO *top, *ssl_bio;
    line *out;
    endpoint *end;
    /* The write to be repeated, and whether a call failed for good. */
    int pending, failed;
} side;

enum { PATTERN = 1 << 17 };

static unsigned char pattern[PATTERN], buffer[PATTERN];

static void tell(side *s, const char *what, long n, long r)
{
    BIO *b = s->top;
    int reason = tls_ssl_reason();

    if (reason != 0)
        s->failed = 1;
    /* Behind a write to be repeated OpenSSL sends no alert. */
    if (s->failed) {
        same("  %s %s(%ld): %ld, reason %d, retry %d, eof %d", s->name, what, n, r, reason,
             !!BIO_should_retry(b), BIO_eof(b));
        return;
    }
    same("  %s %s(%ld): %ld, reason %d, retry %d%d%d%d/%d, pending %d, wpending %d, eof %d, sent %zu",
         s->name, what, n, r, reason, !!BIO_should_retry(b), !!BIO_should_read(b),
         !!BIO_should_write(b), !!BIO_should_io_special(b), BIO_get_retry_reason(b),
         (int)BIO_pending(b), (int)BIO_wpending(b), BIO_eof(b), s->out->sent.len);
}

static int size(void)
{
    static const int sizes[] = { 0, 1, 5, 100, 1000, 4096, 5000, 16384, 16385, 40000 };

    return sizes[random_below(sizeof sizes / sizeof sizes[0])];
}

static void do_write(side *s)
{
    int n = s->pending ? s->pending : size(), r;

    ERR_clear_error();
    r = BIO_write(s->top, pattern, n);
    s->pending = r <= 0 && BIO_should_write(s->top) ? n : 0;
    tell(s, "write", n, r);
}

static void do_read(side *s)
{
    int n = size(), r;
    unsigned sum = 0;

    ERR_clear_error();
    r = BIO_read(s->top, buffer, n);
    for (int i = 0; i < r; i++)
        sum = sum * 31 + buffer[i];
    tell(s, "read", n, r);
    same("    sum %x", sum);
}

static void do_text(side *s)
{
    int r;

    ERR_clear_error();
    if (random_below(2)) {
        memset(buffer, 0, 200);
        r = BIO_gets(s->top, (char *)buffer, 100);
        tell(s, "gets", 100, r);
    } else if (!s->pending && s->end->room == 0) {
        r = BIO_puts(s->top, "a line\n");
        s->pending = 0;
        tell(s, "puts", 7, r);
    }
}

static void do_ask(side *s)
{
    SSL *ssl = NULL;
    long got = BIO_get_ssl(s->top, &ssl);

    ERR_clear_error();
    same("  %s: ssl %ld, type %d, method %s, rbio %d, wbio %d, next %d, renegotiated %ld, numread %d",
         s->name, got, BIO_method_type(s->top), BIO_method_name(s->top),
         SSL_get_rbio(ssl) == BIO_next(s->ssl_bio), SSL_get_wbio(ssl) == BIO_next(s->ssl_bio),
         BIO_next(s->ssl_bio) != NULL, BIO_get_num_renegotiates(s->ssl_bio),
         BIO_number_read(s->ssl_bio) > 0);
}

static void do_ctrl(side *s)
{
    static const int others[] = { BIO_CTRL_INFO, BIO_CTRL_GET, BIO_CTRL_SET, BIO_C_FILE_SEEK,
                                  BIO_C_FILE_TELL, BIO_CTRL_SET_CALLBACK, 777 };
    int cmd;

    ERR_clear_error();
    switch (random_below(4)) {
    case 0:
        tell(s, "flush", 0, BIO_flush(s->top));
        break;
    case 1:
        tell(s, "handshake", 0, BIO_do_handshake(s->top));
        break;
    case 2:
        tell(s, "close flag", 0, BIO_get_close(s->ssl_bio));
        break;
    default:
        cmd = others[random_below(sizeof others / sizeof others[0])];
        tell(s, "ctrl", cmd, BIO_ctrl(s->ssl_bio, cmd, 0, NULL));
    }
}

static void deliver(side *s)
{
    static const size_t sizes[] = { 1, 5, 6, 30, 1000, 20000, 100000, 100000, 100000 };
    size_t n = sizes[random_below(sizeof sizes / sizeof sizes[0])];
    line *l = s->out;

    if (n > l->sent.len)
        n = l->sent.len;
    wire_put(&l->arrived, l->sent.data, n);
    wire_take(&l->sent, NULL, n);
    same("  %s's %zu bytes arrive", s->name, n);
}

static void act(side *s, int ending)
{
    if (s->failed)
        return;
    switch (random_below(14)) {
    case 0:
    case 1:
        do_write(s);
        break;
    case 2:
    case 3:
    case 4:
        do_read(s);
        break;
    case 5:
        do_text(s);
        break;
    case 6:
        do_ask(s);
        break;
    case 7:
    case 8:
        do_ctrl(s);
        break;
    case 9:
        /* A buffer does not repeat a write as it was. */
        if (s->top == s->ssl_bio)
            s->end->room = random_below(3) ? 0 : 1 + random_below(30000);
        same("  %s has room for %zu", s->name, s->end->room);
        break;
    case 10:
        if (ending && !s->pending && !s->failed) {
            BIO_ssl_shutdown(s->top);
            tell(s, "shutdown", 0, 0);
        }
        break;
    default:
        deliver(s);
    }
}

static side make(const char *name, SSL_CTX *ctx, int client, int version, int buffered, endpoint *e,
                 line *out)
{
    side s = { .name = name, .end = e, .out = out };
    SSL *ssl = NULL;

    s.ssl_bio = BIO_new_ssl(ctx, client);
    TLS_MUST(s.ssl_bio != NULL && BIO_get_ssl(s.ssl_bio, &ssl) == 1);
    ssl_only_version(ssl, version);
    SSL_set_options(ssl, SSL_OP_NO_TICKET);
    SSL_set_num_tickets(ssl, 0);
    BIO_push(s.ssl_bio, pipe_bio(e));
    s.top = buffered ? BIO_push(BIO_new(BIO_f_buffer()), s.ssl_bio) : s.ssl_bio;
    return s;
}

static void play(unsigned number, int version, int steps)
{
    line c2s = { { 0 }, { 0 } }, s2c = { { 0 }, { 0 } };
    endpoint ce = { .in = &s2c.sent, .out = &c2s.sent }, se = { .in = &c2s.sent, .out = &s2c.sent };
    side c, s;
    int i, done = 0;

    seed = number * 7919 + (unsigned)version;
    c = make("client", w.cctx, 1, version, random_below(3) == 0, &ce, &c2s);
    s = make("server", w.sctx, 0, version, random_below(3) == 0, &se, &s2c);
    for (i = 0; i < 20 && done != 3; i++) {
        done |= BIO_do_handshake(c.ssl_bio) == 1;
        done |= (BIO_do_handshake(s.ssl_bio) == 1) << 1;
    }
    TLS_MUST(done == 3);
    ERR_clear_error();
    se.in = &c2s.arrived;
    ce.in = &s2c.arrived;
    same("sequence %u, %s", number, version_name(version));
    for (i = 0; i < steps; i++)
        act(random_below(2) ? &c : &s, i > steps * 2 / 3);
    wire_put(&s2c.arrived, s2c.sent.data, s2c.sent.len);
    s2c.sent.len = 0;
    s2c.arrived.closed = 1;
    for (i = 0; i < 8; i++)
        do_read(&c);
    BIO_free_all(c.top);
    BIO_free_all(s.top);
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
        pattern[i] = (unsigned char)(i % 61 == 60 ? '\n' : 'a' + i % 26);
    for (unsigned i = 0; i < count; i++) {
        play(i, TLS1_2_VERSION, 60);
        play(i, TLS1_3_VERSION, 60);
    }
    ok(1, "%u sequences", 2 * count);
    world_free(&w);
    return done();
}
