#!/bin/sh
# shellcheck shell=sh disable=SC2154 # rc is run's
# What ocrvl batch finds, and that nothing it can't look at is passed over in silence.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
cd "$tmp" || exit 1
mkdir in elsewhere
for i in 1 2 3; do variant one.pnm in/$i.pnm; done
cp one.pnm elsewhere/e.pnm

# A file server that fails in the middle of a folder whose name ends with $BREAKS.
cat >breaks.c <<'C'
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int breaks(DIR *d)
{
    static int names;
    char link[64], path[4096];
    const char *end = getenv("BREAKS");
    snprintf(link, sizeof link, "/proc/self/fd/%d", dirfd(d));
    ssize_t n = readlink(link, path, sizeof path - 1), len = (ssize_t)strlen(end);
    if (n < len || strncmp(path + n - len, end, (size_t)len) != 0 || names++ < 3)
        return 0;
    errno = EIO;
    return 1;
}

#undef readdir
#undef readdir64
struct dirent *readdir(DIR *d) { return breaks(d) ? NULL : ((struct dirent * (*)(DIR *)) dlsym(RTLD_NEXT, "readdir"))(d); }
struct dirent64 *readdir64(DIR *d) { return breaks(d) ? NULL : ((struct dirent64 * (*)(DIR *)) dlsym(RTLD_NEXT, "readdir64"))(d); }
C
${CC:-cc} -shared -fPIC -o breaks.so breaks.c -ldl
broken() { # broken FOLDER ARG...
    folder=$1
    shift
    BREAKS=$folder LD_PRELOAD="$tmp/breaks.so" ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" "$OCRVL" "$@" >broken.out 2>err
}
"$OCRVL" batch run -q -j 1 -f text plain in
broken /in batch run -j 1 -f text half in
[ $? -eq 3 ] && grep -q 'in: Input/output error' err
pass 'a folder that can not be read to its end is told of' || cat err
"$OCRVL" batch run -q -j 1 half in && diff -r -x .ocrvl plain half
pass 'and read when it can'
broken /in read -q -f text in
[ $? -eq 3 ] && grep -q 'in: Input/output error' err
pass 'read says so as well' || cat err
for i in 1 2 3; do "$OCRVL" batch run -q -j 1 half in; done
broken /journal batch status plain
[ $? -eq 5 ] && grep -q 'journal.*: Input/output error' err && [ ! -s broken.out ]
pass 'journals that can not be listed are not taken for none' || cat broken.out err
cp -r plain part
broken /results batch merge half part
[ $? -eq 5 ] && grep -q 'results.*: Input/output error' err
pass 'nor is half a part merged' || cat err

# Names of documents.
mkdir names
for suffix in bmp BMP dib avif j2k jpx jpf jpe hif; do echo broken >names/$suffix.$suffix; done
echo text >names/notes.txt
expect 'what has the name of a document and is none has failed' 3 '' \
    '*1 file is not a document and was passed over*9 documents: 9 failed; 0 pages' batch run -j 1 -f text names.out names

# Outputs beside the documents.
mkdir -p beside
for i in 1 2; do variant one.pnm beside/$i.pnm; done
document beside/c.pdf one.pnm
cp beside/c.pdf c.pdf
expect 'an output that would replace its document' 2 '' \
    "ocrvl: batch: the output of 'c.pdf' would replace the document 'c.pdf': --keep-suffix helps; see 'ocrvl batch --help'" \
    batch run -q -j 1 -f pdf --place beside b.out beside
[ "$(ls beside)" = "$(printf '1.pnm\n2.pnm\nc.pdf')" ] && cmp c.pdf beside/c.pdf
pass 'is refused before anything is read'
cp c.pdf beside/1.pnm.pdf
expect 'as is one that would replace another' 2 '' \
    "ocrvl: batch: the output of '1.pnm' would replace the document '1.pnm.pdf'; see 'ocrvl batch --help'" \
    batch run -q -j 1 -f pdf --keep-suffix --place beside b.out beside
rm beside/1.pnm.pdf
expect 'with suffixes all have a place' 0 '' '*3 documents: 3 done*' batch run -j 1 -f text,pdf --keep-suffix --place beside b.out beside
expect 'and outputs are not taken for documents later' 0 '' '*3 documents: 3 done*' batch run -j 1 b.out beside
cp three.pnm beside/3.pnm
expect 'of which a new one is read' 0 '' '*4 documents: 4 done*' batch run -j 1 b.out beside
expect 'and is left alone' 0 '' '*4 documents: 4 done*' batch run -j 1 b.out beside
[ "$(ls beside/*.pdf)" = "$(printf 'beside/%s\n' 1.pnm.pdf 2.pnm.pdf 3.pnm.pdf c.pdf c.pdf.pdf)" ]
pass 'each has one PDF' || ls beside

# Links.
mkdir links && cp one.pnm links/a.pnm && ln -s ../elsewhere links/folder && ln -s ../elsewhere/e.pnm links/file.pnm
expect 'links that lead out' 0 '' '*2 links lead out of their folder and were not followed (see --follow-links)*1 document: 1 done*' \
    batch run -j 1 -f text links.out links
expect 'are followed to files, and folders are told of' 0 '' \
    '*1 link leads to a folder elsewhere and was not followed: name that folder*2 documents: 1 done, 1 duplicate*' \
    batch run -j 1 --follow-links links.out links
finish
