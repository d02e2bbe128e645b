/* Certificate transparency on a client: logs, timestamps in certificates and in OCSP responses,
 * strict, permissive and with a callback. SSL_CTX_set_ct_validation_callback(3),
 * SSL_CTX_set_ctlog_list_file(3), SSL_get0_peer_scts(3). */
#include "certs.h"

#include <openssl/ct.h>
#include <openssl/ocsp.h>
#include <openssl/cterr.h>

static tls_id root;
static EVP_PKEY *log_key, *other_key;
static char *log_file;

/* What a certificate's timestamp is like. */
enum stamp { NONE, GOOD, BAD_SIGNATURE, FUTURE, UNKNOWN_LOG, STAPLED };

static void put(unsigned char **at, unsigned long long value, int bytes)
{
    while (bytes-- > 0)
        *(*at)++ = (unsigned char)(value >> 8 * bytes);
}

/* A timestamp by `key` for `len` bytes: a certificate, or (`issuer` not NULL) the part of one
 * that will be signed. */
static SCT *make_sct(EVP_PKEY *key, enum stamp kind, const unsigned char *entry, int len,
                     const X509 *issuer)
{
    unsigned char *data = malloc((size_t)len + 64), *at = data, id[32], signature[256];
    unsigned char *spki = NULL;
    size_t used = sizeof signature;
    unsigned int id_len;
    int spki_len = i2d_PUBKEY(key, &spki);
    uint64_t when = (uint64_t)(time(NULL) + (kind == FUTURE ? 1000 : -1000)) * 1000;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    SCT *sct = SCT_new();

    put(&at, 0, 2);
    put(&at, when, 8);
    put(&at, issuer != NULL, 2);
    if (issuer != NULL) {
        unsigned char *theirs = NULL;
        int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(issuer), &theirs);

        EVP_Digest(theirs, (size_t)n, at, NULL, EVP_sha256(), NULL);
        at += 32;
        OPENSSL_free(theirs);
    }
    put(&at, (unsigned long long)len, 3);
    memcpy(at, entry, (size_t)len);
    at += len;
    put(&at, 0, 2);
    TLS_MUST(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, key) == 1);
    TLS_MUST(EVP_DigestSign(md, signature, &used, data, (size_t)(at - data)) == 1);
    if (kind == BAD_SIGNATURE)
        signature[used - 1] ^= 1;
    EVP_Digest(spki, (size_t)spki_len, id, &id_len, EVP_sha256(), NULL);
    TLS_MUST(SCT_set_version(sct, SCT_VERSION_V1) && SCT_set1_log_id(sct, id, 32));
    TLS_MUST(SCT_set_log_entry_type(sct, issuer ? CT_LOG_ENTRY_TYPE_PRECERT
                                                : CT_LOG_ENTRY_TYPE_X509));
    SCT_set_timestamp(sct, when);
    TLS_MUST(SCT_set_signature_nid(sct, NID_ecdsa_with_SHA256));
    TLS_MUST(SCT_set1_signature(sct, signature, used));
    EVP_MD_CTX_free(md);
    OPENSSL_free(spki);
    free(data);
    return sct;
}

static tls_id stamped_leaf(enum stamp kind)
{
    tls_id id = tls_leaf(&root, "P-256", "localhost", "DNS:localhost");

    if (kind != NONE && kind != STAPLED) {
        STACK_OF(SCT) *list = sk_SCT_new_null();
        unsigned char *tbs = NULL;
        int len = i2d_re_X509_tbs(id.cert, &tbs);

        sk_SCT_push(list, make_sct(kind == UNKNOWN_LOG ? other_key : log_key, kind, tbs, len,
                                   root.cert));
        TLS_MUST(X509_add1_ext_i2d(id.cert, NID_ct_precert_scts, list, 0, 0) == 1);
        TLS_MUST(X509_sign(id.cert, root.key, EVP_sha256()));
        SCT_LIST_free(list);
        OPENSSL_free(tbs);
    }
    return id;
}

/* Staples a response that holds a good timestamp for the server's certificate. */
static int staple(SSL *ssl, void *arg)
{
    X509 *cert = arg;
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, cert, root.cert);
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
    OCSP_SINGLERESP *single = OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_GOOD, 0, NULL,
                                                     now, NULL);
    STACK_OF(SCT) *list = sk_SCT_new_null();
    OCSP_RESPONSE *response;
    unsigned char *der = NULL;
    int len = i2d_X509(cert, &der);

    sk_SCT_push(list, make_sct(log_key, GOOD, der, len, NULL));
    TLS_MUST(OCSP_SINGLERESP_add1_ext_i2d(single, NID_ct_cert_scts, list, 0, 0) == 1);
    TLS_MUST(OCSP_basic_sign(basic, root.cert, root.key, EVP_sha256(), NULL, 0));
    response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    OPENSSL_free(der);
    der = NULL;
    len = i2d_OCSP_RESPONSE(response, &der);
    SSL_set_tlsext_status_ocsp_resp(ssl, der, len);
    SCT_LIST_free(list);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(now);
    return SSL_TLSEXT_ERR_OK;
}

static struct {
    int calls, answer, scts, status, source;
    const X509 *cert, *issuer;
    const CTLOG_STORE *logs;
    long long late;
} seen;

static int judge(const CT_POLICY_EVAL_CTX *ctx, const STACK_OF(SCT) *scts, void *arg)
{
    const SCT *sct = sk_SCT_num(scts) > 0 ? sk_SCT_value(scts, 0) : NULL;

    seen.calls++;
    seen.scts = sk_SCT_num(scts);
    seen.cert = CT_POLICY_EVAL_CTX_get0_cert(ctx);
    seen.issuer = CT_POLICY_EVAL_CTX_get0_issuer(ctx);
    seen.logs = CT_POLICY_EVAL_CTX_get0_log_store(ctx);
    seen.late = (long long)time(NULL) * 1000 - (long long)CT_POLICY_EVAL_CTX_get_time(ctx);
    seen.status = sct ? (int)SCT_get_validation_status(sct) : -1;
    seen.source = sct ? (int)SCT_get_source(sct) : -1;
    ok(arg == &seen, "the callback gets its argument");
    return seen.answer;
}

struct run {
    SSL_CTX *cctx, *sctx;
    SSL *c, *s;
    tls_outcome out;
    int connected, server_reason;
};

static struct run start(const tls_id *id, int version, int stapled)
{
    struct run r = { .cctx = tls_client_ctx(&root), .sctx = tls_server_ctx(id) };

    fix_version(r.sctx, version);
    if (stapled) {
        SSL_CTX_set_tlsext_status_cb(r.sctx, staple);
        SSL_CTX_set_tlsext_status_arg(r.sctx, id->cert);
    }
    is_int(SSL_CTX_set_ctlog_list_file(r.cctx, log_file), 1, "the log list is loaded");
    return r;
}

static void go(struct run *r)
{
    r->c = SSL_new(r->cctx);
    r->s = SSL_new(r->sctx);
    tls_join(r->c, r->s, TLS_PAIR);
    r->connected = tls_handshake(r->c, r->s, &r->out);
    /* What libcrypto found wrong with a timestamp stays in the queue: SSL_get_error takes it for
     * a failure when the handshake only waits. */
    if (!r->connected && strncmp(r->out.client.errors, "CT", 2) == 0
        && strstr(r->out.client.errors, "SSL") == NULL)
        r->connected = tls_handshake(r->c, r->s, &r->out);
    r->server_reason = r->out.server.reason;
    if (r->out.server.done == 1 && r->out.client.done == -1)
        read_alert(r->s, &r->server_reason);
}

static void drop(struct run *r)
{
    SSL_free(r->c);
    SSL_free(r->s);
    SSL_CTX_free(r->cctx);
    SSL_CTX_free(r->sctx);
    ERR_clear_error();
}

static void is_refused(struct run *r, const char *reason, const char *what)
{
    ok(!r->connected, "%s: refused", what);
    ok(strstr(r->out.client.errors, reason) != NULL, "%s: the reason (%s)", what,
       r->out.client.errors);
    is_int(SSL_get_verify_result(r->c), X509_V_ERR_NO_VALID_SCTS, "%s: the verify result", what);
    is_int(r->server_reason, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, "%s: the alert", what);
}

static void is_accepted(struct run *r, const char *what)
{
    ok(r->connected, "%s: connects (%s)", what, r->out.client.errors);
    is_int(SSL_get_verify_result(r->c), X509_V_OK, "%s: the verify result", what);
    ok(r->connected && tls_echo(r->c, r->s), "%s: data passes", what);
}

static const struct {
    enum stamp kind;
    int strict, scts, status, source;
    const char *what;
} cases[] = {
    { NONE, 0, 0, -1, -1, "no timestamp" },
    { GOOD, 1, 1, SCT_VALIDATION_STATUS_VALID, SCT_SOURCE_X509V3_EXTENSION, "a good one" },
    { BAD_SIGNATURE, 0, 1, SCT_VALIDATION_STATUS_INVALID, SCT_SOURCE_X509V3_EXTENSION,
      "a bad signature" },
    { FUTURE, 0, 1, SCT_VALIDATION_STATUS_INVALID, SCT_SOURCE_X509V3_EXTENSION,
      "one of the future" },
    { UNKNOWN_LOG, 0, 1, SCT_VALIDATION_STATUS_UNKNOWN_LOG, SCT_SOURCE_X509V3_EXTENSION,
      "a log not known" },
    { STAPLED, 1, 1, SCT_VALIDATION_STATUS_VALID, SCT_SOURCE_OCSP_STAPLED_RESPONSE,
      "one in an OCSP response" },
};

static void test_case(size_t i, int version)
{
    const char *what = cases[i].what;
    tls_id id = stamped_leaf(cases[i].kind);
    int stapled = cases[i].kind == STAPLED;
    struct run r = start(&id, version, stapled);
    const STACK_OF(SCT) *scts;

    SSL_CTX_enable_ct(r.cctx, SSL_CT_VALIDATION_PERMISSIVE);
    go(&r);
    is_accepted(&r, what);
    scts = SSL_get0_peer_scts(r.c);
    is_int(sk_SCT_num(scts), cases[i].scts, "%s: SSL_get0_peer_scts", what);
    is_ptr(SSL_get0_peer_scts(r.c), scts, "%s: the same again", what);
    SSL_clear(r.c);
    is_ptr(SSL_get0_peer_scts(r.c), scts, "%s: and after SSL_clear", what);
    is_int(sk_SCT_num(scts), cases[i].scts, "%s: as they were", what);
    drop(&r);

    r = start(&id, version, stapled);
    SSL_CTX_enable_ct(r.cctx, SSL_CT_VALIDATION_STRICT);
    go(&r);
    if (cases[i].strict)
        is_accepted(&r, what);
    else
        is_refused(&r, "SSL routines:no valid scts; SSL routines:callback failed", what);
    drop(&r);

    r = start(&id, version, stapled);
    memset(&seen, 0, sizeof seen);
    seen.answer = 1;
    SSL_CTX_set_ct_validation_callback(r.cctx, judge, &seen);
    go(&r);
    is_accepted(&r, what);
    is_int(seen.calls, 1, "%s: the callback ran once", what);
    is_int(seen.scts, cases[i].scts, "%s: with the timestamps", what);
    is_int(seen.status, cases[i].status, "%s: judged", what);
    is_int(seen.source, cases[i].source, "%s: their source", what);
    ok(seen.cert && X509_cmp(seen.cert, id.cert) == 0, "%s: the certificate", what);
    ok(seen.issuer && X509_cmp(seen.issuer, root.cert) == 0, "%s: its issuer", what);
    is_ptr(seen.logs, SSL_CTX_get0_ctlog_store(r.cctx), "%s: the logs", what);
    ok(seen.late > -60000 && seen.late < 60000, "%s: the time", what);
    drop(&r);

    for (seen.answer = -1; seen.answer < 1; seen.answer++) {
        r = start(&id, version, stapled);
        SSL_CTX_set_ct_validation_callback(r.cctx, judge, &seen);
        go(&r);
        is_refused(&r, "SSL routines:callback failed", what);
        drop(&r);
    }
    tls_id_free(&id);
}

/* When nobody is asked: no timestamps are judged for chains that did not verify. */
static void test_not_asked(int version)
{
    tls_id id = stamped_leaf(GOOD), only = { id.cert, NULL };
    struct run r = start(&id, version, 0);
    int usage; /* PKIX-EE, DANE-EE */

    memset(&seen, 0, sizeof seen);
    seen.answer = 0;
    SSL_CTX_set_cert_store(r.cctx, X509_STORE_new());
    SSL_CTX_set_verify(r.cctx, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_ct_validation_callback(r.cctx, judge, &seen);
    go(&r);
    ok(r.connected, "an unverified chain connects (%s)", r.out.client.errors);
    is_int(seen.calls, 0, "the callback is not asked");
    is_int(sk_SCT_num(SSL_get0_peer_scts(r.c)), 1, "the timestamps are there all the same");
    drop(&r);

    r = start(&id, version, 0);
    SSL_CTX_set_cert_store(r.cctx, X509_STORE_new());
    X509_STORE_add_cert(SSL_CTX_get_cert_store(r.cctx), only.cert);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(r.cctx), X509_V_FLAG_PARTIAL_CHAIN);
    SSL_CTX_set_ct_validation_callback(r.cctx, judge, &seen);
    go(&r);
    is_accepted(&r, "a trusted leaf");
    is_int(seen.calls, 0, "the callback is not asked");
    drop(&r);

    for (usage = 1; usage <= 3; usage += 2) {
        unsigned char hash[32];

        r = start(&id, version, 0);
        SSL_CTX_dane_enable(r.cctx);
        SSL_CTX_set_ct_validation_callback(r.cctx, judge, &seen);
        r.c = SSL_new(r.cctx);
        r.s = SSL_new(r.sctx);
        X509_digest(id.cert, EVP_sha256(), hash, NULL);
        TLS_MUST(SSL_dane_enable(r.c, "localhost") == 1);
        TLS_MUST(SSL_dane_tlsa_add(r.c, (uint8_t)usage, 0, 1, hash, sizeof hash) == 1);
        seen.answer = 1;
        seen.calls = 0;
        tls_join(r.c, r.s, TLS_PAIR);
        r.connected = tls_handshake(r.c, r.s, &r.out);
        is_accepted(&r, "a server with a TLSA record");
        is_int(seen.calls, usage == 1, "asked if the root is a public one");
        drop(&r);
    }
    seen.answer = seen.calls = 0;

    r = start(&id, version, 0);
    SSL_CTX_set_ct_validation_callback(r.cctx, judge, &seen);
    SSL_CTX_set_ct_validation_callback(r.cctx, NULL, NULL);
    go(&r);
    is_accepted(&r, "a callback taken away");
    is_int(seen.calls, 0, "it is not asked");
    ok(SSL_get0_peer_scts(r.s) == NULL, "a server without a client's certificate has none");
    drop(&r);
    tls_id_free(&id);
}

/* The timestamps of a resumed session's server were judged when it was made. */
static void test_resumption(int version)
{
    tls_id id = stamped_leaf(GOOD);
    struct run r = start(&id, version, 0);
    SSL_SESSION *session;

    SSL_CTX_enable_ct(r.cctx, SSL_CT_VALIDATION_STRICT);
    go(&r);
    is_accepted(&r, "strict");
    session = SSL_get1_session(r.c);
    SSL_set_shutdown(r.c, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_set_shutdown(r.s, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(r.c);
    SSL_free(r.s);
    r.c = SSL_new(r.cctx);
    r.s = SSL_new(r.sctx);
    SSL_set_session(r.c, session);
    SSL_SESSION_free(session);
    SSL_CTX_set0_ctlog_store(r.cctx, CTLOG_STORE_new());
    tls_join(r.c, r.s, TLS_PAIR);
    r.connected = tls_handshake(r.c, r.s, &r.out);
    is_accepted(&r, "resumed");
    is_int(SSL_session_reused(r.c), 1, "it was resumed");
    drop(&r);
    tls_id_free(&id);
}

static void test_settings(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    CTLOG_STORE *logs = CTLOG_STORE_new();
    SSL *ssl;

    is_int(SSL_CTX_ct_is_enabled(ctx), 0, "off by default");
    ssl = SSL_new(ctx);
    is_int(SSL_ct_is_enabled(ssl), 0, "on connections too");
    is_int(SSL_get_tlsext_status_type(ssl), -1, "no OCSP response is asked for");
    is_int(SSL_enable_ct(ssl, SSL_CT_VALIDATION_STRICT), 1, "SSL_enable_ct");
    is_int(SSL_ct_is_enabled(ssl), 1, "SSL_ct_is_enabled");
    is_int(SSL_get_tlsext_status_type(ssl), TLSEXT_STATUSTYPE_ocsp, "now one is");
    is_int(SSL_set_ct_validation_callback(ssl, NULL, NULL), 1, "off again");
    is_int(SSL_ct_is_enabled(ssl), 0, "SSL_ct_is_enabled");
    is_int(SSL_get_tlsext_status_type(ssl), TLSEXT_STATUSTYPE_ocsp, "it still is");
    is_int(SSL_enable_ct(ssl, 7), 0, "no such mode");
    is_int(last_reason(), SSL_R_INVALID_CT_VALIDATION_TYPE, "its reason");
    ok(SSL_get0_peer_scts(ssl) == NULL, "no peer, no timestamps");
    SSL_free(ssl);

    is_int(SSL_CTX_enable_ct(ctx, -1), 0, "no such mode");
    is_int(last_reason(), SSL_R_INVALID_CT_VALIDATION_TYPE, "its reason");
    is_int(SSL_CTX_enable_ct(ctx, SSL_CT_VALIDATION_PERMISSIVE), 1, "SSL_CTX_enable_ct");
    is_int(SSL_CTX_ct_is_enabled(ctx), 1, "SSL_CTX_ct_is_enabled");
    is_int(SSL_CTX_get_tlsext_status_type(ctx), -1, "the context asks for no response");
    ssl = SSL_new(ctx);
    is_int(SSL_ct_is_enabled(ssl), 1, "connections inherit it");
    is_int(SSL_get_tlsext_status_type(ssl), TLSEXT_STATUSTYPE_ocsp, "and ask for a response");
    SSL_free(ssl);

    ok(SSL_CTX_get0_ctlog_store(ctx) != NULL, "there is a store");
    SSL_CTX_set0_ctlog_store(ctx, logs);
    is_ptr(SSL_CTX_get0_ctlog_store(ctx), logs, "SSL_CTX_set0_ctlog_store");
    is_int(SSL_CTX_set_ctlog_list_file(ctx, "/nonexistent"), 0, "no such file");
    is_int(ERR_GET_LIB(ERR_peek_last_error()), ERR_LIB_CT, "an error of libcrypto's");
    is_int(last_reason(), -CT_R_LOG_CONF_INVALID, "its reason");
    setenv("CTLOG_FILE", log_file, 1);
    is_int(SSL_CTX_set_default_ctlog_list_file(ctx), 1, "the default file");
    setenv("CTLOG_FILE", "/nonexistent", 1);
    is_int(SSL_CTX_set_default_ctlog_list_file(ctx), 0, "a default that is not there");
    unsetenv("CTLOG_FILE");
    ERR_clear_error();
    SSL_CTX_free(ctx);
}

static void write_log_list(void)
{
    unsigned char *spki = NULL;
    int len = i2d_PUBKEY(log_key, &spki);
    unsigned char text[512];
    FILE *f;

    EVP_EncodeBlock(text, spki, len);
    log_file = tls_pem_file(NULL, NULL);
    f = fopen(log_file, "w");
    fprintf(f, "enabled_logs = one\n[one]\ndescription = a log\nkey = %s\n", text);
    fclose(f);
    OPENSSL_free(spki);
}

int main(void)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    size_t v, i;

    root = tls_ca("P-256", "root");
    log_key = tls_key("P-256");
    other_key = tls_key("P-256");
    write_log_list();
    test_settings();
    for (v = 0; v < 2; v++) {
        diag("%s", versions[v] == TLS1_2_VERSION ? "TLS 1.2" : "TLS 1.3");
        for (i = 0; i < sizeof cases / sizeof *cases; i++)
            test_case(i, versions[v]);
        test_not_asked(versions[v]);
        test_resumption(versions[v]);
    }
    unlink(log_file);
    free(log_file);
    EVP_PKEY_free(log_key);
    EVP_PKEY_free(other_key);
    tls_id_free(&root);
    return done();
}
