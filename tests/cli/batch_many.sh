#!/bin/sh
# shellcheck shell=sh disable=SC2154 # rc is run's
# ocrvl batch with several processes on one folder, and with pages that whoever reads them dies of.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
see="see 'ocrvl batch --help'"
cd "$tmp" || exit 1
mkdir -p in/a
for i in 1 2 3 4 5 6; do variant one.pnm in/a/$i.pnm; done
document in/b.pdf one.pnm three.pnm
began=$(date +%s)
"$OCRVL" batch run -q -j 1 -f text plain in
[ $? -eq 0 ]
pass 'an undisturbed run'
patience=$((3 * ($(date +%s) - began) + 5)) # longer than any page takes, sanitized or not, on a machine that gets busier
same() { diff -r -x .ocrvl plain "$1"; }
pages_of() { cat "$1"/.ocrvl/journal/*.jsonl | grep -c '"t":"p"'; }

# ---- several processes ------------------------------------------------------
"$OCRVL" batch run -q --unit 1 -j 2 -f text two in 2>err &
"$OCRVL" batch run --unit 1 -j 1 -f text two in 2>err2
second=$?
wait $!
[ $? -eq 0 ] && [ $second -eq 0 ] && same two
pass 'two runs at once with three processes: the same outputs' || cat err err2
run batch run --wait two
[ "$rc" -eq 0 ] && [ "$(pages_of two)" -eq 8 ] && [ -z "$(ls -A two/.ocrvl/claims)" ]
pass 'each page was read once, and no claim is left' || ls -lA two/.ocrvl/claims
for k in 0 1; do
    "$OCRVL" batch run -q -j 1 --unit 1 --shard $k/2 -f text sharded in || echo "shard $k: $?"
    pages_of sharded
done >shards
same sharded && [ "$(tail -n 1 shards)" -eq 8 ] && [ "$(head -n 1 shards)" -lt 8 ]
pass 'in two shards, one after the other' || cat shards
run batch status sharded
[ "$rc" -eq 0 ]
pass 'all is there'
SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=3 "$OCRVL" batch run -q -f text --unit 1 --shard auto auto in
[ $? -eq 0 ] && grep -l '"t":"p"' auto/.ocrvl/journal/*.jsonl >/dev/null && [ "$(pages_of auto)" -lt 8 ]
pass '--shard auto asks Slurm'
expect '--shard auto, and nobody to ask' 2 '' "ocrvl: batch: --shard auto: no scheduler says which task this is; $see" batch run --shard auto auto
expect 'a task that is none' 2 '' "ocrvl: batch: --shard: task 2 is none of 2, which count from 0; $see" batch run --shard 2/2 auto
JOB_COMPLETION_INDEX=1 run batch run --shard auto auto
[ "$rc" -eq 2 ] && grep -q 'give auto/N' "$tmp/err"
pass 'a number without a count is no shard'

# ---- ranges of one document ---------------------------------------------------
mkdir long
# shellcheck disable=SC2046 # words they are
document long/book.tif $(for i in 1 2 3 4 5 6; do echo one.pnm three.pnm; done)
"$OCRVL" batch run -q -j 2 --unit 2 -f text,json ranges long 2>err && [ "$(pages_of ranges)" -eq 12 ]
pass 'a document of several ranges of pages' || cat err
[ "$(grep -l '"t":"p"' ranges/.ocrvl/journal/*.jsonl | wc -l)" -eq 2 ] && grep -q '"n":12,"per":2' ranges/.ocrvl/journal/*.jsonl
pass 'is read by two processes, each page once'
(cd long && "$OCRVL" read -q -f text,json --output-dir ../whole book.tif) && cmp whole/book.txt ranges/text/book.txt && cmp whole/book.json ranges/json/book.json
pass 'and its outputs are in order, with the structure of all'
[ -z "$(ls -A ranges/.ocrvl/claims)" ]
pass 'no claim on a range is left' || ls -A ranges/.ocrvl/claims

# ---- claims -----------------------------------------------------------------
mkdir -p held/.ocrvl/claims
"$OCRVL" batch run -q -j 1 -f text --shard 0/1000 held in
for u in $(sed -n 's/.*"u":"\([0-9a-f]*\)".*/\1/p' held/.ocrvl/inputs/*.jsonl | sort -u); do
    echo '{"holder":"elsewhere.1.0","machine":"elsewhere/pid:[1]","pid":1,"start":1}' >held/.ocrvl/claims/"$u"
done
rm -rf held/text held/.ocrvl/journal held/.ocrvl/results
mkdir held/.ocrvl/journal held/.ocrvl/results
expect 'what a machine elsewhere holds is left to it' 0 '' '*others hold what is left here: 2 units of work' batch run held
touch -d '-1 hour' held/.ocrvl/claims/*
expect 'until its lease has run out' 0 '' '*8 pages: 8 ok' batch run held
same held
pass 'with the same outputs'

# ---- pages that nobody can read ---------------------------------------------
python3 "$top/tests/cli/batch_hang.py" in/c.pdf
expect 'a page that takes for ever' 1 '' '*c.pdf: page 2: nothing came of it for too long (--page-timeout)*8 done; 11 pages: 10 ok, 1 failed' \
    batch run -j 1 --in-process --page-timeout $patience -f text hung in
expect 'is the only one that failed' 1 'c.pdf	2	failed	timeout' '' batch status --failed hung
diff -r -x .ocrvl plain hung | grep -v 'Only in hung/text: c.txt'
[ $? -eq 1 ]
pass 'all others are as ever'
[ "$(tr '\f' '-' <hung/text/c.txt)" = "$(printf 'A line of text\n--A line of text')" ]
pass 'and it has its place among those of its document'
"$OCRVL" batch run -q -j 1 --in-process -f text crashed in 2>err &
pid=$!
kills=0 killed=' '
while kill -0 $pid 2>/dev/null && [ $kills -lt 20 ]; do # whoever has page 2 of c.pdf in hand, each once: it may take a while to die
    for j in crashed/.ocrvl/journal/*.jsonl; do
        [ -f "$j" ] || continue
        worker=$(echo "$j" | sed 's/.*\.\([0-9]*\)\.[0-9a-f]*\.jsonl$/\1/')
        case $killed in *" $worker "*) continue ;; esac
        tail -n 1 "$j" | grep -q '"t":"b","doc":"c.pdf",.*"p":2,' && kill -ABRT "$worker" 2>/dev/null && kills=$((kills + 1)) killed="$killed$worker "
    done
    sleep 0.05
done
wait $pid
[ $? -eq 1 ] && [ $kills -eq 2 ]
pass "a page that kills twice, the second time alone: $kills kills" || cat err
expect 'is the only one that failed' 1 'c.pdf	2	failed	crash' '' batch status --failed crashed
diff -r -x .ocrvl hung crashed
pass 'and all is as with the other'
finish
