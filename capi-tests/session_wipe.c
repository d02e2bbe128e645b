/* The secret of a session is nowhere in memory once the session is freed. Of a connection's
 * session that holds on OpenSSL alone. */
#include "certs.h"
#include "pipe.h"

#include <openssl/rand.h>

enum { MAX_KEY = 64 };

/* A secret, kept here as its complement so that only the library's copies are found. */
typedef struct {
    unsigned char not_key[MAX_KEY];
    size_t n;
} hidden;

static hidden hide(const SSL_SESSION *session)
{
    unsigned char key[MAX_KEY];
    hidden h;

    h.n = SSL_SESSION_get_master_key(session, key, sizeof key);
    TLS_MUST(h.n >= 32 && h.n <= MAX_KEY);
    for (size_t i = 0; i < h.n; i++)
        h.not_key[i] = (unsigned char)~key[i];
    OPENSSL_cleanse(key, sizeof key);
    return h;
}

static int is_at(const unsigned char *p, const hidden *h)
{
    size_t i = 0;

    while (i < h->n && p[i] == (unsigned char)~h->not_key[i])
        i++;
    return i == h->n;
}

/* How often the secret is in a mapping, read through the kernel. */
static int count_in(int memory, unsigned long from, unsigned long to, const hidden *h)
{
    static unsigned char block[1 << 16];
    int found = 0;

    while (from < to) {
        size_t want = to - from < sizeof block ? to - from : sizeof block;
        ssize_t n = pread(memory, block, want, (off_t)from);

        if (n < (ssize_t)h->n)
            break;
        for (ssize_t i = 0; i + (ssize_t)h->n <= n; i++)
            found += is_at(block + i, h);
        OPENSSL_cleanse(block, sizeof block);
        /* What lies across two blocks is whole in the next. */
        from += n == (ssize_t)sizeof block ? (unsigned long)n - MAX_KEY : (unsigned long)n;
    }
    return found;
}

/* How often the secret is in what this process can write to. */
static int count(const hidden *h)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY), found = 0;
    char line[1024], writable;
    unsigned long from, to;

    TLS_MUST(maps != NULL && memory >= 0);
    while (fgets(line, sizeof line, maps) != NULL)
        if (sscanf(line, "%lx-%lx %*c%c", &from, &to, &writable) == 3 && writable == 'w')
            found += count_in(memory, from, to, h);
    fclose(maps);
    close(memory);
    return found;
}

static const SSL_CIPHER *tls12_cipher(void)
{
    static const unsigned char id[2] = { 0xc0, 0x2f };
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, id);

    SSL_free(ssl);
    SSL_CTX_free(ctx);
    return cipher;
}

static void check_object(void)
{
    SSL_SESSION *session = SSL_SESSION_new(), *copy;
    unsigned char key[48], *der = NULL;
    const unsigned char *p;
    hidden h;
    int n;

    TLS_MUST(RAND_bytes(key, sizeof key) == 1);
    SSL_SESSION_set1_master_key(session, key, sizeof key);
    OPENSSL_cleanse(key, sizeof key);
    SSL_SESSION_set_protocol_version(session, TLS1_2_VERSION);
    h = hide(session);
    ok(count(&h) > 0, "a session has its secret");
    copy = SSL_SESSION_dup(session);
    SSL_SESSION_free(session);
    ok(count(&h) > 0, "its duplicate has it still");
    SSL_SESSION_set_cipher(copy, tls12_cipher());
    n = i2d_SSL_SESSION(copy, &der);
    TLS_MUST(n > 0);
    SSL_SESSION_free(copy);
    p = der;
    copy = d2i_SSL_SESSION(NULL, &p, n);
    TLS_MUST(copy != NULL);
    OPENSSL_clear_free(der, (size_t)n);
    ok(count(&h) > 0, "what was decoded has it");
    SSL_SESSION_free(copy);
    is_int(count(&h), 0, "and nothing when all are freed");
}

static void check_connections(int version, int stateful)
{
    world w = world_make();
    duo *d;
    SSL_SESSION *session;
    hidden h;
    char byte;

    fix_version(w.cctx, version);
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"wipe", 4);
    if (stateful)
        SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
    d = duo_connected(&w, 0);
    session = SSL_get1_session(d->c);
    h = hide(session);
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    duo_free(d);
    d = duo_new(&w, 0);
    SSL_set_session(d->c, session);
    duo_handshake(d);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    is_int(SSL_session_reused(d->c), 1, "%s: resumed", version_name(version));
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    duo_free(d);
    ok(count(&h) > 0, "%s: the session has its secret", version_name(version));
    SSL_SESSION_free(session);
    world_free(&w);
    is_int(count(&h), 0, "%s, %s: nothing when all is freed", version_name(version),
           stateful ? "stateful" : "by ticket");
}

int main(void)
{
    if (under_valgrind()) {
        skip("valgrind keeps copies of its own");
        return done();
    }
    check_object();
    if (!differs("secret-copies", "rustls leaves copies of what it encodes for a server")) {
        check_connections(TLS1_3_VERSION, 0);
        check_connections(TLS1_3_VERSION, 1);
        /* By ticket OpenSSL leaves copies as well. */
        check_connections(TLS1_2_VERSION, 1);
    }
    return done();
}
