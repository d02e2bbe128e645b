/* What calls return when the peer ends the connection: by the end of the stream or by a fatal alert, in
 * the handshake and after it. SSL_connect(3), SSL_read(3), SSL_shutdown(3). */
#include "pipe.h"

static void tell(const char *what, SSL *ssl, int ret)
{
    int err = SSL_get_error(ssl, ret);

    same("%s: %d, error %d, reason %d, shutdown %d", what, ret, err, tls_ssl_reason(),
         SSL_get_shutdown(ssl));
    ERR_clear_error();
}

/* How far the handshake came before the stream ends. */
enum { NOTHING_READ, HALF_A_FLIGHT, HALF_THE_LAST, CONNECTED, PLACES };

static void end_of_stream(int version, int place, int server, long options)
{
    static const char *const names[] = { "nothing read", "half a flight", "half the last flight",
                                         "connected" };
    world w = world_make();
    duo *d = duo_new(&w, version);
    SSL *ssl = server ? d->s : d->c;
    wire *in = server ? &d->c2s : &d->s2c;
    char byte;
    int reading;

    SSL_set_options(ssl, options);
    same("-- %s, %s, %s, options %lx", version_name(version), names[place],
         server ? "server" : "client", options);
    if (place == CONNECTED) {
        ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
        SSL_read(d->c, &byte, 1);
    } else if (place != NOTHING_READ) {
        SSL_do_handshake(d->c);
        if (place == HALF_THE_LAST || !server)
            SSL_do_handshake(d->s);
        if (place == HALF_THE_LAST)
            SSL_do_handshake(d->c);
    }
    if (place == HALF_A_FLIGHT || place == HALF_THE_LAST)
        in->len /= 2;
    else
        in->len = 0;
    in->closed = 1;
    for (reading = 0; reading < 2; reading++) {
        if (place == CONNECTED || reading)
            tell("read", ssl, SSL_read(ssl, &byte, 1));
        else
            tell("handshake", ssl, SSL_do_handshake(ssl));
    }
    tell("write", ssl, SSL_write(ssl, "x", 1));
    tell("shutdown", ssl, SSL_shutdown(ssl));
    duo_free(d);
    world_free(&w);
}

enum { BY_READ, BY_READ_EX, BY_PEEK, BY_SHUTDOWN, BY_HANDSHAKE, WAYS };

/* The server sends a fatal alert, since what it reads cannot be decrypted. */
static void alert(int version, int way)
{
    static const unsigned char junk[40] = { 23, 3, 3, 0, 35 };
    world w = world_make();
    duo *d = duo_connected(&w, version);
    size_t n;
    char byte;

    same("-- %s, alert met by %d", version_name(version), way);
    wire_put(&d->c2s, junk, sizeof junk);
    tell("server", d->s, SSL_read(d->s, &byte, 1));
    switch (way) {
    case BY_READ:
        tell("read", d->c, SSL_read(d->c, &byte, 1));
        break;
    case BY_READ_EX:
        tell("read_ex", d->c, SSL_read_ex(d->c, &byte, 1, &n));
        break;
    case BY_PEEK:
        tell("peek", d->c, SSL_peek(d->c, &byte, 1));
        break;
    case BY_SHUTDOWN:
        tell("shutdown", d->c, SSL_shutdown(d->c));
        tell("shutdown", d->c, SSL_shutdown(d->c));
        break;
    default:
        tell("handshake", d->c, SSL_do_handshake(d->c));
        tell("read", d->c, SSL_read(d->c, &byte, 1));
    }
    tell("read", d->c, SSL_read(d->c, &byte, 1));
    tell("write", d->c, SSL_write(d->c, "x", 1));
    tell("shutdown", d->c, SSL_shutdown(d->c));
    tell("handshake", d->c, SSL_do_handshake(d->c));
    duo_free(d);
    world_free(&w);
}

/* The client is gone when the server sends its last flight, which TLS 1.3 adds only tickets to: what
 * the client sent before is still read. `room`: bytes that go out before, and the call is repeated. */
static void gone(int version, int cause, size_t room, int tickets)
{
    world w = world_make();
    duo *d = duo_new(&w, version);
    char got[8];
    int ret;

    same("-- %s, gone with errno %d, after %d, %d tickets", version_name(version), cause, (int)room,
         tickets);
    SSL_set_num_tickets(d->s, tickets);
    SSL_do_handshake(d->c);
    SSL_do_handshake(d->s);
    SSL_do_handshake(d->c);
    SSL_write(d->c, "last", 4);
    SSL_shutdown(d->c);
    if (room != 0) {
        d->s2c.len = 0;
        d->se.room = room;
        tell("handshake", d->s, SSL_do_handshake(d->s));
    }
    d->se.fail_write = 1;
    d->se.fail_errno = cause;
    ret = SSL_do_handshake(d->s);
    same("errno %d, wants %d, in %d", ret == 1 ? 0 : errno, SSL_want(d->s), SSL_in_init(d->s));
    tell("handshake", d->s, ret);
    tell("again", d->s, SSL_do_handshake(d->s));
    tell("read", d->s, SSL_read(d->s, got, sizeof got));
    tell("end", d->s, SSL_read(d->s, got, sizeof got));
    same("told %d times that it is done", trace_count(&d->st, SSL_CB_HANDSHAKE_DONE));
    tell("write", d->s, SSL_write(d->s, "x", 1));
    tell("shutdown", d->s, SSL_shutdown(d->s));
    duo_free(d);
    world_free(&w);
}

/* Whoever sends more later is told. */
static void gone_later(int cause)
{
    world w = world_make();
    duo *d = duo_connected(&w, TLS1_3_VERSION);
    char got[8];

    same("-- gone later with errno %d", cause);
    SSL_write(d->c, "last", 4);
    d->se.fail_write = 1;
    d->se.fail_errno = cause;
    TLS_MUST(SSL_new_session_ticket(d->s) == 1);
    tell("ticket", d->s, SSL_do_handshake(d->s));
    tell("read", d->s, SSL_read(d->s, got, sizeof got));
    tell("write", d->s, SSL_write(d->s, "x", 1));
    duo_free(d);
    world_free(&w);
}

int main(void)
{
    static const int causes[] = { EPIPE, ECONNRESET, ECONNABORTED, 0 };
    int place, server, way, tickets;
    size_t i;

    FOR_VERSIONS(v) {
        for (place = 0; place < PLACES; place++)
            for (server = 0; server < 2; server++) {
                end_of_stream(v, place, server, 0);
                end_of_stream(v, place, server, SSL_OP_IGNORE_UNEXPECTED_EOF);
            }
        for (way = 0; way < WAYS; way++)
            alert(v, way);
        for (i = 0; i < sizeof causes / sizeof *causes; i++)
            for (tickets = 0; tickets < 3; tickets++) {
                gone(v, causes[i], 0, tickets);
                gone(v, causes[i], 1, tickets);
            }
    }
    for (i = 0; i < sizeof causes / sizeof *causes; i++)
        gone_later(causes[i]);
    return done();
}
