#!/bin/sh
# Hostile text to every format: each output is what its schema and our checks accept, and no word of it is lost.
. tests/cli/lib.sh
top=tests/schema
XML_CATALOG_FILES=$top/catalog.xml
export XML_CATALOG_FILES
python3 $top/hostile.py >"$tmp/in.jsonl"
for f in text json jsonl hocr alto page tsv markdown html dolma pdf; do
    "$OCRVL" convert -q --no-images -f $f -o "$tmp/out.$f" "$tmp/in.jsonl" 2>"$tmp/log"
    pass "$f is written" || sed 's/^/# /' "$tmp/log"
done
[ "$(ls "$tmp"/out-*.alto "$tmp"/out-*.page | wc -l)" -eq 12 ]
pass 'ALTO and PAGE have a file a page'
for f in "$tmp"/out*; do
    case $f in
    *.alto) xmllint --nonet --noout --schema $top/alto-4-4.xsd "$f" && python3 $top/check_alto.py "$f" ;;
    *.page) xmllint --nonet --noout --schema $top/page-2019-07-15.xsd "$f" && python3 $top/check_page.py "$f" ;;
    *.hocr) xmllint --nonet --noout "$f" && python3 $top/check_hocr.py "$f" ;;
    *.html) xmllint --nonet --noout "$f" ;;
    *.json | *.jsonl) python3 $top/check_json.py $top/ocrvl-page-1.schema.json "$f" ;;
    *.tsv) python3 $top/check_tsv.py "$f" ;;
    *.dolma) python3 $top/check_dolma.py "$f" ;;
    *.pdf) ! command -v qpdf >/dev/null || qpdf --check "$f" ;;
    *) iconv -f UTF-8 -t UTF-8 "$f" >/dev/null ;;
    esac >"$tmp/log" 2>&1
    pass "${f##*/} is valid" || head -n 5 "$tmp/log" | sed 's/^/# /'
done
words() { tr -s ' \n\f' '\n' | grep .; }
words <"$tmp/out.text" >"$tmp/want"
for f in jsonl hocr; do
    "$OCRVL" convert "$tmp/out.$f" | words | cmp -s - "$tmp/want"
    pass "every word comes back out of $f"
done
for f in alto page; do
    for n in 1 2 3 4 5 6; do "$OCRVL" convert "$tmp/out-000$n.$f"; done | words | cmp -s - "$tmp/want"
    pass "every word comes back out of $f"
done
"$OCRVL" convert -f jsonl "$tmp/out.hocr" | tail -1 | python3 -c 'import json, sys
sys.path.insert(0, "tests/schema")
import hostile
assert json.load(sys.stdin)["source"]["file"] == hostile.NAME'
pass 'and the name of the file out of hOCR'

# What JSON can hold and text can't: the page is refused, those after it are read.
{ printf '{"schema":"ocrvl.page/1","blocks":[{"text":"\\ud800"}]}\n{"schema":"ocrvl.page/1","blocks":[{"text":"\\u0000"}]}\n' && tail -1 "$tmp/in.jsonl"; } >"$tmp/bad.jsonl"
"$OCRVL" convert "$tmp/bad.jsonl" >"$tmp/out" 2>"$tmp/err"
[ $? -eq 3 ] && like "$tmp/err" '*: page 1: page: not valid JSON*: page 2: only a failed page may have no size*' && [ "$(cat "$tmp/out")" = x ]
pass 'a lone surrogate is refused, and the page that follows is read'
finish
