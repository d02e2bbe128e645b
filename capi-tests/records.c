/* Handshake records as no library sends them: split into single bytes, joined into one record,
 * empty, too long, floods of warnings in between; a ClientHello of every size up to the limit, and
 * hellos with bytes changed. RFC 8446, section 5.1. */
#include "wire.h"

static world w;

/* Drives both, and puts the handshake records in the clear on either line into records of `size`
 * bytes before the peer gets them. Returns the records counted. */
static int resplit_handshake(duo *d, size_t size)
{
    int count = 0;

    memset(&d->out, 0, sizeof d->out);
    for (int round = 0; round < 50 && (d->out.client.done == 0 || d->out.server.done == 0);
         round++) {
        tls_step(d->c, &d->out.client);
        if (d->out.server.done == 0)
            count += wire_resplit(&d->c2s, 0, size);
        tls_step(d->s, &d->out.server);
        if (d->out.client.done == 0)
            count += wire_resplit(&d->s2c, 0, size);
    }
    return count;
}

static void test_resplit(void)
{
    static const size_t sizes[] = { 1, 2, 3, 4, 5, 7, 64, 1000, 16384 };

    /* TLS 1.2's Finished follows a ChangeCipherSpec and is left alone by wire_resplit. */
    FOR_VERSIONS(version) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            for (int retry = 0; retry <= (version == TLS1_3_VERSION); retry++) {
                duo *d = duo_new(&w, version);
                int count;

                SSL_set1_groups_list(d->c, "P-256:P-384");
                if (retry)
                    SSL_set1_groups_list(d->s, "P-384");
                count = resplit_handshake(d, sizes[i]);
                ok(d->out.client.done == 1 && d->out.server.done == 1,
                   "%s%s in records of %zu bytes (%s|%s)", version_name(version),
                   retry ? " with a retry request" : "", sizes[i], d->out.client.errors,
                   d->out.server.errors);
                ok(count >= (sizes[i] < 7 ? 40 : 2), "so many (%d)", count);
                ok(tls_echo(d->c, d->s), "data both ways");
                duo_free(d);
            }
        }
    }
}

/* A part of a message does not count as pending: there is nothing to be made of it. */
static void test_part_pending(void)
{
    FOR_VERSIONS(version) {
        duo *d = duo_new(&w, version);
        int part;

        SSL_do_handshake(d->c);
        for (part = 0; part < 2; part++) {
            wire *line = part ? &d->s2c : &d->c2s;
            SSL *ssl = part ? d->c : d->s;
            wire rest = { 0 };
            size_t first;

            wire_resplit(line, 0, 40);
            first = wire_record(line, 0);
            wire_put(&rest, line->data + first, line->len - first);
            line->len = first;
            is_int(SSL_get_error(ssl, SSL_do_handshake(ssl)), SSL_ERROR_WANT_READ, "%s: %s", version_name(version),
                   part ? "a part of the ServerHello" : "a part of the ClientHello");
            is_int(SSL_has_pending(ssl), 0, "nothing is pending");
            wire_put(line, rest.data, 3);
            is_int(SSL_get_error(ssl, SSL_do_handshake(ssl)), SSL_ERROR_WANT_READ, "a part of a record");
            is_int(SSL_has_pending(ssl), 1, "it is pending");
            wire_put(line, rest.data + 3, rest.len - 3);
            wire_free(&rest);
            SSL_do_handshake(ssl);
        }
        ok(duo_handshake(d), "connects");
        is_int(SSL_has_pending(d->c) + SSL_has_pending(d->s), 0, "nothing is left");
        duo_free(d);
    }
}

/* The server's answer to a first flight: what its call came to. */
static void answer(duo *d, int error, int reason, int alert, const char *what)
{
    int r;

    ERR_clear_error();
    r = SSL_do_handshake(d->s);
    is_int(SSL_get_error(d->s, r), error, "%s: error", what);
    is_int(tls_ssl_reason(), reason, "%s: reason", what);
    is_int(trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0), alert ? ALERT_FATAL(alert) : -1,
           "%s: alert", what);
}

/* A connection whose ClientHello is on the line: in `hello` without its record header. */
static duo *greeted(int version, wire *hello)
{
    duo *d = duo_new(&w, version);
    size_t n;

    SSL_set1_groups_list(d->c, "P-256");
    SSL_do_handshake(d->c);
    n = wire_record(&d->c2s, 0);
    TLS_MUST(n > 50 && n == d->c2s.len);
    wire_put(hello, d->c2s.data + 5, n - 5);
    d->c2s.len = 0;
    return d;
}

static void test_empty_and_early(void)
{
    static const struct {
        const char *what;
        int type;
        const char *data;
        size_t n;
        int times, reason, alert;
    } rows[] = {
        { "a CCS first", REC_CCS, "\1", 1, 1, SSL_R_UNEXPECTED_MESSAGE, SSL_AD_UNEXPECTED_MESSAGE },
        { "a message of 16 MB", REC_HANDSHAKE, "\1\xff\xff\xff", 4, 1, SSL_R_EXCESSIVE_MESSAGE_SIZE,
          SSL_AD_ILLEGAL_PARAMETER },
        { "an empty ClientHello", REC_HANDSHAKE, "\1\0\0\0", 4, 1, SSL_R_LENGTH_TOO_SHORT,
          SSL_AD_DECODE_ERROR },
        { "data first", REC_DATA, "x", 1, 1, SSL_R_UNEXPECTED_MESSAGE, SSL_AD_UNEXPECTED_MESSAGE },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        wire hello = { 0 };
        duo *d = greeted(0, &hello);

        for (int n = 0; n < rows[i].times; n++)
            wire_record_put(&d->c2s, rows[i].type, rows[i].data, rows[i].n);
        wire_record_put(&d->c2s, REC_HANDSHAKE, hello.data, hello.len);
        answer(d, SSL_ERROR_SSL, rows[i].reason, rows[i].alert, rows[i].what);
        wire_free(&hello);
        duo_free(d);
    }
}

/* Empty handshake records before the ClientHello. */
static void test_empty_records(void)
{
    wire hello = { 0 };
    duo *d = greeted(TLS1_3_VERSION, &hello);

    for (int n = 0; n < 32; n++)
        wire_record_put(&d->c2s, REC_HANDSHAKE, "", 0);
    wire_record_put(&d->c2s, REC_HANDSHAKE, hello.data, hello.len);
    answer(d, SSL_ERROR_WANT_READ, 0, 0, "32 empty records");
    wire_free(&hello);
    duo_free(d);

    d = greeted(TLS1_3_VERSION, &hello);
    for (int n = 0; n < 33; n++)
        wire_record_put(&d->c2s, REC_HANDSHAKE, "", 0);
    wire_record_put(&d->c2s, REC_HANDSHAKE, hello.data, hello.len);
    answer(d, SSL_ERROR_SSL, SSL_R_RECORD_TOO_SMALL, SSL_AD_UNEXPECTED_MESSAGE, "33 of them");
    wire_free(&hello);
    duo_free(d);
}

/* Appends an extension of `n` zeros to a ClientHello without a pre-shared key. */
static void lengthen(wire *hello, int type, size_t n)
{
    unsigned char head[4] = { (unsigned char)(type >> 8), (unsigned char)type,
                              (unsigned char)(n >> 8), (unsigned char)n };
    unsigned char *zeros = calloc(1, n + 1);
    /* Header, version, random, session id, suites, compression. */
    size_t at = 4 + 2 + 32, extensions, body;

    TLS_MUST(zeros != NULL);
    at += 1 + hello->data[at];
    at += 2 + ((size_t)hello->data[at] << 8 | hello->data[at + 1]);
    at += 1 + hello->data[at];
    extensions = ((size_t)hello->data[at] << 8 | hello->data[at + 1]) + n + 4;
    TLS_MUST(extensions <= 65535);
    hello->data[at] = (unsigned char)(extensions >> 8);
    hello->data[at + 1] = (unsigned char)extensions;
    wire_put(hello, head, 4);
    wire_put(hello, zeros, n);
    body = hello->len - 4;
    hello->data[1] = (unsigned char)(body >> 16);
    hello->data[2] = (unsigned char)(body >> 8);
    hello->data[3] = (unsigned char)body;
    free(zeros);
}

/* Sends a ClientHello that an unknown extension lengthens to `size` bytes. */
static int greets(int version, size_t size, size_t record)
{
    wire hello = { 0 };
    duo *d = greeted(version, &hello);
    int taken;

    lengthen(&hello, 0x5a5a, size - hello.len - 4);
    wire_record_put(&d->c2s, REC_HANDSHAKE, hello.data, 16384 < hello.len ? 16384 : hello.len);
    for (size_t at = 16384; at < hello.len; at += 16384)
        wire_record_put(&d->c2s, REC_HANDSHAKE, hello.data + at,
                        hello.len - at < 16384 ? hello.len - at : 16384);
    if (record != 0)
        wire_resplit(&d->c2s, 0, record);
    SSL_do_handshake(d->s);
    /* A ServerHello, not an alert; what is left is to wait for the client. */
    taken = d->s2c.len > 100 && d->s2c.data[0] == REC_HANDSHAKE && d->c2s.len == 0
            && ERR_peek_error() == 0;
    if (!taken)
        diag("%zu bytes: %s", size, tls_errors());
    ERR_clear_error();
    wire_free(&hello);
    duo_free(d);
    return taken;
}

static void test_sizes(void)
{
    static const size_t edges[] = { 16375, 16379, 16380, 16383, 16384, 16385, 16388, 32767, 32768,
                                    32769, 49152, 49153, 60000, 65000, 65535 };

    FOR_VERSIONS(version) {
        int step = under_valgrind() ? 500 : 23, bad = 0, count = 0;

        for (size_t size = 300; size < 3000; size += (size_t)step, count++)
            bad += !greets(version, size, 0);
        for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++, count++)
            bad += !greets(version, edges[i], 0);
        is_int(bad, 0, "%s: ClientHellos of %d sizes up to 65535", version_name(version), count);
        ok(greets(version, 5000, 1), "%s: 5000 records of one byte", version_name(version));
    }
}

/* Every byte of a ClientHello, and of the server's first flight, changed: no crash, and no
 * handshake that ends well with both sides unaware. */
static void test_changed(void)
{
    FOR_VERSIONS(version) {
        int step = under_valgrind() ? 29 : 1, both = 0;
        size_t len;
        wire hello = { 0 };
        duo *d = greeted(version, &hello);

        len = hello.len;
        wire_free(&hello);
        duo_free(d);
        for (size_t at = 0; at < len; at += (size_t)step) {
            d = greeted(version, &hello);
            if (at < hello.len)
                hello.data[at] ^= 1 + (unsigned char)(at * 37 % 255);
            wire_record_put(&d->c2s, REC_HANDSHAKE, hello.data, hello.len);
            both += duo_handshake(d);
            wire_free(&hello);
            duo_free(d);
        }
        is_int(both, 0, "%s: a changed ClientHello never passes (%zu bytes)",
               version_name(version), len);
        both = 0;
        for (size_t at = 5; at < 400; at += (size_t)step) {
            d = greeted(version, &hello);
            wire_record_put(&d->c2s, REC_HANDSHAKE, hello.data, hello.len);
            SSL_do_handshake(d->s);
            if (at < d->s2c.len)
                d->s2c.data[at] ^= 1 + (unsigned char)(at * 41 % 255);
            both += duo_handshake(d);
            wire_free(&hello);
            duo_free(d);
        }
        /* rustls does not look at the record version of TLS 1.3's ChangeCipherSpec, which is to be
         * ignored (RFC 8446, section 5.1). */
        ok(both <= (on_ferrossl() && version == TLS1_3_VERSION),
           "%s: nor does a changed flight of the server's (%d)", version_name(version), both);
    }
    ERR_clear_error();
}

/* Bytes that mean nothing, to both sides. */
static void test_garbage(void)
{
    unsigned seed = 5;
    int passed = 0, turns = under_valgrind() ? 50 : 2000;

    for (int turn = 0; turn < turns; turn++) {
        duo *d = duo_new(&w, 0);
        unsigned char garbage[300];
        size_t n = 1 + (size_t)turn % sizeof garbage;

        for (size_t i = 0; i < n; i++) {
            seed = seed * 1103515245 + 12345;
            garbage[i] = (unsigned char)(seed >> 16);
        }
        SSL_do_handshake(d->c);
        d->c2s.len = 0;
        if (turn & 1)
            wire_record_put(&d->c2s, REC_HANDSHAKE, garbage, n);
        else
            wire_put(&d->c2s, garbage, n);
        if (turn & 2)
            wire_record_put(&d->s2c, REC_HANDSHAKE, garbage, n);
        else
            wire_put(&d->s2c, garbage, n);
        passed += SSL_do_handshake(d->s) == 1;
        passed += SSL_do_handshake(d->c) == 1;
        ERR_clear_error();
        duo_free(d);
    }
    is_int(passed, 0, "%d times garbage", turns);
}

/* Warnings before the ServerHello: a client takes four. */
/* The version in a record's header: of the second part of a hello, of the last record of a flight, and
 * of the first of the client's second one. */
enum { HELLO_PART, ANSWER_PART, ANSWER_END, REPLY, REPLY_END, PLACES };

static void change_version(int version, int place, int told)
{
    static const char *names[] = { "the ClientHello's second part", "the ServerHello's second part",
                                   "the server's last record", "the client's next record",
                                   "the client's last record" };
    duo *d = duo_new(&w, version);
    int to_server = place == HELLO_PART || place >= REPLY, r;
    wire *line = to_server ? &d->c2s : &d->s2c;
    SSL *ssl = to_server ? d->s : d->c;
    size_t at = 0, n;

    SSL_do_handshake(d->c);
    if (place != HELLO_PART)
        SSL_do_handshake(d->s);
    if (place >= REPLY)
        SSL_do_handshake(d->c);
    if (place <= ANSWER_PART || (place == ANSWER_END && version == TLS1_2_VERSION))
        wire_resplit(line, 0, 40);
    if (place == ANSWER_END || place == REPLY_END)
        while ((n = wire_record(line, at)) != 0 && wire_record(line, at + n) != 0)
            at += n;
    else if (place != REPLY)
        at = wire_record(line, 0);
    line->data[at + 1] = (unsigned char)(told >> 8);
    line->data[at + 2] = (unsigned char)told;
    ERR_clear_error();
    r = SSL_do_handshake(ssl);
    same("%s, %x in %s: error %d reason %d alert %x", version_name(version), told, names[place],
         SSL_get_error(ssl, r), tls_ssl_reason(),
         trace_alert(to_server ? &d->st : &d->ct, SSL_CB_WRITE_ALERT, 0));
    duo_free(d);
}

static void test_versions(void)
{
    static const int told[] = { 0x300, 0x301, 0x302, 0x303, 0x304, 0x3ff, 0x403 };

    FOR_VERSIONS(version)
        for (int place = 0; place < PLACES; place++)
            for (size_t i = 0; i < sizeof told / sizeof *told; i++)
                change_version(version, place, told[i]);
}

static void test_warnings_to_client(void)
{
    for (int times = 4; times <= 5; times++) {
        duo *d = duo_new(&w, TLS1_2_VERSION);
        wire tail = { 0 };
        int r;

        SSL_do_handshake(d->c);
        SSL_do_handshake(d->s);
        wire_put(&tail, d->s2c.data, d->s2c.len);
        d->s2c.len = 0;
        for (int i = 0; i < times; i++)
            wire_record_put(&d->s2c, REC_ALERT, "\1\x70", 2);
        wire_put(&d->s2c, tail.data, tail.len);
        ERR_clear_error();
        r = SSL_do_handshake(d->c);
        is_int(SSL_get_error(d->c, r), times == 4 ? SSL_ERROR_WANT_READ : SSL_ERROR_SSL,
               "%d warnings before the ServerHello", times);
        is_int(tls_ssl_reason(), times == 4 ? 0 : SSL_R_TOO_MANY_WARN_ALERTS, "reason");
        wire_free(&tail);
        duo_free(d);
    }
}

int main(void)
{
    w = world_make();
    test_resplit();
    test_part_pending();
    test_empty_and_early();
    test_empty_records();
    test_sizes();
    test_changed();
    test_garbage();
    test_warnings_to_client();
    test_versions();
    world_free(&w);
    return done();
}
