# ocrvl: `make deps && make` builds ocrvl and its two libraries here; everything between goes to build/<variant>/.
# `make help` lists the targets. CC, CFLAGS, LDFLAGS, PREFIX, LIBDIR, INCLUDEDIR and DESTDIR are yours to set.

VERSION  := $(shell sed -n 's/^.define OCRVL_VERSION_STRING "\(.*\)"/\1/p' libocrvl/ocrvl.h)
SOVERSION := 0
VARIANT  ?= release
# VIDEO=0 leaves FFmpeg out of the build, URL=0 leaves curl out.
VIDEO    ?= 1
URL      ?= 1
LEFT_OUT := $(if $(filter 0,$(VIDEO)),-novideo)$(if $(filter 0,$(URL)),-nourl)
BUILD    ?= build/$(VARIANT)$(LEFT_OUT)
PREFIX   ?= /usr/local
LIBDIR   ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
CC       ?= cc
CXX      ?= c++
AR       ?= ar
PKG_CONFIG ?= pkg-config
CLANG_FORMAT ?= clang-format
CFLAGS   ?= -O2 -g

# What libocrvl is linked with, and libocrvl-formats beside it. FFmpeg, for videos, is loaded when it is needed.
CORE_PACKAGES    := lept icu-uc icu-i18n openblas jansson libcrypto
FORMATS_PACKAGES := poppler-glib gio-2.0 cairo libtiff-4 libpng libjpeg libxml-2.0 zlib libqpdf xlsxwriter libopenjp2 libwebp libheif fontconfig libseccomp \
                    $(if $(filter 0,$(URL)),,libcurl)
VIDEO_PACKAGES   := $(if $(filter 0,$(VIDEO)),,libavformat libavcodec libswscale libavutil)
PACKAGES := $(CORE_PACKAGES) $(FORMATS_PACKAGES) $(VIDEO_PACKAGES)
# What `make deps` installs: the compiler, the libraries above, and what `make check` runs; what verifies https: documents, and what
# shows the man pages. The serial OpenBLAS: we share out the work ourselves, and the threaded one starts threads and takes memory as
# soon as a program is linked with it.
DEBIAN   := build-essential pkg-config libpoppler-glib-dev libcairo2-dev libtiff-dev libpng-dev libjpeg-dev libopenjp2-7-dev libwebp-dev libgif-dev libheif-dev \
            libleptonica-dev zlib1g-dev libssl-dev libqpdf-dev libxlsxwriter-dev libminizip-dev libicu-dev libxml2-dev \
            libopenblas-serial-dev libjansson-dev libfontconfig-dev libseccomp-dev \
            $(if $(filter 0,$(URL)),,libcurl4-openssl-dev) $(if $(filter 0,$(VIDEO)),,libavformat-dev libavcodec-dev libswscale-dev) \
            poppler-data libcmocka-dev libxml2-utils xz-utils python3-jsonschema qpdf poppler-utils unicode-data openssl iproute2 \
            ca-certificates man-db mandoc

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef -Wpointer-arith -Wwrite-strings
FLAGS_san   := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1
FLAGS_fuzz  := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1
FLAGS_debug := -O0 -g3 -fno-omit-frame-pointer
VARIANT_FLAGS := $(FLAGS_$(VARIANT))

ifneq ($(filter-out deps help clean dist uninstall,$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell $(PKG_CONFIG) --exists $(PACKAGES) 2>/dev/null && echo ok),ok)
$(error Some libraries are missing: $(shell $(PKG_CONFIG) --print-errors --exists $(PACKAGES) 2>&1 | tail -1). Run `make deps` first)
endif
# -isystem: our warnings are about our code
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(PACKAGES)))
CORE_LIBS    := $(shell $(PKG_CONFIG) --libs $(CORE_PACKAGES)) -lpthread -lm
FORMATS_LIBS := $(shell $(PKG_CONFIG) --libs $(FORMATS_PACKAGES) jansson libcrypto) -lgif -ldl -lpthread -lm
endif

# No -ffast-math: it would change the floating point of the program that loads us. -ffp-contract=off: the same sums
# from every compiler and processor; kernels that want fused multiply-add say so.
BASE_CFLAGS := -std=c11 -D_XOPEN_SOURCE=700 -D_FILE_OFFSET_BITS=64 -fPIC -fvisibility=hidden -ffp-contract=off \
               -fno-math-errno -Ilibocrvl -Iformats -Icli $(PKG_CFLAGS) $(WARN)

# What stands in for a library that is left out, or is left out with it.
NOT_BUILT := $(if $(filter 0,$(VIDEO)),formats/in/video.c formats/in/libav.c,formats/in/video_none.c) \
             $(if $(filter 0,$(URL)),formats/in/url_http.c formats/in/http_get.c,formats/in/url_http_none.c formats/in/http_get_none.c)
NOT_TESTED := $(if $(filter 0,$(VIDEO)),tests/unit/source_video tests/fuzz/video) \
              $(if $(filter 0,$(URL)),tests/unit/source_url tests/fuzz/http tests/cli/url.sh tests/cli/https.sh tests/cli/pull.sh)

CORE_SRC := $(wildcard libocrvl/*/*.c)
FORMATS_SRC := $(filter-out $(NOT_BUILT),$(wildcard formats/*/*.c))
CLI_SRC  := $(wildcard cli/*.c cli/batch/*.c)
UNIT_SRC := $(filter-out $(NOT_TESTED:%=%.c),$(wildcard tests/unit/*.c tests/vectors/*.c tests/bad/*.c tests/fuzz/*.c))
EXAMPLES := $(wildcard examples/*.c)
PROMPTS  := $(wildcard prompts/*.txt)
CORE_OBJ := $(CORE_SRC:%.c=$(BUILD)/%.o) $(BUILD)/prompts.o
BASE_OBJ := $(filter $(BUILD)/libocrvl/base/%,$(CORE_OBJ))
FORMATS_OBJ := $(FORMATS_SRC:%.c=$(BUILD)/%.o)
CLI_OBJ  := $(CLI_SRC:%.c=$(BUILD)/%.o)
UNIT_BIN := $(UNIT_SRC:%.c=$(BUILD)/%)
FUZZ_BIN := $(filter $(BUILD)/tests/fuzz/%,$(UNIT_BIN))
EXAMPLE_BIN := $(EXAMPLES:%.c=$(BUILD)/%) $(BUILD)/examples/read_cxx
STATIC   := $(BUILD)/libocrvl-formats.a $(BUILD)/libocrvl.a
SHARED   := $(BUILD)/libocrvl-formats.so $(BUILD)/libocrvl.so
PRODUCTS := libocrvl.a libocrvl.so libocrvl-formats.a libocrvl-formats.so ocrvl

# Each command in a word; `make V=1` shows it whole.
V ?= 0
say_0 = @echo '  $(1) $@' &&
say_1 =
say = $(call say_$(V),$(1))

all: $(PRODUCTS)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC) $(CC) $(BASE_CFLAGS) $(CFLAGS) $(VARIANT_FLAGS) $(EXTRA_CFLAGS) -MMD -MP -c -o $@ $<

# Where nano is installed; an object that says so is made again when another PREFIX is given.
$(BUILD)/libocrvl/base/nano.o: EXTRA_CFLAGS += -DOCRVL_DATADIR='"$(PREFIX)/share/ocrvl"'
$(BUILD)/libocrvl/base/nano.o: $(BUILD)/prefix
$(BUILD)/prefix: FORCE
	@mkdir -p $(@D); [ "$$(cat $@ 2>/dev/null)" = '$(PREFIX)' ] || echo '$(PREFIX)' >$@

# The prompts as C strings, so that the library needs no files of its own.
$(BUILD)/prompts.c: $(PROMPTS) Makefile
	@mkdir -p $(@D)
	@{ echo '#include "read/tasks.h"'; echo 'const ocrvl_prompt_file ocrvl_prompt_files[] = {'; \
	for f in $(PROMPTS); do n=$${f##*/}; printf '{"%s",\n' "$${n%.txt}"; \
	sed 's/\\/\\\\/g; s/"/\\"/g; s/?/\\?/g; s/.*/"&\\n"/' "$$f"; echo '},'; done; \
	echo '{NULL, NULL}};'; } > $@
$(BUILD)/prompts.o: $(BUILD)/prompts.c
	$(call say,CC) $(CC) $(BASE_CFLAGS) $(CFLAGS) $(VARIANT_FLAGS) -MMD -MP -c -o $@ $<

# Kernels for one instruction set each, chosen at run time.
$(BUILD)/libocrvl/kern/%.o: EXTRA_CFLAGS += -O3
# So is what goes over all pixels of a page that is looked at.
$(BUILD)/formats/in/pdf_text.o $(BUILD)/formats/in/own_ink.o $(BUILD)/formats/in/pixels.o $(BUILD)/libocrvl/base/borders.o $(BUILD)/libocrvl/layout/panels.o: EXTRA_CFLAGS += $(if $(VARIANT_FLAGS),,-O3)
# Sanitized, their unrolled blocks would be most of what the tests wait for. So only the kernels' own tests are linked with sanitized
# ones; of what UndefinedBehaviorSanitizer checks at each access, AddressSanitizer's checks are left, or gcc would take minutes a file.
PLAIN_KERN := $(patsubst %.c,$(BUILD)/%.o,$(wildcard libocrvl/kern/plain.c libocrvl/kern/x86_*.c libocrvl/kern/neon*.c))
ifneq ($(filter san fuzz,$(VARIANT)),)
$(PLAIN_KERN): VARIANT_FLAGS := -fno-omit-frame-pointer
endif
ifeq ($(VARIANT),san)
KERN_TESTS := $(addprefix $(BUILD)/tests/unit/,kern kern_bytes kern_quant)
SANITIZED_KERN := $(PLAIN_KERN:$(BUILD)/libocrvl/%=$(BUILD)/sanitized/%)
$(SANITIZED_KERN): VARIANT_FLAGS += -O1 -g1 -fno-sanitize=null,alignment,object-size,bounds
$(KERN_TESTS): KERN_OBJ := $(SANITIZED_KERN)
$(KERN_TESTS): $(SANITIZED_KERN)
$(BUILD)/sanitized/%.o: libocrvl/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC) $(CC) $(BASE_CFLAGS) $(CFLAGS) $(VARIANT_FLAGS) $(EXTRA_CFLAGS) -MMD -MP -c -o $@ $<
endif
kernel = $(BUILD)/libocrvl/kern/$(1).o $(BUILD)/sanitized/kern/$(1).o
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
ifeq ($(MACHINE),x86_64)
$(call kernel,x86_avx2): EXTRA_CFLAGS += -mavx2 -mfma
$(call kernel,x86_avx512): EXTRA_CFLAGS += -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mprefer-vector-width=512
$(call kernel,x86_bf16): EXTRA_CFLAGS += -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512bf16 -mavx512vnni -mfma -mprefer-vector-width=512
else ifeq ($(MACHINE),aarch64)
# What the exception flags would say keeps gcc from making vectors of comparisons; its scheduler spills whole tiles.
$(call kernel,%): EXTRA_CFLAGS += -fno-trapping-math -fno-schedule-insns -Wno-ignored-optimization-argument
$(call kernel,neon_dot): EXTRA_CFLAGS += -march=armv8.2-a+dotprod
$(call kernel,neon_mm): EXTRA_CFLAGS += -march=armv8.2-a+dotprod+bf16+i8mm
endif

$(BUILD)/libocrvl.a: $(CORE_OBJ)
$(BUILD)/libocrvl-formats.a: $(FORMATS_OBJ)
$(BUILD)/libocrvl-base.a: $(BASE_OBJ)
%.a:
	@rm -f $@
	$(call say,AR) $(AR) rcs $@ $^

# Shared libraries say what they need, and need nothing that isn't said. clang's sanitizers are found in the program alone.
SO_FLAGS = -shared -Wl,-soname,$(@F).$(SOVERSION) -Wl,--as-needed $(if $(findstring -fsanitize,$(VARIANT_FLAGS)),,-Wl,-z,defs)
$(BUILD)/libocrvl.so: $(CORE_OBJ)
	$(call say,LD) $(CC) $(SO_FLAGS) $(VARIANT_FLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)
	@ln -sf $(@F) $@.$(SOVERSION)

# libocrvl doesn't show its folder base, which formats use as well: the shared library holds what it needs of it, hidden. Both copies
# may meet in one program, for base has no state but its test hook, and memory of one may be freed by the other.
$(BUILD)/libocrvl-formats.so: $(FORMATS_OBJ) $(BUILD)/libocrvl.so $(BUILD)/libocrvl-base.a
	$(call say,LD) $(CC) $(SO_FLAGS) -Wl,--exclude-libs,libocrvl-base.a $(VARIANT_FLAGS) $(LDFLAGS) -o $@ $^ $(FORMATS_LIBS)
	@ln -sf $(@F) $@.$(SOVERSION)

$(BUILD)/ocrvl: $(CLI_OBJ) $(STATIC)
	$(call say,LD) $(CC) $(VARIANT_FLAGS) $(LDFLAGS) -o $@ $^ $(FORMATS_LIBS) $(CORE_LIBS)

# The program with a hook that makes allocations fail, for tests/cli/memory.sh.
$(BUILD)/failing/main.o: cli/main.c Makefile
	@mkdir -p $(@D)
	$(call say,CC) $(CC) $(BASE_CFLAGS) -DOCRVL_FAIL_ALLOCATIONS $(CFLAGS) $(VARIANT_FLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/failing/ocrvl: $(filter-out %/cli/main.o,$(CLI_OBJ)) $(BUILD)/failing/main.o $(STATIC)
	$(call say,LD) $(CC) $(VARIANT_FLAGS) $(LDFLAGS) -o $@ $^ $(FORMATS_LIBS) $(CORE_LIBS)

# The variant made last, which no time of a file tells.
$(PRODUCTS): %: $(BUILD)/% FORCE
	@[ "$$(readlink $@)" = $< ] || ln -sf $< $@
FORCE:

$(BUILD)/tests/%: tests/%.c $(STATIC) tests/testing.h Makefile
	@mkdir -p $(@D)
	$(call say,CC) $(CC) $(BASE_CFLAGS) -Itests $(CFLAGS) $(VARIANT_FLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(KERN_OBJ) $(STATIC) -lcmocka \
	  $(FORMATS_LIBS) $(CORE_LIBS) $(TEST_LIBS)

# It makes its videos with FFmpeg itself.
$(BUILD)/tests/unit/source_video: TEST_LIBS = $(shell $(PKG_CONFIG) --libs $(VIDEO_PACKAGES))

# One looks at what the program alone knows.
$(BUILD)/tests/fuzz/journal: KERN_OBJ := $(filter-out %/cli/main.o,$(CLI_OBJ))
$(BUILD)/tests/fuzz/journal: $(filter-out %/cli/main.o,$(CLI_OBJ))

ifeq ($(VARIANT),fuzz)
$(FUZZ_BIN): VARIANT_FLAGS += -fsanitize=fuzzer -DOCRVL_FUZZING
endif

# As a stranger would build them: by the public headers and the shared libraries. One is also C++.
EXAMPLE_FLAGS = -Wall -Wextra -Werror -Ilibocrvl -Iformats $(CFLAGS) $(VARIANT_FLAGS) $(LDFLAGS) -L$(BUILD) -Wl,-rpath,$(CURDIR)/$(BUILD)
$(BUILD)/examples/%: examples/%.c $(SHARED) libocrvl/ocrvl.h formats/ocrvl_formats.h Makefile
	@mkdir -p $(@D)
	$(call say,CC) $(CC) -std=c11 $(EXAMPLE_FLAGS) -o $@ $< -locrvl-formats -locrvl
$(BUILD)/examples/read_cxx: examples/read.c $(SHARED) libocrvl/ocrvl.h formats/ocrvl_formats.h Makefile
	@mkdir -p $(@D)
	$(call say,CXX) $(CXX) -std=c++17 $(EXAMPLE_FLAGS) -o $@ -x c++ $< -x none -locrvl-formats -locrvl

# Every test that needs nothing but the tree, or those whose names match PATTERN, as many at a time as there are processors or JOBS
# says. Ends with `N passed, N failed`.
PATTERN ?= .
# What scripts run beside the program.
CHECK_BIN = $(BUILD)/ocrvl $(BUILD)/failing/ocrvl $(STATIC) $(SHARED) $(EXAMPLE_BIN) $(BUILD)/tests/unit/schema $(BUILD)/tests/unit/writer \
            $(addprefix $(BUILD)/,$(shell printf '%s\n' $(UNIT_BIN:$(BUILD)/%=%) | grep '$(PATTERN)'))
check: $(if $(filter check,$(MAKECMDGOALS)),$(CHECK_BIN))
	@OCRVL_WITHOUT='$(strip $(NOT_TESTED))' CC='$(CC)' tests/run $(BUILD) '$(PATTERN)'

# The README's two commands in bare systems of both releases of Debian.
check-fresh:
	@tests/fresh/run bookworm trixie

# Archives: kills without number, a real Slurm and other schedulers, as far as they are installed.
check-scale: $(BUILD)/ocrvl
	@tests/scale/run $(BUILD)

bench-scale: $(BUILD)/ocrvl
	@OCRVL="$$PWD/$(BUILD)/ocrvl" sh tests/scale/bench

check-san:
	@$(MAKE) --no-print-directory VARIANT=san check

# clang's libFuzzer on each target, or on those that TARGETS names, for FUZZ_SECONDS of processor time each; what it finds stays in build/fuzz/found.
FUZZ_SECONDS ?= 60
TARGETS ?=
fuzz:
	@$(MAKE) --no-print-directory CC=clang VARIANT=fuzz fuzz-targets && tests/fuzz/run build/fuzz '$(FUZZ_SECONDS)' $(TARGETS)

fuzz-targets: $(FUZZ_BIN)

bench: $(BUILD)/ocrvl
	@tests/bench/run $(BUILD)

# LLAMA=.../llama-server [SHAPE=mineru SIDE=560 TOKENS=64]; needs PyPI's gguf
bench-llama: $(BUILD)/ocrvl
	@python3 tests/bench/llama $(BUILD) "$(LLAMA)" $(or $(SHAPE),mineru) $(or $(SIDE),560) $(or $(TOKENS),64)

bench-quant: $(BUILD)/ocrvl $(BUILD)/tests/vectors/model $(BUILD)/tests/accuracy/accuracy
	@tests/bench/quant $(BUILD)

accuracy: $(BUILD)/ocrvl $(BUILD)/tests/accuracy/accuracy $(BUILD)/tests/accuracy/align $(BUILD)/tests/accuracy/draw
	@tests/accuracy/run $(BUILD)
	@tests/accuracy/align $(BUILD)
	@tests/accuracy/drawn $(BUILD)
	@[ -z '$(TABLES)' ] || tests/accuracy/tables $(BUILD) '$(TABLES)' $(TABLES_DPI)

# Outputs before validators that nobody here wrote (PDFBox, the Nu checker, pdf.js, mupdf); see tests/formats/run.
check-formats: $(BUILD)/ocrvl $(BUILD)/tests/unit/writer
	@tests/formats/run $(BUILD)

# Cross-built, under qemu; what it needs beyond that it installs or unpacks itself. Its count is its own.
check-arm: $(BUILD)/ocrvl
	@+MAKE='$(MAKE)' tests/arm/run $(BUILD) $(filter %-dev poppler-data,$(DEBIAN))

deps:
	@if [ "$$(id -u)" = 0 ]; then as=; else as=sudo; fi; set -x; \
	$$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(DEBIAN)

# The libraries' pkg-config files, from packaging/*.pc.in.
$(BUILD)/%.pc: packaging/%.pc.in Makefile libocrvl/ocrvl.h FORCE
	@sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|; s|@INCLUDEDIR@|$(INCLUDEDIR:$(PREFIX)/%=$${prefix}/%)|' \
	  -e 's|@VERSION@|$(VERSION)|; s|@CORE_PACKAGES@|$(strip $(CORE_PACKAGES))|; s|@FORMATS_PACKAGES@|$(strip $(FORMATS_PACKAGES))|' $< >$@

# Where things go below DESTDIR.
to = $(DESTDIR)$(1)
share := $(PREFIX)/share
LIBRARIES := libocrvl libocrvl-formats
READERS := $(notdir $(wildcard samples/nano*))
install: $(BUILD)/ocrvl $(STATIC) $(SHARED) $(LIBRARIES:%=$(BUILD)/%.pc)
	install -d $(call to,$(PREFIX)/bin) $(call to,$(LIBDIR)/pkgconfig) $(call to,$(INCLUDEDIR)) $(call to,$(share)/ocrvl)
	install -m 755 $(BUILD)/ocrvl $(call to,$(PREFIX)/bin/ocrvl)
	for l in $(LIBRARIES); do \
	  install -m 644 $(BUILD)/$$l.a $(call to,$(LIBDIR)) && \
	  install -m 755 $(BUILD)/$$l.so $(call to,$(LIBDIR))/$$l.so.$(VERSION) && \
	  ln -sf $$l.so.$(VERSION) $(call to,$(LIBDIR))/$$l.so.$(SOVERSION) && \
	  ln -sf $$l.so.$(SOVERSION) $(call to,$(LIBDIR))/$$l.so && \
	  install -m 644 $(BUILD)/$$l.pc $(call to,$(LIBDIR)/pkgconfig) || exit 1; done
	install -m 644 libocrvl/ocrvl.h formats/ocrvl_formats.h $(call to,$(INCLUDEDIR))
	for r in $(READERS); do install -d $(call to,$(share)/ocrvl/$$r) && \
	  install -m 644 samples/$$r/*.json samples/$$r/*.safetensors samples/$$r/README.md $(call to,$(share)/ocrvl/$$r) || exit 1; done
	install -m 644 tests/schema/ocrvl-page-1.schema.json $(call to,$(share)/ocrvl)
	for s in 1 3 5 7; do install -d $(call to,$(share)/man/man$$s) && install -m 644 man/*.$$s $(call to,$(share)/man/man$$s) || exit 1; done
	install -d $(call to,$(share)/bash-completion/completions) $(call to,$(share)/zsh/site-functions) $(call to,$(share)/fish/vendor_completions.d)
	$(BUILD)/ocrvl help --completion bash >$(call to,$(share)/bash-completion/completions/ocrvl)
	$(BUILD)/ocrvl help --completion zsh >$(call to,$(share)/zsh/site-functions/_ocrvl)
	$(BUILD)/ocrvl help --completion fish >$(call to,$(share)/fish/vendor_completions.d/ocrvl.fish)
	[ -n "$(DESTDIR)" ] || [ "$$(id -u)" != 0 ] || ldconfig

uninstall:
	rm -f $(call to,$(PREFIX)/bin/ocrvl) $(call to,$(INCLUDEDIR)/ocrvl.h) $(call to,$(INCLUDEDIR)/ocrvl_formats.h)
	for l in $(LIBRARIES); do rm -f $(call to,$(LIBDIR))/$$l.a $(call to,$(LIBDIR))/$$l.so* $(call to,$(LIBDIR)/pkgconfig)/$$l.pc; done
	rm -rf $(call to,$(share)/ocrvl)
	rm -f $(call to,$(share)/bash-completion/completions/ocrvl) $(call to,$(share)/zsh/site-functions/_ocrvl) \
	  $(call to,$(share)/fish/vendor_completions.d/ocrvl.fish)
	for f in $(notdir $(wildcard man/*.[1357])); do rm -f $(call to,$(share)/man)/man$${f##*.}/$$f; done

# What a release is: the files of the last commit. It needs git; what it makes doesn't.
dist:
	@git archive --format=tar --prefix=ocrvl-$(VERSION)/ HEAD | gzip -9n >ocrvl-$(VERSION).tar.gz && ls -l ocrvl-$(VERSION).tar.gz

# How each file is compiled, for editors and tools.
compile_commands.json: FORCE
	@$(MAKE) --no-print-directory -Bn V=1 VARIANT=$(VARIANT) $(BUILD)/ocrvl $(UNIT_BIN) | sed -n \
	  's/ \\$$//; s/[\\"]/\\&/g; s|^\([^@].* -MMD .* -o \([^ ]*\) \([^ ]*\.c\).*\)$$|{"directory": "$(CURDIR)", "file": "\3", "output": "\2", "command": "\1"},|p' | \
	  sed '1s/^/[/; $$s/,$$/]/' >$@

SOURCES := $(wildcard libocrvl/*.h libocrvl/*/*.[ch] libocrvl/*/*.inc formats/*.h formats/*/*.[ch] cli/*.[ch] cli/*/*.[ch] tests/*.h tests/*/*.[ch] examples/*.c)
# gcc's static analyzer; the kernels take it hours.
ANALYZED := $(patsubst %.c,$(BUILD)/%.analyzed,$(filter-out libocrvl/kern/%,$(CORE_SRC) $(FORMATS_SRC) $(CLI_SRC)))
analyze: $(ANALYZED)
$(BUILD)/%.analyzed: %.c Makefile
	@mkdir -p $(@D)
	$(call say,ANALYZE) $(CC) $(BASE_CFLAGS) -DOCRVL_DATADIR='""' $(CFLAGS) -fanalyzer -Werror -MMD -MP -MF $@.d -c -o $@ $<

format-check:
	@$(CLANG_FORMAT) --dry-run --Werror $(SOURCES)

format:
	@$(CLANG_FORMAT) -i $(SOURCES)

clean:
	rm -rf build compile_commands.json ocrvl-*.tar.gz $(PRODUCTS)

help:
	@echo "make             ocrvl, libocrvl and libocrvl-formats; VIDEO=0 without FFmpeg, URL=0 without curl; VARIANT=debug"
	@echo "make deps        install what building and testing need (Debian packages, as root or with sudo)"
	@echo "make check       all tests; check-san: the same under ASan and UBSan; PATTERN=cli/read: those that match; JOBS=4: at a time"
	@echo "make check-fresh the README's commands in bare systems of Debian 12 and 13 (as root, with mmdebstrap)"
	@echo "make check-formats  outputs before outside validators, as far as they are installed"
	@echo "make check-scale  ocrvl batch killed five hundred times, cut off from power, on three hosts, under Slurm and other schedulers; SHORT=1: less of each"
	@echo "make bench-scale  what archives cost: beside ocrvl read, a process a file, the journal of many pages"
	@echo "make fuzz        libFuzzer (clang, libclang-rt) on all that reads: TARGETS='json pdf', FUZZ_SECONDS=600 each"
	@echo "make check-arm   the tests that fit, cross-built for 64-bit ARM and run under qemu"
	@echo "make accuracy    lines found, reading order, error rates and text put on ink, on samples/pages and drawn pages;"
	@echo "                 TABLES=FOLDER: also tables, on ICDAR 2013's documents there (TABLES_DPI=200: as scans of 200 dpi)"
	@echo "make bench       seconds a page beside Tesseract"
	@echo "make bench-quant what packing as integers costs"
	@echo "make bench-llama LLAMA=.../llama-server: a page model beside llama.cpp on the same GGUF files"
	@echo "make install     to PREFIX=$(PREFIX), below DESTDIR if set; uninstall takes it away"
	@echo "make dist        ocrvl-$(VERSION).tar.gz of the last commit"
	@echo "make format-check  whether clang-format would change anything; format: changes it"
	@echo "make analyze     gcc's static analyzer over all but the kernels"
	@echo "make compile_commands.json  for editors and tools"
	@echo "make clean"

.PHONY: FORCE all check fuzz fuzz-targets check-scale bench-scale check-fresh check-arm check-formats check-san bench bench-llama bench-quant accuracy deps install uninstall dist format format-check analyze \
        clean help
-include $(BUILD)/failing/main.d $(ANALYZED:=.d) $(CORE_OBJ:.o=.d) $(SANITIZED_KERN:.o=.d) $(FORMATS_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(UNIT_BIN:=.d)
