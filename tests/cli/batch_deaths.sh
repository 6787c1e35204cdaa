#!/bin/sh
# shellcheck shell=sh disable=SC2154 # rc is run's
# What ocrvl batch makes of a page that is in hand each time that the whole run is killed, which may be by chance.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
cd "$tmp" || exit 1
mkdir in
for i in 1 2; do variant one.pnm in/z$i.pnm; done
python3 "$top/tests/cli/batch_hang.py" in/c.pdf # its second page takes its renderer for ever
begin() { setsid "$OCRVL" batch run -q -j 1 --in-process --page-timeout 4000 -f text "$@" arch in 2>>err & }
# kill_at LINE: kills the run that was begun, all of it, when a journal ends with that line about page 2.
kill_at() {
    for i in $(seq 2000); do
        for j in arch/.ocrvl/journal/*.jsonl; do
            [ -f "$j" ] && ! grep -qx "$j" seen && tail -n 1 "$j" | grep -q "^{\"t\":\"b\",\"doc\":\"c.pdf\",.*\"p\":2,$1" || continue
            echo "$j" >>seen
            kill -KILL -$! && wait $!
            return 0
        done
        sleep 0.02
    done
    kill -KILL -$!
    return 1
}
: >seen
for death in 1 2 3; do
    begin
    kill_at '"c"' || echo "# not in hand before death $death"
done 2>/dev/null
run batch status arch
grep -q '^3 documents: 3 pending' "$tmp/out" && [ "$(wc -l <seen)" -eq 3 ]
pass 'three deaths with a page in hand, before all others' || { cat "$tmp/out" err; }
begin
kill_at '"alone":1' 2>/dev/null && [ "$("$OCRVL" batch status arch | cut -d ' ' -f 3-6)" = '1 pending, 2 done;' ]
pass 'put it off to the end, where it is alone' || { "$OCRVL" batch status arch; cat arch/.ocrvl/journal/*.jsonl; }
begin
kill_at '"alone":1' 2>/dev/null
run batch status arch
grep -q '5 pages: 2 pending, 3 ok' "$tmp/out" && [ "$rc" -eq 75 ]
pass 'so far nothing has failed' || cat "$tmp/out"
expect 'two deaths over it alone, and it has failed' 1 '' \
    '*c.pdf: page 2: ocrvl died 5 times while it read this page, 2 times of it alone*3 documents: 3 done; 5 pages: 4 ok, 1 failed' \
    batch run -j 1 --in-process --page-timeout 4000 arch
expect 'with its reason' 1 'c.pdf	2	failed	crash' '' batch status --failed arch
"$OCRVL" read one.pnm | cmp - arch/text/z2.txt && [ "$(tr '\f' '-' <arch/text/c.txt)" = "$(printf 'A line of text\n--A line of text')" ] &&
    [ -z "$(ls -A arch/.ocrvl/claims)" ]
pass 'and all else is there' || ls -A arch/.ocrvl/claims

# Somebody removes the journal of a process that hangs: it is ended all the same, and nothing is held against a page that no journal tells of.
"$OCRVL" batch run -q -j 1 --in-process --page-timeout 3 -f text gone in 2>err &
pid=$!
for i in $(seq 2000); do
    grep -ql '"t":"b","doc":"c.pdf",.*"p":2,' gone/.ocrvl/journal/*.jsonl 2>/dev/null && break
    sleep 0.02
done
sleep 1 # a coordinator that looks every few moments has seen it
rm gone/.ocrvl/journal/*.jsonl
wait $pid
[ $? -eq 1 ] && [ "$("$OCRVL" batch status --failed gone)" = 'c.pdf	2	failed	timeout' ] && diff -r -x .ocrvl -x c.txt arch gone
pass 'a process that hangs is ended, although its journal is gone' || { cat err && "$OCRVL" batch status --failed gone; }
finish
