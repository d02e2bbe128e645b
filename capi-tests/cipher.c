/* SSL_CIPHER_get_name(3) and its family, and the order that the strings of ciphers(1) give. */
#include "harness.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>

struct suite {
    unsigned number;
    const char *name, *standard_name, *version;
    int bits;
    int cipher_nid, digest_nid, kx_nid, auth_nid, aead, handshake_digest_nid;
    const char *description;
};

/* The nine suites of rustls, then some it will never have. */
static const struct suite suites[] = {
    {0x1301, "TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", "TLSv1.3", 128,
     NID_aes_128_gcm, NID_undef, NID_kx_any, NID_auth_any, 1, NID_sha256,
     "TLS_AES_128_GCM_SHA256         TLSv1.3 Kx=any      Au=any   Enc=AESGCM(128)            Mac=AEAD\n"},
    {0x1302, "TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384", "TLSv1.3", 256,
     NID_aes_256_gcm, NID_undef, NID_kx_any, NID_auth_any, 1, NID_sha384,
     "TLS_AES_256_GCM_SHA384         TLSv1.3 Kx=any      Au=any   Enc=AESGCM(256)            Mac=AEAD\n"},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256", "TLSv1.3", 256,
     NID_chacha20_poly1305, NID_undef, NID_kx_any, NID_auth_any, 1, NID_sha256,
     "TLS_CHACHA20_POLY1305_SHA256   TLSv1.3 Kx=any      Au=any   Enc=CHACHA20/POLY1305(256) Mac=AEAD\n"},
    {0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLSv1.2", 128,
     NID_aes_128_gcm, NID_undef, NID_kx_ecdhe, NID_auth_ecdsa, 1, NID_sha256,
     "ECDHE-ECDSA-AES128-GCM-SHA256  TLSv1.2 Kx=ECDH     Au=ECDSA Enc=AESGCM(128)            Mac=AEAD\n"},
    {0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLSv1.2", 256,
     NID_aes_256_gcm, NID_undef, NID_kx_ecdhe, NID_auth_ecdsa, 1, NID_sha384,
     "ECDHE-ECDSA-AES256-GCM-SHA384  TLSv1.2 Kx=ECDH     Au=ECDSA Enc=AESGCM(256)            Mac=AEAD\n"},
    {0xc02f, "ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLSv1.2", 128,
     NID_aes_128_gcm, NID_undef, NID_kx_ecdhe, NID_auth_rsa, 1, NID_sha256,
     "ECDHE-RSA-AES128-GCM-SHA256    TLSv1.2 Kx=ECDH     Au=RSA   Enc=AESGCM(128)            Mac=AEAD\n"},
    {0xc030, "ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLSv1.2", 256,
     NID_aes_256_gcm, NID_undef, NID_kx_ecdhe, NID_auth_rsa, 1, NID_sha384,
     "ECDHE-RSA-AES256-GCM-SHA384    TLSv1.2 Kx=ECDH     Au=RSA   Enc=AESGCM(256)            Mac=AEAD\n"},
    {0xcca9, "ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLSv1.2", 256,
     NID_chacha20_poly1305, NID_undef, NID_kx_ecdhe, NID_auth_ecdsa, 1, NID_sha256,
     "ECDHE-ECDSA-CHACHA20-POLY1305  TLSv1.2 Kx=ECDH     Au=ECDSA Enc=CHACHA20/POLY1305(256) Mac=AEAD\n"},
    {0xcca8, "ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLSv1.2", 256,
     NID_chacha20_poly1305, NID_undef, NID_kx_ecdhe, NID_auth_rsa, 1, NID_sha256,
     "ECDHE-RSA-CHACHA20-POLY1305    TLSv1.2 Kx=ECDH     Au=RSA   Enc=CHACHA20/POLY1305(256) Mac=AEAD\n"},
    {0x002f, "AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", "SSLv3", 128,
     NID_aes_128_cbc, NID_sha1, NID_kx_rsa, NID_auth_rsa, 0, NID_md5_sha1,
     "AES128-SHA                     SSLv3   Kx=RSA      Au=RSA   Enc=AES(128)               Mac=SHA1\n"},
    {0x0035, "AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA", "SSLv3", 256,
     NID_aes_256_cbc, NID_sha1, NID_kx_rsa, NID_auth_rsa, 0, NID_md5_sha1,
     "AES256-SHA                     SSLv3   Kx=RSA      Au=RSA   Enc=AES(256)               Mac=SHA1\n"},
    {0xc013, "ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLSv1.0", 128,
     NID_aes_128_cbc, NID_sha1, NID_kx_ecdhe, NID_auth_rsa, 0, NID_md5_sha1,
     "ECDHE-RSA-AES128-SHA           TLSv1   Kx=ECDH     Au=RSA   Enc=AES(128)               Mac=SHA1\n"},
    {0xc024, "ECDHE-ECDSA-AES256-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "TLSv1.2", 256,
     NID_aes_256_cbc, NID_sha384, NID_kx_ecdhe, NID_auth_ecdsa, 0, NID_sha384,
     "ECDHE-ECDSA-AES256-SHA384      TLSv1.2 Kx=ECDH     Au=ECDSA Enc=AES(256)               Mac=SHA384\n"},
    {0x009e, "DHE-RSA-AES128-GCM-SHA256", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "TLSv1.2", 128,
     NID_aes_128_gcm, NID_undef, NID_kx_dhe, NID_auth_rsa, 1, NID_sha256,
     "DHE-RSA-AES128-GCM-SHA256      TLSv1.2 Kx=DH       Au=RSA   Enc=AESGCM(128)            Mac=AEAD\n"},
    {0xc09e, "DHE-RSA-AES128-CCM", "TLS_DHE_RSA_WITH_AES_128_CCM", "TLSv1.2", 128,
     NID_aes_128_ccm, NID_undef, NID_kx_dhe, NID_auth_rsa, 1, NID_sha256,
     "DHE-RSA-AES128-CCM             TLSv1.2 Kx=DH       Au=RSA   Enc=AESCCM(128)            Mac=AEAD\n"},
    {0xc0af, "ECDHE-ECDSA-AES256-CCM8", "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8", "TLSv1.2", 256,
     NID_aes_256_ccm, NID_undef, NID_kx_ecdhe, NID_auth_ecdsa, 1, NID_sha256,
     "ECDHE-ECDSA-AES256-CCM8        TLSv1.2 Kx=ECDH     Au=ECDSA Enc=AESCCM8(256)           Mac=AEAD\n"},
    {0x0041, "CAMELLIA128-SHA", "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", "SSLv3", 128,
     NID_camellia_128_cbc, NID_sha1, NID_kx_rsa, NID_auth_rsa, 0, NID_md5_sha1,
     "CAMELLIA128-SHA                SSLv3   Kx=RSA      Au=RSA   Enc=Camellia(128)          Mac=SHA1\n"},
    {0x0001, "NULL-MD5", "TLS_RSA_WITH_NULL_MD5", "SSLv3", 0,
     NID_undef, NID_md5, NID_kx_rsa, NID_auth_rsa, 0, NID_md5_sha1,
     "NULL-MD5                       SSLv3   Kx=RSA      Au=RSA   Enc=None                   Mac=MD5 \n"},
    {0xc01d, "SRP-AES-128-CBC-SHA", "TLS_SRP_SHA_WITH_AES_128_CBC_SHA", "SSLv3", 128,
     NID_aes_128_cbc, NID_sha1, NID_kx_srp, NID_auth_srp, 0, NID_md5_sha1,
     "SRP-AES-128-CBC-SHA            SSLv3   Kx=SRP      Au=SRP   Enc=AES(128)               Mac=SHA1\n"},
    {0x00b2, "DHE-PSK-AES128-CBC-SHA256", "TLS_DHE_PSK_WITH_AES_128_CBC_SHA256", "TLSv1.0", 128,
     NID_aes_128_cbc, NID_sha256, NID_kx_dhe_psk, NID_auth_psk, 0, NID_md5_sha1,
     "DHE-PSK-AES128-CBC-SHA256      TLSv1   Kx=DHEPSK   Au=PSK   Enc=AES(128)               Mac=SHA256\n"},
    {0xc060, "ECDHE-ARIA128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256", "TLSv1.2", 128,
     NID_aria_128_gcm, NID_undef, NID_kx_ecdhe, NID_auth_rsa, 1, NID_sha256,
     "ECDHE-ARIA128-GCM-SHA256       TLSv1.2 Kx=ECDH     Au=RSA   Enc=ARIAGCM(128)           Mac=AEAD\n"},
    {0xc100, "GOST2012-KUZNYECHIK-KUZNYECHIKOMAC", NULL, "TLSv1.2", 256,
     NID_kuznyechik_ctr_acpkm, NID_kuznyechik_mac, NID_kx_gost18, NID_auth_gost12, 0, NID_undef,
     "GOST2012-KUZNYECHIK-KUZNYECHIKOMAC TLSv1.2 Kx=GOST18   Au=unknown Enc=KUZNYECHIK             Mac=unknown\n"},
    {0xff85, "LEGACY-GOST2012-GOST8912-GOST8912", NULL, "TLSv1.0", 256,
     NID_gost89_cnt_12, NID_gost_mac_12, NID_kx_gost, NID_undef, 0, NID_undef,
     "LEGACY-GOST2012-GOST8912-GOST8912 TLSv1   Kx=GOST     Au=GOST12 Enc=GOST89(256)            Mac=GOST89\n"},
    {0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV", "TLS_EMPTY_RENEGOTIATION_INFO_SCSV", "unknown", 0,
     NID_undef, NID_md5_sha1, NID_kx_any, NID_auth_any, 0, NID_md5,
     "TLS_EMPTY_RENEGOTIATION_INFO_SCSV unknown Kx=any      Au=any   Enc=unknown                Mac=unknown\n"},
};

struct list {
    const char *string;
    int level;
    const char *numbers;
};

static const struct list lists[] = {
    {"DEFAULT", 2,
     "1302 1303 1301 C02C C030 009F CCA9 CCA8 CCAA C02B C02F 009E C024 C028 006B C023 "
     "C027 0067 C00A C014 0039 C009 C013 0033 00AD 00AB CCAE CCAD CCAC 009D 00A9 CCAB "
     "00AC 00AA 009C 00A8 003D 003C C038 C036 C021 C020 00B7 00B3 0095 0091 0035 00AF "
     "008D C037 C035 C01E C01D 00B6 00B2 0094 0090 002F 00AE 008C"},
    {"ALL:COMPLEMENTOFALL", 2,
     "1302 1303 1301 C02C C030 00A3 009F CCA9 CCA8 CCAA C0AF C0AD C0A3 C09F C05D C061 "
     "C057 C053 00A7 C02B C02F 00A2 009E C0AE C0AC C0A2 C09E C05C C060 C056 C052 00A6 "
     "C024 C028 006B 006A C073 C077 00C4 00C3 006D 00C5 C023 C027 0067 0040 C072 C076 "
     "00BE 00BD 006C 00BF C00A C014 0039 0038 0088 0087 C019 003A 0089 C009 C013 0033 "
     "0032 0045 0044 C018 0034 0046 00AD 00AB CCAE CCAD CCAC C0AB C0A7 C06F C06D 009D "
     "C0A1 C09D C051 00A9 CCAB C0A9 C0A5 C06B 00AC 00AA C0AA C0A6 C06E C06C 009C C0A0 "
     "C09C C050 00A8 C0A8 C0A4 C06A 003D 00C0 003C 00BA C038 C036 C022 C021 C020 00B7 "
     "00B3 0095 0091 C09B C099 C097 0035 0084 00AF 008D C095 C037 C035 C01F C01E C01D "
     "00B6 00B2 0094 0090 C09A C098 C096 002F 0041 00AE 008C C094 C006 C010 C015 003B "
     "C03B C03A C039 00B9 00B8 00B5 00B4 002E 002D 0002 0001 00B1 00B0 002C"},
    {"HIGH:!aNULL", 2,
     "1302 1303 1301 C02C C030 00A3 009F CCA9 CCA8 CCAA C0AF C0AD C0A3 C09F C05D C061 "
     "C057 C053 C02B C02F 00A2 009E C0AE C0AC C0A2 C09E C05C C060 C056 C052 C024 C028 "
     "006B 006A C073 C077 00C4 00C3 C023 C027 0067 0040 C072 C076 00BE 00BD C00A C014 "
     "0039 0038 0088 0087 C009 C013 0033 0032 0045 0044 00AD 00AB CCAE CCAD CCAC C0AB "
     "C0A7 C06F C06D 009D C0A1 C09D C051 00A9 CCAB C0A9 C0A5 C06B 00AC 00AA C0AA C0A6 "
     "C06E C06C 009C C0A0 C09C C050 00A8 C0A8 C0A4 C06A 003D 00C0 003C 00BA C038 C036 "
     "C022 C021 C020 00B7 00B3 0095 0091 C09B C099 C097 0035 0084 00AF 008D C095 C037 "
     "C035 C01F C01E C01D 00B6 00B2 0094 0090 C09A C098 C096 002F 0041 00AE 008C C094"},
    {"ECDHE+AESGCM:+AES256", 2,
     "1302 1303 1301 C02B C02F C02C C030"},
    {"ALL:@STRENGTH", 2,
     "1302 1303 1301 C02C C030 00A3 009F CCA9 CCA8 CCAA C0AF C0AD C0A3 C09F C05D C061 "
     "C057 C053 00A7 C024 C028 006B 006A C073 C077 00C4 00C3 006D 00C5 C00A C014 0039 "
     "0038 0088 0087 C019 003A 0089 00AD 00AB CCAE CCAD CCAC C0AB C0A7 C06F C06D 009D "
     "C0A1 C09D C051 00A9 CCAB C0A9 C0A5 C06B 003D 00C0 C038 C036 C022 C021 C020 00B7 "
     "00B3 0095 0091 C09B C099 C097 0035 0084 00AF 008D C095 C02B C02F 00A2 009E C0AE "
     "C0AC C0A2 C09E C05C C060 C056 C052 00A6 C023 C027 0067 0040 C072 C076 00BE 00BD "
     "006C 00BF C009 C013 0033 0032 0045 0044 C018 0034 0046 00AC 00AA C0AA C0A6 C06E "
     "C06C 009C C0A0 C09C C050 00A8 C0A8 C0A4 C06A 003C 00BA C037 C035 C01F C01E C01D "
     "00B6 00B2 0094 0090 C09A C098 C096 002F 0041 00AE 008C C094"},
    {"AES:ALL:!aNULL:!eNULL:+RC4:@STRENGTH", 2,
     "1302 1303 1301 C02C C030 00A3 009F C0AF C0AD C0A3 C09F C024 C028 006B 006A C00A "
     "C014 0039 0038 00AD 00AB C0AB C0A7 009D C0A1 C09D 00A9 C0A9 C0A5 003D C038 C036 "
     "C022 C021 C020 00B7 00B3 0095 0091 0035 00AF 008D CCA9 CCA8 CCAA C05D C061 C057 "
     "C053 C073 C077 00C4 00C3 0088 0087 CCAE CCAD CCAC C06F C06D C051 CCAB C06B 00C0 "
     "C09B C099 C097 0084 C095 C02B C02F 00A2 009E C0AE C0AC C0A2 C09E C023 C027 0067 "
     "0040 C009 C013 0033 0032 00AC 00AA C0AA C0A6 009C C0A0 C09C 00A8 C0A8 C0A4 003C "
     "C037 C035 C01F C01E C01D 00B6 00B2 0094 0090 002F 00AE 008C C05C C060 C056 C052 "
     "C072 C076 00BE 00BD 0045 0044 C06E C06C C050 C06A 00BA C09A C098 C096 0041 C094"},
    {"HIGH:MEDIUM:-SHA1:AES128-SHA", 2,
     "1302 1303 1301 C02C C030 00A3 009F CCA9 CCA8 CCAA C0AF C0AD C0A3 C09F C05D C061 "
     "C057 C053 00A7 C02B C02F 00A2 009E C0AE C0AC C0A2 C09E C05C C060 C056 C052 00A6 "
     "C024 C028 006B 006A C073 C077 00C4 00C3 006D 00C5 C023 C027 0067 0040 C072 C076 "
     "00BE 00BD 006C 00BF 00AD 00AB CCAE CCAD CCAC C0AB C0A7 C06F C06D 009D C0A1 C09D "
     "C051 00A9 CCAB C0A9 C0A5 C06B 00AC 00AA C0AA C0A6 C06E C06C 009C C0A0 C09C C050 "
     "00A8 C0A8 C0A4 C06A 003D 00C0 003C 00BA C038 00B7 00B3 C09B C099 C097 00AF C095 "
     "C037 00B6 00B2 C09A C098 C096 00AE C094 002F"},
    {"ALL:!kRSA:-ECDHE:ECDHE", 2,
     "1302 1303 1301 00A3 009F CCAA C0A3 C09F C057 C053 00A7 00A2 009E C0A2 C09E C056 "
     "C052 00A6 006B 006A 00C4 00C3 006D 00C5 0067 0040 00BE 00BD 006C 00BF 0039 0038 "
     "0088 0087 C019 003A 0089 0033 0032 0045 0044 C018 0034 0046 00AD 00AB CCAE CCAD "
     "CCAC C0AB C0A7 C06F C06D 00A9 CCAB C0A9 C0A5 C06B 00AC 00AA C0AA C0A6 C06E C06C "
     "00A8 C0A8 C0A4 C06A C038 C036 C022 C021 C020 00B7 00B3 0095 0091 C09B C099 C097 "
     "00AF 008D C095 C037 C035 C01F C01E C01D 00B6 00B2 0094 0090 C09A C098 C096 00AE "
     "008C C094 C02C C030 CCA9 CCA8 C0AF C0AD C05D C061 C02B C02F C0AE C0AC C05C C060 "
     "C024 C028 C073 C077 C023 C027 C072 C076 C00A C014 C009 C013 C006 C010"},
    {"EECDH+AESGCM:EDH+AESGCM:AES256+EECDH:AES256+EDH", 2,
     "1302 1303 1301 C02C C030 C02B C02F 00A3 009F 00A2 009E C0AF C0AD C024 C028 C00A "
     "C014 C0A3 C09F 006B 006A 0039 0038"},
    {"TLSv1.2:!PSK:!SRP", 2,
     "1302 1303 1301 C02C C030 00A3 009F CCA9 CCA8 CCAA C0AF C0AD C0A3 C09F C05D C061 "
     "C057 C053 00A7 C02B C02F 00A2 009E C0AE C0AC C0A2 C09E C05C C060 C056 C052 00A6 "
     "C024 C028 006B 006A C073 C077 00C4 00C3 006D 00C5 C023 C027 0067 0040 C072 C076 "
     "00BE 00BD 006C 00BF 009D C0A1 C09D C051 009C C0A0 C09C C050 003D 00C0 003C 00BA "
     "003B"},
    {"AES128-SHA AES256-SHA;CAMELLIA128-SHA,NULL-MD5", 2,
     "1302 1303 1301 002F 0035 0041 0001"},
    {"NULL:eNULL:aNULL@SECLEVEL=0", 0,
     "1302 1303 1301 C006 C010 C015 003B C03B C03A C039 00B9 00B8 00B5 00B4 002E 002D "
     "0002 0001 00B1 00B0 002C 00A7 00A6 006D 00C5 006C 00BF C019 003A 0089 C018 0034 "
     "0046"},
    {"SUITEB128", 2,
     "1302 1303 1301 C02B C02C"},
    {"SUITEB192", 2,
     "1302 1303 1301 C02C"},
};

/* SSL_CIPHER_find wants one, though every connection has the same suites. */
static SSL *ssl;

static const SSL_CIPHER *find(unsigned number)
{
    unsigned char wire[2] = {number >> 8, number & 0xff};

    return SSL_CIPHER_find(ssl, wire);
}

static void check_suite(const struct suite *s)
{
    const SSL_CIPHER *c = find(s->number);
    const EVP_MD *md;
    char buf[200], *text;
    int bits = -1;

    if (!ok(c != NULL, "%s is found", s->name))
        return;
    ok(find(s->number) == c, "%s is found twice as the same", s->name);
    is_str(SSL_CIPHER_get_name(c), s->name, "%s: name", s->name);
    is_str(SSL_CIPHER_standard_name(c), s->standard_name, "%s: standard name", s->name);
    is_str(SSL_CIPHER_get_version(c), s->version, "%s: version", s->name);
    is_int(SSL_CIPHER_get_bits(c, &bits), s->bits, "%s: strength", s->name);
    is_int(bits, s->bits, "%s: algorithm's bits", s->name);
    is_int(SSL_CIPHER_get_bits(c, NULL), s->bits, "%s: strength alone", s->name);
    is_int(SSL_CIPHER_get_cipher_nid(c), s->cipher_nid, "%s: cipher NID", s->name);
    is_int(SSL_CIPHER_get_digest_nid(c), s->digest_nid, "%s: digest NID", s->name);
    is_int(SSL_CIPHER_get_kx_nid(c), s->kx_nid, "%s: key exchange NID", s->name);
    is_int(SSL_CIPHER_get_auth_nid(c), s->auth_nid, "%s: authentication NID", s->name);
    is_int(SSL_CIPHER_is_aead(c), s->aead, "%s: AEAD", s->name);
    is_int(SSL_CIPHER_get_id(c), 0x03000000 | s->number, "%s: id", s->name);
    is_int(SSL_CIPHER_get_protocol_id(c), s->number, "%s: protocol id", s->name);
    md = SSL_CIPHER_get_handshake_digest(c);
    is_int(md ? EVP_MD_get_type(md) : NID_undef, s->handshake_digest_nid,
           "%s: handshake digest", s->name);
    if (s->standard_name != NULL)
        is_str(OPENSSL_cipher_name(s->standard_name), s->name, "%s: by its standard name",
               s->name);

    memset(buf, 'x', sizeof buf);
    ok(SSL_CIPHER_description(c, buf, sizeof buf) == buf, "%s: description into a buffer",
       s->name);
    is_str(buf, s->description, "%s: description", s->name);
    is_int(buf[strlen(s->description) + 1], 'x', "%s: nothing after it", s->name);
    ok(SSL_CIPHER_description(c, buf, 128) == buf, "%s: 128 bytes will do", s->name);
    buf[0] = 'x';
    ok(SSL_CIPHER_description(c, buf, 127) == NULL, "%s: 127 bytes will not", s->name);
    is_int(buf[0], 'x', "%s: and are left alone", s->name);
    text = SSL_CIPHER_description(c, NULL, 0);
    is_str(text, s->description, "%s: description in memory of its own", s->name);
    OPENSSL_free(text);
    is_int(ERR_peek_error(), 0, "%s: no error", s->name);
}

static void check_nothing(void)
{
    int bits = 42;

    ok(find(0x0a0a) == NULL, "no suite has a GREASE number");
    ok(find(0x0000) == NULL, "TLS_NULL_WITH_NULL_NULL is no suite");
    is_str(SSL_CIPHER_get_name(NULL), "(NONE)", "NULL: name");
    is_str(SSL_CIPHER_standard_name(NULL), "(NONE)", "NULL: standard name");
    is_str(SSL_CIPHER_get_version(NULL), "(NONE)", "NULL: version");
    is_int(SSL_CIPHER_get_bits(NULL, &bits), 0, "NULL: strength");
    is_int(bits, 42, "NULL: bits untouched");
    is_int(SSL_CIPHER_get_cipher_nid(NULL), NID_undef, "NULL: cipher NID");
    is_str(OPENSSL_cipher_name(NULL), "(NONE)", "no standard name");
    is_str(OPENSSL_cipher_name("TLS_NONE"), "(NONE)", "an unknown standard name");
    is_str(OPENSSL_cipher_name("AES128-SHA"), "(NONE)", "OpenSSL's name is no standard name");
    is_str(OPENSSL_cipher_name("TLS_FALLBACK_SCSV"), "TLS_FALLBACK_SCSV",
           "a signalling value has a name");
    is_int(ERR_peek_error(), 0, "none of it is an error");
}

static const char *numbers(SSL_CTX *ctx)
{
    static char text[2048];
    STACK_OF(SSL_CIPHER) *sk = SSL_CTX_get_ciphers(ctx);
    int i, n = 0;

    text[0] = 0;
    for (i = 0; i < sk_SSL_CIPHER_num(sk); i++)
        n += snprintf(text + n, sizeof text - n, "%s%04X", i ? " " : "",
                      SSL_CIPHER_get_protocol_id(sk_SSL_CIPHER_value(sk, i)));
    return text;
}

static void check_list(const struct list *l)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());

    is_int(SSL_CTX_set_cipher_list(ctx, l->string), 1, "'%s' is taken", l->string);
    is_str(numbers(ctx), l->numbers, "'%s' gives its suites in order", l->string);
    is_int(SSL_CTX_get_security_level(ctx), l->level, "'%s' gives the level", l->string);
    SSL_CTX_free(ctx);
}

/* What a string that is refused leaves behind. */
static void check_refused(const char *string, int reason, int level, const char *expected)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    unsigned long e;

    ok(SSL_CTX_set_cipher_list(ctx, "AES128-SHA") == 1, "a list of one suite");
    ERR_clear_error();
    is_int(SSL_CTX_set_cipher_list(ctx, string), 0, "'%s' is refused", string);
    e = ERR_peek_last_error();
    is_int(ERR_GET_LIB(e), ERR_LIB_SSL, "'%s': library", string);
    is_int(ERR_GET_REASON(e), reason, "'%s': reason", string);
    is_str(numbers(ctx), expected, "'%s': the list after it", string);
    is_int(SSL_CTX_get_security_level(ctx), level, "'%s': the level after it", string);
    ERR_clear_error();
    SSL_CTX_free(ctx);
}

static void check_ciphersuites(const char *string, int result, const char *expected)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());

    SSL_CTX_set_cipher_list(ctx, "AES128-SHA");
    ERR_clear_error();
    is_int(SSL_CTX_set_ciphersuites(ctx, string), result, "suites '%s'", string);
    is_int(ERR_GET_REASON(ERR_peek_error()), result ? 0 : SSL_R_NO_CIPHER_MATCH,
           "suites '%s': reason", string);
    is_str(numbers(ctx), expected, "suites '%s': list", string);
    ERR_clear_error();
    SSL_CTX_free(ctx);
}

int main(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    size_t i;

    ssl = SSL_new(ctx);
    for (i = 0; i < sizeof suites / sizeof *suites; i++)
        check_suite(&suites[i]);
    check_nothing();
    SSL_free(ssl);
    SSL_CTX_free(ctx);

    for (i = 0; i < sizeof lists / sizeof *lists; i++)
        check_list(&lists[i]);

    check_refused("nonsense", SSL_R_NO_CIPHER_MATCH, 2, "1302 1303 1301");
    check_refused("", SSL_R_NO_CIPHER_MATCH, 2, "1302 1303 1301");
    check_refused("TLS_AES_128_GCM_SHA256", SSL_R_NO_CIPHER_MATCH, 2, "1302 1303 1301");
    check_refused("HIGH:_x", SSL_R_INVALID_COMMAND, 2, "1302 1303 1301 002F");
    check_refused("@FOO:AES256-SHA", SSL_R_INVALID_COMMAND, 2, "1302 1303 1301 002F");
    check_refused("@FOO:@SECLEVEL=3", SSL_R_INVALID_COMMAND, 3, "1302 1303 1301 002F");
    check_refused("@SECLEVEL=6:AES256-SHA", SSL_R_INVALID_COMMAND, 2, "1302 1303 1301 002F");
    check_refused("AES+", SSL_R_INVALID_COMMAND, 2, "1302 1303 1301 002F");

    check_ciphersuites("TLS_AES_128_GCM_SHA256", 1, "1301 002F");
    check_ciphersuites("", 1, "002F");
    check_ciphersuites(" TLS_AES_128_CCM_SHA256 :: TLS_FOO:TLS_AES_128_GCM_SHA256", 1,
                       "1304 1301 002F");
    check_ciphersuites("TLS_FOO", 0, "1302 1303 1301 002F");
    check_ciphersuites("ECDHE-RSA-AES128-GCM-SHA256", 0, "1302 1303 1301 002F");

    return done();
}
