/* SSL_shutdown(3) and the end of a connection: clean, one-sided, quiet, cut, failed; what the
 * session is worth afterwards. */
#include "pipe.h"

static char buf[64];

static void check_bits(SSL *ssl, int sent, int received, const char *when)
{
    is_int(SSL_get_shutdown(ssl),
           (sent ? SSL_SENT_SHUTDOWN : 0) | (received ? SSL_RECEIVED_SHUTDOWN : 0),
           "get_shutdown %s", when);
}

static void check_error(SSL *ssl, int r, int error, int reason, const char *when)
{
    is_int(SSL_get_error(ssl, r), error, "error %s", when);
    is_int(tls_ssl_reason(), reason, "reason %s", when);
}

static void test_bidirectional(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        int r;

        check_bits(d->c, 0, 0, "connected");
        is_int(SSL_shutdown(d->c), 0, "%s: first call 0", version_name(version));
        check_bits(d->c, 1, 0, "after the first call");
        ok(d->c2s.len > 0, "close_notify is out");
        r = SSL_shutdown(d->c);
        is_int(r, -1, "second call waits");
        check_error(d->c, r, SSL_ERROR_WANT_READ, 0, "of the second call");
        is_int(SSL_shutdown(d->s), 0, "server: first call 0");
        check_bits(d->s, 1, 0, "of the server");
        is_int(SSL_shutdown(d->s), 1, "server: second call 1");
        check_bits(d->s, 1, 1, "of the server");
        is_int(SSL_shutdown(d->c), 1, "client: 1");
        check_bits(d->c, 1, 1, "of the client");
        is_int(SSL_shutdown(d->c), 1, "again 1");
        is_int(d->c2s.len + d->s2c.len, 0, "one close_notify each");
        r = SSL_read(d->c, buf, sizeof buf);
        is_int(r, 0, "read after it");
        check_error(d->c, r, SSL_ERROR_ZERO_RETURN, 0, "of it");
        r = SSL_write(d->c, "x", 1);
        is_int(r, -1, "write after it");
        check_error(d->c, r, SSL_ERROR_SSL, SSL_R_PROTOCOL_IS_SHUTDOWN, "of it");
        duo_free(d);
    }
}

/* The peer reads the close_notify first: its own SSL_shutdown is complete at once. */
static void test_answer(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        int r;

        SSL_shutdown(d->c);
        r = SSL_read(d->s, buf, sizeof buf);
        is_int(r, 0, "%s: the end is read", version_name(version));
        check_error(d->s, r, SSL_ERROR_ZERO_RETURN, 0, "of it");
        check_bits(d->s, 0, 1, "having read it");
        is_int(trace_alert(&d->st, SSL_CB_READ_ALERT, 0), ALERT_WARNING(SSL_AD_CLOSE_NOTIFY),
               "seen by the info callback");
        is_int(SSL_shutdown(d->s), 1, "the answer completes it");
        check_bits(d->s, 1, 1, "having answered");
        is_int(SSL_read(d->c, buf, sizeof buf), 0, "the client reads it");
        check_bits(d->c, 1, 1, "of the client");
        duo_free(d);
    }
}

/* Data that arrives between: SSL_shutdown says so, SSL_read still gives it. */
static void test_data_on_the_way(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        int r;

        SSL_write(d->s, "last words", 10);
        is_int(SSL_shutdown(d->c), 0, "%s: first call", version_name(version));
        r = SSL_shutdown(d->c);
        is_int(r, -1, "data instead of close_notify");
        check_error(d->c, r, SSL_ERROR_SSL, SSL_R_APPLICATION_DATA_AFTER_CLOSE_NOTIFY, "of it");
        duo_free(d);

        d = duo_connected(w, version);
        SSL_write(d->s, "last words", 10);
        SSL_shutdown(d->s);
        SSL_shutdown(d->c);
        is_int(SSL_read(d->c, buf, sizeof buf), 10, "SSL_read gives it after SSL_shutdown");
        is_int(SSL_read(d->c, buf, sizeof buf), 0, "then the end");
        is_int(SSL_shutdown(d->c), 1, "complete");
        duo_free(d);
    }
}

static void test_quiet(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);

        is_int(SSL_get_quiet_shutdown(d->c), 0, "off by default");
        SSL_set_quiet_shutdown(d->c, 1);
        is_int(SSL_get_quiet_shutdown(d->c), 1, "on");
        is_int(SSL_shutdown(d->c), 1, "%s: quiet: 1 at once", version_name(version));
        check_bits(d->c, 1, 1, "quiet");
        is_int(d->c2s.len, 0, "nothing is sent");
        is_int(SSL_read(d->c, buf, sizeof buf), 0, "reads end");
        is_int(SSL_get_error(d->c, 0), SSL_ERROR_ZERO_RETURN, "ZERO_RETURN");
        duo_free(d);
    }
}

static void test_set_shutdown(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        int r;

        SSL_set_shutdown(d->c, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        check_bits(d->c, 1, 1, "as set");
        is_int(SSL_shutdown(d->c), 1, "%s: nothing left to do", version_name(version));
        is_int(d->c2s.len, 0, "nothing is sent");
        duo_free(d);

        d = duo_connected(w, version);
        SSL_set_shutdown(d->c, SSL_RECEIVED_SHUTDOWN);
        check_bits(d->c, 0, 1, "as set");
        r = SSL_read(d->c, buf, sizeof buf);
        is_int(r, 0, "read: the end");
        is_int(SSL_get_error(d->c, r), SSL_ERROR_ZERO_RETURN, "ZERO_RETURN");
        is_int(SSL_write(d->c, "still", 5), 5, "write goes");
        is_int(SSL_shutdown(d->c), 1, "sends only");
        ok(d->c2s.len > 0, "close_notify is out");
        is_int(SSL_read(d->s, buf, sizeof buf), 5, "the data");
        is_int(SSL_read(d->s, buf, sizeof buf), 0, "and the end");
        duo_free(d);

        d = duo_connected(w, version);
        SSL_set_shutdown(d->c, SSL_SENT_SHUTDOWN);
        check_bits(d->c, 1, 0, "as set");
        r = SSL_write(d->c, "no", 2);
        is_int(r, -1, "no write");
        check_error(d->c, r, SSL_ERROR_SSL, SSL_R_PROTOCOL_IS_SHUTDOWN, "of it");
        SSL_set_shutdown(d->c, 0);
        check_bits(d->c, 0, 0, "after SSL_set_shutdown(0)");
        is_int(SSL_write(d->c, "yes", 3), 3, "and it can write again");
        duo_free(d);
    }
}

static void test_eof(const world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        duo *d = duo_connected(w, version);
        int r;

        d->s2c.closed = 1;
        r = SSL_read(d->c, buf, sizeof buf);
        ok(r <= 0, "%s: EOF", v);
        check_error(d->c, r, SSL_ERROR_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING, "of EOF");
        check_bits(d->c, 0, 0, "after EOF");
        r = SSL_read(d->c, buf, sizeof buf);
        ok(r <= 0, "%s: reading on fails", v);
        r = SSL_write(d->c, "x", 1);
        ok(r <= 0, "%s: writing too", v);
        ERR_clear_error();
        r = SSL_shutdown(d->c);
        is_int(r, -1, "%s: no shutdown after a fatal error", v);
        ERR_clear_error();
        duo_free(d);

        d = duo_connected(w, version);
        SSL_set_options(d->c, SSL_OP_IGNORE_UNEXPECTED_EOF);
        d->s2c.closed = 1;
        r = SSL_read(d->c, buf, sizeof buf);
        is_int(r, 0, "%s: EOF ignored: 0", v);
        check_error(d->c, r, SSL_ERROR_ZERO_RETURN, 0, "of it");
        check_bits(d->c, 0, 1, "as if close_notify had come");
        is_int(SSL_shutdown(d->c), 1, "%s: the answer completes it", v);
        duo_free(d);

        d = duo_connected(w, version);
        is_int(SSL_shutdown(d->c), 0, "%s: sent", v);
        d->s2c.closed = 1;
        r = SSL_shutdown(d->c);
        ok(r <= 0, "%s: EOF instead of the answer", v);
        check_error(d->c, r, SSL_ERROR_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING, "of it");
        duo_free(d);
    }
}

/* EOF inside a record. */
static void test_eof_in_record(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        int r;

        SSL_write(d->s, "cut short", 9);
        d->s2c.len -= 3;
        d->s2c.closed = 1;
        r = SSL_read(d->c, buf, sizeof buf);
        ok(r <= 0, "%s: EOF in a record", version_name(version));
        check_error(d->c, r, SSL_ERROR_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING, "of it");
        duo_free(d);

        d = duo_connected(w, version);
        SSL_write(d->s, "then gone", 9);
        d->s2c.closed = 1;
        is_int(SSL_read(d->c, buf, sizeof buf), 9, "a whole record before EOF is given");
        r = SSL_read(d->c, buf, sizeof buf);
        ok(r <= 0, "then EOF");
        check_error(d->c, r, SSL_ERROR_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING, "of it");
        duo_free(d);
    }
}

static void test_eof_in_handshake(const world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        duo *d = duo_new(w, version);
        int r;

        SSL_do_handshake(d->c);
        d->s2c.closed = 1;
        r = SSL_do_handshake(d->c);
        ok(r <= 0, "%s: EOF instead of ServerHello", v);
        check_error(d->c, r, SSL_ERROR_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING, "of it");
        wire_take(&d->c2s, NULL, d->c2s.len);
        d->c2s.closed = 1;
        r = SSL_do_handshake(d->s);
        ok(r <= 0, "%s: EOF instead of ClientHello", v);
        check_error(d->s, r, SSL_ERROR_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING, "of it");
        duo_free(d);
    }
}

static void test_while_in_init(const world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        duo *d = duo_new(w, version);
        int r;

        ERR_clear_error();
        r = SSL_shutdown(d->c);
        is_int(r, -1, "%s: before the handshake", v);
        check_error(d->c, r, SSL_ERROR_SSL, SSL_R_SHUTDOWN_WHILE_IN_INIT, "of it");
        SSL_do_handshake(d->c);
        r = SSL_shutdown(d->c);
        is_int(r, -1, "%s: in the handshake", v);
        check_error(d->c, r, SSL_ERROR_SSL, SSL_R_SHUTDOWN_WHILE_IN_INIT, "of it");
        check_bits(d->c, 0, 0, "unchanged");
        ok(duo_handshake(d), "%s: the handshake goes on", v);
        is_int(SSL_shutdown(d->c), 0, "%s: and then it can shut down", v);
        duo_free(d);
    }
}

static void test_full_bio(const world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        duo *d = duo_connected(w, version);
        int r;

        wire_put(&d->c2s, "", 1);
        d->ce.room = 1;
        r = SSL_shutdown(d->c);
        is_int(r, -1, "%s: no room", v);
        is_int(SSL_get_error(d->c, r), SSL_ERROR_WANT_WRITE, "%s: WANT_WRITE", v);
        check_bits(d->c, 1, 0, "already marked as sent");
        r = SSL_shutdown(d->c);
        is_int(r, -1, "%s: still none", v);
        is_int(SSL_get_error(d->c, r), SSL_ERROR_WANT_WRITE, "%s: WANT_WRITE", v);
        wire_take(&d->c2s, NULL, 1);
        d->ce.room = 0;
        is_int(SSL_shutdown(d->c), 0, "%s: room: sent", v);
        r = SSL_read(d->s, buf, sizeof buf);
        is_int(r, 0, "%s: it arrives", v);
        is_int(SSL_get_error(d->s, r), SSL_ERROR_ZERO_RETURN, "%s: whole", v);
        duo_free(d);
    }
}

static void test_failing_bio(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        int r;

        d->ce.fail_write = 1;
        ERR_clear_error();
        r = SSL_shutdown(d->c);
        is_int(r, -1, "%s: the BIO fails", version_name(version));
        check_error(d->c, r, SSL_ERROR_SYSCALL, 0, "of it");
        duo_free(d);
    }
}

static void test_after_fatal(const world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        duo *d = duo_connected(w, version);
        size_t sent;
        int r;

        SSL_write(d->c, "tampered", 8);
        d->c2s.data[d->c2s.len - 1] ^= 1;
        r = SSL_read(d->s, buf, sizeof buf);
        is_int(r, -1, "%s: a tampered record", v);
        check_error(d->s, r, SSL_ERROR_SSL, SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC,
                    "of it");
        sent = d->s2c.len;
        ok(sent > 0, "%s: the alert is out", v);
        is_str(SSL_state_string(d->s), "SSLERR", "%s: state", v);
        SSL_write(d->c, "good", 4);
        r = SSL_read(d->s, buf, sizeof buf);
        is_int(r, -1, "%s: reading stays refused", v);
        is_int(SSL_get_error(d->s, r), SSL_ERROR_SYSCALL, "%s: SYSCALL, as nothing is queued", v);
        is_int(ERR_peek_error(), 0, "%s: nothing queued", v);
        ERR_clear_error();
        r = SSL_write(d->s, "x", 1);
        is_int(r, -1, "%s: writing too", v);
        ERR_clear_error();
        r = SSL_do_handshake(d->s);
        is_int(r, -1, "%s: a handshake too", v);
        ERR_clear_error();
        r = SSL_shutdown(d->s);
        is_int(r, -1, "%s: SSL_shutdown too", v);
        ERR_clear_error();
        is_int(d->s2c.len, sent, "%s: and nothing more is sent", v);
        duo_free(d);
    }
}

static int resumable(SSL *ssl)
{
    SSL_SESSION *s = SSL_get_session(ssl);

    return s == NULL ? -1 : SSL_SESSION_is_resumable(s);
}

static void test_session(const world *w)
{
    FOR_VERSIONS(version) {
        const char *v = version_name(version);
        duo *d = duo_connected(w, version);

        is_int(resumable(d->c), 1, "%s: client's session after the handshake", v);
        SSL_shutdown(d->c);
        SSL_shutdown(d->s);
        SSL_shutdown(d->s);
        SSL_shutdown(d->c);
        is_int(resumable(d->c), 1, "%s: after a clean end", v);
        duo_free(d);

        d = duo_connected(w, version);
        wire_put(&d->s2c, "\x15\x03\x03\x00\x04xxxx", 9);
        ok(SSL_read(d->c, buf, sizeof buf) <= 0, "%s: a fatal error", v);
        ERR_clear_error();
        is_int(resumable(d->c), 0, "%s: client's after a fatal error of its own", v);
        duo_free(d);

        d = duo_connected(w, version);
        SSL_write(d->c, "tampered", 8);
        d->c2s.data[d->c2s.len - 1] ^= 1;
        ok(SSL_read(d->s, buf, sizeof buf) <= 0, "%s: the server fails", v);
        ok(SSL_read(d->c, buf, sizeof buf) <= 0, "%s: the client gets its alert", v);
        is_int(tls_ssl_reason(), SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "server's reason");
        is_int(resumable(d->c), 0, "%s: client's after a fatal alert", v);
        duo_free(d);

        d = duo_connected(w, version);
        d->s2c.closed = 1;
        ok(SSL_read(d->c, buf, sizeof buf) <= 0, "%s: EOF", v);
        ERR_clear_error();
        is_int(resumable(d->c), 0, "%s: client's after EOF", v);
        duo_free(d);
    }
}

/* Plain text behind a full shutdown is the program's. */
static void test_plain_after(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        char plain[16];

        is_int(SSL_shutdown(d->c), 0, "client first");
        is_int(SSL_shutdown(d->s), 0, "then the server");
        wire_put(&d->s2c, "220 plain", 9);
        wire_put(&d->c2s, "NOOP", 4);
        is_int(SSL_shutdown(d->c), 1, "client complete");
        is_int(SSL_shutdown(d->s), 1, "server complete");
        is_int(BIO_read(SSL_get_rbio(d->c), plain, sizeof plain), 9,
               "%s: plain text for the client", version_name(version));
        is_mem(plain, "220 plain", 9, "untouched");
        is_int(BIO_read(SSL_get_rbio(d->s), plain, sizeof plain), 4,
               "%s: and the server", version_name(version));
        is_mem(plain, "NOOP", 4, "untouched");
        duo_free(d);
    }
}

int main(void)
{
    world w = world_make();

    test_bidirectional(&w);
    test_answer(&w);
    test_data_on_the_way(&w);
    test_quiet(&w);
    test_set_shutdown(&w);
    test_eof(&w);
    test_eof_in_record(&w);
    test_eof_in_handshake(&w);
    test_while_in_init(&w);
    test_full_bio(&w);
    test_failing_bio(&w);
    test_after_fatal(&w);
    test_session(&w);
    test_plain_after(&w);
    world_free(&w);
    return done();
}
