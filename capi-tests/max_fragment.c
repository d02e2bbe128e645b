/* SSL_CTX_set_tlsext_max_fragment_length(3): what is agreed on, and how long records are then. */
#include "certs.h"
#include "pipe.h"

static tls_id ca, leaf;
static unsigned char data[20000];

/* The longest record payload in what waits in a memory BIO. */
static long longest(BIO *wire)
{
    unsigned char *bytes;
    long n = BIO_get_mem_data(wire, &bytes), at = 0, most = 0;

    while (at + 5 <= n) {
        long len = bytes[at + 3] << 8 | bytes[at + 4];

        most = len > most ? len : most;
        at += 5 + len;
    }
    return at == n ? most : -1;
}

static void test_mode(int version, uint8_t mode)
{
    SSL_CTX *sctx = tls_server_ctx(&leaf), *cctx = tls_client_ctx(&ca);
    SSL *c, *s;
    long limit = mode == 0 ? 16384 : 256L << mode, most;
    const char *v = version == TLS1_3_VERSION ? "TLS 1.3" : "TLS 1.2";
    tls_outcome out;
    int i;

    fix_version(cctx, version);
    is_int(SSL_CTX_set_tlsext_max_fragment_length(cctx, mode), 1, "%s: mode %d", v, mode);
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    tls_join(c, s, TLS_MEM);
    ok(tls_handshake(c, s, &out), "%s %d: connects (%s|%s)", v, mode, out.client.errors,
       out.server.errors);
    ok(tls_echo(c, s), "%s %d: data", v, mode);
    is_int(SSL_SESSION_get_max_fragment_length(SSL_get_session(c)), mode, "%s %d: the client's",
           v, mode);
    is_int(SSL_SESSION_get_max_fragment_length(SSL_get_session(s)), mode, "%s %d: the server's",
           v, mode);
    for (i = 0; i < 2; i++) {
        SSL *from = i ? c : s, *to = i ? s : c;
        const char *who = i ? "client" : "server";
        static unsigned char got[sizeof data];
        int n = 0, r;

        is_int(SSL_write(from, data, sizeof data), sizeof data, "%s %d: the %s writes", v, mode,
               who);
        most = longest(SSL_get_wbio(from));
        ok(most > limit && most <= limit + 64, "%s %d: the %s's records are full and no longer "
           "(%ld)", v, mode, who, most);
        while (n < (int)sizeof data && (r = SSL_read(to, got + n, (int)sizeof data - n)) > 0)
            n += r;
        ok(n == (int)sizeof data && memcmp(got, data, sizeof data) == 0, "%s %d: all arrives", v,
           mode);
    }
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

static void test_refused(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);

    ERR_clear_error();
    is_int(SSL_CTX_set_tlsext_max_fragment_length(ctx, 5), 0, "no such mode");
    is_int(last_reason(), SSL_R_SSL3_EXT_INVALID_MAX_FRAGMENT_LENGTH, "as the queue says");
    is_int(SSL_set_tlsext_max_fragment_length(ssl, 255), 0, "nor this");
    is_int(last_reason(), SSL_R_SSL3_EXT_INVALID_MAX_FRAGMENT_LENGTH, "as the queue says");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* A smaller limit of the program's own stays. */
static void test_own_limit(void)
{
    SSL_CTX *sctx = tls_server_ctx(&leaf), *cctx = tls_client_ctx(&ca);
    SSL *c, *s;
    long most;

    TLS_MUST(SSL_CTX_set_tlsext_max_fragment_length(cctx, 4));
    TLS_MUST(SSL_CTX_set_max_send_fragment(sctx, 1000));
    TLS_MUST(SSL_CTX_set_split_send_fragment(sctx, 1000));
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    tls_join(c, s, TLS_MEM);
    TLS_MUST(tls_handshake(c, s, NULL) && tls_echo(c, s));
    SSL_write(s, data, 5000);
    most = longest(SSL_get_wbio(s));
    ok(most > 1000 && most <= 1064, "the program's own limit is smaller (%ld)", most);
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

/* The hello that asks for small fragments is itself in one record. */
static void test_hello(void)
{
    world w = world_make();
    duo *d = duo_new(&w, 0);

    ok(SSL_set_tlsext_max_fragment_length(d->c, TLSEXT_max_fragment_length_512), "asks for 512");
    SSL_do_handshake(d->c);
    is_int(wire_record(&d->c2s, 0), d->c2s.len, "one record");
    duo_free(d);
    world_free(&w);
}

int main(void)
{
    test_hello();
    uint8_t mode;
    size_t i;

    for (i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 5 + i / 253);
    ca = tls_ca("P-256", "fragment CA");
    leaf = tls_leaf(&ca, "RSA", "server", "DNS:localhost");
    for (mode = 0; mode <= 4; mode++) {
        test_mode(TLS1_2_VERSION, mode);
        test_mode(TLS1_3_VERSION, mode);
    }
    test_refused();
    test_own_limit();
    tls_id_free(&leaf);
    tls_id_free(&ca);
    return done();
}
