/* SSL_CTX_set_session_ticket_cb(3) and the callbacks for ticket keys: what each result does to the
 * resumption, to the ticket that follows and to the connection. */
#include "pipe.h"

#include <openssl/core_names.h>
#include <openssl/hmac.h>

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

#define EACH_VERSION(v) for (int v = 0; v < 2; v++)
#define NAME(v) version_name(versions[v])

static struct {
    int gen_calls, dec_calls, gen_answer, dec_answer, status, key_calls, open_answer, seal_answer;
    int appdata_right, saw_session;
    size_t name_len;
} seen;

static int gen(SSL *ssl, void *arg)
{
    seen.gen_calls++;
    if (arg != &seen || SSL_get_session(ssl) == NULL)
        return 0;
    SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), "mine", 4);
    return seen.gen_answer;
}

static SSL_TICKET_RETURN dec(SSL *ssl, SSL_SESSION *session, const unsigned char *name, size_t len,
                             SSL_TICKET_STATUS status, void *arg)
{
    void *data = NULL;
    size_t data_len = 0;

    (void)ssl;
    (void)name;
    seen.dec_calls++;
    seen.status = status;
    seen.name_len = len;
    seen.saw_session = session != NULL;
    if (session != NULL)
        SSL_SESSION_get0_ticket_appdata(session, &data, &data_len);
    seen.appdata_right = data_len == 4 && memcmp(data, "mine", 4) == 0;
    /* Without a ticket there is nothing to use. */
    if (status == SSL_TICKET_EMPTY && seen.dec_answer > SSL_TICKET_RETURN_IGNORE_RENEW)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    return arg == &seen ? seen.dec_answer : SSL_TICKET_RETURN_ABORT;
}

static world ticket_world(int v)
{
    world w = world_make();

    SSL_CTX_set_min_proto_version(w.sctx, versions[v]);
    SSL_CTX_set_max_proto_version(w.sctx, versions[v]);
    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"t", 1);
    memset(&seen, 0, sizeof seen);
    seen.gen_answer = seen.open_answer = seen.seal_answer = 1;
    seen.dec_answer = SSL_TICKET_RETURN_USE;
    return w;
}

static duo *dial(const world *w, SSL_SESSION *session, int *connected)
{
    duo *d = duo_new(w, 0);
    char byte;

    if (session != NULL)
        SSL_set_session(d->c, session);
    *connected = duo_handshake(d);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    return d;
}

static SSL_SESSION *learn(const world *w)
{
    int connected;
    duo *d = dial(w, NULL, &connected);
    SSL_SESSION *session = SSL_get1_session(d->c);

    TLS_MUST(connected);
    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    duo_free(d);
    return session;
}

static void test_application_data(void)
{
    EACH_VERSION(v) {
        world w = ticket_world(v);
        int tls13 = versions[v] == TLS1_3_VERSION, connected;
        SSL_SESSION *session;
        void *data = NULL;
        size_t len = 0;
        duo *d;

        is_int(SSL_CTX_set_session_ticket_cb(w.sctx, gen, dec, &seen), 1, "%s: callbacks are set", NAME(v));
        session = learn(&w);
        is_int(seen.gen_calls, tls13 ? 2 : 1, "%s: each ticket is asked for", NAME(v));
        is_int(seen.dec_calls, tls13 ? 0 : 1, "%s: 1.2 tells of a client without a ticket", NAME(v));
        is_int(seen.status, tls13 ? 0 : SSL_TICKET_EMPTY, "%s: as empty", NAME(v));
        seen.gen_calls = seen.dec_calls = 0;
        d = dial(&w, session, &connected);
        is_int(SSL_session_reused(d->s), 1, "%s: the ticket is used", NAME(v));
        is_int(seen.dec_calls, 1, "%s: the program is asked once", NAME(v));
        is_int(seen.status, tls13 ? SSL_TICKET_SUCCESS_RENEW : SSL_TICKET_SUCCESS, "%s: status", NAME(v));
        is_int(seen.appdata_right, 1, "%s: its data came back", NAME(v));
        is_int((int)seen.name_len, 16, "%s: the key's name is shown", NAME(v));
        is_int(seen.gen_calls, 0, "%s: no new ticket", NAME(v));
        is_int(SSL_SESSION_get0_ticket_appdata(SSL_get_session(d->s), &data, &len), 1, "%s: data", NAME(v));
        is_int((int)len, 4, "%s: the session has it", NAME(v));
        duo_free(d);
        SSL_SESSION_free(session);
        world_free(&w);
    }
}

static void test_verdicts(void)
{
    EACH_VERSION(v) for (int answer = SSL_TICKET_RETURN_ABORT; answer <= SSL_TICKET_RETURN_USE_RENEW + 1; answer++) {
        world w = ticket_world(v);
        int renew = answer == SSL_TICKET_RETURN_IGNORE_RENEW || answer == SSL_TICKET_RETURN_USE_RENEW;
        int use = answer == SSL_TICKET_RETURN_USE || answer == SSL_TICKET_RETURN_USE_RENEW;
        int fatal = answer == SSL_TICKET_RETURN_ABORT || answer > SSL_TICKET_RETURN_USE_RENEW;
        int connected;
        SSL_SESSION *session;
        duo *d;

        SSL_CTX_set_session_cache_mode(w.sctx, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_session_ticket_cb(w.sctx, gen, dec, &seen);
        session = learn(&w);
        seen.gen_calls = 0;
        seen.dec_answer = answer;
        d = dial(&w, session, &connected);
        is_int(connected, !fatal, "%s, answer %d: connects", NAME(v), answer);
        if (fatal) {
            ok(strstr(d->out.server.errors, "internal error") != NULL, "%s, answer %d: says the queue (%s)",
               NAME(v), answer, d->out.server.errors);
            ok(strstr(d->out.client.errors, "alert internal error") != NULL,
               "%s, answer %d: the client is told (%s)", NAME(v), answer, d->out.client.errors);
        } else {
            is_int(SSL_session_reused(d->s), use, "%s, answer %d: resumes", NAME(v), answer);
            ok((seen.gen_calls > 0) == renew, "%s, answer %d: %s ticket (%d)", NAME(v), answer,
               renew ? "a" : "no", seen.gen_calls);
            ok(tls_echo(d->c, d->s), "%s, answer %d: data passes", NAME(v), answer);
        }
        duo_free(d);
        SSL_SESSION_free(session);
        world_free(&w);
    }
}

/* A generate callback that fails ends the connection. */
static void test_generate_fails(void)
{
    EACH_VERSION(v) {
        world w = ticket_world(v);
        int connected;
        duo *d;

        SSL_CTX_set_session_ticket_cb(w.sctx, gen, NULL, &seen);
        seen.gen_answer = 0;
        d = dial(&w, NULL, &connected);
        ok(SSL_get_state(d->s) == TLS_ST_OK ? 0 : 1, "%s: the server does not finish", NAME(v));
        ok(strstr(d->out.server.errors, "internal error") != NULL, "%s: says the queue (%s)", NAME(v),
           d->out.server.errors);
        duo_free(d);
        world_free(&w);
    }
}

static int keys(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
                int sealing)
{
    static unsigned char key[32] = "a key for tickets, 32 bytes long";
    OSSL_PARAM params[] = { OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0), OSSL_PARAM_END };

    (void)ssl;
    seen.key_calls++;
    if (sealing) {
        memset(name, 'n', 16);
        memset(iv, 'i', 16);
        EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key, iv);
    } else {
        EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key, iv);
    }
    EVP_MAC_init(mac, key, 32, params);
    return sealing ? seen.seal_answer : seen.open_answer;
}

static int hmac_keys(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, HMAC_CTX *mac,
                     int sealing)
{
    static unsigned char key[32] = "a key for tickets, 32 bytes long";

    (void)ssl;
    seen.key_calls++;
    if (sealing) {
        memset(name, 'n', 16);
        memset(iv, 'i', 16);
        EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key, iv);
    } else {
        EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key, iv);
    }
    HMAC_Init_ex(mac, key, 32, EVP_sha256(), NULL);
    return sealing ? seen.seal_answer : seen.open_answer;
}

static void set_keys(SSL_CTX *ctx, int hmac)
{
    if (hmac)
        SSL_CTX_set_tlsext_ticket_key_cb(ctx, hmac_keys);
    else
        SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, keys);
}

static void test_opening_keys(void)
{
    EACH_VERSION(v) for (int hmac = 0; hmac < 2; hmac++) for (int answer = -1; answer <= 2; answer++) {
        world w = ticket_world(v);
        const char *kind = hmac ? "HMAC" : "EVP";
        int connected;
        SSL_SESSION *session;
        duo *d;

        SSL_CTX_set_session_cache_mode(w.sctx, SSL_SESS_CACHE_OFF);
        set_keys(w.sctx, hmac);
        session = learn(&w);
        seen.open_answer = answer;
        SSL_CTX_set_session_ticket_cb(w.sctx, gen, NULL, &seen);
        d = dial(&w, session, &connected);
        is_int(connected, answer >= 0, "%s, %s opens with %d: connects", NAME(v), kind, answer);
        if (answer >= 0) {
            is_int(SSL_session_reused(d->s), answer > 0, "%s, %s opens with %d: resumes", NAME(v), kind, answer);
            ok((seen.gen_calls > 0) == (answer != 1), "%s, %s opens with %d: %s ticket", NAME(v), kind,
               answer, answer != 1 ? "a" : "no");
        } else {
            ok(strstr(d->out.server.errors, "internal error") != NULL, "%s, %s opens with %d: fails (%s)",
               NAME(v), kind, answer, d->out.server.errors);
        }
        duo_free(d);
        SSL_SESSION_free(session);
        world_free(&w);
    }
}

static void test_sealing_keys(void)
{
    EACH_VERSION(v) for (int hmac = 0; hmac < 2; hmac++) for (int answer = -1; answer <= 0; answer++) {
        world w = ticket_world(v);
        const char *kind = hmac ? "HMAC" : "EVP";
        int connected;
        duo *d;

        set_keys(w.sctx, hmac);
        seen.seal_answer = answer;
        d = dial(&w, NULL, &connected);
        if (answer == 0) {
            is_int(connected, 1, "%s, %s has no key: connects", NAME(v), kind);
            is_int(SSL_SESSION_has_ticket(SSL_get_session(d->c)), 0, "%s, %s has no key: no ticket", NAME(v), kind);
        } else {
            ok(strstr(d->out.server.errors, "callback failed") != NULL, "%s, %s fails: so does the server (%s)",
               NAME(v), kind, d->out.server.errors);
        }
        duo_free(d);
        world_free(&w);
    }
}

/* Which tickets come with a resumption: one at most, none if none are wanted. */
static int announced;

static int count_new(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    (void)session;
    announced++;
    return 0;
}

static void test_number(void)
{
    for (int stateful = 0; stateful < 2; stateful++) for (int n = 0; n <= 5; n++) {
        world w = ticket_world(1);
        int connected;
        SSL_SESSION *session;
        duo *d;

        if (stateful)
            SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
        session = learn(&w);
        SSL_CTX_set_session_cache_mode(w.cctx, SSL_SESS_CACHE_CLIENT);
        SSL_CTX_sess_set_new_cb(w.cctx, count_new);
        SSL_CTX_set_num_tickets(w.sctx, n);
        announced = 0;
        d = dial(&w, NULL, &connected);
        is_int(announced, n, "%s, %d tickets: that many", stateful ? "stateful" : "stateless", n);
        duo_free(d);
        announced = 0;
        d = dial(&w, session, &connected);
        is_int(SSL_session_reused(d->c), 1, "%d tickets: resumes", n);
        is_int(announced, n > 0, "%d tickets: one when resumed", n);
        duo_free(d);
        SSL_SESSION_free(session);
        world_free(&w);
    }
}

int main(void)
{
    test_application_data();
    test_verdicts();
    test_generate_fails();
    test_opening_keys();
    test_sealing_keys();
    test_number();
    return done();
}
