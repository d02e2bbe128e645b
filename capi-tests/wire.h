/* Records made by hand: in the clear, and sealed with a connection's own keys, so that a test can
 * send what no TLS library would.
 *
 *   wire_record_put(&d->c2s, 22, bytes, n);         a record in the clear
 *   wire_resplit(&d->c2s, 0, 1);                    handshake records: one byte in each
 *   sealer k = sealer_make(d->c, secrets, version); the client's sending keys after the handshake
 *   seal(&k, &d->c2s, 23, "x", 1, 100);             a record with 100 zeros after its type (1.3)
 *   n = unseal(&k, record, len, out, &type, &zeros);
 *
 * The connection must use AES-128-GCM with SHA-256: wire_suites(ctx). For TLS 1.3 the keys come
 * from the key log: SSL_CTX_set_keylog_callback(ctx, wire_keylog). */
#ifndef FERROSSL_WIRE_H
#define FERROSSL_WIRE_H

#include "pipe.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>

enum { REC_CCS = 20, REC_ALERT, REC_HANDSHAKE, REC_DATA };

/* The largest record with any expansion. */
enum { WIRE_RECORD = 5 + 16384 + 2048 };

static inline void wire_header(wire *w, int type, size_t n)
{
    unsigned char header[5] = { (unsigned char)type, 3, 3, (unsigned char)(n >> 8),
                                (unsigned char)n };

    wire_put(w, header, sizeof header);
}

static inline void wire_record_put(wire *w, int type, const void *data, size_t n)
{
    wire_header(w, type, n);
    wire_put(w, data, n);
}

/* Puts the handshake records in the clear that `w` begins with, from byte `at` on, into records of
 * `size` bytes; what follows them stays. Returns how many there are then. */
static inline int wire_resplit(wire *w, size_t at, size_t size)
{
    wire body = { 0 }, tail = { 0 };
    size_t n, done;
    int count = 0;

    for (done = at; (n = wire_record(w, done)) != 0 && w->data[done] == REC_HANDSHAKE; done += n)
        wire_put(&body, w->data + done + 5, n - 5);
    wire_put(&tail, w->data + done, w->len - done);
    w->len = at;
    for (done = 0; done < body.len; done += n, count++) {
        n = body.len - done < size ? body.len - done : size;
        wire_record_put(w, REC_HANDSHAKE, body.data + done, n);
    }
    wire_put(w, tail.data, tail.len);
    wire_free(&body);
    wire_free(&tail);
    return count;
}

static inline void wire_suites(SSL_CTX *ctx)
{
    TLS_MUST(SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256") == 1);
    TLS_MUST(SSL_CTX_set_cipher_list(ctx, "ECDHE-ECDSA-AES128-GCM-SHA256") == 1);
}

/* The traffic secrets last logged: client's, server's. */
static unsigned char wire_secrets[2][32];

static inline void wire_keylog(const SSL *ssl, const char *line)
{
    const char *labels[] = { "CLIENT_TRAFFIC_SECRET_0 ", "SERVER_TRAFFIC_SECRET_0 " };

    (void)ssl;
    for (int side = 0; side < 2; side++)
        if (strncmp(line, labels[side], strlen(labels[side])) == 0)
            for (int i = 0; i < 32; i++)
                sscanf(strrchr(line, ' ') + 1 + 2 * i, "%2hhx", &wire_secrets[side][i]);
}

typedef struct {
    EVP_CIPHER_CTX *gcm;
    unsigned char key[16], iv[12];
    unsigned long long seq;
    int tls13;
} sealer;

static inline void wire_derive(const char *kdf_name, const OSSL_PARAM *params, unsigned char *out,
                               size_t n)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, kdf_name, NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);

    TLS_MUST(ctx && EVP_KDF_derive(ctx, out, n, params) > 0);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

/* HKDF-Expand-Label with an empty context (RFC 8446, section 7.1). */
static inline void wire_expand(unsigned char *secret, const char *label, unsigned char *out,
                               size_t n)
{
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    unsigned char info[64] = { 0, (unsigned char)n };
    int used = snprintf((char *)info + 3, sizeof info - 4, "tls13 %s", label);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, "SHA256", 0),
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret, 32),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, (size_t)used + 4),
        OSSL_PARAM_construct_end(),
    };

    info[2] = (unsigned char)used;
    wire_derive("HKDF", params, out, n);
}

/* TLS 1.2's key block of a client or server (RFC 5246, section 6.3). */
static inline void wire_key_block(SSL *ssl, unsigned char block[40])
{
    unsigned char master[48], seed[13 + 64] = "key expansion";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, "SHA256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, master, sizeof master),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, sizeof seed),
        OSSL_PARAM_construct_end(),
    };

    TLS_MUST(SSL_SESSION_get_master_key(SSL_get_session(ssl), master, sizeof master) == 48);
    TLS_MUST(SSL_get_server_random(ssl, seed + 13, 32) == 32);
    TLS_MUST(SSL_get_client_random(ssl, seed + 45, 32) == 32);
    wire_derive("TLS1-PRF", params, block, 40);
}

/* The keys with which the client or server `ssl` sends; nothing is sent with them but a TLS 1.2
 * Finished. */
static inline sealer sealer_make(SSL *ssl, int version)
{
    sealer k = { EVP_CIPHER_CTX_new(), { 0 }, { 0 }, version == TLS1_2_VERSION,
                 version == TLS1_3_VERSION };
    int side = SSL_is_server(ssl);

    if (k.tls13) {
        wire_expand(wire_secrets[side], "key", k.key, 16);
        wire_expand(wire_secrets[side], "iv", k.iv, 12);
    } else {
        unsigned char block[40];

        wire_key_block(ssl, block);
        memcpy(k.key, block + 16 * side, 16);
        memcpy(k.iv, block + 32 + 4 * side, 4);
    }
    TLS_MUST(k.gcm != NULL);
    return k;
}

/* The next generation of TLS 1.3 keys of `side` (0 client, 1 server), after its KeyUpdate. */
static inline void sealer_update(sealer *k, int side)
{
    unsigned char next[32];

    wire_expand(wire_secrets[side], "traffic upd", next, 32);
    memcpy(wire_secrets[side], next, 32);
    wire_expand(next, "key", k->key, 16);
    wire_expand(next, "iv", k->iv, 12);
    k->seq = 0;
}

static inline void sealer_free(sealer *k)
{
    EVP_CIPHER_CTX_free(k->gcm);
    k->gcm = NULL;
}

static inline void sealer_nonce(const sealer *k, const unsigned char *explicit, unsigned char *to)
{
    memcpy(to, k->iv, 12);
    if (explicit != NULL)
        memcpy(to + 4, explicit, 8);
    else
        for (int i = 0; i < 8; i++)
            to[4 + i] ^= (unsigned char)(k->seq >> (56 - 8 * i));
}

/* The additional data: TLS 1.3's is the header. Returns its length. */
static inline int sealer_aad(const sealer *k, int type, size_t n, unsigned char aad[13])
{
    unsigned char *at = aad;

    if (!k->tls13)
        for (int i = 0; i < 8; i++)
            *at++ = (unsigned char)(k->seq >> (56 - 8 * i));
    *at++ = (unsigned char)type;
    *at++ = 3;
    *at++ = 3;
    *at++ = (unsigned char)(n >> 8);
    *at++ = (unsigned char)n;
    return (int)(at - aad);
}

/* Appends a protected record; with TLS 1.3 `type` is the inner one and `zeros` follow it. */
static inline void seal(sealer *k, wire *to, int type, const void *data, size_t n, size_t zeros)
{
    unsigned char nonce[12], aad[13], tag[16], explicit[8];
    unsigned char *body = calloc(1, WIRE_RECORD);
    size_t inner = k->tls13 ? n + 1 + zeros : n;
    int len, aad_len = sealer_aad(k, k->tls13 ? REC_DATA : type,
                                  k->tls13 ? inner + sizeof tag : inner, aad);

    TLS_MUST(body != NULL);
    if (n != 0)
        memcpy(body, data, n);
    if (k->tls13)
        body[n] = (unsigned char)type;
    for (int i = 0; i < 8; i++)
        explicit[i] = (unsigned char)(k->seq >> (56 - 8 * i));
    sealer_nonce(k, k->tls13 ? NULL : explicit, nonce);
    TLS_MUST(EVP_EncryptInit_ex(k->gcm, EVP_aes_128_gcm(), NULL, k->key, nonce)
             && EVP_EncryptUpdate(k->gcm, NULL, &len, aad, aad_len)
             && EVP_EncryptUpdate(k->gcm, body, &len, body, (int)inner)
             && EVP_EncryptFinal_ex(k->gcm, body + len, &len)
             && EVP_CIPHER_CTX_ctrl(k->gcm, EVP_CTRL_AEAD_GET_TAG, sizeof tag, tag));
    wire_header(to, k->tls13 ? REC_DATA : type, inner + sizeof tag + (k->tls13 ? 0 : 8));
    if (!k->tls13)
        wire_put(to, explicit, sizeof explicit);
    wire_put(to, body, inner);
    wire_put(to, tag, sizeof tag);
    free(body);
    k->seq++;
}

/* Opens the record at `record`, `len` bytes with its header, sent with these keys. Returns the
 * length of its content, -1 if it does not open; `zeros` gets what padded it. */
static inline int unseal(sealer *k, const unsigned char *record, size_t len, unsigned char *out,
                         int *type, int *zeros)
{
    unsigned char nonce[12], aad[13];
    size_t head = k->tls13 ? 5 : 13;
    int n = (int)(len - head) - 16, final, aad_len;

    if (n < 0)
        return -1;
    sealer_nonce(k, k->tls13 ? NULL : record + 5, nonce);
    aad_len = sealer_aad(k, record[0], k->tls13 ? len - 5 : (size_t)n, aad);
    if (EVP_DecryptInit_ex(k->gcm, EVP_aes_128_gcm(), NULL, k->key, nonce) != 1
        || EVP_DecryptUpdate(k->gcm, NULL, &final, aad, aad_len) != 1
        || EVP_DecryptUpdate(k->gcm, out, &final, record + head, n) != 1
        || EVP_CIPHER_CTX_ctrl(k->gcm, EVP_CTRL_AEAD_SET_TAG, 16,
                               (void *)(record + len - 16)) != 1
        || EVP_DecryptFinal_ex(k->gcm, out + n, &final) != 1)
        return -1;
    k->seq++;
    *zeros = 0;
    *type = record[0];
    if (k->tls13) {
        while (n > 0 && out[n - 1] == 0) {
            n--;
            ++*zeros;
        }
        *type = n > 0 ? out[--n] : 0;
    }
    return n;
}

#endif
