/* SSL_CTX_set_client_cert_engine: an ENGINE that has a client's certificate, asked before the
 * program's callback. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "pipe.h"

#include <openssl/engine.h>

static tls_id own;
static world w;
static int answer, engine_calls, callback_calls, names, waits;

static int load(ENGINE *e, SSL *ssl, STACK_OF(X509_NAME) *ca_dn, X509 **cert, EVP_PKEY **key, STACK_OF(X509) **others,
                UI_METHOD *ui, void *data)
{
    engine_calls++;
    names = sk_X509_NAME_num(ca_dn);
    if (waits-- > 0)
        return -1;
    if (answer == 1) {
        X509_up_ref(own.cert);
        EVP_PKEY_up_ref(own.key);
        *cert = own.cert;
        *key = own.key;
    }
    return answer;
}

static int on_client_cert(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
    callback_calls++;
    return 0;
}

static int freed, finished;

static int on_destroy(ENGINE *e)
{
    freed++;
    return 1;
}

static int on_finish(ENGINE *e)
{
    finished++;
    return 1;
}

static void run(int v, int ret, int suspends)
{
    duo *d = duo_new(&w, v);
    int i, waited = 0;

    answer = ret;
    engine_calls = callback_calls = 0;
    waits = suspends;
    for (i = 0; i < 40 && (d->out.client.done == 0 || d->out.server.done == 0); i++) {
        tls_step(d->c, &d->out.client);
        waited += d->out.client.done == 0 && d->out.client.error == SSL_ERROR_WANT_X509_LOOKUP;
        tls_step(d->s, &d->out.server);
    }
    is_int(d->out.client.done, 1, "%s: connects (%s)", version_name(v), d->out.client.errors);
    is_int(d->out.server.done, 1, "%s: the server (%s)", version_name(v), d->out.server.errors);
    is_int(engine_calls, 1 + suspends, "the ENGINE was asked");
    is_int(waited, suspends, "and waited for");
    is_int(names, 1, "with the authorities");
    is_int(callback_calls, ret == 0, "the callback only if that has none");
    ok((SSL_get0_peer_certificate(d->s) != NULL) == (ret == 1), "the certificate");
    ok(tls_echo(d->c, d->s), "data passes");
    duo_free(d);
}

int main(void)
{
    ENGINE *engine = ENGINE_new(), *without = ENGINE_new();

    w = world_make();
    own = tls_cert(&w.ca, "P-256", "client", NULL, "clientAuth", 0, -3600, 86400);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), w.ca.cert);
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_add_client_CA(w.sctx, w.ca.cert);
    SSL_CTX_set_client_cert_cb(w.cctx, on_client_cert);
    ENGINE_set_id(engine, "certs");
    ENGINE_set_id(without, "none");
    ENGINE_set_destroy_function(engine, on_destroy);
    ENGINE_set_finish_function(engine, on_finish);
    ENGINE_set_load_ssl_client_cert_function(engine, load);

    is_int(SSL_CTX_set_client_cert_engine(w.cctx, without), 0, "an ENGINE without client certificates");
    is_int(tls_ssl_reason(), SSL_R_NO_CLIENT_CERT_METHOD, "the reason");
    is_int(SSL_CTX_set_client_cert_engine(w.cctx, NULL), 0, "no ENGINE");
    is_int(ERR_GET_REASON(ERR_peek_last_error()), ERR_R_ENGINE_LIB, "the reason");
    ERR_clear_error();
    is_int(SSL_CTX_set_client_cert_engine(w.cctx, engine), 1, "one that has");
    ENGINE_free(engine);
    is_int(freed, 0, "is kept");
    FOR_VERSIONS(v) {
        run(v, 1, 0);
        run(v, 1, 2);
        run(v, 0, 0);
    }
    ENGINE_free(without);
    tls_id_free(&own);
    is_int(finished, 0, "as long as the context");
    world_free(&w);
    is_int(finished, 1, "and then given back");
    is_int(freed, 1, "and freed");
    return done();
}
