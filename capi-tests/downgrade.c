/* A server of TLS 1.3 that settles for less says so at the end of its random (RFC 8446, section
 * 4.1.3), and a client that would have had more ends the handshake. SSL_CTX_set_mode(3):
 * SSL_MODE_SEND_FALLBACK_SCSV. */
#include "pipe.h"

enum { LAST = 5 + 4 + 2 + 24 }; /* of a ServerHello's record: the end of its random */

static const struct {
    const char *what, *end;
} signals[] = { { "no signal", NULL }, { "from TLS 1.2", "DOWNGRD\1" }, { "from TLS 1.1", "DOWNGRD\0" },
                { "another", "DOWNGRD\2" } };

enum { BOTH, MAX_TLS12, NO_TLS13, FIXED, CLIENTS };
static const char *clients[] = { "both versions", "at most TLS 1.2", "SSL_OP_NO_TLSv1_3", "TLSv1_2_method" };

static void signalled(const world *w, int client, int fallback, size_t i)
{
    SSL_CTX *fixed = SSL_CTX_new(TLSv1_2_client_method());
    duo *d = duo_of(SSL_new(client == FIXED ? fixed : w->cctx), SSL_new(w->sctx));
    int r;

    SSL_set_max_proto_version(d->s, TLS1_2_VERSION);
    if (client == MAX_TLS12)
        SSL_set_max_proto_version(d->c, TLS1_2_VERSION);
    if (client == NO_TLS13)
        SSL_set_options(d->c, SSL_OP_NO_TLSv1_3);
    if (fallback)
        SSL_set_mode(d->c, SSL_MODE_SEND_FALLBACK_SCSV);
    SSL_do_handshake(d->c);
    SSL_do_handshake(d->s);
    TLS_MUST(d->s2c.len > LAST + 8 && d->s2c.data[5] == 2);
    if (signals[i].end != NULL)
        memcpy(d->s2c.data + LAST, signals[i].end, 8);
    ERR_clear_error();
    r = SSL_do_handshake(d->c);
    same("%s%s, %s: error %d reason %d alert %x", clients[client], fallback ? " with the SCSV" : "", signals[i].what,
         SSL_get_error(d->c, r), tls_ssl_reason(), trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0));
    duo_free(d);
    SSL_CTX_free(fixed);
}

/* The signal is really there. */
static void sent(const world *w, int version)
{
    duo *d = duo_new(w, 0);
    unsigned char random[32];

    SSL_set_max_proto_version(d->c, version);
    ok(duo_handshake(d), "%s connects", version_name(version));
    SSL_get_server_random(d->c, random, sizeof random);
    is_int(memcmp(random + 24, "DOWNGRD\1", 8) == 0, version == TLS1_2_VERSION, "%s: the signal", version_name(version));
    duo_free(d);
}

int main(void)
{
    world w = world_make();
    int client, fallback;
    size_t i;

    FOR_VERSIONS(version)
        sent(&w, version);
    for (client = 0; client < CLIENTS; client++)
        for (fallback = 0; fallback < 2; fallback++)
            for (i = 0; i < sizeof signals / sizeof *signals; i++)
                signalled(&w, client, fallback, i);
    world_free(&w);
    return done();
}
