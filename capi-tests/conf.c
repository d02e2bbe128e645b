/* SSL_CONF: every command and flag, results, value types, arguments, prefixes, errors, and the
 * sections of openssl.cnf. */
#include "tls.h"

#include <openssl/conf.h>
#include <sys/stat.h>

enum {
    LINE = SSL_CONF_FLAG_CMDLINE,
    FILE_ = SSL_CONF_FLAG_FILE,
    CLI = SSL_CONF_FLAG_CLIENT,
    SRV = SSL_CONF_FLAG_SERVER,
    CERT = SSL_CONF_FLAG_CERTIFICATE,
    SHOW = SSL_CONF_FLAG_SHOW_ERRORS,
    KEY = SSL_CONF_FLAG_REQUIRE_PRIVATE,
    BOTH = CLI | SRV
};

static SSL_CONF_CTX *conf_new(unsigned flags, SSL_CTX *ctx)
{
    SSL_CONF_CTX *conf = SSL_CONF_CTX_new();

    TLS_MUST(conf != NULL);
    SSL_CONF_CTX_set_flags(conf, flags);
    SSL_CONF_CTX_set_ssl_ctx(conf, ctx);
    return conf;
}

static SSL_CTX *ctx_new(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());

    TLS_MUST(ctx != NULL);
    return ctx;
}

/* One command on a new SSL_CONF_CTX, which has no object if `ctx` is NULL. */
static int run(unsigned flags, SSL_CTX *ctx, const char *cmd, const char *value)
{
    SSL_CONF_CTX *conf = conf_new(flags, ctx);
    int r = SSL_CONF_cmd(conf, cmd, value);

    SSL_CONF_CTX_free(conf);
    return r;
}

/* The reason and data of the newest entry, then an empty queue. */
static int last_error(const char **data)
{
    static char copy[256];
    const char *text = NULL;
    int flags = 0;
    unsigned long e = ERR_peek_last_error_all(NULL, NULL, NULL, &text, &flags);

    snprintf(copy, sizeof copy, "%s", text && (flags & ERR_TXT_STRING) ? text : "");
    *data = copy;
    ERR_clear_error();
    return ERR_GET_LIB(e) == ERR_LIB_SSL ? ERR_GET_REASON(e) : 0;
}

static void test_flags(void)
{
    SSL_CONF_CTX *conf = SSL_CONF_CTX_new();

    ok(conf != NULL, "SSL_CONF_CTX_new");
    is_int(SSL_CONF_CTX_set_flags(conf, FILE_ | CLI), FILE_ | CLI, "set_flags gives all flags");
    is_int(SSL_CONF_CTX_set_flags(conf, SRV), FILE_ | BOTH, "set_flags adds");
    is_int(SSL_CONF_CTX_clear_flags(conf, CLI), FILE_ | SRV, "clear_flags removes");
    is_int(SSL_CONF_CTX_finish(conf), 1, "finish without object");
    SSL_CONF_CTX_free(conf);
    SSL_CONF_CTX_free(NULL);
}

static const struct {
    const char *file, *line;
    unsigned needs;
    int type;
} commands[] = {
    { NULL, "no_ssl3", 0, SSL_CONF_TYPE_NONE },
    { NULL, "no_tls1", 0, SSL_CONF_TYPE_NONE },
    { NULL, "no_tls1_1", 0, SSL_CONF_TYPE_NONE },
    { NULL, "no_tls1_2", 0, SSL_CONF_TYPE_NONE },
    { NULL, "no_tls1_3", 0, SSL_CONF_TYPE_NONE },
    { NULL, "bugs", 0, SSL_CONF_TYPE_NONE },
    { NULL, "no_comp", 0, SSL_CONF_TYPE_NONE },
    { NULL, "comp", 0, SSL_CONF_TYPE_NONE },
    { NULL, "ecdh_single", SRV, SSL_CONF_TYPE_NONE },
    { NULL, "no_ticket", 0, SSL_CONF_TYPE_NONE },
    { NULL, "serverpref", SRV, SSL_CONF_TYPE_NONE },
    { NULL, "legacy_renegotiation", 0, SSL_CONF_TYPE_NONE },
    { NULL, "client_renegotiation", SRV, SSL_CONF_TYPE_NONE },
    { NULL, "legacy_server_connect", CLI, SSL_CONF_TYPE_NONE },
    { NULL, "no_renegotiation", 0, SSL_CONF_TYPE_NONE },
    { NULL, "no_resumption_on_reneg", SRV, SSL_CONF_TYPE_NONE },
    { NULL, "no_legacy_server_connect", CLI, SSL_CONF_TYPE_NONE },
    { NULL, "allow_no_dhe_kex", 0, SSL_CONF_TYPE_NONE },
    { NULL, "prioritize_chacha", SRV, SSL_CONF_TYPE_NONE },
    { NULL, "strict", 0, SSL_CONF_TYPE_NONE },
    { NULL, "no_middlebox", 0, SSL_CONF_TYPE_NONE },
    { NULL, "anti_replay", SRV, SSL_CONF_TYPE_NONE },
    { NULL, "no_anti_replay", SRV, SSL_CONF_TYPE_NONE },
    { NULL, "no_etm", 0, SSL_CONF_TYPE_NONE },
    { "SignatureAlgorithms", "sigalgs", 0, SSL_CONF_TYPE_STRING },
    { "ClientSignatureAlgorithms", "client_sigalgs", 0, SSL_CONF_TYPE_STRING },
    { "Curves", "curves", 0, SSL_CONF_TYPE_STRING },
    { "Groups", "groups", 0, SSL_CONF_TYPE_STRING },
    { "ECDHParameters", "named_curve", SRV, SSL_CONF_TYPE_STRING },
    { "CipherString", "cipher", 0, SSL_CONF_TYPE_STRING },
    { "Ciphersuites", "ciphersuites", 0, SSL_CONF_TYPE_STRING },
    { "Protocol", NULL, 0, SSL_CONF_TYPE_STRING },
    { "MinProtocol", "min_protocol", 0, SSL_CONF_TYPE_STRING },
    { "MaxProtocol", "max_protocol", 0, SSL_CONF_TYPE_STRING },
    { "Options", NULL, 0, SSL_CONF_TYPE_STRING },
    { "VerifyMode", NULL, 0, SSL_CONF_TYPE_STRING },
    { "Certificate", "cert", CERT, SSL_CONF_TYPE_FILE },
    { "PrivateKey", "key", CERT, SSL_CONF_TYPE_FILE },
    { "ServerInfoFile", NULL, SRV | CERT, SSL_CONF_TYPE_FILE },
    { "ChainCAPath", "chainCApath", CERT, SSL_CONF_TYPE_DIR },
    { "ChainCAFile", "chainCAfile", CERT, SSL_CONF_TYPE_FILE },
    { "ChainCAStore", "chainCAstore", CERT, SSL_CONF_TYPE_STORE },
    { "VerifyCAPath", "verifyCApath", CERT, SSL_CONF_TYPE_DIR },
    { "VerifyCAFile", "verifyCAfile", CERT, SSL_CONF_TYPE_FILE },
    { "VerifyCAStore", "verifyCAstore", CERT, SSL_CONF_TYPE_STORE },
    { "RequestCAFile", "requestCAFile", CERT, SSL_CONF_TYPE_FILE },
    { "ClientCAFile", NULL, SRV | CERT, SSL_CONF_TYPE_FILE },
    { "RequestCAPath", NULL, CERT, SSL_CONF_TYPE_DIR },
    { "ClientCAPath", NULL, SRV | CERT, SSL_CONF_TYPE_DIR },
    { "RequestCAStore", "requestCAStore", CERT, SSL_CONF_TYPE_STORE },
    { "ClientCAStore", NULL, SRV | CERT, SSL_CONF_TYPE_STORE },
    { "DHParameters", "dhparam", SRV | CERT, SSL_CONF_TYPE_FILE },
    { "RecordPadding", "record_padding", 0, SSL_CONF_TYPE_STRING },
    { "NumTickets", "num_tickets", SRV, SSL_CONF_TYPE_STRING },
};

static int type_of(unsigned flags, const char *name)
{
    SSL_CONF_CTX *conf = conf_new(flags, NULL);
    int type = SSL_CONF_cmd_value_type(conf, name);

    SSL_CONF_CTX_free(conf);
    return type;
}

static void test_value_types(void)
{
    size_t i, j;
    char name[64];

    for (i = 0; i < sizeof commands / sizeof *commands; i++) {
        const char *text = commands[i].file ? commands[i].file : commands[i].line;
        unsigned all = BOTH | CERT;

        if (commands[i].file != NULL) {
            is_int(type_of(FILE_ | all, text), commands[i].type, "file: type of %s", text);
            is_int(type_of(LINE | all, text), 0, "command line: %s is none", text);
            snprintf(name, sizeof name, "%s", text);
            for (j = 0; name[j]; j++)
                name[j] ^= name[j] >= 'A' && name[j] <= 'z' ? 0x20 : 0;
            is_int(type_of(FILE_ | all, name), commands[i].type, "file: case of %s", name);
            if (commands[i].needs != 0)
                is_int(type_of(FILE_ | (all & ~commands[i].needs), text), 0,
                       "file: %s without its flags", text);
        }
        if (commands[i].line != NULL) {
            snprintf(name, sizeof name, "-%s", commands[i].line);
            is_int(type_of(LINE | all, name), commands[i].type, "command line: %s", name);
            is_int(type_of(LINE | all, name + 1), 0, "command line: no dash, %s", name + 1);
            if (commands[i].needs != 0)
                is_int(type_of(LINE | (all & ~commands[i].needs), name), 0,
                       "command line: %s without its flags", name);
            is_int(run(LINE | all, NULL, name, NULL),
                   commands[i].type == SSL_CONF_TYPE_NONE ? 1 : -3, "%s without value", name);
        }
    }
    is_int(type_of(0, "Options"), 0, "neither FILE nor CMDLINE");
    is_int(type_of(FILE_, NULL), 0, "type of NULL");
    is_int(type_of(FILE_, "Option"), 0, "type of an unknown name");
    is_int(type_of(LINE, "-BUGS"), 0, "the command line's names keep their case");
}

static void test_results(void)
{
    SSL_CTX *ctx = ctx_new();
    const char *data;

    is_int(run(FILE_ | SHOW, ctx, "NoSuch", "x"), -2, "unknown command");
    is_int(last_error(&data), SSL_R_UNKNOWN_CMD_NAME, "its reason");
    is_str(data, "cmd=NoSuch", "its data");
    is_int(run(LINE | SHOW, ctx, "-no_such", "x"), -2, "unknown switch");
    is_int(last_error(&data), SSL_R_UNKNOWN_CMD_NAME, "its reason");
    is_str(data, "cmd=no_such", "its data: no prefix");
    is_int(run(LINE | SHOW, ctx, "bugs", NULL), -2, "switch without dash");
    is_int(last_error(&data), SSL_R_UNKNOWN_CMD_NAME, "its reason");
    is_str(data, "cmd=bugs", "its data");
    is_int(run(LINE | SHOW, ctx, "-", NULL), -2, "a dash alone");
    ERR_clear_error();
    is_int(run(FILE_, ctx, "NoSuch", "x"), -2, "unknown command, errors not shown");
    is_int(ERR_peek_error(), 0, "no error");
    is_int(run(FILE_ | SHOW | BOTH, ctx, "Options", "Nonsense"), 0, "bad value");
    is_int(last_error(&data), SSL_R_BAD_VALUE, "its reason");
    is_str(data, "cmd=Options, value=Nonsense", "its data");
    is_int(run(FILE_ | BOTH, ctx, "Options", "Nonsense"), 0, "bad value, errors not shown");
    is_int(ERR_peek_error(), 0, "no error");
    is_int(run(FILE_ | SHOW, ctx, "Options", NULL), -3, "no value");
    is_int(last_error(&data), SSL_R_BAD_VALUE, "its reason");
    is_str(data, "cmd=Options, value=<EMPTY>", "its data");
    is_int(run(FILE_, ctx, NULL, "x"), 0, "no command");
    is_int(last_error(&data), SSL_R_INVALID_NULL_CMD_NAME, "its reason, shown in any case");
    is_int(run(LINE, ctx, "-bugs", "value"), 1, "a switch takes no value");
    is_int(run(LINE | FILE_, ctx, "-min_protocol", "TLSv1.2"), 2, "both flags: command line");
    is_int(run(LINE | FILE_, ctx, "-MINPROTOCOL", "TLSv1.2"), 2, "both flags: file");
    SSL_CTX_free(ctx);
}

static void test_prefix(void)
{
    SSL_CONF_CTX *conf = conf_new(LINE | SHOW, NULL);
    const char *data;

    is_int(SSL_CONF_CTX_set1_prefix(conf, "--ssl-"), 1, "set1_prefix");
    is_int(SSL_CONF_cmd(conf, "--ssl-bugs", NULL), 1, "command line prefix");
    is_int(SSL_CONF_cmd(conf, "-bugs", NULL), -2, "the dash is no prefix any more");
    is_int(last_error(&data), SSL_R_UNKNOWN_CMD_NAME, "its reason");
    is_str(data, "cmd=-bugs", "its data");
    is_int(SSL_CONF_cmd(conf, "--SSL-bugs", NULL), -2, "the prefix keeps its case");
    is_int(SSL_CONF_cmd(conf, "--ssl-", NULL), -2, "nothing after the prefix");
    is_int(SSL_CONF_cmd_value_type(conf, "--ssl-cipher"), SSL_CONF_TYPE_STRING, "value type");
    is_int(SSL_CONF_CTX_set1_prefix(conf, ""), 1, "empty prefix");
    is_int(SSL_CONF_cmd(conf, "bugs", NULL), 1, "no dash either");
    is_int(SSL_CONF_CTX_set1_prefix(conf, NULL), 1, "no prefix");
    is_int(SSL_CONF_cmd(conf, "-bugs", NULL), 1, "the dash again");
    SSL_CONF_CTX_clear_flags(conf, LINE);
    SSL_CONF_CTX_set_flags(conf, FILE_);
    is_int(SSL_CONF_CTX_set1_prefix(conf, "SSL"), 1, "file prefix");
    is_int(SSL_CONF_cmd(conf, "sslCipherString", "DEFAULT"), 2, "in any case");
    is_int(SSL_CONF_cmd(conf, "CipherString", "DEFAULT"), -2, "without it");
    ERR_clear_error();
    SSL_CONF_CTX_free(conf);
}

static void test_argv(void)
{
    char *args[] = { "-bugs", "-cipher", "DEFAULT", "-min_protocol", "nonsense", "-cipher", NULL };
    SSL_CTX *ctx = ctx_new();
    SSL_CONF_CTX *conf = conf_new(FILE_, ctx);
    char **argv = args;
    int argc = 6;

    is_int(SSL_CONF_cmd_argv(conf, &argc, &argv), 1, "a switch");
    ok(argc == 5 && argv == args + 1, "one argument taken");
    is_int(SSL_CONF_CTX_set_flags(conf, 0), LINE, "FILE has become CMDLINE");
    is_int(SSL_CONF_cmd_argv(conf, &argc, &argv), 2, "a command with value");
    ok(argc == 3 && argv == args + 3, "two arguments taken");
    is_int(SSL_CONF_cmd_argv(conf, &argc, &argv), -1, "a bad value");
    ok(argc == 3 && argv == args + 3, "none taken");
    argc--, argv++;
    is_int(SSL_CONF_cmd_argv(conf, &argc, &argv), 0, "no command");
    ok(argc == 2 && argv == args + 4, "none taken");
    argc--, argv++;
    is_int(SSL_CONF_cmd_argv(conf, &argc, &argv), -3, "a missing value");
    argc = 0;
    is_int(SSL_CONF_cmd_argv(conf, &argc, &argv), 0, "no arguments");
    argv = args;
    is_int(SSL_CONF_cmd_argv(conf, NULL, &argv), 1, "without a count");
    is_int(SSL_CONF_cmd_argv(conf, NULL, &argv), 2, "and again");
    ok(argv == args + 3, "advances");
    argv = args + 5;
    is_int(SSL_CONF_cmd_argv(conf, NULL, &argv), -3, "NULL ends the list");
    argv = args + 6;
    is_int(SSL_CONF_cmd_argv(conf, NULL, &argv), 0, "the end");
    SSL_CONF_CTX_free(conf);
    SSL_CTX_free(ctx);
    ERR_clear_error();
}

/* Which options a command sets on a context that has none, and clears on one that has all. */
static void is_options(unsigned flags, const char *cmd, const char *value, uint64_t sets,
                       uint64_t clears)
{
    const uint64_t all = 0xffffffff;
    SSL_CTX *ctx = ctx_new();
    const char *text = value ? value : cmd;

    SSL_CTX_clear_options(ctx, all);
    is_int(run(flags, ctx, cmd, value), value ? 2 : 1, "%s", text);
    is_int(SSL_CTX_get_options(ctx), sets, "%s sets", text);
    SSL_CTX_set_options(ctx, all);
    run(flags, ctx, cmd, value);
    is_int(SSL_CTX_get_options(ctx), all & ~clears, "%s clears", text);
    SSL_CTX_free(ctx);
}

static void test_options(void)
{
    static const struct {
        const char *name;
        uint64_t sets, clears;
    } switches[] = {
        { "-no_ssl3", SSL_OP_NO_SSLv3, 0 },
        { "-no_tls1", SSL_OP_NO_TLSv1, 0 },
        { "-no_tls1_1", SSL_OP_NO_TLSv1_1, 0 },
        { "-no_tls1_2", SSL_OP_NO_TLSv1_2, 0 },
        { "-no_tls1_3", SSL_OP_NO_TLSv1_3, 0 },
        { "-bugs", SSL_OP_ALL, 0 },
        { "-no_comp", SSL_OP_NO_COMPRESSION, 0 },
        { "-comp", 0, SSL_OP_NO_COMPRESSION },
        { "-ecdh_single", 0, 0 },
        { "-no_ticket", SSL_OP_NO_TICKET, 0 },
        { "-serverpref", SSL_OP_CIPHER_SERVER_PREFERENCE, 0 },
        { "-legacy_renegotiation", SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION, 0 },
        { "-client_renegotiation", SSL_OP_ALLOW_CLIENT_RENEGOTIATION, 0 },
        { "-legacy_server_connect", SSL_OP_LEGACY_SERVER_CONNECT, 0 },
        { "-no_renegotiation", SSL_OP_NO_RENEGOTIATION, 0 },
        { "-no_resumption_on_reneg", SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION, 0 },
        { "-no_legacy_server_connect", 0, SSL_OP_LEGACY_SERVER_CONNECT },
        { "-allow_no_dhe_kex", SSL_OP_ALLOW_NO_DHE_KEX, 0 },
        { "-prioritize_chacha", SSL_OP_PRIORITIZE_CHACHA, 0 },
        { "-strict", 0, 0 },
        { "-no_middlebox", 0, SSL_OP_ENABLE_MIDDLEBOX_COMPAT },
        { "-anti_replay", 0, SSL_OP_NO_ANTI_REPLAY },
        { "-no_anti_replay", SSL_OP_NO_ANTI_REPLAY, 0 },
        { "-no_etm", SSL_OP_NO_ENCRYPT_THEN_MAC, 0 },
    }, names[] = {
        { "SessionTicket", 0, SSL_OP_NO_TICKET },
        { "EmptyFragments", 0, SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS },
        { "Bugs", SSL_OP_ALL, 0 },
        { "Compression", 0, SSL_OP_NO_COMPRESSION },
        { "ServerPreference", SSL_OP_CIPHER_SERVER_PREFERENCE, 0 },
        { "NoResumptionOnRenegotiation", SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION, 0 },
        { "DHSingle", 0, 0 },
        { "ECDHSingle", 0, 0 },
        { "UnsafeLegacyRenegotiation", SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION, 0 },
        { "UnsafeLegacyServerConnect", SSL_OP_LEGACY_SERVER_CONNECT, 0 },
        { "ClientRenegotiation", SSL_OP_ALLOW_CLIENT_RENEGOTIATION, 0 },
        { "EncryptThenMac", 0, SSL_OP_NO_ENCRYPT_THEN_MAC },
        { "NoRenegotiation", SSL_OP_NO_RENEGOTIATION, 0 },
        { "AllowNoDHEKEX", SSL_OP_ALLOW_NO_DHE_KEX, 0 },
        { "PrioritizeChaCha", SSL_OP_PRIORITIZE_CHACHA, 0 },
        { "MiddleboxCompat", SSL_OP_ENABLE_MIDDLEBOX_COMPAT, 0 },
        { "AntiReplay", 0, SSL_OP_NO_ANTI_REPLAY },
        { "ExtendedMasterSecret", 0, SSL_OP_NO_EXTENDED_MASTER_SECRET },
        { "CANames", 0, SSL_OP_DISABLE_TLSEXT_CA_NAMES },
        { "KTLS", SSL_OP_ENABLE_KTLS, 0 },
    }, protocols[] = {
        { "ALL", 0, SSL_OP_NO_SSL_MASK },
        { "SSLv2", 0, 0 },
        { "SSLv3", 0, SSL_OP_NO_SSLv3 },
        { "TLSv1", 0, SSL_OP_NO_TLSv1 },
        { "TLSv1.1", 0, SSL_OP_NO_TLSv1_1 },
        { "TLSv1.2", 0, SSL_OP_NO_TLSv1_2 },
        { "TLSv1.3", 0, SSL_OP_NO_TLSv1_3 },
        { "DTLSv1", 0, SSL_OP_NO_DTLSv1 },
        { "DTLSv1.2", 0, SSL_OP_NO_DTLSv1_2 },
    };
    char minus[64];
    size_t i;

    for (i = 0; i < sizeof switches / sizeof *switches; i++)
        is_options(LINE | BOTH, switches[i].name, NULL, switches[i].sets, switches[i].clears);
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        is_options(FILE_ | BOTH, "Options", names[i].name, names[i].sets, names[i].clears);
        snprintf(minus, sizeof minus, "-%s", names[i].name);
        is_options(FILE_ | BOTH, "Options", minus, names[i].clears, names[i].sets);
    }
    for (i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        is_options(FILE_ | BOTH, "Protocol", protocols[i].name, 0, protocols[i].clears);
        snprintf(minus, sizeof minus, "-%s", protocols[i].name);
        is_options(FILE_ | BOTH, "Protocol", minus, protocols[i].clears, 0);
    }
    is_options(FILE_ | BOTH, "Protocol", " -all , +tlsv1.3 ",
               SSL_OP_NO_SSL_MASK & ~SSL_OP_NO_TLSv1_3, SSL_OP_NO_TLSv1_3);
    is_options(FILE_ | CLI, "Options", "+bugs,-sessionticket", SSL_OP_ALL | SSL_OP_NO_TICKET, 0);
}

static void test_option_lists(void)
{
    SSL_CTX *ctx = ctx_new();
    SSL_CONF_CTX *conf = conf_new(FILE_ | CLI, ctx);

    SSL_CTX_clear_options(ctx, SSL_OP_ALL);
    is_int(SSL_CONF_cmd(conf, "Options", "ServerPreference"), 0, "a server's option");
    is_int(SSL_CONF_cmd(conf, "Options", "Bugs,Nonsense"), 0, "a list with an unknown name");
    is_int(SSL_CTX_get_options(ctx) & SSL_OP_ALL, SSL_OP_ALL, "what stood before it is set");
    is_int(SSL_CONF_cmd(conf, "Options", ""), 0, "an empty list");
    is_int(SSL_CONF_cmd(conf, "Options", "Bugs,"), 0, "an empty element");
    is_int(SSL_CONF_cmd(conf, "Options", "Bugs,,KTLS"), 0, "an empty element between");
    is_int(SSL_CONF_cmd(conf, "Options", "+"), 0, "a sign alone");
    is_int(SSL_CONF_cmd(conf, "Options", "- Bugs"), 0, "a space after the sign");
    is_int(SSL_CONF_cmd(conf, "Options", "Bug"), 0, "a part of a name");
    SSL_CONF_CTX_set_ssl_ctx(conf, NULL);
    is_int(SSL_CONF_cmd(conf, "Options", "Bugs"), 2, "no object: a known name");
    is_int(SSL_CONF_cmd(conf, "Options", "Nonsense"), 0, "no object: an unknown name");
    SSL_CONF_CTX_free(conf);
    SSL_CTX_free(ctx);
}

static void test_verify_mode(void)
{
    static const struct {
        const char *name;
        unsigned side;
        int mode;
    } modes[] = {
        { "Peer", CLI, SSL_VERIFY_PEER },
        { "Request", SRV, SSL_VERIFY_PEER },
        { "Require", SRV, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT },
        { "Once", SRV, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE },
        { "RequestPostHandshake", SRV, SSL_VERIFY_PEER | SSL_VERIFY_POST_HANDSHAKE },
        { "RequirePostHandshake", SRV,
          SSL_VERIFY_PEER | SSL_VERIFY_POST_HANDSHAKE | SSL_VERIFY_FAIL_IF_NO_PEER_CERT },
    };
    SSL_CTX *ctx;
    size_t i;

    for (i = 0; i < sizeof modes / sizeof *modes; i++) {
        char minus[64];

        ctx = ctx_new();
        is_int(run(FILE_ | modes[i].side, ctx, "VerifyMode", modes[i].name), 2, "VerifyMode %s",
               modes[i].name);
        is_int(SSL_CTX_get_verify_mode(ctx), modes[i].mode, "%s's bits", modes[i].name);
        is_int(run(FILE_ | (BOTH & ~modes[i].side), ctx, "VerifyMode", modes[i].name), 0,
               "%s is not for the other side", modes[i].name);
        snprintf(minus, sizeof minus, "-%s", modes[i].name);
        is_int(run(FILE_ | modes[i].side, ctx, "VerifyMode", minus), 2, "%s", minus);
        is_int(SSL_CTX_get_verify_mode(ctx), 0, "%s clears", minus);
        SSL_CTX_free(ctx);
    }
}

static void test_versions(void)
{
    static const struct {
        const char *name;
        int version;
    } versions[] = {
        { "SSLv3", SSL3_VERSION },     { "TLSv1", TLS1_VERSION },   { "TLSv1.1", TLS1_1_VERSION },
        { "TLSv1.2", TLS1_2_VERSION }, { "TLSv1.3", TLS1_3_VERSION }, { "None", 0 },
    };
    SSL_CTX *ctx = ctx_new(), *fixed = SSL_CTX_new(TLSv1_2_method());
    SSL *ssl;
    SSL_CONF_CTX *conf = conf_new(FILE_, ctx);
    size_t i;

    for (i = 0; i < sizeof versions / sizeof *versions; i++) {
        const char *name = versions[i].name;

        is_int(SSL_CONF_cmd(conf, "MinProtocol", name), 2, "MinProtocol %s", name);
        is_int(SSL_CTX_get_min_proto_version(ctx), versions[i].version, "is set");
        is_int(SSL_CONF_cmd(conf, "MaxProtocol", name), 2, "MaxProtocol %s", name);
        is_int(SSL_CTX_get_max_proto_version(ctx), versions[i].version, "is set");
    }
    is_int(SSL_CONF_cmd(conf, "MinProtocol", "DTLSv1.2"), 2, "another protocol's version");
    is_int(SSL_CTX_get_min_proto_version(ctx), 0, "is ignored");
    is_int(SSL_CONF_cmd(conf, "MinProtocol", "tlsv1.2"), 0, "versions keep their case");
    is_int(SSL_CONF_cmd(conf, "MinProtocol", "TLSv1.4"), 0, "an unknown version");
    is_int(SSL_CONF_cmd(conf, "MinProtocol", "TLSv1.3"), 2, "a minimum");
    is_int(SSL_CONF_cmd(conf, "MaxProtocol", "TLSv1.2"), 2, "above the maximum");
    SSL_CONF_CTX_set_ssl_ctx(conf, NULL);
    is_int(SSL_CONF_cmd(conf, "MinProtocol", "TLSv1.2"), 0, "no object");
    SSL_CONF_CTX_set_ssl_ctx(conf, fixed);
    is_int(SSL_CONF_cmd(conf, "MinProtocol", "TLSv1.3"), 2, "a method of one version");
    is_int(SSL_CTX_get_min_proto_version(fixed), 0, "ignores it");
    SSL_CTX_set_min_proto_version(ctx, 0);
    SSL_CTX_set_max_proto_version(ctx, 0);
    ssl = SSL_new(ctx);
    SSL_CONF_CTX_set_ssl(conf, ssl);
    is_int(SSL_CONF_cmd(conf, "MinProtocol", "TLSv1.3"), 2, "on a connection");
    is_int(SSL_get_min_proto_version(ssl), TLS1_3_VERSION, "is set");
    is_int(SSL_CTX_get_min_proto_version(ctx), 0, "and not on its context");
    SSL_free(ssl);
    SSL_CONF_CTX_free(conf);
    SSL_CTX_free(ctx);
    SSL_CTX_free(fixed);
}

/* The group that a client with `cgroups` and a server with `sgroups` agree on; 0 for none. */
static int agreed_group(const char *cmd, const char *cgroups, const char *sgroups)
{
    tls_id leaf = tls_leaf(NULL, "P-256", "localhost", "DNS:localhost");
    SSL_CTX *sctx = tls_server_ctx(&leaf), *cctx = tls_client_ctx(NULL);
    SSL *c = SSL_new(cctx), *s = SSL_new(sctx);
    SSL_CONF_CTX *conf = conf_new(FILE_ | BOTH, NULL);
    int group;

    SSL_CONF_CTX_set_ssl(conf, c);
    is_int(SSL_CONF_cmd(conf, cmd, cgroups), 2, "%s %s", cmd, cgroups);
    SSL_CONF_CTX_set_ssl(conf, s);
    is_int(SSL_CONF_cmd(conf, cmd, sgroups), 2, "%s %s", cmd, sgroups);
    tls_join(c, s, TLS_PAIR);
    group = tls_handshake(c, s, NULL) ? (int)SSL_get_negotiated_group(c) : 0;
    SSL_CONF_CTX_free(conf);
    SSL_free(c), SSL_free(s);
    SSL_CTX_free(cctx), SSL_CTX_free(sctx);
    tls_id_free(&leaf);
    ERR_clear_error();
    return group;
}

static void test_groups(void)
{
    is_int(agreed_group("Groups", "P-384:X25519", "P-384"), NID_secp384r1, "P-384");
    is_int(agreed_group("Curves", " P-384 : X25519 ", "X25519"), NID_X25519, "X25519");
    is_int(agreed_group("Groups", "P-384:X25519", "P-256"), 0, "none in common");
    is_int(agreed_group("ECDHParameters", "P-384", "P-384"), NID_secp384r1, "one group");
}

static void test_algorithms(void)
{
    SSL_CTX *ctx = ctx_new();
    SSL *ssl = SSL_new(ctx);
    SSL_CONF_CTX *conf = conf_new(FILE_ | BOTH, ctx);

    SSL_CONF_CTX_set_ssl(conf, ssl);
    is_int(SSL_CONF_cmd(conf, "Groups", "P-256:nonsense"), 0, "an unknown group");
    is_int(SSL_CONF_cmd(conf, "Groups", "P-256:P-256"), 0, "a group twice");
    is_int(SSL_CONF_cmd(conf, "Groups", ""), 0, "no group");
    is_int(SSL_CONF_cmd(conf, "ECDHParameters", "P-521:P-256"), 0, "two are one too many");
    is_int(SSL_CONF_cmd(conf, "ECDHParameters", "+Automatic"), 2, "+Automatic");
    is_int(SSL_CONF_cmd(conf, "ECDHParameters", "automatic"), 2, "automatic");
    is_int(SSL_CONF_cmd(conf, "ECDHParameters", "auto"), 0, "auto is for the command line");
    is_int(run(LINE | BOTH, ctx, "-named_curve", "auto"), 2, "there it is");
    is_int(run(LINE | BOTH, ctx, "-named_curve", "automatic"), 0, "and automatic is not");
    is_int(run(LINE | BOTH, NULL, "-named_curve", "nonsense"), 2, "no object: no check");
    is_int(run(LINE | BOTH, NULL, "-named_curve", "a:b"), 0, "no object: but for one");
    ERR_clear_error();
    is_int(SSL_CONF_cmd(conf, "SignatureAlgorithms", "RSA+SHA256:ECDSA+SHA384"), 2, "sigalgs");
    is_int(SSL_CONF_cmd(conf, "SignatureAlgorithms", "ed25519: rsa_pss_rsae_sha256"), 2,
           "sigalgs by their new names");
    is_int(SSL_CONF_cmd(conf, "SignatureAlgorithms", "RSA"), 0, "half a sigalg");
    is_int(SSL_CONF_cmd(conf, "SignatureAlgorithms", "RSA+SHA256:RSA+SHA256"), 0, "one twice");
    is_int(SSL_CONF_cmd(conf, "ClientSignatureAlgorithms", "ECDSA+SHA256"), 2, "client sigalgs");
    is_int(SSL_CONF_cmd(conf, "ClientSignatureAlgorithms", "x"), 0, "an unknown one");
    is_int(run(FILE_, NULL, "SignatureAlgorithms", "RSA+SHA256"), 2, "no object: a good value");
    is_int(run(FILE_, NULL, "SignatureAlgorithms", "x"), 0, "no object: a bad one");
    is_int(SSL_CONF_cmd(conf, "Ciphersuites", "TLS_AES_128_GCM_SHA256"), 2, "Ciphersuites");
    is_int(SSL_CONF_cmd(conf, "CipherString", "ECDHE-RSA-AES128-GCM-SHA256"), 2, "CipherString");
    is_str(SSL_get_cipher_list(ssl, 0), "TLS_AES_128_GCM_SHA256", "the suite of TLS 1.3");
    is_str(SSL_get_cipher_list(ssl, 1), "ECDHE-RSA-AES128-GCM-SHA256", "and the other");
    is_str(SSL_get_cipher_list(ssl, 2), NULL, "and no more");
    ERR_clear_error();
    is_int(SSL_CONF_cmd(conf, "CipherString", "nonsense"), 0, "no cipher");
    is_int(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_CIPHER_MATCH, "tells the cause");
    ERR_clear_error();
    SSL_CONF_CTX_set_flags(conf, SHOW);
    is_int(SSL_CONF_cmd(conf, "CipherString", "nonsense"), 0, "no cipher, errors shown");
    is_int(ERR_GET_REASON(ERR_get_error()), SSL_R_NO_CIPHER_MATCH, "the cause comes first");
    is_int(ERR_GET_REASON(ERR_get_error()), SSL_R_BAD_VALUE, "then the command");
    is_int(run(FILE_, NULL, "CipherString", "nonsense"), 2, "no object: no check");
    SSL_free(ssl);
    SSL_CONF_CTX_free(conf);
    SSL_CTX_free(ctx);
    ERR_clear_error();
}

static void test_numbers(void)
{
    SSL_CTX *ctx = ctx_new();
    SSL *ssl = SSL_new(ctx);
    SSL_CONF_CTX *conf = conf_new(FILE_ | SRV, ctx);

    is_int(SSL_CONF_cmd(conf, "NumTickets", "5"), 2, "NumTickets");
    is_int(SSL_CTX_get_num_tickets(ctx), 5, "is set");
    is_int(SSL_CONF_cmd(conf, "NumTickets", "-1"), 0, "fewer than none");
    is_int(SSL_CONF_cmd(conf, "NumTickets", "x"), 2, "no number is 0");
    is_int(SSL_CTX_get_num_tickets(ctx), 0, "is set");
    is_int(SSL_CONF_cmd(conf, "RecordPadding", "512"), 2, "RecordPadding");
    is_int(SSL_CONF_cmd(conf, "RecordPadding", "1"), 2, "RecordPadding of 1");
    is_int(SSL_CONF_cmd(conf, "RecordPadding", "16384"), 2, "the largest");
    is_int(SSL_CONF_cmd(conf, "RecordPadding", "16385"), 0, "larger");
    is_int(SSL_CONF_cmd(conf, "RecordPadding", "-1"), 0, "negative");
    SSL_CONF_CTX_set_ssl(conf, ssl);
    is_int(SSL_CONF_cmd(conf, "NumTickets", "7"), 2, "NumTickets of a connection");
    is_int(SSL_get_num_tickets(ssl), 7, "is set");
    is_int(SSL_CONF_cmd(conf, "RecordPadding", "512"), 2, "RecordPadding of a connection");
    SSL_CONF_CTX_set_ssl(conf, NULL);
    is_int(SSL_CONF_cmd(conf, "NumTickets", "5"), 0, "NumTickets without object");
    is_int(SSL_CONF_cmd(conf, "RecordPadding", "5"), 0, "RecordPadding without object");
    SSL_free(ssl);
    SSL_CONF_CTX_free(conf);
    SSL_CTX_free(ctx);
}

static const char missing[] = "/nonexistent/ferrossl.pem";

static void test_certificates(void)
{
    tls_id ca = tls_ca("P-256", "Conf CA");
    tls_id leaf = tls_leaf(&ca, "P-256", "localhost", "DNS:localhost");
    tls_id other = tls_leaf(&ca, "P-256", "other", "DNS:other");
    char *both = tls_pem_file(leaf.cert, leaf.key), *cert = tls_pem_file(leaf.cert, NULL);
    char *key = tls_pem_file(NULL, leaf.key), *wrong = tls_pem_file(NULL, other.key);
    SSL_CTX *ctx = ctx_new();
    SSL_CONF_CTX *conf = conf_new(FILE_ | SRV | CERT, ctx);
    SSL *ssl;

    is_int(SSL_CONF_cmd(conf, "Certificate", missing), 0, "Certificate: no such file");
    ok(ERR_peek_error() != 0, "leaves the cause");
    ERR_clear_error();
    is_int(SSL_CONF_cmd(conf, "Certificate", both), 2, "Certificate");
    ok(SSL_CTX_get0_certificate(ctx) != NULL, "is set");
    is_int(SSL_CONF_CTX_finish(conf), 1, "finish");
    is_ptr(SSL_CTX_get0_privatekey(ctx), NULL, "loads no key unless asked to");
    is_int(SSL_CONF_cmd(conf, "PrivateKey", wrong), 0, "a key that does not belong to it");
    ERR_clear_error();
    is_int(SSL_CONF_cmd(conf, "PrivateKey", key), 2, "PrivateKey");
    ok(SSL_CTX_get0_privatekey(ctx) != NULL, "is set");
    is_int(SSL_CONF_cmd(conf, "PrivateKey", missing), 0, "PrivateKey: no such file");
    ERR_clear_error();
    SSL_CONF_CTX_clear_flags(conf, CERT);
    is_int(SSL_CONF_cmd(conf, "PrivateKey", key), -2, "not without the flag");
    SSL_CONF_CTX_free(conf);
    SSL_CTX_free(ctx);

    ctx = ctx_new();
    conf = conf_new(FILE_ | SRV | CERT | KEY, ctx);
    is_int(SSL_CONF_cmd(conf, "Certificate", both), 2, "Certificate, with REQUIRE_PRIVATE");
    is_int(SSL_CONF_CTX_finish(conf), 1, "finish");
    ok(SSL_CTX_get0_privatekey(ctx) != NULL, "loads the key from the certificate's file");
    is_int(SSL_CTX_check_private_key(ctx), 1, "the right one");
    SSL_CONF_CTX_free(conf);
    SSL_CTX_free(ctx);

    ctx = ctx_new();
    conf = conf_new(FILE_ | SRV | CERT | KEY, ctx);
    is_int(SSL_CONF_cmd(conf, "Certificate", cert), 2, "a file without key");
    is_int(SSL_CONF_CTX_finish(conf), 0, "fails");
    ERR_clear_error();
    is_int(SSL_CONF_cmd(conf, "PrivateKey", key), 2, "unless the key comes from another");
    is_int(SSL_CONF_CTX_finish(conf), 1, "finish");
    SSL_CONF_CTX_free(conf);

    ssl = SSL_new(ctx);
    SSL_certs_clear(ssl);
    conf = conf_new(LINE | SRV | CERT | KEY, NULL);
    SSL_CONF_CTX_set_ssl(conf, ssl);
    is_int(SSL_CONF_cmd(conf, "-cert", both), 2, "-cert on a connection");
    is_int(SSL_CONF_CTX_finish(conf), 1, "finish");
    ok(SSL_get_certificate(ssl) != NULL && SSL_get_privatekey(ssl) != NULL, "both are set");
    SSL_CONF_CTX_set_ssl(conf, NULL);
    is_int(SSL_CONF_cmd(conf, "-cert", missing), 2, "no object: no check");
    is_int(SSL_CONF_cmd(conf, "-key", missing), 2, "nor of a key");
    SSL_free(ssl);
    SSL_CONF_CTX_free(conf);
    SSL_CTX_free(ctx);

    unlink(both), unlink(cert), unlink(key), unlink(wrong);
    free(both), free(cert), free(key), free(wrong);
    tls_id_free(&ca), tls_id_free(&leaf), tls_id_free(&other);
    ERR_clear_error();
}

static void test_ca_names(void)
{
    tls_id ca = tls_ca("P-256", "Names CA"), other = tls_ca("P-256", "Other CA");
    char dir[] = "/tmp/ferrossl-conf-XXXXXX", moved[64];
    char *file = tls_pem_file(ca.cert, NULL), *second = tls_pem_file(other.cert, NULL);
    SSL_CTX *ctx = ctx_new();
    SSL_CONF_CTX *conf = conf_new(FILE_ | SRV | CERT, ctx);
    SSL *ssl;

    TLS_MUST(mkdtemp(dir) != NULL);
    snprintf(moved, sizeof moved, "%s/second.pem", dir);
    TLS_MUST(rename(second, moved) == 0);
    is_int(SSL_CONF_cmd(conf, "RequestCAFile", file), 2, "RequestCAFile");
    is_int(SSL_CONF_cmd(conf, "ClientCAFile", file), 2, "ClientCAFile, the same again");
    ok(sk_X509_NAME_num(SSL_CTX_get0_CA_list(ctx)) <= 0, "nothing is set before the end");
    is_int(SSL_CONF_cmd(conf, "RequestCAPath", dir), 2, "RequestCAPath");
    is_int(SSL_CONF_cmd(conf, "ClientCAPath", dir), 2, "ClientCAPath");
    is_int(SSL_CONF_cmd(conf, "RequestCAStore", file), 2, "RequestCAStore");
    is_int(SSL_CONF_cmd(conf, "ClientCAStore", file), 2, "ClientCAStore");
    is_int(SSL_CONF_cmd(conf, "RequestCAFile", missing), 0, "no such file");
    is_int(SSL_CONF_cmd(conf, "RequestCAPath", missing), 0, "no such directory");
    is_int(SSL_CONF_cmd(conf, "RequestCAStore", missing), 0, "no such store");
    ERR_clear_error();
    is_int(SSL_CONF_CTX_finish(conf), 1, "finish");
    is_int(sk_X509_NAME_num(SSL_CTX_get0_CA_list(ctx)), 2, "each name once");
    is_int(SSL_CONF_CTX_finish(conf), 1, "finish again");
    is_int(sk_X509_NAME_num(SSL_CTX_get0_CA_list(ctx)), 2, "changes nothing");
    ssl = SSL_new(ctx);
    SSL_CONF_CTX_set_ssl(conf, ssl);
    is_int(SSL_CONF_cmd(conf, "RequestCAFile", file), 2, "RequestCAFile of a connection");
    is_int(SSL_CONF_CTX_finish(conf), 1, "finish");
    is_int(sk_X509_NAME_num(SSL_get0_CA_list(ssl)), 1, "its own list");
    is_int(sk_X509_NAME_num(SSL_CTX_get0_CA_list(ctx)), 2, "the context's is as it was");
    SSL_CONF_CTX_set_ssl(conf, NULL);
    is_int(SSL_CONF_cmd(conf, "RequestCAFile", file), 2, "no object: the file is read");
    is_int(SSL_CONF_CTX_finish(conf), 1, "and its names are dropped");
    is_int(SSL_CONF_cmd(conf, "RequestCAFile", file), 2, "names that nobody takes");
    SSL_CONF_CTX_free(conf);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    unlink(file), unlink(moved), rmdir(dir);
    free(file), free(second);
    tls_id_free(&ca), tls_id_free(&other);
    ERR_clear_error();
}

static void test_stores(void)
{
    static const char *const names[] = { "ChainCAFile", "VerifyCAFile", "ChainCAStore",
                                         "VerifyCAStore" };
    tls_id ca = tls_ca("P-256", "Store CA");
    tls_id inter = tls_intermediate(&ca, "P-256", "Intermediate");
    tls_id leaf = tls_leaf(&inter, "P-256", "localhost", "DNS:localhost");
    char *root = tls_pem_file(ca.cert, NULL), *middle = tls_pem_file(inter.cert, NULL);
    SSL_CTX *sctx = tls_server_ctx(&leaf), *cctx = SSL_CTX_new(TLS_client_method());
    SSL_CONF_CTX *conf = conf_new(FILE_ | BOTH | CERT, sctx);
    tls_outcome out;
    SSL *c, *s;
    size_t i;

    for (i = 0; i < 4; i++) {
        is_int(SSL_CONF_cmd(conf, names[i], missing), 0, "%s: no such file", names[i]);
        ok(ERR_peek_error() != 0, "leaves the cause");
        ERR_clear_error();
    }
    is_int(SSL_CONF_cmd(conf, "ChainCAPath", missing), 2, "ChainCAPath: read when needed");
    is_int(SSL_CONF_cmd(conf, "VerifyCAPath", missing), 2, "VerifyCAPath: read when needed");
    is_int(SSL_CONF_cmd(conf, "ChainCAFile", middle), 2, "ChainCAFile");
    is_int(SSL_CONF_cmd(conf, "ChainCAStore", root), 2, "ChainCAStore");
    SSL_CONF_CTX_set_ssl_ctx(conf, cctx);
    is_int(SSL_CONF_cmd(conf, "VerifyMode", "Peer"), 2, "VerifyMode");
    is_int(SSL_CONF_cmd(conf, "VerifyCAFile", root), 2, "VerifyCAFile");
    is_int(SSL_CONF_cmd(conf, "VerifyCAStore", root), 2, "VerifyCAStore");
    s = SSL_new(sctx), c = SSL_new(cctx);
    tls_join(c, s, TLS_PAIR);
    ok(tls_handshake(c, s, &out), "the chain is built and verified (%s | %s)",
       out.client.errors, out.server.errors);
    SSL_free(c), SSL_free(s);
    SSL_CONF_CTX_set_ssl_ctx(conf, NULL);
    is_int(SSL_CONF_cmd(conf, "VerifyCAFile", missing), 2, "no object: no check");
    SSL_CONF_CTX_free(conf);
    SSL_CTX_free(sctx), SSL_CTX_free(cctx);
    unlink(root), unlink(middle);
    free(root), free(middle);
    tls_id_free(&ca), tls_id_free(&inter), tls_id_free(&leaf);
    ERR_clear_error();
}

static char *dh_file(const char *group)
{
    char *path = strdup("/tmp/ferrossl-dh-XXXXXX");
    EVP_PKEY_CTX *gen = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string("group", (char *)group, 0), OSSL_PARAM_construct_end() };
    EVP_PKEY *dh = NULL;
    BIO *out;
    int fd = mkstemp(path);

    TLS_MUST(fd >= 0 && gen && EVP_PKEY_paramgen_init(gen) > 0
             && EVP_PKEY_CTX_set_params(gen, params) > 0 && EVP_PKEY_paramgen(gen, &dh) > 0);
    TLS_MUST((out = BIO_new_fd(fd, BIO_CLOSE)) && PEM_write_bio_Parameters(out, dh) == 1);
    BIO_free(out);
    EVP_PKEY_free(dh);
    EVP_PKEY_CTX_free(gen);
    return path;
}

static void test_dh(void)
{
    tls_id ca = tls_ca("P-256", "CA");
    char *dh = dh_file("ffdhe2048"), *no_dh = tls_pem_file(ca.cert, NULL);
    SSL_CTX *ctx = ctx_new();
    SSL *ssl = SSL_new(ctx);
    SSL_CONF_CTX *conf = conf_new(FILE_ | SRV | CERT, ctx);

    is_int(SSL_CONF_cmd(conf, "DHParameters", dh), 2, "DHParameters");
    is_int(SSL_CONF_cmd(conf, "DHParameters", no_dh), 0, "a file without any");
    is_int(SSL_CONF_cmd(conf, "DHParameters", missing), 0, "no such file");
    ERR_clear_error();
    SSL_CTX_set_security_level(ctx, 3);
    is_int(SSL_CONF_cmd(conf, "DHParameters", dh), 0, "too small for level 3");
    is_int(tls_ssl_reason(), SSL_R_DH_KEY_TOO_SMALL, "tells the cause");
    SSL_CONF_CTX_set_ssl(conf, ssl);
    is_int(SSL_CONF_cmd(conf, "DHParameters", dh), 2, "DHParameters of a connection");
    is_int(SSL_CONF_cmd(conf, "ServerInfoFile", missing), 2, "ServerInfoFile: contexts only");
    SSL_CONF_CTX_set_ssl(conf, NULL);
    is_int(SSL_CONF_cmd(conf, "DHParameters", missing), 2, "no object: no check");
    SSL_CONF_CTX_set_ssl_ctx(conf, ctx);
    is_int(SSL_CONF_cmd(conf, "ServerInfoFile", missing), 0, "ServerInfoFile: no such file");
    SSL_CONF_CTX_free(conf);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    unlink(dh), unlink(no_dh);
    free(dh), free(no_dh);
    tls_id_free(&ca);
    ERR_clear_error();
}

static void load_config(const char *text)
{
    char path[] = "/tmp/ferrossl-cnf-XXXXXX";
    int fd = mkstemp(path);

    TLS_MUST(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    TLS_MUST(CONF_modules_load_file(path, NULL, 0) == 1);
    unlink(path);
}

static void test_sections(void)
{
    tls_id ca = tls_ca("P-256", "CA");
    char *both = tls_pem_file(ca.cert, ca.key), text[1024];
    SSL_CTX *ctx, *client;
    SSL *ssl;
    const char *data;

    snprintf(text, sizeof text,
             "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = sys\n"
             "mine = mine\nbroken = broken\nserver = server\n"
             "[sys]\nMinProtocol = TLSv1.3\n1.Options = -SessionTicket\nNoSuch = 1\n"
             "Certificate = %s\n"
             "[mine]\nMaxProtocol = TLSv1.2\nCertificate = %s\n"
             "[broken]\nCipherString = nonsense\nMinProtocol = TLSv1.2\n"
             "[server]\nNumTickets = 4\n",
             both, both);
    load_config(text);
    ERR_clear_error();
    ctx = ctx_new();
    is_int(SSL_CTX_get_min_proto_version(ctx), TLS1_3_VERSION, "system_default's minimum");
    ok(SSL_CTX_get_options(ctx) & SSL_OP_NO_TICKET, "system_default's option");
    is_ptr(SSL_CTX_get0_certificate(ctx), NULL, "certificates are not for system_default");
    is_int(ERR_peek_error(), 0, "what fails there is passed over");
    is_int(SSL_CTX_config(ctx, "mine"), 1, "SSL_CTX_config");
    is_int(SSL_CTX_get_max_proto_version(ctx), TLS1_2_VERSION, "its maximum");
    ok(SSL_CTX_get0_certificate(ctx) != NULL, "its certificate");
    ok(SSL_CTX_get0_privatekey(ctx) != NULL, "and the key from the same file");
    is_int(SSL_CTX_config(ctx, "nothing"), 0, "no such section");
    is_int(last_error(&data), SSL_R_INVALID_CONFIGURATION_NAME, "its reason");
    is_str(data, "name=nothing", "its data");
    is_int(SSL_CTX_config(ctx, NULL), 0, "no name");
    is_int(last_error(&data), SSL_R_INVALID_CONFIGURATION_NAME, "its reason");
    is_int(SSL_CTX_config(NULL, "mine"), 0, "no context");
    is_int(ERR_GET_REASON(ERR_peek_error()), ERR_R_PASSED_NULL_PARAMETER, "its reason");
    ERR_clear_error();
    is_int(SSL_CTX_config(ctx, "broken"), 0, "a section with a bad value");
    is_int(tls_ssl_reason(), SSL_R_NO_CIPHER_MATCH, "leaves the cause");
    is_int(SSL_CTX_get_min_proto_version(ctx), TLS1_2_VERSION, "and does the rest");
    ssl = SSL_new(ctx);
    is_int(SSL_config(ssl, "server"), 1, "SSL_config");
    is_int(SSL_get_num_tickets(ssl), 4, "its tickets");
    is_int(SSL_config(ssl, "nothing"), 0, "no such section");
    is_int(SSL_config(NULL, "mine"), 0, "no connection");
    client = SSL_CTX_new(TLS_client_method());
    is_int(SSL_CTX_config(client, "server"), 0, "a client has no server's commands");
    SSL_add_ssl_module();
    SSL_free(ssl);
    SSL_CTX_free(ctx), SSL_CTX_free(client);

    load_config("openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = sys\n"
                "[sys]\nCipherString = nonsense\n");
    ERR_clear_error();
    ctx = SSL_CTX_new(TLS_method());
    ok(ctx != NULL, "a context is made whatever system_default says");
    is_int(tls_ssl_reason(), SSL_R_NO_CIPHER_MATCH, "the cause is in the queue");
    SSL_CTX_free(ctx);
    unlink(both);
    free(both);
    tls_id_free(&ca);
    ERR_clear_error();
}

int main(void)
{
    test_flags();
    test_value_types();
    test_results();
    test_prefix();
    test_argv();
    test_options();
    test_option_lists();
    test_verify_mode();
    test_versions();
    test_groups();
    test_algorithms();
    test_numbers();
    test_certificates();
    test_ca_names();
    test_stores();
    test_dh();
    test_sections();
    return done();
}
