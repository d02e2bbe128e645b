/* Random calls while a handshake is under way, over a transport that lets through all or all but a
 * byte, and at random closes or spoils a byte: each call gives what it gives on OpenSSL.
 * SSL_do_handshake(3), SSL_read(3), SSL_write(3), SSL_shutdown(3), SSL_get_error(3), SSL_want(3). */
#include "pipe.h"
#include "random.h"

static world w;

typedef struct {
    SSL *ssl;
    const char *name;
    wire *sent, *arrived;
    endpoint *end;
    /* The write to be repeated, whether the connection failed, whether it was shut down. */
    int pending, failed, shut;
} side;

static char data[20000], buffer[20000];

static void tell(side *s, const char *what, int r)
{
    SSL *ssl = s->ssl;
    int error = SSL_get_error(ssl, r), reason = tls_ssl_reason();

    s->failed |= error == SSL_ERROR_SSL && reason != SSL_R_PROTOCOL_IS_SHUTDOWN
                 && reason != SSL_R_STILL_IN_INIT && reason != SSL_R_SHUTDOWN_WHILE_IN_INIT
                 && reason != SSL_R_WRONG_SSL_VERSION;
    same("  %s %s: %d, error %d, reason %d, want %d, pending %d, shutdown %d, init %d%d%d%s", s->name,
         what, r, error, reason, SSL_want(ssl), SSL_pending(ssl), SSL_get_shutdown(ssl),
         SSL_in_init(ssl), SSL_in_before(ssl), SSL_is_init_finished(ssl),
         s->sent->len ? ", sends" : "");
}

static void act(side *s)
{
    int r, n;

    ERR_clear_error();
    switch (random_below(16)) {
    case 0:
    case 1:
    case 2:
        tell(s, "handshake", SSL_do_handshake(s->ssl));
        break;
    case 3:
        tell(s, "connects", SSL_is_server(s->ssl) ? SSL_accept(s->ssl) : SSL_connect(s->ssl));
        break;
    case 4:
    case 5:
        tell(s, "read", SSL_read(s->ssl, buffer, (int)random_below(2) * 100));
        break;
    case 6:
        tell(s, "peek", SSL_peek(s->ssl, buffer, 10));
        break;
    case 7:
        /* OpenSSL writes behind a close_notify that it has forgotten. */
        if (s->shut)
            break;
        n = s->pending ? s->pending : (int)random_below(3) * 9000;
        r = SSL_write(s->ssl, data, n);
        s->pending = r < 0 && SSL_get_error(s->ssl, r) != SSL_ERROR_SSL
                     && SSL_is_init_finished(s->ssl) ? n : 0;
        tell(s, "write", r);
        break;
    case 8:
        /* After an EOF that is ignored OpenSSL sends a second close_notify. */
        if (s->pending == 0 && !(s->shut && SSL_get_shutdown(s->ssl) == SSL_RECEIVED_SHUTDOWN)) {
            tell(s, "shutdown", SSL_shutdown(s->ssl));
            s->shut = 1;
        }
        break;
    case 9:
        /* What follows one is io_random.c's. */
        if (!SSL_is_init_finished(s->ssl))
            tell(s, "key update", SSL_key_update(s->ssl, SSL_KEY_UPDATE_NOT_REQUESTED));
        break;
    case 10:
        if (random_below(2))
            SSL_set_mode(s->ssl, SSL_MODE_AUTO_RETRY);
        else
            SSL_clear_mode(s->ssl, SSL_MODE_AUTO_RETRY);
        break;
    case 11:
        tell(s, "renegotiate", SSL_is_init_finished(s->ssl) ? 0 : SSL_renegotiate_pending(s->ssl));
        break;
    default:
        n = (int)random_below(4);
        /* The alert of OpenSSL's client has a version that OpenSSL's server refuses, or is in the
         * clear where it could be protected. */
        if (s->failed && !SSL_is_server(s->ssl) && !SSL_is_init_finished(s->ssl))
            break;
        n = (int)s->sent->len - (n == 0);
        if (n > 0) {
            wire_put(s->arrived, s->sent->data, (size_t)n);
            wire_take(s->sent, NULL, (size_t)n);
            same("  %s's bytes arrive%s", s->name, s->sent->len ? " but one" : "");
        }
    }
}

/* Once in a while the transport fails. */
static void disturb(side *s, side *peer)
{
    int done = SSL_is_init_finished(s->ssl) && SSL_is_init_finished(peer->ssl);
    int spoil = random_below(20) == 0;

    if (done && s->arrived->len > 20 && !SSL_get_read_ahead(peer->ssl) && spoil) {
        same("  %s's bytes are spoiled", s->name);
        s->arrived->data[s->arrived->len - 1] ^= 1;
    } else if (random_below(200) == 0) {
        same("  %s's end closes", s->name);
        s->arrived->closed = 1;
    } else if (random_below(100) == 0) {
        s->end->fail_write = !s->end->fail_write;
        same("  %s's writes fail: %d", s->name, s->end->fail_write);
    }
}

static void play(unsigned number, int version)
{
    duo *d = duo_new(&w, version);
    wire c_arrived = { 0 }, s_arrived = { 0 };
    side c = { d->c, "client", &d->c2s, &s_arrived, &d->ce, 0, 0, 0 };
    side s = { d->s, "server", &d->s2c, &c_arrived, &d->se, 0, 0, 0 };

    seed = number * 7919 + (unsigned)version;
    SSL_set_num_tickets(d->s, 0);
    SSL_set_options(d->s, SSL_OP_NO_TICKET);
    SSL_set_read_ahead(d->c, (int)random_below(2));
    if (random_below(3) == 0)
        SSL_set_verify(d->s, SSL_VERIFY_PEER, NULL);
    if (random_below(3) == 0)
        SSL_set_options(d->c, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_set_info_callback(d->c, NULL);
    SSL_set_info_callback(d->s, NULL);
    d->ce.in = &c_arrived;
    d->se.in = &s_arrived;
    same("sequence %u, %s", number, version_name(version));
    for (int step = 0; step < 60; step++) {
        side *one = random_below(2) ? &c : &s;

        act(one);
        disturb(one, one == &c ? &s : &c);
    }
    duo_free(d);
    wire_free(&c_arrived);
    wire_free(&s_arrived);
}

int main(void)
{
    unsigned count = under_valgrind() ? 5 : 300;

    w = world_make();
    for (unsigned i = 0; i < count; i++) {
        play(i, TLS1_2_VERSION);
        play(i, TLS1_3_VERSION);
    }
    ok(1, "%u sequences", 2 * count);
    world_free(&w);
    return done();
}
