/* When a server sends tickets, what lifetime they tell, and when the sessions in them end: by the
 * times of the session that was made first, whatever became of the context's timeout since. */
#include "pipe.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <time.h>

#define WEEK (7 * 24 * 60 * 60L)

/* The key callback's answer to a ticket that came; -9: the context's own keys. */
static int verdict = -9;

static int key_callback(SSL *s, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                        EVP_MAC_CTX *mac, int encrypt)
{
    static unsigned char key[32] = "a key of 32 bytes";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key, sizeof key),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0),
        OSSL_PARAM_construct_end(),
    };

    (void)s;
    if (encrypt) {
        memset(name, 7, 16);
        TLS_MUST(RAND_bytes(iv, 16) == 1);
    }
    TLS_MUST(EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key, iv, encrypt) == 1);
    TLS_MUST(EVP_MAC_CTX_set_params(mac, params) == 1);
    return encrypt ? 1 : verdict;
}

static world times_world(void)
{
    world w = world_make();

    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"times", 5);
    if (verdict != -9)
        SSL_CTX_set_tlsext_ticket_key_evp_cb(w.sctx, key_callback);
    return w;
}

/* The tickets and ServerHello extensions seen on the client. */
static int tickets, acknowledged;
static unsigned long lifetimes[8];

static void on_message(int write_p, int version, int type, const void *buf, size_t len, SSL *ssl,
                       void *arg)
{
    const unsigned char *p = buf;

    (void)version, (void)ssl, (void)arg;
    if (!write_p && type == SSL3_RT_HANDSHAKE && p[0] == SSL3_MT_NEWSESSION_TICKET) {
        TLS_MUST(len > 8 && tickets < 8);
        lifetimes[tickets++] = (unsigned long)p[4] << 24 | p[5] << 16 | p[6] << 8 | p[7];
    }
}

static void on_extension(SSL *ssl, int client, int type, const unsigned char *data, int len,
                         void *arg)
{
    (void)ssl, (void)client, (void)data, (void)len, (void)arg;
    acknowledged += type == TLSEXT_TYPE_session_ticket;
}

static duo *dial(const world *w, int version, SSL_SESSION *session)
{
    duo *d = duo_new(w, version);
    char byte;

    tickets = acknowledged = 0;
    SSL_set_msg_callback(d->c, on_message);
    SSL_set_tlsext_debug_callback(d->c, on_extension);
    if (session != NULL)
        TLS_MUST(SSL_set_session(d->c, session) == 1);
    ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    return d;
}

static void tell(const char *when, const duo *d)
{
    SSL_SESSION *session = SSL_get0_session(d->c);

    same("%s: reused %d %d, tickets %d, acknowledged %d", when, SSL_session_reused(d->c),
         SSL_session_reused(d->s), tickets, acknowledged);
    for (int i = 0; i < tickets; i++)
        same("%s: lifetime %lu", when, lifetimes[i]);
    same("%s: session's %lu, timeout %ld, has a ticket %d", when,
         SSL_SESSION_get_ticket_lifetime_hint(session), SSL_SESSION_get_timeout(session),
         SSL_SESSION_has_ticket(session));
    same("%s: server's timeout %ld", when, SSL_SESSION_get_timeout(SSL_get0_session(d->s)));
}

/* What is sent at first, when a session is resumed, and when it is again. */
static void check_sent(int version, long timeout, int answer)
{
    SSL_SESSION *session, *next;
    unsigned char before[4096], after[4096];
    const unsigned char *ticket;
    size_t n, m;
    world w;
    duo *d;

    verdict = answer;
    w = times_world();
    same("-- %s: timeout %ld, answer %d", version_name(version), timeout, answer);
    SSL_CTX_set_timeout(w.sctx, timeout);
    d = dial(&w, version, NULL);
    tell("first", d);
    session = duo_part(d);
    SSL_SESSION_get0_ticket(session, &ticket, &n);
    memcpy(before, ticket, n < sizeof before ? n : 0);
    d = dial(&w, version, session);
    tell("again", d);
    next = duo_part(d);
    SSL_SESSION_get0_ticket(next, &ticket, &m);
    memcpy(after, ticket, m < sizeof after ? m : 0);
    same("the ticket is %s, the session %s", n == m && memcmp(before, after, n) == 0 ? "it" : "new",
         next == session ? "it" : "new");
    d = dial(&w, version, next);
    tell("a third time", d);
    SSL_SESSION_free(duo_part(d));
    SSL_SESSION_free(next);
    SSL_SESSION_free(session);
    world_free(&w);
}

/* The session's own timeout counts, and a resumed session's goes on from when it was made. */
static void check_end(int version, long options)
{
    SSL_SESSION *session, *next;
    world w;
    duo *d;

    verdict = options & SSL_OP_NO_TICKET ? -9 : 2;
    w = times_world();
    same("-- %s: options %lx", version_name(version), options);
    SSL_CTX_set_options(w.sctx, options);
    SSL_CTX_set_timeout(w.sctx, 2);
    session = duo_part(dial(&w, version, NULL));
    SSL_CTX_set_timeout(w.sctx, 1000);
    d = dial(&w, version, session);
    tell("at once", d);
    next = duo_part(d);
    sleep(under_valgrind() ? 6 : 4);
    d = dial(&w, version, session);
    tell("too late", d);
    SSL_SESSION_free(duo_part(d));
    d = dial(&w, version, next);
    tell("too late for the next", d);
    SSL_SESSION_free(duo_part(d));
    SSL_SESSION_free(next);
    SSL_SESSION_free(session);

    session = duo_part(dial(&w, version, NULL));
    SSL_CTX_set_timeout(w.sctx, 1);
    sleep(3);
    d = dial(&w, version, session);
    tell("in time by its own timeout", d);
    SSL_SESSION_free(duo_part(d));
    SSL_SESSION_free(session);
    world_free(&w);
}

static int timeout_set;

static int generate(SSL *ssl, void *arg)
{
    (void)arg;
    SSL_SESSION_set_timeout(SSL_get_session(ssl), timeout_set);
    return 1;
}

/* The program may set the timeout of what goes into a ticket. */
static void check_generated(int version)
{
    SSL_SESSION *session;
    world w;
    duo *d;

    verdict = -9;
    w = times_world();
    same("-- %s: set in the callback", version_name(version));
    SSL_CTX_set_session_ticket_cb(w.sctx, generate, NULL, NULL);
    timeout_set = 77;
    d = dial(&w, version, NULL);
    tell("first", d);
    session = duo_part(d);
    timeout_set = 66;
    d = dial(&w, version, session);
    tell("again", d);
    SSL_SESSION_free(duo_part(d));
    SSL_SESSION_free(session);
    world_free(&w);
}

int main(void)
{
    FOR_VERSIONS(version) {
        for (int answer = 1; answer <= 2; answer++)
            check_sent(version, 300, answer);
        check_sent(version, 300, -9);
        check_sent(version, WEEK + 77, -9);
        check_sent(version, 1L << 32, -9);
        check_sent(version, 0, -9);
        check_end(version, 0);
        check_end(version, SSL_OP_NO_TICKET);
        check_generated(version);
    }
    return done();
}
