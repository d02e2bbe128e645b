/* What goes out when the stream ends without a close_notify, or with what is no record: a fatal alert,
 * which the peer may never see, but the program's callbacks do; none after a close_notify. SSL_read(3),
 * SSL_shutdown(3), SSL_CTX_set_info_callback(3). */
#include "pipe.h"

static int sent[8], n_sent;

static void on_message(int write_p, int version, int type, const void *buf, size_t len, SSL *ssl, void *arg)
{
    (void)version, (void)len, (void)ssl, (void)arg;
    if (write_p && type == SSL3_RT_ALERT && n_sent < 8)
        sent[n_sent++] = ((const unsigned char *)buf)[0] << 8 | ((const unsigned char *)buf)[1];
}

static void tell(const char *what, const duo *d, SSL *ssl, int ret, int server)
{
    const trace *t = server ? &d->st : &d->ct;
    const wire *out = server ? &d->s2c : &d->c2s;
    int err = SSL_get_error(ssl, ret);

    same("%s: %d, error %d, reason %d, shutdown %d", what, ret, err, tls_ssl_reason(), SSL_get_shutdown(ssl));
    same("%s: told of %x %x, message %x %x, out %zu", what, trace_alert(t, SSL_CB_WRITE_ALERT, 0),
         trace_alert(t, SSL_CB_WRITE_ALERT, 1), n_sent > 0 ? sent[0] : -1, n_sent > 1 ? sent[1] : -1, out->len);
    ERR_clear_error();
}

enum { AT_ONCE, IN_A_RECORD, GARBAGE, ENDS };
enum { READ, PEEK, SHUTDOWN, AFTER_SHUTDOWN_READ, AFTER_SHUTDOWN, WRITE_FIRST, WAYS };

static void check(int version, int server, int way, int end)
{
    static const char *const names[] = { "read", "peek", "shutdown", "shutdown, read", "shutdown twice", "after a write" };
    world w = world_make();
    duo *d = duo_connected(&w, version);
    SSL *ssl = server ? d->s : d->c;
    wire *in = server ? &d->c2s : &d->s2c, *out = server ? &d->s2c : &d->c2s;
    char byte;

    same("-- %s, %s, %s, end %d", version_name(version), server ? "server" : "client", names[way], end);
    in->len = out->len = 0;
    n_sent = 0;
    SSL_set_msg_callback(ssl, on_message);
    if (end == IN_A_RECORD) {
        SSL_write(server ? d->c : d->s, "some data", 9);
        in->len /= 2;
    }
    if (end == GARBAGE)
        wire_put(in, "no record at all", 16);
    if (way == WRITE_FIRST)
        tell("write", d, ssl, SSL_write(ssl, "x", 1), server);
    if (way == AFTER_SHUTDOWN_READ || way == AFTER_SHUTDOWN)
        tell("first", d, ssl, SSL_shutdown(ssl), server);
    in->closed = 1;
    if (way == SHUTDOWN || way == AFTER_SHUTDOWN)
        tell("shutdown", d, ssl, SSL_shutdown(ssl), server);
    else if (way == PEEK)
        tell("peek", d, ssl, SSL_peek(ssl, &byte, 1), server);
    else
        tell("read", d, ssl, SSL_read(ssl, &byte, 1), server);
    tell("again", d, ssl, SSL_read(ssl, &byte, 1), server);
    tell("end", d, ssl, SSL_shutdown(ssl), server);
    duo_free(d);
    world_free(&w);
}

int main(void)
{
    FOR_VERSIONS(version)
        for (int server = 0; server < 2; server++)
            for (int way = 0; way < WAYS; way++)
                for (int end = 0; end < ENDS; end++)
                    check(version, server, way, end);
    return done();
}
