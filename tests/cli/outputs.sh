#!/bin/sh
# Several formats in one run, outputs that are named after inputs, folders as inputs, lists of pages.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
see="see 'ocrvl read --help'"
cd "$tmp" || exit 1
"$OCRVL" read one.pnm >one.txt
"$OCRVL" read three.pnm >three.txt

# has NAME FILE...: the files below the folder d, which then goes.
has() {
    name=$1
    shift
    printf '%s\n' "$@" >want
    (cd d && find . -type f | sed 's/^..//' | sort) | cmp -s - want
    pass "$name" || (find d | sort | sed 's/^/# /')
    rm -rf d
}

# ---- formats ----------------------------------------------------------------
mkdir d
expect 'three formats in one run' 0 '' '' read -f alto,json,txt -o d/a one.pnm
cmp -s d/a.txt one.txt && grep -q '"ocrvl.page/1"' d/a.json && grep -q '<alto ' d/a.xml
pass 'each is its own'
"$OCRVL" read -f json one.pnm >alone
cmp -s d/a.json alone
pass 'and is what it is alone'
has 'each has the suffix of its format' a.json a.txt a.xml
mkdir d
expect 'the option again' 0 '' '' read -f md -f page --format=hocr -o d/a.md one.pnm
has 'a known suffix gives way' a.hocr a.md a.page.xml
expect 'standard output holds one' 2 '' "ocrvl: read: several formats need --output or --output-dir; $see" read -f json,txt one.pnm
expect 'a format that is not there' 2 '' "ocrvl: read: unknown format 'doc'; *" read -f json,doc -o a one.pnm
expect 'nothing between commas' 2 '' '*must be names with commas between them, at most 32 in all; *' read -f json, -o a one.pnm
for f in json:json md:markdown html:html hocr:hocr tsv:tsv alto.xml:alto txt:text; do
    "$OCRVL" read -o "x.${f%:*}" one.pnm && "$OCRVL" read -f "${f#*:}" one.pnm | cmp -s - "x.${f%:*}"
    pass "-o x.${f%:*} means ${f#*:}"
done
expect '-o x.xml is not plain' 2 '' "ocrvl: read: 'x.xml' may be alto or page: say which with --format; $see" read -o x.xml one.pnm
"$OCRVL" convert -f txt,hocr -o c x.json && cmp -s c.txt one.txt && grep -q ocrx_word c.hocr
pass 'convert writes several too'

# A page of a PDF that has text stays as it is in the PDF, and is in the other format.
python3 "$top/tests/cli/own_text.py" own.pdf 'BT /F 12 Tf 40 150 Td (Seven wizards jumped) Tj 0 -16 Td (over the boxes.) Tj ET'
expect 'of a PDF with text the text is in both' 0 '' '*1 of 1 pages have text already and are left as they are*' \
    read -m "$nano" -f pdf,txt -o both own.pdf
cmp -s both.pdf own.pdf && [ "$(cat both.txt)" = 'Seven wizards jumped
over the boxes.' ]
pass 'and its page stays as it is' || cat both.txt

# ---- names of inputs --------------------------------------------------------
mkdir -p in/b/c in/.hidden in/empty
document in/10.pdf one.pnm
document in/9.pdf three.pnm
cp one.pnm in/b/c/x.y.pnm
cp one.pnm in/.hidden/no.pnm
echo text >in/notes.txt
: >in/nothing
"$OCRVL" read -f jsonl in | sed 's/.*"file":"\([^"]*\)".*/\1/' >out
[ "$(cat out)" = 'in/9.pdf
in/10.pdf
in/b/c/x.y.pnm' ]
pass 'numbers count as numbers, and what is no document is passed over' || cat out
expect 'a folder without documents' 3 '' 'ocrvl: in/empty: there is no document in this folder' read in/empty
expect '--output-dir' 0 '' '' read --output-dir d -f txt,json in
cmp -s d/10.txt one.txt && cmp -s d/9.txt three.txt
pass 'each input has its own output'
has 'folders are mirrored' 10.json 10.txt 9.json 9.txt b/c/x.y.json b/c/x.y.txt
expect '-o with %s' 0 '' '' read -o 'd/%s' in/9.pdf in/10.pdf
has 'the suffix is that of the format' 10.txt 9.txt
expect '-o with %s and a suffix' 0 '' '' read -f json -o 'd/%s.ocr.js' in
has 'stays as it is' 10.ocr.js 9.ocr.js x.y.ocr.js
has_stdin() { in=one.pnm; run read -o 'd/%s.txt'; in=; }
has_stdin
has 'standard input has a name too' stdin.txt
expect 'the page number needs --split' 2 '' "ocrvl: read: the page's number in 'd/%s-%d' needs --split; $see" read -o d/%s-%d in
mkdir d
document three.pdf one.pnm three.pnm one.pnm
expect '--split in each input' 0 '' '' read --split -f txt,tsv -o 'd/%s-%02d' three.pdf in/9.pdf
has 'numbers its own pages' 9-01.tsv 9-01.txt three-01.tsv three-01.txt three-02.tsv three-02.txt three-03.tsv three-03.txt
expect '--split in a folder' 0 '' '' read --split --output-dir d three.pdf
has 'has numbers too' three-0001.txt three-0002.txt three-0003.txt
expect 'ALTO in a folder, a file a page' 0 '' '' read -q -f alto --output-dir d three.pdf in/9.pdf
has 'where there are several' 9.xml three-0001.xml three-0002.xml three-0003.xml
expect 'two inputs, one name' 2 '' "ocrvl: read: the outputs of 'one.pnm' and './one.pnm' would have the same name; $see" \
    read --output-dir d one.pnm ./one.pnm
expect 'both at once' 2 '' "ocrvl: read: --output and --output-dir contradict each other; $see" read -o x --output-dir d one.pnm
cp one.pnm same.pdf
expect 'never over an input' 2 '' "ocrvl: read: the output './same.pdf' is also an input; $see" read -f pdf --output-dir . same.pdf
cmp -s same.pdf one.pnm
pass 'which stays as it was'
expect 'one that fails' 3 '' 'ocrvl: gone: No such file or directory' read --output-dir d one.pnm gone three.pnm
has 'leaves the others' one.txt three.txt
printf 'x' >file
expect 'a file where the folder should be' 5 '' 'ocrvl: file/one.txt: Not a directory' read --output-dir file one.pnm
"$OCRVL" read -f json --output-dir j in && "$OCRVL" convert -f txt --output-dir d j
has 'convert has folders as well' 10.txt 9.txt b/c/x.y.txt
[ "$("$OCRVL" raster -v -f pnm in 2>&1 >/dev/null | wc -l)" -eq 3 ]
pass 'raster too'

# ---- what can't be opened, or not all of it -----------------------------------
printf 'x' >no.pdf
run read -f json,html,txt -o e one.pnm gone no.pdf
[ "$rc" -eq 3 ] && cmp -s e.txt one.txt && python3 -c '
import json
a = json.load(open("e.json"))
assert [p["status"] for p in a] == ["ok", "failed", "failed"]
assert [p["source"]["file"] for p in a] == ["one.pnm", "gone", "no.pdf"]
assert a[0]["page"] and a[1]["page"] is None and a[1]["error"]["code"] == "io" and a[2]["error"]["code"] == "unsupported"
html = open("e.html").read()
assert html.count("<section") == 3 and "gone: No such file" in html' &&
    python3 "$top/tests/schema/check_json.py" "$top/tests/schema/ocrvl-page-1.schema.json" e.json >/dev/null
pass 'has its record in JSON and HTML'
"$OCRVL" convert -f jsonl e.json | grep -c '"page":null' | grep -qx 2
pass 'which a conversion keeps'
run read -f jsonl http://me:secret@localhost:1/a.pdf
! grep -q secret out && grep -q 'localhost:1/a.pdf' out
pass 'without the password of a URL'
head -c 60000 "$pages/it-1.jpg" >cut.jpg
expect 'a JPEG that is cut gives what there is' 1 '*"status":"partial"*"code":"damaged"*' \
    'ocrvl: cut.jpg: page 1: partial: damaged: *' read -f jsonl cut.jpg

expect '-v ends with a count' 0 '*' '*ocrvl: read: 2 pages, 1 ok, 1 blank' read -v one.pnm blank.pnm

# ---- pages ------------------------------------------------------------------
document five.pdf one.pnm three.pnm one.pnm three.pnm one.pnm
for c in 1,3:13 3-,1:1345 2,4-9:245 5,1-2,2:125; do
    want=$("$OCRVL" raster --pages "${c%:*}" -v -f pnm five.pdf 2>&1 >/dev/null | sed 's/.*page \([0-9]*\): .*/\1/' | tr -d '\n')
    [ "$want" = "${c#*:}" ]
    pass "--pages ${c%:*}" || echo "# $want"
done
expect 'pages that are not there' 3 '' 'ocrvl: five.pdf: there is no page 7 in a document of 5' read --pages 9,7- five.pdf

# ---- models -----------------------------------------------------------------
expect '-m nano' 0 "$(cat one.txt)" '' read -m nano one.pnm
finish
