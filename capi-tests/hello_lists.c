/* What a client asks for in its hello besides: signed certificate timestamps
 * (SSL_CTX_enable_ct(3)), and the lists of its status request (SSL_set_tlsext_status_ids(3)). */
#include "pipe.h"

#include <openssl/ct.h>
#include <openssl/ocsp.h>

enum { TIMESTAMPS = 18 };

static world w;
static int asked;

/* A list of one timestamp of a log nobody knows (RFC 6962, section 3.3). */
static size_t timestamp_list(unsigned char *out)
{
    unsigned char *p = out + 4, *start = p;

    *p++ = 0; /* v1 */
    memset(p, 0x5a, 32);
    p += 32;
    memset(p, 0, 8);
    p[7] = 9;
    p += 8;
    *p++ = 0; /* no extensions */
    *p++ = 0;
    *p++ = 4; /* sha256 */
    *p++ = 3; /* ecdsa */
    *p++ = 0;
    *p++ = 8;
    memset(p, 0x11, 8);
    p += 8;
    out[2] = (unsigned char)((p - start) >> 8);
    out[3] = (unsigned char)(p - start);
    out[0] = (unsigned char)((p - start + 2) >> 8);
    out[1] = (unsigned char)(p - start + 2);
    return (size_t)(p - out);
}

static int on_add(SSL *s, unsigned type, unsigned context, const unsigned char **out, size_t *len, X509 *x,
                  size_t index, int *al, void *arg)
{
    static unsigned char list[128];

    if (index > 0)
        return 0;
    *len = timestamp_list(list);
    *out = list;
    return 1;
}

static int on_parse(SSL *s, unsigned type, unsigned context, const unsigned char *in, size_t len, X509 *x,
                    size_t index, int *al, void *arg)
{
    asked++;
    is_int(context, SSL_EXT_CLIENT_HELLO, "asked for in the hello");
    is_int(len, 0, "with an empty extension");
    return 1;
}

static int judged;

static int on_judge(const CT_POLICY_EVAL_CTX *ctx, const STACK_OF(SCT) *scts, void *arg)
{
    judged = sk_SCT_num(scts);
    return 1;
}

static void test_timestamps(int v, int by_serverinfo)
{
    static const unsigned contexts = SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO | SSL_EXT_TLS1_3_CERTIFICATE;
    const char *name = version_name(v);
    const STACK_OF(SCT) *scts;
    duo *d;

    w = world_make();
    if (by_serverinfo) {
        unsigned char info[160] = { 0, 0, contexts >> 8, contexts & 0xff, 0, TIMESTAMPS };
        size_t len = timestamp_list(info + 8);

        info[7] = (unsigned char)len;
        is_int(SSL_CTX_use_serverinfo_ex(w.sctx, SSL_SERVERINFOV2, info, len + 8), 1, "%s: serverinfo", name);
    } else {
        is_int(SSL_CTX_add_custom_ext(w.sctx, TIMESTAMPS, contexts, on_add, NULL, NULL, on_parse, NULL), 1,
               "%s: a server's handler", name);
    }
    /* Without the question there is no answer. */
    asked = 0;
    d = duo_connected(&w, v);
    is_int(asked, 0, "%s: not asked for", name);
    is_int(sk_SCT_num(SSL_get0_peer_scts(d->c)), 0, "%s: none", name);
    duo_free(d);

    judged = -1;
    is_int(SSL_CTX_set_ct_validation_callback(w.cctx, on_judge, NULL), 1, "%s: SSL_CTX_set_ct_validation_callback", name);
    d = duo_connected(&w, v);
    if (!by_serverinfo)
        is_int(asked, 1, "%s: asked for", name);
    scts = SSL_get0_peer_scts(d->c);
    is_int(sk_SCT_num(scts), 1, "%s: one timestamp", name);
    is_int(judged, 1, "%s: judged", name);
    if (sk_SCT_num(scts) == 1) {
        is_int(SCT_get_source(sk_SCT_value(scts, 0)), SCT_SOURCE_TLS_EXTENSION, "%s: of the extension", name);
        is_int((long)SCT_get_timestamp(sk_SCT_value(scts, 0)), 9, "%s: its time", name);
        is_int(SCT_get_validation_status(sk_SCT_value(scts, 0)), SCT_VALIDATION_STATUS_UNKNOWN_LOG, "%s: its log", name);
    }
    ok(tls_echo(d->c, d->s), "%s: data passes", name);
    duo_free(d);

    /* The program's handler and ours exclude each other. */
    is_int(SSL_CTX_add_client_custom_ext(w.cctx, TIMESTAMPS, NULL, NULL, NULL, NULL, NULL), 0, "%s: no handler as well",
           name);

    /* One valid timestamp is wanted, and this one's log is not known. */
    SSL_CTX_enable_ct(w.cctx, SSL_CT_VALIDATION_STRICT);
    d = duo_new(&w, v);
    duo_handshake(d);
    is_int(d->out.client.reason, SSL_R_NO_VALID_SCTS, "%s: strict (%s)", name, d->out.client.errors);
    is_int(SSL_get_verify_result(d->c), X509_V_ERR_NO_VALID_SCTS, "%s: the result", name);
    duo_free(d);
    world_free(&w);
}

static int seen_ids, seen_exts, calls;

static int on_status(SSL *ssl, void *arg)
{
    STACK_OF(OCSP_RESPID) *ids = NULL;
    STACK_OF(X509_EXTENSION) *exts = NULL;

    if (!SSL_is_server(ssl))
        return 1;
    calls++;
    SSL_get_tlsext_status_ids(ssl, &ids);
    SSL_get_tlsext_status_exts(ssl, &exts);
    seen_ids = ids == NULL ? -1 : sk_OCSP_RESPID_num(ids);
    seen_exts = exts == NULL ? -1 : sk_X509_EXTENSION_num(exts);
    if (seen_ids > 0)
        is_int(OCSP_RESPID_match(sk_OCSP_RESPID_value(ids, 0), w.ca.cert), 1, "the first responder");
    if (seen_exts > 0)
        is_int(OBJ_obj2nid(X509_EXTENSION_get_object(sk_X509_EXTENSION_value(exts, 0))), NID_id_pkix_OCSP_Nonce,
               "the first extension");
    return SSL_TLSEXT_ERR_NOACK;
}

static void test_status(int v, int ids, int exts, int retry)
{
    const char *name = version_name(v);
    duo *d;
    int i;

    w = world_make();
    SSL_CTX_set_tlsext_status_cb(w.sctx, on_status);
    if (retry) {
        SSL_CTX_set1_groups_list(w.cctx, "P-256:P-384");
        SSL_CTX_set1_groups_list(w.sctx, "P-384");
    }
    d = duo_new(&w, v);
    SSL_set_tlsext_status_type(d->c, TLSEXT_STATUSTYPE_ocsp);
    if (ids) {
        STACK_OF(OCSP_RESPID) *list = sk_OCSP_RESPID_new_null();

        for (i = 0; i < ids; i++) {
            OCSP_RESPID *id = OCSP_RESPID_new();

            TLS_MUST(id && (i % 2 ? OCSP_RESPID_set_by_name(id, w.leaf.cert) : OCSP_RESPID_set_by_key(id, w.ca.cert)));
            sk_OCSP_RESPID_push(list, id);
        }
        SSL_set_tlsext_status_ids(d->c, list);
    }
    if (exts) {
        STACK_OF(X509_EXTENSION) *list = NULL;
        ASN1_OCTET_STRING *nonce = ASN1_OCTET_STRING_new();
        X509_EXTENSION *ext;

        ASN1_OCTET_STRING_set(nonce, (const unsigned char *)"\4\3abc", 5);
        ext = X509_EXTENSION_create_by_NID(NULL, NID_id_pkix_OCSP_Nonce, 0, nonce);
        X509v3_add_ext(&list, ext, -1);
        X509_EXTENSION_free(ext);
        ASN1_OCTET_STRING_free(nonce);
        SSL_set_tlsext_status_exts(d->c, list);
    }
    calls = 0;
    ok(duo_handshake(d), "%s: connects (%s|%s)", name, d->out.client.errors, d->out.server.errors);
    /* OpenSSL asks again for a second ClientHello. */
    ok(calls >= 1, "%s: the server was asked", name);
    is_int(seen_ids, ids ? ids : -1, "%s: responders", name);
    is_int(seen_exts, exts ? exts : -1, "%s: extensions", name);
    ok(tls_echo(d->c, d->s), "%s: data passes", name);
    duo_free(d);
    world_free(&w);
}

static void test_exclusion(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl;

    is_int(SSL_CTX_add_client_custom_ext(ctx, TIMESTAMPS, NULL, NULL, NULL, NULL, NULL), 1, "a handler");
    ERR_clear_error();
    is_int(SSL_CTX_enable_ct(ctx, SSL_CT_VALIDATION_PERMISSIVE), 0, "SSL_CTX_enable_ct");
    is_int(tls_ssl_reason(), SSL_R_CUSTOM_EXT_HANDLER_ALREADY_INSTALLED, "the reason");
    ssl = SSL_new(ctx);
    is_int(SSL_enable_ct(ssl, SSL_CT_VALIDATION_PERMISSIVE), 0, "SSL_enable_ct");
    is_int(tls_ssl_reason(), SSL_R_CUSTOM_EXT_HANDLER_ALREADY_INSTALLED, "the reason");
    is_int(SSL_set_ct_validation_callback(ssl, NULL, NULL), 1, "off is allowed");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    ctx = SSL_CTX_new(TLS_method());
    is_int(SSL_CTX_add_server_custom_ext(ctx, TIMESTAMPS, NULL, NULL, NULL, NULL, NULL), 1, "a server's handler");
    is_int(SSL_CTX_enable_ct(ctx, SSL_CT_VALIDATION_PERMISSIVE), 1, "does not matter");
    SSL_CTX_free(ctx);
}

/* The suites that are signals, in their order: 00ff for renegotiation (RFC 5746), 5600 for a client
 * that fell back (RFC 7507). */
static int on_hello(SSL *s, int *al, void *arg)
{
    const unsigned char *suites;
    size_t len = SSL_client_hello_get0_ciphers(s, &suites), i;

    (void)al;
    (void)arg;
    for (i = 0; i + 1 < len; i += 2)
        if (suites[i] == 0x56 || suites[i + 1] == 0xff)
            same("signals %02x%02x, the last %d", suites[i], suites[i + 1], i + 2 == len);
    return SSL_CLIENT_HELLO_SUCCESS;
}

static void test_signals(int min, int max, int mode)
{
    world v = world_make();
    duo *d;

    SSL_CTX_set_client_hello_cb(v.sctx, on_hello, NULL);
    d = duo_new(&v, 0);
    SSL_set_min_proto_version(d->c, min);
    SSL_set_max_proto_version(d->c, max);
    SSL_set_mode(d->c, (unsigned long)mode);
    same("from %x to %x connects %d", min, max, duo_handshake(d));
    duo_free(d);
    world_free(&v);
}

int main(void)
{
    test_signals(TLS1_2_VERSION, TLS1_3_VERSION, 0);
    test_signals(TLS1_2_VERSION, TLS1_2_VERSION, 0);
    test_signals(TLS1_3_VERSION, TLS1_3_VERSION, 0);
    test_signals(TLS1_3_VERSION, TLS1_3_VERSION, SSL_MODE_SEND_FALLBACK_SCSV);
    test_exclusion();
    FOR_VERSIONS(v) {
        test_timestamps(v, 0);
        test_timestamps(v, 1);
        test_status(v, 0, 0, 0);
        test_status(v, 1, 0, 0);
        test_status(v, 3, 1, 0);
        test_status(v, 0, 1, 0);
        test_status(v, 400, 1, 1);
    }
    return done();
}
