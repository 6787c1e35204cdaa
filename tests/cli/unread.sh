#!/bin/sh
# Nothing is lost in silence: marks alone on a line are read, what looks like text and gives none is told of.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
cd "$tmp" || exit 1
python3 "$top/tests/cli/unread.py" three.pnm

# page NAME STATUS EXPRESSION FILE: p is the page in the Python expression, w its warnings, lines its lines' texts.
page() {
    run read -q -f jsonl "$4"
    [ "$rc" -eq "$2" ] && python3 -c "
import json
p = json.loads(open('out').read())
w = p.get('warnings', [])
lines = [l['text'] for b in p['blocks'] for l in b.get('lines', [])]
assert $3" 2>why
    pass "$1" || { echo "# exit status $rc"; cat why out | cut -c1-400 | sed 's/^/# /'; }
}

page 'dittos and a dash alone on their lines are read' 0 \
    'lines[3:5] == [chr(34)] * 2 and lines[8] in "-\u2013\u2014" and len(lines) == 12 and not w' marks.pnm
page 'asterisks between paragraphs are one line, and no list' 0 \
    'lines[3] == lines[7] == "* * *" and len(lines) == 11 and not w and "list_item" not in [b["type"] for b in p["blocks"]]' stars.pnm
page 'what may be a box to be ticked, on a page with nothing to tick it for, is dust' 0 'not lines and p["status"] == "blank"' lone.pnm
page 'specks are not' 0 'len(lines) == 6 and p["status"] == "ok"' dust.pnm
page 'signs of no script are unread, each region with its box, and much of it makes the page partial' 1 \
    'len(lines) == 6 and p["status"] == "partial" and all(x["code"] == "unread" for x in w) and [(x["bbox"][1] - 8) // 76 for x in w if "bbox" in x] == [3, 4]' odd.pnm
page 'and their lines say nothing' 1 'all("a" < x[0] < "z" for x in lines)' odd.pnm
page 'signs alone make a page partial' 1 'not lines and p["status"] == "partial" and "unread" in [x["code"] for x in w]' signs.pnm
page 'but not those of the other side of the sheet, seen through' 0 'not lines and p["status"] == "blank" and "unread" not in [x["code"] for x in w]' through.pnm
page 'a page that is read badly is partial' 1 'p["status"] == "partial" and [x["code"] for x in w] == ["low_confidence"]' mirrors.pnm
page 'a page that is read well has no warning' 0 'p["status"] == "ok" and not w' three.pnm
finish
