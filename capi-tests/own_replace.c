/* Callbacks that take themselves away, put others in their place, and give back what they hold.
 * SSL_CTX_set_tlsext_servername_callback(3), SSL_set_SSL_CTX(3), SSL_set_verify(3),
 * SSL_CTX_set_alpn_select_cb(3), SSL_CTX_set_msg_callback(3), SSL_CTX_set_keylog_callback(3). */
#include "pipe.h"

/* What the callbacks are given lives as long as they say. */
typedef struct {
    int calls;
} argument;

static int calls, others;

static void take_away(argument *arg)
{
    TLS_MUST(arg->calls == 0);
    calls++;
    memset(arg, 0xee, sizeof *arg);
    free(arg);
}

static int other_cert(SSL *ssl, void *arg)
{
    (void)ssl, (void)arg;
    others++;
    return 1;
}

static int cert_once(SSL *ssl, void *arg)
{
    SSL_set_cert_cb(ssl, other_cert, NULL);
    take_away(arg);
    return 1;
}

static int hello_once(SSL *ssl, int *alert, void *arg)
{
    (void)alert;
    SSL_CTX_set_client_hello_cb(SSL_get_SSL_CTX(ssl), NULL, NULL);
    take_away(arg);
    return SSL_CLIENT_HELLO_SUCCESS;
}

/* Puts the connection into a context that it then has alone. */
static int name_once(SSL *ssl, int *alert, void *arg)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    (void)alert;
    SSL_CTX_set_tlsext_servername_callback(SSL_get_SSL_CTX(ssl), NULL);
    TLS_MUST(SSL_CTX_use_cert_and_key(ctx, SSL_get_certificate(ssl), SSL_get_privatekey(ssl), NULL,
                                      1) == 1);
    SSL_CTX_set_alpn_select_cb(ctx, NULL, NULL);
    TLS_MUST(SSL_set_SSL_CTX(ssl, ctx) == ctx);
    SSL_CTX_free(ctx);
    take_away(arg);
    return SSL_TLSEXT_ERR_OK;
}

/* The answer lives as long as the call. */
static int alpn_once(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                     const unsigned char *in, unsigned inlen, void *arg)
{
    static unsigned char answer[2];

    (void)inlen;
    SSL_CTX_set_alpn_select_cb(SSL_get_SSL_CTX(ssl), NULL, NULL);
    memcpy(answer, in + 1, 2);
    *out = answer;
    *outlen = 2;
    take_away(arg);
    return SSL_TLSEXT_ERR_OK;
}

static int verify_other(int ok, X509_STORE_CTX *store)
{
    (void)store;
    others++;
    return ok;
}

static int verify_once(int ok, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

    calls++;
    SSL_set_verify(ssl, SSL_VERIFY_PEER, verify_other);
    SSL_set0_verify_cert_store(ssl, X509_STORE_new());
    SSL_CTX_set_cert_store(SSL_get_SSL_CTX(ssl), X509_STORE_new());
    return ok;
}

static int chain_once(X509_STORE_CTX *store, void *arg)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    int ret = X509_verify_cert(store);

    SSL_CTX_set_cert_verify_callback(SSL_get_SSL_CTX(ssl), NULL, NULL);
    take_away(arg);
    return ret;
}

static void message_once(int write_p, int version, int type, const void *bytes, size_t len,
                         SSL *ssl, void *arg)
{
    (void)write_p, (void)version, (void)type, (void)bytes, (void)len;
    SSL_set_msg_callback(ssl, NULL);
    SSL_set_msg_callback_arg(ssl, NULL);
    take_away(arg);
}

static void line_once(const SSL *ssl, const char *line)
{
    (void)line;
    SSL_CTX_set_keylog_callback(SSL_get_SSL_CTX(ssl), NULL);
    calls++;
}

static int status_once(SSL *ssl, void *arg)
{
    SSL_CTX_set_tlsext_status_cb(SSL_get_SSL_CTX(ssl), NULL);
    take_away(arg);
    return SSL_TLSEXT_ERR_NOACK;
}

static int session_once(SSL *ssl, SSL_SESSION *session)
{
    (void)session;
    SSL_CTX_sess_set_new_cb(SSL_get_SSL_CTX(ssl), NULL);
    calls++;
    return 0;
}

enum { CERT, HELLO, SERVER_NAME, PROTOCOL, VERIFY, CHAIN, MESSAGE, LINE, STATUS, SESSION, KINDS };
static const char *const kinds[] = { "certificate", "hello", "name", "protocol", "verify", "chain",
                                     "message", "line", "status", "session" };

static void set(int kind, duo *d, void *arg)
{
    SSL_CTX *c = SSL_get_SSL_CTX(d->c), *s = SSL_get_SSL_CTX(d->s);

    switch (kind) {
    case CERT:
        SSL_set_cert_cb(d->s, cert_once, arg);
        return;
    case HELLO:
        SSL_CTX_set_client_hello_cb(s, hello_once, arg);
        return;
    case SERVER_NAME:
        SSL_CTX_set_tlsext_servername_callback(s, name_once);
        SSL_CTX_set_tlsext_servername_arg(s, arg);
        return;
    case PROTOCOL:
        SSL_CTX_set_alpn_select_cb(s, alpn_once, arg);
        return;
    case CHAIN:
        SSL_CTX_set_cert_verify_callback(c, chain_once, arg);
        return;
    case MESSAGE:
        SSL_set_msg_callback(d->s, message_once);
        SSL_set_msg_callback_arg(d->s, arg);
        return;
    case STATUS:
        SSL_CTX_set_tlsext_status_cb(s, status_once);
        SSL_CTX_set_tlsext_status_arg(s, arg);
        return;
    case VERIFY:
        SSL_set_verify(d->c, SSL_VERIFY_PEER, verify_once);
        break;
    case LINE:
        SSL_CTX_set_keylog_callback(s, line_once);
        break;
    case SESSION:
        SSL_CTX_sess_set_new_cb(s, session_once);
        break;
    }
    free(arg);
}

static void test_once(const world *plain, int kind, int version)
{
    world w = *plain;
    duo *d;
    const unsigned char *alpn;
    unsigned len;
    char byte;

    w.cctx = tls_client_ctx(&w.ca);
    w.sctx = tls_server_ctx(&w.leaf);
    d = duo_new(&w, version);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
    calls = others = 0;
    TLS_MUST(SSL_set_tlsext_host_name(d->c, "localhost") == 1);
    TLS_MUST(SSL_set_tlsext_status_type(d->c, TLSEXT_STATUSTYPE_ocsp) == 1);
    TLS_MUST(SSL_set_alpn_protos(d->c, (const unsigned char *)"\2h2", 3) == 0);
    set(kind, d, calloc(1, sizeof(argument)));
    ok(duo_handshake(d), "%s, %s: connects (%s|%s)", version_name(version), kinds[kind],
       d->out.client.errors, d->out.server.errors);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    same("%s, %s: called %d, others %d", version_name(version), kinds[kind], calls, others);
    SSL_get0_alpn_selected(d->s, &alpn, &len);
    is_int(len, kind == PROTOCOL ? 2 : 0, "a protocol is agreed on where one was chosen");
    if (kind == PROTOCOL)
        is_mem(alpn, "h2", 2, "that one");
    ok(tls_echo(d->c, d->s), "data passes");
    duo_free(d);
}

int main(void)
{
    world w = world_make();

    FOR_VERSIONS(version)
        for (int kind = 0; kind < KINDS; kind++)
            test_once(&w, kind, version);
    world_free(&w);
    return done();
}
