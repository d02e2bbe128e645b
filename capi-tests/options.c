/* SSL_CTX_set_options(3) and SSL_CTX_set_mode(3): what each bit does to a connection, and that
 * those without an effect here leave it as it is. */
#include "pipe.h"

#include <time.h>

enum { PADDING = 21, EXTENDED_MASTER_SECRET = 23, CERTIFICATE_AUTHORITIES = 47 };

/* The body of an extension of the ClientHello at the start of `w`; NULL if it has none. */
static const unsigned char *hello_extension(const wire *w, unsigned kind, size_t *len)
{
    const unsigned char *m = w->data + 5, *at = m + 38, *end;

    TLS_MUST(w->len > 60 && w->data[0] == 22 && m[0] == 1);
    at += 1 + at[0];
    at += 2 + (at[0] << 8 | at[1]);
    at += 1 + at[0];
    end = at + 2 + (at[0] << 8 | at[1]);
    for (at += 2; at < end; at += 4 + *len) {
        *len = (size_t)(at[2] << 8 | at[3]);
        if ((unsigned)(at[0] << 8 | at[1]) == kind)
            return at + 4;
    }
    return NULL;
}

static size_t hello_len(const wire *w)
{
    return (size_t)(w->data[6] << 16 | w->data[7] << 8 | w->data[8]) + 4;
}

/* The client's first flight. */
static void client_speaks(duo *d)
{
    int r = SSL_do_handshake(d->c);

    TLS_MUST(r == -1 && SSL_get_error(d->c, r) == SSL_ERROR_WANT_READ);
}

static void connects(duo *d, const char *what)
{
    ok(duo_handshake(d), "%s: connects (%s|%s)", what, d->out.client.errors, d->out.server.errors);
    ok(tls_echo(d->c, d->s), "%s: data passes both ways", what);
}

/* Bits that change nothing that can be seen with what both libraries negotiate. */
static void test_without_effect(void)
{
    static const struct {
        const char *name;
        uint64_t options;
        long mode;
    } rows[] = {
        { "LEGACY_SERVER_CONNECT, with another server", SSL_OP_LEGACY_SERVER_CONNECT, 0 },
        { "ENABLE_KTLS", SSL_OP_ENABLE_KTLS, 0 },
        { "SAFARI_ECDHE_ECDSA_BUG", SSL_OP_SAFARI_ECDHE_ECDSA_BUG, 0 },
        { "ALLOW_CLIENT_RENEGOTIATION", SSL_OP_ALLOW_CLIENT_RENEGOTIATION, 0 },
        { "ALLOW_NO_DHE_KEX", SSL_OP_ALLOW_NO_DHE_KEX, 0 },
        { "DONT_INSERT_EMPTY_FRAGMENTS", SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS, 0 },
        { "NO_QUERY_MTU", SSL_OP_NO_QUERY_MTU, 0 },
        { "COOKIE_EXCHANGE", SSL_OP_COOKIE_EXCHANGE, 0 },
        { "CISCO_ANYCONNECT", SSL_OP_CISCO_ANYCONNECT, 0 },
        { "NO_SESSION_RESUMPTION_ON_RENEGOTIATION", SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION, 0 },
        { "ALLOW_UNSAFE_LEGACY_RENEGOTIATION", SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION, 0 },
        { "NO_ENCRYPT_THEN_MAC", SSL_OP_NO_ENCRYPT_THEN_MAC, 0 },
        { "TLS_ROLLBACK_BUG", SSL_OP_TLS_ROLLBACK_BUG, 0 },
        { "NO_SSLv3", SSL_OP_NO_SSLv3, 0 },
        { "NO_TLSv1", SSL_OP_NO_TLSv1, 0 },
        { "NO_TLSv1_1", SSL_OP_NO_TLSv1_1, 0 },
        { "NO_RENEGOTIATION", SSL_OP_NO_RENEGOTIATION, 0 },
        { "CRYPTOPRO_TLSEXT_BUG", SSL_OP_CRYPTOPRO_TLSEXT_BUG, 0 },
        { "ALL", SSL_OP_ALL, 0 },
        { "DTLS_SCTP_LABEL_LENGTH_BUG", 0, SSL_MODE_DTLS_SCTP_LABEL_LENGTH_BUG },
        { "RELEASE_BUFFERS", 0, SSL_MODE_RELEASE_BUFFERS },
    };
    world w = world_make();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        FOR_VERSIONS(v) {
            duo *d = duo_new(&w, v);
            SSL *both[] = { d->c, d->s };

            for (int j = 0; j < 2; j++) {
                SSL_clear_options(both[j], SSL_OP_LEGACY_SERVER_CONNECT);
                SSL_set_options(both[j], rows[i].options);
                SSL_set_mode(both[j], rows[i].mode);
                is_int(SSL_get_options(both[j]) & rows[i].options, rows[i].options, "%s is kept", rows[i].name);
                is_int(SSL_get_mode(both[j]) & rows[i].mode, rows[i].mode, "with its mode");
            }
            connects(d, rows[i].name);
            duo_free(d);
        }
    world_free(&w);
}

/* Takes renegotiation_info out of a ServerHello of TLS 1.2. */
static void make_legacy(wire *w)
{
    static const unsigned char info[] = { 0xff, 1, 0, 1, 0 };
    unsigned char *m = w->data, *at = memmem(m, w->len, info, sizeof info), *lengths = m + 44 + m[43] + 3;

    TLS_MUST(at != NULL);
    memmove(at, at + 5, (size_t)(m + w->len - at) - 5);
    w->len -= 5;
    m[4] -= 5;
    m[8] -= 5;
    lengths[1] -= 5;
}

/* A server that knows nothing of RFC 5746. */
static void test_legacy_server(void)
{
    static const uint64_t options[] = { 0, SSL_OP_LEGACY_SERVER_CONNECT, SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION };
    world w = world_make();

    for (int i = 0; i < 3; i++)
        for (int only = 0; only < 2; only++) {
            duo *d = duo_new(&w, 0);
            int r;

            if (only)
                ssl_only_version(d->c, TLS1_2_VERSION);
            ssl_only_version(d->s, TLS1_2_VERSION);
            SSL_set_options(d->c, options[i]);
            client_speaks(d);
            SSL_do_handshake(d->s);
            is_int(SSL_get_secure_renegotiation_support(d->s), 1, "the client knows of it");
            make_legacy(&d->s2c);
            r = SSL_do_handshake(d->c);
            is_int(r, -1, "the client has read the hello");
            is_int(SSL_get_secure_renegotiation_support(d->c), 0, "there is no secure renegotiation");
            if (i == 0) {
                is_int(SSL_get_error(d->c, r), SSL_ERROR_SSL, "it fails");
                is_int(tls_ssl_reason(), SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED, "for this reason");
                is_int(trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0), ALERT_FATAL(SSL_AD_HANDSHAKE_FAILURE),
                       "the alert");
                SSL_do_handshake(d->s);
                is_int(trace_alert(&d->st, SSL_CB_READ_ALERT, 0), ALERT_FATAL(SSL_AD_HANDSHAKE_FAILURE),
                       "the server gets it");
            } else {
                is_int(SSL_get_error(d->c, r), SSL_ERROR_WANT_READ, "it goes on");
            }
            ERR_clear_error();
            duo_free(d);
        }
    world_free(&w);
}

/* Whether a random begins with the time. */
static int is_timed(const unsigned char random[32])
{
    time_t now = time(NULL), then = (time_t)((unsigned)random[0] << 24 | random[1] << 16 | random[2] << 8 | random[3]);

    return then <= now && now - then < 60;
}

static void test_time(void)
{
    world w = world_make();

    FOR_VERSIONS(v)
        for (int i = 0; i < 4; i++) {
            duo *d = duo_new(&w, v);
            unsigned char random[32];

            /* Each side's own mode counts. */
            SSL_set_mode(d->c, i & 1 ? SSL_MODE_SEND_CLIENTHELLO_TIME : SSL_MODE_SEND_SERVERHELLO_TIME);
            SSL_set_mode(d->s, i & 2 ? SSL_MODE_SEND_SERVERHELLO_TIME : SSL_MODE_SEND_CLIENTHELLO_TIME);
            connects(d, "the time");
            SSL_get_client_random(d->s, random, 32);
            is_int(is_timed(random), i & 1, "%s: the client's random, %d", version_name(v), i);
            SSL_get_server_random(d->c, random, 32);
            is_int(is_timed(random), i >> 1, "%s: the server's random", version_name(v));
            duo_free(d);
        }
    world_free(&w);
}

static void test_versions(void)
{
    static const uint64_t off[] = { 0, SSL_OP_NO_TLSv1_3, SSL_OP_NO_TLSv1_2, SSL_OP_NO_TLSv1_3 | SSL_OP_NO_TLSv1_2,
                                    SSL_OP_NO_SSL_MASK };
    world w = world_make();

    for (int i = 0; i < 5; i++)
        for (int side = 0; side < 2; side++) {
            duo *d = duo_new(&w, 0);
            int connected;

            SSL_set_options(side ? d->s : d->c, off[i]);
            SSL_set_min_proto_version(d->c, TLS1_2_VERSION);
            SSL_set_min_proto_version(d->s, TLS1_2_VERSION);
            connected = duo_handshake(d);
            same("without versions %d on side %d: connected %d, version %x, reasons %d %d", i, side, connected,
                 connected ? SSL_version(d->c) : 0, d->out.client.reason, d->out.server.reason);
            duo_free(d);
        }
    world_free(&w);
}

static void test_prioritize_chacha(void)
{
    static const char *const clients[] = {
        "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384",
        "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384",
    };
    static const char *const old[] = {
        "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256",
    };
    static const uint64_t options[] = { 0, SSL_OP_PRIORITIZE_CHACHA, SSL_OP_CIPHER_SERVER_PREFERENCE,
                                        SSL_OP_PRIORITIZE_CHACHA | SSL_OP_CIPHER_SERVER_PREFERENCE };
    world w = world_make();
    tls_id rsa = tls_leaf(&w.ca, "RSA", "localhost", "DNS:localhost");

    TLS_MUST(SSL_CTX_use_certificate(w.sctx, rsa.cert) && SSL_CTX_use_PrivateKey(w.sctx, rsa.key));
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++) {
            duo *d = duo_new(&w, TLS1_3_VERSION);

            TLS_MUST(SSL_set_ciphersuites(d->c, clients[i])
                     && SSL_set_ciphersuites(d->s, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:"
                                                   "TLS_CHACHA20_POLY1305_SHA256"));
            SSL_set_options(d->s, options[j]);
            ok(duo_handshake(d), "connects");
            same("client %d, options %d: %s", i, j, SSL_get_cipher(d->c));
            duo_free(d);
            d = duo_new(&w, TLS1_2_VERSION);
            TLS_MUST(SSL_set_cipher_list(d->c, old[i])
                     && SSL_set_cipher_list(d->s, "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:"
                                                  "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-CHACHA20-POLY1305"));
            SSL_set_options(d->s, options[j]);
            ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
            same("1.2, client %d, options %d: %s", i, j, SSL_get_cipher(d->c));
            duo_free(d);
        }
    tls_id_free(&rsa);
    world_free(&w);
}

static void test_ca_names(void)
{
    world w = world_make();

    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    FOR_VERSIONS(v)
        for (int side = 0; side < 3; side++) {
            duo *d = duo_new(&w, v);
            size_t len;

            TLS_MUST(SSL_add_client_CA(d->s, w.ca.cert) && SSL_add1_to_CA_list(d->c, w.ca.cert));
            if (side == 1)
                SSL_set_options(d->s, SSL_OP_DISABLE_TLSEXT_CA_NAMES);
            if (side == 2)
                SSL_set_options(d->c, SSL_OP_DISABLE_TLSEXT_CA_NAMES);
            client_speaks(d);
            if (v == TLS1_3_VERSION && side < 2)
                ok(hello_extension(&d->c2s, CERTIFICATE_AUTHORITIES, &len) != NULL, "the client names authorities");
            connects(d, "names of authorities");
            same("%s, off on side %d: the client sees %d, the server %d", version_name(v), side,
                 sk_X509_NAME_num(SSL_get0_peer_CA_list(d->c)) > 0, sk_X509_NAME_num(SSL_get0_peer_CA_list(d->s)) > 0);
            duo_free(d);
        }
    world_free(&w);
}

static void test_padding(void)
{
    world w = world_make();
    int padded = 0;

    for (int n = 20; n < 250; n += under_valgrind() ? 60 : 7)
        FOR_VERSIONS(v) {
            duo *d = duo_new(&w, v);
            char name[256];
            size_t len, without, with;

            memset(name, 'n', sizeof name);
            for (int i = 30; i < n; i += 30)
                name[i] = '.';
            name[n] = 0;
            SSL_set1_groups_list(d->c, "X25519:P-256");
            SSL_set_tlsext_host_name(d->c, name);
            client_speaks(d);
            without = hello_len(&d->c2s);
            ok(hello_extension(&d->c2s, PADDING, &len) == NULL, "no padding if it is not asked for");
            duo_free(d);

            d = duo_new(&w, v);
            SSL_set1_groups_list(d->c, "X25519:P-256");
            SSL_set_tlsext_host_name(d->c, name);
            SSL_set_options(d->c, SSL_OP_TLSEXT_PADDING);
            client_speaks(d);
            with = hello_len(&d->c2s);
            if (without > 255 && without < 512) {
                const unsigned char *zeros = hello_extension(&d->c2s, PADDING, &len);

                ok(zeros != NULL && len > 0, "%zu bytes are padded", without);
                is_int(with, without > 507 ? without + 5 : 512, "to this length");
                padded++;
            } else {
                is_int(with, without, "%zu bytes are not padded", without);
            }
            connects(d, "padded");
            duo_free(d);
        }
    ok(padded > 2, "%d were padded", padded);
    world_free(&w);
}

/* Resumption has a binder over a hello that is cut short. */
static void test_padding_resumed(void)
{
    world w = world_make();
    duo *d;
    SSL_SESSION *session;
    size_t len;
    char byte;

    SSL_CTX_set1_groups_list(w.cctx, "X25519:P-256");
    SSL_CTX_set_options(w.cctx, SSL_OP_TLSEXT_PADDING);
    SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
    d = duo_connected(&w, TLS1_3_VERSION);
    SSL_read(d->c, &byte, 1);
    session = duo_part(d);
    d = duo_new(&w, TLS1_3_VERSION);
    SSL_set_session(d->c, session);
    client_speaks(d);
    ok(hello_extension(&d->c2s, PADDING, &len) != NULL, "padded");
    is_int(hello_len(&d->c2s), 512, "to its length");
    connects(d, "padded and resumed");
    is_int(SSL_session_reused(d->c), 1, "resumed");
    duo_free(d);
    SSL_SESSION_free(session);
    world_free(&w);
}

static void test_master_secret(void)
{
    world w = world_make();
    tls_id own = tls_client_leaf(&w.ca, "P-256", "client");

    /* What the client signs are all messages so far. */
    TLS_MUST(SSL_CTX_use_certificate(w.cctx, own.cert) && SSL_CTX_use_PrivateKey(w.cctx, own.key));
    X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), w.ca.cert);
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    for (int side = 0; side < 8; side++) {
        duo *d = duo_new(&w, TLS1_2_VERSION);
        unsigned char mine[32], theirs[32];
        size_t len;

        if (side & 1)
            SSL_set_options(d->c, SSL_OP_NO_EXTENDED_MASTER_SECRET);
        if (side & 2)
            SSL_set_options(d->s, SSL_OP_NO_EXTENDED_MASTER_SECRET);
        d->se.max_read = side & 4 ? 1 : 0;
        client_speaks(d);
        is_int(hello_extension(&d->c2s, EXTENDED_MASTER_SECRET, &len) != NULL, !(side & 1), "offered: %d", !(side & 1));
        connects(d, "the master secret");
        is_int(SSL_get_extms_support(d->c), (side & 3) == 0, "the client's view, off on %d", side);
        is_int(SSL_get_extms_support(d->s), (side & 3) == 0, "the server's view");
        TLS_MUST(SSL_export_keying_material(d->c, mine, 32, "x", 1, NULL, 0, 0)
                 && SSL_export_keying_material(d->s, theirs, 32, "x", 1, NULL, 0, 0));
        is_mem(mine, theirs, 32, "the same secrets");
        duo_free(d);
    }
    for (int side = 0; side < 4; side++) {
        duo *d = duo_new(&w, TLS1_3_VERSION);

        SSL_set_options(d->c, SSL_OP_NO_EXTENDED_MASTER_SECRET);
        SSL_set_options(d->s, SSL_OP_NO_EXTENDED_MASTER_SECRET);
        connects(d, "1.3 has none");
        duo_free(d);
    }
    tls_id_free(&own);
    world_free(&w);
}

/* Whether `what` stands anywhere in memory that can be written, other than where it is. */
static int in_memory(const char *what, size_t n)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    int mem = open("/proc/self/mem", O_RDONLY), found = 0;
    char line[512];

    TLS_MUST(maps != NULL && mem >= 0);
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long from, to;
        char access[5];
        char *copy;
        ssize_t len;

        if (sscanf(line, "%lx-%lx %4s", &from, &to, access) != 3 || access[1] != 'w' || strstr(line, "[stack]"))
            continue;
        copy = malloc(to - from);
        len = copy ? pread(mem, copy, to - from, (off_t)from) : -1;
        for (char *at = copy; len > 0 && (at = memmem(at, (size_t)(copy + len - at), what, n)) != NULL; at++)
            found += at >= copy;
        if (copy != NULL)
            memset(copy, 0, to - from);
        free(copy);
    }
    fclose(maps);
    close(mem);
    return found;
}

static void test_cleanse(void)
{
    world w;

    if (under_valgrind()) {
        skip("valgrind keeps copies");
        return;
    }
    w = world_make();
    FOR_VERSIONS(v)
        for (int on = 0; on < 2; on++) {
            duo *d = duo_connected(&w, v);
            char secret[64], buf[64], part[64];

            if (on)
                SSL_set_options(d->s, SSL_OP_CLEANSE_PLAINTEXT);
            /* On the stack alone, and read back there. */
            for (int i = 0; i < 64; i++)
                secret[i] = (char)('A' + (i * 7 + v + on) % 53);
            is_int(SSL_write(d->c, secret, 64), 64, "written");
            memset(d->s2c.data, 0, d->s2c.cap);
            is_int(SSL_peek(d->s, part, 10), 10, "looked at");
            is_int(SSL_read(d->s, part, 24), 24, "read in two parts");
            is_int(SSL_read(d->s, buf, 40), 40, "the second");
            ok(memcmp(buf, secret + 24, 40) == 0, "as written");
            if (on)
                is_int(in_memory(secret, 64), 0, "nothing is left of it");
            else
                ok(in_memory(secret, 64) > 0, "without the option it is found");
            duo_free(d);
        }
    world_free(&w);
}

int main(void)
{
    test_without_effect();
    test_legacy_server();
    test_time();
    test_versions();
    test_prioritize_chacha();
    test_ca_names();
    test_padding();
    test_padding_resumed();
    test_master_secret();
    test_cleanse();
    return done();
}
