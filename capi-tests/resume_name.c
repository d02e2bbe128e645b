/* Sessions resumed by a client that names another server than at first, or none: whether they are, what
 * SSL_get_servername(3) says on both sides, and which group SSL_get_negotiated_group(3) tells where
 * no keys were exchanged. */
#include "pipe.h"

static int answer;

static int servername(SSL *ssl, int *alert, void *arg)
{
    (void)ssl, (void)alert, (void)arg;
    return answer;
}

static const char *text(const char *name)
{
    return name != NULL ? name : "-";
}

/* rustls acknowledges the name whatever the callback says of it: without OK the client's session has a
 * name that it has not with OpenSSL, and so the names are not compared. */
static void tell(const char *when, duo *d)
{
    if (answer == SSL_TLSEXT_ERR_OK)
        same("%s: client %s, server %s", when,
             text(SSL_get_servername(d->c, TLSEXT_NAMETYPE_host_name)),
             text(SSL_get_servername(d->s, TLSEXT_NAMETYPE_host_name)));
    same("%s: reused %d %d, group %d %d", when, SSL_session_reused(d->c), SSL_session_reused(d->s),
         (int)SSL_get_negotiated_group(d->c), (int)SSL_get_negotiated_group(d->s));
}

static duo *connected(world *w, int version, const char *name, SSL_SESSION *session)
{
    duo *d = duo_new(w, version);
    char byte;

    if (session != NULL)
        TLS_MUST(SSL_set_session(d->c, session));
    if (name != NULL)
        SSL_set_tlsext_host_name(d->c, name);
    if (answer == SSL_TLSEXT_ERR_OK)
        same("before: %s", text(SSL_get_servername(d->c, TLSEXT_NAMETYPE_host_name)));
    ok(duo_handshake(d), "connects (%s|%s)", d->out.client.errors, d->out.server.errors);
    SSL_read(d->c, &byte, 1);
    return d;
}

static void resumes(int version, const char *first, const char *second, int accepts, long options)
{
    world w = world_make();
    SSL_SESSION *session;
    duo *d;

    same("-- %s: %s, then %s, answer %d, options %lx", version_name(version), text(first),
         text(second), accepts, options);
    SSL_CTX_set1_groups_list(w.cctx, "P-384:P-256");
    SSL_CTX_set1_groups_list(w.sctx, "P-384:P-256");
    SSL_CTX_set_options(w.sctx, options);
    answer = accepts;
    if (accepts >= 0)
        SSL_CTX_set_tlsext_servername_callback(w.sctx, servername);
    d = connected(&w, version, first, NULL);
    tell("first", d);
    session = duo_part(d);
    d = connected(&w, version, second, session);
    tell("second", d);
    ok(tls_echo(d->c, d->s), "data passes");
    SSL_SESSION_free(session);
    duo_free(d);
    world_free(&w);
}

/* A session with a client's certificate is one server's alone. */
static void authenticated(int version)
{
    static const unsigned char sid[] = "name";
    world w = world_make();
    tls_id user = tls_client_leaf(&w.ca, "P-256", "user");
    SSL_SESSION *session;
    duo *d;

    TLS_MUST(SSL_CTX_use_certificate(w.cctx, user.cert) == 1
             && SSL_CTX_use_PrivateKey(w.cctx, user.key) == 1);
    TLS_MUST(X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), w.ca.cert));
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_session_id_context(w.sctx, sid, sizeof sid);
    d = connected(&w, version, "one.example", NULL);
    session = duo_part(d);

    d = connected(&w, version, "one.example", session);
    is_int(SSL_session_reused(d->c), 1, "%s: for the same name", version_name(version));
    SSL_SESSION_free(session);
    session = duo_part(d);

    d = connected(&w, version, "two.example", session);
    if (differs("another-name", "the client was judged as that server's"))
        is_int(SSL_session_reused(d->c), 0, "not for another name");
    else
        is_int(SSL_session_reused(d->c), 1, "for another name");
    SSL_SESSION_free(session);
    duo_free(d);
    tls_id_free(&user);
    world_free(&w);
}

/* Before it is told which side it is, a connection answers as a client's. */
static void undecided(int version)
{
    world w = world_make();
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL_SESSION *session;
    SSL *ssl = SSL_new(ctx);
    duo *d;

    answer = SSL_TLSEXT_ERR_OK;
    SSL_CTX_set_tlsext_servername_callback(w.sctx, servername);
    d = connected(&w, version, "one.example", NULL);
    session = SSL_get1_session(d->c);
    duo_free(d);
    TLS_MUST(SSL_set_session(ssl, session));
    same("no side yet: %s", text(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)));
    SSL_set_accept_state(ssl);
    same("a server's: %s", text(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)));
    SSL_free(ssl);
    SSL_SESSION_free(session);
    SSL_CTX_free(ctx);
    world_free(&w);
}

int main(void)
{
    static const char *const names[][2] = {
        { "one.example", "one.example" }, { "one.example", "two.example" },
        { "one.example", NULL },          { NULL, "one.example" },
        { NULL, NULL },                   { "one.example", "ONE.example" },
        { "under_score", "one.example" },
    };
    size_t i;

    FOR_VERSIONS(v) {
        for (i = 0; i < sizeof names / sizeof *names; i++) {
            resumes(v, names[i][0], names[i][1], SSL_TLSEXT_ERR_OK, 0);
            resumes(v, names[i][0], names[i][1], SSL_TLSEXT_ERR_NOACK, 0);
            resumes(v, names[i][0], names[i][1], -1, 0);
            resumes(v, names[i][0], names[i][1], SSL_TLSEXT_ERR_OK, SSL_OP_NO_TICKET);
        }
        authenticated(v);
        undecided(v);
    }
    return done();
}
