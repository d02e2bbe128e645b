/* SSL_CTX_use_serverinfo(3), _ex and _file: what is accepted and what is refused, and with which
 * error. That nothing sends it yet is in docs/COMPATIBILITY.md. */
#include "certs.h"

static const unsigned char v1[] = { 0x30, 1, 0, 3, 'o', 'n', 'e' };
static const unsigned char v2[] = { 0, 0, 0x01, 0xd0, 0x30, 2, 0, 2, 'b', 'b',
                                    0, 0, 0x11, 0x80, 0x30, 3, 0, 0 };

static const struct {
    unsigned int version;
    const char *bytes;
    size_t len;
    int reason; /* 0: accepted */
    const char *what;
} buffers[] = {
    { 1, "\x30\x01\0\3one", 7, 0, "one of version 1" },
    { 1, "\x30\x01\0\0", 4, 0, "an empty one" },
    { 1, "\x30\x01\0\3on", 6, SSL_R_INVALID_SERVERINFO_DATA, "too short" },
    { 1, "\x30\x01\0\2one", 7, SSL_R_INVALID_SERVERINFO_DATA, "too long" },
    { 1, "\x30", 1, SSL_R_INVALID_SERVERINFO_DATA, "half a type" },
    { 1, "\x30\x01\0\0\x30\x02\0\0", 8, SSL_R_INVALID_SERVERINFO_DATA, "two of version 1" },
    { 1, "\0\x0d\0\0", 4, SSL_R_INVALID_SERVERINFO_DATA, "one that is OpenSSL's" },
    { 1, "\0\x12\0\0", 4, 0, "timestamps" },
    { 2, "\0\0\x01\xd0\x30\x02\0\2bb", 10, 0, "one of version 2" },
    { 2, "\0\0\x11\x80\x30\x02\0\2bb", 10, 0, "one of TLS 1.3" },
    { 2, "\0\0\x01\xd0\x30\x02\0\0\0\0\x01\xd0\x30\x03\0\0", 16, 0, "two of version 2" },
    { 2, "\0\0\x01\xd0\x30\x02\0\0\0\0\x01\xd0\x30\x02\0\0", 16, SSL_R_INVALID_SERVERINFO_DATA,
      "the same twice" },
    { 2, "\0\0\x01\xd0\x30\x02\0\2b", 9, SSL_R_INVALID_SERVERINFO_DATA, "version 2, too short" },
    { 0, "\0\0\x01\xd0\x30\x02\0\2bb", 10, SSL_R_INVALID_SERVERINFO_DATA, "version 0" },
    { 3, "\0\0\x01\xd0\x30\x02\0\2bb", 10, SSL_R_INVALID_SERVERINFO_DATA, "version 3" },
};

static void test_buffers(void)
{
    size_t i;

    for (i = 0; i < sizeof buffers / sizeof *buffers; i++) {
        SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

        is_int(SSL_CTX_use_serverinfo_ex(ctx, buffers[i].version,
                                         (const unsigned char *)buffers[i].bytes, buffers[i].len),
               buffers[i].reason == 0, "%s", buffers[i].what);
        is_int(last_reason(), buffers[i].reason, "%s: its reason", buffers[i].what);
        SSL_CTX_free(ctx);
    }
}

static void test_calls(const tls_id *id)
{
    SSL_CTX *ctx = tls_server_ctx(id);
    SSL_CTX *cctx = tls_client_ctx(NULL);
    SSL *c, *s;

    is_int(SSL_CTX_use_serverinfo(ctx, v1, sizeof v1), 1, "SSL_CTX_use_serverinfo");
    is_int(SSL_CTX_use_serverinfo(ctx, v1, sizeof v1), 0, "again");
    is_int(last_reason(), SSL_R_INVALID_SERVERINFO_DATA, "its reason");
    is_int(SSL_CTX_use_serverinfo_ex(ctx, SSL_SERVERINFOV2, v2, sizeof v2), 1, "others");
    is_int(SSL_CTX_use_serverinfo(NULL, v1, sizeof v1), 0, "no context");
    is_int(last_reason(), ERR_R_PASSED_NULL_PARAMETER, "its reason");
    is_int(SSL_CTX_use_serverinfo(ctx, NULL, 4), 0, "no bytes");
    is_int(last_reason(), ERR_R_PASSED_NULL_PARAMETER, "its reason");
    is_int(SSL_CTX_use_serverinfo(ctx, v1, 0), 0, "no length");
    is_int(last_reason(), ERR_R_PASSED_NULL_PARAMETER, "its reason");
    /* A client that does not ask for it is not sent any. */
    c = SSL_new(cctx);
    s = SSL_new(ctx);
    tls_join(c, s, TLS_PAIR);
    ok(tls_handshake(c, s, NULL) && tls_echo(c, s), "a server with it serves");
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(ctx);
}

static void from_file(const char *content, int reason, const char *what)
{
    char *path = tls_pem_file(NULL, NULL);
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    FILE *f = fopen(path, "w");

    fputs(content, f);
    fclose(f);
    is_int(SSL_CTX_use_serverinfo_file(ctx, path), reason == 0, "%s", what);
    if (reason != 0)
        is_int(last_reason(), reason, "%s: its reason", what);
    ERR_clear_error();
    SSL_CTX_free(ctx);
    unlink(path);
    free(path);
}

#define PEM(name, base64) "-----BEGIN " name "-----\n" base64 "\n-----END " name "-----\n"

static void test_files(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    from_file(PEM("SERVERINFO FOR x", "MAEAA29uZQ=="), 0, "a file of version 1");
    from_file(PEM("SERVERINFOV2 FOR x", "AAAB0DACAAJiYg=="), 0, "a file of version 2");
    from_file(PEM("SERVERINFO FOR x", "MAEAA29uZQ==") PEM("SERVERINFOV2 FOR y", "AAAB0DACAAJiYg=="),
              0, "both");
    from_file(PEM("SERVERINFO FOR x", "MAEAA29uZQ==") "garbage\n", 0, "with text after it");
    from_file("", SSL_R_NO_PEM_EXTENSIONS, "an empty file");
    from_file("garbage\n", SSL_R_NO_PEM_EXTENSIONS, "no PEM");
    from_file(PEM("SHORT", "MAEAA29uZQ=="), SSL_R_PEM_NAME_TOO_SHORT, "a short name");
    from_file(PEM("SERVERINFO XXX x", "MAEAA29uZQ=="), SSL_R_PEM_NAME_TOO_SHORT, "a shorter name");
    from_file(PEM("SERVERINFO IN NO FORM", "MAEAA29uZQ=="), SSL_R_PEM_NAME_BAD_PREFIX,
              "another name");
    from_file(PEM("SERVERINFO FOR x", "MAEABG9uZQ=="), SSL_R_BAD_DATA, "a wrong length");
    from_file(PEM("SERVERINFO FOR x", "MAE="), SSL_R_BAD_DATA, "no length");
    from_file(PEM("SERVERINFOV2 FOR x", "AAAB0DACAANiYg=="), SSL_R_BAD_DATA,
              "a wrong length, version 2");
    from_file(PEM("SERVERINFO FOR x", "AA0AAA=="), SSL_R_INVALID_SERVERINFO_DATA,
              "one that is OpenSSL's");
    is_int(SSL_CTX_use_serverinfo_file(ctx, "/nonexistent"), 0, "no such file");
    is_int(last_reason(), ERR_R_SYS_LIB, "its reason");
    is_int(SSL_CTX_use_serverinfo_file(ctx, NULL), 0, "no name");
    is_int(last_reason(), ERR_R_PASSED_NULL_PARAMETER, "its reason");
    SSL_CTX_free(ctx);
}

int main(void)
{
    tls_id id = tls_leaf(NULL, "P-256", "server", NULL);

    test_buffers();
    test_calls(&id);
    test_files();
    tls_id_free(&id);
    return done();
}
