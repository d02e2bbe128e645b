/* More records on one connection than its cipher's limit: OpenSSL goes on with the same keys, as a
 * connection of TLS 1.2 must; with TLS 1.3 it may go on to the next (RFC 8446, section 5.5).
 * Up to the limit here only with `many_records 17000000`, as in `make soak`. */
#include "pipe.h"

#include <stdlib.h>

static long records = 20000;

static long echo_all(SSL *to, SSL *from)
{
    char byte = 'x';
    long n = 0;

    while (n < records && SSL_write(to, &byte, 1) == 1 && SSL_read(from, &byte, 1) == 1)
        n++;
    return n;
}

int main(int argc, char **argv)
{
    world w = world_make();

    if (argc > 1)
        records = atol(argv[1]);
    FOR_VERSIONS(version) {
        duo *d = duo_connected(&w, version);

        is_int(echo_all(d->c, d->s), records, "%s: so many records to the server (%s)",
               version_name(version), tls_errors());
        is_int(echo_all(d->s, d->c), records, "%s: so many back (%s)", version_name(version),
               tls_errors());
        is_int(SSL_shutdown(d->c), 0, "it is shut down");
        is_int(SSL_shutdown(d->s), 0, "by both");
        is_int(SSL_shutdown(d->c), 1, "in good order");
        duo_free(d);
    }
    world_free(&w);
    return done();
}
