/* Hellos with one thing changed: each extension taken out, doubled, emptied, cut short, made longer,
 * and each field of the message. What the peer makes of it: its error and alert. */
#include "wire.h"

#include <openssl/core_names.h>

static world w;

/* A hello's parts. */
enum { VERSION, RANDOM, SESSION_ID, SUITES, COMPRESSION, FIELDS };

typedef struct {
    int client;
    wire field[FIELDS];
    int count;
    int kind[16];
    wire body[16];
} hello;

static unsigned number(const unsigned char *p, int bytes)
{
    return bytes == 1 ? *p : (unsigned)p[0] << 8 | p[1];
}

static const unsigned char *vector(const unsigned char *p, int bytes, wire *to)
{
    unsigned n = number(p, bytes);

    wire_put(to, p + bytes, n);
    return p + bytes + n;
}

static void parse(const unsigned char *p, size_t len, hello *h)
{
    const unsigned char *end = p + len;

    memset(h, 0, sizeof *h);
    h->client = p[0] == 1;
    p += 4;
    wire_put(&h->field[VERSION], p, 2);
    wire_put(&h->field[RANDOM], p + 2, 32);
    p = vector(p + 34, 1, &h->field[SESSION_ID]);
    if (h->client) {
        p = vector(p, 2, &h->field[SUITES]);
        p = vector(p, 1, &h->field[COMPRESSION]);
    } else {
        wire_put(&h->field[SUITES], p, 2);
        wire_put(&h->field[COMPRESSION], p + 2, 1);
        p += 3;
    }
    for (p += 2; p < end; h->count++) {
        h->kind[h->count] = (int)number(p, 2);
        p = vector(p + 2, 2, &h->body[h->count]);
    }
}

static void put_vector(wire *to, int bytes, const wire *body)
{
    unsigned char n[2] = { (unsigned char)(body->len >> 8), (unsigned char)body->len };

    wire_put(to, n + 2 - bytes, (size_t)bytes);
    wire_put(to, body->data, body->len);
}

/* The message in records of its own, with `extra` bytes at its end. */
static void put(const hello *h, wire *line, size_t extra)
{
    wire m = { 0 }, exts = { 0 };
    unsigned char head[4] = { h->client ? 1 : 2 };

    wire_put(&m, head, 4);
    wire_put(&m, h->field[VERSION].data, 2);
    wire_put(&m, h->field[RANDOM].data, 32);
    put_vector(&m, 1, &h->field[SESSION_ID]);
    if (h->client) {
        put_vector(&m, 2, &h->field[SUITES]);
        put_vector(&m, 1, &h->field[COMPRESSION]);
    } else {
        wire_put(&m, h->field[SUITES].data, h->field[SUITES].len);
        wire_put(&m, h->field[COMPRESSION].data, h->field[COMPRESSION].len);
    }
    for (int i = 0; i < h->count; i++) {
        unsigned char kind[2] = { (unsigned char)(h->kind[i] >> 8), (unsigned char)h->kind[i] };

        if (h->kind[i] < 0)
            continue;
        wire_put(&exts, kind, 2);
        put_vector(&exts, 2, &h->body[i]);
    }
    if (h->count > 0)
        put_vector(&m, 2, &exts);
    wire_put(&m, "xxxxxxxx", extra);
    m.data[2] = (unsigned char)((m.len - 4) >> 8);
    m.data[3] = (unsigned char)(m.len - 4);
    wire_record_put(line, REC_HANDSHAKE, m.data, m.len);
    wire_free(&m);
    wire_free(&exts);
}

static void drop(hello *h)
{
    for (int i = 0; i < FIELDS; i++)
        wire_free(&h->field[i]);
    for (int i = 0; i < h->count; i++)
        wire_free(&h->body[i]);
}

static void add(hello *h, int kind, const void *body, size_t n)
{
    h->kind[h->count] = kind;
    wire_put(&h->body[h->count++], body, n);
}

#define ADD(h, kind, text) add(h, kind, text, sizeof(text) - 1)

/* The same hello on both libraries: P-256, AES-128-GCM. */
static void make(int version, hello *h)
{
    EVP_PKEY *key = tls_key("P-256");
    unsigned char share[6 + 65] = { 0, 69, 0, 23, 0, 65 };
    size_t n;

    memset(h, 0, sizeof *h);
    h->client = 1;
    wire_put(&h->field[VERSION], "\3\3", 2);
    wire_put(&h->field[RANDOM], "01234567890123456789012345678901", 32);
    if (version == TLS1_3_VERSION)
        wire_put(&h->field[SUITES], "\x13\1\x13\2\0\xff", 6);
    else
        wire_put(&h->field[SUITES], "\xc0\x2b\xc0\x2c\0\xff", 6);
    wire_put(&h->field[COMPRESSION], "", 1);
    ADD(h, 0, "\0\xc\0\0\x9localhost");
    ADD(h, 11, "\1\0");
    ADD(h, 10, "\0\2\0\x17");
    ADD(h, 35, "");
    ADD(h, 16, "\0\2\1a");
    ADD(h, 23, "");
    ADD(h, 13, "\0\4\4\3\5\3");
    if (version == TLS1_3_VERSION) {
        ADD(h, 43, "\2\3\4");
        ADD(h, 45, "\1\1");
        TLS_MUST(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, share + 6, 65, &n));
        add(h, 51, share, sizeof share);
    }
    EVP_PKEY_free(key);
}

/* A connection whose hello of the client (server) is on the line, and parsed. */
static duo *waiting(int version, int of_client, hello *h, wire *rest)
{
    duo *d = duo_new(&w, version);
    wire *line = of_client ? &d->c2s : &d->s2c;
    size_t n, len;

    SSL_set1_groups_list(d->c, "P-256:P-384");
    SSL_set_tlsext_host_name(d->c, "localhost");
    SSL_set_alpn_protos(d->c, (const unsigned char *)"\1a", 2);
    if (of_client) {
        make(version, h);
        return d;
    }
    SSL_do_handshake(d->c);
    SSL_do_handshake(d->s);
    n = wire_record(line, 0);
    len = 4 + number(line->data + 5 + 2, 2);
    TLS_MUST(n >= 5 + len);
    parse(line->data + 5, len, h);
    if (n > 5 + len)
        wire_record_put(rest, REC_HANDSHAKE, line->data + 5 + len, n - 5 - len);
    wire_put(rest, line->data + n, line->len - n);
    line->len = 0;
    return d;
}

/* What rustls takes otherwise: it reads each extension to its end, whether the version has a use for
 * it or not, judges a TLS 1.3 hello without signature_algorithms in its own way, and looks at a
 * TLS 1.3 server's legacy_version, which OpenSSL only finds changed in the transcript. */
static const struct {
    int of_client, version;
    const char *what;
} apart[] = {
    { 1, TLS1_3_VERSION, "empty 11" },
    { 1, TLS1_3_VERSION, "a byte less of 11" },
    { 1, TLS1_3_VERSION, "a byte more of 11" },
    { 1, TLS1_3_VERSION, "a byte more of 23" },
    { 0, TLS1_2_VERSION, "a byte more of 23" },
    { 1, TLS1_3_VERSION, "without 10" },
    { 1, TLS1_3_VERSION, "without 13" },
    { 1, TLS1_3_VERSION, "no extensions" },
    { 1, TLS1_3_VERSION, "empty 43" },
    { 1, TLS1_3_VERSION, "a byte less of 43" },
    { 1, TLS1_3_VERSION, "a byte more of 43" },
    { 0, TLS1_2_VERSION, "a session id of 33" },
    { 0, TLS1_3_VERSION, "a session id of 33" },
    { 0, TLS1_3_VERSION, "version 0200" },
    { 0, TLS1_3_VERSION, "version 0301" },
    { 0, TLS1_3_VERSION, "version 0302" },
    { 0, TLS1_3_VERSION, "version 0305" },
    { 0, TLS1_3_VERSION, "version 0400" },
    { 0, TLS1_3_VERSION, "version fefd" },
};

static int differs_by_design(int of_client, int version, const char *what)
{
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        if (apart[i].of_client == of_client && apart[i].version == version && strcmp(apart[i].what, what) == 0)
            return 1;
    return 0;
}

static void tell(duo *d, int of_client, int version, const hello *h, size_t extra, const wire *rest, const char *what)
{
    SSL *ssl = of_client ? d->s : d->c;
    wire *line = of_client ? &d->c2s : &d->s2c;
    const char *whose = of_client ? "client" : "server";
    int r, alert;

    put(h, line, extra);
    wire_put(line, rest->data, rest->len);
    ERR_clear_error();
    r = SSL_do_handshake(ssl);
    alert = trace_alert(of_client ? &d->st : &d->ct, SSL_CB_WRITE_ALERT, 0);
    if (differs_by_design(of_client, version, what))
        ok(r == 1 || SSL_get_error(ssl, r) == SSL_ERROR_WANT_READ || alert > 0,
           "%s's hello, %s, %s: goes on, or an alert is sent", whose, version_name(version), what);
    else
        same("%s's hello, %s, %s: error %d alert %x", whose, version_name(version), what, SSL_get_error(ssl, r),
             alert);
    if (of_client && (strncmp(what, "version", 7) == 0 || strstr(what, "deflate") != NULL))
        same("reason %d", tls_ssl_reason());
    is_int(tls_ssl_reason() != 0, SSL_get_error(ssl, r) == SSL_ERROR_SSL, "a reason is given for a failure");
}

enum { WITHOUT, TWICE, EMPTY, SHORT, LONG, LAST, WAYS };

static int found(const hello *h, int kind)
{
    int i;

    for (i = 0; i < h->count && h->kind[i] != kind; i++)
        ;
    return i;
}

static void change_extension(int version, int of_client, int kind, int way)
{
    static const char *ways[] = { "without", "twice", "empty", "a byte less of", "a byte more of", "last" };
    hello h;
    wire rest = { 0 };
    duo *d = waiting(version, of_client, &h, &rest);
    int i = found(&h, kind);
    char what[80];

    snprintf(what, sizeof what, "%s %d", ways[way], kind);
    if (i < h.count) {
        switch (way) {
        case WITHOUT:
            h.kind[i] = -1;
            break;
        case TWICE:
            add(&h, kind, h.body[i].data, h.body[i].len);
            break;
        case EMPTY:
            h.body[i].len = 0;
            break;
        case SHORT:
            h.body[i].len -= h.body[i].len > 0;
            break;
        case LONG:
            wire_put(&h.body[i], "x", 1);
            break;
        default:
            add(&h, kind, h.body[i].data, h.body[i].len);
            h.kind[i] = -1;
        }
        tell(d, of_client, version, &h, 0, &rest, what);
    }
    drop(&h);
    wire_free(&rest);
    duo_free(d);
}

static void change_extensions(int version, int of_client)
{
    static const int kinds[] = { 0, 10, 11, 13, 16, 23, 35, 43, 45, 51, 65281 };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        /* Of a server's the two libraries send not quite the same, nor in the same order. */
        if (of_client || kinds[i] >= 23)
            for (int way = 0; way < (of_client ? WAYS : LAST); way++)
                change_extension(version, of_client, kinds[i], way);
}

static const struct {
    const char *what;
    int field;
    const char *value;
    size_t n;
} changes[] = {
    { "version 0200", VERSION, "\2\0", 2 },
    { "version 0300", VERSION, "\3\0", 2 },
    { "version 0301", VERSION, "\3\1", 2 },
    { "version 0302", VERSION, "\3\2", 2 },
    { "version 0304", VERSION, "\3\4", 2 },
    { "version 0305", VERSION, "\3\5", 2 },
    { "version 0400", VERSION, "\4\0", 2 },
    { "version fefd", VERSION, "\xfe\xfd", 2 },
    { "no session id", SESSION_ID, "", 0 },
    { "a session id of a byte", SESSION_ID, "x", 1 },
    { "a session id of 33", SESSION_ID, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 33 },
    { "no suites", SUITES, "", 0 },
    { "half a suite", SUITES, "\x13", 1 },
    { "a suite and a half", SUITES, "\x13\1\x13", 3 },
    { "an unknown suite", SUITES, "\x5a\x5a", 2 },
    { "the wrong version's suite", SUITES, "\xc0\x2c", 2 },
    { "a TLS 1.3 suite", SUITES, "\x13\2", 2 },
    { "a CBC suite", SUITES, "\x00\x2f", 2 },
    { "an SCSV alone", SUITES, "\x00\xff", 2 },
    { "no compression", COMPRESSION, "", 0 },
    { "deflate", COMPRESSION, "\1", 1 },
    { "deflate and none", COMPRESSION, "\1\0", 2 },
    { "none and deflate", COMPRESSION, "\0\1", 2 },
};

static void change_fields(int version, int of_client)
{
    hello h;
    wire rest = { 0 };
    duo *d;

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        wire *field;

        if (!of_client && changes[i].field >= SUITES && changes[i].n != (changes[i].field == SUITES ? 2 : 1))
            continue;
        d = waiting(version, of_client, &h, &rest);
        field = &h.field[changes[i].field];
        field->len = 0;
        wire_put(field, changes[i].value, changes[i].n);
        tell(d, of_client, version, &h, 0, &rest, changes[i].what);
        drop(&h);
        wire_free(&rest);
        duo_free(d);
    }
    d = waiting(version, of_client, &h, &rest);
    tell(d, of_client, version, &h, 1, &rest, "a byte more");
    duo_free(d);
    drop(&h);
    wire_free(&rest);
    d = waiting(version, of_client, &h, &rest);
    h.count = 0;
    tell(d, of_client, version, &h, 0, &rest, "no extensions");
    duo_free(d);
    drop(&h);
    wire_free(&rest);
}

/* What older clients send: TLS 1.1 and before have no signature_algorithms, and need no extensions. */
static void old_hellos(void)
{
    static const struct {
        const char *what, *version;
        int extensions;
    } old[] = {
        { "version 0300 and no signature algorithms", "\3\0", 1 },
        { "version 0301 and no signature algorithms", "\3\1", 1 },
        { "version 0302 and no signature algorithms", "\3\2", 1 },
        { "version 0303 and no signature algorithms", "\3\3", 1 },
        { "version 0300 and no extensions", "\3\0", 0 },
        { "version 0301 and no extensions", "\3\1", 0 },
        { "version 0302 and no extensions", "\3\2", 0 },
        { "version 0303 and no extensions", "\3\3", 0 },
    };

    for (int server = TLS1_2_VERSION; server <= TLS1_3_VERSION; server++)
        for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
            wire rest = { 0 };
            hello h;
            duo *d = waiting(TLS1_2_VERSION, 1, &h, &rest);
            int kept = 0;

            TLS_MUST(SSL_set_min_proto_version(d->s, server) && SSL_set_max_proto_version(d->s, 0));
            h.field[VERSION].len = 0;
            wire_put(&h.field[VERSION], old[i].version, 2);
            for (int n = 0; n < h.count; n++) {
                if (!old[i].extensions || h.kind[n] == 13) {
                    wire_free(&h.body[n]);
                    continue;
                }
                h.kind[kept] = h.kind[n];
                h.body[kept++] = h.body[n];
            }
            h.count = kept;
            same("server from %x", server);
            tell(d, 1, TLS1_2_VERSION, &h, 0, &rest, old[i].what);
            drop(&h);
            wire_free(&rest);
            duo_free(d);
        }
}

int main(void)
{
    w = world_make();
    old_hellos();
    FOR_VERSIONS(version)
        for (int of_client = 1; of_client >= 0; of_client--) {
            change_fields(version, of_client);
            change_extensions(version, of_client);
        }
    world_free(&w);
    return done();
}
