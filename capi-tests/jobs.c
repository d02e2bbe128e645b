/* Connections inside asynchronous jobs of the program's, whose stacks are small (32 KiB):
 * ASYNC_start_job(3). */
#include "pipe.h"

#include <sys/mman.h>
#include <ucontext.h>

enum { PLENTY = 1 << 20, JOB = 32768 };

static duo *current;
static int connected;
static ucontext_t here, there;

static int talk(void)
{
    return duo_handshake(current) && tls_echo(current->c, current->s);
}

static void run(void)
{
    connected = talk();
}

/* How much stack a connection takes. */
static size_t stack_used(duo *d)
{
    unsigned char *stack = mmap(NULL, PLENTY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t unused = 0;

    TLS_MUST(stack != MAP_FAILED);
    memset(stack, 0xa5, PLENTY);
    current = d;
    TLS_MUST(getcontext(&there) == 0);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = PLENTY;
    there.uc_link = &here;
    makecontext(&there, run, 0);
    TLS_MUST(swapcontext(&here, &there) == 0);
    ok(connected, "connected on another stack");
    while (stack[unused] == 0xa5)
        unused++;
    munmap(stack, PLENTY);
    return PLENTY - unused;
}

static int job(void *arg)
{
    return talk() ? 7 : 8;
}

static void test_job(const world *w, const char *type)
{
    FOR_VERSIONS(v) {
        duo *d = duo_new(w, v);
        size_t used;

        SSL_set1_groups_list(d->c, "X25519:P-256");
        used = stack_used(d);
        diag("%s %s: %zu bytes of stack", type, version_name(v), used);
        duo_free(d);
        d = duo_new(w, v);
        current = d;
        if (used > JOB * 5 / 4 || under_valgrind()) {
            skip("the library was built without optimisation, or is watched");
        } else {
            ASYNC_WAIT_CTX *wait = ASYNC_WAIT_CTX_new();
            ASYNC_JOB *running = NULL;
            int ret = 0;

            ok(used < JOB * 7 / 8, "%s %s: it leaves room in a job", type, version_name(v));
            is_int(ASYNC_start_job(&running, wait, &ret, job, NULL, 0), ASYNC_FINISH, "the job ends");
            is_int(ret, 7, "connected in a job (%s|%s)", d->out.client.errors, d->out.server.errors);
            ASYNC_WAIT_CTX_free(wait);
        }
        duo_free(d);
    }
}

int main(void)
{
    world w = world_make();
    tls_id rsa = tls_leaf(&w.ca, "RSA", "localhost", "DNS:localhost");

    if (!ASYNC_is_capable()) {
        skip("no asynchronous jobs on this system");
        return done();
    }
    test_job(&w, "P-256");
    TLS_MUST(SSL_CTX_use_certificate(w.sctx, rsa.cert) && SSL_CTX_use_PrivateKey(w.sctx, rsa.key));
    test_job(&w, "RSA");
    tls_id_free(&rsa);
    world_free(&w);
    return done();
}
