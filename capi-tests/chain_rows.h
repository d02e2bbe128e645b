/* The rows of chain_matrix.c: the chain of each, and what is to come of it. */
#ifndef FERROSSL_CHAIN_ROWS_H
#define FERROSSL_CHAIN_ROWS_H

#include "certs.h"

#include <openssl/x509_vfy.h>

#define V(name) X509_V_ERR_##name
#define HOST "good.host.example"
#define USES "serverAuth,clientAuth"

/* A chain as a peer sends it, and what the other side judges it by. */
struct chain {
    tls_id certs[6]; /* the leaf first; NULL ends */
    int sent;        /* so many are sent */
    X509 *trusted[3];
    X509_CRL *crls[3];
    int depth;       /* -1: not set */
    int level;       /* -1: not set */
    unsigned long flags;
    const char *host, *ip, *policy;
    time_t at;
    int purpose;
};

static tls_id root, other_root, rsa_root, server_id;
static EVP_PKEY *small_key;

/* A certificate made in parts: extension values instead of the usual, "" for none. */
struct make {
    const char *cn, *constraints, *key_usage, *usage, *san, *extra;
    int extra_nid;
    long from, to;
    EVP_PKEY *key;
    const EVP_MD *md;
    int version; /* 1, or 3 for 0 */
};

static tls_id make_from(const tls_id *issuer, int ca, const struct make *m)
{
    static long serial = 5000;
    tls_id id = { X509_new(), m->key };
    X509 *parent = issuer ? issuer->cert : id.cert;
    const char *constraints = m->constraints ? m->constraints
                                             : ca ? "critical,CA:TRUE" : "critical,CA:FALSE";
    const char *key_usage = m->key_usage ? m->key_usage
                            : ca         ? "critical,keyCertSign,cRLSign"
                                         : "critical,digitalSignature";
    const char *usage = m->usage ? m->usage : ca ? "" : USES;
    const char *san = m->san ? m->san : ca ? "" : "DNS:" HOST ",IP:192.0.2.1";
    const char *cn = m->cn ? m->cn : ca ? "ca" : HOST;
    X509_NAME *name = X509_get_subject_name(id.cert);

    if (id.key == NULL)
        id.key = tls_key("P-256");
    else
        EVP_PKEY_up_ref(id.key);
    TLS_MUST(X509_set_version(id.cert, m->version == 1 ? X509_VERSION_1 : X509_VERSION_3));
    TLS_MUST(ASN1_INTEGER_set(X509_get_serialNumber(id.cert), serial++));
    TLS_MUST(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1,
                                        -1, 0));
    TLS_MUST(X509_set_issuer_name(id.cert, X509_get_subject_name(parent)));
    TLS_MUST(X509_gmtime_adj(X509_getm_notBefore(id.cert), m->from ? m->from : -TLS_DAY));
    TLS_MUST(X509_gmtime_adj(X509_getm_notAfter(id.cert), m->to ? m->to : TLS_DAY));
    TLS_MUST(X509_set_pubkey(id.cert, id.key));
    if (m->version != 1) {
        if (*constraints)
            tls_add_ext(id.cert, parent, NID_basic_constraints, constraints);
        if (*key_usage)
            tls_add_ext(id.cert, parent, NID_key_usage, key_usage);
        tls_add_ext(id.cert, parent, NID_subject_key_identifier, "hash");
        if (issuer != NULL && X509_get0_subject_key_id(parent) != NULL)
            tls_add_ext(id.cert, parent, NID_authority_key_identifier, "keyid");
        if (*usage)
            tls_add_ext(id.cert, parent, NID_ext_key_usage, usage);
        if (*san)
            tls_add_ext(id.cert, parent, NID_subject_alt_name, san);
        if (m->extra != NULL)
            tls_add_ext(id.cert, parent, m->extra_nid, m->extra);
    }
    TLS_MUST(X509_sign(id.cert, issuer ? issuer->key : id.key, m->md ? m->md : EVP_sha256()));
    return id;
}

#define MAKE(issuer, ca, ...) make_from(issuer, ca, &(struct make){ .extra_nid = 0, ##__VA_ARGS__ })
#define LEAF(issuer, ...) MAKE(issuer, 0, __VA_ARGS__)
#define CA(issuer, ...) MAKE(issuer, 1, __VA_ARGS__)

/* The leaf, an intermediate and, not sent, the root, as most rows have them. */
#define TWO(c, leaf_args, ca_args)                                                   \
    do {                                                                             \
        (c)->certs[1] = CA ca_args;                                                  \
        (c)->certs[0] = LEAF leaf_args;                                              \
        (c)->sent = 2;                                                               \
    } while (0)
#define INTER (&c->certs[1])

static X509_CRL *make_crl(const tls_id *ca, const tls_id *signer, const X509 *revoked, long from,
                          long to)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *last = X509_gmtime_adj(NULL, from), *next = X509_gmtime_adj(NULL, to);

    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca->cert));
    X509_CRL_set1_lastUpdate(crl, last);
    X509_CRL_set1_nextUpdate(crl, next);
    if (revoked != NULL) {
        X509_REVOKED *entry = X509_REVOKED_new();

        X509_REVOKED_set_serialNumber(entry, (ASN1_INTEGER *)X509_get0_serialNumber(revoked));
        X509_REVOKED_set_revocationDate(entry, last);
        X509_CRL_add0_revoked(crl, entry);
    }
    TLS_MUST(X509_CRL_sign(crl, signer->key, EVP_sha256()));
    ASN1_TIME_free(last);
    ASN1_TIME_free(next);
    return crl;
}

/* Changes a bit of a certificate's signature, of what it was parsed from too. */
static void spoil(X509 **cert)
{
    unsigned char *der = NULL;
    const unsigned char *at;
    int len = i2d_X509(*cert, &der);

    der[len - 1] ^= 1;
    at = der;
    X509_free(*cert);
    *cert = d2i_X509(NULL, &at, len);
    TLS_MUST(*cert != NULL);
    OPENSSL_free(der);
}

/* ---- the rows' chains ---- */
static void direct(struct chain *c) { c->certs[0] = LEAF(&root); c->sent = 1; }
static void two(struct chain *c) { TWO(c, (INTER), (&root)); }
static void three(struct chain *c)
{
    c->certs[2] = CA(&root, .cn = "upper");
    c->certs[1] = CA(&c->certs[2], .cn = "lower");
    c->certs[0] = LEAF(&c->certs[1]);
    c->sent = 3;
}
static void rsa_leaf(struct chain *c) { c->certs[0] = LEAF(&root, .key = rsa_root.key); c->sent = 1; }
static void rsa_issuer(struct chain *c)
{
    c->certs[0] = LEAF(&rsa_root);
    c->sent = 1;
    c->trusted[0] = rsa_root.cert;
}
static void with_root(struct chain *c)
{
    two(c);
    c->certs[2] = (tls_id){ root.cert, root.key };
    X509_up_ref(root.cert);
    EVP_PKEY_up_ref(root.key);
    c->sent = 3;
}
static void swapped(struct chain *c)
{
    tls_id upper;

    three(c);
    upper = c->certs[2];
    c->certs[2] = c->certs[1];
    c->certs[1] = upper;
}
static void doubled(struct chain *c)
{
    two(c);
    c->certs[2] = c->certs[1];
    X509_up_ref(c->certs[2].cert);
    EVP_PKEY_up_ref(c->certs[2].key);
    c->sent = 3;
}
static void superfluous(struct chain *c)
{
    two(c);
    c->certs[2] = CA(&other_root, .cn = "of no use");
    c->sent = 3;
}
/* One key and name certified by a root nobody knows and by the known one. */
static void crossed(struct chain *c)
{
    c->certs[1] = CA(&other_root, .cn = "crossed");
    c->certs[2] = CA(&root, .cn = "crossed", .key = c->certs[1].key);
    c->certs[0] = LEAF(&c->certs[1]);
    c->sent = 3;
}
static void crossed_back(struct chain *c)
{
    tls_id first;

    crossed(c);
    first = c->certs[1];
    c->certs[1] = c->certs[2];
    c->certs[2] = first;
}
static void crossed_expired(struct chain *c)
{
    c->certs[1] = CA(&root, .cn = "crossed", .from = -2 * TLS_DAY, .to = -60);
    c->certs[2] = CA(&root, .cn = "crossed", .key = c->certs[1].key);
    c->certs[0] = LEAF(&c->certs[1]);
    c->sent = 3;
}
static void leaf_alone(struct chain *c) { two(c); c->sent = 1; }
static void known_inter(struct chain *c) { two(c); c->sent = 1; c->trusted[1] = c->certs[1].cert; }
static void expired_leaf(struct chain *c) { TWO(c, (INTER, .from = -2 * TLS_DAY, .to = -60), (&root)); }
static void future_leaf(struct chain *c) { TWO(c, (INTER, .from = 3600), (&root)); }
static void expired_inter(struct chain *c) { TWO(c, (INTER), (&root, .from = -2 * TLS_DAY, .to = -60)); }
static void future_inter(struct chain *c) { TWO(c, (INTER), (&root, .from = 3600)); }
static void own_root(struct chain *c, struct make m)
{
    c->certs[1] = make_from(NULL, 1, &m);
    c->certs[0] = LEAF(&c->certs[1]);
    c->sent = 1;
    c->trusted[0] = c->certs[1].cert;
}
static void expired_root(struct chain *c) { own_root(c, (struct make){ .from = -2 * TLS_DAY, .to = -60 }); }
static void future_root(struct chain *c) { own_root(c, (struct make){ .from = 3600 }); }
static void plain_root(struct chain *c) { own_root(c, (struct make){ .cn = "own" }); }
static void root_no_sign(struct chain *c) { own_root(c, (struct make){ .key_usage = "critical,cRLSign" }); }
static void root_not_ca(struct chain *c) { own_root(c, (struct make){ .constraints = "critical,CA:FALSE" }); }
static void root_v1(struct chain *c) { own_root(c, (struct make){ .version = 1 }); }
static void late_check(struct chain *c) { two(c); c->at = time(NULL) + 10 * TLS_DAY; }
static void early_check(struct chain *c) { two(c); c->at = time(NULL) - 10 * TLS_DAY; }
static void expired_unchecked(struct chain *c) { expired_leaf(c); c->flags = X509_V_FLAG_NO_CHECK_TIME; }
static void expired_then(struct chain *c) { expired_leaf(c); c->at = time(NULL) - TLS_DAY; c->trusted[0] = root.cert; }
static void self_signed(struct chain *c) { c->certs[0] = LEAF(NULL); c->sent = 1; }
static void self_trusted(struct chain *c) { self_signed(c); c->trusted[1] = c->certs[0].cert; }
static void unknown_root(struct chain *c) { c->certs[0] = LEAF(&other_root); c->sent = 1; }
static void unknown_sent(struct chain *c)
{
    unknown_root(c);
    c->certs[1] = (tls_id){ other_root.cert, other_root.key };
    X509_up_ref(other_root.cert);
    EVP_PKEY_up_ref(other_root.key);
    c->sent = 2;
}
static void nothing_trusted(struct chain *c) { two(c); c->trusted[0] = NULL; }
static void only_inter(struct chain *c) { two(c); c->trusted[0] = c->certs[1].cert; }
static void partial_inter(struct chain *c) { only_inter(c); c->flags = X509_V_FLAG_PARTIAL_CHAIN; }
static void only_leaf(struct chain *c) { two(c); c->trusted[0] = c->certs[0].cert; }
static void partial_leaf(struct chain *c) { only_leaf(c); c->flags = X509_V_FLAG_PARTIAL_CHAIN; }
static void bad_leaf_signature(struct chain *c) { two(c); spoil(&c->certs[0].cert); }
static void bad_inter_signature(struct chain *c) { two(c); spoil(&c->certs[1].cert); }
static void wrong_signer(struct chain *c)
{
    tls_id liar = { NULL, other_root.key };

    c->certs[1] = CA(&root);
    liar.cert = c->certs[1].cert;
    c->certs[0] = LEAF(&liar);
    c->sent = 2;
}
static void inter_not_ca(struct chain *c) { TWO(c, (INTER), (&root, .constraints = "critical,CA:FALSE")); }
static void inter_no_constraints(struct chain *c) { TWO(c, (INTER), (&root, .constraints = "")); }
static void inter_bare(struct chain *c) { TWO(c, (INTER), (&root, .constraints = "", .key_usage = "")); }
static void inter_v1(struct chain *c) { TWO(c, (INTER), (&root, .version = 1)); }
static void inter_no_sign(struct chain *c) { TWO(c, (INTER), (&root, .key_usage = "critical,digitalSignature")); }
static void no_key_usage(struct chain *c) { TWO(c, (INTER, .key_usage = ""), (&root, .key_usage = "")); }
static void any_usage(struct chain *c) { TWO(c, (INTER, .usage = ""), (&root)); }
static void mail_usage(struct chain *c) { TWO(c, (INTER, .usage = "emailProtection"), (&root)); }
static void mail_inter(struct chain *c) { TWO(c, (INTER), (&root, .usage = "emailProtection")); }
static void mail_purpose(struct chain *c) { two(c); c->purpose = X509_PURPOSE_SMIME_SIGN; }
static void path_fits(struct chain *c) { TWO(c, (INTER), (&root, .constraints = "critical,CA:TRUE,pathlen:0")); }
static void path_exceeded(struct chain *c)
{
    c->certs[2] = CA(&root, .cn = "upper", .constraints = "critical,CA:TRUE,pathlen:0");
    c->certs[1] = CA(&c->certs[2], .cn = "lower");
    c->certs[0] = LEAF(&c->certs[1]);
    c->sent = 3;
}
static void leaf_path(struct chain *c) { TWO(c, (INTER, .constraints = "critical,CA:FALSE,pathlen:0"), (&root)); }
static void ca_as_leaf(struct chain *c) { TWO(c, (INTER, .constraints = "critical,CA:TRUE"), (&root)); }
static void deep_enough(struct chain *c) { three(c); c->depth = 2; }
static void too_deep(struct chain *c) { three(c); c->depth = 1; }
static void no_depth(struct chain *c) { two(c); c->depth = 0; }
static void flat(struct chain *c) { direct(c); c->depth = 0; }
static void constrained(struct chain *c, const char *names)
{
    TWO(c, (INTER), (&root, .extra_nid = NID_name_constraints, .extra = names));
}
static void permitted(struct chain *c) { constrained(c, "critical,permitted;DNS:example"); }
static void not_permitted(struct chain *c) { constrained(c, "critical,permitted;DNS:other.test"); }
static void excluded(struct chain *c) { constrained(c, "critical,excluded;DNS:" HOST); }
static void excluded_ip(struct chain *c) { constrained(c, "critical,excluded;IP:192.0.2.0/255.255.255.0"); }
static void odd_constraint(struct chain *c) { constrained(c, "critical,permitted;RID:1.2.3.4"); }
static void unknown_extension(struct chain *c, int critical, int at)
{
    ASN1_OBJECT *oid = OBJ_txt2obj("1.2.3.4.5.6", 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *ext;

    two(c);
    ASN1_OCTET_STRING_set(value, (const unsigned char *)"\5\0", 2);
    ext = X509_EXTENSION_create_by_OBJ(NULL, oid, critical, value);
    X509_add_ext(c->certs[at].cert, ext, -1);
    TLS_MUST(X509_sign(c->certs[at].cert, at ? root.key : c->certs[1].key, EVP_sha256()));
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
}
static void critical_leaf(struct chain *c) { unknown_extension(c, 1, 0); }
static void critical_inter(struct chain *c) { unknown_extension(c, 1, 1); }
static void uncritical(struct chain *c) { unknown_extension(c, 0, 0); }
static void ignored_critical(struct chain *c) { critical_leaf(c); c->flags = X509_V_FLAG_IGNORE_CRITICAL; }
static void small_rsa(struct chain *c) { c->certs[0] = LEAF(&root, .key = small_key); c->sent = 1; }
static void small_inter(struct chain *c) { TWO(c, (INTER), (&root, .key = small_key)); c->level = 2; }
static void small_allowed(struct chain *c) { small_inter(c); c->level = 1; }
static void sha1_leaf(struct chain *c) { TWO(c, (INTER, .md = EVP_sha1()), (&root)); c->level = 2; }
static void sha1_inter(struct chain *c) { TWO(c, (INTER), (&root, .md = EVP_sha1())); c->level = 2; }
static void sha1_root(struct chain *c) { own_root(c, (struct make){ .md = EVP_sha1() }); }
static void right_host(struct chain *c) { two(c); c->host = HOST; }
static void wrong_host(struct chain *c) { two(c); c->host = "bad.example"; }
static void wild_host(struct chain *c) { TWO(c, (INTER, .san = "DNS:*.host.example"), (&root)); c->host = HOST; }
static void deep_wild(struct chain *c) { TWO(c, (INTER, .san = "DNS:*.host.example"), (&root)); c->host = "a." HOST; }
static void name_in_cn(struct chain *c) { TWO(c, (INTER, .san = ""), (&root)); c->host = HOST; }
static void right_ip(struct chain *c) { two(c); c->ip = "192.0.2.1"; }
static void wrong_ip(struct chain *c) { two(c); c->ip = "192.0.2.2"; }
static void crl_clean(struct chain *c)
{
    two(c);
    c->crls[0] = make_crl(INTER, INTER, NULL, -60, TLS_DAY);
    c->flags = X509_V_FLAG_CRL_CHECK;
}
static void crl_revoked(struct chain *c)
{
    two(c);
    c->crls[0] = make_crl(INTER, INTER, c->certs[0].cert, -60, TLS_DAY);
    c->flags = X509_V_FLAG_CRL_CHECK;
}
static void crl_ignored(struct chain *c) { crl_revoked(c); c->flags = 0; }
static void crl_missing(struct chain *c) { two(c); c->flags = X509_V_FLAG_CRL_CHECK; }
static void crl_expired(struct chain *c)
{
    two(c);
    c->crls[0] = make_crl(INTER, INTER, NULL, -7200, -3600);
    c->flags = X509_V_FLAG_CRL_CHECK;
}
static void crl_future(struct chain *c)
{
    two(c);
    c->crls[0] = make_crl(INTER, INTER, NULL, 3600, TLS_DAY);
    c->flags = X509_V_FLAG_CRL_CHECK;
}
static void crl_forged(struct chain *c)
{
    two(c);
    c->crls[0] = make_crl(INTER, &other_root, NULL, -60, TLS_DAY);
    c->flags = X509_V_FLAG_CRL_CHECK;
}
static void crl_inter_revoked(struct chain *c)
{
    crl_clean(c);
    c->crls[1] = make_crl(&root, &root, c->certs[1].cert, -60, TLS_DAY);
    c->flags = X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
}
static void crl_inter_missing(struct chain *c)
{
    crl_clean(c);
    c->flags = X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
}
static void crl_no_sign(struct chain *c)
{
    TWO(c, (INTER), (&root, .key_usage = "critical,keyCertSign"));
    c->crls[0] = make_crl(INTER, INTER, NULL, -60, TLS_DAY);
    c->flags = X509_V_FLAG_CRL_CHECK;
}
static void add_policy(X509 *cert, EVP_PKEY *signer)
{
    CERTIFICATEPOLICIES *policies = sk_POLICYINFO_new_null();
    POLICYINFO *policy = POLICYINFO_new();

    policy->policyid = OBJ_txt2obj("1.2.3.4", 1);
    sk_POLICYINFO_push(policies, policy);
    TLS_MUST(X509_add1_ext_i2d(cert, NID_certificate_policies, policies, 0, 0) == 1);
    TLS_MUST(X509_sign(cert, signer, EVP_sha256()));
    CERTIFICATEPOLICIES_free(policies);
}
static void policy_there(struct chain *c)
{
    two(c);
    add_policy(c->certs[0].cert, c->certs[1].key);
    add_policy(c->certs[1].cert, root.key);
    c->policy = "1.2.3.4";
    c->flags = X509_V_FLAG_POLICY_CHECK | X509_V_FLAG_EXPLICIT_POLICY;
}
static void policy_other(struct chain *c) { policy_there(c); c->policy = "1.2.3.5"; }
static void policy_none(struct chain *c) { two(c); c->flags = X509_V_FLAG_POLICY_CHECK | X509_V_FLAG_EXPLICIT_POLICY; }
static void strict_bare(struct chain *c) { no_key_usage(c); c->flags = X509_V_FLAG_X509_STRICT; }
static void strict_good(struct chain *c) { two(c); c->flags = X509_V_FLAG_X509_STRICT; }

static const struct row {
    void (*build)(struct chain *);
    long result;
    int alert;
    const char *what;
} rows[] = {
    { direct, X509_V_OK, 0, "a leaf of the root" },
    { two, X509_V_OK, 0, "an intermediate" },
    { three, X509_V_OK, 0, "two intermediates" },
    { rsa_leaf, X509_V_OK, 0, "an RSA leaf" },
    { rsa_issuer, X509_V_OK, 0, "an RSA root" },
    { with_root, X509_V_OK, 0, "the root is sent too" },
    { swapped, X509_V_OK, 0, "intermediates in the wrong order" },
    { doubled, X509_V_OK, 0, "an intermediate twice" },
    { superfluous, X509_V_OK, 0, "a certificate of no use" },
    { crossed, V(UNABLE_TO_GET_ISSUER_CERT_LOCALLY), SSL_AD_UNKNOWN_CA,
      "cross-signed, by an unknown root first" },
    { crossed_back, X509_V_OK, 0, "cross-signed, by a known root first" },
    { crossed_expired, X509_V_OK, 0, "cross-signed, the first expired" },
    { leaf_alone, V(UNABLE_TO_GET_ISSUER_CERT_LOCALLY), SSL_AD_UNKNOWN_CA, "the intermediate is not sent" },
    { known_inter, X509_V_OK, 0, "a known intermediate is not sent" },
    { expired_leaf, V(CERT_HAS_EXPIRED), SSL_AD_CERTIFICATE_EXPIRED, "expired" },
    { future_leaf, V(CERT_NOT_YET_VALID), SSL_AD_BAD_CERTIFICATE, "not yet valid" },
    { expired_inter, V(CERT_HAS_EXPIRED), SSL_AD_CERTIFICATE_EXPIRED, "expired intermediate" },
    { future_inter, V(CERT_NOT_YET_VALID), SSL_AD_BAD_CERTIFICATE, "intermediate not yet valid" },
    { plain_root, X509_V_OK, 0, "a root of its own" },
    { expired_root, V(CERT_HAS_EXPIRED), SSL_AD_CERTIFICATE_EXPIRED, "expired root" },
    { future_root, V(CERT_NOT_YET_VALID), SSL_AD_BAD_CERTIFICATE, "root not yet valid" },
    { root_no_sign, V(INVALID_CA), SSL_AD_UNKNOWN_CA, "a root that may not sign certificates" },
    { root_not_ca, V(INVALID_CA), SSL_AD_UNKNOWN_CA, "a root that is no CA" },
    { root_v1, X509_V_OK, 0, "a root of version 1" },
    { late_check, V(CERT_HAS_EXPIRED), SSL_AD_CERTIFICATE_EXPIRED, "judged for a later time" },
    { early_check, V(CERT_NOT_YET_VALID), SSL_AD_BAD_CERTIFICATE, "judged for an earlier time" },
    { expired_unchecked, X509_V_OK, 0, "expired, times not checked" },
    { expired_then, X509_V_OK, 0, "expired, judged for an earlier time" },
    { self_signed, V(DEPTH_ZERO_SELF_SIGNED_CERT), SSL_AD_UNKNOWN_CA, "self-signed" },
    { self_trusted, X509_V_OK, 0, "self-signed and trusted" },
    { unknown_root, V(UNABLE_TO_GET_ISSUER_CERT_LOCALLY), SSL_AD_UNKNOWN_CA, "unknown issuer" },
    { unknown_sent, V(SELF_SIGNED_CERT_IN_CHAIN), SSL_AD_UNKNOWN_CA, "unknown root, sent" },
    { nothing_trusted, V(UNABLE_TO_GET_ISSUER_CERT_LOCALLY), SSL_AD_UNKNOWN_CA, "nothing is trusted" },
    { only_inter, V(UNABLE_TO_GET_ISSUER_CERT), SSL_AD_UNKNOWN_CA, "only the intermediate is trusted" },
    { partial_inter, X509_V_OK, 0, "partial chain, intermediate" },
    { only_leaf, V(UNABLE_TO_GET_ISSUER_CERT_LOCALLY), SSL_AD_UNKNOWN_CA, "only the leaf is trusted" },
    { partial_leaf, X509_V_OK, 0, "partial chain, leaf" },
    { bad_leaf_signature, V(CERT_SIGNATURE_FAILURE), SSL_AD_DECRYPT_ERROR, "bad signature of the leaf" },
    { bad_inter_signature, V(CERT_SIGNATURE_FAILURE), SSL_AD_DECRYPT_ERROR, "bad signature of the intermediate" },
    { wrong_signer, V(CERT_SIGNATURE_FAILURE), SSL_AD_DECRYPT_ERROR, "signed by another key" },
    { inter_not_ca, V(INVALID_CA), SSL_AD_UNKNOWN_CA, "the intermediate is no CA" },
    { inter_no_constraints, V(INVALID_CA), SSL_AD_UNKNOWN_CA, "no basicConstraints, keyCertSign" },
    { inter_bare, V(INVALID_CA), SSL_AD_UNKNOWN_CA, "no basicConstraints, no keyUsage" },
    { inter_v1, V(INVALID_CA), SSL_AD_UNKNOWN_CA, "an intermediate of version 1" },
    { inter_no_sign, V(INVALID_CA), SSL_AD_UNKNOWN_CA, "the intermediate may not sign certificates" },
    { no_key_usage, X509_V_OK, 0, "no keyUsage at all" },
    { any_usage, X509_V_OK, 0, "no extendedKeyUsage" },
    { mail_usage, V(INVALID_PURPOSE), SSL_AD_UNSUPPORTED_CERTIFICATE, "extendedKeyUsage for mail" },
    { mail_inter, V(INVALID_PURPOSE), SSL_AD_UNSUPPORTED_CERTIFICATE, "intermediate for mail" },
    { mail_purpose, V(INVALID_PURPOSE), SSL_AD_UNSUPPORTED_CERTIFICATE, "judged for mail" },
    { path_fits, X509_V_OK, 0, "pathlen 0 and no CA below" },
    { path_exceeded, V(PATH_LENGTH_EXCEEDED), SSL_AD_UNKNOWN_CA, "pathlen exceeded" },
    { leaf_path, X509_V_OK, 0, "a leaf with pathlen" },
    { ca_as_leaf, X509_V_OK, 0, "a CA as leaf" },
    { deep_enough, X509_V_OK, 0, "depth reached" },
    { too_deep, V(CERT_CHAIN_TOO_LONG), SSL_AD_UNKNOWN_CA, "depth exceeded" },
    { no_depth, V(CERT_CHAIN_TOO_LONG), SSL_AD_UNKNOWN_CA, "depth 0, an intermediate" },
    { flat, X509_V_OK, 0, "depth 0, none" },
    { permitted, X509_V_OK, 0, "name permitted" },
    { not_permitted, V(PERMITTED_VIOLATION), SSL_AD_CERTIFICATE_UNKNOWN, "name not permitted" },
    { excluded, V(EXCLUDED_VIOLATION), SSL_AD_CERTIFICATE_UNKNOWN, "name excluded" },
    { excluded_ip, V(EXCLUDED_VIOLATION), SSL_AD_CERTIFICATE_UNKNOWN, "address excluded" },
    { odd_constraint, X509_V_OK, 0, "constraint of a kind not used" },
    { critical_leaf, V(UNHANDLED_CRITICAL_EXTENSION), SSL_AD_CERTIFICATE_UNKNOWN, "unknown critical extension" },
    { critical_inter, V(UNHANDLED_CRITICAL_EXTENSION), SSL_AD_CERTIFICATE_UNKNOWN, "unknown critical extension of the intermediate" },
    { uncritical, X509_V_OK, 0, "unknown extension, not critical" },
    { ignored_critical, X509_V_OK, 0, "unknown critical extension ignored" },
    { small_rsa, X509_V_OK, 0, "a small key at level 1" },
    { small_inter, V(CA_KEY_TOO_SMALL), SSL_AD_BAD_CERTIFICATE, "a small key of the intermediate at level 2" },
    { small_allowed, X509_V_OK, 0, "the same at level 1" },
    { sha1_leaf, V(CA_MD_TOO_WEAK), SSL_AD_BAD_CERTIFICATE, "SHA-1 at level 2" },
    { sha1_inter, V(CA_MD_TOO_WEAK), SSL_AD_BAD_CERTIFICATE, "SHA-1 of the intermediate at level 2" },
    { sha1_root, X509_V_OK, 0, "SHA-1 of the root" },
    { right_host, X509_V_OK, 0, "the host" },
    { wrong_host, V(HOSTNAME_MISMATCH), SSL_AD_BAD_CERTIFICATE, "another host" },
    { wild_host, X509_V_OK, 0, "a wildcard" },
    { deep_wild, V(HOSTNAME_MISMATCH), SSL_AD_BAD_CERTIFICATE, "a wildcard for one label" },
    { name_in_cn, X509_V_OK, 0, "the host as common name" },
    { right_ip, X509_V_OK, 0, "the address" },
    { wrong_ip, V(IP_ADDRESS_MISMATCH), SSL_AD_BAD_CERTIFICATE, "another address" },
    { crl_clean, X509_V_OK, 0, "not on the CRL" },
    { crl_revoked, V(CERT_REVOKED), SSL_AD_CERTIFICATE_REVOKED, "revoked" },
    { crl_ignored, X509_V_OK, 0, "revoked, not checked" },
    { crl_missing, V(UNABLE_TO_GET_CRL), SSL_AD_UNKNOWN_CA, "no CRL" },
    { crl_expired, V(CRL_HAS_EXPIRED), SSL_AD_CERTIFICATE_EXPIRED, "CRL expired" },
    { crl_future, V(CRL_NOT_YET_VALID), SSL_AD_BAD_CERTIFICATE, "CRL not yet valid" },
    { crl_forged, V(CRL_SIGNATURE_FAILURE), SSL_AD_DECRYPT_ERROR, "CRL signed by another key" },
    { crl_inter_revoked, V(CERT_REVOKED), SSL_AD_CERTIFICATE_REVOKED, "intermediate revoked" },
    { crl_inter_missing, V(UNABLE_TO_GET_CRL), SSL_AD_UNKNOWN_CA, "no CRL for the intermediate" },
    { crl_no_sign, V(KEYUSAGE_NO_CRL_SIGN), SSL_AD_CERTIFICATE_UNKNOWN, "the issuer may not sign CRLs" },
    { policy_there, X509_V_OK, 0, "the policy" },
    { policy_other, V(NO_EXPLICIT_POLICY), SSL_AD_CERTIFICATE_UNKNOWN, "another policy" },
    { policy_none, V(NO_EXPLICIT_POLICY), SSL_AD_CERTIFICATE_UNKNOWN, "no policy" },
    { strict_bare, V(CA_CERT_MISSING_KEY_USAGE), SSL_AD_CERTIFICATE_UNKNOWN, "strict, no keyUsage" },
    { strict_good, X509_V_OK, 0, "strict" },
};

#endif
