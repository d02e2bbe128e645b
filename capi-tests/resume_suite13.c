/* Sessions of TLS 1.3 and the suites that the two sides have this time: what counts is the hash
 * (RFC 8446, section 4.6.1), also where the server asks for a second ClientHello, from which a client
 * leaves out a session that cannot be used any more. */
#include "pipe.h"

#define A128 "TLS_AES_128_GCM_SHA256"
#define A256 "TLS_AES_256_GCM_SHA384"
#define CHACHA "TLS_CHACHA20_POLY1305_SHA256"
#define CCM "TLS_AES_128_CCM_SHA256"

static const char *const lists[] = {
    A128, A256, CHACHA, CCM, A128 ":" A256, A256 ":" A128, CHACHA ":" A128, A256 ":" CHACHA,
    CCM ":" A256 ":" A128,
};
enum { LISTS = sizeof lists / sizeof *lists };

static SSL_SESSION *session_of(const world *w, const char *suite)
{
    duo *d = duo_new(w, TLS1_3_VERSION);
    SSL_SESSION *session;
    char byte;

    TLS_MUST(SSL_set_ciphersuites(d->c, suite) && SSL_set_ciphersuites(d->s, suite));
    TLS_MUST(duo_handshake(d) && SSL_read(d->c, &byte, 1) == -1);
    session = duo_part(d);
    TLS_MUST(session != NULL && SSL_SESSION_is_resumable(session));
    return session;
}

static void resume(const world *w, SSL_SESSION *session, const char *client, const char *server,
                   int retried)
{
    duo *d = duo_new(w, TLS1_3_VERSION);
    const char *suite;

    TLS_MUST(SSL_set_ciphersuites(d->c, client) && SSL_set_ciphersuites(d->s, server));
    TLS_MUST(SSL_set_session(d->c, session));
    if (retried)
        TLS_MUST(SSL_set1_groups_list(d->s, "P-384"));
    duo_handshake(d);
    ok(1, "a trial was made");
    same("%s, %s, retried %d: done %d %d, reused %d %d", client, server, retried,
         d->out.client.done, d->out.server.done, SSL_session_reused(d->c), SSL_session_reused(d->s));
    same("reasons %d %d, alerts %x %x", d->out.client.reason, d->out.server.reason,
         trace_alert(&d->ct, SSL_CB_READ_ALERT, 0), trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0));
    same("still the session that was set %d", SSL_get0_session(d->c) == session);
    if (d->out.server.done == 1) {
        suite = SSL_get_cipher_name(d->c);
        same("%s %s, session's %s", suite, SSL_get_cipher_name(d->s),
             SSL_CIPHER_get_name(SSL_SESSION_get0_cipher(SSL_get0_session(d->c))));
        same("session's, on the server %s",
             SSL_CIPHER_get_name(SSL_SESSION_get0_cipher(SSL_get0_session(d->s))));
        same("data passes %d", tls_echo(d->c, d->s));
    }
    same("the session that was set has %s",
         SSL_CIPHER_get_name(SSL_SESSION_get0_cipher(session)));
    SSL_SESSION_free(duo_part(d));
}

static void check(const char *first, long options)
{
    world w = world_make();

    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"suite", 5);
    SSL_CTX_set_options(w.sctx, options | SSL_OP_CIPHER_SERVER_PREFERENCE);
    for (int client = 0; client < LISTS; client++)
        for (int server = 0; server < LISTS; server++)
            for (int retried = 0; retried < 2; retried++) {
                SSL_SESSION *session = session_of(&w, first);

                resume(&w, session, lists[client], lists[server], retried);
                SSL_SESSION_free(session);
                if (under_valgrind() && (client + server) % 4 != 0)
                    break;
            }
    world_free(&w);
}

int main(void)
{
    check(A128, 0);
    check(A256, 0);
    check(CHACHA, SSL_OP_NO_TICKET);
    return done();
}
