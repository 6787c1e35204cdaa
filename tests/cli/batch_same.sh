#!/bin/sh
# shellcheck shell=sh disable=SC2154 # tmp is lib.sh's
# ocrvl batch makes the outputs of its kept results: they are those of ocrvl read, in every format.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
mkdir -p "$tmp/in" && cd "$tmp/in" || exit 1
body='text(F 10 40 300 Some words of running text that goes on and) text(F 10 40 288 on for a while, as such text does, and) text(F 10 40 276 at last it ends of its own salt-) text(F 10 40 264 replaceable kind.)'
page() { # SIZE HEADING NUMBER
    echo "text(F 8 40 480 A Book of Things) text(B $1 40 440 $2) $body text(F 10 40 250 $3.) text(F 10 52 250 a point) text(F 8 200 20 $3)"
}
python3 "$top/tests/cli/structure.py" book.pdf "$(page 18 Beginnings 1 | sed 's/ its own salt-/ a salt-replaceable kind./; s/ text(F 10 40 264 [^)]*)//')" "$(page 14 'Of Rivers' 2)" "$(page 12 Small 3)" "$(page 18 Ends 4)" "$(page 14 Notes 5)" \
    "$(page 12 Thanks 6)" "$(page 14 Sources 7)"
python3 "$top/tests/cli/tags.py" tagged.pdf everything
document scan.tif ../one.pnm ../three.pnm ../one.pnm
cp ../three.pnm alone.pnm
cp "$top/samples/pages/en-4.png" page.png
formats=text,json,jsonl,hocr,alto,page,tsv,markdown,html,dolma,pdf,csv,xlsx
"$OCRVL" batch run -q -j 1 -f $formats "$tmp/arch" . 2>"$tmp/err"
[ $? -eq 0 ]
pass 'a batch in all formats' || cat "$tmp/err"
for f in *; do "$OCRVL" read -q -f $formats --output-dir "$tmp/read" "$f"; done 2>"$tmp/err"
pass 'and read' || cat "$tmp/err"
cd "$tmp/read" || exit 1
for f in *; do
    for g in ../arch/*/"$f"; do cmp -s "$f" "$g" && continue 2; done
    echo "$f"
done >../differ
[ -s ../differ ] || [ "$(ls | wc -l)" -lt 60 ]
[ $? -eq 1 ]
pass "all files of read are the batch's, to the byte" || sed 's/^/# /' ../differ
[ "$(grep -c 'salt-replaceable' ../arch/markdown/book.md)" -eq 7 ]
pass 'with hyphens at line ends as the document has them elsewhere'
(cd ../arch/.ocrvl/results && zcat -- *.gz) >../kept.jsonl
python3 -c '
import json, sys
def told(pages):
    blocks = [b for p in pages if p["source"]["file"] == "book.pdf" for b in p["blocks"]]
    return {b["level"] for b in blocks if b["type"] == "heading"}, sum(b["type"] == "header" for b in blocks)
pages = json.load(open("book.json"))
alone = [json.loads(line) for line in open("../kept.jsonl")]
print(told(pages), told(alone))
sys.exit(len(told(pages)[0]) != 3 or told(pages)[1] != 7 or told(pages) == told(alone))' >../log
pass 'and the structure was told over all pages of the book' || cat ../log
"$OCRVL" batch run -q -j 1 ../lines ../in/scan.tif ../in/book.pdf 2>"$tmp/err"
(cd ../in && for f in scan.tif book.pdf; do "$OCRVL" read -q -f jsonl $f | cmp - "../lines/jsonl/${f%.*}.jsonl" || exit 1; done)
pass 'JSON Lines alone, for whose pages nobody waits, are those of read, too' || cat "$tmp/err"
python3 "$top/tests/schema/check_json.py" "$top/tests/schema/ocrvl-page-1.schema.json" ../kept.jsonl kept >../log 2>&1
pass 'the kept results follow the schema' || cat ../log
finish
