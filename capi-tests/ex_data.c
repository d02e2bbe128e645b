/* CRYPTO_get_ex_new_index(3) for SSL, SSL_CTX and SSL_SESSION: the new, dup and free callbacks
 * with their arguments and order, and the app_data macros on index 0. */
#include "certs.h"

/* One call of a callback. */
struct call {
    char kind; /* 'n', 'd', 'f' */
    const void *parent;
    const void *value;
    int index;
    long argl;
    const void *argp;
};

static struct call calls[64];
static int n_calls;

static void record(char kind, const void *parent, const void *value, int index, long argl,
                   const void *argp)
{
    struct call c = { kind, parent, value, index, argl, argp };

    if (n_calls < 64)
        calls[n_calls++] = c;
}

static void on_new(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int index, long argl, void *argp)
{
    /* An object is complete enough to be given a value. */
    if (argl == 1)
        CRYPTO_set_ex_data(ad, index, argp);
    record('n', parent, ptr, index, argl, argp);
}

static void on_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int index, long argl, void *argp)
{
    (void)ad;
    record('f', parent, ptr, index, argl, argp);
}

static int dup_result = 1;
static char replaced[] = "replaced";

static int on_dup(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **from_d, int index,
                  long argl, void *argp)
{
    (void)from;
    record('d', to, *from_d, index, argl, argp);
    if (argl == 3)
        *from_d = replaced;
    return dup_result;
}

static void is_call(int n, char kind, const void *parent, const void *value, int index,
                    const char *what)
{
    if (!ok(n < n_calls && calls[n].kind == kind, "%s: call %d is %c", what, n, kind))
        return;
    if (parent != NULL)
        is_ptr(calls[n].parent, parent, "%s: call %d's parent", what, n);
    is_ptr(calls[n].value, value, "%s: call %d's value", what, n);
    is_int(calls[n].index, index, "%s: call %d's index", what, n);
}

static char a[] = "a", b[] = "b", arg[] = "arg";

static void test_ssl(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *before = SSL_new(ctx), *ssl, *copy;
    int first = SSL_get_ex_new_index(10, arg, on_new, on_dup, on_free);
    int second = SSL_get_ex_new_index(1, arg, on_new, on_dup, on_free);
    int third = SSL_get_ex_new_index(3, NULL, NULL, on_dup, NULL);
    int plain = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);

    ok(first > 0, "the first index is not 0, which is app_data's");
    is_int(second, first + 1, "the next is one more");
    is_int(plain, first + 3, "and so on");

    n_calls = 0;
    is_ptr(SSL_get_ex_data(before, first), NULL, "an SSL older than the index has NULL there");
    is_int(SSL_set_ex_data(before, first, a), 1, "and can be given a value");
    is_ptr(SSL_get_ex_data(before, first), a, "which it keeps");
    is_int(n_calls, 0, "no callback runs for it");
    SSL_free(before);
    is_int(n_calls, 2, "freeing it calls both free callbacks");
    is_call(0, 'f', before, a, first, "older SSL");
    is_call(1, 'f', before, NULL, second, "older SSL");

    n_calls = 0;
    ssl = SSL_new(ctx);
    is_int(n_calls, 2, "SSL_new calls both new callbacks");
    is_call(0, 'n', ssl, NULL, first, "SSL_new");
    is_int(calls[0].argl, 10, "with argl");
    is_ptr(calls[0].argp, arg, "and argp");
    is_call(1, 'n', ssl, NULL, second, "SSL_new");
    is_ptr(SSL_get_ex_data(ssl, second), arg, "what the callback set is there");
    is_ptr(SSL_get_ex_data(ssl, first), NULL, "else NULL");
    is_ptr(SSL_get_ex_data(ssl, plain + 1000), NULL, "NULL at an index that is none");
    is_ptr(SSL_get_ex_data(ssl, -1), NULL, "NULL at -1");
    is_int(SSL_set_ex_data(ssl, first, a), 1, "SSL_set_ex_data");
    is_int(SSL_set_ex_data(ssl, third, b), 1, "SSL_set_ex_data");
    is_int(SSL_set_ex_data(ssl, plain, b), 1, "SSL_set_ex_data");
    is_int(SSL_set_app_data(ssl, ctx), 1, "SSL_set_app_data");
    is_ptr(SSL_get_app_data(ssl), ctx, "SSL_get_app_data");
    is_ptr(SSL_get_ex_data(ssl, 0), ctx, "is index 0");

    n_calls = 0;
    SSL_up_ref(ssl);
    SSL_free(ssl);
    SSL_clear(ssl);
    is_int(n_calls, 0, "neither up_ref, free of one reference nor SSL_clear call any");
    is_ptr(SSL_get_ex_data(ssl, first), a, "and the values stay");

    copy = SSL_dup(ssl);
    ok(copy != NULL && copy != ssl, "SSL_dup");
    is_int(n_calls, 5, "calls new for two and dup for three");
    is_call(0, 'n', copy, NULL, first, "SSL_dup");
    is_call(1, 'n', copy, NULL, second, "SSL_dup");
    is_call(2, 'd', NULL, a, first, "SSL_dup");
    is_call(3, 'd', NULL, arg, second, "SSL_dup");
    is_call(4, 'd', NULL, b, third, "SSL_dup");
    is_ptr(SSL_get_ex_data(copy, first), a, "the value is copied");
    is_ptr(SSL_get_ex_data(copy, third), replaced, "or what the callback put there");
    is_ptr(SSL_get_ex_data(ssl, third), b, "in the copy only");
    is_ptr(SSL_get_ex_data(copy, plain), b, "copied without a callback");
    is_ptr(SSL_get_app_data(copy), ctx, "app_data too");

    n_calls = 0;
    SSL_free(copy);
    is_int(n_calls, 2, "the copy's free callbacks");
    is_call(0, 'f', copy, a, first, "SSL_free");
    is_call(1, 'f', copy, arg, second, "SSL_free");

    dup_result = 0;
    n_calls = 0;
    copy = SSL_dup(ssl);
    is_ptr(copy, NULL, "a dup callback that fails makes SSL_dup fail");
    dup_result = 1;
    SSL_free(copy);
    ERR_clear_error();

    n_calls = 0;
    SSL_free(ssl);
    is_int(n_calls, 2, "free callbacks run once");
    is_call(0, 'f', ssl, a, first, "SSL_free");
    is_call(1, 'f', ssl, arg, second, "SSL_free");
    SSL_CTX_free(ctx);

    is_int(CRYPTO_free_ex_index(CRYPTO_EX_INDEX_SSL, first), 1, "the index is given back");
    CRYPTO_free_ex_index(CRYPTO_EX_INDEX_SSL, second);
    CRYPTO_free_ex_index(CRYPTO_EX_INDEX_SSL, third);
}

static void test_ctx(void)
{
    int index = SSL_CTX_get_ex_new_index(10, arg, on_new, on_dup, on_free);
    SSL_CTX *ctx;
    SSL *ssl;

    ok(index > 0, "SSL_CTX_get_ex_new_index");
    n_calls = 0;
    ctx = SSL_CTX_new(TLS_method());
    is_int(n_calls, 1, "SSL_CTX_new calls new");
    is_call(0, 'n', ctx, NULL, index, "SSL_CTX_new");
    is_int(SSL_CTX_set_ex_data(ctx, index, a), 1, "SSL_CTX_set_ex_data");
    is_ptr(SSL_CTX_get_ex_data(ctx, index), a, "SSL_CTX_get_ex_data");
    is_ptr(SSL_CTX_get_ex_data(ctx, index + 1000), NULL, "NULL at an index that is none");
    is_int(SSL_CTX_set_app_data(ctx, b), 1, "SSL_CTX_set_app_data");
    is_ptr(SSL_CTX_get_app_data(ctx), b, "SSL_CTX_get_app_data");
    is_ptr(SSL_CTX_get_ex_data(ctx, 0), b, "is index 0");
    n_calls = 0;
    ssl = SSL_new(ctx);
    SSL_CTX_free(ctx);
    is_int(n_calls, 0, "a context that an SSL holds is not freed");
    SSL_free(ssl);
    is_int(n_calls, 1, "it is with the SSL");
    is_call(0, 'f', ctx, a, index, "SSL_CTX_free");
    CRYPTO_free_ex_index(CRYPTO_EX_INDEX_SSL_CTX, index);
}

static void test_session(void)
{
    int index = SSL_SESSION_get_ex_new_index(10, arg, on_new, on_dup, on_free);
    SSL_SESSION *session, *copy;

    ok(index > 0, "SSL_SESSION_get_ex_new_index");
    n_calls = 0;
    session = SSL_SESSION_new();
    is_int(n_calls, 1, "SSL_SESSION_new calls new");
    is_call(0, 'n', session, NULL, index, "SSL_SESSION_new");
    is_int(SSL_SESSION_set_ex_data(session, index, a), 1, "SSL_SESSION_set_ex_data");
    is_ptr(SSL_SESSION_get_ex_data(session, index), a, "SSL_SESSION_get_ex_data");
    is_int(SSL_SESSION_set_app_data(session, b), 1, "SSL_SESSION_set_app_data");
    is_ptr(SSL_SESSION_get_app_data(session), b, "SSL_SESSION_get_app_data");
    n_calls = 0;
    copy = SSL_SESSION_dup(session);
    ok(copy != NULL, "SSL_SESSION_dup");
    is_int(n_calls, 2, "calls new and dup");
    is_call(0, 'n', copy, NULL, index, "SSL_SESSION_dup");
    is_call(1, 'd', NULL, a, index, "SSL_SESSION_dup");
    is_ptr(SSL_SESSION_get_ex_data(copy, index), a, "the value is copied");
    is_ptr(SSL_SESSION_get_app_data(copy), b, "app_data too");
    n_calls = 0;
    SSL_SESSION_up_ref(session);
    SSL_SESSION_free(session);
    is_int(n_calls, 0, "one reference remains");
    SSL_SESSION_free(session);
    is_call(0, 'f', session, a, index, "SSL_SESSION_free");
    SSL_SESSION_free(copy);
    is_call(1, 'f', copy, a, index, "SSL_SESSION_free of the copy");
    is_int(n_calls, 2, "one call each");
    CRYPTO_free_ex_index(CRYPTO_EX_INDEX_SSL_SESSION, index);
}

int main(void)
{
    int idx = SSL_get_ex_data_X509_STORE_CTX_idx();

    ok(idx >= 0, "SSL_get_ex_data_X509_STORE_CTX_idx");
    is_int(SSL_get_ex_data_X509_STORE_CTX_idx(), idx, "is the same each time");
    test_ssl();
    test_ctx();
    test_session();
    return done();
}
