/* SSL_CTX_add_extra_chain_cert(3): what is sent after a certificate without a chain of its own is what
 * the connection's context has when the certificate is sent, not what it had at SSL_new. */
#include "pipe.h"

#define EACH_VERSION(v) for (int v = 0; v < 2; v++)
#define NAME(v) version_name(both_versions[v])

static tls_id extra, other;

static void add(SSL_CTX *ctx, const tls_id *id)
{
    X509_up_ref(id->cert);
    is_int(SSL_CTX_add_extra_chain_cert(ctx, id->cert), 1, "SSL_CTX_add_extra_chain_cert");
}

/* How long the chain is that `ssl` received, its leaf included; its last is `last`. */
static void got(SSL *ssl, int n, const tls_id *last, const char *what)
{
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
    int extra_leaf = SSL_is_server(ssl);

    is_int(sk_X509_num(chain), n - extra_leaf, "%s: certificates", what);
    if (last != NULL && sk_X509_num(chain) == n - extra_leaf)
        is_int(X509_cmp(sk_X509_value(chain, n - extra_leaf - 1), last->cert), 0, "%s: the last one", what);
}

static world quiet_world(void)
{
    world w = world_make();

    SSL_CTX_set_mode(w.sctx, SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_mode(w.cctx, SSL_MODE_NO_AUTO_CHAIN);
    return w;
}

static void connects(duo *d, const char *what)
{
    ok(duo_handshake(d), "%s: connects (%s|%s)", what, d->out.client.errors, d->out.server.errors);
}

static void test_later(void)
{
    EACH_VERSION(v) {
        world w = quiet_world();
        duo *d = duo_new(&w, both_versions[v]), *next;

        add(w.sctx, &extra);
        connects(d, NAME(v));
        got(d->c, 2, &extra, "added after SSL_new");
        duo_free(d);

        d = duo_new(&w, both_versions[v]);
        next = duo_new(&w, both_versions[v]);
        add(w.sctx, &other);
        connects(d, NAME(v));
        got(d->c, 3, &other, "one more");
        SSL_CTX_clear_extra_chain_certs(w.sctx);
        connects(next, NAME(v));
        got(next->c, 1, NULL, "cleared");
        duo_free(d);
        duo_free(next);
        world_free(&w);
    }
}

/* A connection with a certificate of its own, as a proxy has that makes one for each host. */
static void test_own_certificate(void)
{
    EACH_VERSION(v) {
        world w = quiet_world();
        tls_id leaf = tls_leaf(&w.ca, "P-256", "made", "DNS:made");
        duo *d = duo_new(&w, both_versions[v]);

        SSL_use_certificate(d->s, leaf.cert);
        SSL_use_PrivateKey(d->s, leaf.key);
        add(SSL_get_SSL_CTX(d->s), &extra);
        connects(d, NAME(v));
        got(d->c, 2, &extra, "with a certificate of its own");
        duo_free(d);

        d = duo_new(&w, both_versions[v]);
        SSL_add1_chain_cert(d->s, other.cert);
        connects(d, NAME(v));
        got(d->c, 2, &other, "a chain of its own goes before");
        duo_free(d);
        tls_id_free(&leaf);
        world_free(&w);
    }
}

static int switch_ctx(SSL *ssl, int *alert, void *arg)
{
    (void)alert;
    SSL_set_SSL_CTX(ssl, arg);
    return SSL_TLSEXT_ERR_OK;
}

static void test_other_context(void)
{
    EACH_VERSION(v) {
        world w = quiet_world();
        SSL_CTX *second = tls_server_ctx(&w.leaf);
        duo *d;

        SSL_CTX_set_mode(second, SSL_MODE_NO_AUTO_CHAIN);
        add(w.sctx, &other);
        add(second, &extra);
        SSL_CTX_set_tlsext_servername_callback(w.sctx, switch_ctx);
        SSL_CTX_set_tlsext_servername_arg(w.sctx, second);
        d = duo_new(&w, both_versions[v]);
        SSL_set_tlsext_host_name(d->c, "localhost");
        connects(d, NAME(v));
        got(d->c, 2, &extra, "the context that was switched to");
        duo_free(d);
        SSL_CTX_free(second);
        world_free(&w);
    }
}

static int later(SSL *ssl, void *arg)
{
    (void)arg;
    add(SSL_get_SSL_CTX(ssl), &extra);
    return 1;
}

static void test_in_callback(void)
{
    EACH_VERSION(v) {
        world w = quiet_world();
        duo *d;

        SSL_CTX_set_cert_cb(w.sctx, later, NULL);
        d = duo_new(&w, both_versions[v]);
        connects(d, NAME(v));
        got(d->c, 2, &extra, "added by the certificate callback");
        duo_free(d);
        world_free(&w);
    }
}

static int any(int preverified, X509_STORE_CTX *store)
{
    (void)preverified, (void)store;
    return 1;
}

static void test_client(void)
{
    EACH_VERSION(v) {
        world w = quiet_world();
        tls_id leaf = tls_client_leaf(&w.ca, "P-256", "client");
        duo *d;

        SSL_CTX_use_certificate(w.cctx, leaf.cert);
        SSL_CTX_use_PrivateKey(w.cctx, leaf.key);
        SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, any);
        d = duo_new(&w, both_versions[v]);
        add(w.cctx, &extra);
        connects(d, NAME(v));
        got(d->s, 2, &extra, "a client's");
        duo_free(d);
        tls_id_free(&leaf);
        world_free(&w);
    }
}

int main(void)
{
    extra = tls_ca("P-256", "An extra CA");
    other = tls_ca("P-256", "Another CA");
    test_later();
    test_own_certificate();
    test_other_context();
    test_in_callback();
    test_client();
    tls_id_free(&extra);
    tls_id_free(&other);
    return done();
}
