/* SSL_CTX_set_keylog_callback(3): which secrets are logged (Node.js's tests count them), in which order;
 * that both sides log the same lines, of the form that Wireshark reads. */
#include "pipe.h"

typedef struct {
    char story[2048], lines[16][512];
    int count;
} log_;

static log_ logs[2];

static void on_line(const SSL *ssl, const char *line)
{
    log_ *l = &logs[SSL_is_server((SSL *)ssl)];
    size_t used = strlen(l->story);

    snprintf(l->story + used, sizeof l->story - used, " %.*s", (int)strcspn(line, " "), line);
    if (l->count < 16)
        snprintf(l->lines[l->count++], sizeof l->lines[0], "%s", line);
}

static int has_line(const log_ *l, const char *line)
{
    for (int i = 0; i < l->count; i++)
        if (strcmp(l->lines[i], line) == 0)
            return 1;
    return 0;
}

/* A line: label, the client's random, and a secret as long as the suite's hash or a master secret. */
static int is_well_formed(SSL *ssl, const char *line, int secret)
{
    unsigned char random[32];
    char expected[65];
    const char *at = strchr(line, ' ');

    SSL_get_client_random(ssl, random, sizeof random);
    for (int i = 0; i < 32; i++)
        sprintf(expected + 2 * i, "%02x", random[i]);
    return at != NULL && strncmp(at + 1, expected, 64) == 0 && at[65] == ' ' && strspn(at + 66, "0123456789abcdef") == (size_t)secret * 2
           && at[66 + 2 * secret] == 0;
}

static void tell(const char *name)
{
    for (int side = 0; side < 2; side++) {
        same("%s, %s:%s", name, side ? "server" : "client", logs[side].story);
        logs[side].story[0] = 0;
    }
}

enum { EARLY = 1, UPDATES = 2 };

/* A connection on which data passes; the session of its client. */
static SSL_SESSION *connection(const char *name, world *w, int version, SSL_SESSION *offered, int how)
{
    duo *d = duo_new(w, version);
    SSL_SESSION *session;
    char byte[64];
    size_t n;
    int hash;

    memset(logs, 0, sizeof logs);
    if (offered != NULL)
        SSL_set_session(d->c, offered);
    if (how & EARLY) {
        SSL_write_early_data(d->c, "early", 5, &n);
        tell(name);
        SSL_read_early_data(d->s, byte, sizeof byte, &n);
        tell(name);
    }
    ok(duo_handshake(d), "%s: connects (%s|%s)", name, d->out.client.errors, d->out.server.errors);
    is_int(SSL_session_reused(d->c), offered != NULL, "%s: resumed or not", name);
    tell(name);
    SSL_read(d->c, byte, 1);
    tell(name);
    if (how & UPDATES) {
        SSL_key_update(d->c, SSL_KEY_UPDATE_REQUESTED);
        ok(tls_echo(d->c, d->s), "%s: data passes", name);
        tell(name);
        SSL_key_update(d->s, SSL_KEY_UPDATE_NOT_REQUESTED);
        ok(tls_echo(d->c, d->s), "%s: and again", name);
        tell(name);
        SSL_key_update(d->c, SSL_KEY_UPDATE_NOT_REQUESTED);
        SSL_key_update(d->s, SSL_KEY_UPDATE_REQUESTED);
        ok(tls_echo(d->c, d->s) && tls_echo(d->c, d->s), "%s: once more", name);
        tell(name);
        /* An answer that is due, but not sent. */
        SSL_key_update(d->c, SSL_KEY_UPDATE_REQUESTED);
        SSL_write(d->c, "x", 1);
        SSL_read(d->s, byte, 1);
        tell(name);
    }
    hash = EVP_MD_get_size(SSL_CIPHER_get_handshake_digest(SSL_get_current_cipher(d->c)));
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < logs[side].count; i++)
            ok(is_well_formed(d->c, logs[side].lines[i], version == TLS1_2_VERSION ? 48 : hash), "%s: %.30s", name, logs[side].lines[i]);
    /* The client knows those of early data that was refused, too. */
    for (int i = 0; i < logs[1].count; i++)
        ok(has_line(&logs[0], logs[1].lines[i]), "%s: %.30s of both", name, logs[1].lines[i]);
    session = duo_part(d);
    ERR_clear_error();
    SSL_SESSION_free(offered);
    return session;
}

/* TLS 1.2 with the suite's name: the master secret is as long with each. */
static void test(int version, const char *suite)
{
    world w = world_make();
    tls_id own = tls_client_leaf(&w.ca, "P-256", "client");
    SSL_SESSION *session;

    SSL_CTX_set_keylog_callback(w.cctx, on_line);
    SSL_CTX_set_keylog_callback(w.sctx, on_line);
    is_ptr(SSL_CTX_get_keylog_callback(w.cctx), on_line, "SSL_CTX_get_keylog_callback");
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"x", 1);
    SSL_CTX_set1_groups_list(w.cctx, "P-256:P-384");
    SSL_CTX_set1_groups_list(w.sctx, "P-256:P-384");
    if (version == TLS1_3_VERSION)
        SSL_CTX_set_ciphersuites(w.cctx, suite);
    else
        SSL_CTX_set_cipher_list(w.cctx, suite);
    SSL_CTX_set_options(w.sctx, SSL_OP_NO_ANTI_REPLAY);
    session = connection("full", &w, version, NULL, 0);
    session = connection("resumed", &w, version, session, 0);
    SSL_SESSION_free(session);
    SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
    session = connection("by id", &w, version, NULL, 0);
    session = connection("by id, resumed", &w, version, session, 0);
    SSL_SESSION_free(session);
    SSL_CTX_clear_options(w.sctx, SSL_OP_NO_TICKET);
    if (version == TLS1_3_VERSION) {
        SSL_CTX_set_max_early_data(w.sctx, 100);
        session = connection("updated", &w, version, NULL, UPDATES);
        session = connection("early data", &w, version, session, EARLY);
        SSL_CTX_set_max_early_data(w.sctx, 0);
        session = connection("early data refused", &w, version, session, EARLY);
        SSL_SESSION_free(session);
        SSL_CTX_set1_groups_list(w.sctx, "P-384");
        session = connection("retried", &w, version, NULL, 0);
        session = connection("retried, resumed", &w, version, session, 0);
        SSL_SESSION_free(session);
        SSL_CTX_set1_groups_list(w.sctx, "P-256");
    }
    SSL_CTX_use_certificate(w.cctx, own.cert);
    SSL_CTX_use_PrivateKey(w.cctx, own.key);
    SSL_CTX_set1_verify_cert_store(w.sctx, SSL_CTX_get_cert_store(w.cctx));
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    session = connection("client certificate", &w, version, NULL, 0);
    SSL_SESSION_free(session);
    tls_id_free(&own);
    world_free(&w);
}

int main(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());

    ok(SSL_CTX_get_keylog_callback(ctx) == NULL, "none at first");
    SSL_CTX_free(ctx);
    test(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256");
    test(TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384");
    test(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256");
    test(TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384");
    return done();
}
