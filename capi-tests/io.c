/* Reading and writing: results and errors of each call, sizes from nothing to a megabyte,
 * partial and retried writes, what is taken from the BIO and when, key updates. SSL_read(3),
 * SSL_write(3), SSL_pending(3), SSL_CTX_set_mode(3), SSL_CTX_set_read_ahead(3),
 * SSL_key_update(3). */
#include "pipe.h"

static void test_small(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        char buf[32] = { 0 };
        size_t n = 99;
        int r;

        r = SSL_read(d->s, buf, sizeof buf);
        is_int(r, -1, "nothing to read");
        is_int(SSL_get_error(d->s, r), SSL_ERROR_WANT_READ, "WANT_READ");
        is_int(SSL_want(d->s), SSL_READING, "SSL_want");
        is_int(SSL_read_ex(d->s, buf, sizeof buf, &n), 0, "read_ex: nothing to read");
        is_int(SSL_get_error(d->s, 0), SSL_ERROR_WANT_READ, "WANT_READ");
        is_int(ERR_peek_error(), 0, "no error queued");
        is_int(SSL_pending(d->s), 0, "nothing pending");
        is_int(SSL_has_pending(d->s), 0, "nothing at all");

        is_int(SSL_write(d->c, "0123456789", 10), 10, "write");
        is_int(SSL_get_error(d->c, 10), SSL_ERROR_NONE, "no error");
        is_int(SSL_pending(d->s), 0, "not pending before a read");
        is_int(SSL_peek(d->s, buf, 4), 4, "peek");
        is_mem(buf, "0123", 4, "the first four");
        is_int(SSL_pending(d->s), 10, "all ten pending after a peek");
        is_int(SSL_has_pending(d->s), 1, "has_pending");
        is_int(SSL_want(d->s), SSL_NOTHING, "wants nothing");
        is_int(SSL_peek_ex(d->s, buf, sizeof buf, &n), 1, "peek_ex");
        is_int(n, 10, "all ten");
        is_int(SSL_read(d->s, buf, 3), 3, "read three");
        is_mem(buf, "012", 3, "the first three");
        is_int(SSL_pending(d->s), 7, "seven left");
        is_int(SSL_read_ex(d->s, buf, 4, &n), 1, "read_ex four");
        is_int(n, 4, "four");
        is_mem(buf, "3456", 4, "the next four");
        is_int(SSL_read(d->s, buf, sizeof buf), 3, "the rest");
        is_mem(buf, "789", 3, "its bytes");
        is_int(SSL_pending(d->s), 0, "none left");
        is_int(SSL_has_pending(d->s), 0, "none at all");

        is_int(SSL_write_ex(d->s, "abc", 3, &n), 1, "write_ex");
        is_int(n, 3, "three");
        is_int(SSL_write(d->s, "defg", 4), 4, "a second record");
        is_int(SSL_read(d->c, buf, sizeof buf), 3, "a read gives one record");
        is_int(SSL_pending(d->c), 0, "the second is not pending");
        is_int(SSL_read(d->c, buf, sizeof buf), 4, "then the other");
        duo_free(d);
    }
}

static void test_zero_length(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        char buf[8];
        size_t n = 99;
        int r;

        is_int(SSL_write(d->c, "", 0), 0, "write of nothing");
        is_int(d->c2s.len, 0, "sends nothing");
        is_int(SSL_write_ex(d->c, "", 0, &n), 1, "write_ex of nothing is fine");
        is_int(n, 0, "nothing written");
        is_int(d->c2s.len, 0, "nothing sent");
        r = SSL_read(d->s, buf, 0);
        is_int(r, -1, "read of nothing with nothing there");
        is_int(SSL_get_error(d->s, r), SSL_ERROR_WANT_READ, "WANT_READ");
        SSL_write(d->c, "xyz", 3);
        r = SSL_read(d->s, buf, 0);
        is_int(r, 0, "read of nothing");
        is_int(SSL_get_error(d->s, r), SSL_ERROR_SYSCALL, "its error, as documented for 0");
        is_int(SSL_pending(d->s), 3, "it took the record in");
        is_int(SSL_read(d->s, buf, sizeof buf), 3, "the data is still there");

        ERR_clear_error();
        is_int(SSL_read(d->s, buf, -1), -1, "negative read");
        is_int(tls_ssl_reason(), SSL_R_BAD_LENGTH, "its reason");
        is_int(SSL_peek(d->s, buf, -1), -1, "negative peek");
        is_int(tls_ssl_reason(), SSL_R_BAD_LENGTH, "its reason");
        is_int(SSL_write(d->s, buf, -1), -1, "negative write");
        is_int(tls_ssl_reason(), SSL_R_BAD_LENGTH, "its reason");
        duo_free(d);
    }
}

enum { MEGABYTE = 1 << 20 };

static unsigned char *pattern(size_t n)
{
    unsigned char *p = malloc(n);

    TLS_MUST(p != NULL);
    for (size_t i = 0; i < n; i++)
        p[i] = (unsigned char)(i * 31 + (i >> 8));
    return p;
}

/* One SSL_write of a megabyte, tried again with the same arguments until it is done. */
static void test_large(const world *w)
{
    FOR_VERSIONS(version)
        for (int pair = 0; pair < 2; pair++) {
            unsigned char *data = pattern(MEGABYTE), *got = malloc(MEGABYTE);
            SSL *c = SSL_new(w->cctx), *s = SSL_new(w->sctx);
            int wrote = -1, received = 0, retries = 0, other = 0, rounds;
            BIO *cb, *sb;

            ssl_only_version(c, version);
            tls_join(c, s, TLS_SOCKETS);
            if (pair) {
                TLS_MUST(BIO_new_bio_pair(&cb, 4096, &sb, 4096) == 1);
                SSL_set_bio(c, cb, cb);
                SSL_set_bio(s, sb, sb);
            }
            ok(tls_handshake(c, s, NULL), "connects");
            for (rounds = 0; rounds < 20000 && received < MEGABYTE; rounds++) {
                int r;

                if (wrote <= 0) {
                    wrote = SSL_write(c, data, MEGABYTE);
                    if (wrote <= 0) {
                        retries++;
                        other += SSL_get_error(c, wrote) != SSL_ERROR_WANT_WRITE
                                 || SSL_want(c) != SSL_WRITING || wrote != -1;
                    }
                }
                r = SSL_read(s, got + received, MEGABYTE - received);
                if (r > 0)
                    received += r;
            }
            is_int(wrote, MEGABYTE, "%s: the megabyte in one call", version_name(version));
            ok(retries > 0, "after retries");
            is_int(other, 0, "each of them -1 with WANT_WRITE");
            is_int(received, MEGABYTE, "all arrived");
            ok(memcmp(data, got, MEGABYTE) == 0, "intact");
            free(data);
            free(got);
            SSL_free(c);
            SSL_free(s);
        }
}

static void test_records(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        unsigned char *data = pattern(40000), *got = malloc(40000);
        size_t at = 0, n, biggest = 0;
        int records = 0, full;

        is_int(SSL_write(d->c, data, 40000), 40000, "40000 bytes");
        while ((n = wire_record(&d->c2s, at)) != 0) {
            records++;
            biggest = n > biggest ? n : biggest;
            is_int(d->c2s.data[at], SSL3_RT_APPLICATION_DATA, "a data record");
            is_int(d->c2s.data[at + 1] << 8 | d->c2s.data[at + 2], TLS1_2_VERSION,
                   "its version");
            at += n;
        }
        is_int(records, 3, "three records");
        is_int(at, d->c2s.len, "and nothing else");
        ok(biggest <= 16384 + 256 + 5, "none too large (%zu)", biggest);
        full = SSL_read(d->s, got, 40000);
        is_int(full, 16384, "one record per read");
        is_int(SSL_read(d->s, got + full, 1000), 1000, "less than a record");
        is_int(SSL_pending(d->s), full - 1000, "the rest is pending");
        is_int(SSL_read(d->s, got + full + 1000, 39000 - full), full - 1000,
               "a read stops at the record's end");
        is_int(SSL_read(d->s, got + 2 * full, 40000 - 2 * full), 40000 - 2 * full, "the last one");
        ok(memcmp(data, got, 40000) == 0, "intact");
        free(data);
        free(got);
        duo_free(d);
    }
}

static void test_partial_write(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        unsigned char *data = pattern(100000);
        size_t n = 0;
        int r;

        SSL_set_mode(d->c, SSL_MODE_ENABLE_PARTIAL_WRITE);
        d->ce.room = 20000;
        r = SSL_write(d->c, data, 100000);
        is_int(r, 16384, "%s: a first record is reported", version_name(version));
        ok(d->c2s.len >= 16384, "and sent");
        wire_take(&d->c2s, NULL, d->c2s.len);
        r = SSL_write(d->c, data + 16384, 100000 - 16384);
        is_int(r, 16384, "%s: a next one", version_name(version));
        d->ce.room = 1;
        r = SSL_write(d->c, data + 32768, 100000 - 32768);
        is_int(r, -1, "no room at all");
        is_int(SSL_get_error(d->c, r), SSL_ERROR_WANT_WRITE, "WANT_WRITE");
        d->ce.room = 0;
        is_int(SSL_write_ex(d->c, data + 32768, 100000 - 32768, &n), 1, "write_ex with room");
        ok(n > 0 && n % 16384 == 0, "whole records, the one that waited included (%zu)", n);
        free(data);
        duo_free(d);
    }
}

static void test_bad_retry(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        char a[100], b[100], got[200] = { 0 };
        int r;

        memset(a, 'a', sizeof a);
        memset(b, 'a', sizeof b);
        d->ce.room = 1;
        wire_put(&d->c2s, "", 1);
        r = SSL_write(d->c, a, sizeof a);
        is_int(r, -1, "no room");
        is_int(SSL_get_error(d->c, r), SSL_ERROR_WANT_WRITE, "WANT_WRITE");
        r = SSL_write(d->c, b, sizeof b);
        is_int(r, -1, "another buffer");
        is_int(SSL_get_error(d->c, r), SSL_ERROR_SSL, "its error");
        is_int(tls_ssl_reason(), SSL_R_BAD_WRITE_RETRY, "its reason");
        is_str(SSL_state_string(d->c), "SSLERR", "the connection failed");
        duo_free(d);

        d = duo_connected(w, version);
        SSL_set_mode(d->c, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        d->ce.room = 1;
        wire_put(&d->c2s, "", 1);
        is_int(SSL_write(d->c, a, sizeof a), -1, "no room");
        r = SSL_write(d->c, b, sizeof b);
        is_int(r, -1, "the moved buffer is accepted, no room yet");
        is_int(SSL_get_error(d->c, r), SSL_ERROR_WANT_WRITE, "WANT_WRITE");
        wire_take(&d->c2s, NULL, 1);
        d->ce.room = 0;
        is_int(SSL_write(d->c, b, sizeof b), 100, "done once there is room");
        is_int(SSL_read(d->s, got, sizeof got), 100, "and arrives once");
        ok(memcmp(got, a, 100) == 0, "intact");
        duo_free(d);
    }
}

/* A shorter retry ends the connection, moving buffers or not. */
static void test_shorter_retry(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        int r;

        d->ce.room = 1;
        wire_put(&d->c2s, "", 1);
        SSL_set_mode(d->c, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        is_int(SSL_write(d->c, "0123456789", 10), -1, "no room");
        r = SSL_write(d->c, "0123456789", 9);
        is_int(r, -1, "a shorter retry");
        is_int(SSL_get_error(d->c, r), SSL_ERROR_SSL, "its error");
        is_int(tls_ssl_reason(), SSL_R_BAD_LENGTH, "its reason");
        is_str(SSL_state_string(d->c), "SSLERR", "the connection failed");
        d->ce.room = 0;
        r = SSL_write(d->c, "0123456789", 10);
        is_int(r, -1, "and stays so");
        duo_free(d);
    }
}

/* A longer retry is allowed: the record that waited was of the first call's length. */
static void test_longer_retry(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        char got[300];

        d->ce.room = 1;
        wire_put(&d->c2s, "", 1);
        is_int(SSL_write(d->c, "0123456789", 4), -1, "no room");
        SSL_set_mode(d->c, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        wire_take(&d->c2s, NULL, 1);
        d->ce.room = 0;
        is_int(SSL_write(d->c, "0123456789", 10), 10, "a longer retry");
        is_int(SSL_read(d->s, got, sizeof got), 4, "first the record that waited");
        is_int(SSL_read(d->s, got + 4, sizeof got), 6, "then the rest");
        is_mem(got, "0123456789", 10, "intact");
        duo_free(d);
    }
}

static void test_slow_bios(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        unsigned char *data = pattern(5000), *got = malloc(5000);
        int wrote = -1, received = 0, bad = 0;

        is_int(SSL_write(d->c, data, 5000), 5000, "a record");
        d->se.max_read = 1;
        is_int(SSL_read(d->s, got, 5000), 5000, "%s: comes whole from one-byte reads",
               version_name(version));
        ok(memcmp(data, got, 5000) == 0, "intact");

        d->ce.stutter = d->se.stutter = 1;
        d->ce.max_write = 100;
        d->se.max_read = 100;
        for (int i = 0; i < 100000 && received < 5000; i++) {
            int r;

            if (wrote <= 0) {
                wrote = SSL_write(d->c, data, 5000);
                bad += wrote <= 0 && SSL_get_error(d->c, wrote) != SSL_ERROR_WANT_WRITE;
            }
            r = SSL_read(d->s, got + received, 5000 - received);
            if (r > 0)
                received += r;
            else
                bad += SSL_get_error(d->s, r) != SSL_ERROR_WANT_READ;
        }
        is_int(wrote, 5000, "%s: written over a stuttering BIO", version_name(version));
        is_int(received, 5000, "and read");
        ok(memcmp(data, got, 5000) == 0, "intact");
        is_int(bad, 0, "no other error");
        free(data);
        free(got);
        duo_free(d);
    }
}

/* Read-ahead off: no byte behind the record is taken. */
static void test_never_past_record(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        size_t first, second;
        char buf[64];

        is_int(SSL_get_read_ahead(d->s), 0, "read-ahead is off");
        SSL_write(d->c, "first", 5);
        first = d->c2s.len;
        SSL_write(d->c, "second", 6);
        second = d->c2s.len - first;
        is_int(SSL_read(d->s, buf, sizeof buf), 5, "the first");
        is_int(d->c2s.len, second, "%s: the second record is untouched", version_name(version));
        is_int(SSL_has_pending(d->s), 0, "nothing taken in");
        is_int(SSL_read(d->s, buf, sizeof buf), 6, "the second");
        is_int(d->c2s.len, 0, "all taken");

        SSL_shutdown(d->c);
        wire_put(&d->c2s, "PLAIN", 5);
        is_int(SSL_read(d->s, buf, sizeof buf), 0, "close_notify");
        is_int(SSL_get_error(d->s, 0), SSL_ERROR_ZERO_RETURN, "ZERO_RETURN");
        is_int(d->c2s.len, 5, "%s: plain text after it is still there", version_name(version));
        is_int(SSL_read(d->s, buf, sizeof buf), 0, "and stays");
        is_int(d->c2s.len, 5, "after another read");
        is_mem(d->c2s.data, "PLAIN", 5, "as it was");
        duo_free(d);
    }
}

static void test_handshake_not_past(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_new(w, version);
        char buf[64];

        SSL_do_handshake(d->c);
        SSL_do_handshake(d->s);
        SSL_do_handshake(d->c);
        if (version == TLS1_2_VERSION) {
            SSL_do_handshake(d->s);
            SSL_do_handshake(d->c);
        }
        is_int(SSL_is_init_finished(d->c), 1, "client is done");
        SSL_write(d->c, "early bird", 10);
        is_int(SSL_do_handshake(d->s), 1, "server is done");
        ok(d->c2s.len >= 10, "%s: the data is still in the BIO", version_name(version));
        is_int(SSL_has_pending(d->s), 0, "nothing taken in");
        is_int(SSL_read(d->s, buf, sizeof buf), 10, "and is read");
        duo_free(d);
    }
}

static void test_read_ahead(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        char buf[64];

        SSL_set_read_ahead(d->s, 1);
        is_int(SSL_get_read_ahead(d->s), 1, "read-ahead is on");
        SSL_write(d->c, "first", 5);
        SSL_write(d->c, "second", 6);
        is_int(SSL_read(d->s, buf, sizeof buf), 5, "the first");
        is_int(d->c2s.len, 0, "%s: both were taken", version_name(version));
        is_int(SSL_pending(d->s), 0, "pending counts processed bytes only");
        is_int(SSL_has_pending(d->s), 1, "has_pending counts all");
        is_int(SSL_read(d->s, buf, sizeof buf), 6, "the second");
        is_int(SSL_has_pending(d->s), 0, "nothing left");
        duo_free(d);
    }
}

/* The BIO is asked for the 5 bytes of the header, then for the body. */
static void test_read_calls(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        char buf[64];

        d->se.reads = 0;
        SSL_write(d->c, "hello", 5);
        SSL_read(d->s, buf, sizeof buf);
        is_int(d->se.reads, 2, "header and body");
        d->se.reads = 0;
        SSL_write(d->c, "hello", 5);
        wire_put(&d->s2c, "", 0);
        is_int(d->ce.writes > 0, 1, "written");
        SSL_peek(d->s, buf, sizeof buf);
        SSL_read(d->s, buf, sizeof buf);
        is_int(d->se.reads, 2, "read after peek reads nothing more");
        duo_free(d);
    }
}

/* A record that is not there in full: nothing is given, and it is completed later. */
static void test_split_record(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        unsigned char all[200];
        char buf[64];
        size_t n, i;
        int r, bad = 0;

        SSL_write(d->c, "piecemeal", 9);
        n = wire_take(&d->c2s, all, sizeof all);
        for (i = 0; i + 1 < n; i++) {
            wire_put(&d->c2s, all + i, 1);
            r = SSL_read(d->s, buf, sizeof buf);
            bad += r != -1 || SSL_get_error(d->s, r) != SSL_ERROR_WANT_READ || SSL_free_buffers(d->s) != 0;
        }
        is_int(bad, 0, "%s: WANT_READ for each byte but the last, and buffers that are in use", version_name(version));
        is_int(SSL_has_pending(d->s), 1, "a part is pending");
        is_int(SSL_pending(d->s), 0, "but no data");
        wire_put(&d->c2s, all + i, 1);
        is_int(SSL_read(d->s, buf, sizeof buf), 9, "then the data");
        is_mem(buf, "piecemeal", 9, "intact");
        duo_free(d);
    }
}

/* Without AUTO_RETRY a record that carries no data ends SSL_read with WANT_READ. */
static void test_auto_retry(const world *w)
{
    duo *d = duo_new(w, TLS1_3_VERSION);
    char buf[64];
    int r;

    ok(SSL_get_mode(d->c) & SSL_MODE_AUTO_RETRY, "AUTO_RETRY is the default");
    ok(duo_handshake(d), "connects");
    SSL_write(d->s, "data", 4);
    is_int(SSL_read(d->c, buf, sizeof buf), 4, "AUTO_RETRY: data behind the tickets");
    is_int(SSL_key_update(d->s, SSL_KEY_UPDATE_NOT_REQUESTED), 1, "key update");
    SSL_write(d->s, "data", 4);
    is_int(SSL_read(d->c, buf, sizeof buf), 4, "AUTO_RETRY: data behind the key update");
    SSL_clear_mode(d->c, SSL_MODE_AUTO_RETRY);
    is_int(SSL_key_update(d->s, SSL_KEY_UPDATE_NOT_REQUESTED), 1, "key update");
    SSL_write(d->s, "data", 4);
    r = SSL_read(d->c, buf, sizeof buf);
    is_int(r, -1, "no AUTO_RETRY: the key update ends the read");
    is_int(SSL_get_error(d->c, r), SSL_ERROR_WANT_READ, "WANT_READ");
    is_int(SSL_read(d->c, buf, sizeof buf), 4, "the next one gets the data");
    duo_free(d);
}

/* Hellos in several records, the smallest there are. */
static void test_small_fragments(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_new(w, version);

        is_int(SSL_set_max_send_fragment(d->c, 512), 1, "fragments of 512 bytes");
        is_int(SSL_set_max_send_fragment(d->s, 512), 1, "on both sides");
        SSL_set_tlsext_host_name(d->c, "a.name.of.some.length.to.make.the.hello.longer.example");
        ok(duo_handshake(d), "%s: connects in small fragments", version_name(version));
        ok(tls_echo(d->c, d->s), "%s: data both ways", version_name(version));
        is_str(SSL_get_servername(d->s, TLSEXT_NAMETYPE_host_name),
               "a.name.of.some.length.to.make.the.hello.longer.example", "the server's name");
        duo_free(d);
    }
}

static void test_key_update(const world *w)
{
    duo *d = duo_connected(w, TLS1_3_VERSION);
    char buf[64];

    is_int(SSL_get_key_update_type(d->c), SSL_KEY_UPDATE_NONE, "no update");
    is_int(SSL_key_update(d->c, SSL_KEY_UPDATE_NOT_REQUESTED), 1, "not requested");
    is_int(SSL_get_key_update_type(d->c), SSL_KEY_UPDATE_NOT_REQUESTED, "its type");
    is_int(d->c2s.len, 0, "nothing is sent by the call");
    is_int(SSL_do_handshake(d->c), 1, "SSL_do_handshake sends it");
    ok(d->c2s.len > 0, "sent");
    is_int(SSL_get_key_update_type(d->c), SSL_KEY_UPDATE_NONE, "done");
    ok(tls_echo(d->c, d->s), "data both ways");

    is_int(SSL_key_update(d->c, SSL_KEY_UPDATE_REQUESTED), 1, "requested");
    is_int(SSL_get_key_update_type(d->c), SSL_KEY_UPDATE_REQUESTED, "its type");
    is_int(SSL_write(d->c, "x", 1), 1, "SSL_write sends it too");
    is_int(SSL_get_key_update_type(d->c), SSL_KEY_UPDATE_NONE, "done");
    is_int(SSL_read(d->s, buf, sizeof buf), 1, "the peer reads on");
    ok(tls_echo(d->c, d->s), "data both ways after the answer");
    is_int(SSL_key_update(d->s, SSL_KEY_UPDATE_REQUESTED), 1, "by the server");
    is_int(SSL_do_handshake(d->s), 1, "sent");
    ok(tls_echo(d->c, d->s), "data both ways");
    ok(tls_echo(d->c, d->s), "and again");
    is_int(SSL_key_update(d->c, 7), 0, "an unknown kind");
    is_int(tls_ssl_reason(), SSL_R_INVALID_KEY_UPDATE_TYPE, "its reason");
    d->ce.room = 1;
    is_int(SSL_write(d->c, "xy", 2), -1, "a write that waits");
    is_int(SSL_key_update(d->c, SSL_KEY_UPDATE_REQUESTED), 0, "no update between");
    is_int(tls_ssl_reason(), SSL_R_BAD_WRITE_RETRY, "its reason");
    d->ce.room = 0;
    is_int(SSL_write(d->c, "xy", 2), 2, "the write goes on");
    is_int(SSL_key_update(d->c, SSL_KEY_UPDATE_REQUESTED), 1, "and then an update can be asked for");
    duo_free(d);

    d = duo_connected(w, TLS1_2_VERSION);
    is_int(SSL_key_update(d->c, SSL_KEY_UPDATE_REQUESTED), 0, "TLS 1.2 has none");
    is_int(tls_ssl_reason(), SSL_R_WRONG_SSL_VERSION, "its reason");
    duo_free(d);

    d = duo_new(w, TLS1_3_VERSION);
    is_int(SSL_key_update(d->c, SSL_KEY_UPDATE_REQUESTED), 0, "not before the handshake");
    tls_ssl_reason();
    duo_free(d);
}

static void test_after_shutdown(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        char buf[8];
        int r;

        SSL_write(d->s, "tail", 4);
        is_int(SSL_shutdown(d->c), 0, "shutdown sent");
        r = SSL_write(d->c, "late", 4);
        is_int(r, -1, "%s: no write after it", version_name(version));
        is_int(SSL_get_error(d->c, r), SSL_ERROR_SSL, "its error");
        is_int(tls_ssl_reason(), SSL_R_PROTOCOL_IS_SHUTDOWN, "its reason");
        is_int(SSL_read(d->c, buf, sizeof buf), 4, "reading goes on");
        r = SSL_read(d->s, buf, sizeof buf);
        is_int(r, 0, "the peer reads the end");
        is_int(SSL_get_error(d->s, r), SSL_ERROR_ZERO_RETURN, "ZERO_RETURN");
        is_int(SSL_peek(d->s, buf, sizeof buf), 0, "peek too");
        is_int(SSL_get_error(d->s, 0), SSL_ERROR_ZERO_RETURN, "ZERO_RETURN");
        is_int(SSL_write(d->s, "more", 4), 4, "the peer can still write");
        is_int(SSL_read(d->c, buf, sizeof buf), 4, "and is heard");
        duo_free(d);
    }
}

/* Errors of the BIO itself. */
static void test_bio_failure(const world *w)
{
    FOR_VERSIONS(version) {
        duo *d = duo_connected(w, version);
        char buf[8];
        int r;

        d->ce.fail_write = 1;
        ERR_clear_error();
        r = SSL_write(d->c, "lost", 4);
        is_int(r, -1, "%s: the BIO's write fails", version_name(version));
        is_int(SSL_get_error(d->c, r), SSL_ERROR_SYSCALL, "SYSCALL");
        is_int(ERR_peek_error(), 0, "no error queued");
        d->ce.fail_write = 0;
        is_int(SSL_write(d->c, "lost", 4), 4, "a write can be tried again");
        d->se.fail_read = 1;
        r = SSL_read(d->s, buf, sizeof buf);
        is_int(r, -1, "the BIO's read fails");
        is_int(SSL_get_error(d->s, r), SSL_ERROR_SYSCALL, "SYSCALL");
        is_int(ERR_peek_error(), 0, "no error queued");
        d->se.fail_read = 0;
        is_int(SSL_read(d->s, buf, sizeof buf), 4, "a read too");
        duo_free(d);
    }
}

/* An error in the queue from elsewhere makes SSL_get_error tell SSL_ERROR_SSL. */
static void test_get_error_queue(const world *w)
{
    duo *d = duo_connected(w, TLS1_3_VERSION);
    char buf[8];
    int r = SSL_read(d->s, buf, sizeof buf);

    is_int(SSL_get_error(d->s, r), SSL_ERROR_WANT_READ, "WANT_READ");
    ERR_raise(ERR_LIB_USER, 1);
    is_int(SSL_get_error(d->s, r), SSL_ERROR_SSL, "a queued error wins");
    is_int(SSL_get_error(d->s, 1), SSL_ERROR_NONE, "but not over success");
    ERR_clear_error();
    is_int(SSL_get_error(d->s, r), SSL_ERROR_WANT_READ, "WANT_READ again");
    ERR_raise(ERR_LIB_SYS, 5);
    is_int(SSL_get_error(d->s, r), SSL_ERROR_SYSCALL, "a queued system error is SYSCALL");
    ERR_clear_error();
    duo_free(d);
}

int main(void)
{
    world w = world_make();

    test_small(&w);
    test_zero_length(&w);
    test_large(&w);
    test_records(&w);
    test_partial_write(&w);
    test_bad_retry(&w);
    test_shorter_retry(&w);
    test_longer_retry(&w);
    test_slow_bios(&w);
    test_never_past_record(&w);
    test_handshake_not_past(&w);
    test_read_ahead(&w);
    test_read_calls(&w);
    test_split_record(&w);
    test_auto_retry(&w);
    test_small_fragments(&w);
    test_key_update(&w);
    test_after_shutdown(&w);
    test_bio_failure(&w);
    test_get_error_queue(&w);
    world_free(&w);
    return done();
}
