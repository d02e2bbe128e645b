/* What SSL_CTX_use_certificate(3) says of every function that loads a certificate or key, for a
 * context and for a connection alike: forms, types, files that hold something else, wrong arguments,
 * and the entries of the error queue. */
#include "certs.h"

static tls_id ca, inter, ec, other, rsa, pss;
static SSL_CTX *ctx;
static SSL *ssl;
static int of_ssl;

/* Each function in its two forms. */
#define BOTH(name, ...) (of_ssl ? SSL_##name(ssl, ##__VA_ARGS__) : SSL_CTX_##name(ctx, ##__VA_ARGS__))

static void fresh(void)
{
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    ctx = SSL_CTX_new(TLS_method());
    ssl = SSL_new(ctx);
    TLS_MUST(ctx && ssl);
    ERR_clear_error();
}

static const char *holds(X509 *cert)
{
    return cert == NULL ? "none" : X509_cmp(cert, ec.cert) == 0 ? "ec" : X509_cmp(cert, other.cert) == 0 ? "other"
        : X509_cmp(cert, rsa.cert) == 0 ? "rsa" : X509_cmp(cert, pss.cert) == 0 ? "pss" : "?";
}

/* The result, the queue, and what there is then. */
static void told(const char *what, long ret)
{
    STACK_OF(X509) *chain = NULL;
    X509 *cert = of_ssl ? SSL_get_certificate(ssl) : SSL_CTX_get0_certificate(ctx);
    EVP_PKEY *key = of_ssl ? SSL_get_privatekey(ssl) : SSL_CTX_get0_privatekey(ctx);
    const char *errors = tls_errors();

    BOTH(get0_chain_certs, &chain);
    same("%s: %s: %ld (%s), %s, key %s, chain %d", of_ssl ? "SSL" : "SSL_CTX", what, ret, errors, holds(cert),
         key == NULL                       ? "none"
             : EVP_PKEY_eq(key, ec.key) == 1    ? "ec"
             : EVP_PKEY_eq(key, other.key) == 1 ? "other"
             : EVP_PKEY_eq(key, rsa.key) == 1   ? "rsa"
                                                : "?",
         chain == NULL ? -1 : sk_X509_num(chain));
    ERR_clear_error();
}

static char *file_of(const void *data, size_t len)
{
    char *path = strdup("/tmp/ferrossl-test-XXXXXX");
    int fd = mkstemp(path);

    TLS_MUST(fd >= 0 && write(fd, data, len) == (ssize_t)len);
    close(fd);
    return path;
}

/* A file of what is written into a memory BIO, which is freed. */
static char *file_from(BIO *mem)
{
    char *data;
    long len = BIO_get_mem_data(mem, &data);
    char *path = file_of(data, (size_t)len);

    BIO_free(mem);
    return path;
}

static void try_file(char *path, const char *what)
{
    static const struct {
        int type;
        const char *name;
    } types[] = { { SSL_FILETYPE_PEM, "PEM" }, { SSL_FILETYPE_ASN1, "DER" }, { 0, "0" }, { 3, "3" } };
    char text[200];
    size_t i;

    for (of_ssl = 0; of_ssl < 2; of_ssl++) {
        for (i = 0; i < 4; i++) {
            fresh();
            snprintf(text, sizeof text, "%s as %s: certificate", what, types[i].name);
            told(text, BOTH(use_certificate_file, path, types[i].type));
            fresh();
            snprintf(text, sizeof text, "%s as %s: key", what, types[i].name);
            told(text, BOTH(use_PrivateKey_file, path, types[i].type));
            fresh();
            snprintf(text, sizeof text, "%s as %s: RSA key", what, types[i].name);
            told(text, BOTH(use_RSAPrivateKey_file, path, types[i].type));
        }
        fresh();
        snprintf(text, sizeof text, "%s: chain", what);
        told(text, BOTH(use_certificate_chain_file, path));
        /* Over what is there. */
        fresh();
        BOTH(use_certificate, other.cert);
        BOTH(use_PrivateKey, other.key);
        BOTH(add1_chain_cert, ca.cert);
        snprintf(text, sizeof text, "%s: chain over another's", what);
        told(text, BOTH(use_certificate_chain_file, path));
        snprintf(text, sizeof text, "%s: then the key", what);
        told(text, BOTH(use_PrivateKey_file, path, SSL_FILETYPE_PEM));
    }
    if (path != NULL) {
        unlink(path);
        free(path);
    }
}

static void test_files(void)
{
    BIO *mem = BIO_new(BIO_s_mem());
    unsigned char *der = NULL;
    int len;

    PEM_write_bio_X509(mem, ec.cert);
    try_file(file_from(mem), "a certificate");
    mem = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(mem, ec.cert);
    PEM_write_bio_X509(mem, inter.cert);
    PEM_write_bio_X509(mem, ca.cert);
    try_file(file_from(mem), "a chain");
    mem = BIO_new(BIO_s_mem());
    PEM_write_bio_X509_AUX(mem, ec.cert);
    PEM_write_bio_X509_AUX(mem, inter.cert);
    try_file(file_from(mem), "trusted certificates");
    mem = BIO_new(BIO_s_mem());
    BIO_puts(mem, "some words\n");
    PEM_write_bio_PrivateKey(mem, ec.key, NULL, NULL, 0, NULL, NULL);
    BIO_puts(mem, "between\n");
    PEM_write_bio_X509(mem, ec.cert);
    BIO_puts(mem, "and more\n");
    PEM_write_bio_X509(mem, inter.cert);
    BIO_puts(mem, "at the end");
    try_file(file_from(mem), "key, certificate and words");
    mem = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(mem, ec.cert);
    PEM_write_bio_PrivateKey(mem, other.key, NULL, NULL, 0, NULL, NULL);
    try_file(file_from(mem), "a certificate with another's key");
    mem = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(mem, ec.cert);
    PEM_write_bio_X509_CRL(mem, X509_CRL_new());
    try_file(file_from(mem), "a certificate and a list");
    mem = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(mem, ec.cert);
    BIO_puts(mem, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    try_file(file_from(mem), "a certificate and a bad one");
    mem = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(mem, ec.cert);
    BIO_puts(mem, "-----BEGIN CERTIFICATE-----\nMIIB");
    try_file(file_from(mem), "a certificate and the beginning of one");
    mem = BIO_new(BIO_s_mem());
    PEM_write_bio_ECPKParameters(mem, EC_KEY_get0_group(EVP_PKEY_get0_EC_KEY(ec.key)));
    PEM_write_bio_ECPrivateKey(mem, (EC_KEY *)EVP_PKEY_get0_EC_KEY(ec.key), NULL, NULL, 0, NULL, NULL);
    try_file(file_from(mem), "parameters and an EC key");
    mem = BIO_new(BIO_s_mem());
    PEM_write_bio_RSAPrivateKey(mem, (RSA *)EVP_PKEY_get0_RSA(rsa.key), NULL, NULL, 0, NULL, NULL);
    try_file(file_from(mem), "an RSA key");
    mem = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(mem, rsa.key, NULL, NULL, 0, NULL, NULL);
    try_file(file_from(mem), "an RSA key in PKCS#8");
    mem = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(mem, pss.key, NULL, NULL, 0, NULL, NULL);
    try_file(file_from(mem), "an RSA-PSS key");
    mem = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(mem, ec.key);
    try_file(file_from(mem), "a public key");
    len = i2d_X509(ec.cert, &der);
    try_file(file_of(der, (size_t)len), "a certificate in DER");
    try_file(file_of(der, (size_t)len - 1), "the most of a certificate in DER");
    der = OPENSSL_realloc(der, (size_t)len + 10);
    memset(der + len, 0, 10);
    try_file(file_of(der, (size_t)len + 10), "a certificate in DER and more");
    OPENSSL_free(der);
    der = NULL;
    len = i2d_PrivateKey(ec.key, &der);
    try_file(file_of(der, (size_t)len), "a key in DER");
    OPENSSL_free(der);
    der = NULL;
    len = i2d_PrivateKey(rsa.key, &der);
    try_file(file_of(der, (size_t)len), "an RSA key in DER");
    try_file(file_of(der, (size_t)len - 1), "the most of an RSA key in DER");
    OPENSSL_free(der);
    try_file(file_of("", 0), "nothing");
    try_file(file_of("-----BEGIN CERTIFICATE-----\n", 28), "a beginning");
    try_file(strdup("/nonexistent/file"), "no file");
    try_file(strdup("/tmp"), "a directory");
    try_file(strdup(""), "an empty name");
}

static void test_bytes(void)
{
    unsigned char *cert = NULL, *key = NULL, *rsakey = NULL;
    int cert_len = i2d_X509(ec.cert, &cert), key_len = i2d_PrivateKey(ec.key, &key);
    int rsa_len = i2d_PrivateKey(rsa.key, &rsakey);

    for (of_ssl = 0; of_ssl < 2; of_ssl++) {
#define CERT(n) (of_ssl ? SSL_use_certificate_ASN1(ssl, cert, n) : SSL_CTX_use_certificate_ASN1(ctx, n, cert))
#define KEY(t, d, n) \
    (of_ssl ? SSL_use_PrivateKey_ASN1(t, ssl, d, n) : SSL_CTX_use_PrivateKey_ASN1(t, ctx, d, n))
        fresh();
        told("bytes of a certificate", CERT(cert_len));
        told("fewer", CERT(cert_len - 1));
        told("none", CERT(0));
        told("less than none", CERT(-1));
        told("bytes of a key", KEY(EVP_PKEY_EC, key, key_len));
        told("fewer", KEY(EVP_PKEY_EC, key, key_len - 1));
        told("none", KEY(EVP_PKEY_EC, key, 0));
        told("less than none", KEY(EVP_PKEY_EC, key, -1));
        told("as of another type", KEY(EVP_PKEY_RSA, key, key_len));
        told("as of no type", KEY(0, key, key_len));
        told("as of an unknown type", KEY(9999, key, key_len));
        told("bytes of an RSA key", BOTH(use_RSAPrivateKey_ASN1, rsakey, rsa_len));
        told("fewer", BOTH(use_RSAPrivateKey_ASN1, rsakey, rsa_len - 1));
        told("of an EC key", BOTH(use_RSAPrivateKey_ASN1, key, key_len));
        told("none", BOTH(use_RSAPrivateKey_ASN1, rsakey, 0));
    }
    OPENSSL_free(cert);
    OPENSSL_free(key);
    OPENSSL_free(rsakey);
}

static void test_objects(void)
{
    EVP_PKEY *public = X509_get_pubkey(ec.cert), *empty = EVP_PKEY_new();
    X509 *bare = X509_new();
    RSA *none = RSA_new();
    STACK_OF(X509) *chain = sk_X509_new_null();

    sk_X509_push(chain, inter.cert);
    for (of_ssl = 0; of_ssl < 2; of_ssl++) {
        fresh();
        told("no certificate", BOTH(use_certificate, NULL));
        told("an empty certificate", BOTH(use_certificate, bare));
        told("no key", BOTH(use_PrivateKey, NULL));
        told("an empty key", BOTH(use_PrivateKey, empty));
        told("no RSA key", BOTH(use_RSAPrivateKey, NULL));
        told("an empty RSA key", BOTH(use_RSAPrivateKey, none));
        fresh();
        told("an RSA key", BOTH(use_RSAPrivateKey, (RSA *)EVP_PKEY_get0_RSA(rsa.key)));
        told("its certificate", BOTH(use_certificate, rsa.cert));
        told("check", BOTH(check_private_key));
        told("a certificate beside it", BOTH(use_certificate, ec.cert));
        told("check", BOTH(check_private_key));
        told("another's key", BOTH(use_PrivateKey, other.key));
        told("the public key", BOTH(use_PrivateKey, public));
        told("check", BOTH(check_private_key));
        told("another's certificate", BOTH(use_certificate, other.cert));
        told("check", BOTH(check_private_key));
        fresh();
        told("a key", BOTH(use_PrivateKey, ec.key));
        told("another key", BOTH(use_PrivateKey, other.key));
        told("the first's certificate", BOTH(use_certificate, ec.cert));
        /* Both at once. */
        fresh();
        told("a pair", BOTH(use_cert_and_key, ec.cert, ec.key, NULL, 0));
        told("another", BOTH(use_cert_and_key, other.cert, other.key, chain, 0));
        told("another instead", BOTH(use_cert_and_key, other.cert, other.key, chain, 1));
        told("a mismatch", BOTH(use_cert_and_key, ec.cert, other.key, NULL, 1));
        told("with the public key", BOTH(use_cert_and_key, ec.cert, NULL, NULL, 1));
        told("check", BOTH(check_private_key));
        told("an RSA pair beside it", BOTH(use_cert_and_key, rsa.cert, rsa.key, chain, 0));
        told("again", BOTH(use_cert_and_key, rsa.cert, rsa.key, NULL, 0));
        told("an empty certificate", BOTH(use_cert_and_key, bare, rsa.key, NULL, 1));
        told("no certificate", BOTH(use_cert_and_key, NULL, rsa.key, NULL, 1));
        told("an empty key", BOTH(use_cert_and_key, ec.cert, empty, NULL, 1));
        fresh();
        told("a certificate", BOTH(use_certificate, ec.cert));
        told("a pair when there is a certificate", BOTH(use_cert_and_key, ec.cert, ec.key, NULL, 0));
        fresh();
        told("a key", BOTH(use_PrivateKey, ec.key));
        told("a pair when there is a key", BOTH(use_cert_and_key, ec.cert, ec.key, NULL, 0));
    }
    told("check of no SSL", SSL_check_private_key(NULL));
    told("check of no context", SSL_CTX_check_private_key(NULL));
    sk_X509_free(chain);
    EVP_PKEY_free(public);
    EVP_PKEY_free(empty);
    X509_free(bare);
    RSA_free(none);
}

static int on_password(char *buf, int size, int rwflag, void *arg)
{
    same("asked for a password of %d bytes to %s, with %s", size, rwflag ? "write" : "read", arg ? (char *)arg : "none");
    if (arg == NULL)
        return 0;
    if (strcmp(arg, "fails") == 0)
        return -1;
    if (strcmp(arg, "long") == 0) {
        memset(buf, 'x', (size_t)size);
        return size;
    }
    strcpy(buf, arg);
    return (int)strlen(buf);
}

static void test_passwords(void)
{
    static char *const args[] = { "secret", "wrong", "", "fails", "long", NULL };
    char *paths[2];
    BIO *mem;
    int form;
    size_t i;

    mem = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(mem, rsa.key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL);
    paths[0] = file_from(mem);
    mem = BIO_new(BIO_s_mem());
    PEM_write_bio_RSAPrivateKey(mem, (RSA *)EVP_PKEY_get0_RSA(rsa.key), EVP_aes_128_cbc(), (unsigned char *)"secret", 6,
                                NULL, NULL);
    paths[1] = file_from(mem);
    for (of_ssl = 0; of_ssl < 2; of_ssl++) {
        for (form = 0; form < 2; form++) {
            for (i = 0; i < sizeof args / sizeof *args; i++) {
                fresh();
                BOTH(set_default_passwd_cb, on_password);
                BOTH(set_default_passwd_cb_userdata, args[i]);
                ok(BOTH(get_default_passwd_cb) == on_password, "the callback");
                is_ptr(BOTH(get_default_passwd_cb_userdata), args[i], "its argument");
                /* What a wrong password makes of the key is chance. */
                same("%s: %d", args[i] ? args[i] : "no password",
                     BOTH(use_PrivateKey_file, paths[form], SSL_FILETYPE_PEM));
                same("reason %d", last_reason());
                same("RSA: %d", BOTH(use_RSAPrivateKey_file, paths[form], SSL_FILETYPE_PEM));
                same("reason %d", last_reason());
            }
            /* Without a callback the argument is the password. */
            fresh();
            BOTH(set_default_passwd_cb_userdata, "secret");
            told("by argument", BOTH(use_PrivateKey_file, paths[form], SSL_FILETYPE_PEM));
        }
    }
    /* What a connection inherits, and that it is its own then. */
    fresh();
    SSL_CTX_set_default_passwd_cb(ctx, on_password);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, "secret");
    ok(SSL_get_default_passwd_cb(ssl) == NULL, "an earlier connection has none");
    SSL_free(ssl);
    ssl = SSL_new(ctx);
    ok(SSL_get_default_passwd_cb(ssl) == on_password, "a later one does");
    SSL_set_default_passwd_cb(ssl, NULL);
    ok(SSL_CTX_get_default_passwd_cb(ctx) == on_password, "the context keeps it");
    for (form = 0; form < 2; form++) {
        unlink(paths[form]);
        free(paths[form]);
    }
}

int main(void)
{
    ca = tls_ca("P-256", "Test CA");
    inter = tls_intermediate(&ca, "P-256", "inter");
    ec = tls_leaf(&inter, "P-256", "ec", NULL);
    other = tls_leaf(&inter, "P-256", "other", NULL);
    rsa = tls_leaf(&inter, "RSA", "rsa", NULL);
    pss = tls_leaf(&inter, "RSA-PSS", "pss", NULL);
    test_files();
    test_bytes();
    test_objects();
    test_passwords();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    tls_id_free(&ca);
    tls_id_free(&inter);
    tls_id_free(&ec);
    tls_id_free(&other);
    tls_id_free(&rsa);
    tls_id_free(&pss);
    return done();
}
