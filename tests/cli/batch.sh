#!/bin/sh
# shellcheck shell=sh disable=SC2154 # rc is run's
# ocrvl batch: a folder of documents, good and bad, read with a journal; killed and begun again.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
see="see 'ocrvl batch --help'"
cd "$tmp" || exit 1

mkdir -p in/a/b
for i in 1 2 3 4 5 6; do variant one.pnm in/a/$i.pnm; done
cp blank.pnm in/a/b/blank.pnm
document in/a/b/doc.tif one.pnm three.pnm one.pnm one.pnm
document in/d.pdf one.pnm one.pnm
head -c 300 three.pnm >in/cut.pnm
echo garbage >in/bad.png
echo notes >in/notes.txt
echo hidden >in/.hidden.png

# ---- a run ------------------------------------------------------------------
expect 'a folder' 3 '' '*bad.png: not a PDF, *1 failed; 14 pages: 12 ok, 1 blank, 1 failed' \
    batch run -f text,alto --threads 1 arch in
(cd arch && find . -path ./.ocrvl -prune -o -type f -print | sort) >list
cat >want <<'END'
./alto/a/1.xml
./alto/a/2.xml
./alto/a/3.xml
./alto/a/4.xml
./alto/a/5.xml
./alto/a/6.xml
./alto/a/b/blank.xml
./alto/a/b/doc-0001.xml
./alto/a/b/doc-0002.xml
./alto/a/b/doc-0003.xml
./alto/a/b/doc-0004.xml
./alto/cut.xml
./alto/d-0001.xml
./alto/d-0002.xml
./text/a/1.txt
./text/a/2.txt
./text/a/3.txt
./text/a/4.txt
./text/a/5.txt
./text/a/6.txt
./text/a/b/blank.txt
./text/a/b/doc.txt
./text/cut.txt
./text/d.txt
END
cmp list want
pass 'each page has its place in the outputs' || diff list want
(cd in && for f in a/1.pnm a/b/doc.tif d.pdf; do
    "$OCRVL" read "$f" | cmp - "../arch/text/${f%.*}.txt" || exit 1
done && "$OCRVL" read -q -f alto -o ../doc.xml a/b/doc.tif && "$OCRVL" read -f alto a/1.pnm | cmp - ../arch/alto/a/1.xml) &&
    for i in 1 2 3 4; do cmp doc-000$i.xml arch/alto/a/b/doc-000$i.xml || exit 1; done
pass 'what ocrvl read writes, to the byte'
zcat arch/.ocrvl/results/*.gz | python3 -c '
import json, sys
pages = [json.loads(line) for line in sys.stdin]
sys.exit(len(pages) != 14 or {p["schema"] for p in pages} != {"ocrvl.page/1"})'
pass 'the results are JSON Lines for zcat'
expect 'status' 3 '11 documents: 10 done, 1 failed; 14 pages: 12 ok, 1 blank, 1 failed' '' batch status arch
expect 'what failed' 3 'bad.png		failed	unsupported
cut.pnm	1	failed	format' '' batch status --failed arch
expect 'as JSON' 3 '{"finished":true,"documents":{"pending":0,"done":10,*"failed":1}*}' '' batch status --json arch
before=$(find arch -type f | sort | xargs cat | sha256sum)
expect 'again: there is nothing to do' 3 '' '*10 done, 1 failed;*' batch run arch
[ "$before" = "$(find arch -type f | sort | xargs cat | sha256sum)" ]
pass 'and nothing is written'

# ---- what it knows ----------------------------------------------------------
cp three.pnm in/a/new.pnm
variant three.pnm in/a/1.pnm
expect 'a new document and a changed one' 3 '' '*12 documents: 11 done, 1 failed; 15 pages: 13 ok*' batch run arch in
"$OCRVL" read three.pnm >three.txt
cmp -s arch/text/a/new.txt three.txt && cmp -s arch/text/a/1.txt three.txt
pass 'both are read'
rm in/a/2.pnm
expect 'other options' 2 '' "ocrvl: batch: the folder was made with other options than those given now: --layout=line (--reread reads all pages again with these); $see" \
    batch run --layout line arch
expect 'other formats' 2 '' '*other options than those given now: --format=json, not --format=text,alto (batch export writes further formats)*' batch run -f json arch
expect 'to be read again' 3 '' '*a/2.pnm: No such file*1 failed, 1 missing; 14 pages:*' batch run --reread arch
[ -f arch/text/a/2.txt ]
pass 'outputs of a document that is missing stay'

# ---- names ------------------------------------------------------------------
mkdir same && cp one.pnm same/x.pnm && variant one.pnm same/x.ppm
expect 'two documents, one output' 2 '' "ocrvl: batch: the outputs of 'x.pnm' and 'x.ppm' would have the same name: --keep-suffix helps; $see" \
    batch run -f text arch2 same
expect 'then with --keep-suffix, in the same folder' 0 '' '*2 done*' batch run -f text --keep-suffix arch2 same
mkdir nothing
expect 'a folder without documents' 0 '' 'ocrvl: batch: no document was found, and nothing was begun' batch run -f text arch8 nothing
ln -s ../one.pnm nothing/out.pnm
ln -s nowhere.pnm nothing/dead.pnm
cp one.pnm nothing/there.pnm
expect 'then other options; a link to nothing, and one that leads out' 3 '' "ocrvl: */nothing/dead.pnm: the link leads to a file that isn't there
ocrvl: batch: 1 link leads out of its folder and was not followed (see --follow-links)
*1 done; 1 page: 1 ok" batch run -f alto arch8 nothing
expect '--keep-suffix, beside' 0 '' '*2 done*' batch run -f text --keep-suffix --place beside arch3 same
[ "$(ls same | tr '\n' ' ')" = 'x.pnm x.pnm.txt x.ppm x.ppm.txt ' ]
pass 'outputs stand beside their documents'
odd=$(printf 'n%%\351.pnm')
mkdir odd && cp one.pnm "odd/$odd"
find odd -name '*.pnm' -print0 >names
in=names
expect 'a name that is no UTF-8, on standard input' 0 '' '*1 done*' batch run -0 -f text arch4 -
in=
[ -f "arch4/text/${odd%.pnm}.txt" ] && grep -q '"name":"n%25%e9.pnm"' arch4/.ocrvl/inputs/*.jsonl
pass 'has its output and its line'

mkdir -p boxes/1 boxes/2 && cp one.pnm boxes/1/a.pnm && cp three.pnm boxes/2/a.pnm
expect 'documents of one name in two folders' 2 '' "ocrvl: batch: the outputs of 'a.pnm' and 'a.pnm' would have the same name: name a folder that holds both with --below; $see" \
    batch run -f text arch10 boxes/1 boxes/2
expect 'with --below' 0 '' '*2 done*' batch run -f text --below boxes arch10 boxes/1 boxes/2
find boxes -name '*.pnm' >names
in=names
expect 'on standard input, which are the same documents' 0 '' '*2 documents: 2 done*' batch run --below boxes arch10 -
in=
[ "$(cd arch10/text && echo */*)" = '1/a.txt 2/a.txt' ]
pass 'each has its output' || ls -R arch10/text
expect 'a file elsewhere' 3 '' 'ocrvl: one.pnm: it is not in the folder that --below names*' batch run --below boxes arch10 one.pnm
expect 'one folder' 0 '' '*1 done*' batch run -f text arch11 boxes/1
expect 'and another one later' 2 '' "ocrvl: batch: the batch has 'a.pnm' from '*/boxes/1' already, and the one from '*/boxes/2' would replace it: *--below, or another folder for the outputs; $see" \
    batch run arch11 boxes/2
mv boxes/1 boxes/moved
expect 'nor when the first is gone' 2 '' "*and the one from '*/boxes/2' would replace it: --reread *; $see" batch run arch11 boxes/2
expect 'a folder that was moved' 0 '' '*1 document: 1 done*' batch run arch11 boxes/moved
expect 'is known where it is now' 0 '' '' batch verify --inputs arch11
cp -p boxes/moved/a.pnm first.pnm && cp -p boxes/2/a.pnm boxes/moved/a.pnm
expect 'a file that is replaced' 0 '' '*1 document: 1 done*' batch run arch11 boxes/moved
cp -p first.pnm boxes/moved/a.pnm
expect 'and is put back' 0 '' '*1 document: 1 done*' batch run arch11 boxes/moved
"$OCRVL" read first.pnm | cmp - arch11/text/a.txt && "$OCRVL" batch verify arch11
pass 'has its own output again'
tab=$(printf 'two\tparts\nof\177a%%name.pnm')
mkdir tabs && cp one.pnm tabs/good.pnm && { printf 'P5\n400 300\n255\n' && head -c 60000 /dev/zero | tr '\0' '\377'; } >"tabs/$tab"
run batch run -f text arch9 tabs
expect 'a name with a tab and a line end in it, of a page that is partial' 1 'two%09parts%0aof%7fa%25name.pnm	1	partial	damaged' '' batch status --failed arch9
for name in "$tab" 'two%09parts%0aof%7fa%25name.pnm'; do
    expect 'retry takes either form of the name' 0 '' '*try again: 1' batch retry --status partial --doc "$name" arch9
    run batch run arch9
done
expect 'and says of another one that there is none' 2 '' "ocrvl: batch: no document of the batch is called 'nothing.pnm'; $see" \
    batch retry --doc nothing.pnm arch9
run batch report arch9
grep -A 1 'Why pages are partial' arch9/report.html | grep -q '<td>damaged</td><td class="n">1<' &&
    [ "$("$OCRVL" batch report --json arch9 | head -n 1)" = '{"doc":"two%09parts%0aof%7fa%25name.pnm","page":1,"status":"partial","warnings":1,"codes":"damaged"}' ]
pass 'the report says why pages are partial' || "$OCRVL" batch report --json arch9

expect 'its manifest' 0 '' '' batch manifest arch9
(cd arch9 && sha256sum -c --quiet --strict manifest-sha256.txt)
pass 'is what sha256sum reads' || cat arch9/manifest-sha256.txt

mkdir away && cp -p one.pnm away/1.pnm
"$OCRVL" batch run -q -f text --shard 1/2 arch12 away && mv away gone
run batch run arch12
expect 'documents of a folder that is away are missing' 3 '1 document: 1 missing; 0 pages' '' batch status arch12
mv gone away
expect 'and are read when it is back' 0 '' '*1 document: 1 done; 1 page: 1 ok' batch run arch12

# ---- mistakes ---------------------------------------------------------------
expect 'no action' 2 '' "ocrvl: batch: the action has to come first; $see" batch
expect 'an unknown action' 2 '' "ocrvl: batch: unknown action 'rnu' (did you mean 'run'?); $see" batch rnu arch
expect 'no folder' 2 '' "ocrvl: batch: run needs OUT, the folder of the batch; $see" batch run
expect 'status of no batch' 2 '' "ocrvl: in: 'ocrvl batch run' has not been started in this folder" batch status in
expect 'nothing begun' 2 '' "ocrvl: batch: nothing was begun in 'arch5': name the documents to be read; $see" batch run arch5
expect 'an input that is not there' 3 '' 'ocrvl: nowhere: No such file*' batch run -f text arch6 nowhere one.pnm
expect 'a format that is not there' 2 '' "ocrvl: batch: unknown format 'doc'; *" batch run -f doc arch7 in

# ---- stops ------------------------------------------------------------------
"$OCRVL" batch run -q --threads 1 -f text,alto stopped in 2>err &
pid=$!
for i in $(seq 500); do
    cat stopped/.ocrvl/journal/*.jsonl 2>/dev/null | grep -q '"t":"p"' && break
    sleep 0.02
done
kill -TERM $pid
wait $pid
[ $? -eq 75 ]
pass 'SIGTERM ends it with 75'
run batch status stopped
[ "$rc" -eq 75 ]
pass 'as does its status'
expect 'it goes on' 3 '' '*1 failed; 14 pages: *' batch run stopped
diff -r -x .ocrvl arch stopped | grep -v 'Only in arch/[a-z]*/a: 2.'
[ $? -eq 1 ]
pass 'with the same outputs'
mkdir kill
python3 "$top/tests/cli/batch_kill.py" "$OCRVL" in kill 6 1 --threads 1 >killed
pass 'killed and begun again' || sed 's/^/# /' killed
finish
