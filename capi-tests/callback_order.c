/* Which callbacks run, in which order, and what they know of the session: in a full handshake and in
 * one that resumes, by ticket and by session id, in both versions, with client certificates and
 * without. */
#include "certs.h"
#include "pipe.h"

static tls_id ca, leaf, client;
/* The server's, the client's, and its status callback, which ours asks before the certificate's. */
static char story[3][1024];
static int refuses; /* the client's status callback, a resumption */

static void tell_to(char *to, SSL *ssl, const char *what)
{
    size_t n = strlen(to);

    snprintf(to + n, sizeof story[0] - n, " %s%s", what, SSL_session_reused(ssl) ? "(resumed)" : "");
}

static void tell(SSL *ssl, const char *what)
{
    tell_to(story[!SSL_is_server(ssl)], ssl, what);
}

static int on_hello(SSL *ssl, int *alert, void *arg)
{
    tell(ssl, "hello");
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int on_name(SSL *ssl, int *alert, void *arg)
{
    tell(ssl, "name");
    return SSL_TLSEXT_ERR_OK;
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *len, const unsigned char *in, unsigned int inlen,
                   void *arg)
{
    tell(ssl, "alpn");
    *out = in + 1;
    *len = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static int on_cert(SSL *ssl, void *arg)
{
    tell(ssl, "cert");
    return 1;
}

static int on_client_cert(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
    tell(ssl, "client_cert");
    X509_up_ref(*cert = client.cert);
    EVP_PKEY_up_ref(*key = client.key);
    return 1;
}

static int on_status(SSL *ssl, void *arg)
{
    if (arg != NULL) {
        const unsigned char *response = NULL;

        tell_to(story[2], ssl, SSL_get_tlsext_status_ocsp_resp(ssl, &response) > 0 ? "status" : "status (none)");
        return refuses && SSL_session_reused(ssl) ? 0 : 1;
    }
    tell(ssl, "status");
    SSL_set_tlsext_status_ocsp_resp(ssl, OPENSSL_memdup("response", 8), 8);
    return SSL_TLSEXT_ERR_OK;
}

static int on_verify(int good, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

    if (X509_STORE_CTX_get_error_depth(store) == 0)
        tell(ssl, "verify");
    return 1;
}

static int on_resumable(SSL *ssl, int forward_secret)
{
    tell(ssl, "resumable");
    return 0;
}

static SSL_SESSION *kept;

static int on_session(SSL *ssl, SSL_SESSION *session)
{
    SSL_SESSION_free(kept);
    kept = session;
    return 1;
}

static void shake(world *w, int v, const char *what)
{
    duo *d = duo_new(w, v);
    char byte;

    story[0][0] = story[1][0] = story[2][0] = 0;
    SSL_set_tlsext_host_name(d->c, "localhost");
    SSL_set_alpn_protos(d->c, (const unsigned char *)"\3one", 4);
    SSL_set_tlsext_status_type(d->c, TLSEXT_STATUSTYPE_ocsp);
    if (kept != NULL)
        SSL_set_session(d->c, kept);
    duo_handshake(d);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    same("%s: %d %d (%s|%s), resumed %d:%s; client:%s;%s", what, d->out.client.done, refuses ? 0 : d->out.server.done,
         d->out.client.errors, refuses ? "" : d->out.server.errors, SSL_session_reused(d->s), story[0], story[1], story[2]);
    if (d->out.client.done == 1)
        ok(tls_echo(d->c, d->s), "%s: data passes", what);
    else
        same("%s: alert %d", what, trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0));
    SSL_set_shutdown(d->c, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_set_shutdown(d->s, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    duo_free(d);
}

static void run(int v, int auth, int tickets)
{
    world w = { .cctx = tls_client_ctx(&ca), .sctx = tls_server_ctx(&leaf) };
    char what[80];

    kept = NULL;
    SSL_CTX_set_client_hello_cb(w.sctx, on_hello, NULL);
    SSL_CTX_set_tlsext_servername_callback(w.sctx, on_name);
    SSL_CTX_set_alpn_select_cb(w.sctx, on_alpn, NULL);
    SSL_CTX_set_cert_cb(w.sctx, on_cert, NULL);
    SSL_CTX_set_tlsext_status_cb(w.sctx, on_status);
    SSL_CTX_set_not_resumable_session_callback(w.sctx, on_resumable);
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"x", 1);
    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_CLIENT);
    SSL_CTX_sess_set_new_cb(w.cctx, on_session);
    SSL_CTX_set_verify(w.cctx, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_tlsext_status_cb(w.cctx, on_status);
    SSL_CTX_set_tlsext_status_arg(w.cctx, &ca);
    if (!tickets)
        SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
    if (auth) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), ca.cert);
        SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, on_verify);
        SSL_CTX_set_cert_cb(w.cctx, on_cert, &ca);
        SSL_CTX_set_client_cert_cb(w.cctx, on_client_cert);
    }
    snprintf(what, sizeof what, "%s%s%s", version_name(v), auth ? " with a client's certificate" : "",
             tickets ? "" : " without tickets");
    shake(&w, v, what);
    shake(&w, v, what);
    shake(&w, v, what);
    refuses = 1;
    snprintf(what + strlen(what), sizeof what - strlen(what), ", refused");
    shake(&w, v, what);
    refuses = 0;
    SSL_SESSION_free(kept);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
}

int main(void)
{
    ca = tls_ca("P-256", "Test CA");
    leaf = tls_leaf(&ca, "P-256", "localhost", NULL);
    client = tls_client_leaf(&ca, "P-256", "client");
    FOR_VERSIONS(v) {
        run(v, 0, 1);
        run(v, 0, 0);
        run(v, 1, 1);
        run(v, 1, 0);
    }
    tls_id_free(&ca);
    tls_id_free(&leaf);
    tls_id_free(&client);
    return done();
}
