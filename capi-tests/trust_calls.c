/* The manual pages on trust, call by call: SSL_CTX_set_verify(3), SSL_CTX_load_verify_locations(3),
 * SSL_CTX_get0_param(3), SSL_set1_host(3), SSL_CTX_set_cert_verify_callback(3), SSL_get_verify_result(3),
 * SSL_CTX_set_tlsext_status_cb(3), SSL_CTX_set1_sigalgs(3), SSL_CTX_set_security_level(3),
 * SSL_CTX_dane_enable(3), SSL_CTX_set_ct_validation_callback(3), SSL_get_peer_tmp_key(3): what each
 * returns before, during and after a handshake, with wrong arguments too. */
#include "certs.h"
#include "pipe.h"

#include <openssl/ct.h>

static tls_id ca, leaf, client;

static void left(const char *what, long ret)
{
    same("%s: %ld (%s)", what, ret, tls_errors());
}

static int verify_one(int ok, X509_STORE_CTX *store)
{
    return ok;
}

static int verify_two(int ok, X509_STORE_CTX *store)
{
    return 1;
}

static void test_verify_settings(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *before = SSL_new(ctx), *after;

    same("fresh: mode %d, depth %d", SSL_CTX_get_verify_mode(ctx), SSL_CTX_get_verify_depth(ctx));
    ok(SSL_CTX_get_verify_callback(ctx) == NULL, "no callback");
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, verify_one);
    SSL_CTX_set_verify_depth(ctx, 7);
    after = SSL_new(ctx);
    same("before: mode %d, depth %d", SSL_get_verify_mode(before), SSL_get_verify_depth(before));
    same("after: mode %d, depth %d", SSL_get_verify_mode(after), SSL_get_verify_depth(after));
    ok(SSL_get_verify_callback(before) == NULL && SSL_get_verify_callback(after) == verify_one, "the callbacks");
    /* A NULL callback leaves the one there is on a connection, and takes it from a context. */
    SSL_set_verify(after, SSL_VERIFY_NONE, NULL);
    ok(SSL_get_verify_callback(after) == verify_one, "a connection keeps its callback");
    same("mode %d", SSL_get_verify_mode(after));
    SSL_set_verify(after, 0xff, verify_two);
    ok(SSL_get_verify_callback(after) == verify_two, "or has another");
    same("mode %d", SSL_get_verify_mode(after));
    SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    ok(SSL_CTX_get_verify_callback(ctx) == NULL, "a context does not");
    SSL_set_verify_depth(after, 3);
    same("depths %d %d", SSL_get_verify_depth(after), SSL_CTX_get_verify_depth(ctx));
    SSL_set_verify_depth(after, -5);
    same("depth %d", SSL_get_verify_depth(after));
    same("index %d", SSL_get_ex_data_X509_STORE_CTX_idx() >= 0);
    same("verify result %ld", SSL_get_verify_result(after));
    SSL_set_verify_result(after, X509_V_ERR_CRL_HAS_EXPIRED);
    same("verify result %ld", SSL_get_verify_result(after));
    SSL_set_verify_result(after, -1);
    same("verify result %ld", SSL_get_verify_result(after));
    left("a good purpose", SSL_set_purpose(after, X509_PURPOSE_SSL_CLIENT));
    left("a bad purpose", SSL_set_purpose(after, 999));
    left("a good trust", SSL_set_trust(after, X509_TRUST_SSL_CLIENT));
    left("a bad trust", SSL_set_trust(after, 999));
    left("a good purpose", SSL_CTX_set_purpose(ctx, X509_PURPOSE_SSL_CLIENT));
    left("a bad purpose", SSL_CTX_set_purpose(ctx, 999));
    left("a good trust", SSL_CTX_set_trust(ctx, X509_TRUST_SSL_CLIENT));
    left("a bad trust", SSL_CTX_set_trust(ctx, 999));
    SSL_free(before);
    SSL_free(after);
    SSL_CTX_free(ctx);
}

static void test_parameters(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    X509_VERIFY_PARAM *param = X509_VERIFY_PARAM_new();

    ok(SSL_CTX_get0_param(ctx) != NULL && SSL_get0_param(ssl) != NULL, "parameters");
    ok(SSL_CTX_get0_param(ctx) != SSL_get0_param(ssl), "of their own");
    is_ptr(SSL_CTX_get0_param(ctx), SSL_CTX_get0_param(ctx), "the same each time");
    X509_VERIFY_PARAM_set_depth(param, 5);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set1_host(param, "name.example", 0);
    left("set1_param", SSL_CTX_set1_param(ctx, param));
    left("set1_param", SSL_set1_param(ssl, param));
    left("set1_param of NULL", SSL_CTX_set1_param(ctx, NULL));
    left("set1_param of NULL", SSL_set1_param(ssl, NULL));
    same("depths %d %d, flags %lx %lx", SSL_CTX_get_verify_depth(ctx), SSL_get_verify_depth(ssl),
         X509_VERIFY_PARAM_get_flags(SSL_CTX_get0_param(ctx)), X509_VERIFY_PARAM_get_flags(SSL_get0_param(ssl)));
    is_str(X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 0), "name.example", "the host");
    left("set1_host", SSL_set1_host(ssl, "other.example"));
    left("add1_host", SSL_add1_host(ssl, "third.example"));
    same("hosts %s %s %s", X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 0),
         X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 1),
         X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 2) ? "more" : "no more");
    left("an address", SSL_set1_host(ssl, "192.0.2.1"));
    same("host %s, address %s", X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 0) ? "yes" : "no",
         X509_VERIFY_PARAM_get1_ip_asc(SSL_get0_param(ssl)) ? "yes" : "no");
    left("no name", SSL_set1_host(ssl, NULL));
    left("an empty name", SSL_set1_host(ssl, ""));
    left("add no name", SSL_add1_host(ssl, NULL));
    left("add an empty name", SSL_add1_host(ssl, ""));
    left("add a name", SSL_add1_host(ssl, "name.example"));
    left("add an address", SSL_add1_host(ssl, "192.0.2.2"));
    same("host %s", X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 0) ? "yes" : "no");
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_WILDCARDS);
    same("host flags %x", X509_VERIFY_PARAM_get_hostflags(SSL_get0_param(ssl)));
    same("peer name %s", SSL_get0_peername(ssl) ? "yes" : "none");
    X509_VERIFY_PARAM_free(param);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void test_locations(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    char *file = tls_pem_file(ca.cert, NULL), *words = strdup("/tmp/ferrossl-test-XXXXXX"), *key = tls_pem_file(NULL, ca.key);
    int fd = mkstemp(words);

    TLS_MUST(write(fd, "words\n", 6) == 6);
    close(fd);
    left("nothing", SSL_CTX_load_verify_locations(ctx, NULL, NULL));
    left("no file", SSL_CTX_load_verify_file(ctx, NULL));
    left("no directory", SSL_CTX_load_verify_dir(ctx, NULL));
    left("no store", SSL_CTX_load_verify_store(ctx, NULL));
    left("a file", SSL_CTX_load_verify_locations(ctx, file, NULL));
    left("again", SSL_CTX_load_verify_locations(ctx, file, NULL));
    left("a directory", SSL_CTX_load_verify_locations(ctx, NULL, "/tmp"));
    left("both", SSL_CTX_load_verify_locations(ctx, file, "/tmp"));
    left("a missing file", SSL_CTX_load_verify_locations(ctx, "/nonexistent/file", NULL));
    left("a missing file and a directory", SSL_CTX_load_verify_locations(ctx, "/nonexistent/file", "/tmp"));
    left("a missing directory", SSL_CTX_load_verify_locations(ctx, NULL, "/nonexistent/directory"));
    left("a file of words", SSL_CTX_load_verify_locations(ctx, words, NULL));
    left("a key", SSL_CTX_load_verify_locations(ctx, key, NULL));
    left("a directory as file", SSL_CTX_load_verify_locations(ctx, "/tmp", NULL));
    left("an empty name", SSL_CTX_load_verify_locations(ctx, "", NULL));
    left("an empty directory name", SSL_CTX_load_verify_locations(ctx, NULL, ""));
    left("file", SSL_CTX_load_verify_file(ctx, file));
    left("a file of words", SSL_CTX_load_verify_file(ctx, words));
    left("directory", SSL_CTX_load_verify_dir(ctx, "/tmp"));
    left("store", SSL_CTX_load_verify_store(ctx, file));
    left("a missing store", SSL_CTX_load_verify_store(ctx, "/nonexistent/store"));
    left("default paths", SSL_CTX_set_default_verify_paths(ctx));
    left("default directory", SSL_CTX_set_default_verify_dir(ctx));
    left("default file", SSL_CTX_set_default_verify_file(ctx));
    left("default store", SSL_CTX_set_default_verify_store(ctx));
    unlink(file);
    unlink(words);
    unlink(key);
    free(file);
    free(words);
    free(key);
    SSL_CTX_free(ctx);
}

static int on_status(SSL *ssl, void *arg)
{
    return SSL_TLSEXT_ERR_NOACK;
}

static void test_status(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl;
    int (*cb)(SSL *, void *) = NULL;
    void *arg = ctx;
    const unsigned char *resp = (const unsigned char *)"x";
    STACK_OF(OCSP_RESPID) *ids = NULL;
    STACK_OF(X509_EXTENSION) *exts = NULL;

    left("get the callback", SSL_CTX_get_tlsext_status_cb(ctx, &cb));
    ok(cb == NULL, "none");
    left("get the argument", SSL_CTX_get_tlsext_status_arg(ctx, &arg));
    is_ptr(arg, NULL, "none");
    left("set the callback", SSL_CTX_set_tlsext_status_cb(ctx, on_status));
    left("set the argument", SSL_CTX_set_tlsext_status_arg(ctx, &ca));
    SSL_CTX_get_tlsext_status_cb(ctx, &cb);
    SSL_CTX_get_tlsext_status_arg(ctx, &arg);
    ok(cb == on_status && arg == &ca, "are there");
    left("type of a context", SSL_CTX_get_tlsext_status_type(ctx));
    ssl = SSL_new(ctx);
    left("type of a connection", SSL_get_tlsext_status_type(ssl));
    left("OCSP", SSL_CTX_set_tlsext_status_type(ctx, TLSEXT_STATUSTYPE_ocsp));
    left("type", SSL_CTX_get_tlsext_status_type(ctx));
    left("another", SSL_CTX_set_tlsext_status_type(ctx, 77));
    left("type", SSL_CTX_get_tlsext_status_type(ctx));
    left("OCSP", SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp));
    left("type", SSL_get_tlsext_status_type(ssl));
    left("nothing", SSL_set_tlsext_status_type(ssl, -1));
    left("type", SSL_get_tlsext_status_type(ssl));
    left("response", SSL_get_tlsext_status_ocsp_resp(ssl, &resp));
    ok(resp == NULL, "none");
    left("set a response", SSL_set_tlsext_status_ocsp_resp(ssl, OPENSSL_memdup("response", 8), 8));
    left("response", SSL_get_tlsext_status_ocsp_resp(ssl, &resp));
    is_mem(resp, "response", 8, "it");
    left("take it away", SSL_set_tlsext_status_ocsp_resp(ssl, NULL, 0));
    left("response", SSL_get_tlsext_status_ocsp_resp(ssl, &resp));
    left("ids", SSL_get_tlsext_status_ids(ssl, &ids));
    left("extensions", SSL_get_tlsext_status_exts(ssl, &exts));
    left("set no ids", SSL_set_tlsext_status_ids(ssl, NULL));
    left("set no extensions", SSL_set_tlsext_status_exts(ssl, NULL));
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void test_sigalgs(void)
{
    static const char *const lists[] = {
        "RSA+SHA256", "SHA256+RSA", "ECDSA+SHA256:RSA-PSS+SHA384:ed25519", "PSS+SHA256", "RSA+SHA256:RSA+SHA256", "",
        ":", "RSA+SHA256:", ":RSA+SHA256", "RSA+SHA256::ECDSA+SHA256", "RSA", "SHA256", "RSA+MD5", "RSA+", "+SHA256",
        "RSA+SHA256+SHA1", "rsa_pkcs1_sha256", "RSA_PKCS1_SHA256", "rsa_pss_pss_sha512:ed448", "DSA+SHA1", "ecdsa_sha1",
        "EC+SHA256", "RSA+SHA256 : ECDSA+SHA256", " RSA+SHA256", "RSA +SHA256", "rsa+sha256", "RSA+sha512",
        "ed25519+SHA256", "nothing", "?RSA+SHA256", "RSA-PSS+SHA512:RSA-PSS+SHA512",
        "RSA+SHA256:RSA+SHA384:RSA+SHA512:RSA+SHA1:RSA+SHA224:ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ECDSA+SHA1:"
        "ECDSA+SHA224:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:rsa_pss_pss_sha256:rsa_pss_pss_sha384:"
        "rsa_pss_pss_sha512:ed25519:ed448:DSA+SHA256:DSA+SHA384",
    };
    static const int good[] = { NID_sha256, EVP_PKEY_RSA, NID_sha384, EVP_PKEY_EC };
    static const int bad[] = { NID_sha256, EVP_PKEY_RSA, NID_md5, EVP_PKEY_RSA };
    static const int twice[] = { NID_sha256, EVP_PKEY_RSA, NID_sha256, EVP_PKEY_RSA };
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    char what[400];
    size_t i;

    for (i = 0; i < sizeof lists / sizeof *lists; i++) {
        snprintf(what, sizeof what, "'%s'", lists[i]);
        left(what, SSL_CTX_set1_sigalgs_list(ctx, lists[i]));
        left(what, SSL_set1_sigalgs_list(ssl, lists[i]));
        left(what, SSL_CTX_set1_client_sigalgs_list(ctx, lists[i]));
        left(what, SSL_set1_client_sigalgs_list(ssl, lists[i]));
    }
    left("numbers", SSL_CTX_set1_sigalgs(ctx, good, 4));
    left("numbers", SSL_set1_sigalgs(ssl, good, 4));
    left("numbers", SSL_CTX_set1_client_sigalgs(ctx, good, 4));
    left("numbers", SSL_set1_client_sigalgs(ssl, good, 4));
    left("odd", SSL_CTX_set1_sigalgs(ctx, good, 3));
    left("none", SSL_CTX_set1_sigalgs(ctx, good, 0));
    left("an unknown one", SSL_CTX_set1_sigalgs(ctx, bad, 4));
    left("one twice", SSL_CTX_set1_sigalgs(ctx, twice, 4));
    left("peer's", SSL_get_sigalgs(ssl, 0, NULL, NULL, NULL, NULL, NULL));
    left("peer's", SSL_get_sigalgs(ssl, -1, NULL, NULL, NULL, NULL, NULL));
    left("shared", SSL_get_shared_sigalgs(ssl, 0, NULL, NULL, NULL, NULL, NULL));
    left("shared", SSL_get_shared_sigalgs(ssl, -1, NULL, NULL, NULL, NULL, NULL));
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void test_levels(void)
{
    static const int levels[] = { 0, 1, 2, 3, 4, 5, 6, 100, -1, -100 };
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx), *later;
    size_t i;

    for (i = 0; i < sizeof levels / sizeof *levels; i++) {
        SSL_CTX_set_security_level(ctx, levels[i]);
        SSL_set_security_level(ssl, levels[i]);
        later = SSL_new(ctx);
        same("level %d: %d %d %d", levels[i], SSL_CTX_get_security_level(ctx), SSL_get_security_level(ssl),
             SSL_get_security_level(later));
        SSL_free(later);
    }
    ok(SSL_CTX_get_security_callback(ctx) != NULL, "the default callback");
    ok(SSL_CTX_get_security_callback(ctx) == SSL_get_security_callback(ssl), "is a connection's, too");
    is_ptr(SSL_CTX_get0_security_ex_data(ctx), NULL, "no data");
    SSL_CTX_set0_security_ex_data(ctx, &ca);
    is_ptr(SSL_CTX_get0_security_ex_data(ctx), &ca, "data");
    is_ptr(SSL_get0_security_ex_data(ssl), NULL, "not a connection's that was there");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static int on_ct(const CT_POLICY_EVAL_CTX *ctx, const STACK_OF(SCT) *scts, void *arg)
{
    return 1;
}

static void test_ct(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);

    left("enabled", SSL_CTX_ct_is_enabled(ctx));
    left("enabled", SSL_ct_is_enabled(ssl));
    left("strict", SSL_CTX_enable_ct(ctx, SSL_CT_VALIDATION_STRICT));
    left("permissive", SSL_enable_ct(ssl, SSL_CT_VALIDATION_PERMISSIVE));
    left("nonsense", SSL_CTX_enable_ct(ctx, 99));
    left("nonsense", SSL_enable_ct(ssl, -1));
    left("enabled", SSL_CTX_ct_is_enabled(ctx));
    left("enabled", SSL_ct_is_enabled(ssl));
    /* SSL_CTX_disable_ct is a macro that names no function. */
    SSL_CTX_set_ct_validation_callback(ctx, NULL, NULL);
    SSL_set_ct_validation_callback(ssl, NULL, NULL);
    left("disabled", SSL_CTX_ct_is_enabled(ctx));
    left("disabled", SSL_ct_is_enabled(ssl));
    left("a callback", SSL_CTX_set_ct_validation_callback(ctx, on_ct, NULL));
    left("a callback", SSL_set_ct_validation_callback(ssl, on_ct, NULL));
    left("status requested", SSL_get_tlsext_status_type(ssl));
    left("enabled", SSL_CTX_ct_is_enabled(ctx));
    left("enabled", SSL_ct_is_enabled(ssl));
    left("no callback", SSL_CTX_set_ct_validation_callback(ctx, NULL, NULL));
    left("no callback", SSL_set_ct_validation_callback(ssl, NULL, NULL));
    left("disabled", SSL_CTX_ct_is_enabled(ctx));
    left("custom extension taken", SSL_CTX_add_client_custom_ext(ctx, TLSEXT_TYPE_signed_certificate_timestamp, NULL, NULL,
                                                                  NULL, NULL, NULL));
    left("then a callback", SSL_CTX_set_ct_validation_callback(ctx, on_ct, NULL));
    left("timestamps", SSL_get0_peer_scts(ssl) != NULL);
    ok(SSL_CTX_get0_ctlog_store(ctx) != NULL, "a store of logs");
    left("no file of logs", SSL_CTX_set_ctlog_list_file(ctx, "/nonexistent/file"));
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void test_dane(void)
{
    static const unsigned char digest[32] = { 1 };
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    uint8_t usage = 9, selector = 9, type = 9;
    const unsigned char *data = NULL;
    size_t len = 0;
    EVP_PKEY *key = NULL;
    X509 *cert = NULL;

    left("a connection before its context", SSL_dane_enable(ssl, "name.example"));
    left("a record before", SSL_dane_tlsa_add(ssl, 3, 1, 1, digest, 32));
    left("authority", SSL_get0_dane_authority(ssl, &cert, &key));
    left("tlsa", SSL_get0_dane_tlsa(ssl, &usage, &selector, &type, &data, &len));
    left("type before", SSL_CTX_dane_mtype_set(ctx, EVP_sha256(), 1, 1));
    left("enable", SSL_CTX_dane_enable(ctx));
    left("again", SSL_CTX_dane_enable(ctx));
    left("SHA-512 as type 3", SSL_CTX_dane_mtype_set(ctx, EVP_sha512(), 3, 4));
    left("no digest for 0", SSL_CTX_dane_mtype_set(ctx, EVP_sha256(), 0, 1));
    left("none for 2", SSL_CTX_dane_mtype_set(ctx, NULL, 2, 0));
    left("the flags", SSL_CTX_dane_set_flags(ctx, DANE_FLAG_NO_DANE_EE_NAMECHECKS));
    left("the flags", SSL_CTX_dane_clear_flags(ctx, DANE_FLAG_NO_DANE_EE_NAMECHECKS));
    left("a connection's", SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS));
    left("a connection's", SSL_dane_clear_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS));
    left("without a name", SSL_dane_enable(ssl, NULL));
    SSL_free(ssl);
    ssl = SSL_new(ctx);
    left("enable", SSL_dane_enable(ssl, "name.example"));
    left("again", SSL_dane_enable(ssl, "name.example"));
    left("authority", SSL_get0_dane_authority(ssl, &cert, &key));
    left("tlsa", SSL_get0_dane_tlsa(ssl, &usage, &selector, &type, &data, &len));
    left("a record", SSL_dane_tlsa_add(ssl, 3, 1, 1, digest, 32));
    left("again", SSL_dane_tlsa_add(ssl, 3, 1, 1, digest, 32));
    left("too short", SSL_dane_tlsa_add(ssl, 3, 1, 1, digest, 31));
    left("none", SSL_dane_tlsa_add(ssl, 3, 1, 1, digest, 0));
    left("NULL", SSL_dane_tlsa_add(ssl, 3, 1, 1, NULL, 32));
    left("a bad usage", SSL_dane_tlsa_add(ssl, 4, 1, 1, digest, 32));
    left("a bad selector", SSL_dane_tlsa_add(ssl, 3, 2, 1, digest, 32));
    left("a disabled type", SSL_dane_tlsa_add(ssl, 3, 1, 2, digest, 32));
    left("an unknown type", SSL_dane_tlsa_add(ssl, 3, 1, 200, digest, 32));
    left("a whole that is none", SSL_dane_tlsa_add(ssl, 2, 0, 0, digest, 32));
    left("a whole key that is none", SSL_dane_tlsa_add(ssl, 2, 1, 0, digest, 32));
    ok(SSL_get0_dane(ssl) != NULL, "SSL_get0_dane");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static int on_verify_all(X509_STORE_CTX *store, void *arg)
{
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return *(int *)arg;
}

/* Before a handshake, and after one with each kind of peer. */
static void peer(const char *what, SSL *ssl)
{
    EVP_PKEY *theirs = NULL, *own = NULL, *servers = NULL;
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl), *verified = SSL_get0_verified_chain(ssl);
    X509 *one = SSL_get1_peer_certificate(ssl), *old = SSL_get_peer_certificate(ssl);
    int nid = -1, type = -1, own_nid = -1, own_type = -1;

    ok(one == SSL_get0_peer_certificate(ssl) && one == old, "%s: one certificate by three names", what);
    same("%s: certificate %d, chain %d, verified %d, result %ld", what, one != NULL, chain ? sk_X509_num(chain) : -1,
         verified ? sk_X509_num(verified) : -1, SSL_get_verify_result(ssl));
    same("%s: temporary keys %ld %ld %ld", what, SSL_get_peer_tmp_key(ssl, &theirs), SSL_get_tmp_key(ssl, &own),
         (long)SSL_get_server_tmp_key(ssl, &servers));
    same("%s: signatures %ld %d %ld %d", what, SSL_get_peer_signature_nid(ssl, &nid),
         SSL_get_peer_signature_type_nid(ssl, &type), SSL_get_signature_nid(ssl, &own_nid),
         SSL_get_signature_type_nid(ssl, &own_type));
    same("%s: %d %d %d %d (%s)", what, nid, type, own_nid, own_type, tls_errors());
    X509_free(one);
    X509_free(old);
    EVP_PKEY_free(theirs);
    EVP_PKEY_free(servers);
    EVP_PKEY_free(own);
}

static void test_peer(int v)
{
    int auth, answer;

    for (auth = 0; auth < 2; auth++) {
        world w = { .cctx = tls_client_ctx(&ca), .sctx = tls_server_ctx(&leaf) };
        char what[60];
        duo *d;

        SSL_CTX_set1_groups_list(w.cctx, "P-256");
        if (auth) {
            SSL_CTX_use_certificate(w.cctx, client.cert);
            SSL_CTX_use_PrivateKey(w.cctx, client.key);
            X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), ca.cert);
            SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
        }
        d = duo_new(&w, v);
        snprintf(what, sizeof what, "%s %d, client before", version_name(v), auth);
        peer(what, d->c);
        snprintf(what, sizeof what, "%s %d, server before", version_name(v), auth);
        peer(what, d->s);
        ok(duo_handshake(d), "%s: connects (%s|%s)", what, d->out.client.errors, d->out.server.errors);
        snprintf(what, sizeof what, "%s %d, client", version_name(v), auth);
        peer(what, d->c);
        snprintf(what, sizeof what, "%s %d, server", version_name(v), auth);
        peer(what, d->s);
        duo_free(d);
        SSL_CTX_free(w.cctx);
        SSL_CTX_free(w.sctx);
    }
    /* A callback instead of the verification. */
    for (answer = -1; answer < 3; answer++) {
        world w = { .cctx = tls_client_ctx(&ca), .sctx = tls_server_ctx(&leaf) };
        char what[60];
        duo *d;

        SSL_CTX_set1_groups_list(w.cctx, "P-256");
        SSL_CTX_set_cert_verify_callback(w.cctx, on_verify_all, &answer);
        d = duo_new(&w, v);
        duo_handshake(d);
        snprintf(what, sizeof what, "%s callback %d", version_name(v), answer);
        same("%s: %d %d (%s|%s)", what, d->out.client.done, d->out.server.done, d->out.client.errors, d->out.server.errors);
        peer(what, d->c);
        duo_free(d);
        SSL_CTX_free(w.cctx);
        SSL_CTX_free(w.sctx);
    }
}

/* Names and addresses that the certificate has or has not: localhost and 127.0.0.1. */
static void test_names(int v)
{
    static const char *const lists[][3] = {
        { "127.0.0.1" }, { "127.0.0.2" }, { "localhost" }, { "elsewhere" }, { "127.0.0.1", "localhost" },
        { "127.0.0.1", "elsewhere" }, { "127.0.0.2", "localhost" }, { "elsewhere", "localhost" },
        { "elsewhere", "127.0.0.1" }, { "localhost", "127.0.0.2" }, { "127.0.0.1", "127.0.0.2" }, { "::1" },
        { "elsewhere", "127.0.0.1", "localhost" },
    };
    world w = world_make();
    size_t i, n;

    for (i = 0; i < sizeof lists / sizeof *lists; i++) {
        duo *d = duo_new(&w, v);
        char what[80] = "";

        for (n = 0; n < 3 && lists[i][n] != NULL; n++) {
            snprintf(what + strlen(what), sizeof what - strlen(what), " %s", lists[i][n]);
            same("%s: %d", what, n ? SSL_add1_host(d->c, lists[i][n]) : SSL_set1_host(d->c, lists[i][n]));
        }
        duo_handshake(d);
        same("%s%s: %d (%s), result %ld, peer name %s", version_name(v), what, d->out.client.done, d->out.client.errors,
             SSL_get_verify_result(d->c), SSL_get0_peername(d->c) ? SSL_get0_peername(d->c) : "none");
        duo_free(d);
    }
    world_free(&w);
}

int main(void)
{
    ca = tls_ca("P-256", "Test CA");
    leaf = tls_leaf(&ca, "P-256", "localhost", NULL);
    client = tls_client_leaf(&ca, "P-256", "client");
    test_verify_settings();
    test_parameters();
    test_locations();
    test_status();
    test_sigalgs();
    test_levels();
    test_ct();
    test_dane();
    FOR_VERSIONS(v) {
        test_peer(v);
        test_names(v);
    }
    tls_id_free(&ca);
    tls_id_free(&leaf);
    tls_id_free(&client);
    return done();
}
