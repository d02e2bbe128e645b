/* Extensions of the program's in every message that has a place for them
 * (SSL_CTX_add_custom_ext(3)): HelloRetryRequest, TLS 1.3's ServerHello, CertificateRequest,
 * Certificate of both sides and NewSessionTicket; which certificate each goes with, in which order
 * the functions run, and what fails. */
#include "pipe.h"

enum { KIND = 1000, CH = SSL_EXT_CLIENT_HELLO };

static const struct {
    const char *name;
    unsigned context;
} places[] = {
    { "ServerHello", SSL_EXT_TLS1_3_SERVER_HELLO },
    { "HelloRetryRequest", SSL_EXT_TLS1_3_HELLO_RETRY_REQUEST },
    { "EncryptedExtensions", SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS },
    { "CertificateRequest", SSL_EXT_TLS1_3_CERTIFICATE_REQUEST },
    { "Certificate", SSL_EXT_TLS1_3_CERTIFICATE },
    { "NewSessionTicket", SSL_EXT_TLS1_3_NEW_SESSION_TICKET },
};
enum { ALL = 6 };

static tls_id root, inter, leaf, own;

/* One line for each call: who, what, context, index, the certificate's name, body. */
static char story[8192];
static size_t told;
static int fail_add, fail_parse; /* the context in which a function fails */
static size_t body_len;
static int quiet; /* the functions tell nothing */
static int hellos[2]; /* how often each side's function ran for a ClientHello */

static void tell(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    told += (size_t)vsnprintf(story + told, sizeof story - told, format, args);
    va_end(args);
}

static const char *name_of(X509 *x)
{
    static char name[64];

    strcpy(name, "-");
    if (x != NULL)
        X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, name, sizeof name);
    return name;
}

static int on_add(SSL *s, unsigned type, unsigned context, const unsigned char **out, size_t *len, X509 *x,
                  size_t index, int *al, void *arg)
{
    static unsigned char body[20000];

    /* OpenSSL asks again for a second ClientHello; here it repeats what the first had. */
    if (!quiet && (context != CH || hellos[SSL_is_server(s)]++ == 0))
        tell("%s adds %x[%zu %s]; ", SSL_is_server(s) ? "server" : "client", context, index, name_of(x));
    if (SSL_is_server(s) && context == (unsigned)fail_add) {
        *al = SSL_AD_UNSUPPORTED_CERTIFICATE;
        return -1;
    }
    memset(body, 'x', sizeof body);
    snprintf((char *)body, 32, "%x.%zu.%d", context, index, SSL_is_server(s));
    *out = body;
    *len = body_len ? body_len : strlen((char *)body);
    return 1;
}

static void on_free(SSL *s, unsigned type, unsigned context, const unsigned char *out, void *arg)
{
}

static int on_parse(SSL *s, unsigned type, unsigned context, const unsigned char *in, size_t len, X509 *x,
                    size_t index, int *al, void *arg)
{
    if (!quiet && (context != CH || hellos[SSL_is_server(s)]++ == 0))
        tell("%s reads %x[%zu %s] %zu %.6s; ", SSL_is_server(s) ? "server" : "client", context, index, name_of(x), len,
         len ? (const char *)in : "");
    if (!SSL_is_server(s) && context == (unsigned)fail_parse) {
        *al = SSL_AD_UNSUPPORTED_CERTIFICATE;
        return 0;
    }
    return 1;
}

static duo *make(world *w, unsigned client_context, unsigned server_context, int auth, int retry)
{
    duo *d;

    memset(w, 0, sizeof *w);
    w->cctx = tls_client_ctx(&root);
    w->sctx = tls_server_ctx(&leaf);
    SSL_CTX_add1_chain_cert(w->sctx, inter.cert);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(w->sctx), root.cert);
    if (client_context)
        TLS_MUST(SSL_CTX_add_custom_ext(w->cctx, KIND, client_context, on_add, on_free, NULL, on_parse, NULL));
    if (server_context)
        TLS_MUST(SSL_CTX_add_custom_ext(w->sctx, KIND, server_context, on_add, on_free, NULL, on_parse, NULL));
    if (auth) {
        SSL_CTX_set_verify(w->sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        SSL_CTX_use_certificate(w->cctx, own.cert);
        SSL_CTX_use_PrivateKey(w->cctx, own.key);
        SSL_CTX_add1_chain_cert(w->cctx, inter.cert);
    }
    if (retry) {
        SSL_CTX_set1_groups_list(w->cctx, "P-256:P-384");
        SSL_CTX_set1_groups_list(w->sctx, "P-384");
    }
    SSL_CTX_set_num_tickets(w->sctx, 1);
    d = duo_new(w, TLS1_3_VERSION);
    told = 0;
    story[0] = 0;
    hellos[0] = hellos[1] = 0;
    return d;
}

static void drop(world *w, duo *d)
{
    duo_free(d);
    SSL_CTX_free(w->cctx);
    SSL_CTX_free(w->sctx);
}

enum { SMALL = 1, AHEAD = 2, LONG = 4 };

static void run(const char *what, unsigned client_context, unsigned server_context, int auth, int retry, int how)
{
    world w;
    duo *d = make(&w, client_context, server_context, auth, retry);
    char byte;

    if (how & SMALL) {
        SSL_set_max_send_fragment(d->c, 512);
        SSL_set_max_send_fragment(d->s, 512);
    }
    SSL_set_read_ahead(d->c, (how & AHEAD) != 0);
    SSL_set_read_ahead(d->s, (how & AHEAD) != 0);
    /* In 50 small records; with extensions in 20, since ours looks into no more than 30. */
    for (int i = 0; how & LONG && i < (how & SMALL && server_context ? 20 : 60); i++)
        TLS_MUST(SSL_add1_chain_cert(d->s, inter.cert) == 1);
    ok(duo_handshake(d), "%s: connects (%s|%s)", what, d->out.client.errors, d->out.server.errors);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    same("%s: %s", what, story);
    ok(tls_echo(d->c, d->s), "%s: data passes", what);
    if (auth)
        ok(SSL_get0_peer_certificate(d->s) && !X509_cmp(SSL_get0_peer_certificate(d->s), own.cert),
           "%s: the client's certificate", what);
    drop(&w, d);
}

static void test_places(void)
{
    unsigned all = CH;
    int i;

    for (i = 0; i < ALL; i++) {
        all |= places[i].context;
        run(places[i].name, CH | places[i].context, CH | places[i].context, 1, 1, 0);
        run(places[i].name, CH | places[i].context, CH | places[i].context, 0, 0, 0);
        /* Not asked for: nothing is answered. */
        run("unasked", 0, CH | places[i].context, 1, 1, 0);
        /* Asked for by nobody but sent all the same. */
        if (places[i].context & (SSL_EXT_TLS1_3_CERTIFICATE_REQUEST | SSL_EXT_TLS1_3_NEW_SESSION_TICKET)) {
            run("without a hello", places[i].context, places[i].context, 1, 1, 0);
            run("that nobody reads", 0, places[i].context, 1, 1, 0);
        }
    }
    run("everywhere", all & ~(SSL_EXT_TLS1_3_HELLO_RETRY_REQUEST), all & ~(SSL_EXT_TLS1_3_HELLO_RETRY_REQUEST), 1, 0, 0);
    run("everywhere, no client certificate", all, all, 0, 0, 0);
    /* The answer in the client's Certificate to what stood in the request. */
    run("request and certificate", SSL_EXT_TLS1_3_CERTIFICATE_REQUEST | SSL_EXT_TLS1_3_CERTIFICATE,
        SSL_EXT_TLS1_3_CERTIFICATE_REQUEST | SSL_EXT_TLS1_3_CERTIFICATE, 1, 0, 0);
    run("a certificate without a request", SSL_EXT_TLS1_3_CERTIFICATE, SSL_EXT_TLS1_3_CERTIFICATE, 1, 0, 0);
}

/* Large ones, which make more records of a flight. */
static void test_large(void)
{
    body_len = 9000;
    run("large", CH | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, CH | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS, 1, 0, 0);
    run("large request", SSL_EXT_TLS1_3_CERTIFICATE_REQUEST, SSL_EXT_TLS1_3_CERTIFICATE_REQUEST, 1, 0, 0);
    body_len = 700;
    run("small records", SSL_EXT_TLS1_3_CERTIFICATE_REQUEST, SSL_EXT_TLS1_3_CERTIFICATE_REQUEST, 1, 0, SMALL);
    for (int how = 0; how <= (SMALL | AHEAD); how++) {
        /* Certificates that go on in other records, which have extensions for each of theirs. */
        unsigned in_cert = CH | SSL_EXT_TLS1_3_CERTIFICATE;

        for (body_len = how & SMALL ? 10 : 5000; body_len < 16000; body_len += 3500) {
            run("certificate", in_cert, in_cert, 0, 0, how);
            run("both certificates", in_cert | SSL_EXT_TLS1_3_CERTIFICATE_REQUEST,
                in_cert | SSL_EXT_TLS1_3_CERTIFICATE_REQUEST, 1, 0, how);
            run("everything", in_cert | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS | SSL_EXT_TLS1_3_NEW_SESSION_TICKET,
                in_cert | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS | SSL_EXT_TLS1_3_NEW_SESSION_TICKET, 0, 0, how);
            if (how & SMALL && body_len > 3000)
                break;
        }
        body_len = 0;
        run("a long chain", in_cert, in_cert, 0, 0, how | LONG);
        run("a long chain without extensions", in_cert, 0, 0, 0, how | LONG);
    }
    body_len = 0;
}

/* Messages by direction and type, alerts with the type of the record. */
static void on_message(int out, int version, int type, const void *buf, size_t len, SSL *ssl, void *arg)
{
    const unsigned char *bytes = buf;
    static int record;

    if (type == SSL3_RT_HEADER)
        record = bytes[0];
    else if (type == SSL3_RT_ALERT)
        tell("%calert %d in %d ", out ? '>' : '<', bytes[1], record);
    else if (type == SSL3_RT_HANDSHAKE || type == SSL3_RT_CHANGE_CIPHER_SPEC)
        tell("%c%d.%d ", out ? '>' : '<', type, bytes[0]);
}

static void test_failures(void)
{
    int i, side;

    for (i = 0; i < ALL; i++) {
        unsigned context = CH | places[i].context;
        int retry = places[i].context == SSL_EXT_TLS1_3_HELLO_RETRY_REQUEST;
        world w;
        duo *d = make(&w, context, context, 1, retry);
        char byte;

        fail_parse = (int)places[i].context;
        duo_handshake(d);
        if (places[i].context == SSL_EXT_TLS1_3_NEW_SESSION_TICKET) {
            ERR_clear_error();
            is_int(SSL_get_error(d->c, SSL_read(d->c, &byte, 1)), SSL_ERROR_SSL, "%s: read", places[i].name);
            is_int(tls_ssl_reason(), SSL_R_BAD_EXTENSION, "%s: the reason", places[i].name);
            is_int(SSL_get_error(d->s, SSL_read(d->s, &byte, 1)), SSL_ERROR_SSL, "%s: its peer", places[i].name);
            is_int(tls_ssl_reason(), SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, "%s: the alert", places[i].name);
        } else {
            is_int(d->out.client.reason, SSL_R_BAD_EXTENSION, "%s: a client that does not like it (%s)",
                   places[i].name, d->out.client.errors);
            is_int(d->out.server.reason, SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, "%s: the alert (%s)",
                   places[i].name, d->out.server.errors);
        }
        drop(&w, d);
        fail_parse = 0;

        for (side = 0; side < 2; side++) {
            d = make(&w, context, context, 1, retry);
            fail_add = (int)places[i].context;
            SSL_set_msg_callback(side ? d->s : d->c, on_message);
            quiet = 1;
            duo_handshake(d);
            quiet = 0;
            if (places[i].context != SSL_EXT_TLS1_3_NEW_SESSION_TICKET)
                same("%s: a server that fails, the %s: %s", places[i].name, side ? "server" : "client", story);
            drop(&w, d);
        }
        d = make(&w, context, context, 1, retry);
        duo_handshake(d);
        is_int(d->out.server.reason, SSL_R_CALLBACK_FAILED, "%s: a server that fails (%s)", places[i].name,
               d->out.server.errors);
        if (places[i].context != SSL_EXT_TLS1_3_NEW_SESSION_TICKET)
            is_int(d->out.client.reason, SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, "%s: its alert (%s)",
                   places[i].name, d->out.client.errors);
        drop(&w, d);
        fail_add = 0;
    }
}

int main(void)
{
    root = tls_ca("P-256", "root");
    inter = tls_cert(&root, "P-256", "inter", NULL, NULL, 1, -3600, 86400);
    leaf = tls_leaf(&inter, "P-256", "localhost", "DNS:localhost");
    own = tls_cert(&inter, "P-256", "client", NULL, "clientAuth", 0, -3600, 86400);
    test_places();
    test_large();
    test_failures();
    tls_id_free(&own);
    tls_id_free(&leaf);
    tls_id_free(&inter);
    tls_id_free(&root);
    return done();
}
