/* Padding of TLS 1.3 records, seen by opening them: in blocks and by callback, for data, alerts
 * and messages; its limits. SSL_CTX_set_block_padding(3), SSL_CTX_set_record_padding_callback(3),
 * SSL_CTX_set_max_send_fragment(3). */
#include "wire.h"

static world w;
static char big[40000];

/* What the callback saw, and what it is to say. */
static struct {
    int calls, kind, handshakes;
    size_t len, answer;
    void *arg;
    SSL *ssl;
} asked;

static size_t pad(SSL *ssl, int kind, size_t len, void *arg)
{
    asked.calls++;
    asked.handshakes += kind == REC_HANDSHAKE;
    asked.kind = kind;
    asked.len = len;
    asked.arg = arg;
    asked.ssl = ssl;
    return asked.answer;
}

/* Takes the next record of what the client sent: its content's length and zeros. */
static int taken(duo *d, sealer *k, int *type, int *zeros)
{
    static unsigned char record[WIRE_RECORD], content[WIRE_RECORD];
    size_t len = wire_record(&d->c2s, 0);

    *type = *zeros = -1;
    if (len == 0)
        return -1;
    wire_take(&d->c2s, record, len);
    return unseal(k, record, len, content, type, zeros);
}

static void check_record(duo *d, sealer *k, int kind, int n, int zeros, const char *what)
{
    int type, got;

    is_int(taken(d, k, &type, &got), n, "%s: content", what);
    is_int(type, kind, "%s: type", what);
    is_int(got, zeros, "%s: zeros", what);
}

static duo *connected(int version, sealer *k)
{
    duo *d = duo_new(&w, version);

    SSL_set_num_tickets(d->s, 0);
    ok(duo_handshake(d), "%s: connects", version_name(version));
    *k = sealer_make(d->c, version);
    return d;
}

static void test_blocks(void)
{
    static const struct {
        size_t block;
        int n, zeros;
    } rows[] = {
        { 512, 1, 510 }, { 512, 511, 0 }, { 512, 512, 511 }, { 100, 10, 89 }, { 1, 5, 0 },
        { 0, 5, 0 }, { 7, 6, 0 }, { 16384, 3, 16380 }, { 16384, 16383, 0 }, { 4096, 16383, 0 },
        { 4096, 16384, 0 }, { 10000, 12000, 4383 },
    };
    sealer k;
    duo *d = connected(TLS1_3_VERSION, &k);
    char what[64];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        is_int(SSL_set_block_padding(d->c, rows[i].block), 1, "blocks of %zu", rows[i].block);
        is_int(SSL_write(d->c, big, rows[i].n), rows[i].n, "written");
        snprintf(what, sizeof what, "%d bytes in blocks of %zu", rows[i].n, rows[i].block);
        check_record(d, &k, REC_DATA, rows[i].n, rows[i].zeros, what);
        is_int(d->c2s.len, 0, "one record");
    }
    is_int(SSL_set_block_padding(d->c, 16385), 0, "a block larger than a record");
    /* The limit is that of a record: the second of these has less room. */
    SSL_set_block_padding(d->c, 4096);
    is_int(SSL_set_max_send_fragment(d->c, 1000), 1, "smaller records");
    is_int(SSL_write(d->c, big, 1500), 1500, "written");
    check_record(d, &k, REC_DATA, 1000, 0, "a full one");
    check_record(d, &k, REC_DATA, 500, 499, "one with room");
    is_int(SSL_key_update(d->c, SSL_KEY_UPDATE_REQUESTED), 1, "a KeyUpdate");
    SSL_do_handshake(d->c);
    check_record(d, &k, REC_HANDSHAKE, 5, 994, "KeyUpdate");
    sealer_update(&k, 0);
    is_int(SSL_shutdown(d->c), 0, "the end");
    check_record(d, &k, REC_ALERT, 2, 997, "close_notify");
    sealer_free(&k);
    duo_free(d);
}

static void test_callback(void)
{
    static char arg[] = "arg";
    sealer k;
    duo *d;

    memset(&asked, 0, sizeof asked);
    SSL_CTX_set_record_padding_callback(w.cctx, pad);
    SSL_CTX_set_record_padding_callback_arg(w.cctx, arg);
    asked.answer = 16;
    d = connected(TLS1_3_VERSION, &k);
    is_int(asked.handshakes, 1, "asked about the client's Finished");
    asked.calls = 0;
    SSL_set_block_padding(d->c, 64);
    is_int(SSL_write(d->c, "abc", 3), 3, "written");
    check_record(d, &k, REC_DATA, 3, 16, "callback before block");
    is_int(asked.calls, 1, "asked once");
    is_int(asked.kind, SSL3_RT_APPLICATION_DATA, "the content's type");
    is_int(asked.len, 4, "content and type");
    is_ptr(asked.arg, arg, "the argument");
    is_ptr(asked.ssl, d->c, "the connection");
    asked.answer = 100000;
    is_int(SSL_write(d->c, "abc", 3), 3, "written");
    check_record(d, &k, REC_DATA, 3, 16380, "too much asked for");
    asked.calls = 0;
    is_int(SSL_write(d->c, big, 16384), 16384, "written");
    check_record(d, &k, REC_DATA, 16384, 0, "a full record");
    is_int(asked.calls, 0, "is not asked about");
    asked.answer = 0;
    is_int(SSL_write(d->c, "abc", 3), 3, "written");
    check_record(d, &k, REC_DATA, 3, 0, "none asked for");
    is_int(SSL_set_record_padding_callback(d->c, NULL), 1, "taken away");
    is_int(SSL_write(d->c, "abc", 3), 3, "written");
    check_record(d, &k, REC_DATA, 3, 60, "then in blocks");
    sealer_free(&k);
    duo_free(d);

    asked.answer = 500;
    d = duo_new(&w, TLS1_3_VERSION);
    ok(duo_handshake(d), "connects");
    ok(tls_transfer(d->c, d->s, big, sizeof big), "40000 bytes arrive padded");
    ok(tls_echo(d->c, d->s), "data both ways");
    SSL_set_block_padding(d->s, 1024);
    ok(tls_transfer(d->s, d->c, big, sizeof big), "and the other way");
    duo_free(d);

    asked.calls = 0;
    d = connected(TLS1_2_VERSION, &k);
    is_int(SSL_write(d->c, "abc", 3), 3, "written");
    check_record(d, &k, REC_DATA, 3, 0, "TLS 1.2 has no padding");
    is_int(asked.calls, 0, "and does not ask");
    sealer_free(&k);
    duo_free(d);
    SSL_CTX_set_record_padding_callback(w.cctx, NULL);
}

/* How data is cut into records. */
static void test_fragments(void)
{
    FOR_VERSIONS(version) {
        sealer k;
        duo *d = connected(version, &k);

        is_int(SSL_write(d->c, big, 40000), 40000, "written");
        check_record(d, &k, REC_DATA, 16384, 0, "first");
        check_record(d, &k, REC_DATA, 16384, 0, "second");
        check_record(d, &k, REC_DATA, 7232, 0, "last");
        is_int(SSL_set_max_send_fragment(d->c, 511), 0, "too small");
        is_int(SSL_set_max_send_fragment(d->c, 16385), 0, "too large");
        is_int(SSL_set_max_send_fragment(d->c, 512), 1, "the least");
        is_int(SSL_write(d->c, big, 1100), 1100, "written");
        check_record(d, &k, REC_DATA, 512, 0, "first");
        check_record(d, &k, REC_DATA, 512, 0, "second");
        check_record(d, &k, REC_DATA, 76, 0, "last");
        is_int(SSL_set_max_pipelines(d->c, 0), 0, "no pipelines");
        is_int(SSL_set_max_pipelines(d->c, 33), 0, "too many");
        is_int(SSL_set_max_pipelines(d->c, 4), 1, "four");
        is_int(SSL_set_split_send_fragment(d->c, 513), 0, "a split larger than the fragment");
        is_int(SSL_set_split_send_fragment(d->c, 300), 1, "a smaller one");
        is_int(SSL_write(d->c, big, 700), 700, "written");
        check_record(d, &k, REC_DATA, 300, 0, "first of the smaller");
        check_record(d, &k, REC_DATA, 300, 0, "second");
        check_record(d, &k, REC_DATA, 100, 0, "last");
        sealer_free(&k);
        duo_free(d);
    }
}

int main(void)
{
    w = world_make();
    wire_suites(w.cctx);
    wire_suites(w.sctx);
    SSL_CTX_set_keylog_callback(w.cctx, wire_keylog);
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)(i * 7 + 1);
    test_blocks();
    test_callback();
    test_fragments();
    world_free(&w);
    return done();
}
