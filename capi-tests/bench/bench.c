/* What libssl costs, in CPU time. `run` compares two libraries with it.
 *
 *   bench rates MS [NAME]   a line "NAME RATE" for each case: operations per second of CPU time,
 *                           measured over MS milliseconds; NAME is a part of the names wanted.
 *                           Cases of two threads count seconds of the clock
 *   bench memory            lines "NAME BYTES": allocated for one SSL
 *   bench start             makes an SSL_CTX and ends: the caller measures the process
 *   bench fork              "fork RATE": a forked child's first connection */
#include "../tls.h"

#include <malloc.h>
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double cpu(void)
{
    return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static double budget;
static const char *wanted = "";

/* Runs `run(arg, n)` with growing n until it takes the budget. */
static void rate(const char *name, void (*run)(void *, long), void *arg)
{
    long n = 1;
    double took;

    if (strstr(name, wanted) == NULL)
        return;
    run(arg, 1);
    for (;;) {
        double begin = cpu();

        run(arg, n);
        took = cpu() - begin;
        if (took >= budget)
            break;
        n = took < budget / 50 ? n * 10 : (long)((double)n * 1.3 * budget / took) + 1;
    }
    printf("%s %.6g\n", name, (double)n / took);
    fflush(stdout);
}

/* --- contexts --- */

typedef struct {
    tls_id ca, leaf;
    SSL_CTX *sctx, *cctx;
} side_pair;

/* What is not as usual about a handshake. */
enum { RESUMED = 1, MUTUAL = 2, CHAIN = 4, DEFAULTS = 8, OPTIONS = 16 };

/* The server's certificate gets an intermediate's between it and the root. */
static void lengthen_chain(side_pair *p, const char *type)
{
    tls_id intermediate = tls_intermediate(&p->ca, type, "Bench intermediate");

    p->leaf = tls_leaf(&intermediate, type, "localhost", "DNS:localhost");
    p->sctx = tls_server_ctx(&p->leaf);
    TLS_MUST(SSL_CTX_add1_chain_cert(p->sctx, intermediate.cert) == 1);
    tls_id_free(&intermediate);
}

static void authenticate_client(side_pair *p, const char *type)
{
    tls_id client = tls_client_leaf(&p->ca, type, "Bench client");

    TLS_MUST(SSL_CTX_use_certificate(p->cctx, client.cert) == 1
             && SSL_CTX_use_PrivateKey(p->cctx, client.key) == 1
             && X509_STORE_add_cert(SSL_CTX_get_cert_store(p->sctx), p->ca.cert) == 1);
    SSL_CTX_set_verify(p->sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    tls_id_free(&client);
}

static side_pair contexts(const char *type, int version, int unusual)
{
    side_pair p = { tls_ca(type, "Bench CA"), { 0 }, NULL, NULL };
    SSL_CTX *both[2];
    int i;

    if (unusual & CHAIN) {
        lengthen_chain(&p, type);
    } else {
        p.leaf = tls_leaf(&p.ca, type, "localhost", "DNS:localhost");
        p.sctx = tls_server_ctx(&p.leaf);
    }
    p.cctx = tls_client_ctx(&p.ca);
    if (unusual & MUTUAL)
        authenticate_client(&p, type);
    if (unusual & DEFAULTS)
        return p;
    both[0] = p.sctx;
    both[1] = p.cctx;
    for (i = 0; i < 2; i++) {
        TLS_MUST(SSL_CTX_set_min_proto_version(both[i], version)
                 && SSL_CTX_set_max_proto_version(both[i], version)
                 && SSL_CTX_set1_groups_list(both[i], "X25519:P-256")
                 && SSL_CTX_set_ciphersuites(both[i], "TLS_AES_128_GCM_SHA256")
                 && SSL_CTX_set_cipher_list(both[i], "ECDHE+AES128+AESGCM"));
    }
    return p;
}

static void contexts_free(side_pair *p)
{
    SSL_CTX_free(p->sctx);
    SSL_CTX_free(p->cctx);
    tls_id_free(&p->leaf);
    tls_id_free(&p->ca);
}

static void connect_pair(SSL *c, SSL *s, double *ctime, double *stime)
{
    int cdone = 0, sdone = 0, round;

    for (round = 0; round < 50 && !(cdone && sdone); round++) {
        double begin = cpu(), middle;

        cdone = cdone || SSL_do_handshake(c) == 1;
        middle = cpu();
        sdone = sdone || SSL_do_handshake(s) == 1;
        *ctime += middle - begin;
        *stime += cpu() - middle;
    }
    if (!cdone || !sdone) {
        ERR_print_errors_fp(stderr);
        abort();
    }
}

/* --- objects --- */

static void ctx_new(void *arg, long n)
{
    const tls_id *leaf = arg;

    while (n-- > 0) {
        SSL_CTX *ctx = SSL_CTX_new(TLS_method());

        TLS_MUST(ctx && SSL_CTX_use_certificate(ctx, leaf->cert)
                 && SSL_CTX_use_PrivateKey(ctx, leaf->key));
        SSL_CTX_free(ctx);
    }
}

/* As a server that reads its configuration again. */
static void ctx_load(void *arg, long n)
{
    const char *file = arg;

    while (n-- > 0) {
        SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

        TLS_MUST(ctx && SSL_CTX_use_certificate_chain_file(ctx, file)
                 && SSL_CTX_use_PrivateKey_file(ctx, file, SSL_FILETYPE_PEM));
        SSL_CTX_free(ctx);
    }
}

/* As a program that makes a context for each connection: the same file of roots each time. */
static void load_roots(void *arg, long n)
{
    while (n-- > 0) {
        SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

        TLS_MUST(ctx && SSL_CTX_set_default_verify_paths(ctx));
        SSL_CTX_free(ctx);
    }
}

static void ssl_new(void *ctx, long n)
{
    while (n-- > 0)
        SSL_free(SSL_new(ctx));
}

static void ssl_dup(void *ssl, long n)
{
    while (n-- > 0)
        SSL_free(SSL_dup(ssl));
}

static void up_ref(void *ssl, long n)
{
    while (n-- > 0) {
        SSL_up_ref(ssl);
        SSL_free(ssl);
    }
}

typedef struct {
    void *ssl;
    long n;
} share;

static void *up_ref_thread(void *arg)
{
    up_ref(((share *)arg)->ssl, ((share *)arg)->n);
    return NULL;
}

static void up_ref_two(void *ssl, long n)
{
    share half = { ssl, n / 2 + 1 };
    pthread_t other;

    TLS_MUST(pthread_create(&other, NULL, up_ref_thread, &half) == 0);
    up_ref_thread(&half);
    pthread_join(other, NULL);
}

static void get_version(void *ssl, long n)
{
    while (n-- > 0)
        SSL_version(ssl);
}

static void get_ex_data(void *ssl, long n)
{
    while (n-- > 0)
        SSL_get_ex_data(ssl, 0);
}

static void get_ctx(void *ssl, long n)
{
    while (n-- > 0)
        SSL_get_SSL_CTX(ssl);
}

static void read_nothing(void *ssl, long n)
{
    char byte;

    while (n-- > 0)
        TLS_MUST(SSL_read(ssl, &byte, 1) < 0);
}

static void read_nothing_error(void *ssl, long n)
{
    char byte;

    while (n-- > 0)
        TLS_MUST(SSL_get_error(ssl, SSL_read(ssl, &byte, 1)) == SSL_ERROR_WANT_READ);
}

static void objects(void)
{
    side_pair p = contexts("P-256", TLS1_3_VERSION, 0);
    SSL *s = SSL_new(p.sctx), *c = SSL_new(p.cctx);
    char *file = tls_pem_file(p.leaf.cert, p.leaf.key);
    double ctime = 0, stime = 0;
    char byte;

    TLS_MUST(s && c);
    rate("SSL_CTX_new+free", ctx_new, &p.leaf);
    rate("SSL_CTX_use_*_file", ctx_load, file);
    rate("SSL_CTX_set_default_verify_paths", load_roots, NULL);
    rate("SSL_new+free", ssl_new, p.sctx);
    rate("SSL_dup+free", ssl_dup, s);
    rate("SSL_up_ref+free", up_ref, s);
    rate("SSL_up_ref+free,2threads", up_ref_two, s);
    tls_join(c, s, TLS_PAIR);
    connect_pair(c, s, &ctime, &stime);
    SSL_set_ex_data(c, 0, p.cctx);
    SSL_read(c, &byte, 1);
    rate("SSL_version", get_version, c);
    rate("SSL_get_ex_data", get_ex_data, c);
    rate("SSL_get_SSL_CTX", get_ctx, c);
    rate("SSL_read,nothing", read_nothing, c);
    rate("SSL_read+get_error,nothing", read_nothing_error, c);
    unlink(file);
    free(file);
    SSL_free(c);
    SSL_free(s);
    contexts_free(&p);
}

/* --- handshakes --- */

typedef struct {
    side_pair p;
    SSL_SESSION *session; /* offered next, when `resume` */
    int resume, options;
    double ctime, stime; /* what each side has taken */
} meeting;

static void handshakes(void *arg, long n)
{
    meeting *m = arg;
    char byte;

    while (n-- > 0) {
        SSL *c = SSL_new(m->p.cctx), *s = SSL_new(m->p.sctx);

        SSL_set_tlsext_host_name(c, "localhost");
        if (m->options)
            SSL_set_options(s, SSL_OP_NO_RENEGOTIATION); /* as nginx does */
        tls_join(c, s, TLS_PAIR);
        if (m->session != NULL)
            SSL_set_session(c, m->session);
        connect_pair(c, s, &m->ctime, &m->stime);
        TLS_MUST(SSL_session_reused(c) == (m->session != NULL));
        if (m->resume) {
            SSL_read(c, &byte, 1);
            SSL_SESSION_free(m->session);
            m->session = SSL_get1_session(c);
        }
        SSL_set_shutdown(c, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_set_shutdown(s, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(c);
        SSL_free(s);
    }
}

static void meet(const char *name, const char *type, int version, int unusual)
{
    meeting m = { .resume = unusual & RESUMED, .options = unusual & OPTIONS };
    long n = 0;

    if (strstr(name, wanted) == NULL)
        return;
    m.p = contexts(type, version, unusual);
    handshakes(&m, 2);
    m.ctime = m.stime = 0;
    double begin = cpu();
    for (; cpu() - begin < 2 * budget; n += 4)
        handshakes(&m, 4);
    printf("%s %.6g\n", name, (double)n / (cpu() - begin));
    printf("%s,client %.6g\n", name, (double)n / m.ctime);
    printf("%s,server %.6g\n", name, (double)n / m.stime);
    fflush(stdout);
    SSL_SESSION_free(m.session);
    contexts_free(&m.p);
}

static double clock_begin;

static void *meet_thread(void *arg)
{
    meeting m = { .p = *(side_pair *)arg };
    long n = 0;

    for (; seconds(CLOCK_MONOTONIC) - clock_begin < 2 * budget; n += 4)
        handshakes(&m, 4);
    return (void *)n;
}

/* Two threads with connections of their own on the same contexts. */
static void meet_two(const char *name, const char *type, int version)
{
    side_pair p;
    pthread_t other;
    void *theirs;
    long ours;

    if (strstr(name, wanted) == NULL)
        return;
    p = contexts(type, version, 0);
    handshakes(&(meeting){ .p = p }, 2);
    clock_begin = seconds(CLOCK_MONOTONIC);
    TLS_MUST(pthread_create(&other, NULL, meet_thread, &p) == 0);
    ours = (long)meet_thread(&p);
    pthread_join(other, &theirs);
    printf("%s %.6g\n", name,
           (double)(ours + (long)theirs) / (seconds(CLOCK_MONOTONIC) - clock_begin));
    fflush(stdout);
    contexts_free(&p);
}

/* --- data --- */

/* One message may come in several records. */
static void receive_all(SSL *ssl, unsigned char *got, int size)
{
    int have = 0, n;

    for (; have < size; have += n)
        TLS_MUST((n = SSL_read(ssl, got, size - have)) > 0);
}

/* Sends and receives in turns through memory BIOs; each is timed alone. */
static void bulk(const char *name, const char *suite, int size, int batch, int read_ahead)
{
    side_pair p;
    SSL *c, *s;
    unsigned char *data, *got;
    double send = 0, receive = 0;
    long n = 0;
    int i, warm = 1;

    if (strstr(name, wanted) == NULL)
        return;
    p = contexts("P-256", TLS1_3_VERSION, 0);
    c = SSL_new(p.cctx);
    s = SSL_new(p.sctx);
    SSL_set_read_ahead(s, read_ahead);
    TLS_MUST(SSL_set_ciphersuites(c, suite) == 1 && SSL_set_ciphersuites(s, suite) == 1);
    data = calloc(1, (size_t)size);
    got = calloc(1, (size_t)size);
    tls_join(c, s, TLS_MEM);
    connect_pair(c, s, &send, &receive);
    SSL_read(c, got, 1);
    send = receive = 0;
    while (send < budget || receive < budget) {
        double begin = cpu(), middle;

        for (i = 0; i < batch; i++)
            TLS_MUST(SSL_write(c, data, size) == size);
        middle = cpu();
        for (i = 0; i < batch; i++)
            receive_all(s, got, size);
        if (!warm) {
            send += middle - begin;
            receive += cpu() - middle;
            n += batch;
        }
        warm = 0;
    }
    printf("%s,send %.6g\n%s,receive %.6g\n", name, (double)n / send, name, (double)n / receive);
    fflush(stdout);
    free(data);
    free(got);
    SSL_free(c);
    SSL_free(s);
    contexts_free(&p);
}

static void rates(void)
{
    objects();
    meet("full,TLS1.3,P-256", "P-256", TLS1_3_VERSION, 0);
    meet("full,TLS1.3,RSA", "RSA", TLS1_3_VERSION, 0);
    meet("full,TLS1.2,P-256", "P-256", TLS1_2_VERSION, 0);
    meet("full,TLS1.2,RSA", "RSA", TLS1_2_VERSION, 0);
    meet("full,TLS1.3,P-256,chain", "P-256", TLS1_3_VERSION, CHAIN);
    meet("full,TLS1.3,P-256,mutual", "P-256", TLS1_3_VERSION, MUTUAL);
    meet("full,TLS1.3,RSA,options", "RSA", TLS1_3_VERSION, OPTIONS);
    meet("full,defaults,RSA", "RSA", 0, DEFAULTS);
    meet_two("full,TLS1.3,P-256,2threads", "P-256", TLS1_3_VERSION);
    meet("resumed,TLS1.3", "P-256", TLS1_3_VERSION, RESUMED);
    meet("resumed,TLS1.2", "P-256", TLS1_2_VERSION, RESUMED);
    meet("resumed,TLS1.2,options", "P-256", TLS1_2_VERSION, RESUMED | OPTIONS);
    bulk("data,1MB", "TLS_AES_256_GCM_SHA384", 1 << 20, 1, 0);
    bulk("data,16KB", "TLS_AES_256_GCM_SHA384", 16384, 16, 0);
    bulk("data,100B", "TLS_AES_256_GCM_SHA384", 100, 256, 0);
    bulk("data,100B,read_ahead", "TLS_AES_256_GCM_SHA384", 100, 256, 1);
    bulk("data,16KB,ChaCha20", "TLS_CHACHA20_POLY1305_SHA256", 16384, 16, 0);
    bulk("data,100B,ChaCha20", "TLS_CHACHA20_POLY1305_SHA256", 100, 256, 0);
}

/* --- memory --- */

#define HELD 64

static double allocated(void)
{
    struct mallinfo2 info = mallinfo2();

    return (double)(info.uordblks + info.hblkhd);
}

/* The transport is not counted: it is allocated where nothing is measured. */
static void memory(void)
{
    side_pair p = contexts("P-256", TLS1_3_VERSION, 0);
    meeting warm = { .p = p };
    SSL *c[HELD], *s[HELD];
    double before, fresh, joined, after;
    char byte;
    int i;

    handshakes(&warm, 4);
    before = allocated();
    for (i = 0; i < HELD; i++) {
        c[i] = SSL_new(p.cctx);
        s[i] = SSL_new(p.sctx);
    }
    fresh = allocated();
    for (i = 0; i < HELD; i++)
        tls_join(c[i], s[i], TLS_PAIR);
    joined = allocated();
    for (i = 0; i < HELD; i++) {
        connect_pair(c[i], s[i], &warm.ctime, &warm.stime);
        SSL_read(c[i], &byte, 1);
        SSL_read(s[i], &byte, 1);
    }
    after = allocated();
    printf("SSL,new %.0f\n", (fresh - before) / HELD / 2);
    printf("SSL,connected %.0f\n", (fresh - before + after - joined) / HELD / 2);
    for (i = 0; i < HELD; i++) {
        SSL_free(c[i]);
        SSL_free(s[i]);
    }
    contexts_free(&p);
}

/* --- processes --- */

static void first_after_fork(void)
{
    side_pair p = contexts("P-256", TLS1_3_VERSION, 0);
    meeting m = { .p = p };
    pid_t child;
    int status;

    handshakes(&m, 1);
    child = fork();
    TLS_MUST(child >= 0);
    if (child == 0) {
        double begin = cpu();

        handshakes(&m, 1);
        printf("fork %.6g\n", 1 / (cpu() - begin));
        fflush(stdout);
        _exit(0);
    }
    TLS_MUST(waitpid(child, &status, 0) == child && status == 0);
    contexts_free(&p);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";

    if (strcmp(mode, "rates") == 0 && argc > 2) {
        budget = atof(argv[2]) / 1000;
        wanted = argc > 3 ? argv[3] : "";
        rates();
    } else if (strcmp(mode, "memory") == 0) {
        memory();
    } else if (strcmp(mode, "start") == 0) {
        SSL_CTX_free(SSL_CTX_new(TLS_method()));
    } else if (strcmp(mode, "fork") == 0) {
        first_after_fork();
    } else {
        fprintf(stderr, "usage: bench rates MS [NAME] | memory | start | fork\n");
        return 2;
    }
    return 0;
}
