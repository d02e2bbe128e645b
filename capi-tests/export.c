/* Keying material exported from a connection: equal on both sides, different for each label and
 * context, and refused where OpenSSL refuses. SSL_export_keying_material(3), RFC 5705, RFC 8446
 * section 7.5. */
#include "pipe.h"

enum { LONGEST = 1 << 14 };

static unsigned char ours[LONGEST], theirs[LONGEST];

static int export(SSL *ssl, unsigned char *out, size_t len, const char *label, size_t label_len,
                  const void *context, size_t context_len, int use_context)
{
    memset(out, 0, len);
    return SSL_export_keying_material(ssl, out, len, label, label_len, context, context_len,
                                      use_context);
}

/* A label, given its length, and a context; both sides export the same. */
static void both(duo *d, const char *label, const void *context, size_t context_len,
                 int use_context, size_t len, const char *name)
{
    is_int(export(d->c, ours, len, label, strlen(label), context, context_len, use_context), 1,
           "%s: the client exports", name);
    is_int(export(d->s, theirs, len, label, strlen(label), context, context_len, use_context), 1,
           "%s: the server exports", name);
    is_mem(ours, theirs, len, "%s: the same", name);
}

static void sameness(duo *d, int tls13)
{
    unsigned char first[32];

    both(d, "EXPORTER-test", NULL, 0, 0, 32, "no context");
    memcpy(first, ours, sizeof first);
    both(d, "EXPORTER-test", NULL, 0, 0, 32, "again");
    is_mem(ours, first, 32, "it does not change");
    both(d, "EXPORTER-test", "", 0, 1, 32, "an empty context");
    is_int(memcmp(ours, first, 32) == 0, tls13, "an empty context is none in TLS 1.3 alone");
    both(d, "EXPORTER-test", "abc", 3, 1, 32, "a context");
    ok(memcmp(ours, first, 32) != 0, "the context counts");
    both(d, "EXPORTER-test", "abc", 3, 0, 32, "a context that is not used");
    is_mem(ours, first, 32, "it does not count");
    both(d, "EXPORTER-tesT", NULL, 0, 0, 32, "another label");
    ok(memcmp(ours, first, 32) != 0, "the label counts");
    both(d, "EXPORTER-test", NULL, 0, 0, 1, "one byte");
    both(d, "EXPORTER-test", NULL, 0, 0, 4096, "4096 bytes");
    is_int(memcmp(ours, first, 32) == 0, !tls13, "the length counts in TLS 1.3 alone");
    both(d, "x", NULL, 0, 0, 20, "a label of one letter");
    both(d, "", NULL, 0, 0, 20, "an empty label");
}

static void tell(SSL *ssl, const char *name, size_t len, const char *label, size_t label_len,
                 size_t context_len)
{
    static unsigned char context[1 << 17];
    int ret = export(ssl, ours, len, label, label_len, context, context_len, context_len != 0);

    same("%s: %d, reason %d", name, ret, tls_ssl_reason());
    ERR_clear_error();
}

static void limits(SSL *ssl)
{
    static char label[512];

    memset(label, 'a', sizeof label);
    tell(ssl, "nothing wanted", 0, "EXPORTER-test", 13, 0);
    tell(ssl, "a label of 248 letters", 32, label, 248, 0);
    tell(ssl, "a label of 249 letters", 32, label, 249, 0);
    tell(ssl, "a label of 250 letters", 32, label, 250, 0);
    tell(ssl, "a label of 512 letters", 32, label, 512, 0);
    tell(ssl, "a label with a NUL", 32, "a\0b", 3, 0);
    tell(ssl, "client finished", 32, "client finished", 15, 0);
    tell(ssl, "server finished", 32, "server finished", 15, 0);
    tell(ssl, "master secret", 32, "master secret", 13, 0);
    tell(ssl, "extended master secret", 32, "extended master secret", 22, 0);
    tell(ssl, "key expansion", 32, "key expansion", 13, 0);
    tell(ssl, "key expansion and more", 32, "key expansion and more", 22, 0);
    tell(ssl, "a context of 900 bytes", 32, "EXPORTER-test", 13, 900);
    tell(ssl, "255 hashes", 255 * 48, "EXPORTER-test", 13, 0);
    tell(ssl, "more than 255 hashes", 255 * 48 + 1, "EXPORTER-test", 13, 0);
}

int main(void)
{
    world w = world_make();

    FOR_VERSIONS(v) {
        duo *d = duo_connected(&w, v);

        sameness(d, v == TLS1_3_VERSION);
        same("-- %s", version_name(v));
        limits(d->c);
        limits(d->s);
        ok(tls_echo(d->c, d->s), "the connection goes on");
        duo_free(d);
    }
    world_free(&w);
    return done();
}
