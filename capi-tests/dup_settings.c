/* SSL_dup(3): which of an SSL's own settings its duplicate has, by getters and by the effect of a
 * handshake with the duplicate. */
#include "pipe.h"

static world w;
static int msg_calls;

static void on_msg(int write_p, int version, int type, const void *buf, size_t len, SSL *ssl,
                   void *arg)
{
    (void)write_p, (void)version, (void)type, (void)buf, (void)len, (void)ssl;
    msg_calls += arg == &msg_calls;
}

static int on_security(const SSL *s, const SSL_CTX *c, int op, int bits, int nid, void *other,
                       void *ex)
{
    (void)s, (void)c, (void)op, (void)bits, (void)nid, (void)other, (void)ex;
    return 1;
}

static size_t on_padding(SSL *ssl, int type, size_t len, void *arg)
{
    (void)ssl, (void)type, (void)len, (void)arg;
    return 0;
}

static STACK_OF(X509_NAME) *one_name(void)
{
    STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();

    TLS_MUST(sk_X509_NAME_push(names, X509_NAME_dup(X509_get_subject_name(w.leaf.cert))));
    return names;
}

static int chain_length(SSL *ssl)
{
    STACK_OF(X509) *chain = NULL;

    TLS_MUST(SSL_get0_chain_certs(ssl, &chain));
    return chain == NULL ? 0 : sk_X509_num(chain);
}

/* Duplicates `ssl` and frees it. */
static SSL *dup_of(SSL *ssl)
{
    SSL *copy = SSL_dup(ssl);

    TLS_MUST(copy != NULL && copy != ssl);
    SSL_free(ssl);
    return copy;
}

static void test_getters(void)
{
    SSL *ssl = SSL_new(w.sctx), *copy;
    X509_STORE *store = X509_STORE_new(), *seen = NULL;
    int value;

    SSL_set_client_CA_list(ssl, one_name());
    SSL_set0_CA_list(ssl, one_name());
    SSL_set_num_tickets(ssl, 5);
    SSL_set_max_early_data(ssl, 77);
    SSL_set_recv_max_early_data(ssl, 78);
    SSL_set_security_callback(ssl, on_security);
    SSL_set0_security_ex_data(ssl, &value);
    SSL_set_record_padding_callback(ssl, on_padding);
    SSL_set_record_padding_callback_arg(ssl, &value);
    SSL_add1_chain_cert(ssl, w.ca.cert);
    SSL_set1_verify_cert_store(ssl, store);
    SSL_set_tlsext_host_name(ssl, "dup.example");
    SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp);
    SSL_set_cert_flags(ssl, SSL_CERT_FLAG_TLS_STRICT);
    SSL_set_verify_result(ssl, X509_V_ERR_CERT_REVOKED);
    copy = dup_of(ssl);
    is_int(sk_X509_NAME_num(SSL_get_client_CA_list(copy)), 1, "client CA list");
    is_int(sk_X509_NAME_num(SSL_get0_CA_list(copy)), 1, "CA list");
    is_int((long)SSL_get_num_tickets(copy), 2, "the number of tickets is the context's");
    is_int(SSL_get_max_early_data(copy), 0, "max_early_data is the context's");
    is_int(SSL_get_recv_max_early_data(copy), 16384, "recv_max_early_data is the context's");
    is_ptr((void *)SSL_get_security_callback(copy), (void *)on_security, "security callback");
    is_ptr(SSL_get0_security_ex_data(copy), &value, "its data");
    is_ptr(SSL_get_record_padding_callback_arg(copy), NULL, "no argument of the padding callback");
    is_int(chain_length(copy), 1, "chain");
    SSL_get0_verify_cert_store(copy, &seen);
    is_ptr(seen, store, "verify store");
    is_str(SSL_get_servername(copy, TLSEXT_NAMETYPE_host_name), NULL, "no host name");
    is_int(SSL_get_tlsext_status_type(copy), -1, "no status type");
    is_int(SSL_set_cert_flags(copy, 0), SSL_CERT_FLAG_TLS_STRICT, "certificate flags");
    is_int(SSL_get_verify_result(copy), X509_V_OK, "no verify result");
    SSL_free(copy);
    X509_STORE_free(store);
}

static const unsigned char protocols[] = "\2h2";

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *len,
                   const unsigned char *in, unsigned int n, void *arg)
{
    (void)ssl, (void)n, (void)arg;
    *out = in + 1;
    *len = in[0];
    return SSL_TLSEXT_ERR_OK;
}

/* What duplicates of a client and of a server negotiate. */
static void test_negotiated(void)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        SSL *c = SSL_new(w.cctx), *s = SSL_new(w.sctx);
        const unsigned char *alpn, *sid;
        unsigned int alpn_len, sid_len;
        duo *d;
        int nid = 0;

        ssl_only_version(c, version);
        TLS_MUST(SSL_set1_groups_list(c, "P-384"));
        TLS_MUST(SSL_set1_sigalgs_list(c, "ECDSA+SHA256:RSA-PSS+SHA256"));
        TLS_MUST(SSL_set_alpn_protos(c, protocols, 3) == 0);
        SSL_set_tlsext_host_name(c, "dup.example");
        SSL_set_msg_callback(c, on_msg);
        SSL_set_msg_callback_arg(c, &msg_calls);
        SSL_set_session_id_context(s, (const unsigned char *)"dup", 3);
        SSL_set_options(s, SSL_OP_NO_TICKET);
        SSL_CTX_set_alpn_select_cb(w.sctx, on_alpn, NULL);
        msg_calls = 0;
        d = duo_of(dup_of(c), dup_of(s));
        ok(duo_handshake(d), "%s: the duplicates connect (%s|%s)", v, d->out.client.errors,
           d->out.server.errors);
        is_int(SSL_version(d->c), version, "%s: version", v);
        is_int((int)SSL_get_negotiated_group(d->c) == NID_secp384r1, 0,
               "%s: groups are the context's", v);
        SSL_get_peer_signature_nid(d->c, &nid);
        is_int(nid, NID_sha256, "%s: signature algorithms", v);
        SSL_get0_alpn_selected(d->s, &alpn, &alpn_len);
        is_int(alpn_len, 0, "%s: no ALPN", v);
        is_str(SSL_get_servername(d->s, TLSEXT_NAMETYPE_host_name), NULL, "%s: no SNI", v);
        ok(msg_calls > 0, "%s: the message callback is called, with its argument", v);
        sid = SSL_SESSION_get0_id_context(SSL_get_session(d->s), &sid_len);
        is_int(sid_len, 3, "%s: session id context", v);
        is_mem(sid, "dup", sid_len, "%s: its bytes", v);
        duo_free(d);
        SSL_CTX_set_alpn_select_cb(w.sctx, NULL, NULL);
    }
}

/* Parameters are inherited: what the context has set stays. */
static void test_param(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl;

    X509_VERIFY_PARAM_set1_host(SSL_CTX_get0_param(ctx), "context.example", 0);
    ssl = SSL_new(ctx);
    SSL_set1_host(ssl, "own.example");
    X509_VERIFY_PARAM_set_flags(SSL_get0_param(ssl), X509_V_FLAG_PARTIAL_CHAIN);
    SSL_set_verify_depth(ssl, 3);
    ssl = dup_of(ssl);
    is_str(X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 0), "context.example", "host");
    is_int((long)(X509_VERIFY_PARAM_get_flags(SSL_get0_param(ssl)) & X509_V_FLAG_PARTIAL_CHAIN),
           X509_V_FLAG_PARTIAL_CHAIN, "flags are added");
    is_int(SSL_get_verify_depth(ssl), 3, "depth");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void test_session(void)
{
    duo *d = duo_connected(&w, TLS1_2_VERSION);
    SSL_SESSION *session = SSL_get1_session(d->c);
    SSL *ssl = SSL_new(w.cctx), *copy;

    TLS_MUST(SSL_set_session(ssl, session));
    copy = dup_of(ssl);
    is_ptr(SSL_get_session(copy), session, "the session to offer");
    SSL_free(copy);
    SSL_SESSION_free(session);
    duo_free(d);
}

/* Without a side, and in each way a side is set. */
static void test_side(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = dup_of(SSL_new(ctx));

    ERR_clear_error();
    is_int(SSL_do_handshake(ssl), -1, "a duplicate has no side if there was none");
    is_int(ERR_GET_REASON(ERR_peek_error()), SSL_R_CONNECTION_TYPE_NOT_SET, "as the queue says");
    ERR_clear_error();
    SSL_set_connect_state(ssl);
    ssl = dup_of(ssl);
    is_int(SSL_is_server(ssl), 0, "connect state");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* SSL_set_ssl_method's method goes with it. */
static void test_method(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);

    SSL_set_ssl_method(ssl, TLS_client_method());
    ssl = dup_of(ssl);
    is_ptr(SSL_get_ssl_method(ssl), TLS_client_method(), "method");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* The context of a duplicate is the current one. */
static void test_context(void)
{
    SSL_CTX *other = tls_server_ctx(NULL);
    SSL *ssl = SSL_new(w.sctx);

    SSL_set_SSL_CTX(ssl, other);
    ssl = dup_of(ssl);
    is_ptr(SSL_get_SSL_CTX(ssl), other, "context");
    is_ptr(SSL_get_certificate(ssl), NULL, "with its certificates");
    SSL_free(ssl);
    SSL_CTX_free(other);
}

int main(void)
{
    w = world_make();
    test_getters();
    test_negotiated();
    test_param();
    test_session();
    test_side();
    test_method();
    test_context();
    world_free(&w);
    return done();
}
