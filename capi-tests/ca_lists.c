/* SSL_CTX_set0_CA_list(3) and SSL_load_client_CA_file(3): both kinds of lists on a context and a
 * connection, what overrides what, what is sent, and what is read of files, directories and stores. */
#include "certs.h"
#include "pipe.h"

#include <sys/stat.h>

static tls_id a, b, c, leaf;

static const char *names_of(const STACK_OF(X509_NAME) *names)
{
    static char text[4][300];
    static int turn;
    char *to = text[turn++ % 4];
    int i;

    if (names == NULL)
        return "NULL";
    to[0] = 0;
    for (i = 0; i < sk_X509_NAME_num(names); i++) {
        char cn[60] = "-";

        X509_NAME_get_text_by_NID(sk_X509_NAME_value(names, i), NID_commonName, cn, sizeof cn);
        snprintf(to + strlen(to), 300 - strlen(to), "[%s]", cn);
    }
    return to[0] ? to : "empty";
}

static STACK_OF(X509_NAME) *list(const tls_id *first, const tls_id *second)
{
    STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();

    if (first != NULL)
        sk_X509_NAME_push(names, X509_NAME_dup(X509_get_subject_name(first->cert)));
    if (second != NULL)
        sk_X509_NAME_push(names, X509_NAME_dup(X509_get_subject_name(second->cert)));
    return names;
}

static void shown(const char *what, SSL_CTX *ctx, SSL *ssl)
{
    const char *errors = tls_errors();

    same("%s: client lists %s %s (%s)", what, names_of(SSL_CTX_get_client_CA_list(ctx)),
         names_of(SSL_get_client_CA_list(ssl)), errors);
    same("%s: lists %s %s, peer %s", what, names_of(SSL_CTX_get0_CA_list(ctx)), names_of(SSL_get0_CA_list(ssl)),
         names_of(SSL_get0_peer_CA_list(ssl)));
}

static void test_calls(void)
{
    int client;

    for (client = 0; client < 2; client++) {
        SSL_CTX *ctx = SSL_CTX_new(client ? TLS_client_method() : TLS_server_method());
        SSL *ssl = SSL_new(ctx), *later;

        shown("fresh", ctx, ssl);
        is_int(SSL_CTX_add_client_CA(ctx, a.cert), 1, "SSL_CTX_add_client_CA");
        shown("one for the context", ctx, ssl);
        is_int(SSL_add_client_CA(ssl, b.cert), 1, "SSL_add_client_CA");
        shown("one for the connection", ctx, ssl);
        is_int(SSL_CTX_add_client_CA(ctx, a.cert), 1, "the same again");
        shown("twice", ctx, ssl);
        is_int(SSL_CTX_add_client_CA(ctx, NULL), 0, "SSL_CTX_add_client_CA(NULL)");
        is_int(SSL_add_client_CA(ssl, NULL), 0, "SSL_add_client_CA(NULL)");
        is_int(SSL_CTX_add1_to_CA_list(ctx, NULL), 0, "SSL_CTX_add1_to_CA_list(NULL)");
        is_int(SSL_add1_to_CA_list(ssl, NULL), 0, "SSL_add1_to_CA_list(NULL)");
        shown("of NULL", ctx, ssl);
        is_int(SSL_CTX_add1_to_CA_list(ctx, b.cert), 1, "SSL_CTX_add1_to_CA_list");
        is_int(SSL_add1_to_CA_list(ssl, c.cert), 1, "SSL_add1_to_CA_list");
        shown("the other kind", ctx, ssl);
        later = SSL_new(ctx);
        shown("a later connection", ctx, later);
        SSL_set0_CA_list(later, list(&a, &c));
        SSL_set_client_CA_list(later, list(&c, NULL));
        shown("with its own", ctx, later);
        SSL_set0_CA_list(later, NULL);
        SSL_set_client_CA_list(later, NULL);
        shown("without", ctx, later);
        SSL_set0_CA_list(later, list(NULL, NULL));
        SSL_set_client_CA_list(later, list(NULL, NULL));
        shown("with empty ones", ctx, later);
        SSL_CTX_set0_CA_list(ctx, list(&c, &a));
        SSL_CTX_set_client_CA_list(ctx, list(&b, &c));
        shown("others for the context", ctx, later);
        SSL_CTX_set0_CA_list(ctx, NULL);
        SSL_CTX_set_client_CA_list(ctx, NULL);
        shown("none for the context", ctx, ssl);
        SSL_set_connect_state(ssl);
        shown("as client", ctx, ssl);
        SSL_set_accept_state(ssl);
        shown("as server", ctx, ssl);
        SSL_free(ssl);
        SSL_free(later);
        SSL_CTX_free(ctx);
    }
}

/* What arrives with each mix of lists. */
static void test_sent(int v)
{
    int mix;

    for (mix = 0; mix < 64; mix++) {
        world w = { .cctx = tls_client_ctx(NULL), .sctx = tls_server_ctx(&leaf) };
        char what[60];
        duo *d;

        snprintf(what, sizeof what, "%s mix %d", version_name(v), mix);
        SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
        if (mix & 1)
            SSL_CTX_set_client_CA_list(w.sctx, list(&a, NULL));
        if (mix & 2)
            SSL_CTX_set0_CA_list(w.sctx, list(&b, NULL));
        d = duo_new(&w, v);
        if (mix & 4)
            SSL_set_client_CA_list(d->s, list(mix & 32 ? NULL : &c, NULL));
        if (mix & 8)
            SSL_set0_CA_list(d->s, list(&c, &a));
        if (mix & 16) {
            SSL_set0_CA_list(d->c, list(&b, &c));
            SSL_set_client_CA_list(d->c, list(&a, NULL));
        }
        ok(duo_handshake(d), "%s: connects (%s|%s)", what, d->out.client.errors, d->out.server.errors);
        shown(what, w.sctx, d->s);
        shown(what, w.cctx, d->c);
        duo_free(d);
        SSL_CTX_free(w.cctx);
        SSL_CTX_free(w.sctx);
    }
}

static char *file_of(X509 *one, X509 *two, X509 *three, const char *more)
{
    char *path = strdup("/tmp/ferrossl-test-XXXXXX");
    FILE *f = fdopen(mkstemp(path), "w");

    if (one != NULL)
        PEM_write_X509(f, one);
    if (two != NULL)
        PEM_write_X509(f, two);
    if (three != NULL)
        PEM_write_X509(f, three);
    fputs(more, f);
    fclose(f);
    return path;
}

static void loaded(const char *what, STACK_OF(X509_NAME) *names)
{
    const char *errors = tls_errors();

    same("%s: %s (%s)", what, names_of(names), errors);
    sk_X509_NAME_pop_free(names, X509_NAME_free);
}

static void added(const char *what, int ret, STACK_OF(X509_NAME) *names)
{
    static const char *const all[] = { "[a]", "[b]", "[c]" };
    const char *errors = tls_errors(), *text = names_of(names);
    char sorted[40] = "";
    int i;

    /* OpenSSL sorts them in between, ours keeps their order. */
    for (i = 0; i < 3; i++)
        if (strstr(text, all[i]) != NULL)
            strcat(sorted, all[i]);
    same("%s: %d, %s of %d (%s)", what, ret, sorted, sk_X509_NAME_num(names), errors);
}

static void test_files(void)
{
    static const struct {
        const char *name;
        int certs;
        const char *more;
    } files[] = {
        { "three", 3, "" },
        { "three and words", 3, "words\n" },
        { "one and a bad one", 1, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" },
        { "one and a beginning", 1, "-----BEGIN CERTIFICATE-----\n" },
        { "nothing", 0, "" },
        { "words", 0, "words\n" },
        { "a bad one", 0, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" },
    };
    OSSL_LIB_CTX *lib = OSSL_LIB_CTX_new();
    STACK_OF(X509_NAME) *names;
    size_t i;
    char *path;

    for (i = 0; i < sizeof files / sizeof *files; i++) {
        int n = files[i].certs;

        path = file_of(n > 0 ? a.cert : NULL, n > 1 ? b.cert : NULL, n > 2 ? a.cert : NULL, files[i].more);
        loaded(files[i].name, SSL_load_client_CA_file(path));
        loaded(files[i].name, SSL_load_client_CA_file_ex(path, lib, NULL));
        names = list(&c, &a);
        added(files[i].name, SSL_add_file_cert_subjects_to_stack(names, path), names);
        added("again", SSL_add_file_cert_subjects_to_stack(names, path), names);
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        unlink(path);
        free(path);
    }
    loaded("no file", SSL_load_client_CA_file("/nonexistent/file"));
    loaded("no name", SSL_load_client_CA_file(""));
    loaded("a directory", SSL_load_client_CA_file("/tmp"));
    names = list(&c, NULL);
    added("no file", SSL_add_file_cert_subjects_to_stack(names, "/nonexistent/file"), names);
    added("no directory", SSL_add_dir_cert_subjects_to_stack(names, "/nonexistent/directory"), names);
    added("no store", SSL_add_store_cert_subjects_to_stack(names, "/nonexistent/store"), names);
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    OSSL_LIB_CTX_free(lib);
}

static void test_directory(void)
{
    char dir[] = "/tmp/ferrossl-dir-XXXXXX", to[100], one[100];
    STACK_OF(X509_NAME) *names;
    char *path;

    TLS_MUST(mkdtemp(dir) != NULL);
    names = list(&c, NULL);
    added("an empty directory", SSL_add_dir_cert_subjects_to_stack(names, dir), names);
    path = file_of(a.cert, b.cert, NULL, "");
    snprintf(one, sizeof one, "%s/one.pem", dir);
    TLS_MUST(rename(path, one) == 0);
    free(path);
    added("a directory with a file", SSL_add_dir_cert_subjects_to_stack(names, dir), names);
    added("again", SSL_add_dir_cert_subjects_to_stack(names, dir), names);
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    names = list(NULL, NULL);
    added("a file as store", SSL_add_store_cert_subjects_to_stack(names, one), names);
    added("a directory as store", SSL_add_store_cert_subjects_to_stack(names, dir), names);
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    names = list(NULL, NULL);
    added("a directory as store alone", SSL_add_store_cert_subjects_to_stack(names, dir), names);
    added("no scheme", SSL_add_store_cert_subjects_to_stack(names, "nothing:there"), names);
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    /* A file that holds none. */
    path = file_of(NULL, NULL, NULL, "words\n");
    snprintf(to, sizeof to, "%s/two.pem", dir);
    TLS_MUST(rename(path, to) == 0);
    free(path);
    names = list(NULL, NULL);
    added("a directory with a file of words", SSL_add_dir_cert_subjects_to_stack(names, dir), names);
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    names = list(NULL, NULL);
    added("a file of words as store", SSL_add_store_cert_subjects_to_stack(names, to), names);
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    unlink(one);
    unlink(to);
    rmdir(dir);
}

static void test_copies(void)
{
    STACK_OF(X509_NAME) *names = list(&a, &b), *copy = SSL_dup_CA_list(names), *none = list(NULL, NULL);

    ok(copy != NULL && sk_X509_NAME_value(copy, 0) != sk_X509_NAME_value(names, 0), "SSL_dup_CA_list copies the names");
    same("copy %s", names_of(copy));
    sk_X509_NAME_pop_free(copy, X509_NAME_free);
    copy = SSL_dup_CA_list(none);
    same("copy of none %s", names_of(copy));
    sk_X509_NAME_pop_free(copy, X509_NAME_free);
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    sk_X509_NAME_pop_free(none, X509_NAME_free);
}

int main(void)
{
    a = tls_ca("P-256", "a");
    b = tls_ca("P-256", "b");
    c = tls_ca("P-256", "c");
    leaf = tls_leaf(&a, "P-256", "localhost", NULL);
    test_calls();
    FOR_VERSIONS(v)
        test_sent(v);
    test_files();
    test_directory();
    test_copies();
    tls_id_free(&a);
    tls_id_free(&b);
    tls_id_free(&c);
    tls_id_free(&leaf);
    return done();
}
