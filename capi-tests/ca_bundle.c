/* Files of trusted certificates loaded again and again: contexts trust what the file holds now,
 * and what a program does to a certificate of one context, or of one connection, is not seen by
 * another. SSL_CTX_load_verify_locations(3). */
#include "certs.h"

#include <pthread.h>
#include <sys/wait.h>

static tls_id roots[3], leaf;
static char *file;

static void write_file(int n)
{
    FILE *f = fopen(file, "w");
    int i;

    TLS_MUST(f != NULL);
    for (i = 0; i < n; i++)
        TLS_MUST(PEM_write_X509(f, roots[i].cert) == 1);
    fclose(f);
}

static SSL_CTX *loaded(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    TLS_MUST(SSL_CTX_load_verify_locations(ctx, file, NULL) == 1);
    return ctx;
}

static int count(SSL_CTX *ctx)
{
    return sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(ctx)));
}

static X509 *stored(SSL_CTX *ctx, const tls_id *id)
{
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(ctx));
    int i;

    for (i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        X509 *cert = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));

        if (cert != NULL && X509_cmp(cert, id->cert) == 0)
            return cert;
    }
    return NULL;
}

/* The result of verifying the leaf's server; the leaf's object is handed to `touch`. */
static long connect_to(SSL_CTX *cctx, void (*touch)(X509 *))
{
    SSL_CTX *sctx = tls_server_ctx(&leaf);
    SSL *c = SSL_new(cctx), *s = SSL_new(sctx);
    long result;

    tls_join(c, s, TLS_PAIR);
    tls_handshake(c, s, NULL);
    result = SSL_get_verify_result(c);
    if (touch != NULL)
        touch(SSL_get0_peer_certificate(c));
    SSL_free(c);
    SSL_free(s);
    SSL_CTX_free(sctx);
    ERR_clear_error();
    return result;
}

static void test_again(void)
{
    SSL_CTX *one = loaded(), *two = loaded();

    is_int(count(one), 2, "what the file holds");
    is_int(count(two), 2, "the same again");
    is_int(connect_to(one, NULL), X509_V_OK, "the leaf verifies");
    is_int(connect_to(two, NULL), X509_V_OK, "with the second context too");
    SSL_CTX_free(one);
    is_int(connect_to(two, NULL), X509_V_OK, "and when the first is gone");
    TLS_MUST(SSL_CTX_load_verify_locations(two, file, NULL) == 1);
    is_int(count(two), 2, "nothing is there twice");
    SSL_CTX_free(two);

    one = SSL_CTX_new(TLS_client_method());
    X509_STORE_add_cert(SSL_CTX_get_cert_store(one), roots[0].cert);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(one), leaf.cert);
    TLS_MUST(SSL_CTX_load_verify_locations(one, file, NULL) == 1);
    is_int(count(one), 3, "a store that holds some of it already");
    is_int(ERR_peek_error(), 0, "no error is left");
    SSL_CTX_free(one);

    setenv("SSL_CERT_FILE", file, 1);
    one = SSL_CTX_new(TLS_client_method());
    is_int(SSL_CTX_set_default_verify_paths(one), 1, "as the default file");
    is_int(count(one), 2, "holds the same");
    setenv("SSL_CERT_FILE", "/nonexistent", 1);
    two = SSL_CTX_new(TLS_client_method());
    is_int(SSL_CTX_set_default_verify_file(two), 1, "a default file that is not there");
    is_int(count(two), 0, "holds nothing");
    is_int(ERR_peek_error(), 0, "no error is left");
    unsetenv("SSL_CERT_FILE");
    SSL_CTX_free(one);
    SSL_CTX_free(two);
}

static void reject(X509 *cert)
{
    X509_add1_reject_object(cert, OBJ_nid2obj(NID_anyExtendedKeyUsage));
}

static int data_index;

static void attach(X509 *cert)
{
    X509_set_ex_data(cert, data_index, &data_index);
}

static void rename_subject(X509 *cert)
{
    X509_NAME *name = X509_NAME_new();

    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"other", -1, -1, 0);
    X509_set_subject_name(cert, name);
    X509_NAME_free(name);
}

static void is_untouched(X509 *cert)
{
    ok(cert && X509_get_ex_data(cert, data_index) == NULL, "a connection's object has no data");
    ok(cert && X509_cmp(cert, leaf.cert) == 0, "it is the leaf");
    ok(cert && X509_NAME_cmp(X509_get_subject_name(cert), X509_get_subject_name(leaf.cert)) == 0,
       "with its name");
}

/* What is done to an object stays with those who have it. */
static void test_touched(void)
{
    static const struct {
        void (*touch)(X509 *);
        const char *what;
    } cases[] = {
        { reject, "rejected" },
        { attach, "given data" },
        { rename_subject, "renamed" },
    };
    size_t i;

    data_index = X509_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        SSL_CTX *one = loaded(), *two;

        cases[i].touch(stored(one, &roots[0]));
        two = loaded();
        ok(stored(two, &roots[0]) != NULL, "a root %s in one context is there in another",
           cases[i].what);
        is_int(connect_to(two, NULL), X509_V_OK, "and trusted");
        ok(X509_get_ex_data(stored(two, &roots[0]), data_index) == NULL, "it has no data");
        SSL_CTX_free(one);
        is_int(connect_to(two, cases[i].touch), X509_V_OK, "a leaf is %s", cases[i].what);
        is_int(connect_to(two, is_untouched), X509_V_OK, "the next connection sees nothing of it");
        SSL_CTX_free(two);
    }
}

static void *load_many(void *arg)
{
    long bad = 0;
    int i;

    for (i = 0; i < 50; i++) {
        SSL_CTX *ctx = loaded();

        bad += count(ctx) != 2;
        SSL_CTX_free(ctx);
    }
    return (void *)bad;
}

/* Children, and threads. Not both at once: a child forked while a thread is inside libcrypto may wait
 * for ever for a lock of libcrypto's own. */
static void test_shared(void)
{
    pthread_t threads[3];
    int i, status, failed = 0;

    for (i = 0; i < 5; i++) {
        pid_t pid = fork();

        if (pid == 0) {
            SSL_CTX *ctx = loaded();

            _exit(count(ctx) == 2 ? 0 : 1);
        }
        failed += waitpid(pid, &status, 0) != pid || status != 0;
    }
    is_int(failed, 0, "forked children load it");
    for (i = 0; i < 3; i++)
        TLS_MUST(pthread_create(&threads[i], NULL, load_many, NULL) == 0);
    for (i = 0, failed = 0; i < 3; i++) {
        void *bad = NULL;

        pthread_join(threads[i], &bad);
        failed += bad != NULL;
    }
    is_int(failed, 0, "threads load it");
}

static void test_changed(void)
{
    SSL_CTX *one = loaded(), *two;

    write_file(3);
    two = loaded();
    is_int(count(two), 3, "a file that grew is read anew");
    is_int(count(one), 2, "the former context keeps what it has");
    SSL_CTX_free(two);
    write_file(1);
    two = loaded();
    is_int(count(two), 1, "one that shrank too");
    SSL_CTX_free(two);
    /* Another root in the place of the first. */
    {
        X509 *first = roots[0].cert;

        roots[0].cert = roots[1].cert;
        write_file(1);
        roots[0].cert = first;
    }
    two = loaded();
    is_int(connect_to(two, NULL), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
           "a root that is gone is trusted no more");
    is_int(connect_to(one, NULL), X509_V_OK, "except by those who loaded it before");
    SSL_CTX_free(one);
    SSL_CTX_free(two);
    unlink(file);
    one = SSL_CTX_new(TLS_client_method());
    is_int(SSL_CTX_load_verify_locations(one, file, NULL), 0, "a file that is gone");
    ERR_clear_error();
    SSL_CTX_free(one);
}

int main(void)
{
    int i;

    roots[0] = tls_ca("P-256", "root");
    roots[1] = tls_ca("P-256", "second");
    roots[2] = tls_ca("P-256", "third");
    leaf = tls_leaf(&roots[0], "P-256", "localhost", "DNS:localhost");
    file = tls_pem_file(NULL, NULL);
    write_file(2);
    test_again();
    /* Until it has not changed for a while, a file is not taken for unchanged. */
    sleep(4);
    test_again();
    test_touched();
    test_shared();
    test_changed();
    free(file);
    for (i = 0; i < 3; i++)
        tls_id_free(&roots[i]);
    tls_id_free(&leaf);
    return done();
}
