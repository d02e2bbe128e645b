/* Contexts, connections and sessions in random order, the same on both libraries, and after each
 * step what every connection lends: whether it is the very object it lent before, and what is in
 * lists. Objects once seen are kept, so that an address is one object's for ever. SSL_new(3),
 * SSL_dup(3), SSL_clear(3), SSL_set_session(3), SSL_set_SSL_CTX(3), SSL_get_certificate(3).
 *
 *   own_random [FIRST [COUNT]]   which sequences; with one alone each step has a line of its own */
#include "pipe.h"
#include "random.h"

enum { CONTEXTS = 3, PAIRS = 3, STEPS = 40, SEQUENCES = 150, SEQUENCES_VALGRIND = 8, IDS = 3 };

static tls_id ca, ids[IDS];
static SSL_CTX *contexts[CONTEXTS];
static duo *pairs[PAIRS];
static SSL_SESSION *session;
static int loud;

/* Every object that was seen, with a reference, and how to give it back; its place is its name. */
static struct {
    void *object;
    void (*free)(void *);
} seen[4096];
static int n_seen;

static int name_of(void *object, int up_ref(void *), void give_back(void *))
{
    if (object == NULL)
        return -1;
    for (int i = 0; i < n_seen; i++)
        if (seen[i].object == object)
            return i;
    TLS_MUST(n_seen < 4096 && up_ref(object) == 1);
    seen[n_seen].object = object;
    seen[n_seen].free = give_back;
    return n_seen++;
}

#define NAME(type, object)                                                                         \
    name_of(object, (int (*)(void *))type##_up_ref, (void (*)(void *))type##_free)

static unsigned told;

/* One number tells of all a sequence has shown. */
static void tell(const char *what, int value)
{
    if (loud)
        printf("= %s %d\n", what, value);
    for (; *what != '\0'; what++)
        told = told * 31 + (unsigned char)*what;
    told = told * 31 + (unsigned)value;
}

static void tell_ssl(SSL *ssl)
{
    STACK_OF(X509) *chain = NULL;
    X509_STORE *store = NULL;

    tell("ctx", NAME(SSL_CTX, SSL_get_SSL_CTX(ssl)));
    tell("session", NAME(SSL_SESSION, SSL_get_session(ssl)));
    tell("certificate", NAME(X509, SSL_get_certificate(ssl)));
    tell("key", NAME(EVP_PKEY, SSL_get_privatekey(ssl)));
    tell("peer", SSL_get0_peer_certificate(ssl) != NULL);
    if (SSL_get_session(ssl) != NULL)
        tell("of the session", SSL_get0_peer_certificate(ssl)
                                   == SSL_SESSION_get0_peer(SSL_get_session(ssl)));
    tell("peer's chain", sk_X509_num(SSL_get_peer_cert_chain(ssl)));
    tell("verified", sk_X509_num(SSL_get0_verified_chain(ssl)));
    SSL_get0_chain_certs(ssl, &chain);
    tell("chain", sk_X509_num(chain));
    SSL_get0_verify_cert_store(ssl, &store);
    tell("store", NAME(X509_STORE, store));
    tell("authorities", sk_X509_NAME_num(SSL_get0_CA_list(ssl)));
    if (SSL_is_server(ssl))
        tell("clients' authorities", sk_X509_NAME_num(SSL_get_client_CA_list(ssl)));
    tell("suites", sk_SSL_CIPHER_num(SSL_get_ciphers(ssl)));
    tell("depth", SSL_get_verify_depth(ssl));
    tell("same parameters", SSL_get0_param(ssl) == SSL_get0_param(ssl));
}

static void tell_ctx(SSL_CTX *ctx)
{
    STACK_OF(X509) *chain = NULL;

    tell("store", NAME(X509_STORE, SSL_CTX_get_cert_store(ctx)));
    tell("certificate", NAME(X509, SSL_CTX_get0_certificate(ctx)));
    tell("key", NAME(EVP_PKEY, SSL_CTX_get0_privatekey(ctx)));
    SSL_CTX_get0_chain_certs(ctx, &chain);
    tell("chain", sk_X509_num(chain));
    SSL_CTX_get_extra_chain_certs_only(ctx, &chain);
    tell("extra", sk_X509_num(chain));
    tell("authorities", sk_X509_NAME_num(SSL_CTX_get0_CA_list(ctx)));
    tell("clients' authorities", sk_X509_NAME_num(SSL_CTX_get_client_CA_list(ctx)));
    tell("depth", SSL_CTX_get_verify_depth(ctx));
}

static int accept_all(X509_STORE_CTX *store, void *arg)
{
    (void)arg;
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return X509_verify_cert(store) | 1;
}

static SSL_CTX *new_ctx(void)
{
    SSL_CTX *ctx = tls_server_ctx(&ids[random_below(IDS)]);

    SSL_CTX_set_verify(ctx, random_below(2) ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_cert_verify_callback(ctx, accept_all, NULL);
    TLS_MUST(SSL_CTX_set_ssl_version(ctx, TLS_method()) == 1);
    TLS_MUST(SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"own", 3) == 1);
    return ctx;
}

static duo *new_pair(void)
{
    duo *d = duo_of(SSL_new(contexts[random_below(CONTEXTS)]),
                    SSL_new(contexts[random_below(CONTEXTS)]));

    ssl_only_version(d->c, both_versions[random_below(2)]);
    return d;
}

static void change_ctx(SSL_CTX *ctx)
{
    tls_id *id = &ids[random_below(IDS)];

    switch (random_below(9)) {
    case 0:
        SSL_CTX_add1_chain_cert(ctx, ca.cert);
        break;
    case 1:
        SSL_CTX_add_extra_chain_cert(ctx, X509_dup(ca.cert));
        break;
    case 2:
        SSL_CTX_add_client_CA(ctx, ca.cert);
        break;
    case 3:
        SSL_CTX_add1_to_CA_list(ctx, ca.cert);
        break;
    case 4:
        SSL_CTX_use_cert_and_key(ctx, id->cert, id->key, NULL, 1);
        break;
    case 5:
        SSL_CTX_set_verify_depth(ctx, (int)random_below(9));
        break;
    case 6:
        X509_VERIFY_PARAM_set_depth(SSL_CTX_get0_param(ctx), (int)random_below(9));
        break;
    case 7:
        SSL_CTX_set_cert_store(ctx, X509_STORE_new());
        break;
    case 8:
        SSL_CTX_clear_chain_certs(ctx);
        break;
    }
}

static void change_ssl(SSL *ssl)
{
    tls_id *id = &ids[random_below(IDS)];

    switch (random_below(9)) {
    case 0:
        SSL_add1_chain_cert(ssl, ca.cert);
        break;
    case 1:
        SSL_add_client_CA(ssl, ca.cert);
        break;
    case 2:
        SSL_add1_to_CA_list(ssl, ca.cert);
        break;
    case 3:
        SSL_use_cert_and_key(ssl, id->cert, id->key, NULL, 1);
        break;
    case 4:
        SSL_set_verify_depth(ssl, (int)random_below(9));
        break;
    case 5:
        X509_VERIFY_PARAM_set_depth(SSL_get0_param(ssl), (int)random_below(9));
        break;
    case 6:
        SSL_set0_verify_cert_store(ssl, X509_STORE_new());
        break;
    case 7:
        SSL_certs_clear(ssl);
        break;
    case 8:
        SSL_set0_CA_list(ssl, NULL);
        break;
    }
}

static void part(duo *d)
{
    for (int i = 0; i < 2; i++) {
        SSL_shutdown(d->c);
        SSL_shutdown(d->s);
    }
    ERR_clear_error();
}

static void clear(duo *d)
{
    tell("cleared", SSL_clear(d->c) + SSL_clear(d->s));
    wire_take(&d->c2s, NULL, d->c2s.len);
    wire_take(&d->s2c, NULL, d->s2c.len);
    SSL_set_connect_state(d->c);
    SSL_set_accept_state(d->s);
}

static void step(void)
{
    int at = (int)random_below(PAIRS), ctx = (int)random_below(CONTEXTS);
    duo *d = pairs[at];
    int fresh = SSL_in_before(d->c) && SSL_in_before(d->s);
    SSL *either = random_below(2) ? d->c : d->s, *dup;
    char byte;

    switch (random_below(12)) {
    case 0: /* what has one SSL more stays */
        SSL_CTX_free(contexts[ctx]);
        contexts[ctx] = new_ctx();
        break;
    case 1:
        duo_free(d);
        pairs[at] = new_pair();
        break;
    case 2:
    case 3:
        if (!fresh)
            break;
        tell("handshake", duo_handshake(d));
        tell("resumed", SSL_session_reused(d->c) + SSL_session_reused(d->s));
        if (d->out.client.done == 1 && d->out.server.done == 1)
            SSL_read(d->c, &byte, 1);
        ERR_clear_error();
        break;
    case 4:
        if (random_below(3) > 0)
            part(d);
        clear(d);
        break;
    case 5:
        if (!SSL_is_init_finished(d->c) || !SSL_is_init_finished(d->s))
            break;
        part(d);
        SSL_SESSION_free(session);
        session = SSL_get1_session(d->c);
        break;
    case 6:
        if (fresh && session != NULL)
            tell("session set", SSL_set_session(d->c, session));
        break;
    case 7:
        if (fresh)
            tell("no session", SSL_set_session(d->c, NULL));
        break;
    case 8:
        if (fresh)
            tell("context set", SSL_set_SSL_CTX(either, contexts[ctx]) == contexts[ctx]);
        break;
    case 9:
        either = SSL_new(contexts[ctx]);
        change_ssl(either);
        change_ssl(either);
        dup = SSL_dup(either);
        change_ctx(contexts[ctx]);
        change_ssl(random_below(2) ? either : dup);
        tell_ssl(dup);
        tell_ssl(either);
        SSL_free(either);
        tell_ssl(dup);
        SSL_free(dup);
        break;
    case 10:
        change_ctx(contexts[ctx]);
        break;
    case 11:
        change_ssl(either);
        break;
    }
    for (int i = 0; i < PAIRS; i++) {
        tell_ssl(pairs[i]->c);
        tell_ssl(pairs[i]->s);
    }
    for (int i = 0; i < CONTEXTS; i++)
        tell_ctx(contexts[i]);
}

static void sequence(unsigned number)
{
    int i;

    seed = number * 2654435761u + 1;
    told = 0;
    for (i = 0; i < CONTEXTS; i++)
        contexts[i] = new_ctx();
    for (i = 0; i < PAIRS; i++)
        pairs[i] = new_pair();
    for (i = 0; i < STEPS; i++) {
        if (loud)
            same("-- step %d", i);
        step();
    }
    for (i = 0; i < PAIRS; i++)
        duo_free(pairs[i]);
    for (i = 0; i < CONTEXTS; i++)
        SSL_CTX_free(contexts[i]);
    SSL_SESSION_free(session);
    session = NULL;
    while (n_seen > 0) {
        n_seen--;
        seen[n_seen].free(seen[n_seen].object);
    }
    same("sequence %u: %u", number, told);
}

int main(int argc, char **argv)
{
    unsigned first = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    unsigned count = argc > 2 ? (unsigned)atoi(argv[2])
                   : argc > 1 ? 1
                              : under_valgrind() ? SEQUENCES_VALGRIND
                                                 : SEQUENCES;

    loud = argc == 2;
    ca = tls_ca("P-256", "Test CA");
    ids[0] = tls_leaf(&ca, "P-256", "one", "DNS:localhost");
    ids[1] = tls_leaf(&ca, "P-256", "two", "DNS:localhost");
    ids[2] = tls_leaf(&ca, "RSA", "three", "DNS:localhost");
    for (unsigned i = 0; i < count; i++)
        sequence(first + i);
    for (int i = 0; i < IDS; i++)
        tls_id_free(&ids[i]);
    tls_id_free(&ca);
    ok(1, "the sequences ended");
    return done();
}
