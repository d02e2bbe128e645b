/* SSL_SESSION(3) without connections: getters and setters, copies and counts, DER, PEM, text. */
#include "harness.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <time.h>
#include <unistd.h>

#include "session_der.h"

static const struct blob {
    const char *name;
    const unsigned char *der;
    long len;
    const char *text;
    int version;
    const char *cipher, *appdata;
    unsigned max_early_data;
} blobs[] = {
    {"TLS 1.2", tls12_der, sizeof tls12_der, tls12_text, TLS1_2_VERSION,
     "ECDHE-ECDSA-AES256-GCM-SHA384", NULL, 0},
    {"TLS 1.3", tls13_der, sizeof tls13_der, tls13_text, TLS1_3_VERSION,
     "TLS_AES_256_GCM_SHA384", "appdata", 16384},
};
#define N_BLOBS (sizeof blobs / sizeof *blobs)

static SSL_SESSION *read_der(const unsigned char *der, long len)
{
    return d2i_SSL_SESSION(NULL, &der, len);
}

/* The reason of the oldest entry, -1 if there is none. Empties the queue. */
static int first_reason(void)
{
    unsigned long e = ERR_get_error();

    ERR_clear_error();
    return e == 0 ? -1 : ERR_GET_LIB(e) == ERR_LIB_SSL ? ERR_GET_REASON(e) : -2;
}

static void check_fresh(void)
{
    SSL_SESSION *s = SSL_SESSION_new();
    const unsigned char *p = (const unsigned char *)"";
    unsigned char *out = NULL;
    void *data = &s;
    size_t n = 9;
    unsigned len = 9;
    long age = (long)time(NULL) - SSL_SESSION_get_time(s);

    ok(age >= 0 && age < 5, "a new session is of now");
    is_int(SSL_SESSION_get_timeout(s), 304, "default timeout");
    is_int(SSL_SESSION_get_protocol_version(s), 0, "no version");
    is_ptr(SSL_SESSION_get0_cipher(s), NULL, "no cipher");
    ok(SSL_SESSION_get_id(s, &len) != NULL && len == 0, "empty id, not NULL");
    len = 9;
    ok(SSL_SESSION_get0_id_context(s, &len) != NULL && len == 0, "empty id context, not NULL");
    ok(SSL_SESSION_get_id(s, NULL) != NULL, "the length may be NULL");
    is_ptr(SSL_SESSION_get0_hostname(s), NULL, "no hostname");
    SSL_SESSION_get0_alpn_selected(s, &p, &n);
    ok(p == NULL && n == 0, "no ALPN");
    p = (const unsigned char *)"";
    n = 9;
    SSL_SESSION_get0_ticket(s, &p, &n);
    ok(p == NULL && n == 0, "no ticket");
    n = 9;
    SSL_SESSION_get0_ticket(s, NULL, &n);
    is_int(n, 0, "ticket pointer may be NULL");
    ok(SSL_SESSION_get0_ticket_appdata(s, &data, &n) == 1 && data == NULL && n == 0,
       "no ticket appdata");
    is_int(SSL_SESSION_has_ticket(s), 0, "has_ticket");
    is_int(SSL_SESSION_get_ticket_lifetime_hint(s), 0, "lifetime hint");
    is_int(SSL_SESSION_get_max_early_data(s), 0, "max_early_data");
    is_int(SSL_SESSION_get_max_fragment_length(s), 0, "max_fragment_length");
    is_int(SSL_SESSION_get_compress_id(s), 0, "compress id");
    is_ptr(SSL_SESSION_get0_peer(s), NULL, "no peer");
    is_int(SSL_SESSION_is_resumable(s), 0, "not resumable");
    is_int(SSL_SESSION_get_master_key(s, NULL, 0), 0, "no master key");
    is_int(i2d_SSL_SESSION(s, NULL), 0, "i2d without a cipher");
    is_int(i2d_SSL_SESSION(s, &out), 0, "i2d without a cipher, to memory");
    is_ptr(out, NULL, "nothing allocated");
    SSL_SESSION_free(s);
    SSL_SESSION_free(NULL);
}

static void check_ids(SSL_SESSION *s)
{
    unsigned char id[33];
    const unsigned char *p, *before = SSL_SESSION_get_id(s, NULL);
    unsigned len;

    memset(id, 'i', sizeof id);
    ERR_clear_error();
    is_int(SSL_SESSION_set1_id(s, id, 33), 0, "id of 33 bytes");
    is_int(first_reason(), SSL_R_SSL_SESSION_ID_TOO_LONG, "its reason");
    is_int(SSL_SESSION_set1_id(s, id, 32), 1, "id of 32 bytes");
    p = SSL_SESSION_get_id(s, &len);
    ok(p == before && len == 32 && memcmp(p, id, 32) == 0, "the id, in its place");
    is_int(SSL_SESSION_set1_id(s, p, 16), 1, "set to its own bytes");
    p = SSL_SESSION_get_id(s, &len);
    ok(len == 16 && memcmp(p, id, 16) == 0, "the id is shorter");
    is_int(SSL_SESSION_is_resumable(s), 1, "resumable with an id");
    is_int(SSL_SESSION_set1_id(s, id, 0), 1, "id of no bytes");
    is_int(SSL_SESSION_is_resumable(s), 0, "not resumable without");

    before = SSL_SESSION_get0_id_context(s, NULL);
    is_int(SSL_SESSION_set1_id_context(s, id, 33), 0, "context of 33 bytes");
    is_int(first_reason(), SSL_R_SSL_SESSION_ID_CONTEXT_TOO_LONG, "its reason");
    is_int(SSL_SESSION_set1_id_context(s, id, 32), 1, "context of 32 bytes");
    p = SSL_SESSION_get0_id_context(s, &len);
    ok(p == before && len == 32 && memcmp(p, id, 32) == 0, "the context, in its place");
}

static void check_master_key(SSL_SESSION *s)
{
    unsigned char key[513], out[600];

    memset(key, 'k', sizeof key);
    memset(out, 'o', sizeof out);
    is_int(SSL_SESSION_set1_master_key(s, key, 513), 0, "master key of 513 bytes");
    is_int(first_reason(), -1, "without a reason");
    is_int(SSL_SESSION_set1_master_key(s, key, 512), 1, "master key of 512 bytes");
    is_int(SSL_SESSION_get_master_key(s, NULL, 0), 512, "its length");
    is_int(SSL_SESSION_set1_master_key(s, key, 48), 1, "master key of 48 bytes");
    is_int(SSL_SESSION_get_master_key(s, out, 10), 10, "the first bytes");
    ok(out[9] == 'k' && out[10] == 'o', "no more than asked");
    is_int(SSL_SESSION_get_master_key(s, out, sizeof out), 48, "all bytes");
    ok(out[47] == 'k' && out[48] == 'o', "no more than there are");
}

static void check_setters(void)
{
    SSL_SESSION *s = SSL_SESSION_new();
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, (const unsigned char *)"\xc0\x2f");
    const unsigned char *p;
    void *data;
    size_t n;

    is_int(SSL_SESSION_set_time(s, 12345), 12345, "set_time returns the time");
    is_int(SSL_SESSION_get_time(s), 12345, "time");
    is_int(SSL_SESSION_set_timeout(s, 99), 1, "set_timeout");
    is_int(SSL_SESSION_set_timeout(s, -1), 0, "a negative timeout");
    is_int(SSL_SESSION_get_timeout(s), 99, "timeout");
    is_int(SSL_SESSION_set_timeout(s, 0x7fffffffffffffffL), 1, "the largest timeout");
    is_int(SSL_SESSION_get_timeout(s), 0x7fffffffffffffffL, "is kept");
    is_int(SSL_SESSION_set_time(NULL, 5), 0, "set_time of NULL");
    is_int(SSL_SESSION_get_time(NULL), 0, "get_time of NULL");
    is_int(SSL_SESSION_set_timeout(NULL, 5), 0, "set_timeout of NULL");
    is_int(SSL_SESSION_get_timeout(NULL), 0, "get_timeout of NULL");
    is_int(SSL_SESSION_set_protocol_version(s, TLS1_2_VERSION), 1, "set version");
    is_int(SSL_SESSION_get_protocol_version(s), TLS1_2_VERSION, "version");
    ok(cipher != NULL, "a cipher to set");
    is_int(SSL_SESSION_set_cipher(s, cipher), 1, "set cipher");
    is_ptr(SSL_SESSION_get0_cipher(s), cipher, "the same pointer");
    is_int(SSL_SESSION_set1_hostname(s, "host"), 1, "set hostname");
    is_str(SSL_SESSION_get0_hostname(s), "host", "hostname");
    is_int(SSL_SESSION_set1_hostname(s, NULL), 1, "no hostname");
    is_str(SSL_SESSION_get0_hostname(s), NULL, "is none");
    is_int(SSL_SESSION_set1_alpn_selected(s, (const unsigned char *)"h2", 2), 1, "set ALPN");
    SSL_SESSION_get0_alpn_selected(s, &p, &n);
    ok(n == 2 && memcmp(p, "h2", 2) == 0, "ALPN");
    is_int(SSL_SESSION_set1_alpn_selected(s, NULL, 0), 1, "no ALPN");
    SSL_SESSION_get0_alpn_selected(s, &p, &n);
    ok(n == 0 && p == NULL, "is none");
    is_int(SSL_SESSION_set1_ticket_appdata(s, "a\0b", 3), 1, "set ticket appdata");
    ok(SSL_SESSION_get0_ticket_appdata(s, &data, &n) == 1 && n == 3
       && memcmp(data, "a\0b", 3) == 0, "ticket appdata");
    is_int(SSL_SESSION_set1_ticket_appdata(s, "a", 0), 1, "no ticket appdata");
    ok(SSL_SESSION_get0_ticket_appdata(s, &data, &n) == 1 && n == 0 && data == NULL, "is none");
    is_int(SSL_SESSION_set_max_early_data(s, 0xffffffff), 1, "set max_early_data");
    is_int(SSL_SESSION_get_max_early_data(s), 0xffffffff, "max_early_data");
    check_ids(s);
    check_master_key(s);
    SSL_SESSION_free(s);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static int news, dups, frees;

static void on_new(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long l, void *p)
{
    (void)parent, (void)ptr, (void)ad, (void)idx, (void)l, (void)p;
    news++;
}

static int on_dup(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **d, int idx, long l,
                  void *p)
{
    (void)to, (void)from, (void)d, (void)idx, (void)l, (void)p;
    dups++;
    return 1;
}

static void on_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long l, void *p)
{
    (void)parent, (void)ptr, (void)ad, (void)idx, (void)l, (void)p;
    frees++;
}

static void check_copies(void)
{
    int index = SSL_SESSION_get_ex_new_index(0, NULL, on_new, on_dup, on_free);
    SSL_SESSION *s = read_der(tls13_der, sizeof tls13_der), *copy;
    const unsigned char *p, *q;
    size_t n, m;
    unsigned char *a = NULL, *b = NULL;
    int alen, blen;

    ok(index >= 0, "an ex_data index");
    is_int(news, 1, "the new callback ran");
    is_int(SSL_SESSION_set_ex_data(s, index, &news), 1, "set ex_data");
    is_ptr(SSL_SESSION_get_ex_data(s, index), &news, "ex_data");
    is_int(SSL_SESSION_up_ref(s), 1, "up_ref");
    SSL_SESSION_free(s);
    is_int(frees, 0, "still held");

    copy = SSL_SESSION_dup(s);
    ok(copy != NULL && copy != s, "a copy");
    ok(news == 2 && dups == 1, "new and dup callbacks ran");
    is_ptr(SSL_SESSION_get_ex_data(copy, index), &news, "ex_data is copied");
    alen = i2d_SSL_SESSION(s, &a);
    blen = i2d_SSL_SESSION(copy, &b);
    ok(alen == blen && memcmp(a, b, alen) == 0, "the copy encodes the same");
    OPENSSL_free(a);
    OPENSSL_free(b);
    is_ptr(SSL_SESSION_get0_peer(copy), SSL_SESSION_get0_peer(s), "the certificate is shared");
    SSL_SESSION_get0_ticket(s, &p, &n);
    SSL_SESSION_get0_ticket(copy, &q, &m);
    ok(p != q && n == m && n > 0 && memcmp(p, q, n) == 0, "the ticket is not");
    SSL_SESSION_set1_hostname(copy, "other");
    SSL_SESSION_set1_id(copy, (const unsigned char *)"x", 1);
    SSL_SESSION_set_time(copy, 1);
    is_str(SSL_SESSION_get0_hostname(s), "localhost", "the original keeps its name");
    is_int(SSL_SESSION_get_time(s), 1700000000, "and its time");
    SSL_SESSION_free(s);
    is_int(frees, 1, "the free callback ran");
    is_str(SSL_SESSION_get0_hostname(copy), "other", "the copy lives on");
    SSL_SESSION_free(copy);
    is_int(frees, 2, "and is freed");
}

static void check_blob_fields(const struct blob *b, SSL_SESSION *s)
{
    const unsigned char *p;
    void *data;
    size_t n;
    unsigned len;
    char name[64] = "";

    is_int(SSL_SESSION_get_protocol_version(s), b->version, "%s: version", b->name);
    is_str(SSL_CIPHER_get_name(SSL_SESSION_get0_cipher(s)), b->cipher, "%s: cipher", b->name);
    is_int(SSL_SESSION_get_time(s), 1700000000, "%s: time", b->name);
    is_str(SSL_SESSION_get0_hostname(s), "localhost", "%s: hostname", b->name);
    SSL_SESSION_get0_alpn_selected(s, &p, &n);
    ok(n == 2 && memcmp(p, "h2", 2) == 0, "%s: ALPN", b->name);
    p = SSL_SESSION_get0_id_context(s, &len);
    ok(len == 7 && memcmp(p, "context", 7) == 0, "%s: context", b->name);
    SSL_SESSION_get_id(s, &len);
    is_int(len, 32, "%s: id", b->name);
    is_int(SSL_SESSION_get_master_key(s, NULL, 0), 48, "%s: secret", b->name);
    is_int(SSL_SESSION_has_ticket(s), 1, "%s: ticket", b->name);
    is_int(SSL_SESSION_get_ticket_lifetime_hint(s), 7200, "%s: lifetime hint", b->name);
    is_int(SSL_SESSION_is_resumable(s), 1, "%s: resumable", b->name);
    is_int(SSL_SESSION_get_max_early_data(s), b->max_early_data, "%s: early data", b->name);
    SSL_SESSION_get0_ticket_appdata(s, &data, &n);
    ok(b->appdata ? n == 7 && memcmp(data, b->appdata, 7) == 0 : n == 0 && data == NULL,
       "%s: appdata", b->name);
    ok(SSL_SESSION_get0_peer(s) != NULL, "%s: peer", b->name);
    X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_SESSION_get0_peer(s)), NID_commonName,
                              name, sizeof name);
    is_str(name, "localhost", "%s: peer's name", b->name);
}

static void check_der(const struct blob *b)
{
    const unsigned char *p = b->der;
    unsigned char *buf = malloc(b->len + 8), *at, *made = NULL;
    SSL_SESSION *s = d2i_SSL_SESSION(NULL, &p, b->len), *held, *r;

    if (!ok(s != NULL && p == b->der + b->len, "%s: d2i advances", b->name))
        return;
    check_blob_fields(b, s);
    is_int(i2d_SSL_SESSION(s, NULL), b->len, "%s: i2d tells the length", b->name);
    is_int(i2d_SSL_SESSION(NULL, NULL), 0, "i2d of NULL");
    at = buf;
    is_int(i2d_SSL_SESSION(s, &at), b->len, "%s: i2d", b->name);
    is_ptr(at, buf + b->len, "%s: i2d advances", b->name);
    is_mem(buf, b->der, b->len, "%s: the same bytes", b->name);
    is_int(i2d_SSL_SESSION(s, &made), b->len, "%s: i2d allocates", b->name);
    is_mem(made, b->der, b->len, "%s: the same bytes again", b->name);
    OPENSSL_free(made);

    memset(buf + b->len, 'x', 8);
    p = buf;
    held = NULL;
    r = d2i_SSL_SESSION(&held, &p, b->len + 8);
    ok(r != NULL && r == held, "%s: d2i sets *a", b->name);
    is_ptr(p, buf + b->len, "%s: and leaves what follows", b->name);
    SSL_SESSION_free(held);

    held = SSL_SESSION_new();
    SSL_SESSION_set1_alpn_selected(held, (const unsigned char *)"old", 3);
    p = b->der;
    is_ptr(d2i_SSL_SESSION(&held, &p, b->len), held, "%s: d2i fills *a", b->name);
    check_blob_fields(b, held);
    p = b->der;
    is_ptr(d2i_SSL_SESSION(&held, &p, 10), NULL, "%s: cut off", b->name);
    ok(held != NULL && p == b->der, "%s: *a and *pp as they were", b->name);
    is_str(SSL_SESSION_get0_hostname(held), "localhost", "%s: still filled", b->name);
    ERR_clear_error();
    SSL_SESSION_free(held);
    SSL_SESSION_free(s);
    free(buf);
}

static void check_garbage(const struct blob *b)
{
    unsigned char *bad = malloc(b->len);
    long i, accepted = 0, short_ok = 0, silent = 0;
    int bit;

    for (i = 0; i < b->len; i++) {
        unsigned char *cut = malloc(i + 1); /* of its own, for valgrind to see the end */
        const unsigned char *p = cut;
        SSL_SESSION *s;

        memcpy(cut, b->der, i);
        ERR_clear_error();
        s = d2i_SSL_SESSION(NULL, &p, i);
        short_ok += s != NULL;
        silent += s == NULL && ERR_peek_error() == 0;
        SSL_SESSION_free(s);
        free(cut);
    }
    is_int(short_ok, 0, "%s: every truncation fails", b->name);
    is_int(silent, 0, "%s: with an entry in the queue", b->name);
    for (i = 0; i < b->len; i++)
        for (bit = 0; bit < 9; bit++) {
            SSL_SESSION *s;
            BIO *out = BIO_new(BIO_s_null());

            memcpy(bad, b->der, b->len);
            bad[i] ^= bit < 8 ? 1 << bit : 0xff;
            if ((s = read_der(bad, b->len)) != NULL) {
                accepted++;
                SSL_SESSION_print(out, s);
                i2d_SSL_SESSION(s, NULL);
            }
            SSL_SESSION_free(s);
            BIO_free(out);
        }
    ok(accepted > 0, "%s: flipped bits do no harm", b->name);
    ERR_clear_error();
    free(bad);
}

/* What d2i says to sessions whose values are wrong; each is a TLS 1.2 session cut to the
 * required fields. */
static void check_refused(void)
{
    static const struct {
        const char *what, *der;
        int len, reason;
    } bad[] = {
        {"a sound one", "\x30\x0f\x02\x01\x01\x02\x02\x03\x03\x04\x02\xc0\x2f\x04\x00\x04\x00", 17, 0},
        {"format 2", "\x30\x0f\x02\x01\x02\x02\x02\x03\x03\x04\x02\xc0\x2f\x04\x00\x04\x00", 17,
         SSL_R_UNKNOWN_SSL_VERSION},
        {"version 0x0203", "\x30\x0f\x02\x01\x01\x02\x02\x02\x03\x04\x02\xc0\x2f\x04\x00\x04\x00", 17,
         SSL_R_UNSUPPORTED_SSL_VERSION},
        {"cipher of one byte", "\x30\x0e\x02\x01\x01\x02\x02\x03\x03\x04\x01\xc0\x04\x00\x04\x00", 16,
         SSL_R_CIPHER_CODE_WRONG_LENGTH},
        {"unknown cipher", "\x30\x0f\x02\x01\x01\x02\x02\x03\x03\x04\x02\xff\x2f\x04\x00\x04\x00", 17, -1},
        {"compression of two bytes",
         "\x30\x15\x02\x01\x01\x02\x02\x03\x03\x04\x02\xc0\x2f\x04\x00\x04\x00"
         "\xab\x04\x04\x02\x01\x01", 23, SSL_R_BAD_LENGTH},
        {"id of 33 bytes",
         "\x30\x30\x02\x01\x01\x02\x02\x03\x03\x04\x02\xc0\x2f\x04\x21"
         "0123456789abcdef0123456789abcdefX\x04\x00", 50, -1},
    };
    unsigned char *key_arg = (unsigned char *)"\x30\x13\x02\x01\x01\x02\x02\x03\x03\x04\x02\xc0\x2f"
                                              "\x04\x00\x04\x00\x80\x02zz";
    SSL_SESSION *s;
    size_t i;

    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        ERR_clear_error();
        s = read_der((const unsigned char *)bad[i].der, bad[i].len);
        ok((s != NULL) == (bad[i].reason == 0), "d2i: %s", bad[i].what);
        if (s == NULL)
            is_int(first_reason(), bad[i].reason, "its reason");
        else {
            is_int(SSL_SESSION_get_timeout(s), 3, "a session that names no timeout");
            ok(SSL_SESSION_get_time(s) > 1700000000, "nor time");
            is_int(i2d_SSL_SESSION(s, NULL), 39, "gains time, timeout, context and group");
        }
        SSL_SESSION_free(s);
    }
    s = read_der(key_arg, 21);
    ok(s != NULL, "d2i: key_arg is accepted");
    SSL_SESSION_free(s);
}

static void check_text(const struct blob *b)
{
    SSL_SESSION *s = read_der(b->der, b->len);
    BIO *mem = BIO_new(BIO_s_mem());
    FILE *file = tmpfile();
    char *text, buf[8192];
    size_t n;

    is_int(SSL_SESSION_print(mem, s), 1, "%s: print", b->name);
    BIO_write(mem, "", 1);
    BIO_get_mem_data(mem, &text);
    is_str(text, b->text, "%s: its text", b->name);
    is_int(SSL_SESSION_print_fp(file, s), 1, "%s: print_fp", b->name);
    rewind(file);
    n = fread(buf, 1, sizeof buf - 1, file);
    buf[n] = 0;
    is_str(buf, b->text, "%s: the same text", b->name);
    is_int(SSL_SESSION_print(mem, NULL), 0, "print of NULL");
    is_int(SSL_SESSION_print_keylog(mem, NULL), 0, "print_keylog of NULL");
    BIO_free(mem);
    mem = BIO_new(BIO_s_mem());
    SSL_SESSION_set1_id(s, (const unsigned char *)"\x01\xab", 2);
    SSL_SESSION_set1_master_key(s, (const unsigned char *)"\x02\xcd", 2);
    is_int(SSL_SESSION_print_keylog(mem, s), 1, "%s: print_keylog", b->name);
    BIO_write(mem, "", 1);
    BIO_get_mem_data(mem, &text);
    is_str(text, "RSA Session-ID:01AB Master-Key:02CD\n", "%s: its text", b->name);
    SSL_SESSION_set1_id(s, NULL, 0);
    is_int(SSL_SESSION_print_keylog(mem, s), 0, "%s: print_keylog without id", b->name);
    BIO_free(mem);
    fclose(file);
    SSL_SESSION_free(s);
}

static void check_pem(const struct blob *b)
{
    SSL_SESSION *s = read_der(b->der, b->len), *back, *held = NULL;
    BIO *mem = BIO_new(BIO_s_mem());
    FILE *file = tmpfile();
    unsigned char *der = NULL;
    char *text;

    is_int(PEM_write_bio_SSL_SESSION(mem, s), 1, "%s: PEM to a BIO", b->name);
    BIO_get_mem_data(mem, &text);
    ok(strncmp(text, "-----BEGIN SSL SESSION PARAMETERS-----\n", 39) == 0, "%s: its head", b->name);
    back = PEM_read_bio_SSL_SESSION(mem, &held, NULL, NULL);
    ok(back != NULL && back == held, "%s: PEM from a BIO", b->name);
    is_int(i2d_SSL_SESSION(back, &der), b->len, "%s: its length", b->name);
    is_mem(der, b->der, b->len, "%s: its bytes", b->name);
    OPENSSL_free(der);
    is_ptr(PEM_read_bio_SSL_SESSION(mem, NULL, NULL, NULL), NULL, "%s: no more", b->name);
    ok(ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE, "%s: its reason", b->name);
    ERR_clear_error();
    SSL_SESSION_free(back);
    is_int(PEM_write_SSL_SESSION(file, s), 1, "%s: PEM to a file", b->name);
    rewind(file);
    back = PEM_read_SSL_SESSION(file, NULL, NULL, NULL);
    ok(back != NULL, "%s: PEM from a file", b->name);
    SSL_SESSION_free(back);
    BIO_free(mem);
    fclose(file);
    SSL_SESSION_free(s);
}

/* The program reads what the library under test wrote; it runs on the system's. */
static void check_sess_id(const struct blob *b)
{
    char path[] = "/tmp/session_object.XXXXXX", command[128], text[8192];
    SSL_SESSION *s = read_der(b->der, b->len);
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w"), *pipe;
    size_t n;

    PEM_write_SSL_SESSION(file, s);
    fclose(file);
    SSL_SESSION_free(s);
    snprintf(command, sizeof command, "env -u LD_LIBRARY_PATH -u LD_PRELOAD "
             "openssl sess_id -text -noout -in %s", path);
    pipe = popen(command, "r");
    n = fread(text, 1, sizeof text - 1, pipe);
    text[n] = 0;
    pclose(pipe);
    unlink(path);
    ok(strncmp(text, b->text, strlen(b->text)) == 0, "%s: openssl sess_id prints it", b->name);
}

int main(void)
{
    int openssl = system("openssl version >/dev/null 2>&1") == 0;
    size_t i;

    check_fresh();
    check_setters();
    check_copies();
    check_refused();
    for (i = 0; i < N_BLOBS; i++) {
        check_der(&blobs[i]);
        check_garbage(&blobs[i]);
        check_text(&blobs[i]);
        check_pem(&blobs[i]);
        if (openssl)
            check_sess_id(&blobs[i]);
        else
            skip("there is no openssl program");
    }
    return done();
}
