/* SSL_set_msg_callback: every message, record header and alert of a connection, in OpenSSL's order
 * among the info callback's calls, with OpenSSL's arguments, and as they are on the wire. */
#include "pipe.h"

#define WRITTEN 1
#define READ 0

/* What the callbacks saw of one side. */
typedef struct {
    char order[16384];           /* messages, alerts and steps */
    wire messages[2];            /* the handshake messages, by write_p */
    wire headers[2];             /* the record headers */
    wire inner[2];               /* for each header the content type shown after it, or 0 */
    wire sent;                   /* what was written to the BIO */
    unsigned char finished[2][64];
    size_t finished_len[2];
    int calls, wrong;
    const void *argument;
} witness;

__attribute__((format(printf, 2, 3))) static void tell(witness *w, const char *fmt, ...)
{
    size_t used = strlen(w->order);
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(w->order + used, sizeof w->order - used, fmt, ap);
    va_end(ap);
}

static void on_info(const SSL *ssl, int where, int ret)
{
    tell(SSL_get_app_data(ssl), " %x:%x:%s", where, ret, SSL_state_string(ssl));
}

static void on_header(witness *w, int write_p, int version, const unsigned char *p, size_t len)
{
    const unsigned char none = 0;

    w->wrong += len != 5 || version != (p[1] << 8 | p[2]);
    wire_put(&w->headers[write_p], p, len);
    wire_put(&w->inner[write_p], &none, 1);
}

static void on_message(int write_p, int version, int type, const void *buf, size_t len, SSL *ssl,
                       void *arg)
{
    witness *w = SSL_get_app_data(ssl);
    const unsigned char *p = buf;
    wire *inner = &w->inner[write_p];

    w->calls++;
    w->wrong += arg != w->argument;
    switch (type) {
    case SSL3_RT_HEADER:
        on_header(w, write_p, version, p, len);
        break;
    case SSL3_RT_INNER_CONTENT_TYPE:
        w->wrong += len != 1 || inner->len == 0 || inner->data[inner->len - 1] != 0;
        w->wrong += version != (write_p ? TLS1_2_VERSION : TLS1_3_VERSION);
        inner->data[inner->len - 1] = p[0];
        break;
    case SSL3_RT_HANDSHAKE:
        w->wrong += len < 4 || len != 4 + ((size_t)p[1] << 16 | p[2] << 8 | p[3]);
        wire_put(&w->messages[write_p], p, len);
        if (p[0] == SSL3_MT_FINISHED && len < 64) {
            memcpy(w->finished[write_p], p + 4, len - 4);
            w->finished_len[write_p] = len - 4;
        }
        tell(w, " %c%x:%d:%s", "<>"[write_p], version, p[0], SSL_state_string(ssl));
        break;
    case SSL3_RT_CHANGE_CIPHER_SPEC:
        w->wrong += len != 1 || p[0] != 1;
        tell(w, " %c%x:ccs:%s", "<>"[write_p], version, SSL_state_string(ssl));
        break;
    case SSL3_RT_ALERT:
        w->wrong += len != 2;
        tell(w, " %c%x:alert-%d-%d:%s", "<>"[write_p], version, p[0], p[1], SSL_state_string(ssl));
        break;
    default:
        w->wrong++;
    }
}

static long on_bio(BIO *b, int op, const char *data, size_t len, int argi, long argl, int ret,
                   size_t *processed)
{
    (void)len, (void)argi, (void)argl;
    if (op == (BIO_CB_WRITE | BIO_CB_RETURN) && ret > 0)
        wire_put(&((witness *)BIO_get_callback_arg(b))->sent, data, *processed);
    return ret;
}

static void watch(SSL *ssl, witness *w)
{
    BIO *b = SSL_get_wbio(ssl);

    memset(w, 0, sizeof *w);
    w->argument = w;
    SSL_set_app_data(ssl, w);
    SSL_set_info_callback(ssl, on_info);
    SSL_set_msg_callback(ssl, on_message);
    SSL_set_msg_callback_arg(ssl, w);
    BIO_set_callback_arg(b, (char *)w);
    BIO_set_callback_ex(b, on_bio);
}

static void forget(witness *w)
{
    for (int i = 0; i < 2; i++) {
        wire_free(&w->messages[i]);
        wire_free(&w->headers[i]);
        wire_free(&w->inner[i]);
    }
    wire_free(&w->sent);
}

/* The headers shown are those on the wire; what is protected has its content type. */
static void check_headers(const char *what, int version, const witness *w, const char *who)
{
    const wire *headers = &w->headers[WRITTEN], *inner = &w->inner[WRITTEN];
    size_t at = 0, n = 0, len;
    int right = 1;

    while ((len = wire_record(&w->sent, at)) != 0) {
        const unsigned char *header = w->sent.data + at;
        int is_inner = version == TLS1_3_VERSION && header[0] == SSL3_RT_APPLICATION_DATA;

        if (headers->len < (n + 1) * 5 || memcmp(headers->data + n * 5, header, 5) != 0
            || (inner->data[n] != 0) != is_inner)
            right = 0;
        at += len;
        n++;
    }
    ok(right && at == w->sent.len && headers->len == n * 5,
       "%s %s: the %s's %zu headers are those on the wire", what, version_name(version), who, n);
    is_int(w->wrong, 0, "%s %s: the %s's arguments", what, version_name(version), who);
}

/* What one wrote is what the other read. */
static void check_messages(const char *what, int version, const witness *from, const witness *to,
                           const char *who)
{
    const wire *w = &from->messages[WRITTEN], *r = &to->messages[READ];

    ok(w->len == r->len && memcmp(w->data, r->data, w->len) == 0,
       "%s %s: the %s's messages are shown alike to both, %zu and %zu bytes", what,
       version_name(version), who, w->len, r->len);
    is_int(from->headers[WRITTEN].len, to->headers[READ].len, "%s %s: as are the %s's headers",
           what, version_name(version), who);
    ok(from->inner[WRITTEN].len == to->inner[READ].len
           && memcmp(from->inner[WRITTEN].data, to->inner[READ].data, from->inner[WRITTEN].len) == 0,
       "%s %s: and content types", what, version_name(version));
}

static void check_finished(const char *what, SSL *ssl, const witness *w)
{
    unsigned char own[64], peers[64];
    size_t own_len = SSL_get_finished(ssl, own, sizeof own);
    size_t peers_len = SSL_get_peer_finished(ssl, peers, sizeof peers);

    ok(own_len != 0 && own_len == w->finished_len[WRITTEN]
           && memcmp(own, w->finished[WRITTEN], own_len) == 0,
       "%s: the own Finished is the one shown", what);
    ok(peers_len != 0 && peers_len == w->finished_len[READ]
           && memcmp(peers, w->finished[READ], peers_len) == 0,
       "%s: the peer's Finished is the one shown", what);
}

/* Takes a part of the story out. */
static void cut(char *text, const char *part)
{
    char *at = strstr(text, part);

    if (at)
        memmove(at, at + strlen(part), strlen(at + strlen(part)) + 1);
}

/* Tells both sides' stories, which the two libraries must tell alike. */
static void compare(const char *what, int version, witness *c, witness *s)
{
    same("%s %s, client:%s", what, version_name(version), c->order);
    same("%s %s, server:%s", what, version_name(version), s->order);
    c->order[0] = s->order[0] = 0;
}

static void check_both(const char *what, int version, const witness *c, const witness *s)
{
    check_headers(what, version, c, "client");
    check_headers(what, version, s, "server");
    check_messages(what, version, c, s, "client");
    check_messages(what, version, s, c, "server");
}

/* A handshake, data and its end. The session is offered, and taken over. */
static void converse(const char *what, world *w, int version, SSL_SESSION **session)
{
    duo *d = duo_new(w, version);
    witness c, s;
    char byte;

    watch(d->c, &c);
    watch(d->s, &s);
    SSL_set_tlsext_host_name(d->c, "localhost");
    if (*session)
        SSL_set_session(d->c, *session);
    ok(duo_handshake(d), "%s %s: connects (%s|%s)", what, version_name(version), d->out.client.errors,
       d->out.server.errors);
    is_int(SSL_session_reused(d->c), *session != NULL, "%s: resumed or not", what);
    if (*session != NULL && version == TLS1_2_VERSION
        && differs("new-tickets", "rustls issues tickets anew when it resumes")) {
        cut(c.order, " <303:4:TRST 1001:1:TRST");
        cut(s.order, " >303:4:TWST 2001:1:TWST");
    }
    compare(what, version, &c, &s);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    compare("tickets", version, &c, &s);
    check_finished(what, d->c, &c);
    check_finished(what, d->s, &s);
    ok(tls_echo(d->c, d->s), "%s: data passes", what);
    compare("data", version, &c, &s);
    SSL_SESSION_free(*session);
    *session = SSL_get1_session(d->c);
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    SSL_shutdown(d->s);
    SSL_shutdown(d->c);
    compare("closed", version, &c, &s);
    check_both(what, version, &c, &s);
    forget(&c);
    forget(&s);
    duo_free(d);
}

static void once(const char *what, world *w, int version)
{
    SSL_SESSION *session = NULL;

    converse(what, w, version, &session);
    SSL_SESSION_free(session);
}

static void handshakes(int version)
{
    world w = world_make();
    tls_id own = tls_client_leaf(&w.ca, "P-256", "client");
    SSL_SESSION *session = NULL;

    SSL_CTX_set1_groups_list(w.cctx, "P-256");
    SSL_CTX_set1_groups_list(w.sctx, "P-256");
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"x", 1);
    converse("full", &w, version, &session);
    converse("resumed", &w, version, &session);
    SSL_SESSION_free(session);
    SSL_CTX_set1_groups_list(w.cctx, "X25519:P-256");
    once("another group", &w, version);
    SSL_CTX_set1_groups_list(w.cctx, "P-256");
    SSL_CTX_set_num_tickets(w.sctx, 0);
    once("no tickets", &w, version);
    SSL_CTX_set1_verify_cert_store(w.sctx, SSL_CTX_get_cert_store(w.cctx));
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    once("no client certificate", &w, version);
    SSL_CTX_use_certificate(w.cctx, own.cert);
    SSL_CTX_use_PrivateKey(w.cctx, own.key);
    once("client certificate", &w, version);
    tls_id_free(&own);
    world_free(&w);
}

/* Messages that several records hold are shown once, as a whole. */
static void fragments(int version)
{
    world w = world_make();
    char what[32];

    SSL_CTX_set1_groups_list(w.cctx, "P-256");
    for (int size = 512; size <= 1024; size += 512) {
        SSL_CTX_set_max_send_fragment(w.sctx, size);
        for (int i = 0; i < 3; i++)
            SSL_CTX_add_extra_chain_cert(w.sctx, (X509_up_ref(w.ca.cert), w.ca.cert));
        snprintf(what, sizeof what, "fragments of %d", size);
        once(what, &w, version);
    }
    world_free(&w);
}

static int add_ext(SSL *ssl, unsigned int type, unsigned int context, const unsigned char **out,
                   size_t *outlen, X509 *x, size_t chainidx, int *al, void *arg)
{
    (void)ssl, (void)type, (void)context, (void)x, (void)chainidx, (void)al, (void)arg;
    *out = (const unsigned char *)"some text of the program's";
    *outlen = 26;
    return 1;
}

static int parse_ext(SSL *ssl, unsigned int type, unsigned int context, const unsigned char *in,
                     size_t inlen, X509 *x, size_t chainidx, int *al, void *arg)
{
    (void)ssl, (void)type, (void)context, (void)in, (void)x, (void)chainidx, (void)al, (void)arg;
    return inlen == 26;
}

/* Extensions of the program's are in what is shown, as they are on the wire. */
static void custom_extensions(int version)
{
    world w = world_make();
    const unsigned int context = SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO
                                 | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS;
    duo *d;
    witness c, s;

    SSL_CTX_add_custom_ext(w.cctx, 1000, context, add_ext, NULL, NULL, parse_ext, NULL);
    SSL_CTX_add_custom_ext(w.sctx, 1000, context, add_ext, NULL, NULL, parse_ext, NULL);
    d = duo_new(&w, version);
    watch(d->c, &c);
    watch(d->s, &s);
    ok(duo_handshake(d), "extensions of the program's: connects (%s|%s)", d->out.client.errors,
       d->out.server.errors);
    SSL_read(d->c, (char[1]){ 0 }, 1);
    for (int from = 0; from < 2; from++) {
        const wire *shown = &(from ? &s : &c)->messages[WRITTEN];

        ok(memmem(shown->data, shown->len, "some text of the program's", 26) != NULL,
           "%s: the extension is in what is shown", version_name(version));
    }
    check_both("extensions of the program's", version, &c, &s);
    forget(&c);
    forget(&s);
    duo_free(d);
    world_free(&w);
}

/* Alerts, with what comes before them. */
static void failure(const char *what, world *w, int version, int client_version)
{
    duo *d = duo_new(w, version);
    witness c, s;

    if (client_version != version)
        ssl_only_version(d->c, client_version);
    watch(d->c, &c);
    watch(d->s, &s);
    SSL_set_tlsext_host_name(d->c, "localhost");
    ok(!duo_handshake(d), "%s %s: does not connect (%s|%s)", what, version_name(version),
       d->out.client.errors, d->out.server.errors);
    if (version == TLS1_3_VERSION && strcmp(what, "not trusted") == 0
        && differs("early-ccs", "rustls makes the ChangeCipherSpec before it judges the peer"))
        cut(c.order, " >304:ccs:SSLERR");
    compare(what, version, &c, &s);
    is_int(c.wrong + s.wrong, 0, "%s: arguments", what);
    forget(&c);
    forget(&s);
    duo_free(d);
}

static void failures(int version)
{
    world w = world_make(), other = world_make();

    SSL_CTX_set1_groups_list(w.cctx, "P-256");
    SSL_CTX_set1_groups_list(other.cctx, "P-256");
    SSL_CTX_set1_groups_list(other.sctx, "P-384");
    failure("no group in common", &other, version, version);
    SSL_CTX_set1_groups_list(other.sctx, "P-256");
    SSL_CTX_set_cert_store(w.cctx, X509_STORE_new());
    failure("not trusted", &w, version, version);
    failure("another version", &other, version,
            version == TLS1_2_VERSION ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_verify(other.sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    failure("certificate required", &other, TLS1_2_VERSION, TLS1_2_VERSION);
    world_free(&w);
    world_free(&other);
}

/* KeyUpdates. rustls answers at once and asks for an answer itself, so that the two sides' messages
 * are compared and not their number. */
static void key_updates(void)
{
    world w = world_make();
    duo *d = duo_connected(&w, TLS1_3_VERSION);
    witness c, s;
    char byte;

    SSL_read(d->c, &byte, 1);
    watch(d->c, &c);
    watch(d->s, &s);
    is_int(SSL_key_update(d->c, SSL_KEY_UPDATE_REQUESTED), 1, "a KeyUpdate is due");
    is_int(SSL_do_handshake(d->c), 1, "it is sent");
    same("key update, client:%s", c.order);
    SSL_read(d->s, &byte, 1);
    SSL_write(d->s, "x", 1);
    SSL_read(d->c, &byte, 1);
    same("key update answered, client:%s", c.order);
    ok(tls_echo(d->c, d->s), "data passes");
    ok(strstr(s.order, " 2001:1:SSLOK 2001:1:SSLOK <304:24:TRCKU 2001:1:TRCKU 2002:1:SSLOK") != NULL
           && strstr(s.order, " 2001:1:SSLOK >304:24:TWSKU 2001:1:TWSKU 2002:1:SSLOK") != NULL,
       "the server's story:%s", s.order);
    check_both("key update", TLS1_3_VERSION, &c, &s);
    forget(&c);
    forget(&s);
    duo_free(d);
    world_free(&w);
}

/* Set, changed and taken back in the middle; a context's own. */
static void settings(int version)
{
    world w = world_make();
    duo *d;
    witness c, s, ctx;
    int calls;

    memset(&ctx, 0, sizeof ctx);
    ctx.argument = &ctx;
    SSL_CTX_set_msg_callback(w.sctx, on_message);
    SSL_CTX_set_msg_callback_arg(w.sctx, &ctx);
    d = duo_new(&w, version);
    SSL_set_app_data(d->s, &ctx);
    watch(d->c, &c);
    SSL_set_msg_callback(d->c, NULL);
    ok(duo_handshake(d), "%s: connects", version_name(version));
    is_int(c.calls, 0, "none that is not set");
    ok(ctx.calls > 10 && ctx.wrong == 0, "the context's is inherited");
    watch(d->s, &s);
    watch(d->c, &c);
    ok(tls_echo(d->c, d->s), "data passes");
    ok(c.calls > 0 && s.calls > 0, "one set after the handshake");
    SSL_set_msg_callback(d->s, NULL);
    SSL_set_info_callback(d->s, NULL);
    calls = s.calls;
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    is_int(s.calls, calls, "one taken back");
    ok(strstr(c.order, "alert-1-0") != NULL, "close_notify is shown");
    forget(&c);
    forget(&s);
    forget(&ctx);
    duo_free(d);
    world_free(&w);
}

/* A BIO that takes and gives little: the messages are the same. */
static void trickle(int version)
{
    world w = world_make();
    duo *d = duo_new(&w, version);
    witness c, s;

    watch(d->c, &c);
    watch(d->s, &s);
    d->ce.max_write = d->se.max_write = 100;
    d->ce.max_read = d->se.max_read = 3;
    d->ce.stutter = d->se.stutter = 1;
    for (int i = 0; i < 5000 && !(SSL_is_init_finished(d->c) && SSL_is_init_finished(d->s)); i++) {
        SSL_do_handshake(d->c);
        SSL_do_handshake(d->s);
    }
    for (int i = 0; i < 500; i++) {
        char byte;

        SSL_read(d->c, &byte, 1);
    }
    ERR_clear_error();
    ok(SSL_is_init_finished(d->c) && SSL_is_init_finished(d->s), "%s: connects in small steps",
       version_name(version));
    check_both("trickle", version, &c, &s);
    forget(&c);
    forget(&s);
    duo_free(d);
    world_free(&w);
}

int main(void)
{
    FOR_VERSIONS(v) {
        handshakes(v);
        fragments(v);
        failures(v);
        settings(v);
        trickle(v);
        custom_extensions(v);
    }
    key_updates();
    return done();
}
