/* One record in the clear that has no place where it comes: every type, several versions and lengths,
 * at each stage of a handshake and after it, to a client and to a server. What the call that reads it
 * comes to, the reason, the alert and what the peer makes of it are OpenSSL's.
 * RFC 8446, section 5.1; RFC 5246, section 6.2.1. */
#include "wire.h"

static world w;

/* Where the record comes: how many records of the peer's flight are read before it. */
struct stage {
    const char *name;
    int version;
    int to_server;
    enum { FIRST, FLIGHT, SECOND_FLIGHT, RETRY, ESTABLISHED } flight;
    int pass;
    /* The first flight's records in the clear are joined, and parted after the first message and so
     * many bytes of the next; -1: as they are. */
    int part;
};

static const struct stage stages[] = {
    { "1.2 client, first", TLS1_2_VERSION, 0, FIRST, 0, -1 },
    { "1.2 client, after ServerHello", TLS1_2_VERSION, 0, FLIGHT, 1, 0 },
    { "1.2 client, in Certificate", TLS1_2_VERSION, 0, FLIGHT, 1, 10 },
    { "1.2 client, in Certificate's header", TLS1_2_VERSION, 0, FLIGHT, 1, 2 },
    { "1.2 client, for a ticket", TLS1_2_VERSION, 0, SECOND_FLIGHT, 0, -1 },
    { "1.2 client, for CCS", TLS1_2_VERSION, 0, SECOND_FLIGHT, 1, -1 },
    { "1.2 client, for Finished", TLS1_2_VERSION, 0, SECOND_FLIGHT, 2, -1 },
    { "1.2 client, established", TLS1_2_VERSION, 0, ESTABLISHED, 0, -1 },
    { "1.2 server, first", TLS1_2_VERSION, 1, FIRST, 0, -1 },
    { "1.2 server, for ClientKeyExchange", TLS1_2_VERSION, 1, FLIGHT, 0, -1 },
    { "1.2 server, for CCS", TLS1_2_VERSION, 1, FLIGHT, 1, -1 },
    { "1.2 server, for Finished", TLS1_2_VERSION, 1, FLIGHT, 2, -1 },
    { "1.2 server, established", TLS1_2_VERSION, 1, ESTABLISHED, 0, -1 },
    { "1.3 client, first", TLS1_3_VERSION, 0, FIRST, 0, -1 },
    { "1.3 client, after HelloRetryRequest", TLS1_3_VERSION, 0, RETRY, 1, -1 },
    { "1.3 client, after ServerHello", TLS1_3_VERSION, 0, FLIGHT, 1, -1 },
    { "1.3 client, after CCS", TLS1_3_VERSION, 0, FLIGHT, 2, -1 },
    { "1.3 client, established", TLS1_3_VERSION, 0, ESTABLISHED, 0, -1 },
    { "1.3 server, first", TLS1_3_VERSION, 1, FIRST, 0, -1 },
    { "1.3 server, after HelloRetryRequest", TLS1_3_VERSION, 1, RETRY, 0, -1 },
    { "1.3 server, for CCS", TLS1_3_VERSION, 1, FLIGHT, 0, -1 },
    { "1.3 server, for Finished", TLS1_3_VERSION, 1, FLIGHT, 1, -1 },
    { "1.3 server, established", TLS1_3_VERSION, 1, ESTABLISHED, 0, -1 },
};

enum { STAGES = sizeof stages / sizeof stages[0] };

struct garbage {
    int type, version, len;
    const char *body; /* NULL: any bytes */
};

static const int types[] = { 0, REC_CCS, REC_ALERT, REC_HANDSHAKE, REC_DATA, 24, 25, 99, 128, 255 };
static const int lengths[] = { 0, 1, 2, 40 };
static const int versions[] = { 0x0300, 0x0301, 0x0304, 0x0200, 0x0403, 0 };
static const int too_long[] = { 16385, 16640, 16641, 16704, 16705, 16707, 16708, 18433, 65535 };

static const struct garbage special[] = {
    { REC_ALERT, 0x0303, 2, "\2\x28" },
    { REC_ALERT, 0x0303, 2, "\1\x70" },
    { REC_ALERT, 0x0303, 2, "\1\x5a" },
    { REC_ALERT, 0x0303, 2, "\1\0" },
    { REC_ALERT, 0x0303, 2, "\1\x64" },
    { REC_ALERT, 0x0303, 2, "\3\x28" },
    { REC_ALERT, 0x0303, 4, "\1\x70\1\x70" },
    { REC_CCS, 0x0303, 1, "\1" },
    { REC_CCS, 0x0303, 1, "\2" },
    { REC_CCS, 0x0301, 1, "\1" },
    { REC_HANDSHAKE, 0x0303, 4, "\0\0\0\0" },
    { REC_HANDSHAKE, 0x0303, 4, "\1\0\0\0" },
    { REC_HANDSHAKE, 0x0303, 4, "\2\0\0\0" },
    { REC_HANDSHAKE, 0x0303, 4, "\4\0\0\0" },
    { REC_HANDSHAKE, 0x0303, 5, "\x18\0\0\1\0" },
    { REC_HANDSHAKE, 0x0303, 4, "\x0e\0\0\0" },
    { REC_HANDSHAKE, 0x0303, 4, "\x14\0\0\x0c" },
    { REC_HANDSHAKE, 0x0303, 4, "\x63\0\0\0" },
    { REC_HANDSHAKE, 0x0303, 4, "\x63\xff\xff\xff" },
};

static void put(wire *to, const struct garbage *g)
{
    unsigned char header[5] = { (unsigned char)g->type, (unsigned char)(g->version >> 8),
                                (unsigned char)g->version, (unsigned char)(g->len >> 8),
                                (unsigned char)g->len };
    static unsigned char body[65536];

    for (size_t i = 0; i < 64; i++)
        body[i] = (unsigned char)(i + 3);
    wire_put(to, header, sizeof header);
    if (g->body == NULL)
        wire_put(to, body, (size_t)g->len);
    else
        wire_put(to, g->body, (size_t)g->len);
}

/* Parts the handshake messages at the head of `line` as `stage` says. */
static void part(wire *line, int bytes)
{
    wire head = { 0 };
    size_t first, n;

    wire_resplit(line, 0, 16384);
    n = wire_record(line, 0) - 5;
    first = 4 + ((size_t)line->data[6] << 16 | (size_t)line->data[7] << 8 | line->data[8])
            + (size_t)bytes;
    TLS_MUST(first < n);
    wire_record_put(&head, REC_HANDSHAKE, line->data + 5, first);
    wire_record_put(&head, REC_HANDSHAKE, line->data + 5 + first, n - first);
    wire_put(&head, line->data + 5 + n, line->len - 5 - n);
    wire_free(line);
    *line = head;
}

/* Brings a pair to where the record comes; what is to follow it is left in `rest`. */
static duo *reach(const struct stage *at, wire *rest)
{
    duo *d = duo_new(&w, at->version);
    wire *line = at->to_server ? &d->c2s : &d->s2c;
    size_t len = 0;

    SSL_set1_groups_list(d->c, "P-256:P-384");
    if (at->flight == RETRY)
        SSL_set1_groups_list(d->s, "P-384");
    if (at->flight == ESTABLISHED) {
        char byte;

        TLS_MUST(duo_handshake(d));
        SSL_read(d->c, &byte, 1);
        return d;
    }
    SSL_do_handshake(d->c);
    if (at->flight == FIRST) {
        if (at->to_server)
            wire_put(rest, line->data, line->len);
        line->len = 0;
        return d;
    }
    SSL_do_handshake(d->s);
    if (at->part >= 0)
        part(line, at->part);
    if (at->to_server || at->flight == SECOND_FLIGHT)
        SSL_do_handshake(d->c);
    if (at->flight == SECOND_FLIGHT)
        SSL_do_handshake(d->s);
    for (int i = 0; i < at->pass; i++) {
        TLS_MUST(wire_record(line, len) != 0);
        len += wire_record(line, len);
    }
    wire_put(rest, line->data + len, line->len - len);
    line->len = len;
    return d;
}

/* The peer goes on and reads the alert. */
static const char *peer_made(const struct stage *at, SSL *peer)
{
    static char text[64];
    char byte;
    int r;

    /* OpenSSL's client sends the alert with a version that OpenSSL's server then refuses. */
    if (at->flight == FIRST && !at->to_server)
        return "-";
    ERR_clear_error();
    r = SSL_is_init_finished(peer) ? SSL_read(peer, &byte, 1) : SSL_do_handshake(peer);
    r = SSL_get_error(peer, r);
    snprintf(text, sizeof text, "%d/%d", r, tls_ssl_reason());
    return text;
}

/* Whether it is read as what it is, rather than as part of a message. An empty ticket is out of
 * place after the ServerHello of a new session, and to rustls no ticket. */
static int belongs(const struct stage *at, const struct garbage *g)
{
    if (at->part == 0 && g->type == REC_HANDSHAKE && g->body != NULL && *g->body == 4)
        return 0;
    return at->part <= 0 || g->type != REC_HANDSHAKE || g->len > 16384 || g->version != 0x0303;
}

static void inject(const struct stage *at, const struct garbage *g)
{
    wire rest = { 0 };
    duo *d = reach(at, &rest);
    SSL *victim = at->to_server ? d->s : d->c;
    trace *t = at->to_server ? &d->st : &d->ct;
    const char *made;
    int r, error, reason, alert, heard, again;
    char byte;

    ERR_clear_error();
    put(at->to_server ? &d->c2s : &d->s2c, g);
    wire_put(at->to_server ? &d->c2s : &d->s2c, rest.data, rest.len);
    t->n = 0;
    r = at->flight == ESTABLISHED ? SSL_read(victim, &byte, 1) : SSL_do_handshake(victim);
    error = SSL_get_error(victim, r);
    reason = tls_ssl_reason();
    alert = trace_alert(t, SSL_CB_WRITE_ALERT, 0);
    heard = trace_alert(t, SSL_CB_READ_ALERT, 0);
    made = peer_made(at, at->to_server ? d->c : d->s);
    again = SSL_read(victim, &byte, 1);
    again = SSL_get_error(victim, again);
    same("%s: %d %04x %d %02x%02x: %d, error %d, reason %d, alert %x, heard %x, peer %s, again %d/%d",
         at->name, g->type, g->version, g->len, g->body && g->len ? g->body[0] & 255 : 0,
         g->body && g->len ? g->body[1] & 255 : 0, r, error, reason, alert, heard, made, again,
         SSL_get_shutdown(victim));
    ERR_clear_error();
    wire_free(&rest);
    duo_free(d);
}

#define COUNT(list) (int)(sizeof(list) / sizeof(list)[0])

int main(void)
{
    int turn = 0, step = under_valgrind() ? 23 : 1;

    w = world_make();
    for (int s = 0; s < STAGES; s++) {
#define INJECT(...)                                                                  \
    do {                                                                             \
        struct garbage g_ = { __VA_ARGS__ };                                         \
        if (turn++ % step == 0 && belongs(&stages[s], &g_))                                                      \
            inject(&stages[s], &g_);                                                 \
    } while (0)
        for (int t = 0; t < COUNT(types); t++) {
            for (int n = 0; n < COUNT(lengths); n++)
                INJECT(types[t], 0x0303, lengths[n], NULL);
            for (int v = 0; v < COUNT(versions); v++)
                INJECT(types[t], versions[v], 40, NULL);
            for (int n = 0; t < 5 && n < COUNT(too_long); n++)
                INJECT(types[t], 0x0303, too_long[n], NULL);
        }
        for (int i = 0; i < COUNT(special); i++)
            INJECT(special[i].type, special[i].version, special[i].len, special[i].body);
    }
    ok(turn > 3000, "%d records", turn);
    world_free(&w);
    return done();
}
