/* Every call of the info callback around early data, with the state at each, and where the connection
 * stands after each call of the program: early data accepted, refused and not read, written in pieces,
 * by a server before the client's Finished, and after a HelloRetryRequest. */
#include "pipe.h"
#include "story.h"

/* What was told of both sides, and how they stand. */
static void show(duo *d, const char *what, int r, story *c, story *s)
{
    same("%s: %d", what, r);
    same("... client:%s", c->text);
    same("... server:%s", s->text);
    c->text[0] = s->text[0] = 0;
    for (int server = 0; server < 2; server++) {
        SSL *ssl = server ? d->s : d->c;

        same("... the %s: state %d %s, init %d finished %d before %d, early %d, rstate %s", server ? "server" : "client",
             SSL_get_state(ssl), SSL_state_string_long(ssl), SSL_in_init(ssl), SSL_is_init_finished(ssl), SSL_in_before(ssl),
             SSL_get_early_data_status(ssl), SSL_rstate_string(ssl));
    }
}

static SSL_SESSION *session(world *w)
{
    duo *d = duo_new(w, TLS1_3_VERSION);
    SSL_SESSION *session;
    char byte;

    ok(duo_handshake(d), "connects");
    SSL_read(d->c, &byte, 1);
    session = duo_part(d);
    ERR_clear_error();
    return session;
}

enum { READS = 1, PIECES = 2, RETRY = 4, LATE = 8, ANSWERS = 16, HANDSHAKES = 32, ALONE = 64, CALLBACKS = 128, TOO_MUCH = 256 };

static int hellos;

static int on_hello(SSL *ssl, int *alert, void *arg)
{
    hellos++;
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int on_name(SSL *ssl, int *alert, void *arg)
{
    return SSL_TLSEXT_ERR_OK;
}

static void scenario(const char *name, int how, int max)
{
    world w = world_make();
    story c = { "" }, s = { "" };
    SSL_SESSION *offered;
    duo *d;
    char got[64];
    size_t n;
    int r;

    SSL_CTX_set1_groups_list(w.cctx, "P-256:P-384");
    SSL_CTX_set1_groups_list(w.sctx, "P-256:P-384");
    SSL_CTX_set_max_early_data(w.sctx, 1000);
    /* Else OpenSSL finds the session no more with the second ClientHello. */
    SSL_CTX_set_options(w.sctx, SSL_OP_NO_ANTI_REPLAY);
    offered = session(&w);
    if (how & CALLBACKS) {
        SSL_CTX_set_client_hello_cb(w.sctx, on_hello, &hellos);
        SSL_CTX_set_tlsext_servername_callback(w.sctx, on_name);
    }
    SSL_CTX_set_max_early_data(w.sctx, (unsigned)max);
    if (how & RETRY)
        SSL_CTX_set1_groups_list(w.sctx, "P-384");
    d = duo_new(&w, TLS1_3_VERSION);
    SSL_set_app_data(d->c, &c);
    SSL_set_app_data(d->s, &s);
    SSL_set_info_callback(d->c, tell);
    SSL_set_info_callback(d->s, tell);
    SSL_set_session(d->c, offered);
    same("%s", name);
    show(d, "new", 0, &c, &s);
    if (how & TOO_MUCH) {
        char zeros[300] = "";

        SSL_set_recv_max_early_data(d->s, 10);
        r = SSL_write_early_data(d->c, zeros, sizeof zeros, &n);
    } else {
        r = SSL_write_early_data(d->c, "early", 5, &n);
    }
    show(d, "SSL_write_early_data", r, &c, &s);
    if (how & PIECES) {
        r = SSL_write_early_data(d->c, " data", 5, &n);
        show(d, "SSL_write_early_data again", r, &c, &s);
    }
    if (how & HANDSHAKES) {
        r = SSL_do_handshake(d->c);
        show(d, "the client's SSL_do_handshake", r, &c, &s);
    }
    if (how & READS) {
        for (int i = 0; i < 3; i++) {
            r = SSL_read_early_data(d->s, got, sizeof got, &n);
            show(d, "SSL_read_early_data", r, &c, &s);
            if (r != SSL_READ_EARLY_DATA_SUCCESS)
                break;
            if (how & ANSWERS && i == 0) {
                r = SSL_write_early_data(d->s, "answer", 6, &n);
                show(d, "the server's SSL_write_early_data", r, &c, &s);
            }
            if (!(how & (PIECES | LATE)))
                break;
        }
    }
    for (int i = 0; i < 4; i++) {
        wire rest = { 0 };

        r = SSL_do_handshake(d->c);
        show(d, "the client's SSL_do_handshake", r, &c, &s);
        if (how & ALONE && i == 0) {
            size_t first = wire_record(&d->c2s, 0);

            wire_put(&rest, d->c2s.data + first, d->c2s.len - first);
            d->c2s.len = first;
        }
        if (how & READS && !SSL_is_init_finished(d->s)) {
            r = SSL_read_early_data(d->s, got, sizeof got, &n);
            show(d, "SSL_read_early_data", r, &c, &s);
        }
        wire_put(&d->c2s, rest.data, rest.len);
        wire_free(&rest);
        ERR_clear_error();
        r = SSL_do_handshake(d->s);
        same("reason %d", tls_ssl_reason());
        show(d, "the server's SSL_do_handshake", r, &c, &s);
        if (SSL_is_init_finished(d->c) && SSL_is_init_finished(d->s))
            break;
    }
    r = SSL_read(d->c, got, sizeof got);
    show(d, "SSL_read", r, &c, &s);
    r = SSL_read(d->c, got, sizeof got);
    show(d, "SSL_read", r, &c, &s);
    r = SSL_write(d->c, "x", 1);
    show(d, "SSL_write", r, &c, &s);
    r = SSL_read(d->s, got, sizeof got);
    show(d, "the server's SSL_read", r, &c, &s);
    same("hellos %d", hellos);
    hellos = 0;
    ERR_clear_error();
    duo_free(d);
    SSL_SESSION_free(offered);
    world_free(&w);
}

int main(void)
{
    scenario("accepted", READS, 1000);
    scenario("accepted, in pieces", READS | PIECES, 1000);
    scenario("accepted, answered", READS | ANSWERS, 1000);
    scenario("accepted, the client goes on first", READS | HANDSHAKES, 1000);
    scenario("accepted, read to its end", READS | LATE, 1000);
    scenario("accepted, its end alone", READS | ALONE, 1000);
    scenario("refused", READS, 0);
    scenario("not read", 0, 1000);
    scenario("retried", READS | RETRY, 1000);
    scenario("retried, not read", RETRY, 1000);
    scenario("retried, with callbacks", READS | RETRY | CALLBACKS, 1000);
    scenario("retried, not read, with callbacks", RETRY | CALLBACKS, 1000);
    scenario("retried, in pieces, with callbacks", RETRY | CALLBACKS | PIECES, 1000);
    scenario("accepted, too much", READS | TOO_MUCH, 1000);
    scenario("not read, too much", TOO_MUCH, 1000);
    scenario("retried, too much", RETRY | TOO_MUCH, 1000);
    scenario("retried, too much, with callbacks", RETRY | TOO_MUCH | CALLBACKS, 1000);
    scenario("accepted, with callbacks", READS | CALLBACKS, 1000);
    return done();
}
