# make          build/lib/libssl.so.3, libssl.so, libssl.a and build/bin/ferrossl-run
# make run      the demonstration: openssl s_server and curl on our library
# make check    all tests; the last line is the total
# make bench    what it costs next to the system's library, in CPU time and memory
# make soak     1,000 connections at once for a minute; 100000 resumptions on a full session cache;
#               17 million records on a connection; a million random SSL_new, SSL_dup, SSL_up_ref and
#               SSL_free under valgrind
# make install    into PREFIX (/usr/local), below DESTDIR; make uninstall takes the same two
# make header     writes include/openssl/ssl.h anew, with cbindgen
# make debug    as `make`, without optimisation: for quick turns (also PROFILE=dev)
#
# For another machine: CARGO_BUILD_TARGET in the environment, with what its compiler is called, as in
# make CC=aarch64-linux-gnu-gcc

PROFILE ?= release
PREFIX ?= /usr/local
CARGO ?= cargo
CC = gcc
CARGO_DIR := $(or $(CARGO_TARGET_DIR),target)/$(addsuffix /,$(CARGO_BUILD_TARGET))$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
OBJ := build/obj/$(PROFILE)

LINK_FLAGS := -shared -Wl,-soname,libssl.so.3 -Wl,-z,relro,-z,now,-z,defs,-z,nodelete -Wl,--gc-sections \
	-Wl,--hash-style=gnu -Wl,--build-id
LIBS := -Wl,--no-as-needed -lcrypto -Wl,--as-needed -lgcc_s -lm -lc -Wl,--no-as-needed

all: lib build/bin/ferrossl-run docs/COMPATIBILITY.md

lib: staticlib
	@$(MAKE) --no-print-directory link

# Cargo knows what is out of date; `link` runs after it, so that make sees new timestamps.
staticlib:
	$(CARGO) build --profile $(PROFILE)

link: $(OBJ)/libssl.so.3
	@mkdir -p build/lib
	@cmp -s $(OBJ)/libssl.so.3 build/lib/libssl.so.3 || cp $(OBJ)/libssl.so.3 build/lib/libssl.so.3.new
	@if [ -e build/lib/libssl.so.3.new ]; then mv build/lib/libssl.so.3.new build/lib/libssl.so.3; fi
	@ln -sfn libssl.so.3 build/lib/libssl.so
	@cmp -s $(CARGO_DIR)/libssl.a build/lib/libssl.a || cp $(CARGO_DIR)/libssl.a build/lib/libssl.a

# rustc's own version script leaves the names unversioned, so the static library is linked here.
$(OBJ)/libssl.so.3: $(CARGO_DIR)/libssl.a Makefile tools/exports tools/capi_source.py
	@mkdir -p $(OBJ)
	tools/exports version-script > $(OBJ)/libssl.map
	tools/exports undefined > $(OBJ)/undefined.rsp
	$(CC) $(LINK_FLAGS) -Wl,--version-script=$(OBJ)/libssl.map @$(OBJ)/undefined.rsp \
		-o $@ $(CARGO_DIR)/libssl.a $(LIBS)

build/bin/ferrossl-run: tools/ferrossl-run
	@mkdir -p build/bin
	install -m 755 $< $@

docs/COMPATIBILITY.md: lib
	@tools/compat

header:
	@tools/header

# Of what is built, and builds nothing: it may run as another user.
INSTALLED = lib/libssl.so.3 lib/libssl.so lib/libssl.a lib/pkgconfig/libssl.pc \
	include/openssl/ssl.h bin/ferrossl-run

install:
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin lib/pkgconfig include/openssl)
	install -m 644 build/lib/libssl.so.3 build/lib/libssl.a $(DESTDIR)$(PREFIX)/lib
	ln -sfn libssl.so.3 $(DESTDIR)$(PREFIX)/lib/libssl.so
	install -m 644 include/openssl/ssl.h $(DESTDIR)$(PREFIX)/include/openssl
	install -m 755 tools/ferrossl-run $(DESTDIR)$(PREFIX)/bin
	version=$$(pkg-config --modversion libcrypto 2>/dev/null || echo 3.0.0); \
	sed -e 's|@PREFIX@|$(PREFIX)|' -e "s|@VERSION@|$$version|" include/libssl.pc.in \
		> $(DESTDIR)$(PREFIX)/lib/pkgconfig/libssl.pc

# Folders stay: others may have come to use them.
uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,$(INSTALLED))

debug:
	@$(MAKE) --no-print-directory PROFILE=dev

run: all
	@tools/demo

# Without docs/COMPATIBILITY.md: writing it here would hide that it was stale.
check: lib build/bin/ferrossl-run
	@tools/check

bench: lib
	@capi-tests/bench/run

soak: lib
	@capi-tests/run --only soak --only resume_soak --only refcounts --only many_records
	@LD_LIBRARY_PATH=build/lib SOAK_CONNECTIONS=1000 SOAK_SECONDS=60 build/capi-tests/soak
	@LD_LIBRARY_PATH=build/lib build/capi-tests/resume_soak 100000 1000
	@LD_LIBRARY_PATH=build/lib build/capi-tests/many_records 17000000
	@LD_LIBRARY_PATH=build/lib valgrind -q --leak-check=full --show-leak-kinds=definite \
		--errors-for-leak-kinds=definite --error-exitcode=1 build/capi-tests/refcounts 1000000

# Needs the network and minutes.
source-builds: lib
	@tools/source-builds

valgrind: lib
	@capi-tests/run --valgrind

clean:
	$(CARGO) clean
	rm -rf build

.PHONY: all lib staticlib link header install uninstall debug run check bench soak valgrind source-builds clean docs/COMPATIBILITY.md
