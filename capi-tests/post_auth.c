/* Post-handshake authentication: SSL_verify_client_post_handshake(3) and
 * SSL_set_post_handshake_auth(3), when each call succeeds, what both sides know afterwards, how a
 * client that suspends goes on, what is resumed, and what goes wrong in every way. */
#include "pipe.h"

static world w;
static tls_id own, stranger;

enum { OFFERED = 1, WITH_CERT = 2 };

static struct {
    int waits, calls, peer_known, names;
} cb;

static int on_cert(SSL *ssl, void *arg)
{
    const STACK_OF(X509_NAME) *names = SSL_get0_peer_CA_list(ssl);

    (void)arg;
    cb.peer_known = SSL_get0_peer_certificate(ssl) != NULL;
    cb.names = names == NULL ? -1 : sk_X509_NAME_num(names);
    if (cb.calls++ < cb.waits)
        return -1;
    return SSL_use_certificate(ssl, own.cert) && SSL_use_PrivateKey(ssl, own.key);
}

static void trust(SSL_CTX *ctx, const tls_id *id)
{
    X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), id->cert);
}

static duo *connected(int version, int how)
{
    duo *d = duo_new(&w, version);

    SSL_set_post_handshake_auth(d->c, how & OFFERED);
    if (how & WITH_CERT)
        TLS_MUST(SSL_use_certificate(d->c, own.cert) && SSL_use_PrivateKey(d->c, own.key));
    ok(duo_handshake(d), "connects");
    TLS_MUST(SSL_read(d->c, &how, 1) == -1);
    return d;
}

static void asks(duo *d, int mode, const char *what)
{
    ERR_clear_error();
    SSL_set_verify(d->s, mode, NULL);
    same("%s: %d, reason %d, in init %d", what, SSL_verify_client_post_handshake(d->s),
         tls_ssl_reason(), SSL_in_init(d->s));
}

/* Reads nothing or `wanted` bytes, and tells what came of it. */
static void reads(SSL *ssl, const char *what)
{
    char got[64];
    int n;

    ERR_clear_error();
    n = SSL_read(ssl, got, sizeof got);
    same("%s reads %d, error %d, reason %d, want %d, in init %d", what, n, SSL_get_error(ssl, n),
         tls_ssl_reason(), SSL_want(ssl), SSL_in_init(ssl));
}

static void knows(duo *d, const char *what)
{
    X509 *peer = SSL_get0_peer_certificate(d->s);
    SSL_SESSION *session = SSL_get_session(d->s);
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(d->s);
    int own_nid = -1, peer_nid = -1;

    SSL_get_signature_nid(d->c, &own_nid);
    SSL_get_peer_signature_nid(d->s, &peer_nid);
    same("%s: peer %d, chain %d, verified %ld, session's %d, its result %ld", what,
         peer == NULL ? 0 : X509_cmp(peer, own.cert) == 0 ? 1 : 2, sk_X509_num(chain),
         SSL_get_verify_result(d->s), SSL_SESSION_get0_peer(session) != NULL,
         SSL_get_verify_result(d->s));
    same("%s: signed with %d %d, verified chain %d", what, own_nid, peer_nid,
         sk_X509_num(SSL_get0_verified_chain(d->s)));
}

static void when_it_can_be_asked(void)
{
    duo *d = duo_new(&w, TLS1_3_VERSION);

    same("# %s", "when it can be asked");
    asks(d, SSL_VERIFY_PEER, "before the handshake");
    duo_free(d);
    d = connected(TLS1_2_VERSION, OFFERED);
    asks(d, SSL_VERIFY_PEER, "with TLS 1.2");
    duo_free(d);
    d = connected(TLS1_3_VERSION, 0);
    asks(d, SSL_VERIFY_PEER, "not offered");
    same("on a client %d", SSL_verify_client_post_handshake(d->c));
    same("reason %d", tls_ssl_reason());
    duo_free(d);
    d = connected(TLS1_3_VERSION, OFFERED);
    asks(d, SSL_VERIFY_NONE, "without SSL_VERIFY_PEER");
    asks(d, SSL_VERIFY_PEER, "once");
    same("finished %d", SSL_is_init_finished(d->s));
    asks(d, SSL_VERIFY_PEER, "again before it is sent");
    same("sent %d", SSL_do_handshake(d->s));
    asks(d, SSL_VERIFY_PEER, "again before it is answered");
    same("key update %d", SSL_key_update(d->s, SSL_KEY_UPDATE_NOT_REQUESTED));
    reads(d->c, "the client");
    reads(d->s, "the server");
    asks(d, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, "a second time, though once is enough");
    asks(d, SSL_VERIFY_PEER, "a second time");
    duo_free(d);
}

static void authenticates(int how, int mode, const char *what)
{
    duo *d = connected(TLS1_3_VERSION, how);
    SSL_SESSION *before = SSL_get1_session(d->s);
    int at_client = d->ct.n, at_server = d->st.n, i;

    same("# %s", what);
    knows(d, "before");
    asks(d, mode, what);
    same("written with data %d", SSL_write(d->s, "ask", 3));
    reads(d->c, "the client");
    same("answered with data %d", SSL_write(d->c, "answer", 6));
    reads(d->s, "the server");
    knows(d, "after");
    same("another session %d", SSL_get_session(d->s) != before);
    same("written %d", SSL_write(d->s, "after", 5));
    reads(d->c, "the client");
    reads(d->c, "the client again");
    reads(d->s, "the server again");
    for (i = at_client; i < d->ct.n; i++)
        same("client's info %x %d", d->ct.where[i], d->ct.ret[i]);
    for (i = at_server; i < d->st.n; i++)
        same("server's info %x %d", d->st.where[i], d->st.ret[i]);
    SSL_SESSION_free(before);
    duo_free(d);
}

/* The handshake does not ask where SSL_VERIFY_POST_HANDSHAKE is set, but with TLS 1.2. */
static void asked_later(int version)
{
    duo *d = duo_new(&w, version);

    same("# %s", "SSL_VERIFY_POST_HANDSHAKE");
    SSL_set_post_handshake_auth(d->c, 1);
    TLS_MUST(SSL_use_certificate(d->c, own.cert) && SSL_use_PrivateKey(d->c, own.key));
    SSL_set_verify(d->s, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                             | SSL_VERIFY_POST_HANDSHAKE, NULL);
    same("connects %d", duo_handshake(d));
    knows(d, "so far");
    asks(d, SSL_VERIFY_PEER | SSL_VERIFY_POST_HANDSHAKE, "asks");
    same("sent %d", SSL_do_handshake(d->s));
    reads(d->c, "the client");
    reads(d->s, "the server");
    knows(d, "later");
    duo_free(d);
}

/* The client's program is asked for a certificate and takes its time. */
static void suspends(void)
{
    duo *d;

    same("# %s", "the client suspends");
    cb = (__typeof__(cb)) { .waits = 2 };
    SSL_CTX_set_cert_cb(w.cctx, on_cert, NULL);
    d = connected(TLS1_3_VERSION, OFFERED);
    same("called in the handshake %d", cb.calls);
    asks(d, SSL_VERIFY_PEER, "asks");
    same("sent %d", SSL_do_handshake(d->s));
    reads(d->c, "the client");
    same("called %d, peer known %d, names %d", cb.calls, cb.peer_known, cb.names);
    same("writes %d", SSL_write(d->c, "early", 5));
    same("want %d", SSL_want(d->c));
    same("shakes hands %d", SSL_do_handshake(d->c));
    reads(d->c, "the client");
    same("writes %d", SSL_write(d->c, "late", 4));
    reads(d->s, "the server");
    knows(d, "after");
    duo_free(d);
    SSL_CTX_set_cert_cb(w.cctx, NULL, NULL);
}

/* Several in a row, with updates of both sides' keys between. */
static void again_and_again(void)
{
    duo *d = connected(TLS1_3_VERSION, OFFERED | WITH_CERT);
    int i;

    same("# %s", "again and again");
    for (i = 0; i < 4; i++) {
        TLS_MUST(SSL_key_update(d->c, i & 1) && SSL_write(d->c, "k", 1) == 1);
        reads(d->s, "the server");
        if (i & 2)
            TLS_MUST(SSL_key_update(d->s, SSL_KEY_UPDATE_REQUESTED));
        asks(d, SSL_VERIFY_PEER, "asks");
        same("sent %d", SSL_write(d->s, "s", 1));
        reads(d->c, "the client");
        same("written %d", SSL_write(d->c, "c", 1));
        reads(d->s, "the server");
        knows(d, "after");
        reads(d->c, "the client");
    }
    duo_free(d);
}

/* What the client was known by is in the tickets sent afterwards. */
static SSL_SESSION *newest;
static int tickets;

static int on_session(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    SSL_SESSION_free(newest);
    newest = session;
    tickets++;
    return 1;
}

static void asked_once(duo *d)
{
    tickets = 0;
    asks(d, SSL_VERIFY_PEER, "asks");
    same("sent %d", SSL_do_handshake(d->s));
    reads(d->c, "the client");
    reads(d->s, "the server");
    reads(d->c, "the client");
    same("tickets %d", tickets);
}

static void resumes(int stateful)
{
    duo *d;

    same("# %s", stateful ? "resumes from the cache" : "resumes from a ticket");
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"pa", 2);
    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(w.cctx, on_session);
    SSL_CTX_set_num_tickets(w.sctx, 3);
    if (stateful)
        SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
    d = connected(TLS1_3_VERSION, OFFERED | WITH_CERT);
    SSL_SESSION_free(newest);
    newest = NULL;
    asked_once(d);
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    duo_free(d);
    d = duo_new(&w, TLS1_3_VERSION);
    TLS_MUST(newest && SSL_set_session(d->c, newest));
    SSL_set_post_handshake_auth(d->c, 1);
    same("connects %d", duo_handshake(d));
    same("resumed %d", SSL_session_reused(d->s));
    knows(d, "resumed");
    reads(d->c, "the client");
    asked_once(d);
    duo_free(d);
    SSL_CTX_set_num_tickets(w.sctx, 2);
    SSL_SESSION_free(newest);
    newest = NULL;
    SSL_CTX_clear_options(w.sctx, SSL_OP_NO_TICKET);
    SSL_CTX_sess_set_new_cb(w.cctx, NULL);
    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_OFF);
}

/* A certificate that is required and not there, or not to be trusted. */
static void refused(int mode, const tls_id *id, const char *what)
{
    duo *d = duo_new(&w, TLS1_3_VERSION);

    same("# %s", what);
    SSL_set_post_handshake_auth(d->c, 1);
    if (id != NULL)
        TLS_MUST(SSL_use_certificate(d->c, id->cert) && SSL_use_PrivateKey(d->c, id->key));
    TLS_MUST(duo_handshake(d));
    asks(d, mode, "asks");
    same("sent %d", SSL_do_handshake(d->s));
    reads(d->c, "the client");
    reads(d->s, "the server");
    same("result %ld", SSL_get_verify_result(d->s));
    same("alert %x", trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0));
    reads(d->c, "the client");
    same("alert %x", trace_alert(&d->ct, SSL_CB_READ_ALERT, 0));
    duo_free(d);
}

/* A request that comes when the client has said goodbye is not answered. */
static void too_late(void)
{
    duo *d = connected(TLS1_3_VERSION, OFFERED | WITH_CERT);

    same("# %s", "too late");
    same("shut down %d", SSL_shutdown(d->c));
    asks(d, SSL_VERIFY_PEER, "asks");
    same("sent %d", SSL_do_handshake(d->s));
    same("written %d", SSL_write(d->s, "x", 1));
    reads(d->c, "the client");
    reads(d->s, "the server");
    duo_free(d);
}

/* A flight that is cut into bytes and blocked at every other call arrives all the same. */
static void in_pieces(void)
{
    duo *d = connected(TLS1_3_VERSION, OFFERED | WITH_CERT);
    char got[8];
    int i, n = -1;

    same("# %s", "in pieces");
    d->ce.max_read = d->se.max_read = 3;
    d->ce.max_write = d->se.max_write = 5;
    d->ce.stutter = d->se.stutter = 1;
    SSL_set_mode(d->c, SSL_MODE_AUTO_RETRY);
    asks(d, SSL_VERIFY_PEER, "asks");
    for (i = 0; i < 1000 && SSL_do_handshake(d->s) != 1; i++)
        ;
    for (i = 0; i < 4000 && SSL_get0_peer_certificate(d->s) == NULL; i++) {
        SSL_read(d->c, got, sizeof got);
        SSL_read(d->s, got, sizeof got);
    }
    knows(d, "after");
    for (i = 0; i < 1000 && (n = SSL_write(d->c, "x", 1)) != 1; i++)
        SSL_read(d->s, got, sizeof got);
    for (i = 0; i < 1000 && (n = SSL_read(d->s, got, sizeof got)) != 1; i++)
        ;
    same("data %d", n);
    duo_free(d);
}

/* A long chain does not fit into a record, and may be too long for the server. */
static void long_chain(long limit)
{
    duo *d = duo_new(&w, TLS1_3_VERSION);
    tls_id more[4];
    int i;

    same("# %s", limit ? "a chain that is too long" : "a chain of several records");
    SSL_set_post_handshake_auth(d->c, 1);
    TLS_MUST(SSL_use_certificate(d->c, own.cert) && SSL_use_PrivateKey(d->c, own.key));
    for (i = 0; i < 4; i++) {
        char name[12000];

        memset(name, 'a', sizeof name - 1);
        memcpy(name, "DNS:", 4);
        name[sizeof name - 1] = 0;
        more[i] = tls_leaf(&w.ca, "P-256", "padding", name);
        TLS_MUST(SSL_add1_chain_cert(d->c, more[i].cert));
    }
    if (limit)
        SSL_set_max_cert_list(d->s, limit);
    TLS_MUST(duo_handshake(d));
    asks(d, SSL_VERIFY_PEER, "asks");
    same("sent %d", SSL_do_handshake(d->s));
    reads(d->c, "the client");
    reads(d->s, "the server");
    same("alert %x", trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0));
    knows(d, "after");
    duo_free(d);
    for (i = 0; i < 4; i++)
        tls_id_free(&more[i]);
}

/* What was asked is forgotten with the connection. */
static void cleared(void)
{
    duo *d = connected(TLS1_3_VERSION, OFFERED);

    same("# %s", "cleared");
    asks(d, SSL_VERIFY_PEER, "asks");
    same("cleared %d", SSL_clear(d->s));
    same("in init %d", SSL_in_init(d->s));
    duo_free(d);
}

int main(void)
{
    w = world_make();
    own = tls_client_leaf(&w.ca, "P-256", "client");
    stranger = tls_client_leaf(NULL, "P-256", "stranger");
    trust(w.sctx, &w.ca);
    when_it_can_be_asked();
    authenticates(OFFERED | WITH_CERT, SSL_VERIFY_PEER, "with a certificate");
    authenticates(OFFERED, SSL_VERIFY_PEER, "without one");
    asked_later(TLS1_3_VERSION);
    asked_later(TLS1_2_VERSION);
    suspends();
    again_and_again();
    resumes(0);
    resumes(1);
    refused(SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL, "none though required");
    refused(SSL_VERIFY_PEER, &stranger, "a stranger");
    too_late();
    in_pieces();
    long_chain(0);
    long_chain(2000);
    cleared();
    tls_id_free(&own);
    tls_id_free(&stranger);
    world_free(&w);
    return done();
}
