/* SSL_stateless(3): a TLS 1.3 server that answers the first ClientHello with a cookie and forgets
 * it, and goes on with the one that brings the cookie back. */
#include "pipe.h"

enum { HELLO_RETRY = 2, KEY_SHARE = 51, COOKIE = 44 };
static const char middle[] = "the program's own";

static int generated, verified, generate_result, verify_result;
static size_t cookie_len;

static int generate(SSL *s, unsigned char *cookie, size_t *len)
{
    size_t i;

    generated++;
    for (i = 0; i < cookie_len; i++)
        cookie[i] = (unsigned char)middle[i % sizeof middle];
    *len = cookie_len;
    return generate_result;
}

static int verify(SSL *s, const unsigned char *cookie, size_t len)
{
    size_t i;
    int right = len == cookie_len;

    verified++;
    for (i = 0; i < len && right; i++)
        right = cookie[i] == (unsigned char)middle[i % sizeof middle];
    return right ? verify_result : 0;
}

static void callbacks(SSL_CTX *ctx)
{
    generated = verified = 0;
    generate_result = verify_result = 1;
    cookie_len = sizeof middle;
    SSL_CTX_set_stateless_cookie_generate_cb(ctx, generate);
    SSL_CTX_set_stateless_cookie_verify_cb(ctx, verify);
}

static world stateless_world(void)
{
    world w = world_make();

    callbacks(w.sctx);
    /* What is cut into calls by its arrival is tested by itself. */
    SSL_CTX_clear_options(w.cctx, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
    return w;
}

/* Sends what the client has to say next. */
static void client_speaks(duo *d)
{
    int r = SSL_do_handshake(d->c);

    TLS_MUST(r == -1 && SSL_get_error(d->c, r) == SSL_ERROR_WANT_READ);
}

/* One call; ChangeCipherSpecs, which cost one each, are read over on the way. */
static int stateless(duo *d)
{
    int r, calls = 0;

    do {
        int spec = d->c2s.len > 0 && d->c2s.data[0] == 20;

        r = SSL_stateless(d->s);
        if (!spec)
            return r;
        is_int(r, -1, "a ChangeCipherSpec is read over");
        is_int(ERR_peek_error(), 0, "that is no error");
        is_int(SSL_get_error(d->s, r), SSL_ERROR_SYSCALL, "and nothing is waited for");
    } while (calls++ < 4);
    return -9;
}

/* The body of an extension of the HelloRetryRequest at the start of `w`; NULL if it has none. */
static const unsigned char *retry_extension(const wire *w, unsigned kind, size_t *len)
{
    const unsigned char *m = w->data + 5, *at, *end;

    TLS_MUST(w->len > 60 && w->data[0] == 22 && m[0] == HELLO_RETRY && m[6] == 0xcf && m[37] == 0x9c);
    at = m + 39 + m[38] + 3;
    end = at + 2 + (at[0] << 8 | at[1]);
    for (at += 2; at < end; at += 4 + *len) {
        *len = (size_t)(at[2] << 8 | at[3]);
        if ((unsigned)(at[0] << 8 | at[1]) == kind)
            return at + 4;
    }
    return NULL;
}

static void test_without_callbacks(void)
{
    world w = world_make();
    duo *d = duo_new(&w, 0);

    client_speaks(d);
    ERR_raise(ERR_LIB_USER, 1);
    is_int(SSL_stateless(d->s), -1, "no callback to make a cookie");
    is_int(tls_ssl_reason(), SSL_R_NO_COOKIE_CALLBACK_SET, "that is the reason, and the only entry");
    is_int(SSL_do_handshake(d->c), -1, "the client is told");
    is_int(trace_alert(&d->ct, SSL_CB_READ_ALERT, 0), ALERT_FATAL(SSL_AD_INTERNAL_ERROR), "by this alert");
    duo_free(d);
    world_free(&w);
}

static void test_cookie(void)
{
    world w = stateless_world();
    duo *d = duo_new(&w, 0);
    const unsigned char *ext;
    size_t len;

    client_speaks(d);
    ERR_raise(ERR_LIB_USER, 1);
    is_int(SSL_stateless(d->s), 0, "the first ClientHello has no cookie");
    is_int(ERR_peek_error(), 0, "the error queue was emptied");
    is_int(generated, 1, "a cookie is made");
    is_int(verified, 0, "none is checked");
    is_int(SSL_get_error(d->s, 0), SSL_ERROR_SYSCALL, "SSL_get_error");
    same("state after the request: %d, in init %d, finished %d", SSL_get_state(d->s), SSL_in_init(d->s),
         SSL_is_init_finished(d->s));
    ok(retry_extension(&d->s2c, KEY_SHARE, &len) == NULL, "no other share is asked for");
    ext = retry_extension(&d->s2c, COOKIE, &len);
    ok(ext != NULL, "the request has a cookie");
    same("%zu bytes of output, cookie of %zu, version %d.%d, length %d", d->s2c.len, len, ext[2] << 8 | ext[3],
         ext[4] << 8 | ext[5], ext[0] << 8 | ext[1]);
    is_int(ext[10], 0, "no share is asked for in the cookie");
    is_int(ext[19] << 8 | ext[20], 48, "the hash of the ClientHello");
    is_mem(ext + 70, middle, sizeof middle, "what the program made");

    client_speaks(d);
    is_int(stateless(d), 1, "the second ClientHello has it");
    is_int(verified, 1, "it was checked");
    is_int(generated, 1, "no other was made");
    same("state: %d, in init %d, finished %d", SSL_get_state(d->s), SSL_in_init(d->s), SSL_is_init_finished(d->s));
    ok(d->s2c.len > 500, "the server's flight is sent");
    ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
    is_int(SSL_version(d->s), TLS1_3_VERSION, "TLS 1.3");
    for (int i = 0; i < d->st.n; i++)
        same("info callback: %x %d", d->st.where[i], d->st.ret[i]);
    ok(tls_echo(d->c, d->s), "data passes both ways");
    is_int(generated + verified, 2, "the callbacks are not asked again");
    duo_free(d);
    world_free(&w);
}

/* Nothing of the first ClientHello is left: another SSL gets the second. */
static void test_forgets(const char *suites, const char *client_groups, const char *server_groups, int asks)
{
    world w = stateless_world();
    duo *d;
    SSL *first;
    size_t len;
    unsigned char mine[32], theirs[32];

    TLS_MUST(SSL_CTX_set_ciphersuites(w.sctx, suites) && SSL_CTX_set1_groups_list(w.cctx, client_groups)
             && SSL_CTX_set1_groups_list(w.sctx, server_groups));
    d = duo_new(&w, 0);
    client_speaks(d);
    is_int(SSL_stateless(d->s), 0, "%s: no cookie yet", suites);
    is_int(retry_extension(&d->s2c, KEY_SHARE, &len) != NULL, asks, "a share is asked for: %d", asks);
    client_speaks(d);
    first = d->s;
    d->s = SSL_new(w.sctx);
    SSL_set_accept_state(d->s);
    SSL_set_bio(d->s, SSL_get_rbio(first), SSL_get_rbio(first));
    BIO_up_ref(SSL_get_rbio(first));
    is_int(stateless(d), 1, "another connection takes the cookie (%s)", tls_errors());
    SSL_free(first);
    ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
    is_str(SSL_get_cipher(d->c), SSL_get_cipher(d->s), "with the same suite");
    is_str(SSL_get_cipher(d->c), suites, "the server's");
    TLS_MUST(SSL_export_keying_material(d->c, mine, 32, "x", 1, NULL, 0, 0)
             && SSL_export_keying_material(d->s, theirs, 32, "x", 1, NULL, 0, 0));
    is_mem(mine, theirs, 32, "and the same secrets");
    ok(tls_echo(d->c, d->s), "data passes both ways");
    duo_free(d);
    world_free(&w);
}

/* A new client each time, one SSL. */
static void test_again(void)
{
    world w = stateless_world();
    duo *d = duo_new(&w, 0);
    int i;

    for (i = 0; i < 3; i++) {
        SSL *c = SSL_new(w.cctx);

        SSL_set_connect_state(c);
        BIO_up_ref(SSL_get_rbio(d->c));
        SSL_set_bio(c, SSL_get_rbio(d->c), SSL_get_rbio(d->c));
        SSL_free(d->c);
        d->c = c;
        d->s2c.len = d->c2s.len = 0;
        client_speaks(d);
        is_int(SSL_stateless(d->s), 0, "client %d: no cookie", i);
    }
    client_speaks(d);
    is_int(stateless(d), 1, "the last comes back");
    ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
    duo_free(d);
    world_free(&w);
}

/* With ChangeCipherSpecs for middleboxes. */
static void test_middlebox(void)
{
    world w = stateless_world();
    duo *d;

    SSL_CTX_set_options(w.cctx, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
    d = duo_new(&w, 0);
    client_speaks(d);
    is_int(SSL_stateless(d->s), 0, "no cookie yet");
    is_int(d->s2c.data[d->s2c.len - 6], 20, "a ChangeCipherSpec follows the request");
    client_speaks(d);
    is_int(d->c2s.data[0], 20, "the client sends one before its second ClientHello");
    is_int(stateless(d), 1, "then it is taken");
    ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
    ok(tls_echo(d->c, d->s), "data passes both ways");
    duo_free(d);
    SSL_CTX_clear_options(w.sctx, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
    d = duo_new(&w, 0);
    client_speaks(d);
    is_int(SSL_stateless(d->s), 0, "no cookie yet");
    is_int(wire_record(&d->s2c, 0), d->s2c.len, "without middleboxes, the request stands alone");
    client_speaks(d);
    is_int(stateless(d), 1, "taken");
    ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
    duo_free(d);
    world_free(&w);
}

enum damage { TAMPERED, SHORT, REFUSED, OTHER_KEY };

static void test_bad_cookie(enum damage damage, const char *what, int reason, int alert)
{
    world w = stateless_world(), other = stateless_world();
    duo *d = duo_new(&w, 0);
    const unsigned char *ext;
    unsigned char copy[32];
    size_t len, i;
    int done = 0;

    client_speaks(d);
    is_int(SSL_stateless(d->s), 0, "%s: no cookie yet", what);
    ext = retry_extension(&d->s2c, COOKIE, &len);
    memcpy(copy, ext + 10, sizeof copy);
    client_speaks(d);
    for (i = 0; i + sizeof copy < d->c2s.len && !done; i++)
        if (memcmp(d->c2s.data + i, copy, sizeof copy) == 0) {
            if (damage == TAMPERED)
                d->c2s.data[i + 9] ^= 1;
            if (damage == SHORT)
                d->c2s.data[i - 9]++;
            done = 1;
        }
    TLS_MUST(done);
    verify_result = damage != REFUSED;
    if (damage == OTHER_KEY) {
        SSL_free(d->s);
        d->s = SSL_new(other.sctx);
        SSL_set_accept_state(d->s);
        BIO *b = pipe_bio(&d->se);
        SSL_set_bio(d->s, b, b);
    }
    is_int(stateless(d), -1, "%s: fails", what);
    if (damage == SHORT && differs("cookie-length", "rustls reads the ClientHello before the cookie is looked at"))
        is_int(tls_ssl_reason(), SSL_R_LENGTH_TOO_SHORT, "%s: the reason", what);
    else
        is_int(tls_ssl_reason(), reason, "%s: the reason", what);
    SSL_do_handshake(d->c);
    is_int(trace_alert(&d->ct, SSL_CB_READ_ALERT, 0), ALERT_FATAL(alert), "%s: the alert", what);
    duo_free(d);
    world_free(&w);
    world_free(&other);
}

static void test_generator(void)
{
    static const size_t lengths[] = { 0, 1, 255, 256, 4096 };
    world w = stateless_world();
    size_t i;

    for (i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        duo *d = duo_new(&w, 0);
        int r;

        cookie_len = lengths[i];
        client_speaks(d);
        r = SSL_stateless(d->s);
        same("a cookie of %zu: %d, reason %d", cookie_len, r, tls_ssl_reason());
        if (r == 0) {
            client_speaks(d);
            is_int(stateless(d), 1, "comes back");
            ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
        }
        duo_free(d);
    }
    duo *d = duo_new(&w, 0);
    cookie_len = 5;
    generate_result = 0;
    client_speaks(d);
    is_int(SSL_stateless(d->s), -1, "the program makes no cookie");
    is_int(tls_ssl_reason(), SSL_R_COOKIE_GEN_CALLBACK_FAILURE, "that is the reason");
    SSL_do_handshake(d->c);
    is_int(trace_alert(&d->ct, SSL_CB_READ_ALERT, 0), ALERT_FATAL(SSL_AD_INTERNAL_ERROR), "the alert");
    duo_free(d);
    world_free(&w);
}

/* What is there is too little, or for an older version. */
static void test_other_input(void)
{
    world w = stateless_world();
    duo *d = duo_new(&w, 0);
    size_t all;
    int r;

    r = SSL_stateless(d->s);
    is_int(r, -1, "nothing is there");
    is_int(SSL_get_error(d->s, r), SSL_ERROR_WANT_READ, "it may be tried again");
    client_speaks(d);
    all = d->c2s.len;
    d->c2s.len = all - 10;
    r = SSL_stateless(d->s);
    is_int(r, -1, "a part of a ClientHello");
    is_int(SSL_get_error(d->s, r), SSL_ERROR_WANT_READ, "wants more");
    is_int(generated, 0, "no cookie is made");
    duo_free(d);

    d = duo_new(&w, 0);
    ssl_only_version(d->c, TLS1_2_VERSION);
    client_speaks(d);
    r = SSL_stateless(d->s);
    is_int(r, -1, "a client of TLS 1.2");
    is_int(SSL_get_error(d->s, r), SSL_ERROR_WANT_READ, "its handshake goes on");
    is_int(generated, 0, "no cookie is made");
    ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
    duo_free(d);

    d = duo_new(&w, 0);
    SSL_set_connect_state(d->s);
    is_int(SSL_stateless(d->s), -1, "not a server");
    same("a client: reason %d", tls_ssl_reason());
    duo_free(d);
    world_free(&w);
}

/* The cookie is for SSL_stateless alone: SSL_accept does not go on where a request was made. */
static void test_accept(void)
{
    int i;

    for (i = 0; i < 2; i++) {
        world w = stateless_world();
        duo *d = duo_new(&w, 0);

        client_speaks(d);
        is_int(SSL_stateless(d->s), 0, "no cookie yet");
        client_speaks(d);
        if (i)
            SSL_clear(d->s);
        ok(!duo_handshake(d), "what was forgotten is not in the transcript");
        is_int(verified, 0, "no cookie is checked");
        duo_free(d);
        world_free(&w);
    }
}

static int names;

static int on_name(SSL *s, int *al, void *arg)
{
    names++;
    return SSL_TLSEXT_ERR_OK;
}

static int choose(SSL *s, const unsigned char **out, unsigned char *len, const unsigned char *in, unsigned inlen,
                  void *arg)
{
    *out = in + 1;
    *len = in[0];
    return SSL_TLSEXT_ERR_OK;
}

/* With all that a handshake can have. */
static void test_rich(void)
{
    world w = stateless_world();
    tls_id own = tls_client_leaf(&w.ca, "P-256", "client");
    duo *d;
    SSL_SESSION *session;
    const unsigned char *alpn;
    unsigned alpn_len;
    char byte;

    TLS_MUST(SSL_CTX_use_certificate(w.cctx, own.cert) && SSL_CTX_use_PrivateKey(w.cctx, own.key));
    TLS_MUST(SSL_CTX_set_alpn_protos(w.cctx, (const unsigned char *)"\2h2", 3) == 0);
    SSL_CTX_set_alpn_select_cb(w.sctx, choose, NULL);
    SSL_CTX_set_tlsext_servername_callback(w.sctx, on_name);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), w.ca.cert);
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"s", 1);
    d = duo_new(&w, 0);
    SSL_set_tlsext_host_name(d->c, "localhost");
    client_speaks(d);
    is_int(SSL_stateless(d->s), 0, "no cookie yet");
    client_speaks(d);
    is_int(stateless(d), 1, "taken");
    ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
    is_int(names, 2, "the program is asked about the name of each ClientHello");
    ok(SSL_get0_peer_certificate(d->s) != NULL, "the client's certificate");
    is_str(SSL_get_servername(d->s, TLSEXT_NAMETYPE_host_name), "localhost", "the name");
    SSL_get0_alpn_selected(d->c, &alpn, &alpn_len);
    is_int(alpn_len, 2, "the protocol");
    SSL_read(d->c, &byte, 1);
    session = SSL_get1_session(d->c);
    SSL_shutdown(d->c);
    duo_free(d);

    if (on_ferrossl()) {
        d = duo_new(&w, 0);
        SSL_set_session(d->c, session);
        SSL_set_tlsext_host_name(d->c, "localhost");
        client_speaks(d);
        is_int(SSL_stateless(d->s), 0, "resuming: no cookie yet");
        client_speaks(d);
        is_int(stateless(d), 1, "resuming: taken (%s)", tls_errors());
        ok(duo_handshake(d), "resuming: connects (%s|%s)", d->out.client.errors, d->out.server.errors);
        is_int(SSL_session_reused(d->c), 1, "resumed");
        ok(tls_echo(d->c, d->s), "data passes both ways");
        duo_free(d);
    } else {
        skip("OpenSSL's server rejects the binder in a ClientHello with a cookie");
    }
    SSL_SESSION_free(session);
    tls_id_free(&own);
    world_free(&w);
}

/* Two sides with nothing in common: a failure, for which no cookie is made. */
static void test_nothing_in_common(void)
{
    for (int i = 0; i < 2; i++) {
        world w = stateless_world();
        duo *d = duo_new(&w, TLS1_3_VERSION);

        if (i == 0)
            TLS_MUST(SSL_set_ciphersuites(d->c, "TLS_AES_128_GCM_SHA256")
                     && SSL_set_ciphersuites(d->s, "TLS_AES_256_GCM_SHA384"));
        else
            TLS_MUST(SSL_set1_groups_list(d->c, "X25519") && SSL_set1_groups_list(d->s, "P-256"));
        client_speaks(d);
        is_int(SSL_stateless(d->s), -1, "nothing in common");
        is_int(tls_ssl_reason(), i ? SSL_R_NO_SUITABLE_KEY_SHARE : SSL_R_NO_SHARED_CIPHER, "the reason");
        SSL_do_handshake(d->c);
        is_int(trace_alert(&d->ct, SSL_CB_READ_ALERT, 0), ALERT_FATAL(SSL_AD_HANDSHAKE_FAILURE), "the alert");
        is_int(generated, 0, "no cookie is made");
        duo_free(d);
        world_free(&w);
    }
}

int main(void)
{
    test_without_callbacks();
    test_cookie();
    test_forgets("TLS_AES_128_GCM_SHA256", "X25519:P-256", "X25519:P-256", 0);
    test_forgets("TLS_AES_256_GCM_SHA384", "X25519:P-256", "P-256", 1);
    test_forgets("TLS_CHACHA20_POLY1305_SHA256", "P-384:P-521:X448", "P-521:X448", 1);
    test_again();
    test_middlebox();
    test_bad_cookie(TAMPERED, "tampered with", SSL_R_COOKIE_MISMATCH, SSL_AD_ILLEGAL_PARAMETER);
    test_bad_cookie(SHORT, "lengths at odds", SSL_R_LENGTH_MISMATCH, SSL_AD_DECODE_ERROR);
    test_bad_cookie(REFUSED, "the program's no", SSL_R_COOKIE_MISMATCH, SSL_AD_ILLEGAL_PARAMETER);
    test_bad_cookie(OTHER_KEY, "another context's", SSL_R_COOKIE_MISMATCH, SSL_AD_ILLEGAL_PARAMETER);
    test_generator();
    test_other_input();
    test_accept();
    test_nothing_in_common();
    test_rich();
    return done();
}
