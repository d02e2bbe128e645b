/* What the info callback told of one SSL, in order: set as its app data, with `tell` as the callback. */
#ifndef FERROSSL_STORY_H
#define FERROSSL_STORY_H

#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    char text[4096];
} story;

static inline void tell(const SSL *ssl, int where, int ret)
{
    story *s = SSL_get_app_data(ssl);
    size_t used = strlen(s->text);

    if (used < sizeof s->text - 64)
        snprintf(s->text + used, 64, " %x:%x:%s%s", where, ret, SSL_state_string(ssl), SSL_in_init(ssl) ? "" : "!");
}

#endif
