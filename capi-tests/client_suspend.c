/* A client whose program takes its time to choose a certificate: SSL_CTX_set_cert_cb(3) and
 * SSL_CTX_set_client_cert_cb(3) that return -1, what they see meanwhile, and every other answer;
 * the certificate types of a TLS 1.2 server. */
#include "pipe.h"

static tls_id own;
static world w;

/* What the callbacks answer and saw. */
static struct {
    int cert_waits, client_waits; /* how often -1 is returned first */
    int cert_answer, client_answer;
    int gives;              /* 1 certificate, 2 key */
    int uses;               /* the certificate callback sets the pair */
    int cert_calls, client_calls;
    int peer_known, names, types;
    unsigned char type[8];
} cb;

static void look(SSL *ssl)
{
    X509 *peer = SSL_get0_peer_certificate(ssl);
    const STACK_OF(X509_NAME) *names = SSL_get0_peer_CA_list(ssl);
    const unsigned char *types = NULL;

    cb.peer_known = peer != NULL && X509_cmp(peer, w.leaf.cert) == 0;
    cb.names = names == NULL ? -1 : sk_X509_NAME_num(names);
    cb.types = (int)SSL_get0_certificate_types(ssl, &types);
    if (cb.types > 0 && cb.types <= 8)
        memcpy(cb.type, types, (size_t)cb.types);
}

static int on_cert(SSL *ssl, void *arg)
{
    look(ssl);
    if (cb.cert_calls++ < cb.cert_waits)
        return -1;
    if (cb.uses) {
        SSL_use_certificate(ssl, own.cert);
        SSL_use_PrivateKey(ssl, own.key);
    }
    return cb.cert_answer;
}

static int on_client_cert(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
    look(ssl);
    if (cb.client_calls++ < cb.client_waits)
        return -1;
    if (cb.gives & 1) {
        X509_up_ref(own.cert);
        *cert = own.cert;
    }
    if (cb.gives & 2) {
        EVP_PKEY_up_ref(own.key);
        *key = own.key;
    }
    return cb.client_answer;
}

static void reset(void)
{
    memset(&cb, 0, sizeof cb);
    cb.cert_answer = cb.client_answer = 1;
    SSL_CTX_set_cert_cb(w.cctx, NULL, NULL);
    SSL_CTX_set_client_cert_cb(w.cctx, NULL);
}

/* Drives both; counts how often the client stands still for the callback. */
static int drive(duo *d)
{
    int waited = 0, i;

    for (i = 0; i < 60 && (d->out.client.done == 0 || d->out.server.done == 0); i++) {
        tls_step(d->c, &d->out.client);
        if (d->out.client.done == 0 && d->out.client.error == SSL_ERROR_WANT_X509_LOOKUP) {
            waited++;
            is_int(SSL_want(d->c), SSL_X509_LOOKUP, "SSL_want");
            is_int(SSL_is_init_finished(d->c), 0, "not finished");
        }
        tls_step(d->s, &d->out.server);
    }
    return waited;
}

static void passes(duo *d, const char *what, int with, int waits)
{
    X509 *peer;

    is_int(drive(d), waits, "%s: how often it waited", what);
    is_int(d->out.client.done, 1, "%s: the client (%s)", what, d->out.client.errors);
    is_int(d->out.server.done, 1, "%s: the server (%s)", what, d->out.server.errors);
    peer = SSL_get0_peer_certificate(d->s);
    ok(with ? peer != NULL && X509_cmp(peer, own.cert) == 0 : peer == NULL, "%s: the certificate sent", what);
    ok((SSL_get_certificate(d->c) != NULL) == with, "%s: SSL_get_certificate", what);
    is_int(SSL_get_signature_nid(d->c, &(int){ 0 }), with || SSL_version(d->c) == TLS1_3_VERSION ? with : 0,
           "%s: the client signed", what);
    ok(tls_echo(d->c, d->s), "%s: data passes", what);
    duo_free(d);
}

static void test_suspended(int v)
{
    int waits;

    for (waits = 0; waits <= 3; waits++) {
        reset();
        cb.cert_waits = waits;
        cb.uses = 1;
        SSL_CTX_set_cert_cb(w.cctx, on_cert, NULL);
        passes(duo_new(&w, v), "cert_cb", 1, waits);
        is_int(cb.cert_calls, waits + 1, "asked each time");
        ok(cb.peer_known, "the server's certificate is known");
        is_int(cb.names, 1, "so are its authorities");

        reset();
        cb.client_waits = waits;
        cb.gives = 3;
        SSL_CTX_set_client_cert_cb(w.cctx, on_client_cert);
        passes(duo_new(&w, v), "client_cert_cb", 1, waits);
        is_int(cb.client_calls, waits + 1, "asked each time");
        ok(cb.peer_known, "the server's certificate is known");
    }
    /* One after the other; the first is not asked again. */
    reset();
    cb.cert_waits = 1;
    cb.client_waits = 2;
    cb.gives = 3;
    SSL_CTX_set_cert_cb(w.cctx, on_cert, NULL);
    SSL_CTX_set_client_cert_cb(w.cctx, on_client_cert);
    passes(duo_new(&w, v), "both", 1, 3);
    is_int(cb.cert_calls, 2, "cert_cb");
    is_int(cb.client_calls, 3, "client_cert_cb");
    /* With a certificate set by the first, the second is not asked. */
    reset();
    cb.uses = 1;
    SSL_CTX_set_cert_cb(w.cctx, on_cert, NULL);
    SSL_CTX_set_client_cert_cb(w.cctx, on_client_cert);
    passes(duo_new(&w, v), "the first sets one", 1, 0);
    is_int(cb.client_calls, 0, "the second is not asked");
}

static void test_without(int v)
{
    duo *d;
    int gives;

    reset();
    cb.client_waits = 1;
    cb.client_answer = 0;
    cb.gives = 0;
    SSL_CTX_set_client_cert_cb(w.cctx, on_client_cert);
    passes(duo_new(&w, v), "0", 0, 1);
    reset();
    SSL_CTX_set_cert_cb(w.cctx, on_cert, NULL);
    cb.cert_waits = 1;
    passes(duo_new(&w, v), "cert_cb that sets none", 0, 1);
    /* 1, and half of a pair. */
    for (gives = 0; gives <= 2; gives++) {
        reset();
        cb.gives = gives;
        SSL_CTX_set_client_cert_cb(w.cctx, on_client_cert);
        d = duo_new(&w, v);
        drive(d);
        /* The entry makes SSL_get_error take what is a retry for a failure. */
        if (v == TLS1_2_VERSION)
            is_int(d->out.client.reason, SSL_R_BAD_DATA_RETURNED_BY_CALLBACK, "half a pair: an entry");
        d->out.client.done = 0;
        passes(d, "half a pair", 0, 0);
    }
    /* A server that wants one. */
    reset();
    cb.client_answer = 0;
    cb.client_waits = 1;
    SSL_CTX_set_client_cert_cb(w.cctx, on_client_cert);
    d = duo_new(&w, v);
    SSL_set_verify(d->s, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    drive(d);
    is_int(d->out.server.reason, SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, "one is required");
    duo_free(d);
    /* One that asks for none. */
    reset();
    cb.uses = 1;
    cb.cert_waits = 1;
    SSL_CTX_set_cert_cb(w.cctx, on_cert, NULL);
    d = duo_new(&w, v);
    SSL_set_verify(d->s, SSL_VERIFY_NONE, NULL);
    passes(d, "not asked", 0, 0);
    is_int(cb.cert_calls, 0, "the callback neither");
}

static void test_refusal(int v)
{
    duo *d;

    reset();
    cb.cert_answer = 0;
    cb.cert_waits = 1;
    SSL_CTX_set_cert_cb(w.cctx, on_cert, NULL);
    d = duo_new(&w, v);
    is_int(drive(d), 1, "0 after a while");
    is_int(d->out.client.done, -1, "fails");
    is_int(d->out.client.reason, SSL_R_CALLBACK_FAILED, "the reason (%s)", d->out.client.errors);
    is_int(trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0), ALERT_FATAL(80), "the alert");
    is_int(d->out.server.reason, SSL_R_TLSV1_ALERT_INTERNAL_ERROR, "the server reads it (%s)", d->out.server.errors);
    is_int(trace_alert(&d->st, SSL_CB_READ_ALERT, 0), ALERT_FATAL(80), "and says so");
    duo_free(d);
    /* The callback is not asked when the server is not trusted. */
    reset();
    SSL_CTX_set_cert_cb(w.cctx, on_cert, NULL);
    d = duo_new(&w, v);
    SSL_set1_host(d->c, "elsewhere.example");
    drive(d);
    is_int(d->out.client.reason, SSL_R_CERTIFICATE_VERIFY_FAILED, "another server");
    is_int(cb.cert_calls, 0, "is told nothing");
    duo_free(d);
}

/* Every byte by itself, and all of the server's flight in one piece. */
static void test_pieces(int v)
{
    duo *d;

    reset();
    cb.cert_waits = 2;
    cb.uses = 1;
    SSL_CTX_set_cert_cb(w.cctx, on_cert, NULL);
    d = duo_new(&w, v);
    d->ce.max_read = d->se.max_read = 1;
    passes(d, "byte by byte", 1, 2);
    reset();
    cb.cert_waits = 2;
    cb.uses = 1;
    SSL_CTX_set_cert_cb(w.cctx, on_cert, NULL);
    d = duo_new(&w, v);
    SSL_set_read_ahead(d->c, 1);
    passes(d, "read ahead", 1, 2);
    reset();
    cb.cert_waits = 1;
    cb.uses = 1;
    SSL_CTX_set_cert_cb(w.cctx, on_cert, NULL);
    d = duo_new(&w, v);
    SSL_set_max_send_fragment(d->c, 512);
    SSL_set_max_send_fragment(d->s, 512);
    passes(d, "in small records", 1, 1);
}

static void test_types(void)
{
    static const unsigned char chosen[] = { 64, 1, 3, 9 };
    static const struct {
        const char *sigalgs;
        int len;
        unsigned char types[3];
    } lists[] = {
        { NULL, 3, { 1, 2, 64 } },
        { "RSA+SHA256:ECDSA+SHA256", 2, { 1, 64 } },
        { "ECDSA+SHA256", 1, { 64 } },
        { "ed25519:ECDSA+SHA256", 1, { 64 } },
        { "RSA-PSS+SHA256:ECDSA+SHA256", 2, { 1, 64 } },
        { "DSA+SHA256:ECDSA+SHA256", 2, { 2, 64 } },
    };
    const unsigned char *types = (const unsigned char *)"x";
    size_t i;
    duo *d;

    reset();
    cb.uses = 1;
    SSL_CTX_set_cert_cb(w.cctx, on_cert, NULL);
    for (i = 0; i < sizeof lists / sizeof *lists; i++) {
        d = duo_new(&w, TLS1_2_VERSION);
        if (lists[i].sigalgs != NULL)
            SSL_set1_client_sigalgs_list(d->s, lists[i].sigalgs);
        passes(d, lists[i].sigalgs ? lists[i].sigalgs : "the default", 1, 0);
        is_int(cb.types, lists[i].len, "so many types");
        is_mem(cb.type, lists[i].types, (size_t)lists[i].len, "these types");
    }
    d = duo_new(&w, TLS1_2_VERSION);
    is_int(SSL_get0_certificate_types(d->c, &types), 0, "none before the handshake");
    is_int(SSL_set1_client_certificate_types(d->s, chosen, sizeof chosen), 1, "the program's types");
    is_int(SSL_set1_client_certificate_types(d->c, chosen, sizeof chosen), 0, "not a client's");
    SSL_set_verify(d->s, SSL_VERIFY_PEER, NULL);
    drive(d);
    is_int(SSL_get0_certificate_types(d->c, &types), sizeof chosen, "are sent");
    is_mem(types, chosen, sizeof chosen, "as they are");
    is_int(SSL_get0_certificate_types(d->c, NULL), sizeof chosen, "only their number");
    is_int(SSL_get0_certificate_types(d->s, &types), 0, "not for a server");
    ok(tls_echo(d->c, d->s), "data passes");
    duo_free(d);
    /* For a context, and without a callback. */
    reset();
    is_int(SSL_CTX_set1_client_certificate_types(w.sctx, chosen, 2), 1, "of a context");
    d = duo_new(&w, TLS1_2_VERSION);
    SSL_use_certificate(d->c, own.cert);
    SSL_use_PrivateKey(d->c, own.key);
    passes(d, "of a context", 1, 0);
    is_int(SSL_CTX_set1_client_certificate_types(w.sctx, NULL, 0), 1, "back to the default");
    is_int(SSL_CTX_set1_client_certificate_types(w.sctx, chosen, 256), 0, "too many");
    d = duo_new(&w, TLS1_3_VERSION);
    drive(d);
    is_int(SSL_get0_certificate_types(d->c, &types), 0, "TLS 1.3 has none");
    duo_free(d);
}

int main(void)
{
    w = world_make();
    own = tls_cert(&w.ca, "P-256", "client", NULL, "clientAuth", 0, -3600, 86400);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), w.ca.cert);
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_add_client_CA(w.sctx, w.ca.cert);
    FOR_VERSIONS(v) {
        test_suspended(v);
        test_without(v);
        test_refusal(v);
        test_pieces(v);
    }
    test_types();
    tls_id_free(&own);
    world_free(&w);
    return done();
}
