/* RSA-PSS keys (rsassaPss, RFC 8446, section 4.2.3) in both versions, on both sides; those whose
 * parameters or length leave only some of the signature schemes. */
#include "certs.h"
#include "pipe.h"

static tls_id ca, pss, rsa, own;

static void run(int v, const tls_id *server, const tls_id *client, const char *sigalgs, const char *what)
{
    world w = { .cctx = tls_client_ctx(&ca), .sctx = tls_server_ctx(server) };
    int type = 0, digest = 0;
    duo *d;

    if (client != NULL) {
        SSL_CTX_use_certificate(w.cctx, client->cert);
        SSL_CTX_use_PrivateKey(w.cctx, client->key);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), ca.cert);
        SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    if (sigalgs != NULL) {
        SSL_CTX_set1_sigalgs_list(w.cctx, sigalgs);
        SSL_CTX_set1_sigalgs_list(w.sctx, sigalgs);
    }
    d = duo_new(&w, v);
    ok(duo_handshake(d), "%s: %s: connects (%s|%s)", version_name(v), what, d->out.client.errors,
       d->out.server.errors);
    if (d->out.client.done == 1) {
        is_int(SSL_get_peer_signature_type_nid(d->c, &type), 1, "%s: %s: the server signed", version_name(v), what);
        is_int(SSL_get_peer_signature_nid(d->c, &digest), 1, "%s: %s: with a digest", version_name(v), what);
        same("%s: %s: type %d, digest %d", version_name(v), what, type, digest);
        if (client != NULL) {
            is_int(SSL_get_peer_signature_type_nid(d->s, &type), 1, "%s: %s: the client signed", version_name(v), what);
            same("%s: %s: type %d", version_name(v), what, type);
            ok(SSL_get0_peer_certificate(d->s) != NULL, "%s: %s: its certificate", version_name(v), what);
        }
        ok(tls_echo(d->c, d->s), "%s: %s: data passes", version_name(v), what);
    }
    duo_free(d);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
}

/* Messages that begin and end anywhere in the server's records. */
static void test_fragments(void)
{
    world w = { .cctx = tls_client_ctx(&ca), .sctx = tls_server_ctx(&pss) };
    int size;

    for (size = 512; size < 1024; size += 27) {
        duo *d = duo_new(&w, TLS1_2_VERSION);
        int type = 0;

        SSL_set_max_send_fragment(d->s, (unsigned)size);
        ok(duo_handshake(d), "fragments of %d: connects (%s|%s)", size, d->out.client.errors, d->out.server.errors);
        SSL_get_peer_signature_type_nid(d->c, &type);
        is_int(type, NID_rsassaPss, "fragments of %d: the signature", size);
        ok(tls_echo(d->c, d->s), "fragments of %d: data passes", size);
        duo_free(d);
    }
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
}

/* A server of TLS 1.3 that takes no signature of clients that TLS 1.3 has. */
static void test_no_schemes(int v)
{
    world w = { .cctx = tls_client_ctx(&ca), .sctx = tls_server_ctx(&rsa) };
    duo *d;

    SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set1_client_sigalgs_list(w.sctx, "ECDSA+SHA1:DSA+SHA256:RSA+SHA256");
    d = duo_new(&w, v);
    duo_handshake(d);
    same("%s without schemes: %d %d (%s|%d)", version_name(v), d->out.client.done, d->out.server.done,
         d->out.client.errors, d->out.server.reason);
    duo_free(d);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
}

/* A key for one digest, or one too short for others. */
static tls_id restricted(const char *type, const EVP_MD *digest, int bits, int salt)
{
    EVP_PKEY_CTX *gen = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;
    tls_id id;

    TLS_MUST(gen && EVP_PKEY_keygen_init(gen) > 0 && EVP_PKEY_CTX_set_rsa_keygen_bits(gen, bits) > 0);
    if (digest != NULL)
        TLS_MUST(EVP_PKEY_CTX_set_rsa_pss_keygen_md(gen, digest) > 0
                 && EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(gen, digest) > 0
                 && EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(gen, salt) > 0);
    TLS_MUST(EVP_PKEY_generate(gen, &key) > 0);
    EVP_PKEY_CTX_free(gen);
    id = cert_make(.cn = "localhost", .key = key, .issuer = &ca);
    EVP_PKEY_free(key);
    return id;
}

static void choose(int v, const tls_id *id, const char *sigalgs, const char *name)
{
    world w = { .cctx = tls_client_ctx(NULL), .sctx = tls_server_ctx(NULL) };
    tls_id other = tls_leaf(&ca, "P-256", "localhost", NULL);
    int digest = 0, client;

    SSL_CTX_set_security_level(w.cctx, 0);
    SSL_CTX_set_security_level(w.sctx, 0);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(w.sctx), ca.cert);
    for (client = 0; client < 2; client++) {
        SSL_CTX *ctx = client ? w.cctx : w.sctx;
        duo *d;

        is_int(SSL_CTX_use_certificate(ctx, id->cert), 1, "%s: certificate", name);
        is_int(SSL_CTX_use_PrivateKey(ctx, id->key), 1, "%s: key", name);
        if (client) {
            SSL_CTX_use_certificate(w.sctx, other.cert);
            SSL_CTX_use_PrivateKey(w.sctx, other.key);
            SSL_CTX_set_verify(w.sctx, SSL_VERIFY_PEER, NULL);
            SSL_CTX_set1_client_sigalgs_list(w.sctx, sigalgs);
            SSL_CTX_set1_sigalgs_list(w.cctx, "ECDSA+SHA256");
            SSL_CTX_set1_client_sigalgs_list(w.cctx, sigalgs);
        } else {
            SSL_CTX_set1_sigalgs_list(w.cctx, sigalgs);
        }
        d = duo_new(&w, v);
        duo_handshake(d);
        SSL_get_peer_signature_nid(client ? d->s : d->c, &digest);
        same("%s %s%s of %s: %d %d (%s|%s) certificate %d, digest %s", version_name(v), name, client ? " client" : "",
             sigalgs, d->out.client.done, d->out.server.done, d->out.client.errors, d->out.server.errors,
             d->out.server.done == 1 && SSL_get0_peer_certificate(d->s) != NULL, d->out.client.done == 1 ? OBJ_nid2sn(digest) : "-");
        duo_free(d);
    }
    tls_id_free(&other);
    SSL_CTX_free(w.cctx);
    SSL_CTX_free(w.sctx);
}

static void test_restricted(void)
{
    tls_id sha384 = restricted("RSA-PSS", EVP_sha384(), 2048, 48), sha256 = restricted("RSA-PSS", EVP_sha256(), 2048, 32);
    tls_id salty = restricted("RSA-PSS", EVP_sha256(), 2048, 64), small = restricted("RSA-PSS", NULL, 1024, 0);
    tls_id rsa = restricted("RSA", NULL, 1024, 0);
    const char *all = "rsa_pss_pss_sha512:rsa_pss_pss_sha256:rsa_pss_pss_sha384:ECDSA+SHA256";

    FOR_VERSIONS(v) {
        choose(v, &sha384, all, "for SHA-384");
        choose(v, &sha384, "rsa_pss_pss_sha256:ECDSA+SHA256", "for SHA-384");
        choose(v, &sha384, "rsa_pss_pss_sha512:ECDSA+SHA256", "for SHA-384");
        choose(v, &sha256, all, "for SHA-256");
        choose(v, &sha256, "rsa_pss_pss_sha512:ECDSA+SHA256", "for SHA-256");
        choose(v, &salty, "rsa_pss_pss_sha256:ECDSA+SHA256", "with a long salt");
        choose(v, &small, all, "of 1024 bits");
        choose(v, &small, "rsa_pss_pss_sha512:ECDSA+SHA256", "of 1024 bits");
        choose(v, &rsa, "rsa_pss_rsae_sha512:rsa_pss_rsae_sha384:ECDSA+SHA256", "RSA of 1024 bits");
        choose(v, &rsa, "rsa_pss_rsae_sha512:ECDSA+SHA256", "RSA of 1024 bits");
    }
    tls_id_free(&sha384);
    tls_id_free(&sha256);
    tls_id_free(&salty);
    tls_id_free(&small);
    tls_id_free(&rsa);
}

int main(void)
{
    ca = tls_ca("P-256", "Test CA");
    pss = tls_leaf(&ca, "RSA-PSS", "localhost", "DNS:localhost");
    rsa = tls_leaf(&ca, "RSA", "localhost", "DNS:localhost");
    own = tls_cert(&ca, "RSA-PSS", "client", NULL, "clientAuth", 0, -3600, 86400);
    FOR_VERSIONS(v) {
        run(v, &rsa, &own, NULL, "a client's");
        run(v, &rsa, &own, "rsa_pss_pss_sha384:rsa_pss_rsae_sha256:ECDSA+SHA256", "a client's, SHA-384");
        run(v, &pss, NULL, NULL, "a server's");
        run(v, &pss, NULL, "rsa_pss_pss_sha512:ECDSA+SHA256", "a server's, SHA-512");
        run(v, &pss, &own, NULL, "both");
    }
    /* Keys take seconds there. */
    if (!under_valgrind())
        test_restricted();
    test_fragments();
    FOR_VERSIONS(v)
        test_no_schemes(v);
    tls_id_free(&own);
    tls_id_free(&rsa);
    tls_id_free(&pss);
    tls_id_free(&ca);
    return done();
}
