/* What callbacks are lent by the connection at work, and programs keep beyond their end: it stays
 * what and where it is. SSL_get0_param(3), SSL_get0_raw_cipherlist(3), SSL_get_client_ciphers(3),
 * SSL_set_tlsext_status_ocsp_resp(3), SSL_get0_alpn_selected(3), SSL_get0_certificate_types(3),
 * SSL_get_client_CA_list(3), SSL_get_servername(3). */
#include "pipe.h"

/* What a side was lent last, and how often that was another than before. */
typedef struct {
    const void *at;
    size_t len;
    unsigned char bytes[512]; /* what is there */
    int seen, moved;
} lent;

enum { PARAM, RAW, CIPHERS, NAME, ALPN, TYPES, NAMES, KINDS };
static const char *const kinds[] = { "parameters", "raw suites", "suites", "name", "protocol",
                                     "certificate types", "authorities" };
static lent sides[2][KINDS];

static void see(lent *l, const void *at, size_t len, int readable)
{
    if (at == NULL)
        return;
    l->moved += l->seen++ > 0 && l->at != at;
    l->at = at;
    l->len = readable ? len : 0;
    TLS_MUST(len <= sizeof l->bytes);
    memcpy(l->bytes, at, l->len);
}

static void look(SSL *ssl)
{
    int server = SSL_is_server(ssl);
    lent *l = sides[server];
    const unsigned char *bytes;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    unsigned alpn;
    size_t n;

    see(&l[PARAM], SSL_get0_param(ssl), 0, 0);
    if (server) {
        unsigned char *raw = NULL;
        long len = (long)SSL_get0_raw_cipherlist(ssl, &raw);

        see(&l[RAW], raw, raw != NULL ? (size_t)len : 0, 1);
        see(&l[CIPHERS], SSL_get_client_ciphers(ssl), 0, 0);
    }
    see(&l[NAME], name, name != NULL ? strlen(name) : 0, 1);
    SSL_get0_alpn_selected(ssl, &bytes, &alpn);
    see(&l[ALPN], bytes, alpn, 1);
    bytes = NULL;
    n = SSL_get0_certificate_types(ssl, &bytes);
    see(&l[TYPES], bytes, n, 1);
    see(&l[NAMES], SSL_get_client_CA_list(ssl), 0, 0);
}

static void is_still_there(const char *version, int server)
{
    for (int i = 0; i < KINDS; i++) {
        const lent *l = &sides[server][i];
        const char *side = server ? "server" : "client";

        is_int(l->moved, 0, "%s, %s: the %s stay", version, side, kinds[i]);
        if (l->seen > 0)
            ok(memcmp(l->at, l->bytes, l->len) == 0, "and are what they were");
    }
}

static int on_name(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    look(ssl);
    return SSL_TLSEXT_ERR_OK;
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                   const unsigned char *in, unsigned inlen, void *arg)
{
    (void)inlen, (void)arg;
    look(ssl);
    *out = in + 1;
    *outlen = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static int on_verify(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    look(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    return 1;
}

static int on_cert(SSL *ssl, void *arg)
{
    (void)arg;
    look(ssl);
    return 1;
}

static int on_client_cert(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
    (void)cert, (void)key;
    look(ssl);
    return 0;
}

static unsigned char *given;

/* The response is the program's to write to until another is set. */
static int on_status(SSL *ssl, void *arg)
{
    unsigned char *now = NULL;

    (void)arg;
    look(ssl);
    if (!SSL_is_server(ssl)) {
        is_int(SSL_get_tlsext_status_ocsp_resp(ssl, &now), 8, "the client has a response");
        is_mem(now, "Response", 8, "with what was written last");
        return 1;
    }
    given = OPENSSL_malloc(8);
    memcpy(given, "response", 8);
    is_int(SSL_set_tlsext_status_ocsp_resp(ssl, given, 8), 1, "a response is set");
    is_int(SSL_get_tlsext_status_ocsp_resp(ssl, &now), 8, "it is there");
    ok(now == given, "and is the very one");
    given[0] = 'R';
    return SSL_TLSEXT_ERR_OK;
}

static void prepare(world *w)
{
    SSL_CTX_set_alpn_select_cb(w->sctx, on_alpn, NULL);
    SSL_CTX_set_verify(w->sctx, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_verify(w->cctx, SSL_VERIFY_PEER, on_verify);
    TLS_MUST(SSL_CTX_add_client_CA(w->sctx, w->ca.cert) == 1);
    SSL_CTX_set_tlsext_servername_callback(w->sctx, on_name);
    SSL_CTX_set_cert_cb(w->sctx, on_cert, NULL);
    SSL_CTX_set_client_cert_cb(w->cctx, on_client_cert);
    SSL_CTX_set_tlsext_status_cb(w->sctx, on_status);
    SSL_CTX_set_tlsext_status_cb(w->cctx, on_status);
}

/* Everything is asked for in each callback, from before the handshake or from within it on. */
static void test_lent(const world *w, int version, int before)
{
    duo *d = duo_new(w, version);
    unsigned char *now = NULL;

    memset(sides, 0, sizeof sides);
    TLS_MUST(SSL_set_alpn_protos(d->c, (const unsigned char *)"\2h2", 3) == 0);
    TLS_MUST(SSL_set_tlsext_host_name(d->c, "localhost") == 1);
    TLS_MUST(SSL_set_tlsext_status_type(d->c, TLSEXT_STATUSTYPE_ocsp) == 1);
    if (before) {
        look(d->c);
        memset(sides[0] + NAMES, 0, sizeof(lent));
        look(d->s);
    }
    ok(duo_handshake(d), "%s: connects (%s|%s)", version_name(version), d->out.client.errors,
       d->out.server.errors);
    look(d->c);
    look(d->s);
    is_still_there(version_name(version), 0);
    is_still_there(version_name(version), 1);
    is_int(SSL_get_tlsext_status_ocsp_resp(d->s, &now), 8, "the response is there still");
    ok(now == given, "where it was");
    given[1] = 'E';
    is_int(SSL_set_tlsext_status_ocsp_resp(d->s, NULL, 0), 1, "until there is none");
    is_int(SSL_get_tlsext_status_ocsp_resp(d->s, &now), -1, "any more");
    ok(now == NULL, "which shows");
    duo_free(d);
}

/* The program's parameters, got at first where they are in use. */
static X509_VERIFY_PARAM *first;

static int first_in_verify(int ok, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

    if (first == NULL)
        first = SSL_get0_param(ssl);
    SSL_set1_host(ssl, "localhost");
    return ok;
}

static void test_param(const world *w, int version)
{
    duo *d = duo_new(w, version);

    first = NULL;
    SSL_set_verify(d->c, SSL_VERIFY_PEER, first_in_verify);
    TLS_MUST(SSL_set1_host(d->c, "localhost") == 1);
    ok(duo_handshake(d), "%s: connects", version_name(version));
    ok(first != NULL && SSL_get0_param(d->c) == first, "the parameters stay");
    is_str(SSL_get0_peername(d->c), "localhost", "and have the name that matched");
    is_str(X509_VERIFY_PARAM_get0_peername(first), "localhost", "and nothing else has");
    X509_VERIFY_PARAM_set_depth(first, 7);
    is_int(SSL_get_verify_depth(d->c), 7, "what is changed in them is the connection's");
    SSL_set_verify_depth(d->c, 5);
    is_int(X509_VERIFY_PARAM_get_depth(first), 5, "and the other way round");
    duo_free(d);
}

/* A context's parameters are where they are, whatever connections were made meanwhile. */
static void test_ctx_param(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx), *own, *copy = X509_VERIFY_PARAM_new();
    SSL *one = SSL_new(ctx), *two;

    X509_VERIFY_PARAM_set_depth(param, 3);
    two = SSL_new(ctx);
    is_int(SSL_get_verify_depth(one), -1, "a connection made before does not see a change");
    is_int(SSL_get_verify_depth(two), 3, "one made after does");
    SSL_CTX_set_verify_depth(ctx, 4);
    ok(SSL_CTX_get0_param(ctx) == param, "the parameters stay");
    is_int(X509_VERIFY_PARAM_get_depth(param), 4, "and are the context's");
    own = SSL_get0_param(two);
    ok(own != param && SSL_get0_param(one) != own, "a connection has others");
    is_int(SSL_set1_param(two, own), 1, "they are set to themselves");
    X509_VERIFY_PARAM_set_depth(copy, 9);
    is_int(SSL_set1_param(two, copy), 1, "and to others");
    X509_VERIFY_PARAM_set_depth(copy, 8);
    ok(SSL_get0_param(two) == own, "whose contents they take");
    is_int(SSL_get_verify_depth(two), 9, "as they were");
    is_int(SSL_CTX_set1_param(ctx, param), 1, "the context's are set to themselves");
    SSL_free(one);
    SSL_free(two);
    is_int(X509_VERIFY_PARAM_get_depth(param), 4, "and outlive connections");
    X509_VERIFY_PARAM_free(copy);
    SSL_CTX_free(ctx);
}

/* The suites of another client are others. */
static void test_again(const world *w)
{
    duo *d = duo_new(w, TLS1_2_VERSION);
    STACK_OF(SSL_CIPHER) *suites;

    ok(duo_handshake(d), "connects");
    ok(sk_SSL_CIPHER_num(SSL_get_client_ciphers(d->s)) > 1, "many suites were offered");
    for (int i = 0; i < 2; i++) {
        SSL_shutdown(d->c);
        SSL_shutdown(d->s);
    }
    suites = SSL_get_client_ciphers(d->s);
    TLS_MUST(SSL_clear(d->c) == 1 && SSL_clear(d->s) == 1);
    ok(SSL_get_client_ciphers(d->s) == suites, "SSL_clear keeps them");
    ok(sk_SSL_CIPHER_num(suites) > 1, "as they were");
    TLS_MUST(SSL_set_session(d->c, NULL) == 1);
    TLS_MUST(SSL_set_cipher_list(d->c, "ECDHE-ECDSA-AES128-GCM-SHA256") == 1);
    ok(duo_handshake(d), "connects again");
    suites = SSL_get_client_ciphers(d->s);
    is_int(sk_SSL_CIPHER_num(suites), 1, "with one suite");
    is_str(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(suites, 0)), "ECDHE-ECDSA-AES128-GCM-SHA256",
           "the one it offers now");
    duo_free(d);
}

int main(void)
{
    world w = world_make();
    world plain = world_make();

    prepare(&w);
    FOR_VERSIONS(version) {
        test_lent(&w, version, 0);
        test_lent(&w, version, 1);
        test_param(&plain, version);
    }
    test_ctx_param();
    test_again(&plain);
    world_free(&plain);
    world_free(&w);
    return done();
}
