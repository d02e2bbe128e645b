/* SSL_get_state and SSL_state_string of a program that sets no callback for them: where each call
 * stops while bytes come in one by one, and in the callbacks of the handshake. */
#include "pipe.h"

static char story[2][2048];

static void note(int who, const char *what)
{
    char *text = story[who], *last = strrchr(text, ' ');
    size_t used = strlen(text);

    if (last == NULL || strcmp(last + 1, what) != 0)
        snprintf(text + used, sizeof story[who] - used, " %s", what);
}

static void note_state(SSL *ssl)
{
    note(SSL_is_server(ssl), SSL_state_string(ssl));
}

static void note_call(const SSL *ssl, const char *call)
{
    char text[64];

    snprintf(text, sizeof text, "%s@%s/%d", call, SSL_state_string(ssl), SSL_get_state(ssl));
    note(SSL_is_server((SSL *)ssl), text);
}

static int verify(int ok, X509_STORE_CTX *store)
{
    note_call(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()), "verify");
    return ok;
}

static int cert_cb(SSL *ssl, void *arg)
{
    (void)arg;
    if (SSL_is_server(ssl))
        note_call(ssl, "certificate");
    return 1;
}

static int hello_cb(SSL *ssl, int *al, void *arg)
{
    (void)al, (void)arg;
    note_call(ssl, "hello");
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int name_cb(SSL *ssl, int *al, void *arg)
{
    (void)al, (void)arg;
    note_call(ssl, "name");
    return SSL_TLSEXT_ERR_OK;
}

/* Hands over what `from` wrote byte by byte. Each call's state is noted. */
static void feed(SSL *to, wire *queue)
{
    wire held = *queue;

    memset(queue, 0, sizeof *queue);
    for (size_t i = 0; i < held.len; i++) {
        wire_put(queue, held.data + i, 1);
        SSL_do_handshake(to);
        note_state(to);
    }
    wire_free(&held);
}

/* Takes a part of the server's story out: 1 if it is there. */
static int cut(const char *part)
{
    char *at = strstr(story[1], part);

    if (at)
        memmove(at, at + strlen(part), strlen(at + strlen(part)) + 1);
    return at != NULL;
}

static void handshake(const char *what, world *w, int version)
{
    duo *d = duo_new(w, version);
    const char *verify = " verify@TRSC/4";

    SSL_set_info_callback(d->c, NULL);
    SSL_set_info_callback(d->s, NULL);
    SSL_set_tlsext_host_name(d->c, "localhost");
    memset(story, 0, sizeof story);
    note_state(d->c);
    note_state(d->s);
    SSL_do_handshake(d->s);
    SSL_do_handshake(d->c);
    for (int i = 0; i < 4; i++) {
        note_state(d->c);
        note_state(d->s);
        feed(d->s, &d->c2s);
        feed(d->c, &d->s2c);
    }
    ok(SSL_is_init_finished(d->c) && SSL_is_init_finished(d->s), "%s %s: connects", what,
       version_name(version));
    /* A client's states between the messages of a flight that rustls puts into one record. */
    if (version == TLS1_3_VERSION
        && differs("one-record", "rustls puts a server's protected flight into one record"))
        diag("%s %s, client:%s", what, version_name(version), story[0]);
    else
        ok(strstr(story[0], " TRSC") != NULL, "%s: in the middle of the server's flight", what);
    if (version == TLS1_2_VERSION
        && differs("late-verdict", "rustls hands the certificate out when the flight is whole"))
        verify = " verify@TRSD/8";
    ok(strncmp(story[0], " PINIT TWCH", 11) == 0 && strstr(story[0], verify) != NULL
           && strcmp(story[0] + strlen(story[0]) - 6, " SSLOK") == 0,
       "%s %s: the client begins, judges the certificate and ends as it should:%s", what,
       version_name(version), story[0]);
    if (version == TLS1_3_VERSION && strcmp(what, "plain") != 0)
        ok(cut(" hello@TRCH/20 name@TRCH/20 certificate@TRCH/20 TED"), "%s: is asked twice", what);
    if (version == TLS1_3_VERSION && strcmp(what, "client certificate") == 0
        && !differs("one-record", "rustls puts a client's flight into one record"))
        ok(cut(" TRCC TRCV"), "%s: in the middle of the client's flight", what);
    same("%s %s, server:%s", what, version_name(version), story[1]);
    duo_free(d);
}

int main(void)
{
    FOR_VERSIONS(v) {
        world w = world_make();
        tls_id own = tls_client_leaf(&w.ca, "P-256", "client");

        SSL_CTX_set1_groups_list(w.cctx, "X25519:P-256");
        SSL_CTX_set1_groups_list(w.sctx, "X25519:P-256");
        SSL_CTX_set_verify(w.cctx, SSL_VERIFY_PEER, verify);
        SSL_CTX_set_cert_cb(w.sctx, cert_cb, NULL);
        SSL_CTX_set_client_hello_cb(w.sctx, hello_cb, NULL);
        SSL_CTX_set_tlsext_servername_callback(w.sctx, name_cb);
        SSL_CTX_set_num_tickets(w.sctx, 0);
        SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
        handshake("plain", &w, v);
        SSL_CTX_set1_groups_list(w.sctx, "P-256");
        handshake("another group", &w, v);
        SSL_CTX_use_certificate(w.cctx, own.cert);
        SSL_CTX_use_PrivateKey(w.cctx, own.key);
        SSL_CTX_set1_verify_cert_store(w.sctx, SSL_CTX_get_cert_store(w.cctx));
        SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, verify);
        handshake("client certificate", &w, v);
        tls_id_free(&own);
        world_free(&w);
    }
    return done();
}
