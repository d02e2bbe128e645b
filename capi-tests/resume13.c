/* A client's SSL_SESSION is all that is needed to resume: any number of times, from its encoding,
 * in another process, on the other library, and after the program has changed it. */
#include "certs.h"
#include "pipe.h"

#include <signal.h>
#include <sys/wait.h>

static const unsigned char context[] = "resume";

static world resuming_world(int version)
{
    world w = world_make();

    fix_version(w.cctx, version);
    SSL_CTX_set_min_proto_version(w.sctx, TLS1_2_VERSION);
    SSL_CTX_set_session_id_context(w.sctx, context, sizeof context);
    return w;
}

/* Connects with `session`, or NULL, and reads the tickets. */
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

static void hang_up(duo *d)
{
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    duo_free(d);
}

static int connected(const duo *d)
{
    return d->out.client.done == 1 && d->out.server.done == 1;
}

/* The session of a full handshake. */
static SSL_SESSION *obtain(const world *w)
{
    duo *d = dial(w, NULL);
    SSL_SESSION *session = SSL_get1_session(d->c);

    TLS_MUST(connected(d) && session != NULL);
    hang_up(d);
    return session;
}

/* 1: both sides resumed it, 0: a full handshake, -1: neither. */
static int resumes(const world *w, SSL_SESSION *session)
{
    duo *d = dial(w, session);
    int client = SSL_session_reused(d->c), server = SSL_session_reused(d->s), result = client;

    if (!connected(d) || client != server || !tls_echo(d->c, d->s)) {
        diag("%d/%d: %s | %s", client, server, d->out.client.errors, d->out.server.errors);
        result = -1;
    }
    hang_up(d);
    return result;
}

static SSL_SESSION *through_der(const SSL_SESSION *session)
{
    unsigned char *der = NULL;
    const unsigned char *p;
    int n = i2d_SSL_SESSION((SSL_SESSION *)session, &der);
    SSL_SESSION *copy;

    TLS_MUST(n > 0);
    p = der;
    copy = d2i_SSL_SESSION(NULL, &p, n);
    TLS_MUST(copy != NULL);
    OPENSSL_free(der);
    return copy;
}

static void check_many_times(int version)
{
    world w = resuming_world(version);
    SSL_SESSION *session = obtain(&w), *copy;
    int again = 0;

    for (int i = 0; i < 5; i++)
        again += resumes(&w, session);
    is_int(again, 5, "%s: five connections resume one session", version_name(version));
    copy = SSL_SESSION_dup(session);
    is_int(resumes(&w, copy), 1, "%s: so does its duplicate", version_name(version));
    SSL_SESSION_free(copy);
    copy = through_der(session);
    is_int(resumes(&w, copy), 1, "%s: through i2d and d2i", version_name(version));
    is_int(resumes(&w, copy), 1, "%s: through i2d and d2i, again", version_name(version));
    SSL_SESSION_free(copy);
    SSL_SESSION_free(session);
    world_free(&w);
}

/* Two handshakes that offer one session at the same time. */
static void check_at_once(int version)
{
    world w = resuming_world(version);
    SSL_SESSION *session = obtain(&w);
    duo *a = duo_new(&w, 0), *b = duo_new(&w, 0);

    TLS_MUST(SSL_set_session(a->c, session) == 1);
    TLS_MUST(SSL_set_session(b->c, session) == 1);
    SSL_do_handshake(a->c);
    SSL_do_handshake(b->c);
    ERR_clear_error();
    duo_handshake(a);
    duo_handshake(b);
    ok(SSL_session_reused(a->c) && SSL_session_reused(b->c), "%s: two resume it at once",
       version_name(version));
    hang_up(a);
    hang_up(b);
    SSL_SESSION_free(session);
    world_free(&w);
}

static void show_peers(const char *what, const duo *d)
{
    SSL *ends[] = { d->c, d->s };

    for (int i = 0; i < 2; i++)
        same("%s, %s: reused %d, certificate %d, chain %d, sigalgs %d, shared %d", what,
             i ? "server" : "client", SSL_session_reused(ends[i]),
             SSL_get0_peer_certificate(ends[i]) != NULL, sk_X509_num(SSL_get_peer_cert_chain(ends[i])),
             SSL_get_sigalgs(ends[i], 0, NULL, NULL, NULL, NULL, NULL),
             SSL_get_shared_sigalgs(ends[i], 0, NULL, NULL, NULL, NULL, NULL));
}

static SSL_SESSION *newest;

static int on_new_session(SSL *ssl, SSL_SESSION *session)
{
    if (!SSL_is_server(ssl)) {
        SSL_SESSION_free(newest);
        newest = SSL_SESSION_dup(session);
    }
    return 0;
}

/* The encoding of a session has the peer's certificate, but not the chain it came with; and what
 * comes of resuming that has no more. */
static void check_peers(int version, int tickets)
{
    world w = resuming_world(version);
    tls_id own = tls_cert(&w.ca, "P-256", "client", NULL, "clientAuth", 0, -3600, 86400);
    SSL_SESSION *session, *copy;
    duo *d;

    TLS_MUST(SSL_CTX_use_certificate(w.cctx, own.cert) && SSL_CTX_use_PrivateKey(w.cctx, own.key));
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    TLS_MUST(X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), w.ca.cert));
    if (!tickets)
        SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(w.cctx, on_new_session);
    session = obtain(&w);
    d = dial(&w, session);
    show_peers(tickets ? "the session, ticket" : "the session", d);
    hang_up(d);
    copy = through_der(session);
    d = dial(&w, copy);
    show_peers(tickets ? "its encoding, ticket" : "its encoding", d);
    hang_up(d);
    if (version == TLS1_3_VERSION) {
        d = dial(&w, newest);
        show_peers("what came of that", d);
        hang_up(d);
    }
    SSL_SESSION_free(newest);
    newest = NULL;
    SSL_SESSION_free(copy);
    SSL_SESSION_free(session);
    tls_id_free(&own);
    world_free(&w);
}

static void write_file(FILE *file, const void *data, size_t n)
{
    TLS_MUST(fwrite(data, 1, n, file) == n);
    TLS_MUST(fflush(file) == 0);
}

/* The client of the other process: it knows the server's certificate and the file alone. */
static int child(int fd, const char *path, int version)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    FILE *file = fopen(path, "rb");
    SSL_SESSION *session = file == NULL ? NULL : PEM_read_SSL_SESSION(file, NULL, NULL, NULL);
    SSL *ssl;
    X509 *peer;
    int result = 1;
    char byte;

    fix_version(ctx, version);
    ssl = SSL_new(ctx);
    TLS_MUST(session != NULL && SSL_SESSION_get_protocol_version(session) == version);
    fclose(file);
    TLS_MUST(SSL_set_session(ssl, session) == 1 && SSL_set_fd(ssl, fd) == 1);
    if (SSL_connect(ssl) != 1)
        ERR_print_errors_fp(stderr);
    else if (SSL_session_reused(ssl) == 1 && SSL_read(ssl, &byte, 1) == 1) {
        peer = SSL_get0_peer_certificate(ssl);
        result = peer != NULL && X509_cmp(peer, SSL_SESSION_get0_peer(session)) == 0 ? 0 : 2;
    }
    SSL_shutdown(ssl);
    SSL_free(ssl);
    SSL_SESSION_free(session);
    SSL_CTX_free(ctx);
    return result;
}

/* A session written by this process is resumed by another one. */
static void check_other_process(int version, const char *self)
{
    world w = resuming_world(version);
    SSL_SESSION *session = obtain(&w);
    char path[] = "/tmp/ferrossl-sessionXXXXXX", fd[16], number[16];
    int fds[2], status = -1;
    FILE *file = fdopen(mkstemp(path), "wb");
    BIO *pem = BIO_new(BIO_s_mem());
    char *text;
    long n;
    SSL *ssl;
    pid_t pid;

    TLS_MUST(PEM_write_bio_SSL_SESSION(pem, session));
    n = BIO_get_mem_data(pem, &text);
    write_file(file, text, n);
    fclose(file);
    BIO_free(pem);
    TLS_MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    pid = fork();
    TLS_MUST(pid >= 0);
    if (pid == 0) {
        close(fds[0]);
        snprintf(fd, sizeof fd, "%d", fds[1]);
        snprintf(number, sizeof number, "%d", version);
        execl(self, self, "client", fd, path, number, (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    ssl = SSL_new(w.sctx);
    SSL_set_fd(ssl, fds[0]);
    is_int(SSL_accept(ssl), 1, "%s: a client from another process", version_name(version));
    is_int(SSL_session_reused(ssl), 1, "%s: resumes", version_name(version));
    SSL_write(ssl, "x", 1);
    TLS_MUST(waitpid(pid, &status, 0) == pid);
    is_int(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0, "%s: and knows its peer",
           version_name(version));
    SSL_free(ssl);
    close(fds[0]);
    unlink(path);
    SSL_SESSION_free(session);
    world_free(&w);
}

/* A session put together from another's values is that session. */
static void check_by_hand(int version)
{
    world w = resuming_world(version);
    SSL_SESSION *session = obtain(&w), *copy = SSL_SESSION_dup(session);
    unsigned char key[64];
    size_t n = SSL_SESSION_get_master_key(session, key, sizeof key);
    const SSL_CIPHER *cipher = SSL_SESSION_get0_cipher(session);
    unsigned char wrong[64] = { 0 };
    duo *d;

    is_int(SSL_SESSION_set1_master_key(copy, wrong, n), 1, "a wrong secret is accepted");
    d = dial(&w, copy);
    ok(!connected(d), "%s: but does not connect (%s | %s)", version_name(version),
       d->out.client.errors, d->out.server.errors);
    hang_up(d);
    SSL_SESSION_free(copy);
    copy = SSL_SESSION_dup(session);
    SSL_SESSION_set1_master_key(copy, wrong, n);
    SSL_SESSION_set1_master_key(copy, key, n);
    SSL_SESSION_set_cipher(copy, cipher);
    SSL_SESSION_set_protocol_version(copy, version);
    is_int(resumes(&w, copy), 1, "%s: with its own secret it does", version_name(version));
    SSL_SESSION_free(copy);
    SSL_SESSION_free(session);
    world_free(&w);
}

/* What a client does not offer, or a server does not take. */
static void check_not_offered(int version)
{
    const char *name = version_name(version);
    int other = version == TLS1_3_VERSION ? TLS1_2_VERSION : TLS1_3_VERSION;
    world w = resuming_world(version);
    SSL_SESSION *session = obtain(&w), *copy;

    if (version == TLS1_3_VERSION) {
        copy = SSL_SESSION_dup(session);
        SSL_SESSION_set_time(copy, time(NULL) - 2 * 7200);
        is_int(resumes(&w, copy), 0, "%s: too old for its ticket", name);
        SSL_SESSION_set_time(copy, time(NULL) + 100);
        is_int(resumes(&w, copy), 0, "%s: from the future", name);
        SSL_SESSION_set_time(copy, time(NULL));
        is_int(resumes(&w, copy), 1, "%s: in time again", name);
        SSL_SESSION_free(copy);
    }
    copy = SSL_SESSION_dup(session);
    SSL_SESSION_set_timeout(copy, 1);
    SSL_SESSION_set_time(copy, time(NULL) - 100);
    is_int(resumes(&w, copy), 1, "%s: its timeout is not the client's business", name);
    SSL_SESSION_free(copy);
    copy = SSL_SESSION_dup(session);
    SSL_SESSION_set_protocol_version(copy, other);
    is_int(resumes(&w, copy), 0, "%s: of another version", name);
    SSL_SESSION_free(copy);
    copy = SSL_SESSION_new();
    is_int(resumes(&w, copy), 0, "%s: an empty one", name);
    SSL_SESSION_free(copy);
    SSL_CTX_remove_session(w.cctx, session);
    is_int(SSL_SESSION_is_resumable(session), 0, "%s: withdrawn", name);
    is_int(resumes(&w, session), 0, "%s: a withdrawn one", name);
    SSL_SESSION_free(session);
    world_free(&w);
}

/* A connection given up leaves a session that is not resumed; SSL_set_session gives it up too. */
static void check_given_up(int version)
{
    const char *name = version_name(version);
    world w = resuming_world(version);
    duo *d = dial(&w, NULL);
    SSL_SESSION *session = SSL_get1_session(d->c);

    SSL_set_session(d->c, NULL);
    is_int(SSL_SESSION_is_resumable(session), 0, "%s: replaced before the end", name);
    is_ptr(SSL_get_session(d->c), NULL, "%s: and gone", name);
    SSL_SESSION_free(session);
    duo_free(d);
    d = dial(&w, NULL);
    session = SSL_get1_session(d->c);
    SSL_shutdown(d->c);
    SSL_set_session(d->c, NULL);
    is_int(SSL_SESSION_is_resumable(session), 1, "%s: replaced after close_notify", name);
    is_int(resumes(&w, session), 1, "%s: which is resumed", name);
    SSL_SESSION_free(session);
    duo_free(d);
    world_free(&w);
}

/* Takes a reference to a duo's SSL, which is to outlive it and its transport. */
static void let_go(SSL *ssl)
{
    SSL_up_ref(ssl);
    SSL_set_bio(ssl, NULL, NULL);
}

/* SSL_clear keeps the session of an orderly end for the next connection. */
static void check_clear(int version)
{
    world w = resuming_world(version);
    duo *d = dial(&w, NULL), *next;
    SSL *client = d->c;

    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    let_go(client);
    duo_free(d);
    is_int(SSL_clear(client), 1, "%s: cleared", version_name(version));
    next = duo_of(client, SSL_new(w.sctx));
    duo_handshake(next);
    is_int(SSL_session_reused(client), 1, "%s: the cleared connection resumes",
           version_name(version));
    hang_up(next);
    world_free(&w);
}

/* s_client -reconnect: SSL_set_connect_state begins anew without SSL_clear. */
static void check_restart(int version)
{
    const char *name = version_name(version);
    world w = resuming_world(version);
    duo *d = dial(&w, NULL), *next;
    SSL *client = d->c;

    SSL_shutdown(client);
    SSL_shutdown(d->s);
    let_go(client);
    duo_free(d);
    for (int i = 0; i < 2; i++) {
        next = duo_of(client, SSL_new(w.sctx));
        is_int(SSL_in_init(client), 1, "%s: begun again", name);
        SSL_up_ref(client);
        duo_handshake(next);
        ok(connected(next), "%s: connects again (%s | %s)", name, next->out.client.errors,
           next->out.server.errors);
        is_int(SSL_session_reused(client), 1, "%s: resumes", name);
        is_int(SSL_session_reused(next->s), 1, "%s: and the server says so too", name);
        ok(tls_echo(client, next->s), "%s: data passes", name);
        SSL_shutdown(client);
        SSL_shutdown(next->s);
        SSL_set_bio(client, NULL, NULL);
        duo_free(next);
    }
    SSL_free(client);
    world_free(&w);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc == 5)
        return child(atoi(argv[2]), argv[3], atoi(argv[4]));
    for (int i = 0; i < 2; i++) {
        check_many_times(both_versions[i]);
        check_at_once(both_versions[i]);
        check_peers(both_versions[i], 1);
        check_peers(both_versions[i], 0);
        check_other_process(both_versions[i], argv[0]);
        check_by_hand(both_versions[i]);
        check_not_offered(both_versions[i]);
        check_given_up(both_versions[i]);
        check_clear(both_versions[i]);
        check_restart(both_versions[i]);
    }
    return done();
}
