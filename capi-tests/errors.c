/* The texts of errors and alerts, and what the record layer answers to bytes that are not TLS,
 * or not the record that was due. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "error_texts.h"
#include "tls.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Before anything loads them there are none; OPENSSL_init_ssl without options loads none. */
static void loading(void)
{
    unsigned long e = ERR_PACK(ERR_LIB_SSL, 0, SSL_R_WRONG_VERSION_NUMBER);
    char buf[128];

    is_int(OPENSSL_init_ssl(0, NULL), 1, "OPENSSL_init_ssl");
    is_str(ERR_reason_error_string(e), NULL, "no texts without OPENSSL_INIT_LOAD_SSL_STRINGS");
    is_int(OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL), 1, "OPENSSL_init_ssl, strings");
    is_str(ERR_reason_error_string(e), "wrong version number", "texts are loaded");
    is_int(ERR_load_SSL_strings(), 1, "ERR_load_SSL_strings");
    is_str(ERR_lib_error_string(e), "SSL routines", "the library's name");
    ERR_error_string_n(e, buf, sizeof buf);
    is_str(buf, "error:0A00010B:SSL routines::wrong version number", "ERR_error_string_n");
}

static void reason_texts(void)
{
    size_t i, known = 0;
    int code, found = 0, wrong = 0;

    for (i = 0; i < COUNT(reasons); i++) {
        const char *text = ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, reasons[i].code));

        if (text == NULL || strcmp(text, reasons[i].text) != 0) {
            diag("%d is %s, not %s", reasons[i].code, text ? text : "NULL", reasons[i].text);
            wrong++;
        }
        known++;
    }
    for (code = 1; code < 1300; code++)
        found += ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, code)) != NULL;
    is_int(wrong, 0, "texts of all %zu reasons", known);
    is_int(found, (int)known, "no other reason has a text");
}

static void alert_texts(void)
{
    int value, wrong = 0;
    size_t i;

    for (value = 0; value < 256; value++) {
        const char *brief = "UK", *text = "unknown";

        for (i = 0; i < COUNT(alerts); i++)
            if (alerts[i].code == value) {
                brief = alerts[i].brief;
                text = alerts[i].text;
            }
        /* The level in the upper byte does not matter. */
        if (strcmp(SSL_alert_desc_string(value), brief) != 0
            || strcmp(SSL_alert_desc_string(SSL3_AL_FATAL << 8 | value), brief) != 0
            || strcmp(SSL_alert_desc_string_long(value), text) != 0
            || strcmp(SSL_alert_desc_string_long(SSL3_AL_FATAL << 8 | value), text) != 0) {
            diag("alert %d", value);
            wrong++;
        }
    }
    is_int(wrong, 0, "descriptions of all 256 alerts");
    is_str(SSL_alert_type_string(0x100), "W", "warning");
    is_str(SSL_alert_type_string_long(0x1ff), "warning", "warning in words");
    is_str(SSL_alert_type_string(0x22a), "F", "fatal");
    is_str(SSL_alert_type_string_long(0x200), "fatal", "fatal in words");
    is_str(SSL_alert_type_string(0), "U", "no level");
    is_str(SSL_alert_type_string_long(-1), "unknown", "negative");
    is_str(SSL_alert_type_string(0x10000), "U", "more than a byte");
}

/* The first entry: its reason, with its data kept. */
static int reason_and_data(char *buf, size_t size)
{
    const char *data = NULL;
    int flags = 0;
    unsigned long e = ERR_get_error_all(NULL, NULL, NULL, &data, &flags);

    snprintf(buf, size, "%s", flags & ERR_TXT_STRING ? data : "");
    ERR_clear_error();
    return ERR_GET_LIB(e) == ERR_LIB_SSL ? ERR_GET_REASON(e) : 0;
}

enum { CLIENT = 1, SERVER = 2, BOTH = 3, NO_ALERT = -1, WAITS = -2 };

/* What the first bytes of a peer lead to: the reason, and the alert that goes out. Bodies are
 * given whole, since OpenSSL judges some records only then. */
static const struct {
    const char *name;
    int sides, size;
    unsigned char bytes[32];
    int reason, alert;
} first_bytes[] = {
    { "GET", BOTH, 5, "GET /", SSL_R_HTTP_REQUEST, NO_ALERT },
    { "POST", BOTH, 5, "POST ", SSL_R_HTTP_REQUEST, NO_ALERT },
    { "HEAD", BOTH, 5, "HEAD ", SSL_R_HTTP_REQUEST, NO_ALERT },
    { "PUT", BOTH, 5, "PUT /", SSL_R_HTTP_REQUEST, NO_ALERT },
    { "CONNECT", BOTH, 5, "CONNE", SSL_R_HTTPS_PROXY_REQUEST, NO_ALERT },
    { "DELETE", BOTH, 5, "DELET", SSL_R_WRONG_VERSION_NUMBER, NO_ALERT },
    { "POST without a space", BOTH, 5, "POST/", SSL_R_WRONG_VERSION_NUMBER, NO_ALERT },
    { "an HTTP answer", BOTH, 5, "HTTP/", SSL_R_WRONG_VERSION_NUMBER, NO_ALERT },
    { "SSH", BOTH, 5, "SSH-2", SSL_R_WRONG_VERSION_NUMBER, NO_ALERT },
    { "four bytes", BOTH, 4, "GET ", 0, WAITS },
    { "major version 2", BOTH, 5, { 22, 2, 0, 0, 5 }, SSL_R_WRONG_VERSION_NUMBER, NO_ALERT },
    { "major version 4", BOTH, 5, { 22, 4, 0, 0, 5 }, SSL_R_WRONG_VERSION_NUMBER, NO_ALERT },
    { "minor version 255", BOTH, 5, { 22, 3, 255, 0, 5 }, 0, WAITS },
    { "16384 bytes to come", BOTH, 5, { 22, 3, 1, 0x40, 0 }, 0, WAITS },
    { "16705 bytes to come", BOTH, 5, { 22, 3, 1, 0x41, 0x41 }, SSL_R_ENCRYPTED_LENGTH_TOO_LONG,
      SSL_AD_RECORD_OVERFLOW },
    { "65535 bytes to come", BOTH, 5, { 22, 3, 1, 255, 255 }, SSL_R_PACKET_LENGTH_TOO_LONG,
      SSL_AD_RECORD_OVERFLOW },
    { "type 0", BOTH, 7, { 0, 3, 1, 0, 2 }, SSL_R_UNEXPECTED_MESSAGE, SSL_AD_UNEXPECTED_MESSAGE },
    { "type 99", BOTH, 7, { 99, 3, 1, 0, 2 }, SSL_R_UNEXPECTED_MESSAGE,
      SSL_AD_UNEXPECTED_MESSAGE },
    { "application data", BOTH, 7, { 23, 3, 3, 0, 2 }, SSL_R_UNEXPECTED_MESSAGE,
      SSL_AD_UNEXPECTED_MESSAGE },
    { "an alert", SERVER, 7, { 21, 3, 1, 0, 2, 2, 40 }, SSL_R_UNEXPECTED_MESSAGE,
      SSL_AD_UNEXPECTED_MESSAGE },
    { "a fatal alert", CLIENT, 7, { 21, 3, 1, 0, 2, 2, 40 }, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
      NO_ALERT },
    { "a fatal alert without a text", CLIENT, 7, { 21, 3, 1, 0, 2, 2, 1 }, 1001, NO_ALERT },
    { "a warning alert", CLIENT, 7, { 21, 3, 1, 0, 2, 1, 112 }, 0, WAITS },
    { "an alert of level 3", CLIENT, 7, { 21, 3, 1, 0, 2, 3, 40 }, SSL_R_UNKNOWN_ALERT_TYPE,
      SSL_AD_ILLEGAL_PARAMETER },
    { "SSLv2, too short", SERVER, 5, { 0x80, 8, 1, 3, 1 }, SSL_R_LENGTH_TOO_SHORT,
      SSL_AD_DECODE_ERROR },
    { "SSLv2, too long", SERVER, 5, { 255, 255, 1, 3, 1 }, SSL_R_PACKET_LENGTH_TOO_LONG,
      SSL_AD_RECORD_OVERFLOW },
    { "SSLv2 ClientHello for SSLv2", SERVER, 30,
      { 0x80, 28, 1, 0, 2, 0, 3, 0, 0, 0, 16, 0, 0, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
        14, 15, 16 },
      SSL_R_UNKNOWN_PROTOCOL, SSL_AD_PROTOCOL_VERSION },
    { "SSLv2 hello from a server", CLIENT, 5, { 0x80, 46, 1, 3, 3 }, SSL_R_WRONG_VERSION_NUMBER,
      NO_ALERT },
    { "a handshake message of type 99", BOTH, 9, { 22, 3, 1, 0, 4, 99, 0, 0, 0 },
      SSL_R_UNEXPECTED_MESSAGE, SSL_AD_UNEXPECTED_MESSAGE },
    { "a HelloRequest", SERVER, 9, { 22, 3, 1, 0, 4, 0, 0, 0, 0 }, SSL_R_UNEXPECTED_MESSAGE,
      SSL_AD_UNEXPECTED_MESSAGE },
    { "an empty ClientHello", SERVER, 9, { 22, 3, 1, 0, 4, 1, 0, 0, 0 }, SSL_R_LENGTH_TOO_SHORT,
      SSL_AD_DECODE_ERROR },
    { "an empty ServerHello", CLIENT, 9, { 22, 3, 1, 0, 4, 2, 0, 0, 0 }, SSL_R_LENGTH_MISMATCH,
      SSL_AD_DECODE_ERROR },
};

static void first_record(SSL_CTX *ctx, int server, size_t i)
{
    const char *name = first_bytes[i].name, *side = server ? "server" : "client";
    SSL *ssl = SSL_new(ctx);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    unsigned char sent[4096];
    char data[128], expected[128] = "";
    int ret, err, n, reason;

    TLS_MUST(ssl && in && out);
    SSL_set_bio(ssl, in, out);
    if (server) {
        SSL_set_accept_state(ssl);
    } else {
        SSL_set_connect_state(ssl);
        SSL_do_handshake(ssl);
        BIO_read(out, sent, sizeof sent);
    }
    BIO_write(in, first_bytes[i].bytes, first_bytes[i].size);
    ERR_clear_error();
    ret = SSL_do_handshake(ssl);
    err = SSL_get_error(ssl, ret);
    reason = reason_and_data(data, sizeof data);
    n = BIO_read(out, sent, sizeof sent);
    is_int(reason, first_bytes[i].reason, "%s: %s: reason", side, name);
    is_int(err, first_bytes[i].alert == WAITS ? SSL_ERROR_WANT_READ : SSL_ERROR_SSL,
           "%s: %s: SSL_get_error", side, name);
    if (first_bytes[i].alert < 0)
        ok(n <= 0, "%s: %s: nothing is sent", side, name);
    else
        ok(n == 7 && sent[0] == 21 && sent[5] == 2 && sent[6] == first_bytes[i].alert,
           "%s: %s: alert %d is sent (%d bytes, alert %d)", side, name, first_bytes[i].alert, n,
           n == 7 ? sent[6] : -1);
    if (reason > SSL_AD_REASON_OFFSET) {
        snprintf(expected, sizeof expected, "SSL alert number %d", reason - SSL_AD_REASON_OFFSET);
        is_str(data, expected, "%s: %s: data", side, name);
    }
    SSL_free(ssl);
}

static void first_records(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    size_t i;

    for (i = 0; i < COUNT(first_bytes); i++) {
        if (first_bytes[i].sides & SERVER)
            first_record(ctx, 1, i);
        if (first_bytes[i].sides & CLIENT)
            first_record(ctx, 0, i);
    }
    SSL_CTX_free(ctx);
}

/* Bytes put into an established connection, where the peer's next record was due. */
static const struct {
    const char *name;
    int size;
    unsigned char bytes[16];
    int tls12, tls13;
} later_bytes[] = {
    { "plain HTTP", 5, "HTTP/", SSL_R_WRONG_VERSION_NUMBER, SSL_R_WRONG_VERSION_NUMBER },
    { "an HTTP request", 5, "GET /", SSL_R_WRONG_VERSION_NUMBER, SSL_R_WRONG_VERSION_NUMBER },
    { "version 0x0301", 5, { 23, 3, 1, 0, 30 }, SSL_R_WRONG_VERSION_NUMBER,
      SSL_R_WRONG_VERSION_NUMBER },
    { "version 0x0403", 5, { 23, 4, 3, 0, 30 }, SSL_R_WRONG_VERSION_NUMBER,
      SSL_R_WRONG_VERSION_NUMBER },
    { "an alert in the clear", 7, { 21, 3, 3, 0, 2, 2, 40 },
      SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, SSL_R_BAD_RECORD_TYPE },
    { "a handshake message in the clear", 9, { 22, 3, 3, 0, 4, 0, 0, 0, 0 },
      SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, SSL_R_BAD_RECORD_TYPE },
    { "a ChangeCipherSpec", 6, { 20, 3, 3, 0, 1, 1 }, SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC,
      SSL_R_BAD_RECORD_TYPE },
    { "type 99", 5, { 99, 3, 3, 0, 30 }, 0, SSL_R_BAD_RECORD_TYPE },
    { "a record too short", 8, { 23, 3, 3, 0, 3, 1, 2, 3 },
      SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC },
    { "16641 bytes to come", 5, { 23, 3, 3, 0x41, 1 }, 0, SSL_R_ENCRYPTED_LENGTH_TOO_LONG },
    { "16705 bytes to come", 5, { 23, 3, 3, 0x41, 0x41 }, SSL_R_ENCRYPTED_LENGTH_TOO_LONG,
      SSL_R_ENCRYPTED_LENGTH_TOO_LONG },
    { "18432 bytes to come", 5, { 23, 3, 3, 0x48, 0 }, SSL_R_PACKET_LENGTH_TOO_LONG,
      SSL_R_PACKET_LENGTH_TOO_LONG },
};

static void pump(SSL *from, SSL *to)
{
    char buf[16384];
    int n;

    while ((n = BIO_read(SSL_get_wbio(from), buf, sizeof buf)) > 0)
        BIO_write(SSL_get_rbio(to), buf, n);
}

/* The error of a record put in later. A TLS 1.2 one without room for its nonce and tag is an internal
 * error to OpenSSL 3.0.19 and older, and one that cannot be decrypted to 3.0.22 and to us. */
static int later_reason(size_t i, int tls13)
{
    int reason = tls_ssl_reason();

    if (!on_ferrossl() && !tls13 && later_bytes[i].size > 5 && reason == ERR_R_INTERNAL_ERROR)
        return later_bytes[i].tls12;
    return reason;
}

static void later_record(SSL_CTX *cctx, SSL_CTX *sctx, int version, size_t i)
{
    const char *name = later_bytes[i].name;
    int tls13 = version == TLS1_3_VERSION, turn, ret, err;
    int expected = tls13 ? later_bytes[i].tls13 : later_bytes[i].tls12;
    SSL *c = SSL_new(cctx), *s = SSL_new(sctx);
    char buf[64];

    SSL_set_bio(c, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_bio(s, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(c);
    SSL_set_accept_state(s);
    SSL_set_max_proto_version(c, version);
    for (turn = 0; turn < 4; turn++) {
        SSL_do_handshake(c);
        pump(c, s);
        SSL_do_handshake(s);
        pump(s, c);
    }
    while (SSL_read(c, buf, sizeof buf) > 0)
        ;
    if (!ok(SSL_version(c) == version && SSL_is_init_finished(c), "connected"))
        goto end;
    BIO_write(SSL_get_rbio(c), later_bytes[i].bytes, later_bytes[i].size);
    ERR_clear_error();
    ret = SSL_read(c, buf, sizeof buf);
    err = SSL_get_error(c, ret);
    is_int(later_reason(i, tls13), expected, "%s: %s: reason", SSL_get_version(c), name);
    is_int(err, expected ? SSL_ERROR_SSL : SSL_ERROR_WANT_READ, "%s: %s: SSL_get_error",
           SSL_get_version(c), name);
    ok((BIO_pending(SSL_get_wbio(c)) > 0) == (expected != 0), "%s: %s: an alert if it failed",
       SSL_get_version(c), name);
end:
    SSL_free(c);
    SSL_free(s);
}

static void later_records(void)
{
    tls_id ca = tls_ca("P-256", "Test CA");
    tls_id leaf = tls_leaf(&ca, "P-256", "localhost", "DNS:localhost");
    SSL_CTX *sctx = tls_server_ctx(&leaf), *cctx = tls_client_ctx(&ca);
    size_t i;

    for (i = 0; i < COUNT(later_bytes); i++) {
        later_record(cctx, sctx, TLS1_2_VERSION, i);
        later_record(cctx, sctx, TLS1_3_VERSION, i);
    }
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
    tls_id_free(&leaf);
    tls_id_free(&ca);
}

int main(void)
{
    loading();
    reason_texts();
    alert_texts();
    first_records();
    later_records();
    return done();
}
