/* External pre-shared keys with TLS 1.3: SSL_CTX_set_psk_use_session_callback(3),
 * SSL_CTX_set_psk_find_session_callback(3), SSL_CTX_set_psk_client_callback(3) and
 * SSL_CTX_set_psk_server_callback(3): with a certificate and without, keys of every length and
 * hash, names nobody knows, wrong keys, callbacks that fail, early data, and what is resumed
 * afterwards. */
#include "pipe.h"

static world w;

static const unsigned char AES_128[] = { 0x13, 1 }, AES_256[] = { 0x13, 2 };

/* What the callbacks answer, and how often they were asked. */
static struct {
    const char *client_name, *server_name;
    unsigned char client_key[256], server_key[256];
    size_t client_len, server_len;
    const unsigned char *suite;
    int version;
    unsigned early;
    const char *alpn, *client_alpn; /* of the sessions */
    int early_calls;
    int use_answer, find_answer;
    unsigned client_says, server_says; /* instead of a length; 0 for none */
    int use_calls, find_calls, client_calls, server_calls;
    int digest_size;     /* the client was told of last */
    int nothing_again;  /* a client that is asked again fails */
    char asked[80];
    size_t asked_len;
} cb;

static void reset(size_t len)
{
    size_t i;

    memset(&cb, 0, sizeof cb);
    cb.client_name = cb.server_name = "somebody";
    for (i = 0; i < len; i++)
        cb.client_key[i] = cb.server_key[i] = (unsigned char)(i * 7 + 1);
    cb.client_len = cb.server_len = len;
    cb.suite = AES_128;
    cb.version = TLS1_3_VERSION;
    cb.use_answer = cb.find_answer = 1;
}

/* A session that the program keeps, and gives a reference to. */
static SSL_SESSION *kept;
static const void *kept_address; /* copies have others */
static int kept_index, kept_freed;

static void on_kept_freed(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    (void)ptr, (void)ad, (void)idx, (void)argl, (void)argp;
    kept_freed += parent == kept_address;
}

static SSL_SESSION *session_of(SSL *ssl, const unsigned char *key, size_t len)
{
    const SSL_CIPHER *suite = SSL_CIPHER_find(ssl, cb.suite);
    SSL_SESSION *session;

    if (kept != NULL) {
        TLS_MUST(SSL_SESSION_up_ref(kept) == 1);
        return kept;
    }
    session = SSL_SESSION_new();
    TLS_MUST(session && suite && SSL_SESSION_set1_master_key(session, key, len)
             && SSL_SESSION_set_cipher(session, suite)
             && SSL_SESSION_set_protocol_version(session, cb.version)
             && SSL_SESSION_set_max_early_data(session, cb.early));
    if (SSL_is_server(ssl) && cb.alpn != NULL)
        TLS_MUST(SSL_SESSION_set1_alpn_selected(session, (const unsigned char *)cb.alpn,
                                                strlen(cb.alpn)));
    if (!SSL_is_server(ssl) && cb.client_alpn != NULL)
        TLS_MUST(SSL_SESSION_set1_alpn_selected(session, (const unsigned char *)cb.client_alpn,
                                                strlen(cb.client_alpn)));
    return session;
}

static int on_use(SSL *ssl, const EVP_MD *md, const unsigned char **id, size_t *len,
                  SSL_SESSION **session)
{
    cb.use_calls++;
    cb.digest_size = md != NULL ? EVP_MD_get_size(md) : 0;
    *session = NULL;
    if (cb.nothing_again && cb.use_calls > 1)
        return 0;
    if (cb.client_name != NULL) {
        *id = (const unsigned char *)cb.client_name;
        *len = strlen(cb.client_name);
        *session = session_of(ssl, cb.client_key, cb.client_len);
    }
    return cb.use_answer;
}

static int on_find(SSL *ssl, const unsigned char *id, size_t len, SSL_SESSION **session)
{
    cb.find_calls++;
    *session = NULL;
    cb.asked_len = len;
    memcpy(cb.asked, id, len < sizeof cb.asked ? len : sizeof cb.asked);
    if (len == strlen(cb.server_name) && memcmp(id, cb.server_name, len) == 0)
        *session = session_of(ssl, cb.server_key, cb.server_len);
    return cb.find_answer;
}

static unsigned on_client(SSL *ssl, const char *hint, char *identity, unsigned max_identity,
                          unsigned char *psk, unsigned max_psk)
{
    (void)ssl;
    if (cb.client_calls++ == 0)
        same("client is asked: hint %d, %u, %u", hint != NULL, max_identity, max_psk);
    if (cb.client_name == NULL)
        return 0;
    strcpy(identity, cb.client_name);
    memcpy(psk, cb.client_key, cb.client_len);
    return cb.client_says ? cb.client_says : (unsigned)cb.client_len;
}

static unsigned on_server(SSL *ssl, const char *identity, unsigned char *psk, unsigned max_psk)
{
    (void)ssl;
    if (cb.server_calls++ == 0)
        same("server is asked: %s, %u", identity, max_psk);
    if (strcmp(identity, cb.server_name) != 0)
        return 0;
    memcpy(psk, cb.server_key, cb.server_len);
    return cb.server_says ? cb.server_says : (unsigned)cb.server_len;
}

enum { SESSIONS, KEYS };

static duo *prepared(int kind, int with_certificate)
{
    duo *d;

    if (with_certificate) {
        d = duo_new(&w, TLS1_3_VERSION);
    } else {
        SSL_CTX *bare = SSL_CTX_new(TLS_server_method());

        d = duo_of(SSL_new(w.cctx), SSL_new(bare));
        ssl_only_version(d->c, TLS1_3_VERSION);
        SSL_CTX_free(bare);
    }
    if (kind == KEYS)
        TLS_MUST(SSL_set_ciphersuites(d->s, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"));
    if (kind == SESSIONS) {
        SSL_set_psk_use_session_callback(d->c, on_use);
        SSL_set_psk_find_session_callback(d->s, on_find);
    } else {
        SSL_set_psk_client_callback(d->c, on_client);
        SSL_set_psk_server_callback(d->s, on_server);
    }
    return d;
}

static void outcome(duo *d, const char *what)
{
    int ok = duo_handshake(d);

    same("%s: connects %d, reused %d %d, asked %d %d %d %d", what, ok, SSL_session_reused(d->c),
         SSL_session_reused(d->s), cb.use_calls, cb.find_calls, cb.client_calls, cb.server_calls);
    same("%s: suite %s %s", what, SSL_get_cipher_name(d->c), SSL_get_cipher_name(d->s));
    same("%s: client's alert %x, server's %x", what,
         trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0), trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0));
    same("%s: peer %d, results %ld %ld, identity %d", what,
         SSL_get0_peer_certificate(d->c) != NULL, SSL_get_verify_result(d->c),
         ok ? SSL_get_verify_result(d->s) : 0, SSL_get_psk_identity(d->c) != NULL);
    if (ok)
        same("%s: data %d", what, tls_echo(d->c, d->s));
}

static void in_every_way(int kind)
{
    static const size_t lengths[] = { 1, 16, 32, 48, 64, 65, 200 };
    size_t i;
    duo *d;

    for (i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        reset(lengths[i]);
        d = prepared(kind, i & 1);
        outcome(d, "a key of some length");
        duo_free(d);
    }
    reset(32);
    d = prepared(kind, 0);
    cb.server_name = "somebody else";
    outcome(d, "an unknown name, no certificate");
    duo_free(d);
    reset(32);
    d = prepared(kind, 1);
    cb.server_name = "somebody else";
    outcome(d, "an unknown name and a certificate");
    duo_free(d);
    reset(32);
    d = prepared(kind, 1);
    cb.client_name = NULL;
    outcome(d, "nothing to offer");
    duo_free(d);
    reset(32);
    d = prepared(kind, 1);
    cb.server_key[3] ^= 1;
    outcome(d, "another key");
    duo_free(d);
    /* With a certificate the server has chosen another hash; without one it looks at the binder. */
    reset(32);
    d = prepared(kind, 0);
    cb.server_key[3] ^= 1;
    outcome(d, "another key, no certificate");
    same("reason %d, the client's %d", d->out.server.reason, d->out.client.reason);
    duo_free(d);
}

static void callbacks_fail(void)
{
    duo *d;

    reset(32);
    cb.use_answer = 0;
    d = prepared(SESSIONS, 1);
    outcome(d, "the client's fails");
    same("reason %d", tls_ssl_reason());
    duo_free(d);
    reset(32);
    cb.find_answer = 0;
    d = prepared(SESSIONS, 1);
    outcome(d, "the server's fails");
    duo_free(d);
    reset(32);
    cb.version = TLS1_2_VERSION;
    d = prepared(SESSIONS, 1);
    outcome(d, "a session of TLS 1.2");
    duo_free(d);
    reset(32);
    cb.client_says = 513;
    d = prepared(KEYS, 1);
    outcome(d, "a client's key that is too long");
    duo_free(d);
    reset(32);
    cb.server_says = 513;
    d = prepared(KEYS, 1);
    outcome(d, "a server's key that is too long");
    duo_free(d);
}

/* The session is the program's, and what comes of it is resumed with tickets. */
static SSL_SESSION *newest;

static int on_session(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    SSL_SESSION_free(newest);
    newest = session;
    return 1;
}

static void resumed_afterwards(void)
{
    unsigned char got[64];
    duo *d;

    reset(32);
    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(w.cctx, on_session);
    d = prepared(SESSIONS, 1);
    outcome(d, "before");
    SSL_read(d->c, got, 1);
    same("version %x, suite %s, key %d", SSL_SESSION_get_protocol_version(SSL_get_session(d->c)),
         SSL_CIPHER_get_name(SSL_SESSION_get0_cipher(SSL_get_session(d->s))),
         (int)SSL_SESSION_get_master_key(SSL_get_session(d->s), got, sizeof got));
    same("a ticket %d", newest != NULL);
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    duo_free(d);
    d = duo_new(&w, TLS1_3_VERSION);
    TLS_MUST(newest && SSL_set_session(d->c, newest));
    outcome(d, "resumed");
    duo_free(d);
    /* A ticket and a key are both offered; either is taken. */
    d = prepared(SESSIONS, 1);
    TLS_MUST(SSL_set_session(d->c, newest));
    ok(duo_handshake(d), "connects with both");
    same("reused %d", SSL_session_reused(d->c));
    duo_free(d);
    SSL_SESSION_free(newest);
    newest = NULL;
    /* An error left in the queue, SSL_get_error(3) would take for one of what comes next. */
    for (int kind = SESSIONS; kind <= KEYS; kind++) {
        reset(32);
        d = prepared(kind, 1);
        TLS_MUST(SSL_set_ciphersuites(d->s, "TLS_AES_128_GCM_SHA256"));
        outcome(d, "the key first");
        SSL_read(d->c, got, 1);
        SSL_SESSION_free(duo_part(d));
        for (int i = 0; i < 3; i++) {
            d = prepared(kind, 1);
            TLS_MUST(newest && SSL_set_session(d->c, newest)
                     && SSL_set_ciphersuites(d->s, "TLS_AES_128_GCM_SHA256"));
            SSL_do_handshake(d->c);
            SSL_do_handshake(d->s);
            same("then the ticket: %d", SSL_do_handshake(d->c));
            same("reused %d, in the queue %lx", SSL_session_reused(d->c), ERR_peek_error());
            SSL_do_handshake(d->s);
            outcome(d, "then the ticket");
            if (i > 0) /* the next time not to be resumed */
                duo_free(d);
            else
                SSL_SESSION_free(duo_part(d));
        }
        SSL_SESSION_free(newest);
        newest = NULL;
    }
    SSL_CTX_sess_set_new_cb(w.cctx, NULL);
    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_OFF);
}

static int tickets;

static int on_count(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    (void)session;
    tickets++;
    return 0;
}

static void with_sha384(void)
{
    char byte;
    duo *d;
    int i;

    reset(48);
    cb.suite = AES_256;
    d = prepared(SESSIONS, 0);
    outcome(d, "SHA-384");
    duo_free(d);
    /* A server that chooses another hash cannot use it. */
    reset(32);
    d = prepared(SESSIONS, 1);
    TLS_MUST(SSL_set_ciphersuites(d->s, "TLS_AES_256_GCM_SHA384"));
    outcome(d, "another hash");
    duo_free(d);
    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(w.cctx, on_count);
    for (i = 0; i < 2; i++) {
        reset(32);
        d = prepared(SESSIONS, 1);
        TLS_MUST(SSL_set_ciphersuites(d->s, i ? "TLS_AES_256_GCM_SHA384" : "TLS_AES_128_GCM_SHA256"));
        tickets = 0;
        ok(duo_handshake(d), "connects with that hash or another");
        SSL_read(d->c, &byte, 1);
        same("reused %d, tickets %d", SSL_session_reused(d->c), tickets);
        duo_free(d);
    }
    SSL_CTX_sess_set_new_cb(w.cctx, NULL);
    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_OFF);
}

/* The server wants another group, and the client says hello again: all are asked again. */
static void after_a_retry(int kind, int with_certificate)
{
    duo *d;

    reset(48);
    cb.suite = AES_256;
    d = prepared(kind, with_certificate);
    TLS_MUST(SSL_set1_groups_list(d->s, "P-384"));
    outcome(d, "after a HelloRetryRequest");
    same("digest of %d", cb.digest_size);
    duo_free(d);
    if (kind != SESSIONS)
        return;

    /* A server that chooses another hash in it. */
    reset(32);
    d = prepared(kind, with_certificate);
    TLS_MUST(SSL_set1_groups_list(d->s, "P-384")
             && SSL_set_ciphersuites(d->s, "TLS_AES_256_GCM_SHA384"));
    outcome(d, "another hash after a HelloRetryRequest");
    same("digest of %d", cb.digest_size);
    duo_free(d);

    reset(48);
    cb.suite = AES_256;
    cb.nothing_again = 1;
    d = prepared(kind, with_certificate);
    TLS_MUST(SSL_set1_groups_list(d->s, "P-384"));
    outcome(d, "fails after a HelloRetryRequest");
    same("error %s", ERR_reason_error_string(ERR_peek_error()));
    ERR_clear_error();
    duo_free(d);
}

/* Many connections offer and find one session, which is the program's until it frees it. */
static void with_one_session(void)
{
    static const char *const names[] = { "somebody", "nobody" };
    SSL_SESSION *session;

    reset(32);
    kept_index = SSL_SESSION_get_ex_new_index(0, NULL, NULL, NULL, on_kept_freed);
    for (int again = 0; again < 3; again++) {
        duo *d = prepared(SESSIONS, 1);

        if (kept == NULL) {
            kept_address = kept = session_of(d->c, cb.client_key, 32);
            TLS_MUST(SSL_SESSION_set_ex_data(kept, kept_index, &kept) == 1);
        }
        cb.server_name = names[again == 1];
        outcome(d, "a session that is kept");
        duo_free(d);
        is_int(kept_freed, 0, "it lives");
        is_int(SSL_SESSION_get_protocol_version(kept), TLS1_3_VERSION, "as it was");
    }
    session = kept;
    kept = NULL;
    SSL_SESSION_free(session);
    is_int(kept_freed, 1, "and goes with the program's reference");
}

static int on_early(SSL *ssl, void *arg)
{
    (void)ssl;
    (void)arg;
    cb.early_calls++;
    return 1;
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *len,
                   const unsigned char *in, unsigned in_len, void *arg)
{
    (void)ssl;
    (void)in_len;
    (void)arg;
    *out = in + 1;
    *len = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static void early_data(const char *alpn, const char *client_alpn)
{
    char got[16];
    size_t n = 0;
    duo *d;
    int result;

    reset(32);
    cb.early = 1000;
    cb.alpn = alpn;
    cb.client_alpn = client_alpn;
    d = prepared(SESSIONS, 1);
    SSL_set_allow_early_data_cb(d->s, on_early, NULL);
    if (alpn != NULL) {
        TLS_MUST(SSL_set_alpn_protos(d->c, (const unsigned char *)"\2h2\2h3", 6) == 0);
        SSL_CTX_set_alpn_select_cb(w.sctx, on_alpn, NULL);
    }
    SSL_set_max_early_data(d->s, 1000);
    TLS_MUST(SSL_set_ciphersuites(d->s, "TLS_AES_128_GCM_SHA256"));
    same("written early %d", SSL_write_early_data(d->c, "early", 5, &n));
    same("%zu", n);
    result = SSL_read_early_data(d->s, got, sizeof got, &n);
    same("read early %d, %zu", result, n);
    same("the client goes on %d", SSL_do_handshake(d->c));
    same("client's error %s", ERR_reason_error_string(ERR_peek_error()));
    if (ERR_peek_error() != 0) {
        ERR_clear_error();
        duo_free(d);
        SSL_CTX_set_alpn_select_cb(w.sctx, NULL, NULL);
        return;
    }
    result = SSL_read_early_data(d->s, got, sizeof got, &n);
    same("read early %d, %zu", result, n);
    outcome(d, "early data");
    same("status %d %d", SSL_get_early_data_status(d->c), SSL_get_early_data_status(d->s));
    same("asked whether it may %d", cb.early_calls);
    SSL_CTX_set_alpn_select_cb(w.sctx, NULL, NULL);
    duo_free(d);
}

int main(void)
{
    w = world_make();
    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_OFF);
    in_every_way(SESSIONS);
    in_every_way(KEYS);
    callbacks_fail();
    with_sha384();
    after_a_retry(SESSIONS, 1);
    after_a_retry(KEYS, 0);
    with_one_session();
    early_data(NULL, NULL);
    early_data("h2", "h2");
    /* A server takes early data of another protocol than it chooses, as the client sees it. */
    early_data("h2", "h3");
    early_data("h3", "h2");
    early_data("h3", "h3");
    resumed_afterwards();
    world_free(&w);
    return done();
}
