/* Two SSLs joined by byte queues that a test can look into, cut short, tamper with and let
 * fail, and a record of what the info callback saw.
 *
 *   world w = world_make();                      CA, leaf, a context for each side
 *   duo *d = duo_new(&w, TLS1_3_VERSION);         0: both versions; d->c client, d->s server
 *   ok(duo_handshake(d), "connects");
 *   d->ce.max_read = 1;                           the client's BIO gives one byte per read
 *   d->s2c                                        bytes that the server wrote, still unread
 *   duo_free(d); world_free(&w);
 *
 * Each SSL owns one BIO (rbio and wbio) whose counters and faults are in its `endpoint`. */
#ifndef FERROSSL_PIPE_H
#define FERROSSL_PIPE_H

#include <errno.h>

#include "tls.h"

/* A queue of bytes in one direction. */
typedef struct {
    unsigned char *data;
    size_t len, cap;
    int closed; /* at its end: EOF rather than retry */
} wire;

typedef struct {
    wire *in, *out;
    int reads, writes;     /* calls that moved bytes */
    size_t read_bytes;
    size_t max_read;       /* bytes per read at most; 0 for no limit */
    size_t max_write;      /* bytes per write at most; 0 for no limit */
    size_t room;           /* the out queue is full at this length; 0 for no limit */
    int stutter, turn;     /* retry at every other call */
    int fail_read, fail_write; /* fail without retry */
    int fail_errno;            /* what errno is then */
    int read_calls, write_calls; /* all calls, from 1 */
    int fault_read, fault_write; /* the call that comes to `fault`; 0 for none */
    enum { FAULT_FAIL, FAULT_RETRY, FAULT_SHORT } fault; /* fails, retries, moves one byte */
    int faults;                  /* how often it did */
    int freed;             /* destroy callback's calls */
} endpoint;

static inline void wire_put(wire *w, const void *data, size_t n)
{
    if (w->len + n > w->cap) {
        w->cap = (w->len + n) * 2;
        w->data = realloc(w->data, w->cap);
        TLS_MUST(w->data != NULL);
    }
    if (n != 0)
        memcpy(w->data + w->len, data, n);
    w->len += n;
}

static inline size_t wire_take(wire *w, void *to, size_t n)
{
    if (n > w->len)
        n = w->len;
    if (to != NULL && n != 0)
        memcpy(to, w->data, n);
    if (n != 0)
        memmove(w->data, w->data + n, w->len - n);
    w->len -= n;
    return n;
}

static inline void wire_free(wire *w)
{
    free(w->data);
    memset(w, 0, sizeof *w);
}

/* The length of the record at `at`, header included; 0 when it is not all there. */
static inline size_t wire_record(const wire *w, size_t at)
{
    size_t n;

    if (w->len < at + 5)
        return 0;
    n = 5 + ((size_t)w->data[at + 3] << 8 | w->data[at + 4]);
    return w->len < at + n ? 0 : n;
}

static inline int pipe_stutters(endpoint *e)
{
    return e->stutter && (e->turn++ & 1) == 0;
}

/* The fault due at call number `call`, of which `at` is the one to come to a fault: -1 when none
 * is. */
static inline int pipe_fault(endpoint *e, int call, int at)
{
    if (call != at)
        return -1;
    e->faults++;
    return e->fault;
}

static inline int pipe_read(BIO *b, char *to, int n)
{
    endpoint *e = BIO_get_data(b);
    size_t want = n > 0 ? (size_t)n : 0;
    int fault = pipe_fault(e, ++e->read_calls, e->fault_read);

    BIO_clear_retry_flags(b);
    if (e->fail_read || fault == FAULT_FAIL)
        return -1;
    if (fault == FAULT_RETRY || pipe_stutters(e) || (e->in->len == 0 && !e->in->closed)) {
        BIO_set_retry_read(b);
        return -1;
    }
    if (e->max_read != 0 && want > e->max_read)
        want = e->max_read;
    if (fault == FAULT_SHORT && want > 1)
        want = 1;
    want = wire_take(e->in, to, want);
    if (want != 0)
        e->reads++;
    e->read_bytes += want;
    return (int)want;
}

static inline int pipe_write(BIO *b, const char *from, int n)
{
    endpoint *e = BIO_get_data(b);
    size_t want = n > 0 ? (size_t)n : 0;
    int fault = pipe_fault(e, ++e->write_calls, e->fault_write);

    BIO_clear_retry_flags(b);
    if (e->fail_write || fault == FAULT_FAIL) {
        errno = e->fail_errno;
        return -1;
    }
    if (fault == FAULT_RETRY || pipe_stutters(e) || (e->room != 0 && e->out->len >= e->room)) {
        BIO_set_retry_write(b);
        return -1;
    }
    if (e->max_write != 0 && want > e->max_write)
        want = e->max_write;
    if (e->room != 0 && want > e->room - e->out->len)
        want = e->room - e->out->len;
    if (fault == FAULT_SHORT && want > 1)
        want = 1;
    wire_put(e->out, from, want);
    e->writes++;
    return (int)want;
}

static inline long pipe_ctrl(BIO *b, int cmd, long larg, void *parg)
{
    endpoint *e = BIO_get_data(b);

    (void)larg;
    (void)parg;
    switch (cmd) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
        return 1;
    case BIO_CTRL_PENDING:
        return (long)e->in->len;
    case BIO_CTRL_EOF:
        return e->in->len == 0 && e->in->closed;
    default:
        return 0;
    }
}

static inline int pipe_create(BIO *b)
{
    BIO_set_init(b, 1);
    return 1;
}

static inline int pipe_destroy(BIO *b)
{
    endpoint *e = BIO_get_data(b);

    if (e != NULL)
        e->freed++;
    return 1;
}

static BIO_METHOD *pipe_method_made;

static inline BIO_METHOD *pipe_method(void)
{
    if (pipe_method_made == NULL) {
        BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "test pipe");

        TLS_MUST(m && BIO_meth_set_read(m, pipe_read) && BIO_meth_set_write(m, pipe_write)
                 && BIO_meth_set_ctrl(m, pipe_ctrl) && BIO_meth_set_create(m, pipe_create)
                 && BIO_meth_set_destroy(m, pipe_destroy));
        pipe_method_made = m;
    }
    return pipe_method_made;
}

__attribute__((destructor)) static void pipe_method_free(void)
{
    BIO_meth_free(pipe_method_made);
}

static inline BIO *pipe_bio(endpoint *e)
{
    BIO *b = BIO_new(pipe_method());

    TLS_MUST(b != NULL);
    BIO_set_data(b, e);
    return b;
}

typedef struct {
    tls_id ca, leaf;
    SSL_CTX *cctx, *sctx;
} world;

static inline world world_make(void)
{
    world w;

    w.ca = tls_ca("P-256", "Test CA");
    w.leaf = tls_leaf(&w.ca, "P-256", "localhost", "DNS:localhost,IP:127.0.0.1");
    w.cctx = tls_client_ctx(&w.ca);
    w.sctx = tls_server_ctx(&w.leaf);
    return w;
}

static inline void world_free(world *w)
{
    SSL_CTX_free(w->cctx);
    SSL_CTX_free(w->sctx);
    tls_id_free(&w->leaf);
    tls_id_free(&w->ca);
}

/* What the info callback saw of one SSL. */
typedef struct {
    int n;
    int where[256], ret[256];
} trace;

typedef struct {
    SSL *c, *s;
    wire c2s, s2c;
    endpoint ce, se;
    trace ct, st;
    tls_outcome out;
} duo;

static inline void trace_info(const SSL *ssl, int where, int ret)
{
    trace *t = SSL_get_app_data(ssl);

    if (t != NULL && t->n < 256) {
        t->where[t->n] = where;
        t->ret[t->n++] = ret;
    }
}

static inline void trace_on(SSL *ssl, trace *t)
{
    SSL_set_app_data(ssl, t);
    SSL_set_info_callback(ssl, trace_info);
}

/* The n-th alert of kind SSL_CB_READ_ALERT or SSL_CB_WRITE_ALERT: level << 8 | description, or
 * -1 when there is none. */
static inline int trace_alert(const trace *t, int kind, int n)
{
    int i;

    for (i = 0; i < t->n; i++)
        if (t->where[i] == kind && n-- == 0)
            return t->ret[i];
    return -1;
}

static inline int trace_count(const trace *t, int where)
{
    int i, count = 0;

    for (i = 0; i < t->n; i++)
        count += t->where[i] == where;
    return count;
}

#define ALERT_FATAL(description) (2 << 8 | (description))
#define ALERT_WARNING(description) (1 << 8 | (description))

/* Takes the references to the two SSLs; roles are set and BIOs attached. */
static inline duo *duo_of(SSL *c, SSL *s)
{
    duo *d = calloc(1, sizeof *d);
    BIO *b;

    TLS_MUST(d && c && s);
    d->c = c;
    d->s = s;
    d->ce.in = d->se.out = &d->s2c;
    d->se.in = d->ce.out = &d->c2s;
    b = pipe_bio(&d->ce);
    SSL_set_bio(c, b, b);
    b = pipe_bio(&d->se);
    SSL_set_bio(s, b, b);
    SSL_set_connect_state(c);
    SSL_set_accept_state(s);
    trace_on(c, &d->ct);
    trace_on(s, &d->st);
    return d;
}

static inline void ssl_only_version(SSL *ssl, int version)
{
    if (version != 0) {
        TLS_MUST(SSL_set_min_proto_version(ssl, version));
        TLS_MUST(SSL_set_max_proto_version(ssl, version));
    }
}

static inline duo *duo_new(const world *w, int version)
{
    SSL *c = SSL_new(w->cctx), *s = SSL_new(w->sctx);

    TLS_MUST(c && s);
    ssl_only_version(c, version);
    ssl_only_version(s, version);
    return duo_of(c, s);
}

static inline int duo_handshake(duo *d)
{
    return tls_handshake(d->c, d->s, &d->out);
}

/* A pair whose handshake is over; what the server sent after it (tickets) is read. */
static inline duo *duo_connected(const world *w, int version)
{
    duo *d = duo_new(w, version);
    char byte;

    ok(duo_handshake(d), "%s: connects (%s|%s)", version == TLS1_2_VERSION ? "1.2" : "1.3",
       d->out.client.errors, d->out.server.errors);
    SSL_read(d->c, &byte, 1);
    ERR_clear_error();
    return d;
}

static inline void duo_free(duo *d)
{
    SSL_free(d->c);
    SSL_free(d->s);
    wire_free(&d->c2s);
    wire_free(&d->s2c);
    free(d);
}

/* Both sides say goodbye; the client's session, which the caller frees. */
static inline SSL_SESSION *duo_part(duo *d)
{
    SSL_SESSION *session = SSL_get1_session(d->c);

    SSL_shutdown(d->c);
    SSL_shutdown(d->s);
    duo_free(d);
    return session;
}

static const int both_versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

static inline const char *version_name(int version)
{
    return version == TLS1_2_VERSION ? "1.2" : version == TLS1_3_VERSION ? "1.3" : "any";
}

#define FOR_VERSIONS(v)                                                              \
    for (const int *v##_at = both_versions, *v##_end = both_versions + 2; v##_at < v##_end; \
         v##_at++)                                                                   \
        for (int v = *v##_at, v##_once = 1; v##_once; v##_once = 0)

#endif
