/* A context that one thread changes while others make connections from it: settings of every kind,
 * certificates, trust, ticket keys. OpenSSL allows little of that (ssl(7)), so on it only what it
 * locks is changed. Each connection has what was there at one moment; none fails. SSL_new(3),
 * SSL_CTX_set_session_cache_mode(3). */
#include "certs.h"
#include "pipe.h"

#include <pthread.h>
#include <stdatomic.h>

enum { MAKERS = 4, CONNECTORS = 16 };

static world w;
static tls_id other_leaf;
static X509_STORE *other_store;
static SSL_SESSION *shared_session;
static SSL *shared_ssl;
static atomic_int stopping, changes, told;
static int failures[MAKERS + CONNECTORS];
static char first_failure[1100];
static int ctx_index;

static void told_of(const SSL *ssl, int where, int ret)
{
    (void)ssl, (void)where, (void)ret;
    atomic_fetch_add(&told, 1);
}

static void told_of_message(int sent, int version, int type, const void *buf, size_t n, SSL *ssl,
                            void *arg)
{
    (void)sent, (void)version, (void)type, (void)buf, (void)n, (void)ssl, (void)arg;
    atomic_fetch_add(&told, 1);
}

static void told_of_secret(const SSL *ssl, const char *line)
{
    (void)ssl, (void)line;
    atomic_fetch_add(&told, 1);
}

static int verify_as_is(int ok, X509_STORE_CTX *store)
{
    (void)store;
    return ok;
}

static int choose_first(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                        const unsigned char *in, unsigned inlen, void *arg)
{
    (void)ssl, (void)arg;
    *out = in + 1;
    *outlen = in[0];
    return inlen > 1 ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static int accept_hello(SSL *ssl, int *alert, void *arg)
{
    (void)ssl, (void)alert, (void)arg;
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int take_name(SSL *ssl, int *alert, void *arg)
{
    (void)ssl, (void)alert, (void)arg;
    return SSL_TLSEXT_ERR_OK;
}

static int choose_certificate(SSL *ssl, void *arg)
{
    (void)ssl, (void)arg;
    return 1;
}

/* What OpenSSL allows, too. */
static void change_locked(int i)
{
    SSL_CTX_set_timeout(w.sctx, 100 + i % 50);
    SSL_CTX_sess_set_cache_size(w.sctx, 100 + i % 10);
    SSL_CTX_flush_sessions(w.sctx, 0);
    SSL_CTX_sess_number(w.sctx);
    SSL_CTX_add_session(w.sctx, shared_session);
    SSL_CTX_remove_session(w.sctx, shared_session);
}

static void change_certificates(int i)
{
    tls_id *id = i & 1 ? &w.leaf : &other_leaf;

    TLS_MUST(SSL_CTX_use_cert_and_key(w.sctx, id->cert, id->key, NULL, 1) == 1);
    TLS_MUST(SSL_CTX_add1_chain_cert(w.sctx, w.ca.cert) == 1);
    SSL_CTX_clear_chain_certs(w.sctx);
    X509_STORE_up_ref(other_store);
    SSL_CTX_set_cert_store(w.cctx, other_store);
    SSL_CTX_set1_verify_cert_store(w.cctx, i & 1 ? other_store : NULL);
    SSL_CTX_add_client_CA(w.sctx, w.ca.cert);
    SSL_CTX_set_client_CA_list(w.sctx, NULL);
    SSL_CTX_set_verify(w.cctx, SSL_VERIFY_PEER, i & 1 ? verify_as_is : NULL);
    SSL_CTX_set_verify_depth(w.cctx, 3 + i % 5);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(w.cctx), w.ca.cert);
    ERR_clear_error();
}

static void change_negotiation(int i)
{
    static const unsigned char protocols[] = "\2h2\10http/1.1";

    TLS_MUST(SSL_CTX_set_cipher_list(w.cctx, i & 1 ? "ECDHE+AESGCM" : "HIGH") == 1);
    TLS_MUST(SSL_CTX_set_ciphersuites(w.sctx, i & 1 ? "TLS_AES_128_GCM_SHA256:"
                                      "TLS_AES_256_GCM_SHA384" : "TLS_AES_256_GCM_SHA384") == 1);
    TLS_MUST(SSL_CTX_set1_groups_list(w.cctx, i & 1 ? "P-256:X25519" : "X25519:P-256") == 1);
    TLS_MUST(SSL_CTX_set1_sigalgs_list(w.sctx, i & 1 ? "ECDSA+SHA256" : "ECDSA+SHA256:RSA+SHA256"));
    TLS_MUST(SSL_CTX_set_alpn_protos(w.cctx, protocols, i & 1 ? 12 : 3) == 0);
    SSL_CTX_set_alpn_select_cb(w.sctx, i & 1 ? choose_first : NULL, NULL);
    SSL_CTX_set_max_proto_version(w.sctx, i % 3 ? 0 : TLS1_3_VERSION);
    SSL_CTX_set_options(w.sctx, i & 1 ? SSL_OP_CIPHER_SERVER_PREFERENCE : SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_clear_options(w.sctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(w.cctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_security_level(w.cctx, i % 2);
    SSL_CTX_set_max_send_fragment(w.cctx, 4096 + (i % 3) * 1000);
    SSL_CTX_set_read_ahead(w.sctx, i & 1);
    SSL_CTX_set_num_tickets(w.sctx, (size_t)i % 3);
}

static void change_callbacks(int i)
{
    unsigned char keys[80];

    SSL_CTX_set_info_callback(w.sctx, i & 1 ? told_of : NULL);
    SSL_CTX_set_msg_callback(w.cctx, i & 2 ? told_of_message : NULL);
    SSL_CTX_set_keylog_callback(w.sctx, i & 1 ? told_of_secret : NULL);
    SSL_CTX_set_client_hello_cb(w.sctx, i & 1 ? accept_hello : NULL, NULL);
    SSL_CTX_set_tlsext_servername_callback(w.sctx, (i & 2 ? take_name : NULL));
    SSL_CTX_set_cert_cb(w.sctx, i & 1 ? choose_certificate : NULL, NULL);
    SSL_CTX_set_ex_data(w.cctx, ctx_index, i & 1 ? &w : NULL);
    memset(keys, i, sizeof keys);
    TLS_MUST(SSL_CTX_set_tlsext_ticket_keys(w.sctx, keys, sizeof keys) == 1);
    TLS_MUST(SSL_CTX_set_session_id_context(w.sctx, (unsigned char *)(i & 1 ? "a" : "b"), 1) == 1);
    SSL_CTX_set_session_cache_mode(w.sctx, i & 1 ? SSL_SESS_CACHE_SERVER : SSL_SESS_CACHE_BOTH);
    SSL_CTX_set_tlsext_status_type(w.cctx, i & 1 ? TLSEXT_STATUSTYPE_ocsp : -1);
    SSL_CTX_set_quiet_shutdown(w.sctx, 0);
}

static void *change_thread(void *arg)
{
    (void)arg;
    for (int i = 0; !atomic_load(&stopping); i++) {
        change_locked(i);
        if (on_ferrossl()) {
            change_certificates(i);
            change_negotiation(i);
            change_callbacks(i);
        }
        atomic_fetch_add(&changes, 1);
    }
    ERR_clear_error();
    return NULL;
}

static void *make_thread(void *arg)
{
    int self = (int)(long)arg, rounds = under_valgrind() ? 20 : 2000;

    for (int i = 0; i < rounds; i++) {
        SSL *ssl = SSL_new(i & 1 ? w.cctx : w.sctx), *dup = SSL_dup(ssl);
        SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);

        failures[self] += ssl == NULL || dup == NULL || SSL_CTX_up_ref(ctx) != 1;
        SSL_set_options(ssl, SSL_OP_NO_TICKET);
        SSL_get_verify_mode(ssl);
        SSL_get_cipher_list(ssl, 0);
        SSL_CTX_get_ex_data(ctx, ctx_index);
        SSL_CTX_free(ctx);
        SSL_free(dup);
        SSL_free(ssl);
        SSL_up_ref(shared_ssl);
        SSL_SESSION_up_ref(shared_session);
        SSL_SESSION_free(shared_session);
        SSL_free(shared_ssl);
    }
    return NULL;
}

/* Whether the changes are still to be seen in a connection: on a machine that is busy, the threads
 * may take turns too seldom for that. */
static int nobody_told(int rounds)
{
    return on_ferrossl() && !under_valgrind() && atomic_load(&told) == 0 && rounds < 2000;
}

static void *connect_thread(void *arg)
{
    int self = (int)(long)arg, rounds = under_valgrind() ? 1 : 12;

    for (int i = 0; i < rounds || nobody_told(i); i++) {
        duo *d = duo_of(SSL_new(w.cctx), SSL_new(w.sctx));
        SSL_SESSION *session;
        int good;

        if ((self + i) & 1)
            SSL_set_session(d->c, shared_session);
        good = duo_handshake(d) && tls_echo(d->c, d->s);
        session = SSL_get1_session(d->c);
        SSL_SESSION_free(session);
        SSL_shutdown(d->c);
        SSL_shutdown(d->s);
        if (!good && failures[self]++ == 0 && self == MAKERS)
            snprintf(first_failure, sizeof first_failure, "%s|%s", d->out.client.errors,
                     d->out.server.errors);
        duo_free(d);
    }
    ERR_clear_error();
    return NULL;
}

int main(void)
{
    pthread_t threads[MAKERS + CONNECTORS], changing;
    int made = 0, connected = 0;
    duo *d;

    w = world_make();
    ctx_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    other_leaf = tls_leaf(&w.ca, "P-256", "localhost", "DNS:localhost");
    other_store = X509_STORE_new();
    TLS_MUST(X509_STORE_add_cert(other_store, w.ca.cert) == 1);
    SSL_CTX_set_session_id_context(w.sctx, (unsigned char *)"a", 1);
    d = duo_connected(&w, 0);
    shared_session = SSL_get1_session(d->c);
    SSL_shutdown(d->c);
    duo_free(d);
    shared_ssl = SSL_new(w.cctx);

    TLS_MUST(pthread_create(&changing, NULL, change_thread, NULL) == 0);
    for (long i = 0; i < MAKERS + CONNECTORS; i++)
        TLS_MUST(pthread_create(&threads[i], NULL, i < MAKERS ? make_thread : connect_thread,
                                (void *)i) == 0);
    for (int i = 0; i < MAKERS + CONNECTORS; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&stopping, 1);
    pthread_join(changing, NULL);
    for (int i = 0; i < MAKERS + CONNECTORS; i++)
        *(i < MAKERS ? &made : &connected) += failures[i];
    is_int(made, 0, "connections are made, copied and freed");
    is_int(connected, 0, "connections are used (%s)", first_failure);
    ok(atomic_load(&changes) > 0, "while the contexts change");
    ok(!on_ferrossl() || under_valgrind() || atomic_load(&told) > 0, "callbacks are called");

    SSL_free(shared_ssl);
    SSL_SESSION_free(shared_session);
    X509_STORE_free(other_store);
    tls_id_free(&other_leaf);
    world_free(&w);
    return done();
}
