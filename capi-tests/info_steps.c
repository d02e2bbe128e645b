/* Every call of the info callback in a handshake, in order, with the state string at each: both
 * versions, full and resumed, with client certificates and after a HelloRetryRequest. */
#include "pipe.h"
#include "story.h"

static duo *start(world *w, int version, story *c, story *s)
{
    duo *d = duo_new(w, version);

    memset(c, 0, sizeof *c);
    memset(s, 0, sizeof *s);
    SSL_set_app_data(d->c, c);
    SSL_set_app_data(d->s, s);
    SSL_set_info_callback(d->c, tell);
    SSL_set_info_callback(d->s, tell);
    return d;
}

/* Takes one step out. */
static void cut(char *text, const char *step)
{
    char *at = strstr(text, step);

    if (at)
        memmove(at, at + strlen(step), strlen(at + strlen(step)) + 1);
}

/* A handshake; the stories are compared. The session is taken over. */
static void compare(const char *what, world *w, int version, SSL_SESSION **session)
{
    story c, s;
    duo *d = start(w, version, &c, &s);
    char byte;

    SSL_set_tlsext_host_name(d->c, "localhost");
    if (*session)
        SSL_set_session(d->c, *session);
    ok(duo_handshake(d), "%s %s: connects (%s|%s)", what, version_name(version), d->out.client.errors,
       d->out.server.errors);
    is_int(SSL_session_reused(d->c), *session != NULL, "%s: resumed or not", what);
    if (*session != NULL && version == TLS1_2_VERSION
        && differs("new-tickets", "rustls issues tickets anew when it resumes")) {
        cut(c.text, " 1001:1:TRST");
        cut(s.text, " 2001:1:TWST");
    }
    is_int(SSL_get_negotiated_group(d->s), NID_X9_62_prime256v1, "%s: the server's group", what);
    same("%s %s, group %ld, name %s %s", what, version_name(version), (long)SSL_get_negotiated_group(d->c),
         SSL_get_servername(d->c, TLSEXT_NAMETYPE_host_name),
         SSL_get_servername(d->s, TLSEXT_NAMETYPE_host_name) ? "known" : "unknown");
    same("%s %s, client:%s", what, version_name(version), c.text);
    same("%s %s, server:%s", what, version_name(version), s.text);
    memset(&c, 0, sizeof c);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    same("%s %s, tickets:%s", what, version_name(version), c.text);
    SSL_SESSION_free(*session);
    *session = SSL_get1_session(d->c);
    memset(&c, 0, sizeof c);
    memset(&s, 0, sizeof s);
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    same("%s %s, closed:%s |%s", what, version_name(version), c.text, s.text);
    duo_free(d);
}

int main(void)
{
    FOR_VERSIONS(v) {
        world w = world_make();
        tls_id own = tls_client_leaf(&w.ca, "P-256", "client");
        SSL_SESSION *session = NULL;

        SSL_CTX_set1_groups_list(w.cctx, "P-256");
        SSL_CTX_set1_groups_list(w.sctx, "P-256");
        SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"x", 1);
        compare("full", &w, v, &session);
        compare("resumed", &w, v, &session);
        SSL_SESSION_free(session);
        session = NULL;
        SSL_CTX_set_num_tickets(w.sctx, 0);
        compare("no tickets", &w, v, &session);
        SSL_SESSION_free(session);
        session = NULL;
        SSL_CTX_use_certificate(w.cctx, own.cert);
        SSL_CTX_use_PrivateKey(w.cctx, own.key);
        SSL_CTX_set1_verify_cert_store(w.sctx, SSL_CTX_get_cert_store(w.cctx));
        SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        compare("client certificate", &w, v, &session);
        SSL_SESSION_free(session);
        tls_id_free(&own);
        world_free(&w);
    }
    return done();
}
