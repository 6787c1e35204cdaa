#!/bin/sh
# shellcheck shell=sh disable=SC2154 # rc is run's
# What can be done with the results of a batch: verify, retry, export, merge, manifest.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
see="see 'ocrvl batch --help'"
cd "$tmp" || exit 1
mkdir -p in/a
cp one.pnm in/a/1.pnm
cp three.pnm in/a/2.pnm
document in/b.pdf one.pnm three.pnm
head -c 300 three.pnm >in/cut.pnm
echo garbage >in/bad.png
"$OCRVL" batch run -q -j 1 -f text arch in 2>err
[ $? -eq 3 ]
pass 'a run'

# ---- export and manifest ----------------------------------------------------
expect 'export' 0 '' '' batch export -f alto,jsonl arch
(cd in && "$OCRVL" read -q -f alto,jsonl --output-dir ../both b.pdf && cmp ../both/b.jsonl ../arch/jsonl/b.jsonl && rm -r ../both && "$OCRVL" read -f alto a/1.pnm | cmp - ../arch/alto/a/1.xml)
pass 'writes what ocrvl read does'
expect 'manifest' 0 '' '' batch manifest arch
[ "$(wc -l <arch/manifest-sha256.txt)" -eq 13 ] && (cd arch && sha256sum -c --quiet manifest-sha256.txt)
pass 'sha256sum -c is content with it' || cat arch/manifest-sha256.txt

# ---- verify -----------------------------------------------------------------
expect 'all is as it was written' 0 '' '' batch verify --inputs arch
echo x >>arch/text/a/1.txt
rm arch/alto/b-0002.xml
cp in/a/1.pnm in/a/2.pnm
expect 'what is not' 1 'alto/b-0002.xml: is missing
text/a/1.txt: has changed since it was written
a/2.pnm: has changed since it was read' '' batch verify --inputs arch
cp three.pnm in/a/2.pnm
expect 'export writes it again' 0 '' '' batch export -f alto,text arch
expect 'then it is as it was' 0 '' '' batch verify arch
result=$(ls arch/.ocrvl/results/*.gz | head -n 1)
cp "$result" kept
printf 'X' | dd of="$result" bs=1 seek=100 conv=notrunc 2>/dev/null
run batch verify arch
[ "$rc" -eq 1 ] && grep -q 'page 1: the result is not the one that was recorded' "$tmp/out"
pass 'a result with one byte changed is found'
cp kept "$result"

# ---- retry ------------------------------------------------------------------
expect 'retry of what failed' 0 '' "ocrvl: batch: pages, documents and outputs that 'ocrvl batch run arch' will try again: 2" batch retry arch
expect 'makes it pending' 75 '5 documents: 2 pending, 3 done*' '' batch status arch
variant three.pnm in/cut.pnm
touch -r in/bad.png in/bad.png
expect 'the next run reads it' 3 '' '*5 documents: 4 done, 1 failed; 5 pages: 5 ok*' batch run -j 1 arch
"$OCRVL" read three.pnm | cmp - arch/text/cut.txt
pass 'as the document is now'
expect 'only by reason' 0 '' "ocrvl: batch: pages, documents and outputs that 'ocrvl batch run arch' will try again: 0" batch retry --reason timeout arch
expect 'only one document' 0 '' "ocrvl: batch: pages, documents and outputs that 'ocrvl batch run arch' will try again: 1" batch retry --status ok --doc a/1.pnm arch
expect 'a status that is none' 2 '' "ocrvl: batch: 'good' is no status; $see" batch retry --status good arch
expect 'which is read again' 3 '' '*4 done, 1 failed*' batch run -j 1 arch
expect 'with the same bytes' 0 '' '' batch verify arch
cp -r arch turned # as if the hosts that came first had the names that are last
for f in $(ls arch/.ocrvl/journal | sort -r); do
    i=$((${i:-9} + 1)) name=${f%.jsonl}
    mv turned/.ocrvl/journal/$f turned/.ocrvl/journal/a$i.$name.jsonl
    for g in turned/.ocrvl/results/*.$name.gz; do [ ! -f $g ] || mv $g turned/.ocrvl/results/$(basename $g .$name.gz).a$i.$name.gz; done
done
expect 'the order of the journals' 3 '5 documents: 4 done, 1 failed; 5 pages: 5 ok' '' batch status turned
expect 'makes no difference' 0 '' '' batch verify turned

# ---- report -----------------------------------------------------------------
expect 'report' 0 '' '' batch report --worst 2 arch
python3 - <<'END'
import html.parser
import sys

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.count, self.views, self.bad = [], {}, [], []
    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag not in ("meta", "img", "br", "link", "input", "wbr", "hr"):
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href") and not value.startswith(("data:", "#p")):
                self.bad.append(value)
            if name == "srcdoc":
                self.views.append(value)
    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.bad.append("</%s>" % tag)

page = Page()
text = open("arch/report.html", encoding="utf-8").read()
page.feed(text)
sys.exit(page.count["details"] != 2 or page.count["iframe"] != 2 or len(page.views) != 2 or page.bad or page.open
         or "data:image/jpeg;base64," not in page.views[0] or "bad.png" not in text or "script" in page.count)
END
pass 'one HTML file, with two pages and their images, that needs nothing else'
"$OCRVL" batch report --json arch >list
python3 -c '
import json, sys
worst = [json.loads(line)["worst"] for line in open("list")]
sys.exit(len(worst) != 5 or worst != sorted(worst))'
pass 'as a list, the worst tenth of lines first'
grep -q '<h2>Documents with their worst page</h2>' arch/report.html && [ "$(grep -c '<td class="n"><a href="#p' arch/report.html)" -eq 2 ] &&
    [ "$(grep -o '<details id="p[0-9]*"' arch/report.html | tr '\n' ' ')" = '<details id="p0" <details id="p1" ' ]
pass 'documents lead to their worst page'
cp -r arch ink
python3 - <<'END' # the page that is surest is said to have ink without text
import glob, json, zlib
worst = [json.loads(line) for line in open("list")][-1]
for path in glob.glob("ink/.ocrvl/journal/*.jsonl"):
    lines = open(path).read().splitlines()
    for i, line in enumerate(lines):
        about = json.loads(line)
        if (about["t"], about.get("doc"), about.get("p")) == ("p", worst["doc"], worst["page"]):
            body = line[:line.rindex(',"c":"')].replace('"s":"ok"', '"s":"ok","w":["unread"]')
            lines[i] = '%s,"c":"%08x"}' % (body, zlib.crc32(body.encode()))
    open(path, "w").write("\n".join(lines) + "\n")
END
"$OCRVL" batch report --json ink | head -n 1 | cut -d , -f 1,2 >first && tail -n 1 list | cut -d , -f 1,2 | cmp - first
pass 'a page with ink and no text stands high, however sure its words are' || cat first list

# ---- pages ------------------------------------------------------------------
document long.pdf one.pnm three.pnm one.pnm three.pnm one.pnm
expect '--pages' 0 '' '*1 document: 1 done; 3 pages: 3 ok' batch run -j 1 -f text --pages 2,4- some long.pdf
"$OCRVL" read --pages 2,4- long.pdf | cmp - some/text/long.txt
pass 'reads these pages alone'
expect 'again: there is nothing to do' 0 '' '*1 done; 3 pages: 3 ok' batch run some

# ---- what is taken, and how it is shown ----------------------------------------
expect '--include and --exclude' 0 '' '*1 document: 1 done; *' batch run -j 1 -f text --include 'a/*,*.pdf' --exclude 'b.*,2.*' picked in/a in/b.pdf
mkdir bad && for i in 1 2 3 4; do echo garbage >bad/$i.png; done
run batch run -j 1 -f text --max-failures 2 many bad
[ "$rc" -eq 1 ] && grep -q 'more pages have failed than --max-failures 2 allows' "$tmp/err"
pass '--max-failures' || cat "$tmp/err"
expect '--max-failures that is no number' 2 '' "*'x%' for --max-failures must be a number*" batch run --max-failures x% many
"$OCRVL" batch run -j 1 -f text --progress json shown2 one.pnm 2>err
sed '/^{/!d' err | python3 -c '
import json, sys
last = [json.loads(line) for line in sys.stdin][-1]
sys.exit(last["pages_done"] != 1 or last["documents_finished"] != 1 or last["slowest"]["doc"] != "one.pnm")'
pass '--progress json' || cat err
"$OCRVL" batch status --prometheus shown2 >metrics
grep -qx 'ocrvl_batch_pages{status="ok"} 1' metrics && [ "$(grep -c '^# TYPE' metrics)" -eq 3 ]
pass 'status --prometheus' || cat metrics
if command -v promtool >/dev/null; then
    promtool check metrics <metrics
    pass 'promtool is content with it'
fi
mkdir new && cp one.pnm new/1.pnm
"$OCRVL" batch run -q -j 1 -f text --watch 1 watched new 2>err &
pid=$!
for i in $(seq 300); do [ -f watched/text/1.txt ] && break || sleep 0.1; done
variant one.pnm new/2.pnm
for i in $(seq 300); do [ -f watched/text/2.txt ] && break || sleep 0.1; done
kill -TERM $pid
wait $pid
rc=$?
cmp watched/text/1.txt watched/text/2.txt && [ $rc -eq 0 ]
pass "--watch takes what comes later, until a signal comes" || echo "# $rc"

cp three.pnm new/1.pnm
run batch run -q --shard 999/1000 watched new # which has no unit
expect 'a document whose file is another one now' 75 '2 documents: 1 done, 1 changed; 1 page: 1 ok' '' batch status watched
expect 'is read again' 0 '' '*2 done*' batch run -j 1 watched

# ---- no room ----------------------------------------------------------------
(ulimit -f 4 && exec "$OCRVL" batch run -q -j 1 -f alto small in) 2>err
[ $? -eq 5 ] && grep -q 'small/.*: File too large' err
pass 'a file that has no room ends the run with 5' || cat err
run batch run -j 1 small
[ "$rc" -eq 3 ] && diff -r -x cut.xml small/alto arch/alto
pass 'and it goes on when there is room'

# ---- merge ------------------------------------------------------------------
"$OCRVL" batch run -q -j 1 --unit 1 -f text whole in 2>err
for k in 0 1; do
    "$OCRVL" batch run -q -j 1 --unit 1 -f text --shard $k/2 part$k in 2>err
done
expect 'merge' 0 '' '' batch merge both part0 part1
run batch status both
[ "$rc" -eq 3 ] && diff -r -x .ocrvl whole both
pass 'two parts are the whole' || cat "$tmp/out"
run batch run both
[ "$rc" -eq 3 ] && [ "$(cat both/.ocrvl/journal/*.jsonl | grep -c '"t":"p"')" -eq 5 ]
pass 'and nothing is left to be read'
"$OCRVL" batch run -q -j 1 -f text --layout line other one.pnm
expect 'what was made otherwise is refused' 2 '' "ocrvl: batch: 'other' was made with another model, prompt or other options; $see" batch merge both other

# ---- folding --------------------------------------------------------------------
"$OCRVL" batch retry -q both && "$OCRVL" batch run -q -j 2 --unit 1 both 2>err
before=$("$OCRVL" batch status both; "$OCRVL" batch status --failed both; "$OCRVL" batch report --json both)
"$OCRVL" batch manifest both && mv both/manifest-sha256.txt manifest
ln both/.ocrvl/batch.json both/.ocrvl/claims/.elsewhere && touch both/.ocrvl/claims/.elsewhere
expect 'merge while somebody is at work' 75 '' 'ocrvl: both: a process may be at work in it: try again when it has ended' batch merge both
rm both/.ocrvl/claims/.elsewhere
expect 'merge of one folder' 0 '' '' batch merge both
[ "$(ls both/.ocrvl/journal | wc -l)" -eq 1 ] && [ "$(ls both/.ocrvl/inputs | wc -l)" -eq 1 ] && ! grep -q '"t":"[vbw]"' both/.ocrvl/journal/*
pass 'leaves one journal and one list, and no line that counts for nothing'
after=$("$OCRVL" batch status both; "$OCRVL" batch status --failed both; "$OCRVL" batch report --json both)
"$OCRVL" batch manifest both
[ "$before" = "$after" ] && cmp manifest both/manifest-sha256.txt && "$OCRVL" batch verify both
pass 'all is known as before, and sound'
"$OCRVL" batch export -q -f json both && "$OCRVL" batch export -q -f json whole && diff -r whole/json both/json
pass 'and can be exported'
run batch run both
[ "$rc" -eq 3 ] && [ "$(ls both/.ocrvl/journal | wc -l)" -eq 2 ]
pass 'there is nothing left to be read'

head -c 200 one.pnm >cut1.pnm && "$OCRVL" batch run -q -j 1 -f text again cut1.pnm 2>err
"$OCRVL" batch retry -q again && "$OCRVL" batch run -q -j 1 again 2>err
expect 'a document that was read again, folded' 0 '' '' batch merge again
expect 'is finished' 1 '1 document: 1 done; 1 page: 1 failed' '' batch status again

# ---- journals that lie --------------------------------------------------------
"$OCRVL" batch run -q -j 1 -f text lies one.pnm 2>err
before=$("$OCRVL" batch status lies)
python3 - lies/.ocrvl/journal/*.jsonl <<'P'
import sys, zlib
page = next(l for l in open(sys.argv[1]) if l.startswith('{"t":"p"'))
with open("lies/.ocrvl/journal/x.1.y.jsonl", "wb") as f:
    def put(text):
        text = text.encode()
        f.write(text + b',"c":"%08x"}\n' % zlib.crc32(text))
    body = page[:page.index(',"c":')]
    about = body[len('{"t":"p"'):body.index(',"p":')]
    put(body.replace('"u":"', '"u":"../'))             # a result elsewhere
    put(body.replace('"p":1', '"p":99999999999999999999'))
    put(body.replace('"p":1', '"p":-1'))
    put(body + "".join(',"m%d":0' % i for i in range(40)))    # more members than a line has
    put(body + ',"w":[[[[["a"')                        # without an end
    put('{"t":"p"' + about.replace('"of":"', '"of":"0'))
    put('{"t":"d"%s,"sum":"00000000","out":[["a%%00b*",1,"x"],7,["*",-1,"%s="],[[]' % (about, "A" * 43))
    put('{"t":"n"%s,"n":1.5' % about.replace("one.pnm", "two.pnm"))
    put('{"t":"p","doc":"\\u0000","of":"00000000"')
    put('{"t":"p","doc":"\\ud800","of":"00000000"')
    put("[")
    f.write(b',"c":"00000000"}\n"c":"00000000"}\n\0\n{"t":"p"')
P
after=$("$OCRVL" batch status lies 2>err)
[ "$before" = "$after" ]
pass 'lines that say what no line says change nothing' || printf '# %s\n' "$before" "$after"
"$OCRVL" batch run -q -j 1 lies && "$OCRVL" batch verify lies >out
pass 'and the batch is as sound as before' || cat out

# ---- formats that show the page images -----------------------------------------
mkdir pictures && cp one.pnm pictures/a.pnm && echo garbage >pictures/b.tif
document pictures/c.pdf one.pnm
"$OCRVL" read -f pdf -o pictures/text.pdf one.pnm # it has text of its own, which stays
run batch run -j 1 -f pdf,html,text shown pictures
[ "$rc" -eq 3 ] && for f in a c text; do
    "$OCRVL" read -q -f pdf -o want.pdf "$(ls pictures/$f.*)" && pdftotext want.pdf want && pdftotext "shown/pdf/$f.pdf" have &&
        cmp want have || break
done && [ "$f" = text ] && [ -s want ]
pass 'PDFs have the words that read gives them' || cat err
[ "$(pdfimages -list shown/pdf/a.pdf | tail -n +3 | wc -l)" -eq 1 ] && grep -q 'src="data:image' shown/html/a.html
pass 'and their images, as HTML has'
[ "$(grep -c Tj shown/pdf/text.pdf)" -eq "$(grep -c Tj pictures/text.pdf)" ]
pass 'a page with text gets no second one'
"$OCRVL" batch export -f pdf shown && "$OCRVL" batch run -q -j 1 -f text later pictures 2>err
"$OCRVL" batch export -q -f pdf later 2>err
cmp shown/pdf/a.pdf later/pdf/a.pdf && cmp shown/pdf/c.pdf later/pdf/c.pdf
pass 'export makes the same' || cat err
"$OCRVL" batch run -q -j 1 -f html --no-images plain one.pnm && "$OCRVL" read -f html --no-images one.pnm | cmp - plain/html/one.html
pass '--no-images'
mkdir gone && cp one.pnm three.pnm gone && "$OCRVL" batch run -q -j 1 -f text went gone && rm gone/one.pnm
expect 'without the document' 3 '' "ocrvl: one.pnm: the page images for its outputs can't be read: *
ocrvl: one.pnm: its output in the format pdf is left out" batch export -f pdf,alto went
[ "$(cd went && echo pdf/* alto/*)" = 'pdf/three.pdf alto/one.xml alto/three.xml' ]
pass 'its other outputs and those of other documents are written' || find went -name .ocrvl -prune -o -type f -print
finish
