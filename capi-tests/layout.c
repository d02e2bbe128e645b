/* How handshake messages lie in records: each in the clear in a record of its own, or in several
 * if it is too long. There are peers that take a record for a message. RFC 5246, section 6.2.1;
 * SSL_CTX_set_max_send_fragment(3). */
#include "wire.h"

static world w;

/* The records of one line as text: each with its type, in the clear with the type of the message
 * that begins in it, "..." for a message that goes on, and "+" for each further that begins. */
static void describe(const wire *line, int version, char *to, size_t room)
{
    size_t left = 0, used = 0, n;
    int clear = 1;

    *to = 0;
    for (size_t at = 0; clear && used < room && (n = wire_record(line, at)) != 0; at += n) {
        const unsigned char *body = line->data + at + 5;
        size_t len = n - 5, i = 0;

        if (line->data[at] != REC_HANDSHAKE) {
            clear = version == TLS1_3_VERSION && line->data[at] == REC_CCS;
            used += (size_t)snprintf(to + used, room - used, " type %d", line->data[at]);
            continue;
        }
        used += (size_t)snprintf(to + used, room - used, left > 0 ? " ..." : "");
        for (int more = 0; i < len; more = 1) {
            if (left == 0) {
                used += (size_t)snprintf(to + used, room - used, more ? "+%d" : " %d", body[i]);
                left = 4 + ((size_t)body[i + 1] << 16 | body[i + 2] << 8 | body[i + 3]);
            }
            size_t take = left < len - i ? left : len - i;
            left -= take;
            i += take;
        }
    }
}

/* What each side sends in one handshake, without taking it from the lines. */
static void shake(duo *d, const char *name)
{
    char sent[2][1000];
    wire all[2] = { { 0 }, { 0 } };

    memset(&d->out, 0, sizeof d->out);
    for (int round = 0; round < 10; round++) {
        tls_step(d->c, &d->out.client);
        wire_put(&all[0], d->c2s.data, d->c2s.len);
        tls_step(d->s, &d->out.server);
        wire_put(&all[1], d->s2c.data, d->s2c.len);
    }
    ok(d->out.client.done == 1 && d->out.server.done == 1, "%s (%s|%s)", name,
       d->out.client.errors, d->out.server.errors);
    for (int side = 0; side < 2; side++) {
        describe(&all[side], SSL_version(d->s), sent[side], sizeof sent[side]);
        same("%s, %s:%s", name, side ? "server" : "client", sent[side]);
        wire_free(&all[side]);
    }
}

static int accept_any(int good, X509_STORE_CTX *store_ctx)
{
    (void)good, (void)store_ctx;
    return 1;
}

static void test_full(int version, int mutual, int fragment)
{
    duo *d = duo_new(&w, version);
    char name[100];

    /* A ticket is longer, or not, than OpenSSL's. */
    SSL_set_options(d->s, SSL_OP_NO_TICKET);
    if (mutual) {
        SSL_set_verify(d->s, SSL_VERIFY_PEER, accept_any);
        TLS_MUST(SSL_add1_chain_cert(d->s, w.ca.cert) == 1);
        TLS_MUST(SSL_use_certificate(d->c, w.leaf.cert) == 1
                 && SSL_use_PrivateKey(d->c, w.leaf.key) == 1);
    }
    if (fragment > 0)
        TLS_MUST(SSL_set_max_send_fragment(d->s, fragment) == 1
                 && SSL_set_max_send_fragment(d->c, fragment) == 1);
    snprintf(name, sizeof name, "%s%s, fragments of %d", version_name(version),
             mutual ? ", mutual" : "", fragment);
    shake(d, name);
    duo_free(d);
}

static void test_stapled(void)
{
    duo *d = duo_new(&w, TLS1_2_VERSION);

    SSL_set_tlsext_host_name(d->c, "localhost");
    SSL_set_tlsext_status_type(d->c, TLSEXT_STATUSTYPE_ocsp);
    shake(d, "TLS 1.2, asking for a status");
    duo_free(d);
}

static void test_resumed(int tickets)
{
    duo *d = duo_new(&w, TLS1_2_VERSION);
    SSL_SESSION *session;

    if (!tickets)
        SSL_set_options(d->s, SSL_OP_NO_TICKET);
    TLS_MUST(duo_handshake(d));
    session = duo_part(d);
    d = duo_new(&w, TLS1_2_VERSION);
    if (!tickets)
        SSL_set_options(d->s, SSL_OP_NO_TICKET);
    TLS_MUST(SSL_set_session(d->c, session) == 1);
    shake(d, tickets ? "TLS 1.2, resumed by ticket" : "TLS 1.2, resumed by id");
    is_int(SSL_session_reused(d->c), 1, "it is resumed");
    duo_free(d);
    SSL_SESSION_free(session);
}

static void test_retried(void)
{
    duo *d = duo_new(&w, TLS1_3_VERSION);

    SSL_set1_groups_list(d->c, "P-256:P-384");
    SSL_set1_groups_list(d->s, "P-384");
    shake(d, "TLS 1.3, with a retry request");
    duo_free(d);
}

int main(void)
{
    w = world_make();
    /* A ClientHello that is as long with both libraries. */
    SSL_CTX_set1_groups_list(w.cctx, "P-256");
    SSL_CTX_set1_groups_list(w.sctx, "P-256:P-384");
    for (int mutual = 0; mutual < 2; mutual++) {
        test_full(TLS1_2_VERSION, mutual, 0);
        test_full(TLS1_2_VERSION, mutual, 512);
        test_full(TLS1_3_VERSION, mutual, 0);
    }
    test_stapled();
    test_resumed(1);
    test_resumed(0);
    test_retried();
    world_free(&w);
    return done();
}
