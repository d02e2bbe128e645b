/* BIO_f_ssl: chains, every ctrl, retry flags, reference counts. */
#include "tls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>

static tls_id ca, leaf;
static SSL_CTX *sctx, *cctx;
static int bios_freed, ssls_freed;

static int counted_free(BIO *b)
{
    (void)b;
    bios_freed++;
    return 1;
}

static void ssl_freed(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    (void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
    if (ptr != NULL)
        ssls_freed++;
}

static int counted_index;

static SSL *ssl_of(BIO *b)
{
    SSL *ssl = NULL;

    BIO_get_ssl(b, &ssl);
    return ssl;
}

static int drive(BIO *c, BIO *s)
{
    int i, cd = 0, sd = 0;

    for (i = 0; i < 200 && !(cd && sd); i++) {
        if (!cd && (cd = BIO_do_handshake(c) == 1) == 0 && !BIO_should_retry(c))
            break;
        if (!sd && (sd = BIO_do_handshake(s) == 1) == 0 && !BIO_should_retry(s))
            break;
    }
    if (!(cd && sd))
        diag("handshake: %s", tls_errors());
    return cd && sd;
}

/* Client and server chains over a BIO pair whose buffers hold `size` bytes. */
static void pair(BIO **c, BIO **s, size_t size)
{
    BIO *cb, *sb;

    TLS_MUST(BIO_new_bio_pair(&cb, size, &sb, size) == 1);
    *c = BIO_push(BIO_new_ssl(cctx, 1), cb);
    *s = BIO_push(BIO_new_ssl(sctx, 0), sb);
    SSL_set_ex_data(ssl_of(*c), counted_index, *c);
    SSL_set_ex_data(ssl_of(*s), counted_index, *s);
}

static int read_retrying(BIO *b, char *buf, int n)
{
    int i, r = -1;

    for (i = 0; i < 10 && (r = BIO_read(b, buf, n)) < 0 && BIO_should_retry(b); i++)
        ;
    return r;
}

static void method(void)
{
    BIO *b = BIO_new(BIO_f_ssl());
    SSL *ssl = (SSL *)1;
    char c;

    ok(b != NULL, "BIO_new(BIO_f_ssl())");
    ok(BIO_f_ssl() == BIO_f_ssl(), "one method");
    is_int(BIO_method_type(b), BIO_TYPE_SSL, "type");
    is_str(BIO_method_name(b), "ssl", "name");
    is_int(BIO_get_init(b), 0, "not ready without a connection");
    is_int(BIO_get_ssl(b, &ssl), 0, "no connection to get");
    is_ptr(ssl, (SSL *)1, "nor is one stored");
    is_int(BIO_get_close(b), 0, "commands are refused without a connection");
    is_int(BIO_do_handshake(b), 0, "so is the handshake");
    ok(BIO_read(b, &c, 1) < 0 && BIO_write(b, "x", 1) < 0, "and reading and writing");
    is_int(BIO_gets(b, &c, 1), -2, "gets is not supported");
    ok(BIO_free(b), "frees");
    ERR_clear_error();
    ok(BIO_new_ssl(NULL, 1) == NULL, "BIO_new_ssl needs a context");
    is_int(tls_ssl_reason(), SSL_R_NULL_SSL_CTX, "SSL_R_NULL_SSL_CTX");
    ok(BIO_new_ssl_connect(NULL) == NULL, "BIO_new_ssl_connect too");
    ok(BIO_new_buffer_ssl_connect(NULL) == NULL, "BIO_new_buffer_ssl_connect too");
    ERR_clear_error();
}

static void data(int version)
{
    BIO *c, *s;
    SSL *ssl;
    char buf[64];
    size_t n = 77;

    SSL_CTX_set_max_proto_version(cctx, version);
    pair(&c, &s, 0);
    SSL_CTX_set_max_proto_version(cctx, 0);
    ssl = ssl_of(c);
    ok(ssl != NULL && SSL_get_rbio(ssl) == BIO_next(c) && SSL_get_wbio(ssl) == BIO_next(c),
       "pushing sets the connection's BIOs");
    is_int(SSL_is_server(ssl), 0, "a client");
    is_int(SSL_is_server(ssl_of(s)), 1, "a server");
    is_int(BIO_get_close(c), BIO_CLOSE, "BIO_CLOSE");
    is_int(BIO_do_handshake(s), -1, "the server waits");
    ok(BIO_should_read(s) && BIO_should_retry(s) && !BIO_should_write(s), "for reading");
    ok(drive(c, s), "handshake");
    is_int(BIO_do_handshake(c), 1, "done stays done");
    ok(!BIO_should_retry(c), "nothing to retry");

    is_int(read_retrying(c, buf, 8), -1, "nothing to read yet");
    ok(BIO_should_read(c) && BIO_should_retry(c), "read retry");
    is_int(BIO_get_retry_reason(c), 0, "without a reason");
    is_int(BIO_read_ex(c, buf, 8, &n), 0, "BIO_read_ex: nothing");
    is_int(BIO_write(c, "hello", 5), 5, "BIO_write");
    ok(BIO_pending(s) > 5, "undecrypted bytes pend in the transport");
    is_int(read_retrying(s, buf, 2), 2, "BIO_read of a part");
    is_mem(buf, "he", 2, "the first part");
    is_int(BIO_pending(s), 3, "decrypted bytes pend");
    ok(BIO_read_ex(s, buf, sizeof buf, &n) == 1 && n == 3, "BIO_read_ex of the rest");
    ok(!BIO_should_retry(s), "no retry after success");
    ok(BIO_write_ex(s, "reply", 5, &n) == 1 && n == 5, "BIO_write_ex");
    ok(BIO_wpending(s) > 5, "BIO_wpending asks the transport");
    is_int(BIO_flush(s), 1, "BIO_flush");
    is_int(read_retrying(c, buf, sizeof buf), 5, "the reply");
    is_int(BIO_puts(c, "a line\n"), 7, "BIO_puts");
    is_int(read_retrying(s, buf, sizeof buf), 7, "its bytes");
    is_int(BIO_gets(c, buf, 4), -2, "BIO_gets");
    is_int(BIO_ctrl(c, BIO_CTRL_INFO, 0, NULL), 0, "BIO_CTRL_INFO");
    is_int(BIO_ctrl(c, BIO_CTRL_SET_CALLBACK, 0, NULL), 0, "BIO_CTRL_SET_CALLBACK");
    is_int(BIO_get_ssl(c, NULL), 0, "nowhere to store the connection");
    is_int(BIO_set_close(c, BIO_NOCLOSE), 1, "BIO_set_close");
    is_int(BIO_get_close(c), BIO_NOCLOSE, "BIO_NOCLOSE");
    BIO_set_close(c, BIO_CLOSE);
    ok(BIO_get_write_guarantee(c) > 0, "other commands reach the transport");
    ERR_clear_error();

    BIO_ssl_shutdown(c);
    ok(SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN, "BIO_ssl_shutdown sends");
    is_int(BIO_read(s, buf, 4), 0, "the peer reads the end");
    ok(!BIO_should_retry(s), "for good");
    is_int(BIO_write(c, "x", 1), -1, "writing after shutdown fails");
    is_int(tls_ssl_reason(), SSL_R_PROTOCOL_IS_SHUTDOWN, "SSL_R_PROTOCOL_IS_SHUTDOWN");
    is_int(SSL_sendfile(ssl, 0, 0, 1, 0), -1, "SSL_sendfile");
    is_int(tls_ssl_reason(), SSL_R_PROTOCOL_IS_SHUTDOWN, "as well");
    ssls_freed = 0;
    BIO_free_all(c);
    BIO_free_all(s);
    is_int(ssls_freed, 2, "the chains free their connections");
    ERR_clear_error();
}

static void blocked(void)
{
    BIO *c, *s;
    char *big = calloc(1, 20000), buf[4096];
    int r, i, got = 0, sent = 0;

    /* TLS 1.3 tickets would block a server whose client does not read. */
    SSL_CTX_set_max_proto_version(cctx, TLS1_2_VERSION);
    pair(&c, &s, 64);
    SSL_CTX_set_max_proto_version(cctx, 0);
    is_int(BIO_do_handshake(c), -1, "a ClientHello larger than the transport");
    ok(BIO_should_write(c) && !BIO_should_read(c), "write retry");
    ok(drive(c, s), "handshake in small pieces");
    for (i = 0; i < 5000 && got < 20000; i++) {
        if (!sent) {
            if ((r = BIO_write(c, big, 20000)) == 20000)
                sent = 1;
            else if (i == 0)
                ok(r == -1 && BIO_should_write(c), "blocked write");
        }
        if ((r = BIO_read(s, buf, sizeof buf)) > 0)
            got += r;
    }
    ok(sent && got == 20000, "20000 bytes in small pieces");
    is_int(BIO_set_ssl_renegotiate_bytes(c, 100), 0, "too few bytes are ignored");
    is_int(BIO_set_ssl_renegotiate_bytes(c, 1000), 0, "the old value is 0");
    is_int(BIO_set_ssl_renegotiate_bytes(c, 1), 1000, "then what was set");
    is_int(BIO_set_ssl_renegotiate_timeout(c, 10), 0, "no timeout before");
    is_int(BIO_set_ssl_renegotiate_timeout(c, 100), 5, "less than 60 is 5");
    is_int(BIO_set_ssl_renegotiate_timeout(c, 100), 100, "then what was set");
    is_int(BIO_get_num_renegotiates(c), 0, "none was due");
    for (i = 0; i < 200 && BIO_write(c, big, 1500) <= 0; i++)
        BIO_read(s, buf, sizeof buf);
    is_int(BIO_get_num_renegotiates(c), 1, "one was due");
    ERR_clear_error();
    free(big);
    BIO_free_all(c);
    BIO_free_all(s);
    ERR_clear_error();
}

static void buffered(void)
{
    BIO *c, *s, *cb, *sb;
    char buf[64];
    int i, r = -1;

    pair(&c, &s, 0);
    ok(drive(c, s), "handshake below buffering BIOs");
    cb = BIO_push(BIO_new(BIO_f_buffer()), c);
    sb = BIO_push(BIO_new(BIO_f_buffer()), s);
    is_ptr(ssl_of(cb), ssl_of(c), "BIO_get_ssl through the chain");
    is_int(BIO_puts(cb, "first\nsecond\n"), 13, "buffered");
    is_int(BIO_flush(cb), 1, "flushed");
    for (i = 0; i < 10 && (r = BIO_gets(sb, buf, sizeof buf)) <= 0; i++)
        ;
    is_str(r > 0 ? buf : NULL, "first\n", "a line");
    ok(BIO_gets(sb, buf, sizeof buf) == 7, "another");
    ok(BIO_gets(sb, buf, sizeof buf) <= 0 && BIO_should_read(sb), "retry comes through");
    is_int(BIO_ssl_copy_session_id(NULL, cb), 0, "no session id from nowhere");
    BIO_ssl_shutdown(cb);
    ok(SSL_get_shutdown(ssl_of(c)) & SSL_SENT_SHUTDOWN, "BIO_ssl_shutdown finds the BIO");
    BIO_free_all(cb);
    BIO_free_all(sb);
    ERR_clear_error();
}

static void references(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "counted");
    BIO *b, *x, *y;
    SSL *ssl;

    BIO_meth_set_destroy(m, counted_free);
    b = BIO_new_ssl(cctx, 1);
    ssl = ssl_of(b);
    x = BIO_new(m);
    BIO_push(b, x);
    is_ptr(SSL_get_wbio(ssl), x, "pushed");
    is_ptr(BIO_pop(b), x, "popped");
    ok(SSL_get_rbio(ssl) == NULL && SSL_get_wbio(ssl) == NULL, "the connection has no BIO then");
    is_int(bios_freed, 0, "the popped one lives");
    BIO_push(b, x);
    BIO_free_all(b);
    is_int(bios_freed, 1, "BIO_free_all frees it");

    bios_freed = ssls_freed = 0;
    ssl = SSL_new(cctx);
    SSL_set_ex_data(ssl, counted_index, ssl);
    x = BIO_new(m);
    y = BIO_new(m);
    SSL_set_bio(ssl, x, y);
    b = BIO_new(BIO_f_ssl());
    is_int(BIO_set_ssl(b, ssl, BIO_NOCLOSE), 1, "BIO_set_ssl");
    is_ptr(BIO_next(b), x, "the connection's read BIO is next");
    is_ptr(ssl_of(b), ssl, "the connection is there");
    is_int(BIO_get_close(b), BIO_NOCLOSE, "not to be freed");
    is_int(BIO_set_ssl_mode(b, 0), 1, "BIO_set_ssl_mode");
    is_int(SSL_is_server(ssl), 1, "a server");
    BIO_set_ssl_mode(b, 1);
    is_int(SSL_is_server(ssl), 0, "a client");
    BIO_free_all(b);
    ok(bios_freed == 0 && ssls_freed == 0, "BIO_NOCLOSE keeps connection and BIOs");
    is_int(SSL_sendfile(ssl, 0, 0, 1, 0), -1, "SSL_sendfile without kernel TLS");
    is_int(tls_ssl_reason(), SSL_R_UNINITIALIZED, "SSL_R_UNINITIALIZED");
    SSL_free(ssl);
    ok(bios_freed == 2 && ssls_freed == 1, "SSL_free frees them");

    ssls_freed = 0;
    b = BIO_new_ssl(cctx, 1);
    SSL_set_ex_data(ssl_of(b), counted_index, b);
    BIO_set_ssl(b, SSL_new(cctx), BIO_CLOSE);
    is_int(ssls_freed, 1, "setting another frees the first");
    y = BIO_new_ssl(cctx, 1);
    SSL_set_options(ssl_of(b), SSL_OP_NO_TICKET);
    BIO_set_ssl_renegotiate_bytes(b, 4096);
    BIO_free(y);
    y = BIO_dup_chain(b);
    ok(y != NULL && ssl_of(y) != NULL && ssl_of(y) != ssl_of(b), "BIO_dup_chain copies");
    ok(SSL_get_options(ssl_of(y)) & SSL_OP_NO_TICKET, "with the settings");
    is_int(BIO_set_ssl_renegotiate_bytes(y, 0), 4096, "and the BIO's state");
    is_int(BIO_get_close(y), BIO_CLOSE, "and its close flag");
    BIO_free_all(y);
    is_int(BIO_pending(b), -1, "BIO_pending without a transport");
    is_int(BIO_reset(b), 1, "BIO_reset without a transport");
    BIO_free_all(b);
    ERR_clear_error();
    BIO_meth_free(m);
}

static void reset(void)
{
    BIO *c, *s;

    pair(&c, &s, 0);
    ok(drive(c, s), "first handshake");
    SSL_shutdown(ssl_of(s));
    is_int(BIO_reset(c), 0, "BIO_reset gives what the BIO pair gives");
    is_int(BIO_reset(s), 0, "on the server too");
    BIO_reset(BIO_next(c));
    ERR_clear_error();
    ok(SSL_in_before(ssl_of(c)) && SSL_in_before(ssl_of(s)), "back to the start");
    ok(drive(c, s), "second handshake");
    BIO_free_all(c);
    BIO_free_all(s);
    ERR_clear_error();
}

static int lookups;

static int later(SSL *ssl, void *arg)
{
    (void)ssl, (void)arg;
    return lookups++ == 0 ? -1 : 1;
}

static void special(void)
{
    BIO *c, *s;
    int i;

    pair(&c, &s, 0);
    SSL_set_cert_cb(ssl_of(s), later, NULL);
    for (i = 0; i < 20 && lookups == 0; i++) {
        BIO_do_handshake(c);
        BIO_do_handshake(s);
    }
    ok(BIO_should_io_special(s) && BIO_should_retry(s), "a suspended callback is special");
    is_int(BIO_get_retry_reason(s), BIO_RR_SSL_X509_LOOKUP, "BIO_RR_SSL_X509_LOOKUP");
    ok(drive(c, s), "goes on");
    BIO_free_all(c);
    BIO_free_all(s);
    ERR_clear_error();
}

static int info_calls;

static int info(BIO *b, int state, int res)
{
    (void)b, (void)state;
    info_calls++;
    return res;
}

static void connecting(int with_buffer)
{
    struct sockaddr_in addr = { .sin_family = AF_INET };
    socklen_t len = sizeof addr;
    int listener = socket(AF_INET, SOCK_STREAM, 0), fd, i, cd = 0, sd = 0, special = 0;
    BIO *c = with_buffer ? BIO_new_buffer_ssl_connect(cctx) : BIO_new_ssl_connect(cctx), *s, *sock;
    BIO_info_cb *cb = NULL;
    char port[16], buf[32];

    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    TLS_MUST(bind(listener, (struct sockaddr *)&addr, sizeof addr) == 0 && listen(listener, 1) == 0);
    TLS_MUST(getsockname(listener, (struct sockaddr *)&addr, &len) == 0);
    snprintf(port, sizeof port, "%d", ntohs(addr.sin_port));
    ok(c != NULL && BIO_find_type(c, BIO_TYPE_SSL) != NULL
           && BIO_find_type(c, BIO_TYPE_CONNECT) != NULL, "a chain to connect with");
    is_int(BIO_method_type(c), with_buffer ? BIO_TYPE_BUFFER : BIO_TYPE_SSL, "its head");
    ok(BIO_set_conn_hostname(c, "127.0.0.1") == 1 && BIO_set_conn_port(c, port) == 1,
       "hostname and port through the chain");
    is_str(BIO_get_conn_port(c), port, "the port");
    BIO_set_nbio(c, 1);
    if (!with_buffer) {
        is_int(BIO_set_info_callback(c, info), 1, "the info callback is the connect BIO's");
        is_int(BIO_get_info_callback(c, &cb), 1, "BIO_get_info_callback");
        ok(cb == info, "the same");
    }
    if (BIO_do_connect(c) != 1)
        special = BIO_should_io_special(c) && BIO_get_retry_reason(c) == BIO_RR_CONNECT;
    ok(special || BIO_should_read(c), "connecting is to be retried");
    fd = accept(listener, NULL, NULL);
    TLS_MUST(fd >= 0 && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
    sock = BIO_new_socket(fd, BIO_CLOSE);
    s = BIO_push(BIO_new_ssl(sctx, 0), sock);
    for (i = 0; i < 2000 && !(cd && sd); i++) {
        cd = cd || BIO_do_connect(c) == 1;
        sd = sd || BIO_do_handshake(s) == 1;
        usleep(500);
    }
    ok(cd && sd, "BIO_do_connect (%s)", tls_errors());
    ok(with_buffer || info_calls > 0, "the info callback was called");
    is_int(BIO_get_fd(s, NULL), fd, "BIO_get_fd");
    ok(BIO_puts(c, "over tcp") == 8 && BIO_flush(c) == 1, "write");
    for (i = 0; i < 2000 && BIO_read(s, buf, sizeof buf) != 8; i++)
        usleep(500);
    is_mem(buf, "over tcp", 8, "read");
    BIO_free_all(c);
    BIO_free_all(s);
    is_int(fcntl(fd, F_GETFD), -1, "the socket is closed");
    close(listener);
    ERR_clear_error();
}

int main(void)
{
    /* Freeing a chain writes a close_notify to a peer that may be gone. */
    signal(SIGPIPE, SIG_IGN);
    counted_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, ssl_freed);
    ca = tls_ca("P-256", "Test CA");
    leaf = tls_leaf(&ca, "P-256", "localhost", "DNS:localhost");
    sctx = tls_server_ctx(&leaf);
    cctx = tls_client_ctx(&ca);
    method();
    data(TLS1_2_VERSION);
    data(TLS1_3_VERSION);
    blocked();
    buffered();
    references();
    reset();
    special();
    connecting(0);
    connecting(1);
    SSL_CTX_free(sctx);
    SSL_CTX_free(cctx);
    tls_id_free(&leaf);
    tls_id_free(&ca);
    return done();
}
