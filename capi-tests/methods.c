/* SSL_CTX_new(3): the method functions, what each fixes, and contexts made of them. */
#include "certs.h"

#include <openssl/crypto.h>

typedef const SSL_METHOD *(*method_fn)(void);

/* side: 0 both, 1 client only, 2 server only. A deprecated function is on the list too. */
static const struct {
    const char *name;
    method_fn fn;
    int side;
    int version;
} methods[] = {
#define M(name, side, version) { #name, name, side, version }
    M(TLS_method, 0, TLS1_3_VERSION),
    M(TLS_client_method, 1, TLS1_3_VERSION),
    M(TLS_server_method, 2, TLS1_3_VERSION),
    M(TLSv1_2_method, 0, TLS1_2_VERSION),
    M(TLSv1_2_client_method, 1, TLS1_2_VERSION),
    M(TLSv1_2_server_method, 2, TLS1_2_VERSION),
    M(TLSv1_1_method, 0, TLS1_1_VERSION),
    M(TLSv1_1_client_method, 1, TLS1_1_VERSION),
    M(TLSv1_1_server_method, 2, TLS1_1_VERSION),
    M(TLSv1_method, 0, TLS1_VERSION),
    M(TLSv1_client_method, 1, TLS1_VERSION),
    M(TLSv1_server_method, 2, TLS1_VERSION),
    M(DTLS_method, 0, DTLS1_2_VERSION),
    M(DTLS_client_method, 1, DTLS1_2_VERSION),
    M(DTLS_server_method, 2, DTLS1_2_VERSION),
    M(DTLSv1_2_method, 0, DTLS1_2_VERSION),
    M(DTLSv1_2_client_method, 1, DTLS1_2_VERSION),
    M(DTLSv1_2_server_method, 2, DTLS1_2_VERSION),
    M(DTLSv1_method, 0, DTLS1_VERSION),
    M(DTLSv1_client_method, 1, DTLS1_VERSION),
    M(DTLSv1_server_method, 2, DTLS1_VERSION),
#undef M
};
#define N_METHODS (sizeof methods / sizeof *methods)

static int is_dtls(int version)
{
    return version >> 8 == DTLS1_VERSION_MAJOR;
}

static void test_each(void)
{
    size_t i;

    for (i = 0; i < N_METHODS; i++) {
        const SSL_METHOD *method = methods[i].fn();
        SSL_CTX *ctx;
        SSL *ssl;

        ok(method != NULL, "%s returns a method", methods[i].name);
        is_ptr(methods[i].fn(), method, "%s returns the same one again", methods[i].name);
        ERR_clear_error();
        ctx = SSL_CTX_new(method);
        ok(ctx != NULL, "%s: a context can be made", methods[i].name);
        is_int(ERR_peek_error(), 0, "%s: and leaves no error", methods[i].name);
        if (ctx == NULL)
            continue;
        is_ptr(SSL_CTX_get_ssl_method(ctx), method, "%s: SSL_CTX_get_ssl_method", methods[i].name);
        is_int(SSL_CTX_get_min_proto_version(ctx), 0, "%s: no minimum", methods[i].name);
        is_int(SSL_CTX_get_max_proto_version(ctx), 0, "%s: no maximum", methods[i].name);
        ssl = SSL_new(ctx);
        ok(ssl != NULL, "%s: SSL_new", methods[i].name);
        if (ssl != NULL) {
            is_ptr(SSL_get_ssl_method(ssl), method, "%s: SSL_get_ssl_method", methods[i].name);
            is_int(SSL_version(ssl), methods[i].version, "%s: SSL_version", methods[i].name);
            is_int(SSL_is_server(ssl), methods[i].side != 1, "%s: SSL_is_server",
                   methods[i].name);
            is_int(SSL_is_dtls(ssl), is_dtls(methods[i].version), "%s: SSL_is_dtls",
                   methods[i].name);
        }
        SSL_free(ssl);
        SSL_CTX_free(ctx);
    }
}

/* A reason that is not checked. */
#define ANY -1

/* Connects contexts of two methods and checks the outcome: a version, or failure with each
 * side's reason. */
static void handshake(const tls_id *leaf, method_fn client, method_fn server,
                      const char *version, int client_reason, int server_reason,
                      const char *name)
{
    SSL_CTX *cctx = SSL_CTX_new(client()), *sctx = SSL_CTX_new(server());
    SSL *c, *s;
    tls_outcome out;
    int connected;

    SSL_CTX_use_certificate(sctx, leaf->cert);
    SSL_CTX_use_PrivateKey(sctx, leaf->key);
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    tls_join(c, s, TLS_PAIR);
    connected = tls_handshake(c, s, &out);
    if (version != NULL) {
        ok(connected, "%s: connects (%s | %s)", name, out.client.errors, out.server.errors);
        is_str(SSL_get_version(c), version, "%s: the client's version", name);
        is_str(SSL_get_version(s), version, "%s: the server's version", name);
        ok(tls_echo(c, s), "%s: data passes", name);
    } else {
        ok(!connected, "%s: does not connect", name);
        if (client_reason != ANY) {
            is_int(out.client.reason, client_reason, "%s: the client's reason (%s)", name,
                   out.client.errors);
            is_int(out.client.error, SSL_ERROR_SSL, "%s: the client's SSL_get_error", name);
        }
        if (server_reason != ANY) {
            is_int(out.server.reason, server_reason, "%s: the server's reason (%s)", name,
                   out.server.errors);
            is_int(out.server.error, SSL_ERROR_SSL, "%s: the server's SSL_get_error", name);
        }
    }
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

static void test_versions(void)
{
    tls_id ca = tls_ca("P-256", "CA");
    tls_id leaf = tls_leaf(&ca, "P-256", "localhost", "DNS:localhost");
    int none = SSL_R_NO_PROTOCOLS_AVAILABLE;

    handshake(&leaf, TLS_client_method, TLS_server_method, "TLSv1.3", 0, 0, "TLS to TLS");
    handshake(&leaf, TLS_method, TLS_method, "TLSv1.3", 0, 0, "TLS_method on both sides");
    handshake(&leaf, TLSv1_2_client_method, TLS_server_method, "TLSv1.2", 0, 0,
              "TLSv1.2 client to TLS");
    handshake(&leaf, TLS_client_method, TLSv1_2_server_method, "TLSv1.2", 0, 0,
              "TLS client to TLSv1.2");
    handshake(&leaf, TLSv1_2_method, TLSv1_2_method, "TLSv1.2", 0, 0, "TLSv1.2 to TLSv1.2");

    /* OpenSSL's methods of one old version pass over the security level's floor and meet it at
     * the signature: the server finds none that level 2, Debian's default, allows. */
    if (differs("old-version-handshake", "rustls has no TLS 1.0, TLS 1.1 or DTLS")) {
        handshake(&leaf, TLSv1_client_method, TLS_server_method, NULL, none,
                  SSL_R_UNEXPECTED_MESSAGE, "TLSv1 client");
        handshake(&leaf, TLSv1_1_client_method, TLS_server_method, NULL, none,
                  SSL_R_UNEXPECTED_MESSAGE, "TLSv1.1 client");
        handshake(&leaf, TLS_client_method, TLSv1_server_method, NULL,
                  SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, none, "TLSv1 server");
        handshake(&leaf, TLS_client_method, TLSv1_1_server_method, NULL,
                  SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, none, "TLSv1.1 server");
        handshake(&leaf, DTLSv1_client_method, DTLS_server_method, NULL, none, ANY, "DTLSv1");
        handshake(&leaf, DTLS_client_method, DTLS_server_method, NULL, none, ANY, "DTLS");
    } else {
        static const method_fn old[][2] = {
            { TLSv1_client_method, TLS_server_method },
            { TLSv1_1_client_method, TLS_server_method },
            { TLS_client_method, TLSv1_server_method },
            { TLS_client_method, TLSv1_1_server_method },
            { DTLSv1_client_method, DTLS_server_method },
            { DTLS_client_method, DTLSv1_server_method },
        };
        size_t i;

        for (i = 0; i < sizeof old / sizeof *old; i++)
            handshake(&leaf, old[i][0], old[i][1], NULL, SSL_R_TLSV1_ALERT_INTERNAL_ERROR,
                      SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, "an old version");
    }
    tls_id_free(&leaf);
    tls_id_free(&ca);
}

/* Settings that leave no version, on either side. */
static void test_no_version(void)
{
    /* Options, and bounds that leave only what OpenSSL refuses later, for want of a signature
     * algorithm at security level 2, and rustls never has. */
    static const struct {
        uint64_t options;
        int max;
    } none[] = {
        { SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3, 0 },
        { SSL_OP_NO_SSL_MASK, 0 },
        { SSL_OP_NO_TLSv1_3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1, TLS1_1_VERSION },
        { 0, TLS1_VERSION },
        { 0, TLS1_1_VERSION },
    };
    tls_id ca = tls_ca("P-256", "CA");
    tls_id leaf = tls_leaf(&ca, "P-256", "localhost", "DNS:localhost");
    size_t i, side;

    for (i = 0; i < sizeof none / sizeof *none; i++)
        for (side = 0; side < 2; side++) {
            SSL_CTX *cctx = tls_client_ctx(NULL), *sctx = tls_server_ctx(&leaf);
            SSL_CTX *bare = side == 0 ? cctx : sctx;
            tls_outcome out;
            SSL *c, *s;

            SSL_CTX_set_options(bare, none[i].options);
            SSL_CTX_set_max_proto_version(bare, none[i].max);
            c = SSL_new(cctx);
            s = SSL_new(sctx);
            tls_join(c, s, TLS_PAIR);
            ok(!tls_handshake(c, s, &out), "no versions (%zu), %s: does not connect", i,
               side == 0 ? "client" : "server");
            if (none[i].options != 0 || on_ferrossl()) {
                is_int(side == 0 ? out.client.reason : out.server.reason,
                       SSL_R_NO_PROTOCOLS_AVAILABLE, "no protocols available");
                is_int(side == 0 ? out.server.reason : out.client.reason,
                       side == 0 ? SSL_R_UNEXPECTED_MESSAGE
                                 : SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
                       "the peer gets an alert (%s | %s)", out.client.errors,
                       out.server.errors);
            }
            SSL_free(c);
            SSL_free(s);
            SSL_CTX_free(cctx);
            SSL_CTX_free(sctx);
        }

    /* One side without the other's only version. */
    for (side = 0; side < 2; side++) {
        SSL_CTX *cctx = tls_client_ctx(NULL), *sctx = tls_server_ctx(&leaf);
        tls_outcome out;
        SSL *c, *s;

        SSL_CTX_set_max_proto_version(side == 0 ? cctx : sctx, TLS1_2_VERSION);
        SSL_CTX_set_min_proto_version(side == 0 ? sctx : cctx, TLS1_3_VERSION);
        c = SSL_new(cctx);
        s = SSL_new(sctx);
        tls_join(c, s, TLS_PAIR);
        ok(!tls_handshake(c, s, &out), "no version in common: does not connect");
        is_int(out.server.reason, SSL_R_UNSUPPORTED_PROTOCOL, "unsupported protocol on the server");
        is_int(out.client.reason, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
               "and its alert at the client");
        SSL_free(c);
        SSL_free(s);
        SSL_CTX_free(cctx);
        SSL_CTX_free(sctx);
    }
    tls_id_free(&leaf);
    tls_id_free(&ca);
}

/* A method of one side only: the other's functions are refused. */
static void test_wrong_side(void)
{
    SSL_CTX *cctx = SSL_CTX_new(TLS_client_method()), *sctx = SSL_CTX_new(TLS_server_method());
    SSL *c = SSL_new(cctx), *s = SSL_new(sctx), *plain;
    SSL_CTX *both = SSL_CTX_new(TLS_method());
    int r;

    SSL_set_bio(c, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_bio(s, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    ERR_clear_error();
    r = SSL_accept(c);
    ok(r <= 0, "SSL_accept of a client method's SSL fails");
    is_int(SSL_get_error(c, r), SSL_ERROR_SSL, "with SSL_ERROR_SSL");
    is_int(first_reason(), ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED, "and its reason");
    r = SSL_connect(s);
    ok(r <= 0, "SSL_connect of a server method's SSL fails");
    is_int(SSL_get_error(s, r), SSL_ERROR_SSL, "with SSL_ERROR_SSL");
    is_int(first_reason(), ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED, "and its reason");

    plain = SSL_new(both);
    SSL_set_bio(plain, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    r = SSL_do_handshake(plain);
    is_int(r, -1, "SSL_do_handshake without a side");
    is_int(SSL_get_error(plain, r), SSL_ERROR_SSL, "gives SSL_ERROR_SSL");
    is_int(first_reason(), SSL_R_CONNECTION_TYPE_NOT_SET, "and CONNECTION_TYPE_NOT_SET");
    r = SSL_read(plain, &r, 1);
    is_int(r, -1, "SSL_read without a side");
    is_int(first_reason(), SSL_R_UNINITIALIZED, "gives UNINITIALIZED");
    r = SSL_write(plain, "x", 1);
    is_int(r, -1, "SSL_write without a side");
    is_int(first_reason(), SSL_R_UNINITIALIZED, "gives UNINITIALIZED");
    r = SSL_shutdown(plain);
    is_int(r, -1, "SSL_shutdown without a side");
    is_int(first_reason(), SSL_R_UNINITIALIZED, "gives UNINITIALIZED");
    SSL_free(plain);
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
    SSL_CTX_free(both);
}

static void test_new(void)
{
    SSL_CTX *ctx;
    SSL *ssl;
    OSSL_LIB_CTX *lib = OSSL_LIB_CTX_new();

    ERR_clear_error();
    is_ptr(SSL_CTX_new(NULL), NULL, "SSL_CTX_new(NULL)");
    is_int(first_reason(), SSL_R_NULL_SSL_METHOD_PASSED, "its reason");
    is_ptr(SSL_CTX_new_ex(NULL, NULL, NULL), NULL, "SSL_CTX_new_ex without a method");
    is_int(first_reason(), SSL_R_NULL_SSL_METHOD_PASSED, "its reason");
    is_ptr(SSL_new(NULL), NULL, "SSL_new(NULL)");
    is_int(first_reason(), SSL_R_NULL_SSL_CTX, "its reason");
    SSL_CTX_free(NULL);
    SSL_free(NULL);
    SSL_SESSION_free(NULL);

    ctx = SSL_CTX_new_ex(lib, NULL, TLS_method());
    ok(ctx != NULL, "SSL_CTX_new_ex with a library context");
    SSL_CTX_free(ctx);
    ctx = SSL_CTX_new_ex(lib, "provider=default", TLS_method());
    ok(ctx != NULL, "SSL_CTX_new_ex with a property query");
    ssl = SSL_new(ctx);
    ok(ssl != NULL, "SSL_new of that");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    ctx = SSL_CTX_new_ex(NULL, "?fips=yes", TLS_method());
    ok(ctx != NULL, "SSL_CTX_new_ex with an optional property");
    SSL_CTX_free(ctx);
    ERR_clear_error();
    OSSL_LIB_CTX_free(lib);

    ctx = SSL_CTX_new(TLS_method());
    is_int(SSL_CTX_up_ref(ctx), 1, "SSL_CTX_up_ref");
    SSL_CTX_free(ctx);
    ssl = SSL_new(ctx);
    ok(ssl != NULL, "the context is still there after one free");
    SSL_CTX_free(ctx);
    is_ptr(SSL_get_SSL_CTX(ssl), ctx, "an SSL keeps its context");
    is_int(SSL_up_ref(ssl), 1, "SSL_up_ref");
    SSL_free(ssl);
    is_ptr(SSL_get_SSL_CTX(ssl), ctx, "an SSL is still there after one free");
    SSL_free(ssl);
}

/* SSL_CTX_set_ssl_version and SSL_set_ssl_method put another method in. */
static void test_change(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);

    is_int(SSL_CTX_set_ssl_version(ctx, TLSv1_2_method()), 1, "SSL_CTX_set_ssl_version");
    is_ptr(SSL_CTX_get_ssl_method(ctx), TLSv1_2_method(), "changes the context's method");
    is_ptr(SSL_get_ssl_method(ssl), TLS_method(), "but not an earlier SSL's");
    is_int(SSL_set_ssl_method(ssl, TLSv1_2_client_method()), 1, "SSL_set_ssl_method");
    is_ptr(SSL_get_ssl_method(ssl), TLSv1_2_client_method(), "changes the SSL's method");
    SSL_free(ssl);
    ssl = SSL_new(ctx);
    is_int(SSL_version(ssl), TLS1_2_VERSION, "SSL_new takes the context's new method");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* SSL_version before anything is agreed on: the method's newest, whatever the bounds; from the
 * ClientHello on, a client's is the newest it offers. */
static void test_before(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl, *copy;

    SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
    ssl = SSL_new(ctx);
    is_int(SSL_version(ssl), TLS1_3_VERSION, "the context's bounds do not count");
    is_str(SSL_get_version(ssl), "TLSv1.3", "nor for SSL_get_version");
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl);
    is_int(SSL_do_handshake(ssl), -1, "a ClientHello goes out");
    is_int(SSL_version(ssl), TLS1_2_VERSION, "they do with it");
    SSL_set_max_proto_version(ssl, TLS1_3_VERSION);
    is_int(SSL_version(ssl), TLS1_2_VERSION, "and stay");
    SSL_clear(ssl);
    is_int(SSL_version(ssl), TLS1_3_VERSION, "SSL_clear");
    SSL_set_ssl_method(ssl, TLSv1_2_method());
    is_int(SSL_version(ssl), TLS1_2_VERSION, "SSL_set_ssl_method");
    copy = SSL_dup(ssl);
    is_int(SSL_version(copy), TLS1_2_VERSION, "SSL_dup");
    SSL_free(copy);
    SSL_free(ssl);
    ssl = SSL_new(ctx);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl);
    is_int(SSL_do_handshake(ssl), -1, "a server awaits one");
    is_int(SSL_version(ssl), TLS1_3_VERSION, "and knows no version yet");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    ERR_clear_error();
}

/* The bounds of a context are no bounds for a method of one version. */
static void test_bounds(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLSv1_2_method());

    is_int(SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION), 1, "a bound is accepted");
    is_int(SSL_CTX_get_min_proto_version(ctx), 0, "and ignored by TLSv1_2_method");
    is_int(SSL_CTX_set_max_proto_version(ctx, TLS1_VERSION), 1, "the upper one too");
    is_int(SSL_CTX_get_max_proto_version(ctx), 0, "and ignored");
    SSL_CTX_free(ctx);
    ctx = SSL_CTX_new(DTLS_method());
    is_int(SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION), 1, "DTLS bound on DTLS_method");
    is_int(SSL_CTX_get_min_proto_version(ctx), DTLS1_2_VERSION, "is kept");
    is_int(SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION), 0, "TLS beside it is refused");
    SSL_CTX_free(ctx);
}

int main(void)
{
    test_each();
    test_versions();
    test_no_version();
    test_wrong_side();
    test_new();
    test_change();
    test_before();
    test_bounds();
    return done();
}
