/* More certificates than tls.h makes (each wrong in one way if need be), and readers of what
 * one call left behind: its SSL_get_error and error-queue entry. */
#ifndef FERROSSL_CERTS_H
#define FERROSSL_CERTS_H

#include "tls.h"

/* What a certificate is to say; zero members mean the usual. */
struct cert_spec {
    const char *cn;
    EVP_PKEY *key;           /* the subject's; NULL makes a P-256 key */
    const tls_id *issuer;    /* NULL: self-signed */
    int ca;
    const char *constraints; /* basicConstraints instead of the usual */
    const char *san;
    const char *usage;       /* extendedKeyUsage */
    long from, to;           /* seconds from now; 0 and 0: a day each way */
};

/* A certificate as `spec` says, with a reference of its own to the key. tls_id_free frees it. */
static inline tls_id cert_from(const struct cert_spec *spec)
{
    static long serial = 100000;
    tls_id id = { X509_new(), spec->key };
    X509 *parent = spec->issuer ? spec->issuer->cert : id.cert;
    EVP_PKEY *signer;
    int dated = spec->from != 0 || spec->to != 0;

    if (id.key == NULL)
        id.key = tls_key("P-256");
    else
        EVP_PKEY_up_ref(id.key);
    signer = spec->issuer ? spec->issuer->key : id.key;
    TLS_MUST(id.cert && X509_set_version(id.cert, X509_VERSION_3));
    TLS_MUST(ASN1_INTEGER_set(X509_get_serialNumber(id.cert), serial++));
    TLS_MUST(X509_NAME_add_entry_by_txt(X509_get_subject_name(id.cert), "CN", MBSTRING_ASC,
                                        (const unsigned char *)spec->cn, -1, -1, 0));
    TLS_MUST(X509_set_issuer_name(id.cert, X509_get_subject_name(parent)));
    TLS_MUST(X509_gmtime_adj(X509_getm_notBefore(id.cert), dated ? spec->from : -TLS_DAY));
    TLS_MUST(X509_gmtime_adj(X509_getm_notAfter(id.cert), dated ? spec->to : TLS_DAY));
    TLS_MUST(X509_set_pubkey(id.cert, id.key));
    if (spec->constraints != NULL)
        tls_add_ext(id.cert, parent, NID_basic_constraints, spec->constraints);
    else
        tls_add_ext(id.cert, parent, NID_basic_constraints,
                    spec->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    tls_add_ext(id.cert, parent, NID_subject_key_identifier, "hash");
    if (spec->issuer != NULL)
        tls_add_ext(id.cert, parent, NID_authority_key_identifier, "keyid");
    if (spec->san != NULL)
        tls_add_ext(id.cert, parent, NID_subject_alt_name, spec->san);
    if (spec->usage != NULL)
        tls_add_ext(id.cert, parent, NID_ext_key_usage, spec->usage);
    TLS_MUST(X509_sign(id.cert, signer, EVP_PKEY_is_a(signer, "ED25519") ? NULL : EVP_sha256()));
    return id;
}

/* cert_make(.cn = "x", .issuer = &ca) */
#define cert_make(...) cert_from(&(struct cert_spec){ __VA_ARGS__ })

/* The oldest entry of the error queue, which is emptied: its reason if it is libssl's, the
 * reason's negative if another library's, 0 if there was none. */
static inline int first_reason(void)
{
    unsigned long e = ERR_peek_error();

    ERR_clear_error();
    return ERR_GET_LIB(e) == ERR_LIB_SSL ? ERR_GET_REASON(e) : -ERR_GET_REASON(e);
}

/* The same for the newest. */
static inline int last_reason(void)
{
    unsigned long e = ERR_peek_last_error();

    ERR_clear_error();
    return ERR_GET_LIB(e) == ERR_LIB_SSL ? ERR_GET_REASON(e) : -ERR_GET_REASON(e);
}

/* Reads one byte, expecting none: takes in what the peer sent, an alert above all. Returns
 * SSL_get_error; `reason` gets first_reason(). */
static inline int read_alert(SSL *ssl, int *reason)
{
    char byte;
    int r, err;

    ERR_clear_error();
    r = SSL_read(ssl, &byte, 1);
    err = SSL_get_error(ssl, r);
    *reason = first_reason();
    return err;
}

static inline void fix_version(SSL_CTX *ctx, int version)
{
    TLS_MUST(SSL_CTX_set_min_proto_version(ctx, version));
    TLS_MUST(SSL_CTX_set_max_proto_version(ctx, version));
}

#endif
