/* SSL_get_finished and SSL_get_peer_finished: what each side sent is what the other received, so
 * that tls-unique (RFC 5929) can be made of it. TLS 1.2 and 1.3, resumed and not, with a client's
 * certificate, after a HelloRetryRequest. */
#include "certs.h"
#include "pipe.h"

#define LONG 64

typedef struct {
    unsigned char bytes[LONG];
    size_t len;
} finished;

static finished sent_by(SSL *ssl)
{
    finished f = { .len = 0 };

    f.len = SSL_get_finished(ssl, f.bytes, sizeof f.bytes);
    return f;
}

static finished received_by(SSL *ssl)
{
    finished f = { .len = 0 };

    f.len = SSL_get_peer_finished(ssl, f.bytes, sizeof f.bytes);
    return f;
}

static void are_exchanged(SSL *c, SSL *s, const char *what)
{
    finished from_c = sent_by(c), at_s = received_by(s), from_s = sent_by(s), at_c = received_by(c);
    size_t expected = 12;

    if (SSL_version(c) == TLS1_3_VERSION)
        expected = (size_t)EVP_MD_get_size(SSL_CIPHER_get_handshake_digest(SSL_get_current_cipher(c)));
    is_int(from_c.len, expected, "%s: the client's length", what);
    is_int(from_s.len, expected, "%s: the server's length", what);
    is_int(at_s.len, expected, "%s: the client's length at the server", what);
    is_int(at_c.len, expected, "%s: the server's length at the client", what);
    is_mem(at_s.bytes, from_c.bytes, expected, "%s: the server has the client's", what);
    is_mem(at_c.bytes, from_s.bytes, expected, "%s: the client has the server's", what);
    ok(memcmp(from_c.bytes, from_s.bytes, expected) != 0, "%s: the two differ", what);
}

static void handshakes(const world *w)
{
    FOR_VERSIONS(v) {
        duo *d = duo_new(w, v);
        SSL_SESSION *session;
        finished first;
        char byte;

        is_int(sent_by(d->c).len, 0, "%s: none sent before", version_name(v));
        is_int(received_by(d->s).len, 0, "%s: none received before", version_name(v));
        ok(duo_handshake(d), "%s: connects", version_name(v));
        are_exchanged(d->c, d->s, version_name(v));
        first = sent_by(d->c);
        SSL_read(d->c, &byte, 1);
        ok(tls_echo(d->c, d->s), "%s: data flows", version_name(v));
        are_exchanged(d->c, d->s, "after data");
        session = duo_part(d);

        d = duo_new(w, v);
        SSL_set_session(d->c, session);
        ok(duo_handshake(d), "%s: connects again", version_name(v));
        ok(SSL_session_reused(d->c), "%s: resumed", version_name(v));
        are_exchanged(d->c, d->s, "resumed");
        ok(memcmp(first.bytes, sent_by(d->c).bytes, first.len) != 0,
           "%s: another handshake, another Finished", version_name(v));
        SSL_SESSION_free(session);
        duo_free(d);
    }
}

static void suites(const world *w)
{
    static const char *const tls13[] = { "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                         "TLS_CHACHA20_POLY1305_SHA256" };

    for (size_t i = 0; i < sizeof tls13 / sizeof *tls13; i++) {
        duo *d = duo_new(w, TLS1_3_VERSION);

        ok(SSL_set_ciphersuites(d->c, tls13[i]) == 1, "%s is taken", tls13[i]);
        ok(duo_handshake(d), "%s: connects", tls13[i]);
        are_exchanged(d->c, d->s, tls13[i]);
        duo_free(d);
    }
}

static int accept_any(int preverified, X509_STORE_CTX *store)
{
    return 1;
}

static void client_certificate(const world *w, const tls_id *id)
{
    FOR_VERSIONS(v) {
        duo *d = duo_new(w, v);

        SSL_set_verify(d->s, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
        SSL_use_certificate(d->c, id->cert);
        SSL_use_PrivateKey(d->c, id->key);
        ok(duo_handshake(d), "%s: connects with a certificate (%s|%s)", version_name(v),
           d->out.client.errors, d->out.server.errors);
        are_exchanged(d->c, d->s, "client certificate");
        duo_free(d);
    }
}

static void retried(const world *w)
{
    duo *d = duo_new(w, TLS1_3_VERSION);

    ok(SSL_set1_groups_list(d->c, "X25519:P-384") == 1, "the client's groups");
    ok(SSL_set1_groups_list(d->s, "P-384") == 1, "the server's group");
    ok(duo_handshake(d), "connects after a HelloRetryRequest");
    are_exchanged(d->c, d->s, "HelloRetryRequest");
    duo_free(d);
}

static void buffers(const world *w)
{
    FOR_VERSIONS(v) {
        duo *d = duo_connected(w, v);
        unsigned char part[5] = { 1, 1, 1, 1, 0xee };
        finished all = sent_by(d->c);

        is_int(SSL_get_finished(d->c, NULL, 0), all.len, "the length alone");
        is_int(SSL_get_finished(d->c, part, 4), all.len, "a part: the whole length");
        is_mem(part, all.bytes, 4, "a part is copied");
        is_int(part[4], 0xee, "nothing beyond it");
        is_int(SSL_get_peer_finished(d->s, part, 4), all.len, "the peer's: the whole length");
        SSL_shutdown(d->c);
        ok(SSL_clear(d->c), "cleared");
        is_int(sent_by(d->c).len, 0, "none after SSL_clear");
        is_int(received_by(d->c).len, 0, "none of the peer's after SSL_clear");
        duo_free(d);
    }
}

int main(void)
{
    world w = world_make();
    tls_id ca = tls_ca("P-256", "CA"), id = tls_client_leaf(&ca, "P-256", "client");

    handshakes(&w);
    suites(&w);
    client_certificate(&w, &id);
    retried(&w);
    buffers(&w);
    tls_id_free(&id);
    tls_id_free(&ca);
    world_free(&w);
    return done();
}
