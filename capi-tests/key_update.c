/* SSL_key_update(3): what goes out when, and what the peer answers, in bytes on the wire. */
#include "tls.h"

/* A record with one byte in it, and one with a KeyUpdate: header, content, type and tag. */
enum { DATA = 5 + 1 + 1 + 16, UPDATE = 5 + 5 + 1 + 16 };

typedef struct {
    SSL *c, *s;
    BIO *to_server, *to_client;
} pair;

static pair connected(SSL_CTX *cctx, SSL_CTX *sctx)
{
    pair p = { SSL_new(cctx), SSL_new(sctx), NULL, NULL };

    tls_join(p.c, p.s, TLS_MEM);
    p.to_server = SSL_get_wbio(p.c);
    p.to_client = SSL_get_wbio(p.s);
    TLS_MUST(tls_handshake(p.c, p.s, NULL));
    /* The tickets are read. */
    TLS_MUST(tls_echo(p.c, p.s));
    return p;
}

static void parted(pair *p)
{
    SSL_free(p->c);
    SSL_free(p->s);
}

static int read_one(SSL *s)
{
    char byte;
    int r = SSL_read(s, &byte, 1);

    return r == 1 ? 1 : -SSL_get_error(s, r);
}

/* One byte from one to the other; how many went over the wire. */
static int send_one(SSL *from, SSL *to)
{
    int before = BIO_pending(SSL_get_wbio(from)), n;

    TLS_MUST(SSL_write(from, "x", 1) == 1);
    n = BIO_pending(SSL_get_wbio(from)) - before;
    is_int(read_one(to), 1, "it arrives");
    return n;
}

static void not_requested(SSL *a, SSL *b)
{
    BIO *out = SSL_get_wbio(a);
    int i;

    for (i = 0; i < 4; i++) {
        is_int(SSL_key_update(a, SSL_KEY_UPDATE_NOT_REQUESTED), 1, "update %d", i);
        is_int(SSL_get_key_update_type(a), SSL_KEY_UPDATE_NOT_REQUESTED, "is due");
        is_int(SSL_in_init(a), 1, "there is something to do");
        is_int(SSL_is_init_finished(a), 0, "before it is finished");
        is_int(BIO_pending(out), 0, "nothing is sent yet");
        is_int(SSL_do_handshake(a), 1, "it is sent");
        is_int(SSL_in_init(a), 0, "done");
        is_int(SSL_get_key_update_type(a), SSL_KEY_UPDATE_NONE, "none is due");
        is_int(BIO_pending(out), UPDATE, "one message");
        is_int(read_one(b), -SSL_ERROR_WANT_READ, "the peer reads it");
        is_int(SSL_get_key_update_type(b), SSL_KEY_UPDATE_NONE, "and is asked nothing");
        is_int(send_one(b, a), DATA, "it sends data alone");
        is_int(send_one(a, b), DATA, "as do we");
    }
}

static void requested(SSL *a, SSL *b)
{
    BIO *out = SSL_get_wbio(a), *in = SSL_get_rbio(a);
    int i, n;

    for (i = 1; i < 4; i++) {
        int k;

        for (k = 0; k < i; k++) {
            is_int(SSL_key_update(a, SSL_KEY_UPDATE_REQUESTED), 1, "requested");
            is_int(SSL_get_key_update_type(a), SSL_KEY_UPDATE_REQUESTED, "is due");
            is_int(SSL_do_handshake(a), 1, "it is sent");
        }
        is_int(BIO_pending(out), i * UPDATE, "%d messages", i);
        is_int(read_one(b), -SSL_ERROR_WANT_READ, "the peer reads them");
        same("%d requests: type %d, in init %d", i, SSL_get_key_update_type(b), SSL_in_init(b));
        n = BIO_pending(in);
        n += send_one(b, a);
        /* OpenSSL answers each but the last before it reads on. */
        ok(n == UPDATE + DATA || n == i * UPDATE + DATA, "and answers");
        is_int(SSL_get_key_update_type(a), SSL_KEY_UPDATE_NONE, "which asks nothing");
        is_int(send_one(a, b), DATA, "data passes");
        is_int(send_one(b, a), DATA, "both ways");
    }
}

static void with_data(SSL *a, SSL *b)
{
    TLS_MUST(SSL_key_update(a, SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
    is_int(SSL_key_update(a, SSL_KEY_UPDATE_REQUESTED), 0, "not another one before it is sent");
    is_int(tls_ssl_reason(), SSL_R_STILL_IN_INIT, "there is something to do");
    is_int(send_one(a, b), UPDATE + DATA, "SSL_write sends it first");
    is_int(send_one(b, a), DATA, "it asked nothing");
    TLS_MUST(SSL_key_update(a, SSL_KEY_UPDATE_REQUESTED) == 1);
    is_int(send_one(a, b), UPDATE + DATA, "SSL_write sends it first");
    is_int(send_one(b, a), UPDATE + DATA, "the peer answers");
    TLS_MUST(SSL_key_update(a, SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
    is_int(read_one(a), -SSL_ERROR_WANT_READ, "SSL_read has nothing");
    is_int(BIO_pending(SSL_get_wbio(a)), UPDATE, "but sends it too");
    is_int(send_one(a, b), DATA, "data passes");
}

/* Both ask before either reads. */
static void crossing(SSL *a, SSL *b)
{
    int i;

    for (i = 0; i < 3; i++) {
        TLS_MUST(SSL_key_update(a, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(a) == 1);
        TLS_MUST(SSL_key_update(b, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(b) == 1);
        is_int(read_one(a), -SSL_ERROR_WANT_READ, "one reads the other's");
        is_int(read_one(b), -SSL_ERROR_WANT_READ, "and the other");
        send_one(a, b);
        send_one(b, a);
        is_int(send_one(a, b), DATA, "all is answered");
        is_int(send_one(b, a), DATA, "on both sides");
    }
}

/* Our own, those the peer asks for and data in every order. */
static void mixed(SSL *a, SSL *b)
{
    unsigned seed = 7;
    int i;

    for (i = 0; i < 200; i++) {
        SSL *from = (seed >> 16) & 1 ? a : b, *to = from == a ? b : a;

        seed = seed * 1103515245 + 12345;
        if ((seed >> 17) % 3)
            SSL_key_update(from, (seed >> 20) & 1);
        if ((seed >> 18) & 1)
            TLS_MUST(SSL_do_handshake(from) == 1);
        if (SSL_write(from, "x", 1) != 1 || read_one(to) != 1)
            break;
    }
    is_int(i, 200, "200 rounds in any order (%s)", tls_errors());
}

static char events[512];

static void note_event(const SSL *ssl, int where, int ret)
{
    size_t used = strlen(events);

    snprintf(events + used, sizeof events - used, "%x:%d:%s ", where, ret, SSL_state_string(ssl));
}

/* What the info callback of the sender sees. */
static void told(SSL *a, SSL *b)
{
    const char *name = SSL_is_server(a) ? "server" : "client";

    SSL_set_info_callback(a, note_event);
    events[0] = 0;
    TLS_MUST(SSL_key_update(a, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(a) == 1);
    same("%s updates: %s", name, events);
    SSL_set_info_callback(a, NULL);
    SSL_set_info_callback(b, note_event);
    is_int(read_one(b), -SSL_ERROR_WANT_READ, "the peer reads it");
    events[0] = 0;
    send_one(b, a);
    same("%s's peer answers: %s", name, events);
    if (SSL_is_server(a)) {
        SSL_set_info_callback(b, NULL);
        SSL_set_info_callback(a, note_event);
        events[0] = 0;
        TLS_MUST(SSL_new_session_ticket(a) == 1 && SSL_new_session_ticket(a) == 1);
        TLS_MUST(SSL_do_handshake(a) == 1);
        same("tickets: %s", events);
        SSL_set_info_callback(a, NULL);
    }
    SSL_set_info_callback(b, NULL);
    send_one(a, b);
}

int main(void)
{
    static const char *const suites[] = { "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                          "TLS_CHACHA20_POLY1305_SHA256",
                                          "TLS_AES_128_CCM_SHA256" };
    tls_id ca = tls_ca("P-256", "Test CA");
    tls_id leaf = tls_leaf(&ca, "P-256", "localhost", "DNS:localhost");
    SSL_CTX *sctx = tls_server_ctx(&leaf), *cctx = tls_client_ctx(&ca);
    size_t i;
    int swap;

    for (i = 0; i < sizeof suites / sizeof suites[0]; i++)
        for (swap = 0; swap < 2; swap++) {
            pair p;
            SSL *a, *b;

            TLS_MUST(SSL_CTX_set_ciphersuites(cctx, suites[i]) == 1);
            TLS_MUST(SSL_CTX_set_ciphersuites(sctx, suites[i]) == 1);
            p = connected(cctx, sctx);
            diag("%s, begun by the %s", SSL_get_cipher(p.c), swap ? "server" : "client");
            a = swap ? p.s : p.c;
            b = swap ? p.c : p.s;
            not_requested(a, b);
            requested(a, b);
            with_data(a, b);
            crossing(a, b);
            mixed(a, b);
            told(a, b);
            parted(&p);
        }
    SSL_CTX_free(sctx);
    SSL_CTX_free(cctx);
    tls_id_free(&leaf);
    tls_id_free(&ca);
    return done();
}
