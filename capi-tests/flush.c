/* BIO_flush(3) by a connection: after each flight of the handshake, and not for data. What comes
 * of a BIO that cannot flush now, or never. */
#include "certs.h"

static int flushes, answer = 1, retry;

static int on_write(BIO *b, const char *data, int n)
{
    BIO_clear_retry_flags(b);
    return BIO_write(BIO_next(b), data, n);
}

static int on_read(BIO *b, char *data, int n)
{
    int r = BIO_read(BIO_next(b), data, n);

    BIO_clear_retry_flags(b);
    BIO_copy_next_retry(b);
    return r;
}

static long on_ctrl(BIO *b, int cmd, long larg, void *parg)
{
    if (cmd != BIO_CTRL_FLUSH)
        return BIO_next(b) == NULL ? 0 : BIO_ctrl(BIO_next(b), cmd, larg, parg);
    flushes++;
    BIO_clear_retry_flags(b);
    if (retry)
        BIO_set_retry_write(b);
    return answer;
}

static BIO_METHOD *method;

/* A client whose BIO counts, and a server. */
static void make(int version, SSL_CTX *sctx, SSL_CTX *cctx, SSL **c, SSL **s)
{
    BIO *filter = BIO_new(method), *cb, *sb;

    *c = SSL_new(cctx);
    *s = SSL_new(sctx);
    TLS_MUST(SSL_set_min_proto_version(*c, version) && SSL_set_max_proto_version(*c, version));
    TLS_MUST(BIO_new_bio_pair(&cb, 0, &sb, 0) == 1);
    BIO_set_init(filter, 1);
    BIO_push(filter, cb);
    SSL_set_bio(*c, filter, filter);
    SSL_set_bio(*s, sb, sb);
    SSL_set_connect_state(*c);
    SSL_set_accept_state(*s);
    flushes = 0;
    answer = 1;
    retry = 0;
}

static void test_count(int version, SSL_CTX *sctx, SSL_CTX *cctx)
{
    SSL *c, *s;
    int after;

    make(version, sctx, cctx, &c, &s);
    ok(tls_handshake(c, s, NULL), "connects");
    ok(flushes > 0, "a flight is flushed");
    after = flushes;
    ok(tls_echo(c, s), "data");
    is_int(flushes, after, "data is not flushed");
    SSL_shutdown(c);
    is_int(flushes, after + 1, "a close_notify is");
    SSL_free(c);
    SSL_free(s);
}

static void test_blocked(int version, SSL_CTX *sctx, SSL_CTX *cctx, int with_retry)
{
    const char *what = with_retry ? "with retry" : "without";
    SSL *c, *s;
    int before, r;

    make(version, sctx, cctx, &c, &s);
    answer = with_retry ? -1 : 0;
    retry = with_retry;
    ERR_clear_error();
    r = SSL_do_handshake(c);
    is_int(r, -1, "%s: a flush that fails stops the handshake", what);
    /* OpenSSL's buffer before the BIO hides that the flush may be tried again. */
    if (!with_retry)
        is_int(SSL_get_error(c, r), SSL_ERROR_SYSCALL, "%s: SSL_get_error", what);
    is_int((long)ERR_peek_error(), 0, "%s: the queue is empty", what);
    before = flushes;
    r = SSL_do_handshake(c);
    is_int(r, -1, "%s: again", what);
    is_int(flushes, before + 1, "%s: it is tried again", what);
    answer = 1;
    retry = 0;
    ok(tls_handshake(c, s, NULL) && tls_echo(c, s), "%s: the handshake goes on", what);
    SSL_free(c);
    SSL_free(s);
}

int main(void)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    tls_id ca = tls_ca("P-256", "flush CA"), leaf = tls_leaf(&ca, "P-256", "l", "DNS:localhost");
    SSL_CTX *sctx = tls_server_ctx(&leaf), *cctx = tls_client_ctx(&ca);
    int i;

    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_FILTER, "flush counter");
    TLS_MUST(method && BIO_meth_set_write(method, on_write) && BIO_meth_set_read(method, on_read)
             && BIO_meth_set_ctrl(method, on_ctrl));
    for (i = 0; i < 2; i++) {
        test_count(versions[i], sctx, cctx);
        test_blocked(versions[i], sctx, cctx, 0);
        test_blocked(versions[i], sctx, cctx, 1);
    }
    BIO_meth_free(method);
    SSL_CTX_free(sctx);
    SSL_CTX_free(cctx);
    tls_id_free(&leaf);
    tls_id_free(&ca);
    return done();
}
