#!/bin/sh
# The programs of examples/, which `make check` builds by the public headers and the shared libraries.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
programs=$PWD/$OCRVL_BUILD/examples
tiny=$PWD/tests/vectors/data/tiny
cd "$tmp" || exit 1
document two.pdf one.pnm three.pnm
"$OCRVL" read -q -m "$nano" one.pnm >one.txt && "$OCRVL" read -q -m "$nano" two.pdf | tr -d '\f' | grep . >two.txt

# example NAME ARGS: $rc is its exit status.
example() {
    "$programs/$@" <"${in:-/dev/null}" >out 2>err
    rc=$?
}

for program in read read_cxx; do
    example $program "$nano" two.pdf && grep . out | cmp -s - two.txt
    pass "$program" || cat err
    example $program "$nano" two.pdf gone.pdf
    [ "$rc" -eq 1 ] && like err 'read: gone.pdf: *' && grep . out | cmp -s - two.txt
    pass "$program: a file that isn't there"
done
example words "$nano" one.pnm && [ "$(cut -f 1 out | tr '\n' ' ' | sed 's/ $//')" = "$(cat one.txt)" ] &&
    ! grep -v -E '^[^	]+	[a-z_]+	[0-9]+,[0-9]+,[0-9]+,[0-9]+	[01]\.[0-9][0-9]$' out
pass 'words' || cat out err
example batch "$nano" two.pdf one.pnm
[ "$rc" -eq 0 ] && python3 -c '
import json
pages = [json.loads(line) for line in open("out")]
assert [p["page"]["index"] for p in pages] == [0, 1, 0], pages
assert all(p["status"] == "ok" for p in pages)
assert pages[0]["text"] == pages[2]["text"] == open("one.txt").read().strip()'
pass 'batch' || cat err
example ask "$tiny" one.pnm
[ "$rc" -eq 0 ] && python3 -c '
import json
answer = json.load(open("out"))
assert sorted(answer) == ["kind", "lines"] and isinstance(answer["lines"], int), answer'
pass 'ask' || cat out err
example ask "$nano" one.pnm
[ "$rc" -eq 1 ] && like err 'ask: *'
pass "ask: a model that doesn't answer"
"$OCRVL" read -q -m "$nano" -f json one.pnm >one.json
in=one.json example convert text && cmp -s out one.txt
pass 'convert' || cat err
in=one.json example convert nothing
[ "$rc" -eq 2 ] && like err 'usage: *hocr*'
pass 'convert: no such format'
example raster two.pdf page && "$OCRVL" raster -q --dpi 150 -o 'other-%d.png' two.pdf
cmp -s page-1.png other-1.png && cmp -s page-2.png other-2.png && [ ! -e page-3.png ]
pass 'raster' || cat err
[ "$(grep -h '^#include' "$top"/examples/*.c | grep -c 'ocrvl')" -eq 6 ] && ! grep -h '^#include' "$top"/examples/*.c | grep -v '^#include <\(ocrvl_formats\.h\|[a-z]*\.h\)>$'
pass 'they include the public headers alone'
finish
