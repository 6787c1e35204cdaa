#!/bin/sh
# shellcheck shell=sh disable=SC2154 # tmp is lib.sh's
# What is read of three pages, confidences aside, whose last digits differ between kernels, is what OCRVL_READING_REVISION stands for. A commit that changes it raises the number in libocrvl/ocrvl.h;
# UPDATE=1 sh tests/cli/revision.sh then writes tests/cli/revision anew.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
cd "$tmp" || exit 1
python3 "$top/tests/cli/structure.py" text.pdf 'text(B 14 40 400 A Heading) text(F 10 40 300 Some words of text that goes on and) text(F 10 40 288 on for a while.)'
for f in three.pnm text.pdf "$top/samples/pages/en-4.png"; do "$OCRVL" read -f json "$f"; done | python3 -c '
import hashlib, json, sys
text, at, pages = sys.stdin.read(), 0, []
decoder = json.JSONDecoder()
def bare(v):
    if isinstance(v, list):
        return [bare(x) for x in v]
    return {k: bare(x) for k, x in v.items() if k != "confidence"} if isinstance(v, dict) else v
while text[at:].strip():
    at += len(text[at:]) - len(text[at:].lstrip())
    page, at = decoder.raw_decode(text, at)
    pages += [bare({k: p[k] for k in ("page", "status", "text", "blocks")}) for p in page]
assert len(pages) == 3, len(pages)
print(hashlib.sha256(json.dumps(pages, sort_keys=True).encode()).hexdigest())' >hash
pass 'three pages are read'
number=$(sed -n 's/.*OCRVL_READING_REVISION = \([0-9]*\).*/\1/p' "$top/libocrvl/ocrvl.h")
[ -z "${UPDATE:-}" ] || echo "$number $(cat hash)" >"$top/tests/cli/revision"
[ "$number $(cat hash)" = "$(cat "$top/tests/cli/revision")" ]
pass 'what is read of them is what the revision stands for' ||
    echo "# raise OCRVL_READING_REVISION above $(cut -d ' ' -f 1 "$top/tests/cli/revision") in libocrvl/ocrvl.h, then: UPDATE=1 sh tests/cli/revision.sh"
finish
