/* In what order things go with their last owner, what callbacks that hear of it may still look at,
 * and lists that a connection was given. SSL_free(3), SSL_CTX_free(3), SSL_SESSION_free(3),
 * CRYPTO_get_ex_new_index(3), SSL_set_SSL_CTX(3), SSL_set_tlsext_status_type(3),
 * SSL_CTX_set0_ctlog_store(3), SSL_CTX_set_tlsext_use_srtp(3). */
#include "pipe.h"

#include <openssl/ct.h>
#include <openssl/ocsp.h>
#include <openssl/srtp.h>

static int ssl_index, ctx_index, session_index, store_index;
static char events[256];

static void note(const char *event)
{
    TLS_MUST(strlen(events) + strlen(event) + 2 < sizeof events);
    strcat(events, " ");
    strcat(events, event);
}

static void on_ssl(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    SSL *ssl = parent;

    (void)ad, (void)argl, (void)argp;
    if (ptr == NULL)
        return;
    note("ssl");
    ok(SSL_get_ex_data(ssl, idx) == ptr, "the data of a connection are there while it goes");
    ok(SSL_get_SSL_CTX(ssl) != NULL && SSL_get_rbio(ssl) != NULL, "and context and BIO");
    ok(SSL_get_session(ssl) != NULL && SSL_get0_peer_certificate(ssl) != NULL, "and session");
    ok(SSL_get_certificate(ssl) != NULL, "and certificate");
    SSL_set_ex_data(ssl, idx, NULL);
}

static void on_ctx(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    SSL_CTX *ctx = parent;

    (void)ad, (void)argl, (void)argp;
    if (ptr == NULL)
        return;
    note("ctx");
    ok(SSL_CTX_get_ex_data(ctx, idx) == ptr, "the data of a context are there while it goes");
    ok(SSL_CTX_get_cert_store(ctx) != NULL, "and its store");
    is_int(SSL_CTX_sess_number(ctx), 0, "but no sessions");
    SSL_CTX_set_ex_data(ctx, idx, NULL);
}

static void on_session(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    SSL_SESSION *session = parent;

    (void)ad, (void)argl, (void)argp;
    if (ptr == NULL)
        return;
    note("session");
    ok(SSL_SESSION_get_ex_data(session, idx) == ptr, "the data of a session are there");
    ok(SSL_SESSION_get0_peer(session) != NULL, "and its peer");
    SSL_SESSION_set_ex_data(session, idx, NULL);
}

static void on_other(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    (void)parent, (void)ad, (void)argl, (void)argp;
    if (ptr != NULL)
        note(idx == store_index ? "store" : "?");
}

static void on_remove(SSL_CTX *ctx, SSL_SESSION *session)
{
    (void)ctx, (void)session;
    note("remove");
}

static long on_bio(BIO *bio, int op, const char *bytes, size_t len, int argi, long argl, int ret,
                   size_t *done)
{
    (void)bytes, (void)len, (void)argi, (void)argl, (void)done;
    if (op == BIO_CB_FREE)
        note(BIO_get_callback_arg(bio));
    return ret;
}

static void watch_bio(BIO *bio, char *name)
{
    BIO_set_callback_arg(bio, name);
    BIO_set_callback_ex(bio, on_bio);
}

/* The client has all alone: context, session, store, and two BIOs. */
static void test_order(const world *plain, int version, int orderly)
{
    world w = *plain;
    X509_STORE *store;
    BIO *read_bio;
    duo *d;

    w.cctx = tls_client_ctx(&w.ca);
    store = SSL_CTX_get_cert_store(w.cctx);
    TLS_MUST(SSL_CTX_use_certificate(w.cctx, w.leaf.cert) == 1);
    SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_CLIENT);
    SSL_CTX_sess_set_remove_cb(w.cctx, on_remove);
    d = duo_connected(&w, version);
    events[0] = '\0';
    read_bio = BIO_new(BIO_s_mem());
    watch_bio(SSL_get_wbio(d->c), "wbio");
    watch_bio(read_bio, "rbio");
    if (orderly) {
        SSL_shutdown(d->c);
        SSL_shutdown(d->s);
        SSL_shutdown(d->c);
    }
    SSL_set0_rbio(d->c, read_bio);
    TLS_MUST(SSL_set_ex_data(d->c, ssl_index, events) == 1);
    TLS_MUST(SSL_CTX_set_ex_data(w.cctx, ctx_index, events) == 1);
    TLS_MUST(X509_STORE_set_ex_data(store, store_index, events) == 1);
    TLS_MUST(SSL_SESSION_set_ex_data(SSL_get_session(d->c), session_index, events) == 1);
    SSL_CTX_free(w.cctx);
    SSL_free(d->c);
    same("%s %s:%s", version_name(version), orderly ? "orderly" : "cut off", events);
    d->c = NULL;
    duo_free(d);
}

/* A connection holds the context it is in, and the one it was made from. */
static void test_contexts(void)
{
    SSL_CTX *one = SSL_CTX_new(TLS_method()), *two = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(one);

    events[0] = '\0';
    TLS_MUST(SSL_CTX_set_ex_data(one, ctx_index, events) == 1);
    TLS_MUST(SSL_CTX_set_ex_data(two, ctx_index, events) == 1);
    ok(SSL_set_SSL_CTX(ssl, one) == one, "it is put where it is");
    ok(SSL_set_SSL_CTX(ssl, two) == two, "it moves");
    ok(SSL_set_SSL_CTX(ssl, NULL) == one, "and back");
    ok(SSL_set_SSL_CTX(ssl, two) == two, "and moves again");
    SSL_CTX_free(one);
    SSL_CTX_free(two);
    is_str(events, "", "both contexts live by it");
    ok(SSL_set_SSL_CTX(ssl, NULL) == one, "it goes back");
    is_str(events, " ctx", "and one is gone");
    SSL_free(ssl);
    is_str(events, " ctx ctx", "the other goes with it");
}

/* What a connection asks for with a certificate's status. */
static void test_status(const world *w)
{
    SSL *c = SSL_new(w->cctx), *s = SSL_new(w->sctx), *dup;
    STACK_OF(OCSP_RESPID) *ids = sk_OCSP_RESPID_new_null(), *got = ids;
    STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null(), *got_exts = exts;
    OCSP_RESPID *id = OCSP_RESPID_new();
    duo *d;

    SSL_get_tlsext_status_ids(c, &got);
    SSL_get_tlsext_status_exts(c, &got_exts);
    ok(got == NULL && got_exts == NULL, "nothing is asked for");
    SSL_set_tlsext_status_ids(c, ids);
    SSL_set_tlsext_status_exts(c, exts);
    SSL_get_tlsext_status_ids(c, &got);
    SSL_get_tlsext_status_exts(c, &got_exts);
    ok(got == ids && got_exts == exts, "lists are given up, and lent");
    SSL_set_tlsext_status_ids(c, got);
    TLS_MUST(OCSP_RESPID_set_by_name(id, w->ca.cert) == 1 && sk_OCSP_RESPID_push(ids, id) > 0);
    dup = SSL_dup(c);
    SSL_get_tlsext_status_ids(dup, &got);
    ok(got == NULL, "a copy of the connection has none");
    SSL_free(dup);
    SSL_set_tlsext_status_type(c, TLSEXT_STATUSTYPE_ocsp);
    d = duo_of(c, s);
    ok(duo_handshake(d), "connects");
    SSL_get_tlsext_status_ids(c, &got);
    ok(got == ids, "the client's list stays");
    SSL_get_tlsext_status_ids(s, &got);
    ok(got != ids, "the server's is another");
    is_int(sk_OCSP_RESPID_num(got), 1, "with what the program had added");
    duo_free(d);
}

static void test_logs(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    const CTLOG_STORE *logs = SSL_CTX_get0_ctlog_store(ctx);
    CTLOG_STORE *other = CTLOG_STORE_new();
    SSL *ssl = SSL_new(ctx);

    ok(logs != NULL && SSL_CTX_get0_ctlog_store(ctx) == logs, "a context has logs");
    SSL_CTX_set0_ctlog_store(ctx, other);
    ok(SSL_CTX_get0_ctlog_store(ctx) == other, "or others");
    SSL_CTX_set0_ctlog_store(ctx, NULL);
    ok(SSL_CTX_get0_ctlog_store(ctx) == NULL, "or none");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void test_profiles(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *own = SSL_new(ctx), *other = SSL_new(ctx);
    STACK_OF(SRTP_PROTECTION_PROFILE) *profiles;

    TLS_MUST(SSL_CTX_set_tlsext_use_srtp(ctx, "SRTP_AES128_CM_SHA1_80") == 0);
    profiles = SSL_get_srtp_profiles(other);
    ok(profiles != NULL && SSL_get_srtp_profiles(own) == profiles, "connections have the context's");
    TLS_MUST(SSL_set_tlsext_use_srtp(own, "SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_32") == 0);
    is_int(sk_SRTP_PROTECTION_PROFILE_num(SSL_get_srtp_profiles(own)), 2, "or their own");
    ok(SSL_get_srtp_profiles(other) == profiles, "of which others know nothing");
    SSL_free(own);
    is_int(sk_SRTP_PROTECTION_PROFILE_num(profiles), 1, "the context's are there still");
    SSL_free(other);
    SSL_CTX_free(ctx);
}

int main(void)
{
    world w = world_make();

    ssl_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, on_ssl);
    ctx_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, on_ctx);
    session_index = SSL_SESSION_get_ex_new_index(0, NULL, NULL, NULL, on_session);
    store_index = X509_STORE_get_ex_new_index(0, NULL, NULL, NULL, on_other);
    FOR_VERSIONS(version) {
        test_order(&w, version, 0);
        test_order(&w, version, 1);
    }
    test_contexts();
    test_status(&w);
    test_logs();
    test_profiles();
    world_free(&w);
    return done();
}
