#!/bin/sh
# shellcheck shell=sh disable=SC2154 # rc is run's
# What becomes of the results that ocrvl batch keeps: documents with the same bytes take them, --no-keep drops them, damaged ones are
# made again. And limits: of open documents, of the time for a document, of memory.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
cd "$tmp" || exit 1
pages_of() { cat "$1"/.ocrvl/journal/*.jsonl | grep -c '"t":"p"'; }

# ---- documents with the same bytes --------------------------------------------
mkdir -p in/a in/b
cp one.pnm in/a/1.pnm
cp one.pnm in/a/2.pnm
variant one.pnm in/a/3.pnm # other bytes
document in/b/long.tif one.pnm three.pnm
cp in/b/long.tif in/again.tif
head -c 300 three.pnm >in/a/cut1.pnm
cp in/a/cut1.pnm in/a/cut2.pnm
expect 'two documents that have the bytes of others' 1 '' '*7 documents: 5 done, 2 duplicate; 9 pages: 7 ok, 2 failed' \
    batch run -j 1 -f text,jsonl same in
grep '"as":' same/.ocrvl/journal/*.jsonl | sed 's/.*"doc":"\([^"]*\)".*"as":"\([^"]*\)".*/\1 \2/' >as
printf '%s\n' 'a/2.pnm a/1.pnm' 'b/long.tif again.tif' 'b/long.tif again.tif' | cmp - as
pass 'take their results, but not those of failed pages' || cat as
expect '--no-dedupe' 1 '' '*7 documents: 7 done; 9 pages: 7 ok, 2 failed' batch run -j 1 --no-dedupe -f text,jsonl apart in
cut_times() { sed 's/"seconds":[0-9.]*//g' "$1"; }
diff -r same/text apart/text && for f in a/1 a/2 a/3 again b/long; do
    cut_times same/jsonl/$f.jsonl >x && cut_times apart/jsonl/$f.jsonl | cmp - x || exit 1
done
pass 'with the same outputs, under their own names'
cp in/b/long.tif in/later.tif
expect 'one that comes later' 1 '' '*8 documents: 5 done, 3 duplicate;*' batch run -j 1 same in
expect 'is whole' 0 '' '' batch verify --inputs same
expect 'status' 1 '{"finished":true,"documents":{"pending":0,"done":5,"failed":0,"missing":0,"changed":0,"duplicate":3}*' '' batch status --json same

# ---- results that aren't kept --------------------------------------------------
rm -r in/a/cut*
expect '--no-keep' 0 '' '*6 documents: 6 done; 9 pages: 9 ok' batch run -j 1 --no-keep -f text few in
[ -z "$(ls few/.ocrvl/results)" ] && (cd few/text && find . -type f | sort | xargs cat) >x && (cd apart/text && cat ./a/[123].txt ./again.txt ./b/long.txt ./again.txt) | cmp - x
pass 'keeps the outputs alone' || ls few/.ocrvl/results
expect 'which can be verified' 0 '' '' batch verify few
expect 'from which nothing is exported' 2 '' "ocrvl: batch: the results of this batch aren't kept (--no-keep): there is nothing to export;*" batch export -f alto few
expect 'a page of them is read again' 0 '' '*again: 1' batch retry --doc a/1.pnm --status ok few
cp few/text/a/1.txt x
expect 'when it is asked for' 0 '' '*6 done*' batch run -j 1 few
cmp x few/text/a/1.txt && [ -z "$(ls few/.ocrvl/results)" ]
pass 'and dropped again'
sed -i '/"t":"d","doc":"b\/long.tif"/d' few/.ocrvl/journal/*.jsonl # its outputs are to be written
rm few/text/b/long.txt
expect 'a document whose outputs are to be made again' 0 '' '*b/long.tif: 2 of its results are missing or damaged: these pages are read again*6 done*' batch run -j 1 few
cmp few/text/b/long.txt apart/text/b/long.txt && [ -z "$(ls few/.ocrvl/results)" ]
pass 'is read again'
expect 'report' 0 '' '' batch report --worst 1 few

# ---- results that are damaged --------------------------------------------------
result=$(grep -l . same/.ocrvl/results/*.gz | while read -r f; do zcat "$f" 2>/dev/null | grep -q '"path":"b/long.tif"\|b/long.tif' && echo "$f"; done | head -n 1)
printf 'XXXX' | dd of="$result" bs=1 seek=60 conv=notrunc 2>/dev/null
rm -r same/text/b
sed -i '/"t":"d","doc":"b\/long.tif"/d' same/.ocrvl/journal/*.jsonl # its outputs are to be written
expect 'a result that is damaged when outputs are written' 1 '' '*b/long.tif: 1 of its results are missing or damaged: these pages are read again*' batch run -j 1 same
cmp same/text/b/long.txt apart/text/b/long.txt
pass 'is made again'
expect 'and all is sound' 0 '' '' batch verify same

# ---- limits --------------------------------------------------------------------
mkdir many && for i in 1 2 3; do variant three.pnm many/$i.pnm; done
# shellcheck disable=SC2046 # words they are
document slow.tif $(for i in $(seq 60); do echo three.pnm; done)
run batch run -j 1 --doc-timeout 1 -f text slow slow.tif
grep -q 'slow.tif: the document took longer than --doc-timeout' err && [ "$rc" -eq 1 ] &&
    [ "$("$OCRVL" batch status --failed slow | cut -f 3,4 | sort -u)" = 'failed	timeout' ] && [ "$(tr -cd '\f' <slow/text/slow.txt | wc -c)" -ge 59 ]
pass '--doc-timeout: the pages that are not begun by then have failed, each in its place' || { cat err; "$OCRVL" batch status --failed slow | tail -n 1; }
"$OCRVL" batch run -q -j 4 --decoders 1 -f text few1 many && [ "$(find few1/.ocrvl/journal -name '*.jsonl' | wc -l)" -le 2 ] && [ "$(pages_of few1)" -eq 3 ]
pass '--decoders 1: one process reads'
"$OCRVL" batch run -q -j 1 --decoders 2 -f text few2 many && diff -r few1/text few2/text
pass '--decoders 2: with the same outputs'
expect '--max-memory' 0 '' '*1 process reads instead of 3, since each takes about * MiB and 300 MiB may be used*' batch run -j 3 --unit 1 --max-memory 300M -f text small many
SLURM_MEM_PER_CPU=150 SLURM_CPUS_ON_NODE=2 run batch run -j 3 --unit 1 -f text slurm many
grep -q '1 process reads instead of 3, .* 300 MiB may be used' err && diff -r small/text slurm/text
pass 'what Slurm gives counts as well' || cat err

# ---- what is read again and comes out the same ----------------------------------
mkdir odd && { printf 'P5 9 9 255\n' && head -c 81 /dev/zero | tr '\0' '\377'; } >odd/blank.pnm
run batch run -q -j 1 -f text same2 odd
for again in 1 2; do
    run batch retry --status blank same2
    run batch run -q -j 1 same2
done
expect 'a page that comes out the same when it is read again' 0 '{"finished":true,"documents":{"pending":0,"done":1,*' '' batch status --json same2
finish
