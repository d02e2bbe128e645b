/* What most C tests need: keys and certificates made in memory, a pair of contexts, two SSLs
 * joined by a transport, the handshake driven to its end, the error queue as text.
 *
 *   tls_id ca = tls_ca("P-256", "Test CA");
 *   tls_id leaf = tls_leaf(&ca, "P-256", "localhost", "DNS:localhost,IP:127.0.0.1");
 *   SSL_CTX *sctx = tls_server_ctx(&leaf), *cctx = tls_client_ctx(&ca);
 *   SSL *s = SSL_new(sctx), *c = SSL_new(cctx);
 *   tls_outcome out;
 *   tls_join(c, s, TLS_PAIR);
 *   ok(tls_handshake(c, s, &out), "connects (%s | %s)", out.client.errors, out.server.errors);
 *   ok(tls_echo(c, s), "data passes both ways");
 *   SSL_free(c); SSL_free(s); ... tls_id_free(&leaf);
 *
 * Key types: "RSA" (2048), "RSA-PSS", "P-256", "P-384", "P-521", "ED25519", "ED448".
 * P-256 is the quick one; each RSA key takes seconds under valgrind. Helpers abort() when
 * libcrypto fails. */
#ifndef FERROSSL_TLS_H
#define FERROSSL_TLS_H

#include "harness.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    X509 *cert;
    EVP_PKEY *key;
} tls_id;

#define TLS_MUST(cond)                                                               \
    do {                                                                             \
        if (!(cond)) {                                                               \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                \
            ERR_print_errors_fp(stderr);                                             \
            abort();                                                                 \
        }                                                                            \
    } while (0)

/* Takes every entry out of the error queue: "SSL routines:no shared cipher; ...", "" if none.
 * Four results stay valid at a time. */
static inline const char *tls_errors(void)
{
    static char bufs[4][1024];
    static int turn;
    char *buf = bufs[turn++ % 4];
    size_t used = 0;
    unsigned long e;

    buf[0] = 0;
    while ((e = ERR_get_error()) != 0 && used < sizeof bufs[0] - 1) {
        const char *lib = ERR_lib_error_string(e), *reason = ERR_reason_error_string(e);
        char number[32];
        int n;

        snprintf(number, sizeof number, "reason(%d)", ERR_GET_REASON(e));
        n = snprintf(buf + used, sizeof bufs[0] - used, "%s%s:%s", used ? "; " : "",
                     lib ? lib : "?", reason ? reason : number);
        used += n > 0 ? (size_t)n : 0;
    }
    ERR_clear_error();
    return buf;
}

/* The reason code of the oldest entry of ERR_LIB_SSL; 0 if there is none. Empties the queue. */
static inline int tls_ssl_reason(void)
{
    unsigned long e;
    int reason = 0;

    while ((e = ERR_get_error()) != 0)
        if (reason == 0 && ERR_GET_LIB(e) == ERR_LIB_SSL)
            reason = ERR_GET_REASON(e);
    return reason;
}

static inline EVP_PKEY *tls_key(const char *type)
{
    EVP_PKEY *key = NULL;

    if (strcmp(type, "RSA") == 0) {
        key = EVP_RSA_gen(2048);
    } else if (strcmp(type, "RSA-PSS") == 0) {
        EVP_PKEY_CTX *gen = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);

        TLS_MUST(gen && EVP_PKEY_keygen_init(gen) > 0
                 && EVP_PKEY_CTX_set_rsa_keygen_bits(gen, 2048) > 0
                 && EVP_PKEY_generate(gen, &key) > 0);
        EVP_PKEY_CTX_free(gen);
    } else if (strncmp(type, "ED", 2) == 0) {
        key = EVP_PKEY_Q_keygen(NULL, NULL, type);
    } else {
        key = EVP_EC_gen(type);
    }
    TLS_MUST(key != NULL);
    return key;
}

static inline void tls_add_ext(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *ext;

    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    TLS_MUST(ext && X509_add_ext(cert, ext, -1));
    X509_EXTENSION_free(ext);
}

/* The general form: `issuer` NULL signs with the certificate's own key; `san` and `usage`
 * (extendedKeyUsage) may be NULL; valid from `from` to `to` seconds from now. */
static inline tls_id tls_cert(const tls_id *issuer, const char *type, const char *cn,
                              const char *san, const char *usage, int is_ca, long from, long to)
{
    static long serial = 1;
    tls_id id = { X509_new(), tls_key(type) };
    EVP_PKEY *signer = issuer ? issuer->key : id.key;
    X509 *parent = issuer ? issuer->cert : id.cert;
    X509_NAME *name;

    TLS_MUST(id.cert && X509_set_version(id.cert, X509_VERSION_3));
    TLS_MUST(ASN1_INTEGER_set(X509_get_serialNumber(id.cert), serial++));
    name = X509_get_subject_name(id.cert);
    TLS_MUST(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
                                        (const unsigned char *)"ferrossl test", -1, -1, 0));
    TLS_MUST(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1,
                                        -1, 0));
    TLS_MUST(X509_set_issuer_name(id.cert, X509_get_subject_name(parent)));
    TLS_MUST(X509_gmtime_adj(X509_getm_notBefore(id.cert), from));
    TLS_MUST(X509_gmtime_adj(X509_getm_notAfter(id.cert), to));
    TLS_MUST(X509_set_pubkey(id.cert, id.key));
    tls_add_ext(id.cert, parent, NID_basic_constraints,
                is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    tls_add_ext(id.cert, parent, NID_key_usage,
                is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    tls_add_ext(id.cert, parent, NID_subject_key_identifier, "hash");
    if (issuer != NULL)
        tls_add_ext(id.cert, parent, NID_authority_key_identifier, "keyid");
    if (usage != NULL)
        tls_add_ext(id.cert, parent, NID_ext_key_usage, usage);
    if (san != NULL)
        tls_add_ext(id.cert, parent, NID_subject_alt_name, san);
    TLS_MUST(X509_sign(id.cert, signer,
                       EVP_PKEY_is_a(signer, "ED25519") || EVP_PKEY_is_a(signer, "ED448")
                           ? NULL
                           : EVP_sha256()));
    return id;
}

#define TLS_DAY 86400L

static inline tls_id tls_ca(const char *type, const char *cn)
{
    return tls_cert(NULL, type, cn, NULL, NULL, 1, -TLS_DAY, 3650 * TLS_DAY);
}

static inline tls_id tls_intermediate(const tls_id *ca, const char *type, const char *cn)
{
    return tls_cert(ca, type, cn, NULL, NULL, 1, -TLS_DAY, 3650 * TLS_DAY);
}

/* A server's certificate; `san` as in openssl.cnf: "DNS:localhost,IP:127.0.0.1". */
static inline tls_id tls_leaf(const tls_id *ca, const char *type, const char *cn,
                              const char *san)
{
    return tls_cert(ca, type, cn, san, "serverAuth", 0, -TLS_DAY, 365 * TLS_DAY);
}

static inline tls_id tls_expired_leaf(const tls_id *ca, const char *type, const char *cn,
                                      const char *san)
{
    return tls_cert(ca, type, cn, san, "serverAuth", 0, -30 * TLS_DAY, -TLS_DAY);
}

static inline tls_id tls_client_leaf(const tls_id *ca, const char *type, const char *cn)
{
    return tls_cert(ca, type, cn, NULL, "clientAuth", 0, -TLS_DAY, 365 * TLS_DAY);
}

static inline void tls_id_free(tls_id *id)
{
    X509_free(id->cert);
    EVP_PKEY_free(id->key);
    id->cert = NULL;
    id->key = NULL;
}

/* A server's context with `id` as certificate and key; `id` NULL leaves it without. */
static inline SSL_CTX *tls_server_ctx(const tls_id *id)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    TLS_MUST(ctx != NULL);
    if (id != NULL) {
        TLS_MUST(SSL_CTX_use_certificate(ctx, id->cert) == 1);
        TLS_MUST(SSL_CTX_use_PrivateKey(ctx, id->key) == 1);
    }
    return ctx;
}

/* A client's context that trusts `ca` and verifies; `ca` NULL trusts nothing and does not. */
static inline SSL_CTX *tls_client_ctx(const tls_id *ca)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    TLS_MUST(ctx != NULL);
    if (ca != NULL) {
        TLS_MUST(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca->cert) == 1);
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    }
    return ctx;
}

enum tls_transport {
    TLS_PAIR,    /* BIO_new_bio_pair with its default 17 KiB */
    TLS_MEM,     /* two memory BIOs, each shared by both SSLs */
    TLS_SOCKETS, /* a non-blocking socketpair */
};

/* Joins the two and sets their roles. The SSLs own the transport. */
static inline void tls_join(SSL *client, SSL *server, enum tls_transport transport)
{
    BIO *cb = NULL, *sb = NULL;

    if (transport == TLS_MEM) {
        BIO *to_server = BIO_new(BIO_s_mem()), *to_client = BIO_new(BIO_s_mem());

        TLS_MUST(to_server && to_client && BIO_up_ref(to_server) && BIO_up_ref(to_client));
        SSL_set_bio(client, to_client, to_server);
        SSL_set_bio(server, to_server, to_client);
    } else {
        if (transport == TLS_SOCKETS) {
            int fds[2], i;

            TLS_MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
            for (i = 0; i < 2; i++)
                TLS_MUST(fcntl(fds[i], F_SETFL, fcntl(fds[i], F_GETFL) | O_NONBLOCK) == 0);
            cb = BIO_new_socket(fds[0], BIO_CLOSE);
            sb = BIO_new_socket(fds[1], BIO_CLOSE);
            TLS_MUST(cb && sb);
        } else {
            TLS_MUST(BIO_new_bio_pair(&cb, 0, &sb, 0) == 1);
        }
        SSL_set_bio(client, cb, cb);
        SSL_set_bio(server, sb, sb);
    }
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
}

/* How one side's handshake ended. */
typedef struct {
    int done;          /* 1 finished, -1 failed, 0 still wants something */
    int error;         /* SSL_get_error of the last call */
    int reason;        /* reason of the first ERR_LIB_SSL entry of a failure, or 0 */
    char errors[512];  /* the whole queue of a failure */
} tls_side;

typedef struct {
    tls_side client, server;
} tls_outcome;

static inline void tls_step(SSL *ssl, tls_side *side)
{
    int r;

    if (side->done != 0)
        return;
    ERR_clear_error();
    r = SSL_do_handshake(ssl);
    side->error = SSL_get_error(ssl, r);
    if (r == 1) {
        side->done = 1;
    } else if (side->error == SSL_ERROR_SSL || side->error == SSL_ERROR_SYSCALL
               || side->error == SSL_ERROR_ZERO_RETURN) {
        unsigned long e = ERR_peek_error();

        side->done = -1;
        side->reason = ERR_GET_LIB(e) == ERR_LIB_SSL ? ERR_GET_REASON(e) : 0;
        snprintf(side->errors, sizeof side->errors, "%s", tls_errors());
    }
}

/* Drives both handshakes until each has ended or nothing moves; 1 when both succeeded. When
 * one fails the other goes on, and so reads its alert. `out` may be NULL. */
static inline int tls_handshake(SSL *client, SSL *server, tls_outcome *out)
{
    tls_outcome local;
    int round;

    if (out == NULL)
        out = &local;
    memset(out, 0, sizeof *out);
    for (round = 0; round < 200 && (out->client.done == 0 || out->server.done == 0); round++) {
        tls_step(client, &out->client);
        tls_step(server, &out->server);
    }
    return out->client.done == 1 && out->server.done == 1;
}

/* Sends `n` bytes from one to the other, reading as they come; 1 when all arrived intact. */
static inline int tls_transfer(SSL *from, SSL *to, const void *data, int n)
{
    unsigned char *got = malloc((size_t)n + 1);
    const unsigned char *src = data;
    int sent = 0, received = 0, idle = 0, same;
    long mode = SSL_get_mode(from);

    TLS_MUST(got != NULL);
    SSL_set_mode(from, SSL_MODE_ENABLE_PARTIAL_WRITE);
    while (received < n && idle < 100) {
        int w = 0, r;

        if (sent < n && (w = SSL_write(from, src + sent, n - sent)) > 0)
            sent += w;
        r = SSL_read(to, got + received, n - received);
        if (r > 0)
            received += r;
        idle = w > 0 || r > 0 ? 0 : idle + 1;
    }
    if (!(mode & SSL_MODE_ENABLE_PARTIAL_WRITE))
        SSL_clear_mode(from, SSL_MODE_ENABLE_PARTIAL_WRITE);
    same = received == n && memcmp(got, data, (size_t)n) == 0;
    free(got);
    return same;
}

/* A short message each way. */
static inline int tls_echo(SSL *client, SSL *server)
{
    return tls_transfer(client, server, "ping from client", 16)
           && tls_transfer(server, client, "pong from server", 16);
}

/* Writes `cert` then `key` (either may be NULL) as PEM to a new file under /tmp; unlink() and
 * free() the name. */
static inline char *tls_pem_file(X509 *cert, EVP_PKEY *key)
{
    char *path = strdup("/tmp/ferrossl-test-XXXXXX");
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");

    TLS_MUST(f != NULL);
    TLS_MUST(cert == NULL || PEM_write_X509(f, cert) == 1);
    TLS_MUST(key == NULL || PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1);
    fclose(f);
    return path;
}

#endif
