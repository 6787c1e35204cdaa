# ocrvl: `make deps && make` builds libocrvl.a, libocrvl.so and ocrvl here; everything between goes to build/<variant>/.
# `make help` lists the targets. CC, CFLAGS, LDFLAGS, PREFIX and DESTDIR are yours to set.

VERSION  := 0.1.0
SOVERSION := 0
VARIANT  ?= release
BUILD    ?= build/$(VARIANT)
PREFIX   ?= /usr/local
CC       ?= cc
AR       ?= ar
PKG_CONFIG ?= pkg-config
CFLAGS   ?= -O2 -g

PACKAGES := poppler-glib gio-2.0 cairo libtiff-4 libpng libjpeg lept icu-uc icu-i18n libxml-2.0 openblas jansson zlib libcrypto libqpdf libcurl \
            libavformat libavcodec libswscale libavutil
# What `make deps` installs: the compiler, the libraries above, and what `make check` runs; what verifies https: documents, and what
# shows the man pages. The serial OpenBLAS: we share out
# the work ourselves, and the threaded one starts threads and takes memory as soon as a program is linked with it.
DEBIAN   := build-essential pkg-config libpoppler-glib-dev libcairo2-dev libtiff-dev libpng-dev libjpeg-dev \
            libleptonica-dev zlib1g-dev libssl-dev libqpdf-dev libicu-dev libxml2-dev libopenblas-serial-dev libjansson-dev libcurl4-openssl-dev \
            libavformat-dev libavcodec-dev libswscale-dev poppler-data \
            libcmocka-dev libxml2-utils xz-utils python3-jsonschema qpdf poppler-utils unicode-data openssl iproute2 \
            ca-certificates man-db mandoc

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef -Wpointer-arith -Wwrite-strings
SANITIZE_asan  := -fsanitize=address -fno-omit-frame-pointer -O1
SANITIZE_ubsan := -fsanitize=undefined -fno-sanitize-recover=all -O1
SANITIZE := $(SANITIZE_$(VARIANT))

ifneq ($(filter-out deps help clean,$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell $(PKG_CONFIG) --exists $(PACKAGES) 2>/dev/null && echo ok),ok)
$(error Some libraries are missing: $(shell $(PKG_CONFIG) --print-errors --exists $(PACKAGES) 2>&1 | tail -1). Run `make deps` first)
endif
# -isystem: our warnings are about our code
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(PACKAGES)))
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(PACKAGES)) -lpthread -lm
endif

# No -ffast-math: it would change the floating point of the program that loads us. -ffp-contract=off: the same sums
# from every compiler and processor; kernels that want fused multiply-add say so.
BASE_CFLAGS := -std=c11 -D_XOPEN_SOURCE=700 -D_FILE_OFFSET_BITS=64 -fPIC -fvisibility=hidden -ffp-contract=off \
               -fno-math-errno -Ilibocrvl -Iformats $(PKG_CFLAGS) $(WARN) -DOCRVL_DATADIR='"$(PREFIX)/share/ocrvl"'

LIB_SRC  := $(wildcard libocrvl/*/*.c formats/*/*.c)
CLI_SRC  := $(wildcard cli/*.c)
UNIT_SRC := $(wildcard tests/unit/*.c tests/vectors/*.c tests/bad/*.c tests/fuzz/*.c)
PROMPTS  := $(wildcard prompts/*.txt)
LIB_OBJ  := $(LIB_SRC:%.c=$(BUILD)/%.o) $(BUILD)/prompts.o
CLI_OBJ  := $(CLI_SRC:%.c=$(BUILD)/%.o)
UNIT_BIN := $(UNIT_SRC:%.c=$(BUILD)/%)

# Each command in a word; `make V=1` shows it whole.
V ?= 0
say_0 = @echo '  $(1) $@' &&
say_1 =
say = $(call say_$(V),$(1))

all: libocrvl.a libocrvl.so ocrvl

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC) $(CC) $(BASE_CFLAGS) $(CFLAGS) $(SANITIZE) $(EXTRA_CFLAGS) -MMD -MP -c -o $@ $<

# The prompts as C strings, so that the library needs no files of its own.
$(BUILD)/prompts.c: $(PROMPTS) Makefile
	@mkdir -p $(@D)
	@{ echo '#include "read/tasks.h"'; echo 'const ocrvl_prompt_file ocrvl_prompt_files[] = {'; \
	for f in $(PROMPTS); do n=$${f##*/}; printf '{"%s",\n' "$${n%.txt}"; \
	sed 's/\\/\\\\/g; s/"/\\"/g; s/?/\\?/g; s/.*/"&\\n"/' "$$f"; echo '},'; done; \
	echo '{NULL, NULL}};'; } > $@
$(BUILD)/prompts.o: $(BUILD)/prompts.c
	$(call say,CC) $(CC) $(BASE_CFLAGS) $(CFLAGS) $(SANITIZE) -MMD -MP -c -o $@ $<

# Kernels for one instruction set each, chosen at run time.
$(BUILD)/libocrvl/kern/%.o: EXTRA_CFLAGS += -O3
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
ifeq ($(MACHINE),x86_64)
$(BUILD)/libocrvl/kern/x86_avx2.o: EXTRA_CFLAGS += -mavx2 -mfma
$(BUILD)/libocrvl/kern/x86_avx512.o: EXTRA_CFLAGS += -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mprefer-vector-width=512
$(BUILD)/libocrvl/kern/x86_bf16.o: EXTRA_CFLAGS += -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512bf16 -mavx512vnni -mfma -mprefer-vector-width=512
else ifeq ($(MACHINE),aarch64)
# What the exception flags would say keeps gcc from making vectors of comparisons; its scheduler spills whole tiles.
$(BUILD)/libocrvl/kern/%.o: EXTRA_CFLAGS += -fno-trapping-math -fno-schedule-insns -Wno-ignored-optimization-argument
$(BUILD)/libocrvl/kern/neon_dot.o: EXTRA_CFLAGS += -march=armv8.2-a+dotprod
$(BUILD)/libocrvl/kern/neon_mm.o: EXTRA_CFLAGS += -march=armv8.2-a+dotprod+bf16+i8mm
endif

$(BUILD)/libocrvl.a: $(LIB_OBJ)
	@rm -f $@
	$(call say,AR) $(AR) rcs $@ $^

$(BUILD)/libocrvl.so: $(LIB_OBJ)
	$(call say,LD) $(CC) -shared -Wl,-soname,libocrvl.so.$(SOVERSION) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/ocrvl: $(CLI_OBJ) $(BUILD)/libocrvl.a
	$(call say,LD) $(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# The variant made last, which no time of a file tells.
libocrvl.a libocrvl.so ocrvl: %: $(BUILD)/% FORCE
	@[ "$$(readlink $@)" = $< ] || ln -sf $< $@
FORCE:

$(BUILD)/tests/%: tests/%.c $(BUILD)/libocrvl.a tests/testing.h Makefile
	@mkdir -p $(@D)
	$(call say,CC) $(CC) $(BASE_CFLAGS) -Itests $(CFLAGS) $(SANITIZE) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(BUILD)/libocrvl.a -lcmocka $(PKG_LIBS)

# Every test that needs nothing but the tree, or those whose names match PATTERN, as many at a time as there are processors or JOBS
# says. Ends with `N passed, N failed`.
PATTERN ?= .
check: $(BUILD)/ocrvl $(BUILD)/libocrvl.so $(if $(filter check,$(MAKECMDGOALS)),$(shell printf '%s\n' $(UNIT_BIN) | grep '$(PATTERN)'))
	@tests/run $(BUILD) '$(PATTERN)'

# The README's two commands in bare systems of both releases of Debian.
check-fresh:
	@tests/fresh/run bookworm trixie

check-asan:
	@$(MAKE) --no-print-directory VARIANT=asan check

check-ubsan:
	@$(MAKE) --no-print-directory VARIANT=ubsan check

bench: $(BUILD)/ocrvl
	@tests/bench/run $(BUILD)

bench-quant: $(BUILD)/ocrvl $(BUILD)/tests/vectors/model $(BUILD)/tests/accuracy/accuracy
	@tests/bench/quant $(BUILD)

accuracy: $(BUILD)/ocrvl $(BUILD)/tests/accuracy/accuracy $(BUILD)/tests/accuracy/align
	@tests/accuracy/run $(BUILD)
	@tests/accuracy/align $(BUILD)

# Outputs before validators that nobody here wrote (PDFBox, the Nu checker, pdf.js, mupdf); see tests/formats/run.
check-formats: $(BUILD)/ocrvl $(BUILD)/tests/unit/writer
	@tests/formats/run $(BUILD)

# Cross-built, under qemu; what it needs beyond that it installs or unpacks itself. Its count is its own.
check-arm: $(BUILD)/ocrvl
	@+MAKE='$(MAKE)' tests/arm/run $(BUILD) $(filter %-dev poppler-data,$(DEBIAN))

deps:
	@if [ "$$(id -u)" = 0 ]; then as=; else as=sudo; fi; set -x; \
	$$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(DEBIAN)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include
	install -m 755 $(BUILD)/ocrvl $(DESTDIR)$(PREFIX)/bin/ocrvl
	install -m 644 $(BUILD)/libocrvl.a $(DESTDIR)$(PREFIX)/lib/libocrvl.a
	install -m 755 $(BUILD)/libocrvl.so $(DESTDIR)$(PREFIX)/lib/libocrvl.so.$(VERSION)
	ln -sf libocrvl.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/libocrvl.so.$(SOVERSION)
	ln -sf libocrvl.so.$(SOVERSION) $(DESTDIR)$(PREFIX)/lib/libocrvl.so
	install -m 644 libocrvl/ocrvl.h formats/ocrvl_formats.h $(DESTDIR)$(PREFIX)/include
	printf 'prefix=%s\nName: libocrvl\nDescription: document OCR with Qwen2-VL\nVersion: %s\nLibs: -L$${prefix}/lib -locrvl\nLibs.private: %s\nCflags: -I$${prefix}/include\n' \
	  '$(PREFIX)' '$(VERSION)' '$(PKG_LIBS)' > $(DESTDIR)$(PREFIX)/lib/pkgconfig/ocrvl.pc
	install -d $(DESTDIR)$(PREFIX)/share/ocrvl/nano
	install -m 644 $(wildcard samples/nano/*.json samples/nano/*.safetensors samples/nano/README.md) $(DESTDIR)$(PREFIX)/share/ocrvl/nano
	for s in 1 3 5 7; do install -d $(DESTDIR)$(PREFIX)/share/man/man$$s; \
	  for f in man/*.$$s; do [ ! -e "$$f" ] || install -m 644 "$$f" $(DESTDIR)$(PREFIX)/share/man/man$$s; done; done

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/ocrvl $(DESTDIR)$(PREFIX)/lib/libocrvl.a $(DESTDIR)$(PREFIX)/lib/libocrvl.so* \
	  $(DESTDIR)$(PREFIX)/lib/pkgconfig/ocrvl.pc $(DESTDIR)$(PREFIX)/include/ocrvl.h $(DESTDIR)$(PREFIX)/include/ocrvl_formats.h
	rm -rf $(DESTDIR)$(PREFIX)/share/ocrvl
	for f in $(notdir $(wildcard man/*.[1357])); do rm -f $(DESTDIR)$(PREFIX)/share/man/man$${f##*.}/$$f; done

clean:
	rm -rf build ocrvl libocrvl.a libocrvl.so

help:
	@echo "make             libocrvl.a, libocrvl.so and ocrvl"
	@echo "make deps        install what building and testing need (Debian packages, as root or with sudo)"
	@echo "make check       all tests; check-asan, check-ubsan: the same under sanitizers; PATTERN=cli/read: those that match; JOBS=4: at a time"
	@echo "make check-fresh the README's commands in bare systems of Debian 12 and 13 (as root, with mmdebstrap)"
	@echo "make check-formats  outputs before outside validators, as far as they are installed"
	@echo "make check-arm   the tests that fit, cross-built for 64-bit ARM and run under qemu"
	@echo "make accuracy    lines found, reading order, error rates and text put on ink, on samples/pages"
	@echo "make bench       seconds a page beside Tesseract"
	@echo "make bench-quant what packing as integers costs"
	@echo "make install     to PREFIX=$(PREFIX), below DESTDIR if set; uninstall takes it away"
	@echo "make clean"

.PHONY: FORCE all check check-fresh check-arm check-formats check-asan check-ubsan bench bench-quant accuracy deps install uninstall clean help
-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(UNIT_BIN:=.d)
