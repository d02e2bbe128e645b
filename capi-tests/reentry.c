/* What a callback may do to the connection that calls it: give references back, take contexts,
 * certificates, BIOs and itself away; connections within callbacks. And the modes of asynchronous
 * jobs, which change nothing without an engine that has them. SSL_set_SSL_CTX(3),
 * SSL_set_cert_cb(3), SSL_CTX_set_info_callback(3), SSL_set_mode(3), SSL_get_all_async_fds(3). */
#include "pipe.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>

static world w;
static int called;
static SSL_CTX *spare_ctx;

/* Gives back the reference that was taken for it, and frees a context made meanwhile. */
static void info_frees(const SSL *ssl, int where, int ret)
{
    SSL *mine = (SSL *)ssl;

    (void)ret;
    if (where == SSL_CB_HANDSHAKE_START || where == SSL_CB_HANDSHAKE_DONE) {
        called++;
        SSL_up_ref(mine);
        SSL_set_info_callback(mine, info_frees);
        SSL_free(mine);
    }
    if (where == SSL_CB_HANDSHAKE_DONE)
        SSL_set_info_callback(mine, NULL);
}

/* The handshake is done: the connection may be used at once, as Node.js does. */
static int done_write, done_read, done_pending, done_finished, done_init;

static void info_uses(const SSL *ssl, int where, int ret)
{
    SSL *mine = (SSL *)ssl;
    char buf[64];

    (void)ret;
    if (where != SSL_CB_HANDSHAKE_DONE || called++ != 0)
        return;
    done_init = SSL_in_init(ssl);
    done_finished = (int)SSL_get_finished(ssl, buf, sizeof buf);
    done_pending = SSL_has_pending(ssl);
    done_write = SSL_write(mine, "from the callback", 17);
    done_read = SSL_read(mine, buf, sizeof buf);
    done_read = done_read > 0 ? done_read : -SSL_get_error(mine, done_read);
}

/* A whole connection of its own inside the callback. */
static void info_connects(const SSL *ssl, int where, int ret)
{
    (void)ssl, (void)ret;
    if (where == SSL_CB_HANDSHAKE_START) {
        duo *d = duo_new(&w, 0);

        called += duo_handshake(d) && tls_echo(d->c, d->s);
        duo_free(d);
    }
}

static int servername_swaps(SSL *ssl, int *alert, void *arg)
{
    SSL_CTX *old = SSL_get_SSL_CTX(ssl);

    (void)alert;
    called++;
    SSL_set_SSL_CTX(ssl, arg);
    /* The last reference but the connection's own. */
    SSL_CTX_free(old);
    return SSL_get_SSL_CTX(ssl) == arg ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int cert_swaps(SSL *ssl, void *arg)
{
    (void)arg;
    called++;
    SSL_certs_clear(ssl);
    SSL_set_cert_cb(ssl, NULL, NULL);
    return SSL_use_certificate(ssl, w.leaf.cert) == 1 && SSL_use_PrivateKey(ssl, w.leaf.key) == 1;
}

static int client_hello_swaps(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    called++;
    SSL_set_options(ssl, SSL_OP_NO_TICKET);
    SSL_set_ex_data(ssl, 0, NULL);
    SSL_CTX_set_client_hello_cb(SSL_get_SSL_CTX(ssl), NULL, NULL);
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int verify_swaps(X509_STORE_CTX *store, void *arg)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

    called++;
    SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
    X509_STORE_CTX_set_error(store, X509_V_OK);
    (void)arg;
    return 1;
}

static int new_session_frees(SSL *ssl, SSL_SESSION *session)
{
    called++;
    SSL_SESSION_free(session);
    SSL_CTX_sess_set_new_cb(SSL_get_SSL_CTX(ssl), NULL);
    return 1;
}

static void finish(duo *d, int calls, const char *what, int version)
{
    ok(duo_handshake(d), "%s: %s (%s|%s)", version_name(version), what, d->out.client.errors,
       d->out.server.errors);
    ok(tls_echo(d->c, d->s), "data both ways");
    is_int(called, calls, "the callback was called");
    called = 0;
    duo_free(d);
}

static void test_callbacks(void)
{
    FOR_VERSIONS(version) {
        SSL_CTX *ctx;
        duo *d;

        d = duo_new(&w, version);
        SSL_set_info_callback(d->c, info_frees);
        finish(d, 2, "references given back in an info callback", version);

        d = duo_new(&w, version);
        SSL_set_info_callback(d->s, info_connects);
        finish(d, 1, "a connection within a connection", version);

        spare_ctx = tls_server_ctx(&w.leaf);
        ctx = tls_server_ctx(NULL);
        SSL_CTX_set_tlsext_servername_callback(ctx, servername_swaps);
        SSL_CTX_set_tlsext_servername_arg(ctx, spare_ctx);
        d = duo_of(SSL_new(w.cctx), SSL_new(ctx));
        ssl_only_version(d->c, version);
        SSL_set_tlsext_host_name(d->c, "localhost");
        finish(d, 1, "the context swapped and freed for the name", version);
        SSL_CTX_free(spare_ctx);

        ctx = tls_server_ctx(NULL);
        SSL_CTX_set_cert_cb(ctx, cert_swaps, NULL);
        d = duo_of(SSL_new(w.cctx), SSL_new(ctx));
        SSL_CTX_free(ctx);
        ssl_only_version(d->c, version);
        finish(d, 1, "certificates set in the certificate callback", version);

        ctx = tls_server_ctx(&w.leaf);
        SSL_CTX_set_client_hello_cb(ctx, client_hello_swaps, NULL);
        d = duo_of(SSL_new(w.cctx), SSL_new(ctx));
        SSL_CTX_free(ctx);
        ssl_only_version(d->c, version);
        finish(d, 1, "the client_hello callback takes itself away", version);

        ctx = tls_client_ctx(NULL);
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
        SSL_CTX_set_cert_verify_callback(ctx, verify_swaps, NULL);
        d = duo_of(SSL_new(ctx), SSL_new(w.sctx));
        SSL_CTX_free(ctx);
        ssl_only_version(d->c, version);
        finish(d, 1, "the verify callback turns verifying off", version);

        ctx = tls_client_ctx(&w.ca);
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT);
        SSL_CTX_sess_set_new_cb(ctx, new_session_frees);
        d = duo_of(SSL_new(ctx), SSL_new(w.sctx));
        SSL_CTX_free(ctx);
        ssl_only_version(d->c, version);
        finish(d, 1, "the session callback takes and frees the session", version);
    }
}

static void test_async(void)
{
    FOR_VERSIONS(version) {
        duo *d = duo_new(&w, version);
        size_t added = 9, removed = 9;
        int status = 9;

        ok(SSL_set_mode(d->c, SSL_MODE_ASYNC) & SSL_MODE_ASYNC, "SSL_MODE_ASYNC is taken");
        ok(SSL_set_mode(d->s, SSL_MODE_ASYNC) & SSL_MODE_ASYNC, "by the server too");
        is_int(SSL_waiting_for_async(d->c), 0, "nothing is awaited");
        ok(duo_handshake(d), "%s: connects (%s|%s)", version_name(version), d->out.client.errors,
           d->out.server.errors);
        ok(tls_echo(d->c, d->s), "data both ways");
        is_int(SSL_waiting_for_async(d->s), 0, "nothing is awaited");
        is_int(SSL_get_async_status(d->s, &status), 1, "there is a status");
        is_int(status, ASYNC_STATUS_UNSUPPORTED, "no engine's");
        is_int(SSL_get_changed_async_fds(d->s, NULL, &added, NULL, &removed), 1, "changed ones");
        ok(added == 0 && removed == 0, "there are none");
        is_int(SSL_get_all_async_fds(d->s, NULL, &added), 1, "all of them");
        is_int(added, 0, "none");
        duo_free(d);
    }
}

/* Two connected TCP sockets. */
static void tcp_pair(int fds[2])
{
    struct sockaddr_in at = { AF_INET, 0, { htonl(INADDR_LOOPBACK) }, { 0 } };
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    TLS_MUST(bind(listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(listener, 1) == 0
             && getsockname(listener, (struct sockaddr *)&at, &len) == 0);
    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    TLS_MUST(connect(fds[0], (struct sockaddr *)&at, sizeof at) == 0);
    fds[1] = accept(listener, NULL, NULL);
    TLS_MUST(fds[1] >= 0 && fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0
             && fcntl(fds[1], F_SETFL, O_NONBLOCK) == 0);
    close(listener);
}

static void await_reset(int fd)
{
    struct pollfd p = { fd, 0, 0 };

    /* POLLERR and POLLHUP need not be asked for. */
    TLS_MUST(poll(&p, 1, 10000) == 1);
}

/* The peer resets the connection: SYSCALL, with errno, and nothing of TLS queued. */
static void test_reset(void)
{
    FOR_VERSIONS(version) {
        for (int shaken = 0; shaken <= 1; shaken++) {
            struct linger now = { 1, 0 };
            SSL *c = SSL_new(w.cctx), *s = SSL_new(w.sctx);
            int fds[2], r, saved;
            char byte;

            tcp_pair(fds);
            SSL_set_fd(c, fds[0]);
            SSL_set_fd(s, fds[1]);
            SSL_set_connect_state(c);
            SSL_set_accept_state(s);
            ssl_only_version(c, version);
            if (shaken)
                ok(tls_handshake(c, s, NULL), "%s: connects", version_name(version));
            else
                SSL_do_handshake(c);
            TLS_MUST(setsockopt(fds[1], SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0);
            close(fds[1]);
            await_reset(fds[0]);
            ERR_clear_error();
            errno = 0;
            /* The tickets of a server come first. */
            r = shaken ? SSL_read(c, &byte, 1) : SSL_do_handshake(c);
            saved = errno;
            is_int(SSL_get_error(c, r), SSL_ERROR_SYSCALL, "%s: reset %s: SYSCALL",
                   version_name(version), shaken ? "after the handshake" : "in the handshake");
            is_int(saved, ECONNRESET, "its errno");
            is_int(tls_ssl_reason(), 0, "nothing of TLS is queued");
            SSL_free(c);
            SSL_free(s);
            close(fds[0]);
        }
    }
}

/* One side ends TLS, the other reads the end, and both speak plain text on the same socket: what
 * comes right behind the close_notify is not swallowed. */
static void test_plain_after_one_side(void)
{
    FOR_VERSIONS(version) {
        SSL *c = SSL_new(w.cctx), *s = SSL_new(w.sctx);
        int fds[2];
        char buf[32] = { 0 };

        TLS_MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
        SSL_set_fd(c, fds[0]);
        SSL_set_fd(s, fds[1]);
        SSL_set_connect_state(c);
        SSL_set_accept_state(s);
        ssl_only_version(c, version);
        ok(tls_handshake(c, s, NULL), "%s: connects", version_name(version));
        is_int(SSL_write(c, "last", 4), 4, "data");
        is_int(SSL_shutdown(c), 0, "one side ends TLS");
        is_int(write(fds[0], "plain text", 10), 10, "and goes on without");
        is_int(SSL_read(s, buf, sizeof buf), 4, "the data");
        is_int(SSL_read(s, buf, sizeof buf), 0, "the end");
        is_int(SSL_get_error(s, 0), SSL_ERROR_ZERO_RETURN, "a clean one");
        is_int(read(fds[1], buf, sizeof buf), 10, "what follows is on the socket");
        is_mem(buf, "plain text", 10, "untouched");
        SSL_free(c);
        SSL_free(s);
        close(fds[0]);
        close(fds[1]);
    }
}

/* Writing and reading in the callback that tells of the handshake's end. */
static void test_use_when_done(void)
{
    FOR_VERSIONS(version) {
        int server;

        for (server = 0; server < 2; server++) {
            duo *d = duo_new(&w, version);
            SSL *one = server ? d->s : d->c, *other = server ? d->c : d->s;
            const char *name = server ? "server" : "client";
            char buf[64] = { 0 };

            called = 0;
            SSL_set_info_callback(one, info_uses);
            ok(duo_handshake(d), "%s, %s: connects", version_name(version), name);
            is_int(called, 1, "told once");
            is_int(done_init, 0, "the handshake is over in the callback");
            ok(done_finished > 0, "its Finished can be had (%d)", done_finished);
            is_int(done_pending, 0, "nothing waits to be read");
            is_int(done_write, 17, "what is written there is taken");
            is_int(done_read, -SSL_ERROR_WANT_READ, "and nothing is there to read");
            is_int(SSL_read(other, buf, sizeof buf), 17, "the peer reads it");
            is_mem(buf, "from the callback", 17, "as it was written");
            ok(tls_echo(d->c, d->s), "data passes both ways");
            duo_free(d);
        }
    }
}

int main(void)
{
    w = world_make();
    test_callbacks();
    test_use_when_done();
    test_async();
    test_reset();
    test_plain_after_one_side();
    world_free(&w);
    return done();
}
