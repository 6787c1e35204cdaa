#!/bin/sh
# ocrvl convert: our formats to each other and back, files of other tools, and what is said of losses and broken files.
. tests/cli/lib.sh
top=tests/schema
"$OCRVL_BUILD/tests/unit/writer" "$tmp" >/dev/null 2>&1
pass 'samples are written'
for name in full one bare failed random; do
    python3 $top/check_convert.py "$OCRVL" round "$tmp" $name >"$tmp/log" 2>&1
    pass "$name: to each format and back" || sed 's/^/# /' "$tmp/log"
done
python3 $top/check_convert.py "$OCRVL" page "$tmp" >"$tmp/log" 2>&1
pass 'PAGE and back' || sed 's/^/# /' "$tmp/log"
python3 $top/check_convert.py "$OCRVL" foreign $top/foreign >"$tmp/log" 2>&1
pass 'files as other tools write them' || sed 's/^/# /' "$tmp/log"

sed -n 3p "$tmp/full.jsonl" | sed 's/"warnings":\[/&{"code":"a","message":"b: c"},/' >"$tmp/noted.jsonl"
for f in $top/foreign/* "$tmp/one.jsonl" "$tmp/bare.jsonl" "$tmp/noted.jsonl"; do
    python3 $top/check_convert.py "$OCRVL" both "$f" >"$tmp/log" 2>&1
    pass "${f##*/} to each format and back" || sed 's/^/# /' "$tmp/log"
done

# Every format from every one, held to its validators by outputs.sh's own checks.
XML_CATALOG_FILES=$top/catalog.xml
export XML_CATALOG_FILES
for f in $top/foreign/*; do
    "$OCRVL" convert -f alto "$f" >"$tmp/a.alto" && xmllint --nonet --noout --schema $top/alto-4-4.xsd "$tmp/a.alto" 2>"$tmp/log" &&
        python3 $top/check_alto.py "$tmp/a.alto" >>"$tmp/log" 2>&1
    pass "${f##*/} to ALTO" || sed 's/^/# /' "$tmp/log"
    "$OCRVL" convert -f page "$f" >"$tmp/a.page" && xmllint --nonet --noout --schema $top/page-2019-07-15.xsd "$tmp/a.page" 2>"$tmp/log" &&
        python3 $top/check_page.py "$tmp/a.page" >>"$tmp/log" 2>&1
    pass "${f##*/} to PAGE" || sed 's/^/# /' "$tmp/log"
    "$OCRVL" convert -f hocr "$f" >"$tmp/a.hocr" && python3 $top/check_hocr.py "$tmp/a.hocr" >"$tmp/log" 2>&1
    pass "${f##*/} to hOCR" || sed 's/^/# /' "$tmp/log"
    "$OCRVL" convert -f json "$f" >"$tmp/a.json" && python3 $top/check_json.py $top/ocrvl-page-1.schema.json "$tmp/a.json" >"$tmp/log" 2>&1
    pass "${f##*/} to JSON" || sed 's/^/# /' "$tmp/log"
done

sed 's/Unicode>/PlainText>/g; s/<PlainText>of the line/<PlainText>plain<\/PlainText><Unicode>of the line/; s/of the line<\/PlainText><\/TextEquiv><\/TextLine/of the line<\/Unicode><\/TextEquiv><\/TextLine/' \
    $top/foreign/unsized.page >"$tmp/plain.page"
expect 'PAGE without Unicode' 0 'of the region

of the line' '' convert -q -f txt "$tmp/plain.page"
sed 's/<body>/<body><h1>Letters<\/h1>/' $top/foreign/html5.hocr >"$tmp/apart.hocr"
expect 'text in no page' 0 '*' '*text that stands before the page, and belongs to no page, is left out*' convert -f txt "$tmp/apart.hocr"
expect 'losses are told' 0 '*' "*tsv can't say: roles of blocks*tsv can't say: tables*" convert -v -f tsv "$tmp/full.jsonl"
expect 'PAGE has names for languages' 0 '*' "*page can't say: languages but for those that the format lists*" convert -v -f page "$tmp/one.jsonl"
sed 's/en-GB/en/g' "$tmp/one.jsonl" >"$tmp/english.jsonl"
"$OCRVL" convert -v -f page "$tmp/english.jsonl" 2>&1 >/dev/null | grep -q 'but for those'
[ $? -eq 1 ]
pass 'which say English whole'
expect 'but only when asked' 0 '*' '' convert -f tsv "$tmp/full.jsonl"
in=$tmp/full.jsonl
expect 'standard input' 0 '*<alto*' '' convert -f alto
unset in
printf '{"schema":"other"}\n' >"$tmp/other.jsonl"
expect 'another JSON' 3 '' '*an object does not follow the schema ocrvl.page/1' convert "$tmp/other.jsonl"
printf 'hello\n' >"$tmp/plain"
expect 'no format at all' 3 '' "ocrvl: $tmp/plain: this is neither ocrvl's JSON nor hOCR, ALTO, PAGE or Tesseract's TSV" convert "$tmp/plain"
: >"$tmp/empty"
expect 'an empty file' 3 '' '*the file is empty' convert "$tmp/empty"
# An XHTML file that ends early gives the pages that there are, the last in part.
head -c 700 $top/foreign/loose.hocr >"$tmp/cut.hocr"
expect 'hOCR that is cut' 3 '*"status":"partial"*"code":"cut"*' '*not well-formed XML*' convert -f jsonl "$tmp/cut.hocr"
expect 'a page without a size' 0 '*' "*page 1: the page's size isn't given*" convert -v -f txt $top/foreign/loose.hocr
expect 'text around tables is said to be lost' 0 '' '*page 1: csv holds tables alone: the text of 2 other blocks is left out' convert -f csv $top/foreign/loose.hocr
# Its image says how large it is.
cp $top/foreign/loose.hocr "$tmp/loose.hocr"
printf 'P5\n900 500\n255\n' >"$tmp/a.pnm" && head -c 450000 /dev/zero | tr '\0' '\377' >>"$tmp/a.pnm"
expect 'a page without a size, with its image' 0 '*/MediaBox \[0 0 *' '' convert -f pdf --images "$tmp/a.pnm" "$tmp/loose.hocr"
cp "$tmp/out" "$tmp/loose.pdf" && pdfinfo "$tmp/loose.pdf" | grep -q 'Page size: *841.89 x 467.717 pts'
pass 'has the proportions of the image, 900 to 500, on A4' || pdfinfo "$tmp/loose.pdf" | grep 'Page size'

head -c 3000 "$tmp/full.alto" >"$tmp/cut.alto"
expect 'ALTO that is cut' 3 '*' '*not well-formed XML*' convert "$tmp/cut.alto"
sed 2q "$tmp/full.jsonl" >"$tmp/cut.jsonl" && head -c 100 "$tmp/full.jsonl" >>"$tmp/cut.jsonl"
expect 'JSON Lines that are cut' 3 '*The Title*' '*: page 3: page: not valid JSON*' convert "$tmp/cut.jsonl"
{ cat "$tmp/full.tsv"; echo 'x	1'; } >"$tmp/cut.tsv"
{ head -n 1 "$tmp/full.tsv" && printf '5\t1\t1\t1\t1\t1\t10\t10\t50\t20\t96\tHere\n5\t1\t1\t1\t1\t2\t\t\t\t\t\tsomewhere\n'; } >"$tmp/empty.tsv"
expect 'TSV without the numbers of a box' 0 'Here somewhere' '' convert -f text "$tmp/empty.tsv"
expect 'TSV that is no TSV' 3 '*' '*have twelve columns*' convert "$tmp/cut.tsv"
finish
