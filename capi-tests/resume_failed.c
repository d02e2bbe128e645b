/* A client's session whose handshake fails is not to be offered again: the context forgets it and tells its
 * remove callback, as long as it was the session the handshake was about. */
#include "pipe.h"

static int removed;

static void on_remove(SSL_CTX *ctx, SSL_SESSION *session)
{
    (void)ctx, (void)session;
    removed++;
}

static SSL_SESSION *obtained(const world *w, int version)
{
    duo *d = duo_connected(w, version);
    char byte;

    SSL_read(d->c, &byte, 1);
    return duo_part(d);
}

static int refuse(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
}

static int refuse_hello(SSL *ssl, int *alert, void *arg)
{
    (void)ssl, (void)arg;
    *alert = SSL_AD_ACCESS_DENIED;
    return SSL_CLIENT_HELLO_ERROR;
}

enum way { OTHER_VERSION, SERVER_REFUSES, CLIENT_REFUSES, SERVER_ENDS, CLIENT_LEAVES, WAYS };

/* The server of these handshakes does not know the session. */
static void fails(int version, enum way way)
{
    static const char *const names[] = { "other version", "server refuses", "client refuses",
                                         "server ends", "client leaves" };
    world w = world_make();
    SSL_CTX *stranger = tls_server_ctx(&w.leaf);
    SSL_SESSION *session;
    duo *d;

    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_CLIENT);
    SSL_CTX_sess_set_remove_cb(w.cctx, on_remove);
    session = obtained(&w, version);
    ok(SSL_SESSION_is_resumable(session), "%s, %s: resumable", version_name(version), names[way]);
    if (way == OTHER_VERSION)
        TLS_MUST(version == TLS1_3_VERSION ? SSL_CTX_set_max_proto_version(stranger, TLS1_2_VERSION)
                                           : SSL_CTX_set_min_proto_version(stranger, TLS1_3_VERSION));
    if (way == SERVER_REFUSES)
        SSL_CTX_set_client_hello_cb(stranger, refuse_hello, NULL);
    d = duo_of(SSL_new(w.cctx), SSL_new(stranger));
    ssl_only_version(d->c, version);
    if (way == CLIENT_REFUSES)
        SSL_set_verify(d->c, SSL_VERIFY_PEER, refuse);
    removed = 0;
    TLS_MUST(SSL_set_session(d->c, session));
    is_int(removed, 0, "not removed yet");
    if (way == SERVER_ENDS || way == CLIENT_LEAVES) {
        ok(SSL_connect(d->c) <= 0, "has begun");
        if (way == SERVER_ENDS) {
            BIO *end = BIO_new(BIO_s_mem());
            BIO_set_mem_eof_return(end, 0);
            SSL_set0_rbio(d->c, end);
            ok(SSL_connect(d->c) <= 0, "the end is an error");
        }
    } else {
        ok(!duo_handshake(d), "fails (%s|%s)", d->out.client.errors, d->out.server.errors);
    }
    same("%s, %s: removed %d, resumable %d, cached %ld", version_name(version), names[way], removed,
         SSL_SESSION_is_resumable(session), SSL_CTX_sess_number(w.cctx));
    duo_free(d);
    SSL_SESSION_free(session);
    SSL_CTX_free(stranger);
    world_free(&w);
}

int main(void)
{
    FOR_VERSIONS(v) {
        for (int way = 0; way < WAYS; way++)
            fails(v, way);
    }
    return done();
}
