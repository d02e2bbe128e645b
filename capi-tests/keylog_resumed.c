/* SSL_CTX_set_keylog_callback(3): which secrets a resumed TLS 1.3 connection without early data
 * logs; Node.js's tests count them. */
#include "pipe.h"

static int lines[2], early[2];

static void note(int side, const char *line)
{
    lines[side]++;
    early[side] += strncmp(line, "CLIENT_EARLY_TRAFFIC_SECRET", 27) == 0;
}

static void on_client(const SSL *ssl, const char *line)
{
    (void)ssl;
    note(0, line);
}

static void on_server(const SSL *ssl, const char *line)
{
    (void)ssl;
    note(1, line);
}

static SSL_SESSION *connect_with(world *w, SSL_SESSION *session, int reused)
{
    duo *d = duo_new(w, TLS1_3_VERSION);

    memset(lines, 0, sizeof lines);
    if (session != NULL)
        SSL_set_session(d->c, session);
    ok(duo_handshake(d) && tls_echo(d->c, d->s), "connects");
    is_int(SSL_session_reused(d->c), reused, "resumed or not");
    is_int(lines[0], 5, "the client logs five secrets");
    is_int(lines[1], 5, "the server logs five secrets");
    SSL_SESSION_free(session);
    session = SSL_get1_session(d->c);
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    duo_free(d);
    return session;
}

int main(void)
{
    world w = world_make();
    SSL_SESSION *session;

    SSL_CTX_set_keylog_callback(w.cctx, on_client);
    SSL_CTX_set_keylog_callback(w.sctx, on_server);
    session = connect_with(&w, NULL, 0);
    session = connect_with(&w, session, 1);
    is_int(early[0], 0, "none of them the client's for early data");
    is_int(early[1], 0, "nor the server's");
    SSL_SESSION_free(session);
    world_free(&w);
    return done();
}
