/* SSL_read_early_data(3) and its like in any order, with the calls that go on with the handshake
 * between them: what each returns, and what either side is in then. */
#include "pipe.h"

static unsigned rng;

static unsigned pick(unsigned n)
{
    rng = rng * 1103515245u + 12345u;
    return (rng >> 16) % n;
}

typedef struct {
    const char *name;
    unsigned max_early, recv_max;
    const char *groups;      /* the server's: a HelloRetryRequest where the client sent no share */
    int forgets;             /* the server does not know the session */
    int fresh;               /* the client has no session */
    unsigned session_early;  /* what the ticket allows */
} setting;

static const setting settings[] = {
    { "accepted", 16384, 16384, NULL, 0, 0, 16384 },
    { "little", 16384, 16384, NULL, 0, 0, 8 },
    { "less received", 16384, 40, NULL, 0, 0, 16384 },
    { "refused", 0, 16384, NULL, 0, 0, 16384 },
    { "skipped to a limit", 0, 1, NULL, 0, 0, 16384 },
    { "asked again", 16384, 16384, "P-384", 0, 0, 16384 },
    { "not resumed", 16384, 16384, NULL, 1, 0, 16384 },
    { "no early data", 16384, 16384, NULL, 0, 0, 0 },
    { "no session", 16384, 16384, NULL, 0, 1, 0 },
};

static SSL_SESSION *learn(const world *w)
{
    duo *d = duo_new(w, TLS1_3_VERSION);
    SSL_SESSION *session;
    char byte;

    TLS_MUST(duo_handshake(d));
    SSL_read(d->c, &byte, 1);
    session = duo_part(d);
    ERR_clear_error();
    return session;
}

static const char *const calls[] = { "write_early", "read_early", "handshake", "write", "read",
                                     "peek" };

/* One call; false when the connection is over. */
static int step(const char *who, SSL *ssl, unsigned call, unsigned size)
{
    static const char text[] = "the quick brown fox jumps over the lazy dog";
    char got[64];
    size_t n = 777;
    int r, error, reason;

    ERR_clear_error();
    switch (call) {
    case 0:
        r = SSL_write_early_data(ssl, text, size, &n);
        break;
    case 1:
        r = SSL_read_early_data(ssl, got, size + 1, &n);
        break;
    case 2:
        r = SSL_do_handshake(ssl);
        break;
    case 3:
        r = SSL_write_ex(ssl, text, size + 1, &n);
        break;
    case 4:
        r = SSL_read_ex(ssl, got, size + 1, &n);
        break;
    default:
        r = SSL_peek_ex(ssl, got, size + 1, &n);
    }
    /* SSL_read_early_data's success is another number. */
    error = SSL_get_error(ssl, call == 1 ? r != SSL_READ_EARLY_DATA_ERROR : r);
    reason = tls_ssl_reason();
    same("%s %s(%u): %d, %zu, error %d, reason %d, init %d, finished %d, status %d", who, calls[call],
         size, r, r > 0 ? n : 0, error, reason, SSL_in_init(ssl), SSL_is_init_finished(ssl),
         SSL_get_early_data_status(ssl));
    return error != SSL_ERROR_SSL || reason == ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED;
}

static void run(const setting *at, unsigned seed)
{
    world w = world_make();
    SSL_SESSION *session;
    int c_lives = 1, s_lives = 1;
    duo *d;

    same("-- %s, %u", at->name, seed);
    SSL_CTX_set1_groups_list(w.cctx, "P-256:P-384");
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"early", 5);
    SSL_CTX_set_max_early_data(w.sctx, at->session_early);
    session = learn(&w);
    SSL_CTX_set_max_early_data(w.sctx, at->max_early);
    SSL_CTX_set_recv_max_early_data(w.sctx, at->recv_max);
    if (at->groups != NULL)
        SSL_CTX_set1_groups_list(w.sctx, at->groups);
    if (at->forgets)
        SSL_CTX_flush_sessions(w.sctx, 0);
    d = duo_new(&w, TLS1_3_VERSION);
    if (!at->fresh)
        SSL_set_session(d->c, session);
    rng = seed;
    for (int i = 0; i < 24 && (c_lives || s_lives); i++) {
        unsigned side = pick(2), call = pick(10), size = pick(24);

        /* What a program is likely to call comes more often. */
        if (call >= 6)
            call = call >= 9 ? 2 : side ? 1 : 0;
        /* A client's read ends its early data and the handshake, where OpenSSL's waits for a write
         * to do so. */
        if (!side && call >= 4 && SSL_get_early_data_status(d->c) != SSL_EARLY_DATA_NOT_SENT
            && !SSL_is_init_finished(d->c))
            call = 2;
        /* Before there are keys OpenSSL writes in the clear, and shows what it cannot decrypt. */
        if (side && at->groups != NULL)
            call = call == 0 ? 1 : call == 5 ? 4 : call;
        if (side && s_lives)
            s_lives = step("server", d->s, call, size);
        else if (!side && c_lives)
            c_lives = step("client", d->c, call, size);
    }
    same("left: %d %d", d->c2s.len != 0, d->s2c.len != 0);
    SSL_SESSION_free(session);
    duo_free(d);
    world_free(&w);
}

int main(int argc, char **argv)
{
    unsigned runs = under_valgrind() ? 2 : 40;

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        for (unsigned seed = 1; seed <= runs; seed++)
            run(&settings[i], seed);
    (void)argc, (void)argv;
    ok(1, "the end");
    return done();
}
