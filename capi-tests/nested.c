/* Another connection's whole handshake inside a callback: a verification that asks an OCSP
 * responder, a key or a session that is fetched over TLS. The connection whose callback it is
 * must not notice, whatever either of them is in the middle of. ssl(7). */
#include "pipe.h"

#include <openssl/ec.h>
#include <openssl/rand.h>

/* Who may begin another handshake, each in turn. */
#define HOOKS(X)                                                                                   \
    X(NOBODY) X(READING) X(WRITING) X(INFO) X(MESSAGE) X(KEYLOG) X(HELLO) X(NAME) X(ALPN)          \
    X(CERTIFICATE) X(CLIENT_CERTIFICATE) X(STATUS) X(VERIFY) X(VERIFY_ALL) X(SIGN) X(TICKET_KEY)   \
    X(TICKET_MADE) X(TICKET_READ) X(NEW_SESSION) X(GET_SESSION) X(REMOVE_SESSION) X(ADD_EXTENSION) \
    X(PARSE_EXTENSION) X(SECURITY) X(PADDING) X(PSK_USE) X(PSK_FIND) X(SESSION_ID) X(EX_DATA)      \
    X(ALLOW_EARLY)
#define AS_ENUM(name) name,
#define AS_TEXT(name) #name,
enum hook { HOOKS(AS_ENUM) COUNT };
static const char *names[] = { HOOKS(AS_TEXT) };

static world outer, inner;
static tls_id client_id, inner_client;
static enum hook chosen;
static int inside, begun, failed, called[COUNT];
static int alone_called[COUNT]; /* while nobody nests */
static char first_failure[1200];

/* In the callback chosen, another client and server shake hands; not at each of many calls. */
static void hook(enum hook here)
{
    static int turn, calls;
    duo *d;

    if (inside)
        return;
    called[here]++;
    if (chosen == NOBODY)
        alone_called[here]++;
    if (here != chosen || calls++ % (1 + alone_called[here] / (under_valgrind() ? 2 : 12)) != 0)
        return;
    inside = 1;
    begun++;
    ERR_set_mark();
    d = duo_new(&inner, turn++ & 1 ? TLS1_2_VERSION : TLS1_3_VERSION);
    if (!duo_handshake(d) || !tls_echo(d->c, d->s)) {
        if (failed++ == 0)
            snprintf(first_failure, sizeof first_failure, "in %s: %s|%s", names[here],
                     d->out.client.errors, d->out.server.errors);
    }
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    duo_free(d);
    ERR_pop_to_mark();
    inside = 0;
}

/* What is told of the connections goes here. */
static char *story;
static size_t told, room;

__attribute__((format(printf, 1, 2))) static void tell(const char *fmt, ...)
{
    va_list ap;

    if (inside)
        return;
    va_start(ap, fmt);
    told += (size_t)vsnprintf(story + told, room - told, fmt, ap);
    va_end(ap);
    TLS_MUST(told < room);
}

static void on_info(const SSL *ssl, int where, int ret)
{
    tell("%c:%s %x %d\n", SSL_is_server(ssl) ? 's' : 'c', SSL_state_string(ssl), (unsigned)where,
         ret);
    hook(INFO);
}

static void on_message(int write, int version, int type, const void *bytes, size_t n, SSL *ssl,
                       void *arg)
{
    (void)version, (void)n, (void)arg;
    tell("%c:%s %d %d\n", SSL_is_server(ssl) ? 's' : 'c', write ? "sends" : "gets", type,
         type == 256 ? 0 : *(const unsigned char *)bytes);
    hook(MESSAGE);
}

static void on_secret(const SSL *ssl, const char *line)
{
    tell("%c:secret %.12s\n", SSL_is_server(ssl) ? 's' : 'c', line);
    hook(KEYLOG);
}

static int on_hello(SSL *ssl, int *alert, void *arg)
{
    const unsigned char *ext;
    size_t n;

    (void)alert, (void)arg;
    hook(HELLO);
    tell("hello with %zu suites, name %d\n", SSL_client_hello_get0_ciphers(ssl, &ext) / 2,
         SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &ext, &n));
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int on_name(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    hook(NAME);
    tell("name %s\n", SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    return SSL_TLSEXT_ERR_OK;
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *len, const unsigned char *in,
                   unsigned n, void *arg)
{
    (void)ssl, (void)n, (void)arg;
    hook(ALPN);
    *out = in + 1;
    *len = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static int on_cert(SSL *ssl, void *arg)
{
    (void)ssl, (void)arg;
    hook(CERTIFICATE);
    return 1;
}

static int on_client_cert(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
    (void)ssl;
    hook(CLIENT_CERTIFICATE);
    X509_up_ref(client_id.cert);
    EVP_PKEY_up_ref(client_id.key);
    *cert = client_id.cert;
    *key = client_id.key;
    return 1;
}

static int on_status(SSL *ssl, void *arg)
{
    (void)arg;
    hook(STATUS);
    if (SSL_is_server(ssl)) {
        unsigned char *response = OPENSSL_memdup("a response", 10);

        return SSL_set_tlsext_status_ocsp_resp(ssl, response, 10) == 1 ? SSL_TLSEXT_ERR_OK
                                                                       : SSL_TLSEXT_ERR_NOACK;
    }
    return 1;
}

static int on_verify(int good, X509_STORE_CTX *store_ctx)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store_ctx, SSL_get_ex_data_X509_STORE_CTX_idx());

    hook(VERIFY);
    tell("%c:verify %d at %d\n", SSL_is_server(ssl) ? 's' : 'c', good,
         X509_STORE_CTX_get_error_depth(store_ctx));
    return good;
}

static int on_verify_all(X509_STORE_CTX *store_ctx, void *arg)
{
    (void)arg;
    hook(VERIFY_ALL);
    return X509_verify_cert(store_ctx);
}

static int (*sign_really)(int, const unsigned char *, int, unsigned char *, unsigned *,
                          const BIGNUM *, const BIGNUM *, EC_KEY *);
static ECDSA_SIG *(*make_really)(const unsigned char *, int, const BIGNUM *, const BIGNUM *,
                                 EC_KEY *);

static int on_sign(int type, const unsigned char *digest, int n, unsigned char *sig, unsigned *len,
                   const BIGNUM *kinv, const BIGNUM *r, EC_KEY *key)
{
    hook(SIGN);
    return sign_really(type, digest, n, sig, len, kinv, r, key);
}

static ECDSA_SIG *on_make(const unsigned char *digest, int n, const BIGNUM *kinv, const BIGNUM *r,
                          EC_KEY *key)
{
    hook(SIGN);
    return make_really(digest, n, kinv, r, key);
}

static int on_ticket_key(SSL *ssl, unsigned char name[16], unsigned char iv[EVP_MAX_IV_LENGTH],
                         EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int make)
{
    static unsigned char key[32] = "sixteen bytes or so";
    OSSL_PARAM params[3];

    (void)ssl;
    hook(TICKET_KEY);
    memcpy(name, "a name of a key.", 16);
    if (make)
        memset(iv, 7, EVP_MAX_IV_LENGTH);
    params[0] = OSSL_PARAM_construct_octet_string("key", key, 32);
    params[1] = OSSL_PARAM_construct_utf8_string("digest", "SHA256", 0);
    params[2] = OSSL_PARAM_construct_end();
    return EVP_CipherInit_ex(cipher, EVP_aes_128_cbc(), NULL, key, iv, make) == 1
           && EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int on_ticket_made(SSL *ssl, void *arg)
{
    (void)arg;
    hook(TICKET_MADE);
    return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), "data", 4);
}

static SSL_TICKET_RETURN on_ticket_read(SSL *ssl, SSL_SESSION *session, const unsigned char *name,
                                        size_t n, SSL_TICKET_STATUS status, void *arg)
{
    (void)ssl, (void)session, (void)name, (void)n, (void)arg;
    hook(TICKET_READ);
    return status == SSL_TICKET_SUCCESS         ? SSL_TICKET_RETURN_USE
           : status == SSL_TICKET_SUCCESS_RENEW ? SSL_TICKET_RETURN_USE_RENEW
                                                : SSL_TICKET_RETURN_IGNORE_RENEW;
}

static SSL_SESSION *client_session, *server_session;

static int on_new_session(SSL *ssl, SSL_SESSION *session)
{
    SSL_SESSION **slot = SSL_is_server(ssl) ? &server_session : &client_session;

    hook(NEW_SESSION);
    SSL_SESSION_free(*slot);
    *slot = session;
    return 1;
}

static SSL_SESSION *on_get_session(SSL *ssl, const unsigned char *id, int n, int *copy)
{
    (void)ssl, (void)id, (void)n;
    hook(GET_SESSION);
    *copy = 1;
    return server_session;
}

static void on_remove_session(SSL_CTX *ctx, SSL_SESSION *session)
{
    (void)ctx, (void)session;
    hook(REMOVE_SESSION);
}

static int on_add_ext(SSL *ssl, unsigned type, unsigned context, const unsigned char **out,
                      size_t *n, X509 *x, size_t chain, int *alert, void *arg)
{
    (void)ssl, (void)type, (void)context, (void)x, (void)chain, (void)alert, (void)arg;
    hook(ADD_EXTENSION);
    *out = (const unsigned char *)"more";
    *n = 4;
    return 1;
}

static int on_parse_ext(SSL *ssl, unsigned type, unsigned context, const unsigned char *in,
                        size_t n, X509 *x, size_t chain, int *alert, void *arg)
{
    (void)type, (void)in, (void)x, (void)chain, (void)alert, (void)arg;
    hook(PARSE_EXTENSION);
    tell("%c:extension of %zu bytes in %x\n", SSL_is_server(ssl) ? 's' : 'c', n, context);
    return 1;
}

static int on_security(const SSL *ssl, const SSL_CTX *ctx, int op, int bits, int nid, void *other,
                       void *ex)
{
    (void)ssl, (void)ctx, (void)op, (void)bits, (void)nid, (void)other, (void)ex;
    hook(SECURITY);
    return 1;
}

static size_t on_padding(SSL *ssl, int type, size_t len, void *arg)
{
    (void)ssl, (void)type, (void)len, (void)arg;
    hook(PADDING);
    return 0;
}

static int on_session_id(SSL *ssl, unsigned char *id, unsigned *len)
{
    (void)ssl;
    hook(SESSION_ID);
    return RAND_bytes(id, (int)*len) == 1;
}

static int on_psk_use(SSL *ssl, const EVP_MD *md, const unsigned char **id, size_t *n,
                      SSL_SESSION **session)
{
    (void)ssl, (void)md;
    hook(PSK_USE);
    *id = NULL;
    *n = 0;
    *session = NULL;
    return 1;
}

static int on_psk_find(SSL *ssl, const unsigned char *id, size_t n, SSL_SESSION **session)
{
    (void)ssl, (void)id, (void)n;
    hook(PSK_FIND);
    *session = NULL;
    return 1;
}

static void on_new_data(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    (void)parent, (void)ptr, (void)ad, (void)idx, (void)argl, (void)argp;
    hook(EX_DATA);
}

static int on_early(SSL *ssl, void *arg)
{
    (void)ssl, (void)arg;
    hook(ALLOW_EARLY);
    return 1;
}

/* BIOs under the connections that begin a handshake before they read and write. */
static int filter_read(BIO *b, char *to, int n)
{
    hook(READING);
    int r = BIO_read(BIO_next(b), to, n);
    BIO_clear_retry_flags(b);
    BIO_copy_next_retry(b);
    return r;
}

static int filter_write(BIO *b, const char *from, int n)
{
    hook(WRITING);
    int r = BIO_write(BIO_next(b), from, n);
    BIO_clear_retry_flags(b);
    BIO_copy_next_retry(b);
    return r;
}

static long filter_ctrl(BIO *b, int cmd, long larg, void *parg)
{
    return BIO_ctrl(BIO_next(b), cmd, larg, parg);
}

static BIO_METHOD *filter;

static void put_filter(SSL *ssl)
{
    BIO *b = BIO_new(filter), *below = SSL_get_rbio(ssl);

    TLS_MUST(b != NULL);
    BIO_set_init(b, 1);
    BIO_up_ref(below);
    BIO_push(b, below);
    SSL_set_bio(ssl, b, b);
}

static void describe_side(duo *d, SSL *ssl)
{
    unsigned char finished[2][64];
    const unsigned char *protocol;
    unsigned n;
    int own = -1, theirs = -1;
    EVP_PKEY *key = NULL;
    X509 *peer = SSL_get0_peer_certificate(ssl);

    SSL_get0_alpn_selected(ssl, &protocol, &n);
    SSL_get_signature_nid(ssl, &own);
    SSL_get_peer_signature_nid(ssl, &theirs);
    if (ssl == d->c)
        SSL_get_peer_tmp_key(ssl, &key);
    tell("%s %s %s, reused %d, group %ld, signatures %d and %d, key of %d bits, peer %d of %d\n",
         ssl == d->c ? "client" : "server", SSL_get_version(ssl), SSL_get_cipher(ssl),
         SSL_session_reused(ssl), (long)SSL_get_negotiated_group(ssl), own, theirs,
         key != NULL ? EVP_PKEY_get_bits(key) : 0, peer != NULL,
         sk_X509_num(SSL_get_peer_cert_chain(ssl)));
    EVP_PKEY_free(key);
    tell("protocol %.*s, name %s, finished %zu and %zu, verified %ld, state %s, errors %s\n",
         (int)n, (const char *)protocol,
         SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name),
         SSL_get_finished(ssl, finished[0], 64), SSL_get_peer_finished(ssl, finished[1], 64),
         SSL_get_verify_result(ssl), SSL_state_string(ssl), tls_errors());
}

/* Both ends agree on what comes of the secrets. */
static int agree(duo *d)
{
    unsigned char out[2][32], finished[2][64];
    size_t n = SSL_get_finished(d->c, finished[0], 64);

    return SSL_export_keying_material(d->c, out[0], 32, "label", 5, NULL, 0, 0) == 1
           && SSL_export_keying_material(d->s, out[1], 32, "label", 5, NULL, 0, 0) == 1
           && memcmp(out[0], out[1], 32) == 0
           && n == SSL_get_peer_finished(d->s, finished[1], 64)
           && memcmp(finished[0], finished[1], n) == 0;
}

static void forget_sessions(void)
{
    SSL_SESSION_free(client_session);
    SSL_SESSION_free(server_session);
    client_session = server_session = NULL;
}

/* A full handshake and two that resume, the last with early data. */
static void connections(int version, int stateful, int retry)
{
    forget_sessions();
    for (int round = 0; round < 3; round++) {
        duo *d = duo_new(&outer, version);
        int early = round == 2 && version == TLS1_3_VERSION && stateful;
        size_t n;
        char data[10] = "";

        SSL_set_info_callback(d->c, on_info);
        SSL_set_info_callback(d->s, on_info);
        put_filter(d->c);
        put_filter(d->s);
        SSL_set_tlsext_host_name(d->c, "localhost");
        if (stateful)
            SSL_set_options(d->s, SSL_OP_NO_TICKET);
        if (retry)
            SSL_set1_groups_list(d->s, "P-384");
        if (client_session != NULL)
            SSL_set_session(d->c, client_session);
        if (early) {
            TLS_MUST(SSL_set_max_early_data(d->s, 1000) == 1);
            tell("early write %d\n", SSL_write_early_data(d->c, "early", 5, &n));
            tell("early read %d", SSL_read_early_data(d->s, data, sizeof data, &n));
            tell(" %.*s\n", (int)n, data);
        }
        tell("connected %d: %s|%s\n", duo_handshake(d), d->out.client.errors,
             d->out.server.errors);
        tell("echo %d %d\n", tls_echo(d->c, d->s), tls_echo(d->s, d->c));
        if (version == TLS1_3_VERSION) {
            tell("update %d\n", SSL_key_update(d->c, SSL_KEY_UPDATE_REQUESTED));
            tell("echo %d %d\n", tls_echo(d->c, d->s), tls_echo(d->s, d->c));
        }
        describe_side(d, d->c);
        describe_side(d, d->s);
        tell("agree %d\n", agree(d));
        tell("ends %d", SSL_shutdown(d->c));
        tell(" %d", SSL_shutdown(d->s));
        tell(" %d\n", SSL_shutdown(d->c));
        duo_free(d);
    }
}

static void settings(SSL_CTX *ctx)
{
    SSL_CTX_set_msg_callback(ctx, on_message);
    SSL_CTX_set_keylog_callback(ctx, on_secret);
    SSL_CTX_set_cert_cb(ctx, on_cert, NULL);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_cert_verify_callback(ctx, on_verify_all, NULL);
    SSL_CTX_set_tlsext_status_cb(ctx, on_status);
    SSL_CTX_set_security_callback(ctx, on_security);
    SSL_CTX_set_record_padding_callback(ctx, on_padding);
    SSL_CTX_sess_set_new_cb(ctx, on_new_session);
    SSL_CTX_sess_set_remove_cb(ctx, on_remove_session);
    TLS_MUST(SSL_CTX_add_custom_ext(ctx, 1000,
                                    SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO
                                        | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS
                                        | SSL_EXT_TLS1_3_CERTIFICATE,
                                    on_add_ext, NULL, NULL, on_parse_ext, NULL) == 1);
    TLS_MUST(SSL_CTX_set1_groups_list(ctx, "P-256:P-384") == 1);
}

static EC_KEY_METHOD *method;

/* An identity whose key signs by way of the program. */
static tls_id watched_id(const tls_id *ca)
{
    tls_id id = tls_leaf(ca, "P-256", "localhost", "DNS:localhost");
    EC_KEY *whole = EVP_PKEY_get1_EC_KEY(id.key), *bare = EC_KEY_new();
    EVP_PKEY *key = EVP_PKEY_new();
    int (*setup)(EC_KEY *, BN_CTX *, BIGNUM **, BIGNUM **);

    method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    EC_KEY_METHOD_get_sign(method, &sign_really, &setup, &make_really);
    EC_KEY_METHOD_set_sign(method, on_sign, setup, on_make);
    TLS_MUST(EC_KEY_set_method(bare, method) == 1
             && EC_KEY_set_group(bare, EC_KEY_get0_group(whole)) == 1
             && EC_KEY_set_public_key(bare, EC_KEY_get0_public_key(whole)) == 1
             && EC_KEY_set_private_key(bare, EC_KEY_get0_private_key(whole)) == 1
             && EVP_PKEY_assign_EC_KEY(key, bare) == 1);
    EC_KEY_free(whole);
    EVP_PKEY_free(id.key);
    id.key = key;
    return id;
}

static void set_up(void)
{
    static const unsigned char protocols[] = "\2h2";

    SSL_get_ex_new_index(0, NULL, on_new_data, NULL, NULL);
    SSL_SESSION_get_ex_new_index(0, NULL, on_new_data, NULL, NULL);
    filter = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_FILTER, "hooked");
    BIO_meth_set_read(filter, filter_read);
    BIO_meth_set_write(filter, filter_write);
    BIO_meth_set_ctrl(filter, filter_ctrl);

    inner = world_make();
    inner_client = tls_client_leaf(&inner.ca, "P-384", "inner");
    X509_STORE_add_cert(SSL_CTX_get_cert_store(inner.sctx), inner.ca.cert);
    SSL_CTX_set_verify(inner.sctx, SSL_VERIFY_PEER, NULL);
    TLS_MUST(SSL_CTX_use_certificate(inner.cctx, inner_client.cert) == 1
             && SSL_CTX_use_PrivateKey(inner.cctx, inner_client.key) == 1);

    outer.ca = tls_ca("P-256", "Test CA");
    outer.leaf = watched_id(&outer.ca);
    outer.cctx = tls_client_ctx(&outer.ca);
    outer.sctx = tls_server_ctx(&outer.leaf);
    client_id = tls_client_leaf(&outer.ca, "P-256", "client");
    settings(outer.cctx);
    settings(outer.sctx);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(outer.sctx), outer.ca.cert);
    SSL_CTX_set_session_id_context(outer.sctx, (unsigned char *)"n", 1);
    SSL_CTX_set_client_cert_cb(outer.cctx, on_client_cert);
    SSL_CTX_set_alpn_protos(outer.cctx, protocols, 3);
    SSL_CTX_set_tlsext_status_type(outer.cctx, TLSEXT_STATUSTYPE_ocsp);
    SSL_CTX_set_session_cache_mode(outer.cctx, SSL_SESS_CACHE_CLIENT);
    SSL_CTX_set_psk_use_session_callback(outer.cctx, on_psk_use);
    SSL_CTX_set_psk_find_session_callback(outer.sctx, on_psk_find);
    SSL_CTX_set_session_cache_mode(outer.sctx, SSL_SESS_CACHE_SERVER
                                                   | SSL_SESS_CACHE_NO_INTERNAL_LOOKUP);
    SSL_CTX_sess_set_get_cb(outer.sctx, on_get_session);
    SSL_CTX_set_generate_session_id(outer.sctx, on_session_id);
    SSL_CTX_set_client_hello_cb(outer.sctx, on_hello, NULL);
    SSL_CTX_set_tlsext_servername_callback(outer.sctx, on_name);
    SSL_CTX_set_alpn_select_cb(outer.sctx, on_alpn, NULL);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(outer.sctx, on_ticket_key);
    SSL_CTX_set_session_ticket_cb(outer.sctx, on_ticket_made, on_ticket_read, NULL);
    SSL_CTX_set_allow_early_data_cb(outer.sctx, on_early, NULL);
    SSL_CTX_set_max_early_data(outer.sctx, 1000);
    SSL_CTX_set_options(outer.sctx, SSL_OP_NO_ANTI_REPLAY);
}

/* Where two texts differ first: the lines. */
static void show_difference(const char *a, const char *b)
{
    size_t at = 0, line = 0;

    for (; a[at] != 0 && a[at] == b[at]; at++)
        if (a[at] == '\n')
            line = at + 1;
    diag("alone: %.*s", (int)strcspn(a + line, "\n"), a + line);
    diag("nested: %.*s", (int)strcspn(b + line, "\n"), b + line);
}

static void test(int version, int stateful, int retry)
{
    static char alone[1 << 18], nested[1 << 18];
    char what[100];

    snprintf(what, sizeof what, "%s%s%s", version_name(version), stateful ? ", stateful" : "",
             retry ? ", another group" : "");
    for (int h = NOBODY; h < COUNT; h++) {
        if (under_valgrind() && h != NOBODY && (h + version + stateful + retry) % 5 != 0)
            continue;
        chosen = (enum hook)h;
        story = h == NOBODY ? alone : nested;
        room = sizeof alone;
        told = 0;
        begun = failed = 0;
        if (h == NOBODY)
            memset(alone_called, 0, sizeof alone_called);
        connections(version, stateful, retry);
        is_int(failed, 0, "%s, in %s: the connections inside do (%s)", what, names[h],
               first_failure);
        if (h == NOBODY) {
            ok(strstr(alone, "connected 1") != NULL && strstr(alone, "agree 0") == NULL,
               "%s: connections alone", what);
            continue;
        }
        if (strcmp(alone, nested) != 0)
            show_difference(alone, nested);
        ok(strcmp(alone, nested) == 0, "%s, with %d connections in %s: the same happens", what,
           begun, names[h]);
    }
}

int main(void)
{
    set_up();
    test(TLS1_2_VERSION, 0, 0);
    test(TLS1_2_VERSION, 1, 0);
    test(TLS1_3_VERSION, 0, 0);
    test(TLS1_3_VERSION, 1, 0);
    test(TLS1_3_VERSION, 0, 1);
    for (int h = NOBODY + 1; h < COUNT; h++)
        ok(called[h] > 0, "%s was called", names[h]);
    forget_sessions();
    SSL_CTX_free(outer.cctx);
    SSL_CTX_free(outer.sctx);
    tls_id_free(&outer.leaf);
    tls_id_free(&outer.ca);
    tls_id_free(&client_id);
    tls_id_free(&inner_client);
    world_free(&inner);
    EC_KEY_METHOD_free(method);
    BIO_meth_free(filter);
    return done();
}
