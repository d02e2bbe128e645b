/* SSL_new(3), SSL_dup(3): settings that only show in what a connection does. For each: set on the
 * context it is seen on a new SSL; what an SSL makes of a later change of the context; set on the SSL
 * the context and other SSLs are unchanged; the SSL's own stays; what a duplicate has. inherit.c has
 * those with getters. */
#include "pipe.h"

static world w;
static int called;

/* Of a ClientHello: a sum over the body of an extension, -1 if it is not there. */
static int hello_extension(SSL *ssl, int type)
{
    wire out = { 0 };
    endpoint e = { .in = &(wire){ 0 }, .out = &out };
    BIO *bio = pipe_bio(&e);
    size_t at = 5 + 4 + 2 + 32;
    int sum = -1;

    SSL_set_bio(ssl, bio, bio);
    SSL_set_connect_state(ssl);
    SSL_do_handshake(ssl);
    at += 1 + out.data[at];
    at += 2 + ((size_t)out.data[at] << 8 | out.data[at + 1]);
    at += 1 + out.data[at];
    for (at += 2; at + 4 <= out.len;) {
        size_t n = (size_t)out.data[at + 2] << 8 | out.data[at + 3];

        if ((out.data[at] << 8 | out.data[at + 1]) == type) {
            sum = 1;
            for (size_t i = 0; i < n; i++)
                sum = (sum * 31 + out.data[at + 4 + i]) & 0xffffff;
        }
        at += 4 + n;
    }
    SSL_clear(ssl);
    SSL_set_bio(ssl, NULL, NULL);
    wire_free(&out);
    ERR_clear_error();
    return sum;
}

/* A connection of the server `ssl` or of the client `ssl`, with a peer that has no settings. */
static duo *connection(SSL *ssl, int version)
{
    SSL *peer;
    duo *d;

    SSL_clear(ssl);
    SSL_up_ref(ssl);
    called = 0;
    if (SSL_is_server(ssl)) {
        peer = SSL_new(w.cctx);
        ssl_only_version(peer, version);
        d = duo_of(peer, ssl);
    } else {
        peer = SSL_new(w.sctx);
        ssl_only_version(peer, version);
        d = duo_of(ssl, peer);
    }
    TLS_MUST(duo_handshake(d));
    return d;
}

/* A connection is used and goes; `ssl` is as before. */
static void parted(duo *d, SSL *ssl)
{
    SSL_set_bio(ssl, NULL, NULL);
    SSL_set_info_callback(ssl == d->c ? d->s : d->c, NULL);
    duo_free(d);
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_clear(ssl);
    SSL_set_session(ssl, NULL);
    ERR_clear_error();
}

/* The length of the record that a write of `n` bytes begins with. */
static int record_length(SSL *ssl, int n)
{
    static char data[20000];
    duo *d = connection(ssl, TLS1_3_VERSION);
    wire *line = SSL_is_server(ssl) ? &d->s2c : &d->c2s;
    int len;

    line->len = 0;
    SSL_write(ssl, data, n);
    len = (int)wire_record(line, 0);
    parted(d, ssl);
    return len;
}

/* The timeout of a session of the server's. */
static int session_timeout(SSL *ssl)
{
    duo *d = connection(ssl, TLS1_2_VERSION);
    int timeout = (int)SSL_SESSION_get_timeout(SSL_get_session(ssl));

    parted(d, ssl);
    return timeout;
}

static int session_context(SSL *ssl)
{
    duo *d = connection(ssl, TLS1_2_VERSION);
    unsigned len;
    const unsigned char *id = SSL_SESSION_get0_id_context(SSL_get_session(ssl), &len);
    int value = len == 0 ? -1 : id[0];

    parted(d, ssl);
    return value;
}

static int session_id(SSL *ssl)
{
    duo *d;
    unsigned len;
    const unsigned char *id;
    int value;

    SSL_set_options(ssl, SSL_OP_NO_TICKET);
    d = connection(ssl, TLS1_2_VERSION);
    id = SSL_SESSION_get_id(SSL_get_session(ssl), &len);
    value = len == 3 ? id[2] : -1;
    parted(d, ssl);
    return value;
}

/* Which callback was called in a handshake. */
static int callback_called(SSL *ssl)
{
    duo *d = connection(ssl, TLS1_2_VERSION);
    int which = called;

    parted(d, ssl);
    return which;
}

/* How many signature algorithms a server asks a client's certificate for. */
static int asked_algorithms(SSL *ssl)
{
    duo *d;
    int n;

    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    d = connection(ssl, TLS1_2_VERSION);
    n = SSL_get_sigalgs(d->c, -1, NULL, NULL, NULL, NULL, NULL);
    parted(d, ssl);
    return n;
}

/* The certificate types a server asks for; ours asks for what it can take alone. */
static int asked_types(SSL *ssl)
{
    duo *d;
    const unsigned char *types;
    int n, sum = 0;

    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    d = connection(ssl, TLS1_2_VERSION);
    n = (int)SSL_get0_certificate_types(d->c, &types);
    for (int i = 0; i < n; i++)
        sum = sum * 256 + types[i];
    parted(d, ssl);
    return sum;
}

static int dane_enabled(SSL *ssl)
{
    int r = SSL_dane_enable(ssl, "localhost") > 0;

    ERR_clear_error();
    return r;
}

/* Callbacks a and b of each kind: they say which they are. */
#define TWO(name, type, parameters, result)                                          \
    static type name##_a parameters { called |= 1; return result; }                  \
    static type name##_b parameters { called |= 2; return result; }

TWO(info, void, (const SSL *ssl __attribute__((unused)), int where __attribute__((unused)),
                 int ret __attribute__((unused))), )
TWO(msg, void, (int p __attribute__((unused)), int version __attribute__((unused)),
                int type __attribute__((unused)), const void *buf __attribute__((unused)),
                size_t n __attribute__((unused)), SSL *ssl __attribute__((unused)),
                void *arg __attribute__((unused))), )
TWO(cert, int, (SSL *ssl __attribute__((unused)), void *arg __attribute__((unused))), 1)
TWO(hello, int, (SSL *ssl __attribute__((unused)), int *al __attribute__((unused)),
                 void *arg __attribute__((unused))), SSL_CLIENT_HELLO_SUCCESS)
TWO(name, int, (SSL *ssl __attribute__((unused)), int *al __attribute__((unused)),
                void *arg __attribute__((unused))), SSL_TLSEXT_ERR_OK)
TWO(keylog, void, (const SSL *ssl __attribute__((unused)),
                   const char *line __attribute__((unused))), )
TWO(new_session, int, (SSL *ssl __attribute__((unused)),
                       SSL_SESSION *session __attribute__((unused))), 0)
TWO(verify, int, (int ok, X509_STORE_CTX *store __attribute__((unused))), ok)
TWO(cert_verify, int, (X509_STORE_CTX *store __attribute__((unused)),
                       void *arg __attribute__((unused))), 1)

static size_t pad_a(SSL *ssl, int type, size_t len, void *arg)
{
    (void)ssl, (void)type, (void)len, (void)arg;
    return 10;
}

static size_t pad_b(SSL *ssl, int type, size_t len, void *arg)
{
    (void)ssl, (void)type, (void)len, (void)arg;
    return 20;
}

static int id_a(SSL *ssl, unsigned char *id, unsigned *len)
{
    static unsigned char turn;

    (void)ssl;
    id[0] = ++turn;
    id[1] = 7;
    id[2] = 'a';
    *len = 3;
    return 1;
}

static int id_b(SSL *ssl, unsigned char *id, unsigned *len)
{
    id_a(ssl, id, len);
    id[2] = 'b';
    return 1;
}

/* For each setting: ctx_NAME and ssl_NAME set the first value or the second, see_NAME observes. */
#define SETTING(name, ctx_set, ssl_set, observe)                                     \
    static void ctx_##name(SSL_CTX *o, int second) { ctx_set; }                      \
    static void ssl_##name(SSL *o, int second) { ssl_set; }                          \
    static int see_##name(SSL *o) { return observe; }

/* One that only a context has. */
#define CONTEXT(name, ctx_set, observe)                                              \
    static void ctx_##name(SSL_CTX *o, int second) { ctx_set; }                      \
    static int see_##name(SSL *o) { return observe; }

#define EITHER(a, b) (second ? (b) : (a))

static const unsigned char types_a[] = { 64 }, types_b[] = { 64, 1 };
static const unsigned char protocols[] = "\2h2\2h3";

SETTING(groups, SSL_CTX_set1_groups_list(o, EITHER("P-256", "P-384")),
        SSL_set1_groups_list(o, EITHER("P-256", "P-384")), hello_extension(o, 10))
SETTING(sigalgs, SSL_CTX_set1_sigalgs_list(o, EITHER("ECDSA+SHA256", "RSA+SHA256")),
        SSL_set1_sigalgs_list(o, EITHER("ECDSA+SHA256", "RSA+SHA256")), hello_extension(o, 13))
SETTING(alpn, SSL_CTX_set_alpn_protos(o, protocols, EITHER(3, 6)),
        SSL_set_alpn_protos(o, protocols, EITHER(3, 6)), hello_extension(o, 16))
SETTING(status_type, SSL_CTX_set_tlsext_status_type(o, EITHER(TLSEXT_STATUSTYPE_ocsp, -1)),
        SSL_set_tlsext_status_type(o, EITHER(TLSEXT_STATUSTYPE_ocsp, -1)), hello_extension(o, 5))
SETTING(max_fragment, SSL_CTX_set_tlsext_max_fragment_length(o, EITHER(1, 3)),
        SSL_set_tlsext_max_fragment_length(o, EITHER(1, 3)), hello_extension(o, 1))
SETTING(post_handshake_auth, SSL_CTX_set_post_handshake_auth(o, EITHER(1, 0)),
        SSL_set_post_handshake_auth(o, EITHER(1, 0)), 1)
SETTING(ct, SSL_CTX_set_ct_validation_callback(o, NULL, NULL);
        if (!second) SSL_CTX_enable_ct(o, SSL_CT_VALIDATION_PERMISSIVE),
        SSL_set_ct_validation_callback(o, NULL, NULL);
        if (!second) SSL_enable_ct(o, SSL_CT_VALIDATION_PERMISSIVE),
        2 * SSL_ct_is_enabled(o) + (hello_extension(o, 18) != -1))
/* A lower limit lowers the split, which stays. */
SETTING(max_send_fragment, SSL_CTX_set_max_send_fragment(o, EITHER(1000, 2000));
        SSL_CTX_set_split_send_fragment(o, EITHER(1000, 2000)),
        SSL_set_max_send_fragment(o, EITHER(1000, 2000));
        SSL_set_split_send_fragment(o, EITHER(1000, 2000)), record_length(o, 5000))
SETTING(split_send_fragment, SSL_CTX_set_split_send_fragment(o, EITHER(1000, 2000)),
        SSL_set_split_send_fragment(o, EITHER(1000, 2000)), record_length(o, 5000))
SETTING(block_padding, SSL_CTX_set_block_padding(o, EITHER(64, 256)),
        SSL_set_block_padding(o, EITHER(64, 256)), record_length(o, 1))
SETTING(padding, SSL_CTX_set_record_padding_callback(o, EITHER(pad_a, pad_b)),
        SSL_set_record_padding_callback(o, EITHER(pad_a, pad_b)), record_length(o, 1))
SETTING(session_id_context,
        SSL_CTX_set_session_id_context(o, (const unsigned char *)EITHER("a", "b"), 1),
        SSL_set_session_id_context(o, (const unsigned char *)EITHER("a", "b"), 1),
        session_context(o))
SETTING(generate_session_id, SSL_CTX_set_generate_session_id(o, EITHER(id_a, id_b)),
        SSL_set_generate_session_id(o, EITHER(id_a, id_b)), session_id(o))
SETTING(client_sigalgs,
        SSL_CTX_set1_client_sigalgs_list(o, EITHER("ECDSA+SHA256", "ECDSA+SHA256:RSA+SHA256")),
        SSL_set1_client_sigalgs_list(o, EITHER("ECDSA+SHA256", "ECDSA+SHA256:RSA+SHA256")),
        asked_algorithms(o))
SETTING(client_types, SSL_CTX_set1_client_certificate_types(o, EITHER(types_a, types_b), EITHER(1, 2)),
        SSL_set1_client_certificate_types(o, EITHER(types_a, types_b), EITHER(1, 2)), asked_types(o))
SETTING(msg, SSL_CTX_set_msg_callback(o, EITHER(msg_a, msg_b)),
        SSL_set_msg_callback(o, EITHER(msg_a, msg_b)), callback_called(o))
SETTING(cert, SSL_CTX_set_cert_cb(o, EITHER(cert_a, cert_b), NULL),
        SSL_set_cert_cb(o, EITHER(cert_a, cert_b), NULL), callback_called(o))
SETTING(verify, SSL_CTX_set_verify(o, SSL_VERIFY_PEER, EITHER(verify_a, verify_b)),
        SSL_set_verify(o, SSL_VERIFY_PEER, EITHER(verify_a, verify_b)), callback_called(o))
SETTING(max_pipelines, is_int(SSL_CTX_set_max_pipelines(o, EITHER(1, 2)), 1, "pipelines"),
        is_int(SSL_set_max_pipelines(o, EITHER(1, 2)), 1, "pipelines"), 1)
CONTEXT(timeout, SSL_CTX_set_timeout(o, EITHER(100, 200)), session_timeout(o))
CONTEXT(hello, SSL_CTX_set_client_hello_cb(o, EITHER(hello_a, hello_b), NULL), callback_called(o))
CONTEXT(name, SSL_CTX_set_tlsext_servername_callback(o, EITHER(name_a, name_b)),
        callback_called(o))
CONTEXT(keylog, SSL_CTX_set_keylog_callback(o, EITHER(keylog_a, keylog_b)), callback_called(o))
CONTEXT(new_session, SSL_CTX_sess_set_new_cb(o, EITHER(new_session_a, new_session_b)),
        SSL_set_options(o, SSL_OP_NO_TICKET) != 0 ? callback_called(o) : 0)
CONTEXT(cert_verify,
        SSL_CTX_set_cert_verify_callback(o, EITHER(cert_verify_a, cert_verify_b), NULL),
        callback_called(o))
CONTEXT(custom, SSL_CTX_add_client_custom_ext(o, EITHER(5000, 5001), NULL, NULL, NULL, NULL, NULL),
        (hello_extension(o, 5000) != -1) + 2 * (hello_extension(o, 5001) != -1))
CONTEXT(dane, if (second) SSL_CTX_dane_enable(o), dane_enabled(o))

typedef struct {
    const char *name;
    int server;
    void (*ctx_set)(SSL_CTX *, int);
    void (*ssl_set)(SSL *, int);
    int (*see)(SSL *);
    int insensitive; /* both values look alike */
} row;

#define ROW(name, server, ...) { #name, server, ctx_##name, ssl_##name, see_##name, __VA_ARGS__ }
#define CTX_ROW(name, server) { #name, server, ctx_##name, NULL, see_##name, 0 }

static const row rows[] = {
    ROW(groups, 0, 0), ROW(sigalgs, 0, 0), ROW(alpn, 0, 0), ROW(status_type, 0, 0),
    ROW(max_fragment, 0, 0), ROW(post_handshake_auth, 0, 1), ROW(ct, 0, 0),
    ROW(max_send_fragment, 0, 0), ROW(max_send_fragment, 1, 0), ROW(split_send_fragment, 1, 0),
    ROW(block_padding, 0, 0), ROW(block_padding, 1, 0), ROW(padding, 1, 0),
    ROW(session_id_context, 1, 0), ROW(generate_session_id, 1, 0), ROW(client_sigalgs, 1, 0),
    ROW(client_types, 1, 0),
    ROW(msg, 0, 0), ROW(msg, 1, 0), ROW(cert, 1, 0), ROW(verify, 0, 0),
    ROW(max_pipelines, 0, 1), CTX_ROW(timeout, 1), CTX_ROW(hello, 1), CTX_ROW(name, 1),
    CTX_ROW(keylog, 0), CTX_ROW(keylog, 1), CTX_ROW(new_session, 1), CTX_ROW(cert_verify, 0),
    CTX_ROW(custom, 0), CTX_ROW(dane, 0),
};

static SSL_CTX *context(const row *r)
{
    return r->server ? tls_server_ctx(&w.leaf) : tls_client_ctx(&w.ca);
}

static SSL *fresh(SSL_CTX *ctx, int server)
{
    SSL *ssl = SSL_new(ctx);

    if (server)
        SSL_set_accept_state(ssl);
    else
        SSL_set_connect_state(ssl);
    return ssl;
}

/* What a new SSL of the context does. */
static int seen_new(const row *r, SSL_CTX *ctx)
{
    SSL *ssl = fresh(ctx, r->server);
    int seen = r->see(ssl);

    SSL_free(ssl);
    return seen;
}

/* What a duplicate of an SSL does. */
static int seen_duplicate(const row *r, SSL *ssl)
{
    SSL *copy = SSL_dup(ssl);
    int seen;

    TLS_MUST(copy != NULL && copy != ssl);
    seen = r->see(copy);
    SSL_free(copy);
    return seen;
}

static void test(const row *r)
{
    SSL_CTX *ctx = context(r);
    const char *side = r->server ? "server" : "client";
    int first, second;
    SSL *old, *own;

    r->ctx_set(ctx, 0);
    old = fresh(ctx, r->server);
    first = seen_new(r, ctx);
    r->ctx_set(ctx, 1);
    second = seen_new(r, ctx);
    same("%s %s: %d and %d", side, r->name, first, second);
    ok(first != second || r->insensitive, "%s %s shows", side, r->name);
    same("%s %s: a duplicate of an SSL made before: %d", side, r->name, seen_duplicate(r, old));
    same("%s %s: changed on the context after SSL_new: %d", side, r->name, r->see(old));
    if (r->ssl_set != NULL) {
        own = fresh(ctx, r->server);
        r->ssl_set(own, 0);
        is_int(seen_new(r, ctx), second, "%s %s: set on an SSL, not on the context", side, r->name);
        same("%s %s: a duplicate: %d", side, r->name, seen_duplicate(r, own));
        is_int(r->see(own), first, "%s %s: but there", side, r->name);
        r->ssl_set(old, 1);
        r->ctx_set(ctx, 0);
        is_int(r->see(old), second, "%s %s: its own stays", side, r->name);
        SSL_free(own);
    }
    SSL_free(old);
    SSL_CTX_free(ctx);
}

/* SSL_set_SSL_CTX(3): which settings an SSL has of the context it is given. */
static void test_moved(const row *r)
{
    SSL_CTX *first = context(r), *second = context(r);
    SSL *ssl, *own;

    r->ctx_set(first, 0);
    r->ctx_set(second, 1);
    ssl = fresh(first, r->server);
    own = fresh(first, r->server);
    TLS_MUST(SSL_set_SSL_CTX(ssl, second) == second);
    same("%s %s: with another context: %d", r->server ? "server" : "client", r->name, r->see(ssl));
    if (r->ssl_set != NULL) {
        r->ssl_set(own, 0);
        TLS_MUST(SSL_set_SSL_CTX(own, second) == second);
        same("%s %s: its own with another context: %d", r->server ? "server" : "client", r->name,
             r->see(own));
    }
    SSL_free(ssl);
    SSL_free(own);
    SSL_CTX_free(first);
    SSL_CTX_free(second);
}

/* The info callback has getters, and a context's is in force where an SSL has none. */
static void test_info(void)
{
    SSL_CTX *ctx = tls_client_ctx(&w.ca);
    SSL *ssl, *before = SSL_new(ctx);

    SSL_CTX_set_info_callback(ctx, info_a);
    ssl = SSL_new(ctx);
    is_ptr((void *)SSL_CTX_get_info_callback(ctx), (void *)info_a, "the context's info callback");
    same("inherited: %d, by one made before: %d", SSL_get_info_callback(ssl) == info_a,
         SSL_get_info_callback(before) == info_a);
    SSL_CTX_set_info_callback(ctx, info_b);
    called = 0;
    hello_extension(ssl, 10);
    same("changed on the context: %d", called);
    called = 0;
    hello_extension(before, 10);
    same("on one made before: %d", called);
    SSL_set_info_callback(ssl, info_b);
    SSL_CTX_set_info_callback(ctx, info_a);
    called = 0;
    hello_extension(ssl, 10);
    is_int(called, 2, "its own");
    SSL_free(ssl);
    SSL_free(before);
    SSL_CTX_free(ctx);
}

/* What is shared: the trust and the sessions. */
static void test_shared(void)
{
    SSL_CTX *cctx = tls_client_ctx(NULL), *sctx = tls_server_ctx(&w.leaf);
    SSL *c, *s = SSL_new(sctx);
    duo *d;

    SSL_CTX_set_verify(cctx, SSL_VERIFY_PEER, NULL);
    c = SSL_new(cctx);
    TLS_MUST(X509_STORE_add_cert(SSL_CTX_get_cert_store(cctx), w.ca.cert) == 1);
    ssl_only_version(c, TLS1_2_VERSION);
    SSL_CTX_set_options(sctx, SSL_OP_NO_TICKET);
    SSL_set_options(s, SSL_OP_NO_TICKET);
    d = duo_of(c, s);
    ok(duo_handshake(d), "a certificate trusted after SSL_new is trusted (%s)",
       d->out.client.errors);
    is_int(SSL_CTX_sess_number(sctx), 1, "its session is in the context's cache");
    is_int(SSL_CTX_sess_accept_good(sctx), 1, "and counted there");
    SSL_CTX_set_cert_store(cctx, X509_STORE_new());
    duo_free(d);
    d = duo_of(SSL_new(cctx), SSL_new(sctx));
    ok(!duo_handshake(d), "with another store it is not");
    duo_free(d);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
    ERR_clear_error();
}

int main(void)
{
    w = world_make();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        test(&rows[i]);
        test_moved(&rows[i]);
    }
    test_info();
    test_shared();
    world_free(&w);
    return done();
}
