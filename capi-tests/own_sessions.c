/* Sessions whose references come and go in callbacks, and what is lent of them.
 * SSL_CTX_sess_set_get_cb(3), SSL_CTX_add_session(3), SSL_CTX_set_psk_use_session_callback(3),
 * SSL_set_session(3), SSL_SESSION_set1_id(3), SSL_SESSION_get0_hostname(3),
 * SSL_SESSION_get0_alpn_selected(3), SSL_SESSION_get0_ticket_appdata(3). */
#include "pipe.h"

static int session_freed, session_index;

static void on_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    (void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
    session_freed += ptr != NULL;
}

static void count(SSL_SESSION *session)
{
    TLS_MUST(SSL_SESSION_set_ex_data(session, session_index, &session_freed) == 1);
}

enum { KEEP, GIVE_BACK, REMOVE, REMOVE_KEPT, ADD_AGAIN, WAYS };
static const char *const ways[] = { "kept", "given back", "removed", "removed and kept",
                                    "added again" };
static int way;
static SSL_SESSION *kept;

/* What may be done with a new session. */
static int on_new(SSL *ssl, SSL_SESSION *session)
{
    SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);

    count(session);
    switch (way) {
    case REMOVE:
        is_int(SSL_CTX_remove_session(ctx, session), 1, "it is in the cache");
        return 0;
    case REMOVE_KEPT:
        SSL_CTX_remove_session(ctx, session);
        break;
    case ADD_AGAIN:
        is_int(SSL_CTX_add_session(ctx, session), 0, "it is in the cache already");
        return 0;
    case GIVE_BACK:
        return 0;
    }
    if (kept != NULL)
        return 0;
    kept = session;
    return 1;
}

static int removed;

/* Itself takes a session, and one away that is not there any more. */
static void on_remove(SSL_CTX *ctx, SSL_SESSION *session)
{
    removed++;
    TLS_MUST(SSL_SESSION_up_ref(session) == 1);
    SSL_SESSION_get_ex_data(session, session_index);
    SSL_SESSION_free(session);
    SSL_CTX_get_ex_data(ctx, 0);
}

static void test_new(const world *plain, int version)
{
    for (way = 0; way < WAYS; way++) {
        world w = *plain;
        duo *d;

        w.sctx = tls_server_ctx(&w.leaf);
        SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(w.sctx, 1);
        SSL_CTX_sess_set_new_cb(w.sctx, on_new);
        SSL_CTX_sess_set_remove_cb(w.sctx, on_remove);
        kept = NULL;
        session_freed = removed = 0;
        d = duo_connected(&w, version);
        is_int(SSL_CTX_sess_number(w.sctx), way != REMOVE && way != REMOVE_KEPT,
               "%s: %s", version_name(version), ways[way]);
        ok(SSL_get_session(d->s) != NULL, "the connection has a session");
        SSL_shutdown(d->c);
        SSL_shutdown(d->s);
        duo_free(d);
        is_int(session_freed, way == REMOVE, "it is there while somebody holds it");
        SSL_CTX_free(w.sctx);
        is_int(removed, 1, "the callback hears of its end once");
        is_int(session_freed, kept == NULL, "when the cache is gone, too");
        if (kept != NULL)
            is_int(SSL_SESSION_get_protocol_version(kept), version, "it outlives its context");
        SSL_SESSION_free(kept);
        is_int(session_freed, 1, "and that is all");
    }
}

/* An external cache gives a reference, or lends its own. */
static SSL_SESSION *cached;
static int copies, asked;

static SSL_SESSION *on_get(SSL *ssl, const unsigned char *id, int len, int *copy)
{
    (void)ssl, (void)id, (void)len;
    asked++;
    *copy = copies;
    return cached;
}

static void test_get(const world *plain)
{
    for (copies = 0; copies < 2; copies++) {
        world w = *plain;
        duo *d;
        SSL_SESSION *client;

        w.sctx = tls_server_ctx(&w.leaf);
        SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
        SSL_CTX_set_session_cache_mode(w.sctx, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_get_cb(w.sctx, on_get);
        session_freed = asked = 0;
        cached = NULL;
        d = duo_connected(&w, TLS1_2_VERSION);
        cached = SSL_get1_session(d->s);
        client = duo_part(d);
        count(cached);
        d = duo_new(&w, TLS1_2_VERSION);
        TLS_MUST(SSL_set_session(d->c, client) == 1);
        ok(duo_handshake(d), "connects");
        is_int(asked, 1, "the external cache is asked");
        ok(SSL_session_reused(d->s) && SSL_get_session(d->s) == cached, "and its session used");
        is_int(session_freed, 0, "which lives");
        SSL_shutdown(d->c);
        SSL_shutdown(d->s);
        duo_free(d);
        is_int(session_freed, !copies, "%s", copies ? "with the cache" : "with the connection");
        if (copies)
            SSL_SESSION_free(cached);
        is_int(session_freed, 1, "and no longer");
        SSL_SESSION_free(client);
        SSL_CTX_free(w.sctx);
    }
}

/* External keys are sessions whose references the library takes. */
static SSL_SESSION *key_session(SSL *ssl)
{
    static const unsigned char suite[] = { 0x13, 0x01 }, key[32] = { 7 };
    SSL_SESSION *session = SSL_SESSION_new();

    TLS_MUST(session && SSL_SESSION_set1_master_key(session, key, sizeof key) == 1);
    TLS_MUST(SSL_SESSION_set_cipher(session, SSL_CIPHER_find(ssl, suite)) == 1);
    TLS_MUST(SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION) == 1);
    count(session);
    return session;
}

static int on_use(SSL *ssl, const EVP_MD *md, const unsigned char **id, size_t *len,
                  SSL_SESSION **session)
{
    (void)md;
    *id = (const unsigned char *)"own";
    *len = 3;
    *session = key_session(ssl);
    return 1;
}

static int on_find(SSL *ssl, const unsigned char *id, size_t len, SSL_SESSION **session)
{
    (void)id, (void)len;
    *session = key_session(ssl);
    return 1;
}

static void test_keys(const world *w)
{
    duo *d = duo_new(w, TLS1_3_VERSION);

    session_freed = 0;
    SSL_set_psk_use_session_callback(d->c, on_use);
    SSL_set_psk_find_session_callback(d->s, on_find);
    SSL_set_num_tickets(d->s, 0);
    TLS_MUST(SSL_set_ciphersuites(d->s, "TLS_AES_128_GCM_SHA256") == 1);
    ok(duo_handshake(d), "external keys connect");
    ok(SSL_session_reused(d->c) && SSL_session_reused(d->s), "both sides use them");
    same("freed %d", session_freed);
    SSL_free(d->c);
    same("freed %d", session_freed);
    d->c = NULL;
    duo_free(d);
    same("freed %d", session_freed);
}

/* A session given back to where it comes from. */
static void test_back(const world *w, int version)
{
    duo *d = duo_connected(w, version);
    SSL_SESSION *session;
    SSL *ssl = SSL_new(w->cctx), *other = SSL_new(w->cctx);

    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    session = SSL_get_session(d->c);
    session_freed = 0;
    count(session);
    is_int(SSL_set_session(ssl, session), 1, "%s: a lent session", version_name(version));
    is_int(SSL_copy_session_id(other, ssl), 1, "is copied");
    ok(SSL_get_session(other) == session, "to another connection");
    is_int(SSL_set_session(ssl, SSL_get_session(ssl)), 1, "is set where it is");
    is_int(SSL_copy_session_id(ssl, ssl), 1, "and copied there");
    ok(SSL_get_session(ssl) == session, "and stays");
    duo_free(d);
    SSL_free(ssl);
    is_int(session_freed, 0, "it lives by the last of them");
    is_int(SSL_set_session(other, SSL_get_session(other)), 1, "which sets it again");
    is_int(session_freed, 0, "alone");
    SSL_free(other);
    is_int(session_freed, 1, "and goes with it");
}

/* What is lent of a session stays there while other things are changed; the id and its context are
 * in one place for ever. */
static void test_fields(void)
{
    static const unsigned char bytes[] = "0123456789abcdef0123456789abcdef";
    SSL_SESSION *session = SSL_SESSION_new(), *copy;
    const unsigned char *id, *context, *alpn;
    const char *name;
    void *appdata;
    unsigned len;
    size_t n;

    TLS_MUST(SSL_SESSION_set1_id(session, bytes, 32) == 1);
    TLS_MUST(SSL_SESSION_set1_id_context(session, bytes, 16) == 1);
    TLS_MUST(SSL_SESSION_set1_hostname(session, "name") == 1);
    TLS_MUST(SSL_SESSION_set1_alpn_selected(session, bytes, 2) == 1);
    TLS_MUST(SSL_SESSION_set1_ticket_appdata(session, bytes, 4) == 1);
    id = SSL_SESSION_get_id(session, &len);
    context = SSL_SESSION_get0_id_context(session, &len);
    name = SSL_SESSION_get0_hostname(session);
    SSL_SESSION_get0_alpn_selected(session, &alpn, &n);
    is_int(SSL_SESSION_get0_ticket_appdata(session, &appdata, &n), 1, "data of the program's");
    is_int(SSL_SESSION_set1_id(session, id, 32), 1, "an id is set to itself");
    is_mem(id, bytes, 32, "and is the same");
    is_int(SSL_SESSION_set1_id(session, id + 8, 8), 1, "and to a part of itself");
    ok(SSL_SESSION_get_id(session, &len) == id, "it stays where it is");
    is_int(len, 8, "and is shorter");
    is_mem(id, "89abcdef", 8, "as was said");
    is_int(SSL_SESSION_set1_id_context(session, context, 16), 1, "so is its context");
    ok(SSL_SESSION_get0_id_context(session, &len) == context, "in its place");
    is_int(len, 16, "whole");
    ok(SSL_SESSION_get0_hostname(session) == name, "the name stays");
    copy = SSL_SESSION_dup(session);
    ok(SSL_SESSION_get0_hostname(copy) != name, "a copy has its own");
    TLS_MUST(SSL_SESSION_set1_hostname(copy, "other") == 1);
    is_str(name, "name", "which may be another");
    SSL_SESSION_free(copy);
    is_mem(alpn, bytes, 2, "the protocol is there");
    is_mem(appdata, bytes, 4, "and the program's data");
    SSL_SESSION_free(session);
}

/* The session a ticket is made of is looked at where its callback runs, and afterwards. */
static const char *name_seen;
static const unsigned char *alpn_seen;

static int on_ticket(SSL *ssl, void *arg)
{
    SSL_SESSION *session = SSL_get_session(ssl);
    size_t n;

    (void)arg;
    name_seen = SSL_SESSION_get0_hostname(session);
    SSL_SESSION_get0_alpn_selected(session, &alpn_seen, &n);
    return 1;
}

static int on_name(SSL *ssl, int *alert, void *arg)
{
    (void)ssl, (void)alert, (void)arg;
    return SSL_TLSEXT_ERR_OK;
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                   const unsigned char *in, unsigned inlen, void *arg)
{
    (void)ssl, (void)inlen, (void)arg;
    *out = in + 1;
    *outlen = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static void test_described(const world *plain, int version)
{
    world w = *plain;
    duo *d;
    char byte;

    w.sctx = tls_server_ctx(&w.leaf);
    SSL_CTX_set_session_ticket_cb(w.sctx, on_ticket, NULL, NULL);
    SSL_CTX_set_tlsext_servername_callback(w.sctx, on_name);
    SSL_CTX_set_alpn_select_cb(w.sctx, on_alpn, NULL);
    SSL_CTX_set_num_tickets(w.sctx, 1);
    d = duo_new(&w, version);
    TLS_MUST(SSL_set_tlsext_host_name(d->c, "localhost") == 1);
    TLS_MUST(SSL_set_alpn_protos(d->c, (const unsigned char *)"\2h2", 3) == 0);
    name_seen = NULL;
    ok(duo_handshake(d), "%s: connects", version_name(version));
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    is_str(name_seen, "localhost", "the name the callback saw is there");
    is_mem(alpn_seen, "h2", 2, "and the protocol");
    ok(SSL_SESSION_get0_hostname(SSL_get_session(d->s)) == name_seen, "in the same place");
    duo_free(d);
    SSL_CTX_free(w.sctx);
}

int main(void)
{
    world w = world_make();

    session_index = SSL_SESSION_get_ex_new_index(0, NULL, NULL, NULL, on_free);
    FOR_VERSIONS(version) {
        test_new(&w, version);
        test_back(&w, version);
        test_described(&w, version);
    }
    test_get(&w);
    test_keys(&w);
    test_fields();
    world_free(&w);
    return done();
}
