/* A BIO that fails, retries or moves one byte at its Nth call, for every N of a handshake, a
 * transfer each way and the shutdown, on either side. A failure is SSL_ERROR_SYSCALL with nothing
 * queued, and since it is the BIO's and not TLS's, the same call goes on when it is made again.
 * SSL_free at each of these places. SSL_get_error(3), SSL_do_handshake(3). */
#include "pipe.h"

enum { MESSAGE = 20000 };

static unsigned char message[MESSAGE];

/* What a connection is to be like. */
struct kind {
    const char *name;
    int version;
    int client_auth; /* both sides have a certificate */
    const char *server_groups; /* another than the client's first: HelloRetryRequest */
    int read_ahead;
};

static const struct kind kinds[] = {
    { "1.2", TLS1_2_VERSION, 0, NULL },
    { "1.3", TLS1_3_VERSION, 0, NULL },
    { "1.2 client auth", TLS1_2_VERSION, 1, NULL },
    { "1.3 client auth", TLS1_3_VERSION, 1, NULL },
    { "1.3 retry request", TLS1_3_VERSION, 0, "P-384" },
    { "1.3 read-ahead", TLS1_3_VERSION, 0, NULL, 1 },
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static tls_id client_id;

static duo *connection(const world *w, const struct kind *kind)
{
    duo *d = duo_new(w, kind->version);

    if (kind->client_auth) {
        TLS_MUST(SSL_use_certificate(d->c, client_id.cert) == 1);
        TLS_MUST(SSL_use_PrivateKey(d->c, client_id.key) == 1);
        SSL_set_verify(d->s, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    TLS_MUST(SSL_set1_groups_list(d->c, "P-256:P-384") == 1);
    if (kind->server_groups != NULL)
        TLS_MUST(SSL_set1_groups_list(d->s, kind->server_groups) == 1);
    SSL_set_read_ahead(d->c, kind->read_ahead);
    SSL_set_read_ahead(d->s, kind->read_ahead);
    return d;
}

/* What a side does, one after the other. */
enum deed { HANDSHAKE, SEND, RECEIVE, CLOSE, AWAIT_END, FINISHED };

static const enum deed client_deeds[] = { HANDSHAKE, SEND, RECEIVE, CLOSE, AWAIT_END, FINISHED };
static const enum deed server_deeds[] = { HANDSHAKE, RECEIVE, SEND, AWAIT_END, CLOSE, FINISHED };

typedef struct {
    SSL *ssl;
    const enum deed *deed;
    int got;
    unsigned char buf[MESSAGE + 1];
    int failures; /* SSL_ERROR_SYSCALL with an empty queue */
    int wrong;    /* any other failure, or data that is not what was sent */
    char why[200];
} actor;

static void blame(actor *a, const char *what, int r, int err)
{
    if (a->wrong++ == 0)
        snprintf(a->why, sizeof a->why, "%s: %s: %d, error %d, %s", SSL_is_server(a->ssl) ? "server"
                 : "client", what, r, err, tls_errors());
}

/* One call of what is to be done next. */
static int act_once(actor *a)
{
    switch (*a->deed) {
    case HANDSHAKE:
        return SSL_do_handshake(a->ssl);
    case SEND:
        return SSL_write(a->ssl, message, MESSAGE);
    case RECEIVE:
        return SSL_read(a->ssl, a->buf + a->got, MESSAGE + 1 - a->got);
    case CLOSE:
        return SSL_shutdown(a->ssl);
    default:
        return SSL_read(a->ssl, a->buf, 1);
    }
}

/* Whether the result ends the deed. */
static int achieved(actor *a, int r, int err)
{
    switch (*a->deed) {
    case RECEIVE:
        if (r > 0)
            a->got += r;
        return a->got >= MESSAGE;
    case CLOSE:
        return r >= 0;
    case AWAIT_END:
        return err == SSL_ERROR_ZERO_RETURN;
    default:
        return r > 0;
    }
}

/* 1 when something went on. */
static int act(actor *a)
{
    static const char *const names[] = { "handshake", "write", "read", "shutdown", "end" };
    int r, err;

    if (*a->deed == FINISHED)
        return 0;
    ERR_clear_error();
    r = act_once(a);
    err = r > 0 ? SSL_ERROR_NONE : SSL_get_error(a->ssl, r);
    if (achieved(a, r, err)) {
        if (*a->deed == RECEIVE && (a->got != MESSAGE || memcmp(a->buf, message, MESSAGE) != 0))
            blame(a, "data", a->got, 0);
        a->deed++;
        return 1;
    }
    if (r > 0)
        return 1;
    /* The peer's close_notify has come before a close_notify fails to go. */
    if (err == SSL_ERROR_ZERO_RETURN && *a->deed == CLOSE && SSL_is_server(a->ssl))
        err = SSL_ERROR_SYSCALL;
    if (err == SSL_ERROR_SYSCALL && r == -1 && ERR_peek_error() == 0)
        a->failures++;
    else if (err != SSL_ERROR_WANT_READ && err != SSL_ERROR_WANT_WRITE)
        blame(a, names[*a->deed], r, err);
    return a->wrong == 0 && err == SSL_ERROR_SYSCALL;
}

/* A fault and where. */
struct plan {
    int server, writing, fault;
    int free_there;
};

static endpoint *faulty(duo *d, const struct plan *plan)
{
    return plan->server ? &d->se : &d->ce;
}

/* A connection with the fault at call `n`: 1 when there was such a call. What was wrong is told in
 * `why`. */
static int run(const world *w, const struct kind *kind, const struct plan *plan, int n, char *why,
               size_t size)
{
    duo *d = connection(w, kind);
    endpoint *e = faulty(d, plan);
    actor *c = calloc(1, sizeof *c), *s = calloc(1, sizeof *s);
    int idle, faults, expected;

    *(plan->writing ? &e->fault_write : &e->fault_read) = n;
    e->fault = plan->fault;
    TLS_MUST(c && s);
    c->ssl = d->c;
    c->deed = client_deeds;
    s->ssl = d->s;
    s->deed = server_deeds;
    for (idle = 0; idle < 4 && !(plan->free_there && e->faults);)
        idle = (act(c) | act(s)) ? 0 : idle + 1;
    faults = e->faults;
    expected = plan->fault == FAULT_FAIL ? faults : 0;
    if (c->wrong || s->wrong)
        snprintf(why, size, "at call %d: %s", n, c->wrong ? c->why : s->why);
    else if (!plan->free_there && (*c->deed != FINISHED || *s->deed != FINISHED))
        snprintf(why, size, "at call %d: stuck, client at %d, server at %d", n, *c->deed,
                 *s->deed);
    else if (c->failures != (plan->server ? 0 : expected)
             || s->failures != (plan->server ? expected : 0))
        snprintf(why, size, "at call %d: %d and %d failures", n, c->failures, s->failures);
    free(c);
    free(s);
    duo_free(d);
    return faults > 0;
}

static void every_place(const world *w, const struct kind *kind, const struct plan *plan)
{
    static const char *const faults[] = { "failure", "retry", "single byte" };
    char why[300] = "";
    int n = 1;

    while (run(w, kind, plan, n, why, sizeof why) && why[0] == 0)
        n++;
    ok(why[0] == 0, "%s: %s at any of the %s's %s%s (%s)", kind->name, faults[plan->fault],
       plan->server ? "server" : "client", plan->writing ? "writes" : "reads",
       plan->free_there ? ", and SSL_free there" : "", why);
    /* A flight, a message and the end at least. */
    ok(n > 3, "%s: there are some (%d)", kind->name, n - 1);
}

int main(void)
{
    world w = world_make();
    unsigned turn = 0;

    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (unsigned char)(i * 31 + i / 251);
    client_id = tls_client_leaf(&w.ca, "P-256", "client");
    TLS_MUST(X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), w.ca.cert) == 1);
    for (int kind = 0; kind < KINDS; kind++)
        for (int place = 0; place < 4; place++)
            for (int fault = FAULT_FAIL; fault <= FAULT_SHORT + 1; fault++) {
                struct plan plan = { place & 1, place >> 1, fault, 0 };

                if (fault > FAULT_SHORT) {
                    plan.fault = FAULT_RETRY;
                    plan.free_there = 1;
                }
                /* Each handshake takes long there: every fault, at one place or another. */
                if (!under_valgrind() || turn++ % 3 == 0)
                    every_place(&w, &kinds[kind], &plan);
            }
    tls_id_free(&client_id);
    world_free(&w);
    return done();
}
