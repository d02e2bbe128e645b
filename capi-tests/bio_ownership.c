/* Who owns the BIOs of an SSL: SSL_set_bio(3) in all its cases, SSL_set0_rbio, SSL_set0_wbio,
 * SSL_set_fd(3), SSL_free. Each BIO counts the calls of its destroy callback. */
#include "pipe.h"

static endpoint a, b, c;
static wire none;

static BIO *fresh(endpoint *e)
{
    memset(e, 0, sizeof *e);
    e->in = e->out = &none;
    return pipe_bio(e);
}

static void test_same(SSL_CTX *ctx)
{
    SSL *ssl = SSL_new(ctx);
    BIO *x = fresh(&a);

    is_ptr(SSL_get_rbio(ssl), NULL, "no rbio at first");
    is_ptr(SSL_get_wbio(ssl), NULL, "no wbio at first");
    SSL_set_bio(ssl, x, x);
    is_ptr(SSL_get_rbio(ssl), x, "rbio");
    is_ptr(SSL_get_wbio(ssl), x, "wbio");
    SSL_set_bio(ssl, x, x);
    is_int(a.freed, 0, "the same once more: nothing happens");
    SSL_free(ssl);
    is_int(a.freed, 1, "one reference for both, freed once");
}

static void test_two(SSL_CTX *ctx)
{
    SSL *ssl = SSL_new(ctx);
    BIO *x = fresh(&a), *y = fresh(&b), *z;

    SSL_set_bio(ssl, x, y);
    is_ptr(SSL_get_rbio(ssl), x, "rbio");
    is_ptr(SSL_get_wbio(ssl), y, "wbio");
    SSL_set_bio(ssl, x, y);
    is_int(a.freed + b.freed, 0, "both unchanged: nothing happens");
    z = fresh(&c);
    SSL_set_bio(ssl, z, y);
    is_int(a.freed, 1, "new rbio, same wbio: the old rbio is freed");
    is_int(b.freed, 0, "the wbio is kept");
    x = fresh(&a);
    SSL_set_bio(ssl, z, x);
    is_int(b.freed, 1, "same rbio, new wbio: the old wbio is freed");
    is_int(c.freed, 0, "the rbio is kept");
    SSL_free(ssl);
    is_int(a.freed, 1, "freed with the SSL");
    is_int(c.freed, 1, "both");
}

static void test_from_same_to_two(SSL_CTX *ctx)
{
    SSL *ssl = SSL_new(ctx);
    BIO *x = fresh(&a), *y = fresh(&b);

    SSL_set_bio(ssl, x, x);
    SSL_set_bio(ssl, x, y);
    is_int(a.freed, 0, "same rbio, new wbio after a shared one: rbio kept");
    is_ptr(SSL_get_wbio(ssl), y, "new wbio");
    SSL_free(ssl);
    is_int(a.freed, 1, "rbio once");
    is_int(b.freed, 1, "wbio once");

    /* A new rbio beside a shared wbio takes both references: the caller brings one for it. */
    ssl = SSL_new(ctx);
    x = fresh(&a);
    y = fresh(&b);
    SSL_set_bio(ssl, x, x);
    BIO_up_ref(x);
    SSL_set_bio(ssl, y, x);
    is_int(a.freed, 0, "new rbio, wbio as it was: still alive");
    is_ptr(SSL_get_rbio(ssl), y, "new rbio");
    SSL_free(ssl);
    is_int(a.freed, 1, "wbio once");
    is_int(b.freed, 1, "rbio once");
}

enum { REFERENCES = 6 };

/* How many of the references to the BIO of `e` are gone; frees the rest. */
static int references_taken(BIO *bio, endpoint *e)
{
    int left = 0;

    if (bio == NULL || e->freed != 0)
        return -1;
    for (; e->freed == 0; left++)
        BIO_free(bio);
    return REFERENCES - left;
}

/* Every change from one pair of BIOs to another, none included: how many references SSL_set_bio
 * takes, by the rules of its manual page. */
static void test_all_changes(SSL_CTX *ctx)
{
    for (int change = 0; change < 81; change++) {
        BIO *two[3] = { NULL, fresh(&a), fresh(&b) };
        BIO *r = two[change % 3], *w = two[change / 3 % 3];
        BIO *new_r = two[change / 9 % 3], *new_w = two[change / 27];
        int held[3] = { 0 };
        SSL *ssl = SSL_new(ctx);

        for (int i = 1; i < REFERENCES; i++)
            TLS_MUST(BIO_up_ref(two[1]) && BIO_up_ref(two[2]));
        SSL_set_bio(ssl, r, w);
        held[change % 3]++;
        if (w != r)
            held[change / 3 % 3]++;
        SSL_set_bio(ssl, new_r, new_w);
        /* Unchanged ones take none, and equal ones one less. */
        if (new_r != r || new_w != w) {
            held[change / 27] += new_r == r || !(new_w == w && r != w);
            held[change / 9 % 3] += new_r != r;
            held[change / 27] -= new_r == new_w;
        }
        ok(SSL_get_rbio(ssl) == new_r && SSL_get_wbio(ssl) == new_w, "change %d: set", change);
        SSL_free(ssl);
        is_int(references_taken(two[1], &a), held[1], "change %d: the first's references", change);
        is_int(references_taken(two[2], &b), held[2], "change %d: the second's", change);
    }
}

static void test_null(SSL_CTX *ctx)
{
    SSL *ssl = SSL_new(ctx);
    BIO *x = fresh(&a), *y = fresh(&b);

    SSL_set_bio(ssl, x, x);
    SSL_set_bio(ssl, NULL, NULL);
    is_int(a.freed, 1, "NULL frees a shared one");
    is_ptr(SSL_get_rbio(ssl), NULL, "no rbio");
    is_ptr(SSL_get_wbio(ssl), NULL, "no wbio");
    SSL_set_bio(ssl, NULL, NULL);
    x = fresh(&a);
    SSL_set_bio(ssl, x, NULL);
    is_ptr(SSL_get_rbio(ssl), x, "rbio only");
    is_ptr(SSL_get_wbio(ssl), NULL, "no wbio");
    SSL_set_bio(ssl, NULL, y);
    is_int(a.freed, 1, "replaced by NULL");
    is_ptr(SSL_get_rbio(ssl), NULL, "no rbio");
    is_ptr(SSL_get_wbio(ssl), y, "wbio only");
    SSL_free(ssl);
    is_int(b.freed, 1, "freed with the SSL");
}

static void test_set0(SSL_CTX *ctx)
{
    SSL *ssl = SSL_new(ctx);
    BIO *x = fresh(&a), *y = fresh(&b), *z = fresh(&c);

    SSL_set0_rbio(ssl, x);
    is_ptr(SSL_get_rbio(ssl), x, "set0_rbio");
    is_ptr(SSL_get_wbio(ssl), NULL, "leaves the wbio");
    SSL_set0_wbio(ssl, y);
    is_ptr(SSL_get_wbio(ssl), y, "set0_wbio");
    SSL_set0_rbio(ssl, z);
    is_int(a.freed, 1, "the old rbio is freed");
    BIO_up_ref(z);
    SSL_set0_wbio(ssl, z);
    is_int(b.freed, 1, "the old wbio is freed");
    is_int(c.freed, 0, "one BIO with two references");
    SSL_set0_rbio(ssl, NULL);
    is_int(c.freed, 0, "one reference given back");
    is_ptr(SSL_get_rbio(ssl), NULL, "no rbio");
    SSL_set0_wbio(ssl, NULL);
    is_int(c.freed, 1, "and the other");
    SSL_free(ssl);
}

/* The caller's own references outlive the SSL. */
static void test_callers_reference(SSL_CTX *ctx)
{
    SSL *ssl = SSL_new(ctx);
    BIO *x = fresh(&a);

    BIO_up_ref(x);
    SSL_set_bio(ssl, x, x);
    SSL_free(ssl);
    is_int(a.freed, 0, "the caller's reference keeps it");
    is_int(BIO_free(x), 1, "the caller's free");
    is_int(a.freed, 1, "is the last");
}

static void test_chain(SSL_CTX *ctx)
{
    SSL *ssl = SSL_new(ctx);
    BIO *x = fresh(&a), *y = fresh(&b), *chain = BIO_push(x, y);

    SSL_set_bio(ssl, chain, chain);
    is_ptr(BIO_next(SSL_get_rbio(ssl)), y, "a chain stays one");
    SSL_free(ssl);
    is_int(a.freed, 1, "SSL_free frees all of it");
    is_int(b.freed, 1, "its second BIO too");
}

static void test_fd(SSL_CTX *ctx)
{
    SSL *ssl = SSL_new(ctx);
    int p[2], q[2];
    BIO *old;

    TLS_MUST(pipe(p) == 0 && pipe(q) == 0);
    is_int(SSL_get_fd(ssl), -1, "no descriptor at first");
    is_int(SSL_get_rfd(ssl), -1, "nor to read");
    is_int(SSL_get_wfd(ssl), -1, "nor to write");
    is_int(SSL_set_fd(ssl, p[0]), 1, "SSL_set_fd");
    is_int(SSL_get_fd(ssl), p[0], "get_fd");
    is_int(SSL_get_rfd(ssl), p[0], "get_rfd");
    is_int(SSL_get_wfd(ssl), p[0], "get_wfd");
    ok(SSL_get_rbio(ssl) == SSL_get_wbio(ssl), "one BIO");
    is_int(BIO_method_type(SSL_get_rbio(ssl)), BIO_TYPE_SOCKET, "a socket BIO");
    is_int(BIO_get_close(SSL_get_rbio(ssl)), BIO_NOCLOSE, "that does not close");

    is_int(SSL_set_wfd(ssl, p[1]), 1, "SSL_set_wfd");
    is_int(SSL_get_rfd(ssl), p[0], "rfd is kept");
    is_int(SSL_get_wfd(ssl), p[1], "wfd is new");
    is_int(SSL_get_fd(ssl), p[0], "get_fd is the one to read");
    ok(SSL_get_rbio(ssl) != SSL_get_wbio(ssl), "two BIOs");
    old = SSL_get_wbio(ssl);
    is_int(SSL_set_rfd(ssl, p[1]), 1, "SSL_set_rfd to the same descriptor");
    is_ptr(SSL_get_rbio(ssl), old, "shares the BIO that is there");
    is_ptr(SSL_get_wbio(ssl), old, "which stays");
    is_int(SSL_set_rfd(ssl, q[0]), 1, "SSL_set_rfd");
    is_int(SSL_get_rfd(ssl), q[0], "rfd is new");
    is_int(SSL_get_wfd(ssl), p[1], "wfd is kept");
    is_int(SSL_set_wfd(ssl, q[0]), 1, "SSL_set_wfd to the reader's");
    ok(SSL_get_rbio(ssl) == SSL_get_wbio(ssl), "one BIO again");
    SSL_free(ssl);
    ok(fcntl(p[0], F_GETFD) != -1 && fcntl(p[1], F_GETFD) != -1 && fcntl(q[0], F_GETFD) != -1,
       "no descriptor is closed");

    ssl = SSL_new(ctx);
    old = fresh(&a);
    SSL_set_bio(ssl, old, old);
    is_int(SSL_get_fd(ssl), -1, "a BIO that is no descriptor");
    is_int(SSL_set_fd(ssl, q[1]), 1, "SSL_set_fd replaces it");
    is_int(a.freed, 1, "and frees it");
    SSL_free(ssl);
    close(p[0]);
    close(p[1]);
    close(q[0]);
    close(q[1]);
}

/* New BIOs in the middle of a connection. */
static void test_swap_connected(void)
{
    world w = world_make();
    duo *d = duo_connected(&w, TLS1_3_VERSION);
    endpoint ce = d->ce, se = d->se;
    char byte;
    BIO *x;

    ce.freed = se.freed = 0;
    x = pipe_bio(&ce);
    SSL_set_bio(d->c, x, x);
    is_int(d->ce.freed, 1, "the old one is freed");
    x = pipe_bio(&se);
    SSL_set0_rbio(d->s, x);
    BIO_up_ref(x);
    SSL_set0_wbio(d->s, x);
    is_int(d->se.freed, 1, "the old one is freed");
    ok(tls_echo(d->c, d->s), "data passes through the new ones");
    SSL_set_bio(d->s, NULL, NULL);
    is_int(se.freed, 1, "taken away");
    ERR_clear_error();
    is_int(SSL_read(d->s, &byte, 1), -1, "a read without a BIO");
    is_int(tls_ssl_reason(), SSL_R_READ_BIO_NOT_SET, "its reason");
    duo_free(d);
    world_free(&w);
}

/* In the handshake a buffering BIO may stand before the wbio: it must not be seen. */
static void test_mid_handshake(void)
{
    world w = world_make();
    duo *d = duo_new(&w, TLS1_2_VERSION);
    BIO *r = SSL_get_rbio(d->c), *x;
    endpoint ce;

    SSL_do_handshake(d->c);
    is_ptr(SSL_get_rbio(d->c), r, "rbio in the handshake");
    is_ptr(SSL_get_wbio(d->c), r, "wbio in the handshake");
    ce = d->ce;
    ce.freed = 0;
    x = pipe_bio(&ce);
    SSL_set_bio(d->c, x, x);
    is_int(d->ce.freed, 1, "replaced in the handshake");
    is_ptr(SSL_get_wbio(d->c), x, "the new wbio");
    ok(duo_handshake(d), "and the handshake ends");
    duo_free(d);
    is_int(ce.freed, 1, "freed once");
    world_free(&w);
}

int main(void)
{
    SSL_CTX *ctx = tls_client_ctx(NULL);

    test_same(ctx);
    test_two(ctx);
    test_from_same_to_two(ctx);
    test_all_changes(ctx);
    test_null(ctx);
    test_set0(ctx);
    test_callers_reference(ctx);
    test_chain(ctx);
    test_fd(ctx);
    test_swap_connected();
    test_mid_handshake();
    SSL_CTX_free(ctx);
    return done();
}
