/* SSL_SESSIONs on connections: what is resumed, from which cache, and what each side then knows. */
#include "pipe.h"

#include <openssl/lhash.h>
#include <time.h>

enum kind { BY_ID, BY_TICKET, STATELESS13, STATEFUL13, N_KINDS };

static const struct {
    const char *name;
    int version;
    unsigned long options;
} kinds[N_KINDS] = {
    { "1.2 by id", TLS1_2_VERSION, SSL_OP_NO_TICKET },
    { "1.2 by ticket", TLS1_2_VERSION, 0 },
    { "1.3 by ticket", TLS1_3_VERSION, 0 },
    { "1.3 stateful", TLS1_3_VERSION, SSL_OP_NO_TICKET },
};

#define FOR_KINDS(k) for (int k = 0; k < N_KINDS; k++)

/* A world whose contexts speak one kind. */
static world kind_world(int kind)
{
    world w = world_make();

    SSL_CTX_set_min_proto_version(w.sctx, kinds[kind].version);
    SSL_CTX_set_max_proto_version(w.sctx, kinds[kind].version);
    /* A client of TLS 1.3 offers an id of its own in any case. */
    SSL_CTX_set_max_proto_version(w.cctx, kinds[kind].version);
    SSL_CTX_set_options(w.sctx, kinds[kind].options);
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"test", 4);
    return w;
}

/* Connects, offering `session` (or NULL), and reads the tickets. Counts as no check. */
static duo *dial(const world *w, SSL_SESSION *session)
{
    duo *d = duo_new(w, 0);
    char byte;

    if (session != NULL)
        TLS_MUST(SSL_set_session(d->c, session) == 1);
    duo_handshake(d);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    return d;
}

/* Ends as programs should: both send and receive close_notify. */
static void hang_up(duo *d)
{
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    ERR_clear_error();
    duo_free(d);
}

static int reused(const duo *d)
{
    return d->out.client.done == 1 && d->out.server.done == 1 && SSL_session_reused(d->c) == 1
           && SSL_session_reused(d->s) == 1;
}

static int fresh(const duo *d)
{
    return d->out.client.done == 1 && d->out.server.done == 1 && SSL_session_reused(d->c) == 0
           && SSL_session_reused(d->s) == 0;
}

/* A session of a full handshake. */
static SSL_SESSION *obtain(const world *w)
{
    duo *d = dial(w, NULL);
    SSL_SESSION *session = SSL_get1_session(d->c);

    TLS_MUST(session != NULL);
    hang_up(d);
    return session;
}

/* Whether `session` is resumed. The reference stays the caller's. */
static int resumes(const world *w, SSL_SESSION *session)
{
    duo *d = dial(w, session);
    int yes = reused(d);

    if (!yes && !fresh(d))
        diag("neither: %s | %s", d->out.client.errors, d->out.server.errors);
    hang_up(d);
    return yes;
}

static SSL_SESSION *through_der(SSL_SESSION *session)
{
    unsigned char *der = NULL;
    const unsigned char *p;
    int n = i2d_SSL_SESSION(session, &der);
    SSL_SESSION *copy;

    TLS_MUST(n > 0);
    p = der;
    copy = d2i_SSL_SESSION(NULL, &p, n);
    TLS_MUST(copy != NULL);
    OPENSSL_free(der);
    return copy;
}

static int same_master_key(const SSL *a, const SSL *b)
{
    unsigned char ka[64], kb[64];
    size_t na = SSL_SESSION_get_master_key(SSL_get_session(a), ka, sizeof ka);
    size_t nb = SSL_SESSION_get_master_key(SSL_get_session(b), kb, sizeof kb);

    return na == nb && na > 0 && memcmp(ka, kb, na) == 0;
}

static int same_peer(const SSL *ssl, X509 *cert)
{
    X509 *peer = SSL_get0_peer_certificate(ssl);

    return peer != NULL && X509_cmp(peer, cert) == 0;
}

static void check_resumption(int k)
{
    world w = kind_world(k);
    duo *d = dial(&w, NULL);
    const char *name = kinds[k].name;
    SSL_SESSION *session = SSL_get1_session(d->c), *other;

    ok(fresh(d), "%s: a full handshake (%s|%s)", name, d->out.client.errors,
       d->out.server.errors);
    is_int(SSL_SESSION_is_resumable(session), 1, "%s: the session is resumable", name);
    is_int(SSL_SESSION_get_protocol_version(session), kinds[k].version, "%s: version", name);
    ok(SSL_SESSION_get0_cipher(session) == SSL_get_current_cipher(d->c), "%s: cipher", name);
    is_int(SSL_SESSION_has_ticket(session), k != BY_ID, "%s: has a ticket", name);
    if (k == STATELESS13 || k == STATEFUL13)
        is_int(SSL_SESSION_get_ticket_lifetime_hint(session), 7200, "%s: lifetime hint", name);
    ok(same_master_key(d->c, d->s), "%s: one master secret", name);
    hang_up(d);
    d = dial(&w, session);
    ok(reused(d), "%s: both say it is resumed (%s|%s)", name, d->out.client.errors,
       d->out.server.errors);
    ok(same_peer(d->c, w.leaf.cert), "%s: the client knows its peer", name);
    is_int(SSL_get_verify_result(d->c), X509_V_OK, "%s: verified", name);
    ok(tls_echo(d->c, d->s), "%s: data passes", name);
    if (k == BY_ID || k == BY_TICKET) {
        ok(SSL_get_session(d->c) == session, "%s: the client has that very session", name);
        ok(same_master_key(d->c, d->s), "%s: one master secret, resumed", name);
    }
    SSL_SESSION_free(session);
    session = SSL_get1_session(d->c);
    hang_up(d);
    if (k == BY_ID || k == BY_TICKET) {
        ok(resumes(&w, session), "%s: again", name);
        other = through_der(session);
        ok(resumes(&w, other), "%s: through i2d and d2i", name);
        SSL_SESSION_free(other);
    } else {
        ok(resumes(&w, session), "%s: with the ticket of the resumption", name);
        ok(resumes(&w, session), "%s: again", name);
    }
    SSL_SESSION_free(session);
    world_free(&w);
}

static int accept_name(SSL *ssl, int *alert, void *arg)
{
    (void)ssl;
    (void)alert;
    (void)arg;
    return SSL_TLSEXT_ERR_OK;
}

static void check_fields(int k)
{
    world w = kind_world(k);
    duo *d = duo_new(&w, 0);
    const char *name = kinds[k].name;
    SSL_SESSION *session;
    const unsigned char *p;
    size_t n;
    unsigned len;
    char byte;
    long age;

    SSL_set_tlsext_host_name(d->c, "localhost");
    SSL_CTX_set_tlsext_servername_callback(w.sctx, accept_name);
    SSL_CTX_set_timeout(w.cctx, 1234);
    ok(duo_handshake(d), "%s: connects by name", name);
    SSL_read(d->c, &byte, 1);
    session = SSL_get_session(d->c);
    is_str(SSL_SESSION_get0_hostname(session), "localhost", "%s: client's host name", name);
    SSL_SESSION_get_id(session, &len);
    is_int(len, 32, "%s: client's id length", name);
    SSL_SESSION_get0_id_context(session, &len);
    is_int(len, 0, "%s: client's id context", name);
    SSL_SESSION_get0_ticket(session, &p, &n);
    ok((p != NULL && n > 0) == (k != BY_ID), "%s: ticket bytes", name);
    age = (long)time(NULL) - SSL_SESSION_get_time(session);
    ok(age >= 0 && age < 5, "%s: of now", name);
    is_int(SSL_SESSION_get_timeout(session), 1234, "%s: the context's timeout", name);
    ok(SSL_SESSION_get0_peer(session) != NULL
           && X509_cmp(SSL_SESSION_get0_peer(session), w.leaf.cert) == 0,
       "%s: client's peer", name);
    session = SSL_get_session(d->s);
    p = SSL_SESSION_get0_id_context(session, &len);
    ok(len == 4 && memcmp(p, "test", 4) == 0, "%s: server's id context", name);
    is_int(SSL_SESSION_get_protocol_version(session), kinds[k].version, "%s: server's version",
           name);
    ok(SSL_SESSION_get0_cipher(session) == SSL_get_current_cipher(d->s), "%s: server's cipher",
       name);
    is_ptr(SSL_SESSION_get0_peer(session), NULL, "%s: server's peer", name);
    SSL_SESSION_get_id(session, &len);
    if (k == BY_ID)
        is_int(len, 32, "%s: server's id length", name);
    hang_up(d);
    world_free(&w);
}

static int select_h2(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                     const unsigned char *in, unsigned inlen, void *arg)
{
    (void)ssl;
    (void)arg;
    return SSL_select_next_proto((unsigned char **)out, outlen, (const unsigned char *)"\x02h2",
                                 3, in, inlen) == OPENSSL_NPN_NEGOTIATED
               ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static void check_alpn(int k)
{
    world w = kind_world(k);
    SSL_SESSION *session;
    const unsigned char *p;
    unsigned len;
    size_t n;
    duo *d;

    SSL_CTX_set_alpn_protos(w.cctx, (const unsigned char *)"\x02h2", 3);
    SSL_CTX_set_alpn_select_cb(w.sctx, select_h2, NULL);
    session = obtain(&w);
    SSL_SESSION_get0_alpn_selected(session, &p, &n);
    ok(n == 2 && memcmp(p, "h2", 2) == 0, "%s: the session's ALPN", kinds[k].name);
    d = dial(&w, session);
    ok(reused(d), "%s: resumed with ALPN", kinds[k].name);
    SSL_get0_alpn_selected(d->c, &p, &len);
    ok(len == 2 && memcmp(p, "h2", 2) == 0, "%s: ALPN after it", kinds[k].name);
    hang_up(d);
    SSL_SESSION_free(session);
    world_free(&w);
}

/* What the callbacks saw. */
static struct {
    int made, made_server, removed, asked, keep;
    SSL_SESSION *kept[8];
    unsigned char der[8192], id[32];
    int der_len, id_len;
} seen;

static void forget(void)
{
    for (int i = 0; i < 8; i++)
        SSL_SESSION_free(seen.kept[i]);
    memset(&seen, 0, sizeof seen);
}

static int on_new(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    if (seen.keep && seen.made < 8)
        seen.kept[seen.made] = session;
    seen.made++;
    return seen.keep && seen.made <= 8;
}

static int on_new_server(SSL *ssl, SSL_SESSION *session)
{
    unsigned char *p = seen.der;
    const unsigned char *id;
    unsigned len;

    (void)ssl;
    seen.made_server++;
    id = SSL_SESSION_get_id(session, &len);
    if (len > 0 && len <= 32) {
        memcpy(seen.id, id, len);
        seen.id_len = (int)len;
    }
    if (i2d_SSL_SESSION(session, NULL) <= (int)sizeof seen.der)
        seen.der_len = i2d_SSL_SESSION(session, &p);
    return 0;
}

static SSL_SESSION *on_get(SSL *ssl, const unsigned char *id, int len, int *copy)
{
    const unsigned char *p = seen.der;

    (void)ssl;
    seen.asked++;
    *copy = 0;
    if (len != seen.id_len || memcmp(id, seen.id, (size_t)len) != 0)
        return NULL;
    return d2i_SSL_SESSION(NULL, &p, seen.der_len);
}

static void on_remove(SSL_CTX *ctx, SSL_SESSION *session)
{
    (void)ctx;
    (void)session;
    seen.removed++;
}

static void check_client_callback(int k)
{
    world w = kind_world(k);
    const char *name = kinds[k].name;
    int tls13 = kinds[k].version == TLS1_3_VERSION;
    duo *d;
    char byte;

    forget();
    SSL_CTX_sess_set_new_cb(w.cctx, on_new);
    hang_up(dial(&w, NULL));
    is_int(seen.made, 0, "%s: not called without client caching", name);
    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    seen.keep = 1;
    d = duo_new(&w, 0);
    ok(duo_handshake(d), "%s: connects", name);
    is_int(seen.made, tls13 ? 0 : 1, "%s: sessions at the handshake's end", name);
    is_int(SSL_read(d->c, &byte, 1), -1, "%s: nothing to read", name);
    ERR_clear_error();
    is_int(seen.made, tls13 ? 2 : 1, "%s: sessions after a read", name);
    ok(seen.kept[seen.made - 1] == SSL_get_session(d->c), "%s: the last is the connection's",
       name);
    hang_up(d);
    ok(resumes(&w, seen.kept[0]), "%s: the first kept one is resumed", name);
    if (tls13)
        ok(resumes(&w, seen.kept[1]), "%s: the second, too", name);
    is_int(SSL_CTX_sess_number(w.cctx), 0, "%s: none in the client's cache", name);
    forget();
    world_free(&w);
}

static void check_num_tickets(void)
{
    static const int counts[] = { 0, 1, 4 };

    for (int k = STATELESS13; k <= STATEFUL13; k++)
        for (int i = 0; i < 3; i++) {
            world w = kind_world(k);
            duo *d;

            forget();
            SSL_CTX_set_num_tickets(w.sctx, (size_t)counts[i]);
            SSL_CTX_sess_set_new_cb(w.cctx, on_new);
            SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_CLIENT);
            d = dial(&w, NULL);
            is_int(seen.made, counts[i], "%s: %d tickets", kinds[k].name, counts[i]);
            is_int(SSL_SESSION_is_resumable(SSL_get_session(d->c)), counts[i] != 0,
                   "%s: %d tickets: resumable", kinds[k].name, counts[i]);
            if (counts[i] != 0) {
                SSL_SESSION *session = SSL_get1_session(d->c);

                hang_up(d);
                seen.made = 0;
                d = dial(&w, session);
                ok(reused(d), "%s: %d tickets: resumed", kinds[k].name, counts[i]);
                if (!on_ferrossl())
                    is_int(seen.made, 1, "%s: one ticket after a resumption", kinds[k].name);
                else
                    ok(seen.made >= 1, "%s: a ticket after a resumption", kinds[k].name);
                SSL_SESSION_free(session);
            }
            hang_up(d);
            forget();
            world_free(&w);
        }
}

static void check_external(int k)
{
    world w = kind_world(k), w2 = w;
    const char *name = kinds[k].name;
    SSL_SESSION *session;

    forget();
    SSL_CTX_set_session_cache_mode(w.sctx, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(w.sctx, on_new_server);
    SSL_CTX_sess_set_get_cb(w.sctx, on_get);
    if (k == STATEFUL13)
        SSL_CTX_set_num_tickets(w.sctx, 1);
    session = obtain(&w);
    if (k == BY_TICKET) {
        is_int(seen.made_server, 0, "%s: not told of what is in a ticket alone", name);
    } else {
        is_int(seen.made_server, k == STATELESS13 ? 2 : 1, "%s: the server's callback", name);
        ok(seen.der_len > 0, "%s: and encoded it", name);
    }
    is_int(SSL_CTX_sess_number(w.sctx), 0, "%s: nothing in the internal cache", name);
    if (k == BY_ID || k == STATEFUL13) {
        /* Another server, as in another process. */
        w2.sctx = tls_server_ctx(&w.leaf);
        SSL_CTX_set_options(w2.sctx, kinds[k].options);
        SSL_CTX_set_max_proto_version(w2.sctx, kinds[k].version);
        SSL_CTX_set_session_id_context(w2.sctx, (const unsigned char *)"test", 4);
        SSL_CTX_set_session_cache_mode(w2.sctx,
                                       SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_get_cb(w2.sctx, on_get);
        seen.asked = 0;
        ok(resumes(&w2, session), "%s: another server resumes it", name);
        is_int(seen.asked, 1, "%s: the get callback was asked", name);
        is_int(SSL_CTX_sess_cb_hits(w2.sctx), 1, "%s: cb_hits", name);
        is_int(SSL_CTX_sess_hits(w2.sctx), 1, "%s: hits", name);
        SSL_CTX_free(w2.sctx);
    }
    SSL_SESSION_free(session);
    forget();
    world_free(&w);
}

static void check_removal(void)
{
    world w = kind_world(BY_ID);
    SSL_SESSION *session, *second;
    duo *d;

    forget();
    SSL_CTX_sess_set_remove_cb(w.sctx, on_remove);
    d = dial(&w, NULL);
    session = SSL_get1_session(d->s);
    second = SSL_get1_session(d->c);
    hang_up(d);
    is_int(SSL_CTX_sess_number(w.sctx), 1, "one session cached");
    is_int(OPENSSL_LH_num_items((OPENSSL_LHASH *)SSL_CTX_sessions(w.sctx)), 1,
           "SSL_CTX_sessions has it");
    ERR_clear_error();
    ok(resumes(&w, second), "resumed while cached");
    is_int(SSL_CTX_remove_session(w.sctx, session), 1, "removed");
    is_int(seen.removed, 1, "the remove callback is told");
    is_int(SSL_SESSION_is_resumable(session), 0, "not resumable any more");
    is_int(SSL_CTX_sess_number(w.sctx), 0, "no session cached");
    is_int(SSL_CTX_remove_session(w.sctx, session), 0, "removed again");
    is_int(SSL_CTX_remove_session(w.sctx, NULL), 0, "NULL");
    d = dial(&w, second);
    ok(fresh(d), "a removed session is not resumed");
    is_int(SSL_CTX_sess_misses(w.sctx), 1, "a miss");
    hang_up(d);
    seen.removed = 0;
    SSL_CTX_flush_sessions(w.sctx, 0);
    is_int(seen.removed, 1, "flushed");
    SSL_SESSION_free(session);
    SSL_SESSION_free(second);
    forget();
    world_free(&w);
}

static void check_counters(void)
{
    world w = kind_world(BY_ID);
    SSL_SESSION *session = obtain(&w);

    resumes(&w, session);
    is_int(SSL_CTX_sess_connect(w.cctx), 2, "connect");
    is_int(SSL_CTX_sess_connect_good(w.cctx), 2, "connect_good");
    is_int(SSL_CTX_sess_accept(w.sctx), 2, "accept");
    is_int(SSL_CTX_sess_accept_good(w.sctx), 2, "accept_good");
    is_int(SSL_CTX_sess_hits(w.sctx), 1, "server's hits");
    is_int(SSL_CTX_sess_hits(w.cctx), 1, "client's hits");
    is_int(SSL_CTX_sess_misses(w.sctx), 0, "misses");
    is_int(SSL_CTX_sess_timeouts(w.sctx), 0, "timeouts");
    is_int(SSL_CTX_sess_connect_renegotiate(w.cctx), 0, "connect_renegotiate");
    SSL_CTX_sess_set_cache_size(w.sctx, 1);
    SSL_SESSION_free(obtain(&w));
    is_int(SSL_CTX_sess_number(w.sctx), 1, "a cache of one");
    is_int(SSL_CTX_sess_cache_full(w.sctx), 1, "cache_full");
    ok(!resumes(&w, session), "the oldest went");
    SSL_SESSION_free(session);
    world_free(&w);
}

static void check_id_context(int k)
{
    world w = kind_world(k);
    SSL_SESSION *session = obtain(&w);
    duo *d = duo_new(&w, 0);

    SSL_set_session_id_context(d->s, (const unsigned char *)"other", 5);
    SSL_set_session(d->c, session);
    duo_handshake(d);
    ok(fresh(d), "%s: another id context: a full handshake", kinds[k].name);
    hang_up(d);
    SSL_SESSION_free(session);
    world_free(&w);
}

static void check_timeout(int k)
{
    world w = kind_world(k);
    SSL_SESSION *session;

    session = obtain(&w);
    SSL_SESSION_set_time(session, (long)time(NULL) - 100000);
    /* TLS 1.2 leaves it to the server, which has its own clock. */
    is_int(resumes(&w, session), k == BY_ID || k == BY_TICKET, "%s: the client's clock",
           kinds[k].name);
    SSL_SESSION_free(session);
    if (k == BY_ID) {
        duo *d = dial(&w, NULL);

        session = SSL_get1_session(d->c);
        SSL_SESSION_set_time(SSL_get_session(d->s), (long)time(NULL) - 100000);
        hang_up(d);
        ok(!resumes(&w, session), "%s: the server does not resume an old one", kinds[k].name);
        is_int(SSL_CTX_sess_timeouts(w.sctx), 1, "%s: timeouts", kinds[k].name);
        SSL_SESSION_free(session);
    }
    world_free(&w);
}

static int accept_any(int preverify, X509_STORE_CTX *ctx)
{
    (void)preverify;
    (void)ctx;
    return 1;
}

static void check_client_certificate(int k)
{
    world w = kind_world(k);
    tls_id ca2 = tls_ca("P-256", "Client CA");
    tls_id id = tls_leaf(&ca2, "P-256", "client", NULL);
    const char *name = kinds[k].name;
    SSL_SESSION *session;
    long result;
    duo *d;

    SSL_CTX_use_certificate(w.cctx, id.cert);
    SSL_CTX_use_PrivateKey(w.cctx, id.key);
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, accept_any);
    d = dial(&w, NULL);
    ok(fresh(d) && same_peer(d->s, id.cert), "%s: with a client certificate (%s|%s)", name,
       d->out.client.errors, d->out.server.errors);
    result = SSL_get_verify_result(d->s);
    ok(result != X509_V_OK, "%s: not a verified one", name);
    session = SSL_get1_session(d->c);
    hang_up(d);
    d = dial(&w, session);
    ok(reused(d), "%s: resumed with a client certificate (%s|%s)", name, d->out.client.errors,
       d->out.server.errors);
    ok(same_peer(d->s, id.cert), "%s: the server has the certificate again", name);
    is_int(SSL_get_verify_result(d->s), result, "%s: and the verify result", name);
    ok(SSL_SESSION_get0_peer(SSL_get_session(d->s)) != NULL, "%s: its session, too", name);
    hang_up(d);
    SSL_SESSION_free(session);
    tls_id_free(&id);
    tls_id_free(&ca2);
    world_free(&w);
}

static void check_fatal(void)
{
    world w = kind_world(BY_ID);
    SSL_SESSION *session;
    duo *d = dial(&w, NULL);
    char byte;

    session = SSL_get1_session(d->c);
    wire_put(&d->c2s, "\x17\x03\x03\x00\x20garbage garbage garbage garbage ", 37);
    ok(SSL_read(d->s, &byte, 1) <= 0, "garbage is a fatal error");
    ERR_clear_error();
    is_int(SSL_CTX_sess_number(w.sctx), 0, "the server's cache dropped the session");
    duo_free(d);
    ok(!resumes(&w, session), "it is not resumed");
    SSL_SESSION_free(session);

    /* Freed without close_notify. */
    d = dial(&w, NULL);
    session = SSL_get1_session(d->c);
    duo_free(d);
    is_int(SSL_SESSION_is_resumable(session), 0, "freed without a shutdown: not resumable");
    SSL_SESSION_free(session);
    world_free(&w);
}

static void check_clear(int k)
{
    world w = kind_world(k);
    duo *d = dial(&w, NULL);
    BIO *b;

    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    SSL_shutdown(d->c);
    is_int(SSL_clear(d->c), 1, "%s: clear", kinds[k].name);
    SSL_free(d->s);
    d->s = SSL_new(w.sctx);
    d->c2s.len = d->s2c.len = 0;
    b = pipe_bio(&d->se);
    SSL_set_bio(d->s, b, b);
    SSL_set_accept_state(d->s);
    SSL_set_connect_state(d->c);
    duo_handshake(d);
    ok(reused(d), "%s: resumed after SSL_clear (%s|%s)", kinds[k].name, d->out.client.errors,
       d->out.server.errors);
    hang_up(d);
    world_free(&w);
}

/* Sessions of one SSL_CTX used with another; set and get. */
static void check_set_session(int k)
{
    world w = kind_world(k), w2 = w;
    SSL_SESSION *session = obtain(&w);
    SSL *ssl;

    w2.cctx = tls_client_ctx(&w.ca);
    ok(resumes(&w2, session), "%s: in another context", kinds[k].name);
    ssl = SSL_new(w2.cctx);
    is_ptr(SSL_get_session(ssl), NULL, "no session yet");
    is_int(SSL_set_session(ssl, session), 1, "set");
    is_ptr(SSL_get_session(ssl), session, "it is there");
    is_int(SSL_set_session(ssl, NULL), 1, "set to NULL");
    is_ptr(SSL_get_session(ssl), NULL, "it is gone");
    is_ptr(SSL_get1_session(ssl), NULL, "get1 gives NULL");
    SSL_free(ssl);
    SSL_SESSION_free(session);
    SSL_CTX_free(w2.cctx);
    world_free(&w);
}

/* A server that does not know the session, and a cache that is off. */
static void check_strangers(int k)
{
    world w = kind_world(k), w2 = w;
    SSL_SESSION *session = obtain(&w);
    duo *d;

    w2.sctx = tls_server_ctx(&w.leaf);
    d = dial(&w2, session);
    ok(fresh(d), "%s: another server: a full handshake (%s|%s)", kinds[k].name,
       d->out.client.errors, d->out.server.errors);
    hang_up(d);
    SSL_CTX_free(w2.sctx);
    SSL_SESSION_free(session);
    if (k == BY_ID) {
        SSL_CTX_set_session_cache_mode(w.sctx, SSL_SESS_CACHE_OFF);
        session = obtain(&w);
        is_int(SSL_SESSION_is_resumable(session), 0, "cache off: nothing to resume");
        ok(!resumes(&w, session), "cache off: not resumed");
        SSL_SESSION_free(session);
    }
    world_free(&w);
}

static void check_new_ticket(void)
{
    world w = kind_world(STATELESS13), w2 = kind_world(BY_TICKET);
    duo *d;

    forget();
    SSL_CTX_sess_set_new_cb(w.cctx, on_new);
    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_CLIENT);
    d = dial(&w, NULL);
    seen.made = 0;
    is_int(SSL_new_session_ticket(d->c), 0, "a client sends no ticket");
    is_int(SSL_new_session_ticket(d->s), 1, "another ticket");
    ok(tls_echo(d->c, d->s), "data passes");
    is_int(seen.made, 1, "the client has it");
    ERR_clear_error();
    hang_up(d);
    d = dial(&w2, NULL);
    is_int(SSL_new_session_ticket(d->s), 0, "none with TLS 1.2");
    ERR_clear_error();
    hang_up(d);
    forget();
    world_free(&w);
    world_free(&w2);
}

int main(void)
{
    FOR_KINDS(k) {
        check_resumption(k);
        check_fields(k);
        check_alpn(k);
        check_client_callback(k);
        check_external(k);
        check_id_context(k);
        check_timeout(k);
        check_client_certificate(k);
        check_clear(k);
        check_set_session(k);
        check_strangers(k);
    }
    check_num_tickets();
    check_removal();
    check_counters();
    check_fatal();
    check_new_ticket();
    return done();
}
