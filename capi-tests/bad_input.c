/* What a peer or a misconfiguration does wrong: the error on the side that finds it, the alert
 * it sends first, and what the other side makes of that alert. */
#include "pipe.h"

static char buf[64];

static void test_garbage_to_server(const world *w)
{
    static const struct {
        const char *what, *bytes;
        size_t n;
        int reason;
    } rows[] = {
        { "HTTP GET", "GET / HTTP/1.0\r\n\r\n", 18, SSL_R_HTTP_REQUEST },
        { "HTTP POST", "POST / HTTP/1.0\r\n\r\n", 19, SSL_R_HTTP_REQUEST },
        { "HTTP HEAD", "HEAD / HTTP/1.0\r\n\r\n", 19, SSL_R_HTTP_REQUEST },
        { "HTTP PUT", "PUT / HTTP/1.0\r\n\r\n", 18, SSL_R_HTTP_REQUEST },
        { "a proxy's CONNECT", "CONNECT x:443 HTTP/1.0\r\n\r\n", 26,
          SSL_R_HTTPS_PROXY_REQUEST },
        { "text", "hello there, this is no TLS\r\n", 29, SSL_R_WRONG_VERSION_NUMBER },
        { "a wrong record version", "\x16\x02\x00\x00\x05\x01\x00\x00\x01\x00", 10,
          SSL_R_WRONG_VERSION_NUMBER },
        { "application data first", "\x17\x03\x01\x00\x05hello", 10, SSL_R_UNEXPECTED_MESSAGE },
        { "a ServerHello first", "\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00", 10,
          SSL_R_UNEXPECTED_MESSAGE },
        { "an empty ClientHello", "\x16\x03\x01\x00\x04\x01\x00\x00\x00", 9,
          SSL_R_LENGTH_TOO_SHORT },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        duo *d = duo_new(w, 0);
        int r;

        ERR_clear_error();
        wire_put(&d->c2s, rows[i].bytes, rows[i].n);
        r = SSL_do_handshake(d->s);
        is_int(r, -1, "%s: fails", rows[i].what);
        is_int(SSL_get_error(d->s, r), SSL_ERROR_SSL, "%s: error", rows[i].what);
        is_int(tls_ssl_reason(), rows[i].reason, "%s: reason", rows[i].what);
        is_str(SSL_state_string(d->s), "SSLERR", "%s: state", rows[i].what);
        r = SSL_do_handshake(d->s);
        is_int(r, -1, "%s: stays failed", rows[i].what);
        ERR_clear_error();
        duo_free(d);
    }
}

static void test_garbage_to_client(const world *w)
{
    static const struct {
        const char *what, *bytes;
        size_t n;
        int reason, alert;
    } rows[] = {
        { "an HTTP answer", "HTTP/1.1 400 Bad Request\r\n\r\n", 28, SSL_R_WRONG_VERSION_NUMBER,
          -2 },
        { "text", "220 mail.example ESMTP\r\n", 24, SSL_R_WRONG_VERSION_NUMBER, -2 },
        { "application data", "\x17\x03\x03\x00\x05hello", 10, SSL_R_UNEXPECTED_MESSAGE,
          SSL_AD_UNEXPECTED_MESSAGE },
        { "a ClientHello", "\x16\x03\x03\x00\x05\x01\x00\x00\x01\x00", 10,
          SSL_R_UNEXPECTED_MESSAGE, SSL_AD_UNEXPECTED_MESSAGE },
        { "an alert", "\x15\x03\x03\x00\x02\x02\x28", 7, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
          -1 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        duo *d = duo_new(w, 0);
        int r;

        SSL_do_handshake(d->c);
        ERR_clear_error();
        wire_put(&d->s2c, rows[i].bytes, rows[i].n);
        r = SSL_do_handshake(d->c);
        is_int(r, -1, "%s: fails", rows[i].what);
        is_int(SSL_get_error(d->c, r), SSL_ERROR_SSL, "%s: error", rows[i].what);
        is_int(tls_ssl_reason(), rows[i].reason, "%s: reason", rows[i].what);
        if (rows[i].alert != -2)
            is_int(trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0),
                   rows[i].alert < 0 ? -1 : ALERT_FATAL(rows[i].alert), "%s: alert",
                   rows[i].what);
        duo_free(d);
    }
}

/* Alerts of the peer: reason 1000 + description. */
static void test_alerts_received(const world *w)
{
    static const int alerts[] = { 10, 20, 22, 30, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50,
                                  51, 70, 71, 80, 86, 109, 110, 112, 113, 115, 116, 120 };

    for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++) {
        duo *d = duo_new(w, 0);
        unsigned char record[7] = { 0x15, 3, 3, 0, 2, 2, (unsigned char)alerts[i] };
        int r;

        SSL_do_handshake(d->c);
        wire_put(&d->s2c, record, 7);
        ERR_clear_error();
        r = SSL_do_handshake(d->c);
        is_int(SSL_get_error(d->c, r), SSL_ERROR_SSL, "alert %d: error", alerts[i]);
        is_int(tls_ssl_reason(), SSL_AD_REASON_OFFSET + alerts[i], "alert %d: reason",
               alerts[i]);
        is_int(trace_alert(&d->ct, SSL_CB_READ_ALERT, 0), ALERT_FATAL(alerts[i]),
               "alert %d: seen", alerts[i]);
        is_int(SSL_get_shutdown(d->c), SSL_RECEIVED_SHUTDOWN, "alert %d: shutdown bit",
               alerts[i]);
        r = SSL_read(d->c, buf, sizeof buf);
        ok(r <= 0, "alert %d: stays failed", alerts[i]);
        ERR_clear_error();
        duo_free(d);
    }
}

/* Every prefix of the server's and of the client's flights, then EOF. */
static void test_truncated(const world *w)
{
    FOR_VERSIONS(version) {
        int bad = 0, cuts = 0;

        for (int to_client = 0; to_client < 2; to_client++)
            for (size_t cut = 0; cut < 1200; cut += cut < 60 ? 1 : 97) {
                duo *d = duo_new(w, version);
                wire *q = to_client ? &d->s2c : &d->c2s;
                SSL *victim = to_client ? d->c : d->s;
                int r;

                SSL_do_handshake(d->c);
                if (to_client)
                    SSL_do_handshake(d->s);
                if (cut < q->len) {
                    q->len = cut;
                    q->closed = 1;
                    ERR_clear_error();
                    r = SSL_do_handshake(victim);
                    bad += r > 0 || SSL_get_error(victim, r) != SSL_ERROR_SSL
                           || tls_ssl_reason() != SSL_R_UNEXPECTED_EOF_WHILE_READING;
                    cuts++;
                }
                ERR_clear_error();
                duo_free(d);
            }
        ok(cuts > 100, "%s: %s", version_name(version), "cut at many places");
        is_int(bad, 0, "%s: each is an unexpected EOF", version_name(version));
    }
}

static void test_tampered(const world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        duo *d = duo_connected(w, version);
        int r;

        SSL_write(d->c, "secret", 6);
        d->c2s.data[7] ^= 0x40;
        ERR_clear_error();
        r = SSL_read(d->s, buf, sizeof buf);
        is_int(r, -1, "%s: a tampered record", v);
        is_int(SSL_get_error(d->s, r), SSL_ERROR_SSL, "%s: error", v);
        is_int(tls_ssl_reason(), SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "%s: reason", v);
        is_int(trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0), ALERT_FATAL(SSL_AD_BAD_RECORD_MAC),
               "%s: alert", v);
        r = SSL_read(d->c, buf, sizeof buf);
        ok(r <= 0, "%s: the peer gets it", v);
        is_int(SSL_get_error(d->c, r), SSL_ERROR_SSL, "%s: its error", v);
        is_int(tls_ssl_reason(), SSL_R_SSLV3_ALERT_BAD_RECORD_MAC, "%s: its reason", v);
        duo_free(d);
    }
}

static void test_bad_records(const world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        duo *d = duo_connected(w, version);
        int r;

        ERR_clear_error();
        wire_put(&d->c2s, "\x17\x02\x00\x00\x10", 5);
        r = SSL_read(d->s, buf, sizeof buf);
        is_int(r, -1, "%s: a wrong record version", v);
        is_int(SSL_get_error(d->s, r), SSL_ERROR_SSL, "%s: error", v);
        is_int(tls_ssl_reason(), SSL_R_WRONG_VERSION_NUMBER, "%s: reason", v);
        duo_free(d);

        d = duo_connected(w, version);
        wire_put(&d->c2s, "\x17\x03\x03\x7f\xff", 5);
        r = SSL_read(d->s, buf, sizeof buf);
        is_int(r, -1, "%s: a record too long", v);
        ok(SSL_get_error(d->s, r) == SSL_ERROR_SSL, "%s: error", v);
        r = tls_ssl_reason();
        ok(r == SSL_R_PACKET_LENGTH_TOO_LONG || r == SSL_R_ENCRYPTED_LENGTH_TOO_LONG,
           "%s: reason %d", v, r);
        is_int(trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0), ALERT_FATAL(SSL_AD_RECORD_OVERFLOW),
               "%s: alert", v);
        duo_free(d);
    }
}

/* A failed handshake: both sides' reasons, and the alert in between. The server finds it. */
static void check_failure(SSL_CTX *cctx, SSL_CTX *sctx, const char *what, int reason, int alert,
                          int peer_reason)
{
    duo *d = duo_of(SSL_new(cctx), SSL_new(sctx));

    ERR_clear_error();
    ok(!duo_handshake(d), "%s: fails", what);
    is_int(d->out.server.error, SSL_ERROR_SSL, "%s: server's error", what);
    is_int(d->out.server.reason, reason, "%s: server's reason", what);
    is_int(trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0), ALERT_FATAL(alert), "%s: alert", what);
    is_int(trace_alert(&d->ct, SSL_CB_READ_ALERT, 0), ALERT_FATAL(alert), "%s: alert read",
           what);
    is_int(d->out.client.error, SSL_ERROR_SSL, "%s: client's error", what);
    is_int(d->out.client.reason, peer_reason, "%s: client's reason", what);
    duo_free(d);
}

static void limit(SSL_CTX *ctx, int version)
{
    TLS_MUST(SSL_CTX_set_min_proto_version(ctx, version)
             && SSL_CTX_set_max_proto_version(ctx, version));
}

static void test_nothing_in_common(const world *w)
{
    enum { HF = SSL_AD_HANDSHAKE_FAILURE, HF_R = SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE };
    SSL_CTX *c, *s;

    FOR_VERSIONS(version) {
        c = tls_client_ctx(&w->ca);
        /* A server without a certificate does not offer TLS 1.3. */
        s = tls_server_ctx(NULL);
        limit(c, version);
        check_failure(c, s, version == TLS1_2_VERSION ? "1.2, no certificate"
                                                      : "1.3, no certificate",
                      version == TLS1_2_VERSION ? SSL_R_NO_SHARED_CIPHER
                                                : SSL_R_UNSUPPORTED_PROTOCOL,
                      version == TLS1_2_VERSION ? HF : SSL_AD_PROTOCOL_VERSION,
                      version == TLS1_2_VERSION ? HF_R : SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
        SSL_CTX_free(s);

        s = tls_server_ctx(&w->leaf);
        TLS_MUST(SSL_CTX_set1_groups_list(c, "P-384") && SSL_CTX_set1_groups_list(s, "P-256"));
        check_failure(c, s, version == TLS1_2_VERSION ? "1.2, no common group"
                                                      : "1.3, no common group",
                      version == TLS1_2_VERSION ? SSL_R_NO_SHARED_CIPHER
                                                : SSL_R_NO_SUITABLE_KEY_SHARE,
                      HF, HF_R);
        SSL_CTX_free(s);
        SSL_CTX_free(c);

        c = tls_client_ctx(&w->ca);
        s = tls_server_ctx(&w->leaf);
        limit(c, version);
        if (version == TLS1_2_VERSION)
            TLS_MUST(SSL_CTX_set_cipher_list(c, "ECDHE-ECDSA-AES128-GCM-SHA256")
                     && SSL_CTX_set_cipher_list(s, "ECDHE-ECDSA-AES256-GCM-SHA384"));
        else
            TLS_MUST(SSL_CTX_set_ciphersuites(c, "TLS_AES_128_GCM_SHA256")
                     && SSL_CTX_set_ciphersuites(s, "TLS_AES_256_GCM_SHA384"));
        check_failure(c, s, version == TLS1_2_VERSION ? "1.2, no common suite"
                                                      : "1.3, no common suite",
                      SSL_R_NO_SHARED_CIPHER, HF, HF_R);
        SSL_CTX_free(s);
        SSL_CTX_free(c);

        c = tls_client_ctx(&w->ca);
        s = tls_server_ctx(&w->leaf);
        limit(c, version);
        TLS_MUST(SSL_CTX_set1_sigalgs_list(c, "RSA-PSS+SHA256"));
        check_failure(c, s, version == TLS1_2_VERSION ? "1.2, no common signature algorithm"
                                                      : "1.3, no common signature algorithm",
                      version == TLS1_2_VERSION ? SSL_R_NO_SHARED_CIPHER
                                                : SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM,
                      HF, HF_R);
        SSL_CTX_free(s);
        SSL_CTX_free(c);
    }

    c = tls_client_ctx(&w->ca);
    s = tls_server_ctx(&w->leaf);
    limit(c, TLS1_2_VERSION);
    limit(s, TLS1_3_VERSION);
    check_failure(c, s, "1.2 client, 1.3 server", SSL_R_UNSUPPORTED_PROTOCOL,
                  SSL_AD_PROTOCOL_VERSION, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
    SSL_CTX_free(s);
    SSL_CTX_free(c);

    c = tls_client_ctx(&w->ca);
    s = tls_server_ctx(&w->leaf);
    limit(c, TLS1_3_VERSION);
    limit(s, TLS1_2_VERSION);
    check_failure(c, s, "1.3 client, 1.2 server", SSL_R_UNSUPPORTED_PROTOCOL,
                  SSL_AD_PROTOCOL_VERSION, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
    SSL_CTX_free(s);
    SSL_CTX_free(c);
}

/* min above max: the client has nothing to offer, and sends nothing. */
static void test_no_versions(const world *w)
{
    SSL *c = SSL_new(w->cctx);
    duo *d;
    int r;

    SSL_set_options(c, SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3 | SSL_OP_NO_TLSv1_1
                           | SSL_OP_NO_TLSv1);
    d = duo_of(c, SSL_new(w->sctx));
    ERR_clear_error();
    r = SSL_do_handshake(c);
    is_int(r, -1, "all versions off");
    is_int(SSL_get_error(c, r), SSL_ERROR_SSL, "its error");
    is_int(tls_ssl_reason(), SSL_R_NO_PROTOCOLS_AVAILABLE, "its reason");
    duo_free(d);
}

/* The handshake's first write fails: SYSCALL, nothing queued. */
static void test_bio_failures(const world *w)
{
    duo *d = duo_new(w, TLS1_3_VERSION);
    int r;

    d->ce.fail_write = 1;
    ERR_clear_error();
    r = SSL_do_handshake(d->c);
    is_int(r, -1, "the ClientHello cannot be written");
    is_int(SSL_get_error(d->c, r), SSL_ERROR_SYSCALL, "SYSCALL");
    is_int(ERR_peek_error(), 0, "nothing queued");
    d->se.fail_read = 1;
    r = SSL_do_handshake(d->s);
    is_int(r, -1, "the ClientHello cannot be read");
    is_int(SSL_get_error(d->s, r), SSL_ERROR_SYSCALL, "SYSCALL");
    is_int(ERR_peek_error(), 0, "nothing queued");
    duo_free(d);
}

static void test_null(void)
{
    SSL_free(NULL);
    SSL_CTX_free(NULL);
    SSL_SESSION_free(NULL);
    is_ptr(SSL_new(NULL), NULL, "SSL_new(NULL)");
    is_int(tls_ssl_reason(), SSL_R_NULL_SSL_CTX, "its reason");
    is_ptr(SSL_CTX_new(NULL), NULL, "SSL_CTX_new(NULL)");
    is_int(tls_ssl_reason(), SSL_R_NULL_SSL_METHOD_PASSED, "its reason");
    is_str(SSL_CIPHER_get_name(NULL), "(NONE)", "SSL_CIPHER_get_name(NULL)");
    is_str(SSL_CIPHER_get_version(NULL), "(NONE)", "SSL_CIPHER_get_version(NULL)");
    is_int(SSL_CIPHER_get_bits(NULL, NULL), 0, "SSL_CIPHER_get_bits(NULL)");
    ERR_clear_error();
}

int main(void)
{
    world w = world_make();

    test_garbage_to_server(&w);
    test_garbage_to_client(&w);
    test_alerts_received(&w);
    test_truncated(&w);
    test_tampered(&w);
    test_bad_records(&w);
    test_nothing_in_common(&w);
    test_no_versions(&w);
    test_bio_failures(&w);
    test_null();
    world_free(&w);
    return done();
}
