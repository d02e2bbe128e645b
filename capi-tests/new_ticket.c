/* SSL_new_session_ticket(3): when tickets go out, who is told of them, and that they resume. */
#include "tls.h"

enum { KEPT = 16 };

static struct {
    SSL_SESSION *client[KEPT], *server[KEPT];
    int clients, servers, generated, decrypted;
    char appdata[8];
} seen;

static int on_client(SSL *ssl, SSL_SESSION *session)
{
    TLS_MUST(seen.clients < KEPT);
    seen.client[seen.clients++] = session;
    return 1;
}

static int on_server(SSL *ssl, SSL_SESSION *session)
{
    TLS_MUST(seen.servers < KEPT);
    ok(SSL_get_session(ssl) == session, "the callback's session is the connection's");
    seen.server[seen.servers++] = session;
    return 1;
}

static void forget(void)
{
    while (seen.clients > 0)
        SSL_SESSION_free(seen.client[--seen.clients]);
    while (seen.servers > 0)
        SSL_SESSION_free(seen.server[--seen.servers]);
    seen.generated = seen.decrypted = 0;
}

static int generate(SSL *ssl, void *arg)
{
    char data[8];

    snprintf(data, sizeof data, "no %d", seen.generated++);
    return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), data, strlen(data) + 1);
}

static SSL_TICKET_RETURN decrypt(SSL *ssl, SSL_SESSION *session, const unsigned char *name,
                                 size_t len, SSL_TICKET_STATUS status, void *arg)
{
    void *data;
    size_t n;

    seen.decrypted++;
    if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    if (SSL_SESSION_get0_ticket_appdata(session, &data, &n) == 1 && n <= sizeof seen.appdata)
        memcpy(seen.appdata, data, n);
    return SSL_TICKET_RETURN_USE_RENEW;
}

typedef struct {
    SSL_CTX *cctx, *sctx;
} world;

typedef struct {
    SSL *c, *s;
} duo;

static int alpn(SSL *ssl, const unsigned char **out, unsigned char *len,
                const unsigned char *in, unsigned n, void *arg)
{
    *out = in + 1;
    *len = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static duo dial(const world *w, SSL_SESSION *session)
{
    duo d = { SSL_new(w->cctx), SSL_new(w->sctx) };

    SSL_set_tlsext_host_name(d.c, "localhost");
    SSL_set_alpn_protos(d.c, (const unsigned char *)"\2h2", 3);
    if (session != NULL)
        TLS_MUST(SSL_set_session(d.c, session) == 1);
    tls_join(d.c, d.s, TLS_MEM);
    ok(tls_handshake(d.c, d.s, NULL), "connects (%s)", tls_errors());
    ok(tls_echo(d.c, d.s), "data passes");
    return d;
}

static void hang_up(duo *d)
{
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    SSL_free(d->c);
    SSL_free(d->s);
}

static int read_none(SSL *s)
{
    char byte;
    int r = SSL_read(s, &byte, 1);

    return SSL_get_error(s, r) == SSL_ERROR_WANT_READ;
}

/* Each ticket resumes a session of its own. */
static void check_resumes(const world *w, int peer, const char *what)
{
    int n = seen.clients, i;
    SSL_SESSION *have[KEPT];

    memcpy(have, seen.client, sizeof have);
    seen.clients = 0;
    for (i = 0; i < n; i++) {
        duo d = dial(w, have[i]);
        const unsigned char *proto;
        unsigned len;
        X509 *cert = SSL_get1_peer_certificate(d.s);

        is_int(SSL_session_reused(d.c), 1, "%s: ticket %d resumes", what, i);
        is_int(SSL_session_reused(d.s), 1, "for both");
        is_int(cert != NULL, peer, "with the client's certificate");
        X509_free(cert);
        SSL_get0_alpn_selected(d.s, &proto, &len);
        is_int(len, 2, "and its protocol");
        hang_up(&d);
        SSL_SESSION_free(have[i]);
    }
    forget();
}

static void check_tickets(const world *w, int in_handshake, int peer, const char *what)
{
    duo d;
    BIO *out;
    unsigned char id[32];
    unsigned len;
    int before;

    diag("%s", what);
    forget();
    d = dial(w, NULL);
    out = SSL_get_wbio(d.s);
    is_int(seen.clients, in_handshake, "%s: in the handshake", what);
    is_int(seen.servers, in_handshake, "told to the server");
    is_int(SSL_new_session_ticket(d.c), 0, "a client sends no ticket");
    is_int(SSL_in_init(d.s), 0, "nothing is due");
    is_int(SSL_new_session_ticket(d.s), 1, "another ticket");
    is_int(SSL_in_init(d.s), 1, "is due");
    is_int(SSL_key_update(d.s, SSL_KEY_UPDATE_REQUESTED), 0, "no KeyUpdate meanwhile");
    is_int(tls_ssl_reason(), SSL_R_STILL_IN_INIT, "for that reason");
    is_int(BIO_pending(out), 0, "nothing is sent");
    is_int(SSL_do_handshake(d.s), 1, "it goes out");
    is_int(SSL_in_init(d.s), 0, "done");
    ok(BIO_pending(out) > 0, "there it is");
    is_int(seen.servers, in_handshake + 1, "the server is told");
    is_int(seen.clients, in_handshake, "the client not yet");
    ok(read_none(d.c), "it reads");
    is_int(seen.clients, in_handshake + 1, "and has it");

    is_int(SSL_new_session_ticket(d.s), 1, "two more");
    is_int(SSL_new_session_ticket(d.s), 1, "at once");
    before = seen.generated;
    TLS_MUST(SSL_write(d.s, "x", 1) == 1);
    is_int(seen.generated - before, 2, "the ticket callback is asked for each");
    is_int(seen.servers, in_handshake + 3, "sent with data");
    TLS_MUST(SSL_read(d.c, id, 1) == 1);
    is_int(seen.clients, in_handshake + 3, "received");
    is_int(SSL_new_session_ticket(d.s), 1, "another");
    ok(read_none(d.s), "is sent by SSL_read");
    is_int(seen.servers, in_handshake + 4, "too");
    TLS_MUST(SSL_key_update(d.s, SSL_KEY_UPDATE_REQUESTED) == 1);
    is_int(SSL_new_session_ticket(d.s), 0, "none behind a KeyUpdate");
    is_int(SSL_do_handshake(d.s), 1, "sent");
    is_int(SSL_new_session_ticket(d.s), 1, "after which there is one");
    is_int(SSL_do_handshake(d.s), 1, "sent");
    ok(read_none(d.c), "read");
    is_int(seen.clients, in_handshake + 5, "with the next keys");
    ok(tls_echo(d.c, d.s), "data passes");
    is_int(SSL_get_num_tickets(d.s), in_handshake, "as many in the handshake as before");

    SSL_SESSION_get_id(seen.server[0], &len);
    memcpy(id, SSL_SESSION_get_id(seen.server[0], &len), sizeof id);
    is_int(len, 32, "an id");
    ok(memcmp(id, SSL_SESSION_get_id(seen.server[1], &len), 32) != 0, "each its own");
    is_int(SSL_SESSION_get_ticket_lifetime_hint(seen.client[seen.clients - 1]), 1234,
           "the lifetime");
    is_int(SSL_SESSION_get_max_early_data(seen.client[seen.clients - 1]),
           SSL_get_max_early_data(d.s), "early data");
    hang_up(&d);
    check_resumes(w, peer, what);
    is_str(seen.appdata, seen.appdata, "data of the ticket");
}

static void check_nowhere(world *w)
{
    duo d;

    d = (duo){ SSL_new(w->cctx), SSL_new(w->sctx) };
    tls_join(d.c, d.s, TLS_MEM);
    is_int(SSL_new_session_ticket(d.s), 0, "not before the handshake");
    SSL_do_handshake(d.c);
    SSL_do_handshake(d.s);
    is_int(SSL_new_session_ticket(d.s), 0, "nor in it");
    hang_up(&d);
    ERR_clear_error();

    d = (duo){ SSL_new(w->cctx), SSL_new(w->sctx) };
    SSL_set_max_proto_version(d.c, TLS1_2_VERSION);
    tls_join(d.c, d.s, TLS_MEM);
    ok(tls_handshake(d.c, d.s, NULL), "TLS 1.2");
    is_int(SSL_new_session_ticket(d.s), 0, "has none");
    ok(tls_echo(d.c, d.s), "data passes");
    hang_up(&d);
    ERR_clear_error();
    forget();
}

static int failing(SSL *ssl, void *arg)
{
    return 0;
}

static void check_failure(world *w)
{
    duo d = dial(w, NULL);
    char byte;
    int r;

    SSL_CTX_set_session_ticket_cb(w->sctx, failing, decrypt, NULL);
    is_int(SSL_new_session_ticket(d.s), 1, "a ticket whose callback fails");
    r = SSL_do_handshake(d.s);
    is_int(r, -1, "ends the connection");
    is_int(SSL_get_error(d.s, r), SSL_ERROR_SSL, "with an error");
    is_int(tls_ssl_reason(), ERR_R_INTERNAL_ERROR, "its reason");
    r = SSL_read(d.c, &byte, 1);
    is_int(SSL_get_error(d.c, r), SSL_ERROR_SSL, "the client sees the end");
    is_int(tls_ssl_reason(), SSL_R_TLSV1_ALERT_INTERNAL_ERROR, "by an alert");
    hang_up(&d);
    ERR_clear_error();
    SSL_CTX_set_session_ticket_cb(w->sctx, generate, decrypt, NULL);
    forget();
}

/* Larger than a record: a chain of certificates in each ticket. */
static void check_blocked(world *w)
{
    duo d = dial(w, NULL);
    BIO *small, *other;
    int r, i;

    TLS_MUST(BIO_new_bio_pair(&small, 64, &other, 1 << 16));
    SSL_set0_wbio(d.s, small);
    is_int(SSL_new_session_ticket(d.s), 1, "a ticket");
    r = SSL_do_handshake(d.s);
    is_int(SSL_get_error(d.s, r), SSL_ERROR_WANT_WRITE, "no room");
    BIO_up_ref(other);
    SSL_set0_rbio(d.c, other);
    for (i = 0; i < 200 && r != 1; i++) {
        ok(read_none(d.c), "the client reads");
        r = SSL_do_handshake(d.s);
    }
    is_int(r, 1, "sent bit by bit");
    ok(read_none(d.c), "the client reads");
    is_int(seen.clients, SSL_get_num_tickets(d.s) + 1, "and has it");
    SSL_free(d.s);
    SSL_free(d.c);
    BIO_free(other);
    forget();
}

/* One asked for while a write is not finished goes with the next write alone. */
static void check_pending(world *w)
{
    static char big[16000], got[16000];
    duo d = dial(w, NULL);
    int before = seen.clients, done = 0, r;
    BIO *small, *other;

    TLS_MUST(BIO_new_bio_pair(&small, 1000, &other, 1 << 16));
    SSL_set0_wbio(d.s, small);
    BIO_up_ref(other);
    SSL_set0_rbio(d.c, other);
    SSL_set_mode(d.s, SSL_MODE_AUTO_RETRY);
    r = SSL_write(d.s, big, sizeof big);
    is_int(SSL_get_error(d.s, r), SSL_ERROR_WANT_WRITE, "a write that waits");
    is_int(SSL_new_session_ticket(d.s), 1, "a ticket");
    is_int(SSL_new_session_ticket(d.s), 1, "and another");
    is_int(SSL_in_init(d.s), 0, "are not the handshake's yet");
    is_int(SSL_do_handshake(d.s), 1, "which is over");
    for (int i = 0; i < 200 && done < (int)sizeof big; i++) {
        int n = SSL_read(d.c, got, sizeof got);

        done += n > 0 ? n : 0;
        if (r <= 0)
            r = SSL_write(d.s, big, sizeof big);
    }
    is_int(r, sizeof big, "the write is finished");
    is_int(done, sizeof big, "and read");
    is_int(SSL_in_init(d.s), 0, "still none");
    is_int(SSL_do_handshake(d.s), 1, "for no handshake");
    ok(read_none(d.s), "nor for a read");
    ok(read_none(d.c), "nothing comes");
    is_int(seen.clients, before, "no ticket");
    is_int(SSL_write(d.s, "x", 1), 1, "the next write");
    is_int(SSL_in_init(d.s), 0, "sends them");
    is_int(SSL_read(d.c, got, sizeof got), 1, "before its data");
    is_int(seen.clients, before + 2, "two tickets");
    SSL_free(d.s);
    SSL_free(d.c);
    BIO_free(other);
    forget();
}

int main(void)
{
    tls_id ca = tls_ca("P-256", "Test CA");
    tls_id leaf = tls_leaf(&ca, "P-256", "localhost", "DNS:localhost");
    tls_id own = tls_client_leaf(&ca, "P-256", "client");
    world w = { tls_client_ctx(&ca), tls_server_ctx(&leaf) };
    int kept, num;

    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(w.cctx, on_client);
    SSL_CTX_sess_set_new_cb(w.sctx, on_server);
    SSL_CTX_set_session_ticket_cb(w.sctx, generate, decrypt, NULL);
    SSL_CTX_set_alpn_select_cb(w.sctx, alpn, NULL);
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"test", 4);
    SSL_CTX_set_timeout(w.sctx, 1234);
    for (kept = 0; kept < 2; kept++)
        for (num = 0; num < 3; num++) {
            char what[64];

            if (kept)
                SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
            SSL_CTX_set_num_tickets(w.sctx, num);
            snprintf(what, sizeof what, "%s, %d tickets", kept ? "stateful" : "stateless", num);
            check_tickets(&w, num, 0, what);
            check_failure(&w);
            check_blocked(&w);
            check_pending(&w);
        }
    check_nowhere(&w);
    SSL_CTX_set_max_early_data(w.sctx, 1000);
    check_tickets(&w, 2, 0, "with early data");
    SSL_CTX_set_options(w.sctx, SSL_OP_NO_ANTI_REPLAY);
    SSL_CTX_clear_options(w.sctx, SSL_OP_NO_TICKET);
    check_tickets(&w, 2, 0, "with early data and without anti-replay");
    SSL_CTX_set_max_early_data(w.sctx, 0);

    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), ca.cert);
    TLS_MUST(SSL_CTX_use_certificate(w.cctx, own.cert) == 1);
    TLS_MUST(SSL_CTX_use_PrivateKey(w.cctx, own.key) == 1);
    check_tickets(&w, 2, 1, "with a client certificate");
    SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
    check_tickets(&w, 2, 1, "with a client certificate, stateful");
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
    tls_id_free(&own);
    tls_id_free(&leaf);
    tls_id_free(&ca);
    return done();
}
