/* Lists and commands in text form, valid and not: cipher strings, ciphersuites, groups, signature
 * algorithms, SSL_CONF commands. What each gives is printed, and both libraries must print the
 * same. Suites that only TLS 1.2 without AEAD or with RSA key exchange has are told by both. */
#include "tls.h"

static const char *const cipher_strings[] = {
    "ALL", "DEFAULT", "COMPLEMENTOFDEFAULT", "COMPLEMENTOFALL", "HIGH", "MEDIUM", "LOW", "EXPORT",
    "eNULL", "NULL", "aNULL", "kRSA", "RSA", "aRSA", "kDHE", "kEDH", "DHE", "EDH", "ADH", "kEECDH",
    "kECDHE", "ECDHE", "EECDH", "AECDH", "aDSS", "DSS", "aECDSA", "ECDSA", "TLSv1.3", "TLSv1.2",
    "TLSv1", "TLSv1.0", "SSLv3", "AES128", "AES256", "AES", "AESGCM", "AESCCM", "AESCCM8", "ARIA128",
    "ARIA256", "ARIA", "ARIAGCM", "CAMELLIA128", "CAMELLIA256", "CAMELLIA", "CHACHA20", "3DES", "DES",
    "RC4", "RC2", "IDEA", "SEED", "MD5", "SHA1", "SHA", "SHA256", "SHA384", "GOST94", "GOST89MAC",
    "aGOST", "aGOST01", "kGOST", "PSK", "kPSK", "kECDHEPSK", "kDHEPSK", "kRSAPSK", "aPSK", "SRP",
    "kSRP", "aSRP", "FIPS", "CBC", "EXP", "SUITEB128", "SUITEB128ONLY", "SUITEB192", "SUITEB128C2",
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-CHACHA20-POLY1305", "AES128-SHA", "AES256-SHA256",
    "DHE-RSA-AES256-GCM-SHA384", "PSK-AES128-GCM-SHA256", "ecdhe-rsa-aes128-gcm-sha256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA",
    "ECDHE+AESGCM", "ECDHE+AESGCM+AES128", "ECDHE+CHACHA20", "AESGCM+ECDHE:CHACHA20+ECDHE",
    "ECDHE+aRSA+AESGCM", "kECDHE+aECDSA+AES256", "EECDH+ECDSA+AESGCM:EECDH+aRSA+AESGCM",
    "HIGH:!aNULL", "HIGH:!aNULL:!MD5", "HIGH:!aNULL:!MD5:!RC4", "HIGH:MEDIUM:!aNULL:!eNULL",
    "ALL:!COMPLEMENTOFDEFAULT:!eNULL", "ALL:!ADH:!LOW:!EXP:!MD5:@STRENGTH", "ALL:@STRENGTH",
    "DEFAULT:!AES256", "DEFAULT:-AES256", "DEFAULT:-AES256:AES256", "DEFAULT:!AES256:AES256",
    "DEFAULT:+AES256", "DEFAULT:+AESGCM", "DEFAULT:+ECDHE", "DEFAULT:-ECDHE:ECDHE", "+ECDHE", "-ECDHE",
    "!ECDHE", "ECDHE:!ECDHE", "ECDHE:-ECDHE", "ALL:-CHACHA20:CHACHA20", "CHACHA20:ALL",
    "HIGH:@SECLEVEL=0", "@SECLEVEL=0:ALL", "@SECLEVEL=1:DEFAULT", "ALL:@SECLEVEL=2", "ALL:@SECLEVEL=3",
    "ALL:@SECLEVEL=4", "ALL:@SECLEVEL=5", "ALL:@SECLEVEL=6", "ALL:@SECLEVEL=", "ALL:@SECLEVEL=-1",
    "ALL:@SECLEVEL=12", "ALL:@SECLEVEL=x", "ALL:@SECLEVEL", "ALL:@seclevel=1", "@STRENGTH", "@FOO",
    "ALL:@FOO", "ALL:@", "@", "DEFAULT@SECLEVEL=1", "DEFAULT:@SECLEVEL=1:!aNULL", "DEFAULT:@STRENGTH",
    "", ":", "::", " ", "ALL:", ":ALL", "ALL ", " ALL", "ALL,RSA", "ALL;RSA", "ALL RSA", "HIGH,!aNULL",
    "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384", "FOO", "FOO:ALL", "ALL:FOO", "!FOO:ALL",
    "FOO:BAR", "FOO+BAR", "ECDHE+FOO", "FOO+ECDHE", "ECDHE+", "+", "-", "!", "++ALL", "!!ALL",
    "--ALL", "+ALL", "ALL+", "ALL:+", "ALL:!", "ALL:-", "ALL!aNULL", "ALL-aNULL", "ALL=1", "ALL/x",
    "all", "default", "High", "DEFAULT:DEFAULT", "ALL:DEFAULT", "AES:DEFAULT", "DEFAULT:AES",
    "!DEFAULT", "-DEFAULT", "+DEFAULT", "DEFAULT:!DEFAULT", "ECDHE-RSA-AES128-GCM-SHA256:@STRENGTH",
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256", "\xc3\xa4", "ALL:\xff", "ALL\tRSA",
    "ALL\nRSA", "ALL_", "_ALL", "1", "0x1301", "ALL:0", ".", "TLSv1.2:!SSLv3", "TLSv1.2+ECDHE+AES",
    "SUITEB128:ALL", "ALL:SUITEB128", "SUITEB192:!AES128", "AES256+SUITEB128", "SUITEB256",
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
    "EECDH+AESGCM:EDH+AESGCM:AES256+EECDH:AES256+EDH", "kEECDH+ECDSA:kEECDH:kEDH:HIGH:+SHA:!RC4",
};

static const char *const suite_strings[] = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256", "",
    "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256:", ":", "::",
    ":TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256::TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256:TLS_AES_128_GCM_SHA256", "tls_aes_128_gcm_sha256", "FOO",
    "TLS_AES_128_GCM_SHA256:FOO", "FOO:TLS_AES_128_GCM_SHA256", " TLS_AES_128_GCM_SHA256",
    "TLS_AES_128_GCM_SHA256 ", " TLS_AES_128_GCM_SHA256 : TLS_AES_256_GCM_SHA384 ",
    "TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384", "ECDHE-RSA-AES128-GCM-SHA256", "ALL", "DEFAULT",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "!TLS_AES_128_GCM_SHA256", "\xff", " ", "TLS_AES",
    "TLS_AES_128_GCM_SHA256_AND_A_NAME_THAT_IS_LONGER_THAN_EIGHTY_CHARACTERS_WHICH_IS_THE_LIMIT_OF_IT",
};

static const char *const group_strings[] = {
    "P-256", "P-384", "P-521", "X25519", "X448", "prime256v1", "secp256r1", "secp384r1", "secp521r1",
    "x25519", "x448", "p-256", "p-521", "PRIME256V1", "SECP384R1", "Secp256R1", "brainpoolP256r1",
    "brainpoolP512r1", "brainpoolp384r1", "ffdhe2048", "ffdhe3072", "FFDHE4096", "ffdhe6144",
    "ffdhe8192", "sect163k1", "sect571r1", "secp160k1", "secp192k1", "secp192r1", "prime192v1", "P-192",
    "secp224k1", "secp224r1", "P-224", "secp256k1", "sm2", "K-256", "B-571", "K-163", "1.2.840.10045.3.1.7",
    "P-256:X25519", "X25519:P-256", "P-256:P-256", "P-256:prime256v1", "P-256:FOO", "FOO:P-256", "FOO", "",
    ":", "P-256:", ":P-256", "P-256::X25519", " P-256", "P-256 ", " P-256 : X25519 ", "P-256,X25519",
    "P-256 X25519", "P-256:\tX25519", "*P-256", "?P-256", "P-256/X25519", "-P-256", "DEFAULT", "auto",
    "P256", "X25519:P-256:X448:P-521:P-384", "\xff",
    "a_name_of_a_group_that_is_longer_than_sixty-four_characters_and_so_is_never_found",
    "P-256:P-384:P-521:X25519:X448:ffdhe2048:ffdhe3072:ffdhe4096:ffdhe6144:ffdhe8192:brainpoolP256r1:"
    "brainpoolP384r1:brainpoolP512r1",
};

static const char *const sigalg_strings[] = {
    "RSA+SHA256", "RSA+SHA384", "RSA+SHA512", "RSA+SHA1", "RSA+SHA224", "RSA+MD5", "ECDSA+SHA256",
    "ECDSA+SHA1", "ECDSA+SHA224", "ECDSA+SHA512", "DSA+SHA256", "DSA+SHA1", "DSA+SHA512", "RSA-PSS+SHA256",
    "PSS+SHA384", "RSA-PSS+SHA1", "PSS+SHA224", "ed25519", "ed448", "ED25519", "Ed448",
    "rsa_pkcs1_sha256", "rsa_pkcs1_sha1", "rsa_pkcs1_sha224", "rsa_pss_rsae_sha256", "rsa_pss_pss_sha256",
    "rsa_pss_pss_sha512", "ecdsa_secp256r1_sha256", "ecdsa_secp521r1_sha512", "ecdsa_sha1", "ecdsa_sha224",
    "dsa_sha256", "dsa_sha1", "RSA_PKCS1_SHA256", "rsa+SHA256", "SHA256+RSA", "SHA1+DSA", "RSA+DSA", "RSA+sha256", "Rsa+Sha256", "RSA+SHA2-256",
    "rsaEncryption+SHA256", "EC+SHA256", "id-ecPublicKey+SHA256", "ED25519+SHA256", "RSA", "SHA256", "+SHA256",
    "RSA+", "+", "RSA+SHA256+SHA1", "", ":", "RSA+SHA256:", ":RSA+SHA256", "RSA+SHA256::ECDSA+SHA256",
    "RSA+SHA256:ECDSA+SHA256", "RSA+SHA256:RSA+SHA256", "RSA+SHA256:rsa_pkcs1_sha256", "RSA+SHA256:FOO",
    "FOO", "FOO+SHA256", "RSA+FOO", " RSA+SHA256", "RSA+SHA256 ", " RSA+SHA256 : ECDSA+SHA256 ",
    "RSA+SHA256,ECDSA+SHA256", "RSA + SHA256", "gostr34102001", "RSA+SHA3-256", "ECDSA+SHA3-256",
    "PSS+SHA256:rsa_pss_pss_sha256", "\xff", "rsa_pss_rsae_sha256:ed25519:ecdsa_secp384r1_sha384",
    "a_signature_algorithm_whose_name_is_longer_than_forty_characters",
};

/* The oldest entry of the queue, or "-". */
static const char *first_error(void)
{
    static char text[64];
    unsigned long e = ERR_peek_error();

    snprintf(text, sizeof text, e ? "%d/%d" : "-", ERR_GET_LIB(e), ERR_GET_REASON(e));
    ERR_clear_error();
    return text;
}

/* Escapes what would not be one line of ASCII. */
static const char *shown(const char *text)
{
    static char buf[2][1024];
    static int turn;
    char *out = buf[turn++ % 2], *at = out;

    for (; *text && at < out + 1000; text++)
        if (*text >= 32 && *text < 127)
            *at++ = *text;
        else
            at += sprintf(at, "\\x%02x", (unsigned char)*text);
    *at = 0;
    return out;
}

/* The suites of a list, as many as there are, folded into one number, and their first names. */
static const char *list_of(STACK_OF(SSL_CIPHER) *list)
{
    static char text[4096];
    unsigned hash = 2166136261u;
    int i, n = list ? sk_SSL_CIPHER_num(list) : -1;
    size_t used;

    for (i = 0; i < n; i++)
        hash = (hash ^ SSL_CIPHER_get_id(sk_SSL_CIPHER_value(list, i))) * 16777619u;
    used = (size_t)snprintf(text, sizeof text, "%d %08x", n, hash);
    for (i = 0; i < n && i < 8; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, " %04x",
                                 SSL_CIPHER_get_protocol_id(sk_SSL_CIPHER_value(list, i)));
    return text;
}

static void test_cipher_strings(void)
{
    size_t i;

    for (i = 0; i < sizeof cipher_strings / sizeof *cipher_strings; i++) {
        SSL_CTX *ctx = SSL_CTX_new(TLS_method());
        SSL *ssl;
        int r;

        ERR_clear_error();
        r = SSL_CTX_set_cipher_list(ctx, cipher_strings[i]);
        same("ciphers \"%s\": %d %s level %d", shown(cipher_strings[i]), r, first_error(),
             SSL_CTX_get_security_level(ctx));
        same("  list %s", list_of(SSL_CTX_get_ciphers(ctx)));
        ssl = SSL_new(ctx);
        r = SSL_set_cipher_list(ssl, cipher_strings[i]);
        same("  on a connection: %d %s %s", r, first_error(), list_of(SSL_get_ciphers(ssl)));
        SSL_free(ssl);
        SSL_CTX_free(ctx);
    }
}

static void test_ciphersuites(void)
{
    size_t i;

    for (i = 0; i < sizeof suite_strings / sizeof *suite_strings; i++) {
        SSL_CTX *ctx = SSL_CTX_new(TLS_method());
        int r;

        ERR_clear_error();
        r = SSL_CTX_set_ciphersuites(ctx, suite_strings[i]);
        same("ciphersuites \"%s\": %d %s", shown(suite_strings[i]), r, first_error());
        same("  list %s", list_of(SSL_CTX_get_ciphers(ctx)));
        SSL_CTX_free(ctx);
    }
}

static void test_groups(void)
{
    size_t i;

    for (i = 0; i < sizeof group_strings / sizeof *group_strings; i++) {
        SSL_CTX *ctx = SSL_CTX_new(TLS_method());
        SSL *ssl = SSL_new(ctx);
        int r;

        ERR_clear_error();
        r = (int)SSL_CTX_set1_groups_list(ctx, group_strings[i]);
        same("groups \"%s\": %d %s", shown(group_strings[i]), r, first_error());
        r = (int)SSL_set1_groups_list(ssl, group_strings[i]);
        same("  on a connection: %d %s", r, first_error());
        SSL_free(ssl);
        SSL_CTX_free(ctx);
    }
}

static void test_sigalgs(void)
{
    size_t i;

    for (i = 0; i < sizeof sigalg_strings / sizeof *sigalg_strings; i++) {
        SSL_CTX *ctx = SSL_CTX_new(TLS_method());
        SSL *ssl = SSL_new(ctx);
        int r, own;

        ERR_clear_error();
        r = (int)SSL_CTX_set1_sigalgs_list(ctx, sigalg_strings[i]);
        same("sigalgs \"%s\": %d %s", shown(sigalg_strings[i]), r, first_error());
        own = (int)SSL_set1_sigalgs_list(ssl, sigalg_strings[i]);
        r = (int)SSL_set1_client_sigalgs_list(ssl, sigalg_strings[i]);
        same("  on a connection: %d %d %s", own, r, first_error());
        SSL_free(ssl);
        SSL_CTX_free(ctx);
    }
}

static const char *const commands[] = {
    "CipherString", "cipher", "Ciphersuites", "ciphersuites", "Groups", "groups", "Curves", "curves",
    "SignatureAlgorithms", "sigalgs", "ClientSignatureAlgorithms", "client_sigalgs", "ECDHParameters",
    "named_curve", "Protocol", "protocol", "MinProtocol", "min_protocol", "MaxProtocol", "max_protocol",
    "Options", "options", "VerifyMode", "NumTickets", "num_tickets", "RecordPadding", "record_padding",
    "no_ssl3", "no_tls1_3", "bugs", "serverpref", "no_ticket", "prioritize_chacha", "strict", "no_middlebox",
    "anti_replay", "no_anti_replay", "comp", "no_comp", "legacy_renegotiation", "client_renegotiation",
    "Certificate", "PrivateKey", "ChainCAFile", "ChainCAPath", "VerifyCAFile",
    "VerifyCAPath", "RequestCAFile", "ClientCAFile", "ClientCAPath", "DHParameters", "dhparam", "cert", "key",
    "CIPHERSTRING", "Foo", "", "-cipher", "NO_SSL3", "cipherstring ", " CipherString",
};

static const char *const values[] = {
    NULL, "", "ALL", "P-256:X25519", "P-256 : x25519", "RSA+SHA256:ECDSA+SHA256", "TLSv1.2", "TLSv1.3", "tlsv1.2",
    "None", "DTLSv1.2", "-TLSv1", "ALL,-TLSv1.3", " -TLSv1 , -TLSv1.1", "+TLSv1.2,", "SessionTicket", "-SessionTicket,Bugs",
    "ServerPreference,PrioritizeChaCha", "Peer", "Request,Once", "Require", "0", "5", "-1", "16384", "16385", "1", "5x",
    "TLS_AES_128_GCM_SHA256", "auto", "automatic", "+automatic", "/nonexistent", "x25519",
};

static const unsigned flag_sets[] = {
    SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_SERVER | SSL_CONF_FLAG_CERTIFICATE | SSL_CONF_FLAG_SHOW_ERRORS,
    SSL_CONF_FLAG_CMDLINE | SSL_CONF_FLAG_CLIENT,
};

/* Every command with every value: one line for each command, the results as digits. */
static void test_commands(void)
{
    size_t f, c, v;

    for (f = 0; f < sizeof flag_sets / sizeof *flag_sets; f++)
        for (c = 0; c < sizeof commands / sizeof *commands; c++) {
            SSL_CONF_CTX *conf = SSL_CONF_CTX_new();
            char results[1024], *at = results;

            SSL_CONF_CTX_set_flags(conf, flag_sets[f]);
            if (flag_sets[f] & SSL_CONF_FLAG_CMDLINE)
                SSL_CONF_CTX_set1_prefix(conf, "");
            same("%x %s: type %d", flag_sets[f], commands[c], SSL_CONF_cmd_value_type(conf, commands[c]));
            for (v = 0; v < sizeof values / sizeof *values; v++) {
                SSL_CTX *ctx = SSL_CTX_new(TLS_method());
                SSL *ssl = SSL_new(ctx);
                int on_ctx, on_ssl;
                const char *e;

                SSL_CONF_CTX_set_ssl_ctx(conf, ctx);
                ERR_clear_error();
                on_ctx = SSL_CONF_cmd(conf, commands[c], values[v]);
                e = first_error();
                at = results;
                at += sprintf(at, "%d %s options %llx verify %d min %ld max %ld", on_ctx, e,
                              (unsigned long long)SSL_CTX_get_options(ctx), SSL_CTX_get_verify_mode(ctx),
                              SSL_CTX_get_min_proto_version(ctx), SSL_CTX_get_max_proto_version(ctx));
                SSL_CONF_CTX_set_ssl(conf, ssl);
                on_ssl = SSL_CONF_cmd(conf, commands[c], values[v]);
                e = first_error();
                sprintf(at, " | %d %s tickets %zu", on_ssl, e, SSL_CTX_get_num_tickets(ctx));
                same("  %s: %s", values[v] ? values[v] : "(null)", results);
                SSL_free(ssl);
                SSL_CTX_free(ctx);
            }
            SSL_CONF_CTX_free(conf);
        }
}

/* Argument lists, and prefixes. */
static void test_argv(void)
{
    static const char *const lists[][4] = {
        { "-cipher", "ALL" }, { "-cipher" }, { "cipher", "ALL" }, { "-no_tls1_3", "x" }, { "-groups", "FOO" },
        { "--cipher", "ALL" }, { "-Cipher", "ALL" }, { "-CipherString", "ALL" }, { "-" }, { "" }, { "-foo", "x" },
        { "-serverpref" }, { "-min_protocol", "TLSv1.2", "-no_ticket" },
    };
    static const char *const prefixes[] = { NULL, "", "-", "--", "-x", "ssl" };
    size_t i, p;

    for (p = 0; p < sizeof prefixes / sizeof *prefixes; p++)
        for (i = 0; i < sizeof lists / sizeof *lists; i++) {
            SSL_CONF_CTX *conf = SSL_CONF_CTX_new();
            SSL_CTX *ctx = SSL_CTX_new(TLS_method());
            char **argv = (char **)lists[i];
            int argc = 0, r, by_null;

            while (argc < 4 && lists[i][argc])
                argc++;
            SSL_CONF_CTX_set_flags(conf, SSL_CONF_FLAG_CLIENT | SSL_CONF_FLAG_SERVER | SSL_CONF_FLAG_FILE);
            if (prefixes[p])
                SSL_CONF_CTX_set1_prefix(conf, prefixes[p]);
            SSL_CONF_CTX_set_ssl_ctx(conf, ctx);
            r = SSL_CONF_cmd_argv(conf, &argc, &argv);
            same("argv %s/%s: %d left %d moved %d %s", prefixes[p] ? prefixes[p] : "(null)", lists[i][0], r, argc,
                 (int)(argv - (char **)lists[i]), first_error());
            argv = (char **)lists[i];
            by_null = SSL_CONF_cmd_argv(conf, NULL, &argv);
            same("  without a count: %d moved %d", by_null, (int)(argv - (char **)lists[i]));
            SSL_CONF_CTX_free(conf);
            SSL_CTX_free(ctx);
        }
}

int main(void)
{
    test_cipher_strings();
    test_ciphersuites();
    test_groups();
    test_sigalgs();
    test_commands();
    test_argv();
    ok(1, "every list and command was given");
    return done();
}
