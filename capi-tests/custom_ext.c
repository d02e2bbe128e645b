/* Extensions of the program's: registration, what is sent and read in each message, which
 * answers fail the handshake and how; TLS_FALLBACK_SCSV. */
#include "pipe.h"

enum { KIND = 1000, OTHER = 1001 };
enum {
    HELLO = SSL_EXT_CLIENT_HELLO,
    ANSWERS = SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS
};

/* What one side's handler does, and what it saw. */
typedef struct {
    const char *send; /* NULL: nothing */
    size_t send_len;
    int add_result, parse_result, alert;
    int adds, frees, parses;
    unsigned add_context, parse_context;
    unsigned char got[70000];
    size_t got_len;
} handler;

static handler client, server;

static void reset(const char *from_client, const char *from_server)
{
    memset(&client, 0, sizeof client);
    memset(&server, 0, sizeof server);
    client.send = from_client;
    server.send = from_server;
    client.send_len = from_client ? strlen(from_client) : 0;
    server.send_len = from_server ? strlen(from_server) : 0;
    client.add_result = server.add_result = 1;
    client.parse_result = server.parse_result = 1;
}

static int new_add(SSL *s, unsigned type, unsigned context, const unsigned char **out, size_t *len, X509 *x,
                   size_t index, int *al, void *arg)
{
    handler *h = arg;

    h->adds++;
    h->add_context = context;
    if (h->alert)
        *al = h->alert;
    if (h->add_result != 1)
        return h->add_result;
    *out = (const unsigned char *)h->send;
    *len = h->send_len;
    return h->send != NULL;
}

static void new_free(SSL *s, unsigned type, unsigned context, const unsigned char *out, void *arg)
{
    handler *h = arg;

    h->frees += out == (const unsigned char *)h->send;
}

static int new_parse(SSL *s, unsigned type, unsigned context, const unsigned char *in, size_t len, X509 *x,
                     size_t index, int *al, void *arg)
{
    handler *h = arg;

    h->parses++;
    h->parse_context = context;
    h->got_len = len;
    TLS_MUST(len <= sizeof h->got);
    memcpy(h->got, in, len);
    if (h->alert)
        *al = h->alert;
    return h->parse_result;
}

static int old_add(SSL *s, unsigned type, const unsigned char **out, size_t *len, int *al, void *arg)
{
    return new_add(s, type, 0, out, len, NULL, 0, al, arg);
}

static void old_free(SSL *s, unsigned type, const unsigned char *out, void *arg)
{
    new_free(s, type, 0, out, arg);
}

static int old_parse(SSL *s, unsigned type, const unsigned char *in, size_t len, int *al, void *arg)
{
    return new_parse(s, type, 0, in, len, NULL, 0, al, arg);
}

static int add_new(SSL_CTX *ctx, unsigned context, handler *h)
{
    return SSL_CTX_add_custom_ext(ctx, KIND, context, new_add, new_free, h, new_parse, h);
}

static void test_registration(void)
{
    static const unsigned builtin[] = { 0, 5, 10, 11, 13, 14, 16, 18, 21, 22, 23, 35, 41, 42, 43, 44, 45, 47, 49, 50,
                                        51, 13172, 65281, 1, 2, 12, 15, 17, 27, 28, 57, 65037, 1000, 70000 };
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    size_t i;

    for (i = 0; i < sizeof builtin / sizeof *builtin; i++)
        same("type %u: supported %d, client %d, has %d, server %d, both %d", builtin[i],
             SSL_extension_supported(builtin[i]),
             SSL_CTX_add_client_custom_ext(ctx, builtin[i], old_add, old_free, NULL, old_parse, NULL),
             SSL_CTX_has_client_custom_ext(ctx, builtin[i]),
             SSL_CTX_add_server_custom_ext(ctx, builtin[i], NULL, NULL, NULL, NULL, NULL),
             SSL_CTX_add_custom_ext(ctx, builtin[i], HELLO, new_add, new_free, NULL, new_parse, NULL));
    ok(!SSL_CTX_add_custom_ext(ctx, OTHER, HELLO, NULL, new_free, NULL, NULL, NULL), "free without add");
    ok(SSL_CTX_add_custom_ext(ctx, OTHER, HELLO, NULL, NULL, NULL, NULL, NULL), "no functions");
    is_int(SSL_CTX_has_client_custom_ext(ctx, OTHER), 1, "meant for both sides");
    is_int(ERR_peek_error(), 0, "no errors are queued");
    SSL_CTX_free(ctx);
}

/* Both sides' counts after a handshake. */
static void expect(const char *what, int adds, int parses)
{
    is_int(client.adds, 1, "%s: the client's add", what);
    is_int(server.parses, 1, "%s: the server's parse", what);
    is_int(server.adds, adds, "%s: the server's add", what);
    is_int(client.parses, parses, "%s: the client's parse", what);
    is_int(client.frees, client.send != NULL, "%s: the client's free", what);
    is_int(server.frees, adds && server.send != NULL, "%s: the server's free", what);
}

static void test_both_ways(void)
{
    FOR_VERSIONS(v) {
        world w = world_make();
        duo *d;

        ok(add_new(w.cctx, ANSWERS, &client) && add_new(w.sctx, ANSWERS, &server), "%s: registered",
           version_name(v));
        reset("question", "answer!");
        d = duo_connected(&w, v);
        expect(version_name(v), 1, 1);
        is_int(server.parse_context, HELLO, "%s: read in the ClientHello", version_name(v));
        is_int(client.parse_context, v == TLS1_2_VERSION ? SSL_EXT_TLS1_2_SERVER_HELLO
                                                         : SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS,
               "%s: answered in the right message", version_name(v));
        is_int(server.add_context, client.parse_context, "%s: both say so", version_name(v));
        is_mem(server.got, "question", 8, "%s: the question", version_name(v));
        is_mem(client.got, "answer!", 7, "%s: the answer", version_name(v));
        ok(tls_echo(d->c, d->s), "%s: data passes", version_name(v));
        duo_free(d);
        reset("", "");
        d = duo_connected(&w, v);
        expect("empty", 1, 1);
        duo_free(d);
        reset("q", NULL);
        d = duo_connected(&w, v);
        expect("no answer", 1, 0);
        duo_free(d);
        reset(NULL, "a");
        d = duo_connected(&w, v);
        is_int(server.parses + server.adds, 0, "nothing is answered to no question");
        duo_free(d);
        world_free(&w);
    }
}

static void test_old_functions(void)
{
    FOR_VERSIONS(v) {
        world w = world_make();
        duo *d;

        ok(SSL_CTX_add_client_custom_ext(w.cctx, KIND, old_add, old_free, &client, old_parse, &client)
               && SSL_CTX_add_server_custom_ext(w.sctx, KIND, old_add, old_free, &server, old_parse, &server),
           "registered");
        reset("question", "answer!");
        d = duo_connected(&w, v);
        if (v == TLS1_2_VERSION) {
            expect("old functions", 1, 1);
            is_mem(client.got, "answer!", 7, "the answer");
        } else {
            is_int(client.adds, 1, "sent before the version is known");
            is_int(server.parses + server.adds + client.parses, 0, "not for TLS 1.3");
        }
        duo_free(d);
        world_free(&w);
    }
}

/* What says SSL_EXT_IGNORE_ON_RESUMPTION is neither read nor answered in a resumption, the functions
 * of the older interface among it; an offer that is not accepted is none. */
static void ignored(int v, int tickets, unsigned context)
{
    world w = world_make();
    SSL_SESSION *session;
    char byte;
    int i;

    SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"x", 1);
    if (!tickets)
        SSL_CTX_set_options(w.sctx, SSL_OP_NO_TICKET);
    if (context != 0)
        TLS_MUST(add_new(w.cctx, context, &client) && add_new(w.sctx, context, &server));
    else
        TLS_MUST(SSL_CTX_add_client_custom_ext(w.cctx, KIND, old_add, old_free, &client, old_parse, &client)
                 && SSL_CTX_add_server_custom_ext(w.sctx, KIND, old_add, old_free, &server, old_parse, &server));
    reset("question", "answer!");
    for (i = 0, session = NULL; i < 3; i++) {
        duo *d = duo_new(&w, v);

        reset("question", "answer!");
        if (i == 2)
            SSL_set_session_id_context(d->s, (const unsigned char *)"y", 1);
        if (session != NULL)
            SSL_set_session(d->c, session);
        ok(duo_handshake(d), "%s: connects", version_name(v));
        is_int(SSL_session_reused(d->s), i == 1, "%s: resumed or not", version_name(v));
        same("%s, tickets %d, context %x, connection %d: client %d %d, server %d %d", version_name(v), tickets, context,
             i, client.adds, client.parses, server.parses, server.adds);
        SSL_read(d->c, &byte, 1);
        SSL_SESSION_free(session);
        session = duo_part(d);
    }
    SSL_SESSION_free(session);
    world_free(&w);
}

static void test_ignored(void)
{
    int tickets;

    for (tickets = 0; tickets < 2; tickets++) {
        ignored(TLS1_2_VERSION, tickets, 0);
        FOR_VERSIONS(v) {
            ignored(v, tickets, ANSWERS | SSL_EXT_IGNORE_ON_RESUMPTION);
            ignored(v, tickets, ANSWERS);
        }
    }
}

/* More than a record holds, and records of 512 bytes. */
static void test_large(void)
{
    static char big[40000];

    memset(big, 'x', sizeof big - 1);
    FOR_VERSIONS(v) {
        world w = world_make();
        duo *d;

        add_new(w.cctx, ANSWERS, &client);
        add_new(w.sctx, ANSWERS, &server);
        reset(NULL, NULL);
        client.send = server.send = big;
        client.send_len = 16000;
        server.send_len = 9000;
        d = duo_connected(&w, v);
        is_int(server.got_len, 16000, "%s: a long question", version_name(v));
        is_int(client.got_len, 9000, "%s: a long answer", version_name(v));
        ok(tls_echo(d->c, d->s), "%s: data passes", version_name(v));
        duo_free(d);
        client.send_len = 40000;
        d = duo_connected(&w, v);
        is_int(server.got_len, 40000, "%s: a question of several records", version_name(v));
        duo_free(d);
        world_free(&w);
    }
}

/* The transcript is hashed and signed with the extensions in it: resumption, client
 * certificates, HelloRetryRequest. */
static void test_transcript(void)
{
    FOR_VERSIONS(v) {
        world w = world_make();
        tls_id own = tls_client_leaf(&w.ca, "P-256", "client");
        SSL_SESSION *session;
        duo *d;

        add_new(w.cctx, ANSWERS, &client);
        add_new(w.sctx, ANSWERS, &server);
        SSL_CTX_use_certificate(w.cctx, own.cert);
        SSL_CTX_use_PrivateKey(w.cctx, own.key);
        SSL_CTX_set_cert_store(w.sctx, SSL_CTX_get_cert_store(w.cctx));
        X509_STORE_up_ref(SSL_CTX_get_cert_store(w.cctx));
        SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        SSL_CTX_set_session_id_context(w.sctx, (const unsigned char *)"x", 1);
        reset("question", "answer!");
        d = duo_connected(&w, v);
        expect("client certificate", 1, 1);
        session = duo_part(d);
        reset("question", "answer!");
        d = duo_new(&w, v);
        SSL_set_session(d->c, session);
        ok(duo_handshake(d), "%s: resumes (%s|%s)", version_name(v), d->out.client.errors, d->out.server.errors);
        is_int(SSL_session_reused(d->c), 1, "%s: resumed", version_name(v));
        expect("resumed", 1, 1);
        ok(tls_echo(d->c, d->s), "%s: data passes", version_name(v));
        duo_free(d);
        SSL_SESSION_free(session);
        tls_id_free(&own);
        world_free(&w);
    }
}

static void test_retry(void)
{
    world w = world_make();
    duo *d;

    add_new(w.cctx, ANSWERS, &client);
    add_new(w.sctx, ANSWERS, &server);
    SSL_CTX_set1_groups_list(w.cctx, "P-256:P-384");
    SSL_CTX_set1_groups_list(w.sctx, "P-384");
    reset("question", "answer!");
    d = duo_connected(&w, TLS1_3_VERSION);
    is_mem(server.got, "question", 8, "the question after a HelloRetryRequest");
    is_mem(client.got, "answer!", 7, "the answer after a HelloRetryRequest");
    ok(tls_echo(d->c, d->s), "data passes");
    duo_free(d);
    world_free(&w);
}

/* What fails the handshake, with which alert. */
static void test_failures(void)
{
    FOR_VERSIONS(v) {
        world w = world_make();
        duo *d;
        int i;

        add_new(w.cctx, ANSWERS, &client);
        add_new(w.sctx, ANSWERS, &server);
        for (i = 0; i < 8; i++) {
            handler *h = i & 1 ? &server : &client;

            reset("question", "answer!");
            *(i & 2 ? &h->parse_result : &h->add_result) = i & 2 ? 0 : -1;
            h->alert = i & 4 ? SSL_AD_HANDSHAKE_FAILURE : 0;
            d = duo_new(&w, v);
            ok(!duo_handshake(d), "fails");
            /* The alert is undefined unless the function names one. */
            if (h->alert)
                same("%s, %s's %s, alert %d: %s | %s, alerts %x %x", version_name(v), i & 1 ? "server" : "client",
                     i & 2 ? "parse" : "add", h->alert, d->out.client.errors, d->out.server.errors,
                     trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0), trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0));
            else
                ok(*(i & 1 ? d->out.server.errors : d->out.client.errors), "tells why");
            duo_free(d);
        }
        world_free(&w);
    }
}

static void test_fallback(void)
{
    static const int maximum[][2] = { { TLS1_2_VERSION, 0 }, { TLS1_2_VERSION, TLS1_2_VERSION }, { 0, 0 },
                                      { 0, TLS1_2_VERSION } };
    world w = world_make();
    size_t i;

    SSL_CTX_set_mode(w.cctx, SSL_MODE_SEND_FALLBACK_SCSV);
    for (i = 0; i < 4; i++) {
        duo *d = duo_new(&w, 0);
        int r;

        SSL_set_max_proto_version(d->c, maximum[i][0]);
        SSL_set_max_proto_version(d->s, maximum[i][1]);
        r = duo_handshake(d);
        same("fallback, client %x server %x: %d %s | %s, alert %x", maximum[i][0], maximum[i][1], r,
             d->out.client.errors, d->out.server.errors, trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0));
        duo_free(d);
    }
    ok(i == 4, "every pair of maxima was tried");
    world_free(&w);
}

int main(void)
{
    test_registration();
    test_both_ways();
    test_old_functions();
    test_ignored();
    test_large();
    test_transcript();
    test_retry();
    test_failures();
    test_fallback();
    return done();
}
