/* SSL_new(3): what a new SSL takes from its context, and that each is then on its own. One table
 * of settings that can be read back drives it: set on the context, it is seen on a new SSL; set on
 * the SSL, the context is unchanged; set on the context later, the SSL is unchanged. */
#include "certs.h"

#include <stdint.h>

/* A value as the table has it: a number, or a pointer as one. */
typedef intptr_t value;

static tls_id id_a, id_b;
static STACK_OF(X509_NAME) *names_a, *names_b;

/* For each setting NAME: ctx_set_NAME, ctx_get_NAME, ssl_set_NAME, ssl_get_NAME. */
#define PAIR(name, ctx_set, ctx_get, ssl_set, ssl_get)                               \
    static void ctx_set_##name(SSL_CTX *o, value v) { ctx_set; }                     \
    static value ctx_get_##name(SSL_CTX *o) { return (value)(ctx_get); }             \
    static void ssl_set_##name(SSL *o, value v) { ssl_set; }                         \
    static value ssl_get_##name(SSL *o) { return (value)(ssl_get); }

/* The usual case: SSL_CTX_set_X(o, v), SSL_CTX_get_X(o), and the same of SSL. */
#define PLAIN(x, type)                                                               \
    PAIR(x, SSL_CTX_set_##x(o, (type)v), SSL_CTX_get_##x(o), SSL_set_##x(o, (type)v), \
         SSL_get_##x(o))

PAIR(options, SSL_CTX_clear_options(o, ~(uint64_t)0); SSL_CTX_set_options(o, (uint64_t)v),
     SSL_CTX_get_options(o), SSL_clear_options(o, ~(uint64_t)0);
     SSL_set_options(o, (uint64_t)v), SSL_get_options(o))
PAIR(mode, SSL_CTX_clear_mode(o, 0xffff); SSL_CTX_set_mode(o, v), SSL_CTX_get_mode(o),
     SSL_clear_mode(o, 0xffff); SSL_set_mode(o, v), SSL_get_mode(o))
PLAIN(min_proto_version, int)
PLAIN(max_proto_version, int)
PLAIN(quiet_shutdown, int)
PLAIN(read_ahead, int)
PLAIN(max_cert_list, long)
PLAIN(num_tickets, size_t)
PLAIN(max_early_data, uint32_t)
PLAIN(recv_max_early_data, uint32_t)
PLAIN(verify_depth, int)
PLAIN(security_level, int)
PLAIN(default_passwd_cb_userdata, void *)

static int verify_a(int preverify, X509_STORE_CTX *x)
{
    (void)x;
    return preverify;
}

static int verify_b(int preverify, X509_STORE_CTX *x)
{
    (void)x;
    return !preverify;
}

PAIR(verify_mode, SSL_CTX_set_verify(o, (int)v, SSL_CTX_get_verify_callback(o)),
     SSL_CTX_get_verify_mode(o), SSL_set_verify(o, (int)v, NULL), SSL_get_verify_mode(o))
PAIR(verify_callback,
     SSL_CTX_set_verify(o, SSL_CTX_get_verify_mode(o), (SSL_verify_cb)v),
     SSL_CTX_get_verify_callback(o), SSL_set_verify(o, SSL_get_verify_mode(o), (SSL_verify_cb)v),
     SSL_get_verify_callback(o))

static int passwd_a(char *buf, int size, int rw, void *arg)
{
    (void)buf, (void)size, (void)rw, (void)arg;
    return 0;
}

static int passwd_b(char *buf, int size, int rw, void *arg)
{
    (void)buf, (void)size, (void)rw, (void)arg;
    return 1;
}

PAIR(default_passwd_cb, SSL_CTX_set_default_passwd_cb(o, (pem_password_cb *)v),
     SSL_CTX_get_default_passwd_cb(o), SSL_set_default_passwd_cb(o, (pem_password_cb *)v),
     SSL_get_default_passwd_cb(o))

typedef int (*security_fn)(const SSL *, const SSL_CTX *, int, int, int, void *, void *);

static int security_a(const SSL *s, const SSL_CTX *c, int op, int bits, int nid, void *other,
                      void *ex)
{
    (void)s, (void)c, (void)op, (void)bits, (void)nid, (void)other, (void)ex;
    return 1;
}

static int security_b(const SSL *s, const SSL_CTX *c, int op, int bits, int nid, void *other,
                      void *ex)
{
    (void)s, (void)c, (void)op, (void)nid, (void)other, (void)ex;
    return bits > 0;
}

PAIR(security_callback, SSL_CTX_set_security_callback(o, (security_fn)v),
     SSL_CTX_get_security_callback(o), SSL_set_security_callback(o, (security_fn)v),
     SSL_get_security_callback(o))
PAIR(security_ex_data, SSL_CTX_set0_security_ex_data(o, (void *)v),
     SSL_CTX_get0_security_ex_data(o), SSL_set0_security_ex_data(o, (void *)v),
     SSL_get0_security_ex_data(o))
PAIR(record_padding_arg, SSL_CTX_set_record_padding_callback_arg(o, (void *)v),
     SSL_CTX_get_record_padding_callback_arg(o), SSL_set_record_padding_callback_arg(o, (void *)v),
     SSL_get_record_padding_callback_arg(o))
PAIR(status_type, SSL_CTX_set_tlsext_status_type(o, v), SSL_CTX_get_tlsext_status_type(o),
     SSL_set_tlsext_status_type(o, v), SSL_get_tlsext_status_type(o))
PAIR(cert_flags, SSL_CTX_clear_cert_flags(o, ~0); SSL_CTX_set_cert_flags(o, v),
     SSL_CTX_set_cert_flags(o, 0), SSL_clear_cert_flags(o, ~0); SSL_set_cert_flags(o, v),
     SSL_set_cert_flags(o, 0))
PAIR(dane_flags, SSL_CTX_dane_clear_flags(o, ~0UL); SSL_CTX_dane_set_flags(o, v),
     SSL_CTX_dane_set_flags(o, 0), SSL_dane_clear_flags(o, ~0UL); SSL_dane_set_flags(o, v),
     SSL_dane_set_flags(o, 0))

/* X509_VERIFY_PARAM: one number, one flag word, one time. */
PAIR(param_depth, X509_VERIFY_PARAM_set_depth(SSL_CTX_get0_param(o), (int)v),
     X509_VERIFY_PARAM_get_depth(SSL_CTX_get0_param(o)),
     X509_VERIFY_PARAM_set_depth(SSL_get0_param(o), (int)v),
     X509_VERIFY_PARAM_get_depth(SSL_get0_param(o)))
PAIR(param_flags,
     X509_VERIFY_PARAM_clear_flags(SSL_CTX_get0_param(o), ~0UL);
     X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(o), (unsigned long)v),
     X509_VERIFY_PARAM_get_flags(SSL_CTX_get0_param(o)),
     X509_VERIFY_PARAM_clear_flags(SSL_get0_param(o), ~0UL);
     X509_VERIFY_PARAM_set_flags(SSL_get0_param(o), (unsigned long)v),
     X509_VERIFY_PARAM_get_flags(SSL_get0_param(o)))
PAIR(param_time, X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(o), v),
     X509_VERIFY_PARAM_get_time(SSL_CTX_get0_param(o)),
     X509_VERIFY_PARAM_set_time(SSL_get0_param(o), v),
     X509_VERIFY_PARAM_get_time(SSL_get0_param(o)))

/* The host of a parameter, by its first letter. */
static const char *const hosts[] = { "a.example", "b.example" };

static value host_number(X509_VERIFY_PARAM *param)
{
    char *host = X509_VERIFY_PARAM_get0_host(param, 0);

    return host == NULL ? -1 : host[0] - 'a';
}

PAIR(param_host, X509_VERIFY_PARAM_set1_host(SSL_CTX_get0_param(o), hosts[v], 0),
     host_number(SSL_CTX_get0_param(o)), SSL_set1_host(o, hosts[v]),
     host_number(SSL_get0_param(o)))

/* The first TLS 1.2 suite and the first of TLS 1.3 by number: 0 for AES-128, 1 for AES-256. */
static const char *const suites12[] = { "ECDHE-RSA-AES128-GCM-SHA256",
                                        "ECDHE-RSA-AES256-GCM-SHA384" };
static const char *const suites13[] = { "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384" };

static value suite_number(STACK_OF(SSL_CIPHER) *sk, const char *const *names)
{
    int i, n;

    for (i = 0; i < sk_SSL_CIPHER_num(sk); i++)
        for (n = 0; n < 2; n++)
            if (strcmp(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(sk, i)), names[n]) == 0)
                return n;
    return -1;
}

PAIR(cipher_list, SSL_CTX_set_cipher_list(o, suites12[v]),
     suite_number(SSL_CTX_get_ciphers(o), suites12), SSL_set_cipher_list(o, suites12[v]),
     suite_number(SSL_get_ciphers(o), suites12))
PAIR(ciphersuites, SSL_CTX_set_ciphersuites(o, suites13[v]),
     suite_number(SSL_CTX_get_ciphers(o), suites13), SSL_set_ciphersuites(o, suites13[v]),
     suite_number(SSL_get_ciphers(o), suites13))

PAIR(certificate, SSL_CTX_use_certificate(o, (X509 *)v), SSL_CTX_get0_certificate(o),
     SSL_use_certificate(o, (X509 *)v), SSL_get_certificate(o))
PAIR(private_key, SSL_CTX_use_PrivateKey(o, (EVP_PKEY *)v), SSL_CTX_get0_privatekey(o),
     SSL_use_PrivateKey(o, (EVP_PKEY *)v), SSL_get_privatekey(o))

/* The only certificate of a chain. */
static value in_chain(STACK_OF(X509) *chain)
{
    return (value)sk_X509_value(chain, 0);
}

static STACK_OF(X509) *ctx_chain(SSL_CTX *o)
{
    STACK_OF(X509) *chain = NULL;

    SSL_CTX_get0_chain_certs(o, &chain);
    return chain;
}

static STACK_OF(X509) *ssl_chain(SSL *o)
{
    STACK_OF(X509) *chain = NULL;

    SSL_get0_chain_certs(o, &chain);
    return chain;
}

PAIR(chain, SSL_CTX_clear_chain_certs(o); SSL_CTX_add1_chain_cert(o, (X509 *)v),
     in_chain(ctx_chain(o)), SSL_clear_chain_certs(o); SSL_add1_chain_cert(o, (X509 *)v),
     in_chain(ssl_chain(o)))

static X509_STORE *ctx_verify_store(SSL_CTX *o)
{
    X509_STORE *store = NULL;

    SSL_CTX_get0_verify_cert_store(o, &store);
    return store;
}

static X509_STORE *ssl_verify_store(SSL *o)
{
    X509_STORE *store = NULL;

    SSL_get0_verify_cert_store(o, &store);
    return store;
}

PAIR(verify_cert_store, SSL_CTX_set1_verify_cert_store(o, (X509_STORE *)v), ctx_verify_store(o),
     SSL_set1_verify_cert_store(o, (X509_STORE *)v), ssl_verify_store(o))

/* Settings an SSL shows as its context's until it has its own: a later change of the context is
 * seen, unlike the others. */
PAIR(client_CA_list, SSL_CTX_set_client_CA_list(o, SSL_dup_CA_list((STACK_OF(X509_NAME) *)v)),
     sk_X509_NAME_num(SSL_CTX_get_client_CA_list(o)),
     SSL_set_client_CA_list(o, SSL_dup_CA_list((STACK_OF(X509_NAME) *)v)),
     sk_X509_NAME_num(SSL_get_client_CA_list(o)))

PAIR(CA_list, SSL_CTX_set0_CA_list(o, SSL_dup_CA_list((STACK_OF(X509_NAME) *)v)),
     sk_X509_NAME_num(SSL_CTX_get0_CA_list(o)),
     SSL_set0_CA_list(o, SSL_dup_CA_list((STACK_OF(X509_NAME) *)v)),
     sk_X509_NAME_num(SSL_get0_CA_list(o)))

enum kind {
    OWN,    /* the SSL has a copy of its own from SSL_new on */
    SHOWN,  /* the SSL shows the context's until it is given its own */
    ALONE,  /* not inherited */
};

struct row {
    const char *name;
    enum kind kind;
    void (*ctx_set)(SSL_CTX *, value);
    value (*ctx_get)(SSL_CTX *);
    void (*ssl_set)(SSL *, value);
    value (*ssl_get)(SSL *);
    value a, b;   /* what is set */
    value ga, gb; /* what the getters then say */
};

#define ROW_AS(name, kind, a, b, ga, gb)                                             \
    { #name, kind, ctx_set_##name, ctx_get_##name, ssl_set_##name, ssl_get_##name,    \
      (value)(a), (value)(b), (value)(ga), (value)(gb) }
#define ROW(name, kind, a, b) ROW_AS(name, kind, a, b, a, b)

static void test_row(const struct row *row)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl, *second;
    value fresh = row->ctx_get(ctx);

    /* Set on the context: seen on a new SSL. */
    row->ctx_set(ctx, row->a);
    is_int(row->ctx_get(ctx), row->ga, "%s: set on the context", row->name);
    ssl = SSL_new(ctx);
    if (row->kind == ALONE)
        is_int(row->ssl_get(ssl), fresh, "%s: not inherited", row->name);
    else
        is_int(row->ssl_get(ssl), row->ga, "%s: inherited", row->name);

    /* Set on the context later: an existing SSL is unchanged. */
    row->ctx_set(ctx, row->b);
    is_int(row->ctx_get(ctx), row->gb, "%s: set on the context later", row->name);
    is_int(row->ssl_get(ssl),
           row->kind == SHOWN ? row->gb : row->kind == ALONE ? fresh : row->ga,
           "%s: the SSL %s", row->name, row->kind == SHOWN ? "follows" : "is unchanged");
    second = SSL_new(ctx);
    if (row->kind != ALONE)
        is_int(row->ssl_get(second), row->gb, "%s: the next SSL has it", row->name);

    /* Set on the SSL: the context and other SSLs are unchanged. */
    row->ssl_set(second, row->a);
    is_int(row->ssl_get(second), row->ga, "%s: set on the SSL", row->name);
    is_int(row->ctx_get(ctx), row->gb, "%s: the context is unchanged", row->name);
    SSL_free(second);
    second = SSL_new(ctx);
    if (row->kind != ALONE)
        is_int(row->ssl_get(second), row->gb, "%s: another SSL is unchanged", row->name);

    /* Its own from then on, whichever kind. */
    row->ssl_set(ssl, row->b);
    row->ctx_set(ctx, row->a);
    is_int(row->ssl_get(ssl), row->gb, "%s: its own stays", row->name);
    SSL_free(ssl);
    SSL_free(second);
    SSL_CTX_free(ctx);
    ERR_clear_error();
}

/* What is seen on the wire or by an effect, not by a getter. */
static void test_alpn(void)
{
    static const unsigned char h2[] = "\2h2", http[] = "\10http/1.1";
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX *copy;
    SSL *ssl;
    BIO *out = BIO_new(BIO_s_mem());
    char *bytes;
    long n;

    SSL_CTX_set_alpn_protos(ctx, h2, sizeof h2 - 1);
    ssl = SSL_new(ctx);
    SSL_CTX_set_alpn_protos(ctx, http, sizeof http - 1);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
    SSL_set_connect_state(ssl);
    SSL_do_handshake(ssl);
    n = BIO_get_mem_data(out, &bytes);
    ok(n > 0 && memmem(bytes, (size_t)n, "\0\3\2h2", 5) != NULL, "the context's list is sent");
    ok(n > 0 && memmem(bytes, (size_t)n, "http/1.1", 8) == NULL, "its later one is not");
    SSL_free(ssl);

    /* The context itself is kept by the SSL. */
    ssl = SSL_new(ctx);
    copy = ctx;
    SSL_CTX_free(ctx);
    is_ptr(SSL_get_SSL_CTX(ssl), copy, "the context lives as long as its SSL");
    is_int(SSL_get_options(ssl), SSL_CTX_get_options(copy), "and can be asked");
    SSL_free(ssl);
    ERR_clear_error();
}

/* SSL_set_SSL_CTX moves certificates, and settings stay. */
static void test_other_context(void)
{
    SSL_CTX *first = tls_server_ctx(&id_a), *second = tls_server_ctx(&id_b);
    X509_STORE *store = X509_STORE_new(), *chain_store = NULL;
    SSL *ssl;

    SSL_CTX_set_options(second, SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(second, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_max_proto_version(second, TLS1_2_VERSION);
    SSL_CTX_set_verify(second, SSL_VERIFY_PEER, verify_a);
    SSL_CTX_set_security_level(second, 3);
    SSL_CTX_set_security_callback(second, security_b);
    SSL_CTX_set0_security_ex_data(second, second);
    SSL_CTX_set_cert_flags(second, SSL_CERT_FLAG_TLS_STRICT);
    SSL_CTX_set1_verify_cert_store(second, store);
    SSL_CTX_set1_chain_cert_store(second, store);
    ssl = SSL_new(first);
    is_ptr(SSL_set_SSL_CTX(ssl, second), second, "SSL_set_SSL_CTX");
    is_ptr(SSL_get_SSL_CTX(ssl), second, "the context");
    is_ptr(SSL_get_certificate(ssl), id_b.cert, "its certificate moves");
    is_ptr(SSL_get_privatekey(ssl), id_b.key, "its key moves");
    is_int(SSL_get_security_level(ssl), 3, "its security level moves");
    is_ptr((void *)SSL_get_security_callback(ssl), (void *)security_b, "and callback");
    is_ptr(SSL_get0_security_ex_data(ssl), second, "and its data");
    is_int(SSL_set_cert_flags(ssl, 0), SSL_CERT_FLAG_TLS_STRICT, "its certificate flags move");
    is_ptr(ssl_verify_store(ssl), store, "its verify store moves");
    SSL_get0_chain_cert_store(ssl, &chain_store);
    is_ptr(chain_store, store, "its chain store moves");
    is_int(SSL_get_options(ssl) & SSL_OP_NO_TICKET, 0, "options do not");
    is_int(SSL_get_mode(ssl) & SSL_MODE_RELEASE_BUFFERS, 0, "mode does not");
    is_int(SSL_get_max_proto_version(ssl), 0, "versions do not");
    is_int(SSL_get_verify_mode(ssl), SSL_VERIFY_NONE, "verify mode does not");
    SSL_use_certificate(ssl, id_a.cert);
    is_ptr(SSL_set_SSL_CTX(ssl, second), second, "the same context again");
    is_ptr(SSL_get_certificate(ssl), id_a.cert, "changes nothing");
    is_ptr(SSL_set_SSL_CTX(ssl, NULL), first, "NULL means the one it was made of");
    is_ptr(SSL_get_certificate(ssl), id_a.cert, "with its certificate");
    X509_STORE_free(store);
    SSL_free(ssl);
    SSL_CTX_free(first);
    SSL_CTX_free(second);
}

int main(void)
{
    X509_STORE *store_a = X509_STORE_new(), *store_b = X509_STORE_new();
    size_t i;

    id_a = tls_ca("P-256", "a");
    id_b = tls_ca("P-256", "b");
    names_a = sk_X509_NAME_new_null();
    sk_X509_NAME_push(names_a, X509_NAME_dup(X509_get_subject_name(id_a.cert)));
    names_b = SSL_dup_CA_list(names_a);
    sk_X509_NAME_push(names_b, X509_NAME_dup(X509_get_subject_name(id_b.cert)));
    {
        const struct row rows[] = {
            ROW(options, OWN, SSL_OP_NO_TICKET, SSL_OP_CIPHER_SERVER_PREFERENCE),
            ROW(mode, OWN, SSL_MODE_ENABLE_PARTIAL_WRITE, SSL_MODE_RELEASE_BUFFERS),
            ROW(min_proto_version, OWN, TLS1_2_VERSION, TLS1_1_VERSION),
            ROW(max_proto_version, OWN, TLS1_2_VERSION, TLS1_3_VERSION),
            ROW(quiet_shutdown, OWN, 1, 0),
            ROW(read_ahead, OWN, 1, 0),
            ROW(max_cert_list, OWN, 1000, 2000),
            ROW(num_tickets, OWN, 1, 5),
            ROW(max_early_data, OWN, 100, 200),
            ROW(recv_max_early_data, OWN, 100, 200),
            ROW(verify_mode, OWN, SSL_VERIFY_PEER, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE),
            ROW(verify_callback, OWN, verify_a, verify_b),
            ROW(verify_depth, OWN, 3, 7),
            ROW(param_depth, OWN, 3, 7),
            ROW(param_flags, OWN, X509_V_FLAG_CRL_CHECK, X509_V_FLAG_PARTIAL_CHAIN),
            ROW(param_time, OWN, 1000, 2000),
            ROW(param_host, OWN, 0, 1),
            ROW(security_level, OWN, 1, 3),
            ROW(security_callback, OWN, security_a, security_b),
            ROW(security_ex_data, OWN, hosts, suites12),
            ROW(default_passwd_cb, OWN, passwd_a, passwd_b),
            ROW(default_passwd_cb_userdata, OWN, hosts, suites12),
            ROW(record_padding_arg, OWN, hosts, suites12),
            ROW(status_type, OWN, TLSEXT_STATUSTYPE_ocsp, -1),
            ROW(cert_flags, OWN, SSL_CERT_FLAG_TLS_STRICT, SSL_CERT_FLAG_BROKEN_PROTOCOL),
            ROW(dane_flags, OWN, DANE_FLAG_NO_DANE_EE_NAMECHECKS, 0),
            ROW(certificate, OWN, id_a.cert, id_b.cert),
            ROW(private_key, OWN, id_a.key, id_b.key),
            ROW(verify_cert_store, OWN, store_a, store_b),
            ROW(chain, OWN, id_a.cert, id_b.cert),
            ROW(cipher_list, SHOWN, 0, 1),
            ROW(ciphersuites, SHOWN, 0, 1),
            ROW_AS(client_CA_list, SHOWN, names_a, names_b, 1, 2),
            ROW_AS(CA_list, SHOWN, names_a, names_b, 1, 2),
        };

        for (i = 0; i < sizeof rows / sizeof *rows; i++)
            test_row(&rows[i]);
    }
    test_alpn();
    test_other_context();
    X509_STORE_free(store_a);
    X509_STORE_free(store_b);
    sk_X509_NAME_pop_free(names_a, X509_NAME_free);
    sk_X509_NAME_pop_free(names_b, X509_NAME_free);
    tls_id_free(&id_a);
    tls_id_free(&id_b);
    return done();
}
