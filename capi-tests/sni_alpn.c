/* What a server decides when the ClientHello has arrived: server name, ALPN, the client_hello
 * callback with its accessors, the certificate callback. SSL_CTX_set_tlsext_servername_callback(3),
 * SSL_CTX_set_alpn_select_cb(3), SSL_CTX_set_client_hello_cb(3), SSL_CTX_set_cert_cb(3). */
#include "pipe.h"

#include <openssl/tls1.h>

static duo *duo_from(SSL_CTX *cctx, SSL_CTX *sctx, int version)
{
    SSL *c = SSL_new(cctx), *s = SSL_new(sctx);

    ssl_only_version(c, version);
    return duo_of(c, s);
}

/* CN of the certificate that the client was served. */
static const char *served(SSL *client)
{
    static char cn[64];
    X509 *cert = SSL_get1_peer_certificate(client);

    cn[0] = 0;
    if (cert != NULL)
        X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, cn, sizeof cn);
    X509_free(cert);
    return cn;
}

/* ---- server name ---- */

typedef struct {
    int calls, result, alert, initial_alert, name_type, in_init;
    SSL_CTX *swap, *after_swap;
    char name[64];
} sni_plan;

static int on_servername(SSL *ssl, int *alert, void *arg)
{
    sni_plan *p = arg;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

    p->calls++;
    p->initial_alert = *alert;
    p->name_type = SSL_get_servername_type(ssl);
    p->in_init = SSL_in_init(ssl);
    snprintf(p->name, sizeof p->name, "%s", name != NULL ? name : "(null)");
    if (p->swap != NULL) {
        p->after_swap = SSL_set_SSL_CTX(ssl, p->swap);
    }
    if (p->alert != 0)
        *alert = p->alert;
    return p->result;
}

static void sni_setup(world *w, sni_plan *p, int result)
{
    memset(p, 0, sizeof *p);
    p->result = result;
    SSL_CTX_set_tlsext_servername_callback(w->sctx, on_servername);
    SSL_CTX_set_tlsext_servername_arg(w->sctx, p);
}

static void sni_reset(world *w)
{
    SSL_CTX_set_tlsext_servername_callback(w->sctx, NULL);
    SSL_CTX_set_tlsext_servername_arg(w->sctx, NULL);
}

static void test_sni_setter(world *w)
{
    SSL *ssl = SSL_new(w->cctx);
    char name[300];

    is_ptr(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name), NULL, "no name at first");
    is_int(SSL_get_servername_type(ssl), -1, "nor a type");
    is_int(SSL_set_tlsext_host_name(ssl, "a.example"), 1, "set the name");
    is_str(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name), "a.example", "read it back");
    is_int(SSL_get_servername_type(ssl), TLSEXT_NAMETYPE_host_name, "its type");
    is_ptr(SSL_get_servername(ssl, 1), NULL, "no other type");
    is_int(SSL_set_tlsext_host_name(ssl, "b.example"), 1, "set another");
    is_str(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name), "b.example", "replaced");
    is_int(SSL_set_tlsext_host_name(ssl, ""), 0, "an empty name is refused");
    is_int(tls_ssl_reason(), SSL_R_SSL3_EXT_INVALID_SERVERNAME, "its reason");
    is_ptr(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name), NULL,
           "and the former name is gone");
    memset(name, 'a', sizeof name);
    name[256] = 0;
    is_int(SSL_set_tlsext_host_name(ssl, name), 0, "256 bytes are refused");
    is_int(tls_ssl_reason(), SSL_R_SSL3_EXT_INVALID_SERVERNAME, "its reason");
    name[255] = 0;
    is_int(SSL_set_tlsext_host_name(ssl, name), 1, "255 bytes are fine");
    is_str(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name), name, "read back");
    is_int(SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, 5, name), 0, "unknown name type");
    is_int(tls_ssl_reason(), SSL_R_SSL3_EXT_INVALID_SERVERNAME_TYPE, "its reason");
    is_int(SSL_set_tlsext_host_name(ssl, NULL), 1, "NULL takes it away");
    is_ptr(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name), NULL, "gone");
    SSL_free(ssl);
}

static void test_sni_ok(world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        sni_plan p;
        duo *d;

        sni_setup(w, &p, SSL_TLSEXT_ERR_OK);
        d = duo_from(w->cctx, w->sctx, version);
        SSL_set_tlsext_host_name(d->c, "sni.example");
        SSL_do_handshake(d->c);
        is_str(SSL_get_servername(d->c, 0), "sni.example", "%s: client, waiting", v);
        is_ptr(SSL_get_servername(d->s, 0), NULL, "%s: server, before", v);
        ok(duo_handshake(d), "%s: OK connects (%s|%s)", v, d->out.client.errors,
           d->out.server.errors);
        is_int(p.calls, 1, "%s: called once", v);
        is_str(p.name, "sni.example", "%s: the name in the callback", v);
        is_int(p.initial_alert, SSL_AD_UNRECOGNIZED_NAME, "%s: alert preset", v);
        is_int(p.name_type, TLSEXT_NAMETYPE_host_name, "%s: type in the callback", v);
        is_int(p.in_init, 1, "%s: in init", v);
        is_str(SSL_get_servername(d->s, 0), "sni.example", "%s: server, after", v);
        is_str(SSL_get_servername(d->c, 0), "sni.example", "%s: client, after", v);
        is_int(SSL_get_servername_type(d->s), 0, "%s: server's type", v);
        is_int(SSL_get_servername_type(d->c), 0, "%s: client's type", v);
        is_str(SSL_SESSION_get0_hostname(SSL_get_session(d->s)), "sni.example",
               "%s: in the server's session", v);
        is_str(SSL_SESSION_get0_hostname(SSL_get_session(d->c)), "sni.example",
               "%s: in the client's session", v);
        duo_free(d);
        sni_reset(w);
    }
}

static void test_sni_absent(world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        sni_plan p;
        duo *d;

        sni_setup(w, &p, SSL_TLSEXT_ERR_OK);
        d = duo_from(w->cctx, w->sctx, version);
        ok(duo_handshake(d), "%s: connects without a name", v);
        is_int(p.calls, 1, "%s: the callback is called all the same", v);
        is_str(p.name, "(null)", "%s: without a name", v);
        is_int(p.name_type, -1, "%s: nor type", v);
        is_ptr(SSL_get_servername(d->s, 0), NULL, "%s: none after", v);
        is_ptr(SSL_get_servername(d->c, 0), NULL, "%s: none at the client", v);
        duo_free(d);
        sni_reset(w);
    }
}

/* Without a callback a server still knows the name. */
/* A name goes out as it was set, whether or not it could be a host's: Node.js's tests ask for
 * "sni.0", and programs give addresses. */
static void test_sni_odd_names(world *w)
{
    static const char *const names[] = { "sni.0", "127.0.0.1", "::1", "two..dots", "Upper.Case",
                                         "under_score", "trailing.dot.", "-dash-", "sp ace",
                                         "\xc3\xbc.test" };
    size_t i;

    FOR_VERSIONS(version) {
        for (i = 0; i < sizeof names / sizeof *names; i++) {
            duo *d = duo_new(w, version);

            is_int(SSL_set_tlsext_host_name(d->c, names[i]), 1, "%s is set", names[i]);
            ok(duo_handshake(d), "%s: connects with it", version_name(version));
            is_str(SSL_get_servername(d->s, TLSEXT_NAMETYPE_host_name), names[i],
                   "the server has it");
            is_str(SSL_get_servername(d->c, TLSEXT_NAMETYPE_host_name), names[i],
                   "and the client");
            duo_free(d);
        }
    }
}

static void test_sni_no_callback(world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_from(w->cctx, w->sctx, version);

        SSL_set_tlsext_host_name(d->c, "plain.example");
        ok(duo_handshake(d), "%s: connects without callback", version_name(version));
        is_str(SSL_get_servername(d->s, 0), "plain.example", "%s: the name",
               version_name(version));
        is_int(SSL_get_servername_type(d->s), 0, "%s: its type", version_name(version));
        duo_free(d);
    }
}

static void test_sni_noack(world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        sni_plan p;
        duo *d;

        sni_setup(w, &p, SSL_TLSEXT_ERR_NOACK);
        d = duo_from(w->cctx, w->sctx, version);
        SSL_set_tlsext_host_name(d->c, "noack.example");
        ok(duo_handshake(d), "%s: NOACK connects", v);
        is_int(p.calls, 1, "%s: NOACK: called once", v);
        is_str(SSL_get_servername(d->s, 0), "noack.example",
               "%s: NOACK: server's name afterwards", v);
        is_str(SSL_get_servername(d->c, 0), "noack.example", "%s: NOACK: client's", v);
        is_int(trace_alert(&d->ct, SSL_CB_READ_ALERT, 0), -1, "%s: NOACK: no alert", v);
        duo_free(d);
        sni_reset(w);
    }
}

static void test_sni_fatal(world *w)
{
    static const struct {
        int alert, sent, reason;
    } rows[] = {
        { 0, SSL_AD_UNRECOGNIZED_NAME, SSL_R_TLSV1_UNRECOGNIZED_NAME },
        { SSL_AD_ACCESS_DENIED, SSL_AD_ACCESS_DENIED, SSL_R_TLSV1_ALERT_ACCESS_DENIED },
        { SSL_AD_INTERNAL_ERROR, SSL_AD_INTERNAL_ERROR, SSL_R_TLSV1_ALERT_INTERNAL_ERROR },
    };

    FOR_VERSIONS(version)
        for (size_t i = 0; i < 3; i++) {
            const char *v = version_name(version);
            sni_plan p;
            duo *d;

            sni_setup(w, &p, SSL_TLSEXT_ERR_ALERT_FATAL);
            p.alert = rows[i].alert;
            d = duo_from(w->cctx, w->sctx, version);
            SSL_set_tlsext_host_name(d->c, "fatal.example");
            ok(!duo_handshake(d), "%s: ALERT_FATAL fails", v);
            is_int(d->out.server.error, SSL_ERROR_SSL, "%s: server's error", v);
            is_int(d->out.server.reason, SSL_R_CALLBACK_FAILED, "%s: server's reason", v);
            is_int(d->out.client.error, SSL_ERROR_SSL, "%s: client's error", v);
            is_int(d->out.client.reason, rows[i].reason, "%s: client's reason", v);
            is_int(trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0), ALERT_FATAL(rows[i].sent),
                   "%s: alert written", v);
            is_int(trace_alert(&d->ct, SSL_CB_READ_ALERT, 0), ALERT_FATAL(rows[i].sent),
                   "%s: alert read", v);
            duo_free(d);
            sni_reset(w);
        }
}

/* A warning is sent in TLS 1.2 and goes nowhere in TLS 1.3, which has none. */
static void test_sni_warning(world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        sni_plan p;
        duo *d;

        sni_setup(w, &p, SSL_TLSEXT_ERR_ALERT_WARNING);
        d = duo_from(w->cctx, w->sctx, version);
        SSL_set_tlsext_host_name(d->c, "warn.example");
        ok(duo_handshake(d), "%s: ALERT_WARNING connects (%s|%s)", v, d->out.client.errors,
           d->out.server.errors);
        is_int(p.calls, 1, "%s: WARNING: called once", v);
        if (version == TLS1_3_VERSION)
            is_int(trace_alert(&d->ct, SSL_CB_READ_ALERT, 0), -1, "%s: no alert", v);
        else if (differs("sni-warning", "rustls has no call that sends a warning alert"))
            ok(trace_alert(&d->ct, SSL_CB_READ_ALERT, 0) == -1
                   || trace_alert(&d->ct, SSL_CB_READ_ALERT, 0)
                          == ALERT_WARNING(SSL_AD_UNRECOGNIZED_NAME),
               "%s: no other alert", v);
        else
            is_int(trace_alert(&d->ct, SSL_CB_READ_ALERT, 0),
                   ALERT_WARNING(SSL_AD_UNRECOGNIZED_NAME), "%s: the warning", v);
        ok(tls_echo(d->c, d->s), "%s: data passes", v);
        duo_free(d);
        sni_reset(w);
    }
}

static void test_sni_swap(world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        tls_id other = tls_leaf(&w->ca, "P-256", "other.example", "DNS:other.example");
        SSL_CTX *octx = tls_server_ctx(&other);
        sni_plan p;
        duo *d;

        sni_setup(w, &p, SSL_TLSEXT_ERR_OK);
        p.swap = octx;
        d = duo_from(w->cctx, w->sctx, version);
        SSL_set_tlsext_host_name(d->c, "other.example");
        ok(duo_handshake(d), "%s: swapped: connects (%s|%s)", v, d->out.client.errors,
           d->out.server.errors);
        is_str(served(d->c), "other.example", "%s: the other certificate is served", v);
        is_ptr(p.after_swap, octx, "%s: SSL_set_SSL_CTX returns the new one", v);
        is_ptr(SSL_get_SSL_CTX(d->s), octx, "%s: SSL_get_SSL_CTX", v);
        is_str(SSL_get_servername(d->s, 0), "other.example", "%s: the name is kept", v);
        duo_free(d);
        sni_reset(w);

        d = duo_from(w->cctx, w->sctx, version);
        ok(duo_handshake(d), "%s: not swapped: connects", v);
        is_str(served(d->c), "localhost", "%s: the first certificate", v);
        is_ptr(SSL_get_SSL_CTX(d->s), w->sctx, "%s: the first context", v);
        duo_free(d);
        SSL_CTX_free(octx);
        tls_id_free(&other);
    }
}

static int permit_tickets(SSL *ssl, int *alert, void *arg)
{
    (void)alert;
    (void)arg;
    SSL_clear_options(ssl, SSL_OP_NO_TICKET);
    return SSL_TLSEXT_ERR_OK;
}

static int forbid_tickets(SSL *ssl, int *alert, void *arg)
{
    (void)alert;
    (void)arg;
    SSL_set_options(ssl, SSL_OP_NO_TICKET);
    return SSL_TLSEXT_ERR_OK;
}

/* Whether a TLS 1.2 client gets a ticket from a server with these options and callback. */
static int ticket_sent(world *w, uint64_t options, int (*callback)(SSL *, int *, void *))
{
    SSL_CTX *sctx = tls_server_ctx(&w->leaf);
    duo *d;
    int sent;

    SSL_CTX_set_options(sctx, options);
    SSL_CTX_set_tlsext_servername_callback(sctx, callback);
    d = duo_from(w->cctx, sctx, TLS1_2_VERSION);
    SSL_set_tlsext_host_name(d->c, "localhost");
    ok(duo_handshake(d), "tickets and names: connects");
    sent = SSL_SESSION_has_ticket(SSL_get0_session(d->c));
    duo_free(d);
    SSL_CTX_free(sctx);
    return sent;
}

static void test_sni_tickets(world *w)
{
    is_int(ticket_sent(w, 0, NULL), 1, "a ticket");
    is_int(ticket_sent(w, SSL_OP_NO_TICKET, NULL), 0, "no ticket");
    is_int(ticket_sent(w, SSL_OP_NO_TICKET, permit_tickets), 0,
           "the callback for the server name comes too late to permit tickets");
    is_int(ticket_sent(w, 0, forbid_tickets), 0, "but not to forbid them");
}

/* ---- ALPN ---- */

typedef struct {
    int calls, result;
    const char *choose;
    unsigned char offered[64];
    unsigned int offered_len;
} alpn_plan;

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                   const unsigned char *in, unsigned int inlen, void *arg)
{
    alpn_plan *p = arg;
    unsigned int i;

    (void)ssl;
    p->calls++;
    p->offered_len = inlen < sizeof p->offered ? inlen : sizeof p->offered;
    memcpy(p->offered, in, p->offered_len);
    if (p->choose != NULL)
        for (i = 0; i < inlen; i += 1u + in[i])
            if (in[i] == strlen(p->choose) && memcmp(in + i + 1, p->choose, in[i]) == 0) {
                *out = in + i + 1;
                *outlen = in[i];
            }
    return p->result;
}

static const unsigned char offer[] = "\x02h2\x08http/1.1";
#define OFFER_LEN (sizeof offer - 1)

static void check_alpn(SSL *ssl, const char *expected, const char *who)
{
    const unsigned char *data = (const unsigned char *)"unset";
    unsigned int len = 77;

    SSL_get0_alpn_selected(ssl, &data, &len);
    is_int(len, expected != NULL ? strlen(expected) : 0, "%s: length of the protocol", who);
    if (expected == NULL)
        is_ptr(data, NULL, "%s: no protocol", who);
    else if (len == strlen(expected))
        is_mem(data, expected, len, "%s: protocol %s", who, expected);
}

static void alpn_setup(world *w, alpn_plan *p, const char *choose, int result)
{
    memset(p, 0, sizeof *p);
    p->choose = choose;
    p->result = result;
    SSL_CTX_set_alpn_select_cb(w->sctx, on_alpn, p);
}

static void test_alpn_setters(world *w)
{
    SSL *ssl = SSL_new(w->cctx);

    is_int(SSL_set_alpn_protos(ssl, offer, OFFER_LEN), 0, "SSL_set_alpn_protos gives 0");
    is_int(SSL_CTX_set_alpn_protos(w->cctx, offer, OFFER_LEN), 0, "as on the context");
    is_int(SSL_set_alpn_protos(ssl, (const unsigned char *)"\x05h2", 3), 1, "broken list");
    is_int(SSL_set_alpn_protos(ssl, (const unsigned char *)"\x00", 1), 1, "empty protocol");
    is_int(SSL_set_alpn_protos(ssl, NULL, 0), 0, "NULL takes it away");
    is_int(SSL_CTX_set_alpn_protos(w->cctx, NULL, 0), 0, "as on the context");
    check_alpn(ssl, NULL, "new");
    ERR_clear_error();
    SSL_free(ssl);
}

static void test_alpn_select(world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        alpn_plan p;
        duo *d;

        alpn_setup(w, &p, "http/1.1", SSL_TLSEXT_ERR_OK);
        d = duo_from(w->cctx, w->sctx, version);
        SSL_set_alpn_protos(d->c, offer, OFFER_LEN);
        ok(duo_handshake(d), "%s: ALPN connects (%s|%s)", v, d->out.client.errors,
           d->out.server.errors);
        is_int(p.calls, 1, "%s: called once", v);
        is_int(p.offered_len, OFFER_LEN, "%s: length of the offer", v);
        is_mem(p.offered, offer, OFFER_LEN, "%s: the offer in its order", v);
        check_alpn(d->c, "http/1.1", "client");
        check_alpn(d->s, "http/1.1", "server");
        duo_free(d);

        p.calls = 0;
        d = duo_from(w->cctx, w->sctx, version);
        ok(duo_handshake(d), "%s: without an offer", v);
        is_int(p.calls, 0, "%s: no call without an offer", v);
        check_alpn(d->c, NULL, "client without offer");
        check_alpn(d->s, NULL, "server without offer");
        duo_free(d);

        alpn_setup(w, &p, NULL, SSL_TLSEXT_ERR_NOACK);
        d = duo_from(w->cctx, w->sctx, version);
        SSL_set_alpn_protos(d->c, offer, OFFER_LEN);
        ok(duo_handshake(d), "%s: NOACK connects", v);
        is_int(p.calls, 1, "%s: NOACK: called", v);
        check_alpn(d->c, NULL, "client after NOACK");
        check_alpn(d->s, NULL, "server after NOACK");
        duo_free(d);

        SSL_CTX_set_alpn_select_cb(w->sctx, NULL, NULL);
        d = duo_from(w->cctx, w->sctx, version);
        SSL_set_alpn_protos(d->c, offer, OFFER_LEN);
        ok(duo_handshake(d), "%s: no callback connects", v);
        check_alpn(d->c, NULL, "client, no callback");
        check_alpn(d->s, NULL, "server, no callback");
        duo_free(d);
    }
}

static void test_alpn_refuse(world *w)
{
    static const int results[] = { SSL_TLSEXT_ERR_ALERT_FATAL, SSL_TLSEXT_ERR_ALERT_WARNING };

    FOR_VERSIONS(version)
        for (int i = 0; i < 2; i++) {
            alpn_plan p;
            duo *d;

            alpn_setup(w, &p, NULL, results[i]);
            d = duo_from(w->cctx, w->sctx, version);
            SSL_set_alpn_protos(d->c, offer, OFFER_LEN);
            ok(!duo_handshake(d), "%s: result %d fails", version_name(version), results[i]);
            is_int(d->out.server.reason, SSL_R_NO_APPLICATION_PROTOCOL, "server's reason");
            is_int(d->out.client.reason, SSL_AD_REASON_OFFSET + SSL_AD_NO_APPLICATION_PROTOCOL,
                   "client's reason");
            is_int(trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0),
                   ALERT_FATAL(SSL_AD_NO_APPLICATION_PROTOCOL), "alert written");
            is_int(trace_alert(&d->ct, SSL_CB_READ_ALERT, 0),
                   ALERT_FATAL(SSL_AD_NO_APPLICATION_PROTOCOL), "alert read");
            duo_free(d);
            SSL_CTX_set_alpn_select_cb(w->sctx, NULL, NULL);
        }
}

static void test_select_next_proto(void)
{
    static const unsigned char server[] = "\x06spdy/3\x08http/1.1\x02h2", none[] = "\x03xyz";
    unsigned char *out = NULL, len = 0;

    is_int(SSL_select_next_proto(&out, &len, server, sizeof server - 1, offer, OFFER_LEN),
           OPENSSL_NPN_NEGOTIATED, "select_next_proto: overlap");
    ok(len == 8 && memcmp(out, "http/1.1", 8) == 0, "the server's first that the client has");
    ok(out >= server && out < server + sizeof server, "it points into the server's list");
    is_int(SSL_select_next_proto(&out, &len, none, sizeof none - 1, offer, OFFER_LEN),
           OPENSSL_NPN_NO_OVERLAP, "select_next_proto: no overlap");
    ok(len == 2 && out == offer + 1, "the client's first");
    is_int(SSL_select_next_proto(&out, &len, server, sizeof server - 1, NULL, 0),
           OPENSSL_NPN_NO_OVERLAP, "no client list");
    is_int(len, 0, "nothing chosen");
    is_ptr(out, NULL, "NULL chosen");
    is_int(SSL_select_next_proto(&out, &len, (const unsigned char *)"\x09h2", 3, offer,
                                 OFFER_LEN),
           OPENSSL_NPN_NO_OVERLAP, "a broken server list");
    ok(len == 2 && out == offer + 1, "the client's first");
}

/* ---- client_hello callback ---- */

typedef struct {
    int calls, retries, result, alert, initial_alert;
    int v2, present, get1, has_sni_ext, has_versions_ext, no_ext, sni_name_known, in_before;
    unsigned int legacy_version;
    size_t random, session, ciphers, compression;
    unsigned char comp[4], first_random[32];
    size_t sni_ext_len;
    unsigned char sni_ext[64];
    int scsv_or_suite_found;
} hello_plan;

static int on_client_hello(SSL *ssl, int *alert, void *arg)
{
    hello_plan *p = arg;
    const unsigned char *data;
    size_t n, i;
    int *types = NULL;

    p->calls++;
    p->initial_alert = *alert;
    p->in_before = SSL_in_before(ssl);
    p->v2 = SSL_client_hello_isv2(ssl);
    p->legacy_version = SSL_client_hello_get0_legacy_version(ssl);
    p->random = SSL_client_hello_get0_random(ssl, &data);
    if (p->random == 32)
        memcpy(p->first_random, data, 32);
    p->session = SSL_client_hello_get0_session_id(ssl, &data);
    p->ciphers = SSL_client_hello_get0_ciphers(ssl, &data);
    for (i = 0; i + 1 < p->ciphers; i += 2)
        p->scsv_or_suite_found |= data[i] == 0x13 && data[i + 1] == 0x01;
    p->compression = SSL_client_hello_get0_compression_methods(ssl, &data);
    if (p->compression > 0 && p->compression <= sizeof p->comp)
        memcpy(p->comp, data, p->compression);
    p->get1 = SSL_client_hello_get1_extensions_present(ssl, &types, &n);
    p->present = (int)n;
    for (i = 0; p->get1 && i < n; i++) {
        p->has_sni_ext |= types[i] == TLSEXT_TYPE_server_name;
        p->has_versions_ext |= types[i] == TLSEXT_TYPE_supported_versions;
    }
    OPENSSL_free(types);
    p->no_ext = SSL_client_hello_get0_ext(ssl, 0xfefe, &data, &n);
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &n)) {
        p->sni_ext_len = n;
        memcpy(p->sni_ext, data, n < sizeof p->sni_ext ? n : sizeof p->sni_ext);
    }
    p->sni_name_known = SSL_get_servername(ssl, 0) != NULL;
    if (p->retries > 0) {
        p->retries--;
        return SSL_CLIENT_HELLO_RETRY;
    }
    if (p->alert != 0)
        *alert = p->alert;
    return p->result;
}

static void hello_setup(world *w, hello_plan *p, int result)
{
    memset(p, 0, sizeof *p);
    p->result = result;
    SSL_CTX_set_client_hello_cb(w->sctx, on_client_hello, p);
}

static void test_hello_accessors(world *w)
{
    static const char sni_body[] = "\x00\x0e\x00\x00\x0bhel.example";

    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        unsigned char random[32];
        hello_plan p;
        duo *d;

        hello_setup(w, &p, SSL_CLIENT_HELLO_SUCCESS);
        d = duo_from(w->cctx, w->sctx, version);
        SSL_set_tlsext_host_name(d->c, "hel.example");
        ok(duo_handshake(d), "%s: SUCCESS connects (%s|%s)", v, d->out.client.errors,
           d->out.server.errors);
        is_int(p.calls, 1, "%s: called once", v);
        is_int(p.in_before, 0, "%s: not before", v);
        is_int(p.initial_alert, SSL_AD_INTERNAL_ERROR, "%s: alert preset", v);
        is_int(p.v2, 0, "%s: no SSLv2 hello", v);
        is_int(p.legacy_version, TLS1_2_VERSION, "%s: legacy version", v);
        is_int(p.random, 32, "%s: random", v);
        SSL_get_client_random(d->c, random, 32);
        is_mem(p.first_random, random, 32, "%s: it is the client's", v);
        ok(p.session == 0 || p.session == 32, "%s: session id length %d", v, (int)p.session);
        ok(p.ciphers > 0 && p.ciphers % 2 == 0, "%s: ciphers", v);
        is_int(p.scsv_or_suite_found, version == TLS1_3_VERSION, "%s: TLS_AES_128_GCM_SHA256",
               v);
        is_int(p.compression, 1, "%s: one compression method", v);
        is_int(p.comp[0], 0, "%s: null compression", v);
        is_int(p.get1, 1, "%s: get1_extensions_present", v);
        ok(p.present > 4, "%s: %d extensions", v, p.present);
        is_int(p.has_sni_ext, 1, "%s: server_name is there", v);
        if (version == TLS1_3_VERSION)
            is_int(p.has_versions_ext, 1, "%s: supported_versions", v);
        else if (!differs("supported-versions", "rustls sends the extension for 1.2 too"))
            is_int(p.has_versions_ext, 0, "%s: no supported_versions", v);
        is_int(p.no_ext, 0, "%s: get0_ext of an absent one", v);
        is_int(p.sni_ext_len, sizeof sni_body - 1, "%s: body of server_name", v);
        is_mem(p.sni_ext, sni_body, sizeof sni_body - 1, "%s: its bytes", v);
        is_int(p.sni_name_known, 0, "%s: no SSL_get_servername yet", v);
        is_int(SSL_client_hello_isv2(d->s), 0, "%s: outside the callback: nothing", v);
        is_int(SSL_client_hello_get0_legacy_version(d->s), 0, "%s: nor a version", v);
        duo_free(d);
        SSL_CTX_set_client_hello_cb(w->sctx, NULL, NULL);
    }
}

static void test_hello_error(world *w)
{
    static const int alerts[] = { 0, SSL_AD_ACCESS_DENIED };

    FOR_VERSIONS(version)
        for (int i = 0; i < 2; i++) {
            int sent = alerts[i] != 0 ? alerts[i] : SSL_AD_INTERNAL_ERROR;
            hello_plan p;
            duo *d;

            hello_setup(w, &p, SSL_CLIENT_HELLO_ERROR);
            p.alert = alerts[i];
            d = duo_from(w->cctx, w->sctx, version);
            ok(!duo_handshake(d), "%s: ERROR fails", version_name(version));
            is_int(d->out.server.reason, SSL_R_CALLBACK_FAILED, "server's reason");
            is_int(d->out.client.reason, SSL_AD_REASON_OFFSET + sent, "client's reason");
            is_int(trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0), ALERT_FATAL(sent), "alert");
            duo_free(d);
            SSL_CTX_set_client_hello_cb(w->sctx, NULL, NULL);
        }
}

static void test_hello_retry(world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        hello_plan p;
        duo *d;
        int r;

        hello_setup(w, &p, SSL_CLIENT_HELLO_SUCCESS);
        p.retries = 2;
        d = duo_from(w->cctx, w->sctx, version);
        SSL_do_handshake(d->c);
        for (int i = 0; i < 2; i++) {
            r = SSL_do_handshake(d->s);
            is_int(r, -1, "%s: RETRY suspends", v);
            is_int(SSL_get_error(d->s, r), SSL_ERROR_WANT_CLIENT_HELLO_CB, "%s: its error", v);
            is_int(SSL_want(d->s), SSL_CLIENT_HELLO_CB, "%s: SSL_want", v);
            is_int(SSL_want_client_hello_cb(d->s), 1, "%s: SSL_want_client_hello_cb", v);
            is_int(p.calls, i + 1, "%s: one call each time", v);
            is_int(d->s2c.len, 0, "%s: nothing is sent", v);
            is_int(ERR_peek_error(), 0, "%s: no error queued", v);
        }
        ok(duo_handshake(d), "%s: then connects (%s|%s)", v, d->out.client.errors,
           d->out.server.errors);
        is_int(p.calls, 3, "%s: three calls", v);
        ok(tls_echo(d->c, d->s), "%s: data", v);
        duo_free(d);
        SSL_CTX_set_client_hello_cb(w->sctx, NULL, NULL);
    }
}

/* ---- certificate callback ---- */

typedef struct {
    int calls, waits, result;
    const tls_id *use;
    char name[64];
} cert_plan;

static int on_cert(SSL *ssl, void *arg)
{
    cert_plan *p = arg;
    const char *name = SSL_get_servername(ssl, 0);

    p->calls++;
    snprintf(p->name, sizeof p->name, "%s", name != NULL ? name : "(null)");
    if (p->waits > 0) {
        p->waits--;
        return -1;
    }
    if (p->use != NULL
        && (SSL_use_certificate(ssl, p->use->cert) != 1
            || SSL_use_PrivateKey(ssl, p->use->key) != 1))
        return 0;
    return p->result;
}

static void test_cert_cb(world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        tls_id other = tls_leaf(&w->ca, "P-256", "from callback", "DNS:cb.example");
        SSL_CTX *bare = tls_server_ctx(NULL);
        cert_plan p = { 0, 0, 1, &other, "" };
        duo *d;
        int r;

        SSL_CTX_set_cert_cb(bare, on_cert, &p);
        d = duo_from(w->cctx, bare, version);
        SSL_set_tlsext_host_name(d->c, "cb.example");
        ok(duo_handshake(d), "%s: a certificate set in the callback (%s|%s)", v,
           d->out.client.errors, d->out.server.errors);
        is_int(p.calls, 1, "%s: called once", v);
        is_str(p.name, "cb.example", "%s: the server name is known in it", v);
        is_str(served(d->c), "from callback", "%s: it is served", v);
        duo_free(d);

        p = (cert_plan){ 0, 2, 1, &other, "" };
        d = duo_from(w->cctx, bare, version);
        SSL_do_handshake(d->c);
        for (int i = 0; i < 2; i++) {
            r = SSL_do_handshake(d->s);
            is_int(r, -1, "%s: -1 suspends", v);
            is_int(SSL_get_error(d->s, r), SSL_ERROR_WANT_X509_LOOKUP, "%s: its error", v);
            is_int(SSL_want(d->s), SSL_X509_LOOKUP, "%s: SSL_want", v);
            is_int(SSL_want_x509_lookup(d->s), 1, "%s: SSL_want_x509_lookup", v);
            is_int(p.calls, i + 1, "%s: one call each time", v);
            is_int(d->s2c.len, 0, "%s: nothing is sent", v);
        }
        ok(duo_handshake(d), "%s: then connects (%s|%s)", v, d->out.client.errors,
           d->out.server.errors);
        is_str(served(d->c), "from callback", "%s: the certificate", v);
        duo_free(d);

        p = (cert_plan){ 0, 0, 0, NULL, "" };
        d = duo_from(w->cctx, bare, version);
        ok(!duo_handshake(d), "%s: 0 fails", v);
        is_int(d->out.server.error, SSL_ERROR_SSL, "%s: server's error", v);
        is_int(d->out.server.reason, SSL_R_CERT_CB_ERROR, "%s: server's reason", v);
        is_int(d->out.client.reason, SSL_R_TLSV1_ALERT_INTERNAL_ERROR, "%s: client's reason",
               v);
        duo_free(d);
        SSL_CTX_free(bare);
        tls_id_free(&other);
    }
}

/* ---- order ---- */

static char order[64];

static int order_hello(SSL *ssl, int *alert, void *arg)
{
    (void)ssl;
    (void)alert;
    (void)arg;
    strcat(order, "hello ");
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int order_sni(SSL *ssl, int *alert, void *arg)
{
    (void)ssl;
    (void)alert;
    (void)arg;
    strcat(order, "sni ");
    return SSL_TLSEXT_ERR_OK;
}

static int order_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                      const unsigned char *in, unsigned int inlen, void *arg)
{
    (void)ssl;
    (void)inlen;
    (void)arg;
    strcat(order, "alpn ");
    *out = in + 1;
    *outlen = in[0];
    return SSL_TLSEXT_ERR_OK;
}

static int order_cert(SSL *ssl, void *arg)
{
    (void)ssl;
    (void)arg;
    strcat(order, "cert ");
    return 1;
}

static void test_order(world *w)
{
    FOR_VERSIONS(version) {
        SSL_CTX *sctx = tls_server_ctx(&w->leaf);
        duo *d;

        order[0] = 0;
        SSL_CTX_set_client_hello_cb(sctx, order_hello, NULL);
        SSL_CTX_set_tlsext_servername_callback(sctx, order_sni);
        SSL_CTX_set_alpn_select_cb(sctx, order_alpn, NULL);
        SSL_CTX_set_cert_cb(sctx, order_cert, NULL);
        d = duo_from(w->cctx, sctx, version);
        SSL_set_tlsext_host_name(d->c, "order.example");
        SSL_set_alpn_protos(d->c, offer, OFFER_LEN);
        ok(duo_handshake(d), "%s: connects with all callbacks", version_name(version));
        is_str(order, version == TLS1_2_VERSION ? "hello sni cert alpn " : "hello sni alpn cert ",
               "%s: their order", version_name(version));
        duo_free(d);
        SSL_CTX_free(sctx);
    }
}

int main(void)
{
    world w = world_make();

    test_sni_setter(&w);
    test_sni_ok(&w);
    test_sni_absent(&w);
    test_sni_no_callback(&w);
    test_sni_odd_names(&w);
    test_sni_noack(&w);
    test_sni_fatal(&w);
    test_sni_warning(&w);
    test_sni_swap(&w);
    test_sni_tickets(&w);
    test_alpn_setters(&w);
    test_alpn_select(&w);
    test_alpn_refuse(&w);
    test_select_next_proto();
    test_hello_accessors(&w);
    test_hello_error(&w);
    test_hello_retry(&w);
    test_cert_cb(&w);
    test_order(&w);
    world_free(&w);
    return done();
}
