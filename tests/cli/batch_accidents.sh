#!/bin/sh
# shellcheck shell=sh disable=SC2154 # rc is run's
# Deaths that prove nothing against what was in hand, and those that do, but against something else than it seems.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
cd "$tmp" || exit 1
mkdir in hang range
for i in $(seq 16); do variant one.pnm in/$i.pnm; done
document in/z.pdf one.pnm one.pnm one.pnm
# shellcheck disable=SC2046 # words they are
document range/long.tif $(for i in $(seq 14); do echo one.pnm; done)
python3 "$top/tests/cli/batch_hang.py" hang/c.pdf # its second page takes its renderer for ever
children() { cat "/proc/$1/task/$1/children" 2>/dev/null; }
# wait_for OUT PATTERN: until a line of a journal matches.
wait_for() {
    for i in $(seq 1600); do
        grep -qh "$2" "$1"/.ocrvl/journal/*.jsonl 2>/dev/null && return 0
        sleep 0.01
    done
    return 1
}
"$OCRVL" batch run -q -j 1 -f text,pdf plain in

# The process that starts decoders is killed.
"$OCRVL" batch run -q -j 1 -f text,pdf starter in 2>err &
pid=$!
wait_for starter '"t":"p"' && for starter in $(children "$(children $pid | awk '{ print $NF }')"); do kill -KILL "$starter"; done
wait $pid
[ $? -eq 0 ] && grep -q 'the process that starts the decoders has died' err && diff -r -x .ocrvl plain starter
pass 'whoever lacks decoders is replaced, and no page has failed' || { cat err && "$OCRVL" batch status --failed starter; }
"$OCRVL" read -q in hang >read.txt 2>err &
pid=$!
for i in $(seq 1600); do [ -s read.txt ] && break || sleep 0.01; done
for starter in $(children $pid); do kill -KILL "$starter"; done
wait $pid
[ $? -eq 6 ] && [ "$(cat err)" = 'ocrvl: read: the process that starts the decoders has died' ]
pass 'read ends when it lacks decoders, and blames no page' || cat err

# There are no processes left.
cat >nofork.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>

pid_t fork(void)
{
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    if (strcmp(name, "ocrvl-starter") != 0)
        return ((pid_t (*)(void))dlsym(RTLD_NEXT, "fork"))();
    errno = EAGAIN;
    return -1;
}
C
${CC:-cc} -shared -fPIC -o nofork.so nofork.c -ldl
without_processes() { LD_PRELOAD="$tmp/nofork.so" ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" "$OCRVL" "$@" 2>err; }
without_processes read -q in
[ $? -eq 6 ] && grep -qx 'ocrvl: read: no process for decoding can be started: .*' err && [ "$(wc -l <err)" -eq 1 ]
pass 'read ends when no decoder can be started' || cat err
without_processes batch run -q -j 1 -f text,pdf none in
[ $? -eq 7 ] && grep -q 'no process for decoding can be started' err && ! "$OCRVL" batch status --failed none | grep -q .
pass 'batch as well, and no document has failed' || cat err
"$OCRVL" batch run -q -j 1 none && diff -r -x .ocrvl plain none
pass 'of which nothing is lost'

# Workers are killed before they have begun anything.
"$OCRVL" batch run -j 1 --unit 4 -f text idle in 2>err &
pid=$!
kills=$(python3 "$top/tests/cli/batch_new.py" $pid 9)
wait $pid
[ $? -eq 7 ] && [ "$kills" -lt 9 ] && grep -q 'the processes that read die with nothing in hand' err
pass 'a run ends when all its processes die at once' || { echo "# $kills kills" && cat err; }
"$OCRVL" batch run -j 2 --unit 4 -f text idle in 2>err &
pid=$!
wait_for idle '"t":"b"'
spared=$(grep -lh '"t":"b"' idle/.ocrvl/journal/*.jsonl | sed 's/.*\.\([0-9]*\)\.[0-9a-f]*\.jsonl$/\1/' | head -n 1)
kills=$(python3 "$top/tests/cli/batch_new.py" $pid 9 "$spared")
wait $pid
[ $? -eq 0 ] && [ "$kills" -lt 9 ] && grep -q 'one process fewer reads from now on' err && diff -r -x .ocrvl plain/text idle/text
pass 'while another one reads, it goes on' || { echo "# $kills kills" && cat err; }

# The program can no longer be started.
cp "$OCRVL" ocrvl
./ocrvl batch run -j 1 --unit 4 -f text,pdf unstarted in 2>err &
pid=$!
wait_for unstarted '"t":"b"' && chmod a-x ocrvl && kill -KILL "$(children $pid | awk '{ print $NF }')"
wait $pid
[ $? -eq 7 ] && grep -q 'the processes that read die with nothing in hand' err && ! "$OCRVL" batch status --failed unstarted | grep -q .
pass 'a run ends when its processes can not be started, and no page has failed' || cat err
expect 'one that finds another line reader says so' 2 '' \
    'ocrvl: unstarted: its results were read by another set of line readers beside the model (see --line-model); --reread reads all pages again' \
    batch run -q -j 1 unstarted
chmod a+x ocrvl && ./ocrvl batch run -q -j 1 unstarted && diff -r -x .ocrvl plain unstarted
pass 'and the next one reads them all'

# Who dies while a document is opened for a range dies of that range's first page, not of the document's.
expect 'of a document in ranges' 0 '' '' batch run -q -j 1 --unit 4 -f text ranges range
[ "$(sed -n 's/^{"t":"b","doc":"long.tif","of":"[0-9a-f]*",\("p":\([0-9]*\),\)*.*/\2/p' ranges/.ocrvl/journal/*.jsonl | sort -n | tr '\n' ' ')" = \
    ' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 ' ]
pass 'each page is begun once, and the document once' || grep -h '"t":"b"' ranges/.ocrvl/journal/*.jsonl

# kill_at OUT PATTERN WHAT: kills the whole run (run) or the process with the journal (worker) when a new journal ends with such a line.
: >seen
kill_at() {
    for i in $(seq 2000); do
        for j in "$1"/.ocrvl/journal/*.jsonl; do
            [ -f "$j" ] && ! grep -qx "$j" seen && tail -n 1 "$j" | grep -q "$2" || continue
            echo "$j" >>seen
            if [ "$3" = run ]; then kill -KILL -$pid; else kill -ABRT "$(echo "$j" | sed 's/.*\.\([0-9]*\)\.[0-9a-f]*\.jsonl$/\1/')"; fi
            return
        done
        sleep 0.01
    done
    kill -KILL -$pid
    return 1
}
begin() {
    setsid "$OCRVL" batch run -q -j 1 --in-process -f text "$@" 2>err &
    pid=$!
}
expect 'what is booked on a page is booked on that one, of pages that were chosen' 1 '' '*1 document: 1 done; 2 pages: 1 ok, 1 failed' \
    batch run -j 1 --in-process --page-timeout 2 --pages 2- -f text chosen hang
expect 'which is the second' 1 'c.pdf	2	failed	timeout' '' batch status --failed chosen
expect 'nothing else that was chosen is left' 1 '' '*1 document: 1 done; 1 page: 1 failed' \
    batch run -j 1 --in-process --page-timeout 2 --pages 2 -f text,alto one hang
[ "$(find one -name '*.xml')" = one/alto/c.xml ]
pass 'and nothing that was not chosen is read'
cp -rp hang hurt
expect 'a document that could be opened' 1 '' '*page 2*' batch run -q -j 1 --in-process --page-timeout 2 -f text opened hurt
head -c "$(wc -c <hang/c.pdf)" /dev/zero >hurt/c.pdf && touch -r hang/c.pdf hurt/c.pdf
"$OCRVL" batch retry opened 2>err
expect 'and can no longer' 1 '' '*1 document: 1 done; 3 pages: 2 ok, 1 failed' batch run -j 1 -f text opened hurt
expect 'loses the pages that were to be read, and no others' 1 'c.pdf	2	failed	unsupported' '' batch status --failed opened

# A run is killed twice with the page alone in hand, which isn't five times.
for death in 1 2; do
    begin alone hang
    kill_at alone '"c.pdf",.*"p":2,' worker && kill_at alone '"p":2,.*"alone":1' run
    wait $pid
done 2>/dev/null
begin alone hang
kill_at alone '"c.pdf",.*"p":2,' run && [ "$("$OCRVL" batch status alone | sed 's/.*; //')" = '3 pages: 2 pending, 1 ok' ]
pass 'two deaths of runs are none too many' || "$OCRVL" batch status alone
wait $pid 2>/dev/null
for death in 4 5; do # the third was the one above
    begin alone hang
    kill_at alone '"p":2,.*"alone":1' run
    wait $pid
done 2>/dev/null
begin alone hang
wait $pid
[ $? -eq 1 ] && [ "$("$OCRVL" batch status --failed alone)" = 'c.pdf	2	failed	crash' ]
pass 'five are' || cat err
"$OCRVL" batch retry alone 2>err
begin alone hang
kill_at alone '"c.pdf",.*"p":2,' run
pass 'made pending again, it is read again, since old deaths do not count' || cat err
wait $pid 2>/dev/null

# Nor do those of what its file was before.
for death in 1 2 3; do
    begin before hang
    kill_at before '"c.pdf",.*"p":2,' run
    wait $pid
done 2>/dev/null
touch -d '1 hour ago' hang/c.pdf
begin before hang
kill_at before '"c.pdf",.*"p":2,"c"' run
pass 'deaths of a file that is another one now do not put it off' || cat err
wait $pid 2>/dev/null
finish
