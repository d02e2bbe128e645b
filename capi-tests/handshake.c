/* The handshake's driving: SSL_connect, SSL_accept, SSL_do_handshake and the first read or
 * write, over each kind of transport; state getters before, in and after it; errors of a
 * handle that is not ready. SSL_do_handshake(3), SSL_get_error(3), SSL_get_state(3),
 * SSL_CTX_set_info_callback(3). */
#include "pipe.h"

#include <pthread.h>

static void check_established(SSL *c, SSL *s, int version, const char *how)
{
    const char *name = version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3";

    is_str(SSL_get_version(c), name, "%s: client's version", how);
    is_str(SSL_get_version(s), name, "%s: server's version", how);
    is_int(SSL_version(c), version, "%s: client's SSL_version", how);
    is_int(SSL_version(s), version, "%s: server's SSL_version", how);
    is_int(SSL_is_server(c), 0, "%s: the client is no server", how);
    is_int(SSL_is_server(s), 1, "%s: the server is one", how);
    ok(SSL_get_current_cipher(c) != NULL, "%s: client has a cipher", how);
    is_str(SSL_CIPHER_get_name(SSL_get_current_cipher(c)),
           SSL_CIPHER_get_name(SSL_get_current_cipher(s)), "%s: the same cipher", how);
    is_str(SSL_CIPHER_get_version(SSL_get_current_cipher(c)), name, "%s: of that version", how);
    is_int(SSL_session_reused(c), 0, "%s: client's session is new", how);
    is_int(SSL_session_reused(s), 0, "%s: server's session is new", how);
    is_int(SSL_is_init_finished(c), 1, "%s: client finished", how);
    is_int(SSL_is_init_finished(s), 1, "%s: server finished", how);
    is_int(SSL_in_init(c), 0, "%s: client not in init", how);
    is_int(SSL_get_state(c), TLS_ST_OK, "%s: client's state", how);
    is_int(SSL_get_state(s), TLS_ST_OK, "%s: server's state", how);
    is_int(SSL_get_verify_result(c), X509_V_OK, "%s: certificate verified", how);
}

static void test_transports(const world *w)
{
    static const struct {
        enum tls_transport kind;
        const char *name;
    } transports[] = { { TLS_PAIR, "BIO pair" }, { TLS_MEM, "memory BIOs" },
                       { TLS_SOCKETS, "sockets" } };

    FOR_VERSIONS(version)
        for (size_t i = 0; i < 3; i++) {
            SSL *c = SSL_new(w->cctx), *s = SSL_new(w->sctx);
            char how[64];
            tls_outcome out;

            snprintf(how, sizeof how, "%s over %s", version_name(version), transports[i].name);
            ssl_only_version(c, version);
            tls_join(c, s, transports[i].kind);
            ok(tls_handshake(c, s, &out), "%s: connects (%s|%s)", how, out.client.errors,
               out.server.errors);
            check_established(c, s, version, how);
            ok(tls_echo(c, s), "%s: data both ways", how);
            SSL_free(c);
            SSL_free(s);
        }
}

typedef struct {
    SSL *ssl;
    int accepted, got, wrote, second_accept, shut;
    char buf[8];
} blocking_server;

static void *serve_blocking(void *arg)
{
    blocking_server *b = arg;

    b->accepted = SSL_accept(b->ssl);
    b->second_accept = SSL_accept(b->ssl);
    b->got = SSL_read(b->ssl, b->buf, sizeof b->buf);
    b->wrote = SSL_write(b->ssl, "pong", 4);
    b->shut = SSL_shutdown(b->ssl);
    OPENSSL_thread_stop();
    return NULL;
}

static void test_blocking_threads(const world *w)
{
    FOR_VERSIONS(version) {
        blocking_server b;
        SSL *c = SSL_new(w->cctx);
        pthread_t thread;
        int fds[2];
        char buf[8] = { 0 };

        memset(&b, 0, sizeof b);
        b.ssl = SSL_new(w->sctx);
        ssl_only_version(c, version);
        TLS_MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
        is_int(SSL_set_fd(c, fds[0]), 1, "SSL_set_fd");
        is_int(SSL_set_fd(b.ssl, fds[1]), 1, "SSL_set_fd");
        TLS_MUST(pthread_create(&thread, NULL, serve_blocking, &b) == 0);
        is_int(SSL_connect(c), 1, "%s blocking: SSL_connect", version_name(version));
        is_int(SSL_connect(c), 1, "%s blocking: once more is nothing", version_name(version));
        is_int(SSL_do_handshake(c), 1, "%s blocking: nor SSL_do_handshake",
               version_name(version));
        is_int(SSL_write(c, "ping", 4), 4, "%s blocking: write", version_name(version));
        is_int(SSL_read(c, buf, sizeof buf), 4, "%s blocking: read", version_name(version));
        is_mem(buf, "pong", 4, "%s blocking: the answer", version_name(version));
        is_int(SSL_read(c, buf, sizeof buf), 0, "%s blocking: then the end",
               version_name(version));
        is_int(SSL_get_error(c, 0), SSL_ERROR_ZERO_RETURN, "%s blocking: a clean one",
               version_name(version));
        TLS_MUST(pthread_join(thread, NULL) == 0);
        is_int(b.accepted, 1, "%s blocking: SSL_accept", version_name(version));
        is_int(b.second_accept, 1, "%s blocking: SSL_accept again", version_name(version));
        is_int(b.got, 4, "%s blocking: server's read", version_name(version));
        is_int(b.wrote, 4, "%s blocking: server's write", version_name(version));
        is_int(b.shut, 0, "%s blocking: server's shutdown is half done", version_name(version));
        check_established(c, b.ssl, version, "blocking");
        SSL_free(c);
        SSL_free(b.ssl);
        close(fds[0]);
        close(fds[1]);
    }
}

/* Two pipes: the descriptors for reading and writing differ. */
static void test_split_fds(const world *w)
{
    SSL *c = SSL_new(w->cctx), *s = SSL_new(w->sctx);
    int up[2], down[2];
    tls_outcome out;

    TLS_MUST(pipe2(up, O_NONBLOCK) == 0 && pipe2(down, O_NONBLOCK) == 0);
    is_int(SSL_set_rfd(c, down[0]), 1, "SSL_set_rfd");
    is_int(SSL_set_wfd(c, up[1]), 1, "SSL_set_wfd");
    is_int(SSL_set_rfd(s, up[0]), 1, "SSL_set_rfd");
    is_int(SSL_set_wfd(s, down[1]), 1, "SSL_set_wfd");
    SSL_set_connect_state(c);
    SSL_set_accept_state(s);
    ok(SSL_get_rbio(c) != SSL_get_wbio(c), "two BIOs");
    ok(tls_handshake(c, s, &out), "pipes: connects (%s|%s)", out.client.errors,
       out.server.errors);
    ok(tls_echo(c, s), "pipes: data both ways");
    SSL_free(c);
    SSL_free(s);
    close(up[0]);
    close(up[1]);
    close(down[0]);
    close(down[1]);
}

static void test_explicit_calls(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_new(w, version);
        int i, c = 0, s = 0;

        for (i = 0; i < 10 && !(c == 1 && s == 1); i++) {
            c = SSL_connect(d->c);
            s = SSL_accept(d->s);
        }
        is_int(c, 1, "%s: SSL_connect ends with 1", version_name(version));
        is_int(s, 1, "%s: SSL_accept ends with 1", version_name(version));
        is_int(SSL_get_error(d->c, 1), SSL_ERROR_NONE, "%s: no error", version_name(version));
        duo_free(d);
    }
}

/* SSL_connect and SSL_accept set the role themselves. */
static void test_role_by_call(const world *w)
{
    SSL *c = SSL_new(w->cctx), *s = SSL_new(w->sctx);
    BIO *cb, *sb;
    int i, rc = 0, rs = 0;

    TLS_MUST(BIO_new_bio_pair(&cb, 0, &sb, 0) == 1);
    SSL_set_bio(c, cb, cb);
    SSL_set_bio(s, sb, sb);
    for (i = 0; i < 10 && !(rc == 1 && rs == 1); i++) {
        rc = SSL_connect(c);
        rs = SSL_accept(s);
    }
    ok(rc == 1 && rs == 1, "SSL_connect and SSL_accept need no set_*_state");
    SSL_free(c);
    SSL_free(s);
}

static void test_read_write_handshake(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_new(w, version);
        char buf[8] = { 0 };
        int i, wrote = -1, got = -1;

        wrote = SSL_write(d->c, "hello", 5);
        is_int(wrote, -1, "%s: first write starts the handshake", version_name(version));
        is_int(SSL_get_error(d->c, wrote), SSL_ERROR_WANT_READ, "%s: and wants to read",
               version_name(version));
        is_int(SSL_want(d->c), SSL_READING, "%s: SSL_want", version_name(version));
        is_int(SSL_want_read(d->c), 1, "%s: SSL_want_read", version_name(version));
        ok(d->c2s.len > 0, "%s: ClientHello is out", version_name(version));
        for (i = 0; i < 10 && got <= 0; i++) {
            got = SSL_read(d->s, buf, sizeof buf);
            if (wrote <= 0)
                wrote = SSL_write(d->c, "hello", 5);
        }
        is_int(wrote, 5, "%s: the write ends", version_name(version));
        is_int(got, 5, "%s: first read ran the server's handshake", version_name(version));
        is_mem(buf, "hello", 5, "%s: the data", version_name(version));
        is_int(SSL_want(d->s), SSL_NOTHING, "%s: wants nothing", version_name(version));
        duo_free(d);
    }
}

static void test_state_getters(const world *w)
{
    FOR_VERSIONS(version) {
        SSL *c = SSL_new(w->cctx), *s = SSL_new(w->sctx);
        const char *v = version_name(version);
        duo *d;
        int r;

        is_int(SSL_in_before(c), 1, "%s: new: in before", v);
        is_int(SSL_in_init(c), 1, "%s: new: in init", v);
        is_int(SSL_is_init_finished(c), 0, "%s: new: not finished", v);
        is_int(SSL_get_state(c), TLS_ST_BEFORE, "%s: new: state", v);
        is_str(SSL_state_string(c), "PINIT", "%s: new: string", v);
        is_str(SSL_state_string_long(c), "before SSL initialization", "%s: new: long", v);
        is_str(SSL_rstate_string(c), "RH", "%s: new: rstate", v);
        is_str(SSL_rstate_string_long(c), "read header", "%s: new: rstate long", v);
        is_int(SSL_want(c), SSL_NOTHING, "%s: new: wants nothing", v);
        is_ptr(SSL_get_current_cipher(c), NULL, "%s: new: no cipher", v);
        is_ptr(SSL_get_session(c), NULL, "%s: new: no session", v);
        is_int(SSL_get_verify_result(c), X509_V_OK, "%s: new: verify result", v);
        ssl_only_version(c, version);
        ssl_only_version(s, version);
        d = duo_of(c, s);
        is_int(SSL_in_before(c), 1, "%s: role set: in before", v);
        is_int(SSL_in_init(c), 1, "%s: role set: in init", v);
        is_int(SSL_get_state(c), TLS_ST_BEFORE, "%s: role set: state", v);

        r = SSL_do_handshake(s);
        is_int(r, -1, "%s: server without input", v);
        is_int(SSL_get_error(s, r), SSL_ERROR_WANT_READ, "%s: server wants read", v);
        is_int(SSL_want(s), SSL_READING, "%s: server SSL_want", v);
        is_int(SSL_in_before(s), 0, "%s: server waiting: not before", v);
        is_int(SSL_in_init(s), 1, "%s: server waiting: in init", v);
        is_int(SSL_get_state(s), TLS_ST_BEFORE, "%s: server waiting: state", v);

        r = SSL_do_handshake(c);
        is_int(r, -1, "%s: client after ClientHello", v);
        is_int(SSL_get_error(c, r), SSL_ERROR_WANT_READ, "%s: client wants read", v);
        is_int(SSL_want(c), SSL_READING, "%s: client SSL_want", v);
        is_int(SSL_in_before(c), 0, "%s: client waiting: not before", v);
        is_int(SSL_in_init(c), 1, "%s: client waiting: in init", v);
        is_int(SSL_is_init_finished(c), 0, "%s: client waiting: not finished", v);
        is_int(SSL_get_state(c), TLS_ST_CW_CLNT_HELLO, "%s: client waiting: state", v);
        is_str(SSL_state_string(c), "TWCH", "%s: client waiting: string", v);
        is_str(SSL_state_string_long(c), "SSLv3/TLS write client hello",
               "%s: client waiting: long", v);

        r = SSL_do_handshake(s);
        is_int(r, -1, "%s: server after its flight", v);
        is_int(SSL_in_init(s), 1, "%s: server mid: in init", v);
        is_int(SSL_get_state(s),
               version == TLS1_2_VERSION ? TLS_ST_SW_SRVR_DONE : TLS_ST_EARLY_DATA,
               "%s: server mid: state", v);
        is_str(SSL_state_string(s), version == TLS1_2_VERSION ? "TWSD" : "TED",
               "%s: server mid: string", v);
        is_str(SSL_get_version(s), version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3",
               "%s: server mid: version chosen", v);
        ok(duo_handshake(d), "%s: goes on to the end (%s|%s)", v, d->out.client.errors,
           d->out.server.errors);
        is_str(SSL_state_string(c), "SSLOK", "%s: done: string", v);
        is_str(SSL_state_string_long(c), "SSL negotiation finished successfully",
               "%s: done: long", v);
        is_int(SSL_in_before(c), 0, "%s: done: not before", v);
        is_int(SSL_want(s), SSL_NOTHING, "%s: done: wants nothing", v);
        duo_free(d);
    }
}

static void test_not_ready(const world *w)
{
    SSL *ssl = SSL_new(w->cctx);
    char buf[4];
    size_t n = 99;
    int r;

    ERR_clear_error();
    r = SSL_do_handshake(ssl);
    is_int(r, -1, "handshake without a role");
    is_int(SSL_get_error(ssl, r), SSL_ERROR_SSL, "its error");
    is_int(tls_ssl_reason(), SSL_R_CONNECTION_TYPE_NOT_SET, "its reason");
    r = SSL_read(ssl, buf, sizeof buf);
    is_int(r, -1, "read without a role");
    is_int(tls_ssl_reason(), SSL_R_UNINITIALIZED, "its reason");
    r = SSL_write(ssl, buf, sizeof buf);
    is_int(r, -1, "write without a role");
    is_int(tls_ssl_reason(), SSL_R_UNINITIALIZED, "its reason");
    r = SSL_peek(ssl, buf, sizeof buf);
    is_int(r, -1, "peek without a role");
    is_int(tls_ssl_reason(), SSL_R_UNINITIALIZED, "its reason");
    r = SSL_shutdown(ssl);
    is_int(r, -1, "shutdown without a role");
    is_int(tls_ssl_reason(), SSL_R_UNINITIALIZED, "its reason");
    is_int(SSL_read_ex(ssl, buf, sizeof buf, &n), 0, "read_ex without a role");
    is_int(tls_ssl_reason(), SSL_R_UNINITIALIZED, "its reason");
    is_int(SSL_write_ex(ssl, buf, sizeof buf, &n), 0, "write_ex without a role");
    is_int(tls_ssl_reason(), SSL_R_UNINITIALIZED, "its reason");
    is_int(SSL_in_before(ssl), 1, "nothing has begun");

    SSL_set_connect_state(ssl);
    r = SSL_do_handshake(ssl);
    is_int(r, -1, "handshake without a BIO");
    is_int(SSL_get_error(ssl, r), SSL_ERROR_SYSCALL, "its error");
    is_int(tls_ssl_reason(), 0, "the queue is empty");
    SSL_free(ssl);

    ssl = SSL_new(w->sctx);
    r = SSL_accept(ssl);
    is_int(r, -1, "SSL_accept without a BIO");
    is_int(SSL_get_error(ssl, r), SSL_ERROR_SSL, "its error");
    is_int(tls_ssl_reason(), SSL_R_READ_BIO_NOT_SET, "its reason");
    SSL_free(ssl);
}

/* A method of one side knows its role. */
static void test_method_roles(const world *w)
{
    SSL_CTX *any = SSL_CTX_new(TLS_method());
    SSL *ssl;

    ssl = SSL_new(w->sctx);
    is_int(SSL_is_server(ssl), 1, "TLS_server_method: a server at once");
    SSL_free(ssl);
    ssl = SSL_new(w->cctx);
    is_int(SSL_is_server(ssl), 0, "TLS_client_method: a client");
    SSL_free(ssl);
    ssl = SSL_new(any);
    ok(SSL_is_server(ssl) != 0, "TLS_method: is_server before a role is set");
    SSL_set_connect_state(ssl);
    is_int(SSL_is_server(ssl), 0, "connect state: a client");
    SSL_set_accept_state(ssl);
    is_int(SSL_is_server(ssl), 1, "accept state: a server");
    SSL_free(ssl);
    SSL_CTX_free(any);
}

static int find_after(const trace *t, int from, int where)
{
    int i;

    for (i = from; i < t->n; i++)
        if (t->where[i] == where)
            return i;
    return -1;
}

static void check_trace(const trace *t, int server, int version, const char *who)
{
    const char *v = version_name(version);
    int loop = server ? SSL_CB_ACCEPT_LOOP : SSL_CB_CONNECT_LOOP;
    int leave = server ? SSL_CB_ACCEPT_EXIT : SSL_CB_CONNECT_EXIT;
    int start = find_after(t, 0, SSL_CB_HANDSHAKE_START);
    int done_at = find_after(t, 0, SSL_CB_HANDSHAKE_DONE);
    int i, exits = 0, last_exit = -1;

    is_int(start, 0, "%s %s: HANDSHAKE_START comes first", v, who);
    is_int(t->ret[0], 1, "%s %s: with 1", v, who);
    ok(done_at > 0, "%s %s: HANDSHAKE_DONE", v, who);
    is_int(done_at < 0 ? 0 : t->ret[done_at], 1, "%s %s: with 1", v, who);
    is_int(trace_count(t, SSL_CB_HANDSHAKE_DONE), 1, "%s %s: once", v, who);
    ok(trace_count(t, loop) > 2, "%s %s: LOOP in between", v, who);
    for (i = 0; i < t->n; i++)
        if (t->where[i] == leave) {
            exits++;
            last_exit = i;
            ok(t->ret[i] == (i > done_at ? 1 : -1), "%s %s: EXIT %d carries the result", v, who,
               exits);
        }
    ok(exits >= 2, "%s %s: an EXIT for each return", v, who);
    ok(last_exit > done_at, "%s %s: the last one after DONE", v, who);
    is_int(trace_alert(t, SSL_CB_READ_ALERT, 0), -1, "%s %s: no alert read", v, who);
    is_int(trace_alert(t, SSL_CB_WRITE_ALERT, 0), -1, "%s %s: no alert written", v, who);
}

static void test_info_callback(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_new(w, version);

        ok(duo_handshake(d), "connects");
        check_trace(&d->ct, 0, version, "client");
        check_trace(&d->st, 1, version, "server");
        is_ptr((void *)SSL_get_info_callback(d->c), (void *)trace_info,
               "SSL_get_info_callback");
        d->ct.n = d->st.n = 0;
        SSL_shutdown(d->c);
        is_int(trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0), ALERT_WARNING(SSL_AD_CLOSE_NOTIFY),
               "%s: shutdown's alert is seen", version_name(version));
        SSL_shutdown(d->s);
        SSL_shutdown(d->s);
        is_int(trace_alert(&d->st, SSL_CB_READ_ALERT, 0), ALERT_WARNING(SSL_AD_CLOSE_NOTIFY),
               "%s: and its arrival", version_name(version));
        duo_free(d);
    }
}

/* A failed handshake: the alert comes before the last EXIT, and no DONE. */
static void test_info_callback_failure(const world *w)
{
    FOR_VERSIONS(version) {
        SSL_CTX *untrusting = tls_client_ctx(NULL);
        SSL *c, *s = SSL_new(w->sctx);
        duo *d;
        int alert, leave;

        SSL_CTX_set_verify(untrusting, SSL_VERIFY_PEER, NULL);
        c = SSL_new(untrusting);
        ssl_only_version(c, version);
        d = duo_of(c, s);
        ok(!duo_handshake(d), "%s: fails", version_name(version));
        is_int(d->out.client.reason, SSL_R_CERTIFICATE_VERIFY_FAILED, "client's reason");
        is_int(d->out.server.reason, SSL_R_TLSV1_ALERT_UNKNOWN_CA, "server's reason");
        is_int(trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0), ALERT_FATAL(SSL_AD_UNKNOWN_CA),
               "alert written");
        is_int(trace_alert(&d->st, SSL_CB_READ_ALERT, 0), ALERT_FATAL(SSL_AD_UNKNOWN_CA),
               "alert read");
        alert = find_after(&d->ct, 0, SSL_CB_WRITE_ALERT);
        leave = find_after(&d->ct, alert < 0 ? 0 : alert, SSL_CB_CONNECT_EXIT);
        ok(leave > alert, "EXIT follows the alert");
        is_int(leave < 0 ? 0 : d->ct.ret[leave], -1, "with -1");
        is_int(trace_count(&d->ct, SSL_CB_HANDSHAKE_DONE), 0, "client was never done");
        is_int(trace_count(&d->st, SSL_CB_HANDSHAKE_DONE), 0, "nor the server");
        is_str(SSL_state_string(d->c), "SSLERR", "state string after failure");
        is_str(SSL_state_string_long(d->c), "error", "long one");
        is_int(SSL_in_init(d->c), 1, "still in init");
        is_int(SSL_in_before(d->c), 0, "not before");
        is_int(SSL_is_init_finished(d->c), 0, "not finished");
        duo_free(d);
        SSL_CTX_free(untrusting);
    }
}

/* A full BIO: the handshake wants to write, and goes on when there is room. */
static void test_want_write(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_new(w, version);
        int r, tries = 0;
        char byte;

        d->ce.room = 20;
        r = SSL_do_handshake(d->c);
        is_int(r, -1, "%s: no room for the ClientHello", version_name(version));
        is_int(SSL_get_error(d->c, r), SSL_ERROR_WANT_WRITE, "%s: WANT_WRITE",
               version_name(version));
        is_int(SSL_want(d->c), SSL_WRITING, "%s: SSL_want", version_name(version));
        is_int(SSL_want_write(d->c), 1, "%s: SSL_want_write", version_name(version));
        d->ce.room = d->se.room = 50;
        for (memset(&d->out, 0, sizeof d->out); tries < 1000; tries++) {
            tls_step(d->c, &d->out.client);
            tls_step(d->s, &d->out.server);
            if (d->out.client.done == 1 && d->out.server.done == 1)
                break;
            /* The server's tickets belong to its handshake: it ends when they have gone. */
            if (d->out.client.done == 1)
                SSL_read(d->c, &byte, 1);
        }
        ok(d->out.client.done == 1 && d->out.server.done == 1,
           "%s: connects through 50 bytes", version_name(version));
        ok(tls_echo(d->c, d->s), "%s: and data", version_name(version));
        duo_free(d);
    }
}

/* A flight leaves in one write (buffering during the handshake). */
static void test_flights(const world *w)
{
    duo *d = duo_new(w, TLS1_3_VERSION);

    SSL_do_handshake(d->c);
    is_int(d->ce.writes, 1, "ClientHello in one write");
    SSL_do_handshake(d->s);
    is_int(d->se.writes, 1, "the server's flight in one write");
    ok(duo_handshake(d), "connects");
    ok(SSL_get_rbio(d->c) != NULL && SSL_get_rbio(d->c) == SSL_get_wbio(d->c),
       "the write buffer is gone after it");
    duo_free(d);
}

static void test_stutter(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_new(w, version);

        d->ce.stutter = d->se.stutter = 1;
        d->ce.max_read = d->se.max_read = 7;
        memset(&d->out, 0, sizeof d->out);
        for (int i = 0; i < 20000; i++) {
            tls_step(d->c, &d->out.client);
            tls_step(d->s, &d->out.server);
            if (d->out.client.done != 0 && d->out.server.done != 0)
                break;
        }
        ok(d->out.client.done == 1 && d->out.server.done == 1,
           "%s: connects over BIOs that retry every other call (%s|%s)", version_name(version),
           d->out.client.errors, d->out.server.errors);
        d->ce.stutter = d->se.stutter = 0;
        ok(tls_echo(d->c, d->s), "%s: and data", version_name(version));
        duo_free(d);
    }
}

/* SSL_free at each stage. */
static void test_free_anywhere(const world *w)
{
    for (int steps = 0; steps < 8; steps++) {
        duo *d = duo_new(w, TLS1_3_VERSION);

        for (int i = 0; i < steps; i++)
            SSL_do_handshake(i % 2 == 0 ? d->c : d->s);
        SSL_free(d->c);
        d->c = NULL;
        is_int(d->ce.freed, 1, "freed after %d steps, its BIO once", steps);
        duo_free(d);
    }
    ERR_clear_error();
}

int main(void)
{
    world w = world_make();

    test_transports(&w);
    test_blocking_threads(&w);
    test_split_fds(&w);
    test_explicit_calls(&w);
    test_role_by_call(&w);
    test_read_write_handshake(&w);
    test_state_getters(&w);
    test_not_ready(&w);
    test_method_roles(&w);
    test_info_callback(&w);
    test_info_callback_failure(&w);
    test_want_write(&w);
    test_flights(&w);
    test_stutter(&w);
    test_free_anywhere(&w);
    world_free(&w);
    return done();
}
