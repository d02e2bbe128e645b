/* One side of a handshake with an extension of the program's: what it sends is its argument, what
 * it got is printed.
 *
 *   extensions server TEXT CERT KEY       prints "port N", serves two connections
 *   extensions client TEXT CA VERSION PORT   a handshake, then a resumed one */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int add(SSL *s, unsigned type, unsigned context, const unsigned char **out, size_t *len, X509 *x,
               size_t index, int *al, void *text)
{
    *out = text;
    *len = strlen(text);
    return 1;
}

static int parse(SSL *s, unsigned type, unsigned context, const unsigned char *in, size_t len, X509 *x,
                 size_t index, int *al, void *arg)
{
    printf("got %u in %x: %.*s\n", type, context, (int)len, in);
    return 1;
}

static void must(int done, const char *what)
{
    if (done)
        return;
    printf("failed: %s\n", what);
    ERR_print_errors_fp(stdout);
    exit(1);
}

/* A handshake and a line each way. */
static SSL *talk(SSL *ssl, int fd)
{
    char line[16] = "";

    must(SSL_set_fd(ssl, fd), "SSL_set_fd");
    must(SSL_do_handshake(ssl) == 1, "handshake");
    must(SSL_write(ssl, "hello", 5) == 5, "SSL_write");
    must(SSL_read(ssl, line, sizeof line) == 5 && memcmp(line, "hello", 5) == 0, "SSL_read");
    printf("talked, resumed %d\n", SSL_session_reused(ssl));
    SSL_shutdown(ssl);
    return ssl;
}

int main(int argc, char **argv)
{
    int server = argc > 4 && strcmp(argv[1], "server") == 0, i;
    SSL_CTX *ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    SSL_SESSION *session = NULL;

    setvbuf(stdout, NULL, _IOLBF, 0);
    must(SSL_CTX_add_custom_ext(ctx, 1000,
                                SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO
                                    | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS,
                                add, NULL, argv[2], parse, NULL),
         "SSL_CTX_add_custom_ext");
    if (server) {
        socklen_t len = sizeof at;

        must(SSL_CTX_use_certificate_chain_file(ctx, argv[3]), "certificate");
        must(SSL_CTX_use_PrivateKey_file(ctx, argv[4], SSL_FILETYPE_PEM), "key");
        must(bind(fd, (struct sockaddr *)&at, len) == 0 && listen(fd, 2) == 0, "listen");
        getsockname(fd, (struct sockaddr *)&at, &len);
        printf("port %d\n", ntohs(at.sin_port));
        for (i = 0; i < 2; i++) {
            int peer = accept(fd, NULL, NULL);
            SSL *ssl = SSL_new(ctx);

            SSL_set_accept_state(ssl);
            SSL_free(talk(ssl, peer));
            close(peer);
        }
        return 0;
    }
    must(SSL_CTX_load_verify_file(ctx, argv[3]), "CA");
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    i = strcmp(argv[4], "TLSv1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
    must(SSL_CTX_set_min_proto_version(ctx, i) && SSL_CTX_set_max_proto_version(ctx, i), "version");
    at.sin_port = htons(atoi(argv[5]));
    for (i = 0; i < 2; i++) {
        SSL *ssl = SSL_new(ctx);
        int own = socket(AF_INET, SOCK_STREAM, 0);

        must(connect(own, (struct sockaddr *)&at, sizeof at) == 0, "connect");
        SSL_set_connect_state(ssl);
        if (session)
            SSL_set_session(ssl, session);
        talk(ssl, own);
        SSL_SESSION_free(session);
        session = SSL_get1_session(ssl);
        SSL_free(ssl);
        close(own);
    }
    return 0;
}
