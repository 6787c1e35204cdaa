#!/bin/sh
# Every output of the writers against its schema and against what schemas don't say; then the checks against outputs that
# are wrong in one place each, which they must refuse.
here=tests/schema
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
n=0
XML_CATALOG_FILES=$here/catalog.xml
export XML_CATALOG_FILES

result() { # rc, title
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; sed 's/^/# /' "$out/log"; fi
}
alto_schema() { xmllint --nonet --noout --schema $here/alto-4-4.xsd "$1"; }
check() { # file
    case $1 in
    *.alto) alto_schema "$1" && python3 $here/check_alto.py "$1" ;;
    *.hocr) xmllint --nonet --noout "$1" && python3 $here/check_hocr.py "$1" ;;
    *.json | *.jsonl) python3 $here/check_json.py $here/ocrvl-page-1.schema.json "$1" ;;
    *.page) xmllint --nonet --noout --schema $here/page-2019-07-15.xsd "$1" && python3 $here/check_page.py "$1" ;;
    *.html) xmllint --nonet --noout "$1" ;;
    *.tsv) python3 $here/check_tsv.py "$1" ;;
    *.pdf)
        command -v qpdf >/dev/null || return 0
        qpdf --check "$1" && pdftotext -enc UTF-8 "$1" - >/dev/null
        ;;
    *.dolma) python3 $here/check_dolma.py "$1" ;;
    *.text | *.markdown) iconv -f UTF-8 -t UTF-8 "$1" >/dev/null ;;
    esac
}
refuse() { # file, sed script that spoils it, what the message says
    cp "$out/$1" "$out/bad.${1##*.}"
    sed "$2" "$out/$1" >"$out/bad.${1##*.}"
    if cmp -s "$out/$1" "$out/bad.${1##*.}"; then
        echo "the script changes nothing" >"$out/log"
        result 1 "$1 spoilt: $2"
    elif check "$out/bad.${1##*.}" >"$out/log" 2>&1; then
        result 1 "$1 spoilt: $2"
    else
        grep -q "$3" "$out/log"
        result $? "$1 spoilt: $3"
    fi
}

"$OCRVL_BUILD/tests/unit/writer" "$out" >"$out/log" 2>&1
result $? "samples are written"
for f in "$out"/*.alto "$out"/*.hocr "$out"/*.json "$out"/*.jsonl "$out"/*.text \
    "$out"/*.tsv "$out"/*.markdown "$out"/*.html "$out"/*.dolma "$out"/*.pdf "$out"/*.page; do
    check "$f" >"$out/log" 2>&1
    result $? "${f##*/}"
done
for name in full one flat flatone bare failed hostile random; do
    python3 $here/check_same.py "$out" $name >"$out/log" 2>&1
    result $? "$name: the same text in every format"
done
sed 's/>national</>rational</' "$out/full.hocr" >"$out/bad.hocr"
for f in alto json jsonl text tsv dolma html; do cp "$out/full.$f" "$out/bad.$f"; done
python3 $here/check_same.py "$out" bad >"$out/log" 2>&1
[ $? -eq 1 ] && grep -q 'hocr: page 1' "$out/log"
result $? "another text in one format is found"
grep -c 'LABEL="row=0;col=2;rowspan=2;colspan=1"' "$out/one.alto" >"$out/log"
result $? "one.alto tells a cell's spans"
for name in flat flatone; do
    grep '<ComposedBlock .*[^/]>' "$out/$name.alto" >"$out/log" # a table without cells is one still
    [ $? -eq 1 ] && grep -q '<ComposedBlock .*[^/]>' "$out/one.alto" && grep -q '<TextBlock ID="cell_1_.*TAG_table' "$out/$name.alto"
    result $? "$name.alto has a table's cells as blocks"
done
grep -q 'LABEL="row=0;col=2;rowspan=2;colspan=1"' "$out/flatone.alto"
result $? "flatone.alto tells a cell's spans"
refuse flatone.alto 's/REF="cell_1_[0-9]*_1_1_1_2"/REF="block_1_1"/' 'reading order'
refuse flat.alto 's/IDNEXT="cell_1_[0-9]*_1_1_1_2"/IDNEXT="block_1_1"/' 'not chained'
python3 $here/check_alto.py "$out/full.alto" >"$out/log" 2>&1
grep -q '^6 pages, 2 broken words$' "$out/log"
result $? "full.alto has all pages and broken words"
python3 $here/check_hocr.py "$out/full.hocr" >"$out/log" 2>&1
[ "$(tr ' ' '\n' <"$out/log" | grep -c '^ocr')" -eq 17 ]
result $? "full.hocr uses every capability that it declares"
[ "$(tr ' ' '\n' <"$out/log" | grep -c '^h[1-6]$')" -eq 6 ]
result $? "full.hocr has headings of all levels"
tr -cd '\f' <"$out/full.text" | wc -c >"$out/log"
[ "$(cat "$out/log")" -eq 5 ]
result $? "full.text has a form feed between pages"

grep -q 'name="ocr-langs" content="unknown"' "$out/full.hocr" && grep -q 'name="ocr-langs" content="en de fr"' "$out/one.hocr" &&
    grep -q 'name="ocr-scripts" content="Latn"' "$out/one.hocr" && grep -q 'lpageno 17;' "$out/one.hocr"
result $? "one.hocr tells languages, scripts and the printed page number"
[ "$(grep -c primaryScript "$out/full-2.page")" -eq 2 ] && grep -q '<TextRegion [^>]*primaryScript="Arab - Arabic"' "$out/full-2.page"
result $? "full-2.page tells scripts once"
grep -F 'image &quot;dir/a%22b%3Bc%0Ad%25%FF%01 &amp;&lt;&gt;'"'"'.pdf&quot;; bbox 0 0 1000000 5;' "$out/hostile.hocr" >"$out/log"
result $? "hostile.hocr escapes the name of its file"

refuse full.alto 's/ PHYSICAL_IMG_NR="4"//' PHYSICAL_IMG_NR
refuse full.alto 's/WC="0.9375"/WC="93"/' maxInclusive
refuse full.alto 's/IDNEXT="block_1_3"/IDNEXT="block_9_9"/' 'leads nowhere'
grep -q '<ParagraphStyle ID="PAR_11" ALIGN="Block" LINESPACE="50"/>' "$out/one.alto" && grep -q 'STYLEREFS="PAR_11"' "$out/one.alto"
result $? "one.alto tells how a paragraph is set"
refuse one.alto 's/STYLEREFS="PAR_11"/STYLEREFS="PAR_99"/' 'leads nowhere'
refuse one.alto 's/STYLEREFS="PAR_11"/STYLEREFS="TAG_table"/' 'is a StructureTag'
refuse full.alto 's/TAGREFS="TAG_caption"/TAGREFS="PROC_OCR"/' 'is a Processing'
refuse full.alto 's/SUBS_TYPE="HypPart2"//' 'without HypPart2'
refuse full.alto 's/<HYP CONTENT="-".>//' 'go together'
refuse full.alto 's/HPOS="600" VPOS="700"/HPOS="600.5" VPOS="700"/' 'box'
refuse full.alto 's/HPOS="600" VPOS="700"/HPOS="800" VPOS="700"/' 'not inside'
refuse one.alto 's/REF="block_1_2"/REF="block_1_1"/' 'reading order'
refuse full.hocr 's/class="ocr_caption"/class="ocr_kaption"/' 'no class'
refuse full.hocr 's/class="ocr_line"/class="ocr_line x"/' 'no class'
refuse full.hocr 's/ ocr_caption / /' 'ocr_page'
refuse full.hocr 's/; x_wconf 94"/; x_wconf 94;"/' 'no property'
refuse full.hocr 's/; x_wconf 94"/; x_wconf 940"/' 'x_wconf is'
refuse full.hocr 's/title="bbox 600 700 900 900"/title=""/' 'no property'
refuse full.hocr 's/title="bbox 600 700 900 900"/title="bbox 600 700 1001 900"/' 'not inside'
refuse full.hocr 's/<p class="ocr_par" id="par_1_20_1"[^>]*>/<p>/' 'ocr_line in p'
refuse full.hocr 's/aria-level="3"/aria-level="7"/' 'a heading'
refuse full.hocr 's/colspan="2"/colspan="3"/' 'overlap\|holes'
refuse full.hocr 's/id="word_1_1_1_2"/id="word_1_1_1_1"/' 'id word_1_1_1_1'
refuse full.hocr 's/<\/span> <span/<\/span> stray <span/' 'outside of words'
refuse full.hocr 's/content="6"/content="5"/' 'number of pages'
refuse full.json 's/"confidence":0.9375/"confidence":94/' '94 is'
refuse full.json 's/"span":\[0,12\]/"span":[0,11]/' 'span 0,11'
refuse full.json 's/"geometry":"none"/"geometry":"model"/' 'without origin'
refuse full.json 's/colspan=/rowspan=/' 'html has'
refuse full-1.page 's/regionRef="block_2"/regionRef="block_1"/' 'reading order'
refuse full-1.page 's/<Unicode>national</<Unicode>rational</' 'its words'
refuse full-1.page 's/columnIndex="2"/columnIndex="0"/' 'overlap'
refuse full-1.page 's/readingDirection="left-to-right"/readingDirection="ltr"/' 'readingDirection'
refuse full.tsv 's/\t93.75\t/\t193.75\t/' 'confidence'
refuse full.tsv 's/^5\t1\t1\t1\t1\t1\t/5\t1\t1\t1\t1\t2\t/' 'follows'
refuse full.dolma 's/"id":"./"id":"x/' 'id'
refuse full.dolma 's/\],\[\([0-9]*\),/],[1,/' 'span'
refuse full.jsonl 's/"width":1,/"width":0,/' 'minimum'
echo "1..$n"
