#!/bin/sh
# `make install`: a program builds with pkg-config against what it installs, shared and static,
# and runs; `make uninstall` leaves no file.
root=$(cd "$(dirname -- "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
failed=0

check() { # NAME COMMAND...
    name=$1
    shift
    count=$((count + 1))
    if "$@" > "$work/log" 2>&1; then
        echo "ok $count - $name"
    else
        failed=1
        echo "not ok $count - $name"
        sed 's/^/# /' "$work/log"
    fi
}

make_() { env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" "$@"; }
files() { find "$1" ! -type d | sed "s|^$1/||" | sort; }
flags() { PKG_CONFIG_PATH=$work/usr/lib/pkgconfig pkg-config "$@" libssl; }
same() { [ "$1" = "$2" ] || { echo "$1"; echo "wanted: $2"; return 1; }; }

cat > "$work/program.c" << 'END'
#include <openssl/ssl.h>
#include <stdio.h>

int main(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = ctx ? SSL_new(ctx) : NULL;
    if (ssl == NULL || !SSL_set_tlsext_host_name(ssl, "a.example")
        || !SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION))
        return 1;
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096];
    while (maps && fgets(line, sizeof line, maps))
        if (strstr(line, "libssl"))
            fputs(strchr(line, '/'), stdout);
    return 0;
}
END

wanted="bin/ferrossl-run
include/openssl/ssl.h
lib/libssl.a
lib/libssl.so
lib/libssl.so.3
lib/pkgconfig/libssl.pc"
check "installs" make_ install PREFIX="$work/usr"
check "all its files" same "$(files "$work/usr")" "$wanted"
check "installs below DESTDIR" make_ install PREFIX=/opt/ssl DESTDIR="$work/stage"
check "all below the prefix there" same "$(files "$work/stage/opt/ssl")" "$wanted"
check "the staged libssl.pc names the prefix" grep -qx prefix=/opt/ssl \
    "$work/stage/opt/ssl/lib/pkgconfig/libssl.pc"

build() { # WHAT FLAGS...: the flags in words
    out=$1
    shift
    # shellcheck disable=SC2046
    gcc -Wall -Wextra -Werror -H -o "$work/$out" $(flags --cflags) "$work/program.c" "$@" \
        2> "$work/includes" || { cat "$work/includes"; return 1; }
    grep -q "$work/usr/include/openssl/ssl.h" "$work/includes"
}
# shellcheck disable=SC2046
check "builds" build shared $(flags --libs)
maps=$(LD_LIBRARY_PATH=$work/usr/lib "$work/shared" | sort -u)
check "runs on the installed library" same "$maps" "$work/usr/lib/libssl.so.3"
check "runs on the system's library" env -u LD_LIBRARY_PATH "$work/shared"
maps=$(env -u LD_LIBRARY_PATH "$work/usr/bin/ferrossl-run" "$work/shared" | sort -u)
check "ferrossl-run finds the library beside it" same "$maps" "$work/usr/lib/libssl.so.3"
# shellcheck disable=SC2046
check "builds with libssl.a" build static -Wl,--gc-sections $(flags --static --libs | sed 's/-lssl/-l:libssl.a/')
check "runs" "$work/static"
check "and needs no libssl" same "$("$work/static")" ""
check "uninstalls" make_ uninstall PREFIX="$work/usr"
check "uninstalls below DESTDIR" make_ uninstall PREFIX=/opt/ssl DESTDIR="$work/stage"
check "no file is left" same "$(files "$work/usr")$(files "$work/stage")" ""
echo "1..$count"
exit $failed
