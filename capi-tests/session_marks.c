/* What a server's program keeps on a session (SSL_SESSION_set_ex_data(3)) while it judges the client
 * is there in the ticket callback, in the new-session callback and when all is over: programs keep
 * there whether the client may pass. */
#include "pipe.h"

#define EACH_VERSION(v) for (int v = 0; v < 2; v++)
#define NAME(v) version_name(both_versions[v])

/* `passed` is what each session has from its beginning (stunnel does it so). */
static char passed[] = "passed", failed[] = "failed", kept[] = "kept";
static int mark_index;

static struct {
    SSL_SESSION *judged;
    int judgements, tickets, tickets_marked, tickets_same, sessions, sessions_marked, sessions_current;
    void *wanted;
    int dec_answer;
} seen;

static void begin(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int index, long argl, void *argp)
{
    (void)parent, (void)ptr, (void)argl, (void)argp;
    CRYPTO_set_ex_data(ad, index, passed);
}

static void *mark_of(const SSL_SESSION *session)
{
    return SSL_SESSION_get_ex_data(session, mark_index);
}

static int judge(int preverified, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

    (void)preverified;
    seen.judgements++;
    seen.judged = SSL_get_session(ssl);
    SSL_SESSION_set_ex_data(seen.judged, mark_index, seen.wanted);
    return 1;
}

static int generate(SSL *ssl, void *arg)
{
    SSL_SESSION *session = SSL_get_session(ssl);

    (void)arg;
    seen.tickets_same += session == seen.judged;
    seen.tickets++;
    seen.tickets_marked += mark_of(session) == seen.wanted;
    return 1;
}

static SSL_TICKET_RETURN decrypted(SSL *ssl, SSL_SESSION *session, const unsigned char *name, size_t len,
                                   SSL_TICKET_STATUS status, void *arg)
{
    (void)ssl, (void)name, (void)len, (void)arg;
    if (status == SSL_TICKET_EMPTY || status == SSL_TICKET_NO_DECRYPT)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    SSL_SESSION_set_ex_data(session, mark_index, seen.wanted);
    return seen.dec_answer;
}

static int new_session(SSL *ssl, SSL_SESSION *session)
{
    seen.sessions++;
    seen.sessions_marked += mark_of(session) == seen.wanted;
    seen.sessions_current += SSL_get_session(ssl) == session;
    return 0;
}

typedef struct {
    world w;
    tls_id client;
} scene;

static scene scene_make(int v, int generates, long options)
{
    scene s;

    s.w = world_make();
    s.client = tls_client_leaf(&s.w.ca, "P-256", "client");
    SSL_CTX_use_certificate(s.w.cctx, s.client.cert);
    SSL_CTX_use_PrivateKey(s.w.cctx, s.client.key);
    SSL_CTX_set_max_proto_version(s.w.sctx, both_versions[v]);
    SSL_CTX_set_options(s.w.sctx, options);
    SSL_CTX_set_verify(s.w.sctx, SSL_VERIFY_PEER, judge);
    SSL_CTX_set_session_id_context(s.w.sctx, (const unsigned char *)"m", 1);
    SSL_CTX_sess_set_new_cb(s.w.sctx, new_session);
    if (generates)
        SSL_CTX_set_session_ticket_cb(s.w.sctx, generate, decrypted, NULL);
    memset(&seen, 0, sizeof seen);
    seen.dec_answer = SSL_TICKET_RETURN_USE;
    return s;
}

static void scene_free(scene *s)
{
    tls_id_free(&s->client);
    world_free(&s->w);
}

/* A connection, with its tickets read. */
static duo *dial(const scene *s, SSL_SESSION *session)
{
    duo *d = duo_new(&s->w, 0);
    char byte;

    if (session != NULL)
        SSL_set_session(d->c, session);
    ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    return d;
}

static void one_new_session(int v, int generates, long options, void *mark)
{
    scene s = scene_make(v, generates, options);
    int tls13 = both_versions[v] == TLS1_3_VERSION;
    const char *how = generates ? "with a ticket callback" : "without";
    duo *d;

    seen.wanted = mark;
    d = dial(&s, NULL);
    ok(seen.judgements > 0, "%s, %s, %lx: the client is judged", NAME(v), how, options);
    is_ptr(mark_of(SSL_get_session(d->s)), mark, "%s, %s, %lx: the session has the mark", NAME(v), how, options);
    if (!tls13)
        is_ptr(SSL_get_session(d->s), seen.judged, "%s, %s, %lx: and is the same", NAME(v), how, options);
    is_int(seen.tickets_marked, seen.tickets, "%s, %s, %lx: it is seen where tickets are made", NAME(v), how,
           options);
    is_int(seen.tickets_same, seen.tickets > 0, "%s, %s, %lx: first on the same session", NAME(v), how, options);
    is_int(seen.sessions_marked, seen.sessions, "%s, %s, %lx: the new-session callback sees it", NAME(v), how,
           options);
    is_int(seen.sessions_current, seen.sessions, "%s, %s, %lx: on the current session", NAME(v), how, options);
    if (generates && (tls13 || !options))
        is_int(seen.tickets, tls13 ? 2 : 1, "%s, %lx: tickets", NAME(v), options);
    if (tls13 || options)
        is_int(seen.sessions, tls13 ? 2 : 1, "%s, %s, %lx: new sessions", NAME(v), how, options);
    duo_free(d);
    scene_free(&s);
}

/* What the decrypt callback puts on the session stays, too. */
static void one_resumed(int v, int answer)
{
    scene s = scene_make(v, 1, 0);
    SSL_SESSION *session;
    duo *d;

    d = dial(&s, NULL);
    session = duo_part(d);
    memset(&seen, 0, sizeof seen);
    seen.dec_answer = answer;
    seen.wanted = kept;
    d = dial(&s, session);
    is_int(SSL_session_reused(d->s), 1, "%s, answer %d: resumes", NAME(v), answer);
    is_int(seen.judgements, 0, "%s, answer %d: nobody is judged", NAME(v), answer);
    is_ptr(mark_of(SSL_get_session(d->s)), kept, "%s, answer %d: the session has the mark", NAME(v), answer);
    is_int(seen.tickets, answer == SSL_TICKET_RETURN_USE_RENEW, "%s, answer %d: new tickets", NAME(v), answer);
    is_int(seen.tickets_marked, seen.tickets, "%s, answer %d: made where it is seen", NAME(v), answer);
    is_int(seen.sessions_marked, seen.sessions, "%s, answer %d: the new-session callback sees it", NAME(v), answer);
    SSL_SESSION_free(session);
    duo_free(d);
    scene_free(&s);
}

/* A ticket that replaces another says of the client what that one said. */
static void verdict_renewed(int v)
{
    scene s = scene_make(v, 1, 0);
    SSL_SESSION *session = NULL;
    long verdict = 0;

    for (int i = 0; i < 4; i++) {
        duo *d = dial(&s, session);

        SSL_SESSION_free(session);
        session = SSL_get1_session(d->c);
        is_int(SSL_session_reused(d->s), i > 0, "%s, connection %d: resumed or not", NAME(v), i);
        if (i == 0)
            verdict = SSL_get_verify_result(d->s);
        ok(verdict != X509_V_OK && SSL_get_verify_result(d->s) == verdict,
           "%s, connection %d: the client's certificate is as bad as ever (%ld)", NAME(v), i,
           SSL_get_verify_result(d->s));
        SSL_shutdown(d->c);
        SSL_shutdown(d->s);
        duo_free(d);
        seen.dec_answer = SSL_TICKET_RETURN_USE_RENEW;
    }
    SSL_SESSION_free(session);
    scene_free(&s);
}

int main(void)
{
    mark_index = SSL_SESSION_get_ex_new_index(0, NULL, begin, NULL, NULL);
    EACH_VERSION(v) for (int generates = 0; generates < 2; generates++)
        for (int stateful = 0; stateful < 2; stateful++) {
            one_new_session(v, generates, stateful ? SSL_OP_NO_TICKET : 0, failed);
            one_new_session(v, generates, stateful ? SSL_OP_NO_TICKET : 0, NULL);
        }
    EACH_VERSION(v) {
        one_resumed(v, SSL_TICKET_RETURN_USE);
        one_resumed(v, SSL_TICKET_RETURN_USE_RENEW);
        verdict_renewed(v);
    }
    return done();
}
