#!/bin/sh
# shellcheck shell=sh disable=SC2154 # rc is run's
# What ocrvl batch makes of a writer that crashes, hangs or is killed while it writes an output, which a FIFO at the output's place
# holds up: each format, a hang, whole runs that die there, and images that are gone.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
cd "$tmp" || exit 1
formats='text json jsonl hocr alto page tsv markdown html dolma pdf csv xlsx'
list=$(echo "$formats" | tr ' ' ',')
suffix() { # FORMAT
    (cd plain/"$1" && echo text.*) | sed 's/^text//'
}
mkdir in
for f in $formats; do variant one.pnm in/$f.pnm; done
"$OCRVL" batch run -q -j 1 --no-dedupe -f "$list" plain in
pass 'an undisturbed run'

# ---- each format ------------------------------------------------------------
mkdir arch
for f in $formats; do # the document of that name has a FIFO for an output in that format
    mkdir arch/$f && mkfifo arch/$f/$f"$(suffix $f)"
done
python3 "$top/tests/cli/batch_writers.py" 6 14 worker "$OCRVL" batch run -q -j 1 --no-dedupe -f "$list" arch in >status 2>err
[ $? -eq 0 ] && [ "$(cat status)" = 1 ]
pass 'a writer that crashes in each format, and again: the run comes to its end, with 1' || { cat status err; }
[ "$(grep -c ': its output in the format [a-z]* is left out: the process that wrote it was ended by signal 6$' err)" -eq 13 ]
pass 'each output is told of' || cat err
for f in $formats; do echo "$f.pnm		unwritten	crash	$f"; done | sort >want
"$OCRVL" batch status --failed arch | sort | cmp - want
pass 'as the status says' || "$OCRVL" batch status --failed arch
expect 'all pages are there' 1 '13 documents: 13 done; 13 pages: 13 ok; 13 outputs can*t be written' '' batch status arch
expect 'as JSON' 1 '*"unwritten":13,*' '' batch status --json arch
find arch -type p >fifos
diff -r -x .ocrvl plain arch >differ 2>&1
[ "$(wc -l <fifos)" -eq 13 ] && [ "$(wc -l <differ)" -eq 13 ] && [ "$(grep -c 'is a fifo\|is a regular file' differ)" -eq 13 ]
pass 'and so are all other outputs of these documents, and of all' || cat differ
"$OCRVL" batch report arch && grep -A 30 'Outputs that could not be written' arch/report.html | grep -c '<td class="failed">crash' | grep -qx 13
pass 'the report has them'
rm arch/report.html
expect 'again: there is nothing to do' 1 '' '*13 outputs can*t be written' batch run arch
xargs rm <fifos
expect 'a try of one' 0 '' '*will try again: 1' batch retry --doc pdf.pnm arch
expect 'and of all others' 0 '' '*will try again: 12' batch retry --status unwritten --reason crash arch
expect 'they are written' 0 '' '*13 documents: 13 done; 13 pages: 13 ok' batch run -v arch
diff -r -x .ocrvl plain arch && "$OCRVL" batch verify arch && [ -z "$(find arch -name '.*.ocrvl-*')" ] && [ -z "$(ls -A arch/.ocrvl/claims)" ]
pass 'as by an undisturbed run, and nothing is left'

# ---- hangs ------------------------------------------------------------------
mkdir two && cp one.pnm two/a.pnm && cp three.pnm two/b.pnm
"$OCRVL" batch run -q -j 1 -f text,html,pdf plain2 two
mkdir -p hung/pdf && mkfifo hung/pdf/a.pdf
expect 'a writer that hangs' 1 '' '*a.pnm: its output in the format pdf is left out: nothing came of it for too long (--page-timeout)*' \
    batch run -q -j 1 --page-timeout 1 -f text,html,pdf hung two
expect 'costs its output' 1 'a.pnm		unwritten	timeout	pdf' '' batch status --failed hung
rm hung/pdf/a.pdf
diff -r -x .ocrvl plain2 hung >differ
[ "$(cat differ)" = 'Only in plain2/pdf: a.pdf' ]
pass 'and nothing else' || cat differ
expect 'folded journals say so too' 0 '' '' batch merge hung
expect 'what is lost' 1 'a.pnm		unwritten	timeout	pdf' '' batch status --failed hung
expect 'and it is written when it is tried again' 0 '' '*will try again: 1' batch retry hung
"$OCRVL" batch run -q hung && diff -r -x .ocrvl plain2 hung
pass 'with all of them'

# ---- whole runs -------------------------------------------------------------
mkdir -p dead/html && mkfifo dead/html/a.html
python3 "$top/tests/cli/batch_writers.py" 9 5 all "$OCRVL" batch run -q -j 1 -f text,html,pdf dead two >status 2>err
[ $? -eq 0 ] && [ "$(cat status)" = 1 ] && grep -q 'a.pnm: its output in the format html is left out: ocrvl died 5 times while it wrote it, 2 times of it alone' err
pass 'runs that are killed while they write it, five times' || cat status err
rm dead/html/a.html
diff -r -x .ocrvl plain2 dead >differ
[ "$(cat differ)" = 'Only in plain2/html: a.html' ]
pass 'do without it, and nothing else' || cat differ

# ---- images that are gone ---------------------------------------------------
mkdir three && cp one.pnm three/a.pnm && cp three.pnm three/b.pnm && mkdir -p gone/html && mkfifo gone/html/a.html
setsid "$OCRVL" batch run -q -j 1 -f text,html,pdf gone three 2>err &
for i in $(seq 500); do # both are read, and the first one's HTML is being written
    grep -qs '"t":"w"' gone/.ocrvl/journal/*.jsonl && break
    sleep 0.02
done
kill -KILL -$! && wait $! 2>/dev/null
rm three/a.pnm gone/html/a.html
run batch run -q gone
[ "$rc" -eq 1 ]
pass 'a document that is gone before its outputs are written' || cat status err
cat >want <<'END'
a.pnm		unwritten	io	html
a.pnm		unwritten	io	pdf
END
"$OCRVL" batch status --failed gone | sort | cmp - want && cmp plain2/text/a.txt gone/text/a.txt && cmp plain2/pdf/b.pdf gone/pdf/b.pdf
pass 'has those that need no image' || "$OCRVL" batch status --failed gone
finish
