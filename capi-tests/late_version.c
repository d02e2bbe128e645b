/* What a server's callbacks do to the versions: the client hello callback comes before one is agreed
 * on, the others too late. SSL_CTX_set_client_hello_cb(3), SSL_CTX_set_tlsext_servername_callback(3). */
#include "pipe.h"

enum { OPTIONS, RANGE, CONTEXT, WAYS };

static int way, version;
static SSL_CTX *other;

/* Lets the connection have `version` alone. */
static void restrict_to(SSL *ssl)
{
    long no = version == TLS1_2_VERSION ? SSL_OP_NO_TLSv1_3 : SSL_OP_NO_TLSv1_2;

    switch (way) {
    case OPTIONS:
        SSL_set_options(ssl, no);
        break;
    case RANGE:
        SSL_set_min_proto_version(ssl, version);
        SSL_set_max_proto_version(ssl, version);
        break;
    default:
        /* As nginx does for a server with a list of versions of its own. */
        SSL_set_SSL_CTX(ssl, other);
        SSL_clear_options(ssl, SSL_get_options(ssl) & ~SSL_CTX_get_options(other));
        SSL_set_options(ssl, SSL_CTX_get_options(other));
    }
}

static int client_hello(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    restrict_to(ssl);
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int servername(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    restrict_to(ssl);
    return SSL_TLSEXT_ERR_OK;
}

static int certificate(SSL *ssl, void *arg)
{
    (void)arg;
    restrict_to(ssl);
    return 1;
}

static void handshake(world *w, const char *when, int client_version)
{
    duo *d = duo_new(w, 0);
    char byte;
    int connected;

    if (client_version != 0)
        SSL_set_max_proto_version(d->c, client_version);
    SSL_set_tlsext_host_name(d->c, "localhost");
    connected = duo_handshake(d);
    same("%s, way %d, to %s, client %s: %d %s", when, way, version_name(version),
         version_name(client_version), connected, connected ? SSL_get_version(d->s) : "-");
    if (connected) {
        ok(tls_echo(d->c, d->s), "data passes both ways");
        SSL_read(d->c, &byte, 1);
        same("resumable %d", SSL_SESSION_is_resumable(SSL_get_session(d->c)));
    }
    duo_free(d);
}

int main(void)
{
    static const int client_versions[] = { 0, TLS1_2_VERSION };
    size_t i;

    for (way = 0; way < WAYS; way++)
        for (i = 0; i < 2; i++)
            FOR_VERSIONS(v) {
                world w = world_make();

                version = v;
                other = tls_server_ctx(&w.leaf);
                SSL_CTX_set_options(other, v == TLS1_2_VERSION ? SSL_OP_NO_TLSv1_3
                                                               : SSL_OP_NO_TLSv1_2);
                SSL_CTX_set_client_hello_cb(w.sctx, client_hello, NULL);
                handshake(&w, "client hello", client_versions[i]);
                SSL_CTX_set_client_hello_cb(w.sctx, NULL, NULL);
                SSL_CTX_set_tlsext_servername_callback(w.sctx, servername);
                handshake(&w, "server name", client_versions[i]);
                SSL_CTX_set_tlsext_servername_callback(w.sctx, NULL);
                SSL_CTX_set_cert_cb(w.sctx, certificate, NULL);
                handshake(&w, "certificate", client_versions[i]);
                SSL_CTX_free(other);
                world_free(&w);
            }
    return done();
}
