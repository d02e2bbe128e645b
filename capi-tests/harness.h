/* Checks for the C tests: each program is compiled once against the system's headers and run
 * on the system's libssl.so.3 and on ours; it prints TAP and ends with `return done();`.
 *
 *   ok(cond, "text %d", n)          true or not
 *   is_int(got, expected, "text")   integers (and enums, flags)
 *   is_str(got, expected, "text")   strings; NULL equals NULL only
 *   is_mem(got, expected, n, "text") n bytes
 *   is_ptr(got, expected, "text")   pointers
 *   skip("reason")                  counts one skipped check
 *   diag("text")                    a comment line
 *   same("text %d", n)              prints a result that both libraries must print alike: the runner
 *                                   compares the two columns line by line
 *   on_ferrossl()                   1 when the library under test is ours
 *   under_valgrind()                1 when valgrind runs the program, or one it is compared with
 *   differs("name", "reason")       see below
 *
 * What differs by design is said where it is checked:
 *
 *   if (differs("tls10-handshake", "rustls has no TLS 1.0"))
 *       ok(r <= 0, "TLS 1.0 is refused");
 *   else
 *       ok(r == 1, "TLS 1.0 connects");
 *
 * Checks are for one thread: other threads hand their results to it. A forked child leaves
 * with _exit. All are macros or static, for one translation unit per program. */
#ifndef FERROSSL_HARNESS_H
#define FERROSSL_HARNESS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static int harness_count, harness_failed, harness_skipped;

/* Tells the runner which library this process has, whatever happens later. */
__attribute__((constructor)) static void harness_start(void)
{
    Dl_info info;
    void *fn = dlsym(RTLD_DEFAULT, "SSL_CTX_new");

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (fn != NULL && dladdr(fn, &info) != 0)
        printf("# libssl: %s\n", info.dli_fname);
}

static inline int on_ferrossl(void)
{
    return dlsym(RTLD_DEFAULT, "ferrossl_version") != NULL;
}

/* 1 when valgrind runs the program: long tests do less then. */
static inline int under_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");

    return (preloaded != NULL && strstr(preloaded, "vgpreload") != NULL)
           || getenv("AS_UNDER_VALGRIND") != NULL;
}

__attribute__((format(printf, 1, 2))) static inline void diag(const char *fmt, ...)
{
    va_list ap;

    printf("# ");
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
}

__attribute__((format(printf, 1, 2))) static inline void same(const char *fmt, ...)
{
    va_list ap;

    printf("= ");
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
}

static inline int differs(const char *name, const char *reason)
{
    if (!on_ferrossl())
        return 0;
    diag("differs by design: %s: %s", name, reason);
    return 1;
}

/* Prints one result; `why` is "" or what was got and expected. */
__attribute__((format(printf, 5, 6))) static inline int
harness_report(int passed, const char *file, int line, const char *why, const char *fmt, ...)
{
    va_list ap;

    harness_count++;
    printf("%s %d - ", passed ? "ok" : "not ok", harness_count);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    if (!passed) {
        harness_failed++;
        printf(" (%s:%d%s%s)", file, line, *why ? ", " : "", why);
    }
    printf("\n");
    return passed;
}

/* The `why` texts: one buffer is enough, each is printed before the next is made. */
static char harness_why[512];

static inline int harness_int(long long got, long long expected)
{
    snprintf(harness_why, sizeof harness_why, "got %lld expected %lld", got, expected);
    return got == expected;
}

static inline int harness_str(const char *got, const char *expected)
{
    snprintf(harness_why, sizeof harness_why, "got %s%.200s%s expected %s%.200s%s",
             got ? "\"" : "", got ? got : "NULL", got ? "\"" : "",
             expected ? "\"" : "", expected ? expected : "NULL", expected ? "\"" : "");
    return got == expected || (got && expected && strcmp(got, expected) == 0);
}

static inline int harness_mem(const void *got, const void *expected, size_t n)
{
    const unsigned char *g = got, *e = expected;
    size_t i;

    harness_why[0] = 0;
    if (g == NULL || e == NULL) {
        snprintf(harness_why, sizeof harness_why, "got %p expected %p", got, expected);
        return n == 0 && g == e;
    }
    for (i = 0; i < n; i++)
        if (g[i] != e[i]) {
            snprintf(harness_why, sizeof harness_why, "byte %zu: got %02x expected %02x", i,
                     g[i], e[i]);
            return 0;
        }
    return 1;
}

static inline int harness_ptr(const void *got, const void *expected)
{
    snprintf(harness_why, sizeof harness_why, "got %p expected %p", got, expected);
    return got == expected;
}

/* `result` first: a declaration of its own, so that harness_why is read after it is written. */
#define HARNESS_CHECK(expr, ...)                                                     \
    __extension__({                                                                 \
        int harness_result_ = (expr);                                               \
        harness_report(harness_result_, __FILE__, __LINE__, harness_why, __VA_ARGS__); \
    })

#define ok(cond, ...) HARNESS_CHECK((harness_why[0] = 0, (cond) ? 1 : 0), __VA_ARGS__)
#define is_int(got, expected, ...)                                                   \
    HARNESS_CHECK(harness_int((long long)(got), (long long)(expected)), __VA_ARGS__)
#define is_str(got, expected, ...) HARNESS_CHECK(harness_str((got), (expected)), __VA_ARGS__)
#define is_mem(got, expected, n, ...)                                                \
    HARNESS_CHECK(harness_mem((got), (expected), (n)), __VA_ARGS__)
#define is_ptr(got, expected, ...)                                                   \
    HARNESS_CHECK(harness_ptr((const void *)(got), (const void *)(expected)), __VA_ARGS__)

static inline void skip(const char *reason)
{
    harness_count++;
    harness_skipped++;
    printf("ok %d # SKIP %s\n", harness_count, reason);
}

/* Ends the program: the plan and the exit status for main. */
static inline int done(void)
{
    printf("1..%d\n", harness_count);
    return harness_failed != 0 || harness_count == 0;
}

#endif
