/* Key exchange groups of a provider: named in lists, told by name and number, negotiated by key
 * exchange and by KEM, with and without a HelloRetryRequest, and refused where they do not exist. */
#include "pipe.h"
#include "provider.h"

static OSSL_LIB_CTX *lib;
static tls_id leaf;

static SSL_CTX *context(int server, const char *groups)
{
    SSL_CTX *ctx = SSL_CTX_new_ex(lib, NULL, server ? TLS_server_method() : TLS_client_method());

    TLS_MUST(ctx != NULL);
    if (server) {
        TLS_MUST(SSL_CTX_use_certificate(ctx, leaf.cert) == 1);
        TLS_MUST(SSL_CTX_use_PrivateKey(ctx, leaf.key) == 1);
    }
    if (groups != NULL)
        ok(SSL_CTX_set1_groups_list(ctx, groups) == 1, "the list %s", groups);
    return ctx;
}

/* What a list gives, and its error. */
static void list(const char *groups)
{
    SSL_CTX *ctx = context(0, NULL);
    int r = SSL_CTX_set1_groups_list(ctx, groups);
    SSL *ssl = SSL_new(ctx);

    same("%s: %d, %s", groups, r, tls_errors());
    r = (int)SSL_set1_groups_list(ssl, groups);
    same("%s: a connection's %d, %s", groups, r, tls_errors());
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void test_names(void)
{
    SSL_CTX *ctx = context(0, NULL), *elsewhere = SSL_CTX_new(TLS_client_method());
    SSL_CONF_CTX *conf = SSL_CONF_CTX_new();
    SSL *ssl = SSL_new(ctx), *other = SSL_new(elsewhere);
    static const int ids[] = { TOY_KEX_ID, TOY_KEM_ID, TOY_OLD_ID, TOY_LOST_ID, 0xfeff, 29 };
    int nid = TLSEXT_nid_unknown | TOY_KEX_ID, r;

    list("toy-kex");
    list("toy-kem:toy-kex");
    list("toy-kex:P-256:toy-kem");
    list("toy-old");
    list("toy-lost");
    list("TOY-KEX");
    list("inner-kex");
    list("toy-kex:toy-kex");
    list("toy-nothing");
    list("toy-kex:");
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const char *name = SSL_group_to_name(ssl, TLSEXT_nid_unknown | ids[i]);

        same("name of %x: %s", ids[i], name ? name : "none");
        name = SSL_group_to_name(other, TLSEXT_nid_unknown | ids[i]);
        same("in the default context: %s", name ? name : "none");
    }
    r = (int)SSL_CTX_set1_groups(ctx, &nid, 1);
    same("by number: %d, %s", r, tls_errors());
    r = (int)SSL_CTX_set1_groups_list(elsewhere, "toy-kex");
    same("in the default context: %d, %s", r, tls_errors());
    SSL_CONF_CTX_set_flags(conf, SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_CLIENT | SSL_CONF_FLAG_SHOW_ERRORS);
    SSL_CONF_CTX_set_ssl_ctx(conf, ctx);
    r = SSL_CONF_cmd(conf, "Groups", "toy-kem");
    same("SSL_CONF: %d, %s", r, tls_errors());
    SSL_CONF_CTX_free(conf);
    SSL_free(ssl);
    SSL_free(other);
    SSL_CTX_free(ctx);
    SSL_CTX_free(elsewhere);
}

static void tell_key(SSL *ssl, const char *whose, long (*get)(SSL *, EVP_PKEY **))
{
    EVP_PKEY *key = NULL;

    if (get(ssl, &key) == 1) {
        same("%s: bits %d, a toy %d", whose, EVP_PKEY_get_bits(key), EVP_PKEY_is_a(key, "TOY"));
        EVP_PKEY_free(key);
    } else {
        same("%s: none", whose);
    }
    ERR_clear_error();
}

static long peer_key(SSL *ssl, EVP_PKEY **key)
{
    return SSL_get_peer_tmp_key(ssl, key);
}

/* A handshake with these lists: what was negotiated, and what both sides say of it. */
static void negotiate(const char *client, const char *server, int version, int level)
{
    SSL_CTX *cctx = context(0, client), *sctx = context(1, server);
    SSL *c, *s;
    duo *d;
    int nids[16], n;

    SSL_CTX_set_security_level(cctx, level);
    SSL_CTX_set_security_level(sctx, level);
    c = SSL_new(cctx);
    s = SSL_new(sctx);
    ssl_only_version(c, version);
    ssl_only_version(s, version);
    d = duo_of(c, s);
    toy_generated = toy_derived = toy_encapsulated = toy_decapsulated = 0;
    duo_handshake(d);
    same("%s to %s, %s, level %d: %d %d, reasons %d %d, alerts %x %x", client, server, version_name(version), level,
         d->out.client.done, d->out.server.done, d->out.client.reason, d->out.server.reason,
         trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0), trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0));
    if (d->out.client.done == 1 && d->out.server.done == 1) {
        same("group %x %x, name %s %s, shared %x of %ld", (unsigned)SSL_get_negotiated_group(c), (unsigned)SSL_get_negotiated_group(s),
             SSL_group_to_name(c, (int)SSL_get_negotiated_group(c)), SSL_group_to_name(s, (int)SSL_get_negotiated_group(s)),
             (unsigned)SSL_get_shared_group(s, 0), (long)SSL_get_shared_group(s, -1));
        n = (int)SSL_get1_groups(s, nids);
        for (int i = 0; i < n && i < 16; i++)
            same("offered: %x", (unsigned)nids[i]);
        tell_key(c, "the client's peer key", peer_key);
        tell_key(s, "the server's peer key", peer_key);
        ok(tls_echo(c, s), "data passes");
    }
    same("derived %d, encapsulated %d, decapsulated %d", toy_derived, toy_encapsulated, toy_decapsulated);
    duo_free(d);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

/* A share that is none of the group's, and an encapsulation that is none. */
static void test_tampered(const char *group, int client_sends)
{
    SSL_CTX *cctx = context(0, group), *sctx = context(1, group);
    duo *d = duo_of(SSL_new(cctx), SSL_new(sctx));
    wire *w = client_sends ? &d->c2s : &d->s2c;
    unsigned char id[2] = { 0xfe, strcmp(group, "toy-kem") == 0 ? TOY_KEM_ID & 0xff : TOY_KEX_ID & 0xff };
    size_t record;

    memset(&d->out, 0, sizeof d->out);
    tls_step(d->c, &d->out.client);
    if (!client_sends)
        tls_step(d->s, &d->out.server);
    record = wire_record(w, 0);
    /* The group's number, and the share with its length. */
    for (size_t i = record - TOY_KEY - 4; i > 0; i--)
        if (memcmp(w->data + i, id, 2) == 0 && w->data[i + 2] == 0
            && (w->data[i + 3] == TOY_KEY || w->data[i + 3] == TOY_KEY + 1)) {
            if (w->data[i + 3] == TOY_KEY + 1)
                w->data[i + 4 + TOY_KEY] ^= 1;
            else
                w->data[i + 4] ^= 1;
            break;
        }
    duo_handshake(d);
    same("%s, the %s's share: %d %d, reasons %d %d, alerts %x %x", group, client_sends ? "client" : "server", d->out.client.done,
         d->out.server.done, d->out.client.reason, d->out.server.reason, trace_alert(&d->ct, SSL_CB_WRITE_ALERT, 0),
         trace_alert(&d->st, SSL_CB_WRITE_ALERT, 0));
    duo_free(d);
    SSL_CTX_free(cctx);
    SSL_CTX_free(sctx);
}

int main(void)
{
    lib = toy_context();
    leaf = tls_cert(NULL, "P-256", "localhost", "DNS:localhost", NULL, 0, -TLS_DAY, TLS_DAY);
    test_names();
    negotiate("toy-kex", "toy-kex", TLS1_3_VERSION, 1);
    negotiate("toy-kem", "toy-kem", TLS1_3_VERSION, 1);
    negotiate("toy-kem:P-256", "toy-kem", 0, 1);
    /* After a HelloRetryRequest. */
    negotiate("P-256:toy-kex", "toy-kex", TLS1_3_VERSION, 1);
    negotiate("P-256:toy-kem", "toy-kem", 0, 1);
    negotiate("toy-kex:toy-kem", "toy-kem:toy-kex", TLS1_3_VERSION, 1);
    /* Without one in common, in the wrong version, and too weak. */
    negotiate("toy-kex", "toy-kem", TLS1_3_VERSION, 1);
    negotiate("toy-old", "toy-old", TLS1_3_VERSION, 1);
    negotiate("toy-kex:P-256", "toy-kex:P-256", TLS1_2_VERSION, 1);
    negotiate("toy-kex:toy-kem", "toy-kex:toy-kem", TLS1_3_VERSION, 4);
    test_tampered("toy-kex", 1);
    test_tampered("toy-kex", 0);
    test_tampered("toy-kem", 1);
    test_tampered("toy-kem", 0);
    tls_id_free(&leaf);
    toy_free(lib);
    return done();
}
