/* What is set while the handshake is under way counts from then on: a client's certificate and the
 * callbacks that choose it when the server has asked for one, a server's callbacks when an earlier
 * one sets them. */
#include "pipe.h"

static tls_id own;
static world w;
static SSL_CTX *other;

static struct {
    int sets;               /* what the info callback sets, and at which state */
    OSSL_HANDSHAKE_STATE at;
    int set;
    int waits;              /* how often the callbacks return -1 first */
    int cert_calls, client_calls, alpn_calls, status_calls, name_calls, verify_calls;
} cb;

enum { CERT_CB = 1, CLIENT_CB, PAIR, NOTHING };

static int on_cert(SSL *ssl, void *arg)
{
    if (cb.cert_calls++ < cb.waits)
        return -1;
    if (arg != NULL)
        return SSL_use_certificate(ssl, own.cert) && SSL_use_PrivateKey(ssl, own.key);
    return 1;
}

static int on_client_cert(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
    if (cb.client_calls++ < cb.waits)
        return -1;
    X509_up_ref(*cert = own.cert);
    EVP_PKEY_up_ref(*key = own.key);
    return 1;
}

static void set(SSL *ssl, int what)
{
    cb.set++;
    switch (what) {
    case CERT_CB:
        SSL_set_cert_cb(ssl, on_cert, &own);
        break;
    case CLIENT_CB:
        SSL_CTX_set_client_cert_cb(SSL_get_SSL_CTX(ssl), on_client_cert);
        break;
    case PAIR:
        TLS_MUST(SSL_use_certificate(ssl, own.cert) && SSL_use_PrivateKey(ssl, own.key));
        break;
    case NOTHING:
        SSL_set_cert_cb(ssl, NULL, NULL);
        SSL_certs_clear(ssl);
        break;
    }
}

static void on_info(const SSL *ssl, int where, int ret)
{
    if (where & SSL_CB_LOOP && !cb.set && SSL_get_state(ssl) == cb.at)
        set((SSL *)ssl, cb.sets);
}

static int on_verify(int good, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

    if (!cb.set)
        set(ssl, cb.sets);
    return good;
}

static void reset(void)
{
    memset(&cb, 0, sizeof cb);
    SSL_CTX_set_cert_cb(w.cctx, NULL, NULL);
    SSL_CTX_set_client_cert_cb(w.cctx, NULL);
}

/* Drives both; counts how often the client stands still for the callback. */
static int drive(duo *d)
{
    int waited = 0, i;

    for (i = 0; i < 60 && (d->out.client.done == 0 || d->out.server.done == 0); i++) {
        tls_step(d->c, &d->out.client);
        waited += d->out.client.done == 0 && d->out.client.error == SSL_ERROR_WANT_X509_LOOKUP;
        tls_step(d->s, &d->out.server);
    }
    return waited;
}

static void ends(duo *d, int waited, int with, const char *what)
{
    X509 *peer = SSL_get0_peer_certificate(d->s);

    is_int(d->out.client.done, 1, "%s: the client (%s)", what, d->out.client.errors);
    is_int(d->out.server.done, 1, "%s: the server (%s)", what, d->out.server.errors);
    is_int(cb.set, 1, "%s: set once", what);
    is_int(waited, with ? cb.waits : 0, "%s: how often it waited", what);
    ok(with ? peer != NULL && X509_cmp(peer, own.cert) == 0 : peer == NULL, "%s: the certificate sent", what);
    ok((SSL_get_certificate(d->c) != NULL) == with, "%s: SSL_get_certificate", what);
    ok(tls_echo(d->c, d->s), "%s: data passes", what);
    duo_free(d);
}

static const char *const names[] = { "", "cert_cb", "client_cert_cb", "a certificate", "nothing" };

static void test_client(int v)
{
    static const OSSL_HANDSHAKE_STATE states[] = {
        TLS_ST_CW_CLNT_HELLO, TLS_ST_CR_SRVR_HELLO, TLS_ST_CR_CERT, TLS_ST_CR_CERT_REQ,
    };
    static const char *const at[] = { "its hello", "the server's hello", "the server's certificate", "the request" };
    char what[100];
    int sets, waits;
    size_t i;
    duo *d;

    for (sets = CERT_CB; sets <= NOTHING; sets++) {
        /* With TLS 1.2 the choice is made before the program is told of the request. */
        for (i = 0; i < (v == TLS1_2_VERSION ? 3 : 4); i++) {
            for (waits = 0; waits <= (sets <= CLIENT_CB ? 2 : 0); waits += 2) {
                reset();
                cb.sets = sets;
                cb.at = states[i];
                cb.waits = waits;
                d = duo_new(&w, v);
                SSL_set_info_callback(d->c, on_info);
                if (sets == NOTHING) {
                    SSL_set_cert_cb(d->c, on_cert, &own);
                    set(d->c, PAIR);
                    cb.set = 0;
                }
                snprintf(what, sizeof what, "%s: %s at %s, %d", version_name(v), names[sets], at[i], waits);
                ends(d, drive(d), sets != NOTHING, what);
                if (sets == NOTHING)
                    is_int(cb.cert_calls, 0, "%s: the callback taken away is not asked", what);
            }
        }
        /* In the verification's callback. */
        reset();
        cb.sets = sets;
        d = duo_new(&w, v);
        SSL_set_verify(d->c, SSL_VERIFY_PEER, on_verify);
        if (sets == NOTHING) {
            set(d->c, PAIR);
            cb.set = 0;
        }
        snprintf(what, sizeof what, "%s: %s in the verify callback", version_name(v), names[sets]);
        ends(d, drive(d), sets != NOTHING, what);
        /* Between two calls, while the server's answer is awaited. */
        reset();
        cb.sets = sets;
        cb.waits = sets <= CLIENT_CB;
        d = duo_new(&w, v);
        tls_step(d->c, &d->out.client);
        set(d->c, sets);
        snprintf(what, sizeof what, "%s: %s between two calls", version_name(v), names[sets]);
        ends(d, drive(d), sets != NOTHING, what);
    }
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen, const unsigned char *in,
                   unsigned int inlen, void *arg)
{
    cb.alpn_calls++;
    *out = in + 1;
    *outlen = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static int on_status(SSL *ssl, void *arg)
{
    unsigned char *response = OPENSSL_memdup("response", 8);

    cb.status_calls++;
    SSL_set_tlsext_status_ocsp_resp(ssl, response, 8);
    return SSL_TLSEXT_ERR_OK;
}

static int on_client_verified(int good, X509_STORE_CTX *store)
{
    cb.verify_calls++;
    return 1;
}

static void equip(SSL *ssl)
{
    SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);

    SSL_set_cert_cb(ssl, on_cert, NULL);
    SSL_CTX_set_alpn_select_cb(ctx, on_alpn, NULL);
    SSL_CTX_set_tlsext_status_cb(ctx, on_status);
    SSL_set_verify(ssl, SSL_VERIFY_PEER, on_client_verified);
}

static int on_name(SSL *ssl, int *alert, void *arg)
{
    cb.name_calls++;
    if (arg == &other)
        SSL_set_SSL_CTX(ssl, other);
    if (arg != NULL)
        equip(ssl);
    return SSL_TLSEXT_ERR_OK;
}

static int on_hello(SSL *ssl, int *alert, void *arg)
{
    if (arg != NULL)
        equip(ssl);
    SSL_CTX_set_tlsext_servername_callback(SSL_get_SSL_CTX(ssl), on_name);
    return 1;
}

/* What the server's callbacks set in the course of its ClientHello. */
static void server(int v, int late, SSL_CTX *changed, const char *name)
{
    world own_world = { .cctx = w.cctx, .sctx = tls_server_ctx(&w.leaf) };
    int waited = 0, i;
    duo *d;

    reset();
    cb.waits = 2;
    X509_STORE_add_cert(SSL_CTX_get_cert_store(own_world.sctx), w.ca.cert);
    if (late)
        SSL_CTX_set_tlsext_servername_arg(own_world.sctx, changed ? (void *)&other : (void *)&w);
    SSL_CTX_set_client_hello_cb(own_world.sctx, on_hello, late ? NULL : &w);
    d = duo_new(&own_world, v);
    SSL_set_tlsext_host_name(d->c, "localhost");
    SSL_set_alpn_protos(d->c, (const unsigned char *)"\3one", 4);
    SSL_set_tlsext_status_type(d->c, TLSEXT_STATUSTYPE_ocsp);
    TLS_MUST(SSL_use_certificate(d->c, own.cert) && SSL_use_PrivateKey(d->c, own.key));
    for (i = 0; i < 60 && (d->out.client.done == 0 || d->out.server.done == 0); i++) {
        tls_step(d->c, &d->out.client);
        tls_step(d->s, &d->out.server);
        waited += d->out.server.done == 0 && d->out.server.error == SSL_ERROR_WANT_X509_LOOKUP;
    }
    is_int(d->out.client.done, 1, "%s: %s: the client (%s)", version_name(v), name, d->out.client.errors);
    is_int(d->out.server.done, 1, "%s: %s: the server (%s)", version_name(v), name, d->out.server.errors);
    is_int(waited, 2, "%s: %s: waits for its certificate", version_name(v), name);
    is_int(cb.name_calls, 1, "%s: %s: the server name's callback", version_name(v), name);
    is_int(cb.cert_calls, 3, "%s: %s: the certificate's", version_name(v), name);
    is_int(cb.alpn_calls, 1, "%s: %s: the protocol's", version_name(v), name);
    is_int(cb.status_calls, 1, "%s: %s: the status request's", version_name(v), name);
    ok(cb.verify_calls > 0, "%s: %s: the verification's", version_name(v), name);
    ok(SSL_get0_peer_certificate(d->s) != NULL, "%s: %s: the client's certificate", version_name(v), name);
    ok(tls_echo(d->c, d->s), "%s: %s: data passes", version_name(v), name);
    duo_free(d);
    SSL_CTX_free(own_world.sctx);
}

int main(void)
{
    w = world_make();
    own = tls_client_leaf(&w.ca, "P-256", "client");
    other = tls_server_ctx(&w.leaf);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(other), w.ca.cert);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), w.ca.cert);
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    FOR_VERSIONS(v) {
        test_client(v);
        reset();
        server(v, 0, NULL, "in the hello's callback");
        server(v, 1, NULL, "in the server name's");
        server(v, 1, other, "with another context");
        SSL_CTX_set_alpn_select_cb(other, NULL, NULL);
        SSL_CTX_set_tlsext_status_cb(other, NULL);
    }
    SSL_CTX_free(other);
    tls_id_free(&own);
    world_free(&w);
    return done();
}
