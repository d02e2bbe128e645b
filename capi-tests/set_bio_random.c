/* BIOs set in every order, in and out of a handshake: which are the SSL's, and how many references
 * to each are left when it is freed. SSL_set_bio(3), SSL_set0_rbio(3), SSL_get_rbio(3). */
#include "pipe.h"
#include "random.h"

enum { BIOS = 4, GIVEN = 200 };

static world w;
static BIO *bios[BIOS];
static endpoint ends[BIOS];
static wire in[BIOS], out[BIOS];

/* -1: none, BIOS: one that is not of the test's. */
static int number(const BIO *b)
{
    int i;

    if (b == NULL)
        return -1;
    for (i = 0; i < BIOS && bios[i] != b; i++)
        ;
    return i;
}

static BIO *any(int *i)
{
    *i = (int)random_below(BIOS + 1) - 1;
    return *i < 0 ? NULL : bios[*i];
}

static void tell(const SSL *ssl, const char *what, int a, int b)
{
    same("  %s %d %d: rbio %d, wbio %d, fds %d %d", what, a, b, number(SSL_get_rbio(ssl)),
         number(SSL_get_wbio(ssl)), SSL_get_rfd(ssl), SSL_get_wfd(ssl));
    ERR_clear_error();
}

static void play(unsigned turn)
{
    SSL *ssl = SSL_new(turn & 1 ? w.cctx : w.sctx), *copy = NULL;

    seed = turn * 7919;
    memset(ends, 0, sizeof ends);
    for (int i = 0; i < BIOS; i++) {
        ends[i].in = &in[i];
        ends[i].out = &out[i];
        bios[i] = pipe_bio(&ends[i]);
        for (int n = 1; n < GIVEN; n++)
            BIO_up_ref(bios[i]);
    }
    same("turn %u", turn);
    for (int step = 0; step < 25; step++) {
        int a, b, r;
        BIO *rbio, *wbio;

        switch (random_below(8)) {
        case 0:
        case 1:
        case 2:
            rbio = any(&a);
            wbio = random_below(3) == 0 ? (b = a, rbio) : any(&b);
            SSL_set_bio(ssl, rbio, wbio);
            tell(ssl, "SSL_set_bio", a, b);
            break;
        case 3:
            rbio = any(&a);
            SSL_set0_rbio(ssl, rbio);
            tell(ssl, "SSL_set0_rbio", a, 0);
            break;
        case 4:
            wbio = any(&a);
            SSL_set0_wbio(ssl, wbio);
            tell(ssl, "SSL_set0_wbio", a, 0);
            break;
        case 5:
            /* A descriptor's BIO is the SSL's, and is used again for the same descriptor. */
            a = (int)random_below(2) ? 0 : 2;
            b = (int)random_below(3);
            r = b == 0 ? SSL_set_fd(ssl, a) : b == 1 ? SSL_set_rfd(ssl, a) : SSL_set_wfd(ssl, a);
            tell(ssl, r == 1 ? "set" : "not set", a, b);
            /* The handshake is to go nowhere near it. */
            rbio = any(&a);
            wbio = any(&b);
            SSL_set0_rbio(ssl, rbio);
            SSL_set0_wbio(ssl, wbio);
            tell(ssl, "away", a, b);
            break;
        case 6:
            if (SSL_get_rbio(ssl) != NULL && SSL_get_wbio(ssl) != NULL) {
                r = SSL_do_handshake(ssl);
                a = SSL_get_error(ssl, r);
                tell(ssl, "handshake", r, a);
            }
            break;
        default:
            if (random_below(2)) {
                SSL_clear(ssl);
                tell(ssl, "cleared", 0, 0);
            } else if (copy == NULL) {
                copy = SSL_dup(ssl);
                tell(copy, "duplicate", copy == ssl, 0);
            }
        }
    }
    SSL_free(copy);
    SSL_free(ssl);
    for (int i = 0; i < BIOS; i++) {
        int left = 0;

        while (!ends[i].freed && left++ < 2 * GIVEN)
            BIO_free(bios[i]);
        same("  %d references to %d", left, i);
        wire_free(&in[i]);
        wire_free(&out[i]);
    }
    ERR_clear_error();
}

int main(void)
{
    unsigned count = under_valgrind() ? 30 : 300;

    w = world_make();
    for (unsigned turn = 0; turn < count; turn++)
        play(turn);
    ok(1, "%u turns", count);
    world_free(&w);
    return done();
}
