/* SSL_CTX_ctrl(3): each command of ssl.h once by number, on a context and on an SSL, as programs
 * built against other headers send them. Commands with a test of their own by name in
 * ctx_settings.c and certs.c are here for the dispatch alone. */
#include "certs.h"

/* What parg is for a command. */
enum arg {
    NONE,
    TEXT,   /* `text` */
    OUT,    /* the address of a pointer, which is NULL after the call */
    BYTES,  /* a buffer of 80 bytes */
    SELF,   /* some address, stored only */
};

struct command {
    const char *name;
    int cmd;
    long larg;
    enum arg arg;
    const char *text;
    long ctx, ssl; /* results */
};

#define C(name, larg, arg, text, ctx, ssl)                                           \
    { #name, SSL_CTRL_##name, larg, arg, text, ctx, ssl }

static const struct command commands[] = {
    C(SET_TMP_DH, 0, NONE, NULL, 0, 0),
    C(SET_TMP_ECDH, 0, NONE, NULL, 0, 0),
    C(SET_TMP_DH_CB, 0, NONE, NULL, 0, 0),
    C(GET_CLIENT_CERT_REQUEST, 0, NONE, NULL, 0, 0),
    C(GET_NUM_RENEGOTIATIONS, 0, NONE, NULL, 0, 0),
    C(CLEAR_NUM_RENEGOTIATIONS, 0, NONE, NULL, 0, 0),
    C(GET_TOTAL_RENEGOTIATIONS, 0, NONE, NULL, 0, 0),
    C(GET_FLAGS, 0, NONE, NULL, 0, 0),
    C(SET_MSG_CALLBACK, 0, NONE, NULL, 0, 0), /* is a SSL_callback_ctrl command */
    C(SET_MSG_CALLBACK_ARG, 0, SELF, NULL, 1, 1),
    C(SET_MTU, 1400, NONE, NULL, 0, 0), /* DTLS's */
    C(SESS_NUMBER, 0, NONE, NULL, 0, 0),
    C(SESS_CONNECT, 0, NONE, NULL, 0, 0),
    C(SESS_CONNECT_GOOD, 0, NONE, NULL, 0, 0),
    C(SESS_CONNECT_RENEGOTIATE, 0, NONE, NULL, 0, 0),
    C(SESS_ACCEPT, 0, NONE, NULL, 0, 0),
    C(SESS_ACCEPT_GOOD, 0, NONE, NULL, 0, 0),
    C(SESS_ACCEPT_RENEGOTIATE, 0, NONE, NULL, 0, 0),
    C(SESS_HIT, 0, NONE, NULL, 0, 0),
    C(SESS_CB_HIT, 0, NONE, NULL, 0, 0),
    C(SESS_MISSES, 0, NONE, NULL, 0, 0),
    C(SESS_TIMEOUTS, 0, NONE, NULL, 0, 0),
    C(SESS_CACHE_FULL, 0, NONE, NULL, 0, 0),
    C(MODE, SSL_MODE_RELEASE_BUFFERS, NONE, NULL, 20, 20),
    C(CLEAR_MODE, SSL_MODE_RELEASE_BUFFERS, NONE, NULL, 4, 4),
    C(GET_READ_AHEAD, 0, NONE, NULL, 0, 0),
    C(SET_READ_AHEAD, 1, NONE, NULL, 0, 0),
    C(GET_READ_AHEAD, 0, NONE, NULL, 1, 1),
    C(SET_SESS_CACHE_SIZE, 9, NONE, NULL, 20480, 0),
    C(GET_SESS_CACHE_SIZE, 0, NONE, NULL, 9, 0),
    C(SET_SESS_CACHE_MODE, 3, NONE, NULL, 2, 0),
    C(GET_SESS_CACHE_MODE, 0, NONE, NULL, 3, 0),
    C(GET_MAX_CERT_LIST, 0, NONE, NULL, 102400, 102400),
    C(SET_MAX_CERT_LIST, 5, NONE, NULL, 102400, 102400),
    C(SET_MAX_SEND_FRAGMENT, 512, NONE, NULL, 1, 1),
    C(SET_SPLIT_SEND_FRAGMENT, 512, NONE, NULL, 1, 1),
    C(SET_MAX_PIPELINES, 1, NONE, NULL, 1, 1),
    C(SET_TLSEXT_SERVERNAME_CB, 0, NONE, NULL, 0, 0),
    C(SET_TLSEXT_SERVERNAME_ARG, 0, SELF, NULL, 1, 0),
    C(SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, TEXT, "localhost", 0, 1),
    C(SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, NONE, NULL, 0, 1),
    C(SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, TEXT, "", 0, 0),
    C(SET_TLSEXT_HOSTNAME, 9, TEXT, "localhost", 0, 0),
    C(SET_TLSEXT_DEBUG_CB, 0, NONE, NULL, 0, 0),
    C(SET_TLSEXT_DEBUG_ARG, 0, SELF, NULL, 0, 1),
    C(GET_TLSEXT_TICKET_KEYS, 0, NONE, NULL, 80, 0),
    C(GET_TLSEXT_TICKET_KEYS, 80, BYTES, NULL, 1, 0),
    C(SET_TLSEXT_TICKET_KEYS, 0, NONE, NULL, 80, 0),
    C(SET_TLSEXT_TICKET_KEYS, 80, BYTES, NULL, 1, 0),
    C(SET_TLSEXT_TICKET_KEYS, 48, BYTES, NULL, 0, 0),
    C(SET_TLSEXT_STATUS_REQ_CB, 0, NONE, NULL, 0, 0),
    C(SET_TLSEXT_STATUS_REQ_CB_ARG, 0, NONE, NULL, 1, 0),
    C(GET_TLSEXT_STATUS_REQ_TYPE, 0, NONE, NULL, -1, -1),
    C(SET_TLSEXT_STATUS_REQ_TYPE, TLSEXT_STATUSTYPE_ocsp, NONE, NULL, 1, 1),
    C(GET_TLSEXT_STATUS_REQ_TYPE, 0, NONE, NULL, 1, 1),
    C(GET_TLSEXT_STATUS_REQ_CB, 0, OUT, NULL, 1, 0),
    C(GET_TLSEXT_STATUS_REQ_CB_ARG, 0, OUT, NULL, 1, 0),
    C(GET_TLSEXT_STATUS_REQ_EXTS, 0, OUT, NULL, 0, 1),
    C(SET_TLSEXT_STATUS_REQ_EXTS, 0, NONE, NULL, 0, 1),
    C(GET_TLSEXT_STATUS_REQ_IDS, 0, OUT, NULL, 0, 1),
    C(SET_TLSEXT_STATUS_REQ_IDS, 0, NONE, NULL, 0, 1),
    C(GET_TLSEXT_STATUS_REQ_OCSP_RESP, 0, OUT, NULL, 0, -1),
    C(SET_TLSEXT_STATUS_REQ_OCSP_RESP, 0, NONE, NULL, 0, 1),
    C(SET_TLSEXT_TICKET_KEY_CB, 0, NONE, NULL, 0, 0),
    C(GET_RI_SUPPORT, 0, NONE, NULL, 0, 0),
    C(GET_EXTRA_CHAIN_CERTS, 0, OUT, NULL, 1, 0),
    C(CLEAR_EXTRA_CHAIN_CERTS, 0, NONE, NULL, 1, 0),
    C(CHAIN, 0, NONE, NULL, 1, 1),
    C(CHAIN, 1, NONE, NULL, 1, 1),
    C(GET_CHAIN_CERTS, 0, OUT, NULL, 1, 1),
    C(SELECT_CURRENT_CERT, 0, NONE, NULL, 0, 0),
    C(SET_CURRENT_CERT, SSL_CERT_SET_FIRST, NONE, NULL, 0, 0),
    C(SET_CURRENT_CERT, SSL_CERT_SET_SERVER, NONE, NULL, 0, 0),
    C(GET_GROUPS, 0, NONE, NULL, 0, 0),
    C(SET_GROUPS_LIST, 0, TEXT, "X25519:P-256", 1, 1),
    C(SET_GROUPS_LIST, 0, TEXT, "NONSENSE", 0, 0),
    C(SET_SIGALGS_LIST, 0, TEXT, "ECDSA+SHA256", 1, 1),
    C(SET_SIGALGS_LIST, 0, TEXT, "NONSENSE", 0, 0),
    C(SET_CLIENT_SIGALGS_LIST, 0, TEXT, "ECDSA+SHA256", 1, 1),
    C(SET_CLIENT_SIGALGS_LIST, 0, TEXT, "NONSENSE", 0, 0),
    C(CERT_FLAGS, SSL_CERT_FLAG_TLS_STRICT, NONE, NULL, 1, 1),
    C(CLEAR_CERT_FLAGS, SSL_CERT_FLAG_TLS_STRICT, NONE, NULL, 0, 0),
    C(GET_CLIENT_CERT_TYPES, 0, NONE, NULL, 0, 0),
    C(SET_CLIENT_CERT_TYPES, 2, TEXT, "\1\100", 1, 1),
    C(BUILD_CERT_CHAIN, 0, NONE, NULL, 0, 0),
    C(SET_VERIFY_CERT_STORE, 0, NONE, NULL, 1, 1),
    C(SET_CHAIN_CERT_STORE, 0, NONE, NULL, 1, 1),
    C(GET_VERIFY_CERT_STORE, 0, OUT, NULL, 1, 1),
    C(GET_CHAIN_CERT_STORE, 0, OUT, NULL, 1, 1),
    C(GET_PEER_SIGNATURE_NID, 0, OUT, NULL, 0, 0),
    C(GET_SIGNATURE_NID, 0, OUT, NULL, 0, 0),
    C(GET_PEER_TMP_KEY, 0, OUT, NULL, 0, 0),
    C(GET_TMP_KEY, 0, OUT, NULL, 0, 0),
    C(GET_RAW_CIPHERLIST, 0, NONE, NULL, 0, 2),
    C(GET_RAW_CIPHERLIST, 0, OUT, NULL, 0, 0),
    C(GET_EC_POINT_FORMATS, 0, OUT, NULL, 0, 0),
    C(SET_DH_AUTO, 1, NONE, NULL, 1, 1),
    C(GET_EXTMS_SUPPORT, 0, NONE, NULL, 0, -1),
    C(SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NONE, NULL, 1, 1),
    C(GET_MIN_PROTO_VERSION, 0, NONE, NULL, TLS1_2_VERSION, TLS1_2_VERSION),
    C(SET_MAX_PROTO_VERSION, TLS1_3_VERSION, NONE, NULL, 1, 1),
    C(GET_MAX_PROTO_VERSION, 0, NONE, NULL, TLS1_3_VERSION, TLS1_3_VERSION),
    C(SET_RETRY_VERIFY, 0, NONE, NULL, 0, 1),
    { "unknown 0", 0, 0, NONE, NULL, 0, 0 },
    { "unknown 999", 999, 0, NONE, NULL, 0, 0 },
    { "unknown -1", -1, 0, NONE, NULL, 0, 0 },
};

static void *argument(const struct command *c, void **out, unsigned char *bytes)
{
    *out = NULL;
    switch (c->arg) {
    case TEXT:
        return (void *)c->text;
    case OUT:
        return out;
    case BYTES:
        return bytes;
    case SELF:
        return bytes;
    default:
        return NULL;
    }
}

static void test_commands(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    unsigned char bytes[80] = { 1, 2, 3 };
    void *out;
    size_t i;

    SSL_set_accept_state(ssl);
    for (i = 0; i < sizeof commands / sizeof *commands; i++) {
        const struct command *c = &commands[i];

        is_int(SSL_CTX_ctrl(ctx, c->cmd, c->larg, argument(c, &out, bytes)), c->ctx,
               "SSL_CTX_ctrl %s", c->name);
        if (c->arg == OUT)
            ok(out == NULL, "SSL_CTX_ctrl %s: nothing is there", c->name);
        is_int(SSL_ctrl(ssl, c->cmd, c->larg, argument(c, &out, bytes)), c->ssl,
               "SSL_ctrl %s", c->name);
        if (c->arg == OUT)
            ok(out == NULL, "SSL_ctrl %s: nothing is there", c->name);
        ERR_clear_error();
    }
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* A context of NULL checks lists' syntax and knows no other command. */
static void test_null(void)
{
    ERR_clear_error();
    is_int(SSL_CTX_ctrl(NULL, SSL_CTRL_SET_SIGALGS_LIST, 0, "ECDSA+SHA256"), 1,
           "a list of signature algorithms without a context");
    is_int(SSL_CTX_ctrl(NULL, SSL_CTRL_SET_SIGALGS_LIST, 0, "NONSENSE"), 0, "a wrong one");
    is_int(SSL_CTX_ctrl(NULL, SSL_CTRL_SET_CLIENT_SIGALGS_LIST, 0, "RSA+SHA256"), 1,
           "a client's list");
    is_int(SSL_CTX_ctrl(NULL, SSL_CTRL_MODE, 1, NULL), 0, "another command");
    is_int(SSL_CTX_ctrl(NULL, SSL_CTRL_GET_READ_AHEAD, 0, NULL), 0, "and another");
    ERR_clear_error();
}

/* Reasons of the commands that fail with one. */
static void test_reasons(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    unsigned char keys[80] = { 0 }, got[80];
    char name[300];

    memset(name, 'x', sizeof name);
    name[256] = 0;
    ERR_clear_error();
    is_int(SSL_CTX_set_tlsext_ticket_keys(ctx, keys, 48), 0, "ticket keys of a wrong length");
    is_int(first_reason(), SSL_R_INVALID_TICKET_KEYS_LENGTH, "its reason");
    memset(keys, 7, sizeof keys);
    is_int(SSL_CTX_set_tlsext_ticket_keys(ctx, keys, 80), 1, "of the right one");
    is_int(SSL_CTX_get_tlsext_ticket_keys(ctx, got, 80), 1, "are read back");
    is_mem(got, keys, 80, "the same");
    is_int(SSL_set_tlsext_host_name(ssl, name), 0, "a name of 256 bytes");
    is_int(first_reason(), SSL_R_SSL3_EXT_INVALID_SERVERNAME, "its reason");
    name[255] = 0;
    is_int(SSL_set_tlsext_host_name(ssl, name), 1, "of 255");
    is_str(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name), name, "is read back");
    is_int(SSL_set_tlsext_host_name(ssl, ""), 0, "an empty name");
    is_int(first_reason(), SSL_R_SSL3_EXT_INVALID_SERVERNAME, "its reason");
    is_str(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name), NULL, "the old one is gone");
    is_int(SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, 1, "x"), 0, "another kind of name");
    is_int(first_reason(), SSL_R_SSL3_EXT_INVALID_SERVERNAME_TYPE, "its reason");
    is_int(SSL_CTX_ctrl(ctx, SSL_CTRL_SET_TMP_DH_CB, 0, NULL), 0, "a callback as a ctrl");
    is_int(first_reason(), ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED, "its reason");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* A result that is not checked: the command is not sent. */
#define ANY -999

static int on_name(SSL *ssl, int *alert, void *arg)
{
    (void)ssl, (void)alert, (void)arg;
    return SSL_TLSEXT_ERR_OK;
}

static void test_callbacks(void)
{
    static const struct {
        int cmd;
        long ctx, ssl;
        const char *name;
    } rows[] = {
        { SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, 1, 0, "SET_TLSEXT_SERVERNAME_CB" },
        { SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB, 1, 0, "SET_TLSEXT_STATUS_REQ_CB" },
        { SSL_CTRL_SET_TLSEXT_TICKET_KEY_CB, 1, 0, "SET_TLSEXT_TICKET_KEY_CB" },
        { SSL_CTRL_SET_MSG_CALLBACK, 1, 1, "SET_MSG_CALLBACK" },
        { SSL_CTRL_SET_TLSEXT_DEBUG_CB, 0, ANY, "SET_TLSEXT_DEBUG_CB" },
        { SSL_CTRL_SET_NOT_RESUMABLE_SESS_CB, 1, 1, "SET_NOT_RESUMABLE_SESS_CB" },
        { SSL_CTRL_SET_TMP_DH_CB, 1, 1, "SET_TMP_DH_CB" },
        { 999, 0, 0, "unknown" },
    };
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = SSL_new(ctx);
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].ctx != ANY)
            is_int(SSL_CTX_callback_ctrl(ctx, rows[i].cmd, (void (*)(void))on_name), rows[i].ctx,
                   "SSL_CTX_callback_ctrl %s", rows[i].name);
        if (rows[i].ssl != ANY)
            is_int(SSL_callback_ctrl(ssl, rows[i].cmd, (void (*)(void))on_name), rows[i].ssl,
                   "SSL_callback_ctrl %s", rows[i].name);
    }
    is_int(SSL_callback_ctrl(ssl, SSL_CTRL_SET_TLSEXT_DEBUG_CB, NULL), 1,
           "SSL_callback_ctrl SET_TLSEXT_DEBUG_CB");
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

int main(void)
{
    test_commands();
    test_null();
    test_reasons();
    test_callbacks();
    return done();
}
