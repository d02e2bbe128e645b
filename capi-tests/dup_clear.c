/* One handle again or copied: SSL_dup(3), SSL_clear(3), SSL_up_ref and SSL_free, and what
 * changes under a handle: SSL_set_SSL_CTX, SSL_set_ssl_method, SSL_copy_session_id. */
#include "pipe.h"

static char ex_value[] = "value";
static int ex_index, ex_freed, ex_duped;

static void on_ex_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl,
                       void *argp)
{
    (void)parent;
    (void)ad;
    (void)idx;
    (void)argl;
    (void)argp;
    ex_freed += ptr == ex_value;
}

static int on_ex_dup(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **from_d, int idx,
                     long argl, void *argp)
{
    (void)to;
    (void)from;
    (void)idx;
    (void)argl;
    (void)argp;
    ex_duped += *from_d == ex_value;
    return 1;
}

static int on_verify(int preverified, X509_STORE_CTX *store)
{
    (void)store;
    return preverified;
}

static int on_password(char *to, int size, int rwflag, void *arg)
{
    (void)to;
    (void)size;
    (void)rwflag;
    (void)arg;
    return 0;
}

static void test_counts(const world *w)
{
    SSL *ssl = SSL_new(w->cctx);

    ex_freed = 0;
    is_int(SSL_set_ex_data(ssl, ex_index, ex_value), 1, "ex data");
    is_int(SSL_up_ref(ssl), 1, "SSL_up_ref");
    is_int(SSL_up_ref(ssl), 1, "once more");
    SSL_free(ssl);
    SSL_free(ssl);
    is_int(ex_freed, 0, "one reference left");
    is_ptr(SSL_get_ex_data(ssl, ex_index), ex_value, "alive");
    SSL_free(ssl);
    is_int(ex_freed, 1, "the last free runs the callback once");
}

static void test_dup_before(const world *w)
{
    SSL *ssl = SSL_new(w->sctx), *copy;
    X509_VERIFY_PARAM *param;
    endpoint e;
    wire none = { 0 };
    BIO *b;

    memset(&e, 0, sizeof e);
    e.in = e.out = &none;
    ex_duped = ex_freed = 0;
    SSL_set_ex_data(ssl, ex_index, ex_value);
    SSL_set_accept_state(ssl);
    SSL_set_options(ssl, SSL_OP_NO_TICKET);
    SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE);
    ssl_only_version(ssl, TLS1_2_VERSION);
    SSL_set_verify(ssl, SSL_VERIFY_PEER, on_verify);
    SSL_set_verify_depth(ssl, 7);
    SSL_set_read_ahead(ssl, 1);
    SSL_set_quiet_shutdown(ssl, 1);
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN);
    SSL_set_info_callback(ssl, trace_info);
    SSL_set_default_passwd_cb(ssl, on_password);
    SSL_set_default_passwd_cb_userdata(ssl, ex_value);
    SSL_set_max_cert_list(ssl, 12345);
    SSL_set_security_level(ssl, 0);
    SSL_set_session_id_context(ssl, (const unsigned char *)"ctx", 3);
    TLS_MUST(SSL_set_cipher_list(ssl, "ECDHE-ECDSA-AES256-GCM-SHA384"));
    SSL_set1_host(ssl, "host.example");
    b = pipe_bio(&e);
    SSL_set_bio(ssl, b, b);

    copy = SSL_dup(ssl);
    ok(copy != NULL && copy != ssl, "a new handle before the handshake");
    if (copy == NULL) {
        SSL_free(ssl);
        return;
    }
    is_ptr(SSL_get_SSL_CTX(copy), SSL_get_SSL_CTX(ssl), "context");
    is_ptr(SSL_get_ssl_method(copy), SSL_get_ssl_method(ssl), "method");
    is_int(SSL_is_server(copy), 1, "role");
    is_int(SSL_get_options(copy), SSL_get_options(ssl), "options");
    is_int(SSL_get_mode(copy), SSL_get_mode(ssl), "mode");
    is_int(SSL_get_min_proto_version(copy), TLS1_2_VERSION, "minimum version");
    is_int(SSL_get_max_proto_version(copy), TLS1_2_VERSION, "maximum version");
    is_int(SSL_get_verify_mode(copy), SSL_VERIFY_PEER, "verify mode");
    is_ptr((void *)SSL_get_verify_callback(copy), (void *)on_verify, "verify callback");
    is_int(SSL_get_verify_depth(copy), 7, "verify depth");
    is_int(SSL_get_read_ahead(copy), 1, "read-ahead");
    is_int(SSL_get_quiet_shutdown(copy), 0, "quiet shutdown is not copied");
    is_int(SSL_get_shutdown(copy), SSL_SENT_SHUTDOWN, "shutdown state");
    is_ptr((void *)SSL_get_info_callback(copy), (void *)trace_info, "info callback");
    is_ptr((void *)SSL_get_default_passwd_cb(copy), (void *)on_password, "password callback");
    is_ptr(SSL_get_default_passwd_cb_userdata(copy), ex_value, "its argument");
    is_int(SSL_get_max_cert_list(copy), 12345, "max_cert_list");
    is_int(SSL_get_security_level(copy), SSL_get_security_level(ssl),
           "security level");
    is_str(SSL_get_cipher_list(copy, 0), SSL_get_cipher_list(ssl, 0), "cipher list");
    ok(SSL_get_certificate(copy) == w->leaf.cert, "certificate");
    ok(SSL_get_privatekey(copy) == w->leaf.key, "key");
    param = SSL_get0_param(copy);
    is_str(X509_VERIFY_PARAM_get0_host(param, 0), "host.example", "verify parameters");
    /* SSL_dup does nothing with the BIOs. */
    is_ptr(SSL_get_rbio(copy), NULL, "no rbio");
    is_ptr(SSL_get_wbio(copy), NULL, "no wbio");
    is_ptr(SSL_get_ex_data(copy, ex_index), ex_value, "ex data");
    is_int(ex_duped, 1, "its dup callback ran");
    is_int(SSL_in_before(copy), 1, "before");
    SSL_free(ssl);
    is_int(e.freed, 1, "the BIO was the first handle's alone");
    is_int(ex_freed, 1, "ex data of the first");
    SSL_free(copy);
    is_int(e.freed, 1, "and is freed once");
    is_int(ex_freed, 2, "ex data of the copy");
}

static void test_dup_started(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_new(w, version);
        SSL *copy;

        SSL_do_handshake(d->c);
        copy = SSL_dup(d->c);
        is_ptr(copy, d->c, "%s: in the handshake: the same handle", version_name(version));
        SSL_free(copy);
        is_int(d->ce.freed, 0, "with one more reference");
        ok(duo_handshake(d), "the handshake goes on");
        copy = SSL_dup(d->c);
        is_ptr(copy, d->c, "%s: connected: the same handle", version_name(version));
        SSL_free(copy);
        ok(tls_echo(d->c, d->s), "alive");
        duo_free(d);
    }
}

/* After SSL_clear both handles serve a second connection. */
static void reuse(duo *d, const char *when)
{
    d->c2s.len = d->s2c.len = 0;
    d->c2s.closed = d->s2c.closed = 0;
    is_int(SSL_clear(d->c), 1, "%s: SSL_clear of the client", when);
    is_int(SSL_clear(d->s), 1, "%s: SSL_clear of the server", when);
    is_int(SSL_in_before(d->c), 1, "%s: before again", when);
    is_int(SSL_get_state(d->c), TLS_ST_BEFORE, "%s: its state", when);
    is_int(SSL_is_server(d->s), 1, "%s: the role is kept", when);
    is_int(SSL_get_shutdown(d->c), 0, "%s: no shutdown bits", when);
    is_int(SSL_pending(d->c), 0, "%s: nothing pending", when);
    ok(SSL_get_rbio(d->c) != NULL && d->ce.freed == 0, "%s: the BIO is kept", when);
    ok(duo_handshake(d), "%s: connects again (%s|%s)", when, d->out.client.errors,
       d->out.server.errors);
    ok(tls_echo(d->c, d->s), "%s: data passes", when);
}

static void test_clear(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        char byte;

        SSL_shutdown(d->c);
        SSL_shutdown(d->s);
        SSL_shutdown(d->c);
        SSL_shutdown(d->s);
        reuse(d, "after a clean end");
        reuse(d, "without shutdown");
        is_int(SSL_session_reused(d->c), 0, "without shutdown: the session was dropped");
        SSL_write(d->c, "x", 1);
        d->c2s.data[d->c2s.len - 1] ^= 1;
        ok(SSL_read(d->s, &byte, 1) <= 0, "a failure");
        ERR_clear_error();
        reuse(d, "after a failure");
        duo_free(d);

        d = duo_new(w, version);
        SSL_do_handshake(d->c);
        SSL_do_handshake(d->s);
        reuse(d, "in the handshake");
        duo_free(d);

        d = duo_new(w, version);
        SSL_do_handshake(d->c);
        d->s2c.closed = 1;
        ok(SSL_do_handshake(d->c) <= 0, "a failed handshake");
        ERR_clear_error();
        reuse(d, "after a failed handshake");
        duo_free(d);
    }
}

static void test_set_ctx(const world *w)
{
    SSL_CTX *other = tls_server_ctx(NULL);
    SSL *ssl = SSL_new(w->sctx);

    is_ptr(SSL_set_SSL_CTX(ssl, w->sctx), w->sctx, "the same context");
    is_ptr(SSL_set_SSL_CTX(ssl, other), other, "another context");
    is_ptr(SSL_get_SSL_CTX(ssl), other, "is the SSL's");
    is_ptr(SSL_get_certificate(ssl), NULL, "certificates are those of the new one");
    is_ptr(SSL_set_SSL_CTX(ssl, NULL), w->sctx, "NULL: the one it was made of");
    ok(SSL_get_certificate(ssl) == w->leaf.cert, "with its certificate");
    SSL_set_SSL_CTX(ssl, other);
    SSL_CTX_free(other);
    is_ptr(SSL_get_SSL_CTX(ssl), other, "the SSL holds a reference");
    SSL_free(ssl);
}

static void test_method_and_role(const world *w)
{
    SSL *ssl = SSL_new(w->cctx);

    is_ptr(SSL_get_ssl_method(ssl), TLS_client_method(), "the context's method");
    is_int(SSL_set_ssl_method(ssl, TLS_method()), 1, "SSL_set_ssl_method");
    is_ptr(SSL_get_ssl_method(ssl), TLS_method(), "another one");
    is_int(SSL_set_ssl_method(ssl, TLS_server_method()), 1, "a server's");
    SSL_set_accept_state(ssl);
    is_int(SSL_is_server(ssl), 1, "accept state");
    SSL_set_connect_state(ssl);
    is_int(SSL_is_server(ssl), 0, "connect state");
    is_int(SSL_in_before(ssl), 1, "nothing has begun");
    SSL_free(ssl);
}

static void test_copy_session_id(const world *w)
{
    duo *d = duo_connected(w, TLS1_2_VERSION);
    SSL *ssl = SSL_new(w->cctx);
    unsigned char id[] = "sid";

    SSL_set_session_id_context(d->c, id, 3);
    is_ptr(SSL_get_session(ssl), NULL, "no session");
    is_int(SSL_copy_session_id(ssl, d->c), 1, "SSL_copy_session_id");
    is_ptr(SSL_get_session(ssl), SSL_get_session(d->c), "the session is shared");
    duo_free(d);
    ok(SSL_SESSION_get_protocol_version(SSL_get_session(ssl)) == TLS1_2_VERSION,
       "and outlives the first handle");
    SSL_free(ssl);
}

int main(void)
{
    world w = world_make();

    ex_index = SSL_get_ex_new_index(0, NULL, NULL, on_ex_dup, on_ex_free);
    test_counts(&w);
    test_dup_before(&w);
    test_dup_started(&w);
    test_clear(&w);
    test_set_ctx(&w);
    test_method_and_role(&w);
    test_copy_session_id(&w);
    world_free(&w);
    return done();
}
