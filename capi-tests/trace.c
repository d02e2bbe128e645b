/* SSL_trace: what it prints of each kind of message, whole and cut short, on both libraries alike. */
#include "pipe.h"

/* A self-signed certificate, in DER. */
static const char certificate[] =
    "308201a53082014ba0030201020214446ffa97dc0abd8f536feef5b29bab68ef8ee815300a06082a8648ce3d04"
    "0302302831163014060355040a0c0d666572726f73736c2074657374310e300c06035504030c05747261636530"
    "1e170d3236313132363132323035355a170d3336313132333132323035355a302831163014060355040a0c0d66"
    "6572726f73736c2074657374310e300c06035504030c0574726163653059301306072a8648ce3d020106082a86"
    "48ce3d030107034200041f6d38c71a974568bb346b9ffff161d85f2358594648d45163d13a450d45a029f3dce8"
    "c9b8668c317a8ad35d71d79a98023f8e61952088438930f3b50dedcd7da3533051301d0603551d0e04160414ad"
    "1e711545caf55509468027e199d1eeda27d91b301f0603551d23041830168014ad1e711545caf55509468027e1"
    "99d1eeda27d91b300f0603551d130101ff040530030101ff300a06082a8648ce3d04030203480030450220244b"
    "3446d5588d0c7b9281902fff812b7efeee8c798f06046cefa41588dc81f3022100cfdbc2a0feae9d6fed648833"
    "9423e50c5c379a9655275820dce7a2b7c38bca84";

/* A message under construction. */
typedef struct {
    unsigned char bytes[4096];
    size_t len;
} message;

static void put(message *m, const char *hex)
{
    for (; *hex; hex++) {
        unsigned int byte;

        if (*hex == ' ')
            continue;
        TLS_MUST(sscanf(hex, "%2x", &byte) == 1 && m->len < sizeof m->bytes);
        m->bytes[m->len++] = (unsigned char)byte;
        hex++;
    }
}

/* Begins a vector with a length of `width` bytes: what `end` is to be given. */
static size_t begin(message *m, int width)
{
    memset(m->bytes + m->len, 0, (size_t)width);
    m->len += (size_t)width;
    return m->len;
}

static void end(message *m, size_t from, int width)
{
    size_t len = m->len - from;

    for (int i = 1; i <= width; i++, len >>= 8)
        m->bytes[from - (size_t)i] = (unsigned char)len;
}

static void extension(message *m, int type, const char *body)
{
    char head[8];
    size_t from;

    snprintf(head, sizeof head, "%04x", type);
    put(m, head);
    from = begin(m, 2);
    put(m, body);
    end(m, from, 2);
}

/* What is printed of these bytes, to be freed. */
static char *traced(SSL *ssl, int write_p, int type, const void *bytes, size_t len)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data, *text;
    long n;

    SSL_trace(write_p, SSL_version(ssl), type, bytes, len, ssl, bio);
    n = BIO_get_mem_data(bio, &data);
    text = strndup(data, (size_t)n);
    BIO_free(bio);
    ERR_clear_error();
    return text;
}

static void show(const char *what, char *text)
{
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        same("%s| %s", what, line);
    free(text);
}

/* A sum over what is printed of all beginnings of the message, each made whole by its length. */
static unsigned long long cut_short(SSL *ssl, int write_p, const message *m)
{
    unsigned long long sum = 14695981039346656037ULL;

    for (size_t len = 0; len < m->len; len++) {
        message cut = *m;
        char *text;

        cut.len = len;
        if (len >= 4)
            end(&cut, 4, 3);
        text = traced(ssl, write_p, SSL3_RT_HANDSHAKE, cut.bytes, len);
        for (char *c = text; *c; c++)
            sum = (sum ^ (unsigned char)*c) * 1099511628211ULL;
        free(text);
    }
    return sum;
}

static void handshake_message(SSL *ssl, const char *what, message *m)
{
    end(m, 4, 3);
    for (int write_p = 0; write_p < 2; write_p++) {
        same("%s %s, cut short: %llx", what, write_p ? "sent" : "received",
             cut_short(ssl, write_p, m));
        show(what, traced(ssl, write_p, SSL3_RT_HANDSHAKE, m->bytes, m->len));
    }
}

static const char hello_random[] =
    "5f000001 00010203 04050607 08090a0b 0c0d0e0f 10111213 14151617 18191a1b";

static void client_hello(SSL *ssl)
{
    message m = { .len = 0 };
    size_t list;

    put(&m, "01 000000 0303");
    put(&m, hello_random);
    put(&m, "04 01020304");
    list = begin(&m, 2);
    put(&m, "1301 1302 1303 1304 1305 c02b c02f cca8 cca9 c0ac c00a 009c 0035 000a 00ff 5600 c102 fefe");
    end(&m, list, 2);
    put(&m, "03 00 01 07");
    list = begin(&m, 2);
    extension(&m, TLSEXT_TYPE_server_name, "000e 00 000b 6578616d706c652e636f6d");
    extension(&m, TLSEXT_TYPE_max_fragment_length, "03");
    extension(&m, TLSEXT_TYPE_status_request, "01 0000 0000");
    extension(&m, TLSEXT_TYPE_supported_groups, "000e 001d 0017 001e 0018 0019 0100 9999");
    extension(&m, TLSEXT_TYPE_ec_point_formats, "03 00 01 02");
    extension(&m, TLSEXT_TYPE_signature_algorithms, "000a 0403 0804 0601 0807 9999");
    extension(&m, TLSEXT_TYPE_signature_algorithms_cert, "0004 0403 0804");
    extension(&m, TLSEXT_TYPE_application_layer_protocol_negotiation,
              "000c 02 6832 08 687474702f312e31");
    extension(&m, TLSEXT_TYPE_signed_certificate_timestamp, "");
    extension(&m, TLSEXT_TYPE_encrypt_then_mac, "");
    extension(&m, TLSEXT_TYPE_extended_master_secret, "");
    extension(&m, TLSEXT_TYPE_session_ticket, "0102030405");
    extension(&m, TLSEXT_TYPE_early_data, "");
    extension(&m, TLSEXT_TYPE_supported_versions, "06 0304 0303 fafa");
    extension(&m, TLSEXT_TYPE_cookie, "0002 0102");
    extension(&m, TLSEXT_TYPE_psk_kex_modes, "03 00 01 09");
    extension(&m, TLSEXT_TYPE_certificate_authorities, "0004 0002 3000");
    extension(&m, TLSEXT_TYPE_post_handshake_auth, "");
    extension(&m, TLSEXT_TYPE_key_share, "0010 001d 0004 01020304 0017 0004 05060708");
    extension(&m, TLSEXT_TYPE_renegotiate, "00");
    extension(&m, TLSEXT_TYPE_renegotiate, "04 01020304");
    extension(&m, TLSEXT_TYPE_next_proto_neg, "");
    extension(&m, TLSEXT_TYPE_use_srtp, "0002 0001 00");
    extension(&m, 0x9999, "000102030405060708090a0b0c0d0e0f 41424344 00");
    extension(&m, TLSEXT_TYPE_padding, "0000000000000000000000000000000000000000");
    extension(&m, TLSEXT_TYPE_psk, "0000 0000");
    end(&m, list, 2);
    handshake_message(ssl, "ClientHello", &m);
}

static void server_hello(SSL *ssl)
{
    message m = { .len = 0 }, bare = { .len = 0 };
    size_t list;

    put(&m, "02 000000 0303");
    put(&m, hello_random);
    put(&m, "00 c02f 00");
    bare = m;
    list = begin(&m, 2);
    extension(&m, TLSEXT_TYPE_server_name, "");
    extension(&m, TLSEXT_TYPE_renegotiate, "00");
    extension(&m, TLSEXT_TYPE_renegotiate, "04 01020304");
    extension(&m, TLSEXT_TYPE_session_ticket, "");
    extension(&m, TLSEXT_TYPE_ec_point_formats, "01 00");
    extension(&m, TLSEXT_TYPE_application_layer_protocol_negotiation, "0003 02 6832");
    extension(&m, TLSEXT_TYPE_supported_versions, "0304");
    extension(&m, TLSEXT_TYPE_key_share, "001d 0004 01020304");
    extension(&m, TLSEXT_TYPE_key_share, "0018");
    extension(&m, TLSEXT_TYPE_psk, "0000");
    end(&m, list, 2);
    handshake_message(ssl, "ServerHello", &m);
    handshake_message(ssl, "ServerHello without extensions", &bare);
    put(&bare, "0000");
    handshake_message(ssl, "ServerHello with none", &bare);
}

static void one(SSL *ssl, const char *what, const char *hex)
{
    message m = { .len = 0 };

    put(&m, hex);
    handshake_message(ssl, what, &m);
}

static void certificates(SSL *ssl, int version)
{
    message m = { .len = 0 };
    size_t list, cert;

    put(&m, "0b 000000");
    if (version == TLS1_3_VERSION)
        put(&m, "02 0102");
    list = begin(&m, 3);
    for (int i = 0; i < 3; i++) {
        cert = begin(&m, 3);
        put(&m, i == 2 ? "3003 020101" : certificate);
        if (i == 1)
            put(&m, "0102");
        end(&m, cert, 3);
        if (version == TLS1_3_VERSION) {
            cert = begin(&m, 2);
            if (i == 0)
                extension(&m, TLSEXT_TYPE_status_request, "01 000002 3000");
            end(&m, cert, 2);
        }
    }
    end(&m, list, 3);
    handshake_message(ssl, "Certificate", &m);
    one(ssl, "no Certificate", version == TLS1_3_VERSION ? "0b 000000 00 000000" : "0b 000000 000000");
}

static void messages(SSL *ssl, int version)
{
    client_hello(ssl);
    server_hello(ssl);
    certificates(ssl, version);
    one(ssl, "HelloRequest", "00 000000");
    one(ssl, "EncryptedExtensions", "08 000000 0010 0000 0000 0010 0005 0003 02 6832 002a 0000 03");
    one(ssl, "no EncryptedExtensions", "08 000000 0000");
    one(ssl, "EndOfEarlyData", "05 000000");
    one(ssl, "CertificateVerify", "0f 000000 0804 0004 01020304");
    one(ssl, "CertificateVerify", "0f 000000 9999 0000");
    one(ssl, "Finished", "14 000000 0102030405060708090a0b0c");
    one(ssl, "KeyUpdate", "18 000000 00");
    one(ssl, "KeyUpdate", "18 000000 01");
    one(ssl, "KeyUpdate", "18 000000 02");
    one(ssl, "KeyUpdate", "18 000000 0102");
    one(ssl, "CertificateStatus", "16 000000 01 000003 010203");
    one(ssl, "MessageHash", "fe 000000 0102");
    one(ssl, "an unknown message", "63 000000 00112233445566778899aabbccddeeff 41");
    if (version == TLS1_3_VERSION) {
        one(ssl, "NewSessionTicket",
            "04 000000 00001c20 01020304 02 0001 0003 616263 0008 002a 0004 00004000");
        one(ssl, "NewSessionTicket", "04 000000 00001c20 01020304 00 0000 0000");
        one(ssl, "CertificateRequest",
            "0d 000000 00 0014 000d 0006 0004 0403 0804 002f 0006 0004 0002 3000");
    } else {
        one(ssl, "NewSessionTicket", "04 000000 00001c20 0003 616263");
        one(ssl, "NewSessionTicket", "04 000000");
        one(ssl, "ServerKeyExchange",
            "0c 000000 03 0017 04 01020304 0403 0006 010203040506");
        one(ssl, "ServerKeyExchange", "0c 000000 03 9999 00 9999 0000");
        one(ssl, "ServerKeyExchange", "0c 000000 01 00");
        one(ssl, "ServerKeyExchange", "0c 000000 02 0403 0000");
        one(ssl, "ServerKeyExchange", "0c 000000 09 0017");
        one(ssl, "CertificateRequest",
            "0d 000000 03 01 40 09 0004 0403 0804 0022"
            "001c 301a 310b 3009 0603 550406 1302 4443 310b 3009 0603 550403 0c02 4344 0002 0500");
        one(ssl, "CertificateRequest", "0d 000000 01 40 0002 0403 0000");
        one(ssl, "ServerHelloDone", "0e 000000");
        one(ssl, "ServerHelloDone", "0e 000000 01");
        one(ssl, "ClientKeyExchange", "10 000000 04 01020304");
        one(ssl, "ClientKeyExchange", "10 000000 04 01020304 05");
    }
}

static void others(SSL *ssl)
{
    static const unsigned char record[] = { 22, 3, 3, 0x12, 0x34 }, odd[] = { 99, 2, 9, 0, 0 };
    static const unsigned char alerts[] = { 2, 40, 1, 0, 9, 99 };
    unsigned char byte;

    for (int write_p = 0; write_p < 2; write_p++) {
        show("header", traced(ssl, write_p, SSL3_RT_HEADER, record, 5));
        show("an odd header", traced(ssl, write_p, SSL3_RT_HEADER, odd, 5));
        show("a short header", traced(ssl, write_p, SSL3_RT_HEADER, record, 4));
        for (size_t i = 0; i < sizeof alerts; i += 2)
            show("alert", traced(ssl, write_p, SSL3_RT_ALERT, alerts + i, 2));
        show("a short alert", traced(ssl, write_p, SSL3_RT_ALERT, alerts, 1));
        for (byte = 19; byte < 25; byte++)
            show("inner type", traced(ssl, write_p, SSL3_RT_INNER_CONTENT_TYPE, &byte, 1));
        byte = 1;
        show("ccs", traced(ssl, write_p, SSL3_RT_CHANGE_CIPHER_SPEC, &byte, 1));
        show("a long ccs", traced(ssl, write_p, SSL3_RT_CHANGE_CIPHER_SPEC, record, 2));
        show("data", traced(ssl, write_p, SSL3_RT_APPLICATION_DATA, record, 2));
    }
}

/* Set as the message callback it prints the whole of a connection. */
static void as_callback(int version)
{
    world w = world_make();
    BIO *bio = BIO_new(BIO_s_mem());
    duo *d = duo_new(&w, version);
    char *text;

    SSL_set_msg_callback(d->c, SSL_trace);
    SSL_set_msg_callback_arg(d->c, bio);
    ok(duo_handshake(d), "connects");
    SSL_shutdown(d->c);
    BIO_write(bio, "", 1);
    BIO_get_mem_data(bio, &text);
    ok(strstr(text, "ClientHello, Length=") && strstr(text, "Finished, Length=")
           && strstr(text, "description=close notify(0)") && !strstr(text, "parse error"),
       "%s: all of it is printed", version_name(version));
    is_int(strstr(text, "Inner Content Type = Handshake (22)") != NULL, version == TLS1_3_VERSION,
           "%s: with the content types", version_name(version));
    duo_free(d);
    BIO_free(bio);
    world_free(&w);
}

/* OpenSSL's unit tests call these two before they feed a connection. */
static void test_functions(void)
{
    const struct {
        int (*init_wbio_buffer)(SSL *s);
        int (*setup_buffers)(SSL *s);
    } *table = (const void *)SSL_test_functions();
    SSL_CTX *ctx = tls_client_ctx(NULL);
    SSL *ssl = SSL_new(ctx);

    SSL_set_debug(ssl, 1);
    is_int(table->init_wbio_buffer(ssl), 1, "the table's first function");
    is_int(table->setup_buffers(ssl), 1, "the table's second function");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

int main(void)
{
    test_functions();
    FOR_VERSIONS(v) {
        world w = world_make();
        duo *d = duo_connected(&w, v);

        messages(d->c, v);
        messages(d->s, v);
        others(d->c);
        duo_free(d);
        world_free(&w);
        as_callback(v);
    }
    return done();
}
