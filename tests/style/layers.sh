#!/bin/sh
# The law of includes (CONTRIBUTING.md): base < kern < model; base < unicode < tokenizer, markup; tree, layout and align
# see base alone, structure base and tree; generate sees model and tokenizer; read sees all of these. formats and cli see the headers of the
# project's root libraries (ocrvl.h, ocrvl_formats.h, ocrvl_dev.h) and base alone, but for formats/in, which rehearses the writing of PDFs of formats/out. Nowhere is there a circle.
n=0
allow() { # folder, extended regexp of what it may include in quotes
    bad=$(grep -HnE '^#include "' "$1"/*.[ch] 2>/dev/null | grep -vE "#include \"($2)\"")
    n=$((n + 1))
    if [ -z "$bad" ]; then echo "ok $n - $1 includes downward only"; else echo "not ok $n - $1 includes:"; echo "$bad"; fi
}
pub='ocrvl\.h|ocrvl_dev\.h'
allow libocrvl/base "$pub|base/[a-z0-9_]+\.h"
allow libocrvl/kern "$pub|(base|kern)/[a-z0-9_]+\.(h|inc)"
allow libocrvl/model "$pub|(base|kern|model)/[a-z0-9_]+\.h"
allow libocrvl/unicode "$pub|(base|unicode)/[a-z0-9_]+\.h"
for m in tokenizer markup; do allow libocrvl/$m "$pub|(base|unicode|$m)/[a-z0-9_]+\.h"; done
for m in tree layout align; do allow libocrvl/$m "$pub|(base|$m)/[a-z0-9_]+\.h"; done
allow libocrvl/structure "$pub|(base|tree|structure)/[a-z0-9_]+\.h"
allow libocrvl/generate "$pub|(base|kern|model|unicode|tokenizer|generate)/[a-z0-9_]+\.h"
allow libocrvl/read "$pub|(base|kern|model|unicode|tokenizer|markup|tree|structure|layout|align|generate|read)/[a-z0-9_]+\.h"
allow formats/in "$pub|ocrvl_formats\.h|base/[a-z0-9_]+\.h|in/[a-z0-9_]+\.h|out/(qpdf|pdfa)\.h"
allow formats/out "$pub|ocrvl_formats\.h|base/[a-z0-9_]+\.h|out/[a-z0-9_]+\.h"
allow cli "$pub|ocrvl_formats\.h|base/[a-z0-9_]+\.h|[a-z0-9_]+\.h"
allow cli/batch "$pub|ocrvl_formats\.h|base/[a-z0-9_]+\.h|[a-z0-9_]+\.h|batch/[a-z0-9_]+\.h"

# One foreign library, one place.
owner() { # header pattern, files that may include it
    bad=$(grep -rlE "#include <$1" libocrvl formats cli --include='*.[ch]' | grep -vE "^($2)$")
    n=$((n + 1))
    if [ -z "$bad" ]; then echo "ok $n - <$1> in its own place"; else echo "not ok $n - <$1> included by:" $bad; fi
}
owner 'jansson' 'libocrvl/base/json\.c'
owner 'leptonica|allheaders' 'libocrvl/layout/.*'
owner 'unicode/' 'libocrvl/(unicode|tokenizer|markup)/.*'
owner 'cblas|openblas' 'libocrvl/kern/blas\.c'
owner '(poppler|glib|gio)' 'formats/in/pdf(_[a-z]+)?\.[ch]'
owner 'tiff' 'formats/in/tiff(_[a-z]+)?\.[ch]'
owner 'jpeglib' 'formats/in/jpeg(_blocks)?\.c|formats/out/jpeg\.c'
owner 'png' 'formats/in/png\.c|formats/out/png\.c'
owner 'openjpeg' 'formats/in/jp2\.c'
owner 'webp' 'formats/in/webp\.c'
owner 'gif_lib' 'formats/in/gif\.c'
owner 'libheif' 'formats/in/heif\.c'
owner 'openssl' 'libocrvl/base/digest\.c'
owner 'zlib' 'formats/out/deflate\.c|formats/in/flate\.c|cli/batch/gzip\.c'
owner 'qpdf' 'formats/out/(qpdf\.c|pdfa\.[ch])|formats/in/(scan|pdf_(contents|mend|check|picture|picture_check|picture_sizes|kids|lang|recover))\.[ch]'
owner 'fontconfig' 'formats/in/fontdirs\.c'
owner 'seccomp' 'formats/in/confine\.c'
owner 'curl' 'formats/in/(url_http|http_get)\.c'
owner 'lib(av|sw)' 'formats/in/libav\.h'
owner 'libxml' 'formats/out/xmlout\.c|formats/in/(xmlin|mets)\.c'

# Circles of includes, and type names with two meanings.
n=$((n + 1))
if bad=$(python3 tests/style/circles.py); then echo "ok $n - no circle of includes, no type name twice"; else echo "not ok $n - circles and names:"; echo "$bad"; fi

# Functions that can't be used safely.
n=$((n + 1))
bad=$(grep -rnwE 'sprintf|strcpy|strcat|atoi|atof|gets|strtok|alloca|setlocale' libocrvl formats cli --include='*.[ch]' | grep -E '(sprintf|strcpy|strcat|atoi|atof|gets|strtok|alloca|setlocale) *\(' )
if [ -z "$bad" ]; then echo "ok $n - no banned functions"; else echo "not ok $n - banned functions:"; echo "$bad"; fi

# What differs by the C library's version or by the processor has its own in base/maths.c.
n=$((n + 1))
inexact='exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|sincos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|erf|erfc|cbrt|hypot|lgamma|tgamma'
bad=$(nm -u "$OCRVL_BUILD/libocrvl.a" "$OCRVL_BUILD/libocrvl-formats.a" 2>/dev/null | grep -E "^ +U ($inexact)f?$" | sort -u)
if [ -z "$bad" ]; then echo "ok $n - no function of libm whose last bit is not settled"; else echo "not ok $n - functions of libm:" $bad; fi

# Every global of the libraries begins with ocrvl_.
n=$((n + 1))
bad=$(nm -g --defined-only "$OCRVL_BUILD/libocrvl.a" "$OCRVL_BUILD/libocrvl-formats.a" 2>/dev/null | awk 'NF == 3 && $2 ~ /[A-Z]/ {print $3}' | grep -vE '^(ocrvl_|__|_ZN)' | grep -v '^$')
if [ -z "$bad" ]; then echo "ok $n - every global has the ocrvl_ prefix"; else echo "not ok $n - globals without prefix:" $bad; fi

# What a shared library shows is what its installed header declares.
shows() { # library, header
    n=$((n + 1))
    list=$(mktemp -d)
    tr '\n' ' ' <"$2" | tr ';' '\n' | sed -n 's/.*OCRVL_API[^(]*[ *]\(ocrvl_[a-z0-9_]*\)(.*/\1/p' | sort >"$list/declared"
    nm -D --defined-only "$OCRVL_BUILD/$1" | awk '$2 ~ /[A-Z]/ {print $3}' | grep '^ocrvl_' | sort >"$list/shown"
    if diff "$list/declared" "$list/shown" >"$list/diff"; then
        echo "ok $n - $1 shows the public API"
    else
        echo "not ok $n - $1 and $2 differ (< declared, > shown):"
        cat "$list/diff"
    fi
    rm -r "$list"
}
shows libocrvl.so libocrvl/ocrvl.h
shows libocrvl-formats.so formats/ocrvl_formats.h
echo "1..$n"
