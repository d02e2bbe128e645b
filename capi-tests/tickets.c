/* SSL_CTX_set_tlsext_ticket_keys(3) and SSL_CTX_set_tlsext_ticket_key_evp_cb(3): whose tickets a
 * server takes, and what the callbacks' answers make of a handshake. */
#include "tls.h"

#include <openssl/core_names.h>
#include <openssl/hmac.h>

#define NAME 16

static tls_id ca, leaf;

static SSL_CTX *server_ctx(int version)
{
    SSL_CTX *ctx = tls_server_ctx(&leaf);

    SSL_CTX_set_min_proto_version(ctx, version);
    SSL_CTX_set_max_proto_version(ctx, version);
    /* Tickets alone: a TLS 1.2 session is not to be found by its id. */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    return ctx;
}

static int connect_once(SSL_CTX *cctx, SSL_CTX *sctx, SSL_SESSION *offer, SSL_SESSION **out)
{
    SSL *c = SSL_new(cctx), *s = SSL_new(sctx);
    int reused = -1;

    TLS_MUST(c != NULL && s != NULL);
    tls_join(c, s, TLS_MEM);
    if (offer != NULL)
        SSL_set_session(c, offer);
    if (tls_handshake(c, s, NULL) && tls_echo(c, s)) {
        reused = SSL_session_reused(s);
        if (SSL_session_reused(c) != reused)
            reused = -2;
        if (out != NULL)
            *out = SSL_get1_session(c);
    }
    SSL_shutdown(c);
    SSL_shutdown(s);
    SSL_free(c);
    SSL_free(s);
    return reused;
}

/* Whether a session of `first` is resumed by `second`; -1 if a handshake fails. */
static int resumes(SSL_CTX *first, SSL_CTX *second)
{
    SSL_CTX *cctx = tls_client_ctx(&ca);
    SSL_SESSION *session = NULL;
    int r = connect_once(cctx, first, NULL, &session);

    if (r == 0)
        r = connect_once(cctx, second, session, NULL);
    SSL_SESSION_free(session);
    SSL_CTX_free(cctx);
    return r;
}

static void test_keys(int version, const char *name)
{
    SSL_CTX *one = server_ctx(version), *two = server_ctx(version);
    unsigned char keys[80], other[80];
    SSL_CTX *cctx = tls_client_ctx(&ca);
    SSL_SESSION *session = NULL;
    const unsigned char *ticket;
    size_t len;

    is_int(resumes(one, one), 1, "%s: a context takes its own tickets", name);
    is_int(resumes(one, two), 0, "%s: and not another's", name);
    is_int(SSL_CTX_get_tlsext_ticket_keys(one, keys, sizeof keys), 1, "%s: its keys", name);
    is_int(SSL_CTX_get_tlsext_ticket_keys(one, other, sizeof other), 1, "%s: again", name);
    is_mem(other, keys, sizeof keys, "%s: are the same", name);
    is_int(SSL_CTX_get_tlsext_ticket_keys(two, other, sizeof other), 1, "%s: another's", name);
    ok(memcmp(keys, other, sizeof keys) != 0, "%s: are different", name);
    is_int(resumes(one, one), 1, "%s: its own tickets, keys known", name);
    is_int(resumes(one, two), 0, "%s: different keys do not resume", name);
    is_int(SSL_CTX_set_tlsext_ticket_keys(two, keys, sizeof keys), 1, "%s: share keys", name);
    is_int(resumes(one, two), 1, "%s: shared keys resume", name);
    is_int(resumes(two, one), 1, "%s: in both directions", name);
    keys[NAME] ^= 1;
    SSL_CTX_set_tlsext_ticket_keys(two, keys, sizeof keys);
    is_int(resumes(one, two), 0, "%s: another MAC key does not", name);
    keys[NAME] ^= 1;
    keys[0] ^= 1;
    SSL_CTX_set_tlsext_ticket_keys(two, keys, sizeof keys);
    is_int(resumes(one, two), 0, "%s: nor does another name", name);
    is_int(connect_once(cctx, two, NULL, &session), 0, "%s: a ticket", name);
    SSL_SESSION_get0_ticket(session, &ticket, &len);
    ok(len > 64, "%s: is there", name);
    is_mem(ticket, keys, len > NAME ? NAME : 0, "%s: and begins with the keys' name", name);
    SSL_SESSION_free(session);
    SSL_CTX_free(cctx);
    SSL_CTX_free(one);
    SSL_CTX_free(two);
}

static struct {
    int seal, open;             /* what the callbacks answer */
    int sealed, opened, strange; /* what they saw */
    SSL_CTX *ctx;
} cb;

static const unsigned char cb_key[32] = "sixteen bytes and sixteen more.";
static const unsigned char cb_iv[16] = "an iv of sixteen";

static int answer(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, int enc)
{
    int code = enc ? cb.seal : cb.open;

    if (enc)
        cb.sealed++;
    else
        cb.opened++;
    if (ssl == NULL || SSL_get_SSL_CTX(ssl) != cb.ctx || !SSL_is_server(ssl))
        cb.strange++;
    if (code <= 0)
        return code;
    if (enc) {
        memcpy(name, "the callback's  ", NAME);
        memcpy(iv, cb_iv, sizeof cb_iv);
    } else if (memcmp(name, "the callback's  ", NAME) != 0 || memcmp(iv, cb_iv, 16) != 0) {
        cb.strange++;
    }
    TLS_MUST(EVP_CipherInit_ex(cipher, EVP_aes_128_cbc(), NULL, cb_key, iv, enc) == 1);
    return code;
}

static int evp_cb(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                  EVP_MAC_CTX *mac, int enc)
{
    int code = answer(ssl, name, iv, cipher, enc);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)cb_key, sizeof cb_key),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA384", 0),
        OSSL_PARAM_construct_end(),
    };

    if (code > 0)
        TLS_MUST(EVP_MAC_CTX_set_params(mac, params) == 1);
    return code;
}

static int hmac_cb(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                   HMAC_CTX *mac, int enc)
{
    int code = answer(ssl, name, iv, cipher, enc);

    if (code > 0)
        TLS_MUST(HMAC_Init_ex(mac, cb_key, sizeof cb_key, EVP_sha1(), NULL) == 1);
    return code;
}

static void test_callback(int version, const char *name, int evp)
{
    static const struct {
        int seal, open, reused, opened;
        const char *text;
    } rows[] = {
        { 1, 1, 1, 1, "keys for both" },
        { 1, 2, 1, 1, "a key to be renewed" },
        { 1, 0, 0, 1, "an unknown key" },
        { 0, 1, 0, 0, "no ticket" },
    };
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        SSL_CTX *ctx = server_ctx(version);
        const char *kind = evp ? "EVP_MAC" : "HMAC";

        memset(&cb, 0, sizeof cb);
        cb.seal = rows[i].seal;
        cb.open = rows[i].open;
        cb.ctx = ctx;
        if (evp)
            is_int(SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, evp_cb), 1, "%s set", kind);
        else
            is_int(SSL_CTX_set_tlsext_ticket_key_cb(ctx, hmac_cb), 1, "%s set", kind);
        is_int(resumes(ctx, ctx), rows[i].reused, "%s %s: %s", name, kind, rows[i].text);
        ok(cb.sealed > 0, "%s %s: %s: asked to seal", name, kind, rows[i].text);
        is_int(cb.opened, rows[i].opened, "%s %s: %s: asked to open", name, kind, rows[i].text);
        is_int(cb.strange, 0, "%s %s: %s: the right arguments", name, kind, rows[i].text);
        SSL_CTX_free(ctx);
    }
}

/* The callback with EVP_MAC goes before the one with HMAC; NULL takes it away. */
static void test_both(void)
{
    SSL_CTX *ctx = server_ctx(TLS1_3_VERSION);

    memset(&cb, 0, sizeof cb);
    cb.seal = cb.open = 1;
    cb.ctx = ctx;
    SSL_CTX_set_tlsext_ticket_key_cb(ctx, hmac_cb);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, evp_cb);
    is_int(resumes(ctx, ctx), 1, "both callbacks");
    SSL_CTX_set_tlsext_ticket_key_cb(ctx, NULL);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, NULL);
    memset(&cb, 0, sizeof cb);
    is_int(resumes(ctx, ctx), 1, "and neither");
    is_int(cb.sealed + cb.opened, 0, "is not called");
    SSL_CTX_free(ctx);
}

int main(void)
{
    static const struct {
        int version;
        const char *name;
    } versions[] = { { TLS1_2_VERSION, "TLS 1.2" }, { TLS1_3_VERSION, "TLS 1.3" } };
    size_t i;

    ca = tls_ca("P-256", "tickets CA");
    leaf = tls_leaf(&ca, "P-256", "localhost", "DNS:localhost");
    for (i = 0; i < 2; i++) {
        test_keys(versions[i].version, versions[i].name);
        test_callback(versions[i].version, versions[i].name, 1);
        test_callback(versions[i].version, versions[i].name, 0);
    }
    test_both();
    tls_id_free(&leaf);
    tls_id_free(&ca);
    return done();
}
