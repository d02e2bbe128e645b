/* SSL_set_tlsext_debug_callback: every extension received that somebody handles, on both sides, with
 * its content, after the message it is in was shown. */
#include "pipe.h"

/* What the callbacks of one side saw. */
typedef struct {
    wire expected, told;  /* type, length and content of each extension */
    int calls, from_server, wrong, is_client;
    const void *argument;
    char types[1024];
} witness;

static void note(wire *w, unsigned int type, const unsigned char *data, size_t len)
{
    unsigned char head[4] = { type >> 8, type & 255, len >> 8, len & 255 };

    wire_put(w, head, 4);
    wire_put(w, data, len);
}

static void on_extension(SSL *ssl, int from_server, int type, const unsigned char *data, int len,
                         void *arg)
{
    witness *w = SSL_get_app_data(ssl);
    size_t used = strlen(w->types);

    w->calls++;
    w->wrong += from_server != w->is_client || arg != w->argument;
    note(&w->told, (unsigned int)type, data, (size_t)len);
    snprintf(w->types + used, sizeof w->types - used, " %d:%s", type, SSL_state_string(ssl));
}

/* The extensions in a block of a message. */
static void expect_block(witness *w, const unsigned char *p, size_t n)
{
    while (n >= 4) {
        unsigned int type = p[0] << 8 | p[1];
        size_t len = p[2] << 8 | p[3];

        if (len + 4 > n)
            return;
        if (SSL_extension_supported(type) || type == TLSEXT_TYPE_signature_algorithms_cert
            || type == 1000)
            note(&w->expected, type, p + 4, len);
        p += len + 4;
        n -= len + 4;
    }
}

/* Where the block of a message begins, or 0. */
static size_t block_at(const unsigned char *p, size_t n, int version)
{
    size_t at = 4;

    switch (p[0]) {
    case SSL3_MT_CLIENT_HELLO:
        at += 34;
        at += 1 + p[at];
        at += 2 + (p[at] << 8 | p[at + 1]);
        return at + 1 + p[at];
    case SSL3_MT_SERVER_HELLO:
        return at + 34 + 1 + p[at + 34] + 3;
    case SSL3_MT_ENCRYPTED_EXTENSIONS:
        return at;
    case SSL3_MT_NEWSESSION_TICKET:
        at += 8;
        at += 1 + p[at];
        return version == TLS1_3_VERSION ? at + 2 + (p[at] << 8 | p[at + 1]) : 0;
    case SSL3_MT_CERTIFICATE_REQUEST:
        return version == TLS1_3_VERSION ? at + 1 + p[at] : 0;
    default:
        return 0;
    }
}

static void expect_certificates(witness *w, const unsigned char *p, size_t n)
{
    size_t at = 4 + 1 + p[4] + 3;

    while (at + 3 < n) {
        at += 3 + (p[at] << 16 | p[at + 1] << 8 | p[at + 2]);
        expect_block(w, p + at + 2, p[at] << 8 | p[at + 1]);
        at += 2 + (p[at] << 8 | p[at + 1]);
    }
}

static void on_message(int write_p, int version, int type, const void *buf, size_t len, SSL *ssl,
                       void *arg)
{
    witness *w = SSL_get_app_data(ssl);
    const unsigned char *p = buf;
    size_t at;

    (void)arg;
    if (write_p || type != SSL3_RT_HANDSHAKE)
        return;
    if (p[0] == SSL3_MT_CERTIFICATE && SSL_version(ssl) == TLS1_3_VERSION)
        expect_certificates(w, p, len);
    at = block_at(p, len, version);
    if (at != 0 && at + 2 <= len)
        expect_block(w, p + at + 2, p[at] << 8 | p[at + 1]);
}

static void watch(SSL *ssl, witness *w, int is_client)
{
    memset(w, 0, sizeof *w);
    w->is_client = is_client;
    w->argument = w;
    SSL_set_app_data(ssl, w);
    SSL_set_info_callback(ssl, NULL);
    SSL_set_msg_callback(ssl, on_message);
    is_int(SSL_set_tlsext_debug_callback(ssl, on_extension), 1, "the callback is set");
    is_int(SSL_set_tlsext_debug_arg(ssl, w), 1, "its argument is set");
}

static void check(const char *what, int version, const witness *w, const char *who)
{
    ok(w->told.len == w->expected.len && w->told.len != 0
           && memcmp(w->told.data, w->expected.data, w->told.len) == 0,
       "%s %s: the %s is shown the extensions of the messages:%s", what, version_name(version), who,
       w->types);
    is_int(w->wrong, 0, "%s %s: the %s's arguments", what, version_name(version), who);
}

static void forget(witness *w)
{
    wire_free(&w->expected);
    wire_free(&w->told);
}

static int staple(SSL *ssl, void *arg)
{
    unsigned char *response = OPENSSL_memdup("no response", 11);

    (void)arg;
    SSL_set_tlsext_status_ocsp_resp(ssl, response, 11);
    return SSL_TLSEXT_ERR_OK;
}

static int accept_response(SSL *ssl, void *arg)
{
    (void)ssl, (void)arg;
    return 1;
}

static int select_h2(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                     const unsigned char *in, unsigned int inlen, void *arg)
{
    (void)ssl, (void)inlen, (void)arg;
    *out = in + 1;
    *outlen = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static int add_ext(SSL *ssl, unsigned int type, unsigned int context, const unsigned char **out,
                   size_t *outlen, X509 *x, size_t chainidx, int *al, void *arg)
{
    (void)ssl, (void)type, (void)context, (void)x, (void)chainidx, (void)al, (void)arg;
    *out = (const unsigned char *)"mine";
    *outlen = 4;
    return 1;
}

static void handshakes(int version)
{
    world w = world_make();
    const unsigned int context = SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO
                                 | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS;
    SSL_SESSION *session = NULL;
    witness c, s;
    char byte;

    SSL_CTX_set1_groups_list(w.cctx, "X25519:P-256");
    SSL_CTX_set1_groups_list(w.sctx, "P-256");
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"x", 1);
    SSL_CTX_set_tlsext_status_type(w.cctx, TLSEXT_STATUSTYPE_ocsp);
    SSL_CTX_set_tlsext_status_cb(w.cctx, accept_response);
    SSL_CTX_set_tlsext_status_cb(w.sctx, staple);
    SSL_CTX_set_alpn_protos(w.cctx, (const unsigned char *)"\2h2", 3);
    SSL_CTX_set_alpn_select_cb(w.sctx, select_h2, NULL);
    SSL_CTX_set_max_early_data(w.sctx, 1000);
    SSL_CTX_set_options(w.sctx, SSL_OP_NO_ANTI_REPLAY);
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_add_custom_ext(w.cctx, 1000, context, add_ext, NULL, NULL, NULL, NULL);
    SSL_CTX_add_custom_ext(w.cctx, 1001, context, add_ext, NULL, NULL, NULL, NULL);
    SSL_CTX_add_custom_ext(w.sctx, 1000, context, add_ext, NULL, NULL, NULL, NULL);
    for (int round = 0; round < 2; round++) {
        const char *what = round ? "resumed" : "full";
        duo *d = duo_new(&w, version);

        watch(d->c, &c, 1);
        watch(d->s, &s, 0);
        SSL_set_tlsext_host_name(d->c, "localhost");
        if (session)
            SSL_set_session(d->c, session);
        ok(duo_handshake(d), "%s %s: connects (%s|%s)", what, version_name(version),
           d->out.client.errors, d->out.server.errors);
        SSL_read(d->c, &byte, 1);
        ERR_clear_error();
        is_int(SSL_session_reused(d->c), round, "%s: resumed or not", what);
        check(what, version, &c, "client");
        check(what, version, &s, "server");
        ok(strstr(s.types, " 1000:TRCH") != NULL, "%s: one of the program's is among them", what);
        ok(strstr(s.types, " 1001:") == NULL, "%s: one that nobody handles is not", what);
        SSL_SESSION_free(session);
        session = SSL_get1_session(d->c);
        SSL_shutdown(d->c);
        SSL_shutdown(d->s);
        forget(&c);
        forget(&s);
        duo_free(d);
    }
    SSL_SESSION_free(session);
    world_free(&w);
}

/* Without a message callback, and taken back. */
static void alone(int version)
{
    world w = world_make();
    duo *d = duo_new(&w, version);
    witness c, s;

    watch(d->c, &c, 1);
    watch(d->s, &s, 0);
    SSL_set_msg_callback(d->c, NULL);
    SSL_set_msg_callback(d->s, NULL);
    SSL_set_tlsext_debug_callback(d->s, NULL);
    ok(duo_handshake(d), "%s: connects", version_name(version));
    ok(c.calls > 0, "%s: the client is shown extensions without messages", version_name(version));
    is_int(s.calls, 0, "%s: a callback that was taken back is not called", version_name(version));
    is_int(SSL_CTX_callback_ctrl(w.cctx, SSL_CTRL_SET_TLSEXT_DEBUG_CB, (void (*)(void))on_extension),
           0, "a context has no such callback");
    forget(&c);
    forget(&s);
    duo_free(d);
    world_free(&w);
}

int main(void)
{
    FOR_VERSIONS(v) {
        handshakes(v);
        alone(v);
    }
    return done();
}
