/* What a peer that has the keys can send on an established connection: floods of empty records,
 * alerts, key updates and tickets, messages too long or in pieces, records padded to the brim or
 * of unknown types. OpenSSL's limits, error codes and alerts. RFC 8446, section 5; SSL_read(3). */
#include "wire.h"

static world w;

/* One record or many alike. */
struct volley {
    const char *what;
    int version;
    int type;
    const char *data;
    int n;
    int times;
    int zeros;
    int error;  /* SSL_get_error of the SSL_read behind it */
    int reason; /* 0: none */
    int alert;  /* the fatal one sent, 0 for none */
};

#define BYTES(text) (text), (int)sizeof(text) - 1

static duo *armed(int version, sealer *client, sealer *server)
{
    duo *d = duo_new(&w, version);

    SSL_set_num_tickets(d->s, 0);
    TLS_MUST(duo_handshake(d));
    *client = sealer_make(d->c, version);
    *server = sealer_make(d->s, version);
    return d;
}

/* Sends the volley to one side, and a byte of data after it. */
static void fire(const struct volley *v, int to_server)
{
    sealer keys[2];
    duo *d = armed(v->version, &keys[0], &keys[1]);
    SSL *ssl = to_server ? d->s : d->c;
    wire *line = to_server ? &d->c2s : &d->s2c;
    sealer *k = &keys[!to_server];
    const char *side = to_server ? "to server" : "to client", *name = version_name(v->version);
    char byte;
    int r;

    for (int i = 0; i < v->times; i++)
        seal(k, line, v->type, v->data, (size_t)v->n, (size_t)v->zeros);
    seal(k, line, REC_DATA, "!", 1, 0);
    ERR_clear_error();
    r = SSL_read(ssl, &byte, 1);
    is_int(SSL_get_error(ssl, r), v->error, "%s: %d %s %s: error", name, v->times, v->what, side);
    is_int(tls_ssl_reason(), v->reason, "%s: %s %s: reason", name, v->what, side);
    is_int(trace_alert(to_server ? &d->st : &d->ct, SSL_CB_WRITE_ALERT, 0),
           v->alert ? ALERT_FATAL(v->alert) : -1, "%s: %s %s: alert", name, v->what, side);
    sealer_free(&keys[0]);
    sealer_free(&keys[1]);
    duo_free(d);
}


static const struct volley to_both[] = {
    /* Empty records: 32 in a row are let through. */
    { "empty records", TLS1_2_VERSION, REC_DATA, NULL, 0, 32, 0, SSL_ERROR_NONE, 0, 0 },
    { "empty records", TLS1_3_VERSION, REC_DATA, NULL, 0, 32, 0, SSL_ERROR_NONE, 0, 0 },
    { "empty records", TLS1_2_VERSION, REC_DATA, NULL, 0, 33, 0, SSL_ERROR_SSL,
      SSL_R_RECORD_TOO_SMALL, SSL_AD_UNEXPECTED_MESSAGE },
    { "empty records", TLS1_3_VERSION, REC_DATA, NULL, 0, 33, 0, SSL_ERROR_SSL,
      SSL_R_RECORD_TOO_SMALL, SSL_AD_UNEXPECTED_MESSAGE },
    { "records of padding alone", TLS1_3_VERSION, REC_DATA, NULL, 0, 32, 1000, SSL_ERROR_NONE, 0,
      0 },
    /* Warnings: four in a row. user_canceled is the only one of TLS 1.3. */
    { "warnings", TLS1_2_VERSION, REC_ALERT, BYTES("\1\x70"), 4, 0, SSL_ERROR_NONE, 0, 0 },
    { "warnings", TLS1_2_VERSION, REC_ALERT, BYTES("\1\x70"), 5, 0, SSL_ERROR_SSL,
      SSL_R_TOO_MANY_WARN_ALERTS, SSL_AD_UNEXPECTED_MESSAGE },
    { "user_canceled", TLS1_3_VERSION, REC_ALERT, BYTES("\1\x5a"), 4, 0, SSL_ERROR_NONE, 0, 0 },
    { "user_canceled", TLS1_3_VERSION, REC_ALERT, BYTES("\1\x5a"), 5, 0, SSL_ERROR_SSL,
      SSL_R_TOO_MANY_WARN_ALERTS, SSL_AD_UNEXPECTED_MESSAGE },
    { "a warning", TLS1_3_VERSION, REC_ALERT, BYTES("\1\x70"), 1, 0, SSL_ERROR_SSL,
      SSL_AD_REASON_OFFSET + 112, 0 },
    { "close_notify", TLS1_2_VERSION, REC_ALERT, BYTES("\1\0"), 1, 0, SSL_ERROR_ZERO_RETURN, 0,
      0 },
    { "close_notify", TLS1_3_VERSION, REC_ALERT, BYTES("\1\0"), 1, 0, SSL_ERROR_ZERO_RETURN, 0,
      0 },
    /* Alerts of wrong length and level. */
    { "half an alert", TLS1_2_VERSION, REC_ALERT, BYTES("\2"), 1, 0, SSL_ERROR_SSL,
      SSL_R_INVALID_ALERT, SSL_AD_UNEXPECTED_MESSAGE },
    { "half an alert", TLS1_3_VERSION, REC_ALERT, BYTES("\2"), 1, 0, SSL_ERROR_SSL,
      SSL_R_INVALID_ALERT, SSL_AD_UNEXPECTED_MESSAGE },
    { "two alerts in one", TLS1_3_VERSION, REC_ALERT, BYTES("\1\x5a\1\x5a"), 1, 0, SSL_ERROR_SSL,
      SSL_R_INVALID_ALERT, SSL_AD_UNEXPECTED_MESSAGE },
    { "an alert of level 3", TLS1_2_VERSION, REC_ALERT, BYTES("\3\x28"), 1, 0, SSL_ERROR_SSL,
      SSL_R_UNKNOWN_ALERT_TYPE, SSL_AD_ILLEGAL_PARAMETER },
    /* Types. */
    { "a record of type 99", TLS1_2_VERSION, 99, BYTES("x"), 1, 0, SSL_ERROR_SSL,
      SSL_R_UNEXPECTED_RECORD, SSL_AD_UNEXPECTED_MESSAGE },
    { "a record of type 99", TLS1_3_VERSION, 99, BYTES("x"), 1, 0, SSL_ERROR_SSL,
      SSL_R_BAD_RECORD_TYPE, SSL_AD_UNEXPECTED_MESSAGE },
    { "a record of zeros", TLS1_3_VERSION, 0, NULL, 0, 1, 20, SSL_ERROR_SSL,
      SSL_R_BAD_RECORD_TYPE, SSL_AD_UNEXPECTED_MESSAGE },
    { "a sealed CCS", TLS1_3_VERSION, REC_CCS, BYTES("\1"), 1, 0, SSL_ERROR_SSL,
      SSL_R_BAD_RECORD_TYPE, SSL_AD_UNEXPECTED_MESSAGE },
    /* Handshake messages after it. */
    { "an empty handshake record", TLS1_3_VERSION, REC_HANDSHAKE, NULL, 0, 1, 0, SSL_ERROR_SSL,
      SSL_R_BAD_LENGTH, SSL_AD_UNEXPECTED_MESSAGE },
    { "an empty alert record", TLS1_3_VERSION, REC_ALERT, NULL, 0, 1, 0, SSL_ERROR_SSL,
      SSL_R_BAD_LENGTH, SSL_AD_UNEXPECTED_MESSAGE },
    { "an unknown handshake message", TLS1_3_VERSION, REC_HANDSHAKE, BYTES("\x63\0\0\1x"), 1, 0,
      SSL_ERROR_SSL, SSL_R_UNEXPECTED_MESSAGE, SSL_AD_UNEXPECTED_MESSAGE },
    { "a Finished", TLS1_3_VERSION, REC_HANDSHAKE, BYTES("\x14\0\0\4abcd"), 1, 0, SSL_ERROR_SSL,
      SSL_R_UNEXPECTED_MESSAGE, SSL_AD_UNEXPECTED_MESSAGE },
    { "a KeyUpdate of kind 2", TLS1_3_VERSION, REC_HANDSHAKE, BYTES("\x18\0\0\1\2"), 1, 0,
      SSL_ERROR_SSL, SSL_R_BAD_KEY_UPDATE, SSL_AD_ILLEGAL_PARAMETER },
    { "a KeyUpdate without a kind", TLS1_3_VERSION, REC_HANDSHAKE, BYTES("\x18\0\0\0"), 1, 0,
      SSL_ERROR_SSL, SSL_R_BAD_KEY_UPDATE, SSL_AD_DECODE_ERROR },
    { "a KeyUpdate and more in its record", TLS1_3_VERSION, REC_HANDSHAKE,
      BYTES("\x18\0\0\1\0\x18\0\0\1\0"), 1, 0, SSL_ERROR_SSL, SSL_R_NOT_ON_RECORD_BOUNDARY,
      SSL_AD_UNEXPECTED_MESSAGE },
    { "a KeyUpdate of 16 MB", TLS1_3_VERSION, REC_HANDSHAKE, BYTES("\x18\xff\xff\xff"), 1, 0,
      SSL_ERROR_SSL, SSL_R_EXCESSIVE_MESSAGE_SIZE, SSL_AD_ILLEGAL_PARAMETER },
    { "no_renegotiation", TLS1_2_VERSION, REC_ALERT, BYTES("\1\x64"), 1, 0, SSL_ERROR_SSL,
      SSL_R_NO_RENEGOTIATION, SSL_AD_HANDSHAKE_FAILURE },
    { "a CCS", TLS1_2_VERSION, REC_CCS, BYTES("\1"), 1, 0, SSL_ERROR_SSL,
      SSL_R_CCS_RECEIVED_EARLY, SSL_AD_UNEXPECTED_MESSAGE },
    { "a fatal close_notify", TLS1_2_VERSION, REC_ALERT, BYTES("\2\0"), 1, 0, SSL_ERROR_SSL,
      SSL_AD_REASON_OFFSET, 0 },
    { "a fatal close_notify", TLS1_3_VERSION, REC_ALERT, BYTES("\2\0"), 1, 0,
      SSL_ERROR_ZERO_RETURN, 0, 0 },
    { "a fatal user_canceled", TLS1_3_VERSION, REC_ALERT, BYTES("\2\x5a"), 4, 0, SSL_ERROR_NONE, 0,
      0 },
    { "a fatal user_canceled", TLS1_2_VERSION, REC_ALERT, BYTES("\2\x5a"), 1, 0, SSL_ERROR_SSL,
      SSL_AD_REASON_OFFSET + 90, 0 },
    { "an alert of level 3", TLS1_3_VERSION, REC_ALERT, BYTES("\3\x28"), 1, 0, SSL_ERROR_SSL,
      SSL_AD_REASON_OFFSET + 40, 0 },
    { "a record of type 20", TLS1_2_VERSION, 20, BYTES("xyz"), 1, 0, SSL_ERROR_SSL,
      SSL_R_CCS_RECEIVED_EARLY, SSL_AD_UNEXPECTED_MESSAGE },
    { "an empty record of type 24", TLS1_2_VERSION, 24, NULL, 0, 1, 0, SSL_ERROR_SSL,
      SSL_R_UNEXPECTED_RECORD, SSL_AD_UNEXPECTED_MESSAGE },
    { "data in the middle of a message", TLS1_3_VERSION, REC_HANDSHAKE, BYTES("\x18\0"), 1, 0,
      SSL_ERROR_SSL, SSL_R_MIXED_HANDSHAKE_AND_NON_HANDSHAKE_DATA, SSL_AD_UNEXPECTED_MESSAGE },
};

/* KeyUpdates, after each of which the keys are new; then a byte of data. */
static void key_updates(int times, int to_server)
{
    sealer keys[2];
    duo *d = armed(TLS1_3_VERSION, &keys[0], &keys[1]);
    SSL *ssl = to_server ? d->s : d->c;
    wire *line = to_server ? &d->c2s : &d->s2c;
    char byte = 0;
    int r;

    for (int i = 0; i < times; i++) {
        seal(&keys[!to_server], line, REC_HANDSHAKE, "\x18\0\0\1\0", 5, 0);
        sealer_update(&keys[!to_server], !to_server);
    }
    seal(&keys[!to_server], line, REC_DATA, "!", 1, 0);
    r = SSL_read(ssl, &byte, 1);
    is_int(SSL_get_error(ssl, r), SSL_ERROR_NONE, "%d KeyUpdates to %s (%s)", times,
           to_server ? "server" : "client", tls_errors());
    is_int(byte, '!', "and then data");
    sealer_free(&keys[0]);
    sealer_free(&keys[1]);
    duo_free(d);
}

/* Hundreds of KeyUpdates, some in pieces, with what else may come without data: OpenSSL's limits for
 * that hold all the same. */
static void many_of_each(int to_server)
{
    sealer keys[2];
    duo *d = armed(TLS1_3_VERSION, &keys[0], &keys[1]);
    SSL *ssl = to_server ? d->s : d->c;
    wire *line = to_server ? &d->c2s : &d->s2c;
    sealer *k = &keys[!to_server];
    char byte = 0;
    int r;

    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 25; i++) {
            seal(k, line, REC_HANDSHAKE, "\x18\0", i % 3 ? 2 : 1, 0);
            seal(k, line, REC_HANDSHAKE, "\x18\0\0\1\0" + (i % 3 ? 2 : 1), i % 3 ? 3 : 4, 0);
            sealer_update(k, !to_server);
        }
        for (int i = 0; i < 32; i++)
            seal(k, line, REC_DATA, NULL, 0, 0);
    }
    seal(k, line, REC_DATA, "!", 1, 0);
    is_int(SSL_read(ssl, &byte, 1), 1, "KeyUpdates in pieces and empty records (%s)", tls_errors());
    is_int(byte, '!', "and then data");
    for (int i = 0; i < 16; i++) {
        seal(k, line, REC_HANDSHAKE, "\x18\0\0\1\0", 5, 0);
        sealer_update(k, !to_server);
    }
    for (int i = 0; i < 33; i++)
        seal(k, line, REC_DATA, NULL, 0, 0);
    r = SSL_read(ssl, &byte, 1);
    is_int(SSL_get_error(ssl, r), SSL_ERROR_SSL, "one empty record too many behind KeyUpdates");
    is_int(tls_ssl_reason(), SSL_R_RECORD_TOO_SMALL, "its reason");
    sealer_free(&keys[0]);
    sealer_free(&keys[1]);
    duo_free(d);

    /* A record as short as none that is sealed. */
    d = armed(TLS1_3_VERSION, &keys[0], &keys[1]);
    ssl = to_server ? d->s : d->c;
    line = to_server ? &d->c2s : &d->s2c;
    for (int i = 0; i < 16; i++) {
        seal(&keys[!to_server], line, REC_HANDSHAKE, "\x18\0\0\1\0", 5, 0);
        sealer_update(&keys[!to_server], !to_server);
    }
    wire_record_put(line, REC_DATA, "\0", 1);
    r = SSL_read(ssl, &byte, 1);
    is_int(SSL_get_error(ssl, r), SSL_ERROR_SSL, "a record of one byte behind KeyUpdates");
    is_int(tls_ssl_reason(), SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "its reason");
    sealer_free(&keys[0]);
    sealer_free(&keys[1]);
    duo_free(d);
}

/* Only warnings in a row count. */
static void warnings_and_data(int version, int to_server)
{
    sealer keys[2];
    duo *d = armed(version, &keys[0], &keys[1]);
    SSL *ssl = to_server ? d->s : d->c;
    wire *line = to_server ? &d->c2s : &d->s2c;
    sealer *k = &keys[!to_server];
    const char *warning = version == TLS1_3_VERSION ? "\1\x5a" : "\1\x70";
    int got = 0, told, r;
    char byte;

    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 4; i++)
            seal(k, line, REC_ALERT, warning, 2, 0);
        seal(k, line, REC_DATA, "!", 1, 0);
    }
    while ((r = SSL_read(ssl, &byte, 1)) == 1)
        got++;
    is_int(got, 20, "%s: data between warnings (%s)", version_name(version), tls_errors());
    is_int(SSL_get_error(ssl, r), SSL_ERROR_WANT_READ, "%s: and no end", version_name(version));
    told = trace_count(to_server ? &d->st : &d->ct, SSL_CB_READ_ALERT);
    is_int(told, 80, "%s: the info callback is told of each", version_name(version));
    for (int i = 0; i < 4; i++) {
        seal(k, line, REC_ALERT, warning, 2, 0);
        seal(k, line, REC_DATA, NULL, 0, 0);
    }
    seal(k, line, REC_ALERT, warning, 2, 0);
    r = SSL_read(ssl, &byte, 1);
    is_int(SSL_get_error(ssl, r), SSL_ERROR_SSL, "%s: with empty records between them",
           version_name(version));
    is_int(tls_ssl_reason(), SSL_R_TOO_MANY_WARN_ALERTS, "%s: it is one too many",
           version_name(version));
    sealer_free(&keys[0]);
    sealer_free(&keys[1]);
    duo_free(d);
}

/* Tickets, as a server sends them in one go. */
static void tickets(int times)
{
    duo *d = duo_new(&w, TLS1_3_VERSION);
    char byte = 0;

    SSL_set_num_tickets(d->s, (size_t)times);
    ok(duo_handshake(d), "a handshake with %d tickets", times);
    TLS_MUST(SSL_write(d->s, "!", 1) == 1);
    is_int(SSL_read(d->c, &byte, 1), 1, "all are read (%s)", tls_errors());
    is_int(byte, '!', "and then data");
    duo_free(d);
}

/* A KeyUpdate in pieces, one byte in each record. */
static void split_key_update(void)
{
    sealer keys[2];
    duo *d = armed(TLS1_3_VERSION, &keys[0], &keys[1]);
    char byte = 0;

    for (int i = 0; i < 5; i++) {
        seal(&keys[0], &d->c2s, REC_HANDSHAKE, "\x18\0\0\1\1" + i, 1, 7);
        if (i == 4)
            break;
        /* A program that reads as long as something is pending must not do so for ever. */
        is_int(SSL_get_error(d->s, SSL_read(d->s, &byte, 1)), SSL_ERROR_WANT_READ, "a part of it");
        is_int(SSL_has_pending(d->s), 0, "nothing is pending");
    }
    sealer_update(&keys[0], 0);
    seal(&keys[0], &d->c2s, REC_DATA, "!", 1, 0);
    is_int(SSL_read(d->s, &byte, 1), 1, "a KeyUpdate of five records");
    is_int(byte, '!', "and then data");
    is_int(SSL_write(d->s, "?", 1), 1, "the answer to it comes before more data");
    is_int(SSL_read(d->c, &byte, 1), 1, "which arrives");
    sealer_free(&keys[0]);
    sealer_free(&keys[1]);
    duo_free(d);
}

/* Without SSL_MODE_AUTO_RETRY each part is a WANT_READ, and each call takes the next. */
static void split_key_update_by_hand(void)
{
    sealer keys[2];
    duo *d = armed(TLS1_3_VERSION, &keys[0], &keys[1]);
    char byte = 0;
    int r = 0, calls;

    SSL_clear_mode(d->s, SSL_MODE_AUTO_RETRY);
    for (int i = 0; i < 5; i++)
        seal(&keys[0], &d->c2s, REC_HANDSHAKE, "\x18\0\0\1\1" + i, 1, 7);
    sealer_update(&keys[0], 0);
    seal(&keys[0], &d->c2s, REC_DATA, "!", 1, 0);
    for (calls = 0; calls < 20 && r != 1; calls++) {
        r = SSL_read(d->s, &byte, 1);
        if (r != 1)
            is_int(SSL_get_error(d->s, r), SSL_ERROR_WANT_READ, "call %d: a part of it", calls);
    }
    same("without AUTO_RETRY: %d calls", calls);
    is_int(byte, '!', "then data");
    sealer_free(&keys[0]);
    sealer_free(&keys[1]);
    duo_free(d);
}

/* Records as large as they may be, and one byte more. */
static void largest(int version, size_t content, size_t zeros, int reason)
{
    static unsigned char data[16400], got[16400];
    sealer keys[2];
    duo *d = armed(version, &keys[0], &keys[1]);
    int r;

    memset(data, 'd', sizeof data);
    seal(&keys[0], &d->c2s, REC_DATA, data, content, zeros);
    r = SSL_read(d->s, got, sizeof got);
    if (reason == 0) {
        is_int(r, content, "%s: %zu bytes and %zu zeros", version_name(version), content, zeros);
        ok(memcmp(got, data, content) == 0, "intact");
    } else {
        is_int(SSL_get_error(d->s, r), SSL_ERROR_SSL, "%s: %zu bytes and %zu zeros: error",
               version_name(version), content, zeros);
        is_int(tls_ssl_reason(), reason, "reason");
        is_int(trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0), ALERT_FATAL(SSL_AD_RECORD_OVERFLOW),
               "alert");
        SSL_read(d->c, got, 1);
        is_int(trace_alert(&d->ct, SSL_CB_READ_ALERT, 0), ALERT_FATAL(SSL_AD_RECORD_OVERFLOW),
               "as the peer sees it");
        ERR_clear_error();
    }
    sealer_free(&keys[0]);
    sealer_free(&keys[1]);
    duo_free(d);
}

enum { TO_BOTH = sizeof to_both / sizeof to_both[0] };

int main(void)
{
    w = world_make();
    wire_suites(w.cctx);
    wire_suites(w.sctx);
    SSL_CTX_set_keylog_callback(w.cctx, wire_keylog);
    for (int i = 0; i < TO_BOTH; i++) {
        fire(&to_both[i], 1);
        fire(&to_both[i], 0);
    }
    for (int to_server = 0; to_server < 2; to_server++) {
        static const int times[] = { 1, 16, 17, 32, 33, 200 };

        for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
            key_updates(times[i], to_server);
        many_of_each(to_server);
        warnings_and_data(TLS1_2_VERSION, to_server);
        warnings_and_data(TLS1_3_VERSION, to_server);
    }
    tickets(100);

    split_key_update();
    split_key_update_by_hand();
    largest(TLS1_2_VERSION, 16384, 0, 0);
    largest(TLS1_2_VERSION, 16385, 0, SSL_R_DATA_LENGTH_TOO_LONG);
    largest(TLS1_3_VERSION, 16384, 0, 0);
    largest(TLS1_3_VERSION, 1, 16383, 0);
    largest(TLS1_3_VERSION, 16385, 0, SSL_R_DATA_LENGTH_TOO_LONG);
    largest(TLS1_3_VERSION, 1, 16384, differs("padding-limit", "rustls keeps to RFC 8446: content,"
            " type and zeros are 2^14 + 1 bytes at most") ? SSL_R_DATA_LENGTH_TOO_LONG : 0);
    world_free(&w);
    return done();
}
