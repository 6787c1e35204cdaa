# library: JSON and hOCR before validators of others, and hostile text before all of them. Sourced by tests/formats/run, which has
# $build, $npm, $tmp and the samples in it.
venv=$build/venv
if [ ! -x "$venv/bin/hocr-spec" ] || [ ! -x "$venv/bin/hocr-check" ]; then
    python3 -m venv "$venv" && "$venv/bin/pip" install -q hocr-spec==0.2.0 hocr-tools==1.1.1
fi >/dev/null 2>&1
python3 tests/schema/hostile.py >"$tmp/hostile.in"
for f in hocr html jsonl; do "$OCRVL" convert -q -f $f -o "$tmp/hostile-in.$f" "$tmp/hostile.in"; done
for f in tests/schema/foreign/*; do "$OCRVL" convert -f hocr -o "$tmp/foreign-${f##*/}.hocr" "$f"; done
"$OCRVL" read -q -f hocr -o "$tmp/read.hocr" "$pages/en-1.pdf" && "$OCRVL" read -q -f jsonl -o "$tmp/read.jsonl" "$pages/en-1.pdf"
pass 'more samples are written'

# The two of hOCR: hocr-spec (kba/hocr-spec-python) and hocr-check (hocr-tools), which always ends with 0.
hocr_spec() { "$venv/bin/hocr-spec" "$1" >"$tmp/log" 2>&1; }
hocr_check() { "$venv/bin/hocr-check" -o "$1" >"$tmp/log" 2>&1 && grep -q '^ok ' "$tmp/log" && ! grep -q '^not ok' "$tmp/log"; }
if [ -x "$venv/bin/hocr-spec" ] && [ -x "$venv/bin/hocr-check" ]; then
    for f in "$tmp"/*.hocr; do
        hocr_spec "$f"
        pass "${f##*/} by hocr-spec" || grep ERROR "$tmp/log" | head -n 5 | sed 's/^/# /'
        hocr_check "$f"
        pass "${f##*/} by hocr-check" || grep '^not ok' "$tmp/log" | head -n 5 | sed 's/^/# /'
    done
    sed 's/ ocr_table / /' "$tmp/full.hocr" >"$tmp/spoilt"
    ! hocr_spec "$tmp/spoilt"
    pass 'hocr-spec refuses a class that is not declared'
    sed 's/name="ocr-system"/name="x"/' "$tmp/full.hocr" >"$tmp/spoilt"
    ! hocr_check "$tmp/spoilt"
    pass 'hocr-check refuses a document without ocr-system'
else
    skip 'hOCR by hocr-spec and hocr-check' 'no python3-venv or no network'
fi

# The second validator of JSON, beside python3-jsonschema of make check.
ajv() { node "$npm/ajv.mjs" tests/schema/ocrvl-page-1.schema.json "$@" >"$tmp/log" 2>&1; }
if [ -d "$npm/node_modules/ajv" ] && cp tests/formats/ajv.mjs "$npm/"; then
    for f in "$tmp"/*.json "$tmp"/*.jsonl; do
        ajv "$f"
        pass "${f##*/} by ajv" || head -n 3 "$tmp/log" | sed 's/^/# /'
    done
    for change in 's/"confidence":0.9375/"confidence":94/' 's/"type":"paragraph"/"type":"text"/' 's/"rotation":0/"rotation":45/' 's/"script":"Latn"/"script":"latin"/'; do
        sed "$change" "$tmp/full.json" >"$tmp/spoilt"
        ! cmp -s "$tmp/spoilt" "$tmp/full.json" && ! ajv "$tmp/spoilt"
        pass "ajv refuses $change"
    done
else
    skip 'JSON by ajv' 'no nodejs or no ajv'
fi

# Markdown of text that is full of marks says what the text says.
if command -v cmark-gfm >/dev/null; then
    python3 tests/schema/hostile.py --markup >"$tmp/markup.in"
    "$OCRVL" convert -f markdown "$tmp/markup.in" |
        cmark-gfm -e table -e strikethrough -e autolink -e tasklist -e footnotes -t plaintext --width 0 | tr -s ' \n' '\n' >"$tmp/a"
    "$OCRVL" convert "$tmp/markup.in" | tr -s ' \n\f' '\n' >"$tmp/b"
    cmp -s "$tmp/a" "$tmp/b"
    pass 'marks in paragraphs, headings and notes as Markdown' || diff "$tmp/a" "$tmp/b" | head -n 10 | sed 's/^/# /'
else
    skip 'marks in Markdown' 'no cmark-gfm'
fi
