/* Certificates and keys on SSL_CTX and SSL: SSL_CTX_use_certificate(3), loading from files and
 * buffers, which of several is used, and chains: SSL_CTX_add1_chain_cert(3). */
#include "certs.h"

#include <errno.h>

static tls_id ca, inter, rsa, ec, ec2, ed, deep;

/* Writes a PEM file of certificates up to NULL, then `key` if not NULL, encrypted if `pass`. */
static char *pem_file(EVP_PKEY *key, const char *pass, X509 *first, X509 *second)
{
    char *path = tls_pem_file(first, NULL);
    FILE *f = fopen(path, "a");

    if (second != NULL)
        PEM_write_X509(f, second);
    if (key != NULL)
        PEM_write_PrivateKey(f, key, pass ? EVP_aes_128_cbc() : NULL, NULL, 0, NULL,
                             (void *)pass);
    fclose(f);
    return path;
}

static void remove_file(char *path)
{
    unlink(path);
    free(path);
}

static char *der_file(X509 *cert, EVP_PKEY *key)
{
    char *path = tls_pem_file(NULL, NULL);
    FILE *f = fopen(path, "w");

    if (cert != NULL)
        i2d_X509_fp(f, cert);
    if (key != NULL)
        i2d_PrivateKey_fp(f, key);
    fclose(f);
    return path;
}

/* A client that knows `ca` and offers `sigalgs` is served with `id`; NULL: with none. */
static void serves(SSL_CTX *sctx, const char *sigalgs, const tls_id *id, int version,
                   const char *what)
{
    SSL_CTX *cctx = tls_client_ctx(&ca);
    SSL *c, *s;
    X509 *cert;
    tls_outcome out;
    int connected;

    fix_version(cctx, version);
    if (sigalgs != NULL)
        SSL_CTX_set1_sigalgs_list(cctx, sigalgs);
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    tls_join(c, s, TLS_PAIR);
    connected = tls_handshake(c, s, &out);
    if (id == NULL) {
        ok(!connected, "%s: no handshake", what);
        is_int(out.server.reason,
               version == TLS1_3_VERSION ? SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM
                                         : SSL_R_NO_SHARED_CIPHER, "%s: the server's reason",
               what);
        is_int(out.client.reason, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, "%s: the client's alert",
               what);
    } else {
        ok(connected, "%s: connects (%s | %s)", what, out.client.errors, out.server.errors);
        cert = SSL_get0_peer_certificate(c);
        ok(cert && !X509_cmp(cert, id->cert), "%s: the right certificate", what);
        is_ptr(SSL_get_certificate(s), id->cert, "%s: SSL_get_certificate of the server", what);
        is_ptr(SSL_get_privatekey(s), id->key, "%s: SSL_get_privatekey", what);
    }
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    ERR_clear_error();
}

static void test_objects(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    SSL *ssl;

    ERR_clear_error();
    is_int(SSL_CTX_check_private_key(ctx), 0, "check_private_key with nothing");
    is_int(first_reason(), SSL_R_NO_CERTIFICATE_ASSIGNED, "its reason");
    is_int(SSL_CTX_check_private_key(NULL), 0, "check_private_key of NULL");
    is_int(first_reason(), SSL_R_NO_CERTIFICATE_ASSIGNED, "its reason");
    ok(SSL_CTX_get0_certificate(ctx) == NULL, "no certificate");
    ok(SSL_CTX_get0_privatekey(ctx) == NULL, "no key");
    is_int(SSL_CTX_use_certificate(ctx, NULL), 0, "SSL_CTX_use_certificate(NULL)");
    is_int(first_reason(), ERR_R_PASSED_NULL_PARAMETER, "its reason");
    is_int(SSL_CTX_use_PrivateKey(ctx, NULL), 0, "SSL_CTX_use_PrivateKey(NULL)");
    is_int(first_reason(), ERR_R_PASSED_NULL_PARAMETER, "its reason");

    is_int(SSL_CTX_use_certificate(ctx, ec.cert), 1, "a certificate");
    is_int(SSL_CTX_check_private_key(ctx), 0, "check_private_key without a key");
    is_int(first_reason(), SSL_R_NO_PRIVATE_KEY_ASSIGNED, "its reason");
    is_ptr(SSL_CTX_get0_certificate(ctx), ec.cert, "the same object");
    is_int(SSL_CTX_use_PrivateKey(ctx, ec2.key), 0, "another's key");
    is_int(first_reason(), -X509_R_KEY_VALUES_MISMATCH, "key values mismatch");
    ok(SSL_CTX_get0_privatekey(ctx) == NULL, "is not taken");
    is_int(SSL_CTX_use_PrivateKey(ctx, ec.key), 1, "its key");
    is_ptr(SSL_CTX_get0_privatekey(ctx), ec.key, "the same object");
    is_int(SSL_CTX_check_private_key(ctx), 1, "check_private_key");
    ssl = SSL_new(ctx);
    is_ptr(SSL_get_certificate(ssl), ec.cert, "SSL_new inherits the certificate");
    is_ptr(SSL_get_privatekey(ssl), ec.key, "and the key");
    is_int(SSL_check_private_key(ssl), 1, "SSL_check_private_key");

    /* Another certificate of the same kind drops the key that is not its own. */
    ERR_clear_error();
    is_int(SSL_CTX_use_certificate(ctx, ec2.cert), 1, "another certificate");
    is_int(ERR_peek_error(), 0, "no error");
    ok(SSL_CTX_get0_privatekey(ctx) == NULL, "drops the key");
    is_int(SSL_CTX_use_PrivateKey(ctx, ec2.key), 1, "its own key");
    is_ptr(SSL_get_certificate(ssl), ec.cert, "an existing SSL keeps the old certificate");
    is_ptr(SSL_get_privatekey(ssl), ec.key, "and key");
    is_int(SSL_use_certificate(ssl, rsa.cert), 1, "SSL_use_certificate");
    is_int(SSL_use_PrivateKey(ssl, rsa.key), 1, "SSL_use_PrivateKey");
    is_ptr(SSL_CTX_get0_certificate(ctx), ec2.cert, "leaves the context alone");
    is_int(SSL_use_PrivateKey(ssl, NULL), 0, "SSL_use_PrivateKey(NULL)");
    is_int(first_reason(), ERR_R_PASSED_NULL_PARAMETER, "its reason");
    SSL_certs_clear(ssl);
    ok(SSL_get_certificate(ssl) == NULL, "SSL_certs_clear leaves no certificate");
    SSL_free(ssl);
    SSL_CTX_free(ctx);

    ctx = SSL_CTX_new(TLS_server_method());
    is_int(SSL_CTX_use_PrivateKey(ctx, ec.key), 1, "the key first");
    is_int(SSL_CTX_check_private_key(ctx), 0, "check_private_key then");
    is_int(first_reason(), SSL_R_NO_CERTIFICATE_ASSIGNED, "its reason");
    is_int(SSL_CTX_use_certificate(ctx, ec.cert), 1, "the certificate second");
    is_int(SSL_CTX_check_private_key(ctx), 1, "check_private_key");
    serves(ctx, NULL, &ec, TLS1_3_VERSION, "key before certificate");
    SSL_CTX_free(ctx);
}

/* A caller may free what it gave, and what it gave may live longer than the context. */
static void test_ownership(void)
{
    tls_id mine = tls_leaf(&ca, "P-256", "mine", "DNS:mine"), kept = { mine.cert, mine.key };
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    SSL_CTX_use_certificate(ctx, mine.cert);
    SSL_CTX_use_PrivateKey(ctx, mine.key);
    tls_id_free(&mine);
    serves(ctx, NULL, &kept, TLS1_2_VERSION, "freed by the caller");
    X509_up_ref(kept.cert);
    SSL_CTX_free(ctx);
    ok(X509_get_subject_name(kept.cert) != NULL, "a reference outlives the context");
    X509_free(kept.cert);
}

static void test_several(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    static const struct {
        const char *sigalgs;
        const tls_id *id;
    } wants[] = {
        { "RSA-PSS+SHA256", &rsa },
        { "ECDSA+SHA256", &ec },
        { "ed25519", &ed },
    };
    size_t i, v;

    SSL_CTX_use_certificate(ctx, rsa.cert);
    SSL_CTX_use_PrivateKey(ctx, rsa.key);
    SSL_CTX_use_certificate(ctx, ec.cert);
    SSL_CTX_use_PrivateKey(ctx, ec.key);
    SSL_CTX_use_certificate(ctx, ed.cert);
    SSL_CTX_use_PrivateKey(ctx, ed.key);
    is_ptr(SSL_CTX_get0_certificate(ctx), ed.cert, "the last one set is current");
    /* The certificates are signed with ECDSA, so these clients cannot verify them. */
    for (v = TLS1_2_VERSION; v <= TLS1_3_VERSION; v++)
        for (i = 0; i < 3; i++) {
            SSL_CTX *cctx = tls_client_ctx(NULL);
            SSL *c, *s;
            tls_outcome out;

            fix_version(cctx, (int)v);
            SSL_CTX_set1_sigalgs_list(cctx, wants[i].sigalgs);
            c = SSL_new(cctx);
            s = SSL_new(ctx);
            tls_join(c, s, TLS_PAIR);
            ok(tls_handshake(c, s, &out), "%#zx %s: connects (%s | %s)", v, wants[i].sigalgs,
               out.client.errors, out.server.errors);
            is_ptr(SSL_get_certificate(s), wants[i].id->cert, "%#zx %s: the certificate", v,
                   wants[i].sigalgs);
            SSL_free(c);
            SSL_free(s);
            SSL_CTX_free(cctx);
        }
    serves(ctx, "ECDSA+SHA256:ed25519", &ec, TLS1_3_VERSION, "the client's order: ECDSA");
    serves(ctx, "ed25519:ECDSA+SHA256", &ed, TLS1_3_VERSION, "the client's order: Ed25519");

    is_int(SSL_CTX_select_current_cert(ctx, rsa.cert), 1, "SSL_CTX_select_current_cert");
    is_ptr(SSL_CTX_get0_certificate(ctx), rsa.cert, "makes it current");
    is_ptr(SSL_CTX_get0_privatekey(ctx), rsa.key, "with its key");
    is_int(SSL_CTX_select_current_cert(ctx, ec2.cert), 0, "one that is not there");
    is_int(SSL_CTX_select_current_cert(ctx, NULL), 0, "NULL");
    is_int(SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_FIRST), 1, "SSL_CERT_SET_FIRST");
    is_ptr(SSL_CTX_get0_certificate(ctx), rsa.cert, "RSA");
    is_int(SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_NEXT), 1, "SSL_CERT_SET_NEXT");
    is_ptr(SSL_CTX_get0_certificate(ctx), ec.cert, "EC");
    is_int(SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_NEXT), 1, "SSL_CERT_SET_NEXT");
    is_ptr(SSL_CTX_get0_certificate(ctx), ed.cert, "Ed25519");
    is_int(SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_NEXT), 0, "no more");
    is_ptr(SSL_CTX_get0_certificate(ctx), ed.cert, "the last stays");
    is_int(SSL_CTX_set_current_cert(ctx, 99), 0, "no such operation");
    SSL_CTX_free(ctx);

    ctx = tls_server_ctx(&ec);
    serves(ctx, "ed25519:RSA-PSS+SHA256", NULL, TLS1_3_VERSION, "nothing fits, TLS 1.3");
    serves(ctx, NULL, &ec, TLS1_3_VERSION, "before replacement");
    SSL_CTX_use_certificate(ctx, ec2.cert);
    SSL_CTX_use_PrivateKey(ctx, ec2.key);
    serves(ctx, NULL, &ec2, TLS1_3_VERSION, "replaced live");
    SSL_CTX_free(ctx);
    ctx = tls_server_ctx(NULL);
    serves(ctx, NULL, NULL, TLS1_2_VERSION, "no certificate at all, TLS 1.2");
    SSL_CTX_free(ctx);
}

/* A server without a certificate has no TLS 1.3. */
static void test_none(void)
{
    SSL_CTX *sctx = tls_server_ctx(NULL), *cctx = tls_client_ctx(NULL);
    SSL *c, *s;
    tls_outcome out;

    fix_version(cctx, TLS1_3_VERSION);
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    tls_join(c, s, TLS_PAIR);
    ok(!tls_handshake(c, s, &out), "no certificate at all, TLS 1.3: no handshake");
    is_int(out.server.reason, SSL_R_UNSUPPORTED_PROTOCOL, "the server's reason");
    is_int(out.client.reason, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "the client's alert");
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

static void test_both(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    STACK_OF(X509) *chain = sk_X509_new_null(), *got = NULL;
    SSL *ssl;

    sk_X509_push(chain, inter.cert);
    ERR_clear_error();
    is_int(SSL_CTX_use_cert_and_key(ctx, ec.cert, ec2.key, NULL, 0), 0, "a mismatch");
    is_int(first_reason(), SSL_R_PRIVATE_KEY_MISMATCH, "its reason");
    is_int(SSL_CTX_use_cert_and_key(ctx, deep.cert, deep.key, chain, 0), 1, "with a chain");
    is_int(SSL_CTX_use_cert_and_key(ctx, ec.cert, ec.key, NULL, 0), 0, "again, no override");
    is_int(first_reason(), SSL_R_NOT_REPLACING_CERTIFICATE, "its reason");
    is_ptr(SSL_CTX_get0_certificate(ctx), deep.cert, "nothing is changed");
    SSL_CTX_get0_chain_certs(ctx, &got);
    is_int(sk_X509_num(got), 1, "the chain is there");
    ok(got != chain, "in a stack of its own");
    is_int(SSL_CTX_use_cert_and_key(ctx, rsa.cert, rsa.key, NULL, 0), 1, "another kind of key");
    is_int(SSL_CTX_use_cert_and_key(ctx, ec.cert, ec.key, NULL, 1), 1, "override");
    is_ptr(SSL_CTX_get0_certificate(ctx), ec.cert, "replaces");
    SSL_CTX_get0_chain_certs(ctx, &got);
    ok(got == NULL, "the chain too");
    ssl = SSL_new(ctx);
    is_int(SSL_use_cert_and_key(ssl, deep.cert, deep.key, chain, 0), 0, "an SSL has them already");
    is_int(first_reason(), SSL_R_NOT_REPLACING_CERTIFICATE, "its reason");
    is_int(SSL_use_cert_and_key(ssl, deep.cert, deep.key, chain, 1), 1, "override on an SSL");
    is_ptr(SSL_CTX_get0_certificate(ctx), ec.cert, "the context is not changed");
    SSL_free(ssl);
    sk_X509_free(chain);
    SSL_CTX_free(ctx);
}

/* The number of certificates a client is sent. */
static int sent_by(SSL_CTX *sctx)
{
    SSL_CTX *cctx = tls_client_ctx(NULL);
    SSL *c = SSL_new(cctx), *s = SSL_new(sctx);
    tls_outcome out;
    int n;

    tls_join(c, s, TLS_PAIR);
    n = tls_handshake(c, s, &out) ? sk_X509_num(SSL_get_peer_cert_chain(c)) : -1;
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(cctx);
    return n;
}

static void test_chains(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    STACK_OF(X509) *got = NULL, *chain;
    SSL *ssl;

    SSL_CTX_use_certificate(ctx, deep.cert);
    SSL_CTX_use_PrivateKey(ctx, deep.key);
    is_int(SSL_CTX_get0_chain_certs(ctx, &got), 1, "SSL_CTX_get0_chain_certs");
    ok(got == NULL, "none at first");
    is_int(sent_by(ctx), 1, "the leaf alone is sent");

    is_int(SSL_CTX_add1_chain_cert(ctx, inter.cert), 1, "SSL_CTX_add1_chain_cert");
    X509_up_ref(ca.cert);
    is_int(SSL_CTX_add0_chain_cert(ctx, ca.cert), 1, "SSL_CTX_add0_chain_cert");
    SSL_CTX_get0_chain_certs(ctx, &got);
    is_int(sk_X509_num(got), 2, "two in the chain");
    is_ptr(sk_X509_value(got, 0), inter.cert, "the very objects");
    is_int(sent_by(ctx), 3, "all are sent");

    ssl = SSL_new(ctx);
    is_int(SSL_clear_chain_certs(ssl), 1, "SSL_clear_chain_certs");
    SSL_get0_chain_certs(ssl, &got);
    ok(got == NULL, "empties the SSL's");
    SSL_CTX_get0_chain_certs(ctx, &got);
    is_int(sk_X509_num(got), 2, "not the context's");
    is_int(SSL_add1_chain_cert(ssl, inter.cert), 1, "SSL_add1_chain_cert");
    SSL_get0_chain_certs(ssl, &got);
    is_int(sk_X509_num(got), 1, "adds one");
    SSL_free(ssl);

    chain = sk_X509_new_null();
    sk_X509_push(chain, inter.cert);
    is_int(SSL_CTX_set1_chain(ctx, chain), 1, "SSL_CTX_set1_chain");
    sk_X509_free(chain);
    SSL_CTX_get0_chain_certs(ctx, &got);
    is_int(sk_X509_num(got), 1, "replaces");
    serves(ctx, NULL, &deep, TLS1_3_VERSION, "a set1 chain");
    chain = sk_X509_new_null();
    X509_up_ref(inter.cert);
    sk_X509_push(chain, inter.cert);
    is_int(SSL_CTX_set0_chain(ctx, chain), 1, "SSL_CTX_set0_chain");
    SSL_CTX_get0_chain_certs(ctx, &got);
    is_ptr(got, chain, "takes the stack itself");
    is_int(SSL_CTX_clear_chain_certs(ctx), 1, "SSL_CTX_clear_chain_certs");
    SSL_CTX_get0_chain_certs(ctx, &got);
    ok(got == NULL, "empties it");

    /* Extra certificates belong to the context and serve where there is no chain. */
    X509_up_ref(inter.cert);
    is_int(SSL_CTX_add_extra_chain_cert(ctx, inter.cert), 1, "SSL_CTX_add_extra_chain_cert");
    SSL_CTX_get_extra_chain_certs(ctx, &got);
    is_int(sk_X509_num(got), 1, "SSL_CTX_get_extra_chain_certs");
    SSL_CTX_get_extra_chain_certs_only(ctx, &got);
    is_int(sk_X509_num(got), 1, "SSL_CTX_get_extra_chain_certs_only");
    is_int(sent_by(ctx), 2, "is sent");
    serves(ctx, NULL, &deep, TLS1_3_VERSION, "extra chain certificates");
    is_int(SSL_CTX_clear_extra_chain_certs(ctx), 1, "SSL_CTX_clear_extra_chain_certs");
    SSL_CTX_get_extra_chain_certs_only(ctx, &got);
    ok(got == NULL, "empties them");
    is_int(sent_by(ctx), 1, "the leaf alone again");

    /* Automatic: from the context's store, unless the mode says no. */
    X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), inter.cert);
    is_int(sent_by(ctx), 2, "a chain built from the store");
    SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
    is_int(sent_by(ctx), 1, "not with SSL_MODE_NO_AUTO_CHAIN");
    X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca.cert);
    is_int(SSL_CTX_build_cert_chain(ctx, SSL_BUILD_CHAIN_FLAG_NO_ROOT), 1,
           "SSL_CTX_build_cert_chain");
    SSL_CTX_get0_chain_certs(ctx, &got);
    is_int(sk_X509_num(got), 1, "without the root");
    is_int(SSL_CTX_build_cert_chain(ctx, 0), 1, "with it");
    SSL_CTX_get0_chain_certs(ctx, &got);
    is_int(sk_X509_num(got), 2, "it is there");
    SSL_CTX_free(ctx);

    ctx = SSL_CTX_new(TLS_server_method());
    ERR_clear_error();
    is_int(SSL_CTX_build_cert_chain(ctx, 0), 0, "a chain of no certificate");
    is_int(first_reason(), SSL_R_NO_CERTIFICATE_SET, "its reason");
    SSL_CTX_use_certificate(ctx, deep.cert);
    is_int(SSL_CTX_build_cert_chain(ctx, 0), 0, "of an unknown issuer");
    is_int(first_reason(), SSL_R_CERTIFICATE_VERIFY_FAILED, "its reason");
    is_int(SSL_CTX_build_cert_chain(ctx, SSL_BUILD_CHAIN_FLAG_IGNORE_ERROR), 2,
           "errors are ignored");
    ERR_clear_error();
    SSL_CTX_free(ctx);
}

/* The password callback: right, wrong, none; what it is asked. */
static struct {
    int calls, size, rw;
    void *arg;
    const char *answer;
} asked;

static int on_password(char *buf, int size, int rw, void *arg)
{
    asked.calls++;
    asked.size = size;
    asked.rw = rw;
    asked.arg = arg;
    if (asked.answer == NULL)
        return -1;
    strcpy(buf, asked.answer);
    return (int)strlen(asked.answer);
}

static void test_password(void)
{
    char *file = pem_file(ec.key, "secret", ec.cert, NULL);
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    SSL *ssl;

    SSL_CTX_set_default_passwd_cb(ctx, on_password);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, &asked);
    memset(&asked, 0, sizeof asked);
    asked.answer = "secret";
    ERR_clear_error();
    is_int(SSL_CTX_use_PrivateKey_file(ctx, file, SSL_FILETYPE_PEM), 1, "the right password");
    is_int(asked.calls, 1, "is asked for once");
    ok(asked.size >= 1024, "with room for 1024 bytes");
    is_int(asked.rw, 0, "for reading");
    is_ptr(asked.arg, &asked, "with the argument");
    ok(SSL_CTX_get0_privatekey(ctx) && EVP_PKEY_eq(SSL_CTX_get0_privatekey(ctx), ec.key) == 1,
       "the key is there");
    asked.answer = "wrong";
    is_int(SSL_CTX_use_PrivateKey_file(ctx, file, SSL_FILETYPE_PEM), 0, "a wrong password");
    ok(ERR_peek_error() != 0, "leaves an error");
    is_int(ERR_GET_LIB(ERR_peek_last_error()), ERR_LIB_SSL, "libssl's last");
    is_int(last_reason(), ERR_R_PEM_LIB, "which is ERR_R_PEM_LIB");
    asked.answer = NULL;
    is_int(SSL_CTX_use_PrivateKey_file(ctx, file, SSL_FILETYPE_PEM), 0, "no password");
    is_int(ERR_GET_LIB(ERR_peek_error()), ERR_LIB_CRYPTO, "leaves libcrypto's entry first");
    is_int(last_reason(), ERR_R_PEM_LIB, "and libssl's ERR_R_PEM_LIB");
    ssl = SSL_new(ctx);
    asked.answer = "secret";
    asked.calls = 0;
    is_int(SSL_use_PrivateKey_file(ssl, file, SSL_FILETYPE_PEM), 1, "an SSL inherits it");
    is_int(asked.calls, 1, "and asks it");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    ERR_clear_error();

    /* Without a callback the argument is the password. */
    ctx = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_default_passwd_cb_userdata(ctx, (void *)"secret");
    is_int(SSL_CTX_use_PrivateKey_file(ctx, file, SSL_FILETYPE_PEM), 1, "a password as argument");
    SSL_CTX_free(ctx);
    remove_file(file);
}

static void test_files(void)
{
    char *chain = pem_file(deep.key, NULL, deep.cert, inter.cert);
    char *cert_der = der_file(ec.cert, NULL), *key_der = der_file(NULL, ec.key);
    char *garbage = tls_pem_file(NULL, NULL), *wrong = pem_file(ec2.key, NULL, ec.cert, NULL);
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    STACK_OF(X509) *got = NULL;
    SSL *ssl = SSL_new(ctx);
    FILE *f = fopen(garbage, "w");
    unsigned long e;
    const char *data;
    int flags;

    fputs("this is no certificate\n", f);
    fclose(f);
    ERR_clear_error();
    is_int(SSL_CTX_use_certificate_chain_file(ctx, chain), 1, "a chain file");
    is_int(ERR_peek_error(), 0, "leaves no error");
    SSL_CTX_get0_chain_certs(ctx, &got);
    is_int(sk_X509_num(got), 1, "the rest is the chain");
    is_int(SSL_CTX_use_PrivateKey_file(ctx, chain, SSL_FILETYPE_PEM), 1, "its key");
    is_int(sent_by(ctx), 2, "both are sent");
    is_int(SSL_CTX_use_certificate_chain_file(ctx, chain), 1, "once more");
    SSL_CTX_get0_chain_certs(ctx, &got);
    is_int(sk_X509_num(got), 1, "replaces the chain");
    ok(SSL_CTX_get0_privatekey(ctx) != NULL, "and keeps the key that fits");
    is_int(SSL_use_certificate_chain_file(ssl, chain), 1, "SSL_use_certificate_chain_file");
    is_int(SSL_use_PrivateKey_file(ssl, chain, SSL_FILETYPE_PEM), 1, "SSL_use_PrivateKey_file");
    is_int(SSL_check_private_key(ssl), 1, "they fit");
    is_int(SSL_use_certificate_file(ssl, cert_der, SSL_FILETYPE_ASN1), 1, "a DER certificate");
    is_int(SSL_use_PrivateKey_file(ssl, key_der, SSL_FILETYPE_ASN1), 1, "a DER key");
    is_int(SSL_check_private_key(ssl), 1, "they fit");
    is_int(SSL_CTX_use_certificate_file(ctx, cert_der, SSL_FILETYPE_ASN1), 1, "on the context");
    is_int(SSL_CTX_use_PrivateKey_file(ctx, key_der, SSL_FILETYPE_ASN1), 1, "the key too");
    is_int(SSL_CTX_use_certificate_file(ctx, chain, SSL_FILETYPE_PEM), 1, "a PEM certificate");

    is_int(SSL_CTX_use_certificate_file(ctx, wrong, SSL_FILETYPE_PEM), 1, "a certificate");
    ERR_clear_error();
    is_int(SSL_CTX_use_PrivateKey_file(ctx, wrong, SSL_FILETYPE_PEM), 0, "and another's key");
    is_int(last_reason(), -X509_R_KEY_VALUES_MISMATCH, "its reason");

    is_int(SSL_CTX_use_certificate_file(ctx, chain, 77), 0, "no such file type");
    is_int(last_reason(), SSL_R_BAD_SSL_FILETYPE, "its reason");
    is_int(SSL_CTX_use_PrivateKey_file(ctx, chain, 77), 0, "for a key");
    is_int(last_reason(), SSL_R_BAD_SSL_FILETYPE, "its reason");

    is_int(SSL_CTX_use_certificate_chain_file(ctx, "/nonexistent/x"), 0, "no such file");
    e = ERR_peek_error_data(&data, &flags);
    is_int(ERR_GET_LIB(e), ERR_LIB_SYS, "a system error first");
    is_int(ERR_GET_REASON(e), ENOENT, "ENOENT");
    is_str(data, "calling fopen(/nonexistent/x, r)", "its data");
    is_int(last_reason(), ERR_R_SYS_LIB, "libssl's ERR_R_SYS_LIB last");
    is_int(SSL_CTX_use_PrivateKey_file(ctx, "/nonexistent/x", SSL_FILETYPE_PEM), 0,
           "no such key file");
    is_int(last_reason(), ERR_R_SYS_LIB, "its last reason");
    is_int(SSL_CTX_use_certificate_file(ctx, "/nonexistent/x", SSL_FILETYPE_PEM), 0,
           "no such certificate file");
    is_int(last_reason(), ERR_R_SYS_LIB, "its last reason");
    is_int(SSL_CTX_use_certificate_chain_file(ctx, garbage), 0, "a file of garbage");
    is_int(ERR_GET_REASON(ERR_peek_error()), PEM_R_NO_START_LINE, "no start line");
    is_int(last_reason(), ERR_R_PEM_LIB, "and libssl's ERR_R_PEM_LIB");
    is_int(SSL_CTX_use_certificate_file(ctx, garbage, SSL_FILETYPE_ASN1), 0, "garbage as DER");
    is_int(last_reason(), ERR_R_ASN1_LIB, "libssl's ERR_R_ASN1_LIB last");
    is_int(SSL_CTX_use_PrivateKey_file(ctx, garbage, SSL_FILETYPE_PEM), 0, "garbage as a key");
    is_int(last_reason(), ERR_R_PEM_LIB, "libssl's ERR_R_PEM_LIB last");
    is_int(SSL_CTX_use_PrivateKey_file(ctx, garbage, SSL_FILETYPE_ASN1), 0, "as a DER key");
    is_int(last_reason(), ERR_R_ASN1_LIB, "libssl's ERR_R_ASN1_LIB last");
    is_int(SSL_CTX_use_certificate_chain_file(ctx, "/tmp"), 0, "a directory");
    is_int(last_reason(), ERR_R_PEM_LIB, "libssl's ERR_R_PEM_LIB last");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    remove_file(chain);
    remove_file(cert_der);
    remove_file(key_der);
    remove_file(garbage);
    remove_file(wrong);
}

static void test_buffers(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    SSL *ssl = SSL_new(ctx);
    unsigned char *cert = NULL, *key = NULL, *rsa_key = NULL;
    int cert_len = i2d_X509(ec.cert, &cert), key_len = i2d_PrivateKey(ec.key, &key);
    int rsa_len = i2d_PrivateKey(rsa.key, &rsa_key);

    ERR_clear_error();
    is_int(SSL_CTX_use_certificate_ASN1(ctx, cert_len, cert), 1, "SSL_CTX_use_certificate_ASN1");
    is_int(SSL_CTX_use_PrivateKey_ASN1(EVP_PKEY_EC, ctx, key, key_len), 1,
           "SSL_CTX_use_PrivateKey_ASN1");
    is_int(SSL_CTX_check_private_key(ctx), 1, "they fit");
    is_int(SSL_use_certificate_ASN1(ssl, cert, cert_len), 1, "SSL_use_certificate_ASN1");
    is_int(SSL_use_PrivateKey_ASN1(EVP_PKEY_EC, ssl, key, key_len), 1,
           "SSL_use_PrivateKey_ASN1");
    is_int(SSL_check_private_key(ssl), 1, "they fit");
    is_int(SSL_CTX_use_RSAPrivateKey_ASN1(ctx, rsa_key, rsa_len), 1,
           "SSL_CTX_use_RSAPrivateKey_ASN1");
    is_int(SSL_use_RSAPrivateKey_ASN1(ssl, rsa_key, rsa_len), 1, "SSL_use_RSAPrivateKey_ASN1");
    is_int(SSL_CTX_use_RSAPrivateKey(ctx, (RSA *)EVP_PKEY_get0_RSA(rsa.key)), 1,
           "SSL_CTX_use_RSAPrivateKey");
    is_int(SSL_CTX_use_RSAPrivateKey(ctx, NULL), 0, "of NULL");
    is_int(first_reason(), ERR_R_PASSED_NULL_PARAMETER, "its reason");
    is_int(SSL_CTX_use_certificate_ASN1(ctx, cert_len - 1, cert), 0, "cut short");
    is_int(last_reason(), ERR_R_ASN1_LIB, "libssl's ERR_R_ASN1_LIB last");
    is_int(SSL_CTX_use_PrivateKey_ASN1(EVP_PKEY_EC, ctx, key, key_len - 1), 0, "a key too");
    is_int(last_reason(), ERR_R_ASN1_LIB, "libssl's ERR_R_ASN1_LIB last");
    OPENSSL_free(cert);
    OPENSSL_free(key);
    OPENSSL_free(rsa_key);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static DH *on_dh(SSL *ssl, int is_export, int bits)
{
    (void)ssl, (void)is_export, (void)bits;
    return NULL;
}

/* Parameters of key exchanges that no AEAD-ECDHE suite uses are taken all the same. */
static void test_dh(void)
{
    SSL_CTX *ctx = tls_server_ctx(&ec);
    DH *dh = DH_new_by_nid(NID_ffdhe2048);
    SSL *ssl;

    is_int(SSL_CTX_set_dh_auto(ctx, 1), 1, "SSL_CTX_set_dh_auto");
    is_int(SSL_CTX_set_tmp_dh(ctx, dh), 1, "SSL_CTX_set_tmp_dh");
    SSL_CTX_set_tmp_dh_callback(ctx, on_dh);
    ERR_clear_error();
    is_int(SSL_CTX_set_tmp_dh(ctx, NULL), 0, "SSL_CTX_set_tmp_dh(NULL)");
    is_int(first_reason(), ERR_R_PASSED_NULL_PARAMETER, "its reason");
    ssl = SSL_new(ctx);
    is_int(SSL_set_dh_auto(ssl, 1), 1, "SSL_set_dh_auto");
    is_int(SSL_set_tmp_dh(ssl, dh), 1, "SSL_set_tmp_dh");
    SSL_set_tmp_dh_callback(ssl, on_dh);
    serves(ctx, NULL, &ec, TLS1_2_VERSION, "with DH set");
    SSL_free(ssl);
    DH_free(dh);
    SSL_CTX_free(ctx);
}

int main(void)
{
    ca = tls_ca("P-256", "CA");
    inter = tls_intermediate(&ca, "P-256", "intermediate");
    rsa = tls_leaf(&ca, "RSA", "rsa", "DNS:rsa");
    ec = tls_leaf(&ca, "P-256", "ec", "DNS:ec");
    ec2 = tls_leaf(&ca, "P-256", "ec2", "DNS:ec2");
    ed = tls_leaf(&ca, "ED25519", "ed", "DNS:ed");
    deep = tls_leaf(&inter, "P-256", "deep", "DNS:deep");
    test_objects();
    test_ownership();
    test_several();
    test_none();
    test_both();
    test_chains();
    test_password();
    test_files();
    test_buffers();
    test_dh();
    tls_id_free(&ca);
    tls_id_free(&inter);
    tls_id_free(&rsa);
    tls_id_free(&ec);
    tls_id_free(&ec2);
    tls_id_free(&ed);
    tls_id_free(&deep);
    return done();
}
