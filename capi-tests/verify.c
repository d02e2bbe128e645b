/* A client's verification of its server: results, reasons, alerts, callbacks, names, chains, and
 * where trust comes from. SSL_CTX_set_verify(3), SSL_CTX_load_verify_locations(3). */
#include "certs.h"

#include <errno.h>
#include <openssl/x509err.h>

static tls_id root, other_root, inter, leaf, deep_leaf;

/* Runs one connection of `cctx` to a server with `id`, sending `chain` (may be NULL) along, and
 * keeps everything about it until `drop`. */
struct run {
    SSL_CTX *sctx;
    SSL *c, *s;
    tls_outcome out;
    int connected;
    int server_reason; /* of its handshake, or of the alert read after it */
};

static struct run connect_named(SSL_CTX *cctx, const tls_id *id, X509 *chain, int version,
                                const char *host)
{
    struct run r = { .sctx = tls_server_ctx(id) };

    if (chain != NULL)
        SSL_CTX_add1_chain_cert(r.sctx, chain);
    fix_version(r.sctx, version);
    r.c = SSL_new(cctx);
    r.s = SSL_new(r.sctx);
    if (host != NULL)
        SSL_set1_host(r.c, host);
    tls_join(r.c, r.s, TLS_PAIR);
    r.connected = tls_handshake(r.c, r.s, &r.out);
    r.server_reason = r.out.server.reason;
    /* A TLS 1.3 server may have finished before the client's alert arrives. */
    if (r.out.server.done == 1 && r.out.client.done == -1)
        read_alert(r.s, &r.server_reason);
    return r;
}

static struct run connect_to(SSL_CTX *cctx, const tls_id *id, X509 *chain, int version)
{
    return connect_named(cctx, id, chain, version, NULL);
}

static void drop(struct run *r)
{
    SSL_free(r->c);
    SSL_free(r->s);
    SSL_CTX_free(r->sctx);
    ERR_clear_error();
}

/* The client refused: reason, result, and the alert the server was sent. */
static void is_refused(struct run *r, long result, int alert, const char *what)
{
    ok(!r->connected, "%s: refused", what);
    is_int(r->out.client.error, SSL_ERROR_SSL, "%s: SSL_ERROR_SSL", what);
    /* libcrypto may have left an entry of its own before it. */
    ok(strstr(r->out.client.errors, "SSL routines:certificate verify failed") != NULL,
       "%s: the reason (%s)", what, r->out.client.errors);
    is_int(SSL_get_verify_result(r->c), result, "%s: the verify result", what);
    is_int(r->server_reason, SSL_AD_REASON_OFFSET + alert, "%s: the server's alert", what);
}

static void is_accepted(struct run *r, long result, const char *what)
{
    ok(r->connected, "%s: connects (%s)", what, r->out.client.errors);
    is_int(SSL_get_verify_result(r->c), result, "%s: the verify result", what);
    ok(r->connected && tls_echo(r->c, r->s), "%s: data passes", what);
}

static void test_results(int version)
{
    SSL_CTX *cctx = tls_client_ctx(&root), *stranger = tls_client_ctx(&other_root);
    tls_id expired = tls_expired_leaf(&root, "P-256", "localhost", "DNS:localhost");
    tls_id early = cert_make(.cn = "localhost", .issuer = &root, .from = TLS_DAY,
                             .to = 2 * TLS_DAY);
    tls_id client_only = cert_make(.cn = "localhost", .issuer = &root, .usage = "clientAuth");
    tls_id self = cert_make(.cn = "localhost");
    tls_id not_ca = cert_make(.cn = "not a CA", .issuer = &root);
    tls_id below = cert_make(.cn = "localhost", .issuer = &not_ca);
    tls_id narrow = cert_make(.cn = "narrow", .issuer = &root,
                              .constraints = "critical,CA:TRUE,pathlen:0");
    tls_id narrow2 = cert_make(.cn = "narrow 2", .issuer = &narrow, .ca = 1);
    tls_id too_deep = cert_make(.cn = "localhost", .issuer = &narrow2);
    tls_id fake_root = { root.cert, other_root.key };
    tls_id bad_sig = cert_make(.cn = "localhost", .issuer = &fake_root);
    struct run r;

    r = connect_to(cctx, &leaf, NULL, version);
    is_accepted(&r, X509_V_OK, "a good certificate");
    drop(&r);
    r = connect_to(cctx, &deep_leaf, inter.cert, version);
    is_accepted(&r, X509_V_OK, "a good chain");
    drop(&r);
    r = connect_to(cctx, &deep_leaf, NULL, version);
    is_refused(&r, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, SSL_AD_UNKNOWN_CA,
               "a missing intermediate");
    drop(&r);
    r = connect_to(stranger, &leaf, NULL, version);
    is_refused(&r, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, SSL_AD_UNKNOWN_CA,
               "an unknown CA");
    drop(&r);
    r = connect_to(stranger, &leaf, root.cert, version);
    is_refused(&r, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, SSL_AD_UNKNOWN_CA,
               "an unknown CA in the chain");
    drop(&r);
    r = connect_to(cctx, &self, NULL, version);
    is_refused(&r, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, SSL_AD_UNKNOWN_CA, "self-signed");
    drop(&r);
    r = connect_to(cctx, &expired, NULL, version);
    is_refused(&r, X509_V_ERR_CERT_HAS_EXPIRED, SSL_AD_CERTIFICATE_EXPIRED, "expired");
    drop(&r);
    r = connect_to(cctx, &early, NULL, version);
    is_refused(&r, X509_V_ERR_CERT_NOT_YET_VALID, SSL_AD_BAD_CERTIFICATE, "not yet valid");
    drop(&r);
    r = connect_to(cctx, &client_only, NULL, version);
    is_refused(&r, X509_V_ERR_INVALID_PURPOSE, SSL_AD_UNSUPPORTED_CERTIFICATE,
               "a client's certificate");
    drop(&r);
    r = connect_to(cctx, &below, not_ca.cert, version);
    is_refused(&r, X509_V_ERR_INVALID_CA, SSL_AD_UNKNOWN_CA, "an issuer that is no CA");
    drop(&r);
    r = connect_to(cctx, &bad_sig, NULL, version);
    is_refused(&r, X509_V_ERR_CERT_SIGNATURE_FAILURE, SSL_AD_DECRYPT_ERROR, "a bad signature");
    drop(&r);
    {
        struct run p = { .sctx = tls_server_ctx(&too_deep) };

        SSL_CTX_add1_chain_cert(p.sctx, narrow2.cert);
        SSL_CTX_add1_chain_cert(p.sctx, narrow.cert);
        fix_version(p.sctx, version);
        p.c = SSL_new(cctx);
        p.s = SSL_new(p.sctx);
        tls_join(p.c, p.s, TLS_PAIR);
        p.connected = tls_handshake(p.c, p.s, &p.out);
        p.server_reason = p.out.server.reason;
        if (p.out.server.done == 1)
            read_alert(p.s, &p.server_reason);
        is_refused(&p, X509_V_ERR_PATH_LENGTH_EXCEEDED, SSL_AD_UNKNOWN_CA, "pathlen exceeded");
        drop(&p);
    }
    tls_id_free(&expired);
    tls_id_free(&early);
    tls_id_free(&client_only);
    tls_id_free(&self);
    tls_id_free(&below);
    tls_id_free(&not_ca);
    tls_id_free(&too_deep);
    tls_id_free(&narrow2);
    tls_id_free(&narrow);
    tls_id_free(&bad_sig);
    SSL_CTX_free(cctx);
    SSL_CTX_free(stranger);
}

static void test_names(int version)
{
    SSL_CTX *cctx = tls_client_ctx(&root);
    struct run r;
    X509_VERIFY_PARAM *param;

    r = connect_named(cctx, &leaf, NULL, version, "localhost");
    is_accepted(&r, X509_V_OK, "the right host");
    is_str(SSL_get0_peername(r.c), "localhost", "SSL_get0_peername");
    drop(&r);
    r = connect_named(cctx, &leaf, NULL, version, "a.wild.example");
    is_accepted(&r, X509_V_OK, "a host under a wildcard");
    is_str(SSL_get0_peername(r.c), "*.wild.example", "SSL_get0_peername tells the wildcard");
    drop(&r);
    r = connect_named(cctx, &leaf, NULL, version, "b.a.wild.example");
    is_refused(&r, X509_V_ERR_HOSTNAME_MISMATCH, SSL_AD_BAD_CERTIFICATE, "two labels under it");
    is_str(SSL_get0_peername(r.c), NULL, "no SSL_get0_peername");
    drop(&r);
    r = connect_named(cctx, &leaf, NULL, version, "other.example");
    is_refused(&r, X509_V_ERR_HOSTNAME_MISMATCH, SSL_AD_BAD_CERTIFICATE, "a wrong host");
    drop(&r);

    /* SSL_CTX's parameters are inherited. */
    param = SSL_CTX_get0_param(cctx);
    X509_VERIFY_PARAM_set1_ip_asc(param, "127.0.0.1");
    r = connect_to(cctx, &leaf, NULL, version);
    is_accepted(&r, X509_V_OK, "the right address");
    drop(&r);
    X509_VERIFY_PARAM_set1_ip_asc(param, "127.0.0.2");
    r = connect_to(cctx, &leaf, NULL, version);
    is_refused(&r, X509_V_ERR_IP_ADDRESS_MISMATCH, SSL_AD_BAD_CERTIFICATE, "a wrong address");
    drop(&r);
    SSL_CTX_free(cctx);

    cctx = tls_client_ctx(&root);
    param = SSL_CTX_get0_param(cctx);
    X509_VERIFY_PARAM_set1_host(param, "a.wild.example", 0);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_WILDCARDS);
    r = connect_to(cctx, &leaf, NULL, version);
    is_refused(&r, X509_V_ERR_HOSTNAME_MISMATCH, SSL_AD_BAD_CERTIFICATE, "wildcards forbidden");
    drop(&r);
    SSL_CTX_free(cctx);
}

static void test_depth(int version)
{
    SSL_CTX *cctx = tls_client_ctx(&root);
    struct run r;

    SSL_CTX_set_verify_depth(cctx, 1);
    r = connect_to(cctx, &deep_leaf, inter.cert, version);
    is_accepted(&r, X509_V_OK, "one intermediate at depth 1");
    drop(&r);
    SSL_CTX_set_verify_depth(cctx, 0);
    r = connect_to(cctx, &leaf, NULL, version);
    is_accepted(&r, X509_V_OK, "no intermediate at depth 0");
    drop(&r);
    r = connect_to(cctx, &deep_leaf, inter.cert, version);
    is_refused(&r, X509_V_ERR_CERT_CHAIN_TOO_LONG, SSL_AD_UNKNOWN_CA,
               "one intermediate at depth 0");
    drop(&r);
    SSL_CTX_free(cctx);
}

/* SSL_VERIFY_NONE: the client goes on and tells the result. */
static void test_none(int version)
{
    SSL_CTX *cctx = tls_client_ctx(&other_root);
    struct run r;

    SSL_CTX_set_verify(cctx, SSL_VERIFY_NONE, NULL);
    r = connect_to(cctx, &leaf, NULL, version);
    is_accepted(&r, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "SSL_VERIFY_NONE");
    is_int(ERR_peek_error(), 0, "no error is left");
    drop(&r);
    SSL_CTX_free(cctx);
}

/* What the verify callback saw. */
static struct {
    int calls, oks, errors, depths, deepest, last_error;
    SSL *ssl;
    int has_cert, answer;
} seen;

static int on_verify(int preverify, X509_STORE_CTX *x)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx());
    int depth = X509_STORE_CTX_get_error_depth(x);

    seen.calls++;
    seen.ssl = ssl;
    seen.depths |= 1 << depth;
    if (depth > seen.deepest)
        seen.deepest = depth;
    if (preverify) {
        seen.oks++;
    } else {
        seen.errors++;
        seen.last_error = X509_STORE_CTX_get_error(x);
    }
    seen.has_cert += X509_STORE_CTX_get_current_cert(x) != NULL;
    if (seen.answer == 2)
        X509_STORE_CTX_set_error(x, X509_V_OK);
    if (seen.answer == 3)
        X509_STORE_CTX_set_error(x, X509_V_ERR_CERT_REVOKED);
    return seen.answer == -1 ? preverify : seen.answer == 3 ? 0 : seen.answer != 0;
}

static void reset_seen(int answer)
{
    memset(&seen, 0, sizeof seen);
    seen.answer = answer;
}

static void test_callback(int version)
{
    SSL_CTX *cctx = tls_client_ctx(&root), *stranger = tls_client_ctx(&other_root);
    struct run r;

    SSL_CTX_set_verify(cctx, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_verify(stranger, SSL_VERIFY_PEER, on_verify);
    reset_seen(-1);
    r = connect_to(cctx, &deep_leaf, inter.cert, version);
    is_accepted(&r, X509_V_OK, "a callback that agrees");
    is_int(seen.depths, 7, "it sees depths 0, 1 and 2");
    is_int(seen.oks, 3, "once each");
    is_int(seen.errors, 0, "no error");
    is_int(seen.has_cert, 3, "each with its certificate");
    is_ptr(seen.ssl, r.c, "and the SSL by SSL_get_ex_data_X509_STORE_CTX_idx");
    drop(&r);

    reset_seen(0);
    r = connect_to(cctx, &leaf, NULL, version);
    is_refused(&r, X509_V_ERR_UNSPECIFIED, SSL_AD_INTERNAL_ERROR,
               "a callback that refuses a good one");
    is_int(seen.calls, 1, "is called once");
    drop(&r);

    reset_seen(3);
    r = connect_to(cctx, &leaf, NULL, version);
    is_refused(&r, X509_V_ERR_CERT_REVOKED, SSL_AD_CERTIFICATE_REVOKED, "one with an error");
    drop(&r);

    reset_seen(1);
    r = connect_to(stranger, &leaf, NULL, version);
    is_accepted(&r, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "a callback that overrides");
    is_int(seen.errors, 2, "is asked twice");
    is_int(seen.last_error, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "about these errors");
    drop(&r);

    reset_seen(2);
    r = connect_to(stranger, &leaf, NULL, version);
    is_accepted(&r, X509_V_OK, "a callback that overrides and sets X509_V_OK");
    drop(&r);

    /* With SSL_VERIFY_NONE the callback runs all the same and its refusal does not count. */
    SSL_CTX_set_verify(stranger, SSL_VERIFY_NONE, on_verify);
    reset_seen(-1);
    r = connect_to(stranger, &leaf, NULL, version);
    is_accepted(&r, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "SSL_VERIFY_NONE, callback");
    is_int(seen.errors, 1, "the callback ran");
    drop(&r);
    SSL_CTX_free(cctx);
    SSL_CTX_free(stranger);
}

/* SSL_CTX_set_cert_verify_callback replaces the verification. */
static struct {
    int calls, answer, error, untrusted;
    void *arg;
    SSL *ssl;
    X509 *cert;
} whole;

static int on_whole(X509_STORE_CTX *x, void *arg)
{
    whole.calls++;
    whole.arg = arg;
    whole.ssl = X509_STORE_CTX_get_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx());
    whole.cert = X509_STORE_CTX_get0_cert(x);
    whole.untrusted = sk_X509_num(X509_STORE_CTX_get0_untrusted(x));
    X509_STORE_CTX_set_error(x, whole.error);
    return whole.answer;
}

static void test_whole(int version)
{
    static const struct {
        int answer, error, accepted, alert;
        const char *what;
    } cases[] = {
        { 1, X509_V_OK, 1, 0, "cert_verify_callback accepts" },
        { 1, X509_V_ERR_CERT_REVOKED, 1, 0, "cert_verify_callback accepts with an error set" },
        { 0, X509_V_ERR_CERT_HAS_EXPIRED, 0, SSL_AD_CERTIFICATE_EXPIRED, "refuses" },
        { 0, X509_V_ERR_APPLICATION_VERIFICATION, 0, SSL_AD_HANDSHAKE_FAILURE,
          "refuses for the application" },
        { 0, X509_V_OK, 0, SSL_AD_CERTIFICATE_UNKNOWN, "refuses without an error" },
        { -1, X509_V_ERR_UNSPECIFIED, 0, SSL_AD_INTERNAL_ERROR, "fails" },
    };
    SSL_CTX *cctx = tls_client_ctx(&other_root);
    size_t i;

    SSL_CTX_set_cert_verify_callback(cctx, on_whole, &whole);
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run r;

        memset(&whole, 0, sizeof whole);
        whole.answer = cases[i].answer;
        whole.error = cases[i].error;
        r = connect_to(cctx, &deep_leaf, inter.cert, version);
        if (cases[i].accepted)
            is_accepted(&r, cases[i].error, cases[i].what);
        else
            is_refused(&r, cases[i].error, cases[i].alert, cases[i].what);
        is_int(whole.calls, 1, "it is called once");
        is_ptr(whole.arg, &whole, "with its argument");
        is_ptr(whole.ssl, r.c, "the SSL");
        ok(whole.untrusted >= 1, "the peer's chain");
        drop(&r);
    }
    SSL_CTX_free(cctx);
}

/* SSL_get_peer_cert_chain, SSL_get0_verified_chain, SSL_get0/get1_peer_certificate. */
static void test_chains(int version)
{
    SSL_CTX *cctx = tls_client_ctx(&root);
    struct run r = connect_to(cctx, &deep_leaf, inter.cert, version);
    STACK_OF(X509) *sent, *verified;
    X509 *cert;

    sent = SSL_get_peer_cert_chain(r.c);
    is_int(sk_X509_num(sent), 2, "the client sees what was sent");
    ok(sent && !X509_cmp(sk_X509_value(sent, 0), deep_leaf.cert), "its leaf first");
    ok(sent && !X509_cmp(sk_X509_value(sent, 1), inter.cert), "then the intermediate");
    verified = SSL_get0_verified_chain(r.c);
    is_int(sk_X509_num(verified), 3, "the verified chain goes to the root");
    ok(verified && !X509_cmp(sk_X509_value(verified, 2), root.cert), "which is its last");
    cert = SSL_get0_peer_certificate(r.c);
    ok(cert && !X509_cmp(cert, deep_leaf.cert), "SSL_get0_peer_certificate");
    cert = SSL_get1_peer_certificate(r.c);
    is_ptr(cert, SSL_get0_peer_certificate(r.c), "SSL_get1_peer_certificate is the same object");
    ok(SSL_get0_peer_certificate(r.s) == NULL, "the server has no peer certificate");
    ok(SSL_get_peer_cert_chain(r.s) == NULL, "nor chain");
    ok(SSL_get0_verified_chain(r.s) == NULL, "nor verified chain");
    is_int(SSL_get_verify_result(r.s), X509_V_OK, "and its result is X509_V_OK");
    drop(&r);
    ok(X509_cmp(cert, deep_leaf.cert) == 0, "a get1 certificate outlives its SSL");
    X509_free(cert);
    SSL_CTX_free(cctx);
}

/* CRLs, purpose, partial chains. */
static X509_CRL *make_crl(const tls_id *ca, X509 *revoked)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, -60), *next = X509_gmtime_adj(NULL, TLS_DAY);

    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca->cert));
    X509_CRL_set1_lastUpdate(crl, now);
    X509_CRL_set1_nextUpdate(crl, next);
    if (revoked != NULL) {
        X509_REVOKED *entry = X509_REVOKED_new();

        X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked));
        X509_REVOKED_set_revocationDate(entry, now);
        X509_CRL_add0_revoked(crl, entry);
    }
    X509_CRL_sign(crl, ca->key, EVP_sha256());
    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
    return crl;
}

static void test_params(int version)
{
    SSL_CTX *cctx = tls_client_ctx(&root);
    X509_CRL *crl;
    tls_id only_inter = { inter.cert, NULL };
    tls_id client_only = cert_make(.cn = "localhost", .issuer = &root, .usage = "clientAuth");
    struct run r;

    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(cctx), X509_V_FLAG_CRL_CHECK);
    r = connect_to(cctx, &leaf, NULL, version);
    is_refused(&r, X509_V_ERR_UNABLE_TO_GET_CRL, SSL_AD_UNKNOWN_CA, "no CRL");
    drop(&r);
    crl = make_crl(&root, NULL);
    X509_STORE_add_crl(SSL_CTX_get_cert_store(cctx), crl);
    X509_CRL_free(crl);
    r = connect_to(cctx, &leaf, NULL, version);
    is_accepted(&r, X509_V_OK, "not on the CRL");
    drop(&r);
    SSL_CTX_free(cctx);

    cctx = tls_client_ctx(&root);
    crl = make_crl(&root, leaf.cert);
    X509_STORE_add_crl(SSL_CTX_get_cert_store(cctx), crl);
    X509_CRL_free(crl);
    r = connect_to(cctx, &leaf, NULL, version);
    is_accepted(&r, X509_V_OK, "a CRL that is not asked for");
    drop(&r);
    X509_STORE_set_flags(SSL_CTX_get_cert_store(cctx), X509_V_FLAG_CRL_CHECK);
    r = connect_to(cctx, &leaf, NULL, version);
    is_refused(&r, X509_V_ERR_CERT_REVOKED, SSL_AD_CERTIFICATE_REVOKED, "revoked");
    drop(&r);
    SSL_CTX_free(cctx);

    cctx = tls_client_ctx(&only_inter);
    r = connect_to(cctx, &deep_leaf, NULL, version);
    is_refused(&r, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, SSL_AD_UNKNOWN_CA,
               "an intermediate is trusted by itself");
    drop(&r);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(cctx), X509_V_FLAG_PARTIAL_CHAIN);
    r = connect_to(cctx, &deep_leaf, NULL, version);
    is_accepted(&r, X509_V_OK, "with X509_V_FLAG_PARTIAL_CHAIN");
    is_int(sk_X509_num(SSL_get0_verified_chain(r.c)), 2, "the chain ends with it");
    drop(&r);
    SSL_CTX_free(cctx);

    cctx = tls_client_ctx(&root);
    is_int(SSL_CTX_set_purpose(cctx, X509_PURPOSE_SSL_CLIENT), 1, "SSL_CTX_set_purpose");
    r = connect_to(cctx, &client_only, NULL, version);
    is_accepted(&r, X509_V_OK, "the program's purpose counts");
    drop(&r);
    is_int(SSL_CTX_set_purpose(cctx, 1000), 0, "no such purpose");
    ERR_clear_error();
    SSL_CTX_free(cctx);
    tls_id_free(&client_only);
}

/* A client that trusts what load_verify_* loaded. */
static void loaded(int (*load)(SSL_CTX *, const char *), const char *path, const char *what)
{
    SSL_CTX *cctx = SSL_CTX_new(TLS_client_method());
    struct run r;

    SSL_CTX_set_verify(cctx, SSL_VERIFY_PEER, NULL);
    is_int(load(cctx, path), 1, "%s", what);
    is_int(ERR_peek_error(), 0, "%s: leaves no error", what);
    r = connect_to(cctx, &leaf, NULL, TLS1_3_VERSION);
    is_accepted(&r, X509_V_OK, what);
    drop(&r);
    SSL_CTX_free(cctx);
}

static int as_locations(SSL_CTX *ctx, const char *path)
{
    return SSL_CTX_load_verify_locations(ctx, path, NULL);
}

static int as_dir(SSL_CTX *ctx, const char *path)
{
    return SSL_CTX_load_verify_locations(ctx, NULL, path);
}

static int as_default(SSL_CTX *ctx, const char *path)
{
    int r;

    setenv("SSL_CERT_FILE", path, 1);
    r = SSL_CTX_set_default_verify_paths(ctx);
    unsetenv("SSL_CERT_FILE");
    return r;
}

static int as_default_file(SSL_CTX *ctx, const char *path)
{
    int r;

    setenv("SSL_CERT_FILE", path, 1);
    r = SSL_CTX_set_default_verify_file(ctx);
    unsetenv("SSL_CERT_FILE");
    return r;
}

/* The default directory is looked up when it is set, read when a certificate is wanted. */
static int as_default_dir(SSL_CTX *ctx, const char *path)
{
    int r;

    setenv("SSL_CERT_DIR", path, 1);
    r = SSL_CTX_set_default_verify_dir(ctx);
    unsetenv("SSL_CERT_DIR");
    return r;
}

static int as_set_store(SSL_CTX *ctx, const char *path)
{
    X509_STORE *store = X509_STORE_new();
    int r = X509_STORE_load_file(store, path);

    SSL_CTX_set_cert_store(ctx, store);
    return r && SSL_CTX_get_cert_store(ctx) == store;
}

static int as_set1_store(SSL_CTX *ctx, const char *path)
{
    X509_STORE *store = X509_STORE_new();
    int r = X509_STORE_load_file(store, path);

    SSL_CTX_set1_cert_store(ctx, store);
    X509_STORE_free(store);
    return r && SSL_CTX_get_cert_store(ctx) == store;
}

/* set1_verify_cert_store goes before the context's own store. */
static int as_verify_store(SSL_CTX *ctx, const char *path)
{
    X509_STORE *store = X509_STORE_new();
    int r = X509_STORE_load_file(store, path) && SSL_CTX_set1_verify_cert_store(ctx, store);

    X509_STORE_free(store);
    return r;
}

static void test_locations(void)
{
    char *file = tls_pem_file(root.cert, NULL);
    char dir[] = "/tmp/ferrossl-dir-XXXXXX", hashed[64];
    char *garbage = tls_pem_file(NULL, NULL);
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    loaded(as_locations, file, "SSL_CTX_load_verify_locations, file");
    loaded(SSL_CTX_load_verify_file, file, "SSL_CTX_load_verify_file");
    loaded(SSL_CTX_load_verify_store, file, "SSL_CTX_load_verify_store");
    loaded(as_default, file, "SSL_CTX_set_default_verify_paths");
    loaded(as_default_file, file, "SSL_CTX_set_default_verify_file");
    loaded(as_set_store, file, "SSL_CTX_set_cert_store");
    loaded(as_set1_store, file, "SSL_CTX_set1_cert_store");
    loaded(as_verify_store, file, "SSL_CTX_set1_verify_cert_store");
    if (mkdtemp(dir) != NULL) {
        snprintf(hashed, sizeof hashed, "%s/%08lx.0", dir, X509_subject_name_hash(root.cert));
        ok(rename(file, hashed) == 0, "a hashed directory");
        loaded(as_dir, dir, "SSL_CTX_load_verify_locations, directory");
        loaded(SSL_CTX_load_verify_dir, dir, "SSL_CTX_load_verify_dir");
        loaded(as_default_dir, dir, "SSL_CTX_set_default_verify_dir");
        unlink(hashed);
        rmdir(dir);
    }
    ERR_clear_error();
    is_int(SSL_CTX_load_verify_locations(ctx, "/nonexistent/file", NULL), 0, "no such file");
    is_int(ERR_GET_LIB(ERR_peek_error()), ERR_LIB_SYS, "a system error first");
    is_int(ERR_GET_REASON(ERR_peek_error()), ENOENT, "ENOENT");
    is_int(ERR_GET_LIB(ERR_peek_last_error()), ERR_LIB_X509, "X509's last");
    ERR_clear_error();
    is_int(SSL_CTX_load_verify_locations(ctx, garbage, NULL), 0, "a file with no certificate");
    is_int(last_reason(), -X509_R_NO_CERTIFICATE_OR_CRL_FOUND, "its reason");
    is_int(SSL_CTX_load_verify_locations(ctx, NULL, NULL), 0, "neither file nor directory");
    is_int(SSL_CTX_load_verify_locations(ctx, NULL, "/nonexistent"), 1,
           "a directory is not looked at yet");
    ERR_clear_error();
    unlink(garbage);
    free(garbage);
    free(file);
    SSL_CTX_free(ctx);
}

int main(void)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    size_t i;

    root = tls_ca("P-256", "root");
    other_root = tls_ca("P-256", "another root");
    inter = tls_intermediate(&root, "P-256", "intermediate");
    leaf = tls_leaf(&root, "P-256", "localhost",
                    "DNS:localhost,DNS:*.wild.example,IP:127.0.0.1");
    deep_leaf = tls_leaf(&inter, "P-256", "localhost", "DNS:localhost");
    for (i = 0; i < 2; i++) {
        diag("%s", versions[i] == TLS1_2_VERSION ? "TLS 1.2" : "TLS 1.3");
        test_results(versions[i]);
        test_names(versions[i]);
        test_depth(versions[i]);
        test_none(versions[i]);
        test_callback(versions[i]);
        test_whole(versions[i]);
        test_chains(versions[i]);
        test_params(versions[i]);
    }
    test_locations();
    tls_id_free(&leaf);
    tls_id_free(&deep_leaf);
    tls_id_free(&inter);
    tls_id_free(&root);
    tls_id_free(&other_root);
    return done();
}
