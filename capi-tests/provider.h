/* A provider with key exchange groups of its own (provider-base(7), "TLS-GROUP"): a key exchange, a
 * KEM over it, one for TLS 1.2 alone and one whose algorithm does not exist. The mathematics is a toy.
 *
 *   OSSL_LIB_CTX *lib = toy_context();     with the default provider, too
 *   SSL_CTX_new_ex(lib, NULL, TLS_method())
 *   SSL_CTX_set1_groups_list(ctx, "toy-kex:toy-kem")
 *   toy_free(lib);                         once everything made in it is gone */
#ifndef FERROSSL_PROVIDER_H
#define FERROSSL_PROVIDER_H

#include "tls.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

enum { TOY_KEY = 32, TOY_KEX_ID = 0xfe31, TOY_KEM_ID = 0xfe32, TOY_OLD_ID = 0xfe33, TOY_LOST_ID = 0xfe34 };

typedef struct {
    unsigned char secret[TOY_KEY], public[TOY_KEY];
    int has_secret, has_public;
} toy_key;

typedef struct {
    toy_key *own, *peer;
} toy_exchange;

/* How often the provider was asked to do what. */
static int toy_generated, toy_derived, toy_encapsulated, toy_decapsulated;

/* Odd multiples of a constant modulo 256, byte by byte: commutative, and nothing else. */
static void toy_multiply(unsigned char *out, const unsigned char *a, const unsigned char *b)
{
    for (int i = 0; i < TOY_KEY; i++)
        out[i] = (unsigned char)(a[i] * b[i]);
}

static void *toy_new(void *provctx)
{
    return OPENSSL_zalloc(sizeof(toy_key));
}

static void toy_delete(void *key)
{
    OPENSSL_free(key);
}

static int toy_has(const void *data, int selection)
{
    const toy_key *key = data;

    return key != NULL && (!(selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) || key->has_public)
           && (!(selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) || key->has_secret);
}

static int toy_get(void *data, OSSL_PARAM params[])
{
    toy_key *key = data;
    OSSL_PARAM *p;

    if ((p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_BITS)) != NULL && !OSSL_PARAM_set_int(p, 256))
        return 0;
    if ((p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_SECURITY_BITS)) != NULL && !OSSL_PARAM_set_int(p, 128))
        return 0;
    p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY);
    return p == NULL || OSSL_PARAM_set_octet_string(p, key->public, TOY_KEY);
}

static const OSSL_PARAM *toy_gettable(void *provctx)
{
    static const OSSL_PARAM list[] = { OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0),
                                       OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
                                       OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL), OSSL_PARAM_END };

    return list;
}

/* A value with an even byte is none. */
static int toy_set(void *data, const OSSL_PARAM params[])
{
    toy_key *key = data;
    const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY);

    if (p == NULL)
        return 1;
    if (p->data_type != OSSL_PARAM_OCTET_STRING || p->data_size != TOY_KEY)
        return 0;
    for (int i = 0; i < TOY_KEY; i++)
        if (((const unsigned char *)p->data)[i] % 2 == 0)
            return 0;
    memcpy(key->public, p->data, TOY_KEY);
    return key->has_public = 1;
}

static const OSSL_PARAM *toy_settable(void *provctx)
{
    static const OSSL_PARAM list[] = { OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0),
                                       OSSL_PARAM_END };

    return list;
}

typedef struct {
    int selection;
} toy_generation;

static int toy_gen_set(void *genctx, const OSSL_PARAM params[])
{
    const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_GROUP_NAME);

    return p == NULL || (p->data_type == OSSL_PARAM_UTF8_STRING && strncmp(p->data, "inner-", 6) == 0);
}

static const OSSL_PARAM *toy_gen_settable(void *genctx, void *provctx)
{
    static const OSSL_PARAM list[] = { OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0), OSSL_PARAM_END };

    return list;
}

static void *toy_gen_init(void *provctx, int selection, const OSSL_PARAM params[])
{
    toy_generation *gen = OPENSSL_zalloc(sizeof *gen);

    TLS_MUST(gen != NULL);
    gen->selection = selection;
    return gen;
}

static void *toy_gen(void *genctx, OSSL_CALLBACK *callback, void *argument)
{
    toy_generation *gen = genctx;
    toy_key *key = toy_new(NULL);
    unsigned char base[TOY_KEY];

    if (!(gen->selection & OSSL_KEYMGMT_SELECT_KEYPAIR))
        return key;
    toy_generated++;
    memset(base, 3, sizeof base);
    RAND_bytes(key->secret, TOY_KEY);
    for (int i = 0; i < TOY_KEY; i++)
        key->secret[i] |= 1;
    toy_multiply(key->public, key->secret, base);
    key->has_secret = key->has_public = 1;
    return key;
}

static void toy_gen_free(void *genctx)
{
    OPENSSL_free(genctx);
}

static void *toy_dup(const void *from, int selection)
{
    return OPENSSL_memdup(from, sizeof(toy_key));
}

static const OSSL_DISPATCH toy_keymgmt[] = {
    { OSSL_FUNC_KEYMGMT_NEW, (void (*)(void))toy_new },
    { OSSL_FUNC_KEYMGMT_FREE, (void (*)(void))toy_delete },
    { OSSL_FUNC_KEYMGMT_HAS, (void (*)(void))toy_has },
    { OSSL_FUNC_KEYMGMT_DUP, (void (*)(void))toy_dup },
    { OSSL_FUNC_KEYMGMT_GET_PARAMS, (void (*)(void))toy_get },
    { OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, (void (*)(void))toy_gettable },
    { OSSL_FUNC_KEYMGMT_SET_PARAMS, (void (*)(void))toy_set },
    { OSSL_FUNC_KEYMGMT_SETTABLE_PARAMS, (void (*)(void))toy_settable },
    { OSSL_FUNC_KEYMGMT_GEN_INIT, (void (*)(void))toy_gen_init },
    { OSSL_FUNC_KEYMGMT_GEN_SET_PARAMS, (void (*)(void))toy_gen_set },
    { OSSL_FUNC_KEYMGMT_GEN_SETTABLE_PARAMS, (void (*)(void))toy_gen_settable },
    { OSSL_FUNC_KEYMGMT_GEN, (void (*)(void))toy_gen },
    { OSSL_FUNC_KEYMGMT_GEN_CLEANUP, (void (*)(void))toy_gen_free },
    { 0, NULL }
};

static void *toy_exchange_new(void *provctx)
{
    return OPENSSL_zalloc(sizeof(toy_exchange));
}

static int toy_exchange_init(void *data, void *key, const OSSL_PARAM params[])
{
    ((toy_exchange *)data)->own = key;
    return 1;
}

static int toy_exchange_peer(void *data, void *key)
{
    ((toy_exchange *)data)->peer = key;
    return 1;
}

static int toy_derive(void *data, unsigned char *secret, size_t *len, size_t room)
{
    toy_exchange *x = data;

    *len = TOY_KEY;
    if (secret == NULL)
        return 1;
    toy_derived++;
    toy_multiply(secret, x->own->secret, x->peer->public);
    return 1;
}

static void toy_exchange_free(void *data)
{
    OPENSSL_free(data);
}

static const OSSL_DISPATCH toy_keyexch[] = {
    { OSSL_FUNC_KEYEXCH_NEWCTX, (void (*)(void))toy_exchange_new },
    { OSSL_FUNC_KEYEXCH_INIT, (void (*)(void))toy_exchange_init },
    { OSSL_FUNC_KEYEXCH_SET_PEER, (void (*)(void))toy_exchange_peer },
    { OSSL_FUNC_KEYEXCH_DERIVE, (void (*)(void))toy_derive },
    { OSSL_FUNC_KEYEXCH_FREECTX, (void (*)(void))toy_exchange_free },
    { 0, NULL }
};

/* The encapsulation has a byte more than the key: a KEM's need not be of one length. */
static int toy_encapsulate(void *data, unsigned char *out, size_t *len, unsigned char *secret, size_t *secret_len)
{
    toy_exchange *x = data;
    toy_generation whole = { OSSL_KEYMGMT_SELECT_KEYPAIR };
    toy_key *own;

    if (len)
        *len = TOY_KEY + 1;
    if (secret_len)
        *secret_len = TOY_KEY;
    if (out == NULL)
        return 1;
    toy_encapsulated++;
    own = toy_gen(&whole, NULL, NULL);
    memcpy(out, own->public, TOY_KEY);
    out[TOY_KEY] = 0x77;
    toy_multiply(secret, own->secret, x->own->public);
    toy_delete(own);
    return 1;
}

static int toy_decapsulate(void *data, unsigned char *secret, size_t *secret_len, const unsigned char *in, size_t len)
{
    toy_exchange *x = data;

    *secret_len = TOY_KEY;
    if (len != TOY_KEY + 1 || in[TOY_KEY] != 0x77)
        return 0;
    if (secret == NULL)
        return 1;
    toy_decapsulated++;
    toy_multiply(secret, x->own->secret, in);
    return 1;
}

static const OSSL_DISPATCH toy_kem[] = {
    { OSSL_FUNC_KEM_NEWCTX, (void (*)(void))toy_exchange_new },
    { OSSL_FUNC_KEM_FREECTX, (void (*)(void))toy_exchange_free },
    { OSSL_FUNC_KEM_ENCAPSULATE_INIT, (void (*)(void))toy_exchange_init },
    { OSSL_FUNC_KEM_ENCAPSULATE, (void (*)(void))toy_encapsulate },
    { OSSL_FUNC_KEM_DECAPSULATE_INIT, (void (*)(void))toy_exchange_init },
    { OSSL_FUNC_KEM_DECAPSULATE, (void (*)(void))toy_decapsulate },
    { 0, NULL }
};

static const OSSL_ALGORITHM *toy_query(void *provctx, int operation, int *no_cache)
{
    static const OSSL_ALGORITHM keys[] = { { "TOY", "provider=toy", toy_keymgmt }, { NULL, NULL, NULL } };
    static const OSSL_ALGORITHM exchanges[] = { { "TOY", "provider=toy", toy_keyexch }, { NULL, NULL, NULL } };
    static const OSSL_ALGORITHM kems[] = { { "TOY", "provider=toy", toy_kem }, { NULL, NULL, NULL } };

    *no_cache = 0;
    return operation == OSSL_OP_KEYMGMT ? keys : operation == OSSL_OP_KEYEXCH ? exchanges : operation == OSSL_OP_KEM ? kems : NULL;
}

static int toy_group(const char *name, const char *inner, const char *algorithm, unsigned id, unsigned bits, unsigned kem,
                     int max, OSSL_CALLBACK *each, void *argument)
{
    int min = max != 0 ? TLS1_2_VERSION : TLS1_3_VERSION, none = -1;
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_CAPABILITY_TLS_GROUP_NAME, (char *)name, strlen(name) + 1),
        OSSL_PARAM_utf8_string(OSSL_CAPABILITY_TLS_GROUP_NAME_INTERNAL, (char *)inner, strlen(inner) + 1),
        OSSL_PARAM_utf8_string(OSSL_CAPABILITY_TLS_GROUP_ALG, (char *)algorithm, strlen(algorithm) + 1),
        OSSL_PARAM_uint(OSSL_CAPABILITY_TLS_GROUP_ID, &id),
        OSSL_PARAM_uint(OSSL_CAPABILITY_TLS_GROUP_SECURITY_BITS, &bits),
        OSSL_PARAM_int(OSSL_CAPABILITY_TLS_GROUP_MIN_TLS, &min),
        OSSL_PARAM_int(OSSL_CAPABILITY_TLS_GROUP_MAX_TLS, &max),
        OSSL_PARAM_int(OSSL_CAPABILITY_TLS_GROUP_MIN_DTLS, &none),
        OSSL_PARAM_int(OSSL_CAPABILITY_TLS_GROUP_MAX_DTLS, &none),
        OSSL_PARAM_uint(OSSL_CAPABILITY_TLS_GROUP_IS_KEM, &kem),
        OSSL_PARAM_END,
    };

    return each(params, argument);
}

static int toy_capabilities(void *provctx, const char *capability, OSSL_CALLBACK *each, void *argument)
{
    if (strcmp(capability, "TLS-GROUP") != 0)
        return 0;
    return toy_group("toy-kex", "inner-kex", "TOY", TOY_KEX_ID, 128, 0, 0, each, argument)
           && toy_group("toy-kem", "inner-kem", "TOY", TOY_KEM_ID, 192, 1, 0, each, argument)
           && toy_group("toy-old", "inner-old", "TOY", TOY_OLD_ID, 128, 0, TLS1_2_VERSION, each, argument)
           && toy_group("toy-lost", "inner-lost", "NO-TOY", TOY_LOST_ID, 128, 0, 0, each, argument);
}

static int toy_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out, void **provctx)
{
    static const OSSL_DISPATCH provider[] = {
        { OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))toy_query },
        { OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))toy_capabilities },
        { 0, NULL }
    };

    *out = provider;
    *provctx = (void *)handle;
    return 1;
}

static OSSL_LIB_CTX *toy_context(void)
{
    OSSL_LIB_CTX *lib = OSSL_LIB_CTX_new();

    TLS_MUST(lib && OSSL_PROVIDER_load(lib, "default") && OSSL_PROVIDER_add_builtin(lib, "toy", toy_init));
    TLS_MUST(OSSL_PROVIDER_load(lib, "toy"));
    return lib;
}

static int toy_collect(OSSL_PROVIDER *provider, void *argument)
{
    OSSL_PROVIDER **all = argument;

    while (*all != NULL)
        all++;
    *all = provider;
    return 1;
}

static void toy_free(OSSL_LIB_CTX *lib)
{
    OSSL_PROVIDER *loaded[8] = { NULL };

    OSSL_PROVIDER_do_all(lib, toy_collect, loaded);
    for (int i = 0; loaded[i] != NULL; i++)
        OSSL_PROVIDER_unload(loaded[i]);
    OSSL_LIB_CTX_free(lib);
}

#endif
