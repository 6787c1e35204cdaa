# shellcheck shell=sh
# Every command whose Nth allocation fails: it ends with status 6, or does its work. See memory.py.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
cp tests/schema/foreign/loose.hocr tests/fuzz/corpus/source/text.pdf "$tmp"
cp tests/fuzz/corpus/source/tiles.tif "$tmp/small.tif"
OCRVL_MODEL="$nano" "$OCRVL" read -q -f json -o "$tmp/one.json" "$tmp/one.pnm"
printf 'The har-\nbour \303\251\n' >"$tmp/words.txt"
python3 tests/cli/memory.py "$OCRVL_BUILD/failing/ocrvl" "$nano" tests/vectors/data/tiny "$tmp"
