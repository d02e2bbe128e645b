/* The languages of lists and commands, as both libraries read them: cipher strings (ciphers(1)),
 * TLS 1.3's suites, groups, signature algorithms, and SSL_CONF_cmd(3). Written ones, then random ones
 * out of each language's words. Compared is what each call returns, the error and what came of it: the
 * lists themselves, and for algorithms the ClientHello that they make.
 *
 *   lists [loud]   whole lists in place of their sums */
#include "pipe.h"

#include <openssl/conf.h>

static int loud;
static unsigned long long state;

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ANY(array) ((array)[below(COUNT(array))])

/* xorshift64*: the same numbers everywhere. */
static unsigned below(unsigned long n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (unsigned)((state * 2685821657736338717ull >> 33) % n);
}

/* The newest entry's reason and text; an empty queue. */
static const char *last_error(void)
{
    static char text[300];
    const char *data = NULL;
    int flags = 0;
    unsigned long e = ERR_peek_last_error_all(NULL, NULL, NULL, &data, &flags);

    snprintf(text, sizeof text, "%d:%d%s%s", ERR_GET_LIB(e), ERR_GET_REASON(e),
             data && *data && (flags & ERR_TXT_STRING) ? " " : "", data && (flags & ERR_TXT_STRING) ? data : "");
    ERR_clear_error();
    return e == 0 ? "none" : text;
}

/* A list of ciphers: how many, the first and a sum, or all of it. */
static const char *ciphers_text(const STACK_OF(SSL_CIPHER) *list)
{
    static char text[8192];
    unsigned sum = 2166136261u;
    size_t used = 0;

    for (int i = 0; i < sk_SSL_CIPHER_num(list); i++) {
        unsigned id = SSL_CIPHER_get_protocol_id(sk_SSL_CIPHER_value(list, i));

        sum = (sum ^ id) * 16777619u;
        if (loud)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s:", SSL_CIPHER_get_name(sk_SSL_CIPHER_value(list, i)));
    }
    if (!loud)
        snprintf(text, sizeof text, "%d %08x", sk_SSL_CIPHER_num(list), sum);
    return text;
}

static SSL_CTX *context(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());

    TLS_MUST(ctx != NULL);
    return ctx;
}

/* --- cipher strings --- */

static void cipher_string(const char *string)
{
    SSL_CTX *ctx = context();
    SSL *ssl = SSL_new(ctx);
    int r = SSL_CTX_set_cipher_list(ctx, string);
    const char *error = last_error();

    same("cipher list \"%s\": %d %s, level %d, %s", string, r, error, SSL_CTX_get_security_level(ctx),
         ciphers_text(SSL_CTX_get_ciphers(ctx)));
    r = SSL_set_cipher_list(ssl, string);
    error = last_error();
    same("... of a connection: %d %s, level %d, %s", r, error, SSL_get_security_level(ssl),
         ciphers_text(SSL_get_ciphers(ssl)));
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static const char *const aliases[] = {
    "ALL", "COMPLEMENTOFALL", "COMPLEMENTOFDEFAULT", "HIGH", "MEDIUM", "LOW", "EXP", "eNULL", "NULL", "aNULL", "kRSA",
    "aRSA", "RSA", "kDHr", "kDHd", "kDH", "kDHE", "kEDH", "DH", "DHE", "EDH", "ADH", "kEECDH", "kECDHE", "ECDH", "ECDHE",
    "EECDH", "AECDH", "aDSS", "DSS", "aDH", "aECDSA", "ECDSA", "aECDH", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.2", "AES128",
    "AES256", "AES", "AESGCM", "AESCCM", "AESCCM8", "ARIA128", "ARIA256", "ARIA", "ARIAGCM", "CAMELLIA128", "CAMELLIA256",
    "CAMELLIA", "CHACHA20", "3DES", "DES", "RC4", "RC2", "IDEA", "SEED", "MD5", "SHA1", "SHA", "SHA256", "SHA384", "SHA512",
    "aGOST", "aGOST01", "kGOST", "GOST94", "GOST89MAC", "PSK", "kPSK", "kECDHEPSK", "kDHEPSK", "kRSAPSK", "aPSK", "SRP",
    "kSRP", "aSRP", "CBC", "AESCBC", "FIPS", "EXPORT", "EXPORT40", "kECDHr", "kECDHe", "kFZA", "aFZA", "eFZA", "FZA", "DEFAULT",
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-AES256-SHA384", "AES128-SHA", "DHE-RSA-AES256-GCM-SHA384",
    "PSK-AES128-CBC-SHA", "TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-CCM8", "DES-CBC3-SHA",
    "NULL-SHA256", "AECDH-AES256-SHA", "GOST2012-GOST8912-GOST8912", "nonsense", "aes", "high", "default",
};

static const char *const cipher_strings[] = {
    "", " ", ":", "::", ",;: ", "DEFAULT", "DEFAULT:", "DEFAULTS", "DEFAULT@SECLEVEL=2", "DEFAULT:@SECLEVEL=0", "@SECLEVEL=1",
    "@SECLEVEL=6:ALL", "@SECLEVEL=", "@SECLEVEL=11", "@SECLEVEL=-1", "@seclevel=1", "ALL:@SECLEVEL=3", "ALL@SECLEVEL=4", "@SECLEVEL=5",
    "@STRENGTH", "ALL:@STRENGTH", "ALL:@STRENGTHS", "ALL:@STRENGT", "ALL:@", "ALL:@unknown", "@STRENGTH:ALL", "ALL:@STRENGTH:+AES128",
    "!ALL", "!ALL:ALL", "-ALL:ALL", "+ALL:ALL", "ALL:!ALL", "ALL:-ALL", "ALL:-ALL:AES128", "ALL:!AES128:AES128", "!!ALL", "+-ALL", "!", "+", "-",
    "ALL:+", "ALL:!", "ALL:-:AES", "ALL+AES", "AES+ALL", "kRSA+AES128+SHA1", "kRSA+", "kRSA+:AES", "+kRSA+AES", "kRSA++AES", "ECDHE+AESGCM:ECDHE+CHACHA20",
    "ECDHE+AESGCM:!aNULL:!MD5:!DSS", "HIGH:!aNULL:!MD5", "HIGH:!aNULL:!kRSA:!PSK:!SRP:!MD5:!RC4", "PROFILE=SYSTEM", "EECDH+AESGCM:EDH+AESGCM",
    "ALL:!EXPORT:!EXPORT40:!EXPORT56:!aNULL:!LOW:!RC4:@STRENGTH", "ALL:!ADH:!LOW:!EXP:!MD5:@STRENGTH", "RC4", "RC4:AES", "aNULL", "eNULL", "aNULL:eNULL",
    "COMPLEMENTOFALL", "COMPLEMENTOFDEFAULT", "ALL:COMPLEMENTOFALL", "ALL:!COMPLEMENTOFDEFAULT", "ALL:eNULL", "SUITEB128", "SUITEB128ONLY", "SUITEB192",
    "SUITEB128C2", "SUITEB128:ALL", "ALL:SUITEB128", "SUITEB192:@SECLEVEL=3", "SUITEB", "TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256:AES128-SHA",
    "TLSv1.3", "TLSv1.2", "TLSv1.2+ECDHE", "TLSv1.2+AES128+aRSA+ECDHE", "SSLv2", "SSLv3", "TLSv1.1", "AES128-SHA,AES256-SHA", "AES128-SHA AES256-SHA",
    "AES128-SHA;AES256-SHA", "AES128-SHA/AES256-SHA", "AES128-SHA\tAES256-SHA", "AES128-SHA\nAES256-SHA", "\xc3\xa9", "AES128-SHA:\xc3\xa9", "AES128_SHA",
    "AES128.SHA", "=AES", "AES=", "AES128-SHA=", "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256:+ECDHE-RSA-AES128-GCM-SHA256",
    "ecdhe-rsa-aes128-gcm-sha256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256X", "ECDHE-RSA-AES128-GCM-SHA25", "CAMELLIA128:ARIA256",
    "AESCCM", "AESCCM8", "AESGCM:AESCCM:@STRENGTH", "ALL:+SHA1:+SHA256", "ALL:-SHA1:+AES256:SHA1", "HIGH:+kDHE:-aECDSA:!PSK", "FIPS", "FIPS:!aNULL", "CBC", "SHA:!aRSA",
};

static void random_cipher_string(void)
{
    static const char *const operators[] = { "", "", "", "+", "-", "!" };
    static const char *const separators[] = { ":", ":", ":", ",", " ", ";", "::" };
    static const char *const commands[] = {
        "@STRENGTH", "@SECLEVEL=0", "@SECLEVEL=1", "@SECLEVEL=2", "@SECLEVEL=3", "@SECLEVEL=5", "@SECLEVEL=9", "@STRENGT", "@",
    };
    char string[512];
    size_t used = 0;

    string[0] = 0;
    for (unsigned n = 1 + below(6); n > 0; n--) {
        if (below(8) == 0)
            used += (size_t)snprintf(string + used, sizeof string - used, "%s", ANY(commands));
        else {
            used += (size_t)snprintf(string + used, sizeof string - used, "%s%s", ANY(operators), ANY(aliases));
            for (unsigned more = below(5); more > 2; more--)
                used += (size_t)snprintf(string + used, sizeof string - used, "+%s", ANY(aliases));
        }
        if (n > 1)
            used += (size_t)snprintf(string + used, sizeof string - used, "%s", ANY(separators));
    }
    cipher_string(string);
}

static void test_ciphers(void)
{
    for (size_t i = 0; i < COUNT(aliases); i++) {
        char string[128];

        cipher_string(aliases[i]);
        snprintf(string, sizeof string, "ALL:COMPLEMENTOFALL:!%s", aliases[i]);
        cipher_string(string);
        snprintf(string, sizeof string, "ALL:COMPLEMENTOFALL:+%s", aliases[i]);
        cipher_string(string);
    }
    for (size_t i = 0; i < COUNT(cipher_strings); i++)
        cipher_string(cipher_strings[i]);
    for (int i = 0; i < (under_valgrind() ? 40 : 600); i++)
        random_cipher_string();
}

/* --- TLS 1.3's suites --- */

static void suites(const char *string)
{
    SSL_CTX *ctx = context();
    int r = SSL_CTX_set_ciphersuites(ctx, string);
    const char *error = last_error();

    same("suites \"%s\": %d %s, %s", string, r, error, ciphers_text(SSL_CTX_get_ciphers(ctx)));
    SSL_CTX_free(ctx);
}

static void test_suites(void)
{
    static const char *const names[] = {
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256", "AES128-SHA",
        "TLS_AES_128_GCM_SHA256 ", "tls_aes_128_gcm_sha256", "", "TLS_AES_128_GCM", "ALL", "ECDHE-RSA-AES128-GCM-SHA256", "\"TLS_AES_128_GCM_SHA256\"",
        "TLS_THIS_NAME_IS_LONGER_THAN_ANY_SUITE_HAS_AND_LONGER_THAN_THE_EIGHTY_BYTES_THAT_ARE_LOOKED_AT",
    };
    char string[512];

    for (size_t i = 0; i < COUNT(names); i++)
        suites(names[i]);
    for (int i = 0; i < 80; i++) {
        string[0] = 0;
        for (unsigned n = 1 + below(4); n > 0; n--) {
            strcat(string, ANY(names));
            if (n > 1)
                strcat(string, ":");
        }
        suites(string);
    }
}

/* --- groups and signature algorithms --- */

/* An extension's body in the hello of a client of this context, as hexadecimal digits. */
static const char *sent(SSL_CTX *ctx, unsigned wanted)
{
    static char text[2048];
    unsigned char hello[4096], *p = hello + 5 + 4 + 2 + 32, *end;
    SSL *ssl = SSL_new(ctx);
    BIO *out = BIO_new(BIO_s_mem());
    int n;

    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
    SSL_set_connect_state(ssl);
    SSL_do_handshake(ssl);
    n = BIO_read(out, hello, sizeof hello);
    SSL_free(ssl);
    snprintf(text, sizeof text, "none but an alert %d, reason %d", n == 7 ? hello[6] : -1, tls_ssl_reason());
    if (n < 5 || hello[0] != 22)
        return text;
    strcpy(text, "nothing");
    end = hello + n;
    p += 1 + p[0];
    p += 2 + (p[0] << 8 | p[1]);
    p += 1 + p[0];
    for (p += 2; p + 4 <= end; p += 4 + (p[2] << 8 | p[3])) {
        size_t len = (size_t)(p[2] << 8 | p[3]);

        if ((unsigned)(p[0] << 8 | p[1]) == wanted)
            for (size_t i = 0; i < len && i < 1000; i++)
                sprintf(text + 2 * i, "%02x", p[4 + i]);
    }
    return text;
}

static void groups(const char *string)
{
    SSL_CTX *ctx = context();
    int r, list[64], n;
    const char *error;
    SSL *ssl;

    SSL_CTX_set1_groups_list(ctx, "P-256");
    r = SSL_CTX_set1_groups_list(ctx, string);
    error = last_error();
    ssl = SSL_new(ctx);
    n = (int)SSL_get1_groups(ssl, list);
    same("groups \"%s\": %d %s, %d, first %d, hello %s", string, r, error, n, n > 0 ? list[0] : -1, sent(ctx, 10));
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

static void test_groups(void)
{
    static const char *const names[] = {
        "P-256", "P-384", "P-521", "X25519", "X448", "prime256v1", "secp256r1", "secp384r1", "secp521r1", "x25519", "x448", "ffdhe2048", "ffdhe3072",
        "ffdhe8192", "brainpoolP256r1", "brainpoolP512r1", "secp256k1", "sect571r1", "P-224", "K-283", "B-571", "p-256", "P256", "nonsense", "", " P-256", "P-256 ",
        "auto", "23", "secp192r1", "prime192v1", "P-192", "FFDHE2048", "*P-256", "?P-256", "-P-256", "DEFAULT",
        "this_name_is_longer_than_any_group_has_and_longer_than_the_buffer_it_is_copied_to",
    };
    char string[512];

    for (size_t i = 0; i < COUNT(names); i++)
        groups(names[i]);
    groups("P-256:P-384/X25519");
    groups("P-256,P-384");
    groups(":P-256");
    groups("P-256:");
    for (int i = 0; i < 150; i++) {
        string[0] = 0;
        for (unsigned n = 1 + below(5); n > 0; n--) {
            strcat(string, names[below(below(4) == 0 ? COUNT(names) : 16)]);
            if (n > 1)
                strcat(string, ":");
        }
        groups(string);
    }
}

static void sigalgs(const char *string)
{
    SSL_CTX *ctx = context();
    int r = SSL_CTX_set1_client_sigalgs_list(ctx, string);
    const char *error = last_error();

    same("client's sigalgs \"%s\": %d %s", string, r, error);
    r = SSL_CTX_set1_sigalgs_list(ctx, string);
    error = last_error();
    /* The default list differs by design: without SHA-1, SHA-224 and DSA. */
    same("sigalgs \"%s\": %d %s, hello %s", string, r, error, r == 1 ? sent(ctx, 13) : "as by default");
    SSL_CTX_free(ctx);
}

static void test_sigalgs(void)
{
    static const char *const names[] = {
        "RSA+SHA256", "RSA+SHA384", "RSA+SHA512", "RSA+SHA1", "RSA+SHA224", "RSA-PSS+SHA256", "PSS+SHA384", "ECDSA+SHA256", "ECDSA+SHA384", "ECDSA+SHA512",
        "ECDSA+SHA1", "DSA+SHA256", "DSA+SHA1", "ed25519", "ed448", "rsa_pss_rsae_sha256", "rsa_pss_pss_sha384", "rsa_pkcs1_sha512", "rsa_pkcs1_sha1",
        "ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_sha224", "ecdsa_sha1", "dsa_sha256", "rsa_pkcs1_md5_sha1", "RSA+MD5", "rsa+sha256", "RSA", "SHA256",
        "SHA256+RSA", "RSA+", "+SHA256", "RSA+SHA256+SHA384", "ED25519", "Ed448", "nonsense", "", " RSA+SHA256", "RSA+SHA3-256", "RSA+sha256", "gostr34102001_gostr3411",
        "ECDSA+SHA3-256", "RSA-PSS+SHA1", "rsa_pss_rsae_sha1", "0x0804",
        "this_name_is_longer_than_any_algorithm_has_and_longer_than_the_buffer_it_is_copied_to",
    };
    char string[512];

    for (size_t i = 0; i < COUNT(names); i++)
        sigalgs(names[i]);
    for (int i = 0; i < 150; i++) {
        string[0] = 0;
        for (unsigned n = 1 + below(5); n > 0; n--) {
            strcat(string, names[below(below(4) == 0 ? COUNT(names) : 22)]);
            if (n > 1)
                strcat(string, ":");
        }
        sigalgs(string);
    }
}

/* --- SSL_CONF --- */

static const char *const conf_names[] = {
    "no_ssl3", "no_tls1", "no_tls1_1", "no_tls1_2", "no_tls1_3", "bugs", "no_comp", "comp", "ecdh_single", "no_ticket", "serverpref", "legacy_renegotiation",
    "client_renegotiation", "legacy_server_connect", "no_renegotiation", "no_resumption_on_reneg", "no_legacy_server_connect", "allow_no_dhe_kex", "prioritize_chacha",
    "strict", "no_middlebox", "anti_replay", "no_anti_replay", "no_etm", "sigalgs", "client_sigalgs", "curves", "groups", "named_curve", "cipher", "ciphersuites",
    "min_protocol", "max_protocol", "record_padding", "num_tickets", "dhparam", "cert", "key", "SignatureAlgorithms", "ClientSignatureAlgorithms", "Curves", "Groups",
    "ECDHParameters", "CipherString", "Ciphersuites", "Protocol", "MinProtocol", "MaxProtocol", "Options", "VerifyMode", "RecordPadding", "NumTickets", "Certificate",
    "ServerInfoFile", "ChainCAPath", "VerifyCAFile", "RequestCAFile", "ClientCAFile", "ChainCAStore", "DHParameters", "nonsense", "",
};

static const char *const conf_words[] = {
    "SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3", "DTLSv1", "DTLSv1.2", "None", "none", "ALL", "tlsv1.2", "SessionTicket", "EmptyFragments", "Bugs",
    "Compression", "ServerPreference", "NoResumptionOnRenegotiation", "DHSingle", "ECDHSingle", "UnsafeLegacyRenegotiation", "UnsafeLegacyServerConnect",
    "ClientRenegotiation", "EncryptThenMac", "NoRenegotiation", "AllowNoDHEKEX", "PrioritizeChaCha", "MiddleboxCompat", "AntiReplay", "ExtendedMasterSecret", "CANames",
    "KTLS", "IgnoreUnexpectedEOF", "Peer", "Request", "Require", "Once", "RequestPostHandshake", "RequirePostHandshake", "0", "1", "2", "3", "-1", "16384", "16385",
    "512", "x", "0x10", "2 ", "auto", "P-256", "X25519:P-256", "+automatic", "RSA+SHA256", "ECDHE", "AES128-SHA:@SECLEVEL=2", "TLS_AES_128_GCM_SHA256", "",
    "/nowhere/file",
};

static void command(unsigned flags, const char *prefix, const char *name, const char *value)
{
    SSL_CONF_CTX *conf = SSL_CONF_CTX_new();
    SSL_CTX *ctx = context();
    const char *error;
    int r, finished;

    SSL_CONF_CTX_set_flags(conf, flags);
    SSL_CONF_CTX_set_ssl_ctx(conf, ctx);
    if (prefix != NULL)
        SSL_CONF_CTX_set1_prefix(conf, prefix);
    r = SSL_CONF_cmd(conf, name, value);
    finished = SSL_CONF_CTX_finish(conf);
    error = last_error();
    same("flags %02x prefix %s: %s \"%s\": %d %d %s, type %d, options %llx, versions %lx-%lx, verify %d, level %d, tickets %zu, %s", flags,
         prefix ? prefix : "none", name, value ? value : "NULL", r, finished, error, SSL_CONF_cmd_value_type(conf, name),
         (unsigned long long)SSL_CTX_get_options(ctx), SSL_CTX_get_min_proto_version(ctx), SSL_CTX_get_max_proto_version(ctx),
         SSL_CTX_get_verify_mode(ctx), SSL_CTX_get_security_level(ctx), SSL_CTX_get_num_tickets(ctx),
         ciphers_text(SSL_CTX_get_ciphers(ctx)));
    SSL_CONF_CTX_free(conf);
    SSL_CTX_free(ctx);
}

static void random_command(void)
{
    static const char *const prefixes[] = { "-", "--", "ssl-", "SSL", "" };
    static const char *const separators[] = { ",", ",", ", ", " ,", ":", ",,", " " };
    static const char *const signs[] = { "", "", "+", "-", "!" };
    unsigned flags = 1u << below(2), more = below(8);
    const char *prefix = below(3) == 0 ? ANY(prefixes) : NULL, *base = ANY(conf_names);
    char name[64], value[256] = "";

    if (below(16) == 0)
        flags = below(4);
    flags |= (more & 1 ? SSL_CONF_FLAG_CLIENT : 0) | (more & 2 ? SSL_CONF_FLAG_SERVER : 0) | (more & 4 ? SSL_CONF_FLAG_CERTIFICATE : 0)
             | (below(3) != 0 ? SSL_CONF_FLAG_SHOW_ERRORS : 0) | (below(4) == 0 ? SSL_CONF_FLAG_REQUIRE_PRIVATE : 0);
    snprintf(name, sizeof name, "%s%s", below(8) == 0 ? "" : prefix ? prefix : flags & SSL_CONF_FLAG_CMDLINE ? "-" : "", base);
    if (below(8) == 0)
        for (char *at = name; *at; at++)
            *at ^= ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z') ? 0x20 : 0;
    for (unsigned n = below(3) + below(2); n > 0; n--) {
        strcat(value, ANY(signs));
        strcat(value, ANY(conf_words));
        if (n > 1)
            strcat(value, ANY(separators));
    }
    command(flags, prefix, name, below(12) == 0 ? NULL : value);
}

static void test_commands(void)
{
    enum { BOTH = SSL_CONF_FLAG_CLIENT | SSL_CONF_FLAG_SERVER | SSL_CONF_FLAG_SHOW_ERRORS };

    /* Each word for each command that takes one of them. */
    for (size_t i = 0; i < COUNT(conf_words); i++) {
        static const char *const takers[] = { "Protocol", "MinProtocol", "MaxProtocol", "Options", "VerifyMode", "RecordPadding", "NumTickets", "ECDHParameters" };

        for (size_t j = 0; j < COUNT(takers); j++)
            command(BOTH | SSL_CONF_FLAG_FILE, NULL, takers[j], conf_words[i]);
    }
    for (int i = 0; i < (under_valgrind() ? 100 : 1500); i++)
        random_command();
}

int main(int argc, char **argv)
{
    loud = argc > 1;
    state = 88172645463325252ull;
    test_ciphers();
    test_suites();
    test_groups();
    test_sigalgs();
    test_commands();
    ok(1, "all told");
    return done();
}
