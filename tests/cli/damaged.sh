# shellcheck shell=sh disable=SC2154 # rc is run's
# Damaged PDFs: what is missing is said on a line of ours, and in the result, and the page is partial.
. tests/cli/lib.sh
cd "$tmp" || exit 1
make_pages
damaged() { python3 "$top/tests/cli/damaged.py" "$@"; }

for kind in sound Q; do
    damaged $kind >a.pdf
    expect "$kind: nothing is said" 0 'The minutes of the last meeting' '' read --text-layer only a.pdf
done
damaged font >a.pdf
expect 'a font' 1 '*"status":"partial"*"code":"damaged"*the font G*The minutes*' \
    'ocrvl: a.pdf: page 1: partial: damaged: the file lacks the font G' read --text-layer only -f jsonl a.pdf
damaged content >a.pdf
expect 'half of the content' 1 '*' 'ocrvl: a.pdf: page 1: partial: content of the page is damaged, *' raster -o x.png a.pdf

# libjpeg, which poppler uses, would tell standard error of it.
damaged picture "$pages/it-1.jpg" >a.pdf
run raster -o x.png a.pdf
[ "$rc" -eq 1 ] && grep -q 'a picture of .* pixels is cut or damaged' err && ! grep -qv '^ocrvl: ' err
pass 'a picture, on our own lines alone' || sed 's/^/# /' err

# What is lost of the end is only the way to the objects.
document one.pdf one.pnm
head -c "$(($(grep -abo '^xref' one.pdf | tail -1 | cut -d: -f1) + 30))" one.pdf >cut.pdf
run raster -f pnm -o one.out one.pdf
for how in -q --in-process; do # a decoder's standard error isn't ours, the program's own is
    run raster $how -f pnm -o cut.out cut.pdf
    [ "$rc" -eq 0 ] && cmp -s one.out cut.out && [ ! -s err ]
    pass "the table and the trailer, $how" || sed 's/^/# /' err
done
finish
