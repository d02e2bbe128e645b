/* Sessions of TLS 1.2 and what the client offers this time: the suite is the session's whatever the
 * order of preference, and the extended master secret may not come or go (RFC 7627, section 5.3). */
#include "pipe.h"

#define AES "ECDHE-ECDSA-AES128-GCM-SHA256"
#define OTHER "ECDHE-ECDSA-AES256-GCM-SHA384"
#define CHACHA "ECDHE-ECDSA-CHACHA20-POLY1305"

static int tickets;

static void on_message(int write_p, int version, int type, const void *buf, size_t len, SSL *ssl,
                       void *arg)
{
    (void)version, (void)len, (void)ssl, (void)arg;
    if (!write_p && type == SSL3_RT_HANDSHAKE)
        tickets += *(const unsigned char *)buf == SSL3_MT_NEWSESSION_TICKET;
}

static duo *dial(const world *w, SSL_SESSION *session, long options)
{
    duo *d = duo_new(w, TLS1_2_VERSION);

    tickets = 0;
    SSL_set_msg_callback(d->c, on_message);
    SSL_set_options(d->c, options & SSL_OP_NO_EXTENDED_MASTER_SECRET);
    if (session != NULL)
        TLS_MUST(SSL_set_session(d->c, session) == 1);
    duo_handshake(d);
    return d;
}

static void tell(const char *when, const duo *d)
{
    const SSL_SESSION *c = SSL_get0_session(d->c), *s = SSL_get0_session(d->s);

    same("%s: done %d %d, tickets %d", when, d->out.client.done, d->out.server.done, tickets);
    same("%s: reasons %d %d, alerts %x %x", when, d->out.client.reason, d->out.server.reason,
         trace_alert(&d->ct, SSL_CB_READ_ALERT, 0), trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0));
    if (d->out.server.done == 1) {
        same("%s: reused %d %d", when, SSL_session_reused(d->c), SSL_session_reused(d->s));
        same("%s: in use %s %s", when, SSL_get_cipher_name(d->c), SSL_get_cipher_name(d->s));
        same("%s: session's %s %s, extended %ld %ld", when,
             SSL_CIPHER_get_name(SSL_SESSION_get0_cipher(c)),
             SSL_CIPHER_get_name(SSL_SESSION_get0_cipher(s)), SSL_get_extms_support(d->c),
             SSL_get_extms_support(d->s));
    }
}

typedef struct {
    const char *what;
    const char *client[2], *server[2];
    long options[2];
} trial;

#define NO_EMS SSL_OP_NO_EXTENDED_MASTER_SECRET

static const trial trials[] = {
    { "all as before", { AES, AES }, { AES, AES } },
    { "another is preferred", { AES, CHACHA ":" AES }, { AES, CHACHA ":" AES } },
    { "another hash is preferred", { AES, OTHER ":" AES }, { AES, OTHER ":" AES } },
    { "the client has it no more", { AES, CHACHA }, { AES, CHACHA ":" AES } },
    { "extended at first", { AES, AES }, { AES, AES }, { 0, NO_EMS } },
    { "extended then", { AES, AES }, { AES, AES }, { NO_EMS, 0 } },
    { "never extended", { AES, AES }, { AES, AES }, { NO_EMS, NO_EMS } },
    { "not extended, and another preferred", { AES, CHACHA ":" AES }, { AES, CHACHA ":" AES },
      { NO_EMS, 0 } },
};

static void check(const trial *t, long options)
{
    world w = world_make();
    SSL_SESSION *session;
    duo *d;

    same("-- %s, options %lx", t->what, options);
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"suite", 5);
    SSL_CTX_set_options(w.sctx, options | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_cipher_list(w.cctx, t->client[0]);
    SSL_CTX_set_cipher_list(w.sctx, t->server[0]);
    d = dial(&w, NULL, t->options[0]);
    tell("first", d);
    session = duo_part(d);
    SSL_CTX_set_cipher_list(w.cctx, t->client[1]);
    SSL_CTX_set_cipher_list(w.sctx, t->server[1]);
    d = dial(&w, session, t->options[1]);
    tell("again", d);
    if (d->out.server.done == 1) {
        same("hits %ld %ld", SSL_CTX_sess_hits(w.cctx), SSL_CTX_sess_hits(w.sctx));
        ok(tls_echo(d->c, d->s), "data passes");
    }
    SSL_SESSION_free(duo_part(d));
    SSL_SESSION_free(session);
    world_free(&w);
}

/* A server takes what its own options take away as if the client had not sent it. */
static void check_server(long first, long then)
{
    world w = world_make();
    SSL_SESSION *session;
    duo *d;

    same("-- server %lx, then %lx", first, then);
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"suite", 5);
    SSL_CTX_set_options(w.sctx, first);
    session = duo_part(dial(&w, NULL, 0));
    SSL_CTX_clear_options(w.sctx, first);
    SSL_CTX_set_options(w.sctx, then);
    d = dial(&w, session, 0);
    tell("again", d);
    SSL_SESSION_free(duo_part(d));
    SSL_SESSION_free(session);
    world_free(&w);
}

/* A server that has another kind of certificate by now has none for the session's suite. Without a
 * full handshake OpenSSL needs none. */
static void check_other_certificate(void)
{
    world w = world_make();
    tls_id rsa = tls_leaf(&w.ca, "RSA", "localhost", "DNS:localhost");
    SSL_CTX *sctx = tls_server_ctx(&rsa), *own = w.sctx;
    unsigned char keys[80];
    SSL_SESSION *session;
    duo *d;

    TLS_MUST(SSL_CTX_get_tlsext_ticket_keys(own, keys, sizeof keys) == 1);
    TLS_MUST(SSL_CTX_set_tlsext_ticket_keys(sctx, keys, sizeof keys) == 1);
    SSL_CTX_set_session_id_context(own, (const unsigned char *)"suite", 5);
    SSL_CTX_set_session_id_context(sctx, (const unsigned char *)"suite", 5);
    session = duo_part(dial(&w, NULL, 0));
    w.sctx = sctx;
    d = dial(&w, session, 0);
    ok(d->out.client.done == 1 && d->out.server.done == 1, "connects (%s|%s)",
       d->out.client.errors, d->out.server.errors);
    is_int(SSL_session_reused(d->s), 1, "resumed");
    ok(tls_echo(d->c, d->s), "data passes");
    SSL_SESSION_free(duo_part(d));
    SSL_SESSION_free(session);
    w.sctx = own;
    SSL_CTX_free(sctx);
    tls_id_free(&rsa);
    world_free(&w);
}

int main(void)
{
    check_other_certificate();
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        check(&trials[i], 0);
        check(&trials[i], SSL_OP_NO_TICKET);
    }
    check_server(NO_EMS, 0);
    check_server(0, NO_EMS);
    return done();
}
