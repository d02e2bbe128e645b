/* Certificates and keys of every type there is: which are taken, where they are kept, and what
 * comes of a handshake with them. */
#include "certs.h"
#include "pipe.h"

static tls_id ca;

static EVP_PKEY *generate(const char *type)
{
    EVP_PKEY *params = NULL, *key = NULL;
    EVP_PKEY_CTX *gen;

    if (strcmp(type, "DSA") == 0) {
        gen = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
        TLS_MUST(gen && EVP_PKEY_paramgen_init(gen) > 0 && EVP_PKEY_CTX_set_dsa_paramgen_bits(gen, 2048) > 0
                 && EVP_PKEY_paramgen(gen, &params) > 0);
    } else if (strcmp(type, "DH") == 0) {
        gen = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
        TLS_MUST(gen && EVP_PKEY_keygen_init(gen) > 0 && EVP_PKEY_CTX_set_dh_nid(gen, NID_ffdhe2048) > 0
                 && EVP_PKEY_generate(gen, &key) > 0);
    } else if (strcmp(type, "SM2") == 0 || strncmp(type, "X", 1) == 0) {
        key = EVP_PKEY_Q_keygen(NULL, NULL, type);
        TLS_MUST(key != NULL);
        return key;
    } else {
        return tls_key(type);
    }
    EVP_PKEY_CTX_free(gen);
    if (params != NULL) {
        gen = EVP_PKEY_CTX_new_from_pkey(NULL, params, NULL);
        TLS_MUST(gen && EVP_PKEY_keygen_init(gen) > 0 && EVP_PKEY_generate(gen, &key) > 0);
        EVP_PKEY_CTX_free(gen);
        EVP_PKEY_free(params);
    }
    return key;
}

/* A certificate for a key of whatever type, signed by the CA. */
static tls_id certificate(const char *type)
{
    tls_id id = { X509_new(), generate(type) };

    TLS_MUST(id.cert && X509_set_version(id.cert, X509_VERSION_3));
    TLS_MUST(ASN1_INTEGER_set(X509_get_serialNumber(id.cert), 7));
    TLS_MUST(X509_NAME_add_entry_by_txt(X509_get_subject_name(id.cert), "CN", MBSTRING_ASC,
                                        (const unsigned char *)type, -1, -1, 0));
    TLS_MUST(X509_set_issuer_name(id.cert, X509_get_subject_name(ca.cert)));
    TLS_MUST(X509_gmtime_adj(X509_getm_notBefore(id.cert), -TLS_DAY));
    TLS_MUST(X509_gmtime_adj(X509_getm_notAfter(id.cert), TLS_DAY));
    TLS_MUST(X509_set_pubkey(id.cert, id.key));
    TLS_MUST(X509_sign(id.cert, ca.key, EVP_sha256()));
    return id;
}

/* What a call left, printed for both libraries to agree on. */
static void told(const char *type, const char *call, long ret)
{
    same("%s: %s: %ld (%s)", type, call, ret, tls_errors());
}

static void holds(const char *type, SSL_CTX *ctx, const tls_id *id)
{
    same("%s: holds certificate %d, key %d", type, SSL_CTX_get0_certificate(ctx) == id->cert,
         SSL_CTX_get0_privatekey(ctx) == id->key);
}

static void load(const char *type, const tls_id *id)
{
    tls_id rsa = { NULL, NULL };
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl;
    char *path, *keyfile;
    unsigned char *der = NULL;
    int len;

    ERR_clear_error();
    told(type, "SSL_CTX_use_certificate", SSL_CTX_use_certificate(ctx, id->cert));
    told(type, "SSL_CTX_use_PrivateKey", SSL_CTX_use_PrivateKey(ctx, id->key));
    holds(type, ctx, id);
    told(type, "SSL_CTX_check_private_key", SSL_CTX_check_private_key(ctx));
    ssl = SSL_new(ctx);
    same("%s: an SSL inherits %d %d", type, SSL_get_certificate(ssl) == id->cert, SSL_get_privatekey(ssl) == id->key);
    told(type, "SSL_check_private_key", SSL_check_private_key(ssl));
    told(type, "SSL_check_chain", SSL_check_chain(ssl, id->cert, id->key, NULL));
    SSL_free(ssl);
    ssl = SSL_new(ctx);
    told(type, "SSL_use_PrivateKey", SSL_use_PrivateKey(ssl, id->key));
    told(type, "SSL_use_certificate", SSL_use_certificate(ssl, id->cert));
    SSL_free(ssl);
    /* Another certificate beside it, and back. */
    rsa = tls_leaf(&ca, "P-256", "other", NULL);
    SSL_CTX_use_certificate(ctx, rsa.cert);
    SSL_CTX_use_PrivateKey(ctx, rsa.key);
    told(type, "SSL_CTX_select_current_cert", SSL_CTX_select_current_cert(ctx, id->cert));
    holds(type, ctx, id);
    told(type, "first", SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_FIRST));
    holds(type, ctx, id);
    told(type, "next", SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_NEXT));
    holds(type, ctx, id);
    told(type, "next", SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_NEXT));
    SSL_CTX_free(ctx);
    /* The key first. */
    ctx = SSL_CTX_new(TLS_method());
    told(type, "the key first", SSL_CTX_use_PrivateKey(ctx, id->key));
    told(type, "then its certificate", SSL_CTX_use_certificate(ctx, id->cert));
    holds(type, ctx, id);
    SSL_CTX_free(ctx);
    /* Both at once. */
    ctx = SSL_CTX_new(TLS_method());
    told(type, "SSL_CTX_use_cert_and_key", SSL_CTX_use_cert_and_key(ctx, id->cert, id->key, NULL, 1));
    told(type, "again", SSL_CTX_use_cert_and_key(ctx, id->cert, id->key, NULL, 0));
    told(type, "a chain", SSL_CTX_add1_chain_cert(ctx, ca.cert));
    told(type, "SSL_CTX_build_cert_chain", SSL_CTX_build_cert_chain(ctx, SSL_BUILD_CHAIN_FLAG_CHECK));
    SSL_CTX_free(ctx);
    /* From files and buffers. */
    ctx = SSL_CTX_new(TLS_method());
    path = tls_pem_file(id->cert, NULL);
    keyfile = tls_pem_file(NULL, id->key);
    told(type, "certificate file", SSL_CTX_use_certificate_file(ctx, path, SSL_FILETYPE_PEM));
    told(type, "chain file", SSL_CTX_use_certificate_chain_file(ctx, path));
    told(type, "key file", SSL_CTX_use_PrivateKey_file(ctx, keyfile, SSL_FILETYPE_PEM));
    told(type, "check", SSL_CTX_check_private_key(ctx));
    unlink(path);
    unlink(keyfile);
    free(path);
    free(keyfile);
    len = i2d_X509(id->cert, &der);
    told(type, "certificate in DER", SSL_CTX_use_certificate_ASN1(ctx, len, der));
    OPENSSL_free(der);
    der = NULL;
    len = i2d_PrivateKey(id->key, &der);
    told(type, "key in DER", SSL_CTX_use_PrivateKey_ASN1(EVP_PKEY_get_base_id(id->key), ctx, der, len));
    OPENSSL_free(der);
    SSL_CTX_free(ctx);
    tls_id_free(&rsa);
}

static void meet(const char *type, const tls_id *id, int v, int with_ecdsa)
{
    world w = { .cctx = SSL_CTX_new(TLS_client_method()), .sctx = SSL_CTX_new(TLS_server_method()) };
    tls_id other = tls_leaf(&ca, "P-256", "localhost", NULL);
    duo *d;

    /* Suites that both libraries have. */
    SSL_CTX_set_cipher_list(w.cctx, "ECDHE");
    if (with_ecdsa) {
        SSL_CTX_use_certificate(w.sctx, other.cert);
        SSL_CTX_use_PrivateKey(w.sctx, other.key);
    }
    SSL_CTX_use_certificate(w.sctx, id->cert);
    SSL_CTX_use_PrivateKey(w.sctx, id->key);
    d = duo_new(&w, v);
    duo_handshake(d);
    same("%s %s%s: %d %d (%s|%s) alert %d", type, version_name(v), with_ecdsa ? " beside P-256" : "", d->out.client.done,
         d->out.server.done, d->out.client.errors, d->out.server.errors, trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0));
    if (d->out.server.done == 1) {
        same("%s: served its own %d", type, SSL_get_certificate(d->s) == id->cert);
        ok(tls_echo(d->c, d->s), "%s: data passes", type);
    }
    duo_free(d);
    /* A client's. */
    SSL_CTX_use_certificate(w.sctx, other.cert);
    SSL_CTX_use_PrivateKey(w.sctx, other.key);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), ca.cert);
    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_use_certificate(w.cctx, id->cert);
    SSL_CTX_use_PrivateKey(w.cctx, id->key);
    d = duo_new(&w, v);
    duo_handshake(d);
    same("%s %s client: %d %d (%s|%s), certificate %d", type, version_name(v), d->out.client.done, d->out.server.done,
         d->out.client.errors, d->out.server.errors, SSL_get0_peer_certificate(d->s) != NULL);
    duo_free(d);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
    tls_id_free(&other);
}

int main(void)
{
    static const char *const types[] = {
        "DSA", "RSA", "RSA-PSS", "P-256", "secp256k1", "brainpoolP256r1", "ED25519", "ED448", "X25519", "X448", "SM2", "DH",
    };
    size_t i;

    ca = tls_ca("P-256", "Test CA");
    for (i = 0; i < sizeof types / sizeof *types; i++) {
        tls_id id = certificate(types[i]);

        load(types[i], &id);
        FOR_VERSIONS(v) {
            meet(types[i], &id, v, 0);
            meet(types[i], &id, v, 1);
        }
        meet(types[i], &id, 0, 0);
        tls_id_free(&id);
    }
    tls_id_free(&ca);
    return done();
}
