/* Early data: written, read, refused, replayed, and the order of the calls. */
#include "pipe.h"

#include <time.h>

static world early_world(void)
{
    world w = world_make();

    SSL_CTX_set_max_early_data(w.sctx, 16384);
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"early", 5);
    return w;
}

/* The session of a connection that was closed as it should be. */
static SSL_SESSION *learn(const world *w, const char *alpn)
{
    duo *d = duo_new(w, TLS1_3_VERSION);
    SSL_SESSION *session;
    char byte;

    if (alpn != NULL)
        SSL_set_alpn_protos(d->c, (const unsigned char *)alpn, (unsigned)strlen(alpn));
    TLS_MUST(duo_handshake(d));
    SSL_read(d->c, &byte, 1);
    session = duo_part(d);
    ERR_clear_error();
    return session;
}

static duo *redial(const world *w, SSL_SESSION *session)
{
    duo *d = duo_new(w, TLS1_3_VERSION);

    SSL_set_session(d->c, session);
    return d;
}

static int write_early(SSL *ssl, const char *text)
{
    size_t n = 0;

    return SSL_write_early_data(ssl, text, strlen(text), &n) == 1 && n == strlen(text);
}

/* SSL_read_early_data's result; what it read is in `text`. */
static int read_early(SSL *ssl, char *text, size_t room)
{
    size_t n = 99;
    int ret = SSL_read_early_data(ssl, text, room - 1, &n);

    if (ret != SSL_READ_EARLY_DATA_ERROR)
        text[n] = 0;
    return ret;
}

static int status(SSL *ssl)
{
    return SSL_get_early_data_status(ssl);
}

static void test_accepted(void)
{
    world w = early_world();
    SSL_SESSION *session = learn(&w, NULL);
    duo *d = redial(&w, session);
    char text[64];
    unsigned char mine[32], theirs[32];

    is_int((int)SSL_SESSION_get_max_early_data(session), 16384, "the ticket allows early data");
    is_int(status(d->c), SSL_EARLY_DATA_NOT_SENT, "nothing is sent yet");
    is_int(status(d->s), SSL_EARLY_DATA_NOT_SENT, "nor received");
    is_int(SSL_export_keying_material_early(d->c, mine, 32, "EXPORTER-x", 10, NULL, 0), 0,
           "no early keying material before");
    ERR_clear_error();
    ok(write_early(d->c, "first"), "early data is written (%s)", tls_errors());
    ok(write_early(d->c, "second"), "and more of it");
    is_int(status(d->c), SSL_EARLY_DATA_REJECTED, "the client counts it as rejected for now");
    is_int(SSL_in_init(d->c), 0, "the client is not in the handshake");
    is_int(read_early(d->s, text, 4), SSL_READ_EARLY_DATA_SUCCESS, "early data is read");
    is_str(text, "fir", "as much as fits");
    is_int(status(d->s), SSL_EARLY_DATA_ACCEPTED, "the server accepts");
    is_int(SSL_in_init(d->s), 0, "the server is not in the handshake");
    is_str(SSL_get_version(d->s), "TLSv1.3", "the version is known");
    ok(SSL_get_current_cipher(d->s) != NULL, "the suite is known");
    is_int(SSL_session_reused(d->s), 1, "the session is resumed");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_SUCCESS, "the rest is read");
    is_str(text, "st", "of the first record");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_SUCCESS, "then the next");
    is_str(text, "second", "record");
    is_int(SSL_export_keying_material_early(d->c, mine, 32, "EXPORTER-x", 10,
                                            (const unsigned char *)"ctx", 3), 1,
           "the client exports early keying material");
    is_int(SSL_export_keying_material_early(d->s, theirs, 32, "EXPORTER-x", 10,
                                            (const unsigned char *)"ctx", 3), 1,
           "so does the server");
    is_mem(mine, theirs, 32, "the same");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_ERROR, "there is no more");
    is_int(SSL_get_error(d->s, 0), SSL_ERROR_WANT_READ, "for now");
    is_int(SSL_write(d->s, "x", 1), 0, "SSL_write is out of order while early data is read");
    is_int(tls_ssl_reason(), ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED & 0x7fffff, "says the queue");
    ok(write_early(d->s, "answer"), "the server answers early (%s)", tls_errors());
    is_int(SSL_read(d->c, text, sizeof text), 6, "the client reads the answer");
    is_mem(text, "answer", 6, "as it was written");
    is_int(SSL_connect(d->c), 1, "the client finishes");
    is_int(status(d->c), SSL_EARLY_DATA_ACCEPTED, "and knows that its data was accepted");
    is_int(write_early(d->c, "late"), 0, "early data is over");
    ERR_clear_error();
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_FINISH, "the server finds the end");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_ERROR, "only once");
    is_int(tls_ssl_reason(), ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED & 0x7fffff, "then it is an error");
    is_int(SSL_accept(d->s), 1, "the server finishes");
    ok(tls_echo(d->c, d->s), "data passes both ways");
    is_int(SSL_session_reused(d->c), 1, "the client resumed");
    duo_free(d);
    SSL_SESSION_free(session);
    world_free(&w);
}

/* A client's reads do not end its early data; its handshake does. */
static void test_client_order(void)
{
    world w = early_world();
    SSL_SESSION *session = learn(&w, NULL);
    duo *d = redial(&w, session);
    char text[32];

    ok(write_early(d->c, "one"), "client: early data is written");
    ok(write_early(d->c, "two"), "client: more early data");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_SUCCESS, "client: one");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_SUCCESS, "client: two");
    is_str(text, "two", "client: as it was written");
    ok(write_early(d->s, "half"), "client: the server answers");
    is_int(SSL_read(d->c, text, sizeof text), 4, "client: reads the answer");
    ok(write_early(d->c, "three"), "client: and writes more (%s)", tls_errors());
    if (differs("when", "rustls ends early data with the server's flight: what is written then is "
                        "ordinary data")) {
        is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_FINISH, "client: at its end");
        is_int(SSL_read(d->s, text, sizeof text), 5, "client: it is read");
    } else {
        is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_SUCCESS, "client: early");
        is_int((int)strlen(text), 5, "client: it is read");
    }
    is_mem(text, "three", 5, "client: as it was written");
    is_int(SSL_do_handshake(d->c), 1, "client: the handshake goes on");
    is_int(write_early(d->c, "four"), 0, "client: then early data is over");
    is_int(tls_ssl_reason(), ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED & 0x7fffff, "client: says the queue");
    duo_free(d);
    SSL_SESSION_free(session);
    world_free(&w);
}

/* A second connection with a ticket that was used for early data. */
static void test_replay(int replay_allowed)
{
    world w = early_world();
    SSL_SESSION *session;
    duo *d, *again;
    char text[32];
    unsigned char hello[4096];
    size_t len;

    if (replay_allowed)
        SSL_CTX_set_options(w.sctx, SSL_OP_NO_ANTI_REPLAY);
    session = learn(&w, NULL);
    d = redial(&w, session);
    again = duo_new(&w, TLS1_3_VERSION);
    ok(write_early(d->c, "once"), "early data is written");
    len = wire_record(&d->c2s, 0);
    TLS_MUST(d->c2s.len < sizeof hello && len != 0);
    len = d->c2s.len;
    memcpy(hello, d->c2s.data, len);
    wire_put(&again->c2s, hello, len);
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_SUCCESS, "the first is taken");
    is_int(read_early(again->s, text, sizeof text),
           replay_allowed ? SSL_READ_EARLY_DATA_SUCCESS : SSL_READ_EARLY_DATA_FINISH,
           "the same bytes again are%s", replay_allowed ? " too" : " not");
    is_int(status(again->s), replay_allowed ? SSL_EARLY_DATA_ACCEPTED : SSL_EARLY_DATA_REJECTED,
           "and the status says so");
    ERR_clear_error();
    duo_free(d);
    duo_free(again);
    SSL_SESSION_free(session);
    world_free(&w);
}

/* Without protection from replay a session is in its ticket alone, and good more than once. */
static void test_in_ticket(void)
{
    world w = early_world();
    SSL_SESSION *session;
    int i;

    SSL_CTX_set_options(w.sctx, SSL_OP_NO_ANTI_REPLAY);
    SSL_CTX_set_session_cache_mode(w.sctx, SSL_SESS_CACHE_OFF);
    session = learn(&w, "\2h2");
    is_int((int)SSL_CTX_sess_number(w.sctx), 0, "in a ticket: the server keeps no session");
    for (i = 0; i < 3; i++) {
        duo *d = redial(&w, session);
        char text[32];

        SSL_set_alpn_protos(d->c, (const unsigned char *)"\2h2", 3);
        ok(write_early(d->c, "again"), "in a ticket: early data is written");
        is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_SUCCESS,
               "in a ticket: it is read");
        is_str(text, "again", "in a ticket: as it was");
        is_int(SSL_connect(d->c), 1, "in a ticket: the client connects");
        is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_FINISH,
               "in a ticket: that is all");
        ok(duo_handshake(d), "in a ticket: they connect");
        ok(tls_echo(d->c, d->s), "in a ticket: and talk");
        duo_free(d);
    }
    SSL_SESSION_free(session);
    world_free(&w);
}

/* A server that asks for certificates takes early data with a session that has one. */
static void test_certificate(void)
{
    world w = early_world();
    tls_id own = tls_client_leaf(&w.ca, "P-256", "client");
    SSL_SESSION *session;
    duo *d;
    char text[32];
    X509 *cert;
    int i;

    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    TLS_MUST(X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), w.ca.cert) == 1);
    TLS_MUST(SSL_CTX_use_certificate(w.cctx, own.cert) == 1);
    TLS_MUST(SSL_CTX_use_PrivateKey(w.cctx, own.key) == 1);
    for (i = 0; i < 2; i++) {
        if (i == 1)
            SSL_CTX_set_options(w.sctx, SSL_OP_NO_ANTI_REPLAY);
        session = learn(&w, NULL);
        d = redial(&w, session);
        ok(write_early(d->c, "early"), "certificate: early data is written");
        is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_SUCCESS,
               "certificate: and read (%s)", tls_errors());
        is_str(text, "early", "certificate: as it was");
        cert = SSL_get1_peer_certificate(d->s);
        ok(cert != NULL && X509_cmp(cert, own.cert) == 0, "certificate: the client's is known");
        X509_free(cert);
        ok(write_early(d->s, "answer"), "certificate: the server answers (%s)", tls_errors());
        is_int(SSL_connect(d->c), 1, "certificate: the client connects");
        is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_FINISH,
               "certificate: that is all");
        is_int(SSL_read(d->c, text, sizeof text), 6, "certificate: the answer is there");
        ok(duo_handshake(d), "certificate: they connect");
        is_int((int)SSL_get_verify_result(d->s), X509_V_OK, "certificate: it is good");
        ok(tls_echo(d->c, d->s), "certificate: data passes");
        duo_free(d);
        SSL_SESSION_free(session);
    }
    /* The server's suite has another hash by now. */
    TLS_MUST(SSL_CTX_set_ciphersuites(w.sctx, "TLS_AES_256_GCM_SHA384"));
    session = learn(&w, NULL);
    TLS_MUST(SSL_CTX_set_ciphersuites(w.sctx, "TLS_CHACHA20_POLY1305_SHA256"));
    d = redial(&w, session);
    ok(write_early(d->c, "early"), "suite: early data is written");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_FINISH, "suite: it is not read");
    is_int(status(d->s), SSL_EARLY_DATA_REJECTED, "suite: it is rejected");
    ok(duo_handshake(d), "suite: they connect (%s)", tls_errors());
    is_int(status(d->c), SSL_EARLY_DATA_REJECTED, "suite: the client knows");
    cert = SSL_get1_peer_certificate(d->s);
    ok(cert != NULL && X509_cmp(cert, own.cert) == 0, "suite: the client's certificate is known");
    X509_free(cert);
    ok(tls_echo(d->c, d->s), "suite: data passes");
    duo_free(d);
    SSL_SESSION_free(session);
    tls_id_free(&own);
    world_free(&w);
}

static int allow_calls, allow_answer;

static int allow(SSL *ssl, void *arg)
{
    (void)ssl;
    allow_calls++;
    return arg == &allow_calls && allow_answer;
}

/* After a rejection the handshake goes on and the early data is skipped. */
static void finish_rejected(duo *d, const char *how)
{
    char text[32];

    ok(write_early(d->c, "early"), "%s: early data is written", how);
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_FINISH, "%s: it is not read", how);
    is_int(status(d->s), SSL_EARLY_DATA_REJECTED, "%s: it is rejected", how);
    is_int(SSL_write(d->c, "late", 4), 4, "%s: the client writes on (%s)", how, tls_errors());
    is_int(status(d->c), SSL_EARLY_DATA_REJECTED, "%s: the client knows", how);
    is_int(SSL_read(d->s, text, sizeof text), 4, "%s: the server skips it (%s)", how, tls_errors());
    is_mem(text, "late", 4, "%s: and reads what follows", how);
    is_int((int)ERR_peek_error(), 0, "%s: nothing stays in the queue", how);
}

static void test_rejected(void)
{
    world w = early_world();
    SSL_SESSION *session;
    duo *d;

    SSL_CTX_set_allow_early_data_cb(w.sctx, allow, &allow_calls);
    session = learn(&w, NULL);
    is_int(allow_calls, 0, "the callback is not asked without early data");
    d = redial(&w, session);
    finish_rejected(d, "callback");
    is_int(allow_calls, 1, "the callback is asked once");
    is_int(SSL_session_reused(d->s), 1, "the session is resumed all the same");
    duo_free(d);
    SSL_SESSION_free(session);

    allow_answer = 1;
    session = learn(&w, NULL);
    d = redial(&w, session);
    SSL_set_max_early_data(d->s, 0);
    finish_rejected(d, "none wanted");
    is_int(allow_calls, 1, "the callback is not asked where none is wanted");
    duo_free(d);
    SSL_SESSION_free(session);

    session = learn(&w, NULL);
    d = redial(&w, session);
    ok(write_early(d->c, "early"), "plain accept: early data is written");
    is_int(SSL_accept(d->s), -1, "plain accept: the server waits for the client");
    is_int(SSL_connect(d->c), 1, "plain accept: the client connects");
    is_int(SSL_accept(d->s), 1, "plain accept: the server skips the early data");
    is_int(status(d->s), SSL_EARLY_DATA_REJECTED, "plain accept: it is rejected");
    duo_free(d);
    SSL_SESSION_free(session);
    world_free(&w);
}

static void test_retry_request(void)
{
    world w = early_world();
    SSL_SESSION *session = learn(&w, NULL);
    duo *d = redial(&w, session);
    char text[32];

    SSL_set1_groups_list(d->s, "P-384");
    ok(write_early(d->c, "early"), "retry: early data is written");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_FINISH, "retry: it is not read");
    is_int(status(d->s), SSL_EARLY_DATA_REJECTED, "retry: it is rejected");
    ok(duo_handshake(d), "retry: the handshake ends well (%s)", tls_errors());
    is_int(status(d->c), SSL_EARLY_DATA_REJECTED, "retry: the client knows");
    ok(tls_echo(d->c, d->s), "retry: data passes");
    duo_free(d);
    SSL_SESSION_free(session);
    world_free(&w);
}

static int select_h2(SSL *ssl, const unsigned char **out, unsigned char *len,
                     const unsigned char *in, unsigned inlen, void *arg)
{
    (void)ssl;
    if (SSL_select_next_proto((unsigned char **)out, len, arg, (unsigned)strlen(arg), in, inlen)
        != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    return SSL_TLSEXT_ERR_OK;
}

static void test_alpn(void)
{
    world w = early_world();
    SSL_SESSION *session;
    duo *d;
    char text[32];

    SSL_CTX_set_alpn_select_cb(w.sctx, select_h2, "\2h2");
    session = learn(&w, "\2h2");
    d = redial(&w, session);
    is_int(write_early(d->c, "early"), 0, "alpn: none offered where one was agreed");
    is_int(tls_ssl_reason(), SSL_R_INCONSISTENT_EARLY_DATA_ALPN, "alpn: says the queue");
    duo_free(d);
    SSL_SESSION_free(session);
    session = learn(&w, "\2h2");
    d = redial(&w, session);
    SSL_set_alpn_protos(d->c, (const unsigned char *)"\2h3", 3);
    is_int(write_early(d->c, "early"), 0, "alpn: another offered");
    is_int(tls_ssl_reason(), SSL_R_INCONSISTENT_EARLY_DATA_ALPN, "alpn: says the queue");
    duo_free(d);
    SSL_SESSION_free(session);
    session = learn(&w, "\2h2");
    d = redial(&w, session);
    SSL_set_alpn_protos(d->c, (const unsigned char *)"\2h3\2h2", 6);
    ok(write_early(d->c, "early"), "alpn: the same among others");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_SUCCESS, "alpn: is accepted");
    duo_free(d);
    SSL_SESSION_free(session);

    session = learn(&w, "\2h2");
    d = redial(&w, session);
    SSL_CTX_set_alpn_select_cb(w.sctx, select_h2, "\2h3");
    SSL_set_alpn_protos(d->c, (const unsigned char *)"\2h3\2h2", 6);
    finish_rejected(d, "alpn: another is selected");
    duo_free(d);
    SSL_SESSION_free(session);
    world_free(&w);
}

static void test_limits(void)
{
    world w = early_world();
    SSL_SESSION *session;
    duo *d;
    char text[32];

    SSL_CTX_set_max_early_data(w.sctx, 8);
    session = learn(&w, NULL);
    d = redial(&w, session);
    is_int((int)SSL_SESSION_get_max_early_data(session), 8, "limit: the ticket tells it");
    ok(write_early(d->c, "12345678"), "limit: as much as allowed is written");
    is_int(write_early(d->c, "9"), 0, "limit: no more");
    is_int(tls_ssl_reason(), SSL_R_TOO_MUCH_EARLY_DATA, "limit: says the queue");
    duo_free(d);
    SSL_SESSION_free(session);

    SSL_CTX_set_max_early_data(w.sctx, 100);
    session = learn(&w, NULL);
    d = redial(&w, session);
    SSL_set_recv_max_early_data(d->s, 4);
    ok(write_early(d->c, "12345678"), "limit: the client does not know of the server's");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_ERROR, "limit: the server refuses");
    is_int(tls_ssl_reason(), SSL_R_TOO_MUCH_EARLY_DATA, "limit: says the queue");
    duo_free(d);

    SSL_SESSION_free(session);
    session = learn(&w, NULL);
    d = redial(&w, session);
    SSL_set_max_early_data(d->s, 0);
    SSL_set_recv_max_early_data(d->s, 0);
    ok(write_early(d->c, "12345678"), "limit: early data is written");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_FINISH, "limit: none is wanted");
    is_int(SSL_accept(d->s), -1, "limit: nor skipped");
    is_int(tls_ssl_reason(), SSL_R_TOO_MUCH_EARLY_DATA, "limit: says the queue");
    duo_free(d);
    SSL_SESSION_free(session);

    session = learn(&w, NULL);
    d = redial(&w, session);
    SSL_SESSION_set_max_early_data(session, 0);
    is_int(write_early(d->c, "x"), 0, "limit: a session without early data");
    is_int(tls_ssl_reason(), ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED & 0x7fffff, "limit: is none to write with");
    ok(duo_handshake(d), "limit: but connects");
    duo_free(d);
    SSL_SESSION_free(session);
    world_free(&w);
}

static void test_order(void)
{
    world w = early_world();
    duo *d = duo_new(&w, TLS1_3_VERSION);
    char text[32];
    const int order = ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED & 0x7fffff;

    is_int(write_early(d->c, "x"), 0, "order: no session");
    is_int(tls_ssl_reason(), order, "order: says the queue");
    is_int(read_early(d->c, text, sizeof text), SSL_READ_EARLY_DATA_ERROR, "order: a client reads none");
    is_int(tls_ssl_reason(), order, "order: says the queue");
    is_int(write_early(d->s, "x"), 0, "order: a server writes none before it read");
    is_int(tls_ssl_reason(), order, "order: says the queue");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_ERROR, "order: nothing came");
    is_int(SSL_get_error(d->s, 0), SSL_ERROR_WANT_READ, "order: the server waits");
    is_int(SSL_read(d->s, text, 1), 0, "order: no SSL_read meanwhile");
    is_int(tls_ssl_reason(), order, "order: says the queue");
    is_int(SSL_write(d->s, text, 1), 0, "order: nor SSL_write");
    is_int(tls_ssl_reason(), order, "order: says the queue");
    is_int(SSL_connect(d->c), -1, "order: a client without early data");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_FINISH, "order: sends none");
    is_int(status(d->s), SSL_EARLY_DATA_NOT_SENT, "order: none was sent");
    ok(write_early(d->s, "half"), "order: the server can write at once (%s)", tls_errors());
    ok(duo_handshake(d), "order: they connect (%s)", tls_errors());
    is_int(SSL_read(d->c, text, sizeof text), 4, "order: the client reads what came first");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_ERROR, "order: too late");
    is_int(tls_ssl_reason(), order, "order: says the queue");
    duo_free(d);

    d = duo_new(&w, TLS1_2_VERSION);
    is_int(SSL_connect(d->c), -1, "1.2: the client begins");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_ERROR, "1.2: the server waits");
    is_int(SSL_connect(d->c), -1, "1.2: the client goes on");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_FINISH, "1.2: has no early data");
    is_int(SSL_is_init_finished(d->s), 1, "1.2: the handshake is done");
    duo_free(d);
    world_free(&w);
}

/* Bytes come and go one at a time. */
static void test_piecewise(void)
{
    world w = early_world();
    SSL_SESSION *session = learn(&w, NULL);
    duo *d = redial(&w, session);
    char text[32];
    size_t n = 0;
    int ret = 0, tries = 0;

    d->ce.max_write = 1;
    d->ce.stutter = 1;
    d->se.max_read = 1;
    d->se.stutter = 1;
    while (tries++ < 100000 && (ret = SSL_write_early_data(d->c, "slow", 4, &n)) != 1
           && SSL_get_error(d->c, ret) == SSL_ERROR_WANT_WRITE)
        continue;
    is_int(ret, 1, "pieces: early data is written in the end");
    is_int((int)n, 4, "pieces: once");
    tries = 0;
    while (tries++ < 100000 && (ret = read_early(d->s, text, sizeof text)) == SSL_READ_EARLY_DATA_ERROR
           && SSL_get_error(d->s, ret) != SSL_ERROR_SSL)
        continue;
    is_int(ret, SSL_READ_EARLY_DATA_SUCCESS, "pieces: and read");
    is_str(text, "slow", "pieces: whole");
    d->ce.stutter = d->se.stutter = 0;
    d->ce.max_write = d->se.max_read = 0;
    is_int(SSL_connect(d->c), 1, "pieces: the client connects");
    is_int(read_early(d->s, text, sizeof text), SSL_READ_EARLY_DATA_FINISH, "pieces: it was all");
    ok(duo_handshake(d), "pieces: they connect");
    duo_free(d);
    SSL_SESSION_free(session);
    world_free(&w);
}

int main(void)
{
    test_accepted();
    test_client_order();
    test_replay(0);
    test_replay(1);
    test_in_ticket();
    test_certificate();
    test_rejected();
    test_retry_request();
    test_alpn();
    test_limits();
    test_order();
    test_piecewise();
    return done();
}
