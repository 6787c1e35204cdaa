#!/bin/sh
# Tagged PDFs: what their structure trees say of their pages.
. tests/cli/lib.sh
cd "$tmp" || exit 1
make() { python3 "$top/tests/cli/tags.py" "$1.pdf" "$1"; }

make everything
expect 'order, headings, lists, tables, pictures and paragraphs over pages' 0 '<!-- page 1 | header: Running head -->

## A head

A paragraph that goes
on here

After the right column.

- x item
  - inner

  more of it

<table><tr><th>Key</th><th colspan="2">Both</th></tr><tr><td rowspan="2">a</td><td>b</td><td>c</td></tr><tr><td>d</td><td></td></tr></table>

!\[A grey \\\[square\\\]\]()

The picture

bonjour

In a form.

A paragraph that <!-- page 2 -->
goes on.

> Quoted

Noted

#### Home made' '*' read --text-layer only -f markdown everything.pdf
run read --text-layer only -f json everything.pdf
python3 - "$tmp/out" <<'P'
import json, sys
pages = json.load(open(sys.argv[1]))
got = [(b["type"], b.get("level"), b["text"], b.get("continues")) for p in pages for b in p["blocks"]]
want = [("header", None, "Running head", None), ("heading", 2, "A head", None), ("paragraph", None, "A paragraph that goes\non here", None),
        ("paragraph", None, "After the right column.", None), ("list_item", 1, "x item", None), ("list_item", 2, "inner", None),
        ("paragraph", 1, "more of it", None), ("table", None, "Key\tBoth\na\tb\tc\nd\t", None), ("figure", None, "", None),
        ("caption", None, "The picture", None), ("paragraph", None, "bonjour", None), ("paragraph", None, "In a form.", None),
        ("paragraph", None, "A paragraph that", None), ("paragraph", None, "goes on.", True), ("quote", None, "Quoted", None),
        ("footnote", None, "Noted", None), ("heading", 4, "Home made", None)]
assert got == want, got
blocks = pages[0]["blocks"]
cells = [(c["row"], c["col"], c["row_span"], c["col_span"], c["header"]) for c in blocks[7]["table"]["cells"]]
assert cells == [(0, 0, 1, 1, "column"), (0, 1, 1, 2, "column"), (1, 0, 2, 1, "none"), (1, 1, 1, 1, "none"), (1, 2, 1, 1, "none"),
                 (2, 1, 1, 1, "none"), (2, 2, 1, 1, "none")], cells
assert blocks[8]["alt"] == "A grey [square]" and blocks[8]["bbox"], blocks[8]
scale = pages[0]["page"]["dpi"][0] / 72
assert all(abs(a - b * scale) < 2 for a, b in zip(blocks[8]["bbox"], (40, 210, 90, 250))), blocks[8]
assert blocks[10]["lines"][0]["words"][0]["lang"] == "fr-FR", blocks[10]
assert not [p["warnings"] for p in pages if p.get("warnings")], pages
P
pass 'roles, levels, spans, boxes and languages in JSON'
python3 - "$tmp/out" "$top/tests/schema/ocrvl-page-1.schema.json" <<'P'
import json, sys
try:
    import jsonschema
except ImportError:
    sys.exit(0)
for page in json.load(open(sys.argv[1])):
    jsonschema.validate(page, json.load(open(sys.argv[2])))
P
pass 'the schema takes it'
run read --text-layer only -f text everything.pdf && cp out upright.txt
make turned
run read --text-layer only -f text turned.pdf
[ "$rc" -eq 0 ] && cmp -s out upright.txt
pass 'a page with /Rotate reads the same'
for f in hocr alto page; do
    run read --text-layer only --pages 1 -f $f everything.pdf
    python3 - "$tmp/out" <<'P'
import re, sys
text = re.sub(r"<[^>]*CONTENT=\"([^\"]*)\"[^>]*>|<[^>]*>", r" \1 ", open(sys.argv[1]).read())
at = [text.find(w) for w in ("column", "inner", "picture", "bonjour", "form")]
assert min(at) > 0 and at == sorted(at), at
P
    pass "reading order in $f"
done
expect 'HTML has headings, the table and the picture' 0 '*<h?>A head</h?>*<th colspan="2">Both</th>*<figure role="img" aria-label="A grey \[square\]"></figure>*<blockquote>*' '*' \
    read --text-layer only -f html --no-images everything.pdf
run read --text-layer only -f json everything.pdf && cp out everything.json
expect 'JSON gives it all back' 0 '*!\[A grey \\\[square\\\]\]()*' '*' convert -f markdown everything.json

# said NAME KIND PATTERN TEXT: what is warned of, and the text
said() {
    make "$2"
    run read --text-layer only -f json "$2.pdf"
    python3 - "$tmp/out" "$3" "$4" <<'P'
import json, sys
page = json.load(open(sys.argv[1]))[0]
said = [w["message"] for w in page.get("warnings", []) if w["code"] == "structure"]
assert page["text"].replace("\n", " ").replace("  ", " ") == sys.argv[3], page["text"]
assert (any(sys.argv[2] in s for s in said) if sys.argv[2] else not said), said
P
    pass "$1"
}
twelve=$(for c in a b c d e f g h i j k l; do printf 'Line %s of it. ' $c; done | sed 's/ $//')
four='Line a of it. Line b of it. Line c of it. Line d of it.'
said 'a tree that goes up the page is not followed' backwards 'contradicts' "$twelve"
said 'one that covers half of it neither' half "doesn't cover" "$twelve"
said 'elements that hold one another' cycle 'circles' "$four"
said 'content that is claimed twice' twice 'claim the same' "$(echo "$twelve" | cut -d' ' -f1-40)"
said 'a tree of ten thousand levels' deep 'too large or too deep' "$four"
case $OCRVL_BUILD in
*san*) skip 'a tree of 400,000 elements' 'a page may take no longer than 50 seconds, and with sanitizers it does' ;;
*) said 'a tree of 400,000 elements' large 'too large or too deep' "$four" ;;
esac
make notes
run read --text-layer only -f json notes.pdf
python3 - "$tmp/out" <<'P'
import json, sys
got = [(b["type"], b["text"].split("\n")[0][:22]) for p in json.load(open(sys.argv[1])) for b in p["blocks"]]
assert got[-3:] == [("paragraph", "Here is one 1 of them."), ("caption", "Table 1: What was sold"), ("footnote", "1 The note itself.")], got
P
pass 'what a tree calls a paragraph may be a note or a caption'

make gaps
expect 'cells stand in their columns though the tree leaves empty ones out, and rows on their page alone' 0 \
    '<table><tr><th>Name</th><th>Mon</th><th>Tue</th><th>Wed</th><th>Thu</th></tr><tr><td>Anna</td><td>8</td><td></td><td>4</td><td></td></tr><tr><td>Boris</td><td></td><td></td><td>6</td><td>2</td></tr><tr><td rowspan="2">Clara</td><td>5</td><td>7</td><td></td><td></td></tr><tr><td></td><td></td><td>3</td><td></td></tr></table>

<!-- page 2 -->

| Name | Mon | Tue | Wed | Thu |
| --- | --- | --- | --- | --- |
|  | 1 |  |  | 9 |
| Dora | 10 | 20 | 30 | 40 |
| Emil |  |  |  | 11 |' '*' read --text-layer only -f markdown gaps.pdf

make instead
expect 'ActualText of elements stands for whole words, if it has as many' 0 'Before iban after

two words

parts of it

one word

a hyphen-' '' read -q --text-layer only instead.pdf
make boxes
expect 'boxes to be ticked belong to the items before whose text they stand' 0 '- ☐ Seven wide rivers run
- ☑ to the quiet sea and
- ☐ the boats go by' '' read -q -m "$nano" -f markdown boxes.pdf
make odd
run read --text-layer only -f json odd.pdf
[ "$rc" -eq 0 ] && grep -q fine out
pass 'numbers that make no sense'
finish
