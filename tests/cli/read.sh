#!/bin/sh
# ocrvl read on good documents.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
cd "$tmp" || exit 1

expect 'a page' 0 'who wanted*Manfred*obeyed*inquiring*' '' read three.pnm
cp out three.txt
if command -v script >/dev/null; then
    script -qec "'$OCRVL' read --no-progress -o /dev/null three.pnm three.pnm" /dev/null </dev/null >out
    [ "$(grep -c 'ocrvl: read: using nano, .*-m DIR or $OCRVL_MODEL' out)" -eq 1 ]
    pass 'the note about the model stands on a terminal, once'
    script -qec "'$OCRVL' read -q --no-progress -o /dev/null three.pnm" /dev/null </dev/null >out
    [ ! -s out ]
    pass '--quiet takes the note away' || cat out
fi
[ "$(grep -c . three.txt)" -eq 3 ]
pass 'a line of the page is a line of text'
in=three.pnm
expect 'standard input without operand' 0 'who wanted*' '' read -q
cmp -s out three.txt
pass 'and its text is the same'
expect 'standard input as -' 0 'who wanted*' '' read -q -
in=
expect 'a blank page gives no text' 0 '' '' read -q blank.pnm

expect 'several files are one output, in order' 0 '*' '' read -q one.pnm three.pnm
"$OCRVL" read -q one.pnm >one.txt
{ cat one.txt && printf '\f' && cat three.txt; } >both.txt
cmp -s both.txt out
pass 'with a form feed between pages'
cat one.pnm three.pnm >stream.pnm
expect 'images one after the other are pages' 0 '*' '' read -q stream.pnm
cmp -s both.txt out
pass 'and read the same'
document two.pdf one.pnm three.pnm
expect 'so are the pages of a PDF' 0 '*' '' read -q two.pdf
cmp -s both.txt out
pass 'in their own pixels'
expect '--pages 2' 0 '*' '' read -q --pages 2 two.pdf
cmp -s three.txt out
pass 'is the second page'
expect '--pages past the end' 3 '' 'ocrvl: two.pdf: there is no page 3 in a document of 2' read -q --pages 3- two.pdf

for f in text json jsonl hocr alto tsv markdown html dolma pdf; do
    "$OCRVL" read -q -f $f --threads 1 one.pnm three.pnm blank.pnm >"$f.1" && "$OCRVL" read -q -f $f --threads 2 one.pnm three.pnm blank.pnm >"$f.2"
    cmp -s "$f.1" "$f.2"
    pass "$f is the same for 1 and 2 threads" || diff "$f.1" "$f.2" | head -c 500 | sed 's/^/# /'
    "$OCRVL" read -q -f $f --alto-single -o "$f.o" one.pnm three.pnm blank.pnm && cmp -s "$f.o" "$f.1"
    pass "$f: -o writes what standard output gets"
done
expect 'PAGE holds one page' 2 '' "*a file of the format 'page' holds one page: use --output*" read -q -f page one.pnm three.pnm
for f in alto page; do
    mkdir b.c
    expect "$f: a file a page" 0 '' 'ocrvl: b.c/book.xml: each of the 3 pages has a file of its own, with its number' \
        read -m "$nano" -f $f -o b.c/book.xml one.pnm three.pnm blank.pnm
    [ "$(ls b.c)" = 'book-0001.xml
book-0002.xml
book-0003.xml' ] && grep -q 'three.pnm' b.c/book-0002.xml
    pass "$f: by its number"
    "$OCRVL" read -q -f $f -o book.xml three.pnm && "$OCRVL" read -q -f $f three.pnm | cmp -s - book.xml && [ ! -e book-0001.xml ]
    pass "$f: a page alone has the name that was given"
    rm -r b.c book.xml
done
cp one.pnm pages-0001
expect 'no numbered file replaces an input' 2 '' "*the output 'pages-0001' is also an input*" read -q -f alto -o pages pages-0001 three.pnm
cmp -s one.pnm pages-0001
pass 'which is still there'
if command -v md5sum >/dev/null; then
    "$OCRVL" read -q -f hocr three.pnm | grep -q "imagemd5 &quot;$(md5sum <three.pnm | cut -c1-32 | tr a-f A-F)&quot;"
    pass "hOCR has the image's MD5"
fi
expect '--diplomatic' 0 'who wanted*' '' read -q --diplomatic three.pnm
"$OCRVL" read -q --diplomatic -f json three.pnm | grep -q '"diplomatic":"*true'
pass 'is among the settings'
expect '--diplomatic and --join-hyphens' 2 '' '*contradict each other*' read --diplomatic --join-hyphens three.pnm
expect '--split without a pattern' 2 '' '*--split needs --output with %d*' read --split -o x.txt one.pnm
expect '--split with another sign' 2 '' "*in 'x%x' only %s, %d*" read --split -o x%x one.pnm
expect 'a file a page' 0 '' '' read -q -f page --split -o 'p%02d.xml' three.pnm one.pnm blank.pnm
[ -s p01.xml ] && [ -s p02.xml ] && [ -s p03.xml ] && grep -q 'imageFilename="one.pnm"' p02.xml
pass 'are numbered through all files'
[ "$(wc -l <jsonl.1)" -eq 3 ]
pass 'jsonl has a line a page'
if command -v python3 >/dev/null; then
    python3 -c 'import json
a = json.load(open("json.1"))
b = [json.loads(line) for line in open("jsonl.1")]
assert a == b
assert [p["status"] for p in a] == ["ok", "ok", "blank"]
assert [p["source"]["file"] for p in a] == ["one.pnm", "three.pnm", "blank.pnm"]
assert a[0]["generator"]["model"] == "nano"
assert a[0]["generator"].get("settings", {}).get("layout") == "auto"
for p in a:
    for b in p["blocks"]:
        assert p["text"][b["span"][0]:b["span"][1]] == b["text"]'
    pass 'json and jsonl hold the same pages, as they should be'
fi

# Pages come out as they are read: with the second input still open, the first one's line is there.
mkfifo pipe
"$OCRVL" read -q -f jsonl one.pnm pipe >slow &
pid=$!
exec 3>pipe
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -s slow ] && break
    sleep 0.5
done
[ "$(wc -l <slow)" -eq 1 ]
pass 'jsonl streams page by page'
cat three.pnm >&3
exec 3>&-
wait $pid
[ $? -eq 0 ] && [ "$(wc -l <slow)" -eq 2 ]
pass 'and goes on'

expect '--layout line' 0 '*With me*' '' read -q --layout line one.pnm
expect '--verbose tells about each page' 0 '*' '*ocrvl: one.pnm: page 1: ok, *x* pixels, * tokens, * s, confidence *' read -v one.pnm
expect 'no progress where stderr is no terminal' 0 '*' '' read -q three.pnm
if command -v script >/dev/null; then
    TERM=xterm script -qec "'$OCRVL' read --no-progress -o o three.pnm" /dev/null </dev/null >log 2>&1
    ! grep -q "$(printf '\033')" log
    pass 'no progress on a terminal with --no-progress'
    TERM=xterm script -qec "'$OCRVL' read -o o three.pnm" /dev/null </dev/null >log 2>&1
    grep -q 'page 1/1' log && tail -c 8 log | grep -q "$(printf '\r\033\\[K')"
    pass 'progress on a terminal, taken away at the end'
else
    skip 'progress on a terminal' 'no script(1)'
fi
finish
